// The client of deploy/bench/queue: claims and finishes visits as a farm does, beside two plain queues in the same database.
//
//   gleaner  claims by `Store.claim`, host clocks and waking included, and writes results by `Store.finish`
//   join     the plain way to be polite: queue JOIN hosts WHERE the host's clock allows, ORDER BY priority, FOR UPDATE SKIP LOCKED
//   bare     a queue without hosts: ORDER BY id, FOR UPDATE SKIP LOCKED
//
// Each case fills tables anew and measures claim and finish together, in batches, for so many visits or seconds. Hosts have a cap of one
// visit at a time and no delay, so that the work is limited by the queue and not by politeness; those that "wait" have a clock far ahead.

import Foundation
import Store

struct Case {
    var queue: String
    var shape: String
    var visits: Int
    var hosts: Int { min(visits, 100_000) }
}

struct Measure {
    var done = 0
    var seconds = 0.0
    var cpu = 0.0
    /// Of one claim, in seconds.
    var claims: [Double] = []

    var line: String {
        let rate = seconds > 0 ? Double(done) / seconds : 0
        let sorted = claims.sorted()
        let median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        return #""done":\#(done),"per_second":\#(Int(rate)),"cpu_us":\#(done > 0 ? Int(cpu / Double(done) * 1e6) : 0),"claim_ms":\#((median * 1e5).rounded() / 100)"#
    }
}

struct Bench {
    let database: any Database
    let store: Store
    let isPostgres: Bool
    let workers: Int
    let batch: Int
    let most: Int
    let limit: Double

    // MARK: Filling

    /// Numbers 1 to `count` as rows with a column `n`.
    private func numbers(_ count: Int) -> String {
        isPostgres
            ? "SELECT n FROM generate_series(CAST(1 AS BIGINT), CAST(\(count) AS BIGINT)) AS g(n)"
            : "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < \(count)) SELECT n FROM g"
    }

    /// The host of visit `n`: all alike, or nine of ten visits on ten hosts.
    private func host(_ shape: String, _ hosts: Int) -> String {
        switch shape {
        case "skew" where hosts > 10: "CASE WHEN n % 10 <> 0 THEN 1 + n % 9 % 10 ELSE 11 + n / 10 % \(hosts - 10) END"
        default: "1 + n % \(hosts)"
        }
    }

    /// The clock of host `n`: open, or for 99 of 100 hosts an hour ahead. Those that are open lie together, as those that are asked one after
    /// the other do in the other shapes: what is compared is the waiting, not how far apart rows lie in the file.
    private func clock(_ shape: String, _ hosts: Int, _ now: Int64) -> String {
        shape == "waiting" ? "CASE WHEN n <= \(max(1, hosts / 100)) THEN 0 ELSE \(now + 3_600_000_000) END" : "0"
    }

    func fill(_ test: Case) async throws {
        let now = Int64(Date().timeIntervalSince1970 * 1e6)
        let (visits, hosts) = (test.visits, test.hosts)
        let host = host(test.shape, hosts)
        let clock = clock(test.shape, hosts, now)
        let tables = ["queue", "visits", "heads", "hosts", "runs", "progress", "run_counts", "events", "plain", "plain_hosts"]
        for table in tables {
            let sql = isPostgres ? "TRUNCATE \(table)" : "DELETE FROM \(table)"
            try await database.write { _ = try $0.run(sql) }
        }
        var steps: [String] = []
        if test.queue == "gleaner" {
            let runs = min(10, visits)
            steps = [
                "INSERT INTO runs(id, uid, kind, spec, weight, lane, created_at) SELECT n, 'run_' || n, 'extract', '{}', 32, 1, \(now) FROM (\(numbers(runs))) a",
                "INSERT INTO progress(run_id) SELECT n FROM (\(numbers(runs))) a",
                "INSERT INTO hosts(id, name) SELECT n, 'h' || n || '.example' FROM (\(numbers(hosts))) a",
                "INSERT INTO heads(host_id, delay, cap, next_at, phase) SELECT n, 0, 1, \(clock), 1 FROM (\(numbers(hosts))) a",
            ]
            for start in stride(from: 0, to: visits, by: 500_000) {
                let part = "(SELECT n + \(start) AS n FROM (\(numbers(min(500_000, visits - start)))) p) a"
                steps += [
                    "INSERT INTO visits(id, uid, run_id, host_id, position, url) SELECT n, 'vis_' || n, 1 + n % \(runs), \(host), n, 'https://h.example/' || n FROM \(part)",
                    "INSERT INTO queue(visit_id, run_id, host_id, lane, turn) SELECT n, 1 + n % \(runs), \(host), 1, n * 1000 FROM \(part)",
                ]
            }
        } else {
            steps = ["INSERT INTO plain_hosts(id, next_at, busy) SELECT n, \(clock), 0 FROM (\(numbers(hosts))) a"]
            for start in stride(from: 0, to: visits, by: 500_000) {
                let part = "(SELECT n + \(start) AS n FROM (\(numbers(min(500_000, visits - start)))) p) a"
                steps.append(
                    "INSERT INTO plain(id, host_id, state, priority, fence, url) SELECT n, \(host), 0, n % 3, 0, 'https://h.example/' || n FROM \(part)")
            }
        }
        for step in steps { try await database.write { _ = try $0.run(step) } }
        try await database.maintain(isPostgres ? "VACUUM ANALYZE" : "PRAGMA wal_checkpoint(TRUNCATE)")
    }

