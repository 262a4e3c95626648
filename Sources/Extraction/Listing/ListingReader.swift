package import Documents

/// Finds the records that a page lists and the value of each field in them. See `Listing`.
package struct ListingReader: Sendable {
    private let model: ListingModel

    package init(_ model: ListingModel) { self.model = model }

    /// Pairs of field and column with a lower score are not assigned.
    private static let threshold: Float = 0.05
    /// A record has at least this share of the assigned fields that stand in records.
    private static let leastShare = 0.4

    /// Reads a page. `prompt` is what the person wrote (its words are compared with headings, classes and addresses).
    package func read(_ document: Document, fields: [Field], prompt: String = "") -> ListingResult {
        var result = ListingResult()
        guard !fields.isEmpty else {
            result.reason = "no field was asked for"
            return result
        }
        var page = Listing.Page(document)
        result.truncated = page.truncated
        let asked = fields.map { field in page.withWords { Listing.Field(field, prompt: prompt, &$0) } }
        page.asked = Set(
            asked.flatMap(\.words).filter {
                page.words.traits[Int($0)].contains(.layout) && !Listing.Words.isPosition(page.words.texts[Int($0)])
            })
        let goal = page.withWords { words in words.stemSet(of: prompt).filter { !words.traits[Int($0)].contains(.order) } }
        let families = Listing.Families.find(page, limit: Listing.Limit.families)
        guard !families.isEmpty else {
            result.reason = "nothing on the page repeats"
            return result
        }

        var cells = Listing.Cells(page)
        var pairs = Listing.Pairs(asked, page: page)
        var scratch = Listing.Columns.Scratch()
        var standings: [Listing.Standing] = []
        for family in families {
            let sampled = Listing.Columns.sample(family.count)
            let columns = Listing.Columns.read(&cells, family, sampled, &scratch)
            guard !columns.isEmpty else { continue }
            let scores = pairs.score(&cells, family, sampled, columns, model)
            let (assigned, order) = Listing.Standings.assign(scores, fields: fields.count, threshold: ListingReader.threshold)
            var standing = Listing.Standing(
                family: family, sampled: sampled, columns: columns, pairs: scores, assigned: assigned, order: order,
                features: [Float](repeating: 0, count: Listing.FamilyFeature.allCases.count))
            Listing.Standings.joinNames(&standing, asked, cells.keys)
            Listing.Standings.describe(&standing, asked, goal: goal, &cells)
            standings.append(standing)
        }
        guard !standings.isEmpty else {
            result.reason = "nothing that repeats on the page has values"
            return result
        }
        Listing.Standings.relate(&standings, page)
        let scores = model.families.scores(standings.flatMap(\.features))
        let ranked = Listing.Standings.rank(standings, scores)

        for (place, index) in ranked.prefix(9).enumerated() {
            let standing = standings[Listing.Standings.whole(index, of: standings, page)]
            if let reason = ListingReader.refusal(of: standing) {
                result.rejected.append(.init(family: describe(standing, scores[index], page), reason: reason))
                continue
            }
            records(standing, fields: fields, asked, &cells, into: &result)
            if result.records.isEmpty {
                result.rejected.append(.init(family: describe(standing, scores[index], page), reason: "no record has enough of the fields"))
                continue
            }
            result.family = describe(standing, scores[index], page)
            result.score = Double(standing[.sMean])
            result.runnersUp = ranked.dropFirst(place + 1).prefix(4).map { describe(standings[$0], scores[$0], page) }
            return result
        }
        result.reason = "no list on the page answers the fields asked for"
        return result
    }

    /// Why a family can't be the records, however it compares with the others of the page: on 118 labelled lists, none that is read well
    /// stays below the sum.
    private static func refusal(of standing: Listing.Standing) -> String? {
        if standing.order.isEmpty { return "none of its columns answers a field" }
        if standing[.sSum] < min(0.15 * standing[.nf], 0.8) { return "its columns hardly answer the fields" }
        if standing[.zoneNav] + standing[.zoneAside] > 0.5, standing[.sMean] < 0.45 { return "it stands beside the page's content" }
        return nil
    }

    private func describe(_ standing: Listing.Standing, _ score: Float, _ page: Listing.Page) -> ListingResult.Family {
        let family = standing.family
        let record = family.record(0)
        var sample = ""
        for item in record where page.hasText(item) && sample.unicodeScalars.count < 80 {
            let range = page.range(of: item)
            sample += (sample.isEmpty ? "" : " ") + page.string(range.lowerBound..<min(range.upperBound, range.lowerBound + 80))
        }
        return ListingResult.Family(
            count: family.count, score: Double(score), sample: sample, node: page.source(family.container), kind: "\(family.kind)")
    }

    // MARK: Records

    /// A field's column, and up to two more that fill records it lacks.
    private func extend(_ standing: Listing.Standing, _ fields: Int) -> [[Int]] {
        var taken = Set(standing.assigned.filter { $0 >= 0 })
        var extended = standing.assigned.map { $0 < 0 ? [] : [$0] }
        let count = standing.sampled.count
        for field in standing.order where !standing.isContext(field) {
            let main = standing.assigned[field]
            var has = standing.columns[main].cells.map { $0 >= 0 }
            guard Double(standing.columns[main].count) < 0.95 * Double(count) else { continue }
            let least = max(0.1, 0.4 * standing.score(field))
            let order = standing.columns.indices.sorted {
                let a = standing.pairs.score[standing.pairs.at(field, $0)]
                let b = standing.pairs.score[standing.pairs.at(field, $1)]
                return a != b ? a > b : $0 < $1
            }
            for column in order.prefix(12) {
                let score = standing.pairs.score[standing.pairs.at(field, column)]
                if taken.contains(column) || score < least || standing.columns[column].kind == .context { continue }
                let own = standing.columns[column].cells
                let overlap = own.indices.count { own[$0] >= 0 && has[$0] }
                let new = own.indices.count { own[$0] >= 0 && !has[$0] }
                guard Double(overlap) <= 0.1 * Double(overlap + new), Double(new) >= max(1, 0.08 * Double(count)) else { continue }
                extended[field].append(column)
                taken.insert(column)
                for slot in own.indices where own[slot] >= 0 { has[slot] = true }
                if extended[field].count == 3 { break }
            }
        }
        return extended
    }

    private func records(
        _ standing: Listing.Standing, fields: [Field], _ asked: [Listing.Field], _ cells: inout Listing.Cells,
        into result: inout ListingResult
    ) {
        let family = standing.family
        let chosen = extend(standing, fields.count)
        let shared = fields.indices.map { standing.isContext($0) }
        let ownFields = fields.indices.count { !chosen[$0].isEmpty && !shared[$0] }
        // Which field a key answers, and how early.
        var wanted: [Listing.Keys.ID: [(field: Int, rank: Int)]] = [:]
        for field in fields.indices {
            for (rank, column) in chosen[field].enumerated() { wanted[standing.columns[column].key, default: []].append((field, rank)) }
        }
        let hasShared = shared.contains(true)
        let enumerates = fields.indices.map { field in
            guard fields[field].type == .list else { return false }
            let texts = chosen[field].flatMap { standing.columns[$0].cells }.filter { $0 >= 0 }.map { cells.cells[Int($0)] }
            return Listing.Items.splitsAtCommas(
                texts.map { Int($0.from)..<Int($0.to) }, asked[field], fields[field].items ?? .text, cells.page)
        }
        cells.enter(family)
        var seen: Set<[Int32]> = []
        var lastContext: Range<Int>?
        let limit = min(family.count, Listing.Limit.records)
        for index in 0..<limit {
            let record = family.record(index)
            let isKnown = cells.isKnown(record, of: family)
            let own = cells.read(record, of: family)
            let context = hasShared ? cells.context(of: family, record) : cells.cells.count..<cells.cells.count
            var found = [(cell: Int, rank: Int)](repeating: (-1, Int.max), count: fields.count)
            for range in [own, context] {
                for number in range {
                    guard let answers = wanted[cells.cells[number].key] else { continue }
                    for answer in answers where answer.rank < found[answer.field].rank { found[answer.field] = (number, answer.rank) }
                }
            }
            let present = fields.indices.count { found[$0].cell >= 0 && !shared[$0] }
            if present > 0, Double(present) >= ListingReader.leastShare * Double(ownFields) {
                let values = found.map { $0.cell < 0 ? -1 : cells.cells[$0.cell].value }
                if fields.count > 2 || seen.insert(values).inserted {
                    var taken: [ListingResult.Cell] = []
                    for field in fields.indices where found[field].cell >= 0 {
                        let cell = cells.cells[found[field].cell]
                        var values = [cell]
                        if fields[field].type == .list {
                            let others = found.indices.filter { $0 != field && found[$0].cell >= 0 }.map { cells.cells[found[$0].cell] }
                                .filter { $0.attribute == nil }.map { Int($0.from)..<Int($0.to) }
                            values = Listing.Items(page: cells.page, splitsAtCommas: enumerates[field]).values(
                                of: cell, in: record, others: others)
                        }
                        for value in values {
                            guard let span = span(of: value, cells.page) else { continue }
                            taken.append(
                                .init(
                                    field: field, span: span, node: cells.page.source(value.element), isShared: shared[field],
                                    score: Double(standing.pairs.score[standing.pairs.at(field, chosen[field][found[field].rank])])))
                        }
                    }
                    if !taken.isEmpty {
                        note(record, cells.page, result.records.count, &lastContext, &result)
                        result.records.append(
                            .init(
                                cells: taken,
                                nodes: record.map { $0 >= 0 ? cells.page.source($0) : Int(cells.page.runs[Int(~$0)].source) }))
                    }
                }
            }
            cells.forget(context)
            if !isKnown {
                cells.unlearn(record, of: family)
                cells.forget(own)
            }
        }
        if family.count > limit { result.truncated.append("only the first \(limit) of \(family.count) records were read") }
        guard !result.records.isEmpty else { return }
        result.columns = fields.indices.compactMap { field in
            guard let first = chosen[field].first else { return nil }
            let column = standing.columns[first]
            return .init(
                field: field, header: heading(of: column, cells), score: Double(standing.score(field)),
                isShared: shared[field], coverage: Double(column.coverage))
        }
    }

    /// The label that most cells of a column share.
    private func heading(of column: Listing.Column, _ cells: Listing.Cells) -> String? {
        var counts: [Int32: Int] = [:]
        for cell in column.cells where cell >= 0 && Int(cell) < cells.cells.count { counts[cells.cells[Int(cell)].label, default: 0] += 1 }
        guard let most = counts.max(by: { $0.value < $1.value }), most.key >= 0, most.value * 2 > column.count else { return nil }
        return cells.string(most.key)
    }

    /// Notes the heading or group row that a record stands under, when it is another than before.
    private func note(
        _ record: ArraySlice<Listing.Item>, _ page: Listing.Page, _ number: Int, _ last: inout Range<Int>?, _ result: inout ListingResult
    ) {
        guard let first = record.first(where: { $0 >= 0 }) else { return }
        let group = page.groupBefore[Int(first)]
        let heading = group >= 0 ? group : page.headingBefore[Int(first)]
        guard heading >= 0 else { return }
        let range = page.range(of: heading)
        guard range != last, let flow = page.flowRange(range) else { return }
        last = range
        result.contexts.append(.init(record: number, span: Span(place: .flow(flow), text: page.document.flow.text(flow))))
    }

    /// Where a cell stands in the document.
    private func span(of cell: Listing.Cell, _ page: Listing.Page) -> Span? {
        guard let name = cell.attribute else {
            guard let flow = page.flowRange(Int(cell.from)..<Int(cell.to)) else { return nil }
            return Span(place: .flow(flow), text: page.document.flow.text(flow))
        }
        let node = page.source(cell.element)
        var spelling = name.spelling
        if name == .src, page.document.attribute("src", of: node)?.isEmpty ?? true { spelling = "data-src" }
        guard let raw = page.document.attribute(spelling, of: node) else { return nil }
        let scalars = Array(raw.unicodeScalars)
        var from = 0
        var to = scalars.count
        while from < to, Listing.Scalars.isSpace(scalars[from].value) { from += 1 }
        while to > from, Listing.Scalars.isSpace(scalars[to - 1].value) { to -= 1 }
        if name == .mail { from = min(to, from + 7) }
        if name == .tel { from = min(to, from + 4) }
        if name == .mail, let query = scalars[from..<to].firstIndex(of: "?") { to = query }
        guard from < to else { return nil }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[from..<to])
        return Span(place: .attribute(node, name: spelling, from..<to), text: String(text))
    }
}
