import Testing

@testable import Documents

@Suite struct CharsetTests {
    /// Labels are those of the Encoding standard, in any case, with white space around.
    @Test(arguments: [
        ("utf8", "utf-8"), (" UTF-8\n", "utf-8"), ("latin1", "windows-1252"), ("ISO-8859-1", "windows-1252"), ("ascii", "windows-1252"),
        ("x-sjis", "shift_jis"), ("gb2312", "gbk"), ("ks_c_5601-1987", "euc-kr"), ("iso-8859-9", "windows-1254"), ("koi8-ru", "koi8-u"),
        ("iso-2022-kr", "replacement"), ("utf-16", "utf-16le"), ("tis-620", "windows-874"), ("none", nil), ("", nil),
    ])
    func labels(label: String, name: String?) { #expect(Charset(label: label)?.name == name) }

    /// Byte order mark, then the header, then the page, then validity.
    @Test(arguments: [
        ([0xEF, 0xBB, 0xBF, 0x61], "big5", "utf-8"),
        ([0xFE, 0xFF, 0, 0x61], nil, "utf-16be"),
        ([0xFF, 0xFE, 0x61, 0], "utf-8", "utf-16le"),
        (Array("<meta charset=koi8-r>".utf8), "windows-1251", "windows-1251"),
        (Array("<meta charset=koi8-r>".utf8), "nonsense", "koi8-r"),
        (Array("<META CHARSET = 'koi8-r'>".utf8), nil, "koi8-r"),
        (Array("<meta http-equiv='Content-Type' content='text/html; charset=\"big5\"'>".utf8), nil, "big5"),
        (Array("<meta content='text/html; charset=big5'>".utf8), nil, "utf-8"),
        (Array("<!-- <meta charset=big5> --><meta charset=euc-jp>".utf8), nil, "euc-jp"),
        (Array("<a title='<meta charset=big5>'><meta/charset=euc-kr>".utf8), nil, "euc-kr"),
        (Array("<meta charset=utf-16>".utf8), nil, "utf-8"),
        (Array("<meta charset=x-user-defined>".utf8), nil, "windows-1252"),
        (Array("<?xml version='1.0' encoding='iso-8859-2'?><html>".utf8), nil, "iso-8859-2"),
        (Array("Füße".utf8), nil, "utf-8"),
        ([0x46, 0xFC, 0xDF, 0x65], nil, "windows-1252"),
        ([], nil, "utf-8"),
    ] as [([UInt8], String?, String)])
    func detection(bytes: [UInt8], declared: String?, name: String) {
        #expect(Charset.detect(bytes, declared: declared).charset.name == name)
    }

    /// Each family of encodings gives the characters of the standard; invalid bytes become U+FFFD.
    @Test(arguments: [
        ("windows-1252", [0x80, 0x99, 0x81, 0xE9], "€™\u{81}é"),
        ("windows-1253", [0xAA, 0x80, 0xE1], "\u{FFFD}€α"),
        ("windows-1251", [0xCF, 0xF0, 0xE8], "При"),
        ("koi8-r", [0xF0, 0xD2, 0xC9], "При"),
        ("iso-8859-2", [0xB1, 0xE6], "ąć"),
        ("iso-8859-15", [0xA4], "€"),
        ("ibm866", [0x8F, 0xE0, 0xA8], "При"),
        ("macintosh", [0x8E, 0xDB], "é€"),
        ("windows-874", [0xA1, 0xDB], "ก\u{FFFD}"),
        ("shift_jis", [0x93, 0xFA, 0x96, 0x7B, 0xB1], "日本ｱ"),
        ("euc-jp", [0xC6, 0xFC, 0xCB, 0xDC], "日本"),
        ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42, 0x61], "日a"),
        ("gbk", [0xD6, 0xD0, 0x80, 0x61], "中€a"),
        ("gb18030", [0x81, 0x30, 0x81, 0x30], "\u{80}"),
        ("big5", [0xA4, 0xA4, 0xA4, 0xE5], "中文"),
        ("euc-kr", [0xC7, 0xD1, 0xB1, 0xDB], "한글"),
        ("euc-kr", [0xC7], "\u{FFFD}"),
        ("shift_jis", [0x93, 0x20, 0x61], "\u{FFFD} a"),
        ("utf-8", [0x61, 0xFF, 0xC3, 0x28], "a\u{FFFD}\u{FFFD}("),
        ("utf-16le", [0x61, 0, 0x3D, 0xD8, 0, 0xDE, 0x3D, 0xD8, 0x7A], "a😀\u{FFFD}\u{FFFD}"),
        ("x-user-defined", [0x61, 0x80], "a\u{F780}"),
        ("replacement", [0x61, 0x62], "\u{FFFD}"),
    ] as [(String, [UInt8], String)])
    func decoding(label: String, bytes: [UInt8], expected: String) throws {
        let text = try #require(Charset(label: label)).decode(bytes)
        #expect(Array(text.unicodeScalars) == Array(expected.unicodeScalars))
    }

    /// Every label's encoding can be converted on this machine.
    @Test(arguments: [
        "ibm866", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-8-i",
        "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "koi8-r", "koi8-u", "macintosh", "windows-874",
        "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257",
        "windows-1258", "x-mac-cyrillic",
    ])
    func isKnown(label: String) throws {
        let text = try #require(Charset(label: label)).decode(Array(0...255))
        #expect(text.unicodeScalars.count == 256)
        // Read as UTF-8, which is what happens where iconv lacks the encoding, most of the upper half would be U+FFFD.
        #expect(text.unicodeScalars.filter { $0 == "\u{FFFD}" }.count < 60)
    }

    /// A page in an old encoding comes out in its characters, by the header or by its own word.
    @Test func page() {
        let bytes: [UInt8] = Array("<meta charset=windows-1251><p>".utf8) + [0xCF, 0xF0, 0xE8]
        #expect(Document(html: bytes, url: "http://example.test/").visibleText(of: 0) == "При")
        #expect(Document(html: bytes, url: "http://example.test/", charset: "koi8-r").visibleText(of: 0) == "оПХ")
    }
}
