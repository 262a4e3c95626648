internal import Foundation

/// A linear layer: `rows · weightsᵀ + bias`.
struct Linear: Sendable {
    let inputs: Int
    let outputs: Int
    let weights: [Float]
    /// Empty where the layer has none.
    let bias: [Float]

    func callAsFunction(_ rows: [Float], by encoder: TokenEncoder) throws -> [Float] {
        let count = rows.count / inputs
        guard count > 0 else { return [] }
        var out = try encoder.product(weights, outputs, rows, count)
        guard out.count == count * outputs else {
            throw ExtractionError(.encoder, "The encoder's matrix product gave \(out.count) numbers instead of \(count * outputs).")
        }
        if !bias.isEmpty { Rows.add(bias, toEach: &out) }
        return out
    }
}

/// A layer norm with PyTorch's epsilon.
struct Norm: Sendable {
    let scale: [Float]
    let shift: [Float]

    func callAsFunction(_ rows: [Float]) -> [Float] {
        let width = scale.count
        var out = rows
        for start in stride(from: 0, to: rows.count, by: width) {
            var sum: Float = 0
            for index in start..<(start + width) { sum += rows[index] }
            let mean = sum / Float(width)
            var squares: Float = 0
            for index in start..<(start + width) { squares += (rows[index] - mean) * (rows[index] - mean) }
            let factor = 1 / (squares / Float(width) + 1e-5).squareRoot()
            for index in 0..<width { out[start + index] = (rows[start + index] - mean) * factor * scale[index] + shift[index] }
        }
        return out
    }
}

/// The weights in a model file, with their sizes checked against each other, so that nothing below indexes past an end.
struct Weights {
    let encoder: TokenEncoder

    func has(_ name: String) -> Bool { encoder.tensor(name) != nil }

    func tensor(_ name: String, _ shape: [Int]) throws(ExtractionError) -> [Float] {
        guard let tensor = encoder.tensor(name) else {
            throw ExtractionError(.model, "The matcher's model file has no \"\(name)\": it is no matcher, or one of another version.")
        }
        // Python writes a scalar as an array of one.
        let size = shape.reduce(1, *)
        guard tensor.values.count == size, tensor.shape == shape || size == 1 || tensor.shape.filter({ $0 != 1 }) == shape else {
            throw ExtractionError(.model, "\"\(name)\" in the matcher's model file is \(tensor.shape); \(shape) is needed.")
        }
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw ExtractionError(.model, "\"\(name)\" in the matcher's model file is damaged: it has numbers that are none.")
        }
        return tensor.values
    }

    func vector(_ name: String, _ count: Int) throws(ExtractionError) -> [Float] { try tensor(name, [count]) }

    func scalar(_ name: String) throws(ExtractionError) -> Float { try tensor(name, [1])[0] }

    func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true) throws(ExtractionError) -> Linear {
        Linear(
            inputs: inputs, outputs: outputs, weights: try tensor(name + ".weight", [outputs, inputs]),
            bias: bias ? try vector(name + ".bias", outputs) : [])
    }

    func norm(_ name: String, _ width: Int) throws(ExtractionError) -> Norm {
        Norm(scale: try vector(name + ".weight", width), shift: try vector(name + ".bias", width))
    }
}

/// Sums over rows of floats. Unsafe pointers, because these loops touch every number of every token; ranges are checked once a call.
enum Rows {
    private typealias Lanes = SIMD8<Float>

    /// `target[at...] += source[from...]`, `count` numbers.
    static func add(_ source: [Float], _ from: Int, to target: inout [Float], _ at: Int, count: Int, times factor: Float = 1) {
        precondition(from >= 0 && at >= 0 && count >= 0 && from + count <= source.count && at + count <= target.count)
        source.withUnsafeBytes { source in
            target.withUnsafeMutableBytes { target in
                var index = 0
                while index + 8 <= count {
                    let addend = source.loadUnaligned(fromByteOffset: 4 * (from + index), as: Lanes.self)
                    let sum = target.loadUnaligned(fromByteOffset: 4 * (at + index), as: Lanes.self)
                    target.storeBytes(of: sum + addend * factor, toByteOffset: 4 * (at + index), as: Lanes.self)
                    index += 8
                }
                while index < count {
                    let addend = source.loadUnaligned(fromByteOffset: 4 * (from + index), as: Float.self)
                    let sum = target.loadUnaligned(fromByteOffset: 4 * (at + index), as: Float.self)
                    target.storeBytes(of: sum + addend * factor, toByteOffset: 4 * (at + index), as: Float.self)
                    index += 1
                }
            }
        }
    }

    static func add(_ bias: [Float], toEach rows: inout [Float]) {
        for start in stride(from: 0, to: rows.count, by: bias.count) { add(bias, 0, to: &rows, start, count: bias.count) }
    }

    /// Row n of the result is the sum of the first n rows: one row more than there are.
    static func runningSums(_ rows: [Float], width: Int) -> [Float] {
        var sums = [Float](repeating: 0, count: rows.count + width)
        var sum = [Float](repeating: 0, count: width)
        for start in stride(from: 0, to: rows.count, by: width) {
            add(rows, start, to: &sum, 0, count: width)
            add(sum, 0, to: &sums, start + width, count: width)
        }
        return sums
    }

    static func dot(_ a: [Float], _ aStart: Int, _ b: [Float], _ bStart: Int, count: Int) -> Float {
        precondition(aStart >= 0 && bStart >= 0 && count >= 0 && aStart + count <= a.count && bStart + count <= b.count)
        return a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
                var lanes = Lanes.zero
                var index = 0
                while index + 8 <= count {
                    lanes +=
                        a.loadUnaligned(fromByteOffset: 4 * (aStart + index), as: Lanes.self)
                        * b.loadUnaligned(fromByteOffset: 4 * (bStart + index), as: Lanes.self)
                    index += 8
                }
                var sum = lanes.sum()
                while index < count {
                    sum +=
                        a.loadUnaligned(fromByteOffset: 4 * (aStart + index), as: Float.self)
                        * b.loadUnaligned(fromByteOffset: 4 * (bStart + index), as: Float.self)
                    index += 1
                }
                return sum
            }
        }
    }

    static func softmax(_ row: inout [Float], _ range: Range<Int>) {
        var top = -Float.infinity
        for index in range { top = max(top, row[index]) }
        var sum: Float = 0
        for index in range {
            row[index] = exp(row[index] - top)
            sum += row[index]
        }
        for index in range { row[index] /= sum }
    }

    /// log(Σ exp), with a 0 among the terms.
    static func logSumExpWithZero(_ terms: some Sequence<Float>) -> Float {
        var top: Float = 0
        for term in terms { top = max(top, term) }
        var sum = exp(-top)
        for term in terms { sum += exp(term - top) }
        return top + log(sum)
    }
}
