import Server
import Testing

@Suite struct HTMLTests {
    /// The usual suspects: what pages of strangers hold to get a script run.
    static let attacks = [
        "<script>alert(1)</script>", "\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)",
        "' onfocus='alert(1)' autofocus='", "</title><script>alert(1)</script>", "</textarea><svg/onload=alert(1)>",
        "<!--<img src=\"--><img src=x onerror=alert(1)//\">", "<img src=`x`onerror=alert(1)>", "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>", "\u{0}<script>", "<scr\u{0}ipt>alert(1)</scr\u{0}ipt>", "]]><script>",
        "<math><mtext></p><img src=1 onerror=alert(1)>", "--><script>alert(1)</script>", "＜script＞alert(1)＜/script＞",
    ]

    /// In text nothing becomes a tag or a reference.
    @Test(arguments: attacks) func isText(_ attack: String) {
        let page: HTML = "<p>\(attack)</p>"
        let inner = page.text.dropFirst(3).dropLast(4)
        #expect(!inner.contains("<") && !inner.contains(">") && !inner.contains("\0"))
        #expect(HTMLTests.unescaped(String(inner)) == attack.replacing("\0", with: "\u{FFFD}"))
    }

    /// In a quoted value nothing ends the value.
    @Test(arguments: attacks) func isAValue(_ attack: String) {
        let double: HTML = "<p title=\"\(attack)\">x</p>"
        let single: HTML = "<p title='\(attack)'>x</p>"
        #expect(double.text.filter { $0 == "\"" }.count == 2 && double.text.filter { $0 == ">" }.count == 2)
        #expect(single.text.filter { $0 == "'" }.count == 2 && single.text.filter { $0 == "<" }.count == 2)
    }

    /// Where the quotes are missing they are added.
    @Test(arguments: attacks + ["a b", ""]) func isQuoted(_ attack: String) {
        let page: HTML = "<p title=\(attack) class=x>y</p>"
        #expect(page.text.hasPrefix("<p title=\"") && page.text.hasSuffix("\" class=x>y</p>"))
        #expect(page.text.filter { $0 == "\"" }.count == 2)
    }

    static let scripts = [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "\tjavascript:alert(1)", "java\tscript:alert(1)",
        "java\nscript:alert(1)", "java\r\nscript:alert(1)", "\u{1}javascript:alert(1)", "javascript\n:alert(1)",
        "javascript&colon;alert(1):",
        "data:text/html,<script>alert(1)</script>", "DATA:text/html;base64,PHNjcmlwdD4=", "vbscript:msgbox(1)", "blob:https://a/b",
        "view-source:x", "file:///etc/passwd", "jar:http://a", "feed:javascript:alert(1)", "\u{0}javascript:alert(1)",
    ]

