/// What must survive: runs, visits, host clocks, records, snapshots, robots files. Times in it are the database's, in microseconds.
package struct Store: Sendable {
    let database: any Database
    let isGone: @Sendable (_ process: String) -> Bool

    /// Over a database that is already open; its schema is brought up to date.
    ///
    /// - Parameter isGone: whether the process of a mark that was given to `heartbeat` is proven to be dead; others are judged by their
    ///   silence.
    package init(database: any Database, isGone: @escaping @Sendable (_ process: String) -> Bool = { _ in false }) async throws {
        self.database = database
        self.isGone = isGone
        try await Migrations.run(on: database)
    }

    /// A SQLite file, made when it isn't there.
    package static func open(file: String, isGone: @escaping @Sendable (_ process: String) -> Bool = { _ in false }) async throws -> Store {
        try await Store(database: SQLiteDatabase(path: file), isGone: isGone)
    }

    /// A PostgreSQL database that many nodes may share, by its URL. Made if it is empty; see `PostgresDatabase`.
    package static func open(
        postgres address: String, isGone: @escaping @Sendable (_ process: String) -> Bool = { _ in false }
    ) async throws -> Store {
        try await Store(database: PostgresDatabase(address), isGone: isGone)
    }

    package func close() async throws { try await database.close() }

    /// Where it is, for people: without a password.
    package var place: String { database.place }

    /// Something whenever another process says that there is work; nil where nobody can say so, and who waits has to look.
    package func wakings() -> AsyncStream<Void>? { database.wakings() }

    /// The database's clock.
    package func now() async throws -> Int64 {
        let sql = "SELECT \(database.dialect.now) AS now"
        return try await database.read { try $0.row(sql)?.integer("now") ?? 0 }
    }
}

extension Transaction {
    func now(_ dialect: Dialect) throws -> Int64 { try row("SELECT \(dialect.now) AS now")?.integer("now") ?? 0 }
}

/// What a visit or a run has come to. Raw values stand in the database.
package enum FinalState: Int64, Sendable, CaseIterable {
    case completed = 3
    case failed = 4
    /// A visit that was not made: robots, cancelled.
    case skipped = 5
    /// Done, with something missing that is named.
    case partial = 6
    /// A visit that was given up after several tries: somebody should look at it, and may put it into the queue again.
    case dead = 7

    package var name: String { State(rawValue: rawValue)?.name ?? "open" }
}

/// A run's or visit's place in life. Runs and visits share the words; only a run is paused, only a visit is dead. The moves of a run:
///
///     open ⇄ paused; open, paused → completed | partial | failed (its last visit ended, or its budget) | skipped (cancelled);
///     any final state → open, when visits of it are put into the queue again
///
/// Those of a visit stand at the head of `Store+Finish.swift`.
package enum State: Int64, Sendable {
    case open = 0
    case paused = 1
    case completed = 3
    case failed = 4
    case skipped = 5
    case partial = 6
    case dead = 7

    package var isFinal: Bool { rawValue > 1 }

    package var name: String {
        switch self {
        case .open: "open"
        case .paused: "paused"
        case .completed: "completed"
        case .failed: "failed"
        case .skipped: "skipped"
        case .partial: "partial"
        case .dead: "dead"
        }
    }
}

/// A list of numbers as the JSON text that `Dialect.list` takes apart.
func listText(_ values: some Sequence<Int64>) -> SQLValue { .text("[" + values.map(String.init).joined(separator: ",") + "]") }

/// Rows as the JSON text that `Dialect.table` takes apart. NUL characters, which no database keeps in a text, are left out.
func tableText(_ rows: some Sequence<[SQLValue]>) -> SQLValue {
    func text(_ value: SQLValue) -> String {
        switch value {
        case .integer(let integer): return String(integer)
        case .real(let real): return String(real)
        case .text(let text):
            var result = "\""
            for scalar in text.unicodeScalars where scalar.value != 0 {
                switch scalar {
                case "\"", "\\":
                    result.unicodeScalars.append("\\")
                    result.unicodeScalars.append(scalar)
                case _ where scalar.value < 32: result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                default: result.unicodeScalars.append(scalar)
                }
            }
            return result + "\""
        case .null, .blob: return "null"
        }
    }
    return .text("[" + rows.map { "[" + $0.map(text).joined(separator: ",") + "]" }.joined(separator: ",") + "]")
}
