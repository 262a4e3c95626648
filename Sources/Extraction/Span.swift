package import Documents

/// A place on a page that may be a value: what candidates, cells and structured data have in common, and what becomes evidence.
package struct Span: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        /// A range of the document's flow.
        case flow(Range<Int>)
        /// Unicode scalars of an attribute's value.
        case attribute(NodeID, name: String, Range<Int>)
        /// Unicode scalars of the string (or the spelling of the number) at a pointer in the JSON of a `<script>`.
        case json(NodeID, pointer: String, Range<Int>)
    }

    package var place: Place
    /// Exactly what stands there.
    package var text: String

    package init(place: Place, text: String) {
        self.place = place
        self.text = text
    }
}

extension Span.Place {
    /// A part of it, counted from its start.
    func part(_ range: Range<Int>) -> Span.Place {
        func moved(_ whole: Range<Int>) -> Range<Int> { whole.lowerBound &+ range.lowerBound..<whole.lowerBound &+ range.upperBound }
        return switch self {
        case .flow(let whole): .flow(moved(whole))
        case .attribute(let node, let name, let whole): .attribute(node, name: name, moved(whole))
        case .json(let node, let pointer, let whole): .json(node, pointer: pointer, moved(whole))
        }
    }
}
