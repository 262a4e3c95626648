import Foundation
import Testing

@testable import Store
import TestMaterial

@Suite struct RetentionTests {
    /// A store with four snapshots of 10, 10, 10 and 10 bytes, taken at moments 1 to 4; the last belongs to a run that is under way.
    private func withSnapshots(_ engine: Engine, _ body: (Store) async throws -> Void) async throws {
        try await withStore(engine) { store in
            for n in 0..<4 {
                if n == 0 || n == 3 {
                    let urls = n == 0 ? ["0", "1", "2"] : ["3", "4"]
                    _ = try await store.submit(urls.map { "http://127.0.0.1/" + $0 }, host: "127.0.0.1", delay: 0, atOnce: 9, lane: .batch)
                }
                let lease = try #require(try await store.takeAny(1).first)
                let body = [UInt8](repeating: UInt8(n), count: 10)
                try await store.finish(lease, with: VisitOutcome(state: .completed, snapshot: .init(hash: "h\(n)", body: body, size: 10)))
                try await store.database.write { _ = try $0.run("UPDATE snapshots SET taken_at = \(n + 1) WHERE hash = 'h\(n)'") }
            }
            try await body(store)
        }
    }

    private func left(_ store: Store) async throws -> [String] {
        var left: [String] = []
        for n in 0..<4 {
            if try await store.snapshot("h\(n)") != nil { left.append("h\(n)") }
        }
        return left
    }

    /// What is older than the age goes, but not what a run that is under way has just seen.
    @Test(arguments: Engine.available) func byAge(engine: Engine) async throws {
        try await withSnapshots(engine) { store async throws in
            var retention = Retention()
            retention.snapshotAge = 1_000_000
            #expect(try await store.prune(retention).snapshots == 3)
            #expect(try await left(store) == ["h3"])
        }
    }

    /// The oldest go until the rest fits.
    @Test(arguments: Engine.available) func bySize(engine: Engine) async throws {
        try await withSnapshots(engine) { store async throws in
            var retention = Retention()
            retention.snapshotBytes = 25
            #expect(try await store.prune(retention).snapshots == 2)
            #expect(try await left(store) == ["h2", "h3"])
            #expect(try await store.prune(retention).snapshots == 0)
        }
    }

    /// Events of ended runs go by age and by number; a run that is under way keeps its own.
    @Test(arguments: Engine.available) func events(engine: Engine) async throws {
        try await withStore(engine) { store in
            let ended = try await store.submit(["http://127.0.0.1/"], host: "127.0.0.1", delay: 0, lane: .batch)
            try await store.cancel(ended, reason: "enough")
            let open = try await store.submit(["http://127.0.0.1/"], host: "127.0.0.1", delay: 0, lane: .batch)
            #expect(try await store.events(of: ended).map(\.kind) == [.submitted, .ended])
            try await store.database.write { _ = try $0.run("UPDATE events SET at = number") }
            var retention = Retention()
            retention.events = 1
            #expect(try await store.prune(retention).events == 1)
            #expect(try await store.events(of: ended).map(\.kind) == [.ended])
            retention.eventAge = 1_000_000
            #expect(try await store.prune(retention).events == 1)
            #expect(try await store.events(of: open).count == 1)
        }
    }
}
