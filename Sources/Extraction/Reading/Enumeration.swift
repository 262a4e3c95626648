/// Several values written as one text: "easy, vegetarian, 30 minutes".
enum Enumeration {
    /// Words that a part has on average at most; longer parts are those of a sentence.
    private static let mostWords = 3.2

    /// Where the parts of a text stand, as Unicode scalars, without white space and empty ones; nil for a text that enumerates nothing.
    static func parts(of text: String) -> [Range<Int>]? {
        let scalars = Array(text.unicodeScalars)
        var parts: [Range<Int>] = []
        var commas = 0
        var words = 0
        var start = 0
        for index in 0...scalars.count where index == scalars.count || scalars[index] == "," {
            if index < scalars.count { commas += 1 }
            var low = start
            var high = index
            while low < high, scalars[low].properties.isWhitespace { low += 1 }
            while low < high, scalars[high - 1].properties.isWhitespace { high -= 1 }
            start = index + 1
            guard low < high else { continue }
            parts.append(low..<high)
            words += 1
            for place in low..<high where scalars[place].properties.isWhitespace && !scalars[place - 1].properties.isWhitespace { words += 1 }
        }
        guard commas >= 2, parts.count >= 2, Double(words) <= mostWords * Double(commas + 1) else { return nil }
        return parts
    }
}
