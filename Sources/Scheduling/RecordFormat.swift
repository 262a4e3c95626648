package import Documents
import Foundation

/// Records as rows of text: for people (`table`), for spreadsheets (`csv`), for programs (`ndjson`).
package struct RecordFormat: Sendable {
    /// Columns in the request's order, nested ones as "price.amount".
    package let columns: [String]
    private let fields: [JSON]

    /// - Parameter request: the parsed request as JSON, with `fields: [{name, type, fields}]`.
    package init(request: JSON) {
        fields = request["fields"]?.array ?? []
        columns = RecordFormat.columns(of: fields, prefix: "")
    }

    private static func columns(of fields: [JSON], prefix: String) -> [String] {
        fields.flatMap { field -> [String] in
            let name = prefix + (field["name"]?.string ?? "")
            let parts = field["fields"]?.array ?? []
            switch field["type"]?.string {
            case "money": return [name + ".amount", name + ".currency"]
            case "object" where !parts.isEmpty: return columns(of: parts, prefix: name + ".")
            default: return [name]
            }
        }
    }

    /// One record a line, its page as `_url`; with `_evidence` when asked for.
    package func ndjson(_ pages: [PageReport], evidence: Bool) -> String {
        var out = ""
        for page in pages {
            for (number, record) in page.records.enumerated() {
                var members = record.members ?? [JSON.Member("value", record)]
                members.append(.init("_url", .string(page.finalURL ?? page.url)))
                if evidence {
                    members.append(.init("_evidence", .array(page.evidence.filter { $0["record"]?.int == number })))
                }
                out += JSON.object(members).description + "\n"
            }
        }
        return out
    }

    /// RFC 4180 with a heading line; lists and objects without columns of their own stand as JSON. A text that a spreadsheet would run as a
    /// formula gets an apostrophe in front.
    package func csv(_ pages: [PageReport]) -> String { csvHeading + csvLines(pages) }

    package var csvHeading: String { (columns + ["_url"]).map(RecordFormat.quoted).joined(separator: ",") + "\r\n" }

    package func csvLines(_ pages: [PageReport]) -> String {
        var out = ""
        for page in pages {
            for record in page.records {
                let cells = columns.map { RecordFormat.plain(value(at: $0, of: record)) } + [page.finalURL ?? page.url]
                out += cells.map(RecordFormat.quoted).joined(separator: ",") + "\r\n"
            }
        }
        return out
    }

    /// The cells of a record, in the order of `columns`; nil where there is no value.
    package func cells(of record: JSON) -> [String?] {
        columns.map { column in
            let value = value(at: column, of: record)
            return value == .null ? nil : RecordFormat.plain(value)
        }
    }

    /// Aligned columns at most `width` characters wide in all; long values are cut with "…".
    package func table(_ pages: [PageReport], width: Int) -> String {
        let names = (fields.compactMap { $0["name"]?.string })
        guard !names.isEmpty else { return "" }
        var rows: [[String]] = [names]
        for page in pages {
            for record in page.records { rows.append(names.map { RecordFormat.short(record[$0] ?? .null) }) }
        }
        guard rows.count > 1 else { return "" }
        let widths = RecordFormat.widths(rows, total: width)
        func line(_ cells: [String]) -> String {
            var text = zip(cells, widths).map { RecordFormat.fitted($0, $1) }.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }
        return line(rows[0]) + line(widths.map { String(repeating: "─", count: $0) }) + rows.dropFirst().map(line).joined()
    }

    private func value(at column: String, of record: JSON) -> JSON {
        var value = record
        for step in column.split(separator: ".", omittingEmptySubsequences: false) {
            guard let next = value[String(step)] else { return record[column] ?? .null }
            value = next
        }
        return value
    }

    private static func plain(_ value: JSON) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: value.description
        }
    }

    private static func short(_ value: JSON) -> String {
        switch value {
        case .null: return "–"
        case .array(let items): return items.map(short).joined(separator: "; ")
        case .object(let members):
            if let amount = value["amount"]?.string { return value["currency"]?.string.map { "\(amount) \($0)" } ?? amount }
            return members.map { "\($0.name): \(short($0.value))" }.joined(separator: ", ")
        default: return plain(value).split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }

    private static func quoted(_ cell: String) -> String {
        var cell = cell
        if let first = cell.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), Double(cell) == nil { cell = "'" + cell }
        guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
        return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    /// Columns get what they need; where that is too much, the widest give way first.
    private static func widths(_ rows: [[String]], total: Int) -> [Int] {
        var widths = rows[0].indices.map { column in rows.map { columnsWide($0[column]) }.max() ?? 0 }
        let room = max(rows[0].count * 4, total - 2 * (rows[0].count - 1))
        while widths.reduce(0, +) > room, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 4 {
            widths[widest] -= 1
        }
        return widths
    }

    /// Terminal columns: East Asian wide characters take two.
    private static func columnsWide(_ text: String) -> Int { text.reduce(0) { $0 + (isWide($1) ? 2 : 1) } }

    private static func isWide(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first?.value else { return false }
        return (0x1100...0x115F).contains(scalar) || (0x2E80...0xA4CF).contains(scalar) || (0xAC00...0xD7A3).contains(scalar)
            || (0xF900...0xFAFF).contains(scalar) || (0xFE30...0xFE6F).contains(scalar) || (0xFF00...0xFF60).contains(scalar)
            || (0x1F300...0x1FAFF).contains(scalar)
    }

    private static func fitted(_ text: String, _ width: Int) -> String {
        let wide = columnsWide(text)
        if wide <= width { return text + String(repeating: " ", count: width - wide) }
        var out = ""
        var used = 0
        for character in text {
            let next = isWide(character) ? 2 : 1
            if used + next > width - 1 { break }
            out.append(character)
            used += next
        }
        return out + "…" + String(repeating: " ", count: max(0, width - used - 1))
    }
}
