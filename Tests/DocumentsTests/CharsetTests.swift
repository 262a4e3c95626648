import Glibc
import Testing

@testable import Documents

/// By iconv, nil where it knows no such encoding or a character is not in it.
private func encoded(_ text: String, as name: String) -> [UInt8]? {
    let iconvName = name.hasPrefix("windows-") ? "CP" + name.dropFirst(8) : name
    guard let converter = iconv_open(iconvName, "UTF-8"), Int(bitPattern: converter) != -1 else { return nil }
    defer { iconv_close(converter) }
    var input = Array(text.utf8).map(CChar.init(bitPattern:))
    var output = [CChar](repeating: 0, count: input.count * 4 + 16)
    let left = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output -> Int? in
            var (from, to): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?) = (input.baseAddress, output.baseAddress)
            var (more, room) = (input.count, output.count)
            guard iconv(converter, &from, &more, &to, &room) != -1, iconv(converter, nil, nil, &to, &room) != -1 else { return nil }
            return room
        }
    }
    return left.map { output.dropLast($0).map(UInt8.init(bitPattern:)) }
}

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

    /// A page that says nothing of its encoding is read by what its bytes look like, where its script tells; what Latin letters are meant can't
    /// be told, so that these are read as windows-1252.
    @Test(arguments: [
        ("windows-1251", "Мастер делает лопаты из ясеня уже много лет, и каждая из них хороша."),
        ("koi8-r", "Мастер делает лопаты из ясеня уже много лет, и каждая из них хороша."),
        ("shift_jis", "鍛冶屋は長い間、トネリコの木で鋤を作ってきました。どれも良いものです。"),
        ("euc-jp", "鍛冶屋は長い間、トネリコの木で鋤を作ってきました。どれも良いものです。"),
        ("iso-2022-jp", "鍛冶屋は長い間、トネリコの木で鋤を作ってきました。どれも良いものです。"),
        ("euc-kr", "대장장이는 오랫동안 물푸레나무로 삽을 만들어 왔습니다. 모두 좋은 것입니다."),
        ("big5", "鐵匠多年來一直用白蠟木製作鏟子，每一把都很好。這些鏟子賣給了許多人。"),
        ("windows-1253", "Ο σιδεράς φτιάχνει φτυάρια από μελιά εδώ και πολλά χρόνια, και το καθένα είναι καλό."),
        ("windows-1252", "Le forgeron fabrique des pelles en frêne depuis des années, façonnées à la main, très appréciées."),
        ("iso-8859-2", "Kowal od lat wytwarza łopaty z jesionu, a każda z nich jest dobra; żadna się nie złamała."),
    ])
    func guesses(encoding: String, text: String) throws {
        let page = "<!doctype html><title>x</title><p>\(text)</p>"
        let bytes = try #require(encoded(page, as: encoding))
        let found = Charset.detect(bytes, declared: nil).charset
        if ["windows-1252", "iso-8859-2"].contains(encoding) {
            #expect(found == .windows1252)
        } else {
            #expect(found.decode(bytes) == page, "\(found.name)")
        }
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
