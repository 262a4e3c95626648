/// Reads JSON as pages carry it: comments and CDATA wrappers around or inside, trailing and missing commas, control characters in
/// strings, unknown escapes, numbers that RFC 8259 forbids, character references for quotes, several values in one script; and what
/// programs write for data: names without quotes, single quotes, `undefined`, `!0`.
///
/// Nothing is evaluated. The same text always gives the same value, so that a pointer into it is evidence.
struct TolerantJSON {
    private let bytes: [UInt8]
    private var at: Int
    /// A quote ends a string only where something follows that can follow a string: `"a 17" monitor"`.
    private let repairsQuotes: Bool
    /// Nesting deeper than this is refused, so that hostile input can't exhaust the stack.
    private let maximumDepth = 128

    private init(bytes: [UInt8], at: Int, repairsQuotes: Bool) {
        self.bytes = bytes
        self.at = at
        self.repairsQuotes = repairsQuotes
    }

    /// The value of a whole text; an array of the values where there are several; nil where none can be read.
    static func value(of text: String) -> JSON? {
        let bytes = Array(text.utf8)
        if let value = document(bytes, repairsQuotes: false) ?? document(bytes, repairsQuotes: true) { return value }
        return bytes.contains(UInt8(ascii: "&")) ? document(decodingReferences(bytes), repairsQuotes: false) : nil
    }

    /// The value that begins at a byte (nil where none can be read), and how far was read.
    static func value(in bytes: [UInt8], from start: Int) -> (value: JSON?, end: Int) {
        var parser = TolerantJSON(bytes: bytes, at: start, repairsQuotes: false)
        let value = parser.value(depth: 0)
        return (value, parser.at)
    }

    /// The characters of a quoted string that begins at a byte, and where it ends.
    static func string(in bytes: [UInt8], from start: Int) -> (text: String, end: Int)? {
        guard bytes.indices.contains(start), bytes[start] == quote || bytes[start] == apostrophe else { return nil }
        var parser = TolerantJSON(bytes: bytes, at: start, repairsQuotes: false)
        guard let text = parser.string(bytes[start]) else { return nil }
        return (text, parser.at)
    }

    private static func document(_ bytes: [UInt8], repairsQuotes: Bool) -> JSON? {
        var parser = TolerantJSON(bytes: bytes, at: 0, repairsQuotes: repairsQuotes)
        var values: [JSON] = []
        while true {
            parser.skipSpace()
            while parser.current == semicolon || parser.current == comma {
                parser.at += 1
                parser.skipSpace()
            }
            guard let byte = parser.current else { break }
            // Only containers are data; a stray word or number means that this is something else.
            guard byte == openBrace || byte == openBracket, let value = parser.value(depth: 0) else {
                if values.isEmpty { return nil }
                break
            }
            values.append(value)
            if values.count >= 1000 { break }
        }
        return values.count > 1 ? .array(values) : values.first
    }

    // MARK: Bytes

    private static let quote = UInt8(ascii: "\"")
    private static let apostrophe = UInt8(ascii: "'")
    private static let backslash = UInt8(ascii: "\\")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let comma = UInt8(ascii: ",")
    private static let colon = UInt8(ascii: ":")
    private static let semicolon = UInt8(ascii: ";")
    private static let openBrace = UInt8(ascii: "{")
    private static let closeBrace = UInt8(ascii: "}")
    private static let openBracket = UInt8(ascii: "[")
    private static let closeBracket = UInt8(ascii: "]")

    private var current: UInt8? { at < bytes.count ? bytes[at] : nil }

    private func stands(_ text: StaticString, at index: Int) -> Bool {
        guard index + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { buffer in
            for offset in 0..<buffer.count where bytes[index + offset] != buffer[offset] { return false }
            return true
        }
    }

