package import Documents

extension PageReading {
    package init(_ document: Document) {
        var reader = PageReader(document)
        reader.readLines()
        reader.readLabels()
        reader.findVisible()
        reader.findStructured()
        self = reader.finish()
    }
}

/// Reads a page step by step; what each step may use was written by the ones before. See `PageReading`.
struct PageReader {
    let document: Document
    let tree: PathTree
    var text = ClassedText()
    var attributes = AttributeWords()
    var lines: [ReadLine] = []
    var drafts: [Draft] = []
    var visibleCount = 0
    var candidates: [Candidate] = []
    /// Spans that have a candidate already.
    var seen: Set<Range<Int>> = []
    private var firstRows: [NodeID: [(cell: NodeID, text: String)]] = [:]

    /// What is only needed while reading: where a line stands, of which pieces it is made.
    struct Draft {
        /// In `text`.
        var range: Range<Int>
        var block: NodeID
        var atoms: [Atom] = []
        /// The one element that holds all of the text, else the block.
        var element: NodeID
    }

    /// What one text node gave to a line.
    struct Atom {
        var range: Range<Int>
        var owner: NodeID
        /// Inline elements around the text within its block, the outermost first.
        var inline: [NodeID]
    }

    init(_ document: Document) {
        self.document = document
        tree = PathTree(document)
        text.reserve(document.flow.scalars.count + 4096)
        text.append(document.flow.scalars)
    }

    // MARK: Lines

    mutating func readLines() {
        cutLines()
        var heading = ""
        for index in drafts.indices {
            let draft = drafts[index]
            let zone = tree.zone[draft.block]
            lines.append(
                ReadLine(
                    text: text.string(draft.range), scalars: Array(text.slice(draft.range)), isVisible: true,
                    tag: document.nodes[draft.element].name,
                    attributeWords: attributes.around(draft.element, below: tree.root, in: document), label: "", heading: heading,
                    zone: zone.name, columnHead: "", href: link(of: draft), flow: draft.range))
            if zone == .heading, draft.range.count < 80 { heading = lines[index].text }
        }
        visibleCount = lines.count
    }

    /// Text nodes in order fill the lines of the flow; one in `<pre>` may fill several.
    private mutating func cutLines() {
        let flow = document.flow
        var lineEnd = -1
        for node in document.nodes.indices where document.nodes[node].kind == .text {
            let range = flow.trimmed(flow.ranges[node])
            guard !range.isEmpty else { continue }
            let owner = max(document.nodes[node].parent, 0)
            let inline = inlineElements(around: owner)
            var at = range.lowerBound
            while at < range.upperBound {
                if at >= lineEnd {
                    lineEnd = flow.scalars[at...].firstIndex(of: "\n") ?? flow.scalars.count
                    drafts.append(Draft(range: text.trimmed(at..<lineEnd), block: Int(tree.block[owner]), element: owner))
                }
                let last = drafts.count - 1
                let piece = text.trimmed(at..<min(range.upperBound, lineEnd)).clamped(to: drafts[last].range)
                if !piece.isEmpty {
                    if owner != drafts[last].element { drafts[last].element = drafts[last].block }
                    drafts[last].atoms.append(Atom(range: piece, owner: owner, inline: inline))
                }
                at = lineEnd + 1
            }
        }
        drafts.removeAll { $0.atoms.isEmpty }
    }

    private func inlineElements(around owner: NodeID) -> [NodeID] {
        var result: [NodeID] = []
        var node = owner
        // The nearest ones where somebody nests without end.
        while result.count < 100, !tree.isBlock[node], let above = tree.parent(of: node), node > tree.root {
            result.append(node)
            node = above
        }
        return result.reversed()
    }

    /// Address of the link that a line is in or holds.
    private func link(of draft: Draft) -> String {
        for atom in draft.atoms {
            for element in atom.inline where document.nodes[element].name == "a" {
                if let href = document.attribute("href", of: element), !href.isEmpty { return href }
            }
        }
        var node: NodeID? = draft.block
        for _ in 0..<3 {
            guard let element = node else { break }
            if document.nodes[element].name == "a" { return document.attribute("href", of: element) ?? "" }
            node = tree.parent(of: element)
        }
        return ""
    }

