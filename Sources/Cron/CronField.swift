/// One of the five fields: its name, its range, and how it is read.
struct CronField: Sendable {
    var place: CronError.Place
    var first: Int
    var last: Int
    /// In lower case; the first stands for `first`.
    var names: [String] = []

    static let minute = CronField(place: .minute, first: 0, last: 59)
    static let hour = CronField(place: .hour, first: 0, last: 23)
    static let dayOfMonth = CronField(place: .dayOfMonth, first: 1, last: 31)
    static let month = CronField(
        place: .month, first: 1, last: 12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    static let dayOfWeek = CronField(place: .dayOfWeek, first: 0, last: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
}

/// What a field says.
struct FieldValues: Sendable, Hashable {
    /// Bit n for the value n; Sunday is bit 0 alone.
    var bits: UInt64 = 0
    /// Whether the field begins with "*", which is what Debian's cron looks at, not whether all values are in it.
    var isStar = false
    var specials: Set<Special> = []

    /// Days that depend on the month.
    enum Special: Sendable, Hashable {
        /// "L" and "LW" of the day of month: the last day, the last one from Monday to Friday.
        case lastDay, lastWorkday
        /// "5L" and "5#2" of the day of week: the last Friday, the second Friday.
        case lastOf(weekday: Int)
        case nth(Int, weekday: Int)
    }

    func contains(_ value: Int) -> Bool { bits & (1 << UInt64(value)) != 0 }
}

// MARK: - Reading

extension CronField {
    /// A list of "*", "7", "jan", "1-5", each with an optional "/step", and of special days.
    func read(_ text: Substring) throws(CronError) -> FieldValues {
        var values = FieldValues(isStar: text.first == "*")
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            if item.isEmpty { throw error(text, "nothing stands beside a comma; write a list as 1,2,3") }
            if let special = try special(item, of: text) {
                values.specials.insert(special)
            } else {
                for value in try span(item, of: text) { values.bits |= 1 << UInt64(value) }
            }
        }
        if place == .dayOfWeek, values.contains(7) { values.bits = (values.bits | 1) & 0x7F }
        return values
    }

    private func span(_ item: Substring, of text: Substring) throws(CronError) -> StrideThrough<Int> {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw error(text, "\"\(item)\" has more than one \"/\"; write a step as */5 or 1-9/2") }
        let step = parts.count == 2 ? CronField.number(parts[1]) : 1
        guard let step, step > 0 else { throw error(text, "the step in \"\(item)\" must be a whole number from 1, as in */5") }
        if parts[0] == "*" { return stride(from: first, through: last, by: step) }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { throw error(text, "\"\(item)\" is no range; write one as \(first)-\(last), it must be \(range)") }
        let start = try value(ends[0], of: text)
        guard ends.count == 2 else { return stride(from: start, through: parts.count == 2 ? last : start, by: step) }
        let end = try value(ends[1], of: text)
        guard start <= end else { throw error(text, backwards(ends[0], ends[1], end)) }
        return stride(from: start, through: end, by: step)
    }

    private func backwards(_ start: Substring, _ end: Substring, _ value: Int) -> String {
        if place == .dayOfWeek, value == 0 { return "\(start)-\(end) runs backwards; write \(start)-7, where 7 is Sunday" }
        return "\(start)-\(end) runs backwards; write \(start)-\(last),\(first)-\(end)"
    }

    private func value(_ word: Substring, of text: Substring) throws(CronError) -> Int {
        if let number = CronField.number(word) {
            guard (first...last).contains(number) else { throw error(text, "\(word) is out of range, it must be \(range)") }
            return number
        }
        if let index = names.firstIndex(of: word.lowercased()) { return first + index }
        if word.isEmpty { throw error(text, "a value is missing, it must be \(range)") }
        if word == "?" { throw error(text, "\"?\" is not known here; write * for any") }
        throw error(text, "\"\(word)\" is not understood, it must be \(range)")
    }

    private func special(_ item: Substring, of text: Substring) throws(CronError) -> FieldValues.Special? {
        let word = item.lowercased()
        switch place {
        case .dayOfMonth where word == "l": return .lastDay
        case .dayOfMonth where word == "lw": return .lastWorkday
        case .dayOfMonth where word.hasSuffix("w") && CronField.number(item.dropLast()) != nil:
            throw error(text, "the working day nearest to a date is not known here; LW is the last working day of the month")
        case .dayOfWeek where word.count > 1 && word.hasSuffix("l"):
            return .lastOf(weekday: try value(item.dropLast(), of: text) % 7)
        case .dayOfWeek:
            let parts = item.split(separator: "#", omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            guard let nth = CronField.number(parts[1]), (1...5).contains(nth) else {
                throw error(text, "after \"#\" comes which one of the month, 1 to 5, as in 1#2 for the second Monday")
            }
            return .nth(nth, weekday: try value(parts[0], of: text) % 7)
        default: return nil
        }
    }

    private func error(_ text: Substring, _ reason: String) -> CronError { CronError(place, text, reason) }

    /// "0 to 59", "1 to 12 or jan to dec".
    private var range: String {
        guard let a = names.first, let b = names.last else { return "\(first) to \(last)" }
        return "\(first) to \(last) or \(a) to \(b)"
    }

    /// ASCII digits alone, nine at most: nothing that is added to them overflows.
    static func number(_ text: some StringProtocol) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
