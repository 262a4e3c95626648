// The queue: who may visit what, when.
//
// Each host has one row in `heads`: its clock (`next_at`) and the visit that goes next. A claim never looks at a visit whose host may not be
// asked yet, nor sorts what waits, so that its cost doesn't grow with the backlog:
//   recall  leases that ran out and waits that are over become ready again;
//   wake    hosts asleep whose clock has come get their next visit chosen, and a rank; they are awake then (phase 2), unless they hold as
//           many leases as their cap allows: those are full (rank −1) and are looked at when one of their leases ends. One process at a
//           time wakes;
//   take    awake hosts in the order of their rank give their visit away; the clock moves on in the same transaction, before anyone is asked;
//   lease   the visits get a new fence number and an end of lease.
//
// Fairness is in two numbers, given once and never changed, so that what waits long comes first by itself:
//   turn    of a visit among those of its host: runs that share a host take turns there, by their weights;
//   rank    of a host among those that are awake, by tenant and lane: self-clocked fair queueing between runs. `runs.tag` is where a run
//           stands in it; only the waker writes it. A weight of twice as much takes steps of half the size.
// Tenants take turns at each claim.
//
// A run that the submitting process does itself has a lane of its own that nobody wakes: its visits take their host's turn directly. A
// paused run's visits stand in lanes that nobody looks at.
//
// A fence is what a worker shows when it finishes: a visit that was claimed anew has a higher one, so that the work of a worker that was
// thought dead changes nothing.

/// Who does a run's visits, and how soon.
package enum Lane: Int64, Sendable, CaseIterable {
    /// Somebody waits for it: goes before batch work.
    case interactive = 0
    case batch = 1
    /// The process that submitted it does it itself.
    case own = 2

    /// What a paused run's visits have added to the number of their lane.
    static let paused: Int64 = 10
    /// Lanes below this one are for every farm.
    static let shared: Int64 = 2
}

/// A visit lent to a worker.
package struct Lease: Sendable, Hashable {
    package var visit: Int64
    package var visitID: Identifier
    package var run: Int64
    package var host: Int64
    package var hostName: String
    package var position: Int
    package var url: String
    package var kind: VisitKind
    /// Links from a start of its crawl.
    package var depth: Int
    /// When the page last changed, as a sitemap says.
    package var modified: String?
    package var lane: Lane
    package var fence: Int64
    /// 1 for the first time.
    package var attempt: Int
    /// Those of the attempts before that ended because a worker died.
    package var losses: Int
}

/// What a claim found: visits to do now, or how long to wait.
package struct Claim: Sendable {
    package var leases: [Lease]
    /// Microseconds until something may be ready; nil when nothing is ready or waiting (leased elsewhere, or all done).
    package var wait: Int64?
}

/// How many visits of a lane are wanted at most.
package struct LaneLimit: Sendable, Equatable {
    package var lane: Lane
    package var limit: Int

    package init(_ lane: Lane, _ limit: Int) {
        self.lane = lane
        self.limit = limit
    }
}

/// Who claims, and on which terms.
package struct Claimant: Sendable {
    package var worker: Identifier
    /// Microseconds until a lease ends unless it is renewed.
    package var leaseTime: Int64
    /// Where a host's clock goes when a visit of it is let go now; asked anew for each visit.
    package var next: @Sendable (HostTerms, _ now: Int64) -> Int64

    package init(worker: Identifier, leaseTime: Int64, next: @escaping @Sendable (HostTerms, _ now: Int64) -> Int64) {
        self.worker = worker
        self.leaseTime = leaseTime
        self.next = next
    }
}

extension Store {
    /// A visit over which so many workers died is not tried again: it may be what kills them.
    static let lossLimit: Int64 = 10
    /// Hosts woken at once, at most.
    package static let wakeLimit = 1000
    /// Where a host's next visit is looked for: among so many that are first in turn.
    private static let window = 4
    /// Tenants served in one claim, at most.
    private static let tenantLimit = 8

