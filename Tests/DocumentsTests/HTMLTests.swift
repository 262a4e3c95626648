import Testing

@testable import Documents

private func text(_ html: String) -> String {
    let page = Document(html: html, url: "http://example.test/")
    return page.flow.text(0..<page.flow.scalars.count).trimmingLineFeed()
}

extension String {
    fileprivate func trimmingLineFeed() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}

/// Element names of a page in document order, nested by parentheses: "html(head body(p))".
private func shape(_ page: Document, _ id: NodeID = 0) -> String {
    page.children(of: id).filter { page[$0].kind == .element }.map { child in
        let below = shape(page, child)
        return page[child].name + (below.isEmpty ? "" : "(\(below))")
    }.joined(separator: " ")
}

@Suite struct HTMLTests {
    /// Trees are those of the HTML standard, also for markup that HTML 4 parsers get wrong.
    @Test(arguments: [
        ("<table>stray<tr><td>1", "html(head body(table(tbody(tr(td)))))"),
        ("<p>a<p>b", "html(head body(p p))"),
        ("<p>a<div>b</p>", "html(head body(p div(p)))"),
        ("<b>1<p>2</b>3", "html(head body(b p(b)))"),
        ("<ul><li>a<li>b</ul>", "html(head body(ul(li li)))"),
        ("<a href=1>x<a href=2>y", "html(head body(a a))"),
        ("<title>a<b></title>", "html(head(title) body)"),
        ("<svg><path/><foreignObject><p>x</svg>", "html(head body(svg(path foreignobject(p))))"),
        ("<template><td>x</template>", "html(head(template(td)) body)"),
        ("<my-tag Data-X=1>x</my-tag>", "html(head body(my-tag))"),
        ("", "html(head body)"),
    ])
    func trees(html: String, expected: String) {
        #expect(shape(Document(html: html, url: "http://example.test/")) == expected)
    }

    /// Text that stands in a table outside of its cells is moved before the table.
    @Test func strayTableText() {
        #expect(text("<table>stray<tr><td>cell</table>") == "stray\ncell")
    }

    /// Attribute names are lower case, the first of a name counts, entities are resolved, and foreign names keep their prefix.
    @Test func attributes() throws {
        let page = Document(
            html: "<A HREF='/?a=1&amp;b=2' href=no TITLE='Füße &euro;'>x</A><svg viewBox='0 0 1 1'><use xlink:href='#a'/></svg>",
            url: "http://example.test/")
        let link = try #require(page.first("a"))
        #expect(page.attribute("href", of: link) == "/?a=1&b=2")
        #expect(page.attribute("title", of: link) == "Füße €")
        #expect(page[link].attributes.count == 2)
        #expect(page.attribute("viewbox", of: try #require(page.first("svg"))) == "0 0 1 1")
        #expect(page.attribute("xlink:href", of: try #require(page.first("use"))) == "#a")
    }

