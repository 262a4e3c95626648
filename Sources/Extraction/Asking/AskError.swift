package import Documents

/// Why a fields line or a schema can't be read. The person who wrote it mends it; nothing is tried again.
package struct AskError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A `--fields` line: see `column`.
        case badFieldsLine
        /// The schema is no JSON; `underlying` says where.
        case schemaNotJSON
        /// Valid JSON Schema, but with something that isn't supported: see `pointer`.
        case schemaNotSupported
        /// No JSON Schema, or one that contradicts itself: see `pointer`.
        case badSchema
    }

    package var code: Code
    package var message: String
    /// 1-based column (Unicode scalars) in a fields line.
    package var column: Int?
    /// URI fragment of the place in a schema, such as `#/properties/price`.
    package var pointer: String?
    package var underlying: JSON.ParseError?

    package init(_ code: Code, _ message: String, column: Int? = nil, pointer: String? = nil, underlying: JSON.ParseError? = nil) {
        self.code = code
        self.message = message
        self.column = column
        self.pointer = pointer
        self.underlying = underlying
    }

    package var description: String { message }
}
