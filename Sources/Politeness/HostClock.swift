/// How long a host is left alone between two documents.
package struct HostClock: Sendable, Equatable {
    /// Microseconds where nobody asked for more.
    package static let usualDelay: Int64 = 1_000_000
    /// Part of the delay by which it is varied, so that many visits don't march in step.
    package static let spread = 0.3
    /// Microseconds that no variation goes below.
    package static let floor: Int64 = 700_000

    /// Microseconds, without jitter: the larger of ours and what robots.txt asks for; none on loopback.
    package static func delay(isLoopback: Bool, crawlDelay seconds: Double?) -> Int64 {
        if isLoopback { return 0 }
        guard let seconds, seconds > 0 else { return usualDelay }
        return max(usualDelay, Int64(min(seconds, 86_400) * 1_000_000))
    }

    /// The time until a host may be asked again, varied by a factor. Our own delay varies both ways, never below the floor; a longer one
    /// was asked for by the site and only grows.
    package static func spacing(of delay: Int64, factor: Double) -> Int64 {
        if delay <= 0 { return 0 }
        let least = delay > usualDelay ? delay : min(floor, delay)
        return max(least, Int64(Double(min(delay, 86_400_000_000)) * factor))
    }
}

/// A seeded source of factors around 1 for a host's delay: the same seed gives the same schedule.
package struct Jitter: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A factor from `1 - spread` to `1 + spread`, evenly.
    package mutating func next() -> Double {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        return 1 + HostClock.spread * (2 * Double(bits >> 11) / Double(1 << 53) - 1)
    }
}
