import Documents
import Testing

@testable import Extraction

struct ListingPatternTests {
    private func found(_ range: Range<Int>?, in text: String) -> String? {
        range.map { Listing.Page.string(Array(text.unicodeScalars.map(\.value)), $0) }
    }

    /// Dates are found as numbers and with English months, and not inside longer words or paths.
    @Test(arguments: [
        ("Filed 2024-01-05 by", "2024-01-05"), ("on March 3rd, 2026.", "March 3rd, 2026"), ("3 Mar. 2026", "3 Mar. 2026"),
        ("Mon, Sept. 5 2022", "Mon, Sept. 5 2022"), ("12/31/99", "12/31/99"), ("1.2.2003", "1.2.2003"), ("/2024/1/5/", nil),
        ("12-Jan-2020", "12-Jan-2020"), ("version 1.2", nil), ("May 2020", nil), ("x2024-01-05", nil),
    ])
    func dates(_ text: String, _ expected: String?) {
        let scalars = Array(text.unicodeScalars.map(\.value))
        #expect(found(Listing.Patterns.date(scalars, 0, scalars.count), in: text) == expected)
    }

    /// Amounts are found with the currency before or after.
    @Test(
        arguments: [
            ("from $1,299.00 now", "$1,299.00"), ("49 €", "49 €"), ("EUR 12.50", "EUR 12.50"), ("12 apples", nil), ("R$ 5", "R$ 5"),
        ] as [(String, String?)])
    func amounts(_ text: String, _ expected: String?) {
        let scalars = Array(text.unicodeScalars.map(\.value))
        #expect(found(Listing.Patterns.money(scalars, 0, scalars.count), in: text) == expected)
    }

    /// Telephone numbers, e-mail addresses, codes and citations.
    @Test(
        arguments: [
            ("Call (202) 555-0143 today", "(202) 555-0143", nil, "555-0143"),
            ("+1 202-555-0143 ext. 5", "+1 202-555-0143 ext. 5", nil, "202-555-0143"),
            ("write to a.b@example.co.uk.", nil, "a.b@example.co.uk", nil), ("No. 21-cv-00345", nil, nil, "21-cv-00345"),
            ("A1234B", nil, nil, "A1234B"),
        ] as [(String, String?, String?, String?)])
    func marks(_ text: String, _ phone: String?, _ email: String?, _ code: String?) {
        let scalars = Array(text.unicodeScalars.map(\.value))
        #expect(found(Listing.Patterns.phone(scalars, 0, scalars.count), in: text) == phone)
        #expect(found(Listing.Patterns.email(scalars, 0, scalars.count), in: text) == email)
        #expect(found(Listing.Patterns.code(scalars, 0, scalars.count), in: text) == code)
    }

    /// Words of names: camelCase, snake_case, capitals; digits left out.
    @Test(arguments: [
        ("jobTitle", ["job", "title"]), ("card__meta-2x", ["card", "meta", "x"]), ("HTMLParser", ["html", "parser"]),
        ("größe", ["gr", "öß", "e"]),
    ])
    func words(_ text: String, _ expected: [String]) {
        var words = Listing.Words()
        let found = words.all(of: text)
        #expect(found.map { words.texts[Int($0)] } == expected)
    }

    /// Class signatures drop states and hashes and keep what an element is.
    @Test(arguments: [
        ("item odd first", "item"), ("css-1a2b3c4 card", "card"), ("row-12 col", "col.row-#"), ("is-active tab", "tab"),
    ])
    func signatures(_ text: String, _ expected: String) {
        #expect(Listing.Page.signature(ofClass: text) == expected)
    }

    /// Relative addresses are joined as RFC 3986, 5.4 says.
    @Test(arguments: [
        ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"), ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("#s", "http://a/b/c/d;p?q#s"), ("", "http://a/b/c/d;p?q"),
        ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../../../g", "http://a/g"), ("http:x", "http:x"),
    ])
    func addresses(_ reference: String, _ expected: String) {
        let joined = Listing.Address(base: "http://a/b/c/d;p?q").resolve(Array(reference.unicodeScalars.map(\.value)))
        #expect(Listing.Page.string(joined, 0..<joined.count) == expected)
    }

