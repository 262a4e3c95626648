import Documents
import Foundation
import TestMaterial
import Testing

@testable import Extraction

struct PageReadingTests {
    private func reading(_ body: String, head: String = "") -> PageReading {
        PageReading(Document(html: "<html><head>\(head)</head><body>\(body)</body></html>", url: "https://example.org/"))
    }

    private func texts(_ reading: PageReading, _ kind: Candidate.Kind) -> [String] {
        reading.candidates.indices.filter { reading.candidates[$0].kind == kind }.map(reading.text(of:))
    }

    // MARK: Lines

    /// Lines are what stands between block borders, each with its zone, the heading above and the link it is in.
    @Test func linesKnowWhereTheyStand() throws {
        let page = reading(
            """
            <nav><a href="/home">Home</a></nav><h1>Chairs</h1>
            <div class="product-teaser"><a href="/c1"><h2>Oak chair</h2></a><p>Made of oak.<br>Strong.</p></div>
            <footer>Imprint</footer>
            """)
        #expect(page.lines.map(\.text) == ["Home", "Chairs", "Oak chair", "Made of oak.", "Strong.", "Imprint"])
        #expect(page.lines.map(\.zone) == ["nav", "h", "h", "", "", "footer"])
        #expect(page.lines.map(\.heading) == ["", "", "Chairs", "Oak chair", "Oak chair", "Oak chair"])
        #expect(page.lines.map(\.href) == ["/home", "", "/c1", "", "", ""])
        #expect(page.lines[3].attributeWords == ["product", "teaser"])
        #expect(page.lines[3].tag == "p")
        #expect(page.visibleCount == 6)
    }

    /// The label of a line is the term, the cell to the left, the "Label:" above, or the short first of two siblings.
    @Test(arguments: [
        ("<dl><dt>Color</dt><dd>red</dd></dl>", "red", "Color"),
        ("<table><tr><td>Weight:</td><td>2 kg</td></tr></table>", "2 kg", "Weight"),
        ("<p>Opening hours:</p><p>9 to 5</p>", "9 to 5", "Opening hours"),
        ("<div><div>Bedrooms</div><div>3</div></div>", "3", "Bedrooms"),
        ("<div><div><b>City</b></div><div>Bern</div><div>x</div></div>", "Bern", "City"),
        ("<div><div>City</div><div>Bern</div><div>x</div></div>", "Bern", ""),
    ])
    func labelsOfLines(html: String, line: String, label: String) throws {
        let found = try #require(reading(html).lines.first { $0.text == line })
        #expect(found.label == label)
    }

    /// A cell knows the heading of its column; the headings themselves have none.
    @Test func columnHeads() {
        let page = reading("<table><tr><th>Name</th><th>Age</th></tr><tr><td>Ada</td><td>36</td></tr></table>")
        #expect(page.lines.map(\.columnHead) == ["", "", "Name", "Age"])
    }

    /// In `<pre>` every line of the text is a line of the page.
    @Test func preformattedLines() {
        let page = reading("<pre>one\ntwo\nthree</pre>")
        #expect(page.lines.map(\.text) == ["one", "two", "three"])
    }

    /// The tail of a long run of links is not read; other lines are.
    @Test func menusAreCut() {
        let links = (1...10).map { "<li><a href='/\($0)'>Link \($0)</a></li>" }.joined()
        let page = reading("<ul>\(links)</ul><p>Text</p><ul>\(links.prefix(60))</ul>")
        #expect(page.keptLines.prefix(11) == [true, true, true, true, true, true, false, false, false, false, true])
        #expect(page.keptLines.dropFirst(11).allSatisfy { $0 })
    }

    /// Hidden text is no line and no candidate.
    @Test func hiddenTextDoesNotExist() {
        let page = reading("<p>Seen</p><p hidden>Price: 3 EUR</p>")
        #expect(page.lines.map(\.text) == ["Seen"])
        #expect(page.candidates.count == 1)
    }

    /// A page without text, or without anything, has an empty reading.
    @Test(arguments: ["", "<p></p>", "<svg><text>x</text></svg>"])
    func emptyPages(html: String) {
        let page = PageReading(Document(html: html, url: "https://example.org/"))
        #expect(page.lines.isEmpty && page.candidates.isEmpty && page.features.isEmpty)
    }

    // MARK: Candidates

