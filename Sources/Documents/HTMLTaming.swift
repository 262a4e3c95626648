/// Makes a page that overwhelms the HTML parser readable: no nesting deeper than `maximumDepth`, no tag with more than
/// `maximumAttributes`. Text is kept; tags that would nest deeper are left out, so their text joins the element around them, as in
/// Chromium, which stops nesting at 512.
enum HTMLTaming {
    static let maximumDepth = 512
    static let maximumAttributes = 256

    private static let void: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    ]
    private static let raw: Set<String> = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"]

    static func tame(_ html: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(html.count)
        // How many of each name are open, and of all. An end tag without a start closes nothing.
        var open: [String: Int] = [:]
        var depth = 0
        var at = 0
        while at < html.count {
            guard html[at] == UInt8(ascii: "<"), at + 1 < html.count else {
                out.append(html[at])
                at += 1
                continue
            }
            let isEnd = html[at + 1] == UInt8(ascii: "/")
            let nameStart = isEnd ? at + 2 : at + 1
            guard nameStart < html.count, isLetter(html[nameStart]) else {
                let end = html[at + 1] == UInt8(ascii: "!") ? commentEnd(html, at) : at + 1
                out.append(contentsOf: html[at..<end])
                at = end
                continue
            }
            let tag = readTag(html, nameStart)
            let count = open[tag.name, default: 0]
            let counts = !void.contains(tag.name)
            var keep = true
            if counts, isEnd {
                if count > 0 {
                    open[tag.name] = count - 1
                    keep = depth <= maximumDepth
                    depth -= 1
                }
            } else if counts {
                open[tag.name] = count + 1
                depth += 1
                keep = depth <= maximumDepth
            }
            if keep {
                out.append(contentsOf: html[at..<tag.kept])
                if tag.kept < tag.end { out.append(UInt8(ascii: ">")) }
            }
            at = tag.end
            if !isEnd, raw.contains(tag.name) {
                let end = rawEnd(html, at, name: Array(tag.name.utf8))
                if keep { out.append(contentsOf: html[at..<end]) }
                at = end
            }
        }
        return out
    }

    /// A tag's name, where it ends, and up to where it is kept.
    private static func readTag(_ html: UnsafeBufferPointer<UInt8>, _ start: Int) -> (name: String, kept: Int, end: Int) {
        var at = start
        while at < html.count, !isSpace(html[at]), html[at] != UInt8(ascii: "/"), html[at] != UInt8(ascii: ">") { at += 1 }
        let name = String(decoding: html[start..<at].map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
        var attributes = 0
        var kept: Int?
        var wasSpace = false
        while at < html.count, html[at] != UInt8(ascii: ">") {
            let byte = html[at]
            let space = isSpace(byte) || byte == UInt8(ascii: "/")
            if wasSpace, !space {
                attributes += 1
                if attributes > maximumAttributes, kept == nil { kept = at }
            }
            wasSpace = space
            at += 1
            guard byte == UInt8(ascii: "=") else { continue }
            while at < html.count, isSpace(html[at]) { at += 1 }
            guard at < html.count, html[at] == UInt8(ascii: "\"") || html[at] == UInt8(ascii: "'") else { continue }
            let quote = html[at]
            at += 1
            while at < html.count, html[at] != quote { at += 1 }
            at = min(at + 1, html.count)
            // Another attribute may follow a quote without a space.
            wasSpace = true
        }
        let end = min(at + 1, html.count)
        return (name, kept ?? end, end)
    }

    private static func commentEnd(_ html: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        guard start + 3 < html.count, html[start + 2] == UInt8(ascii: "-"), html[start + 3] == UInt8(ascii: "-") else { return start + 2 }
        var at = start + 4
        while at + 2 < html.count {
            if html[at] == UInt8(ascii: "-"), html[at + 1] == UInt8(ascii: "-"), html[at + 2] == UInt8(ascii: ">") { return at + 3 }
            at += 1
        }
        return html.count
    }

    /// Where `</name` of a raw text element stands.
    private static func rawEnd(_ html: UnsafeBufferPointer<UInt8>, _ start: Int, name: [UInt8]) -> Int {
        var at = start
        while at + 2 + name.count <= html.count {
            if html[at] == UInt8(ascii: "<"), html[at + 1] == UInt8(ascii: "/"),
                name.indices.allSatisfy({ html[at + 2 + $0] | 32 == name[$0] | 32 })
            {
                return at
            }
            at += 1
        }
        return html.count
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 32) }
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
