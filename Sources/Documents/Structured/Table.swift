/// A table laid on a grid: a `<table>`, or elements with the ARIA roles of one. Tables inside its cells are tables of their own.
package struct Table: Sendable {
    package struct Cell: Sendable, Hashable {
        package var node: NodeID
        /// First grid column, from 0, and how many it covers.
        package var column: Int
        package var width: Int
        /// `<th>` or a header role.
        package var isHeader: Bool
        /// The cell began in a row above and reaches down into this one.
        package var isCarried: Bool
        /// Its visible text in the flow.
        package var range: Range<Int>
    }

    package enum RowKind: Sendable, Hashable {
        /// Names the columns of the rows below, up to the next header.
        case header
        /// One cell over the whole width: a heading for the rows below.
        case group
        case body
    }

    package struct Row: Sendable, Hashable {
        package var node: NodeID
        package var kind: RowKind
        /// In order of their columns, carried ones included.
        package var cells: [Cell]
        /// For each column its heading, of several header rows joined by a space ("Results Final score"); empty where none is known.
        package var headings: [String]
        /// Row index of the group row above; nil where there is none.
        package var group: Int?
    }

    package var node: NodeID
    /// Visible text of the `<caption>`, in the flow.
    package var caption: Range<Int>?
    package var rows: [Row]
    package var columns: Int
    /// Rows or columns beyond the caps were left out.
    package var isCut: Bool

    package static let maximumRows = 20_000
    package static let maximumColumns = 200
}

extension Document {
    /// All tables of the page that have a row, in document order.
    package func tables() -> [Table] {
        nodes.indices.filter(isTable).compactMap(table(at:))
    }

    /// The table that an element is; nil for other elements and where it has no row.
    package func table(at node: NodeID) -> Table? {
        guard nodes.indices.contains(node), isTable(node) else { return nil }
        var layout = TableLayout(document: self, node: node)
        return layout.table()
    }

    private func isTable(_ node: NodeID) -> Bool {
        guard nodes[node].kind == .element else { return false }
        let role = attribute("role", of: node)
        // A layout table says so itself.
        if nodes[node].name == "table" { return role != "presentation" && role != "none" }
        return role == "table" || role == "grid" || role == "treegrid"
    }
}

/// Lays the rows of one table on a grid and tells headers, groups and data apart.
private struct TableLayout {
    let document: Document
    let node: NodeID
    private var caption: Range<Int>?
    private var found: [(node: NodeID, isHead: Bool, cells: [NodeID])] = []
    private var isCut = false

    init(document: Document, node: NodeID) {
        self.document = document
        self.node = node
    }

    mutating func table() -> Table? {
        collect()
        guard !found.isEmpty else { return nil }
        let (grid, width) = grid()
        return Table(node: node, caption: caption, rows: rows(grid, width), columns: width, isCut: isCut)
    }

    /// Rows and their cells, not those of inner tables. Walks the subtree once; rows and cells are told by name or role.
    private mutating func collect() {
        let end = document[node].end
        var at = node + 1
        var headEnd = node
        var row: (index: Int, end: NodeID)?
        while at < end {
            let current = document[at]
            guard current.kind == .element else {
                at += 1
                continue
            }
            let role = document.attribute("role", of: at)
            if current.name == "table" || role == "table" || role == "grid" || role == "treegrid" {
                at = current.end
                continue
            }
            if current.name == "caption" {
                let range = document.visibleRange(of: at)
                if caption == nil, !range.isEmpty { caption = range }
                at = current.end
                continue
            }
            if let open = row, at >= open.end { row = nil }
            if current.name == "thead" {
                headEnd = current.end
            } else if current.name == "tr" || role == "row" {
                guard found.count < Table.maximumRows else {
                    isCut = true
                    return
                }
                found.append((at, at < headEnd, []))
                row = (found.count - 1, current.end)
            } else if let open = row, isCell(current.name, role) {
                found[open.index].cells.append(at)
                // What stands in a cell is its content, rows of inner tables too.
                at = current.end
                continue
            }
            at += 1
        }
    }

    private func isCell(_ name: String, _ role: String?) -> Bool {
        name == "td" || name == "th" || role == "cell" || role == "gridcell" || role == "columnheader" || role == "rowheader"
    }

    private func isHeader(_ cell: NodeID) -> Bool {
        let role = document.attribute("role", of: cell)
        return document[cell].name == "th" || role == "columnheader" || role == "rowheader"
    }

