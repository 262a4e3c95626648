import Documents

/// What a model wrote, taken apart. Nothing in it is believed: keys, numbers and words are looked up by those who use it.
struct PointingAnswer: Sendable {
    struct Pointer: Sendable, Hashable {
        var block: Int
        var words: String
    }

    /// One object of an answer: pointers by leaf, objects by group.
    struct Row: Sendable {
        /// By number of the leaf; a list has any number, a single value at most one.
        var leaves: [[Pointer]]
        var groups: [[Row]]
    }

    var rows: [Row]
    /// The budget cut the answer; what was whole of it is in `rows`.
    var isCut: Bool

    /// Nil where the text is no such answer.
    init?(_ text: String, isWhole: Bool, shape: PointingShape) {
        let bare = PointingAnswer.bare(text)
        var parsed = try? JSON(parsing: bare)
        if parsed == nil, !isWhole { parsed = PointingAnswer.salvaged(bare, depth: shape.cap == nil ? 1 : 2) }
        guard let parsed, parsed.members != nil else { return nil }
        isCut = !isWhole
        guard let cap = shape.cap else {
            rows = [PointingAnswer.row(parsed, shape.leaves, shape.groups)]
            return
        }
        guard let records = parsed["records"]?.array else { return nil }
        rows = records.prefix(cap).map { PointingAnswer.row($0, shape.leaves, []) }
    }

    /// Servers like to put JSON between fences or behind a sentence.
    private static func bare(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(of: UInt8(ascii: "{")) else { return text }
        let last = bytes.lastIndex(of: UInt8(ascii: "}")) ?? bytes.count - 1
        return String(decoding: bytes[first...max(first, last)], as: UTF8.self)
    }

    /// The beginning of an object up to its last whole member (depth 1) or element of its array (depth 2), closed again.
    private static func salvaged(_ text: String, depth wanted: Int) -> JSON? {
        let bytes = Array(text.utf8)
        var closers: [UInt8] = []
        var isString = false
        var isEscaped = false
        var cut: (end: Int, closers: [UInt8])?
        for (index, byte) in bytes.enumerated() {
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isString = true
            case UInt8(ascii: "{"): closers.append(UInt8(ascii: "}"))
            case UInt8(ascii: "["): closers.append(UInt8(ascii: "]"))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard closers.popLast() == byte else { return nil }
                if closers.count == wanted { cut = (index + 1, closers) }
            case UInt8(ascii: ",") where closers.count == wanted: cut = (index, closers)
            default: break
            }
        }
        guard let cut else { return nil }
        return try? JSON(parsing: String(decoding: bytes[..<cut.end] + cut.closers.reversed(), as: UTF8.self))
    }

    private static func row(_ json: JSON, _ leaves: [Leaf], _ groups: [Leaf]) -> Row {
        Row(
            leaves: leaves.map { leaf in
                let value = json[PointingShape.key(leaf)]
                if leaf.isList { return (value?.array ?? []).prefix(PointingShape.mostInList).compactMap(pointer) }
                return value.flatMap(pointer).map { [$0] } ?? []
            },
            groups: groups.map { group in
                let parts = Leaf.all(of: group.field.fields).leaves
                return (json[PointingShape.key(group)]?.array ?? []).prefix(PointingShape.mostInGroup).map { row($0, parts, []) }
            })
    }

    private static func pointer(_ json: JSON) -> Pointer? {
        guard let block = json["block"]?.int else { return nil }
        return Pointer(block: block, words: json["words"]?.string ?? "")
    }
}
