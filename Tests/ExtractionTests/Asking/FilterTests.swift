import Documents
import Extraction
import Testing

@Suite struct FilterTests {
    /// The condition in a prompt becomes a comparison on the right field, with its value in plain form.
    @Test(arguments: [
        ("name and price of all products under $20", ["price < 20 USD"]),
        ("hotels with rating above 4: name, rating", ["rating > 4"]),
        ("name, price, and rating for products with a rating of at least 4.5", ["rating >= 4.5"]),
        ("products between 10 and 50 dollars, give name and price", ["price >= 10 USD", "price <= 50 USD"]),
        ("title and date of every article posted after 1 March 2024", ["date > 2024-03-01"]),
        ("all jobs in Berlin with title and city", ["city contains Berlin"]),
        ("all jobs in New York with title and company", ["location contains New York"]),
        ("laptops cheaper than 1,000 euros, with name and price", ["price < 1000 EUR"]),
        ("companies that raised more than $10 million, with name and amount", ["amount > 10000000 USD"]),
        ("nom et prix de tous les produits à moins de 50 euros", ["prix < 50 EUR"]),
        ("Products where stock < 10: sku, name, stock:number", ["stock < 10"]),
        ("movies released after 2010: title, year", ["date > 2010"]),
        ("remote jobs only: title, remote (yes/no)", ["remote = true"]),
    ])
    func readsConditions(prompt: String, expected: [String]) {
        let conditions = PromptParser.parse(prompt).request.filter?.conditions ?? []
        let texts = conditions.map { "\($0.field) \($0.comparison.rawValue) \($0.value)" + ($0.currency.map { " " + $0 } ?? "") }
        #expect(texts == expected)
    }

    /// Values are compared as what they are; what can't be decided is unknown, never dropped.
    @Test(
        arguments: [
            (Filter.Condition.Comparison.less, "20", "USD", #"{"amount":"19.99","currency":"USD"}"#, Filter.Verdict.keep),
            (.less, "20", "USD", #"{"amount":"20.00","currency":"USD"}"#, .drop),
            (.lessOrEqual, "20", "USD", #"{"amount":"20.00","currency":null}"#, .keep),
            (.less, "20", "USD", #"{"amount":"5","currency":"EUR"}"#, .unknown), (.greater, "4", nil, "4.5", .keep),
            (.greater, "4", nil, "4", .drop),
            (.greater, "9", nil, "10", .keep), (.greater, "100", nil, "99.9", .drop), (.less, "0", nil, "-1", .keep),
            (.less, "-2", nil, "-1", .drop),
            (.greater, "2024-03-01", nil, #""2024-03-02""#, .keep), (.greater, "2024-03-01", nil, #""2024-03-01""#, .drop),
            (.greater, "2024-03-01", nil, #""2024-03""#, .unknown), (.less, "2024-03", nil, #""2024-02-28T10:00""#, .keep),
            (.greater, "2023", nil, #""2023-05-01""#, .drop), (.greaterOrEqual, "2023", nil, #""2023-05-01""#, .keep),
            (.greater, "2010", nil, "2011", .keep),
            (.contains, "berlin", nil, #""Berlin, Germany""#, .keep), (.contains, "Munchen", nil, #""München""#, .keep),
            (.contains, "Paris", nil, #""Rome""#, .drop),
            (.notContains, "US", nil, #""Canada""#, .keep), (.equals, "true", nil, "true", .keep), (.equals, "true", nil, "false", .drop),
            (.greaterOrEqual, "16", nil, #""16 GB DDR5""#, .keep), (.equals, "red", nil, #"["Blue","Red"]"#, .keep),
            (.less, "5", nil, "null", .unknown),
        ] as [(Filter.Condition.Comparison, String, String?, String, Filter.Verdict)])
    func decides(comparison: Filter.Condition.Comparison, value: String, currency: String?, json: String, verdict: Filter.Verdict) throws {
        let condition = Filter.Condition(field: "x", comparison: comparison, value: value, currency: currency)
        #expect(condition.verdict(on: try JSON(parsing: json)) == verdict)
    }

    /// All conditions must hold; a part that code can't check leaves records that pass the rest unchecked.
    @Test func combinesConditions() throws {
        let filter = Filter(
            text: "t",
            conditions: [
                .init(field: "price", comparison: .less, value: "20"), .init(field: "city", comparison: .contains, value: "Berlin"),
            ])
        #expect(filter.verdict(on: try JSON(parsing: #"{"price":{"amount":"10","currency":null},"city":"Berlin"}"#)) == .keep)
        #expect(filter.verdict(on: try JSON(parsing: #"{"price":{"amount":"30","currency":null},"city":null}"#)) == .drop)
        #expect(filter.verdict(on: try JSON(parsing: #"{"price":{"amount":"10","currency":null}}"#)) == .unknown)
        #expect(Filter(text: "in the mood", conditions: [], isChecked: false).verdict(on: .object([])) == .unknown)
    }
}
