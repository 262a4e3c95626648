/// Finds dates in text and reads them as ISO 8601, as precise as they are printed: a year, a month, a day, a moment.
///
/// What can be read two ways ("03/04/2024") is a date only where an order is given; what needs a calendar of its own ("yesterday") only
/// where the day to count from is given.
struct DateReader {
    enum Order: String {
        case dayFirst = "dmy"
        case monthFirst = "mdy"
    }

    struct Found: Equatable {
        var range: Range<Int>
        var text: String
    }

    let text: TextTokens
    var order: Order?
    var today: CalendarDay?
    /// The text holds one value: a bare year or "2024-03" is a date.
    var isWhole = false

    init(_ scalars: [Unicode.Scalar], order: Order? = nil, today: CalendarDay? = nil, isWhole: Bool = false) {
        text = TextTokens(scalars)
        self.order = order
        self.today = today
        self.isWhole = isWhole
    }

    func all() -> [Found] {
        var out: [Found] = []
        var at = 0
        while at < text.count {
            if let (found, next) = date(at) {
                out.append(found)
                at = max(next, at + 1)
            } else {
                at += 1
            }
        }
        return out
    }

    /// The date that a whole text states; nil where it states several.
    func whole() -> Found? {
        let dates = all()
        if let first = dates.first { return dates.allSatisfy { $0.text == first.text } || isDated(first) ? first : nil }
        guard isWhole else { return nil }
        if let compact = compact() { return compact }
        return bareYear()
    }

    /// The first date leads the text: what follows is a time of change, an end, or the same in another form.
    private func isDated(_ found: Found) -> Bool {
        text.tokens.prefix { $0.range.upperBound <= found.range.lowerBound }.count <= 4
    }

    // MARK: Dates

    private struct Parts {
        var year: Int
        var month: Int?
        var day: Int?

        var text: String? {
            guard (1000...2999).contains(year) else { return nil }
            guard let month else { return CalendarDay.pad(year, 4) }
            guard (1...12).contains(month) else { return nil }
            guard let day else { return "\(CalendarDay.pad(year, 4))-\(CalendarDay.pad(month, 2))" }
            return CalendarDay(year: year, month: month, day: day)?.description
        }
    }

    private func date(_ start: Int) -> (Found, next: Int)? {
        let found: (parts: Parts, next: Int)?
        switch text.tokens[start].kind {
        case .number(let value, let digits):
            if start > 0, text.isGlued(start), let before = text.sign(start - 1), Self.glue.contains(before), text.number(start - 2) != nil,
                text.isGlued(start - 1)
            {
                return nil
            }
            if digits == 4 {
                found = yearFirst(start, year: value)
            } else if digits <= 2 {
                found = dayFirst(start, number: value)
            } else {
                found = nil
            }
        case .word(let word):
            if let relative = relative(start, word: word) { return relative }
            found = MonthNames.month(word).flatMap { monthFirst(start, month: $0, name: word) }
        case .sign:
            found = nil
        }
        guard let found, let day = found.parts.text else { return nil }
        var result = day
        var next = found.next
        if found.parts.day != nil, let (time, after) = time(found.next) {
            result += "T" + time
            next = after
        }
        let end = text.tokens[next - 1].range.upperBound
        return (Found(range: text.tokens[start].range.lowerBound..<end, text: result), next)
    }

    private static let glue: Set<Unicode.Scalar> = ["/", ".", "-", ":"]

