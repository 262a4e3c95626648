internal import CZlib

/// A gzip file (RFC 1952) as its bytes come: several members one after the other, zeros or anything else after the last.
final class Gunzip {
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool
    /// Between members, or after the last.
    private var isBetween = true
    /// What is wrong with the bytes; nothing comes out after it.
    private(set) var fault: String?

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 is the largest window, 16 asks for gzip's head and check sum.
        isReady = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        if !isReady { fault = "there was no memory to decompress it" }
    }

    deinit {
        if isReady { inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Decompresses, and hands over pieces of at most 64 KB until `take` wants no more: a bomb goes off a piece at a time.
    func push(_ bytes: [UInt8], to take: ([UInt8]) -> Bool) {
        guard fault == nil, !bytes.isEmpty else { return }
        var input = bytes
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(clamping: input.count)
            defer { stream.pointee.next_in = nil }
            var isWanted = true
            while isWanted, fault == nil {
                if isBetween, !beginMember() { return }
                let (result, made) = piece.withUnsafeMutableBufferPointer { piece in
                    stream.pointee.next_out = piece.baseAddress
                    stream.pointee.avail_out = UInt32(clamping: piece.count)
                    return (inflate(stream, Z_NO_FLUSH), piece.count - Int(stream.pointee.avail_out))
                }
                if made > 0 { isWanted = take(Array(piece[..<made])) }
                switch result {
                case Z_STREAM_END: isBetween = true
                // Nothing more comes of these bytes.
                case Z_BUF_ERROR: return
                case Z_OK: if stream.pointee.avail_in == 0, made < piece.count { return }
                default: fault = "its gzip data is damaged"
                }
            }
        }
    }

    /// The file ends here.
    func finish() {
        if fault == nil, !isBetween { fault = "its gzip data breaks off" }
    }

    /// Whether a member begins with the next byte. Anything else after a member is padding.
    private func beginMember() -> Bool {
        guard stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0x1F else { return false }
        isBetween = false
        return inflateReset(stream) == Z_OK
    }
}
