package import Documents

/// What a page says about itself that decides between two readings of the same text.
///
/// A reading that needed a hint carries it in the name of its transform ("date.dmy", "money.CAD"), so that the evidence alone says how
/// the value follows from the text.
package struct PageHints: Sendable {
    /// BCP 47 language tag of the page ("de-CH"), lower case; empty where the page doesn't say.
    package var language: String
    /// Host of the page, whose last label may name a country; empty where unknown.
    package var host: String
    /// Currency stated for a value outside its text (`priceCurrency`), ISO 4217.
    package var currency: String?
    /// Day before month in "03/04/2024"; nil: as the language has it.
    package var dayFirst: Bool?
    /// The day that "yesterday" counts from; nil: such words are no date.
    package var today: CalendarDay?
    /// Makes an address of the page absolute; nil where that can't be done.
    package var resolve: @Sendable (String) -> String?

    package init(
        language: String = "", host: String = "", currency: String? = nil, dayFirst: Bool? = nil, today: CalendarDay? = nil,
        resolve: @escaping @Sendable (String) -> String? = { $0 }
    ) {
        self.language = language.lowercased()
        self.host = host.lowercased()
        self.currency = currency
        self.dayFirst = dayFirst
        self.today = today
        self.resolve = resolve
    }

    package init(_ document: Document) {
        let base = document.base
        self.init(
            language: document.first("html").flatMap { document.attribute("lang", of: $0) } ?? "",
            host: URLIdentity(document.url)?.host ?? "", resolve: { URLIdentity.resolve(base, $0) })
    }

    private var tag: [Substring] { language.split { $0 == "-" || $0 == "_" } }
    /// "de" of "de-CH".
    var primaryLanguage: String { tag.first.map(String.init) ?? "" }
    /// Two-letter country of the language tag, or of the host's last label; nil where neither names one.
    var country: String? {
        if let region = tag.dropFirst().first(where: { $0.count == 2 }) { return String(region) }
        guard let last = host.split(separator: ".").last, last.count == 2, last.unicodeScalars.allSatisfy(Glyph.isLetter) else {
            return nil
        }
        return last == "uk" ? "gb" : String(last)
    }

    /// Currency of the page's country.
    var countryCurrency: String? { country.flatMap { Self.currencies[$0] } }

    /// Order of day and month in all-numeric dates with slashes: the month first in American English only; nil where the page doesn't say.
    var isDayFirst: Bool? {
        if let dayFirst { return dayFirst }
        let country = country
        if country == "us" || country == "ph" { return primaryLanguage == "en" || primaryLanguage.isEmpty ? false : true }
        if primaryLanguage == "en" {
            return country.map { $0 != "us" && $0 != "io" && $0 != "co" && $0 != "ai" && $0 != "tv" && $0 != "me" }
        }
        if ["zh", "ja", "ko", "hu", "lt"].contains(primaryLanguage) || primaryLanguage.isEmpty { return nil }
        return true
    }

    /// How a lone mark before three digits is read.
    var numberStyle: NumberReader.Style {
        let language = primaryLanguage
        if Self.pointLanguages.contains(language) { return .point }
        if language == "es", let country, ["mx", "us", "gt", "sv", "hn", "ni", "pa", "do", "pr"].contains(country) { return .point }
        if language == "de", let country, country == "ch" || country == "li" { return .point }
        return Self.commaLanguages.contains(language) ? .comma : .open
    }

    private static let pointLanguages: Set<String> = [
        "en", "zh", "ja", "ko", "th", "he", "hi", "ms", "tl", "bn", "ta", "te", "mr", "ur", "ga", "cy",
    ]
    private static let commaLanguages: Set<String> = [
        "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "nn", "no", "fi", "cs", "sk", "sl", "hr", "sr", "bs", "ru", "uk", "be",
        "bg", "ro", "hu", "el", "tr", "id", "vi", "ca", "gl", "eu", "lt", "lv", "et", "is", "mk", "sq", "af", "az", "kk",
    ]
    private static let currencies: [String: String] = [
        "us": "USD", "ca": "CAD", "au": "AUD", "nz": "NZD", "hk": "HKD", "sg": "SGD", "mx": "MXN", "ar": "ARS", "cl": "CLP", "co": "COP",
        "tw": "TWD", "br": "BRL", "uy": "UYU", "jm": "JMD", "gb": "GBP", "in": "INR", "pk": "PKR", "lk": "LKR", "np": "NPR", "mu": "MUR",
        "se": "SEK", "no": "NOK", "dk": "DKK", "is": "ISK", "jp": "JPY", "cn": "CNY", "ch": "CHF", "li": "CHF", "ae": "AED", "ma": "MAD",
        "sa": "SAR", "ro": "RON", "md": "MDL", "tt": "TTD", "fj": "FJD",
    ]
}

/// A day of the Gregorian calendar.
package struct CalendarDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var year: Int
    package var month: Int
    package var day: Int

    /// Nil for a day that doesn't exist.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...CalendarDay.days(in: month, of: year)).contains(day) else {
            return nil
        }
        self.year = year
        self.month = month
        self.day = day
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func pad(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    package static func < (a: CalendarDay, b: CalendarDay) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }

    /// ISO 8601, "2024-03-05".
    package var description: String { "\(CalendarDay.pad(year, 4))-\(CalendarDay.pad(month, 2))-\(CalendarDay.pad(day, 2))" }

    /// The day so many days later; nil beyond the years 1 to 9999.
    func adding(days: Int) -> CalendarDay? {
        guard abs(days) < 4_000_000 else { return nil }
        // Days since 0000-03-01, after which a year's length depends on nothing before it (Hinnant, "chrono-compatible date algorithms").
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted >= 0 ? shifted / 400 : (shifted - 399) / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let total = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear + days
        guard total >= 0 else { return nil }
        let newEra = total / 146_097
        let inEra = total - newEra * 146_097
        let yearOfEra = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
        let inYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * inYear + 2) / 153
        let newMonth = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return CalendarDay(
            year: yearOfEra + newEra * 400 + (newMonth <= 2 ? 1 : 0), month: newMonth, day: inYear - (153 * monthIndex + 2) / 5 + 1)
    }

    /// The same day so many months later, or the last of that month.
    func adding(months: Int) -> CalendarDay? {
        guard abs(months) < 120_000 else { return nil }
        let total = year * 12 + month - 1 + months
        guard total >= 12 else { return nil }
        let (newYear, newMonth) = (total / 12, total % 12 + 1)
        return CalendarDay(year: newYear, month: newMonth, day: min(day, CalendarDay.days(in: newMonth, of: newYear)))
    }
}
