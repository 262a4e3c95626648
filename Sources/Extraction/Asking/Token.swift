import Foundation

/// A word, number or mark of a prompt.
struct Token: Sendable, Hashable {
    enum Kind: Sendable { case word, number, mark, line, address }

    var kind: Kind
    /// As it was written.
    var text: String
    /// Lower case, ASCII-folded, common slips mended: what the lexicons are asked for.
    var key: String
    /// Unicode scalars of the prompt.
    var range: Range<Int>
    /// Continues the name that the token before it began (`first_name`, `unitPrice`, `full-time`, a quoted phrase).
    var isPart = false
    /// No white space stands before it.
    var isGlued = false

    func isMark(_ marks: String...) -> Bool { kind == .mark && marks.contains(key) }
}

/// Cuts a prompt into tokens. Nothing is lost but white space and quotation marks.
struct Tokenizer {
    private let scalars: [Unicode.Scalar]
    private var at = 0
    private var tokens: [Token] = []
    /// Where the quotation that is open ends, and whether its first word was seen.
    private var quoteEnd: Int?
    private var quoteBegan = false

    private init(_ text: String) { scalars = Array(text.unicodeScalars) }

    static func tokens(of text: String) -> [Token] {
        var tokenizer = Tokenizer(text)
        tokenizer.run()
        return tokenizer.tokens
    }

    private func scalar(_ index: Int) -> Unicode.Scalar? { scalars.indices.contains(index) ? scalars[index] : nil }

    private func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    private mutating func add(_ kind: Token.Kind, _ range: Range<Int>, key: String? = nil, part: Bool = false) {
        let written = text(range)
        var isPart = part
        if let end = quoteEnd, range.lowerBound < end, kind == .word || kind == .number {
            isPart = isPart || quoteBegan
            quoteBegan = true
        }
        let glued = range.lowerBound > 0 && !scalars[range.lowerBound - 1].properties.isWhitespace
        tokens.append(
            Token(kind: kind, text: written, key: key ?? Folding.fold(written), range: range, isPart: isPart, isGlued: glued))
    }

    private mutating func run() {
        while let current = scalar(at) {
            if let end = quoteEnd, at >= end {
                (quoteEnd, at) = (nil, end + 1)
                continue
            }
            if current == "\n" || current == "\r" {
                if tokens.last?.kind != .line { add(.line, at..<at + 1, key: "\n") }
                at += 1
            } else if current.properties.isWhitespace {
                at += 1
            } else if let end = addressEnd() {
                add(.address, at..<end)
                at = end
            } else if Folding.isLetter(current) {
                word()
            } else if ("0"..."9").contains(current) {
                number()
            } else if let close = closingQuote() {
                (quoteEnd, quoteBegan) = (close, false)
                at += 1
            } else {
                mark(current)
            }
        }
    }

    /// End of the URL that begins here; nil where none does.
    private func addressEnd() -> Int? {
        for start in ["http://", "https://", "www."] {
            let begin = Array(start.unicodeScalars)
            guard at + begin.count < scalars.count,
                zip(begin.indices, begin).allSatisfy({ Folding.lower(scalars[at + $0]) == $1 })
            else { continue }
            var end = at + begin.count
            while let next = scalar(end), !next.properties.isWhitespace { end += 1 }
            while end > at, ".,;:!?)]}'\"".unicodeScalars.contains(scalars[end - 1]) { end -= 1 }
            return end
        }
        return nil
    }

    private mutating func word() {
        let start = at
        while let next = scalar(at), Folding.isLetter(next) || ("0"..."9").contains(next) {
            // camelCase: a lower-case letter before an upper-case one, in a word that begins in lower case.
            if at > start, Folding.isUpper(next), Folding.isLower(scalars[at - 1]), Folding.isLower(scalars[start]) { break }
            at += 1
        }
        let before = tokens.last
        let continues =
            before?.kind == .word && start > 0
            && (scalars[start - 1] == "_" || scalars[start - 1] == "-" && before?.range.upperBound == start - 1
                || before?.range.upperBound == start)
        let key = Folding.fold(text(start..<at))
        if continues, let last = tokens.last, last.key == "e", key == "mail" || key == "mails" {
            tokens[tokens.count - 1].key = "e" + key
            tokens[tokens.count - 1].text += "-" + text(start..<at)
            tokens[tokens.count - 1].range = last.range.lowerBound..<at
        } else {
            add(.word, start..<at, key: key, part: continues)
        }
        while scalar(at) == "_" || scalar(at) == "-" && scalar(at + 1).map(Folding.isLetter) == true { at += 1 }
        apostrophe()
    }

