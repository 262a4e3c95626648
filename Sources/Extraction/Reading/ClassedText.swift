import Foundation

/// What a scalar is, as far as line parts, typed spans and features ask.
struct ScalarClass: OptionSet {
    let rawValue: UInt8

    static let space = ScalarClass(rawValue: 1)
    /// Letter, number or "_".
    static let word = ScalarClass(rawValue: 2)
    /// Decimal digit (general category Nd).
    static let digit = ScalarClass(rawValue: 4)
    static let upper = ScalarClass(rawValue: 8)
    /// Stands for a digit: a decimal one, "²", "①".
    static let figure = ScalarClass(rawValue: 16)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            self = ScalarClass.ascii[Int(scalar.value)]
            return
        }
        let properties = scalar.properties
        if properties.isWhitespace {
            self = .space
            return
        }
        var result: ScalarClass = properties.isUppercase ? .upper : []
        switch properties.generalCategory {
        case .decimalNumber: result.formUnion([.word, .digit, .figure])
        case .otherNumber: result.formUnion(properties.numericType == .digit ? [.word, .figure] : .word)
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber:
            result.insert(.word)
        default: break
        }
        self = result
    }

    private static let ascii: [ScalarClass] = (0..<128).map { code in
        switch UInt8(code) {
        case 9...13, 28...32: .space
        case UInt8(ascii: "0")...UInt8(ascii: "9"): [.word, .digit, .figure]
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): [.word, .upper]
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): .word
        default: []
        }
    }
}

/// Text of which many overlapping pieces are asked the same questions: how many digits, capitals, words, which other piece has the same
/// key. Running sums and a running hash answer each in constant time, however long the piece.
struct ClassedText {
    private(set) var scalars: [Unicode.Scalar] = []
    private(set) var classes: [ScalarClass] = []
    /// Entry i counts what stands before scalar i.
    private var digits: [Int32] = [0]
    private var uppers: [Int32] = [0]
    private var wordStarts: [Int32] = [0]
    private var foldedCounts: [Int32] = [0]
    /// The whole text folded: no white space, compatibility forms replaced (NFKC), case removed, typographic quotes made straight.
    private(set) var folded: [UInt32] = []
    /// Polynomial hash (modulo 2^61 - 1) of the folded text up to entry i, and the powers of its base.
    private var hashes: [UInt64] = [0]
    private var powers: [UInt64] = [1]
    private var foldings: [UInt32: [UInt32]] = [:]

    var count: Int { scalars.count }

    mutating func reserve(_ count: Int) {
        scalars.reserveCapacity(count)
        classes.reserveCapacity(count)
        digits.reserveCapacity(count + 1)
        uppers.reserveCapacity(count + 1)
        wordStarts.reserveCapacity(count + 1)
        foldedCounts.reserveCapacity(count + 1)
        folded.reserveCapacity(count)
        hashes.reserveCapacity(count + 1)
        powers.reserveCapacity(count + 1)
    }

    /// Adds text at the end; what follows is never the same word.
    mutating func append(_ more: some Sequence<Unicode.Scalar>) {
        var wasSpace = true
        for scalar in more {
            let kind = ScalarClass(scalar)
            scalars.append(scalar)
            classes.append(kind)
            let isSpace = kind.contains(.space)
            let last = digits.count - 1
            digits.append(digits[last] + (kind.contains(.figure) ? 1 : 0))
            uppers.append(uppers[last] + (kind.contains(.upper) ? 1 : 0))
            wordStarts.append(wordStarts[last] + (wasSpace && !isSpace ? 1 : 0))
            if !isSpace { appendFolded(scalar) }
            foldedCounts.append(Int32(truncatingIfNeeded: folded.count))
            wasSpace = isSpace
        }
    }

