import Documents
import Testing

@testable import Discovery

@Suite struct TrapDetectorTests {
    /// 29 November 2026, in microseconds.
    private let now: Int64 = 1_795_910_400_000_000

    private func url(_ text: String) -> URLIdentity {
        URLIdentity(text, base: URLIdentity("http://site.test/")) ?? URLIdentity("http://site.test/none")!
    }

    private func page(_ words: String) -> ContentPrint { ContentPrint(of: Prose.boilerplate + " " + words) }

    /// A page like no other.
    private func unique(_ address: String) -> ContentPrint {
        ContentPrint(exact: Int64(bitPattern: StableHash.of(address)), similar: Int64(bitPattern: StableHash.of(address, seed: 1)))
    }

    /// Visits the addresses one after the other, as a crawl would: those that are refused are not recorded.
    private func crawl(
        _ addresses: some Sequence<String>, into detector: inout TrapDetector, content: (String) -> ContentPrint
    ) -> [Trap] {
        addresses.compactMap { address in
            if let trap = detector.verdict(on: url(address), now: now) { return trap }
            detector.record(url(address), content: content(address))
            return nil
        }
    }

    // MARK: - The address alone

    /// An address can tell by itself that it is a trap.
    @Test(arguments: [
            ("/" + String(repeating: "x", count: 2_000), Trap.Kind.length), ("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u", .depth),
            ("/a/b/a/b/a/b", .repetition), ("/x/news/news/news/y", .repetition), ("/en/a/en/b/en/c/en/d", .repetition),
            ("/css/a1/css/a1/css/a1/", .repetition), ("/?" + (0..<31).map { "a\($0)=1" }.joined(separator: "&"), .parameters),
            ("/?sort=asc&sort=asc&sort=asc", .repetition), ("/login?next=%2Flogin%3Fnext%3D%252Flogin%253Fnext%253D%25252F", .nesting),
            ("/events?date=2031-05-01", .calendar), ("/cal/2031-05", .calendar), ("/cal?year=2999&month=1", .calendar),
        ])
    func shapes(_ address: String, _ kind: Trap.Kind) throws {
        let trap = try #require(TrapDetector().verdict(on: url(address), now: now))
        #expect(trap.kind == kind)
        #expect(!trap.reason.isEmpty)
    }

    /// Addresses of real sites are no traps.
    @Test(arguments: [
            "/", "/2026/11/29/a-headline-of-the-day", "/2011/11/11/", "/1/1/1/", "/wiki/Help:Contents/Contents", "/en/docs/en/index.html",
            "/questions/11227809/why-is-processing-a-sorted-array-faster-than-processing-an-unsorted-array",
            "/gp/product/B0C1H26C46/ref=sr_1_3?crid=2M096C61O4MLT&keywords=usb&qid=1653308124&sprefix=usb%2Caps%2C283&sr=8-3",
            "/dp/B07XJ8C8F5/dp/reviews", "/s?rooms=1&adults=2&children=0&checkin=2026-12-01&checkout=2026-12-05&price_min=1&price_max=9",
            "/sch/i.html?_nkw=lamp&_sop=12&_pgn=3&LH_BIN=1&_udlo=5&_udhi=50", "/login?next=%2Fa%3Fb%3Dc%26d%3D%252Fe", "/a/b/a/b",
            "/archive/1865/04/15", "/events/2028-10-01", "/2031-05-01/tickets-for-the-day", "/forum/2999/1", "/item/29991231",
            "/item?id=29991231", "/t/topic/1234/567",
            "/shop/men/shoes/running/shoes-for-men/men-running-shoes",
        ])
    func real(_ address: String) {
        #expect(TrapDetector().verdict(on: url(address), now: now) == nil)
    }

    // MARK: - Sites that are large, but end

