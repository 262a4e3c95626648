import Documents

/// JSON-LD as key paths and texts.
enum LinkedDataPaths {
    struct Value {
        /// "Product.offers.price": type of the outermost object, then property names.
        var path: String
        /// RFC 6901.
        var pointer: String
        /// Without character references and tags.
        var text: CleanText
    }

    private static let deepest = 8
    private static let mostValues = 400
    private static let longest = 6000

    static func values(of json: JSON) -> [Value] {
        var found: [Value] = []
        collect(json, [], "", 0, &found)
        return found
    }

    private static let typedSteps: Set<String> = ["mainEntity", "mainEntityOfPage", "itemListElement"]

    private static func collect(_ json: JSON, _ path: [String], _ pointer: String, _ depth: Int, _ found: inout [Value]) {
        guard depth <= deepest, found.count <= mostValues else { return }
        switch json {
        case .object(let members):
            var path = path
            let type = json["@type"]
            if let name = type?.string ?? type?.array?.first?.string, path.isEmpty || typedSteps.contains(path[path.count - 1]) {
                path.append(name)
            }
            for member in members where member.name != "@type" && member.name != "@context" && member.name != "@id" {
                collect(
                    member.value, member.name == "@graph" ? path : path + [member.name],
                    pointer + "/" + JSON.escapePointer(member.name), depth + 1, &found)
            }
        case .array(let items):
            for (index, item) in items.enumerated() { collect(item, path, pointer + "/" + String(index), depth + 1, &found) }
        case .string(let text): add(text, path, pointer, &found)
        case .number(let spelling): add(spelling, path, pointer, &found)
        case .null, .bool: break
        }
    }

    private static func add(_ raw: String, _ path: [String], _ pointer: String, _ found: inout [Value]) {
        var text = CleanText(raw)
        if raw.utf8.contains(where: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "<") }) {
            let source = text.source
            // Twice: many pages write the markup itself with references.
            text = CleanText(Markup.text(Markup.text(raw)))
            text.source = source
        }
        guard !text.scalars.isEmpty, text.scalars.count < longest else { return }
        found.append(Value(path: path.joined(separator: "."), pointer: pointer, text: text))
    }
}
