extension Listing {
    /// Hand-written matchers over `scalars[from..<to]`, a text whose white space is single " " or "\n".
    /// Each `find` gives the leftmost match. They were regular expressions in the research; these are some forty times faster.
    enum Patterns {
        typealias Text = [UInt32]

        @inline(__always)
        static func scalar(_ text: Text, _ at: Int, _ to: Int) -> UInt32 { at < to ? text[at] : 0 }

        /// Number of digits from `at`, counted up to `limit`.
        @inline(__always)
        static func digits(_ text: Text, _ at: Int, _ to: Int, limit: Int) -> Int {
            var count = 0
            while count < limit, at + count < to, Scalars.isDigit(text[at + count]) { count += 1 }
            return count
        }

        @inline(__always)
        static func spaces(_ text: Text, _ at: Int, _ to: Int) -> Int {
            var count = 0
            while at + count < to, Scalars.isSpace(text[at + count]) { count += 1 }
            return count
        }

        @inline(__always)
        static func letters(_ text: Text, _ at: Int, _ to: Int, limit: Int) -> Int {
            var count = 0
            while count < limit, at + count < to, Scalars.isASCIILetter(text[at + count]) { count += 1 }
            return count
        }

        /// Whether a part stands anywhere in a text.
        static func contains(_ text: Text, _ part: Text) -> Bool {
            guard let first = part.first, part.count <= text.count else { return false }
            for start in 0...text.count - part.count where text[start] == first && has(part, text, start, text.count) { return true }
            return false
        }

        /// Nothing that would go on with the word stands at `at`.
        @inline(__always)
        static func ends(_ text: Text, _ at: Int, _ to: Int) -> Bool { at >= to || !Scalars.isWord(text[at]) }

        // MARK: Dates

