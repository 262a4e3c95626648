import Foundation
import Politeness
import Testing
import TestMaterial

/// A page as a test writes it; what can be seen is found roughly.
private struct Page {
    var status: Int? = 200
    var headers: [(name: String, value: String)] = []
    var html: String
    var askedURL = "https://shop.example/item/1"
    var finalURL: String?

    var blockPage: BlockPage? {
        var (title, text, sources) = ("", "", [String]())
        let bytes = Array(html.utf8)
        var at = 0
        // All up to a mark, which is left behind.
        func take(_ mark: String) -> String {
            let mark = Array(mark.utf8)
            let start = at
            while at < bytes.count, bytes[at] != mark[0] || !bytes[at...].starts(with: mark, by: { $0 == $1 || $0 | 0x20 == $1 }) { at += 1 }
            defer { at = min(at + mark.count, bytes.count) }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
        // What follows a long text decides nothing.
        while at < bytes.count, text.utf8.count < 10_000 {
            let seen = take("<")
            if seen.utf8.contains(where: { $0 > 32 }) { text += seen + " " }
            if bytes[at...].starts(with: "!--".utf8) {
                _ = take("-->")
                continue
            }
            let tag = take(">")
            let name = tag.prefix { $0.isLetter }.lowercased()
            guard ["script", "style", "noscript", "template", "iframe", "title"].contains(name) else { continue }
            if name == "script" || name == "iframe", let source = tag.firstMatch(of: /(?i)\bsrc\s*=\s*["']?([^"'\s>]+)/) {
                sources.append(Page.plain(String(source.1)))
            }
            let inside = take("</" + name)
            _ = take(">")
            if name == "title", title.isEmpty { title = Page.plain(inside) }
        }
        return BlockPage(
            BlockPage.Answer(
                status: status, headers: headers, title: title, text: Page.plain(text), htmlLength: html.utf8.count, askedURL: askedURL,
                finalURL: finalURL ?? askedURL, sources: sources))
    }

    private static func plain(_ text: String) -> String {
        let named = ["&nbsp;": " ", "&#39;": "'", "&rsquo;": "\u{2019}", "&hellip;": "\u{2026}", "&amp;": "&"]
        return named.reduce(text) { $0.replacing($1.key, with: $1.value) }.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

/// A page of content, longer than any guard's.
private let content = String(repeating: "<p>The harvest of the year was good, and the barns were full before the first frost came over the hills.</p>", count: 20)

@Suite struct BlockPageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var claim: String
        var status: Int? = 200
        var headers: [[String]] = []
        var html = ""
        var asked = "https://shop.example/item/1"
        var final: String?
        var kind: BlockPage.Kind?
        var isChallenge = true
        /// Part of the sentence.
        var says = ""
        var testDescription: String { claim }

        fileprivate var found: BlockPage? {
            Page(status: status, headers: headers.map { ($0[0], $0[1]) }, html: html, askedURL: asked, finalURL: final).blockPage
        }
    }

    static let guards: [Case] = [
        Case(claim: "Cloudflare's header decides whatever the page says", headers: [["CF-Mitigated", "challenge"]], html: content, kind: .cloudflare, says: "cf-mitigated"),
        Case(
            claim: "Cloudflare's test", status: 403,
            html: "<title>Just a moment...</title><body><noscript>Enable JavaScript and cookies</noscript><script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=8a'></script>",
            kind: .cloudflare, says: "orchestrate"),
        Case(claim: "Cloudflare's test in another language", html: "<title>Einen Moment bitte</title><h1>shop.example</h1><p>Wir prüfen Ihren Browser<script src='/cdn-cgi/challenge-platform/h/g/orchestrate/managed/v1?ray=1'></script>", kind: .cloudflare),
        Case(claim: "Cloudflare's test with an ellipsis", html: "<title>Just a moment&hellip;</title><script src='https://shop.example/cdn-cgi/challenge-platform/x.js'></script>", kind: .cloudflare, says: "just a moment"),
        Case(claim: "Cloudflare's test by its status", status: 503, html: "<title>Just a moment...</title><p>shop.example", kind: .cloudflare, says: "503"),
        Case(claim: "Cloudflare's test by its words", html: "<h1>shop.example</h1><p>shop.example needs to review the security of your connection before proceeding.", kind: .cloudflare),
        Case(claim: "Cloudflare's older test", status: 503, html: "<title>Wait</title><p>Checking your browser before accessing shop.example. This takes up to 5 seconds. DDoS protection by Cloudflare", kind: .cloudflare),
        Case(claim: "Cloudflare's captcha", status: 403, html: "<title>Attention Required! | Cloudflare</title><h1>One more step</h1><p>Please complete the security check to access shop.example", kind: .cloudflare),
        Case(claim: "Cloudflare's refusal", status: 403, html: "<title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1><p>You can&#39;t reach shop.example. Cloudflare Ray ID: 8a", kind: .cloudflare, isChallenge: false, says: "you have been blocked"),
        Case(claim: "Cloudflare's refusal by its title", status: 403, html: "<title>Attention Required! | Cloudflare</title><h1>No.</h1>", kind: .cloudflare, isChallenge: false),
        Case(claim: "Cloudflare's rule 1020", status: 403, html: "<title>Access denied</title><p>Error 1020 Ray ID: 8a. This site uses a security service.", kind: .cloudflare, isChallenge: false, says: "1020"),
        Case(claim: "Cloudflare's ban of an address", status: 403, html: "<title>Access denied | shop.example used Cloudflare to restrict access</title><p>Error 1006", kind: .cloudflare, isChallenge: false),
        Case(claim: "Cloudflare's rate limit", status: 429, html: "<title>Access denied</title><p>Error 1015. You are being rate limited. Performance and security by Cloudflare", kind: .cloudflare, isChallenge: false),
        Case(claim: "Akamai's refusal", status: 403, html: "<title>Access Denied</title><h1>Access Denied</h1> You don't have permission to access \"http://shop.example/item\" on this server.<p>Reference #18.2f3e1602.17 <p>https://errors.edgesuite.net/18.2f", kind: .akamai, isChallenge: false, says: "edgesuite"),
        Case(claim: "Akamai's refusal without its address", html: "<title>Access Denied</title> You don&rsquo;t have permission to access this page. Reference #18.2f3e", kind: .akamai, isChallenge: false, says: "reference #"),
        Case(claim: "Akamai's test", status: 428, html: "<script src='/_sec/cp_challenge/sec-4-2.js'></script>", kind: .akamai),
        Case(claim: "Imperva's test in a frame", html: "<html><iframe id=main-iframe src='/_Incapsula_Resource?CWUDNSAI=23&amp;xinfo=9-1&amp;incident_id=4'>Request unsuccessful. Incapsula incident ID: 4</iframe>", kind: .imperva, says: "cwudnsai"),
        Case(claim: "Imperva's script and nothing else", html: "<html><body><script src='/_Incapsula_Resource?SWJIYLWA=719d'></script></body></html>", kind: .imperva, says: "next to no text"),
        Case(claim: "Imperva's refusal", status: 403, html: "<p>Request unsuccessful. Incapsula incident ID: 4-5", kind: .imperva, isChallenge: false, says: "incident"),
        Case(claim: "Imperva's refusal, newer", html: "<title>shop.example</title><h1>Access denied</h1><p>Error 15. This request was blocked by the security rules. Powered by Imperva", kind: .imperva, isChallenge: false),
        Case(claim: "Imperva's captcha", html: "<h1>Additional security check is required</h1><script src='https://hcaptcha.com/1/api.js'></script><p>Powered by Imperva", kind: .imperva),
        Case(claim: "Imperva's interruption", html: "<title>Pardon Our Interruption</title><p>As you were browsing, something about your browser made us think you were a bot.", kind: .imperva),
        Case(claim: "DataDome's captcha", status: 403, html: "<title>shop.example</title><p>Please enable JS<iframe src='https://geo.captcha-delivery.com/captcha/?initialCid=A&t=fe'></iframe>", kind: .dataDome),
        Case(claim: "DataDome's ban", status: 403, html: "<title>shop.example</title><iframe src='https://geo.captcha-delivery.com/captcha/?initialCid=A&t=bv'></iframe>", kind: .dataDome, isChallenge: false),
        Case(claim: "DataDome's header with 403", status: 403, headers: [["X-DataDome", "protected"]], html: content, kind: .dataDome, says: "x-datadome"),
        Case(claim: "HUMAN's page", status: 403, html: "<title>Access to this page has been denied</title><p>Press &amp; Hold to confirm you are a human (and not a bot).", kind: .human),
        Case(claim: "HUMAN's page by its words", html: "<title>shop</title><p>Press &amp; Hold to confirm you are a human (and not a bot). Reference ID 9", kind: .human),
        Case(claim: "HUMAN's script", html: "<title>shop</title><script src='https://captcha.px-cdn.net/PXabc/captcha.js?a=c'></script>", kind: .human),
        Case(claim: "AWS WAF's test", status: 202, headers: [["x-amzn-waf-action", "challenge"]], html: "", kind: .amazon),
        Case(claim: "AWS WAF's captcha", status: 405, headers: [["x-amzn-waf-action", "captcha"]], html: "<title>Human Verification</title>", kind: .amazon),
        Case(claim: "AWS WAF's captcha without its header", status: 405, html: "<title>Human Verification</title><p>Confirm you are human<script src='https://a.captcha.awswaf.com/a/captcha.js'></script>", kind: .amazon),
        Case(claim: "CloudFront's refusal", status: 403, html: "<title>ERROR: The request could not be satisfied</title><h1>403 ERROR</h1>Request blocked. We can't connect to the server. Generated by cloudfront (CloudFront)", kind: .amazon, isChallenge: false),
        Case(claim: "Kasada's test", status: 429, headers: [["x-kpsdk-ct", "0aB"]], html: "<script>window.KPSDK={}</script><script src='/149e9513/2d206a39/ips.js?x=1'></script>", kind: .kasada),
        Case(claim: "Kasada's script and nothing else", html: "<script src='/149e9513/2d206a39/ips.js?x=1'></script>", kind: .kasada),
        Case(claim: "Sucuri's refusal", status: 403, html: "<title>Sucuri WebSite Firewall - Access Denied</title><p>Block ID: EXP001", kind: .sucuri, isChallenge: false),
        Case(claim: "Sucuri's test", html: "<title>You are being redirected...</title><p>Javascript is required. Please enable it to see this page.", kind: .sucuri),
        Case(claim: "DDoS-Guard's test", status: 403, html: "<title>DDoS-Guard</title><p>Checking your browser before accessing shop.example", kind: .ddosGuard),
        Case(claim: "DDoS-Guard's scripts", html: "<title>shop</title><script src='/.well-known/ddos-guard/js-challenge/index.js'></script><p>Please wait", kind: .ddosGuard),
        Case(claim: "Google's unusual traffic", html: "<title>https://www.google.com/search?q=x</title><script src='https://www.google.com/recaptcha/enterprise.js'></script><p>Our systems have detected unusual traffic from your computer network.", kind: .searchEngine),
        Case(claim: "DuckDuckGo's test", html: "<title>x at DuckDuckGo</title><p>Unfortunately, bots use DuckDuckGo too. Please complete the challenge.", kind: .searchEngine),
        Case(claim: "Yandex's test", html: "<title>Oops!</title><p>Please confirm that you and not a robot are sending requests", kind: .searchEngine),
        Case(claim: "a shop's picture with letters", html: "<title>Shop</title><h4>Enter the characters you see below</h4><p>Sorry, we just need to make sure you&#39;re not a robot.", kind: .captcha),
        Case(claim: "reCAPTCHA alone", html: "<title>shop</title><script src='https://www.google.com/recaptcha/api.js'></script><p>Please verify you are human to go on.", kind: .captcha, says: "google.com/recaptcha"),
        Case(claim: "hCaptcha alone", html: "<title>shop</title><script src='https://js.hcaptcha.com/1/api.js'></script><p>Solve the captcha to continue", kind: .captcha),
        Case(claim: "Turnstile alone", html: "<title>shop</title><script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script><p>We want to make sure you&rsquo;re not a robot.", kind: .captcha),
        Case(claim: "a title and a captcha", html: "<title>Security Check</title><script src='https://js.hcaptcha.com/1/api.js'></script>", kind: .captcha, says: "security check"),
        Case(claim: "a few words without a captcha that is known", html: "<title>shop</title><p>Are you a robot? Slide to the right.", kind: .captcha),
        Case(claim: "too many requests with 200", html: "<title>Too Many Requests</title><p>Slow down.", kind: .rateLimit, isChallenge: false),
        Case(claim: "too many requests in the text", html: "<title>shop</title><p>Rate limit exceeded, try again later.", kind: .rateLimit, isChallenge: false),
        Case(claim: "an address that is blocked, with 200", html: "<title>shop</title><p>Your IP address has been blocked because of abuse.", kind: .site, isChallenge: false),
        Case(claim: "unusual traffic of any site", html: "<title>shop</title><p>There is unusual traffic from your network.", kind: .site, isChallenge: false),
        Case(claim: "a redirect to a captcha", html: "<p>One moment", final: "https://shop.example/captcha?back=%2Fitem", kind: .captcha, says: "/captcha"),
        Case(claim: "a redirect to a captcha's page", html: "<p>One moment", final: "https://shop.example/errors/validateCaptcha.html", kind: .captcha),
        Case(claim: "a redirect to a refusal", html: "<p>Goodbye", final: "https://shop.example/Blocked?ref=1", kind: .site, isChallenge: false, says: "/blocked"),
        Case(claim: "a redirect to an apology", html: "<p>Goodbye", final: "https://www.search.example/sorry/index?q=1", kind: .site, isChallenge: false),
        Case(claim: "Cloudflare's test by its words, older", html: "<h1>shop.example</h1><p>Checking if the site connection is secure", kind: .cloudflare),
        Case(claim: "HUMAN's script from its other place", html: "<title>shop</title><script src='https://captcha.px-cloud.net/PXabc/c.js'></script>", kind: .human),
        Case(claim: "HUMAN's script from the site itself", html: "<title>shop</title><script src='/abc/captcha/captcha.js?a=c&u=1'></script>", kind: .human),
        Case(claim: "HUMAN's page by its title", html: "<title>Access to this page has been denied.</title><p>Automation tools are not welcome.", kind: .human, says: "title"),
        Case(claim: "AWS WAF's captcha by its title", html: "<title>Human Verification</title><p>\(String(repeating: "Choose all the chairs. ", count: 10))<script src='https://a.captcha.awswaf.com/a/captcha.js'></script>", kind: .amazon, says: "title"),
        Case(claim: "AWS WAF's script and nothing else", html: "<title></title><script src='https://a.token.awswaf.com/a/challenge.js'></script>", kind: .amazon, says: "next to no text"),
        Case(claim: "Kasada's header with 429", status: 429, headers: [["X-Kpsdk-Ct", "0aB"]], html: content, kind: .kasada, says: "x-kpsdk-ct"),
        Case(claim: "Sucuri's refusal by its words", html: "<title>shop</title><h1>Access Denied - Sucuri Website Firewall</h1>", kind: .sucuri, isChallenge: false, says: "text"),
        Case(claim: "Sucuri's refusal by its header", status: 403, headers: [["X-Sucuri-Block", "EXPVP16"]], html: content, kind: .sucuri, isChallenge: false),
        Case(claim: "DDoS-Guard's test by its script", html: "<title>shop.example</title><script src='https://check.ddos-guard.net/check.js'></script><p>Checking your browser, which takes a moment, before you may see the page that you asked for", kind: .ddosGuard),
        Case(claim: "Bing's test", html: "<title>x - Search</title><h1>One last step</h1><p>Please solve the challenge below to continue", kind: .searchEngine),
        Case(claim: "Baidu's test", html: "<title>Baidu</title><script src='https://wappass.baidu.com/static/a.js'></script>", kind: .searchEngine),
        Case(claim: "a shop's picture with letters among other words", html: "<title>Shop</title><h4>Enter the characters you see below</h4><p>You are not a robot? \(String(repeating: "Conditions of use. ", count: 60))", kind: .captcha),
        Case(claim: "403 alone", status: 403, html: content, kind: .site, isChallenge: false, says: "403"),
        Case(claim: "429 alone", status: 429, headers: [["retry-after", "60"]], html: content, kind: .rateLimit, isChallenge: false, says: "429"),
        Case(claim: "no status at all is read as 200", status: nil, html: "<title>DDoS-Guard</title>", kind: .ddosGuard),
    ]

    /// Each guard's page is known, and the sentence says by what.
    @Test(arguments: guards) func knowsGuards(_ example: Case) throws {
        switch try #require(example.found) {
        case .challenge(let kind, let sign):
            #expect(kind == example.kind)
            #expect(example.isChallenge)
            #expect(example.says.isEmpty || sign.contains(example.says))
        case .block(let kind, let sign):
            #expect(kind == example.kind)
            #expect(!example.isChallenge)
            #expect(example.says.isEmpty || sign.contains(example.says))
        case .empty: Issue.record("it is not empty")
        }
    }

    static let others: [Case] = [
        Case(claim: "a page of content", html: "<title>Shop</title>" + content),
        Case(claim: "401 is no block", status: 401, html: "<title>Log in</title><p>Verify you are human"),
        Case(claim: "404 is no block", status: 404, html: "<title>Not found</title><p>Too many requests lead here. Are you a robot?"),
        Case(claim: "410 is no block", status: 410), Case(claim: "451 is no block", status: 451), Case(claim: "500 is no block", status: 500),
        Case(claim: "502 with Cloudflare's name is no block", status: 502, html: "<title>502</title><p>Bad gateway. Cloudflare Ray ID"),
        Case(claim: "503 alone is no block", status: 503, html: "<title>Busy</title><p>We are down for maintenance."),
        Case(claim: "503 with Retry-After is a busy server", status: 503, headers: [["Retry-After", "30"]], html: "<title>Just a moment...</title><p>Too many requests"),
        Case(claim: "Cloudflare in front of a page", headers: [["server", "cloudflare"], ["cf-ray", "8a"], ["cf-cache-status", "HIT"]], html: "<p>Fresh bread"),
        Case(claim: "Cloudflare's script that watches", html: "<title>Shop</title><p>Fresh bread<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"),
        Case(claim: "an article with the title of a test", html: "<title>Just a moment... in history</title>" + content),
        Case(claim: "an article about Cloudflare", html: "<title>Attention Required! | Cloudflare, explained</title>" + content),
        Case(claim: "Imperva's script that watches", html: "<title>Shop</title><p>Fresh bread every day of the week but Sunday, from seven to noon, on the market<script src='/_Incapsula_Resource?SWJIYLWA=719d'></script>"),
        Case(claim: "DataDome's header on a page", headers: [["x-datadome", "protected"]], html: "<p>Fresh bread"),
        Case(claim: "DataDome's frame over a page of content", html: content + "<iframe src='https://geo.captcha-delivery.com/captcha/?t=fe'></iframe>"),
        Case(claim: "Kasada's header on a page", headers: [["x-kpsdk-ct", "0aB"]], html: "<p>Fresh bread"),
        Case(claim: "AWS WAF's script on a page", html: "<title>Shop</title><p>Fresh bread every day of the week but Sunday, from seven to noon, on the market<script src='https://a.token.awswaf.com/a/challenge.js'></script>"),
        Case(claim: "AWS WAF's other actions", headers: [["x-amzn-waf-action", "allow"]], html: "<p>Fresh bread"),
        Case(claim: "Sucuri in front of a page", headers: [["x-sucuri-id", "11005"], ["server", "Sucuri/Cloudproxy"]], html: "<p>Fresh bread"),
        Case(claim: "a login with a captcha", html: "<title>Log in</title><script src='https://www.google.com/recaptcha/api.js'></script><form>Username <input> Password <input> Please verify you are human <button>Sign in</button></form>"),
        Case(claim: "a contact form with a captcha", html: "<title>Contact us</title><script src='https://js.hcaptcha.com/1/api.js'></script><form>Your name <input> Email <input> Your message <textarea></textarea> Confirm you are not a robot <button>Send</button></form>"),
        Case(claim: "a short page with an invisible captcha", html: "<title>Shop</title><script src='https://www.google.com/recaptcha/api.js?render=x'></script><p>Fresh bread. This site is protected by reCAPTCHA and the Google Privacy Policy and Terms of Service apply."),
        Case(claim: "content with a captcha in its comments", html: "<title>Story</title>" + content + "<script src='https://www.google.com/recaptcha/api.js'></script><p>Please verify you are human"),
        Case(claim: "an article about captchas", html: "<title>Captcha</title>" + content + "Are you a robot? Too many requests"),
        Case(claim: "a short entry about a status", html: "<title>Status codes</title><p>\(String(repeating: "The server may say how long to wait before the next try. ", count: 10))429 means too many requests."),
        Case(claim: "a redirect within the site", html: "<p>Fresh bread", final: "https://shop.example/item/one"),
        Case(claim: "a redirect to a page about captchas with content", html: content, final: "https://shop.example/captcha"),
        Case(claim: "the captcha that was asked for", html: "<p>Pictures", asked: "https://shop.example/wiki/captcha", final: "https://www.shop.example/wiki/captcha"),
        Case(claim: "an apology that was asked for", html: "<p>Song", asked: "https://songs.example/sorry", final: "https://songs.example/sorry/"),
        Case(claim: "words that have the name in them", html: "<p>Song", final: "https://songs.example/sorry-seems-to-be"),
        Case(claim: "a file of content below such a name", html: "<p>Song", final: "https://songs.example/a/sorry/b"),
        Case(claim: "204", status: 204), Case(claim: "304", status: 304),
        Case(claim: "nothing but a script", html: "<div id=app></div><script src='/app.js'></script>"),
        Case(claim: "nothing but a picture, and its title", html: "<title>Bread</title><img src='/a.png'>"),
        Case(claim: "nothing but pictures", html: String(repeating: "<img src='/a.png'>", count: 60)),
    ]

    /// What guards also put into pages they let through, ordinary errors, forms and articles are not called blocked.
    @Test(arguments: others) func leavesOthersAlone(_ example: Case) { #expect(example.found == nil) }

    /// Nothing at all, where something was to be.
    @Test(arguments: ["", "<html><head></head><body> &nbsp;\n</body></html>"])
    func knowsEmptyAnswers(_ html: String) { #expect(Page(html: html).blockPage == .empty) }

    /// The sentence is for a person: whose page, and each thing that shows it.
    @Test func theSignIsASentence() {
        let page = Page(status: 403, html: "<title>Just a moment...</title>").blockPage
        #expect(page == .challenge(.cloudflare, sign: "Cloudflare wants to know whether a person asks: the title says \"just a moment...\", and the status is 403"))
    }

    /// A text longer than 1,500 characters is content, whatever it says.
    @Test func lengthDecides() {
        func page(_ count: Int) -> BlockPage? { Page(html: "<title>DDoS-Guard</title>" + String(repeating: "x", count: count)).blockPage }
        #expect(page(1_500) != nil)
        #expect(page(1_501) == nil)
    }

    /// Whatever a site sends, only so much of it is read.
    @Test func readsLongAnswers() {
        let long = String(repeating: "captcha ", count: 200_000)
        let answer = BlockPage.Answer(
            status: 200, headers: Array(repeating: (name: long, value: long), count: 300), title: long, text: long, htmlLength: .max, askedURL: long,
            finalURL: long + "/", sources: Array(repeating: long, count: 1_000))
        #expect(BlockPage(answer) == nil)
    }

    /// None of the real pages that were kept for their content is called anything, captchas in their forms or not.
    @Test(.enabled(if: Material.file("data/extraction") != nil, "the labelled pages are not on this machine"))
    func realPagesAreContent() throws {
        let root = try #require(Material.file("data/extraction"))
        var count = 0
        var called: [String: BlockPage] = [:]
        for set in try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil) where set.hasDirectoryPath {
            for file in try FileManager.default.contentsOfDirectory(at: set, includingPropertiesForKeys: nil) where file.pathExtension == "html" {
                count += 1
                let name = set.lastPathComponent + "/" + file.lastPathComponent
                called[name] = Page(html: String(decoding: try Data(contentsOf: file), as: UTF8.self)).blockPage
            }
        }
        #expect(count > 500)
        #expect(called == [:])
    }
}
