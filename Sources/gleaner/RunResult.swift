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
        // Of pages alone: sitemaps and probes of a crawl are visits, too.
        var counts: [String: Int] = [:]
        let isCrawl = run.kind == "crawl"
        try await RunReport.pages(of: run, from: store) { pages in
            for page in pages {
                counts[page.status, default: 0] += 1
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
        if !quiet {
            var parts = ["\(counts["completed"] ?? 0) of \(counts.values.reduce(0, +)) pages completed"]
            for word in ["partial", "failed", "skipped"] { if let n = counts[word] { parts.append("\(n) \(word)") } }
            Terminal.say("\(records) records, \(values) values proven; \(parts.joined(separator: ", ")). gleaner runs show \(run.id)")
        }
        if let exit = RunResult.exit(run, counts, faults) { throw ExitCode(exit.rawValue) }
    }

    /// Nil where all is well.
    private static func exit(_ run: RunRow, _ counts: [String: Int], _ faults: Set<String>) -> Exit? {
        func count(_ states: String...) -> Int { states.reduce(0) { $0 + (counts[$1] ?? 0) } }
        let (isCrawl, got) = (run.kind == "crawl", count("completed", "partial"))
        // What a crawl leaves out is as it should be, unless that is all there was.
        let trouble = count("partial", "failed") + (isCrawl && count("completed") > 0 ? 0 : count("skipped"))
        if isCrawl, run.reason != nil, got > 0 { return .early }
        guard trouble > 0 || run.counts.open > 0 else { return nil }
        if got > 0 { return .some }
        // All failed: whose fault it was says the worst kind.
        return faults.contains("ours") ? .ours : faults.contains("site") ? .site : faults.contains("input") ? .input : .site
    }
}