    /// WHATWG HTML, "Forming a table", with its spans clamped.
    private mutating func grid() -> (rows: [[Table.Cell]], width: Int) {
        var rows: [[Table.Cell]] = []
        var carried: [Int: (cell: Table.Cell, left: Int)] = [:]
        var width = 0
        for row in found {
            var cells: [Table.Cell] = []
            var column = 0
            var next = 0
            while column < Table.maximumColumns {
                if let (cell, left) = carried[column] {
                    var copy = cell
                    copy.isCarried = true
                    cells.append(copy)
                    carried[column] = left > 1 ? (cell, left - 1) : nil
                    column += cell.width
                    continue
                }
                guard next < row.cells.count else {
                    // Cells from above may stand further right.
                    guard let further = carried.keys.filter({ $0 > column }).min() else { break }
                    column = further
                    continue
                }
                let node = row.cells[next]
                next += 1
                var across = min(document.span("colspan", of: node, most: 60), Table.maximumColumns - column)
                for inside in 1..<max(across, 1) where carried[column + inside] != nil {
                    across = inside
                    break
                }
                let down = document.span("rowspan", of: node, most: 500)
                let cell = Table.Cell(
                    node: node, column: column, width: across, isHeader: isHeader(node), isCarried: false,
                    range: document.visibleRange(of: node))
                cells.append(cell)
                if down > 1 { carried[column] = (cell, down - 1) }
                column += across
            }
            if next < row.cells.count { isCut = true }
            width = max(width, column)
            rows.append(cells)
        }
        return (rows, width)
    }

    private func rows(_ grid: [[Table.Cell]], _ width: Int) -> [Table.Row] {
        var out: [Table.Row] = []
        var headings: [String] = []
        var headers: [[Table.Cell]] = []
        var isInHead = true
        var group: Int?
        for (index, cells) in grid.enumerated() {
            let own = cells.filter { !$0.isCarried }
            let filled = own.filter { !$0.range.isEmpty }
            let headerCells = own.filter(\.isHeader).count
            let isGroup = cells.count == 1 && width > 1 && (cells.first?.width ?? 0) >= width && grid.count > 2
            if isGroup, !found[index].isHead || !filled.isEmpty {
                out.append(Table.Row(node: found[index].node, kind: .group, cells: cells, headings: headings, group: nil))
                group = out.count - 1
                continue
            }
            var isHeading = !own.isEmpty && (found[index].isHead || headerCells == own.count)
            if !isHeading, headerCells > 1, headerCells >= own.count - 1, headers.isEmpty { isHeading = true }
            if !isHeading, isInHead, headers.isEmpty, grid.count > 2 {
                let isBold = own.count > 1 && !filled.isEmpty && filled.allSatisfy { isAllBold($0.node) }
                isHeading = isBold || (document.attribute("class", of: found[index].node)?.lowercased().contains("head") ?? false)
            }
            // A lone header cell in front of data names its row.
            if isHeading, !found[index].isHead, own.count == 1, width > 1, cells.count > 1 { isHeading = false }
            if isHeading {
                if !isInHead {
                    headers = []
                    isInHead = true
                }
                headers.append(cells)
                headings = join(headers, width)
                out.append(Table.Row(node: found[index].node, kind: .header, cells: cells, headings: headings, group: group))
            } else {
                if !cells.isEmpty { isInHead = false }
                out.append(Table.Row(node: found[index].node, kind: .body, cells: cells, headings: headings, group: group))
            }
        }
        return out
    }

    /// Headings of each column, from the top down, each text once.
    private func join(_ headers: [[Table.Cell]], _ width: Int) -> [String] {
        var out = Array(repeating: "", count: width)
        for row in headers {
            for cell in row {
                let text = Document.words(document.flow.text(cell.range)).joined(separator: " ")
                guard !text.isEmpty else { continue }
                for column in cell.column..<min(cell.column + cell.width, width)
                where out[column] != text && !out[column].hasSuffix(" " + text) {
                    out[column] = String((out[column].isEmpty ? text : out[column] + " " + text).prefix(120))
                }
            }
        }
        return out
    }

    private func isAllBold(_ cell: NodeID) -> Bool {
        var at = cell
        while true {
            let inner = document.children(of: at).filter { !document.visibleRange(of: $0).isEmpty }
            guard inner.count == 1, let child = inner.first, document[child].kind == .element else { return false }
            if ["b", "strong", "th"].contains(document[child].name) { return true }
            at = child
        }
    }
}

extension Document {
    /// Over how many columns or rows a cell goes (`colspan`, `rowspan`, or the attribute of ARIA that means the same), clamped to 1…`most`.
    package func span(_ name: String, of cell: NodeID, most: Int) -> Int {
        for name in [name, "aria-" + name] {
            guard let text = attribute(name, of: cell) else { continue }
            let digits = text.unicodeScalars.drop { $0 == " " }.prefix { ("0"..."9").contains($0) }
            if let value = Int(String(String.UnicodeScalarView(digits)).prefix(6)) { return max(1, min(value, most)) }
        }
        return 1
    }
}
