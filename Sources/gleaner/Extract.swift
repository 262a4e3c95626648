import ArgumentParser
import Documents
import Egress
import Extraction
import Foundation
import Scheduling
import Store
import Visiting

struct Extract: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read records from pages.",
        discussion: """
            gleaner extract https://example.org/careers "every job title with its city"
            gleaner extract @urls.txt --fields "name, price:money, tags:list" --format ndjson
            gleaner extract --html saved.html --url https://example.org/7 --schema product.json

            Field types: text, number, money, date, duration, url, image, email, phone, address, boolean, list. \
            Addresses: http, https, file; a file that exists; @FILE with one a line; - for standard input.
            """)

    @Argument(help: ArgumentHelp("Addresses, then the prompt (unless --schema or --fields says what is wanted).", valueName: "url … prompt"))
    var arguments: [String] = []

    @Option(help: ArgumentHelp("What is wanted, as a JSON Schema (2020-12).", valueName: "file"))
    var schema: String?

    @Option(help: ArgumentHelp("What is wanted, as fields: \"name, price:money, rating:number\".", valueName: "fields"))
    var fields: String?

    @Flag(help: "Many records a page, whatever the request sounds like.") var many = false
    @Flag(help: "One record a page, whatever the request sounds like.") var one = false

    @Option(
        help: ArgumentHelp(
            "The model that decides the values instead of the bundled matcher: a name of `gleaner model list`, FILE.gguf, or a server's URL#name.",
            valueName: "name|file|url#name"))
    var model: String?

    @OptionGroup(title: "Stored page") var stored: StoredPageArguments
    @OptionGroup(title: "Page") var page: PageArguments
    @OptionGroup(title: "Run") var terms: RunArguments
    @OptionGroup(title: "Store") var place: StoreArguments
    @OptionGroup(title: "Result") var output: OutputArguments

    @Flag(help: "Say how each value was found, how sure, and what was rejected: in the JSON, or on standard error.")
    var explain = false

    @Flag(help: "Print the request as understood, as JSON, and visit nothing.")
    var dryRun = false

    @Flag(help: "With --dry-run: read {\"id\", \"prompt\"} lines from standard input and answer each with a line.")
    var batch = false

    @Flag(help: "Print the JSON Schema of the answer.")
    var printSchema = false

    @Option(help: ArgumentHelp("Pages at the same time.", valueName: "n"))
    var atOnce = 4

    @Flag(name: .shortAndLong, help: "No progress and no summary; errors only.")
    var quiet = false

    func validate() throws {
        if schema != nil, fields != nil { throw ValidationError("--schema and --fields both say what is wanted: give one") }
        if many, one { throw ValidationError("--many and --one contradict each other") }
        if batch, !dryRun { throw ValidationError("--batch goes with --dry-run") }
        guard (1...256).contains(atOnce) else { throw ValidationError("--at-once \(atOnce): must be 1 to 256") }
    }

    /// What was typed, understood.
    private struct Understood {
        var request: ExtractionRequest
        var words: String
        var addresses: [String]
    }

    /// For a schedule: what it asks for, stored whole, and the addresses.
    func order(in store: Store) async throws -> (spec: RunSpec, urls: [String]) {
        guard stored.html == nil, output.output == nil, !explain, !dryRun, !printSchema else {
            throw CommandError.input("a schedule reads pages of the network into the store: leave --html, --output, --explain and the like out")
        }
        let understood = try understand()
        var options = try page.options()
        options.model = try OpenModel.checked(model, Locations())
        let targets = try Targets.read(understood.addresses)
        if let file = targets.first(where: { WebAddress($0.url) == nil }) { throw CommandError.input("\(file.url): a schedule visits http and https addresses") }
        let submission = try await Submission(targets, options: options, store: store)
        return (RunSpec(request: understood.request, prompt: understood.words, options: submission.options), targets.map(\.url))
    }

    private func understand() throws -> Understood {
        var addresses = arguments
        var words = ""
        var request = try Asked.request(schema: schema, fields: fields) {
            // The prompt is the last argument; a stored page needs no address before it.
            guard let prompt = addresses.popLast() else {
                throw CommandError.input("what is wanted is missing: gleaner extract URL \"every job title with its city\"")
            }
            if addresses.isEmpty, !dryRun, stored.html == nil {
                let isAddress = prompt.contains("://") || FileManager.default.fileExists(atPath: prompt)
                throw CommandError.input(
                    isAddress
                        ? "what is wanted of \(prompt) is missing: add a prompt, --fields or --schema"
                        : "the address is missing before the prompt \"\(prompt)\"")
            }
            words = prompt
            return prompt
        }
        if many || one { (request.many, request.isManyStated) = (many, true) }
        return Understood(request: request, words: words, addresses: addresses)
    }

    func run() async throws {
        if printSchema { return print(AnswerSchema.json.text(pretty: true)) }
        if batch { return try answerBatch() }
        let understood = try understand()
        let (request, words, addresses) = (understood.request, understood.words, understood.addresses)
        if dryRun { return print(request.json.text(pretty: true)) }

        var options = try page.options()
        options.explains = explain
        options.model = try OpenModel.checked(model, Locations())
        options.file = stored.html
        options.rendersFile = stored.render
        let targets = try Targets.read(addresses, stored: stored)
        let (wanted, asked, prompt) = (options, request, words)
        if !quiet {
            let names = request.fields.map { "\($0.name) (\($0.type.rawValue))" }.joined(separator: ", ")
            Terminal.say("looking for \(request.many == false ? "one record" : "records") of \(names)" + (request.filter.map { ", \($0.text)" } ?? ""))
        }
        try await cancelledBySignals {
            try await place.with { store in
                let submission = try await Submission(targets, options: wanted, store: store)
                let spec = RunSpec(request: asked, prompt: prompt, options: submission.options)
                if try await leavesToFarm(store) {
                    return try await Farm.submit(
                        submission, spec, terms, to: store, waits: !terms.detach, quiet: quiet, explains: explain, output: output)
                }
                try await OpenModel.ready(model, Locations()) { model in
                    let farm = Farm(store: store, atOnce: atOnce)
                    let run = try await farm.submit(submission, spec: spec, terms)
                    guard run.isNew else {
                        return try await RunWatch(store, run.number, isQuiet: quiet).finish(output, explains: explain)
                    }
                    try await farm.work(
                        on: run.number, id: run.id, spec: spec, model: model, quiet: quiet, explains: explain, output: output)
                }
            }
        }
    }

    /// Whether another process does the run: because it was said, or because one is there already.
    private func leavesToFarm(_ store: Store) async throws -> Bool {
        if terms.detach {
            if stored.html != nil { throw CommandError.input("--detach: a stored page is read by this command itself; leave --detach out") }
            return true
        }
        guard !terms.here, stored.html == nil else { return false }
        return try await store.nodes().contains { !$0.isDead && !$0.status.isDraining && $0.status.roles.contains("worker") }
    }

    /// NDJSON `{id, prompt}` in, `{id, understood, many, filter, fields}` out, a line each, in order. A bad line gets an answer too.
    private func answerBatch() throws {
        while let line = readLine() {
            if line.allSatisfy(\.isWhitespace) { continue }
            let answer: JSON
            do {
                let input = try JSON(parsing: line)
                guard let prompt = input["prompt"]?.string else { throw CommandError.input("the member \"prompt\" is missing") }
                answer = Asked.line(id: input["id"] ?? .null, prompt: prompt)
            } catch let error as CommandError {
                answer = .of(("id", (try? JSON(parsing: line))?["id"] ?? .null), ("understood", .bool(false)), ("error", .string(error.message)))
            } catch {
                answer = .of(("id", .null), ("understood", .bool(false)), ("error", .string(String(describing: error))))
            }
            print(answer.description)
        }
    }
}
