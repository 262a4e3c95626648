import Crawling
import Testing

/// The budgets of a crawl file, key by key.
@Suite struct CrawlFileLimitsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var line: String
        var change: @Sendable (inout CrawlFile.Limits) -> Void
        var testDescription: String { line }

        init(_ line: String, _ change: @escaping @Sendable (inout CrawlFile.Limits) -> Void) { (self.line, self.change) = (line, change) }
    }

    static let read = [
        Case("pages: 1") { $0.pages = 1 }, Case("pages: 1000000000000") { $0.pages = 1_000_000_000_000 },
        Case("errors: 1") { $0.errors = 1 }, Case("errors: '20'") { $0.errors = 20 },
        Case("errors: 1000000000000") { $0.errors = 1_000_000_000_000 },
        Case("bytes: 1") { $0.bytes = 1 }, Case("bytes: 1.5GB") { $0.bytes = 1_500_000_000 },
        Case("bytes: 1000TB") { $0.bytes = 1_000_000_000_000_000 },
        Case("time: 1ms") { $0.time = .milliseconds(1) }, Case("time: 1h30m") { $0.time = .seconds(5_400) },
        Case("time: 365d") { $0.time = .seconds(365 * 86_400) },
        Case("browser: 1ms") { $0.browser = .milliseconds(1) }, Case("browser: 90") { $0.browser = .seconds(90) },
        Case("browser: 365d") { $0.browser = .seconds(365 * 86_400) },
        Case("tokens: 1") { $0.tokens = 1 }, Case("tokens: 1000000000000") { $0.tokens = 1_000_000_000_000 },
        Case("tokens: ${LIMIT}") { $0.tokens = 44 }, Case("browser: ${LIMIT}m") { $0.browser = .seconds(44 * 60) },
    ]

    /// A limit is what its key says, and the others stay unlimited.
    @Test(arguments: read) func reads(_ example: Case) throws {
        var expected = try file("").limits
        example.change(&expected)
        #expect(try file("limits:\n  \(example.line)", environment: ["LIMIT": "44"]).limits == expected)
    }

    static let count = "a whole number from 1 to 1000000000000"
    static let size = "a size up to 1000TB, as 500MB or 2GiB"
    static let length = "a length of time up to 365d, as 45s, 30m or 1h30m"

    /// What a limit can't be is refused under its own key: nothing, none at all, too much, another kind of thing.
    @Test(arguments: [
            ("pages", "0", count), ("pages", "1000000000001", count), ("pages", "-1", count), ("pages", "1.5", count),
            ("pages", "1k", count),
            ("errors", "0", count), ("errors", "1000000000001", count), ("errors", "-1", count), ("errors", "10%", count),
            ("errors", "true", count),
            ("bytes", "0", size), ("bytes", "0.4B", size), ("bytes", "1000.1TB", size), ("bytes", "-1MB", size), ("bytes", "30m", size),
            ("time", "0", length), ("time", "0s", length), ("time", "365d1ms", length), ("time", "-1h", length), ("time", "2GB", length),
            ("browser", "0", length), ("browser", "0h", length), ("browser", "365d1ms", length), ("browser", "1m1h", length),
            ("browser", "half", length),
            ("tokens", "0", count), ("tokens", "1000000000001", count), ("tokens", "1e5", count), ("tokens", "100_000", count),
            ("tokens", "many", count),
        ]) func refuses(_ key: String, _ value: String, _ expected: String)
    {
        let place = "line 3, column \(key.count + 5): limits.\(key)"
        #expect(faults(below: "limits:\n  \(key): \(value)") == ["\(place): must be \(expected), not \"\(value)\""])
    }

    /// A key with nothing, a list or a map is no limit either.
    @Test(arguments: [
            ("pages", count), ("errors", count), ("bytes", size), ("time", length), ("browser", length), ("tokens", count),
        ]) func refusesShapes(_ key: String, _ expected: String)
    {
        let shapes = [("~", "and there is nothing"), ("[1]", "not a list"), ("[]", "not an empty list"), ("{most: 1}", "not a map")]
        for (value, found) in shapes {
            let place = "line 2, column \(key.count + 12): limits.\(key)"
            #expect(faults(below: "limits: {\(key): \(value)}") == ["\(place): must be \(expected), \(found)"])
        }
    }

    /// All six at once, and what is wrong with each is told.
    @Test func tellsAll() {
        let found = faults(below: "limits:\n  pages: 0\n  errors: 0\n  bytes: 0\n  time: 0\n  browser: 0\n  tokens: 0")
        let keys = ["pages", "errors", "bytes", "time", "browser", "tokens"]
        #expect(found.compactMap { $0.split(separator: ": ").dropFirst().first } == keys.map { "limits.\($0)" })
    }

    /// An empty map limits nothing.
    @Test func readsNone() throws { #expect(try file("limits: {}").limits == file("").limits) }
}
