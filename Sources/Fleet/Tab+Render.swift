// One visit of one page in a tab: go there, wait until it is ready, take what was asked for.
//
// Ready means, in this order: the load event of the document that is shown (not of one before it); nothing counted on the network; every
// frame says that it is quiet; and nothing happened on the network while the frames were asked. Then the page is settled. A page that does
// not come to that within `settleLimit` of its first byte is taken as it is, and the result says what it still waited for.

import DevTools
import Foundation

extension Tab {
    typealias Clock = ContinuousClock

    func render(_ request: PageRequest) async throws(FleetError) -> RenderedPage {
        let begun = Clock.now
        let deadline = begun + request.timeout
        begin(request)
        defer { reconnect() }
        if request.captures.contains(.source) { client.post(Network.Enable(keeping: request.documentLimit), session: session) }
        defer { if request.captures.contains(.source) { client.post(Network.Enable(), session: session) } }

        try await navigate(request, until: deadline)
        let answered = Clock.now
        // Captures need time too: a page that never settles must not use up all of it.
        let reserve = min(Duration.seconds(5), request.timeout / 4)
        let settleEnd = min(answered + request.settleLimit, deadline - reserve)
        if let selector = request.waitFor { try await appear(selector, in: request, until: deadline - reserve) }
        var (unsettled, nodes) = try await settle(request, until: max(settleEnd, .now + .milliseconds(100)))
        for action in request.actions {
            try await act(action, in: request, until: deadline - reserve)
            let end = max(min(.now + request.settleLimit, deadline - reserve), .now + .milliseconds(100))
            (unsettled, nodes) = try await settle(request, until: end)
        }
        let settled = Clock.now
        guard nodes < 1_000_000 else {
            throw FleetError(.tooLarge, "\(request.url): the page has \(nodes) elements; at most 1,000,000 are read")
        }

        var page = describe(request, unsettled: unsettled)
        try await capture(request, into: &page, until: max(deadline, .now + .seconds(2)))
        let loaded = watch.loadedAt ?? settled
        page.times.answer = begun.duration(to: answered).inSeconds
        page.times.load = max(0, answered.duration(to: loaded).inSeconds)
        page.times.settle = max(0, max(answered, loaded).duration(to: settled).inSeconds)
        page.times.capture = settled.duration(to: .now).inSeconds
        return page
    }

    private func describe(_ request: PageRequest, unsettled: String?) -> RenderedPage {
        let watch = watch
        let response = watch.shown?.response
        let isServed = request.content != nil && watch.commits <= 1
        return RenderedPage(
            requestedURL: request.url, finalURL: watch.url, status: isServed || response?.status == 0 ? nil : response?.status,
            headers: isServed ? [] : response?.headers ?? [], contentType: response?.mimeType, redirects: watch.redirects,
            isSettled: unsettled == nil, unsettledReason: unsettled, snapshot: nil, styles: request.styles, html: nil, screenshot: nil,
            viewportScreenshot: nil, pdf: nil, requests: watch.requestCount, failedRequests: watch.failedCount, bytes: watch.byteCount,
            dialogs: watch.dialogCount, times: .init())
    }

    // MARK: Going there

    /// Returns when the document has committed.
    private func navigate(_ request: PageRequest, until deadline: Clock.Instant) async throws(FleetError) {
        var reply: Page.Navigated
        do {
            reply = try await go(to: request.url, referrer: request.referrer, until: deadline)
            if reply.loaderId == nil, reply.errorText == nil {
                // Only the fragment differs from what the tab shows: leave that first, so that a document is loaded.
                _ = try await go(to: "about:blank", referrer: nil, until: deadline)
                reply = try await go(to: request.url, referrer: request.referrer, until: deadline)
            }
        } catch {
            // Before all else: what is no address led nowhere, and a fault that is told now is of the page before.
            if error.code == .refused, error.message.contains("invalid URL") {
                throw FleetError(.badAddress, "\(request.url) is not an address that a browser can open", underlying: error)
            }
            try check(request)
            if error.code == .deadline {
                client.post(Page.StopLoading(), session: session)
                throw FleetError(.deadline, "\(request.url) did not answer within \(request.timeout)", underlying: error)
            }
            throw FleetError(error, doing: "opening \(request.url)")
        }
        if let loader = reply.loaderId { confirm(loader: loader) }
        if reply.errorText == nil { try check(request) } else { try check(request, exceptFailure: true) }
        if let net = reply.errorText {
            if let response = watch.asked?.response, response.status == 204 || response.status == 205 {
                var error = FleetError(.noContent, "\(request.url) answered \(response.status): there is no content to read")
                error.status = response.status
                throw error
            }
            if reply.isDownload == true {
                let response = watch.asked?.response
                throw notHTML(response?.mimeType ?? "", status: response?.status ?? 0, request)
            }
            let error = FleetError(net: net, at: request.url)
            guard error.code == .network else { throw error }
            let scheme = request.url.prefix { $0 != ":" }.lowercased()
            if error.netError == "ERR_ABORTED", !["http", "https", "file", "data", "blob", "about", "chrome"].contains(scheme) {
                throw FleetError(.badAddress, "\(request.url): a browser can't open this kind of address")
            }
            // A renderer that dies while it is given a page shows as a failed navigation first: does it still live?
            _ = try? await client.send(Runtime.Evaluate("0", as: Int.self), session: session, within: .seconds(2))
            try check(request, exceptFailure: true)
            throw error
        }
        if reply.loaderId == nil { throw FleetError(.protocolFault, "\(request.url): Chromium opened no document for it") }
    }

