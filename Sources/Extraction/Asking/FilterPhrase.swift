import Documents

/// Reads a condition on records ("under $20", "posted after 1 March 2024", "in Berlin") and finds the part code can check.
struct FilterPhrase {
    let vocabulary: Vocabulary

    static let less = Lexicon.phrases(
        "under, below, less than, cheaper than, fewer than, lower than, smaller than, younger than, shorter than, <, up to but not, unter, weniger als, gunstiger als, billiger als, moins de, a moins de, sous, menos de, por menos de, bajo, meno di, sotto, sotto i, abaixo de, onder, minder dan, ponizej, under, mindre an, de menos de, inferieur a, inferior a"
    )
    static let lessOrEqual = Lexicon.phrases(
        "at most, up to, no more than, not more than, maximum, max, <=, hochstens, maximal, bis, bis zu, hasta, fino a, ate, tot, or less, or lower, and under, or cheaper, and below, jusqu a"
    )
    static let greater = Lexicon.phrases(
        "over, above, more than, greater than, higher than, bigger than, larger than, older than, longer than, exceeding, better than, >, uber, mehr als, plus de, mas de, por encima de, piu di, sopra, acima de, mais de, boven, meer dan, powyzej, over, mer an, superieur a, superior a"
    )
    static let greaterOrEqual = Lexicon.phrases(
        "at least, no less than, not less than, minimum, min, from, starting at, >=, mindestens, ab, au moins, al menos, almeno, pelo menos, minstens, vanaf, or more, or higher, or above, and up, and above, or better, co najmniej, minst, of at least, not below"
    )
    static let after = Lexicon.phrases(
        "after, since, later than, newer than, nach, seit, apres, depuis, despues de, desde, dopo, depois de, na, sinds, po, efter, sedan, from"
    )
    static let before = Lexicon.phrases(
        "before, until, earlier than, older than, vor, avant, antes de, antes del, prima di, prima del, voor, przed, fore, prior to, by")

