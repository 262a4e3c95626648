import Egress
import Foundation
import Testing

@testable import Proxies

@Suite struct ProxyListingTests {
    struct Form: Sendable, CustomTestStringConvertible {
        var text: String
        var scheme: UpstreamProxy.Scheme
        var place: String
        var login: String?
        var testDescription: String { text }

        init(_ text: String, _ scheme: UpstreamProxy.Scheme, _ place: String, _ login: String? = nil) {
            (self.text, self.scheme, self.place, self.login) = (text, scheme, place, login)
        }
    }

    static let forms = [
        Form("http://proxy.example:8080", .http, "proxy.example:8080"),
        Form("https://u:p@proxy.example", .https, "proxy.example:443", "u p"),
        Form("SOCKS5://u:p%40%3a@Proxy.Example:99", .socks5, "proxy.example:99", "u p@:"),
        Form("socks5h://[2001:db8::1]:1080", .socks5h, "2001:db8::1:1080"),
        Form("10.0.0.1:3128", .http, "10.0.0.1:3128"),
        Form("[::1]:3128", .http, "::1:3128"),
        Form("u:p@10.0.0.1:3128", .http, "10.0.0.1:3128", "u p"),
        Form("u:a@b@10.0.0.1:3128", .http, "10.0.0.1:3128", "u a@b"),
        Form("10.0.0.1:3128:u:p", .http, "10.0.0.1:3128", "u p"),
        Form("[::1]:3128:u:p", .http, "::1:3128", "u p"),
        Form("10.0.0.1:3128:u:", .http, "10.0.0.1:3128", "u "),
        Form("proxy.example:3128:user-country-de:p:q%41@#", .http, "proxy.example:3128", "user-country-de p:q%41@#"),
        Form("socks5://10.0.0.1:1080:\u{FC}:\u{E9}", .socks5, "10.0.0.1:1080", "\u{FC} \u{E9}"),
        Form("http://10.0.0.1:3128/", .http, "10.0.0.1:3128"),
    ]

    /// Every form that vendors give is read.
    @Test(arguments: forms) func readsForms(_ form: Form) {
        let list = listing(form.text)
        #expect(list.faults == [])
        let proxy = list.proxies.first?.proxy
        #expect(proxy?.scheme == form.scheme)
        #expect(proxy.map { "\($0.host):\($0.port)" } == form.place)
        #expect(proxy?.login.map { "\($0.user) \($0.password)" } == form.login)
    }

    /// Tags stand after the proxy, in any order.
    @Test func readsTags() throws {
        let list = listing("10.0.0.1:1 tier=2\tCountry=de weight=0.5 kind=Residential name=one plan=a=b")
        let read = try #require(list.proxies.first?.tags)
        #expect(read.country == "DE" && read.kind == "residential" && read.tier == 2 && read.weight == 0.5 && read.name == "one")
        #expect(read.others == ["plan": "a=b"])
    }

    /// Comments, empty lines, line ends of Windows and a byte order mark say nothing.
    @Test(
        arguments: ["\u{FEFF}# list\n\n  10.0.0.1:1 # my own\n", "\r\n10.0.0.1:1\r\n\r\n", "\u{FEFF}10.0.0.1:1", "\t10.0.0.1:1\t#x=y"])
    func skipsWhatSaysNothing(_ text: String) {
        let list = listing(text)
        #expect(list.faults == [])
        #expect(list.proxies.map(\.proxy.host) == ["10.0.0.1"])
        #expect(list.proxies.first?.tags == ProxyTags())
    }

    /// Nothing is an empty list.
    @Test(arguments: ["", "\u{FEFF}", "\n\n", "[]", " [ ] "]) func readsNothing(_ text: String) {
        #expect(listing(text) == ProxyListing(Data()))
    }

    /// The same address and login count once, whatever the spelling; the first place counts.
    @Test func folds() {
        let list = listing("http://u:p@a.example:1 tier=1\na.example:1:u:p tier=2\nsocks5://u:p@A.EXAMPLE.:1\na.example:1\na.example:2:u:p")
        #expect(list.proxies.map(\.proxy.port) == [1, 1, 2])
        #expect(list.proxies.first?.tags.tier == 1)
        #expect(list.repeated == 2)
    }

