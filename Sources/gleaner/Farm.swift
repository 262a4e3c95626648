import ArgumentParser
import Documents
import Egress
import Extraction
import Fetching
import Fleet
import Foundation
import Logging
import Politeness
import Scheduling
import Store
import Synchronization
import Visiting

/// This process as a node of the store's farm.
struct Farm: Sendable {
    let store: Store
    let node: NodeStatus
    /// Visits at one IP address at the same time; nil: the usual number.
    let perAddress: Int?
    let logger: Logger

    /// Who we say we are, in every request.
    static let identity = Identity(
        token: "Gleaner/\(Gleaner.version) (+https://github.com/gleaner/gleaner)",
        contact: ProcessInfo.processInfo.environment["GLEANER_CONTACT"].flatMap(contact))

    /// Nil for what a header can't carry or isn't an address of electronic mail.
    private static func contact(_ text: String) -> String? {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isAddress = parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
        return isAddress && text.utf8.allSatisfy { $0 > 32 && $0 < 127 } ? text : nil
    }

    /// The product token that robots.txt files know us by.
    static let robotsToken = "Gleaner"

    /// - Parameters:
    ///   - atOnce: visits at the same time.
    ///   - roles: what it does for others; empty for a command that does its own run.
    init(store: Store, atOnce: Int, perAddress: Int? = nil, roles: String = "", logger: Logger = Farm.logger()) {
        self.store = store
        self.perAddress = perAddress
        self.logger = logger
        var node = NodeStatus(Identifier(.node), pid: ProcessInfo.processInfo.processIdentifier)
        node.process = ProcessMark.own
        node.machine = ProcessInfo.processInfo.hostName
        node.version = Gleaner.version
        node.roles = roles
        node.capacity = atOnce
        self.node = node
    }

    static func logger(_ usual: Logger.Level = .error) -> Logger {
        let level = ProcessInfo.processInfo.environment["GLEANER_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? usual
        return Logger(label: "gleaner") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }

    static func domains() -> RegistrableDomains {
        RegistrableDomains(
            list: (try? String(contentsOfFile: RegistrableDomains.usualPlace, encoding: .utf8)) ?? "",
            ascii: { URLIdentity("http://\($0)/")?.host ?? $0 })
    }

    // MARK: Runs of a command

    /// Stores a run that this process does itself.
    func submit(_ submission: Submission, spec: RunSpec, series: String? = nil, _ terms: RunArguments? = nil) async throws -> SubmittedRun {
        let kind = spec.crawl != nil ? "crawl" : spec.request == nil ? "browse" : "extract"
        var run = terms?.run(kind: kind, spec: spec.text, lane: .own) ?? NewRun(kind: kind, spec: spec.text)
        run.lane = .own
        run.series = series
        run.owner = node.id
        try await store.heartbeat(node)
        return try await Farm.store(run, submission, in: store)
    }

    /// Leaves a run to the farms of the store; waits for its end and writes the result, or prints its id.
    static func submit(
        _ submission: Submission, _ spec: RunSpec, series: String? = nil, _ terms: RunArguments, to store: Store, waits: Bool, quiet: Bool,
        explains: Bool, output: OutputArguments
    ) async throws {
        let isCrawl = spec.crawl != nil
        // A site is no thing to wait for: single pages go before it.
        var new = terms.run(kind: isCrawl ? "crawl" : "extract", spec: spec.text, lane: waits && !isCrawl ? .interactive : .batch)
        new.series = series
        let run = try await self.store(new, submission, in: store)
        if waits {
            if !quiet { Terminal.say("a farm does it; \(run.id)") }
            return try await RunWatch(store, run.number, isQuiet: quiet).finish(output, explains: explains)
        }
        print(run.id)
        guard !quiet else { return }
        let isAlive = try await store.nodes().contains { !$0.isDead && $0.status.roles.contains("worker") }
        Terminal.say(
            (isAlive ? "a farm does it" : "no farm is alive: start one with gleaner serve") + "; follow it with gleaner runs watch \(run.id)")
    }

    private static func store(_ run: NewRun, _ submission: Submission, in store: Store) async throws -> SubmittedRun {
        do {
            let submitted = try await store.submit(run, visits: submission.visits)
            if !submitted.isNew { Terminal.say("\(submitted.id) has this key already") }
            return submitted
        } catch let error as StoreError where error.code == .conflict {
            throw CommandError.input("--key: \(error.message)")
        }
    }

    /// Takes over a run whose process died, with the visits that it held.
    func adopt(_ run: Int64) async throws {
        try await store.heartbeat(node)
        try await store.adopt(run, owner: node.id)
    }

    /// Does a run to its end and writes its result. Throws a `CommandError` whose exit code tells how it ended.
    func work(
        on run: Int64, id: Identifier, spec: RunSpec, model: OpenModel?, quiet: Bool, explains: Bool = false, output: OutputArguments
    ) async throws {
        let progress = RunProgress(isQuiet: quiet, run: spec.crawl == nil ? nil : run, in: store)
        do {
            try await Crew.with(store: store, atOnce: node.capacity, perAddress: perAddress, logger: logger) { crew in
                try await crew.prepare(run, spec: spec, model: model)
                let work = VisitWork(crew: crew, policy: .interactive)
                async let _ = progress.followCrawl()
                try await scheduler().work(on: run, progress: { progress.show($0) }, visit: { await work.perform($0) })
            }
        } catch is CancellationError {
            progress.end()
            await putAway(run, reason: "stopped by a signal")
            Terminal.say("stopped; what was done is kept: gleaner runs show \(id)")
            throw ExitCode(130)
        }
        progress.end()
        try await store.leave(node: node.id)
        try await RunResult(try await store.run(id.description), from: store).write(output, quiet: quiet, explains: explains)
    }

    /// The last writes of a run that was stopped. In a task of their own, since a cancelled one can't write any more.
    func putAway(_ run: Int64, reason: String) async {
        await Task {
            try? await store.cancel(run, reason: reason)
            try? await store.leave(node: node.id)
        }.value
    }

    func scheduler(grace: Duration = .seconds(20)) -> Scheduler {
        var configuration = Scheduler.Configuration()
        configuration.atOnce = node.capacity
        configuration.grace = grace
        let jitter = Box(Jitter(seed: UInt64.random(in: 0 ... .max)))
        configuration.next = { terms, now in Manners.next(terms, at: now, luck: jitter.change { $0.next() }) }
        return Scheduler(store: store, node: node, configuration: configuration)
    }
}
