internal import Glibc

// Which encoding a page is in, and its characters: the Encoding standard (encoding.spec.whatwg.org) and the HTML standard's "determining
// the character encoding". Conversion is iconv's; what differs from the standard is mended around it.

/// An encoding of the Encoding standard.
package struct Charset: Sendable, Hashable {
    /// The standard's name, lower case: "utf-8", "windows-1252".
    package let name: String

    package static let utf8 = Charset(name: "utf-8")
    package static let windows1252 = Charset(name: "windows-1252")

    private init(name: String) { self.name = name }

    /// The encoding of a label as pages and servers write it ("latin1", "UTF8", "x-sjis"); nil for one that no browser knows.
    package init?(label: String) {
        let trimmed = label.utf8.drop { $0 <= 32 }
        let end = trimmed.lastIndex { $0 > 32 }.map { trimmed.index(after: $0) } ?? trimmed.startIndex
        let key = String(decoding: trimmed[..<end].map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
        guard let name = Charset.names[key] else { return nil }
        self.name = name
    }

    /// The encoding of a page's bytes and how many of its first bytes are a byte order mark.
    ///
    /// In order: byte order mark, `declared` (the charset of the HTTP header), `<meta>` or XML declaration near the start, UTF-8 where the
    /// bytes are valid UTF-8, what they look like, windows-1252.
    package static func detect(_ bytes: [UInt8], declared: String?) -> (charset: Charset, skip: Int) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return (utf8, 3) }
        if bytes.starts(with: [0xFE, 0xFF]) { return (Charset(name: "utf-16be"), 2) }
        if bytes.starts(with: [0xFF, 0xFE]) { return (Charset(name: "utf-16le"), 2) }
        if let declared, let charset = Charset(label: declared) { return (charset, 0) }
        if let charset = CharsetPrescan.charset(in: bytes) { return (charset, 0) }
        // Escapes of ISO-2022-JP are valid UTF-8.
        if !bytes.contains(0x1B), String(validating: bytes, as: UTF8.self) != nil { return (utf8, 0) }
        if let charset = guessed(bytes) { return (charset, 0) }
        return (String(validating: bytes, as: UTF8.self) != nil ? utf8 : windows1252, 0)
    }

    /// The characters of bytes in this encoding; what is invalid becomes U+FFFD, never an error.
    package func decode(_ bytes: some RandomAccessCollection<UInt8>) -> String {
        switch name {
        case "utf-8": String(decoding: bytes, as: UTF8.self)
        case "replacement": bytes.isEmpty ? "" : "\u{FFFD}"
        case "x-user-defined": Charset.map(bytes) { $0 < 0x80 ? UInt32($0) : 0xF780 + UInt32($0) - 0x80 }
        case "utf-16le": Charset.utf16(bytes, isBigEndian: false)
        case "utf-16be": Charset.utf16(bytes, isBigEndian: true)
        case _ where Charset.doubleByte[name] == nil:
            singleByteTable().map { table in Charset.map(bytes) { table[Int($0)] } } ?? String(decoding: bytes, as: UTF8.self)
        default: convert(Array(bytes))
        }
    }

    private static func map(_ bytes: some Sequence<UInt8>, _ scalar: (UInt8) -> UInt32) -> String {
        var out = String.UnicodeScalarView()
        for byte in bytes { out.append(Unicode.Scalar(scalar(byte)) ?? "\u{FFFD}") }
        return String(out)
    }

    private static func utf16(_ bytes: some RandomAccessCollection<UInt8>, isBigEndian: Bool) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2 + 1)
        var iterator = bytes.makeIterator()
        while let first = iterator.next() {
            guard let second = iterator.next() else {
                units.append(0xFFFD)
                break
            }
            units.append(isBigEndian ? UInt16(first) << 8 | UInt16(second) : UInt16(second) << 8 | UInt16(first))
        }
        return String(decoding: units, as: UTF16.self)
    }
}

// MARK: - Conversion by iconv

extension Charset {
    /// iconv's names of the encodings with more than one byte a character.
    private static let doubleByte = [
        "gbk": "GB18030", "gb18030": "GB18030", "big5": "BIG5-HKSCS", "euc-jp": "EUC-JP-MS", "iso-2022-jp": "ISO-2022-JP",
        "shift_jis": "CP932", "euc-kr": "CP949",
    ]

    private static let singleByte = [
        "ibm866": "CP866", "iso-8859-8-i": "ISO-8859-8", "windows-874": "CP874", "x-mac-cyrillic": "MAC-UK",
    ]

    /// The scalar of each byte. Windows encodings leave some of 0x80…0x9F empty, where browsers see the C1 controls.
    private func singleByteTable() -> [UInt32]? {
        let iconvName = Charset.singleByte[name] ?? (name.hasPrefix("windows-") ? "CP" + name.dropFirst(8) : name.uppercased())
        guard let converter = Converter(from: iconvName) else { return nil }
        var table = (0..<256).map(UInt32.init)
        for byte in 0x80..<0x100 {
            let text = converter.one([UInt8(byte)])
            table[byte] = text ?? (byte < 0xA0 ? UInt32(byte) : 0xFFFD)
        }
        return table
    }

    private func convert(_ bytes: [UInt8]) -> String {
        guard let name = Charset.doubleByte[name], let converter = Converter(from: name) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        return String(decoding: converter.all(bytes, isGBK: name == "GB18030"), as: UTF8.self)
    }

