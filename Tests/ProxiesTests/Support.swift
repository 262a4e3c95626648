import Egress
import Foundation

@testable import Proxies

let second: Int64 = 1_000_000

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same numbers.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// From 0 up to, but not including, 1.
    mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
}

func listing(_ text: String) -> ProxyListing { ProxyListing(Data(text.utf8)) }

func tags(_ text: String) throws -> ProxyTags { try ProxyTags(parts: text.split(separator: " ")) }

/// Sum of squared differences from what was expected, over that (Pearson).
func chiSquare(_ counts: [Int], weights: [Double]) -> Double {
    let all = Double(counts.reduce(0, +))
    let total = weights.reduce(0, +)
    return zip(counts, weights).reduce(0) { sum, pair in
        let expected = all * pair.1 / total
        return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
    }
}
