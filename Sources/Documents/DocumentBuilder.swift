/// Fills the table of a `Document` from calls in document order: open, text, close.
///
/// Every source goes through it, so the caps stand in one place: what lies beyond them is left out and the document says so.
package struct DocumentBuilder {
    /// Nodes a document may have. A table of a million nodes takes about 150 MB.
    package static let maximumNodes = 1_000_000

    private let url: String
    private let source: Document.Source
    private let limit: Int
    private(set) var nodes: [Document.Node] = []
    /// Open nodes with the index that their next child gets.
    private var open: [(node: NodeID, next: Int)] = []
    /// Nodes opened beyond the limit and not yet closed.
    private var ignoredDepth = 0
    private var ignored = 0
    private var reasons: [String] = []

    /// Begins with node 0 open, the page itself.
    package init(url: String, source: Document.Source, limit: Int = DocumentBuilder.maximumNodes) {
        self.url = url
        self.source = source
        self.limit = max(limit, 1)
        open(.document)
    }

    /// Opens an element; the name and the attributes' names are expected in lower case. The first of several attributes of one name counts.
    package mutating func open(
        element name: String, attributes: [Document.Attribute] = [], box: Document.Box? = nil, isHidden: Bool = false,
        isBlock: Bool = false
    ) {
        open(.element, name: name, attributes: attributes, box: box, isHidden: isHidden, isBlock: isBlock)
    }

    /// Opens a shadow root below its host.
    package mutating func openShadowRoot() { open(.shadowRoot) }

    /// Opens the document inside of the frame element that is open.
    package mutating func openFrame() { open(.document) }

    package mutating func text(_ text: String, box: Document.Box? = nil, isHidden: Bool = false) {
        if text.isEmpty { return }
        guard ignoredDepth == 0, nodes.count < limit else { return ignored += 1 }
        add(.text, name: "", text: text, attributes: [], box: box, isHidden: isHidden, isBlock: false)
    }

    /// Ends the node opened last. Node 0 stays open until `finish`.
    package mutating func close() {
        if ignoredDepth > 0 { return ignoredDepth -= 1 }
        guard open.count > 1, let last = open.popLast() else { return }
        nodes[last.node].end = nodes.count
    }

    /// Adds a sentence about what is not in the tree.
    package mutating func note(_ reason: String) { reasons.append(reason) }

    /// Closes what is open and gives the document.
    package consuming func finish() -> Document {
        while let last = open.popLast() { nodes[last.node].end = nodes.count }
        if ignored > 0 { reasons.append("the page has more than \(limit) nodes; \(ignored) after them were left out") }
        return Document(
            url: url, source: source, nodes: Folding.mark(nodes, source: source),
            truncation: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
    }

    /// Whether what is added now would be left out.
    var isFull: Bool { nodes.count >= limit }

    private mutating func open(
        _ kind: Document.Kind, name: String = "", attributes: [Document.Attribute] = [], box: Document.Box? = nil,
        isHidden: Bool = false, isBlock: Bool = false
    ) {
        guard ignoredDepth == 0, nodes.count < limit else {
            ignoredDepth += 1
            ignored += 1
            return
        }
        add(kind, name: name, text: "", attributes: attributes, box: box, isHidden: isHidden, isBlock: isBlock)
        open.append((nodes.count - 1, 0))
    }

    private mutating func add(
        _ kind: Document.Kind, name: String, text: String, attributes: [Document.Attribute], box: Document.Box?, isHidden: Bool,
        isBlock: Bool
    ) {
        var parent = -1
        var index = 0
        // Without boxes nothing can show through a hidden element: all below it is hidden too.
        var hidden = isHidden
        if !open.isEmpty {
            let last = open.count - 1
            parent = open[last].node
            index = open[last].next
            open[last].next = index + 1
            if source == .html, nodes[parent].isHidden { hidden = true }
        }
        nodes.append(
            Document.Node(
                kind: kind, parent: parent, index: index, end: nodes.count + 1, name: name, text: text, attributes: attributes,
                box: box, isHidden: hidden, isBlock: isBlock))
    }
}