    /// The apostrophe after a word: an ending (`don't`), a possessive (`book's`, `posts'`), or an elision (`l'auteur`).
    private mutating func apostrophe() {
        guard let mark = scalar(at), mark == "'" || mark == "\u{2019}", quoteEnd != at, let last = tokens.last else { return }
        var end = at + 1
        while let next = scalar(end), Folding.isLetter(next) { end += 1 }
        let ending = Folding.fold(text(at + 1..<end))
        switch ending {
        case "s" where Tokenizer.takesIs.contains(last.key):
            add(.word, at + 1..<end, key: "is")
        case "s":
            add(.mark, at..<end, key: "'s")
        case "" where last.key.hasSuffix("s"):
            add(.mark, at..<end, key: "'s")
        case "t", "m", "d", "ll", "ve", "re":
            tokens[tokens.count - 1].key += ending
            tokens[tokens.count - 1].range = last.range.lowerBound..<end
        case "":
            break
        default:
            at += 1  // an elision: the word after it stands on its own
            return
        }
        at = max(end, at + 1)
    }

    private static let takesIs: Set<String> = [
        "what", "who", "where", "when", "how", "it", "that", "there", "here", "which", "he", "she", "whats",
    ]

    private mutating func number() {
        let start = at
        while let next = scalar(at) {
            let isDigit = ("0"..."9").contains(next)
            let joins =
                ".,:-/\u{2013}".unicodeScalars.contains(next)
                && scalar(at + 1).map { ("0"..."9").contains($0) } == true
            guard isDigit || joins else { break }
            at += 1
        }
        let continues = tokens.last?.kind == .word && start > 0 && (scalars[start - 1] == "_" || scalars[start - 1] == "-")
        add(.number, start..<at, part: continues)
        while scalar(at) == "_" { at += 1 }
    }

    /// Index of the mark that closes the quotation beginning here; nil where none begins.
    private func closingQuote() -> Int? {
        guard quoteEnd == nil, let open = scalar(at) else { return nil }
        let close: [Unicode.Scalar]
        switch open {
        case "\"": close = ["\""]
        case "`": close = ["`"]
        case "\u{201C}", "\u{201E}": close = ["\u{201D}", "\u{201C}"]
        case "\u{AB}": close = ["\u{BB}"]
        case "'", "\u{2018}": close = ["'", "\u{2019}"]
        default: return nil
        }
        for index in at + 1..<min(at + 80, max(scalars.count, at + 1)) where index < scalars.count {
            if scalars[index] == "\n" { return nil }
            if close.contains(scalars[index]), scalar(index + 1).map(Folding.isLetter) != true { return index }
        }
        return nil
    }

    private mutating func mark(_ current: Unicode.Scalar) {
        let next = scalar(at + 1)
        if (current == "-" || current == "=") && next == ">" {
            add(.mark, at..<at + 2, key: "->")
            at += 2
            return
        }
        if (current == "<" || current == ">" || current == "!") && next == "=" {
            add(.mark, at..<at + 2)
            at += 2
            return
        }
        let key: String? =
            switch current {
            case "\u{2192}": "->"
            case "\u{2013}", "\u{2014}": "-"
            case "\u{2022}", "\u{B7}", "\u{25E6}", "\u{25AA}": "*"
            case "\u{FF0C}", "\u{3001}": ","
            case "\u{FF1A}": ":"
            case "\u{2264}": "<="
            case "\u{2265}": ">="
            case "\u{BF}", "\u{A1}", "\"", "\u{201D}", "\u{BB}": ""
            default: nil
            }
        if key != "" { add(.mark, at..<at + 1, key: key) }
        at += 1
    }
}

/// Letters without case and accents.
enum Folding {
    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            ? ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            : scalar.properties.isAlphabetic || scalar.properties.generalCategory == .nonspacingMark
    }

    static func isUpper(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isUppercase }
    static func isLower(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isLowercase }
    static func lower(_ scalar: Unicode.Scalar) -> Unicode.Scalar { scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar }

    /// Lower case without accents. `umlauts`: ä, ö, ü become ae, oe, ue, as German spells them where it must.
    static func fold(_ text: String, umlauts: Bool = false) -> String {
        let lower = text.lowercased()
        if lower.utf8.allSatisfy({ $0 < 0x80 }) { return lower }
        var out = String.UnicodeScalarView()
        for scalar in lower.precomposedStringWithCanonicalMapping.unicodeScalars {
            if scalar.isASCII {
                out.append(scalar)
                continue
            }
            if umlauts, let pair = umlaut(scalar) {
                out.append(contentsOf: pair.unicodeScalars)
                continue
            }
            switch scalar {
            case "ß": out.append(contentsOf: "ss".unicodeScalars)
            case "ł": out.append("l")
            case "ø": out.append("o")
            case "æ": out.append(contentsOf: "ae".unicodeScalars)
            case "œ": out.append(contentsOf: "oe".unicodeScalars)
            case "đ": out.append("d")
            case "ı": out.append("i")
            case "þ": out.append(contentsOf: "th".unicodeScalars)
            default:
                for part in String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
                where part.properties.generalCategory != .nonspacingMark { out.append(part) }
            }
        }
        return String(out)
    }

    private static func umlaut(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "ä": "ae"
        case "ö": "oe"
        case "ü": "ue"
        default: nil
        }
    }
}
