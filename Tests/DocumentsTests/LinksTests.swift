import Testing

@testable import Documents

@Suite struct LinksTests {
    private let page = Document(
        html: """
            <head><base href="/shop/"><base href="/ignored/">
            <link rel="Canonical" href="list?page=2#top"><link rel=next href="?page=3"><link rel=prev href="?page=1">
            <link rel=alternate type="application/rss+xml" href="/feed"></head>
            <body><a href="item/1" rel="nofollow Next">One  <b>item</b></a>
            <a href="javascript:void(0)">no</a><a href="mailto:a@b.test">no</a><a>no</a><a href="http://[">no</a>
            <a href="//other.test/ä"><img alt="Picture"></a>
            <p hidden><a href="secret">hidden</a></p>
            <map><area href="zone" alt="Zone"></map></body>
            """, url: "http://example.test/a/b")

    /// Links come in reading order, absolute, with what a reader sees of them; what leads nowhere is left out.
    @Test func items() {
        let links = page.links
        #expect(links.base == "http://example.test/shop/")
        #expect(
            links.items.map(\.url) == [
                "http://example.test/shop/item/1", "http://other.test/%C3%A4", "http://example.test/shop/secret",
                "http://example.test/shop/zone",
            ])
        #expect(links.items.map(\.text) == ["One item", "Picture", "", "Zone"])
        #expect(links.items.map(\.isVisible) == [true, true, false, false])
        #expect(links.items.first?.rel == ["nofollow", "next"])
    }

    /// The head says the page's own address, its neighbours and its feeds.
    @Test func head() {
        let links = page.links
        #expect(links.canonical == "http://example.test/shop/list?page=2#top")
        #expect(links.next == "http://example.test/shop/?page=3")
        #expect(links.previous == "http://example.test/shop/?page=1")
        #expect(links.feeds == ["http://example.test/feed"])
    }

    /// Without a `<link>`, a link of the page that says rel=next is the next page.
    @Test func nextInPage() {
        let page = Document(html: "<a rel=prev href=1>a</a><a rel=next href=3>b</a>", url: "http://example.test/p/2")
        #expect(page.links.next == "http://example.test/p/3")
        #expect(page.links.previous == "http://example.test/p/1")
    }

    /// A base that is no URL is none.
    @Test func wrongBase() {
        let page = Document(html: "<base href='http://['><a href=x>x</a>", url: "http://example.test/")
        #expect(page.links.items.first?.url == "http://example.test/x")
    }

    /// A base that only carries content or code is none, and the first one decides.
    @Test(arguments: ["data:text/plain,x", "javascript:void(0)"])
    func baseOfContent(href: String) {
        let page = Document(html: "<base href='\(href)'><base href='/later/'><a href=x>x</a>", url: "http://example.test/a/")
        #expect(page.links.items.first?.url == "http://example.test/a/x")
    }

    /// Feeds are known by their type in any case and with parameters; each comes once.
    @Test func feedTypes() {
        let page = Document(
            html: """
                <link rel=alternate type="Application/RSS+XML; charset=utf-8" href=/rss><link rel="alternate" type="application/atom+xml" href=/atom>
                <link rel=alternate type="application/rss+xml" href=/rss><link rel=alternate type="text/html" hreflang=de href=/de>
                """, url: "http://example.test/")
        #expect(page.links.feeds == ["http://example.test/rss", "http://example.test/atom"])
    }

    /// What a page asks of robots: for all its links, for some of them, for itself.
    @Test func robots() {
        let open = Document(
            html: "<a href=1 rel='ugc'>a</a><a href=2>b</a><a href=3 rel='NoFollow noopener'>c</a>", url: "http://example.test/")
        #expect(open.links.items.map(\.isNofollow) == [true, false, true])
        #expect(!open.links.asksNotToFollow && !open.links.asksNotToList)
        let wish = Document(html: "<meta name=Robots content='noarchive, NOFOLLOW'>", url: "http://example.test/").links
        #expect(wish.asksNotToFollow && !wish.asksNotToList)
        let closed = Document(html: "<meta name=robots content=none>", url: "http://example.test/").links
        #expect(closed.asksNotToFollow && closed.asksNotToList)
        let other = Document(html: "<meta name=description content='nofollow noindex'>", url: "http://example.test/").links
        #expect(!other.asksNotToFollow && !other.asksNotToList)
    }

    /// The head of a document in a frame says nothing about the page.
    @Test func frames() {
        var builder = DocumentBuilder(url: "http://example.test/", source: .rendered)
        builder.open(element: "iframe")
        builder.openFrame()
        for (rel, href) in [("canonical", "/c"), ("next", "/n"), ("prev", "/p")] {
            builder.open(element: "link", attributes: [.init(name: "rel", value: rel), .init(name: "href", value: href)])
            builder.close()
        }
        builder.open(element: "meta", attributes: [.init(name: "name", value: "robots"), .init(name: "content", value: "none")])
        builder.close()
        let links = builder.finish().links
        #expect(links.canonical == nil && links.next == nil && links.previous == nil)
        #expect(!links.asksNotToFollow)
    }
}
