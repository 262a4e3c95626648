package import Documents

/// What is kept of a page's text to see it again: two numbers.
package struct ContentPrint: Sendable, Hashable {
    /// Of all its words in order: equal texts have equal ones.
    package var exact: Int64
    /// A SimHash of its words, those with digits left out: similar texts differ in few of its bits.
    package var similar: Int64

    package init(exact: Int64, similar: Int64) {
        self.exact = exact
        self.similar = similar
    }

    /// - Parameter text: what a reader sees of the page.
    package init(of text: String) {
        var exact: UInt64 = 0
        var counts = [Int32](repeating: 0, count: 64)
        Words.each(of: text) { word, hasDigit in
            exact = StableHash.mixed(exact ^ word)
            if hasDigit { return }
            for bit in 0..<64 { counts[bit] &+= word >> UInt64(bit) & 1 == 1 ? 1 : -1 }
        }
        self.exact = Int64(bitPattern: exact)
        similar = Int64(bitPattern: counts.enumerated().reduce(0 as UInt64) { $0 | ($1.element > 0 ? 1 << UInt64($1.offset) : 0) })
    }

    /// Bits of 64 in which the two differ: unrelated texts in about 32.
    package func distance(to other: ContentPrint) -> Int { (similar ^ other.similar).nonzeroBitCount }
}

/// Whether a site answers with a page where it has none, without saying 404.
///
/// It is asked once or twice for an address that can't exist. What comes then, if it comes with success, is what its "not found" looks like:
/// a page that holds nearly all of it and nearly nothing else is that page again. Words of the page's own address don't count, since such
/// pages repeat it.
package struct SoftNotFound: Sendable, Equatable {
    /// Pairs of words of each probe's answer.
    private var probes: [Set<UInt64>] = []
    /// Where probes were sent on to.
    private var targets: Set<String> = []

    /// Pairs of words that a page may have for itself: a date, a number.
    private static let tolerance = 8
    private static let maximumPairs = 20_000

    package init() {}

    /// An address beside `url` that no site has. The same seed gives the same address.
    package static func probe(beside url: URLIdentity, seed: UInt64) -> String? {
        var number = StableHash.of(url.href, seed: seed)
        var name = ""
        for _ in 0..<20 {
            number = StableHash.mixed(number)
            name.unicodeScalars.append(Unicode.Scalar(UInt8(97 + number % 26)))
        }
        return URLIdentity(name, base: url)?.href
    }

    /// The answer to a probe.
    ///
    /// - Parameters:
    ///   - url: where it came from in the end.
    ///   - status: one that isn't 2xx is an honest site's, and nothing is learned from it.
    package mutating func learn(probe: String, url: String, status: Int, text: String) {
        guard (200..<300).contains(status) else { return }
        if let asked = URLIdentity(probe), let answered = URLIdentity(url), PageKey(asked) != PageKey(answered) {
            targets.insert(PageKey(answered).text)
        } else {
            probes.append(SoftNotFound.pairs(of: text, without: probe))
        }
    }

    /// Why the page is none; nil for a page.
    ///
    /// - Parameters:
    ///   - asked: the address that was asked for.
    ///   - url: where the answer came from in the end.
    package func reason(asked: String, url: String, text: String) -> String? {
        if let one = URLIdentity(asked), let other = URLIdentity(url), PageKey(one) != PageKey(other), targets.contains(PageKey(other).text)
        {
            return "it leads to \(url), where addresses that can't exist lead to as well"
        }
        guard let first = probes.first else { return nil }
        let pairs = SoftNotFound.pairs(of: text, without: asked)
        // What is on all probes must be here; what is here must be on one of them.
        let all = probes.dropFirst().reduce(first) { $0.intersection($1) }
        let own = pairs.filter { pair in !probes.contains { $0.contains(pair) } }
        guard own.count <= SoftNotFound.tolerance, all.intersection(pairs).count * 10 >= all.count * 9 else { return nil }
        return "it says what the site answers to addresses that can't exist"
    }

    private static func pairs(of text: String, without address: String) -> Set<UInt64> {
        var echoed: Set<UInt64> = []
        Words.each(of: address) { word, _ in echoed.insert(word) }
        var pairs: Set<UInt64> = []
        var last: UInt64 = 0
        Words.each(of: text) { word, _ in
            guard !echoed.contains(word), pairs.count < maximumPairs else { return }
            pairs.insert(StableHash.mixed(last &* 31 ^ word))
            last = word
        }
        return pairs
    }
}

/// Words of a text as numbers.
enum Words {
    /// Runs of letters and digits without regard to case; each sign for itself in scripts that write without spaces.
    static func each(of text: String, _ body: (_ word: UInt64, _ hasDigit: Bool) -> Void) {
        var word: [UInt8] = []
        var hasDigit = false
        func end() {
            if word.isEmpty { return }
            body(StableHash.of(word), hasDigit)
            word.removeAll(keepingCapacity: true)
            hasDigit = false
        }
        for scalar in text.lowercased().unicodeScalars {
            let isWide = scalar.value >= 0x2E80 && scalar.value < 0xD7B0 && !(0xAC00...0xD7A3).contains(scalar.value)
            let isLetter = scalar.value < 128 ? (97...122).contains(scalar.value) : scalar.properties.isAlphabetic
            let isDigit = (48...57).contains(scalar.value)
            if isWide || !(isLetter || isDigit) { end() }
            guard isLetter || isDigit else { continue }
            word.append(contentsOf: UTF8.encode(scalar) ?? UTF8.EncodedScalar())
            if isDigit { hasDigit = true }
            if isWide { end() }
        }
        end()
    }
}
