// When a host may be asked for a document.
//
// A host's clock is one moment that all processes share (`next_at` in the store); before it nobody is sent there. It only moves on:
//   claim   a visit is let go, and in the same transaction the clock moves on by the spacing;
//   leave   where a rule lets several visits go close together, each asks again at the very moment at which it would leave, since one that
//           had to wait for a browser must not catch up with the next, nor leave into a rest that began meanwhile;
//   finish  the clock moves to where it would be had the visit been let go when its document was really asked for, and never stands before
//           the end of a rest (`HostPace.notBefore`).
// Nothing of it is in the memory of a process, so that a restart changes nothing.
//
// Bursts need no further state: a clock that lies in the past is unused time, and what a claim finds unused, up to `burst - 1` delays of
// it, is spent before anyone waits (the generic cell rate algorithm, ITU-T I.371). In the long run it is one document a delay all the same.

/// The terms on which a host's clock moves on. Times are microseconds, moments those of one clock that the caller chooses.
package struct HostClock: Sendable, Hashable {
    /// Between two documents where nobody asked for more.
    package static let usualDelay: Int64 = 1_000_000
    /// Part of a delay by which it is varied both ways, so that many visits don't march in step.
    package static let spread = 0.3
    /// Part of a delay by which it is lengthened at most where none of it may be taken off.
    package static let stretch = 0.06
    /// No delay is longer: a day.
    package static let longestDelay: Int64 = 86_400_000_000

    /// Between two documents on average.
    package let delay: Int64
    /// The part of the delay that was asked for, by the site or by a rule: nothing is taken off it.
    package let least: Int64
    /// Documents that may go without spacing after a quiet time; 1 where each waits for the one before.
    package let burst: Int

    package init(delay: Int64, least: Int64 = 0, burst: Int = 1) {
        self.delay = delay.clamped(to: 0...HostClock.longestDelay)
        self.least = least.clamped(to: 0...self.delay)
        self.burst = burst.clamped(to: 1...HostRule.mostAtOnce)
    }

    /// No spacing is shorter.
    package var floor: Int64 { max(least, Int64(Double(delay) * (1 - HostClock.spread))) }

    /// The time between two documents, evenly around the delay as far as the floor leaves room, else a little longer.
    /// - Parameter luck: from 0 to 1, drawn anew each time.
    package func spacing(luck: Double) -> Int64 {
        let longest = max(2 * delay - floor, floor + Int64(Double(floor) * HostClock.stretch))
        let luck = luck.isNaN ? 1 : luck.clamped(to: 0...1)
        return floor + Int64(Double(longest - floor) * luck)
    }

    /// Claim: where the clock goes when a visit is let go at `now`, which must not be before it.
    package func next(after clock: Int64, at now: Int64, luck: Double) -> Int64 {
        let start = max(clock, now.adding(-unused(delay)))
        let even = start.adding(delay)
        // What is free to go at once is not varied: a burst has no more documents than it should.
        return even <= now ? even : start.adding(spacing(luck: luck))
    }

    /// Finish: where the clock goes when it is learnt that the visit asked for its document at `moment`, later than it was let go. Also for
    /// a visit of which nobody knows whether it asked, with the moment at which it was lost.
    package func next(after clock: Int64, askedAt moment: Int64) -> Int64 {
        max(clock, moment.adding(floor - unused(delay)))
    }

    /// Leave: where the last departure stands, for the next one, after a visit left at `now`. A burst counts from further back.
    /// - Parameter last: where it stood; the next may leave a floor later.
    package func departure(after last: Int64, at now: Int64) -> Int64 { max(last.adding(floor), now.adding(-unused(floor))) }

    /// How much time that was not used may be used later.
    private func unused(_ spacing: Int64) -> Int64 { Int64(burst - 1) * spacing }
}

/// A seeded source of luck: the same seed gives the same schedule.
package struct Jitter: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// From 0 up to, but not including, 1, evenly.
    package mutating func next() -> Double {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        return Double(bits >> 11) / Double(1 << 53)
    }
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}

extension Int64 {
    /// The sum, or the end of what fits where it lies beyond.
    func adding(_ other: Int64) -> Int64 {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? (other < 0 ? .min : .max) : sum
    }
}
