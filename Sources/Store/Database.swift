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
}

extension Transaction {
    package func rows(_ sql: String) throws -> [SQLRow] { try rows(sql, [:]) }
    package func row(_ sql: String, _ parameters: [String: SQLValue] = [:]) throws -> SQLRow? { try rows(sql, parameters).first }
    @discardableResult
    package func run(_ sql: String) throws -> Int { try run(sql, [:]) }
}

package protocol Database: Sendable {
    /// What differs between the databases, as text for the statements.
    var dialect: Dialect { get }
    /// Sees one state of the database from beginning to end and changes nothing.
    func read<Value: Sendable>(_ body: @Sendable @escaping (any Transaction) throws -> Value) async throws -> Value
    /// All or nothing; one writer at a time. A thrown error rolls back.
    func write<Value: Sendable>(_ body: @Sendable @escaping (any Transaction) throws -> Value) async throws -> Value
    func close() async throws
}

/// The few words in which the two SQLs differ.
package struct Dialect: Sendable {
    /// Larger of two values: `max(a, b)` or `greatest(a, b)`.
    package var greatest: String
    /// Type of a row number that the database gives: ends a column definition.
    package var rowNumber: String
    package var blob: String
    /// Microseconds since 1970 in UTC by the clock that decides leases and host clocks: the database's own, or this machine's for a file.
    package var now: String
    /// A list parameter (JSON text) as rows with a column `value`.
    package var list: @Sendable (_ parameter: String) -> String

    package static let sqlite = Dialect(
        greatest: "max", rowNumber: "INTEGER PRIMARY KEY", blob: "BLOB",
        now: "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
        list: { "SELECT value FROM json_each(\($0))" })
}
