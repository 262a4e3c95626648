import Testing

@testable import Extraction

@Suite struct EnumerationTests {
    /// Two commas between short parts make a list; a sentence with commas and a single comma do not.
    @Test(arguments: [
        ("easy, vegetarian , 30 minutes", ["easy", "vegetarian", "30 minutes"]), ("a,,b,", ["a", "b"]), ("Paris, France", nil),
        ("When the water boils, put the eggs in, wait for ten minutes or so, and take them out again", nil), ("", nil), (",,,", nil),
        ("crème brûlée, œufs, été", ["crème brûlée", "œufs", "été"]),
    ] as [(String, [String]?)])
    func parts(text: String, expected: [String]?) {
        let parts = Enumeration.parts(of: text)?.map { Typing.slice(text, $0) ?? "" }
        #expect(parts == expected)
    }

    /// A part of a place is counted from the place's start, whatever the place is.
    @Test func places() {
        #expect(Span.Place.flow(10..<20).part(2..<5) == .flow(12..<15))
        #expect(Span.Place.attribute(3, name: "content", 0..<9).part(1..<4) == .attribute(3, name: "content", 1..<4))
        #expect(Span.Place.json(3, pointer: "/k", 4..<9).part(0..<5) == .json(3, pointer: "/k", 4..<9))
    }
}
