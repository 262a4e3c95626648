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
            let found = ListingReader(listing).read(work.document, fields: leaves.map(\.asked), prompt: prompt)
            work.note(found)
            // Where the request sounds like one record, only a list that surely answers every field speaks against it.
            let isSure = found.score >= 0.5 && leaves.indices.allSatisfy { leaf in
                found.columns.contains { $0.field == leaf && $0.coverage >= 0.5 && $0.score >= 0.2 }
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
        let taken = scores.indices.filter { scores[$0] > decoder.single }.sorted { scores[$0] > scores[$1] }.prefix(24)
        let best = withoutSiteName(Array(taken), leaf, scores, page, work)
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

    /// How far the encoder's score of another heading may lie below that of a site's name.
    private static let siteNameMargin: Float = 3

    /// A heading that leads to the front page names the site: where the encoder put it first, the next best heading goes before it, unless
    /// the site or whose it is was asked for.
    private func withoutSiteName(_ best: [Int], _ leaf: Leaf, _ scores: [Float], _ page: PageReading, _ work: Work) -> [Int] {
        guard let first = best.first, leaf.type == .text, !leaf.namesSite, page.isHeading(first),
            work.leadsHome(page.candidates[first].node)
        else { return best }
        let others = scores.indices.filter {
            scores[$0] >= scores[first] - Extractor.siteNameMargin && page.isHeading($0)
                && page.candidates[$0].key != page.candidates[first].key && !work.leadsHome(page.candidates[$0].node)
        }
        guard let other = others.max(by: { scores[$0] < scores[$1] }) else { return best }
        return [other] + best.filter { $0 != other }
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
    private func readMany(_ found: ListingResult, _ leaves: [Leaf], _ groups: [Leaf], into work: inout Work) async throws -> Bool {
        guard !found.records.isEmpty else {
            if work.request.many { try await readColumns(leaves, into: &work) }
            return work.records > 0
        }
        work.records = found.records.count
        work.next = NextLink.find(work.document)?.address
        for (number, record) in found.records.enumerated() { work.set(record: number, record.cells, of: leaves) }
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
