/// Items of RDFa 1.1 Lite (`vocab`, `prefix`, `typeof`, `property`, `resource`), with `about`, `content`, `datetime`, `rel` and `rev` of
/// RDFa Core as far as pages use them. Property names and types are expanded where a vocabulary or prefix says how.
struct RDFa {
    let document: Document

    /// One subject with what was said of it.
    private struct Subject {
        var id: String?
        var types: [String] = []
        var statements: [(name: String, object: Object)] = []
    }

    private enum Object {
        case text(StructuredText)
        case subject(Int)
    }

    private struct Context {
        var end: NodeID
        var subject: Int
        var vocabulary: String
        var prefixes: [String: String]
        /// Names whose object is the next resource below (`rel` without one of its own), and the subject they belong to.
        var hanging: (names: [String], subject: Int)?
    }

    func items() -> [StructuredItem] {
        let nodes = document.nodes
        let isUsed = nodes.contains { node in
            node.kind == .element && node.name != "meta"
                && node.attributes.contains { $0.name == "property" || $0.name == "typeof" || $0.name == "vocab" }
        }
        guard isUsed else { return [] }
        var subjects = [Subject(id: "")]
        var byID = ["": 0]
        func subject(_ id: String?) -> Int {
            if let id, let known = byID[id] { return known }
            subjects.append(Subject(id: id))
            if let id { byID[id] = subjects.count - 1 }
            return subjects.count - 1
        }
        var open = [Context(end: nodes.count, subject: 0, vocabulary: "", prefixes: Self.initialPrefixes, hanging: nil)]
        for node in nodes.indices where nodes[node].kind == .element && subjects.count < 5000 {
            while let last = open.last, last.end <= node, open.count > 1 { open.removeLast() }
            guard !nodes[node].attributes.isEmpty, var context = open.last else { continue }
            let attributes = Attributes(nodes[node].attributes)
            guard attributes.isRelevant else { continue }
            context.end = nodes[node].end
            if let vocabulary = attributes.vocab { context.vocabulary = vocabulary }
            if let prefix = attributes.prefix {
                let words = Document.words(prefix)
                for pair in stride(from: 0, to: words.count - 1, by: 2) where words[pair].hasSuffix(":") {
                    context.prefixes[words[pair].dropLast().lowercased()] = words[pair + 1]
                }
            }
            let parent = context.subject
            let types = attributes.types.map { expand($0, context) }
            let names = attributes.properties.map { expand($0, context) }
            let relations = attributes.relations.map { expand($0, context) }.filter { $0.contains(":") || !context.vocabulary.isEmpty }
            let isRoot = nodes[node].name == "html"
            var current = parent
            var typed: Int?
            if names.isEmpty || attributes.content != nil || !relations.isEmpty {
                if let about = attributes.about {
                    current = subject(resolve(about, context))
                } else if relations.isEmpty, let resource = attributes.resource {
                    current = subject(resolve(resource, context))
                } else if isRoot {
                    current = 0
                } else if !types.isEmpty, relations.isEmpty || attributes.resource == nil {
                    current = subject(nil)
                }
                typed = types.isEmpty ? nil : current
            } else {
                if let about = attributes.about { current = subject(resolve(about, context)) } else if isRoot { current = 0 }
                if !types.isEmpty {
                    typed = attributes.about != nil || isRoot ? current : subject(attributes.resource.map { resolve($0, context) })
                }
            }
            if let typed { subjects[typed].types += types.filter { !subjects[typed].types.contains($0) } }
            // What hangs from above is completed by the first resource below.
            if let hanging = context.hanging, current != hanging.subject || typed != nil {
                let object = typed ?? current
                if object != hanging.subject {
                    for name in hanging.names { subjects[hanging.subject].statements.append((name, .subject(object))) }
                }
                context.hanging = nil
                open[open.count - 1].hanging = nil
            }
            var next = typed ?? current
            if !relations.isEmpty {
                if let resource = attributes.resource {
                    next = subject(resolve(resource, context))
                    if !types.isEmpty, attributes.about == nil {
                        subjects[next].types += types.filter { !subjects[next].types.contains($0) }
                    }
                    let object: Object = types.isEmpty ? .text(resourceText(node, attributes)) : .subject(next)
                    for name in relations { subjects[current].statements.append((name, object)) }
                } else if let typed, typed != current {
                    for name in relations { subjects[current].statements.append((name, .subject(typed))) }
                } else {
                    context.hanging = (relations, current)
                }
            }
            for name in names {
                let object: Object
                if let content = attributes.content {
                    object = .text(document.structuredText(node, attribute: "content", content))
                } else if let datetime = attributes.datetime {
                    object = .text(document.structuredText(node, attribute: "datetime", datetime))
                } else if let typed, attributes.about == nil {
                    object = .subject(typed)
                } else if relations.isEmpty, attributes.resource != nil {
                    object = .text(resourceText(node, attributes))
                } else {
                    object = .text(document.structuredText(node))
                }
                // The page's own meta elements are read by `PageMeta`.
                if nodes[node].name == "meta", current == 0, parent == 0 { continue }
                subjects[current].statements.append((name, object))
            }
            context.subject = next
            open.append(context)
        }
        return assemble(subjects)
    }

