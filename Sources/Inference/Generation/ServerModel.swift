// An OpenAI-compatible server: llama-server, llama_cpp.server, Ollama, vLLM, or a company's.
//
// How an answer is confined differs: `response_format` with a JSON Schema (OpenAI, vLLM, llama-server), `grammar` (llama.cpp's servers),
// "some JSON object", or not at all. They are tried in this order, and the first that brought an answer is remembered. Whatever a server
// promises, the text is parsed before it is an answer. How much fits into its model is asked, too, and learned where it doesn't say: a
// question that it finds too long makes the next ones shorter. Nothing here waits without an end: a request has a deadline, a silent
// stream is given up, retries are few and their pauses bounded.

internal import Foundation
internal import Synchronization

package final class ServerModel: LanguageModel {
    package struct Configuration: Sendable {
        /// Sent as a bearer token; only over TLS or to this machine. Never shown.
        package var key: String?
        /// Where the server doesn't say how much its model takes.
        package var usualContextTokens = 4096
        /// More is not used: pages are read in parts of this size.
        package var mostContextTokens = 16_384
        package var attempts = 3
        /// Before the second attempt, doubled for the third; a server's own Retry-After wins.
        package var pause: Duration = .seconds(1)
        /// A longer Retry-After is cut to this.
        package var longestPause: Duration = .seconds(30)
        /// So long may a stream be silent.
        package var patience: Duration = .seconds(90)

        package init() {}
    }

    package let address: ServerAddress
    package var name: String { address.description }
    private let configuration: Configuration
    private let transport: ModelTransport
    /// What the server was found to take.
    private let form = Mutex(Confinement.schema)
    private let known = Mutex<ModelTraits?>(nil)

    package init(_ address: ServerAddress, _ configuration: Configuration = Configuration(), transport: ModelTransport)
        throws(InferenceError)
    {
        if let key = configuration.key, !key.isEmpty {
            guard address.mayCarryKey else {
                throw InferenceError(
                    .badInput,
                    "The key in GLEANER_MODEL_KEY is not sent to \(address.base): that address is not encrypted. Use https, or unset the key."
                )
            }
            guard key.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
                throw InferenceError(.badInput, "The key in GLEANER_MODEL_KEY has characters that no key has.")
            }
        }
        self.address = address
        self.configuration = configuration
        self.transport = transport
    }

    package func stop() async {}

    package func traits() async throws(InferenceError) -> ModelTraits {
        if let known = known.withLock({ $0 }) { return known }
        let response = try await send("GET", "/models", nil, deadline: .seconds(20), onBytes: { _ in true })
        if response.status == 401 || response.status == 403 { throw refusal(response) }
        var context = configuration.usualContextTokens
        // Servers without that list are no worse.
        if response.status == 200, let json = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any],
            let models = json["data"] as? [[String: Any]]
        {
            let model = models.first { $0["id"] as? String == address.model } ?? (models.count == 1 ? models[0] : nil)
            let meta = model?["meta"] as? [String: Any]
            for value in [model?["max_model_len"], model?["context_length"], model?["n_ctx"], meta?["n_ctx"], meta?["n_ctx_train"]] {
                if let number = (value as? NSNumber)?.intValue, number >= GGUF.leastContext {
                    context = number
                    break
                }
            }
        }
        let traits = ModelTraits(contextTokens: min(context, configuration.mostContextTokens), template: "the server's")
        known.withLock { $0 = traits }
        return traits
    }

    /// Three ASCII characters or one other a token: more than nearly all vocabularies need.
    package func tokenCounts(of texts: [String]) async throws(InferenceError) -> [Int] { texts.map(Self.estimate) }

    private static func estimate(_ text: String) -> Int {
        var (ascii, other) = (0, 0)
        for scalar in text.unicodeScalars { if scalar.isASCII { ascii += 1 } else { other += 1 } }
        return ascii / 3 + other + 2
    }

    // MARK: Generating

    package func generate(
        _ request: ModelRequest, onText: @escaping @Sendable (String) -> Void
    ) async throws(InferenceError) -> Generation {
        let end = ContinuousClock.now + request.deadline
        var attempt = 1
        var form = request.grammar == nil ? Confinement.none : form.withLock { $0 }
        var streams = true
        while true {
            let left = end - .now
            guard left > .zero else { throw InferenceError(.timedOut, "\(name) did not answer within \(request.deadline).") }
            let outcome: Outcome
            do throws(InferenceError) { outcome = try await ask(request, form, streams, within: left, onText: onText) } catch {
                if error.code == .tooLong { learn(from: error.message, about: request) }
                throw error
            }
            switch outcome {
            case .answer(let generation):
                if request.grammar != nil { self.form.withLock { $0 = form } }
                return generation
            case .unknownForm(let why):
                // Where every form is refused, the form is not what is wrong, and nothing was learned.
                guard request.grammar != nil, let index = Confinement.allCases.firstIndex(of: form), form != .none else {
                    throw InferenceError(.server, why)
                }
                form = Confinement.allCases[index + 1]
            case .mute: streams = false
            case .later(let wish, let why):
                guard attempt < configuration.attempts else { throw InferenceError(.server, "\(why) (asked \(attempt) times)") }
                let pause = min(wish ?? configuration.pause * (1 << (attempt - 1)), configuration.longestPause)
                guard .now + pause < end else {
                    throw InferenceError(.server, "\(why), and wants to be asked later than the time of \(request.deadline) allows")
                }
                attempt += 1
                do { try await Task.sleep(for: pause) } catch { throw .cancelled }
            }
        }
    }

    /// What a question that was too long tells of the model: the number that the server names, else half of what was asked.
    private func learn(from message: String, about request: ModelRequest) {
        let asked = request.messages.reduce(request.tokenBudget) { $0 &+ Self.estimate($1.text) }
        let size = max(Self.contextNamed(in: message) ?? asked / 2, GGUF.leastContext)
        known.withLock { known in
            if let traits = known, size < traits.contextTokens { known?.contextTokens = size }
        }
    }

    /// "This model's maximum context length is 2048 tokens", "exceeds the available context size (2048 tokens)": the number.
    private static func contextNamed(in message: String) -> Int? {
        guard let word = message.range(of: "context", options: .caseInsensitive) else { return nil }
        let digits = message[word.upperBound...].drop { !$0.isASCII || !$0.isNumber }.prefix { $0.isASCII && $0.isNumber }
        return digits.count < 10 ? Int(digits) : nil
    }

    private enum Outcome {
        case answer(Generation)
        /// The server doesn't know how its answer is to be confined.
        case unknownForm(String)
        /// A stream without a word: llama_cpp.server's way of failing once it has begun one, for instance because the question is too long
        /// for its `--n_ctx` (2048 tokens by default). Asked without a stream, it says why.
        case mute
        case later(Duration?, String)
    }

    private func ask(
        _ request: ModelRequest, _ form: Confinement, _ streams: Bool, within limit: Duration, onText: @escaping @Sendable (String) -> Void
    ) async throws(InferenceError) -> Outcome {
        struct Stream {
            var events: ServerEvents
            var fault: ServerEvents.Fault?
            var isStream = true
            var first: ContinuousClock.Instant?
        }
        let mostBytes = request.tokenBudget &* 64 &+ 4096
        let stream = Mutex(Stream(events: ServerEvents(mostBytes: mostBytes)))
        let start = ContinuousClock.now
        let response: ModelTransport.Response
        do {
            response = try await send("POST", "/chat/completions", body(request, form, streams), deadline: limit) { bytes in
                let piece = stream.withLock { stream -> String? in
                    if stream.first == nil {
                        stream.first = .now
                        // One JSON object instead of events: a server that doesn't stream.
                        stream.isStream = bytes.first { !$0.isWhitespace } != UInt8(ascii: "{")
                    }
                    guard stream.isStream else { return "" }
                    do throws(ServerEvents.Fault) {
                        return try stream.events.take(bytes)
                    } catch {
                        stream.fault = error
                        return nil
                    }
                }
                guard let piece else { return false }
                if !piece.isEmpty { onText(piece) }
                return true
            }
        } catch {
            if error.code == .server, stream.withLock({ $0.first }) == nil { return .later(nil, error.message) }
            throw error
        }
        guard response.status == 200 else { return try judged(response, form) }
        var (events, fault, isStream, first) = stream.withLock { ($0.events, $0.fault, $0.isStream, $0.first) }
        if !isStream {
            guard let json = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any] else {
                throw garbled("what came is no JSON: \"\(excerpt(response.body))\"")
            }
            if let error = json["error"], !(error is NSNull) {
                throw InferenceError(.server, "\(name) failed: \(ServerEvents.message(error)).")
            }
            do throws(ServerEvents.Fault) { try events.take(json, key: "message") } catch { fault = error }
            if fault == nil { onText(events.text) }
        }
        switch fault {
        case .garbage(let what)?: throw garbled("what came is no event of an answer: \"\(what)\"")
        case .failed(let why)?:
            if Self.isTooLong(why) { throw InferenceError(.tooLong, "\(name): \(why)") }
            throw InferenceError(.server, "\(name) failed in the middle of an answer: \(why).")
        case .endless?: throw garbled("it sends much more than was asked for")
        case nil: break
        }
        guard events.isDone || events.finish != nil else {
            if streams, response.body.allSatisfy(\.isWhitespace) { return .mute }
            throw garbled(
                events.pieces > 0 ? "its answer broke off in the middle" : "what came is no answer: \"\(excerpt(response.body))\"")
        }
        let isCut = events.finish == "length"
        if request.grammar != nil, !isCut { try checkJSON(events.text) }
        var usage = ModelUsage()
        usage.promptTokens = events.usage?.prompt ?? request.messages.reduce(0) { $0 + Self.estimate($1.text) }
        usage.cachedTokens = events.usage?.cached ?? 0
        usage.isEstimated = events.usage == nil
        usage.answerTokens = events.usage?.answer ?? events.pieces
        let began = first ?? .now
        usage.promptSeconds = (began - start) / .seconds(1)
        usage.answerSeconds = (.now - began) / .seconds(1)
        return .answer(Generation(text: events.text, end: isCut ? .budget : .complete, usage: usage, confinement: form))
    }

    private func body(_ request: ModelRequest, _ form: Confinement, _ streams: Bool) -> [UInt8] {
        var json: [String: Any] = [
            "model": address.model, "messages": request.messages.map { ["role": $0.role.rawValue, "content": $0.text] },
            "max_tokens": request.tokenBudget, "temperature": request.temperature, "seed": Int(request.seed), "stream": streams,
        ]
        if streams { json["stream_options"] = ["include_usage": true] }
        switch form {
        case .schema:
            let schema = request.grammar.flatMap { try? JSONSerialization.jsonObject(with: Data($0.schema.utf8)) } ?? [String: Any]()
            json["response_format"] = [
                "type": "json_schema", "json_schema": ["name": "answer", "strict": true, "schema": schema] as [String: Any],
            ]
        case .grammar: json["grammar"] = request.grammar?.gbnf
        case .object: json["response_format"] = ["type": "json_object"]
        case .none: break
        }
        return (try? JSONSerialization.data(withJSONObject: json)).map(Array.init) ?? []
    }

    private func checkJSON(_ text: String) throws(InferenceError) {
        guard let low = text.utf8.firstIndex(of: UInt8(ascii: "{")), let high = text.utf8.lastIndex(of: UInt8(ascii: "}")), low < high,
            (try? JSONSerialization.jsonObject(with: Data(text[low...high].utf8))) is [String: Any]
        else { throw garbled("it was asked for JSON and answered \"\(text.prefix(80))\"") }
    }

    // MARK: What the server says

    private func judged(_ response: ModelTransport.Response, _ form: Confinement) throws(InferenceError) -> Outcome {
        let why = reason(response)
        switch response.status {
        case 401, 403: throw refusal(response)
        case 429, 500, 502, 503, 504, 529:
            if Self.isTooLong(why) { throw InferenceError(.tooLong, "\(name): \(why)") }
            // llama_cpp.server finds "json_schema" invalid with a status of 500.
            if response.status == 500, ["response_format", "json_schema", "grammar"].contains(where: { why.contains($0) }) {
                return .unknownForm("\(name) refuses the question with status 500: \(why)")
            }
            let wish = response.header("retry-after").flatMap { Double($0.trimmingCharacters(in: .whitespaces)) }
                .map { Duration.milliseconds(Int(min(max($0, 0), 86_400) * 1000)) }
            return .later(wish, "\(name) answers with status \(response.status): \(why)")
        case 400, 413, 422, 501:
            if Self.isTooLong(why) { throw InferenceError(.tooLong, "\(name): \(why)") }
            return .unknownForm("\(name) refuses the question with status \(response.status): \(why)")
        case 404:
            throw InferenceError(.server, "\(name): there is no such model, or no such address (status 404): \(why)")
        default: throw InferenceError(.server, "\(name) answers with status \(response.status): \(why)")
        }
    }

    private func refusal(_ response: ModelTransport.Response) -> InferenceError {
        let key = configuration.key == nil ? "No key was sent: set GLEANER_MODEL_KEY." : "Check the key in GLEANER_MODEL_KEY."
        return InferenceError(.server, "\(name) refuses access with status \(response.status): \(reason(response)). \(key)")
    }

    private func reason(_ response: ModelTransport.Response) -> String {
        guard let json = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any] else {
            return "\"\(excerpt(response.body))\""
        }
        if let error = json["error"] { return ServerEvents.message(error) }
        if let detail = json["detail"] { return detail as? String ?? "\"\(excerpt(response.body))\"" }
        return ServerEvents.message(json)
    }

    private static func isTooLong(_ why: String) -> Bool {
        let text = why.lowercased()
        return text.contains("context") && ["length", "size", "window", "exceed", "too long"].contains { text.contains($0) }
    }

    private func garbled(_ what: String) -> InferenceError { InferenceError(.garbled, "\(name) is not to be understood: \(what).") }

    private func excerpt(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(160), as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private func send(
        _ method: String, _ path: String, _ body: [UInt8]?, deadline: Duration, onBytes: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(InferenceError) -> ModelTransport.Response {
        var headers: [(name: String, value: String)] = [("Accept", "application/json, text/event-stream")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        if let key = configuration.key, !key.isEmpty { headers.append(("Authorization", "Bearer \(key)")) }
        let request = ModelTransport.Request(
            method: method, url: address.base + path, headers: headers, body: body, deadline: deadline,
            patience: min(configuration.patience, deadline))
        do throws(ModelTransport.Failure) {
            return try await transport.send(request, onBytes)
        } catch {
            switch error.kind {
            case .cancelled: throw .cancelled
            case .timedOut: throw InferenceError(.timedOut, "The model server \(name) did not answer in time: \(error.message)")
            case .notReached: throw InferenceError(.server, "The model server \(name) can't be reached: \(error.message)")
            case .refused: throw InferenceError(.badInput, "The model server \(name) may not be asked: \(error.message)")
            case .broken: throw InferenceError(.garbled, "The model server \(name) broke off: \(error.message)")
            }
        }
    }
}

extension UInt8 {
    fileprivate var isWhitespace: Bool { self == 32 || (9...13).contains(self) }
}
