package import Documents
internal import Foundation
internal import Synchronization

/// The addresses that a site tells of itself: by its sitemaps, its feeds and the links of one page. Nothing is visited but those.
///
/// Addresses come while files are still being read, each page once (`PageKey`), first the start page, then feeds, sitemaps and links. Titles
/// of links are given to sitemap entries as well. What can't be had or read is a note, and the rest goes on.
package struct SiteMap: Sendable {
    /// How the outside is reached.
    package struct Access: Sendable {
        /// Asks for an address and hands over the body as it comes, decoded from its transfer; `onBytes` gives false when it has enough, and
        /// the answer is truncated then. It must have a deadline.
        package var fetch: @Sendable (_ url: String, _ onBytes: @escaping @Sendable ([UInt8]) -> Bool) async throws -> Answer
        /// Why an address may not be asked for; nil where it may.
        package var refusal: @Sendable (_ url: String) async -> String?
        /// The registrable domain of a host.
        package var domain: @Sendable (_ host: String) -> String

        package init(
            fetch: @escaping @Sendable (String, @escaping @Sendable ([UInt8]) -> Bool) async throws -> Answer,
            refusal: @escaping @Sendable (String) async -> String?, domain: @escaping @Sendable (String) -> String
        ) {
            self.fetch = fetch
            self.refusal = refusal
            self.domain = domain
        }
    }

    package struct Answer: Sendable {
        package var status: Int
        /// Where it came from in the end.
        package var url: String
        /// The header: "text/html; charset=utf-8".
        package var contentType: String?
        package var isTruncated: Bool

        package init(status: Int, url: String, contentType: String?, isTruncated: Bool) {
            self.status = status
            self.url = url
            self.contentType = contentType
            self.isTruncated = isTruncated
        }
    }

    package enum Finding: Sendable, Equatable {
        case address(FoundAddress)
        /// Something of the site that could not be had or read.
        case note(url: String, message: String)
    }

    package enum Source: Sendable, Equatable {
        case start
        /// Each with the address of the file or page.
        case sitemap(String)
        case feed(String)
        case link(String)
    }

    package struct FoundAddress: Sendable, Equatable {
        package var url: String
        package var source: Source
        package var title: String?
        package var modified: LastModified?
    }

    package struct Limits: Sendable {
        /// Files of sitemaps, indexes included, and how deep indexes may name indexes.
        package var files = 1_000
        package var levels = 3
        package var feeds = 10
        package var addresses = 1_000_000
        /// Addresses that are kept to be ranked.
        package var ranked = 10_000
        /// Bytes of the start page.
        package var page = 8 << 20

        package init() {}
    }

    package var start: URLIdentity
    /// As robots.txt tells them; where there are none, the usual places are tried.
    package var sitemaps: [String]
    package var scope: CrawlScope
    /// Where it is not empty, only addresses come that have one of its words in path or title, the best first, and all of them at the end.
    package var search: String
    package var limits = Limits()
    package var access: Access

    package init(start: URLIdentity, sitemaps: [String], scope: CrawlScope, search: String = "", access: Access) {
        self.start = start
        self.sitemaps = sitemaps
        self.scope = scope
        self.search = search
        self.access = access
    }

    /// - Parameter report: called once at a time; the walk waits for it.
    /// - Throws: what `report` throws, and `CancellationError`.
    package func walk(_ report: @escaping @Sendable (Finding) async throws -> Void) async throws {
        try await Walk(self, report).run()
    }
}

/// One walk under way.
private final class Walk {
    private let map: SiteMap
    private let report: @Sendable (SiteMap.Finding) async throws -> Void
    private let wanted: [String]
    private var scope: CrawlScope
    /// Numbers of page keys, which take a tenth of their room.
    private var seen: Set<UInt64> = []
    private var titles: [UInt64: String] = [:]
    private var ranked: [(score: Int, order: Int, address: SiteMap.FoundAddress)] = []
    private var outside = (count: 0, first: "")
    private var isFull = false
    /// One of the files that are read as sitemaps was one.
    private var hasList = false

    init(_ map: SiteMap, _ report: @escaping @Sendable (SiteMap.Finding) async throws -> Void) {
        self.map = map
        self.report = report
        wanted = Walk.words(map.search)
        scope = map.scope
    }

