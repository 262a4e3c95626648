package import Foundation

/// The header of a GGUF v3 file, read without llama.cpp.
///
/// llama.cpp answers most bad files with NULL, but some header values reach a `GGML_ASSERT`, a division by zero or a C++ exception
/// that nobody catches, and those end the process. So a file is first read here, where every read is bounds-checked, and only a file
/// that says what is expected goes on (`require(architecture:)`). It also gives back metadata arrays, which llama.h can't.
package struct GGUF: Sendable {
    package enum Value: Sendable {
        case unsigned(UInt64), signed(Int64), real(Double), bool(Bool), string(String)
        /// As they lie in the file: a token need not be valid UTF-8.
        case strings([Data])
        /// Elements of a fixed-size type, as they lie in the file.
        case packed(type: UInt32, count: Int, bytes: Data)
    }

    package struct Tensor: Sendable {
        package let name: String
        package let shape: [Int]
        package let type: UInt32
        package let offset: Int
        package let byteCount: Int
    }

    package private(set) var metadata: [String: Value] = [:]
    package private(set) var tensors: [String: Tensor] = [:]

    private static let magic: [UInt8] = Array("GGUF".utf8)
    /// Bytes per element of the fixed-size metadata types: u8 i8 u16 i16 u32 i32 f32 bool, (string, array), u64 i64 f64.
    private static let scalarSize: [UInt32: Int] = [0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8]
    /// (elements per block, bytes per block) of the tensor types that are accepted: F32 F16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0, the K and
    /// I quants, BF16, TQ1_0 TQ2_0, MXFP4. A type outside is refused here; add it when a model needs it.
    private static let blocks: [UInt32: (Int, Int)] = [
        0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84), 11: (256, 110),
        12: (256, 144), 13: (256, 176), 14: (256, 210), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50),
        20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    ]

    package init(_ data: Data) throws(InferenceError) {
        var reader = Reader(data: data)
        guard data.count >= 4, Array(data.prefix(4)) == Self.magic else {
            throw InferenceError(.wrongModel, "not a GGUF file: it begins with other bytes than \"GGUF\"")
        }
        reader.offset = 4
        let version = try reader.u32()
        guard version == 3 else { throw InferenceError(.wrongModel, "GGUF version \(version); only 3 is read") }
        let tensorCount = try reader.count(atLeastBytesEach: 24)
        let keyCount = try reader.count(atLeastBytesEach: 13)
        for _ in 0..<keyCount {
            let key = try reader.string()
            guard metadata.updateValue(try reader.value(Self.scalarSize), forKey: key) == nil else {
                throw InferenceError(.damaged, "metadata key \(key) stands twice")
            }
        }
        let alignment = integer("general.alignment") ?? 32
        guard alignment >= 8, alignment <= 4096, alignment & (alignment - 1) == 0 else {
            throw InferenceError(.damaged, "an alignment of \(alignment) bytes is impossible")
        }
        var list: [Tensor] = []
        for _ in 0..<tensorCount { list.append(try Self.tensor(&reader, alignment: alignment)) }
        let start = (reader.offset + alignment - 1) / alignment * alignment
        for tensor in list {
            guard start + tensor.offset + tensor.byteCount <= data.count else {
                throw InferenceError(.damaged, "it ends inside tensor \(tensor.name), after \(data.count) bytes: the file is truncated")
            }
            guard tensors.updateValue(tensor, forKey: tensor.name) == nil else {
                throw InferenceError(.damaged, "tensor \(tensor.name) stands twice")
            }
        }
    }

    private static func tensor(_ reader: inout Reader, alignment: Int) throws(InferenceError) -> Tensor {
        let name = try reader.string()
        let dimensions = try reader.u32()
        guard (1...4).contains(dimensions), name.utf8.count < 64 else {
            throw InferenceError(.damaged, "tensor \(name.prefix(80)) has an impossible name or \(dimensions) dimensions")
        }
        var shape: [Int] = []
        var elements = 1
        for _ in 0..<dimensions {
            let side = try reader.u64()
            guard side > 0, side < 1 << 40 else { throw InferenceError(.damaged, "tensor \(name) has a side of \(side)") }
            let (product, overflow) = elements.multipliedReportingOverflow(by: Int(side))
            guard !overflow, product < 1 << 40 else { throw InferenceError(.damaged, "tensor \(name) is impossibly large") }
            elements = product
            shape.append(Int(side))
        }
        let type = try reader.u32()
        guard let (per, bytes) = blocks[type], shape[0] % per == 0 else {
            throw InferenceError(.wrongModel, "tensor \(name) has type \(type) and rows of \(shape[0]) numbers, which is not supported")
        }
        let offset = try reader.u64()
        guard offset < 1 << 46, offset % UInt64(alignment) == 0 else {
            throw InferenceError(.damaged, "tensor \(name) lies at \(offset)")
        }
        return Tensor(name: name, shape: shape, type: type, offset: Int(offset), byteCount: elements / per * bytes)
    }
}

