/// A value of the file, with its path.
struct Field {
    var value: YAMLValue
    var path: String
}

/// From values of YAML to those of a crawl file. What isn't as it must be becomes a fault, and nil; an absent field is nil alone.
struct FieldReader {
    /// Bytes of one text, variables filled in.
    static let longestText = 20_000

    let environment: [String: String]
    var faults = CrawlFileFaults()
    /// Bytes of texts in which something was filled in.
    private var filled = 0

    init(environment: [String: String]) { self.environment = environment }

    mutating func refuse(_ field: Field, _ message: String) { faults.add(field.value.position, path: field.path, message) }

    /// - Parameter expected: as "a whole number".
    private mutating func refuse(_ field: Field, expecting expected: String, advice: String = "") {
        let found: String
        switch field.value.content {
        case .text(let text, let isPlain): found = FieldReader.isNothing(text, isPlain) ? "and there is nothing" : "not \(quoted(text))"
        case .list(let items): found = items.isEmpty ? "not an empty list" : "not a list"
        case .map: found = "not a map"
        case .unreadable: return
        }
        refuse(field, "must be \(expected), \(found)\(advice)")
    }

    // MARK: Maps and lists

    /// The fields of a map by their keys, without those that aren't known.
    mutating func map(_ field: Field?, _ kind: CrawlKeys) -> [String: Field]? {
        guard let field else { return nil }
        guard case .map(let entries) = field.value.content else {
            refuse(field, expecting: "a map with \(kind.keys.joined(separator: ", "))")
            return nil
        }
        var fields: [String: Field] = [:]
        var lines: [String: Int] = [:]
        for (key, position, value) in entries {
            let path = field.path.isEmpty ? key : field.path + "." + key
            if let line = lines[key] {
                faults.add(position, path: field.path, "the key \(quoted(key)) is there a second time; the first is on line \(line)")
            } else if kind.keys.contains(key) {
                fields[key] = Field(value: value, path: path)
            } else {
                faults.add(position, path: field.path, "there is no key \(quoted(key)) here; \(kind.advice(on: key))")
            }
            if lines[key] == nil { lines[key] = position.line }
        }
        return fields
    }

    mutating func list(_ field: Field?, of expected: String) -> [Field] {
        guard let field else { return [] }
        guard case .list(let items) = field.value.content, !items.isEmpty else {
            refuse(field, expecting: "a list of \(expected)")
            return []
        }
        return FieldReader.each(items, field)
    }

    private static func each(_ items: [YAMLValue], _ field: Field) -> [Field] {
        items.enumerated().map { Field(value: $1, path: "\(field.path)[\($0)]") }
    }

    /// The field itself, or what it lists.
    mutating func oneOrMore(_ field: Field?, _ expected: String) -> [Field] {
        guard let field else { return [] }
        guard case .list(let items) = field.value.content else { return [field] }
        if items.isEmpty { refuse(field, expecting: "\(expected) or a list of them") }
        return FieldReader.each(items, field)
    }

    // MARK: Texts

    mutating func text(_ field: Field?, _ expected: String = "text") -> String? {
        guard let field, let text = scalar(field, expected) else { return nil }
        if case .text(let written, isPlain: true) = field.value.content, FieldReader.truths[written.lowercased()] != nil {
            let advice = "write it in quotes, \(quoted(written)): without them it is true or false to some readers of YAML"
            refuse(field, "must be \(expected); \(advice)")
            return nil
        }
        guard !text.allSatisfy(\.isWhitespace) else {
            refuse(field, "must be \(expected), and it is empty")
            return nil
        }
        guard text.unicodeScalars.allSatisfy(YAMLTree.isText) else {
            refuse(field, "must be \(expected) without control characters")
            return nil
        }
        return text
    }

    mutating func texts(_ field: Field?, _ expected: String = "text") -> [String] {
        oneOrMore(field, expected).compactMap { text($0, expected) }
    }