    /// White space collapses, blocks and `<br>` break the line once, silent elements say nothing, `<pre>` keeps its lines.
    @Test(arguments: [
        ("a  b\n\tc", "a b c"),
        ("<p> a </p> <p> b </p>", "a\nb"),
        ("<b>a</b><i>b</i> <u> c</u>", "ab c"),
        ("a<br><br>b<hr>c", "a\nb\nc"),
        ("a&nbsp;&nbsp;b", "a b"),
        ("x\u{AD}y\u{200B}z", "xyz"),
        ("a \u{202E}00.021€\u{202C} b", "a b"),
        ("<td>1<td>2", "12"),
        ("<table><tr><td>1<td>2</table>", "1\n2"),
        ("a<script>b</script><style>c</style><template>d</template><svg><text>e</text></svg>f", "af"),
        ("<noscript>shown</noscript>", "shown"),
        ("<iframe>fallback</iframe>x", "x"),
        ("<pre>\na\n  b  c \n\nd</pre>e", "a\nb c\nd\ne"),
        ("<div>a<pre>x\ny</pre>b\nc</div>", "a\nx\ny\nb c"),
        ("<details><summary>s</summary>inside</details>", "s\ninside"),
        ("<select><option>a</select>b", "b"),
    ])
    func flow(html: String, expected: String) { #expect(text(html) == expected) }

    /// What attributes and inline styles hide is no page text, and neither is what stands below; `aria-hidden` hides nothing.
    @Test(arguments: [
        "<p hidden>x</p>", "<p hidden=until-found>x</p>", "<p style='display:none'>x</p>",
        "<p style='color:red; DISPLAY : None !important'>x</p>",
        "<p style='visibility:hidden'>x</p>", "<p style=opacity:0>x</p>", "<p style='opacity:0.0'>x</p>", "<p style='font-size:0px'>x</p>",
        "<dialog>x</dialog>", "<div hidden><p><b>x</b></p></div>",
        "<p style='position:absolute; left:-9999px'>x</p>", "<p style='top:-1000px;position:fixed'>x</p>", "<p style='text-indent:-9999px'>x</p>",
        "<p style='height:0; overflow:hidden'>x</p>", "<p style='overflow:hidden;width:1px;height:1px'>x</p>",
        "<p style='position:absolute;clip:rect(0 0 0 0)'>x</p>", "<p style='clip-path:inset(50%)'>x</p>", "<p style='transform:scale(0)'>x</p>",
        "<p style='unicode-bidi: bidi-override; direction: rtl'>x</p>", "<bdo dir=RTL>x</bdo>", "<p style='color:transparent'>x</p>", "<p style='color:#FFF;background:white'>x</p>", "<p style='background-color:#102030;color: #102030'>x</p>",
    ])
    func hidden(html: String) throws {
        #expect(text("a" + html + "b") == "ab")
        let page = Document(html: html, url: "http://example.test/")
        let node = try #require(page.nodes.indices.first { page[$0].text == "x" })
        #expect(page[node].isHidden)
    }

    @Test(arguments: [
        "<p aria-hidden=true>x</p>", "<p style='opacity:0.5'>x</p>", "<p style='font-size:10px'>x</p>", "<dialog open>x</dialog>",
        // A page that hides itself until its script has run.
        "<body style=opacity:0><p>x</p>", "<html style='visibility: hidden'><p>x</p>",
        "<p style='position:absolute;left:-10px'>x</p>", "<p style='left:-9999px'>x</p>", "<p style='margin-left:-9999px'>x</p>",
        "<p style='height:0'>x</p>", "<p style='overflow:hidden;height:100px'>x</p>", "<p style='color:#fff;background:#000'>x</p>",
        "<p style='direction:rtl'>x</p>", "<bdo dir=ltr>x</bdo>", "<p dir=rtl>x</p>", "<p style='color:#fff'>x</p>", "<p style='clip:rect(0 0 0 0)'>x</p>", "<p style='max-height:10px;overflow:hidden'>x</p>",
        // Letters cut out of a gradient, and words that name no colour.
        "<h1 style='background:linear-gradient(red,blue);-webkit-background-clip:text;color:transparent'>x</h1>",
        "<h1 style='background-clip: text; color: transparent'>x</h1>", "<p style='color:inherit;background:inherit'>x</p>",
        "<p style='color: unset; background-color: unset'>x</p>",
        "<p style='display:block'>x</p>", "<p class=hidden>x</p>", "<p style='background:url(display:none)'>x</p>",
    ])
    func visible(html: String) { #expect(text(html) == "x") }

    /// A page nested 100,000 deep is read without a crash and without endless time; its text is kept and the loss is said. Nil: whether
    /// something is lost depends on how fast the machine is.
    @Test(arguments: [("<div>", true), ("<font size=1>", nil), ("<x-y>", false)])
    func deepNesting(tag: String, isTamed: Bool?) {
        let page = Document(html: String(repeating: tag, count: 100_000) + "deep", url: "http://example.test/")
        #expect(page.flow.text(0..<4) == "deep")
        if let isTamed { #expect((page.truncation != nil) == isTamed) }
    }

    /// A tag with a hundred thousand attributes is read; the first ones are kept.
    @Test func manyAttributes() throws {
        let page = Document(
            html: "<p " + (0..<100_000).map { "a\($0)=\($0)" }.joined(separator: " ") + ">text</p>", url: "http://example.test/")
        #expect(page.flow.text(0..<4) == "text")
        #expect(page.attribute("a200", of: try #require(page.first("p"))) == "200")
        #expect(page.truncation != nil)
    }

    /// Formatting elements that are opened anew in every paragraph end at the caps, and the document says so.
    @Test func multiplyingFormatting() {
        let html = "<p>" + (0..<400).map { "<b a\($0)>" }.joined() + String(repeating: "<p>x", count: 20_000)
        let page = Document(html: html, url: "http://example.test/")
        #expect(page.nodes.count <= DocumentBuilder.maximumNodes)
        #expect(page.truncation != nil)
    }

    /// Beyond the cap nothing is added, what is open is closed, and the document says how much was left out.
    @Test func nodeCap() {
        var builder = DocumentBuilder(url: "u", source: .html, limit: 4)
        builder.open(element: "html")
        for _ in 0..<3 {
            builder.open(element: "p")
            builder.text("x")
            builder.close()
        }
        let page = builder.finish()
        #expect(page.nodes.count == 4)
        #expect(page.truncation == "the page has more than 4 nodes; 4 after them were left out")
        #expect(page.nodes.allSatisfy { $0.end <= 4 })
    }

    /// A text file is one `<pre>` whose lines stay lines, and its markup stays text.
    @Test func textFile() {
        let page = Document(text: Array("one  <b>\r\ntwo\rthree\n\n<meta charset=big5>".utf8), url: "http://example.test/a.txt")
        #expect(page.visibleText(of: 0) == "one <b>\ntwo\nthree\n<meta charset=big5>")
        #expect(shape(page) == "html(head body(pre))")
    }
}
