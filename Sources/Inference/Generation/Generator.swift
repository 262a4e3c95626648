internal import CLlama
internal import Synchronization

/// Ends a generation from any thread: between tokens, and inside a long prompt through llama.cpp's abort callback.
final class Cancellation: Sendable {
    private let flag = Atomic(false)
    func cancel() { flag.store(true, ordering: .relaxed) }
    func reset() { flag.store(false, ordering: .relaxed) }
    var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// One context that writes one answer at a time. It holds the model, so a model can't be freed before its contexts.
///
/// What was computed of a prompt is kept: the next prompt computes only what comes after their common beginning. The instructions and
/// fields of a run stand first in its prompts, so each page pays for its own text only.
struct Generator: ~Copyable {
    private let model: GenerativeModel
    private let context: OpaquePointer
    private let cancellation: Cancellation
    let contextTokens: Int
    private let batchSize = 512
    /// Tokens whose keys and values the context holds.
    private var kept: [Int32] = []

    init(_ model: GenerativeModel, contextTokens: Int, threads: Int, cancellation: Cancellation) throws(InferenceError) {
        let size = min(contextTokens, model.trainedContext)
        guard size >= GGUF.leastContext, size <= 1 << 24, (1...256).contains(threads) else {
            throw InferenceError(
                .badInput,
                "A context of \(size) tokens and \(threads) threads were asked for; at least \(GGUF.leastContext) tokens are needed.")
        }
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(size)
        parameters.n_batch = UInt32(batchSize)
        parameters.n_ubatch = UInt32(batchSize)
        parameters.n_seq_max = 1
        parameters.n_threads = Int32(threads)
        parameters.n_threads_batch = Int32(threads)
        parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_AUTO
        parameters.no_perf = true
        _ = Backend.takeLog()
        guard let context = llama_init_from_model(model.model, parameters) else {
            throw InferenceError(.refused, "llama.cpp gave no context of \(size) tokens: \(Backend.takeLog())")
        }
        self.model = model
        self.context = context
        self.cancellation = cancellation
        self.contextTokens = size
        llama_set_abort_callback(context, isCancelled, Unmanaged.passUnretained(cancellation).toOpaque())
    }

    deinit { llama_free(context) }

    /// - Parameter onText: whole characters, as they come.
    mutating func generate(_ order: WorkerOrder.Generate, onText: (String) -> Void) throws(InferenceError) -> Generation {
        let prompt = model.prompt(order.messages)
        guard order.tokenBudget > 0, !prompt.isEmpty else { throw InferenceError(.badInput, "An empty prompt or no token to answer with.") }
        guard prompt.count &+ order.tokenBudget <= contextTokens else {
            throw InferenceError(
                .tooLong,
                "A prompt of \(prompt.count) tokens and an answer of \(order.tokenBudget) don't fit into the model's \(contextTokens) tokens."
            )
        }
        let sampler = try Sampler(model, order)
        var usage = ModelUsage()
        usage.promptTokens = prompt.count
        do throws(InferenceError) {
            let start = ContinuousClock.now
            usage.cachedTokens = reuse(prompt)
            try read(Array(prompt[usage.cachedTokens...]))
            usage.promptSeconds = (ContinuousClock.now - start) / .seconds(1)
            let generation = try answer(sampler, budget: order.tokenBudget, usage: usage, onText: onText)
            return generation
        } catch {
            // After an abort in the middle of a batch nobody knows what the context holds.
            kept = []
            llama_memory_clear(llama_get_memory(context), false)
            throw error
        }
    }

    /// Forgets what differs from the prompt; how many of its tokens need not be computed. The last one always is: it gives the logits.
    private mutating func reuse(_ prompt: [Int32]) -> Int {
        var common = 0
        while common < min(kept.count, prompt.count - 1), kept[common] == prompt[common] { common += 1 }
        let memory = llama_get_memory(context)
        // Recurrent models can't go back: they say so, and read everything again.
        if common == 0 || !llama_memory_seq_rm(memory, 0, Int32(common), -1) {
            llama_memory_clear(memory, false)
            common = 0
        }
        kept.removeSubrange(common...)
        return common
    }

