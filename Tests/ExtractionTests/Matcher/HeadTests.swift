import Testing

@testable import Extraction

/// The two heads with the bundled weights, on made-up input: what PyTorch computes from the same numbers.
@Suite struct HeadTests {
    /// The same numbers from -1 to 1 in any language: a linear congruential generator.
    private func numbers(seed: UInt32, _ count: Int) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Double(state) / 4_294_967_296 * 2 - 1)
        }
    }

    /// First-stage scores of five spans for two fields equal PyTorch's.
    @Test func spanScores() throws {
        let encoder = try BundledMatcher.encoder.get()
        let scorer = try SpanScorer(Weights(encoder: encoder))
        let places = [(10..<13, 8), (12..<13, 8), (15..<20, 14), (14..<20, 14), (21..<24, 14)].enumerated().map {
            Chunk.Place(candidate: $0, tokens: $1.0, line: $1.1)
        }
        let pairs = numbers(seed: 3, 2 * 5 * FieldQuery.pairFeatureCount)
        let found = try scorer.score(
            Chunk(tokens: [Int32](repeating: 0, count: 24), places: places), vectors: numbers(seed: 1, 24 * 384), fields: [2..<4, 5..<6],
            traits: scorer.normalized(numbers(seed: 2, 5 * PageReading.featureCount)),
            pairs: [Array(pairs[..<(pairs.count / 2)]), Array(pairs[(pairs.count / 2)...])], by: encoder)
        let expected: [Float] = [
            -10.4885, -7.2061, -6.6679, -9.9573, -7.3739, -11.6015, -4.5521, -14.9569, -5.3164, -5.8734
        ]
        #expect(found.scores.count == expected.count)
        for (score, right) in zip(found.scores, expected) { #expect(abs(score - right) < 0.002) }
    }

    /// Page-wide scores of sixty candidates for three fields, one of them a list, equal PyTorch's: pairs and those that are none.
    @Test func pairScores() throws {
        let encoder = try BundledMatcher.encoder.get()
        let transformer = try #require(try PairTransformer(Weights(encoder: encoder), vectorWidth: 384))
        let (count, fields) = (60, 3)
        func rows(_ seed: UInt32, _ width: Int) -> [[Float]] {
            let all = numbers(seed: seed, fields * width)
            return (0..<fields).map { Array(all[($0 * width)..<(($0 + 1) * width)]) }
        }
        let candidates = (0..<count).map { number in
            Candidate(
                kind: .line,
                span: .init(
                    line: number / 3, start: number % 3 * 4, lastLine: number / 3 + (number % 7 == 0 ? 1 : 0), end: number % 3 * 4 + 6),
                key: number % 17, generalPath: number % 5, label: "", attributeWords: [], node: nil, tag: "", attribute: nil,
                structuredKey: "", place: nil, range: 0..<0)
        }
        let found = try transformer.score(
            PairTransformer.Input(
                scores: rows(4, count).map { $0.map { $0 * 8 } }, isList: [false, true, false], candidates: numbers(seed: 5, count * 384),
                fields: numbers(seed: 6, fields * 384), traits: numbers(seed: 7, count * PageReading.featureCount),
                pairs: rows(8, count * FieldQuery.pairFeatureCount), spans: candidates), by: encoder)
        #expect(found.map(\.count) == [count, count, count])
        for (score, right) in zip(found.joined(), Self.pairScores) { #expect(abs(score - right) < 0.02) }
    }

    private static let pairScores: [Float] = [
        -6.455, -1.592, -1.592, 3.905, -9.458, -1.592, -9.171, -5.382, -1.592, 3.113, -1.592, -2.628, -1.916, -1.592, 5.674,
        -4.191, -5.131, -4.297, -1.592, -7.188, -5.63, 0.735, -8.957, -1.713, -2.545, -9.734, -4.163, -1.592, 2.302, -1.592, 1.855,
        -1.592, -6.671, 0.013, -1.592, -5.196, -9.683, -2.891, -1.592, -7.841, -7.773, -1.592, 1.828, -9.585, -2.289, -7.683,
        -1.592, -3.861, -2.485, 5.384, 5.058, -1.592, -8.619, -1.592, -6.901, -6.107, -5.787, -0.853, -6.064, -9.191, 4.787,
        -7.234, -6.7, -7.345, 1.14, 4.329, -6.7, 2.972, -4.928, 1.904, -2.921, 7.262, 4.711, 7.186, -2.406, -6.7, 5.819, 4.666,
        4.075, -6.7, 7.695, 3.462, 7.478, 6.782, -1.064, -3.611, -6.7, -2.209, 0.651, -5.189, -0.234, -7.403, 2.48, 1.908, -8.319,
        5.587, -7.755, -2.295, 7.05, -0.15, 4.421, 2.419, -6.7, -7.763, -6.37, 3.654, -6.094, 5.15, 3.133, -3.941, -6.7, 0.769,
        2.489, -3.892, -2.415, 0.432, 2.894, 2.871, 1.316, -5.199, -3.146, 6.926, -4.202, 5.601, 5.518, -0.634, -6.643, -0.634,
        -5.87, -4.483, -7.185, -8.0, -4.873, -8.27, -7.613, -2.833, -5.946, -3.667, -0.568, -6.998, -9.777, -4.898, -8.039, 2.35,
        -4.06, -4.665, -5.952, 6.736, -0.634, -9.09, -4.469, -8.658, -4.866, -0.634, -1.886, -0.734, -8.757, -6.633, -8.991,
        -8.714, -0.634, -3.61, -0.634, 5.329, -10.005, -0.634, -2.446, -0.634, -0.341, 6.056, 0.965, -0.634, -8.087, -3.482,
        -6.653, -3.144, -4.842, -3.646, 1.533, -5.497
    ]
}