    /// A spelled-out tree gives the leaf that walking it gives.
    @Test func treesAreEvaluated() throws {
        let names = Listing.PairFeature.names.map { "\"\($0)\"" }.joined(separator: ",")
        let family = Listing.FamilyFeature.names.map { "\"\($0)\"" }.joined(separator: ",")
        let tree = #"{"f":[0,1,2],"t":[0.5,1.5,2.5],"l":[1,-1,-3],"r":[2,-2,-4],"v":[-4,-2,2,4]}"#
        let text = #"{"column":{"features":[\#(names)],"trees":[\#(tree)]},"family":{"features":[\#(family)],"trees":[\#(tree)]}}"#
        let model = try ListingModel(json: Array(text.utf8))
        for (first, second, third, expected) in [(0, 1, 0, -4.0), (0, 2, 0, -2), (1, 0, 2, 2), (1, 0, 3, 4)] {
            var row = [Float](repeating: 0, count: Listing.PairFeature.count)
            row[0] = Float(first)
            row[1] = Float(second)
            row[2] = Float(third)
            let score = try #require(model.columns.scores(row).first)
            #expect(abs(Double(score) - 1 / (1 + Listing.exp(-expected))) < 1e-6)
        }
    }

    /// A file that is no model is refused with a reason.
    @Test(arguments: ["", "{}", #"{"column":{"features":["a"],"trees":[]}}"#])
    func brokenModels(_ text: String) {
        #expect(throws: ExtractionError.self) { try ListingModel(json: Array(text.utf8)) }
    }
}

struct NextLinkTests {
    private static func pager(_ links: String) -> String {
        ListingFixture.page(
            "<ul><li><a href=\"/a/1\">One</a></li><li><a href=\"/a/2\">Two</a></li></ul><div class=\"pagination\">\(links)</div>")
    }

    static let cases: [(url: String, links: String, next: String?)] = [
        (
            "https://example.org/list?page=2", #"<a href="?page=1">‹ Previous</a> <a href="?page=3">Next ›</a>"#,
            "https://example.org/list?page=3"
        ),
        (
            "https://example.org/list", #"<a href="/list?page=2">2</a><a href="/list?page=3">3</a><a href="/list?page=9">Last</a>"#,
            "https://example.org/list?page=2"
        ),
        (
            "https://example.org/blog/page/3/", #"<a href="/blog/page/2/">«</a><a href="/blog/page/4/">»</a>"#,
            "https://example.org/blog/page/4/"
        ),
        ("https://example.org/blog", #"<a href="/blog/page/2">Older posts</a>"#, "https://example.org/blog/page/2"),
        ("https://example.org/l", #"<a rel="next" href="/l?from=20">more</a>"#, "https://example.org/l?from=20"),
        ("https://example.org/liste?seite=1", #"<a href="/liste?seite=2">Nächste</a>"#, "https://example.org/liste?seite=2"),
        ("https://example.org/list?page=9", #"<a href="?page=8">Previous</a> <a href="?page=1">First</a>"#, nil),
        ("https://example.org/list", "", nil),
    ]

    /// The way on through a list is found by words, arrows, rel, and numbers in the address; where there is none, none is invented.
    @Test(arguments: cases)
    func findsNext(_ url: String, _ links: String, _ next: String?) throws {
        let document = Document(html: NextLinkTests.pager(links), url: url)
        let found = NextLink.find(document)
        #expect(found?.address == next)
        guard let found else { return }
        #expect(!found.reason.isEmpty)
        guard case .attribute(let node, "href", let range) = found.span.place else {
            Issue.record("not in an href")
            return
        }
        let scalars = Array(try #require(document.attribute("href", of: node)).unicodeScalars)
        #expect(String(String.UnicodeScalarView(scalars[range])) == found.span.text)
    }
}