    /// Subjects that no other one mentions become items; the others stand inside those.
    private func assemble(_ subjects: [Subject]) -> [StructuredItem] {
        var mentioned: Set<Int> = []
        for (index, subject) in subjects.enumerated() {
            for case (_, .subject(let object)) in subject.statements where object != index { mentioned.insert(object) }
        }
        var budget = 20_000
        func build(_ index: Int, open: Set<Int>) -> StructuredItem {
            let subject = subjects[index]
            var item = StructuredItem(syntax: .rdfa, types: subject.types, id: subject.id.flatMap { $0.isEmpty ? nil : $0 }, properties: [])
            for (name, object) in subject.statements {
                budget -= 1
                guard budget > 0 else { break }
                switch object {
                case .text(let text): item.properties.append(.init(name: name, value: .text(text)))
                case .subject(let inner):
                    guard !open.contains(inner), open.count < 32 else { continue }
                    item.properties.append(.init(name: name, value: .item(build(inner, open: open.union([inner])))))
                }
            }
            return item
        }
        return subjects.indices.filter { !mentioned.contains($0) }.map { build($0, open: [$0]) }.filter {
            !$0.properties.isEmpty || !$0.types.isEmpty
        }
    }

    private func resourceText(_ node: NodeID, _ attributes: Attributes) -> StructuredText {
        let name = attributes.resourceAttribute
        return document.structuredText(node, attribute: name, document.attribute(name, of: node) ?? "")
    }

    /// A term, CURIE or IRI, expanded.
    private func expand(_ name: String, _ context: Context) -> String {
        if let colon = name.firstIndex(of: ":") {
            let prefix = name[..<colon].lowercased()
            let rest = name[name.index(after: colon)...]
            if !rest.hasPrefix("//"), let address = context.prefixes[prefix] { return address + rest }
            return name
        }
        return context.vocabulary.isEmpty ? name : context.vocabulary + name
    }

    private func resolve(_ reference: String, _ context: Context) -> String {
        var reference = reference
        // "[prefix:name]" is a safe CURIE.
        if reference.hasPrefix("["), reference.hasSuffix("]") { reference = expand(String(reference.dropFirst().dropLast()), context) }
        return reference == document.url ? "" : reference
    }

    private struct Attributes {
        var vocab, prefix, about, content, datetime: String?
        var resource: String?
        var resourceAttribute = ""
        var types: [String] = []
        var properties: [String] = []
        var relations: [String] = []

        init(_ attributes: [Document.Attribute]) {
            var resources: [String: String] = [:]
            for attribute in attributes {
                switch attribute.name {
                case "vocab": vocab = attribute.value
                case "prefix": prefix = attribute.value
                case "about": about = attribute.value
                case "content": content = attribute.value
                case "datetime": datetime = attribute.value
                case "typeof": types = Document.words(attribute.value)
                case "property": properties = Document.words(attribute.value)
                case "rel": relations = Document.words(attribute.value)
                case "resource", "href", "src": resources[attribute.name] = attribute.value
                default:
                    if attribute.name.hasPrefix("xmlns:") {
                        prefix = (prefix ?? "") + " \(attribute.name.dropFirst(6)): \(attribute.value)"
                    }
                }
            }
            for name in ["resource", "href", "src"] where resource == nil {
                resource = resources[name]
                if resource != nil { resourceAttribute = name }
            }
            // `rel` is RDFa only where it names a property; "nofollow" and "stylesheet" are HTML.
            relations.removeAll { !$0.contains(":") && (properties.isEmpty == false || Self.htmlRelations.contains($0.lowercased())) }
        }

        var isRelevant: Bool {
            vocab != nil || prefix != nil || about != nil || !types.isEmpty || !properties.isEmpty || !relations.isEmpty
                || resourceAttribute == "resource"
        }

        private static let htmlRelations: Set<String> = [
            "alternate", "author", "bookmark", "canonical", "dns-prefetch", "external", "help", "icon", "shortcut", "license", "manifest",
            "me",
            "modulepreload", "next", "nofollow", "noopener", "noreferrer", "opener", "pingback", "preconnect", "prefetch", "preload",
            "prerender", "prev",
            "search", "stylesheet", "tag", "apple-touch-icon", "ugc", "sponsored", "home", "index", "first", "last", "up", "contents",
        ]
    }

    /// Of the RDFa initial context (W3C), what pages use.
    private static let initialPrefixes: [String: String] = [
        "schema": "http://schema.org/", "og": "http://ogp.me/ns#", "dc": "http://purl.org/dc/terms/",
        "dcterms": "http://purl.org/dc/terms/",
        "dc11": "http://purl.org/dc/elements/1.1/", "foaf": "http://xmlns.com/foaf/0.1/", "gr": "http://purl.org/goodrelations/v1#",
        "v": "http://rdf.data-vocabulary.org/#", "vcard": "http://www.w3.org/2006/vcard/ns#", "sioc": "http://rdfs.org/sioc/ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "skos": "http://www.w3.org/2004/02/skos/core#", "rev": "http://purl.org/stuff/rev#", "cc": "http://creativecommons.org/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#", "xhv": "http://www.w3.org/1999/xhtml/vocab#", "ctag": "http://commontag.org/ns#",
        "dcat": "http://www.w3.org/ns/dcat#", "org": "http://www.w3.org/ns/org#", "prov": "http://www.w3.org/ns/prov#",
    ]
}
