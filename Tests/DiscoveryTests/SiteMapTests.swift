import Documents
import Foundation
import Synchronization
import Testing

@testable import Discovery

@Suite struct SiteMapTests {
    /// A site in a dictionary.
    private final class Site: Sendable {
        let pages: [String: String]
        let forbidden: Set<String>
        private let log = Mutex<[String]>([])

        init(_ pages: [String: String], forbidden: Set<String> = []) {
            self.pages = pages
            self.forbidden = forbidden
        }

        var asked: [String] { log.withLock { $0 } }

        var access: SiteMap.Access {
            SiteMap.Access(
                fetch: { url, onBytes in
                    self.log.withLock { $0.append(url) }
                    guard var body = self.pages[url] else {
                        return SiteMap.Answer(status: 404, url: url, contentType: "text/html", isTruncated: false)
                    }
                    var final = url
                    if body.hasPrefix("→") {
                        final = String(body.dropFirst())
                        body = self.pages[final] ?? ""
                    }
                    if body == "fails" { throw Failure() }
                    var isTruncated = false
                    for piece in Array(body.utf8).chunks(of: 100) where !isTruncated { isTruncated = !onBytes(piece) }
                    let type = body.hasPrefix("<html") ? "text/html; charset=utf-8" : "application/xml"
                    return SiteMap.Answer(status: 200, url: final, contentType: type, isTruncated: isTruncated)
                }, refusal: { self.forbidden.contains($0) ? "line 2: Disallow: /" : nil },
                domain: { $0.split(separator: ".").suffix(2).joined(separator: ".") })
        }
    }

    private struct Failure: Error, CustomStringConvertible { var description: String { "the connection broke" } }

    private func walk(
        _ site: Site, start: String = "http://a.test/", sitemaps: [String] = [], scope: CrawlScope? = nil, search: String = "",
        limits: SiteMap.Limits = .init()
    ) async throws -> (addresses: [SiteMap.FoundAddress], notes: [String]) {
        let url = try #require(URLIdentity(start))
        var map = SiteMap(start: url, sitemaps: sitemaps, scope: scope ?? CrawlScope(.host, of: [url]), search: search, access: site.access)
        map.limits = limits
        let found = Mutex<[SiteMap.Finding]>([])
        try await map.walk { finding in found.withLock { $0.append(finding) } }
        var addresses: [SiteMap.FoundAddress] = []
        var notes: [String] = []
        for finding in found.withLock({ $0 }) {
            switch finding {
            case .address(let address): addresses.append(address)
            case .note(let url, let message): notes.append("\(url): \(message)")
            }
        }
        return (addresses, notes)
    }

    private func sitemap(_ addresses: String...) -> String {
        "<urlset>" + addresses.map { "<url><loc>\($0)</loc><lastmod>2026-01-02</lastmod></url>" }.joined() + "</urlset>"
    }

    private func index(_ addresses: String...) -> String {
        "<sitemapindex>" + addresses.map { "<sitemap><loc>\($0)</loc></sitemap>" }.joined() + "</sitemapindex>"
    }

