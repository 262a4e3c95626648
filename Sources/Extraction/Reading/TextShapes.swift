/// Spans that their characters give away: phone numbers, prices, dates, postal codes …
enum TextShapes {
    private static let any = 0...Int.max
    private static let many = 1...Int.max
    private static let gap = ScalarSet(".-", classes: .space)

    static let phone = Pattern(
        .notBehind(ScalarSet(".", classes: .word)),
        .maybe(.sequence([.maybe(.one(ScalarSet("+"))), .run(.digit, 1...3), .maybe(.one(gap))])),
        .either([
            .sequence([.one(ScalarSet("(")), .run(.digit, 2...4), .one(ScalarSet(")")), .maybe(.one(gap))]),
            .sequence([.run(.digit, 2...4), .one(ScalarSet("./-", classes: .space))]),
        ]),
        .run(.digit, 2...4), .maybe(.one(gap)), .run(.digit, 2...4),
        .maybe(.sequence([.one(gap), .run(.digit, 2...4)])),
        .maybe(
            .sequence([
                .maybe(.one(.space)), .either([.exactly("x"), .sequence([.exactly("ext"), .maybe(.one(ScalarSet(".")))])]),
                .maybe(.one(.space)), .run(.digit, 1...5),
            ])),
        .notAhead(.word))

    /// Only worth a look where an "@" stands.
    static let email = Pattern(
        .run(ScalarSet(".+-", classes: .word), many), .one(ScalarSet("@")), .run(ScalarSet("-", classes: .word), many),
        .one(ScalarSet(".")), .run(ScalarSet(".-", classes: .word), any), .one(.word))

    private static let currency = ScalarSet("$€£¥₹")
    private static let amount = ScalarSet("., \u{202F}\u{A0}", classes: .digit)

    static let price = Pattern(
        .either([
            .sequence([
                .either([
                    .one(currency),
                    .sequence([
                        .either([
                            .exactly("USD"), .exactly("EUR"), .exactly("GBP"), .exactly("CHF"), .exactly("AUD"), .exactly("CAD"),
                            .sequence([.exactly("Rs"), .maybe(.one(ScalarSet(".")))]), .exactly("kr"), .exactly("zł"), .exactly("R$"),
                        ]),
                        .maybe(.one(.space)),
                    ]),
                ]),
                .maybe(.one(.space)), .one(.digit), .run(amount, any), .one(.digit),
            ]),
            .sequence([.one(currency), .maybe(.one(.space)), .one(.digit)]),
            .sequence([
                .one(.digit), .run(amount, any), .maybe(.one(.space)),
                .either([
                    .exactly("€"), .exactly("£"), .exactly("zł"), .exactly("kr"), .exactly("USD"), .exactly("EUR"), .exactly("Kč"),
                    .exactly("руб"), .exactly("₽"), .exactly("лв"),
                ]),
            ]),
        ]))

