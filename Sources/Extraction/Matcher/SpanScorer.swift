internal import Foundation

/// First stage: one score for each field and candidate of one encoded chunk.
///
///     candidate = Wc·mean(span) + Ws·h[start] + We·h[end-1] + Wl·h[line marker] + Wx·x + bc
///     field     = Wf·mean(field tokens) + bf
///     score     = exp(temperature)·cos(field, candidate) + MLP(pair features, x) + bias
///
/// The four big products are linear in token vectors: each is computed once per distinct token, and a span's mean is a difference of
/// running sums of Wc·h.
struct SpanScorer: Sendable {
    /// Width of token vectors.
    let width: Int
    private let span, start, end, line, traits, field: Linear
    private let pairHidden, traitHidden, pairOut: Linear
    private let scale: Float
    private let bias: Float
    private let mean: [Float]
    private let deviation: [Float]

    /// The scores of one chunk.
    struct Scores: Sendable {
        /// Field after field, one entry a place of the chunk.
        var scores: [Float]
        /// A vector for each place and each field: what the second stage reads.
        var candidates: [Float]
        var fields: [Float]
    }

    init(_ weights: Weights) throws(ExtractionError) {
        guard let side = weights.encoder.tensor("wc.weight")?.shape.first, (8...4096).contains(side) else {
            throw ExtractionError(.model, "The matcher's model file has no \"wc.weight\": it is no matcher, or one of another version.")
        }
        width = side
        let (traitCount, pairCount) = (PageReading.featureCount, FieldQuery.pairFeatureCount)
        span = try weights.linear("wc", side, side)
        start = try weights.linear("ws", side, side, bias: false)
        end = try weights.linear("we", side, side, bias: false)
        line = try weights.linear("wl", side, side, bias: false)
        traits = try weights.linear("wx", traitCount, side, bias: false)
        field = try weights.linear("wf", side, side)
        scale = exp(try weights.scalar("temp"))
        bias = try weights.scalar("bias")
        mean = try weights.vector("xm", traitCount)
        deviation = try weights.vector("xs", traitCount)
        guard deviation.allSatisfy({ $0 > 0 }) else {
            throw ExtractionError(.model, "\"xs\" in the matcher's model file is damaged: a deviation is not above zero.")
        }
        // The small network's first layer reads (pair features, traits); its part over the traits is the same for all fields.
        guard let units = weights.encoder.tensor("g.0.bias")?.values.count, (1...1024).contains(units) else {
            throw ExtractionError(.model, "The matcher's model file has no \"g.0.bias\": it is no matcher, or one of another version.")
        }
        let first = try weights.linear("g.0", pairCount + traitCount, units)
        var pairWeights: [Float] = []
        var traitWeights: [Float] = []
        for row in stride(from: 0, to: first.weights.count, by: pairCount + traitCount) {
            pairWeights += first.weights[row..<(row + pairCount)]
            traitWeights += first.weights[(row + pairCount)..<(row + pairCount + traitCount)]
        }
        pairHidden = Linear(inputs: pairCount, outputs: units, weights: pairWeights, bias: [])
        traitHidden = Linear(inputs: traitCount, outputs: units, weights: traitWeights, bias: first.bias)
        pairOut = try weights.linear("g.2", units, 1)
    }

    /// Traits of candidates as the networks want them: mean 0, deviation 1.
    func normalized(_ features: [Float]) -> [Float] {
        var out = features
        let count = mean.count
        for row in stride(from: 0, to: features.count - features.count % count, by: count) {
            for index in 0..<count { out[row + index] = (features[row + index] - mean[index]) / deviation[index] }
        }
        return out
    }

