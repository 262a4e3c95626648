/// A hash that is the same in every process and version.
struct StableHash {
    private(set) var value: UInt64

    init(_ text: String, seed: UInt64 = 0) {
        value = 0xCBF2_9CE4_8422_2325 ^ seed
        add(text)
    }

    /// FNV-1a, with a mark at the end, so that "a", "bc" is not "ab", "c".
    mutating func add(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        value = (value ^ 0xFF) &* 0x100_0000_01B3
    }

    /// Above 0 and below 1, evenly also for texts that differ little.
    var fraction: Double {
        // The finish of SplitMix64 (Steele, Lea, Flood 2014).
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        return (Double(bits >> 12) + 0.5) / Double(1 << 52)
    }
}
