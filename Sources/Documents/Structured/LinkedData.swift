/// Items from the JSON of one script: JSON-LD's objects, arrays, `@graph`, `@value`, `@list` and `@id`; contexts are not fetched, so names
/// stay as written. The same walk serves plain JSON, where nothing is a keyword.
struct LinkedData {
    let node: NodeID
    var syntax = StructuredData.Syntax.jsonLD

    func items(_ json: JSON) -> [StructuredItem] {
        var out: [StructuredItem] = []
        collect(json, pointer: "", into: &out)
        return out
    }

    private func collect(_ json: JSON, pointer: String, into out: inout [StructuredItem]) {
        switch json {
        case .array(let values):
            if syntax == .state {
                var item = StructuredItem(syntax: syntax, types: [], id: nil, properties: [])
                for (index, value) in values.enumerated() { add(value, name: "item", pointer: "\(pointer)/\(index)", depth: 0, to: &item) }
                if !item.properties.isEmpty { out.append(item) }
                return
            }
            for (index, value) in values.enumerated() { collect(value, pointer: "\(pointer)/\(index)", into: &out) }
        case .object(let members):
            if syntax == .jsonLD, let graph = members.last(where: { $0.name == "@graph" })?.value {
                collect(graph, pointer: pointer + "/@graph", into: &out)
            }
            let item = item(members, pointer: pointer, depth: 0)
            if !item.properties.isEmpty || !item.types.isEmpty { out.append(item) }
        default: break
        }
    }

    private func item(_ members: [JSON.Member], pointer: String, depth: Int) -> StructuredItem {
        var item = StructuredItem(syntax: syntax, types: [], id: nil, properties: [])
        // A pointer names the last member of a name, so the others can't be evidence.
        var last: [String: Int] = [:]
        for (index, member) in members.enumerated() { last[member.name] = index }
        for (index, member) in members.enumerated() where last[member.name] == index {
            let inner = pointer + "/" + JSON.escapePointer(member.name)
            if syntax == .jsonLD {
                switch member.name {
                case "@type":
                    item.types = strings(member.value)
                    continue
                case "@id":
                    item.id = member.value.string
                    continue
                case "@context", "@graph", "@version", "@language": continue
                case "@reverse":
                    if case .object(let reversed) = member.value {
                        for member in reversed {
                            add(
                                member.value, name: member.name, pointer: inner + "/" + JSON.escapePointer(member.name), depth: depth,
                                to: &item)
                        }
                    }
                    continue
                default: break
                }
            }
            add(member.value, name: member.name, pointer: inner, depth: depth, to: &item)
        }
        return item
    }

    private func add(_ value: JSON, name: String, pointer: String, depth: Int, to item: inout StructuredItem) {
        guard depth < 64 else { return }
        func text(_ text: String) {
            let place = StructuredPlace.json(node, pointer: pointer, 0..<text.unicodeScalars.count)
            item.properties.append(.init(name: name, value: .text(StructuredText(text: text, place: place))))
        }
        switch value {
        case .null: break
        case .string(let string): text(string)
        case .number(let spelling): text(spelling)
        case .bool(let value): text(value ? "true" : "false")
        case .array(let values):
            for (index, value) in values.enumerated() {
                add(value, name: name, pointer: "\(pointer)/\(index)", depth: depth + 1, to: &item)
            }
        case .object(let members):
            if syntax == .jsonLD {
                for key in ["@value", "@list", "@set"] {
                    if let inner = members.last(where: { $0.name == key })?.value {
                        return add(inner, name: name, pointer: "\(pointer)/\(key)", depth: depth + 1, to: &item)
                    }
                }
            }
            let inner = self.item(members, pointer: pointer, depth: depth + 1)
            if !inner.properties.isEmpty || inner.id != nil || !inner.types.isEmpty {
                item.properties.append(.init(name: name, value: .item(inner)))
            }
        }
    }

    private func strings(_ value: JSON) -> [String] {
        switch value {
        case .string(let string): [string]
        case .array(let values): values.compactMap(\.string)
        default: []
        }
    }
}
