import Foundation

/// From scores of candidates to the candidates that answer a field.
package struct Decoder: Sendable {
    /// A single value must score above this; below, the field is absent.
    package var single: Float
    /// The best element of a list must score above this, and each element alone.
    package var list: Float

    /// The limits chosen on held-out sites for the bundled weights.
    package init(single: Float = -1.5, list: Float = 0.5) {
        self.single = single
        self.list = list
    }

    /// Candidates of the answer in reading order; empty where the page has none. `scores` has one entry a candidate; NaN counts as never.
    package func decode(_ scores: [Float], _ reading: PageReading, isList: Bool) -> [Int] {
        let count = min(scores.count, reading.candidates.count)
        let scores = scores.prefix(count).map { $0.isNaN ? -.infinity : $0 }
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else { return [] }
        guard isList else { return scores[best] > single ? [best] : [] }
        guard scores[best] > list else { return [] }
        let order = Array(
            scores.indices.filter { scores[$0] > list }.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(400))
        let chosen = distinct(order, reading)
        return siblings(order, chosen: chosen, scores, reading)
            ?? chosen.sorted { spanStart(reading, $0) < spanStart(reading, $1) }
    }

    private func spanStart(_ reading: PageReading, _ candidate: Int) -> (Int, Int) {
        (reading.candidates[candidate].span.line, reading.candidates[candidate].span.start)
    }

    /// The best ones that neither overlap nor repeat a better one.
    private func distinct(_ order: [Int], _ reading: PageReading) -> [Int] {
        var chosen: [Int] = []
        var keys: Set<Int> = []
        for index in order {
            let candidate = reading.candidates[index]
            if keys.contains(candidate.key) { continue }
            if chosen.contains(where: { reading.candidates[$0].span.overlaps(candidate.span) }) { continue }
            chosen.append(index)
            keys.insert(candidate.key)
        }
        return chosen
    }

    // MARK: Siblings

    private struct Group {
        var score: Double
        var members: [Int]
        var mean: Double
        var role: Int
    }

    /// A run of siblings of one role takes the place of the chosen ones where it holds most of what they are worth: a list is usually a
    /// list on the page too.
    private func siblings(_ order: [Int], chosen: [Int], _ scores: [Float], _ reading: PageReading) -> [Int]? {
        let chances = scores.map { 1 / (1 + exp(-Double(min(max($0, -30), 30)))) }
        var roles: [Int] = []
        for index in order.prefix(60) where !roles.contains(reading.candidates[index].generalPath) {
            roles.append(reading.candidates[index].generalPath)
        }
        var byRole: [Int: [Int]] = [:]
        for index in scores.indices where roles.contains(reading.candidates[index].generalPath) {
            byRole[reading.candidates[index].generalPath, default: []].append(index)
        }
        func mean(_ members: [Int]) -> Double { members.reduce(0) { $0 + chances[$1] } / Double(max(1, members.count)) }
        var best: Group?
        for role in roles {
            for members in runs(byRole[role] ?? [], reading) where members.count >= 2 {
                let isLinkedData = reading.candidates[members[0]].kind == .jsonLD
                let size = Double(members.count)
                let score = members.reduce(0) { $0 + chances[$1] } - 0.3 * size + (isLinkedData ? 0.15 * size : 0)
                if best.map({ score > $0.score }) ?? true {
                    best = Group(score: score, members: members, mean: mean(members), role: role)
                }
            }
        }
        guard let best, best.mean >= 0.35 else { return nil }
        var members = best.members
        for run in runs(byRole[best.role] ?? [], reading) where run.first != best.members.first && mean(run) >= 0.5 { members += run }
        let keys = Set(members.map { reading.candidates[$0].key })
        let mass = chosen.reduce(0) { $0 + chances[$1] }
        let held = chosen.filter { keys.contains(reading.candidates[$0].key) }.reduce(0) { $0 + chances[$1] }
        let isWorthMost = members.count >= 3 && (held >= 0.45 * mass || best.score >= 0.4 * max(1e-9, mass))
        guard isWorthMost || held >= 0.7 * mass else { return nil }
        var taken: Set<Int> = []
        return members.sorted().filter { scores[$0] > list - 4 && taken.insert(reading.candidates[$0].key).inserted }
    }

    /// Candidates of one role, parted where the lowest element above two neighbours is higher than elsewhere.
    private func runs(_ members: [Int], _ reading: PageReading) -> [[Int]] {
        guard members.count > 1, reading.candidates[members[0]].node != nil else { return [members] }
        let shared = zip(members, members.dropFirst()).map { sharedSteps($0, $1, reading) }
        let deepest = shared.max() ?? 0
        var runs = [[members[0]]]
        for (member, steps) in zip(members.dropFirst(), shared) {
            if steps < deepest { runs.append([]) }
            runs[runs.count - 1].append(member)
        }
        return runs
    }

    private func sharedSteps(_ a: Int, _ b: Int, _ reading: PageReading) -> Int {
        guard let first = reading.candidates[a].node, let second = reading.candidates[b].node else { return 0 }
        let depth = reading.tree.sharedDepth(first, second)
        return first == second && reading.candidates[a].attribute != nil ? depth + 1 : depth
    }
}
