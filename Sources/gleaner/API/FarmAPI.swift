import Documents
import Extraction
import Fleet
import Foundation
import Hummingbird
import Scheduling
import Server
import Store
import Visiting

/// The farm over HTTP: what commands do with the store, for programs.
struct FarmAPI: Sendable {
    let store: Store
    /// Private addresses that runs may ask; who calls can't add to them.
    let allowedAddresses: [String]

    var api: API {
        API(
            title: "Gleaner", version: Gleaner.version, endpoints: health + runs,
            schemas: [.init("Run", FarmAPI.runSchema), .init("Page", .of(("type", .string("object"))))])
    }

    // MARK: Health

    private var health: [Endpoint] {
        [
            Endpoint(
                .get, "/healthz", .open, group: "Operation", "The process answers", answers: [.json("It does.", .of(("type", .string("object"))))]
            ) { _ in .json(.of(("status", .string("ok")))) },
            Endpoint(
                .get, "/readyz", .open, group: "Operation", "The farm can take runs: its store answers",
                answers: [.json("It can.", .of(("type", .string("object"))))], problems: [.unavailable]
            ) { _ in
                do { _ = try await store.now() } catch {
                    throw Problem(.unavailable, "the store does not answer", retryAfter: .seconds(5))
                }
                return .json(.of(("status", .string("ready")), ("version", .string(Gleaner.version))))
            },
            .metrics(.read) { try await metrics() },
        ]
    }

    private func metrics() async throws -> [Metric] {
        let nodes = try await store.nodes().filter { !$0.isDead }
        let visits = try await store.visitsByState()
        func label(_ node: NodeRow) -> Metric.Labels { [.init("node", node.status.id.description)] }
        return [
            Metric("gleaner_info", "The version that answers.", .gauge([.init(1, [.init("version", Gleaner.version)])])),
            Metric(
                "gleaner_node_capacity", "Visits that a node can do at the same time.",
                .gauge(nodes.map { .init(Double($0.status.capacity), label($0)) })),
            Metric("gleaner_node_busy", "Visits that a node does now.", .gauge(nodes.map { .init(Double($0.status.busy), label($0)) })),
            Metric(
                "gleaner_node_draining", "1 where a node takes nothing new.",
                .gauge(nodes.map { .init($0.status.isDraining ? 1 : 0, label($0)) })),
            Metric(
                "gleaner_visits", "Visits of all runs, by state.",
                .gauge(visits.sorted { $0.key < $1.key }.map { .init(Double($0.value), [.init("state", $0.key)]) })),
        ]
    }

    // MARK: Runs

    private static let runSchema = JSON.of(
        ("type", .string("object")),
        ("required", .array(["id", "kind", "state", "createdAt", "pages"].map(JSON.string))),
        (
            "properties",
            .of(
                ("id", .of(("type", .string("string")))), ("kind", .of(("type", .string("string")))), ("state", .of(("type", .string("string")))),
                ("createdAt", .of(("type", .string("string")), ("format", .string("date-time")))), ("pages", .of(("type", .string("object")))))
        ))

    private static let names = ["id": "Of the run, or its beginning."]

    /// What `POST /v1/runs` takes.
    private struct Asking: Sendable {
        var urls: [String]
        var request: ExtractionRequest
        var prompt: String
        var actions: [PageAction]
        var rendering: Rendering
        var waitFor: String?
        var seconds: Double
        var priority: Int
    }

    private struct NoAddress: Error, CustomStringConvertible {
        let description = "must be an http or https address"
    }

    private static let address = Shape.text(1...2_048, format: "uri").converted { url in
        guard WebAddress(url) != nil else { throw NoAddress() }
        return url
    }

    private static let asking = Form<Asking> { fields in
        let urls = fields.required("urls", .list(of: FarmAPI.address, 1...10_000), "Pages to visit: http or https.")
        let prompt = fields.optional("prompt", .text(1...4_000), "What is wanted, in words.")
        let line = fields.optional("fields", .text(1...4_000), "What is wanted, as fields: \"name, price:money\".")
        let schema = fields.optional("schema", .any(schema: .of(("type", .string("object")))), "What is wanted, as a JSON Schema (2020-12).")
        let many = fields.optional("many", .flag, "Many records a page, or one, whatever the request sounds like.")
        let actions = fields.optional(
            "actions", .list(of: Shape.text(1...1_000).converted { try PageAction($0) }, 0...200), default: [],
            "Done with each page before it is read, as \"click '#more'\".")
        let rendering = fields.optional("rendering", Shape<Rendering>.choice, default: .always, "Which pages are opened in a browser.")
        let waitFor = fields.optional("waitFor", .text(1...1_000), "A CSS selector; the page is taken when it is there.")
        let seconds = fields.optional("timeout", .number(1...3_600), default: 45, "Seconds for one page.")
        let priority = fields.optional("priority", .integer(-5...5), default: 0, "One step more is twice the share.")

        let given = [("prompt", prompt != nil), ("fields", line != nil), ("schema", schema != nil)].filter(\.1).map(\.0)
        if given.isEmpty { fields.fault("prompt", "say what is wanted: prompt, fields or schema") }
        if given.count > 1 { fields.fault(given[1], "\(given[0]) says what is wanted already") }
        var request: ExtractionRequest?
        do {
            if let schema {
                request = try SchemaReader.read(schema.text())
            } else if let line {
                request = try FieldsLine.parse(line)
            } else if let prompt {
                request = try Asked.request(schema: nil, fields: nil) { prompt }
            }
        } catch let error as CommandError {
            fields.fault(given.first ?? "prompt", error.message)
        } catch {
            fields.fault(given.first ?? "prompt", "\(error)")
        }
        guard let urls, given.count == 1, var request else { return nil }
        if let many { (request.many, request.isManyStated) = (many, true) }
        return Asking(
            urls: urls, request: request, prompt: prompt ?? "", actions: actions, rendering: rendering, waitFor: waitFor, seconds: seconds,
            priority: priority)
    }

