/// The headings of a page, in reading order.
package struct Outline: Sendable {
    package struct Heading: Sendable, Hashable {
        package var node: NodeID
        /// 1…6.
        package var level: Int
        package var text: String
    }

    package let headings: [Heading]

    package init(of document: Document) {
        headings = document.nodes.indices.compactMap { node in
            guard let level = Outline.level(of: document[node].name) else { return nil }
            let text = document.visibleText(of: node)
            return text.isEmpty ? nil : Heading(node: node, level: level, text: text)
        }
    }

    /// 1…6 for "h1"…"h6".
    static func level(of name: String) -> Int? {
        let bytes = Array(name.utf8)
        guard bytes.count == 2, bytes[0] == UInt8(ascii: "h"), (49...54).contains(bytes[1]) else { return nil }
        return Int(bytes[1]) - 48
    }
}

extension Document {
    package var outline: Outline { Outline(of: self) }

    /// The `<title>`, white space collapsed; nil where there is none.
    package var title: String? {
        guard let node = nodes.indices.first(where: { nodes[$0].name == "title" && nodes[max(nodes[$0].parent, 0)].name == "head" }) else {
            return nil
        }
        let words = rawText(of: node).split { $0.isWhitespace }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// Everything a reader sees, a line a block.
    package var plainText: String { visibleText(of: 0) }
}
