import Documents
import Foundation

/// Values that the page states for machines: title, meta tags, JSON-LD, microdata and data attributes. Each becomes a line of its own.
extension PageReader {
    private struct Stated: Hashable {
        var key: String
        var value: String
    }

    mutating func findStructured() {
        guard !document.nodes.isEmpty else { return }
        findTitle()
        var stated: Set<Stated> = []
        findMeta(&stated)
        findLinkedData(&stated)
        findAttributes()
    }

    private mutating func add(
        _ kind: Candidate.Kind, _ key: String, _ value: CleanText, node: NodeID? = nil, attribute: String? = nil,
        place: Span.Place? = nil
    ) {
        guard !value.scalars.isEmpty else { return }
        let start = text.count
        text.append(value.scalars)
        let range = start..<text.count
        let tag: String =
            switch kind {
            case .jsonLD: "ld"
            case .meta: "meta"
            case .title: "title"
            default: "attr"
            }
        let keyWords = Words.list(key)
        let last = kind == .jsonLD ? Words.list(String(key.split(separator: ".", omittingEmptySubsequences: false).last ?? "")) : keyWords
        let label = keyWords.joined(separator: " ")
        let line = lines.count
        lines.append(
            ReadLine(
                text: text.string(range), scalars: value.scalars, isVisible: false, tag: tag, attributeWords: last, label: label,
                heading: "", zone: "", columnHead: "", href: "", flow: nil))
        drafts.append(Draft(range: range, block: -1, element: -1))
        candidates.append(
            Candidate(
                kind: kind, span: Candidate.Extent(line: line, start: 0, lastLine: line, end: range.count), key: 0, generalPath: 0,
                label: label, attributeWords: last, node: node, tag: node.map { document.nodes[$0].name } ?? tag, attribute: attribute,
                structuredKey: key, place: place, range: range))
    }

    // MARK: Title

    private static let titleSeparators = [" | ", " - ", " – ", " — ", " : ", " » ", ": "]

    /// The page's title and what its first kind of separator cuts off at either end. Text of the head has no place on the page:
    /// `finish()` looks whether it stands elsewhere.
    private mutating func findTitle() {
        guard let node = document.first("title"), !tree.isInFrame(node) else { return }
        let raw = document.subtree(of: node).filter { document.nodes[$0].kind == .text }.map { document.nodes[$0].text }.joined()
        let title = CleanText(raw)
        add(.title, "page title", title)
        let whole = title.scalars
        for separator in PageReader.titleSeparators.map({ Array($0.unicodeScalars) }) {
            let starts = whole.indices.filter { whole[$0...].starts(with: separator) }
            guard let first = starts.first, let last = starts.last else { continue }
            var parts: [ArraySlice<Unicode.Scalar>] = []
            for part in [
                whole[..<first], whole[(first + separator.count)...], whole[..<last], whole[(last + separator.count)...],
            ] where !parts.contains(where: { $0.elementsEqual(part) }) {
                parts.append(part)
                add(.title, "page title part", CleanText(part))
            }
            return
        }
    }

    // MARK: Meta

    /// Beginnings of names of meta tags that speak to machines only.
    private static let unwantedMeta = [
        "viewport", "google", "msvalid", "robots", "generator", "csrf", "fb:", "theme", "apple", "msapplication", "og:image:w",
        "og:image:h", "og:image:t", "format-det", "referrer", "twitter:card", "twitter:domain", "verify", "al:",
    ]

    private mutating func findMeta(_ stated: inout Set<Stated>) {
        for node in document.nodes.indices where document.nodes[node].kind == .element && document.nodes[node].name == "meta" {
            guard !tree.isInFrame(node), let key = firstValue(["property", "name", "itemprop"], of: node)?.value,
                let (name, value) = firstValue(["content", "value"], of: node)
            else { continue }
            let lower = key.lowercased()
            if lower == "twitter:site" || PageReader.unwantedMeta.contains(where: { lower.hasPrefix($0) }) { continue }
            let clean = CleanText(value)
            guard clean.scalars.count < 4000, stated.insert(Stated(key: key, value: clean.string)).inserted else { continue }
            let isInBody = tree.depth[node] > 0
            add(
                .meta, key, clean, node: isInBody ? node : nil, attribute: isInBody ? "content" : nil,
                place: .attribute(node, name: name, clean.source))
        }
    }

    private func firstValue(_ names: [String], of node: NodeID) -> (name: String, value: String)? {
        for name in names {
            if let value = document.attribute(name, of: node), !value.isEmpty { return (name, value) }
        }
        return nil
    }

    // MARK: JSON-LD

    private static let mostScripts = 20
    private static let unwantedPaths = [
        "breadcrumb", "potentialaction", "searchaction", "sameas", "inlanguage", ".width", ".height", "comment", "review.",
    ]

