import Documents
import Foundation

/// An answer while it is put together.
struct Work: Sendable {
    let document: Document
    let hints: PageHints
    let request: ExtractionRequest
    let typing: Typing
    /// The request's fields, and those that only its condition needs.
    let fields: [Field]
    var records = 0
    var next: String?

    /// A place that was looked at and not taken.
    struct Rejected: Sendable {
        var text: String
        var score: Double
        var why: String
    }

    private struct Key: Hashable {
        var record: Int
        var pointer: String
    }

    private var values: [Key: (value: Typing.Value, evidence: Evidence)] = [:]
    private var missing: [Key: String] = [:]
    private var notes: [(pointer: String, rejected: [Rejected])] = []
    private var listing: JSON?
    private var model: JSON?
    private var truncations: [String] = []
    private var leftOut: Set<Int> = []
    private var tokens = 0
    private var chunks = 0
    private var textTokens = 0

    init(document: Document, hints: PageHints, request: ExtractionRequest) {
        self.document = document
        self.hints = hints
        self.request = request
        typing = Typing(document: document, hints: hints)
        fields = request.fields + (request.filter?.fields ?? [])
        if let note = document.truncation { truncations.append(note) }
    }

    /// A score of the encoder as a number from 0 to 1.
    static func chance(_ score: Float) -> Double { 1 / (1 + exp(-Double(min(max(score, -30), 30)))) }

    /// Whether an element stands in, or holds nothing but, a link to the site's front page, and the page is another.
    func leadsHome(_ node: NodeID?) -> Bool {
        guard let node else { return false }
        let near = [node] + document.ancestors(of: node).prefix(4) + document.subtree(of: node).prefix(4)
        guard let link = near.first(where: { document[$0].name == "a" }), let href = document.attribute("href", of: link),
            document.visibleText(of: link) == document.visibleText(of: node) || !document.subtree(of: node).contains(link),
            let home = hints.resolve("/"), let address = hints.resolve(href)
        else { return false }
        return URLIdentity(address) == URLIdentity(home) && URLIdentity(document.url) != URLIdentity(home)
    }

    // MARK: Putting in

    mutating func set(
        record: Int, _ pointer: String, _ value: Typing.Value, method: Evidence.Method, score: Double, rejected: [Rejected]
    ) {
        guard let evidence = Evidence(record: record, path: pointer, value: value, in: document, method: method, score: score) else {
            return miss(record: record, pointer, "the place it stands at is no part of the page", rejected: rejected)
        }
        values[Key(record: record, pointer: pointer)] = (value, evidence)
        missing[Key(record: record, pointer: pointer)] = nil
        if !rejected.isEmpty { notes.append((pointer, rejected)) }
    }

    /// The cells of one repeated record, below a pointer; a leaf that is a list takes all of its own, any other the first.
    mutating func set(record: Int, _ cells: [ListingResult.Cell], of leaves: [Leaf], below above: String = "") {
        var counts: [Int: Int] = [:]
        for cell in cells where leaves.indices.contains(cell.field) {
            let leaf = leaves[cell.field]
            var pointer = above + leaf.pointer
            guard !has(record, pointer), let value = typing.value(at: cell.span.place, for: leaf) else { continue }
            if leaf.isList {
                pointer += "/\(counts[cell.field, default: 0])"
                counts[cell.field, default: 0] += 1
            }
            set(record: record, pointer, value, method: .list, score: Double(cell.score), rejected: [])
        }
    }

    mutating func miss(record: Int, _ pointer: String, _ reason: String, rejected: [Rejected]) {
        missing[Key(record: record, pointer: pointer)] = reason
        if !rejected.isEmpty { notes.append((pointer, rejected)) }
    }

    func has(_ record: Int, _ pointer: String) -> Bool { values[Key(record: record, pointer: pointer)] != nil }

    /// Parts of a list that show hardly any of the fields which most of its records have are headings or advertisements, not records.
    mutating func leaveOutThinRecords(_ leaves: [Leaf]) {
        let counts = (0..<records).map { record in leaves.count { has(record, $0.pointer) || has(record, $0.pointer + "/0") } }
        let usual = counts.sorted()[counts.count / 2]
        for (record, count) in counts.enumerated() where count == 0 || Double(count) < 0.4 * Double(usual) { leftOut.insert(record) }
    }

