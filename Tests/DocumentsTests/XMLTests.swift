import Testing

@testable import Documents

@Suite struct XMLTests {
    /// RSS: names in lower case with their prefix, CDATA as text, every element a line.
    @Test func feed() throws {
        let page = try Document(
            xml: Array(
                """
                <?xml version="1.0" encoding="UTF-8"?><!-- c --><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
                <title>Nëws</title><item><title>One</title><dc:creator>Ann</dc:creator><pubDate>Tue, 1 Jan</pubDate>
                <description><![CDATA[<b>x</b> & y]]></description></item></channel></rss>
                """.utf8), url: "http://example.test/feed")
        #expect(page.plainText == "Nëws\nOne\nAnn\nTue, 1 Jan\n<b>x</b> & y")
        #expect(page.visibleText(of: try #require(page.first("dc:creator"))) == "Ann")
        #expect(page.first("pubdate") != nil)
        #expect(page.attribute("version", of: try #require(page.first("rss"))) == "2.0")
        for node in page.nodes.indices { #expect(page.node(at: page.path(of: node)) == node) }
    }

    /// XHTML is read as XML (empty elements close themselves) and, where it is not well-formed, as HTML.
    @Test func xhtml() throws {
        let start = "<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body>"
        let page = try Document(xml: Array((start + "<div/><p>a&#160;b</p></body></html>").utf8), url: "u")
        #expect(page.plainText == "a b")
        #expect(page[try #require(page.first("div"))].end == page.first("p"))
        let broken = try Document(xml: Array((start + "<p>a<br>b</body></html>").utf8), url: "u")
        #expect(broken.truncation == nil)
        #expect(broken.first("br") != nil)
    }

    /// XML that breaks off is read as far as it goes, and says so; what is no XML is an error.
    @Test func malformed() throws {
        let page = try Document(xml: Array("<a><b>one</b><c>two".utf8), url: "u")
        #expect(page.plainText.hasPrefix("one"))
        #expect(page.truncation != nil)
        for text in ["", "just text", "\u{0}\u{1}"] {
            let error = #expect(throws: DocumentsError.self) { try Document(xml: Array(text.utf8), url: "u") }
            #expect(error?.code == .malformedXML)
        }
    }

    /// The encoding is that of the header or the declaration.
    @Test func encoding() throws {
        let bytes = Array("<?xml version='1.0' encoding='iso-8859-1'?><a>".utf8) + [0xE9] + Array("</a>".utf8)
        #expect(try Document(xml: bytes, url: "u").plainText == "é")
        #expect(try Document(xml: bytes, url: "u", charset: "koi8-r").plainText == "И")
    }

    /// Entities of the document are not expanded, files are not read, and the process lives.
    @Test(arguments: [
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>t&x;</a>",
        "<!DOCTYPE a [<!ENTITY l0 'ha'>" + (1...20).map { "<!ENTITY l\($0) '&l\($0 - 1);&l\($0 - 1);&l\($0 - 1);&l\($0 - 1);'>" }.joined()
            + "]><a b='&l20;'>t&l20;</a>",
        "<a>t" + String(repeating: "<b>", count: 50_000),
    ])
    func hostile(xml: String) {
        if let page = try? Document(xml: Array(xml.utf8), url: "u") {
            #expect(!page.plainText.contains("root:") && page.plainText.utf8.count < 1_000)
        }
    }
}
