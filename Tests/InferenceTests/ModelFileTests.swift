import Foundation
import Testing

@testable import Inference

/// A GGUF file put together byte by byte; as small as a sound "bert" can be, but without weights that mean anything.
struct GGUFBytes {
    enum Value {
        case natural(UInt32)
        case text(String)
        case texts([String])
        /// Type number, then raw bytes.
        case raw(UInt32, [UInt8])
    }

    var version: UInt32 = 3
    var metadata: [(String, Value)] = [
        ("general.architecture", .text("bert")), ("bert.embedding_length", .natural(8)), ("bert.attention.head_count", .natural(2)),
        ("bert.block_count", .natural(1)), ("bert.context_length", .natural(16)), ("bert.feed_forward_length", .natural(16)),
        ("tokenizer.ggml.tokens", .texts(["[PAD]", "\u{2581}a", "b", "\u{E9}", "e\u{301}"])),
    ]
    /// Name, sides, type (0: float32, 1: float16).
    var tensors: [(name: String, shape: [UInt64], type: UInt32)] = [
        ("token_embd.weight", [8, 5], 0), ("blk.0.attn_q.weight", [8, 8], 0), ("blk.0.attn_q.bias", [8], 0),
    ]
    /// Bytes taken off the end.
    var cut = 0

    mutating func set(_ key: String, _ value: Value?) {
        metadata.removeAll { $0.0 == key }
        if let value { metadata.append((key, value)) }
    }

    var data: Data {
        var out = Data("GGUF".utf8)
        func number<T: FixedWidthInteger>(_ value: T) { withUnsafeBytes(of: value.littleEndian) { out.append(contentsOf: $0) } }
        func string(_ text: String) {
            number(UInt64(text.utf8.count))
            out.append(contentsOf: text.utf8)
        }
        number(version)
        number(UInt64(tensors.count))
        number(UInt64(metadata.count))
        for (key, value) in metadata {
            string(key)
            switch value {
            case .natural(let value):
                number(UInt32(4))
                number(value)
            case .text(let text):
                number(UInt32(8))
                string(text)
            case .texts(let texts):
                number(UInt32(9))
                number(UInt32(8))
                number(UInt64(texts.count))
                texts.forEach(string)
            case .raw(let type, let bytes):
                number(type)
                out.append(contentsOf: bytes)
            }
        }
        var offset: UInt64 = 0
        for tensor in tensors {
            string(tensor.name)
            number(UInt32(tensor.shape.count))
            tensor.shape.forEach { number($0) }
            number(tensor.type)
            number(offset)
            offset += (tensor.shape.reduce(1, &*) &* (tensor.type == 0 ? 4 : 2) + 31) / 32 * 32
        }
        while out.count % 32 != 0 { out.append(0) }
        out.append(Data(count: Int(min(offset, 4096))))
        return out.dropLast(cut)
    }
}

