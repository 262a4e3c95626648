/// A JSON value that keeps the order of its members and the spelling of its numbers (RFC 8259).
///
/// Columns come out in the order of the request, and a price must not pass through a `Double`; Foundation's JSON keeps neither.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The number as it is spelled, valid by RFC 8259 section 6.
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// An object of the given members, in order; those that are nil are left out.
    package static func of(_ members: (String, JSON?)...) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }

    package static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// A finite number in its shortest spelling; `null` for NaN and infinities, which JSON can't say.
    package static func double(_ value: Double) -> JSON {
        guard value.isFinite else { return .null }
        if value == value.rounded(), abs(value) < 1e15 { return .number(String(Int64(value))) }
        return .number("\(value)")
    }
}

extension JSON {
    /// The member of that name (the last one, where a name stands twice); nil where there is none or this is no object.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    package var members: [Member]? { if case .object(let value) = self { value } else { nil } }
    package var int: Int? { if case .number(let value) = self { Int(value) } else { nil } }
    package var double: Double? { if case .number(let value) = self { Double(value) } else { nil } }
    package var isNull: Bool { self == .null }

    /// The value at an RFC 6901 pointer ("" is the whole value).
    package func at(pointer: String) -> JSON? {
        if pointer.isEmpty { return self }
        // By scalars: a "/" with a combining mark after it is one Character, yet still a separator.
        guard pointer.unicodeScalars.first == "/" else { return nil }
        var value = self
        for step in pointer.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let name = JSON.unescapePointer(String(step))
            switch value {
            case .object(let members):
                guard let next = members.last(where: { $0.name == name })?.value else { return nil }
                value = next
            case .array(let items):
                guard let index = Int(name), String(index) == name, items.indices.contains(index) else { return nil }
                value = items[index]
            default: return nil
            }
        }
        return value
    }

    /// One reference token of an RFC 6901 pointer, escaped.
    package static func escapePointer(_ name: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": out.append(contentsOf: "~0".unicodeScalars)
            case "/": out.append(contentsOf: "~1".unicodeScalars)
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    static func unescapePointer(_ step: String) -> String {
        var out = String.UnicodeScalarView()
        var rest = Substring(step).unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "~", let code = rest.first, code == "0" || code == "1" else {
                out.append(scalar)
                continue
            }
            rest.removeFirst()
            out.append(code == "0" ? "~" : "/")
        }
        return String(out)
    }
}

// MARK: - Writing

extension JSON: CustomStringConvertible {
    /// Compact text on one line.
    package var description: String { text() }

    /// JSON text; indented by two spaces a level when `pretty`.
    package func text(pretty: Bool = false) -> String {
        var out = ""
        write(into: &out, indent: pretty ? 0 : nil)
        return out
    }

    private func write(into out: inout String, indent: Int?) {
        func line(_ depth: Int) { out += "\n" + String(repeating: "  ", count: depth) }
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .number(let value): out += value
        case .string(let value): JSON.quote(value, into: &out)
        case .array(let items):
            if items.isEmpty { return out += "[]" }
            out += "["
            for (index, item) in items.enumerated() {
                if index > 0 { out += "," }
                if let indent { line(indent + 1) }
                item.write(into: &out, indent: indent.map { $0 + 1 })
            }
            if let indent { line(indent) }
            out += "]"
        case .object(let members):
            if members.isEmpty { return out += "{}" }
            out += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { out += "," }
                if let indent { line(indent + 1) }
                JSON.quote(member.name, into: &out)
                out += indent == nil ? ":" : ": "
                member.value.write(into: &out, indent: indent.map { $0 + 1 })
            }
            if let indent { line(indent) }
            out += "}"
        }
    }

    private static func quote(_ string: String, into out: inout String) {
        let hex = Array("0123456789abcdef".unicodeScalars)
        out += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || (0x2028...0x2029).contains(scalar.value):
                out += "\\u"
                for shift in [12, 8, 4, 0] { out.unicodeScalars.append(hex[Int(scalar.value >> UInt32(shift)) & 15]) }
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}

// MARK: - Reading

extension JSON {
    package struct ParseError: Error, Equatable, CustomStringConvertible {
        /// What was wrong, without the place.
        package var reason: String
        /// 1-based line and column (in Unicode scalars) where it was found.
        package var line: Int
        package var column: Int

        package var description: String { "not valid JSON: \(reason) at line \(line), column \(column)" }
    }

    /// Reads one JSON text; white space around it is allowed, anything else after it is an error.
    /// Nesting deeper than `maximumDepth` is refused, so that hostile input can't exhaust the stack.
    package init(parsing text: String, maximumDepth: Int = 256) throws(ParseError) {
        var parser = Parser(scalars: Array(text.unicodeScalars), maximumDepth: maximumDepth)
        self = try parser.document()
    }

    private struct Parser {
        let scalars: [Unicode.Scalar]
        let maximumDepth: Int
        var at = 0

        init(scalars: [Unicode.Scalar], maximumDepth: Int) {
            self.scalars = scalars
            self.maximumDepth = maximumDepth
            if scalars.first == "\u{FEFF}" { at = 1 }
        }