    mutating func count(_ scores: Matcher.Scores) {
        tokens += scores.tokens
        chunks += scores.chunks
        // Columns that were read in vain are read again as one record.
        textTokens = max(textTokens, scores.textTokens)
        if let unread = scores.unread { truncations.append(unread) }
    }

    /// A part of the page that was not read, and why.
    mutating func note(unread: String) { if !truncations.contains(unread) { truncations.append(unread) } }

    /// What a language model was asked and what that cost.
    mutating func note(model: JSON) { self.model = model }

    mutating func noteRejected(_ pointer: String, _ rejected: Rejected) {
        if let index = notes.firstIndex(where: { $0.pointer == pointer }) {
            notes[index].rejected.append(rejected)
        } else {
            notes.append((pointer, [rejected]))
        }
    }

    mutating func note(_ found: ListingResult) {
        listing = found.explanation(of: request)
        truncations += found.truncated
    }

    /// Elements of a list of objects inside one record.
    mutating func add(_ group: Leaf, from found: ListingResult, record: Int) {
        note(found)
        let parts = Leaf.all(of: group.field.fields).leaves
        for (number, row) in found.records.enumerated() {
            set(record: record, row.cells, of: parts, below: "\(group.pointer)/\(number)")
        }
        if found.records.isEmpty { miss(record: record, group.pointer, "the page has no repeated parts that answer it", rejected: []) }
    }

    // MARK: Taking out

