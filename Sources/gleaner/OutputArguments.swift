import ArgumentParser
import Documents
import Scheduling

enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, ndjson, csv
}

/// How results are written: the same for `extract` and `runs export`.
struct OutputArguments: ParsableArguments {
    @Option(help: "table, json, ndjson or csv.")
    var format: ResultFormat = .table

    @Option(help: ArgumentHelp("Write to this file.", valueName: "file"))
    var output: String?

    @Flag(help: "With ndjson: each record with its evidence. With table: where each value stands, below the table.")
    var evidence = false

    func write(_ report: RunReport) throws {
        let format = RecordFormat(request: report.request)
        let output = Output(path: output)
        switch self.format {
        case .json: try output.write(report.json.text(pretty: true) + "\n")
        case .ndjson: try output.write(format.ndjson(report.pages, evidence: evidence))
        case .csv: try output.write(format.csv(report.pages))
        case .table:
            var text = Terminal.safe(format.table(report.pages, width: Terminal.width))
            if evidence { text += Terminal.safe(EvidenceText.lines(report.pages)) }
            try output.write(text)
        }
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