    /// 2024-03-05, 2024/03/05, 2024.03.05., 2024. március 5., 2024年3月5日, 2024 March 5.
    private func yearFirst(_ start: Int, year: Int) -> (Parts, next: Int)? {
        if let unit = text.word(start + 1), unit == "年" || unit == "년", let (month, digits) = text.number(start + 2), digits <= 2,
            let second = text.word(start + 3), second == "月" || second == "월"
        {
            if let (day, digits) = text.number(start + 4), digits <= 2, let third = text.word(start + 5),
                third == "日" || third == "日" || third == "号" || third == "號" || third == "일"
            {
                return (Parts(year: year, month: month, day: day), start + 6)
            }
            return (Parts(year: year, month: month), start + 4)
        }
        if let mark = text.sign(start + 1), mark == "-" || mark == "/" || mark == "." || mark == "‐" || mark == "‑" || mark == "–" {
            let isTight = text.isGlued(start + 1) && text.isGlued(start + 2)
            if let (month, digits) = text.number(start + 2), digits <= 2, isTight || (mark == "." && text.isGlued(start + 1)) {
                if text.sign(start + 3) == mark, text.isGlued(start + 3), let (day, digits) = text.number(start + 4), digits <= 2,
                    text.isGlued(start + 4) || mark == ".", !isContinued(start + 5, mark: mark)
                {
                    return (Parts(year: year, month: month, day: day), start + 5)
                }
                if isWhole, mark == "-" || mark == "/", digits == 2, isTight, text.count == start + 3, start == 0 {
                    return (Parts(year: year, month: month), start + 3)
                }
                return nil
            }
            // "2024. március 5.", "2024-Mar-05"
            if let name = text.word(start + 2), let month = MonthNames.month(name) {
                let next = text.sign(start + 3) == mark || text.sign(start + 3) == "." ? start + 4 : start + 3
                if let (day, digits) = text.number(next), digits <= 2 { return (Parts(year: year, month: month, day: day), next + 1) }
                return (Parts(year: year, month: month), start + 3)
            }
            return nil
        }
        if let name = text.word(start + 1), let month = MonthNames.month(name), let (day, digits) = text.number(start + 2), digits <= 2,
            !(text.number(start + 3)?.digits == 4)
        {
            return (Parts(year: year, month: month, day: day), start + 3)
        }
        return nil
    }

    /// 5 March 2024, 5. März 2024, 1er mars 2024, 5 de marzo de 2024, 5–7 March 2024, 5-Mar-2024, 05.03.2024, 05/03/2024, 03/2024.
    private func dayFirst(_ start: Int, number: Int) -> (Parts, next: Int)? {
        if let numeric = numeric(start, first: number) { return numeric }
        guard (1...31).contains(number) else { return nil }
        var at = start + 1
        func skipOrdinal() {
            if text.isGlued(at), let word = text.word(at), Self.ordinals.contains(word) { at += 1 }
            if let sign = text.sign(at), sign == "." || sign == "º" || sign == "ª" || sign == "°", text.isGlued(at) { at += 1 }
        }
        skipOrdinal()
        // "5–7 March", "5. bis 7. März"
        if let sign = text.sign(at), Glyph.isDash(sign), let (last, digits) = text.number(at + 1), digits <= 2, (1...31).contains(last) {
            let mark = at
            at += 2
            skipOrdinal()
            if text.word(at).flatMap(MonthNames.month) == nil { at = mark }
        }
        if let sign = text.sign(at), sign == "-" || sign == "/", text.isGlued(at), text.isGlued(at + 1) {
            at += 1
        } else if let word = text.word(at), Self.ofWords.contains(word) {
            at += 1
        }
        guard let name = text.word(at), let month = MonthNames.month(name) else { return vietnamese(start, day: number) }
        at += 1
        while let sign = text.sign(at), sign == "." || sign == "," || sign == "-" || sign == "/" || sign == "’" || sign == "'" { at += 1 }
        if let word = text.word(at), Self.ofWords.contains(word) || word == "del" { at += 1 }
        guard let year = year(at) else { return nil }
        return (Parts(year: year, month: month, day: number), at + 1)
    }

