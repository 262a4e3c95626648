/// A small backtracking pattern over `ClassedText`: what regular expressions do, for the dozen fixed shapes that are looked for in
/// every line and every candidate, where a general engine takes most of the time of a page.
///
/// It means what the same regular expression means: alternatives in order, runs greedy unless said otherwise, the first match wins.
/// Groups don't repeat, so a pattern is a graph without loops and ends.
struct Pattern: Sendable {
    /// How a pattern is written down.
    indirect enum Part: Sendable {
        case one(ScalarSet)
        case run(ScalarSet, ClosedRange<Int>)
        case shortestRun(ScalarSet, ClosedRange<Int>)
        case sequence([Part])
        case either([Part])
        case maybe(Part)
        /// The next scalar is not of the set (or there is none).
        case notAhead(ScalarSet)
        case notBehind(ScalarSet)
        /// Between a word scalar and another.
        case wordBoundary
        /// Remembers the part's range under a number.
        case capture(Int, Part)

        /// Each letter in both cases.
        static func letters(_ text: String) -> Part {
            .sequence(text.unicodeScalars.map { .one(ScalarSet($0, $0.properties.lowercaseMapping.unicodeScalars.first ?? $0)) })
        }

        static func exactly(_ text: String) -> Part { .sequence(text.unicodeScalars.map { .one(ScalarSet($0)) }) }
    }

    private enum Step {
        case one, longest, shortest, split, notAhead, notBehind, boundary, mark, done
    }

    private struct Node {
        var step: Step
        var set = ScalarSet()
        var low = 0
        var high = 0
        var next = -1
        var other = -1
    }

    private var nodes: [Node] = [Node(step: .done)]
    private var start = 0
    /// Scalars a match can begin with.
    private var firsts = ScalarSet()

    init(_ parts: Part...) {
        start = add(.sequence(parts), before: 0)
        firsts = firstScalars(of: start)
    }

    private mutating func append(_ node: Node) -> Int {
        nodes.append(node)
        return nodes.count - 1
    }

    private mutating func add(_ part: Part, before next: Int) -> Int {
        switch part {
        case .one(let set): return append(Node(step: .one, set: set, next: next))
        case .run(let set, let counts):
            return append(Node(step: .longest, set: set, low: counts.lowerBound, high: counts.upperBound, next: next))
        case .shortestRun(let set, let counts):
            return append(Node(step: .shortest, set: set, low: counts.lowerBound, high: counts.upperBound, next: next))
        case .sequence(let parts):
            var next = next
            for part in parts.reversed() { next = add(part, before: next) }
            return next
        case .either(let parts):
            let entries = parts.map { add($0, before: next) }
            guard var result = entries.last else { return next }
            for entry in entries.dropLast().reversed() { result = append(Node(step: .split, next: entry, other: result)) }
            return result
        case .maybe(let part): return append(Node(step: .split, next: add(part, before: next), other: next))
        case .notAhead(let set): return append(Node(step: .notAhead, set: set, next: next))
        case .notBehind(let set): return append(Node(step: .notBehind, set: set, next: next))
        case .wordBoundary: return append(Node(step: .boundary, next: next))
        case .capture(let number, let part):
            let end = append(Node(step: .mark, low: number * 2 + 1, next: next))
            return append(Node(step: .mark, low: number * 2, next: add(part, before: end)))
        }
    }

    private func firstScalars(of index: Int) -> ScalarSet {
        let node = nodes[index]
        switch node.step {
        case .one: return node.set
        case .longest, .shortest: return node.low > 0 ? node.set : node.set.union(firstScalars(of: node.next))
        case .split: return firstScalars(of: node.next).union(firstScalars(of: node.other))
        case .notAhead, .notBehind, .boundary, .mark: return firstScalars(of: node.next)
        case .done: return ScalarSet()
        }
    }

    // MARK: Matching

    struct Match {
        var range: Range<Int>
        /// Ranges of the captures by number; empty where none took part.
        var captures: [Range<Int>]
    }

    /// Matches that don't overlap, from the left; `range` is the whole text as far as the pattern can see.
    func matches(in text: ClassedText, _ range: Range<Int>, limit: Int = .max) -> [Match] {
        var found: [Match] = []
        var at = range.lowerBound
        var marks = Array(repeating: -1, count: 8)
        while at < range.upperBound, found.count < limit {
            guard firsts.contains(text.scalars[at], text.classes[at]),
                let end = match(start, text, at, range, wholly: false, &marks)
            else {
                at += 1
                continue
            }
            let captures = (0..<4).map { marks[$0 * 2] < 0 ? 0..<0 : marks[$0 * 2]..<marks[$0 * 2 + 1] }
            found.append(Match(range: at..<end, captures: captures))
            at = max(end, at + 1)
        }
        return found
    }

