// Schedules: runs by the clock. When they fire, and what a fire does, is decided by who calls; here a fire is acted upon once, whatever number
// of processes look at the same schedule.

package import Foundation

/// A schedule to be kept.
package struct NewSchedule: Sendable {
    package var name: String
    package var expression: String
    /// By its IANA name.
    package var zone: String
    /// What it submits, and how it behaves, as JSON text.
    package var job: String
    package var policy: String
    /// The next fire, and when it is acted upon; microseconds of the database's clock. Nil where it never fires.
    package var next: (fireAt: Int64, dueAt: Int64)?

    package init(name: String, expression: String, zone: String, job: String, policy: String, next: (fireAt: Int64, dueAt: Int64)?) {
        (self.name, self.expression, self.zone, self.job, self.policy, self.next) = (name, expression, zone, job, policy, next)
    }
}

/// A schedule as it stands in the store; times are microseconds of the database's clock.
package struct ScheduleRow: Sendable {
    package var number: Int64
    package var id: Identifier
    package var name: String
    package var expression: String
    package var zone: String
    package var job: String
    package var policy: String
    package var isPaused: Bool
    /// Why it is paused.
    package var reason: String?
    package var fireAt: Int64?
    package var dueAt: Int64?
    package var settledAt: Int64
    /// A fire that waits for the run under way to end.
    package var waiting: Int64?
    package var createdAt: Int64
}

/// What a fire finds.
package struct ScheduleFacts: Sendable, Equatable {
    /// Runs that failed since the last one that didn't, or since somebody resumed the schedule.
    package var failuresInARow = 0
    /// Runs that started since the beginning of the day.
    package var runsToday = 0
    package var isRunning = false
    package var isWaiting = false
}

/// What a fire does.
package enum FireAction: Sendable, Equatable {
    case start
    /// When the run under way has ended.
    case queue
    /// The run under way is cancelled.
    case replace
    case skip(String)
    /// Nothing starts until somebody resumes the schedule.
    case pause(String)

    var name: String {
        switch self {
        case .start: "started"
        case .queue: "waits"
        case .replace: "replaced"
        case .skip: "skipped"
        case .pause: "paused"
        }
    }
}

/// What came of a fire.
package struct FireRow: Sendable {
    /// When it fired, and when it was acted upon.
    package var fireAt: Date
    package var at: Date
    package var action: String
    package var reason: String?
    package var run: Identifier?
    package var runState: State?
}

extension ScheduleRow {
    init(_ row: SQLRow) {
        number = row.integer("id") ?? 0
        id = Identifier(stored: row.text("uid") ?? "")
        name = row.text("name") ?? ""
        expression = row.text("expression") ?? ""
        zone = row.text("zone") ?? "UTC"
        job = row.text("job") ?? "{}"
        policy = row.text("policy") ?? "{}"
        isPaused = row.integer("state") == 1
        reason = row.text("reason")
        fireAt = row.integer("fire_at")
        dueAt = row.integer("due_at")
        settledAt = row.integer("settled_at") ?? 0
        waiting = row.integer("waiting")
        createdAt = row.integer("created_at") ?? 0
    }
}

