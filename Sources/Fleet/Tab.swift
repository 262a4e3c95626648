// One tab: a target with its session, and the sessions of its frames in other processes.
//
// All events are handled on the socket's thread, in the order in which the browser sent them, by one small value (`PageWatch`) under a lock.
// Tasks look at the value, and sleep until its stage changes. What must happen at once (dialogs, frames that wait to be let go, requests
// that wait to be answered) is done there too, by commands whose answers nobody needs.

import DevTools
import Foundation

final class Tab: Sendable {
    struct Setup: Sendable {
        var viewport: BrowserProfile.Viewport
        var userAgent: String
        var metadata: Emulation.UserAgentMetadata
        var language: String
        var timeZone: String?
        var headers: [String: String]
    }

    private struct State: Sendable {
        var watch: PageWatch
        /// Pauses that last while the watch is at that stage.
        var sleepers: [Int: PageWatch.Stage] = [:]
        /// Sessions of frames in other processes: session → target, which is the frame's id.
        var children: [String: String] = [:]
        var observations: [Observation] = []
        /// Stands in for the network during a visit.
        var content: (url: String, content: PageRequest.Content)?
        var isServed = false
        /// Asked about documents after the visit's first one.
        var gate: (@Sendable (String) async -> Bool)?
        var hasAsked = false
        /// Requests for documents wait for us.
        var isGated = false
        var isBroken = false
        /// Shows nothing, since its last visit or since it was opened.
        var isResting = true
    }

    let targetId: String
    let session: String
    let client: DevToolsClient
    /// Random, so that a page can't ask for it.
    private let watchName: String
    private let setup: Setup
    private let state: Guarded<State>

    private init(client: DevToolsClient, targetId: String, session: String, setup: Setup) {
        (self.client, self.targetId, self.session, self.setup) = (client, targetId, session, setup)
        watchName = "w" + String(UInt64.random(in: .min ... .max), radix: 36)
        state = Guarded(State(watch: PageWatch(mainFrame: targetId)))
    }

    /// Opens a tab in a context and prepares it.
    static func open(in context: String, client: DevToolsClient, setup: Setup) async throws(DevToolsError) -> Tab {
        let target = try await client.send(Target.CreateTarget(in: context), within: .seconds(10)).targetId
        do {
            let session = try await client.send(Target.AttachToTarget(target), within: .seconds(10)).sessionId
            let tab = Tab(client: client, targetId: target, session: session, setup: setup)
            tab.listen(to: session)
            tab.prepare(session: session)
            client.post(Inspector.Enable(), session: session)
            client.post(
                Emulation.SetDeviceMetricsOverride(
                    width: setup.viewport.width, height: setup.viewport.height, deviceScaleFactor: setup.viewport.scale), session: session)
            client.post(Emulation.SetFocusEmulationEnabled(), session: session)
            if let zone = setup.timeZone { client.post(Emulation.SetTimezoneOverride(zone), session: session) }
            if !setup.headers.isEmpty { client.post(Network.SetExtraHTTPHeaders(setup.headers), session: session) }
            // The last one is waited for. It must be one that the renderer answers: the browser process answers its own commands at once,
            // while a renderer that still starts has seen none, and the first page would go by without events.
            _ = try await client.send(
                Page.AddScriptToEvaluateOnNewDocument(WatchScript.source(name: tab.watchName)), session: session, within: .seconds(10))
            return tab
        } catch {
            client.post(Target.CloseTarget(target))
            throw error
        }
    }

    /// What every session needs, that of the page and those of frames in other processes.
    private func prepare(session: String) {
        client.post(Page.Enable(), session: session)
        client.post(Page.SetLifecycleEventsEnabled(), session: session)
        client.post(Network.Enable(), session: session)
        client.post(Runtime.Enable(), session: session)
        client.post(
            Emulation.SetUserAgentOverride(setup.userAgent, acceptLanguage: setup.language, metadata: setup.metadata), session: session)
        client.post(
            Target.SetAutoAttach([
                .init(type: "iframe", exclude: false), .init(type: "worker", exclude: false), .init(type: nil, exclude: true),
            ]), session: session)
    }

