/// Finds durations in text and writes them as ISO 8601: "1 h 30 min", "90 minutes", "1:30:00" and "PT90M" are all "PT1H30M".
///
/// Seconds and minutes carry over into hours; hours don't become days, and months not years, because the page didn't say so.
struct DurationReader {
    struct Found: Equatable {
        var range: Range<Int>
        var text: String
    }

    private enum Unit: Int, Comparable {
        case year, month, week, day, hour, minute, second

        static func < (a: Unit, b: Unit) -> Bool { a.rawValue < b.rawValue }
    }

    let text: TextTokens
    /// The text holds one value: "5m" is five minutes; inside other text it may be metres.
    let isWhole: Bool

    init(_ scalars: [Unicode.Scalar], isWhole: Bool = false) {
        text = TextTokens(scalars)
        self.isWhole = isWhole
    }

    func all() -> [Found] {
        var out: [Found] = []
        var at = 0
        while at < text.count {
            if let (found, next) = iso(at) ?? counted(at) ?? clock(at) {
                out.append(found)
                at = max(next, at + 1)
            } else {
                at += 1
            }
        }
        return out
    }

    func whole() -> Found? { all().first }

    // MARK: Units

    /// 1 h 30 min, 1h30, 2 Std. 15 Min., 1.5 hours, 1 ½ hours, 3 weeks, half an hour, 2-3 hours (the first).
    private func counted(_ start: Int) -> (Found, next: Int)? {
        var parts: [(amount: DecimalText, unit: Unit)] = []
        var at = start
        var next = start
        var hasLetterOnly = false
        if start > 0, text.number(start) != nil, text.isGlued(start), let sign = text.sign(start - 1),
            sign == "." || sign == "," || sign == ":" || sign == "/" || (Glyph.isDash(sign) && text.number(start - 2) != nil)
        {
            return nil
        }
        while true {
            var index = at
            if !parts.isEmpty, let word = text.word(index), Self.joiners.contains(word) { index += 1 }
            if !parts.isEmpty, text.sign(index) == "," { index += 1 }
            guard let (amount, after) = amount(index) else { break }
            var unitAt = after
            // "2-3 hours", "15 to 20 minutes"
            if parts.isEmpty, text.sign(unitAt).map(Glyph.isDash) ?? (text.word(unitAt).map { Self.toWords.contains($0) } ?? false),
                let (_, second) = self.amount(unitAt + 1)
            {
                // Of a range the first is meant, but "0-15 minutes" is not nothing.
                if amount.isZero { return nil }
                unitAt = second
            }
            if text.sign(unitAt) == "-", text.isGlued(unitAt), text.isGlued(unitAt + 1) { unitAt += 1 }
            if let (word, unit, last) = unit(unitAt), parts.last.map({ $0.unit < unit }) ?? true {
                if word.unicodeScalars.count == 1, unit == .day || unit == .month || unit == .year, !text.isGlued(unitAt) { break }
                parts.append((amount, unit))
                hasLetterOnly = word.unicodeScalars.count == 1 && unit != .hour && word.utf8.count == 1
                at = last + 1
                if text.sign(at) == ".", text.isGlued(at), Self.abbreviations.contains(word) { at += 1 }
                next = at
                continue
            }
            // "1h30": the unit after hours is left out.
            if let last = parts.last, last.unit == .hour, let minutes = amount.int, minutes < 60, text.number(index)?.digits == 2,
                text.word(after) == nil || !text.isGlued(after)
            {
                parts.append((amount, .minute))
                next = after
            }
            break
        }
        guard !parts.isEmpty, isWhole || parts.count > 1 || !hasLetterOnly, let iso = format(parts) else { return nil }
        return (Found(range: text.tokens[start].range.lowerBound..<text.tokens[next - 1].range.upperBound, text: iso), next)
    }

    /// The unit at a token; of ideographs, two may make one ("時間").
    private func unit(_ at: Int) -> (word: String, unit: Unit, last: Int)? {
        guard let word = text.word(at) else { return nil }
        if word.unicodeScalars.count <= 2, text.isGlued(at + 1), let second = text.word(at + 1), let unit = Self.units[word + second] {
            return (word + second, unit, at + 1)
        }
        return Self.units[word].map { (word, $0, at) }
    }