    /// One open iconv descriptor to UTF-8.
    private final class Converter {
        private let descriptor: iconv_t

        init?(from name: String) {
            guard let descriptor = iconv_open("UTF-8", name), Int(bitPattern: descriptor) != -1 else { return nil }
            self.descriptor = descriptor
        }

        deinit { iconv_close(descriptor) }

        /// The one scalar that these bytes are; nil where they are none.
        func one(_ bytes: [UInt8]) -> UInt32? {
            iconv(descriptor, nil, nil, nil, nil)
            var input = bytes.map { CChar(bitPattern: $0) }
            var output = [CChar](repeating: 0, count: 16)
            var left = input.count
            var room = output.count
            let result = input.withUnsafeMutableBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    var from = input.baseAddress
                    var to = output.baseAddress
                    let result = iconv(descriptor, &from, &left, &to, &room)
                    // Vietnamese waits for a combining mark until it is told that none comes.
                    iconv(descriptor, nil, nil, &to, &room)
                    return result
                }
            }
            guard result != -1, left == 0 else { return nil }
            let scalars = String(decoding: output.prefix(16 - room).map { UInt8(bitPattern: $0) }, as: UTF8.self).unicodeScalars
            return scalars.count == 1 ? scalars.first?.value : nil
        }

        /// Everything, with U+FFFD for what is invalid: one for a lead byte and the byte after it, unless that is ASCII and stays.
        func all(_ bytes: [UInt8], isGBK: Bool) -> [UInt8] {
            iconv(descriptor, nil, nil, nil, nil)
            var input = bytes.map { CChar(bitPattern: $0) }
            var out: [UInt8] = []
            out.reserveCapacity(bytes.count * 2)
            var chunk = [CChar](repeating: 0, count: 1 << 16)
            input.withUnsafeMutableBufferPointer { input in
                chunk.withUnsafeMutableBufferPointer { chunk in
                    guard let start = input.baseAddress, let buffer = chunk.baseAddress else { return }
                    var at = 0
                    while at < input.count {
                        var from: UnsafeMutablePointer<CChar>? = start + at
                        var to: UnsafeMutablePointer<CChar>? = buffer
                        var left = input.count - at
                        var room = chunk.count
                        let result = iconv(descriptor, &from, &left, &to, &room)
                        let code = errno
                        for index in 0..<(chunk.count - room) { out.append(UInt8(bitPattern: buffer[index])) }
                        at = input.count - left
                        guard result == -1, code != E2BIG else { continue }
                        if at >= input.count { break }
                        let byte = UInt8(bitPattern: input[at])
                        if byte == 0x80, isGBK {
                            // A lone 0x80 is the euro sign in GBK, says the standard.
                            out.append(contentsOf: "€".utf8)
                            at += 1
                            continue
                        }
                        out.append(contentsOf: "\u{FFFD}".utf8)
                        if code == EINVAL {
                            at = input.count
                        } else {
                            at += byte >= 0x80 && at + 1 < input.count && UInt8(bitPattern: input[at + 1]) >= 0x80 ? 2 : 1
                        }
                    }
                }
            }
            return out
        }
    }
}

// MARK: - Labels

extension Charset {
    /// Label to name. The standard's table (section 4.2), written by name.
    private static let names: [String: String] = {
        var names: [String: String] = [:]
        for line in table {
            let words = line.split(separator: " ").map(String.init)
            guard let name = words.first else { continue }
            for label in words { names[label] = name }
        }
        return names
    }()

    private static let table = [
        "utf-8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8",
        "ibm866 866 cp866 csibm866",
        "iso-8859-2 csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
        "iso-8859-3 csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
        "iso-8859-4 csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
        "iso-8859-5 csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
        "iso-8859-6 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6"
            + " iso88596 iso_8859-6 iso_8859-6:1987",
        "iso-8859-7 csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek",
        "iso-8859-8 csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual",
        "iso-8859-8-i csiso88598i logical",
        "iso-8859-10 csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6",
        "iso-8859-13 iso8859-13 iso885913",
        "iso-8859-14 iso8859-14 iso885914",
        "iso-8859-15 csisolatin9 iso8859-15 iso885915 iso_8859-15 l9",
        "iso-8859-16",
        "koi8-r cskoi8r koi koi8 koi8_r",
        "koi8-u koi8-ru",
        "macintosh csmacintosh mac x-mac-roman",
        "windows-874 dos-874 iso-8859-11 iso8859-11 iso885911 tis-620",
        "windows-1250 cp1250 x-cp1250",
        "windows-1251 cp1251 x-cp1251",
        "windows-1252 ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1"
            + " iso_8859-1:1987 l1 latin1 us-ascii x-cp1252",
        "windows-1253 cp1253 x-cp1253",
        "windows-1254 cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 x-cp1254",
        "windows-1255 cp1255 x-cp1255",
        "windows-1256 cp1256 x-cp1256",
        "windows-1257 cp1257 x-cp1257",
        "windows-1258 cp1258 x-cp1258",
        "x-mac-cyrillic x-mac-ukrainian",
        "gbk chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk",
        "gb18030",
        "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
        "euc-jp cseucpkdfmtjapanese x-euc-jp",
        "iso-2022-jp csiso2022jp",
        "shift_jis csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis",
        "euc-kr cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
        "replacement csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr",
        "utf-16be unicodefffe",
        "utf-16le csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16",
        "x-user-defined",
    ]
}
