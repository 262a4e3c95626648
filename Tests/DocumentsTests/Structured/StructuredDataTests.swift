import Documents
import Testing

@Suite struct StructuredDataTests {
    private func document(_ html: String) -> Document { Document(html: html, url: "https://shop.example/p/1") }

    /// The text of each key path, and a check that every leaf's place gives its text back.
    private func leaves(_ document: Document, _ syntax: StructuredData.Syntax? = nil) -> [String] {
        document.structuredData().leaves.filter { syntax == nil || $0.syntax == syntax }.map { leaf in
            #expect(document.text(at: leaf.place) == leaf.text, "\(leaf)")
            return "\(leaf.keyPath)=\(leaf.text)"
        }
    }

    /// JSON-LD objects, lists and numbers become leaves with a pointer to each.
    @Test func linkedData() {
        let page = document(
            """
            <script type="application/ld+json">{"@context":"https://schema.org","@type":"Product","name":"Anvil","image":["a.png","b.png"],
            "offers":{"@type":"Offer","price":12.50,"priceCurrency":"EUR","availability":null},"isNew":true,"a/b":{"@value":"x"}}</script>
            """)
        #expect(
            leaves(page) == [
                "Product.name=Anvil", "Product.image=a.png", "Product.image=b.png", "Product.offers.price=12.50",
                "Product.offers.priceCurrency=EUR",
                "Product.isNew=true", "Product.a/b=x",
            ])
        #expect(page.structuredData().leaves.last?.place == .json(page.first("script") ?? -1, pointer: "/a~1b/@value", 0..<1))
        #expect(page.structuredData().items.first?.values("offers").first?.item?.types == ["Offer"])
    }

    /// Objects of a graph that name each other by id are read through the reference, and circles end.
    @Test func graph() {
        let page = document(
            """
            <script type="application/ld+json">{"@graph":[{"@type":"Article","@id":"#a","headline":"H","author":{"@id":"#p"}},
            {"@type":"Person","@id":"#p","name":"Ann","worksOn":{"@id":"#a"}}]}</script>
            """)
        #expect(
            leaves(page) == ["Article.headline=H", "Article.author.name=Ann", "Person.name=Ann", "Person.worksOn.headline=H"])
    }

    /// JSON as pages carry it is read all the same.
    @Test(arguments: [
        "{\"name\":\"x\",}", "{\"name\":\"x\"};", "<!-- {\"name\":\"x\"} -->", "//<![CDATA[\n{\"name\":\"x\"}\n//]]>",
        "/* c */ {\"name\": /* d */ \"x\" // e\n}",
        "{\"name\":\"x\"\n\"b\":1}", "{\"name\":\"x\",,\"b\":1}", "\u{FEFF}{\"name\":\"x\"}", "{&quot;name&quot;:&quot;x&quot;}",
        "{'name':'x'}", "{name:\"x\"}",
        "[{\"name\":\"x\"},]", "{\"b\":1}{\"name\":\"x\"}", "{\"n\":+05.,\"name\":\"x\"}", "<![CDATA[{\"name\":\"x\"}]]>",
        "{\"a\":\"17\" monitor\",\"name\":\"x\"}",
        "{\"a\":\"tab\there\nand \\d\",\"name\":\"x\"}",
    ])
    func tolerance(json: String) {
        #expect(leaves(document("<script type='application/ld+json'>\(json)</script>"), .jsonLD).contains("name=x"))
    }

    /// What is broken beyond that gives nothing, and doesn't hinder the rest.
    @Test(arguments: [
        "", "{", "{\"name\":\"x\"", "hello", "{\"name\":fetch()}", "[[[[", "\"x\"", "{\"a\":\"\\uD800\"",
        String(repeating: "[", count: 5000),
    ])
    func broken(json: String) {
        let page = document("<script type='application/ld+json'>\(json)</script><meta property='og:title' content='T'>")
        #expect(leaves(page) == ["og:title=T"])
    }

    /// Microdata: values of each kind of element, nested items, references to elements elsewhere, properties in tree order.
    @Test func microdata() {
        let page = document(
            """
            <div itemscope itemtype="https://schema.org/Product" itemref="far self"><h1 itemprop="name"> Blue
            anvil</h1><img itemprop="image" src="a.png"><div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
            <span itemprop="price" content="12.50">€12.50</span><meta itemprop="priceCurrency" content=" EUR "><link itemprop="availability"
            href="https://schema.org/InStock"></div><time itemprop="date" datetime="2024-03-05">5 March</time><b itemprop="a b">x</b>
            <p style="display:none" itemprop="hidden">h</p></div><p id="far" itemprop="color">blue</p>
            """)
        #expect(
            leaves(page) == [
                "Product.name=Blue anvil", "Product.image=a.png", "Product.offers.price=12.50", "Product.offers.priceCurrency=EUR",
                "Product.offers.availability=https://schema.org/InStock", "Product.date=2024-03-05", "Product.a=x", "Product.b=x",
                "Product.color=blue",
            ])
        #expect(page.structuredData().items.first?.values("hidden").first?.text == "h")
    }

    /// Items that refer to themselves end.
    @Test func microdataCircle() {
        let page = document(
            "<div itemscope id=a itemref=b><p itemprop=n>x</p></div><div id=b itemprop=c itemscope itemref=a><p itemprop=m>y</p></div>")
        #expect(leaves(page).contains("n=x"))
    }

    /// RDFa Lite: vocabulary, prefixes, resources and nested subjects.
    @Test func rdfa() {
        let page = document(
            """
            <div vocab="https://schema.org/" typeof="Product" resource="#p"><h1 property="name">Anvil</h1>
            <a property="url" href="/p/1">more</a>
            <div property="offers" typeof="Offer"><span property="price" content="12.50">€12.50</span></div>
            <div prefix="ex: http://ex.example/" ><i property="ex:mood">good</i></div></div>
            """)
        #expect(
            leaves(page) == [
                "Product.name=Anvil", "Product.url=/p/1", "Product.offers.price=12.50", "Product.mood=good",
            ])
    }

    /// Meta elements by property and by name, and the page's own links.
    @Test func meta() {
        let page = document(
            """
            <head><meta property="og:title" content="T"><meta name="description" content=" D "><meta charset=utf-8>
            <link rel="canonical" href="/c">            <link rel=stylesheet href=x.css></head>
            """)
        #expect(leaves(page) == ["og:title=T", "description=D", "canonical=/c"])
    }

    /// State in scripts is found by its assignments and never run.
    @Test func state() {
        let page = document(
            """
            <script id="__NEXT_DATA__" type="application/json">{"props":{"id":7}}</script>
            <script>var a = 1; if (a == {}) {}; window.__STATE__ = {"user":{"name":"Ann"},"n":[1,2]};
            self["__B__"]={b:'x',c:!0,d:undefined};
            var f = {"x": g()}; const q = JSON.parse("{\\"k\\":\\"v\\"}");
            window.__NUXT__=(function(a){return {x:a}})(1); let e = [];</script>
            """)
        #expect(
            leaves(page) == [
                "props.id=7", "__STATE__.user.name=Ann", "__STATE__.n=1", "__STATE__.n=2", "__B__.b=x", "__B__.c=true", "q.k=v",
            ])
    }

    /// More than the caps is cut, and said.
    @Test func caps() {
        let many = (0..<2500).map { "{\"@type\":\"T\",\"n\":\($0)}" }.joined(separator: ",")
        let data = document("<script type='application/ld+json'>[\(many)]</script>").structuredData()
        #expect(data.leaves.count == StructuredData.maximumLeaves)
        #expect(data.truncation != nil)
        let deep = String(repeating: "{\"a\":", count: 20) + "1" + String(repeating: "}", count: 20)
        let nested = document("<script type='application/ld+json'>\(deep)</script>").structuredData()
        #expect(nested.leaves.isEmpty)
        #expect(nested.truncation != nil)
        #expect(document("<p>x</p>").structuredData().truncation == nil)
    }

    /// A place that the document doesn't have gives no text.
    @Test func foreignPlaces() {
        let page = document("<script type='application/ld+json'>{\"n\":\"abc\"}</script><p title=x>y</p>")
        let script = page.first("script") ?? -1
        #expect(page.text(at: .json(script, pointer: "/n", 1..<2)) == "b")
        #expect(page.text(at: .json(script, pointer: "/n", 1..<9)) == nil)
        #expect(page.text(at: .json(script, pointer: "/x", 0..<1)) == nil)
        #expect(page.text(at: .json(99_999, pointer: "/n", 0..<1)) == nil)
        #expect(page.text(at: .attribute(script, name: "title", 0..<1)) == nil)
        #expect(page.text(at: .flow(0..<99)) == nil)
    }
}
