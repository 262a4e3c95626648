/// Finds e-mail addresses and telephone numbers in text.
enum ContactReader {
    /// Addresses as people print them: an atom, "@", a host with at least one dot (a part of RFC 5322 that is used).
    static func emails(_ scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var out: [Range<Int>] = []
        for at in scalars.indices where scalars[at] == "@" {
            var start = at
            while start > (out.last?.upperBound ?? 0), isLocal(scalars[start - 1]) { start -= 1 }
            while start < at, scalars[start] == "." || scalars[start] == "-" || scalars[start] == "'" { start += 1 }
            var end = at + 1
            while end < scalars.count, isHost(scalars[end]) || scalars[end] == "." { end += 1 }
            while end > at + 1, scalars[end - 1] == "." || scalars[end - 1] == "-" { end -= 1 }
            guard start < at, at - start <= 64, end - at <= 255, scalars[at - 1] != "." else { continue }
            let labels = scalars[(at + 1)..<end].split(separator: ".", omittingEmptySubsequences: false)
            guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty && $0.count <= 63 && $0.first != "-" }), let top = labels.last,
                top.count >= 2,
                top.allSatisfy(Glyph.isLetter) || top.starts(with: Array("xn--".unicodeScalars)),
                top.contains(where: { !isFileKind(top, $0) })
            else { continue }
            out.append(start..<end)
        }
        return out
    }

    /// "icon@2x.png" is a file.
    private static func isFileKind(_ top: ArraySlice<Unicode.Scalar>, _: Unicode.Scalar) -> Bool {
        ["png", "jpg", "jpeg", "gif", "webp", "svg"].contains(Glyph.fold(top))
    }

    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value >= 0x80 { return Glyph.isLetter(scalar) }
        return Glyph.isLetter(scalar) || Glyph.digit(scalar) != nil || "!#$%&'*+-/=?^_`{|}~.".unicodeScalars.contains(scalar)
    }

    private static func isHost(_ scalar: Unicode.Scalar) -> Bool {
        Glyph.isLetter(scalar) || Glyph.digit(scalar) != nil || scalar == "-"
    }

    /// Numbers of 7 to 15 digits (ITU-T E.164), with the marks people set between them; not dates, prices or long codes.
    static func phones(_ scalars: [Unicode.Scalar], isWhole: Bool = false) -> [Range<Int>] {
        var out: [Range<Int>] = []
        var at = 0
        while at < scalars.count {
            let scalar = scalars[at]
            let isStart = scalar == "+" || scalar == "＋" || scalar == "(" || Glyph.digit(scalar) != nil
            guard isStart, at == 0 || !(Glyph.isLetter(scalars[at - 1]) || isMark(scalars[at - 1])) || isWhole else {
                // Skip the rest of a word or number, so that a part of it is not taken.
                at += 1
                continue
            }
            let (range, next) = phone(scalars, at, isWhole: isWhole)
            if let range { out.append(range) }
            at = max(next, at + 1)
        }
        return out
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "-" || scalar == "/" || scalar == "," || scalar == "_"
    }

    private static func phone(_ scalars: [Unicode.Scalar], _ start: Int, isWhole: Bool) -> (Range<Int>?, next: Int) {
        var at = start
        var end = start
        var digits = 0
        var groups: [Int] = []
        var group = 0
        var marks: [Unicode.Scalar] = []
        var open = 0
        var isInternational = false
        if scalars[at] == "+" || scalars[at] == "＋" {
            isInternational = true
            at += 1
        }
        scan: while at < scalars.count {
            let scalar = scalars[at]
            if Glyph.digit(scalar) != nil {
                digits += 1
                group += 1
                at += 1
                end = at
                if digits > 20 { break }
                continue
            }
            if group > 0 {
                groups.append(group)
                group = 0
            }
            switch scalar {
            case "(":
                guard open == 0 else { break scan }
                open += 1
            case ")":
                guard open == 1 else { break scan }
                open -= 1
                end = at + 1
            case "-", ".", "/", "‐", "‑", "–", "·", " ", "\u{A0}", "\u{202F}", "\u{2009}":
                // At most a mark with a space on either side.
                var count = 0
                var look = at
                while look < scalars.count, isSeparator(scalars[look]) {
                    if !Glyph.isSpace(scalars[look]) { count += 1 }
                    look += 1
                }
                guard count <= 1, look - at <= 3, look < scalars.count, Glyph.digit(scalars[look]) != nil || scalars[look] == "(" else {
                    break scan
                }
                marks.append(contentsOf: scalars[at..<look].filter { !Glyph.isSpace($0) })
                if look - at == 1, Glyph.isSpace(scalars[at]) { marks.append(" ") }
                at = look
                continue
            default: break scan
            }
            at += 1
        }
        if group > 0 { groups.append(group) }
        let next = max(at, start + 1)
        var first = start
        guard digits > 0 else { return (nil, next) }
        // An unclosed bracket before the number is not part of it.
        if open > 0, scalars[first] == "(" { first += 1 }
        let leading = scalars[first..<end].first { Glyph.digit($0) != nil }.flatMap(Glyph.digit)
        guard (7...15).contains(digits), end == scalars.count || !Glyph.isLetter(scalars[end]) else { return (nil, next) }
        if end < scalars.count, Currencies.spelling(in: scalars, from: end, withWeak: false) != nil { return (nil, next) }
        if isInternational { return (first..<end, next) }
        if looksLikeDate(groups, marks) { return (nil, next) }
        if isWhole { return (first..<end, next) }
        // A run of digits alone may be any number; with a leading zero and the length of a number it is dialled.
        if groups.count == 1 { return leading == 0 && (9...12).contains(digits) ? (first..<end, next) : (nil, next) }
        // "1 234 567" is a number, "12.345.678" too.
        let isGrouped = groups.dropFirst().allSatisfy { $0 == 3 } && groups[0] <= 3 && leading != 0 && scalars[first] != "("
        if isGrouped, Set(marks).count <= 1, marks.first == " " || marks.first == "." { return (nil, next) }
        // Without a leading zero, plus or bracket only groups that countries use; "101-1305" and "54864381-00000-2" are other numbers.
        if leading != 0, scalars[first] != "(" {
            guard digits >= 8 || (groups == [3, 4] && (leading ?? 0) >= 2), groups.allSatisfy({ $0 <= 5 }) else { return (nil, next) }
        }
        return groups.contains { $0 >= 2 } && groups.count <= 7 ? (first..<end, next) : (nil, next)
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "-", ".", "/", "‐", "‑", "–", "·": true
        default: Glyph.isSpace(scalar)
        }
    }

    private static func looksLikeDate(_ groups: [Int], _ marks: [Unicode.Scalar]) -> Bool {
        guard groups.count >= 3 else { return groups == [4, 4] && marks.first.map(Glyph.isDash) ?? false }
        return marks.count >= 2 && marks[0] == marks[1] && marks[0] != " "
            && ((groups[0] <= 2 && groups[1] <= 2 && groups[2] == 4) || (groups[0] == 4 && groups[1] <= 2 && groups[2] <= 2))
    }

    /// "+49 (0)30 123-4" → "+49301234"; nationally written numbers stay as printed, white space folded.
    static func canonicalPhone(_ text: String) -> String {
        let tidy = Glyph.tidy(text)
        var scalars = Array(tidy.unicodeScalars)
        let isInternational: Bool
        if let first = scalars.first, first == "+" || first == "＋" {
            isInternational = true
            scalars.removeFirst()
        } else if scalars.starts(with: Array("00".unicodeScalars)), scalars.dropFirst(2).first.map({ Glyph.digit($0) ?? 0 > 0 }) ?? false {
            isInternational = true
            scalars.removeFirst(2)
        } else {
            isInternational = false
        }
        guard isInternational else { return tidy }
        var out = "+"
        var index = 0
        while index < scalars.count {
            // The trunk zero in brackets is not dialled from abroad.
            if index + 2 < scalars.count, scalars[index] == "(", scalars[index + 1] == "0", scalars[index + 2] == ")" {
                index += 3
                continue
            }
            if let digit = Glyph.digit(scalars[index]) { out += String(digit) }
            index += 1
        }
        return out
    }
}
