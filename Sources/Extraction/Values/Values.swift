package import Documents

/// From text to typed values, and the check that a value follows from its text.
///
/// Everything here is a function of its arguments. `read` chooses a transform by the field's type and the page's hints; `apply` runs a
/// transform by its name, so that evidence can be checked later with nothing but the text (and, for addresses, the page's base).
package enum Values {
    /// A value and where in the text it stands.
    package struct Reading: Sendable, Hashable {
        package var value: JSON
        /// Name of the function from the text at `range` to `value`.
        package var transform: String
        /// Unicode scalars of the text that was read. What stands there, alone, gives the same value.
        package var range: Range<Int>
    }

    /// The value that a whole text states; nil where it states none of that type.
    ///
    /// `isPrinted` is false for attributes and JSON, where numbers are written for programs and addresses are references.
    /// `choices` are the only values allowed for text.
    package static func read(
        _ text: String, as type: FieldType, hints: PageHints = PageHints(), isPrinted: Bool = true, choices: [String] = []
    ) -> Reading? {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count <= 200_000 else { return nil }
        if !choices.isEmpty {
            guard let choice = WordReader.choice(text, among: choices) else { return nil }
            return Reading(value: .string(choice), transform: Transform.choice.name, range: trimmed(scalars))
        }
        for transform in transforms(type, hints: hints, isPrinted: isPrinted, scalars) {
            if let reading = reading(scalars, transform, resolve: hints.resolve),
                let sure = confirmed(reading, scalars, transform, hints.resolve)
            {
                return simplest(sure, of: type, scalars, hints: hints)
            }
        }
        return nil
    }

    /// Every value of a type inside a text, in order and not overlapping. Only types that can be recognised are found: money, dates,
    /// durations, numbers, printed addresses, e-mail addresses, telephone numbers.
    package static func find(_ type: FieldType, in text: String, hints: PageHints = PageHints()) -> [Reading] {
        find(type, in: Array(text.unicodeScalars), hints: hints)
    }

    package static func find(_ type: FieldType, in scalars: [Unicode.Scalar], hints: PageHints = PageHints()) -> [Reading] {
        guard scalars.count <= 200_000 else { return [] }
        guard mayHold(type, scalars, hints), let transform = transforms(type, hints: hints, isPrinted: true, scalars).first else {
            return []
        }
        return findings(scalars, transform, hints: hints).compactMap { reading in
            confirmed(reading, scalars, transform, hints.resolve, widens: false).map { simplest($0, of: type, scalars, hints: hints) }
        }
    }

    /// The value that a transform makes of a text; nil where it makes none, or there is no transform of that name.
    /// `choice` needs the choice itself: see `follows`.
    package static func apply(_ transform: String, to text: String, resolve: (String) -> String? = { $0 }) -> JSON? {
        guard let transform = Transform(name: transform), transform != .choice else { return nil }
        return reading(Array(text.unicodeScalars), transform, resolve: resolve)?.value
    }

    /// Whether a value follows from a text by the named transform: the check behind every piece of evidence.
    package static func follows(
        _ value: JSON, from text: String, by transform: String, resolve: (String) -> String? = { $0 }
    ) -> Bool {
        if transform == Transform.choice.name {
            guard let choice = value.string else { return false }
            return WordReader.choice(text, among: [choice]) != nil
        }
        return apply(transform, to: text, resolve: resolve) == value
    }
}

// MARK: - Choosing a transform

extension Values {
    private static func transforms(_ type: FieldType, hints: PageHints, isPrinted: Bool, _ scalars: [Unicode.Scalar]) -> [Transform] {
        let style = isPrinted ? hints.numberStyle : .plain
        switch type {
        case .text:
            let isMarkup = !isPrinted && looksLikeMarkup(scalars)
            return [.text(isMarkup: isMarkup)]
        case .number: return [.number(style)]
        case .money:
            // English pages group with spaces in no price, but "1.234" is money in none either: the open reading suits both.
            let style = style == .point ? .open : style
            return [.money(style, currency: hints.currency)]
        case .date: return [.date(order: hints.isDayFirst.map { $0 ? .dayFirst : .monthFirst }, today: hints.today)]
        case .duration: return [.duration]
        case .url: return [.url(isReference: !isPrinted)]
        case .image:
            return isPrinted ? [.image(isReference: false, isSet: false)] : [.image(isReference: true, isSet: looksLikeSet(scalars))]
        case .email: return [.email]
        case .phone: return [.phone]
        case .address: return [.address]
        case .boolean: return [.boolean]
        case .list, .object: return []
        }
    }

