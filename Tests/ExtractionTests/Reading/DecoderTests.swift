import Documents
import Testing

@testable import Extraction

struct DecoderTests {
    private let page = PageReading(
        Document(
            html: """
                <html><body><h1>Soup</h1><ul><li>salt</li><li>water, cold</li><li>two onions</li><li>pepper</li></ul>
                <p>Serves 4, boil it</p></body></html>
                """, url: "https://example.org/"))

    private func scores(_ values: [String: Float], others: Float = -8) -> [Float] {
        page.candidates.indices.map { values[page.text(of: $0)] ?? others }
    }

    private func answer(_ values: [String: Float], isList: Bool) -> [String] {
        Decoder().decode(scores(values), page, isList: isList).map(page.text(of:))
    }

    /// A single field is the best candidate, or absent where that is not above the limit.
    @Test func single() {
        #expect(answer(["Soup": 2, "salt": 1], isList: false) == ["Soup"])
        #expect(answer(["Soup": -1.4], isList: false) == ["Soup"])
        #expect(answer(["Soup": -1.6], isList: false) == [])
        #expect(Decoder().decode([], page, isList: false) == [])
        #expect(Decoder().decode(scores([:]).map { _ in .nan }, page, isList: false) == [])
    }

    /// A list holds all above the limit in reading order, without overlapping or equal ones.
    @Test func listWithoutOverlaps() {
        #expect(answer(["pepper": 0.4], isList: true) == [])
        #expect(answer(["Soup": 3, "boil it": 2, "Serves 4, boil it": 1], isList: true) == ["Soup", "boil it"])
    }

    /// Siblings of one role are one list: the weak one among strong ones comes along, what stands elsewhere goes.
    @Test func siblingsAreOneList() {
        let found = answer(["salt": 3, "water, cold": 3, "two onions": -1, "pepper": 3, "boil it": 1], isList: true)
        #expect(found == ["salt", "water, cold", "two onions", "pepper"])
    }

    /// A sibling that is very unlikely stays out.
    @Test func hopelessSiblingsStayOut() {
        #expect(answer(["salt": 3, "water, cold": 3, "pepper": 3], isList: true) == ["salt", "water, cold", "pepper"])
    }
}

struct FieldQueryTests {
    /// The matcher is asked with the words of the name and, where it says more, a short description.
    @Test(arguments: [
        (Field(name: "price"), "price"), (Field(name: "hiring_company"), "hiring company"),
        (Field(name: "datePublished"), "date published"),
        (Field(name: "title", description: "job title"), "job title"), (Field(name: "city", description: "the city"), "city"),
        (Field(name: "price", description: "What a buyer pays now"), "price: what a buyer pays now"),
        (Field(name: "tel"), "telephone"), (Field(name: "preis"), "preis"),
        (
            Field(name: "sku", description: "one two three four five six seven eight nine ten eleven"),
            "sku: one two three four five six seven eight nine"
        ),
    ])
    func text(field: Field, expected: String) {
        #expect(FieldQuery(field).text == expected)
    }

    /// Only lists are decoded as lists; a vague part is asked with its object's name.
    @Test func listsAndParts() {
        #expect(FieldQuery(Field(name: "tags", type: .list, items: .text)).isList)
        #expect(!FieldQuery(Field(name: "tag")).isList)
        let author = Field(name: "author", type: .object, fields: [Field(name: "name")])
        #expect(FieldQuery(author.fields[0], of: author).text == "author name")
        #expect(FieldQuery(Field(name: "price"), of: Field(name: "offer")).text == "price")
    }
}