    func run() async throws {
        let home = try await startPage()
        for feed in home.feeds.prefix(map.limits.feeds) { _ = try await read(feed, as: .feed(feed)) }
        hasList = false
        try await readSitemaps(of: home)
        for link in home.links { try await found(link.url, .link(home.url.href), link.text, nil) }
        if outside.count > 0 { try await note(map.start.href, "\(outside.count) addresses are outside: \(outside.first)") }
        for entry in best() { try await report(.address(entry.address)) }
    }

    private func note(_ url: String, _ message: String) async throws { try await report(.note(url: url, message: message)) }

    // MARK: - Start page

    private struct Home {
        var url: URLIdentity
        var links: [Links.Link] = []
        var feeds: [String] = []
        /// The start is a sitemap or feed itself.
        var isList = false
    }

    private func startPage() async throws -> Home {
        var home = Home(url: map.start)
        let body = Mutex<[UInt8]>([])
        let limit = map.limits.page
        let asked = try await Walk.ask(map.start.href, map.access) { bytes in
            body.withLock {
                $0.append(contentsOf: bytes.prefix(limit - $0.count))
                return $0.count < limit
            }
        }
        guard case .answer(let answer) = asked else {
            if case .problem(let problem) = asked { try await note(map.start.href, problem) }
            return home
        }
        if let url = URLIdentity(answer.url), url.host != map.start.host || url.port != map.start.port {
            guard map.access.domain(url.host ?? "") == map.access.domain(map.start.host ?? "") else {
                try await note(map.start.href, "it leads to another site; ask for \(url.href) instead")
                return home
            }
            try await note(map.start.href, "it leads to \(url.href)")
        }
        if let url = URLIdentity(answer.url) {
            home.url = url
            scope = scope.extended(by: url)
        }
        let type = answer.contentType?.lowercased() ?? ""
        if type.hasPrefix("text/plain") || type.contains("gzip") || (type.contains("xml") && !type.contains("xhtml")) {
            home.isList = true
            return home
        }
        if answer.isTruncated { try await note(answer.url, "only its first \(limit) bytes were read") }
        let charset = type.split(separator: ";").lazy.map { $0.split(separator: "=", maxSplits: 1) }
            .first { $0.count == 2 && $0[0].trimmingCharacters(in: .whitespaces) == "charset" }
        let label = charset?[1].trimmingCharacters(in: CharacterSet(charactersIn: " \"'"))
        let document = Document(html: body.withLock { $0 }, url: home.url.href, charset: label)
        let links = document.links
        home.links = links.items
        home.feeds = links.feeds
        let title = document.first("title").map { id in document.subtree(of: id).map { document[$0].text }.joined() }
        for link in links.items {
            guard let url = URLIdentity(link.url), !link.text.isEmpty else { continue }
            let number = PageKey(url).number()
            if titles[number] == nil { titles[number] = link.text }
        }
        try await found(home.url.href, .start, title, nil)
        return home
    }

    // MARK: - Sitemaps

    private func readSitemaps(of home: Home) async throws {
        var queue = map.sitemaps.compactMap { URLIdentity($0, base: map.start)?.href }.map { (url: $0, level: 1) }
        if home.isList { queue.insert((home.url.href, 1), at: 0) }
        let areGuesses = queue.isEmpty
        if areGuesses {
            queue = ["/sitemap.xml", "/sitemap_index.xml"].compactMap { URLIdentity($0, base: home.url)?.href }.map { ($0, 1) }
        }
        var known: Set<UInt64> = []
        var count = 0
        var at = 0
        while at < queue.count, !isFull {
            let (url, level) = queue[at]
            at += 1
            guard let identity = URLIdentity(url), known.insert(PageKey(identity).number()).inserted else { continue }
            // The second guess is for sites without the first.
            if areGuesses, level == 1, count > 0, hasList { continue }
            if count == map.limits.files { return try await note(url, "more than \(count) sitemaps: this one and the rest were not read") }
            count += 1
            let children = try await read(url, as: .sitemap(url))
            if children.isEmpty { continue }
            if level == map.limits.levels {
                try await note(url, "it names sitemaps, but stands \(level) levels deep itself: they were not read")
            } else {
                queue += children.prefix(map.limits.files).map { ($0, level + 1) }
            }
        }
    }

