import Testing

@testable import Store

/// Each at a host of its own, so that all may be visited at once.
private func page(_ name: String) -> NewVisit {
    var visit = NewVisit(url: "https://\(name).example/", host: "\(name).example", terms: HostTerms(delay: 0, cap: 10))
    visit.key = name
    return visit
}

private func completed(leadingTo found: [String] = []) -> VisitOutcome {
    var outcome = VisitOutcome(state: .completed, finalURL: "https://goal.example/", page: "{}")
    outcome.found = found.map { page($0) }
    return outcome
}

@Suite struct CrawlStoreTests {
    /// An address that a redirect led to is read once: not for a second redirect, nor by its own address; but where the first came to nothing,
    /// others may.
    @Test(arguments: Engine.available) func takenOnce(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(["one", "two", "three"].map { page($0) }, lane: .own)
            let leases = try await store.take(run).leases.sorted { $0.visit < $1.visit }
            try #require(leases.count == 3)
            func take(_ key: String, _ lease: Lease) async throws -> Bool { try await store.take(key: key, of: run, for: lease.visit) }

            #expect(try await take("goal", leases[0]))
            #expect(try await take("goal", leases[0]), "again, after a failure")
            #expect(try await take("goal", leases[1]) == false)
            #expect(try await take("three", leases[1]) == false, "it waits for a visit of its own")
            try await store.finish(leases[1], with: completed(leadingTo: ["goal", "other"]))
            #expect(try await store.take(run).leases.map(\.url) == ["https://other.example/"])

            var failed = completed()
            failed.state = .failed
            try await store.finish(leases[0], with: failed)
            #expect(try await take("goal", leases[2]))
        }
    }
}
