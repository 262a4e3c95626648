import Documents
import Hummingbird
import Server
import Testing

@Suite struct APITests {
    static let run = Form { fields in
        let urls = fields.required("urls", .list(of: .text(1...100, format: "uri"), 1...10), "Pages to visit.")
        return urls
    }

    /// One of each access, method and form.
    static let endpoints: [Endpoint] = {
        let done = [Endpoint.Answer(200, "Done.")]
        let respond: @Sendable (Call) async throws -> Response = { call in .text(call.parameters["id"] ?? "", type: "text/plain") }
        return [
            Endpoint(
                .get, "/v1/runs", .readOrOwn, group: "Runs", "Lists runs", query: Form { PageRequest($0) }, body: .none,
                answers: [.json("Runs.", API.schema("Run"))]
            ) { _, page, _ in .text("\(page.limit)", type: "text/plain") },
            Endpoint(
                .post, "/v1/runs", .submit, group: "Runs", "Submits a run", headers: [.idempotencyKey], query: .empty, body: .json(run),
                answers: [.json("The run.", API.schema("Run"), status: 202)],
                problems: [.init("no-such-model", 422, "There is no such model")]
            ) { call, _, urls in .text(urls.joined() + (call.idempotencyKey?.text ?? ""), type: "text/plain", 202) },
            Endpoint(
                .get, "/v1/runs/{id}", .readOrOwn, group: "Runs", "One run", names: ["id": "The run's id."], answers: done, respond: respond
            ),
            Endpoint(.delete, "/v1/runs/{id}", .admin, group: "Runs", "Deletes a run", answers: done, respond: respond),
            Endpoint(
                .put, "/v1/hosts/{host}/rules", .admin, group: "Hosts", "Sets rules", query: .empty,
                body: .json(Form { $0.optional("pace", .integer(1...60), "Seconds.") ?? 1 }), answers: done
            ) {
                _, _, pace in .text("\(pace)", type: "text/plain")
            },
            Endpoint(.patch, "/v1/hosts/{host}/rules", .read, group: "Hosts", "Odd", answers: done, respond: respond),
            Endpoint(
                .post, "/login", .open, "Logs in", query: .empty, body: .form(Form { $0.required("key", .text(), "The key.") }),
                answers: done, isPage: true
            ) {
                _, _, key in .text(key, type: "text/plain")
            },
            Endpoint(.get, "/", .read, "The console", answers: done, isPage: true) { _ in .html("<h1>Console</h1>") },
        ]
    }()

    static let api = API(
        title: "Gleaner", version: "1.2", endpoints: endpoints,
        schemas: [.init("Run", .of(("type", .string("object")), ("properties", .of(("id", .of(("type", .string("string"))))))))])

    static func router() -> Router<CallContext> {
        let surroundings = Surroundings()
        return api.router(
            FrontDoor(hosts: HostNames(), api: api),
            Gate(
                authenticator: Authenticator(keys: surroundings.lookup, sessions: surroundings.sessions, host: "127.0.0.1"),
                limiter: RateLimiter(RateLimit(quota: 10, window: .seconds(1))), clock: { 0 }))
    }

    /// Every route that is registered is in the document, but for pages, and the other way round.
    @Test func documentsItsRoutes() throws {
        let pages = Set(Self.endpoints.filter(\.isPage).map { "\($0.method.rawValue) \($0.path)" })
        let registered = Set(Self.router().routes.filter { $0.method != .head }.map { "\($0.method.rawValue) \($0.path)" })
        let documented = (Self.api.document["paths"]?.members ?? []).flatMap { path in
            (path.value.members ?? []).map { "\($0.name.uppercased()) \(path.name)" }
        }
        #expect(Set(documented).count == documented.count && documented.count == 8)
        #expect(registered.subtracting(pages) == Set(documented))
        #expect(pages.isSubset(of: registered))
    }

    /// What is served is the document.
    @Test func servesTheDocument() async throws {
        try await withServer(Self.endpoints) { client async throws in
            let reply = try await client.send(path: "/openapi.json")
            #expect(reply.header("Content-Type") == "application/json")
            #expect(reply.json?["openapi"] == .string("3.1.0"))
            #expect(reply.json?["paths"] == Self.api.document["paths"])
        }
    }

    /// A route's operation says what it takes, what it answers, and who may ask.
    @Test func describesRoutes() throws {
        let document = Self.api.document
        let submit = try #require(document.at(pointer: "/paths/~1v1~1runs/post"))
        #expect(submit["operationId"] == .string("post_v1_runs"))
        #expect(submit["x-scopes"] == .array([.string("submit"), .string("admin")]))
        #expect(submit["x-idempotent"] == .bool(true))
        #expect(submit.at(pointer: "/requestBody/content/application~1json/schema/properties/urls/maxItems") == .number("10"))
        #expect(submit.at(pointer: "/parameters/0/name") == .string("Idempotency-Key"))
        #expect(submit["responses"]?.members?.map(\.name) == ["202", "400", "401", "403", "413", "415", "422", "429", "default"])
        #expect(submit.at(pointer: "/responses/422/description")?.string?.contains("no-such-model") == true)
        let list = try #require(document.at(pointer: "/paths/~1v1~1runs/get"))
        #expect(list["parameters"]?.array?.map { $0["name"]?.string } == ["limit", "cursor"])
        #expect(list.at(pointer: "/parameters/0/schema/default") == .number("50"))
        #expect(list["x-idempotent"] == .bool(true))
        let one = try #require(document.at(pointer: "/paths/~1v1~1runs~1{id}/get/parameters/0"))
        #expect(one["in"] == .string("path") && one["required"] == .bool(true) && one["description"] == .string("The run's id."))
        #expect(document.at(pointer: "/paths/~1docs/get/security") == .array([]))
    }

