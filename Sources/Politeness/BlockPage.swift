// Is this answer what was asked for, or a page that some guard put in its place? It is read to keep away from sites that don't want us and
// to say so, instead of taking a challenge's words for content.
//
// A page of content that is called blocked costs more than a challenge that is missed. Therefore:
//   - a header that only guards send decides by itself; so do 403 and 429, whatever the page says
//   - all other signs count only where little is to be seen, and only with statuses that guards use
//   - what guards also put into pages they let through (scripts that watch, headers with their name) is no sign alone
//   - a captcha counts where the page is about nothing else; beside a form it belongs to the form
//   - 401, 404, 410, 451 and 5xx are answers; 503 with Retry-After is a busy server

/// What stands in the place of the content: a test whether a person asks, a refusal, or nothing at all.
package enum BlockPage: Sendable, Hashable {
    /// It would let a person through. `sign` says for a person what shows it.
    case challenge(Kind, sign: String)
    /// It lets nobody through who asks as we do.
    case block(Kind, sign: String)
    /// An answer without anything in it.
    case empty

    /// Whose page it is, as far as it can be told.
    package enum Kind: String, Sendable, Hashable {
        case cloudflare = "Cloudflare"
        case akamai = "Akamai"
        case imperva = "Imperva"
        case dataDome = "DataDome"
        case human = "HUMAN (PerimeterX)"
        case amazon = "AWS WAF"
        case kasada = "Kasada"
        case sucuri = "Sucuri"
        case ddosGuard = "DDoS-Guard"
        /// A search engine's page about unusual traffic.
        case searchEngine = "the search engine"
        /// A captcha and little else, of whomever.
        case captcha = "a captcha page"
        /// Too many requests.
        case rateLimit = "the site's rate limit"
        /// Nobody in particular.
        case site = "the site"
    }

    /// What is looked at of an answer.
    package struct Answer: Sendable {
        /// Nil where there was none; the page is then read like one with 200.
        package var status: Int?
        package var headers: [(name: String, value: String)]
        package var title: String
        /// The beginning of the text that can be seen: 4,000 characters, white space included, tell a short page from a long one.
        package var text: String
        /// Of the whole document, in bytes.
        package var htmlLength: Int
        package var askedURL: String
        /// After all redirects.
        package var finalURL: String
        /// Addresses of iframes and scripts, as they stand or absolute.
        package var sources: [String]

        package init(
            status: Int?, headers: [(name: String, value: String)], title: String, text: String, htmlLength: Int, askedURL: String,
            finalURL: String, sources: [String]
        ) {
            self.status = status
            self.headers = headers
            self.title = title
            self.text = text
            self.htmlLength = htmlLength
            self.askedURL = askedURL
            self.finalURL = finalURL
            self.sources = sources
        }
    }

    /// Visible characters up to which a page may be a guard's, and up to which it may be one that says nothing of whose it is.
    package static let shortText = 1_500
    package static let briefText = 800

    /// Nil where nothing speaks against its being the content, or where it is an ordinary error.
    package init?(_ answer: Answer) {
        let view = View(answer)
        guard let found = BlockPage.sign(in: view) ?? BlockPage.statusAlone(view) ?? BlockPage.emptiness(view) else { return nil }
        self = found
    }
}

// MARK: - Signs

extension BlockPage {
    /// Something that is there or not; strings in small letters.
    private enum Clue {
        /// A header with this name, whose value contains the other string.
        case header(String, String)
        case status(Set<Int>)
        case title(String)
        case text(String)
        case source(String)
        /// No more than a few words can be seen.
        case blank
    }

    /// Clues that mean something where all of them are there.
    private struct Sign {
        var kind: Kind
        var isChallenge: Bool
        var clues: [Clue]

        /// What a header says is true however long the page is.
        var hasHeader: Bool { clues.contains { if case .header = $0 { true } else { false } } }

        static func challenge(_ kind: Kind, _ clues: Clue...) -> Sign { Sign(kind: kind, isChallenge: true, clues: clues) }
        static func block(_ kind: Kind, _ clues: Clue...) -> Sign { Sign(kind: kind, isChallenge: false, clues: clues) }
    }

