package import Foundation

/// A run as it stands in the store.
package struct RunRow: Sendable {
    /// Row number, for calls into the store; people see `id`.
    package var number: Int64
    package var id: Identifier
    /// "extract", later "crawl".
    package var kind: String
    /// What was asked, as JSON text.
    package var spec: String
    package var state: State
    package var reason: String?
    /// The process that does it is gone and visits are still open.
    package var isInterrupted: Bool
    package var createdAt: Date
    package var finishedAt: Date?
    package var counts: RunCounts
}

/// Visits of a run by state; kept by the database in the transactions that change them.
package struct RunCounts: Sendable, Equatable {
    package var open = 0
    package var completed = 0
    package var partial = 0
    package var failed = 0
    package var skipped = 0

    package var total: Int { open + completed + partial + failed + skipped }
}

/// One page of a run as it came out.
package struct VisitRow: Sendable {
    package var number: Int64
    package var id: Identifier
    package var position: Int
    package var url: String
    package var finalURL: String?
    package var state: State
    package var attempts: Int
    package var reason: String?
    package var code: String?
    /// SHA-256 of the snapshot, where one was taken.
    package var snapshot: String?
    /// What else is known of the page, as JSON text.
    package var page: String?
    package var finishedAt: Date?
}

/// Something to be visited: where, and whose clock it waits for.
package struct NewVisit: Sendable {
    package var url: String
    /// Registrable domain or address; the unit of politeness.
    package var host: String
    /// Microseconds between two documents of that host, and how many at once, where the host is new.
    package var delay: Int64
    package var atOnce: Int

    package init(url: String, host: String, delay: Int64, atOnce: Int) {
        self.url = url
        self.host = host
        self.delay = delay
        self.atOnce = atOnce
    }
}