    /// Computes tokens after what the context holds; the last one's logits can be read afterwards.
    private mutating func read(_ tokens: [Int32]) throws(InferenceError) {
        var first = 0
        while first < tokens.count {
            if cancellation.isCancelled { throw .cancelled }
            let end = min(first + batchSize, tokens.count)
            var part = Array(tokens[first..<end])
            let status = part.withUnsafeMutableBufferPointer { llama_decode(context, llama_batch_get_one($0.baseAddress, Int32($0.count))) }
            if status == 2 || cancellation.isCancelled { throw .cancelled }
            guard status == 0 else {
                throw InferenceError(.computeFailed, "llama.cpp could not compute (status \(status)): \(Backend.takeLog())")
            }
            kept += part
            first = end
        }
    }

    private mutating func answer(
        _ sampler: Sampler, budget: Int, usage: ModelUsage, onText: (String) -> Void
    ) throws(InferenceError) -> Generation {
        var usage = usage
        var text = ""
        var pending: [UInt8] = []
        let start = ContinuousClock.now
        var end = Generation.End.budget
        while usage.answerTokens < budget {
            guard let logits = llama_get_logits_ith(context, -1) else { throw InferenceError(.computeFailed, "llama.cpp gave no logits.") }
            let token = try sampler.choose(logits, after: text)
            usage.answerTokens += 1
            if llama_vocab_is_eog(model.vocabulary, token) {
                end = .complete
                break
            }
            sampler.accept(token)
            pending += model.bytes(of: token)
            let piece = Self.takeCharacters(&pending)
            text += piece
            if !piece.isEmpty { onText(piece) }
            if usage.answerTokens == budget {
                // A sentence can be whole although no token was left to say so.
                if sampler.mayEnd { end = .complete }
                break
            }
            try read([token])
        }
        usage.answerSeconds = (ContinuousClock.now - start) / .seconds(1)
        return Generation(text: text, end: end, usage: usage, confinement: sampler.isConfined ? .grammar : .none)
    }

    /// Cuts the whole characters off the front; one that is not finished stays.
    static func takeCharacters(_ bytes: inout [UInt8]) -> String {
        var end = bytes.count
        for back in 1...4 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            if length > back { end = bytes.count - back }
            break
        }
        defer { bytes.removeFirst(end) }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

/// Runs on llama.cpp's threads. Top level: a closure written elsewhere could inherit an isolation.
private func isCancelled(_ raw: UnsafeMutableRawPointer?) -> Bool {
    raw.map { Unmanaged<Cancellation>.fromOpaque($0).takeUnretainedValue().isCancelled } ?? false
}

/// Chooses tokens: freely first, and only where that token breaks the grammar, among those that it allows.
///
/// llama.cpp's own chain with the grammar inside would, where the grammar leaves nothing, take a token of probability zero, whose
/// acceptance throws a C++ exception through us. So what is left is counted before anything is accepted.
private final class Sampler {
    private let vocabulary: OpaquePointer
    private let count: Int
    private let grammar: UnsafeMutablePointer<llama_sampler>?
    /// Nil at temperature 0.
    private let chain: UnsafeMutablePointer<llama_sampler>?
    private var candidates: [llama_token_data] = []

    init(_ model: GenerativeModel, _ order: WorkerOrder.Generate) throws(InferenceError) {
        vocabulary = model.vocabulary
        count = model.tokenCount
        if let text = order.grammar {
            _ = Backend.takeLog()
            // An empty grammar would be none at all.
            guard !text.isEmpty, let sampler = llama_sampler_init_grammar(model.vocabulary, text, "root") else {
                throw InferenceError(.grammar, "llama.cpp can't read the grammar: \(Backend.takeLog())")
            }
            grammar = sampler
        } else {
            grammar = nil
        }
        if order.temperature > 0 {
            chain = llama_sampler_chain_init(llama_sampler_chain_default_params())
            llama_sampler_chain_add(chain, llama_sampler_init_temp(Float(min(order.temperature, 10))))
            llama_sampler_chain_add(chain, llama_sampler_init_dist(order.seed))
        } else {
            chain = nil
        }
    }

    deinit {
        if let grammar { llama_sampler_free(grammar) }
        if let chain { llama_sampler_free(chain) }
    }

