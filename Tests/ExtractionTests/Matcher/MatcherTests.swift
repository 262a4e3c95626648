import Documents
import Foundation
import Inference
import Testing

@testable import Extraction

/// The bundled matcher's model, as the program plugs it in.
enum BundledMatcher {
    static let encoder = Result { () throws -> TokenEncoder in
        let checkout = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let model = try TextEncoder(
            path: checkout.appending(path: "Sources/Inference/Models/matcher.gguf").path, .init(threads: 2))
        return TokenEncoder(
            tokenize: { model.tokenize($0).map { .init(ids: $0.ids, starts: $0.starts, ends: $0.ends) } },
            vectors: { try await model.vectors(of: $0).map(\.values) },
            tensor: { model.tensor(named: $0).map { .init(shape: $0.shape, values: $0.values) } },
            integer: { model.integer(named: $0) },
            product: { weights, outputs, rows, count in try MatrixProduct.rows(rows, count: count, times: weights, outputs: outputs) })
    }
    static let matcher = Result { try Matcher(try encoder.get()) }
}

@Suite struct MatcherTests {
    private let shop = """
        <html><head><title>Blue kettle | Example shop</title></head><body><nav><a href="/">Home</a> <a href="/k">Kettles</a></nav>
        <main><h1>Blue kettle</h1><p class="price">$ 24.50</p><dl><dt>Brand</dt><dd>Acme</dd><dt>Colour</dt><dd>Blue</dd></dl>
        <p class="description">A kettle of steel that boils one litre of water in two minutes and whistles when it is done.</p></main>
        <footer>© 2024 Example shop, all rights reserved</footer></body></html>
        """

    private func best(_ scores: [Float], _ page: PageReading) -> String? {
        scores.indices.max { scores[$0] < scores[$1] }.map { page.text(of: $0) }
    }

    /// On a page nobody trained on, name, price and brand are found where they stand; what the page lacks scores below the limit.
    @Test func findsFields() async throws {
        let page = PageReading(Document(html: shop, url: "https://shop.example/kettle"))
        let queries = ["product name", "price", "brand", "isbn"].map { FieldQuery(text: $0, isList: false) }
        let scores = try await BundledMatcher.matcher.get().score(page, queries)
        #expect(best(scores.final[0], page) == "Blue kettle")
        #expect(best(scores.final[1], page) == "$ 24.50")
        #expect(best(scores.final[2], page) == "Acme")
        #expect(try #require(scores.final[3].max()) < Decoder().single)
        #expect(scores.first.map(\.count) == Array(repeating: page.candidates.count, count: 4))
        #expect(scores.chunks == 1)
        #expect(scores.tokens > 40)
        #expect(scores.unread == nil)
    }

    /// More than ten fields are read in several passes; each pass gives its fields what they get alone.
    @Test func manyFieldsInPasses() async throws {
        let page = PageReading(Document(html: shop, url: ""))
        let queries = (0..<10).map { FieldQuery(text: "thing \($0)", isList: false) } + [FieldQuery(text: "price", isList: false)]
        let matcher = try BundledMatcher.matcher.get()
        let all = try await matcher.score(page, queries)
        let alone = try await matcher.score(page, [queries[10]])
        #expect(all.chunks == 2)
        #expect(all.final.count == 11)
        #expect(all.final[10] == alone.final[0])
    }

    /// No field and no candidate are no fault.
    @Test func readsNothing() async throws {
        let matcher = try BundledMatcher.matcher.get()
        let page = PageReading(Document(html: shop, url: ""))
        let query = FieldQuery(text: "price", isList: false)
        #expect(try await matcher.score(page, []).final.isEmpty)
        #expect(try await matcher.score(PageReading(Document(html: "", url: "")), [query]).final == [[]])
    }

    /// Without the second stage the first one's scores are the result; a page beyond the budget says what was not read.
    @Test func configuration() async throws {
        let page = PageReading(Document(html: shop, url: ""))
        let matcher = try Matcher(try BundledMatcher.encoder.get(), .init(tokenBudget: 40, usesSecondStage: false))
        let scores = try await matcher.score(page, [FieldQuery(text: "price", isList: false)])
        #expect(scores.first == scores.final)
        #expect(scores.unread?.contains("budget of 40 tokens") == true)
        #expect(scores.first[0].contains(Matcher.unread))
        #expect(scores.first[0].contains { $0 != Matcher.unread })
    }

    private struct Broken: Error {}

    /// A file without the head, or with one of another size, is refused when it is loaded; the sentence names what is missing.
    @Test func refusesOtherModels() throws {
        var encoder = try BundledMatcher.encoder.get()
        let whole = encoder
        for (name, tensor) in [
            ("wc.weight", nil), ("g.0.weight", nil), ("xm", TokenEncoder.Tensor(shape: [3], values: [0, 0, 0])),
            ("s2.ps.weight", nil), ("we.weight", TokenEncoder.Tensor(shape: [384, 2], values: Array(repeating: 0, count: 768))),
            ("bias", TokenEncoder.Tensor(shape: [1], values: [.nan])),
        ] {
            encoder.tensor = { $0 == name ? tensor : whole.tensor($0) }
            let error = #expect(throws: ExtractionError.self) { try Matcher(encoder) }
            #expect(error?.code == .model)
            #expect(error?.message.contains("\"\(name)\"") == true)
        }
        encoder = whole
        encoder.integer = { _ in nil }
        #expect(throws: ExtractionError.self) { try Matcher(encoder) }
    }

    /// An encoder that fails, or gives too little, fails the page with its cause, and nothing else.
    @Test func encoderFails() async throws {
        let page = PageReading(Document(html: shop, url: ""))
        var encoder = try BundledMatcher.encoder.get()
        for vectors: @Sendable ([[Int32]]) async throws -> [[Float]] in [{ _ in throw Broken() }, { _ in [[1, 2]] }, { _ in [] }] {
            encoder.vectors = vectors
            let matcher = try Matcher(encoder)
            let error = await #expect(throws: ExtractionError.self) {
                try await matcher.score(page, [FieldQuery(text: "price", isList: false)])
            }
            #expect(error?.code == .encoder)
        }
    }

    /// A cancelled reading ends with `cancelled`.
    @Test func cancellation() async throws {
        let page = PageReading(Document(html: shop, url: ""))
        let matcher = try BundledMatcher.matcher.get()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await matcher.score(page, [FieldQuery(text: "price", isList: false)])
        }
        task.cancel()
        let error = await #expect(throws: ExtractionError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }
}