    /// The first that holds decides, so that a refusal stands before the same guard's challenge.
    private static let signs: [Sign] = [
        .challenge(.cloudflare, .header("cf-mitigated", "challenge")),
        .block(.cloudflare, .text("sorry, you have been blocked"), .text("cloudflare")),
        .block(.cloudflare, .title("used cloudflare to restrict access")),
        .block(.cloudflare, .title("access denied"), .text("error 1020")),
        .block(.cloudflare, .text("you are being rate limited"), .text("cloudflare")),
        .challenge(.cloudflare, .title("attention required! | cloudflare"), .text("security check")),
        .block(.cloudflare, .title("attention required! | cloudflare")),
        // Where it only watches, the script is another one below the same folder.
        .challenge(.cloudflare, .source("/cdn-cgi/challenge-platform/"), .source("/orchestrate/")),
        .challenge(.cloudflare, .title("just a moment..."), .source("/cdn-cgi/challenge-platform/")),
        .challenge(.cloudflare, .title("just a moment..."), .status([403, 429, 503])),
        .challenge(.cloudflare, .text("needs to review the security of your connection before proceeding")),
        .challenge(.cloudflare, .text("checking if the site connection is secure")),
        .challenge(.cloudflare, .text("checking your browser before accessing"), .text("cloudflare")),

        .challenge(.akamai, .source("/_sec/cp_challenge/")),
        .block(.akamai, .text("errors.edgesuite.net")),
        .block(.akamai, .title("access denied"), .text("you don't have permission to access"), .text("reference #")),

        .challenge(.imperva, .source("/_incapsula_resource?cwudnsai=")),
        .challenge(.imperva, .source("/_incapsula_resource"), .blank),
        .block(.imperva, .text("incapsula incident id")),
        .challenge(.imperva, .text("additional security check is required"), .text("imperva")),
        .block(.imperva, .text("powered by imperva")),
        .challenge(.imperva, .title("pardon our interruption"), .text("you were a bot")),

        .block(.dataDome, .source("captcha-delivery.com/"), .source("t=bv")),
        .challenge(.dataDome, .source("captcha-delivery.com/")),
        .challenge(.dataDome, .header("x-datadome", ""), .status([403])),

        .challenge(.human, .source("captcha.px-cdn.net/")),
        .challenge(.human, .source("captcha.px-cloud.net/")),
        // From the site itself.
        .challenge(.human, .source("/captcha/captcha.js?a=c")),
        .challenge(.human, .title("access to this page has been denied")),
        .challenge(.human, .text("press & hold to confirm you are")),

        .challenge(.amazon, .header("x-amzn-waf-action", "challenge")),
        .challenge(.amazon, .header("x-amzn-waf-action", "captcha")),
        .challenge(.amazon, .source(".awswaf.com/"), .title("human verification")),
        .challenge(.amazon, .source(".awswaf.com/"), .blank),
        .block(.amazon, .text("request blocked"), .text("generated by cloudfront")),

        .challenge(.kasada, .header("x-kpsdk-ct", ""), .status([403, 429])),
        .challenge(.kasada, .source("/ips.js?"), .blank),

        .block(.sucuri, .title("sucuri website firewall")),
        .block(.sucuri, .text("sucuri website firewall"), .text("access denied")),
        .block(.sucuri, .header("x-sucuri-block", ""), .status([403])),
        .challenge(.sucuri, .title("you are being redirected..."), .text("javascript is required")),

        .challenge(.ddosGuard, .title("ddos-guard")),
        .challenge(.ddosGuard, .source("ddos-guard"), .text("checking your browser")),
        .challenge(.ddosGuard, .source("/.well-known/ddos-guard/"), .blank),

        .challenge(.searchEngine, .text("detected unusual traffic from your computer network")),
        .challenge(.searchEngine, .text("bots use duckduckgo too")),
        .challenge(.searchEngine, .text("confirm that you and not a robot are sending requests")),
        .challenge(.searchEngine, .text("one last step"), .text("solve the challenge below to continue")),
        .challenge(.searchEngine, .source("wappass.baidu.com/"), .blank),
        .challenge(.captcha, .text("enter the characters you see below"), .text("not a robot")),
    ]

    private static func sign(in view: View) -> BlockPage? {
        for sign in signs where sign.hasHeader || view.mayBeGuard && view.length <= shortText {
            guard sign.clues.allSatisfy(view.has) else { continue }
            let said = sign.clues.compactMap(view.quote).joined(separator: ", and ")
            return sign.isChallenge
                ? .challenge(sign.kind, sign: "\(sign.kind.rawValue) wants to know whether a person asks: \(said)")
                : .block(sign.kind, sign: "\(sign.kind.rawValue) does not let us through: \(said)")
        }
        guard view.mayBeGuard else { return nil }
        return redirection(view) ?? wording(view)
    }

    // MARK: Where it led to

    private static let captchaPlaces: Set<String> = ["captcha", "validatecaptcha", "showcaptcha", "recaptcha", "human-verification"]
    private static let blockPlaces: Set<String> = ["blocked", "sorry"]

