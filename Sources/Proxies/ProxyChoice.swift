internal import Foundation

// Which proxy a visit goes through.
//
// Usable is a proxy that is healthy, and healthy for the host; and one that has cooled down and wants a probe (`due`). Of these it is
//   1. those that this visit hasn't failed on: the healthy ones; on the first of several tries, the due ones as well;
//   2. if there are none: those due, whatever the try;
//   3. if there are none: those that it has failed on;
// of which the cheapest tier counts, and within it stickiness, then the strategy. So a dearer tier is used only where every proxy of the
// cheaper ones is dead, banned by the host, or has failed this very visit; and after a cool-down the next visit's first try goes through
// the cheaper one again. A probe that fails costs that visit one try, but never its last, unless there is nothing healthy anyway.
//
// Where a tier has healthy proxies too, one first try in four goes to the due ones: a list of which most are dead then costs a quarter of
// the first tries at most. A sticky visit probes only a proxy that its key belongs to.
//
// Stickiness is rendezvous hashing (Thaler, Ravishankar 1998): each key ranks all proxies by a hash and takes the first that is usable, the
// same in all processes without any memory; one that goes moves only its own keys. That alone would move a key back when its first proxy
// heals; who remembers which proxy the key had last says so (`held`), and it stays there. Money comes first: no key stays in a dearer tier.

/// A proxy of the pool, with what is known of it.
package struct ProxyCandidate: Sendable, Hashable {
    /// The same in all processes.
    package let id: String
    package let tags: ProxyTags
    /// Visits that go through it at this moment.
    package let inUse: Int
    /// Grows with each use within the pool: a moment, or one more than the last where that is later.
    package let lastUsed: Int64
    package let health: ProxyHealth
    /// Its health for the visit's host.
    package let hostHealth: ProxyHostHealth

    package init(
        id: String, tags: ProxyTags = ProxyTags(), inUse: Int = 0, lastUsed: Int64 = 0, health: ProxyHealth = ProxyHealth(),
        hostHealth: ProxyHostHealth = ProxyHostHealth()
    ) {
        self.id = id
        self.tags = tags
        self.inUse = inUse
        self.lastUsed = lastUsed
        self.health = health
        self.hostHealth = hostHealth
    }
}

/// What is to be known of the visit.
package struct ProxyVisit: Sendable, Hashable {
    package var run: String
    package var host: String
    package var session: String?
    /// From 1.
    package var attempt = 1
    /// Tries that it has in all.
    package var attempts = 1
    /// Proxies that it has been sent through in vain, by id.
    package var failedOn: Set<String> = []
    /// The proxy that its sticky key had last, where that is remembered.
    package var held: String?

    package init(run: String, host: String, session: String? = nil) {
        self.run = run
        self.host = host
        self.session = session
    }
}

