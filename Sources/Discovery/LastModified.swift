/// When a site says that a page was changed last.
package struct LastModified: Sendable, Hashable {
    /// As it was written.
    package var text: String
    /// Since 1970, UTC; nil where the text is no time that can be read. A day without a time is its midnight, a year its first day.
    package var seconds: Int64?

    /// Reads W3C's date and time format (a profile of ISO 8601), a space for its "T" and no zone for UTC included, and the dates of feeds
    /// (RFC 822, which must have a zone).
    package init(_ text: String) {
        self.text = text
        var iso = Reader(text)
        var mail = Reader(text)
        seconds = iso.w3c() ?? mail.rfc822()
    }

    /// Days since 1970 in the Gregorian calendar.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        // Years begin in March here, so that leap days come last.
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Goes through the bytes once; a step that doesn't fit is nil.
    private struct Reader {
        private let bytes: [UInt8]
        private var at = 0

        init(_ text: String) { bytes = Array(text.utf8.prefix(64)) }

        private var isAtEnd: Bool { at == bytes.count }

        mutating func w3c() -> Int64? {
            skipSpaces()
            guard let year = number(4...4), year > 0 else { return nil }
            guard skip("-") else { return ends(LastModified.days(year: year, month: 1, day: 1) * 86_400) }
            guard let month = number(1...2), (1...12).contains(month) else { return nil }
            guard skip("-") else { return ends(LastModified.days(year: year, month: month, day: 1) * 86_400) }
            guard let day = number(1...2), isDay(day, month, year) else { return nil }
            let start = LastModified.days(year: year, month: month, day: day) * 86_400
            guard skip("Tt") || (skip(" ") && !isAtEnd) else { return ends(start) }
            skipSpaces()
            guard let time = self.time(), let offset = isAtEnd ? 0 : zone() else { return nil }
            return ends(start + time - offset)
        }

        /// "Thu, 05 Jan 2017 13:34:51 +0100", with or without weekday, seconds and the century.
        mutating func rfc822() -> Int64? {
            skipSpaces()
            if word() != nil, !skip(",") { return nil }
            skipSpaces()
            guard let day = number(1...2), skip(" -"), let name = word(), skip(" -") else { return nil }
            let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            guard let index = months.firstIndex(of: String(name.prefix(3))), var year = number(2...4) else { return nil }
            // RFC 2822 section 4.3.
            if year < 50 { year += 2_000 } else if year < 1_000 { year += 1_900 }
            let month = Int64(index + 1)
            guard isDay(day, month, year) else { return nil }
            skipSpaces()
            guard let time = self.time(), let offset = zone() else { return nil }
            return ends(LastModified.days(year: year, month: month, day: day) * 86_400 + time - offset)
        }

        private func isDay(_ day: Int64, _ month: Int64, _ year: Int64) -> Bool {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length: Int64 = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
            return (1...length).contains(day)
        }

        /// Seconds of the day.
        private mutating func time() -> Int64? {
            guard let hour = number(1...2), hour < 24, skip(":"), let minute = number(2...2), minute < 60 else { return nil }
            var second: Int64 = 0
            if skip(":") {
                guard let read = number(2...2), read <= 60 else { return nil }
                second = read
                if skip(".,") { while digit() != nil {} }
            }
            return hour * 3_600 + minute * 60 + second
        }

        /// Seconds east of UTC.
        private mutating func zone() -> Int64? {
            skipSpaces()
            if let name = word() {
                let american: [String: Int64] = ["est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7]
                return ["z", "gmt", "utc", "ut"].contains(name) ? 0 : american[name].map { $0 * 3_600 }
            }
            let isWest = at < bytes.count && bytes[at] == UInt8(ascii: "-")
            guard skip("+-"), let hours = number(2...2), hours < 24 else { return nil }
            var minutes: Int64 = 0
            if !isAtEnd, bytes[at] != 32 {
                _ = skip(":")
                guard let read = number(2...2), read < 60 else { return nil }
                minutes = read
            }
            return (hours * 3_600 + minutes * 60) * (isWest ? -1 : 1)
        }

        private mutating func ends(_ seconds: Int64) -> Int64? {
            skipSpaces()
            return isAtEnd ? seconds : nil
        }

        private mutating func number(_ digits: ClosedRange<Int>) -> Int64? {
            var value: Int64 = 0
            var count = 0
            while count < digits.upperBound, let digit = digit() {
                value = value * 10 + digit
                count += 1
            }
            return count >= digits.lowerBound ? value : nil
        }

        private mutating func digit() -> Int64? {
            guard at < bytes.count, (48...57).contains(bytes[at]) else { return nil }
            at += 1
            return Int64(bytes[at - 1]) - 48
        }

        /// Letters, in lower case.
        private mutating func word() -> String? {
            let start = at
            while at < bytes.count, (97...122).contains(bytes[at] | 32) { at += 1 }
            return at > start ? String(decoding: bytes[start..<at].map { $0 | 32 }, as: UTF8.self) : nil
        }

        private mutating func skip(_ any: StaticString) -> Bool {
            guard at < bytes.count, any.withUTF8Buffer({ $0.contains(bytes[at]) }) else { return false }
            at += 1
            return true
        }

        private mutating func skipSpaces() {
            while at < bytes.count, [9, 10, 13, 32].contains(bytes[at]) { at += 1 }
        }
    }
}
