import Documents
import Foundation
import Testing

@testable import Politeness
import TestMaterial

@Suite struct RobotsFileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var claim: String
        var file: String
        var agent = "Gleaner"
        var url: String
        var isAllowed: Bool
        var line = 0
        var testDescription: String { claim }
    }

    static let cases: [Case] = [
        Case(claim: "no file forbids nothing", file: "", url: "https://a.example/x", isAllowed: true),
        Case(claim: "2.2.1 the own group counts, not that for all", file: "User-agent: *\nDisallow: /\n\nUser-agent: gleaner\nAllow: /", url: "https://a.example/x", isAllowed: true, line: 5),
        Case(claim: "2.2.1 groups of one agent are merged", file: "User-agent: gleaner\nDisallow: /a\n\nUser-agent: other\nDisallow: /\n\nUser-agent: Gleaner\nDisallow: /b", url: "https://a.example/b", isAllowed: false, line: 8),
        Case(claim: "2.2.1 the version behind the token is ignored", file: "User-agent: Gleaner/1.0\nDisallow: /", url: "https://a.example/", isAllowed: false, line: 2),
        Case(claim: "2.2.1 an own group without rules allows all", file: "User-agent: *\nDisallow: /\nUser-agent: gleaner\nDisallow:", url: "https://a.example/x", isAllowed: true),
        Case(claim: "2.2.2 the longest match decides", file: "User-agent: *\nDisallow: /shop\nAllow: /shop/open", url: "https://a.example/shop/open/1", isAllowed: true, line: 3),
        Case(claim: "2.2.2 between equals the one that allows", file: "User-agent: *\nDisallow: /page\nAllow: /page", url: "https://a.example/page", isAllowed: true, line: 3),
        Case(claim: "2.2.2 percent-encoding is compared in one form", file: "User-agent: *\nDisallow: /caf\u{E9}", url: "https://a.example/caf%C3%A9", isAllowed: false, line: 2),
        Case(claim: "2.2.2 hexadecimal digits in either case", file: "User-agent: *\nDisallow: /a%3cd", url: "https://a.example/a%3Cd.html", isAllowed: false, line: 2),
        Case(claim: "2.2.3 * stands for anything", file: "User-agent: *\nDisallow: /*/private/", url: "https://a.example/x/y/private/z", isAllowed: false, line: 2),
        Case(claim: "2.2.3 $ ties to the end", file: "User-agent: *\nDisallow: /*.php$", url: "https://a.example/x.php?y=1", isAllowed: true),
        Case(claim: "2.2.3 * before $ stands for anything that is left", file: "User-agent: *\nDisallow: /a*$", url: "https://a.example/abc", isAllowed: false, line: 2),
        Case(claim: "2.2.3 $ in the middle is a character", file: "User-agent: *\nDisallow: /a$b", url: "https://a.example/a$bc", isAllowed: false, line: 2),
        Case(claim: "the query belongs to the path", file: "User-agent: *\nDisallow: /*?sort=", url: "https://a.example/list?sort=up", isAllowed: false, line: 2),
        Case(claim: "the fragment doesn't", file: "User-agent: *\nDisallow: /*frag", url: "https://a.example/x#frag", isAllowed: true),
        Case(claim: "case of the path counts", file: "User-agent: *\nDisallow: /Private", url: "https://a.example/private", isAllowed: true),
        Case(claim: "comments, a byte order mark, CR line ends", file: "\u{FEFF}User-agent: * # all\rDisallow: /x # why", url: "https://a.example/x", isAllowed: false, line: 2),
        Case(claim: "rules before any agent count for nobody", file: "Disallow: /\nUser-agent: *\nAllow: /y", url: "https://a.example/x", isAllowed: true),
        Case(claim: "misspelt keys are understood", file: "user agent: *\ndisalow: /x", url: "https://a.example/x", isAllowed: false, line: 2),
        Case(claim: "a missing colon between two words", file: "User-agent *\nDisallow /x", url: "https://a.example/x", isAllowed: false, line: 2),
        Case(claim: "Crawl-delay does not end a list of agents", file: "User-agent: gleaner\nCrawl-delay: 5\nUser-agent: b\nDisallow: /", url: "https://a.example/", isAllowed: false, line: 4),
    ]

    /// Each rule of RFC 9309, and each departure that the reference makes, decides with the line that says so.
    @Test(arguments: cases) func decides(_ example: Case) {
        let verdict = RobotsFile(example.file).verdict(for: example.agent, on: example.url)
        #expect(verdict.isAllowed == example.isAllowed)
        #expect(verdict.line == example.line)
    }

    /// Crawl-delay of the own group, and Request-rate as seconds, whichever asks for more; nothing else is taken for a number.
    @Test(arguments: [
        ("User-agent: *\nCrawl-delay: 9\nUser-agent: gleaner\nCrawl-delay: 2.5", 2.5), ("User-agent: *\nRequest-rate: 1/10m", 600),
        ("User-agent: *\nCrawl-delay: soon", nil), ("User-agent: *\nCrawl-delay: -1", nil), ("User-agent: *\nCrawl-delay: 1e999", nil),
        ("User-agent: *\nCrawl-delay: 0x10", nil), ("User-agent: *\nCrawl-delay: 100000", 86_400), ("User-agent: *\nCrawl-delay:", nil),
        ("User-agent: *\nRequest-rate: 1/10s", 10), ("User-agent: *\nRequest-rate: 30/1m", 2), ("User-agent: *\nRequest-rate: 1/2H", 7_200),
        ("User-agent: *\nRequest-rate: 1/5", 5), ("User-agent: *\nRequest-rate: 0/5", nil), ("User-agent: *\nRequest-rate: 10", nil),
        ("User-agent: *\nRequest-rate: 1/", nil), ("User-agent: *\nRequest-rate: 1/1/1", nil), ("User-agent: *\nRequest-rate: 1e1/5", nil),
        ("User-agent: *\nCrawl-delay: 3\nRequest-rate: 1/10s", 10), ("User-agent: *\nCrawl-delay: 20\nRequest-rate: 1/10s", 20),
        ("User-agent: *\nCrawl-delay: 1\nDisallow: /\nUser-agent: *\nCrawl-delay: 4", 4), ("Crawl-delay: 7\nUser-agent: *\nAllow: /", nil),
        ("User-agent: other\nCrawl-delay: 7\n\nUser-agent: *\nAllow: /", nil), ("User-agent: gleaner\nUser-agent: other\nCrawl-delay: 6", 6),
        ("User-agent: *\nCrawl-delay: 9\n\nUser-agent: Gleaner\nAllow: /", nil), ("User-agent: *\nCrawl-delay: 8 # seconds", 8),
        ("User-agent: gleaner\nDisallow: /x\nUser-agent: other\nCrawl-delay: 5", nil),
    ] as [(String, Double?)])
    func readsDelays(_ file: String, _ seconds: Double?) { #expect(RobotsFile(file).crawlDelay(for: "Gleaner") == seconds) }

    /// Hours of the day behind a rate don't end it: it counts all day, and of several the slowest.
    @Test func ratesOfSomeHoursCountAllDay() {
        let file = RobotsFile("User-agent: *\nRequest-rate: 1/5s 0600-0845\nRequest-rate: 1/20s 0845-1300\nRequest-rate: 1/1s")
        #expect(file.crawlDelay(for: "Gleaner") == 20)
    }

    /// A delay between two agents is the first one's alone, while rules behind them are for both.
    @Test func delaysEndAListOfAgents() {
        let file = RobotsFile("User-agent: a\nCrawl-delay: 5\nUser-agent: b\nDisallow: /")
        #expect(file.crawlDelay(for: "a") == 5)
        #expect(file.crawlDelay(for: "b") == nil)
        #expect(!file.verdict(for: "a", on: "https://a.example/").isAllowed)
    }

    /// Sitemaps belong to no group, stand in file order and once each; relative ones are made absolute, other schemes left out.
    @Test func listsSitemaps() {
        let file = RobotsFile(
            """
            Sitemap: https://cdn.example/one.xml
            User-agent: other
            Disallow: /
            site-map: /two.xml # the second
            SITEMAP : three.xml
            Sitemap: //cdn.example/four.xml
            Sitemap: HTTP://a.example:8080/five.xml?x=https://y
            Sitemap: /two.xml
            Sitemap: /list?of=http://six
            Sitemap: six/of:seven.xml
            Sitemap: ftp://a.example/seven.xml
            Sitemap: javascript:eight
            Sitemap:
            """)
        #expect(
            file.sitemaps(of: "https://a.example") == [
                "https://cdn.example/one.xml", "https://a.example/two.xml", "https://a.example/three.xml", "https://cdn.example/four.xml",
                "HTTP://a.example:8080/five.xml?x=https://y", "https://a.example/list?of=http://six", "https://a.example/six/of:seven.xml",
            ])
    }

    /// The deciding line is given as it stands in the file, however its pattern had to be read.
    @Test func quotesTheRule() {
        let verdict = RobotsFile("User-agent: *\r\n  Disallow : /caf\u{E9}%c3* # closed\r\nAllow: /").verdict(for: "Gleaner", on: "https://a.example/caf%C3%A9%C3%A9")
        #expect(verdict == RobotsVerdict(isAllowed: false, rule: "  Disallow : /caf\u{E9}%c3* # closed", line: 2, group: .all))
    }

    /// The verdict says whose group decided.
    @Test(arguments: [("", .none), ("User-agent: *\nAllow: /", .all), ("User-agent: *\nAllow: /\nUser-agent: GLEANER", .own), ("User-agent: gleane\nAllow: /", .none)] as [(String, RobotsVerdict.Group)])
    func namesTheGroup(_ file: String, _ group: RobotsVerdict.Group) {
        #expect(RobotsFile(file).verdict(for: "Gleaner", on: "https://a.example/").group == group)
    }

    /// Any bytes are a file, cut anywhere.
    @Test(arguments: [
        [], [0xEF], [0xEF, 0xBB], [0xEF, 0xBB, 0xBF], [13], [10], [13, 10], [58], [35], [0], [58, 58], Array("Allow".utf8), Array("User-agent:".utf8), Array("User-agent:*\nAllow:%".utf8),
        Array("User-agent:*\nAllow:/%C".utf8), Array("User-agent:*\nAllow:$".utf8), Array("User-agent:*\nAllow:\u{E9}".utf8), Array("User-agent:*\nAllow:*".utf8),
        Array("User-agent:*\nAllow /".utf8), Array("User-agent:*\nCrawl-delay:".utf8), Array("User-agent:*\nRequest-rate:/".utf8),
    ] as [[UInt8]])
    func readsAnyBytes(_ bytes: [UInt8]) {
        let file = RobotsFile(bytes)
        #expect(file.verdict(for: "Gleaner", on: "").isAllowed)
        #expect(file.verdict(for: "", on: "//").isAllowed)
        #expect(file.crawlDelay(for: "Gleaner") == nil)
    }

    /// Only the first 500 KiB are read (section 2.5).
    @Test func readsSoFarAndNoFurther() {
        let padding = String(repeating: "#\n", count: RobotsFile.limit / 2)
        #expect(RobotsFile("User-agent: *\n" + padding + "Disallow: /\n").verdict(for: "Gleaner", on: "https://a.example/").isAllowed)
    }

    /// A line is read as far as the reference reads it, 16,663 bytes.
    @Test(arguments: [(16_651, true), (16_652, false)]) func readsLongLinesSoFar(_ count: Int, _ isAllowed: Bool) {
        let file = RobotsFile("User-agent: *\nDisallow: /" + String(repeating: "a", count: 20_000))
        #expect(file.verdict(for: "Gleaner", on: "https://a.example/" + String(repeating: "a", count: count)).isAllowed == isAllowed)
    }

    /// A hostile pattern costs no more than its length times the path's.
    @Test func manyWildcardsAreNoTrap() {
        let pattern = String(repeating: "*a", count: 5_000) + "b"
        let url = "https://a.example/" + String(repeating: "a", count: 10_000)
        #expect(RobotsFile("User-agent: *\nDisallow: /\(pattern)").verdict(for: "Gleaner", on: url).isAllowed)
    }

    /// Verdicts that Google's reference and the authors of other test suites agree on.
    @Test(.enabled(if: Material.file("data/robots/cases.jsonl") != nil, "the collected robots.txt cases are not on this machine"))
    func agreesWithTheReference() throws {
        let file = try #require(Material.file("data/robots/cases.jsonl"))
        var count = 0
        var wrong: [String] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let example = try JSONDecoder().decode(Collected.self, from: Data(line.utf8))
            guard example.google_reference_agrees == true else { continue }
            count += 1
            let bytes = example.robots_b64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? Array((example.robots_txt ?? "").utf8)
            let verdict = RobotsFile(bytes).verdict(for: example.user_agent, on: example.url)
            if verdict.isAllowed != example.allowed { wrong.append(String(line.prefix(400))) }
        }
        #expect(count > 1_000)
        #expect(wrong == [])
    }

    private struct Collected: Decodable {
        var robots_txt: String?
        var robots_b64: String?
        var user_agent: String
        var url: String
        var allowed: Bool
        var google_reference_agrees: Bool?
    }

    /// Verdicts of Google's reference on files that real sites serve.
    @Test(.enabled(if: Material.file("data/robots/real_cases.jsonl") != nil, "the real robots.txt files are not on this machine"))
    func agreesOnRealFiles() throws {
        let cases = try #require(Material.file("data/robots/real_cases.jsonl"))
        var files: [String: RobotsFile] = [:]
        var count = 0
        var wrong: [String] = []
        for line in try String(contentsOf: cases, encoding: .utf8).split(separator: "\n") {
            let example = try JSONDecoder().decode(Real.self, from: Data(line.utf8))
            if files[example.robots] == nil {
                let file = try #require(Material.file("data/robots/real/\(example.robots).robots.txt"), "\(example.robots)")
                files[example.robots] = RobotsFile(try Data(contentsOf: file))
            }
            count += 1
            let verdict = try #require(files[example.robots]).verdict(for: example.user_agent, on: example.url)
            if verdict.isAllowed != example.google_reference { wrong.append(String(line.prefix(200))) }
        }
        #expect(count > 4_000)
        #expect(wrong == [])
    }

    private struct Real: Decodable {
        var robots: String
        var user_agent: String
        var url: String
        var google_reference: Bool
    }
}

