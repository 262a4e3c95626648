internal import Documents

/// A value of a record that is no container of others: text, a number, money, or a list of such.
struct Leaf: Hashable, Sendable {
    /// Number of its place in the `LeafTable`.
    var path: Int
    /// `JSON.meaning` of what stands there.
    var value: JSON
}

/// What a record says. Records that say the same are equal, however they spell it.
struct Facts: Hashable, Sendable {
    /// By path, each path once.
    let leaves: [Leaf]
    private let digest: Int

    init(_ leaves: [Leaf]) {
        self.leaves = leaves
        digest = leaves.hashValue
    }

    static func == (one: Facts, other: Facts) -> Bool { one.digest == other.digest && one.leaves == other.leaves }
    func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// Calls with each path that one of the two has.
    func merge(with other: Facts, _ body: (_ path: Int, _ old: JSON?, _ new: JSON?) -> Void) {
        var (i, j) = (0, 0)
        while i < leaves.count || j < other.leaves.count {
            let old = i < leaves.count ? leaves[i].path : .max
            let new = j < other.leaves.count ? other.leaves[j].path : .max
            body(min(old, new), old <= new ? leaves[i].value : nil, new <= old ? other.leaves[j].value : nil)
            if old <= new { i += 1 }
            if new <= old { j += 1 }
        }
    }

    /// Share of the paths of both that have the same value in both, 0…1.
    func share(with other: Facts) -> Double {
        var (equal, all) = (0, 0)
        merge(with: other) { _, old, new in
            all += 1
            if old == new { equal += 1 }
        }
        return all == 0 ? 1 : Double(equal) / Double(all)
    }
}

/// The places at which the records of both runs have values, in the order in which they come.
struct LeafTable {
    struct Path {
        /// RFC 6901 pointer into the record.
        let pointer: String
        /// Number of its field.
        let field: Int
        let isInList: Bool
        let isIgnored: Bool
        /// Which of `DiffOptions.by` it belongs to.
        let part: Int?
    }

    /// Paths that differ only in the numbers of list elements are one field.
    struct Field {
        /// "seller.name".
        let name: String
        /// The member's own name.
        let last: String
        /// Number of the field that holds it; nil for the record itself.
        let parent: Int?
    }

    private struct Step: Hashable {
        let parent: Int
        let name: String
        let isInList: Bool
    }

    /// What is deeper is compared as a whole.
    private static let deepest = 32

    private(set) var paths: [Path] = [Path(pointer: "", field: 0, isInList: false, isIgnored: false, part: nil)]
    private(set) var fields: [Field] = [Field(name: "", last: "", parent: nil)]
    private var pathNumbers: [Step: Int] = [:]
    private var fieldNumbers: [Step: Int] = [:]
    private let options: DiffOptions

    init(_ options: DiffOptions) { self.options = options }

    mutating func facts(of record: JSON) -> Facts {
        var leaves: [Leaf] = []
        gather(record, path: 0, depth: 0, into: &leaves)
        leaves.sort { $0.path < $1.path }
        return Facts(leaves)
    }

    private mutating func gather(_ value: JSON, path: Int, depth: Int, into leaves: inout [Leaf]) {
        if paths[path].isIgnored { return }
        switch value {
        case _ where depth == LeafTable.deepest && !value.isNull: leaves.append(Leaf(path: path, value: value))
        case .object(let members) where !value.isMoney:
            var seen: Set<String> = []
            // Of members with the same name the last one counts.
            let last = members.reversed().filter { seen.insert($0.name).inserted }.reversed()
            for member in last { gather(member.value, path: child(member.name, of: path), depth: depth + 1, into: &leaves) }
        case .array(let items) where items.contains(where: { $0.array != nil || $0.members != nil }):
            for (index, item) in items.enumerated() {
                gather(item, path: child(String(index), of: path, isInList: true), depth: depth + 1, into: &leaves)
            }
        default: if let meaning = value.meaning { leaves.append(Leaf(path: path, value: meaning)) }
        }
    }

    private mutating func child(_ name: String, of parent: Int, isInList: Bool = false) -> Int {
        let step = Step(parent: parent, name: name, isInList: isInList)
        if let number = pathNumbers[step] { return number }
        let above = paths[parent]
        let pointer = above.pointer + "/" + JSON.escapePointer(name)
        let field = isInList ? above.field : self.field(name, of: above.field)
        func place(in names: [String]) -> Int? { names.firstIndex { $0 == pointer || $0 == fields[field].name } }
        let part = above.part ?? place(in: options.by)
        paths.append(
            Path(
                pointer: pointer, field: field, isInList: above.isInList || isInList,
                isIgnored: part == nil && place(in: options.ignore) != nil,
                part: part))
        pathNumbers[step] = paths.count - 1
        return paths.count - 1
    }

    private mutating func field(_ name: String, of parent: Int) -> Int {
        let step = Step(parent: parent, name: name, isInList: false)
        if let number = fieldNumbers[step] { return number }
        fields.append(Field(name: parent == 0 ? name : fields[parent].name + "." + name, last: name, parent: parent))
        fieldNumbers[step] = fields.count - 1
        return fields.count - 1
    }
}
