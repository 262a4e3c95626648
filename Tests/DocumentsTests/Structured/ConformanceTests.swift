import Documents
import Foundation
import TestMaterial
import Testing

/// Pages with the structured data that the extruct project expects of them.
@Suite(.enabled(if: Material.file("data/conformance/structured-data/extruct-samples") != nil))
struct StructuredConformanceTests {
    private struct Case {
        var name: String
        var document: Document
        var expected: JSON
    }

    private func cases(_ folders: [String]) throws -> [Case] {
        let root = try #require(Material.file("data/conformance/structured-data/extruct-samples"))
        var out: [Case] = []
        for folder in folders {
            let folder = root.appending(path: folder)
            for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).sorted(by: {
                $0.path < $1.path
            }) {
                guard file.pathExtension == "json" || file.pathExtension == "jsonld" else { continue }
                var stem = file.deletingPathExtension().lastPathComponent
                if stem.hasSuffix(".expanded") { stem.removeLast(9) }
                let page = folder.appending(path: stem + (stem == "xhtml+rdfa" ? ".html" : ".html"))
                guard let html = try? Data(contentsOf: page), let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
                let document = Document(html: [UInt8](html), url: "http://www.example.com/index.html", charset: "utf-8")
                out.append(Case(name: file.lastPathComponent, document: document, expected: try JSON(parsing: text)))
            }
        }
        return out
    }

    private func report(_ kind: String, _ failures: [String], of count: Int, allowed: Int) {
        print("\(kind): \(count - failures.count) of \(count) agree\(failures.isEmpty ? "" : "; not: ")\(failures.joined(separator: ", "))")
        #expect(count > 0)
        #expect(failures.count <= allowed, "\(failures)")
    }

    /// JSON-LD scripts give the objects that extruct expects, member by member.
    @Test func linkedData() throws {
        var failures: [String] = []
        var count = 0
        for item in try cases(["custom.invalid", "misc", "schema.org", "schema.org.invalid", "songkick"]) {
            let expected: [JSON]
            if item.name.hasSuffix(".jsonld") {
                // Some files keep one list for each script.
                let groups = item.expected["items"]?.array ?? item.expected.array ?? [item.expected]
                expected = groups.flatMap { $0.array ?? [$0] }
            } else if let linked = item.expected["json-ld"]?.array, !linked.isEmpty {
                expected = linked
            } else {
                continue
            }
            count += 1
            var found: [JSON] = []
            for node in item.document.nodes.indices where item.document.attribute("type", of: node) == "application/ld+json" {
                switch item.document.scriptJSON(of: node) {
                case .array(let values): found += values.filter { !($0.members ?? []).isEmpty }
                case .some(let value): found.append(value)
                case nil: break
                }
            }
            if found.map(normal) != expected.filter({ !($0.members ?? []).isEmpty }).map(normal) { failures.append(item.name) }
        }
        report("json-ld", failures, of: count, allowed: 0)
    }

    /// Microdata gives the items that extruct expects.
    @Test func microdata() throws {
        var failures: [String] = []
        var count = 0
        for item in try cases(["w3c", "schema.org", "misc", "websites"]) {
            let expected = item.expected["microdata"]?.array ?? item.expected.array ?? []
            guard item.name.hasSuffix(".json"), !item.name.contains("flat"), !item.name.contains("withtext"),
                !item.name.contains("custom_url"), !item.name.contains("microformat"),
                expected.contains(where: { $0["properties"]?.members != nil })
            else { continue }
            count += 1
            let found = item.document.structuredData().items.filter { $0.syntax == .microdata }
            let base = Self.bases[item.name]
            if found.map({ plain($0, base) }).sorted() != expected.map(plain).sorted() { failures.append(item.name) }
        }
        // 5.3: properties stand in tree order here, as WHATWG says. product-ref: an item without itemprop that is referred to gives
        // none of its properties, as WHATWG says. SearchAction: extruct reads an <input> in a way of its own.
        #expect(Set(failures).isSubset(of: ["microdata.5.3.json", "product-ref.json", "SearchAction.001.json"]))
        report("microdata", failures, of: count, allowed: 3)
    }

    /// Addresses that the expected files resolve against, which the pages themselves don't carry.
    private static let bases = [
        "microdata.7.1.json": "http://blog.example.com/progress-report", "microdata.object.json": "http://www.example.com/microdata/x",
    ]

    /// OpenGraph pages give every property that extruct expects, in its order.
    @Test func openGraph() throws {
        var failures: [String] = []
        var count = 0
        for item in try cases(["misc", "songkick", "websites", "schema.org"]) {
            let groups = (item.expected.array ?? []) + (item.expected["opengraph"]?.array ?? [])
            let expected = groups.flatMap { $0["properties"]?.array ?? [] }.compactMap { pair -> String? in
                guard let pair = pair.array, pair.count == 2, let name = pair[0].string, let value = pair[1].string else { return nil }
                return "\(name)=\(folded(value))"
            }
            guard !expected.isEmpty else { continue }
            count += 1
            let found = item.document.structuredData().leaves.filter { $0.syntax == .meta }.map { "\($0.keyPath)=\(folded($0.text))" }
            // Expected groups by namespace, so only the order within one name counts.
            let missing = expected.filter { !found.contains($0) }
            if !missing.isEmpty { failures.append("\(item.name) \(missing)") }
        }
        report("opengraph", failures, of: count, allowed: 0)
    }

    /// RDFa gives the literal and resource statements that extruct expects (of names it expands).
    @Test func rdfa() throws {
        var failures: [String] = []
        var count = 0
        for item in try cases(["w3crdfa", "wikipedia", "songkick", "misc"]) {
            let subjects = item.name.contains("expanded") ? item.expected.array ?? [] : item.expected["rdfa"]?.array ?? []
            var expected: Set<String> = []
            for subject in subjects {
                for member in subject.members ?? [] where !member.name.hasSuffix("usesVocabulary") {
                    for value in member.value.array ?? [] {
                        if let text = value["@value"]?.string { expected.insert("\(member.name)=\(folded(text))") }
                        if member.name == "@type", let type = value.string { expected.insert("type=\(type)") }
                    }
                }
            }
            guard !expected.isEmpty else { continue }
            count += 1
            var found: Set<String> = []
            func walk(_ item: StructuredItem) {
                for type in item.types { found.insert("type=\(type)") }
                for property in item.properties {
                    switch property.value {
                    case .text(let text): found.insert("\(property.name)=\(folded(text.text))")
                    case .item(let inner): walk(inner)
                    }
                }
            }
            let prefixes = prefixes(item.document)
            for structured in item.document.structuredData().items where structured.syntax == .rdfa || structured.syntax == .meta {
                walk(structured)
                if structured.syntax == .meta {
                    for property in structured.properties {
                        guard let colon = property.name.firstIndex(of: ":"), let address = prefixes[String(property.name[..<colon])] else {
                            continue
                        }
                        found.insert(
                            "\(address)\(property.name[property.name.index(after: colon)...])=\(folded(property.value.text ?? ""))")
                    }
                }
            }
            let missing = expected.subtracting(found)
            if !missing.isEmpty { failures.append("\(item.name) \(missing.sorted().prefix(3))") }
        }
        report("rdfa", failures, of: count, allowed: 0)
    }

    /// What the page says its prefixes are, over those that need no saying.
    private func prefixes(_ document: Document) -> [String: String] {
        var out = [
            "og": "http://ogp.me/ns#", "dc": "http://purl.org/dc/terms/", "article": "http://ogp.me/ns/article#",
            "book": "http://ogp.me/ns/book#",
            "music": "http://ogp.me/ns/music#", "video": "http://ogp.me/ns/video#", "profile": "http://ogp.me/ns/profile#",
        ]
        for node in document.nodes {
            for attribute in node.attributes {
                if attribute.name.hasPrefix("xmlns:") { out[String(attribute.name.dropFirst(6))] = attribute.value }
                guard attribute.name == "prefix" else { continue }
                let words = attribute.value.split { $0.isWhitespace }.map(String.init)
                for (name, address) in zip(words, words.dropFirst()) where name.hasSuffix(":") { out[String(name.dropLast())] = address }
            }
        }
        return out
    }

    // MARK: Comparing

    private func folded(_ text: String) -> String { text.split { $0.isWhitespace }.joined(separator: " ") }

    /// Members sorted, numbers by value, white space folded.
    private func normal(_ json: JSON) -> JSON {
        switch json {
        case .object(let members): .object(members.map { JSON.Member($0.name, normal($0.value)) }.sorted { $0.name < $1.name })
        case .array(let items): .array(items.map(normal))
        case .string(let text): .string(folded(text))
        case .number: json.double.map(JSON.double) ?? json
        default: json
        }
    }

    private func plain(_ item: StructuredItem, _ base: String?) -> String {
        let properties = Dictionary(grouping: item.properties, by: \.name).map { name, values in
            let texts = values.map { property -> String in
                if let inner = property.value.item { return plain(inner, base) }
                guard case .text(let text) = property.value else { return "" }
                if let base, case .attribute(_, let name, _) = text.place, name == "href" || name == "data" {
                    return URL(string: text.text, relativeTo: URL(string: base))?.absoluteString ?? text.text
                }
                return folded(text.text)
            }
            return "\(name): \(texts.joined(separator: ";"))"
        }
        return "\(item.types.sorted()) {\(properties.sorted().joined(separator: ", "))}"
    }

    private func plain(_ item: JSON) -> String {
        let types = item["type"]?.string.map { [$0] } ?? item["type"]?.array?.compactMap(\.string) ?? []
        let properties = (item["properties"]?.members ?? []).map { member in
            let values = member.value.array ?? [member.value]
            let texts = values.map { value in
                value["properties"] != nil || value["type"] != nil ? plain(value) : folded(value.string ?? value.description)
            }
            return "\(member.name): \(texts.joined(separator: ";"))"
        }
        return "\(types.sorted()) {\(properties.sorted().joined(separator: ", "))}"
    }
}