@Suite struct RobotsAccessTests {
    private static let day: Int64 = 86_400_000_000

    /// Section 2.3.1: what a status means, with and without a good file from before.
    @Test(arguments: [
        (200, false, true), (404, false, true), (403, false, true), (429, false, false), (500, false, false), (503, true, true), (0, false, false),
        (0, true, true), (302, false, true),
    ])
    func statusDecides(_ status: Int, _ hasGood: Bool, _ isAllowed: Bool) {
        let access = RobotsAccess(
            status: status, body: [], goodBody: hasGood ? Array("User-agent: *\nAllow: /".utf8) : nil, goodAt: hasGood ? 0 : nil,
            now: 29 * RobotsAccessTests.day)
        #expect(access.verdict(for: "Gleaner", on: "https://a.example/").isAllowed == isAllowed)
    }

    /// After 30 days of server errors the old file counts no more.
    @Test func goodFilesGrowOld() {
        let access = RobotsAccess(
            status: 503, body: nil, goodBody: Array("User-agent: *\nAllow: /".utf8), goodAt: 0, now: 30 * RobotsAccessTests.day)
        #expect(!access.verdict(for: "Gleaner", on: "https://a.example/").isAllowed)
    }

    /// Section 2.4: never longer than a day, shorter where the site says so, soon after a failure.
    @Test(arguments: [(200, nil, 86_400), (200, 600, 600), (200, 1, 60), (200, 999_999_999, 86_400), (503, 86_400, 600), (404, nil, 86_400)] as [(Int, Int64?, Int64)])
    func freshnessIsBounded(_ status: Int, _ maxAge: Int64?, _ seconds: Int64) {
        #expect(RobotsAccess.freshFor(status: status, maxAge: maxAge) == seconds * 1_000_000)
    }
}

