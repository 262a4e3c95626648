extension PageReading {
    /// One row of `FieldQuery.pairFeatureCount` numbers a candidate: what speaks for it as the field's value.
    package func pairFeatures(_ query: FieldQuery) -> [Float] {
        let width = FieldQuery.pairFeatureCount
        let terms = FieldTerms(query.text)
        let overlaps = terms.overlaps(phrases)
        var rows = [Float](repeating: 0, count: candidates.count * width)
        let kinds = Candidate.Kind.allCases.count
        let types = terms.types.map { kinds + $0.rawValue }
        let base = kinds + TextType.allCases.count
        for index in candidates.indices {
            let row = index * width
            let features = index * PageReading.featureCount
            let phrase = index * PhraseRole.allCases.count
            for role in PhraseRole.label.rawValue...PhraseRole.before.rawValue {
                let number = Int(phraseRows[phrase + role])
                guard number >= 0 else { continue }
                rows[row + role * 2] = overlaps[number].direct
                rows[row + role * 2 + 1] = overlaps[number].synonym
            }
            if !types.isEmpty {
                rows[row + 14] = types.reduce(0) { max($0, self.features[features + $1]) }
                rows[row + 15] = 1
            }
            if terms.concepts.contains(.title) {
                rows[row + 16] = self.features[features + base]
                rows[row + 17] = self.features[features + base + 5]
            }
            if terms.wantsProse { rows[row + 18] = self.features[features + kinds + TextType.long.rawValue] }
            let label = Int(phraseRows[phrase + PhraseRole.label.rawValue])
            if label >= 0, overlaps[label].isEqual { rows[row + 19] = 1 }
            let text = Int(phraseRows[phrase + PhraseRole.text.rawValue])
            if text >= 0 { rows[row + 20] = overlaps[text].direct }
        }
        return rows
    }
}

/// The words of a field query, and what its words stand for.
struct FieldTerms {
    /// Hashes of stems: of the query itself, and of words that labels use for the same thing.
    private(set) var words: Set<UInt64> = []
    private(set) var synonyms: Set<UInt64> = []
    private(set) var concepts: Set<Concept> = []
    /// Shapes a value should have; empty where any will do.
    private(set) var types: Set<TextType> = []
    /// The words run together.
    private(set) var joined: [UInt8] = []

    private static let small: Set<String> = ["of", "the", "a", "and", "or", "in", "to"]

    init(_ query: String) {
        Words.each(in: query.utf8) { word in
            joined.append(contentsOf: word)
            if !FieldTerms.small.contains(String(decoding: word, as: UTF8.self)) { words.insert(Words.hash(ofStem: word)) }
        }
        for concept in Concept.allCases {
            let vocabulary = concept.vocabulary
            guard !words.isDisjoint(with: vocabulary.triggers) else { continue }
            concepts.insert(concept)
            synonyms.formUnion(vocabulary.synonyms)
            types.formUnion(vocabulary.types)
        }
        if concepts.contains(.url) || concepts.contains(.image) { types = [.url] }
        synonyms.subtract(words)
    }

    var wantsProse: Bool { !concepts.isDisjoint(with: [.description, .body, .instructions]) }

    struct Overlap {
        var direct: Float = 0
        var synonym: Float = 0
        /// The phrase has the same words as the query.
        var isEqual = false
    }

    /// How much of each phrase's words the query shares.
    func overlaps(_ phrases: PhraseTable) -> [Overlap] {
        // 1: a word of the query, 2: a synonym.
        var marks = [UInt8](repeating: 0, count: phrases.vocabulary.count)
        for (set, mark) in [(words, UInt8(1)), (synonyms, UInt8(2))] {
            for hash in set {
                if let number = phrases.vocabulary[hash] { marks[Int(number)] = mark }
            }
        }
        var result = [Overlap](repeating: Overlap(), count: phrases.count)
        for phrase in result.indices {
            let (first, end) = (Int(phrases.starts[phrase]), Int(phrases.starts[phrase + 1]))
            guard end > first else { continue }
            var shared = 0
            var alike = 0
            for word in first..<end {
                let mark = marks[Int(phrases.words[word])]
                if mark == 1 { shared += 1 } else if mark == 2 { alike += 1 }
            }
            let count = end - first
            var overlap = Overlap()
            if shared > 0 {
                overlap.direct = Float(2 * Double(shared) / Double(words.count + min(count, words.count + 3)))
            } else if joined.count > 3, FieldTerms.contains(phrases, phrase, joined) {
                overlap.direct = 0.7
            }
            if alike > 0 { overlap.synonym = Float(Double(alike) / Double(min(count, 4))) }
            overlap.isEqual = shared == count && count == words.count
            result[phrase] = overlap
        }
        return result
    }

    private static func contains(_ phrases: PhraseTable, _ phrase: Int, _ inner: [UInt8]) -> Bool {
        let (low, high) = (Int(phrases.joinedStarts[phrase]), Int(phrases.joinedStarts[phrase + 1]))
        guard high - low >= inner.count else { return false }
        for start in low...(high - inner.count) where phrases.joined[start] == inner[0] {
            var count = 1
            while count < inner.count, phrases.joined[start + count] == inner[count] { count += 1 }
            if count == inner.count { return true }
        }
        return false
    }
}