/// One way to spoil a file, and what must be said of it.
struct Spoiled: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: InferenceError.Code
    let change: @Sendable (inout GGUFBytes) -> Void

    init(_ name: String, _ code: InferenceError.Code, _ change: @escaping @Sendable (inout GGUFBytes) -> Void) {
        testDescription = name
        self.code = code
        self.change = change
    }

    static let all: [Spoiled] = [
        Spoiled("old version", .wrongModel) { $0.version = 2 },
        Spoiled("no architecture", .damaged) { $0.set("general.architecture", nil) },
        Spoiled("another architecture", .wrongModel) { $0.set("general.architecture", .text("llama")) },
        Spoiled("no layers", .wrongModel) { $0.set("bert.block_count", .natural(0)) },
        Spoiled("too many layers", .wrongModel) { $0.set("bert.block_count", .natural(100_000)) },
        Spoiled("a layer too many", .wrongModel) { $0.set("bert.block_count", .natural(2)) },
        Spoiled("no heads", .wrongModel) { $0.set("bert.attention.head_count", .natural(0)) },
        Spoiled("heads that don't divide", .wrongModel) { $0.set("bert.attention.head_count", .natural(3)) },
        Spoiled("no width", .wrongModel) { $0.set("bert.embedding_length", .natural(0)) },
        Spoiled("another width", .wrongModel) { $0.set("bert.embedding_length", .natural(10)) },
        Spoiled("no context length", .wrongModel) { $0.set("bert.context_length", nil) },
        Spoiled("context beyond all measure", .wrongModel) { $0.set("bert.context_length", .natural(1 << 31)) },
        Spoiled("no vocabulary", .wrongModel) { $0.set("tokenizer.ggml.tokens", nil) },
        Spoiled("a token twice", .damaged) { $0.set("tokenizer.ggml.tokens", .texts(["a", "b", "c", "d", "a"])) },
        Spoiled("a token too few", .wrongModel) { $0.set("tokenizer.ggml.tokens", .texts(["a", "b", "c", "d"])) },
        Spoiled("unknown token outside", .damaged) { $0.set("tokenizer.ggml.unknown_token_id", .natural(5)) },
        Spoiled("a key twice", .damaged) { $0.metadata.append(("general.architecture", .text("bert"))) },
        Spoiled("metadata of no type", .damaged) { $0.set("x", .raw(77, [])) },
        Spoiled("an endless array", .damaged) { $0.set("x", .raw(9, [4, 0, 0, 0] + [UInt8](repeating: 255, count: 8))) },
        Spoiled("an array of arrays", .damaged) { $0.set("x", .raw(9, [9, 0, 0, 0] + [UInt8](repeating: 0, count: 8))) },
        Spoiled("alignment of zero", .damaged) { $0.set("general.alignment", .natural(0)) },
        Spoiled("alignment of 33", .damaged) { $0.set("general.alignment", .natural(33)) },
        Spoiled("a tensor twice", .damaged) { $0.tensors.append($0.tensors[1]) },
        Spoiled("a side of zero", .damaged) { $0.tensors[1].shape = [8, 0] },
        Spoiled("five dimensions", .damaged) { $0.tensors[1].shape = [8, 1, 1, 1, 1] },
        Spoiled("sides whose product overflows", .damaged) { $0.tensors[1].shape = [1 << 39, 1 << 39] },
        Spoiled("more numbers than the file holds", .damaged) { $0.tensors[2].shape = [1 << 20] },
        Spoiled("unknown tensor type", .wrongModel) { $0.tensors[1].type = 99 },
        Spoiled("a vector that is not float32", .wrongModel) { $0.tensors[2].type = 1 },
        Spoiled("the last bytes missing", .damaged) { $0.cut = 33 },
    ]
}

@Suite struct ModelFileTests {
    /// The small file itself is sound, so that each spoiled one fails for its own reason.
    @Test func soundFile() throws {
        try GGUF(GGUFBytes().data).require(architecture: "bert")
    }

    /// What would end the process inside llama.cpp, or load and mean nothing, is an error of the right kind.
    @Test(arguments: Spoiled.all)
    func spoiledFile(_ spoiled: Spoiled) {
        var bytes = GGUFBytes()
        spoiled.change(&bytes)
        let error = #expect(throws: InferenceError.self) { try GGUF(bytes.data).require(architecture: "bert") }
        #expect(error?.code == spoiled.code)
    }

    /// Wherever a file is cut, reading it is an error and nothing worse.
    @Test func cutAnywhere() {
        let data = GGUFBytes().data
        for length in stride(from: 0, to: data.count - 32, by: 3) {
            #expect(throws: InferenceError.self) { try GGUF(data.prefix(length)) }
        }
    }

    /// A missing file, a folder, an empty file and a web page each get one clear sentence that names the file.
    @Test func wrongKindsOfFile() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data().write(to: folder.appending(path: "empty"))
        try Data("<!doctype html>".utf8).write(to: folder.appending(path: "page"))
        let cases: [(String, InferenceError.Code, String)] = [
            ("none", .missing, "does not exist"), ("", .missing, "is a folder"), ("empty", .wrongModel, "not a GGUF file"),
            ("page", .wrongModel, "not a GGUF file"),
        ]
        for (name, code, words) in cases {
            let path = name.isEmpty ? folder.path : folder.appending(path: name).path
            let error = #expect(throws: InferenceError.self) { try TextEncoder(path: path) }
            #expect(error?.code == code)
            #expect(error?.message.contains(path) == true)
            #expect(error?.message.contains(words) == true)
        }
    }

    /// The bundled file is the one that belongs to this version; cut or changed by one byte it is not.
    @Test func identity() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Bundled.path), options: .alwaysMapped)
        try ModelFile.Identity.matcher.check(data)
        let cut = #expect(throws: InferenceError.self) { try ModelFile.Identity.matcher.check(data.dropLast(1)) }
        #expect(cut?.code == .damaged)
        #expect(cut?.message.contains("truncated") == true)
        var changed = Data(data)
        changed[20_000_000] ^= 1
        let other = #expect(throws: InferenceError.self) { try ModelFile.Identity.matcher.check(changed) }
        #expect(other?.code == .wrongModel)
    }

    /// A file that passes our checks and not llama.cpp's gives llama.cpp's reason.
    @Test func refusedByLlama() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString).gguf")
        try GGUFBytes().data.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = #expect(throws: InferenceError.self) { try TextEncoder(path: file.path) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(file.path) == true)
    }
}
