/// The HTML standard's "prescan a byte stream to determine its encoding": `<meta charset>`, `<meta http-equiv=content-type>` and the XML
/// declaration, found before anything is parsed.
struct CharsetPrescan {
    /// Browsers look at 1,024 bytes and parse again when a `<meta>` comes later; reading further at once comes to the same.
    static let reach = 65_536

    static func charset(in bytes: [UInt8]) -> Charset? {
        var scan = CharsetPrescan(bytes: bytes[..<min(bytes.count, reach)])
        return scan.run()
    }

    private let bytes: ArraySlice<UInt8>
    private var at = 0

    private init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    private mutating func run() -> Charset? {
        if starts("<?xml"), let label = xmlEncoding() { return usable(label) }
        // The XML declaration in UTF-16 without a byte order mark.
        if bytes.starts(with: [0x3C, 0, 0x3F, 0, 0x78, 0]) { return Charset(label: "utf-16le") }
        if bytes.starts(with: [0, 0x3C, 0, 0x3F, 0, 0x78]) { return Charset(label: "utf-16be") }
        while at < bytes.count {
            if starts("<!--") {
                // "<!-->" is a whole comment.
                at += 2
                while at < bytes.count, !starts("-->") { at += 1 }
                at += 3
            } else if starts("<meta"), at + 5 < bytes.count, isSpace(bytes[at + 5]) || bytes[at + 5] == 0x2F {
                at += 5
                if let charset = meta() { return charset }
            } else if starts("<"), at + 1 < bytes.count, isLetter(bytes[at + 1]) || (bytes[at + 1] == 0x2F && isLetter(byte(at + 2))) {
                while at < bytes.count, !isSpace(bytes[at]), bytes[at] != 0x3E { at += 1 }
                while attribute() != nil {}
            } else if starts("<!") || starts("</") || starts("<?") {
                while at < bytes.count, bytes[at] != 0x3E { at += 1 }
                at += 1
            } else {
                at += 1
            }
        }
        return nil
    }

    private mutating func meta() -> Charset? {
        var isContentType = false
        var seen: Set<String> = []
        var needsContentType: Bool?
        var charset: Charset?
        while let (name, value) = attribute() {
            guard seen.insert(name).inserted else { continue }
            switch name {
            case "http-equiv": isContentType = isContentType || value == "content-type"
            case "content" where charset == nil:
                if let label = CharsetPrescan.label(inContentType: value), let found = Charset(label: label) {
                    charset = found
                    needsContentType = true
                }
            case "charset":
                charset = Charset(label: value)
                needsContentType = false
            default: break
            }
        }
        guard let needsContentType, let charset, !needsContentType || isContentType else { return nil }
        return usable(charset.name)
    }

    /// UTF-16 can't be read as ASCII, so a `<meta>` that claims it is wrong.
    private func usable(_ label: String) -> Charset? {
        guard let charset = Charset(label: label) else { return nil }
        switch charset.name {
        case "utf-16le", "utf-16be": return .utf8
        case "x-user-defined": return .windows1252
        default: return charset
        }
    }

    private func xmlEncoding() -> String? {
        guard let end = bytes.firstIndex(of: 0x3E) else { return nil }
        let declaration = String(decoding: bytes[..<end], as: UTF8.self).utf8
        guard let name = Array(declaration).firstRange(of: Array("encoding".utf8)) else { return nil }
        var rest = Array(declaration)[name.upperBound...].drop { isSpace($0) }
        guard rest.popFirst() == 0x3D else { return nil }
        rest = rest.drop { isSpace($0) }
        guard let quote = rest.popFirst(), quote == 0x22 || quote == 0x27, let close = rest.firstIndex(of: quote) else { return nil }
        return String(decoding: rest[..<close], as: UTF8.self)
    }

    /// "charset=…" in the value of a content type: the HTML standard's "extracting a character encoding from a meta element".
    static func label(inContentType value: String) -> String? {
        let bytes = Array(value.utf8)
        var from = 0
        while let found = bytes[from...].firstRange(of: Array("charset".utf8)) {
            var rest = bytes[found.upperBound...].drop { $0 <= 32 }
            from = found.upperBound
            guard rest.popFirst() == 0x3D else { continue }
            rest = rest.drop { $0 <= 32 }
            guard let first = rest.first else { return nil }
            if first == 0x22 || first == 0x27 {
                rest = rest.dropFirst()
                return rest.firstIndex(of: first).map { String(decoding: rest[..<$0], as: UTF8.self) }
            }
            return String(decoding: rest.prefix { $0 > 32 && $0 != 0x3B }, as: UTF8.self)
        }
        return nil
    }

    /// The next attribute of the tag, lower case; nil at its end.
    private mutating func attribute() -> (name: String, value: String)? {
        while at < bytes.count, isSpace(bytes[at]) || bytes[at] == 0x2F { at += 1 }
        guard at < bytes.count, bytes[at] != 0x3E else {
            at += 1
            return nil
        }
        var name: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            if byte == 0x3D, !name.isEmpty { break }
            if isSpace(byte) || byte == 0x2F || byte == 0x3E { break }
            name.append(lower(byte))
            at += 1
        }
        while at < bytes.count, isSpace(bytes[at]) { at += 1 }
        guard at < bytes.count, bytes[at] == 0x3D else { return (String(decoding: name, as: UTF8.self), "") }
        at += 1
        while at < bytes.count, isSpace(bytes[at]) { at += 1 }
        var value: [UInt8] = []
        if at < bytes.count, bytes[at] == 0x22 || bytes[at] == 0x27 {
            let quote = bytes[at]
            at += 1
            while at < bytes.count, bytes[at] != quote {
                value.append(lower(bytes[at]))
                at += 1
            }
            at += 1
        } else {
            while at < bytes.count, !isSpace(bytes[at]), bytes[at] != 0x3E {
                value.append(lower(bytes[at]))
                at += 1
            }
        }
        return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    private func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    /// Whether the bytes from here are this ASCII word, in any case.
    private func starts(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard at + count <= bytes.count else { return false }
        for index in 0..<count where lower(bytes[at + index]) != word.utf8Start[index] { return false }
        return true
    }

    private func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }
    private func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 32) }
    private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) && byte != 11 }
}
