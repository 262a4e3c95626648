import Discovery
import Documents
import Egress
import Extraction
import Politeness
import Proxies
import Scheduling
import Store
import Visiting

/// Does the visits that a scheduler claims: by which way each leaves, what its proxy and its host learn from it, and whether it is tried again.
struct VisitWork: Sendable {
    let crew: Crew
    let policy: RetryPolicy

    /// Proxies that one try of a visit goes through, where they are dead and its host was not asked.
    private static let proxiesATry = 5

    /// One visit of a run, and whether it will be tried again.
    func perform(_ lease: Lease) async -> Scheduler.Result {
        var result: VisitResult
        var desk: CrawlDesk?
        var template: PageTemplate?
        do {
            let place = try await crew.place(for: lease.run)
            desk = place.desk
            template = PageTemplate(lease.url, asked: place.visitor.spec.asked(of: lease.url))
            if let desk {
                let carried = try await desk.carried(lease)
                let refusal = await desk.refusal(of: lease)
                if carried != nil || refusal != nil { await crew.release(lease.run) }
                if let carried { return .final(carried) }
                if let refusal { return .final(VisitOutcome(.skipped("trap", "\(lease.url): \(refusal)"))) }
            }
            result = try await visit(lease, place)
            // A site that says "not found" to what it doesn't have is as it should be.
            if lease.kind == .probe, result.code == "http-404" || result.code == "http-410" {
                result = .skipped("probe", "\(lease.url): the site says so where it has nothing")
            }
        } catch {
            result = .failed(.ours, code: "unprepared", "\(lease.url): it can't be visited here: \(error)", retry: .elsewhere)
        }
        await crew.release(lease.run)
        let needsBrowser = result.code == Visitor.needsBrowser
        if let isStatic = needsBrowser ? false : result.isStatic, let template {
            await crew.staticPages.learn(of: template, isStatic: isStatic)
        }
        if result.code == Visitor.notNow || needsBrowser { return .notNow }
        var outcome = VisitOutcome(result)
        if let desk { await desk.add(result, lease, to: &outcome) }
        var policy = policy
        // With another proxy it may go well at once.
        if result.proxy != nil || result.code == VisitWork.noProxy { policy.attempts = policy.attemptsByProxy }
        switch policy.decide(attempt: lease.attempt - lease.losses, advice: result.retry, rest: result.restFor, luck: .random(in: 0...1)) {
        case .keep: return .final(outcome)
        case .again(let pause): return .again(after: pause, outcome)
        case .giveUp:
            outcome.state = .dead
            outcome.reason = (outcome.reason ?? lease.url) + "; tried \(lease.attempt - lease.losses) times"
            return .final(outcome)
        }
    }

    /// Word of the result of a visit for which no proxy could be had.
    static let noProxy = "no-proxy"

    private func visit(_ lease: Lease, by way: Way, _ place: Crew.Place) async -> VisitResult {
        let desk = place.desk
        let spec = place.visitor.spec
        let template = PageTemplate(lease.url, asked: spec.asked(of: lease.url))
        let permits = crew.clocks.permits(lease, loading: { _ in await crew.staticPages.loading(of: template) }, refusal: { await desk?.refusal(of: $0, from: lease) }) { page, status in
            if let desk { return try await desk.reading(of: page, status, lease) }
            return .read(spec.request, prompt: spec.prompt)
        }
        if lease.kind == .sitemap { return await place.visitor.sitemap(lease.url, by: way, permits: permits) }
        return await place.visitor.visit(lease.url, by: way, permits: permits)
    }

    private func visit(_ lease: Lease, _ place: Crew.Place) async throws -> VisitResult {
        guard let pool = place.pool else { return await visit(lease, by: place.way, place) }
        var failedOn: Set<Int64> = []
        while true {
            let way = try await crew.pools.lend(
                of: pool, to: lease, attempt: lease.attempt - lease.losses + failedOn.count, of: policy.attemptsByProxy, failedOn: failedOn)
            switch way {
            case .direct: return await visit(lease, by: place.way, place)
            case .wait(let pause, let why):
                var result = VisitResult.failed(
                    .site, code: VisitWork.noProxy, "\(lease.url): no proxy of \(pool) can be used for it now (\(why))", retry: .elsewhere)
                result.restFor = pause
                return result
            case .none(let why): return .failed(.input, code: VisitWork.noProxy, "\(lease.url): \(pool): \(why)")
            case .proxy(let lent):
                let way: Way
                do { way = try await crew.way(for: lease.run, lent) } catch {
                    await giveBack(lent, lease, .nothing, bytes: 0)
                    throw error
                }
                var result = await visit(lease, by: way, place)
                let outcome = ProxyOutcome(result)
                await giveBack(lent, lease, outcome, bytes: result.cost.bytes)
                if case .dead = outcome, result.askedAt == nil || result.neverLeft, failedOn.count + 1 < VisitWork.proxiesATry, !Task.isCancelled {
                    failedOn.insert(lent.number)
                    continue
                }
                result.proxy = lent.label
                if outcome != .nothing, result.status != .completed, result.status != .partial {
                    result.retry = .elsewhere
                    result.reason = (result.reason ?? lease.url) + " (through \(lent.label))"
                }
                return result
            }
        }
    }

