import Documents
import Extraction
import Foundation
import TestMaterial
import Testing

@testable import Evaluation

@Suite struct ScoreTests {
    /// Which texts are what a detail page's label says, rule by rule.
    @Test(arguments: [
        ("name", "Blue  Kettle", "blue kettle", true), ("name", "Blue Kettle", "Blue Kettle.", true),
        ("name", "Bob’s “best”", "bob's \"BEST\"", true), ("name", "ﬁsh", "fish", true), ("name", "Straße", "STRASSE", true),
        ("name", "Kettle", "Blue Kettle", false), ("name", "12", "12.0", false),
        ("price", "15.99", "€ 15,99", true), ("price", "1299", "1.299 EUR", true), ("price", "1299", "1,299.00", true),
        ("price", "1299", "the price of this thing is now 1299", false), ("price", "15.99", "15.98", false),
        ("date", "2024-03-05", "March 5, 2024", true), ("date_published", "2016-12-13T22:33:06.000Z", "2016-12-13T17:33:06-05:00", true),
        ("date", "2024-03-05", "3/5/2024", true), ("date", "2024-03-05", "6 March 2024", false), ("name", "2024-03-05", "March 5, 2024", false),
        ("image", "https://www.a.example/b.png?w=1", "http://a.example/b.png/", true), ("image", "https://a.example/b", "https://a.example/c", false),
        ("yields", "4 servings", "Serves 4", true), ("yields", "4 servings", "6 servings", false),
    ])
    func detailEquality(field: String, label: String, text: String, isEqual: Bool) {
        #expect(DetailTruth(label, field: field).equals(text) == isEqual)
    }