    static let faults = [
        ("ftp://10.0.0.1:1", "its scheme is none of"), ("user:secret://10.0.0.1:1", "its scheme is none of"),
        ("user:secret@10.0.0.1", "it has no port"), ("10.0.0.1", "it has no port"), ("user:secret@10.0.0.1:0", "host or port"),
        ("http://user:secret@10.0.0.1:65536", "host or port"), ("http://user:secret@", "host or port"),
        ("10.0.0.1:99999:user:secret", "host or port"), ("10.0.0.1:1:user", "host or port"), ("10.0.0.1:1::secret", "host or port"),
        ("user:secret:10.0.0.1:1", "host or port"), ("http://user:secret%zz@10.0.0.1:1", "percent-encoding"),
        ("http://user:secret%00@10.0.0.1:1", "control characters"),
        ("http://user:secret\(String(repeating: "x", count: 255))@10.0.0.1:1", "too long"),
        ("10.0.0.1:3128:user:secret@b.example:80", "two ways"), ("10.0.0.1:1:us er:secret", "host or port"),
        ("10.0.0.1:1:user:sec secret", "tag 1 is not as"), ("http://user:secret@10.0.0.1:1 tier=1 secret", "tag 2 is not as"),
        ("10.0.0.1:1 tier=10", "tier must be"), ("10.0.0.1:1 tier=-1", "tier must be"), ("10.0.0.1:1 tier=1.5", "tier must be"),
        ("10.0.0.1:1 tier=99999999999999999999", "tier must be"), ("10.0.0.1:1 weight=0", "weight must be"),
        ("10.0.0.1:1 weight=nan", "weight must be"), ("10.0.0.1:1 weight=1001", "weight must be"),
        ("10.0.0.1:1 weight=much", "weight must be"), ("10.0.0.1:1 country=Germany", "country must be"),
        ("10.0.0.1:1 country=1a", "country must be"), ("10.0.0.1:1 name=", "a tag's value has"),
        ("10.0.0.1:1 name=\(String(repeating: "n", count: 101))", "a tag's value has"),
        ("10.0.0.1:1 name=\u{1B}[31m", "a tag's value has"), ("10.0.0.1:1 name=a\u{202E}b", "a tag's value has"),
        ("10.0.0.1:1 tier=1 TIER=1", "two tags of one name"), ("10.0.0.1:1 =secret", "a tag's name has"),
        ("10.0.0.1:1 p\u{E4}ss=secret", "a tag's name has"),
        ("10.0.0.1:1 " + (0..<33).map { "t\($0)=1" }.joined(separator: " "), "more than 32 tags"),
        ("10.0.0.1:1 name=\(String(repeating: "n", count: 4096))", "longer than 4096 bytes"), ("\u{0}", "host or port"),
        ("http://", "host or port"), ("://", "its scheme is none of"), ("@", "host or port"), (":::", "host or port"),
        ("[", "host or port"),
    ]

    /// A fault names its line and what is wrong, and repeats nothing of the login.
    @Test(arguments: faults)
    func namesFaults(_ line: String, _ problem: String) {
        let list = listing("a.example:1\n# list\n\(line)\nb.example:1")
        #expect(list.proxies.map(\.proxy.host) == ["a.example", "b.example"])
        #expect(list.faults.map(\.place) == [.line(3)])
        let message = list.faults.first?.description ?? ""
        #expect(message.hasPrefix("line 3: ") && message.contains(problem) && !message.contains("--"), "\(message)")
        #expect(!message.contains("secret") && !message.contains("user:sec"), "\(message)")
    }

    /// A line that is not UTF-8 is a fault of that line alone.
    @Test func namesBytes() {
        let list = ProxyListing(Data([0xFF, 0xFE, 0x0A]) + Data("a.example:1".utf8))
        #expect(list.faults == [ProxyError("it is not written in UTF-8", at: .line(1))])
        #expect(list.proxies.count == 1)
    }

    /// A login is in no description of what was read.
    @Test func hidesLogins() {
        let list = listing("http://user:secret@a.example:1 name=one")
        var dumped = ""
        dump(list, to: &dumped)
        for text in [dumped, "\(list)", String(reflecting: list)] {
            #expect(text.contains("a.example"))
            #expect(!text.contains("secret") && !text.contains("user"))
        }
    }

    /// Lines beyond the hundred thousandth are not read, and that is said.
    @Test func boundsLines() {
        let list = listing(String(repeating: "#\n", count: 99_999) + "a.example:1\nb.example:1\nc.example:1\n")
        #expect(list.proxies.map(\.proxy.host) == ["a.example"])
        #expect(list.faults.map(\.place) == [.line(100_001)])
    }

    // MARK: JSON

    /// A JSON array has texts and objects, whose values may be texts or numbers.
    @Test func readsJSON() throws {
        let list = listing(
            """
            \u{FEFF}[ "10.0.0.1:1 tier=1 # cheap", {"url": "http://u:p@10.0.0.2:2", "tier": 2, "weight": 2.5, "country": "us", "x": null},
             {"url": "10.0.0.3:3:u:p", "tier": "3", "weight": "4", "name": "a", "fast": true, "asn": 64500}, ""]
            """)
        #expect(list.faults == [])
        #expect(list.proxies.map(\.tags.tier) == [1, 2, 3])
        #expect(list.proxies.map(\.tags.weight) == [1, 2.5, 4])
        #expect(list.proxies.map { $0.proxy.login?.password } == [nil, "p", "p"])
        #expect(list.proxies.map(\.tags.country) == [nil, "US", nil])
        #expect(list.proxies.last?.tags.others == ["fast": "true", "asn": "64500"])
    }