    /// Sent, not waited for: letting go of a tab can't hang.
    func close() {
        breakOff()
        client.post(Target.CloseTarget(targetId))
    }

    /// It can't be used again; who waits for it hears so.
    func breakOff() {
        let observations = state.withLock { state in
            state.isBroken = true
            defer { state.observations = [] }
            return state.observations
        }
        for observation in observations { observation.cancel() }
        client.end(session: session)
    }

    var isUsable: Bool { state.withLock { !$0.isBroken && $0.watch.fault != .crashed } && client.isOpen }

    func crashed() {
        change { $0.crashed() }
        client.end(session: session)
    }

    // MARK: Events

    private static let methods = [
        Page.LifecycleEvent.method, Page.FrameNavigated.method, Page.NavigatedWithinDocument.method, Page.FrameDetached.method,
        Page.FrameScheduledNavigation.method, Page.FrameClearedScheduledNavigation.method, Page.JavaScriptDialogOpening.method,
        Network.RequestWillBeSent.method, Network.ResponseReceived.method, Network.DataReceived.method, Network.LoadingFinished.method,
        Network.LoadingFailed.method, Network.EventSourceMessageReceived.method, Network.WebSocketCreated.method,
        Network.WebSocketFrameReceived.method, Network.WebSocketClosed.method, Runtime.ExecutionContextCreated.method,
        Runtime.ExecutionContextDestroyed.method, Runtime.ExecutionContextsCleared.method, Fetch.RequestPaused.method,
        Inspector.TargetCrashed.method, Target.AttachedToTarget.method, Target.DetachedFromTarget.method,
    ]

    private func listen(to session: String) {
        let observation = client.observe(Self.methods, session: session) { [weak self] event in
            self?.handle(event, session: session)
        }
        state.withLock { $0.observations.append(observation) }
    }

