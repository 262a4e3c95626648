// What evidence says of a place, read again from the page. See `Evidence` in Extraction for the meaning of the parts.

extension Document {
    /// The text at a place: Unicode scalars `start..<end` of the node's visible text, or of its `attribute`, or of the string (or the
    /// spelling of the number) at `pointer` in the JSON that the node holds. Nil where the page has no such place.
    package func text(at path: String, attribute: String? = nil, pointer: String? = nil, start: Int, end: Int) -> String? {
        guard start >= 0, end >= start, let node = node(at: path) else { return nil }
        if attribute == nil, pointer == nil {
            let outer = visibleRange(of: node)
            guard end <= outer.count else { return nil }
            return flow.text(outer.lowerBound + start..<outer.lowerBound + end)
        }
        let whole: String?
        if let attribute {
            whole = self.attribute(attribute, of: node)
        } else if let pointer {
            whole = scriptJSON(of: node)?.text(at: pointer)
        } else {
            whole = nil
        }
        guard let whole else { return nil }
        let scalars = Array(whole.unicodeScalars)
        guard end <= scalars.count else { return nil }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<end])
        return String(view)
    }

    /// The rectangle around the text nodes that a range of the flow touches; nil where none has a box.
    package func box(of range: Range<Int>) -> Box? {
        var union: Box?
        for node in flow.origins(in: range) {
            guard let box = nodes[node].box else { continue }
            union = union?.union(box) ?? box
        }
        return union
    }
}

extension Document.Box {
    package func union(_ other: Document.Box) -> Document.Box {
        let left = min(x, other.x)
        let top = min(y, other.y)
        return Document.Box(
            x: left, y: top, width: max(x + width, other.x + other.width) - left, height: max(y + height, other.y + other.height) - top)
    }
}
