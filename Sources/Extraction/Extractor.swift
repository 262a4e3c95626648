package import Documents

/// Reads a page: from a request and a document to records whose values are proven on the page.
///
/// The ways, cheapest first that can answer: repeated records (lists, tables, cards) for requests of many; structured data, printed labels
/// and the encoder's choice among all places of the page for single values. Whatever chose a place, the value is cut from the page there,
/// turned into its type by a named function, and checked again at the end; what doesn't hold is null and named in `incomplete`.
/// Where a person chose a language model, it decides instead of those ways, and is held to the same.
package struct Extractor: Sendable {
    private let matcher: Matcher
    private let listing: ListingModel
    private let decoder = Decoder()
    private let model: PointingModel?

    /// - Parameter model: reads the pages instead of the bundled matcher and lists.
    package init(matcher: Matcher, listing: ListingModel, model: PointingModel? = nil) {
        self.matcher = matcher
        self.listing = listing
        self.model = model
    }

    /// An answer with how it was found.
    package struct Reading: Sendable {
        package var answer: Answer
        /// For `--explain`: what was asked, which way answered each leaf, how sure, and what was rejected.
        package var explanation: JSON
        /// Pieces of text that the encoder read, and in how many passes.
        package var tokens = 0
        package var chunks = 0
        /// Tokens of the page's text that the encoder read, each counted once.
        package var textTokens = 0
    }

    /// - Parameters:
    ///   - prompt: what the person wrote; its words are compared with headings, classes and addresses of lists.
    ///   - modelLimit: how long the language model may work on the page; what it did not read then is said.
    package func read(
        _ document: Document, for request: ExtractionRequest, prompt: String = "", modelLimit: Duration = .seconds(600)
    ) async throws -> Reading {
        var work = Work(document: document, hints: PageHints(document), request: request)
        let (leaves, groups) = Leaf.all(of: work.fields)
        if let model {
            try await PointingReader(model: model, limit: modelLimit).read(leaves, groups, isMany: request.many, into: &work)
            if request.many { work.next = NextLink.find(work.document)?.address }
            return work.finished(isMany: request.many)
        }
        var isMany = request.many
        if request.many || !request.isManyStated {
            let found = try await choose(
                ListingReader(listing).readings(of: work.document, fields: leaves.map(\.asked), prompt: prompt, limit: 5), leaves, into: &work)
            work.note(found.result)
            // Where the request sounds like one record, only a list that surely answers every field speaks against it.
            let isSure = found.result.score >= 0.5 && leaves.indices.allSatisfy { leaf in
                found.result.columns.contains { $0.field == leaf && $0.coverage >= 0.5 && $0.score >= 0.2 }
            }
            if request.many || isSure { isMany = try await readMany(found, leaves, groups, into: &work) || request.isManyStated }
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
            // The page's title is no visible text: the same words elsewhere are their proof.
            guard let place = candidate.place ?? page.candidates.lazy.filter({ $0.key == candidate.key }).compactMap(\.place).first else {
                rejected.append(.init(text: text, score: Work.chance(scores[index]), why: "it stands only in the page's title"))
                continue
            }
            guard let value = work.typing.value(at: place, for: leaf) else {
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
        if let (index, value) = named(leaf, page, &work) {
            let candidate = page.candidates[index]
            return work.set(
                record: 0, leaf.pointer, value, method: candidate.kind.isStructured ? .structured : .label, score: 0.5, rejected: rejected)
        }
        let reason =
            rejected.isEmpty
            ? "nothing on the page was taken for it" : "what was taken for it is no \(leaf.type.rawValue): \"\(rejected[0].text.prefix(60))\""
        work.miss(record: 0, leaf.pointer, reason, rejected: rejected)
    }

    /// The place that carries the field's very name, as a printed label or as the key of structured data, where the encoder took none.
    private func named(_ leaf: Leaf, _ page: PageReading, _ work: inout Work) -> (Int, Typing.Value)? {
        let name = Extractor.folded(leaf.field.name)
        guard !name.isEmpty else { return nil }
        for isStructured in [false, true] {
            for (index, candidate) in page.candidates.enumerated() where candidate.kind.isStructured == isStructured {
                let own = isStructured ? candidate.structuredKey.split { $0 == "." || $0 == ":" }.last.map(String.init) ?? "" : candidate.label
                guard !own.isEmpty, Extractor.folded(own) == name, let place = candidate.place,
                    let value = work.typing.value(at: place, for: leaf)
                else { continue }
                return (index, value)
            }
        }
        return nil
    }

    /// Letters and digits in lower case: "datePublished", "date_published" and "Date published:" are one name.
    private static func folded(_ name: String) -> String {
        String(String.UnicodeScalarView(name.lowercased().unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }))
    }

    private func readList(_ leaf: Leaf, _ scores: [Float], _ page: PageReading, into work: inout Work) {
        var count = 0
        let chosen = decoder.decode(scores, page, isList: true)
        for index in chosen {
            let candidate = page.candidates[index]
            guard let place = candidate.place else { continue }
            var places = [place]
            if chosen.count == 1, leaf.type == .text, let text = work.typing.text(at: place), let parts = Enumeration.parts(of: text) {
                places = parts.map(place.part)
            }
            for place in places {
                guard let value = work.typing.value(at: place, for: leaf) else { continue }
                work.set(
                    record: 0, "\(leaf.pointer)/\(count)", value, method: method(candidate), score: Work.chance(scores[index]), rejected: [])
                count += 1
            }
        }
        if count == 0 { work.miss(record: 0, leaf.pointer, "nothing on the page was taken for it", rejected: []) }
    }

    private func method(_ candidate: Candidate) -> Evidence.Method {
        if candidate.kind.isStructured { return .structured }
        return candidate.label.isEmpty ? .matcher : .label
    }

    // MARK: Many records

    /// False when the page has no repeated records that answer the request.
    private func readMany(_ list: Judged, _ leaves: [Leaf], _ groups: [Leaf], into work: inout Work) async throws -> Bool {
        let found = list.result
        guard !found.records.isEmpty else {
            if work.request.many { try await readColumns(leaves, into: &work) }
            return work.records > 0
        }
        work.records = found.records.count
        work.next = NextLink.find(work.document)?.address
        var missing = Set(leaves.indices)
        for (number, record) in found.records.enumerated() {
            var listed: [Int: Int] = [:]
            for cell in record.cells where leaves.indices.contains(cell.field) {
                let leaf = leaves[cell.field]
                guard let value = work.typing.value(at: cell.span.place, for: leaf) else { continue }
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
        confirm(leaves, missing: missing, list, into: &work)
        work.leaveOutThinRecords(leaves)
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

    /// A list with what the encoder makes of some of its records.
    private struct Judged {
        var result: ListingResult
        /// Text of each record.
        var ranges: [Range<Int>] = []
        /// Numbers of the records that the encoder read.
        var sample: [Int] = []
        /// Nil where no record was read.
        var scores: [[Float]]?
        var page: PageReading?
    }

    /// The list whose records the encoder finds the fields in: the trees that rank lists see shapes and names, the encoder reads.
    private func choose(_ lists: [ListingResult], _ leaves: [Leaf], into work: inout Work) async throws -> Judged {
        var judged = lists.map { result -> Judged in
            let ranges = result.records.map { work.range(of: $0) }
            let count = ranges.count
            // From the whole list: the first records are often special.
            let sample = Array(Set([0, count / 4, count / 2, 3 * count / 4, count - 1])).filter { ranges.indices.contains($0) }.sorted()
            return Judged(result: result, ranges: ranges, sample: sample)
        }
        guard judged.contains(where: { !$0.sample.isEmpty }), !leaves.isEmpty else { return judged[0] }
        let page = PageReading(work.document)
        let read = judged.flatMap { list in list.sample.map { list.ranges[$0] } }
        let kept = page.lines.map { line in line.flow.map { flow in read.contains { $0.overlaps(flow) } } ?? false }
        let scores = try await matcher.score(page, leaves.map { FieldQuery($0.asked) }, lines: kept)
        work.count(scores)
        let found = judged.map { worth(of: $0, leaves, page, scores.final) }
        let enough = 0.6 * (found.max() ?? 0)
        // Half of a list is as sure as the whole: among those that hold the fields, the longest is what was meant.
        let longest = judged.indices.filter { found[$0] >= enough }.map { judged[$0].ranges.count }.max() ?? 1
        var best = (index: 0, worth: -Double.infinity)
        for index in judged.indices {
            judged[index].page = page
            judged[index].scores = scores.final
        }
        if isNamed(judged[0].result, leaves) { return judged[0] }
        for index in judged.indices {
            // Neither shapes and names nor the encoder see the fields in it.
            if let doubt = judged[index].result.doubt, found[index] < 0.3 {
                judged[index].result.reason = doubt
                judged[index].result.records = []
                continue
            }
            let share = min(1, Double(judged[index].ranges.count) / Double(max(1, longest)))
            let worth = (judged[index].result.family?.score ?? 0) + 2 * found[index] * (0.4 + 0.6 * share)
            if worth > best.worth { best = (index, worth) }
        }
        return judged[best.index]
    }

    /// The headings of its columns are the very names that were asked for: nothing else on the page can be meant more.
    private func isNamed(_ list: ListingResult, _ leaves: [Leaf]) -> Bool {
        let named = list.columns.count { column in
            column.header.map { Extractor.folded($0) == Extractor.folded(leaves[column.field].field.name) } ?? false
        }
        return list.doubt == nil && named >= 2 && named * 3 >= leaves.count * 2
    }

    /// How well the encoder finds every field in each record, each at a place of its own that no other record shares: 0…1.
    private func worth(of list: Judged, _ leaves: [Leaf], _ page: PageReading, _ scores: [[Float]]) -> Double {
        var sum = 0.0
        var seen: Set<Range<Int>> = []
        for number in list.sample {
            let inside = page.candidates.indices.filter { index in
                if case .flow(let place)? = page.candidates[index].place { list.ranges[number].contains(place) } else { false }
            }
            var taken: [Range<Int>] = []
            for leaf in leaves.indices {
                guard leaves[leaf].type != .url, leaves[leaf].type != .image else { continue }
                let best = inside.sorted { scores[leaf][$0] > scores[leaf][$1] }.prefix(12).first { index in
                    guard case .flow(let place)? = page.candidates[index].place else { return false }
                    return !taken.contains { $0.overlaps(place) } && !seen.contains(place)
                }
                guard let best, case .flow(let place)? = page.candidates[best].place else { continue }
                taken.append(place)
                sum += Work.chance(scores[leaf][best])
            }
            seen.formUnion(taken)
        }
        let asked = leaves.count { $0.type != .url && $0.type != .image }
        return asked == 0 || list.sample.isEmpty ? 0 : sum / Double(asked * list.sample.count)
    }

    /// Where the encoder agrees with a column, that stands with the explanation; where the list reader found no column for a field, or a
    /// poor one, the encoder's own choice takes its place if it is surer: the candidates of one role (same tags, same classes) that it
    /// prefers in most of the records it read.
    private func confirm(_ leaves: [Leaf], missing: Set<Int>, _ list: Judged, into work: inout Work) {
        let (found, ranges, sample) = (list.result, list.ranges, list.sample)
        guard let page = list.page, let scores = list.scores else { return }
        let inside = ranges.map { Extractor.roles(in: $0, of: page, work.document) }
        var proposals: [(leaf: Int, role: Role, strength: Double)] = []
        var settled: [Int: Double] = [:]
        for (index, leaf) in leaves.enumerated() {
            let row = scores[index]
            var agreed = 0
            var strengths: [Role: Double] = [:]
            var choices: [String] = []
            for number in sample {
                guard let best = inside[number].map(\.candidate).max(by: { row[$0] < row[$1] }), row[best] > decoder.single else { continue }
                guard case .flow(let place)? = page.candidates[best].place else { continue }
                choices.append(page.text(of: best))
                if work.stands(number, leaf.pointer, in: place) { agreed += 1 }
                // One place may be several candidates (a whole element, a part of a line): all of their roles are voted for.
                let roles = Set(inside[number].filter { page.candidates[$0.candidate].place == .flow(place) }.map(\.role))
                for role in roles { strengths[role, default: 0] += Work.chance(row[best]) / Double(sample.count) }
            }
            work.noteMatcher(leaf.pointer, agreed: agreed, choices)
            let column = found.columns.first { $0.field == index }
            let strength = missing.contains(index) ? 0 : (column?.score ?? 0) * (column?.coverage ?? 0)
            if agreed * 2 > sample.count || strength >= 0.25 {
                settled[index] = max(strength, 0.25)
            } else {
                for (role, own) in strengths where own > strength { proposals.append((index, role, own)) }
            }
        }
        var roles: Set<Role> = []
        for proposal in proposals.sorted(by: { ($1.strength, $0.leaf) < ($0.strength, $1.leaf) }) {
            guard settled[proposal.leaf] == nil, !roles.contains(proposal.role) else { continue }
            let leaf = leaves[proposal.leaf]
            var values: [(record: Int, value: Typing.Value)] = []
            var clashes = 0
            for number in ranges.indices {
                for (candidate, role) in inside[number] where role == proposal.role {
                    guard case .flow(let place)? = page.candidates[candidate].place else { continue }
                    guard let value = work.typing.value(at: .flow(place), for: leaf) else { continue }
                    // What another field has taken is not this one's too.
                    if leaves.indices.contains(where: { settled[$0] != nil && work.stands(number, leaves[$0].pointer, in: place) }) { clashes += 1 }
                    values.append((number, value))
                    break
                }
            }
            guard values.count * 2 > ranges.count, clashes * 2 < values.count else { continue }
            work.clear(leaf.pointer)
            for (number, value) in values {
                work.set(
                    record: number, leaf.isList ? leaf.pointer + "/0" : leaf.pointer, value, method: .matcher, score: proposal.strength,
                    rejected: [])
            }
            settled[proposal.leaf] = proposal.strength
            roles.insert(proposal.role)
        }
    }

    /// What a candidate is among those of its record: equal for the same part of every record.
    private struct Role: Hashable {
        var path: Int
        var classes: String
        /// Among candidates of the same path and classes in the record.
        var number: Int
    }

    private static func roles(in range: Range<Int>, of page: PageReading, _ document: Document) -> [(candidate: Int, role: Role)] {
        var counts: [Role: Int] = [:]
        var roles: [(candidate: Int, role: Role)] = []
        for (index, candidate) in page.candidates.enumerated() {
            guard case .flow(let place)? = candidate.place, range.contains(place) else { continue }
            var role = Role(
                path: candidate.generalPath, classes: candidate.node.flatMap { document.attribute("class", of: $0) } ?? "", number: 0)
            counts[role, default: 0] += 1
            role.number = counts[role, default: 1] - 1
            roles.append((index, role))
        }
        return roles
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
                guard let place = candidate.place, let value = work.typing.value(at: place, for: leaves[leaf]) else { return nil }
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