    private mutating func skipSpace() {
        while let byte = current {
            switch byte {
            case 0...0x20: at += 1
            case 0xC2 where at + 1 < bytes.count && bytes[at + 1] == 0xA0: at += 2
            case 0xEF where stands("\u{FEFF}", at: at): at += 3
            case 0xE2 where stands("\u{2028}", at: at) || stands("\u{2029}", at: at): at += 3
            case Self.slash where at + 1 < bytes.count && bytes[at + 1] == Self.star:
                at += 2
                while at < bytes.count, !stands("*/", at: at) { at += 1 }
                at = min(at + 2, bytes.count)
            case Self.slash where at + 1 < bytes.count && bytes[at + 1] == Self.slash:
                at += 2
                var mark = at
                while mark < bytes.count, bytes[mark] == 0x20 { mark += 1 }
                if stands("<![CDATA[", at: mark) {
                    at = mark + 9
                } else if stands("]]>", at: mark) {
                    at = mark + 3
                } else {
                    while let byte = current, byte != 0x0A, byte != 0x0D { at += 1 }
                }
            case 0x3C where stands("<![CDATA[", at: at): at += 9
            case 0x3C where stands("<!--", at: at): skipMarkupComment()
            case 0x2D where stands("-->", at: at): at += 3
            case Self.closeBracket where stands("]]>", at: at): at += 3
            default: return
            }
        }
    }

    /// "<!-- John -->" is a comment; in "<!-- {…} -->" only the marks are.
    private mutating func skipMarkupComment() {
        at += 4
        var look = at
        while look < bytes.count, bytes[look] <= 0x20 { look += 1 }
        guard look < bytes.count, bytes[look] != Self.openBrace, bytes[look] != Self.openBracket else { return }
        while look < bytes.count, !stands("-->", at: look) { look += 1 }
        if look < bytes.count { at = look + 3 }
    }

    // MARK: Values

