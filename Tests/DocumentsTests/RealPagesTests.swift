import Foundation
import TestMaterial
import Testing

@testable import Documents

@Suite struct RealPagesTests {
    private static let folder = Material.file("data/extraction")

    /// Pages of many sites, the same ones in every run.
    private func pages(_ count: Int) -> [URL] {
        guard let folder = RealPagesTests.folder else { return [] }
        let files = (FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? [])
            .filter { $0.pathExtension == "html" }.sorted { $0.path < $1.path }
        return stride(from: 0, to: files.count, by: max(files.count / count, 1)).map { files[$0] }
    }

    /// On real pages: every path leads back, places hold their text, snapshots come back equal, nothing is cut, and every writer ends.
    @Test(.enabled(if: Material.file("data/extraction") != nil, "the pages are not on this machine"))
    func wholePages() throws {
        var random = Deterministic(state: 11)
        for file in pages(12) {
            let page = Document(html: [UInt8](try Data(contentsOf: file)), url: "http://example.test/a/b")
            #expect(page.truncation == nil && page.nodes.count > 50, "\(file.lastPathComponent)")
            for node in page.nodes.indices where node % 7 == 0 { #expect(page.node(at: page.path(of: node)) == node) }
            let count = page.flow.scalars.count
            for _ in 0..<50 where count > 0 {
                let low = Int.random(in: 0..<count, using: &random)
                let range = page.flow.trimmed(low..<min(count, low + Int.random(in: 1...200, using: &random)))
                guard !range.isEmpty else { continue }
                let place = try #require(page.place(of: range))
                #expect(page.text(at: page.path(of: place.node), start: place.start, end: place.end) == page.flow.text(range))
            }
            let snapshot = Snapshot(of: page)
            let back = try Snapshot.decode(snapshot.bytes, expecting: snapshot.hash)
            #expect(back.flow.scalars == page.flow.scalars && back.nodes.count == page.nodes.count)
            #expect(!page.markdown.isEmpty)
            #expect(page.links.items.allSatisfy { URLIdentity($0.url)?.href == $0.url })
        }
    }
}