    // MARK: Working

    func work(_ test: Case) async throws -> Measure {
        // Only what may be asked can be measured.
        let open = test.shape == "waiting" ? test.visits / 100 : test.shape == "skew" ? test.visits / 10 : test.visits
        let goal = min(most, open * 7 / 10)
        // Some visits first that don't count: caches and prepared statements are those of a farm at work, too.
        for _ in 0..<max(1, goal / 10 / batch) { _ = try await once(test.queue, 0) {} }
        let server = isPostgres ? try await Server(database) : nil
        let before = (server?.cpu ?? 0) + ownCPU()
        let start = ContinuousClock.now
        let end = start + .seconds(limit)
        let measures = try await withThrowingTaskGroup(of: Measure.self) { group in
            for number in 0..<workers {
                group.addTask {
                    var measure = Measure()
                    var empty = 0
                    while measure.done < goal / workers, .now < end, empty < 200 {
                        let begun = ContinuousClock.now
                        let done = try await once(test.queue, number) { measure.claims.append(begun.duration(to: .now) / .seconds(1)) }
                        measure.done += done
                        empty = done == 0 ? empty + 1 : 0
                        if done == 0 { try await Task.sleep(for: .milliseconds(2)) }
                    }
                    return measure
                }
            }
            return try await group.reduce(into: [Measure]()) { $0.append($1) }
        }
        var total = Measure()
        total.seconds = start.duration(to: .now) / .seconds(1)
        total.cpu = (server?.cpu ?? 0) + ownCPU() - before
        for measure in measures {
            total.done += measure.done
            total.claims += measure.claims
        }
        return total
    }

    private var claimant: Claimant { Claimant(worker: Identifier(.node), leaseTime: 60_000_000, next: { max($0.nextAt, $1) + $0.delay }) }

    /// A batch claimed and finished; how many there were.
    private func once(_ queue: String, _ number: Int, claimed: () -> Void) async throws -> Int {
        switch queue {
        case "gleaner":
            let claim = try await store.claim([LaneLimit(.batch, batch)], limit: batch, seed: number, waking: batch * workers, by: claimant)
            claimed()
            try await store.finish(claim.leases.map { ($0, VisitOutcome(state: .completed)) })
            return claim.leases.count
        case "join": return try await join(claimed)
        default: return try await bare(claimed)
        }
    }

    private func join(_ claimed: () -> Void) async throws -> Int {
        let now = Int64(Date().timeIntervalSince1970 * 1e6)
        let lock = isPostgres ? "FOR UPDATE OF q SKIP LOCKED" : ""
        let batch = batch
        let taken = try await database.write { transaction in
            let rows = try transaction.rows(
                """
                SELECT q.id, q.host_id FROM plain q JOIN plain_hosts h ON h.id = q.host_id
                WHERE q.state = 0 AND h.next_at <= :now ORDER BY q.priority, q.id LIMIT \(batch) \(lock)
                """, ["now": .integer(now)])
            let ids = rows.compactMap { $0.integer("id") }
            try transaction.run(
                "UPDATE plain SET state = 1, fence = fence + 1, at = :now WHERE id = :id", each: ids.map { ["id": .integer($0), "now": .integer(now)] })
            try transaction.run(
                "UPDATE plain_hosts SET next_at = :now WHERE id = :host",
                each: Set(rows.compactMap { $0.integer("host_id") }).sorted().map { ["host": .integer($0), "now": .integer(now)] })
            return ids
        }
        claimed()
        return try await end(taken)
    }