        private static let months: Set<UInt32> = Set(
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map(packed))
        private static let weekdays: Set<UInt32> = Set(["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(packed))

        private static func packed(_ three: String) -> UInt32 { three.unicodeScalars.reduce(0) { $0 << 8 | $1.value } }

        /// Three ASCII letters in lower case as one number, 0 where there are none.
        private static func triple(_ text: Text, _ at: Int, _ to: Int) -> UInt32 {
            guard at + 3 <= to else { return 0 }
            var value: UInt32 = 0
            for position in at..<at + 3 {
                guard Scalars.isASCIILetter(text[position]) else { return 0 }
                value = value << 8 | (text[position] | 32)
            }
            return value
        }

        static func date(_ text: Text, _ from: Int, _ to: Int) -> Range<Int>? {
            var at = from
            while at < to {
                let flags = Scalars.flags(text[at])
                if flags & (Scalars.digit | Scalars.letter) != 0, at == from || !(Scalars.isWord(text[at - 1]) || text[at - 1] == "/") {
                    if flags & Scalars.digit != 0 {
                        if let end = numericDate(text, at, to) { return at..<end }
                    } else if let end = writtenDate(text, at, to) {
                        return at..<end
                    }
                }
                at += 1
            }
            return nil
        }

        private static func numericDate(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            let first = digits(text, at, to, limit: 5)
            if first == 4, scalar(text, at + 4, to) == "-" {
                let month = digits(text, at + 5, to, limit: 3)
                if month == 1 || month == 2, scalar(text, at + 5 + month, to) == "-" {
                    let start = at + 6 + month
                    let day = digits(text, start, to, limit: 3)
                    if day == 1 || day == 2, ends(text, start + day, to) { return start + day }
                }
                return nil
            }
            guard first == 1 || first == 2 else { return nil }
            var next = at + first
            let separator = scalar(text, next, to)
            if separator == "/" || separator == "." || separator == "-" {
                let month = digits(text, next + 1, to, limit: 3)
                let second = scalar(text, next + 1 + month, to)
                if month == 1 || month == 2, second == "/" || second == "." || second == "-" {
                    let start = next + 2 + month
                    let year = digits(text, start, to, limit: 5)
                    if (2...4).contains(year), ends(text, start + year, to) { return start + year }
                }
            }
            next += ordinal(text, next, to)
            let gap = gaps(text, next, to)
            guard gap > 0, var after = month(text, next + gap, to) else { return nil }
            if scalar(text, after, to) == "," { after += 1 }
            let second = gaps(text, after, to)
            let year = digits(text, after + second, to, limit: 5)
            let end = after + second + year
            return second > 0 && (2...4).contains(year) && ends(text, end, to) ? end : nil
        }

        private static func writtenDate(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            var start = at
            if weekdays.contains(triple(text, at, to)) {
                var after = at + 3
                after += letters(text, after, to, limit: 12)
                if scalar(text, after, to) == "." { after += 1 }
                if scalar(text, after, to) == "," { after += 1 }
                let gap = spaces(text, after, to)
                guard gap > 0 else { return nil }
                start = after + gap
            }
            guard let after = month(text, start, to) else { return nil }
            let gap = spaces(text, after, to)
            let day = digits(text, after + gap, to, limit: 3)
            guard gap > 0, day == 1 || day == 2 else { return nil }
            var next = after + gap + day
            next += ordinal(text, next, to)
            if scalar(text, next, to) == "," { next += 1 }
            let second = spaces(text, next, to)
            guard second > 0, digits(text, next + second, to, limit: 5) == 4 else { return nil }
            let end = next + second + 4
            return ends(text, end, to) ? end : nil
        }

        /// End of a month's name ("Jan", "January", "Sept.").
        private static func month(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            guard months.contains(triple(text, at, to)) else { return nil }
            var end = at + 3
            while end < to, Scalars.isASCIILetter(text[end]) { end += 1 }
            if scalar(text, end, to) == "." { end += 1 }
            return end
        }

        private static func gaps(_ text: Text, _ at: Int, _ to: Int) -> Int {
            var count = 0
            while at + count < to, Scalars.isSpace(text[at + count]) || text[at + count] == "-" { count += 1 }
            return count
        }

        private static func ordinal(_ text: Text, _ at: Int, _ to: Int) -> Int {
            guard at + 2 <= to, Scalars.isASCIILetter(text[at]), Scalars.isASCIILetter(text[at + 1]) else { return 0 }
            switch (text[at] | 32, text[at + 1] | 32) {
            case (0x73, 0x74), (0x6E, 0x64), (0x72, 0x64), (0x74, 0x68): return 2
            default: return 0
            }
        }

        // MARK: Money, phone, e-mail

        private static let prefixes: [[UInt32]] = ["USD", "EUR", "GBP", "CHF", "AUD", "CAD", "Rs.", "Rs", "kr", "zł", "R$"].map(scalars)
        private static let suffixes: [[UInt32]] = ["€", "£", "zł", "USD", "EUR", "Kč"].map(scalars)

        static func scalars(_ string: String) -> [UInt32] { string.unicodeScalars.map(\.value) }

        @inline(__always)
        static func has(_ literal: [UInt32], _ text: Text, _ at: Int, _ to: Int) -> Bool {
            guard at + literal.count <= to else { return false }
            for index in literal.indices where text[at + index] != literal[index] { return false }
            return true
        }

        @inline(__always)
        private static func amount(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            guard at < to, Scalars.isDigit(text[at]) else { return nil }
            var end = at + 1
            while end < to, Scalars.isDigit(text[end]) || text[end] == "." || text[end] == "," { end += 1 }
            return end
        }

        static func money(_ text: Text, _ from: Int, _ to: Int) -> Range<Int>? {
            for at in from..<max(from, to) {
                let first = text[at]
                if first == "$" || first == "€" || first == "£" || first == "¥" || first == "₹" {
                    let next = at + 1 + min(1, spaces(text, at + 1, to))
                    if let end = amount(text, next, to) { return at..<end }
                } else if Scalars.isDigit(first) {
                    guard let end = amount(text, at, to) else { continue }
                    let next = end + min(1, spaces(text, end, to))
                    for suffix in suffixes where has(suffix, text, next, to) { return at..<next + suffix.count }
                    if has([0x6B, 0x72], text, next, to), ends(text, next + 2, to) { return at..<next + 2 }
                } else if first == "U" || first == "E" || first == "G" || first == "C" || first == "A" || first == "R" || first == "k"
                    || first == "z", at == from || !Scalars.isWord(text[at - 1])
                {
                    for prefix in prefixes where has(prefix, text, at, to) {
                        let next = at + prefix.count + min(2, spaces(text, at + prefix.count, to))
                        if let end = amount(text, next, to) { return at..<end }
                    }
                }
            }
            return nil
        }

        /// `+1 (202) 555-0143 ext. 5` and the like.
        static func phone(_ text: Text, _ from: Int, _ to: Int) -> Range<Int>? {
            for at in from..<max(from, to) {
                let first = text[at]
                guard Scalars.isDigit(first) || first == "+" || first == "(" else { continue }
                if at > from, Scalars.isWord(text[at - 1]) || text[at - 1] == "." { continue }
                if let end = phoneEnd(text, at, to) { return at..<end }
            }
            return nil
        }

        private static func separator(_ scalar: UInt32) -> Bool { scalar == "." || scalar == "-" || Scalars.isSpace(scalar) }

        private static func phoneEnd(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            let plus = text[at] == "+" ? 1 : 0
            let country = digits(text, at + plus, to, limit: 3)
            var length = country
            while length >= 1 {
                let next = at + plus + length
                if next < to, separator(text[next]), let end = phoneBody(text, next + 1, to) { return end }
                if let end = phoneBody(text, next, to) { return end }
                length -= 1
            }
            return plus == 0 ? phoneBody(text, at, to) : nil
        }

        private static func phoneBody(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            guard at < to else { return nil }
            if text[at] == "(" {
                let area = digits(text, at + 1, to, limit: 5)
                guard (2...4).contains(area), scalar(text, at + 1 + area, to) == ")" else { return nil }
                let next = at + 2 + area
                if next < to, separator(text[next]), let end = phoneRest(text, next + 1, to) { return end }
                return phoneRest(text, next, to)
            }
            let area = digits(text, at, to, limit: 5)
            guard area == 3 || area == 4, at + area < to else { return nil }
            let mark = text[at + area]
            guard separator(mark) || mark == "/" else { return nil }
            return phoneRest(text, at + area + 1, to)
        }

        private static func phoneRest(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            var head = digits(text, at, to, limit: 4)
            while head >= 2 {
                let next = at + head
                for skip in [1, 0] where skip == 0 || (next < to && separator(text[next])) {
                    var tail = digits(text, next + skip, to, limit: 4)
                    while tail >= 3 {
                        let end = next + skip + tail
                        if let extended = phoneExtension(text, end, to) { return extended }
                        if ends(text, end, to) { return end }
                        tail -= 1
                    }
                }
                head -= 1
            }
            return nil
        }

        private static func phoneExtension(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            var next = at + min(1, spaces(text, at, to))
            if scalar(text, next, to) == "x" {
                next += 1
            } else if has([0x65, 0x78, 0x74], text, next, to) {
                next += 3
                if scalar(text, next, to) == "." { next += 1 }
            } else {
                return nil
            }
            next += min(1, spaces(text, next, to))
            let count = digits(text, next, to, limit: 6)
            return (1...5).contains(count) && ends(text, next + count, to) ? next + count : nil
        }

        static func email(_ text: Text, _ from: Int, _ to: Int) -> Range<Int>? {
            var floor = from
            var at = from
            while at < to {
                defer { at += 1 }
                guard text[at] == "@" else { continue }
                var start = at
                while start > floor, mailbox(text[start - 1]) { start -= 1 }
                floor = at + 1
                guard start < at else { continue }
                var host = at + 1
                while host < to, Scalars.isWord(text[host]) || text[host] == "-" { host += 1 }
                guard host > at + 1, scalar(text, host, to) == "." else { continue }
                var end = host + 1
                while end < to, Scalars.isWord(text[end]) || text[end] == "." || text[end] == "-" { end += 1 }
                while end > host + 1, !Scalars.isWord(text[end - 1]) { end -= 1 }
                if end > host + 1 { return start..<end }
            }
            return nil
        }

        private static func mailbox(_ scalar: UInt32) -> Bool {
            Scalars.isWord(scalar) || scalar == "." || scalar == "+" || scalar == "-"
        }

        // MARK: Codes and citations

        /// Case numbers, article numbers, identifiers: digits with capitals, hyphens or slashes, or five and more digits.
        static func code(_ text: Text, _ from: Int, _ to: Int) -> Range<Int>? {
            for at in from..<max(from, to) {
                let first = text[at]
                guard Scalars.isDigit(first) || Scalars.isASCIIUpper(first) else { continue }
                if at > from {
                    let before = text[at - 1]
                    if Scalars.isWord(before) || before == "/" || before == "-" { continue }
                }
                if let end = segmentedCode(text, at, to) ?? compactCode(text, at, to) { return at..<end }
                if at > from {
                    let before = text[at - 1]
                    if before == "." || before == "," || before == "$" { continue }
                }
                let run = digits(text, at, to, limit: 10)
                if (5...9).contains(run) {
                    let after = scalar(text, at + run, to)
                    if ends(text, at + run, to), after != "/", after != ",", after != "-" { return at..<at + run }
                }
            }
            return nil
        }

        private static func segmentedCode(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            var ahead = at
            while ahead < to, !Scalars.isDigit(text[ahead]) {
                let scalar = text[ahead]
                guard Scalars.isWord(scalar) || scalar == "/" || scalar == "." || scalar == ":" || scalar == "-" else { return nil }
                ahead += 1
            }
            guard ahead < to else { return nil }
            var start = at
            if Scalars.isASCIIUpper(text[at]) {
                while start < to, start - at < 7, Scalars.isASCIIUpper(text[start]) { start += 1 }
                guard start - at <= 6 else { return nil }
                let mark = scalar(text, start, to)
                if mark == "-" || mark == "." || mark == " " { start += 1 }
            }
            return segments(text, start, to, done: 0)
        }

        private static func segments(_ text: Text, _ at: Int, _ to: Int, done: Int) -> Int? {
            if done < 3 {
                let count = digits(text, at, to, limit: 5)
                if (1...4).contains(count) {
                    let tail = letters(text, at + count, to, limit: 7)
                    let mark = scalar(text, at + count + tail, to)
                    if tail <= 6, mark == "-" || mark == "/" || mark == "–",
                        let end = segments(text, at + count + tail + 1, to, done: done + 1)
                    {
                        return end
                    }
                }
            }
            guard done > 0 else { return nil }
            let head = letters(text, at, to, limit: 5)
            guard head <= 4 else { return nil }
            var next = at + head
            if scalar(text, next, to) == "-" { next += 1 }
            let count = digits(text, next, to, limit: 9)
            guard (1...8).contains(count), ends(text, next + count, to), scalar(text, next + count, to) != "/" else { return nil }
            return next + count
        }

        private static func compactCode(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            func stops(_ end: Int) -> Bool {
                let after = scalar(text, end, to)
                return ends(text, end, to) && after != "/" && after != "-"
            }
            var head = 0
            while head < 6, at + head < to, Scalars.isASCIIUpper(text[at + head]) { head += 1 }
            guard (1...5).contains(head) else { return nil }
            var next = at + head
            if scalar(text, next, to) == "-" { next += 1 }
            let count = digits(text, next, to, limit: 10)
            if (2...9).contains(count) {
                let end = next + count
                if Scalars.isASCIIUpper(scalar(text, end, to)), stops(end + 1) { return end + 1 }
                if stops(end) { return end }
            }
            guard head <= 3 else { return nil }
            let first = digits(text, at + head, to, limit: 5)
            guard (1...4).contains(first) else { return nil }
            next = at + head + first
            var middle = 0
            while middle < 4, next + middle < to, Scalars.isASCIIUpper(text[next + middle]) { middle += 1 }
            guard (1...3).contains(middle) else { return nil }
            let last = digits(text, next + middle, to, limit: 7)
            let end = next + middle + last
            return (2...6).contains(last) && stops(end) ? end : nil
        }

        /// "123 F. Supp. 456": number, up to five capitalised words, number.
        static func citation(_ text: Text, _ from: Int, _ to: Int) -> Range<Int>? {
            var at = from
            while at < to {
                guard Scalars.isDigit(text[at]), at == from || !Scalars.isWord(text[at - 1]) else {
                    at += 1
                    continue
                }
                let run = digits(text, at, to, limit: 5)
                if run <= 4 {
                    let gap = spaces(text, at + run, to)
                    var next = at + run + gap
                    var words = 0
                    while gap > 0, words < 5, next < to, Scalars.isASCIIUpper(text[next]) {
                        next += 1
                        while next < to, Scalars.isASCIILetter(text[next]) || text[next] == "&" || text[next] == "." { next += 1 }
                        next += min(1, spaces(text, next, to))
                        words += 1
                        let start = next + min(1, spaces(text, next, to))
                        let count = digits(text, start, to, limit: 6)
                        if (1...5).contains(count), ends(text, start + count, to) { return at..<start + count }
                    }
                }
                at += max(1, run)
            }
            return nil
        }

        // MARK: Shapes of a whole text

        /// "Smith v. Jones".
        static func versus(_ text: Text, _ from: Int, _ to: Int) -> Bool {
            for at in from..<max(from, to) where text[at] | 32 == 0x76 && (at == from || !Scalars.isWord(text[at - 1])) {
                var next = at + 1
                if scalar(text, next, to) | 32 == 0x73 { next += 1 }
                if scalar(text, next, to) == "." { next += 1 }
                if next < to, Scalars.isSpace(text[next]) { return true }
            }
            return false
        }

        private static let generic: [[UInt32]] = [
            "information", "download", "document", "opinion", "website", "details", "detail", "click", "learn", "view", "read", "more",
            "link", "here", "full", "open", "file", "text", "html", "word", "info", "this", "pdf", "see", "doc", "the", "of",
        ].map(scalars)

        /// Only words such as "view", "read more", "download PDF".
        static func isGenericLink(_ text: Text, _ from: Int, _ to: Int) -> Bool {
            guard from < to, to - from <= 200 else { return false }
            // reachable[i]: the first i scalars are such words.
            var reachable = [Bool](repeating: false, count: to - from + 1)
            reachable[0] = true
            for at in 0..<to - from where reachable[at] {
                let here = text[from + at]
                if !Scalars.isWord(here) {
                    reachable[at + 1] = true
                } else if Scalars.isASCIILetter(here) {
                    for word in generic where at + word.count <= to - from && text[from + at] | 32 == word[0] {
                        var same = true
                        for index in word.indices where text[from + at + index] | 32 != word[index] {
                            same = false
                            break
                        }
                        if same { reachable[at + word.count] = true }
                    }
                }
            }
            return reachable[to - from]
        }

        private static let spaced: Set<UInt32> = Set(scalars("-–—|»›:/•·"))
        private static let bare: Set<UInt32> = Set(scalars("|•·»›"))

        /// A separator between parts of a line (` - `, `|`, `; `, a line feed) that begins at `at`; its end.
        static func separatorEnd(_ text: Text, _ at: Int, _ to: Int) -> Int? {
            let first = text[at]
            if Scalars.isSpace(first) {
                guard at + 1 < to else { return first == "\n" ? at + 1 : nil }
                let mark = text[at + 1]
                if mark == ";", at + 2 < to, Scalars.isSpace(text[at + 2]) { return at + 3 }
                if mark < 0x80, mark != "-", mark != "|", mark != ":", mark != "/" { return first == "\n" ? at + 1 : nil }
                if spaced.contains(mark), at + 2 < to, Scalars.isSpace(text[at + 2]) { return at + 2 + spaces(text, at + 2, to) }
                if bare.contains(mark) { return at + 2 + spaces(text, at + 2, to) }
                return first == "\n" ? at + 1 : nil
            }
            if first == ";" {
                let gap = spaces(text, at + 1, to)
                return gap > 0 ? at + 1 + gap : nil
            }
            if first < 0x80, first != "|" { return nil }
            return bare.contains(first) ? at + 1 + spaces(text, at + 1, to) : nil
        }

        /// "Label: value" at the start of a text: the label and where the value begins.
        static func labelled(_ text: Text, _ from: Int, _ to: Int) -> (label: Range<Int>, value: Int)? {
            var colon = from
            var hasDigit = false
            while colon < to, text[colon] != ":" {
                if text[colon] == "\n" || colon - from > 42 { return nil }
                if Scalars.isDigit(text[colon]) { hasDigit = true }
                colon += 1
            }
            guard colon < to else { return nil }
            var end = colon
            while end > from, Scalars.isSpace(text[end - 1]) { end -= 1 }
            let gap = spaces(text, colon + 1, to)
            if gap > 0 {
                guard end > from, end - from <= 40, colon + 1 + gap < to else { return nil }
                return (from..<end, colon + 1 + gap)
            }
            guard !hasDigit, (2...40).contains(colon - from), colon + 1 < to else { return nil }
            return (from..<colon, colon + 1)
        }

        /// The first label inside a text: one to three words, the first with a capital, between the end of a sentence or a separator and ": ".
        static func inlineLabel(_ text: Text, _ from: Int, _ to: Int) -> (label: Range<Int>, value: Int)? {
            for colon in from..<max(from, to) where text[colon] == ":" && colon + 2 < to && Scalars.isSpace(text[colon + 1]) {
                var start = colon
                var words = 1
                while start > from, colon - start < 30 {
                    let scalar = text[start - 1]
                    guard Scalars.isLetter(scalar) || scalar == "-" || scalar == " " else { break }
                    if scalar == " " {
                        if start - 2 >= from, closers.contains(text[start - 2]) { break }
                        words += 1
                    }
                    start -= 1
                }
                guard start - 2 >= from, words <= 3, colon - start >= 2, Scalars.isUpper(text[start]), Scalars.isSpace(text[start - 1]),
                    text[start - 1] == "\n" || closers.contains(text[start - 2])
                else { continue }
                return (start..<colon, colon + 1 + spaces(text, colon + 1, to))
            }
            return nil
        }

        private static let closers: Set<UInt32> = Set(scalars(".?!”\"’»)]|;–—•·"))

        /// A label of 2 to 40 scalars right before a colon that ends the text ("Filed by: "); `breaking` also stops it.
        static func trailingLabel(_ text: Text, _ from: Int, _ to: Int) -> Range<Int>? {
            var end = to
            while end > from, Scalars.isSpace(text[end - 1]) { end -= 1 }
            guard end > from, text[end - 1] == ":" else { return nil }
            end -= 1
            var start = end
            while start > from, end - start < 40 {
                let scalar = text[start - 1]
                if scalar == ":" || scalar == "." || scalar == ";" || scalar == "|" || scalar == "\n" { break }
                start -= 1
            }
            return end - start >= 2 ? start..<end : nil
        }

        /// Where the first sentence of a text ends and the second begins.
        static func sentenceBreak(_ text: Text, _ from: Int, _ to: Int) -> (end: Int, next: Int)? {
            var at = from + 3
            while at + 1 < to {
                if Scalars.isSpace(text[at]), Scalars.isASCIIUpper(text[at + 1]) {
                    let stop = text[at - 1]
                    if stop == "." || stop == "?" || stop == "!", closesWord(text[at - 2]), closesWord(text[at - 3]) { return (at, at + 1) }
                }
                at += 1
            }
            return nil
        }

        private static func closesWord(_ scalar: UInt32) -> Bool { Scalars.isASCIILetter(scalar) || scalar == ")" }

        /// Text before, inside and after the first pair of brackets.
        static func brackets(_ text: Text, _ from: Int, _ to: Int) -> (before: Range<Int>, inside: Range<Int>, after: Range<Int>)? {
            var open = -1
            for at in from..<max(from, to) {
                let scalar = text[at]
                if scalar == "(" || scalar == "[" {
                    open = at
                } else if scalar == ")" || scalar == "]" {
                    if open >= 0, at > open + 1 { return (from..<open, open + 1..<at, at + 1..<to) }
                    open = -1
                }
            }
            return nil
        }

        private static let openers: Set<String> = [
            "by", "from", "posted", "published", "updated", "on", "in", "at", "no", "filed", "decided", "author",
        ]

        /// "by", "posted", "filed" and the like at the start: where the rest begins.
        static func opener(_ text: Text, _ from: Int, _ to: Int) -> Int? {
            let count = letters(text, from, to, limit: 10)
            guard (2...9).contains(count) else { return nil }
            var next = from + count
            guard ends(text, next, to) else { return nil }
            var word = ""
            for at in from..<next { word.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: text[at] | 32))) }
            guard openers.contains(word) else { return nil }
            if scalar(text, next, to) == ":" { next += 1 }
            let gap = spaces(text, next, to)
            return gap > 0 && next + gap < to ? next + gap : nil
        }
    }
}
