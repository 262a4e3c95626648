import Documents
import Testing

@testable import Discovery

@Suite struct CrawlScopeTests {
    private func url(_ text: String) throws -> URLIdentity { try #require(URLIdentity(text)) }

    private func domain(_ host: String) -> String { host.split(separator: ".").suffix(2).joined(separator: ".") }

    private func isInside(_ scope: CrawlScope, _ address: String) throws -> Bool {
        scope.verdict(on: try url(address), domain: domain) == .inside
    }

    /// A scope reaches as far as it says.
    @Test(arguments: [
            (
                .page, "http://a.test/x", ["http://a.test/x", "http://a.test/x#y", "http://a.test/x?utm_source=z"],
                ["http://a.test/x/", "http://a.test/"]
            ),
            (
                .prefix, "http://a.test/docs", ["http://a.test/docs", "https://a.test/docs/x?y", "http://a.test/docs?x"],
                ["http://a.test/docs2", "http://a.test/", "http://b.test/docs/"]
            ),
            (
                .prefix, "http://a.test/docs/a.html", ["http://a.test/docs/", "http://a.test/docs/b/c"],
                ["http://a.test/docs", "http://a.test/do"]
            ),
            (.prefix, "http://a.test/d%6Fcs/", ["http://a.test/docs/b"], []),
            (.prefix, "http://a.test/", ["http://a.test/x"], ["http://a.test:81/x"]),
            (.host, "http://www.a.test/x", ["https://www.a.test/"], ["http://a.test/", "http://www.a.test:81/", "mailto:x@www.a.test"]),
            (.domain, "http://www.a.test/x", ["https://a.test:81/", "http://b.a.test/"], ["http://b.test/", "http://xa.test/"]),
            (.any, "http://a.test/", ["http://b.test/"], ["ftp://a.test/", "data:x"]),
        ] as [(CrawlScope.Reach, String, [String], [String])])
    func reach(_ reach: CrawlScope.Reach, _ start: String, _ inside: [String], _ outside: [String]) throws {
        let scope = CrawlScope(reach, of: [try url(start)])
        for address in inside { #expect(try isInside(scope, address), "\(address)") }
        for address in outside { #expect(try !isInside(scope, address), "\(address)") }
    }

    /// Patterns match the whole of path or host and path.
    @Test(arguments: [
            ("/products/*", ["/products/1", "/products/", "/products/1?x=y"], ["/products", "/products/1/2", "/x/products/1"]),
            ("/products/**", ["/products/1/2", "/products/"], ["/products"]),
            ("/**/print", ["/a/b/print", "/a/print"], ["/print", "/a/print/"]),
            ("**.pdf", ["/a/b.pdf", "/b.pdf?x"], ["/b.pdf/x"]),
            ("/list?page=*", ["/list?page=2"], ["/list", "/list?page=2/3", "/list?x&page=2"]),
            ("/list?**", ["/list?page=2/3", "/list?"], ["/list"]),
            (
                "*.example.test/blog/**", ["//www.example.test/blog/x"],
                ["//example.test/blog/x", "//www.example.test/blog", "//a/www.example.test/blog/x"]
            ),
            ("/füße/*", ["/f%C3%BC%c3%9fe/x", "/füße/x"], ["/fuesse/x"]),
            ("/a+b(c)[d].e", ["/a+b(c)[d].e"], ["/aab(c)[d].e", "/a+b(c)[d]xe"]),
            ("/****x", ["/yx", "/a/x"], ["/y"]),
        ])
    func patterns(_ text: String, _ matching: [String], _ others: [String]) throws {
        let pattern = try AddressPattern(text)
        let base = try url("http://site.test/")
        for address in matching { #expect(pattern.matches(try #require(URLIdentity(address, base: base))), "\(address)") }
        for address in others { #expect(!pattern.matches(try #require(URLIdentity(address, base: base))), "\(address)") }
    }

    /// A pattern full of stars takes no longer than others.
    @Test
    func stars() throws {
        let pattern = try AddressPattern("/" + String(repeating: "*a**a", count: 190))
        #expect(!pattern.matches(try url("http://a.test/" + String(repeating: "a", count: 2_000) + "b")))
    }

    /// An address of endless length is outside of every scope.
    @Test
    func endless() throws {
        let scope = CrawlScope(.any, of: [])
        #expect(try isInside(scope, "http://a.test/" + String(repeating: "a", count: 8_000)))
        #expect(try !isInside(scope, "http://a.test/" + String(repeating: "a", count: 9_000)))
    }

    /// Patterns that can't be used are refused with advice.
    @Test(arguments: ["", "http://a.test/*", String(repeating: "x", count: 1_001)])
    func refused(_ text: String) {
        let error = #expect(throws: DiscoveryError.self) { try AddressPattern(text) }
        #expect(error?.code == .pattern)
        #expect(error?.message.contains("/products/*") == true)
    }

    /// Included and excluded patterns narrow the reach, and say which did.
    @Test
    func includeExclude() throws {
        let start = try url("http://a.test/")
        let scope = CrawlScope(.host, of: [start], include: [try AddressPattern("/p/**")], exclude: [try AddressPattern("/p/print/*")])
        #expect(try isInside(scope, "http://a.test/p/1"))
        #expect(try isInside(scope, "http://a.test/#start"))
        #expect(scope.verdict(on: try url("http://a.test/q"), domain: domain) == .outside("it matches none of the included patterns"))
        #expect(scope.verdict(on: try url("http://a.test/p/print/1"), domain: domain) == .outside("it matches the excluded /p/print/*"))
        #expect(scope.verdict(on: try url("http://b.test/p/1"), domain: domain) == .outside("it is not on a.test"))
    }

    /// A scope narrowed by another holds what both hold.
    @Test
    func narrowed() throws {
        let wide = CrawlScope(.domain, of: [try url("http://a.test/")], exclude: [try AddressPattern("/private/**")])
        let patterns = CrawlScope(.any, of: [], include: [try AddressPattern("/x/*")])
        #expect(try isInside(wide.narrowed(by: patterns), "http://b.a.test/x/1"))
        #expect(try !isInside(wide.narrowed(by: patterns), "http://b.a.test/y/1"))
        #expect(try !isInside(wide.narrowed(by: patterns), "http://b.test/x/1"))
        let both = wide.narrowed(by: CrawlScope(.prefix, of: [try url("http://b.a.test/x/")]))
        #expect(try isInside(both, "http://b.a.test/x/y"))
        #expect(try !isInside(both, "http://b.a.test/y"))
        #expect(try !isInside(wide.narrowed(by: CrawlScope(.any, of: [try url("http://a.test/")])), "http://a.test/private/x"))
    }

    /// A start may be added, such as where a redirect leads.
    @Test
    func extended() throws {
        let scope = CrawlScope(.host, of: [try url("http://a.test/")])
        #expect(try isInside(scope.extended(by: try url("http://www.a.test/")), "http://www.a.test/x"))
    }
}
