import Documents
import Egress
import Foundation
import Politeness
import Scheduling
import Store
import Visiting

/// Addresses that were typed, made ready to be stored as a run: whose clock each waits for, and what may be reached because a person named it.
struct Submission: Sendable {
    let options: VisitOptions
    private(set) var visits: [NewVisit]

    /// Looks at the addresses of loopback and private targets; nothing is visited.
    /// - Parameters:
    ///   - store: whose pools of proxies there are, and whose rules for hosts count.
    ///   - isTyped: a person typed the addresses here: private ones among them may be asked.
    init(_ targets: [Targets.Entry], options: VisitOptions, store: Store, isTyped: Bool = true) async throws {
        var options = options
        let manners = try await Manners(store)
        if let choice = options.pool.map({ PoolChoice($0) }), case let pool = choice.pool {
            guard try await store.pool(pool) != nil else {
                throw CommandError.input(
                    "--proxy \(pool): there is no pool of that name; gleaner proxies import \(pool) FILE makes one, and an address has a port")
            }
            let proxies = try await store.proxies(of: pool)
            guard choice.tags.isEmpty || proxies.contains(where: { choice.admits($0.tags) }) else {
                throw CommandError.input("--proxy \(options.pool ?? pool): none of the pool's proxies has these tags; gleaner proxies list \(pool) shows theirs")
            }
        }
        let resolver = Resolver(overrides: try options.overrides.map { try HostOverride($0) })
        let rules = AddressRules(allowing: try options.allowedAddresses.map { try AddressBlock($0) })
        let addresses = options.file == nil ? targets.map { WebAddress($0.url) } : targets.map { _ in nil }
        if isTyped { options.places.formUnion(await Submission.places(of: addresses.compactMap { $0 }, resolver)) }
        if !options.obeysRobots {
            var allowed = rules
            allowed.places = options.places
            for (target, address) in zip(targets, addresses) {
                guard let address else { continue }
                let found = try? await resolver.addresses(of: address.host, port: address.port, rules: allowed)
                guard let found, found.allSatisfy({ $0.kind == .loopback }) else {
                    throw CommandError.input("--no-robots: \(target.url) is not on this machine; robots.txt is obeyed everywhere else")
                }
            }
        }
        self.options = options
        let domains = Farm.domains()
        visits = zip(targets, addresses).map { target, address in
            guard let address else { return NewVisit(url: target.url, host: "file:", terms: HostTerms(delay: 0, cap: 64)) }
            let host = domains.domain(of: address.host)
            return NewVisit(url: target.url, host: host, terms: manners.terms(of: host, isLoopback: address.isLoopback))
        }
    }

    /// The same with other visits: those that a crawl begins with.
    func visiting(_ visits: [NewVisit]) -> Submission {
        var submission = self
        submission.visits = visits
        return submission
    }

    /// Where those of the hosts lead that are on this machine or in a private network, several looked up at the same time.
    private static func places(of addresses: [WebAddress], _ resolver: Resolver) async -> Set<AddressRules.Place> {
        var seen: Set<WebAddress> = []
        let hosts = addresses.filter { address in
            var place = address
            place.scheme = ""
            return seen.insert(place).inserted
        }
        return await withTaskGroup(of: Set<AddressRules.Place>.self) { group in
            var places: Set<AddressRules.Place> = []
            for (index, host) in hosts.enumerated() {
                if index >= 32, let found = await group.next() { places.formUnion(found) }
                group.addTask { await resolver.allowing(startHost: host.host, port: host.port, in: .publicOnly).places }
            }
            for await found in group { places.formUnion(found) }
            return places
        }
    }
}