    private func go(to url: String, referrer: String?, until deadline: Clock.Instant) async throws(DevToolsError) -> Page.Navigated {
        let left = max(.milliseconds(1), Clock.now.duration(to: deadline))
        return try await client.send(Page.Navigate(url, referrer: referrer), session: session, within: left)
    }

    private func notHTML(_ type: String, status: Int, _ request: PageRequest) -> FleetError {
        var error = FleetError(.notHTML, "\(request.url) is not a page but \(type.isEmpty ? "of unknown type" : type)")
        error.contentType = type
        error.status = status == 0 ? nil : status
        return error
    }

    /// Throws what the events told.
    private func check(_ request: PageRequest, exceptFailure: Bool = false) throws(FleetError) {
        guard let fault = watch.fault else { return }
        if exceptFailure, case .failed = fault { return }
        client.post(Page.StopLoading(), session: session)
        switch fault {
        case .notHTML(let type, let status): throw notHTML(type, status: status, request)
        case .tooLarge(let bytes):
            throw FleetError(
                .tooLarge,
                "\(request.url): the document is over \(request.documentLimit >> 20) MB (\(bytes >> 20) MB came before it was stopped)")
        case .tooHeavy(let bytes):
            throw FleetError(
                .tooLarge, "\(request.url): the page loads more than \(request.byteLimit) bytes (\(bytes) came before it was stopped)")
        case .crashed: throw FleetError(.pageCrashed, "\(request.url): the page's process crashed or ran out of memory")
        case .failed(let net, let url):
            // The usual error for a first navigation is thrown by `navigate`, with Chromium's own reply.
            throw FleetError(net: net, at: url == request.url ? url : "\(request.url), which leads to \(url)")
        }
    }

    // MARK: Waiting

    /// Nil where the page settled, else what it waited for; and how many elements it has.
    func settle(_ request: PageRequest, until end: Clock.Instant) async throws(FleetError) -> (String?, nodes: Int) {
        var reason = ""
        var nodes = 0
        while true {
            try check(request)
            let now = Clock.now
            let watch = watch
            guard client.isOpen, isUsable else { throw lost(request) }
            if Task.isCancelled { throw FleetError(.cancelled, "\(request.url): cancelled") }
            switch watch.outside(at: now) {
            case .waiting(let what, let until):
                reason = what
                if now >= end {
                    // The document may be whole although an image of it hangs: then the frames still say how large the page is.
                    let inside = try await ask(frames: watch, limit: .zero, request)
                    return (reason, max(nodes, inside.nodes))
                }
                await change(since: watch.stage(at: now), until: min(until, end))
            case .quiet:
                let inside = try await ask(frames: watch, limit: max(.zero, min(now.duration(to: end), .seconds(1))), request)
                nodes = inside.nodes
                let after = self.watch
                if inside.waiting.isEmpty, after.version == watch.version {
                    let givenUp = after.givenUp(at: .now)
                    return (givenUp == 0 ? nil : "\(givenUp) request\(givenUp == 1 ? "" : "s") without an answer", nodes)
                }
                if !inside.waiting.isEmpty { reason = inside.waiting }
                if .now >= end { return (reason.isEmpty ? "requests go on and on" : reason, nodes) }
            }
        }
    }

