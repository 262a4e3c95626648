@testable import DevTools
import Testing

struct JSONReaderTests {
    /// Strings come out as JSON says, escapes, pairs and lone surrogates included (RFC 8259 section 7).
    @Test(arguments: [
        (#""plain""#, "plain"), (#""a\"b\\c\/d""#, "a\"b\\c/d"), (#""\n\t\r\b\f""#, "\n\t\r\u{8}\u{C}"), (#""\u00e9""#, "é"),
        (#""\ud83d\ude00""#, "😀"), (#""\ud83dx""#, "\u{FFFD}x"), ("\"ü\"", "ü"),
    ])
    func strings(json: String, text: String) throws {
        #expect(try JSONReader.read(Array(json.utf8)) { try $0.string() } == text)
    }

    /// Numbers come out as JSON says (RFC 8259 section 6).
    @Test(arguments: [
        ("0", 0.0), ("-12", -12), ("3.5", 3.5), ("1e3", 1000), ("-2.5E-1", -0.25), ("12345678901234567890", 1.2345678901234567e19),
    ])
    func numbers(json: String, value: Double) throws {
        #expect(try JSONReader.read(Array(json.utf8)) { try $0.number() } == value)
    }

    /// A message that breaks off is an error at every length, never a trap.
    @Test func truncated() throws {
        let whole = Array(#"{"a":[1,-2,{"b":"x\u0041\n"}],"c":true,"d":null,"list":[1,2,3],"n":-1.5e2}"#.utf8)
        func read(_ bytes: [UInt8]) throws -> [Int32] {
            var list: [Int32] = []
            try JSONReader.read(bytes) { json in
                try json.object { key, json in
                    switch key {
                    case "list": try json.integers(into: &list)
                    case "n": _ = try json.number()
                    default: try json.skip()
                    }
                }
            }
            return list
        }
        #expect(try read(whole) == [1, 2, 3])
        for length in 0..<whole.count {
            #expect(throws: (any Error).self) { try read(Array(whole.prefix(length))) }
        }
    }

    /// Values are skipped without recursion: a page can't overflow our stack by nesting.
    @Test func deep() throws {
        let depth = 200_000
        let json = #"{"deep":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + #","after":7}"#
        var after = 0
        try JSONReader.read(Array(json.utf8)) { json in
            try json.object { key, json in if key == "after" { after = try json.integer() } else { try json.skip() } }
        }
        #expect(after == 7)
    }
}
