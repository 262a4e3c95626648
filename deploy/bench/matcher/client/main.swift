// Gleaner's side of the benchmark: pages by the product's own way into chunks, token vectors and span scores, written where ../rounds.py
// compares them with PyTorch's. Then chunks of one length are encoded on one thread, as often as it is told to.
//
// usage: matcher-bench MODEL.gguf FOLDER PAGE.html …
//   FOLDER   gets N.json and N.f32 of each page, and prints how many of them there are. After that each line of standard input, JSON
//            [[token, …], …], is answered by a line, [milliseconds of each].

import Documents
import Extraction
import Foundation
import Inference

/// What PyTorch computes again. The numbers of a page's `.f32` file, in this order: the vectors of all chunks; the features of all
/// candidates; for each field those of its pairs with all candidates; for each field the scores of all candidates.
struct Written: Encodable {
    var page: String
    var chunks: [[Int32]]
    /// Of each chunk: candidate, first token, the token after the last, the marker of the line.
    var places: [[[Int]]]
    /// First token of each field and the one after its last: the same in all chunks.
    var fields: [[Int]]
    var candidates: Int
    var features: Int
    var pairFeatures: Int
}

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("matcher-bench: \(message)\n".utf8))
    exit(1)
}

/// Little endian, as the processors are that this runs on.
func bytes(_ numbers: [Float]) -> Data { numbers.withUnsafeBytes { Data($0) } }

let arguments = CommandLine.arguments
guard arguments.count > 3 else { fail("usage: matcher-bench MODEL.gguf FOLDER PAGE.html …") }
let folder = URL(fileURLWithPath: arguments[2])
// What detail pages are asked for.
let queries = ["name", "price", "author", "date published", "description", "rating", "availability", "city", "brand", "telephone"].map {
    FieldQuery(text: $0, isList: false)
}

do {
    let encoder = try TextEncoder(path: arguments[1], .init(threads: 1, identity: .matcher))
    let matcher = try Matcher(
        TokenEncoder(
            tokenize: { encoder.tokenize($0).map { .init(ids: $0.ids, starts: $0.starts, ends: $0.ends) } },
            vectors: { try await encoder.vectors(of: $0).map(\.values) },
            tensor: { encoder.tensor(named: $0).map { .init(shape: $0.shape, values: $0.values) } },
            integer: { encoder.integer(named: $0) },
            product: { try MatrixProduct.rows($2, count: $3, times: $0, outputs: $1) }),
        .init(usesSecondStage: false))
    var number = 0
    for path in arguments.dropFirst(3) {
        guard let html = FileManager.default.contents(atPath: path) else { fail("\(path) can't be read") }
        let page = PageReading(Document(html: [UInt8](html), url: "http://bench.invalid/"))
        let (chunks, fields) = matcher.written(page, queries)
        guard !chunks.isEmpty else { continue }
        let vectors = try await encoder.vectors(of: chunks.map(\.tokens)).flatMap(\.values)
        let scores = try await matcher.score(page, queries).first
        let written = Written(
            page: URL(fileURLWithPath: path).lastPathComponent, chunks: chunks.map(\.tokens),
            places: chunks.map { $0.places.map { [$0.candidate, $0.tokens.lowerBound, $0.tokens.upperBound, $0.line] } },
            fields: fields.map { [$0.lowerBound, $0.upperBound] }, candidates: page.candidates.count, features: PageReading.featureCount,
            pairFeatures: FieldQuery.pairFeatureCount)
        try JSONEncoder().encode(written).write(to: folder.appending(path: "\(number).json"))
        let numbers = [vectors, page.features] + queries.map { page.pairFeatures($0) } + scores
        try numbers.reduce(into: Data()) { $0 += bytes($1) }.write(to: folder.appending(path: "\(number).f32"))
        number += 1
    }
    func answer(_ text: String) {
        print(text)
        fflush(nil)
    }
    answer("\(number)")
    while let line = readLine() {
        var times: [Double] = []
        for chunk in try JSONDecoder().decode([[Int32]].self, from: Data(line.utf8)) {
            let start = ContinuousClock.now
            _ = try await encoder.vectors(of: [chunk])
            times.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        answer("[" + times.map { String(format: "%.3f", $0) }.joined(separator: ", ") + "]")
    }
} catch {
    fail("\(error)")
}
