/// A JSON reader that moves forward once over bytes (RFC 8259), without building a tree.
///
/// A snapshot is a few long arrays of small integers and one of strings: 17 MB for a 5 MB page; events come by the hundred a page.
/// `JSONDecoder` pays per element, this pays per byte. It trusts the shape that it is asked for, never the bounds.
package struct JSONReader: ~Copyable {
    /// Valid only inside the closure of `read`, which lends the reader.
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Lends a reader over a message.
    package static func read<R>(_ message: [UInt8], _ body: (inout JSONReader) throws -> R) throws -> R {
        try message.withUnsafeBufferPointer { bytes in
            var reader = JSONReader(bytes: bytes)
            return try body(&reader)
        }
    }

    private var unreadable: DevToolsError { DevToolsError(.unreadable, "a message of the browser breaks off or differs at byte \(at)") }

    @inline(__always)
    private mutating func peek() throws -> UInt8 {
        while at < bytes.count, bytes[at] <= 32 { at += 1 }
        guard at < bytes.count else { throw unreadable }
        return bytes[at]
    }

    @inline(__always)
    private mutating func expect(_ byte: Unicode.Scalar) throws {
        guard try peek() == UInt8(ascii: byte) else { throw unreadable }
        at += 1
    }

    /// Takes the byte if it is next.
    @inline(__always)
    private mutating func take(_ byte: Unicode.Scalar) throws -> Bool {
        guard try peek() == UInt8(ascii: byte) else { return false }
        at += 1
        return true
    }

    /// A member's name as it stands in the message, to be compared; the browser escapes none that has a meaning. Valid until the member's
    /// value has been read. Most members are skipped, so a string is only made of those that ask for it.
    package struct Key {
        fileprivate let bytes: UnsafeBufferPointer<UInt8>

        package static func == (key: Key, name: StaticString) -> Bool {
            guard key.bytes.count == name.utf8CodeUnitCount else { return false }
            for index in 0..<key.bytes.count where key.bytes[index] != name.utf8Start[index] { return false }
            return true
        }
        package static func ~= (name: StaticString, key: Key) -> Bool { key == name }

        /// Escapes stay as they are.
        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// Calls `member` with each name; it must read or skip the value.
    package mutating func object(_ member: (Key, inout JSONReader) throws -> Void) throws {
        try expect("{")
        if try take("}") { return }
        repeat {
            try expect("\"")
            let start = at
            try passString()
            let key = Key(bytes: UnsafeBufferPointer(rebasing: bytes[start..<at - 1]))
            try expect(":")
            try member(key, &self)
        } while try take(",")
        try expect("}")
    }

    package mutating func array(_ element: (inout JSONReader) throws -> Void) throws {
        try expect("[")
        if try take("]") { return }
        repeat { try element(&self) } while try take(",")
        try expect("]")
    }

    package mutating func integers(into list: inout [Int32]) throws {
        try expect("[")
        if try take("]") { return }
        repeat {
            let negative = try take("-")
            var value = 0
            let start = at
            while at < bytes.count, case let digit = bytes[at] &- 48, digit < 10, at - start < 10 {
                value = value * 10 + Int(digit)
                at += 1
            }
            guard at > start, let small = Int32(exactly: negative ? -value : value) else { throw unreadable }
            list.append(small)
        } while try take(",")
        try expect("]")
    }

    package mutating func number() throws -> Double {
        _ = try peek()
        let start = at
        let negative = try take("-")
        let first = at
        var digits = 0
        // Digits behind the point; nil before it.
        var places: Int?
        while at < bytes.count {
            if case let digit = bytes[at] &- 48, digit < 10 {
                if at - first < 17 { digits = digits &* 10 &+ Int(digit) }
                places = places.map { $0 + 1 }
            } else if bytes[at] == UInt8(ascii: "."), places == nil {
                places = 0
            } else {
                break
            }
            at += 1
        }
        guard at > first else { throw unreadable }
        // So many digits and such a power of ten are exact as `Double`s, and so is the rounding of their quotient.
        let isSimple = at == bytes.count || ![43, 45, 46, 69, 101].contains(bytes[at])
        if isSimple, at - first <= 16, digits < 1 << 53 {
            let value = Double(digits) / (places.map { Self.powers[$0] } ?? 1)
            return negative ? -value : value
        }
        while at < bytes.count, bytes[at] &- 48 < 10 || [43, 45, 46, 69, 101].contains(bytes[at]) { at += 1 }
        guard let parsed = Double(String(decoding: bytes[start..<at], as: UTF8.self)) else { throw unreadable }
        return parsed
    }

    private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16]

    /// A number cut to an integer and clamped to what an `Int` holds.
    package mutating func integer() throws -> Int {
        let value = try number()
        guard value.isFinite else { return 0 }
        return Int(max(-9e15, min(9e15, value)))
    }

    package mutating func bool() throws -> Bool {
        switch try peek() {
        case UInt8(ascii: "t"):
            try skip()
            return true
        case UInt8(ascii: "f"):
            try skip()
            return false
        default: throw unreadable
        }
    }

    /// A string; nil for any other value, which is skipped.
    package mutating func stringIfAny() throws -> String? {
        if try peek() == UInt8(ascii: "\"") { return try string() }
        try skip()
        return nil
    }

    package mutating func string() throws -> String {
        try expect("\"")
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") { at += 1 }
        guard at < bytes.count else { throw unreadable }
        if bytes[at] == UInt8(ascii: "\"") {
            defer { at += 1 }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
        var text = Array(bytes[start..<at])
        while true {
            guard at < bytes.count else { throw unreadable }
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard at < bytes.count else { throw unreadable }
            let escape = bytes[at]
            at += 1
            switch escape {
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "u"):
                var unit = try unit()
                if unit & 0xFC00 == 0xD800, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") {
                    let before = at
                    at += 2
                    let low = try self.unit()
                    if low & 0xFC00 == 0xDC00 { unit = 0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF) } else { at = before }
                }
                // Pages may hold a lone surrogate, which no UTF-8 has: U+FFFD, as JSON.parse plus encoding would.
                text.append(contentsOf: String(Character(Unicode.Scalar(unit) ?? "\u{FFFD}")).utf8)
            default: text.append(escape)
            }
        }
    }

    /// From behind the first quote to behind the last.
    private mutating func passString() throws {
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        guard at < bytes.count else { throw unreadable }
        at += 1
    }

    private mutating func unit() throws -> UInt32 {
        guard at + 4 <= bytes.count, let unit = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
        else { throw unreadable }
        at += 4
        return unit
    }

    /// Skips any value without recursion, however deep.
    package mutating func skip() throws {
        var depth = 0
        repeat {
            switch try peek() {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                at += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                // Between values only; a value can't begin so.
                guard depth > 0 else { throw unreadable }
                at += 1
            case UInt8(ascii: "\""):
                at += 1
                try passString()
            default:
                while at < bytes.count, bytes[at] > 32, bytes[at] != 44, bytes[at] != 58, bytes[at] != 93, bytes[at] != 125 { at += 1 }
            }
        } while depth > 0
    }
}
