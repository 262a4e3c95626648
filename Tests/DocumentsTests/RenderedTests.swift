import Testing

@testable import Documents

/// Writes a `RenderedTree` node by node.
private struct TreeWriter {
    var tree = RenderedTree()
    var page = 0
    private var numbers: [String: Int32] = [:]

    init(styles: [String] = ["display", "visibility", "opacity", "overflow-x", "overflow-y", "border-left-width", "border-top-width"]) {
        tree.styles = styles
        tree.pages = [RenderedTree.Page()]
    }

    mutating func number(_ string: String) -> Int32 {
        if let known = numbers[string] { return known }
        numbers[string] = Int32(tree.strings.count)
        tree.strings.append(string)
        return Int32(tree.strings.count - 1)
    }

    /// Adds a node below `parent`; `box` nil: not laid out.
    @discardableResult
    mutating func add(
        _ type: Int32, _ name: String, _ value: String = "", below parent: Int32, box: [Double]? = [0, 0, 100, 20],
        attributes: [String] = [], styles: [String: String] = [:]
    ) -> Int32 {
        let node = Int32(tree.pages[page].nodeType.count)
        let (name, value) = (number(name), number(value))
        tree.pages[page].parentIndex.append(parent)
        tree.pages[page].nodeType.append(type)
        tree.pages[page].nodeName.append(name)
        tree.pages[page].nodeValue.append(value)
        for attribute in attributes {
            let number = number(attribute)
            tree.pages[page].attributes.append(number)
        }
        tree.pages[page].attributeStart.append(Int32(tree.pages[page].attributes.count))
        if let box {
            tree.pages[page].layoutNode.append(node)
            tree.pages[page].bounds += box
            for style in tree.styles {
                let number = number(styles[style] ?? ["display": "inline", "visibility": "visible", "opacity": "1"][style] ?? "visible")
                tree.pages[page].styles.append(number)
            }
        }
        return node
    }

    mutating func element(
        _ name: String, below parent: Int32, box: [Double]? = [0, 0, 100, 20], attributes: [String] = [], styles: [String: String] = [:]
    ) -> Int32 { add(1, name, below: parent, box: box, attributes: attributes, styles: styles) }

    mutating func text(_ text: String, below parent: Int32, box: [Double]? = [0, 0, 50, 10], styles: [String: String] = [:]) {
        add(3, "#text", text, below: parent, box: box, styles: styles)
    }

    mutating func root() -> Int32 {
        let document = add(9, "#document", below: -1)
        add(10, "html", below: document, box: nil)
        let html = element("HTML", below: document)
        return element("BODY", below: html)
    }

    func document() -> Document { Document(rendered: tree, url: "http://example.test/") }
}

@Suite struct RenderedTests {
    /// Names become lower case, doctype and comments are left out, white space without layout still parts words.
    @Test func tree() throws {
        var writer = TreeWriter()
        let body = writer.root()
        let link = writer.element("A", below: body, attributes: ["HREF", "/x", "title", "T"])
        writer.text("one", below: link)
        writer.add(8, "#comment", "no", below: body, box: nil)
        writer.text("\n  ", below: body, box: nil)
        let span = writer.element("SPAN", below: body)
        writer.text("two", below: span)
        let page = writer.document()
        #expect(page.plainText == "one two")
        #expect(page.source == .rendered)
        #expect(page.attribute("href", of: try #require(page.first("a"))) == "/x")
        #expect(page.path(of: try #require(page.first("span"))) == "0/0/2")
    }

    /// What can't be seen is hidden: no layout, visibility, opacity here or above, no size, off the page, clipped to a pixel.
    @Test(arguments: [
        ([0, 0, 100, 20], [:], nil as [Double]?, [:], true),
        ([0, 0, 100, 20], [:], [0, 0, 50, 10], ["visibility": "hidden"], true),
        ([0, 0, 100, 20], [:], [0, 0, 50, 10], ["visibility": "visible"], false),
        ([0, 0, 100, 20], ["visibility": "hidden"], [0, 0, 50, 10], [:], false),
        ([0, 0, 100, 20], ["opacity": "0"], [0, 0, 50, 10], [:], true),
        ([0, 0, 100, 20], ["opacity": "0.4"], [0, 0, 50, 10], [:], false),
        ([0, 0, 100, 20], [:], [0, 0, 0, 10], [:], true),
        ([0, 0, 100, 20], [:], [0, 0, 50, 0], [:], true),
        ([0, 0, 100, 20], [:], [-9999, 0, 50, 10], [:], true),
        ([0, 0, 100, 20], [:], [0, -500, 50, 10], [:], true),
        ([0, 0, 100, 20], [:], [5000, 90_000, 50, 10], [:], false),
        ([0, 0, 1, 1], ["overflow-x": "hidden", "overflow-y": "hidden"], [0, 0, 50, 10], [:], true),
        ([0, 0, 1, 1], [:], [0, 0, 50, 10], [:], false),
        ([0, 0, 300, 0], ["overflow-x": "hidden", "overflow-y": "hidden"], [0, 0, 50, 10], [:], true),
    ] as [([Double], [String: String], [Double]?, [String: String], Bool)])
    func visibility(outer: [Double], outerStyles: [String: String], inner: [Double]?, innerStyles: [String: String], isHidden: Bool) {
        var writer = TreeWriter()
        let body = writer.root()
        let div = writer.element("DIV", below: body, box: outer, styles: outerStyles)
        let span = writer.element("SPAN", below: div)
        writer.text("secret", below: span, box: inner, styles: innerStyles)
        let page = writer.document()
        #expect(page.plainText == (isHidden ? "" : "secret"))
        #expect(page.nodes.first { $0.text == "secret" }?.isHidden == isHidden)
    }