    private var runs: [Endpoint] {
        let run = API.schema("Run")
        return [
            Endpoint(
                .post, "/v1/runs", .submit, group: "Runs", "Submits a run",
                about: "With ?wait=30 it answers with the finished run and its pages when that is ready in time (200), else with the run (202).",
                headers: [.idempotencyKey], query: FarmAPI.waiting, body: .json(FarmAPI.asking),
                answers: [.json("The finished run.", run), .json("The run; it goes on.", run, status: 202)], deadline: .seconds(90)
            ) { call, wait, asking in try await submit(asking, call, wait: wait) },
            Endpoint(
                .get, "/v1/runs", .readOrOwn, group: "Runs", "Runs, the newest first", query: Form { Server.PageRequest($0) }, body: .none,
                answers: [
                    .json(
                        "Some of them.",
                        .of(
                            ("type", .string("object")),
                            (
                                "properties",
                                .of(
                                    ("runs", .of(("type", .string("array")), ("items", run))),
                                    ("next_cursor", .of(("type", .array([.string("string"), .string("null")])))))
                            )))
                ]
            ) { call, page, _ in try await list(page, call) },
            Endpoint(
                .get, "/v1/runs/{id}", .readOrOwn, group: "Runs", "A run and how far it is", names: FarmAPI.names, answers: [.json("The run.", run)]
            ) { call in .json(RunText.json(try await self.run(call))) },
            Endpoint(
                .get, "/v1/runs/{id}/pages", .readOrOwn, group: "Runs", "The pages of a run, with records and evidence", names: FarmAPI.names,
                query: Form { Server.PageRequest($0) }, body: .none,
                answers: [
                    .json(
                        "Some of them.",
                        .of(
                            ("type", .string("object")),
                            (
                                "properties",
                                .of(
                                    ("pages", .of(("type", .string("array")), ("items", API.schema("Page")))),
                                    ("next_cursor", .of(("type", .array([.string("string"), .string("null")])))))
                            )))
                ]
            ) { call, page, _ in try await pages(page, call) },
            Endpoint(
                .get, "/v1/runs/{id}/events", .readOrOwn, group: "Runs", "What happens to a run, as it happens", names: FarmAPI.names,
                headers: [.lastEventID], answers: [.events("Ends with the run.")]
            ) { call in try await events(call) },
            steer("pause", "Its pages wait") { run in try await store.pause(run.number) },
            steer("resume", "Its pages go on") { run in try await store.unpause(run.number) },
            steer("cancel", "What is left of it is not done") { run in try await store.cancel(run.number, reason: "cancelled over the API") },
        ]
    }

    private static let waiting = Form<Int> { fields in
        fields.optional("wait", .integer(0...60), default: 0, "Seconds that may be waited for the result.")
    }

    private func steer(_ verb: String, _ summary: String, _ act: @escaping @Sendable (RunRow) async throws -> Void) -> Endpoint {
        Endpoint(
            .post, "/v1/runs/{id}/\(verb)", .submit, group: "Runs", summary, names: FarmAPI.names, answers: [.json("The run.", API.schema("Run"))],
            problems: [.conflict]
        ) { call in
            let run = try await self.run(call)
            do { try await act(run) } catch let error as StoreError where error.code == .conflict {
                throw Problem(.conflict, error.message)
            }
            return .json(RunText.json(try await store.run(number: run.number)))
        }
    }

    /// The run that the path names, if whoever calls may see it.
    private func run(_ call: Call) async throws -> RunRow {
        let name = call.parameters["id"] ?? ""
        guard name != "last" else { throw Problem(.notFound, "\"last\" is for commands: name the run") }
        let run: RunRow
        do { run = try await store.run(name) } catch let error as StoreError where [.notFound, .ambiguous].contains(error.code) {
            throw Problem(.notFound, error.message)
        }
        // Whoever may not see it doesn't learn that it is there.
        if case .own(let key)? = call.caller?.sees, run.submitter != key { throw Problem(.notFound, "no run begins with \(name)") }
        return run
    }

