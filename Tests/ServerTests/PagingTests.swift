import Documents
import Server
import Testing

@Suite struct PagingTests {
    static let keys: [JSON] = [.number("17"), .string("run_é"), .null]
    static let filters = [(name: "state", value: "done"), (name: "host", value: "a b")]

    /// A cursor leads to where it was taken, whatever order the filters are in.
    @Test func returns() throws {
        let text = Cursor.text(after: Self.keys, filters: Self.filters)
        #expect(try Cursor.keys(of: text, filters: Self.filters.reversed()) == Self.keys)
        #expect(
            text.utf8.allSatisfy {
                Character(Unicode.Scalar($0)).isLetter || Character(Unicode.Scalar($0)).isNumber || "-_".utf8.contains($0)
            })
    }

    static let foreign: [String] = {
        let good = Cursor.text(after: keys, filters: filters)
        return [
            "", "x", "e30", String(good.dropLast()), good + "A", good + "=", " " + good, Cursor.text(after: keys, filters: []),
            Cursor.text(after: keys, filters: [("state", "done")]), "W10", "bnVsbA", "eyJ2IjoyfQ", String(repeating: "A", count: 4_000),
            "eyJ2IjoxLCJrIjpbXX0", "_-_-",
        ]
    }()

    /// One of another list, or one that was changed, is a 400 that names the parameter.
    @Test(arguments: foreign) func refuses(_ text: String) {
        let found = problem { _ = try Cursor.keys(of: text, filters: Self.filters) }
        #expect(found?.kind == .invalidQuery)
        #expect(found?.faults.map(\.place) == [.query("cursor")])
    }

    /// The limit has bounds, and the link leads on with the same filters.
    @Test func pages() throws {
        let form = Form { fields in PageRequest(fields, most: 100) }
        #expect(try form.read(query: QueryPairs("")) == (try form.read(query: QueryPairs("limit=50"))))
        #expect(problem { _ = try form.read(query: QueryPairs("limit=101")) }?.kind == .invalidQuery)
        #expect(problem { _ = try form.read(query: QueryPairs("limit=0")) }?.kind == .invalidQuery)
        let page = try form.read(query: QueryPairs("limit=7"))
        let cursor = Cursor.text(after: Self.keys, filters: Self.filters)
        let link = page.link(path: "/v1/runs", filters: Self.filters, next: cursor)
        #expect(link == "</v1/runs?state=done&host=a%20b&limit=7&cursor=\(cursor)>; rel=\"next\"")
        let next = try form.read(query: QueryPairs("limit=7&cursor=\(cursor)"))
        #expect(try next.start(filters: Self.filters) == Self.keys)
        #expect(try page.start(filters: Self.filters) == nil)
    }
}
