/// Reads numbers as people print them: 1,234.5 · 1.234,5 · 1 234,5 · 1'234 · 12,34,567 · ١٢٣.
///
/// A single mark before exactly three digits ("1.234") can be read two ways; the style decides, and the token says that it did.
struct NumberReader {
    enum Style {
        /// A lone comma before three digits groups; a lone point does what `loneDotGroups` says.
        case open
        /// As programs write: the point is decimal, a comma groups, spaces never do.
        case plain
        /// English pages: the point is decimal, a comma groups, spaces never do.
        case point
        /// The comma is decimal, a point groups.
        case comma
    }

    struct Token: Equatable {
        /// From the first digit (or a leading decimal mark) to after the last digit.
        var range: Range<Int>
        var amount: DecimalText
        /// The style decided how a mark was read.
        var isAmbiguous: Bool
        /// Digits as printed, without any mark: "2024" is 4.
        var isPlainInteger: Bool
    }

    let scalars: [Unicode.Scalar]
    var style = Style.open
    /// In the open style, "1.234" is one thousand two hundred thirty-four: so for prices, not for measures.
    var loneDotGroups = false

    /// The number that begins at a digit (or at a decimal mark before one), and where scanning goes on. No token: the digits and marks
    /// there are no number (a date, an address, a version).
    func token(at start: Int) -> (token: Token?, next: Int) {
        var at = start
        var groups: [[UInt8]] = []
        var marks: [Unicode.Scalar] = []
        if isMark(scalars[at]) {
            groups.append([])
            marks.append(".")
            at += 1
        }
        groups.append(digits(&at))
        while at < scalars.count, let mark = mark(at, groups: groups, marks: marks) {
            marks.append(mark)
            at += 1
            groups.append(digits(&at))
        }
        guard groups.reduce(0, { $0 + $1.count }) <= 40 else { return (nil, at) }
        // "$.750.30": a stray mark in front of a number that has its own.
        if groups[0].isEmpty, marks.count > 1 {
            groups.removeFirst()
            marks.removeFirst()
        }
        guard let (whole, fraction, isAmbiguous) = interpret(groups, marks) else { return (nil, at) }
        let amount = DecimalText(whole: whole, fraction: fraction)
        return (Token(range: start..<at, amount: amount, isAmbiguous: isAmbiguous, isPlainInteger: marks.isEmpty), at)
    }

    /// First place at or after `index` where a number may begin.
    func nextStart(from index: Int) -> Int? {
        var at = index
        while at < scalars.count {
            if Glyph.digit(scalars[at]) != nil { return at }
            if isMark(scalars[at]), at + 1 < scalars.count, Glyph.digit(scalars[at + 1]) != nil,
                at == 0 || !(Glyph.isLetter(scalars[at - 1]) || isMark(scalars[at - 1]))
            {
                return at
            }
            at += 1
        }
        return nil
    }

    private func isMark(_ scalar: Unicode.Scalar) -> Bool { scalar == "." || scalar == "," || scalar == "٫" || scalar == "·" }

    private func digits(_ at: inout Int) -> [UInt8] {
        var out: [UInt8] = []
        while at < scalars.count, let digit = Glyph.digit(scalars[at]) {
            out.append(UInt8(digit))
            at += 1
        }
        return out
    }

    private func digitCount(from index: Int, most: Int) -> Int {
        var count = 0
        while count < most, index + count < scalars.count, Glyph.digit(scalars[index + count]) != nil { count += 1 }
        return count
    }

    /// The mark at a position, in one of four spellings ("." "," " " "'"), if a number can go on across it.
    private func mark(_ at: Int, groups: [[UInt8]], marks: [Unicode.Scalar]) -> Unicode.Scalar? {
        let scalar = scalars[at]
        switch scalar {
        case ".", ",": return digitCount(from: at + 1, most: 1) == 1 ? scalar : nil
        case "٫", "·": return digitCount(from: at + 1, most: 1) == 1 && !marks.contains(".") ? "." : nil
        case "'", "’", "ʼ", "`", "´", "٬": return digitCount(from: at + 1, most: 4) == 3 ? "'" : nil
        case " ", "\u{A0}", "\u{202F}", "\u{2009}", "\u{2007}", "\u{2008}":
            guard style == .open || style == .comma, digitCount(from: at + 1, most: 4) == 3, groups[0].count <= 3, !groups[0].isEmpty,
                groups[0] != [0], !marks.contains(where: { $0 != " " })
            else { return nil }
            return " "
        default: return nil
        }
    }

