// How a visit ends, and with it perhaps its run. States and moves:
//
//   ready ──claim──▶ leased ──finish──▶ completed | partial | failed | skipped
//     ▲                │ ├──finish──▶ dead         tried as often as makes sense; waits for somebody to look at it
//     │                │ └──postpone─▶ waiting     to be tried again at a stated time
//     │                ├──hand back──▶ ready       the worker stops; not counted as a try
//     └──recall────────┴── the lease ran out, or the wait is over
//   failed, dead, skipped ──requeue──▶ ready
//
// Ready, leased and waiting visits have a row in `queue` and count as open. A paused run's rows stand in lanes that nobody claims from. The
// run ends, in the transaction of its last visit, by the proof that no row of it is in the queue; by cancelling; or by its budget.

/// How a visit ended, with all that is written then.
package struct VisitOutcome: Sendable {
    package struct Record: Sendable {
        package var body: String
        package var evidence: String

        package init(body: String, evidence: String) {
            self.body = body
            self.evidence = evidence
        }
    }

    package struct StoredSnapshot: Sendable {
        package var hash: String
        package var body: [UInt8]
        package var size: Int

        package init(hash: String, body: [UInt8], size: Int) {
            self.hash = hash
            self.body = body
            self.size = size
        }
    }

    package var state: FinalState
    package var finalURL: String?
    package var reason: String?
    package var code: String?
    package var page: String
    package var records: [Record]
    package var snapshot: StoredSnapshot?
    /// Hash of a snapshot that is in the store already.
    package var keptSnapshot: String?
    /// What the visit learned of its host: its terms as they stood, changed. Called in the transaction, with the time.
    package var learn: (@Sendable (HostTerms, _ now: Int64) -> HostTerms)?
    /// What it cost; counts toward the run's budget whether it ended or will be tried again.
    package var bytes: Int64 = 0
    package var browserMilliseconds: Int64 = 0
    package var tokens: Int64 = 0
    /// Where the page leads to, in the order in which it is to be visited; what its run has already is passed over.
    package var found: [NewVisit] = []
    /// Pages that the run may have in all; of `found` no more are added.
    package var pageLimit: Int?
    /// Hashes of the page's visible text: the same, and alike.
    package var content: (exact: Int64, print: Int64)?

    package init(
        state: FinalState, finalURL: String? = nil, reason: String? = nil, code: String? = nil, page: String = "{}", records: [Record] = [],
        snapshot: StoredSnapshot? = nil
    ) {
        self.state = state
        self.finalURL = finalURL
        self.reason = reason
        self.code = code
        self.page = page
        self.records = records
        self.snapshot = snapshot
    }
}

extension Store {
    /// Writes a visit's result and makes it final, in one transaction, if the lease still stands. The run becomes final with its last visit.
    /// - Throws: `staleLease`; nothing was written.
    package func finish(_ lease: Lease, with outcome: VisitOutcome) async throws {
        guard try await finish([(lease, outcome)]).contains(lease.visit) else { throw Store.stale(lease) }
    }

