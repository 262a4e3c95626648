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
}
