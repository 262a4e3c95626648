internal import CZlib
internal import Crypto

// The stored form of a document.
//
// Inside: a magic word, a version, then the page as varints (LEB128) over a table of distinct strings. Index and end of a node follow
// from the parents, so they are not stored. The hash is over these bytes, which hold nothing of when or how the page was visited:
// the same page has the same hash. Outside: a container that says the size and holds the bytes deflated (zlib, RFC 1950).
//
// A version stays readable for ever: `decode` gets a branch for each, `encode` writes the newest. Stored bytes may be damaged or hostile:
// everything declared is checked before it is believed.

/// A document in its stored form.
package struct Snapshot: Sendable, Hashable {
    package static let version: UInt8 = 2
    /// Bytes a snapshot may have before compression.
    package static let maximumSize = 1 << 29

    /// SHA-256 of the uncompressed bytes, 64 lower-case hexadecimal digits. Its name in the store and in evidence.
    package let hash: String
    /// The compressed bytes, as they are stored.
    package let bytes: [UInt8]

    package init(of document: Document) {
        let content = Snapshot.content(of: document)
        hash = Snapshot.hash(of: content)
        bytes = Snapshot.compress(content)
    }

    /// The document in stored bytes. `hash`, where given, must be that of the content.
    package static func decode(_ bytes: [UInt8], expecting hash: String? = nil) throws(DocumentsError) -> Document {
        let content = try decompress(bytes)
        if let hash, Snapshot.hash(of: content) != hash {
            throw DocumentsError(.malformedSnapshot, "the stored snapshot \(hash) was changed: its content has another hash")
        }
        var reader = SnapshotReader(bytes: content[...])
        return try reader.document()
    }

    private static func hash(of content: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: SHA256.hash(data: content).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

// MARK: - Container

extension Snapshot {
    private static let containerMagic: [UInt8] = Array("GSZ1".utf8)
    static let contentMagic: [UInt8] = Array("GSNP".utf8)

    static func compress(_ content: [UInt8]) -> [UInt8] {
        var out = containerMagic
        SnapshotWriter.varint(UInt64(content.count), into: &out)
        var size = compressBound(UInt(content.count))
        let start = out.count
        out.append(contentsOf: repeatElement(0, count: Int(size)))
        out.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            // Level 4: within a tenth of the best size at a third of its time. With room by `compressBound` it fails only without memory.
            if compress2(base + start, &size, content, UInt(content.count), 4) != Z_OK { size = 0 }
        }
        out.removeLast(out.count - start - Int(size))
        return out
    }

    static func decompress(_ bytes: [UInt8]) throws(DocumentsError) -> [UInt8] {
        guard bytes.starts(with: containerMagic) else {
            throw DocumentsError(.malformedSnapshot, "these bytes are no snapshot: they don't begin with its mark")
        }
        var reader = SnapshotReader(bytes: bytes[containerMagic.count...])
        let size = try reader.count(limit: maximumSize)
        let deflated = reader.rest
        // Deflate can't do better than 1 : 1032; a size beyond that is a lie, and memory is not given for it.
        guard size <= deflated.count &* 1_032 &+ 64 else {
            throw DocumentsError(.malformedSnapshot, "the snapshot claims \(size) bytes, more than its \(deflated.count) bytes can hold")
        }
        var out = [UInt8](repeating: 0, count: size)
        var written = UInt(size)
        let status = out.withUnsafeMutableBufferPointer { out in
            deflated.withUnsafeBufferPointer { deflated -> Int32 in
                var nothing: UInt8 = 0
                return withUnsafeMutablePointer(to: &nothing) { empty in
                    uncompress(out.baseAddress ?? empty, &written, deflated.baseAddress ?? UnsafePointer(empty), UInt(deflated.count))
                }
            }
        }
        guard status == Z_OK, Int(written) == size else {
            throw DocumentsError(.malformedSnapshot, "the snapshot is damaged or cut off: it can't be decompressed (zlib \(status))")
        }
        return out
    }
}

// MARK: - Content, versions 1 and 2 (which tells what is folded away)

extension Snapshot {
    static func content(of document: Document) -> [UInt8] {
        var writer = SnapshotWriter()
        return writer.content(of: document)
    }
}

/// Bits of the byte that begins each node.
private enum NodeFlag {
    static let kind: UInt8 = 0b0000_0011
    static let isHidden: UInt8 = 0b0000_0100
    static let hasBox: UInt8 = 0b0000_1000
    static let isBlock: UInt8 = 0b0001_0000
    static let hasAttributes: UInt8 = 0b0010_0000
    /// Since version 2.
    static let isFolded: UInt8 = 0b0100_0000
}

struct SnapshotWriter {
    private var out: [UInt8] = []
    private var strings: [String] = []
    private var numbers: [String: Int] = [:]

    /// magic, version, source, strings (count, then length and UTF-8 of each), url, truncation (0 or 1 + string), node count, nodes.
    /// A node: flags; parent as distance back (not of node 0); name or text; attributes (count, then name and value); box (4 floats, LE).
    mutating func content(of document: Document) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(document.nodes.count * 8)
        number(document.url, into: &body)
        if let truncation = document.truncation {
            Self.varint(1, into: &body)
            number(truncation, into: &body)
        } else {
            Self.varint(0, into: &body)
        }
        Self.varint(UInt64(document.nodes.count), into: &body)
        for (id, node) in document.nodes.enumerated() { write(node, id, into: &body) }

        out = Snapshot.contentMagic
        out.append(Snapshot.version)
        out.append(document.source.rawValue)
        Self.varint(UInt64(strings.count), into: &out)
        for string in strings {
            Self.varint(UInt64(string.utf8.count), into: &out)
            out.append(contentsOf: string.utf8)
        }
        return out + body
    }

    private mutating func write(_ node: Document.Node, _ id: NodeID, into body: inout [UInt8]) {
        var flags = node.kind.rawValue
        if node.isHidden { flags |= NodeFlag.isHidden }
        if node.isBlock { flags |= NodeFlag.isBlock }
        if node.isFolded { flags |= NodeFlag.isFolded }
        if node.box != nil { flags |= NodeFlag.hasBox }
        if !node.attributes.isEmpty { flags |= NodeFlag.hasAttributes }
        body.append(flags)
        if id > 0 { Self.varint(UInt64(id - node.parent), into: &body) }
        switch node.kind {
        case .element: number(node.name, into: &body)
        case .text: number(node.text, into: &body)
        case .document, .shadowRoot: break
        }
        if !node.attributes.isEmpty {
            Self.varint(UInt64(node.attributes.count), into: &body)
            for attribute in node.attributes {
                number(attribute.name, into: &body)
                number(attribute.value, into: &body)
            }
        }
        if let box = node.box {
            for side in [box.x, box.y, box.width, box.height] {
                let bits = side.bitPattern
                for shift: UInt32 in [0, 8, 16, 24] { body.append(UInt8(truncatingIfNeeded: bits >> shift)) }
            }
        }
    }

    private mutating func number(_ string: String, into body: inout [UInt8]) {
        // Strings that are canonically equivalent are equal to Swift, and must not be taken for each other here: all but ASCII is keyed
        // with its bytes.
        let key = string.utf8.allSatisfy { $0 < 0x80 } ? string : "\u{1}" + Self.spelled(string)
        if let known = numbers[key] { return Self.varint(UInt64(known), into: &body) }
        numbers[key] = strings.count
        Self.varint(UInt64(strings.count), into: &body)
        strings.append(string)
    }

    /// The UTF-8 bytes as Latin-1 characters: different bytes, different string, in every normalisation.
    private static func spelled(_ string: String) -> String {
        var out = String.UnicodeScalarView()
        for byte in string.utf8 { out.append(Unicode.Scalar(UInt32(byte) + 0x2800) ?? " ") }
        return String(out)
    }

    static func varint(_ value: UInt64, into out: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        out.append(UInt8(value))
    }
}

