import Changes
import Testing

@Suite struct ThresholdTests {
    /// 10 records before: 4 stay, 2 change (price; stock), 1 loses its price, 3 are gone; 1 is new. 1 of 4 pages failed.
    static func diff() throws -> RunDiff {
        try RunDiff(
            old: [page("1", (1...10).map { product($0) })],
            new: [
                page("1", [product(1), product(2), product(3), product(4, price: "1")]), page("2", [product(5, stock: 9), product(11)]),
                page("3", [product(6), product(7).replacing(/\{"amount[^}]*\}/, with: "null")]), page("4", status: .failed),
            ])
    }

    static let reached = [
        ("changed>=3", "3 of 7 records changed (42.8%): changed>=3"), ("new>0", "1 of 8 records is new (12.5%): new>0"),
        ("gone>10%", "3 of 10 records are gone (30%): gone>10%"),
        ("price:changed>=2", "price changed in 2 of 7 records (28.5%): price:changed>=2"),
        ("price:removed>0", "price was removed in 1 of 7 records (14.2%): price:removed>0"),
        ("missing:price>12%", "price is missing in 1 of 8 records (12.5%): missing:price>12%"),
        ("failed>5%", "1 of 4 pages failed (25%): failed>5%"),
        ("moved > 2", "3 of 7 records moved (42.8%): moved>2"), ("new<2", "1 of 8 records is new (12.5%): new<2"),
        ("price:added<=0", "price was added in 0 of 7 records (0%): price:added<=0"),
        ("gone>=30%", "3 of 10 records are gone (30%): gone>=30%"),
        ("gone<=30.0%", "3 of 10 records are gone (30%): gone<=30.0%"),
        ("missing:prise>=100%", "prise is missing in 8 of 8 records (100%): missing:prise>=100%"),
    ]

    /// A threshold that is reached says what was found.
    @Test(arguments: reached) func isReached(_ threshold: String, _ sentence: String)
        throws
    {
        #expect(try ChangeThreshold(threshold).sentence(on: Self.diff()) == sentence)
    }

    static let unreached = [
        "changed>3", "changed>=43%", "new>1", "gone>30%", "gone<30%", "gone<3", "price:changed>2", "price:added>0", "nothing:changed>0",
        "missing:price>12.5%",
        "missing:stock>0", "failed>25%", "moved<=2",
    ]

    /// One that isn't says nothing.
    @Test(arguments: unreached) func isUnreached(_ threshold: String) throws {
        #expect(try ChangeThreshold(threshold).sentence(on: Self.diff()) == nil)
    }

    /// Records that could not be seen don't make a share smaller.
    @Test func leavesOutTheUnseen() throws {
        let (whole, failed) = try (page("2", [product(3), product(4)]), page("2", status: .failed))
        let (two, one) = try (page("1", [product(1), product(2)]), page("1", [product(1)]))
        let between = try page("between", [product(8), product(9)])
        let gone = RunDiff(old: [two, between, whole], new: [one, between, failed])
        #expect(try ChangeThreshold("gone>=1%").sentence(on: gone) == "1 of 4 records is gone (25%): gone>=1%")
        let new = RunDiff(old: [one, between, failed], new: [two, between, whole])
        #expect(try ChangeThreshold("new>=1%").sentence(on: new) == "1 of 4 records is new (25%): new>=1%")
    }

    /// There is no share of nothing.
    @Test(arguments: ["gone>=0%", "changed<100%", "failed>=0%", "missing:x>=0%"]) func hasNoShareOfNothing(
        _ threshold: String
    ) throws {
        #expect(try ChangeThreshold(threshold).sentence(on: RunDiff(old: [], new: [])) == nil)
    }

    static let wrong = [
        ("", "it must be as changed>=1"), ("changed", "it must be as changed>=1"), ("changed=1", "it must be as changed>=1"),
        (">1", "what is counted is missing"),
        ("goen>1", "there is no \"goen\"; what is counted is one of new, gone,"), ("price>5", "there is no \"price\""),
        ("price:rises>1", "of a field one of changed, added and removed is counted, as price:changed>=5"),
        (":changed>1", "the field's name is missing"),
        ("missing:>1", "the field's name is missing"), ("new>", "after > comes a number"), ("new>=x", "after >= comes a number"),
        ("new>-1", "after > comes a number"),
        ("new>1e3", "after > comes a number"), ("new>1.2.3", "after > comes a number"), ("new>%", "after > comes a number"),
        ("new>.5%", "after > comes a number"),
        ("new>1234567890123", "after > comes a number"), ("new>101%", "a percentage is 0% to 100%"),
        ("new>1.5", "a count is a whole number"),
        ("new=>1", "there is no \"new=\""), (String(repeating: "x", count: 1_001), "1,000 bytes at most"),
    ]

    /// What can't be read is refused, and it says what would be right.
    @Test(arguments: wrong) func refuses(_ text: String, _ reason: String)
        throws
    {
        let error = try #require(throws: ChangesError.self) { try ChangeThreshold(text) }
        #expect(error.place == .threshold && error.reason.hasPrefix(reason))
        #expect(error.description.hasPrefix("threshold \"\(text.prefix(59))"))
    }

    /// Fields whose names have colons, points and signs are read.
    @Test(arguments: ["a:b:changed>=0", "missing:a>b>=0", "seller.name:added<1"])
    func readsNames(_ text: String) throws { #expect(try ChangeThreshold(text).sentence(on: Self.diff()) != nil) }
}
