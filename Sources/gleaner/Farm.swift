import ArgumentParser
import Documents
import Egress
import Extraction
import Fetching
import Fleet
import Foundation
import Inference
import Logging
import Politeness
import Scheduling
import Store
import Visiting

/// The parts put together for one run in this process.
struct Farm: Sendable {
    let store: Store
    let node = Identifier(.node)
    let locations = Locations()
    private let options: VisitOptions
    private let route: Relay.Route
    private let resolver: Resolver
    private let domains: RegistrableDomains
    private let logger: Logger

    /// Who we say we are, in every request.
    static let identity = Identity(token: "Gleaner/\(Gleaner.version) (+https://github.com/gleaner/gleaner)")
    /// The product token that robots.txt files know us by.
    static let robotsToken = "Gleaner"

    /// - Parameter targets: addresses that a person typed: where one is loopback or private, exactly that host and port are allowed.
    init(store: Store, options: VisitOptions, wayOut: WayOut, targets: [Targets.Entry]) async throws {
        self.store = store
        self.options = options
        logger = Farm.logger()
        domains = RegistrableDomains(
            list: (try? String(contentsOfFile: RegistrableDomains.usualPlace, encoding: .utf8)) ?? "",
            ascii: { URLIdentity("http://\($0)/")?.host ?? $0 })
        let overrides = try options.overrides.map { try HostOverride($0) }
        resolver = Resolver(overrides: overrides)
        var rules = AddressRules(allowing: try options.allowedAddresses.map { try AddressBlock($0) })
        var seen: Set<WebAddress> = []
        for target in targets {
            guard var address = WebAddress(target.url) else { continue }
            address.scheme = ""
            guard seen.insert(address).inserted else { continue }
            rules = await resolver.allowing(startHost: address.host, port: address.port, in: rules)
        }
        route = Relay.Route(rules: rules, wayOut: wayOut)
        if !options.obeysRobots {
            for target in targets {
                guard let address = WebAddress(target.url) else { continue }
                let found = try? await resolver.addresses(of: address.host, port: address.port, rules: rules)
                guard let found, found.allSatisfy({ $0.kind == .loopback }) else {
                    throw CommandError.input("--no-robots: \(target.url) is not on this machine; robots.txt is obeyed everywhere else")
                }
            }
        }
    }

