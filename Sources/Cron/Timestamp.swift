package import Foundation

/// Times of RFC 3339, and the zones that they are told in.
package enum Timestamp {
    /// Reads `2026-03-29T01:30:00.5+01:00`; without an offset it is the wall time of `zone`.
    ///
    /// Any number of fraction digits may stand, "T" and "Z" in either case, and a space between date and time (section 5.6). Of a wall time that comes twice the first is meant; one that clocks skip is
    /// reckoned with the offset from before the change. A leap second is the first second after it.
    package static func read(_ text: String, in zone: TimeZone) throws(CronError) -> Date {
        let wanted = "it must be a time as 2026-03-29T01:30:00Z or 2026-03-29T01:30:00+02:00, or without offset in the zone's own time"
        var reader = Reader(bytes: Array(text.utf8))
        guard let (wall, fraction) = reader.wallTime() else { throw CronError(.from, text, "it is not understood; \(wanted)") }
        let second: Int
        if reader.isAtEnd {
            second = ZoneClock(zone).instant(ofWall: wall)
        } else {
            guard let offset = reader.offset(), reader.isAtEnd else { throw CronError(.from, text, "its end is not understood; \(wanted)") }
            second = wall - offset
        }
        // A Date has no room for many nines: they must not become the next second, at which something may fire.
        return Date(timeIntervalSince1970: Double(second) + min(fraction, 0.999))
    }

    /// Writes whole seconds with the zone's offset, `2026-03-29T03:00:00+02:00`; UTC is `+00:00`. Where RFC 3339 can't say the local time
    /// (offsets of old with seconds, a year outside 0000–9999) it is told in UTC.
    package static func write(_ date: Date, in zone: TimeZone) -> String {
        // Fifty years more than RFC 3339 has: nothing that is a Date may overflow.
        let second = Int(max(-64e9, min(date.timeIntervalSince1970.rounded(.down), 255e9)))
        let offset = ZoneClock(zone).offset(at: second)
        let day = CivilDay(number: CivilDay.floorDivide(second + offset, CivilDay.secondsPerDay))
        let isSayable = offset % 60 == 0 && (0...WallRule.lastYear).contains(day.year)
        return written(second, offset: isSayable ? offset : 0)
    }

    private static func written(_ second: Int, offset: Int) -> String {
        let wall = second + offset
        let number = CivilDay.floorDivide(wall, CivilDay.secondsPerDay)
        let day = CivilDay(number: number)
        let time = wall - number * CivilDay.secondsPerDay
        let date = "\(digits(day.year, 4))-\(digits(day.month, 2))-\(digits(day.day, 2))"
        let clock = "\(digits(time / 3600, 2)):\(digits(time / 60 % 60, 2)):\(digits(time % 60, 2))"
        return "\(date)T\(clock)\(offset < 0 ? "-" : "+")\(digits(abs(offset) / 3600, 2)):\(digits(abs(offset) / 60 % 60, 2))"
    }

    private static func digits(_ value: Int, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}

// MARK: - Zones

extension Timestamp {
    /// Names of the IANA data base without a "/". Foundation takes more: abbreviations such as "PST", and "GMT+3".
    private static let shortNames: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich",
        "HST", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT",
        "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK", "Singapore", "Turkey", "UCT", "UTC", "Universal", "W-SU", "WET",
        "Zulu",
    ]

    /// The zone of an IANA name, as "Europe/Berlin" or "UTC".
    package static func zone(_ name: String) throws(CronError) -> TimeZone {
        let isPlain = name.utf8.allSatisfy { (33...126).contains($0) }
        if isPlain, shortNames.contains(name) || name.contains("/"), let zone = TimeZone(identifier: name) { return zone }
        let lower = name.lowercased()
        let meant = (shortNames.sorted() + TimeZone.knownTimeZoneIdentifiers).first { $0.lowercased() == lower }
        let advice = meant.map { "did you mean \($0)?" } ?? "it must be an IANA name, as Europe/Berlin or UTC"
        throw CronError(.zone, name, "there is no such time zone; \(advice)")
    }
}

// MARK: - Reading

extension Timestamp {
    /// Goes through the bytes once; a step that doesn't fit is nil.
    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        var isAtEnd: Bool { at == bytes.count }

        /// Seconds of the wall clock, and the part of a second, 0 up to 1.
        mutating func wallTime() -> (second: Int, fraction: Double)? {
            guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2), skip("Tt "),
                let hour = number(2), skip(":"), let minute = number(2), skip(":"), let second = number(2),
                (1...12).contains(month), (1...CivilDay.length(ofMonth: month, isLeap: CivilDay.isLeap(year))).contains(day),
                hour < 24, minute < 60, second < 60 || (second == 60 && minute == 59), let fraction = fraction()
            else { return nil }
            let days = CivilDay(year: year, month: month, day: day).number
            return (days * CivilDay.secondsPerDay + hour * 3600 + minute * 60 + second, fraction)
        }

        /// Seconds east of UTC: "Z" or "+01:00".
        mutating func offset() -> Int? {
            if skip("Zz") { return 0 }
            let isWest = at < bytes.count && bytes[at] == UInt8(ascii: "-")
            guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
            return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
        }

        private mutating func fraction() -> Double? {
            guard skip(".") else { return 0 }
            var value = 0.0
            var unit = 0.1
            let start = at
            while let digit = digit() {
                value += Double(digit) * unit
                unit /= 10
            }
            return at > start ? value : nil
        }

        private mutating func number(_ count: Int) -> Int? {
            var value = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        private mutating func digit() -> Int? {
            guard at < bytes.count, (48...57).contains(bytes[at]) else { return nil }
            at += 1
            return Int(bytes[at - 1]) - 48
        }

        private mutating func skip(_ any: StaticString) -> Bool {
            guard at < bytes.count, any.withUTF8Buffer({ $0.contains(bytes[at]) }) else { return false }
            at += 1
            return true
        }
    }
}
