/// What a page says about itself for machines: JSON-LD, microdata, RDFa, meta elements and embedded state.
package struct StructuredData: Sendable {
    package enum Syntax: String, Sendable, CaseIterable {
        case jsonLD = "json-ld"
        case microdata
        case rdfa
        /// `<meta>` with a property or name (OpenGraph, Dublin Core …) and `<link rel>` of the page itself.
        case meta
        /// JSON that a script holds for the page's own program.
        case state
    }

    /// Typed objects, in order of syntax, then of the page. Objects inside others are values of their properties.
    package var items: [StructuredItem]
    /// Every text of every item, flat, in the same order.
    package var leaves: [StructuredLeaf]
    /// What was left out of `leaves`, in words; nil where nothing was.
    package var truncation: String?

    /// Levels of names in a key path that are followed.
    package static let maximumDepth = 8
    package static let maximumLeaves = 2000
}

/// An object with types and properties.
package struct StructuredItem: Sendable, Hashable {
    package var syntax: StructuredData.Syntax
    /// As written ("Product", "https://schema.org/Product").
    package var types: [String]
    /// `@id`, `itemid` or RDFa subject.
    package var id: String?
    /// In order; a name with several values stands several times.
    package var properties: [Property]

    package struct Property: Sendable, Hashable {
        /// As written ("price", "og:title").
        package var name: String
        package var value: StructuredValue
    }

    /// Values of all properties of a name, by its last part ("price" finds "https://schema.org/price" too).
    package func values(_ name: String) -> [StructuredValue] {
        properties.filter { $0.name == name || StructuredItem.shortName($0.name) == name }.map(\.value)
    }

    /// The last part of a type or property address: "https://schema.org/Product" is "Product", "schema:name" is "name".
    package static func shortName(_ name: String) -> String {
        let isAddress = name.hasPrefix("http://") || name.hasPrefix("https://")
        guard isAddress || name.hasPrefix("schema:") else { return name }
        let end = name.hasSuffix("/") || name.hasSuffix("#") ? name.dropLast() : Substring(name)
        let start = end.lastIndex { $0 == "/" || $0 == "#" || (!isAddress && $0 == ":") }
        return start.map { String(end[end.index(after: $0)...]) } ?? name
    }
}

package indirect enum StructuredValue: Sendable, Hashable {
    case text(StructuredText)
    case item(StructuredItem)

    package var text: String? { if case .text(let text) = self { text.text } else { nil } }
    package var item: StructuredItem? { if case .item(let item) = self { item } else { nil } }
}

package struct StructuredText: Sendable, Hashable {
    /// Exactly what stands at `place`.
    package var text: String
    /// Nil where a reader can't be shown the place: hidden text.
    package var place: StructuredPlace?
}

/// One text of the structured data with its place on the page and in the data.
package struct StructuredLeaf: Sendable, Hashable {
    package var syntax: StructuredData.Syntax
    /// Index in `items` of the outermost item.
    package var item: Int
    /// First type of the innermost item that has one, short; nil where none has.
    package var type: String?
    /// Outermost type, then names: "Product.offers.price", "og:title".
    package var keyPath: String
    package var text: String
    package var place: StructuredPlace
}

extension Document {
    /// Reads all structured data of the page. Broken parts are passed over; nothing is fetched and nothing evaluated.
    package func structuredData() -> StructuredData {
        var items: [StructuredItem] = []
        var state: [StructuredItem] = []
        for node in nodes.indices where nodes[node].kind == .element && nodes[node].name == "script" {
            let kind = scriptKind(of: node)
            guard kind != .other, let json = scriptJSON(of: node) else { continue }
            if kind == .linkedData {
                items += LinkedData(node: node).items(json)
            } else {
                state += LinkedData(node: node, syntax: .state).items(json)
            }
        }
        items += Microdata(document: self).items()
        items += RDFa(document: self).items()
        if let meta = PageMeta(document: self).item() { items.append(meta) }
        items += state
        var flattening = Flattening(items: items)
        flattening.run()
        return StructuredData(items: items, leaves: flattening.leaves, truncation: flattening.truncation)
    }
}

/// Turns items into leaves, following references by id within the page.
private struct Flattening {
    let items: [StructuredItem]
    private var byID: [String: StructuredItem] = [:]
    private(set) var leaves: [StructuredLeaf] = []
    private var isFull = false
    private var isDeep = false

    init(items: [StructuredItem]) {
        self.items = items
        for item in items where item.syntax == .jsonLD { if let id = item.id, !item.properties.isEmpty { byID[id] = item } }
    }

    var truncation: String? {
        switch (isFull, isDeep) {
        case (false, false): nil
        case (true, _): "structured data was cut after \(StructuredData.maximumLeaves) values"
        case (false, true): "structured data nested more than \(StructuredData.maximumDepth) deep was left out"
        }
    }

    mutating func run() {
        for (index, item) in items.enumerated() {
            let type = item.types.first.map(StructuredItem.shortName)
            walk(item, index: index, path: type.map { [$0] } ?? [], type: type, depth: 0, open: item.id.map { [$0] } ?? [])
            if isFull { return }
        }
    }

    private mutating func walk(_ item: StructuredItem, index: Int, path: [String], type: String?, depth: Int, open: Set<String>) {
        guard depth < StructuredData.maximumDepth else {
            isDeep = true
            return
        }
        for property in item.properties {
            guard !isFull else { return }
            let name = StructuredItem.shortName(property.name)
            switch property.value {
            case .text(let text):
                guard let place = text.place, !text.text.isEmpty else { continue }
                guard leaves.count < StructuredData.maximumLeaves else {
                    isFull = true
                    return
                }
                let keyPath = (path + [name]).joined(separator: ".")
                leaves.append(
                    StructuredLeaf(syntax: item.syntax, item: index, type: type, keyPath: keyPath, text: text.text, place: place))
            case .item(var inner):
                // {"@id": "#author"} stands for the object of that id elsewhere on the page.
                var open = open
                if let id = inner.id {
                    if open.contains(id) { continue }
                    open.insert(id)
                    if inner.properties.isEmpty, let whole = byID[id] { inner = whole }
                }
                walk(
                    inner, index: index, path: path + [name], type: inner.types.first.map(StructuredItem.shortName) ?? type,
                    depth: depth + 1,
                    open: open)
            }
        }
    }
}
