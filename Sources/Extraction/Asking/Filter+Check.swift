package import Documents

extension Filter {
    package enum Verdict: Sendable, Hashable {
        case keep
        case drop
        /// A value is missing, or part of the filter is no condition that code can decide. Such records are kept, and said to be unchecked.
        case unknown
    }

    /// Whether a record (with the filter's own fields in it, where they were read) fulfils every condition.
    package func verdict(on record: JSON) -> Verdict {
        var out = isChecked ? Verdict.keep : .unknown
        for condition in conditions {
            switch condition.verdict(on: record[condition.field] ?? .null) {
            case .drop: return .drop
            case .unknown: out = .unknown
            case .keep: break
            }
        }
        return out
    }
}

extension Filter.Condition {
    package func verdict(on value: JSON) -> Filter.Verdict {
        switch value {
        case .null: return .unknown
        case .array(let items):
            let verdicts = items.map { verdict(on: $0) }
            if comparison == .notEquals || comparison == .notContains {
                return verdicts.contains(.drop) ? .drop : verdicts.contains(.unknown) ? .unknown : .keep
            }
            return verdicts.contains(.keep) ? .keep : verdicts.isEmpty || verdicts.contains(.unknown) ? .unknown : .drop
        case .object:
            guard let amount = value["amount"]?.string else { return .unknown }
            if let currency, let other = value["currency"]?.string, other != currency { return .unknown }
            return compare(amount)
        case .bool(let flag): return decide(equal: (flag ? "true" : "false") == self.value.lowercased())
        case .number(let text): return compare(text)
        case .string(let text): return compare(text)
        }
    }

    private func compare(_ text: String) -> Filter.Verdict {
        if comparison == .contains || comparison == .notContains {
            let holds = Folding.fold(text).contains(Folding.fold(value))
            return holds == (comparison == .contains) ? .keep : .drop
        }
        if let a = Decimal10(text) ?? Double(text).flatMap({ Decimal10(JSON.double($0).description) }), let b = Decimal10(value) {
            return ordered(a, b)
        }
        // Dates compare as far as both are precise: 2024-03 is neither before nor after 2024-03-15.
        if let a = Filter.Condition.day(text), let b = Filter.Condition.day(value) {
            let length = min(a.count, b.count)
            let (x, y) = (Array(a.prefix(length)), Array(b.prefix(length)))
            if x == y, a.count != b.count {
                switch comparison {
                // "after 2023" and "since 2023": the whole year is what was said.
                case .greater where b.count < a.count, .less where b.count < a.count: return .drop
                case .greaterOrEqual where b.count < a.count, .lessOrEqual where b.count < a.count: return .keep
                case .equals where b.count < a.count: return .keep
                default: return .unknown
                }
            }
            if x == y { return ordered(0, 0) }
            return x.lexicographicallyPrecedes(y) ? ordered(0, 1) : ordered(1, 0)
        }
        if comparison == .equals || comparison == .notEquals { return decide(equal: Folding.fold(text) == Folding.fold(value)) }
        // "4.5 out of 5", "16 GB": the first number in a text.
        if let first = Filter.Condition.number(in: text), let a = Decimal10(first), let b = Decimal10(value) { return ordered(a, b) }
        return .unknown
    }

    private func decide(equal: Bool) -> Filter.Verdict {
        switch comparison {
        case .equals, .contains: equal ? .keep : .drop
        case .notEquals, .notContains: equal ? .drop : .keep
        default: .unknown
        }
    }

    private func ordered<T: Comparable>(_ a: T, _ b: T) -> Filter.Verdict {
        let holds =
            switch comparison {
            case .less: a < b
            case .lessOrEqual: a <= b
            case .greater: a > b
            case .greaterOrEqual: a >= b
            case .equals, .contains: a == b
            case .notEquals, .notContains: a != b
            }
        return holds ? .keep : .drop
    }

    /// Year, month and day of an ISO date, as far as it says them; nil where it is none.
    private static func day(_ text: String) -> [Int]? {
        let parts = text.prefix { $0 != "T" }.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count), parts[0].utf8.count == 4, parts.dropFirst().allSatisfy({ $0.utf8.count == 2 }) else {
            return nil
        }
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == parts.count ? numbers : nil
    }

    private static func number(in text: String) -> String? {
        var out = ""
        for scalar in text.unicodeScalars {
            if ("0"..."9").contains(scalar) || (scalar == "." && !out.isEmpty && !out.contains(".")) {
                out.unicodeScalars.append(scalar)
            } else if !out.isEmpty {
                break
            }
        }
        if out.hasSuffix(".") { out.removeLast() }
        return out.isEmpty ? nil : out
    }
}
