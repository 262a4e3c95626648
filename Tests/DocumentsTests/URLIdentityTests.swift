import Foundation
import TestMaterial
import Testing

@testable import Documents

@Suite struct URLIdentityTests {
    /// Addresses are read as browsers read them: the URL standard's rules, each by a case.
    @Test(arguments: [
        // References
        ("http://a.test/b/c?d#e", "", "http://a.test/b/c?d"),
        ("http://a.test/b/c?d#e", "#f", "http://a.test/b/c?d#f"),
        ("http://a.test/b/c?d", "?x=1", "http://a.test/b/c?x=1"),
        ("http://a.test/b/c?d", "x", "http://a.test/b/x"),
        ("http://a.test/b/c", "/x", "http://a.test/x"),
        ("http://a.test/b/c", "//other.test/x", "http://other.test/x"),
        ("https://a.test/b/c", "http:x", "http://x/"),
        ("http://a.test/b/c", "http:x", "http://a.test/b/x"),
        ("http://a.test/b/c", "https://other.test", "https://other.test/"),
        ("http://a.test", "x", "http://a.test/x"),
        // Dots
        ("http://a.test/b/c/d", "../x", "http://a.test/b/x"),
        ("http://a.test/b/c/d", "../../../../x", "http://a.test/x"),
        ("http://a.test/b/c/d", ".", "http://a.test/b/c/"),
        ("http://a.test/b/c/d", "..", "http://a.test/b/"),
        ("http://a.test/b/", "./x/./y/../z", "http://a.test/b/x/z"),
        ("http://a.test/b/", "%2e%2E/x", "http://a.test/x"),
        ("http://a.test/b/", "x//y", "http://a.test/b/x//y"),
        // Spelling
        ("http://a.test/", "  x y\t\n z  ", "http://a.test/x%20y%20z"),
        ("http://a.test/b/c", "\\x\\y", "http://a.test/x/y"),
        ("http://a.test/", "HTTP:\\\\Other.TEST\\x", "http://other.test/x"),
        ("http://a.test/", "/füße/日本?ö=ü#ß", "http://a.test/f%C3%BC%C3%9Fe/%E6%97%A5%E6%9C%AC?%C3%B6=%C3%BC#%C3%9F"),
        ("http://a.test/", "/a|b{c}^`\"<>", "http://a.test/a|b%7Bc%7D%5E%60%22%3C%3E"),
        ("http://a.test/", "/%zz%41%e4", "http://a.test/%zz%41%e4"),
        ("http://a.test/", "?a'b\"c d", "http://a.test/?a%27b%22c%20d"),
        // Hosts and ports
        ("http://a.test/", "http://BÜCHER.example/", "http://xn--bcher-kva.example/"),
        ("http://a.test/", "http://faß.example/", "http://xn--fa-hia.example/"),
        ("http://a.test/", "http://例え.テスト/", "http://xn--r8jz45g.xn--zckzah/"),
        ("http://a.test/", "http://ＥＸＡＭＰＬＥ。com/", "http://example.com/"),
        ("http://a.test/", "http://%65xample.com/", "http://example.com/"),
        ("http://a.test/", "http://x.test:80/", "http://x.test/"),
        ("http://a.test/", "https://x.test:443/", "https://x.test/"),
        ("http://a.test/", "http://x.test:443/", "http://x.test:443/"),
        ("http://a.test:8080/", "/x", "http://a.test:8080/x"),
        ("http://a.test/", "http://user:pa ss@x.test/", "http://user:pa%20ss@x.test/"),
        ("http://a.test/", "http://0x7f.1/", "http://127.0.0.1/"),
        ("http://a.test/", "http://3232235777/", "http://192.168.1.1/"),
        ("http://a.test/", "http://[::FFFF:1.2.3.4]/", "http://[::ffff:102:304]/"),
        ("http://a.test/", "http://[1:0:0:2:0:0:0:3]:81/", "http://[1:0:0:2::3]:81/"),
        // Other schemes
        ("http://a.test/", "mailto:a b@c.test", "mailto:a b@c.test"),
        ("http://a.test/", "javascript:void(0)", "javascript:void(0)"),
        ("file:///a/b/c.html", "d.html", "file:///a/b/d.html"),
        ("file:///a/b/c.html", "/d.html", "file:///d.html"),
        // Refused
        ("http://a.test/", "http://", nil),
        ("http://a.test/", "http://a b/", nil),
        ("http://a.test/", "http://x.test:99999/", nil),
        ("http://a.test/", "http://x.test:8a/", nil),
        ("http://a.test/", "http://[::1/", nil),
        ("http://a.test/", "http://1.2.3.256/", nil),
        ("http://a.test/", "http://%00/", nil),
        ("mailto:x", "y", nil),
        ("", "x", nil),
        ("", "http://a.test", "http://a.test/"),
    ] as [(String, String, String?)])
    func resolving(base: String, reference: String, expected: String?) {
        #expect(URLIdentity.resolve(base, reference) == expected)
    }

    /// Reading an address again changes nothing, and the fragment is no part of a document's address.
    @Test func stable() throws {
        let url = try #require(URLIdentity("HTTP://Ü.example:80/a/../b c?d#e"))
        #expect(URLIdentity(url.href) == url)
        #expect(url.withoutFragment == "http://xn--tda.example/b%20c?d")
        #expect(url.isWeb && url.host == "xn--tda.example" && url.port == nil)
        #expect(url.path == "/b%20c" && url.query == "d" && url.fragment == "e")
    }

    /// The URL standard's own cases of the schemes that a page can be visited by: at least 98 of 100 agree.
    @Test(.enabled(if: Material.file("data/conformance/url/urltestdata.json") != nil))
    func conformance() throws {
        let path = try #require(Material.file("data/conformance/url/urltestdata.json"))
        let cases = try #require(try JSON(parsing: String(decoding: try Data(contentsOf: path), as: UTF8.self)).array)
        var count = 0
        var all = 0
        var right = 0
        var allRight = 0
        for entry in cases {
            guard let input = entry["input"]?.string else { continue }
            let base = entry["base"]?.string
            let expected = entry["failure"] == nil ? entry["href"]?.string : nil
            let isRight: Bool
            if let base, base != "about:blank" {
                isRight = URLIdentity.resolve(base, input) == expected
            } else {
                isRight = URLIdentity(input)?.href == expected
            }
            all += 1
            allRight += isRight ? 1 : 0
            let scheme = (expected ?? (input.contains(":") ? input : base ?? input)).lowercased()
            guard ["http:", "https:", "file:"].contains(where: { scheme.hasPrefix($0) }) else { continue }
            count += 1
            right += isRight ? 1 : 0
            if !isRight, expected != nil { Issue.record("\(input.debugDescription) against \(base ?? "nothing") is not \(expected ?? "")") }
        }
        #expect(count > 500 && Double(allRight) >= 0.98 * Double(all))
        #expect(Double(right) >= 0.98 * Double(count))
    }
}