    /// A count at a token: digits with decimals, a vulgar fraction, "half an", "an".
    private func amount(_ start: Int) -> (DecimalText, next: Int)? {
        if let word = text.word(start) {
            if Self.halves.contains(word) {
                let next = text.word(start + 1).map { ["an", "a"].contains($0) } ?? false ? start + 2 : start + 1
                guard let unit = text.word(next), Self.units[unit] != nil else { return nil }
                return (DecimalText(whole: [], fraction: [5]), next)
            }
            guard Self.ones.contains(word), let unit = text.word(start + 1), Self.units[unit] != nil, unit.unicodeScalars.count > 2 else {
                return nil
            }
            return (DecimalText(whole: [1]), start + 1)
        }
        if let sign = text.sign(start), let fraction = Self.fractions[sign] {
            return (DecimalText(whole: [], fraction: fraction), start + 1)
        }
        guard let (_, digits) = text.number(start), digits <= 6 else { return nil }
        var whole = text.scalars[text.tokens[start].range].compactMap { Glyph.digit($0).map(UInt8.init) }
        if let sign = text.sign(start + 1), sign == "." || sign == ",", text.isGlued(start + 1), let (_, digits) = text.number(start + 2),
            digits <= 4,
            text.isGlued(start + 2)
        {
            let fraction = text.scalars[text.tokens[start + 2].range].compactMap { Glyph.digit($0).map(UInt8.init) }
            return (DecimalText(whole: whole, fraction: fraction), start + 3)
        }
        if let sign = text.sign(start + 1), let fraction = Self.fractions[sign] {
            return (DecimalText(whole: whole, fraction: fraction), start + 2)
        }
        // "1 1/2 hours", "1/2 hour"
        let slash = text.number(start + 1) != nil ? start + 2 : start + 1
        if text.sign(slash) == "/", text.isGlued(slash), text.isGlued(slash + 1), let (top, _) = text.number(slash - 1),
            let (bottom, _) = text.number(slash + 1), let fraction = Self.ratio(top, bottom)
        {
            if slash == start + 1 { whole = [] }
            return (DecimalText(whole: whole, fraction: fraction), slash + 2)
        }
        return (DecimalText(whole: whole), start + 1)
    }

    private static func ratio(_ top: Int, _ bottom: Int) -> [UInt8]? {
        switch (top, bottom) {
        case (1, 2): [5]
        case (1, 4): [2, 5]
        case (3, 4): [7, 5]
        default: nil
        }
    }

    private static let fractions: [Unicode.Scalar: [UInt8]] = ["½": [5], "¼": [2, 5], "¾": [7, 5]]
    private static let halves: Set<String> = ["half", "halbe", "halben", "demi", "media", "mezz", "mezza", "meia", "half", "halv", "pol"]
    private static let ones: Set<String> = ["an", "a", "one", "eine", "einer", "ein", "une", "un", "una", "um", "uma", "een", "en", "et"]
    private static let joiners: Set<String> = ["and", "und", "et", "y", "e", "en", "och", "og", "i", "a", "и", "ve", "ja"]
    private static let toWords: Set<String> = ["to", "bis", "a", "or", "oder", "do", "til", "tot", "до"]
    private static let abbreviations: Set<String> = [
        "min", "mins", "std", "stdn", "sec", "secs", "sek", "hr", "hrs", "h", "m", "s", "tim", "godz", "мин", "ч", "сек", "wk", "wks", "yr",
        "yrs", "mo", "mos", "tg", "wo", "jh", "hod", "sa", "dk",
    ]