    /// The conditions in the tokens that a check can decide, each on a field of the request or on one that is read for the check alone.
    func conditions(_ tokens: Phrase, fields: [Field]) -> (conditions: [Filter.Condition], extra: [Field]) {
        var out: [Filter.Condition] = []
        var extra: [Field] = []
        let keys = tokens.keys

        func named(_ name: String, _ type: FieldType) -> String {
            if let field = fields.first(where: { $0.name == name }) { return field.name }
            if type != .text, type != .boolean, let field = fields.first(where: { $0.type == type }) { return field.name }
            if !extra.contains(where: { $0.name == name }) { extra.append(Field(name: name, type: type)) }
            return name
        }
        /// The field that the words before a comparison name; else the one that the unit or the verb tells.
        func subject(before index: Int, unit: String?, isDate: Bool) -> String {
            let words = tokens[..<index].words
            if isDate {
                if let word = words.last, let field = fields.first(where: { $0.type == .date && $0.name.contains(word.prefix(4)) }) {
                    return field.name
                }
                return named("date", .date)
            }
            for field in fields where field.type != .text || words.contains(field.name) {
                let parts = field.name.split(separator: "_").map(String.init)
                if parts.contains(where: { part in words.contains { vocabulary.singular($0) == vocabulary.singular(part) || $0 == part } })
                {
                    return field.name
                }
            }
            if let unit, Lexicon.currencies[unit] != nil { return named("price", .money) }
            if let unit, unit.hasPrefix("star") { return named("rating", .number) }
            for word in words.reversed() {
                let single = vocabulary.singular(word)
                if ["cheaper", "costing", "cost", "price", "priced"].contains(single) { return named("price", .money) }
                if single == "rated" || single == "rating" { return named("rating", .number) }
                if let type = vocabulary.type(ofPhrase: [single]), [.number, .money, .duration].contains(type) {
                    return named(single, type)
                }
            }
            if let unit, !unit.isEmpty, Lexicon.units.contains(unit) == false,
                let type = vocabulary.type(ofPhrase: [vocabulary.singular(unit)]), type == .number
            {
                return named(vocabulary.singular(unit), .number)
            }
            return named("price", .money)
        }

        var index = tokens.startIndex
        while index < tokens.endIndex {
            guard let (comparison, length, isTime) = comparison(at: index, in: tokens) else {
                index += 1
                continue
            }
            var value = index + length
            var currency: String?
            while value < tokens.endIndex, let code = Lexicon.currencies[tokens[value].key] { (currency, value) = (code, value + 1) }
            while value < tokens.endIndex, vocabulary.role(tokens[value]) == .article { value += 1 }
            if isTime, let date = PromptDate.read(tokens[value...]) {
                out.append(.init(field: subject(before: index, unit: nil, isDate: true), comparison: comparison, value: date.text))
                index = value + date.length
                continue
            }
            guard value < tokens.endIndex, tokens[value].kind == .number, let amount = number(at: value, in: tokens) else {
                index += 1
                continue
            }
            var end = value + amount.length
            var unit: String?
            while end < tokens.endIndex, let code = Lexicon.currencies[tokens[end].key] {
                (currency, unit, end) = (code, tokens[end].key, end + 1)
            }
            if unit == nil, end < tokens.endIndex, tokens[end].kind == .word { unit = tokens[end].key }
            let isYear =
                currency == nil && PromptDate.isYear(amount.text)
                && (isTime || tokens[..<index].words.last.map(FilterPhrase.dated.contains) == true)
            let field = subject(before: index, unit: currency == nil ? unit : unit ?? "eur", isDate: isYear)
            out.append(.init(field: field, comparison: comparison, value: amount.text, currency: currency))
            // "between 10 and 50".
            if FilterPhrase.betweens.contains(tokens[index].key),
                let and = tokens[end...].firstIndex(where: { vocabulary.role($0) == .and || $0.isMark("-") })
            {
                var second = and + 1
                while second < tokens.endIndex, let code = Lexicon.currencies[tokens[second].key] {
                    (currency, second) = (code, second + 1)
                }
                if second < tokens.endIndex, let upper = number(at: second, in: tokens) {
                    end = second + upper.length
                    while end < tokens.endIndex, let code = Lexicon.currencies[tokens[end].key] { (currency, end) = (code, end + 1) }
                    let real = currency != nil ? subject(before: index, unit: "eur", isDate: false) : field
                    out[out.count - 1].field = real
                    out[out.count - 1].currency = currency
                    out.append(.init(field: real, comparison: .lessOrEqual, value: upper.text, currency: currency))
                }
            }
            index = max(end, index + 1)
        }

        if out.isEmpty, let place = place(tokens) {
            let name = fields.first {
                [
                    "location", "city", "place", "town", "country", "address", "venue", "ort", "stadt", "lieu", "ville", "ciudad", "luogo",
                    "citta", "cidade", "locatie", "miasto", "region", "area",
                ].contains($0.name)
            }?.name
            if name == nil { extra.append(Field(name: "location")) }
            out.append(.init(field: name ?? "location", comparison: .contains, value: place))
        }
        if out.isEmpty {
            let words = keys.filter { !["only", "that", "are", "is", "the", "which", "ones", "items", "those"].contains($0) }
            if let field = fields.first(where: { $0.type == .boolean && $0.name == FieldName.of(words) }) {
                out.append(.init(field: field.name, comparison: .equals, value: "true"))
            }
        }
        return (out, extra)
    }

    private static let betweens = Lexicon.set("between zwischen entre tra fra tussen mellan mellem miedzy")
    private static let dated = Lexicon.set("after before since in published released posted founded until built")

    private func comparison(at index: Int, in tokens: Phrase) -> (Filter.Condition.Comparison, length: Int, isTime: Bool)? {
        if FilterPhrase.betweens.contains(tokens[index].key) { return (.greaterOrEqual, 1, false) }
        for length in stride(from: min(4, tokens.endIndex - index), through: 1, by: -1) {
            let phrase = tokens[index..<index + length].keys.joined(separator: " ")
            let next = index + length
            let dateFollows = next < tokens.endIndex && PromptDate.read(tokens[next...]) != nil
            if FilterPhrase.after.contains(phrase), dateFollows {
                return (phrase == "since" || phrase == "from" ? .greaterOrEqual : .greater, length, true)
            }
            if FilterPhrase.before.contains(phrase), dateFollows { return (.less, length, true) }
            if FilterPhrase.less.contains(phrase) { return (.less, length, false) }
            if FilterPhrase.lessOrEqual.contains(phrase) { return (.lessOrEqual, length, false) }
            if FilterPhrase.greater.contains(phrase) { return (.greater, length, false) }
            if FilterPhrase.greaterOrEqual.contains(phrase), phrase != "from" || next < tokens.endIndex && tokens[next].kind == .number {
                return (.greaterOrEqual, length, false)
            }
        }
        return nil
    }

