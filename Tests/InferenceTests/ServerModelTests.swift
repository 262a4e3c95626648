import Egress
import Fetching
import Foundation
import Synchronization
import Testing

@testable import Inference

@Suite struct ServerModelTests {
    static let grammar = AnswerGrammar(gbnf: "root ::= \"{}\"", schema: "{\"type\":\"object\"}")

    /// A model on a loopback port, with the farm's own HTTP.
    static func withModel<R: Sendable>(
        _ port: Int, key: String? = nil, attempts: Int = 3, patience: Duration = .seconds(300),
        _ body: @Sendable (ServerModel) async throws -> R
    ) async throws -> R {
        let fetcher = Fetcher(resolver: Resolver())
        let block = try AddressBlock("127.0.0.1/32:\(port)")
        var configuration = ServerModel.Configuration()
        configuration.key = key
        configuration.attempts = attempts
        configuration.pause = .milliseconds(1)
        configuration.longestPause = .milliseconds(20)
        configuration.patience = patience
        let transport = ModelTransport { request, onBytes throws(ModelTransport.Failure) in
            var fetch = FetchRequest(request.url, userAgent: "test", rules: AddressRules(allowing: [block]))
            fetch.method = request.method
            fetch.headers = request.headers.map { HTTPField($0.name, $0.value) }
            fetch.body = request.body
            fetch.timeout = request.deadline
            fetch.minimumSpeed = 1
            fetch.minimumSpeedTime = request.patience
            fetch.maximumRedirects = 0
            fetch.onBody = onBytes
            do throws(FetchError) {
                let response = try await fetcher.fetch(fetch)
                return .init(status: response.status, headers: response.headers.map { ($0.name, $0.value) }, body: response.body)
            } catch {
                let kind: ModelTransport.Failure.Kind =
                    switch error.code {
                    case .cancelled: .cancelled
                    case .timedOut, .tooSlow: .timedOut
                    case .connectionFailed: .notReached
                    default: .broken
                    }
                throw .init(kind, error.message)
            }
        }
        do {
            let value = try await body(
                try ServerModel(ServerAddress("http://127.0.0.1:\(port)/v1#tiny"), configuration, transport: transport))
            await fetcher.shutdown()
            return value
        } catch {
            await fetcher.shutdown()
            throw error
        }
    }

    static func request(deadline: Duration = .seconds(300), grammar: AnswerGrammar? = grammar) -> ModelRequest {
        ModelRequest(messages: [.init(.user, "Where?")], grammar: grammar, tokenBudget: 64, seed: 7, deadline: deadline)
    }

    /// The error of a question to a server that always answers so.
    static func fault(
        _ said: Said, deadline: Duration = .seconds(300), patience: Duration = .seconds(300)
    ) async throws -> InferenceError? {
        try await withModelServer(answer: { _, _ in said }) { port, _ in
            try await withModel(port, patience: patience) { model in
                do throws(InferenceError) {
                    _ = try await model.generate(request(deadline: deadline))
                    return nil
                } catch {
                    return error
                }
            }
        }
    }

    /// A streamed answer comes in pieces, with its usage; the question carries schema, seed, budget and key.
    @Test func aStreamIsRead() async throws {
        let pieces = Mutex<[String]>([])
        try await withModelServer(answer: { _, _ in .stream(["{\"a", "\":", " \"é\"}"]) }) { port, asked in
            let reply = try await Self.withModel(port, key: "secret-1") { model in
                try await model.generate(Self.request()) { piece in pieces.withLock { $0.append(piece) } }
            }
            #expect(reply.text == "{\"a\": \"é\"}")
            #expect(reply.end == .complete)
            #expect(reply.usage.promptTokens == 40 && reply.usage.answerTokens == 7)
            let question = try #require(asked().first)
            #expect(question.line.hasPrefix("POST /v1/chat/completions"))
            #expect(question.head.contains("Authorization: Bearer secret-1"))
            #expect(question["seed"] as? Int == 7 && question["max_tokens"] as? Int == 64 && question["model"] as? String == "tiny")
            #expect((question["response_format"] as? [String: Any])?["type"] as? String == "json_schema")
        }
        #expect(pieces.withLock { $0.joined() } == "{\"a\": \"é\"}")
    }

