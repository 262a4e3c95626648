package import Documents

/// From a place on the page to a typed value that its text proves.
struct Typing: Sendable {
    let document: Document
    let hints: PageHints

    struct Value: Sendable {
        var json: JSON
        /// Narrowed to what was read: the price inside "now only €12.50".
        var span: Span
        var transform: String
    }

    /// The value of a leaf at a place. A price that is struck out gives way to the one beside it, unless the former price was asked for.
    func value(at place: Span.Place, for leaf: Leaf) -> Value? {
        if leaf.type == .phone, case .flow(let range) = place, isOtherNumber(range.lowerBound, leaf) { return nil }
        guard let value = value(at: place, as: leaf.type, choices: leaf.field.choices) else { return nil }
        guard leaf.isPrice, !leaf.isFormerPrice, case .flow(let range) = value.span.place,
            let origin = document.flow.origin(at: range.lowerBound), isStruck(.flow(range), 0..<range.count)
        else { return value }
        for above in document.ancestors(of: origin).prefix(2) {
            let outer = document.visibleRange(of: above)
            guard outer.count <= 200 else { break }
            let text = document.flow.text(outer)
            for reading in Values.find(leaf.type, in: text, hints: hints) where !isStruck(.flow(outer), reading.range) {
                if let current = cut(.flow(outer), text, reading) { return current }
            }
        }
        return value
    }

    /// The value of that type at a place; nil where the place states none.
    func value(at place: Span.Place, as type: FieldType, choices: [String] = []) -> Value? {
        if type == .url || type == .image, case .flow(let range) = place { return link(around: range, isImage: type == .image) }
        guard let text = text(at: place) else { return nil }
        var isPrinted = false
        if case .flow = place { isPrinted = true }
        var hints = hints
        if type == .money, let currency = statedCurrency(beside: place) { hints.currency = currency }
        if let reading = Values.read(text, as: type, hints: hints, isPrinted: isPrinted, choices: choices) { return cut(place, text, reading) }
        guard choices.isEmpty, text.utf8.count <= 400 else { return nil }
        let found = Values.find(type, in: text, hints: hints)
        // "€56.00 €48.50": the price that is struck out was the price.
        let current = type == .money && found.count > 1 ? found.first { !isStruck(place, $0.range) } : nil
        return (current ?? found.first).flatMap { cut(place, text, $0) }
    }

    /// Whether the words before it on its line say that a number is another than a telephone's: "Order number 4711-2026-1234".
    private func isOtherNumber(_ start: Int, _ leaf: Leaf) -> Bool {
        var before = document.flow.text(max(0, start - 40)..<start).lowercased()
        if let line = before.lastIndex(of: "\n") { before = String(before[before.index(after: line)...]) }
        let words = before.split { !$0.isLetter }.suffix(3).map(String.init)
        guard !words.contains(where: { ($0.hasPrefix("tel") && $0 != "telefax") || $0.hasPrefix("phone") || $0.hasPrefix("mobil") }) else { return false }
        return words.contains { Typing.otherNumbers.contains($0) && !leaf.field.name.lowercased().contains($0) }
    }

    private static let otherNumbers: Set<String> = [
        "order", "invoice", "article", "item", "customer", "account", "tracking", "reference", "case", "docket", "isbn", "issn", "sku", "serial",
        "vat", "iban", "fax", "telefax",
    ]

    /// `priceCurrency` of the same offer in JSON-LD or microdata.
    private func statedCurrency(beside place: Span.Place) -> String? {
        switch place {
        case .json(let node, let pointer, _):
            let above = pointer.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            return document.scriptJSON(of: node)?.text(at: above + "/priceCurrency").flatMap(\.trimmedCurrency)
        case .attribute(let node, _, _):
            for above in document.ancestors(of: node).prefix(4) {
                for inner in document.subtree(of: above).prefix(80) where document.attribute("itemprop", of: inner) == "priceCurrency" {
                    return (document.attribute("content", of: inner) ?? document.visibleText(of: inner)).trimmedCurrency
                }
            }
            return nil
        case .flow: return nil
        }
    }

    /// Whether the text at a range of a visible place is shown as no longer true.
    private func isStruck(_ place: Span.Place, _ range: Range<Int>) -> Bool {
        guard case .flow(let whole) = place, let origin = document.flow.origin(at: whole.lowerBound + range.lowerBound) else { return false }
        let words: Set<String> = ["old", "was", "before", "original", "regular", "strike", "struck", "rrp", "msrp", "crossed", "compare", "previous"]
        return document.ancestors(of: origin).prefix(3).contains { node in
            if ["del", "s", "strike"].contains(document[node].name) { return true }
            let names = (document.attribute("class", of: node) ?? "").lowercased().split { !$0.isLetter }
            return names.contains { words.contains(String($0)) }
        }
    }

    func text(at place: Span.Place) -> String? {
        switch place {
        case .flow(let range): return document.flow.text(range)
        case .attribute(let node, let name, let range): return document.attribute(name, of: node).flatMap { Typing.slice($0, range) }
        case .json(let node, let pointer, let range):
            return document.scriptJSON(of: node)?.text(at: pointer).flatMap { Typing.slice($0, range) }
        }
    }

    private func cut(_ place: Span.Place, _ text: String, _ reading: Values.Reading) -> Value? {
        guard let exact = Typing.slice(text, reading.range) else { return nil }
        return Value(json: reading.value, span: Span(place: place.part(reading.range), text: exact), transform: reading.transform)
    }

