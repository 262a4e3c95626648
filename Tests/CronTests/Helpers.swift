import Cron
import Foundation
import Testing

/// What is asked and answered in the tables of these tests: RFC 3339 times, in UTC as "2026-01-01T00:00" alone.
struct Fires: Sendable, CustomTestStringConvertible {
    var claim: String
    var expression: String
    var zone: String
    var from: String
    var next: [String]

    init(_ claim: String, _ expression: String, _ zone: String = "UTC", from: String, _ next: String...) {
        (self.claim, self.expression, self.zone, self.from, self.next) = (claim, expression, zone, from, next)
    }

    var testDescription: String { "\(claim): \(expression)" }

    func check() throws {
        let zone = try Timestamp.zone(zone)
        let fires = try CronExpression(expression).fires(after: Timestamp.read(Fires.full(from), in: zone), in: zone, count: next.count)
        #expect(fires.map { Timestamp.write($0, in: zone) } == next.map(Fires.full))
    }

    private static func full(_ text: String) -> String { text.count == 16 ? text + ":00+00:00" : text }
}

let utc = TimeZone.gmt

/// An instant, told in UTC where it has no offset.
func time(_ text: String) throws -> Date { try Timestamp.read(text, in: utc) }
