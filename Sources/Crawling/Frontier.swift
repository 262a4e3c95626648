package import Discovery
package import Documents

/// An address that a page or a sitemap leads to.
package struct FoundLink: Sendable, Equatable {
    /// Absolute.
    package var url: String
    /// Its author asks not to be taken by their word (rel=nofollow and its kin).
    package var isNofollow = false
    /// When the page last changed, as a sitemap says.
    package var modified: String?

    package init(url: String, isNofollow: Bool = false, modified: String? = nil) {
        (self.url, self.isNofollow, self.modified) = (url, isNofollow, modified)
    }
}

/// What a crawl knows of the sites it is at: where they never end, and what they say for "not found". Values only; times are microseconds.
///
/// It follows from the pages that were visited alone, in their order: after a restart the same rows bring it back.
package struct Frontier: Sendable {
    /// An address to be visited.
    package struct Admitted: Sendable, Equatable {
        package var url: String
        /// The same for addresses of the same page; short.
        package var key: String
        package var depth: Int
        package var modified: String?
    }

    package struct Admission: Sendable, Equatable {
        /// In the order in which they are to be visited.
        package var admitted: [Admitted] = []
        /// Origins that are new to the crawl, whose sitemaps are to be looked for.
        package var sitemaps: [String] = []
        /// Addresses that new origins can't have.
        package var probes: [Admitted] = []
        /// How many were left out, by the reason.
        package var refused: [String: Int] = [:]
    }

    package private(set) var plan: CrawlPlan
    private let domain: @Sendable (String) -> String
    private var scope: CrawlScope
    /// Where starts led.
    private var moves: [URLIdentity] = []
    /// Those that the crawl has come to.
    private var origins: Set<String> = []
    private var traps: [String: TrapDetector] = [:]
    private var notFound: [String: SoftNotFound] = [:]

    /// Hosts whose traps are known; beyond it new hosts have none.
    private static let hostLimit = 10_000

    /// - Parameter domain: the registrable domain of a host.
    package init(_ plan: CrawlPlan, domain: @escaping @Sendable (String) -> String) {
        (self.plan, self.domain) = (plan, domain)
        scope = plan.scope
        origins = Set(plan.starts.compactMap { URLIdentity("/", base: URLIdentity($0))?.href })
    }

    /// The plan was changed while the crawl runs.
    package mutating func follow(_ plan: CrawlPlan) {
        guard plan != self.plan else { return }
        self.plan = plan
        scope = moves.reduce(plan.scope) { $0.extended(by: $1) }
    }

    // MARK: Before a visit

    /// Where the crawl begins: pages, and where its sitemaps are looked for.
    package func starts() -> (pages: [Admitted], sitemaps: [String], probes: [Admitted]) {
        var pages: [Admitted] = []
        var origins: [String] = []
        var probes: [Admitted] = []
        for start in plan.starts {
            guard let url = URLIdentity(start) else { continue }
            let key = Frontier.key(url)
            if !pages.contains(where: { $0.key == key }) { pages.append(Admitted(url: start, key: key, depth: 0)) }
            guard let root = URLIdentity("/", base: url)?.href, !origins.contains(root) else { continue }
            origins.append(root)
            // Where one page only is wanted, nothing else is asked.
            if plan.reach != .page, let probe = probe(beside: url) { probes.append(probe) }
        }
        return (pages, plan.sitemaps == .skip || plan.reach == .page ? [] : origins, probes)
    }

    private func probe(beside url: URLIdentity) -> Admitted? {
        guard let probe = SoftNotFound.probe(beside: url, seed: plan.seed), let address = URLIdentity(probe) else { return nil }
        return Admitted(url: probe, key: Frontier.key(address), depth: 0)
    }

    /// A host that the crawl comes to for the first time is asked for its sitemaps and for what it can't have, as starts are.
    private mutating func meet(_ url: URLIdentity, _ admission: inout Admission) {
        // Not each host of the open web.
        let isBounded = plan.reach == .domain || plan.reach == .any && !plan.include.isEmpty
        guard isBounded, origins.count < Frontier.hostLimit, let root = URLIdentity("/", base: url)?.href,
            origins.insert(root).inserted
        else { return }
        if plan.sitemaps != .skip { admission.sitemaps.append(root) }
        // The same in each process of the farm.
        if let root = URLIdentity(root), let probe = probe(beside: root) { admission.probes.append(probe) }
    }

    /// The addresses of a page or sitemap that are to be visited. That the crawl has some of them already is for who keeps the rows to find.
    /// - Parameter depth: of where they were found; nil for a sitemap.
    package mutating func admit(_ found: [FoundLink], from depth: Int?, now: Int64) -> Admission {
        var admission = Admission()
        if plan.sitemaps == .only, depth != nil {
            if !found.isEmpty { admission.refused["only sitemaps are followed"] = found.count }
            return admission
        }
        let next = depth.map { $0 + 1 } ?? 0
        if let limit = plan.depth, next > limit {
            if !found.isEmpty { admission.refused["deeper than \(limit) links"] = found.count }
            return admission
        }
        var seen: Set<String> = []
        var ranked: [(order: UInt64, Admitted)] = []
        for link in found {
            guard let url = URLIdentity(link.url), url.isWeb else { continue }
            let key = PageKey(url)
            guard seen.insert(key.text).inserted else { continue }
            if let why = refusal(of: url, link, now: now) {
                admission.refused[why, default: 0] += 1
            } else {
                meet(url, &admission)
                ranked.append((
                    key.number(seed: plan.seed), Admitted(url: url.withoutFragmentIfPlain, key: Frontier.key(url), depth: next, modified: link.modified)
                ))
            }
        }
        admission.admitted = ranked.sorted { $0.order < $1.order }.map(\.1)
        return admission
    }

    private func refusal(of url: URLIdentity, _ link: FoundLink, now: Int64) -> String? {
        if link.isNofollow, plan.obeysNofollow { return "its author says nofollow" }
        if case .outside(let why) = scope.verdict(on: url, domain: domain) { return why }
        return trap(url, now: now)
    }

    /// Why a page may not lead on to an address; nil where it may. A start may lead anywhere: what is there belongs to the crawl.
    package func refusal(of url: String, from asked: String) -> String? {
        guard !plan.starts.contains(asked), let identity = URLIdentity(url),
            case .outside(let why) = scope.verdict(on: identity, domain: domain)
        else { return nil }
        return why
    }

    /// Why an address that was admitted is not worth its visit any more; nil where it is.
    package func trap(_ url: URLIdentity, now: Int64) -> String? {
        guard let trap = (traps[url.host ?? ""] ?? TrapDetector()).verdict(on: url, now: now) else { return nil }
        return trap.reason
    }

    // MARK: After a visit

    /// A page that came, in the order in which they came.
    package mutating func record(_ url: String, content: ContentPrint) {
        guard let url = URLIdentity(url), let host = url.host, traps[host] != nil || traps.count < Frontier.hostLimit else { return }
        traps[host, default: TrapDetector()].record(url, content: content)
    }

    /// The answer to an address that can't exist.
    package mutating func learn(probe: String, url: String, status: Int, text: String) {
        guard let host = URLIdentity(probe)?.host else { return }
        notFound[host, default: SoftNotFound()].learn(probe: probe, url: url, status: status, text: text)
    }

    /// Why a page is none though its status says so; nil for a page.
    package func softNotFound(asked: String, url: String, text: String) -> String? {
        guard let host = URLIdentity(asked)?.host, !plan.starts.contains(asked) else { return nil }
        return notFound[host]?.reason(asked: asked, url: url, text: text)
    }

    /// A start that led elsewhere: what is there belongs to the crawl as well.
    package mutating func moved(_ start: String, to url: String) {
        guard plan.starts.contains(start), let identity = URLIdentity(url) else { return }
        moves.append(identity)
        scope = scope.extended(by: identity)
    }

    /// By which a run knows an address again.
    package static func key(_ url: URLIdentity) -> String {
        let key = PageKey(url)
        guard key.text.utf8.count > 200 else { return key.text }
        return key.text.prefix(120) + "#" + [1, 2].map { String(key.number(seed: $0), radix: 16) }.joined(separator: ".")
    }
}

extension URLIdentity {
    /// A fragment only says where to scroll, unless scripts tell pages apart by it.
    fileprivate var withoutFragmentIfPlain: String {
        guard let fragment, fragment.hasPrefix("!") || fragment.hasPrefix("/") else { return withoutFragment }
        return href
    }
}
