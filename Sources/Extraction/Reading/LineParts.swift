/// Pieces that the punctuation of one line sets off.
enum LineParts {
    struct Labelled {
        var label: Range<Int>
        var value: Range<Int>
    }

    /// "Label: value" at the start of a line; without a space after the colon only where the label has no digits ("12:30" is none).
    static func leadingLabel(_ text: ClassedText, _ line: Range<Int>) -> Labelled? {
        let start = line.lowerBound
        var colon = start
        while colon < line.upperBound, colon - start <= 45, text.scalars[colon] != ":" { colon += 1 }
        guard colon > start, colon - start <= 45, colon + 1 < line.upperBound, text.scalars[colon] == ":" else { return nil }
        let label = start..<colon
        var value = colon + 1
        if text.isSpace(value) {
            while value < line.upperBound, text.isSpace(value) { value += 1 }
            guard value < line.upperBound else { return nil }
        } else if !(2...40).contains(label.count) || text.digitCount(label) > 0 {
            return nil
        }
        let isAddress = text.slice(label).prefix(4).elementsEqual("http".unicodeScalars) { $0.properties.lowercaseMapping == String($1) }
        return isAddress ? nil : Labelled(label: label, value: value..<line.upperBound)
    }

    /// "Label: value" after the start, "|", "•", "·", ";", "," or " - ", up to the next such sign or the next label.
    static func innerLabels(_ text: ClassedText, _ line: Range<Int>) -> [Labelled] {
        var found: [Labelled] = []
        guard line.contains(where: { text.scalars[$0] == ":" }) else { return found }
        var at = line.lowerBound
        while at < line.upperBound {
            guard let part = labelStarts(text, at, line).lazy.compactMap({ innerLabel(text, $0, line) }).first else {
                at += 1
                continue
            }
            found.append(part)
            at = max(part.value.upperBound, at + 1)
        }
        return found
    }

    private static func labelStarts(_ text: ClassedText, _ at: Int, _ line: Range<Int>) -> [Int] {
        var starts = at == line.lowerBound ? [at] : []
        if "|•·;,".unicodeScalars.contains(text.scalars[at]) {
            starts.append(skipSpace(text, at + 1, line))
        } else if text.isSpace(at), at + 2 < line.upperBound, text.scalars[at + 1] == "-", text.isSpace(at + 2) {
            starts.append(at + 3)
        }
        return starts
    }

    private static let labelSet = ScalarSet(" /", classes: .word)

    private static func innerLabel(_ text: ClassedText, _ start: Int, _ line: Range<Int>) -> Labelled? {
        guard let colon = labelEnd(text, start, line, of: labelSet, longest: 25) else { return nil }
        let first = skipSpace(text, colon + 1, line)
        // A value may begin with the white space where nothing else is left before the next sign.
        for value in stride(from: first, through: colon + 1, by: -1) {
            var end = value
            while end < line.upperBound, end - value < 80, !"|•·;".unicodeScalars.contains(text.scalars[end]) {
                end += 1
                if endsValue(text, end, line) { return Labelled(label: start..<colon, value: value..<end) }
            }
        }
        return nil
    }

    /// Position of the colon of a label that begins with a capital.
    private static func labelEnd(
        _ text: ClassedText, _ start: Int, _ line: Range<Int>, of set: ScalarSet, longest: Int
    ) -> Int? {
        guard start < line.upperBound, ScalarSet.capital.contains(text, start) else { return nil }
        var end = start + 1
        while end < line.upperBound, end - start <= longest, set.contains(text, end) { end += 1 }
        return end < line.upperBound && end > start + 1 && text.scalars[end] == ":" ? end : nil
    }

    private static let nextLabelSet = ScalarSet(" ", classes: .word)

    private static func endsValue(_ text: ClassedText, _ at: Int, _ line: Range<Int>) -> Bool {
        if at == line.upperBound { return true }
        let next = skipSpace(text, at, line)
        if next < line.upperBound, "|•·;".unicodeScalars.contains(text.scalars[next]) { return true }
        guard text.scalars[at] == ",", at + 1 < line.upperBound, text.isSpace(at + 1) else { return false }
        return labelEnd(text, skipSpace(text, at + 1, line), line, of: nextLabelSet, longest: 20) != nil
    }

    private static func skipSpace(_ text: ClassedText, _ at: Int, _ line: Range<Int>) -> Int {
        var at = at
        while at < line.upperBound, text.isSpace(at) { at += 1 }
        return at
    }

