import Foundation
import Inference
import Testing

@testable import Documents
@testable import Extraction

/// SmolLM2 in a child process. What it answers is as good as chance; what matters is that every answer is one, and nothing is invented.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RealModelTests {
    private static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let prefix = environment["GLEANER_PREFIX"] ?? (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/gleaner"
        let path = prefix + "/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    private static let worker: String = {
        var folder = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") { folder = bundle.bundleURL }
        for _ in 0..<4 {
            folder.deleteLastPathComponent()
            let path = folder.appending(path: "model-worker").path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        return "model-worker"
    }()

    /// Every answer is of the asked form, and every value stands on the page.
    @Test(.enabled(if: path != nil, "SmolLM2 is not on this machine: deploy/setup brings it"), arguments: [false, true])
    func answersAreOfTheAskedForm(_ isMany: Bool) async throws {
        var configuration = LocalModel.Configuration(command: [Self.worker])
        configuration.contextTokens = 2048
        let local = try LocalModel(path: #require(Self.path), configuration)
        let model = PointingModel(
            name: "SmolLM2", contextTokens: { try await local.traits().contextTokens },
            tokenCounts: { try await local.tokenCounts(of: $0) },
            answer: { question in
                let reply = try await local.generate(
                    ModelRequest(
                        messages: [.init(.system, question.system), .init(.user, question.text)],
                        grammar: AnswerGrammar(gbnf: question.grammar.gbnf, schema: question.grammar.schema),
                        tokenBudget: question.tokenBudget,
                        deadline: .seconds(300)))
                return .init(
                    text: reply.text, isWhole: reply.end == .complete, promptTokens: reply.usage.promptTokens,
                    cachedTokens: reply.usage.cachedTokens, answerTokens: reply.usage.answerTokens)
            })
        let html =
            "<h1>Garden tools</h1><ul>" + (1...5).map { "<li><b>Tool \($0)</b> <span>€\($0).50</span></li>" }.joined()
            + "</ul><p>By Jane \"J\" Doe</p>"
        let document = Document(html: html, url: "https://shop.example/")
        let request = ExtractionRequest(
            many: isMany,
            fields: [
                Field(name: "name"), Field(name: "price", type: .money), Field(name: "tags", type: .list, items: .text),
                Field(name: "odd \"name\"\\"),
            ])
        var work = Work(document: document, hints: PageHints(language: "en", host: "shop.example", resolve: { $0 }), request: request)
        let (leaves, groups) = Leaf.all(of: work.fields)
        try await PointingReader(model: model).read(leaves, groups, isMany: isMany, into: &work)
        let reading = work.finished(isMany: isMany)
        await local.stop()
        let account = try #require(reading.explanation["model"])
        #expect(account["faults"] == nil, "\(account)")
        #expect((account["answerTokens"]?.int ?? 0) > 10)
        for evidence in reading.answer.evidence {
            #expect(evidence.fault(in: document, resolve: { $0 }) == nil)
            #expect(document.flow.text(0..<document.flow.scalars.count).contains(evidence.text))
        }
    }
}