    private func submit(_ asking: Asking, _ call: Call, wait: Int) async throws -> Response {
        var options = VisitOptions()
        (options.actions, options.rendering, options.waitFor) = (asking.actions, asking.rendering, asking.waitFor)
        options.timeout = .milliseconds(Int(asking.seconds * 1000))
        options.allowedAddresses = allowedAddresses
        let targets = asking.urls.map { Targets.Entry(url: $0, origin: "urls") }
        let submission = try await Submission(targets, options: options, store: store, isTyped: false)
        let spec = RunSpec(request: asking.request, prompt: asking.prompt, options: submission.options)
        var new = NewRun(kind: "extract", spec: spec.text)
        new.lane = wait > 0 ? .interactive : .batch
        new.priority = asking.priority
        new.submitter = call.caller?.id
        // Another key's word for another run is not this one's.
        new.key = call.idempotencyKey.map { "\(call.caller?.id ?? "") \($0.text)" }
        let submitted: SubmittedRun
        do { submitted = try await store.submit(new, visits: submission.visits) } catch let error as StoreError where error.code == .conflict {
            throw Problem(.conflict, "the Idempotency-Key was used for another run: \(error.message)")
        }
        if !submitted.isNew {
            // What is asked of the pages was compared; which pages, not.
            let known = try await store.visits(of: submitted.number, limit: asking.urls.count + 1).map(\.url)
            guard known == asking.urls else { throw Problem(.conflict, "the Idempotency-Key was used for other pages") }
        }
        let end = ContinuousClock.now + .seconds(wait)
        var run = try await store.run(number: submitted.number)
        while !run.isOver, .now < end {
            try await Task.sleep(for: .milliseconds(100))
            run = try await store.run(number: submitted.number)
        }
        let location: HTTPFields = [.location: "/v1/runs/\(run.id)"]
        guard run.isOver, wait > 0 else { return .json(RunText.json(run), 202, headers: location) }
        let report = try await RunReport(run, from: store)
        let members = (RunText.json(run).members ?? []) + [JSON.Member("results", .array(report.pages.map(\.json)))]
        return .json(.object(members), headers: location)
    }

    private func list(_ page: Server.PageRequest, _ call: Call) async throws -> Response {
        var submitter: String?
        if case .own(let key)? = call.caller?.sees { submitter = key }
        let before = try page.start(filters: [])?.first?.int
        let runs = try await store.runs(limit: page.limit + 1, before: before.map(Int64.init), submitter: submitter)
        let shown = runs.prefix(page.limit)
        let next = runs.count > page.limit ? shown.last.map { Cursor.text(after: [.integer(Int($0.number))], filters: []) } : nil
        return answer("runs", shown.map { RunText.json($0) }, next, page, "/v1/runs")
    }

    private func pages(_ page: Server.PageRequest, _ call: Call) async throws -> Response {
        let run = try await run(call)
        let filters = [(name: "run", value: run.id.description)]
        let from = try page.start(filters: filters)?.first?.int ?? 0
        let visits = try await store.visits(of: run.number, from: max(0, from), limit: page.limit + 1)
        let shown = visits.prefix(page.limit)
        var pages: [JSON] = []
        for visit in shown where visit.kind == .page { pages.append(try await PageReport(visit, from: store).json) }
        let next = visits.count > page.limit ? shown.last.map { Cursor.text(after: [.integer($0.position + 1)], filters: filters) } : nil
        return answer("pages", pages, next, page, "/v1/runs/\(run.id)/pages")
    }

    private func answer(_ name: String, _ items: [JSON], _ next: String?, _ page: Server.PageRequest, _ path: String) -> Response {
        var headers: HTTPFields = [:]
        if let next { headers[text: "Link"] = page.link(path: path, filters: [], next: next) }
        return .json(.of((name, .array(items)), ("next_cursor", next.map(JSON.string) ?? .null)), headers: headers)
    }

    private func events(_ call: Call) async throws -> Response {
        let run = try await run(call)
        let store = store
        return try EventStream(heartbeat: .seconds(5), wakings: { store.wakings() }) { after in
            let events = try await store.events(of: run.number, after: after, limit: 200)
            guard events.isEmpty else { return events.map { ServerEvent(id: $0.number, name: $0.kind.rawValue, data: $0.json.text()) } }
            // Looked at after the events: what came in between is asked for once more.
            guard try await store.run(number: run.number).isOver else { return [] }
            return try await store.events(of: run.number, after: after, limit: 1).isEmpty ? nil : []
        }.response(to: call)
    }
}

extension Problem.Kind {
    static let conflict = Self("conflict", 409, "It contradicts what is there")
}

extension RunRow {
    var isOver: Bool { finishedAt != nil }
}
