package import Foundation

/// How a schedule behaves when not everything goes well. Values only: what is known comes in as `Facts`, what to do goes out as `Action`.
package struct SchedulePolicy: Sendable, Hashable {
    /// What a fire does while the run before it is still under way.
    package enum Overlap: String, Sendable, CaseIterable {
        /// It is dropped.
        case skip
        /// It starts when that run ends. One waits at most; a second is dropped, so that a slow run builds up no backlog.
        case queue
        /// That run is cancelled and this one starts.
        case replace
    }

    package var catchUp: CatchUp
    package var overlap: Overlap
    /// The schedule is paused after so many failed runs in a row; nil for never.
    package var pausesAfter: Int?
    /// Runs that may start in a day of the schedule's zone; nil for any number.
    package var runsPerDay: Int?

    package init(catchUp: CatchUp = .usual, overlap: Overlap = .skip, pausesAfter: Int? = nil, runsPerDay: Int? = nil) {
        self.catchUp = catchUp
        self.overlap = overlap
        self.pausesAfter = pausesAfter
        self.runsPerDay = runsPerDay
    }

    /// What is known of a schedule at a fire.
    package struct Facts: Sendable, Hashable {
        /// Failed runs since the last one that didn't, or since somebody resumed the schedule.
        package var failuresInARow: Int
        /// Runs of it that started since `startOfDay`.
        package var runsToday: Int
        package var isRunning: Bool
        /// Whether a run waits for that one to end.
        package var isWaiting: Bool

        package init(failuresInARow: Int = 0, runsToday: Int = 0, isRunning: Bool = false, isWaiting: Bool = false) {
            self.failuresInARow = failuresInARow
            self.runsToday = runsToday
            self.isRunning = isRunning
            self.isWaiting = isWaiting
        }
    }

    package enum Action: Sendable, Hashable {
        case start
        /// Start it when the run under way has ended.
        case queue
        /// Cancel the run under way, then start.
        case replace
        case skip(Reason)
        /// Don't start; pause the schedule until somebody resumes it.
        case pause
    }

    /// Why a fire was dropped, in words for its history.
    package enum Reason: String, Sendable, CaseIterable {
        case running = "the run before is still under way"
        case waiting = "another run waits already"
        case runsPerDay = "the runs of this day are used up"
    }

    /// The first that applies: too many failures, too many runs today, a run under way.
    package func action(_ facts: Facts) -> Action {
        if let pausesAfter, facts.failuresInARow >= max(1, pausesAfter) { return .pause }
        if let runsPerDay, facts.runsToday >= runsPerDay { return .skip(.runsPerDay) }
        guard facts.isRunning else { return .start }
        switch overlap {
        case .skip: return .skip(.running)
        case .queue: return facts.isWaiting ? .skip(.waiting) : .queue
        case .replace: return .replace
        }
    }

    /// The first instant of the day, in that zone, in which `now` lies: runs since then are of today.
    package static func startOfDay(of now: Date, in zone: TimeZone) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar.startOfDay(for: now)
    }
}
