/// Which place of a page answers which field: scores of all (field, candidate) pairs by the bundled encoder and its two heads.
///
/// The page's lines are written into chunks behind the fields' names, the chunks are encoded side by side, and each candidate is scored
/// from the vectors of its tokens (`SpanScorer`). Then the best pairs of all fields are weighed against each other once a page
/// (`PairTransformer`). What the scores mean for a field is `Decoder`'s matter.
package struct Matcher: Sendable {
    package struct Configuration: Sendable {
        /// Tokens of lines read of one page at most; each costs about half a millisecond of one core. Most pages have 2,700, and the
        /// longest are mostly lists, which are read in another way.
        package var tokenBudget: Int
        /// Off: the first stage's scores are the result. Saves a hundredth of the time and costs half a point of F1.
        package var usesSecondStage: Bool

        package init(tokenBudget: Int = 12_000, usesSecondStage: Bool = true) {
            self.tokenBudget = tokenBudget
            self.usesSecondStage = usesSecondStage
        }
    }

    /// Scores of one page, and what they cost.
    package struct Scores: Sendable {
        /// Per query one score a candidate, first stage; `Matcher.unread` where the candidate's line was not read.
        package var first: [[Float]] = []
        /// The same, weighed page-wide; what decisions are made on. 0 means "as likely as that the page has no value".
        package var final: [[Float]] = []
        /// Tokens that went through the encoder, fields included, and in how many chunks.
        package var tokens = 0
        package var chunks = 0
        /// Tokens of the page's text that were read, each counted once, however many passes there were.
        package var textTokens = 0
        /// Milliseconds of wall time; chunks of several pages may have shared the cores.
        package var milliseconds = 0.0
        /// What of the page was not read because of the budget, in a sentence; nil where all of it was.
        package var unread: String?
    }

    /// First-stage score of candidates that were not read.
    package static let unread: Float = -30

    private let encoder: TokenEncoder
    private let configuration: Configuration
    private let format: ChunkFormat
    private let scorer: SpanScorer
    private let pairs: PairTransformer?

    /// - Throws: `ExtractionError.Code.model` when the encoder's file holds no matcher, or one that contradicts itself or this code.
    package init(_ encoder: TokenEncoder, _ configuration: Configuration = Configuration()) throws(ExtractionError) {
        self.encoder = encoder
        self.configuration = configuration
        format = try ChunkFormat(encoder)
        let weights = Weights(encoder: encoder)
        scorer = try SpanScorer(weights)
        pairs = configuration.usesSecondStage ? try PairTransformer(weights, vectorWidth: scorer.width) : nil
    }

    /// - Throws: `encoder`, or `cancelled` (asked between chunks).
    package func score(_ page: PageReading, _ queries: [FieldQuery]) async throws(ExtractionError) -> Scores {
        do {
            return try await scored(page, queries)
        } catch let error as ExtractionError {
            throw error
        } catch {
            if Task.isCancelled { throw ExtractionError(.cancelled, "Reading the page was cancelled.") }
            throw ExtractionError(.encoder, "The encoder failed while it read the page", underlying: error)
        }
    }

    /// The chunks that the page is written into for these queries, at most as many as fit into one pass, and where each query's tokens
    /// stand in them: what `score` gives to the encoder.
    package func written(_ page: PageReading, _ queries: [FieldQuery]) -> (chunks: [Chunk], fields: [Range<Int>]) {
        let lines = LineTokens(page, kept: page.keptLines, format: format, budget: configuration.tokenBudget, encoder: encoder)
        let (prefix, fields) = LineTokens.prefix(Array(queries.prefix(format.maximumFields)), format: format, encoder: encoder)
        return (lines.chunks(prefix: prefix, format: format), fields)
    }

    private func scored(_ page: PageReading, _ queries: [FieldQuery]) async throws -> Scores {
        var result = Scores()
        let clock = ContinuousClock()
        let began = clock.now
        let lines = LineTokens(page, kept: page.keptLines, format: format, budget: configuration.tokenBudget, encoder: encoder)
        if lines.linesBeyondBudget > 0 {
            result.unread =
                "the matcher read \(lines.linesRead) of \(lines.linesRead + lines.linesBeyondBudget) lines: "
                + "the page is longer than its budget of \(configuration.tokenBudget) tokens"
        }
        result.textTokens = lines.textTokensRead
        let traits = scorer.normalized(page.features)
        for first in stride(from: 0, to: queries.count, by: format.maximumFields) {
            let part = Array(queries[first..<min(first + format.maximumFields, queries.count)])
            try await pass(page, part, lines, traits, into: &result)
        }
        let passed = (clock.now - began).components
        result.milliseconds = Double(passed.seconds) * 1e3 + Double(passed.attoseconds) / 1e15
        return result
    }

    /// One reading of the page for at most `maximumFields` queries.
    private func pass(
        _ page: PageReading, _ queries: [FieldQuery], _ lines: LineTokens, _ traits: [Float], into result: inout Scores
    ) async throws {
        let count = page.candidates.count
        let width = scorer.width
        let (prefix, fields) = LineTokens.prefix(queries, format: format, encoder: encoder)
        let chunks = lines.chunks(prefix: prefix, format: format)
        let pairFeatures = queries.map { page.pairFeatures($0) }
        var scores = Array(repeating: Array(repeating: Matcher.unread, count: count), count: queries.count)
        var candidates = [Float](repeating: 0, count: pairs == nil ? 0 : count * width)
        var fieldVectors = [Float](repeating: 0, count: queries.count * width)

        // The heads are computed beside the encoding of later chunks. All chunks are handed over at once: the encoder queues them.
        try await withThrowingTaskGroup(of: (Int, SpanScorer.Scores).self) { group in
            for (number, chunk) in chunks.enumerated() {
                group.addTask { [encoder, scorer] in
                    try Task.checkCancellation()
                    guard let vectors = try await encoder.vectors([chunk.tokens]).first, vectors.count == chunk.tokens.count * width else {
                        throw ExtractionError(.encoder, "The encoder gave no vectors of width \(width) for a chunk.")
                    }
                    try Task.checkCancellation()
                    return (
                        number,
                        try scorer.score(chunk, vectors: vectors, fields: fields, traits: traits, pairs: pairFeatures, by: encoder)
                    )
                }
            }
            for try await (number, found) in group {
                let places = chunks[number].places
                for (index, place) in places.enumerated() {
                    for field in queries.indices { scores[field][place.candidate] = found.scores[field * places.count + index] }
                    if pairs != nil {
                        let at = place.candidate * width
                        candidates.replaceSubrange(at..<(at + width), with: found.candidates[(index * width)..<((index + 1) * width)])
                    }
                }
                // A field's vector differs a little from chunk to chunk; the page's is their mean.
                Rows.add(found.fields, 0, to: &fieldVectors, 0, count: fieldVectors.count, times: 1 / Float(chunks.count))
            }
        }
        result.chunks += chunks.count
        result.tokens += chunks.reduce(0) { $0 + $1.tokens.count }
        result.first += scores
        guard let pairs, count > 0 else {
            result.final += scores
            return
        }
        try Task.checkCancellation()
        result.final += try pairs.score(
            PairTransformer.Input(
                scores: scores, isList: queries.map(\.isList), candidates: candidates, fields: fieldVectors, traits: traits,
                pairs: pairFeatures, spans: page.candidates), by: encoder)
    }
}
