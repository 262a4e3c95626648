/// A page as Markdown (CommonMark with tables and strike-through of GitHub): the whole visible page, in reading order.
///
/// The walk keeps its own stack, since a page may nest deeper than the thread's. Text gathers in `line` until a block begins or ends;
/// then it becomes a paragraph, heading, list item or cell. Links are absolute.
package struct Markdown {
    package static func text(of document: Document) -> String {
        var writer = Markdown(document)
        return writer.run()
    }

    private let document: Document
    private let base: URLIdentity?
    private var out: [String] = []
    /// What the next lines begin with: "> ", "  ".
    private var prefixes: [String] = []
    /// The marker of a list item that has not been written yet, in place of the last prefix.
    private var marker: String?
    /// Text of the block so far.
    private var line = ""
    /// Level of the heading that is open; 0 for none.
    private var heading = 0
    private var preformatted = 0
    /// Address of a link around whole blocks, which the first text in it will carry.
    private var blockLink: String?
    private var lists: [List] = []
    private var tables: [Table] = []
    /// Marks that are open in the line ("**", "["), with where their text begins, so that an empty one can be taken back.
    private var marks: [Mark] = []
    private var isBlankNeeded = false

    private struct List {
        var isOrdered: Bool
        var next: Int
    }

    private struct Table {
        var rows: [[String]] = []
        var row: [String] = []
        var caption = ""
        /// A table in a cell is written as text.
        var isNested: Bool
        /// Columns that a cell of a row above still covers, for so many rows; and those of cells of this row.
        private var carried: [Int: Int] = [:]
        private var begun: [Int: Int] = [:]

        init(isNested: Bool) { self.isNested = isNested }

        /// A cell over several columns or rows stands in the first of them; the others are empty, so that columns stay columns.
        mutating func append(_ cell: String, across: Int, down: Int) {
            while carried[row.count] != nil { row.append("") }
            let first = row.count
            row.append(cell)
            for _ in 1..<max(1, across) where row.count < 200 { row.append("") }
            if down > 1 { for column in first..<row.count { begun[column] = down - 1 } }
        }

        mutating func endRow() {
            if !row.isEmpty { rows.append(row) }
            row = []
            carried = carried.compactMapValues { $0 > 1 ? $0 - 1 : nil }.merging(begun) { $1 }
            begun = [:]
        }
    }

    private struct Mark {
        var node: NodeID
        var open: String
        var close: String
        var start: String.Index
    }

    private init(_ document: Document) {
        self.document = document
        base = URLIdentity(document.base)
    }

    private mutating func run() -> String {
        var open: [NodeID] = []
        var node = 0
        while node < document.nodes.count || !open.isEmpty {
            while let last = open.last, document[last].end <= node {
                open.removeLast()
                leave(last)
            }
            guard node < document.nodes.count else { break }
            switch document[node].kind {
            case .text:
                if !document[node].isHidden { append(document[node].text) }
                node += 1
            case .document, .shadowRoot:
                flush()
                open.append(node)
                node += 1
            case .element:
                if isSkipped(node) {
                    node = document[node].end
                } else {
                    enter(node)
                    open.append(node)
                    node += 1
                }
            }
        }
        flush()
        return out.isEmpty ? "" : out.joined(separator: "\n") + "\n"
    }

    private func isSkipped(_ node: NodeID) -> Bool {
        let name = document[node].name
        if Flow.silent.contains(name) { return true }
        return document.source == .html ? document[node].isHidden : name == "noscript"
    }

    // MARK: Elements

    private mutating func enter(_ node: NodeID) {
        let name = document[node].name
        switch name {
        case "br": breakLine()
        case "hr":
            flush()
            if tables.isEmpty { write("---") }
        case "img": image(node)
        case "strong", "b": mark(node, "**", "**")
        case "em", "i", "cite", "dfn": mark(node, "*", "*")
        case "del", "s", "strike": mark(node, "~~", "~~")
        case "code", "kbd", "samp", "tt": if preformatted == 0 { mark(node, "`", "`") }
        case "a": link(node)
        case "ul", "menu", "dir", "ol":
            flush()
            let start = document.attribute("start", of: node).flatMap { Int($0) } ?? 1
            lists.append(List(isOrdered: name == "ol", next: min(max(start, 0), 999_999)))
        case "li":
            flush()
            if !isInTable { item() }
        case "blockquote":
            flush()
            if !isInTable { prefixes.append("> ") }
        case "dd":
            flush()
            if !isInTable { prefixes.append("  ") }
        case "pre", "listing", "xmp", "plaintext":
            flush()
            preformatted += 1
        case "table":
            flush()
            tables.append(Table(isNested: isInTable))
        case "tr": flush()
        case _ where Outline.level(of: name) != nil:
            flush()
            heading = Outline.level(of: name) ?? 0
        case _ where Flow.blocks.contains(name): flush()
        default: break
        }
    }

    private mutating func leave(_ node: NodeID) {
        let name = document[node].name
        while let last = marks.last, last.node == node { closeMark() }
        switch name {
        case "a":
            if linkNode == node { endBlockLink() }
        case "ul", "menu", "dir", "ol":
            flush()
            _ = lists.popLast()
            if lists.isEmpty { isBlankNeeded = true }
        case "li":
            flush()
            if !isInTable { endItem() }
        case "blockquote", "dd":
            flush()
            if !isInTable {
                _ = prefixes.popLast()
                isBlankNeeded = true
            }
        case "pre", "listing", "xmp", "plaintext":
            endPreformatted()
        case "td", "th":
            if isInTable, let last = tables.indices.last, !tables[last].isNested {
                tables[last].append(
                    takeCell(), across: document.span("colspan", of: node, most: 60), down: document.span("rowspan", of: node, most: 500))
            } else {
                flush()
            }
        case "caption":
            if let last = tables.indices.last, !tables[last].isNested {
                tables[last].caption = takeCell()
            } else {
                flush()
            }
        case "tr":
            if let last = tables.indices.last, !tables[last].isNested { tables[last].endRow() }
            flush()
        case "table": endTable()
        case _ where Outline.level(of: name) != nil:
            flush()
            heading = 0
        case _ where Flow.blocks.contains(name): flush()
        case _ where document[node].kind != .element: flush()
        default: break
        }
    }

    private var isInTable: Bool { !tables.isEmpty }

    // MARK: Text

    private mutating func append(_ text: String) {
        if preformatted > 0 {
            line += text
            return
        }
        let isCode = marks.contains { $0.open == "`" }
        // Taken out of `line`, so that appending copies nothing.
        var scalars = line.unicodeScalars
        line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case " ", "\n", "\t", "\r", "\u{C}", "\u{A0}":
                if let last = scalars.last, last != " ", last != "\n" { scalars.append(" ") }
            case "\u{200B}", "\u{AD}", "\u{FEFF}": break
            case "\\", "*", "_", "[", "]", "`", "<":
                if !isCode { scalars.append("\\") }
                scalars.append(scalar)
            case "|":
                if isInTable { scalars.append("\\") }
                scalars.append(scalar)
            default: scalars.append(scalar)
            }
        }
        line = String(scalars)
    }

    private mutating func breakLine() {
        if preformatted > 0 { return line += "\n" }
        while line.hasSuffix(" ") { line.removeLast() }
        if line.isEmpty { return }
        line += isInTable || heading > 0 ? " " : "\\\n"
    }

    private mutating func image(_ node: NodeID) {
        guard !document[node].isHidden, let alt = document.attribute("alt", of: node), !alt.isEmpty else { return }
        let source = document.attribute("src", of: node).flatMap { URLIdentity($0, base: base) }
        let words = alt.split { $0.isWhitespace }.joined(separator: " ").replacing("[", with: "\\[").replacing("]", with: "\\]")
        if let source, source.isWeb || source.scheme == "file" {
            line += "![\(words)](\(Markdown.destination(source.href)))"
        } else {
            line += words
        }
    }

    // MARK: Marks

    private mutating func mark(_ node: NodeID, _ open: String, _ close: String) {
        // Bold in bold would read as its end.
        if preformatted > 0 || marks.contains(where: { $0.open == open }) || heading > 0 && open == "**" { return }
        line += open
        marks.append(Mark(node: node, open: open, close: close, start: line.endIndex))
    }

    private var linkNode: NodeID?

    private mutating func link(_ node: NodeID) {
        guard preformatted == 0, let href = document.attribute("href", of: node), let url = URLIdentity(href, base: base),
            url.isWeb || url.scheme == "mailto" || url.scheme == "file" || url.scheme == "tel", !marks.contains(where: { $0.open == "[" }),
            linkNode == nil
        else { return }
        let destination = Markdown.destination(url.href)
        let hasBlocks = document.subtree(of: node).dropFirst().contains { Flow.blocks.contains(document[$0].name) }
        if hasBlocks {
            flush()
            blockLink = destination
            linkNode = node
        } else {
            mark(node, "[", "](\(destination))")
        }
    }

    private mutating func endBlockLink() {
        flush()
        blockLink = nil
        linkNode = nil
    }

    private mutating func closeMark() {
        guard let mark = marks.popLast() else { return }
        // Spaces stand outside of the mark, and a mark around nothing is none.
        let text = line[mark.start...]
        let head = text.prefix { $0 == " " }
        let body = text.dropFirst(head.count)
        var inner = String(body)
        var tail = ""
        while inner.hasSuffix(" ") {
            inner.removeLast()
            tail = " "
        }
        var before = String(line[..<mark.start].dropLast(mark.open.count))
        if inner.isEmpty {
            line = before + (before.isEmpty || before.hasSuffix(" ") ? "" : head.isEmpty ? tail : " ")
            return
        }
        if !head.isEmpty, !before.isEmpty, !before.hasSuffix(" ") { before += " " }
        line = before + mark.open + inner + mark.close + tail
    }

    // MARK: Blocks

    /// Ends the block that is being written.
    private mutating func flush() {
        if preformatted > 0 { return }
        if isInTable {
            // A cell is one line; its blocks are parted by a space.
            if !line.isEmpty, !line.hasSuffix(" ") { line += " " }
            return
        }
        // A block inside of an inline mark (a <div> in a <b>) ends the mark.
        while !marks.isEmpty { closeMark() }
        // A break at the end of a block breaks nothing.
        while line.hasSuffix(" ") || line.hasSuffix("\\\n") { line.removeLast(line.hasSuffix(" ") ? 1 : 2) }
        var text = line.trimmingSpaces
        line = ""
        if text.isEmpty { return }
        if let link = blockLink, !text.contains("](") {
            text = "[\(text)](\(link))"
            blockLink = nil
        }
        if heading > 0 {
            write(String(repeating: "#", count: heading) + " " + text)
        } else {
            write(Markdown.escapedStart(text))
        }
    }

    /// One block: its lines behind the prefixes, with a blank line before it unless it is an item of a list.
    private mutating func write(_ block: String) {
        let isItem = marker != nil
        if !out.isEmpty, !isItem || isBlankNeeded, out.last != "" {
            out.append(Markdown.trimmedEnd(prefixes.dropLast(isItem ? 1 : 0).joined()))
        }
        isBlankNeeded = false
        let indent = prefixes.joined()
        for (index, part) in block.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if index == 0, let marker {
                out.append(prefixes.dropLast().joined() + marker + part)
            } else {
                out.append(Markdown.trimmedEnd(indent + part))
            }
        }
        marker = nil
    }

    private mutating func item() {
        var mark = "- "
        if let last = lists.indices.last, lists[last].isOrdered {
            mark = "\(lists[last].next). "
            lists[last].next += 1
        }
        // An item that begins with a list: the outer marker stands on a line of its own.
        if let waiting = marker { out.append(Markdown.trimmedEnd(prefixes.dropLast().joined() + waiting)) }
        marker = mark
        prefixes.append(String(repeating: " ", count: mark.count))
    }

    private mutating func endItem() {
        marker = nil
        _ = prefixes.popLast()
    }

    private mutating func endPreformatted() {
        preformatted = max(preformatted - 1, 0)
        if preformatted > 0 { return }
        if isInTable { return line = line.split { $0.isNewline }.joined(separator: " ") }
        var text = line.replacing("\r\n", with: "\n")
        line = ""
        while text.last?.isNewline == true { text.removeLast() }
        if text.first?.isNewline == true { text.removeFirst() }
        if text.allSatisfy(\.isWhitespace) { return }
        // The fence is longer than any run of backticks inside.
        var longest = 0
        var run = 0
        for scalar in text.unicodeScalars {
            run = scalar == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        write(fence + "\n" + text + "\n" + fence)
    }

    private mutating func takeCell() -> String {
        while !marks.isEmpty { closeMark() }
        defer { line = "" }
        return line.trimmingSpaces
    }

    private mutating func endTable() {
        guard var table = tables.popLast() else { return }
        if table.isNested { return flush() }
        // Text outside of the cells has no row to stand in: it comes first, as a paragraph.
        flush()
        if !table.caption.isEmpty { write(Markdown.escapedStart(table.caption)) }
        table.endRow()
        let rows = table.rows.filter { $0.contains { !$0.isEmpty } }
        let columns = min(rows.map(\.count).max() ?? 0, 200)
        if columns == 0 { return }
        // A table of one column or one row is layout.
        if columns == 1 || rows.count == 1 {
            for cell in rows.joined() where !cell.isEmpty { write(Markdown.escapedStart(cell.replacing("\\|", with: "|"))) }
            return
        }
        let lines = rows.map { row in
            "| " + (0..<columns).map { $0 < row.count ? row[$0] : "" }.joined(separator: " | ") + " |"
        }
        let rule = "|" + String(repeating: " --- |", count: columns)
        write(([lines[0], rule] + lines.dropFirst()).joined(separator: "\n"))
    }

    // MARK: Spelling

    /// A link's destination: parentheses and spaces would end it.
    private static func destination(_ url: String) -> String {
        url.replacing("(", with: "%28").replacing(")", with: "%29")
    }

    /// A paragraph must not begin like a heading, a quote, a list or a rule.
    private static func escapedStart(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        switch first {
        case "#", ">": return "\\" + text
        case "-", "+":
            let second = text.unicodeScalars.dropFirst().first
            return second == nil || second == " " || second == first ? "\\" + text : text
        case "0"..."9":
            let digits = text.unicodeScalars.prefix { ("0"..."9").contains($0) }
            let rest = text.unicodeScalars.dropFirst(digits.count)
            guard digits.count < 10, let mark = rest.first, mark == "." || mark == ")" else { return text }
            guard rest.dropFirst().first ?? " " == " " else { return text }
            return String(digits) + "\\" + String(rest)
        default: return text
        }
    }

    private static func trimmedEnd(_ text: String) -> String {
        var text = text
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.unicodeScalars.first == " " || text.unicodeScalars.first == "\n" { text.unicodeScalars.removeFirst() }
        while text.unicodeScalars.last == " " || text.unicodeScalars.last == "\n" { text.unicodeScalars.removeLast() }
        return String(text)
    }
}

extension Document {
    package var markdown: String { Markdown.text(of: self) }
}
