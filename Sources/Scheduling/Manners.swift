package import Politeness
package import Store

/// How a host's row follows from what is known of it and from the operator's rules. Values only; times are microseconds.
package struct Manners: Sendable {
    package var rules: HostRules

    package init(rules: HostRules = HostRules()) { self.rules = rules }

    /// Of a host that nobody has asked yet.
    package func terms(of host: String, isLoopback: Bool) -> HostTerms {
        var terms = HostTerms(delay: 0, cap: 1)
        Manners.apply(HostPace(isLoopback: isLoopback, rule: rules.rule(for: host) ?? HostRule()), to: &terms)
        return terms
    }

    /// After a visit.
    ///
    /// - Parameters:
    ///   - askedAgo: when its document was asked for; nil where it was not.
    ///   - crawlDelay: what robots.txt asks for, 0 for nothing; nil where it was not read.
    package static func learned(
        _ terms: HostTerms, _ outcome: HostOutcome, askedAgo: Int64?, crawlDelay: Int64?, at now: Int64
    ) -> HostTerms {
        var pace = pace(of: terms)
        if let crawlDelay { pace = pace.knowing(crawlDelay: crawlDelay) }
        pace = pace.after(outcome, at: now)
        var terms = terms
        if let askedAgo { terms.nextAt = pace.clock.next(after: terms.nextAt, askedAt: now - askedAgo) }
        apply(pace, to: &terms)
        return terms
    }

    /// Where the clock goes when a visit is let go.
    package static func next(_ terms: HostTerms, at now: Int64, luck: Double) -> Int64 {
        HostClock(delay: terms.delay, least: terms.least, burst: terms.burst).next(after: terms.nextAt, at: now, luck: luck)
    }

    /// Whether a visit may leave now, where several may be on their way at once.
    package static func leave(_ terms: inout HostTerms, at now: Int64) -> Leave {
        guard let last = terms.leftAt else { return .go }
        let pace = pace(of: terms)
        let moment = pace.leaves(after: last)
        if now < moment { return .wait(moment - now) }
        terms.leftAt = pace.clock.departure(after: last, at: now)
        return .go
    }

    /// Whether a page may lead on to this host now; the host's clock moves on where it may.
    package static func goOn(_ terms: inout HostTerms, at now: Int64, luck: Double) -> Leave {
        guard terms.nextAt <= now else { return .wait(terms.nextAt - now) }
        let answer = leave(&terms, at: now)
        if answer == .go { terms.nextAt = next(terms, at: now, luck: luck) }
        return answer
    }

    /// Under the operator's rules as they are now; nil where nothing changes.
    package func ruled(_ terms: HostTerms, _ host: String) -> HostTerms? {
        let pace = Manners.pace(of: terms)
        let rule = rules.rule(for: host) ?? HostRule()
        guard pace.rule != rule else { return nil }
        var terms = terms
        Manners.apply(pace.under(rule), to: &terms)
        return terms
    }

    /// As if it had never failed or refused: it may be asked after its usual delay.
    package func released(_ terms: HostTerms, _ host: String, at now: Int64) -> HostTerms {
        let pace = Manners.pace(of: terms).under(rules.rule(for: host) ?? HostRule()).released()
        var terms = terms
        terms.nextAt = min(terms.nextAt, now + pace.delay)
        Manners.apply(pace, to: &terms)
        return terms
    }

    /// What is known of a host; of one that was stored before anything was, its delay.
    package static func pace(of terms: HostTerms) -> HostPace {
        terms.pace.flatMap(HostPace.init(stored:)) ?? HostPace(isLoopback: terms.delay == 0)
    }

    private static func apply(_ pace: HostPace, to terms: inout HostTerms) {
        let clock = pace.clock
        (terms.delay, terms.least, terms.burst, terms.cap) = (clock.delay, clock.least, clock.burst, pace.concurrency)
        terms.leftAt = pace.asksToLeave ? terms.leftAt ?? 0 : nil
        terms.nextAt = max(terms.nextAt, pace.notBefore)
        terms.pace = pace.stored
    }
}
