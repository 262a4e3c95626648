import Documents

extension Listing.Page {
    private struct GridRow {
        var element: Int32
        var section: Int32
        var slots: Range<Int>
        var carried: [Bool]
        var cells: [Int32]
    }

    /// Lays every table on a grid: colspan repeats a cell, rowspan carries it down; finds heading rows and group rows.
    mutating func layTables() {
        rowNumber = [Int32](repeating: -1, count: elements.count)
        rowHeadings = rowNumber
        groupBefore = rowNumber
        isHeaderRow = [Bool](repeating: false, count: elements.count)
        isGroupRow = isHeaderRow
        for index in elements.indices where elements[index].tag == Tag.table { layTable(Int32(index)) }
    }

    /// Rows of a table, not of tables inside it.
    private func rows(of table: Int32) -> [(row: Int32, section: Int32)] {
        var found: [(row: Int32, section: Int32)] = []
        var open: [(kids: ArraySlice<Listing.Item>, section: Int32)] = [(children(of: table), -1)]
        while var level = open.popLast() {
            guard let item = level.kids.popFirst() else { continue }
            open.append(level)
            guard item >= 0 else { continue }
            switch elements[Int(item)].tag {
            case Tag.tr: found.append((item, level.section))
            case Tag.thead, Tag.tbody, Tag.tfoot: open.append((children(of: item), elements[Int(item)].tag))
            case Tag.form, Tag.center, Tag.div: open.append((children(of: item), level.section))
            default: break
            }
        }
        return found
    }

    private mutating func layTable(_ table: Int32) {
        var grid: [GridRow] = []
        var width = 0
        // Cells carried into the next rows, by column, with how many rows are left.
        var carried = [(cell: Int32, left: Int)](repeating: (-1, 0), count: 264)
        var lastCarried = -1
        for (row, section) in rows(of: table) {
            let cells = children(of: row).filter { $0 >= 0 && (tag($0) == Tag.td || tag($0) == Tag.th) }
            let start = slots.count
            var isCarried: [Bool] = []
            var column = 0
            var next = 0
            while (next < cells.count || lastCarried >= column) && column <= 200 {
                if carried[column].left > 0 {
                    slots.append(Slot(column: Int32(column), cell: carried[column].cell))
                    isCarried.append(true)
                    carried[column].left -= 1
                    column += 1
                    continue
                }
                guard next < cells.count else {
                    column += 1
                    continue
                }
                let cell = cells[next]
                next += 1
                let columns = document.span("colspan", of: source(cell), most: 60)
                let rows = document.span("rowspan", of: source(cell), most: 500)
                for repeated in 0..<columns {
                    slots.append(Slot(column: Int32(column), cell: cell))
                    isCarried.append(repeated > 0)
                    if rows > 1 {
                        carried[column] = (cell, rows - 1)
                        lastCarried = max(lastCarried, column)
                    }
                    column += 1
                }
            }
            while lastCarried >= 0, carried[lastCarried].left == 0 { lastCarried -= 1 }
            width = max(width, column)
            rowNumber[Int(row)] = Int32(rowSlots.count)
            rowSlots.append(start..<slots.count)
            grid.append(GridRow(element: row, section: section, slots: start..<slots.count, carried: isCarried, cells: cells))
        }

        var header: [Range<Int>] = []
        var current: Int32 = -1
        var atHead = true
        for row in grid {
            let filled = row.cells.filter { hasText(Int($0)) }
            let headings = row.cells.count { tag($0) == Tag.th }
            let isBold = row.cells.count > 1 && !filled.isEmpty && atHead && header.isEmpty && filled.allSatisfy { isAllBold($0) }
            let isNamed =
                atHead && header.isEmpty
                && (document.attribute("class", of: source(row.element)) ?? "").lowercased().contains("head")
            let isHeader =
                !row.cells.isEmpty
                && (row.section == Tag.thead || headings == row.cells.count
                    || (headings >= row.cells.count - 1 && headings > 1 && header.isEmpty)
                    || (atHead && header.isEmpty && (isBold || isNamed) && grid.count > 2))
            let first = slots[row.slots].first?.cell
            let isOne = first != nil && slots[row.slots].allSatisfy { $0.cell == first }
            if isOne, width > 1, row.slots.count >= width, grid.count > 2, !row.cells.isEmpty {
                isGroupRow[Int(row.element)] = true
                continue
            }
            if isHeader {
                if !atHead {
                    header = []
                    atHead = true
                }
                isHeaderRow[Int(row.element)] = true
                header.append(row.slots)
                current = -1
                continue
            }
            if !row.slots.isEmpty { atHead = false }
            guard !header.isEmpty else { continue }
            if current < 0 {
                current = Int32(self.headings.count)
                self.headings.append(compose(header, width: width))
            }
            rowHeadings[Int(row.element)] = current
        }

        var group: Int32 = -1
        var parent: Int32 = -1
        for row in grid {
            let own = elements[Int(row.element)].parent
            if own != parent {
                parent = own
                group = -1
            }
            if isGroupRow[Int(row.element)] { group = row.element } else { groupBefore[Int(row.element)] = group }
        }
    }

    /// One heading a column from one or more heading rows: "Results" over "Final score" is "Results Final score".
    private mutating func compose(_ rows: [Range<Int>], width: Int) -> [Range<Int>] {
        var texts = [[UInt32]](repeating: [], count: max(1, width))
        for row in rows {
            for slot in slots[row] where Int(slot.column) < texts.count {
                let column = Int(slot.column)
                let range = range(of: slot.cell)
                guard !range.isEmpty else { continue }
                let text = scalars[range].map { $0 == "\n" ? Listing.Scalars.blank : $0 }
                if texts[column].suffix(text.count).elementsEqual(text) { continue }
                if !texts[column].isEmpty { texts[column].append(Listing.Scalars.blank) }
                texts[column].append(contentsOf: text)
                if texts[column].count > 80 { texts[column].removeLast(texts[column].count - 80) }
            }
        }
        return texts.map { text in
            let start = scalars.count
            scalars.append(contentsOf: text)
            return start..<scalars.count
        }
    }

    /// All that stands in a cell is bold.
    private func isAllBold(_ cell: Int32) -> Bool {
        var element = cell
        for _ in 0..<20 {
            let inner = children(of: element)
            guard inner.count == 1, let only = inner.first, only >= 0 else { return false }
            element = only
            if tag(element) == Tag.b || tag(element) == Tag.strong { return true }
        }
        return false
    }
}
