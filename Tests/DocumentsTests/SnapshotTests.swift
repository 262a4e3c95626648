import Foundation
import Testing

@testable import Documents

private func expectEqual(_ a: Document, _ b: Document) {
    #expect(a.url == b.url && a.source == b.source && a.truncation == b.truncation && a.nodes.count == b.nodes.count)
    for (x, y) in zip(a.nodes, b.nodes) {
        #expect(x.kind == y.kind && x.parent == y.parent && x.index == y.index && x.end == y.end)
        #expect(x.name == y.name && Array(x.text.utf8) == Array(y.text.utf8) && x.attributes == y.attributes)
        #expect(x.box == y.box && x.isHidden == y.isHidden && x.isFolded == y.isFolded && x.isBlock == y.isBlock)
    }
    #expect(a.flow.scalars == b.flow.scalars && a.flow.ranges == b.flow.ranges)
}

@Suite struct SnapshotTests {
    /// What was stored comes back equal, and the same page has the same hash.
    @Test func roundTrip() throws {
        let pages = [
            samplePage(),
            Document(html: "<p hidden>a<p style=x title='é e\u{301}'>b <b>c</b><svg/>", url: "http://example.test/ü"),
            Document(html: "<details><summary>a</summary><p>b</p></details><p hidden>c", url: "u"),
            Document(html: "", url: ""),
        ]
        for page in pages {
            let snapshot = Snapshot(of: page)
            let back = try Snapshot.decode(snapshot.bytes, expecting: snapshot.hash)
            expectEqual(page, back)
            #expect(Snapshot(of: back) == snapshot)
        }
    }

    /// Texts that differ only in their normalisation stay different.
    @Test func normalisation() throws {
        let page = Document(html: "<p>\u{E9}</p><p>e\u{301}</p>", url: "u")
        let back = try Snapshot.decode(Snapshot(of: page).bytes)
        #expect(back.nodes.map { Array($0.text.utf8) } == page.nodes.map { Array($0.text.utf8) })
    }

    /// A snapshot of version 1 is readable for ever. Never change this literal.
    @Test func golden() throws {
        let bytes = try #require(Data(base64Encoded: SnapshotTests.versionOne))
        let page = try Snapshot.decode([UInt8](bytes), expecting: SnapshotTests.versionOneHash)
        expectEqual(page, samplePage())
    }

    static let versionOne =
        "R1NaMYgDeF5zD/YLYGQQEMkoKSmw0tdPrUjMLchJ1StJLS7RZ8koyc1hScpPqWRNzkksLmZOVEhiyjAUCDm8viQnVUEhP+3QgoLE"
            + "9FS2Ct3kxKIUxgLezDyFkoxUheKMxJT8csYkRkW20rzi1NQ8tsy0osTcVOaUzDJBqBqwgMKH+TMaGBgEGTgZGRkYFBwZGBYA8Qkn"
            + "EK3JyMTIzIIuysnIii7ExciGLsTJzI4uxMzIyciBLsjFyAkRKgByPZxAbE4mLkxV3BAVILzAASTNxsbDycWLrpCBEYs/OBn50IW4"
            + "GPnRhQC/QVWK"
    static let versionOneHash = "3d9f680843f316269954b55e8b679c89c52729c158664018cca01de86a77a3bf"

    /// A changed byte or a missing end gives an error or, where zlib's own filler bits were hit, the same page; never a trap.
    @Test func damagedContainer() {
        let snapshot = Snapshot(of: samplePage())
        for cut in 0..<snapshot.bytes.count {
            #expect(throws: DocumentsError.self) { try Snapshot.decode(Array(snapshot.bytes[..<cut])) }
        }
        for at in snapshot.bytes.indices {
            for flip: UInt8 in [1, 0x80, 0xFF] {
                var bytes = snapshot.bytes
                bytes[at] ^= flip
                if let page = try? Snapshot.decode(bytes, expecting: snapshot.hash) { expectEqual(page, samplePage()) }
            }
        }
    }

    /// The same for the content inside, where nothing but the decoder itself checks.
    @Test func damagedContent() {
        let content = Snapshot.content(of: samplePage())
        var read = 0
        for at in content.indices {
            for flip: UInt8 in [1, 2, 4, 8, 16, 32, 64, 0x80, 0xFF] {
                var bytes = content
                bytes[at] ^= flip
                if let page = try? Snapshot.decode(Snapshot.compress(bytes)) {
                    read += 1
                    for node in page.nodes.indices { #expect(page.node(at: page.path(of: node)) != nil) }
                }
            }
            #expect(throws: DocumentsError.self) { try Snapshot.decode(Snapshot.compress(Array(content[..<at]))) }
        }
        #expect(read > 0)
    }

    /// Sizes that are claimed but not there take no memory; a newer version is told apart from damage.
    @Test func claims() {
        var huge = Array("GSZ1".utf8)
        SnapshotWriter.varint(1 << 28, into: &huge)
        #expect(throws: DocumentsError.self) { try Snapshot.decode(huge + [0x78, 0x9C, 3, 0, 0, 0, 0, 1]) }
        var content = Snapshot.content(of: samplePage())
        content[4] = 9
        let error = #expect(throws: DocumentsError.self) { try Snapshot.decode(Snapshot.compress(content)) }
        #expect(error?.code == .unknownVersion)
        let other = Snapshot(of: Document(html: "x", url: "u"))
        let mixed = #expect(throws: DocumentsError.self) {
            try Snapshot.decode(other.bytes, expecting: Snapshot(of: samplePage()).hash)
        }
        #expect(mixed?.code == .malformedSnapshot)
    }
}
