// What is told to others about runs: rows that are sent until they were received.

/// Something to be sent to an address.
package struct Delivery: Sendable {
    package var number: Int64
    /// The same at each attempt.
    package var id: Identifier
    package var schedule: String
    /// Of the schedule, as JSON text.
    package var policy: String
    package var url: String
    package var body: String
    /// From 1.
    package var attempt: Int
}

package enum DeliveryEnd: Int64, Sendable {
    case received = 2
    /// Tried as often as makes sense, or the receiver wants no more.
    case givenUp = 3
}

extension Store {
    /// How long a farm may take to send one, in microseconds; then another one sends it.
    private static let sendingTime: Int64 = 60_000_000

    /// Runs of schedules that have ended and were not compared with those before them yet, oldest first.
    package func uncomparedRuns(limit: Int) async throws -> [(run: RunRow, schedule: ScheduleRow)] {
        try await database.read { transaction in
            let rows = try transaction.rows(
                """
                SELECT * FROM runs WHERE schedule_id IS NOT NULL AND compared_at IS NULL AND state > 2 ORDER BY id LIMIT :limit
                """, ["limit": SQLValue(limit)])
            return try rows.compactMap { row in
                let schedule = try transaction.row(
                    "SELECT * FROM schedules WHERE id = :schedule", ["schedule": SQLValue(row.integer("schedule_id"))]
                ).map(ScheduleRow.init)
                guard let schedule else { return nil }
                return (try run(row, transaction), schedule)
            }
        }
    }

    /// A run was compared; what is to be sent because of it is queued in the same transaction, so that it is sent once.
    package func setCompared(_ run: Int64, delivery: (url: String, body: String)?, schedule: Int64) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            let isFirst =
                try transaction.row(
                    "UPDATE runs SET compared_at = :now WHERE id = :run AND compared_at IS NULL RETURNING id",
                    ["now": .integer(now), "run": .integer(run)]) != nil
            guard isFirst, let delivery else { return }
            try transaction.run(
                """
                INSERT INTO deliveries(uid, schedule_id, run_id, url, body, due_at, created_at) VALUES (:uid, :schedule, :run, :url, :body, :now, :now)
                """,
                [
                    "uid": .text(Identifier(.dlv).description), "schedule": .integer(schedule), "run": .integer(run), "url": .text(delivery.url),
                    "body": .text(delivery.body), "now": .integer(now),
                ])
        }
    }

    /// Deliveries that are due, for this process to send.
    package func takeDeliveries(limit: Int) async throws -> [Delivery] {
        let dialect = database.dialect
        let due = "SELECT 1 AS one FROM deliveries WHERE state = 0 AND due_at <= :now LIMIT 1"
        guard try await database.read({ try $0.row(due, ["now": .integer(try $0.now(dialect))]) }) != nil else { return [] }
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            let rows = try transaction.rows(
                "SELECT id FROM deliveries WHERE state = 0 AND due_at <= :now ORDER BY due_at LIMIT :limit \(dialect.skipLocked)",
                ["now": .integer(now), "limit": SQLValue(limit)])
            let ids = listText(rows.compactMap { $0.integer("id") })
            try transaction.run(
                "UPDATE deliveries SET attempts = attempts + 1, due_at = :until WHERE id IN (\(dialect.list(":ids")))",
                ["until": .integer(now + Store.sendingTime), "ids": ids])
            return try transaction.rows(
                """
                SELECT d.*, s.name, s.policy FROM deliveries d JOIN schedules s ON s.id = d.schedule_id WHERE d.id IN (\(dialect.list(":ids")))
                ORDER BY d.id
                """, ["ids": ids]
            ).map { row in
                Delivery(
                    number: row.integer("id") ?? 0, id: Identifier(stored: row.text("uid") ?? ""), schedule: row.text("name") ?? "",
                    policy: row.text("policy") ?? "{}", url: row.text("url") ?? "", body: row.text("body") ?? "",
                    attempt: Int(row.integer("attempts") ?? 1))
            }
        }
    }

    package func end(_ delivery: Delivery, _ end: DeliveryEnd, _ answer: String) async throws {
        _ = try await database.write { transaction in
            try transaction.run(
                "UPDATE deliveries SET state = :state, answer = :answer WHERE id = :delivery",
                ["state": .integer(end.rawValue), "answer": .text(answer), "delivery": .integer(delivery.number)])
        }
    }

    /// - Parameter pause: microseconds.
    package func sendAgain(_ delivery: Delivery, after pause: Int64, _ answer: String) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            _ = try transaction.run(
                "UPDATE deliveries SET due_at = :due, answer = :answer WHERE id = :delivery",
                ["due": .integer(now + pause), "answer": .text(answer), "delivery": .integer(delivery.number)])
        }
    }
}