    /// A fault in a JSON array names its entry, and the others are read.
    @Test(
        arguments: [
            ("1", "neither a text nor an object"), ("null", "neither a text nor an object"),
            ("[\"10.0.0.1:1\"]", "neither a text nor an object"),
            ("{}", "\"url\" is missing"), ("{\"url\": 1}", "\"url\" is missing"), ("{\"url\": \"\"}", "host or port"),
            ("{\"url\": \"10.0.0.1:1 tier=1\"}", "host or port"), ("{\"url\": \"10.0.0.1:1\", \"tier\": 1.5}", "tier must be"),
            ("{\"url\": \"10.0.0.1:1\", \"tier\": -1}", "tier must be"),
            ("{\"url\": \"10.0.0.1:1\", \"weight\": 1e400}", "no text, number"),
            ("{\"url\": \"10.0.0.1:1\", \"x\": {}}", "no text, number"),
            ("{\"url\": \"10.0.0.1:1\", \"tier\": 1, \"Tier\": 2}", "two tags"),
            ("\"http://user:secret@\"", "host or port"), ("\"\(String(repeating: "x", count: 4097))\"", "longer than"),
            ("{\"url\": \"\(String(repeating: "x", count: 4097))\"}", "longer than"),
        ])
    func namesEntries(_ entry: String, _ problem: String) {
        let list = listing("[\"a.example:1\", \(entry), \"b.example:1\"]")
        #expect(list.proxies.map(\.proxy.host) == ["a.example", "b.example"])
        #expect(list.faults.map(\.place) == [.entry(2)])
        let message = list.faults.first?.description ?? ""
        #expect(message.contains(problem) && !message.contains("secret"), "\(message)")
    }

    /// What is no JSON array is one fault.
    @Test(
        arguments: [
            "{\"proxies\": []}", "[\"user:secret@10.0.0.1:1\"", "[{\"url\": secret}]", "[\"\\ud800\", \"x\"", "[{", "{",
            String(repeating: "[{\"a\":", count: 50_000), "[\"" + String(repeating: "x", count: 16 << 20) + "\"]",
        ])
    func refusesOtherJSON(_ text: String) {
        let list = listing(text)
        #expect(list.proxies == [] && list.faults.count == 1)
        #expect(list.faults.allSatisfy { $0.problem.contains("JSON") && !$0.problem.contains("secret") })
    }

    /// Entries beyond the hundred thousandth are not read, and that is said.
    @Test func boundsEntries() {
        let list = listing("[" + String(repeating: "\"\",", count: 99_999) + "\"a.example:1\",\"b.example:1\",\"c.example:1\"]")
        #expect(list.proxies.map(\.proxy.host) == ["a.example"])
        #expect(list.faults.map(\.place) == [.entry(100_001)])
    }

    /// Whatever the bytes are, reading ends with a list.
    @Test func survivesGarbage() {
        var dice = Dice(7)
        let pieces = [
            "http://", "socks5://", "u", ":", "p", "@", "10.0.0.1", "[::1]", "80", " ", "tier=1", "=", "#", "\n", "\r\n", "%4", "\"", "{",
            "[", "]", "}", ",", "\u{0}",
        ]
        for _ in 0..<5_000 {
            var data = Data((0..<Int(dice.next() % 24)).flatMap { _ in Array(pieces[Int(dice.next() % UInt64(pieces.count))].utf8) })
            if dice.next() % 4 == 0 { data.append(UInt8(truncatingIfNeeded: dice.next())) }
            let list = ProxyListing(data)
            #expect(list.proxies.allSatisfy { !$0.proxy.host.isEmpty && (1...65535).contains($0.proxy.port) })
        }
    }
}

@Suite struct ProxyTagsTests {
    /// Tags are written as they are read.
    @Test(
        arguments: ["name=one country=DE kind=mobile tier=3 weight=2.5 asn=1 plan=x", "", "tier=1", "weight=0.25"])
    func areWrittenAsRead(_ text: String) throws { #expect(try tags(text).description == text) }

    /// What a result says is the name, or what kind of proxy it is.
    @Test(
        arguments: [("name=one tier=2", "one"), ("kind=mobile country=de", "mobile DE tier 0"), ("tier=4 plan=x", "tier 4")])
    func haveALabel(_ text: String, _ label: String) throws { #expect(try tags(text).label == label) }
}
