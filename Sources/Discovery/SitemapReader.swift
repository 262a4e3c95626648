package import Documents

/// Reads a list of addresses while its bytes come: a sitemap or an index of sitemaps (sitemaps.org), compressed or not, in XML or as plain
/// text, or a feed (RSS, RDF, Atom). What it is shows in its bytes, never in its name or type.
///
/// Files of the web are read as they are meant: with any namespace, broken entities, text before the XML. What was mended or left out is
/// counted in `report`. Addresses come out absolute and spelled as browsers spell them.
package final class SitemapReader {
    package enum Format: String, Sendable {
        case urlset, index, text, rss, atom
    }

    package enum Entry: Sendable, Equatable {
        case page(Page)
        /// Another list, which an index names.
        case sitemap(loc: String, modified: LastModified?)
    }

    package struct Page: Sendable, Equatable {
        package var loc: String
        /// Feeds and news sitemaps tell it.
        package var title: String?
        package var modified: LastModified?
        /// As it was written: "daily".
        package var changeFrequency: String?
        /// From 0 to 1.
        package var priority: Double?
        /// The same in other languages or formats.
        package var alternates: [Alternate] = []
    }

    package struct Alternate: Sendable, Equatable {
        /// "de-ch", "x-default".
        package var language: String?
        package var url: String
    }

    /// The protocol's limits. What lies beyond them isn't read.
    package struct Limits: Sendable {
        /// Decompressed.
        package var bytes = 52_428_800
        package var entries = 50_000
        /// Bytes of an address.
        package var address = 2_048

        package init() {}
    }

    package struct Report: Sendable, Equatable {
        /// Nil for what is no list of addresses.
        package var format: Format?
        package var entries = 0
        /// Places that were mended or left out.
        package var problems = 0
        package var firstProblem: String?
        /// Why the rest of the file wasn't read; nil where all of it was.
        package var cut: String?
    }

    package private(set) var report = Report()
    /// Nothing that is pushed from now on changes anything.
    package var isOver: Bool { report.cut != nil || isFinished }

    private let address: URLIdentity
    private let limits: Limits
    private var isFinished = false
    private var entries: [Entry] = []

    /// Before it is known whether they are compressed.
    private var magic: [UInt8]? = []
    private var gunzip: Gunzip?
    private var size = 0
    /// Before the encoding is known.
    private var head: [UInt8]? = []
    private var charset = Charset.utf8
    /// Bytes of a character that hasn't come in full.
    private var undecoded: [UInt8] = []
    /// Text of a line or tag that hasn't come in full; always UTF-8.
    private var unread: [UInt8] = []
    private var xml: SitemapXML?
    private var line: [UInt8] = []

    private static let headSize = 4_096
    /// A line or tag is cut when it gets longer than this.
    private static let maximumPiece = 1 << 16

    /// - Parameter address: of the file; what relative addresses are resolved against.
    package init(address: URLIdentity, limits: Limits = Limits()) {
        self.address = address
        self.limits = limits
    }

    /// The next bytes of the file; gives the entries that are whole now.
    package func push(_ bytes: [UInt8]) -> [Entry] {
        guard !isOver else { return [] }
        if magic != nil {
            magic?.append(contentsOf: bytes)
            if let first = magic, first.count >= 2 { begin(first) }
        } else {
            decompress(bytes)
        }
        return takeEntries()
    }

    /// The file ends here; gives the entries that were not given yet. `isWhole` is false where the transfer broke off.
    package func finish(isWhole: Bool = true) -> [Entry] {
        guard !isFinished else { return [] }
        if report.cut == nil, !isWhole { report.cut = "the transfer broke off" }
        let isWhole = report.cut == nil
        if let magic { begin(magic) }
        if let gunzip {
            if isWhole { gunzip.finish() }
            if let fault = gunzip.fault { cut(fault) }
        }
        if let head { start(head) }
        // What is left may be half an address.
        if report.cut == nil {
            decode([], isLast: true)
            read([], isLast: true)
        }
        if let xml {
            xml.finish(isWhole: report.cut == nil)
            drain(xml)
        }
        if report.format == .text, report.entries == 0 { report.format = nil }
        if report.format == nil { cut(size == 0 ? "it is empty" : "it is no sitemap: it holds no address") }
        isFinished = true
        return takeEntries()
    }

    private func takeEntries() -> [Entry] {
        defer { entries = [] }
        return entries
    }

    private func cut(_ reason: String) {
        if report.cut == nil { report.cut = reason }
    }

    private func problem(_ reason: String) {
        report.problems += 1
        if report.firstProblem == nil { report.firstProblem = reason }
    }
}

// MARK: - Bytes

extension SitemapReader {
    private func begin(_ bytes: [UInt8]) {
        magic = nil
        if bytes.starts(with: [0x1F, 0x8B]) { gunzip = Gunzip() }
        decompress(bytes)
    }

    private func decompress(_ bytes: [UInt8]) {
        guard let gunzip else { return measure(bytes) }
        gunzip.push(bytes) {
            measure($0)
            return !isOver
        }
        if let fault = gunzip.fault { cut(fault) }
    }

    private func measure(_ bytes: [UInt8]) {
        let room = limits.bytes - size
        size += min(bytes.count, room)
        if head != nil {
            head?.append(contentsOf: bytes.prefix(room))
            if let first = head, first.count >= SitemapReader.headSize { start(first) }
        } else {
            decode(Array(bytes.prefix(room)), isLast: false)
        }
        if bytes.count > room { cut("it has more than \(limits.bytes) bytes; the rest was not read") }
    }