    /// March 5, 2024 · Mar. 5th 2024 · March 5–7, 2024 · March 2024 · marzo de 2024.
    private func monthFirst(_ start: Int, month: Int, name: String) -> (Parts, next: Int)? {
        var at = start + 1
        func skipMarks() { while let sign = text.sign(at), sign == "." || sign == "," { at += 1 } }
        if text.sign(at) == ".", text.isGlued(at) { at += 1 }
        if let (day, digits) = text.number(at), digits <= 2, (1...31).contains(day) {
            at += 1
            if text.isGlued(at), let word = text.word(at), Self.ordinals.contains(word) { at += 1 }
            if let sign = text.sign(at), Glyph.isDash(sign), let (last, digits) = text.number(at + 1), digits <= 2, (1...31).contains(last)
            {
                at += 2
                if text.isGlued(at), let word = text.word(at), Self.ordinals.contains(word) { at += 1 }
            }
            skipMarks()
            if let year = year(at) { return (Parts(year: year, month: month, day: day), at + 1) }
            return nil
        }
        guard !MonthNames.needsDay.contains(name) else { return nil }
        skipMarks()
        if let word = text.word(at), Self.ofWords.contains(word) || word == "del" || word == "г" { at += 1 }
        // Behind a number it is the end of "5 March 2024", which was tried from there.
        guard let (year, digits) = text.number(at), digits == 4, (1000...2999).contains(year), text.number(start - 1) == nil else {
            return nil
        }
        return (Parts(year: year, month: month), at + 1)
    }

    private func vietnamese(_ start: Int, day: Int) -> (Parts, next: Int)? {
        // "5 tháng 3, 2024", "5 tháng 3 năm 2024"
        guard text.word(start + 1) == "thang", let (month, digits) = text.number(start + 2), digits <= 2 else { return nil }
        var at = start + 3
        if text.sign(at) == "," || text.word(at) == "nam" { at += 1 }
        guard let (year, digits) = text.number(at), digits == 4 else { return nil }
        return (Parts(year: year, month: month, day: day), at + 1)
    }

    /// A year of four digits, or of two behind an apostrophe ("'24") or as the last part ("5 Mar 24" is left alone: 24 may be an hour).
    private func year(_ at: Int) -> Int? {
        guard let (value, digits) = text.number(at) else { return nil }
        if digits == 4, (1000...2999).contains(value) { return value }
        if digits == 2, let sign = text.sign(at - 1), sign == "'" || sign == "’" || (sign == "-" && text.isGlued(at)) {
            return century(value)
        }
        return nil
    }

    private func century(_ year: Int) -> Int { year < 70 ? 2000 + year : 1900 + year }

    private func numeric(_ start: Int, first: Int) -> (Parts, next: Int)? {
        guard let mark = text.sign(start + 1), mark == "/" || mark == "." || mark == "-" || mark == "‑" || mark == "–",
            text.isGlued(start + 1),
            let (second, digits) = text.number(start + 2)
        else { return nil }
        let isTight = text.isGlued(start + 2)
        if digits == 4 {
            guard mark == "/", isTight, (1...12).contains(first), (1500...2999).contains(second), !isContinued(start + 3, mark: mark) else {
                return nil
            }
            return (Parts(year: second, month: first), start + 3)
        }
        guard digits <= 2, isTight || mark == ".", text.sign(start + 3) == mark, text.isGlued(start + 3),
            let (third, yearDigits) = text.number(start + 4), text.isGlued(start + 4) || mark == "."
        else { return nil }
        let year: Int
        switch yearDigits {
        case 4: year = third
        case 2:
            // "1.2.24" is as likely a version, "05-03-24" may begin with the year.
            let isPadded = text.tokens[start].range.count == 2 && text.tokens[start + 2].range.count == 2
            guard mark == "/" || (mark == "." && isPadded), text.isGlued(start + 4) else { return nil }
            year = century(third)
        default: return nil
        }
        guard !isContinued(start + 5, mark: mark) else { return nil }
        let isDayFirst: Bool
        if first > 12 {
            isDayFirst = true
        } else if second > 12 {
            isDayFirst = false
        } else if first == second || mark == "." {
            isDayFirst = true
        } else if let order {
            isDayFirst = order == .dayFirst
        } else {
            return nil
        }
        return (Parts(year: year, month: isDayFirst ? second : first, day: isDayFirst ? first : second), start + 5)
    }

