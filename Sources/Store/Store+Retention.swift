// What is old is removed: snapshots and events, which are most of a store. Runs, visits and records stay.

/// How long what is stored is kept. What is nil is kept for ever.
package struct Retention: Sendable, Equatable {
    /// Microseconds since a snapshot was taken.
    package var snapshotAge: Int64?
    /// All snapshots together; the oldest go first.
    package var snapshotBytes: Int64?
    /// Microseconds since an event; those of runs that are not over stay.
    package var eventAge: Int64?
    /// All events of ended runs together; the oldest go first.
    package var events: Int64?

    package init() {}
}

/// What was removed.
package struct Pruned: Sendable, Equatable, CustomStringConvertible {
    package var snapshots = 0
    package var events = 0

    package init() {}

    package var description: String { "\(snapshots) snapshots, \(events) events" }
}

extension Store {
    /// Rows removed in one transaction: others get their turn in between.
    private static let pruneChunk = 500

    /// Removes what is older or more than `retention` says. Snapshots of visits whose run is under way stay.
    package func prune(_ retention: Retention) async throws -> Pruned {
        var pruned = Pruned()
        let now = try await now()
        if let age = retention.snapshotAge { pruned.snapshots += try await pruneSnapshots(before: now - age) }
        if let limit = retention.snapshotBytes, let moment = try await moment(
            of: "snapshots", at: "taken_at", size: "length(body)", where: "TRUE", beyond: limit)
        {
            pruned.snapshots += try await pruneSnapshots(before: moment + 1)
        }
        if let age = retention.eventAge { pruned.events += try await pruneEvents(before: now - age) }
        if let limit = retention.events, let moment = try await moment(
            of: "events", at: "at", size: "1", where: "run_id IN (SELECT id FROM runs WHERE state > 1)", beyond: limit)
        {
            pruned.events += try await pruneEvents(before: moment + 1)
        }
        return pruned
    }

    private func pruneSnapshots(before moment: Int64) async throws -> Int {
        try await inChunks {
            """
            DELETE FROM snapshots WHERE hash IN (
              SELECT hash FROM snapshots s WHERE s.taken_at < :moment AND NOT EXISTS (
                SELECT 1 FROM visits v JOIN runs r ON r.id = v.run_id WHERE v.snapshot = s.hash AND r.state < 2)
              ORDER BY s.taken_at LIMIT :limit)
            """
        } parameters: {
            ["moment": .integer(moment), "limit": SQLValue(Store.pruneChunk)]
        }
    }

    private func pruneEvents(before moment: Int64) async throws -> Int {
        try await inChunks {
            """
            DELETE FROM events WHERE (run_id, number) IN (
              SELECT e.run_id, e.number FROM events e JOIN runs r ON r.id = e.run_id WHERE e.at < :moment AND r.state > 1
              ORDER BY e.at LIMIT :limit)
            """
        } parameters: {
            ["moment": .integer(moment), "limit": SQLValue(Store.pruneChunk)]
        }
    }

    private func inChunks(_ sql: @Sendable () -> String, parameters: @Sendable () -> [String: SQLValue]) async throws -> Int {
        let (sql, parameters) = (sql(), parameters())
        var total = 0
        while true {
            try Task.checkCancellation()
            let removed = try await database.write { try $0.run(sql, parameters) }
            total += removed
            if removed < Store.pruneChunk { return total }
        }
    }

    /// The moment of the newest row that lies beyond the limit when the newest rows are counted first; nil where all fit.
    private func moment(of table: String, at column: String, size: String, where condition: String, beyond limit: Int64) async throws -> Int64? {
        let sql = """
            SELECT max(moment) AS moment FROM (
              SELECT \(column) AS moment, sum(\(size)) OVER (ORDER BY \(column) DESC ROWS UNBOUNDED PRECEDING) AS total FROM \(table)
              WHERE \(condition)) AS counted
            WHERE total > :limit
            """
        return try await database.read { try $0.row(sql, ["limit": .integer(limit)])?.integer("moment") }
    }
}
