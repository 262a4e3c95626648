import Documents
import Extraction
import Foundation

// When an answer is what a label says. Labels are texts that people or scrapers took from the page; our values are typed (money as amount
// and currency, dates as ISO 8601, addresses absolute). So an answer is compared in two forms, and either will do: exactly what stands on
// the page (`Evidence.text`), and the value as text (a string as it is, a number as it is spelled, money by its amount).
//
// The rules are those under which the models were measured:
//   text     NFKC, without case, white space, zero-width spaces; curly quotes as straight ones; `.:,;"'` at the ends don't count
//   date     label begins YYYY-MM-DD and the field's name has "date": the same day in any spelling of at most 60 characters
//   number   detail: label is a number and the field is a price, count, area, coordinate or year; listing: label is a JSON number:
//            the first number in a text of at most 30 characters
//   address  without scheme, "www.", final slash; detail: without query; listing: with it, without fragment, percent-decoded
//   yields   the first number in a text of at most 45 characters

/// One answered value in the forms in which it may equal a label.
struct Answered: Sendable {
    /// The value as text first, then as it stands on the page.
    var texts: [String]
    var method: Evidence.Method?

    init(_ value: JSON, text: String? = nil, method: Evidence.Method? = nil) {
        texts = []
        switch value {
        case .string(let string): texts.append(string)
        case .number(let spelling): texts.append(spelling)
        case .object: if let amount = value["amount"]?.string { texts.append(amount) }
        case .bool(let flag): texts.append(flag ? "true" : "false")
        case .null, .array: break
        }
        if let text, !texts.contains(text) { texts.append(text) }
        self.method = method
    }
}