    /// A panel that was not laid out is folded away: content without a box. One that stands off the page or can't be seen is hidden.
    @Test(arguments: [
        (nil, [:], true), ([-9999, 0, 100, 20], [:], false), ([0, 0, 100, 20], ["visibility": "hidden"], false),
        ([0, 0, 100, 20], ["opacity": "0"], false),
    ] as [([Double]?, [String: String], Bool)])
    func folded(box: [Double]?, styles: [String: String], isFolded: Bool) throws {
        let text = "The second of these courses is given in spring, in the great hall."
        var writer = TreeWriter()
        let body = writer.root()
        let panel = writer.element("DIV", below: body, box: box, attributes: ["role", "tabpanel"], styles: styles)
        writer.text(text, below: panel, box: box, styles: styles)
        writer.text("end", below: body)
        let page = writer.document()
        #expect(page.visibleText(of: 0) == (isFolded ? text + "\nend" : "end"))
        let node = try #require(page.nodes.indices.first { page[$0].text == text })
        #expect(page[node].isFolded == isFolded && page[node].isHidden == !isFolded)
        if isFolded { #expect(page.box(of: page.flow.ranges[node]) == nil) }
    }

    /// A frame's document hangs below its element, its boxes are where the reader sees them, and its pseudo nodes are left out.
    @Test func frames() throws {
        var writer = TreeWriter()
        let body = writer.root()
        let frame = writer.element(
            "IFRAME", below: body, box: [100, 200, 300, 150], styles: ["border-left-width": "2px", "border-top-width": "3px"])
        let hidden = writer.element("IFRAME", below: body, box: [0, 0, 0, 0])
        writer.text("after", below: body)
        writer.tree.pages[0].contentDocument = [frame: 1, hidden: 2, body: 0]
        for (number, text) in [(1, "inside"), (2, "tracker")] {
            writer.tree.pages.append(RenderedTree.Page())
            writer.page = number
            writer.tree.pages[number].scrollY = 10
            let inner = writer.root()
            let before = writer.element("::before", below: inner)
            writer.tree.pages[number].pseudoType[before] = writer.number("before")
            writer.text("pseudo", below: before)
            writer.text(text, below: inner, box: [5, 20, 50, 10])
        }
        let page = writer.document()
        #expect(page.plainText == "inside\nafter")
        let node = try #require(page.nodes.indices.first { page[$0].text == "inside" })
        #expect(page[node].box == .init(x: 107, y: 213, width: 50, height: 10))
        #expect(page.path(of: node) == "0/0/0/#frame/0/0/0")
    }

    /// Open and closed shadow roots are part of the page, the browser's own are not.
    @Test func shadowRoots() {
        var writer = TreeWriter()
        let body = writer.root()
        for (kind, text) in [("open", "one"), ("closed", "two"), ("user-agent", "three")] {
            let host = writer.element("X-HOST", below: body)
            let root = writer.add(11, "#document-fragment", below: host, box: nil)
            writer.tree.pages[0].shadowRootType[root] = writer.number(kind)
            writer.text(text, below: root)
        }
        #expect(writer.document().plainText == "one\ntwo")
    }

    /// Arrays that contradict each other lose nodes, never the process.
    @Test func hostileArrays() {
        var random = Deterministic(state: 3)
        for _ in 0..<300 {
            var writer = TreeWriter()
            let body = writer.root()
            for _ in 0..<6 { writer.text("x", below: writer.element("P", below: body)) }
            func wild() -> Int32 { [-1, 0, 3, 99, .max, .min].randomElement(using: &random) ?? 0 }
            for _ in 0..<4 {
                let at = Int.random(in: 0..<writer.tree.pages[0].nodeType.count, using: &random)
                switch Int.random(in: 0..<9, using: &random) {
                case 0: writer.tree.pages[0].parentIndex[at] = wild()
                case 1: writer.tree.pages[0].nodeType[at] = wild()
                case 2: writer.tree.pages[0].nodeName[at] = wild()
                case 3: writer.tree.pages[0].nodeValue[at] = wild()
                case 4: writer.tree.pages[0].attributeStart[at] = wild()
                case 5: writer.tree.pages[0].layoutNode[at % writer.tree.pages[0].layoutNode.count] = wild()
                case 6: writer.tree.pages[0].bounds[at] = [.nan, .infinity, -1e300, 1e300].randomElement(using: &random) ?? 0
                case 7: writer.tree.pages[0].contentDocument[Int32(at)] = wild()
                default: writer.tree.pages[0].styles.removeLast()
                }
            }
            let page = writer.document()
            for node in page.nodes.indices { #expect(page[node].parent < node) }
        }
        #expect(Document(rendered: RenderedTree(), url: "u").nodes.count == 1)
    }

    /// A rendered tree nests as deep as scripts like.
    @Test func deepNesting() {
        var writer = TreeWriter(styles: [])
        var parent = writer.root()
        for _ in 0..<50_000 { parent = writer.element("DIV", below: parent) }
        writer.text("deep", below: parent)
        let page = writer.document()
        #expect(page.plainText == "deep")
        #expect(page.markdown == "deep\n")
    }
}