    private struct Inside {
        var waiting = ""
        var nodes = 0
    }

    /// What the documents of all frames say. A frame that went away meanwhile says nothing; the watch's version tells of it.
    private func ask(frames watch: PageWatch, limit: Duration, _ request: PageRequest) async throws(FleetError) -> Inside {
        let sinceNetwork = watch.sinceNetwork(at: .now)
        func question(_ frame: PageWatch.Frame) -> String {
            self.question(limit: limit, sinceNetwork: sinceNetwork, unwatched: frame.frameId == watch.mainFrame ? 500 : 0)
        }
        let patience = limit + .seconds(3)
        var inside = Inside()
        var results: [Result<String, DevToolsError>] = []
        if watch.frames.count == 1, let frame = watch.frames.values.first {
            results = [await answer(question(frame), in: frame, within: patience)]
        } else {
            results = await withTaskGroup(of: Result<String, DevToolsError>.self) { group in
                for frame in watch.frames.values {
                    let question = question(frame)
                    group.addTask { await self.answer(question, in: frame, within: patience) }
                }
                var all: [Result<String, DevToolsError>] = []
                for await result in group { all.append(result) }
                return all
            }
        }
        for result in results {
            switch result {
            case .success(let text):
                let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
                if inside.waiting.isEmpty, let first = parts.first { inside.waiting = String(first.prefix(200)) }
                inside.nodes &+= parts.count > 1 ? max(0, min(Int(parts[1]) ?? 0, 1 << 40)) : 0
            case .failure(let error):
                switch error.code {
                case .refused, .unreadable, .targetGone, .tooLarge: continue
                case .cancelled: throw FleetError(.cancelled, "\(request.url): cancelled")
                case .disconnected: throw lost(request)
                case .deadline:
                    // A script that never lets go. Stopped, it may leave a page that can be read.
                    try check(request)
                    client.post(Runtime.TerminateExecution(), session: session)
                    inside.waiting = "a script that does not end"
                }
            }
        }
        return inside
    }

    func answer(_ question: String, in frame: PageWatch.Frame, within limit: Duration) async -> Result<String, DevToolsError> {
        do {
            let reply = try await client.send(
                Runtime.Evaluate(question, in: frame.context, as: String.self), session: frame.session, within: limit)
            return .success(reply.result.value ?? "")
        } catch {
            return .failure(error)
        }
    }

    private func lost(_ request: PageRequest) -> FleetError {
        if !client.isOpen { return FleetError(.browserGone, "\(request.url): the browser has gone") }
        return FleetError(.pageCrashed, "\(request.url): the page's process crashed or its tab was closed")
    }

