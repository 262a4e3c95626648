package import Documents
import Extraction

/// Right, wrong and missed values. F1 = 2 right / (2 right + wrong + missed).
package struct Counts: Sendable, Hashable {
    package var right = 0
    /// Answered, and not what the label says.
    package var wrong = 0
    /// Labelled, and not answered so.
    package var missed = 0

    package var precision: Double? { right + wrong == 0 ? nil : Double(right) / Double(right + wrong) }
    package var recall: Double? { right + missed == 0 ? nil : Double(right) / Double(right + missed) }
    package var f1: Double { right == 0 ? 0 : 2 * Double(right) / Double(2 * right + wrong + missed) }

    static func += (a: inout Counts, b: Counts) {
        a.right += b.right
        a.wrong += b.wrong
        a.missed += b.missed
    }
}

/// How an answer compares with a page's labels.
package struct PageScore: Sendable {
    /// Per field; the next page's link is a field "next".
    package var fields: [String: Counts] = [:]
    /// Of a listing: F1 of its cells.
    package var cellF1: Double?
    /// Values by the method that found them: right and wrong.
    package var methods: [String: Counts] = [:]
    /// Values where the label says that there is none.
    package var unlabelled = 0
    package var misses: [Miss] = []

    /// An answer that is not what the label says.
    package struct Miss: Sendable, Hashable {
        package var field: String
        package var answered: [String]
        package var expected: [String]
    }

    private mutating func count(_ field: String, _ counts: Counts) { fields[field, default: Counts()] += counts }

    private mutating func count(_ method: Evidence.Method?, isRight: Bool) {
        methods[method?.rawValue ?? "next", default: Counts()] += Counts(right: isRight ? 1 : 0, wrong: isRight ? 0 : 1)
    }

    package init(_ answer: PageAnswer, of page: LabelledPage, document: Document?) {
        switch page.kind {
        case .detail: scoreDetail(answer, page)
        case .listing: scoreListing(answer, page)
        case .pagination: scoreNext(answer, page, document)
        }
    }

    // MARK: Detail pages

    /// Labels that are scored: those that were asked and say something. A label without a value counts where its set means absence by it.
    static func truths(of page: LabelledPage) -> [(field: String, isList: Bool, truths: [DetailTruth])] {
        let known = Wordings.bySet[page.set]
        return page.fields.compactMap { label in
            if let known, known[label.name] == nil { return nil }
            if Wordings.unscored[page.set]?.contains(label.name) == true { return nil }
            var values = [label.value]
            if let list = label.value.array { values = list }
            guard !values.contains(where: { $0.members != nil || $0.array != nil }) else { return nil }
            let texts = values.compactMap(text).filter { !$0.isEmpty }
            guard !texts.isEmpty || Wordings.setsThatSayAbsence.contains(page.set) || (known == nil && label.value.isNull) else { return nil }
            let isList =
                known == nil ? label.value.array != nil && !page.listsAreAlternatives : Wordings.lists[page.set]?.contains(label.name) == true
            return (label.name, isList, texts.map { DetailTruth($0, field: label.name) })
        }
    }

    /// A label's value as text, white space collapsed; nil where it is none.
    private static func text(_ value: JSON) -> String? {
        switch value {
        case .string(let string):
            return string.precomposedStringWithCanonicalMapping.replacing("\u{200B}", with: "").split(whereSeparator: \.isWhitespace)
                .joined(separator: " ")
        case .number(let spelling):
            // 5.0 is spelled 5 on pages.
            guard spelling.contains("."), let number = Double(spelling), number == number.rounded(), abs(number) < 1e15 else { return spelling }
            return String(Int(number))
        default: return nil
        }
    }

    private mutating func scoreDetail(_ answer: PageAnswer, _ page: LabelledPage) {
        for (field, isList, truths) in PageScore.truths(of: page) {
            let answers = answer.values(of: field)
            if truths.isEmpty { unlabelled += isList ? answers.count : min(answers.count, 1) }
            var counts = Counts()
            if isList {
                var used: Set<Int> = []
                for truth in truths {
                    if let index = answers.indices.first(where: { !used.contains($0) && truth.equals(answers[$0]) }) { used.insert(index) }
                }
                counts = Counts(right: used.count, wrong: answers.count - used.count, missed: truths.count - used.count)
                for (index, found) in answers.enumerated() { count(found.method, isRight: used.contains(index)) }
            } else {
                // One value is asked for: the first is the answer.
                let isRight = answers.first.map { first in truths.contains { $0.equals(first) } } ?? false
                counts = Counts(
                    right: isRight ? 1 : 0, wrong: !answers.isEmpty && !isRight ? 1 : 0, missed: !truths.isEmpty && !isRight ? 1 : 0)
                if let first = answers.first { count(first.method, isRight: isRight) }
            }
            if counts.wrong + counts.missed > 0 {
                misses.append(
                    Miss(field: field, answered: answers.compactMap(\.texts.last), expected: truths.map(\.text)))
            }
            count(field, counts)
        }
    }

    // MARK: Listings

    /// Labelled records in their order take the unused answered record with the most equal cells; an equal cell is right, every other
    /// answered cell wrong, every other labelled cell missed.
    private mutating func scoreListing(_ answer: PageAnswer, _ page: LabelledPage) {
        let columns = Question.columns(of: page)
        let truths = page.records.map { record in
            columns.map { column -> CellTruth? in
                switch record[column] {
                case .string(let text)? where text.isEmpty: nil
                case .string?, .number?: record[column].map { CellTruth($0, field: column, base: page.url) }
                default: nil
                }
            }
        }
        let kinds = columns.indices.map { column in CellTruth.Column(truths.lazy.compactMap { $0[column] }) }
        var cells: [[(answers: [Answered], keys: Set<String>)]] = []
        var byKey: [Int: [String: [Int]]] = [:]
        for number in answer.records.indices {
            let row = columns.enumerated().map { column, name in
                let answers = answer.values(of: name, in: number)
                return (answers, answers.reduce(into: Set<String>()) { $0.formUnion(kinds[column].keys(of: $1)) })
            }
            for (column, cell) in row.enumerated() { for key in cell.1 { byKey[column, default: [:]][key, default: []].append(number) } }
            cells.append(row)
        }
        var used: Set<Int> = []
        for truth in truths {
            var equal: [Int: Int] = [:]
            for (column, cell) in truth.enumerated() {
                guard let cell else { continue }
                let hits = cell.keys.reduce(into: Set<Int>()) { $0.formUnion(byKey[column]?[$1] ?? []) }
                for hit in hits where !used.contains(hit) { equal[hit, default: 0] += 1 }
            }
            let most = equal.values.max()
            let taken = most.flatMap { most in equal.filter { $0.value == most }.keys.min() }
            if let taken { used.insert(taken) }
            for (column, cell) in truth.enumerated() {
                let found = taken.map { cells[$0][column] }
                let isAnswered = found.map { !$0.answers.isEmpty } ?? false
                let isRight = cell.map { cell in found.map { !cell.keys.isDisjoint(with: $0.keys) } ?? false } ?? false
                if isAnswered, cell == nil { unlabelled += 1 }
                count(
                    columns[column],
                    Counts(right: isRight ? 1 : 0, wrong: isAnswered && !isRight ? 1 : 0, missed: cell != nil && !isRight ? 1 : 0))
                if isAnswered { count(found?.answers.first?.method, isRight: isRight) }
            }
        }
        for number in answer.records.indices where !used.contains(number) {
            for (column, cell) in cells[number].enumerated() where !cell.answers.isEmpty {
                count(columns[column], Counts(wrong: 1))
                count(cell.answers.first?.method, isRight: false)
            }
        }
        var all = Counts()
        for counts in fields.values { all += counts }
        cellF1 = all.f1
        if all.wrong + all.missed > 0 {
            func row(_ record: JSON) -> String { record.description }
            misses.append(
                Miss(field: "records", answered: answer.records.prefix(3).map(row), expected: page.records.prefix(3).map(row)))
        }
    }

    // MARK: Next page

    /// Right is the link that is labelled as the next one; also a labelled link of the page with the next number, and "older posts" that
    /// lead to it though labelled as previous: the way on through a list. Labels were made without regard to `<base href>`.
    private mutating func scoreNext(_ answer: PageAnswer, _ page: LabelledPage, _ document: Document?) {
        let truths = PageScore.nextAddresses(of: page)
        var answers = Set(answer.next.map { [PageScore.plain($0)] } ?? [])
        if let document, let next = answer.next, let own = URLIdentity(page.url) {
            for node in document.nodes where node.name == "a" {
                guard let reference = node.attributes.first(where: { $0.name == "href" })?.value,
                    URLIdentity.resolve(document.base, reference) == next, let address = URLIdentity(reference, base: own)
                else { continue }
                answers.insert(PageScore.plain(address.href))
            }
        }
        let isRight = !answers.isDisjoint(with: truths)
        let counts = Counts(
            right: isRight ? 1 : 0, wrong: answer.next != nil && !isRight ? 1 : 0, missed: !truths.isEmpty && !isRight ? 1 : 0)
        if answer.next != nil, truths.isEmpty { unlabelled += 1 }
        count("next", counts)
        if answer.next != nil { count(nil, isRight: isRight) }
        if counts.wrong + counts.missed > 0 {
            misses.append(Miss(field: "next", answered: answer.next.map { [$0] } ?? [], expected: truths.sorted()))
        }
    }

    static func nextAddresses(of page: LabelledPage) -> Set<String> {
        let labels = JSON.object(page.fields)
        func links(_ name: String) -> [(text: String, address: String)] {
            (labels[name]?.array ?? []).compactMap { link in
                guard let reference = link["href"]?.string, !reference.isEmpty else { return nil }
                return (link["text"]?.string ?? "", URLIdentity.resolve(page.url, reference) ?? reference)
            }
        }
        var addresses = Set(links("next").map { plain($0.address) })
        let own = Dictionary(NextLink.pageNumbers(in: page.url).map { ($0.list, $0.number) }, uniquingKeysWith: { $1 })
        let others = links("page").map { (isPrevious: false, link: $0) } + links("prev").map { (isPrevious: true, link: $0) }
        for (isPrevious, link) in others {
            let text = link.text.lowercased()
            let isOlder = ["older", "過去の投稿", "previous entries", "antiguas", "ältere", "plus anciens"].contains(where: text.contains)
            let countsFromOne = isPrevious ? text.contains("older") || text.contains("過去") : own.isEmpty
            for (number, list) in NextLink.pageNumbers(in: link.address) {
                guard let here = own[list] ?? (countsFromOne ? 1 : nil) else { continue }
                if number == here + 1, !isPrevious || isOlder { addresses.insert(plain(link.address)) }
            }
        }
        return addresses
    }

    private static func plain(_ address: String) -> String { Spelling.address(address) }
}
