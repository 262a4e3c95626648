internal import Foundation

extension GGUF {
    /// What the header must say before llama.cpp may load the file to generate text. Milder than `require(architecture:)`: architectures
    /// differ, and what still goes wrong takes only the child process along.
    func requireGenerative() throws(InferenceError) {
        guard let architecture = string("general.architecture") else { throw InferenceError(.damaged, "it names no architecture") }
        guard !Self.encoders.contains(where: { architecture.hasPrefix($0) }) else {
            throw InferenceError(.wrongModel, "its architecture is \(architecture), which turns text into vectors and generates none")
        }
        guard let layers = integer("\(architecture).block_count"), (1...512).contains(layers) else {
            throw InferenceError(
                .wrongModel,
                "\(architecture).block_count is \(integer("\(architecture).block_count").map(String.init) ?? "absent"); 1 to 512 is possible"
            )
        }
        guard case .strings(let words)? = metadata["tokenizer.ggml.tokens"], !words.isEmpty else {
            throw InferenceError(.wrongModel, "it has no vocabulary")
        }
        guard let table = tensors["token_embd.weight"], table.shape.count == 2, table.shape[1] >= words.count else {
            throw InferenceError(.wrongModel, "token_embd.weight does not fit \(words.count) tokens")
        }
        // Both end in an assertion inside llama.cpp. (Bytes, not Strings: to Swift "é" and "e\u{301}" are equal.)
        guard Set(words).count == words.count else { throw InferenceError(.damaged, "a token stands twice in its vocabulary") }
        for tensor in tensors.values where tensor.shape.count == 1 && tensor.type != 0 {
            throw InferenceError(.wrongModel, "vector \(tensor.name) is not float32")
        }
        for id in ["bos", "eos", "unknown", "seperator", "padding", "mask", "eot"] {
            if let value = integer("tokenizer.ggml.\(id)_token_id"), !words.indices.contains(value) {
                throw InferenceError(.damaged, "its \(id) token is number \(value) of \(words.count)")
            }
        }
        guard trainedContext >= Self.leastContext else {
            throw InferenceError(
                .wrongModel, "its context is \(trainedContext) tokens, too small to read pages with: \(Self.leastContext) are needed")
        }
    }

    /// A prompt of instructions, some lines of a page and an answer need about so many tokens.
    static let leastContext = 512
    private static let encoders = [
        "bert", "nomic-bert", "jina-bert", "modern-bert", "neo-bert", "eurobert", "t5encoder", "clip", "wavtokenizer",
    ]

    /// Tokens that the model learned to look back on.
    package var trainedContext: Int { clamped("context_length", 0, most: 1 << 24) }

    /// Bytes that a context of that many tokens takes beside the weights: keys and values in 16 bits, and buffers. For architectures
    /// that keep less, this is too much rather than too little.
    func contextBytes(tokens: Int) -> Int {
        let width = clamped("embedding_length", 4096, most: 1 << 17)
        let heads = clamped("attention.head_count", 32, most: 4096)
        let keyHeads = clamped("attention.head_count_kv", heads, most: 4096)
        let keyWidth = clamped("attention.key_length", max(1, width / max(1, heads)), most: 1 << 14)
        let valueWidth = clamped("attention.value_length", keyWidth, most: 1 << 14)
        let perToken = 2.0 * Double(clamped("block_count", 32, most: 512)) * Double(keyHeads) * Double(keyWidth + valueWidth)
        let buffers = 64e6 + 512 * 4 * Double(width) * 8
        return Int(min(perToken * Double(tokens) + buffers, 1e15))
    }

    private func clamped(_ key: String, _ usual: Int, most: Int) -> Int {
        guard let architecture = string("general.architecture"), let value = integer("\(architecture).\(key)"), value > 0 else {
            return usual
        }
        return min(value, most)
    }
}

extension ModelFile {
    /// A file that generates text.
    /// - Parameter freeMemory: bytes that may be used; `Memory.free` of this machine.
    package init(generating path: String, contextTokens: Int, freeMemory: Int) throws(InferenceError) {
        try self.init(path: path, checking: { header throws(InferenceError) in try header.requireGenerative() })
        let size = header.tensors.values.reduce(0) { $0 &+ $1.byteCount }
        let needed = size &+ header.contextBytes(tokens: min(contextTokens, header.trainedContext))
        guard needed <= freeMemory else {
            throw InferenceError(
                .tooLarge,
                "The model file \(path) can't be used: it needs about \(Memory.text(needed)) of memory and \(Memory.text(freeMemory)) are free. "
                    + "Take a smaller model, or one in fewer bits.")
        }
    }
}

/// Memory of this machine, in bytes.
package enum Memory {
    /// What can be had without swapping: the machine's, or the control group's where that is less. Unknown: no limit.
    package static var free: Int {
        var free = Int.max
        if let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) {
            for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
                let digits = line.filter { $0.isASCII && $0.isNumber }
                if let kilobytes = Int(digits), kilobytes < 1 << 50 { free = kilobytes * 1024 }
            }
        }
        if let most = number("/sys/fs/cgroup/memory.max"), let used = number("/sys/fs/cgroup/memory.current") {
            free = min(free, max(0, most - used))
        }
        return free
    }

    private static func number(_ path: String) -> Int? {
        (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    package static func text(_ bytes: Int) -> String {
        bytes >= 1_000_000_000 ? String(format: "%.1f GB", Double(bytes) / 1e9) : "\(max(1, bytes / 1_000_000)) MB"
    }
}