    /// On the socket's thread. An event that can't be read is as good as none.
    private func handle(_ event: RawEvent, session: String) {
        do {
            let now = ContinuousClock.now
            switch event.method {
            case Network.DataReceived.method:
                let read = try event.read(Network.DataReceived.self)
                change { $0.data(read, at: now) }
            case Network.RequestWillBeSent.method:
                let read = try event.read(Network.RequestWillBeSent.self)
                change { $0.sent(read, at: now) }
            case Network.ResponseReceived.method:
                let read = try event.read(Network.ResponseReceived.self)
                change { $0.received(read, at: now) }
            case Network.LoadingFinished.method:
                let read = try event.read(Network.LoadingFinished.self)
                change { $0.finished(read.requestId, at: now) }
            case Network.LoadingFailed.method:
                let read = try event.read(Network.LoadingFailed.self)
                change { $0.failed(read, at: now) }
            case Page.LifecycleEvent.method:
                let read = try event.read(Page.LifecycleEvent.self)
                change { $0.lifecycle(read, at: now) }
            case Page.FrameNavigated.method:
                let read = try event.read(Page.FrameNavigated.self)
                change { $0.navigated(read, at: now) }
            case Page.NavigatedWithinDocument.method:
                let read = try event.read(Page.NavigatedWithinDocument.self)
                change { $0.navigatedWithin(read) }
            case Page.FrameDetached.method:
                let read = try event.read(Page.FrameDetached.self)
                if read.reason != "swap" { change { $0.detached(frame: read.frameId) } }
            case Page.FrameScheduledNavigation.method:
                let read = try event.read(Page.FrameScheduledNavigation.self)
                change { $0.scheduledNavigation(read, at: now) }
            case Page.FrameClearedScheduledNavigation.method:
                let read = try event.read(Page.FrameClearedScheduledNavigation.self)
                change { $0.clearedNavigation(frame: read.frameId) }
            case Page.JavaScriptDialogOpening.method:
                let read = try event.read(Page.JavaScriptDialogOpening.self)
                // "Leave this page?" is always yes, everything else no.
                client.post(Page.HandleJavaScriptDialog(accept: read.type == "beforeunload"), session: session)
                change { $0.dialog() }
            case Network.EventSourceMessageReceived.method:
                let read = try event.read(Network.EventSourceMessageReceived.self)
                change { $0.message(read.requestId, at: now) }
            case Network.WebSocketCreated.method:
                let read = try event.read(Network.WebSocketCreated.self)
                change { $0.opened(socket: read.requestId, at: now) }
            case Network.WebSocketFrameReceived.method:
                let read = try event.read(Network.WebSocketFrameReceived.self)
                change { $0.message(read.requestId, at: now) }
            case Network.WebSocketClosed.method:
                let read = try event.read(Network.WebSocketClosed.self)
                change { $0.finished(read.requestId, at: now) }
            case Runtime.ExecutionContextCreated.method:
                let read = try event.read(Runtime.ExecutionContextCreated.self)
                change { $0.world(read, session: session) }
            case Runtime.ExecutionContextDestroyed.method:
                let read = try event.read(Runtime.ExecutionContextDestroyed.self)
                change { $0.worldEnded(read.uniqueId) }
            case Runtime.ExecutionContextsCleared.method: change { $0.worldsCleared(session: session) }
            case Fetch.RequestPaused.method: answer(try event.read(Fetch.RequestPaused.self), session: session)
            case Inspector.TargetCrashed.method:
                if session == self.session { crashed() } else { lost(child: session) }
            case Target.AttachedToTarget.method:
                let read = try event.read(Target.AttachedToTarget.self)
                adopt(session: read.sessionId, read.targetInfo)
            case Target.DetachedFromTarget.method: lost(child: try event.read(Target.DetachedFromTarget.self).sessionId)
            default: break
            }
        } catch {}
    }

    /// A frame in another process, or a worker, waits until its session is prepared. Workers are attached to because those that a filter
    /// leaves out wait too, for ever.
    private func adopt(session child: String, _ target: Target.Info) {
        let isFrame = target.type == "iframe"
        let (isOffline, isKnown) = state.withLock { state in
            let isKnown = isFrame && state.children.count < 64
            if isKnown { state.children[child] = target.targetId }
            return (state.content != nil, isKnown)
        }
        if isKnown {
            listen(to: child)
            prepare(session: child)
            client.post(Page.AddScriptToEvaluateOnNewDocument(WatchScript.source(name: watchName)), session: child)
            if !setup.headers.isEmpty { client.post(Network.SetExtraHTTPHeaders(setup.headers), session: child) }
            if isOffline { client.post(Fetch.Enable([.init(url: "*")]), session: child) }
        } else if target.type == "worker" {
            // Its requests, and the end of the one for its script, are told there only.
            listen(to: child)
            client.post(Network.Enable(), session: child)
        }
        client.post(Runtime.RunIfWaitingForDebugger(), session: child)
    }

    private func lost(child: String) {
        state.withLock { $0.children[child] = nil }
        change { $0.worldsCleared(session: child) }
        client.end(session: child)
    }

    /// A document that is asked for: the visit's own goes on, one that it leads to when the gate says so.
    private func pass(_ event: Fetch.RequestPaused, session: String) {
        let gate = state.withLock { state -> (@Sendable (String) async -> Bool)? in
            guard event.frameId == targetId, let gate = state.gate else { return nil }
            defer { state.hasAsked = true }
            return state.hasAsked ? gate : nil
        }
        guard let gate else { return client.post(Fetch.ContinueRequest(event.requestId), session: session) }
        // Answers when it can; the visit waits for it no longer than it would for the site.
        Task { [client] in
            if await gate(event.url) {
                client.post(Fetch.ContinueRequest(event.requestId), session: session)
            } else {
                client.post(Fetch.FailRequest(event.requestId), session: session)
            }
        }
    }

