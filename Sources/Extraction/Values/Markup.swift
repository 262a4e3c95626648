/// Text out of strings that carry HTML, as JSON-LD descriptions do: tags dropped, character references decoded.
enum Markup {
    static func text(_ markup: String) -> String {
        let scalars = Array(markup.unicodeScalars)
        var out = String.UnicodeScalarView()
        var at = 0
        while at < scalars.count {
            let scalar = scalars[at]
            if scalar == "<", at + 1 < scalars.count, Glyph.isLetter(scalars[at + 1]) || scalars[at + 1] == "/" || scalars[at + 1] == "!",
                let end = scalars[at...].firstIndex(of: ">")
            {
                // A tag parts words, except where it only styles some.
                var name = at + 1
                if scalars[name] == "/" { name += 1 }
                let word = Glyph.fold(scalars[name..<end].prefix { Glyph.isLetter($0) || Glyph.digit($0) != nil })
                if !inline.contains(word) { out.append(" ") }
                at = end + 1
            } else if scalar == "&", let (decoded, end) = reference(scalars, at) {
                out.append(decoded)
                at = end
            } else {
                out.append(scalar)
                at += 1
            }
        }
        return String(out)
    }

    private static let inline: Set<String> = [
        "b", "i", "em", "strong", "span", "a", "u", "s", "small", "sub", "sup", "mark", "font", "code", "abbr",
    ]

    /// "&amp;", "&#39;", "&#x27;".
    private static func reference(_ scalars: [Unicode.Scalar], _ start: Int) -> (Unicode.Scalar, end: Int)? {
        guard let end = scalars[start...].prefix(12).firstIndex(of: ";"), end > start + 1 else { return nil }
        let body = Glyph.string(scalars[(start + 1)..<end])
        if body.hasPrefix("#") {
            let digits = body.dropFirst()
            let value = digits.hasPrefix("x") || digits.hasPrefix("X") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return value.flatMap(Unicode.Scalar.init).map { ($0, end + 1) }
        }
        return named[body].map { ($0, end + 1) }
    }

    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ndash": "–", "mdash": "—", "lsquo": "‘", "rsquo": "’",
        "ldquo": "“", "rdquo": "”", "hellip": "…", "euro": "€", "pound": "£", "yen": "¥", "cent": "¢", "copy": "©", "reg": "®",
        "trade": "™",
        "deg": "°", "times": "×", "frac12": "½", "frac14": "¼", "frac34": "¾", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä",
        "Ouml": "Ö",
        "Uuml": "Ü", "szlig": "ß", "eacute": "é", "egrave": "è", "agrave": "à", "aacute": "á", "oacute": "ó", "iacute": "í", "uacute": "ú",
        "ntilde": "ñ", "ccedil": "ç", "bull": "•", "middot": "·", "laquo": "«", "raquo": "»", "aring": "å", "oslash": "ø", "aelig": "æ",
    ]
}