    /// Start page, feeds, sitemaps and links tell a site's pages, each once, with source, title and time.
    @Test
    func whole() async throws {
        let site = Site([
            "http://a.test/": """
            <html><head><title> The
             site </title><link rel=alternate type="application/rss+xml" href="/feed"></head><body>
            <a href="/">Home</a><a href="/one">One</a><a href="/two?utm_source=x">Two</a><a href="http://b.test/">Away</a></body></html>
            """,
            "http://a.test/feed": "<rss><channel><item><title>News</title><link>http://a.test/news</link></item></channel></rss>",
            "http://a.test/map": sitemap("http://a.test/one#top", "http://a.test/news", "http://a.test/three"),
        ])
        let (addresses, notes) = try await walk(site, sitemaps: ["/map"])
        let time = LastModified("2026-01-02")
        #expect(
            addresses == [
                .init(url: "http://a.test/", source: .start, title: "The site", modified: nil),
                .init(url: "http://a.test/news", source: .feed("http://a.test/feed"), title: "News", modified: nil),
                .init(url: "http://a.test/one#top", source: .sitemap("http://a.test/map"), title: "One", modified: time),
                .init(url: "http://a.test/three", source: .sitemap("http://a.test/map"), title: nil, modified: time),
                .init(url: "http://a.test/two?utm_source=x", source: .link("http://a.test/"), title: "Two", modified: nil),
            ])
        #expect(notes == ["http://a.test/: 1 addresses are outside: it is not on a.test"])
        #expect(site.asked == ["http://a.test/", "http://a.test/feed", "http://a.test/map"])
    }

    /// Without a word of robots.txt the usual places are tried, the second only for want of the first.
    @Test
    func guesses() async throws {
        let first = Site(["http://a.test/": "<html>", "http://a.test/sitemap.xml": sitemap("http://a.test/1")])
        #expect(try await walk(first).addresses.count == 2)
        #expect(first.asked.last == "http://a.test/sitemap.xml")
        // A feed is no sitemap.
        let second = Site([
            "http://a.test/": "<html><link rel=alternate type='application/rss+xml' href=/feed>", "http://a.test/feed": "<rss/>",
            "http://a.test/sitemap_index.xml": sitemap("http://a.test/1"),
        ])
        let (addresses, notes) = try await walk(second)
        #expect(addresses.map(\.url) == ["http://a.test/", "http://a.test/1"])
        #expect(notes == ["http://a.test/sitemap.xml: the site answers with status 404"])
    }

    /// Indexes are followed three levels deep, each file once, and not without end.
    @Test
    func indexes() async throws {
        let site = Site([
            "http://a.test/": "<html>", "http://a.test/1": index("http://a.test/2", "http://a.test/1", "http://a.test/p1"),
            "http://a.test/2": index("http://a.test/3", "http://a.test/p1"), "http://a.test/3": index("http://a.test/4"),
            "http://a.test/p1": sitemap("http://a.test/x"),
        ])
        let (addresses, notes) = try await walk(site, sitemaps: ["http://a.test/1"])
        #expect(addresses.map(\.url) == ["http://a.test/", "http://a.test/x"])
        #expect(site.asked == ["http://a.test/", "http://a.test/1", "http://a.test/2", "http://a.test/p1", "http://a.test/3"])
        #expect(notes == ["http://a.test/3: it names sitemaps, but stands 3 levels deep itself: they were not read"])
        var limits = SiteMap.Limits()
        limits.files = 3
        let few = try await walk(site, sitemaps: ["http://a.test/1"], limits: limits)
        #expect(few.notes == ["http://a.test/3: more than 3 sitemaps: this one and the rest were not read"])
    }

    /// What fails is a note, and the rest goes on.
    @Test
    func failures() async throws {
        let site = Site(
            [
                "http://a.test/": "fails", "http://a.test/broken": "fails", "http://a.test/html": "<html><body>Not found</body></html>",
                "http://a.test/odd": "<urlset><url><loc>http://a.test/?a=1&b=2</loc></url></urlset>",
            ], forbidden: ["http://a.test/closed"])
        let maps = [
            "http://a.test/broken", "http://a.test/closed", "http://a.test/none", "http://a.test/html", "ftp://a.test/x",
            "http://a.test/odd",
        ]
        let (addresses, notes) = try await walk(site, sitemaps: maps)
        #expect(addresses.map(\.url) == ["http://a.test/?a=1&b=2"])
        #expect(
            notes == [
                "http://a.test/: it could not be had: the connection broke",
                "http://a.test/broken: it could not be had: the connection broke",
                "http://a.test/closed: it may not be asked for: line 2: Disallow: /",
                "http://a.test/none: the site answers with status 404",
                "http://a.test/html: it is no sitemap: it is an HTML page", "ftp://a.test/x: it is not an address of the web",
                "http://a.test/odd: 1 places were mended or left out, the first because it holds an “&” that is not escaped",
            ])
        #expect(!site.asked.contains("http://a.test/closed"))
    }

    /// A start that leads elsewhere on its domain widens the scope; one that leads off it doesn't.
    @Test
    func redirects() async throws {
        let site = Site([
            "http://a.test/": "→https://www.a.test/", "https://www.a.test/": "<html><a href=/x>x</a>",
            "https://www.a.test/sitemap.xml": sitemap("https://www.a.test/y"), "http://c.test/": "→http://b.test/",
            "http://b.test/": "<html><a href=/x>x</a>",
        ])
        let (addresses, notes) = try await walk(site)
        #expect(addresses.map(\.url) == ["https://www.a.test/", "https://www.a.test/y", "https://www.a.test/x"])
        #expect(notes == ["http://a.test/: it leads to https://www.a.test/"])
        let away = try await walk(site, start: "http://c.test/")
        #expect(away.addresses == [])
        #expect(away.notes.first == "http://c.test/: it leads to another site; ask for http://b.test/ instead")
    }

    /// A start that is a sitemap is read as one.
    @Test
    func sitemapAsStart() async throws {
        let site = Site(["http://a.test/map.xml": sitemap("http://a.test/x")])
        #expect(try await walk(site, start: "http://a.test/map.xml").addresses.map(\.url) == ["http://a.test/x"])
    }

    /// A search gives what has its words, the best first, and no more than is kept.
    @Test
    func search() async throws {
        let site = Site([
            "http://a.test/":
                "<html><a href=/p/9>Red shoes</a><a href=/shoes>All</a><a href=/x>x</a><a href=/horseshoes>H</a><a href=/ROTE-SCHUHE/red>R</a>",
            "http://a.test/sitemap.xml": "<urlset/>",
        ])
        let all = try await walk(site, search: "red Shoes").addresses.map(\.url)
        #expect(all == ["http://a.test/p/9", "http://a.test/shoes", "http://a.test/ROTE-SCHUHE/red", "http://a.test/horseshoes"])
        var limits = SiteMap.Limits()
        limits.ranked = 1
        #expect(try await walk(site, search: "shoes", limits: limits).addresses.map(\.url) == ["http://a.test/p/9"])
    }

    /// Addresses beyond the limit are left out, and it is said.
    @Test
    func limit() async throws {
        let site = Site([
            "http://a.test/": "<html><a href=/1>1</a><a href=/2>2</a><a href=/3>3</a>", "http://a.test/sitemap.xml": "<urlset/>",
        ])
        var limits = SiteMap.Limits()
        limits.addresses = 2
        let (addresses, notes) = try await walk(site, limits: limits)
        #expect(addresses.map(\.url) == ["http://a.test/", "http://a.test/1"])
        #expect(notes == ["http://a.test/2: more than 2 addresses: this one and the rest were left out"])
    }

    /// Addresses come while their file is still on its way.
    @Test
    func streams() async throws {
        // The rest of the file is sent only after its first address has been reported.
        let reported = AsyncStream.makeStream(of: Void.self)
        let access = SiteMap.Access(
            fetch: { url, onBytes in
                if url.hasSuffix(".xml") {
                    _ = onBytes(Array("<urlset>\(String(repeating: " ", count: 5_000))<url><loc>http://a.test/1</loc></url>".utf8))
                    for await _ in reported.stream { break }
                    _ = onBytes(Array("<url><loc>http://a.test/2</loc></url></urlset>".utf8))
                }
                return SiteMap.Answer(status: 200, url: url, contentType: "text/html", isTruncated: false)
            }, refusal: { _ in nil }, domain: { $0 })
        let start = try #require(URLIdentity("http://a.test/"))
        let count = Mutex(0)
        try await SiteMap(start: start, sitemaps: ["/m.xml"], scope: CrawlScope(.host, of: [start]), access: access).walk { finding in
            guard case .address(let address) = finding, case .sitemap = address.source else { return }
            count.withLock { $0 += 1 }
            reported.continuation.yield()
        }
        #expect(count.withLock { $0 } == 2)
    }

    /// What the caller throws ends the walk.
    @Test
    func throwing() async throws {
        let site = Site(["http://a.test/": "<html>", "http://a.test/sitemap.xml": sitemap("http://a.test/1", "http://a.test/2")])
        let start = try #require(URLIdentity("http://a.test/"))
        let map = SiteMap(start: start, sitemaps: [], scope: CrawlScope(.host, of: [start]), access: site.access)
        await #expect(throws: Failure.self) {
            try await map.walk { if case .address(let address) = $0, case .sitemap = address.source { throw Failure() } }
        }
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