    /// The same value by the plain transform, where the hints didn't matter; and the page's country for an open currency, where they do.
    private static func simplest(_ reading: Reading, of type: FieldType, _ scalars: [Unicode.Scalar], hints: PageHints) -> Reading {
        let cut = Array(scalars[reading.range])
        func same(_ transform: Transform) -> Reading? {
            guard let other = self.reading(cut, transform, resolve: hints.resolve), other.value == reading.value else { return nil }
            return Reading(value: reading.value, transform: transform.name, range: reading.range)
        }
        switch type {
        case .number: return same(.number(.open)) ?? reading
        case .date:
            return same(.date(order: nil, today: nil)) ?? same(
                .date(order: hints.isDayFirst.map { $0 ? .dayFirst : .monthFirst }, today: nil)) ?? reading
        case .money:
            if hints.currency == nil, let local = hints.countryCurrency, case .money(let style, nil) = Transform(name: reading.transform),
                let found = MoneyReader(scalars: cut, style: style, isWhole: true).whole(), found.hasCurrency, found.code != local,
                found.candidates.count > 1, found.candidates.contains(local)
            {
                let transform = Transform.money(style, currency: local)
                if let other = self.reading(cut, transform, resolve: hints.resolve) {
                    return Reading(value: other.value, transform: transform.name, range: reading.range)
                }
            }
            return same(.money(.open, currency: nil)) ?? same(.money(.open, currency: hints.currency)) ?? reading
        default: return reading
        }
    }

    /// A reading whose own cut gives the same value, which is what evidence needs; the cut is widened to the whole text where it doesn't.
    private static func confirmed(
        _ reading: Reading, _ scalars: [Unicode.Scalar], _ transform: Transform, _ resolve: (String) -> String?, widens: Bool = true
    ) -> Reading? {
        if self.reading(Array(scalars[reading.range]), transform, resolve: resolve)?.value == reading.value { return reading }
        let whole = trimmed(scalars)
        guard widens, self.reading(Array(scalars[whole]), transform, resolve: resolve)?.value == reading.value else { return nil }
        return Reading(value: reading.value, transform: reading.transform, range: whole)
    }

    /// Whether a text has the signs without which there is no value of a type: most lines of most pages have not.
    private static func mayHold(_ type: FieldType, _ scalars: [Unicode.Scalar], _ hints: PageHints) -> Bool {
        switch type {
        case .money, .number, .phone, .duration: scalars.contains(where: isNumeric)
        case .date: hints.today != nil || scalars.contains(where: isNumeric)
        case .email: scalars.contains("@")
        case .url, .image: scalars.contains { $0 == ":" || $0 == "w" || $0 == "W" }
        default: false
        }
    }

    private static func isNumeric(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return scalar.value >= 0x30 && scalar.value <= 0x39 }
        return Glyph.digit(scalar) != nil || (0xBC...0xBE).contains(scalar.value) || (0x2150...0x215E).contains(scalar.value)
    }

    private static func looksLikeMarkup(_ scalars: [Unicode.Scalar]) -> Bool {
        var hasAmpersand = false
        var hasOpening = false
        for scalar in scalars {
            if scalar == "&" { hasAmpersand = true }
            if scalar == ";", hasAmpersand { return true }
            if scalar == "<" { hasOpening = true }
            if scalar == ">", hasOpening { return true }
        }
        return false
    }

    private static func looksLikeSet(_ scalars: [Unicode.Scalar]) -> Bool {
        let text = scalars[trimmed(scalars)]
        guard let space = text.firstIndex(where: Glyph.isSpace) else { return false }
        let descriptor = text[space...].drop(while: Glyph.isSpace).prefix { !Glyph.isSpace($0) && $0 != "," }
        guard let unit = descriptor.last, unit == "w" || unit == "x" || unit == "h" else { return false }
        return descriptor.dropLast().allSatisfy { Glyph.digit($0) != nil || $0 == "." }
    }

    private static func trimmed(_ scalars: [Unicode.Scalar]) -> Range<Int> {
        var low = 0
        var high = scalars.count
        while low < high, Glyph.isSpace(scalars[low]) { low += 1 }
        while low < high, Glyph.isSpace(scalars[high - 1]) { high -= 1 }
        return low..<high
    }
}

// MARK: - Running a transform