    private static let spacedSigns = ScalarSet("-–—|»›:")
    private static let signs = ScalarSet("|•·»›")

    /// Parts between "|", "•", "·", "»", "›", or a dash or colon with space on both sides.
    static func separated(_ text: ClassedText, _ line: Range<Int>) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start: Int?
        for at in line {
            let isSpaced =
                text.isSpace(at) && at + 2 < line.upperBound && spacedSigns.contains(text, at + 1) && text.isSpace(at + 2)
            let sign = skipSpace(text, at, line)
            let separates = isSpaced || (sign < line.upperBound && signs.contains(text, sign))
            if separates, let begun = start {
                parts.append(begun..<at)
                start = nil
            } else if !separates, start == nil {
                start = at
            }
        }
        if let start { parts.append(start..<line.upperBound) }
        return parts
    }

    /// "text (more)" as a whole line.
    static func parenthesised(_ text: ClassedText, _ line: Range<Int>) -> (outside: Range<Int>, inside: Range<Int>)? {
        guard line.count > 4, text.scalars[line.upperBound - 1] == ")" else { return nil }
        let close = line.upperBound - 1
        var open = close - 1
        while open > line.lowerBound, text.scalars[open] != "(", text.scalars[open] != ")" { open -= 1 }
        guard text.scalars[open] == "(", open + 1 < close, open >= line.lowerBound + 2 else { return nil }
        var end = open
        while end > line.lowerBound + 2, text.isSpace(end - 1) { end -= 1 }
        return (line.lowerBound..<end, open + 1..<close)
    }

    private static let prepositions = [
        "by", "from", "posted", "published", "updated", "on", "in", "serves", "makes", "written by", "author", "recipe by", "photo by",
        "yield", "servings", "director", "starring",
    ].map { Array($0.unicodeScalars) }

    /// Where the value begins in "by …", "Posted: …".
    static func afterPreposition(_ text: ClassedText, _ line: Range<Int>) -> Int? {
        for word in prepositions where line.count > word.count + 1 {
            let matches = word.indices.allSatisfy { index in
                let scalar = text.scalars[line.lowerBound + index]
                return scalar == word[index] || (scalar.isASCII && scalar.value | 0x20 == word[index].value)
            }
            var at = line.lowerBound + word.count
            guard matches, !text.classes[at].contains(.word) else { continue }
            if text.scalars[at] == ":" { at += 1 }
            guard at < line.upperBound, text.isSpace(at) else { continue }
            let value = skipSpace(text, at, line)
            if value < line.upperBound { return value }
        }
        return nil
    }

    private static let nameSet = ScalarSet(".'&-", classes: .word)
    private static let connectors = ["of", "the", "and", "de", "&"].map { Array($0.unicodeScalars) }

    /// Runs of capitalised words. A run ends at the first letter after "of", "the", "and", "de", "&" ("Bank of A"): odd, but learned so.
    static func capitalised(_ text: ClassedText, _ line: Range<Int>) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var at = line.lowerBound
        while at < line.upperBound {
            guard ScalarSet.capital.contains(text, at), let end = capitalisedRun(text, at, line) else {
                at += 1
                continue
            }
            runs.append(at..<end)
            at = end
        }
        return runs
    }

    private static func capitalisedRun(_ text: ClassedText, _ start: Int, _ line: Range<Int>) -> Int? {
        // Scalars after the capital of each word: what can be given back while looking for a good end.
        var tails: [Range<Int>] = []
        var at = start
        while true {
            let first = at + 1
            at = first
            while at < line.upperBound, nameSet.contains(text, at) { at += 1 }
            tails.append(first..<at)
            if let end = afterConnector(text, at, line) { return end }
            guard at + 1 < line.upperBound, text.scalars[at] == " ", ScalarSet.capital.contains(text, at + 1) else { break }
            at += 1
        }
        if at < line.upperBound, text.scalars[at] == ")" { return at + 1 }
        for tail in tails.reversed() {
            if let last = tail.last(where: { text.classes[$0].contains(.word) }) { return last + 1 }
        }
        return nil
    }

    private static func afterConnector(_ text: ClassedText, _ at: Int, _ line: Range<Int>) -> Int? {
        guard at < line.upperBound, text.scalars[at] == " " else { return nil }
        for word in connectors {
            let end = at + 1 + word.count
            guard end + 1 < line.upperBound, text.scalars[end] == " ", ScalarSet.capital.contains(text, end + 1),
                text.scalars[at + 1..<end].elementsEqual(word)
            else { continue }
            return end + 2
        }
        return nil
    }
}
