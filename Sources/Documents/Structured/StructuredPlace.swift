/// Where a piece of structured data stands, so that it can be cut from the page again. Offsets count Unicode scalars.
package enum StructuredPlace: Sendable, Hashable {
    /// A range of the document's flow.
    case flow(Range<Int>)
    /// A part of an attribute's value.
    case attribute(NodeID, name: String, Range<Int>)
    /// A part of the string (or of the spelling of the number or truth value) at an RFC 6901 pointer in `scriptJSON(of:)`.
    case json(NodeID, pointer: String, Range<Int>)
}

extension Document {
    /// What stands at a place; nil where the document has no such place.
    ///
    /// JSON is read anew for every call: check many places of one script with `JSON.text(at:)` on one `scriptJSON(of:)`.
    package func text(at place: StructuredPlace) -> String? {
        switch place {
        case .flow(let range):
            guard range.lowerBound >= 0, range.upperBound <= flow.scalars.count else { return nil }
            return flow.text(range)
        case .attribute(let node, let name, let range):
            guard nodes.indices.contains(node), let value = attribute(name, of: node) else { return nil }
            return value.cut(range)
        case .json(let node, let pointer, let range):
            guard nodes.indices.contains(node) else { return nil }
            return scriptJSON(of: node)?.text(at: pointer)?.cut(range)
        }
    }
}

extension JSON {
    /// The string, or the spelling of the number or truth value, at an RFC 6901 pointer; nil for containers, null and what isn't there.
    package func text(at pointer: String) -> String? {
        switch at(pointer: pointer) {
        case .string(let value): value
        case .number(let spelling): spelling
        case .bool(let value): value ? "true" : "false"
        default: nil
        }
    }
}

extension String {
    /// The Unicode scalars of a range; nil where it lies outside.
    fileprivate func cut(_ range: Range<Int>) -> String? {
        let scalars = Array(unicodeScalars)
        guard range.lowerBound >= 0, range.upperBound <= scalars.count else { return nil }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }
}
