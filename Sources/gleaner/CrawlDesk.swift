import Crawling
import Discovery
import Documents
import Extraction
import Foundation
import Politeness
import Scheduling
import Store
import Visiting

/// The frontier of a crawl at this node: what its pages lead to, what of that is visited, and what is left out and why. What it knows follows
/// from the run's rows; it is read from them when the first visit of the run comes to this process.
actor CrawlDesk {
    private let store: Store
    private let run: Int64
    private let manners: Manners
    private let domains: RegistrableDomains
    private var frontier: Frontier
    /// The run before of the series, where only what changed is to be read.
    private let before: Int64?

    private var plan: CrawlPlan { frontier.plan }
    private var lookedAt = ContinuousClock.now
    /// Pages that were read here lately, by their text: some of them are being written yet.
    private var lately: [Int64: (visit: Int64, url: String)] = [:]

    private init(
        store: Store, run: Int64, frontier: Frontier, manners: Manners, domains: RegistrableDomains, before: RunRow?
    ) {
        (self.store, self.run, self.frontier) = (store, run, frontier)
        (self.manners, self.domains, self.before) = (manners, domains, before?.number)
    }

    /// Takes up a crawl where its rows say that it stands.
    static func open(_ plan: CrawlPlan, run: RunRow, in store: Store) async throws -> CrawlDesk {
        let domains = Farm.domains()
        var frontier = Frontier(plan) { domains.domain(of: $0) }
        var from = 0
        while true {
            let pages = try await store.crawledPages(of: run.number, from: from, limit: 1000)
            for page in pages {
                if page.kind == .probe {
                    guard let text = try await text(of: page.snapshot, in: store) else { continue }
                    frontier.learn(probe: page.url, url: page.finalURL ?? page.url, status: 200, text: text)
                    continue
                }
                if page.depth == 0, let final = page.finalURL { frontier.moved(page.url, to: final) }
                frontier.record(page.finalURL ?? page.url, content: ContentPrint(exact: page.content, similar: page.print))
            }
            from += pages.count
            if pages.count < 1000 { break }
        }
        var before: RunRow?
        if let series = run.series { before = try await store.runBefore(run.number, in: series) }
        return CrawlDesk(
            store: store, run: run.number, frontier: frontier, manners: try await Manners(store), domains: domains, before: before)
    }

    private static func text(of snapshot: String?, in store: Store) async throws -> String? {
        try await document(of: snapshot, in: store)?.plainText
    }

    private static func document(of snapshot: String?, in store: Store) async throws -> Document? {
        guard let snapshot, let bytes = try await store.snapshot(snapshot) else { return nil }
        return try? Snapshot.decode(bytes, expecting: snapshot)
    }

    // MARK: A visit

    private var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    /// Now and then: the crawl may have been narrowed.
    private func lookAtPlan() async {
        guard lookedAt.duration(to: .now) > .seconds(3) else { return }
        lookedAt = .now
        if let spec = try? RunSpec(try await store.run(number: run).spec), let plan = spec.crawl { frontier.follow(plan) }
    }

    /// Why a page that was admitted is not to be visited any more; nil where it is.
    func refusal(of lease: Lease) async -> String? {
        await lookAtPlan()
        guard lease.kind == .page, lease.depth > 0, let url = URLIdentity(lease.url) else { return nil }
        return frontier.trap(url, now: now)
    }

    /// Why a page may not lead on to an address; nil where it may.
    func refusal(of url: String, from lease: Lease) async -> Permits.Refusal? {
        if let why = frontier.refusal(of: url, from: lease.url) { return .init(code: "out-of-scope", reason: why) }
        guard lease.kind == .page, let asked = URLIdentity(lease.url), let next = URLIdentity(url) else { return nil }
        let key = Frontier.key(next)
        guard key != Frontier.key(asked) else { return nil }
        // A store that is away decides nothing here: the page is the same under both addresses.
        let isNew = (try? await store.take(key: key, of: run, for: lease.visit)) ?? true
        // A start is read wherever it leads.
        guard !isNew, !plan.starts.contains(lease.url) else { return nil }
        return .init(code: "moved", reason: "the crawl has that page by its own address")
    }

    /// What a page that came is read for.
    func reading(of page: Document, _ status: Int?, _ lease: Lease) async throws -> Permits.Reading {
        let text = page.plainText
        if lease.kind == .probe {
            frontier.learn(probe: lease.url, url: page.url, status: status ?? 0, text: text)
            return .skip(code: "probe", reason: "asked only to know what the site says to addresses that it doesn't have")
        }
        if lease.depth == 0 { frontier.moved(lease.url, to: page.url) }
        if let why = frontier.softNotFound(asked: lease.url, url: page.url, text: text) { return .skip(code: "soft-404", reason: why) }
        let content = ContentPrint(of: text)
        let reading = plan.reading(of: page.url)
        if text.utf8.count >= CrawlDesk.leastText {
            // One that was read for something else, or not at all, does not stand for this one.
            let isSame = { [plan] twin in reading == nil || plan.reading(of: twin) == reading }
            // Of two that come at the same time neither stands in the store yet.
            if let twin = lately[content.exact], twin.visit != lease.visit, isSame(twin.url) { return CrawlDesk.duplicate(of: twin.url) }
            if lately.count >= CrawlDesk.latelyLimit { lately.removeAll() }
            lately[content.exact] = (lease.visit, page.url)
            if let twin = try await store.page(of: run, withContent: content.exact, besides: lease.visit), isSame(twin) {
                return CrawlDesk.duplicate(of: twin)
            }
        }
        guard let reading else { return .read(nil, prompt: "") }
        if plan.changedOnly, let earlier = try await earlier(lease), earlier.content == content.exact {
            let records = try await store.records(of: earlier.visit)
            // Its evidence points into the page as it was then: where nodes moved, it would not hold.
            if earlier.snapshot == Snapshot(of: page).hash { return .unchanged(records) }
        }
        return .read(reading.request, prompt: reading.prompt)
    }

    private static func duplicate(of url: String) -> Permits.Reading { .skip(code: "duplicate", reason: "it has the very text of \(url)") }

    private static let latelyLimit = 10_000

    /// Shorter texts (a picture, a message) may be the same on different pages.
    private static let leastText = 100

    private func earlier(_ lease: Lease) async throws -> EarlierPage? {
        guard let before, let url = URLIdentity(lease.url) else { return nil }
        return try await store.earlierPage(of: before, key: Frontier.key(url))
    }

    /// A page that need not be asked for: a sitemap says that it has not changed since the run before. Its result, with where it led then.
    func carried(_ lease: Lease) async throws -> VisitOutcome? {
        guard plan.changedOnly, lease.kind == .page, let text = lease.modified, let modified = LastModified(text).seconds,
            let earlier = try await earlier(lease), modified * 1_000_000 < earlier.finishedAt,
            let page = try await CrawlDesk.document(of: earlier.snapshot, in: store)
        else { return nil }
        var outcome = VisitOutcome(state: .completed, finalURL: page.url, code: "unchanged", page: earlier.page ?? "{}")
        outcome.records = try await store.records(of: earlier.visit).map { .init(body: $0.body, evidence: $0.evidence) }
        outcome.keptSnapshot = earlier.snapshot
        add(page, mayFollow: true, lease, to: &outcome)
        return outcome
    }

    // MARK: After it

    /// Where the page leads goes with its result.
    func add(_ result: VisitResult, _ lease: Lease, to outcome: inout VisitOutcome) {
        if lease.kind == .sitemap {
            queue(result.found, from: nil, &outcome)
            outcome.found += result.sitemaps.prefix(CrawlDesk.mostSitemaps).compactMap { visit($0, kind: .sitemap, depth: lease.depth + 1) }
                .filter { $0.depth <= CrawlDesk.sitemapLevels }
        } else if lease.kind == .page, let document = result.document ?? result.unkept {
            // Where its twin leads is known already, and what the site doesn't have leads nowhere.
            if result.code == "duplicate" || result.code == "soft-404" {
                frontier.record(document.url, content: ContentPrint(of: document.plainText))
                return
            }
            add(document, mayFollow: result.mayFollow, lease, to: &outcome)
            if result.unkept != nil { outcome.content = nil }
        } else if lease.kind == .probe, let document = result.document {
            outcome.content = CrawlDesk.content(document)
        }
        outcome.pageLimit = plan.pages
    }

    /// Of one file, and one below another.
    private static let mostSitemaps = 1_000
    private static let sitemapLevels = 4

    private static func content(_ document: Document) -> (exact: Int64, print: Int64) {
        let content = ContentPrint(of: document.plainText)
        return (content.exact, content.similar)
    }

    private func add(_ document: Document, mayFollow: Bool, _ lease: Lease, to outcome: inout VisitOutcome) {
        let content = CrawlDesk.content(document)
        outcome.content = content
        frontier.record(document.url, content: ContentPrint(exact: content.exact, similar: content.print))
        outcome.pageLimit = plan.pages
        guard mayFollow || !plan.obeysNofollow else { return note(["the page says nofollow": 1], &outcome) }
        let links = document.links
        var found = links.items.map { FoundLink(url: $0.url, isNofollow: $0.isNofollow) }
        for url in [links.canonical, links.next].compactMap({ $0 }) { found.append(FoundLink(url: url)) }
        queue(found, from: lease.depth, &outcome)
    }

    private func queue(_ found: [FoundLink], from depth: Int?, _ outcome: inout VisitOutcome) {
        let admission = frontier.admit(found, from: depth, now: now)
        outcome.found += admission.probes.compactMap { visit($0.url, kind: .probe, depth: 0) }
        outcome.found += admission.sitemaps.compactMap { visit($0, kind: .sitemap, depth: 0) }
        outcome.found += admission.admitted.compactMap { visit($0) }
        note(admission.refused, &outcome)
    }

    /// What was left out stands with the page.
    private func note(_ refused: [String: Int], _ outcome: inout VisitOutcome) {
        guard !refused.isEmpty, let page = try? JSON(parsing: outcome.page) else { return }
        let counts = refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(20).map { JSON.Member($0.key, .integer($0.value)) }
        outcome.page = JSON.object((page.members ?? []) + [JSON.Member("leftOut", .object(counts))]).description
    }

    private func visit(_ admitted: Frontier.Admitted) -> NewVisit? {
        guard var visit = visit(admitted.url, kind: .page, depth: admitted.depth) else { return nil }
        visit.key = admitted.key
        visit.modified = admitted.modified
        return visit
    }

    private func visit(_ url: String, kind: VisitKind, depth: Int) -> NewVisit? {
        CrawlDesk.visit(url, kind: kind, depth: depth, domains, manners)
    }

    private static func visit(_ url: String, kind: VisitKind, depth: Int, _ domains: RegistrableDomains, _ manners: Manners) -> NewVisit? {
        guard let place = WebAddress(url), let identity = URLIdentity(url) else { return nil }
        let host = domains.domain(of: place.host)
        var visit = NewVisit(url: url, host: host, terms: manners.terms(of: host, isLoopback: place.isLoopback))
        visit.kind = kind
        visit.depth = depth
        // A sitemap may be a page as well.
        visit.key = kind == .sitemap ? "sitemap " + Frontier.key(identity) : Frontier.key(identity)
        return visit
    }

    /// The visits that a crawl begins with.
    static func firstVisits(_ plan: CrawlPlan, _ manners: Manners) -> [NewVisit] {
        let domains = Farm.domains()
        let starts = Frontier(plan, domain: { domains.domain(of: $0) }).starts()
        let pages = starts.pages.compactMap { visit($0.url, kind: .page, depth: 0, domains, manners) }
        let sitemaps = starts.sitemaps.compactMap { visit($0, kind: .sitemap, depth: 0, domains, manners) }
        let probes = starts.probes.compactMap { visit($0.url, kind: .probe, depth: 0, domains, manners) }
        return pages + sitemaps + probes
    }
}
