import Documents
import Egress
import Politeness
import Scheduling
import Store
import Visiting

/// The hosts' clocks, for visits that are under way.
struct Clocks: Sendable {
    /// Visits at an address at the same time where nobody said how many. Many sites may share one.
    static let usualPerAddress = 8
    /// How long a tab is held for a visit that may not leave yet; then others should have it.
    private static let patience = Duration.seconds(5)
    /// How long a page is held open that leads on to a host which wants rest.
    private static let patienceOnward = Duration.seconds(15)

    let store: Store
    /// Nil: the usual number, and any number at loopback addresses.
    let perAddress: Int?
    let jitter: Box<Jitter>
    private let domains = Farm.domains()

    init(store: Store, perAddress: Int?) {
        self.store = store
        self.perAddress = perAddress
        jitter = Box(Jitter(seed: UInt64.random(in: 0 ... .max)))
    }

    /// - Parameters:
    ///   - loading: how the page is to be had.
    ///   - refusal: why a page may not lead on to an address.
    ///   - read: what a page that came is read for.
    func permits(
        _ lease: Lease, loading: @escaping @Sendable (_ url: String) async -> Loading = { _ in .rendered },
        refusal: @escaping @Sendable (_ url: String) async -> Permits.Refusal? = { _ in nil },
        read: @escaping @Sendable (_ page: Document, _ status: Int?) async throws -> Permits.Reading
    ) -> Permits {
        Permits(
            leave: { try await leave(lease, for: $0) }, loading: loading, goOn: { try await goOn(lease, to: $0) }, refusal: refusal, read: read)
    }

    private func leave(_ lease: Lease, for address: IPAddress?) async throws -> Bool {
        let limited = address.flatMap { address in
            address.kind == .loopback && perAddress == nil
                ? nil : LimitedAddress("\(address)", limit: perAddress ?? Clocks.usualPerAddress)
        }
        return try await wait(atMost: Clocks.patience) {
            try await store.leave(lease, for: limited) { Manners.leave(&$0, at: $1) }
        }
    }

    /// Within a registrable domain pages may lead on as they like: it is one visit to it.
    private func goOn(_ lease: Lease, to place: WebAddress) async throws -> Bool {
        let host = domains.domain(of: place.host)
        guard host != lease.hostName else { return true }
        return try await ask(host, place)
    }

    private func ask(_ host: String, _ place: WebAddress) async throws -> Bool {
        let terms = try await Manners(store).terms(of: host, isLoopback: place.isLoopback)
        return try await wait(atMost: Clocks.patienceOnward) {
            try await store.goOn(to: host, terms: terms) { Manners.goOn(&$0, at: $1, luck: jitter.change { $0.next() }) }
        }
    }

    /// Waits until a host may be asked by somebody who has no visit of it; moves its clock on. False where it takes too long.
    func enter(_ place: WebAddress) async throws -> Bool { try await ask(domains.domain(of: place.host), place) }

    private func wait(atMost limit: Duration, _ ask: () async throws -> Leave) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while true {
            switch try await ask() {
            case .go: return true
            case .wait(let time):
                let pause = Duration.microseconds(min(time, 60_000_000))
                guard .now + pause < end else { return false }
                try await Task.sleep(for: pause)
            }
        }
    }
}
