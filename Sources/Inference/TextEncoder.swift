/// Text to tokens to vectors, by a BERT model in this process: the bundled matcher's encoder.
///
/// `vectors(of:)` computes on threads of its own (`EncoderThreads`), so that the callers' shared threads never wait for llama.cpp.
/// One encoder serves all pages of the farm at once; their chunks queue in order.
package final class TextEncoder: Sendable {
    package struct Configuration: Sendable {
        /// Chunks computed at once, each on one core. Default: the cores of this machine, at most 8 (each costs 54 MB when first used).
        package var threads: Int
        /// The longest chunk in tokens: what the bundled matcher learned with.
        package var maximumTokens: Int
        /// What the file must be, byte for byte; nil for a person's own model. Known bytes may be turned into what this processor computes
        /// with fastest (`WidenedWeights`).
        package var identity: ModelFile.Identity?

        package init(threads: Int? = nil, maximumTokens: Int = 384, identity: ModelFile.Identity? = nil) {
            self.threads = threads ?? min(EncoderThreads.cores, 8)
            self.maximumTokens = maximumTokens
            self.identity = identity
        }
    }

    package let file: ModelFile
    /// Numbers in a token's vector.
    package let width: Int
    package let maximumTokens: Int
    private let wordPiece: WordPiece
    private let threads: EncoderThreads

    /// - Throws: `missing`, `damaged`, `wrongModel`, `refused`, `badInput`; each names the file and what to do.
    package init(path: String, _ configuration: Configuration = Configuration()) throws(InferenceError) {
        file = try ModelFile(path: path, architecture: "bert", identity: configuration.identity)
        let model = try EncoderModel(file, isSound: configuration.identity != nil)
        guard (1...model.maximumTokens).contains(configuration.maximumTokens), (1...256).contains(configuration.threads) else {
            throw InferenceError(
                .badInput,
                "\(configuration.threads) threads and chunks of \(configuration.maximumTokens) tokens were asked for; "
                    + "1 to 256 and 1 to \(model.maximumTokens) are possible with \(path).")
        }
        guard let vocabulary = file.header.strings("tokenizer.ggml.tokens") else {
            throw InferenceError(.wrongModel, "The model file \(path) can't be used: it has no vocabulary.")
        }
        width = model.width
        maximumTokens = configuration.maximumTokens
        let unknown = file.header.integer("tokenizer.ggml.unknown_token_id") ?? 100
        wordPiece = WordPiece(vocabulary: vocabulary, unknown: Int32(truncatingIfNeeded: unknown))
        threads = EncoderThreads(count: configuration.threads) { [maximumTokens] () throws(InferenceError) in
            try EncoderSession(model, maximumTokens: maximumTokens)
        }
    }

    deinit { threads.stop() }

    /// Vectors of every token of every chunk. Chunks are computed side by side; the first error ends all of them.
    /// - Throws: `badInput` for an empty or too long chunk or an unknown token, `computeFailed`, `refused`, `cancelled`.
    package func vectors(of chunks: [[Int32]]) async throws(InferenceError) -> [TokenVectors] {
        try await threads.run(chunks)
    }

    /// Word pieces with their places, without [CLS] and [SEP]. Cheap (half a million tokens a second): runs on the caller's thread.
    package func tokenize(_ texts: [String]) -> [TokenizedText] {
        texts.map { TokenizedText(wordPiece.encode($0)) }
    }

    /// Weights that ride in the file as metadata because llama.cpp refuses tensors it doesn't know: `matcher.head.<name>`, row-major
    /// [out][in]. Nil where the file has none of that name, or the sizes contradict each other.
    package func tensor(named name: String) -> (shape: [Int], values: [Float])? {
        guard let shape = file.header.naturals("matcher.shape.\(name)"), let values = file.header.halves("matcher.head.\(name)") else {
            return nil
        }
        var size = 1
        for side in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: side)
            guard !overflow else { return nil }
            size = product
        }
        return size == values.count ? (shape, values) : nil
    }

    /// A number from the file's metadata (`matcher.max_tokens`, …).
    package func integer(named name: String) -> Int? { file.header.integer(name) }

    /// A list of names from the file's metadata (`matcher.pair_features`, …).
    package func strings(named name: String) -> [String]? { file.header.strings(name) }
}

/// One vector a token, row after row.
package struct TokenVectors: Sendable {
    package let width: Int
    package let values: [Float]

    package init(width: Int, values: [Float]) {
        self.width = width
        self.values = values
    }
}

/// Tokens of a text and where they stand in it: half-open ranges of Unicode scalars.
package struct TokenizedText: Sendable, Hashable {
    package var ids: [Int32]
    package var starts: [Int32]
    package var ends: [Int32]

    init(_ tokens: [WordPiece.Token]) {
        ids = tokens.map(\.id)
        starts = tokens.map(\.start)
        ends = tokens.map(\.end)
    }
}
