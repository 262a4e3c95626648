import Documents
import Extraction
import Foundation
import TestMaterial
import Testing

@Suite struct ValuesTests {
    private func read(_ text: String, _ type: FieldType, _ language: String = "", isPrinted: Bool = true) -> String? {
        Values.read(text, as: type, hints: PageHints(language: language), isPrinted: isPrinted)?.value.description
    }

    /// Numbers of any country, ratings, percentages and magnitudes.
    @Test(arguments: [
        ("1,234.5", "1234.5"), ("1.234,5", "1234.5"), ("1 234,5", "1234.5"), ("1'234", "1234"), ("12,5 %", "12.5"), ("4.5 out of 5", "4.5"),
        ("Rated 4.5 out of 5 based on 120 reviews", "4.5"), ("4,5 von 5 Sternen", "4.5"), ("4.5/5", "4.5"), ("1.2k", "1200"),
        ("3M", "3000000"),
        ("(1,234 reviews)", "1234"), ("-5 °C", "-5"), ("−5", "-5"), ("½", "0.5"), ("1½", "1.5"), ("2.5 million", "2500000"), ("007", "7"),
        ("12.50", "12.5"),
        ("٣٤", "34"), ("12,34,567", "1234567"), ("3.456.789", "3456789"), ("1.2万", "12000"), ("approx. 40 kg", "40"), ("4.8 (120)", "4.8"),
        ("0.125", "0.125"),
    ])
    func number(text: String, expected: String) {
        #expect(read(text, .number) == expected)
    }

    /// A lone mark before three digits is read as the page's language has it, and the transform says so.
    @Test func loneMark() {
        #expect(read("1.234", .number, "en") == "1.234")
        #expect(read("1.234", .number, "de") == "1234")
        #expect(read("1,234", .number, "de") == "1.234")
        #expect(Values.read("1.234", as: .number, hints: PageHints(language: "de"))?.transform == "number.comma")
        #expect(read("1.234", .number, "de", isPrinted: false) == "1.234")
        #expect(read("1.5e3", .number, isPrinted: false) == "1500")
    }

    /// Texts that state no single number.
    @Test(arguments: ["", "none", "12:30", "1/2", "10-20", "save 20 on 3", "X200", "2024-03-05", "1.2.3"])
    func noNumber(text: String) {
        #expect(read(text, .number) == nil)
    }

    /// Durations in words, on clocks and in ISO 8601 have one form.
    @Test(arguments: [
        ("1 h 30 min", "PT1H30M"), ("90 minutes", "PT1H30M"), ("1:30:00", "PT1H30M"), ("PT1H30M", "PT1H30M"), ("PT90M", "PT1H30M"),
        ("1h30", "PT1H30M"),
        ("1.5 hours", "PT1H30M"), ("1 ½ hours", "PT1H30M"), ("1 hr. 30 mins", "PT1H30M"), ("1 Std. 30 Min.", "PT1H30M"),
        ("1 heure et 30 minutes", "PT1H30M"),
        ("1 hora y 30 minutos", "PT1H30M"), ("1 ora e 30 minuti", "PT1H30M"), ("1 час 30 минут", "PT1H30M"), ("1時間30分", "PT1H30M"),
        ("half an hour", "PT30M"),
        ("45 min", "PT45M"), ("1:30 h", "PT1H30M"), ("3:45 min", "PT3M45S"), ("3 weeks", "P3W"), ("2 days 3 hours", "P2DT3H"),
        ("36 hours", "PT36H"),
        ("P1Y2M10DT2H30M", "P1Y2M10DT2H30M"), ("P0D", "PT0S"), ("15-20 minutes", "PT15M"), ("Total time: 1 hour, 15 minutes", "PT1H15M"),
        ("2 años", "P2Y"),
        ("an hour", "PT1H"), ("PT0.5S", "PT0.5S"), ("18 months", "P18M"),
    ])
    func duration(text: String, expected: String) {
        #expect(Values.read(text, as: .duration)?.value.string == expected)
    }

    /// What states no duration.
    @Test(arguments: ["", "1:30", "90", "P", "PT", "Part 1", "5 apples", "12:30:00 UTC", "quickly", "0-15 minutes"])
    func noDuration(text: String) {
        #expect(Values.read(text, as: .duration) == nil)
    }

    /// Addresses of people: e-mail, telephone, post.
    @Test(arguments: [
        ("Write to ann.lee+x@mail.example.co.uk.", FieldType.email, "ann.lee+x@mail.example.co.uk"),
        ("mailto:a@b.example?subject=x", .email, "a@b.example"),
        ("+49 (0)30 123-456", .phone, "+4930123456"), ("0049 30 123456", .phone, "+4930123456"),
        ("(555) 123-4567", .phone, "(555) 123-4567"),
        ("Tel.: 030 / 12 34 56", .phone, "030 / 12 34 56"), ("tel:+1-555-123-4567", .phone, "+15551234567"),
        ("1 Main St\n  Springfield ", .address, "1 Main St Springfield"), ("  a\u{A0}\u{200B} b\u{301} ", .text, "a b\u{301}"),
    ])
    func contact(text: String, type: FieldType, expected: String) {
        #expect(Values.read(text, as: type)?.value == .string(expected))
    }

