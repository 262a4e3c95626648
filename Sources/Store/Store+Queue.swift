// The queue: who may visit what, when.
//
// Each host has one row in `heads`: its clock (`next_at`) and the visit that goes next. A claim never looks at a visit whose host may not be
// asked yet, so that its cost doesn't grow with what waits:
//   due    leases that ran out and waits that are over become ready again, and their hosts are woken when their clock allows;
//   wake   hosts asleep whose clock has come get their next visit chosen and become awake (phase 2), unless they hold as many leases
//          as their cap allows: then they look again half a second later;
//   take   awake hosts in rank order give their visit away; the clock moves on in the same statement, before anyone is asked;
//   lease  the visits get a new fence number and an end of lease.
// A fence is what a worker shows when it finishes: a visit that was claimed anew has a higher one, so that the work of a worker that was
// thought dead changes nothing.

/// A visit lent to a worker until `until`.
package struct Lease: Sendable, Hashable {
    package var visit: Int64
    package var visitID: Identifier
    package var run: Int64
    package var host: Int64
    package var hostName: String
    package var position: Int
    package var url: String
    package var fence: Int64
    /// 1 for the first time.
    package var attempt: Int
}

/// What a claim found: visits to do now, or how long to wait.
package struct Claim: Sendable {
    package var leases: [Lease]
    /// Microseconds until something of the run may be ready; nil when nothing is ready or waiting (leased elsewhere, or all done).
    package var wait: Int64?
}

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
    /// How long ago (microseconds) the host was last asked for a document by this visit; the host's clock counts from there.
    package var askedAgo: Int64?
    /// New delay of the host in microseconds, where the visit learned one (crawl-delay).
    package var delay: Int64?
    /// The host asked to be left alone for so long (Retry-After).
    package var restFor: Int64?

    package init(
        state: FinalState, finalURL: String? = nil, reason: String? = nil, code: String? = nil, page: String = "{}", records: [Record] = [],
        snapshot: StoredSnapshot? = nil, askedAgo: Int64? = nil, delay: Int64? = nil, restFor: Int64? = nil
    ) {
        self.state = state
        self.finalURL = finalURL
        self.reason = reason
        self.code = code
        self.page = page
        self.records = records
        self.snapshot = snapshot
        self.askedAgo = askedAgo
        self.delay = delay
        self.restFor = restFor
    }
}

