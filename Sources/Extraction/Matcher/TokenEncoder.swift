/// What the matcher needs of a model on this machine: text to tokens, tokens to vectors, and the weights that ride in the same file.
/// `Inference.TextEncoder` has it all; the closures keep pages and models apart.
package struct TokenEncoder: Sendable {
    /// Word pieces of one text, and where each stands: half-open ranges of the text's Unicode scalars.
    package struct Pieces: Sendable {
        package var ids: [Int32]
        package var starts: [Int32]
        package var ends: [Int32]

        package init(ids: [Int32], starts: [Int32], ends: [Int32]) {
            self.ids = ids
            self.starts = starts
            self.ends = ends
        }
    }

    /// Weights in PyTorch's order: one row of inputs an output.
    package struct Tensor: Sendable {
        package var shape: [Int]
        package var values: [Float]

        package init(shape: [Int], values: [Float]) {
            self.shape = shape
            self.values = values
        }
    }

    /// One entry a text, in order; without the tokens that begin and end a chunk.
    package var tokenize: @Sendable ([String]) -> [Pieces]
    /// One vector a token, row after row, for each chunk in order. Waits without holding a thread; ends early when the task is cancelled.
    package var vectors: @Sendable ([[Int32]]) async throws -> [[Float]]
    /// Nil where the model file has none of that name.
    package var tensor: @Sendable (String) -> Tensor?
    /// A number from the model file's metadata ("matcher.max_tokens"); nil where it has none.
    package var integer: @Sendable (String) -> Int?
    /// Rows · weightsᵀ: `(weights, outputs, rows, count)` with `outputs` rows of weights and `count` rows of the same width, one after
    /// the other, gives `count` rows of `outputs` numbers. A closure, because the model's library may use the processor's wide instructions.
    package var product: @Sendable ([Float], Int, [Float], Int) throws -> [Float]

    package init(
        tokenize: @escaping @Sendable ([String]) -> [Pieces],
        vectors: @escaping @Sendable ([[Int32]]) async throws -> [[Float]],
        tensor: @escaping @Sendable (String) -> Tensor?,
        integer: @escaping @Sendable (String) -> Int?,
        product: @escaping @Sendable ([Float], Int, [Float], Int) throws -> [Float]
    ) {
        self.tokenize = tokenize
        self.vectors = vectors
        self.tensor = tensor
        self.integer = integer
        self.product = product
    }
}
