import Testing

@testable import Proxies

@Suite struct ProxyPolicyTests {
    /// A policy is written as it is read.
    @Test(
        arguments: ["round-robin", "least-used,sticky=run", "random,sticky=session,fail-open", "round-robin,sticky=host,fail-open"])
    func isWrittenAsRead(_ text: String) throws { #expect(try ProxyPolicy(text).description == text) }

    /// Order, capitals and spaces don't matter; what is usual may be said or not.
    @Test(
        arguments: [
            ("Fail-Open, STICKY=Host , random", "random,sticky=host,fail-open"), ("sticky=none,fail-closed", "round-robin"),
            ("fail-open", "round-robin,fail-open"),
        ])
    func isTolerant(_ text: String, _ same: String) throws { #expect(try ProxyPolicy(text).description == same) }

    /// Without a word it fails closed, and nothing is sticky.
    @Test func isCareful() {
        #expect(ProxyPolicy() == (try? ProxyPolicy("round-robin,sticky=none,fail-closed")))
    }

    /// What can't be read is named.
    @Test(
        arguments: [
            ("", "\"\" is no part"), ("random,", "\"\" is no part"), ("fastest", "\"fastest\""), ("sticky=tab", "\"sticky=tab\""),
            ("random,least-used", "its strategy once"), ("sticky=run,sticky=none", "its stickiness once"),
            ("fail-open,fail-closed", "fail-open or fail-closed once"), (String(repeating: "x", count: 999), "xxx…\""),
        ])
    func namesThePart(_ text: String, _ problem: String) {
        let error = #expect(throws: ProxyError.self) { try ProxyPolicy(text) }
        #expect(error?.description.contains(problem) == true)
    }
}
