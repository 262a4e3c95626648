/// What the head says of the page itself: `<meta property|name>` (OpenGraph, Twitter, Dublin Core, description), canonical and alternate
/// links. One item without a type; names as written, but "http://ogp.me/ns#title" is "og:title".
struct PageMeta {
    let document: Document

    func item() -> StructuredItem? {
        var item = StructuredItem(syntax: .meta, types: [], id: nil, properties: [])
        for node in document.nodes.indices where document[node].kind == .element {
            switch document[node].name {
            case "meta":
                guard let content = document.attribute("content", of: node) ?? document.attribute("value", of: node),
                    let names = document.attribute("property", of: node) ?? document.attribute("name", of: node)
                else { continue }
                let attribute = document.attribute("content", of: node) != nil ? "content" : "value"
                for name in Document.words(names).map(Self.shortened) {
                    item.properties.append(.init(name: name, value: .text(document.structuredText(node, attribute: attribute, content))))
                }
            case "link":
                guard let rel = document.attribute("rel", of: node), let href = document.attribute("href", of: node) else { continue }
                for name in Document.words(rel.lowercased()) where Self.relations.contains(name) {
                    item.properties.append(.init(name: name, value: .text(document.structuredText(node, attribute: "href", href))))
                }
            default: continue
            }
        }
        return item.properties.isEmpty ? nil : item
    }

    /// OpenGraph names written out as addresses, in their usual form.
    private static func shortened(_ name: String) -> String {
        name.hasPrefix("http://ogp.me/ns#") ? "og:" + name.dropFirst(17) : name
    }

    private static let relations: Set<String> = ["canonical", "next", "prev", "author", "license", "image_src", "shortlink", "amphtml"]
}