    /// The same mark and a digit follow: part of something longer, no date.
    private func isContinued(_ at: Int, mark: Unicode.Scalar) -> Bool {
        text.sign(at) == mark && text.isGlued(at) && text.number(at + 1) != nil && text.isGlued(at + 1)
    }

    private static let ordinals: Set<String> = [
        "st", "nd", "rd", "th", "er", "ere", "e", "eme", "o", "a", "re", "de", "го", "е", "ste", "da",
    ]
    private static let ofWords: Set<String> = ["of", "de", "di", "del", "den", "d", "do", "dels"]

    // MARK: Times

    /// A time of day behind a date, with seconds and offset where stated.
    private func time(_ start: Int) -> (text: String, next: Int)? {
        var at = start
        var isMarked = false
        // "5 марта 2024 г. в 14:30"
        if text.word(at) == "г" || text.word(at) == "р" {
            at += 1
            if text.sign(at) == "." { at += 1 }
        }
        if let word = text.word(at), word == "t", text.isGlued(at) {
            at += 1
        } else {
            while let sign = text.sign(at),
                sign == "," || sign == "." || sign == "|" || sign == "·" || sign == "•" || sign == "(" || Glyph.isDash(sign)
            {
                at += 1
            }
            var skipped = 0
            while let word = text.word(at), Self.atWords.contains(word), skipped < 2 {
                isMarked = true
                skipped += 1
                at += 1
                if text.sign(at) == "." { at += 1 }
            }
            // "(Tue) 14:30", "Tuesday 14:30"
        }
        guard let (hourPrinted, digits) = text.number(at), digits <= 2 || (digits == 6 && text.word(at - 1) == "t") else { return nil }
        if digits == 6 { return nil }
        var hour = hourPrinted
        var minute: Int?
        var second: Int?
        var fraction = ""
        var next = at + 1
        if let sign = text.sign(next), sign == ":" || (sign == "." && (isMarked || hasClockWord(next + 2))), text.isGlued(next),
            let (value, digits) = text.number(next + 1), digits == 2, text.isGlued(next + 1)
        {
            minute = value
            next += 2
            if text.sign(next) == ":", text.isGlued(next), let (value, digits) = text.number(next + 1), digits == 2, text.isGlued(next + 1)
            {
                second = value
                next += 2
                if let sign = text.sign(next), sign == "." || sign == ",", text.isGlued(next), text.number(next + 1) != nil,
                    text.isGlued(next + 1)
                {
                    fraction = "." + Glyph.string(text.scalars[text.tokens[next + 1].range])
                    next += 2
                }
            }
        } else if let word = text.word(next), word == "h" || word == "u" || word == "ч" || word == "時" || word == "시" || word == "点" {
            next += 1
            minute = 0
            if let (value, digits) = text.number(next), digits <= 2 {
                minute = value
                next += 1
                if let word = text.word(next), word == "分" || word == "분" || word == "min" || word == "m" { next += 1 }
            }
        }
        if let (isAfternoon, after) = halfDay(next) {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
            minute = minute ?? 0
            next = after
        }
        guard let minute, (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second ?? 0) else { return nil }
        if let word = text.word(next), Self.clockWords.contains(word) {
            next += 1
            if text.sign(next) == ".", word.count == 1 { next += 1 }
        }
        var result = "\(CalendarDay.pad(hour, 2)):\(CalendarDay.pad(minute, 2))"
        if let second { result += ":" + CalendarDay.pad(second, 2) + fraction }
        if let (zone, after) = zone(next) {
            result += zone
            next = after
        }
        return (result, next)
    }

    private func hasClockWord(_ at: Int) -> Bool { text.word(at).map { Self.clockWords.contains($0) } ?? false }

    private func halfDay(_ at: Int) -> (isAfternoon: Bool, next: Int)? {
        guard let word = text.word(at) else { return nil }
        if word == "am" || word == "pm" { return (word == "pm", at + 1) }
        if word == "a" || word == "p", text.sign(at + 1) == ".", text.word(at + 2) == "m" {
            return (word == "p", text.sign(at + 3) == "." && text.isGlued(at + 3) ? at + 4 : at + 3)
        }
        return nil
    }