    /// "1,000", "1.5 million", "50k" as a plain decimal.
    private func number(at index: Int, in tokens: Phrase) -> (text: String, length: Int)? {
        guard tokens[index].kind == .number else { return nil }
        var digits = ""
        let scalars = Array(tokens[index].text.unicodeScalars)
        for (position, scalar) in scalars.enumerated() {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case ",", ".":
                // Three digits to the end, or to the next mark: thousands.
                let tail = scalars[(position + 1)...].prefix { ("0"..."9").contains($0) }.count
                if tail != 3 || scalars.first == "0" { digits += "." }
            default: return nil
            }
        }
        guard let value = Double(digits) else { return nil }
        var length = 1
        var factor = 1.0
        if index + 1 < tokens.endIndex {
            switch tokens[index + 1].key {
            case "k", "thousand", "tausend": (factor, length) = (1000, 2)
            case "m", "million", "mio", "mln", "millionen": (factor, length) = (1_000_000, 2)
            case "billion", "bn", "b": (factor, length) = (1_000_000_000, 2)
            default: break
            }
        }
        return (factor == 1 ? digits : JSON.double(value * factor).description, length)
    }

    /// The place after "in" or "near", where it is a name.
    private func place(_ tokens: Phrase) -> String? {
        guard let cut = tokens.firstIndex(where: { ["in", "near", "w", "en", "em", "a"].contains($0.key) && !$0.isPart }),
            cut + 1 < tokens.endIndex
        else { return nil }
        var names = tokens[(cut + 1)...].drop { vocabulary.role($0) == .article }
        names = names.prefix { $0.kind == .word && $0.text.unicodeScalars.first.map(Folding.isUpper) == true }
        if cut > tokens.startIndex, tokens[cut - 1].key == "not" { return nil }
        return names.isEmpty ? nil : FieldPhrase.text(names)
    }
}

/// A day, month or year as people write it in prompts.
enum PromptDate {
    static func isYear(_ text: String) -> Bool { text.utf8.count == 4 && Int(text).map { (1500...2200).contains($0) } == true }

    /// ISO form of the date that begins the tokens ("1 March 2024", "March 2024", "2024-03-01", "2024"), and how many tokens it takes.
    static func read(_ tokens: Phrase) -> (text: String, length: Int)? {
        var day: Int?
        var month: Int?
        var year: Int?
        var length = 0
        for token in tokens.prefix(5) {
            if token.kind == .number {
                let parts = token.text.split(whereSeparator: { "-/.".contains($0) })
                if parts.count == 3, let a = Int(parts[0]), let b = Int(parts[1]), let c = Int(parts[2]), length == 0 {
                    let (y, m, d) = a > 31 ? (a, b, c) : (c, b, a)
                    guard (1...12).contains(m), (1...31).contains(d), isYear(String(y)) else { return nil }
                    return (iso(y, m, d), 1)
                }
                guard let value = Int(token.text) else { break }
                if isYear(token.text), year == nil {
                    year = value
                } else if (1...31).contains(value), day == nil, year == nil {
                    day = value
                } else {
                    break
                }
            } else if token.kind == .word {
                if let value = months[String(token.key.prefix(3))], month == nil, isMonth(token.key) {
                    month = value
                } else if length > 0, ["st", "nd", "rd", "th", "of", "de"].contains(token.key) {
                    // "1st of March"
                } else {
                    break
                }
            } else if !(token.isMark(",", ".") && length > 0) {
                break
            }
            length += 1
            if year != nil { break }
        }
        if day != nil, month == nil { return nil }
        switch (year, month, day) {
        case (let y?, let m?, let d?): return (iso(y, m, d), length)
        case (let y?, let m?, nil): return ("\(y)-" + two(m), length)
        case (let y?, nil, nil): return ("\(y)", length)
        default: return nil
        }
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    private static func iso(_ y: Int, _ m: Int, _ d: Int) -> String { "\(y)-\(two(m))-\(two(d))" }

    private static let months: [String: Int] = [
        "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
        "mai": 5, "okt": 10, "dez": 12, "fev": 2, "avr": 4, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "gen": 1, "mag": 5, "giu": 6,
        "lug": 7, "set": 9, "ott": 10, "juin": 6, "mrt": 3, "mei": 5, "maa": 3, "out": 10, "dec.": 12,
    ]
    private static func isMonth(_ key: String) -> Bool {
        key.utf8.count <= 10 && !["market", "marked", "mayor", "set", "out", "ago", "second", "general", "section"].contains(key)
    }
}
