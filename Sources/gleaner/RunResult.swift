import ArgumentParser
import Documents
import Scheduling
import Store

/// What came of a run, as its command tells it.
struct RunResult {
    private let run: RunRow
    private let store: Store

    init(_ run: RunRow, from store: Store) { (self.run, self.store) = (run, store) }

    /// Pages with trouble that are told one by one.
    private static let toldLimit = 50

    /// Writes it as asked. Throws the exit code that tells how the run ended.
    func write(_ output: OutputArguments, quiet: Bool, explains: Bool) async throws {
        try await output.write(run, from: store)
        var faults: Set<String> = []
        var (told, records, values) = (0, 0, 0)
        let isCrawl = run.kind == "crawl"
        try await RunReport.pages(of: run, from: store) { pages in
            for page in pages {
                records += page.records.count
                values += page.evidence.count
                if explains, output.chosenFormat != .json, let explanation = page.explanation { Terminal.say(explanation.text(pretty: true)) }
                // What a crawl leaves out is counted, not told.
                guard page.status != "completed", !(isCrawl && page.status == "skipped") else { continue }
                if let fault = page.fault { faults.insert(fault) }
                told += 1
                if told <= RunResult.toldLimit { Terminal.say("\(page.status): \(page.reason ?? page.url)") }
            }
        }
        if told > RunResult.toldLimit { Terminal.say("\(told - RunResult.toldLimit) more: gleaner runs show \(run.id)") }
        if let reason = run.reason { Terminal.say("\(run.id) ended early: \(reason)") }
        let counts = run.counts
        if !quiet {
            var parts = ["\(counts.completed) of \(counts.total) pages completed"]
            for (n, word) in [(counts.partial, "partial"), (counts.failed, "failed"), (counts.skipped, "skipped"), (counts.dead, "given up")] where n > 0 {
                parts.append("\(n) \(word)")
            }
            Terminal.say("\(records) records, \(values) values proven; \(parts.joined(separator: ", ")). gleaner runs show \(run.id)")
        }
        if let exit = RunResult.exit(run, faults) { throw ExitCode(exit.rawValue) }
    }

    /// Nil where all is well.
    private static func exit(_ run: RunRow, _ faults: Set<String>) -> Exit? {
        let counts = run.counts
        let trouble = counts.partial + counts.failed + counts.dead + (run.kind == "crawl" && counts.completed > 0 ? 0 : counts.skipped)
        if run.kind == "crawl", run.reason != nil, counts.completed + counts.partial > 0 { return .early }
        guard trouble > 0 || counts.open > 0 else { return nil }
        if counts.completed + counts.partial > 0 { return .some }
        // All failed: whose fault it was says the worst kind.
        return faults.contains("ours") ? .ours : faults.contains("site") ? .site : faults.contains("input") ? .input : .site
    }
}
