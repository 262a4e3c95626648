import ArgumentParser
import Cron
import Documents
import Foundation
import Logging
import Politeness
import Scheduling
import Store
import Visiting

/// When a schedule fires, and when a fire is acted upon.
struct ScheduleClock {
    let expression: CronExpression
    let zone: TimeZone
    let spread: Spread

    init(expression: String, zone: String, spread: Double) throws {
        do throws(CronError) {
            self.expression = try CronExpression(expression)
            self.zone = try Timestamp.zone(zone)
        } catch { throw CommandError.input(error.description) }
        self.spread = Spread(window: spread)
    }

    init(_ row: ScheduleRow) throws {
        try self.init(
            expression: row.expression, zone: row.zone, spread: ScheduleTerms(json: (try? JSON(parsing: row.policy)) ?? .null).spread)
    }

    /// Microseconds, as the store has them.
    func next(after date: Date, name: String, anchor: Date) -> (fireAt: Int64, dueAt: Int64)? {
        expression.next(after: date, in: zone, anchor: anchor).map { moments($0, name) }
    }

    func moments(_ fire: Date, _ name: String) -> (fireAt: Int64, dueAt: Int64) {
        (micros(fire), micros(fire.addingTimeInterval(spread.delay(of: fire, schedule: name))))
    }

    private func micros(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1e6).rounded()) }
}

/// How a schedule behaves, as it is stored.
struct ScheduleTerms: CustomStringConvertible {
    var policy: SchedulePolicy
    /// Seconds.
    var spread: Double
    var notice = ChangeNotice()

    init(policy: SchedulePolicy, spread: Double) { (self.policy, self.spread) = (policy, spread) }

    init(json: JSON) {
        policy = SchedulePolicy(
            catchUp: json["catchUp"]?.string.flatMap(ScheduleTerms.catchUp) ?? .usual,
            overlap: json["overlap"]?.string.flatMap(SchedulePolicy.Overlap.init(rawValue:)) ?? .skip, pausesAfter: json["pauseAfter"]?.int,
            runsPerDay: json["runsPerDay"]?.int)
        spread = json["spread"]?.double ?? 0
        notice = ChangeNotice(json: json["onChange"] ?? .null)
    }

    static func catchUp(_ text: String) -> CatchUp? {
        switch text {
        case "none": CatchUp.none
        case "one": .one
        default: Int(text).flatMap { (1...1000).contains($0) ? .all(limit: $0) : nil }
        }
    }

    private var catchUp: String {
        switch policy.catchUp {
        case .none: "none"
        case .one: "one"
        case .all(let limit): "\(limit)"
        }
    }

    var json: JSON {
        .of(
            ("overlap", .string(policy.overlap.rawValue)), ("catchUp", .string(catchUp)), ("spread", .double(spread)),
            ("pauseAfter", policy.pausesAfter.map { .integer($0) }), ("runsPerDay", policy.runsPerDay.map { .integer($0) }),
            ("onChange", notice.isNothing ? nil : notice.json))
    }

    var description: String {
        var parts = ["overlap \(policy.overlap.rawValue)", "catch-up \(catchUp)"]
        if spread > 0 { parts.append("spread \(spread) s") }
        if let n = policy.pausesAfter { parts.append("pauses after \(n) failed runs") }
        if let n = policy.runsPerDay { parts.append("at most \(n) runs a day") }
        if let url = notice.webhook { parts.append("tells \(url)") }
        if !notice.command.isEmpty { parts.append("runs \(notice.command.joined(separator: " "))") }
        if !notice.isNothing { parts.append(notice.when.isEmpty ? "when anything changed" : "when \(notice.when.joined(separator: " or "))") }
        return parts.joined(separator: ", ")
    }
}

/// What a schedule submits, as it is stored: what was typed, and what was made of it when the schedule was kept.
struct ScheduleJob {
    let command: [String]
    private let spec: String
    private let kind: String
    private let series: String?
    private let urls: [String]
    private let priority: Int
    private let budget: RunBudget

    /// - Parameter command: `extract …` or `crawl …`.
    init(_ command: [String], store: Store) async throws {
        self.command = command
        switch command.first {
        case "extract":
            let extract = try ScheduleJob.parsed(Extract.self, command)
            let order = try await extract.order(in: store)
            (spec, kind, series, urls) = (order.spec.text, "extract", nil, order.urls)
            (priority, budget) = (extract.terms.priority, extract.terms.budget.applied())
        case "crawl":
            let crawl = try ScheduleJob.parsed(Crawl.self, command)
            let order = try crawl.order()
            (spec, kind, series, urls) = (try await order.spec(in: store).text, "crawl", order.series, [])
            (priority, budget) = (order.terms.priority, order.terms.budget.applied())
        default:
            throw CommandError.input("what it does is missing: write -- and then extract … or crawl …, as you would type it")
        }
    }