    /// A link that would run something leads nowhere.
    @Test(arguments: scripts) func isNoLink(_ link: String) {
        let pages: [HTML] = [
            "<a href=\"\(link)\">x</a>", "<a href=\(link)>x</a>", "<A HREF='\(link)'>x</A>", "<a\nhref = \"\(link)\">x</a>",
            "<form action=\"\(link)\">", "<button formaction=\"\(link)\">", "<img src=\"\(link)\">", "<object data=\"\(link)\">",
            "<svg><a xlink:href=\"\(link)\">x</a></svg>",
        ]
        for page in pages { #expect(page.text.contains("\"#\"") || page.text.contains("'#'"), "\(page)") }
    }

    /// Links to the web and to this server stay what they are.
    @Test(arguments: [
        "https://a.example/b?c=d#e", "http://a.example", "HTTPS://A", "/v1/runs/r:1", "runs?x=a:b", "#r4:salary", "", "?a", "//a.example/x",
    ])
    func isALink(_ link: String) {
        let page: HTML = "<a href=\"\(link)\">x</a>"
        #expect(page.text == "<a href=\"\(link)\">x</a>")
    }

    /// Behind a path of the program's own, a value is a part of it; a scheme can't be made of pieces.
    @Test func knowsWhatStandsBefore() {
        let behind: HTML = "<a href=\"/runs/\("javascript:x")\">x</a>"
        #expect(behind.text == "<a href=\"/runs/javascript:x\">x</a>")
        let pieces: HTML = "<a href=\"\("java")\("script:alert(1)")\">x</a>"
        #expect(pieces.text == "<a href=\"java#\">x</a>")
        let half: HTML = "<a href=\"java\("script:alert(1)")\">x</a>"
        #expect(half.text == "<a href=\"java#\">x</a>")
    }

    /// Where a value would be code, or can't be quoted, there is nothing.
    @Test func putsNothing() {
        let value = "alert(1)"
        let pages: [HTML] = [
            "<p onclick=\"\(value)\">", "<p OnClick='\(value)'>", "<p style=\"\(value)\">", "<iframe srcdoc=\"\(value)\">",
            "<img srcset=\"\(value)\">",
            "<script>\(value)</script>", "<script type=module>let x = \"\(value)\"</script>", "<style>\(value)</style>",
            "<!-- \(value) -->",
            "<p \(value)>", "<\(value)>", "<p a\(value)=x>", "<p class=x\(value)>", "<meta http-equiv=refresh content=\"\(value)\">",
            "<script>if (a </ b) \(value)</script>", "<script>x = '</p>'; \(value)</script>", "<style>/* </script> */ \(value)</style>",
        ]
        for page in pages { #expect(!page.text.contains("alert"), "\(page)") }
    }

    /// Behind scripts, styles and comments there is text again.
    @Test(arguments: ["<", "a&b"]) func goesOn(_ value: String) {
        let page: HTML = "<script src=\"/a.js\"></script><style>a>b{}</style><!-- > -- > --><p>\(value)</p><br/><input checked>\(value)"
        #expect(page.text.hasSuffix("<p>\(value == "<" ? "&lt;" : "a&amp;b")</p><br/><input checked>\(value == "<" ? "&lt;" : "a&amp;b")"))
    }

    /// Pieces are put in as they are, others as text.
    @Test func isMadeOfPieces() {
        let items: [HTML] = ["a", "<b>"].map { "<li>\($0)</li>" }
        let none: HTML? = nil
        let page: HTML = "<ul>\(items)</ul>\(none)\(7)\(HTML(text: "<hr>"))"
        #expect(page.text == "<ul><li>a</li><li>&lt;b&gt;</li></ul>7&lt;hr&gt;")
    }

    /// A piece in a value is text there.
    @Test func isNoPieceInAValue() {
        let piece: HTML = "<b>\"x\"</b>"
        let page: HTML = "<p title=\"\(piece)\">y</p>"
        #expect(page.text == "<p title=\"&lt;b&gt;&quot;x&quot;&lt;/b&gt;\">y</p>")
    }

    /// A piece that ends in a tag doesn't hide where the next value stands.
    @Test func remembersAcrossPieces() {
        var page: HTML = "<a href=\""
        let rest: HTML = "<i>"
        page += rest
        #expect(page.text == "<a href=\"&lt;i&gt;")
        let open: HTML = "<a onclick=\""
        let whole: HTML = "<p>\(open)\("alert(1)")"
        #expect(whole.text == "<p><a onclick=\"")
    }

    /// Attributes without a value come and go.
    @Test func hasFlags() {
        let page: HTML = "<input type=checkbox\(flag: "checked", true)\(flag: "disabled", false)>\(flag: "x", true)"
        #expect(page.text == "<input type=checkbox>")
        let other: HTML = "<input type=\"checkbox\"\(flag: "checked", true)\(flag: "disabled", false)>\(flag: "x", true)"
        #expect(other.text == "<input type=\"checkbox\" checked>")
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"").replacing("&#39;", with: "'")
            .replacing("&amp;", with: "&")
    }
}
