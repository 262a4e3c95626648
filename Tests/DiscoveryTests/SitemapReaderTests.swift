import CZlib
import Documents
import Foundation
import TestMaterial
import Testing

@testable import Discovery

@Suite struct SitemapReaderTests {
    // MARK: - Conformance

    struct Fixture: Sendable, CustomStringConvertible {
        var file: String
        var format: SitemapReader.Format
        var count: Int
        var first: String
        var problems = 0
        var description: String { file }
    }

    private static let folder = "data/conformance/sitemap/crawler-commons"
    private static let fixtures = [
        Fixture(file: "rss/feed.rss", format: .rss, count: 4, first: "https://www.example.com/blog/post/1"),
        // The fifth date lacks its zone.
        Fixture(file: "rss/xmlRss_pubDate.xml", format: .rss, count: 7, first: "http://www.example.com/article_1", problems: 1),
        Fixture(file: "sitemaps/atom.xml", format: .atom, count: 1, first: "http://example.org/2003/12/13/atom03"),
        Fixture(file: "sitemaps/do-not-visit.txt", format: .text, count: 1, first: "http://www.example.com/do-not-visit-here"),
        Fixture(file: "sitemaps/sitemap-with-bom.txt", format: .text, count: 2, first: "http://www.domain.com/page1.html"),
        Fixture(file: "sitemaps/sitemap.txt", format: .text, count: 2, first: "http://www.domain.com/page1.html"),
        Fixture(file: "sitemaps/sitemap.txt.gz", format: .text, count: 5, first: "http://www.example.com/"),
        Fixture(file: "sitemaps/xmlSitemap.gz", format: .urlset, count: 5, first: "http://www.example.com/"),
        Fixture(file: "sitemaps/sitemap.badns.xml", format: .urlset, count: 2, first: "http://www.example.com/1"),
        Fixture(file: "sitemaps/sitemap.ns.xml", format: .urlset, count: 2, first: "http://www.example.com/1"),
        // None of them has a <loc>.
        Fixture(
            file: "sitemaps/sitemap.index.xml", format: .index, count: 15,
            first: "https://example.com/sitemap.jss?portalCode=10260&lang=en", problems: 15),
        Fixture(
            file: "sitemaps/extension/hebdenbridgetimes-articles-sitemap.xml", format: .urlset, count: 74,
            first: "http://www.hebdenbridgetimes.co.uk/news/local/video-tour-de-yorkshire-in-calderdale-1-7242580"),
        Fixture(file: "sitemaps/extension/pagemaps-sitemap.xml", format: .urlset, count: 2, first: "http://www.example.com/foo"),
        Fixture(
            file: "sitemaps/extension/shinpaideshou-news-sitemap.xml", format: .urlset, count: 3,
            first: "https://shinpaideshou.wordpress.com/2017/04/25/job-opening-reischauer-policy-research-fellow/"),
        Fixture(
            file: "sitemaps/extension/sitemap-images.xml", format: .urlset, count: 1,
            first: "http://www.example.com/images/some_image_landing_page.html"),
        Fixture(file: "sitemaps/extension/sitemap-links.xml", format: .urlset, count: 3, first: "http://www.example.com/english/"),
        Fixture(
            file: "sitemaps/extension/sitemap-mobile.xml", format: .urlset, count: 3, first: "http://www.example.com/mobile-friendly-1/"),
        Fixture(
            file: "sitemaps/extension/sitemap-news.xml", format: .urlset, count: 2, first: "http://www.example.org/business/article55.html"),
        Fixture(
            file: "sitemaps/extension/sitemap-videos-tvshow.xml", format: .urlset, count: 1, first: "https://example.org/my-tv-show/23/13/"),
        Fixture(
            file: "sitemaps/extension/sitemap-videos.xml", format: .urlset, count: 3,
            first: "http://www.example.com/videos/some_video_landing_page.html"),
    ]

