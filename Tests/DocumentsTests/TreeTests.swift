import Testing

@testable import Documents

/// The same numbers in every run, on every machine (SplitMix64).
struct Deterministic: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A page with a frame and a shadow root, hidden and visible text, and words that touch.
func samplePage() -> Document {
    var builder = DocumentBuilder(url: "http://example.test/", source: .rendered)
    let box = Document.Box(x: 10, y: 20, width: 100, height: 20)
    builder.open(element: "html", box: box)
    builder.open(element: "body", attributes: [.init(name: "class", value: "a b")], box: box)
    builder.open(element: "h1", box: box)
    builder.text("Tïtle  of\u{A0}page", box: box)
    builder.close()
    builder.open(element: "x-card", box: box)
    builder.openShadowRoot()
    builder.open(element: "p", box: box)
    builder.text("in the shadow", box: .init(x: 10, y: 60, width: 50, height: 10))
    builder.open(element: "b", box: box)
    builder.text("!", box: .init(x: 60, y: 60, width: 5, height: 10))
    builder.close()
    builder.close()
    builder.close()
    builder.text("unseen", isHidden: true)
    builder.close()
    builder.open(element: "iframe", box: box)
    builder.openFrame()
    builder.open(element: "html", box: box)
    builder.open(element: "div", box: box)
    builder.text("in the frame 😀", box: box)
    builder.close()
    builder.close()
    builder.close()
    builder.close()
    return builder.finish()
}

