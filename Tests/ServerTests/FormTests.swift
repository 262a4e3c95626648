import Documents
import Server
import Testing

@Suite struct FormTests {
    enum Order: String, CaseIterable { case newest, oldest }

    struct Sent: Equatable {
        var urls: [String]
        var priority: Int
        var order: Order?
        var budget: Double?
        var dry: Bool
        var cron: Int?
    }

    struct NotACron: Error, CustomStringConvertible { var description: String { "is no cron expression" } }

    static let limits = Form { fields in
        let pages = fields.required("pages", .integer(1...100), "Pages.")
        return pages
    }

    static let form = Form { fields in
        let urls = fields.required("urls", .list(of: .text(1...20), 1...3), "Pages to visit.")
        let priority = fields.optional("priority", .integer(0...9), default: 5, "Higher goes first.")
        let order = fields.optional("order", Shape<Order>.choice, "The order.")
        let budget = fields.optional("budget", .number(0...1.5), "Money.")
        let dry = fields.optional("dry", .flag, default: false, "Only look.")
        let cron = fields.optional(
            "cron",
            Shape<String>.text().converted { text in
                guard let hour = Int(text) else { throw NotACron() }
                return hour
            }, "When.")
        let limits = fields.optional("limits", .object(limits), "Limits.")
        if let limits, let budget, Double(limits) < budget { fields.fault("limits", "are less than the budget") }
        guard let urls else { return Sent?.none }
        return Sent(urls: urls, priority: priority, order: order, budget: budget, dry: dry, cron: cron)
    }

    func faults(_ json: String) throws -> [String] {
        let json = try JSON(parsing: json)
        let problem = problem { _ = try Self.form.read(json) }
        #expect(problem == nil || problem?.kind == .invalidFields)
        return (problem?.faults ?? []).map {
            guard case .body(let pointer) = $0.place else { return "elsewhere" }
            return "\(pointer) \($0.detail)"
        }
    }

    /// What is right is read, and what isn't given is as usual.
    @Test func reads() throws {
        let all = #"{"urls":["a","b"],"priority":9,"order":"oldest","budget":1.5,"dry":true,"cron":"7","limits":{"pages":2}}"#
        #expect(
            try Self.form.read(JSON(parsing: all)) == Sent(urls: ["a", "b"], priority: 9, order: .oldest, budget: 1.5, dry: true, cron: 7))
        #expect(
            try Self.form.read(JSON(parsing: #"{"urls":["a"]}"#))
                == Sent(urls: ["a"], priority: 5, order: nil, budget: nil, dry: false, cron: nil))
    }

    /// A whole number may be written with a point or an exponent, as JSON Schema has it.
    @Test(arguments: ["2.0", "2e0", "0.2e1", "2"]) func readsWholeNumbers(_ number: String) throws {
        #expect(try Self.form.read(JSON(parsing: "{\"urls\":[\"a\"],\"priority\":\(number)}")).priority == 2)
    }

