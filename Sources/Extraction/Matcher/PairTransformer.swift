internal import Foundation

/// Second stage: the best candidates of all fields of a page look at each other, and each field at the chance that it is absent.
///
/// A token stands for a (field, candidate) pair; one more a field for "no value". Two transformer layers whose attention is told how two
/// pairs relate (`relations`): same field, same place, one inside the other, next lines, same role. The result is a score minus the
/// field's own "absent" score: 0 means "as likely as absent".
struct PairTransformer: Sendable {
    private struct Layer: Sendable {
        let attentionNorm, networkNorm: Norm
        let queriesKeysValues, out, widen, narrow: Linear
        /// For each set of relations (as bits) the weight it adds, per head.
        let relationWeights: [Float]
    }

    private static let relationCount = 10
    private static let scoreCount = 8
    private static let headWidth = 32

    private let width: Int
    private let heads: Int
    private let candidateNorm, fieldNorm, outNorm: Norm
    private let candidateIn, fieldIn, featuresIn, nullIn: Linear
    private let null: [Float]
    private let layers: [Layer]
    private let pairOut, nullOut: Linear
    private let alpha: Float
    /// Pairs looked at per field: single values, lists.
    private let singlePairs = 12
    private let listPairs = 48

    /// Nil where the model file has no second stage.
    init?(_ weights: Weights, vectorWidth: Int) throws(ExtractionError) {
        guard weights.has("s2.null") else { return nil }
        let count = weights.encoder.tensor("s2.null")?.values.count ?? 0
        guard (Self.headWidth...2048).contains(count), count % Self.headWidth == 0 else {
            throw ExtractionError(.model, "\"s2.null\" in the matcher's model file has \(count) numbers, which is not possible.")
        }
        let width = count
        let heads = count / Self.headWidth
        self.width = width
        self.heads = heads
        candidateNorm = try weights.norm("s2.nc", vectorWidth)
        fieldNorm = try weights.norm("s2.nf", vectorWidth)
        outNorm = try weights.norm("s2.nout", width)
        candidateIn = try weights.linear("s2.pc", vectorWidth, width)
        fieldIn = try weights.linear("s2.pf", vectorWidth, width)
        featuresIn = try weights.linear("s2.ps", Self.scoreCount + PageReading.featureCount + FieldQuery.pairFeatureCount, width)
        nullIn = try weights.linear("s2.pn", 2, width)
        null = try weights.vector("s2.null", width)
        pairOut = try weights.linear("s2.out", width, 1)
        nullOut = try weights.linear("s2.outn", width, 1)
        alpha = try weights.scalar("s2.alpha")
        var layers: [Layer] = []
        while weights.has("s2.layers.\(layers.count).qkv.weight"), layers.count < 16 {
            let name = "s2.layers.\(layers.count)"
            let relation = try weights.tensor(name + ".rel.weight", [heads, Self.relationCount])
            var table = [Float](repeating: 0, count: (1 << Self.relationCount) * heads)
            for bits in 0..<(1 << Self.relationCount) {
                for head in 0..<heads {
                    for number in 0..<Self.relationCount where bits >> number & 1 == 1 {
                        table[bits * heads + head] += relation[head * Self.relationCount + number]
                    }
                }
            }
            layers.append(
                Layer(
                    attentionNorm: try weights.norm(name + ".n1", width), networkNorm: try weights.norm(name + ".n2", width),
                    queriesKeysValues: try weights.linear(name + ".qkv", width, 3 * width),
                    out: try weights.linear(name + ".o", width, width), widen: try weights.linear(name + ".f1", width, 2 * width),
                    narrow: try weights.linear(name + ".f2", 2 * width, width), relationWeights: table))
        }
        self.layers = layers
    }

    /// What the first stage knows of one pass over a page.
    struct Input {
        /// Per field one score a candidate; `Matcher.unread` where it was not read.
        var scores: [[Float]]
        var isList: [Bool]
        /// Vectors of all candidates (zeros where not read) and of the fields, row after row.
        var candidates: [Float]
        var fields: [Float]
        /// Normalized features of all candidates.
        var traits: [Float]
        /// Per field the pair features of all candidates.
        var pairs: [[Float]]
        var spans: [Candidate]
    }

