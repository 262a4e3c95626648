internal import CLlama

/// A loaded BERT encoder. Weights are read-only after loading, so one model serves any number of sessions on any threads.
final class EncoderModel: @unchecked Sendable {  // `model` is never written after init; llama.cpp's reads are thread safe
    fileprivate let model: OpaquePointer
    /// Numbers in a token's vector.
    let width: Int
    let tokenCount: Int
    /// The longest input: positions that the model has learned.
    let maximumTokens: Int

    /// - Parameter isSound: the file's bytes are known to be those that they should be.
    init(_ file: ModelFile, isSound: Bool) throws(InferenceError) {
        Backend.start()
        _ = Backend.takeLog()
        var parameters = llama_model_default_params()
        parameters.n_gpu_layers = 0
        parameters.load_mode = LLAMA_LOAD_MODE_MMAP
        let widened = isSound && WidenedWeights.pays ? WidenedWeights.with(file.path) { llama_model_load_from_file($0, parameters) } : nil
        guard let model = widened ?? llama_model_load_from_file(file.path, parameters) else {
            throw InferenceError(.refused, "The model file \(file.path) can't be used: \(Backend.takeLog())")
        }
        self.model = model
        width = Int(llama_model_n_embd(model))
        tokenCount = Int(llama_vocab_n_tokens(llama_model_get_vocab(model)))
        maximumTokens = Int(llama_model_n_ctx_train(model))
    }

    deinit { llama_model_free(model) }
}

/// One computing context: one thread at a time. It holds the model, so a model can't be freed before its contexts.
struct EncoderSession: ~Copyable {
    private let model: EncoderModel
    private let context: OpaquePointer
    private let maximumTokens: Int

    /// - Parameter maximumTokens: the longest chunk; sizes the buffers. About 140 KB a token: nearly all of it is room for logits,
    ///   which llama.cpp allocates for every context though a BERT has none.
    init(_ model: EncoderModel, maximumTokens: Int) throws(InferenceError) {
        guard (1...model.maximumTokens).contains(maximumTokens) else {
            throw InferenceError(.badInput, "Chunks of \(maximumTokens) tokens were asked for; the model reads \(model.maximumTokens).")
        }
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(maximumTokens)
        parameters.n_batch = UInt32(maximumTokens)
        // An encoder takes its whole input in one micro-batch, or asserts.
        parameters.n_ubatch = UInt32(maximumTokens)
        parameters.n_seq_max = 1
        // With more, llama.cpp's barrier waits for whichever core is busy; chunks side by side use the cores better.
        parameters.n_threads = 1
        parameters.n_threads_batch = 1
        parameters.embeddings = true
        parameters.pooling_type = LLAMA_POOLING_TYPE_NONE
        parameters.attention_type = LLAMA_ATTENTION_TYPE_NON_CAUSAL
        parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_AUTO
        parameters.no_perf = true
        _ = Backend.takeLog()
        guard let context = llama_init_from_model(model.model, parameters) else {
            throw InferenceError(.refused, "llama.cpp gave no context: \(Backend.takeLog())")
        }
        self.model = model
        self.context = context
        self.maximumTokens = maximumTokens
    }

    deinit { llama_free(context) }

    /// Token vectors, row after row. The ids are checked here: llama.cpp asserts on what is out of range.
    mutating func encode(_ ids: [Int32]) throws(InferenceError) -> TokenVectors {
        guard (1...maximumTokens).contains(ids.count) else {
            throw InferenceError(.badInput, "A chunk has \(ids.count) tokens; 1 to \(maximumTokens) are possible.")
        }
        guard ids.allSatisfy({ $0 >= 0 && Int($0) < model.tokenCount }) else {
            throw InferenceError(.badInput, "A chunk holds a token outside 0..<\(model.tokenCount).")
        }
        var tokens = ids
        // Without output marks llama.cpp would set them itself and log a warning at each call. Positions and sequence it may fill in.
        var outputs = [Int8](repeating: 1, count: ids.count)
        let status = tokens.withUnsafeMutableBufferPointer { tokens in
            outputs.withUnsafeMutableBufferPointer { outputs in
                var batch = llama_batch_get_one(tokens.baseAddress, Int32(tokens.count))
                batch.logits = outputs.baseAddress
                return llama_encode(context, batch)
            }
        }
        guard status == 0, let vectors = llama_get_embeddings(context) else {
            throw InferenceError(.computeFailed, "llama.cpp could not encode a chunk (status \(status)): \(Backend.takeLog())")
        }
        let values = Array(UnsafeBufferPointer(start: vectors, count: ids.count * model.width))
        // Damaged weights load without complaint and come out as NaN. Zero times anything finite is zero.
        var sum: Float = 0
        for value in values { sum += value * 0 }
        guard sum == 0 else {
            throw InferenceError(.computeFailed, "The model computes no finite numbers: its file is damaged. Install it again.")
        }
        return TokenVectors(width: model.width, values: values)
    }
}
