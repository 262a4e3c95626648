import ArgumentParser
import Documents
import Foundation
import Inference

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Models that read pages: list them, add a file or a server, try one.",
        discussion: """
            gleaner model add qwen ~/models/qwen2.5-7b-instruct-q4_k_m.gguf
            gleaner model add house http://127.0.0.1:8080/v1#qwen2.5-7b
            gleaner model test qwen
            gleaner extract URL "name and price" --model qwen

            A server's key is read from GLEANER_MODEL_KEY.
            """,
        subcommands: [List.self, Add.self, Test.self, Worker.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The models of this machine, and what they can do.")

        @Flag(help: "As JSON.") var json = false

        func run() async throws {
            let catalog = try ModelCatalog()
            if json {
                return print(
                    JSON.array(
                        catalog.entries.map {
                            .of(
                                ("name", .string($0.name)), ("kind", .string($0.source.kind)), ("source", .string($0.source.text)),
                                ("bytes", $0.source.size.map { .integer($0) } ?? .null), ("licence", $0.licence.map(JSON.string) ?? .null),
                                ("note", .string($0.note)))
                        }
                    ).text(pretty: true))
            }
            for entry in catalog.entries {
                var parts = [entry.source.kind]
                switch entry.source {
                case .server: break
                default: parts.append(entry.source.size.map(Memory.text) ?? "the file is gone")
                }
                if let licence = entry.licence { parts.append(licence) }
                print("\(entry.name)  (\(Terminal.safe(parts.joined(separator: ", "))))")
                print("    \(Terminal.safe(entry.source.text))")
                print("    \(entry.note)")
            }
            if !catalog.entries.contains(where: { $0.name == ModelCatalog.smollm2 }) {
                print("smollm2 is not on this machine: deploy/setup brings it")
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep a GGUF file or a server's model under a name.")

        @Argument(help: "How it will be called.") var name: String
        @Argument(help: ArgumentHelp("FILE.gguf, or http://host:port/v1#name-of-the-model.", valueName: "file|url#name")) var source: String

        func run() async throws {
            try ModelCatalog().add(name, source)
            Terminal.say("added \(name); try it: gleaner model test \(name)")
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load a model, let it answer under a grammar, and say how fast it was.",
            discussion: "Exits with 2 where the file or name can't be used, with 4 where the model or its server fails.")

        @Argument(help: ArgumentHelp("A name of the list, FILE.gguf, or URL#name.", valueName: "model")) var name: String
        @Option(help: ArgumentHelp("The longest answer.", valueName: "n")) var tokens = 256
        @Option(help: "Of the random numbers, where the temperature is not 0.") var seed: UInt32 = 1
        @Option(help: "0 is always the likeliest token.") var temperature = 0.0
        @Flag(help: "Without a grammar: the model writes what it likes.") var free = false
        @Flag(help: "As JSON.") var json = false

        func validate() throws {
            guard (16...4096).contains(tokens) else { throw ValidationError("--tokens \(tokens): must be 16 to 4096") }
            guard (0...2).contains(temperature) else { throw ValidationError("--temperature \(temperature): must be 0 to 2") }
        }

        func run() async throws {
            let locations = Locations()
            let (json, name) = (json, name)
            let trial = ModelTrial(tokens: tokens, seed: seed, temperature: temperature, isFree: free)
            try await cancelledBySignals {
                try await OpenModel.with(name, locations) { open in
                    guard let open else {
                        throw CommandError.input("\(name) writes no text; gleaner doctor checks the bundled matcher")
                    }
                    try await trial.run(open.model, json: json)
                }
            }
        }
    }

    /// Started by the farm itself.
    struct Worker: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "worker", abstract: "The process that holds a model.", shouldDisplay: false)

        func run() throws { ModelWorker.run() }
    }
}

/// What `gleaner model test` asks.
struct ModelTrial {
    var tokens: Int
    var seed: UInt32
    var temperature: Double
    /// Without a grammar.
    var isFree = false