    /// Inline elements, their texts and what follows a bold label are candidates of a line of several pieces.
    @Test func pieces() throws {
        let page = reading("<p><b>By</b> <span class='author-name'>Ada Lovelace</span>, London</p>")
        #expect(texts(page, .inline) == ["By", "Ada Lovelace"])
        #expect(texts(page, .atom) == [", London"])
        #expect(texts(page, .rest) == ["Ada Lovelace, London"])
        let name = try #require(page.candidates.first { page.text.string($0.range) == "Ada Lovelace" })
        #expect(name.attributeWords == ["author", "name"])
    }

    /// Lines that stand together in one block, small elements around several, and an address over its lines are candidates too.
    @Test func severalLines() {
        let page = reading("<div><p>Main Street 1<br>Springfield IL 62704</p><p>USA</p></div>")
        #expect(texts(page, .block) == ["Main Street 1 Springfield IL 62704"])
        #expect(texts(page, .container) == ["Main Street 1 Springfield IL 62704 USA"])
        #expect(texts(page, .city) == ["Springfield"])
        #expect(texts(page, .state) == ["IL"])
        // The postal code was found as one before.
        #expect(texts(page, .zip) == ["62704"])
    }

    /// What the page states for machines is read with its key and the place where it stands.
    @Test func structuredValues() throws {
        let page = reading(
            """
            <time datetime="2024-05-01">1 May</time><span itemprop="sku" content="A-17"></span>
            <a href="mailto:a@example.org?subject=x">Mail</a>
            <div data-price="9.90"></div>
            """,
            head: """
                <title>Oak chair | Shop</title><meta property="og:title" content=" Oak  chair "><meta name="viewport" content="x">
                <script type="application/ld+json">{"@type": "Product", "name": "Oak chair",
                "offers": [{"@type": "Offer", "price": 9.90, "sameAs": "no"}], "note": "a &amp; <b>b</b>"}</script>
                """)
        let stated = page.candidates.filter(\.kind.isStructured).map { "\($0.structuredKey)=\(page.text.string($0.range))" }
        #expect(
            stated == [
                "page title=Oak chair | Shop", "page title part=Oak chair", "page title part=Shop", "og:title=Oak chair",
                "Product.name=Oak chair", "Product.offers.price=9.90", "Product.note=a & b", "time =2024-05-01", "sku=A-17",
                "email mailto=a@example.org", "price=9.90",
            ])
        #expect(page.lines.count == page.visibleCount + stated.count)
        let places = page.candidates.filter(\.kind.isStructured).map(\.place)
        guard case .json(_, "/offers/0/price", 0..<4) = places[5] else {
            Issue.record("place of the price: \(String(describing: places[5]))")
            return
        }
        guard case .attribute(_, "content", 1..<11) = places[3] else {
            Issue.record("place of og:title: \(String(describing: places[3]))")
            return
        }
        // The title is not on the page; a part of it that is stated elsewhere has that place.
        #expect(places[0] == nil)
        #expect(places[1] == places[3])
    }

    /// Candidates that say the same have one key, whatever their case, spaces and quotes.
    @Test func keysFold() {
        let page = reading("<p>Ada’s  STRAßE</p><p>ada's strasse</p><p>ﬁne</p><p>Fine</p><p>other</p>")
        let keys = page.candidates.filter { $0.kind == .line }.map(\.key)
        #expect(keys[0] == keys[1])
        #expect(keys[2] == keys[3])
        #expect(Set(keys).count == 3)
    }

    /// Cells of one column have one role, other columns another.
    @Test func rolesAreTagPaths() throws {
        let page = reading("<ul><li>a</li><li>b</li></ul><p>c</p>")
        let roles = page.candidates.filter { $0.kind == .line }.map(\.generalPath)
        #expect(roles[0] == roles[1])
        #expect(roles[0] != roles[2])
    }

    /// A huge page ends, with the limit of candidates that the matcher learned with.
    @Test func hugePagesAreCut() {
        let page = reading((0..<2500).map { "<p>Name: value \($0), more</p>" }.joined())
        #expect(page.candidates.count == 3000)
        #expect(page.features.count == 3000 * PageReading.featureCount)
    }

    /// Depth alone does not end a page.
    @Test func deepPages() {
        let page = reading(String(repeating: "<div>", count: 2000) + "<span>deep</span>")
        #expect(page.lines.map(\.text) == ["deep"])
    }

    // MARK: Features

    /// A row tells kind, type, heading, title, position and repetition of its candidate.
    @Test func featureRows() throws {
        let page = reading(
            "<h1>Oak chair</h1><p>€ 9.90</p><p>Oak chair</p>", head: "<title>Oak chair | Shop</title>")
        #expect(PageReading.featureCount == 62)
        func row(_ index: Int) -> [Float] {
            Array(page.features[index * PageReading.featureCount..<(index + 1) * PageReading.featureCount])
        }
        let title = row(0)
        #expect(title[0] == 1)  // a line
        #expect(title[40] == 1)  // in h1
        #expect(title[43] == 1)  // in the page's title
        #expect(title[44] == Float(8.0 / 13))
        #expect(title[49] == 3)  // stands three times: twice here, once in the title
        #expect(title[50] == 0)  // for the first time
        let price = try #require(page.candidates.firstIndex { page.text.string($0.range) == "€ 9.90" })
        #expect(row(price)[26] == 1)  // looks like a price
        #expect(row(price)[40] == 0)
        #expect(abs(row(price)[58] - 0.5) < 1e-6)  // three of six are digits
    }

    /// Pairs compare the field's words with label, attribute words and key, and its type with the value's.
    @Test func pairRows() throws {
        let page = reading("<dl><dt>Price</dt><dd class='sale-price'>€ 9.90</dd><dt>Cost</dt><dd>free</dd></dl>")
        let rows = page.pairFeatures(FieldQuery(text: "price", isList: false))
        #expect(rows.count == page.candidates.count * FieldQuery.pairFeatureCount)
        func row(_ text: String) throws -> [Float] {
            let index = try #require(page.candidates.firstIndex { page.text.string($0.range) == text })
            return Array(rows[index * FieldQuery.pairFeatureCount..<(index + 1) * FieldQuery.pairFeatureCount])
        }
        let price = try row("€ 9.90")
        #expect(price[0] == 1)  // label
        #expect(abs(price[2] - 2.0 / 3) < 1e-6)  // attribute words "sale price"
        #expect(price[14] == 1)  // looks like one
        #expect(price[19] == 1)  // the label is the field
        let cost = try row("free")
        #expect(cost[0] == 0)
        #expect(cost[1] == 1)  // a synonym
        #expect(cost[14] == 0)
        #expect(cost[15] == 1)  // a type was wanted
    }

    // MARK: Real pages

    private static let sets = ["swde", "products", "recipes", "articles", "contacts", "bananalyzer", "realestate"]

    /// On real pages every place cuts exactly the candidate's text, apart from white space and markup in JSON strings.
    @Test(.enabled(if: Material.file("data/extraction") != nil), arguments: sets)
    func placesCutTheText(set: String) throws {
        let folder = try #require(Material.file("data/extraction/\(set)"))
        let labels = try String(contentsOf: folder.appending(path: "labels.jsonl"), encoding: .utf8)
        var read = 0
        for line in labels.split(separator: "\n").enumerated().filter({ $0.offset % 17 == 3 }).map(\.element).prefix(2) {
            guard let name = try JSON(parsing: String(line))["html"]?.string else { continue }
            let bytes = try Data(contentsOf: folder.appending(path: name))
            let document = Document(html: [UInt8](bytes), url: "https://example.org/")
            let page = PageReading(document)
            var scripts: [NodeID: JSON] = [:]
            #expect(page.features.allSatisfy { $0.isFinite })
            for (index, candidate) in page.candidates.enumerated() {
                let text = page.text(of: index)
                #expect(!text.isEmpty)
                switch candidate.place {
                case .flow(let range):
                    if candidate.kind != .title { #expect(document.flow.text(range).replacing("\n", with: " ") == text) }
                    #expect(document.place(of: range) != nil)
                case .attribute(let node, let name, let range):
                    let value = Array((document.attribute(name, of: node) ?? "").unicodeScalars)
                    try #require(range.upperBound <= value.count)
                    if candidate.kind != .title { #expect(CleanText(value[range], limit: 500).string.hasPrefix(text.prefix(500))) }
                case .json(let node, let pointer, let range):
                    if scripts[node] == nil { scripts[node] = document.scriptJSON(of: node) }
                    let json = try #require(scripts[node]?.at(pointer: pointer))
                    let value: [Unicode.Scalar]
                    switch json {
                    case .string(let string): value = Array(string.unicodeScalars)
                    case .number(let spelling): value = Array(spelling.unicodeScalars)
                    default: value = []
                    }
                    try #require(range.upperBound <= value.count)
                    let stands = CleanText(value[range]).string
                    if candidate.kind != .title, !stands.contains("&"), !stands.contains("<") { #expect(stands == text) }
                case nil: #expect(candidate.kind == .title)
                }
            }
            read += 1
        }
        #expect(read > 0)
    }
}
