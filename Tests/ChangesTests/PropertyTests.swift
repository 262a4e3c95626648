import Changes
import Documents
import Testing

/// What must hold for any two runs, over runs made by dice: lists on several pages, which shift, change, lose and gain records, with and without
/// something that tells records apart, with pages that fail, that are read in part and that are not there.
@Suite struct PropertyTests {
    static let seeds = 0..<2_000

    struct Runs {
        var old: [DiffPage]
        var new: [DiffPage]
        var options: DiffOptions

        init(_ seed: Int) {
            var dice = Dice(seed)
            let shape = dice.below(4)
            var things: [JSON] = []
            var next = 0
            func thing(_ dice: inout Dice) -> JSON {
                next += 1
                func few() -> Int { dice.below(4) }
                return .of(
                    ("id", shape == 0 ? .string("i\(next)") : nil),
                    ("title", shape == 1 ? .string("Thing \(dice.below(5) == 0 ? 1 : next)") : nil),
                    ("a", .integer(few())), ("b", few() == 0 ? .null : .string("w\(few())")),
                    ("list", .array((0..<dice.below(3)).map { .integer($0) })),
                    (
                        "more",
                        .of(("c", .integer(few())), ("d", .array((0..<dice.below(3)).map { _ in .of(("e", .integer(dice.below(3)))) })))
                    ))
            }
            for _ in 0..<dice.below(14) { things.append(thing(&dice)) }
            old = Runs.paged(things, &dice)
            for index in things.indices.reversed() where dice.happens(0.15) { things.remove(at: index) }
            for index in things.indices where dice.happens(0.25) { things[index] = Runs.changed(things[index], &dice) }
            for _ in 0..<dice.below(4) { things.insert(thing(&dice), at: dice.below(things.count + 1)) }
            if dice.happens(0.2) { things.shuffle(using: &dice) }
            new = Runs.paged(things, &dice)
            options = DiffOptions(by: dice.happens(0.2) ? ["a"] : [], ignore: dice.happens(0.2) ? ["more.c"] : [])
        }

        private static func changed(_ thing: JSON, _ dice: inout Dice) -> JSON {
            guard case .object(var members) = thing, !members.isEmpty else { return thing }
            let index = dice.below(members.count)
            let values: [JSON] = [.null, .string("new"), .number("2.0"), .number("2"), .array([.integer(1)]), .of(("c", .integer(9)))]
            members[index].value = values[dice.below(values.count)]
            return .object(members)
        }

        private static func paged(_ things: [JSON], _ dice: inout Dice) -> [DiffPage] {
            let size = 1 + dice.below(5)
            var pages: [DiffPage] = []
            for start in stride(from: 0, to: things.count, by: size) {
                let records = Array(things[start..<min(start + size, things.count)])
                let before = pages.isEmpty ? nil : "page \(pages.count - 1)"
                var page = DiffPage(
                    key: "page \(pages.count)", status: .completed, records: records, foundOn: dice.happens(0.5) ? before : nil)
                if dice.happens(0.1) { page = DiffPage(key: page.key, status: .failed, foundOn: page.foundOn) }
                if dice.happens(0.1) { page.isWhole = false }
                pages.append(page)
            }
            if dice.happens(0.1), !pages.isEmpty { pages.removeLast() }
            return pages
        }

        var diff: RunDiff { RunDiff(old: old, new: new, options: options) }
    }

