import ArgumentParser
import Egress
import Fleet
import Foundation
import Logging
import Scheduling
import Server
import ServiceLifecycle
import Store
import Visiting

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The farm: does the runs that are submitted to its store.",
        discussion: """
            Any number of farms may share one PostgreSQL store; on one machine a SQLite file does. Ends at SIGTERM or Ctrl-C: takes nothing \
            new, lets visits that are under way end for as long as --grace says, hands the others back.
            """)

    enum Role: String, CaseIterable, ExpressibleByArgument {
        /// Starts the runs of schedules, ends what is overdue, frees what dead farms held, keeps the store small.
        case scheduler
        /// Visits pages.
        case worker
    }

    @Option(help: ArgumentHelp("Visits at the same time; two a core where it isn't said.", valueName: "n"))
    var atOnce = FleetConfiguration.usualTabs

    @Option(
        help: ArgumentHelp(
            "Visits at one IP address at the same time, by all farms of the store together; 8 where it isn't said, and any number on this machine.",
            valueName: "n"))
    var perAddress: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What this farm does: scheduler, worker, or both, which is usual.", valueName: "role"),
        transform: { text in
            guard let role = Role(rawValue: text.trimmingCharacters(in: [","])) else {
                throw ValidationError("--role \(text): must be scheduler or worker")
            }
            return role
        })
    var role: [Role] = Role.allCases

    @Option(help: ArgumentHelp("Seconds that visits may go on after the farm was told to end.", valueName: "seconds"))
    var grace: Double = 20

    @Flag(help: "Run the commands of schedules (--on-change). Whoever writes to the store can then run programs here.")
    var allowCommands = false

    @Option(
        help: ArgumentHelp("Private addresses that webhooks may go to: CIDR[:PORT[-PORT]]. Repeatable.", valueName: "cidr"))
    var webhookAddress: [String] = []

    @OptionGroup(title: "HTTP") var http: ListenArguments
    @OptionGroup(title: "Retention") var retention: RetentionArguments
    @OptionGroup(title: "Store") var place: StoreArguments

    func validate() throws {
        guard (1...1024).contains(atOnce) else { throw ValidationError("--at-once \(atOnce): must be 1 to 1024") }
        if let perAddress, !(1...1024).contains(perAddress) { throw ValidationError("--per-address \(perAddress): must be 1 to 1024") }
        guard (0...3600).contains(grace) else { throw ValidationError("--grace \(grace): must be 0 to 3600 seconds") }
    }

    func run() async throws {
        let roles = Set(role)
        let webhookRules: AddressRules
        do throws(EgressError) {
            var blocks: [AddressBlock] = []
            for text in webhookAddress { blocks.append(try AddressBlock(text)) }
            webhookRules = AddressRules(allowing: blocks)
        } catch { throw CommandError.input(error.message.replacing("--allow-address", with: "--webhook-address")) }
        let allowsCommands = allowCommands
        let retention = try retention.retention()
        let logger = Farm.logger(.info)
        let said = Box(false)
        // A farm is often started together with its database.
        let waits = { @Sendable (error: StoreError) in
            if !said.value { logger.error("waiting for the store", metadata: ["error": "\(error)"]) }
            said.value = true
        }
        try await place.with(waits: waits) { store in
            let names = Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ",")
            let farm = Farm(store: store, atOnce: roles.contains(.worker) ? atOnce : 0, perAddress: perAddress, roles: names, logger: logger)
            let changes = ChangeWork(
                store: store, secrets: FarmSecrets(), mayRunCommands: allowsCommands, rules: webhookRules, logger: logger)
            try await farm.serve(roles: roles, grace: .milliseconds(Int(grace * 1000)), retention: retention, changes: changes,
                server: http.server(store, logger))
        }
    }
}

extension Farm {
    /// Works until it is told to end.
    func serve(roles: Set<Serve.Role>, grace: Duration, retention: Retention, changes: ChangeWork, server: WebServer?) async throws {
        let drain = Drain()
        let busy = BusyCount()
        let freed = try await StoreArguments.patient({ _ in }) { try await store.releaseDead() }
        if freed > 0 { logger.notice("visits of dead farms are free again", metadata: ["visits": "\(freed)"]) }
        try await StoreArguments.patient({ _ in }) { try await store.heartbeat(node) }
        let keeper = { @Sendable crew in
            Keeper(farm: self, crew: crew, drain: drain, busy: busy, isScheduler: roles.contains(.scheduler), retention: retention)
        }
        let teller = Teller(changes: changes, logger: logger)
        let web: [ServiceGroupConfiguration.ServiceConfiguration] = server.map { [.init(service: $0)] } ?? []
        if roles.contains(.worker) {
            let tabs = node.capacity + LanePlan(places: node.capacity).spare
            try await Crew.with(store: store, atOnce: tabs, perAddress: perAddress, logger: logger) { crew in
                // Ended in the reverse order: the farm is alive to others until its last visit is over.
                let worker = Worker(farm: self, crew: crew, drain: drain, busy: busy, grace: grace)
                let services: [ServiceGroupConfiguration.ServiceConfiguration] = [
                    .init(service: keeper(crew)), .init(service: worker, successTerminationBehavior: .gracefullyShutdownGroup),
                ]
                try await run(services + (roles.contains(.scheduler) ? [.init(service: teller)] : []) + web, grace)
            }
        } else {
            try await run(
                [.init(service: keeper(nil), successTerminationBehavior: .gracefullyShutdownGroup), .init(service: teller)] + web, grace)
        }
        try? await store.leave(node: node.id)
        logger.notice("ended", metadata: ["node": "\(node.id)"])
    }

