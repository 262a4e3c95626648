/// Reads addresses of pages and images: references in markup, and addresses printed in text.
enum LinkReader {
    /// Printed addresses: "https://…", "www.…", and "example.com/path" where `isWhole`.
    static func printed(_ scalars: [Unicode.Scalar], isWhole: Bool = false) -> [Range<Int>] {
        var out: [Range<Int>] = []
        var at = 0
        while at < scalars.count {
            guard Glyph.isLetter(scalars[at]) || Glyph.digit(scalars[at]) != nil,
                at == 0 || !isAddress(scalars[at - 1]) || "(<[\"'".unicodeScalars.contains(scalars[at - 1])
            else {
                at += 1
                continue
            }
            var end = at
            while end < scalars.count, isAddress(scalars[end]) { end += 1 }
            end = trimmed(scalars, at..<end)
            let text = Glyph.fold(scalars[at..<end].prefix(8))
            if text.hasPrefix("http://") || text.hasPrefix("https://"), end - at > 10 {
                out.append(at..<end)
            } else if text.hasPrefix("www."), end - at > 6 {
                out.append(at..<end)
            } else if isWhole, at == 0, isDomain(scalars[at..<end]) {
                out.append(at..<end)
            }
            at = max(end, at + 1)
        }
        return out
    }

    private static func isAddress(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value >= 0x80 { return Glyph.isLetter(scalar) }
        return scalar.value > 0x20 && scalar.value != 0x7F && scalar != "<" && scalar != ">" && scalar != "\"" && scalar != "`"
            && scalar != "{" && scalar != "}"
    }

    /// Marks that end a sentence, and a bracket that was opened before the address, are not part of it.
    private static func trimmed(_ scalars: [Unicode.Scalar], _ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound {
            let last = scalars[end - 1]
            if ".,;:!?'*_".unicodeScalars.contains(last) {
                end -= 1
            } else if last == ")" || last == "]" {
                let opening: Unicode.Scalar = last == ")" ? "(" : "["
                let part = scalars[range.lowerBound..<end]
                guard part.reduce(0, { $0 + ($1 == opening ? 1 : 0) }) < part.reduce(0, { $0 + ($1 == last ? 1 : 0) }) else { break }
                end -= 1
            } else {
                break
            }
        }
        return end
    }

    /// "example.com", "shop.example.co.uk/path".
    private static func isDomain(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        let host = scalars.prefix { $0 != "/" && $0 != ":" && $0 != "?" && $0 != "#" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let top = labels.last, (2...24).contains(top.count), top.allSatisfy(Glyph.isLetter) else { return false }
        return labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.allSatisfy { Glyph.isLetter($0) || Glyph.digit($0) != nil || $0 == "-" }
        }
    }

    /// An absolute http(s) address for a printed one.
    static func absolute(printed text: String) -> String? {
        let folded = Glyph.fold(text.unicodeScalars.prefix(8))
        return folded.hasPrefix("http://") || folded.hasPrefix("https://") ? text : "https://" + text
    }

    /// A reference from markup, resolved; only what can be fetched as a page or an image counts.
    static func absolute(reference text: String, resolve: (String) -> String?) -> String? {
        let reference = Glyph.string(text.unicodeScalars.drop(while: Glyph.isSpace))
        let trimmed = String(reference.reversed().drop { $0.unicodeScalars.allSatisfy(Glyph.isSpace) }.reversed())
        guard !trimmed.isEmpty, let address = resolve(trimmed) else { return nil }
        let scheme = Glyph.fold(address.unicodeScalars.prefix(8))
        return scheme.hasPrefix("http://") || scheme.hasPrefix("https://") || scheme.hasPrefix("ftp://") || scheme.hasPrefix("file://")
            ? address : nil
    }

    /// The largest image of a `srcset` (HTML, "Srcset attributes"): as a range of its text; nil where it is no such list.
    static func largest(srcset scalars: [Unicode.Scalar]) -> Range<Int>? {
        var best: (range: Range<Int>, size: Double)?
        var at = 0
        while at < scalars.count {
            while at < scalars.count, Glyph.isSpace(scalars[at]) || scalars[at] == "," { at += 1 }
            let start = at
            while at < scalars.count, !Glyph.isSpace(scalars[at]) { at += 1 }
            var end = at
            var size = 1.0
            if end > start, scalars[end - 1] == "," {
                while end > start, scalars[end - 1] == "," { end -= 1 }
            } else {
                let from = at
                while at < scalars.count, scalars[at] != "," { at += 1 }
                let descriptor = Glyph.string(scalars[from..<at].filter { !Glyph.isSpace($0) })
                if let value = Double(descriptor.dropLast()) { size = value }
            }
            if end > start, best.map({ size > $0.size }) ?? true { best = (start..<end, size) }
        }
        return best?.range
    }
}
