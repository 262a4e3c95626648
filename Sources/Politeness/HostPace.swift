import Foundation

// What a host has shown of itself, and how it is treated for it.
//
//   delay    = max(crawl-delay, the operator's rule, adaptive delay), times 2^level while it is backed off from
//   adaptive = (adaptive + latency / concurrency) / 2, as Scrapy's AutoThrottle has it: a server that needs `latency` for an answer is
//              asked every latency/N, so that N requests are under way on average; N is how many the host is allowed now. Never below the
//              usual delay unless a rule allows less, never above `longestAdaptive`; only status 200 lowers it, since errors come fast.
//              Unlike Scrapy we go half the way also upwards: one slow page is not a slow host.
//   level    429, 503 and challenge pages raise it by one, halve the concurrency, and let the host rest for the new delay or as long as
//              Retry-After says, if that is more. Every `recovery` good answers it falls by one and one place comes back.
//   breaker  `failureLimit` failures in a row park the host. When that is over one visit at a time probes it; each that fails parks the
//              host for twice as long, up to an hour; any answer that is neither a failure nor a refusal ends it.
//
//   closed ──failures in a row──▶ open until T ──T has come──▶ half-open ──answer──▶ closed
//                                      ▲                          └──failure──▶ open until T', twice as far away
//
// Half-open is no state of its own: it is an open breaker whose time is over, and one lease at a time (`concurrency` is 1 until it closes).
// A probe whose worker dies therefore blocks nothing.
//
// A host on this machine has no delay, and is neither backed off from nor parked, unless a rule gives it a delay. Retry-After counts there
// too.

/// What came of asking a host for a document. Times are microseconds.
package enum HostOutcome: Sendable, Hashable {
    /// It answered: with this HTTP status, so long after it was asked, and perhaps asking for rest (Retry-After).
    case answered(status: Int, latency: Int64, retryAfter: Int64? = nil)
    /// It wants to know whether we are a person, whatever the status says.
    case challenged
    /// No connection, or none that brought an answer in time.
    case unreachable
    /// Nothing was learnt: cancelled, or never asked.
    case nothing
}

/// What is known of a host, and what follows from it for the next documents. Plain values, to be stored with the host's clock; times are
/// microseconds, moments those of the clock that the caller uses throughout.
package struct HostPace: Sendable, Hashable {
    /// The adaptive delay is no longer.
    package static let longestAdaptive: Int64 = 60_000_000
    /// Backing off makes no delay longer, though it may be longer already.
    package static let longestBackOff: Int64 = 600_000_000
    /// A host rests no longer for one answer, whatever it asks for: a day.
    package static let longestRest: Int64 = 86_400_000_000
    package static let highestLevel = 10
    /// Good answers for one step back to normal.
    package static let recovery = 5
    /// Failures in a row that open the breaker.
    package static let failureLimit = 5
    /// How long it is open the first time, and at most.
    package static let firstPark: Int64 = 60_000_000
    package static let longestPark: Int64 = 3_600_000_000

    package let isLoopback: Bool
    /// The operator's.
    package private(set) var rule = HostRule()
    /// What robots.txt asks for; 0 where it doesn't.
    package private(set) var crawlDelay: Int64 = 0
    /// What response times suggest; nil before the first answer.
    package private(set) var adaptive: Int64?
    /// How often the delay is doubled; 0 where the host is not backed off from.
    package private(set) var level = 0
    /// Places of its concurrency that the host has lost by backing off.
    package private(set) var withheld = 0
    /// Good answers since the last step back.
    package private(set) var goodAnswers = 0
    /// Failures in a row.
    package private(set) var failures = 0
    /// Where the breaker is not closed: when the host may be probed.
    package private(set) var openUntil: Int64?
    /// How often the breaker has opened since it was closed.
    package private(set) var openings = 0
    /// Until when the host asked, or was given, to be left alone.
    package private(set) var restUntil: Int64?

    package init(isLoopback: Bool = false, rule: HostRule = HostRule()) {
        self.isLoopback = isLoopback
        self.rule = rule
    }
}

// MARK: - What follows

extension HostPace {
    package enum Breaker: Sendable, Hashable {
        case closed
        case open(until: Int64)
        /// One visit at a time finds out.
        case halfOpen
    }

    package func breaker(at now: Int64) -> Breaker {
        guard let openUntil else { return .closed }
        return openUntil > now ? .open(until: openUntil) : .halfOpen
    }

    /// Between two documents, on average.
    package var delay: Int64 {
        guard level > 0 else { return wanted }
        // Nothing doubled is nothing.
        return max(wanted, min(max(wanted, HostClock.usualDelay) << Int64(level), HostPace.longestBackOff))
    }

    /// Visits that may hold the host at the same time.
    package var concurrency: Int { openUntil == nil ? max(1, ceiling - withheld) : 1 }

    package var clock: HostClock {
        if level > 0 || openUntil != nil { return HostClock(delay: delay, least: delay) }
        return HostClock(delay: delay, least: asked, burst: rule.burst ?? 1)
    }

    /// The host's clock stands no earlier: rest, breaker and rule.
    package var notBefore: Int64 { max(restUntil ?? .min, openUntil ?? .min, rule.parkedUntil ?? .min) }

    /// Whether several visits may be on their way to the host at once, so that each must ask when it would leave.
    package var asksToLeave: Bool { !isFree && (ceiling > 1 || (rule.burst ?? 1) > 1) }

    /// From when on a visit may leave.
    /// - Parameter last: the last departure, as `HostClock.departure` has it.
    package func leaves(after last: Int64) -> Int64 { max(notBefore, last.adding(clock.floor)) }