    static let wrong: [(String, [String])] = [
        ("[]", [" must be an object, not an array"]),
        ("{}", ["/urls is missing"]),
        (#"{"urls":null}"#, ["/urls must be an array, not null"]),
        (#"{"urls":"a"}"#, ["/urls must be an array, not a string"]),
        (#"{"urls":[]}"#, ["/urls must have 1 to 3 items, not 0"]),
        (#"{"urls":["a","b","c","d"]}"#, ["/urls must have 1 to 3 items, not 4"]),
        (#"{"urls":["a",7,""]}"#, ["/urls/1 must be a string, not a number", "/urls/2 must have 1 to 20 characters, not 0"]),
        (#"{"urls":["a\u0000b"]}"#, ["/urls/0 must not hold the character U+0000"]),
        (#"{"urls":["a"],"priority":10}"#, ["/priority must be 0 to 9, not 10"]),
        (#"{"urls":["a"],"priority":1.5}"#, ["/priority must be a whole number, not 1.5"]),
        (#"{"urls":["a"],"priority":1e999}"#, ["/priority must be a whole number, not 1e999"]),
        (#"{"urls":["a"],"priority":99999999999999999999}"#, ["/priority must be a whole number, not 99999999999999999999"]),
        (#"{"urls":["a"],"priority":"5"}"#, [#"/priority must be a whole number, not "5""#]),
        (#"{"urls":["a"],"budget":1.6}"#, ["/budget must be 0 to 1.5, not 1.6"]),
        (#"{"urls":["a"],"budget":1e999}"#, ["/budget must be 0 to 1.5, not 1e999"]),
        (#"{"urls":["a"],"dry":1}"#, ["/dry must be true or false, not 1"]),
        (#"{"urls":["a"],"order":"best"}"#, [#"/order must be one of newest, oldest, not "best""#]),
        (#"{"urls":["a"],"cron":"x"}"#, ["/cron is no cron expression"]),
        (#"{"urls":["a"],"limits":{}}"#, ["/limits/pages is missing"]),
        (#"{"urls":["a"],"limits":{"pages":1},"budget":1.5}"#, ["/limits are less than the budget"]),
        (#"{"urls":["a"],"dry":true,"dry":true}"#, ["/dry stands 2 times"]),
        (
            #"{"urls":["a"],"a/b~":1,"limits":{"pages":1,"x":1}}"#,
            ["/limits/x is not known; there are pages", "/a~1b~0 is not known; there are urls, priority, order, budget, dry, cron, limits"]
        ),
        (
            #"{"priority":-1,"dry":"no"}"#,
            ["/urls is missing", "/priority must be 0 to 9, not -1", "/dry must be true or false, not \"no\""]
        ),
    ]

    /// Every fault is told at once, with the place where it is.
    @Test(arguments: wrong) func gathersFaults(_ json: String, _ expected: [String]) throws {
        #expect(try faults(json) == expected)
    }

    /// More faults than anyone reads are counted, not listed.
    @Test func boundsFaults() throws {
        let json = JSON.object((0..<10_000).map { JSON.Member("x\($0)", .null) })
        let found = problem { _ = try Self.form.read(json) }
        #expect(found?.faults.count == Problem.mostFaults)
        #expect(found?.detail == "10001 faults in the body, of which the first 20 are listed")
    }

    /// The schema says what the form reads.
    @Test func describesItself() throws {
        let schema = Self.form.schema
        #expect(schema["required"] == .array([.string("urls")]))
        #expect(schema["additionalProperties"] == .bool(false))
        let properties = try #require(schema["properties"])
        #expect(properties.members?.map(\.name) == ["urls", "priority", "order", "budget", "dry", "cron", "limits"])
        #expect(
            properties["priority"]?.text()
                == #"{"type":"integer","minimum":0,"maximum":9,"description":"Higher goes first.","default":5}"#)
        #expect(properties.at(pointer: "/limits/properties/pages/maximum") == .number("100"))
        #expect(properties.at(pointer: "/urls/items/maxLength") == .number("20"))
        #expect(properties.at(pointer: "/order/enum") == .array([.string("newest"), .string("oldest")]))
    }

    /// A query is read by the same form.
    @Test func readsQueries() throws {
        let read = try Self.form.read(query: QueryPairs("urls=a%2Cb+c,d&priority=3&dry=true&budget=0.5&order=newest"))
        // A comma is a comma, however it is written: values with commas belong in bodies.
        #expect(read == Sent(urls: ["a", "b c", "d"], priority: 3, order: .newest, budget: 0.5, dry: true, cron: nil))
    }

    static let wrongQueries: [(String, [String])] = [
        ("", ["urls is missing"]),
        ("urls=a&urls=b", ["urls stands 2 times"]),
        ("urls=a&priority=03", [#"priority must be a whole number, not "03""#]),
        ("urls=a&priority=+3", [#"priority must be a whole number, not " 3""#]),
        ("urls=a&priority=", [#"priority must be a whole number, not """#]),
        ("urls=a&dry=1", [#"dry must be true or false, not "1""#]),
        ("urls=a&page=2", ["page is not known; there are urls, priority, order, budget, dry, cron, limits"]),
    ]

    /// Faults of a query are a 400 and name the parameter.
    @Test(arguments: wrongQueries) func refusesQueries(_ text: String, _ expected: [String]) throws {
        let found = problem { _ = try Self.form.read(query: QueryPairs(text)) }
        #expect(found?.kind == .invalidQuery)
        #expect(
            found?.faults.map { "\($0.place)".replacing("query(\"", with: "").replacing("\")", with: "") + " " + $0.detail } == expected)
    }

    /// A query that isn't UTF-8, or is endless, is refused.
    @Test(arguments: ["a=%", "a=%zz", "%ff=1", "a=%C3%28", String(repeating: "a&", count: 101)]) func refusesBadQueries(_ text: String) {
        #expect(problem { _ = try QueryPairs(text) }?.kind == .invalidQuery)
    }

    /// What is written as a query is read as it was.
    @Test func queriesReturn() throws {
        let pairs = [(name: "a&b", value: "1+1=2 % é/?#"), (name: "c", value: "")]
        #expect(try QueryPairs(QueryPairs.text(pairs)).list.map { [$0.name, $0.value] } == [["a&b", "1+1=2 % é/?#"], ["c", ""]])
    }

    /// A closure that refuses without a reason doesn't pass for one that read something.
    @Test func needsAReason() {
        #expect(problem { try Form<Void> { _ in nil }.read(.object([])) }?.kind == .internalFault)
    }
}
