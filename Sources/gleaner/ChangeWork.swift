import Changes
import Documents
import Egress
import Fetching
import Foundation
import Logging
import Store
import Visiting
import Webhooks

/// Whom a schedule tells of changes, as it is stored.
struct ChangeNotice: Sendable {
    /// Thresholds; none: whatever changed.
    var when: [String] = []
    var webhook: String?
    /// Unreadable without the farm's key.
    var sealedSecret: String?
    /// Run by the farm, with a JSON of the changes on standard input.
    var command: [String] = []

    var isNothing: Bool { webhook == nil && command.isEmpty }

    init() {}

    init(json: JSON) {
        when = json["when"]?.array?.compactMap(\.string) ?? []
        webhook = json["webhook"]?.string
        sealedSecret = json["sealedSecret"]?.string
        command = json["command"]?.array?.compactMap(\.string) ?? []
    }

    var json: JSON {
        .of(
            ("when", .array(when.map(JSON.string))), ("webhook", webhook.map(JSON.string)), ("sealedSecret", sealedSecret.map(JSON.string)),
            ("command", .array(command.map(JSON.string))))
    }

    static let purpose = "webhook"
}

/// Compares the runs of schedules with those before them, and tells whom it concerns. Deliveries are rows: each is sent until it was received, by
/// whichever farm is alive, and the receiver knows by its id what it has seen already.
struct ChangeWork: Sendable {
    let store: Store
    let secrets: FarmSecrets
    /// Commands of schedules are run only where the farm was started so.
    let mayRunCommands: Bool
    /// Private addresses that webhooks may go to.
    let rules: AddressRules
    let logger: Logger

    func round() async throws {
        for ended in try await store.uncomparedRuns(limit: 10) { try await compare(ended) }
        for delivery in try await store.takeDeliveries(limit: 10) { try await send(delivery) }
    }

    private func compare(_ ended: (run: RunRow, schedule: ScheduleRow)) async throws {
        let (run, schedule) = ended
        let notice = ChangeNotice(json: (try? JSON(parsing: schedule.policy))?["onChange"] ?? .null)
        var delivery: (url: String, body: String)?
        if !notice.isNothing, let series = run.series, let before = try await store.runBefore(run.number, in: series) {
            let diff = try await RunDiff(before, run, in: store)
            let thresholds = notice.when.compactMap { try? ChangeThreshold($0) }
            let reached = thresholds.isEmpty ? (diff.isEmpty ? [] : [diff.summary]) : thresholds.compactMap { $0.sentence(on: diff) }
            if !reached.isEmpty {
                let body = ChangeWork.body(schedule, before, run, diff, reached)
                if let url = notice.webhook { delivery = (url, body) }
                if !notice.command.isEmpty { await execute(notice.command, body, schedule) }
                logger.notice("schedule \(schedule.name): \(diff.summary)")
            }
        }
        try await store.setCompared(run.number, delivery: delivery, schedule: schedule.number)
    }

    /// Records that a notice has at most; the store has all of them.
    private static let toldLimit = 100

    private static func body(_ schedule: ScheduleRow, _ old: RunRow, _ new: RunRow, _ diff: RunDiff, _ reached: [String]) -> String {
        var members = diff.json.members ?? []
        for index in members.indices {
            if let items = members[index].value.array, items.count > toldLimit { members[index].value = .array(Array(items.prefix(toldLimit))) }
        }
        return JSON.of(
            ("type", .string("run.changed")), ("schedule", .string(schedule.name)), ("old", .string(old.id.description)),
            ("new", .string(new.id.description)), ("summary", .string(diff.summary)), ("reached", .array(reached.map(JSON.string))),
            ("diff", .object(members))
        ).description
    }

    // MARK: A webhook

    private func send(_ delivery: Delivery) async throws {
        let notice = ChangeNotice(json: (try? JSON(parsing: delivery.policy))?["onChange"] ?? .null)
        var answer = RetrySchedule.Answer.none
        var what: String
        do {
            let secret = try notice.sealedSecret.map { try WebhookSecret(try secrets.open($0, for: ChangeNotice.purpose)) }
            var request = FetchRequest(delivery.url, userAgent: Farm.identity.token, rules: rules)
            request.method = "POST"
            request.body = Array(delivery.body.utf8)
            request.headers = [HTTPField("Content-Type", "application/json")]
            request.timeout = .seconds(15)
            request.sizeLimit = 64 << 10
            request.atLimit = .truncate
            // A redirect would send the body where nobody wanted it.
            request.maximumRedirects = 0
            if let secret {
                let signature = try WebhookSignature(
                    id: delivery.id.description, time: Int64(Date().timeIntervalSince1970 * 1e6), body: Data(delivery.body.utf8), secrets: [secret])
                request.headers += signature.headers.map { HTTPField($0.name, $0.value) }
            }
            let fetcher = Fetcher(resolver: Resolver())
            let response: Result<FetchResponse, FetchError>
            do throws(FetchError) { response = .success(try await fetcher.fetch(request)) } catch { response = .failure(error) }
            await fetcher.shutdown()
            let received = try response.get()
            answer = .status(received.status, retryAfter: received.header("retry-after").flatMap { RobotsGate.rest(retryAfter: $0) })
            what = "status \(received.status)"
        } catch let error as FetchError {
            what = error.message
        } catch {
            what = (error as? CommandError)?.message ?? "\(error)"
        }
        let step = RetrySchedule().step(after: delivery.attempt, answer)
        switch step {
        case .done: try await store.end(delivery, .received, what)
        case .again(let pause): try await store.sendAgain(delivery, after: Int64(pause / .microseconds(1)), what)
        case .givenUp, .stopped: try await store.end(delivery, .givenUp, what)
        }
        if step != .done { logger.notice("webhook of \(delivery.schedule): \(what)", metadata: ["attempt": "\(delivery.attempt)"]) }
    }

    // MARK: A command

    private static let commandTime = Duration.seconds(60)

    private func execute(_ words: [String], _ input: String, _ schedule: ScheduleRow) async {
        guard mayRunCommands else {
            return logger.error("schedule \(schedule.name): its command was not run; start the farm with --allow-commands")
        }
        guard let path = words.first else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = Array(words.dropFirst())
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        let ended = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in ended.continuation.finish() }
        do { try process.run() } catch { return logger.error("schedule \(schedule.name): \(path) can't be started: \(error.localizedDescription)") }
        let writer = pipe.fileHandleForWriting
        let feed = Task.detached {
            // Whoever reads nothing loses nothing.
            try? writer.write(contentsOf: Data(input.utf8))
            try? writer.close()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in ended.stream {} }
            group.addTask { try? await Task.sleep(for: ChangeWork.commandTime) }
            await group.next()
            group.cancelAll()
        }
        if process.isRunning {
            process.terminate()
            logger.error("schedule \(schedule.name): \(path) took longer than \(ChangeWork.commandTime) and was ended")
        } else if process.terminationStatus != 0 {
            logger.error("schedule \(schedule.name): \(path) ended with \(process.terminationStatus)")
        }
        feed.cancel()
    }
}
