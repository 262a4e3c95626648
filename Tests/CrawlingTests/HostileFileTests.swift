import Crawling
import Foundation
import Testing

/// Files that are made to keep a reader busy, or to bring it down.
@Suite struct HostileFileTests {
    /// Ten values that are each ten of the one before, ten times over: 10 to the power of 10 in all.
    static let bomb =
        "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"
        + (1...9).map { "x\($0): &x\($0) [\(Array(repeating: "*x\($0 - 1)", count: 10).joined(separator: ", "))]\n" }.joined()

    static let tooMany = "with this there are more than 100000 values; what an alias (*name) stands for counts each time"

    /// Aliases of aliases end with a fault where there are too many values.
    @Test func boundsAliases() {
        #expect(faults(HostileFileTests.bomb) == ["line 5, column 45: \(HostileFileTests.tooMany)"])
    }

    /// The library itself would be busy with each of these for minutes, and for years with a few lines more.
    /// Aliases as keys are never put in place, where they would be hashed.
    @Test(.timeLimit(.minutes(1)),
        arguments: [
            ("*x9 : 1", "line 5, column 45: with this"), ("a: {[*x9]: 1}", "line 5, column 45: with this"),
            ("[*x9]: 1", "line 5, column 45: with this"),
            ("? *x9\n: 1", "line 12, column 1: this isn't YAML"), ("? [*x9, {*x9 : *x9}]\n: 1", "line 12, column 1: this isn't YAML"),
        ])
    func boundsKeys(_ key: String, _ fault: String) {
        let found = faults(HostileFileTests.bomb + key)
        #expect(found.count == 1 && found[0].hasPrefix(fault), "\(found)")
    }

    /// A list with as many values as may be is read, and one more isn't.
    @Test func boundsValues() throws {
        // The map, its two values, and what include lists.
        let most = 100_000 - 3
        let list = Array(repeating: "/abcde", count: most)
        #expect(try file("include: [\(list.joined(separator: ","))]").include.count == most)
        #expect(faults(below: "include: [\(list.joined(separator: ",")),/a]").map { $0.hasSuffix(HostileFileTests.tooMany) } == [true])
    }

    /// Depth has an end, whatever makes it.
    @Test(arguments: [
            String(repeating: "[", count: 500_000), String(repeating: "{a: ", count: 200_000), String(repeating: "- ", count: 300_000),
            String(repeating: "? ", count: 300_000), String(repeating: "{? ", count: 300_000),
            String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
            String(repeating: "{[", count: 300_000), (0..<900).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
            "a: " + String(repeating: "&a [", count: 900) + String(repeating: "]", count: 900), String(repeating: "!a ", count: 300_000),
        ]) func boundsDepth(_ text: String)
    {
        #expect(!faults(text).isEmpty)
        #expect(!faults(below: "include: \(text)").isEmpty)
    }

    /// 16 deep is a matter of the field, 17 of the file.
    @Test func boundsOurDepth() {
        let deep = { (count: Int) in "include: " + String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        #expect(faults(below: deep(15)) == ["line 2, column 11: include[0]: must be a pattern, as /jobs/**, not a list"])
        #expect(
            faults(below: deep(16)).last == "line 2, column 25: this is more than 16 lists and maps deep; a crawl file needs no more than 4"
        )
    }

    /// A file has a megabyte at most.
    @Test func boundsSize() throws {
        let text = "start: https://a.test\n#"
        #expect(throws: Never.self) { try CrawlFile(text + String(repeating: "x", count: 1_000_000 - text.utf8.count), environment: [:]) }
        let found = faults(text + String(repeating: "x", count: 1_000_001 - text.utf8.count))
        #expect(found == ["line 1, column 1: the file is over 1000000 bytes, which is the most that is read"])
    }

    /// Directives are not used.
    @Test func refusesDirectives() {
        let fault = "a line that begins with % is a directive, which can't be used in a crawl file; take it out"
        #expect(faults("%YAML 1.2\n---\nstart: https://a.test") == ["line 1, column 1: \(fault)"])
        #expect(faults((1...60_000).map { "%TAG !a\($0)! b\n" }.joined()).count == 51)
    }

