// Keys of the API. What is stored of one can't be used as one.

/// A key as it is kept. Times are the database's, in microseconds.
package struct KeyRow: Sendable, Equatable {
    /// Its beginning, by which it is known.
    package var id: String
    package var name: String
    /// SHA-256 of the whole key, in hexadecimal.
    package var digest: String
    package var scopes: [String]
    package var createdAt: Int64
    package var expiresAt: Int64?
    package var revokedAt: Int64?

    package init(id: String, name: String, digest: String, scopes: [String], expiresAt: Int64? = nil) {
        (self.id, self.name, self.digest, self.scopes, self.expiresAt) = (id, name, digest, scopes, expiresAt)
        createdAt = 0
    }

    init(_ row: SQLRow) {
        self.init(
            id: row.text("id") ?? "", name: row.text("name") ?? "", digest: row.text("digest") ?? "",
            scopes: (row.text("scopes") ?? "").split(separator: ",").map(String.init), expiresAt: row.integer("expires_at"))
        createdAt = row.integer("created_at") ?? 0
        revokedAt = row.integer("revoked_at")
    }
}

extension Store {
    package func add(_ key: KeyRow) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            try transaction.run(
                "INSERT INTO keys(id, name, digest, scopes, created_at, expires_at) VALUES (:id, :name, :digest, :scopes, :now, :expires)",
                [
                    "id": .text(key.id), "name": .text(key.name), "digest": .text(key.digest), "scopes": .text(key.scopes.joined(separator: ",")),
                    "now": .integer(now), "expires": SQLValue(key.expiresAt),
                ])
        }
    }

    /// Those that were revoked, too; the oldest first.
    package func keys() async throws -> [KeyRow] {
        try await database.read { try $0.rows("SELECT * FROM keys ORDER BY created_at, id").map { KeyRow($0) } }
    }

    /// nil where there is none, or it was revoked.
    package func key(_ id: String) async throws -> KeyRow? {
        try await database.read {
            try $0.row("SELECT * FROM keys WHERE id = :id AND revoked_at IS NULL", ["id": .text(id)]).map { KeyRow($0) }
        }
    }

    /// Whether there is one that isn't revoked.
    package func hasKeys() async throws -> Bool {
        try await database.read { try $0.row("SELECT 1 AS is_there FROM keys WHERE revoked_at IS NULL LIMIT 1") != nil }
    }

    /// - Returns: false where there is none of that id, or it was revoked before.
    package func revoke(key id: String) async throws -> Bool {
        let dialect = database.dialect
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            return try transaction.row(
                "UPDATE keys SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL RETURNING id", ["id": .text(id), "now": .integer(now)]) != nil
        }
    }
}
