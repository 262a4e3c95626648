import Egress
import Fetching
import GleanerTesting
import Synchronization
import Testing

@testable import Visiting

/// What a farm's store would keep, with a clock that is moved by hand.
private final class Memory: Sendable {
    private struct State {
        var now: Int64 = 0
        var known: [String: RobotsGate.Known] = [:]
    }

    private let state = Mutex(State())

    func advance(to time: Int64) { state.withLock { $0.now = time } }
    func fetchedAt(_ origin: String) -> Int64? { state.withLock { $0.known[origin]?.fetchedAt } }

    var cache: RobotsGate.Cache {
        RobotsGate.Cache(
            known: { origin in self.state.withLock { ($0.known[origin], $0.now) } },
            keep: { origin, status, body, freshFor in
                self.state.withLock {
                    $0.known[origin] = RobotsGate.Known(
                        status: status, body: body, fetchedAt: $0.now, freshUntil: $0.now + freshFor, goodBody: body, goodAt: $0.now)
                }
            })
    }
}

private let hour: Int64 = 3_600_000_000

private func withGate(
    _ answer: FixtureAnswer, _ body: @Sendable (RobotsGate, FixtureSite, Relay.Route, Memory) async throws -> Void
) async throws {
    let memory = Memory()
    let fetcher = Fetcher(resolver: Resolver())
    try await withFixtureSite(["/robots.txt": answer]) { site in
        let gate = RobotsGate(cache: memory.cache, fetcher: fetcher, token: "Gleaner", userAgent: "Gleaner/test")
        try await body(gate, site, Relay.Route(rules: AddressRules(allowing: [try AddressBlock("127.0.0.1/32")])), memory)
    }
    await fetcher.shutdown()
}

@Suite struct RobotsGateTests {
    /// A copy serves for its time and is had anew in its last fifth, before any visit has to wait for it; not earlier, and not twice.
    @Test func refreshedBeforeItsTimeIsOver() async throws {
        try await withGate(.text("User-agent: *\nDisallow: /private/\n")) { gate, site, route, memory in
            #expect(await !gate.verdict(on: site.url("/private/x"), by: route).isAllowed)
            memory.advance(to: 19 * hour)
            await gate.refresh(for: site.url("/a"), by: route)
            #expect(site.log.paths.count == 1)
            memory.advance(to: 20 * hour)
            await gate.refresh(for: site.url("/a"), by: route)
            await gate.refresh(for: site.url("/b"), by: route)
            #expect(site.log.paths.count == 2)
            memory.advance(to: 25 * hour)
            #expect(await !gate.verdict(on: site.url("/private/x"), by: route).isAllowed)
            #expect(site.log.paths.count == 2)
        }
    }

    /// A proxy that is away says nothing about the site: nothing is allowed by it, and nothing is kept of it.
    @Test func deadProxy() async throws {
        try await withGate(.text("")) { gate, site, route, memory in
            var byProxy = route
            byProxy.wayOut = .proxy(UpstreamProxy(scheme: .http, host: "127.0.0.1", port: 9))
            let answer = await gate.verdict(on: site.url("/a"), by: byProxy)
            #expect(!answer.isAllowed && answer.unreachable?.code == .proxyFailed)
            #expect(memory.fetchedAt(site.base) == nil)
            #expect(await gate.verdict(on: site.url("/a"), by: route).isAllowed)
        }
    }
}