    func first(in text: ClassedText, _ range: Range<Int>) -> Match? { matches(in: text, range, limit: 1).first }

    /// The whole range has this shape.
    func matchesWholly(_ text: ClassedText, _ range: Range<Int>) -> Bool {
        guard let first = range.first, firsts.contains(text.scalars[first], text.classes[first]) else { return false }
        var marks = Array(repeating: -1, count: 8)
        return match(start, text, range.lowerBound, range, wholly: true, &marks) != nil
    }

    private func match(
        _ index: Int, _ text: ClassedText, _ position: Int, _ range: Range<Int>, wholly: Bool, _ marks: inout [Int]
    ) -> Int? {
        var index = index
        var at = position
        while true {
            let node = nodes[index]
            switch node.step {
            case .done: return wholly && at != range.upperBound ? nil : at
            case .one:
                guard at < range.upperBound, node.set.contains(text.scalars[at], text.classes[at]) else { return nil }
                at += 1
            case .longest:
                var count = 0
                while count < node.high, at + count < range.upperBound,
                    node.set.contains(text.scalars[at + count], text.classes[at + count])
                {
                    count += 1
                }
                while count > node.low {
                    if let end = match(node.next, text, at + count, range, wholly: wholly, &marks) { return end }
                    count -= 1
                }
                guard count == node.low else { return nil }
                at += count
            case .shortest:
                var count = 0
                while true {
                    if count >= node.low, let end = match(node.next, text, at + count, range, wholly: wholly, &marks) { return end }
                    guard count < node.high, at + count < range.upperBound,
                        node.set.contains(text.scalars[at + count], text.classes[at + count])
                    else { return nil }
                    count += 1
                }
            case .split:
                if let end = match(node.next, text, at, range, wholly: wholly, &marks) { return end }
                index = node.other
                continue
            case .notAhead:
                if at < range.upperBound, node.set.contains(text.scalars[at], text.classes[at]) { return nil }
            case .notBehind:
                if at > range.lowerBound, node.set.contains(text.scalars[at - 1], text.classes[at - 1]) { return nil }
            case .boundary:
                let before = at > range.lowerBound && text.classes[at - 1].contains(.word)
                let after = at < range.upperBound && text.classes[at].contains(.word)
                if before == after { return nil }
            case .mark:
                let old = marks[node.low]
                marks[node.low] = at
                if let end = match(node.next, text, at, range, wholly: wholly, &marks) { return end }
                marks[node.low] = old
                return nil
            }
            index = node.next
        }
    }
}

/// A set of scalars: any ASCII ones, whole classes, and up to eight others.
struct ScalarSet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private var classes: ScalarClass = []
    private var others = SIMD8<UInt32>(repeating: .max)

    init(classes: ScalarClass = []) { self.classes = classes }

    init(_ scalars: Unicode.Scalar...) {
        for scalar in scalars { insert(scalar) }
    }

    init(_ scalars: String, classes: ScalarClass = []) {
        self.classes = classes
        for scalar in scalars.unicodeScalars { insert(scalar) }
    }

    static let digit = ScalarSet(classes: .digit)
    static let space = ScalarSet(classes: .space)
    static let word = ScalarSet(classes: .word)
    static let capital = ScalarSet("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    static let letter = capital.union(ScalarSet("abcdefghijklmnopqrstuvwxyz"))

    private mutating func insert(_ scalar: Unicode.Scalar) {
        if scalar.value < 64 {
            low |= 1 << UInt64(scalar.value)
        } else if scalar.value < 128 {
            high |= 1 << UInt64(scalar.value - 64)
        } else if let free = others.indices.first(where: { others[$0] == .max || others[$0] == scalar.value }) {
            others[free] = scalar.value
        }
    }

    func union(_ other: ScalarSet) -> ScalarSet {
        var result = self
        result.low |= other.low
        result.high |= other.high
        result.classes.formUnion(other.classes)
        for index in other.others.indices {
            if let scalar = Unicode.Scalar(other.others[index]) { result.insert(scalar) }
        }
        return result
    }

    func contains(_ scalar: Unicode.Scalar, _ kind: ScalarClass) -> Bool {
        if !classes.isDisjoint(with: kind) { return true }
        let value = scalar.value
        if value < 64 { return low >> UInt64(value) & 1 == 1 }
        if value < 128 { return high >> UInt64(value - 64) & 1 == 1 }
        return others[0] != .max && any(others .== value)
    }

    func contains(_ text: ClassedText, _ position: Int) -> Bool { contains(text.scalars[position], text.classes[position]) }
}
