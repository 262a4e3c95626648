import Cron
import Foundation
import Testing

@Suite struct FireRequestTests {
    /// A wall time without offset is the zone's, and answers carry the zone's offset.
    @Test func answersInItsZone() throws {
        let request = try FireRequest(
            expression: "30 2 * * *", zone: "Europe/Berlin", from: "2026-03-28T02:30:00", count: "2", now: .distantPast)
        #expect(request.answer == ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"])
    }

    /// What isn't given is UTC, now, and five fires.
    @Test func usesWhatIsUsual() throws {
        let request = try FireRequest(expression: "@hourly", zone: nil, from: nil, count: nil, now: time("2026-01-01T22:30:00Z"))
        #expect(request.answer.count == 5 && request.answer.first == "2026-01-01T23:00:00+00:00")
    }

    static let refused = [
        ("0 25 * * *", "UTC", "2026-01-01T00:00:00Z", "1", CronError.Place.hour),
        ("0 0 * * *", "Berlin", "2026-01-01T00:00:00Z", "1", .zone),
        ("0 0 * * *", "UTC", "yesterday", "1", .from), ("0 0 * * *", "UTC", "2026-01-01T00:00:00Z", "0", .count),
        ("0 0 * * *", "UTC", "2026-01-01T00:00:00Z", "1001", .count), ("0 0 * * *", "UTC", "2026-01-01T00:00:00Z", "1.5", .count),
        ("0 0 * * *", "UTC", "2026-01-01T00:00:00Z", "1e400", .count), ("0 0 * * *", "UTC", "2026-01-01T00:00:00Z", "-1", .count),
        ("0 0 * *", "UTC", "2026-01-01T00:00:00Z", "1", .expression),
    ]

    /// Each part that can't be used is named.
    @Test(arguments: refused) func names(_ expression: String, _ zone: String, _ from: String, _ count: String, _ place: CronError.Place) {
        let error = #expect(throws: CronError.self) {
            try FireRequest(expression: expression, zone: zone, from: from, count: count, now: .distantPast)
        }
        #expect(error?.place == place)
    }
}