struct SnapshotReader {
    private let bytes: ArraySlice<UInt8>
    private var at: Int

    init(bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }

    var rest: ArraySlice<UInt8> { bytes[at...] }

    private var left: Int { bytes.endIndex - at }

    private func damaged(_ what: String) -> DocumentsError {
        DocumentsError(.malformedSnapshot, "the snapshot is damaged: \(what) at byte \(at - bytes.startIndex)")
    }

    private mutating func byte() throws(DocumentsError) -> UInt8 {
        guard at < bytes.endIndex else { throw damaged("it ends too early") }
        defer { at += 1 }
        return bytes[at]
    }

    /// A varint that counts or numbers something, at most `limit`.
    mutating func count(limit: Int) throws(DocumentsError) -> Int {
        var value: UInt64 = 0
        for shift: UInt64 in stride(from: 0, to: 63, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            guard byte & 0x80 == 0 else { continue }
            // One spelling for one number, so that equal documents have equal bytes.
            guard byte != 0 || shift == 0, let small = Int(exactly: value), small <= limit else {
                throw damaged("a number is out of range")
            }
            return small
        }
        throw damaged("a number is too long")
    }

    mutating func document() throws(DocumentsError) -> Document {
        for expected in Snapshot.contentMagic { guard try byte() == expected else { throw damaged("its mark is missing") } }
        let version = try byte()
        guard version == 1 || version == 2 else {
            throw DocumentsError(
                .unknownVersion, "the snapshot has version \(version); this program reads up to \(Snapshot.version): update it")
        }
        guard let source = Document.Source(rawValue: try byte()) else { throw damaged("its source is unknown") }
        var strings: [String] = []
        // Each string takes a byte at least, so a count can't promise more than there is.
        for _ in 0..<(try count(limit: left)) {
            // Checked against what is left after the number itself.
            let size = try count(limit: bytes.count)
            guard size <= left else { throw damaged("a string is cut off") }
            guard let string = String(validating: bytes[at..<at + size], as: UTF8.self) else { throw damaged("a string is not UTF-8") }
            strings.append(string)
            at += size
        }
        let url = try string(strings)
        let truncation = try count(limit: 1) == 1 ? try string(strings) : nil
        let nodes = try nodes(strings, version)
        guard left == 0 else { throw damaged("something stands after the end") }
        return Document(url: url, source: source, nodes: nodes, truncation: truncation)
    }

