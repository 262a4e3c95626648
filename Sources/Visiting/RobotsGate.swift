package import Documents
package import Egress
package import Fetching
package import Politeness
import DevTools
import Foundation

/// May this address be asked? Gets robots.txt of its origin, keeps it in a cache that outlives the process, and says which rule decided.
package struct RobotsGate: Sendable {
    /// What is known of an origin's robots.txt; times are microseconds of the cache's clock.
    package struct Known: Sendable {
        package var status: Int
        package var body: [UInt8]?
        package var fetchedAt: Int64
        package var freshUntil: Int64
        package var goodBody: [UInt8]?
        package var goodAt: Int64?

        package init(status: Int, body: [UInt8]?, fetchedAt: Int64, freshUntil: Int64, goodBody: [UInt8]?, goodAt: Int64?) {
            self.status = status
            self.body = body
            self.fetchedAt = fetchedAt
            self.freshUntil = freshUntil
            self.goodBody = goodBody
            self.goodAt = goodAt
        }
    }

    /// Where answers are kept; the store in a farm.
    package struct Cache: Sendable {
        package var known: @Sendable (_ origin: String) async throws -> (Known?, now: Int64)
        package var keep: @Sendable (_ origin: String, _ status: Int, _ body: [UInt8]?, _ freshFor: Int64) async throws -> Void

        package init(
            known: @escaping @Sendable (String) async throws -> (Known?, now: Int64),
            keep: @escaping @Sendable (String, Int, [UInt8]?, Int64) async throws -> Void
        ) {
            self.known = known
            self.keep = keep
        }
    }

    package struct Answer: Sendable {
        package var isAllowed: Bool
        /// One sentence: which rule on which line, or why everything is closed.
        package var reason: String
        package var verdict: RobotsVerdict
        /// Least time between documents that the file asks of us.
        package var crawlDelay: Duration?
        /// Address of the file.
        package var file: String
        /// What kept robots.txt from being had, where the site could not be reached at all.
        package var unreachable: FetchError?

        package var json: JSON { json(page: nil) }

        /// - Parameter page: what the page itself says about its use.
        func json(page: String?) -> JSON {
            .of(
                ("allowed", .bool(isAllowed)), ("file", .string(file)), ("rule", verdict.rule.map(JSON.string) ?? .null),
                ("line", .integer(verdict.line)), ("reason", .string(reason)),
                ("crawlDelay", crawlDelay.map { .double($0 / .seconds(1)) }), ("page", page.map(JSON.string)))
        }
    }

    private let cache: Cache
    private let fetcher: Fetcher
    let token: String
    package let userAgent: String
    private let contact: String?

    /// Origins whose file is being had anew, so that the visits of a busy origin don't all ask for it.
    private let refreshing = Guarded<Set<String>>([])

    package init(cache: Cache, fetcher: Fetcher, token: String, userAgent: String, contact: String? = nil) {
        self.cache = cache
        self.fetcher = fetcher
        self.token = token
        self.userAgent = userAgent
        self.contact = contact
    }

    /// - Parameter route: by which the file is had where it has to be.
    package func verdict(on url: String, by route: Relay.Route) async -> Answer {
        guard let address = WebAddress(url) else {
            return Answer(
                isAllowed: true, reason: "robots.txt is for web addresses only",
                verdict: RobotsVerdict(isAllowed: true, rule: nil, line: 0, group: .none), file: "")
        }
        let file = address.origin + "/robots.txt"
        let (access, unreachable) = await access(to: address.origin, file: file, by: route)
        let verdict = access.verdict(for: token, on: url)
        var delay: Duration?
        let reason: String
        switch access {
        case .rules(let rules):
            delay = rules.crawlDelay(for: token).map { .milliseconds(Int($0 * 1000)) }
            if let rule = verdict.rule {
                reason = "\(verdict.isAllowed ? "allowed" : "forbidden") by \(file) line \(verdict.line): \(rule.trimmingCharacters(in: .whitespaces))"
            } else {
                reason = "no rule of \(file) matches"
            }
        case .unrestricted: reason = "\(file) doesn't exist, so nothing is forbidden"
        case .closed(let why): reason = "nothing may be asked while \(file) fails: \(why)"
        }
        return Answer(isAllowed: verdict.isAllowed, reason: reason, verdict: verdict, crawlDelay: delay, file: file,
            unreachable: verdict.isAllowed ? nil : unreachable)
    }

    /// Asks for robots.txt again when its time is nearly over, so that no visit has to wait for it then. Meant to run beside a visit.
    package func refresh(for url: String, by route: Relay.Route) async {
        guard let origin = WebAddress(url)?.origin, let (stored, now) = try? await cache.known(origin), let stored, stored.status != 0 else { return }
        let age = now - stored.fetchedAt
        let lifetime = stored.freshUntil - stored.fetchedAt
        guard age > lifetime / 10 * 8, now < stored.freshUntil else { return }
        guard refreshing.withLock({ $0.insert(origin).inserted }) else { return }
        defer { refreshing.withLock { _ = $0.remove(origin) } }
        _ = await fetch(origin, origin + "/robots.txt", by: route, known: stored, now: now)
    }

    /// The sitemaps that an origin's robots.txt names, absolute; empty where it names none or can't be had.
    package func sitemaps(of origin: String, by route: Relay.Route) async -> [String] {
        guard case .rules(let file) = await access(to: origin, file: origin + "/robots.txt", by: route).0 else { return [] }
        return file.sitemaps(of: origin)
    }

    private func access(to origin: String, file: String, by route: Relay.Route) async -> (RobotsAccess, FetchError?) {
        var known: Known?
        var now: Int64 = 0
        if let (stored, time) = try? await cache.known(origin) {
            now = time
            if let stored, stored.freshUntil > time, stored.status != 0 { return (access(stored, now: time), nil) }
            known = stored
        }
        return await fetch(origin, file, by: route, known: known, now: now)
    }

    private func fetch(
        _ origin: String, _ file: String, by route: Relay.Route, known: Known?, now: Int64
    ) async -> (RobotsAccess, FetchError?) {
        var request = FetchRequest(file, userAgent: userAgent, rules: route.rules, wayOut: route.wayOut)
        request.contact = contact
        request.timeout = .seconds(15)
        request.sizeLimit = RobotsFile.limit
        request.atLimit = .truncate
        request.maximumRedirects = 5
        var status = 0
        var body: [UInt8]?
        var maxAge: Int64?
        var failure: FetchError?
        do {
            let answer = try await fetcher.fetch(request)
            status = answer.status
            if (200..<300).contains(status) { body = answer.body }
            maxAge = answer.header("cache-control").flatMap(RobotsGate.maxAge)
        } catch {
            // Too many redirects count as "there is none" (RFC 9309 section 2.3.1.2); anything else as unreachable.
            status = error.code == .tooManyRedirects ? 310 : 0
            failure = error
            // Says nothing about the site.
            if [.cancelled, .proxyFailed, .proxyLogin, .proxyRefused].contains(error.code) || route.wayOut.proxy != nil && status == 0 {
                return (.closed(reason: error.message), error)
            }
        }
        if route.wayOut.proxy != nil, status == 403 || status == 429 || status >= 500 {
            // It may be the proxy's own answer, or meant for the proxy alone: nobody else should have to believe it.
            let heard = Known(status: status, body: nil, fetchedAt: now, freshUntil: 0, goodBody: known?.goodBody, goodAt: known?.goodAt)
            let access = access(heard, now: now)
            guard case .closed = access else { return (access, nil) }
            return (access, FetchError(.proxyRefused, "\(file) answers \(status) through the proxy \(route.wayOut)"))
        }
        try? await cache.keep(origin, status, body, RobotsAccess.freshFor(status: status, maxAge: maxAge))
        let fresh = Known(
            status: status, body: body, fetchedAt: now, freshUntil: 0, goodBody: body ?? known?.goodBody, goodAt: body == nil ? known?.goodAt : now)
        return (access(fresh, now: now), status == 0 ? failure : nil)
    }

    private func access(_ known: Known, now: Int64) -> RobotsAccess {
        RobotsAccess(status: known.status, body: known.body, goodBody: known.goodBody, goodAt: known.goodAt, now: now)
    }

    private static func maxAge(_ value: String) -> Int64? {
        for part in value.lowercased().split(separator: ",") {
            let words = part.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
            if words.count == 2, words[0] == "max-age" { return Int64(words[1]) }
        }
        return nil
    }

    /// The rest that a `Retry-After` header asks for.
    package static func rest(retryAfter value: String) -> Duration? {
        RetryAfter.seconds(value, now: Date()).map { .milliseconds(Int(min($0, 86_400) * 1000)) }
    }
}
