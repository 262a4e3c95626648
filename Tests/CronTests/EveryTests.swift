import Cron
import Foundation
import Testing

@Suite struct EveryTests {
    /// A period is whole numbers with units, the larger first.
    @Test(
        arguments: [
            ("45s", 45), ("90m", 5400), ("1h30m", 5400), ("2d", 172_800), ("1d2h3m4s", 93_784), ("1H", 3600), ("3650d", 315_360_000),
            ("0s", nil), ("0h0m", nil), ("3651d", nil), ("90", nil), ("m", nil), ("1m1h", nil), ("1m1m", nil), ("1h 30m", nil),
            ("-1h", nil), ("1ms", nil),
            ("999999999999d", nil), ("999999999d", nil),
        ] as [(String, Int?)]) func period(_ text: String, _ seconds: Int?) throws
    {
        let start = Date(timeIntervalSince1970: 0)
        let next = try? CronExpression("@every \(text)").next(after: start, in: utc)
        #expect(next?.timeIntervalSince(start) == seconds.map(Double.init))
    }

    static let anchored = [
        ("10:00:00", "10:00:00", "11:30:00"), ("10:00:00", "11:29:59.5", "11:30:00"), ("10:00:00", "11:30:00", "13:00:00"),
        ("10:00:00", "08:00:00", "11:30:00"), ("10:00:00", "19:10:00", "20:30:00"),
    ]

    /// It fires whole periods after its anchor, for the first time one period later.
    @Test(arguments: anchored) func countsFromItsAnchor(_ anchor: String, _ from: String, _ next: String) throws {
        let fire = try CronExpression("@every 90m").next(after: time("2026-01-01T\(from)Z"), in: utc, anchor: time("2026-01-01T\(anchor)Z"))
        #expect(try fire == time("2026-01-01T\(next)Z"))
    }

    /// Where no anchor is known it fires one period after the time asked about, to the second.
    @Test func countsFromTheTimeAskedAbout() throws {
        let fires = try CronExpression("@every 90m").fires(after: time("2026-01-01T10:00:00.75Z"), in: utc, count: 2)
        #expect(try fires == [time("2026-01-01T11:30:00Z"), time("2026-01-01T13:00:00Z")])
    }

    /// Clocks that change don't matter to it.
    @Test func followsElapsedTime() throws {
        try Fires(
            "", "@every 1h", "Europe/Berlin", from: "2026-03-29T00:30:00+01:00", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"
        ).check()
    }
}
