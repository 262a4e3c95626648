package import Documents
package import Hummingbird
internal import Logging

/// What every request goes through, also those that no route is for: bounds, the Host check, problems in their form, security headers, and
/// one line in the log.
package struct FrontDoor: RouterMiddleware {
    package typealias Context = CallContext

    /// Bytes of path and query.
    package static let longestAddress = 8 << 10
    /// Bytes of all headers. Beyond twice as many the connection is closed without a word.
    package static let largestHeaders = 32 << 10

    let hosts: HostNames
    let api: API
    let problemPage: @Sendable (Problem, Request) -> Response?

    /// - Parameter problemPage: shows a problem to a person; nil where a program asked.
    package init(hosts: HostNames, api: API, problemPage: @escaping @Sendable (Problem, Request) -> Response? = { _, _ in nil }) {
        self.hosts = hosts
        self.api = api
        self.problemPage = problemPage
    }

    package func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        let clock = ContinuousClock()
        let start = clock.now
        var response: Response
        do {
            try check(request)
            response = try await next(request, context)
        } catch {
            let problem = problem(error, request)
            if problem.kind == .internalFault {
                context.logger.error(
                    "request failed", metadata: ["request.id": "\(context.id)", "error.type": "\(type(of: error))", "error": "\(error)"])
            }
            response = problemPage(problem, request) ?? problem.response(requestID: context.id)
        }
        let noted = context.notes.value
        for field in noted.headers where !response.headers.contains(field.name) { response.headers.append(field) }
        secure(&response.headers)
        response.headers[text: "X-Request-Id"] = context.id
        context.logger.info(
            "request",
            metadata: [
                "request.id": "\(context.id)", "method": "\(request.method.rawValue)", "route": "\(context.endpointPath ?? "none")",
                "status": "\(response.status.code)", "ms": "\((clock.now - start).microseconds / 1_000)",
                "caller": "\(noted.caller ?? "nobody")",
            ])
        return response
    }

    private func check(_ request: Request) throws(Problem) {
        guard (request.head.path ?? "").utf8.count <= FrontDoor.longestAddress else {
            throw Problem(.addressTooLong, "path and query have more than \(FrontDoor.longestAddress) bytes")
        }
        let size = request.headers.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
        guard size <= FrontDoor.largestHeaders else {
            throw Problem(.headersTooLarge, "the headers have \(size) bytes together; \(FrontDoor.largestHeaders) may be sent")
        }
        guard let host = request.head.authority else { throw Problem(.invalidHeader, "the Host header is missing") }
        guard hosts.contains(host) else {
            throw Problem(
                .unknownHost, "this server isn't called \(host.prefix(80)); call it by its address, or have its operator add that name")
        }
    }

    private func problem(_ error: any Error, _ request: Request) -> Problem {
        let problem = Problem(error)
        guard problem.kind == .notFound, !(error is Problem) else { return problem }
        let methods = api.endpoints.filter { $0.matches(request.uri.path) }.map(\.method)
        guard !methods.isEmpty else { return problem }
        let names = (methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : [])).sorted().joined(separator: ", ")
        return Problem(.methodNotAllowed, "\(request.method.rawValue) can't be done here; \(names) can", headers: [.allow: names])
    }

    /// Nothing of a page may come from elsewhere, no script or style may stand in it, and no other site may frame or load it. What is
    /// answered is kept nowhere, unless a route says so. The referrer stays on this site; with none at all browsers would not say Origin.
    private func secure(_ headers: inout HTTPFields) {
        headers[.contentSecurityPolicy] = """
            default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
            form-action 'self'; base-uri 'none'; frame-ancestors 'none'
            """
        headers[.xContentTypeOptions] = "nosniff"
        headers[text: "Referrer-Policy"] = "same-origin"
        headers[text: "Cross-Origin-Opener-Policy"] = "same-origin"
        headers[.crossOriginResourcePolicy] = "same-origin"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    }
}

extension Response {
    package static func json(_ json: JSON, _ status: Int = 200, headers: HTTPFields = [:]) -> Response {
        .text(json.text(), type: "application/json", status, headers: headers)
    }

    package static func html(_ html: HTML, _ status: Int = 200, headers: HTTPFields = [:]) -> Response {
        .text(html.text, type: "text/html; charset=utf-8", status, headers: headers)
    }

    package static func text(_ text: String, type: String, _ status: Int = 200, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