    private var isFree: Bool { isLoopback && (rule.delay ?? 0) == 0 }
    private var ceiling: Int { rule.concurrency ?? (isLoopback ? 64 : 1) }
    private var asked: Int64 { isFree ? 0 : max(crawlDelay, rule.delay ?? 0) }
    private var leastAdaptive: Int64 { min(HostClock.usualDelay, rule.delay ?? HostClock.usualDelay) }
    private var wanted: Int64 { isFree ? 0 : max(asked, leastAdaptive, adaptive ?? 0) }
}

// MARK: - What is learnt

extension HostPace {
    package func after(_ outcome: HostOutcome, at now: Int64) -> HostPace {
        var pace = self
        switch outcome {
        case .answered(let status, let latency, let retryAfter):
            pace.follow(latency, mayLower: status == 200)
            switch status {
            case 429, 503: pace.backOff(at: now)
            case 100..<400: pace.recover(at: now)
            case 400..<500: pace.close(at: now)
            default: pace.fail(at: now)
            }
            if let retryAfter { pace.rest(for: retryAfter, from: now) }
        case .challenged: pace.backOff(at: now)
        case .unreachable: pace.fail(at: now)
        case .nothing: break
        }
        return pace
    }

    /// - Parameter delay: nil where robots.txt no longer asks for any.
    package func knowing(crawlDelay delay: Int64?) -> HostPace {
        var pace = self
        pace.crawlDelay = (delay ?? 0).clamped(to: 0...HostClock.longestDelay)
        return pace
    }

    package func under(_ rule: HostRule) -> HostPace {
        var pace = self
        pace.rule = rule
        return pace
    }

    /// As if it had never failed, refused or been parked; what it asks for and how fast it is are kept.
    package func released() -> HostPace {
        var rule = rule
        rule.parkedUntil = nil
        var pace = HostPace(isLoopback: isLoopback, rule: rule)
        (pace.crawlDelay, pace.adaptive) = (crawlDelay, adaptive)
        return pace
    }

    private mutating func follow(_ latency: Int64, mayLower: Bool) {
        guard !isFree else { return }
        let old = adaptive ?? leastAdaptive
        let target = latency.clamped(to: 0...HostClock.longestDelay) / Int64(concurrency)
        let mean = (old + target) / 2
        adaptive = (mayLower ? mean : max(old, mean)).clamped(to: leastAdaptive...HostPace.longestAdaptive)
    }

    private mutating func backOff(at now: Int64) {
        goodAnswers = 0
        // Other visits that were under way when the host first refused bring no news.
        guard !isFree, (restUntil ?? .min) <= now else { return }
        withheld = ceiling - max(1, concurrency / 2)
        level = min(level + 1, HostPace.highestLevel)
        rest(for: delay, from: now)
    }

    private mutating func rest(for time: Int64, from now: Int64) {
        restUntil = max(restUntil ?? .min, now.adding(time.clamped(to: 0...HostPace.longestRest)))
    }

    private mutating func recover(at now: Int64) {
        close(at: now)
        goodAnswers += 1
        guard goodAnswers >= HostPace.recovery else { return }
        goodAnswers = 0
        level = max(0, level - 1)
        withheld = max(0, withheld - 1)
    }

    private mutating func close(at now: Int64) {
        guard !isParked(at: now) else { return }
        (failures, openUntil, openings) = (0, nil, 0)
    }

    /// Other visits that were under way when it was parked bring no news: only a probe decides.
    private func isParked(at now: Int64) -> Bool { (openUntil ?? .min) > now }

    private mutating func fail(at now: Int64) {
        goodAnswers = 0
        guard !isFree, !isParked(at: now) else { return }
        failures = min(failures + 1, HostPace.failureLimit)
        guard openUntil != nil || failures == HostPace.failureLimit else { return }
        openUntil = now.adding(min(HostPace.firstPark << Int64(openings), HostPace.longestPark))
        openings = min(openings + 1, HostPace.highestLevel)
    }
}

// MARK: - Stored

extension HostPace: Codable {
    /// What is missing is as it is for a host of which nothing is known; numbers that can't be are brought into range.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func time(_ key: CodingKeys, upTo most: Int64) throws -> Int64? {
            try values.decodeIfPresent(Int64.self, forKey: key)?.clamped(to: 0...most)
        }
        func count(_ key: CodingKeys, upTo most: Int) throws -> Int {
            try (values.decodeIfPresent(Int.self, forKey: key) ?? 0).clamped(to: 0...most)
        }
        isLoopback = try values.decodeIfPresent(Bool.self, forKey: .isLoopback) ?? false
        rule = try values.decodeIfPresent(HostRule.self, forKey: .rule) ?? HostRule()
        crawlDelay = try time(.crawlDelay, upTo: HostClock.longestDelay) ?? 0
        adaptive = try time(.adaptive, upTo: HostPace.longestAdaptive)
        level = try count(.level, upTo: HostPace.highestLevel)
        withheld = try count(.withheld, upTo: HostRule.mostAtOnce)
        goodAnswers = try count(.goodAnswers, upTo: HostPace.recovery)
        failures = try count(.failures, upTo: HostPace.failureLimit)
        openUntil = try values.decodeIfPresent(Int64.self, forKey: .openUntil)
        openings = try count(.openings, upTo: HostPace.highestLevel)
        restUntil = try values.decodeIfPresent(Int64.self, forKey: .restUntil)
    }

    /// Reads what `stored` wrote; nil where it can't be read.
    package init?(stored text: String) {
        guard let pace = try? JSONDecoder().decode(HostPace.self, from: Data(text.utf8)) else { return nil }
        self = pace
    }

    /// JSON, the same for the same value.
    package var stored: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // There is nothing in it that JSON can't say.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
