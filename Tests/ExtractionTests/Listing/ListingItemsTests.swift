import Documents
import Testing

@testable import Extraction

/// Lists inside repeated records, whole texts, and records that lack a field.
struct ListingItemsTests {
    private static let quotes: [(text: String, author: String, tags: [String])] = [
        (
            "“Of course it is happening inside your head, but why on earth should that mean that it is not real?”", "Ann Lee",
            ["mind", "truth"]
        ),
        ("“The truth is hard. You have to find the ones worth it. Then stay.”", "Bob Ray", ["hope"]),
        ("“Any fool can know. The point is to understand.”", "Cy Dow", ["deep-thoughts", "learning", "old sayings"]),
        ("“We read to know.”", "Ann Lee", ["books", "mind"]),
    ]

    static let fields = [Field(name: "text"), Field(name: "author"), Field(name: "tags", type: .list, items: .text)]

    private static func page(text name: String = "text", tags: ([String]) -> String) -> String {
        ListingFixture.page(
            "<h1>Quotes</h1>"
                + quotes.map {
                    "<div class=quote><span class=\"\(name)\">\($0.text)</span><p>by <small class=author>\($0.author)</small></p>\(tags($0.tags))</div>"
                }.joined(separator: "\n"))
    }

    private static func read(_ html: String, _ fields: [Field] = fields) async throws -> Answer {
        try await Bundled.extractor().read(
            Document(html: html, url: "https://example.org/list"), for: ExtractionRequest(many: true, fields: fields)
        )
        .answer
    }

    private static func texts(_ answer: Answer, _ name: String) -> [[String]] {
        answer.records.map { $0[name]?.array?.compactMap(\.string) ?? [] }
    }

    struct Form: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var html: @Sendable ([String]) -> String

