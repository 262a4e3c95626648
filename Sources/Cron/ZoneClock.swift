import Foundation

/// A time zone as offsets in whole seconds; instants are seconds since 1970-01-01 00:00 UTC, wall times the same of the zone's wall clock.
struct ZoneClock: Sendable {
    var zone: TimeZone

    /// No two wall times of one instant are further apart, nor does any change of clocks skip or repeat more.
    static let widest = 26 * 3600

    init(_ zone: TimeZone) { self.zone = zone }

    /// Seconds east of UTC.
    func offset(at instant: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))) }

    /// The first instant after `start`, up to `end`, from which the clock has another offset. Two changes within six hours that undo each
    /// other are not seen; no zone has had any.
    func change(after start: Int, through end: Int) -> Int? {
        let offset = offset(at: start)
        var low = start
        while low < end {
            var high = min(low + 6 * 3600, end)
            if self.offset(at: high) == offset {
                low = high
                continue
            }
            while high - low > 1 {
                let middle = low + (high - low) / 2
                if self.offset(at: middle) == offset { low = middle } else { high = middle }
            }
            return high
        }
        return nil
    }

    /// The instant of a wall time: the earlier one where it comes twice; where clocks skip it, reckoned with the offset from before.
    func instant(ofWall wall: Int) -> Int {
        let before = offset(at: wall - 16 * 3600)
        let after = offset(at: wall + 16 * 3600)
        let early = wall - before
        if offset(at: early) == before { return early }
        return offset(at: wall - after) == after ? wall - after : early
    }

    /// The highest wall time that was passed up to `instant`, which is later than the clock shows while an hour is repeated.
    func highestWall(at instant: Int) -> Int {
        var highest = instant + offset(at: instant)
        var start = instant - ZoneClock.widest
        while let change = change(after: start, through: instant) {
            highest = max(highest, change + offset(at: start) - 1)
            start = change
        }
        return highest
    }
}