    /// A server that refuses `response_format` with a schema is asked with llama.cpp's `grammar`, then for any object; what it took is
    /// remembered.
    @Test(arguments: [
        Said.answer(422, "{\"detail\": \"json_schema is not one of text, json_object\"}"),
        // As llama_cpp.server has it.
        Said.answer(
            500,
            "{\"error\":{\"message\":\"1 validation error: 'loc': ('body', 'response_format', 'type')\",\"type\":\"internal_server_error\"}}"
        ),
    ])
    func theConfinementIsFound(_ refusal: Said) async throws {
        try await withModelServer(answer: { _, asked in
            let format = (asked["response_format"] as? [String: Any])?["type"] as? String
            if format == "json_schema" { return refusal }
            return format == nil ? .stream(["{}"]) : .answer(400, "{}")
        }) { port, asked in
            try await Self.withModel(port) { model in
                let replies = [
                    try await model.generate(Self.request()), try await model.generate(Self.request()),
                    try await model.generate(Self.request(grammar: nil)),
                ]
                #expect(replies.map(\.confinement) == [.grammar, .grammar, .none])
            }
            #expect(asked().count == 4)
            #expect(asked().dropLast().last?["grammar"] as? String == Self.grammar.gbnf)
        }
    }

    /// A server that refuses every form for a while has something else to complain of: later it is asked as if for the first time.
    @Test func aRefusalOfEverythingTeachesNothing() async throws {
        try await withModelServer(answer: { number, _ in
            number <= 4 ? .answer(400, "{\"error\":{\"message\":\"the model is being loaded\"}}") : .stream(["{}"])
        }) { port, asked in
            try await Self.withModel(port) { model in
                let error = await Small.error { try await model.generate(Self.request()) }
                #expect(error?.message.contains("being loaded") == true)
                let reply = try await model.generate(Self.request())
                #expect(reply.confinement == .schema)
            }
            #expect(asked().count == 5)
        }
    }