    /// What only looks like an e-mail address or a telephone number.
    @Test(arguments: [
        ("icon@2x.png", FieldType.email), ("@ann", .email), ("a@b", .email), ("12.03.2024", .phone), ("12345", .phone),
        ("2024-03-05", .phone), ("call us", .phone),
        ("123", .address),
    ])
    func noContact(text: String, type: FieldType) {
        #expect(Values.read(text, as: type) == nil)
    }

    /// Addresses of pages: as printed, or as references that the page resolves; never a script or a placeholder.
    @Test func links() {
        let hints = PageHints(resolve: { $0.contains(":") ? $0 : "https://example.com/" + $0 })
        func read(_ text: String, _ type: FieldType, _ isPrinted: Bool) -> String? {
            Values.read(text, as: type, hints: hints, isPrinted: isPrinted)?.value.string
        }
        #expect(read("See https://example.com/a(b)?x=1.", .url, true) == "https://example.com/a(b)?x=1")
        #expect(read("www.example.com", .url, true) == "https://www.example.com")
        #expect(read("example.com/path", .url, true) == "https://example.com/path")
        #expect(read("Read more", .url, true) == nil)
        #expect(read(" item/5 ", .url, false) == "https://example.com/item/5")
        #expect(read("javascript:void(0)", .url, false) == nil)
        #expect(read("data:image/gif;base64,R0", .image, false) == nil)
        #expect(read("a.jpg 320w, b.jpg 1280w, c.jpg 640w", .image, false) == "https://example.com/b.jpg")
        #expect(Values.read("item/5", as: .url, hints: hints, isPrinted: false)?.transform == "url.ref")
    }

    /// Inside text, letters that stand for other things too are no units, and codes no telephone numbers.
    @Test(arguments: [
        ("a 3D printer, 5m cable", FieldType.duration), ("Unit 101-1305", .phone), ("item 54864381-00000-2", .phone),
        ("1 234 567 people", .phone),
    ])
    func notFound(text: String, type: FieldType) {
        #expect(Values.find(type, in: text).isEmpty)
    }

    /// Truth from words of several languages, and only from words.
    @Test(arguments: [
        ("Yes", true), ("no", false), ("In stock", true), ("Out of stock", false), ("In stock (5 left)", true), ("Nicht verfügbar", false),
        ("auf Lager", true),
        ("Rupture de stock", false), ("En stock", true), ("В наличии", true), ("нет в наличии", false),
        ("https://schema.org/InStock", true),
        ("http://schema.org/OutOfStock", false), ("agotado", false), ("在庫あり", true), ("Skladem", true), ("Není skladem", false),
        ("Sold out!", false),
    ])
    func truth(text: String, expected: Bool) {
        #expect(Values.read(text, as: .boolean)?.value == .bool(expected))
    }

    @Test(arguments: ["", "maybe", "1", "✓", "5 left", "Available soon"])
    func noTruth(text: String) {
        #expect(Values.read(text, as: .boolean) == nil)
    }

    /// A field with choices takes nothing else, and is spelled as its choice.
    @Test func choices() {
        let choices = ["full-time", "Part time", "InStock"]
        func read(_ text: String) -> String? { Values.read(text, as: .text, choices: choices)?.value.string }
        #expect(read("Full Time") == "full-time")
        #expect(read(" PART  TIME ") == "Part time")
        #expect(read("https://schema.org/InStock") == "InStock")
        #expect(read("contract") == nil)
        #expect(Values.follows(.string("full-time"), from: "Full Time", by: "choice"))
        #expect(!Values.follows(.string("full-time"), from: "contract", by: "choice"))
    }

    /// Markup inside JSON strings is no part of the text, and the transform says that it was taken out.
    @Test func markup() {
        let reading = Values.read("<p>Tom &amp; <b>Jer</b>ry</p><p>x</p>", as: .text, isPrinted: false)
        #expect(reading?.value == .string("Tom & Jerry x"))
        #expect(reading?.transform == "text.html")
        #expect(Values.read("a < b & c", as: .text, isPrinted: false)?.transform == "text")
    }