    private mutating func value(depth: Int) -> JSON? {
        guard depth <= maximumDepth else { return nil }
        skipSpace()
        guard let byte = current else { return nil }
        switch byte {
        case Self.openBrace: return object(depth: depth)
        case Self.openBracket: return array(depth: depth)
        case Self.quote: return string(byte).map(JSON.string)
        case Self.apostrophe: return string(byte).map(JSON.string)
        case UInt8(ascii: "!"):
            guard at + 1 < bytes.count, bytes[at + 1] == 0x30 || bytes[at + 1] == 0x31 else { return nil }
            defer { at += 2 }
            return .bool(bytes[at + 1] == 0x30)
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), 0x30...0x39: return number()
        default: return word()
        }
    }

    private mutating func word() -> JSON? {
        let start = at
        while let byte = current, isName(byte) { at += 1 }
        switch String(decoding: bytes[start..<at], as: UTF8.self) {
        case "true", "True": return .bool(true)
        case "false", "False": return .bool(false)
        case "null", "None", "undefined", "NaN": return .null
        case "void" where stands(" 0", at: at):
            at += 2
            return .null
        default: return nil
        }
    }

    private func isName(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= 0x61 && lower <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5F || byte == 0x24 || byte >= 0x80
    }

    private mutating func object(depth: Int) -> JSON? {
        at += 1
        var members: [JSON.Member] = []
        while true {
            skipSpace()
            while current == Self.comma {
                at += 1
                skipSpace()
            }
            guard let byte = current else { return nil }
            if byte == Self.closeBrace {
                at += 1
                return .object(members)
            }
            let name: String
            if byte == Self.quote || byte == Self.apostrophe {
                guard let text = string(byte) else { return nil }
                name = text
            } else if isName(byte) {
                let start = at
                while let byte = current, isName(byte) { at += 1 }
                name = String(decoding: bytes[start..<at], as: UTF8.self)
            } else {
                return nil
            }
            skipSpace()
            guard current == Self.colon else { return nil }
            at += 1
            skipSpace()
            // A name without a value: left out.
            if current == Self.comma || current == Self.closeBrace { continue }
            guard let value = value(depth: depth + 1) else { return nil }
            members.append(JSON.Member(name, value))
            skipSpace()
            guard let after = current else { return nil }
            if after == Self.comma || after == Self.closeBrace { continue }
            // A comma was forgotten.
            guard after == Self.quote else { return nil }
        }
    }

    private mutating func array(depth: Int) -> JSON? {
        at += 1
        var items: [JSON] = []
        while true {
            skipSpace()
            while current == Self.comma {
                at += 1
                skipSpace()
            }
            guard let byte = current else { return nil }
            if byte == Self.closeBracket {
                at += 1
                return .array(items)
            }
            guard let value = value(depth: depth + 1) else { return nil }
            items.append(value)
            skipSpace()
            guard let after = current else { return nil }
            if after == Self.comma || after == Self.closeBracket { continue }
            guard after == Self.quote || after == Self.openBrace else { return nil }
        }
    }

    /// A number, respelled where RFC 8259 forbids its spelling ("+5", ".5", "05", "5.").
    private mutating func number() -> JSON? {
        var isNegative = false
        if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") {
            isNegative = current == UInt8(ascii: "-")
            at += 1
        }
        var whole = Substring(digits())
        var fraction = ""
        if current == UInt8(ascii: ".") {
            at += 1
            fraction = digits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        whole = whole.drop { $0 == "0" }
        var text = (isNegative ? "-" : "") + (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
        if let byte = current, byte | 0x20 == 0x65 {
            let mark = at
            at += 1
            var sign = ""
            if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") {
                sign = current == UInt8(ascii: "-") ? "-" : "+"
                at += 1
            }
            let exponent = digits()
            if exponent.isEmpty { at = mark } else { text += "e" + sign + exponent }
        }
        // "5px" is no number.
        if let byte = current, isName(byte) { return nil }
        return .number(text)
    }

    private mutating func digits() -> String {
        let start = at
        while let byte = current, byte >= 0x30, byte <= 0x39 { at += 1 }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    // MARK: Strings

    private mutating func string(_ mark: UInt8) -> String? {
        at += 1
        var out: [UInt8] = []
        while let byte = current {
            at += 1
            if byte == mark {
                if repairsQuotes, !canEndString(at) {
                    out.append(byte)
                    continue
                }
                return String(decoding: out, as: UTF8.self)
            }
            guard byte == Self.backslash else {
                out.append(byte)
                continue
            }
            guard let escape = current else { return nil }
            at += 1
            switch escape {
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"): append(unicode(), to: &out)
            case UInt8(ascii: "x"):
                if let value = hex(2) { append(Unicode.Scalar(value) ?? "\u{FFFD}", to: &out) } else { out.append(escape) }
            case 0x0A: break
            default: out.append(escape)
            }
        }
        return nil
    }

    private func canEndString(_ index: Int) -> Bool {
        var look = index
        while look < bytes.count, bytes[look] <= 0x20 { look += 1 }
        guard look < bytes.count else { return true }
        let byte = bytes[look]
        if byte == Self.closeBrace || byte == Self.closeBracket || byte == Self.colon { return true }
        guard byte == Self.comma else { return false }
        look += 1
        while look < bytes.count, bytes[look] <= 0x20 { look += 1 }
        guard look < bytes.count else { return true }
        let next = bytes[look]
        return next == Self.quote || next == Self.openBrace || next == Self.openBracket || next == Self.closeBrace
            || next == Self.closeBracket
            || (next >= 0x30 && next <= 0x39) || next == 0x2D || stands("true", at: look) || stands("false", at: look)
            || stands("null", at: look)
    }

    private mutating func unicode() -> Unicode.Scalar {
        guard let unit = hex(4) else { return "\u{FFFD}" }
        if (0xD800..<0xDC00).contains(unit), stands("\\u", at: at) {
            let mark = at
            at += 2
            if let low = hex(4), (0xDC00..<0xE000).contains(low) {
                return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
            }
            at = mark
        }
        return Unicode.Scalar(unit) ?? "\u{FFFD}"
    }

    private mutating func hex(_ count: Int) -> UInt32? {
        guard at + count <= bytes.count else { return nil }
        var value: UInt32 = 0
        for offset in 0..<count {
            let byte = bytes[at + offset]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        at += count
        return value
    }

    private func append(_ scalar: Unicode.Scalar, to out: inout [UInt8]) { out.append(contentsOf: Array(String(scalar).utf8)) }

    /// The references that templates write when they escape a script as if it were text.
    private static func decodingReferences(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "&"), let (name, byte) = references.first(where: { bytes[at...].starts(with: $0.name) }) {
                out.append(byte)
                at += name.count
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return out
    }

    private static let references: [(name: [UInt8], byte: UInt8)] = [
        ("&quot;", "\""), ("&#34;", "\""), ("&#x22;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"),
    ].compactMap { name, character in Array(character.utf8).first.map { (Array(name.utf8), $0) } }
}