    /// The address that a visible text leads to, or the picture beside it: the nearest link around or inside the smallest element that
    /// holds the text.
    private func link(around range: Range<Int>, isImage: Bool) -> Value? {
        if let text = text(at: .flow(range)), !isImage, let reading = Values.read(text, as: .url, hints: hints) {
            return cut(.flow(range), text, reading)
        }
        guard let (node, _, _) = document.place(of: range) else { return nil }
        let wanted: [(tag: String, attribute: String)] = isImage ? [("img", "src"), ("img", "data-src")] : [("a", "href")]
        func reference(_ node: NodeID) -> Value? {
            guard document[node].kind == .element else { return nil }
            for (tag, attribute) in wanted where document[node].name == tag {
                guard let text = document.attribute(attribute, of: node), !text.hasPrefix("#"), !text.lowercased().hasPrefix("javascript:")
                else { continue }
                return value(at: .attribute(node, name: attribute, 0..<text.unicodeScalars.count), as: isImage ? .image : .url)
            }
            return nil
        }
        if let value = reference(node) { return value }
        for below in document.subtree(of: node).prefix(200) { if let value = reference(below) { return value } }
        for above in document.ancestors(of: node).prefix(3) {
            if let value = reference(above) { return value }
            if isImage { for below in document.subtree(of: above).prefix(60) { if let value = reference(below) { return value } } }
        }
        return nil
    }

    static func slice(_ text: String, _ range: Range<Int>) -> String? {
        let scalars = Array(text.unicodeScalars)
        guard range.lowerBound >= 0, range.upperBound <= scalars.count, range.lowerBound <= range.upperBound else { return nil }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }
}

extension Evidence {
    /// A value at a span, as evidence; nil where the span is no place of the document.
    init?(
        record: Int, path: String, value: Typing.Value, in document: Document, method: Method, score: Double
    ) {
        func make(
            _ node: NodeID, _ range: Range<Int>, attribute: String? = nil, pointer: String? = nil, box: Document.Box?, isFolded: Bool
        ) -> Evidence {
            Evidence(
                record: record, path: path, value: value.json, text: value.span.text, node: document.path(of: node), start: range.lowerBound,
                end: range.upperBound, attribute: attribute, pointer: pointer, box: box, isFolded: isFolded, method: method,
                score: (min(max(score, 0), 1) * 1000).rounded() / 1000, transform: value.transform)
        }
        switch value.span.place {
        case .flow(let range):
            guard let place = document.place(of: range) else { return nil }
            self = make(
                place.node, place.start..<place.end, box: document.box(of: range),
                isFolded: document.flow.origins(in: range).contains { document[$0].isFolded })
        case .attribute(let node, let name, let range):
            self = make(node, range, attribute: name, box: document[node].box, isFolded: document[node].isFolded)
        case .json(let node, let pointer, let range): self = make(node, range, pointer: pointer, box: nil, isFolded: false)
        }
    }

    /// Whether the text stands where the evidence says, and the value follows from it. Nil when it does, else why not.
    package func fault(in document: Document, resolve: (String) -> String?) -> String? {
        guard let node = document.node(at: node) else { return "the page has no node \(self.node)" }
        let whole: String?
        if let attribute {
            whole = document.attribute(attribute, of: node)
        } else if let pointer {
            whole = document.scriptJSON(of: node)?.text(at: pointer)
        } else {
            whole = document.visibleText(of: node)
        }
        guard let whole, start >= 0, end >= start, let found = Typing.slice(whole, start..<end) else {
            return "nothing stands at \(start)..<\(end) of node \(self.node)"
        }
        guard found.unicodeScalars.elementsEqual(text.unicodeScalars) else { return "\"\(found)\" stands there, not \"\(text)\"" }
        guard Values.follows(value, from: text, by: transform, resolve: resolve) else {
            return "\(value) does not follow from \"\(text)\" by \(transform)"
        }
        return nil
    }

    package var json: JSON {
        .of(
            ("record", .integer(record)), ("path", .string(path)), ("value", value), ("text", .string(text)), ("node", .string(node)),
            ("start", .integer(start)), ("end", .integer(end)), ("attribute", attribute.map(JSON.string)),
            ("pointer", pointer.map(JSON.string)),
            ("box", box.map { .array([$0.x, $0.y, $0.width, $0.height].map { .double((Double($0) * 100).rounded() / 100) }) } ?? .null),
            ("folded", isFolded ? .bool(true) : nil), ("method", .string(method.rawValue)), ("score", .double(score)),
            ("transform", .string(transform)))
    }

    /// From the form in which it is stored; nil where that is none.
    package init?(json: JSON) {
        guard let record = json["record"]?.int, let path = json["path"]?.string, let value = json["value"], let text = json["text"]?.string,
            let node = json["node"]?.string, let start = json["start"]?.int, let end = json["end"]?.int,
            let method = json["method"]?.string.flatMap(Method.init(rawValue:)), let transform = json["transform"]?.string
        else { return nil }
        self.init(
            record: record, path: path, value: value, text: text, node: node, start: start, end: end, attribute: json["attribute"]?.string,
            pointer: json["pointer"]?.string, isFolded: json["folded"]?.bool ?? false, method: method, score: json["score"]?.double ?? 0,
            transform: transform)
    }
}

extension Incomplete {
    package var json: JSON { .of(("path", .string(path)), ("reason", .string(reason))) }
}

extension String {
    /// Three capital letters (ISO 4217); nil for anything else.
    fileprivate var trimmedCurrency: String? {
        let letters = filter { !$0.isWhitespace }
        return letters.utf8.count == 3 && letters.utf8.allSatisfy({ (65...90).contains($0) }) ? letters : nil
    }
}
