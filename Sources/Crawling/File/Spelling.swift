/// What was likely meant by a word that isn't known.
enum Spelling {
    /// The nearest of the known words, if one is near: a letter or two more, less, other or swapped. Case and "_" for "-" don't count.
    static func nearest(to word: String, among known: [String]) -> String? {
        guard word.utf8.count <= 40 else { return nil }
        let letters = Array(word.lowercased().map { $0 == "_" ? "-" : $0 })
        let near = known.map { (word: $0, distance: distance(letters, Array($0))) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= (letters.count <= 4 ? 1 : 2) else { return nil }
        return near.word
    }

    /// Letters put in, taken out, replaced, and neighbours swapped.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var before: [Int] = []
        var last = Array(0...other.count)
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                var best = min(last[j] + (one[i] == other[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] { best = min(best, before[j - 1] + 1) }
                row.append(best)
            }
            (before, last) = (last, row)
        }
        return last[other.count]
    }
}