extension Store {
    /// - Throws: `conflict` where there is one of that name.
    package func add(_ schedule: NewSchedule) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            let row = try transaction.row(
                """
                INSERT INTO schedules(uid, name, expression, zone, job, policy, fire_at, due_at, settled_at, resumed_at, created_at)
                VALUES (:uid, :name, :expression, :zone, :job, :policy, :fire, :due, :now, :now, :now) ON CONFLICT DO NOTHING RETURNING id
                """,
                [
                    "uid": .text(Identifier(.sch).description), "name": .text(schedule.name), "expression": .text(schedule.expression),
                    "zone": .text(schedule.zone), "job": .text(schedule.job), "policy": .text(schedule.policy),
                    "fire": SQLValue(schedule.next?.fireAt), "due": SQLValue(schedule.next?.dueAt), "now": .integer(now),
                ])
            guard row != nil else { throw StoreError(.conflict, "there is a schedule called \(schedule.name) already; remove it first") }
        }
    }

    package func schedules() async throws -> [ScheduleRow] {
        try await database.read { try $0.rows("SELECT * FROM schedules ORDER BY name").map(ScheduleRow.init) }
    }

    package func schedule(named name: String) async throws -> ScheduleRow? {
        try await database.read { transaction in
            try transaction.row("SELECT * FROM schedules WHERE name = :name OR uid = :name", ["name": .text(name)]).map(ScheduleRow.init)
        }
    }

    /// - Parameter next: of a schedule that goes on; fires until now are settled.
    package func setPaused(_ isPaused: Bool, _ schedule: Int64, reason: String?, next: (fireAt: Int64, dueAt: Int64)? = nil) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            let change =
                isPaused
                ? "state = 1, reason = :reason, waiting = NULL"
                : "state = 0, reason = NULL, resumed_at = :now, settled_at = :now, fire_at = :fire, due_at = :due"
            try transaction.run(
                "UPDATE schedules SET \(change) WHERE id = :schedule",
                [
                    "reason": SQLValue(reason), "now": .integer(now), "fire": SQLValue(next?.fireAt), "due": SQLValue(next?.dueAt),
                    "schedule": .integer(schedule),
                ].filter { isPaused ? ["reason", "schedule"].contains($0.key) : $0.key != "reason" })
        }
    }

    /// Removes a schedule and its history; its runs stay.
    package func removeSchedule(_ schedule: Int64) async throws {
        try await database.write { transaction in
            let place: [String: SQLValue] = ["schedule": .integer(schedule)]
            try transaction.run("DELETE FROM fires WHERE schedule_id = :schedule", place)
            _ = try transaction.run("DELETE FROM schedules WHERE id = :schedule", place)
        }
    }

    /// Newest first.
    package func fires(of schedule: Int64, limit: Int) async throws -> [FireRow] {
        try await database.read { transaction in
            try transaction.rows(
                """
                SELECT f.fire_at, f.at, f.action, f.reason, r.uid, r.state FROM fires f LEFT JOIN runs r ON r.id = f.run_id
                WHERE f.schedule_id = :schedule ORDER BY f.at DESC, f.fire_at DESC LIMIT :limit
                """, ["schedule": .integer(schedule), "limit": SQLValue(limit)]
            ).map { row in
                FireRow(
                    fireAt: Date(microseconds: row.integer("fire_at") ?? 0), at: Date(microseconds: row.integer("at") ?? 0),
                    action: row.text("action") ?? "", reason: row.text("reason"), run: row.text("uid").map(Identifier.init(stored:)),
                    runState: row.integer("state").flatMap(State.init(rawValue:)))
            }
        }
    }

    // MARK: Firing

    /// Schedules that want something done: a fire is due, or one waits for a run that has ended.
    package func dueSchedules() async throws -> (rows: [ScheduleRow], now: Int64) {
        let dialect = database.dialect
        return try await database.read { transaction in
            let now = try transaction.now(dialect)
            let rows = try transaction.rows(
                """
                SELECT * FROM schedules s WHERE state = 0 AND ((due_at IS NOT NULL AND due_at <= :now) OR (waiting IS NOT NULL AND NOT EXISTS
                  (SELECT 1 FROM runs r WHERE r.schedule_id = s.id AND r.state < 2))) ORDER BY due_at LIMIT 100
                """, ["now": .integer(now)]
            ).map(ScheduleRow.init)
            return (rows, now)
        }
    }

    /// Acts upon the fires of a schedule that are due, in one transaction, unless another process has done so since it was read.
    ///
    /// - Parameters:
    ///   - fires: oldest first.
    ///   - settled: fires up to then are done with.
    ///   - next: the next fire, and when it is acted upon.
    ///   - dayStart: since when runs are of today.
    ///   - decide: asked for each fire with what it finds.
    ///   - run, visits: what is submitted.
    /// - Returns: how many runs started.
    @discardableResult
    package func fire(
        _ schedule: ScheduleRow, fires: [Int64], settled: Int64, next: (fireAt: Int64, dueAt: Int64)?, dayStart: Int64, run: NewRun,
        visits: [NewVisit], _ decide: @Sendable @escaping (ScheduleFacts) -> FireAction
    ) async throws -> Int {
        let dialect = database.dialect
        let started = try await database.write { transaction -> Int in
            guard let row = try transaction.row(
                "SELECT * FROM schedules WHERE id = :schedule AND state = 0 \(dialect.locked)", ["schedule": .integer(schedule.number)]
            ).map(ScheduleRow.init), row.settledAt == schedule.settledAt, row.waiting == schedule.waiting else { return 0 }
            let now = try transaction.now(dialect)
            var facts = try Store.facts(of: row, dayStart: dayStart, transaction)
            var waiting = row.waiting
            var pause: String?
            var started = 0
            var queue = fires
            if let waits = waiting, !facts.isRunning {
                queue.insert(waits, at: 0)
                (waiting, facts.isWaiting) = (nil, false)
            }
            for fire in queue where pause == nil {
                let action = decide(facts)
                var number: Int64?
                switch action {
                case .start, .replace:
                    if action == .replace { try Store.cancelRuns(of: row, transaction, dialect, now: now) }
                    number = try Store.insert(run, visits, schedule: row.number, transaction, dialect).number
                    started += 1
                    facts.runsToday += 1
                    facts.isRunning = true
                case .queue: (waiting, facts.isWaiting) = (fire, true)
                case .skip: break
                case .pause(let reason): pause = reason
                }
                try Store.note(fire, action, run: number, of: row, transaction, now: now)
            }
            try transaction.run(
                """
                UPDATE schedules SET settled_at = :settled, fire_at = :fire, due_at = :due, waiting = :waiting, state = :state, reason = :reason
                WHERE id = :schedule
                """,
                [
                    "settled": .integer(settled), "fire": SQLValue(next?.fireAt), "due": SQLValue(next?.dueAt), "waiting": SQLValue(waiting),
                    "state": pause == nil ? 0 : 1, "reason": SQLValue(pause), "schedule": .integer(row.number),
                ])
            return started
        }
        if started > 0 { try await tell("work") }
        return started
    }

    /// Starts a run of a schedule at once, whatever its policy says.
    package func fireNow(_ schedule: ScheduleRow, run: NewRun, visits: [NewVisit]) async throws -> SubmittedRun {
        let dialect = database.dialect
        let submitted = try await database.write { transaction in
            let now = try transaction.now(dialect)
            let submitted = try Store.insert(run, visits, schedule: schedule.number, transaction, dialect)
            try Store.note(now, .start, run: submitted.number, of: schedule, transaction, now: now)
            return submitted
        }
        try await tell("work")
        return submitted
    }

    private static func facts(of row: ScheduleRow, dayStart: Int64, _ transaction: any Transaction) throws -> ScheduleFacts {
        var facts = ScheduleFacts()
        let place: [String: SQLValue] = ["schedule": .integer(row.number)]
        facts.isRunning =
            try transaction.row("SELECT 1 AS one FROM runs WHERE schedule_id = :schedule AND state < 2 LIMIT 1", place) != nil
        facts.isWaiting = row.waiting != nil
        facts.runsToday = Int(
            try transaction.row(
                "SELECT count(*) AS n FROM runs WHERE schedule_id = :schedule AND created_at >= :day", place.merging(["day": .integer(dayStart)]) { $1 })?
                .integer("n") ?? 0)
        let states = try transaction.rows(
            """
            SELECT r.state FROM runs r JOIN schedules s ON s.id = r.schedule_id
            WHERE r.schedule_id = :schedule AND r.state > 2 AND r.created_at > s.resumed_at ORDER BY r.id DESC LIMIT 100
            """, place)
        facts.failuresInARow = states.prefix { $0.integer("state") == FinalState.failed.rawValue }.count
        return facts
    }

    private static func cancelRuns(of row: ScheduleRow, _ transaction: any Transaction, _ dialect: Dialect, now: Int64) throws {
        let open = try transaction.rows("SELECT id FROM runs WHERE schedule_id = :schedule AND state < 2 ORDER BY id", ["schedule": .integer(row.number)])
        for run in open.compactMap({ $0.integer("id") }) {
            try hold(run, transaction, dialect)
            try stop(run, state: .skipped, code: "cancelled", reason: "the next run of \(row.name) took its place", transaction, dialect, now: now)
        }
    }

    private static func note(
        _ fire: Int64, _ action: FireAction, run: Int64?, of row: ScheduleRow, _ transaction: any Transaction, now: Int64
    ) throws {
        var reason: String?
        switch action {
        case .skip(let why), .pause(let why): reason = why
        case .start, .queue, .replace: break
        }
        try transaction.run(
            "INSERT INTO fires(schedule_id, fire_at, at, run_id, action, reason) VALUES (:schedule, :fire, :now, :run, :action, :reason)",
            [
                "schedule": .integer(row.number), "fire": .integer(fire), "now": .integer(now), "run": SQLValue(run), "action": .text(action.name),
                "reason": SQLValue(reason),
            ])
    }
}