    private func start(_ first: [UInt8]) {
        head = nil
        // Up to a byte that surely ends a character: half a character is not valid UTF-8.
        let end = first.lastIndex { $0 < 0x80 }.map { $0 + 1 } ?? first.count
        let (encoding, skip) = Charset.detect(Array(first[..<end]), declared: nil)
        charset = encoding
        decode(Array(first.dropFirst(skip)), isLast: false)
    }

    private func decode(_ bytes: [UInt8], isLast: Bool) {
        undecoded.append(contentsOf: bytes)
        let count = isLast ? undecoded.count : decodable()
        if count == 0 { return }
        let text = charset.decode(undecoded[..<count])
        undecoded.removeFirst(count)
        read(Array(text.utf8), isLast: false)
    }

    /// How many of the bytes are whole characters.
    private func decodable() -> Int {
        switch charset.name {
        case "utf-16le", "utf-16be":
            let even = undecoded.count & ~1
            guard even >= 2 else { return 0 }
            let high = undecoded[charset.name == "utf-16be" ? even - 2 : even - 1]
            return (0xD8...0xDB).contains(high) ? even - 2 : even
        default: return SitemapReader.wholePiece(undecoded)
        }
    }

    /// Bytes up to the last line or tag that is whole. No encoding but ISO-2022-JP has these two within a character.
    private static func wholePiece(_ bytes: [UInt8]) -> Int {
        if let end = bytes.lastIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: ">") }) { return end + 1 }
        return bytes.count > maximumPiece ? bytes.count : 0
    }
}

// MARK: - Text

extension SitemapReader {
    private func read(_ bytes: [UInt8], isLast: Bool) {
        unread.append(contentsOf: bytes)
        // White space before an XML declaration is an error to a parser, and the bytes tell nothing yet.
        if report.format == nil, xml == nil { unread.removeFirst(unread.prefix { $0 <= 32 }.count) }
        let count = isLast ? unread.count : SitemapReader.wholePiece(unread)
        if count == 0, !isLast { return }
        var piece = Array(unread[..<count])
        unread.removeFirst(count)
        if report.format == nil, xml == nil, !piece.isEmpty { piece = recognize(piece) }
        if let xml {
            xml.push(piece)
            drain(xml)
        } else if report.format == .text {
            readLines(piece, isLast: isLast)
        }
    }

    /// Decides what it is by its first bytes, and gives those that belong to it.
    private func recognize(_ piece: [UInt8]) -> [UInt8] {
        let start = piece.prefix(SitemapReader.headSize).map { (65...90).contains($0) ? $0 | 32 : $0 }
        if start.starts(with: "<!doctype html".utf8) || start.starts(with: "<html".utf8) {
            cut("it is no sitemap: it is an HTML page")
            return []
        }
        if start.first == UInt8(ascii: "<") {
            xml = SitemapXML()
            return piece
        }
        let marks = ["<?xml", "<urlset", "<sitemapindex", "<rss", "<rdf:rdf", "<feed"]
        if let skip = marks.compactMap({ start.firstRange(of: Array($0.utf8))?.lowerBound }).min() {
            problem("text stands before the XML")
            xml = SitemapXML()
            return Array(piece[skip...])
        }
        report.format = .text
        return piece
    }

    private func drain(_ xml: SitemapXML) {
        report.format = xml.format
        report.problems += xml.problems.count
        if report.firstProblem == nil { report.firstProblem = xml.problems.first }
        xml.problems = Problems()
        for raw in xml.entries { add(raw) }
        xml.entries = []
        if let stop = xml.stop { cut(stop) }
    }

    private func readLines(_ bytes: [UInt8], isLast: Bool) {
        for byte in bytes {
            if byte == 10 || byte == 13 {
                endLine()
            } else if line.count <= SitemapReader.maximumPiece {
                line.append(byte)
            }
        }
        if isLast { endLine() }
    }

    private func endLine() {
        defer { line = [] }
        let text = String(decoding: line.drop { $0 <= 32 }, as: UTF8.self)
        if text.isEmpty { return }
        // Any word can be resolved as a relative address: text that is no list would become one.
        let lower = text.prefix(8).lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://") || lower.hasPrefix("/") else {
            return problem("a line is no address")
        }
        var raw = RawEntry(kind: .page)
        raw.loc = text
        add(raw)
    }
}

// MARK: - Entries

extension SitemapReader {
    private func add(_ raw: RawEntry) {
        guard let loc = absolute(raw.loc) else { return }
        if report.entries >= limits.entries { return cut("it has more than \(limits.entries) entries; the rest was not read") }
        report.entries += 1
        let modified = raw.modified.isEmpty ? nil : LastModified(raw.modified)
        if let modified, modified.seconds == nil { problem("a date can't be read") }
        if raw.kind == .sitemap { return entries.append(.sitemap(loc: loc, modified: modified)) }
        var page = Page(loc: loc, modified: modified)
        if !raw.title.isEmpty { page.title = raw.title.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        if !raw.changeFrequency.isEmpty { page.changeFrequency = raw.changeFrequency }
        page.priority = Double(raw.priority).flatMap { (0...1).contains($0) ? $0 : nil }
        for (language, url) in raw.alternates {
            if let url = absolute(url) { page.alternates.append(Alternate(language: language, url: url)) }
        }
        entries.append(.page(page))
    }

    private func absolute(_ text: String) -> String? {
        guard text.utf8.count <= limits.address else {
            problem("an address is longer than \(limits.address) bytes")
            return nil
        }
        let whole = URLIdentity(text)
        if whole == nil { problem("an address is relative, or none") }
        guard let url = whole ?? URLIdentity(text, base: address), url.isWeb else {
            if whole != nil { problem("an address is not one of the web") }
            return nil
        }
        return url.href
    }
}
