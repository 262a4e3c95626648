import Yams

/// A value of a YAML file and where it stands.
struct YAMLValue: Sendable {
    enum Content: Sendable {
        /// Plain is neither quoted nor a block: such a text may be meant as a number, a truth or nothing.
        case text(String, isPlain: Bool)
        case list([YAMLValue])
        case map([(key: String, position: CrawlFileFault.Position, value: YAMLValue)])
        /// Its fault was told.
        case unreadable
    }

    var content: Content
    var position: CrawlFileFault.Position
    /// Values in it, itself included; those of aliases count each time.
    var weight: Int
}

/// From text to values, by Yams; types, defaults and what keys mean are none of its matters.
///
/// Three things that the library does are not wanted here: it puts aliases in place without a bound, and hashes what they make where it stands
/// as a key (a file of 1 KB can so keep a processor busy for years); and of keys that are there twice it names one and stops. So the text that
/// it gets has stand-ins from a private-use block for some characters, one for one, so that lines and columns stay: for each "*", which makes
/// an alias an ordinary text that is resolved here, counted; for each "?", so that keys are short texts; and for the first letter of a key
/// that was found to be there again, after which the text is parsed anew. Where values are taken out the characters are put back.
struct YAMLTree {
    typealias Position = CrawlFileFault.Position

    /// Values in a file, aliases counted as what they stand for.
    static let most = 100_000
    /// Scalars of Unicode, added up over all times that a text is parsed.
    static let mostParsed = 2_000_000
    /// Lists and maps within each other.
    static let deepest = 16

    /// From 0xE100 on for keys, of which there are about a thousand, of a letter and a comma, before too much was parsed.
    private static let standIns: ClosedRange<UInt32> = 0xE000...0xE4FF
    private static let star: Unicode.Scalar = "\u{E02A}"
    private static let question: Unicode.Scalar = "\u{E03F}"
    private static let firstKey: UInt32 = 0xE100

    private var scalars: [Unicode.Scalar] = []
    /// Index of each line's first scalar.
    private var lines = [0]
    /// Keys whose first letter has a stand-in, by the place of the key.
    private var keys: [Position: String] = [:]
    private var anchors: [String: YAMLValue] = [:]
    private var count = 0
    private var faults: CrawlFileFaults

    /// The value of a file; nil where there is none that could be looked at.
    static func read(_ text: String, _ faults: inout CrawlFileFaults) -> YAMLValue? {
        var tree = YAMLTree(faults: faults)
        defer { faults = tree.faults }
        return tree.take(text) ? tree.parse() : nil
    }

    private init(faults: CrawlFileFaults) { self.faults = faults }

    // MARK: Text

    /// False where there are characters that don't belong into a file.
    private mutating func take(_ text: String) -> Bool {
        let source = text.unicodeScalars
        scalars.reserveCapacity(source.count)
        var isGood = true
        for scalar in source.first == "\u{FEFF}" ? source.dropFirst() : source[...] {
            if scalar == "\n", scalars.last == "\r" { lines.removeLast() }
            var fault: String?
            if scalar == "%", scalars.count == lines.last {
                fault = "a line that begins with % is a directive, which can't be used in a crawl file; take it out"
            } else if !YAMLTree.isText(scalar) || YAMLTree.standIns.contains(scalar.value) {
                let code = String(String(scalar.value + 0x10000, radix: 16, uppercase: true).suffix(4))
                fault = "the character U+\(code) can't stand in a crawl file; take it out, or write it as \"\\u\(code)\""
            }
            if let fault {
                faults.add(Position(line: lines.count, column: scalars.count - (lines.last ?? 0) + 1), fault)
                isGood = false
            }
            switch scalar {
            case "*": scalars.append(YAMLTree.star)
            case "?": scalars.append(YAMLTree.question)
            default: scalars.append(scalar)
            }
            if scalar == "\n" || scalar == "\r" { lines.append(scalars.count) }
        }
        return isGood
    }

