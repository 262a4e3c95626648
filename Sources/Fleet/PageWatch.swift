// What a tab is doing, as a value: events of the browser in, answers out. It knows no sockets and no clocks but those it is given.
//
// A visit begins with `begin`. Then the main document goes: asked for → (redirected →) answered → committed → loaded. A page may leave for
// another document of its own accord (meta refresh, script): the same steps again, and the visit is about the last document that committed.
// Requests are counted by document, so that a late event of the page before is never taken for one of this page: `loaderId` names documents.

import DevTools

struct PageWatch: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Limits: Sendable {
        /// Bytes of the main document after decompression.
        var documentBytes = 32 << 20
        /// The same of everything that the page loads.
        var bytes = 256 << 20
        /// What counts as a page.
        var mimeTypes: Set<String> = []
        /// Documents that the page may go to by itself before it is taken as it is.
        var navigations = 10
    }

    /// A main document, asked for or shown.
    struct Document: Sendable {
        var loaderId: String
        var url: String
        var response: Network.Response?
        var redirects: [RenderedPage.Redirect] = []
        var bytes = 0
        var hasLoaded = false
        var failure: String?
    }

    struct Request: Sendable {
        var url: String
        var type: String
        var loaderId: String
        /// Of its last byte, event or message; the start where none came.
        var lastSign: Instant
        var isAnswered = false
        /// Its end may change what the page says.
        let matters: Bool
        /// Its address says that it is asked to wait.
        let isPoll: Bool

        init(url: String, type: String, loaderId: String, lastSign: Instant) {
            (self.url, self.type, self.loaderId, self.lastSign) = (url, type, loaderId, lastSign)
            matters = Patience.matters(type: type)
            isPoll = Patience.isPoll(url)
        }

        /// When it is waited for no longer, if nothing more comes.
        var givenUp: Instant { lastSign + Patience.span(self) }

        func isAwaited(at now: Instant) -> Bool { matters && givenUp > now }
    }

    struct Frame: Sendable, Hashable {
        /// Name of the world in which the frame's document runs, unique in the browser.
        var context: String
        var session: String
        var frameId: String
    }

    enum Fault: Sendable, Equatable {
        case notHTML(String, status: Int)
        case tooLarge(bytes: Int)
        /// The page with all that it loads.
        case tooHeavy(bytes: Int)
        case crashed
        /// The page went elsewhere by itself, and that failed.
        case failed(net: String, url: String)
    }

    private(set) var mainFrame: String
    private var limits = Limits()

    /// Under way, and not committed yet.
    private(set) var asked: Document?
    /// Documents that committed during this visit, in order; the last one is shown.
    private(set) var trail: [Document] = []
    /// The address may change without a document.
    private(set) var url = ""
    private(set) var fault: Fault?
    /// The document that the fault is about; nil where it is about the tab.
    private var faultLoader: String?

    private(set) var requests: [String: Request] = [:]
    private(set) var frames: [String: Frame] = [:]
    private(set) var scheduled: Instant?
    /// When a request that mattered ended.
    private(set) var lastEnd: Instant?
    private(set) var loadedAt: Instant?
    private(set) var requestCount = 0
    private(set) var failedCount = 0
    private(set) var byteCount = 0
    private(set) var dialogCount = 0

    /// Counts what may change an answer; who waits compares.
    private(set) var version = 0

    init(mainFrame: String) { self.mainFrame = mainFrame }

    /// A new visit in the same tab. Worlds of the document that is still shown stay known until it goes.
    mutating func begin(_ limits: Limits) {
        self.limits = limits
        asked = nil
        trail = []
        url = ""
        if fault != .crashed { fault = nil }
        faultLoader = nil
        requests = [:]
        scheduled = nil
        lastEnd = nil
        loadedAt = nil
        (requestCount, failedCount, byteCount, dialogCount) = (0, 0, 0, 0)
        version += 1
    }

    var shown: Document? { trail.last }
    var commits: Int { trail.count }

    /// Every step that led from the first address to the page, by HTTP and by the pages themselves.
    var redirects: [RenderedPage.Redirect] {
        var steps: [RenderedPage.Redirect] = []
        for (index, document) in trail.enumerated() {
            steps += document.redirects
            if index + 1 < trail.count {
                steps.append(.init(url: document.url, status: document.response?.status ?? 0, isByPage: true))
            }
        }
        return steps
    }

    /// The document that the visit's own navigation brought. What committed before it belongs to the tab's past, with its faults: the empty
    /// page of a rest, or what a page did at its very end.
    mutating func confirm(loader: String) {
        // Not there yet: the reply came before the commit.
        trail.removeFirst(trail.firstIndex { $0.loaderId == loader } ?? trail.count)
        if let of = faultLoader, of != asked?.loaderId, !trail.contains(where: { $0.loaderId == of }) {
            fault = nil
            faultLoader = nil
        }
        version += 1
    }

    /// The first fault is the one that is told.
    private mutating func fail(_ new: Fault, of loader: String) {
        guard fault == nil else { return }
        (fault, faultLoader) = (new, loader)
    }

    // MARK: Events

    mutating func crashed() {
        (fault, faultLoader) = (.crashed, nil)
        version += 1
    }

    mutating func sent(_ event: Network.RequestWillBeSent, at now: Instant) {
        requestCount += 1
        // Chromium gives the request of a document the document's own id.
        if event.frameId == mainFrame, event.type == "Document", event.requestId == event.loaderId {
            if asked?.loaderId != event.loaderId { asked = Document(loaderId: event.loaderId, url: event.url) }
            if let redirect = event.redirectResponse {
                asked?.redirects.append(.init(url: redirect.url, status: redirect.status, isByPage: false))
            }
            asked?.url = event.url
        }
        requests[event.requestId] = Request(url: event.url, type: event.type, loaderId: event.loaderId, lastSign: now)
        version += 1
    }

    mutating func received(_ event: Network.ResponseReceived, at now: Instant) {
        requests[event.requestId]?.lastSign = now
        requests[event.requestId]?.isAnswered = true
        guard asked?.loaderId == event.requestId else { return }
        asked?.response = event.response
        // A page that is shown already may start a download by itself: that takes nothing from it.
        if commits == 0, !limits.mimeTypes.contains(event.response.mimeType.lowercased()), event.response.status != 204,
            event.response.status != 205
        {
            fail(.notHTML(event.response.mimeType, status: event.response.status), of: event.requestId)
        }
        version += 1
    }

    mutating func data(_ event: Network.DataReceived, at now: Instant) {
        requests[event.requestId]?.lastSign = now
        byteCount &+= event.dataLength
        if asked?.loaderId == event.requestId { asked?.bytes &+= event.dataLength }
        if shown?.loaderId == event.requestId { trail[trail.count - 1].bytes &+= event.dataLength }
        let bytes = [asked, shown].compactMap(\.self).filter { $0.loaderId == event.requestId }.map(\.bytes).max() ?? 0
        if bytes > limits.documentBytes, fault == nil {
            fail(.tooLarge(bytes: bytes), of: event.requestId)
            version += 1
        } else if byteCount > limits.bytes, fault == nil, let shown {
            fail(.tooHeavy(bytes: byteCount), of: shown.loaderId)
            version += 1
        }
    }

    /// A message of a stream that stays open.
    mutating func message(_ requestId: String, at now: Instant) {
        requests[requestId]?.lastSign = now
        requests[requestId]?.isAnswered = true
        version += 1
    }

    mutating func opened(socket requestId: String, at now: Instant) {
        requests[requestId] = Request(url: "", type: "WebSocket", loaderId: shown?.loaderId ?? "", lastSign: now)
        version += 1
    }

    mutating func finished(_ requestId: String, at now: Instant) { end(requestId, at: now) }

    mutating func failed(_ event: Network.LoadingFailed, at now: Instant) {
        if !event.isCanceled { failedCount += 1 }
        if asked?.loaderId == event.requestId { asked?.failure = event.errorText }
        end(event.requestId, at: now)
    }

    private mutating func end(_ requestId: String, at now: Instant) {
        // A document that never came: a download, or an answer without content. The page that is shown stays.
        if asked?.loaderId == requestId, commits > 0 { asked = nil }
        guard let request = requests.removeValue(forKey: requestId) else { return }
        if request.matters { lastEnd = now }
        version += 1
    }

    mutating func navigated(_ event: Page.FrameNavigated, at now: Instant) {
        guard event.frameId == mainFrame else { return }
        let next = asked?.loaderId == event.loaderId ? asked : nil
        if !trail.isEmpty { trail[trail.count - 1].url = url }
        trail.append(next ?? Document(loaderId: event.loaderId, url: event.url))
        asked = asked?.loaderId == event.loaderId ? nil : asked
        url = event.url
        if let unreachable = event.unreachableURL {
            fail(.failed(net: next?.failure ?? "ERR_FAILED", url: unreachable), of: event.loaderId)
        }
        scheduled = nil
        loadedAt = nil
        requests = requests.filter { $0.value.loaderId == event.loaderId }
        version += 1
    }

    mutating func navigatedWithin(_ event: Page.NavigatedWithinDocument) {
        guard event.frameId == mainFrame, shown != nil else { return }
        url = event.url
    }

    mutating func lifecycle(_ event: Page.LifecycleEvent, at now: Instant) {
        guard event.frameId == mainFrame, event.name == "load", shown?.loaderId == event.loaderId else { return }
        trail[trail.count - 1].hasLoaded = true
        loadedAt = now
        version += 1
    }

    mutating func detached(frame: String) {
        guard frame != mainFrame else { return }
        frames = frames.filter { $0.value.frameId != frame }
        version += 1
    }

    mutating func scheduledNavigation(_ event: Page.FrameScheduledNavigation, at now: Instant) {
        guard event.frameId == mainFrame, event.delay.isFinite else { return }
        // A page that reloads itself each minute is not waited for.
        scheduled = event.delay <= 3 ? now + .seconds(max(0, event.delay)) : nil
        version += 1
    }

    mutating func clearedNavigation(frame: String) {
        guard frame == mainFrame else { return }
        scheduled = nil
        version += 1
    }

    mutating func world(_ event: Runtime.ExecutionContextCreated, session: String) {
        guard event.isDefault, !event.frameId.isEmpty else { return }
        // A page may make frames without end; the first ones are asked.
        guard frames.count < 64 else { return }
        frames = frames.filter { $0.value.frameId != event.frameId || $0.value.session != session }
        frames[event.uniqueId] = Frame(context: event.uniqueId, session: session, frameId: event.frameId)
        version += 1
    }

    mutating func worldEnded(_ context: String) {
        if frames.removeValue(forKey: context) != nil { version += 1 }
    }

    mutating func worldsCleared(session: String) {
        frames = frames.filter { $0.value.session != session }
        version += 1
    }

    mutating func dialog() { dialogCount += 1 }

    // MARK: Answers

    /// What the outside of the page still waits for.
    enum Outside: Sendable, Equatable {
        case quiet
        /// Nothing to do before something happens or that moment comes.
        case waiting(String, until: Instant)
    }

    func outside(at now: Instant) -> Outside {
        switch stage(at: now).awaited {
        case .answer: return .waiting("the answer", until: now + .seconds(60))
        case .document: return .waiting("another document", until: now + .seconds(5))
        case .load: return .waiting("the end of the document and what it needs", until: now + .seconds(60))
        case .redirection: return .waiting("a redirection by the page", until: (scheduled ?? now) + .seconds(2))
        case .requests:
            let open = requests.values.filter { $0.isAwaited(at: now) }
            // Nothing changes before the last one of them is given up.
            guard let last = open.max(by: { $0.givenUp < $1.givenUp }) else { return .quiet }
            return .waiting("\(open.count) request\(open.count == 1 ? "" : "s") (\(last.url.prefix(100)))", until: last.givenUp)
        case nil: return .quiet
        }
    }

    /// How far the page has come. Who sleeps is woken when it changes: a page has a hundred events and few stages.
    struct Stage: Sendable, Equatable {
        enum Awaited: Sendable { case answer, document, load, redirection, requests }

        /// Nil where the outside is quiet.
        var awaited: Awaited?
        var hasFault: Bool
        var commits: Int
        var hasWorld: Bool
    }

    func stage(at now: Instant) -> Stage {
        Stage(
            awaited: awaited(at: now), hasFault: fault != nil, commits: commits,
            hasWorld: frames.values.contains { $0.frameId == mainFrame })
    }

    private func awaited(at now: Instant) -> Stage.Awaited? {
        guard let shown else { return .answer }
        if asked != nil, commits <= limits.navigations { return .document }
        if !shown.hasLoaded { return .load }
        if let scheduled, commits <= limits.navigations, now < scheduled + .seconds(2) { return .redirection }
        return requests.values.contains { $0.isAwaited(at: now) } ? .requests : nil
    }

    /// Requests that were given up: long polls, streams, servers that never answer.
    func givenUp(at now: Instant) -> Int {
        requests.values.reduce(0) { $0 + ($1.matters && !Patience.isOpenEnded($1) ? 1 : 0) }
    }

    /// Milliseconds since a request ended after the load event; -1 where none did.
    func sinceNetwork(at now: Instant) -> Int {
        guard let loadedAt, let lastEnd, lastEnd > loadedAt else { return -1 }
        return max(0, lastEnd.duration(to: now).milliseconds)
    }
}