    /// Writes the results of several visits in one transaction.
    /// - Returns: the visits whose leases still stood; of the others nothing was written.
    @discardableResult
    package func finish(_ results: [(lease: Lease, outcome: VisitOutcome)]) async throws -> Set<Int64> {
        let dialect = database.dialect
        let (ended, found) = try await database.write { transaction -> (Set<Int64>, Bool) in
            let now = try transaction.now(dialect)
            let held = try Store.held(results.map(\.lease), transaction, dialect)
            let results = results.filter { held[$0.lease.visit] != nil }
            guard !results.isEmpty else { return ([], false) }
            try transaction.run(
                "DELETE FROM queue WHERE visit_id IN (\(dialect.list(":ids")))", ["ids": listText(held.keys)])
            try Store.write(results, transaction, now: now)
            try Store.lockHosts(of: results, transaction, dialect)
            try Store.advanceClocks(results, transaction, dialect, now: now)
            try Store.note(
                results.map { lease, outcome in
                    NewEvent(
                        run: lease.run, kind: .visit, visit: lease.visit,
                        body: #"{"state":"\#(outcome.state.name)","records":\#(outcome.records.count)}"#, usage: Usage(outcome))
                }, transaction, now: now)
            let found = try Store.addFound(results, transaction, dialect)
            for run in Set(results.map(\.lease.run)).sorted() { try Store.endIfDone(run, transaction, dialect, now: now) }
            return (Set(held.keys), found)
        }
        if found { try await tell("work") }
        return ended
    }

    /// Hosts that pages lead to get their rows, and are held together with those that were visited, always in the same order: two pages of a
    /// run that lead to each other's hosts must not wait for each other.
    private static func lockHosts(
        of results: [(lease: Lease, outcome: VisitOutcome)], _ transaction: any Transaction, _ dialect: Dialect
    ) throws {
        let found = Dictionary(results.flatMap(\.outcome.found).map { ($0.host, $0.terms) }, uniquingKeysWith: { first, _ in first })
        guard !found.isEmpty else { return }
        let hosts = found.sorted { $0.key < $1.key }.map { (name: $0.key, terms: $0.value) }
        try know(hosts, transaction, dialect)
        guard !dialect.locked.isEmpty else { return }
        let table = dialect.table(":hosts", [("host", .text)])
        let rows = try transaction.rows(
            "SELECT h.id FROM (\(table)) g JOIN hosts h ON h.name = g.host", ["hosts": tableText(hosts.map { [.text($0.name)] })])
        try lockHeads(Set(rows.compactMap { $0.integer("id") }).union(results.map(\.lease.host)), transaction, dialect)
    }

    /// To be called after `note`, which holds the run's row: two pages don't give the same position away.
    /// - Returns: whether there was anything.
    private static func addFound(
        _ results: [(lease: Lease, outcome: VisitOutcome)], _ transaction: any Transaction, _ dialect: Dialect
    ) throws -> Bool {
        var isSome = false
        for (lease, outcome) in results where !outcome.found.isEmpty {
            guard let run = try transaction.row("SELECT tenant_id FROM runs WHERE id = :run AND state < 2", ["run": .integer(lease.run)]) else { continue }
            let last = try transaction.row("SELECT max(position) AS last FROM visits WHERE run_id = :run", ["run": .integer(lease.run)])
            let next = Int(last?.integer("last") ?? -1) + 1
            var found = outcome.found
            if let limit = outcome.pageLimit {
                let others = try transaction.row("SELECT count(*) AS n FROM visits WHERE run_id = :run AND kind > 0", ["run": .integer(lease.run)])
                var left = limit - next + Int(others?.integer("n") ?? 0)
                found = found.filter { visit in
                    guard visit.kind == .page else { return true }
                    left -= 1
                    return left >= 0
                }
            }
            try enqueue(
                found, run: lease.run, tenant: run.integer("tenant_id") ?? 1, from: next, via: lease.visit, transaction, dialect)
            isSome = true
        }
        return isSome
    }

    /// Puts a visit off: it is ready again after so many microseconds.
    ///
    /// - Parameter outcome: what this try came to; kept in the visit's history, and moves the host's clock.
    /// - Throws: `staleLease`; nothing was written.
    package func postpone(_ lease: Lease, by pause: Int64, outcome: VisitOutcome? = nil) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            guard let row = try Store.held([lease], transaction, dialect)[lease.visit] else { throw Store.stale(lease) }
            try transaction.run(
                "UPDATE queue SET state = :state, at = :at, worker = NULL, leased_at = NULL WHERE visit_id = :visit",
                ["state": pause > 0 ? 2 : 0, "at": pause > 0 ? .integer(now + pause) : .null, "visit": .integer(lease.visit)])
            try Store.keepAttempt(row, code: outcome?.code, reason: outcome?.reason, transaction, now: now)
            try Store.advanceClocks([(lease, outcome ?? VisitOutcome(state: .failed))], transaction, dialect, now: now)
            var usage = outcome.map(Usage.init) ?? Usage()
            (usage.pages, usage.errors) = (0, 0)
            try Store.note([NewEvent(run: lease.run, kind: .retry, visit: lease.visit, usage: usage)], transaction, now: now)
            try Store.unpark([lease.host], run: lease.run, transaction, dialect)
            try Store.endIfDone(lease.run, transaction, dialect, now: now)
        }
    }

    /// Gives leases back untouched because the worker stops: not counted as a try. Those that were lost meanwhile are passed over.
    package func handBack(_ leases: [Lease]) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let held = try Store.held(leases, transaction, dialect)
            try transaction.run(
                """
                UPDATE queue SET state = 0, at = NULL, worker = NULL, leased_at = NULL, attempt = attempt - 1
                WHERE visit_id IN (\(dialect.list(":ids")))
                """, ["ids": listText(held.keys)])
            let hosts = Set(held.values.compactMap { $0.integer("host_id") })
            try Store.restHosts(hosts, transaction, dialect, now: transaction.now(dialect))
            try Store.unpark(hosts, transaction, dialect)
        }
        try await tell("work")
    }

    static func stale(_ lease: Lease) -> StoreError {
        StoreError(.staleLease, "the lease of \(lease.visitID) (\(lease.url)) was lost; its result was dropped")
    }

    private static func write(_ results: [(lease: Lease, outcome: VisitOutcome)], _ transaction: any Transaction, now: Int64) throws {
        try transaction.run(
            """
            UPDATE visits SET state = :state, attempts = :attempts, fence = :fence, final_url = :final, reason = :reason, code = :code,
              snapshot = :snapshot, page = :page, content = :content, print = :print, finished_at = :now WHERE id = :visit
            """,
            each: results.map { lease, outcome in
                [
                    "state": .integer(outcome.state.rawValue), "attempts": SQLValue(lease.attempt), "fence": .integer(lease.fence),
                    "final": SQLValue(outcome.finalURL), "reason": SQLValue(outcome.reason), "code": SQLValue(outcome.code),
                    "snapshot": SQLValue(outcome.snapshot?.hash ?? outcome.keptSnapshot), "page": .text(outcome.page),
                    "content": SQLValue(outcome.content?.exact), "print": SQLValue(outcome.content?.print), "now": .integer(now),
                    "visit": .integer(lease.visit),
                ]
            })
        // What it was led to was not read: others may try.
        try transaction.run(
            "DELETE FROM aliases WHERE visit_id = :visit AND run_id = :run",
            each: results.filter { [.failed, .dead].contains($0.outcome.state) || $0.outcome.finalURL == nil }.map { lease, _ in
                ["visit": .integer(lease.visit), "run": .integer(lease.run)]
            })
        try transaction.run(
            "INSERT INTO snapshots(hash, body, size, taken_at) VALUES (:hash, :body, :size, :now) ON CONFLICT(hash) DO NOTHING",
            each: results.compactMap(\.outcome.snapshot).sorted { $0.hash < $1.hash }.map {
                ["hash": .text($0.hash), "body": .blob($0.body), "size": SQLValue($0.size), "now": .integer(now)]
            })
        try transaction.run(
            "INSERT INTO records(visit_id, position, run_id, body, evidence) VALUES (:visit, :position, :run, :body, :evidence)",
            each: results.flatMap { lease, outcome in
                outcome.records.enumerated().map { position, record in
                    [
                        "visit": .integer(lease.visit), "position": SQLValue(position), "run": .integer(lease.run),
                        "body": .text(record.body), "evidence": .text(record.evidence),
                    ]
                }
            })
    }

    /// Moves hosts' clocks on by what visits learned, and lets hosts sleep or rest that may have waited for a lease to end.
    static func advanceClocks(
        _ results: [(lease: Lease, outcome: VisitOutcome)], _ transaction: any Transaction, _ dialect: Dialect, now: Int64
    ) throws {
        let hosts = Set(results.map(\.lease.host))
        try lockHeads(hosts, transaction, dialect)
        try makeRoom(hosts, transaction, dialect, now: now)
        guard results.contains(where: { $0.outcome.learn != nil }) else { return }
        var terms = try terms(of: hosts, transaction, dialect)
        for (lease, outcome) in results {
            guard let learn = outcome.learn, let known = terms[lease.host] else { continue }
            var learned = learn(known, now)
            // A clock only moves on.
            learned.nextAt = max(learned.nextAt, known.nextAt)
            terms[lease.host] = learned
        }
        try write(terms, transaction)
    }

    // MARK: Ends

    /// A visit that is given up: final, with its reason, until somebody puts it into the queue again.
    static func bury(
        _ visits: [Int64], code: String, reason: String, _ transaction: any Transaction, _ dialect: Dialect, now: Int64
    ) throws {
        let rows = try transaction.rows(
            """
            UPDATE visits SET state = :state, code = :code, reason = :reason, finished_at = :now,
              attempts = (SELECT q.attempt FROM queue q WHERE q.visit_id = visits.id),
              fence = (SELECT q.fence FROM queue q WHERE q.visit_id = visits.id)
            WHERE id IN (\(dialect.list(":ids"))) AND state = 0 RETURNING id, run_id
            """,
            [
                "state": .integer(FinalState.dead.rawValue), "code": .text(code), "reason": .text(reason), "now": .integer(now),
                "ids": listText(visits),
            ])
        try transaction.run("DELETE FROM queue WHERE visit_id IN (\(dialect.list(":ids")))", ["ids": listText(visits)])
        try note(
            rows.compactMap { row in
                row.integer("run_id").map {
                    NewEvent(
                        run: $0, kind: .visit, visit: row.integer("id"), body: #"{"state":"dead","records":0}"#, usage: Usage(pages: 1, errors: 1))
                }
            }, transaction, now: now)
        for run in Set(rows.compactMap { $0.integer("run_id") }).sorted() { try endIfDone(run, transaction, dialect, now: now) }
    }

    /// Ends a run by proof (no visit of it is ready, leased or waiting) or because its budget is used up. To be called after `note`, which
    /// holds the run's row: of two transactions that end its last two visits the later one then sees the work of the other.
    static func endIfDone(_ run: Int64, _ transaction: any Transaction, _ dialect: Dialect, now: Int64) throws {
        let isOpen =
            try transaction.row(
                "SELECT 1 AS one FROM queue WHERE run_id = :run ORDER BY run_id, host_id, turn LIMIT 1", ["run": .integer(run)]) != nil
        guard isOpen else { return try end(run, transaction, now: now) }
        guard let row = try transaction.row("SELECT budget FROM runs WHERE id = :run AND state < 2", ["run": .integer(run)]),
            let budget = row.text("budget").flatMap(RunBudget.init(stored:)), let used = try usage(of: run, transaction),
            let reason = budget.exceeded(by: used)
        else { return }
        try stop(run, state: nil, code: "budget", reason: reason, transaction, dialect, now: now)
    }

    /// Skips what is still open of a run and ends it. Live leases are void from now on.
    /// - Parameter state: nil for the state that its visits give it.
    static func stop(
        _ run: Int64, state: FinalState?, code: String, reason: String, _ transaction: any Transaction, _ dialect: Dialect, now: Int64
    ) throws {
        try transaction.run(
            """
            UPDATE visits SET state = 5, reason = :reason, code = :code, finished_at = :now,
              fence = \(dialect.greatest)(fence, coalesce((SELECT q.fence FROM queue q WHERE q.visit_id = visits.id), 0))
            WHERE run_id = :run AND state = 0
            """, ["run": .integer(run), "reason": .text(reason), "code": .text(code), "now": .integer(now)])
        let busy = try transaction.rows("SELECT DISTINCT host_id FROM queue WHERE run_id = :run AND state + 0 = 1", ["run": .integer(run)])
        try transaction.run("DELETE FROM queue WHERE run_id = :run", ["run": .integer(run)])
        try makeRoom(Set(busy.compactMap { $0.integer("host_id") }), transaction, dialect, now: now)
        try end(run, as: state, reason: reason, transaction, now: now)
    }

    private static func end(
        _ run: Int64, as state: FinalState? = nil, reason: String? = nil, _ transaction: any Transaction, now: Int64
    ) throws {
        let counts = try counts(of: run, transaction)
        // What a crawl may not visit, or finds twice, is no fault of it.
        let kind = try transaction.row("SELECT kind FROM runs WHERE id = :run", ["run": .integer(run)])?.text("kind")
        let good = counts.completed + (kind == "crawl" && counts.completed > 0 ? counts.skipped : 0)
        let own: FinalState =
            if good == counts.total { .completed } else if counts.completed + counts.partial == 0 { .failed } else { .partial }
        let ended = try transaction.run(
            "UPDATE runs SET state = :state, reason = :reason, finished_at = :now, deadline_at = NULL WHERE id = :run AND state < 2",
            [
                "state": .integer((state ?? own).rawValue), "reason": SQLValue(reason), "now": .integer(now), "run": .integer(run),
            ])
        guard ended > 0 else { return }
        try note([NewEvent(run: run, kind: .ended, body: #"{"state":"\#((state ?? own).name)"}"#)], transaction, now: now)
    }

    /// Ends the runs whose time is over. To be called now and then by whoever does runs.
    package func endOverdue() async throws {
        let dialect = database.dialect
        let sql = "SELECT id FROM runs WHERE deadline_at IS NOT NULL AND deadline_at <= :now AND state < 2"
        let overdue = try await database.read { try $0.rows(sql, ["now": .integer(try $0.now(dialect))]) }
        for run in overdue.compactMap({ $0.integer("id") }) {
            try await database.write { transaction in
                let now = try transaction.now(dialect)
                try Store.hold(run, transaction, dialect)
                guard let row = try transaction.row("SELECT budget FROM runs WHERE id = :run AND state < 2", ["run": .integer(run)]),
                    let budget = row.text("budget").flatMap(RunBudget.init(stored:))
                else { return }
                try Store.stop(run, state: nil, code: "budget", reason: budget.timeReason, transaction, dialect, now: now)
            }
        }
    }

    /// Keeps other transactions from ending or changing the run until this one ends.
    static func hold(_ run: Int64, _ transaction: any Transaction, _ dialect: Dialect) throws {
        guard !dialect.locked.isEmpty else { return }
        _ = try transaction.rows("SELECT run_id FROM progress WHERE run_id = :run \(dialect.locked)", ["run": .integer(run)])
    }
}
