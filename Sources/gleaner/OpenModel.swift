import Egress
import Extraction
import Fetching
import Foundation
import Inference

/// A language model in use, with what must be put away after it.
struct OpenModel: Sendable {
    let model: any LanguageModel
    private let fetcher: Fetcher?

    /// Lends the model that `--model` names once it is loaded or its server answered, so that what can't work is said before anything is
    /// visited or kept; nil for the bundled matcher.
    static func ready<Value: Sendable>(
        _ text: String?, _ locations: Locations, _ body: @Sendable (OpenModel?) async throws -> Value
    ) async throws -> Value {
        try await with(text, locations) { open in
            if let open { do throws(InferenceError) { _ = try await open.model.traits() } catch { throw CommandError(error) } }
            return try await body(open)
        }
    }

    /// Lends the model that `--model` names; nil for the bundled matcher. What is wrong with a file, a name or a key is the input's fault.
    static func with<Value: Sendable>(
        _ text: String?, _ locations: Locations, _ body: @Sendable (OpenModel?) async throws -> Value
    ) async throws -> Value {
        guard let text, let open = try await open(text, locations) else { return try await body(nil) }
        do {
            let value = try await body(open)
            await open.close()
            return value
        } catch {
            await open.close()
            throw error
        }
    }

    /// The same, to be closed by who opens it.
    static func open(_ text: String, _ locations: Locations) async throws -> OpenModel? {
        let entry = try ModelCatalog(locations).find(text)
        if case .bundled = entry.source { return nil }
        return try await OpenModel(entry.source)
    }

    /// What `--model` names, as runs keep it; nil for the bundled matcher. Looks at files, asks no server.
    static func checked(_ text: String?, _ locations: Locations) throws -> String? {
        guard let text else { return nil }
        let source = try ModelCatalog(locations).find(text).source
        if case .bundled = source { return nil }
        if case .file(let path) = source {
            do throws(InferenceError) {
                _ = try ModelFile(
                    generating: path, contextTokens: LocalModel.Configuration(command: []).contextTokens, freeMemory: Memory.free)
            } catch {
                throw CommandError(error)
            }
        }
        return source.text
    }

    private init(_ source: ModelCatalog.Source) async throws {
        do throws(InferenceError) {
            switch source {
            case .bundled(let path), .file(let path):
                model = try LocalModel(path: path, .init(command: [Locations.executable.path, "model", "worker"]))
                fetcher = nil
            case .server(let address):
                var configuration = ServerModel.Configuration()
                configuration.key = ProcessInfo.processInfo.environment["GLEANER_MODEL_KEY"].flatMap { $0.isEmpty ? nil : $0 }
                let resolver = Resolver()
                // The operator named this address, so exactly its host and port may be reached, wherever they are.
                let rules = await resolver.allowing(startHost: address.host, port: address.port, in: .publicOnly)
                let fetcher = Fetcher(resolver: resolver)
                model = try ServerModel(address, configuration, transport: .through(fetcher, rules: rules))
                self.fetcher = fetcher
            }
        } catch {
            throw CommandError(error)
        }
    }

    func close() async {
        await model.stop()
        await fetcher?.shutdown()
    }

    /// As reading wants it.
    var pointing: PointingModel {
        let model = model
        @Sendable func failure(_ error: InferenceError) -> any Error {
            error.code == .cancelled ? CancellationError() : PointingModel.Failure(error.message, isTooLong: error.code == .tooLong)
        }
        return PointingModel(
            name: model.name,
            contextTokens: {
                do throws(InferenceError) { return try await model.traits().contextTokens } catch { throw failure(error) }
            },
            tokenCounts: { texts in
                do throws(InferenceError) { return try await model.tokenCounts(of: texts) } catch { throw failure(error) }
            },
            answer: { question in
                let request = ModelRequest(
                    messages: [.init(.system, question.system), .init(.user, question.text)],
                    grammar: AnswerGrammar(gbnf: question.grammar.gbnf, schema: question.grammar.schema), tokenBudget: question.tokenBudget,
                    deadline: question.deadline)
                do throws(InferenceError) {
                    let reply = try await model.generate(request)
                    return PointingModel.Reply(
                        text: reply.text, isWhole: reply.end == .complete, promptTokens: reply.usage.promptTokens,
                        cachedTokens: reply.usage.cachedTokens, answerTokens: reply.usage.answerTokens,
                        seconds: reply.usage.promptSeconds + reply.usage.answerSeconds)
                } catch {
                    throw failure(error)
                }
            })
    }
}

extension CommandError {
    init(_ error: InferenceError) {
        switch error.code {
        case .missing, .damaged, .wrongModel, .tooLarge, .badInput, .grammar, .tooLong: self = .input(error.message)
        default: self = .ours(error.message)
        }
    }
}

extension ModelTransport {
    static func through(_ fetcher: Fetcher, rules: AddressRules) -> ModelTransport {
        ModelTransport { request, onBytes throws(Failure) in
            var fetch = FetchRequest(request.url, userAgent: Farm.identity.token, rules: rules)
            fetch.method = request.method
            fetch.headers = request.headers.map { HTTPField($0.name, $0.value) }
            fetch.body = request.body
            fetch.timeout = request.deadline
            fetch.minimumSpeed = 1
            fetch.minimumSpeedTime = request.patience
            fetch.maximumRedirects = 0
            fetch.sizeLimit = 32 << 20
            fetch.onBody = onBytes
            do throws(FetchError) {
                let response = try await fetcher.fetch(fetch)
                return Response(status: response.status, headers: response.headers.map { ($0.name, $0.value) }, body: response.body)
            } catch {
                throw Failure(error)
            }
        }
    }
}

extension ModelTransport.Failure {
    init(_ error: FetchError) {
        let kind: Kind =
            switch error.code {
            case .cancelled, .stopped: .cancelled
            case .timedOut, .tooSlow: .timedOut
            case .nameNotResolved, .connectionFailed, .proxyFailed, .proxyLogin, .proxyRefused, .tls: .notReached
            case .invalidURL, .invalidRequest, .addressRefused, .hostBlocked, .gateRefused: .refused
            case .tooLarge, .tooManyRedirects, .broken: .broken
            }
        self.init(kind, error.message)
    }
}
