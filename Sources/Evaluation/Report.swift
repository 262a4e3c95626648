package import Documents
import Foundation

/// Scores of one method over pages, by part: a set's pages of one kind.
///
/// The score of a part is what the research reports, so that numbers compare: for single records the mean over its fields of each field's
/// F1 over all pages (a field that no page has a value of is left out); for listings the mean over pages of the F1 of cells; for links to
/// the next page their F1.
package struct Report: Sendable {
    package private(set) var method: String
    package private(set) var parts: [Part] = []
    /// Pages that failed, in a sentence each.
    package private(set) var failures: [String] = []

    package struct Part: Sendable {
        package var name: String
        package var set: String
        package var kind: LabelledPage.Kind
        package var pages = 0
        package var failed = 0
        package var score = 0.0
        package var all = Counts()
        package var fields: [(name: String, counts: Counts)] = []
        package var methods: [(name: String, counts: Counts)] = []
        /// Values that their evidence doesn't prove; values where the label says there is none.
        package var unproven = 0
        package var unlabelled = 0
        package var milliseconds: [Double] = []
        package var textTokens = 0
        package var pageTokens = 0
    }

    package init(_ method: String, _ outcomes: [Evaluator.Outcome]) {
        self.method = method
        failures = outcomes.compactMap(\.failure)
        for (name, outcomes) in Report.grouped(outcomes) {
            guard let first = outcomes.first else { continue }
            var part = Part(name: name, set: first.page.set, kind: first.page.kind)
            part.pages = outcomes.count
            part.failed = outcomes.count { $0.failure != nil }
            var fields: [String: Counts] = [:]
            var methods: [String: Counts] = [:]
            for outcome in outcomes {
                part.unproven += outcome.unproven.count
                if let answer = outcome.answer { part.milliseconds.append(answer.milliseconds) }
                part.textTokens += outcome.textTokens ?? 0
                part.pageTokens += outcome.pageTokens ?? 0
                guard let score = outcome.score else { continue }
                part.unlabelled += score.unlabelled
                for (field, counts) in score.fields { fields[field, default: Counts()] += counts }
                for (method, counts) in score.methods { methods[method, default: Counts()] += counts }
            }
            for counts in fields.values { part.all += counts }
            part.fields = fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            // What a method did not find, others did or nobody: of all that there is to find.
            let total = part.all.right + part.all.missed
            part.methods = methods.sorted { $0.key < $1.key }.map { name, counts in
                (name, Counts(right: counts.right, wrong: counts.wrong, missed: max(0, total - counts.right)))
            }
            part.score = Report.score(outcomes.compactMap(\.score), part.kind)
            part.milliseconds.sort()
            parts.append(part)
        }
    }

    /// Pages by part, parts in the order of their first page.
    static func grouped(_ outcomes: [Evaluator.Outcome]) -> [(name: String, outcomes: [Evaluator.Outcome])] {
        let kinds = Dictionary(grouping: outcomes, by: \.page.set).mapValues { Set($0.map(\.page.kind)).count }
        var groups: [(name: String, outcomes: [Evaluator.Outcome])] = []
        var places: [String: Int] = [:]
        for outcome in outcomes {
            let set = outcome.page.set
            let name = kinds[set, default: 1] > 1 ? "\(set) \(outcome.page.kind.rawValue)" : set
            if let place = places[name] {
                groups[place].outcomes.append(outcome)
            } else {
                places[name] = groups.count
                groups.append((name, [outcome]))
            }
        }
        return groups
    }

    /// The score of a part's pages; 0 where there is nothing to score.
    static func score(_ pages: [PageScore], _ kind: LabelledPage.Kind) -> Double {
        if kind == .listing {
            let scores = pages.compactMap(\.cellF1)
            return scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
        }
        var fields: [String: Counts] = [:]
        for page in pages { for (field, counts) in page.fields { fields[field, default: Counts()] += counts } }
        let scores = fields.sorted { $0.key < $1.key }.filter { $0.value.right + $0.value.missed > 0 }.map(\.value.f1)
        return scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
    }

    /// Mean of the parts with single records, and of the listings; nil where there are none.
    package func mean(of kind: LabelledPage.Kind) -> Double? {
        let scores = parts.filter { $0.kind == kind }.map(\.score)
        return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
    }

    /// The value at a share of sorted numbers, nearest rank; nil where there are none.
    static func quantile(_ share: Double, of sorted: [Double]) -> Double? {
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
    }
}

// MARK: - For programs

