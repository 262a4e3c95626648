import Changes
import Documents
import Testing

@Suite struct ValueTests {
    static let same = [
        ("1", "1.0"), ("120", "1.2e2"), ("0.5", "5E-1"), ("0", "-0.0"), ("100", "1e+2"), ("0.000", "0"), ("-12.50", "-12.5"),
        (#""a b""#, #"" a \n\t b ""#), (#""a""#, #""a ""#), (#""a b""#, #""a\u00a0b""#), (#""é x""#, #""é\u2003\u2003x""#),
        (#""é""#, #""e\u0301""#),
        (#"{"amount": "12.50", "currency": "EUR"}"#, #"{"currency": "eur", "amount": "12.5"}"#),
        (#"{"amount": "12.50", "currency": "EUR"}"#, #"{"amount": 12.5, "currency": "EUR"}"#),
        (#"{"amount": "3", "currency": null}"#, #"{"amount": "3.0"}"#), (#"["a", 1]"#, #"[" a", 1.0]"#), ("null", #""  ""#), ("null", "[]"),
        ("null", "{}"),
        ("null", "[null]"), ("null", #"{"amount": null, "currency": "EUR"}"#), (#"{"a": 1, "b": 2}"#, #"{"b": 2, "a": 1, "c": null}"#),
        (#"{"a": 1}"#, #"{"a": 2, "a": 1}"#), (#"[{"a": 1}, {"b": 2}]"#, #"[{"a": 1.0}, {"b": 2.0}]"#), ("1e99999999999", "1e99999999999"),
        ("10e9223372036854775807", "10e9223372036854775807"),
        // A difference that doubles can't hold is not lost.
        ("12345678901234567890.10", "12345678901234567890.1"),
    ]

    /// Values that mean the same are no change.
    @Test(arguments: same) func isNoChange(_ old: String, _ new: String) throws {
        let diff = try RunDiff(old: run(#"{"id": "x", "v": \#(old)}"#), new: run(#"{"id": "x", "v": \#(new)}"#))
        #expect(diff.outcome == "new 0 gone 0 changed 0 moved 0 same 1 unseen 0+0")
        #expect(diff.isEmpty)
    }

    static let different: [(String, String, RunDiff.LeafChange.Kind)] = [
        ("1", "2", .changed), ("1", #""1""#, .changed), ("1", "true", .changed), ("1", "-1", .changed), ("10", "1", .changed),
        ("true", "false", .changed),
        (#""a b""#, #""ab""#, .changed), (#""a""#, #""A""#, .changed), (#""2026-01-01""#, #""1 January 2026""#, .changed),
        ("null", "0", .added),
        ("false", "null", .removed), (#"{"amount": "3", "currency": "EUR"}"#, #"{"amount": "3", "currency": "USD"}"#, .changed),
        (#"{"amount": "3", "currency": "EUR"}"#, #"{"amount": "3.01", "currency": "EUR"}"#, .changed),
        (#"{"amount": "3", "currency": "EUR"}"#, #"{"amount": "3"}"#, .changed), (#"["a", "b"]"#, #"["b", "a"]"#, .changed),
        (#"["a"]"#, "[]", .removed),
        ("12345678901234567890.1", "12345678901234567890.2", .changed), ("1e99999999999", "1e99999999998", .changed),
    ]

    /// Values that mean something else are one change of the leaf.
    @Test(arguments: different)
    func isOneChange(_ old: String, _ new: String, _ kind: RunDiff.LeafChange.Kind) throws {
        let diff = try RunDiff(old: run(#"{"id": "x", "v": \#(old)}"#), new: run(#"{"id": "x", "v": \#(new)}"#))
        let leaf = try #require(diff.changed.first?.leaves.first)
        #expect(diff.changed.count == 1 && diff.changed[0].leaves.count == 1)
        #expect((leaf.path, leaf.field, leaf.kind) == ("/v", "v", kind))
        #expect(try leaf.old == (kind == .added ? nil : JSON(parsing: old)))
        #expect(try leaf.new == (kind == .removed ? nil : JSON(parsing: new)))
    }

    /// Values inside objects and lists of objects change by themselves.
    @Test func goesInside() throws {
        let diff = try RunDiff(
            old: run(#"{"id": "x", "seller": {"name": "A", "city": "B"}, "offers": [{"price": 1}, {"price": 2}], "a/b": 1}"#),
            new: run(#"{"id": "x", "seller": {"name": "C", "city": "B"}, "offers": [{"price": 1}, {"price": 3}, {"price": 4}], "a/b": 2}"#))
        let leaves = try #require(diff.changed.first?.leaves)
        #expect(
            leaves.map { "\($0.path) \($0.field) \($0.kind)" } == [
                "/seller/name seller.name changed", "/offers/1/price offers.price changed", "/a~1b a/b changed",
                "/offers/2/price offers.price added",
            ])
    }

    /// A record that is nested deeper than anyone writes is compared, too.
    @Test func boundsDepth() throws {
        func deep(_ value: String) -> String { String(repeating: #"{"a":"#, count: 200) + value + String(repeating: "}", count: 200) }
        #expect(try RunDiff(old: run(deep("1")), new: run(deep("1"))).isEmpty)
        #expect(try RunDiff(old: run(deep("1")), new: run(deep("2"))).changed.count == 1)
    }

    /// What may differ is not compared.
    @Test(arguments: ["at", "/at", "meta", "meta.at", "/meta/at", "list.at"]) func ignores(
        _ field: String
    ) throws {
        func record(_ at: Int) -> String { #"{"id": "x", "at": \#(at), "meta": {"at": \#(at)}, "list": [{"at": \#(at)}]}"# }
        let diff = try RunDiff(old: run(record(1)), new: run(record(2)), options: DiffOptions(ignore: [field]))
        #expect(try #require(diff.changed.first).leaves.count == 2)
        #expect(try RunDiff(old: run(record(1)), new: run(record(2)), options: DiffOptions(by: "", ignore: "at, meta , list")).isEmpty)
    }

    /// What tells records apart is compared, even if it may differ.
    @Test func comparesIdentities() throws {
        let options = try DiffOptions(by: "k", ignore: "k")
        let diff = try RunDiff(old: run(#"{"k": 1, "v": 1}"#), new: run(#"{"k": 2, "v": 1}"#), options: options)
        #expect(diff.outcome == "new 1 gone 1 changed 0 moved 0 same 0 unseen 0+0")
    }
}

@Suite struct OptionTests {
    /// Fields are read from a list as it is typed.
    @Test func reads() throws {
        #expect(try DiffOptions(by: "id, sku", ignore: " ") == DiffOptions(by: ["id", "sku"]))
    }

    static let wrong = [("id,,sku", "", "by \"id,,sku\": a field's name is missing"), ("", "a,b,a", "ignore \"a,b,a\": a is there twice")]

    /// A list that can't be read is refused by name.
    @Test(arguments: wrong) func refuses(_ by: String, _ ignore: String, _ message: String)
    {
        #expect { try DiffOptions(by: by, ignore: ignore) } throws: { "\($0)".hasPrefix(message) }
    }
}