extension Store {
    /// Lends up to `limit` visits of a run whose hosts may be asked now, and moves those hosts' clocks on, in one transaction.
    /// - Parameters:
    ///   - leaseTime: microseconds until a lease ends unless it is renewed.
    ///   - spacing: from a host's delay to the time until it may be asked again, both in microseconds; drawn anew for each claim.
    package func claim(
        run: Int64, limit: Int, worker: Identifier, leaseTime: Int64, spacing: @Sendable @escaping (Int64) -> Int64
    ) async throws -> Claim {
        let dialect = database.dialect
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            try Store.recall(transaction, dialect, now: now)
            guard limit > 0 else { return Claim(leases: [], wait: nil) }
            try Store.wake(transaction, dialect, run: run, limit: limit, now: now)
            let taken = try transaction.rows(
                """
                UPDATE heads SET phase = 1, rank = 0 WHERE host_id IN (
                  SELECT host_id FROM heads WHERE phase = 2 AND run_id = :run AND next_at <= :now ORDER BY rank LIMIT :limit
                  \(dialect.skipLocked))
                RETURNING host_id, visit_id, delay, next_at
                """, ["run": .integer(run), "now": .integer(now), "limit": SQLValue(limit)])
            for row in taken {
                guard let host = row.integer("host_id") else { continue }
                let delay = row.integer("delay") ?? 0
                try transaction.run(
                    "UPDATE heads SET next_at = \(dialect.greatest)(next_at, :now) + :delay WHERE host_id = :host",
                    ["now": .integer(now), "delay": .integer(spacing(delay)), "host": .integer(host)])
            }
            let leases = try transaction.rows(
                """
                UPDATE queue SET state = 1, fence = fence + 1, attempt = attempt + 1, at = :until, worker = :worker
                WHERE visit_id IN (\(dialect.list(":ids"))) AND state + 0 = 0
                RETURNING visit_id, fence, attempt, run_id, host_id
                """,
                [
                    "until": .integer(now + leaseTime), "worker": .text(worker.description),
                    "ids": listText(taken.compactMap { $0.integer("visit_id") }),
                ])
            if leases.isEmpty { return Claim(leases: [], wait: try Store.wait(transaction, run: run, now: now)) }
            return Claim(leases: try leases.compactMap { try Store.lease($0, transaction) }, wait: nil)
        }
    }

    /// Leases that ran out and waits that are over: their visits are ready again.
    private static func recall(_ transaction: any Transaction, _ dialect: Dialect, now: Int64) throws {
        let due = try transaction.rows(
            """
            UPDATE queue SET state = 0, at = NULL, worker = NULL
            WHERE visit_id IN (SELECT visit_id FROM queue WHERE at IS NOT NULL AND at <= :now ORDER BY at LIMIT 1000
              \(dialect.skipLocked)) RETURNING host_id
            """, ["now": .integer(now)])
        guard !due.isEmpty else { return }
        try unpark(Set(due.compactMap { $0.integer("host_id") }), transaction, dialect)
    }

    /// Hosts that had nothing ready have something now.
    static func unpark(_ hosts: some Collection<Int64>, _ transaction: any Transaction, _ dialect: Dialect) throws {
        try lockHeads(hosts, transaction, dialect)
        try transaction.run(
            "UPDATE heads SET phase = 1 WHERE phase + 0 = 0 AND host_id IN (\(dialect.list(":hosts")))", ["hosts": listText(hosts)])
    }

    /// Keeps others from judging, until this transaction ends, whether these hosts have something ready. Without it a visit that is written
    /// while another transaction parks its host would not be seen by that one, nor the parking by this one: nobody would wake the host.
    private static func lockHeads(_ hosts: some Collection<Int64>, _ transaction: any Transaction, _ dialect: Dialect) throws {
        guard !dialect.locked.isEmpty else { return }
        _ = try transaction.rows(
            "SELECT host_id FROM heads WHERE host_id IN (\(dialect.list(":hosts"))) ORDER BY host_id \(dialect.locked)",
            ["hosts": listText(hosts)])
    }

    private static func wake(_ transaction: any Transaction, _ dialect: Dialect, run: Int64, limit: Int, now: Int64) throws {
        try transaction.run(
            """
            WITH due AS MATERIALIZED (
              SELECT h.host_id, h.cap FROM heads h WHERE h.phase = 1 AND h.next_at <= :now
                AND EXISTS (SELECT 1 FROM queue x WHERE x.host_id = h.host_id AND x.run_id = :run AND x.state = 0)
              ORDER BY h.next_at LIMIT :limit \(dialect.skipLocked)),
            best AS MATERIALIZED (
              SELECT d.host_id, (SELECT q.visit_id FROM queue q WHERE q.host_id = d.host_id AND q.run_id = :run AND q.state = 0
                                 ORDER BY q.lane, q.turn LIMIT 1) AS visit_id,
                     (SELECT count(*) FROM queue l WHERE l.host_id = d.host_id AND l.state = 1) >= d.cap AS busy
              FROM due d)
            UPDATE heads SET phase = CASE WHEN b.busy THEN 1 ELSE 2 END, next_at = CASE WHEN b.busy THEN :now + 500000 ELSE next_at END,
              visit_id = b.visit_id, run_id = :run, lane = 1, rank = (SELECT q.turn FROM queue q WHERE q.visit_id = b.visit_id)
            FROM best b WHERE heads.host_id = b.host_id
            """, ["now": .integer(now), "run": .integer(run), "limit": SQLValue(limit)])
    }

    /// Microseconds until a host of the run may be asked or a wait of it ends.
    private static func wait(_ transaction: any Transaction, run: Int64, now: Int64) throws -> Int64? {
        let next = try transaction.row(
            """
            SELECT min(at) AS at FROM (
              SELECT h.next_at AS at FROM heads h
              WHERE h.host_id IN (SELECT DISTINCT host_id FROM queue WHERE run_id = :run AND state = 0)
              UNION ALL SELECT at FROM queue WHERE run_id = :run AND state = 2) AS moments
            """, ["run": .integer(run)])?.integer("at")
        return next.map { max(1_000, $0 - now) }
    }

    private static func lease(_ row: SQLRow, _ transaction: any Transaction) throws -> Lease? {
        guard let visit = row.integer("visit_id"), let fence = row.integer("fence"), let run = row.integer("run_id"),
            let host = row.integer("host_id"),
            let details = try transaction.row(
                """
                SELECT v.uid, v.url, v.position, h.name FROM visits v JOIN hosts h ON h.id = v.host_id WHERE v.id = :visit
                """, ["visit": .integer(visit)])
        else { return nil }
        return Lease(
            visit: visit, visitID: Identifier(stored: details.text("uid") ?? ""), run: run, host: host, hostName: details.text("name") ?? "",
            position: Int(details.integer("position") ?? 0), url: details.text("url") ?? "", fence: fence,
            attempt: Int(row.integer("attempt") ?? 1))
    }

    /// Renews leases; those that were lost are left out of the answer, and their work should stop.
    package func renew(_ leases: [Lease], leaseTime: Int64) async throws -> Set<Int64> {
        let dialect = database.dialect
        return try await database.write { transaction in
            let until = try transaction.now(dialect) + leaseTime
            return try Set(
                leases.filter {
                    try transaction.run(
                        "UPDATE queue SET at = :until WHERE visit_id = :visit AND fence = :fence AND state + 0 = 1",
                        ["until": .integer(until), "visit": .integer($0.visit), "fence": .integer($0.fence)]) == 1
                }.map(\.visit))
        }
    }

    /// Writes a visit's result and makes it final, in one transaction, if the lease still stands. The run becomes final with its last visit.
    /// - Throws: `staleLease`; nothing was written.
    package func finish(_ lease: Lease, with outcome: VisitOutcome) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            try Store.surrender(lease, transaction)
            try transaction.run(
                """
                UPDATE visits SET state = :state, attempts = :attempts, final_url = :final, reason = :reason, code = :code,
                  snapshot = :snapshot, page = :page, finished_at = :now WHERE id = :visit
                """,
                [
                    "state": .integer(outcome.state.rawValue), "attempts": SQLValue(lease.attempt), "final": SQLValue(outcome.finalURL),
                    "reason": SQLValue(outcome.reason), "code": SQLValue(outcome.code), "snapshot": SQLValue(outcome.snapshot?.hash),
                    "page": .text(outcome.page), "now": .integer(now), "visit": .integer(lease.visit),
                ])
            if let snapshot = outcome.snapshot {
                try transaction.run(
                    """
                    INSERT INTO snapshots(hash, body, size, taken_at) VALUES (:hash, :body, :size, :now) ON CONFLICT(hash) DO NOTHING
                    """,
                    [
                        "hash": .text(snapshot.hash), "body": .blob(snapshot.body), "size": SQLValue(snapshot.size), "now": .integer(now),
                    ])
            }
            try transaction.run(
                """
                INSERT INTO records(visit_id, position, run_id, body, evidence) VALUES (:visit, :position, :run, :body, :evidence)
                """,
                each: outcome.records.enumerated().map { position, record in
                    [
                        "visit": .integer(lease.visit), "position": SQLValue(position), "run": .integer(lease.run),
                        "body": .text(record.body), "evidence": .text(record.evidence),
                    ]
                })
            try Store.advanceClock(of: lease.host, outcome, transaction, dialect, now: now)
            try Store.endIfDone(lease.run, transaction, now: now)
        }
    }

    /// Gives a visit back: to be tried again after a while, or at once by anyone (`after` 0).
    package func giveBack(_ lease: Lease, after: Int64, outcome: VisitOutcome? = nil) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            let changed = try transaction.run(
                """
                UPDATE queue SET state = :state, at = :at, worker = NULL
                WHERE visit_id = :visit AND fence = :fence AND state + 0 = 1
                """,
                [
                    "state": after > 0 ? 2 : 0, "at": after > 0 ? .integer(now + after) : .null, "visit": .integer(lease.visit),
                    "fence": .integer(lease.fence),
                ])
            guard changed == 1 else { throw Store.stale(lease) }
            if let outcome { try Store.advanceClock(of: lease.host, outcome, transaction, dialect, now: now) }
            try Store.unpark([lease.host], transaction, dialect)
        }
    }

    private static func surrender(_ lease: Lease, _ transaction: any Transaction) throws {
        let deleted = try transaction.run(
            "DELETE FROM queue WHERE visit_id = :visit AND fence = :fence AND state + 0 = 1",
            ["visit": .integer(lease.visit), "fence": .integer(lease.fence)])
        guard deleted == 1 else { throw stale(lease) }
    }

    private static func stale(_ lease: Lease) -> StoreError {
        StoreError(.staleLease, "the lease of \(lease.visitID) (\(lease.url)) was lost; its result was dropped")
    }

    private static func advanceClock(
        of host: Int64, _ outcome: VisitOutcome, _ transaction: any Transaction, _ dialect: Dialect, now: Int64
    ) throws {
        try lockHeads([host], transaction, dialect)
        if let delay = outcome.delay {
            try transaction.run(
                "UPDATE heads SET delay = :delay WHERE host_id = :host AND delay < :delay",
                ["delay": .integer(delay), "host": .integer(host)])
        }
        if let ago = outcome.askedAgo {
            try transaction.run(
                "UPDATE heads SET next_at = \(dialect.greatest)(next_at, :asked + delay) WHERE host_id = :host",
                ["asked": .integer(now - ago), "host": .integer(host)])
        }
        if let rest = outcome.restFor {
            try transaction.run(
                "UPDATE heads SET next_at = \(dialect.greatest)(next_at, :until) WHERE host_id = :host",
                ["until": .integer(now + rest), "host": .integer(host)])
        }
        // The cap may have kept the host asleep for longer than its clock says.
        try transaction.run(
            """
            UPDATE heads SET phase = CASE WHEN EXISTS (SELECT 1 FROM queue WHERE host_id = :host AND state = 0) THEN 1 ELSE 0 END
            WHERE host_id = :host AND phase + 0 < 2
            """, ["host": .integer(host)])
    }

    /// A run ends by proof: no visit of it is ready, leased or waiting.
    private static func endIfDone(_ run: Int64, _ transaction: any Transaction, now: Int64) throws {
        guard try transaction.row("SELECT 1 AS one FROM queue WHERE run_id = :run LIMIT 1", ["run": .integer(run)]) == nil else { return }
        let counts = try counts(of: run, transaction)
        let state: FinalState =
            if counts.completed == counts.total { .completed } else if counts.completed + counts.partial == 0 { .failed } else { .partial }
        try transaction.run(
            "UPDATE runs SET state = :state, finished_at = :now WHERE id = :run AND state = 0",
            ["state": .integer(state.rawValue), "now": .integer(now), "run": .integer(run)])
    }
}
