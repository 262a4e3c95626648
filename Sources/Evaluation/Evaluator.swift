import Documents
import Extraction

/// Asks a method about pages and scores its answers.
package struct Evaluator: Sendable {
    /// Pages that are read at the same time.
    private let atOnce: Int
    /// How many tokens texts are, for the share of a page that was read; nil: that share is not told.
    private let tokens: (@Sendable ([String]) -> Int)?

    package init(atOnce: Int, tokens: (@Sendable ([String]) -> Int)? = nil) {
        self.atOnce = max(1, atOnce)
        self.tokens = tokens
    }

    /// What came of one page.
    package struct Outcome: Sendable {
        package var page: LabelledPage
        /// Nil where the page could not be read.
        package var answer: PageAnswer?
        /// Against no answer where the method failed, so that failing does not raise a score; nil where there is nothing to score:
        /// the record is broken, or names fewer than two records for a listing.
        package var score: PageScore?
        /// Why the page failed.
        package var failure: String?
        /// Values without evidence that holds.
        package var unproven: [String] = []
        package var textTokens: Int?
        package var pageTokens: Int?
    }

    /// Outcomes in the order of the pages. `progress` is called after every page.
    /// - Throws: `CancellationError` alone; a page that fails is told in its outcome.
    package func outcomes(
        of pages: [LabelledPage], _ questions: [Result<Question, EvaluationError>], by method: Method,
        progress: @escaping @Sendable (_ done: Int, _ last: Outcome) -> Void = { _, _ in }
    ) async throws -> [Outcome] {
        var outcomes = [Outcome?](repeating: nil, count: pages.count)
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            var next = 0
            var done = 0
            func add() {
                guard next < pages.count, next < questions.count else { return }
                let (index, page, question) = (next, pages[next], questions[next])
                next += 1
                group.addTask { (index, try await outcome(of: page, question, method)) }
            }
            for _ in 0..<atOnce { add() }
            while let (index, outcome) = try await group.next() {
                outcomes[index] = outcome
                done += 1
                progress(done, outcome)
                add()
            }
        }
        return outcomes.compactMap { $0 }
    }

    private func outcome(of page: LabelledPage, _ question: Result<Question, EvaluationError>, _ method: Method) async throws -> Outcome {
        try Task.checkCancellation()
        var outcome = Outcome(page: page)
        let asked: Question
        let bytes: [UInt8]
        do throws(EvaluationError) {
            asked = try question.get()
            bytes = try page.html()
        } catch {
            outcome.failure = error.message
            return outcome
        }
        let clock = ContinuousClock()
        let began = clock.now
        func passed() -> Double {
            let time = (clock.now - began).components
            return Double(time.seconds) * 1e3 + Double(time.attoseconds) / 1e15
        }
        let document = Document(html: bytes, url: page.url, charset: page.charset)
        let reading: Method.Reading
        do {
            if page.kind == .pagination {
                reading = Method.Reading(answer: Answer(next: NextLink.find(document)?.address))
            } else {
                reading = try await method.read(document, asked.request, asked.prompt)
            }
        } catch {
            try Task.checkCancellation()
            outcome.failure = "record \(page.id): \(error)"
            if Evaluator.isScored(page) {
                outcome.score = PageScore(PageAnswer(page, asked, Answer(), milliseconds: 0), of: page, document: nil)
            }
            return outcome
        }
        let answer = PageAnswer(page, asked, reading.answer, milliseconds: passed())
        outcome.answer = answer
        outcome.unproven = answer.unproven(on: document)
        if Evaluator.isScored(page) { outcome.score = PageScore(answer, of: page, document: document) }
        if let read = reading.textTokens, let tokens {
            outcome.textTokens = read
            outcome.pageTokens = tokens(PageReading(document).lines.map(\.text))
        }
        return outcome
    }

    /// One record is no list, and neither are plain values.
    private static func isScored(_ page: LabelledPage) -> Bool {
        page.kind != .listing || (page.records.count >= 2 && page.records[0].members != nil)
    }
}