    /// Until the selector matches something in the main document.
    private func appear(_ selector: String, in request: PageRequest, until end: Clock.Instant) async throws(FleetError) {
        let quoted = (try? JSONEncoder().encode(selector)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
        while true {
            try check(request)
            let watch = watch
            let left = Clock.now.duration(to: end)
            guard left > .zero else {
                throw FleetError(.selectorAbsent, "\(request.url): nothing that matches \(selector) appeared within \(request.timeout)")
            }
            guard let frame = watch.frames.values.first(where: { $0.frameId == watch.mainFrame }) else {
                if !isUsable { throw lost(request) }
                await change(since: watch.stage(at: .now), until: end)
                continue
            }
            let wait = min(left, .seconds(2)).milliseconds
            let expression = """
                new Promise(resolve => {
                  const end = performance.now() + \(wait);
                  const look = () => {
                    try { if (document.querySelector(\(quoted))) return resolve("found"); } catch { return resolve("invalid"); }
                    if (performance.now() >= end) resolve("absent"); else setTimeout(look, 30);
                  };
                  look();
                })
                """
            switch await answer(expression, in: frame, within: .milliseconds(wait) + .seconds(3)) {
            case .success("found"): return
            case .success("invalid"):
                throw FleetError(
                    .selectorInvalid, "\"\(selector)\" is not a CSS selector; try it in a browser's console with document.querySelector")
            case .success: continue
            case .failure(let error):
                switch error.code {
                case .cancelled: throw FleetError(.cancelled, "\(request.url): cancelled")
                case .disconnected: throw lost(request)
                case .deadline: client.post(Runtime.TerminateExecution(), session: session)
                // The document went away; the next one is asked when its world is there.
                default: await change(since: watch.stage(at: .now), until: min(end, .now + .milliseconds(100)))
                }
            }
        }
    }

    // MARK: Captures

    private func capture(_ request: PageRequest, into page: inout RenderedPage, until end: Clock.Instant) async throws(FleetError) {
        let wanted = request.captures
        do {
            if wanted.contains(.snapshot) {
                page.snapshot = try await snapshot(request.styles, until: end)
                page.unreadFrames = await attachFrames(to: &page.snapshot, request.styles, until: end)
            }
            if wanted.contains(.html) { page.html = try await html(until: end) }
            if wanted.contains(.source) { page.source = try await source(until: end) }
            if wanted.contains(.viewportScreenshot) {
                page.viewportScreenshot = try await client.send(Page.CaptureScreenshot(), session: session, within: left(end)).data
            }
            if wanted.contains(.screenshot) { page.screenshot = try await fullScreenshot(until: end) }
            if wanted.contains(.pdf) { page.pdf = try await client.send(Page.PrintToPDF(), session: session, within: left(end)).data }
        } catch {
            try check(request)
            if error.code == .disconnected { throw lost(request) }
            throw FleetError(error, doing: "reading \(request.url)")
        }
    }

    private func left(_ end: Clock.Instant) -> Duration { max(.milliseconds(500), Clock.now.duration(to: end)) }

    private func snapshot(_ styles: [String], until end: Clock.Instant) async throws(DevToolsError) -> DOMSnapshotCapture {
        let command = DOMSnapshot.CaptureSnapshot(styles: styles)
        var reply: [UInt8]
        do {
            // A script that never ends would keep the renderer from answering: one try with it, one after stopping it.
            let half = max(.seconds(1), left(end) / 2)
            reply = try await client.reply(to: command, session: session, within: half)
        } catch {
            guard error.code == .deadline else { throw error }
            client.post(Runtime.TerminateExecution(), session: session)
            reply = try await client.reply(to: command, session: session, within: left(end))
        }
        return try DOMSnapshotCapture(reply: reply)
    }

    /// Frames in other processes have snapshots of their own. Tells how many did not answer.
    private func attachFrames(to snapshot: inout DOMSnapshotCapture?, _ styles: [String], until end: Clock.Instant) async -> Int {
        var unread = 0
        for (child, frame) in children {
            do {
                let owner = try await client.send(DOM.GetFrameOwner(frame), session: session, within: .seconds(2))
                let reply = try await client.reply(
                    to: DOMSnapshot.CaptureSnapshot(styles: styles), session: child, within: min(left(end), .seconds(5)))
                snapshot?.attach(try DOMSnapshotCapture(reply: reply), toFrame: Int32(clamping: owner.backendNodeId))
            } catch {
                // One that went away meanwhile is no part of the page any more.
                if children[child] != nil { unread += 1 }
            }
        }
        return unread
    }

    private func html(until end: Clock.Instant) async throws(DevToolsError) -> String {
        let expression = """
            (document.doctype ? new XMLSerializer().serializeToString(document.doctype) + "\\n" : "") + \
            (document.documentElement ? document.documentElement.outerHTML : "")
            """
        let reply = try await client.send(Runtime.Evaluate(expression, as: String.self), session: session, within: left(end))
        if let details = reply.exceptionDetails { throw DevToolsError(.refused, "outerHTML: \(details.text)") }
        return reply.result.value ?? ""
    }

    /// Nil where Chromium did not keep it, or it is no text.
    private func source(until end: Clock.Instant) async throws(DevToolsError) -> String? {
        guard let loader = watch.shown?.loaderId else { return nil }
        do {
            let reply = try await client.send(Network.GetResponseBody(loader), session: session, within: left(end))
            return reply.base64Encoded ? nil : reply.body
        } catch {
            guard error.code == .refused else { throw error }
            return nil
        }
    }

    private func fullScreenshot(until end: Clock.Instant) async throws(DevToolsError) -> Data {
        let size = try await client.send(Page.GetLayoutMetrics(), session: session, within: left(end)).cssContentSize
        // More pixels than that Chromium can't draw at once.
        let clip = Page.Viewport(x: 0, y: 0, width: min(max(size.width, 1), 16_384), height: min(max(size.height, 1), 16_384))
        return try await client.send(Page.CaptureScreenshot(clip: clip), session: session, within: left(end)).data
    }
}
