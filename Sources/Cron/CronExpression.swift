package import Foundation

/// When a schedule fires: five fields as Debian's cron reads them, an "@" name, or `@every` with a period.
///
/// **Fields.** Minute (0–59), hour (0–23), day of month (1–31), month (1–12, jan–dec), day of week (0–7, sun–sat, 0 and 7 are Sunday), names in
/// either case. Each is a list of `*`, values, ranges `a-b`, all with an optional step: `*/5`, `1-9/2`, and `4/6` from 4 to the end. Day of
/// month takes `L` (the last) and `LW` (the last from Monday to Friday), day of week `5L` (the last Friday) and `5#2` (the second one). Where
/// neither day field begins with `*` a day fits when either does; else both must.
///
/// **Names.** `@yearly` or `@annually`, `@monthly`, `@weekly`, `@daily` or `@midnight`, `@hourly`. `@every 1h30m` fires by elapsed time, whatever
/// the clocks do: whole periods after its anchor, or one period after the time asked about.
///
/// **When clocks change.** An expression is fixed when neither its minute nor its hour begins with `*`: it names times of a day, and fires
/// once for each. Of those that a change skips there is one fire at the moment of the change; of an hour that is repeated only the
/// first counts. Any other names an interval and follows the wall clock: what is skipped is not made up for, what is repeated fires again.
/// That is Debian's rule, held to changes of any size.
///
/// **Never.** A date that no year has (30 February) is an error when it is read. What is read fires up to the year 9999.
package struct CronExpression: Sendable, CustomStringConvertible {
    /// The expression as it was typed, with single spaces.
    package let description: String
    private let timing: Timing

    private enum Timing: Sendable, Hashable {
        case wall(WallRule)
        /// Seconds, 1 or more.
        case every(Int)
    }

    package init(_ text: String) throws(CronError) {
        let words = text.split { $0 == " " || $0.isNewline || $0 == "\t" }
        description = words.joined(separator: " ")
        guard let first = words.first else {
            throw CronError(.expression, text, "nothing is there; write five fields, as in \"0 6 * * 1-5\", or a name, as @daily")
        }
        if first.first == "@" {
            timing = try CronExpression.named(first.lowercased(), words.dropFirst(), description)
        } else {
            timing = .wall(try CronExpression.rule(words, description))
        }
    }

    private static let names = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private static func named(_ name: String, _ rest: ArraySlice<Substring>, _ text: String) throws(CronError) -> Timing {
        if name == "@every" {
            guard rest.count == 1, let seconds = rest.first.flatMap(Period.seconds) else {
                throw CronError(.expression, text, "after @every comes one period from 1s to 3650d, as in 90m, 1h30m or 45s")
            }
            return .every(seconds)
        }
        guard let fields = names[name], rest.isEmpty else {
            let known = "@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every with a period"
            throw CronError(.expression, text, "it must be one of \(known)")
        }
        return .wall(try rule(fields.split(separator: " "), text))
    }

    private static func rule(_ words: [Substring], _ text: String) throws(CronError) -> WallRule {
        guard words.count == 5 else {
            let count = words.count == 1 ? "1 field" : "\(words.count) fields"
            throw CronError(.expression, text, "it has \(count) and must have five: minute, hour, day of month, month, day of week")
        }
        let rule = WallRule(
            minutes: try CronField.minute.read(words[0]), hours: try CronField.hour.read(words[1]),
            monthDays: try CronField.dayOfMonth.read(words[2]), months: try CronField.month.read(words[3]),
            weekdays: try CronField.dayOfWeek.read(words[4]))
        guard rule.fitsSomeDate else {
            let others = "month \"\(words[3])\" and day of week \"\(words[4])\""
            throw CronError(.dayOfMonth, words[2], "it never comes with \(others); choose days that these have")
        }
        return rule
    }
}

/// Equal when they fire at the same times by the same rules, however they are written: `@daily` and `0 0 * * *`.
extension CronExpression: Hashable {
    package static func == (a: CronExpression, b: CronExpression) -> Bool { a.timing == b.timing }
    package func hash(into hasher: inout Hasher) { hasher.combine(timing) }
}

// MARK: - When it fires

extension CronExpression {
    /// Instants, in seconds since 1970, that can be asked about: what RFC 3339 can write, less a day for the zones.
    private static let reach = -62_167_132_800...253_402_214_400

    /// The first fire that is later than `date`, to the second; nil where none comes up to the year 9999.
    /// - Parameter anchor: where `@every` counts from; nil for `date` itself. It first fires one period later.
    package func next(after date: Date, in zone: TimeZone, anchor: Date? = nil) -> Date? {
        // Fires are whole seconds: one is later than a time exactly when it is later than the whole second below.
        guard let second = CronExpression.second(of: date) else { return nil }
        let fire: Int?
        switch timing {
        case .wall(let rule): fire = CronExpression.next(of: rule, after: second, on: ZoneClock(zone))
        case .every(let period):
            let start = anchor.flatMap(CronExpression.second) ?? second
            fire = start + max(1, CivilDay.floorDivide(second - start, period) + 1) * period
        }
        guard let fire, CronExpression.reach.contains(fire) else { return nil }
        return Date(timeIntervalSince1970: Double(fire))
    }

    /// The next fires, each later than the one before; fewer than `count` only where no more come.
    package func fires(after date: Date, in zone: TimeZone, count: Int, anchor: Date? = nil) -> [Date] {
        var fires: [Date] = []
        var last = date
        while fires.count < count, let fire = next(after: last, in: zone, anchor: anchor) {
            fires.append(fire)
            last = fire
        }
        return fires
    }

    /// The whole second at or before a date, none before the year 0; nil after the year 9999 and for what is no date.
    private static func second(of date: Date) -> Int? {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        guard seconds <= Double(reach.upperBound) else { return nil }
        return Int(max(seconds, Double(reach.lowerBound)))
    }

    /// Goes from one change of the clock to the next. Between two changes wall time and elapsed time run alike.
    private static func next(of rule: WallRule, after instant: Int, on clock: ZoneClock) -> Int? {
        var now = instant
        // Wall times up to here are done with.
        var done = rule.isFixed ? clock.highestWall(at: now) : now + clock.offset(at: now)
        while let wall = rule.next(after: done) {
            let offset = clock.offset(at: now)
            let fire = wall - offset
            let isFar = fire - now > 3 * CivilDay.secondsPerDay
            // A change repeats wall times that are done with only if it comes soon; later ones, until shortly before the fire, touch none
            // that is named.
            guard let change = clock.change(after: now, through: isFar ? now + ZoneClock.widest : fire) else {
                if !isFar { return fire }
                now = fire - CivilDay.secondsPerDay * 3 / 2
                continue
            }
            let newOffset = clock.offset(at: change)
            if rule.isFixed {
                if wall < change + newOffset { return change }
                done = max(done, change + max(offset, newOffset) - 1)
            } else {
                done = change + newOffset - 1
            }
            now = change
        }
        return nil
    }
}
