import Cron
import Foundation
import Testing

@Suite struct ClockChangeTests {
    static let cases = [
        Fires(
            "a fixed time that is skipped fires at the change", "30 2 * * *", "Europe/Berlin", from: "2026-03-28T12:00:00+01:00",
            "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"),
        Fires(
            "several that are skipped fire once", "0,20,40 2 * * *", "Europe/Berlin", from: "2026-03-29T00:00:00+01:00",
            "2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"),
        Fires(
            "and together with one at the change", "0 2,3 * * *", "Europe/Berlin", from: "2026-03-29T00:00:00+01:00",
            "2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"),
        Fires(
            "a fixed time outside is left alone", "30 3 * * *", "Europe/Berlin", from: "2026-03-29T00:00:00+01:00",
            "2026-03-29T03:30:00+02:00"),
        Fires(
            "a fixed time that is repeated fires the first time", "30 2 * * *", "Europe/Berlin", from: "2026-10-25T00:00:00+02:00",
            "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"),
        Fires(
            "asked between the two it doesn't fire again", "30 2 * * *", "Europe/Berlin", from: "2026-10-25T02:10:00+01:00",
            "2026-10-26T02:30:00+01:00"),
        Fires(
            "an interval leaves out what is skipped", "*/30 * * * *", "Europe/Berlin", from: "2026-03-29T01:15:00+01:00",
            "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"),
        Fires("also where that is all", "* 2 * * *", "Europe/Berlin", from: "2026-03-28T02:59:00+01:00", "2026-03-30T02:00:00+02:00"),
        Fires(
            "an interval goes through a repeated hour twice", "*/30 * * * *", "Europe/Berlin", from: "2026-10-25T02:15:00+02:00",
            "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"),
        Fires(
            "also where it next fires a week later", "*/30 2 * * sun", "Europe/Berlin", from: "2026-10-25T02:30:00+02:00",
            "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-11-01T02:00:00+01:00"),
        Fires(
            "hours with a step are an interval", "15 */2 * * *", "America/New_York", from: "2026-03-08T00:15:00-05:00",
            "2026-03-08T04:15:00-04:00"),
        Fires(
            "a change of half an hour", "45 1 * * *", "Australia/Lord_Howe", from: "2026-04-05T00:00:00+11:00", "2026-04-05T01:45:00+11:00",
            "2026-04-06T01:45:00+10:30"),
        Fires(
            "midnight that is skipped", "0 0 * * *", "America/Santiago", from: "2026-09-05T12:00:00-04:00", "2026-09-06T01:00:00-03:00",
            "2026-09-07T00:00:00-03:00"),
        Fires(
            "a day that is skipped fires where it would have ended", "0 12 30 12 *", "Pacific/Apia", from: "2011-12-01T00:00:00-10:00",
            "2011-12-31T00:00:00+14:00", "2012-12-30T12:00:00+14:00"),
        Fires(
            "a zone that gave its changes up", "0 3 * * *", "Europe/Istanbul", from: "2016-10-30T00:00:00+03:00",
            "2016-10-30T03:00:00+03:00", "2016-10-31T03:00:00+03:00"),
    ]

    /// Changes of clocks are treated as stated.
    @Test(arguments: cases) func fires(_ example: Fires) throws { try example.check() }

    static let watched = [
        ("Europe/Berlin", "2026-03-28T00:00:00Z"), ("Europe/Berlin", "2026-10-24T00:00:00Z"), ("America/New_York", "2026-10-31T00:00:00Z"),
        ("America/Santiago", "2026-04-04T00:00:00Z"), ("America/St_Johns", "2006-10-28T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T00:00:00Z"),
        ("Pacific/Apia", "2011-12-29T00:00:00Z"), ("Asia/Kolkata", "2026-03-28T00:00:00Z"),
    ]

    /// The fires of three days are those of a clock that is watched minute by minute.
    @Test(
        arguments: watched,
        [
            "* * * * *", "*/20 * * * *", "0 * * * *", "30 */2 * * *", "*/15 2 * * *", "10,50 0-3 * * *", "30 2 * * *", "0 0 * * *",
            "1 0,23 * * *", "59 23 * * sun",
            "*/30 23,0 * * 0",
        ]) func agreesWithAWatchedClock(_ place: (zone: String, from: String), _ text: String) throws
    {
        let zone = try Timestamp.zone(place.zone)
        let start = try time(place.from)
        let end = start.addingTimeInterval(3 * 86_400)
        let fires = try CronExpression(text).fires(after: start, in: zone, count: 5_000).prefix { $0 <= end }
        #expect(try Array(fires) == WatchedClock(zone: zone, expression: text).fires(after: start, upTo: end))
    }
}

/// Debian's rule acted out: every minute look at the wall, and ask of UTC, where clocks never change, whether that wall time is named.
private struct WatchedClock {
    var zone: TimeZone
    var expression: String

    func fires(after start: Date, upTo end: Date) throws -> [Date] {
        let cron = try CronExpression(expression)
        let isFixed = expression.split(separator: " ").prefix(2).allSatisfy { $0.first != "*" }
        func isNamed(_ wall: Date) -> Bool { cron.next(after: wall.addingTimeInterval(-60), in: .gmt) == wall }
        var fires: [Date] = []
        // The highest minute that the wall has shown; a day before is enough to know it.
        var now = start.addingTimeInterval(-86_400)
        var highest = wall(now)
        while now < end {
            now.addTimeInterval(60)
            let wall = wall(now)
            var isDue = isFixed ? wall > highest && isNamed(wall) : isNamed(wall)
            if isFixed, let skipped = cron.next(after: highest, in: .gmt), skipped < wall { isDue = true }
            highest = max(highest, wall)
            if isDue, now > start { fires.append(now) }
        }
        return fires
    }

    private func wall(_ date: Date) -> Date { date.addingTimeInterval(Double(zone.secondsFromGMT(for: date))) }
}