    /// llama_cpp.server ends a stream without a word where the question is too long. Asked without a stream, it says so, and the next
    /// questions may be shorter.
    @Test func aMuteStreamIsAskedForItsReason() async throws {
        let why =
            "This model's maximum context length is 2048 tokens. However, you requested 3096 tokens (3032 in the messages, 64 in the completion)"
        try await withModelServer(answer: { _, asked in
            asked["stream"] as? Bool == true
                ? Said(text: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
                : .answer(400, "{\"error\":{\"message\":\"\(why)\",\"code\":\"context_length_exceeded\"}}")
        }) { port, asked in
            let (code, before, after) = try await Self.withModel(port) { model in
                let before = try await model.traits().contextTokens
                var code: InferenceError.Code?
                do throws(InferenceError) { _ = try await model.generate(Self.request()) } catch { code = error.code }
                return (code, before, try await model.traits().contextTokens)
            }
            #expect(code == .tooLong)
            #expect(before == 4096 && after == 2048)
            #expect(asked().count == 2)
        }
    }

    /// What a server says of its context is learned; where it gives no number, half of what was asked is tried. Never more than was known.
    @Test(arguments: [
        ("the request exceeds the available context size (1024 tokens), try increasing it", 1024),
        ("context length exceeded", 512), ("the context size of 99999999999999999999 is exceeded", 512),
        ("maximum context length is 90000 tokens", 4096),
    ])
    func theContextIsLearned(_ message: String, _ tokens: Int) async throws {
        try await withModelServer(answer: { _, _ in .answer(400, "{\"error\":{\"message\":\"\(message)\"}}") }) { port, _ in
            let known = try await Self.withModel(port) { model in
                _ = try await model.traits()
                _ = try? await model.generate(Self.request())
                return try await model.traits().contextTokens
            }
            #expect(known == tokens)
        }
    }

    /// What never ends is ended: by what an answer can be at most, or by the request's time.
    @Test(arguments: [
        (": keep-alive\n\n", InferenceError.Code.timedOut),
        ("data: {\"choices\":[{\"delta\":{\"content\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}}]}\n\n", .garbled),
        (String(repeating: "x", count: 1000), .garbled),
    ])
    func anEndlessStreamIsEnded(_ piece: String, _ code: InferenceError.Code) async throws {
        var said = Said(text: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        said.thenAlways = piece
        let error = try await Self.fault(said, deadline: code == .timedOut ? .seconds(1) : .seconds(300))
        #expect(error?.code == code, "\(String(describing: error))")
    }

    /// A server without a stream answers in one piece.
    @Test func anAnswerInOnePieceIsRead() async throws {
        let body =
            "{\"choices\":[{\"message\":{\"content\":\"{}\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}"
        try await withModelServer(answer: { _, _ in .answer(200, body) }) { port, _ in
            let reply = try await Self.withModel(port) { try await $0.generate(Self.request()) }
            #expect(reply.text == "{}" && reply.usage.promptTokens == 3)
        }
    }

    /// 429 and 503 are asked again, as often as is sensible, and with the pause that the server wishes, within limits.
    @Test(arguments: [429, 500, 503]) func aBusyServerIsAskedAgain(_ status: Int) async throws {
        try await withModelServer(answer: { number, _ in
            number < 3 ? .answer(status, "{\"error\":{\"message\":\"busy\"}}", headers: "Retry-After: 86400\r\n") : .stream(["{}"])
        }) { port, asked in
            let reply = try await Self.withModel(port) { try await $0.generate(Self.request()) }
            #expect(reply.text == "{}")
            #expect(asked().count == 3)
        }
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var name: String
        var said: Said
        var code: InferenceError.Code
        var words: String
        var testDescription: String { name }
    }

    /// Whatever a server does, the end is an error that names it and says what it did.
    @Test(arguments: [
        Fault(name: "always busy", said: .answer(429, "{\"error\":{\"message\":\"slow down\"}}"), code: .server, words: "slow down"),
        Fault(name: "broken", said: .answer(500, "oops"), code: .server, words: "500"),
        Fault(name: "wrong key", said: .answer(401, "{\"error\":{\"message\":\"no\"}}"), code: .server, words: "GLEANER_MODEL_KEY"),
        Fault(
            name: "no such model", said: .answer(404, "{\"error\":{\"message\":\"unknown model\"}}"), code: .server, words: "unknown model"),
        Fault(
            name: "too long", said: .answer(400, "{\"error\":{\"message\":\"maximum context length is 2048 tokens\"}}"), code: .tooLong,
            words: "2048"),
        Fault(name: "refuses every form", said: .answer(400, "{\"error\":{\"message\":\"never\"}}"), code: .server, words: "never"),
        Fault(name: "prose", said: .stream(["I am sorry, ", "Dave."]), code: .garbled, words: "I am sorry"),
        Fault(name: "half JSON", said: .stream(["{\"a\": "]), code: .garbled, words: "JSON"),
        Fault(name: "half a stream", said: .stream(["{\"a\""], finish: nil, done: false), code: .garbled, words: "broke off"),
        Fault(
            name: "garbage events",
            said: Said(text: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: {\"choices\": [\n\n"),
            code: .garbled,
            words: "choices"),
        Fault(
            name: "a page", said: .answer(200, "<!doctype html><p>Welcome", type: "text/html"), code: .garbled, words: "Welcome"),
        Fault(
            name: "an error in the stream",
            said: Said(text: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndata: {\"error\":{\"message\":\"out of memory\"}}\n\n"),
            code: .server,
            words: "out of memory"),
        Fault(
            name: "closed in the middle of a body",
            said: Said(text: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"choices\": ["), code: .garbled,
            words: "broke off"),
        Fault(
            name: "closed in the middle of a stream",
            said: Said(
                text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n"
                    + "data: {\"choices\":[{\"delta\":{\"content\":\"{\"}}]}\n\n"),
            code: .garbled, words: "broke off"),
        Fault(name: "mute", said: Said(text: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), code: .garbled, words: "no answer"),
        Fault(name: "no HTTP", said: Said(text: "nonsense\r\n\r\n"), code: .garbled, words: "broke off"),
        Fault(name: "without end", said: .stream([String(repeating: "x", count: 20_000)]), code: .garbled, words: "much more"),
        Fault(
            name: "elsewhere", said: .answer(307, "", headers: "Location: http://127.0.0.1:1/\r\n"), code: .garbled, words: "redirect"),
    ])
    func aFaultIsTold(_ fault: Fault) async throws {
        let error = try #require(try await Self.fault(fault.said))
        #expect(error.code == fault.code, "\(error.message)")
        #expect(error.message.contains("127.0.0.1"), "\(error.message)")
        #expect(error.message.contains(fault.words), "\(error.message)")
    }

    /// A stream that stops in the middle, and a server that never begins, end with the request's time.
    @Test(arguments: [true, false]) func aStallEnds(_ hasBegun: Bool) async throws {
        let said = hasBegun ? Said.stream(["{\"a\""], finish: nil, done: false, silent: true) : Said(text: "", staysSilent: true)
        let error = try await Self.fault(said, deadline: .milliseconds(400))
        #expect(error?.code == .timedOut)
    }

    /// A cancelled question ends as cancelled.
    @Test func aQuestionCanBeCancelled() async throws {
        try await withModelServer(answer: { _, _ in .stream(["{"], finish: nil, done: false, silent: true) }) { port, _ in
            try await Self.withModel(port) { model in
                let (begun, begin) = AsyncStream.makeStream(of: Void.self)
                let task = Task { () -> InferenceError.Code? in
                    do throws(InferenceError) {
                        _ = try await model.generate(Self.request()) { _ in begin.yield() }
                        return nil
                    } catch {
                        return error.code
                    }
                }
                for await _ in begun { break }
                task.cancel()
                #expect(await task.value == .cancelled)
            }
        }
    }

    /// Nobody listens: an error that says so, after the usual attempts.
    @Test func nobodyListens() async throws {
        let code = try await Self.withModel(1) { model -> InferenceError.Code? in
            do throws(InferenceError) {
                _ = try await model.generate(Self.request())
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code == .server)
    }

    /// The model's own size is taken from the list of models, where the server says it.
    @Test(arguments: [
        ("{\"data\": [{\"id\": \"tiny\", \"max_model_len\": 2048}, {\"id\": \"other\", \"max_model_len\": 9000}]}", 2048),
        ("{\"data\": [{\"id\": \"x\", \"meta\": {\"n_ctx_train\": 1024}}]}", 1024), ("{\"data\": []}", 4096), ("no JSON", 4096),
        ("{\"data\": [{\"id\": \"tiny\", \"max_model_len\": 99999999}]}", 16_384),
    ])
    func theContextIsAskedFor(_ models: String, _ tokens: Int) async throws {
        try await withModelServer(models: models, answer: { _, _ in .stream(["{}"]) }) { port, _ in
            let traits = try await Self.withModel(port) { try await $0.traits() }
            #expect(traits.contextTokens == tokens)
        }
    }

    /// Addresses of servers as people type them.
    @Test(arguments: [
        ("http://localhost:8080#m", "http://localhost:8080/v1"), ("http://localhost:8080/v1/#m", "http://localhost:8080/v1"),
        ("https://api.example.org/v1/chat/completions#m", "https://api.example.org/v1"),
        ("http://[::1]:9/openai#a/b:c", "http://[::1]:9/openai"),
    ])
    func addressesAreUnderstood(_ typed: String, _ base: String) throws {
        #expect(try ServerAddress(typed).base == base)
    }

    /// What is no server's address, and a key that would go over an open network, are the input's fault.
    @Test(arguments: [
        "http://localhost:8080", "http://localhost:8080#", "ftp://a#b", "localhost#b", "http://key@host/v1#m", "http://host/v1?x=1#m",
    ])
    func badAddressesAreRefused(_ typed: String) {
        #expect(throws: InferenceError.self) { try ServerAddress(typed) }
    }

    /// A key is not sent where anybody could read it.
    @Test func aKeyStaysSecret() throws {
        var configuration = ServerModel.Configuration()
        configuration.key = "secret"
        let transport = ModelTransport { _, _ throws(ModelTransport.Failure) in throw .init(.broken, "not asked") }
        #expect(throws: InferenceError.self) {
            try ServerModel(ServerAddress("http://models.example.org/v1#m"), configuration, transport: transport)
        }
        _ = try ServerModel(ServerAddress("https://models.example.org/v1#m"), configuration, transport: transport)
    }
}
