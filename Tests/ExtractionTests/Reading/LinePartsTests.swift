import Testing

@testable import Extraction

struct LinePartsTests {
    private func classed(_ text: String) -> (ClassedText, Range<Int>) {
        var result = ClassedText()
        result.append(text.unicodeScalars)
        return (result, 0..<result.count)
    }

    /// A label before a colon is parted from its value; times and addresses are no labels.
    @Test(arguments: [
        ("Color: dark red", "Color|dark red"), ("Color:red", "Color|red"), ("10:30", nil), ("Room 12: free", "Room 12|free"),
        ("http://example.org", nil), ("ends with:", nil), (": starts", nil), ("none", nil),
        ("a label of more than forty-five characters is none: x", nil),
    ] as [(String, String?)])
    func leadingLabels(line: String, expected: String?) {
        let (text, range) = classed(line)
        let found = LineParts.leadingLabel(text, range).map { "\(text.string($0.label))|\(text.string($0.value))" }
        #expect(found == expected)
    }

    /// Several labels in a line are found between its separators, or before the next label.
    @Test(arguments: [
        ("Size: L | Color: dark red", ["Size|L", "Color|dark red"]),
        ("Size: L, Color: red", ["Size|L", "Color|red"]),
        ("Born: 1815 - Died: 1852", ["Born|1815 - Died: 1852"]),
        ("no labels here", []),
    ])
    func innerLabels(line: String, expected: [String]) {
        let (text, range) = classed(line)
        #expect(LineParts.innerLabels(text, range).map { "\(text.string($0.label))|\(text.string($0.value))" } == expected)
    }

    /// Bars, bullets, and dashes with space around part a line; a dash stays with what follows it.
    @Test(arguments: [
        ("Berlin | Germany", ["Berlin", "Germany"]), ("a • b•c", ["a", "b", "c"]), ("Oak chair - Shop", ["Oak chair", "- Shop"]),
        ("well-known", ["well-known"]), ("9–5", ["9–5"]),
    ])
    func separators(line: String, expected: [String]) {
        let (text, range) = classed(line)
        #expect(LineParts.separated(text, range).map { text.string(text.trimmed($0)) } == expected)
    }

    /// Parentheses at the end of a line are parted from what stands before.
    @Test(arguments: [
        ("Forrest Gump (1994)", "Forrest Gump|1994"), ("Ada (née Byron) King", nil), ("f()", nil), ("a (b) (c)", "a (b)|c"),
    ] as [(String, String?)])
    func parentheses(line: String, expected: String?) {
        let (text, range) = classed(line)
        let found = LineParts.parenthesised(text, range).map { "\(text.string($0.outside))|\(text.string($0.inside))" }
        #expect(found == expected)
    }

    /// "by", "posted" and their like end where the value begins.
    @Test(arguments: [
        ("By Ada Lovelace", "Ada Lovelace"), ("Posted: 3 days ago", "3 days ago"), ("written by Ada", "Ada"), ("Bystander", nil),
        ("by", nil), ("Serves 4", "4"),
    ] as [(String, String?)])
    func prepositions(line: String, expected: String?) {
        let (text, range) = classed(line)
        #expect(LineParts.afterPreposition(text, range).map { text.string($0..<range.upperBound) } == expected)
    }

    /// Capitalised runs end before a lower-case word and drop signs and lone capitals at the end.
    @Test(arguments: [
        ("we met Ada Lovelace in London", ["Ada Lovelace", "London"]), ("Acme Inc. sells", ["Acme Inc"]), ("John F", ["John"]),
        ("the Bank of America", ["Bank of A"]), ("Smith (Jr)", ["Smith", "Jr)"]), ("A b", []),
    ])
    func capitals(line: String, expected: [String]) {
        let (text, range) = classed(line)
        #expect(LineParts.capitalised(text, range).map { text.string($0) } == expected)
    }