    /// "Z", "UTC", "+01:00", "GMT+2", "(PST)".
    private func zone(_ start: Int) -> (text: String, next: Int)? {
        var at = start
        if text.sign(at) == "(" { at += 1 }
        var offset: Int?
        var next = at
        if let word = text.word(at) {
            guard let minutes = Self.zones[word] else { return nil }
            offset = minutes
            next = at + 1
            if minutes != 0 || word == "z" { return (format(minutes), next) }
        }
        if let sign = text.sign(next), sign == "+" || Glyph.isDash(sign), text.isGlued(next) || offset == nil,
            let (value, digits) = text.number(next + 1),
            text.isGlued(next + 1)
        {
            var minutes: Int?
            var after = next + 2
            if digits == 4 {
                minutes = value % 100 < 60 ? value / 100 * 60 + value % 100 : nil
            } else if digits <= 2 {
                minutes = value * 60
                if text.sign(after) == ":", text.isGlued(after), let (part, digits) = text.number(after + 1), digits == 2,
                    text.isGlued(after + 1)
                {
                    minutes = part < 60 ? value * 60 + part : nil
                    after += 2
                } else if offset == nil {
                    // "14:30 - 15" is an end, not a zone; "T10:00+02" is.
                    guard text.isGlued(next) else { return nil }
                }
            }
            if let minutes, minutes <= 15 * 60 { return (format(sign == "+" ? minutes : -minutes), after) }
        }
        return offset.map { (format($0), next) }
    }

    private func format(_ minutes: Int) -> String {
        if minutes == 0 { return "Z" }
        return (minutes < 0 ? "-" : "+") + CalendarDay.pad(abs(minutes) / 60, 2) + ":" + CalendarDay.pad(abs(minutes) % 60, 2)
    }

    private static let atWords: Set<String> = [
        "at", "um", "a", "as", "alle", "ore", "kl", "klo", "klockan", "om", "в", "о", "ob", "o", "las", "les", "godz", "saat", "ora", "la",
        "de",
        "ab",
    ]
    private static let clockWords: Set<String> = ["uhr", "h", "hrs", "hs", "uur", "ч", "u", "hod"]
    /// Minutes east of Greenwich. "IST" and "AST" mean several zones and are left out.
    private static let zones: [String: Int] = [
        "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "cet": 60, "mez": 60, "west": 60, "cest": 120, "mesz": 120, "eet": 120,
        "eest": 180,
        "msk": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "jst": 540,
        "kst": 540, "aest": 600, "aedt": 660,
    ]

    // MARK: Relative and bare

    /// "yesterday", "3 days ago", "vor 2 Wochen", counted from the day given.
    private func relative(_ start: Int, word: String) -> (Found, next: Int)? {
        guard let today else { return nil }
        func found(_ day: CalendarDay?, _ next: Int) -> (Found, next: Int)? {
            guard let day else { return nil }
            return (Found(range: text.tokens[start].range.lowerBound..<text.tokens[next - 1].range.upperBound, text: day.description), next)
        }
        if let days = Self.dayWords[word] { return found(today.adding(days: days), start + 1) }
        if ["vor", "hace", "fa", "ha"].contains(word), let (count, digits) = text.number(start + 1), digits <= 4,
            let unit = text.word(start + 2)
        {
            return found(back(count, unit), start + 3)
        }
        if word == "il", text.word(start + 1) == "y", text.word(start + 2) == "a", let (count, digits) = text.number(start + 3),
            digits <= 4,
            let unit = text.word(start + 4)
        {
            return found(back(count, unit), start + 5)
        }
        if Self.units[word] != nil, let (count, digits) = text.number(start - 1), digits <= 4, let ago = text.word(start + 1),
            Self.agoWords.contains(ago)
        {
            guard let day = back(count, word) else { return nil }
            let range = text.tokens[start - 1].range.lowerBound..<text.tokens[start + 1].range.upperBound
            return (Found(range: range, text: day.description), start + 2)
        }
        return nil
    }

