import Discovery
import Documents
import Egress
import Fetching
import Fleet

// Pages without a browser: the document alone, as the site sends it.

extension Visitor {
    /// Word of the result of a page that shows next to nothing without its scripts.
    package static let needsBrowser = "needs-browser"

    func loading(_ url: String, _ captures: PageRequest.Captures, _ permits: Permits) async -> Loading {
        // Pictures, selectors and actions are a browser's.
        guard captures.subtracting(.snapshot).isEmpty, spec.options.waitFor == nil, spec.options.actions.isEmpty else { return .rendered }
        switch spec.options.rendering {
        case .always: return .rendered
        case .never: return .fetched
        case .auto: return await permits.loading(url)
        }
    }

    func fetched(
        _ url: String, _ way: Way, _ leave: @Sendable () async throws -> Void, _ gate: @escaping @Sendable (String) async -> Bool
    ) async throws -> VisitResult {
        let refused = "it may not be asked"
        var request = FetchRequest(
            url, userAgent: parts.userAgent, rules: way.route.rules, wayOut: way.route.wayOut
        ) { hop in
            await gate(hop) ? .proceed : .refuse(refused)
        }
        request.headers = [HTTPField("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
        request.contact = parts.contact
        request.acceptLanguage = "en-US,en;q=0.9"
        request.timeout = spec.options.timeout
        request.sizeLimit = min(32 << 20, spec.options.pageBytes)
        try await leave()
        let answer = try await parts.fetcher.fetch(request)
        let arrival = Arrival(answer, to: url)
        let document = Document(answer)
        if let refusal = self.refused(arrival, document, way) { return refusal }
        if answer.status >= 400 { return failed(arrival, answer.status) }
        guard let document else {
            let type = answer.header("content-type") ?? "of unknown type"
            var result = VisitResult.failed(
                .site, code: answer.body.isEmpty ? "no-content" : "not-html",
                answer.body.isEmpty ? "\(url) answered \(answer.status): there is no content to read" : "\(url) is not a page but \(type)")
            result.describe(arrival)
            return result
        }
        var result = VisitResult(.completed)
        result.describe(arrival)
        result.document = document
        if document.isUnrendered {
            guard spec.options.rendering == .never else {
                var result = VisitResult.failed(.ours, code: Visitor.needsBrowser, "\(url): without its scripts the page shows next to nothing")
                result.describe(arrival)
                return result
            }
            result.unsettled = "the page shows next to nothing without its scripts, and no browser was to be used"
        }
        obey(arrival, document, &result)
        return result
    }
}

extension Document {
    /// Nil for what is no page.
    fileprivate init?(_ answer: FetchResponse) {
        guard !answer.body.isEmpty else { return nil }
        let parts = (answer.header("content-type") ?? "").split(separator: ";").map { $0.trimming(" \t") }
        let charset = parts.dropFirst().first { $0.lowercased().hasPrefix("charset=") }?.dropFirst(8).trimming("\"' ")
        switch parts.first?.lowercased() ?? "" {
        case "text/html", "application/xhtml+xml": self.init(html: answer.body, url: answer.url, charset: charset)
        case "text/plain", "application/json": self.init(text: answer.body, url: answer.url)
        case "text/xml", "application/xml":
            guard let document = try? Document(xml: answer.body, url: answer.url) else { return nil }
            self = document
        // Browsers look at the bytes, too, where nothing is said.
        case "" where !answer.body.prefix(1024).contains(0): self.init(html: answer.body, url: answer.url, charset: nil)
        default: return nil
        }
    }

    /// Hardly a word, but scripts: they would write the page.
    var isUnrendered: Bool {
        let words = plainText.split(maxSplits: Document.fewWords, whereSeparator: \.isWhitespace)
        return words.count < Document.fewWords && nodes.contains { $0.kind == .element && $0.name == "script" }
    }

    private static let fewWords = 20

    /// The same words in the same order, and the same links.
    func saysTheSame(as other: Document) -> Bool {
        func words(_ document: Document) -> [Substring] { document.plainText.split(whereSeparator: \.isWhitespace) }
        func links(_ document: Document) -> Set<String> { Set(document.links.items.filter(\.isVisible).map(\.url)) }
        return words(self) == words(other) && links(self) == links(other)
    }
}

extension StringProtocol {
    fileprivate func trimming(_ characters: String) -> String {
        var text = Substring(self)
        while let first = text.first, characters.contains(first) { text.removeFirst() }
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return String(text)
    }
}
