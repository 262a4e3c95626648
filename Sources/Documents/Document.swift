// A page as a tree, and its visible text as one flow.
//
// The tree is a table: nodes in document order (a parent stands before its children), strings interned. Frames and shadow roots are
// nodes like others, so that one number names any place of a page. Both sources, a rendered page and plain HTML, fill the same table;
// what only a rendering knows (boxes, computed visibility) is absent in the other.
//
// The flow is the text that a reader sees, laid out once for the whole page: white space collapsed, a line feed at block borders and <br>.
// A subtree's visible text is a slice of it, so a place in the text is a range of the flow, and evidence, lines, candidates and cells
// all speak of such ranges.

package typealias NodeID = Int

package struct Document: Sendable {
    package enum Kind: UInt8, Sendable {
        /// The page itself (node 0) and, below a frame element, the document in that frame.
        case document = 0
        case element = 1
        case text = 2
        /// Child of an element that hosts it; its children are in its flow in place of the host's light children where Chromium says so.
        case shadowRoot = 3
    }

    /// Where the tree comes from.
    package enum Source: UInt8, Sendable {
        /// Chromium's DOM after rendering: boxes and visibility are known.
        case rendered = 0
        /// HTML bytes, parsed: nothing was laid out.
        case html = 1
    }

    /// A rectangle in CSS pixels from the top left of the page (frames: of the outermost page).
    package struct Box: Sendable, Hashable {
        package var x, y, width, height: Float

        package init(x: Float, y: Float, width: Float, height: Float) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }
    }

    package struct Attribute: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package struct Node: Sendable {
        package var kind: Kind
        /// -1 for node 0.
        package var parent: NodeID
        /// Position among all children of the parent, from 0: the step in `path(of:)`.
        package var index: Int
        /// First node after this one's last descendant.
        package var end: NodeID
        /// Lower-case tag name of an element; "" for others.
        package var name: String
        /// Raw characters of a text node; "" for others.
        package var text: String
        package var attributes: [Attribute]
        package var box: Box?
        /// Nothing of this node can be seen. Rendered: not laid out, `visibility: hidden`, no size, off the page; children may still be
        /// visible. HTML: `hidden`, `display: none` and the like, or inside of such an element.
        package var isHidden: Bool
        /// Not drawn until the reader opens the part of the page that it is in (an accordion, a tab, closed details): content all the same,
        /// and therefore not hidden. See `Folding`.
        package var isFolded = false
        /// Rendered pages: the computed `display` makes it a box of its own (block, inline-block, flex, grid, table…), whatever its name
        /// says. In the flow the boxes then tell whether a new word or line begins.
        package var isBlock = false
    }

    /// Final address of the page, after redirects; the base for links unless `<base href>` says otherwise.
    package let url: String
    package let source: Source
    package let nodes: [Node]
    package let flow: Flow
    /// What of the page is not in the tree, and why, as one sentence; nil where all of it is.
    package let truncation: String?

    /// Trusts the table: `DocumentBuilder` and the snapshot decoder make it.
    package init(url: String, source: Source, nodes: [Node], truncation: String? = nil) {
        self.url = url
        self.source = source
        self.nodes = nodes
        self.truncation = truncation
        flow = Flow(nodes: nodes, source: source)
    }
}

extension Document {
    package subscript(id: NodeID) -> Node { nodes[id] }

    package func attribute(_ name: String, of id: NodeID) -> String? {
        nodes[id].attributes.first { $0.name == name }?.value
    }

    /// Children in document order, of every kind.
    package func children(of id: NodeID) -> some Sequence<NodeID> {
        let end = nodes[id].end
        return sequence(state: id + 1) { next in
            guard next < end else { return nil }
            defer { next = nodes[next].end }
            return next
        }
    }

    /// The node itself and all below it, in document order.
    package func subtree(of id: NodeID) -> Range<NodeID> { id..<nodes[id].end }

    /// Parents from the nearest up to node 0.
    package func ancestors(of id: NodeID) -> some Sequence<NodeID> {
        sequence(first: nodes[id].parent) { nodes[$0].parent }.prefix { $0 >= 0 }
    }

    package func contains(_ outer: NodeID, _ inner: NodeID) -> Bool { subtree(of: outer).contains(inner) }

    /// The lowest node that contains both.
    package func commonAncestor(_ a: NodeID, _ b: NodeID) -> NodeID {
        var node = min(a, b)
        let other = max(a, b)
        while node > 0, !contains(node, other) { node = nodes[node].parent }
        return max(node, 0)
    }

    /// Steps from the page to a node: child indices joined by "/", "#shadow" for a shadow root, "#frame" for a frame's document
    /// ("1/0/3/#shadow/0"). Node 0 is ".", so that the path is never empty.
    package func path(of id: NodeID) -> String {
        var steps: [String] = []
        var node = id
        while node > 0 {
            switch nodes[node].kind {
            case .shadowRoot: steps.append("#shadow")
            case .document: steps.append("#frame")
            case .element, .text: steps.append(String(nodes[node].index))
            }
            node = nodes[node].parent
        }
        return steps.isEmpty ? "." : steps.reversed().joined(separator: "/")
    }

    /// The node at such a path; nil where the page has none.
    package func node(at path: String) -> NodeID? {
        if path == "." { return nodes.isEmpty ? nil : 0 }
        var node = 0
        for step in path.split(separator: "/", omittingEmptySubsequences: false) {
            let next = children(of: node).first { child in
                switch nodes[child].kind {
                case .shadowRoot: step == "#shadow"
                case .document: step == "#frame"
                case .element, .text: step == String(nodes[child].index)
                }
            }
            guard let next else { return nil }
            node = next
        }
        return node
    }

    /// First element of that name, in document order.
    package func first(_ name: String, in root: NodeID = 0) -> NodeID? {
        subtree(of: root).first { nodes[$0].kind == .element && nodes[$0].name == name }
    }
}

// MARK: - Visible text

extension Document {
    /// What a reader sees of a node, as evidence counts it: a slice of the flow without white space at its ends.
    package func visibleText(of id: NodeID) -> String { flow.text(visibleRange(of: id)) }

    /// The range of the flow that `visibleText(of:)` is.
    package func visibleRange(of id: NodeID) -> Range<Int> { flow.trimmed(flow.ranges[id]) }

    /// The lowest element (or document, shadow root) whose visible text holds the whole range, and the range counted from its start.
    /// This is how a range of the flow becomes evidence; nil for an empty range.
    package func place(of range: Range<Int>) -> (node: NodeID, start: Int, end: Int)? {
        guard !range.isEmpty, let first = flow.origin(at: range.lowerBound), let last = flow.origin(at: range.upperBound - 1) else {
            return nil
        }
        var node = commonAncestor(first, last)
        while node > 0, nodes[node].kind == .text || !visibleRange(of: node).contains(range) { node = nodes[node].parent }
        let outer = visibleRange(of: node)
        guard outer.contains(range) else { return nil }
        return (node, range.lowerBound - outer.lowerBound, range.upperBound - outer.lowerBound)
    }
}

extension Range<Int> {
    package func contains(_ other: Range<Int>) -> Bool { lowerBound <= other.lowerBound && other.upperBound <= upperBound }
}