    private func back(_ count: Int, _ unit: String) -> CalendarDay? {
        guard let today, let (days, months) = Self.units[unit] else { return nil }
        return days > 0 ? today.adding(days: -count * days) : months > 0 ? today.adding(months: -count * months) : nil
    }

    private static let dayWords: [String: Int] = [
        "today": 0, "yesterday": -1, "tomorrow": 1, "heute": 0, "gestern": -1, "morgen": 1, "hoy": 0, "ayer": -1, "hier": -1, "oggi": 0,
        "ieri": -1, "hoje": 0, "ontem": -1, "vandaag": 0, "gisteren": -1, "idag": 0, "igar": -1, "сегодня": 0, "вчера": -1, "dzisiaj": 0,
        "wczoraj": -1, "dnes": 0, "vcera": -1,
    ]
    private static let agoWords: Set<String> = ["ago", "fa", "atras", "geleden", "sedan", "siden", "temu", "назад", "sitten", "once"]
    /// Days or months in one.
    private static let units: [String: (days: Int, months: Int)] = {
        var units: [String: (Int, Int)] = [:]
        for word in "day days tag tagen dia dias jour jours giorno giorni dag dagen dagar dage dni дня днеи день paivaa gun".split(
            separator: " ")
        {
            units[String(word)] = (1, 0)
        }
        for word in "week weeks woche wochen semana semanas semaine semaines settimana settimane weken veckor uger tygodnie недели недель"
            .split(separator: " ")
        {
            units[String(word)] = (7, 0)
        }
        for word in "month months monat monaten mes meses mois mese mesi maand maanden manader maneder miesiace месяца месяцев".split(
            separator: " ")
        {
            units[String(word)] = (0, 1)
        }
        for word in "year years jahr jahren ano anos an ans anno anni jaar ar lata года лет".split(separator: " ") {
            units[String(word)] = (0, 12)
        }
        return units
    }()

    /// 20240305, 20240305T143000Z.
    private func compact() -> Found? {
        guard let (value, digits) = text.number(0), digits == 8,
            let day = CalendarDay(year: value / 10_000, month: value / 100 % 100, day: value % 100),
            (1500...2999).contains(day.year)
        else { return nil }
        let end = text.tokens[0].range.upperBound
        if text.count == 1 { return Found(range: 0..<end, text: day.description) }
        guard text.word(1) == "t", let (clock, digits) = text.number(2), digits == 6 || digits == 4 else { return nil }
        let seconds = digits == 6 ? clock : clock * 100
        guard seconds / 10_000 < 24, seconds / 100 % 100 < 60, seconds % 100 < 61 else { return nil }
        var result =
            "\(day)T\(CalendarDay.pad(seconds / 10_000, 2)):\(CalendarDay.pad(seconds / 100 % 100, 2))"
            + (digits == 6 ? ":" + CalendarDay.pad(seconds % 100, 2) : "")
        var next = 3
        if let (zone, after) = zone(3) {
            result += zone
            next = after
        }
        guard next == text.count else { return nil }
        return Found(range: 0..<text.tokens[next - 1].range.upperBound, text: result)
    }

    /// The only number of a short text is a year: "2024", "Published 2024", "© 2024".
    private func bareYear() -> Found? {
        var year: (Int, Range<Int>)?
        var words = 0
        for (index, token) in text.tokens.enumerated() {
            switch token.kind {
            case .number(let value, let digits):
                guard digits == 4, (1000...2999).contains(value), year == nil else { return nil }
                if index > 0, text.sign(index - 1) == "-", text.isGlued(index) { return nil }
                year = (value, token.range)
            case .word(let word):
                // "yesterday at 2024"? No: words that count days make it something else.
                if Self.units[word] != nil || Self.dayWords[word] != nil { return nil }
                words += 1
            case .sign(let sign):
                if sign == "%" || sign == "$" || sign == "€" || sign == "£" || sign == "#" { return nil }
            }
        }
        guard let (value, range) = year, words <= 3 else { return nil }
        return Found(range: range, text: CalendarDay.pad(value, 4))
    }
}
