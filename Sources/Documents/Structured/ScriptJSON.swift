// Data inside <script> elements.
//
// A script of a JSON type is one JSON text. A script of JavaScript may assign JSON to names, as frameworks do to hand a page's state to
// the browser (`window.__STATE__ = {…};`, `var data = JSON.parse("…")`): those assignments make one object, a member for each name, and
// a pointer begins with the name. They are found by looking for a name, an equals sign and a bracket; nothing is evaluated, and a value
// that isn't JSON (a function call in it) is passed over.

extension Document {
    /// The JSON that a `<script>` holds; nil for other nodes and where there is none.
    package func scriptJSON(of node: NodeID) -> JSON? {
        guard nodes[node].kind == .element, nodes[node].name == "script" else { return nil }
        switch scriptKind(of: node) {
        case .linkedData, .data: return TolerantJSON.value(of: rawText(of: node))
        case .program:
            let members = Assignments.members(of: rawText(of: node))
            return members.isEmpty ? nil : .object(members)
        case .other: return nil
        }
    }

    enum ScriptKind {
        case linkedData, data, program, other
    }

    func scriptKind(of node: NodeID) -> ScriptKind {
        let type = (attribute("type", of: node) ?? "").lowercased().split(separator: ";").first.map { $0.filter { $0 != " " } } ?? ""
        switch type {
        case "application/ld+json": return .linkedData
        case "application/json", "text/json": return .data
        case "", "text/javascript", "application/javascript", "module", "text/ecmascript", "application/x-javascript":
            return attribute("src", of: node) == nil ? .program : .other
        default: return type.hasSuffix("+json") ? .data : .other
        }
    }

    /// Text nodes below a node, joined as they stand.
    func rawText(of node: NodeID) -> String {
        var text = ""
        for inner in subtree(of: node) where nodes[inner].kind == .text { text += nodes[inner].text }
        return text
    }
}

/// Finds assignments of JSON in JavaScript.
private enum Assignments {
    /// Scripts longer than this are programs, not state.
    static let longest = 8_000_000
    static let most = 40

    static func members(of script: String) -> [JSON.Member] {
        let bytes = Array(script.utf8)
        guard bytes.count <= longest else { return [] }
        var members: [JSON.Member] = []
        // Failed attempts may each read far; all together they may read the script a few times, no more.
        var budget = bytes.count * 4 + 1000
        var at = 0
        while members.count < most, budget > 0, let equals = bytes[at...].firstIndex(of: UInt8(ascii: "=")) {
            at = equals + 1
            guard equals + 1 < bytes.count, bytes[equals + 1] != UInt8(ascii: "="), bytes[equals + 1] != UInt8(ascii: ">"),
                let name = name(bytes, before: equals)
            else { continue }
            var start = skipSpace(bytes, equals + 1)
            var isQuoted = false
            if stands("JSON.parse(", bytes, start) {
                start = skipSpace(bytes, start + 11)
                isQuoted = true
            }
            guard start < bytes.count else { break }
            let value: JSON?
            let end: Int
            if isQuoted {
                guard let (text, after) = TolerantJSON.string(in: bytes, from: start) else { continue }
                value = TolerantJSON.value(of: text)
                end = after
            } else {
                guard bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else { continue }
                let (read, after) = TolerantJSON.value(in: bytes, from: start)
                value = read
                end = after
            }
            budget -= end - start
            guard let value else { continue }
            at = max(at, end)
            guard hasContent(value), !members.contains(where: { $0.name == name }) else { continue }
            members.append(JSON.Member(name, value))
        }
        return members
    }

    private static func hasContent(_ value: JSON) -> Bool {
        switch value {
        case .object(let members): !members.isEmpty
        case .array(let items): !items.isEmpty
        default: false
        }
    }

    /// The name that an assignment writes to: "window.__X__", "self['__X__']", "var x" are "__X__", "__X__", "x".
    private static func name(_ bytes: [UInt8], before equals: Int) -> String? {
        var end = equals
        while end > 0, isSpace(bytes[end - 1]) { end -= 1 }
        guard end > 0 else { return nil }
        if bytes[end - 1] == UInt8(ascii: "]") {
            // window["__X__"]
            var start = end - 2
            guard start > 0, bytes[start] == UInt8(ascii: "\"") || bytes[start] == UInt8(ascii: "'") else { return nil }
            let mark = bytes[start]
            start -= 1
            while start > 0, bytes[start] != mark, end - start < 100 { start -= 1 }
            guard bytes[start] == mark, start > 0, bytes[start - 1] == UInt8(ascii: "[") else { return nil }
            return String(decoding: bytes[(start + 1)..<(end - 2)], as: UTF8.self)
        }
        var start = end
        while start > 0, isName(bytes[start - 1]) || bytes[start - 1] == UInt8(ascii: "."), end - start < 100 { start -= 1 }
        guard start < end, !(bytes[start] >= 0x30 && bytes[start] <= 0x39) else { return nil }
        var name = Substring(String(decoding: bytes[start..<end], as: UTF8.self))
        for owner in ["window.", "self.", "globalThis.", "this."] where name.hasPrefix(owner) { name = name.dropFirst(owner.count) }
        return name.isEmpty || name.hasPrefix(".") ? nil : String(name)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= 0x61 && lower <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5F || byte == 0x24
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    private static func skipSpace(_ bytes: [UInt8], _ start: Int) -> Int {
        var at = start
        while at < bytes.count, isSpace(bytes[at]) { at += 1 }
        return at
    }

    private static func stands(_ text: String, _ bytes: [UInt8], _ at: Int) -> Bool {
        bytes.count - at >= text.utf8.count && bytes[at...].starts(with: text.utf8)
    }
}
