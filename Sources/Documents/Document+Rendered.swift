// A rendered page to a document: frames below their frame element, shadow roots below their host, boxes in coordinates of the outermost
// page, and for each node whether it can be seen.

extension Document {
    /// The page as Chromium rendered it. `url` is its final address.
    package init(rendered tree: RenderedTree, url: String) {
        var conversion = RenderedConversion(tree, url: url)
        self = conversion.run()
    }
}

private struct RenderedConversion {
    /// What nodes hand down to those below.
    private struct Context {
        /// Opacity 0 somewhere above, a style that makes text unseen where it stands, or a frame that can't be seen.
        var isInvisible = false
        /// Inside of a box so small that it clips everything: the way text is kept for screen readers only.
        var isClipped = false
    }

    /// One document on the way down.
    private struct Frame {
        var page: Int
        /// Top left of the document in page coordinates.
        var x: Double
        var y: Double
        var links: Links
    }

    /// Children of each node as linked lists, from parents that are given by index.
    private struct Links {
        var first: [Int32]
        var next: [Int32]
        /// Layout box of each node; -1 where it has none.
        var layout: [Int32]
    }

    private struct Style {
        var display: Int?
        var visibility: Int?
        var opacity: Int?
        var overflowX: Int?
        var overflowY: Int?
        var fontSize: Int?
        var borderLeft: Int?
        var borderTop: Int?
        var paddingLeft: Int?
        var paddingTop: Int?

        init(_ names: [String]) {
            display = names.firstIndex(of: "display")
            visibility = names.firstIndex(of: "visibility")
            opacity = names.firstIndex(of: "opacity")
            overflowX = names.firstIndex(of: "overflow-x") ?? names.firstIndex(of: "overflow")
            overflowY = names.firstIndex(of: "overflow-y") ?? names.firstIndex(of: "overflow")
            fontSize = names.firstIndex(of: "font-size")
            borderLeft = names.firstIndex(of: "border-left-width")
            borderTop = names.firstIndex(of: "border-top-width")
            paddingLeft = names.firstIndex(of: "padding-left")
            paddingTop = names.firstIndex(of: "padding-top")
        }
    }

    private let tree: RenderedTree
    private let style: Style
    private var builder: DocumentBuilder
    private var frames: [Frame] = []
    private var isAttached: [Bool]
    private var names: [Int32: String] = [:]

    init(_ tree: RenderedTree, url: String) {
        self.tree = tree
        style = Style(tree.styles)
        builder = DocumentBuilder(url: url, source: .rendered)
        isAttached = Array(repeating: false, count: tree.pages.count)
    }

    mutating func run() -> Document {
        /// A step of the walk: a node to enter, or what to leave.
        enum Step {
            case enter(Int32, Context)
            case leave
            case leaveFrame
        }
        guard !tree.pages.isEmpty else { return builder.finish() }
        isAttached[0] = true
        frames.append(Frame(page: 0, x: 0, y: 0, links: links(of: tree.pages[0])))
        var steps: [Step] = []

        /// Children are pushed so that the first is on top.
        func push(_ children: [Int32], _ context: Context) {
            for child in children.reversed() { steps.append(.enter(child, context)) }
        }
        func children(of node: Int32, _ frame: Frame) -> [Int32] {
            var out: [Int32] = []
            var child = frame.links.first[Int(node)]
            while child >= 0 {
                out.append(child)
                child = frame.links.next[Int(child)]
            }
            return out
        }

        for root in roots(of: tree.pages[0]).reversed() { steps.append(.enter(root, Context())) }
        while let step = steps.popLast() {
            switch step {
            case .leave: builder.close()
            case .leaveFrame:
                builder.close()
                frames.removeLast()
            case .enter(let node, let context):
                guard let frame = frames.last else { continue }
                let page = tree.pages[frame.page]
                switch page.nodeType[Int(node)] {
                case 3: addText(node, page, frame, context)
                case 1:
                    if page.pseudoType[node] != nil { continue }
                    let below = open(node, page, frame, context)
                    steps.append(.leave)
                    push(children(of: node, frame), below.context)
                    if let inner = below.frame {
                        steps.append(.leaveFrame)
                        frames.append(inner)
                        builder.openFrame()
                        push(roots(of: tree.pages[inner.page]), below.context)
                    }
                case 11:
                    // The browser's own shadow roots (inside of <input>, <details>, <video>) are no part of the page.
                    if tree[page.shadowRootType[node] ?? -1] == "user-agent" { continue }
                    builder.openShadowRoot()
                    steps.append(.leave)
                    push(children(of: node, frame), context)
                case 9: push(children(of: node, frame), context)
                default: break
                }
            }
        }
        return builder.finish()
    }