    /// Every value that is found follows from its own cut, by the transform it names, and from nothing with other digits.
    @Test(arguments: ["", "en", "en-US", "de", "fr-CA", "sv"])
    func foundFollows(language: String) {
        let hints = PageHints(language: language, host: "shop.example.com", today: CalendarDay(year: 2024, month: 3, day: 1))
        var count = 0
        for text in Self.texts {
            let scalars = Array(text.unicodeScalars)
            for type in [FieldType.money, .number, .date, .duration, .email, .phone, .url] {
                var last = 0
                for reading in Values.find(type, in: text, hints: hints) {
                    #expect(reading.range.lowerBound >= last && !reading.range.isEmpty, "\(type) \(text) \(reading)")
                    last = reading.range.upperBound
                    let cut = string(scalars[reading.range])
                    #expect(Values.follows(reading.value, from: cut, by: reading.transform), "\(type) \(cut) \(reading)")
                    // The first digit becomes another one.
                    if let at = cut.unicodeScalars.firstIndex(where: { ("1"..."9").contains($0) }) {
                        var altered = Array(cut.unicodeScalars)
                        let offset = cut.unicodeScalars.distance(from: cut.unicodeScalars.startIndex, to: at)
                        altered[offset] = altered[offset] == "9" ? "8" : "9"
                        #expect(!Values.follows(reading.value, from: string(altered[...]), by: reading.transform), "\(type) \(cut)")
                    }
                    count += 1
                }
                if let reading = Values.read(text, as: type, hints: hints) {
                    #expect(
                        Values.follows(reading.value, from: string(scalars[reading.range]), by: reading.transform),
                        "\(type) \(text) \(reading)")
                }
            }
        }
        #expect(count > 100)
    }

    /// Random digits, marks and words never trap, and what is found follows.
    @Test func noise() {
        let pieces = [
            "1", "23", "456", "2024", "03", ".", ",", " ", "-", "/", ":", "'", "€", "$", "kr", "USD", "EUR", "%", "March", "mai", "h",
            "min", "PT", "T", "Z", "+", "(", ")", "@", "x.example",
            "k", "M", "out of", "\u{A0}", "٣", "年", "月", "日", "½", "–", "am", "https://", "www.", "\n", "0", "00", "¢", "million", "ago",
            "days", "P", "１",
        ]
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        for _ in 0..<3000 {
            let text = (0..<(1 + next(9))).map { _ in pieces[next(pieces.count)] }.joined()
            let scalars = Array(text.unicodeScalars)
            for type in FieldType.allCases {
                for reading in Values.find(type, in: text) + [Values.read(text, as: type)].compactMap({ $0 }) {
                    #expect(
                        Values.follows(reading.value, from: string(scalars[reading.range]), by: reading.transform),
                        "\(type) \(text) \(reading)")
                }
            }
        }
    }

    /// On lines of real pages, what is found is cut so that its value follows.
    @Test(.enabled(if: Material.file("data/extraction") != nil))
    func realPages() throws {
        let root = try #require(Material.file("data/extraction"))
        var found: [FieldType: Int] = [:]
        for folder in ["recipes", "products", "contacts", "articles"] {
            let files =
                (try? FileManager.default.contentsOfDirectory(at: root.appending(path: folder), includingPropertiesForKeys: nil)) ?? []
            for file in files.filter({ $0.pathExtension == "html" }).sorted(by: { $0.path < $1.path }).prefix(3) {
                let document = Document(html: [UInt8](try Data(contentsOf: file)), url: "https://example.com/")
                for line in document.flow.scalars.split(separator: "\n").prefix(400) where line.count < 400 {
                    let scalars = Array(line)
                    for type in [FieldType.money, .number, .date, .duration, .email, .phone, .url] {
                        for reading in Values.find(type, in: scalars) {
                            found[type, default: 0] += 1
                            let cut = string(scalars[reading.range])
                            #expect(Values.follows(reading.value, from: cut, by: reading.transform), "\(type) \(cut) \(reading)")
                        }
                    }
                }
            }
        }
        print("values on real pages: \(found)")
        #expect(found.values.reduce(0, +) > 100)
    }

    private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static let texts = [
        "Now only €12.50 incl. VAT", "Was $1,299.00 now $999.00 (save 23%)", "Price: 1.234,56 EUR · 150 kr · 9 800 Kč",
        "CHF 1'049.95, R$ 44,00, 12.500 ₫",
        "4.5 out of 5 stars (1,234 ratings), 1.2k sold, 3M views", "Posted on March 5, 2024 at 2:30 pm EST", "5. März 2024, 14:30 Uhr",
        "2024-03-05T10:00:00+01:00",
        "03/04/2024", "25/12/2024 und 12.03.2024", "Prep 20 min, cook 1 h 30 min, total 1 hour, 50 minutes", "PT1H30M", "1:30:00 long",
        "yesterday, 3 days ago",
        "Mail ann@example.com or call +49 30 123456 or (555) 123-4567", "https://example.com/a?b=1, www.example.org.",
        "From 26 to 50 €, 10-20 pieces, 99¢",
        "iPhone 15 with 128 GB for 799,00 € or 24 × 33,29 €", "−5 °C to +12 °C", "$1.2M raised, €3 million more, 5 Mio. €",
        "2024年3月5日 1,980円", "١٢٣٫٥٠ ر.س",
        "1 234 567 people, 12,34,567 rupees, 3.141", "$5 $6 7 € 8 €", "35€99", "NZD $100.70, $80 CAD, US$ 5", "½ cup, 1½ hours, 2-3 days",
    ]
}
