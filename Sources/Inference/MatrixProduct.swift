internal import CLlama

/// The matrix product of llama.cpp's own library: it uses the processor's wide instructions, which plain Swift code can't without
/// building for one processor only, and it is as fast in debug builds.
package enum MatrixProduct {
    /// Rows · weightsᵀ on the caller's thread.
    /// - Parameters:
    ///   - weights: `outputs` rows, one after the other.
    ///   - rows: `count` rows of the same width.
    /// - Returns: `count` rows of `outputs` numbers.
    package static func rows(_ rows: [Float], count: Int, times weights: [Float], outputs: Int) throws(InferenceError) -> [Float] {
        guard count >= 0, outputs >= 0 else { throw InferenceError(.badInput, "A matrix product of \(count) rows by \(outputs).") }
        guard count > 0, outputs > 0 else { return [] }
        let width = weights.count / outputs
        // ggml asserts on sizes that don't fit, which would end the process.
        guard width > 0, width * outputs == weights.count, width * count == rows.count, max(weights.count, rows.count) < 1 << 31 else {
            throw InferenceError(
                .badInput, "A matrix product of \(rows.count) numbers in \(count) rows by \(weights.count) in \(outputs) rows.")
        }
        var weights = weights
        var rows = rows
        var failure: InferenceError?
        let result = [Float](unsafeUninitializedCapacity: count * outputs) { out, filled in
            let status = weights.withUnsafeMutableBytes { weights in
                rows.withUnsafeMutableBytes { rows in
                    compute(weights.baseAddress, rows.baseAddress, out.baseAddress, width: width, outputs: outputs, count: count)
                }
            }
            if status { filled = count * outputs } else { failure = InferenceError(.computeFailed, "ggml could not compute a product.") }
        }
        if let failure { throw failure }
        return result
    }

    private static func compute(
        _ weights: UnsafeMutableRawPointer?, _ rows: UnsafeMutableRawPointer?, _ out: UnsafeMutablePointer<Float>?,
        width: Int, outputs: Int, count: Int
    ) -> Bool {
        // The context holds the description of three tensors and a graph; the numbers stay where they are.
        let size = 4 * ggml_tensor_overhead() + ggml_graph_overhead_custom(4, false) + 1024
        guard let context = ggml_init(ggml_init_params(mem_size: size, mem_buffer: nil, no_alloc: true)) else { return false }
        defer { ggml_free(context) }
        guard let a = ggml_new_tensor_2d(context, GGML_TYPE_F32, Int64(width), Int64(outputs)),
            let b = ggml_new_tensor_2d(context, GGML_TYPE_F32, Int64(width), Int64(count)),
            let product = ggml_mul_mat(context, a, b), let graph = ggml_new_graph_custom(context, 4, false)
        else { return false }
        a.pointee.data = weights
        b.pointee.data = rows
        product.pointee.data = UnsafeMutableRawPointer(out)
        ggml_build_forward_expand(graph, product)
        var plan = ggml_graph_plan(graph, 1, nil)
        return withUnsafeTemporaryAllocation(byteCount: max(1, plan.work_size), alignment: 64) { work in
            plan.work_data = work.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return ggml_graph_compute(graph, &plan) == GGML_STATUS_SUCCESS
        }
    }
}