    /// Every fixture of crawler-commons is read as its authors expect.
    @Test(.enabled(if: Material.file(folder) != nil, "no test material"),
        arguments: fixtures)
    func conformance(_ fixture: Fixture) throws {
        let file = try #require(Material.file(Self.folder + "/" + fixture.file))
        let (entries, report) = read([UInt8](try Data(contentsOf: file)), at: "http://www.example.com/list")
        #expect(report.format == fixture.format)
        #expect(entries.count == fixture.count)
        #expect(entries.first.map(address) == fixture.first)
        #expect(report.problems == fixture.problems, "\(report.firstProblem ?? "")")
        #expect(report.cut == nil)
    }

    /// No file of the fixtures is left out.
    @Test(.enabled(if: Material.file(folder) != nil, "no test material"))
    func allFixtures() throws {
        let root = try #require(Material.file(Self.folder))
        let files =
            FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])?.compactMap { $0 as? URL } ?? []
        let names = try files.filter { try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true }.map {
            $0.pathComponents.suffix(from: root.pathComponents.count).joined(separator: "/")
        }
        #expect(Set(names) == Set(Self.fixtures.map(\.file)))
    }

    // MARK: - Formats

    /// A page has all that its sitemap tells of it.
    @Test
    func page() throws {
        let (entries, report) = read(
            """
            <?xml version="1.0"?>
            <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"
             xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
            <url><loc> http://A.test/b?c=1&amp;d=2 </loc><lastmod>2026-11-29T10:00:00+01:00</lastmod><changefreq>daily</changefreq>
            <priority>0.5</priority><xhtml:link rel="alternate" hreflang="de" href="/de?x=1&amp;y=2"/><image:image><image:loc>http://a.test/i.png
            </image:loc><image:title>No</image:title></image:image><news:news><news:title>The
             title</news:title></news:news></url></urlset>
            """)
        var page = SitemapReader.Page(
            loc: "http://a.test/b?c=1&d=2", title: "The title", modified: LastModified("2026-11-29T10:00:00+01:00"))
        page.changeFrequency = "daily"
        page.priority = 0.5
        page.alternates = [.init(language: "de", url: "http://site.test/de?x=1&y=2")]
        #expect(entries == [.page(page)])
        #expect(report.problems == 1, "the relative alternate is noted")
    }

    /// An index names sitemaps, and may name pages too.
    @Test
    func index() {
        let (entries, report) = read(
            """
            <sitemapindex><sitemap><loc>http://site.test/1.xml.gz</loc><lastmod>2026-01-01</lastmod></sitemap>
            <sitemap><loc>http://site.test/2?a=1<![CDATA[&b=2]]></loc></sitemap><url><loc>http://site.test/p</loc></url></sitemapindex>
            """)
        #expect(report.format == .index)
        #expect(
            entries == [
                .sitemap(loc: "http://site.test/1.xml.gz", modified: LastModified("2026-01-01")),
                .sitemap(loc: "http://site.test/2?a=1&b=2", modified: nil), .page(.init(loc: "http://site.test/p")),
            ])
    }

    /// Feeds of all kinds give their entries with title and time.
    @Test(arguments: [
            "<rss version='2.0'><channel><link>http://site.test/</link><title>Site</title><item><title>One &amp; two</title>"
                + "<link>http://site.test/1</link><pubDate>Thu, 05 Jan 2017 12:34:50 GMT</pubDate></item></channel></rss>",
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'"
                + " xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><link>http://site.test/</link></channel><item><title>One &amp; two</title>"
                + "<link>http://site.test/1</link><dc:date>2017-01-05T12:34:50Z</dc:date></item></rdf:RDF>",
            "<feed xmlns='http://www.w3.org/2005/Atom'><link href='http://site.test/'/><entry><title type='html'><![CDATA[One & two]]></title>"
                + "<link rel='self' href='/self'/><link href='http://site.test/1'/><updated>2017-01-05T12:34:50Z</updated></entry></feed>",
        ])
    func feeds(_ text: String) throws {
        let (entries, report) = read(text)
        try #require(entries.count == 1, "\(report)")
        guard case .page(let page) = entries[0] else { return }
        #expect(page.loc == "http://site.test/1")
        #expect(page.title == "One & two")
        #expect(page.modified?.seconds == 1_483_619_690)
    }

    // MARK: - Files as they are

    /// Broken files give what can be had of them, and say that they are broken.
    @Test(arguments: [
            // An unescaped "&" must not cost the parameter after it, nor an escaped one after an error.
            (
                "<urlset><url><loc>http://a.test/?a=1&b=2</loc></url><url><loc>http://a.test/?c=3&amp;d=4</loc></url></urlset>",
                ["http://a.test/?a=1&b=2", "http://a.test/?c=3&d=4"]
            ),
            (
                "<urlset><url><loc>http://a.test/1</lco></url><url><loc>http://a.test/?c=3&amp;d=4</loc></url></urlset>",
                ["http://a.test/1", "http://a.test/?c=3&d=4"]
            ),
            (
                "<urlset><url><loc>http://a.test/caf&eacute;</loc></url><url><loc>http://a.test/&unknown;</loc></url></urlset>",
                ["http://a.test/caf%C3%A9", "http://a.test/&unknown;"]
            ),
            (
                "Warning: something on line 3\n<?xml version='1.0'?><urlset><url><loc>http://a.test/</loc></url></urlset>",
                ["http://a.test/"]
            ),
            (
                "<urlset><url><loc>http://a.test/1</loc><url><loc>http://a.test/2</loc></url></urlset>",
                ["http://a.test/1", "http://a.test/2"]
            ),
            ("<urlset><url><loc>http://a.test/1\u{8}</loc></url></urlset>", ["http://a.test/1"]),
            ("<urlset><url><loc>/relative</loc></url></urlset>", ["http://site.test/relative"]),
            ("<urlset><url><loc>ftp://a.test/</loc></url><url><loc>http://a.test/2</loc></url><url/></urlset>", ["http://a.test/2"]),
            ("<urlset><url><loc>http://a.test/1</loc></url><url><loc>http://a.test/2</loc><last", ["http://a.test/1", "http://a.test/2"]),
            ("<urlset><url><loc>http://a.test/1</loc></url><url><loc>http://a.test/ha", ["http://a.test/1"]),
            ("http://a.test/1\nnot an address\nhttp://a.test/2", ["http://a.test/1", "http://a.test/2"]),
        ])
    func broken(_ text: String, _ expected: [String]) {
        let (entries, report) = read(text)
        #expect(entries.map(address) == expected)
        #expect(report.problems > 0)
        #expect(report.firstProblem?.isEmpty == false)
    }

    /// Odd but sound files are read without complaint.
    @Test(arguments: [
            "\u{FEFF}\n  <?xml version='1.0'?>\n<urlset><url><loc>http://a.test/ä&#38;b</loc></url></urlset>",
            "<!-- a > b & c --><URLSET><URL><LOC>http://a.test/ä&amp;b</LOC></URL></URLSET>",
            "<urlset xmlns='urn:x'><url xmlns=''><loc><url><![CDATA[http://a.test/ä&b]]></url></loc></url></urlset>",
            "<x:urlset xmlns:x='urn:x'><x:url><x:loc>http://a.test/ä&#x26;b</x:loc><video:title>undeclared</video:title></x:url></x:urlset>",
            "<!DOCTYPE urlset><urlset><url><loc>\n http://a.test/ä&amp;b\n</loc></url></urlset>",
            "\n\n  http://a.test/ä&b  \r\n\r\n",
        ])
    func odd(_ text: String) {
        let (entries, report) = read(text)
        #expect(entries.map(address) == ["http://a.test/%C3%A4&b"])
        #expect(report.problems == 0, "\(report.firstProblem ?? "")")
    }

    /// Encodings are those of the file.
    @Test(arguments: [
            (String.Encoding.isoLatin1, "<?xml version='1.0' encoding='iso-8859-1'?>"),
            (.windowsCP1251, "<?xml version='1.0' encoding='windows-1251'?>"), (.utf16, "<?xml version='1.0' encoding='utf-16'?>"),
            (.utf16LittleEndian, "<?xml version='1.0' encoding='utf-16'?>"), (.shiftJIS, "<?xml version='1.0' encoding='Shift_JIS'?>"),
            (.utf8, ""),
        ])
    func encodings(_ encoding: String.Encoding, _ declaration: String) throws {
        let word = encoding == .isoLatin1 ? "é" : encoding == .shiftJIS ? "ソ日" : encoding == .windowsCP1251 ? "ж" : "😀ж"
        let text = declaration + "<urlset>" + String(repeating: "<url><loc>http://a.test/\(word)</loc></url>", count: 500) + "</urlset>"
        let bytes = [UInt8](try #require(text.data(using: encoding)))
        let (entries, report) = read(bytes, pieces: 7)
        #expect(Set(entries.map(address)) == [try #require(URLIdentity("http://a.test/\(word)")?.href)])
        #expect(entries.count == 500)
        #expect(report.problems == 0)
    }

    /// The first bytes may end within a character.
    @Test(arguments: 0..<19)
    func headEnds(_ padding: Int) {
        let text = String(repeating: " ", count: padding) + String(repeating: "http://a.test/😀\n", count: 1_000)
        let (entries, report) = read(Array(text.utf8), pieces: 4_096)
        #expect(Set(entries.map(address)) == ["http://a.test/%F0%9F%98%80"])
        #expect(report.entries == 1_000)
    }

    /// How a file is cut into pieces changes nothing.
    @Test(arguments: [1, 2, 3, 5, 1_000, 5_000])
    func pieces(_ size: Int) throws {
        let whole =
            "<?xml version='1.0'?><!-- - -- > --><urlset>"
            + (0..<400).map { "<url><loc>http://a.test/\($0)?ä=&amp;b=<![CDATA[&c>]]></loc>&nbsp;\n<lastmod>2026-01-01</lastmod></url>" }
            .joined()
            + "</urlset>"
        for bytes in [
            Array(whole.utf8), gzip(Array(whole.utf8)), gzip(Array(whole.utf8.prefix(9_000))) + gzip(Array(whole.utf8.dropFirst(9_000))),
        ] {
            let (entries, report) = read(bytes, pieces: size)
            #expect(entries.count == 400)
            #expect(entries.last.map(address) == "http://a.test/399?%C3%A4=&b=&c%3E")
            #expect(report.problems == 0, "\(report.firstProblem ?? "")")
        }
    }

    /// Entries come as soon as their bytes are there.
    @Test
    func streams() throws {
        let reader = SitemapReader(address: try #require(URLIdentity("http://site.test/")))
        let padding = String(repeating: " ", count: 5_000)
        #expect(reader.push(Array("<urlset>\(padding)<url><loc>http://a.test/1</loc></url>".utf8)).count == 1)
        #expect(reader.push(Array("<url><loc>http://a.test/2</loc>".utf8)).isEmpty)
        #expect(reader.push(Array("</url>".utf8)).count == 1)
    }

    // MARK: - What is none

    /// What is no list says so and gives nothing.
    @Test(arguments: [
            ("", "it is empty"), ("  \n ", "it is no sitemap: it holds no address"),
            ("<!DOCTYPE html><html><body><a href='http://a.test/'>x</a></body></html>", "it is no sitemap: it is an HTML page"),
            ("<?xml version='1.0'?><html><url><loc>http://a.test/</loc></url></html>", "it is no sitemap: its outermost element is <html>"),
            ("this is a bogus sitemap", "it is no sitemap: it holds no address"),
            ("{\"error\": 404}", "it is no sitemap: it holds no address"),
        ])
    func none(_ text: String, _ reason: String) {
        let (entries, report) = read(text)
        #expect(entries.isEmpty)
        #expect(report.format == nil)
        #expect(report.cut == reason)
    }

    // MARK: - Limits

    /// More entries, bytes or address than the protocol allows are cut, and it is said.
    @Test
    func limits() throws {
        var limits = SitemapReader.Limits()
        limits.entries = 10
        let many = "<urlset>" + (0..<20).map { "<url><loc>http://a.test/\($0)</loc></url>" }.joined() + "</urlset>"
        let (entries, report) = read(many, limits: limits)
        #expect(entries.count == 10)
        #expect(report.cut == "it has more than 10 entries; the rest was not read")

        limits = SitemapReader.Limits()
        limits.bytes = 100
        let cut = read(many, limits: limits)
        // 8 bytes before the first, 39 for each: the third is cut in its address.
        #expect(cut.entries.map(address) == ["http://a.test/0", "http://a.test/1"])
        #expect(cut.report.cut == "it has more than 100 bytes; the rest was not read")
        let lines = read((0..<20).map { "http://a.test/\($0)\n" }.joined(), limits: limits)
        #expect(lines.entries.count == 6)

        let long = "http://a.test/" + String(repeating: "x", count: 2_035)
        let address = read("<urlset><url><loc>\(long)</loc></url><url><loc>\(long.dropLast())</loc></url></urlset>")
        #expect(address.entries.count == 1)
        #expect(address.report.problems == 1)
    }

    /// A transfer that broke off gives no half address.
    @Test
    func brokenOff() throws {
        for text in [
            "http://a.test/1\nhttp://a.test/ha", "<urlset><url><loc>http://a.test/1</loc></url><url><loc>http://a.test/ha",
            "<sitemapindex><sitemap>http://a.test/1</sitemap><sitemap>http://a.test/ha",
        ] {
            let reader = SitemapReader(address: try #require(URLIdentity("http://site.test/")))
            let entries = reader.push(Array(text.utf8)) + reader.finish(isWhole: false)
            #expect(entries.map(address) == ["http://a.test/1"])
            #expect(reader.report.cut == "the transfer broke off")
        }
    }

    /// A compressed bomb goes off in small pieces and stops at the limit.
    @Test
    func bomb() throws {
        let piece = Array(("<urlset>" + String(repeating: "<url><loc>http://a.test/</loc></url>", count: 2_000)).utf8)
        var bytes = gzip(piece)
        let spaces = gzip([UInt8](repeating: 32, count: 16 << 20))
        for _ in 0..<64 { bytes += spaces }
        #expect(bytes.count < 2 << 20, "a gigabyte when it is decompressed")
        let reader = SitemapReader(address: try #require(URLIdentity("http://site.test/")))
        let entries = reader.push(bytes)
        #expect(entries.count == 2_000)
        #expect(reader.isOver)
        #expect(reader.report.cut?.contains("52428800 bytes") == true)
    }

    /// Damaged gzip gives what came before the damage.
    @Test
    func damaged() throws {
        let text = "<urlset>" + (0..<5_000).map { "<url><loc>http://a.test/\($0 &* 7_919)</loc></url>" }.joined() + "</urlset>"
        var bytes = gzip(Array(text.utf8))
        let (part, report) = read(Array(bytes.prefix(bytes.count / 2)))
        #expect(part.count > 1_000 && part.count < 5_000)
        #expect(report.cut == "its gzip data breaks off")
        for index in (bytes.count / 2)..<(bytes.count / 2 + 50) { bytes[index] = 0xFF }
        #expect(read(bytes).report.cut != nil)
        // Anything may stand after the last member.
        #expect(read(gzip(Array(text.utf8)) + [0, 0, 0, 7]).report.cut == nil)
    }

    private static let deep = "<urlset>" + String(repeating: "<a>", count: 1_000_000)
    private static let wide = "<urlset><url " + (0..<500_000).map { "a\($0)='' " }.joined() + ">"
    private static let entities: String = {
        let declarations = (0..<1_000).map { "<!ENTITY b\($0) '&a;&a;&a;'>" }.joined()
        return "<!DOCTYPE urlset [<!ENTITY a 'aaaaaaaaaa'>\(declarations)]><urlset><url><loc>http://a.test/&b9;</loc></url></urlset>"
    }()

    /// Files made to hurt a parser are given up, or read without what hurts.
    @Test(arguments: [(deep, "its elements nest more than 64 deep"), (wide, "a tag is longer than 8192 bytes"), (entities, nil)])
    func hostile(_ text: String, _ reason: String?) {
        let (entries, report) = read(text)
        #expect(report.cut == reason)
        if reason == nil { #expect(entries.map(address) == ["http://a.test/&b9;"]) }
    }

    /// A file larger than any buffer of the parser is read to its end, in pieces or at once.
    @Test(arguments: [1_000, 1 << 16, 1 << 30])
    func large(_ size: Int) {
        let filler = String(repeating: "x", count: 940)
        var text = "<?xml version='1.0'?><urlset>"
        // libxml2 gives up where 10 MB pile up.
        for number in 0..<12_000 { text += "<url><loc>http://a.test/\(number)</loc><x:y>\(filler)</x:y></url>\n" }
        let (entries, report) = read(Array((text + "</urlset>").utf8), pieces: size)
        #expect(entries.count == 12_000)
        #expect(report.cut == nil)
    }

    /// Nothing that is pushed crashes the reader.
    @Test
    func noise() {
        let seeds = [
            "<urlset><url><loc>http://a.test/</loc><lastmod>2026-01-01</lastmod></url></urlset>",
            "<rss><channel><item><link>http://a.test/&amp;<![CDATA[x]]></link></item></channel></rss>", "http://a.test/\nhttp://b.test/",
        ]
        var state: UInt64 = 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for round in 0..<600 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<(1 + next(6)) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = UInt8(next(256))
                case 1: bytes.insert(contentsOf: [UInt8](repeating: UInt8(next(256)), count: next(40)), at: next(bytes.count))
                default: bytes.removeSubrange(next(bytes.count)...)
                }
                if bytes.isEmpty { bytes = [60] }
            }
            if round % 2 == 0 { bytes = gzip(bytes) }
            if round % 4 == 0 { bytes[next(bytes.count)] = UInt8(next(256)) }
            #expect(read(bytes, pieces: 1 + next(30)).report.entries < 10)
        }
    }

    // MARK: - Tools

    private func read(_ text: String, limits: SitemapReader.Limits = .init()) -> (
        entries: [SitemapReader.Entry], report: SitemapReader.Report
    ) {
        read(Array(text.utf8), limits: limits)
    }

    private func read(
        _ bytes: [UInt8], at address: String = "http://site.test/sitemap.xml", pieces: Int = 1 << 16, limits: SitemapReader.Limits = .init()
    ) -> (entries: [SitemapReader.Entry], report: SitemapReader.Report) {
        guard let url = URLIdentity(address) else { return ([], .init()) }
        let reader = SitemapReader(address: url, limits: limits)
        var entries: [SitemapReader.Entry] = []
        var at = 0
        while at < bytes.count {
            let end = min(at + pieces, bytes.count)
            entries += reader.push(Array(bytes[at..<end]))
            at = end
        }
        return (entries + reader.finish(), reader.report)
    }

    private func address(_ entry: SitemapReader.Entry) -> String {
        switch entry {
        case .page(let page): page.loc
        case .sitemap(let loc, _): loc
        }
    }
}

/// A gzip member of the bytes.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    var out = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let size = input.withUnsafeMutableBufferPointer { input in
        out.withUnsafeMutableBufferPointer { out in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = out.baseAddress
            stream.avail_out = UInt32(out.count)
            deflate(&stream, Z_FINISH)
            return out.count - Int(stream.avail_out)
        }
    }
    return Array(out.prefix(size))
}
