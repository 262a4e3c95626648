import Documents

/// Candidates in the visible text. Each rule adds spans; a span that two rules find belongs to the first.
extension PageReader {
    /// More visible candidates than this are never kept, so that a huge page ends.
    static let mostCandidates = 4500

    mutating func findVisible() {
        for line in drafts.indices {
            guard candidates.count <= PageReader.mostCandidates else { return }
            findElements(line)
            findLabelled(line)
            if drafts[line].range.count <= 160 { findParts(line) }
            findShapes(line)
        }
        findBlocks()
        findAddresses()
        findContainers()
    }

    private mutating func add(
        _ range: Range<Int>, _ kind: Candidate.Kind, line: Int, lastLine: Int? = nil, node: NodeID, label: String = "",
        words: [String]? = nil
    ) {
        let lastLine = lastLine ?? line
        let range = line == lastLine ? text.trimmed(range) : range
        guard !range.isEmpty, seen.insert(range).inserted else { return }
        let span = Candidate.Extent(
            line: line, start: range.lowerBound - drafts[line].range.lowerBound, lastLine: lastLine,
            end: range.upperBound - drafts[lastLine].range.lowerBound)
        candidates.append(
            Candidate(
                kind: kind, span: span, key: 0, generalPath: 0, label: label.isEmpty ? lines[line].label : label,
                attributeWords: words ?? lines[line].attributeWords, node: node, tag: document.nodes[node].name, attribute: nil,
                structuredKey: "", place: .flow(range), range: range))
    }

    // MARK: Elements

    private mutating func findElements(_ line: Int) {
        let draft = drafts[line]
        add(draft.range, .line, line: line, node: draft.element)
        guard draft.atoms.count > 1 else { return }
        var inline: [NodeID] = []
        for atom in draft.atoms {
            for element in atom.inline where !inline.contains(element) { inline.append(element) }
            if inline.count >= 30 { break }
        }
        for element in inline.prefix(30) {
            let inside = draft.atoms.filter { $0.inline.contains(element) }
            guard let first = inside.first, let last = inside.last else { continue }
            let words = attributes.telling(of: element, in: document) + lines[line].attributeWords
            add(
                first.range.lowerBound..<last.range.upperBound, .inline, line: line, node: element,
                label: label(before: first.range.lowerBound, in: draft.range), words: Array(words.prefix(8)))
        }
        for (index, atom) in draft.atoms.prefix(30).enumerated() {
            let label = index > 0 ? label(from: draft.atoms[index - 1]) : ""
            add(atom.range, .atom, line: line, node: atom.owner, label: label)
            if !label.isEmpty, index < draft.atoms.count - 1 {
                add(atom.range.lowerBound..<draft.range.upperBound, .rest, line: line, node: draft.block, label: label)
            }
        }
    }

    /// "Price: " before an inline element.
    private func label(before position: Int, in line: Range<Int>) -> String {
        let before = text.trimmed(line.lowerBound..<position)
        guard before.count <= 60, text.slice(before).last == ":" else { return "" }
        let start = before.last { "|•·;".unicodeScalars.contains(text.scalars[$0]) }.map { $0 + 1 } ?? before.lowerBound
        return text.string(text.stripped(start..<before.upperBound, of: " ", ":"))
    }

    private static let labelElements: Set<String> = ["b", "strong", "label", "em", "dt", "span", "font", "i"]

    private func label(from atom: Atom) -> String {
        guard atom.range.count <= 50 else { return "" }
        let isMarked = atom.inline.last.map { PageReader.labelElements.contains(document.nodes[$0].name) } ?? false
        guard isMarked || text.slice(atom.range).last == ":" else { return "" }
        return text.string(text.stripped(atom.range, of: " ", ":"))
    }

    // MARK: Parts of a line

    private mutating func findLabelled(_ line: Int) {
        let draft = drafts[line]
        if let split = LineParts.leadingLabel(text, draft.range) {
            add(
                split.value.lowerBound..<draft.range.upperBound, .split, line: line, node: draft.element,
                label: text.string(split.label))
        }
    }

    private mutating func findParts(_ line: Int) {
        let draft = drafts[line]
        let range = draft.range
        for part in LineParts.innerLabels(text, range) {
            add(part.value, .split, line: line, node: draft.element, label: text.string(part.label))
        }
        let parts = LineParts.separated(text, range)
        if (2...6).contains(parts.count) {
            for part in parts { add(part, .separated, line: line, node: draft.element) }
        }
        let commas = range.filter { text.scalars[$0] == "," }
        if let first = commas.first, commas.count <= 4, range.count <= 100 {
            var start = range.lowerBound
            for end in commas + [range.upperBound] {
                add(start..<end, .comma, line: line, node: draft.element)
                start = end + 1
            }
            add(first + 1..<range.upperBound, .comma, line: line, node: draft.element)
        }
        if let (outside, inside) = LineParts.parenthesised(text, range) {
            add(outside, .parenthesis, line: line, node: draft.element)
            add(inside, .parenthesis, line: line, node: draft.element)
        }
        if let start = LineParts.afterPreposition(text, range) {
            add(
                start..<range.upperBound, .split, line: line, node: draft.element,
                label: text.string(text.trimmed(range.lowerBound..<start)))
        }
    }

