/// The visible text of a whole page in reading order. See `Document`.
package struct Flow: Sendable {
    /// One entry a Unicode scalar: a run of white space is one " ", a block border, `<br>` or line break in `<pre>` one "\n" (never two
    /// in a row).
    package private(set) var scalars: [Unicode.Scalar] = []
    /// For each node of the document, the part of the flow that its subtree wrote; may begin or end with white space.
    package private(set) var ranges: [Range<Int>]
    /// Text nodes that wrote something, ascending, with where their first scalar stands.
    private var runs: [(start: Int, node: NodeID)] = []

    /// Elements that begin and end a line of text.
    package static let blocks: Set<String> = [
        "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl",
        "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "html",
        "legend", "li", "listing", "main", "menu", "nav", "noscript", "ol", "option", "p", "plaintext", "pre", "search", "section",
        "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "xmp",
    ]
    /// Elements whose text is never page text.
    package static let silent: Set<String> = [
        "script", "style", "template", "svg", "head", "select", "textarea", "object", "canvas", "math", "noembed", "noframes",
    ]
    /// Elements in which a line feed breaks the line.
    package static let preformatted: Set<String> = ["pre", "listing", "plaintext", "xmp"]

    /// What an element does to the flow.
    private enum Role { case inline, block, line, silent, preformatted }

    init(nodes: [Document.Node], source: Document.Source) {
        ranges = Array(repeating: 0..<0, count: nodes.count)
        scalars.reserveCapacity(nodes.count * 8)
        let isMarkup = Flow.isMarkup(nodes)
        var roles: [String: Role] = source == .rendered ? ["noscript": .silent] : [:]
        func role(of name: String) -> Role {
            if let known = roles[name] { return known }
            let role: Role =
                if !isMarkup {
                    .block
                } else if Flow.silent.contains(name) {
                    .silent
                } else if Flow.preformatted.contains(name) {
                    .preformatted
                } else if Flow.blocks.contains(name) {
                    .block
                } else {
                    name == "br" || name == "hr" ? .line : .inline
                }
            roles[name] = role
            return role
        }

        // Open elements with what happens at their end; an explicit stack, since a page may nest 100,000 deep.
        var open: [(node: NodeID, start: Int, isBlock: Bool, isPreformatted: Bool)] = []
        // Borders of boxes that only the style sheet made, since the last text: see `bridge`.
        var isSoftBorder = false
        var lastText: NodeID?
        var preformatted = 0
        var node = 0
        while node < nodes.count || !open.isEmpty {
            while let last = open.last, nodes[last.node].end <= node {
                open.removeLast()
                if last.isBlock { breakLine() }
                if last.isPreformatted { preformatted -= 1 }
                if nodes[last.node].isBlock { isSoftBorder = true }
                ranges[last.node] = min(last.start, scalars.count)..<scalars.count
            }
            guard node < nodes.count else { break }
            switch nodes[node].kind {
            case .text:
                if !nodes[node].isHidden {
                    if isSoftBorder {
                        // White space alone decides nothing: what matters is where the next words stand.
                        if !Flow.isBlank(nodes[node].text) {
                            if let lastText { bridge(nodes[lastText].box, nodes[node].box) } else { breakLine() }
                            isSoftBorder = false
                        }
                    }
                    let start = scalars.count
                    append(nodes[node].text, of: node, breaksLines: preformatted > 0)
                    ranges[node] = min(start, scalars.count)..<scalars.count
                    if !Flow.isBlank(nodes[node].text) { lastText = node }
                } else {
                    ranges[node] = scalars.count..<scalars.count
                }
                node += 1
            case .document, .shadowRoot:
                breakLine()
                open.append((node, scalars.count, true, false))
                node += 1
            case .element:
                let role = role(of: nodes[node].name)
                if role == .silent || (source == .html && nodes[node].isHidden) {
                    let here = scalars.count..<scalars.count
                    let end = nodes[node].end
                    for skipped in node..<end { ranges[skipped] = here }
                    node = end
                } else {
                    if role != .inline { breakLine() }
                    if nodes[node].isBlock { isSoftBorder = true }
                    if role == .preformatted { preformatted += 1 }
                    open.append((node, scalars.count, role == .block || role == .preformatted, role == .preformatted))
                    node += 1
                }
            }
        }
    }

    /// In XML that is no HTML the names mean something else: every element is a block, none is silent.
    private static func isMarkup(_ nodes: [Document.Node]) -> Bool {
        var child = 1
        while child < nodes.count {
            if nodes[child].kind == .element { return nodes[child].name == "html" || nodes[child].name == "frameset" }
            child = nodes[child].end
        }
        return true
    }

    private static func isBlank(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 <= 32 }
    }

    private mutating func breakLine() {
        while scalars.last == " " { scalars.removeLast() }
        if let last = scalars.last, last != "\n" { scalars.append("\n") }
    }

    /// Between two texts lies a border that only the style sheet made (a span as flex item, a link as block). Whether a reader sees one
    /// word, two words or two lines is in the boxes: one below the other breaks the line, a gap is a space, none is nothing.
    private mutating func bridge(_ before: Document.Box?, _ after: Document.Box?) {
        guard let before, let after, let last = scalars.last, last != "\n" else { return breakLine() }
        let overlap = min(before.y + before.height, after.y + after.height) - max(before.y, after.y)
        guard overlap * 2 > min(before.height, after.height) else { return breakLine() }
        let gap = after.x - (before.x + before.width)
        // A text that stands left of the one before it, on the same line, was moved by the style sheet: not one word.
        if last != " ", gap > 0.15 * max(min(before.height, after.height), 1) || gap < -1 { scalars.append(" ") }
    }

    private mutating func append(_ text: String, of node: NodeID, breaksLines: Bool) {
        let start = scalars.count
        // After U+202E letters run from the last to the first: what is written is not what a reader sees.
        var isTurned = false
        for scalar in text.unicodeScalars {
            if isTurned {
                isTurned = scalar != "\u{202C}"
                continue
            }
            switch scalar {
            case "\u{202E}": isTurned = true
            case "\n" where breaksLines, "\r" where breaksLines: breakLine()
            case " ", "\n", "\t", "\r", "\u{C}", "\u{A0}":
                if let last = scalars.last, last != " ", last != "\n" { scalars.append(" ") }
            case "\u{200B}", "\u{AD}", "\u{FEFF}": break
            default: scalars.append(scalar)
            }
        }
        // A line feed at first may have taken back the space before it.
        if scalars.count > start { runs.append((start, node)) }
    }

    /// The text node that wrote the scalar at a position, for a line feed the one before it; nil outside the flow.
    package func origin(at position: Int) -> NodeID? {
        guard scalars.indices.contains(position) else { return nil }
        let run = firstRun(after: position)
        return run == 0 ? nil : runs[run - 1].node
    }

    /// The text nodes that wrote a part of the range, in order.
    package func origins(in range: Range<Int>) -> [NodeID] {
        let range = range.clamped(to: scalars.indices)
        guard !range.isEmpty else { return [] }
        let low = max(firstRun(after: range.lowerBound) - 1, 0)
        let high = firstRun(after: range.upperBound - 1)
        return low < high ? runs[low..<high].map(\.node) : []
    }

    /// Index of the first run that begins after a position.
    private func firstRun(after position: Int) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].start <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package func text(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        let range = range.clamped(to: scalars.indices)
        bytes.reserveCapacity(range.count)
        for scalar in scalars[range] {
            if scalar.isASCII { bytes.append(UInt8(truncatingIfNeeded: scalar.value)) } else { bytes.append(contentsOf: scalar.utf8) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Without white space at both ends; an empty range stays where it began.
    package func trimmed(_ range: Range<Int>) -> Range<Int> {
        var low = range.lowerBound
        var high = min(range.upperBound, scalars.count)
        while low < high, scalars[low] == " " || scalars[low] == "\n" { low += 1 }
        while low < high, scalars[high - 1] == " " || scalars[high - 1] == "\n" { high -= 1 }
        return low < high ? low..<high : range.lowerBound..<range.lowerBound
    }
}