    private static let shapes: [String: Pattern] = [
        "phone": TextShapes.phone, "email": TextShapes.email, "price": TextShapes.price, "date": TextShapes.date,
        "number": TextShapes.number, "zip": TextShapes.zip, "postcode": TextShapes.postcode,
    ]

    /// Shapes are found wherever they stand, whole, and not inside longer words and numbers.
    @Test(arguments: [
        ("phone", "call (555) 123-4567 now", ["(555) 123-4567"]), ("phone", "+49 30 1234567", ["+49 30 1234567"]),
        ("phone", "555-123-4567 ext. 12", ["555-123-4567 ext. 12"]), ("phone", "order12345678", []),
        ("email", "a.b@example.co.uk, c@d.org.", ["a.b@example.co.uk", "c@d.org"]), ("email", "a@b", []),
        ("price", "now $1,299.00 or 5 €", ["$1,299.00", "5 €"]), ("price", "USD 20", ["USD 20"]), ("price", "12.50", []),
        ("date", "on May 3rd, 2024 at", ["May 3rd, 2024"]), ("date", "2024-05-03T10:00Z", ["2024-05-03T10:00Z"]),
        ("date", "Mon, 3 Sept 2024", ["3 Sept 2024"]), ("date", "03/05/24 and 3.5.2024", ["03/05/24", "3.5.2024"]),
        ("date", "december 1999", ["december 1999"]), ("date", "Decide 2024", ["Decide 2024"]),
        ("number", "3 of 1,200 a4 v2.0", ["3", "1,200"]), ("number", "12a", []),
        ("zip", "62704-1234 and 123456", ["62704-1234"]), ("postcode", "London SW1A 1AA", ["SW1A 1AA"]),
        ("postcode", "K1A 0B1", ["K1A 0B1"]),
    ])
    func shapesInText(name: String, line: String, expected: [String]) throws {
        let (text, range) = classed(line)
        let shape = try #require(LinePartsTests.shapes[name])
        #expect(shape.matches(in: text, range).map { text.string($0.range) } == expected)
    }

    /// City, state and code are captured apart.
    @Test func cityStateZip() throws {
        let (text, range) = classed("12 Main St, Salt Lake City, UT 84101-1234 USA")
        let found = try #require(TextShapes.cityStateZip.first(in: text, range))
        #expect(found.captures.prefix(3).map { text.string($0) } == ["Salt Lake City", "UT", "84101-1234"])
    }

    /// A short text is told by its shape.
    @Test(arguments: [
        ("$19.99", [.price]), ("only $19.99 today", [.hasPrice]), ("May 3, 2024", [.date]),
        ("updated on May 3, 2024 by the author", [.hasDate, .middle]),
        ("555-123-4567", [.phone, .numberWithUnit, .code]), ("a@example.org", [.email]), ("1,200", [.number]), ("3 kg", [.numberWithUnit]),
        ("62704", [.number, .zip, .code]), ("AB-123", [.code]), ("https://example.org/a", [.url]), ("/a/b", [.url]),
        ("Ada Lovelace", [.name]), ("ada Lovelace", []),
        ("one two three four five six seven eight", [.middle]),
    ] as [(String, [TextType])])
    func typesOfText(value: String, expected: [TextType]) {
        let (text, range) = classed(value)
        #expect(TextShapes.types(of: text, range) == expected)
    }

    /// Words part at signs, at capitals inside a word and at digits; plural endings don't count.
    @Test func words() {
        let words = Words.list("hiringOrganization.name_2 isbn13 HTMLParser café")
        #expect(words == ["hiring", "organization", "name", "2", "isbn", "13", "htmlparser", "caf"])
        #expect(Words.hash(ofStem: Array("titles".utf8)) == Words.hash(ofStem: Array("title".utf8)))
        #expect(Words.hash(ofStem: Array("class".utf8)) != Words.hash(ofStem: Array("clas".utf8)))
    }
}