@Suite struct TreeTests {
    /// Paths name shadow roots and frames, and lead back to the node they came from.
    @Test func paths() {
        let page = samplePage()
        #expect(page.path(of: 0) == ".")
        let shadow = page.nodes.indices.first { page[$0].text == "in the shadow" }
        #expect(shadow.map(page.path(of:)) == "0/0/1/#shadow/0/0")
        let frame = page.nodes.indices.first { page[$0].text.hasPrefix("in the frame") }
        #expect(frame.map(page.path(of:)) == "0/0/2/#frame/0/0/0")
        for node in page.nodes.indices { #expect(page.node(at: page.path(of: node)) == node) }
        for wrong in ["", "/", "0/", "0/0/9", "#shadow", "0/0/2/#shadow", "-1", "00", "./0"] { #expect(page.node(at: wrong) == nil) }
    }

    /// Walking down, walking up and containment agree with the table.
    @Test func relations() throws {
        let page = samplePage()
        for node in page.nodes.indices {
            for (position, child) in page.children(of: node).enumerated() {
                #expect(page[child].parent == node && page[child].index == position)
            }
            #expect(Array(page.ancestors(of: node)).allSatisfy { page.contains($0, node) })
        }
        let h1 = try #require(page.first("h1"))
        #expect(page.commonAncestor(h1, try #require(page.first("b"))) == page.first("body"))
        #expect(page.commonAncestor(h1, h1) == h1)
    }

    /// Hidden text is not in the flow; shadow roots and frames are, each from a line of its own.
    @Test func flow() throws {
        let page = samplePage()
        #expect(page.plainText == "Tïtle of page\nin the shadow!\nin the frame 😀")
        #expect(page.visibleText(of: try #require(page.first("x-card"))) == "in the shadow!")
    }

    /// Every range of the flow has a place, the place holds exactly that text, and evidence reads it again.
    @Test func places() throws {
        let page = samplePage()
        var random = Deterministic(state: 7)
        let count = page.flow.scalars.count
        for _ in 0..<2_000 {
            let low = Int.random(in: 0..<count, using: &random)
            let range = page.flow.trimmed(low..<Int.random(in: low...count, using: &random))
            guard !range.isEmpty else {
                #expect(page.place(of: range) == nil)
                continue
            }
            let place = try #require(page.place(of: range))
            #expect(page[place.node].kind != .text)
            #expect(page.text(at: page.path(of: place.node), start: place.start, end: place.end) == page.flow.text(range))
            // No child holds the whole range.
            for child in page.children(of: place.node) where page[child].kind == .element {
                #expect(!page.visibleRange(of: child).contains(range))
            }
        }
    }

    /// The box of a range unites the boxes of the texts in it.
    @Test func boxes() throws {
        let page = samplePage()
        let shadow = page.visibleRange(of: try #require(page.first("p")))
        #expect(page.box(of: shadow) == .init(x: 10, y: 60, width: 55, height: 10))
        #expect(page.box(of: shadow.lowerBound..<shadow.lowerBound + 1) == .init(x: 10, y: 60, width: 50, height: 10))
        #expect(page.box(of: 0..<0) == nil)
        #expect(page.box(of: 0..<100_000)?.y == 20)
    }

    /// Evidence in attributes and in a script's JSON is read again; places that don't exist are nil, never a trap.
    @Test func evidence() {
        let page = Document(
            html: """
                <body><a href="/über" title="Tïtle">x</a>
                <script type="application/ld+json">{"offers": [{"price": "12.50", "n": 7.0, "a/b": true}]}</script>
                """, url: "http://example.test/")
        #expect(page.text(at: "0/1/0", start: 0, end: 1) == "x")
        #expect(page.text(at: "0/1/0", attribute: "title", start: 1, end: 5) == "ïtle")
        #expect(page.text(at: "0/1/2", pointer: "/offers/0/price", start: 0, end: 2) == "12")
        #expect(page.text(at: "0/1/2", pointer: "/offers/0/n", start: 0, end: 3) == "7.0")
        #expect(page.text(at: "0/1/2", pointer: "/offers/0/a~1b", start: 0, end: 4) == "true")
        #expect(page.text(at: "0/1/0", start: 0, end: 2) == nil)
        #expect(page.text(at: "0/1/0", start: -1, end: 0) == nil)
        #expect(page.text(at: "0/1/0", start: 5, end: 3) == nil)
        #expect(page.text(at: "0/1/0", start: .max, end: .max) == nil)
        #expect(page.text(at: "0/1/0", attribute: "class", start: 0, end: 0) == nil)
        #expect(page.text(at: "0/1/2", pointer: "/offers/1/price", start: 0, end: 1) == nil)
        #expect(page.text(at: "0/1/2", pointer: "/offers", start: 0, end: 1) == nil)
        #expect(page.text(at: "9", start: 0, end: 0) == nil)
    }

    /// In coordinates: what the style sheet made a box breaks the line, parts words or joins them as it is seen.
    @Test(arguments: [
        (Document.Box(x: 0, y: 0, width: 10, height: 10), Document.Box(x: 0, y: 12, width: 10, height: 10), "$\n12"),
        (Document.Box(x: 0, y: 0, width: 10, height: 10), Document.Box(x: 10, y: 0, width: 10, height: 10), "$12"),
        (Document.Box(x: 0, y: 0, width: 10, height: 10), Document.Box(x: 30, y: 1, width: 10, height: 10), "$ 12"),
        (Document.Box(x: 50, y: 0, width: 10, height: 10), Document.Box(x: 0, y: 0, width: 10, height: 10), "$ 12"),
    ])
    func styledBoxes(first: Document.Box, second: Document.Box, expected: String) {
        var builder = DocumentBuilder(url: "u", source: .rendered)
        builder.open(element: "html")
        for (text, box) in [("$", first), ("12", second)] {
            builder.open(element: "span", box: box, isBlock: true)
            builder.text(text, box: box)
            builder.close()
        }
        #expect(builder.finish().plainText == expected)
    }

    /// JSON pointers follow RFC 6901, also where a separator carries a combining mark, and array steps have one spelling.
    @Test func pointers() throws {
        let json = try JSON(parsing: #"{"a": [10, {"b/c": 1, "~x": 2}], "": 3, "e\u0301": 4}"#)
        #expect(json.at(pointer: "") == json)
        #expect(json.at(pointer: "/a/0")?.int == 10)
        #expect(json.at(pointer: "/a/1/b~1c")?.int == 1)
        #expect(json.at(pointer: "/a/1/~0x")?.int == 2)
        #expect(json.at(pointer: "/")?.int == 3)
        for wrong in ["a", "/a/00", "/a/+1", "/a/-", "/a/2", "/a/0/x", "/b"] { #expect(json.at(pointer: wrong) == nil) }
        #expect(JSON.escapePointer("~/\u{301}") == "~0~1\u{301}")
    }
}
