import Cron
import Foundation
import Testing

@Suite struct SpreadTests {
    static let hours = (0..<1_000).map { Date(timeIntervalSince1970: Double($0) * 3600) }

    /// The same schedule and fire always give the same delay, also in other versions of Gleaner.
    @Test func isTheSameAlways() throws {
        let delay = try Spread(window: 600).delay(of: time("2026-01-01T06:00:00Z"), schedule: "prices")
        #expect(Int(delay) == 566)
    }

    /// Delays lie within the window and fill it evenly.
    @Test func fillsItsWindow() {
        let delays = Self.hours.map { Spread(window: 60).delay(of: $0, schedule: "prices") }
        #expect(delays.allSatisfy { (0..<60).contains($0) })
        for third in 0..<3 { #expect((250...420).contains(delays.count { Int($0 / 20) == third })) }
    }

    /// Schedules that fire together start apart.
    @Test func setsSchedulesApart() {
        let delays = Set((0..<100).map { Spread(window: 60).delay(of: Self.hours[0], schedule: "s\($0)") })
        #expect(delays.count == 100)
    }

    /// Without a window, or with one that is none, runs start at once.
    @Test(arguments: [0, -5, .nan, .infinity]) func startsAtOnce(_ window: TimeInterval) {
        #expect(Spread(window: window).delay(of: Self.hours[1], schedule: "prices") == 0)
    }
}

@Suite struct CatchUpTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var claim: String
        var rule: CatchUp
        var last: String
        var now: String
        var fires: [String]
        var testDescription: String { claim }
    }

    static let cases = [
        Case(claim: "nothing was due", rule: .all(limit: 9), last: "06:00:00", now: "06:59:59", fires: []),
        Case(claim: "a fire is due at its very second", rule: .none, last: "06:00:00", now: "07:00:00", fires: ["07:00:00"]),
        Case(claim: "a loop that wakes late drops nothing", rule: .none, last: "06:00:00", now: "07:00:40", fires: ["07:00:00"]),
        Case(claim: "none drops what was missed", rule: .none, last: "06:00:00", now: "09:30:00", fires: []),
        Case(claim: "none runs what is on time", rule: .none, last: "06:00:00", now: "09:00:01", fires: ["09:00:00"]),
        Case(claim: "one runs the latest for all", rule: .one, last: "06:00:00", now: "09:30:00", fires: ["09:00:00"]),
        Case(claim: "all runs each", rule: .all(limit: 9), last: "06:00:00", now: "09:30:00", fires: ["07:00:00", "08:00:00", "09:00:00"]),
        Case(
            claim: "all keeps the latest within its limit", rule: .all(limit: 2), last: "06:00:00", now: "09:30:00",
            fires: ["08:00:00", "09:00:00"]),
        Case(claim: "a limit of none is none", rule: .all(limit: 0), last: "06:00:00", now: "09:30:00", fires: []),
        Case(claim: "a clock that went back runs nothing again", rule: .all(limit: 9), last: "06:00:00", now: "05:30:00", fires: []),
    ]

    /// What was missed is run as the rule says.
    @Test(arguments: cases) func decides(_ example: Case) throws {
        func at(_ text: String) throws -> Date { try time("2026-01-01T\(text)Z") }
        let due = try example.rule.due(CronExpression("@hourly"), in: utc, after: at(example.last), now: at(example.now))
        #expect(try due.fires == example.fires.map(at))
    }

    /// The next time to ask lies after now and after the last fire.
    @Test(arguments: [("06:00:00", "09:30:00", "10:00:00"), ("06:00:00", "05:30:00", "07:00:00")])
    func saysWhenToAskAgain(_ last: String, _ now: String, _ next: String) throws {
        let due = try CatchUp.one.due(
            CronExpression("@hourly"), in: utc, after: time("2026-01-01T\(last)Z"), now: time("2026-01-01T\(now)Z"))
        #expect(try due.next == time("2026-01-01T\(next)Z"))
    }

    /// `@every` keeps the beat of its anchor over what was missed.
    @Test func keepsTheBeat() throws {
        let due = try CatchUp.one.due(
            CronExpression("@every 25m"), in: utc, after: time("2026-01-01T06:00:00Z"), now: time("2026-01-01T09:00:00Z"),
            anchor: time("2026-01-01T05:35:00Z"))
        #expect(try due.fires == [time("2026-01-01T08:55:00Z")])
        #expect(try due.next == time("2026-01-01T09:20:00Z"))
    }

    /// Years of missed minutes cost no more than the fires that are wanted.
    @Test(.timeLimit(.minutes(1)), arguments: ["* * * * *", "@every 1s", "@yearly", "0 0 29 2 *"]) func isCheapAfterYears(_ text: String)
        throws
    {
        let due = try CatchUp.all(limit: 3).due(
            CronExpression(text), in: utc, after: time("1900-01-01T00:00:00Z"), now: time("2026-01-01T00:00:00Z"))
        #expect(due.fires.count == 3)
    }
}

@Suite struct SchedulePolicyTests {
    typealias Facts = SchedulePolicy.Facts

    static let cases: [(SchedulePolicy, Facts, SchedulePolicy.Action)] = [
        (SchedulePolicy(), Facts(), .start),
        (SchedulePolicy(), Facts(failuresInARow: 99, runsToday: 99), .start),
        (SchedulePolicy(overlap: .skip), Facts(isRunning: true), .skip(.running)),
        (SchedulePolicy(overlap: .queue), Facts(isRunning: true), .queue),
        (SchedulePolicy(overlap: .queue), Facts(isRunning: true, isWaiting: true), .skip(.waiting)),
        (SchedulePolicy(overlap: .replace), Facts(isRunning: true), .replace),
        (SchedulePolicy(pausesAfter: 3), Facts(failuresInARow: 2), .start),
        (SchedulePolicy(pausesAfter: 3), Facts(failuresInARow: 3), .pause),
        (SchedulePolicy(pausesAfter: 0), Facts(), .start),
        (SchedulePolicy(runsPerDay: 4), Facts(runsToday: 3), .start),
        (SchedulePolicy(runsPerDay: 4), Facts(runsToday: 4), .skip(.runsPerDay)),
        (SchedulePolicy(overlap: .replace, runsPerDay: 4), Facts(runsToday: 4, isRunning: true), .skip(.runsPerDay)),
        (SchedulePolicy(overlap: .replace, pausesAfter: 1, runsPerDay: 1), Facts(failuresInARow: 1, runsToday: 1, isRunning: true), .pause),
    ]

    /// Failures pause before the day's number counts, and that before the run under way.
    @Test(arguments: cases) func decides(_ policy: SchedulePolicy, _ facts: Facts, _ action: SchedulePolicy.Action) {
        #expect(policy.action(facts) == action)
    }

    /// A day begins with the zone's midnight, or where clocks skip that, right after.
    @Test(arguments: [
        ("Asia/Tokyo", "2026-01-01T14:59:59Z", "2025-12-31T15:00:00Z"), ("Asia/Tokyo", "2026-01-01T15:00:00Z", "2026-01-01T15:00:00Z"),
        ("America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z"),
    ]) func beginsTheDay(_ zone: String, _ now: String, _ start: String) throws {
        #expect(try SchedulePolicy.startOfDay(of: time(now), in: Timestamp.zone(zone)) == time(start))
    }
}
