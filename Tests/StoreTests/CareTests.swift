import Foundation
import Testing

@testable import Store
import TestMaterial

@Suite struct CareTests {
    /// A store in the middle of its work is sound: nothing is reported that is merely under way.
    @Test(arguments: Engine.available) func aWorkingStoreIsSound(engine: Engine) async throws {
        try await withStore(engine) { store in
            #expect(try await store.check() == [])
            let run = try await store.submit((0..<6).map { "http://127.0.0.1/\($0)" }, host: "127.0.0.1", delay: 0, atOnce: 10)
            let leases = try await (0..<3).asyncMap { _ in try #require(try await store.take(run, limit: 1).leases.first) }
            try await store.finish(leases[0], with: VisitOutcome(state: .completed, records: [.init(body: "{}", evidence: "[]")]))
            try await store.postpone(leases[1], by: minute)
            #expect(try await store.check() == [])
            try await store.cancel(run, reason: "enough")
            #expect(try await store.check() == [])
        }
    }

    /// Each thing that can't be true is found, and said of what.
    @Test(
        arguments: Engine.available,
        [
            ("UPDATE run_counts SET n = n + 1 WHERE state = 0", "counts", "tally says"),
            ("DELETE FROM queue WHERE visit_id = (SELECT min(visit_id) FROM queue)", "queue", "not queued"),
            ("UPDATE visits SET state = 3 WHERE id = (SELECT min(id) FROM visits)", "queue", "although it is over"),
            ("DELETE FROM queue", "runs", "nothing left to do"), ("UPDATE runs SET state = 3", "runs", "still queued"),
            ("UPDATE heads SET phase = 0", "hosts", "127.0.0.1 has visits ready but is parked"),
            ("INSERT INTO records(visit_id, position, run_id, body, evidence) VALUES (99, 0, 1, '{}', '[]')", "records", "visit 99"),
        ])
    func faultsAreFound(engine: Engine, fault: (sql: String, area: String, text: String)) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(["http://127.0.0.1/a", "http://127.0.0.1/b"], host: "127.0.0.1", delay: 0, lane: .batch)
            try await store.database.write { _ = try $0.run(fault.sql) }
            let faults = try await store.check()
            #expect(faults.contains { $0.area == fault.area && $0.message.contains(fault.text) }, "\(faults)")
        }
    }

    /// The copy of a store that is being used opens and holds what was written before.
    @Test func backup() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(.sqlite) { store in
                _ = try await store.submit(["http://127.0.0.1/a"], host: "127.0.0.1")
                let copy = folder.appending(path: "it's a copy.sqlite").path
                try await store.backUp(to: copy)
                let second = try await Store.open(file: copy)
                #expect(try await second.run("last").counts.open == 1)
                #expect(try await second.check() == [])
                try await second.close()
            }
        }
    }

    /// Compacting leaves everything as it was.
    @Test(arguments: Engine.available) func vacuum(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(["http://127.0.0.1/a"], host: "127.0.0.1")
            try await store.vacuum()
            #expect(try await store.run("last").counts.open == 1)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
