internal import CXML2

// Sitemaps and feeds in XML, by libxml2's push parser: memory stays flat whatever their size. libxml2 goes on after errors, but at a price:
// references to entities after the first error are lost to it, and so are unescaped "&" and the name after them. Therefore none reaches it:
// all of them are character references by then (`XMLTaming`). That also leaves nothing for an entity bomb to go off by.

/// Entries as a file in XML tells them, before anybody looked at their addresses.
struct RawEntry {
    enum Kind { case page, sitemap }

    var kind: Kind
    var loc = ""
    var title = ""
    var modified = ""
    var changeFrequency = ""
    var priority = ""
    var alternates: [(language: String?, url: String)] = []
    /// An address that may be the page's where `loc` is empty: the guid of feeds.
    var spare = ""
}

/// What was mended or left out: how often, and why the first time.
struct Problems {
    var count = 0
    var first: String?

    mutating func add(_ reason: @autoclosure () -> String, times: Int = 1) {
        count += times
        if first == nil, times > 0 { first = reason() }
    }
}

/// One file, pushed piece by piece in UTF-8; `entries` and `problems` are taken away by the caller between the pieces.
final class SitemapXML {
    private(set) var format: SitemapReader.Format?
    var entries: [RawEntry] = []
    var problems = Problems()
    /// Why the rest isn't read.
    private(set) var stop: String?

    private var parser: xmlParserCtxtPtr?
    private var taming = XMLTaming()
    private var depth = 0
    private var root: (prefix: String?, uri: String?)
    private var entry: RawEntry?
    private var entryDepth = 0
    private var field: (path: WritableKeyPath<RawEntry, String>, depth: Int)?
    /// Text of the field.
    private var text: [UInt8] = []
    /// Text right inside the entry.
    private var bare: [UInt8] = []

    /// Elements inside each other; sitemaps have five.
    private static let maximumDepth = 64
    /// Bytes of one field; an address has at most 2,048.
    private static let maximumField = 8_192
    private static let started: Void = gleaner_xml_start()

    init() {
        _ = SitemapXML.started
        var handler = xmlSAXHandler()
        handler.initialized = XML_SAX2_MAGIC
        handler.startElementNs = { context, name, prefix, uri, _, _, count, _, attributes in
            SitemapXML.from(context)?.open(name, prefix, uri, Attributes(start: attributes, count: Int(count)))
        }
        handler.endElementNs = { context, _, _, _ in SitemapXML.from(context)?.close() }
        handler.characters = { context, characters, count in
            SitemapXML.from(context)?.add(UnsafeBufferPointer(start: characters, count: Int(count)))
        }
        handler.serror = { context, error in
            // Prefixes without a declaration are common and harm nothing.
            guard let error, error.pointee.domain != Int32(XML_FROM_NAMESPACE.rawValue), let message = error.pointee.message else { return }
            SitemapXML.from(context)?.problems.add(
                "line \(error.pointee.line): " + String(cString: message).split(whereSeparator: \.isWhitespace).joined(separator: " "))
        }
        parser = xmlCreatePushParserCtxt(&handler, Unmanaged.passUnretained(self).toOpaque(), nil, 0, nil)
        guard let parser else {
            stop = "there was no memory to read it"
            return
        }
        // The bytes are UTF-8 by now, whatever the declaration says.
        let options = [XML_PARSE_RECOVER, XML_PARSE_NONET, XML_PARSE_NOERROR, XML_PARSE_NOWARNING, XML_PARSE_IGNORE_ENC]
        xmlCtxtUseOptions(parser, Int32(options.reduce(0) { $0 | $1.rawValue }))
    }

    deinit {
        if let parser { xmlFreeParserCtxt(parser) }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> SitemapXML? {
        context.map { Unmanaged<SitemapXML>.fromOpaque($0).takeUnretainedValue() }
    }

    /// `piece` ends at a line's or a tag's end, so that it cuts no mark in two.
    func push(_ piece: [UInt8]) {
        guard stop == nil, let parser else { return }
        let tame = taming.tame(piece)
        problems.add(taming.problems.first ?? "", times: taming.problems.count)
        parse(tame, parser, isLast: false)
        if let fault = taming.fault { stop = fault }
    }

    /// The file ends here, or what is read of it: what the last entry has so far is taken where its address is whole.
    func finish(isWhole: Bool) {
        if isWhole, stop == nil, let parser { parse([], parser, isLast: true) }
        // Text whose end hasn't come may be half an address.
        field = nil
        bare = []
        endEntry()
    }

    private func parse(_ bytes: [UInt8], _ parser: xmlParserCtxtPtr, isLast: Bool) {
        bytes.withUnsafeBytes { bytes in
            var at = 0
            // libxml2 gives up where 10 MB come at once.
            while at < bytes.count, stop == nil {
                let piece = bytes[at..<min(at + (1 << 16), bytes.count)]
                at = piece.endIndex
                let start = UnsafeRawBufferPointer(rebasing: piece).baseAddress?.assumingMemoryBound(to: CChar.self)
                xmlParseChunk(parser, start, Int32(clamping: piece.count), 0)
            }
        }
        if isLast { xmlParseChunk(parser, nil, 0, 1) }
        if parser.pointee.disableSAX == 1, stop == nil { stop = "the XML can't be read any further" }
    }

    private func halt(_ reason: String) {
        stop = reason
        if let parser { xmlStopParser(parser) }
    }
}

// MARK: - Elements

extension SitemapXML {
    /// libxml2 gives five pointers for each: name, prefix, namespace, and where the value begins and ends.
    private struct Attributes {
        let start: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
        let count: Int

