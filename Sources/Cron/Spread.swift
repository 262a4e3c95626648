package import Foundation

/// Starts runs a little later than they fire, so that schedules of the same minute don't all start at once. Nothing is drawn: a schedule
/// and a fire always give the same delay, on every node and after every restart.
package struct Spread: Sendable, Hashable {
    /// Seconds within which runs start; 0 is at once. Longer than the time between two fires they may overtake each other.
    package var window: TimeInterval

    package init(window: TimeInterval) { self.window = window }

    /// Seconds from 0 up to the window, evenly over schedules and fires.
    package func delay(of fire: Date, schedule id: String) -> TimeInterval {
        guard window > 0, window.isFinite else { return 0 }
        // FNV-1a (Fowler, Noll, Vo) over the name and the time, and the finish of SplitMix64, since FNV mixes its last bytes badly.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        id.utf8.forEach(add)
        withUnsafeBytes(of: fire.timeIntervalSince1970.rounded(.down).bitPattern.littleEndian) { $0.forEach(add) }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return window * Double(hash >> 11) / Double(1 << 53)
    }
}
