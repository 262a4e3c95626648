/// Tokens between two borders, and how to cut them at what stands outside brackets.
typealias Phrase = ArraySlice<Token>

extension ArraySlice where Element == Token {
    /// First index of a token outside brackets that fulfils the condition.
    func outer(from start: Int? = nil, _ condition: (Int) -> Bool) -> Int? {
        var depth = 0
        for index in indices {
            let token = self[index]
            if token.isMark("(", "[", "{") { depth += 1 }
            if depth == 0, index >= start ?? startIndex, condition(index) { return index }
            if token.isMark(")", "]", "}") { depth = Swift.max(0, depth - 1) }
        }
        return nil
    }

    /// The pieces between the tokens that fulfil the condition outside brackets; empty ones are left out.
    func pieces(_ isBorder: (Int) -> Bool) -> [Phrase] {
        var out: [Phrase] = []
        var start = startIndex
        var depth = 0
        for index in indices {
            if self[index].isMark("(", "[", "{") { depth += 1 }
            if depth == 0, isBorder(index) {
                if index > start { out.append(self[start..<index]) }
                start = index + 1
            }
            if self[index].isMark(")", "]", "}") { depth = Swift.max(0, depth - 1) }
        }
        if start < endIndex { out.append(self[start..<endIndex]) }
        return out
    }

    /// Index of the bracket that closes the one at `open`.
    func closing(_ open: Int) -> Int? {
        var depth = 0
        for index in open..<endIndex {
            if self[index].isMark("(", "[", "{") { depth += 1 }
            if self[index].isMark(")", "]", "}") {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    var keys: [String] { map(\.key) }
    var words: [String] { filter { $0.kind == .word }.map(\.key) }
    func trimmed(_ condition: (Token) -> Bool) -> Phrase {
        var (start, end) = (startIndex, endIndex)
        while start < end, condition(self[start]) { start += 1 }
        while end > start, condition(self[end - 1]) { end -= 1 }
        return self[start..<end]
    }

    func starts(with words: String...) -> Bool { count >= words.count && zip(self, words).allSatisfy { $0.key == $1 } }
}