    /// A typed value is right when it or the text that it was read from says what the label says.
    @Test(arguments: [
        (#"{"amount": "12.50", "currency": "EUR"}"#, "12,50 €", "price", "12.5", true),
        (#"{"amount": "12.50", "currency": "EUR"}"#, "12,50 €", "price", "12,50 €", true),
        (#""2024-03-05""#, "5 Mar", "date", "2024-03-05", true), (#""2024-03-05""#, "5 Mar", "posted", "5 Mar", true),
        ("4", "four", "rooms", "4", true), ("4", "four", "rooms", "5", false),
    ])
    func typedValues(value: String, text: String, field: String, label: String, isEqual: Bool) throws {
        #expect(DetailTruth(label, field: field).equals(Answered(try JSON(parsing: value), text: text)) == isEqual)
    }

    /// Which texts are what a listing's cell says: addresses with their query, dates and numbers only where a label of the column is one.
    @Test(arguments: [
        ("download_url", #""/a.pdf?x=1""#, "https://site.example/a.pdf?x=1#p2", true), ("download_url", #""/a.pdf?x=1""#, "https://site.example/a.pdf", false),
        ("download_url", #""/a%20b.pdf""#, "http://www.site.example/a b.pdf", true), ("date", #""2024-03-05""#, "Mar. 5, 2024", true),
        ("filed", #""2024-03-05""#, "Mar. 5, 2024", false), ("units", "3", "3 units", true), ("units", #""3""#, "3 units", false),
        ("name", #""A v. B""#, "a V. b.", true),
    ])
    func cellEquality(field: String, label: String, text: String, isEqual: Bool) throws {
        let truth = CellTruth(try JSON(parsing: label), field: field, base: "https://site.example/list")
        #expect(!truth.keys.isDisjoint(with: CellTruth.Column([truth]).keys(of: Answered(.string(text)))) == isEqual)
    }

    /// One value: any of the alternatives is right; a wrong one is wrong and missed; a label without value makes every answer wrong.
    @Test func singleValues() async throws {
        try await withTemporaryFolder { folder in
            let page = try page(
                #"{"id": "1", "set": "swde", "kind": "detail", "html": "a.html", "fields": {"price": ["$5", "5"], "engine": [], "model": ["X"], "name": ["N"]}}"#,
                in: folder)
            let answer = try answer(page, [#"{"price": "5", "engine": "V8", "model": "Y", "name": null}"#])
            let score = PageScore(answer, of: page, document: nil)
            #expect(score.fields["price"] == Counts(right: 1))
            #expect(score.fields["engine"] == Counts(wrong: 1))
            #expect(score.fields["model"] == Counts(wrong: 1, missed: 1))
            #expect(score.fields["name"] == Counts(missed: 1))
            #expect(score.unlabelled == 1)
            #expect(Set(score.misses.map(\.field)) == ["engine", "model", "name"])
        }
    }

    /// Lists: each label is met by one answer, each answer meets one label. An unknown set's lists are lists; its empty labels say nothing.
    @Test func lists() async throws {
        try await withTemporaryFolder { folder in
            let page = try page(
                #"{"id": "1", "set": "own", "kind": "detail", "html": "a.html", "fields": {"tags": ["a", "b", "b"], "names": []}}"#, in: folder)
            let score = PageScore(try answer(page, [#"{"tags": ["b", "c", "a"], "names": ["x"]}"#]), of: page, document: nil)
            #expect(score.fields["tags"] == Counts(right: 2, wrong: 1, missed: 1))
            #expect(score.fields["names"] == nil)
        }
    }

    /// Listings: records meet in the order of the labels, each answered one at most once; a cell too many is wrong, also in a record too many.
    @Test func listing() async throws {
        try await withTemporaryFolder { folder in
            let page = try page(
                #"""
                {"id": "1", "set": "own", "kind": "listing", "html": "a.html", "url": "https://site.example/",
                 "records": [{"name": "A", "city": "Lyon"}, {"name": "B"}, {"name": "C", "city": "Rome"}]}
                """#, in: folder)
            let score = PageScore(
                try answer(page, [#"{"name": "B", "city": "Bonn"}"#, #"{"name": "A", "city": "lyon"}"#, #"{"name": "D", "city": null}"#, #"{"name": null, "city": "Rome"}"#]),
                of: page, document: nil)
            #expect(score.fields["name"] == Counts(right: 2, wrong: 1, missed: 1))
            #expect(score.fields["city"] == Counts(right: 2, wrong: 1))
            #expect(score.unlabelled == 1)
            // 2·4 / (6 answered + 5 labelled)
            #expect(abs(try #require(score.cellF1) - 8.0 / 11) < 1e-9)
        }
    }

    /// The next page is the labelled link, or a labelled page link with the next number, or "older posts" that lead there.
    @Test(arguments: [
        ("https://a.example/list?page=3", Counts(right: 1)), ("http://www.a.example/list/?page=3", Counts(wrong: 1, missed: 1)),
        (nil, Counts(missed: 1)),
    ])
    func nextPage(next: String?, counts: Counts) async throws {
        try await withTemporaryFolder { folder in
            let page = try page(
                #"""
                {"id": "1", "set": "own", "kind": "pagination", "html": "a.html", "url": "https://a.example/list?page=2",
                 "fields": {"page": [{"text": "1", "href": "?page=1"}, {"text": "3", "href": "?page=3"}]}}
                """#, in: folder)
            #expect(PageScore(try answer(page, [], next: next), of: page, document: nil).fields["next"] == counts)
        }
    }

    /// A value without evidence, and evidence that doesn't hold, are both told; a proven value is not.
    @Test func unproven() async throws {
        try await withTemporaryFolder { folder in
            let page = try page(#"{"id": "1", "set": "own", "kind": "detail", "html": "a.html", "fields": {"a": "x"}}"#, in: folder)
            let document = Document(html: "<html><head></head><body>x</body></html>", url: "")
            func evidence(_ path: String, _ text: String) -> Evidence {
                Evidence(
                    record: 0, path: path, value: .string(text), text: text, node: "0/1", start: 0, end: 1, method: .matcher, score: 1,
                    transform: "text")
            }
            let question = Question(request: ExtractionRequest(many: false, fields: []), names: ["a name": "a"], prompt: "")
            let answer = PageAnswer(
                page, question,
                Answer(
                    records: [try JSON(parsing: #"{"a name": "x", "b": "y", "c": ["z"], "d": null}"#)],
                    evidence: [evidence("/a name", "x"), evidence("/b", "y")]), milliseconds: 1)
            #expect(answer.evidence.map(\.path) == ["/a", "/b"])
            let faults = answer.unproven(on: document)
            #expect(faults.count == 2)
            #expect(faults.contains { $0.hasPrefix("0/b:") })
            #expect(faults.contains { $0.hasPrefix("0/c/0:") })
        }
    }
}
