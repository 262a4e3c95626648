package import Egress
package import Extraction
package import Fleet
import DevTools
package import Fetching
import Documents
import Foundation
package import Logging
import Politeness

/// One visit, from its address to what came of it: robots.txt, the way out, the browser, the page as a tree, the records.
///
/// Never throws: whatever goes wrong ends in a result with one sentence, a stable word and whose fault it was. It knows nothing of queues;
/// who calls has made sure that the host may be asked now.
package struct Visitor: Sendable {
    /// All that the visits of a run work with.
    package struct Parts: Sendable {
        package var fleet: Fleet
        package var resolver: Resolver
        package var fetcher: Fetcher
        /// Nil when robots.txt is not asked for.
        package var robots: RobotsGate?
        /// Nil when nothing is extracted.
        package var extractor: Extractor?
        /// As which we ask without a browser; browsers say the same of themselves.
        package var userAgent: String
        /// Who answers for us, as an address of electronic mail.
        package var contact: String?

        package init(
            fleet: Fleet, resolver: Resolver, fetcher: Fetcher, robots: RobotsGate?, extractor: Extractor?, userAgent: String,
            contact: String? = nil
        ) {
            self.fleet = fleet
            self.resolver = resolver
            self.fetcher = fetcher
            self.robots = robots
            self.extractor = extractor
            self.userAgent = userAgent
            self.contact = contact
        }
    }

    let parts: Parts
    package let spec: RunSpec

    package init(parts: Parts, spec: RunSpec) {
        self.parts = parts
        self.spec = spec
    }

    /// A way out for visits of this run, open until it is let go of.
    package func way(by route: Relay.Route, session: String, logger: Logger) async throws(EgressError) -> Way {
        Way(port: try await Relay(resolver: parts.resolver, logger: logger).open(route), route: route, session: session)
    }

    package func visit(
        _ url: String, by way: Way, captures: PageRequest.Captures = [], permits: Permits
    ) async -> VisitResult {
        let start = ContinuousClock.now
        var result: VisitResult
        if let file = spec.options.file ?? Visitor.path(of: url) {
            result = await visit(url, storedIn: file, way, captures)
        } else {
            result = await visitSite(url, way, captures, permits)
        }
        if let document = result.document, result.status == .completed {
            let asked = await read(document, permits, into: &result)
            if result.loading == .compared { await compare(document, asked, &result) }
        }
        result.cost.total = milliseconds(since: start)
        return result
    }

    // MARK: From the network

    /// Thrown inside of a session.
    private struct NotNow: Error {}

    /// Word of the result of a visit that was not let go.
    package static let notNow = "not-now"

    private func visitSite(
        _ url: String, _ way: Way, _ captures: PageRequest.Captures, _ permits: Permits
    ) async -> VisitResult {
        guard let target = WebAddress(url) else {
            return .failed(.input, code: "bad-address", "\(url) is no address of a page: give http://… or https://…")
        }
        var address: IPAddress?
        do {
            let destination = try await parts.resolver.destination(
                of: target.host, port: target.port, by: way.route.wayOut, rules: way.route.rules)
            if case .addresses(let found) = destination { address = found.first }
        } catch {
            return Visitor.result(of: error)
        }
        var verdict: RobotsGate.Answer?
        if let robots = parts.robots {
            let answer = await robots.verdict(on: url, by: way.route)
            if let unreachable = answer.unreachable { return Visitor.result(of: unreachable, url) }
            if !answer.isAllowed { return skipped(answer, url) }
            verdict = answer
        }
        // Where a redirect or the page itself leads on is asked about before anything is sent there.
        let onward = Guarded(Onward())
        let asked = url
        let gate: @Sendable (String) async -> Bool = { url in
            guard let next = WebAddress(url) else { return true }
            if url != asked, let why = await permits.refusal(url) {
                onward.withLock { $0.unwanted = (url, why) }
                return false
            }
            if let robots = parts.robots {
                let answer = await robots.verdict(on: url, by: way.route)
                onward.withLock { $0.verdict = (answer, url) }
                guard answer.isAllowed else { return false }
            }
            guard next.host != target.host else { return true }
            let mayGo = (try? await permits.goOn(next)) ?? false
            if !mayGo { onward.withLock { $0.rests = url } }
            return mayGo
        }
        async let _ = parts.robots?.refresh(for: url, by: way.route)
        let place = address
        let begun = ContinuousClock.now
        // The host's clock counts from when the document is asked for, which may be long after now: a browser has to start, a tab to come free.
        let askedAt = Guarded<ContinuousClock.Instant?>(nil)
        let leave: @Sendable () async throws -> Void = {
            guard try await permits.leave(place) else { throw NotNow() }
            askedAt.withLock { $0 = .now }
        }
        let loading = await self.loading(url, captures, permits)
        var result: VisitResult
        do {
            result =
                loading == .fetched
                ? try await fetched(url, way, leave, gate)
                : try await rendered(url, way, captures.union(loading == .compared ? .source : []), leave, gate)
        } catch let error as FleetError {
            result = self.result(of: error, url, way)
        } catch let error as FetchError {
            result = Visitor.result(of: error, url)
        } catch is NotNow {
            result = .failed(.ours, code: Visitor.notNow, "\(url): its host wants more rest first")
        } catch {
            result = .failed(.ours, code: "cancelled", "\(url): the visit was cancelled")
        }
        result.loading = loading
        let further = onward.withLock { $0 }
        if let (answer, url) = further.verdict {
            verdict = answer
            if let unreachable = answer.unreachable {
                result = Visitor.result(of: unreachable, url)
            } else if !answer.isAllowed {
                result = skipped(answer, url)
            }
        }
        if let (next, why) = further.unwanted {
            result = .skipped(why.code, "\(url): it leads on to \(next): \(why.reason)")
        }
        if let next = further.rests {
            result = .failed(
                .site, code: "host-rests", "\(url): it leads on to \(next), whose host wants more rest than a page can be held open for",
                retry: .again)
        }
        result.cost.load = milliseconds(since: begun)
        result.askedAt = askedAt.withLock { $0 }
        if let verdict {
            result.robots = verdict.json(page: result.pageRules)
            result.crawlDelay = verdict.crawlDelay
        }
        return result
    }

    /// What was found where the page led on.
    private struct Onward: Sendable {
        var verdict: (answer: RobotsGate.Answer, url: String)?
        /// An address that the run doesn't want, and why.
        var unwanted: (url: String, why: Permits.Refusal)?
        /// An address whose host could not be asked in time.
        var rests: String?
    }

    private func rendered(
        _ url: String, _ way: Way, _ captures: PageRequest.Captures, _ leave: @escaping @Sendable () async throws -> Void,
        _ gate: @escaping @Sendable (String) async -> Bool
    ) async throws -> VisitResult {
        var request = pageRequest(url, captures)
        request.mimeTypes.formUnion(["text/plain", "application/json"])
        request.gate = gate
        let order = request
        let page = try await parts.fleet.withSession(of: SessionSpec(key: way.session, network: .proxy(way.port.url))) { session in
            try await leave()
            return try await session.render(order)
        }
        var result = self.result(of: page, way)
        result.source = page.source
        if let document = result.document { obey(Arrival(page), document, &result) }
        return result
    }

    private func pageRequest(_ url: String, _ captures: PageRequest.Captures) -> PageRequest {
        var request = PageRequest(url)
        request.captures = captures.union(.snapshot)
        request.waitFor = spec.options.waitFor
        request.timeout = spec.options.timeout
        request.byteLimit = spec.options.pageBytes
        request.actions = spec.options.actions
        request.styles = RenderedTree.wanted
        return request
    }

    private func result(of page: RenderedPage, _ way: Way) -> VisitResult {
        // The relay's own answer. What it says of itself in the answer's header any site could say too: its account can't be forged.
        if let incident = relayed(page, way) {
            var result = Visitor.result(of: incident, page.finalURL)
            result.finalURL = page.finalURL
            return result
        }
        let document = page.snapshot.map { Document(rendered: RenderedTree($0, styles: page.styles), url: page.finalURL) }
        // A page from a file has no status.
        if let status = page.status {
            let arrival = Arrival(page)
            if let refusal = refused(arrival, document, way) { return refusal }
            if status >= 400 { return failed(arrival, status) }
        }
        var result = VisitResult(.completed)
        result.describe(Arrival(page))
        result.document = document
        result.captures.html = page.html
        result.captures.screenshot = (page.screenshot ?? page.viewportScreenshot).map { [UInt8]($0) }
        result.captures.pdf = page.pdf.map { [UInt8]($0) }
        if !page.isSettled {
            result.unsettled = "the page was taken before it had come to rest" + (page.unsettledReason.map { "; it waited for \($0)" } ?? "")
        } else if page.unreadFrames > 0 {
            result.unsettled = "\(page.unreadFrames) frame\(page.unreadFrames == 1 ? "" : "s") of other sites did not answer and could not be read"
        }
        return result
    }

    /// What went wrong, where the answer is the relay's own: it refused, or could not get through.
    private func relayed(_ page: RenderedPage, _ way: Way) -> RelayIncident? {
        let incidents = way.incidents(at: page.finalURL)
        switch page.status {
        case 403: return incidents.last(where: \.isRefusal)
        case 502, 504:
            let code = page.headers.first { $0.name.lowercased() == "x-gleaner-error" }?.value
            return incidents.last { $0.code.rawValue == code }
        default: return nil
        }
    }

    private static func result(of incident: RelayIncident, _ url: String) -> VisitResult {
        let retry: RetryAdvice =
            switch incident.code {
            case .connectionTimedOut, .resolverTimedOut, .connectionFailed: .again
            case .proxyFailed, .proxyLogin, .proxyRefused: .elsewhere
            default: .never
            }
        return .failed(.site, code: incident.code.rawValue, "\(url): \(incident.message)", retry: retry)
    }

    /// A page that a guard put in the place of what was asked for. Nil for others, and where the status alone says that we aren't wanted.
    func refused(_ page: Arrival, _ document: Document?, _ way: Way) -> VisitResult? {
        let (code, sign): (String, String)
        switch BlockPage(BlockPage.Answer(page, document)) {
        case .challenge(_, let text): (code, sign) = (VisitResult.challenged, text)
        case .block(_, let text):
            if let status = page.status, status >= 400 { return nil }
            (code, sign) = (VisitResult.blocked, text)
        // Some proxies answer so for what they could not get.
        case .empty where way.route.wayOut.proxy != nil: (code, sign) = (VisitResult.empty, "there is nothing in the answer")
        case .empty, nil: return nil
        }
        var result = VisitResult.failed(.site, code: code, "\(page.finalURL): \(sign)", retry: .again)
        result.describe(page)
        result.restFor = page.rest
        return result
    }

    func failed(_ page: Arrival, _ status: Int) -> VisitResult {
        var result = VisitResult.failed(
            .site, code: "http-\(status)", "\(page.finalURL): the site answered \(status)\(Visitor.phrase(status))", retry: status == 429 || status >= 500 ? .again : .never)
        result.describe(page)
        result.restFor = page.rest
        return result
    }

    private static func phrase(_ status: Int) -> String {
        let phrases = [
            400: "bad request", 401: "it wants a login", 403: "forbidden", 404: "not found", 410: "gone", 429: "too many requests",
            451: "withheld for legal reasons", 500: "an error of its own", 502: "its back end failed", 503: "not available now",
            504: "its back end did not answer",
        ]
        return phrases[status].map { " (\($0))" } ?? ""
    }

    private func skipped(_ answer: RobotsGate.Answer, _ url: String) -> VisitResult {
        var result = VisitResult.skipped("robots", "\(url): \(answer.reason)")
        result.robots = answer.json
        return result
    }

    /// What the page says about its use. One that must not be kept is not kept.
    func obey(_ page: Arrival, _ document: Document, _ result: inout VisitResult) {
        guard let robots = parts.robots else { return }
        let rules = PageRules(page, document, token: robots.token, now: Int64(Date().timeIntervalSince1970 * 1_000_000))
        result.pageRules = rules.reason
        result.mayFollow = rules.mayFollow
        guard !rules.mayKeep else { return }
        var skipped = VisitResult(.skipped)
        skipped.describe(page)
        skipped.fault = .site
        skipped.code = "noindex"
        skipped.reason = "\(page.finalURL): \(rules.reason ?? "it may not be kept")"
        skipped.pageRules = rules.reason
        skipped.mayFollow = rules.mayFollow
        skipped.unkept = document
        result = skipped
    }

    // MARK: From a file

    private func visit(_ url: String, storedIn file: String, _ way: Way, _ captures: PageRequest.Captures) async -> VisitResult {
        guard let data = FileManager.default.contents(atPath: file) else {
            return .failed(.input, code: "no-file", "\(file): there is no such file, or it can't be read")
        }
        let bytes = [UInt8](data)
        let needsBrowser = spec.options.rendersFile || !captures.subtracting(.snapshot).isEmpty
        let loading = ContinuousClock.now
        var result: VisitResult
        if needsBrowser {
            var request = pageRequest(WebAddress(url) == nil ? "http://stored.invalid/" : url, captures)
            request.content = PageRequest.Content(bytes)
            let asked = request
            do {
                let page = try await parts.fleet.withSession(of: SessionSpec(key: way.session, network: .none)) { try await $0.render(asked) }
                result = self.result(of: page, way)
                if let snapshot = page.snapshot {
                    result.document = Document(rendered: RenderedTree(snapshot, styles: page.styles), url: url)
                }
            } catch let error as FleetError {
                result = self.result(of: error, url, way)
            } catch {
                result = .failed(.ours, code: "cancelled", "\(url): the visit was cancelled")
            }
        } else {
            result = VisitResult(.completed)
            result.document = Visitor.document(bytes, named: file, url: url)
            if result.document == nil {
                result = .failed(.input, code: "not-html", "\(file) is no page: HTML, XHTML, XML or plain text can be read")
            }
        }
        result.finalURL = url
        result.cost.bytes = bytes.count
        result.cost.load = milliseconds(since: loading)
        return result
    }

    static func document(_ bytes: [UInt8], named file: String, url: String) -> Document? {
        switch (file as NSString).pathExtension.lowercased() {
        case "txt", "text", "md": return Document(text: bytes, url: url)
        case "xml", "rss", "atom": return try? Document(xml: bytes, url: url)
        case "pdf", "png", "jpg", "jpeg", "gif", "webp", "zip", "gz", "mp4": return nil
        default:
            // A zero byte early on is in no encoding of HTML but UTF-16, which begins with a mark.
            let isUTF16 = bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE])
            if !isUTF16, bytes.prefix(1024).contains(0) { return nil }
            return Document(html: bytes, url: url)
        }
    }

    private static func path(of url: String) -> String? {
        guard url.lowercased().hasPrefix("file:") else { return nil }
        return URL(string: url)?.path
    }

    // MARK: Reading

    /// What the page was read for; nil where it was for nothing.
    private func read(_ document: Document, _ permits: Permits, into result: inout VisitResult) async -> Asked? {
        let start = ContinuousClock.now
        do {
            let (request, prompt): (ExtractionRequest, String)
            switch try await permits.read(document, result.httpStatus) {
            case .read(let wanted?, let words): (request, prompt) = (wanted, words)
            case .read(nil, _): return nil
            case .unchanged(let records):
                result.carried = records
                return nil
            case .skip(let code, let reason):
                result.status = .skipped
                result.fault = .site
                result.code = code
                result.reason = "\(result.finalURL ?? document.url): \(reason)"
                return nil
            }
            guard let extractor = parts.extractor else { return nil }
            let reading = try await extractor.read(document, for: request, prompt: prompt, modelLimit: spec.options.timeout)
            var answer = reading.answer
            if let unsettled = result.unsettled { answer.incomplete.append(Incomplete(path: "", reason: unsettled)) }
            result.cost.tokens = reading.tokens
            result.cost.chunks = reading.chunks
            if spec.options.explains { result.explanation = reading.explanation }
            judge(answer, request, &result)
            result.answer = answer
            result.cost.read = milliseconds(since: start)
            return Asked(request: request, prompt: prompt)
        } catch let error as ExtractionError {
            result.status = .failed
            result.fault = .ours
            result.code = "reading"
            result.reason = "\(result.finalURL ?? ""): \(error)"
        } catch {
            result.status = .failed
            result.fault = .ours
            result.code = "cancelled"
            result.reason = "the visit was cancelled"
        }
        result.cost.read = milliseconds(since: start)
        return nil
    }

    private struct Asked {
        var request: ExtractionRequest
        var prompt: String
    }

    /// Does the page say the same without its scripts? Text, links and records are looked at.
    private func compare(_ page: Document, _ asked: Asked?, _ result: inout VisitResult) async {
        // What the page led on to by itself was made by a script, and a page kept at its beginning is no measure.
        guard let source = result.source, result.unsettled == nil, result.status == .completed || result.status == .partial else { return }
        result.source = nil
        let plain = Document(html: source, url: page.url)
        var isStatic = plain.saysTheSame(as: page)
        if isStatic, let asked, let extractor = parts.extractor {
            let reading = try? await extractor.read(plain, for: asked.request, prompt: asked.prompt, modelLimit: spec.options.timeout)
            isStatic = reading.map { $0.answer.records == result.answer?.records } ?? false
        }
        result.isStatic = isStatic
    }


    /// Partial: nothing was found, a required value is missing, or part of the page was not read.
    private func judge(_ answer: Answer, _ request: ExtractionRequest, _ result: inout VisitResult) {
        let url = result.finalURL ?? ""
        func partial(_ code: String, _ reason: String) {
            result.status = .partial
            result.fault = .site
            result.code = code
            result.reason = "\(url): \(reason)"
        }
        if answer.evidence.isEmpty {
            let names = request.fields.map(\.name).joined(separator: ", ")
            let why = answer.incomplete.first { $0.path.isEmpty }?.reason ?? "--explain says what was looked at"
            return partial("nothing-found", "nothing was found of \(names); \(why)")
        }
        if let whole = answer.incomplete.first(where: { $0.path.isEmpty }) { return partial("incomplete", whole.reason) }
        for (number, record) in answer.records.enumerated() {
            guard let violation = RecordCheck.violations(of: record, in: request).first else { continue }
            let why = answer.incomplete.first { $0.path == "/\(number)\(violation.path)" }.map { " (\($0.reason))" } ?? ""
            return partial("schema", "record \(number) is not as asked: \(violation)\(why)")
        }
    }

    // MARK: Faults

    private static func result(of error: EgressError) -> VisitResult {
        switch error.code {
        case .invalidOption, .nameNotResolved, .addressRefused, .hostBlocked:
            return .failed(.site, code: error.code.rawValue, error.message)
        case .proxyFailed, .proxyLogin, .proxyRefused: return .failed(.site, code: error.code.rawValue, error.message, retry: .elsewhere)
        case .listenFailed: return .failed(.ours, code: error.code.rawValue, error.message)
        default: return .failed(.site, code: error.code.rawValue, error.message, retry: .again)
        }
    }

    /// The site did not even answer for robots.txt, without which nothing may be asked.
    static func result(of error: FetchError, _ url: String) -> VisitResult {
        switch error.code {
        case .cancelled, .stopped: .failed(.ours, code: "cancelled", "\(url): the visit was cancelled")
        case .addressRefused, .hostBlocked, .nameNotResolved, .tls, .invalidURL, .connectionFailed: .failed(.site, code: error.code.rawValue, error.message)
        case .proxyFailed, .proxyLogin, .proxyRefused: .failed(.site, code: error.code.rawValue, error.message, retry: .elsewhere)
        default: .failed(.site, code: error.code.rawValue, error.message, retry: .again)
        }
    }

    private func result(of error: FleetError, _ url: String, _ way: Way) -> VisitResult {
        // A tunnel that the relay refused looks like any other failed proxy to Chromium: the relay knows why.
        if error.code == .proxy || error.code == .connectionLost,
            let incident = way.incidents(at: url).last ?? way.port.usage.incidents.last
        {
            return Visitor.result(of: incident, url)
        }
        let fault: VisitResult.Fault
        var retry = RetryAdvice.never
        switch error.code {
        case .selectorInvalid: fault = .input
        case .nameNotResolved, .tls, .blocked, .tooManyRedirects, .badAddress, .notHTML, .noContent, .tooLarge, .selectorAbsent, .actionFailed, .deadline,
            .connectionRefused, .network, .proxy, .unresponsive:
            fault = .site
        case .pageCrashed: fault = .site
        case .connectionLost, .connectionTimedOut:
            fault = .site
            retry = .again
        case .browserGone, .busy, .protocolFault:
            fault = .ours
            retry = .elsewhere
        case .cancelled, .launchFailed, .noBrowser, .closed, .badProfile: fault = .ours
        }
        let message = error.message.contains(url) ? error.message : "\(url): \(error.message)"
        return .failed(fault, code: Visitor.word(error.code), message, retry: retry)
    }

    /// "connectionRefused" → "connection-refused".
    private static func word(_ code: FleetError.Code) -> String {
        if code == .notHTML { return "not-html" }
        return code.rawValue.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }

    private func milliseconds(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .milliseconds(1) }
}
