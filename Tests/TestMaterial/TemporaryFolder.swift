package import Foundation

/// Lends a folder of its own to `body`; it is gone afterwards, whatever happened.
package func withTemporaryFolder<R>(
    isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> R
) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gleaner-test-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
