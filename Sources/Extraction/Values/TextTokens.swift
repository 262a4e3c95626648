/// A text cut into numbers, words and signs, for the readers of dates and durations.
struct TextTokens {
    enum Kind: Equatable {
        /// A run of digits: its value (clamped to 15 digits) and how many digits it has.
        case number(Int, digits: Int)
        /// Letters, folded (`Glyph.fold`); an ideograph is a word of its own.
        case word(String)
        case sign(Unicode.Scalar)
    }

    struct Token: Equatable {
        var kind: Kind
        var range: Range<Int>
        /// White space stands before it.
        var isSpaced: Bool
    }

    private(set) var tokens: [Token] = []
    let scalars: [Unicode.Scalar]

    init(_ scalars: [Unicode.Scalar]) {
        self.scalars = scalars
        var at = 0
        var isSpaced = false
        while at < scalars.count {
            let scalar = scalars[at]
            let start = at
            if Glyph.isSpace(scalar) || Glyph.isInvisible(scalar) {
                isSpaced = isSpaced || Glyph.isSpace(scalar)
                at += 1
                continue
            }
            let kind: Kind
            if let first = Glyph.digit(scalar) {
                var value = first
                at += 1
                while at < scalars.count, let digit = Glyph.digit(scalars[at]) {
                    if at - start < 15 { value = value * 10 + digit }
                    at += 1
                }
                kind = .number(value, digits: at - start)
            } else if Glyph.isIdeograph(scalar) {
                at += 1
                // Hangul units stand behind numbers like ideographs; other Hangul is written in words.
                if (0xAC00...0xD7AF).contains(scalar.value), !Self.hangulUnits.contains(scalar) {
                    while at < scalars.count, (0xAC00...0xD7AF).contains(scalars[at].value), !Self.hangulUnits.contains(scalars[at]) {
                        at += 1
                    }
                }
                kind = .word(Glyph.string(scalars[start..<at]))
            } else if Glyph.isLetter(scalar) {
                while at < scalars.count, Glyph.isLetter(scalars[at]) || (0x300...0x36F).contains(scalars[at].value),
                    !Glyph.isIdeograph(scalars[at])
                { at += 1 }
                kind = .word(Glyph.fold(scalars[start..<at]))
            } else {
                at += 1
                kind = .sign(scalar)
            }
            tokens.append(Token(kind: kind, range: start..<at, isSpaced: isSpaced))
            isSpaced = false
        }
    }

    private static let hangulUnits: Set<Unicode.Scalar> = ["년", "월", "일", "시", "분", "초", "간"]

    var count: Int { tokens.count }

    func number(_ index: Int) -> (value: Int, digits: Int)? {
        guard tokens.indices.contains(index), case .number(let value, let digits) = tokens[index].kind else { return nil }
        return (value, digits)
    }

    func word(_ index: Int) -> String? {
        guard tokens.indices.contains(index), case .word(let word) = tokens[index].kind else { return nil }
        return word
    }

    func sign(_ index: Int) -> Unicode.Scalar? {
        guard tokens.indices.contains(index), case .sign(let sign) = tokens[index].kind else { return nil }
        return sign
    }

    func isSpaced(_ index: Int) -> Bool { tokens.indices.contains(index) && tokens[index].isSpaced }
    /// No white space before it, and it exists.
    func isGlued(_ index: Int) -> Bool { tokens.indices.contains(index) && !tokens[index].isSpaced }
}
