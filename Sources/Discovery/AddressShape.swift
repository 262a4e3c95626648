internal import Documents

/// What an address looks like with its numbers and names taken out: addresses of one template are made by one program from one table.
struct AddressShape {
    /// "/product/*?colour&size", "/archive/{date}", "/events?day={date}".
    var template: String
    /// The template without regard to dates: "/archive/*/*".
    var plain: String
    /// Months since the year 0, where a date is all that tells the address from others of its template.
    var month: Int?
    /// The date was read from numbers that may mean something else: /2026/11, 20261129.
    var isAmbiguous = false
    /// Names and values of the query, in order.
    var parameters: [(name: String, value: String)]

    init(_ url: URLIdentity) {
        parameters = (url.query ?? "").split(separator: "&").prefix(100).map { parameter in
            let name = parameter.prefix { $0 != "=" }
            return (name.lowercased(), String(parameter.dropFirst(name.count + 1)))
        }
        let segments = url.path.split(separator: "/").map(String.init)
        var template: [String] = []
        var at = 0
        while at < segments.count {
            // "/2026/11/a-headline": the headline is the page, not the date.
            (month, isAmbiguous) = (nil, false)
            if let date = DateText(segments[at]) {
                (month, isAmbiguous) = (date.month, date.isCompact)
                template.append("{date}")
            } else if let year = DateText.number(segments[at], DateText.years, digits: 4), at + 1 < segments.count,
                let number = DateText.number(segments[at + 1], 1...12)
            {
                (month, isAmbiguous) = (year * 12 + number - 1, true)
                template.append("{date}")
                at += at + 2 < segments.count && DateText.number(segments[at + 2], 1...31) != nil ? 2 : 1
            } else {
                template.append(AddressShape.masked(segments[at]))
            }
            at += 1
        }
        let dates = AddressShape.dates(in: parameters)
        if let date = dates.first { (month, isAmbiguous) = (date.month, date.isAmbiguous) }
        func query(_ names: [String]) -> String { names.isEmpty ? "" : "?" + Set(names).sorted().joined(separator: "&") }
        let dated = Set(dates.flatMap(\.names))
        self.template =
            "/" + template.joined(separator: "/") + query(parameters.map { dated.contains($0.name) ? $0.name + "={date}" : $0.name })
        plain = "/" + segments.map(AddressShape.masked).joined(separator: "/") + query(parameters.map(\.name))
    }

    /// Parameters that only turn pages.
    static let paging: Set<String> = ["page", "p", "pg", "paged", "pagenum", "start", "offset", "from", "skip", "cursor", "after"]

    /// "*" for what looks like a name or number of one thing among many.
    private static func masked(_ segment: String) -> String {
        let isOne = segment.utf8.contains {
            (48...57).contains($0) || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "%")].contains($0)
        }
        return isOne || segment.utf8.count > 24 ? "*" : segment
    }

    /// The dates of a query, each with the parameters that it stands in.
    private static func dates(in parameters: [(name: String, value: String)]) -> [(month: Int, isAmbiguous: Bool, names: [String])] {
        var dates: [(month: Int, isAmbiguous: Bool, names: [String])] = []
        var year: (Int, String)?
        var month: (Int, String)?
        for (name, value) in parameters {
            if let date = DateText(value) { dates.append((date.month, date.isCompact, [name])) }
            if ["year", "yr", "y", "jahr", "annee", "ano"].contains(name), let number = DateText.number(value, DateText.years, digits: 4) {
                year = (number, name)
            }
            if ["month", "mon", "mo", "m", "monat", "mois", "mes"].contains(name), let number = DateText.number(value, 1...12) {
                month = (number, name)
            }
        }
        if let year, let month { dates.append((year.0 * 12 + month.0 - 1, false, [year.1, month.1])) }
        return dates
    }
}

/// A day or month as addresses write it: 2026-11-29, 2026-11, 2026_11_29, 20261129.
private struct DateText {
    static let years = 1_500...2_999

    var month: Int
    /// Eight digits, which may be any number.
    var isCompact = false

    init?(_ text: String) {
        var parts = text.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count == 1 { parts = text.split(separator: "_", omittingEmptySubsequences: false) }
        if parts.count == 1, text.utf8.count == 8 {
            parts = [text.prefix(4), text.dropFirst(4).prefix(2), text.dropFirst(6)]
            isCompact = true
        }
        guard (2...3).contains(parts.count), let year = DateText.number(parts[0], DateText.years, digits: 4),
            let number = DateText.number(parts[1], 1...12, digits: 2)
        else { return nil }
        if parts.count == 3, DateText.number(parts[2], 1...31, digits: 2) == nil { return nil }
        month = year * 12 + number - 1
    }

    static func number(_ text: some StringProtocol, _ range: ClosedRange<Int>, digits: Int? = nil) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), digits ?? text.utf8.count == text.utf8.count, text.utf8.count <= 4 else {
            return nil
        }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
}
