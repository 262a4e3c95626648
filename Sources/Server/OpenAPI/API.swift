package import Documents
package import Hummingbird

/// All routes, and the document that describes them (OpenAPI 3.1): what one has, the other has.
package struct API: Sendable {
    package let title: String
    package let version: String
    /// Those that were given, and the two that describe them.
    package let endpoints: [Endpoint]
    /// Schemas that routes name: `API.schema("Run")`.
    private let schemas: [JSON.Member]

    /// - Parameter stylesheet: the path of one for /docs.
    package init(title: String, version: String, endpoints: [Endpoint], schemas: [JSON.Member] = [], stylesheet: String? = nil) {
        let described = API(title: title, version: version, all: endpoints + API.own(document: .null, page: HTML()), schemas: schemas)
        let (document, page) = (described.document, described.page(stylesheet: stylesheet))
        self.init(title: title, version: version, all: endpoints + API.own(document: document, page: page), schemas: schemas)
    }

    private init(title: String, version: String, all endpoints: [Endpoint], schemas: [JSON.Member]) {
        self.title = title
        self.version = version
        self.endpoints = endpoints
        self.schemas = schemas
    }

    /// What refers to a schema of that name.
    package static func schema(_ name: String) -> JSON { .of(("$ref", .string("#/components/schemas/\(name)"))) }

    private static func own(document: JSON, page: HTML) -> [Endpoint] {
        let text = document.text()
        return [
            Endpoint(
                .get, "/openapi.json", .open, group: "This API", "This API as an OpenAPI document",
                answers: [.json("OpenAPI 3.1.", .of(("type", .string("object"))))]
            ) { _ in .text(text, type: "application/json") },
            Endpoint(
                .get, "/docs", .open, group: "This API", "This API as a page",
                answers: [Endpoint.Answer(200, "A page.", [.init("text/html")])]
            ) { _ in .html(page) },
        ]
    }

    /// The routes, behind the door and the gate.
    package func router(_ door: FrontDoor, _ gate: Gate) -> Router<CallContext> {
        let router = Router(context: CallContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: door)
        for endpoint in endpoints {
            router.on(RouterPath(endpoint.path), method: .init(rawValue: endpoint.method.rawValue) ?? .get) { request, context in
                try await endpoint.respond(to: request, context, gate)
            }
        }
        return router
    }
}

// MARK: - The document

extension API {
    package var document: JSON {
        var paths: [JSON.Member] = []
        for endpoint in endpoints where !endpoint.isPage {
            let operation = JSON.Member(endpoint.method.rawValue.lowercased(), endpoint.operation)
            if let index = paths.firstIndex(where: { $0.name == endpoint.path }) {
                paths[index].value = .object((paths[index].value.members ?? []) + [operation])
            } else {
                paths.append(JSON.Member(endpoint.path, .object([operation])))
            }
        }
        return .of(
            ("openapi", .string("3.1.0")), ("info", .of(("title", .string(title)), ("version", .string(version)))),
            ("paths", .object(paths)),
            (
                "components",
                .of(
                    ("schemas", .object(schemas + [JSON.Member("Problem", API.problemSchema)])),
                    (
                        "securitySchemes",
                        .of(
                            (
                                "key",
                                .of(
                                    ("type", .string("http")), ("scheme", .string("bearer")),
                                    ("description", .string("A key made with: gleaner keys create")))
                            ))
                    ))
            ))
    }

    private static let problemSchema: JSON = {
        func type(_ name: String, _ more: (String, JSON?)...) -> JSON {
            .object([JSON.Member("type", .string(name))] + more.compactMap { name, value in value.map { JSON.Member(name, $0) } })
        }
        let fault = type(
            "object", ("required", .array([.string("detail")])),
            (
                "properties",
                .of(
                    ("detail", type("string")), ("pointer", type("string", ("description", .string("Into the body, RFC 6901.")))),
                    ("parameter", type("string")), ("header", type("string")), ("path", type("string")))
            ))
        return type(
            "object", ("description", .string("RFC 9457.")),
            ("required", .array(["type", "title", "status", "detail", "code", "retry", "request_id"].map { .string($0) })),
            (
                "properties",
                .of(
                    ("type", type("string")), ("title", type("string")), ("status", type("integer")), ("detail", type("string")),
                    ("code", type("string", ("description", .string("Stays the same for ever.")))),
                    ("errors", type("array", ("items", fault), ("maxItems", .integer(Problem.mostFaults)))),
                    ("retry", type("boolean", ("description", .string("Whether the same request may succeed later.")))),
                    ("retry_after", type("integer", ("description", .string("Seconds.")))), ("request_id", type("string")))
            ))
    }()
}

extension Endpoint {
    fileprivate var operation: JSON {
        .of(
            ("operationId", .string(operationID)), ("summary", .string(summary)), ("description", about.isEmpty ? nil : .string(about)),
            ("tags", group.isEmpty ? nil : .array([.string(group)])),
            ("security", access == .open ? .array([]) : .array([.of(("key", .array([])))])),
            ("x-scopes", .array(Scope.allCases.filter(access.scopes.contains).map { .string($0.rawValue) })),
            ("x-idempotent", .bool(isIdempotent)), ("parameters", parameters.isEmpty ? nil : .array(parameters)),
            (
                "requestBody",
                body.map { .of(("required", .bool(true)), ("content", .of(($0.type, .of(("schema", $0.schema)))))) }
            ), ("responses", responses))
    }

    /// `GET /v1/runs/{id}/records` is `get_v1_runs_id_records`.
    private var operationID: String {
        ([method.rawValue.lowercased()] + path.split { "/{}.-".contains($0) }.map(String.init)).joined(separator: "_")
    }

    private var parameters: [JSON] {
        func parameter(_ name: String, _ place: String, _ meaning: String, _ schema: JSON, isRequired: Bool) -> JSON {
            let isList = schema["type"] == .string("array")
            return .of(
                ("name", .string(name)), ("in", .string(place)), ("description", meaning.isEmpty ? nil : .string(meaning)),
                ("required", .bool(isRequired)), ("explode", isList ? .bool(false) : nil), ("schema", schema))
        }
        return pathParameters.map { parameter($0.name, "path", $0.meaning, $0.schema, isRequired: true) }
            + query.map { parameter($0.name, "query", $0.meaning, $0.describedSchema, isRequired: $0.isRequired) }
            + headers.map { parameter($0.name, "header", $0.meaning, $0.schema, isRequired: false) }
    }

    private var responses: JSON {
        func problem(_ meaning: String) -> JSON {
            .of(("description", .string(meaning)), ("content", .of(("application/problem+json", .of(("schema", API.schema("Problem")))))))
        }
        var members = answers.map { answer in
            JSON.Member(
                String(answer.status),
                .of(
                    ("description", .string(answer.meaning)),
                    (
                        "content",
                        answer.contents.isEmpty ? nil : .object(answer.contents.map { JSON.Member($0.type, .of(("schema", $0.schema))) })
                    )))
        }
        for status in Set(allProblems.map(\.status)).sorted() {
            let kinds = allProblems.filter { $0.status == status }
            members.append(JSON.Member(String(status), problem(kinds.map { "\($0.code): \($0.title)." }.joined(separator: " "))))
        }
        return .object(members + [JSON.Member("default", problem("Any other problem."))])
    }
}
