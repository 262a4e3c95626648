internal import Documents

/// Which values of a record say which one it is.
struct Identity {
    enum Strength {
        /// Said by the caller.
        case given
        /// Found, and of a kind that is made to tell things apart: two values are two things.
        case key
        /// Found, but may be written anew for the same thing: names and other text.
        case name
    }

    let strength: Strength
    /// Numbers in the `LeafTable`, in order.
    let paths: [Int]
    private let isPart: [Bool]

    init(_ strength: Strength, _ paths: [Int], in table: LeafTable) {
        self.strength = strength
        self.paths = paths.sorted()
        var isPart = Array(repeating: false, count: table.paths.count)
        for path in paths { isPart[path] = true }
        self.isPart = isPart
    }

    /// Nil for a record that has none of the values.
    func key(of record: Facts) -> Facts? {
        let parts = record.leaves.filter { isPart[$0.path] }
        return parts.isEmpty ? nil : Facts(parts)
    }
}

/// What a field's name makes of it, the best to tell records apart first.
enum FieldKind: Int, CaseIterable {
    case id, url, name, text, none

    private static let ids: Set<String> = [
        "id", "sku", "gtin", "gtin8", "gtin12", "gtin13", "gtin14", "ean", "upc", "isbn", "issn", "doi", "asin", "mpn", "uuid", "guid",
        "productid", "articlenumber", "itemnumber", "productnumber", "ordernumber", "casenumber", "docketnumber", "identifier", "slug",
    ]
    private static let names: Set<String> = [
        "name", "title", "headline", "label", "product", "productname", "producttitle", "company", "question", "heading", "jobtitle",
    ]
    private static let pictures = ["image", "img", "photo", "picture", "thumb", "logo", "icon", "avatar"]
    /// What says where something stands, not what it is.
    private static let places: Set<String> = ["rank", "position", "pos", "index", "row", "number", "no", "nr", "page", "order"]

    init(_ name: String) {
        let plain = String(name.lowercased().filter { $0.isLetter || $0.isNumber })
        if FieldKind.ids.contains(plain) || ["_id", "-id", "Id", "ID"].contains(where: name.hasSuffix) {
            self = .id
        } else if FieldKind.pictures.contains(where: plain.contains) || FieldKind.places.contains(plain) {
            self = .none
        } else if ["url", "uri", "link", "href"].contains(where: plain.hasSuffix) {
            self = .url
        } else {
            self = FieldKind.names.contains(plain) ? .name : .text
        }
    }

    /// A value that can tell records apart. Numbers are measures, except where the name says otherwise.
    func suits(_ value: JSON) -> Bool {
        switch value {
        case .string(let text): self == .id || text.unicodeScalars.contains(where: \.properties.isAlphabetic)
        case .number: self == .id
        default: false
        }
    }

    /// Of the values that both runs could share, how many must be shared. A list that turns over quickly shares few addresses; other text
    /// proves itself only by most of it.
    var leastShared: Double {
        switch self {
        case .id, .url: 0.1
        case .name: 0.3
        case .text, .none: 0.5
        }
    }
}

/// Finds fields that nearly all records of both runs have, that differ from record to record, and whose values both runs share.
struct IdentitySearch {
    private static let nearlyAll = 0.9
    private static let different = 0.95
    /// Of two fields together.
    private static let mostPairs = 32

    private let old: [Facts]
    private let new: [Facts]
    private let table: LeafTable
    private let kinds: [FieldKind]

    init(old: [Facts], new: [Facts], table: LeafTable, kinds: [FieldKind]) {
        self.old = old
        self.new = new
        self.table = table
        self.kinds = kinds
    }

    func found() -> Identity? {
        guard !old.isEmpty, !new.isEmpty else { return nil }
        let (before, now) = (suiting(old), suiting(new))
        let candidates = kinds.indices.filter { path in
            kinds[path] != .none && !table.paths[path].isInList && path != 0
                && Double(before[path]) >= IdentitySearch.nearlyAll * Double(old.count)
                && Double(now[path]) >= IdentitySearch.nearlyAll * Double(new.count)
        }.sorted { table.paths[$0].pointer < table.paths[$1].pointer }
        for kind in [FieldKind.id, .url, .name, .text] {
            let single = candidates.filter { kinds[$0] == kind }.map { [$0] }
            let strength: Identity.Strength = kind == .id || kind == .url ? .key : .name
            if let best = best(of: single, least: kind.leastShared, strength) { return best }
        }
        var pairs: [[Int]] = []
        for (index, one) in candidates.enumerated() {
            for other in candidates[(index + 1)...] { pairs.append([one, other]) }
        }
        return best(of: Array(pairs.prefix(IdentitySearch.mostPairs)), least: FieldKind.text.leastShared, .name)
    }

    /// How many records have a value at each path that can tell them apart.
    private func suiting(_ records: [Facts]) -> [Int] {
        var counts = Array(repeating: 0, count: kinds.count)
        for record in records {
            for leaf in record.leaves where kinds[leaf.path].suits(leaf.value) { counts[leaf.path] += 1 }
        }
        return counts
    }

    /// The one that shares most; of equals the first.
    private func best(of candidates: [[Int]], least: Double, _ strength: Identity.Strength) -> Identity? {
        var best: (identity: Identity, shared: Double)?
        for paths in candidates {
            let identity = Identity(strength, paths, in: table)
            guard let shared = shared(by: identity), shared >= least, shared > best?.shared ?? 0 else { continue }
            best = (identity, shared)
        }
        return best?.identity
    }

    /// Share of the values of the run that has fewer which the other has, too; nil where they don't differ from record to record.
    private func shared(by identity: Identity) -> Double? {
        func values(_ records: [Facts]) -> Set<Facts>? {
            let keys = records.compactMap(identity.key)
            let values = Set(keys)
            return Double(values.count) >= IdentitySearch.different * Double(keys.count) && !keys.isEmpty ? values : nil
        }
        guard let before = values(old), let now = values(new) else { return nil }
        return Double(now.count(where: before.contains)) / Double(min(before.count, now.count))
    }
}