    /// Nodes without a parent.
    private func roots(of page: RenderedTree.Page) -> [Int32] {
        page.parentIndex.indices.prefix(page.nodeType.count).filter { page.parentIndex[$0] < 0 }.map { Int32(truncatingIfNeeded: $0) }
    }

    private func links(of page: RenderedTree.Page) -> Links {
        let count = min(page.parentIndex.count, page.nodeType.count)
        var links = Links(
            first: Array(repeating: -1, count: page.nodeType.count), next: Array(repeating: -1, count: page.nodeType.count),
            layout: Array(repeating: -1, count: page.nodeType.count))
        // From the last to the first, so that each list comes out in order. A parent stands before its children: no circles.
        for node in stride(from: count - 1, through: 0, by: -1) {
            let parent = page.parentIndex[node]
            guard parent >= 0, Int(parent) < node else { continue }
            links.next[node] = links.first[Int(parent)]
            links.first[Int(parent)] = Int32(truncatingIfNeeded: node)
        }
        for (box, node) in page.layoutNode.enumerated() where box &* 4 &+ 3 < page.bounds.count {
            // Several boxes for one node (a first letter set apart): the first counts.
            if links.layout.indices.contains(Int(node)), links.layout[Int(node)] < 0 {
                links.layout[Int(node)] = Int32(truncatingIfNeeded: box)
            }
        }
        return links
    }

    // MARK: Nodes

    private mutating func open(
        _ node: Int32, _ page: RenderedTree.Page, _ frame: Frame, _ context: Context
    ) -> (context: Context, frame: Frame?) {
        let layout = Int(frame.links.layout[Int(node)])
        let raw = layout >= 0 ? rectangle(layout, page) : nil
        let box = raw.flatMap { self.box($0, frame) }
        var context = context
        let name = name(page.nodeName, node)
        let attributes = attributes(node, page)
        if HTMLVisibility.isUnseen(name, attributes) { context.isInvisible = true }
        var isBlock = false
        var isHidden = layout < 0
        if layout >= 0, let raw {
            if isZero(value(style.opacity, layout, page)) { context.isInvisible = true }
            if raw.width <= 1.5 || raw.height <= 1.5, clips(layout, page, raw) { context.isClipped = true }
            let visibility = value(style.visibility, layout, page)
            if visibility == "hidden" || visibility == "collapse" { isHidden = true }
            switch value(style.display, layout, page) {
            case "", "inline", "contents", "none", "ruby", "ruby-text": break
            default: isBlock = true
            }
        }
        if let box { isHidden = isHidden || isOff(box) || (box.width <= 0 && box.height <= 0) } else { isHidden = true }
        isHidden = isHidden || context.isInvisible || context.isClipped
        builder.open(element: name, attributes: attributes, box: box, isHidden: isHidden, isBlock: isBlock)

        guard let content = page.contentDocument[node], isAttached.indices.contains(Int(content)), !isAttached[Int(content)] else {
            return (context, nil)
        }
        isAttached[Int(content)] = true
        let inner = tree.pages[Int(content)]
        var below = context
        if let raw, layout >= 0 {
            let left = pixels(style.borderLeft, layout, page) + pixels(style.paddingLeft, layout, page)
            let top = pixels(style.borderTop, layout, page) + pixels(style.paddingTop, layout, page)
            if isHidden || raw.width <= 1.5 || raw.height <= 1.5 { below.isInvisible = true }
            return (
                below,
                Frame(
                    page: Int(content), x: frame.x + raw.x + left - inner.scrollX, y: frame.y + raw.y + top - inner.scrollY,
                    links: links(of: inner))
            )
        }
        below.isInvisible = true
        return (below, Frame(page: Int(content), x: frame.x, y: frame.y, links: links(of: inner)))
    }

