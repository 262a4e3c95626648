// What the store needs of a database. Two drivers implement it; the SQL above it is written once.

/// A value that goes into or comes out of a statement.
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }

    package init(_ value: some BinaryInteger) { self = .integer(Int64(clamping: value)) }
    package init(_ value: String?) { self = value.map { .text($0) } ?? .null }
    package init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
}

/// One row, by column name. A missing column or another type than asked reads as nil.
package struct SQLRow: Sendable {
    private let values: [String: SQLValue]

    package init(_ values: [String: SQLValue]) { self.values = values }

    package func integer(_ column: String) -> Int64? {
        switch values[column] {
        case .integer(let value): value
        case .real(let value): Int64(exactly: value)
        default: nil
        }
    }

    package func text(_ column: String) -> String? { if case .text(let value) = values[column] { value } else { nil } }
    package func blob(_ column: String) -> [UInt8]? { if case .blob(let value) = values[column] { value } else { nil } }
}

/// A transaction under way. Parameters are named (`:now`); each must be given.
package protocol Transaction {
    func rows(_ sql: String, _ parameters: [String: SQLValue]) throws -> [SQLRow]
    /// Runs a statement and tells how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ parameters: [String: SQLValue]) throws -> Int
    /// Runs a statement once for each set of parameters, in order and in as few round trips as the database can; the rows changed by all.
    @discardableResult
    func run(_ sql: String, each parameters: [[String: SQLValue]]) throws -> Int
}

extension Transaction {
    package func rows(_ sql: String) throws -> [SQLRow] { try rows(sql, [:]) }
    package func row(_ sql: String, _ parameters: [String: SQLValue] = [:]) throws -> SQLRow? { try rows(sql, parameters).first }
    @discardableResult
    package func run(_ sql: String) throws -> Int { try run(sql, [:]) }
}

package protocol Database: Sendable {
    /// Where it is, for people: without a password.
    var place: String { get }
    /// What differs between the databases, as text for the statements.
    var dialect: Dialect { get }
    /// Sees one state of the database from beginning to end and changes nothing.
    func read<Value: Sendable>(_ body: @Sendable @escaping (any Transaction) throws -> Value) async throws -> Value
    /// All or nothing; one writer at a time. A thrown error rolls back.
    func write<Value: Sendable>(_ body: @Sendable @escaping (any Transaction) throws -> Value) async throws -> Value
    /// Something whenever another process used `Dialect.notify`; nil where there is no such thing.
    func wakings() -> AsyncStream<Void>?
    /// Runs a statement that stands in no transaction (VACUUM).
    func maintain(_ sql: String) async throws
    func close() async throws
}

/// Type of a column that comes out of a parameter.
package enum ColumnType: Sendable { case integer, text }

