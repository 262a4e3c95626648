/// Items of HTML microdata (WHATWG HTML, "Microdata"): `itemscope`, `itemtype`, `itemid`, `itemprop`, `itemref`.
///
/// One departure: an element that has no value attribute of its own but a `content` attribute has its value there, which is what search
/// engines read and pages write.
struct Microdata {
    let document: Document
    private let byID: [String: NodeID]
    private let roots: [NodeID]

    init(document: Document) {
        self.document = document
        var byID: [String: NodeID] = [:]
        var roots: [NodeID] = []
        for node in document.nodes.indices where document[node].kind == .element && !document[node].attributes.isEmpty {
            var isScope = false
            var isProperty = false
            for attribute in document[node].attributes {
                switch attribute.name {
                case "itemscope": isScope = true
                case "itemprop": isProperty = isProperty || attribute.value.utf8.contains { $0 > 0x20 }
                case "id": if byID[attribute.value] == nil { byID[attribute.value] = node }
                default: break
                }
            }
            if isScope, !isProperty { roots.append(node) }
        }
        self.byID = byID
        self.roots = roots
    }

    func items() -> [StructuredItem] {
        var budget = 200_000
        return roots.map { item($0, open: [], budget: &budget) }.filter { !$0.properties.isEmpty || !$0.types.isEmpty }
    }

    private func item(_ root: NodeID, open: Set<NodeID>, budget: inout Int) -> StructuredItem {
        var item = StructuredItem(
            syntax: .microdata, types: words(document.attribute("itemtype", of: root)), id: document.attribute("itemid", of: root),
            properties: [])
        let open = open.union([root])
        for element in properties(of: root, budget: &budget) {
            let names = words(document.attribute("itemprop", of: element))
            let value: StructuredValue
            if document.attribute("itemscope", of: element) != nil {
                // An item that holds itself is an error in the page.
                guard !open.contains(element), open.count < 32, budget > 0 else { continue }
                value = .item(self.item(element, open: open, budget: &budget))
            } else {
                value = .text(text(element))
            }
            for name in names { item.properties.append(.init(name: name, value: value)) }
        }
        return item
    }

    /// Elements that carry properties of an item, in tree order ("the properties of an item").
    private func properties(of root: NodeID, budget: inout Int) -> [NodeID] {
        var results: [NodeID] = []
        var seen: Set<NodeID> = [root]
        var pending: [NodeID] = document.children(of: root).filter { document[$0].kind != .text }
        for id in words(document.attribute("itemref", of: root)) { if let node = byID[id] { pending.append(node) } }
        while let node = pending.popLast(), budget > 0 {
            budget -= 1
            guard seen.insert(node).inserted else { continue }
            let isScope = document.attribute("itemscope", of: node) != nil
            if !isScope { for child in document.children(of: node) where document[child].kind != .text { pending.append(child) } }
            if let names = document.attribute("itemprop", of: node), names.utf8.contains(where: { $0 > 0x20 }) { results.append(node) }
        }
        return results.sorted()
    }

    private func text(_ element: NodeID) -> StructuredText {
        for name in Self.valueAttributes[document[element].name] ?? [] {
            if let value = document.attribute(name, of: element) { return document.structuredText(element, attribute: name, value) }
        }
        if let value = document.attribute("content", of: element) { return document.structuredText(element, attribute: "content", value) }
        return document.structuredText(element)
    }

    private static let valueAttributes: [String: [String]] = [
        "meta": ["content"], "audio": ["src"], "embed": ["src"], "iframe": ["src"], "img": ["src", "data-src"],
        "source": ["src", "srcset"],
        "track": ["src"], "video": ["src"], "a": ["href"], "area": ["href"], "link": ["href"], "object": ["data"], "data": ["value"],
        "meter": ["value"], "time": ["datetime"],
    ]

    private func words(_ text: String?) -> [String] { text.map(Document.words) ?? [] }
}

extension Document {
    /// Parts between ASCII white space, as HTML splits lists of names.
    static func words(_ text: String) -> [String] {
        text.unicodeScalars.split { $0 == " " || ($0.value >= 0x09 && $0.value <= 0x0D) }.map(String.init)
    }

    /// An attribute's value and its place, without white space at the ends.
    func structuredText(_ node: NodeID, attribute name: String, _ value: String) -> StructuredText {
        let scalars = Array(value.unicodeScalars)
        var low = 0
        var high = scalars.count
        while low < high, scalars[low].properties.isWhitespace { low += 1 }
        while low < high, scalars[high - 1].properties.isWhitespace { high -= 1 }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[low..<high])
        return StructuredText(text: String(view), place: .attribute(node, name: name, low..<high))
    }

    /// What a reader sees of an element, and its place; hidden text, white space folded, without a place.
    func structuredText(_ node: NodeID) -> StructuredText {
        let range = visibleRange(of: node)
        guard range.isEmpty else { return StructuredText(text: flow.text(range), place: .flow(range)) }
        return StructuredText(text: Document.words(rawText(of: node)).joined(separator: " "), place: nil)
    }
}