    /// A shop of 10,000 products under one template passes, dead stock included.
    @Test
    func shop() {
        var detector = TrapDetector()
        let addresses = (0..<10_000).map { $0 % 2 == 0 ? "/product/\($0)" : "/product?id=\($0)&category=\($0 % 7)&lang=en" }
        let traps = crawl(addresses, into: &detector) { address in
            // Every tenth, and 300 in a row, are sold out and all look the same.
            let number = Int(address.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
            return unique(number % 10 == 0 || (5_000..<5_300).contains(number) ? "sold out" : address)
        }
        #expect(traps == [])
    }

    /// Numbers that look like dates pass where others beside them don't.
    @Test
    func numbers() {
        for pattern in ["/forum/#/1", "/item?id=#1201", "/item/#1130"] {
            var detector = TrapDetector()
            let addresses = (1_000...2_999).map { pattern.replacing("#", with: String($0)) }
            #expect(crawl(addresses, into: &detector) { unique($0) } == [], "\(pattern)")
        }
    }

    /// An archive of years of days passes, whose pages are mostly menus.
    @Test
    func archive() {
        var detector = TrapDetector()
        let addresses = (2_023...2_026).flatMap { year in (1...12).flatMap { month in (1...28).map { "/archive/\(year)/\(month)/\($0)" } } }
        let traps = crawl(addresses.reversed(), into: &detector) { page(Prose.sentence(Int(StableHash.of($0) % 1_000_000), words: 30)) }
        #expect(traps == [])
    }

    /// Lists by facets and their pages pass while new values come.
    @Test
    func facets() {
        var detector = TrapDetector()
        var addresses: [String] = []
        for brand in 0..<40 {
            for colour in 0..<12 { for page in 1...5 { addresses.append("/list?brand=\(brand)&colour=\(colour)&page=\(page)") } }
        }
        for page in 1...1_500 { addresses.append("/sorted?brand=\(page % 5)&sort=price&size=m&page=\(page / 5)") }
        for size in 0..<900 { addresses.append("/list?brand=\(size % 40)&colour=\(size % 12)&size=\(size / 40)") }
        for flight in 0..<3_000 { addresses.append("/flights?from=\(flight / 100)&to=\(flight % 100)") }
        #expect(crawl(addresses, into: &detector) { unique($0) } == [])
    }

    // MARK: - Sites that don't

    /// A calendar is left alone where nothing happens, and only there.
    @Test
    func calendar() throws {
        for pattern in ["/calendar/Y/M", "/calendar?year=Y&month=M", "/calendar?view=month&date=Y-0M"] {
            var detector = TrapDetector()
            func address(_ month: Int) -> String {
                pattern.replacing("0M", with: month % 12 < 9 ? "0M" : "M").replacing("Y", with: String(month / 12))
                    .replacing("M", with: String(month % 12 + 1))
            }
            // Backwards from this month; there are events in 2025 and 2026.
            let months = (0..<240).map { 2_026 * 12 + 10 - $0 }
            let names = [
                "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
            ]
            var visited = 0
            for month in months where detector.verdict(on: url(address(month)), now: now) == nil {
                visited += 1
                let events = month >= 2_025 * 12 ? Prose.sentence(month, words: 40) : "No events"
                let days = (1...28).map(String.init).joined(separator: " ")
                detector.record(url(address(month)), content: page("\(names[month % 12]) \(month / 12) \(days) \(events)"))
            }
            #expect((23 + 24...23 + 40).contains(visited), "\(visited) of \(pattern)")
            #expect(detector.verdict(on: url(address(2_025 * 12 + 3)), now: now) == nil)
            #expect(detector.verdict(on: url(address(1_999 * 12)), now: now)?.kind == .calendar)
        }
    }

    /// Endless parameters end where they bring the same content again and again.
    @Test
    func endless() throws {
        var detector = TrapDetector()
        let traps = crawl((0..<5_000).map { "/list?token=\(StableHash.mixed(UInt64($0)))" }, into: &detector) { _ in unique("the list") }
        #expect(traps.count == 5_000 - 101)
        #expect(traps.allSatisfy { $0.kind == .sameContent })
        #expect(detector.verdict(on: url("/list"), now: now) == nil, "the list itself")
    }

    /// The same few values in ever new combinations end.
    @Test
    func combinations() throws {
        var detector = TrapDetector()
        let addresses = (0..<5_000).map { number in
            "/list?" + (0..<8).map { "f\($0)=\(number >> ($0 * 2) & 3)" }.joined(separator: "&")
        }
        let traps = crawl(addresses, into: &detector) { unique($0) }
        #expect(traps.count > 2_500)
        #expect(traps.first?.kind == .combinations)
        #expect(detector.verdict(on: url("/list?f1=1&f2=2"), now: now) == nil, "two parameters at a time are few")
    }

    // MARK: - State

    /// The same rows make the same detector.
    @Test
    func rebuilt() {
        let rows = (0..<500).map { ("/list?a=\($0 % 3)&b=\($0 % 5)&c=\($0)", page(Prose.sentence($0 % 50, words: 9))) }
        var one = TrapDetector()
        for (address, content) in rows { one.record(url(address), content: content) }
        var other = TrapDetector()
        for (address, content) in rows {
            other.record(url(address), content: ContentPrint(exact: content.exact, similar: content.similar))
        }
        #expect(one == other)
        other.record(url("/list?a=1"), content: page("x"))
        #expect(one != other)
    }

    /// Where there are more templates than are kept, the rest passes.
    @Test
    func bounded() {
        var limits = TrapDetector.Limits()
        limits.templates = 10
        var detector = TrapDetector(limits: limits)
        for number in 0..<10 { detector.record(url("/\(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"][number])"), content: page("x")) }
        let traps = crawl((0..<500).map { "/late/\($0)" }, into: &detector) { _ in page("x") }
        #expect(traps == [])
    }
}

@Suite struct ContentPrintTests {
    /// Equal texts have equal prints, others don't, and similar ones are near.
    @Test
    func distances() {
        let one = ContentPrint(of: Prose.sentence(1, words: 300))
        #expect(one == ContentPrint(of: Prose.sentence(1, words: 300).uppercased().replacing(" ", with: "\n ")))
        let near = ContentPrint(of: Prose.sentence(1, words: 300) + " one more")
        #expect(near.exact != one.exact)
        #expect(near.distance(to: one) <= 5)
        let far = ContentPrint(of: Prose.sentence(2, words: 300))
        #expect(far.distance(to: one) > 15)
        let dated = ContentPrint(of: Prose.sentence(1, words: 300) + " 2026 11 29")
        #expect(dated.distance(to: one) == 0)
        #expect(dated.exact != one.exact)
    }

    /// Scripts without spaces have words too.
    @Test
    func wide() {
        var count = 0
        Words.each(of: "日本語 ページ한국어 text2") { _, _ in count += 1 }
        #expect(count == 3 + 3 + 1 + 1)
    }
}

@Suite struct SoftNotFoundTests {
    private let missing = Prose.boilerplate + " Sorry, the page we looked for is not here. Try the search."

    /// A page like the answer to an impossible address is none.
    @Test
    func matching() throws {
        var soft = SoftNotFound()
        let page = try #require(URLIdentity("http://a.test/shop/x"))
        let probe = try #require(SoftNotFound.probe(beside: page, seed: 7))
        #expect(probe.hasPrefix("http://a.test/shop/") && probe.count == 39)
        #expect(probe == SoftNotFound.probe(beside: page, seed: 7))
        #expect(probe != SoftNotFound.probe(beside: page, seed: 8))
        soft.learn(probe: probe, url: probe, status: 200, text: missing + " You asked for \(probe) at 10:31")
        let gone = "http://a.test/shop/red-shoes-of-old-leather-for-men-in-size-42-and-more"
        #expect(soft.reason(asked: gone, url: gone, text: missing + " You asked for \(gone) at 11:59") != nil)
        // Little text of its own, as products have, is a page.
        let short =
            Prose.boilerplate
            + " Red shoes of old leather for men in size 42 and more: soft soles, brass eyelets, laces of waxed cotton, 59.90"
        #expect(soft.reason(asked: gone, url: gone, text: short) == nil)
        #expect(soft.reason(asked: gone, url: gone, text: Prose.boilerplate) == nil, "an empty page is not the same")
    }

    /// What differs between two probes doesn't count.
    @Test
    func rotating() throws {
        var soft = SoftNotFound()
        for number in 1...2 {
            let probe = "http://a.test/p\(number)"
            soft.learn(probe: probe, url: probe, status: 200, text: missing + " Popular: " + Prose.sentence(number, words: 40))
        }
        #expect(
            soft.reason(asked: "http://a.test/x", url: "http://a.test/x", text: missing + " Popular: " + Prose.sentence(1, words: 40))
                != nil)
        #expect(
            soft.reason(asked: "http://a.test/x", url: "http://a.test/x", text: missing + " Popular: " + Prose.sentence(3, words: 40))
                == nil)
    }

