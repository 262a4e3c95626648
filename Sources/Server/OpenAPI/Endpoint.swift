package import Documents
internal import Foundation
package import Hummingbird

/// One route, declared once: it is registered on the router and written into the OpenAPI document from this value.
package struct Endpoint: Sendable {
    package enum Method: String, Sendable, Hashable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// Of a header or of the path.
    package struct Parameter: Sendable, Hashable {
        package var name: String
        package var meaning: String
        package var schema: JSON

        package init(_ name: String, _ meaning: String, schema: JSON) {
            self.name = name
            self.meaning = meaning
            self.schema = schema
        }
    }

    /// What is answered when all went well.
    package struct Answer: Sendable, Hashable {
        package struct Content: Sendable, Hashable {
            package var type: String
            package var schema: JSON

            package init(_ type: String, _ schema: JSON = .of(("type", .string("string")))) {
                self.type = type
                self.schema = schema
            }
        }

        package var status: Int
        package var meaning: String
        package var contents: [Content]

        package init(_ status: Int, _ meaning: String, _ contents: [Content] = []) {
            self.status = status
            self.meaning = meaning
            self.contents = contents
        }

        package static func json(_ meaning: String, _ schema: JSON, status: Int = 200) -> Answer {
            Answer(status, meaning, [Content("application/json", schema)])
        }

        /// What an `EventStream` sends.
        package static func events(_ meaning: String) -> Answer {
            let text = JSON.of(("type", .string("string")))
            let event = JSON.of(("type", .string("object")), ("properties", .of(("id", text), ("event", text), ("data", text))))
            return Answer(200, meaning, [Content("text/event-stream", event)])
        }
    }

    package let method: Method
    /// With the names of parameters in braces: `/v1/runs/{id}`.
    package let path: String
    package let access: Access
    /// The heading under which it stands in the document.
    package let group: String
    /// One line.
    package let summary: String
    package let about: String
    package let pathParameters: [Parameter]
    package let headers: [Parameter]
    package let answers: [Answer]
    /// Beside those that any route may have.
    package let problems: [Problem.Kind]
    /// For reading the request and answering it; what streams begins to be sent within it.
    package let deadline: Duration
    /// A page of the console, for people: it isn't in the document.
    package let isPage: Bool
    let query: [FormFields.Field]
    let body: (type: String, schema: JSON)?
    private let handle: @Sendable (Call) async throws -> Response

    /// - Parameters:
    ///   - names: of the path, with their meanings.
    ///   - respond: gets query and body as they were read; what it throws becomes a problem.
    package init<Query, Fields>(
        _ method: Method, _ path: String, _ access: Access, group: String = "", _ summary: String, about: String = "",
        names: [String: String] = [:], headers: [Parameter] = [], query: Form<Query>, body: BodyForm<Fields>, answers: [Answer],
        problems: [Problem.Kind] = [],
        deadline: Duration = .seconds(30), isPage: Bool = false, respond: @escaping @Sendable (Call, Query, Fields) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.group = group
        self.summary = summary
        self.about = about
        pathParameters = Endpoint.names(of: path).map { Parameter($0, names[$0] ?? "", schema: Endpoint.nameSchema) }
        self.headers = headers
        self.answers = answers
        self.problems = problems
        self.deadline = deadline
        self.isPage = isPage
        self.query = query.fields
        self.body = body.declared
        handle = { call in
            let asked = try query.read(query: try QueryPairs(call.request.uri.query ?? ""))
            return try await respond(call, asked, try await body.read(call))
        }
    }

    /// One that takes nothing in its query or body.
    package init(
        _ method: Method, _ path: String, _ access: Access, group: String = "", _ summary: String, about: String = "",
        names: [String: String] = [:], headers: [Parameter] = [], answers: [Answer], problems: [Problem.Kind] = [],
        deadline: Duration = .seconds(30), isPage: Bool = false, respond: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.init(
            method, path, access, group: group, summary, about: about, names: names, headers: headers, query: .empty, body: .none,
            answers: answers, problems: problems, deadline: deadline, isPage: isPage
        ) { call, _, _ in try await respond(call) }
    }

    /// Whether sending it twice does no more than sending it once.
    package var isIdempotent: Bool { [.get, .put, .delete].contains(method) || headers.contains(.idempotencyKey) }

    /// All that it may answer beside its answers.
    var allProblems: [Problem.Kind] {
        var kinds: [Problem.Kind] = headers.isEmpty ? [.invalidQuery] : [.invalidQuery, .invalidHeader]
        if access != .open { kinds += [.unauthenticated, .missingScope] }
        if !pathParameters.isEmpty { kinds.append(.notFound) }
        if method != .get { kinds.append(.crossSite) }
        if body != nil { kinds += [.malformedBody, .bodyTooLarge, .unsupportedMediaType, .invalidFields] }
        return kinds + problems + [.tooManyRequests]
    }
}

