/// Where a page leads: its links in reading order, and what its head says about its own address and its neighbours.
package struct Links: Sendable {
    package struct Link: Sendable, Hashable {
        package var node: NodeID
        /// Absolute, by the URL standard.
        package var url: String
        /// What a reader sees of it; where that is nothing, the text of its picture, its label or its title.
        package var text: String
        /// Lower-case words of `rel`.
        package var rel: [String]
        /// A reader can see it.
        package var isVisible: Bool
    }

    /// What relative addresses are resolved against: the page's address, or its first `<base href>`.
    package let base: String
    /// `<a href>` and `<area href>`; not `javascript:`, `mailto:` and the like.
    package private(set) var items: [Link] = []
    /// `<link rel=canonical>`, absolute.
    package private(set) var canonical: String?
    /// `rel=next` and `rel=prev` of a `<link>`, else of a link in the page; absolute.
    package private(set) var next: String?
    package private(set) var previous: String?
    /// `<link rel=alternate>` feeds (RSS, Atom), absolute.
    package private(set) var feeds: [String] = []

    private static let leadNowhere: Set<String> = ["javascript", "mailto", "tel", "sms", "data", "blob", "about", "whatsapp", "callto"]

    package init(of document: Document) {
        base = document.base
        let baseURL = URLIdentity(base)
        for node in document.nodes.indices where document[node].kind == .element {
            let name = document[node].name
            guard name == "a" || name == "area" || name == "link", let href = document.attribute("href", of: node) else { continue }
            // Links in a frame resolve against the frame's own address only where it has one; frames keep the page's.
            guard let url = URLIdentity(href, base: baseURL), !Links.leadNowhere.contains(url.scheme) else { continue }
            let rel = document.attribute("rel", of: node)?.lowercased().split { $0.isWhitespace }.map(String.init) ?? []
            if name == "link" {
                if rel.contains("canonical"), canonical == nil { canonical = url.href }
                if rel.contains("next"), next == nil { next = url.href }
                if rel.contains("prev") || rel.contains("previous"), previous == nil { previous = url.href }
                let type = document.attribute("type", of: node)
                if rel.contains("alternate"), type == "application/rss+xml" || type == "application/atom+xml" { feeds.append(url.href) }
                continue
            }
            let text = Links.text(of: node, in: document)
            let isVisible = !document.visibleRange(of: node).isEmpty || Links.showsPicture(node, document)
            items.append(Link(node: node, url: url.href, text: text, rel: rel, isVisible: isVisible))
        }
        if next == nil { next = items.first { $0.rel.contains("next") }?.url }
        if previous == nil { previous = items.first { $0.rel.contains("prev") || $0.rel.contains("previous") }?.url }
    }

    private static func text(of node: NodeID, in document: Document) -> String {
        let visible = document.visibleText(of: node)
        if !visible.isEmpty { return visible }
        for child in document.subtree(of: node) {
            let label = document.attribute("aria-label", of: child) ?? document.attribute("alt", of: child) ?? ""
            if !label.isEmpty { return label }
        }
        return document.attribute("title", of: node) ?? ""
    }

    private static func showsPicture(_ node: NodeID, _ document: Document) -> Bool {
        document.subtree(of: node).contains { child in
            ["img", "svg", "picture", "video"].contains(document[child].name) && !document[child].isHidden
        }
    }
}

extension Document {
    package var links: Links { Links(of: self) }

    /// What relative addresses of the page are resolved against.
    package var base: String {
        // Only the page's own `<base>`, not that of a document in a frame.
        for node in nodes.indices where nodes[node].name == "base" && nodes[node].kind == .element {
            let isFramed = ancestors(of: node).contains { $0 > 0 && nodes[$0].kind == .document }
            guard !isFramed, let href = attribute("href", of: node) else { continue }
            return URLIdentity.resolve(url, href) ?? url
        }
        return url
    }

    /// An address as it stands in the page, made absolute; nil for what is none.
    package func resolve(_ reference: String) -> String? { URLIdentity.resolve(base, reference) }
}
