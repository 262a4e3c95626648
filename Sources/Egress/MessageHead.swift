internal import NIOCore

/// Start line and fields of an HTTP/1 message, RFC 9112 §2 to §5, as bytes.
struct MessageHead: Equatable {
    struct Field: Equatable {
        /// As written.
        var name: ArraySlice<UInt8>
        /// Without white space around it.
        var value: ArraySlice<UInt8>

        func isNamed(_ lowercased: StaticString) -> Bool { isEqual(name, lowercased) }
    }

    let startLine: ArraySlice<UInt8>
    let fields: [Field]

    /// nil for anything that two readers could read in two ways: folded lines, a space before the colon, stray CR or NUL.
    ///
    /// - Parameter bytes: with the blank line at the end.
    init?(_ bytes: [UInt8]) {
        var fields: [Field] = []
        var startLine: ArraySlice<UInt8>?
        var start = 0
        var isEnded = false
        while start < bytes.count, let feed = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes[start..<(feed > start && bytes[feed - 1] == 13 ? feed - 1 : feed)]
            start = feed + 1
            if isEnded { return nil }
            guard startLine != nil else {
                guard !line.isEmpty, !line.contains(0), !line.contains(13) else { return nil }
                startLine = line
                continue
            }
            if line.isEmpty {
                isEnded = true
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(isTokenByte), !line.contains(13), !line.contains(0)
            else { return nil }
            fields.append(Field(name: line[..<colon], value: trimmed(line[(colon + 1)...])))
        }
        guard let startLine, isEnded, start == bytes.count else { return nil }
        self.startLine = startLine
        self.fields = fields
    }

    func values(_ lowercased: StaticString) -> [ArraySlice<UInt8>] {
        var values: [ArraySlice<UInt8>] = []
        for field in fields where field.isNamed(lowercased) { values.append(field.value) }
        return values
    }

    /// Whether a comma-separated member of a field of that name is `token`, whatever its case.
    func has(_ token: StaticString, in lowercased: StaticString) -> Bool {
        for field in fields where field.isNamed(lowercased) {
            if field.value.split(separator: UInt8(ascii: ",")).contains(where: { isEqual(trimmed($0), token) }) { return true }
        }
        return false
    }

    /// How the fields frame the body, RFC 9112 §6; nil where they could be read in two ways.
    var framing: Framing? {
        let codings = values("transfer-encoding")
        let lengths = values("content-length")
        guard let coding = codings.first else {
            guard let digits = lengths.first else { return .unstated }
            guard lengths.count == 1, !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return .length(digits.reduce(0) { $0 * 10 + Int($1 - 48) })
        }
        return lengths.isEmpty && codings.count == 1 && isEqual(coding, "chunked") ? .chunked : nil
    }

    enum Framing: Equatable {
        case unstated
        case length(Int)
        case chunked
    }
}

/// Gathers bytes until a head is whole.
struct HeadReader {
    enum Outcome {
        case more
        case head(MessageHead)
        /// Not to be read safely as HTTP/1. `bytes` has all that was taken so far.
        case malformed(String)
    }

    /// What was taken, and, after `head`, exactly the head with its blank line.
    private(set) var bytes: [UInt8] = []
    private let limit: Int
    private let skipsEmptyLines: Bool
    /// Bytes since the last line feed, without CR.
    private var lineLength = 0

    /// - Parameter skipsEmptyLines: before the start line, as servers should (RFC 9112 §2.2).
    init(limit: Int, skipsEmptyLines: Bool) {
        self.limit = limit
        self.skipsEmptyLines = skipsEmptyLines
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// Takes from `buffer` up to the end of the head and no further.
    mutating func read(from buffer: inout ByteBuffer) -> Outcome {
        let (taken, isWhole, fault) = buffer.withUnsafeReadableBytes { scan($0) }
        buffer.moveReaderIndex(forwardBy: taken)
        if let fault { return .malformed(fault) }
        guard isWhole else { return .more }
        guard let head = MessageHead(bytes) else { return .malformed("a header field can't be read") }
        return .head(head)
    }

    /// Appends what it takes of `new` in one go: byte by byte this would cost more than all else that is done with a head.
    private mutating func scan(_ new: UnsafeRawBufferPointer) -> (taken: Int, isWhole: Bool, fault: String?) {
        var previous = bytes.last ?? 0
        var count = bytes.count
        var first = 0
        for index in new.indices {
            let byte = new[index]
            let follows13 = previous == 13
            previous = byte
            count += 1
            var fault: String?
            if count > limit {
                fault = "the head is longer than \(limit) bytes"
            } else if byte == UInt8(ascii: "\n") {
                if !follows13 {
                    fault = "a line ends without CR"
                } else if lineLength > 0 {
                    lineLength = 0
                } else if count > 2 {
                    bytes.append(contentsOf: new[first...index])
                    return (index + 1, true, nil)
                } else if skipsEmptyLines {
                    bytes.removeAll()
                    (first, count, previous) = (index + 1, 0, 0)
                } else {
                    fault = "it begins with an empty line"
                }
            } else if follows13 {
                fault = "a CR stands alone"
            } else if byte != 13 {
                lineLength += 1
            }
            if let fault {
                bytes.append(contentsOf: new[first...index])
                return (index + 1, false, fault)
            }
        }
        bytes.append(contentsOf: new[first...])
        return (new.count, false, nil)
    }
}

func asciiLowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }

private func isEqual(_ bytes: ArraySlice<UInt8>, _ lowercased: StaticString) -> Bool {
    bytes.count == lowercased.utf8CodeUnitCount
        && bytes.elementsEqual(UnsafeBufferPointer(start: lowercased.utf8Start, count: lowercased.utf8CodeUnitCount)) {
            asciiLowercased($0) == $1
        }
}

private func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
    var bytes = bytes.drop(while: isBlank)
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return bytes
}

private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
    default: false
    }
}
