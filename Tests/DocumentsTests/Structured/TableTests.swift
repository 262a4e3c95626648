import Documents
import Testing

@Suite struct TableTests {
    private func document(_ html: String) -> Document { Document(html: html, url: "https://example.com/") }

    private func text(_ document: Document, _ table: Table) -> [String] {
        table.rows.map { row in
            let cells = row.cells.map { cell in
                "\(cell.isCarried ? "^" : "")\(document.flow.text(cell.range))\(cell.width > 1 ? "*\(cell.width)" : "")"
            }
            return "\(row.kind): \(cells.joined(separator: " | "))"
        }
    }

    /// Spans are laid on the grid, header rows join per column, group rows are told apart.
    @Test func grid() throws {
        let page = document(
            """
            <table><caption>Games</caption><thead><tr><th rowspan=2>Team<th colspan=2>Score</tr><tr><th>Home<th>Away</tr></thead>
            <tr><td colspan=3>Group A</td></tr><tr><td rowspan=2>Reds<td>1<td>2</tr><tr><td>3<td>4</tr></table>
            """)
        let table = try #require(page.tables().first)
        #expect(
            text(page, table) == [
                "header: Team | Score*2", "header: ^Team | Home | Away", "group: Group A*3", "body: Reds | 1 | 2", "body: ^Reds | 3 | 4",
            ])
        #expect(table.rows.last?.headings == ["Team", "Score Home", "Score Away"])
        #expect(table.rows.last?.group == 2)
        #expect(table.caption.map(page.flow.text) == "Games")
        #expect(table.columns == 3)
    }

    /// A first row of bold cells names the columns where no header cells do.
    @Test func boldHeader() throws {
        let page = document("<table><tr><td><b>Name</b><td><b>Age</b></tr><tr><td>Ann<td>5</tr><tr><td>Bob<td>6</tr></table>")
        let table = try #require(page.tables().first)
        #expect(table.rows.map(\.kind) == [.header, .body, .body])
        #expect(table.rows.last?.headings == ["Name", "Age"])
    }

    /// Inner tables are tables of their own, and their rows are not the outer one's.
    @Test func nesting() {
        let page = document("<table><tr><td>a<td><table><tr><td>x<td>y</tr></table></tr><tr><td>b<td>c</tr></table>")
        #expect(page.tables().map(\.rows.count) == [2, 1])
    }

    /// Elements with the roles of a table are one; a table for layout is none.
    @Test func roles() throws {
        let page = document(
            """
            <div role=grid><div role=row><span role=columnheader>Name</span><span role=columnheader>Age</span></div><div role=rowgroup>
            <div role=row><span role=cell>Ann</span><span role=cell>5</span></div></div></div>
            <table role=presentation><tr><td>x</tr></table>
            """)
        #expect(page.tables().count == 1)
        #expect(text(page, try #require(page.tables().first)) == ["header: Name | Age", "body: Ann | 5"])
    }

    /// Absurd spans and empty tables do no harm.
    @Test(arguments: [
        "<table></table>", "<table><tr></tr></table>",
        "<table><tr><td colspan=999999999999 rowspan=999999999999>x</tr><tr><td>y</tr></table>",
        "<table><tr><td rowspan=-3 colspan=abc>x</tr></table>",
        "<table>\(String(repeating: "<tr>\(String(repeating: "<td colspan=50>x", count: 20))", count: 50))</table>",
    ])
    func hostile(html: String) {
        for table in document(html).tables() {
            #expect(table.columns <= Table.maximumColumns)
            for row in table.rows { #expect(row.cells.allSatisfy { $0.column + $0.width <= Table.maximumColumns }) }
        }
    }

    /// Labels and values from definition lists, rows, lines and bold beginnings.
    @Test func labels() {
        let page = document(
            """
            <dl><dt>Size:</dt><dd>Large</dd><dd>Small</dd><div><dt>A</dt><dt>B</dt><dd>both</dd></div></dl>
            <table><tr><th>Weight</th><td>5 kg</td></tr><tr><th>Width<td>2 m<th>Height<td>3 m</tr></table>
            <table><tr><td>Color<td>blue</tr><tr><td>Shape<td>round</tr></table>
            <p>Price: €12.50</p><p>Maker:</p><p>ACME</p><p><b>Stock</b> 5 left</p><p>See http://x.example at 12:30.</p>
            """)
        let pairs = page.labelledValues().map { "\(page.flow.text($0.label))=\(page.flow.text($0.value))" }
        #expect(
            pairs == [
                "Size=Large", "Size=Small", "A=both", "B=both", "Weight=5 kg", "Width=2 m", "Height=3 m", "Color=blue", "Shape=round",
                "Price=€12.50",
                "Maker=ACME", "Stock=5 left",
            ])
    }
}