    private static func logger() -> Logger {
        let level = ProcessInfo.processInfo.environment["GLEANER_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .error
        return Logger(label: "gleaner") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }

    // MARK: Submitting

    func submit(_ targets: [Targets.Entry], spec: RunSpec) async throws -> (number: Int64, id: Identifier) {
        let visits = targets.map { target -> NewVisit in
            guard spec.options.file == nil, let address = WebAddress(target.url) else {
                return NewVisit(url: target.url, host: "file:", delay: 0, atOnce: 64)
            }
            return NewVisit(
                url: target.url, host: domains.domain(of: address.host),
                delay: HostClock.delay(isLoopback: address.isLoopback, crawlDelay: nil), atOnce: address.isLoopback ? 64 : 1)
        }
        try await store.heartbeat(node: node, pid: ProcessInfo.processInfo.processIdentifier, process: ProcessMark.own)
        return try await store.submit(kind: spec.request == nil ? "browse" : "extract", spec: spec.text, owner: node, visits: visits)
    }

    /// Takes over a run whose process died, with the visits that it held.
    func adopt(_ run: Int64) async throws {
        try await store.heartbeat(node: node, pid: ProcessInfo.processInfo.processIdentifier, process: ProcessMark.own)
        try await store.adopt(run, owner: node)
    }

    // MARK: Working

    /// Does a run to its end and writes its result. Throws a `CommandError` whose exit code tells how it ended.
    func work(
        on run: Int64, id: Identifier, spec: RunSpec, model: OpenModel?, atOnce: Int = 4, quiet: Bool, explains: Bool = false,
        output: OutputArguments
    ) async throws {
        let progress = RunProgress(isQuiet: quiet)
        do {
            try await withVisitor(spec: spec, session: id.description, model: model, atOnce: atOnce) { visitor in
                try await scheduler(atOnce: atOnce).work(
                    on: run, progress: { progress.show($0) }, visit: { await perform($0, visitor) })
            }
        } catch is CancellationError {
            progress.end()
            await putAway(run, reason: "stopped by a signal")
            Terminal.say("stopped; what was done is kept: gleaner runs show \(id)")
            throw ExitCode(130)
        }
        progress.end()
        try await store.leave(node: node)
        let row = try await store.run(id.description)
        let report = try await RunReport(row, from: store)
        try output.write(report)
        try summary(report, quiet: quiet, explains: explains, output: output)
    }

    /// The last writes of a run that was stopped. In a task of their own, since a cancelled one can't write any more.
    func putAway(_ run: Int64, reason: String) async {
        await Task {
            try? await store.cancel(run, reason: reason)
            try? await store.leave(node: node)
        }.value
    }

    func scheduler(atOnce: Int) -> Scheduler {
        var configuration = Scheduler.Configuration()
        configuration.atOnce = atOnce
        configuration.process = ProcessMark.own
        let jitter = Box(Jitter(seed: UInt64.random(in: 0 ... .max)))
        configuration.spacing = { delay in HostClock.spacing(of: delay, factor: jitter.change { $0.next() }) }
        return Scheduler(store: store, node: node, configuration: configuration)
    }

    /// Lends a visitor with a fleet, a way out and models; all of it is put away afterwards, whatever happened.
    func withVisitor<Value: Sendable>(
        spec: RunSpec, session: String, model: OpenModel? = nil, atOnce: Int, _ body: @Sendable (Visitor) async throws -> Value
    ) async throws -> Value {
        let installation: BrowserInstallation
        let profile: BrowserProfile
        do throws(FleetError) {
            installation = try BrowserInstallation.find(at: ProcessInfo.processInfo.environment["GLEANER_BROWSER"])
            profile = try BrowserProfile.load(in: locations.browserProfiles)
        } catch {
            throw CommandError.ours(error.message)
        }
        var fleet = FleetConfiguration(installation: installation, profile: profile, identity: Farm.identity)
        fleet.tabs = max(1, atOnce)
        let configuration = fleet
        let extractor = spec.request == nil ? nil : try Farm.extractor(locations, model: model?.pointing)
        let userAgent = Farm.identity.userAgent(chromium: installation.version() ?? "0")
        let relay = Relay(resolver: resolver, logger: logger)
        let fetcher = Fetcher(resolver: resolver)
        let robots = options.obeysRobots
            ? RobotsGate(cache: .store(store), fetcher: fetcher, route: route, token: Farm.robotsToken, userAgent: userAgent) : nil
        do {
            let value = try await relay.withPort(route) { port in
                try await Fleet.with(configuration, logger: logger) { fleet in
                    let parts = Visitor.Parts(
                        fleet: fleet, port: port, resolver: resolver, route: route, robots: robots, extractor: extractor)
                    return try await body(Visitor(parts: parts, spec: spec, session: session))
                }
            }
            await fetcher.shutdown()
            return value
        } catch {
            await fetcher.shutdown()
            throw error
        }
    }

    /// The robots gate alone, for `gleaner robots`.
    func withRobots<Value: Sendable>(agent: String, _ body: @Sendable (RobotsGate) async throws -> Value) async throws -> Value {
        let fetcher = Fetcher(resolver: resolver)
        let version = (try? BrowserInstallation.find())?.version() ?? "0"
        let gate = RobotsGate(
            cache: .store(store), fetcher: fetcher, route: route, token: agent,
            userAgent: Farm.identity.userAgent(chromium: version))
        let result: Result<Value, any Error>
        do { result = .success(try await body(gate)) } catch { result = .failure(error) }
        await fetcher.shutdown()
        return try result.get()
    }

    /// What reading needs of the bundled model files.
    struct Models: Sendable {
        var encoder: TokenEncoder
        var listing: ListingModel
    }

    static func models(_ locations: Locations) throws -> Models {
        do {
            let encoder = try TextEncoder(path: locations.matcher.path, .init(identity: .matcher))
            let trees: Data
            do { trees = try Data(contentsOf: locations.listingTrees) } catch {
                throw CommandError.ours("the list model \(locations.listingTrees.path) can't be read; reinstall Gleaner or set GLEANER_HOME")
            }
            return Models(encoder: TokenEncoder(encoder), listing: try ListingModel(json: trees))
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError.ours("\(error)")
        }
    }

    static func extractor(_ locations: Locations, model: PointingModel? = nil) throws -> Extractor {
        try extractor(models(locations), model: model)
    }

    static func extractor(_ models: Models, _ matcher: Matcher.Configuration = .init(), model: PointingModel? = nil) throws -> Extractor {
        do {
            return Extractor(matcher: try Matcher(models.encoder, matcher), listing: models.listing, model: model)
        } catch {
            throw CommandError.ours("\(error)")
        }
    }

    // MARK: One visit of a run

    private func perform(_ lease: Lease, _ visitor: Visitor, attempts: Int = 3) async -> Scheduler.Result {
        let result = await visitor.visit(lease.url)
        let outcome = VisitOutcome(result)
        guard result.isWorthRetry, lease.attempt < attempts else { return .final(outcome) }
        let pause = result.restFor ?? .seconds(1 << min(lease.attempt, 6))
        // Who waits at a terminal is not made to wait for minutes: the site's wish is kept by its clock, the visit fails.
        return pause <= .seconds(30) ? .again(after: pause, outcome) : .final(outcome)
    }

    private func summary(_ report: RunReport, quiet: Bool, explains: Bool, output: OutputArguments) throws {
        var worst = Exit.done
        let unfinished = report.pages.filter { $0.status != "completed" }
        if explains, output.format != .json {
            for page in report.pages { if let explanation = page.explanation { Terminal.say(explanation.text(pretty: true)) } }
        }
        for page in unfinished { Terminal.say("\(page.status): \(page.reason ?? page.url)") }
        let counts = report.run.counts
        if counts.completed + counts.partial > 0, !unfinished.isEmpty {
            worst = .some
        } else if let first = unfinished.first {
            // All failed: whose fault it was says the first of the worst kind.
            let faults = Set(unfinished.compactMap(\.fault))
            worst = faults.contains("ours") ? .ours : faults.contains("site") ? .site : faults.contains("input") ? .input : .site
            _ = first
        }
        if !quiet {
            let records = report.pages.reduce(0) { $0 + $1.records.count }
            let values = report.pages.reduce(0) { $0 + $1.evidence.count }
            var parts = ["\(counts.completed) of \(counts.total) pages completed"]
            for (n, word) in [(counts.partial, "partial"), (counts.failed, "failed"), (counts.skipped, "skipped")] where n > 0 {
                parts.append("\(n) \(word)")
            }
            Terminal.say("\(records) records, \(values) values proven; \(parts.joined(separator: ", ")). gleaner runs show \(report.run.id)")
        }
        if worst != .done { throw ExitCode(worst.rawValue) }
    }
}

extension RobotsGate.Cache {
    static func store(_ store: Store) -> RobotsGate.Cache {
        RobotsGate.Cache(
            known: { origin in
                let (stored, now) = try await store.robots(of: origin)
                return (
                    stored.map {
                        RobotsGate.Known(
                            status: $0.status, body: $0.body, freshUntil: $0.freshUntil, goodBody: $0.goodBody, goodAt: $0.goodAt)
                    }, now
                )
            },
            keep: { origin, status, body, freshFor in
                try await store.setRobots(of: origin, status: status, body: body, freshFor: freshFor)
            })
    }
}

extension TokenEncoder {
    init(_ encoder: TextEncoder) {
        self.init(
            tokenize: { encoder.tokenize($0).map { Pieces(ids: $0.ids, starts: $0.starts, ends: $0.ends) } },
            vectors: { try await encoder.vectors(of: $0).map(\.values) },
            tensor: { encoder.tensor(named: $0).map { Tensor(shape: $0.shape, values: $0.values) } },
            integer: { encoder.integer(named: $0) },
            product: { try MatrixProduct.rows($2, count: $3, times: $0, outputs: $1) })
    }
}

extension VisitOutcome {
    /// What a visit came to, as it is stored.
    init(_ result: VisitResult) {
        let answer = result.answer
        var records: [Record] = []
        for (number, body) in (answer?.records ?? []).enumerated() {
            let evidence = (answer?.evidence ?? []).filter { $0.record == number }
            records.append(Record(body: body.description, evidence: JSON.array(evidence.map(\.json)).description))
        }
        let page = JSON.of(
            ("httpStatus", result.httpStatus.map { .integer($0) }), ("fault", result.fault.map { .string($0.rawValue) }),
            ("incomplete", .array((answer?.incomplete ?? []).map(\.json))), ("next", answer?.next.map(JSON.string)),
            ("robots", result.robots), ("cost", result.cost.json), ("explanation", result.explanation))
        let snapshot = result.document.map { Snapshot(of: $0) }
        let state: FinalState =
            switch result.status {
            case .completed: .completed
            case .partial: .partial
            case .failed: .failed
            case .skipped: .skipped
            }
        self.init(
            state: state, finalURL: result.finalURL, reason: result.reason, code: result.code, page: page.description, records: records,
            snapshot: snapshot.map { StoredSnapshot(hash: $0.hash, body: $0.bytes, size: $0.bytes.count) },
            askedAgo: result.askedAt.map { ($0.duration(to: .now)).microseconds },
            delay: result.crawlDelay.map { HostClock.delay(isLoopback: false, crawlDelay: $0 / .seconds(1)) },
            restFor: result.restFor?.microseconds)
    }
}
