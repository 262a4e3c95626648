import Documents
import Foundation
import TestMaterial
import Testing

@testable import Discovery

@Suite struct PageKeyTests {
    /// Addresses of one page have one key, and it is told what was taken away.
    @Test(arguments: [
            ("HTTP://Example.test:80/a#top", "http://example.test/a", ["#top"]),
            ("http://example.test", "http://example.test/", []),
            ("http://example.test/#!/about", "http://example.test/#!/about", []),
            ("http://example.test/#/about", "http://example.test/#/about", []),
            ("http://example.test/%7euser/%2f%c3%a9/b%41", "http://example.test/~user/%2F%C3%A9/bA", []),
            ("http://example.test/%zz%4", "http://example.test/%zz%4", []),
            ("http://u:p@example.test/", "http://example.test/", ["the login"]),
            ("http://example.test/?utm_source=a&id=1&UTM_Medium=b", "http://example.test/?id=1", ["utm_source=a", "UTM_Medium=b"]),
            ("http://example.test/?gclid=x", "http://example.test/", ["gclid=x"]),
            ("http://example.test/a;jsessionid=1A2B?x=1", "http://example.test/a?x=1", [";jsessionid=1A2B"]),
            ("http://example.test/a;JSESSIONID=1A;v=2/b", "http://example.test/a;v=2/b", [";JSESSIONID=1A"]),
            ("http://example.test/(S(lit3py55t21z5v55vlm25s55))/p.aspx", "http://example.test/p.aspx", ["(S(lit3py55t21z5v55vlm25s55))"]),
            ("http://example.test/?PHPSESSID=abc&ASPSESSIONIDQQ=1", "http://example.test/", ["PHPSESSID=abc", "ASPSESSIONIDQQ=1"]),
            (
                "http://example.test/?sid=0123456789abcdef0123456789abcdef&t=2", "http://example.test/?t=2",
                ["sid=0123456789abcdef0123456789abcdef"]
            ),
            (
                "http://example.test/?session=01234567-89ab-cdef-0123-456789abcdef", "http://example.test/",
                ["session=01234567-89ab-cdef-0123-456789abcdef"]
            ),
        ])
    func keys(_ address: String, _ key: String, _ removed: [String]) throws {
        let found = PageKey(try #require(URLIdentity(address)))
        #expect(found.text == key)
        #expect(found.removed == removed)
    }

    /// What may be another page has another key.
    @Test(arguments: [
            ("/a", "/a/"), ("/", "/index.html"), ("/a", "/A"), ("/?a=1&b=2", "/?b=2&a=1"), ("/?a=1", "/?a=1&b="), ("/?a=1", "/?&a=1"),
            ("/?q=a+b", "/?q=a%20b"), ("/a%2Fb", "/a/b"), ("/?sid=1", "/?sid=2"),
            ("/?sid=5f2b18e4a1c9d3e7f0a1b2c3", "/?sid=5f2b18e4a1c9d3e7f0a1b2c4"),
            ("/?s=12345678901234567890123456789012", "/?s=12345678901234567890123456789013"), ("/?ref=a", "/?ref=b"),
            ("/?source=a", "/?source=b"),
            ("/a;v=1", "/a;v=2"), ("/#/a", "/#/b"), ("/x", "//x"), ("/a", "https://example.test/a"), ("/a", "http://www.example.test/a"),
            ("/?tab", "/"), ("/?", "/"),
        ])
    func distinct(_ one: String, _ other: String) throws {
        let base = try #require(URLIdentity("http://example.test/"))
        #expect(PageKey(try #require(URLIdentity(one, base: base))) != PageKey(try #require(URLIdentity(other, base: base))))
    }

    /// Parameters are sorted where the rules say so.
    @Test
    func sorted() throws {
        var rules = PageKey.Rules()
        rules.sortsParameters = true
        #expect(PageKey(try #require(URLIdentity("http://a.test/?c=1&b=2&c=0")), rules: rules).text == "http://a.test/?b=2&c=0&c=1")
    }

    /// The key of a key's text is the same key.
    @Test(.enabled(if: Material.file("data/conformance/url/urltestdata.json") != nil, "no test material"))
    func stable() throws {
        let file = try #require(Material.file("data/conformance/url/urltestdata.json"))
        var count = 0
        for case let entry as [String: Any] in try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [Any] ?? [] {
            guard let href = entry["href"] as? String, let url = URLIdentity(href), url.isWeb else { continue }
            let key = PageKey(url)
            #expect(URLIdentity(key.text).map { PageKey($0).text } == key.text, "\(href)")
            count += 1
        }
        #expect(count > 200)
    }

    /// w3lib's canonical form sorts parameters, drops empty parts, writes "+" for spaces and "=" after every name: all of that is
    /// more than we do. Its cases without these are ours as well.
    /// W3lib's canonical addresses are ours.
    @Test(.enabled(if: Material.file("data/conformance/url/w3lib_url_cases.jsonl") != nil, "no test material"))
    func w3lib() throws {
        let file = try #require(Material.file("data/conformance/url/w3lib_url_cases.jsonl"))
        let more: Set<Int> = [1359, 1363, 1369, 1388, 1400, 1410, 1415, 1421, 1425, 1429, 1558, 1641]
        // A host that browsers refuse, a scheme they know nothing of, and logins, which our keys leave out.
        let other: Set<Int> = [1572, 1578, 1630, 1655, 1659, 1802]
        var rules = PageKey.Rules()
        rules.tracking = []
        var count = 0
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let entry = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard entry["function"] as? String == "canonicalize_url", (entry["kwargs"] as? [String: Any])?.isEmpty == true,
                let address = (entry["args"] as? [String])?.first, let expected = entry["expected"] as? String,
                let number = entry["line"] as? Int,
                !more.contains(number), !other.contains(number), let url = URLIdentity(address)
            else { continue }
            #expect(PageKey(url, rules: rules).text == expected, "line \(number)")
            count += 1
        }
        #expect(count >= 30)
    }

    /// crawler-commons also folds slashes, sorts parameters, drops a host's last dot, and escapes what browsers leave alone.
    /// Crawler-commons' escapes are ours.
    @Test(.enabled(if: Material.file("data/conformance/url/crawler-commons-weirdToNormalizedUrls.csv") != nil, "no test material"))
    func crawlerCommons() throws {
        let file = try #require(Material.file("data/conformance/url/crawler-commons-weirdToNormalizedUrls.csv"))
        let more = ["x[y]", "com//", "com////", "aa//", "bb//", "=foobar", "%zz%", "org./", "?b=1&a=1", "index?", "example.com/?"]
        var count = 0
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.components(separatedBy: ", ")
            guard parts.count == 2, let url = URLIdentity(parts[0]), url.isWeb, !more.contains(where: { parts[0].contains($0) }) else {
                continue
            }
            #expect(PageKey(url).text == parts[1])
            count += 1
        }
        #expect(count >= 60)
    }

    /// Numbers of keys are the same everywhere, and others with another seed.
    @Test
    func numbers() throws {
        let key = PageKey(try #require(URLIdentity("http://a.test/")))
        #expect(key.number() == 12_730_429_847_427_206_788)
        #expect(key.number(seed: 1) != key.number(seed: 2))
    }
}