@Suite struct RegistrableDomainsTests {
    private static let list = RegistrableDomains(list: "// a comment\ncom\nuk\nco.uk\n*.ck\n!www.ck\n")

    @Test(arguments: [
        ("a.example.com", "example.com"), ("EXAMPLE.com.", "example.com"), ("shop.example.co.uk", "example.co.uk"), ("a.b.c.ck", "b.c.ck"),
        ("x.www.ck", "www.ck"), ("localhost", "localhost"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("a.example.unknown", "example.unknown"),
    ])
    func findsTheDomain(_ host: String, _ domain: String) { #expect(RegistrableDomainsTests.list.domain(of: host) == domain) }

    /// Without a list the last two labels are taken: more hosts share a clock than need to, never fewer.
    @Test func withoutAListItIsPolite() { #expect(RegistrableDomains(list: "").domain(of: "a.example.co.uk") == "co.uk") }

    /// The list's own test cases.
    @Test(.enabled(if: Material.file("data/conformance/psl/psl_cases.jsonl") != nil, "the public suffix list's cases are not on this machine"))
    func agreesWithTheList() throws {
        let folder = try #require(Material.file("data/conformance/psl"))
        let list = RegistrableDomains(list: try String(contentsOf: folder.appending(path: "public_suffix_list.dat"), encoding: .utf8), ascii: { URLIdentity("http://\($0)/")?.host ?? $0 })
        var wrong: [String] = []
        for line in try String(contentsOf: folder.appending(path: "psl_cases.jsonl"), encoding: .utf8).split(separator: "\n") {
            let example = try JSONDecoder().decode(Example.self, from: Data(line.utf8))
            // Names in other scripts come to us in their ASCII form.
            guard let input = example.input, let domain = example.registrable_domain, input.utf8.allSatisfy({ $0 < 128 }) else { continue }
            if list.domain(of: input) != domain { wrong.append("\(input): \(list.domain(of: input)), not \(domain)") }
        }
        #expect(wrong == [])
    }

    private struct Example: Decodable {
        var input: String?
        var registrable_domain: String?
    }
}
