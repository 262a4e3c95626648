// What a person does to a run while it is under way, and afterwards.

package import Foundation

extension Store {
    /// Rows of the queue moved in one transaction: others get their turn in between.
    private static let chunk = 5000

    /// Stops lending visits of a run; those under way end as they would. What is final stays.
    package func pause(_ run: Int64) async throws {
        try await change(run, from: [.open], to: .paused, .paused)
        try await move(run) { $0 + Lane.paused }
    }

    /// Lends visits of a paused run again.
    package func unpause(_ run: Int64) async throws {
        try await change(run, from: [.paused], to: .open, .resumed)
        try await move(run) { $0 }
        try await tell("work")
    }

    private func change(_ run: Int64, from: Set<State>, to state: State, _ kind: RunEvent.Kind) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            try Store.hold(run, transaction, dialect)
            let row = try transaction.row("SELECT uid, state FROM runs WHERE id = :run", ["run": .integer(run)])
            let current = State(rawValue: row?.integer("state") ?? 0) ?? .open
            guard from.contains(current) else {
                throw StoreError(.conflict, "\(row?.text("uid") ?? "the run") is \(current.name), so it can't become \(state.name)")
            }
            try transaction.run("UPDATE runs SET state = :state WHERE id = :run", ["state": .integer(state.rawValue), "run": .integer(run)])
            try Store.note([NewEvent(run: run, kind: kind)], transaction, now: now)
        }
    }

    /// Brings the queue's rows of a run to the lane that belongs to its state, piece by piece; hosts are looked at again.
    private func move(_ run: Int64, to lane: @escaping @Sendable (Int64) -> Int64) async throws {
        let dialect = database.dialect
        var isDone = false
        while !isDone {
            isDone = try await database.write { transaction in
                guard let own = try transaction.row("SELECT lane FROM runs WHERE id = :run", ["run": .integer(run)])?.integer("lane") else {
                    return true
                }
                let rows = try transaction.rows(
                    """
                    UPDATE queue SET lane = :lane WHERE visit_id IN (
                      SELECT visit_id FROM queue WHERE run_id = :run AND lane <> :lane LIMIT :limit) RETURNING host_id
                    """, ["lane": .integer(lane(own)), "run": .integer(run), "limit": SQLValue(Store.chunk)])
                try Store.unpark(Set(rows.compactMap { $0.integer("host_id") }), run: run, transaction, dialect)
                return rows.count < Store.chunk
            }
        }
    }

    /// Ends what is still open of a run: those visits become skipped, live leases are void from now on.
    package func cancel(_ run: Int64, reason: String) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            try Store.hold(run, transaction, dialect)
            guard try transaction.row("SELECT 1 AS one FROM runs WHERE id = :run AND state < 2", ["run": .integer(run)]) != nil else { return }
            try Store.stop(run, state: .skipped, code: "cancelled", reason: reason, transaction, dialect, now: now)
        }
        try await tell("cancel")
    }

    /// Changes what may be changed while a run is under way. A priority counts from the next visit on that is chosen.
    package func edit(_ run: Int64, priority: Int? = nil, budget: RunBudget? = nil) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            try Store.hold(run, transaction, dialect)
            guard let row = try transaction.row("SELECT uid, state, created_at FROM runs WHERE id = :run", ["run": .integer(run)]),
                row.integer("state") ?? 0 < 2
            else { throw StoreError(.conflict, "the run is over: there is nothing left to change") }
            if let priority {
                try transaction.run(
                    "UPDATE runs SET priority = :priority, weight = :weight WHERE id = :run",
                    ["priority": SQLValue(priority), "weight": .integer(Store.weight(priority)), "run": .integer(run)])
            }
            if let budget {
                let deadline = budget.wallSeconds.map { (row.integer("created_at") ?? now) + Int64(min($0, 1e9) * 1_000_000) }
                try transaction.run(
                    "UPDATE runs SET budget = :budget, deadline_at = :deadline WHERE id = :run",
                    ["budget": SQLValue(budget.stored), "deadline": SQLValue(deadline), "run": .integer(run)])
            }
            try Store.note([NewEvent(run: run, kind: .edited)], transaction, now: now)
            try Store.endIfDone(run, transaction, dialect, now: now)
        }
    }

    /// Changes what a run asks for, from the visits on that begin later.
    package func setSpec(_ spec: String, of run: Int64) async throws {
        _ = try await database.write { try $0.run("UPDATE runs SET spec = :spec WHERE id = :run", ["spec": .text(spec), "run": .integer(run)]) }
    }

    /// Skips the open visits of a run whose addresses don't match: its scope is narrowed while it runs.
    /// - Returns: how many.
    package func narrow(_ run: Int64, reason: String, to isInside: @escaping @Sendable (_ url: String) -> Bool) async throws -> Int {
        let dialect = database.dialect
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            try Store.hold(run, transaction, dialect)
            let open = try transaction.rows("SELECT id, url FROM visits WHERE run_id = :run AND state = 0", ["run": .integer(run)])
            let outside = open.filter { !isInside($0.text("url") ?? "") }.compactMap { $0.integer("id") }
            guard !outside.isEmpty else { return 0 }
            try transaction.run(
                """
                UPDATE visits SET state = 5, code = 'narrowed', reason = :reason, finished_at = :now,
                  fence = coalesce((SELECT q.fence FROM queue q WHERE q.visit_id = visits.id), fence)
                WHERE id IN (\(dialect.list(":ids")))
                """, ["reason": .text(reason), "now": .integer(now), "ids": listText(outside)])
            try transaction.run("DELETE FROM queue WHERE visit_id IN (\(dialect.list(":ids")))", ["ids": listText(outside)])
            try Store.note([NewEvent(run: run, kind: .edited, body: #"{"skipped":\#(outside.count)}"#)], transaction, now: now)
            try Store.endIfDone(run, transaction, dialect, now: now)
            return outside.count
        }
    }

    /// Puts visits of a run into the queue again: dead and failed ones, or one of them, whatever it came to without a record.
    /// - Returns: how many.
    package func requeue(_ run: Int64, visit: Identifier? = nil) async throws -> Int {
        let dialect = database.dialect
        let count = try await database.write { transaction in
            let now = try transaction.now(dialect)
            try Store.hold(run, transaction, dialect)
            var parameters: [String: SQLValue] = ["run": .integer(run)]
            if let visit { parameters["uid"] = .text(visit.description) }
            let rows = try transaction.rows(
                """
                SELECT id FROM visits WHERE run_id = :run AND \(visit == nil ? "state IN (4, 7)" : "state IN (4, 5, 7) AND uid = :uid")
                """, parameters)
            let ids = rows.compactMap { $0.integer("id") }
            guard !ids.isEmpty else { return 0 }
            try transaction.run(
                """
                UPDATE visits SET state = 0, reason = NULL, code = NULL, final_url = NULL, page = NULL, snapshot = NULL, finished_at = NULL
                WHERE id IN (\(dialect.list(":ids")))
                """, ["ids": listText(ids)])
            // Its budget was for the first time: what goes on now was asked for.
            try transaction.run(
                "UPDATE runs SET state = CASE WHEN state = 1 THEN 1 ELSE 0 END, reason = NULL, finished_at = NULL WHERE id = :run",
                ["run": .integer(run)])
            try Store.queue("v.id IN (\(dialect.list(":ids")))", ["ids": listText(ids)], run: run, transaction, dialect)
            try Store.note([NewEvent(run: run, kind: .requeued, body: #"{"pages":\#(ids.count)}"#)], transaction, now: now)
            return ids.count
        }
        if count > 0 { try await tell("work") }
        return count
    }

    /// Gives a run to a process that does it itself, or (nil) to any farm. What dead processes held of it is free at once; their fences are
    /// stale then.
    package func adopt(_ run: Int64, owner: Identifier?) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let workers = try transaction.rows(
                "SELECT DISTINCT worker FROM queue WHERE run_id = :run AND state = 1", ["run": .integer(run)])
            for worker in workers.compactMap({ $0.text("worker") }) where try isDead(worker, transaction) {
                try transaction.run(
                    "UPDATE queue SET at = :now WHERE run_id = :run AND state = 1 AND worker = :worker",
                    ["now": .integer(try transaction.now(dialect)), "run": .integer(run), "worker": .text(worker)])
            }
            try transaction.run(
                "UPDATE runs SET owner = :owner, lane = CASE WHEN :own = 1 THEN 2 WHEN lane = 2 THEN 1 ELSE lane END WHERE id = :run",
                ["owner": SQLValue(owner?.description), "own": owner == nil ? 0 : 1, "run": .integer(run)])
        }
        try await move(run) { $0 }
        if owner == nil { try await tell("work") }
    }

    /// The tries of a visit that were not its last, oldest first.
    package func attempts(of visit: Int64) async throws -> [Attempt] {
        try await database.read { transaction in
            try transaction.rows("SELECT * FROM attempts WHERE visit_id = :visit ORDER BY fence", ["visit": .integer(visit)]).map { row in
                Attempt(
                    number: Int(row.integer("attempt") ?? 0), startedAt: row.integer("started_at").map(Date.init(microseconds:)),
                    endedAt: Date(microseconds: row.integer("ended_at") ?? 0), worker: row.text("worker"), code: row.text("code"),
                    reason: row.text("reason"))
            }
        }
    }
}

/// A try of a visit that was not its last.
package struct Attempt: Sendable {
    package var number: Int
    package var startedAt: Date?
    package var endedAt: Date
    package var worker: String?
    package var code: String?
    package var reason: String?
}
