import Documents
import Foundation
import Inference

@testable import Extraction

/// Reading as the command does it, with the bundled models; loaded once.
enum Bundled {
    static func extractor() throws -> Extractor { try loaded.get() }

    private static let loaded = Result {
        let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Inference/Models/matcher.gguf")
        let encoder = try TextEncoder(path: models.path, .init(threads: 1, identity: .matcher))
        return Extractor(
            matcher: try Matcher(
                TokenEncoder(
                    tokenize: { encoder.tokenize($0).map { .init(ids: $0.ids, starts: $0.starts, ends: $0.ends) } },
                    vectors: { try await encoder.vectors(of: $0).map(\.values) },
                    tensor: { encoder.tensor(named: $0).map { .init(shape: $0.shape, values: $0.values) } },
                    integer: { encoder.integer(named: $0) },
                    product: { try MatrixProduct.rows($2, count: $3, times: $0, outputs: $1) })),
            listing: ListingFixture.model)
    }
}
