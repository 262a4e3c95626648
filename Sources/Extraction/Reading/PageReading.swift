package import Documents

/// A page as the bundled matcher sees it: lines of text, and the places in them (and in attributes, meta tags, JSON-LD) that may be
/// values. Made once a page; fields are asked of it afterwards.
///
/// What is a line, a candidate and a feature was fixed when the matcher was trained. A change here moves its input away from what it
/// learned, so the odd-looking rules below are kept as they were learned.
package struct PageReading: Sendable {
    /// Visible lines in reading order, then one line for each structured value.
    package internal(set) var lines: [ReadLine] = []
    /// `lines[..<visibleCount]` are the lines of the document's flow.
    package internal(set) var visibleCount = 0
    package internal(set) var candidates: [Candidate] = []
    /// One row of `featureCount` numbers a candidate: what is known of it before any field is asked.
    package internal(set) var features: [Float] = []
    package static let featureCount = Candidate.Kind.allCases.count + TextType.allCases.count + 22

    /// All text that lines and candidates are cut from: the flow, then the structured values one after the other.
    var text = ClassedText()
    /// Words of labels, headings, texts … in the form in which field queries are compared with them.
    var phrases = PhraseTable()
    /// For each candidate the phrases that `pairFeatures` compares, in `PhraseRole` order; -1 where there is none.
    var phraseRows: [Int32] = []
    /// For each candidate the steps of its path to the body, as far as siblings need them. See `Candidate.node`.
    var tree = PathTree()
}

/// A line of the page, or a structured value written as one.
package struct ReadLine: Sendable {
    package var text: String
    /// The same as `text`: spans of candidates count these.
    package var scalars: [Unicode.Scalar]
    /// Part of the flow, as opposed to a structured value ("key path: value").
    package var isVisible: Bool
    /// Name of the element that holds all of the line's text, else of its block; "ld", "meta", "attr" or "title" for structured values.
    package var tag: String
    /// Words of class, id, itemprop … of the element and two above it, without those that say nothing.
    package var attributeWords: [String]
    package var label: String
    /// Text of the heading above.
    package var heading: String
    /// "nav", "footer", "header", "aside", "h" (in a heading) or "".
    package var zone: String
    package var columnHead: String
    package var href: String
    /// Where a visible line stands in the flow.
    package var flow: Range<Int>?
}

/// A piece of a page that may be a value.
package struct Candidate: Sendable {
    /// How the piece was found. The order is that of the learned features.
    package enum Kind: UInt8, Sendable, CaseIterable {
        case line, inline, atom, rest, split, separated, comma, parenthesis, phone, email, price, date, zip, number, capitals, street
        case city, state, cityZip, block, container, address, jsonLD, meta, attribute, title

        /// A structured value: no part of the visible text.
        package var isStructured: Bool { rawValue >= Kind.jsonLD.rawValue }
    }

    /// From a scalar of one line up to (not including) a scalar of the same or a later one.
    package struct Extent: Sendable, Hashable {
        package var line, start, lastLine, end: Int

        package func overlaps(_ other: Extent) -> Bool {
            (other.line, other.start) < (lastLine, end) && (line, start) < (other.lastLine, other.end)
        }

        package func contains(_ other: Extent) -> Bool {
            (line, start) <= (other.line, other.start) && (other.lastLine, other.end) <= (lastLine, end)
        }
    }

    package var kind: Kind
    package var span: Extent
    /// Equal for candidates whose texts are equal without regard to case, white space and compatibility forms.
    package var key: Int
    /// Equal for candidates of one role: same tag path, same kind and, where a label was cut off, same label.
    package var generalPath: Int
    package var label: String
    package var attributeWords: [String]
    /// The element it belongs to; nil for values that no element of the body holds.
    package var node: NodeID?
    package var tag: String
    package var attribute: String?
    /// Key path of a structured value ("Product.offers.price", "og:title"); "" for visible text.
    package var structuredKey: String
    /// Where it stands, for evidence; nil for a part of `<title>` that stands nowhere else.
    package var place: Span.Place?
    /// Its characters in `PageReading.text`.
    var range: Range<Int>
}

/// Shapes a short text can have. The order is that of the learned features.
enum TextType: Int, CaseIterable {
    case price, hasPrice, date, hasDate, phone, email, number, numberWithUnit, zip, code, url, long, middle, name
}

extension PageReading {
    /// Text of a candidate; lines that it spans are joined by a space, as the matcher learned them.
    package func text(of candidate: Int) -> String {
        text.string(candidates[candidate].range, lineFeedsAsSpaces: true)
    }

    /// Whether a candidate stands in a heading.
    func isHeading(_ candidate: Int) -> Bool { candidates[candidate].node.map { !tree.headings[$0].isEmpty } ?? false }

    /// The lines that the matcher reads: in each run of more than eight short lines of links only the first six (menus, tag clouds).
    /// Candidates that start on another line do not exist for it.
    package var keptLines: [Bool] {
        var kept = Array(repeating: true, count: lines.count)
        var run: [Int] = []
        func close() {
            if run.count > 8 { for line in run.dropFirst(6) { kept[line] = false } }
            run.removeAll(keepingCapacity: true)
        }
        for (index, line) in lines.enumerated() {
            if line.isVisible, !line.href.isEmpty, line.scalars.count < 90 { run.append(index) } else { close() }
        }
        close()
        return kept
    }
}
