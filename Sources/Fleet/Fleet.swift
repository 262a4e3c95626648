// The browsers of this node.
//
// A visit borrows a session: a tab in a browser context. Contexts are kept by key (a run and what it visits as whom), so that the pages of a
// run share cookies, cache and a warm renderer, and no run sees another's. How many tabs work at once is one number for the node, with a
// fair waiting line before it; how many browsers carry them is another. A browser that has had its pages, or died, takes no further
// visits; the next visit starts another, and the old one ends when its last tab comes back.
//
// What can hang is kept off the way back: a tab is given back without a suspension point, and whatever is still asked of the browser then is
// sent and not waited for. Browsers end in tasks of their own, which `close` waits for; each is bounded by its teardown.

package import Foundation
package import Logging
import DevTools

package struct FleetConfiguration: Sendable {
    package var installation: BrowserInstallation
    package var profile: BrowserProfile
    package var identity: Identity
    /// Holds a folder for each browser; all users must be able to pass through it, since browsers of root run under another account.
    package var folder: URL
    /// For people who look into the folder.
    package var name = "gleaner"
    /// Browser processes. Two cores are well served by one; a second one limits what a crash takes along.
    package var browsers = 1
    /// Tabs that work at once. Two a core is where pages per second flatten.
    package var tabs = usualTabs
    package static let usualTabs = max(2, ProcessInfo.processInfo.activeProcessorCount * 2)
    /// Pages after which a browser is replaced; they grow with time.
    package var pagesPerBrowser = 1000
    /// Contexts kept in a browser for keys that may come again; the one longest unused goes first. A context costs about 75 ms of CPU.
    package var contextsPerBrowser = 16
    /// After which an unused context is closed.
    package var contextIdle: Duration = .seconds(120)
    /// Bytes of one message of a browser; a longer one fails the capture that asked for it.
    package var messageLimit = 64 << 20
    /// Under which browsers run where the farm is root: the first that exists.
    package var accounts = ["gleaner", "nobody"]
    /// Off only when asked for, and said loudly by who turns it off: page code would run with the rights of the browser.
    package var isSandboxed = true

    package init(
        installation: BrowserInstallation, profile: BrowserProfile, identity: Identity,
        folder: URL = FileManager.default.temporaryDirectory.appending(path: "gleaner-fleet-\(geteuid())", directoryHint: .isDirectory)
    ) {
        (self.installation, self.profile, self.identity, self.folder) = (installation, profile, identity, folder)
    }
}

/// As whom and by which way pages are visited.
package struct SessionSpec: Sendable, Hashable {
    package enum Network: Sendable, Hashable {
        /// Chromium's own resolver and sockets. Only for tests and trusted pages: nothing checks addresses.
        case direct
        /// Everything, loopback too, goes to this proxy: "127.0.0.1:4711", or with a scheme ("socks5://…").
        case proxy(String)
        /// Every request fails but the one document of `PageRequest.content`.
        case none
    }

    /// Sessions of the same key and spec share cookies, storage and cache; others share nothing.
    package var key: String
    package var network: Network
    /// Instead of the profile's.
    package var viewport: BrowserProfile.Viewport?
    package var language: String?
    package var timeZone: String?
    /// Sent with every request.
    package var headers: [String: String] = [:]

    package init(key: String, network: Network) { (self.key, self.network) = (key, network) }
}

/// A tab, lent to one visit.
package struct Session: Sendable {
    let tab: Tab
    let browser: RunningBrowser

    /// "156.0.8078.79"
    package var browserVersion: String { browser.version }

    /// Opens a page, waits until it is ready and brings back what was asked for. One at a time.
    package func render(_ request: PageRequest) async throws(FleetError) -> RenderedPage {
        do {
            return try await tab.render(request)
        } catch {
            guard error.code == .browserGone else { throw error }
            throw FleetError(.browserGone, "\(error.message): \(await browser.obituary())", underlying: error.underlying)
        }
    }
}