extension Store {
    /// Writes a run with all its visits, ready to be claimed, in one transaction.
    package func submit(kind: String, spec: String, owner: Identifier?, visits: [NewVisit]) async throws -> (number: Int64, id: Identifier) {
        let dialect = database.dialect
        let id = Identifier(.run)
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            let run = try transaction.row(
                """
                INSERT INTO runs(uid, kind, spec, owner, created_at) VALUES (:uid, :kind, :spec, :owner, :now) RETURNING id
                """,
                [
                    "uid": .text(id.description), "kind": .text(kind), "spec": .text(spec), "owner": SQLValue(owner?.description),
                    "now": .integer(now),
                ])
            guard let number = run?.integer("id") else { throw StoreError(.failed, "the run \(id) was not written") }
            var hosts: [String: Int64] = [:]
            var queued: [[String: SQLValue]] = []
            for (position, visit) in visits.enumerated() {
                let host: Int64
                if let known = hosts[visit.host] {
                    host = known
                } else {
                    host = try Store.hostNumber(for: visit, transaction)
                    hosts[visit.host] = host
                }
                let row = try transaction.row(
                    """
                    INSERT INTO visits(uid, run_id, host_id, position, url) VALUES (:uid, :run, :host, :position, :url) RETURNING id
                    """,
                    [
                        "uid": .text(Identifier(.vis).description), "run": .integer(number), "host": .integer(host),
                        "position": SQLValue(position), "url": .text(visit.url),
                    ])
                guard let visitNumber = row?.integer("id") else { throw StoreError(.failed, "a visit of \(id) was not written") }
                queued.append([
                    "visit": .integer(visitNumber), "run": .integer(number), "host": .integer(host), "turn": SQLValue(position),
                ])
            }
            try transaction.run(
                "INSERT INTO queue(visit_id, run_id, host_id, lane, turn) VALUES (:visit, :run, :host, 1, :turn)", each: queued)
            try Store.unpark(hosts.values, transaction, dialect)
            return (number, id)
        }
    }

    private static func hostNumber(for visit: NewVisit, _ transaction: any Transaction) throws -> Int64 {
        try transaction.run(
            "INSERT INTO hosts(name) VALUES (:name) ON CONFLICT(name) DO NOTHING", ["name": .text(visit.host)])
        guard let host = try transaction.row("SELECT id FROM hosts WHERE name = :name", ["name": .text(visit.host)])?.integer("id") else {
            throw StoreError(.failed, "the host \(visit.host) was not written")
        }
        try transaction.run(
            """
            INSERT INTO heads(host_id, delay, cap, phase) VALUES (:host, :delay, :cap, 1) ON CONFLICT(host_id) DO NOTHING
            """, ["host": .integer(host), "delay": .integer(visit.delay), "cap": SQLValue(visit.atOnce)])
        return host
    }

    /// Newest first.
    package func runs(limit: Int) async throws -> [RunRow] {
        try await database.read { transaction in
            try transaction.rows("SELECT * FROM runs ORDER BY id DESC LIMIT :limit", ["limit": SQLValue(limit)]).map {
                try run($0, transaction)
            }
        }
    }

    /// The run whose id begins so, with or without "run_". "last" is the newest.
    package func run(_ beginning: String) async throws -> RunRow {
        try await database.read { transaction in
            if beginning == "last" {
                guard let row = try transaction.row("SELECT * FROM runs ORDER BY id DESC LIMIT 1") else {
                    throw StoreError(.notFound, "there is no run yet")
                }
                return try run(row, transaction)
            }
            let text = beginning.hasPrefix("run_") ? beginning : "run_" + beginning
            let rows = try transaction.rows(
                "SELECT * FROM runs WHERE uid >= :low AND uid < :high LIMIT 2", ["low": .text(text), "high": .text(text + "~")])
            guard let row = rows.first else { throw StoreError(.notFound, "no run begins with \(text); `gleaner runs` lists them") }
            guard rows.count == 1 else { throw StoreError(.ambiguous, "several runs begin with \(text); type more of the id") }
            return try run(row, transaction)
        }
    }

    private func run(_ row: SQLRow, _ transaction: any Transaction) throws -> RunRow {
        let number = row.integer("id") ?? 0
        let state = State(rawValue: row.integer("state") ?? 0) ?? .open
        var isInterrupted = false
        if state == .open, let owner = row.text("owner") {
            isInterrupted = try isDead(owner, transaction)
        }
        return RunRow(
            number: number, id: Identifier(stored: row.text("uid") ?? ""), kind: row.text("kind") ?? "", spec: row.text("spec") ?? "",
            state: state, reason: row.text("reason"), isInterrupted: isInterrupted,
            createdAt: Date(microseconds: row.integer("created_at") ?? 0), finishedAt: row.integer("finished_at").map(Date.init(microseconds:)),
            counts: try Store.counts(of: number, transaction))
    }

    static func counts(of run: Int64, _ transaction: any Transaction) throws -> RunCounts {
        var counts = RunCounts()
        for row in try transaction.rows("SELECT state, CAST(sum(n) AS BIGINT) AS n FROM run_counts WHERE run_id = :run GROUP BY state", ["run": .integer(run)]) {
            let n = Int(row.integer("n") ?? 0)
            switch State(rawValue: row.integer("state") ?? -1) {
            case .open: counts.open = n
            case .completed: counts.completed = n
            case .partial: counts.partial = n
            case .failed: counts.failed = n
            case .skipped: counts.skipped = n
            case nil: break
            }
        }
        return counts
    }

    package func counts(of run: Int64) async throws -> RunCounts { try await database.read { try Store.counts(of: run, $0) } }

    /// All visits of a run in the order they were given.
    package func visits(of run: Int64) async throws -> [VisitRow] {
        try await database.read { transaction in
            try transaction.rows("SELECT * FROM visits WHERE run_id = :run ORDER BY position", ["run": .integer(run)]).map { row in
                VisitRow(
                    number: row.integer("id") ?? 0, id: Identifier(stored: row.text("uid") ?? ""), position: Int(row.integer("position") ?? 0),
                    url: row.text("url") ?? "", finalURL: row.text("final_url"), state: State(rawValue: row.integer("state") ?? 0) ?? .open,
                    attempts: Int(row.integer("attempts") ?? 0), reason: row.text("reason"), code: row.text("code"),
                    snapshot: row.text("snapshot"), page: row.text("page"), finishedAt: row.integer("finished_at").map(Date.init(microseconds:)))
            }
        }
    }

    /// Body and evidence (JSON text) of a visit's records, in page order.
    package func records(of visit: Int64) async throws -> [(body: String, evidence: String)] {
        try await database.read { transaction in
            try transaction.rows(
                "SELECT body, evidence FROM records WHERE visit_id = :visit ORDER BY position", ["visit": .integer(visit)]
            ).map { ($0.text("body") ?? "null", $0.text("evidence") ?? "[]") }
        }
    }

    /// The compressed snapshot of that hash; nil where it was removed.
    package func snapshot(_ hash: String) async throws -> [UInt8]? {
        try await database.read { try $0.row("SELECT body FROM snapshots WHERE hash = :hash", ["hash": .text(hash)])?.blob("body") }
    }

    /// Ends what is still open of a run: those visits become skipped, live leases are void from now on.
    package func cancel(_ run: Int64, reason: String) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            try transaction.run("DELETE FROM queue WHERE run_id = :run", ["run": .integer(run)])
            try transaction.run(
                "UPDATE visits SET state = 5, reason = :reason, code = 'cancelled', finished_at = :now WHERE run_id = :run AND state = 0",
                ["run": .integer(run), "reason": .text(reason), "now": .integer(now)])
            try transaction.run(
                "UPDATE runs SET state = 5, reason = :reason, finished_at = :now WHERE id = :run AND state = 0",
                ["run": .integer(run), "reason": .text(reason), "now": .integer(now)])
        }
    }

    /// Gives an interrupted run to a new owner. What dead processes held of it is free at once; their fences are stale then.
    package func adopt(_ run: Int64, owner: Identifier) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let workers = try transaction.rows(
                "SELECT DISTINCT worker FROM queue WHERE run_id = :run AND state = 1", ["run": .integer(run)])
            for worker in workers.compactMap({ $0.text("worker") }) where try isDead(worker, transaction) {
                try transaction.run(
                    "UPDATE queue SET at = :now WHERE run_id = :run AND state = 1 AND worker = :worker",
                    ["now": .integer(try transaction.now(dialect)), "run": .integer(run), "worker": .text(worker)])
            }
            try transaction.run("UPDATE runs SET owner = :owner WHERE id = :run", ["owner": .text(owner.description), "run": .integer(run)])
            let hosts = try transaction.rows("SELECT DISTINCT host_id FROM queue WHERE run_id = :run", ["run": .integer(run)])
            try Store.unpark(hosts.compactMap { $0.integer("host_id") }, transaction, dialect)
        }
    }
}

