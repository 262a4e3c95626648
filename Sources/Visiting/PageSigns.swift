import Documents
import Politeness

// What a page that came says of itself, before anything of it is read.

extension BlockPage.Answer {
    /// - Parameter document: nil where nothing was captured; then only status, headers and addresses tell.
    init(_ page: Arrival, _ document: Document?) {
        let text = document.map { $0.flow.text($0.flow.trimmed(0..<min($0.flow.scalars.count, 4000))) } ?? ""
        var sources: [String] = []
        for node in document?.nodes ?? [] where sources.count < 100 && ["iframe", "script", "frame"].contains(node.name) {
            if let source = node.attributes.first(where: { $0.name == "src" })?.value { sources.append(source) }
        }
        self.init(
            status: page.status, headers: page.headers, title: document?.title ?? "", text: text,
            // Without markup a page has nothing to show; how long it really was, only the network knows.
            htmlLength: document.map { $0.nodes.count * 10 } ?? 0, askedURL: page.requestedURL, finalURL: page.finalURL, sources: sources)
    }
}

extension PageRules {
    /// Of the page itself: what pages in its frames say is about those.
    init(_ page: Arrival, _ document: Document, token: String, now: Int64) {
        var metas: [(name: String, content: String)] = []
        for id in document.nodes.indices where document[id].name == "meta" && document[id].kind == .element {
            guard let name = document.attribute("name", of: id), let content = document.attribute("content", of: id) else { continue }
            let isFramed = document.ancestors(of: id).contains { $0 > 0 && document[$0].kind == .document }
            if !isFramed { metas.append((name, content)) }
        }
        self.init(headers: page.values(of: "x-robots-tag"), metas: metas, token: token, now: now)
    }
}
