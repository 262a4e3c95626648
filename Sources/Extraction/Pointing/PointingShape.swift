import Documents

/// What an answer looks like for one request: which keys, and under each a pointer, a list of pointers, or a list of objects of them.
///
/// A pointer is `{"block": 12, "words": "€12.50"}`: the number of a block and exact words in it (none: all of it); `null`: the page doesn't
/// show it. Words are easier for small models than character ranges, and code finds the range.
struct PointingShape: Sendable {
    var leaves: [Leaf]
    /// Lists of objects beside the leaves of one record.
    var groups: [Leaf]
    /// An array of records, at most so many; nil: one record.
    var cap: Int?

    static let mostInList = 8
    static let mostInGroup = 12
    static let longestWords = 160

    static func key(_ leaf: Leaf) -> String { leaf.steps.joined(separator: ".") }

    /// Tokens of one object of these leaves, as small models write it.
    private static func tokens(_ leaves: [Leaf]) -> Int { leaves.reduce(4) { $0 + ($1.isList ? 120 : 32) } }

    /// The longest answer that is asked for.
    var tokenBudget: Int {
        let own = PointingShape.tokens(leaves) + groups.reduce(0) { $0 + 6 * PointingShape.tokens(Leaf.all(of: $1.field.fields).leaves) }
        return 32 + (cap ?? 1) * own
    }

    /// So many records that the answer keeps within a number of tokens; at least one.
    static func cap(of leaves: [Leaf], within tokens: Int, most: Int) -> Int {
        max(1, min(most, (tokens - 32) / PointingShape.tokens(leaves)))
    }

    func grammar(blocks: ClosedRange<Int>) -> PointingGrammar {
        PointingGrammar(gbnf: gbnf(blocks), schema: schema(blocks).description)
    }

    // MARK: llama.cpp's notation

    private func gbnf(_ blocks: ClosedRange<Int>) -> String {
        var rules: [String] = []
        for (number, group) in groups.enumerated() {
            rules.append("group\(number) ::= " + PointingShape.object(Leaf.all(of: group.field.fields).leaves, []))
        }
        let record = PointingShape.object(leaves, groups)
        let root =
            cap.map { cap in
                "root ::= \"{\\\"records\\\":\" \(PointingShape.list("record", cap)) \"}\"\nrecord ::= " + record
            } ?? "root ::= " + record
        let words = "words ::= \"\\\"\" char{0,\(PointingShape.longestWords)} \"\\\"\""
        rules += [
            "pointer ::= \"null\" | at",
            "pointers ::= " + PointingShape.list("at", PointingShape.mostInList),
            "at ::= \"{\\\"block\\\":\" block \",\\\"words\\\":\" words \"}\"",
            words,
            "char ::= [^\"\\\\\\x00-\\x1F\\x7F] | \"\\\\\" [\"\\\\/]",
            "block ::= " + NumberGrammar.text(blocks),
        ]
        return ([root] + rules).joined(separator: "\n") + "\n"
    }

    private static func list(_ element: String, _ most: Int) -> String {
        "\"[\" (\(element)" + (most > 1 ? " (\",\" \(element)){0,\(most - 1)}" : "") + ")? \"]\""
    }

    private static func object(_ leaves: [Leaf], _ groups: [Leaf]) -> String {
        var members = leaves.map { leaf in literal(JSON.string(key(leaf)).description + ":") + (leaf.isList ? " pointers" : " pointer") }
        for (number, group) in groups.enumerated() {
            members.append(literal(JSON.string(key(group)).description + ":") + " " + list("group\(number)", mostInGroup))
        }
        return "\"{\" " + members.joined(separator: " \",\" ") + " \"}\""
    }

    /// A terminal that stands for exactly this text.
    static func literal(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    // MARK: JSON Schema

    private func schema(_ blocks: ClosedRange<Int>) -> JSON {
        var root = PointingShape.schema(leaves, groups)
        if let cap {
            let list = JSON.of(("type", .string("array")), ("items", root), ("maxItems", .integer(cap)))
            root = PointingShape.object([("records", list)])
        }
        let at = PointingShape.object([
            (
                "block",
                .of(("type", .string("integer")), ("minimum", .integer(blocks.lowerBound)), ("maximum", .integer(blocks.upperBound)))
            ),
            ("words", .of(("type", .string("string")), ("maxLength", .integer(PointingShape.longestWords)))),
        ])
        guard case .object(let members) = root else { return root }
        return .object(members + [JSON.Member("$defs", .of(("at", at)))])
    }

    private static let at = JSON.of(("$ref", .string("#/$defs/at")))

    private static func schema(_ leaves: [Leaf], _ groups: [Leaf]) -> JSON {
        var members: [(String, JSON)] = leaves.map { leaf in
            leaf.isList
                ? (key(leaf), .of(("type", .string("array")), ("items", at), ("maxItems", .integer(mostInList))))
                : (key(leaf), .of(("anyOf", .array([.of(("type", .string("null"))), at]))))
        }
        for group in groups {
            let items = schema(Leaf.all(of: group.field.fields).leaves, [])
            members.append((key(group), .of(("type", .string("array")), ("items", items), ("maxItems", .integer(mostInGroup)))))
        }
        return object(members)
    }

    private static func object(_ members: [(String, JSON)]) -> JSON {
        .of(
            ("type", .string("object")), ("properties", .object(members.map { JSON.Member($0.0, $0.1) })),
            ("required", .array(members.map { .string($0.0) })), ("additionalProperties", .bool(false)))
    }
}

/// Numbers of a range as a grammar that allows exactly these, without leading zeros: few alternatives, however long the range.
enum NumberGrammar {
    static func text(_ range: ClosedRange<Int>) -> String {
        var alternatives: [String] = []
        var low = max(0, range.lowerBound)
        let high = max(low, range.upperBound)
        while low <= high {
            // The numbers with as many digits as `low`.
            var power = 1
            while power <= low / 10 { power *= 10 }
            let end = min(high, power * 10 - 1)
            alternatives += equallyLong(low, low == 0 ? 0 : end, power)
            low = (low == 0 ? 0 : end) + 1
        }
        return alternatives.joined(separator: " | ")
    }

    /// Both with as many digits; `power` is that of the first.
    private static func equallyLong(_ low: Int, _ high: Int, _ power: Int) -> [String] {
        if power <= 1 { return [digits(low, high)] }
        var result: [String] = []
        var first = low / power
        let last = high / power
        while first <= last {
            let from = first == low / power ? low % power : 0
            let to = first == last ? high % power : power - 1
            if from == 0, to == power - 1 {
                // All below: take the whole run of such digits together.
                var end = first
                while end + 1 < last || (end + 1 == last && high % power == power - 1) { end += 1 }
                let rest = String(repeating: " [0-9]", count: count(power))
                result.append(digits(first, end) + rest)
                first = end + 1
            } else {
                let rest = equallyLong(from, to, power / 10)
                result.append(digits(first, first) + " (" + rest.joined(separator: " | ") + ")")
                first += 1
            }
        }
        return result
    }

    /// Digits after the first.
    private static func count(_ power: Int) -> Int {
        var (power, count) = (power, 0)
        while power > 1 { (power, count) = (power / 10, count + 1) }
        return count
    }

    private static func digits(_ low: Int, _ high: Int) -> String { low == high ? "\"\(low)\"" : "[\(low)-\(high)]" }
}
