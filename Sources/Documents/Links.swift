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

        /// The page's authors ask not to be taken by their word for where it leads: rel=nofollow, "ugc" or "sponsored".
        package var isNofollow: Bool { rel.contains { $0 == "nofollow" || $0 == "ugc" || $0 == "sponsored" } }
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
    /// `<link rel=alternate>` feeds (RSS, Atom), absolute, each once.
    package private(set) var feeds: [String] = []
    /// `<meta name=robots>` asks not to follow any link ("nofollow", "none"), or not to list the page ("noindex", "none").
    package private(set) var asksNotToFollow = false
    package private(set) var asksNotToList = false

    private static let leadNowhere: Set<String> = ["javascript", "mailto", "tel", "sms", "data", "blob", "about", "whatsapp", "callto"]

    package init(of document: Document) {
        base = document.base
        let baseURL = URLIdentity(base)
        for node in document.nodes.indices where document[node].kind == .element {
            let name = document[node].name
            if name == "meta", document.attribute("name", of: node)?.lowercased() == "robots", !document.isFramed(node) {
                let words = document.attribute("content", of: node)?.lowercased().split { $0 == "," || $0.isWhitespace } ?? []
                if words.contains("none") || words.contains("nofollow") { asksNotToFollow = true }
                if words.contains("none") || words.contains("noindex") { asksNotToList = true }
                continue
            }
            guard name == "a" || name == "area" || name == "link", let href = document.attribute("href", of: node) else { continue }
            // Links in a frame resolve against the frame's own address only where it has one; frames keep the page's.
            guard let url = URLIdentity(href, base: baseURL), !Links.leadNowhere.contains(url.scheme) else { continue }
            let rel = document.attribute("rel", of: node)?.lowercased().split { $0.isWhitespace }.map(String.init) ?? []
            if name == "link" {
                // The head of a document in a frame speaks of that document.
                if document.isFramed(node) { continue }
                if rel.contains("canonical"), canonical == nil { canonical = url.href }
                if rel.contains("next"), next == nil { next = url.href }
                if rel.contains("prev") || rel.contains("previous"), previous == nil { previous = url.href }
                let type = document.attribute("type", of: node)?.lowercased().prefix { $0 != ";" && !$0.isWhitespace }
                let isFeed = type == "application/rss+xml" || type == "application/atom+xml"
                if rel.contains("alternate"), isFeed, feeds.count < 100, !feeds.contains(url.href) { feeds.append(url.href) }
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
            guard !isFramed(node), let href = attribute("href", of: node) else { continue }
            // The HTML standard takes neither "data:" nor "javascript:" for a base (section 4.2.3).
            guard let base = URLIdentity(href, base: URLIdentity(url)), base.scheme != "data", base.scheme != "javascript" else {
                return url
            }
            return base.href
        }
        return url
    }

    /// In the document of a frame, not in the page's own.
    fileprivate func isFramed(_ node: NodeID) -> Bool { ancestors(of: node).contains { $0 > 0 && nodes[$0].kind == .document } }

    /// An address as it stands in the page, made absolute; nil for what is none.
    package func resolve(_ reference: String) -> String? { URLIdentity.resolve(base, reference) }
}