    private mutating func addText(_ node: Int32, _ page: RenderedTree.Page, _ frame: Frame, _ context: Context) {
        let text = tree[page.nodeValue.indices.contains(Int(node)) ? page.nodeValue[Int(node)] : -1]
        let layout = Int(frame.links.layout[Int(node)])
        guard layout >= 0, let raw = rectangle(layout, page), let box = box(raw, frame) else {
            // White space between boxes is not laid out, yet it parts words.
            let isBlank = text.utf8.allSatisfy { $0 <= 32 }
            return builder.text(text, isHidden: !isBlank || context.isInvisible || context.isClipped)
        }
        let visibility = value(style.visibility, layout, page)
        let isHidden =
            context.isInvisible || context.isClipped || visibility == "hidden" || visibility == "collapse"
            || box.width <= 0 || box.height <= 0 || isOff(box) || isZero(value(style.fontSize, layout, page))
        builder.text(text, box: box, isHidden: isHidden)
    }

    private mutating func name(_ names: [Int32], _ node: Int32) -> String {
        guard names.indices.contains(Int(node)) else { return "" }
        let index = names[Int(node)]
        if let known = self.names[index] { return known }
        let name = lowercased(tree[index])
        self.names[index] = name
        return name
    }

    private mutating func attributes(_ node: Int32, _ page: RenderedTree.Page) -> [Document.Attribute] {
        guard Int(node) + 1 < page.attributeStart.count else { return [] }
        let start = Int(page.attributeStart[Int(node)])
        let end = min(Int(page.attributeStart[Int(node) + 1]), page.attributes.count)
        guard start >= 0, start + 1 < end else { return [] }
        var out: [Document.Attribute] = []
        out.reserveCapacity((end - start) / 2)
        for at in stride(from: start, to: end - 1, by: 2) {
            out.append(Document.Attribute(name: name(page.attributes, Int32(truncatingIfNeeded: at)), value: tree[page.attributes[at + 1]]))
        }
        return out
    }

    private func lowercased(_ string: String) -> String {
        guard string.utf8.contains(where: { (65...90).contains($0) }) else { return string }
        return String(decoding: string.utf8.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
    }

    // MARK: Layout

    private func rectangle(_ layout: Int, _ page: RenderedTree.Page) -> (x: Double, y: Double, width: Double, height: Double)? {
        let at = layout * 4
        guard at + 3 < page.bounds.count else { return nil }
        let (x, y, width, height) = (page.bounds[at], page.bounds[at + 1], page.bounds[at + 2], page.bounds[at + 3])
        guard x.isFinite, y.isFinite, width.isFinite, height.isFinite else { return nil }
        return (x, y, width, height)
    }

    /// In coordinates of the outermost page. Nil where a float can't hold it.
    private func box(_ raw: (x: Double, y: Double, width: Double, height: Double), _ frame: Frame) -> Document.Box? {
        let box = Document.Box(x: Float(raw.x + frame.x), y: Float(raw.y + frame.y), width: Float(raw.width), height: Float(raw.height))
        return box.x.isFinite && box.y.isFinite && box.width.isFinite && box.height.isFinite ? box : nil
    }

    /// Wholly left of the page or above it, where no one can scroll.
    private func isOff(_ box: Document.Box) -> Bool { box.x + box.width <= 0 || box.y + box.height <= 0 }

    private func value(_ style: Int?, _ layout: Int, _ page: RenderedTree.Page) -> String {
        guard let style else { return "" }
        let at = layout * tree.styles.count + style
        return page.styles.indices.contains(at) ? tree[page.styles[at]] : ""
    }

    private func pixels(_ style: Int?, _ layout: Int, _ page: RenderedTree.Page) -> Double {
        let value = value(style, layout, page)
        guard value.hasSuffix("px"), let number = Double(value.dropLast(2)), number.isFinite else { return 0 }
        return number
    }

    private func isZero(_ value: String) -> Bool { value == "0" || value == "0px" }

    /// Whether a box shows nothing of what is larger than itself, in the direction in which it has no size.
    private func clips(_ layout: Int, _ page: RenderedTree.Page, _ raw: (x: Double, y: Double, width: Double, height: Double)) -> Bool {
        func hides(_ overflow: String) -> Bool { overflow == "hidden" || overflow == "clip" }
        return (raw.width <= 1.5 && hides(value(style.overflowX, layout, page)))
            || (raw.height <= 1.5 && hides(value(style.overflowY, layout, page)))
    }
}