// MARK: - Nodes

extension Store {
    /// A process that has been silent for so long (microseconds) is taken for dead.
    static let nodeSilence: Int64 = 60_000_000

    /// Says that this process is alive; to be repeated every few seconds.
    ///
    /// - Parameter process: its mark, by which others on this machine see that it is dead before it has been silent for long.
    package func heartbeat(node: Identifier, pid: Int32, process: String = "") async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            try transaction.run(
                """
                INSERT INTO nodes(uid, pid, process, started_at, seen_at) VALUES (:uid, :pid, :process, :now, :now)
                  ON CONFLICT(uid) DO UPDATE SET seen_at = :now
                """, ["uid": .text(node.description), "pid": SQLValue(pid), "process": .text(process), "now": .integer(now)])
            try transaction.run("DELETE FROM nodes WHERE seen_at < :old", ["old": .integer(now - 86_400_000_000)])
        }
    }

    private func isDead(_ node: String, _ transaction: any Transaction) throws -> Bool {
        guard let row = try transaction.row("SELECT seen_at, process FROM nodes WHERE uid = :uid", ["uid": .text(node)]) else { return true }
        let silence = try transaction.now(database.dialect) - (row.integer("seen_at") ?? 0)
        return silence > Store.nodeSilence || isGone(row.text("process") ?? "")
    }

    /// Takes this process off the list at its end.
    package func leave(node: Identifier) async throws {
        _ = try await database.write { try $0.run("DELETE FROM nodes WHERE uid = :uid", ["uid": .text(node.description)]) }
    }
}

extension Date {
    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
