import ArgumentParser
import Documents
import Egress
import Fleet
import Foundation
import Scheduling
import Store
import Visiting

struct Browse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "One page as the farm sees it.",
        discussion: "Only the content goes to standard output; a file that exists is opened with the network refused.")

    @Argument(help: "The address.") var url: String

    @Flag(help: "The visible text (what you get without any of these).") var text = false
    @Flag(help: "The document as HTML, after its scripts ran.") var html = false
    @Flag(help: "The visible page as Markdown.") var markdown = false
    @Option(help: ArgumentHelp("A PNG of the whole page; - for standard output.", valueName: "file")) var screenshot: String?
    @Option(help: ArgumentHelp("The page as PDF; - for standard output.", valueName: "file")) var pdf: String?
    @OptionGroup(title: "Page") var page: PageArguments
    @OptionGroup(title: "Store") var place: StoreArguments
    @Flag(name: .shortAndLong, help: "Errors only.") var quiet = false

    func validate() throws {
        let toOutput = [text, html, markdown, screenshot == "-", pdf == "-"].filter { $0 }.count
        if toOutput > 1 { throw ValidationError("only one of --text, --html, --markdown, --screenshot - and --pdf - can go to standard output") }
        if page.rendering == .auto { throw ValidationError("--rendering auto is for many pages: give always or never") }
        if page.rendering == .never, html || screenshot != nil || pdf != nil {
            throw ValidationError("--html, --screenshot and --pdf need a browser: leave --rendering never out")
        }
    }

    func run() async throws {
        let options = try page.options()
        let targets = try Targets.read([url])
        guard let target = targets.first, targets.count == 1 else { throw CommandError.input("browse opens one page; extract reads many") }
        var captures: PageRequest.Captures = []
        if html { captures.insert(.html) }
        if screenshot != nil { captures.insert(.screenshot) }
        if pdf != nil { captures.insert(.pdf) }
        let wanted = captures
        let result = try await cancelledBySignals {
            try await place.with { store in
                let submission = try await Submission([target], options: options, store: store)
                return try await Farm(store: store, atOnce: 1).look(at: submission, captures: wanted, quiet: quiet)
            }
        }
        try write(result)
    }

    private func write(_ result: VisitResult) throws {
        guard result.status == .completed, let document = result.document else {
            let exit: Exit = result.fault == .input ? .input : result.fault == .ours ? .ours : .site
            throw CommandError(exit: exit, message: result.reason ?? "\(url) could not be opened")
        }
        if let note = result.unsettled { Terminal.say(note) }
        let output = Output(path: nil)
        if html, let content = result.captures.html { try output.write(content + "\n") }
        if markdown { try output.write(document.markdown + "\n") }
        if let screenshot, let png = result.captures.screenshot { try Output(path: screenshot).write(Data(png)) }
        if let pdf, let bytes = result.captures.pdf { try Output(path: pdf).write(Data(bytes)) }
        if text || !(html || markdown || screenshot != nil || pdf != nil) { try output.write(Terminal.safe(document.plainText) + "\n") }
    }
}

extension Farm {
    /// One look at a page. It waits for its host's clock and moves it on like any visit, as a run of its own.
    func look(
        at submission: Submission, captures: PageRequest.Captures, quiet: Bool
    ) async throws -> VisitResult {
        let spec = RunSpec(request: nil, options: submission.options)
        let run = try await submit(submission, spec: spec)
        let found = Box<VisitResult?>(nil)
        do {
            try await Crew.with(store: store, atOnce: 1, logger: logger) { crew in
                try await crew.prepare(run.number, spec: spec, model: nil)
                let progress = RunProgress(isQuiet: quiet)
                defer { progress.end() }
                let place = try await crew.place(for: run.number)
                try await scheduler().work(on: run.number, progress: { progress.show($0) }) { lease in
                    let result = await place.visitor.visit(
                        lease.url, by: place.way, captures: captures, permits: crew.clocks.permits(lease) { _, _ in .read(nil, prompt: "") })
                    if result.code == Visitor.notNow { return .notNow }
                    found.value = result
                    return .final(VisitOutcome(result))
                }
            }
        } catch {
            await putAway(run.number, reason: "stopped")
            throw error
        }
        try await store.leave(node: node.id)
        guard let result = found.value else { throw CommandError.ours("\(run.id): the visit left no result") }
        return result
    }
}
