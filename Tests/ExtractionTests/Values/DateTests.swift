import Documents
import Extraction
import Testing

@Suite struct DateTests {
    private func date(_ text: String, _ hints: PageHints = PageHints()) -> String? {
        Values.read(text, as: .date, hints: hints)?.value.string
    }

    /// The fifth of March 2024, as twenty languages print it.
    @Test(arguments: [
        "5 March 2024", "March 5, 2024", "Mar. 5th, 2024", "Tuesday, 5th of March 2024", "5. März 2024", "Dienstag, 5. Mrz. 2024",
        "5 mars 2024",
        "mardi 5 mars 2024", "5 de marzo de 2024", "5 marzo 2024", "martedì 5 marzo 2024", "5 de março de 2024", "5 maart 2024",
        "5 marca 2024",
        "5 marca 2024 r.", "5 mars 2024", "den 5 mars 2024", "5. marts 2024", "5. mars 2024", "5. maaliskuuta 2024", "5. března 2024",
        "5. marca 2024",
        "5 марта 2024 г.", "5 березня 2024", "5 март 2024", "5 Mart 2024", "2024. március 5.", "5 martie 2024", "5 de març de 2024",
        "5 Μαρτίου 2024", "5 Maret 2024", "2024年3月5日", "2024年3月5日(火)", "2024년 3월 5일", "5 tháng 3, 2024", "5 מרץ 2024", "2024-03-05",
        "2024/03/05", "05.03.2024",
        "5. 3. 2024", "5-Mar-2024", "5 Mar '24", "20240305", "March 5–7, 2024", "5–7 March 2024", "Published: March 5, 2024 by Ann",
        "05.03.24", "2024 March 5",
    ])
    func day(text: String) {
        #expect(date(text) == "2024-03-05")
    }

    /// A date is as precise as the page prints it.
    @Test(arguments: [
        ("2024", "2024"), ("© 2024", "2024"), ("2024-03", "2024-03"), ("03/2024", "2024-03"), ("March 2024", "2024-03"),
        ("marzo de 2024", "2024-03"),
        ("März 2024", "2024-03"), ("2024年3月", "2024-03"), ("2024-03-05T10:00", "2024-03-05T10:00"),
        ("2024-03-05 10:00:30", "2024-03-05T10:00:30"),
        ("2024-03-05T10:00:30.250Z", "2024-03-05T10:00:30.250Z"), ("2024-03-05T10:00:00+0100", "2024-03-05T10:00:00+01:00"),
        ("2024-03-05T10:00:00-05:00", "2024-03-05T10:00:00-05:00"), ("Tue, 05 Mar 2024 10:00:00 GMT", "2024-03-05T10:00:00Z"),
        ("Tue, 05 Mar 2024 10:00:00 +0000", "2024-03-05T10:00:00Z"), ("March 5, 2024 at 2:30 pm", "2024-03-05T14:30"),
        ("March 5, 2024, 12:05 a.m. EST", "2024-03-05T00:05-05:00"), ("5. März 2024, 14:30 Uhr", "2024-03-05T14:30"),
        ("5.3.2024 um 14.30 Uhr", "2024-03-05T14:30"),
        ("5 mars 2024 à 14h30", "2024-03-05T14:30"), ("5 марта 2024 г. в 14:30", "2024-03-05T14:30"),
        ("2024年3月5日 14時30分", "2024-03-05T14:30"),
        ("5. mars 2024 kl. 14.30", "2024-03-05T14:30"), ("20240305T143000Z", "2024-03-05T14:30:00Z"),
        ("March 5, 2024 10 am PST", "2024-03-05T10:00-08:00"),
    ])
    func precision(text: String, expected: String) {
        #expect(date(text) == expected)
    }

    /// Day and month in numbers: a number above 12 decides, then points, then the page's order; else nothing is guessed.
    @Test func order() {
        #expect(date("25/12/2024") == "2024-12-25")
        #expect(date("12/25/2024") == "2024-12-25")
        #expect(date("03/03/2024") == "2024-03-03")
        #expect(date("03.04.2024") == "2024-04-03")
        #expect(date("03/04/2024") == nil)
        #expect(date("03/04/2024", PageHints(dayFirst: true)) == "2024-04-03")
        #expect(date("03/04/2024", PageHints(language: "en-US")) == "2024-03-04")
        #expect(date("03/04/2024", PageHints(language: "en-GB")) == "2024-04-03")
        #expect(date("03/04/2024", PageHints(language: "fr")) == "2024-04-03")
        #expect(Values.read("03/04/2024", as: .date, hints: PageHints(language: "fr"))?.transform == "date.dmy")
        #expect(Values.read("25/12/2024", as: .date, hints: PageHints(language: "fr"))?.transform == "date")
    }

    /// Words that count from today are dates only where today is known.
    @Test func relative() {
        let hints = PageHints(today: CalendarDay(year: 2024, month: 3, day: 1))
        #expect(date("yesterday") == nil)
        #expect(date("2 days ago") == nil)
        #expect(date("yesterday", hints) == "2024-02-29")
        #expect(date("2 weeks ago", hints) == "2024-02-16")
        #expect(date("vor 3 Tagen", hints) == "2024-02-27")
        #expect(date("il y a 2 mois", hints) == "2024-01-01")
        #expect(Values.read("yesterday", as: .date, hints: hints)?.transform == "date.from.2024-03-01")
        #expect(Values.follows(.string("2024-02-29"), from: "yesterday", by: "date.from.2024-03-01"))
    }

    /// What is no date, or no day that ever was, is not read as one.
    @Test(arguments: [
        "", "soon", "30 February 2024", "2024-13-01", "31/04/2024", "1.2.3", "v1.2.24", "192.168.10.12", "12:30", "5 apples", "2023-24",
        "555-1234", "May", "Pro 2024 edition: 12",
        "March 5", "iPad Pro 2024 11 inch",
    ])
    func refused(text: String) {
        #expect(date(text) == nil)
    }

    /// Dates inside longer text are cut exactly.
    @Test func cuts() {
        let text = "Posted by Ann on March 5, 2024 at 10:00, changed 6.3.2024; ships in 3 days. Version 1.2.3, 2024 edition."
        let cuts = Values.find(.date, in: text).map { String(String.UnicodeScalarView(Array(text.unicodeScalars)[$0.range])) }
        #expect(cuts == ["March 5, 2024 at 10:00", "6.3.2024"])
    }
}