    /// Page-wide scores: per field one a candidate.
    func score(_ input: Input, by encoder: TokenEncoder) throws -> [[Float]] {
        let (pairs, best) = select(input)
        guard !pairs.isEmpty else { return input.scores }
        var rows = try tokens(input, pairs, best, by: encoder)
        let relations = relations(pairs, input)
        for layer in layers { try apply(layer, to: &rows, relations, by: encoder) }
        rows = outNorm(rows)
        let nulls = try nullOut(Array(rows[(pairs.count * width)...]), by: encoder)
        let gains = try pairOut(Array(rows[..<(pairs.count * width)]), by: encoder)

        var result = input.scores
        var lowest = [Float](repeating: 0, count: input.scores.count)
        var refined = [Float](repeating: 0, count: pairs.count)
        for (index, pair) in pairs.enumerated() {
            refined[index] = alpha * input.scores[pair.field][pair.candidate] + gains[index] - nulls[pair.field]
            lowest[pair.field] = pair.rank == 0 ? refined[index] : min(lowest[pair.field], refined[index])
        }
        // A candidate that no pair stands for is worth less than any that one stands for.
        for field in result.indices {
            for candidate in result[field].indices {
                result[field][candidate] = min(result[field][candidate] - nulls[field] - 1, lowest[field])
            }
        }
        for (index, pair) in pairs.enumerated() { result[pair.field][pair.candidate] = refined[index] }
        return result
    }

    struct Pair {
        var field: Int
        var candidate: Int
        /// 0 for the field's best.
        var rank: Int
    }

    /// The best candidates of each field, and the two best scores of each.
    private func select(_ input: Input) -> (pairs: [Pair], best: [(Float, Float)]) {
        var pairs: [Pair] = []
        var best: [(Float, Float)] = []
        for (field, scores) in input.scores.enumerated() {
            let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(input.isList[field] ? listPairs : singlePairs)
            for (rank, candidate) in order.enumerated() { pairs.append(Pair(field: field, candidate: candidate, rank: rank)) }
            guard let first = order.first else {
                best.append((0, 0))
                continue
            }
            let second = order.dropFirst().first.map { scores[$0] } ?? scores[first] - 5
            best.append((scores[first], second))
        }
        return (pairs, best)
    }

    /// Rows of pairs, then one a field for its absence.
    private func tokens(_ input: Input, _ pairs: [Pair], _ best: [(Float, Float)], by encoder: TokenEncoder) throws -> [Float] {
        let vectorWidth = candidateNorm.scale.count
        let (traitCount, pairCount) = (PageReading.featureCount, FieldQuery.pairFeatureCount)
        var vectors: [Float] = []
        var features: [Float] = []
        let scores = scoreFeatures(input, pairs, best)
        for (index, pair) in pairs.enumerated() {
            vectors += input.candidates[(pair.candidate * vectorWidth)..<((pair.candidate + 1) * vectorWidth)]
            features += scores[(index * Self.scoreCount)..<((index + 1) * Self.scoreCount)]
            features += input.traits[(pair.candidate * traitCount)..<((pair.candidate + 1) * traitCount)]
            features += input.pairs[pair.field][(pair.candidate * pairCount)..<((pair.candidate + 1) * pairCount)]
        }
        var rows = try candidateIn(candidateNorm(vectors), by: encoder)
        let fields = try fieldIn(fieldNorm(input.fields), by: encoder)
        let added = try featuresIn(features, by: encoder)
        Rows.add(added, 0, to: &rows, 0, count: rows.count)
        for (index, pair) in pairs.enumerated() { Rows.add(fields, pair.field * width, to: &rows, index * width, count: width) }

        var absent = fields
        Rows.add(null, toEach: &absent)
        let top = best.flatMap { [Self.clipped($0.0, 12) / 4, Self.clipped($0.1, 12) / 4] }
        let tops = try nullIn(top, by: encoder)
        Rows.add(tops, 0, to: &absent, 0, count: absent.count)
        return rows + absent
    }

    private static func clipped(_ value: Float, _ limit: Float) -> Float { min(max(value, -limit), limit) }