    /// Without a network: the document itself comes from us, once; everything else fails.
    private func answer(_ event: Fetch.RequestPaused, session: String) {
        guard state.withLock({ $0.content != nil }) else { return pass(event, session: session) }
        let content = state.withLock { state -> PageRequest.Content? in
            guard let content = state.content, !state.isServed, event.resourceType == "Document", event.frameId == targetId else {
                return nil
            }
            state.isServed = true
            return content.content
        }
        guard let content else { return client.post(Fetch.FailRequest(event.requestId), session: session) }
        client.post(
            Fetch.FulfillRequest(event.requestId, headers: [.init("Content-Type", content.contentType)], body: Data(content.bytes)),
            session: session)
    }

    // MARK: The watch

    private func change(_ body: (inout PageWatch) -> Void) {
        let woken = state.withLock { state -> [Int] in
            let version = state.watch.version
            body(&state.watch)
            if state.sleepers.isEmpty || state.watch.version == version { return [] }
            let stage = state.watch.stage(at: .now)
            let woken = state.sleepers.filter { $0.value != stage }.map(\.key)
            for id in woken { state.sleepers[id] = nil }
            return woken
        }
        for id in woken { client.resume(id) }
    }

    var watch: PageWatch { state.withLock { $0.watch } }
    var children: [String: String] { state.withLock { $0.children } }

    /// Until the watch has come to another stage than that, or the moment has come, or the tab is lost, or the task is cancelled.
    func change(since stage: PageWatch.Stage, until deadline: ContinuousClock.Instant) async {
        var pause: Int?
        await client.pause(session: session, until: deadline) { id in
            let isOver = state.withLock { state in
                if state.watch.stage(at: .now) != stage || state.isBroken { return true }
                state.sleepers[id] = stage
                return false
            }
            pause = id
            if isOver { client.resume(id) }
        }
        if let pause { state.withLock { $0.sleepers[pause] = nil } }
    }

    // MARK: For a visit

    func begin(_ request: PageRequest) {
        var limits = PageWatch.Limits()
        limits.documentBytes = request.documentLimit
        limits.bytes = request.byteLimit
        limits.mimeTypes = request.mimeTypes
        state.withLock { state in
            state.content = request.content.map { (request.url, $0) }
            state.isServed = false
            state.isResting = false
            state.gate = request.gate
            state.hasAsked = false
        }
        change { $0.begin(limits) }
        let gates = state.withLock { state in
            guard request.content == nil, request.gate != nil, !state.isGated else { return false }
            state.isGated = true
            return true
        }
        if gates { client.post(Fetch.Enable([.init(type: "Document")]), session: session) }
        if request.content != nil {
            client.post(Fetch.Enable([.init(url: "*")]), session: session)
            for child in children.keys { client.post(Fetch.Enable([.init(url: "*")]), session: child) }
        }
    }

    /// After a visit without a network.
    func reconnect() {
        let wasOffline = state.withLock { state in
            defer { state.content = nil }
            if state.content != nil { state.isGated = false }
            return state.content != nil
        }
        if wasOffline { client.post(Fetch.Disable(), session: session) }
    }

    /// Leaves the page, so that it stops working while nobody looks.
    func rest() {
        let isNew = state.withLock { state in
            defer { state.isResting = true }
            return !state.isResting
        }
        if isNew { client.post(Page.Navigate("about:blank"), session: session) }
    }

    /// Chromium has said which document the visit's navigation brought.
    func confirm(loader: String) { change { $0.confirm(loader: loader) } }

    func question(limit: Duration, sinceNetwork: Int, unwatched: Int) -> String {
        WatchScript.question(name: watchName, limit: limit.milliseconds, sinceNetwork: sinceNetwork, unwatched: unwatched)
    }
}