    /// Checks every value against the page once more, applies the filter, and makes the records.
    mutating func finished(isMany: Bool) -> Extractor.Reading {
        for (key, entry) in values {
            if let fault = entry.evidence.fault(in: document, resolve: hints.resolve) {
                values[key] = nil
                missing[key] = "dropped, since it does not prove itself: \(fault)"
            }
        }
        var answer = Answer(next: next)
        var dropped = 0
        var unsure = 0
        let asked = request.fields.map { "/" + JSON.escapePointer($0.name) }
        // In the request's order; "/tags/2" before "/tags/10".
        let ranks = Dictionary(asked.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        func order(_ key: Key) -> Int {
            ranks["/" + key.pointer.dropFirst().prefix { $0 != "/" }] ?? asked.count
        }
        let keys = Dictionary(grouping: values.keys, by: \.record)
        let gaps = Dictionary(grouping: missing.keys, by: \.record)
        for record in 0..<records where !leftOut.contains(record) {
            let body = JSON.object(request.fields.map { JSON.Member($0.name, self.body(of: $0, at: "", record, keys[record] ?? [])) })
            if let filter = request.filter {
                let whole = JSON.object(fields.map { JSON.Member($0.name, self.body(of: $0, at: "", record, keys[record] ?? [])) })
                switch filter.verdict(on: whole) {
                case .drop:
                    dropped += 1
                    continue
                case .unknown: unsure += 1
                case .keep: break
                }
            }
            if let limit = request.limit, answer.records.count >= limit { break }
            let number = answer.records.count
            answer.records.append(body)
            for key in (keys[record] ?? []).sorted(by: { (order($0), $0.pointer.count, $0.pointer) < (order($1), $1.pointer.count, $1.pointer) }) {
                guard var evidence = values[key]?.evidence, asked.contains(where: { key.pointer == $0 || key.pointer.hasPrefix($0 + "/") }) else { continue }
                evidence.record = number
                answer.evidence.append(evidence)
            }
            for key in (gaps[record] ?? []).sorted(by: { $0.pointer < $1.pointer })
            where asked.contains(where: { key.pointer == $0 || key.pointer.hasPrefix($0 + "/") }) {
                answer.incomplete.append(Incomplete(path: "/\(number)\(key.pointer)", reason: missing[key] ?? ""))
            }
        }
        if let filter = request.filter, unsure > 0 {
            answer.incomplete.append(
                Incomplete(path: "", reason: "the condition \"\(filter.text)\" could not be checked on \(unsure) records, which were kept"))
        }
        answer.incomplete += truncations.map { Incomplete(path: "", reason: $0) }
        return Extractor.Reading(
            answer: answer, explanation: explanation(isMany: isMany, dropped: dropped, answer), tokens: tokens, chunks: chunks,
            textTokens: textTokens)
    }

    private func body(of field: Field, at above: String, _ record: Int, _ keys: [Key]) -> JSON {
        let pointer = above + "/" + JSON.escapePointer(field.name)
        switch field.type {
        case .object where !field.fields.isEmpty:
            return .object(field.fields.map { JSON.Member($0.name, body(of: $0, at: pointer, record, keys)) })
        case .list:
            let numbers = Set(
                keys.compactMap { key -> Int? in
                    guard key.pointer.hasPrefix(pointer + "/") else { return nil }
                    return Int(key.pointer.dropFirst(pointer.count + 1).prefix { $0 != "/" })
                })
            guard let last = numbers.max() else { return missing[Key(record: record, pointer: pointer)] == nil ? .array([]) : .null }
            return .array(
                (0...last).map { number in
                    field.fields.isEmpty
                        ? values[Key(record: record, pointer: "\(pointer)/\(number)")]?.value.json ?? .null
                        : .object(field.fields.map { JSON.Member($0.name, body(of: $0, at: "\(pointer)/\(number)", record, keys)) })
                })
        default: return values[Key(record: record, pointer: pointer)]?.value.json ?? .null
        }
    }

    private func explanation(isMany: Bool, dropped: Int, _ answer: Answer) -> JSON {
        var leaves: [JSON] = []
        for evidence in answer.evidence where evidence.record == 0 {
            let rejected = notes.first { $0.pointer == evidence.path }?.rejected ?? []
            leaves.append(
                .of(
                    ("path", .string(evidence.path)), ("method", .string(evidence.method.rawValue)), ("score", .double(evidence.score)),
                    ("text", .string(String(evidence.text.prefix(120)))), ("rejected", .array(rejected.map(Work.json)))))
        }
        let absent = notes.filter { note in !answer.evidence.contains { $0.path == note.pointer } }
        return .of(
            ("many", .bool(isMany)), ("leaves", .array(leaves)),
            (
                "absent",
                .array(absent.map { .of(("path", .string($0.pointer)), ("rejected", .array($0.rejected.map(Work.json)))) })
            ),
            ("listing", listing),
            ("model", model), ("tokens", .integer(tokens)), ("chunks", .integer(chunks)), ("droppedByFilter", .integer(dropped)))
    }

    private static func json(_ rejected: Rejected) -> JSON {
        .of(
            ("text", .string(String(rejected.text.prefix(120)))), ("score", .double((rejected.score * 1000).rounded() / 1000)),
            ("why", .string(rejected.why)))
    }
}

extension ListingResult {
    fileprivate func explanation(of request: ExtractionRequest) -> JSON {
        func number(_ value: Double) -> JSON { .double((value * 1000).rounded() / 1000) }
        func family(_ family: Family, why: String?) -> JSON {
            .of(
                ("records", .integer(family.count)), ("score", number(family.score)), ("kind", .string(family.kind)),
                ("sample", .string(String(family.sample.prefix(120)))), ("why", why.map(JSON.string)))
        }
        let leaves = Leaf.all(of: request.fields + (request.filter?.fields ?? [])).leaves
        return .of(
            ("taken", self.family.map { family($0, why: nil) } ?? .null), ("reason", reason.map(JSON.string)),
            (
                "columns",
                .array(
                    columns.map { column in
                        .of(
                            ("field", .string(leaves.indices.contains(column.field) ? leaves[column.field].pointer : "")),
                            ("header", column.header.map(JSON.string)), ("score", number(column.score)), ("coverage", number(column.coverage)))
                    })
            ),
            ("runnersUp", .array(runnersUp.prefix(3).map { family($0, why: nil) })),
            ("rejected", .array(rejected.prefix(5).map { family($0.family, why: $0.reason) })))
    }
}
