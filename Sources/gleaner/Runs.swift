import ArgumentParser
import Documents
import Extraction
import Fleet
import Foundation
import Scheduling
import Store
import Visiting

struct Runs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at what was done: list runs, show one, export its records, check every value again.",
        subcommands: [List.self, Show.self, Export.self, Verify.self, Resume.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The newest runs.")

        @Option(help: "How many.") var limit = 20
        @Flag(help: "As JSON, one run a line.") var json = false

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit \(limit): must be 1 to 100000") }
        }
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let runs = try await store.runs(limit: limit)
                if runs.isEmpty, !json { return print("No run yet. Begin with: gleaner extract URL \"what you want\"") }
                for run in runs {
                    if json {
                        print(RunText.json(run).description)
                    } else {
                        print(RunText.line(run))
                    }
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One run and its pages.")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @Flag(help: "As JSON.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let run = try await find(id, in: store)
                let report = try await RunReport(run, from: store)
                if json { return print(report.json.text(pretty: true)) }
                print(RunText.line(run))
                if let fields = report.request["fields"]?.array, !fields.isEmpty {
                    print("asked for: " + fields.compactMap { $0["name"]?.string }.joined(separator: ", "))
                }
                for page in report.pages {
                    print("\(page.status.padding(toLength: 10, withPad: " ", startingAt: 0)) \(page.url)")
                    if let final = page.finalURL, final != page.url { print("           → \(final)") }
                    if let reason = page.reason { print("           \(Terminal.safe(reason))") }
                    if page.status != "open" { print("           \(page.records.count) records, \(page.evidence.count) values") }
                }
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The records of a run.")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @OptionGroup var output: OutputArguments
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let report = try await RunReport(try await find(id, in: store), from: store)
                try output.write(report)
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every value of a run again against the stored snapshots.",
            discussion: "Exits with 5 when a value doesn't follow from its snapshot, or its snapshot was removed.")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @Flag(help: "As JSON.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let isTrue = try await place.with { store in
                let run = try await find(id, in: store)
                let report = try await RunVerification(run, in: store)
                if json {
                    print(report.json.text(pretty: true))
                } else {
                    for fault in report.faults { print("\(fault.url) record \(fault.record) \(fault.path): \(Terminal.safe(fault.reason))") }
                    print("\(report.proven) values proven, \(report.refuted) not, \(report.unverifiable) can't be checked")
                }
                return report.refuted == 0 && report.unverifiable == 0
            }
            if !isTrue { throw ExitCode(Exit.some.rawValue) }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with a run whose process died.",
            discussion: "Pages that were done stay done. A proxy with a login must be given again.")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @Option(help: ArgumentHelp("The way out, where the run had one with a login.", valueName: "url")) var proxy: String?
        @Flag(help: "No progress.") var quiet = false
        @OptionGroup var output: OutputArguments
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let way = try PageArguments.wayOut(proxy)
            try await cancelledBySignals {
                try await place.with { store in
                    let run = try await find(id, in: store)
                    guard run.state == .open else { throw CommandError.input("\(run.id) is \(run.state.name): there is nothing left to do") }
                    guard run.isInterrupted else { throw CommandError.input("\(run.id) is being worked on by another process") }
                    let spec = try RunSpec(run.spec)
                    if way == .direct, spec.options.proxy?.contains("@") == true {
                        throw CommandError.input("\(run.id) went through \(spec.options.proxy ?? "a proxy") with a login: give it again with --proxy")
                    }
                    // The addresses were typed by a person then; what that allowed is allowed still.
                    let targets = try await store.visits(of: run.number).map { Targets.Entry(url: $0.url, origin: "the run") }
                    let farm = try await Farm(store: store, options: spec.options, wayOut: way, targets: targets)
                    try await OpenModel.ready(spec.options.model, Locations()) { model in
                        try await farm.adopt(run.number)
                        try await farm.work(on: run.number, id: run.id, spec: spec, model: model, quiet: quiet, output: output)
                    }
                }
            }
        }
    }
}

func find(_ id: String, in store: Store) async throws -> RunRow {
    do {
        return try await store.run(id)
    } catch let error as StoreError where error.code == .notFound || error.code == .ambiguous {
        throw CommandError.input(error.message)
    }
}

/// A run in a line.
enum RunText {
    static func line(_ run: RunRow) -> String {
        let counts = run.counts
        var parts: [String] = []
        for (n, word) in [
            (counts.completed, "completed"), (counts.partial, "partial"), (counts.failed, "failed"), (counts.skipped, "skipped"),
            (counts.open, "open"),
        ] where n > 0 { parts.append("\(n) \(word)") }
        let state = run.state == .open ? (run.isInterrupted ? "interrupted" : "running") : run.state.name
        return "\(run.id)  \(state.padding(toLength: 11, withPad: " ", startingAt: 0)) \(run.createdAt.formatted(.iso8601))  "
            + parts.joined(separator: ", ") + (run.isInterrupted ? "  (gleaner runs resume \(run.id))" : "")
    }

    static func json(_ run: RunRow) -> JSON {
        .of(
            ("id", .string(run.id.description)), ("kind", .string(run.kind)),
            ("state", .string(run.isInterrupted ? "interrupted" : run.state.name)), ("createdAt", .string(run.createdAt.formatted(.iso8601))),
            ("finishedAt", run.finishedAt.map { .string($0.formatted(.iso8601)) } ?? .null),
            (
                "pages",
                .of(
                    ("total", .integer(run.counts.total)), ("open", .integer(run.counts.open)), ("completed", .integer(run.counts.completed)),
                    ("partial", .integer(run.counts.partial)), ("failed", .integer(run.counts.failed)), ("skipped", .integer(run.counts.skipped)))
            ))
    }
}
