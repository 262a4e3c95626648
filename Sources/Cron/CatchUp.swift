package import Foundation

/// What becomes of fires that were due while nobody was there to run them.
package enum CatchUp: Sendable, Hashable {
    /// They are dropped.
    case none
    /// The latest stands for all of them.
    case one
    /// All are run, oldest first; of more than `limit` the latest ones.
    case all(limit: Int)

    package static let usual = CatchUp.one

    /// Seconds within which a fire counts as on time, so that `none` drops nothing because a loop woke late.
    package static let grace: TimeInterval = 60

    package struct Due: Sendable, Hashable {
        /// Fires to run now, oldest first.
        package var fires: [Date]
        /// When to ask again; nil where nothing fires any more.
        package var next: Date?
    }

    /// - Parameter last: the last fire that was run or dropped, or else when the schedule was made: what fired up to then is settled.
    package func due(_ expression: CronExpression, in zone: TimeZone, after last: Date, now: Date, anchor: Date? = nil) -> Due {
        let anchor = anchor ?? last
        let next = expression.next(after: max(last, now), in: zone, anchor: anchor)
        let limit =
            switch self {
            case .none, .one: 1
            case .all(let limit): limit
            }
        var fires = CatchUp.latest(limit, of: expression, in: zone, after: last, upTo: now, anchor: anchor)
        if self == .none { fires.removeAll { now.timeIntervalSince($0) > CatchUp.grace } }
        return Due(fires: fires, next: next)
    }

    /// Looks back from `now`, each time twice as far: a year of missed minutes costs no more than the fires that are wanted.
    private static func latest(
        _ count: Int, of expression: CronExpression, in zone: TimeZone, after last: Date, upTo now: Date, anchor: Date
    ) -> [Date] {
        guard count > 0, now > last else { return [] }
        var span: TimeInterval = 60
        while true {
            let start = max(last, now.addingTimeInterval(-span))
            var fires: [Date] = []
            var from = start
            while let fire = expression.next(after: from, in: zone, anchor: anchor), fire <= now {
                fires.append(fire)
                from = fire
            }
            if fires.count >= count || start == last { return Array(fires.suffix(count)) }
            span *= 2
        }
    }
}
