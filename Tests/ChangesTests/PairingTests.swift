import Changes
import Documents
import Testing

@Suite struct PairingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var claim: String
        var old: [String]
        var new: [String]
        var by: [String] = []
        var outcome: String
        var identity: [String]
        var testDescription: String { claim }
    }

    static func article(_ number: Int, date: String = "2026-01-01", url: String? = nil) -> String {
        #"{"title": "Title of \#(number)", "url": "\#(url ?? "https://a.example/" + String(number))", "date": "\#(date)", "section": "News", "author": "Ann"}"#
    }

    static func named(_ name: String, price: Int = 9) -> String { #"{"name": "\#(name)", "price": \#(price), "stock": 1, "brand": "B"}"# }

    static let cases = [
        Case(
            claim: "an id tells records apart", old: (1...4).map { product($0) },
            new: [product(5), product(3), product(2, price: "8.00"), product(1)],
            outcome: "new 1 gone 1 changed 1 moved 0 same 2 unseen 0+0", identity: ["id"]),
        Case(
            claim: "an address tells apart what is alike, also where most are new", old: (1...10).map { article($0) },
            new: (9...18).map { article($0) }, outcome: "new 8 gone 8 changed 0 moved 0 same 2 unseen 0+0", identity: ["url"]),
        Case(
            claim: "addresses that are new each time are no identity", old: (1...4).map { article($0, url: "https://a.example/?s=a\($0)") },
            new: (1...4).map { article($0, url: "https://a.example/?s=b\($0)") },
            outcome: "new 0 gone 0 changed 4 moved 0 same 0 unseen 0+0",
            identity: ["title"]),
        Case(
            claim: "a picture's address is no identity",
            old: (1...4).map { #"{"name": "N\#($0)", "image_url": "i\#($0)", "price": 1}"# },
            new: (1...4).map { #"{"name": "N\#($0)", "image_url": "i\#(5 - $0)", "price": 1}"# },
            outcome: "new 0 gone 0 changed 4 moved 0 same 0 unseen 0+0",
            identity: ["name"]),
        Case(
            claim: "a rank says where a record stands, not which it is",
            old: (1...4).map { #"{"rank": "no \#($0)", "page": "x \#($0)", "who": "W \#($0)", "a": "same"}"# },
            new: (0...3).map { #"{"rank": "no \#($0 + 1)", "page": "x \#($0 + 1)", "who": "W \#($0)", "a": "same"}"# },
            outcome: "new 1 gone 1 changed 3 moved 0 same 0 unseen 0+0", identity: ["who"]),
        Case(
            claim: "a picture's address is no part of an identity",
            old: (0..<4).map { #"{"name": "N\#($0 / 2)", "image_url": "i\#($0)", "price": \#($0)}"# },
            new: (0..<4).map { #"{"name": "N\#($0 / 2)", "image_url": "i\#($0)", "price": \#($0)}"# },
            outcome: "new 0 gone 0 changed 0 moved 0 same 4 unseen 0+0",
            identity: []),
        Case(
            claim: "of two addresses the one that more records share is the identity",
            old: (1...4).map { #"{"a_url": "x\#($0)", "url": "u\#($0)", "price": 1}"# },
            new: (1...4).map { #"{"a_url": "x\#($0 + ($0 > 2 ? 9 : 0))", "url": "u\#($0)", "price": 2}"# },
            outcome: "new 0 gone 0 changed 4 moved 0 same 0 unseen 0+0",
            identity: ["url"]),
        Case(
            claim: "numbers are measures, not identities", old: [#"{"price": 1, "w": "a"}"#, #"{"price": 2, "w": "a"}"#],
            new: [#"{"price": 2, "w": "a"}"#, #"{"price": 3, "w": "a"}"#], outcome: "new 0 gone 0 changed 1 moved 0 same 1 unseen 0+0",
            identity: []),
        Case(
            claim: "two fields together tell apart what neither does alone",
            old: (0..<8).map { #"{"name": "N\#($0 / 2)", "size": "\#($0 % 2 == 0 ? "small" : "large")", "price": \#($0)}"# },
            new: (0..<8).reversed().map {
                #"{"name": "N\#($0 / 2)", "size": "\#($0 % 2 == 0 ? "small" : "large")", "price": \#($0 * 3 + 1)}"#
            },
            outcome: "new 0 gone 0 changed 8 moved 0 same 0 unseen 0+0", identity: ["name", "size"]),
        Case(
            claim: "a name that was mended is the same record, if three values of four are", old: (1...5).map { named("Product \($0)") },
            new: (1...5).map { named($0 == 3 ? "Product three" : "Product \($0)") },
            outcome: "new 0 gone 0 changed 1 moved 0 same 4 unseen 0+0",
            identity: ["name"]),
        Case(
            claim: "another name and another price is another record", old: (1...5).map { named("Product \($0)") },
            new: (1...5).map { $0 == 3 ? named("Product three", price: 8) : named("Product \($0)") },
            outcome: "new 1 gone 1 changed 0 moved 0 same 4 unseen 0+0", identity: ["name"]),
        Case(
            claim: "another id is another record, however alike", old: (1...5).map { product($0) },
            new: (1...4).map { product($0) } + [product(5).replacing("p5", with: "p6")],
            outcome: "new 1 gone 1 changed 0 moved 0 same 4 unseen 0+0",
            identity: ["id"]),
        Case(
            claim: "the identity that the caller names goes before others", old: [product(1, stock: 7), product(2, stock: 8)],
            new: [product(1, stock: 8), product(2, stock: 9)], by: ["stock"], outcome: "new 1 gone 1 changed 1 moved 0 same 0 unseen 0+0",
            identity: ["stock"]),
        Case(
            claim: "a field inside another may be the identity", old: [#"{"a": {"k": 1}, "b": 1}"#, #"{"a": {"k": 2}, "b": 2}"#],
            new: [#"{"a": {"k": 2}, "b": 1}"#, #"{"a": {"k": 1}, "b": 2}"#], by: ["/a/k"],
            outcome: "new 0 gone 0 changed 2 moved 0 same 0 unseen 0+0",
            identity: ["/a/k"]),
        Case(
            claim: "an object may be the identity", old: [#"{"a": {"k": 1, "l": 1}, "b": 1}"#, #"{"a": {"k": 1, "l": 2}, "b": 2}"#],
            new: [#"{"a": {"k": 1, "l": 3}, "b": 1}"#, #"{"a": {"k": 1, "l": 2}, "b": 2}"#], by: ["a"],
            outcome: "new 1 gone 1 changed 0 moved 0 same 1 unseen 0+0", identity: ["a"]),
        Case(
            claim: "text that few records share is no identity", old: (1...4).map { #"{"who": "W\#($0)", "a": 1, "b": 2}"# },
            new: (4...7).map { #"{"who": "W\#($0)", "a": 1, "b": 2}"# }, outcome: "new 0 gone 0 changed 3 moved 0 same 1 unseen 0+0",
            identity: []),
        Case(
            claim: "nor is an id that hardly any share", old: (1...20).map { #"{"id": "\#($0)", "a": 1, "b": 2}"# },
            new: (20...39).map { #"{"id": "\#($0)", "a": 1, "b": 2}"# }, outcome: "new 0 gone 0 changed 19 moved 0 same 1 unseen 0+0",
            identity: []),
        Case(
            claim: "what stands in a list tells its elements apart, not the record",
            old: (1...4).map { #"{"offers": [{"id": "\#($0)"}], "a": \#($0)}"# },
            new: [#"{"offers": [{"id": "9"}, {"id": "1"}], "a": 1}"#] + (2...4).map { #"{"offers": [{"id": "\#($0)"}], "a": \#($0)}"# },
            outcome: "new 1 gone 1 changed 0 moved 0 same 3 unseen 0+0", identity: []),
        Case(
            claim: "records with the same identity are paired in order, equal ones first",
            old: [#"{"k": 1, "v": 1}"#, #"{"k": 1, "v": 2}"#],
            new: [#"{"k": 1, "v": 2}"#, #"{"k": 1, "v": 3}"#, #"{"k": 1, "v": 4}"#], by: ["k"],
            outcome: "new 1 gone 0 changed 1 moved 0 same 1 unseen 0+0",
            identity: ["k"]),
        Case(
            claim: "a record that lost its id is found by likeness", old: [product(1), product(2, price: "5")],
            new: [product(1), product(2, price: "5").replacing(#""p2""#, with: "null")], by: ["id"],
            outcome: "new 0 gone 0 changed 1 moved 0 same 1 unseen 0+0",
            identity: ["id"]),
        Case(
            claim: "without an identity the most alike are the same",
            old: [#"{"a": 1, "b": 1, "c": 1, "d": 1}"#, #"{"a": 2, "b": 2, "c": 2, "d": 2}"#],
            new: [#"{"a": 2, "b": 2, "c": 2, "d": 9}"#, #"{"a": 1, "b": 1, "c": 2, "d": 2}"#],
            outcome: "new 0 gone 0 changed 2 moved 0 same 0 unseen 0+0",
            identity: []),
        Case(
            claim: "what is less than half alike is another record", old: [#"{"a": 1, "b": 1, "c": 1}"#, #"{"a": 5}"#],
            new: [#"{"a": 1, "b": 2, "c": 3}"#, #"{"a": 5}"#], outcome: "new 1 gone 1 changed 0 moved 0 same 1 unseen 0+0", identity: []),
        Case(
            claim: "half alike is enough", old: [#"{"a": 1, "b": 1}"#, #"{"a": 5}"#], new: [#"{"a": 1, "b": 2}"#, #"{"a": 5}"#],
            outcome: "new 0 gone 0 changed 1 moved 0 same 1 unseen 0+0", identity: []),
        Case(
            claim: "the only record of a page stays that, whatever changed", old: [#"{"name": "A", "price": 1}"#],
            new: [#"{"name": "B", "price": 2}"#],
            outcome: "new 0 gone 0 changed 1 moved 0 same 0 unseen 0+0", identity: []),
        Case(
            claim: "unless the caller's identity says otherwise", old: [#"{"name": "A", "price": 1}"#],
            new: [#"{"name": "B", "price": 1}"#], by: ["name"],
            outcome: "new 1 gone 1 changed 0 moved 0 same 0 unseen 0+0", identity: ["name"]),
        Case(
            claim: "of equal records as many are gone as there are fewer", old: ["1", "1", "1", "2"], new: ["1", "2"],
            outcome: "new 0 gone 2 changed 0 moved 0 same 2 unseen 0+0", identity: []),
    ]

    /// Records are found again.
    @Test(arguments: cases) func pairs(_ example: Case) throws {
        let (old, new) = try ([page("list", example.old)], [page("list", example.new)])
        let diff = RunDiff(old: old, new: new, options: DiffOptions(by: example.by))
        #expect(diff.outcome == example.outcome)
        #expect(diff.identity == example.identity)
        #expect(diff.isIdentityFound == (example.by.isEmpty && !example.identity.isEmpty))
    }

    /// A record with the same identity on the same page goes before an equal one elsewhere.
    @Test func staysOnItsPage() throws {
        let diff = try RunDiff(
            old: [page("1", [#"{"k": 1, "v": 1}"#]), page("2", [#"{"k": 2, "v": 1}"#])],
            new: [page("1", [#"{"k": 1, "v": 2}"#]), page("2", [#"{"k": 2, "v": 1}"#, #"{"k": 1, "v": 1}"#])],
            options: DiffOptions(by: ["k"]))
        #expect(diff.outcome == "new 1 gone 0 changed 1 moved 0 same 1 unseen 0+0")
    }

    /// The only record of a page may get another id, if half of it stays.
    @Test(arguments: [
            (#"{"id": "x", "a": 3, "b": 3}"#, "new 0 gone 0 changed 1 moved 0 same 2 unseen 0+0"),
            (#"{"id": "x", "a": 3, "b": 9, "c": 9}"#, "new 1 gone 1 changed 0 moved 0 same 2 unseen 0+0"),
        ])
    func keepsItsPage(_ record: String, _ outcome: String) throws {
        func run(_ last: String) throws -> [DiffPage] {
            try [page("1", [#"{"id": "p", "a": 1, "b": 1}"#]), page("2", [#"{"id": "q", "a": 2, "b": 2}"#]), page("3", [last])]
        }
        let diff = try RunDiff(old: run(#"{"id": "r", "a": 3, "b": 3}"#), new: run(record))
        #expect(diff.identity == ["id"])
        #expect(diff.outcome == outcome)
    }

    /// The most alike are paired, not the first that are alike enough.
    @Test func takesTheMostAlike() throws {
        let diff = try RunDiff(
            old: run(#"{"a": 1, "b": 1, "c": 1, "d": 1}"#, #"{"a": 1, "b": 1, "c": 2, "d": 2}"#),
            new: run(#"{"a": 1, "b": 1, "c": 3, "d": 2}"#, #"{"a": 1, "b": 1, "c": 1, "d": 7}"#))
        #expect(diff.changed.map { [$0.old.record, $0.new.record] } == [[1, 0], [0, 1]])
    }

    /// Of several that are as much alike those are paired that stand in the same order.
    @Test func keepsTheOrder() throws {
        let diff = try RunDiff(
            old: run(#"{"a": 1, "b": 1}"#, #"{"a": 1, "b": 2}"#, #"{"a": 1, "b": 3}"#),
            new: run(#"{"a": 1, "b": 7}"#, #"{"a": 1, "b": 8}"#, #"{"a": 1, "b": 9}"#))
        #expect(diff.changed.map { [$0.old.record, $0.new.record] } == [[0, 0], [1, 1], [2, 2]])
    }

    /// More than can be compared each with each are paired only where they are equal, and it is said.
    @Test func boundsComparisons() throws {
        func records(_ change: Int) -> [String] { (0..<2_100).map { #"{"a": \#($0), "b": \#($0 + ($0 == 5 ? 0 : change)), "c": 1}"# } }
        let huge = try RunDiff(
            old: [page("huge", records(0)), page("small", [#"{"x": 1, "y": 1}"#, #"{"x": 2, "y": 2}"#])],
            new: [page("huge", records(1)), page("small", [#"{"x": 1, "y": 3}"#, #"{"x": 2, "y": 4}"#])])
        #expect(huge.outcome == "new 2099 gone 2099 changed 2 moved 0 same 1 unseen 0+0")
        #expect(huge.notes == ["huge: too many records are left over to be compared each with each; only equal ones were paired"])
    }

    /// Records with other ids need no comparing, however many.
    @Test func comparesNoKeys() throws {
        let diff = try RunDiff(
            old: [page("1", (0..<2_500).map { product($0) })], new: [page("1", (2_499..<5_000).map { product($0) })],
            options: DiffOptions(by: ["id"]))
        #expect(diff.outcome == "new 2500 gone 2499 changed 0 moved 0 same 1 unseen 0+0")
        #expect(diff.notes.isEmpty)
    }

    /// An identity that no record has is said.
    @Test func saysWhatIsMissing() throws {
        let diff = try RunDiff(old: run(product(1), product(2)), new: run(product(1)), options: DiffOptions(by: ["idd"]))
        #expect(diff.notes == ["by \"idd\": no record of the old run has it", "by \"idd\": no record of the new run has it"])
    }

    /// Records that are no objects are compared, too.
    @Test func takesAnything() throws {
        let diff = try RunDiff(old: run("1", #""a""#, "null"), new: run("1.0", #""b""#, "null"))
        #expect(diff.outcome == "new 1 gone 1 changed 0 moved 0 same 2 unseen 0+0")
    }
}