package actor Fleet {
    private final class Context {
        let spec: SessionSpec
        /// Once the browser has made it.
        let making: Task<String, any Error>
        var id: String?
        var idle: [Tab] = []
        var lent = 0
        /// Those that are lent, for who wants to see what is under way.
        var working: [Tab] = []
        var lastUse = ContinuousClock.now

        init(spec: SessionSpec, making: Task<String, any Error>) { (self.spec, self.making) = (spec, making) }
    }

    /// A place for a browser.
    private final class Slot {
        let number: Int
        let starting: Task<RunningBrowser, any Error>
        var browser: RunningBrowser?
        var contexts: [SessionSpec: Context] = [:]
        var lent = 0
        var pages = 0
        /// Takes no further visits.
        var isRetired = false

        init(number: Int, starting: Task<RunningBrowser, any Error>) { (self.number, self.starting) = (number, starting) }
    }

    package struct Status: Sendable, Equatable {
        package var browsers = 0
        package var contexts = 0
        package var tabs = 0
        package var lent = 0
        package var waiting = 0
        package var started = 0
    }

    private typealias Waiter = CheckedContinuation<Void, any Error>

    private nonisolated let configuration: FleetConfiguration
    private let logger: Logger
    private var loop: SocketLoop?
    private var line: WaitingLine<Waiter>
    private var slots: [Slot] = []
    private var endings: [Int: Task<Void, Never>] = [:]
    private var keeper: Task<Void, Never>?
    private var started = 0
    private var isClosed = false

    package init(_ configuration: FleetConfiguration, logger: Logger = Logger(label: "fleet") { _ in SwiftLogNoOpLogHandler() }) {
        self.configuration = configuration
        self.logger = logger
        line = WaitingLine(capacity: configuration.tabs)
    }

    /// Reaps what dead farms left, then serves until the task is cancelled; closes before it returns.
    package func run() async throws {
        prepare()
        // Sessions may be borrowed without `run` too; this only ties the fleet's life to a group of services.
        while !isClosed, !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        await close()
    }

    /// Lends a fleet to `body`; no browser is left after, whatever happened.
    package static func with<R: Sendable>(
        _ configuration: FleetConfiguration, logger: Logger = Logger(label: "fleet") { _ in SwiftLogNoOpLogHandler() },
        _ body: @Sendable (Fleet) async throws -> R
    ) async throws -> R {
        let fleet = Fleet(configuration, logger: logger)
        let result: Result<R, any Error>
        do { result = .success(try await body(fleet)) } catch { result = .failure(error) }
        await fleet.close()
        return try result.get()
    }

    /// Where the browsers have their folders.
    package var folder: URL { configuration.folder }

    package var status: Status {
        var status = Status(waiting: line.waiting, started: started)
        for slot in slots {
            status.browsers += 1
            status.contexts += slot.contexts.count
            status.lent += slot.lent
            status.tabs += slot.contexts.values.reduce(0) { $0 + $1.idle.count + $1.lent }
        }
        return status
    }

    // MARK: Lending

    /// Lends a session to `body`, when a tab is free. Sessions of one key may be lent several at a time.
    ///
    /// - Parameter patience: how long the caller stands in line for a tab; then `busy` is thrown.
    package func withSession<R: Sendable>(
        of spec: SessionSpec, patience: Duration = .seconds(300), _ body: @Sendable (Session) async throws -> R
    ) async throws -> R {
        guard !isClosed else { throw FleetError(.closed, "the fleet is closed") }
        try await enter(within: patience)
        defer { leave() }
        let (slot, context, session) = try await lend(spec)
        context.working.append(session.tab)
        let result: Result<R, any Error>
        do { result = .success(try await body(session)) } catch { result = .failure(error) }
        let isClean: Bool
        switch result {
        case .success: isClean = true
        case .failure(let error): isClean = (error as? FleetError).map { Self.leavesTabClean($0.code) } ?? false
        }
        giveBack(session, to: context, in: slot, isClean: isClean && !Task.isCancelled)
        if isClosed, case .failure(let error) = result, let code = (error as? FleetError)?.code,
            [.browserGone, .pageCrashed, .unresponsive, .protocolFault, .network].contains(code)
        {
            throw FleetError(.closed, "the fleet was closed during the visit", underlying: error)
        }
        return try result.get()
    }

    /// A picture (PNG) of what a session of that key shows now, where one is under way.
    ///
    /// - Parameter url: of the page that it shows, where several are under way.
    package func screenshot(key: String, url: String? = nil) async throws(FleetError) -> Data? {
        let working = slots.flatMap { $0.contexts.values }.filter { $0.spec.key == key }.flatMap(\.working)
        guard let tab = working.first(where: { url == nil || $0.watch.url == url }) else { return nil }
        do {
            return try await tab.client.send(Page.CaptureScreenshot(), session: tab.session, within: .seconds(10)).data
        } catch {
            throw FleetError(error, doing: "taking a picture of \(url ?? "a page")")
        }
    }

    /// Number of the account that browsers run under.
    package nonisolated var user: UInt32 {
        get throws(FleetError) { try Account.forBrowsers(configuration.accounts)?.user ?? geteuid() }
    }

    /// Visits from now on get new browsers; those there are end when their visits are done.
    /// - Returns: how many will end.
    @discardableResult
    package func recycle() -> Int {
        let old = slots.filter { !$0.isRetired }
        for slot in old { retire(slot) }
        return old.count
    }

    /// Closes the contexts of a key that no visit uses now; those in use go when they come back idle too long.
    package func forget(key: String) {
        for slot in slots {
            for (spec, context) in slot.contexts where spec.key == key && context.lent == 0 { close(context, spec, in: slot) }
        }
    }

    /// After these the tab is as good as before.
    private static func leavesTabClean(_ code: FleetError.Code) -> Bool {
        switch code {
        case .nameNotResolved, .connectionRefused, .connectionLost, .connectionTimedOut, .tls, .proxy, .blocked, .tooManyRedirects,
            .badAddress, .notHTML, .noContent, .selectorAbsent, .selectorInvalid:
            true
        default: false
        }
    }

    private func enter(within patience: Duration) async throws {
        if line.enter() { return }
        let ticket = line.makeTicket()
        let timer = Task {
            try await Task.sleep(for: patience)
            giveUp(ticket, FleetError(.busy, "no tab came free within \(patience); give the fleet more tabs or fewer runs"))
        }
        defer { timer.cancel() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                if isClosed { return waiter.resume(throwing: FleetError(.closed, "the fleet is closed")) }
                // A cancellation from now on finds the ticket; one before is seen here.
                if Task.isCancelled { return waiter.resume(throwing: FleetError(.cancelled, "cancelled while waiting for a tab")) }
                line.queue(ticket, waiter)
            }
        } onCancel: {
            Task { await self.giveUp(ticket, FleetError(.cancelled, "cancelled while waiting for a tab")) }
        }
    }

    private func giveUp(_ ticket: Int, _ error: FleetError) { line.leave(ticket)?.resume(throwing: error) }

    private func leave() { line.release()?.resume() }

    private func lend(_ spec: SessionSpec) async throws -> (Slot, Context, Session) {
        // A browser that dies while it is being used for this shows in an error; one more try with another.
        var lastError: (any Error)?
        for _ in 0..<2 {
            guard !isClosed else { throw FleetError(.closed, "the fleet is closed") }
            try checkCancelled()
            let slot = choose(for: spec)
            slot.lent += 1
            do {
                let browser = try await slot.starting.value
                let (context, tab) = try await tab(for: spec, in: slot, browser)
                slot.pages += 1
                return (slot, context, Session(tab: tab, browser: browser))
            } catch {
                slot.lent -= 1
                let isOurs = (error as? FleetError)?.code != .cancelled && (error as? DevToolsError)?.code != .cancelled
                if isOurs { retire(slot) } else { endIfDone(slot) }
                try checkCancelled()
                lastError = error
                if let error = error as? FleetError, error.code != .browserGone { throw error }
            }
        }
        if let error = lastError as? DevToolsError { throw FleetError(error, doing: "opening a tab") }
        throw lastError ?? FleetError(.launchFailed, "no browser could be had")
    }

    private func checkCancelled() throws(FleetError) {
        if Task.isCancelled { throw FleetError(.cancelled, "cancelled before a tab was opened") }
    }

    private func tab(for spec: SessionSpec, in slot: Slot, _ browser: RunningBrowser) async throws -> (Context, Tab) {
        let context = context(for: spec, in: slot, browser)
        context.lent += 1
        context.lastUse = .now
        do {
            let id = try await context.making.value
            context.id = id
            while let tab = context.idle.popLast() {
                if tab.isUsable { return (context, tab) }
                tab.close()
            }
            return (context, try await browser.open(in: id, setup: setup(for: spec, version: browser.version)))
        } catch {
            context.lent -= 1
            if context.id == nil { slot.contexts[spec] = nil }
            throw error
        }
    }

    private func setup(for spec: SessionSpec, version: String) -> Tab.Setup {
        let identity = configuration.identity
        return Tab.Setup(
            viewport: spec.viewport ?? configuration.profile.viewport, userAgent: identity.userAgent(chromium: version),
            metadata: identity.metadata(chromium: version), language: spec.language ?? configuration.profile.language,
            timeZone: spec.timeZone ?? configuration.profile.timeZone,
            headers: spec.headers.merging(identity.contact.map { ["From": $0] } ?? [:]) { own, _ in own })
    }

    private func context(for spec: SessionSpec, in slot: Slot, _ browser: RunningBrowser) -> Context {
        if let context = slot.contexts[spec] { return context }
        while slot.contexts.count >= configuration.contextsPerBrowser,
            let (oldest, context) = slot.contexts.filter({ $0.value.lent == 0 }).min(by: { $0.value.lastUse < $1.value.lastUse })
        { close(context, oldest, in: slot) }
        let client = browser.client
        let making = Task { () throws -> String in
            let command =
                switch spec.network {
                case .direct: Target.CreateBrowserContext()
                // Without "<-loopback>" Chromium goes to loopback addresses by itself.
                case .proxy(let server): Target.CreateBrowserContext(proxyServer: server, proxyBypassList: "<-loopback>")
                // The discard port: what isn't answered by us is refused, also for workers and sockets, which `Fetch` does not see.
                case .none: Target.CreateBrowserContext(proxyServer: "127.0.0.1:9", proxyBypassList: "<-loopback>")
                }
            let id = try await client.send(command, within: .seconds(15)).browserContextId
            client.post(Browser.SetDownloadBehavior("deny", in: id))
            client.post(Browser.GrantPermissions([], in: id))
            return id
        }
        let context = Context(spec: spec, making: making)
        slot.contexts[spec] = context
        return context
    }

    /// No suspension point: giving back can't hang.
    private func giveBack(_ session: Session, to context: Context, in slot: Slot, isClean: Bool) {
        context.lent -= 1
        context.working.removeAll { $0 === session.tab }
        context.lastUse = .now
        slot.lent -= 1
        if isClean, session.tab.isUsable, !slot.isRetired, !isClosed, slot.contexts[context.spec] === context {
            context.idle.append(session.tab)
        } else {
            session.tab.close()
        }
        if slot.pages >= configuration.pagesPerBrowser || !session.browser.isAlive { retire(slot) } else { endIfDone(slot) }
    }

    private func close(_ context: Context, _ spec: SessionSpec, in slot: Slot) {
        slot.contexts[spec] = nil
        for tab in context.idle { tab.close() }
        context.idle = []
        if let id = context.id { slot.browser?.client.post(Target.DisposeBrowserContext(id)) }
    }

    // MARK: Browsers

    /// The browser that has this session already, else the least busy one; a new one where there may be more.
    private func choose(for spec: SessionSpec) -> Slot {
        prepare()
        for slot in slots where !slot.isRetired {
            // One that died while nobody looked.
            if let browser = slot.browser, !browser.isAlive { retire(slot) }
        }
        let usable = slots.filter { !$0.isRetired }
        if let slot = usable.first(where: { $0.contexts[spec] != nil }) { return slot }
        let least = usable.min { ($0.lent, $0.number) < ($1.lent, $1.number) }
        if let least, usable.count >= max(1, configuration.browsers) || least.lent == 0 { return least }
        return start()
    }

    private func start() -> Slot {
        started += 1
        let number = started
        let configuration = configuration
        let loop: Result<SocketLoop, DevToolsError>
        if let known = self.loop {
            loop = .success(known)
        } else {
            do throws(DevToolsError) { loop = .success(try SocketLoop()) } catch { loop = .failure(error) }
            self.loop = try? loop.get()
        }
        let starting = Task { () throws -> RunningBrowser in
            let account = try Account.forBrowsers(configuration.accounts)
            var arguments = configuration.profile.flags.map(\.flag)
            let viewport = configuration.profile.viewport
            arguments.append("--window-size=\(viewport.width),\(viewport.height)")
            if !configuration.isSandboxed { arguments.append("--no-sandbox") }
            // By flag for what no session of ours sees (shared workers and such); sessions add the client hints.
            if let version = try await Spawner.shared.run({ configuration.installation.version() }) {
                arguments.append("--user-agent=\(configuration.identity.userAgent(chromium: version))")
            }
            return try await RunningBrowser.start(
                configuration.installation, arguments: arguments, account: account, in: configuration.folder, farm: configuration.name,
                on: loop.get(), messageLimit: configuration.messageLimit)
        }
        let slot = Slot(number: number, starting: starting)
        slots.append(slot)
        Task {
            // Keeps the browser's own record; errors reach those who wait for `starting`.
            if let browser = try? await starting.value { slotStarted(number, browser) }
        }
        return slot
    }

    private func slotStarted(_ number: Int, _ browser: RunningBrowser) {
        logger.info("browser started", metadata: ["browser.number": "\(number)", "browser.version": "\(browser.version)"])
        slots.first { $0.number == number }?.browser = browser
    }

    private func retire(_ slot: Slot) {
        slot.isRetired = true
        endIfDone(slot)
    }

    /// Ends a retired browser once its last tab has come back.
    private func endIfDone(_ slot: Slot) {
        guard slot.isRetired, slot.lent <= 0 else { return }
        end(slot)
    }

    private func end(_ slot: Slot) {
        slots.removeAll { $0 === slot }
        guard endings[slot.number] == nil else { return }
        let number = slot.number
        let starting = slot.starting
        endings[number] = Task {
            // A start that failed has cleaned up after itself.
            await (try? starting.value)?.end()
            ended(number)
        }
    }

    private func ended(_ number: Int) {
        endings[number] = nil
        logger.info("browser ended", metadata: ["browser.number": "\(number)"])
    }

    /// Once: orphans, and the round that looks after what lies idle.
    private func prepare() {
        guard keeper == nil, !isClosed else { return }
        // Everybody may pass through, nobody else may look or write.
        try? FileManager.default.createDirectory(
            at: configuration.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        let reaped = Orphans.reap(in: configuration.folder)
        if reaped != .init() {
            logger.notice(
                "reaped what a dead farm left", metadata: ["processes": "\(reaped.processes)", "folders": "\(reaped.folders)"])
        }
        keeper = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(500))
                await self?.keep()
            }
        }
    }

    /// Pages that nobody looks at stop working; contexts that nobody uses go.
    private func keep() {
        let now = ContinuousClock.now
        for slot in slots {
            for (spec, context) in slot.contexts {
                let idleFor = context.lastUse.duration(to: now)
                if context.lent == 0, idleFor > configuration.contextIdle {
                    close(context, spec, in: slot)
                } else if idleFor > .milliseconds(300) {
                    for tab in context.idle { tab.rest() }
                }
            }
        }
    }

    /// Ends every browser and lets nobody in any more; within two seconds. Visits under way fail.
    package func close() async {
        isClosed = true
        keeper?.cancel()
        keeper = nil
        for waiter in line.dismiss() { waiter.resume(throwing: FleetError(.closed, "the fleet is closed")) }
        for slot in slots {
            slot.isRetired = true
            end(slot)
        }
        for ending in endings.values { await ending.value }
        loop?.stop()
        loop = nil
    }
}
