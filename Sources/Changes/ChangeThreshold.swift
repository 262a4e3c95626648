/// How much change is worth telling somebody: `changed>=1`, `new>0`, `gone>10%`, `price:changed>=5`, `missing:price>50%`, `failed>5%`.
///
/// A percentage is of the records that could be so: for gone those of the old run that the new run has or could have seen, and the other
/// way round for new; for missing all of the new run; for what changed and moved those of both runs; for failed the new run's pages.
package struct ChangeThreshold: Sendable, Hashable, CustomStringConvertible {
    private enum Measure: Hashable {
        case new, gone, changed, moved, failed
        /// Records without the field.
        case missing(String)
        case field(String, RunDiff.LeafChange.Kind)
    }

    private enum Comparison: String {
        case above = ">"
        case atLeast = ">="
        case below = "<"
        case atMost = "<="
    }

    /// As it was typed, without white space.
    package let description: String
    private let measure: Measure
    private let comparison: Comparison
    private let limit: Double
    private let isShare: Bool

    package init(_ text: String) throws(ChangesError) {
        func fail(_ reason: String) -> ChangesError { ChangesError(.threshold, text, reason) }
        // Longer than any field's name.
        guard text.utf8.count <= 1_000 else { throw fail("1,000 bytes at most") }
        description = text.filter { !$0.isWhitespace }
        guard let sign = description.lastIndex(where: { $0 == "<" || $0 == ">" }) else {
            throw fail("it must be as changed>=1, gone>10% or price:changed>=5")
        }
        var number = description[description.index(after: sign)...]
        let hasEqual = number.first == "="
        if hasEqual { number.removeFirst() }
        comparison = description[sign] == "<" ? (hasEqual ? .atMost : .below) : hasEqual ? .atLeast : .above
        isShare = number.last == "%"
        if isShare { number.removeLast() }
        let isPlain = number.utf8.first.map { (48...57).contains($0) } ?? false
        guard isPlain, number.utf8.count <= 12, number.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
            let limit = Double(number)
        else { throw fail("after \(comparison.rawValue) comes a number, or a percentage as 10%") }
        if isShare {
            guard limit <= 100 else { throw fail("a percentage is 0% to 100%") }
        } else {
            guard limit == limit.rounded() else { throw fail("a count is a whole number; a percentage ends in %") }
        }
        self.limit = limit
        measure = try ChangeThreshold.measure(description[..<sign], fail)
    }

    private static func measure(_ text: Substring, _ fail: (String) -> ChangesError) throws(ChangesError) -> Measure {
        switch text {
        case "new": return .new
        case "gone": return .gone
        case "changed": return .changed
        case "moved": return .moved
        case "failed": return .failed
        case "": throw fail("what is counted is missing; it is one of \(words)")
        default: break
        }
        if text.hasPrefix("missing:") {
            let field = String(text.dropFirst("missing:".count))
            guard !field.isEmpty else { throw fail("the field's name is missing, as missing:price>50%") }
            return .missing(field)
        }
        guard let colon = text.lastIndex(of: ":") else {
            throw fail("there is no \"\(text.prefix(40))\"; what is counted is one of \(words)")
        }
        let (field, word) = (String(text[..<colon]), text[text.index(after: colon)...])
        guard !field.isEmpty else { throw fail("the field's name is missing, as price:changed>=5") }
        guard let kind = RunDiff.LeafChange.Kind(rawValue: String(word)) else {
            throw fail("of a field one of changed, added and removed is counted, as \(field.prefix(40)):changed>=5")
        }
        return .field(field, kind)
    }

    private static let words = "new, gone, changed, moved, failed, missing:FIELD, FIELD:changed, FIELD:added and FIELD:removed"

    /// What it found: "6 of 40 records are gone (15%): gone>10%". Nil where the threshold isn't reached.
    package func sentence(on diff: RunDiff) -> String? {
        let (count, all) = counts(diff)
        let (amount, bound) = isShare ? (Double(count) * 100, limit * Double(all)) : (Double(count), limit)
        let isReached =
            switch comparison {
            case .above: amount > bound
            case .atLeast: amount >= bound
            case .below: amount < bound
            case .atMost: amount <= bound
            }
        // There is no share of nothing.
        guard isReached, !isShare || all > 0 else { return nil }
        let (share, remainder) = all > 0 ? (count * 1_000 / all).quotientAndRemainder(dividingBy: 10) : (0, 0)
        let percent = all > 0 ? " (\(share)\(remainder == 0 ? "" : ".\(remainder)")%)" : ""
        return "\(finding(count, all))\(percent): \(description)"
    }

    private func counts(_ diff: RunDiff) -> (count: Int, all: Int) {
        let both = diff.changed.count + diff.unchanged
        func field(_ name: String) -> RunDiff.Field { diff.fields.first { $0.name == name } ?? RunDiff.Field(name: name) }
        return switch measure {
        case .new: (diff.new.count, diff.recordsNow - diff.unseenBefore.count)
        case .gone: (diff.gone.count, diff.recordsBefore - diff.unseenNow.count)
        case .changed: (diff.changed.count, both)
        case .moved: (diff.moved.count, both)
        case .failed: (diff.failedNow, diff.pagesNow)
        case .missing(let name): (diff.recordsNow - field(name).now, diff.recordsNow)
        case .field(let name, .changed): (field(name).changed, both)
        case .field(let name, .added): (field(name).added, both)
        case .field(let name, .removed): (field(name).removed, both)
        }
    }

    private func finding(_ count: Int, _ all: Int) -> String {
        let of = "\(count) of \(RunDiff.counted(all, measure == .failed ? "page" : "record"))"
        let be = count == 1 ? "is" : "are"
        return switch measure {
        case .new: "\(of) \(be) new"
        case .gone: "\(of) \(be) gone"
        case .changed: "\(of) changed"
        case .moved: "\(of) moved"
        case .failed: "\(of) failed"
        case .missing(let name): "\(name) is missing in \(of)"
        case .field(let name, .changed): "\(name) changed in \(of)"
        case .field(let name, .added): "\(name) was added in \(of)"
        case .field(let name, .removed): "\(name) was removed in \(of)"
        }
    }
}