    private mutating func string(_ strings: [String]) throws(DocumentsError) -> String {
        let number = try count(limit: .max)
        guard strings.indices.contains(number) else { throw damaged("a string is missing") }
        return strings[number]
    }

    private mutating func nodes(_ strings: [String], _ version: UInt8) throws(DocumentsError) -> [Document.Node] {
        let total = try count(limit: left)
        guard total > 0, total <= DocumentBuilder.maximumNodes else { throw damaged("the number of nodes is out of range") }
        var nodes: [Document.Node] = []
        nodes.reserveCapacity(total)
        var open: [(node: NodeID, next: Int)] = []
        let known: UInt8 = version == 1 ? 0b0011_1111 : 0b0111_1111
        for id in 0..<total {
            let flags = try byte()
            guard flags & ~known == 0, let kind = Document.Kind(rawValue: flags & NodeFlag.kind) else {
                throw damaged("a node is unknown")
            }
            var parent = -1
            var index = 0
            if id == 0 {
                guard kind == .document else { throw damaged("the first node is no document") }
            } else {
                parent = id - (try count(limit: id))
                // The parent must still be open, or the nodes are not in document order.
                while let last = open.last, last.node != parent {
                    nodes[last.node].end = id
                    open.removeLast()
                }
                guard let last = open.last else { throw damaged("a node's parent is not around it") }
                index = last.next
                open[open.count - 1].next = index + 1
            }
            var name = ""
            var text = ""
            switch kind {
            case .element: name = try string(strings)
            case .text: text = try string(strings)
            case .document, .shadowRoot: break
            }
            var attributes: [Document.Attribute] = []
            if flags & NodeFlag.hasAttributes != 0 {
                for _ in 0..<(try count(limit: left)) {
                    let name = try string(strings)
                    attributes.append(Document.Attribute(name: name, value: try string(strings)))
                }
            }
            let box = flags & NodeFlag.hasBox != 0 ? try box() : nil
            nodes.append(
                Document.Node(
                    kind: kind, parent: parent, index: index, end: id + 1, name: name, text: text, attributes: attributes, box: box,
                    isHidden: flags & NodeFlag.isHidden != 0, isFolded: flags & NodeFlag.isFolded != 0,
                    isBlock: flags & NodeFlag.isBlock != 0))
            if kind != .text { open.append((id, 0)) }
        }
        for last in open { nodes[last.node].end = total }
        return nodes
    }

    private mutating func box() throws(DocumentsError) -> Document.Box {
        func side(_ reader: inout SnapshotReader) throws(DocumentsError) -> Float {
            var bits: UInt32 = 0
            for shift: UInt32 in [0, 8, 16, 24] { bits |= UInt32(try reader.byte()) << shift }
            let value = Float(bitPattern: bits)
            guard value.isFinite else { throw reader.damaged("a box is not finite") }
            return value
        }
        return Document.Box(x: try side(&self), y: try side(&self), width: try side(&self), height: try side(&self))
    }
}