/// How long a silent request is waited for after the page has loaded.
enum Patience {
    /// Requests whose end changes what the page says.
    static func matters(type: String) -> Bool {
        switch type {
        case "Document", "Stylesheet", "Script", "XHR", "Fetch", "Image", "Font", "EventSource", "WebSocket", "": true
        default: false  // Ping, Media, Manifest, Prefetch, CSPViolationReport, Preflight (its request counts), …
        }
    }

    /// Connections that stay open by their nature.
    static func isOpenEnded(_ request: PageWatch.Request) -> Bool {
        request.type == "EventSource" || request.type == "WebSocket" || request.isPoll
    }

    static func span(_ request: PageWatch.Request) -> Duration {
        switch request.type {
        // Until the first message; between messages a pause of half a second is the end of a burst.
        case "EventSource", "WebSocket": request.isAnswered ? .milliseconds(500) : .milliseconds(1500)
        case "Image", "Font": .seconds(3)
        default: request.isPoll ? .milliseconds(800) : .seconds(5)
        }
    }

    /// Addresses that say they are asked to wait.
    static func isPoll(_ url: String) -> Bool {
        let path = url.utf8.prefix(300).map { (65...90).contains($0) ? $0 | 32 : $0 }
        return path.indices.contains { start in words.contains { path[start...].starts(with: $0) } }
    }

    private static let words = ["poll", "/events", "/stream", "subscribe", "/comet", "heartbeat", "/listen", "/live", "/push"].map {
        Array($0.utf8)
    }
}
