import Foundation
import Synchronization
import Testing

@testable import Store

@Suite struct PostgresStatementTests {
    /// Parameters get numbers by their first place; what only looks like one stays.
    @Test(arguments: [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ["a", "b"]),
        ("SELECT ':a' || :b", "SELECT ':a' || $1", ["b"]),
        ("SELECT \"x:a\" FROM t WHERE n = :now_1", "SELECT \"x:a\" FROM t WHERE n = $1", ["now_1"]),
        ("SELECT :a::text, x::bigint", "SELECT $1::text, x::bigint", ["a"]),
        ("SELECT 1 -- :a\n, :b", "SELECT 1 -- :a\n, $1", ["b"]),
        ("SELECT /* :a */ :b", "SELECT /* :a */ $1", ["b"]),
        ("SELECT 'it''s :a', :b", "SELECT 'it''s :a', $1", ["b"]),
        ("SELECT ':a", "SELECT ':a", []), ("SELECT 1 -- :a", "SELECT 1 -- :a", []), (":", ":", []),
    ])
    func numbers(named: String, sql: String, names: [String]) {
        let statement = PostgresStatement(named)
        #expect(statement.sql == sql)
        #expect(statement.names == names)
    }

    /// An address that can't be read is refused at once, by name; a password in it is shown nowhere.
    @Test(arguments: ["postgres://u:secret@h:notaport/d", "postgres://u:secret@h/d?colour=red", "host=h colour=red password=secret"])
    func badAddress(text: String) {
        let error = #expect(throws: StoreError.self) { try PostgresDatabase(text) }
        #expect(error?.code == .badAddress)
    }

    /// A server that isn't there is an error with its address, after the patience that was asked for.
    @Test func noServer() async throws {
        let database = try PostgresDatabase("postgres://u:secret@127.0.0.1:1/d", patience: .milliseconds(100))
        let error = await #expect(throws: StoreError.self) { try await database.read { _ in 1 } }
        // A transaction without statements needs no server; so this one has none.
        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("127.0.0.1") == true)
        #expect(error?.description.contains("secret") == false)
    }
}

