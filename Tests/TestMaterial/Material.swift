package import Foundation

/// Real test material that lies beside the checkout on some machines and is absent on others; tests that want it skip, saying so.
package enum Material {
    /// `<checkout>/../shared`, or `GLEANER_TEST_MATERIAL`; nil where it is absent.
    package static let root: URL? = {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["GLEANER_TEST_MATERIAL"].map { URL(fileURLWithPath: $0) }
        let url = named ?? checkout.deletingLastPathComponent().appending(path: "shared")
        return FileManager.default.fileExists(atPath: url.appending(path: "data").path) ? url : nil
    }()

    /// A file or folder below the root; nil where it is absent.
    package static func file(_ path: String) -> URL? {
        guard let url = root?.appending(path: path), FileManager.default.fileExists(atPath: url.path) else { return nil }
        return url
    }
}
