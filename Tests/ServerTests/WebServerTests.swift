import Documents
import Hummingbird
import Logging
import NIOCore
import Server
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct WebServerTests {
    struct Secret: Error, CustomStringConvertible { var description: String { "password is hunter2" } }

    static let endpoints: [Endpoint] = [
        Endpoint(.get, "/fine", .open, "Fine", answers: [.init(200, "Fine.")]) { _ in .text("fine", type: "text/plain") },
        Endpoint(.get, "/kept", .open, "Kept", answers: [.init(200, "Fine.")]) { _ in
            .text("kept", type: "text/plain", headers: [.cacheControl: "max-age=60"])
        },
        Endpoint(.get, "/fails", .open, "Fails", answers: [.init(200, "Fine.")]) { _ in throw Secret() },
        Endpoint(.get, "/hangs", .open, "Hangs", answers: [.init(200, "Fine.")], deadline: .milliseconds(50)) { _ in
            try await Task.sleep(for: .seconds(3_600))
            return .text("late", type: "text/plain")
        },
        Endpoint(
            .post, "/json", .open, "Takes JSON", query: .empty,
            body: .json(Form { $0.optional("a", .any(), "Anything.") ?? .null }, limit: 1_000),
            answers: [.init(200, "Fine.")], deadline: .milliseconds(500)
        ) { _, _, json in .json(json) },
    ]

    /// What fails inside is a 500 that tells nothing, under an id that the log has with the reason.
    @Test func hidesFaults() async throws {
        let surroundings = Surroundings()
        try await withServer(Self.endpoints, surroundings) { client async throws in
            let reply = try await client.send(path: "/fails")
            #expect(reply.status == 500 && reply.code == "internal-fault" && !reply.body.contains("hunter2"))
            let id = try #require(reply.json?["request_id"]?.string)
            #expect(reply.header("X-Request-Id") == id)
            #expect(
                surroundings.log.contains {
                    $0.hasPrefix("error request failed") && $0.contains("request.id=\(id)") && $0.contains("hunter2")
                })
        }
    }

    /// Each request is one line in the log, without its query, its headers or the names in its path.
    @Test func logs() async throws {
        let surroundings = Surroundings()
        let key = surroundings.key(.read)
        try await withServer(APITests.endpoints, surroundings) { client async throws in
            _ = try await client.send(path: "/v1/runs/run_17?secret=1", [bearer(key)])
            let lines = surroundings.log.filter { $0.hasPrefix("info request ") }
            #expect(lines.count == 1)
            for part in ["caller=\(key.id) ", "method=GET ", "route=/v1/runs/{id} ", "status=400"] { #expect(lines[0].contains(part)) }
            #expect(!lines[0].contains("secret") && !lines[0].contains("run_17") && !lines[0].contains(key.secretText))
        }
    }

    /// Every answer, whatever it is, forbids browsers what it can.
    @Test(arguments: ["/fine", "/fails", "/nothing", "/docs"]) func securesAnswers(_ path: String) async throws {
        try await withServer(Self.endpoints) { client async throws in
            let reply = try await client.send(path: path)
            let policy = try #require(reply.header("Content-Security-Policy"))
            #expect(
                policy.contains("default-src 'none'; script-src 'self'; style-src 'self';") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(reply.header("X-Content-Type-Options") == "nosniff" && reply.header("Referrer-Policy") == "same-origin")
            #expect(reply.header("Cross-Origin-Resource-Policy") == "same-origin" && reply.header("Cache-Control") == "no-store")
            #expect(reply.header("Access-Control-Allow-Origin") == nil && reply.header("Server") == nil)
        }
    }

    /// What a route says about being kept stands.
    @Test func letsRoutesBeKept() async throws {
        try await withServer(Self.endpoints) { client async throws in
            #expect(try await client.send(path: "/kept").header("Cache-Control") == "max-age=60")
        }
    }

    /// A person may be shown a problem in another way than a program.
    @Test func showsProblems() async throws {
        try await withServer(
            Self.endpoints,
            problemPage: { problem, request in
                request.headers[.accept] == "text/html" ? .html("<p>\(problem.detail)</p>", problem.kind.status) : nil
            }
        ) { client async throws in
            #expect(
                try await client.send(path: "/nothing", [("Accept", "text/html")]).body
                    == "<p>no such address; /docs lists all there are</p>")
            #expect(try await client.send(path: "/nothing").code == "not-found")
        }
    }

    /// A handler that takes too long is told to end, and the caller to come again.
    @Test func hasDeadlines() async throws {
        try await withServer(Self.endpoints) { client async throws in
            let reply = try await client.send(path: "/hangs")
            #expect(reply.status == 503 && reply.code == "too-slow" && reply.header("Retry-After") == "5")
        }
    }

    /// A body that never comes is not waited for.
    @Test func hasDeadlinesForBodies() async throws {
        try await withServer(Self.endpoints) { client async throws in
            let head =
                "POST /json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "Content-Length: 100\r\n\r\n{"
            #expect(try await client.raw(head).code == "too-slow")
        }
    }

    static let bodies: [(String, String, Int, String)] = [
        ("application/json", "{\"a\":[1]}", 200, ""), ("Application/JSON; charset=UTF-8", "{}", 200, ""),
        ("application/json ; charset=\"utf-8\"", "{}", 200, ""),
        ("text/plain", "{}", 415, "unsupported-media-type"), ("application/json5", "{}", 415, "unsupported-media-type"),
        ("application/json; charset=latin1", "{}", 415, "unsupported-media-type"), ("", "{}", 415, "unsupported-media-type"),
        ("application/json", "", 400, "malformed-body"), ("application/json", "{\n \"a\": 1,}", 400, "malformed-body"),
        (
            "application/json", "{\"a\":" + String(repeating: "[", count: 65) + String(repeating: "]", count: 65) + "}", 400,
            "malformed-body"
        ),
        ("application/json", "{\"a\":" + String(repeating: "[", count: 63) + String(repeating: "]", count: 63) + "}", 200, ""),
        ("application/json", "{\"a\":\"" + String(repeating: "x", count: 993) + "\"}", 413, "body-too-large"),
        ("application/json", "{\"a\":\"" + String(repeating: "x", count: 992) + "\"}", 200, ""),
        ("application/json", "[]", 422, "invalid-fields"),
    ]

    /// Bodies are JSON, in UTF-8, within bounds.
    @Test(arguments: 0..<bodies.count) func bounds(_ number: Int) async throws {
        let (type, body, status, code) = Self.bodies[number]
        try await withServer(Self.endpoints) { client async throws in
            let reply = try await client.send("POST", "/json", [("Content-Type", type)], body: body)
            #expect(reply.status == status && (reply.code ?? "") == code, "\(reply.body)")
        }
    }

    /// A body that is cut off by its sender is no fault of the server, and isn't taken for a whole one.
    @Test func refusesCutBodies() async throws {
        let surroundings = Surroundings()
        try await withServer(Self.endpoints, surroundings) { client async throws in
            let head = "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}"
            let reply = try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: head))
                outbound.finish()
                var all = ByteBuffer()
                do { for try await buffer in inbound { all.writeImmutableBuffer(buffer) } } catch {}
                return Reply(String(buffer: all))
            }
            #expect([0, 400, 503].contains(reply.status))
            #expect(!surroundings.log.contains { $0.hasPrefix("error") || $0.contains("status=200") })
        }
    }

    /// Where JSON ends to be JSON is said to the line and column.
    @Test func placesSyntaxErrors() async throws {
        try await withServer(Self.endpoints) { client async throws in
            let reply = try await client.json("POST", "/json", "{\n \"a\": 1,}")
            #expect(reply.json?["detail"]?.string?.hasSuffix("at line 2, column 9") == true)
        }
    }

    /// A chunked body is bounded as it comes; a compressed one, or one that is no UTF-8, isn't taken.
    @Test func boundsOtherBodies() async throws {
        try await withServer(Self.endpoints) { client async throws in
            let head = "POST /json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            let chunk = "100\r\n" + String(repeating: " ", count: 256) + "\r\n"
            #expect(
                try await client.raw(head + "Transfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 4) + "0\r\n\r\n").status
                    == 413)
            #expect(try await client.raw(head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n").status == 200)
            #expect(try await client.raw(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n").status == 400)
            #expect(try await client.raw(head + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}").status == 415)
            let broken = try await client.connected { inbound, outbound in
                var bytes = ByteBuffer(string: head + "Content-Length: 4\r\n\r\n")
                bytes.writeBytes([0x22, 0xFF, 0xFE, 0x22])
                try await outbound.write(bytes)
                var all = ByteBuffer()
                for try await buffer in inbound { all.writeImmutableBuffer(buffer) }
                return Reply(String(buffer: all))
            }
            #expect(broken.code == "malformed-body")
        }
    }

    /// Addresses and headers have bounds, which are told; far beyond them nothing is read.
    @Test func boundsHeads() async throws {
        try await withServer(Self.endpoints) { client async throws in
            #expect(try await client.send(path: "/fine?" + String(repeating: "a", count: 9_000)).status == 414)
            let some = (0..<5).map { ("X-\($0)", String(repeating: "a", count: 7_000)) }
            #expect(try await client.send(path: "/fine", some).status == 431)
            #expect(try await client.send(path: "/fine", [("X", String(repeating: "a", count: 100_000))]).status == 400)
            #expect(try await client.send(path: "/fine", (0..<300).map { ("X-\($0)", "a") }).status == 400)
            #expect(try await client.send(path: "/fine").status == 200)
        }
    }

    /// What is no HTTP is refused, and the server goes on.
    @Test(arguments: [
        "GET / HTTP/9.9\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET /fine HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /fine HTTP/1.1\r\nHost : localhost\r\n\r\n",
    ])
    func refusesNonsense(_ text: String) async throws {
        try await withServer(Self.endpoints) { client async throws in
            let status = try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: text))
                outbound.finish()
                var all = ByteBuffer()
                do { for try await buffer in inbound { all.writeImmutableBuffer(buffer) } } catch {}
                return Reply(String(buffer: all)).status
            }
            #expect([0, 400].contains(status))
            #expect(try await client.send(path: "/fine").status == 200)
        }
    }

    func server(_ host: String, _ port: Int, _ surroundings: Surroundings = Surroundings()) -> WebServer {
        let api = API(title: "Test", version: "1", endpoints: [])
        return WebServer(
            port: port, api: api, door: FrontDoor(hosts: HostNames(), api: api),
            gate: Gate(
                authenticator: Authenticator(keys: surroundings.lookup, sessions: surroundings.sessions, host: host),
                limiter: RateLimiter(RateLimit(quota: 10, window: .seconds(1))), clock: { 0 }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Where it can't listen, the error names the address and what to do.
    @Test func saysWhyItCannotListen() async throws {
        try await withServer { client async throws in
            let taken = await #expect(throws: ServerError.self) { try await server("127.0.0.1", client.port).run() }
            #expect(
                taken?.message
                    == "can't listen on 127.0.0.1:\(client.port): something else listens there; end it, or give another port "
                    + "(0 takes any that is free)"
            )
        }
        let surroundings = Surroundings()
        surroundings.key(.admin)
        let foreign = await #expect(throws: ServerError.self) { try await server("192.0.2.1", 0, surroundings).run() }
        #expect(foreign?.message.hasPrefix("can't listen on 192.0.2.1:0: this machine doesn't have that address") == true)
        let unknown = await #expect(throws: ServerError.self) { try await server("nothing.invalid", 0, surroundings).run() }
        #expect(unknown?.message.hasPrefix("can't listen on nothing.invalid:0: no such name") == true)
    }

    /// Where others could reach it, it doesn't even listen without a key.
    @Test func needsAKey() async throws {
        let refused = await #expect(throws: ServerError.self) { try await server("0.0.0.0", 0).run() }
        #expect(refused?.code == .needsKey && refused?.message == ListenPolicy.refusal(host: "0.0.0.0", keysExist: false))
    }

    /// What is under way when the server ends is answered; nothing new is.
    @Test func endsGracefully() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (goes, go) = AsyncStream.makeStream(of: Void.self)
        let slow = Endpoint(.get, "/slow", .open, "Slow", answers: [.init(200, "Fine.")]) { _ in
            start.yield()
            for await _ in goes { break }
            return .text("done", type: "text/plain")
        }
        try await withServer([slow]) { client async throws in
            async let reply = client.send(path: "/slow")
            for await _ in started { break }
            await client.end()
            go.yield()
            #expect(try await reply.body == "done")
        }
    }
}
