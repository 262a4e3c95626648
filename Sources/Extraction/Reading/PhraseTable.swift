/// Words of short texts, in the form in which they are compared with the words of a field.
///
/// A word is a run of ASCII letters or of digits; "camelCase" and "isbn13" are two each. Compared are stems (a plural "s" is cut).
struct PhraseTable {
    /// Words of phrase i: `words[starts[i]..<starts[i + 1]]`, each once; all of them run together in lower case:
    /// `joined[joinedStarts[i]..<joinedStarts[i + 1]]`.
    private(set) var words: [Int32] = []
    private(set) var starts: [Int32] = [0]
    private(set) var joined: [UInt8] = []
    private(set) var joinedStarts: [Int32] = [0]
    private(set) var vocabulary: [UInt64: Int32] = [:]
    private var interned: [String: Int32] = [:]

    var count: Int { starts.count - 1 }

    /// Number of a phrase; -1 for the empty one. Equal texts get the same number.
    mutating func intern(_ text: String) -> Int32 {
        if text.isEmpty { return -1 }
        if let known = interned[text] { return known }
        let number = append(text.utf8)
        interned[text] = number
        return number
    }

    /// The same without looking for an equal one: cheaper for texts that are seldom equal.
    mutating func append(_ scalars: ArraySlice<Unicode.Scalar>) -> Int32 {
        scalars.isEmpty ? -1 : append(scalars.lazy.map { $0.isASCII ? UInt8(truncatingIfNeeded: $0.value) : 0x80 })
    }

    private mutating func append(_ bytes: some Sequence<UInt8>) -> Int32 {
        let first = words.count
        Words.each(in: bytes) { word in
            joined.append(contentsOf: word)
            let hash = Words.hash(ofStem: word)
            let number = vocabulary[hash] ?? Int32(truncatingIfNeeded: vocabulary.count)
            if Int(number) == vocabulary.count { vocabulary[hash] = number }
            if !words[first...].contains(number) { words.append(number) }
        }
        starts.append(Int32(truncatingIfNeeded: words.count))
        joinedStarts.append(Int32(truncatingIfNeeded: joined.count))
        return Int32(truncatingIfNeeded: starts.count - 2)
    }
}

enum Words {
    private enum Side { case none, lower, upper, digit }

    /// The words of a text in lower case; bytes of non-ASCII scalars part words.
    static func each(in bytes: some Sequence<UInt8>, _ body: ([UInt8]) -> Void) {
        var word: [UInt8] = []
        var last = Side.none
        for byte in bytes {
            let side: Side =
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): .lower
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): .upper
                case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
                default: .none
                }
            let parts = side == .none || (side == .upper && last == .lower) || (side == .digit) != (last == .digit)
            if parts, !word.isEmpty {
                body(word)
                word.removeAll(keepingCapacity: true)
            }
            if side != .none { word.append(side == .upper ? byte + 32 : byte) }
            last = side
        }
        if !word.isEmpty { body(word) }
    }

    static func list(_ text: String) -> [String] {
        var words: [String] = []
        each(in: text.utf8) { words.append(String(decoding: $0, as: UTF8.self)) }
        return words
    }

    /// Without the "s" of a plural.
    static func stem(_ word: [UInt8]) -> ArraySlice<UInt8> {
        let s = UInt8(ascii: "s")
        return word.count > 3 && word[word.count - 1] == s && word[word.count - 2] != s ? word.dropLast() : word[...]
    }

    /// FNV-1a; a collision of two words of a page would only blur a feature.
    static func hash(ofStem word: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in stem(word) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
