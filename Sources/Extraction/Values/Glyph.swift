internal import Foundation

/// What the readers of values need to know about a Unicode scalar, fast for ASCII.
enum Glyph {
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0x09...0x0D, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Marks without width that stand between characters in right-to-left text and long words.
    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }

    /// Value of a decimal digit of any script; nil for everything else.
    static func digit(_ scalar: Unicode.Scalar) -> Int? {
        let value = scalar.value
        if value < 0x80 { return value >= 0x30 && value <= 0x39 ? Int(value) - 0x30 : nil }
        guard value >= 0x660, scalar.properties.numericType == .decimal, let number = scalar.properties.numericValue else { return nil }
        return Int(number)
    }

    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 0x80 { return (value | 0x20) >= 0x61 && (value | 0x20) <= 0x7A }
        return scalar.properties.isAlphabetic
    }

    /// Chinese, Japanese and Korean characters, which stand next to each other without word borders.
    static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF: true
        default: false
        }
    }

    static func isDash(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2D, 0x2010...0x2015, 0x2212: true
        default: false
        }
    }

    /// Lower case without accents ("É" → "e", "ł" → "l"); nil for combining marks and invisible scalars, which vanish.
    static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let value = scalar.value
        if value < 0x80 { return value >= 0x41 && value <= 0x5A ? Unicode.Scalar(UInt8(value | 0x20)) : scalar }
        if (0x300...0x36F).contains(value) || isInvisible(scalar) { return nil }
        if Int(value) < foldTable.count { return foldTable[Int(value)] }
        if (0x1E00...0x1FFF).contains(value) { return slowFold(scalar) }
        return scalar
    }

    static func fold(_ text: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text { if let folded = fold(scalar) { view.append(folded) } }
        return String(view)
    }

    /// Latin, Greek and Cyrillic.
    private static let foldTable: [Unicode.Scalar] = (0..<0x530 as Range<UInt32>).map { value in
        Unicode.Scalar(value).map(slowFold) ?? " "
    }

    private static func slowFold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "ł", "Ł": return "l"
        case "đ", "Đ": return "d"
        case "ø", "Ø": return "o"
        case "ı", "İ": return "i"
        case "ς": return "σ"
        default: break
        }
        let base = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.first ?? scalar
        let lower = base.properties.lowercaseMapping.unicodeScalars
        return lower.first ?? base
    }

    static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// White space runs become one space, ends are trimmed, invisible marks vanish; canonical composition (NFC).
    static func tidy(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        var isPending = false
        var isASCII = true
        for scalar in text.unicodeScalars {
            if isSpace(scalar) {
                isPending = !view.isEmpty
                continue
            }
            if isInvisible(scalar), !isJoiner(scalar) { continue }
            if isPending { view.append(" ") }
            isPending = false
            if scalar.value >= 0x80 { isASCII = false }
            view.append(scalar)
        }
        return isASCII ? String(view) : String(view).precomposedStringWithCanonicalMapping
    }

    /// Joiners shape letters (Persian, Indic) and bind emoji: they are part of the text.
    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool { scalar.value == 0x200C || scalar.value == 0x200D }
}
