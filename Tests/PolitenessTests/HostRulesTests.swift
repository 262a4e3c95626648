import Testing

@testable import Politeness

@Suite struct HostRulesTests {
    private static let rules = """
        # The operator's rules.
        example.com delay=2s concurrency=2   # two at a time
        *.example.com delay=3s
        *.shop.example.com delay=4s

        *.example delay=5s
        10.0.0.1 burst=3
        [::1] burst=4
        * delay=9s
        """

    /// The most specific pattern wins: the name, the longest end, "*".
    @Test(
        arguments: [
            ("example.com", "delay=2s concurrency=2"), ("EXAMPLE.com.", "delay=2s concurrency=2"), ("www.example.com", "delay=3s"),
            ("shop.example.com", "delay=4s"), ("a.b.shop.example.com", "delay=4s"), ("some.example", "delay=5s"),
            ("notexample.com", "delay=9s"),
            ("com", "delay=9s"), ("10.0.0.1", "burst=3"), ("10.0.0.2", "delay=9s"), ("::1", "burst=4"), ("", nil),
            ("caf\u{E9}.example", nil),
        ] as [(String, String?)])
    func theMostSpecificWins(_ host: String, _ rule: String?) throws {
        #expect(try HostRules(HostRulesTests.rules).rule(for: host)?.description == rule)
    }

    /// Ends of a name are ends of its labels; an address has none.
    @Test(arguments: ["10.0.0.1", "::0.0.1"])
    func addressesHaveNoParents(_ host: String) throws {
        #expect(try HostRules("*.0.0.1 delay=1s").rule(for: host) == nil)
    }

    /// Rules can be changed one by one.
    @Test func rulesCanBeChanged() throws {
        var rules = try HostRules("a.example delay=1s\nb.example delay=2s")
        try rules.set(nil, for: "A.example.")
        try rules.set(HostRule(burst: 2), for: "*.c.example")
        #expect(rules.all.map(\.pattern) == ["*.c.example", "b.example"])
    }

    /// Times have a unit; bare numbers are seconds.
    @Test(
        arguments: [
            ("delay=500ms", 500_000), ("delay=2s", 2_000_000), ("delay=1.5m", 90_000_000), ("delay=24h", 86_400_000_000),
            ("delay=3", 3_000_000),
            ("DELAY=2S", 2_000_000), ("delay=0", 0), ("delay=0.25ms", 250),
        ] as [(String, Int64)])
    func readsDelays(_ part: String, _ delay: Int64) throws { #expect(try HostRule(parts: [part]).delay == delay) }

    /// A host is parked until a moment, or for ever.
    @Test(arguments: [
        ("parked=2026-01-31T08:00:00Z", 1_769_846_400_000_000), ("parked=2026-01-31t09:00:00+01:00", 1_769_846_400_000_000),
        ("parked=always", Int64.max),
    ])
    func readsMoments(_ part: String, _ moment: Int64) throws { #expect(try HostRule(parts: [part]).parkedUntil == moment) }

    /// What is read is written the same.
    @Test(arguments: ["delay=2s burst=5 concurrency=3 parked=2026-01-31T08:00:00Z", "delay=1500.25ms", "burst=1 parked=always"])
    func isWrittenAsItIsRead(_ text: String) throws { #expect(try HostRule(parts: text.split(separator: " ")).description == text) }

    /// What can't be read is named, with what is wrong about it.
    @Test(arguments: [
        ("delay", "it must be as delay=2s"), ("speed=2", "there is no such part"), ("delay=", "a delay is as"),
        ("delay=soon", "a delay is as"),
        ("delay=-1", "a delay is as"), ("delay=1e9", "a delay is as"), ("delay=nan", "a delay is as"), ("delay=.", "a delay is as"),
        ("delay=25h", "a day (24h) at most"), ("delay=" + String(repeating: "9", count: 400), "a day (24h) at most"),
        ("burst=0", "from 1 to 1000"), ("burst=1001", "from 1 to 1000"), ("burst=99999999999999999999", "from 1 to 1000"),
        ("concurrency=+1", "from 1 to 1000"), ("concurrency=two", "from 1 to 1000"), ("parked=tomorrow", "until a time as"),
        ("parked=", "until a time as"),
    ])
    func namesThePart(_ part: String, _ problem: String) {
        let error = #expect(throws: HostRuleError.self) { try HostRule(parts: [part]) }
        #expect(error.map { part.hasPrefix($0.part.prefix(80)) } == true)
        #expect(error?.description.contains(problem) == true)
    }

    /// Patterns that name no host are refused.
    @Test(arguments: [
        "https://example.com", "example.com/path", "a..b", ".example.com", "*.", "*example.com", "a.*.com", "caf\u{E9}.example", "a b", "",
        "**", "*.*",
    ])
    func refusesPatterns(_ pattern: String) { #expect(throws: HostRuleError.self) { try HostRules.pattern(pattern) } }

    /// Errors in a file say the line.
    @Test(arguments: [
        ("a.example delay=1s\n\nb.example delay=x", "line 3: \"delay=x\""), ("a.example", "line 1: \"a.example\": its rule is missing"),
        ("a.example delay=1s\nA.example. burst=2", "line 2: \"A.example.\": it has a rule already"),
        ("a.example delay=1s delay=2s", "line 1: \"delay=2s\": delay is there twice"), ("a_b://x delay=1s", "line 1: \"a_b://x\""),
    ])
    func errorsSayTheLine(_ text: String, _ message: String) {
        let error = #expect(throws: HostRuleError.self) { try HostRules(text) }
        #expect(error?.description.hasPrefix(message) == true)
    }
}
