import Egress
import Foundation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResolverTests {
    private static let public1 = IPAddress(v4: 0x5DB8_D822)
    private static let loopback = IPAddress(v4: 0x7F00_0001)

    private func code(_ body: () async throws -> Void) async -> EgressError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? EgressError)?.code }
    }

    /// Every spelling of a forbidden address, and every name of it, is refused with the number it stands for, also where nothing but numbers
    /// can be looked up.
    @Test(arguments: [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0177.0x0.1", "localhost", "LOCALHOST.", "[::1]", "::1",
        "::ffff:127.0.0.1", "[::ffff:7f00:1]", "0", "0.0.0.0", "::", "64:ff9b::127.0.0.1",
    ])
    func spellings(host: String) async throws {
        let error = await #expect(throws: EgressError.self) {
            try await Resolver(lookup: { _ in .failure(.notFound) }).addresses(of: host, port: 80, rules: .publicOnly)
        }
        #expect(error?.code == .addressRefused)
        #expect([AddressKind.loopback, .unspecified].contains(try #require(error?.refusal).kind))
    }

    /// An override stands in for the resolver, and the rules hold for it.
    @Test func overrides() async throws {
        let resolver = Resolver(
            overrides: [HostOverride(host: "shop.test", address: Self.public1), HostOverride(host: "in.test", address: Self.loopback)],
            lookup: { _ in .failure(.notFound) })
        #expect(try await resolver.addresses(of: "Shop.test", port: 80, rules: .publicOnly) == [Self.public1])
        #expect(await code { _ = try await resolver.addresses(of: "in.test", port: 80, rules: .publicOnly) } == .addressRefused)
        #expect(await code { _ = try await resolver.addresses(of: "sub.shop.test", port: 80, rules: .publicOnly) } == .nameNotResolved)
    }

    /// Of several addresses the forbidden ones are left out; a name has to have none else to be refused.
    @Test func mixed() async throws {
        let resolver = Resolver(lookup: { _ in .success([Self.loopback, Self.public1]) })
        #expect(try await resolver.addresses(of: "mixed.test", port: 80, rules: .publicOnly) == [Self.public1])
    }

    /// DNS rebinding: what a name led to once doesn't count; the next answer is held against the rules as well.
    @Test func rebinding() async throws {
        let asked = Atomic(0)
        var configuration = Resolver.Configuration()
        configuration.lifetime = .zero
        let resolver = Resolver(
            configuration: configuration,
            lookup: { _ in .success([asked.add(1, ordering: .relaxed).oldValue == 0 ? Self.public1 : Self.loopback]) })
        #expect(try await resolver.addresses(of: "rebind.test", port: 80, rules: .publicOnly) == [Self.public1])
        #expect(await code { _ = try await resolver.addresses(of: "rebind.test", port: 80, rules: .publicOnly) } == .addressRefused)
    }

    /// Askers of one name share one look-up, and later ones its memory.
    @Test func oneLookup() async throws {
        let asked = Atomic(0)
        let resolver = Resolver(lookup: { _ in
            asked.add(1, ordering: .relaxed)
            return .success([Self.public1])
        })
        try await withThrowingTaskGroup(of: [IPAddress].self) { group in
            for _ in 0..<50 { group.addTask { try await resolver.addresses(of: "busy.test", port: 80, rules: .publicOnly) } }
            for try await found in group { #expect(found == [Self.public1]) }
        }
        #expect(asked.load(ordering: .relaxed) == 1)
    }

    /// A look-up that hangs costs its asker the deadline; other names are answered meanwhile.
    @Test func deadline() async throws {
        var configuration = Resolver.Configuration()
        configuration.deadline = .milliseconds(50)
        let gate = Gate()
        let resolver = Resolver(configuration: configuration, lookup: { host in
            if host == "slow.test" { gate.wait() }
            return .success([Self.public1])
        })
        #expect(await code { _ = try await resolver.addresses(of: "slow.test", port: 80, rules: .publicOnly) } == .resolverTimedOut)
        #expect(try await resolver.addresses(of: "quick.test", port: 80, rules: .publicOnly) == [Self.public1])
        gate.open()
    }

    /// With a proxy that resolves names, what we can resolve is checked, and the rest is left to it.
    @Test(arguments: [
        ("http://p", "in.test", EgressError.Code.addressRefused), ("http://p", "out.test", nil), ("http://p", "unknown.test", nil),
        ("http://p", "127.1", .addressRefused), ("socks5h://p", "in.test", nil), ("socks5h://p", "10.0.0.1", .addressRefused),
        ("socks5h://p", "localhost", .addressRefused), ("socks5://p", "in.test", .addressRefused), ("socks5://p", "unknown.test", .nameNotResolved),
    ])
    func throughProxies(proxy: String, host: String, refused: EgressError.Code?) async throws {
        let resolver = Resolver(lookup: { host in
            switch host {
            case "in.test", "localhost": .success([Self.loopback])
            case "out.test": .success([Self.public1])
            default: .failure(.notFound)
            }
        })
        let wayOut = WayOut.proxy(try UpstreamProxy(proxy))
        let found = await code {
            let destination = try await resolver.destination(of: host, port: 80, by: wayOut, rules: .publicOnly)
            #expect(destination == .name)
        }
        #expect(found == refused)
    }

    /// A typed start URL widens the rules by what it leads to now, where that is loopback or private.
    @Test func startURL() async throws {
        let resolver = Resolver(lookup: { $0 == "intra.test" ? .success([IPAddress(v4: 0x0A00_0001)]) : .failure(.notFound) })
        let rules = await resolver.allowing(startHost: "intra.test", port: 80, in: .publicOnly)
        #expect(try await resolver.addresses(of: "intra.test", port: 80, rules: rules) == [IPAddress(v4: 0x0A00_0001)])
        #expect(await code { _ = try await resolver.addresses(of: "intra.test", port: 81, rules: rules) } == .addressRefused)
        #expect(await resolver.allowing(startHost: "unknown.test", port: 80, in: .publicOnly) == .publicOnly)
    }
}


/// Blocks a thread until it is opened.
private final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    func wait() { semaphore.wait() }
    func open() { semaphore.signal() }
}
