/// A moment as people and programs write it into headers: RFC 822 ("25 Jun 2010 15:00:00 PST", with its later forms), RFC 850
/// ("Friday, 25-Jun-10 15:00:00 GMT"), asctime, ISO 8601 ("2010-06-25T15:00:00+02:00", "2010-06-25"). Without a zone it is UTC, without a
/// time the day's beginning. Orders that could mean two days ("06/07/2010") are not read.
enum WrittenDate {
    /// Microseconds since 1970; nil where it is none of these.
    /// - Parameter now: a year of two digits is the last such that is no more than 50 years after it (RFC 9110 section 5.6.7).
    static func microseconds(_ text: some StringProtocol, now: Int64) -> Int64? {
        guard text.utf8.count <= 80 else { return nil }
        var date = Parts()
        for word in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            guard date.take(word.lowercased()) else { return nil }
        }
        return date.microseconds(now: now)
    }

    private struct Parts {
        var day: Int?
        var month: Int?
        /// Below 100 where it has two digits.
        var year: Int?
        /// Seconds since midnight.
        var time: Int?
        /// Seconds east of Greenwich.
        var zone: Int?

        /// False for a word that belongs to no date, or that says again what is known.
        mutating func take(_ word: String) -> Bool {
            if word.contains(":") { return takeTime(word[...]) }
            if let digits = Parts.number(word[...]) {
                if word.utf8.count <= 2, day == nil { return Parts.set(&day, digits) }
                return (word.utf8.count == 2 || word.utf8.count == 4) && Parts.set(&year, digits)
            }
            if word.hasPrefix("+") || word.hasPrefix("-") { return Parts.set(&zone, Parts.offset(word[...])) }
            let dashed = word.split(separator: "-", omittingEmptySubsequences: false)
            if dashed.count == 3 { return takeDay(dashed) }
            if let zone = Parts.zones[word] { return Parts.set(&self.zone, zone) }
            // "June", "Sept." and "Friday", too.
            let name = word.hasSuffix(".") ? word.dropLast() : word[...]
            if let number = Parts.index(of: name, in: Parts.months) { return Parts.set(&month, number + 1) }
            return Parts.index(of: name, in: Parts.weekdays) != nil
        }

        /// "25-Jun-10" or "2010-06-25".
        private mutating func takeDay(_ parts: [Substring]) -> Bool {
            guard parts.count == 3 else { return false }
            let numbers = parts.map(Parts.number)
            if let month = Parts.index(of: parts[1], in: Parts.months) {
                guard parts[0].utf8.count <= 2, [2, 4].contains(parts[2].utf8.count) else { return false }
                return Parts.set(&day, numbers[0]) && Parts.set(&self.month, month + 1) && Parts.set(&year, numbers[2])
            }
            guard parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2 else { return false }
            return Parts.set(&year, numbers[0]) && Parts.set(&month, numbers[1]) && Parts.set(&day, numbers[2])
        }

        /// "15:00", "15:00:00.5z", "15:00:00+02:00", and with the day before a "t". A zone alone may have a colon, too.
        private mutating func takeTime(_ word: Substring) -> Bool {
            var word = word
            if let t = word.firstIndex(of: "t") {
                guard takeDay(word[..<t].split(separator: "-", omittingEmptySubsequences: false)) else { return false }
                word = word[word.index(after: t)...]
            }
            if let sign = word.firstIndex(where: { $0 == "+" || $0 == "-" }) {
                guard Parts.set(&zone, Parts.offset(word[sign...])) else { return false }
                if sign == word.startIndex { return true }
                word = word[..<sign]
            } else if word.hasSuffix("z") {
                guard Parts.set(&zone, 0) else { return false }
                word = word.dropLast()
            }
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2 || parts.count == 3 else { return false }
            guard let hour = Parts.number(parts[0]), let minute = Parts.number(parts[1]) else { return false }
            var second = 0
            if parts.count == 3 {
                let fraction = parts[2].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
                guard let number = Parts.number(fraction[0]), fraction.count == 1 || Parts.number(fraction[1]) != nil else { return false }
                second = number
            }
            // The last second of a day that is longer by one counts as the one before.
            guard hour < 24, minute < 60, second <= 60 else { return false }
            return Parts.set(&time, hour * 3600 + minute * 60 + min(second, 59))
        }

        func microseconds(now: Int64) -> Int64? {
            guard let day, let month, var year, (1...12).contains(month), day >= 1 else { return nil }
            if year < 100 {
                let present = Int(now / 31_556_952_000_000) + 1970
                year += present - present % 100
                if year > present + 50 { year -= 100 } else if year + 50 <= present { year += 100 }
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            guard day <= (month == 2 && !isLeap ? 28 : Parts.lengths[month - 1]) else { return nil }
            // Days since 1970 in the Gregorian calendar, counted in years that begin with March.
            let years = month > 2 ? year : year - 1
            let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
            let days = 365 * years + years / 4 - years / 100 + years / 400 + dayOfYear - 719_468
            return Int64(days * 86_400 + (time ?? 0) - (zone ?? 0)) * 1_000_000
        }

        private static let months = [
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
        ]
        private static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        private static let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        /// Of RFC 822, and Europe's. Other names are used for several places.
        private static let zones = [
            "gmt": 0, "utc": 0, "ut": 0, "z": 0, "est": -18_000, "edt": -14_400, "cst": -21_600, "cdt": -18_000, "mst": -25_200,
            "mdt": -21_600, "pst": -28_800, "pdt": -25_200, "wet": 0, "west": 3_600, "cet": 3_600, "cest": 7_200, "eet": 7_200,
            "eest": 10_800,
        ]

        /// The name that begins so, with three letters at least.
        private static func index(of word: Substring, in names: [String]) -> Int? {
            word.utf8.count >= 3 ? names.firstIndex { $0.hasPrefix(word) } : nil
        }

        private static func number(_ text: Substring) -> Int? {
            text.utf8.count <= 9 && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
        }

        /// "+0200", "-05:00" in seconds.
        private static func offset(_ text: Substring) -> Int? {
            let digits = text.dropFirst().filter { $0 != ":" }
            guard digits.utf8.count == 4, let number = number(digits[...]), number % 100 < 60, number <= 1_400 else { return nil }
            return (number / 100 * 3600 + number % 100 * 60) * (text.hasPrefix("-") ? -1 : 1)
        }

        private static func set(_ part: inout Int?, _ value: Int?) -> Bool {
            guard part == nil, let value else { return false }
            part = value
            return true
        }
    }
}
