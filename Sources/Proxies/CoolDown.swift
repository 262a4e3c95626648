// How a proxy is left alone, and how it comes back. There is one such machine for each proxy (is it alive?), and one for each proxy and
// host (does that host want to see it?).
//
//   healthy ──failure──▶ cooling until T ──T has come──▶ due ──a visit begins──▶ probing until D ──served──▶ healthy
//                              ▲                          ▲                        │   │
//                              │                          └───nothing was learnt───┘   │
//                              └────────failure, or D has come: twice as long──────────┘
//
// Half-open is `due` and `probing`: one visit at a time finds out, whichever process it is of, since what is known is a row that all share.
// Who lets a visit begin must therefore write the row only if it still is as it was read. A probe whose process was killed ends at D by
// itself, as a failure.
//
// Reports come late and out of order. One counts only if its visit began after the last move of the machine: visits that were under way
// when a proxy died must not make it die again once it has healed, nor heal it while it cools. While it isn't healthy only its probe does.

/// Where a proxy stands; moments in microseconds.
package enum ProxyState: Sendable, Hashable {
    case healthy
    case cooling(until: Int64)
    /// It has cooled down, and wants one visit to find out.
    case due
    /// That visit is under way. If nothing is heard of it by then, it has failed.
    case probing(until: Int64)
}

/// How long the first cool-down is, and the longest; each in a row is twice as long as the one before. Microseconds.
struct CoolDownPace: Sendable, Hashable {
    let first: Int64
    let longest: Int64

    func time(level: Int) -> Int64 { min(first << Int64((level - 1).clamped(to: 0...20)), longest) }
}

struct CoolDown: Sendable, Hashable, Codable {
    /// A probe takes no longer than that.
    static let probeTime: Int64 = 120_000_000
    /// No cool-down is longer: a day.
    static let longest: Int64 = 86_400_000_000
    private static let highestLevel = 20

    /// Failures in a row; 0 where it is healthy.
    private(set) var level = 0
    /// The last move.
    private(set) var since: Int64 = 0
    /// The end of the cool-down.
    private(set) var until: Int64 = 0
    /// The end of the probe that is under way.
    private(set) var probe: Int64?

    func state(at now: Int64, _ pace: CoolDownPace) -> ProxyState {
        let settled = settled(at: now, pace)
        if settled.level == 0 { return .healthy }
        if let probe = settled.probe { return .probing(until: probe) }
        return settled.until > now ? .cooling(until: settled.until) : .due
    }

    /// With a probe that was lost taken for a failure at the moment at which it should have ended.
    func settled(at now: Int64, _ pace: CoolDownPace) -> CoolDown {
        guard let probe, probe <= now else { return self }
        var next = self
        next.fail(at: probe, pace)
        return next
    }

    /// Whether the report of a visit that began at `start` counts. To be asked of a settled one.
    func counts(from start: Int64) -> Bool { level == 0 ? start >= since : probe != nil && start == since }

    var isProbed: Bool { probe != nil }

    /// A visit begins; it becomes the probe where one is wanted.
    mutating func begin(at now: Int64) {
        guard level > 0, probe == nil, until <= now else { return }
        (since, probe) = (now, now.adding(CoolDown.probeTime))
    }

    mutating func fail(at now: Int64, _ pace: CoolDownPace, again: Bool = true) {
        level = again ? min(level + 1, CoolDown.highestLevel) : 1
        (since, until, probe) = (now, now.adding(pace.time(level: level)), nil)
    }

    mutating func heal(at now: Int64) {
        guard level > 0 else { return }
        (level, since, until, probe) = (0, now, 0, nil)
    }

    /// Its probe learnt nothing: another may go at once.
    mutating func giveBack() { probe = nil }

    /// What can't have been written by this machine would block a proxy for ever.
    var isPossible: Bool {
        let times = 0...(Int64.max / 2)
        guard (0...CoolDown.highestLevel).contains(level), times.contains(since) else { return false }
        if level == 0 { return until == 0 && probe == nil }
        guard times.contains(until), until - since <= CoolDown.longest else { return false }
        return probe.map { $0 == since + CoolDown.probeTime } ?? true
    }
}
