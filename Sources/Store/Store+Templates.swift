// What is known of the pages of sites' templates: whether they say the same without a browser.

/// A template of a site, and how many of its pages in a row said the same without their scripts.
package struct StoredTemplate: Sendable, Equatable {
    package var path: String
    /// Mark of what the pages were read for.
    package var asked: String
    package var agreed: Int
}

extension Store {
    /// Templates of a site that were looked at in the last thirty days: sites are made over.
    package func templates(of host: String) async throws -> [StoredTemplate] {
        let dialect = database.dialect
        return try await database.read { transaction in
            let now = try transaction.now(dialect)
            return try transaction.rows(
                "SELECT path, asked, agreed FROM templates WHERE host = :host AND looked_at > :since",
                ["host": .text(host), "since": .integer(now - 30 * 86_400_000_000)]
            ).map {
                StoredTemplate(path: $0.text("path") ?? "", asked: $0.text("asked") ?? "", agreed: Int($0.integer("agreed") ?? 0))
            }
        }
    }

    /// Writes what `change` makes of the number of pages that agreed, and gives it back.
    package func learnTemplate(
        of host: String, path: String, asked: String, _ change: @escaping @Sendable (Int) -> Int
    ) async throws -> Int {
        let dialect = database.dialect
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            let key: [String: SQLValue] = ["host": .text(host), "path": .text(path), "asked": .text(asked)]
            // The row is locked from here on.
            let row = try transaction.row(
                """
                INSERT INTO templates(host, path, asked, agreed, looked_at) VALUES (:host, :path, :asked, 0, :now)
                ON CONFLICT(host, path, asked) DO UPDATE SET looked_at = :now RETURNING agreed
                """, key.merging(["now": .integer(now)]) { $1 })
            let agreed = change(Int(row?.integer("agreed") ?? 0))
            try transaction.run(
                "UPDATE templates SET agreed = :agreed WHERE host = :host AND path = :path AND asked = :asked",
                key.merging(["agreed": SQLValue(agreed)]) { $1 })
            return agreed
        }
    }
}