    private mutating func appendFolded(_ scalar: Unicode.Scalar) {
        if scalar.isASCII {
            let value = scalar.value
            push((65...90).contains(value) ? value + 32 : value)
            return
        }
        if let known = foldings[scalar.value] {
            for unit in known { push(unit) }
            return
        }
        let units = ClassedText.folding(of: scalar)
        foldings[scalar.value] = units
        for unit in units { push(unit) }
    }

    private static func folding(of scalar: Unicode.Scalar) -> [UInt32] {
        switch scalar {
        case "\u{200B}": return []
        case "\u{2018}", "\u{2019}": return [0x27]
        case "\u{201C}", "\u{201D}": return [0x22]
        case "ß", "ẞ": return [0x73, 0x73]
        case "ς": return [0x3C3]
        default:
            let plain = String(scalar).precomposedStringWithCompatibilityMapping.lowercased()
            return plain.unicodeScalars.filter { !$0.properties.isWhitespace }.map(\.value)
        }
    }

    private mutating func push(_ unit: UInt32) {
        folded.append(unit)
        hashes.append(Residue.sum(Residue.product(hashes[hashes.count - 1], Residue.base), UInt64(unit) + 1))
        powers.append(Residue.product(powers[powers.count - 1], Residue.base))
    }

    // MARK: Questions

    func digitCount(_ range: Range<Int>) -> Int { Int(digits[range.upperBound] - digits[range.lowerBound]) }
    func upperCount(_ range: Range<Int>) -> Int { Int(uppers[range.upperBound] - uppers[range.lowerBound]) }

    /// Words parted by white space.
    func wordCount(_ range: Range<Int>) -> Int {
        guard let first = range.first else { return 0 }
        let starts = Int(wordStarts[range.upperBound] - wordStarts[range.lowerBound])
        let beginsInside = !classes[first].contains(.space) && wordStarts[first + 1] == wordStarts[first]
        return starts + (beginsInside ? 1 : 0)
    }

    func foldedRange(_ range: Range<Int>) -> Range<Int> {
        Int(foldedCounts[range.lowerBound])..<Int(foldedCounts[range.upperBound])
    }

    /// Equal for pieces whose folded texts are equal; different ones collide with a chance of about 2^-61.
    func keyHash(_ range: Range<Int>) -> UInt64 {
        let part = foldedRange(range)
        let before = Residue.product(hashes[part.lowerBound], powers[part.count])
        return Residue.difference(hashes[part.upperBound], before)
    }

    func isSpace(_ position: Int) -> Bool { classes[position].contains(.space) }

    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high, isSpace(low) { low += 1 }
        while low < high, isSpace(high - 1) { high -= 1 }
        return low..<high
    }

    /// Without white space and the given scalars at both ends.
    func stripped(_ range: Range<Int>, of scalars: Unicode.Scalar...) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high, scalars.contains(self.scalars[low]) { low += 1 }
        while low < high, scalars.contains(self.scalars[high - 1]) { high -= 1 }
        return low..<high
    }

    func string(_ range: Range<Int>, lineFeedsAsSpaces: Bool = false) -> String {
        var view = String.UnicodeScalarView()
        if lineFeedsAsSpaces {
            for scalar in scalars[range] { view.append(scalar == "\n" ? " " : scalar) }
        } else {
            view.append(contentsOf: scalars[range])
        }
        return String(view)
    }

    func slice(_ range: Range<Int>) -> ArraySlice<Unicode.Scalar> { scalars[range] }
}

/// Arithmetic modulo the Mersenne prime 2^61 - 1.
private enum Residue {
    static let modulus: UInt64 = (1 << 61) - 1
    static let base: UInt64 = 0x1_2F4B_93D7_61C5

    static func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (high, low) = a.multipliedFullWidth(by: b)
        return sum(low & modulus, (low >> 61) | (high << 3))
    }

    static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let total = a &+ b
        return total >= modulus ? total &- modulus : total
    }

    static func difference(_ a: UInt64, _ b: UInt64) -> UInt64 { a >= b ? a - b : a &+ modulus &- b }
}