@Suite(.enabled(if: Engine.server != nil)) struct PostgresTests {
    private func withPostgres(_ body: (PostgresDatabase, PostgresDatabase) async throws -> Void) async throws {
        try await withDatabase(.postgres) { open in
            let database = try #require(try open() as? PostgresDatabase)
            let other = try #require(try open() as? PostgresDatabase)
            try await body(database, other)
            try await database.close()
            try await other.close()
        }
    }

    /// TLS as the address asks for it: with the right authority the connection is encrypted, with another one it is refused.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["GLEANER_TEST_POSTGRES_AUTHORITY"] != nil), arguments: [true, false])
    func certificates(isRight: Bool) async throws {
        let authority = try #require(ProcessInfo.processInfo.environment["GLEANER_TEST_POSTGRES_AUTHORITY"])
        let server = try #require(Engine.server).replacing("sslmode=disable", with: "sslmode=verify-full")
        // The system's authorities have never heard of it.
        let roots = isRight ? authority : "/etc/ssl/certs/ca-certificates.crt"
        let database = try PostgresDatabase(server + "&sslrootcert=" + roots, patience: .milliseconds(100))
        let sql = "SELECT CAST(count(*) AS BIGINT) AS n FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
        if isRight {
            #expect(try await database.read { try $0.row(sql)?.integer("n") } == 1)
        } else {
            let error = await #expect(throws: StoreError.self) { try await database.read { try $0.row(sql)?.integer("n") } }
            #expect(error?.description.contains("certificate") == true, "\(String(describing: error))")
        }
        try await database.close()
    }

    /// What another process says is heard, also after the listening connection broke.
    @Test(.timeLimit(.minutes(1))) func listening() async throws {
        try await withPostgres { database, other in
            let notify = try #require(Dialect.postgres.notify)
            var wakings = try #require(database.wakings()).makeAsyncIterator()
            // The first is for what was said before anybody listened.
            _ = await wakings.next()
            for _ in 0..<2 {
                try await other.write { _ = try $0.rows(notify, ["what": "work"]) }
                #expect(await wakings.next() != nil)
                try await other.write {
                    _ = try $0.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN gleaner%'")
                }
                _ = await wakings.next()
            }
        }
    }

    /// Every kind of value comes back as it went in; a NUL, which PostgreSQL has not, is left out of a text.
    @Test func values() async throws {
        try await withPostgres { database, _ in
            let row = try await database.write { transaction in
                try transaction.run("CREATE TABLE t(i BIGINT, r DOUBLE PRECISION, s TEXT, b BYTEA, n TEXT)")
                try transaction.run(
                    "INSERT INTO t VALUES (:i, :r, :s, :b, :n)",
                    ["i": .integer(.min), "r": .real(-0.5), "s": .text("a\0é\u{1F600}"), "b": .blob([0, 1, 255]), "n": .null])
                return try transaction.row("SELECT i, s, b, n, r > 0 AS positive, 7::int AS small, '' AS empty FROM t")
            }
            #expect(row?.integer("i") == .min)
            #expect(row?.text("s") == "aé\u{1F600}")
            #expect(row?.blob("b") == [0, 1, 255])
            #expect(row?.text("n") == nil)
            #expect(row?.integer("positive") == 0)
            #expect(row?.integer("small") == 7)
            #expect(row?.text("empty") == "")
        }
    }

    /// What a transaction wrote before it failed is gone, whether the body or a statement failed; the next one goes on.
    @Test func rollsBack() async throws {
        struct Stop: Error {}
        try await withPostgres { database, _ in
            try await database.write { _ = try $0.run("CREATE TABLE t(i BIGINT PRIMARY KEY)") }
            await #expect(throws: Stop.self) {
                try await database.write { transaction in
                    try transaction.run("INSERT INTO t VALUES (:i)", ["i": 1])
                    throw Stop()
                }
            }
            let error = await #expect(throws: StoreError.self) {
                try await database.write { try $0.run("INSERT INTO t VALUES (:i)", each: [["i": 2], ["i": 2], ["i": 3]]) }
            }
            #expect(error?.code == .failed)
            #expect(try await database.read { try $0.rows("SELECT i FROM t").count } == 0)
        }
    }

    /// Who goes on after a statement has failed is not told that it was written.
    @Test func aSwallowedFailure() async throws {
        try await withPostgres { database, _ in
            try await database.write { _ = try $0.run("CREATE TABLE t(i BIGINT PRIMARY KEY)") }
            let error = await #expect(throws: StoreError.self) {
                try await database.write { transaction in
                    try transaction.run("INSERT INTO t VALUES (:i)", ["i": 1])
                    _ = try? transaction.run("INSERT INTO t VALUES (:i)", ["i": 1])
                }
            }
            #expect(error?.code == .failed)
        }
    }

    /// A server or pooler that forgets prepared statements each time is given up, not asked for ever.
    @Test func forgottenStatements() async throws {
        try await withPostgres { database, _ in
            let tries = Tries()
            let error = await #expect(throws: StoreError.self) {
                try await database.write { transaction in
                    _ = tries.count()
                    _ = try transaction.row("SELECT :one AS n", ["one": 1])
                    try transaction.run("DEALLOCATE ALL")
                    _ = try transaction.row("SELECT :one AS n", ["one": 1])
                }
            }
            #expect(error?.code == .busy)
            #expect((2...20).contains(tries.value))
        }
    }

    /// A reader sees one state from beginning to end, whatever is written meanwhile.
    @Test func readsOneState() async throws {
        try await withPostgres { database, other in
            try await database.write { _ = try $0.run("CREATE TABLE t(i BIGINT); INSERT INTO t VALUES (1)") }
            let (reading, started) = AsyncStream.makeStream(of: Void.self)
            let (writing, written) = AsyncStream.makeStream(of: Void.self)
            defer { written.finish() }  // Also where something fails: the reader waits for it.
            async let counts = database.read { transaction in
                let first = try transaction.rows("SELECT i FROM t").count
                started.finish()
                // The other transaction commits before the second look.
                let semaphore = DispatchSemaphore(value: 0)
                Task {
                    for await _ in writing {}
                    semaphore.signal()
                }
                semaphore.wait()
                return [first, try transaction.rows("SELECT i FROM t").count]
            }
            for await _ in reading {}
            try await other.write { _ = try $0.run("INSERT INTO t VALUES (:i)", ["i": 2]) }
            written.finish()
            #expect(try await counts == [1, 1])
        }
    }

    /// A connection that the server ended, between transactions or inside one, costs nothing: the transaction is done again.
    @Test(arguments: [false, true]) func endedConnection(inside: Bool) async throws {
        try await withPostgres { database, other in
            try await database.write { _ = try $0.run("CREATE TABLE t(i BIGINT)") }
            let pid = try await database.read { try $0.row("SELECT pg_backend_pid() AS pid")?.integer("pid") ?? 0 }
            let tries = Tries()
            if !inside { _ = try await other.read { try $0.rows("SELECT pg_terminate_backend(\(pid)::int)") } }
            try await database.write { transaction in
                try transaction.run("INSERT INTO t VALUES (:i)", ["i": 1])
                if inside, tries.count() == 1 { _ = try transaction.rows("SELECT pg_terminate_backend(pg_backend_pid())") }
            }
            #expect(try await database.read { try $0.rows("SELECT i FROM t").count } == 1)
        }
    }

    /// Where the connection breaks while the commit is on its way, the server is asked what became of it: here it was done, and is not done
    /// twice.
    @Test func brokenAtCommit() async throws {
        try await withPostgres { database, other in
            try await database.write { _ = try $0.run("CREATE TABLE t(i BIGINT)") }
            let tries = Tries()
            try await database.write { transaction in
                let first = tries.count() == 1
                try transaction.run("INSERT INTO t VALUES (:i)", ["i": 1])
                // From here on we can send, the commit too, but hear nothing any more.
                if first, let descriptor = (transaction as? PostgresTransaction)?.connection.descriptor { shutdown(descriptor, Int32(SHUT_RD)) }
            }
            #expect(tries.value == 1)
            #expect(try await other.read { try $0.rows("SELECT i FROM t").count } == 1)
        }
    }

    /// Two transactions that wait for each other both come through.
    @Test func deadlock() async throws {
        try await withPostgres { database, other in
            try await database.write { _ = try $0.run("CREATE TABLE t(i BIGINT PRIMARY KEY, n BIGINT); INSERT INTO t VALUES (1, 0), (2, 0)") }
            let add = "UPDATE t SET n = n + 1 WHERE i = :i"
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (database, order) in [(database, [1, 2]), (other, [2, 1])] {
                    group.addTask {
                        for _ in 0..<50 {
                            try await database.write { transaction in
                                for i in order { try transaction.run(add, ["i": SQLValue(i)]) }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.read { try $0.rows("SELECT n FROM t").map { $0.integer("n") } } == [100, 100])
        }
    }

    /// With all connections lent, who waits is served in turn, and who is cancelled stops waiting.
    @Test func manyAtOnce() async throws {
        try await withPostgres { database, _ in
            try await database.write { _ = try $0.run("CREATE TABLE t(n BIGINT); INSERT INTO t VALUES (0)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 { group.addTask { try await database.write { _ = try $0.run("UPDATE t SET n = n + :one", ["one": 1]) } } }
                try await group.waitForAll()
            }
            #expect(try await database.read { try $0.row("SELECT n FROM t")?.integer("n") } == 100)
        }
    }

    /// Of two processes that end a run's last two visits at the same moment one ends the run.
    @Test func lastVisitsTogether() async throws {
        try await withDatabase(.postgres) { open in
            let (one, two) = (try await Store(database: open()), try await Store(database: open()))
            for round in 0..<40 {
                let run = try await one.submit(
                    (0..<2).map { NewVisit(url: "http://h\($0).example/", host: "h\(round)-\($0).example", terms: HostTerms(delay: 0, cap: 9)) })
                let leases = try await one.takeAny()
                try #require(leases.count == 2)
                async let first: Void = one.finish(leases[0], with: VisitOutcome(state: .completed))
                async let second: Void = two.finish(leases[1], with: VisitOutcome(state: .completed))
                _ = try await (first, second)
                #expect(try await one.run(number: run).state == .completed)
            }
            try await one.close()
            try await two.close()
        }
    }

    /// A visit written while its host is being put to rest is not forgotten: whoever comes second wakes it.
    @Test func noLostWaking() async throws {
        try await withDatabase(.postgres) { open in
            let (one, two) = (try await Store(database: open()), try await Store(database: open()))
            for round in 0..<40 {
                _ = try await one.submit(["http://h\(round).example/"], host: "h\(round).example", delay: 0, atOnce: 9, lane: .batch)
                let lease = try #require(try await one.takeAny().first)
                async let finished: Void = one.finish(lease, with: VisitOutcome(state: .completed))
                async let next = two.submit(["http://h\(round).example/2"], host: "h\(round).example", delay: 0, atOnce: 9, lane: .batch)
                _ = try await (finished, next)
                let second = try await two.takeAny()
                #expect(second.count == 1)
                try await two.finish(second.map { ($0, VisitOutcome(state: .completed)) })
            }
            try await one.close()
            try await two.close()
        }
    }
}

private final class Tries: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    func count() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }
}
