import Testing

@testable import Store

/// Hosts whose clocks never hold anybody up, so that only the address does.
private func pages(_ count: Int) -> [NewVisit] {
    (0..<count).map { NewVisit(url: "https://h\($0).example/", host: "h\($0).example", terms: HostTerms(delay: 0, cap: 1)) }
}

private let go: @Sendable (inout HostTerms, Int64) -> Leave = { _, _ in .go }

@Suite struct AddressTests {
    /// Hosts that share an address are at it together only as often as it may be asked, and each that ends makes room for another.
    @Test(arguments: Engine.available) func sharedAddress(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(4))
            let leases = try await store.takeAny(4)
            let address = LimitedAddress("192.0.2.7", limit: 2)
            #expect(try await store.leave(leases[0], for: address, go) == .go)
            #expect(try await store.leave(leases[1], for: address, go) == .go)
            #expect(try await store.leave(leases[2], for: address, go) != .go)
            #expect(try await store.leave(leases[3], for: LimitedAddress("192.0.2.8", limit: 2), go) == .go)
            // Who has a place already keeps it.
            #expect(try await store.leave(leases[1], for: address, go) == .go)
            try await store.finish(leases[0], with: VisitOutcome(state: .completed))
            #expect(try await store.leave(leases[2], for: address, go) == .go)
        }
    }

    /// A visit that was handed back, or whose worker is dead, holds no place.
    @Test(arguments: Engine.available) func placesComeBack(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(3))
            let leases = try await store.takeAny(3)
            let address = LimitedAddress("192.0.2.7", limit: 1)
            #expect(try await store.leave(leases[0], for: address, go) == .go)
            #expect(try await store.leave(leases[1], for: address, go) != .go)
            try await store.handBack([leases[0]])
            #expect(try await store.leave(leases[1], for: address, go) == .go)
        }
    }

    /// Several processes that look at the same moment don't all find the last place.
    @Test(arguments: Engine.available) func noRaceForTheLastPlace(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(12))
            let leases = try await store.takeAny(12)
            let answers = try await withThrowingTaskGroup(of: Leave.self) { group in
                for lease in leases { group.addTask { try await store.leave(lease, for: LimitedAddress("192.0.2.7", limit: 3), go) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == .go }.count == 3)
        }
    }
}

@Suite struct OnwardTests {
    /// A page that leads on to another host waits for that host's clock and moves it on, also where nobody has asked that host yet.
    @Test(arguments: Engine.available) func clocksOfOthers(engine: Engine) async throws {
        try await withStore(engine) { store in
            let decide: @Sendable (inout HostTerms, Int64) -> Leave = { terms, now in
                guard terms.nextAt <= now else { return .wait(terms.nextAt - now) }
                terms.nextAt = now + minute
                return .go
            }
            let terms = HostTerms(delay: minute, cap: 1)
            #expect(try await store.goOn(to: "other.example", terms: terms, decide) == .go)
            guard case .wait(let time) = try await store.goOn(to: "other.example", terms: terms, decide) else {
                Issue.record("the clock of the other host did not move")
                return
            }
            #expect(time > minute / 2)
            // Visits of that host wait, too.
            _ = try await store.submit([NewVisit(url: "https://other.example/", host: "other.example", terms: terms)])
            #expect(try await store.takeAny().isEmpty)
        }
    }

    /// While a visit of that host is under way, nobody else is led there: when that visit asks is known only at its end.
    @Test(arguments: Engine.available) func visitsOfOthers(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(1))
            let lease = try #require(try await store.takeAny().first)
            let terms = HostTerms(delay: 0, cap: 1)
            #expect(try await store.goOn(to: "h0.example", terms: terms, go) != .go)
            try await store.finish(lease, with: VisitOutcome(state: .completed))
            #expect(try await store.goOn(to: "h0.example", terms: terms, go) == .go)
        }
    }
}