    /// Lends up to `limit` visits of a run in the lane `own` whose hosts may be asked now, and moves those hosts' clocks on, in one
    /// transaction.
    package func claim(run: Int64, limit: Int, by claimant: Claimant) async throws -> Claim {
        let dialect = database.dialect
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            try Store.recall(transaction, dialect, now: now)
            guard limit > 0 else { return Claim(leases: [], wait: nil) }
            let turns = try Store.turns(of: run, limit: limit, transaction, dialect, now: now)
            let leases = try Store.lease(turns, lanes: Lane.own.rawValue...Lane.own.rawValue, by: claimant, transaction, dialect, now: now)
            if leases.isEmpty { return Claim(leases: [], wait: try Store.wait(transaction, run: run, now: now)) }
            return Claim(leases: leases, wait: nil)
        }
    }

    /// Lends visits of any run of the farm, the first lane first.
    ///
    /// - Parameters:
    ///   - limit: of all lanes together.
    ///   - seed: which tenant comes first; to be counted up from claim to claim.
    ///   - waking: hosts woken at most. More than are taken, so that those of a run that has just come are among them.
    package func claim(
        _ lanes: [LaneLimit], limit: Int, seed: Int = 0, waking: Int = wakeLimit, by claimant: Claimant
    ) async throws -> Claim {
        let dialect = database.dialect
        let take: @Sendable (any Transaction, Int64) throws -> Claim = { transaction, now in
            var leases: [Lease] = []
            for lane in lanes {
                let wanted = min(lane.limit, limit - leases.count)
                guard wanted > 0 else { continue }
                leases += try Store.take(lane.lane, limit: wanted, seed: seed, by: claimant, transaction, dialect, now: now)
            }
            return Claim(leases: leases, wait: leases.isEmpty ? try Store.wait(transaction, now: now) : nil)
        }
        guard let lock = dialect.wakeLock else {
            return try await database.write { transaction in
                let now = try transaction.now(dialect)
                try Store.recall(transaction, dialect, now: now)
                try Store.wake(transaction, dialect, limit: waking, now: now)
                return try take(transaction, now)
            }
        }
        // A transaction of its own, so that the waker's lock is short and claimers don't wait for each other.
        let isWaker = try await database.write { transaction in
            guard try transaction.row(lock)?.integer("got") == 1 else { return false }
            let now = try transaction.now(dialect)
            try Store.recall(transaction, dialect, now: now)
            try Store.wake(transaction, dialect, limit: waking, now: now)
            return true
        }
        var claim = try await database.write { try take($0, try $0.now(dialect)) }
        // Somebody else is at it: what is woken now is there in a moment.
        if claim.leases.isEmpty, !isWaker { claim.wait = min(claim.wait ?? .max, 10_000) }
        return claim
    }

    // MARK: Ready again

    /// Leases that ran out and waits that are over: their visits are ready again. Whose workers died too often is given up.
    static func recall(_ transaction: any Transaction, _ dialect: Dialect, now: Int64) throws {
        let due = try transaction.rows(
            """
            SELECT visit_id, run_id, host_id, state, fence, attempt, losses, worker, leased_at FROM queue WHERE at IS NOT NULL AND at <= :now
            ORDER BY at LIMIT 1000 \(dialect.skipLocked)
            """, ["now": .integer(now)])
        guard !due.isEmpty else { return }
        let lost = due.filter { $0.integer("state") == 1 }
        let hopeless = lost.filter { $0.integer("losses") ?? 0 >= lossLimit - 1 }
        let again = Set(due.compactMap { $0.integer("visit_id") }).subtracting(hopeless.compactMap { $0.integer("visit_id") })
        try transaction.run(
            """
            UPDATE queue SET losses = losses + CASE WHEN state = 1 THEN 1 ELSE 0 END, state = 0, at = NULL, worker = NULL, leased_at = NULL
            WHERE visit_id IN (\(dialect.list(":ids")))
            """, ["ids": listText(again)])
        for row in lost {
            try keepAttempt(row, code: "lost", reason: "its worker died or was cut off", transaction, now: now)
        }
        try note(
            lost.compactMap { row in
                row.integer("run_id").map { NewEvent(run: $0, kind: .lost, visit: row.integer("visit_id")) }
            }, transaction, now: now)
        if !hopeless.isEmpty {
            try bury(
                hopeless.compactMap { $0.integer("visit_id") }, code: "lost", reason: "its worker died \(lossLimit) times", transaction,
                dialect, now: now)
        }
        try restHosts(Set(lost.compactMap { $0.integer("host_id") }), transaction, dialect, now: now)
        try unpark(Set(due.compactMap { $0.integer("host_id") }), transaction, dialect)
    }

    /// Hosts that may have been asked a moment ago, by a worker that did not say when: their clocks begin anew.
    static func restHosts(_ hosts: Set<Int64>, _ transaction: any Transaction, _ dialect: Dialect, now: Int64) throws {
        guard !hosts.isEmpty else { return }
        try lockHeads(hosts, transaction, dialect)
        try makeRoom(hosts, transaction, dialect, now: now)
        try transaction.run(
            """
            UPDATE heads SET next_at = \(dialect.greatest)(next_at, :now + delay), phase = CASE WHEN phase + 0 = 2 THEN 1 ELSE phase END
            WHERE host_id IN (\(dialect.list(":hosts"))) AND delay > 0
            """, ["now": .integer(now), "hosts": listText(hosts)])
    }

    /// A lease of these hosts ended: where they were full, they are looked at now.
    static func makeRoom(_ hosts: Set<Int64>, _ transaction: any Transaction, _ dialect: Dialect, now: Int64) throws {
        try transaction.run(
            "UPDATE heads SET next_at = :now, rank = 0 WHERE host_id IN (\(dialect.list(":hosts"))) AND rank + 0 = -1",
            ["now": .integer(now), "hosts": listText(hosts)])
    }

    /// A try that was not the last, for the history of the visit.
    static func keepAttempt(_ row: SQLRow, code: String?, reason: String?, _ transaction: any Transaction, now: Int64) throws {
        try transaction.run(
            """
            INSERT INTO attempts(visit_id, fence, attempt, started_at, ended_at, worker, code, reason)
            VALUES (:visit, :fence, :attempt, :started, :now, :worker, :code, :reason) ON CONFLICT DO NOTHING
            """,
            [
                "visit": SQLValue(row.integer("visit_id")), "fence": SQLValue(row.integer("fence")), "attempt": SQLValue(row.integer("attempt")),
                "started": SQLValue(row.integer("leased_at")), "now": .integer(now), "worker": SQLValue(row.text("worker")),
                "code": SQLValue(code), "reason": SQLValue(reason),
            ])
    }

    /// Hosts that have something ready are looked at by the waker: those with nothing until now, and those whose visit of another run was
    /// chosen before this was there.
    static func unpark(_ hosts: some Collection<Int64>, run: Int64? = nil, _ transaction: any Transaction, _ dialect: Dialect) throws {
        try lockHeads(hosts, transaction, dialect)
        try transaction.run(
            """
            UPDATE heads SET phase = 1 WHERE host_id IN (\(dialect.list(":hosts")))
              AND (phase + 0 = 0 OR (phase + 0 = 2 AND run_id <> :run))
            """, ["hosts": listText(hosts), "run": .integer(run ?? 0)])
    }

    /// Keeps others from judging, until this transaction ends, whether these hosts have something ready. Without it a visit that is written
    /// while another transaction parks its host would not be seen by that one, nor the parking by this one: nobody would wake the host.
    static func lockHeads(_ hosts: some Collection<Int64>, _ transaction: any Transaction, _ dialect: Dialect) throws {
        guard !dialect.locked.isEmpty else { return }
        _ = try transaction.rows(
            "SELECT host_id FROM heads WHERE host_id IN (\(dialect.list(":hosts"))) ORDER BY host_id \(dialect.locked)",
            ["hosts": listText(hosts)])
    }

    // MARK: Waking

    private static func wake(_ transaction: any Transaction, _ dialect: Dialect, limit: Int, now: Int64) throws {
        let due = """
            FROM heads WHERE phase = 1 AND next_at <= :now ORDER BY next_at LIMIT :limit \(dialect.skipLocked)
            """
        var parameters: [String: SQLValue] = ["now": .integer(now), "limit": SQLValue(limit)]
        let woken: [SQLRow]
        if dialect.skipLocked.isEmpty {
            woken = try transaction.rows(wakeStatement("SELECT host_id, visit_id, rank, cap \(due)", dialect), parameters)
        } else {
            // Held before their leases are counted, in a statement that sees what ended until then: whoever ends a lease afterwards waits
            // for us and finds the host full.
            let hosts = try transaction.rows("SELECT host_id \(due)", parameters).compactMap { $0.integer("host_id") }
            guard !hosts.isEmpty else { return }
            parameters = ["now": .integer(now), "hosts": listText(hosts)]
            woken = try transaction.rows(
                wakeStatement("SELECT host_id, visit_id, rank, cap FROM heads WHERE host_id IN (\(dialect.list(":hosts")))", dialect), parameters)
        }
        var tags: [Int64: Int64] = [:]
        for row in woken {
            guard let run = row.integer("run_id"), let rank = row.integer("rank"), rank > tags[run, default: 0] else { continue }
            tags[run] = rank
        }
        try transaction.run(
            "UPDATE runs SET tag = :tag WHERE id = :run AND tag < :tag",
            each: tags.sorted { $0.key < $1.key }.map { ["run": .integer($0.key), "tag": .integer($0.value)] })
    }

    /// Step by step: the hosts that are due; their first lane; how far their window reaches; what stands in it, and whether the host is full;
    /// where the runs in it stand; the best of each host; its rank. A visit that was chosen before and still wins keeps its rank.
    private static func wakeStatement(_ due: String, _ dialect: Dialect) -> String {
        """
        WITH due AS MATERIALIZED (\(due)),
        near AS MATERIALIZED (
          SELECT d.host_id, d.visit_id, d.rank, d.cap,
            (SELECT x.lane FROM queue x WHERE x.host_id = d.host_id AND x.state = 0 AND x.lane < \(Lane.shared)
             ORDER BY x.lane, x.turn LIMIT 1) AS lane
          FROM due d),
        reach AS MATERIALIZED (
          SELECT n.host_id, n.visit_id, n.rank, n.cap, n.lane, coalesce(
            (SELECT x.turn FROM queue x WHERE x.host_id = n.host_id AND x.lane = n.lane AND x.state = 0
             ORDER BY x.turn LIMIT 1 OFFSET \(window)), 9000000000000000000) AS last
          FROM near n),
        candidates AS MATERIALIZED (
          SELECT r.host_id, v.visit_id, v.run_id, v.lane, v.turn,
            CASE WHEN r.rank > 0 AND v.visit_id = r.visit_id THEN r.rank END AS kept,
            (SELECT count(*) FROM queue l WHERE l.host_id = r.host_id AND l.state = 1) >= r.cap AS busy
          FROM reach r LEFT JOIN queue v ON v.host_id = r.host_id AND v.lane = r.lane AND v.state = 0 AND v.turn < r.last),
        flow AS MATERIALIZED (
          SELECT r.id AS run_id, r.tenant_id, 32000000 / r.weight AS step, \(dialect.greatest)(r.tag, coalesce(
            (SELECT h.rank FROM heads h WHERE h.phase = 2 AND h.lane = r.lane AND h.tenant_id = r.tenant_id ORDER BY h.rank LIMIT 1),
            (SELECT q.tag FROM runs q WHERE q.lane = r.lane AND q.tenant_id = r.tenant_id ORDER BY q.tag DESC LIMIT 1), 0)) AS tag
          FROM runs r WHERE r.id IN (SELECT DISTINCT run_id FROM candidates)),
        best AS (
          SELECT c.host_id, c.visit_id, c.run_id, c.lane, c.kept, c.busy, f.tenant_id, f.tag, f.step,
            row_number() OVER (PARTITION BY c.host_id ORDER BY c.lane, coalesce(c.kept, f.tag), c.turn) AS place
          FROM candidates c LEFT JOIN flow f ON f.run_id = c.run_id),
        chosen AS (
          SELECT host_id, visit_id, run_id, lane, tenant_id, busy,
            coalesce(kept, tag + step * row_number() OVER (PARTITION BY run_id, busy ORDER BY host_id)) AS rank
          FROM best WHERE place = 1)
        UPDATE heads SET phase = CASE WHEN c.visit_id IS NULL THEN 0 WHEN c.busy THEN 1 ELSE 2 END,
          next_at = CASE WHEN c.busy AND c.visit_id IS NOT NULL THEN :now + 2000000 ELSE next_at END, visit_id = c.visit_id, run_id = c.run_id, lane = c.lane,
          tenant_id = coalesce(c.tenant_id, heads.tenant_id), rank = CASE WHEN c.visit_id IS NULL THEN 0 WHEN c.busy THEN -1 ELSE coalesce(c.rank, 0) END
        FROM chosen c WHERE heads.host_id = c.host_id RETURNING heads.run_id, heads.rank
        """
    }

    // MARK: Taking

    /// A host's turn: whose, and from when on it may be asked.
    fileprivate struct Turn {
        var host: Int64
        var visit: Int64
        var terms: HostTerms
    }

    /// Turns of awake hosts, dealt to the tenants one by one.
    private static func take(
        _ lane: Lane, limit: Int, seed: Int, by claimant: Claimant, _ transaction: any Transaction, _ dialect: Dialect, now: Int64
    ) throws -> [Lease] {
        var tenants = try transaction.rows(
            """
            WITH RECURSIVE ring(tenant_id) AS (
              SELECT (SELECT tenant_id FROM heads WHERE phase = 2 AND lane = :lane ORDER BY tenant_id LIMIT 1)
              UNION ALL
              SELECT (SELECT h.tenant_id FROM heads h WHERE h.phase = 2 AND h.lane = :lane AND h.tenant_id > ring.tenant_id
                      ORDER BY h.tenant_id LIMIT 1)
              FROM ring WHERE ring.tenant_id IS NOT NULL)
            SELECT tenant_id FROM ring WHERE tenant_id IS NOT NULL
            """, ["lane": .integer(lane.rawValue)]
        ).compactMap { $0.integer("tenant_id") }
        guard !tenants.isEmpty else { return [] }
        let first = abs(seed % tenants.count)
        tenants = Array((tenants[first...] + tenants[..<first]).prefix(tenantLimit))
        var leases: [Lease] = []
        for (index, tenant) in tenants.enumerated() {
            let left = limit - leases.count
            let share = (left + tenants.count - index - 1) / (tenants.count - index)
            guard share > 0 else { break }
            let turns = try transaction.rows(
                """
                SELECT host_id, visit_id, \(HostTerms.columns) FROM heads
                WHERE phase = 2 AND lane = :lane AND tenant_id = :tenant AND next_at <= :now ORDER BY rank LIMIT :limit \(dialect.skipLocked)
                """,
                ["lane": .integer(lane.rawValue), "tenant": .integer(tenant), "now": .integer(now), "limit": SQLValue(share)]
            ).compactMap(Turn.init)
            leases += try lease(turns, lanes: 0...(Lane.shared - 1), by: claimant, transaction, dialect, now: now)
        }
        return leases
    }

    /// The turns of hosts at which a run of the lane `own` has something ready.
    private static func turns(
        of run: Int64, limit: Int, _ transaction: any Transaction, _ dialect: Dialect, now: Int64
    ) throws -> [Turn] {
        try transaction.rows(
            """
            WITH mine AS MATERIALIZED (SELECT DISTINCT host_id FROM queue WHERE run_id = :run AND state + 0 = 0 AND lane = 2)
            SELECT h.host_id, \(HostTerms.columns),
              (SELECT q.visit_id FROM queue q WHERE q.run_id = :run AND q.host_id = h.host_id AND q.state + 0 = 0 AND q.lane + 0 = 2
               ORDER BY q.turn LIMIT 1) AS visit_id
            FROM heads h WHERE h.host_id IN (SELECT host_id FROM mine) AND h.next_at <= :now
              AND (SELECT count(*) FROM queue l WHERE l.host_id = h.host_id AND l.state = 1) < h.cap
            ORDER BY h.next_at, h.host_id LIMIT :limit \(dialect.skipLocked)
            """, ["run": .integer(run), "now": .integer(now), "limit": SQLValue(limit)]
        ).compactMap(Turn.init)
    }

    /// Moves the clocks of these hosts on and lends their visits. A visit that was paused or cancelled since it was chosen gives its host's
    /// turn back.
    private static func lease(
        _ turns: [Turn], lanes: ClosedRange<Int64>, by claimant: Claimant, _ transaction: any Transaction, _ dialect: Dialect, now: Int64
    ) throws -> [Lease] {
        guard !turns.isEmpty else { return [] }
        let rows = try transaction.rows(
            """
            UPDATE queue SET state = 1, fence = fence + 1, attempt = attempt + 1, at = :until, leased_at = :now, worker = :worker
            WHERE visit_id IN (\(dialect.list(":ids"))) AND state + 0 = 0 AND lane + 0 BETWEEN :low AND :high
            RETURNING visit_id, fence, attempt, losses, run_id, host_id, lane
            """,
            [
                "until": .integer(now + claimant.leaseTime), "now": .integer(now), "worker": .text(claimant.worker.description),
                "ids": listText(turns.map(\.visit)), "low": .integer(lanes.lowerBound), "high": .integer(lanes.upperBound),
            ])
        let lent = Set(rows.compactMap { $0.integer("host_id") })
        try transaction.run(
            "UPDATE heads SET phase = CASE WHEN phase + 0 = 0 THEN 0 ELSE 1 END, rank = rank * :keep, next_at = :next WHERE host_id = :host",
            each: turns.map { turn in
                let next = lent.contains(turn.host) ? claimant.next(turn.terms, now) : turn.terms.nextAt
                // Who goes before the chosen visit does not take its place in the line.
                return ["host": .integer(turn.host), "next": .integer(next), "keep": lanes.contains(Lane.own.rawValue) ? 1 : 0]
            })
        guard !rows.isEmpty else { return [] }
        let details = try transaction.rows(
            """
            SELECT v.id, v.uid, v.url, v.position, v.kind, v.depth, v.modified, h.name FROM visits v JOIN hosts h ON h.id = v.host_id
            WHERE v.id IN (\(dialect.list(":ids")))
            """, ["ids": listText(rows.compactMap { $0.integer("visit_id") })])
        let byVisit = Dictionary(details.map { ($0.integer("id") ?? 0, $0) }, uniquingKeysWith: { first, _ in first })
        return rows.compactMap { Lease($0, byVisit[$0.integer("visit_id") ?? 0]) }
    }

    // MARK: Waiting

    /// Microseconds until a host of the run may be asked or a wait of it ends.
    private static func wait(_ transaction: any Transaction, run: Int64, now: Int64) throws -> Int64? {
        let next = try transaction.row(
            """
            SELECT min(at) AS at FROM (
              SELECT h.next_at AS at FROM heads h
              WHERE h.host_id IN (SELECT DISTINCT host_id FROM queue WHERE run_id = :run AND state + 0 = 0 AND lane = 2)
              UNION ALL SELECT at FROM queue WHERE run_id = :run AND state = 2) AS moments
            """, ["run": .integer(run)])?.integer("at")
        return next.map { max(1_000, $0 - now) }
    }

    /// Microseconds until a host of the farm may be asked, or a wait or a lease ends.
    private static func wait(_ transaction: any Transaction, now: Int64) throws -> Int64? {
        let next = try [
            "SELECT next_at AS at FROM heads WHERE phase = 1 ORDER BY next_at LIMIT 1",
            "SELECT at FROM queue WHERE at IS NOT NULL ORDER BY at LIMIT 1",
        ].compactMap { try transaction.row($0)?.integer("at") }.min()
        return next.map { max(1_000, $0 - now) }
    }

    // MARK: Holding

    /// Renews leases; those that were lost are left out of the answer, and their work should stop.
    package func renew(_ leases: [Lease], leaseTime: Int64) async throws -> Set<Int64> {
        let dialect = database.dialect
        return try await database.write { transaction in
            let until = try transaction.now(dialect) + leaseTime
            let held = try Store.held(leases, transaction, dialect)
            try transaction.run(
                "UPDATE queue SET at = :until WHERE visit_id IN (\(dialect.list(":ids")))",
                ["until": .integer(until), "ids": listText(held.keys)])
            return Set(held.keys)
        }
    }

    /// Those of the leases that still stand; changes nothing.
    package func standing(_ leases: [Lease]) async throws -> Set<Int64> {
        let dialect = database.dialect
        return try await database.read { transaction in
            let rows = try transaction.rows(
                "SELECT visit_id, fence, state FROM queue WHERE visit_id IN (\(dialect.list(":ids")))", ["ids": listText(leases.map(\.visit))])
            return Store.matching(leases, rows)
        }
    }

    /// The queue's rows of those leases that stand, by visit; they can't change until the transaction ends.
    static func held(_ leases: [Lease], _ transaction: any Transaction, _ dialect: Dialect) throws -> [Int64: SQLRow] {
        let rows = try transaction.rows(
            """
            SELECT visit_id, run_id, host_id, state, fence, attempt, worker, leased_at FROM queue
            WHERE visit_id IN (\(dialect.list(":ids"))) ORDER BY visit_id \(dialect.locked)
            """, ["ids": listText(leases.map(\.visit))])
        let standing = matching(leases, rows)
        return Dictionary(
            rows.compactMap { row in row.integer("visit_id").flatMap { standing.contains($0) ? ($0, row) : nil } },
            uniquingKeysWith: { first, _ in first })
    }

    private static func matching(_ leases: [Lease], _ rows: [SQLRow]) -> Set<Int64> {
        let fences = Dictionary(leases.map { ($0.visit, $0.fence) }, uniquingKeysWith: max)
        return Set(
            rows.compactMap { row in
                guard let visit = row.integer("visit_id"), row.integer("state") == 1, row.integer("fence") == fences[visit] else { return nil }
                return visit
            })
    }
}

extension Store.Turn {
    fileprivate init?(_ row: SQLRow) {
        guard let host = row.integer("host_id"), let visit = row.integer("visit_id") else { return nil }
        self.init(host: host, visit: visit, terms: HostTerms(row))
    }
}

extension Lease {
    fileprivate init?(_ row: SQLRow, _ details: SQLRow?) {
        guard let visit = row.integer("visit_id"), let fence = row.integer("fence"), let run = row.integer("run_id"),
            let host = row.integer("host_id"), let details
        else { return nil }
        self.init(
            visit: visit, visitID: Identifier(stored: details.text("uid") ?? ""), run: run, host: host, hostName: details.text("name") ?? "",
            position: Int(details.integer("position") ?? 0), url: details.text("url") ?? "",
            kind: VisitKind(rawValue: details.integer("kind") ?? 0) ?? .page, depth: Int(details.integer("depth") ?? 0),
            modified: details.text("modified"),
            lane: Lane(rawValue: row.integer("lane") ?? 1) ?? .batch, fence: fence, attempt: Int(row.integer("attempt") ?? 1),
            losses: Int(row.integer("losses") ?? 0))
    }
}