    /// http or https, and a host; the rest is for those to say who ask for it.
    mutating func address(_ field: Field?) -> String? {
        guard let field, let text = text(field, "an address, as https://example.org/jobs") else { return nil }
        let scheme = ["http://", "https://"].first { text.lowercased().hasPrefix($0) }
        let authority = text.dropFirst(scheme?.count ?? 0).prefix { !"/?#\\".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last?.prefix { $0 != ":" } ?? ""
        guard scheme != nil, !host.isEmpty, !text.contains(where: \.isWhitespace) else {
            refuse(field, "must be an address with http:// or https:// and a host, as https://example.org/jobs")
            return nil
        }
        return text
    }

    // MARK: Values

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ field: Field?, _ kind: Choice.Type) -> Choice? {
        guard let field else { return nil }
        let names = kind.allCases.map(\.rawValue)
        let expected = "one of \(names.joined(separator: ", "))"
        guard let text = scalar(field, expected) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let near = Spelling.nearest(to: text, among: names).map { "; did you mean \($0)?" } ?? ""
        refuse(field, expecting: expected, advice: near)
        return nil
    }

    mutating func number(_ field: Field?, _ range: ClosedRange<Int64>) -> Int64? {
        converted(field, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            // "010" is eight to some readers of YAML.
            guard text.utf8.allSatisfy({ (48...57).contains($0) }), text == "0" || text.first != "0" else { return nil }
            return Int64(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func duration(_ field: Field?, atMost longest: Duration = Quantity.longest) -> Duration? {
        let limit = longest == Quantity.longest ? "365d" : "\(longest.components.seconds)s"
        return converted(field, "a length of time up to \(limit), as 45s, 30m or 1h30m") { text in
            Quantity.duration(text).flatMap { $0 <= longest ? $0 : nil }
        }
    }

    mutating func bytes(_ field: Field?) -> Int64? {
        converted(field, "a size up to 1000TB, as 500MB or 2GiB", Quantity.bytes)
    }

    private static let truths = ["true": true, "yes": true, "on": true, "false": false, "no": false, "off": false]

    mutating func flag(_ field: Field?) -> Bool? {
        guard let field, let text = scalar(field, "true or false") else { return nil }
        if text == "true" || text == "false" { return text == "true" }
        let meant = FieldReader.truths[text.lowercased()].map { ", which readers of YAML take for different things; write \($0)" }
        refuse(field, expecting: "true or false", advice: meant ?? "")
        return nil
    }

    private mutating func converted<Value>(_ field: Field?, _ expected: String, _ convert: (String) -> Value?) -> Value? {
        guard let field, let text = scalar(field, expected) else { return nil }
        guard let value = convert(text) else {
            refuse(field, expecting: expected)
            return nil
        }
        return value
    }

    /// A text, a number or a truth as it is written, with variables filled in.
    private mutating func scalar(_ field: Field, _ expected: String) -> String? {
        guard case .text(let text, let isPlain) = field.value.content, !FieldReader.isNothing(text, isPlain) else {
            refuse(field, expecting: expected)
            return nil
        }
        guard let text = text.contains("$") ? fill(text, field) : text else { return nil }
        guard text.utf8.count <= FieldReader.longestText else {
            refuse(field, "must be at most \(FieldReader.longestText) bytes long")
            return nil
        }
        return text
    }

    private static func isNothing(_ text: String, _ isPlain: Bool) -> Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }

    // MARK: Variables

    /// What a variable stands for is not looked at again.
    private mutating func fill(_ text: String, _ field: Field) -> String? {
        var out = ""
        var rest = text[...]
        var isGood = true
        while let dollar = rest.firstIndex(of: "$") {
            out += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            if rest.first == "$" {
                out += "$"
                rest.removeFirst()
            } else if rest.first == "{" {
                let name = rest.dropFirst().prefix { $0 != "}" }
                rest = rest.dropFirst(name.count + 1)
                guard rest.popFirst() == "}", FieldReader.isVariable(name) else {
                    refuse(field, "a variable is written as ${NAME}, of letters, digits and _; for a dollar write $$")
                    return nil
                }
                guard let value = environment[String(name)] else {
                    refuse(field, "the variable \(name) is not set; set it, or write $${\(name)} if the text is meant")
                    isGood = false
                    continue
                }
                out += value
            } else {
                out += "$"
            }
            guard filled + out.utf8.count <= CrawlFile.limit else {
                refuse(field, "with this the file's texts with variables are over \(CrawlFile.limit) bytes")
                return nil
            }
        }
        out += rest
        filled += out.utf8.count
        return isGood ? out : nil
    }

    static func isVariable(_ name: some StringProtocol) -> Bool {
        let isName = name.unicodeScalars.allSatisfy { $0 == "_" || "0"..."9" ~= $0 || "a"..."z" ~= $0 || "A"..."Z" ~= $0 }
        return isName && name.first.map { !$0.isNumber } == true
    }
}
