import ArgumentParser
import Changes
import Cron
import Documents
import Foundation
import Scheduling
import Store
import Visiting
import Webhooks

extension Schedule {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a schedule; says when it fires before it is kept.",
            discussion: """
                After -- stands what it does: extract … or crawl …, as you would type it. Five fields as Debian's cron reads them, @daily and its \
                kin, or @every 90m (gleaner schedule next --help).
                """)

        @Argument(help: "What it is called.") var name: String
        @Argument(help: ArgumentHelp("When it fires, in quotes.", valueName: "expr")) var expression: String
        @Argument(parsing: .postTerminator, help: ArgumentHelp("What it does.", valueName: "command")) var command: [String] = []
        @Option(help: ArgumentHelp("Time zone by its IANA name.", valueName: "zone")) var zone = "UTC"
        @OptionGroup(title: "Behaviour") var behaviour: ScheduleBehaviour
        @Flag(help: "Say what it would do and when; keep nothing.") var dryRun = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let name = try PoolName.checked(name, "the name")
            let clock = try ScheduleClock(expression: expression, zone: zone, spread: behaviour.policy.spread)
            var terms = behaviour.policy
            terms.notice = try behaviour.notice()
            let (command, policy) = (command, terms)
            try await place.with { store in
                let job = try await ScheduleJob(command, store: store)
                let now = Date(timeIntervalSince1970: Double(try await store.now()) / 1e6)
                let fires = clock.expression.fires(after: now, in: clock.zone, count: 10, anchor: now)
                Terminal.say("\(name): \(job.command.joined(separator: " "))")
                for fire in fires { Terminal.say("  \(Timestamp.write(fire, in: clock.zone))") }
                guard !fires.isEmpty else { throw CommandError.input("\"\(expression)\" never fires") }
                guard !dryRun else { return }
                do {
                    try await store.add(
                        NewSchedule(
                            name: name, expression: expression, zone: zone, job: job.json.description, policy: policy.json.description,
                            next: clock.next(after: now, name: name, anchor: now)))
                } catch let error as StoreError where error.code == .conflict {
                    throw CommandError.input(error.message)
                }
                print("\(name): kept")
                let isAlive = try await store.nodes().contains { !$0.isDead && $0.status.roles.contains("scheduler") }
                if !isAlive { Terminal.say("no farm is alive to start its runs: gleaner serve") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The schedules, with their next fires.")

        @Flag(help: "As JSON, one a line.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let rows = try await store.schedules()
                if rows.isEmpty, !json { return print("No schedule yet: gleaner schedule add NAME \"0 3 * * *\" -- crawl https://example.org/ \"what you want\"") }
                for row in rows { print(json ? ScheduleText(row).json.description : ScheduleText(row).line) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One schedule: what it does, its next fires, and what came of the last ones.")

        @Argument(help: "The schedule.") var name: String
        @Option(help: "Fires of its history.") var limit = 20
        @Flag(help: "As JSON.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit \(limit): must be 1 to 10000") }
        }

        func run() async throws {
            try await place.with { store in
                let row = try await known(name, in: store)
                let text = ScheduleText(row)
                let history = try await store.fires(of: row.number, limit: limit)
                if json {
                    let fires = history.map { fire in
                        JSON.of(
                            ("fire", .string(fire.fireAt.formatted(.iso8601))), ("at", .string(fire.at.formatted(.iso8601))),
                            ("action", .string(fire.action)), ("reason", fire.reason.map(JSON.string)),
                            ("run", fire.run.map { .string($0.description) }), ("state", fire.runState.map { .string($0.name) }))
                    }
                    print(JSON.object((text.json.members ?? []) + [JSON.Member("history", .array(fires))]).text(pretty: true))
                } else {
                    print(text.lines)
                    for fire in history {
                        let what = fire.run.map { "\($0)  \(fire.runState?.name ?? "")" } ?? fire.reason ?? ""
                        print("  \(fire.fireAt.formatted(.iso8601))  \(fire.action)  \(what)")
                    }
                }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start no runs of it until it is resumed; a run under way goes on.")

        @Argument(help: "The schedule.") var name: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                try await store.setPaused(true, try await known(name, in: store).number, reason: "paused by hand")
                print("\(name): paused")
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Go on with a paused schedule, from its next fire on.")

        @Argument(help: "The schedule.") var name: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let row = try await known(name, in: store)
                guard row.isPaused else { throw CommandError.input("\(name) is not paused") }
                let now = Date(timeIntervalSince1970: Double(try await store.now()) / 1e6)
                let clock = try ScheduleClock(row)
                try await store.setPaused(
                    false, row.number, reason: nil,
                    next: clock.next(after: now, name: row.name, anchor: Date(timeIntervalSince1970: Double(row.createdAt) / 1e6)))
                print("\(name): goes on")
            }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start a run of it now, whatever its clock says; prints the run's id.")

        @Argument(help: "The schedule.") var name: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let row = try await known(name, in: store)
                let job = try ScheduleJob(row)
                let run = try await store.fireNow(row, run: job.run(of: row), visits: job.visits(try await Manners(store)))
                print(run.id)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove a schedule; its runs stay.")

        @Argument(help: "The schedule.") var name: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                try await store.removeSchedule(try await known(name, in: store).number)
                print("\(name): removed")
            }
        }
    }
}

private func known(_ name: String, in store: Store) async throws -> ScheduleRow {
    guard let row = try await store.schedule(named: name) else {
        let names = try await store.schedules().map(\.name)
        throw CommandError.input(
            "there is no schedule called \(name)" + (names.isEmpty ? "" : "; there are: \(names.joined(separator: ", "))"))
    }
    return row
}