    private static let units: [String: Unit] = {
        let table: [(Unit, String)] = [
            (
                .year,
                """
                year years yr yrs jahr jahre jahren annee annees an ans ano anos anno anni jaar jaren rok roku lata lat ar vuosi \
                vuotta let год года лет yil 年 年間 년
                """
            ),
            (
                .month,
                """
                month months monat monate monaten mois mes meses mese mesi maand maanden miesiac miesiace miesiecy manad manader maned \
                maneder kuukausi kuukautta mesic mesice mesicu месяц месяца месяцев ay 個月 个月 ヶ月 か月 개월
                """
            ),
            (
                .week,
                """
                week weeks wk wks woche wochen semaine semaines semana semanas settimana settimane weken tydzien tygodnie tygodni \
                vecka veckor uge uger uke uker viikko viikkoa tyden tydny tydnu неделя недели недель hafta 週 週間 周 주
                """
            ),
            (
                .day,
                """
                day days d tag tage tagen jour jours dia dias giorno giorni dag dagen dagar dage dzien dni paiva paivaa den dny dnu \
                день дня днеи gun 日 日間 天 일
                """
            ),
            (
                .hour,
                """
                hour hours hr hrs h std stdn stunde stunden heure heures hora horas hs ora ore uur uren godz godzina godziny godzin \
                tim timme timmar time timer t tunti tuntia tuntia hod hodina hodiny hodin час часа часов ч saat sa 時 时 時間 小時 小时 시간
                """
            ),
            (
                .minute,
                """
                minute minutes min mins m minuten minuto minutos minuti minuut minuty minut minuter minutter minuutti minuuttia minuta \
                минута минуты минут мин хв dakika dk 分 分間 分钟 分鐘 분
                """
            ),
            (
                .second,
                """
                second seconds sec secs s sek sekunde sekunden seconde secondes segundo segundos seg secondo secondi seconden sekundy \
                sekund sekunder sekunti sekuntia sekunda секунда секунды секунд сек saniye sn 秒 秒間 秒钟 초
                """
            ),
        ]
        var units: [String: Unit] = [:]
        for (unit, words) in table {
            for word in words.split(separator: " ") where units[String(word)] == nil { units[String(word)] = unit }
        }
        // "t" stands for hours in the north and for too much else elsewhere.
        units["t"] = nil
        return units
    }()

    // MARK: Clock and ISO

    /// 1:30:00 (hours, minutes, seconds); two parts only where a unit says which they are: "1:30 h", "3:45 min".
    private func clock(_ start: Int) -> (Found, next: Int)? {
        guard let (first, digits) = text.number(start), digits <= 3, text.sign(start - 1) != ":", text.sign(start + 1) == ":",
            text.isGlued(start + 1), let (second, secondDigits) = text.number(start + 2), text.isGlued(start + 2), secondDigits == 2,
            second < 60
        else { return nil }
        let parts: [(DecimalText, Unit)]
        let next: Int
        func decimal(_ value: Int) -> DecimalText { DecimalText(whole: String(value).utf8.map { $0 - 0x30 }) }
        if text.sign(start + 3) == ":", text.isGlued(start + 3), let (third, thirdDigits) = text.number(start + 4), text.isGlued(start + 4)
        {
            guard thirdDigits == 2, third < 60, text.sign(start + 5) != ":", !isClockTime(start + 5) else { return nil }
            parts = [(decimal(first), .hour), (decimal(second), .minute), (decimal(third), .second)]
            next = start + 5
        } else {
            guard let word = text.word(start + 3), let unit = Self.units[word], unit == .hour || unit == .minute else { return nil }
            parts =
                unit == .hour
                ? [(decimal(first), .hour), (decimal(second), .minute)] : [(decimal(first), .minute), (decimal(second), .second)]
            next = text.sign(start + 4) == "." && text.isGlued(start + 4) && Self.abbreviations.contains(word) ? start + 5 : start + 4
        }
        guard let iso = format(parts) else { return nil }
        return (Found(range: text.tokens[start].range.lowerBound..<text.tokens[next - 1].range.upperBound, text: iso), next)
    }

    private func isClockTime(_ at: Int) -> Bool {
        text.word(at).map { ["am", "pm", "uhr", "utc", "gmt", "z"].contains($0) } ?? (text.sign(at) == "+" && text.isGlued(at))
    }