// MARK: - Metadata

extension GGUF {
    package func integer(_ key: String) -> Int? {
        switch metadata[key] {
        case .unsigned(let value)?: Int(exactly: value)
        case .signed(let value)?: Int(exactly: value)
        default: nil
        }
    }

    package func string(_ key: String) -> String? {
        if case .string(let value)? = metadata[key] { value } else { nil }
    }

    package func strings(_ key: String) -> [String]? {
        if case .strings(let value)? = metadata[key] { value.map { String(decoding: $0, as: UTF8.self) } } else { nil }
    }

    /// Half-precision numbers that the exporter stored as their 16-bit patterns.
    package func halves(_ key: String) -> [Float]? {
        guard case .packed(type: 2, let count, let bytes)? = metadata[key] else { return nil }
        return bytes.withUnsafeBytes { raw in
            (0..<count).map { Float(Float16(bitPattern: UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)))) }
        }
    }

    package func naturals(_ key: String) -> [Int]? {
        guard case .packed(type: 4, let count, let bytes)? = metadata[key] else { return nil }
        return bytes.withUnsafeBytes { raw in
            (0..<count).map { Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))) }
        }
    }
}

// MARK: - What llama.cpp may see

extension GGUF {
    /// What the header must say before llama.cpp may see the file. The limits are llama.cpp's own (layers) or ours (the rest).
    package func require(architecture: String) throws(InferenceError) {
        guard let found = string("general.architecture") else { throw InferenceError(.damaged, "it names no architecture") }
        guard found == architecture else {
            throw InferenceError(.wrongModel, "its architecture is \(found), but \(architecture) is needed")
        }
        func size(_ key: String, _ range: ClosedRange<Int>) throws(InferenceError) -> Int {
            let value = integer("\(found).\(key)")
            guard let value, range.contains(value) else {
                throw InferenceError(.wrongModel, "\(found).\(key) is \(value.map(String.init) ?? "absent"); \(range) is possible")
            }
            return value
        }
        let width = try size("embedding_length", 8...16384)
        let heads = try size("attention.head_count", 1...512)
        let layers = try size("block_count", 1...512)
        _ = try size("context_length", 1...(1 << 24))
        _ = try size("feed_forward_length", 1...(1 << 18))
        guard width % heads == 0 else { throw InferenceError(.wrongModel, "a width of \(width) does not divide into \(heads) heads") }
        guard case .strings(let words)? = metadata["tokenizer.ggml.tokens"], !words.isEmpty else {
            throw InferenceError(.wrongModel, "it has no vocabulary")
        }
        guard let table = tensors["token_embd.weight"], table.shape == [width, words.count] else {
            throw InferenceError(.wrongModel, "token_embd.weight does not fit \(words.count) tokens of width \(width)")
        }
        // Both end in an assertion inside llama.cpp: the first while loading, the second in the first computation.
        // (Bytes, not Strings: to Swift "é" and "e\u{301}" are equal, to llama.cpp they are two tokens.)
        guard Set(words).count == words.count else { throw InferenceError(.damaged, "a token stands twice in its vocabulary") }
        for tensor in tensors.values where tensor.shape.count == 1 && tensor.type != 0 {
            throw InferenceError(.wrongModel, "vector \(tensor.name) is not float32")
        }
        for id in ["bos", "eos", "unknown", "seperator", "padding", "mask", "eot"] {
            if let value = integer("tokenizer.ggml.\(id)_token_id"), !words.indices.contains(value) {
                throw InferenceError(.damaged, "its \(id) token is number \(value) of \(words.count)")
            }
        }
        guard tensors["blk.\(layers - 1).attn_q.weight"] != nil || tensors["blk.\(layers - 1).attn_qkv.weight"] != nil else {
            throw InferenceError(.wrongModel, "layer \(layers - 1) is missing")
        }
    }
}

