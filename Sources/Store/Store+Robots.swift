/// What a site last answered to /robots.txt. Times are the database's, in microseconds.
package struct StoredRobots: Sendable, Equatable {
    /// HTTP status; 0 when there was no answer at all.
    package var status: Int
    /// The first 500 KiB of a 2xx answer.
    package var body: [UInt8]?
    package var fetchedAt: Int64
    package var freshUntil: Int64
    /// The last 2xx answer, kept while the site answers with server errors.
    package var goodBody: [UInt8]?
    package var goodAt: Int64?
}

extension Store {
    package func robots(of origin: String) async throws -> (stored: StoredRobots?, now: Int64) {
        let dialect = database.dialect
        return try await database.read { transaction in
            let now = try transaction.now(dialect)
            guard let row = try transaction.row("SELECT * FROM robots WHERE origin = :origin", ["origin": .text(origin)]) else {
                return (nil, now)
            }
            return (
                StoredRobots(
                    status: Int(row.integer("status") ?? 0), body: row.blob("body"), fetchedAt: row.integer("fetched_at") ?? 0,
                    freshUntil: row.integer("fresh_until") ?? 0, goodBody: row.blob("good_body"), goodAt: row.integer("good_at")), now
            )
        }
    }

    /// Writes an answer; one with a body becomes the last good one too.
    /// - Parameter freshFor: microseconds until it is asked for again.
    package func setRobots(of origin: String, status: Int, body: [UInt8]?, freshFor: Int64) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            let blob: SQLValue = body.map { .blob($0) } ?? .null
            try transaction.run(
                """
                INSERT INTO robots(origin, status, body, fetched_at, fresh_until, good_body, good_at)
                VALUES (:origin, :status, :body, :now, :until, :body, :good)
                ON CONFLICT(origin) DO UPDATE SET status = :status, body = :body, fetched_at = :now, fresh_until = :until,
                  good_body = coalesce(:body, robots.good_body), good_at = coalesce(:good, robots.good_at)
                """,
                [
                    "origin": .text(origin), "status": SQLValue(status), "body": blob, "now": .integer(now),
                    "until": .integer(now + freshFor), "good": body == nil ? .null : .integer(now),
                ])
        }
    }
}