        init(_ name: String, _ html: @escaping @Sendable ([String]) -> String) { (testDescription, self.html) = (name, html) }
    }

    static let forms: [Form] = [
        Form("links behind a label") {
            "<div class=tags>Tags: " + $0.map { "<a class=tag href=/t/\($0.count)>\($0)</a>" }.joined(separator: " ") + "</div>"
        },
        Form("links between commas") { "<p class=tags>" + $0.map { "<a href=/t/\($0.count)>\($0)</a>" }.joined(separator: ", ") + "</p>" },
        Form("a list") { "<ul class=tags>" + $0.map { "<li>\($0)</li>" }.joined() + "</ul>" },
        Form("a list of links") {
            "<ul class=tags>" + $0.map { "<li><a href=/t/\($0.count)>\($0)</a></li>" }.joined(separator: "\n") + "</ul>"
        },
        Form("spans without a class") { "<div class=tags>" + $0.map { "<span>\($0)</span>" }.joined(separator: " ") + "</div>" },
        Form("parts of the record itself") { $0.map { "<span class=tag>\($0)</span>" }.joined(separator: " ") },
        Form("text between commas") { "<div class=tags>\($0.joined(separator: ", "))</div>" },
        Form("text between commas behind a label") { "<div><b>Tags:</b> \($0.joined(separator: ", "))</div>" },
        Form("text between dots") { "<div class=tags>\($0.joined(separator: " · "))</div>" },
        Form("text between semicolons") { "<div class=tags>\($0.joined(separator: "; "))</div>" },
        Form("lines") { "<div class=tags>\($0.joined(separator: "<br>"))</div>" },
    ]

    /// However the values of a list are written inside a record, each is a value of its own with its own place on the page.
    @Test(arguments: forms)
    func splitsLists(_ form: Form) async throws {
        let answer = try await Self.read(Self.page(tags: form.html))
        #expect(Self.texts(answer, "tags") == Self.quotes.map(\.tags))
        let evidence = answer.evidence.filter { $0.path.hasPrefix("/tags/") }
        #expect(evidence.map(\.text) == Self.quotes.flatMap(\.tags))
        #expect(Set(evidence.map { [$0.node, "\($0.start)"] }).count == evidence.count)
        #expect(answer.records.map { $0["author"]?.string } == Self.quotes.map(\.author))
    }

    /// A comma in each text is part of a name or place; more of them, and those between whole names, are between values.
    @Test(
        arguments: [
            (
                "authors", ["Lovelace, Ada", "Babbage, Charles", "Noether, Emmy"],
                [["Lovelace, Ada"], ["Babbage, Charles"], ["Noether, Emmy"]]
            ),
            ("cities", ["Paris, France", "Lyon, France", "Rome, Italy"], [["Paris, France"], ["Lyon, France"], ["Rome, Italy"]]),
            (
                "authors", ["Ada Lovelace, Charles Babbage", "Emmy Noether", "Kurt Gödel"],
                [["Ada Lovelace", "Charles Babbage"], ["Emmy Noether"], ["Kurt Gödel"]]
            ),
            ("colors", ["red, blue", "green, red", "blue, grey"], [["red", "blue"], ["green", "red"], ["blue", "grey"]]),
            (
                "notes", ["Put the eggs in when the water boils, wait for ten minutes", "Stir well", "Serve"],
                [["Put the eggs in when the water boils, wait for ten minutes"], ["Stir well"], ["Serve"]]
            ),
        ] as [(String, [String], [[String]])])
    func commas(name: String, values: [String], expected: [[String]]) async throws {
        let html = ListingFixture.page(
            "<h1>Items</h1>" + values.enumerated().map { "<div class=item><h3>Title \($0)</h3><p class=\(name)>\($1)</p></div>" }.joined())
        let answer = try await Self.read(html, [Field(name: "title"), Field(name: name, type: .list, items: .text)])
        #expect(Self.texts(answer, name) == expected)
    }

    /// A comma inside a number or date separates nothing.
    @Test(
        arguments: [
            (FieldType.number, "1,250; 11,000", [.integer(1250), .integer(11_000)]),
            (.date, "May 3, 2026; June 4, 2027", [.string("2026-05-03"), .string("2027-06-04")]),
        ] as [(FieldType, String, [JSON])])
    func numbersKeepCommas(type: FieldType, text: String, expected: [JSON]) async throws {
        let html = ListingFixture.page(
            "<h1>Items</h1>" + (1...3).map { "<div class=item><h3>Title \($0)</h3><p class=values>\(text)</p></div>" }.joined())
        let answer = try await Self.read(html, [Field(name: "title"), Field(name: "values", type: .list, items: type)])
        #expect(answer.records.map { $0["values"] } == (1...3).map { _ in .array(expected) })
    }

    /// Records without an element of their own have their lists among what follows each heading.
    @Test func flatRecords() async throws {
        let html = ListingFixture.page(
            "<h1>Quotes</h1>"
                + Self.quotes.map { quote in
                    "<h3>\(quote.author)</h3><p class=text>\(quote.text)</p>"
                        + quote.tags.map { "<a class=tag href=/t/\($0.count)>\($0)</a>" }.joined(separator: " ")
                }.joined(separator: "\n"))
        let answer = try await Self.read(html)
        #expect(answer.records.map { $0["text"]?.string } == Self.quotes.map(\.text))
        #expect(Self.texts(answer, "tags") == Self.quotes.map(\.tags))
    }

    /// A list of addresses has that of every link and picture.
    @Test func addresses() async throws {
        let html = ListingFixture.page(
            "<h1>Items</h1>"
                + (1...3).map { item in
                    "<div class=item><h3>Title \(item)</h3><div class=photos>"
                        + (1...item).map { "<img class=photo src=/p/\(item)-\($0).jpg>" }.joined() + "</div></div>"
                }.joined())
        let answer = try await Self.read(html, [Field(name: "title"), Field(name: "photos", type: .list, items: .image)])
        #expect(
            Self.texts(answer, "photos") == (1...3).map { item in (1...item).map { "https://example.org/p/\(item)-\($0).jpg" } })
    }

    /// What another field took is no value of a list, though it looks like its values.
    @Test func otherFieldsAreNoValues() async throws {
        let html = ListingFixture.page(
            "<h1>Films</h1>"
                + [("Alien", "horror", "Ann Lee"), ("Brazil", "satire", "Bob Ray"), ("Clue", "comedy", "Cy Dow")].map {
                    """
                    <div class=film><h3>\($0.0)</h3><span class=fact itemprop=genres>\($0.1)</span>
                    <span class=fact itemprop=director>\($0.2)</span></div>
                    """
                }.joined())
        let fields = [Field(name: "title"), Field(name: "director"), Field(name: "genres", type: .list, items: .text)]
        let answer = try await Self.read(html, fields)
        #expect(answer.records.map { $0["director"]?.string } == ["Ann Lee", "Bob Ray", "Cy Dow"])
        #expect(Self.texts(answer, "genres") == [["horror"], ["satire"], ["comedy"]])
    }

    /// A record that lacks a field is a record.
    @Test(arguments: ["", "<div class=tags>Tags: </div>"])
    func recordsThatLackAField(_ empty: String) async throws {
        let html = Self.page {
            $0 == ["hope"] ? empty : "<div class=tags>Tags: " + $0.map { "<a href=/t/\($0.count)>\($0)</a>" }.joined() + "</div>"
        }
        let answer = try await Self.read(html)
        #expect(answer.records.map { $0["text"]?.string } == Self.quotes.map(\.text))
        #expect(Self.texts(answer, "tags")[1] == [])
    }

    /// A text of one long sentence or of many is taken whole, whatever its element is called.
    @Test(arguments: ["text", "quote-text", "body", "x1"])
    func wholeTexts(_ name: String) async throws {
        let answer = try await Self.read(Self.page(text: name) { "<p>Tags: \($0.joined(separator: ", "))</p>" })
        #expect(answer.records.map { $0["text"]?.string } == Self.quotes.map(\.text))
    }

    /// "“To be.” Author: William" is a text and a labelled value.
    @Test func labelsInsideATextPartIt() async throws {
        let rows = Self.quotes.map {
            "<tr><td>\($0.text) Author: \($0.author)</td></tr><tr><td>Tags: "
                + $0.tags.map { "<a href=/t/\($0.count)>\($0)</a>" }.joined(separator: " ")
                + "</td></tr>"
        }
        let answer = try await Self.read("<h1>Quotes</h1><table>\(rows.joined())</table>")
        #expect(answer.records.map { $0["text"]?.string } == Self.quotes.map(\.text))
        #expect(answer.records.map { $0["author"]?.string } == Self.quotes.map(\.author))
        #expect(Self.texts(answer, "tags") == Self.quotes.map(\.tags))
    }

    /// A label inside a text begins with a capital behind the end of a sentence or a separator, and has three words at most.
    @Test(
        arguments: [
            ("“To be.” Author: William", "Author", "William"), ("Good. First seen: 1990", "First seen", "1990"),
            ("He came at 10: 30", nil, nil),
            ("He said this: go", nil, nil), ("Author: William", nil, nil), ("So. And then they all said: go", nil, nil),
            ("Good. See http://x.org", nil, nil),
            ("One | Price: 5", "Price", "5"), ("x", nil, nil), ("", nil, nil), ("a. B: ", nil, nil),
        ] as [(String, String?, String?)])
    func inlineLabels(text: String, label: String?, value: String?) {
        let scalars = Array(text.unicodeScalars.map(\.value))
        let found = Listing.Patterns.inlineLabel(scalars, 0, scalars.count)
        #expect(found.map { Listing.Page.string(scalars, $0.label) } == label)
        #expect(found.map { Listing.Page.string(scalars, $0.value..<scalars.count) } == value)
    }

    /// A word like "text" says something in a class where it is asked for and the class ends with it.
    @Test(arguments: [("quote-text", true), ("text", true), ("text-muted", false), ("context", false)])
    func askedWords(name: String, isTaken: Bool) {
        var page = Listing.Page(Document(html: "<p class=\"\(name)\">x</p>", url: "https://example.org/"))
        let text = page.withWords { $0.id(of: "text") }
        let before = page.elements.indices.flatMap { page.attributeWords(of: Int32($0)) }
        page.asked = [text]
        let after = page.elements.indices.flatMap { page.attributeWords(of: Int32($0)) }
        #expect(!before.contains(text))
        #expect(after.contains(text) == isTaken)
    }

    /// A heading that leads to the front page is the site's name, not that of what another page is about.
    @Test(arguments: [("author/jim", "Jim Henson"), ("", "Quotes to Scrape")])
    func headingsThatLeadHome(path: String, expected: String) async throws {
        let html = """
            <!doctype html><title>Quotes to Scrape</title><h1><a href="/">Quotes to Scrape</a></h1><div class="author-details">
            <h3 class="author-title">Jim Henson</h3><p><strong>Born:</strong> <span class="author-born-date">September 24, 1936</span></p>
            <p><strong>Description:</strong></p><div class="author-description">James Maury "Jim" Henson was the most widely known puppeteer in
            American television history.</div></div>
            """
        let answer = try await Bundled.extractor().read(
            Document(html: html, url: "https://example.org/\(path)"), for: ExtractionRequest(many: false, fields: [Field(name: "name")])
        ).answer
        #expect(answer.records.map { $0["name"]?.string } == [expected])
    }

    /// Of whose site it is, a heading that leads home is the answer.
    @Test(arguments: [("company_name", true), ("website", true), ("name", false), ("author", false)])
    func fieldsThatNameTheSite(field: String, isSite: Bool) {
        #expect(Leaf(steps: [field], field: Field(name: field)).namesSite == isSite)
    }
}
