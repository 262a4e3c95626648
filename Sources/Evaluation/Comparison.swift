package import Documents
import Foundation

/// Two methods on the same pages.
///
/// How sure a difference is comes from the pages alone, in two ways, both seeded and therefore the same every time:
/// - `p`: if the two were equally good, it would not matter whose answer of a page is whose. In each round every page's two answers are
///   exchanged or not by a coin, and the difference computed again; p is the share of rounds (with the real one) that differ as much.
/// - `interval`: pages of each part are drawn with replacement, as many as there are, in each round; 95 % of the differences lie in it.
/// Both hold for any score, also for means over fields that are no means over pages.
package struct Comparison: Sendable {
    package private(set) var names: (a: String, b: String)
    package private(set) var parts: [Part] = []

    package struct Part: Sendable {
        /// A part of the sets, or a mean of parts.
        package var name: String
        package var pages: Int
        package var a: Double
        package var b: Double
        package var interval: ClosedRange<Double>
        package var p: Double

        package var difference: Double { b - a }
    }

    package init(
        _ nameA: String, _ outcomesA: [Evaluator.Outcome], _ nameB: String, _ outcomesB: [Evaluator.Outcome], rounds: Int = 2_000,
        seed: UInt64 = 1
    ) {
        names = (nameA, nameB)
        let pairs = zip(Report.grouped(outcomesA), Report.grouped(outcomesB)).map { a, b in
            Pairs(name: a.name, kind: a.outcomes.first?.page.kind ?? .detail, zip(a.outcomes, b.outcomes).compactMap { a, b in
                if let a = a.score, let b = b.score { (a, b) } else { nil }
            })
        }
        for pairs in pairs { parts.append(Comparison.part(pairs.name, [pairs], rounds: rounds, seed: seed)) }
        for (kind, name) in [(LabelledPage.Kind.detail, "mean, one record"), (.listing, "mean, listings")] {
            let those = pairs.filter { $0.kind == kind }
            if those.count > 1 { parts.append(Comparison.part(name, those, rounds: rounds, seed: seed)) }
        }
    }

    private static func part(_ name: String, _ pairs: [Pairs], rounds: Int, seed: UInt64) -> Part {
        var random = SeededNumbers(seed: seed)
        let (a, b) = Pairs.means(pairs.map { $0.scores(Array(0..<$0.count), swapped: []) })
        var exceeding = 0
        var differences: [Double] = []
        for _ in 0..<max(1, rounds) {
            let swapped = Pairs.means(
                pairs.map { pair in pair.scores(Array(0..<pair.count), swapped: (0..<pair.count).map { _ in random.next() & 1 == 1 }) })
            if abs(swapped.b - swapped.a) >= abs(b - a) - 1e-12 { exceeding += 1 }
            let drawn = Pairs.means(
                pairs.map { pair in
                    pair.scores((0..<pair.count).map { _ in Int.random(in: 0..<max(1, pair.count), using: &random) }, swapped: [])
                })
            differences.append(drawn.b - drawn.a)
        }
        differences.sort()
        let low = Report.quantile(0.025, of: differences) ?? 0
        let high = Report.quantile(0.975, of: differences) ?? 0
        return Part(
            name: name, pages: pairs.reduce(0) { $0 + $1.count }, a: a, b: b, interval: min(low, high)...max(low, high),
            p: Double(exceeding + 1) / Double(max(1, rounds) + 1))
    }

    /// Scores of both methods on the pages of a part, as plain arrays: they are added up thousands of times.
    private struct Pairs {
        let name: String
        let kind: LabelledPage.Kind
        let count: Int
        private let fields: Int
        /// Right, wrong, missed of each field, page after page; for listings the page's F1 alone.
        private var a: [Double] = []
        private var b: [Double] = []

        init(name: String, kind: LabelledPage.Kind, _ pages: [(PageScore, PageScore)]) {
            self.name = name
            self.kind = kind
            count = pages.count
            if kind == .listing {
                fields = 0
                a = pages.map { $0.0.cellF1 ?? 0 }
                b = pages.map { $0.1.cellF1 ?? 0 }
                return
            }
            let names = Set(pages.flatMap { Array($0.0.fields.keys) + Array($0.1.fields.keys) }).sorted()
            fields = names.count
            func row(_ score: PageScore) -> [Double] {
                names.flatMap { name -> [Double] in
                    let counts = score.fields[name] ?? Counts()
                    return [Double(counts.right), Double(counts.wrong), Double(counts.missed)]
                }
            }
            for (first, second) in pages {
                a += row(first)
                b += row(second)
            }
        }

        /// Scores over a choice of pages; where `swapped` says so, a page's answers are exchanged.
        func scores(_ pages: [Int], swapped: [Bool]) -> (a: Double, b: Double) {
            guard !pages.isEmpty, count > 0 else { return (0, 0) }
            if kind == .listing {
                var sums = (a: 0.0, b: 0.0)
                for (place, page) in pages.enumerated() {
                    let isSwapped = place < swapped.count && swapped[place]
                    sums.a += isSwapped ? b[page] : a[page]
                    sums.b += isSwapped ? a[page] : b[page]
                }
                return (sums.a / Double(pages.count), sums.b / Double(pages.count))
            }
            let width = fields * 3
            var sumA = [Double](repeating: 0, count: width)
            var sumB = [Double](repeating: 0, count: width)
            for (place, page) in pages.enumerated() {
                let isSwapped = place < swapped.count && swapped[place]
                let start = page * width
                for index in 0..<width {
                    sumA[index] += isSwapped ? b[start + index] : a[start + index]
                    sumB[index] += isSwapped ? a[start + index] : b[start + index]
                }
            }
            return (Pairs.macro(sumA), Pairs.macro(sumB))
        }

        private static func macro(_ sums: [Double]) -> Double {
            var total = 0.0
            var fields = 0.0
            for start in stride(from: 0, to: sums.count, by: 3) where sums[start] + sums[start + 2] > 0 {
                total += 2 * sums[start] / (2 * sums[start] + sums[start + 1] + sums[start + 2])
                fields += 1
            }
            return fields == 0 ? 0 : total / fields
        }

        static func means(_ scores: [(a: Double, b: Double)]) -> (a: Double, b: Double) {
            let count = Double(max(1, scores.count))
            return (scores.reduce(0) { $0 + $1.a } / count, scores.reduce(0) { $0 + $1.b } / count)
        }
    }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension Comparison {
    package var json: JSON {
        .of(
            ("a", .string(names.a)), ("b", .string(names.b)),
            (
                "sets",
                .array(
                    parts.map { part in
                        .of(
                            ("name", .string(part.name)), ("pages", .integer(part.pages)), ("a", Report.number(part.a)),
                            ("b", Report.number(part.b)), ("difference", Report.number(part.difference)),
                            ("interval", .array([Report.number(part.interval.lowerBound), Report.number(part.interval.upperBound)])),
                            ("p", Report.number(part.p)))
                    })
            ))
    }

    package var table: String {
        func score(_ value: Double) -> String { String(format: "%.3f", value) }
        func signed(_ value: Double) -> String { String(format: "%+.3f", value) }
        return TextTable.text(
            ["set", "pages", names.a, names.b, "difference", "95 %", "p"],
            parts.map { part in
                [
                    part.name, String(part.pages), score(part.a), score(part.b), signed(part.difference),
                    "\(signed(part.interval.lowerBound))…\(signed(part.interval.upperBound))", String(format: "%.4f", part.p),
                ]
            })
    }
}