    private static let month: Pattern.Part = .sequence([
        .either("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(separator: " ").map { .letters(String($0)) }),
        .run(.letter, any), .maybe(.one(ScalarSet("."))),
    ])
    private static let ordinal: Pattern.Part = .maybe(.either([.letters("ST"), .letters("ND"), .letters("RD"), .letters("TH")]))
    private static let comma: Pattern.Part = .maybe(.one(ScalarSet(",")))
    private static let spaceOrDash = ScalarSet("-", classes: .space)

    static let date = Pattern(
        .either([
            .sequence([
                .run(.digit, 4...4), .one(ScalarSet("-")), .run(.digit, 2...2), .one(ScalarSet("-")), .run(.digit, 2...2),
                .maybe(.sequence([.one(ScalarSet("Tt")), .run(ScalarSet(":.+Zz-", classes: .digit), many)])),
            ]),
            .sequence([
                .maybe(
                    .sequence([
                        .either("Mon Tue Wed Thu Fri Sat Sun".split(separator: " ").map { .letters(String($0)) }),
                        .run(.letter, any), comma, .run(.space, many),
                    ])),
                month, .run(.space, many), .run(.digit, 1...2), ordinal, comma, .run(.space, many), .run(.digit, 4...4),
            ]),
            .sequence([
                .run(.digit, 1...2), ordinal, .run(spaceOrDash, many), month, comma, .run(spaceOrDash, many), .run(.digit, 2...4),
            ]),
            .sequence([
                .run(.digit, 1...2), .one(ScalarSet("/.-")), .run(.digit, 1...2), .one(ScalarSet("/.-")), .run(.digit, 2...4),
            ]),
            .sequence([month, .run(.space, many), .run(.digit, 4...4)]),
        ]))

    static let number = Pattern(
        .notBehind(ScalarSet(".,", classes: .word)), .one(.digit), .run(ScalarSet(".,", classes: .digit), any), .notAhead(.word))

    private static let zipCode: Pattern.Part = .sequence([
        .run(.digit, 5...5), .maybe(.sequence([.one(ScalarSet("-")), .run(.digit, 4...4)])),
    ])
    static let zip = Pattern(.notBehind(.digit), zipCode, .notAhead(.digit))

    private static let capitalOrDigit = ScalarSet.capital.union(.digit)
    /// Postal codes of the United Kingdom and Canada.
    static let postcode = Pattern(
        .wordBoundary,
        .either([
            .sequence([
                .run(.capital, 1...2), .one(.digit), .maybe(.one(capitalOrDigit)), .one(ScalarSet(" ")), .one(.digit),
                .run(.capital, 2...2),
            ]),
            .sequence([
                .one(.capital), .one(.digit), .one(.capital), .one(ScalarSet(" ")), .one(.digit), .one(.capital), .one(.digit),
            ]),
        ]),
        .wordBoundary)

    private static let states = [
        "Alabama", "Alaska", "Arizona", "California", "Colorado", "Connecticut", "Florida", "Georgia", "Illinois", "Indiana", "Maryland",
        "Massachusetts", "Michigan", "Minnesota", "New York", "New Jersey", "North Carolina", "Ohio", "Oregon", "Pennsylvania", "Texas",
        "Virginia", "Washington", "Wisconsin",
    ]
    /// "Springfield, IL 62704": captures city, state and code. Only worth a look where five digits stand in a row.
    static let cityStateZip = Pattern(
        .capture(
            0,
            .sequence([.one(.capital), .shortestRun(ScalarSet.letter.union(ScalarSet(".'-", classes: .space)), many)])),
        comma, .run(.space, many),
        .capture(1, .either([.run(.capital, 2...2)] + states.map { .exactly($0) })),
        .maybe(.one(ScalarSet("."))), comma, .run(.space, many),
        .capture(2, zipCode), .wordBoundary)

    // MARK: Types of a whole text

    private static let typeLimit = 60

    static func types(of text: ClassedText, _ range: Range<Int>) -> [TextType] {
        var types: [TextType] = []
        guard let first = range.first else { return types }
        let hasDigit = text.digitCount(range) > 0
        let isSingleWord = !range.contains { text.scalars[$0] == " " || text.scalars[$0] == "\n" }
        if range.count <= typeLimit {
            if hasDigit {
                if price.matchesWholly(text, range) {
                    types.append(.price)
                } else if price.first(in: text, range) != nil {
                    types.append(.hasPrice)
                }
                if let found = date.first(in: text, range) {
                    types.append(Double(found.range.count) >= 0.6 * Double(range.count) ? .date : .hasDate)
                }
                if text.digitCount(range) >= 7, phone.matchesWholly(text, range) { types.append(.phone) }
            }
            if range.contains(where: { text.scalars[$0] == "@" }), email.matchesWholly(text, range) { types.append(.email) }
            switch leadingNumber(text, range) {
            case .whole: types.append(.number)
            case .followed: types.append(.numberWithUnit)
            case .none: break
            }
            if hasDigit, zip.matchesWholly(text, range) { types.append(.zip) }
            if hasDigit, isCode(text, range) { types.append(.code) }
        }
        if isSingleWord, isAddress(text, range) { types.append(.url) }
        let words = text.wordCount(range)
        if words >= 20 { types.append(.long) } else if words >= 8 { types.append(.middle) }
        let startsLow = { (at: Int) in
            !text.isSpace(at) && !text.classes[at].contains(.upper) && (at == first || text.isSpace(at - 1))
        }
        if (2...4).contains(words), !hasDigit, !range.contains(where: startsLow) { types.append(.name) }
        return types
    }

    private enum LeadingNumber { case none, whole, followed }

    /// Digits, points and commas at the start: the whole text, or with something that may be a unit after them.
    private static func leadingNumber(_ text: ClassedText, _ range: Range<Int>) -> LeadingNumber {
        let set = ScalarSet(".,", classes: .digit)
        var at = range.lowerBound
        while at < range.upperBound, set.contains(text, at) { at += 1 }
        if at == range.lowerBound { return .none }
        if at == range.upperBound { return .whole }
        // A digit after the first of them may count as the unit, as the learned rule had it.
        if ((range.lowerBound + 1)..<at).contains(where: { text.classes[$0].contains(.word) }) { return .followed }
        while at < range.upperBound, text.isSpace(at) { at += 1 }
        return at < range.upperBound && text.classes[at].contains(.word) ? .followed : .none
    }

    private static func isCode(_ text: ClassedText, _ range: Range<Int>) -> Bool {
        let starts = ScalarSet("0123456789").union(.capital)
        let set = starts.union(ScalarSet("-_/."))
        return range.count >= 4 && starts.contains(text, range.lowerBound) && range.allSatisfy { set.contains(text, $0) }
    }

    private static func isAddress(_ text: ClassedText, _ range: Range<Int>) -> Bool {
        func begins(_ prefix: String) -> Bool { text.slice(range).starts(with: prefix.unicodeScalars) }
        if begins("http://") || begins("https://") { return true }
        let second = range.lowerBound + 1
        return range.count > 1 && text.scalars[range.lowerBound] == "/"
            && (text.scalars[second] == "/" || text.classes[second].contains(.word))
    }
}
