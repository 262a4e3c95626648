import ArgumentParser
import Documents
import Scheduling
import Store

/// What came of a run, as its command tells it.
struct RunResult {
    private let report: RunReport

    init(_ run: RunRow, from store: Store) async throws { report = try await RunReport(run, from: store) }

    /// Writes it as asked. Throws the exit code that tells how the run ended.
    func write(_ output: OutputArguments, quiet: Bool, explains: Bool) throws {
        try output.write(report)
        var worst = Exit.done
        let unfinished = report.pages.filter { $0.status != "completed" }
        if explains, output.format != .json {
            for page in report.pages { if let explanation = page.explanation { Terminal.say(explanation.text(pretty: true)) } }
        }
        for page in unfinished { Terminal.say("\(page.status): \(page.reason ?? page.url)") }
        let counts = report.run.counts
        if counts.completed + counts.partial > 0, !unfinished.isEmpty {
            worst = .some
        } else if let first = unfinished.first {
            // All failed: whose fault it was says the first of the worst kind.
            let faults = Set(unfinished.compactMap(\.fault))
            worst = faults.contains("ours") ? .ours : faults.contains("site") ? .site : faults.contains("input") ? .input : .site
            _ = first
        }
        if let reason = report.run.reason { Terminal.say("\(report.run.id) ended early: \(reason)") }
        if !quiet {
            let records = report.pages.reduce(0) { $0 + $1.records.count }
            let values = report.pages.reduce(0) { $0 + $1.evidence.count }
            var parts = ["\(counts.completed) of \(counts.total) pages completed"]
            for (n, word) in [(counts.partial, "partial"), (counts.failed, "failed"), (counts.skipped, "skipped"), (counts.dead, "given up")] where n > 0 {
                parts.append("\(n) \(word)")
            }
            Terminal.say("\(records) records, \(values) values proven; \(parts.joined(separator: ", ")). gleaner runs show \(report.run.id)")
        }
        if worst != .done { throw ExitCode(worst.rawValue) }
    }
}
