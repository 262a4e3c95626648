/// A printed label with the value beside it, both as ranges of the flow.
package struct LabelledValue: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// `<dt>` and `<dd>`.
        case definition
        /// A header cell (or the left one of two) and a cell of its row.
        case row
        /// "Label: value" on a line, or the value on the next one.
        case line
        /// A line that begins with bold text.
        case bold
    }

    package var label: Range<Int>
    package var value: Range<Int>
    package var kind: Kind
    /// Element that holds the value, as near as is known.
    package var node: NodeID
}

extension Document {
    /// Labels and values that the page prints, in order of the values; a value may have several labels.
    package func labelledValues() -> [LabelledValue] {
        var out = definitions()
        for table in tables() { out += labels(in: table) }
        out += lines()
        var seen: Set<[Int]> = []
        return out.sorted { ($0.value.lowerBound, $0.label.lowerBound) < ($1.value.lowerBound, $1.label.lowerBound) }.filter {
            seen.insert([$0.label.lowerBound, $0.value.lowerBound, $0.value.upperBound]).inserted
        }
    }

    /// Each `<dd>` with each `<dt>` of the run before it; groups may be wrapped in `<div>`.
    private func definitions() -> [LabelledValue] {
        var out: [LabelledValue] = []
        for list in nodes.indices where nodes[list].kind == .element && nodes[list].name == "dl" {
            var terms: [NodeID] = []
            var isOpen = false
            func take(_ child: NodeID) {
                switch nodes[child].name {
                case "dt":
                    if !isOpen { terms = [] }
                    isOpen = true
                    terms.append(child)
                case "dd":
                    isOpen = false
                    let value = visibleRange(of: child)
                    guard !value.isEmpty else { return }
                    for term in terms {
                        let label = label(visibleRange(of: term))
                        if !label.isEmpty { out.append(LabelledValue(label: label, value: value, kind: .definition, node: child)) }
                    }
                default: break
                }
            }
            for child in children(of: list) where nodes[child].kind == .element {
                if nodes[child].name == "div" {
                    for inner in children(of: child) where nodes[inner].kind == .element { take(inner) }
                } else {
                    take(child)
                }
            }
        }
        return out
    }

    private func labels(in table: Table) -> [LabelledValue] {
        var out: [LabelledValue] = []
        let isPairs = table.columns == 2 && !table.rows.contains { $0.kind == .header }
        for row in table.rows where row.kind == .body {
            guard let first = row.cells.first, !first.range.isEmpty, row.cells.count >= 2 else { continue }
            guard first.isHeader || (isPairs && !first.isCarried && isLabel(first.range)) else { continue }
            var label = first
            for cell in row.cells.dropFirst() {
                // th td th td: each header names what follows it.
                if cell.isHeader {
                    label = cell
                } else if !cell.range.isEmpty, !label.range.isEmpty {
                    out.append(LabelledValue(label: self.label(label.range), value: cell.range, kind: .row, node: cell.node))
                }
            }
        }
        return out
    }

    private func lines() -> [LabelledValue] {
        var out: [LabelledValue] = []
        let scalars = flow.scalars
        var starts: [Range<Int>] = []
        var start = 0
        for at in 0...scalars.count where at == scalars.count || scalars[at] == "\n" {
            let line = flow.trimmed(start..<at)
            if !line.isEmpty { starts.append(line) }
            start = at + 1
        }
        for (index, line) in starts.enumerated() {
            if let colon = colon(in: line) {
                let name = flow.trimmed(line.lowerBound..<colon)
                guard isLabel(name) else { continue }
                var value = flow.trimmed(colon + 1..<line.upperBound)
                if value.isEmpty, index + 1 < starts.count, starts[index + 1].count <= 200, self.colon(in: starts[index + 1]) == nil {
                    value = starts[index + 1]
                }
                guard !value.isEmpty, let place = place(of: value) else { continue }
                out.append(LabelledValue(label: name, value: value, kind: .line, node: place.node))
            } else if line.count <= 300, let bold = boldStart(of: line) {
                let value = flow.trimmed(bold.upperBound..<line.upperBound)
                guard !value.isEmpty, isLabel(bold), let place = place(of: value) else { continue }
                out.append(LabelledValue(label: bold, value: value, kind: .bold, node: place.node))
            }
        }
        return out
    }

    /// The colon that ends a label: early in the line, before a space or the end, not inside an address or a time.
    private func colon(in line: Range<Int>) -> Int? {
        let scalars = flow.scalars
        for at in line.prefix(48) where scalars[at] == ":" || scalars[at] == "：" {
            let next = at + 1
            if scalars[at] == "：" || next >= line.upperBound || scalars[next] == " " { return at }
            return nil
        }
        return nil
    }

    /// Bold text that begins a line and doesn't fill it.
    private func boldStart(of line: Range<Int>) -> Range<Int>? {
        guard let origin = flow.origin(at: line.lowerBound) else { return nil }
        for node in ancestors(of: origin) {
            let range = visibleRange(of: node)
            guard range.lowerBound >= line.lowerBound, range.upperBound < line.upperBound else { return nil }
            if nodes[node].name == "b" || nodes[node].name == "strong" { return range }
        }
        return nil
    }

    /// Short, with a letter, and few words.
    private func isLabel(_ range: Range<Int>) -> Bool {
        guard (1...48).contains(range.count) else { return false }
        let text = flow.scalars[range]
        return text.contains { $0.properties.isAlphabetic } && text.reduce(0) { $0 + ($1 == " " || $1 == "\n" ? 1 : 0) } <= 5
            && text.last != "." && text.last != "!" && text.last != "?"
    }

    /// Without the colon at its end.
    private func label(_ range: Range<Int>) -> Range<Int> {
        var end = range.upperBound
        while end > range.lowerBound, flow.scalars[end - 1] == ":" || flow.scalars[end - 1] == "：" || flow.scalars[end - 1] == " " {
            end -= 1
        }
        return range.lowerBound..<end
    }
}