        var current: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

        func fail(_ reason: String) -> ParseError {
            var line = 1
            var column = 1
            for scalar in scalars[..<min(at, scalars.count)] {
                if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
            }
            return ParseError(reason: reason, line: line, column: column)
        }

        mutating func document() throws(ParseError) -> JSON {
            let result = try value(depth: 0)
            skipSpace()
            guard current == nil else { throw fail("something stands after the end") }
            return result
        }

        mutating func skipSpace() {
            while let scalar = current, scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t" { at += 1 }
        }

        mutating func value(depth: Int) throws(ParseError) -> JSON {
            guard depth <= maximumDepth else { throw fail("nested more than \(maximumDepth) deep") }
            skipSpace()
            switch current {
            case "{": return try object(depth: depth)
            case "[": return try array(depth: depth)
            case "\"": return .string(try string())
            case "t": return try word("true", .bool(true))
            case "f": return try word("false", .bool(false))
            case "n": return try word("null", .null)
            case .some(let scalar) where scalar == "-" || ("0"..."9").contains(scalar): return .number(try number())
            case nil: throw fail("the text ends too early")
            case .some(let scalar): throw fail("unexpected \"\(scalar)\"")
            }
        }

        mutating func word(_ text: String, _ value: JSON) throws(ParseError) -> JSON {
            for scalar in text.unicodeScalars {
                guard current == scalar else { throw fail("unknown word") }
                at += 1
            }
            return value
        }

        mutating func object(depth: Int) throws(ParseError) -> JSON {
            at += 1
            var members: [Member] = []
            skipSpace()
            if current == "}" { at += 1; return .object(members) }
            while true {
                skipSpace()
                guard current == "\"" else { throw fail("a member's name in quotes is missing") }
                let name = try string()
                skipSpace()
                guard current == ":" else { throw fail("\":\" is missing after \"\(name)\"") }
                at += 1
                members.append(Member(name, try value(depth: depth + 1)))
                skipSpace()
                if current == "," { at += 1; continue }
                guard current == "}" else { throw fail("\",\" or \"}\" is missing") }
                at += 1
                return .object(members)
            }
        }

        mutating func array(depth: Int) throws(ParseError) -> JSON {
            at += 1
            var items: [JSON] = []
            skipSpace()
            if current == "]" { at += 1; return .array(items) }
            while true {
                items.append(try value(depth: depth + 1))
                skipSpace()
                if current == "," { at += 1; continue }
                guard current == "]" else { throw fail("\",\" or \"]\" is missing") }
                at += 1
                return .array(items)
            }
        }

        mutating func number() throws(ParseError) -> String {
            let start = at
            func digits(_ parser: inout Parser) throws(ParseError) {
                guard let scalar = parser.current, ("0"..."9").contains(scalar) else { throw parser.fail("a digit is missing") }
                while let scalar = parser.current, ("0"..."9").contains(scalar) { parser.at += 1 }
            }
            if current == "-" { at += 1 }
            if current == "0" {
                at += 1
                if let scalar = current, ("0"..."9").contains(scalar) { throw fail("a number starts with 0") }
            } else {
                try digits(&self)
            }
            if current == "." { at += 1; try digits(&self) }
            if current == "e" || current == "E" {
                at += 1
                if current == "+" || current == "-" { at += 1 }
                try digits(&self)
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars[start..<at])
            return text
        }

        mutating func string() throws(ParseError) -> String {
            at += 1
            var out = String.UnicodeScalarView()
            while let scalar = current {
                at += 1
                switch scalar {
                case "\"": return String(out)
                case "\\":
                    guard let escape = current else { throw fail("the text ends in a string") }
                    at += 1
                    switch escape {
                    case "\"", "\\", "/": out.append(escape)
                    case "b": out.append("\u{8}")
                    case "f": out.append("\u{C}")
                    case "n": out.append("\n")
                    case "r": out.append("\r")
                    case "t": out.append("\t")
                    case "u":
                        var unit = try hex4()
                        if (0xD800..<0xDC00).contains(unit), at + 1 < scalars.count, scalars[at] == "\\", scalars[at + 1] == "u" {
                            let mark = at
                            at += 2
                            let low = try hex4()
                            if (0xDC00..<0xE000).contains(low) {
                                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                            } else {
                                at = mark
                            }
                        }
                        // A lone surrogate is no character: U+FFFD, as browsers do.
                        out.append(Unicode.Scalar(unit) ?? "\u{FFFD}")
                    default: throw fail("unknown escape \"\\\(escape)\"")
                    }
                case _ where scalar.value < 0x20: throw fail("a control character stands in a string")
                default: out.append(scalar)
                }
            }
            throw fail("the text ends in a string")
        }

        mutating func hex4() throws(ParseError) -> UInt32 {
            var unit: UInt32 = 0
            for _ in 0..<4 {
                guard let scalar = current, let digit = Character(scalar).hexDigitValue, scalar.isASCII else {
                    throw fail("four hexadecimal digits are missing after \\u")
                }
                unit = unit << 4 | UInt32(digit)
                at += 1
            }
            return unit
        }
    }
}
