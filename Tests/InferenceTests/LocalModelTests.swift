import Foundation
import Synchronization
import TestMaterial
import Testing

@testable import Inference

/// The small generative model that deploy/setup brings, and the child process of these tests.
enum Small {
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
        let prefix = environment["GLEANER_PREFIX"] ?? cache + "/gleaner"
        let path = prefix + "/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    static let notice: Comment = "SmolLM2 is not on this machine: deploy/setup brings it"

    /// Built beside the tests.
    static let worker: String = {
        var folder = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") { folder = bundle.bundleURL }
        for _ in 0..<4 {
            folder.deleteLastPathComponent()
            let path = folder.appending(path: "model-worker").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        return "model-worker"
    }()

    static func configuration(_ arguments: String...) -> LocalModel.Configuration {
        var configuration = LocalModel.Configuration(command: [worker] + arguments)
        configuration.contextTokens = 2048
        configuration.threads = 1
        return configuration
    }

    static func model(_ configuration: LocalModel.Configuration = configuration()) throws -> LocalModel {
        try LocalModel(path: #require(path), configuration)
    }

    static let person = AnswerGrammar(
        gbnf: """
            root ::= "{\\"name\\":" string ",\\"age\\":" number ",\\"friends\\":[" string ("," string){0,2} "]}"
            string ::= "\\"" [^"\\\\\\x00-\\x1F\\x7F]{1,20} "\\""
            number ::= "0" | [1-9] [0-9]{0,2}

            """, schema: "{}")

    static func request(_ text: String, grammar: AnswerGrammar? = person, budget: Int = 200, temperature: Double = 0, seed: UInt32 = 1)
        -> ModelRequest
    {
        ModelRequest(
            messages: [.init(.system, "You answer in JSON."), .init(.user, text)], grammar: grammar, tokenBudget: budget,
            temperature: temperature, seed: seed, deadline: .seconds(300))
    }
}

/// With the real model, in a real child.
@Suite(.enabled(if: Small.path != nil, Small.notice), .serialized, .timeLimit(.minutes(10))) struct LocalModelTests {
    /// An answer comes in pieces that add up to it, is JSON as the grammar says, and is the same the next time.
    @Test func anAnswerKeepsItsGrammar() async throws {
        let model = try Small.model()
        let pieces = Mutex<[String]>([])
        let request = Small.request("Tell me about Zoë, who is 31.")
        let first = try await model.generate(request) { piece in pieces.withLock { $0.append(piece) } }
        let again = try await model.generate(request)
        let traits = try await model.traits()
        await model.stop()
        #expect(first.end == .complete)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(first.text.utf8)) as? [String: Any])
        #expect(Set(json.keys) == ["name", "age", "friends"])
        #expect(pieces.withLock { $0.joined() } == first.text && pieces.withLock { $0.count } > 5)
        #expect(again.text == first.text)
        #expect(again.usage.cachedTokens == again.usage.promptTokens - 1, "the prompt was still there")
        #expect(first.usage.answerTokens > 5 && first.usage.promptTokens > 20)
        #expect(traits.contextTokens == 2048 && traits.architecture == "llama" && traits.template == "the file's own")
    }

    /// At any temperature and seed the text parses: a grammar is a promise.
    @Test func everySeedGivesJSON() async throws {
        let model = try Small.model()
        var texts: Set<String> = []
        for seed in 1...12 as ClosedRange<UInt32> {
            let reply = try await model.generate(Small.request("Invent a person.", temperature: 1.5, seed: seed))
            #expect(reply.end == .complete)
            #expect((try? JSONSerialization.jsonObject(with: Data(reply.text.utf8))) is [String: Any], "\(reply.text)")
            texts.insert(reply.text)
        }
        let same = try await model.generate(Small.request("Invent a person.", temperature: 1.5, seed: 3))
        await model.stop()
        #expect(texts.count > 6)
        #expect(texts.contains(same.text), "a seed gives the same again")
    }

    /// The budget ends an answer, and says that it did.
    @Test func theBudgetIsKept() async throws {
        let model = try Small.model()
        let reply = try await model.generate(Small.request("Write a long story.", grammar: nil, budget: 16))
        await model.stop()
        #expect(reply.end == .budget && reply.usage.answerTokens == 16)
    }

    /// A page can't write the marks that end a message: they are text like any other.
    @Test func marksInAMessageAreText() async throws {
        let model = try Small.model()
        let counts = try await model.tokenCounts(of: ["<|im_end|>", "a", ""])
        await model.stop()
        #expect(counts[0] > 3 && counts[1] == 1 && counts[2] == 0)
    }

    /// What doesn't fit is said before anything is computed; the next question is answered.
    @Test func aLongPromptIsRefused() async throws {
        let model = try Small.model()
        let long = String(repeating: "one two three four ", count: 800)
        await #expect(throws: InferenceError.self) { try await model.generate(Small.request(long)) }
        let code = await Small.code { try await model.generate(Small.request(long)) }
        let reply = try await model.generate(Small.request("Who?", budget: 64))
        await model.stop()
        #expect(code == .tooLong)
        #expect(!reply.text.isEmpty)
    }

    /// A grammar that can't be read, or leaves nothing to say, is an error and not the process's end.
    @Test(arguments: ["", "root ::= (", "root ::= nothing", "start ::= \"a\""]) func aBadGrammarIsAnError(_ text: String) async throws {
        let model = try Small.model()
        let code = await Small.code { try await model.generate(Small.request("x", grammar: AnswerGrammar(gbnf: text, schema: "{}"))) }
        await model.stop()
        #expect(code == .grammar)
    }

    /// A child that is killed in the middle of an answer costs that answer; the next gets a new child.
    @Test func aKilledChildCostsOneAnswer() async throws {
        let model = try Small.model()
        let killed = Mutex<Int32>(0)
        _ = try await model.traits()
        let pid = try #require(await model.processID)
        let code = await Small.code {
            try await model.generate(Small.request("Write a long story.", grammar: nil, budget: 1000)) { _ in
                let isFirst = killed.withLock { value in
                    defer { value = pid }
                    return value == 0
                }
                if isFirst { kill(pid, SIGKILL) }
            }
        }
        let next = try await model.generate(Small.request("Who?"))
        let second = await model.processID
        await model.stop()
        #expect(code == .crashed)
        #expect((try? JSONSerialization.jsonObject(with: Data(next.text.utf8))) != nil)
        #expect(second != pid)
    }

    /// A cancelled answer ends between two tokens, and the child is good for the next.
    @Test func anAnswerCanBeCancelled() async throws {
        let model = try Small.model()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            await Small.code {
                try await model.generate(Small.request("Write a long story.", grammar: nil, budget: 1500)) { _ in begin.yield() }
            }
        }
        for await _ in begun { break }
        let pid = await model.processID
        task.cancel()
        #expect(await task.value == .cancelled)
        let next = try await model.generate(Small.request("Who?"))
        let same = await model.processID
        await model.stop()
        #expect(!next.text.isEmpty)
        #expect(pid == same)
    }

    /// Time that is up ends an answer; so does the cancellation of one that waits for its turn.
    @Test func timeEndsAnAnswer() async throws {
        let model = try Small.model()
        _ = try await model.traits()
        var slow = Small.request("Write a long story.", grammar: nil, budget: 1500)
        slow.deadline = .milliseconds(300)
        let late = slow
        async let first = Small.code { try await model.generate(late) }
        let waiting = Task { await Small.code { try await model.generate(Small.request("Who?")) } }
        waiting.cancel()
        let codes = await (first, waiting.value)
        await model.stop()
        #expect(codes.0 == .timedOut)
        #expect(codes.1 == .cancelled)
    }

    /// Questions of many callers are answered one after the other.
    @Test func callersTakeTurns() async throws {
        let model = try Small.model()
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<4 { group.addTask { try await model.generate(Small.request("Person number \(number)")).text } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        await model.stop()
        #expect(texts.count == 4 && texts.allSatisfy { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil })
    }

    /// A child without work leaves, and the next question finds a new one.
    @Test func anIdleChildLeaves() async throws {
        var configuration = Small.configuration()
        configuration.idle = .milliseconds(50)
        let model = try Small.model(configuration)
        var pids: Set<Int32> = []
        for _ in 0..<3 {
            let reply = try await model.generate(Small.request("Who?", budget: 64))
            #expect(!reply.text.isEmpty)
            if let pid = await model.processID {
                pids.insert(pid)
                // Until it has left: its reading thread reaps it.
                while await model.processID == pid { await Task.yield() }
            }
        }
        await model.stop()
        #expect(pids.count >= 1)
    }

    /// Children that answer nonsense, nothing, or die: an error each, never a hang.
    @Test(arguments: [("garbage", InferenceError.Code.crashed), ("dies", .crashed), ("silent", .timedOut)])
    func aBrokenChildIsAnError(_ kind: String, _ expected: InferenceError.Code) async throws {
        var configuration = Small.configuration(kind)
        configuration.loadDeadline = kind == "silent" ? .milliseconds(200) : .seconds(60)
        configuration.grace = .milliseconds(50)
        let model = try Small.model(configuration)
        let error = await Small.error { try await model.generate(Small.request("x")) }
        #expect(error?.code == expected, "\(String(describing: error))")
        if kind == "dies" { #expect(error?.message.contains("no such luck") == true, "\(String(describing: error))") }
    }

    /// A child that can't be started is an error that names it.
    @Test func aMissingChildIsAnError() async throws {
        let model = try Small.model(LocalModel.Configuration(command: ["/nonexistent/worker"]))
        let error = await Small.error { try await model.generate(Small.request("x")) }
        #expect(error?.message.contains("/nonexistent/worker") == true)
    }

    /// A file that is truncated after it was checked ends in the child.
    @Test func aTruncatedFileIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "cut.gguf").path
            let whole = try FileHandle(forReadingFrom: URL(fileURLWithPath: #require(Small.path)))
            try #require(try whole.read(upToCount: 40_000_000)).write(to: URL(fileURLWithPath: path))
            #expect { try LocalModel(path: path, Small.configuration()) } throws: { ($0 as? InferenceError)?.code == .damaged }
        }
    }

    /// A machine with too little memory says how much is needed, before anything is loaded.
    @Test func aModelTooLargeIsRefused() throws {
        let path = try #require(Small.path)
        #expect { try ModelFile(generating: path, contextTokens: 8192, freeMemory: 100_000_000) } throws: {
            ($0 as? InferenceError)?.code == .tooLarge && "\($0)".contains("needs about")
        }
        _ = try ModelFile(generating: path, contextTokens: 2048, freeMemory: 1_000_000_000)
    }
}

extension Small {
    static func error(_ body: () async throws -> some Any) async -> InferenceError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? InferenceError
        }
    }

    static func code(_ body: () async throws -> some Any) async -> InferenceError.Code? { await error(body)?.code }
}

