// What an operator does to a store: is it sound, make it small, keep a copy.

/// Something in the store that can't be true.
package struct StoreFault: Sendable, Equatable {
    /// "counts", "queue", "runs", "hosts", "records", "file".
    package var area: String
    package var message: String
}

extension Store {
    /// Looks for what must never be: tallies that differ from the rows, visits that nobody will ever claim, runs that can't end.
    /// Sees one state of the database, and may run beside working processes.
    package func check() async throws -> [StoreFault] {
        let integrity = database.dialect.integrity
        return try await database.read { transaction in
            var faults: [StoreFault] = []
            func look(_ area: String, _ sql: String, _ message: (SQLRow) -> String) throws {
                // One of each kind may stand for thousands; twenty show the pattern.
                for row in try transaction.rows(sql + " LIMIT 20") { faults.append(StoreFault(area: area, message: message(row))) }
            }
            func number(_ row: SQLRow, _ column: String) -> String { row.integer(column).map(String.init) ?? "?" }

            try look(
                "counts",
                """
                SELECT r.uid, coalesce(a.state, b.state) AS state, coalesce(a.n, 0) AS counted, coalesce(b.n, 0) AS noted
                FROM (SELECT run_id, state, count(*) AS n FROM visits GROUP BY run_id, state) a
                FULL JOIN (SELECT run_id, state, CAST(sum(n) AS BIGINT) AS n FROM run_counts GROUP BY run_id, state) b
                  ON a.run_id = b.run_id AND a.state = b.state
                LEFT JOIN runs r ON r.id = coalesce(a.run_id, b.run_id)
                WHERE coalesce(a.n, 0) <> coalesce(b.n, 0)
                """
            ) { row in
                let state = State(rawValue: row.integer("state") ?? -1)?.name ?? number(row, "state")
                return "\(row.text("uid") ?? "a run that is gone") has \(number(row, "counted")) visits \(state), its tally says \(number(row, "noted"))"
            }
            try look(
                "queue", "SELECT v.uid FROM visits v WHERE v.state = 0 AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.visit_id = v.id)"
            ) { "\($0.text("uid") ?? "?") is open but not queued: nobody will ever do it" }
            try look(
                "queue",
                """
                SELECT q.visit_id, v.uid FROM queue q LEFT JOIN visits v ON v.id = q.visit_id WHERE v.id IS NULL OR v.state <> 0
                """
            ) { "visit \($0.text("uid") ?? number($0, "visit_id")) is queued although it is over" }
            try look(
                "runs", "SELECT r.uid FROM runs r WHERE r.state < 2 AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.run_id = r.id)"
            ) { "\($0.text("uid") ?? "?") is open with nothing left to do" }
            try look(
                "runs", "SELECT r.uid FROM runs r WHERE r.state > 1 AND EXISTS (SELECT 1 FROM queue q WHERE q.run_id = r.id)"
            ) { "\($0.text("uid") ?? "?") is over with visits still queued" }
            try look(
                "hosts",
                """
                SELECT o.name FROM heads h JOIN hosts o ON o.id = h.host_id
                WHERE h.phase = 0 AND EXISTS (SELECT 1 FROM queue q WHERE q.host_id = h.host_id AND q.state = 0 AND q.lane < \(Lane.shared))
                """
            ) { "\($0.text("name") ?? "?") has visits ready but is parked" }
            try look(
                "records", "SELECT visit_id, count(*) AS n FROM records c WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.id = c.visit_id) GROUP BY visit_id"
            ) { "\(number($0, "n")) records belong to visit \(number($0, "visit_id")), which is not there" }
            if let integrity {
                for row in try transaction.rows(integrity) {
                    guard let text = row.text("integrity_check"), text != "ok" else { continue }
                    faults.append(StoreFault(area: "file", message: text))
                }
            }
            return faults
        }
    }

    /// Gives back the room of what was deleted. Writers wait meanwhile on SQLite; on PostgreSQL nobody does.
    package func vacuum() async throws { try await database.maintain(database.dialect.vacuum) }

    /// A copy of the store as it is now, beside working processes. On SQLite only: PostgreSQL has tools of its own.
    /// - Parameter path: of a file that isn't there yet.
    package func backUp(to path: String) async throws {
        guard let backUp = database.dialect.backUp else {
            throw StoreError(.unsupported, "\(place) is copied with PostgreSQL's own tools: pg_dump --format=custom")
        }
        try await database.maintain(backUp(path))
    }
}