    // MARK: Shapes

    private mutating func findShapes(_ line: Int) {
        let draft = drafts[line]
        let range = draft.range
        let count = range.count
        if count > 8, count <= 300 {
            var found = 0
            for run in LineParts.capitalised(text, range) where run.count < count - 1 {
                add(run, .capitals, line: line, node: draft.element)
                found += 1
                if found >= 8 { break }
            }
        }
        guard count <= 400 else { return }
        let digits = text.digitCount(range)
        if digits >= 6 { addShapes(TextShapes.phone, .phone, line) }
        if range.contains(where: { text.scalars[$0] == "@" }) { addShapes(TextShapes.email, .email, line) }
        guard digits > 0 else { return }
        addShapes(TextShapes.price, .price, line)
        addShapes(TextShapes.date, .date, line)
        if digits >= 5 { addShapes(TextShapes.zip, .zip, line) }
        if digits >= 2 { addShapes(TextShapes.postcode, .zip, line) }
        if digits >= 5, let found = TextShapes.cityStateZip.first(in: text, range) {
            for (kind, part) in zip([Candidate.Kind.city, .state, .cityZip], found.captures) {
                add(part, kind, line: line, node: draft.element)
            }
            if found.range.lowerBound > range.lowerBound + 3 {
                add(range.lowerBound..<found.range.lowerBound, .street, line: line, node: draft.element)
            }
        }
        guard count <= 60 else { return }
        for found in TextShapes.number.matches(in: text, range, limit: 4) {
            let after = text.trimmed(found.range.upperBound..<range.upperBound)
            let before = text.stripped(range.lowerBound..<found.range.lowerBound, of: " ", ":", "-")
            let label = after.isEmpty ? before : after
            add(
                found.range, .number, line: line, node: draft.element,
                label: text.string(label.lowerBound..<min(label.upperBound, label.lowerBound + 30)))
        }
    }

    private mutating func addShapes(_ shape: Pattern, _ kind: Candidate.Kind, _ line: Int) {
        let range = drafts[line].range
        for found in shape.matches(in: text, range, limit: 8) {
            var start = found.range.lowerBound
            while start > range.lowerBound, !"|•·;,".unicodeScalars.contains(text.scalars[start - 1]) { start -= 1 }
            let label = text.stripped(start..<found.range.lowerBound, of: " ", ":", "-")
            add(
                found.range, kind, line: line, node: drafts[line].element, label: label.count <= 30 ? text.string(label) : "")
        }
    }

    // MARK: Several lines

    private mutating func addLines(_ first: Int, _ last: Int, _ kind: Candidate.Kind, node: NodeID) {
        add(
            drafts[first].range.lowerBound..<drafts[last].range.upperBound, kind, line: first, lastLine: last, node: node)
    }

    private func length(_ first: Int, _ last: Int) -> Int { drafts[last].range.upperBound - drafts[first].range.lowerBound }

    /// Blocks whose lines stand together.
    private mutating func findBlocks() {
        var order: [NodeID] = []
        var blocks: [NodeID: (first: Int, last: Int, count: Int)] = [:]
        for (line, draft) in drafts.enumerated() {
            if let known = blocks[draft.block] {
                blocks[draft.block] = (known.first, line, known.count + 1)
            } else {
                order.append(draft.block)
                blocks[draft.block] = (line, line, 1)
            }
        }
        for node in order {
            guard let block = blocks[node], (2...40).contains(block.count), block.last - block.first == block.count - 1,
                length(block.first, block.last) <= 6000
            else { continue }
            addLines(block.first, block.last, .block, node: node)
        }
    }

    /// A line with city, state and code, and up to four lines above it.
    private mutating func findAddresses() {
        for (line, draft) in drafts.enumerated() where draft.range.count < 90 && text.digitCount(draft.range) >= 5 {
            guard TextShapes.cityStateZip.first(in: text, draft.range) != nil else { continue }
            for first in stride(from: line - 1, through: max(0, line - 4), by: -1) {
                if drafts[first].range.count > 70 { break }
                addLines(first, line, .address, node: draft.block)
            }
        }
    }

    private static let largeContainers: Set<String> = ["div", "section", "article", "td", "ul", "ol", "main"]

    /// Elements around blocks, where they are small.
    private mutating func findContainers() {
        var order: [NodeID] = []
        var extents: [NodeID: (first: Int, last: Int)] = [:]
        for (line, draft) in drafts.enumerated() {
            var node = tree.parent(of: draft.block)
            for _ in 0..<4 {
                guard let element = node, element > tree.root else { break }
                if let known = extents[element] {
                    extents[element] = (known.first, line)
                } else {
                    order.append(element)
                    extents[element] = (line, line)
                }
                node = tree.parent(of: element)
            }
        }
        for node in order {
            guard let extent = extents[node], extent.first < extent.last, extent.last <= extent.first + 40, tree.isBlock[node] else {
                continue
            }
            let isSmall = extent.last - extent.first <= 6
            guard length(extent.first, extent.last) <= (isSmall ? 500 : 8000),
                isSmall || PageReader.largeContainers.contains(document.nodes[node].name)
            else { continue }
            addLines(extent.first, extent.last, .container, node: node)
        }
    }
}