    // MARK: Labels

    /// What is printed beside or before a line to say what it is: the term of a definition, the cell to the left, "Label:" above.
    mutating func readLabels() {
        for index in lines.indices {
            var label = term(of: drafts[index].block)
            readCell(index, label: &label)
            if label.isEmpty, index > 0 { label = labelLine(before: index) }
            lines[index].label = PageReader.withoutColon(label)
        }
    }

    private func term(of block: NodeID) -> String {
        guard document.nodes[block].name == "dd" else { return "" }
        var node = Int(tree.previous[block])
        // A list of thousands of descriptions without a term must not be walked for each of them.
        for _ in 0..<200 {
            guard node >= 0 else { break }
            if document.nodes[node].name == "dt" { return visibleText(of: node, prefix: 60) }
            node = Int(tree.previous[node])
        }
        return ""
    }

    private mutating func readCell(_ index: Int, label: inout String) {
        var node: NodeID? = drafts[index].block
        for _ in 0..<4 {
            guard let element = node, document.nodes[element].name != "td", document.nodes[element].name != "th" else { break }
            node = tree.parent(of: element)
        }
        guard let cell = node, document.nodes[cell].name == "td" else { return }
        let before = Int(tree.previous[cell])
        if label.isEmpty, before >= 0, document.nodes[before].name == "td" || document.nodes[before].name == "th",
            document.visibleRange(of: before).count <= 50
        {
            label = visibleText(of: before, prefix: 50)
        }
        guard let row = tree.parent(of: cell), document.nodes[row].name == "tr" else { return }
        var table: NodeID? = row
        while let element = table, document.nodes[element].name != "table" { table = tree.parent(of: element) }
        guard let table else { return }
        let heads = firstRow(of: table)
        let column = Int(tree.cell[cell])
        if heads.indices.contains(column), heads[column].cell != cell { lines[index].columnHead = heads[column].text }
    }

    /// Texts of a table's first row where that is a row of headings; else nothing.
    private mutating func firstRow(of table: NodeID) -> [(cell: NodeID, text: String)] {
        if let known = firstRows[table] { return known }
        var heads: [(cell: NodeID, text: String)] = []
        if let row = document.first("tr", in: table) {
            let cells = document.children(of: row).filter { document.nodes[$0].name == "td" || document.nodes[$0].name == "th" }
            let headings = cells.count { document.nodes[$0].name == "th" }
            let isHead = document.nodes[document.nodes[row].parent].name == "thead"
            if cells.count > 1, headings >= cells.count - 1 || isHead {
                heads = cells.map { ($0, visibleText(of: $0, prefix: 50)) }
            }
        }
        firstRows[table] = heads
        return heads
    }

    private func labelLine(before index: Int) -> String {
        let line = lines[index - 1]
        let count = line.scalars.count
        let (before, block) = (drafts[index - 1].block, drafts[index].block)
        if count <= 50, line.scalars.last == ":" { return line.text }
        let isBold = line.tag == "b" || line.tag == "strong" || line.tag == "label"
        if before == block { return isBold && count <= 40 ? line.text : "" }
        guard count <= 30, let parent = tree.parent(of: block), tree.parent(of: before) == parent else { return "" }
        let name = document.nodes[before].name
        if name == "dt" || name == "th" || name == "label" || isBold { return line.text }
        return tree.childCount[parent] == 2 ? line.text : ""
    }

    private func visibleText(of node: NodeID, prefix: Int) -> String {
        let range = document.visibleRange(of: node)
        return text.string(range.lowerBound..<min(range.upperBound, range.lowerBound + prefix), lineFeedsAsSpaces: true)
    }

    private static func withoutColon(_ label: String) -> String {
        var scalars = Substring.UnicodeScalarView(label.unicodeScalars)
        while let last = scalars.last, last == ":" || last == " " { scalars.removeLast() }
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }
}