    /// Only where the address that was asked has nothing of it: there is a page "captcha" in encyclopaedias.
    private static func redirection(_ view: View) -> BlockPage? {
        guard view.length <= shortText, view.finalURL != view.askedURL else { return nil }
        let (asked, final) = (Set(View.segments(of: view.askedURL)), View.segments(of: view.finalURL))
        // The first says what part of the site it is, the last what page.
        for place in [final.first, final.last].compactMap({ $0 }) where !asked.contains(place) {
            let sign = "the page led to \"/\(place)\""
            if captchaPlaces.contains(place) { return .challenge(.captcha, sign: sign) }
            if blockPlaces.contains(place) { return .block(.site, sign: sign) }
        }
        return nil
    }

    // MARK: What it says

    private static let captchas = [
        "google.com/recaptcha/", "recaptcha.net/recaptcha/", "hcaptcha.com/", "challenges.cloudflare.com/", "arkoselabs.com/",
        "geetest.com/", "friendlycaptcha.com/",
    ]
    private static let askingWhether = [
        "verify you are human", "verify you are a human", "verify that you are human", "verify that you are a human", "verify you're human",
        "verify you're a human", "verifying you are human", "confirm you are human", "confirm you are a human",
        "confirm that you are human",
        "confirm you are not a robot", "confirm you're not a robot", "confirm that you are not a robot", "make sure you are not a robot",
        "make sure you're not a robot", "prove you are human", "prove you're human", "prove you are not a robot",
        "prove you're not a robot",
        "are you a robot?", "are you human?", "are you a human?", "solve the captcha to continue", "complete the captcha to continue",
        "complete the security check to access", "complete the security check to continue",
    ]
    private static let titlesOfTests: Set<String> = [
        "are you a robot?", "are you human?", "robot check", "bot check", "captcha", "human verification", "verify you are human",
        "security check", "security verification", "bot verification",
    ]
    private static let tooMany = ["too many requests", "rate limit exceeded", "you have been rate limited", "you are being rate limited"]
    private static let refusals = [
        "your ip has been blocked", "your ip address has been blocked", "your ip has been banned", "your ip address has been banned",
        "unusual traffic from your", "automated traffic from your", "automated requests from your", "unusual activity from your",
        "suspicious activity from your", "your request has been blocked",
    ]

    private static func wording(_ view: View) -> BlockPage? {
        guard view.length <= briefText, !view.isForm else { return nil }
        let captcha = captchas.first { mark in view.sources.contains { $0.contains(mark) } }
        if let phrase = askingWhether.first(where: { view.text.contains($0) || view.title.contains($0) }) {
            if let source = captcha {
                return .challenge(.captcha, sign: "a page with a captcha (\(source)) and little else says \"\(phrase)\"")
            }
            // Without a captcha that is known, the title must be about it, too, or there is next to nothing else.
            if titlesOfTests.contains(view.title.string) || view.title.contains(phrase) || view.length <= 300 {
                return .challenge(.captcha, sign: "a page with little else says \"\(phrase)\"")
            }
        } else if titlesOfTests.contains(view.title.string), captcha != nil {
            return .challenge(.captcha, sign: "a page with a captcha and little else has the title \"\(view.title.string)\"")
        }
        if let phrase = tooMany.first(where: { view.title.contains($0) || view.length <= 500 && view.text.contains($0) }) {
            return .block(.rateLimit, sign: "a page with little else says \"\(phrase)\"")
        }
        return refusals.first(where: view.text.contains).map { .block(.site, sign: "a page with little else says \"\($0)\"") }
    }

    // MARK: Without words

    private static func statusAlone(_ view: View) -> BlockPage? {
        switch view.status {
        case 403: .block(.site, sign: "the site answers 403 (forbidden)")
        case 429: .block(.rateLimit, sign: "the site answers 429 (too many requests)")
        default: nil
        }
    }

    /// Frames and scripts may bring what the document lacks; what has a title, or is longer, has something in it that isn't text.
    private static func emptiness(_ view: View) -> BlockPage? {
        let mayHaveContent = (200..<300).contains(view.status) && view.status != 204 && view.status != 205
        let isBare = view.length == 0 && view.title.isEmpty && view.sources.isEmpty && view.htmlLength <= 300
        return mayHaveContent && isBare ? .empty : nil
    }
}

// MARK: - An answer, ready to be searched

extension BlockPage {
    /// Text in one form, for phrases in small letters: white space collapsed, one kind of apostrophe. Only letters of ASCII lose their
    /// case, since all phrases are English.
    private struct Words {
        private let bytes: [UInt8]
        /// Unicode scalars.
        let count: Int