extension Values {
    private static func reading(_ scalars: [Unicode.Scalar], _ transform: Transform, resolve: (String) -> String?) -> Reading? {
        let all = trimmed(scalars)
        func found(_ value: JSON?, _ range: Range<Int>) -> Reading? {
            value.map { Reading(value: $0, transform: transform.name, range: range) }
        }
        switch transform {
        case .text(let isMarkup):
            let text = Glyph.string(scalars)
            let tidy = Glyph.tidy(isMarkup ? Markup.text(text) : text)
            return tidy.isEmpty ? nil : found(.string(tidy), all)
        case .address:
            let tidy = Glyph.tidy(Glyph.string(scalars))
            return tidy.unicodeScalars.contains(where: Glyph.isLetter) ? found(.string(tidy), all) : nil
        case .number(let style):
            guard let number = MeasureReader(scalars: scalars, style: style).whole() else { return nil }
            return found(.number(number.amount.canonical), number.range)
        case .money(let style, let currency):
            guard let money = MoneyReader(scalars: scalars, style: style, isWhole: true).whole() else { return nil }
            return found(json(money, currency: currency), money.range)
        case .date(let order, let today):
            guard let date = DateReader(scalars, order: order, today: today, isWhole: true).whole() else { return nil }
            return found(.string(date.text), date.range)
        case .duration:
            guard let duration = DurationReader(scalars, isWhole: true).whole() else { return nil }
            return found(.string(duration.text), duration.range)
        case .url(isReference: false), .image(isReference: false, isSet: false):
            guard let range = LinkReader.printed(Array(scalars[all]), isWhole: true).first else { return nil }
            let shifted = range.lowerBound + all.lowerBound..<range.upperBound + all.lowerBound
            return found(LinkReader.absolute(printed: Glyph.string(scalars[shifted])).map(JSON.string), shifted)
        case .url, .image(isReference: _, isSet: false):
            return found(LinkReader.absolute(reference: Glyph.string(scalars), resolve: resolve).map(JSON.string), all)
        case .image(isReference: _, isSet: true):
            guard let range = LinkReader.largest(srcset: scalars) else { return nil }
            return found(LinkReader.absolute(reference: Glyph.string(scalars[range]), resolve: resolve).map(JSON.string), all)
        case .email:
            guard let range = ContactReader.emails(scalars).first else { return nil }
            return found(.string(Glyph.string(scalars[range])), range)
        case .phone:
            guard let range = ContactReader.phones(scalars, isWhole: true).first else { return nil }
            return found(.string(ContactReader.canonicalPhone(Glyph.string(scalars[range]))), range)
        case .boolean: return found(WordReader.boolean(Glyph.string(scalars)).map(JSON.bool), all)
        case .choice: return nil
        }
    }

    private static func findings(_ scalars: [Unicode.Scalar], _ transform: Transform, hints: PageHints) -> [Reading] {
        func reading(_ value: JSON?, _ range: Range<Int>) -> Reading? {
            value.map { Reading(value: $0, transform: transform.name, range: range) }
        }
        switch transform {
        case .number(let style):
            return MeasureReader(scalars: scalars, style: style).all().compactMap { reading(.number($0.amount.canonical), $0.range) }
        case .money(let style, let currency):
            return MoneyReader(scalars: scalars, style: style).all().compactMap { reading(json($0, currency: currency), $0.range) }
        case .date(let order, let today):
            return DateReader(scalars, order: order, today: today).all().compactMap { reading(.string($0.text), $0.range) }
        case .duration: return DurationReader(scalars).all().compactMap { reading(.string($0.text), $0.range) }
        case .url(isReference: false), .image(isReference: false, isSet: false):
            return LinkReader.printed(scalars).compactMap { range in
                reading(LinkReader.absolute(printed: Glyph.string(scalars[range])).map(JSON.string), range)
            }
        case .email: return ContactReader.emails(scalars).compactMap { reading(.string(Glyph.string(scalars[$0])), $0) }
        case .phone:
            return ContactReader.phones(scalars).compactMap { range in
                reading(.string(ContactReader.canonicalPhone(Glyph.string(scalars[range]))), range)
            }
        default: return []
        }
    }

    private static func json(_ money: MoneyReader.Found, currency: String?) -> JSON {
        var code = money.code
        if let currency, !money.hasCurrency || (money.candidates.count > 1 && money.candidates.contains(currency)) { code = currency }
        return .object([.init("amount", .string(money.amount.text)), .init("currency", code.map(JSON.string) ?? .null)])
    }
}