extension Endpoint.Parameter {
    package static let idempotencyKey = Self(
        "Idempotency-Key", "Sent again with the same key, the request is answered as before and does nothing twice.",
        schema: .of(
            ("type", .string("string")), ("pattern", .string(#"^("[!#-\[\]-~]{1,255}"|[!#-\[\]-~]{1,255})$"#))))

    package static let lastEventID = Self(
        "Last-Event-ID", "The id of the last event that was received: those after it are sent.",
        schema: .of(("type", .string("string")), ("pattern", .string("^[0-9]{1,18}$"))))
}

/// What a route takes in its body.
package struct BodyForm<Fields>: Sendable {
    let declared: (type: String, schema: JSON)?
    let read: @Sendable (Call) async throws -> Fields
}

extension BodyForm {
    package static func json(_ form: Form<Fields>, limit: Int = Body.usualLimit) -> BodyForm {
        BodyForm(declared: ("application/json", form.schema)) { call in
            try call.checkToken(nil)
            return try form.read(try await Body.json(of: call.request, limit: limit))
        }
    }

    /// Of a form in a page of the console.
    package static func form(_ form: Form<Fields>, limit: Int = Body.usualLimit) -> BodyForm {
        BodyForm(declared: ("application/x-www-form-urlencoded", form.schema)) { call in
            var pairs = try await Body.form(of: call.request, limit: limit)
            try call.checkToken(pairs[Sessions.tokenField])
            pairs.remove(Sessions.tokenField)
            return try form.read(form: pairs)
        }
    }
}

extension BodyForm<Void> {
    package static var none: BodyForm { BodyForm(declared: nil) { call in try call.checkToken(nil) } }
}

extension Call {
    /// What a session asks with a method that changes something carries the token of a page that it was shown.
    fileprivate func checkToken(_ field: String?) throws(Problem) {
        guard case .session? = caller?.way, !request.method.isSafe else { return }
        guard let token = field ?? request.headers[text: Sessions.tokenHeader], token == formToken else {
            throw Problem(.crossSite, "the form is not one of this session; load the page again")
        }
    }
}

// MARK: - Paths

extension Endpoint {
    private static let nameSchema = JSON.of(("type", .string("string")), ("minLength", .integer(1)), ("maxLength", .integer(256)))

    static func names(of path: String) -> [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }.map { String($0.dropFirst().dropLast()) }
    }

    /// As the router sees it: empty steps don't count.
    func matches(_ path: String) -> Bool {
        let (steps, mine) = (path.split(separator: "/"), self.path.split(separator: "/"))
        return steps.count == mine.count && zip(steps, mine).allSatisfy { $1.hasPrefix("{") || $0 == $1 }
    }
}

// MARK: - A request

extension Endpoint {
    func respond(to request: Request, _ context: CallContext, _ gate: Gate) async throws -> Response {
        let now = gate.clock()
        let caller = try await gate.admit(request, context, to: self, now: now)
        var parameters: [String: String] = [:]
        for parameter in pathParameters {
            guard let text = context.parameters.get(parameter.name)?.removingPercentEncoding, text.unicodeScalars.count <= 256 else {
                throw Problem(.notFound, "\(parameter.name) in the path is none")
            }
            parameters[parameter.name] = text
        }
        let key = headers.contains(.idempotencyKey) ? try request.headers[text: "Idempotency-Key"].map(IdempotencyKey.init) : nil
        let call = Call(
            request: request, caller: caller, parameters: parameters, id: context.id, idempotencyKey: key,
            formToken: caller.map(gate.authenticator.sessions.formToken), time: now, peer: context.peer, logger: context.logger,
            channel: context.channel)
        return try await Endpoint.within(deadline) { try await handle(call) }
    }

    /// A handler that is told to end, and doesn't, holds its answer up.
    private static func within(_ limit: Duration, _ work: @escaping @Sendable () async throws -> Response) async throws -> Response {
        try await withThrowingTaskGroup(of: Response?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let response = try await group.next() ?? nil else {
                throw Problem(.tooSlow, "it was not done within \(limit.wholeSeconds) seconds; ask again later", retryAfter: .seconds(5))
            }
            return response
        }
    }
}