    /// Texts have 20000 bytes at most, variables filled in.
    @Test func boundsTexts() throws {
        let text = String(repeating: "x", count: 20_000)
        #expect(try file("page: {model: \(text)}").page.model == text)
        #expect(try file("page: {model: '${X}'}", environment: ["X": text]).page.model == text)
        #expect(faults(below: "page: {model: \(text)x}") == ["line 2, column 15: page.model: must be at most 20000 bytes long"])
        #expect(
            faults(below: "page: {model: '${X}x'}", environment: ["X": text]) == [
                "line 2, column 15: page.model: must be at most 20000 bytes long"
            ])
    }

    /// What variables make is bounded, in one text and in all.
    @Test func boundsVariables() {
        let environment = ["X": String(repeating: "x", count: 10_000)]
        let one = faults(below: "include: '\(String(repeating: "${X}", count: 10_000))'", environment: environment)
        #expect(one == ["line 2, column 10: include: with this the file's texts with variables are over 1000000 bytes"])
        let all = faults(below: "include: [\(Array(repeating: "\"${X}\"", count: 101).joined(separator: ","))]", environment: environment)
        #expect(all.count == 1 && all[0].contains("include[100]: with this the file's"))
    }

    /// Values that grow deep by aliases of aliases end, too.
    @Test func boundsDepthOfAliases() {
        let chain = (1...800).map { "a\($0): &a\($0) [[[[[[[[[[[[[*a\($0 - 1)]]]]]]]]]]]]]\n" }.joined()
        #expect(!faults("a0: &a0 [a]\n" + chain).isEmpty)
    }

    /// The same key hundreds of times, each is told.
    @Test func tellsKeysThere() {
        let found = faults(below: "scope: hots\n" + String(repeating: "depth: 1\n", count: 300))
        #expect(found.count == 51)
        #expect(found[0].hasPrefix("line 2, column 8: scope: must be one of"))
        #expect(found[10].hasSuffix(#"the key "depth" is there a second time; the first is on line 3"#))
    }

    /// Thousands of keys that are there twice end with the one that was come to.
    @Test func boundsKeysThere() {
        let pairs = faults(below: (0..<30_000).map { "key\($0): 1\nkey\($0): 1\n" }.joined())
        #expect(pairs.count == 1 && pairs[0].hasSuffix("is there more than once"))
    }

    /// Control characters, line ends that editors don't count, and the reader's own stand-ins are told with their place.
    @Test(arguments: [
            ("\u{0}", "0000"), ("\u{1B}", "001B"), ("\u{7F}", "007F"), ("\u{85}", "0085"), ("\u{2028}", "2028"), ("\u{FEFF}", "FEFF"),
            ("\u{FFFF}", "FFFF"),
            ("\u{E02A}", "E02A"), ("\u{E100}", "E100"), ("\u{E4FF}", "E4FF"),
        ]) func tellsCharacters(_ character: String, _ code: String)
    {
        let found = faults("start: https://a.test\r\nname: a\rdepth: 4\npage: {model: 'a\(character)b', proxy: \(character)}")
        let advice = "the character U+\(code) can't stand in a crawl file; take it out, or write it as \"\\u\(code)\""
        #expect(found == ["line 4, column 17: \(advice)", "line 4, column 29: \(advice)"])
    }

    /// Other characters are as they are, in private use and beyond the first plane.
    @Test func takesCharacters() throws {
        #expect(
            try file("page: {model: \"\u{1F600}\u{F8FF}\u{E500}\u{10FFFD}e\u{301}\"}").page.model
                == "\u{1F600}\u{F8FF}\u{E500}\u{10FFFD}e\u{301}")
        #expect(faults(below: "page: {model: \"\u{1F600}\u{1F600}\", modle: 4}")[0].hasPrefix("line 2, column 21: "))
    }

    /// A stand-in that is written as an escape is a character like others.
    @Test func takesEscapes() throws {
        #expect(try file(#"page: {model: "a\uE02Ab", proxy: "\uE02Aa"}"#).page.proxy?.unicodeScalars.count == 2)
        #expect(!faults(below: #"{"\uE100": 1, "a": 2, "a": 3}"#).isEmpty)
    }

    /// Bytes taken out, put in, doubled and swapped; whatever comes out, it ends, and what is wrong has a place in the file.
    /// Damaged files are read or refused, and never bring the process down.
    @Test(arguments: 0..<8) func survives(_ seed: UInt64) {
        var luck = Luck(state: seed)
        let parts = [
            "\t", "*", "&a", "*a", "? ", ": ", "- ", "[", "]", "{", "}", "|", ">", "'", "\"", "\n", "\r", "!!", "%", "---", "...", "#",
            "\\", "\u{0}", "${A}", ",", "<<", "\u{1F600}",
        ]
        for _ in 0..<150 {
            var scalars = Array(CrawlFile.example.unicodeScalars)
            for _ in 0..<luck.next(8) + 1 {
                let index = luck.next(scalars.count)
                switch luck.next(4) {
                case 0: scalars.remove(at: index)
                case 1: scalars.insert(contentsOf: parts[luck.next(parts.count)].unicodeScalars, at: index)
                case 2: scalars.swapAt(index, luck.next(scalars.count))
                default: scalars.removeSubrange(index..<min(scalars.count, index + luck.next(200)))
                }
                if scalars.isEmpty { break }
            }
            let text = String(String.UnicodeScalarView(scalars))
            do throws(CrawlFileFaults) { _ = try CrawlFile(text, environment: [:]) } catch {
                let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count
                #expect(!error.faults.isEmpty)
                #expect(
                    error.faults.allSatisfy { (1...lines + 1).contains($0.position.line) && $0.position.column > 0 }, "\(error)\n\(text)")
                #expect(error.faults.map(\.position) == error.faults.map(\.position).sorted())
            }
        }
    }
}

/// A row of numbers that is the same for the same seed.
private struct Luck {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, bound)))
    }
}