    /// In a task of its own, since a cancelled one can't write any more; a probe that is not heard of would count as a failure.
    private func giveBack(_ lent: ProxyPools.Lent, _ lease: Lease, _ outcome: ProxyOutcome, bytes: Int) async {
        let pools = crew.pools
        await Task { try? await pools.giveBack(lent, run: lease.run, outcome, bytes: Int64(bytes)) }.value
    }
}

extension VisitResult {
    /// It ended at its proxy: nobody asked the site for anything.
    fileprivate var neverLeft: Bool { code == "proxy-failed" || code == "proxy-login" }
}

extension ProxyOutcome {
    /// What a visit says of its proxy.
    init(_ result: VisitResult) {
        switch result.code {
        case nil: self = .served(latency: result.answeredIn?.microseconds ?? 0)
        case "proxy-failed": self = .dead(.unreachable)
        case "proxy-login": self = .dead(.login)
        case "connection-timed-out", "timed-out", "too-slow", "connectionTimedOut": self = .dead(.timedOut)
        case "deadline", "unresponsive": self = result.httpStatus == nil ? .dead(.timedOut) : .nothing
        // It can't or won't reach this host; a certificate that isn't the host's is the work of who stands between.
        case "proxy-refused", "tls", "http-403", "http-429", "http-407", VisitResult.blocked, VisitResult.challenged, VisitResult.empty: self = .banned
        case "http-502", "http-504", "network", "broken", "connection-lost": self = .banned
        default: self = result.status == .completed || result.status == .partial ? .served(latency: result.answeredIn?.microseconds ?? 0) : .nothing
        }
    }
}

extension VisitOutcome {
    /// What a visit came to, as it is stored.
    init(_ result: VisitResult) {
        let answer = result.answer
        var records: [Record] = []
        for (number, body) in (answer?.records ?? []).enumerated() {
            let evidence = (answer?.evidence ?? []).filter { $0.record == number }
            records.append(Record(body: body.description, evidence: JSON.array(evidence.map(\.json)).description))
        }
        records += (result.carried ?? []).map { Record(body: $0.body, evidence: $0.evidence) }
        let page = JSON.of(
            ("httpStatus", result.httpStatus.map { .integer($0) }), ("fault", result.fault.map { .string($0.rawValue) }),
            ("incomplete", .array((answer?.incomplete ?? []).map(\.json))), ("next", answer?.next.map(JSON.string)),
            ("robots", result.robots), ("proxy", result.proxy.map(JSON.string)),
            ("loading", result.loading.map { .string($0.rawValue) }), ("cost", result.cost.json), ("explanation", result.explanation))
        let snapshot = result.document.map { Snapshot(of: $0) }
        let state: FinalState =
            switch result.status {
            case .completed: .completed
            case .partial: .partial
            case .failed: .failed
            case .skipped: .skipped
            }
        self.init(
            state: state, finalURL: result.finalURL, reason: result.reason, code: result.code, page: page.description, records: records,
            snapshot: snapshot.map { StoredSnapshot(hash: $0.hash, body: $0.bytes, size: $0.bytes.count) })
        let seen = HostOutcome(result)
        let askedAt = result.askedAt
        let crawlDelay = result.robots == nil ? nil : result.crawlDelay?.microseconds ?? 0
        if askedAt != nil || crawlDelay != nil {
            learn = { terms, now in
                Manners.learned(
                    terms, seen, askedAgo: askedAt.map { $0.duration(to: .now).microseconds }, crawlDelay: crawlDelay, at: now)
            }
        }
        bytes = Int64(result.cost.bytes)
        browserMilliseconds = result.loading == .fetched ? 0 : Int64(min(max(result.cost.load, 0), 1e12))
        tokens = Int64(result.cost.tokens)
    }
}

extension HostOutcome {
    /// What a visit says of its host.
    init(_ result: VisitResult) {
        if result.code == VisitResult.challenged || result.code == VisitResult.blocked {
            self = .challenged
        } else if let status = result.httpStatus {
            self = .answered(
                status: status, latency: result.answeredIn?.microseconds ?? 0, retryAfter: result.restFor?.microseconds)
        } else if result.askedAt != nil, result.fault == .site, let code = result.code, HostOutcome.unreachable.contains(code) {
            self = .unreachable
        } else {
            self = .nothing
        }
    }

    private static let unreachable: Set<String> = [
        "connection-refused", "connection-failed", "connection-lost", "connection-timed-out", "resolver-timed-out", "deadline", "unresponsive",
    ]
}