    /// All that is referred to is there.
    @Test func refersToWhatIsThere() throws {
        func references(_ json: JSON) -> [String] {
            switch json {
            case .array(let items): items.flatMap(references)
            case .object(let members): members.flatMap { $0.name == "$ref" ? [$0.value.string ?? ""] : references($0.value) }
            default: []
            }
        }
        let found = Set(references(Self.api.document))
        #expect(found == ["#/components/schemas/Run", "#/components/schemas/Problem"])
        for reference in found { #expect(Self.api.document.at(pointer: String(reference.dropFirst())) != nil) }
        let ids = (Self.api.document["paths"]?.members ?? []).flatMap { ($0.value.members ?? []).map { $0.value["operationId"]?.string } }
        #expect(Set(ids).count == ids.count)
    }

    /// The page names every route and every problem, and runs nothing.
    @Test func servesThePage() async throws {
        try await withServer(Self.endpoints) { client async throws in
            let page = try await client.send(path: "/docs")
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            for endpoint in Self.api.endpoints where !endpoint.isPage {
                #expect(page.body.contains("\(endpoint.method.rawValue) \(endpoint.path)</code>"))
            }
            for kind in Problem.Kind.common { #expect(page.body.contains("id=\"problem-\(kind.code)\"")) }
            #expect(page.body.contains("id=\"problem-no-such-model\""))
            for word in ["<script", "<style", " style=", " onclick=", "//"] { #expect(!page.body.contains(word)) }
            let links = page.body.split(separator: "href=\"#").dropFirst().map { $0.prefix { $0 != "\"" } }
            for link in Set(links) { #expect(page.body.contains("id=\"\(link)\"")) }
        }
    }

    /// No route lets in who may not: without a key, with each set of scopes, from every method and path that is declared.
    @Test func everyRouteMindsScopes() async throws {
        let surroundings = Surroundings()
        let keys = (0..<8).map { bits in
            (scopes: Set(Scope.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)), bits)
        }
        .map { scopes, _ in (scopes, surroundings.key(scopes)) }
        try await withServer(Self.endpoints, surroundings) { client async throws in
            for endpoint in Self.api.endpoints {
                let path = endpoint.path.replacing("{id}", with: "x").replacing("{host}", with: "x")
                let nobody = try await client.json(endpoint.method.rawValue, path, "{}")
                #expect((nobody.status == 401) == (endpoint.access != .open), "\(endpoint.method) \(endpoint.path)")
                for (scopes, key) in keys {
                    let reply = try await client.json(endpoint.method.rawValue, path, "{}", [bearer(key)])
                    let isAllowed = endpoint.access == .open || !scopes.isDisjoint(with: endpoint.access.scopes)
                    #expect((reply.code == "missing-scope") == !isAllowed, "\(endpoint.method) \(endpoint.path) \(scopes)")
                    #expect(reply.status != 401 && reply.status != 404 && reply.status != 405 && reply.status != 500)
                }
            }
        }
    }

    /// Handlers get what was read of path, query, body and headers.
    @Test func calls() async throws {
        try await withServer(Self.endpoints) { client async throws in
            #expect(try await client.send(path: "/v1/runs?limit=7").body == "7")
            #expect(try await client.send(path: "/v1/runs/a%2Fb%20c").body == "a/b c")
            #expect(try await client.send(path: "/v1/runs/%ff").status == 404)
            #expect(try await client.json("POST", "/v1/runs", #"{"urls":["a","b"]}"#, [("Idempotency-Key", "\"k\"")]).body == "abk")
            #expect(try await client.json("POST", "/v1/runs", #"{"urls":["a"]}"#, [("Idempotency-Key", "a b")]).code == "invalid-header")
            #expect(try await client.send(path: "/v1/runs?other=1").code == "invalid-query")
            #expect(try await client.send(path: "/v1/runs/x?other=1").code == "invalid-query")
            #expect(try await client.json("POST", "/v1/runs", "{}").code == "invalid-fields")
        }
    }

    /// A method that a path doesn't have is a 405 that says which it has; HEAD goes with GET.
    @Test func knowsMethods() async throws {
        try await withServer(Self.endpoints) { client async throws in
            let refused = try await client.send("PUT", "/v1/runs/x")
            #expect(refused.status == 405 && refused.header("Allow") == "DELETE, GET, HEAD")
            #expect(try await client.send("OPTIONS", "/v1/runs").status == 405)
            #expect(try await client.send("GET", "/v1/nothing").code == "not-found")
            let head = try await client.send("HEAD", "/v1/runs")
            #expect(head.status == 200 && head.body.isEmpty && head.header("Content-Length") == "2")
        }
    }
}

extension Surroundings {
    func key(_ scopes: Set<Scope>) -> AccessKey {
        let key = AccessKey()
        add(StoredKey(id: key.id, digest: key.digest, scopes: scopes))
        return key
    }
}