    private func scoreFeatures(_ input: Input, _ pairs: [Pair], _ best: [(Float, Float)]) -> [Float] {
        var out: [Float] = []
        out.reserveCapacity(pairs.count * Self.scoreCount)
        let fieldSums = input.scores.map { Rows.logSumExpWithZero($0) }
        for pair in pairs {
            let score = input.scores[pair.field][pair.candidate]
            let column = input.scores.map { $0[pair.candidate] }
            var other: Float = -20
            for (field, value) in column.enumerated() where field != pair.field { other = max(other, value) }
            other = Self.clipped(other, 12)
            out.append(Self.clipped(score, 12) / 4)
            out.append(min(max(score - best[pair.field].0, -12), 0) / 4)
            out.append(exp(score - fieldSums[pair.field]))
            out.append(exp(score - Rows.logSumExpWithZero(column)))
            out.append(other / 4)
            out.append(Self.clipped((score - other) / 4, 3))
            out.append(pair.rank == 0 ? 1 : 0)
            out.append(log(Float(1 + pair.rank)) / 3)
        }
        return out
    }

    /// How token i (row) relates to token j (column), as bits: 0 same field, 1 same candidate, 2 same text, 3 i's span holds j's, 4 j's
    /// holds i's, 5 same first line, 6 j begins one to three lines below, 7 above, 8 same role, 9 j stands for absence.
    private func relations(_ pairs: [Pair], _ input: Input) -> [UInt16] {
        let count = pairs.count + input.scores.count
        var bits = [UInt16](repeating: 0, count: count * count)
        for i in 0..<count {
            let field = i < pairs.count ? pairs[i].field : i - pairs.count
            for j in 0..<count {
                let otherField = j < pairs.count ? pairs[j].field : j - pairs.count
                var value: UInt16 = field == otherField ? 1 : 0
                if j >= pairs.count {
                    value |= 1 << 9
                } else if i < pairs.count {
                    let (a, b) = (input.spans[pairs[i].candidate], input.spans[pairs[j].candidate])
                    if pairs[i].candidate == pairs[j].candidate { value |= 1 << 1 }
                    if a.key == b.key { value |= 1 << 2 }
                    if a.span != b.span {
                        if a.span.contains(b.span) { value |= 1 << 3 } else if b.span.contains(a.span) { value |= 1 << 4 }
                    }
                    let distance = b.span.line - a.span.line
                    switch distance {
                    case 0: value |= 1 << 5
                    case 1...3: value |= 1 << 6
                    case -3...(-1): value |= 1 << 7
                    default: break
                    }
                    if a.generalPath == b.generalPath { value |= 1 << 8 }
                }
                bits[i * count + j] = value
            }
        }
        return bits
    }

    private func apply(_ layer: Layer, to rows: inout [Float], _ relations: [UInt16], by encoder: TokenEncoder) throws {
        let count = rows.count / width
        let mixed = try layer.queriesKeysValues(layer.attentionNorm(rows), by: encoder)
        var attended = [Float](repeating: 0, count: rows.count)
        let factor = 1 / Float(Self.headWidth).squareRoot()
        for head in 0..<heads {
            var queries: [Float] = []
            var keys: [Float] = []
            // Values stand upright: the product takes rows of weights.
            var values = [Float](repeating: 0, count: count * Self.headWidth)
            for token in 0..<count {
                let at = token * 3 * width + head * Self.headWidth
                queries += mixed[at..<(at + Self.headWidth)]
                keys += mixed[(at + width)..<(at + width + Self.headWidth)]
                for index in 0..<Self.headWidth { values[index * count + token] = mixed[at + 2 * width + index] }
            }
            var attention = try encoder.product(keys, count, queries, count)
            for row in 0..<count {
                for at in (row * count)..<((row + 1) * count) {
                    attention[at] = attention[at] * factor + layer.relationWeights[Int(relations[at]) * heads + head]
                }
                Rows.softmax(&attention, (row * count)..<((row + 1) * count))
            }
            let out = try encoder.product(values, Self.headWidth, attention, count)
            for token in 0..<count {
                for index in 0..<Self.headWidth {
                    attended[token * width + head * Self.headWidth + index] = out[token * Self.headWidth + index]
                }
            }
        }
        let first = try layer.out(attended, by: encoder)
        Rows.add(first, 0, to: &rows, 0, count: rows.count)
        var hidden = try layer.widen(layer.networkNorm(rows), by: encoder)
        // GELU in its exact form, as it was trained.
        for index in hidden.indices { hidden[index] *= 0.5 * (1 + erf(hidden[index] * 0.70710678)) }
        let second = try layer.narrow(hidden, by: encoder)
        Rows.add(second, 0, to: &rows, 0, count: rows.count)
    }
}