        /// - Parameter limit: scalars that are kept; as many again may be white space that isn't.
        init(_ text: String, limit: Int) {
            var bytes: [UInt8] = []
            var count = 0
            var isBehindSpace = true
            for scalar in text.unicodeScalars.prefix(2 * limit + 1_000) where count <= limit {
                let isSpace = Words.isSpace(scalar)
                if isSpace, isBehindSpace { continue }
                isBehindSpace = isSpace
                count += 1
                switch scalar {
                case _ where isSpace: bytes.append(32)
                case "A"..."Z": bytes.append(UInt8(truncatingIfNeeded: scalar.value) | 0x20)
                case "\u{2019}": bytes.append(UInt8(ascii: "'"))
                case "\u{2026}": bytes += "...".utf8
                default: bytes += scalar.utf8
                }
            }
            if bytes.last == 32 { (count, _) = (count - 1, bytes.removeLast()) }
            self.bytes = bytes
            self.count = count
        }

        private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value <= 32 || scalar.value > 127 && scalar.properties.isWhitespace
        }

        var isEmpty: Bool { bytes.isEmpty }

        var string: String { String(decoding: bytes, as: UTF8.self) }

        func contains(_ phrase: String) -> Bool {
            var phrase = phrase
            return phrase.withUTF8 { phrase in
                guard let first = phrase.first else { return true }
                var at = 0
                while at + phrase.count <= bytes.count {
                    if bytes[at] == first {
                        var same = 1
                        while same < phrase.count, bytes[at + same] == phrase[same] { same += 1 }
                        if same == phrase.count { return true }
                    }
                    at += 1
                }
                return false
            }
        }
    }

    /// Bounded.
    private struct View {
        let status: Int
        let headers: [(name: String, value: Words)]
        let title: Words
        let text: Words
        let htmlLength: Int
        let askedURL: String
        let finalURL: String
        let sources: [Words]

        init(_ answer: Answer) {
            status = answer.status ?? 200
            headers = answer.headers.prefix(200).map { ($0.name.lowercased(), Words($0.value, limit: 200)) }
            title = Words(answer.title, limit: 300)
            text = Words(answer.text, limit: BlockPage.shortText)
            htmlLength = answer.htmlLength
            askedURL = String(answer.askedURL.prefix(2_000))
            finalURL = String(answer.finalURL.prefix(2_000))
            sources = answer.sources.prefix(200).map { Words($0, limit: 1_000) }
        }

        /// Characters that can be seen, counted as far as anyone asks and one further.
        var length: Int { text.count }

        /// Statuses under which guards send pages.
        var mayBeGuard: Bool {
            switch status {
            case 200..<300, 403, 405, 406, 428, 429: true
            // A busy server says when it will be back.
            case 503: !headers.contains { $0.name == "retry-after" }
            default: false
            }
        }

        /// Words of forms for people who want to write, log in or join: the captcha guards the form, not the page.
        var isForm: Bool {
            let words = [
                "email", "e-mail", "password", "username", "user name", "first name", "last name", "your name", "your message", "subject",
                "phone", "comment", "sign in", "log in", "login", "sign up", "register", "remember me", "newsletter",
            ]
            return words.count(where: text.contains) >= 2
        }

        func has(_ clue: Clue) -> Bool {
            switch clue {
            case .header(let name, let value): headers.contains { $0.name == name && $0.value.contains(value) }
            case .status(let statuses): statuses.contains(status)
            case .title(let words): title.contains(words)
            case .text(let words): text.contains(words)
            case .source(let part): sources.contains { $0.contains(part) }
            case .blank: length <= 60
            }
        }

        func quote(_ clue: Clue) -> String? {
            switch clue {
            case .header(let name, let value): value.isEmpty ? "there is a header \(name)" : "the header \(name) says \"\(value)\""
            case .status: "the status is \(status)"
            case .title(let words): "the title says \"\(words)\""
            case .text(let words): "the text says \"\(words)\""
            case .source(let part): "the page loads \"\(part)\""
            case .blank: "there is next to no text"
            }
        }

        /// Of the path, in small letters, without endings as ".html".
        static func segments(of url: String) -> [String] {
            let path = url.prefix { $0 != "?" && $0 != "#" }
            let start = path.firstRange(of: "://").map { path[$0.upperBound...].drop { $0 != "/" } } ?? path
            return start.split(separator: "/").map { $0.prefix { $0 != "." }.lowercased() }
        }
    }
}
