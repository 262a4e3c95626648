package import Foundation

/// A question for the next fires, as it is typed or comes on a line of a batch.
package struct FireRequest: Sendable, Hashable {
    package static let counts = 1...1000
    package static let usualCount = 5

    package var expression: CronExpression
    package var zone: TimeZone
    package var from: Date
    package var count: Int

    /// - Parameters:
    ///   - zone: an IANA name; UTC where it is nil.
    ///   - from: a time of RFC 3339; `now` where it is nil. Fires are later than it.
    ///   - count: a whole number in `counts`, `usualCount` where it is nil; text, so that nothing that stands there is too large to be refused.
    package init(expression: String, zone: String?, from: String?, count: String?, now: Date) throws(CronError) {
        self.expression = try CronExpression(expression)
        self.zone = try Timestamp.zone(zone ?? "UTC")
        self.from = if let from { try Timestamp.read(from, in: self.zone) } else { now }
        self.count = if let count { try FireRequest.count(count) } else { FireRequest.usualCount }
    }

    private static func count(_ text: String) throws(CronError) -> Int {
        guard let count = CronField.number(text), counts.contains(count) else {
            throw CronError(.count, text, "it must be a whole number from \(counts.lowerBound) to \(counts.upperBound)")
        }
        return count
    }

    /// RFC 3339 times with the zone's offset; fewer than `count` where the year 9999 ends.
    package var answer: [String] {
        expression.fires(after: from, in: zone, count: count).map { Timestamp.write($0, in: zone) }
    }
}
