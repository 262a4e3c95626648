package import Foundation

/// A run as it stands in the store.
package struct RunRow: Sendable {
    /// Row number, for calls into the store; people see `id`.
    package var number: Int64
    package var id: Identifier
    /// "extract", "browse", "crawl".
    package var kind: String
    /// Runs of the same thing have the same.
    package var series: String?
    /// What was asked, as JSON text.
    package var spec: String
    package var state: State
    package var reason: String?
    /// The process that does it is gone and visits are still open.
    package var isInterrupted: Bool
    package var lane: Lane
    package var priority: Int
    package var budget: RunBudget
    package var key: String?
    /// The key of the API that submitted it; nil where a command did.
    package var submitter: String?
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
    /// Given up after several tries.
    package var dead = 0

    package var total: Int { open + completed + partial + failed + skipped + dead }
}

/// One page of a run as it came out.
package struct VisitRow: Sendable {
    package var number: Int64
    package var id: Identifier
    package var position: Int
    package var url: String
    /// Links from a start of its crawl.
    package var depth: Int
    package var kind: VisitKind
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

/// What is at an address.
package enum VisitKind: Int64, Sendable {
    case page = 0
    /// A sitemap, or all sitemaps of an origin: what it lists is to be visited.
    case sitemap = 1
    /// Nothing: what the site says to that is to be known.
    case probe = 2
}

/// Something to be visited: where, and whose clock it waits for.
package struct NewVisit: Sendable {
    package var url: String
    /// Registrable domain or address; the unit of politeness.
    package var host: String
    /// Of the host, where it is new.
    package var terms: HostTerms
    package var kind = VisitKind.page
    /// A run visits a key once; nil: no matter what else it visits.
    package var key: String?
    /// Links from a start.
    package var depth = 0
    /// When the page last changed, as a sitemap says.
    package var modified: String?

    package init(url: String, host: String, terms: HostTerms) {
        self.url = url
        self.host = host
        self.terms = terms
    }
}

/// A run to be submitted.
package struct NewRun: Sendable {
    /// "extract", "browse", "crawl".
    package var kind: String
    /// Runs of the same thing have the same.
    package var series: String?
    /// What was asked, as JSON text.
    package var spec: String
    package var lane = Lane.batch
    /// −5 to 5: one more is twice the share.
    package var priority = 0
    package var budget = RunBudget()
    /// Of the submitter: a second run with the same key is not made.
    package var key: String?
    /// The key of the API that submits it.
    package var submitter: String?
    package var tenant: Int64 = 1
    /// The process that does it itself.
    package var owner: Identifier?

    package init(kind: String, spec: String) {
        self.kind = kind
        self.spec = spec
    }
}

/// A run that stands in the store.
package struct SubmittedRun: Sendable {
    package var number: Int64
    package var id: Identifier
    /// False where a run with the same key was there before; nothing was written.
    package var isNew: Bool
}

extension Store {
    /// Priority 0's weight; each step doubles it.
    static func weight(_ priority: Int) -> Int64 { 1 << Int64(min(max(priority, -5), 5) + 5) }

    /// Writes a run with all its visits, ready to be claimed, in one transaction.
    /// - Throws: `conflict` where the key belongs to a run that asks for something else.
    package func submit(_ run: NewRun, visits: [NewVisit]) async throws -> SubmittedRun {
        let dialect = database.dialect
        let submitted = try await database.write { try Store.insert(run, visits, $0, dialect) }
        if run.lane != .own { try await tell("work") }
        return submitted
    }

    static func insert(
        _ run: NewRun, _ visits: [NewVisit], schedule: Int64? = nil, _ transaction: any Transaction, _ dialect: Dialect
    ) throws -> SubmittedRun {
        let id = Identifier(.run)
        let now = try transaction.now(dialect)
        let row = try transaction.row(
            """
            INSERT INTO runs(uid, tenant_id, kind, series, spec, owner, lane, priority, weight, key, budget, deadline_at, schedule_id, submitter,
              created_at)
            VALUES (:uid, :tenant, :kind, :series, :spec, :owner, :lane, :priority, :weight, :key, :budget, :deadline, :schedule, :submitter, :now)
            ON CONFLICT DO NOTHING RETURNING id
            """,
            [
                "uid": .text(id.description), "tenant": .integer(run.tenant), "kind": .text(run.kind), "series": SQLValue(run.series),
                "spec": .text(run.spec), "owner": SQLValue(run.owner?.description), "lane": .integer(run.lane.rawValue),
                "priority": SQLValue(run.priority), "weight": .integer(Store.weight(run.priority)), "key": SQLValue(run.key),
                "budget": SQLValue(run.budget.stored), "schedule": SQLValue(schedule), "submitter": SQLValue(run.submitter),
                "deadline": SQLValue(run.budget.wallSeconds.map { now + Int64(min($0, 1e9) * 1_000_000) }), "now": .integer(now),
            ])
        guard let number = row?.integer("id") else { return try Store.known(run, transaction) }
        try transaction.run(
            "INSERT INTO progress(run_id, tenant_id) VALUES (:run, :tenant)", ["run": .integer(number), "tenant": .integer(run.tenant)])
        try Store.note([NewEvent(run: number, kind: .submitted, body: #"{"pages":\#(visits.count)}"#)], transaction, now: now)
        try Store.enqueue(visits, run: number, tenant: run.tenant, from: 0, transaction, dialect)
        if visits.isEmpty { try Store.endIfDone(number, transaction, dialect, now: now) }
        return SubmittedRun(number: number, id: id, isNew: true)
    }

    private static func known(_ run: NewRun, _ transaction: any Transaction) throws -> SubmittedRun {
        guard let key = run.key,
            let row = try transaction.row(
                "SELECT id, uid, kind, spec FROM runs WHERE tenant_id = :tenant AND key = :key", ["tenant": .integer(run.tenant), "key": .text(key)]),
            let number = row.integer("id"), let uid = row.text("uid")
        else { throw StoreError(.failed, "the run was not written") }
        guard row.text("kind") == run.kind, row.text("spec") == run.spec else {
            throw StoreError(.conflict, "the key \(key) belongs to \(uid), which asks for something else; nothing was submitted")
        }
        return SubmittedRun(number: number, id: Identifier(stored: uid), isNew: false)
    }

    /// Adds visits to a run and queues them; keys that it has already are passed over. Runs that share a host take turns there, by their weights.
    ///
    /// - Parameters:
    ///   - position: of the first of them in the run.
    ///   - via: the visit that led to them.
    static func enqueue(
        _ visits: [NewVisit], run: Int64, tenant: Int64, from position: Int, via: Int64? = nil, _ transaction: any Transaction,
        _ dialect: Dialect
    ) throws {
        for start in stride(from: 0, to: visits.count, by: 1000) {
            let chunk = visits[start..<min(start + 1000, visits.count)]
            let first = position + start
            let hosts = Dictionary(chunk.map { ($0.host, $0) }, uniquingKeysWith: { first, _ in first }).values.sorted { $0.host < $1.host }
            try know(hosts.map { ($0.host, $0.terms) }, transaction, dialect)
            let visitTable = dialect.table(
                ":visits",
                [
                    ("uid", .text), ("host", .text), ("url", .text), ("kind", .integer), ("key", .text), ("depth", .integer), ("modified", .text),
                ])
            try transaction.run(
                """
                INSERT INTO visits(uid, tenant_id, run_id, host_id, position, url, kind, key, depth, modified, via)
                SELECT g.uid, :tenant, :run, h.id, :first + row_number() OVER (ORDER BY g.pos) - 1, g.url, g.kind, g.key, g.depth, g.modified, :via
                FROM (\(visitTable)) g JOIN hosts h ON h.name = g.host
                WHERE g.key IS NULL OR NOT EXISTS (SELECT 1 FROM visits x WHERE x.run_id = :run AND x.key = g.key)
                  AND NOT EXISTS (SELECT 1 FROM aliases a WHERE a.run_id = :run AND a.key = g.key)
                ORDER BY g.pos
                ON CONFLICT DO NOTHING
                """,
                [
                    "tenant": .integer(tenant), "run": .integer(run), "first": SQLValue(first), "via": SQLValue(via),
                    "visits": tableText(
                        chunk.map { visit in
                            [
                                .text(Identifier(.vis).description), .text(visit.host), .text(visit.url), .integer(visit.kind.rawValue),
                                SQLValue(visit.key), SQLValue(visit.depth), SQLValue(visit.modified),
                            ]
                        }),
                ])
            try queue(
                "v.run_id = :run AND v.position >= :first AND v.position < :last", ["first": SQLValue(first), "last": SQLValue(first + chunk.count)],
                run: run, transaction, dialect)
        }
    }

    /// Puts visits of a run into the queue, ready, after those of it that stand there, and has their hosts looked at.
    static func queue(
        _ condition: String, _ parameters: [String: SQLValue], run: Int64, _ transaction: any Transaction, _ dialect: Dialect
    ) throws {
        let rows = try transaction.rows(
            """
            WITH fresh AS MATERIALIZED (SELECT v.id, v.tenant_id, v.host_id, v.position, v.fence FROM visits v WHERE \(condition)),
            base AS MATERIALIZED (
              SELECT x.host_id, r.lane + CASE WHEN r.state = 1 THEN \(Lane.paused) ELSE 0 END AS lane, 32000000 / r.weight AS step,
                \(dialect.greatest)(
                  coalesce((SELECT q.turn FROM queue q WHERE q.run_id = r.id AND q.host_id = x.host_id ORDER BY q.turn DESC LIMIT 1), 0),
                  coalesce((SELECT q.turn FROM queue q WHERE q.host_id = x.host_id AND q.lane = r.lane AND q.state = 0
                            ORDER BY q.turn LIMIT 1), 0)) AS turn
              FROM (SELECT DISTINCT host_id FROM fresh) x JOIN runs r ON r.id = :run)
            INSERT INTO queue(visit_id, tenant_id, run_id, host_id, lane, turn, fence)
            SELECT f.id, f.tenant_id, :run, f.host_id, b.lane,
              b.turn + :run % 1000 + b.step * row_number() OVER (PARTITION BY f.host_id ORDER BY f.position), f.fence
            FROM fresh f JOIN base b ON b.host_id = f.host_id WHERE true
            ON CONFLICT DO NOTHING RETURNING host_id
            """, parameters.merging(["run": .integer(run)]) { first, _ in first })
        try unpark(Set(rows.compactMap { $0.integer("host_id") }), run: run, transaction, dialect)
    }

    /// Newest first.
    /// - Parameters:
    ///   - before: those older than that one.
    ///   - submitter: only what that key submitted.
    package func runs(limit: Int, before: Int64? = nil, submitter: String? = nil) async throws -> [RunRow] {
        let condition = (before == nil ? "TRUE" : "id < :before") + (submitter == nil ? "" : " AND submitter = :submitter")
        var parameters: [String: SQLValue] = ["limit": SQLValue(limit)]
        if let before { parameters["before"] = .integer(before) }
        if let submitter { parameters["submitter"] = .text(submitter) }
        return try await database.read { [parameters] transaction in
            try transaction.rows("SELECT * FROM runs WHERE \(condition) ORDER BY id DESC LIMIT :limit", parameters).map {
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

    /// The run of that row number.
    package func run(number: Int64) async throws -> RunRow {
        try await database.read { transaction in
            guard let row = try transaction.row("SELECT * FROM runs WHERE id = :run", ["run": .integer(number)]) else {
                throw StoreError(.notFound, "the run number \(number) is not there")
            }
            return try run(row, transaction)
        }
    }

    func run(_ row: SQLRow, _ transaction: any Transaction) throws -> RunRow {
        let number = row.integer("id") ?? 0
        let state = State(rawValue: row.integer("state") ?? 0) ?? .open
        var isInterrupted = false
        let lane = Lane(rawValue: row.integer("lane") ?? 1) ?? .batch
        if state == .open, lane == .own, let owner = row.text("owner") {
            isInterrupted = try isDead(owner, transaction)
        }
        return RunRow(
            number: number, id: Identifier(stored: row.text("uid") ?? ""), kind: row.text("kind") ?? "",
            series: row.text("series"), spec: row.text("spec") ?? "",
            state: state, reason: row.text("reason"), isInterrupted: isInterrupted, lane: lane, priority: Int(row.integer("priority") ?? 0),
            budget: row.text("budget").flatMap(RunBudget.init(stored:)) ?? RunBudget(), key: row.text("key"),
            submitter: row.text("submitter"),
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
            case .dead: counts.dead = n
            case .paused, nil: break
            }
        }
        return counts
    }

    package func counts(of run: Int64) async throws -> RunCounts { try await database.read { try Store.counts(of: run, $0) } }

    /// Visits of a run in the order they were given: all, or at most `limit` from a position on.
    package func visits(of run: Int64, from position: Int = 0, limit: Int = .max) async throws -> [VisitRow] {
        try await database.read { transaction in
            try transaction.rows(
                "SELECT * FROM visits WHERE run_id = :run AND position >= :position ORDER BY position LIMIT :limit",
                ["run": .integer(run), "position": SQLValue(position), "limit": SQLValue(limit)]
            ).map { row in
                VisitRow(
                    number: row.integer("id") ?? 0, id: Identifier(stored: row.text("uid") ?? ""), position: Int(row.integer("position") ?? 0),
                    url: row.text("url") ?? "", depth: Int(row.integer("depth") ?? 0), kind: VisitKind(rawValue: row.integer("kind") ?? 0) ?? .page,
                    finalURL: row.text("final_url"), state: State(rawValue: row.integer("state") ?? 0) ?? .open,
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
}

extension Date {
    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}
