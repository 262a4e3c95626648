// What crawls ask of their rows.

/// A page of a crawl that came, as its frontier learns from it.
package struct CrawledPage: Sendable, Equatable {
    package var url: String
    package var finalURL: String?
    package var kind: VisitKind
    package var depth: Int
    /// Hashes of its text.
    package var content: Int64
    package var print: Int64
    package var snapshot: String?
    /// What else is known of it, as JSON text.
    package var page: String?
}

/// A page as an earlier run had it.
package struct EarlierPage: Sendable, Equatable {
    package var visit: Int64
    package var run: Int64
    package var snapshot: String?
    package var content: Int64?
    /// Microseconds, by the database's clock.
    package var finishedAt: Int64
    package var page: String?
}

extension Store {
    /// The pages of a run that came until now, in the order in which they came.
    /// - Parameter from: passes over so many.
    package func crawledPages(of run: Int64, from: Int, limit: Int) async throws -> [CrawledPage] {
        try await database.read { transaction in
            try transaction.rows(
                """
                SELECT url, final_url, kind, depth, content, print, snapshot, page FROM visits WHERE run_id = :run AND content IS NOT NULL
                ORDER BY finished_at, id LIMIT :limit OFFSET :from
                """, ["run": .integer(run), "limit": SQLValue(limit), "from": SQLValue(from)]
            ).map { row in
                CrawledPage(
                    url: row.text("url") ?? "", finalURL: row.text("final_url"), kind: VisitKind(rawValue: row.integer("kind") ?? 0) ?? .page,
                    depth: Int(row.integer("depth") ?? 0), content: row.integer("content") ?? 0, print: row.integer("print") ?? 0,
                    snapshot: row.text("snapshot"), page: row.text("page"))
            }
        }
    }

    /// Where a page of the run stood that has the very same text; nil where there is none but `visit` itself.
    package func page(of run: Int64, withContent content: Int64, besides visit: Int64) async throws -> String? {
        try await database.read { transaction in
            try transaction.row(
                """
                SELECT coalesce(final_url, url) AS url FROM visits
                WHERE run_id = :run AND content = :content AND id <> :visit AND state IN (3, 6) AND kind = 0 ORDER BY position LIMIT 1
                """, ["run": .integer(run), "content": .integer(content), "visit": .integer(visit)])?.text("url")
        }
    }

    /// A visit is led on to the address of that key: false where the run has it already, by a visit or an address that led there before.
    /// From then on it isn't queued any more, unless the visit comes to nothing.
    package func take(key: String, of run: Int64, for visit: Int64) async throws -> Bool {
        try await database.write { transaction in
            let parameters: [String: SQLValue] = ["run": .integer(run), "key": .text(key), "visit": .integer(visit)]
            guard
                try transaction.row("SELECT 1 AS is_known FROM visits WHERE run_id = :run AND key = :key AND id <> :visit", parameters) == nil
            else { return false }
            try transaction.run("INSERT INTO aliases(run_id, key, visit_id) VALUES (:run, :key, :visit) ON CONFLICT DO NOTHING", parameters)
            let taken = try transaction.row("SELECT visit_id FROM aliases WHERE run_id = :run AND key = :key", ["run": .integer(run), "key": .text(key)])
            return taken?.integer("visit_id") == visit
        }
    }

    /// The last run of a series that ended before this one was submitted; nil where it is the first.
    package func runBefore(_ run: Int64, in series: String) async throws -> RunRow? {
        try await database.read { transaction in
            try transaction.row(
                "SELECT * FROM runs WHERE series = :series AND id < :run AND state IN (3, 6) ORDER BY id DESC LIMIT 1",
                ["series": .text(series), "run": .integer(run)]
            ).map { try self.run($0, transaction) }
        }
    }

    /// The page of that key as a run had it, where it was read whole.
    package func earlierPage(of run: Int64, key: String) async throws -> EarlierPage? {
        try await database.read { transaction in
            try transaction.row(
                "SELECT id, run_id, snapshot, content, finished_at, page FROM visits WHERE run_id = :run AND key = :key AND state = 3",
                ["run": .integer(run), "key": .text(key)]
            ).map { row in
                EarlierPage(
                    visit: row.integer("id") ?? 0, run: run, snapshot: row.text("snapshot"), content: row.integer("content"),
                    finishedAt: row.integer("finished_at") ?? 0, page: row.text("page"))
            }
        }
    }

    /// What a run waits for: open pages by host, those with most of them first.
    package func openHosts(of run: Int64, limit: Int) async throws -> [(host: String, open: Int)] {
        try await database.read { transaction in
            try transaction.rows(
                """
                SELECT h.name, q.n FROM (SELECT host_id, count(*) AS n FROM queue WHERE run_id = :run GROUP BY host_id) q
                JOIN hosts h ON h.id = q.host_id ORDER BY q.n DESC, h.name LIMIT :limit
                """, ["run": .integer(run), "limit": SQLValue(limit)]
            ).map { ($0.text("name") ?? "", Int($0.integer("n") ?? 0)) }
        }
    }
}