    /// Reads a list and reports its pages; gives the lists that it names.
    private func read(_ url: String, as source: SiteMap.Source) async throws -> [String] {
        guard let address = URLIdentity(url), address.isWeb else {
            try await note(url, "it is not an address of the web")
            return []
        }
        let reader = Mutex(SitemapReader(address: address))
        let (batches, continuation) = AsyncStream.makeStream(of: [SitemapReader.Entry].self)
        let access = map.access
        // Entries go on while the next bytes come.
        async let asking = {
            defer { continuation.finish() }
            return try await Walk.ask(url, access) { bytes in
                reader.withLock { reader in
                    let entries = reader.push(bytes)
                    if !entries.isEmpty { continuation.yield(entries) }
                    return !reader.isOver
                }
            }
        }()
        var children: [String] = []
        for await batch in batches { try await take(batch, source, &children) }
        let asked = try await asking
        guard case .answer(let answer) = asked else {
            if case .problem(let problem) = asked { try await note(url, problem) }
            return children
        }
        let (rest, result) = reader.withLock { reader in
            let isWhole = !answer.isTruncated || reader.isOver
            return (reader.finish(isWhole: isWhole), reader.report)
        }
        try await take(rest, source, &children)
        if result.format != nil { hasList = true }
        if let cut = result.cut { try await note(url, cut) }
        if result.problems > 0 {
            try await note(url, "\(result.problems) places were mended or left out, the first because \(result.firstProblem ?? "")")
        }
        return children
    }

    private func take(_ entries: [SitemapReader.Entry], _ source: SiteMap.Source, _ children: inout [String]) async throws {
        for entry in entries {
            switch entry {
            case .sitemap(let loc, _): children.append(loc)
            case .page(let page): try await found(page.loc, source, page.title, page.modified)
            }
        }
    }

    // MARK: - Asking

    private enum Asked {
        case answer(SiteMap.Answer)
        /// Why there is none.
        case problem(String)
    }

    private static func ask(
        _ url: String, _ access: SiteMap.Access, _ onBytes: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws -> Asked {
        try Task.checkCancellation()
        if let refusal = await access.refusal(url) { return .problem("it may not be asked for: \(refusal)") }
        do {
            let answer = try await access.fetch(url, onBytes)
            return (200..<300).contains(answer.status) ? .answer(answer) : .problem("the site answers with status \(answer.status)")
        } catch {
            try Task.checkCancellation()
            return .problem("it could not be had: \(error)")
        }
    }

    // MARK: - Addresses

    private func found(_ text: String, _ source: SiteMap.Source, _ title: String?, _ modified: LastModified?) async throws {
        guard !isFull, let url = URLIdentity(text), url.isWeb else { return }
        let number = PageKey(url).number()
        guard seen.insert(number).inserted else { return }
        if case .outside(let reason) = scope.verdict(on: url, domain: map.access.domain) {
            if outside.count == 0 { outside.first = reason }
            outside.count += 1
            return
        }
        if seen.count > map.limits.addresses {
            isFull = true
            return try await note(text, "more than \(map.limits.addresses) addresses: this one and the rest were left out")
        }
        let name = title.map { String($0.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300)) }
        let address = SiteMap.FoundAddress(
            url: url.href, source: source, title: name?.isEmpty == false ? name : titles[number], modified: modified)
        if wanted.isEmpty { return try await report(.address(address)) }
        let score = score(of: url, titled: address.title)
        if score == 0 { return }
        ranked.append((score, seen.count, address))
        if ranked.count >= map.limits.ranked * 2 { ranked = best() }
    }

    // MARK: - Ranking

    private func best() -> [(score: Int, order: Int, address: SiteMap.FoundAddress)] {
        Array(ranked.sorted { ($1.score, $0.order) < ($0.score, $1.order) }.prefix(map.limits.ranked))
    }

    /// For each word that is wanted: 4 where it is one of the title, 3 of the path or query, 1 where it is within one.
    private func score(of url: URLIdentity, titled title: String?) -> Int {
        let title = Walk.words(title ?? "")
        let written = url.path + " " + (url.query ?? "")
        let path = Walk.words(written.removingPercentEncoding ?? written)
        return wanted.reduce(0) { sum, word in
            if title.contains(word) { return sum + 4 }
            if path.contains(word) { return sum + 3 }
            return sum + ((title + path).contains { $0.contains(word) } ? 1 : 0)
        }
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
