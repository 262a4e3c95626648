import ArgumentParser
import Discovery
import Crawling
import Documents
import Fleet
import Foundation
import Store
import Visiting

extension Runs {
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Follow a run until it is over.", discussion: "Exits as the command would that did the run.")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @Flag(help: "As JSON, one event a line.") var json = false
        @Option(help: ArgumentHelp("Begin after event number n.", valueName: "n")) var after: Int = 0
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await cancelledBySignals {
                try await place.with { store in
                    let run = try await find(id, in: store)
                    let ended = try await RunWatch(store, run.number, isQuiet: false).follow(from: Int64(after)) { event, row in
                        print(json ? event.json.description : Terminal.safe(event.text(of: row)))
                        fflush(nil)
                    }
                    Terminal.say(RunText.line(ended))
                    if ended.state != .completed { throw ExitCode(ended.state == .partial ? Exit.some.rawValue : Exit.site.rawValue) }
                }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Visit nothing more of a run until it is resumed; what is under way ends.")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await change(id, place) { store, run in
                try await store.pause(run.number)
                return "paused; go on with gleaner runs resume \(run.id)"
            }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a run: pages that are open become skipped, also those under way in a browser; what was done stays.")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await change(id, place) { store, run in
                guard !run.state.isFinal else { throw CommandError.input("\(run.id) is \(RunText.word(run)) already") }
                try await store.cancel(run.number, reason: "cancelled")
                return "cancelled; what was done is kept: gleaner runs show \(run.id)"
            }
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a run while it is under way: priority, budget, which of its pages are still wanted.")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @Option(help: ArgumentHelp("From -5 to 5: one more is twice the share.", valueName: "n")) var priority: Int?
        @Option(
            help: ArgumentHelp(
                "Leave out pages whose address doesn't match: /shop/** or *.example.org/blog/**. A crawl finds no such ones any more. Repeatable: any of them.",
                valueName: "pattern"))
        var keep: [String] = []
        @Option(help: ArgumentHelp("Leave out pages whose address matches. Repeatable.", valueName: "pattern"))
        var skip: [String] = []
        @OptionGroup(title: "Budget") var budget: BudgetArguments
        @OptionGroup(title: "Store") var place: StoreArguments

        func validate() throws {
            if let priority, !(-5...5).contains(priority) { throw ValidationError("--priority \(priority): must be -5 to 5") }
        }

        func run() async throws {
            let (kept, skipped) = (try CrawlOrder.patterns(keep, "--keep"), try CrawlOrder.patterns(skip, "--skip"))
            try await change(id, place) { store, run in
                let wanted = budget.applied(to: run.budget)
                try await store.edit(run.number, priority: priority, budget: wanted == run.budget ? nil : wanted)
                guard !kept.isEmpty || !skipped.isEmpty else { return "changed" }
                if var spec = try? RunSpec(run.spec), spec.crawl != nil {
                    spec.crawl?.exclude += skipped
                    if !kept.isEmpty { spec.crawl?.keep.append(kept) }
                    try await store.setSpec(spec.text, of: run.number)
                }
                let count = try await store.narrow(run.number, reason: "left out while the run was under way") { url in
                    guard let url = URLIdentity(url) else { return true }
                    return (kept.isEmpty || kept.contains { $0.matches(url) }) && !skipped.contains { $0.matches(url) }
                }
                return "\(count) pages left out"
            }
        }
    }

    struct Requeue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Visit failed pages of a run again: all that failed or were given up, or one.",
            discussion: "A farm does them (gleaner serve); or go on here with: gleaner runs resume ID")

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @Option(help: ArgumentHelp("Only this one, by its id (gleaner runs show --json).", valueName: "vis_…")) var visit: String?
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await change(id, place) { store, run in
                let count = try await store.requeue(run.number, visit: visit.map(Identifier.init(stored:)))
                guard count > 0 else {
                    throw CommandError.input(visit.map { "\($0) is no page of \(run.id) that failed" } ?? "nothing of \(run.id) failed")
                }
                return "\(count) pages are in the queue again"
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with a paused run, or with one whose process died.",
            discussion: """
                A paused run is done by whoever did it before. An interrupted one is done by this command, or with --detach by a farm. Pages \
                that were done stay done.
                """)

        @Argument(help: "Id of the run, or its beginning, or \"last\".") var id: String
        @Flag(help: "Leave an interrupted run to a farm.") var detach = false
        @Option(help: ArgumentHelp("Pages at the same time.", valueName: "n")) var atOnce = 4
        @Flag(help: "No progress.") var quiet = false
        @OptionGroup var output: OutputArguments
        @OptionGroup(title: "Store") var place: StoreArguments

        func validate() throws {
            guard (1...256).contains(atOnce) else { throw ValidationError("--at-once \(atOnce): must be 1 to 256") }
        }

        func run() async throws {
            try await cancelledBySignals {
                try await place.with { store in
                    let run = try await find(id, in: store)
                    if run.state == .paused {
                        try await store.unpause(run.number)
                        if !run.isInterrupted { return print("\(run.id): goes on") }
                    }
                    guard !run.state.isFinal else {
                        throw CommandError.input("\(run.id) is \(RunText.word(run)): there is nothing left to do; gleaner runs requeue \(run.id)")
                    }
                    guard run.isInterrupted else {
                        throw CommandError.input(
                            run.lane == .own
                                ? "\(run.id) is being worked on by another process" : "\(run.id) is left to farms (gleaner serve), which do it")
                    }
                    let spec = try RunSpec(run.spec)
                    if detach {
                        try await store.adopt(run.number, owner: nil)
                        return print("\(run.id): left to a farm")
                    }
                    try await OpenModel.ready(spec.options.model, Locations()) { model in
                        let farm = Farm(store: store, atOnce: atOnce)
                        try await farm.adopt(run.number)
                        try await farm.work(
                            on: run.number, id: run.id, spec: spec, model: model, quiet: quiet, output: output)
                    }
                }
            }
        }
    }
}

/// Does something to a run and says what came of it; what its state doesn't allow is the input's fault.
private func change(_ id: String, _ place: StoreArguments, _ body: @escaping @Sendable (Store, RunRow) async throws -> String) async throws {
    try await place.with { store in
        let run = try await find(id, in: store)
        do {
            print("\(run.id): \(try await body(store, run))")
        } catch let error as StoreError where error.code == .conflict {
            throw CommandError.input(error.message)
        }
    }
}