    /// - Parameters:
    ///   - vectors: the encoder's rows for `chunk.tokens`.
    ///   - fields: where each field's tokens stand.
    ///   - traits: normalized features of all candidates of the page. - pairs: per field the pair features of all candidates.
    func score(
        _ chunk: Chunk, vectors: [Float], fields: [Range<Int>], traits pageTraits: [Float], pairs: [[Float]], by encoder: TokenEncoder
    ) throws -> Scores {
        let count = chunk.places.count
        let units = try self.fields(vectors, fields, by: encoder)
        let (rows, chunkTraits) = try candidates(chunk, vectors, pageTraits, by: encoder)

        // Cosines.
        var unit = units
        for index in fields.indices {
            let length = max(Rows.dot(units, index * width, units, index * width, count: width).squareRoot(), 1e-12)
            for at in (index * width)..<((index + 1) * width) { unit[at] /= length }
        }
        let cosines = try encoder.product(unit, fields.count, rows, count)
        var scores = [Float](repeating: 0, count: fields.count * count)
        for place in 0..<count {
            let length = max(Rows.dot(rows, place * width, rows, place * width, count: width).squareRoot(), 1e-12)
            for index in fields.indices { scores[index * count + place] = scale * cosines[place * fields.count + index] / length + bias }
        }

        // The small network.
        let shared = try traitHidden(chunkTraits, by: encoder)
        let pairCount = pairHidden.inputs
        for index in fields.indices {
            var input: [Float] = []
            input.reserveCapacity(count * pairCount)
            for place in chunk.places {
                input += pairs[index][(place.candidate * pairCount)..<((place.candidate + 1) * pairCount)]
            }
            var hidden = try pairHidden(input, by: encoder)
            Rows.add(shared, 0, to: &hidden, 0, count: hidden.count)
            for at in hidden.indices where hidden[at] < 0 { hidden[at] = 0 }
            let out = try pairOut(hidden, by: encoder)
            for place in 0..<count { scores[index * count + place] += out[place] }
        }
        return Scores(scores: scores, candidates: rows, fields: units)
    }

    private func fields(_ vectors: [Float], _ fields: [Range<Int>], by encoder: TokenEncoder) throws -> [Float] {
        var means = [Float](repeating: 0, count: fields.count * width)
        for (index, tokens) in fields.enumerated() {
            for token in tokens {
                Rows.add(vectors, token * width, to: &means, index * width, count: width, times: 1 / Float(tokens.count))
            }
        }
        return try field(means, by: encoder)
    }

    private func candidates(
        _ chunk: Chunk, _ vectors: [Float], _ pageTraits: [Float], by encoder: TokenEncoder
    ) throws -> (rows: [Float], traits: [Float]) {
        let traitCount = traits.inputs
        var chunkTraits: [Float] = []
        chunkTraits.reserveCapacity(chunk.places.count * traitCount)
        for place in chunk.places {
            chunkTraits += pageTraits[(place.candidate * traitCount)..<((place.candidate + 1) * traitCount)]
        }
        var rows = try traits(chunkTraits, by: encoder)
        Rows.add(span.bias, toEach: &rows)

        // Running sums of Wc·h over the tokens from the first to the last that any span touches.
        let low = chunk.places.map(\.tokens.lowerBound).min() ?? 0
        let high = max(low, chunk.places.map(\.tokens.upperBound).max() ?? low)
        let products = try encoder.product(span.weights, width, Array(vectors[(low * width)..<(high * width)]), high - low)
        let running = Rows.runningSums(products, width: width)
        for (index, place) in chunk.places.enumerated() {
            let share = 1 / Float(place.tokens.count)
            Rows.add(running, (place.tokens.upperBound - low) * width, to: &rows, index * width, count: width, times: share)
            Rows.add(running, (place.tokens.lowerBound - low) * width, to: &rows, index * width, count: width, times: -share)
        }
        try add(start, of: chunk.places.map(\.tokens.lowerBound), vectors, to: &rows, by: encoder)
        try add(end, of: chunk.places.map { $0.tokens.upperBound - 1 }, vectors, to: &rows, by: encoder)
        try add(line, of: chunk.places.map(\.line), vectors, to: &rows, by: encoder)
        return (rows, chunkTraits)
    }

    /// Adds a layer's output for one token a row; each distinct token is computed once.
    private func add(_ layer: Linear, of tokens: [Int], _ vectors: [Float], to rows: inout [Float], by encoder: TokenEncoder) throws {
        var numbers: [Int: Int] = [:]
        var input: [Float] = []
        for token in tokens where numbers[token] == nil {
            numbers[token] = numbers.count
            input += vectors[(token * width)..<((token + 1) * width)]
        }
        let products = try layer(input, by: encoder)
        for (index, token) in tokens.enumerated() {
            guard let number = numbers[token] else { continue }
            Rows.add(products, number * width, to: &rows, index * width, count: width)
        }
    }
}