/// Real pages of many sites.
@Suite(.enabled(if: Material.file("data/extraction") != nil))
struct StructuredPagesTests {
    /// On a sample of real pages every leaf, table cell and label is cut from where it says it stands.
    @Test func places() throws {
        let root = try #require(Material.file("data/extraction"))
        var pages = 0
        var leaves = 0
        for folder in ["recipes", "products", "swde", "articles_meta", "contacts", "wikitables", "bananalyzer"] {
            let folder = root.appending(path: folder)
            let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
            let htmls = files.filter { $0.pathExtension == "html" }.sorted { $0.path < $1.path }
            for index in stride(from: 0, to: htmls.count, by: max(1, htmls.count / 5)) {
                let bytes = [UInt8](try Data(contentsOf: htmls[index]))
                guard bytes.count < 400_000 else { continue }
                let document = Document(html: bytes, url: "https://example.com/")
                pages += 1
                var scripts: [NodeID: JSON] = [:]
                for leaf in document.structuredData().leaves {
                    leaves += 1
                    if case .json(let node, let pointer, _) = leaf.place {
                        if scripts[node] == nil { scripts[node] = document.scriptJSON(of: node) }
                        #expect(scripts[node]?.text(at: pointer) == leaf.text, "\(htmls[index].lastPathComponent) \(leaf)")
                    } else {
                        #expect(document.text(at: leaf.place) == leaf.text, "\(htmls[index].lastPathComponent) \(leaf)")
                    }
                }
                for table in document.tables() {
                    for row in table.rows {
                        #expect(row.headings.count <= table.columns)
                        for cell in row.cells { #expect(document.visibleRange(of: cell.node) == cell.range) }
                    }
                }
                for pair in document.labelledValues() {
                    #expect(!pair.label.isEmpty && !pair.value.isEmpty && pair.value.upperBound <= document.flow.scalars.count)
                }
            }
        }
        print("structured data: \(leaves) leaves of \(pages) pages stand where they say")
        #expect(pages > 10 && leaves > 100)
    }
}
