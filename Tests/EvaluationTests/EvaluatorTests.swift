import Documents
import Extraction
import Foundation
import TestMaterial
import Testing

@testable import Evaluation

@Suite struct EvaluatorTests {
    struct Broken: Error {}

    /// Answers the page's title as "name"; fails where the page says so.
    private let titles = Method(name: "titles") { document, request, _ in
        guard let node = document.first("h1") else { throw Broken() }
        let text = document.visibleText(of: node)
        let evidence = Evidence(
            record: 0, path: "/name", value: .string(text), text: text, node: document.path(of: node), start: 0,
            end: text.unicodeScalars.count, method: .label, score: 1, transform: "text")
        return Method.Reading(answer: Answer(records: [.object([JSON.Member("name", .string(text))])], evidence: [evidence]), textTokens: 1)
    }

    private func pages(in folder: URL) throws -> [LabelledPage] {
        try (0..<6).map { number in
            try page(
                #"{"id": "\#(number)", "set": "own", "kind": "detail", "html": "\#(number).html", "fields": {"name": "Name \#(number)"}}"#,
                html: number == 4 ? "<p>nothing</p>" : "<h1>Name \(number == 5 ? 6 : number)</h1><p>more words here</p>", in: folder)
        }
    }

    /// Outcomes stand in the order of the pages, however many are read at once; a page that fails is named, missed, and stops no other.
    @Test(arguments: [1, 4]) func outcomes(atOnce: Int) async throws {
        try await withTemporaryFolder { folder in
            let pages = try pages(in: folder)
            let outcomes = try await Evaluator(atOnce: atOnce, tokens: { $0.count }).outcomes(of: pages, Question.all(of: pages), by: titles)
            #expect(outcomes.map(\.page.id) == ["0", "1", "2", "3", "4", "5"])
            #expect(outcomes.map { $0.failure != nil } == [false, false, false, false, true, false])
            #expect(outcomes[4].score?.fields["name"] == Counts(missed: 1))
            #expect(outcomes[0].pageTokens == 2)
            let report = Report("titles", outcomes)
            let part = try #require(report.parts.first)
            #expect(part.all == Counts(right: 4, wrong: 1, missed: 2))
            #expect(abs(part.score - 8.0 / 11) < 1e-9)
            #expect(part.failed == 1)
            #expect(part.unproven == 0)
            #expect(part.methods.map(\.name) == ["label"])
            #expect(part.methods[0].counts == Counts(right: 4, wrong: 1, missed: 2))
            #expect(report.failures.count == 1)
            #expect(report.json["sets"]?.array?.first?["fields"]?.array?.first?["f1"]?.double == 0.7273)
            #expect(report.table(details: true).contains("by label"))
        }
    }

    /// A line of answers has the label's names, the values, and evidence as in the page contract.
    @Test func answerLine() async throws {
        try await withTemporaryFolder { folder in
            let pages = try pages(in: folder)
            let outcomes = try await Evaluator(atOnce: 2).outcomes(of: pages, Question.all(of: pages), by: titles)
            let line = try JSON(parsing: try #require(outcomes[0].answer).json.description)
            #expect(line["id"]?.string == "0")
            #expect(line["fields"]?["name"]?.string == "Name 0")
            #expect(line["records"]?.array == [])
            #expect(line["next"] == .null)
            #expect(line["ms"]?.double != nil)
            let leaf = try #require(line["evidence"]?.array?.first)
            #expect(Evidence(json: leaf)?.path == "/name")
        }
    }

    /// A run that is cancelled ends with that, not with failed pages.
    @Test func cancels() async throws {
        try await withTemporaryFolder { folder in
            let pages = try pages(in: folder)
            let task = Task { [titles] in
                withUnsafeCurrentTask { $0?.cancel() }
                return try await Evaluator(atOnce: 2).outcomes(of: pages, Question.all(of: pages), by: titles)
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}

@Suite struct ComparisonTests {
    /// Outcomes of detail pages whose one field is right or wrong.
    private func outcomes(_ rights: [Bool], in folder: URL) throws -> [Evaluator.Outcome] {
        try rights.enumerated().map { number, isRight in
            let page = try page(
                #"{"id": "\#(number)", "set": "own", "kind": "detail", "html": "a.html", "fields": {"name": "x"}}"#, in: folder)
            var outcome = Evaluator.Outcome(page: page)
            outcome.score = PageScore(try answer(page, [isRight ? #"{"name": "x"}"# : #"{"name": "y"}"#]), of: page, document: nil)
            return outcome
        }
    }

    /// Twenty pages better and none worse is significant, three against two is not, and the same answers are not different at all.
    @Test(arguments: [(20, 0, true), (3, 2, false), (0, 0, false)])
    func significance(better: Int, worse: Int, isSignificant: Bool) async throws {
        try await withTemporaryFolder { folder in
            let a = (0..<40).map { $0 >= better }
            let b = (0..<40).map { $0 < 40 - worse }
            let comparison = Comparison("a", try outcomes(a, in: folder), "b", try outcomes(b, in: folder), rounds: 1_000)
            let part = try #require(comparison.parts.first)
            #expect(abs(part.difference - Double(better - worse) / 40) < 1e-9)
            #expect((part.p < 0.01) == isSignificant)
            #expect(part.interval.contains(part.difference))
            #expect((part.interval.lowerBound > 0) == isSignificant)
            if better == 0 { #expect(part.p == 1) }
        }
    }

    /// The same seed gives the same figures; exchanging the methods turns the difference round.
    @Test func seeded() async throws {
        try await withTemporaryFolder { folder in
            let a = try outcomes((0..<30).map { $0 % 3 == 0 }, in: folder)
            let b = try outcomes((0..<30).map { $0 % 2 == 0 }, in: folder)
            let first = Comparison("a", a, "b", b, rounds: 300, seed: 7)
            #expect(first.json == Comparison("a", a, "b", b, rounds: 300, seed: 7).json)
            let turned = try #require(Comparison("b", b, "a", a, rounds: 300, seed: 7).parts.first)
            #expect(abs(turned.difference + (first.parts.first?.difference ?? 0)) < 1e-9)
        }
    }
}
