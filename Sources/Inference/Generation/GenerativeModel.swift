internal import CLlama
internal import Foundation

/// A loaded model that generates text, of any architecture that llama.cpp decodes.
final class GenerativeModel: @unchecked Sendable {  // never written after init; llama.cpp's reads are thread safe
    let model: OpaquePointer
    let vocabulary: OpaquePointer
    let tokenCount: Int
    let trainedContext: Int
    let architecture: String
    let template: ChatTemplate

    init(_ file: ModelFile) throws(InferenceError) {
        Backend.start()
        _ = Backend.takeLog()
        var parameters = llama_model_default_params()
        parameters.n_gpu_layers = 0
        parameters.load_mode = LLAMA_LOAD_MODE_MMAP
        guard let model = llama_model_load_from_file(file.path, parameters) else {
            throw InferenceError(.refused, "The model file \(file.path) can't be used: \(Backend.takeLog())")
        }
        let name = file.header.string("general.architecture") ?? ""
        guard llama_model_has_decoder(model), !llama_model_has_encoder(model), !llama_model_is_diffusion(model),
            let vocabulary = llama_model_get_vocab(model),
            llama_vocab_type(vocabulary) != LLAMA_VOCAB_TYPE_NONE, llama_vocab_type(vocabulary) != LLAMA_VOCAB_TYPE_WPM
        else {
            llama_model_free(model)
            throw InferenceError(
                .wrongModel, "The model file \(file.path) can't be used: its architecture, \(name), does not write text token by token")
        }
        self.model = model
        self.vocabulary = vocabulary
        tokenCount = Int(llama_vocab_n_tokens(vocabulary))
        trainedContext = Int(llama_model_n_ctx_train(model))
        architecture = name
        template = ChatTemplate(of: model) { Self.tokens($0, of: vocabulary, isMark: true).count == 1 }
    }

    deinit { llama_model_free(model) }

    /// - Parameter isMark: "<|im_end|>" and its like become control tokens; else they are text like any other.
    func tokens(_ text: String, isMark: Bool = false) -> [Int32] { Self.tokens(text, of: vocabulary, isMark: isMark) }

    private static func tokens(_ text: String, of vocabulary: OpaquePointer, isMark: Bool) -> [Int32] {
        var text = text
        return text.withUTF8 { utf8 -> [Int32] in
            guard !utf8.isEmpty, utf8.count < 1 << 28 else { return [] }
            var ids = [Int32](repeating: 0, count: utf8.count + 8)
            let count = utf8.withMemoryRebound(to: CChar.self) {
                llama_tokenize(vocabulary, $0.baseAddress, Int32($0.count), &ids, Int32(ids.count), false, isMark)
            }
            return Array(ids.prefix(Int(max(0, count))))
        }
    }

    func prompt(_ messages: [ModelRequest.Message]) -> [Int32] {
        var tokens: [Int32] = []
        if llama_vocab_get_add_bos(vocabulary) {
            let begin = llama_vocab_bos(vocabulary)
            if begin >= 0 { tokens.append(begin) }
        }
        for piece in template.pieces(messages) {
            let next =
                switch piece {
                case .mark(let text): self.tokens(text, isMark: true)
                case .text(let text): self.tokens(text)
                }
            // A template that writes the beginning itself must not give two.
            if tokens.count == 1, let first = next.first, first == tokens[0] { tokens.removeAll() }
            tokens += next
        }
        return tokens
    }

    /// The bytes of a token; may be a part of a character.
    func bytes(of token: Int32) -> [UInt8] {
        // An id outside the vocabulary would end the process by a C++ exception.
        guard token >= 0, Int(token) < tokenCount else { return [] }
        var buffer = [CChar](repeating: 0, count: 64)
        var count = llama_token_to_piece(vocabulary, token, &buffer, Int32(buffer.count), 0, false)
        if count < 0 {
            buffer = [CChar](repeating: 0, count: Int(-count))
            count = llama_token_to_piece(vocabulary, token, &buffer, Int32(buffer.count), 0, false)
        }
        return buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }
    }
}
