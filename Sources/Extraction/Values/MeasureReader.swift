/// Reads plain numbers: counts, ratings ("4.5 out of 5" is 4.5), percentages ("12,5 %" is 12.5), "1.2k", "3M", "1½".
struct MeasureReader {
    struct Found: Equatable {
        var range: Range<Int>
        var amount: DecimalText
        /// Leads the text: only signs stand before it.
        var isFirst: Bool
    }

    let scalars: [Unicode.Scalar]
    var style = NumberReader.Style.open

    /// Every number, in order; parts of dates, times, sizes and names are left out.
    func all() -> [Found] {
        let reader = NumberReader(scalars: scalars, style: style)
        var out: [Found] = []
        var at = 0
        var letters = 0
        var seen = 0
        while at < scalars.count {
            let scalar = scalars[at]
            if scalar.value >= 0xBC, let fraction = Self.fractions[scalar] {
                out.append(
                    Found(range: at..<at + 1, amount: DecimalText(whole: [], fraction: fraction), isFirst: letters == 0 && seen == 0))
                seen += 1
                at += 1
                continue
            }
            guard reader.nextStart(from: at) == at else {
                if Glyph.isLetter(scalar) { letters += 1 }
                at += 1
                continue
            }
            let (token, next) = reader.token(at: at)
            defer { at = max(next, at + 1, out.last?.range.upperBound ?? 0) }
            seen += 1
            guard let token, !isPart(token) else { continue }
            var range = token.range
            var amount = token.amount
            if token.isPlainInteger, range.upperBound < scalars.count, let fraction = Self.fractions[scalars[range.upperBound]] {
                amount = DecimalText(whole: amount.whole, fraction: fraction)
                range = range.lowerBound..<range.upperBound + 1
            } else if let (places, end) = Magnitude.read(scalars, at: range.upperBound, allowsLetters: true),
                end == scalars.count || !Glyph.isLetter(scalars[end]) || Glyph.isIdeograph(scalars[end - 1])
            {
                amount = amount.shifted(by: places)
                range = range.lowerBound..<end
            }
            if let sign = range.lowerBound > 0 ? scalars[range.lowerBound - 1] : nil, Glyph.isDash(sign) || sign == "+",
                range.lowerBound == 1 || Glyph.isSpace(scalars[range.lowerBound - 2]) || scalars[range.lowerBound - 2] == "("
            {
                amount.isNegative = sign != "+"
                range = range.lowerBound - 1..<range.upperBound
            }
            out.append(Found(range: range, amount: amount, isFirst: letters == 0 && seen == 1))
        }
        return out
    }

    /// The number that a whole text states: the only one, the one it begins with, or what is "out of" another.
    func whole() -> Found? {
        if style == .plain, let exponent = exponent() { return exponent }
        let numbers = all()
        guard let first = numbers.first else { return nil }
        for (left, right) in zip(numbers, numbers.dropFirst()) where isRating(left, right) { return left }
        // "1/2" is no 1, and in "3 to 5" neither is meant.
        if numbers.count > 1, isFractionOrRange(first, numbers[1]) { return nil }
        if numbers.count == 1 || first.isFirst { return first }
        return nil
    }

    private static let fractions: [Unicode.Scalar: [UInt8]] = [
        "½": [5], "¼": [2, 5], "¾": [7, 5], "⅕": [2], "⅖": [4], "⅗": [6], "⅘": [8], "⅛": [1, 2, 5], "⅜": [3, 7, 5], "⅝": [6, 2, 5],
        "⅞": [8, 7, 5],
    ]

    private func isPart(_ token: NumberReader.Token) -> Bool {
        let (start, end) = (token.range.lowerBound, token.range.upperBound)
        if start > 0 {
            let before = scalars[start - 1]
            if (Glyph.isLetter(before) && !Glyph.isIdeograph(before)) || before == "_" { return true }
            if before == ":" || Glyph.isDash(before), start > 1, Glyph.digit(scalars[start - 2]) != nil { return true }
            if Glyph.isDash(before), start > 1, Glyph.isLetter(scalars[start - 2]) { return true }
        }
        guard end + 1 < scalars.count else { return false }
        return (scalars[end] == ":" || Glyph.isDash(scalars[end])) && Glyph.digit(scalars[end + 1]) != nil
    }

    private func gap(_ left: Found, _ right: Found) -> String {
        guard left.range.upperBound <= right.range.lowerBound, right.range.lowerBound - left.range.upperBound <= 24 else { return "" }
        return Glyph.fold(scalars[left.range.upperBound..<right.range.lowerBound]).split(separator: " ").joined(separator: " ")
    }

    private func isRating(_ left: Found, _ right: Found) -> Bool {
        let gap = gap(left, right)
        guard let most = right.amount.int, most > 0, !right.amount.isNegative else { return false }
        if gap == "/" { return [5, 10, 20, 100].contains(most) && isAtMost(left, most) }
        return Self.ratingWords.contains(gap) && [4, 5, 6, 7, 10, 20, 100].contains(most) && isAtMost(left, most)
    }

    private func isAtMost(_ found: Found, _ most: Int) -> Bool { (Double(found.amount.canonical) ?? .infinity) <= Double(most) }

    private static let ratingWords: Set<String> = [
        "out of", "of", "von", "sur", "su", "de", "av", "af", "z", "из", "van", "stars out of", "star out of", "out of max", "sterne von",
        "/ ", "dari",
        "von max", "etoiles sur", "estrellas de", "de un maximo de", "在", "trên", "tren",
    ]

    private func isFractionOrRange(_ left: Found, _ right: Found) -> Bool {
        let gap = gap(left, right)
        if gap == "/" { return left.amount.int != nil && right.amount.int != nil }
        return gap.unicodeScalars.count == 1 && gap.unicodeScalars.allSatisfy(Glyph.isDash) || ["to", "bis", "до"].contains(gap)
    }

    /// "1.5e3", as programs write.
    private func exponent() -> Found? {
        let text = Glyph.string(scalars)
        guard text.utf8.count <= 40, text.utf8.contains(where: { $0 | 0x20 == 0x65 }), let value = Double(text), value.isFinite,
            abs(value) < 1e15
        else { return nil }
        var parts = "\(abs(value))".split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 1 { parts.append("0") }
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return nil }
        var amount = DecimalText(whole: parts[0].utf8.map { $0 - 0x30 }, fraction: parts[1].utf8.map { $0 - 0x30 })
        amount.isNegative = value < 0
        return Found(range: 0..<scalars.count, amount: amount, isFirst: true)
    }
}