/// The few words in which the two SQLs differ.
package struct Dialect: Sendable {
    /// Larger of two values: `max(a, b)` or `greatest(a, b)`.
    package var greatest: String
    /// Type of a row number that the database gives: ends a column definition.
    package var rowNumber: String
    package var blob: String
    /// Type of a text that is compared by its bytes, as ids are whose beginnings are looked for.
    package var id: String
    /// Microseconds since 1970 in UTC by the clock that decides leases and host clocks: the database's own, or this machine's for a file.
    package var now: String
    /// A list of numbers (a parameter with JSON text) as rows with a column `value`.
    package var list: @Sendable (_ parameter: String) -> String
    /// Rows out of a parameter with JSON text (an array of arrays): columns of those names and types, and `pos`, the row's place in it.
    package var table: @Sendable (_ parameter: String, _ columns: [(name: String, type: ColumnType)]) -> String
    /// Ends a SELECT of rows that are to be changed: rows that another transaction holds are passed over, where there can be another.
    package var skipLocked: String
    /// Ends a SELECT of rows that must not change until the transaction ends. Ask for them in the order of their key.
    package var locked: String
    /// Lets one of several processes at a time bring the schema up to date.
    package var migrationLock: String?
    /// Asks for the right to wake hosts until the transaction ends; a row with `got` 1 where nobody else has it. Nil where there is one writer
    /// anyway.
    package var wakeLock: String?
    /// Lets one transaction at a time do what goes by that `:name`. Nil where there is one writer anyway.
    package var nameLock: String?
    /// Tells listening processes that there is something to do; nil where they look by themselves.
    package var notify: String?
    /// Table, and triggers on `visits`, that keep a run's visits by state in the transactions that change them. Numbers of one state may
    /// stand in several rows, to be added up.
    package var tallies: String
    /// Adds up the rows of `run_counts`, where they are only appended.
    package var foldTallies: String?
    /// What is said of a table whose rows change all the time.
    package var hot: String
    /// Finds damage to the file; a row "ok" where there is none.
    package var integrity: String?
    package var vacuum: String
    /// Writes a copy to a new file.
    package var backUp: (@Sendable (_ path: String) -> String)?

    package static let sqlite = Dialect(
        greatest: "max", rowNumber: "INTEGER PRIMARY KEY", blob: "BLOB", id: "TEXT",
        now: "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
        list: { "SELECT value FROM json_each(\($0))" },
        table: { parameter, columns in
            let values = columns.enumerated().map { "json_extract(value, '$[\($0)]') AS \($1.name)" }
            return "SELECT key AS pos, \(values.joined(separator: ", ")) FROM json_each(\(parameter))"
        },
        skipLocked: "", locked: "", migrationLock: nil, wakeLock: nil, nameLock: nil, notify: nil,
        tallies: """
            CREATE TABLE run_counts(run_id BIGINT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1, state BIGINT NOT NULL,
              n BIGINT NOT NULL, PRIMARY KEY(run_id, state));
            CREATE TRIGGER visits_counted AFTER INSERT ON visits BEGIN
              INSERT INTO run_counts(run_id, state, n) VALUES (NEW.run_id, NEW.state, 1)
                ON CONFLICT(run_id, state) DO UPDATE SET n = n + 1;
            END;
            CREATE TRIGGER visits_recounted AFTER UPDATE OF state ON visits WHEN OLD.state <> NEW.state BEGIN
              UPDATE run_counts SET n = n - 1 WHERE run_id = OLD.run_id AND state = OLD.state;
              INSERT INTO run_counts(run_id, state, n) VALUES (NEW.run_id, NEW.state, 1)
                ON CONFLICT(run_id, state) DO UPDATE SET n = n + 1;
            END;
            """,
        foldTallies: nil, hot: "", integrity: "PRAGMA integrity_check(20)", vacuum: "VACUUM",
        backUp: { "VACUUM INTO '\($0.replacing("'", with: "''"))'" })

    package static let postgres = Dialect(
        greatest: "greatest", rowNumber: "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", blob: "BYTEA", id: "TEXT COLLATE \"C\"",
        now: "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
        list: { "SELECT unnest(CAST(translate(\($0), '[]', '{}') AS BIGINT[]))" },
        table: { parameter, columns in
            let values = columns.enumerated().map { index, column in
                "CAST(value->>\(index) AS \(column.type == .integer ? "BIGINT" : "TEXT")) AS \(column.name)"
            }
            return "SELECT pos, \(values.joined(separator: ", ")) FROM jsonb_array_elements(CAST(\(parameter) AS JSONB)) "
                + "WITH ORDINALITY AS given(value, pos)"
        },
        skipLocked: "FOR NO KEY UPDATE SKIP LOCKED", locked: "FOR NO KEY UPDATE",
        migrationLock: "SELECT pg_advisory_xact_lock(7163281994)",
        wakeLock: "SELECT CAST(pg_try_advisory_xact_lock(716328195, hashtext(current_schema())) AS INT) AS got",
        nameLock: "SELECT pg_advisory_xact_lock(716328196, hashtext(current_schema() || :name))",
        notify: "SELECT pg_notify('gleaner', :what)",
        // Changes are only added, so that two transactions which end visits of one run don't wait for each other; `foldTallies` adds them up.
        tallies: """
            CREATE TABLE run_counts(run_id BIGINT NOT NULL, tenant_id BIGINT NOT NULL DEFAULT 1, state BIGINT NOT NULL, n BIGINT NOT NULL);
            CREATE INDEX run_counts_run ON run_counts(run_id, state);
            CREATE FUNCTION count_visits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF TG_OP = 'INSERT' THEN
                INSERT INTO run_counts(run_id, state, n) SELECT run_id, state, count(*) FROM fresh GROUP BY run_id, state;
              ELSE
                INSERT INTO run_counts(run_id, state, n)
                  SELECT run_id, state, sum(one) FROM (
                    SELECT run_id, state, 1 AS one FROM fresh UNION ALL SELECT run_id, state, -1 FROM stale) AS changes
                  GROUP BY run_id, state HAVING sum(one) <> 0;
              END IF;
              RETURN NULL;
            END $$;
            CREATE TRIGGER visits_counted AFTER INSERT ON visits REFERENCING NEW TABLE AS fresh
              FOR EACH STATEMENT EXECUTE FUNCTION count_visits();
            CREATE TRIGGER visits_recounted AFTER UPDATE ON visits REFERENCING NEW TABLE AS fresh OLD TABLE AS stale
              FOR EACH STATEMENT EXECUTE FUNCTION count_visits();
            """,
        foldTallies: """
            WITH old AS (DELETE FROM run_counts WHERE run_id IN (
                SELECT run_id FROM run_counts GROUP BY run_id, state HAVING count(*) > 20 LIMIT 100) RETURNING run_id, state, n)
            INSERT INTO run_counts(run_id, state, n) SELECT run_id, state, sum(n) FROM old GROUP BY run_id, state HAVING sum(n) <> 0
            """,
        hot: """
             WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0)
            """,
        integrity: nil, vacuum: "VACUUM (ANALYZE)", backUp: nil)
}