    /// P1Y2M10DT2H30M, PT90M, P3W (ISO 8601 section 5.5.2.2), in either case.
    private func iso(_ start: Int) -> (Found, next: Int)? {
        guard let word = text.word(start), word == "p" || word == "pt" else { return nil }
        let scalars = text.scalars
        let begin = text.tokens[start].range.lowerBound
        if begin > 0, Glyph.isLetter(scalars[begin - 1]) || Glyph.digit(scalars[begin - 1]) != nil { return nil }
        var at = begin + 1
        var isTime = false
        var parts: [(DecimalText, Unit)] = []
        var end = at
        while at < scalars.count {
            if Glyph.fold(scalars[at]) == "t", !isTime {
                isTime = true
                at += 1
                continue
            }
            var whole: [UInt8] = []
            var fraction: [UInt8] = []
            while at < scalars.count, let digit = Glyph.digit(scalars[at]), whole.count < 9 {
                whole.append(UInt8(digit))
                at += 1
            }
            if at < scalars.count, scalars[at] == "." || scalars[at] == "," {
                at += 1
                while at < scalars.count, let digit = Glyph.digit(scalars[at]), fraction.count < 9 {
                    fraction.append(UInt8(digit))
                    at += 1
                }
            }
            guard !whole.isEmpty, at < scalars.count, let letter = Glyph.fold(scalars[at]) else { break }
            let unit: Unit? =
                switch (letter, isTime) {
                case ("y", false): .year
                case ("m", false): .month
                case ("w", false): .week
                case ("d", false): .day
                case ("h", true): .hour
                case ("m", true): .minute
                case ("s", true): .second
                default: nil
                }
            guard let unit, parts.last.map({ $0.1 < unit }) ?? true else { return nil }
            parts.append((DecimalText(whole: whole, fraction: fraction), unit))
            at += 1
            end = at
        }
        guard !parts.isEmpty, end == scalars.count || !(Glyph.isLetter(scalars[end]) || Glyph.digit(scalars[end]) != nil),
            let iso = format(parts)
        else { return nil }
        let next = text.tokens.firstIndex { $0.range.lowerBound >= end } ?? text.count
        return (Found(range: begin..<end, text: iso), next)
    }

    /// Canonical form; fractions go down to the next unit; nil where a fraction can't ("half a month").
    private func format(_ parts: [(DecimalText, Unit)]) -> String? {
        var months = 0
        var years = 0
        var weeks = 0
        var days = 0
        // In thousandths of a second, so that 1.5 hours and 0.25 s are whole.
        var milliseconds = 0
        for (amount, unit) in parts {
            guard let thousandths = amount.shifted(by: 3).int ?? roundedThousandths(amount), thousandths < 1_000_000_000_000 else {
                return nil
            }
            let isWhole = thousandths % 1000 == 0
            switch unit {
            case .year:
                if isWhole {
                    years += thousandths / 1000
                } else {
                    guard thousandths * 12 % 1000 == 0 else { return nil }
                    months += thousandths * 12 / 1000
                }
            case .month:
                guard isWhole else { return nil }
                months += thousandths / 1000
            case .week:
                if isWhole {
                    weeks += thousandths / 1000
                } else {
                    guard thousandths * 7 % 1000 == 0 else { return nil }
                    days += thousandths * 7 / 1000
                }
            case .day:
                if isWhole { days += thousandths / 1000 } else { milliseconds += thousandths * 86_400 }
            case .hour: milliseconds += thousandths * 3600
            case .minute: milliseconds += thousandths * 60
            case .second: milliseconds += thousandths
            }
        }
        if weeks > 0, years == 0, months == 0, days == 0, milliseconds == 0 { return "P\(weeks)W" }
        days += weeks * 7
        let (hours, minutes, seconds) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds % 60_000)
        var out = "P"
        if years > 0 { out += "\(years)Y" }
        if months > 0 { out += "\(months)M" }
        if days > 0 { out += "\(days)D" }
        if milliseconds > 0 {
            out += "T"
            if hours > 0 { out += "\(hours)H" }
            if minutes > 0 { out += "\(minutes)M" }
            if seconds > 0 {
                out += "\(seconds / 1000)"
                if seconds % 1000 > 0 {
                    var fraction = CalendarDay.pad(seconds % 1000, 3)
                    while fraction.last == "0" { fraction.removeLast() }
                    out += "." + fraction
                }
                out += "S"
            }
        }
        return out == "P" ? "PT0S" : out
    }

    private func roundedThousandths(_ amount: DecimalText) -> Int? {
        amount.fraction.count > 3 ? DecimalText(whole: amount.whole, fraction: Array(amount.fraction.prefix(3))).shifted(by: 3).int : nil
    }
}
