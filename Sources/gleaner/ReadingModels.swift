import Extraction
import Foundation
import Inference

/// What reading needs of the bundled model files.
struct ReadingModels: Sendable {
    var encoder: TokenEncoder
    var listing: ListingModel

    init(_ locations: Locations) throws {
        do {
            let encoder = try TextEncoder(path: locations.matcher.path, .init(identity: .matcher))
            let trees: Data
            do { trees = try Data(contentsOf: locations.listingTrees) } catch {
                throw CommandError.ours("the list model \(locations.listingTrees.path) can't be read; reinstall Gleaner or set GLEANER_HOME")
            }
            self.encoder = TokenEncoder(encoder)
            listing = try ListingModel(json: trees)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError.ours("\(error)")
        }
    }

    func extractor(_ matcher: Matcher.Configuration = .init(), model: PointingModel? = nil) throws -> Extractor {
        do {
            return Extractor(matcher: try Matcher(encoder, matcher), listing: listing, model: model)
        } catch {
            throw CommandError.ours("\(error)")
        }
    }
}

extension TokenEncoder {
    init(_ encoder: TextEncoder) {
        self.init(
            tokenize: { encoder.tokenize($0).map { Pieces(ids: $0.ids, starts: $0.starts, ends: $0.ends) } },
            vectors: { try await encoder.vectors(of: $0).map(\.values) },
            tensor: { encoder.tensor(named: $0).map { Tensor(shape: $0.shape, values: $0.values) } },
            integer: { encoder.integer(named: $0) },
            product: { try MatrixProduct.rows($2, count: $3, times: $0, outputs: $1) })
    }
}