    /// Words in a list, so long that speed can be told.
    private static let grammar = AnswerGrammar(
        gbnf: """
            root ::= "{\\"words\\":[" word ("," word){11,39} "]}"
            word ::= "\\"" [a-z]{2,12} "\\""

            """,
        schema: """
            {"type":"object","properties":{"words":{"type":"array","items":{"type":"string","maxLength":12},"minItems":12,"maxItems":40}},\
            "required":["words"],"additionalProperties":false}
            """)

    func run(_ model: any LanguageModel, json: Bool) async throws {
        let request = ModelRequest(
            messages: [
                .init(.system, "You answer in JSON."),
                .init(.user, "List thirty things that one can find in a garden, one word each, in lower case."),
            ], grammar: isFree ? nil : Self.grammar, tokenBudget: tokens, temperature: temperature, seed: seed)
        let traits: ModelTraits
        let answer: Generation
        var start = ContinuousClock.now
        do throws(InferenceError) {
            traits = try await model.traits()
            start = .now
            answer = try await model.generate(request) { if !json { FileHandle.standardError.write(Data(Terminal.safe($0).utf8)) } }
        } catch {
            throw CommandError(error)
        }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        if !json { FileHandle.standardError.write(Data("\n".utf8)) }
        let usage = answer.usage
        func speed(_ count: Int, _ seconds: Double) -> Double { seconds > 0 ? (Double(count) / seconds * 10).rounded() / 10 : 0 }
        let reading = speed(usage.promptTokens - usage.cachedTokens, usage.promptSeconds)
        // As seen from here, the way through the socket included.
        let writing = speed(usage.answerTokens, elapsed - usage.promptSeconds)
        let isWhole = answer.end == .complete
        let isJSON = (try? JSON(parsing: answer.text)) != nil
        if json {
            print(
                JSON.of(
                    ("model", .string(model.name)), ("architecture", traits.architecture.map(JSON.string) ?? .null),
                    ("contextTokens", .integer(traits.contextTokens)), ("template", .string(traits.template)),
                    ("loadSeconds", traits.loadSeconds.map { .double(($0 * 1000).rounded() / 1000) } ?? .null),
                    ("tokensAreEstimated", .bool(usage.isEstimated)),
                    ("promptTokens", .integer(usage.promptTokens)), ("promptTokensPerSecond", .double(reading)),
                    ("answerTokens", .integer(usage.answerTokens)), ("answerTokensPerSecond", .double(writing)),
                    ("end", .string(answer.end.rawValue)), ("confinement", .string(answer.confinement.rawValue)),
                    ("parses", .bool(isJSON)), ("answer", .string(answer.text))
                ).text(pretty: true))
        } else {
            print("model      \(Terminal.safe(model.name))" + (traits.architecture.map { " (\(Terminal.safe($0)))" } ?? ""))
            print("context    \(traits.contextTokens) tokens; chat template: \(traits.template)")
            if let seconds = traits.loadSeconds { print(String(format: "loaded in  %.2f s", seconds)) }
            let about = usage.isEstimated ? "about " : ""
            print("read       \(about)\(usage.promptTokens) tokens, \(reading) a second")
            print("wrote      \(about)\(usage.answerTokens) tokens, \(writing) a second" + (isWhole ? "" : ", cut by --tokens"))
            if !isFree {
                let keeping =
                    isWhole ? isJSON ? "kept: the answer is JSON" : "BROKEN: the answer is no JSON" : "kept so far; the answer was cut"
                print("held to    \(answer.confinement.sentence); \(keeping)")
            }
        }
        if isWhole, !isFree, !isJSON { throw CommandError.ours("\(model.name) did not keep the grammar") }
    }
}

extension Confinement {
    /// For people: what holds an answer to its form.
    var sentence: String {
        switch self {
        case .schema: "a JSON Schema, by the server's response_format"
        case .grammar: "a grammar, token by token"
        case .object: "\"some JSON object\" (the server takes neither schema nor grammar)"
        case .none: "the words of the question alone (the server takes neither schema, grammar nor \"some JSON object\")"
        }
    }
}
