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
        abstract: "Look at what was done and is under way: list runs, follow, pause, change or end one, export its records, check them again.",
        subcommands: [
            List.self, Show.self, Watch.self, Pause.self, Resume.self, Cancel.self, Edit.self, Requeue.self, Export.self, Verify.self, Diff.self,
        ], defaultSubcommand: List.self)

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
                try await output.write(try await find(id, in: store), from: store)
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
        if counts.dead > 0 { parts.append("\(counts.dead) given up") }
        return "\(run.id)  \(word(run).padding(toLength: 11, withPad: " ", startingAt: 0)) \(run.createdAt.formatted(.iso8601))  "
            + parts.joined(separator: ", ") + (run.isInterrupted ? "  (gleaner runs resume \(run.id))" : "")
    }

    /// Its state as people say it.
    static func word(_ run: RunRow) -> String {
        switch run.state {
        case .open: run.isInterrupted ? "interrupted" : run.lane == .own || run.counts.open < run.counts.total ? "running" : "queued"
        case .skipped: "cancelled"
        default: run.state.name
        }
    }

    static func json(_ run: RunRow) -> JSON {
        .of(
            ("id", .string(run.id.description)), ("kind", .string(run.kind)),
            ("state", .string(run.isInterrupted ? "interrupted" : run.state.name)), ("reason", run.reason.map(JSON.string)),
            ("priority", .integer(run.priority)), ("key", run.key.map(JSON.string)), ("createdAt", .string(run.createdAt.formatted(.iso8601))),
            ("finishedAt", run.finishedAt.map { .string($0.formatted(.iso8601)) } ?? .null),
            (
                "pages",
                .of(
                    ("total", .integer(run.counts.total)), ("open", .integer(run.counts.open)), ("completed", .integer(run.counts.completed)),
                    ("partial", .integer(run.counts.partial)), ("failed", .integer(run.counts.failed)), ("skipped", .integer(run.counts.skipped)),
                    ("dead", .integer(run.counts.dead)))
            ))
    }
}