/// How a schedule behaves when not everything goes well.
struct ScheduleBehaviour: ParsableArguments {
    @Option(help: "What a fire does while the run before is under way: skip, queue (one waits) or replace (that run is cancelled).")
    var overlap = SchedulePolicy.Overlap.skip
    @Option(help: ArgumentHelp("Fires that were missed while no farm was alive: none, one (the latest), or the latest n.", valueName: "none|one|n"))
    var catchUp = "one"
    @Option(help: ArgumentHelp("Start up to so many seconds late, always the same for a fire, so that schedules don't start together.", valueName: "seconds"))
    var spread = 0.0
    @Option(help: ArgumentHelp("Pause it after so many failed runs in a row.", valueName: "n")) var pauseAfter: Int?
    @Option(help: ArgumentHelp("Runs a day at most, by its zone.", valueName: "n")) var runsPerDay: Int?
    @Option(
        help: ArgumentHelp(
            "Tell of changes only from here on, as new>0, gone>10% or price:changed>=5. Repeatable: one is enough. Else whatever changed.",
            valueName: "threshold"))
    var when: [String] = []
    @Option(help: ArgumentHelp("Post changes to this address, as JSON.", valueName: "url")) var webhook: String?
    @Option(
        help: ArgumentHelp(
            "Sign it with the secret in this environment variable (whsec_…, Standard Webhooks); it is kept sealed.", valueName: "variable"))
    var webhookSecretEnv: String?
    @Option(help: ArgumentHelp("Run this on changes, with them as JSON on standard input; by farms that --allow-commands.", valueName: "path"))
    var onChange: String?

    func validate() throws {
        guard (0...86_400).contains(spread) else { throw ValidationError("--spread \(spread): must be 0 to 86400 seconds") }
        for (option, value) in [("--pause-after", pauseAfter), ("--runs-per-day", runsPerDay)] {
            if let value, !(1...100_000).contains(value) { throw ValidationError("\(option) \(value): must be 1 to 100000") }
        }
        if ScheduleTerms.catchUp(catchUp) == nil { throw ValidationError("--catch-up \(catchUp): must be none, one, or a number from 1 to 1000") }
    }

    /// Whom to tell, checked; every fault names its option.
    func notice() throws -> ChangeNotice {
        var notice = ChangeNotice()
        notice.when = try when.map { try ChangeThreshold.checked($0).description }
        if let webhook {
            guard WebAddress(webhook) != nil else { throw CommandError.input("--webhook \(webhook): must be an http or https address") }
            notice.webhook = webhook
        }
        if let variable = webhookSecretEnv {
            guard let text = ProcessInfo.processInfo.environment[variable] else {
                throw CommandError.input("--webhook-secret-env \(variable): there is no such variable in the environment")
            }
            do throws(WebhookError) { _ = try WebhookSecret(text) } catch { throw CommandError.input("--webhook-secret-env \(variable): \(error.message)") }
            notice.sealedSecret = try FarmSecrets().seal(text, for: ChangeNotice.purpose)
        }
        if let onChange {
            guard onChange.hasPrefix("/") else { throw CommandError.input("--on-change \(onChange): must be an absolute path") }
            notice.command = [onChange]
        }
        if notice.isNothing, !when.isEmpty || webhookSecretEnv != nil {
            throw CommandError.input("--when says when somebody is told; say whom by --webhook or --on-change")
        }
        return notice
    }

    var policy: ScheduleTerms {
        ScheduleTerms(
            policy: SchedulePolicy(
                catchUp: ScheduleTerms.catchUp(catchUp) ?? .usual, overlap: overlap, pausesAfter: pauseAfter, runsPerDay: runsPerDay), spread: spread)
    }
}

extension SchedulePolicy.Overlap: ExpressibleByArgument {}

/// A schedule for a person.
private struct ScheduleText {
    let row: ScheduleRow
    private let clock: ScheduleClock?
    private let job: ScheduleJob?

    init(_ row: ScheduleRow) {
        self.row = row
        clock = try? ScheduleClock(row)
        job = try? ScheduleJob(row)
    }

    private var fires: [String] {
        guard let clock, !row.isPaused else { return [] }
        let anchor = Date(timeIntervalSince1970: Double(row.createdAt) / 1e6)
        return clock.expression.fires(after: Date(), in: clock.zone, count: 3, anchor: anchor).map { Timestamp.write($0, in: clock.zone) }
    }

    private var state: String { row.isPaused ? "paused" + (row.reason.map { ": \($0)" } ?? "") : "next \(fires.first ?? "never")" }

    var line: String { "\(row.name)  \(row.expression) \(row.zone)  \(state)  \(job?.command.joined(separator: " ") ?? "")" }

    var lines: String {
        let terms = ScheduleTerms(json: (try? JSON(parsing: row.policy)) ?? .null)
        var lines = [
            "\(row.name)  \(row.id)", "  does      \(job?.command.joined(separator: " ") ?? "what this version can't read")",
            "  fires     \(row.expression) (\(row.zone))", "  state     \(state)", "  behaviour \(terms.description)",
        ]
        if fires.count > 1 { lines.append("  then      \(fires.dropFirst().joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }

    var json: JSON {
        .of(
            ("name", .string(row.name)), ("id", .string(row.id.description)), ("expr", .string(row.expression)), ("zone", .string(row.zone)),
            ("paused", .bool(row.isPaused)), ("reason", row.reason.map(JSON.string)), ("next", .array(fires.map(JSON.string))),
            ("command", .array((job?.command ?? []).map(JSON.string))), ("behaviour", (try? JSON(parsing: row.policy)) ?? .null))
    }
}