        subscript(_ name: String) -> String? {
            guard let start else { return nil }
            for index in 0..<count {
                guard let written = start[index * 5], String(cString: written).lowercased() == name else { continue }
                guard let from = start[index * 5 + 3], let to = start[index * 5 + 4] else { return nil }
                let value = String(decoding: UnsafeBufferPointer(start: from, count: to - from), as: UTF8.self)
                // Where entities are not expanded, libxml2 leaves this one as it is.
                return value.replacing("&#38;", with: "&")
            }
            return nil
        }
    }

    private func open(
        _ name: UnsafePointer<xmlChar>?, _ prefix: UnsafePointer<xmlChar>?, _ uri: UnsafePointer<xmlChar>?, _ attributes: Attributes
    ) {
        guard stop == nil else { return }
        depth += 1
        if depth > SitemapXML.maximumDepth { return halt("its elements nest more than \(SitemapXML.maximumDepth) deep") }
        // Whatever stands inside of a field is part of its text: <loc><url>…</url></loc>.
        guard field == nil, let name = name.map({ String(cString: $0).lowercased() }) else { return }
        let prefix = prefix.map { String(cString: $0) }
        if depth == 1 {
            switch name {
            case "urlset": format = .urlset
            case "sitemapindex": format = .index
            case "rss", "rdf": format = .rss
            case "feed": format = .atom
            default: halt("it is no sitemap: its outermost element is <\(name)>")
            }
            root = (prefix, uri.map { String(cString: $0) })
            return
        }
        // Any namespace will do that is the root's. Elements of others have a prefix: <image:loc>.
        let isOwn = prefix == nil || prefix == root.prefix || (uri != nil && uri.map { String(cString: $0) } == root.uri)
        if isOwn, let kind = entryKind(name) {
            if entry != nil {
                problems.add("<\(name)> begins before the one before it has ended")
                endEntry()
            }
            entry = RawEntry(kind: kind)
            entryDepth = depth
            bare = []
            return
        }
        guard entry != nil else { return }
        // A news sitemap tells the article's title, one level further down.
        if prefix == "news", name == "title" { return begin(\.title) }
        guard depth == entryDepth + 1 else { return }
        switch (format, name) {
        case (.urlset, "loc") where isOwn, (.index, "loc") where isOwn: begin(\.loc)
        case (.urlset, "lastmod") where isOwn, (.index, "lastmod") where isOwn: begin(\.modified)
        case (.urlset, "changefreq") where isOwn: begin(\.changeFrequency)
        case (.urlset, "priority") where isOwn: begin(\.priority)
        case (.urlset, "link") where attributes["rel"] == "alternate": addAlternate(attributes["hreflang"], attributes["href"])
        case (.rss, "link") where prefix == nil: begin(\.loc)
        case (.rss, "guid") where prefix == nil: begin(\.spare)
        case (.rss, "title") where prefix == nil, (.atom, "title") where isOwn: begin(\.title)
        case (.rss, "pubdate") where prefix == nil, (.rss, "date") where prefix == "dc", (.atom, "updated") where isOwn: begin(\.modified)
        case (.atom, "published") where isOwn && entry?.modified == "": begin(\.modified)
        case (.atom, "link") where isOwn && ["alternate", nil].contains(attributes["rel"]):
            if entry?.loc == "" { entry?.loc = attributes["href"] ?? "" } else { addAlternate(attributes["hreflang"], attributes["href"]) }
        default: break
        }
    }

    private func entryKind(_ name: String) -> RawEntry.Kind? {
        switch (format, name) {
        case (.urlset, "url"), (.index, "url"), (.rss, "item"), (.atom, "entry"): .page
        case (.urlset, "sitemap"), (.index, "sitemap"): .sitemap
        default: nil
        }
    }

    private func begin(_ path: WritableKeyPath<RawEntry, String>) {
        field = (path, depth)
        text = []
    }

    private func addAlternate(_ language: String?, _ url: String?) {
        // The languages of the world, and then some.
        guard let url, (entry?.alternates.count ?? 0) < 500 else { return }
        entry?.alternates.append((language, url))
    }