    private func interpret(_ groups: [[UInt8]], _ marks: [Unicode.Scalar]) -> (whole: [UInt8], fraction: [UInt8], isAmbiguous: Bool)? {
        func joined(_ part: ArraySlice<[UInt8]>) -> [UInt8] { Array(part.joined()) }
        guard let last = marks.last else { return (groups[0], [], false) }
        if groups[0].isEmpty { return ([], groups[1], false) }
        let kinds = Set(marks)
        if last == " " || last == "'" { return kinds.count == 1 ? (joined(groups[...]), [], false) : nil }
        if kinds.count > 1 {
            // The last mark is decimal if it stands once and the others group.
            guard marks.dropLast().allSatisfy({ $0 == marks[0] }), marks[0] != last, areGroups(groups.dropLast()) else { return nil }
            return (joined(groups.dropLast()), groups[groups.count - 1], false)
        }
        if marks.count > 1 { return areGroups(groups[...]) ? (joined(groups[...]), [], false) : nil }
        let (head, tail) = (groups[0], groups[1])
        if tail.count != 3 || head.count > 3 || head.allSatisfy({ $0 == 0 }) { return (head, tail, false) }
        let isDecimal =
            switch style {
            case .open: last == "." && !loneDotGroups
            case .plain, .point: last == "."
            case .comma: last == ","
            }
        return isDecimal ? (head, tail, true) : (head + tail, [], true)
    }

    /// 1-3 digits, then threes; or as in India, twos and a last three.
    private func areGroups(_ groups: ArraySlice<[UInt8]>) -> Bool {
        guard let first = groups.first, let last = groups.last, (1...3).contains(first.count) else { return false }
        if groups.count == 1 { return true }
        let middle = groups.dropFirst().dropLast()
        return last.count == 3 && (middle.allSatisfy { $0.count == 3 } || (first.count <= 2 && middle.allSatisfy { $0.count == 2 }))
    }
}

/// A decimal number as digits, so that a price never passes through a `Double`.
struct DecimalText: Equatable {
    /// Without leading zeros; empty for zero.
    private(set) var whole: [UInt8]
    private(set) var fraction: [UInt8]
    var isNegative = false

    init(whole: [UInt8], fraction: [UInt8] = []) {
        self.whole = Array(whole.drop { $0 == 0 })
        self.fraction = fraction
    }

    var isZero: Bool { whole.isEmpty && fraction.allSatisfy { $0 == 0 } }

    /// Moves the decimal mark to the right (to the left for negative places).
    func shifted(by places: Int) -> DecimalText {
        var digits = whole + fraction
        var mark = whole.count + places
        if mark < 0 {
            digits = Array(repeating: 0, count: -mark) + digits
            mark = 0
        }
        if mark > digits.count { digits += Array(repeating: 0, count: mark - digits.count) }
        var result = DecimalText(whole: Array(digits[..<mark]), fraction: Array(digits[mark...]))
        // What was shifted in or across was not printed: "1.2k" is 1200, "$1.25M" 1250000.
        if places > 0 { while result.fraction.last == 0 { result.fraction.removeLast() } }
        result.isNegative = isNegative
        return result
    }

    /// As printed: "12.50".
    var text: String {
        var out = isNegative && !isZero ? "-" : ""
        if whole.isEmpty { out += "0" }
        for digit in whole { out.unicodeScalars.append(Unicode.Scalar(0x30 + digit)) }
        if !fraction.isEmpty {
            out += "."
            for digit in fraction { out.unicodeScalars.append(Unicode.Scalar(0x30 + digit)) }
        }
        return out
    }

    /// Shortest spelling of the number: "12.5".
    var canonical: String {
        var short = self
        while short.fraction.last == 0 { short.fraction.removeLast() }
        return short.text
    }

    /// As a whole number; nil where there is a fraction or it doesn't fit.
    var int: Int? {
        guard fraction.allSatisfy({ $0 == 0 }), whole.count <= 15 else { return nil }
        let value = whole.reduce(0) { $0 * 10 + Int($1) }
        return isNegative ? -value : value
    }
}