    /// Tabs and line ends, but not the three line ends that editors don't count.
    static func isText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 9, 10, 13: true
        case 0..<32, 127..<160, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: false
        default: true
        }
    }

    private func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == YAMLTree.star || $0 == YAMLTree.question }) else { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(scalar == YAMLTree.star ? "*" : scalar == YAMLTree.question ? "?" : scalar) }
        return String(out)
    }

    private func index(of position: Position) -> Int? {
        guard lines.indices.contains(position.line - 1) else { return nil }
        let index = lines[position.line - 1] + position.column - 1
        return scalars.indices.contains(index) ? index : nil
    }

    // MARK: Parsing

    private mutating func parse() -> YAMLValue? {
        var parsed = 0
        while true {
            parsed += scalars.count
            do {
                // Names of anchors live only as long as the parser.
                let parser = try Parser(yaml: text(scalars), resolver: .basic, encoding: .utf8)
                return try withExtendedLifetime(parser) { try parser.singleRoot().flatMap { value($0, 1) } }
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let position = Position(context.mark)
                let name = restored(names.first ?? "")
                guard parsed < YAMLTree.mostParsed, mask(name, at: position) else {
                    faults.add(position, "the key \(quoted(name)) is there more than once")
                    return nil
                }
            } catch {
                add(error)
                return nil
            }
        }
    }

    private func text(_ scalars: some Sequence<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(scalars)) }

    /// Gives the first letter of a key a stand-in of its own; false where the key doesn't begin with one.
    private mutating func mask(_ name: String, at position: Position) -> Bool {
        guard var index = index(of: position) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard scalars.indices.contains(index), scalars[index].properties.isAlphabetic || scalars[index].properties.numericType != nil,
            let standIn = Unicode.Scalar(YAMLTree.firstKey + UInt32(keys.count))
        else { return false }
        scalars[index] = standIn
        keys[position] = name
        return true
    }

    private mutating func value(_ node: Node, _ depth: Int) -> YAMLValue? {
        let position = node.mark.map(Position.init) ?? .start
        count += 1
        guard count <= YAMLTree.most else { return tooMany(position) }
        var value = YAMLValue(content: .unreadable, position: position, weight: 1)
        guard depth <= YAMLTree.deepest else {
            faults.add(position, "this is more than \(YAMLTree.deepest) lists and maps deep; a crawl file needs no more than 4")
            return value
        }
        switch node {
        case .scalar(let scalar):
            let tag = scalar.tag.rawValue
            if tag.isEmpty, scalar.style == .plain, scalar.string.unicodeScalars.first == YAMLTree.star {
                return alias(restored(scalar.string), position)
            }
            if !tag.isEmpty, tag != Tag.Name.str.rawValue { faults.add(position, YAMLTree.noTags) } else { value.content = content(scalar) }
        case .sequence(let sequence):
            var items: [YAMLValue] = []
            for item in sequence {
                guard let item = self.value(item, depth + 1) else { return nil }
                items.append(item)
                value.weight += item.weight
            }
            if sequence.tag.rawValue.isEmpty { value.content = .list(items) } else { faults.add(position, YAMLTree.noTags) }
        case .mapping(let mapping):
            var entries: [(key: String, position: Position, value: YAMLValue)] = []
            for (key, item) in mapping {
                guard let item = self.value(item, depth + 1) else { return nil }
                value.weight += item.weight
                let position = key.mark.map(Position.init) ?? position
                if let scalar = key.scalar {
                    entries.append((keys[position] ?? restored(scalar.string), position, item))
                } else {
                    faults.add(position, "a list or a map can't be a key; write a text that begins with [ or { in quotes")
                }
            }
            if mapping.tag.rawValue.isEmpty { value.content = .map(entries) } else { faults.add(position, YAMLTree.noTags) }
        case .alias: break
        }
        if let anchor = node.anchor { anchors[anchor.rawValue] = value }
        return value
    }

    private static let noTags = "a tag, as !!int, can't be used in a crawl file; take it out, or write a text that begins with ! in quotes"

    private func content(_ scalar: Node.Scalar) -> YAMLValue.Content {
        var text = restored(scalar.string)
        if scalar.style == .literal || scalar.style == .folded { while text.last == "\n" { text.removeLast() } }
        return .text(text, isPlain: scalar.style == .plain && scalar.tag.rawValue.isEmpty)
    }

    private mutating func alias(_ text: String, _ position: Position) -> YAMLValue? {
        guard let value = anchors[String(text.dropFirst())] else {
            let message = "a text that begins with * is written in quotes; without them it stands for what was marked with & before"
            faults.add(position, "\(message), and there is no \(quoted("&" + text.dropFirst()))")
            return YAMLValue(content: .unreadable, position: position, weight: 1)
        }
        count += value.weight
        return count <= YAMLTree.most ? value : tooMany(position)
    }

    private mutating func tooMany(_ position: Position) -> YAMLValue? {
        faults.add(position, "with this there are more than \(YAMLTree.most) values; what an alias (*name) stands for counts each time")
        return nil
    }

    // MARK: Syntax

    private mutating func add(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let position = Position(mark)
            let place = context.map { ", \($0.text)" + ($0.mark.line == mark.line ? "" : " that begins on line \($0.mark.line)") } ?? ""
            faults.add(position, "this isn't YAML: \(problem)\(place)\(advice(on: problem, at: position))")
        case .composer(_, _, let mark, _):
            faults.add(Position(mark), "a second document begins here; a crawl file is one")
        case let error:
            faults.add(.start, "this isn't YAML: \(error.map { "\($0)".prefix { !$0.isNewline } } ?? "it can't be read")")
        }
    }

    /// What is likely to have been meant, for a person who doesn't know YAML by heart.
    private func advice(on problem: String, at position: Position) -> String {
        guard lines.indices.contains(position.line - 1) else { return "" }
        let line = scalars[lines[position.line - 1]...].prefix { $0 != "\n" && $0 != "\r" }
        if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") { return "; indent with spaces, not with tabs" }
        if let index = index(of: position), ["@", "`", "%"].contains(scalars[index]) {
            return "; write a text that begins with \(scalars[index]) in quotes"
        }
        if text(line).contains("${") { return "; within [ ] and { } write a text with ${…} in quotes" }
        if problem.hasPrefix("mapping values") { return "; write a text with a colon in it in quotes" }
        return ""
    }
}

extension CrawlFileFault.Position {
    fileprivate init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}