@Suite struct GenerativeFileTests {
    /// A GGUF as small as a generating one can be; the weights mean nothing.
    static func bytes(_ change: (inout GGUFBytes) -> Void = { _ in }) -> GGUFBytes {
        var bytes = GGUFBytes()
        bytes.metadata = [
            ("general.architecture", .text("llama")), ("llama.block_count", .natural(1)), ("llama.context_length", .natural(2048)),
            ("llama.embedding_length", .natural(8)), ("llama.attention.head_count", .natural(2)),
            ("tokenizer.ggml.tokens", .texts(["<s>", "a", "b", "c", "d"])),
        ]
        change(&bytes)
        return bytes
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var code: InferenceError.Code
        var words: String
        var change: @Sendable (inout GGUFBytes) -> Void
        var testDescription: String { name }
    }

    /// What can't generate text is refused with the reason, before llama.cpp sees it.
    @Test(arguments: [
        Case(name: "an encoder", code: .wrongModel, words: "bert") { $0.set("general.architecture", .text("bert")) },
        Case(name: "another encoder", code: .wrongModel, words: "nomic-bert") { $0.set("general.architecture", .text("nomic-bert")) },
        Case(name: "no architecture", code: .damaged, words: "architecture") { $0.set("general.architecture", nil) },
        Case(name: "no layers", code: .wrongModel, words: "block_count") { $0.set("llama.block_count", .natural(0)) },
        Case(name: "a small context", code: .wrongModel, words: "too small") { $0.set("llama.context_length", .natural(128)) },
        Case(name: "no vocabulary", code: .wrongModel, words: "vocabulary") { $0.set("tokenizer.ggml.tokens", nil) },
        Case(name: "a token twice", code: .damaged, words: "twice") { $0.set("tokenizer.ggml.tokens", .texts(["a", "a", "b", "c", "d"])) },
        Case(name: "a cut file", code: .damaged, words: "truncated") { $0.cut = 40 },
        Case(name: "half-precision vectors", code: .wrongModel, words: "float32") { $0.tensors[2].type = 1 },
    ])
    func wrongFilesAreRefused(_ test: Case) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "model.gguf")
            try Self.bytes(test.change).data.write(to: file)
            #expect { try ModelFile(generating: file.path, contextTokens: 1024, freeMemory: .max) } throws: { error in
                let error = error as? InferenceError
                return error?.code == test.code && error?.message.contains(test.words) == true && error?.message.contains(file.path) == true
            }
        }
    }

    /// A sound header passes, and the memory it needs is counted with the context.
    @Test func aSoundFilePasses() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "model.gguf")
            try Self.bytes().data.write(to: file)
            let model = try ModelFile(generating: file.path, contextTokens: 1024, freeMemory: .max)
            #expect(model.header.contextBytes(tokens: 2048) > model.header.contextBytes(tokens: 1024))
        }
    }

    /// Neither a folder nor nothing is a model.
    @Test func nothingIsNoModel() async throws {
        try await withTemporaryFolder { folder in
            for path in [folder.path, folder.appending(path: "absent.gguf").path] {
                #expect { try ModelFile(generating: path, contextTokens: 1024, freeMemory: .max) } throws: {
                    ($0 as? InferenceError)?.code == .missing
                }
            }
        }
    }
}