package struct ProxyChoice: Sendable, Hashable {
    package enum Way: Sendable, Hashable {
        /// The health of the proxy, and that for the host, are to be stored as `begun`; where it is a probe, only if they still are as they
        /// were, or else one chooses again.
        case use(String, isProbe: Bool)
        /// None can be used now; ask again after so long.
        case wait(Duration)
        /// None can be used, and waiting won't change it.
        case none(Lack)
        /// None can be used, and the policy is to fail open.
        case direct
    }

    package enum Lack: Sendable, Hashable, CustomStringConvertible {
        case emptyPool
        case logins

        package var description: String {
            switch self {
            case .emptyPool: "the pool has no proxy; add some, or choose another pool"
            case .logins: "every proxy of the pool refuses its login; correct them in the list"
            }
        }
    }

    /// Why no healthy proxy of a tier was taken.
    package struct Passed: Sendable, Hashable, CustomStringConvertible {
        package var tier: Int
        /// By the host; how many.
        package var banned = 0
        /// For any host, or suspected; how many.
        package var dead = 0
        /// Have failed on this visit, though others may find them healthy; how many.
        package var failed = 0

        package var description: String {
            let parts = [(banned, "banned"), (dead, "dead"), (failed, "failed")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
            return "tier \(tier): \(parts.joined(separator: ", "))"
        }
    }

    package let way: Way
    /// The cheaper tiers, or all where none can be used; the cheapest first.
    package let passed: [Passed]
}

extension ProxyPolicy {
    /// First tries that go to proxies that are due, where healthy ones could be had at the same price.
    static let probeShare = 0.25
    /// How long one waits for another's probe before asking again.
    static let probePause: Int64 = 2_000_000

    /// - Parameters:
    ///   - luck: from 0 to 1, drawn anew each time.
    ///   - seed: of the spread of sticky keys; the same wherever keys must have the same proxy.
    package func choose(
        among candidates: [ProxyCandidate], for visit: ProxyVisit, luck: Double, seed: UInt64 = 0, at now: Int64
    ) -> ProxyChoice {
        let ranked = candidates.map { Ranked($0, visit, at: now) }
        let mayProbe = visit.attempt == 1 && visit.attempts > 1
        let fresh = ranked.filter { $0.isUsable && !$0.hasFailed }
        for group in [fresh.filter { !$0.isDue || mayProbe }, fresh, ranked.filter(\.isUsable)] {
            guard let tier = group.map(\.tier).min() else { continue }
            guard let chosen = pick(among: group.filter { $0.tier == tier }, visit, luck: luck, seed: seed) else { continue }
            return ProxyChoice(way: .use(chosen.candidate.id, isProbe: chosen.isDue), passed: Ranked.passed(ranked, below: tier))
        }
        return ProxyChoice(way: without(ranked, at: now), passed: Ranked.passed(ranked, below: .max))
    }

    private func without(_ ranked: [Ranked], at now: Int64) -> ProxyChoice.Way {
        if failOpen { return .direct }
        guard let soonest = ranked.compactMap(\.blockedUntil).min() else { return .none(.emptyPool) }
        if ranked.allSatisfy({ $0.candidate.health.cause == .dead(.login) }) { return .none(.logins) }
        return .wait(.microseconds(soonest - now))
    }

    private func key(of visit: ProxyVisit) -> String? {
        switch stickiness {
        case .none: nil
        case .run: visit.run
        case .host: visit.host
        case .session: visit.session
        }
    }

    private func pick(among members: [Ranked], _ visit: ProxyVisit, luck: Double, seed: UInt64) -> Ranked? {
        if let key = key(of: visit) {
            if let held = members.first(where: { $0.candidate.id == visit.held && !$0.isDue }) { return held }
            let scores = members.map { $0.score(of: key, seed, isWeighted: strategy == .random) }
            return zip(scores, members).max { ($0.0, $0.1.candidate.id) < ($1.0, $1.1.candidate.id) }?.1
        }
        var luck = luck.isNaN ? 1 : luck.clamped(to: 0...1)
        var members = members
        let due = members.filter(\.isDue)
        if !due.isEmpty, due.count < members.count {
            let isProbe = luck < ProxyPolicy.probeShare
            luck = isProbe ? luck / ProxyPolicy.probeShare : (luck - ProxyPolicy.probeShare) / (1 - ProxyPolicy.probeShare)
            members = isProbe ? due : members.filter { !$0.isDue }
        }
        return switch strategy {
        case .roundRobin: members.min { $0.rest < $1.rest }
        case .leastUsed: members.min { ($0.candidate.inUse, $0.rest.0, $0.rest.1) < ($1.candidate.inUse, $1.rest.0, $1.rest.1) }
        case .random: ProxyPolicy.draw(members, luck)
        }
    }

    private static func draw(_ members: [Ranked], _ luck: Double) -> Ranked? {
        var point = luck * members.reduce(0) { $0 + $1.candidate.tags.weight }
        for member in members {
            point -= member.candidate.tags.weight
            if point < 0 { return member }
        }
        return members.last
    }
}

/// A candidate as it stands for a visit.
private struct Ranked {
    let candidate: ProxyCandidate
    let hasFailed: Bool
    /// Wants a probe, by itself or for the host.
    let isDue: Bool
    /// When it may be asked for again; nil where it is usable.
    let blockedUntil: Int64?
    private let isDead: Bool
    private let isBanned: Bool

    init(_ candidate: ProxyCandidate, _ visit: ProxyVisit, at now: Int64) {
        self.candidate = candidate
        hasFailed = visit.failedOn.contains(candidate.id)
        let states = [candidate.health.state(at: now), candidate.hostHealth.state(at: now)]
        isDead = states[0] != .healthy
        isBanned = states[1] != .healthy
        isDue = states.contains(.due)
        blockedUntil = states.compactMap { state in
            switch state {
            case .healthy, .due: nil
            case .cooling(let until): until
            case .probing(let until): min(until, now.adding(ProxyPolicy.probePause))
            }
        }.max()
    }

    var isUsable: Bool { blockedUntil == nil }
    var tier: Int { candidate.tags.tier }
    /// In round robin the least goes first.
    var rest: (Int64, String) { (candidate.lastUsed, candidate.id) }

    func score(of key: String, _ seed: UInt64, isWeighted: Bool) -> Double {
        var hash = StableHash(key, seed: seed)
        hash.add(candidate.id)
        return (isWeighted ? candidate.tags.weight : 1) / -log(hash.fraction)
    }

    static func passed(_ ranked: [Ranked], below tier: Int) -> [ProxyChoice.Passed] {
        var passed: [Int: ProxyChoice.Passed] = [:]
        for one in ranked where one.tier < tier {
            var sum = passed[one.tier] ?? ProxyChoice.Passed(tier: one.tier)
            if one.isDead { sum.dead += 1 } else if one.isBanned { sum.banned += 1 } else if one.hasFailed { sum.failed += 1 }
            passed[one.tier] = sum
        }
        return passed.values.sorted { $0.tier < $1.tier }
    }
}
