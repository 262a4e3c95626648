// The statements of the store name their parameters (`:now`); PostgreSQL numbers them (`$1`).

/// A statement with numbered parameters, and which name each number stands for.
struct PostgresStatement: Sendable, Equatable {
    let sql: String
    let names: [String]

    /// Leaves string literals, quoted names, comments and casts (`::`) as they are.
    init(_ named: String) {
        let text = Array(named.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var names: [String] = []
        var at = 0

        func next(_ offset: Int) -> UInt8? { at + offset < text.count ? text[at + offset] : nil }
        /// Takes up to and with the first `end` behind the place.
        func copy(through end: [UInt8], from start: Int) {
            var stop = start
            while stop < text.count, !text[stop...].starts(with: end) { stop += 1 }
            stop = min(text.count, stop + end.count)
            out += text[at..<stop]
            at = stop
        }

        while let byte = next(0) {
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): copy(through: [byte], from: at + 1)
            case UInt8(ascii: "-") where next(1) == UInt8(ascii: "-"): copy(through: [10], from: at + 2)
            case UInt8(ascii: "/") where next(1) == UInt8(ascii: "*"): copy(through: Array("*/".utf8), from: at + 2)
            case UInt8(ascii: ":") where next(1) == byte:
                out += [byte, byte]
                at += 2
            case UInt8(ascii: ":") where next(1).map(Self.isNameByte) == true:
                var end = at + 1
                while end < text.count, Self.isNameByte(text[end]) { end += 1 }
                let name = String(decoding: text[at + 1..<end], as: UTF8.self)
                if !names.contains(name) { names.append(name) }
                out += "$\((names.firstIndex(of: name) ?? 0) + 1)".utf8
                at = end
            default:
                out.append(byte)
                at += 1
            }
        }
        sql = String(decoding: out, as: UTF8.self)
        self.names = names
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }
}

/// The parameters of one execution, as libpq wants them: binary values, with the type of each.
struct PostgresParameters {
    /// Object ids of built-in types; fixed in PostgreSQL's catalogue.
    enum TypeID {
        static let bool: UInt32 = 16
        static let bytes: UInt32 = 17
        static let int8: UInt32 = 20
        static let int2: UInt32 = 21
        static let int4: UInt32 = 23
        static let text: UInt32 = 25
        static let float4: UInt32 = 700
        static let float8: UInt32 = 701
        /// json, name, "char"-like types whose binary form is their text.
        static let alsoText: Set<UInt32> = [18, 19, 114, 1042, 1043]
        /// What a function without a value returns.
        static let void: UInt32 = 2278
    }

    private(set) var types: [UInt32] = []
    private(set) var values: [[UInt8]?] = []

    init(_ statement: PostgresStatement, _ parameters: [String: SQLValue]) throws(PostgresFault) {
        for name in statement.names {
            guard let value = parameters[name] else {
                throw PostgresFault(.refused, "the statement wants :\(name), which was not given: \(statement.sql)")
            }
            switch value {
            case .null:
                types.append(0)
                values.append(nil)
            case .integer(let integer):
                types.append(TypeID.int8)
                values.append(Self.bigEndian(UInt64(bitPattern: integer)))
            case .real(let real):
                types.append(TypeID.float8)
                values.append(Self.bigEndian(real.bitPattern))
            case .text(let text):
                types.append(TypeID.text)
                // PostgreSQL has no NUL in text. A page may have one.
                values.append(text.utf8.contains(0) ? text.utf8.filter { $0 != 0 } : Array(text.utf8))
            case .blob(let bytes):
                types.append(TypeID.bytes)
                values.append(bytes)
            }
        }
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
}