    /// An honest site has no soft 404.
    @Test
    func honest() {
        var soft = SoftNotFound()
        soft.learn(probe: "http://a.test/p", url: "http://a.test/p", status: 404, text: missing)
        #expect(soft == SoftNotFound())
        #expect(soft.reason(asked: "http://a.test/x", url: "http://a.test/x", text: missing) == nil)
    }

    /// Where missing pages lead to the home page, what leads there is missing.
    @Test
    func redirecting() {
        var soft = SoftNotFound()
        soft.learn(probe: "http://a.test/p", url: "http://a.test/", status: 200, text: "Home")
        #expect(soft.reason(asked: "http://a.test/old", url: "http://a.test/", text: "Home") != nil)
        #expect(soft.reason(asked: "http://a.test/", url: "http://a.test/", text: "Home") == nil)
        #expect(soft.reason(asked: "http://a.test/old", url: "http://a.test/new", text: "New") == nil)
    }
}

/// Text without meaning, the same for the same number.
enum Prose {
    /// Menus, footers: 150 words that all pages of a site have.
    static let boilerplate = sentence(-1, words: 150)

    static func sentence(_ number: Int, words: Int) -> String {
        var state = StableHash.mixed(UInt64(bitPattern: Int64(number)))
        return (0..<words).map { _ in
            state = StableHash.mixed(state)
            let syllables = ["ba", "do", "ka", "li", "mo", "ne", "ri", "so", "tu", "ve", "wa", "zi", "pla", "stro", "chen", "ing"]
            return (0..<3).map { syllables[Int(state >> UInt64($0 * 8) & 15)] }.joined()
        }.joined(separator: " ")
    }
}