enum Spelling {
    /// A text as it is compared: see above.
    static func key(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.precomposedStringWithCompatibilityMapping.unicodeScalars {
            switch scalar {
            case "\u{200B}": continue
            case "\u{2018}", "\u{2019}": out.append("'")
            case "\u{201C}", "\u{201D}": out.append("\"")
            case _ where scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value): continue
            default: out.append(scalar)
            }
        }
        // Full case folding, as far as it differs from lower case in living languages.
        return String(out).lowercased().replacing("ß", with: "ss").replacing("ς", with: "σ")
    }

    static func bare(_ key: String) -> String { String(key.trimming { ".:,;\"'".contains($0) }) }

    /// The day of a date in any spelling; nil where the text states none.
    static func day(_ text: String) -> String? {
        if let day = isoDay(text) { return day }
        let scalars = text.unicodeScalars
        guard scalars.count <= 60, scalars.contains(where: { $0.properties.numericType == .decimal }) else { return nil }
        for reading in Values.find(.date, in: text, hints: PageHints(dayFirst: false)) {
            if let day = reading.value.string.flatMap(isoDay) { return day }
        }
        return nil
    }

    /// The first ten characters of YYYY-MM-DD…; nil for anything else.
    static func isoDay(_ text: String) -> String? {
        let bytes = Array(text.utf8.prefix(10))
        guard bytes.count == 10 else { return nil }
        for (index, byte) in bytes.enumerated() {
            guard index == 4 || index == 7 ? byte == UInt8(ascii: "-") : (48...57).contains(byte) else { return nil }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first number of a text, whatever marks group its digits.
    static func number(_ text: String) -> Double? {
        guard let found = text.firstMatch(of: #/-?\d[\d.,\u{202F}\u{A0}' ]*/#) else { return nil }
        var digits = found.output.filter { !$0.isWhitespace && $0 != "'" && $0 != "\u{202F}" && $0 != "\u{A0}" }
        while let last = digits.last, last == "." || last == "," { digits.removeLast() }
        if let comma = digits.lastIndex(of: ","), let point = digits.lastIndex(of: ".") {
            digits = comma < point ? digits.replacing(",", with: "") : digits.replacing(".", with: "").replacing(",", with: ".")
        } else if digits.contains(",") {
            digits = digits.wholeMatch(of: #/-?\d+,\d{1,2}/#) != nil ? digits.replacing(",", with: ".") : digits.replacing(",", with: "")
        } else if digits.count(where: { $0 == "." }) > 1 || digits.wholeMatch(of: #/-?\d{1,3}\.\d{3}/#) != nil {
            digits = digits.replacing(".", with: "")
        }
        return Double(digits)
    }

    /// "http://www.a.example/b/" → "a.example/b".
    static func withoutScheme(_ address: String) -> String {
        var rest = address[...]
        for scheme in ["https://", "http://"] where rest.lowercased().hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            break
        }
        if rest.hasPrefix("www.") { rest = rest.dropFirst(4) }
        return String(rest)
    }

    /// An address as listings compare it.
    static func address(_ address: String) -> String {
        let plain = withoutScheme(address.trimming { $0.isWhitespace }.description)
        let decoded = plain.removingPercentEncoding ?? plain
        return trimmedSlash(decoded.prefix { $0 != "#" }.description)
    }

    static func trimmedSlash(_ text: String) -> String {
        var text = text[...]
        while text.last == "/" { text = text.dropLast() }
        return String(text)
    }
}

extension StringProtocol {
    fileprivate func trimming(_ drop: (Character) -> Bool) -> SubSequence {
        var part = self[...]
        while let first = part.first, drop(first) { part = part.dropFirst() }
        while let last = part.last, drop(last) { part = part.dropLast() }
        return part
    }
}

/// A label of a detail page.
struct DetailTruth: Sendable {
    let text: String
    private let key: String
    private let bare: String
    private var number: Double?
    private var day: String?
    private var address: String?
    private var firstNumber: String?

    init(_ text: String, field: String) {
        self.text = text
        key = Spelling.key(text)
        bare = Spelling.bare(key)
        if text.wholeMatch(of: #/-?\d+(\.\d+)?/#) != nil,
            ["price", "count", "area", "latitude", "longitude", "year"].contains(where: field.contains)
        {
            number = Double(text)
        }
        if field.contains("date") { day = Spelling.isoDay(text) }
        if text.hasPrefix("http") { address = DetailTruth.page(text) }
        if field == "yields" { firstNumber = DetailTruth.digits(text) }
    }

    func equals(_ answer: Answered) -> Bool { answer.texts.contains(where: equals) }

    func equals(_ text: String) -> Bool {
        let count = text.unicodeScalars.count
        if let firstNumber, count <= 45, DetailTruth.digits(text) == firstNumber { return true }
        let key = Spelling.key(text)
        if key == self.key || (!bare.isEmpty && Spelling.bare(key) == bare) { return true }
        if let number, count <= 30, let other = Spelling.number(text), abs(other - number) <= 1e-6 * max(1, abs(number)) { return true }
        if let day, Spelling.day(text) == day { return true }
        if let address, DetailTruth.page(text) == address { return true }
        return false
    }

    /// An address without scheme and query.
    private static func page(_ text: String) -> String {
        let plain = Spelling.withoutScheme(String(text.drop { $0 == "/" }))
        return Spelling.trimmedSlash(plain).prefix { $0 != "?" }.description
    }

    private static func digits(_ text: String) -> String? { text.firstMatch(of: #/\d+/#).map { String($0.output) } }
}

/// A label of one cell of a listing, as the keys of which one must be among an answer's.
struct CellTruth: Sendable {
    let keys: Set<String>
    let day: String?
    let address: String?
    let number: Double?

    init(_ value: JSON, field: String, base: String) {
        let text = value.string ?? { if case .number(let spelling) = value { spelling } else { "" } }()
        let key = Spelling.key(text)
        var keys: Set = [key, Spelling.bare(key)]
        number = value.double
        day = field.lowercased().contains("date") ? Spelling.isoDay(text) : nil
        address = field.lowercased().contains("url") || text.hasPrefix("http")
            ? Spelling.address(URLIdentity.resolve(base, text) ?? text) : nil
        if let day { keys.insert("D" + day) }
        if let address { keys.insert("U" + address) }
        if let number { keys.insert("N\(number)") }
        keys.remove("")
        self.keys = keys
    }

    /// What the labels of a column are, so that answers are only read as what is wanted.
    struct Column: Sendable {
        var days = false
        var addresses = false
        var numbers = false

        init(_ truths: some Sequence<CellTruth>) {
            for truth in truths {
                if truth.day != nil { days = true }
                if truth.address != nil { addresses = true }
                if truth.number != nil { numbers = true }
            }
        }

        func keys(of answer: Answered) -> Set<String> {
            var keys: Set<String> = []
            for text in answer.texts {
                let key = Spelling.key(text)
                keys.formUnion([key, Spelling.bare(key)])
                if days, let day = Spelling.day(text) { keys.insert("D" + day) }
                if addresses, text.contains("/") || text.hasPrefix("http") { keys.insert("U" + Spelling.address(text)) }
                if numbers, text.unicodeScalars.count <= 30, let number = CellTruth.number(in: text) { keys.insert("N\(number)") }
            }
            keys.remove("")
            return keys
        }
    }

    private static func number(in text: String) -> Double? {
        text.firstMatch(of: #/-?\d[\d,]*\.?\d*/#).flatMap { found in
            let digits = found.output.filter { $0 != "," }
            return Double(digits.hasSuffix(".") ? String(digits.dropLast()) : String(digits))
        }
    }
}