    private func bare(_ claimed: () -> Void) async throws -> Int {
        let now = Int64(Date().timeIntervalSince1970 * 1e6)
        let lock = isPostgres ? "FOR UPDATE SKIP LOCKED" : ""
        let batch = batch
        let taken = try await database.write { transaction in
            try transaction.rows(
                """
                UPDATE plain SET state = 1, fence = fence + 1, at = :now
                WHERE id IN (SELECT id FROM plain WHERE state = 0 ORDER BY priority, id LIMIT \(batch) \(lock)) RETURNING id
                """, ["now": .integer(now)]
            ).compactMap { $0.integer("id") }
        }
        claimed()
        return try await end(taken)
    }

    private func end(_ ids: [Int64]) async throws -> Int {
        _ = try await database.write { transaction in
            try transaction.run("UPDATE plain SET state = 3 WHERE id = :id AND state = 1", each: ids.map { ["id": .integer($0)] })
        }
        return ids.count
    }
}

/// CPU seconds of this process.
func ownCPU() -> Double {
    var usage = rusage()
    getrusage(0, &usage)  // RUSAGE_SELF
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// A PostgreSQL server on this machine, for its CPU time.
struct Server {
    private let postmaster: Int

    init(_ database: any Database) async throws {
        let backend = try await database.read { try $0.row("SELECT CAST(pg_backend_pid() AS BIGINT) AS pid")?.integer("pid") ?? 0 }
        postmaster = Server.fields(Int(backend)).map { Int($0[1]) ?? 0 } ?? 0
    }

    /// Fields of /proc/PID/stat from the state on.
    private static func fields(_ pid: Int) -> [Substring]? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let end = stat.lastIndex(of: ")") else { return nil }
        return stat[stat.index(after: end)...].split(separator: " ")
    }

    /// Of the postmaster, of its children that are alive and of those that have ended, in seconds.
    var cpu: Double {
        func ticks(_ fields: [Substring], _ indices: ClosedRange<Int>) -> Double { fields[indices].reduce(0) { $0 + (Double($1) ?? 0) } }
        let pids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int($0) }
        var sum = Server.fields(postmaster).map { ticks($0, 11...14) } ?? 0
        for pid in pids {
            guard let fields = Server.fields(pid), fields.count > 14, Int(fields[1]) == postmaster else { continue }
            sum += ticks(fields, 11...12)
        }
        return sum / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

func option(_ name: String, _ usual: String) -> String {
    guard let index = CommandLine.arguments.firstIndex(of: name), index + 1 < CommandLine.arguments.count else { return usual }
    return CommandLine.arguments[index + 1]
}

let place = option("--store", "")
let isPostgres = place.hasPrefix("postgres")
let workers = Int(option("--workers", isPostgres ? "4" : "1")) ?? 1
let database: any Database = isPostgres ? try PostgresDatabase(place, connections: workers) : try SQLiteDatabase(path: place)
let store = try await Store(database: database)
_ = try await database.write { transaction in
    try transaction.run(
        """
        CREATE TABLE IF NOT EXISTS plain(id BIGINT NOT NULL PRIMARY KEY, host_id BIGINT NOT NULL, state BIGINT NOT NULL, priority BIGINT NOT NULL,
          fence BIGINT NOT NULL, at BIGINT, url TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS plain_ready ON plain(priority, id) WHERE state = 0;
        CREATE TABLE IF NOT EXISTS plain_hosts(id BIGINT NOT NULL PRIMARY KEY, next_at BIGINT NOT NULL, busy BIGINT NOT NULL);
        """)
}
let bench = Bench(
    database: database, store: store, isPostgres: isPostgres, workers: workers, batch: Int(option("--batch", "100")) ?? 100,
    most: Int(option("--most", "100000")) ?? 100_000, limit: Double(option("--limit", "20")) ?? 20)
for size in option("--sizes", "1000,100000,1000000").split(separator: ",").compactMap({ Int($0) }) {
    for shape in option("--shapes", "even,skew,waiting").split(separator: ",").map(String.init) {
        for queue in option("--queues", "gleaner,join,bare").split(separator: ",").map(String.init) {
            let test = Case(queue: queue, shape: shape, visits: size)
            try await bench.fill(test)
            let measure = try await bench.work(test)
            print(#"{"store":"\#(isPostgres ? "postgres" : "sqlite")","visits":\#(size),"shape":"\#(shape)","queue":"\#(queue)",\#(measure.line)}"#)
            fflush(nil)
        }
    }
}
try await store.close()