    /// A run doesn't differ from itself.
    @Test func isReflexive() {
        for seed in Self.seeds {
            let runs = Runs(seed)
            let diff = RunDiff(old: runs.old, new: runs.old, options: runs.options)
            #expect(
                diff.isEmpty && diff.unseenNow.isEmpty && diff.unseenBefore.isEmpty && diff.unchanged == diff.recordsNow, "seed \(seed)")
        }
    }

    /// Turned round, what is new is gone and what changed changed back.
    @Test func isSymmetric() {
        for seed in Self.seeds {
            let runs = Runs(seed)
            let (diff, back) = (runs.diff, RunDiff(old: runs.new, new: runs.old, options: runs.options))
            #expect(diff.new == back.gone && diff.gone == back.new, "seed \(seed)")
            #expect(diff.unseenNow == back.unseenBefore && diff.unseenBefore == back.unseenNow, "seed \(seed)")
            #expect(diff.unchanged == back.unchanged, "seed \(seed)")
            #expect(Set(diff.changed.map(Self.text)) == Set(back.changed.map(Self.turned)), "seed \(seed)")
            #expect(Set(diff.moved.map(Self.text)) == Set(back.moved.map(Self.turned)), "seed \(seed)")
            #expect(Set(diff.drift.map(\.name)) == Set(back.drift.map(\.name)), "seed \(seed)")
            for field in diff.fields {
                let other = back.fields.first { $0.name == field.name }
                #expect(
                    other.map { [$0.changed, $0.removed, $0.added, $0.now, $0.before] } == [
                        field.changed, field.added, field.removed, field.before, field.now,
                    ])
            }
        }
    }

    private static func text(_ pair: RunDiff.Pair) -> String {
        "\(pair.old) \(pair.new) "
            + pair.leaves.map { "\($0.path) \($0.old?.description ?? "") \($0.new?.description ?? "")" }.sorted().joined(separator: "|")
    }

    private static func turned(_ pair: RunDiff.Pair) -> String {
        var pair = pair
        (pair.old, pair.new) = (pair.new, pair.old)
        for index in pair.leaves.indices {
            (pair.leaves[index].old, pair.leaves[index].new) = (pair.leaves[index].new, pair.leaves[index].old)
        }
        return text(pair)
    }

    /// The old run without what is gone, with what is new and what changed, is the new run.
    @Test func isComplete() {
        for seed in Self.seeds {
            let runs = Runs(seed)
            let diff = runs.diff
            var places = Self.records(runs.old)
            for record in diff.gone + diff.unseenNow { #expect(places.removeValue(forKey: record.place) == record.value, "seed \(seed)") }
            var result: [String] = []
            for pair in diff.changed {
                guard let old = places.removeValue(forKey: pair.old) else {
                    Issue.record("seed \(seed): \(pair.old) changed, but is gone or changed twice")
                    continue
                }
                var leaves = Self.leaves(old)
                for leaf in pair.leaves { leaves[leaf.path] = leaf.new.map(Self.plain) }
                result.append(Self.text(leaves))
            }
            #expect(places.count == diff.unchanged, "seed \(seed)")
            result +=
                places.values.map { Self.text(Self.leaves($0)) } + (diff.new + diff.unseenBefore).map { Self.text(Self.leaves($0.value)) }
            let ignored = runs.options.ignore.isEmpty ? nil : "/more/c"
            func without(_ texts: [String]) -> [String] {
                texts.map { text in
                    text.split(separator: "\n").filter { ignored == nil || !$0.hasPrefix(ignored ?? "") }.joined(separator: "\n")
                }.sorted()
            }
            #expect(without(result) == without(Self.records(runs.new).values.map { Self.text(Self.leaves($0)) }), "seed \(seed)")
        }
    }

    /// Nothing is gone from a page that is not wholly known, and nothing is new on one that was not.
    @Test func neverBlamesFailures() {
        var unseen = 0
        for seed in Self.seeds {
            let runs = Runs(seed)
            let diff = runs.diff
            let (lost, lostBefore) = (Set(runs.new.filter { !$0.isWhole }.map(\.key)), Set(runs.old.filter { !$0.isWhole }.map(\.key)))
            #expect(
                !diff.gone.contains { lost.contains($0.place.page) } && !diff.new.contains { lostBefore.contains($0.place.page) },
                "seed \(seed)")
            unseen += diff.unseenNow.count + diff.unseenBefore.count
            if lost.isEmpty { #expect(diff.unseenNow.isEmpty, "seed \(seed)") }
        }
        #expect(unseen > 500)
    }

    /// The runs that dice make have all that is compared.
    @Test func hasEverything() {
        var (new, gone, changed, moved, unchanged, identities) = (0, 0, 0, 0, 0, Set<[String]>())
        for seed in Self.seeds {
            let diff = Runs(seed).diff
            new += diff.new.count
            gone += diff.gone.count
            changed += diff.changed.count
            moved += diff.moved.count
            unchanged += diff.unchanged
            identities.insert(diff.identity)
        }
        #expect(min(new, gone, changed, moved, unchanged) > 1_000)
        #expect(identities.isSuperset(of: [[], ["id"], ["title"], ["a"]]))
    }

    // What a record says, worked out without the code that is tested.

    private static func records(_ run: [DiffPage]) -> [RunDiff.Place: JSON] {
        var records: [RunDiff.Place: JSON] = [:]
        for page in run {
            for (number, record) in page.records.enumerated() { records[place(page.key, number)] = record }
        }
        return records
    }

    private static func place(_ page: String, _ record: Int) -> RunDiff.Place { RunDiff.Place(page: page, record: record) }

    private static func leaves(_ value: JSON, at path: String = "") -> [String: String] {
        switch value {
        case .object(let members):
            return members.reduce(into: [:]) { $0.merge(leaves($1.value, at: path + "/" + $1.name)) { $1 } }
        case .array(let items) where items.contains { $0.members != nil }:
            return items.enumerated().reduce(into: [:]) { $0.merge(leaves($1.element, at: path + "/\($1.offset)")) { $1 } }
        case .null, .array([]): return [:]
        default: return [path: plain(value)]
        }
    }

    private static func plain(_ value: JSON) -> String { value == .number("2.0") ? "2" : value.description }
    private static func text(_ leaves: [String: String]) -> String {
        leaves.map { "\($0.key) \($0.value)" }.sorted().joined(separator: "\n")
    }
}