    private func run(_ services: [ServiceGroupConfiguration.ServiceConfiguration], _ grace: Duration) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // Beyond the grace there is only what must be written and closed.
        configuration.maximumGracefulShutdownDuration = grace + .seconds(30)
        do { try await ServiceGroup(configuration: configuration).run() } catch let error as ServerError {
            throw error.code == .needsKey ? CommandError.input(error.message) : CommandError.ours(error.message)
        }
    }
}

/// Visits pages of any run.
private struct Worker: Service {
    let farm: Farm
    let crew: Crew
    let drain: Drain
    let busy: BusyCount
    let grace: Duration

    func run() async throws {
        let farm = farm
        let work = VisitWork(crew: crew, policy: RetryPolicy())
        let log = ServeLog(farm.logger)
        farm.logger.notice(
            "ready: \(farm.store.place)", metadata: ["node": "\(farm.node.id)", "at_once": "\(farm.node.capacity)"])
        try await withGracefulShutdownHandler {
            try await farm.scheduler(grace: grace).serve(
                until: drain, wakings: farm.store.wakings(), busy: busy, progress: { log.show($0) }, visit: { await work.perform($0) })
        } onGracefulShutdown: {
            farm.logger.notice("told to end: nothing new is taken", metadata: ["under_way": "\(busy.value)"])
            drain.begin()
        }
    }
}

/// Says what the farm does. A store that is away is said once, and again when it is back.
private final class ServeLog: Sendable {
    private let logger: Logger
    private let isAway = Box(false)

    init(_ logger: Logger) { self.logger = logger }

    func show(_ progress: Scheduler.Progress) {
        if case .storeAway(let message) = progress {
            if !isAway.value { logger.error("the store is away; nothing is claimed until it is back", metadata: ["error": "\(message)"]) }
            isAway.value = true
            return
        }
        if isAway.value {
            isAway.value = false
            logger.notice("the store is back")
        }
        switch progress {
        case .started(let lease): logger.debug("visit began", metadata: ["url": "\(lease.url)", "attempt": "\(lease.attempt)"])
        case .finished(let lease, let outcome):
            logger.info(
                "visit \(outcome.state.name)",
                metadata: ["url": "\(lease.url)", "records": "\(outcome.records.count)"].merging(
                    outcome.reason.map { ["reason": "\(Terminal.safe($0))"] } ?? [:]) { first, _ in first })
        case .retrying(let lease, let outcome):
            logger.info("visit will be tried again", metadata: ["url": "\(lease.url)", "reason": "\(Terminal.safe(outcome.reason ?? ""))"])
        case .dropped(let lease): logger.info("visit dropped: its lease was lost", metadata: ["url": "\(lease.url)"])
        case .waiting, .storeAway: break
        }
    }
}

/// Keeps the farm alive in the eyes of others, does what it is ordered, and looks after the store.
private struct Keeper: Service {
    let farm: Farm
    let crew: Crew?
    let drain: Drain
    let busy: BusyCount
    let isScheduler: Bool
    let retention: Retention

    func run() async throws {
        var round = 0
        while !Task.isShuttingDownGracefully, !(crew == nil && drain.isBegun) {
            do {
                try await beat(round)
            } catch let error as StoreError {
                farm.logger.debug("the store did not answer", metadata: ["error": "\(error)"])
            }
            round += 1
            // Cut short by the end of the farm.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
    }

    /// Once a second; what is needed less often is done in some of the rounds.
    private func beat(_ round: Int) async throws {
        let store = farm.store
        if round % 5 == 0 || drain.isBegun {
            var status = farm.node
            status.busy = busy.value
            status.isDraining = drain.isBegun
            try await store.heartbeat(status)
        }
        for order in try await store.takeOrders(of: farm.node.id) { await obey(order) }
        guard isScheduler else { return }
        try await store.endOverdue()
        guard !drain.isBegun else { return }
        try await ScheduleWork(store: store, logger: farm.logger).round()
        if round % 10 == 0, try await store.releaseDead() > 0 { farm.logger.notice("visits of dead farms are free again") }
        if round % 30 == 29 { try await store.foldTallies() }
        if round % 3600 == 60 {
            let removed = try await store.prune(retention)
            if removed != Pruned() { farm.logger.info("old things removed", metadata: ["removed": "\(removed)"]) }
        }
    }

    private func obey(_ order: Order) async {
        let (state, answer): (Order.State, String)
        switch order.kind {
        case .drain:
            drain.begin()
            (state, answer) = (.done, "takes nothing new; \(busy.value) visits under way")
        case .recycle:
            if let crew {
                (state, answer) = (.done, "\(await crew.recycle()) browsers end when their visits are done")
            } else {
                (state, answer) = (.refused, "this farm has no browsers")
            }
        case .screenshot: (state, answer) = await picture(order)
        }
        farm.logger.notice("order \(order.kind.rawValue): \(state == .done ? "done" : answer)")
        try? await farm.store.answer(order, state, answer)
    }

    private func picture(_ order: Order) async -> (Order.State, String) {
        guard let crew, let run = ScreenshotOrder(order.body) else { return (.refused, "there is nothing to take a picture of") }
        do {
            guard let png = try await crew.screenshot(of: run.run, url: run.url) else { return (.refused, "nothing of that run is under way here") }
            return (.done, png.base64EncodedString())
        } catch {
            return (.refused, "\(error)")
        }
    }
}

/// Tells others what changed. A service of its own: a receiver that is slow must not make the farm look dead.
private struct Teller: Service {
    let changes: ChangeWork
    let logger: Logger

    func run() async throws {
        while !Task.isShuttingDownGracefully {
            do {
                try await changes.round()
            } catch let error as StoreError {
                logger.debug("the store did not answer", metadata: ["error": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
    }
}