    func choose(_ logits: UnsafeMutablePointer<Float>, after text: String) throws(InferenceError) -> Int32 {
        let free = try pick(logits, isMasked: false)
        guard grammar != nil, !allows(free) else { return free }
        if chain == nil, let next = nextBest(logits, after: free) { return next }
        candidates.removeAll(keepingCapacity: true)
        for id in 0..<count { candidates.append(llama_token_data(id: Int32(truncatingIfNeeded: id), logit: logits[id], p: 0)) }
        apply(grammar)
        guard candidates.contains(where: { $0.logit > -.infinity }) else {
            throw InferenceError(.grammar, "The grammar leaves no token after \"\(text.suffix(60))\".")
        }
        return try pick(logits, isMasked: true)
    }

    /// The best of the tokens below `first` that the grammar allows, where it is among the next few: asking the grammar about one token
    /// costs a thousandth of asking it about all.
    private func nextBest(_ logits: UnsafeMutablePointer<Float>, after first: Int32) -> Int32? {
        var tried = [first]
        while tried.count <= 16 {
            var best: Int32 = -1
            var most = -Float.infinity
            for id in 0..<count where logits[id] > most {
                let token = Int32(truncatingIfNeeded: id)
                if !tried.contains(token) { (best, most) = (token, logits[id]) }
            }
            guard best >= 0 else { return nil }
            if allows(best) { return best }
            tried.append(best)
        }
        return nil
    }

    func accept(_ token: Int32) {
        if let grammar { llama_sampler_accept(grammar, token) }
        if let chain { llama_sampler_accept(chain, token) }
    }

    var isConfined: Bool { grammar != nil }

    /// Whether the text is a whole sentence of the grammar.
    var mayEnd: Bool {
        let end = llama_vocab_eos(vocabulary)
        return grammar != nil && end >= 0 && allows(end)
    }

    private func allows(_ token: Int32) -> Bool {
        guard let grammar else { return true }
        var single = llama_token_data(id: token, logit: 1, p: 0)
        return withUnsafeMutablePointer(to: &single) { pointer in
            var array = llama_token_data_array(data: pointer, size: 1, selected: -1, sorted: false)
            llama_sampler_apply(grammar, &array)
            return pointer.pointee.logit > -.infinity
        }
    }

    private func pick(_ logits: UnsafeMutablePointer<Float>, isMasked: Bool) throws(InferenceError) -> Int32 {
        guard let chain else {
            var best: Int32 = -1
            var most = -Float.infinity
            if isMasked {
                for candidate in candidates where candidate.logit > most { (best, most) = (candidate.id, candidate.logit) }
            } else {
                for id in 0..<count where logits[id] > most { (best, most) = (Int32(truncatingIfNeeded: id), logits[id]) }
            }
            // NaN is never more than anything.
            guard best >= 0 else { throw InferenceError(.computeFailed, "The model computes no finite numbers: its file is damaged.") }
            return best
        }
        if !isMasked {
            candidates.removeAll(keepingCapacity: true)
            for id in 0..<count { candidates.append(llama_token_data(id: Int32(truncatingIfNeeded: id), logit: logits[id], p: 0)) }
        }
        // Of numbers that are none, llama.cpp takes the last; of a masked token, accepting it would end the process.
        guard let selected = apply(chain), (0..<count).contains(Int(selected)), logits[Int(selected)].isFinite,
            !isMasked || allows(selected)
        else { throw InferenceError(.computeFailed, "No token could be chosen: the model computes no finite numbers.") }
        return selected
    }

    /// The token that the sampler selected, where it selects.
    @discardableResult
    private func apply(_ sampler: UnsafeMutablePointer<llama_sampler>?) -> Int32? {
        guard let sampler else { return nil }
        return candidates.withUnsafeMutableBufferPointer { buffer in
            var array = llama_token_data_array(data: buffer.baseAddress, size: buffer.count, selected: -1, sorted: false)
            llama_sampler_apply(sampler, &array)
            guard array.selected >= 0, array.selected < Int64(array.size) else { return nil }
            return array.data[Int(array.selected)].id
        }
    }
}
