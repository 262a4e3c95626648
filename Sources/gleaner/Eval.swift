import ArgumentParser
import Documents
import Evaluation
import Extraction
import Foundation
import Inference

struct Eval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how well labelled pages are read: precision, recall, F1, time.",
        discussion: """
            gleaner eval pages/ --half dev
            gleaner eval pages/swde --answers answers.ndjson --json
            gleaner eval pages/ --compare first-stage matcher --limit 50
            gleaner eval pages/ --model mine.gguf --limit 10
            gleaner eval pages/ --compare matcher http://localhost:8080/v1#qwen3 --limit 10

            The folder is one set (labels.jsonl beside its pages) or holds sets. Stored HTML is read; nothing is fetched. What is asked \
            of a page is its record's schema, or else the field names of its set; labels are looked at after answering.

            Methods: matcher (all of Gleaner, as in extract), first-stage (the matcher without its second stage), lists (lists by shapes \
            and names alone, without the matcher). With --model a language model decides instead, as in extract; --compare takes methods \
            and models alike: a name of `gleaner model list`, FILE.gguf, or a server's URL#name.
            """)

    @Argument(help: ArgumentHelp("Folder of one set, or of sets.", valueName: "dir"))
    var folder: String?

    @Option(help: ArgumentHelp("Only this set (may be given several times).", valueName: "name"))
    var set: [String] = []

    @Option(help: ArgumentHelp("Only this half: dev or heldout.", valueName: "half"))
    var half: String?

    @Option(help: ArgumentHelp("No more pages than this of each set.", valueName: "n"))
    var limit: Int?

    @Option(help: ArgumentHelp("What is evaluated: matcher (the default), first-stage or lists.", valueName: "method"))
    var method: String?

    @Option(
        help: ArgumentHelp(
            "The model that decides the values instead: a name of `gleaner model list`, FILE.gguf, or a server's URL#name.",
            valueName: "name|file|url#name"))
    var model: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Two methods or models on the same pages, with how sure their difference is.", valueName: "method|model"))
    var compare: [String] = []

    @Option(help: ArgumentHelp("Write a line of JSON a page: id, fields, records, next, evidence, ms.", valueName: "file"))
    var answers: String?

    @Option(help: ArgumentHelp("Write a line of JSON for each answer that is not what the label says.", valueName: "file"))
    var misses: String?

    @Flag(help: "Print JSON instead of a table.") var json = false
    @Flag(help: "A line for each field and each way of finding values, too.") var details = false

    @Option(help: ArgumentHelp("Write the result to this file.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Pages at the same time; times of single pages are true with 1. Default: one a processor.", valueName: "n"))
    var atOnce: Int?

    @Flag(name: .shortAndLong, help: "No progress; errors only.")
    var quiet = false

    mutating func validate() throws {
        // "--compare A B DIR": the option takes all that follows it.
        if folder == nil, compare.count == 3 { folder = compare.removeLast() }
        guard folder != nil else { throw ValidationError("the folder of labelled pages is missing: gleaner eval DIR") }
        guard compare.isEmpty || compare.count == 2 else { throw ValidationError("--compare takes two methods or models") }
        guard [!compare.isEmpty, method != nil, model != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("--method, --model and --compare each say what is evaluated: give one")
        }
        if let limit, limit < 1 { throw ValidationError("--limit \(limit): must be 1 or more") }
        if let atOnce, !(1...256).contains(atOnce) { throw ValidationError("--at-once \(atOnce): must be 1 to 256") }
        if let method, !Eval.methods.contains(method) {
            throw ValidationError("there is no method \"\(method)\": \(Eval.methods.joined(separator: ", "))")
        }
    }

    private static let methods = ["matcher", "first-stage", "lists"]

    func run() async throws {
        let labelled: LabelledFolder
        do { labelled = try LabelledFolder(URL(fileURLWithPath: folder ?? "")) } catch { throw CommandError.input(error.message) }
        let chosen = try choose(labelled)
        for fault in labelled.faults { Terminal.say("left out: \(fault)") }
        let names = compare.isEmpty ? [model ?? method ?? "matcher"] : compare
        let models = try ReadingModels(Locations())
        // A wrong name or file is said before the first page is read.
        for name in names where !Eval.methods.contains(name) { _ = try OpenModel.checked(name, Locations()) }
        let evaluator = Evaluator(
            atOnce: atOnce ?? ProcessInfo.processInfo.activeProcessorCount,
            tokens: { models.encoder.tokenize($0).reduce(0) { $0 + $1.ids.count } })
        let isQuiet = quiet
        let all = try await cancelledBySignals {
            var all: [[Evaluator.Outcome]] = []
            for name in names {
                all.append(
                    try await Eval.withMethod(name, models) { method in
                        try await evaluator.outcomes(of: chosen.map(\.page), chosen.map(\.question), by: method) { done, last in
                            if let failure = last.failure { Terminal.say("failed: \(failure)") }
                            if !isQuiet { Terminal.progress("\(method.name): \(done) of \(chosen.count) pages, \(last.page.set)") }
                        }
                    })
                Terminal.endProgress()
            }
            return all
        }
        try write(names, all)
        try finish(all, faults: labelled.faults.count)
    }

    private func choose(_ labelled: LabelledFolder) throws -> [(page: LabelledPage, question: Result<Question, EvaluationError>)] {
        let known = Set(labelled.pages.map(\.set))
        if let unknown = set.first(where: { !known.contains($0) }) {
            throw CommandError.input("--set \(unknown): the sets here are \(known.sorted().joined(separator: ", "))")
        }
        var counts: [String: Int] = [:]
        // What is asked doesn't depend on which of the pages are read.
        let chosen = zip(labelled.pages, Question.all(of: labelled.pages)).filter { page, _ in
            guard set.isEmpty || set.contains(page.set), half == nil || page.half == half else { return false }
            counts[page.set, default: 0] += 1
            return counts[page.set, default: 0] <= limit ?? .max
        }
        if chosen.isEmpty {
            let halves = Swift.Set(labelled.pages.map(\.half)).sorted().joined(separator: ", ")
            throw CommandError.input(
                labelled.pages.isEmpty
                    ? "\(folder ?? ""): no record can be used" + (labelled.faults.first.map { "; the first: \($0)" } ?? "")
                    : "--half \(half ?? ""): no page is left; the halves here are \(halves)")
        }
        return chosen.map { ($0, $1) }
    }

    /// Lends what a name means: a method, or else a model, which is put away afterwards.
    private static func withMethod<Value: Sendable>(
        _ name: String, _ models: ReadingModels, _ body: @Sendable (Method) async throws -> Value
    ) async throws -> Value {
        if methods.contains(name) { return try await body(try method(name, models)) }
        return try await OpenModel.ready(name, Locations()) { model in
            guard let model else { return try await body(try method("matcher", models)) }
            let extractor = try models.extractor(model: model.pointing)
            return try await body(
                Method(name: model.model.name) { document, request, prompt in
                    Method.Reading(answer: try await extractor.read(document, for: request, prompt: prompt).answer)
                })
        }
    }

    private static func method(_ name: String, _ models: ReadingModels) throws -> Method {
        if name == "lists" {
            let reader = ListingReader(models.listing)
            return Method(name: name) { document, request, prompt in
                Method.Reading(answer: reader.answer(document, for: request, prompt: prompt).answer)
            }
        }
        let extractor = try models.extractor(.init(usesSecondStage: name != "first-stage"))
        return Method(name: name) { document, request, prompt in
            let reading = try await extractor.read(document, for: request, prompt: prompt)
            return Method.Reading(answer: reading.answer, textTokens: reading.textTokens)
        }
    }

    // MARK: Results

    private func write(_ names: [String], _ all: [[Evaluator.Outcome]]) throws {
        let reports = zip(names, all).map { Report($0, $1) }
        let comparison = all.count == 2 ? Comparison(names[0], all[0], names[1], all[1]) : nil
        if let answers {
            try Output(path: answers).write(Eval.lines(names, all) { outcome in outcome.answer.map { [$0.json] } ?? [] })
        }
        if let misses {
            try Output(path: misses).write(
                Eval.lines(names, all) { outcome in
                    (outcome.score?.misses ?? []).map { miss in
                        .of(
                            ("id", .string(outcome.page.id)), ("set", .string(outcome.page.set)), ("field", .string(miss.field)),
                            ("answered", .array(miss.answered.map(JSON.string))), ("expected", .array(miss.expected.map(JSON.string))))
                    } + outcome.unproven.map { .of(("id", .string(outcome.page.id)), ("set", .string(outcome.page.set)), ("unproven", .string($0))) }
                })
        }
        guard !(answers == "-" || misses == "-") || output != nil else { return }
        if json {
            let result = JSON.of(
                ("methods", .array(reports.map(\.json))), ("comparison", comparison?.json ?? .null),
                ("atOnce", .integer(atOnce ?? ProcessInfo.processInfo.activeProcessorCount)))
            return try Output(path: output).write(result.text(pretty: true) + "\n")
        }
        var text = ""
        for report in reports { text += (text.isEmpty ? "" : "\n") + report.method + "\n" + report.table(details: details) }
        if let comparison { text += "\n" + comparison.table }
        try Output(path: output).write(Terminal.safe(text))
    }

    /// With two methods each line says whose it is.
    private static func lines(_ names: [String], _ all: [[Evaluator.Outcome]], _ make: (Evaluator.Outcome) -> [JSON]) -> String {
        var text = ""
        for (name, outcomes) in zip(names, all) {
            for line in outcomes.flatMap(make) {
                let members = all.count > 1 ? [JSON.Member("method", .string(name))] : []
                text += JSON.object((line.members ?? []) + members).description + "\n"
            }
        }
        return text
    }

    private func finish(_ all: [[Evaluator.Outcome]], faults: Int) throws {
        let failed = all.reduce(0) { $0 + $1.count { $0.failure != nil } }
        let total = all.reduce(0) { $0 + $1.count }
        guard failed + faults > 0 else { return }
        Terminal.say("\(failed) of \(total) pages failed, \(faults) records could not be used")
        throw ExitCode((failed == total ? Exit.ours : Exit.some).rawValue)
    }
}
