// Which record of the old run is which of the new one. In this order, so that what is surer comes first; within a step the first takes
// the first:
//   1. it says the same, on the same page
//   2. it has the same identity, on the same page
//   3. it says the same, on another page
//   4. it has the same identity, on another page
//   5. it is the only record of the same page in both runs
//   6. it is on the same page and alike: half of all that both say is equal
// Records with different identities are never paired where the caller named the identity. Where it was found, steps 5 and 6 may still pair
// them: where it is a name, by more likeness; where it is a number or an address, only in step 5, and only what is alike.
// Every step treats both runs in the same way: the comparison of new with old is that of old with new, turned round.

/// One record of a run.
struct Entry {
    /// Number of its page among those of both runs.
    let page: Int
    /// Of the record on its page, from 0.
    let number: Int
    let facts: Facts
    /// Nil where it doesn't say which record it is, or nothing does.
    var key: Facts?
}

struct Pairing {
    /// Comparisons of one record with another in a whole diff, and of one leaf with another.
    private static let mostComparisons = 4_000_000.0
    private static let mostSteps = 128_000_000.0

    private let old: [Entry]
    private let new: [Entry]
    private let strength: Identity.Strength?
    /// Of each record of the old run, its number in the new one.
    private(set) var partners: [Int?]
    private(set) var isNew: [Bool]
    /// Pages with too many records to be compared each with each.
    private(set) var unlikened: [Int] = []

    /// - Parameter names: of the pages.
    init(old: [Entry], new: [Entry], strength: Identity.Strength?, names: [String]) {
        self.old = old
        self.new = new
        self.strength = strength
        partners = Array(repeating: nil, count: old.count)
        isNew = Array(repeating: true, count: new.count)
        pair { OnPage(page: $0.page, facts: $0.facts) }
        if strength != nil { pair { entry in entry.key.map { OnPage(page: entry.page, facts: $0) } } }
        pair { $0.facts }
        if strength != nil { pair { $0.key } }
        pairLonely(pages: names.count)
        pairAlike(names)
    }

    private struct OnPage: Hashable {
        let page: Int
        let facts: Facts
    }

    private mutating func match(_ before: Int, _ now: Int) {
        partners[before] = now
        isNew[now] = false
    }

    private mutating func pair<Key: Hashable>(_ key: (Entry) -> Key?) {
        var waiting: [Key: (items: [Int], next: Int)] = [:]
        for now in new.indices where isNew[now] {
            if let key = key(new[now]) { waiting[key, default: ([], 0)].items.append(now) }
        }
        guard !waiting.isEmpty else { return }
        for before in old.indices where partners[before] == nil {
            guard let key = key(old[before]), let queue = waiting[key], queue.next < queue.items.count else { continue }
            match(before, queue.items[queue.next])
            waiting[key]?.next += 1
        }
    }

    private func areTold(_ before: Int, _ now: Int) -> Bool { old[before].key != nil && new[now].key != nil }

    private mutating func pairLonely(pages: Int) {
        func lonely(_ entries: [Entry]) -> [Int?] {
            var (counts, index) = (Array(repeating: 0, count: pages), [Int?](repeating: nil, count: pages))
            for (number, entry) in entries.enumerated() {
                counts[entry.page] += 1
                index[entry.page] = counts[entry.page] == 1 ? number : nil
            }
            return index
        }
        for case (let before?, let now?) in zip(lonely(old), lonely(new)) where partners[before] == nil && isNew[now] {
            if areTold(before, now) {
                if strength == .given { continue }
                if strength == .key, old[before].facts.share(with: new[now].facts) < 0.5 { continue }
            }
            match(before, now)
        }
    }

    private struct Candidate {
        let share: Float
        let before: Int
        let now: Int
    }

    private mutating func pairAlike(_ names: [String]) {
        var left: [Int: (old: [Int], new: [Int])] = [:]
        for before in old.indices where partners[before] == nil { left[old[before].page, default: ([], [])].old.append(before) }
        for now in new.indices where isNew[now] { left[new[now].page]?.new.append(now) }
        // The cheapest first, so that one huge page doesn't cost the others theirs.
        let pages = left.map { page, left in (page: page, left: left, size: comparisons(left.old, left.new)) }.filter { $0.size > 0 }
            .sorted { ($0.size, names[$0.page], $0.page) < ($1.size, names[$1.page], $1.page) }
        var (made, steps) = (0.0, 0.0)
        for (page, left, size) in pages {
            func leaves(_ entries: [Entry], _ numbers: [Int]) -> Double {
                numbers.reduce(0) { $0 + Double(entries[$1].facts.leaves.count) } / Double(numbers.count)
            }
            let pageSteps = size * (leaves(old, left.old) + leaves(new, left.new))
            guard made + size <= Pairing.mostComparisons, steps + pageSteps <= Pairing.mostSteps else {
                unlikened.append(page)
                continue
            }
            made += size
            steps += pageSteps
            pairAlike(left.old, left.new)
        }
        unlikened.sort()
    }

    /// Of which records of the new run one of the old run may be one, by their keys: names may change, other keys may only come or go.
    private func possible(for before: Int, _ news: [Int], keyless: [Int]) -> [Int] {
        old[before].key == nil || strength == .name ? news : keyless
    }

    private func comparisons(_ olds: [Int], _ news: [Int]) -> Double {
        let keyless = news.filter { new[$0].key == nil }
        return olds.reduce(0) { $0 + Double(possible(for: $1, news, keyless: keyless).count) }
    }

    private mutating func pairAlike(_ olds: [Int], _ news: [Int]) {
        let keyless = news.filter { new[$0].key == nil }
        var candidates: [Candidate] = []
        for before in olds {
            for now in possible(for: before, news, keyless: keyless) {
                let share = old[before].facts.share(with: new[now].facts)
                if share >= (areTold(before, now) ? 0.75 : 0.5) {
                    candidates.append(Candidate(share: Float(share), before: before, now: now))
                }
            }
        }
        candidates.sort { ($1.share, $0.before, $0.now) < ($0.share, $1.before, $1.now) }
        for candidate in candidates {
            if partners[candidate.before] == nil, isNew[candidate.now] { match(candidate.before, candidate.now) }
        }
    }
}
