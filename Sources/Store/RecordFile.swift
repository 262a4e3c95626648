/// Records in a SQLite file of their own, for people who go on in SQL: the table `records`, a column a field, and `_url`.
package struct RecordFile {
    private let database: SQLiteDatabase
    private let columns: [String]

    /// Replaces the table, should the file have one.
    package init(path: String, columns: [String]) async throws {
        database = try SQLiteDatabase(path: path)
        self.columns = columns + ["_url"]
        let definition = self.columns.map { "\(RecordFile.quoted($0)) TEXT" }.joined(separator: ", ")
        try await database.write { transaction in
            try transaction.run("DROP TABLE IF EXISTS records")
            _ = try transaction.run("CREATE TABLE records(\(definition))")
        }
    }

    /// - Parameter rows: a cell a column, the page's address last.
    package func add(_ rows: [[String?]]) async throws {
        let names = columns.map(RecordFile.quoted).joined(separator: ", ")
        let places = columns.indices.map { ":c\($0)" }.joined(separator: ", ")
        let sql = "INSERT INTO records(\(names)) VALUES (\(places))"
        try await database.write { transaction in
            _ = try transaction.run(
                sql,
                each: rows.map { row in
                    Dictionary(uniqueKeysWithValues: row.enumerated().map { ("c\($0.offset)", SQLValue($0.element)) })
                })
        }
    }

    package func close() async throws { try await database.close() }

    private static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
}
