/// A named way from text to value. The name stands in the evidence and says all that decided the reading: "money", "number.comma",
/// "date.dmy", "money.CAD", "date.from.2024-03-05".
enum Transform: Hashable, Sendable {
    /// Canonical composition (NFC), white space folded. `isMarkup`: entities are decoded and tags dropped first ("text.html").
    case text(isMarkup: Bool)
    case number(NumberReader.Style)
    /// `currency`: what a missing currency is, and an open one ("$", "kr") where it can mean that.
    case money(NumberReader.Style, currency: String?)
    case date(order: DateReader.Order?, today: CalendarDay?)
    case duration
    /// `isReference`: from markup, made absolute against the page ("url.ref"); else an address printed in full.
    case url(isReference: Bool)
    /// `isSet`: the largest of a `srcset` ("image.set").
    case image(isReference: Bool, isSet: Bool)
    case email, phone, address, boolean
    /// The text names one of the field's choices; the value is spelled as the choice.
    case choice

    var name: String {
        switch self {
        case .text(let isMarkup): isMarkup ? "text.html" : "text"
        case .number(let style): "number" + Self.suffix(style)
        case .money(let style, let currency): "money" + Self.suffix(style) + (currency.map { "." + $0 } ?? "")
        case .date(let order, let today):
            "date" + (order.map { "." + $0.rawValue } ?? "") + (today.map { ".from.\($0)" } ?? "")
        case .duration: "duration"
        case .url(let isReference): isReference ? "url.ref" : "url"
        case .image(let isReference, let isSet): isSet ? "image.set" : isReference ? "image.ref" : "image"
        case .email: "email"
        case .phone: "phone"
        case .address: "address"
        case .boolean: "boolean"
        case .choice: "choice"
        }
    }

    /// The transform of a name; nil for names that are none.
    init?(name: String) {
        var parts = name.split(separator: ".").map(String.init)
        guard !parts.isEmpty else { return nil }
        let kind = parts.removeFirst()
        var style = NumberReader.Style.open
        if kind == "number" || kind == "money", let first = parts.first, let named = Self.styles.first(where: { $0.0 == first }) {
            style = named.1
            parts.removeFirst()
        }
        switch (kind, parts) {
        case ("text", []): self = .text(isMarkup: false)
        case ("text", ["html"]): self = .text(isMarkup: true)
        case ("number", []): self = .number(style)
        case ("money", []): self = .money(style, currency: nil)
        case ("money", _) where parts.count == 1 && Currencies.codes.contains(parts[0]): self = .money(style, currency: parts[0])
        case ("date", _):
            let order = parts.first.flatMap(DateReader.Order.init(rawValue:))
            if order != nil { parts.removeFirst() }
            if parts.isEmpty {
                self = .date(order: order, today: nil)
            } else {
                guard parts.count == 2, parts[0] == "from", let today = CalendarDay(parts[1]) else { return nil }
                self = .date(order: order, today: today)
            }
        case ("duration", []): self = .duration
        case ("url", []): self = .url(isReference: false)
        case ("url", ["ref"]): self = .url(isReference: true)
        case ("image", []): self = .image(isReference: false, isSet: false)
        case ("image", ["ref"]): self = .image(isReference: true, isSet: false)
        case ("image", ["set"]): self = .image(isReference: true, isSet: true)
        case ("email", []): self = .email
        case ("phone", []): self = .phone
        case ("address", []): self = .address
        case ("boolean", []): self = .boolean
        case ("choice", []): self = .choice
        default: return nil
        }
    }

    private static let styles: [(String, NumberReader.Style)] = [("plain", .plain), ("point", .point), ("comma", .comma)]

    private static func suffix(_ style: NumberReader.Style) -> String { styles.first { $0.1 == style }.map { "." + $0.0 } ?? "" }
}

extension CalendarDay {
    /// "2024-03-05".
    fileprivate init?(_ text: String) {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, text.utf8.count == 10 else { return nil }
        self.init(year: parts[0], month: parts[1], day: parts[2])
    }
}
