package import Documents

/// What is different between two runs of the same thing.
///
/// A record is gone only where the new run looked for it: pages that failed, were skipped or were read in part make records `unseenNow`, and
/// in the same way those that the old run could not have seen are `unseenBefore`, not new.
package struct RunDiff: Sendable, Equatable {
    /// Where a record stands: the key of its page, and its number there, from 0.
    package struct Place: Sendable, Hashable {
        package var page: String
        package var record: Int

        package init(page: String, record: Int) {
            self.page = page
            self.record = record
        }
    }

    package struct Record: Sendable, Hashable {
        package var place: Place
        package var value: JSON
    }

    /// A value of a record that differs.
    package struct LeafChange: Sendable, Hashable {
        package enum Kind: String, Sendable { case added, removed, changed }

        /// RFC 6901 pointer into the record.
        package var path: String
        /// Name of its field, as `DiffOptions` has it.
        package var field: String
        /// As it stands in the record; nil where there is none. A list of plain values is one value.
        package var old: JSON?
        package var new: JSON?

        package var kind: Kind { old == nil ? .added : new == nil ? .removed : .changed }
    }

    /// A record of both runs.
    package struct Pair: Sendable, Hashable {
        package var old: Place
        package var new: Place
        /// What to call it: its name, or whatever tells it from others.
        package var field: String
        package var name: JSON
        /// In the order of the record's fields; empty for one that only moved.
        package var leaves: [LeafChange]
    }

    /// A page that is not in both runs, or whose records are not all known.
    package struct Page: Sendable, Hashable {
        package var key: String
        /// Nil where the run hasn't it.
        package var before: DiffPage.Status?
        package var now: DiffPage.Status?
        package var wasWhole: Bool
        package var isWhole: Bool
    }

    /// A field over all records. Fields of lists and objects count what is below them, too.
    package struct Field: Sendable, Hashable {
        package var name: String
        /// Records of both runs in which it differs; those in which something of it was added or removed are among them.
        package var changed = 0
        package var added = 0
        package var removed = 0
        /// Records that have it, of all records of the run.
        package var before = 0
        package var now = 0
        /// Of these, the ones that the other run has or could have seen.
        var seenBefore = 0
        var seenNow = 0
        /// It holds values itself.
        package var isLeaf = false
    }

    /// All pages that differ as pages, in the order of the old run, then those of the new run alone.
    package private(set) var pages: [Page] = []
    /// In the order of the new run.
    package private(set) var new: [Record] = []
    package private(set) var unseenBefore: [Record] = []
    package private(set) var changed: [Pair] = []
    /// On another page than before, also where they changed.
    package private(set) var moved: [Pair] = []
    /// In the order of the old run.
    package private(set) var gone: [Record] = []
    package private(set) var unseenNow: [Record] = []
    package private(set) var unchanged = 0
    /// In the order of the records' fields.
    package private(set) var fields: [Field] = []
    package private(set) var recordsBefore = 0
    package private(set) var recordsNow = 0
    package private(set) var pagesNow = 0
    /// Pages of the new run that failed, whatever they did before.
    package private(set) var failedNow = 0
    /// Names of the fields that told records apart; empty where nothing did.
    package private(set) var identity: [String] = []
    /// They were found, not given.
    package private(set) var isIdentityFound = false
    /// What else a reader has to know: what could not be compared as it should.
    package private(set) var notes: [String] = []

    /// Neither records nor pages differ. Whether a page failed is no difference.
    package var isEmpty: Bool {
        new.isEmpty && gone.isEmpty && changed.isEmpty && moved.isEmpty && !pages.contains { $0.before == nil || $0.now == nil }
    }

    /// Fields that no record has any more, or that none had: the page was rebuilt, or is read wrongly. Of the records that both runs could
    /// see, at least half had it, or have it now.
    package var drift: [Field] {
        guard recordsBefore > 0, recordsNow > 0 else { return [] }
        return fields.filter {
            $0.now == 0 && $0.seenBefore > 0 && 2 * $0.seenBefore >= recordsBefore - unseenNow.count
                || $0.before == 0 && $0.seenNow > 0 && 2 * $0.seenNow >= recordsNow - unseenBefore.count
        }
    }

    package init(old: [DiffPage], new: [DiffPage], options: DiffOptions = DiffOptions()) {
        let pages = PageTable(old: old, new: new)
        var table = LeafTable(options)
        var before = RunDiff.entries(old, pages.oldOrder, &table)
        var now = RunDiff.entries(new, pages.newOrder, &table)
        let kinds = table.paths.map { FieldKind(table.fields[$0.field].last) }
        let identity = identify(&before, &now, table, kinds, options)
        let pairing = Pairing(old: before, new: now, strength: identity?.strength, names: pages.pages.map(\.key))
        for page in pairing.unlikened {
            notes.append(
                "\(pages.pages[page].key): too many records are left over to be compared each with each; only equal ones were paired")
        }
        (recordsBefore, recordsNow) = (before.count, now.count)
        (pagesNow, failedNow) = (new.count, new.count { $0.status == .failed })
        self.pages = pages.pages.compactMap(RunDiff.difference)
        var count = FieldCount(table)
        var origins = [Int?](repeating: nil, count: now.count)
        let unseenNow = pages.unseen(of: .old)
        for (number, entry) in before.enumerated() {
            let isSeen = pairing.partners[number] != nil || !unseenNow[entry.page]
            count.add(entry.facts, to: isSeen ? [.before, .seenBefore] : [.before])
            if let partner = pairing.partners[number] {
                origins[partner] = number
            } else {
                let record = Record(place: pages.place(of: entry), value: pages.value(of: entry, .old))
                if isSeen { gone.append(record) } else { self.unseenNow.append(record) }
            }
        }
        let unseenBefore = pages.unseen(of: .new)
        for (number, entry) in now.enumerated() {
            let value = pages.value(of: entry, .new)
            let isSeen = origins[number] != nil || !unseenBefore[entry.page]
            count.add(entry.facts, to: isSeen ? [.now, .seenNow] : [.now])
            guard let origin = origins[number].map({ before[$0] }) else {
                let record = Record(place: pages.place(of: entry), value: value)
                if isSeen { self.new.append(record) } else { self.unseenBefore.append(record) }
                continue
            }
            let isSame = origin.facts == entry.facts
            if isSame { unchanged += 1 }
            guard !isSame || origin.page != entry.page else { continue }
            let name = RunDiff.name(of: entry.facts, table, kinds, identity)
            let old = pages.value(of: origin, .old)
            var pair = Pair(
                old: pages.place(of: origin), new: pages.place(of: entry),
                field: name.map { table.fields[table.paths[$0].field].name } ?? "record",
                name: name.flatMap { value.at(pointer: table.paths[$0].pointer) } ?? .integer(entry.number), leaves: [])
            origin.facts.merge(with: entry.facts) { path, before, now in
                guard before != now else { return }
                let at = table.paths[path]
                let change = LeafChange(
                    path: at.pointer, field: table.fields[at.field].name, old: before.flatMap { _ in old.at(pointer: at.pointer) },
                    new: now.flatMap { _ in value.at(pointer: at.pointer) })
                pair.leaves.append(change)
                count.change(path, change.kind)
            }
            if !isSame { changed.append(pair) }
            if origin.page != entry.page { moved.append(pair) }
        }
        fields = count.fields
    }

    private static func entries(_ run: [DiffPage], _ order: [Int], _ table: inout LeafTable) -> [Entry] {
        var entries: [Entry] = []
        for (page, number) in zip(run, order) {
            for (index, record) in page.records.enumerated() {
                entries.append(Entry(page: number, number: index, facts: table.facts(of: record)))
            }
        }
        return entries
    }

    /// Gives the records their keys.
    private mutating func identify(
        _ before: inout [Entry], _ now: inout [Entry], _ table: LeafTable, _ kinds: [FieldKind], _ options: DiffOptions
    ) -> Identity? {
        for (run, name) in [(before, "old"), (now, "new")] where !run.isEmpty {
            for (part, field) in options.by.enumerated() {
                let isThere = run.contains { $0.facts.leaves.contains { table.paths[$0.path].part == part } }
                if !isThere { notes.append("by \"\(field)\": no record of the \(name) run has it") }
            }
        }
        let identity =
            if options.by.isEmpty {
                IdentitySearch(old: before.map(\.facts), new: now.map(\.facts), table: table, kinds: kinds).found()
            } else {
                Identity(.given, table.paths.indices.filter { table.paths[$0].part != nil }, in: table)
            }
        guard let identity, !identity.paths.isEmpty else { return nil }
        for index in before.indices { before[index].key = identity.key(of: before[index].facts) }
        for index in now.indices { now[index].key = identity.key(of: now[index].facts) }
        isIdentityFound = options.by.isEmpty
        self.identity = isIdentityFound ? identity.paths.map { table.fields[table.paths[$0].field].name } : options.by
        return identity
    }

    private static func difference(_ page: PageTable.Page) -> Page? {
        let (wasWhole, isWhole) = (page.old?.isWhole ?? false, page.new?.isWhole ?? false)
        if wasWhole, isWhole { return nil }
        return Page(key: page.key, before: page.old?.status, now: page.new?.status, wasWhole: wasWhole, isWhole: isWhole)
    }

    /// Number of the path whose value a person would call the record by; nil for an empty record.
    private static func name(of record: Facts, _ table: LeafTable, _ kinds: [FieldKind], _ identity: Identity?) -> Int? {
        func rank(_ leaf: Leaf) -> Int {
            let isOfRecord = table.fields[table.paths[leaf.path].field].parent == 0
            return switch kinds[leaf.path] {
            case .name where isOfRecord && leaf.value.string != nil: 0
            case _ where identity?.paths.contains(leaf.path) ?? false: 1
            case .id where isOfRecord: 2
            case .url where isOfRecord: 3
            default: 4
            }
        }
        return record.leaves.min { rank($0) < rank($1) }?.path
    }
}