    private mutating func findLinkedData(_ stated: inout Set<Stated>) {
        var scripts = 0
        for node in document.nodes.indices where document.nodes[node].kind == .element && document.nodes[node].name == "script" {
            guard document.attribute("type", of: node)?.lowercased() == "application/ld+json", !tree.isInFrame(node),
                scripts < PageReader.mostScripts
            else { continue }
            scripts += 1
            guard let json = document.scriptJSON(of: node) else { continue }
            for value in LinkedDataPaths.values(of: json) {
                let lower = value.path.lowercased()
                if PageReader.unwantedPaths.contains(where: { lower.contains($0) }) { continue }
                guard stated.insert(Stated(key: value.path, value: value.text.string)).inserted else { continue }
                add(.jsonLD, value.path, value.text, place: .json(node, pointer: value.pointer, value.text.source))
            }
        }
    }

    // MARK: Attributes

    private static let dataAttributes = ["data-price", "data-sku", "data-product-sku", "data-product-id", "data-id", "data-brand"]
    private static let mostData = 60

    private mutating func findAttributes() {
        var found = 0
        for node in tree.elements where !document.nodes[node].attributes.isEmpty {
            let name = document.nodes[node].name
            func value(_ attribute: String) -> String? {
                document.attribute(attribute, of: node).flatMap { $0.isEmpty ? nil : $0 }
            }
            let property = value("itemprop")
            if name == "time", let date = value("datetime") {
                addAttribute("time " + attributes.all(of: node, in: document).prefix(4).joined(separator: " "), node, "datetime", date)
            } else if let property, name != "meta" {
                let names = ["content", "datetime"] + (name == "a" || name == "link" ? ["href"] : []) + (name == "img" ? ["src"] : [])
                if let (attribute, value) = firstValue(names, of: node) { addAttribute(property, node, attribute, value) }
            } else if name != "meta", let content = value("content") {
                addAttribute(
                    attributes.all(of: node, in: document).prefix(4).joined(separator: " "), node, "content", content, limit: 500)
            }
            // What is said by markup alone must not stand on what no reader can see; microdata is meant for machines.
            if document.nodes[node].isHidden { continue }
            if name == "a", let href = value("href") {
                if href.hasPrefix("mailto:") { addLink("email mailto", node, href, after: 7) }
                if href.hasPrefix("tel:") { addLink("phone tel", node, href, after: 4) }
            }
            for attribute in PageReader.dataAttributes {
                guard found < PageReader.mostData, let data = value(attribute) else { continue }
                found += 1
                addAttribute(String(attribute.dropFirst(5)), node, attribute, data)
            }
            if name == "input", found < PageReader.mostData, let key = value("name"), let input = value("value"),
                input.unicodeScalars.count < 60
            {
                found += 1
                addAttribute(key, node, "value", input)
            }
        }
    }

    private mutating func addAttribute(_ key: String, _ node: NodeID, _ attribute: String, _ value: String, limit: Int = .max) {
        let clean = CleanText(value, limit: limit)
        add(.attribute, key, clean, node: node, attribute: attribute, place: .attribute(node, name: attribute, clean.source))
    }

    private mutating func addLink(_ key: String, _ node: NodeID, _ href: String, after start: Int) {
        let scalars = Array(href.unicodeScalars)
        let end = start == 7 ? scalars.firstIndex(of: "?") ?? scalars.count : scalars.count
        let clean = CleanText(scalars[min(start, end)..<end])
        add(.attribute, key, clean, node: node, attribute: "href", place: .attribute(node, name: "href", clean.source))
    }
}

/// Text in the form in which it is compared: composed (NFC), runs of white space as one space, none at the ends.
struct CleanText {
    private(set) var scalars: [Unicode.Scalar] = []
    /// Where it came from, in scalars of the original: from its first to its last scalar that is no white space.
    var source = 0..<0

    var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    init(_ text: String, limit: Int = .max) {
        self.init(ArraySlice(text.unicodeScalars), limit: limit)
    }

    /// Positions of the slice are those of the original.
    init(_ text: ArraySlice<Unicode.Scalar>, limit: Int = .max) {
        var end = text.startIndex
        var start: Int?
        var needsComposing = false
        for (position, scalar) in zip(text.indices, text) where scalar != "\u{200B}" {
            if ScalarClass(scalar).contains(.space) {
                if let last = scalars.last, last != " " { scalars.append(" ") }
                continue
            }
            guard scalars.count < limit else { break }
            scalars.append(scalar)
            start = start ?? position
            end = position + 1
            needsComposing = needsComposing || scalar.value >= 0x300
        }
        if scalars.last == " " { scalars.removeLast() }
        source = (start ?? text.startIndex)..<max(end, start ?? text.startIndex)
        if needsComposing { scalars = Array(string.precomposedStringWithCanonicalMapping.unicodeScalars) }
    }
}
