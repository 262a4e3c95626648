package import Documents

/// Reads a page: from a request and a document to records whose values are proven on the page.
///
/// The ways, cheapest first that can answer: repeated records (lists, tables, cards) for requests of many; structured data, printed labels
/// and the encoder's choice among all places of the page for single values. Whatever chose a place, the value is cut from the page there,
/// turned into its type by a named function, and checked again at the end; what doesn't hold is null and named in `incomplete`.
package struct Extractor: Sendable {
    private let matcher: Matcher
    private let listing: ListingModel
    private let decoder = Decoder()

    package init(matcher: Matcher, listing: ListingModel) {
        self.matcher = matcher
        self.listing = listing
    }

    /// An answer with how it was found.
    package struct Reading: Sendable {
        package var answer: Answer
        /// For `--explain`: what was asked, which way answered each leaf, how sure, and what was rejected.
        package var explanation: JSON
        /// Pieces of text that the encoder read, and in how many passes.
        package var tokens = 0
        package var chunks = 0
    }

    package func read(_ document: Document, for request: ExtractionRequest) async throws -> Reading {
        let base = document.base
        let hints = PageHints(
            language: document.first("html").flatMap { document.attribute("lang", of: $0) } ?? "",
            host: URLIdentity(document.url)?.host ?? "", resolve: { URLIdentity.resolve(base, $0) })
        var work = Work(document: document, hints: hints, request: request)
        let (leaves, groups) = Leaf.all(of: work.fields)
        // Where the request leaves it open, repeated records that answer every field decide.
        var isMany = request.many
        if request.many || !request.isManyStated {
            let found = try await readMany(leaves, groups, into: &work)
            isMany = found || (request.many && request.isManyStated)
        }
        if !isMany { try await readOne(leaves, groups, into: &work) }
        return work.finished(isMany: isMany)
    }

    // MARK: One record

    private func readOne(_ leaves: [Leaf], _ groups: [Leaf], into work: inout Work) async throws {
        work.records = 1
        if !leaves.isEmpty {
            let page = PageReading(work.document)
            let queries = leaves.map { FieldQuery($0.asked) }
            let scores = try await matcher.score(page, queries)
            work.count(scores)
            for (index, leaf) in leaves.enumerated() {
                let row = scores.final[index]
                if leaf.isList {
                    readList(leaf, row, page, into: &work)
                } else {
                    readSingle(leaf, row, page, into: &work)
                }
            }
        }
        for group in groups {
            let found = ListingReader(listing).read(work.document, fields: group.field.fields)
            work.add(group, from: found, record: 0)
        }
    }

    private func readSingle(_ leaf: Leaf, _ scores: [Float], _ page: PageReading, into work: inout Work) {
        let best = scores.indices.filter { scores[$0] > decoder.single }.sorted { scores[$0] > scores[$1] }.prefix(24)
        var rejected: [Work.Rejected] = []
        for index in best {
            let candidate = page.candidates[index]
            let text = page.text(of: index)
            guard let place = candidate.place else {
                rejected.append(.init(text: text, score: Work.chance(scores[index]), why: "it stands only in the page's title"))
                continue
            }
            guard let value = work.typing.value(at: place, as: leaf.type, choices: leaf.field.choices) else {
                rejected.append(.init(text: text, score: Work.chance(scores[index]), why: "it is no \(leaf.type.rawValue)"))
                continue
            }
            work.set(
                record: 0, leaf.pointer, value, method: method(candidate), score: Work.chance(scores[index]),
                rejected: rejected + best.filter { $0 != index && page.candidates[$0].key != candidate.key }.prefix(2).map {
                    .init(text: page.text(of: $0), score: Work.chance(scores[$0]), why: "another place scored higher")
                })
            return
        }
        let reason =
            rejected.isEmpty
            ? "nothing on the page was taken for it" : "what was taken for it is no \(leaf.type.rawValue): \"\(rejected[0].text.prefix(60))\""
        work.miss(record: 0, leaf.pointer, reason, rejected: rejected)
    }

    private func readList(_ leaf: Leaf, _ scores: [Float], _ page: PageReading, into work: inout Work) {
        var count = 0
        for index in decoder.decode(scores, page, isList: true) {
            let candidate = page.candidates[index]
            guard let place = candidate.place, let value = work.typing.value(at: place, as: leaf.type, choices: leaf.field.choices) else {
                continue
            }
            work.set(
                record: 0, "\(leaf.pointer)/\(count)", value, method: method(candidate), score: Work.chance(scores[index]), rejected: [])
            count += 1
        }
        if count == 0 { work.miss(record: 0, leaf.pointer, "nothing on the page was taken for it", rejected: []) }
    }

    private func method(_ candidate: Candidate) -> Evidence.Method {
        if candidate.kind.isStructured { return .structured }
        return candidate.label.isEmpty ? .matcher : .label
    }

    // MARK: Many records

    /// False when the page has no repeated records that answer the request.
    private func readMany(_ leaves: [Leaf], _ groups: [Leaf], into work: inout Work) async throws -> Bool {
        let found = ListingReader(listing).read(work.document, fields: leaves.map(\.asked))
        work.note(found)
        guard !found.records.isEmpty else {
            if work.request.many { try await readColumns(leaves, into: &work) }
            return work.records > 0
        }
        work.records = found.records.count
        var missing = Set(leaves.indices)
        for (number, record) in found.records.enumerated() {
            var listed: [Int: Int] = [:]
            for cell in record.cells where leaves.indices.contains(cell.field) {
                let leaf = leaves[cell.field]
                guard let value = work.typing.value(at: cell.span.place, as: leaf.type, choices: leaf.field.choices) else { continue }
                var pointer = leaf.pointer
                if leaf.isList {
                    pointer += "/\(listed[cell.field, default: 0])"
                    listed[cell.field, default: 0] += 1
                } else if work.has(number, pointer) {
                    continue
                }
                work.set(record: number, pointer, value, method: .list, score: Double(cell.score), rejected: [])
                missing.remove(cell.field)
            }
        }
        try await confirm(leaves, missing: missing, found, into: &work)
        for number in 0..<work.records {
            for leaf in leaves where !work.has(number, leaf.pointer) && !work.has(number, leaf.pointer + "/0") {
                work.miss(record: number, leaf.pointer, "this record shows none", rejected: [])
            }
            for group in groups {
                work.miss(record: number, group.pointer, "lists inside repeated records are not read yet", rejected: [])
            }
        }
        return true
    }

    /// The encoder reads the first records too: its view of each column stands with the evidence, and a field that no column answered
    /// gets the column that the encoder prefers in most of those records.
    private func confirm(_ leaves: [Leaf], missing: Set<Int>, _ found: ListingResult, into work: inout Work) async throws {
        let ranges = found.records.map { work.range(of: $0) }
        let sample = ranges.prefix(3)
        guard !sample.isEmpty, !leaves.isEmpty else { return }
        let page = PageReading(work.document)
        let kept = page.lines.map { line in line.flow.map { flow in sample.contains { $0.overlaps(flow) } } ?? false }
        let scores = try await matcher.score(page, leaves.map { FieldQuery($0.asked) }, lines: kept)
        work.count(scores)
        for (index, leaf) in leaves.enumerated() {
            let row = scores.final[index]
            var agreed = 0
            var roles: [Int: Int] = [:]
            for (number, range) in sample.enumerated() {
                let best = row.indices.filter { candidate in
                    guard case .flow(let place)? = page.candidates[candidate].place else { return false }
                    return range.contains(place)
                }.max { row[$0] < row[$1] }
                guard let best, row[best] > decoder.single, case .flow(let place)? = page.candidates[best].place else { continue }
                roles[page.candidates[best].generalPath, default: 0] += 1
                if work.stands(number, leaf.pointer, in: place) { agreed += 1 }
            }
            work.noteMatcher(leaf.pointer, agreed: agreed, of: sample.count)
            guard missing.contains(index), let (role, votes) = roles.max(by: { $0.value < $1.value }), votes * 2 > sample.count else { continue }
            for (number, range) in ranges.enumerated() {
                for candidate in page.candidates where candidate.generalPath == role {
                    guard case .flow(let place)? = candidate.place, range.contains(place) else { continue }
                    guard let value = work.typing.value(at: .flow(place), as: leaf.type, choices: leaf.field.choices) else { continue }
                    work.set(
                        record: number, leaf.isList ? leaf.pointer + "/0" : leaf.pointer, value, method: .matcher,
                        score: Double(votes) / Double(sample.count), rejected: [])
                    break
                }
            }
        }
    }

    /// No repeated records were found: the encoder's lists of values, side by side, where each field has as many.
    private func readColumns(_ leaves: [Leaf], into work: inout Work) async throws {
        guard !leaves.isEmpty else { return }
        let page = PageReading(work.document)
        let scores = try await matcher.score(
            page,
            leaves.map { leaf in
                var query = FieldQuery(leaf.asked)
                query.isList = true
                return query
            })
        work.count(scores)
        let columns = leaves.indices.map { leaf in
            decoder.decode(scores.final[leaf], page, isList: true).compactMap { index -> (Typing.Value, Candidate, Double)? in
                let candidate = page.candidates[index]
                guard let place = candidate.place, let value = work.typing.value(at: place, as: leaves[leaf].type) else { return nil }
                return (value, candidate, Work.chance(scores.final[leaf][index]))
            }
        }
        let lengths = Set(columns.map(\.count).filter { $0 > 0 })
        guard lengths.count == 1, let count = lengths.first else { return }
        work.records = count
        for (leaf, column) in zip(leaves, columns) {
            for (number, (value, candidate, score)) in column.enumerated() {
                work.set(
                    record: number, leaf.isList ? leaf.pointer + "/0" : leaf.pointer, value, method: method(candidate), score: score,
                    rejected: [])
            }
            if column.isEmpty {
                for number in 0..<count { work.miss(record: number, leaf.pointer, "nothing on the page was taken for it", rejected: []) }
            }
        }
    }
}
