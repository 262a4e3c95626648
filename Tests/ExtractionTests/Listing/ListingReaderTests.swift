import Documents
import Foundation
import Testing

@testable import Extraction

struct ListingReaderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var html: String
        var fields: [Field]
        var rows: [[String]]
        var prompt = ""

        var testDescription: String { name }
    }

    private static func field(_ name: String, _ type: FieldType = .text) -> Field {
        Field(name: name, type: type, description: name.replacing("_", with: " "))
    }

    private static let jobs = [
        ["Site Reliability Engineer", "Lyon", "Platform"], ["Data Analyst", "Berlin", "Growth"], ["Office Manager", "Lisbon", "People"],
        ["Product Designer", "Remote", "Design"], ["iOS Developer", "Lyon", "Mobile"], ["Support Specialist", "Madrid", "Customer Care"],
    ]

    private static let jobFields = [field("job_title"), field("city"), field("team")]

    static let cases: [Case] = [
        Case(
            name: "list of jobs with named spans",
            html: ListingFixture.page(
                "<h1>Careers at Acme</h1><p>We hire people who care.</p><ul class=\"jobs\">"
                    + jobs.map {
                        """
                        <li><h3><a href="/careers/\($0[0].lowercased().replacing(" ", with: "-"))">\($0[0])</a></h3>
                        <p class="meta"><span class="city">\($0[1])</span> · <span class="team">\($0[2])</span></p></li>
                        """
                    }.joined(separator: "\n") + "</ul>"),
            fields: jobFields, rows: jobs, prompt: "every job title with its city and team"),
        Case(
            name: "three jobs only",
            html: ListingFixture.page(
                "<h1>Careers at Acme</h1><ul class=\"jobs\">"
                    + jobs.prefix(3).map {
                        """
                        <li><h3><a href="/careers/\($0[0].lowercased().replacing(" ", with: "-"))">\($0[0])</a></h3>
                        <p class="meta"><span class="city">\($0[1])</span> · <span class="team">\($0[2])</span></p></li>
                        """
                    }.joined(separator: "\n") + "</ul>"),
            fields: jobFields, rows: Array(jobs.prefix(3)), prompt: "every job title with its city and team"),
        Case(
            name: "cards with BEM classes",
            html: ListingFixture.page(
                "<section class=\"openings\"><h2>Open positions</h2><div class=\"grid\">"
                    + jobs.map {
                        """
                        <article class="card"><div class="card__body"><h3 class="card__title">\($0[0])</h3><div class="card__meta">
                        <div class="card__city">\($0[1])</div><div class="card__team">\($0[2])</div></div>
                        <a class="card__link" href="/jobs/\($0[0].count)-\($0[1].lowercased())">Apply now</a></div></article>
                        """
                    }.joined() + "</div></section>"),
            fields: jobFields, rows: jobs, prompt: "every job title with its city and team"),
        Case(
            name: "table with headings",
            html: ListingFixture.page(
                "<h1>Vacancies</h1><table><thead><tr><th>Job title</th><th>City</th><th>Team</th></tr></thead><tbody>"
                    + jobs.map { "<tr><td><a href=\"/j/\($0[0].count)\">\($0[0])</a></td><td>\($0[1])</td><td>\($0[2])</td></tr>" }.joined()
                    + "</tbody></table>"),
            fields: jobFields, rows: jobs),
        Case(
            name: "ARIA grid of divs",
            html: ListingFixture.page(
                """
                <h1>Vacancies</h1><div role="table"><div role="rowgroup"><div role="row"><span role="columnheader">Job title</span>\
                <span role="columnheader">City</span><span role="columnheader">Team</span></div></div><div role="rowgroup">
                """
                    + jobs.map {
                        "<div role=\"row\"><span role=\"cell\">\($0[0])</span><span role=\"cell\">\($0[1])</span><span role=\"cell\">\($0[2])</span></div>"
                    }.joined() + "</div></div>"),
            fields: jobFields, rows: jobs),
        Case(
            name: "definition lists in cards",
            html: ListingFixture.page(
                "<h1>Jobs</h1>"
                    + jobs.map {
                        """
                        <div class="entry"><h3>\($0[0])</h3>
                        <dl>
                          <dt>City</dt>
                          <dd>\($0[1])</dd>
                          <dt>Team</dt>
                          <dd>\($0[2])</dd>
                        </dl></div>
                        """
                    }.joined()),
            fields: jobFields, rows: jobs),
        Case(
            name: "labels before values in one line",
            html: ListingFixture.page(
                "<h1>Jobs</h1>"
                    + jobs.map {
                        "<div class=\"opening\"><h4>\($0[0])</h4><p><strong>City:</strong> \($0[1])</p><p><strong>Team:</strong> \($0[2])</p></div>"
                    }.joined()),
            fields: jobFields, rows: jobs),
        Case(
            name: "product cards with hashed class names",
            html: ListingFixture.page(
                "<div class=\"css-1a2b3c4\">"
                    + products.map {
                        """
                        <div class="css-9x8y7z6"><a class="css-4k5l6m7" href="/p/\($0[3])"><img src="/img/\($0[3]).jpg" alt=""><h2 class="css-0q1w2e3">\($0[0])</h2></a>
                        <span class="css-5t6y7u8">\($0[1])</span></div>
                        """
                    }.joined() + "</div>"),
            fields: [field("name"), field("price", .money), field("link", .url)], rows: products.map { [$0[0], $0[1], "/p/\($0[3])"] },
            prompt: "name, price and link of every product"),
        Case(
            name: "price list with old and new prices",
            html: ListingFixture.page(
                "<ul class=\"products\">"
                    + products.map {
                        """
                        <li class="product"><a href="/p/\($0[3])"><h3 class="product-name">\($0[0])</h3></a>
                        <span class="price-old"><s>\($0[2])</s></span> <span class="price">\($0[1])</span></li>
                        """
                    }.joined() + "</ul>"),
            fields: [field("product_name"), field("price", .money)], rows: products.map { [$0[0], $0[1]] },
            prompt: "product name and price"),
        Case(
            name: "search results",
            html: ListingFixture.page(
                "<h1>Results for “harbour”</h1><ol class=\"results\">"
                    + articles.map {
                        """
                        <li class="result"><h3><a href="\($0[2])">\($0[0])</a></h3><time datetime="\($0[3])">\($0[1])</time>
                        <p class="snippet">\($0[4])</p></li>
                        """
                    }.joined() + "</ol>"),
            fields: [field("title"), field("date", .date), field("url", .url)], rows: articles.map { [$0[0], $0[1], $0[2]] },
            prompt: "title, date and url of every result"),
        Case(
            name: "rows with headings between them",
            html: ListingFixture.page(
                """
                <h1>Programme</h1><table class="programme"><tr><th>Time</th><th>Talk</th><th>Speaker</th></tr>
                <tr><td colspan="3">Monday, 4 May 2026</td></tr><tr><td>09:00</td><td>Opening</td><td>Ada Lovelace</td></tr>
                <tr><td>10:30</td><td>On engines</td><td>Charles Babbage</td></tr><tr><td colspan="3">Tuesday, 5 May 2026</td></tr>
                <tr><td>09:00</td><td>On numbers</td><td>Emmy Noether</td></tr><tr><td>11:00</td><td>On proofs</td><td>Kurt Gödel</td></tr></table>
                """),
            fields: [field("time"), field("talk"), field("speaker")],
            rows: [
                ["09:00", "Opening", "Ada Lovelace"], ["10:30", "On engines", "Charles Babbage"], ["09:00", "On numbers", "Emmy Noether"],
                ["11:00", "On proofs", "Kurt Gödel"],
            ]),
        Case(
            name: "list of links beside site links",
            html: ListingFixture.page(
                "<h1>Reports</h1><ul>"
                    + articles.map { "<li><a href=\"\($0[2])\">\($0[0])</a></li>" }.joined() + "</ul>"),
            fields: [field("title"), field("url", .url)], rows: articles.map { [$0[0], $0[2]] }, prompt: "title and url of every report"),
        Case(
            name: "staff directory",
            html: ListingFixture.page(
                "<h1>Our people</h1><div class=\"people\">"
                    + people.map {
                        """
                        <div class="person"><h4 class="name">\($0[0])</h4><p class="role">\($0[1])</p><a href="mailto:\($0[2])">\($0[2])</a>
                        <span class="tel">\($0[3])</span></div>
                        """
                    }.joined() + "</div>"),
            fields: [field("name"), field("role"), field("email", .email), field("phone", .phone)], rows: people,
            prompt: "name, role, email and phone of all people"),
    ]

    private static let products = [
        ["Walnut desk lamp", "€49.00", "€69.00", "lamp-1"], ["Linen cushion", "€19.50", "€25.00", "cushion-2"],
        ["Oak side table", "€129.00", "€159.00", "table-3"], ["Wool throw", "€59.90", "€79.90", "throw-4"],
        ["Ceramic vase", "€24.00", "€32.00", "vase-5"],
    ]
    private static let articles = [
        [
            "Harbour reopens after storm", "3 March 2026", "/news/harbour-reopens", "2026-03-03",
            "Ships entered the harbour again on Tuesday morning.",
        ],
        [
            "New ferry line announced", "27 February 2026", "/news/new-ferry-line", "2026-02-27",
            "The line will run twice a day from April.",
        ],
        ["Fishermen ask for help", "14 February 2026", "/news/fishermen-ask", "2026-02-14", "Nets and boats were lost in the storm."],
        ["Lighthouse turns 150", "2 January 2026", "/news/lighthouse-150", "2026-01-02", "A small museum opens in the tower."],
    ]
    private static let people = [
        ["Maria Keller", "Head of Sales", "maria.keller@example.org", "+49 30 1234 5601"],
        ["Tom Baker", "Accountant", "tom.baker@example.org", "+49 30 1234 5602"],
        ["Ines Duarte", "Engineer", "ines.duarte@example.org", "+49 30 1234 5603"],
        ["Paul Novak", "Engineer", "paul.novak@example.org", "+49 30 1234 5604"],
    ]

    /// Lists of different designs are read record by record, and nothing of the navigation, sidebar, footer or cookie notice with them:
    /// as pages are really read.
    @Test(arguments: cases)
    func readsRecords(_ example: Case) async throws {
        let document = Document(html: example.html, url: "https://example.org/list")
        let answer = try await Bundled.extractor().read(document, for: ExtractionRequest(many: true, fields: example.fields)).answer
        let rows = answer.records.indices.map { record in
            example.fields.map { field in
                answer.evidence.first { $0.record == record && $0.path.hasPrefix("/" + field.name) }?.text ?? "-"
            }
        }
        #expect(rows == example.rows)
    }

    /// The list reader alone: on small clean pages, classes, headings and labels are enough.
    @Test(arguments: cases)
    func readsRecordsAlone(_ example: Case) {
        let result = ListingFixture.read(example.html, example.fields, prompt: example.prompt)
        #expect(ListingFixture.rows(result, example.fields.count) == example.rows)
        #expect(result.reason == nil)
    }

    /// Every cell's place cuts exactly its text out of the document.
    @Test(arguments: cases)
    func placesCutTexts(_ example: Case) throws {
        let document = Document(html: example.html, url: "https://example.org/list")
        let result = ListingReader(ListingFixture.model).read(document, fields: example.fields, prompt: example.prompt)
        for cell in result.records.flatMap(\.cells) {
            switch cell.span.place {
            case .flow(let range): #expect(document.flow.text(range) == cell.span.text)
            case .attribute(let node, let name, let range):
                let scalars = Array(try #require(document.attribute(name, of: node)).unicodeScalars)
                #expect(String(String.UnicodeScalarView(scalars[range])) == cell.span.text)
            case .json: Issue.record("a listing reads no JSON")
            }
        }
    }

    /// Group rows between records are told as context of the records below them.
    @Test func groupRowsAreContext() throws {
        let example = try #require(ListingReaderTests.cases.first { $0.name == "rows with headings between them" })
        let result = ListingFixture.read(example.html, example.fields)
        #expect(result.contexts.map(\.record) == [0, 2])
        #expect(result.contexts.map(\.span.text) == ["Monday, 4 May 2026", "Tuesday, 5 May 2026"])
    }

    /// A column's heading is told with it, and the families that were not taken are there to look at.
    @Test func saysWhatWasChosen() throws {
        let example = try #require(ListingReaderTests.cases.first { $0.name == "table with headings" })
        let result = ListingFixture.read(example.html, example.fields)
        #expect(result.columns.map(\.header) == ["Job title", "City", "Team"])
        #expect(result.family?.count == 6)
        #expect(!result.runnersUp.isEmpty)
    }

    /// A page that lists nothing of what is asked gives no records and says why, rather than its navigation.
    @Test(arguments: [
        ListingFixture.page("<h1>About us</h1><p>Acme was founded in 1921 and makes lamps.</p><p>Write to us whenever you like.</p>"),
        ListingFixture.page("<h1>Page not found</h1><p>The page you are looking for is not here.</p>"),
        "<html><body></body></html>", "", "<p>Only one paragraph.</p>",
    ])
    func refusesJunk(_ html: String) {
        let result = ListingFixture.read(html, ListingReaderTests.jobFields, prompt: "every job title with its city and team")
        #expect(result.records.isEmpty, "\(ListingFixture.rows(result, 3))")
        #expect(result.reason != nil)
    }

    /// Hidden rows are no records.
    @Test func hiddenRowsDoNotExist() {
        let rows = ListingReaderTests.jobs.enumerated().map { index, job in
            "<tr\(index == 2 ? " style=\"display:none\"" : "")><td>\(job[0])</td><td>\(job[1])</td><td>\(job[2])</td></tr>"
        }
        let html = ListingFixture.page("<table><tr><th>Job title</th><th>City</th><th>Team</th></tr>\(rows.joined())</table>")
        let result = ListingFixture.read(html, ListingReaderTests.jobFields)
        #expect(
            ListingFixture.rows(result, 3).map { $0[0] } == [
                "Site Reliability Engineer", "Data Analyst", "Product Designer", "iOS Developer", "Support Specialist",
            ])
    }

    /// Twenty thousand rows are all read.
    @Test func longTable() {
        let rows = (0..<20_000).map { "<tr><td>Job \($0)</td><td>Lyon</td><td>Team \($0 % 7)</td></tr>" }
        let html = "<table><tr><th>Job title</th><th>City</th><th>Team</th></tr>\(rows.joined())</table>"
        let result = ListingFixture.read(html, ListingReaderTests.jobFields)
        #expect(result.records.count == 20_000)
        #expect(result.records.last?.cells.first?.span.text == "Job 19999")
    }

    /// Nesting beyond any sense neither overflows the stack nor goes unsaid.
    @Test func deepNesting() {
        let depth = 400
        let list = "<ul>" + (0..<5).map { "<li><b>Job \($0)</b></li>" }.joined() + "</ul>"
        let html = String(repeating: "<div>", count: depth) + list + String(repeating: "</div>", count: depth)
        let result = ListingFixture.read(html, [Field(name: "title")])
        #expect(!result.truncated.isEmpty)
    }
}
