import Documents

/// Words of the attributes by which authors name an element: class, id, itemprop …
struct AttributeWords {
    private static let names = [
        "itemprop", "property", "id", "class", "data-testid", "data-test", "data-qa", "data-field", "data-label", "aria-label", "name",
        "rel", "data-automation", "data-hook",
    ]
    /// Words of layout that say nothing about a value.
    private static let silent = Set(
        """
        div span col row css js wrapper wrap container content block item items box inner outer left right top bottom main page section \
        clearfix clear fix text txt value val field data list lg md sm xs ng js btn class id style module component widget ui el mb mt \
        pt pb px py flex grid w h p m text field views node entry hidden visible active first last odd even the of a
        """.split(separator: " ").map(String.init))

    private var words: [String] = []
    private var isSilent: [Bool] = []
    private var numbers: [[UInt8]: Int] = [:]
    private var known: [NodeID: [Int]] = [:]

    /// Numbers of an element's words, each once, ten at most.
    private mutating func numbers(of node: NodeID, in document: Document) -> [Int] {
        if let found = known[node] { return found }
        var result: [Int] = []
        let attributes = document.nodes[node].attributes
        if !attributes.isEmpty {
            for name in AttributeWords.names {
                guard let value = attributes.first(where: { $0.name == name })?.value else { continue }
                let bytes = value.unicodeScalars.prefix(80).lazy.map { $0.isASCII ? UInt8(truncatingIfNeeded: $0.value) : 0x80 }
                Words.each(in: bytes) { word in
                    guard word.count > 1, word.contains(where: { $0 > UInt8(ascii: "9") }) else { return }
                    let number = intern(word)
                    if !result.contains(number) { result.append(number) }
                }
            }
        }
        if result.count > 10 { result.removeLast(result.count - 10) }
        known[node] = result
        return result
    }

    private mutating func intern(_ word: [UInt8]) -> Int {
        if let number = numbers[word] { return number }
        let text = String(decoding: word, as: UTF8.self)
        words.append(text)
        isSilent.append(AttributeWords.silent.contains(text))
        numbers[word] = words.count - 1
        return words.count - 1
    }

    /// All words of one element.
    mutating func all(of node: NodeID, in document: Document) -> [String] { numbers(of: node, in: document).map { words[$0] } }

    /// The words of one element that say something.
    mutating func telling(of node: NodeID, in document: Document) -> [String] {
        numbers(of: node, in: document).filter { !isSilent[$0] }.map { words[$0] }
    }

    /// Telling words of an element and of two above it, below `root`; eight at most.
    mutating func around(_ node: NodeID, below root: NodeID, in document: Document) -> [String] {
        var result: [Int] = []
        var element = node
        for _ in 0..<3 {
            guard element >= 0, element != root else { break }
            for number in numbers(of: element, in: document) where !result.contains(number) { result.append(number) }
            element = document.nodes[element].parent
        }
        return result.filter { !isSilent[$0] }.prefix(8).map { words[$0] }
    }
}
