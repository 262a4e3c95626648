/// Where exact words stand in a block. Models change white space, quotes and case; nothing else may differ.
enum WordsInBlock {
    enum Finding: Equatable {
        case found(Range<Int>)
        /// They are there, but only as a part of a longer word or number: "12" in "€12.50".
        case onlyInside
        case absent
    }

    static func find(_ words: String, in scalars: [Unicode.Scalar]) -> Finding {
        let wanted = folded(Array(words.unicodeScalars))
        guard !wanted.isEmpty else { return .found(0..<scalars.count) }
        let text = folded(scalars)
        var isInside = false
        // With its case first: "May" before "may".
        for ignoresCase in [false, true] {
            var start = 0
            while start + wanted.count <= text.count {
                defer { start += 1 }
                guard matches(wanted, text, at: start, ignoresCase: ignoresCase) else { continue }
                let range = text[start].index..<(text[start + wanted.count - 1].index + 1)
                if isWhole(range, in: scalars) { return .found(range) }
                isInside = true
            }
        }
        return isInside ? .onlyInside : .absent
    }

    private struct Folded {
        var exact: Unicode.Scalar
        var lower: Unicode.Scalar
        /// Of the scalar it came from.
        var index: Int
    }

    /// White space in a row becomes one space, none at the ends; typographic quotes and dashes become plain.
    private static func folded(_ scalars: [Unicode.Scalar]) -> [Folded] {
        var result: [Folded] = []
        result.reserveCapacity(scalars.count)
        var hasSpace = false
        for (index, scalar) in scalars.enumerated() {
            if scalar.properties.isWhitespace || scalar == "\u{200B}" {
                hasSpace = !result.isEmpty
                continue
            }
            if hasSpace { result.append(Folded(exact: " ", lower: " ", index: index - 1)) }
            hasSpace = false
            let plain: Unicode.Scalar =
                switch scalar {
                case "\u{2018}", "\u{2019}", "\u{201B}", "\u{2032}": "'"
                case "\u{201C}", "\u{201D}", "\u{201E}", "\u{2033}": "\""
                case "\u{2010}"..."\u{2015}", "\u{2212}": "-"
                default: scalar
                }
            let lower = plain.properties.lowercaseMapping.unicodeScalars
            result.append(Folded(exact: plain, lower: lower.count == 1 ? lower.first ?? plain : plain, index: index))
        }
        return result
    }

    private static func matches(_ wanted: [Folded], _ text: [Folded], at start: Int, ignoresCase: Bool) -> Bool {
        for offset in wanted.indices {
            let (left, right) = (wanted[offset], text[start + offset])
            guard left.exact == right.exact || (ignoresCase && left.lower == right.lower) else { return false }
        }
        return true
    }

    /// Not cut out of a longer word or number. Scripts without case don't part their words, so there any place is good.
    private static func isWhole(_ range: Range<Int>, in scalars: [Unicode.Scalar]) -> Bool {
        let (first, last) = (scalars[range.lowerBound], scalars[range.upperBound - 1])
        if range.lowerBound > 0 {
            let before = scalars[range.lowerBound - 1]
            if belongs(before, first) { return false }
            if isDigit(first) {
                if ".,'\u{2019}".unicodeScalars.contains(before), range.lowerBound > 1, isDigit(scalars[range.lowerBound - 2]) {
                    return false
                }
                // "-5" is no 5; "3-5" has one.
                if "-\u{2212}".unicodeScalars.contains(before), range.lowerBound == 1 || !isPartOfWord(scalars[range.lowerBound - 2]) {
                    return false
                }
            }
        }
        if range.upperBound < scalars.count {
            let after = scalars[range.upperBound]
            if belongs(last, after) { return false }
            if isDigit(last), ".,'\u{2019}".unicodeScalars.contains(after), range.upperBound + 1 < scalars.count,
                isDigit(scalars[range.upperBound + 1])
            {
                return false
            }
        }
        return true
    }

    private static func belongs(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        (isDigit(left) && isDigit(right)) || (left.properties.isCased && right.properties.isCased)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .decimalNumber }
    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool { isDigit(scalar) || scalar.properties.isAlphabetic }
}