    private func add(_ characters: UnsafeBufferPointer<xmlChar>) {
        guard stop == nil else { return }
        // One byte more than is allowed, so that what is too long shows.
        if field != nil {
            text.append(contentsOf: characters.prefix(SitemapXML.maximumField + 1 - text.count))
        } else if entry != nil, depth == entryDepth {
            bare.append(contentsOf: characters.prefix(SitemapXML.maximumField + 1 - bare.count))
        }
    }

    private func close() {
        guard stop == nil else { return }
        if let (path, fieldDepth) = field, depth <= fieldDepth {
            let value = SitemapXML.trimmed(text)
            if text.count > SitemapXML.maximumField {
                problems.add("a field is longer than \(SitemapXML.maximumField) bytes")
            } else if !value.isEmpty {
                entry?[keyPath: path] = value
            }
            field = nil
            text = []
        }
        if entry != nil, depth <= entryDepth { endEntry() }
        depth = max(depth - 1, 0)
    }

    private func endEntry() {
        guard var done = entry else { return }
        entry = nil
        // Whether a guid is an address is said by an attribute that is often wrong.
        if done.loc.isEmpty, done.spare.hasPrefix("http") { done.loc = done.spare }
        if done.loc.isEmpty, format == .index || format == .urlset {
            // Index files exist whose <sitemap> holds the bare address.
            done.loc = SitemapXML.trimmed(bare)
            if !done.loc.isEmpty { problems.add("an address stands without its <loc>") }
        }
        if done.loc.isEmpty { problems.add("an entry has no address") } else { entries.append(done) }
    }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let rest = bytes.drop { $0 <= 32 }
        let end = rest.lastIndex { $0 > 32 }.map { $0 + 1 } ?? rest.startIndex
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}

// MARK: - Taming

/// Makes XML of the web readable for a strict parser before it sees it: every reference becomes a character reference, unescaped "&" too;
/// comments and control characters go. Tags without an end are refused: a parser takes quadratic time over their attributes.
struct XMLTaming {
    private enum Place { case text, tag, comment, data }

    private var place = Place.text
    private var tagLength = 0
    /// In the last piece.
    private(set) var problems = Problems()
    private(set) var fault: String?

    /// Bytes of a tag: an address, a few namespaces.
    private static let maximumTag = 8_192

    mutating func tame(_ piece: [UInt8]) -> [UInt8] {
        problems = Problems()
        var out: [UInt8] = []
        out.reserveCapacity(piece.count + piece.count / 8)
        var at = 0
        while at < piece.count, fault == nil {
            var byte = piece[at]
            if byte < 32, byte != 9, byte != 10, byte != 13 {
                problems.add("it holds control characters")
                byte = 32
            }
            switch place {
            case .comment:
                if byte == UInt8(ascii: "-"), starts("-->", piece, at) {
                    place = .text
                    at += 2
                }
            case .data:
                out.append(byte)
                if byte == UInt8(ascii: ">"), out.suffix(3).elementsEqual("]]>".utf8) { place = .text }
            case .text, .tag:
                if byte == UInt8(ascii: "&") {
                    at = reference(piece, at, into: &out)
                    continue
                }
                if place == .tag {
                    tagLength += 1
                    if tagLength > XMLTaming.maximumTag { fault = "a tag is longer than \(XMLTaming.maximumTag) bytes" }
                    if byte == UInt8(ascii: ">") { place = .text }
                } else if byte == UInt8(ascii: "<") {
                    if starts("<!--", piece, at) {
                        place = .comment
                        at += 4
                        continue
                    }
                    place = starts("<![CDATA[", piece, at) ? .data : .tag
                    tagLength = 0
                }
                out.append(byte)
            }
            at += 1
        }
        return out
    }

    private func starts(_ mark: StaticString, _ piece: [UInt8], _ at: Int) -> Bool {
        mark.withUTF8Buffer { piece[at...].starts(with: $0) }
    }

    /// Writes the reference at "&" in numbers, and gives the place after it.
    private mutating func reference(_ piece: [UInt8], _ start: Int, into out: inout [UInt8]) -> Int {
        let name = piece[(start + 1)...].prefix(33).prefix { $0 | 32 >= 97 && $0 | 32 <= 122 || (48...57).contains($0) || $0 == 35 }
        if name.endIndex < piece.count, piece[name.endIndex] == UInt8(ascii: ";"), let scalar = XMLTaming.scalar(name) {
            out.append(contentsOf: "&#\(scalar);".utf8)
            return name.endIndex + 1
        }
        problems.add("it holds an “&” that is not escaped")
        out.append(contentsOf: "&#38;".utf8)
        return start + 1
    }

    private static func scalar(_ name: ArraySlice<UInt8>) -> UInt32? {
        let text = String(decoding: name, as: UTF8.self)
        guard text.hasPrefix("#") else { return htmlEntityLookup(text)?.pointee.value }
        let isHex = text.dropFirst().first == "x" || text.dropFirst().first == "X"
        let value = isHex ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text.dropFirst(1))
        guard let value, value >= 32 || [9, 10, 13].contains(value), Unicode.Scalar(value) != nil else { return nil }
        return value
    }
}