extension PageTable {
    fileprivate func place(of entry: Entry) -> RunDiff.Place { RunDiff.Place(page: pages[entry.page].key, record: entry.number) }
    fileprivate func value(of entry: Entry, _ side: Side) -> JSON { pages[entry.page][side]?.records[entry.number] ?? .null }
}

/// Counts records by field, each once.
private struct FieldCount {
    enum Kind: Int, CaseIterable { case before, now, seenBefore, seenNow, changed, added, removed }

    private let table: LeafTable
    /// By kind, then by field: how many, and which was the last.
    private var counts: [[(records: Int, last: Int)]]
    private var isLeaf: [Bool]
    private var record = 0

    init(_ table: LeafTable) {
        self.table = table
        counts = Kind.allCases.map { _ in Array(repeating: (0, -1), count: table.fields.count) }
        isLeaf = Array(repeating: false, count: table.fields.count)
    }

    mutating func add(_ facts: Facts, to kinds: [Kind]) {
        record += 1
        for leaf in facts.leaves {
            isLeaf[table.paths[leaf.path].field] = true
            for kind in kinds { raise(kind, leaf.path) }
        }
    }

    /// Of the record that was added last.
    mutating func change(_ path: Int, _ kind: RunDiff.LeafChange.Kind) {
        raise(.changed, path)
        if kind != .changed { raise(kind == .added ? .added : .removed, path) }
    }

    private mutating func raise(_ kind: Kind, _ path: Int) {
        var field: Int? = table.paths[path].field
        while let at = field, counts[kind.rawValue][at].last != record {
            counts[kind.rawValue][at] = (counts[kind.rawValue][at].records + 1, record)
            field = table.fields[at].parent
        }
    }

    var fields: [RunDiff.Field] {
        table.fields.indices.dropFirst().compactMap { field in
            func count(_ kind: Kind) -> Int { counts[kind.rawValue][field].records }
            guard count(.before) + count(.now) > 0 else { return nil }
            return RunDiff.Field(
                name: table.fields[field].name, changed: count(.changed), added: count(.added), removed: count(.removed),
                before: count(.before), now: count(.now), seenBefore: count(.seenBefore), seenNow: count(.seenNow), isLeaf: isLeaf[field])
        }
    }
}