    private static func parsed<Command: ParsableCommand>(_ type: Command.Type, _ words: [String]) throws -> Command {
        do {
            guard let command = try type.parseAsRoot(Array(words.dropFirst())) as? Command else {
                throw CommandError.input("\(words.joined(separator: " ")): this can't be scheduled")
            }
            return command
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError.input("\(words.first ?? ""): \(type.message(for: error))")
        }
    }

    init(_ row: ScheduleRow) throws {
        let json = try JSON(parsing: row.job)
        guard let spec = json["spec"]?.string, let kind = json["kind"]?.string else {
            throw CommandError.ours("\(row.name): what it does was written by another version")
        }
        command = json["command"]?.array?.compactMap(\.string) ?? []
        (self.spec, self.kind) = (spec, kind)
        series = json["series"]?.string
        urls = json["urls"]?.array?.compactMap(\.string) ?? []
        priority = json["priority"]?.int ?? 0
        budget = json["budget"]?.string.flatMap(RunBudget.init(stored:)) ?? RunBudget()
    }

    var json: JSON {
        .of(
            ("command", .array(command.map(JSON.string))), ("kind", .string(kind)), ("spec", .string(spec)), ("series", series.map(JSON.string)),
            ("urls", .array(urls.map(JSON.string))), ("priority", .integer(priority)), ("budget", budget.stored.map(JSON.string)))
    }

    func run(of row: ScheduleRow) -> NewRun {
        var run = NewRun(kind: kind, spec: spec)
        run.series = series ?? "schedule \(row.name)"
        run.priority = priority
        run.budget = budget
        return run
    }

    func visits(_ manners: Manners) throws -> [NewVisit] {
        if let plan = try RunSpec(spec).crawl { return CrawlDesk.firstVisits(plan, manners) }
        let domains = Farm.domains()
        return urls.compactMap { url in
            guard let place = WebAddress(url) else { return nil }
            let host = domains.domain(of: place.host)
            return NewVisit(url: url, host: host, terms: manners.terms(of: host, isLoopback: place.isLoopback))
        }
    }
}

/// Starts the runs of schedules that are due. Any number of processes may do so: each fire is acted upon once.
struct ScheduleWork: Sendable {
    let store: Store
    let logger: Logger

    func round() async throws {
        let (rows, now) = try await store.dueSchedules()
        guard !rows.isEmpty else { return }
        let manners = try await Manners(store)
        for row in rows {
            do {
                try await act(row, now: Date(timeIntervalSince1970: Double(now) / 1e6), manners)
            } catch let error as StoreError {
                throw error
            } catch {
                // One that can't be read must not stop the others, nor be looked at each second.
                let message = (error as? CommandError)?.message ?? "\(error)"
                logger.error("schedule \(row.name) is paused: \(message)")
                try await store.setPaused(true, row.number, reason: message)
            }
        }
    }

    private func act(_ row: ScheduleRow, now: Date, _ manners: Manners) async throws {
        let clock = try ScheduleClock(row)
        let terms = ScheduleTerms(json: try JSON(parsing: row.policy))
        let anchor = Date(timeIntervalSince1970: Double(row.createdAt) / 1e6)
        let settled = Date(timeIntervalSince1970: Double(row.settledAt) / 1e6)
        // What fired but is spread to later is not due yet, and stays the next.
        let fired = terms.policy.catchUp.due(clock.expression, in: clock.zone, after: settled, now: now, anchor: anchor).fires
        let nowMicros = Int64(now.timeIntervalSince1970 * 1e6)
        let moments = fired.map { clock.moments($0, row.name) }
        let due = moments.filter { $0.dueAt <= nowMicros }
        let later = moments.first { $0.dueAt > nowMicros }
        let until = later.map { $0.fireAt - 1 } ?? nowMicros
        let next = later ?? clock.next(after: now, name: row.name, anchor: anchor)
        let job = try ScheduleJob(row)
        let (policy, logger) = (terms.policy, logger)
        let started = try await store.fire(
            row, fires: due.map(\.fireAt), settled: until, next: next,
            dayStart: Int64(SchedulePolicy.startOfDay(of: now, in: clock.zone).timeIntervalSince1970 * 1e6), run: job.run(of: row),
            visits: try job.visits(manners)
        ) { facts in
            FireAction(
                policy.action(
                    SchedulePolicy.Facts(
                        failuresInARow: facts.failuresInARow, runsToday: facts.runsToday, isRunning: facts.isRunning, isWaiting: facts.isWaiting)),
                policy)
        }
        if started > 0 { logger.notice("schedule \(row.name): \(started) run\(started == 1 ? "" : "s") started") }
    }
}

extension FireAction {
    init(_ action: SchedulePolicy.Action, _ policy: SchedulePolicy) {
        self =
            switch action {
            case .start: .start
            case .queue: .queue
            case .replace: .replace
            case .skip(let reason): .skip(reason.rawValue)
            case .pause: .pause("\(policy.pausesAfter ?? 1) runs in a row failed; go on with gleaner schedule resume")
            }
    }
}
