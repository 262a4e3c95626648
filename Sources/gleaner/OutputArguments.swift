import ArgumentParser
import Documents
import Foundation
import Scheduling
import Store

enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, ndjson, csv, sqlite

    /// What a file's name says.
    init?(file: String) {
        switch (file as NSString).pathExtension.lowercased() {
        case "json": self = .json
        case "ndjson", "jsonl": self = .ndjson
        case "csv": self = .csv
        case "sqlite", "sqlite3", "db": self = .sqlite
        default: return nil
        }
    }
}

/// How results are written: the same for `extract`, `crawl` and `runs export`.
struct OutputArguments: ParsableArguments {
    @Option(help: "table, json, ndjson, csv or sqlite (a file with the table records); by the ending of --output where it isn't said.")
    var format: ResultFormat?

    @Option(help: ArgumentHelp("Write to this file.", valueName: "file"))
    var output: String?

    @Flag(help: "With ndjson: each record with its evidence. With table: where each value stands, below the table.")
    var evidence = false

    /// Records that a table has at most; more are for programs.
    private static let tableLimit = 1000

    var chosenFormat: ResultFormat { format ?? output.flatMap(ResultFormat.init(file:)) ?? .table }

    func validate() throws {
        if format == .sqlite, output == nil || output == "-" { throw ValidationError("--format sqlite writes a file: say which with --output") }
    }

    /// Writes the records of a run; all but `json` and `table` a few pages at a time.
    func write(_ run: RunRow, from store: Store) async throws {
        let format = RecordFormat(request: RunReport.request(of: run))
        switch chosenFormat {
        case .json: try Output(path: output).write(try await RunReport(run, from: store).json.text(pretty: true) + "\n")
        case .ndjson:
            try await Output(path: output).stream { write in
                try await RunReport.pages(of: run, from: store) { try write(format.ndjson($0, evidence: evidence)) }
            }
        case .csv:
            try await Output(path: output).stream { write in
                try write(format.csvHeading)
                try await RunReport.pages(of: run, from: store) { try write(format.csvLines($0)) }
            }
        case .sqlite:
            guard let output else { return }
            let file = try await RecordFile(path: URL(fileURLWithPath: output).path, columns: format.columns)
            try await RunReport.pages(of: run, from: store) { pages in
                try await file.add(pages.flatMap { page in page.records.map { format.cells(of: $0) + [page.finalURL ?? page.url] } })
            }
            try await file.close()
        case .table: try await writeTable(run, format, from: store)
        }
    }

    private func writeTable(_ run: RunRow, _ format: RecordFormat, from store: Store) async throws {
        var shown: [PageReport] = []
        var more = 0
        var left = OutputArguments.tableLimit
        try await RunReport.pages(of: run, from: store) { pages in
            for var page in pages {
                if left == 0 { more += page.records.count }
                guard left > 0, !page.records.isEmpty else { continue }
                more += max(0, page.records.count - left)
                page.records = Array(page.records.prefix(left))
                left -= page.records.count
                shown.append(page)
            }
        }
        var text = Terminal.safe(format.table(shown, width: Terminal.width))
        if evidence { text += Terminal.safe(EvidenceText.lines(shown)) }
        try Output(path: output).write(text)
        if more > 0 { Terminal.say("\(more) records more: gleaner runs export \(run.id) --format csv") }
    }
}

/// Evidence as lines for people: `0 /title "Platform Engineer" at 1/3/0/0 0..<17 (list, 0.93)`.
enum EvidenceText {
    static func lines(_ pages: [PageReport]) -> String {
        var out = ""
        for page in pages where !page.evidence.isEmpty {
            out += "\n\(page.finalURL ?? page.url)\n"
            for leaf in page.evidence {
                let text = (leaf["text"]?.string ?? "").split(whereSeparator: \.isNewline).joined(separator: " ")
                let place = leaf["attribute"]?.string.map { " @\($0)" } ?? leaf["pointer"]?.string.map { " \($0)" } ?? ""
                out += "  \(leaf["record"]?.int ?? 0) \(leaf["path"]?.string ?? "")  \"\(text.count > 60 ? text.prefix(59) + "…" : text)\"  at "
                out += "\(leaf["node"]?.string ?? "?")\(place) \(leaf["start"]?.int ?? 0)..<\(leaf["end"]?.int ?? 0)"
                out += "  (\(leaf["method"]?.string ?? "?"), \(leaf["score"]?.double.map { "\(($0 * 100).rounded() / 100)" } ?? "?"))\n"
            }
        }
        return out
    }
}
