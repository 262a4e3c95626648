import Changes
import Documents
import Testing

@Suite struct SummaryTests {
    static func shop() throws -> RunDiff {
        func stool(_ price: String, _ stock: Int) -> String {
            #"{"name": "Oak  stool", "price": {"amount": "\#(price)", "currency": "EUR"}, "stock": \#(stock), "tags": ["wood"], "note": null}"#
        }
        func thing(_ name: String) -> String {
            #"{"name": "\#(name)", "price": {"amount": "5.00", "currency": null}, "stock": 1, "tags": []}"#
        }
        return try RunDiff(
            old: [
                page("https://a.example/1", [stool("129.00", 4), thing("Lamp"), thing("Vase")]),
                page("https://a.example/2", [thing("Rug"), thing("Mat")]),
                page("https://a.example/3", [thing("Box")]),
            ],
            new: [
                page(
                    "https://a.example/1",
                    [thing("Chair"), stool("119.00", 3).replacing(#"["wood"]"#, with: #"["wood", "new"]"#), thing("Lamp")]),
                page("https://a.example/2", [thing("Rug"), thing("Mat").replacing("1,", with: "null,")]),
                page("https://a.example/3", status: .failed),
            ])
    }

    /// The text is short and in a fixed order.
    @Test func isText() throws {
        #expect(
            try Self.shop().text() == """
                1 new, 1 gone, 2 changed (stock 2, price 1, tags 1), 1 not seen this time, 1 page failed, 2 unchanged
                records are told apart by name (found)
                ? page https://a.example/3: it failed
                + name="Chair" price=5.00 stock=1
                - name="Vase" price=5.00 stock=1
                ~ name "Oak stool": price 129.00 EUR → 119.00 EUR, stock 4 → 3, tags ["wood"] → ["wood", "new"]
                ~ name "Mat": stock 1 → –
                ? name="Box" price=5.00 stock=1: not seen this time

                """)
    }

    /// More lines than are wanted are counted.
    @Test(arguments: [(0, 6), (2, 4), (6, 0), (-1, 6)]) func isCut(_ lines: Int, _ left: Int)
        throws
    {
        let text = try Self.shop().text(lines: lines).split(separator: "\n")
        #expect(text.count == 2 + max(0, lines) + (left > 0 ? 1 : 0))
        #expect(text.last == "… and \(left) more" || left == 0)
    }

    /// One line says it all.
    @Test func isOneLine() throws {
        #expect(try Self.shop().summary == "1 new, 1 gone, 2 changed (stock 2, price 1, tags 1), 1 not seen this time, 1 page failed")
        #expect(try RunDiff(old: run(product(1)), new: run(product(1))).summary == "no record changed")
    }

    /// Records that moved say from where to where.
    @Test func saysMoves() throws {
        let diff = try RunDiff(
            old: [page("1", [product(1), product(2)]), page("2")], new: [page("1", [product(1)]), page("2", [product(2)])])
        #expect(diff.summary == "1 moved")
        #expect(diff.text().contains("> name \"Product 2\": from 1 to 2\n"))
    }

    static let names = [
        (#"{"seller": {"name": "S"}, "id": 5, "name": "N", "v": 1}"#, [], "name \"N\""), (#"{"v": 1, "id": 5, "url": "u"}"#, [], "id 5"),
        (#"{"v": 1, "url": "u", "w": 2}"#, [], "url \"u\""), (#"{"v": 1, "id": 5, "w": 2}"#, ["w"], "w 2"),
        (#"{"w": {"amount": "2.50"}, "v": 1}"#, [], "w 2.50"),
        (#"{"v": 1}"#, [], "v 2"), ("1", [], "value 2"),
    ]

    /// A record that changed is called by what a person would call it.
    @Test(arguments: names)
    func isCalled(_ record: String, _ by: [String], _ name: String) throws {
        let new = record == "1" ? "2" : record.replacing(#""v": 1"#, with: #""v": 2"#)
        let diff = try RunDiff(old: run(record), new: run(new), options: DiffOptions(by: by))
        #expect(diff.text().contains("\n~ \(name): "))
    }

    static let pages: [(DiffPage.Status?, DiffPage.Status?, String)] = [
        (nil, .completed, "+ page p"), (nil, .failed, "+ page p: it failed"), (.completed, nil, "- page p"),
        (.failed, nil, "- page p: it failed before"),
        (.completed, .skipped, "? page p: it was skipped"), (.skipped, .completed, "? page p: it was skipped before"),
        (.failed, .open, "? page p: it was not visited, and before it failed"), (.completed, .partial, "? page p: it was read in part"),
    ]

    /// What became of a page is said.
    @Test(arguments: pages) func saysPages(
        _ before: DiffPage.Status?, _ now: DiffPage.Status?, _ line: String
    ) throws {
        let diff = try RunDiff(old: before.map { [try page("p", status: $0)] } ?? [], new: now.map { [try page("p", status: $0)] } ?? [])
        #expect(diff.text().split(separator: "\n").dropFirst().map(String.init) == [line])
    }

    /// Text from outside stays on its line, is cut, and can't steer a terminal.
    @Test func isSafe() throws {
        let text = try RunDiff(
            old: run(), new: run(#"{"na\u001bme\n": "a\nb\u001b[2J\u202e\u009b", "long": "\#(String(repeating: "é", count: 500))"}"#)
        ).text()
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.contains(#"na·me ="a b·[2J··""#))
        #expect(text.contains(String(repeating: "é", count: 79) + "…"))
        #expect(!text.contains(String(repeating: "é", count: 80)))
    }

    /// A field that is everywhere no more is an alarm.
    @Test func alarms() throws {
        let old = (1...40).map { product($0) }
        let diff = try RunDiff(old: [page("1", old)], new: [page("1", old.map { $0.replacing(/\{"amount[^}]*\}/, with: "null") })])
        #expect(diff.drift.map(\.name) == ["price"])
        #expect(diff.summary == "40 changed (price 40); price is missing in all 40 records; it was there in 40 of 40")
        #expect(diff.text().contains("\n! price is missing in all 40 records; it was there in 40 of 40\n"))
        #expect(!diff.isEmpty)
    }

    static let drifts: [(String, [String], [String], [String])] = [
        ("a field that appears in half of the records", [#"{"i": 1}"#, #"{"i": 2}"#], [#"{"i": 1, "b": 1}"#, #"{"i": 2}"#], ["b"]),
        ("not one in fewer", [#"{"i": 1}"#, #"{"i": 2}"#, #"{"i": 3}"#], [#"{"i": 1, "b": 1}"#, #"{"i": 2}"#, #"{"i": 3}"#], []),
        ("not one that few had", [#"{"i": 1, "b": 1}"#, #"{"i": 2}"#, #"{"i": 3}"#], [#"{"i": 1}"#, #"{"i": 2}"#], []),
        ("not one that one record still has", [#"{"i": 1, "b": 1}"#, #"{"i": 2, "b": 1}"#], [#"{"i": 1}"#, #"{"i": 2, "b": 1}"#], []),
        ("not where there are no records now", [#"{"i": 1}"#], [], []),
        ("one inside another", [#"{"i": 1, "a": {"b": 1, "c": 1}}"#], [#"{"i": 1, "a": {"c": 1}}"#], ["a.b"]),
        ("a page that is read in another form", [#"{"i": 1, "p": "5"}"#], [#"{"i": 1, "price": "5"}"#], ["p", "price"]),
    ]

    /// Fields that appear or vanish everywhere are drift.
    @Test(arguments: drifts)
    func isDrift(_ claim: String, _ old: [String], _ new: [String], _ fields: [String]) throws {
        #expect(try RunDiff(old: [page("1", old)], new: [page("1", new)]).drift.map(\.name) == fields, "\(claim)")
    }

    /// A field that only records on failed pages had, or have, is no drift.
    @Test func failuresAreNoDrift() throws {
        let (plain, rich) = (try page("1", [#"{"i": 1}"#]), try page("2", [#"{"i": 2, "b": 1}"#, #"{"i": 3, "b": 1}"#]))
        let failed = try page("2", status: .failed)
        #expect(RunDiff(old: [plain, rich], new: [plain, failed]).drift.isEmpty)
        #expect(RunDiff(old: [plain, failed], new: [plain, rich]).drift.isEmpty)
        #expect(try RunDiff(old: [plain, rich], new: [plain, page("2", [#"{"i": 2}"#, #"{"i": 3}"#])]).drift.map(\.name) == ["b"])
    }

    /// Any record that is new, gone, changed or moved is a difference.
    @Test(arguments: [([1], [1], [1], [2]), ([1], [1, 2], [], []), ([1, 2], [1], [], []), ([1], [], [], [1]), ([1, 2], [1, -2], [], [])])
    func isDifference(_ old: [Int], _ new: [Int], _ oldNext: [Int], _ newNext: [Int]) throws {
        func run(_ first: [Int], _ next: [Int]) throws -> [DiffPage] {
            func records(_ ids: [Int]) -> [String] { ids.map { product(abs($0), stock: $0 < 0 ? 2 : 1) } }
            return try [page("1", records(first)), page("2", records(next))]
        }
        #expect(try !RunDiff(old: run(old, oldNext), new: run(new, newNext)).isEmpty)
        #expect(try RunDiff(old: run(old, oldNext), new: run(old, oldNext)).isEmpty)
    }

    /// An alarm about one record speaks of one.
    @Test func alarmsOfOne() throws {
        let diff = try RunDiff(old: run(#"{"i": 1, "price": 2}"#), new: run(#"{"i": 1}"#))
        #expect(diff.summary == "1 changed (price 1); price is missing in the only record; it was there in 1 of 1")
    }

    /// Fields count records, those of lists and objects with what is below.
    @Test func countsFields() throws {
        let diff = try RunDiff(
            old: run(#"{"id": 1, "offers": [{"p": 1}, {"p": 2}]}"#, #"{"id": 2, "offers": [{"p": 1}]}"#, #"{"id": 3}"#),
            new: run(
                #"{"id": 1, "offers": [{"p": 3}, {"p": 4}, {"p": 5}]}"#, #"{"id": 2, "offers": [{"p": 1}]}"#,
                #"{"id": 3, "offers": [{"p": 1}]}"#))
        #expect(
            diff.fields.map { "\($0.name) \($0.changed) \($0.added) \($0.removed) \($0.before) \($0.now) \($0.isLeaf)" } == [
                "id 0 0 0 3 3 true", "offers 2 2 0 2 3 false", "offers.p 2 2 0 2 3 true",
            ])
        #expect(diff.summary == "2 changed (offers.p 2)")
    }

    /// The JSON has all of it.
    @Test func isJSON() throws {
        let json = try Self.shop().json
        #expect(
            json["counts"]?.description
                == #"{"before":6,"now":5,"new":1,"gone":1,"changed":2,"moved":0,"unchanged":2,"unseenNow":1,"unseenBefore":0,"pagesNow":3,"pagesFailed":1}"#
        )
        #expect(json["by"] == .array([.string("name")]) && json["byFound"] == .bool(true))
        #expect(
            json["changed"]?.array?.first?.description
                == #"{"page":"https://a.example/1","record":1,"was":{"page":"https://a.example/1","record":0},"field":"name","name":"Oak  stool","values":[{"path":"/price","kind":"changed","old":{"amount":"129.00","currency":"EUR"},"new":{"amount":"119.00","currency":"EUR"}},{"path":"/stock","kind":"changed","old":4,"new":3},{"path":"/tags","kind":"changed","old":["wood"],"new":["wood","new"]}]}"#
        )
        #expect(json["changed"]?.array?.last?["values"]?.description == #"[{"path":"/stock","kind":"removed","old":1}]"#)
        #expect(
            json["gone"]?.array?.first?.description
                == #"{"page":"https://a.example/1","record":2,"value":{"name":"Vase","price":{"amount":"5.00","currency":null},"stock":1,"tags":[]}}"#
        )
        #expect(json["unseenNow"]?.array?.count == 1 && json["new"]?.array?.count == 1)
        #expect(
            json["pages"]?.description
                == #"[{"page":"https://a.example/3","before":"completed","now":"failed","wasWhole":true,"isWhole":false}]"#)
        #expect(json["fields"]?.array?.last?.description == #"{"field":"tags","changed":1,"added":0,"removed":0,"before":1,"now":1}"#)
        #expect(json["drift"] == .array([]) && json["notes"] == .array([]) && json["moved"] == .array([]))
    }
}