// MARK: - Reading

extension GGUF {
    private struct Reader {
        let data: Data
        var offset = 0

        mutating func bytes(_ count: Int) throws(InferenceError) -> Data {
            guard count >= 0, count <= data.count - offset else {
                throw InferenceError(.damaged, "it ends inside its header, after \(data.count) bytes: the file is truncated")
            }
            defer { offset += count }
            return data[(data.startIndex + offset)..<(data.startIndex + offset + count)]
        }

        mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(InferenceError) -> T {
            let raw = try bytes(MemoryLayout<T>.size)
            return T(littleEndian: raw.withUnsafeBytes { $0.loadUnaligned(as: T.self) })
        }

        mutating func u32() throws(InferenceError) -> UInt32 { try integer(UInt32.self) }
        mutating func u64() throws(InferenceError) -> UInt64 { try integer(UInt64.self) }

        mutating func count(atLeastBytesEach size: Int) throws(InferenceError) -> Int {
            let value = try u64()
            guard value <= UInt64((data.count - offset) / size) else {
                throw InferenceError(.damaged, "it promises \(value) entries, more than its \(data.count) bytes can hold")
            }
            return Int(value)
        }

        mutating func string() throws(InferenceError) -> String {
            let length = try count(atLeastBytesEach: 1)
            return String(decoding: try bytes(length), as: UTF8.self)
        }

        mutating func value(_ sizes: [UInt32: Int]) throws(InferenceError) -> Value {
            let type = try u32()
            switch type {
            case 0: return .unsigned(UInt64(try integer(UInt8.self)))
            case 1: return .signed(Int64(try integer(Int8.self)))
            case 2: return .unsigned(UInt64(try integer(UInt16.self)))
            case 3: return .signed(Int64(try integer(Int16.self)))
            case 4: return .unsigned(UInt64(try u32()))
            case 5: return .signed(Int64(try integer(Int32.self)))
            case 6: return .real(Double(Float(bitPattern: try u32())))
            case 7: return .bool(try integer(UInt8.self) != 0)
            case 8: return .string(try string())
            case 10: return .unsigned(try u64())
            case 11: return .signed(try integer(Int64.self))
            case 12: return .real(Double(bitPattern: try u64()))
            case 9: return try array(sizes)
            default: throw InferenceError(.damaged, "metadata of type \(type), which GGUF does not have")
            }
        }

        mutating func array(_ sizes: [UInt32: Int]) throws(InferenceError) -> Value {
            let element = try u32()
            if element == 8 {
                let count = try count(atLeastBytesEach: 8)
                var list: [Data] = []
                list.reserveCapacity(count)
                for _ in 0..<count { list.append(try bytes(try self.count(atLeastBytesEach: 1))) }
                return .strings(list)
            }
            guard let size = sizes[element] else {
                throw InferenceError(.damaged, "a metadata array of type \(element), which is not supported")
            }
            let count = try count(atLeastBytesEach: size)
            return .packed(type: element, count: count, bytes: try bytes(count * size))
        }
    }
}
