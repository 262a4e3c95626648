package import Egress
internal import Synchronization

/// HTTP without a browser: robots files, sitemaps, static pages, webhooks, model servers.
///
/// Redirects are followed here and not by curl, because each hop is a new question: may this address be asked (the request's
/// gate), may these numbers be connected to (the rules). Names are resolved by `Resolver` and given to curl; curl asks again
/// when it opens a socket and when it takes up an open connection, so that nothing can change in between.
package final class Fetcher: Sendable {
    package struct Configuration: Sendable {
        /// PEM file of authorities to trust; nil for the system's. Verification itself is always on.
        package var authorities: String?
        package init() {}
    }

    private let resolver: Resolver
    private let configuration: Configuration
    private let worker: CurlWorker?
    private let lastNumber = Atomic<UInt64>(0)

    package init(resolver: Resolver, configuration: Configuration = Configuration()) {
        self.resolver = resolver
        self.configuration = configuration
        worker = CurlWorker()
    }

    deinit { worker?.stop() }

    /// Breaks off what is under way, with `stopped`, and returns when curl is at rest.
    package func shutdown() async {
        worker?.stop()
        await worker?.stopped()
    }

    /// The answer of the last hop, whatever its status.
    package func fetch(_ request: FetchRequest) async throws(FetchError) -> FetchResponse {
        var hop = try Hop(request)
        var hops: [FetchHop] = []
        var left = request.timeout
        do throws(FetchError) {
            while true {
                switch await request.gate(hop.url.description) {
                case .proceed: break
                case .refuse(let why): throw FetchError(.gateRefused, why)
                }
                let start = ContinuousClock.now
                guard left > .zero else { throw FetchError(.timedOut, "\(hop.url): no whole answer within \(request.timeout)") }
                let outcome = try await perform(hop, request, within: left)
                left -= ContinuousClock.now - start
                guard [301, 302, 303, 307, 308].contains(outcome.status),
                    let location = outcome.headers.first(where: { $0.name.lowercased() == "location" })?.value, !location.isEmpty
                else { return FetchResponse(outcome, hop.url, hops, duration: request.timeout - left) }
                let next = try FetchURL(location, relativeTo: hop.url)
                hops.append(FetchHop(url: hop.url.description, status: outcome.status, location: next.description))
                guard hops.count <= request.maximumRedirects else {
                    throw FetchError(.tooManyRedirects, "\(request.url.prefix(200)): more than \(request.maximumRedirects) redirects")
                }
                hop.follow(to: next, status: outcome.status)
            }
        } catch {
            var error = error
            error.hops = hops
            throw error
        }
    }

    /// One hop's question, as redirects change it.
    private struct Hop {
        var url: FetchURL
        var method: String
        var body: [UInt8]?
        var headers: [HTTPField]

        init(_ request: FetchRequest) throws(FetchError) {
            url = try FetchURL(request.url)
            method = request.method
            body = request.body
            headers = request.headers
            if let language = request.acceptLanguage { headers.append(HTTPField("Accept-Language", language)) }
            if let contact = request.contact { headers.append(HTTPField("From", contact)) }
            if let tag = request.ifNoneMatch { headers.append(HTTPField("If-None-Match", tag)) }
            if let date = request.ifModifiedSince { headers.append(HTTPField("If-Modified-Since", date)) }
            guard !method.isEmpty, method.utf8.allSatisfy({ (65...90).contains($0) }) else {
                throw FetchError(.invalidRequest, "\(method.debugDescription) is no method")
            }
            for field in headers + [HTTPField("User-Agent", request.userAgent)] {
                guard !field.name.isEmpty, field.name.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }),
                    field.value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 })
                else { throw FetchError(.invalidRequest, "the header \(field.name.debugDescription) can't be sent: it has control characters") }
            }
        }

        /// RFC 9110 §15.4, and as browsers do: 303, and 301 or 302 after POST, become GET. What proves who asks stays at home.
        mutating func follow(to next: FetchURL, status: Int) {
            if status == 303 && method != "HEAD" || (status == 301 || status == 302) && method == "POST" {
                method = "GET"
                body = nil
                headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
            }
            if !next.isSameOrigin(as: url) { headers.removeAll { ["authorization", "cookie"].contains($0.name.lowercased()) } }
            url = next
        }
    }

    private func perform(_ hop: Hop, _ request: FetchRequest, within left: Duration) async throws(FetchError) -> Transfer.Outcome {
        guard let worker else { throw FetchError(.stopped, "libcurl can't be initialised") }
        let start = ContinuousClock.now
        let destination: Resolver.Destination
        do {
            destination = try await resolver.destination(of: hop.url.host, port: hop.url.port, by: request.wayOut, rules: request.rules)
        } catch {
            if Task.isCancelled { throw FetchError(.cancelled, "\(hop.url): cancelled") }
            throw FetchError(error, url: hop.url)
        }
        let order = Transfer.Order(
            request: request, url: hop.url, method: hop.method, body: hop.body, headers: hop.headers, destination: destination,
            timeout: left - (ContinuousClock.now - start), authorities: configuration.authorities)
        let number = lastNumber.add(1, ordering: .relaxed).newValue
        let running = Mutex<Transfer?>(nil)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let transfer = Transfer(number: number, order: order, continuation: continuation)
                running.withLock { $0 = transfer }
                // Cancelled before the handler could find it.
                if Task.isCancelled { transfer.isCancelled.store(true, ordering: .releasing) }
                worker.start(transfer)
            }
        } onCancel: {
            running.withLock { $0 }?.isCancelled.store(true, ordering: .releasing)
            worker.cancel(number)
        }
        return try result.get()
    }
}

extension FetchResponse {
    fileprivate init(_ outcome: Transfer.Outcome, _ url: FetchURL, _ hops: [FetchHop], duration: Duration) {
        self.init(
            status: outcome.status, headers: outcome.headers, body: outcome.body, isTruncated: outcome.isTruncated, url: url.description,
            hops: hops, address: outcome.address, version: outcome.version, bytesReceived: outcome.bytesReceived, duration: duration,
            isNewConnection: outcome.isNewConnection)
    }
}