extension Report {
    package var json: JSON {
        .of(
            ("method", .string(method)), ("sets", .array(parts.map(\.json))),
            ("means", .of(("detail", Report.number(mean(of: .detail))), ("listing", Report.number(mean(of: .listing))))),
            ("ms", Report.times(parts.flatMap(\.milliseconds).sorted())), ("failures", .array(failures.map(JSON.string))))
    }

    static func number(_ value: Double?) -> JSON { value.map { .double(($0 * 10_000).rounded() / 10_000) } ?? .null }

    static func times(_ sorted: [Double]) -> JSON {
        .of(("median", number(quantile(0.5, of: sorted))), ("p95", number(quantile(0.95, of: sorted))))
    }

    static func json(_ counts: Counts) -> [(String, JSON?)] {
        [
            ("precision", number(counts.precision)), ("recall", number(counts.recall)), ("f1", number(counts.f1)),
            ("right", .integer(counts.right)), ("wrong", .integer(counts.wrong)), ("missed", .integer(counts.missed)),
        ]
    }
}

extension Report.Part {
    var json: JSON {
        func table(_ rows: [(name: String, counts: Counts)]) -> JSON {
            .array(rows.map { row in .object([JSON.Member("name", .string(row.name))] + Report.json(row.counts).members) })
        }
        return .of(
            ("name", .string(name)), ("set", .string(set)), ("kind", .string(kind.rawValue)), ("pages", .integer(pages)),
            ("failed", .integer(failed)), ("score", Report.number(score)), ("all", .object(Report.json(all).members)),
            ("fields", table(fields)), ("methods", table(methods)),
            ("invented", .of(("unproven", .integer(unproven)), ("unlabelled", .integer(unlabelled)))),
            ("ms", Report.times(milliseconds)), ("readShare", Report.number(readShare)))
    }

    /// Share of the pages' tokens that a model read; nil where that is not known.
    package var readShare: Double? { pageTokens > 0 && textTokens > 0 ? Double(textTokens) / Double(pageTokens) : nil }
}

extension [(String, JSON?)] {
    fileprivate var members: [JSON.Member] { map { JSON.Member($0.0, $0.1 ?? .null) } }
}

// MARK: - For people

extension Report {
    /// A line a part; with `details`, below it a line a field and a line a method.
    package func table(details: Bool = false) -> String {
        let heads = ["set", "pages", "score", "precision", "recall", "F1", "unproven", "unlabelled", "ms", "ms p95", "read"]
        var rows: [[String]] = []
        func share(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
        func time(_ value: Double?) -> String { value.map { String(Int($0.rounded())) } ?? "-" }
        func scores(_ counts: Counts) -> [String] { [share(counts.precision), share(counts.recall), share(counts.f1)] }
        for part in parts {
            rows.append(
                [part.name, String(part.pages), share(part.score)] + scores(part.all) + [
                    String(part.unproven), String(part.unlabelled), time(Report.quantile(0.5, of: part.milliseconds)),
                    time(Report.quantile(0.95, of: part.milliseconds)), part.readShare.map { "\(Int(($0 * 100).rounded())) %" } ?? "-",
                ])
            guard details else { continue }
            for (name, counts) in part.fields { rows.append(["  " + name, "", ""] + scores(counts) + Array(repeating: "", count: 5)) }
            for (name, counts) in part.methods { rows.append(["  by " + name, "", ""] + scores(counts) + Array(repeating: "", count: 5)) }
        }
        let times = parts.flatMap(\.milliseconds).sorted()
        for (kind, name) in [(LabelledPage.Kind.detail, "mean, one record"), (.listing, "mean, listings")] {
            guard parts.count(where: { $0.kind == kind }) > 1 else { continue }
            rows.append([name, "", share(mean(of: kind))] + Array(repeating: "", count: 8))
        }
        if parts.count > 1 {
            rows.append(
                ["all pages", String(parts.reduce(0) { $0 + $1.pages })] + Array(repeating: "", count: 4) + [
                    String(parts.reduce(0) { $0 + $1.unproven }), String(parts.reduce(0) { $0 + $1.unlabelled }),
                    time(Report.quantile(0.5, of: times)), time(Report.quantile(0.95, of: times)), "",
                ])
        }
        return TextTable.text(heads, rows)
    }
}

/// Columns under their headings; the first to the left, numbers to the right.
enum TextTable {
    static func text(_ heads: [String], _ rows: [[String]]) -> String {
        let all = [heads] + rows
        let widths = heads.indices.map { column in all.map { $0[column].unicodeScalars.count }.max() ?? 0 }
        return all.map { row in
            let cells = row.enumerated().map { column, cell in
                let gap = String(repeating: " ", count: widths[column] - cell.unicodeScalars.count)
                return column == 0 ? cell + gap : gap + cell
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
