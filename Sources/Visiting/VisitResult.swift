package import Documents
package import Crawling
package import Extraction

/// What a fault says about trying again.
package enum RetryAdvice: String, Sendable {
    /// It will be the same tomorrow.
    case never
    /// It may pass.
    case again
    /// It lies in the browser or the way out: with others it may go well at once.
    case elsewhere
}

/// What came of one visit.
package struct VisitResult: Sendable {
    package enum Status: String, Sendable { case completed, partial, failed, skipped }

    /// Whose fault a visit that did not complete was; decides exit codes and whether trying again makes sense.
    package enum Fault: String, Sendable {
        case input, site, ours
    }

    package var status: Status
    package var finalURL: String?
    /// One sentence for a person; nil where the page completed.
    package var reason: String?
    /// Stable word for the reason.
    package var code: String?
    package var fault: Fault?
    package var retry = RetryAdvice.never
    /// The site asked for so much rest (Retry-After).
    package var restFor: Duration?
    package var httpStatus: Int?
    /// From asking for the document to the first of its answer.
    package var answeredIn: Duration?
    package var document: Document?
    /// A page that says it must not be kept, for its links.
    package var unkept: Document?
    /// What the page still waited for when it was taken; nil where it had come to rest.
    package var unsettled: String?
    /// How the page was had; nil for stored ones, and where nothing was asked.
    package var loading: Loading?
    /// The document before any script, where that is to be compared with the page.
    var source: String?
    /// Without its scripts the page says the same; nil where that was not looked at.
    package var isStatic: Bool?
    /// Which proxy of a pool it went through: its label, never its login.
    package var proxy: String?
    package var answer: Answer?
    /// Records of an earlier visit, where the page is as it was (JSON text).
    package var carried: [(body: String, evidence: String)]?
    /// Where the page or sitemap leads, for a crawl.
    package var found: [FoundLink] = []
    /// Sitemaps that a sitemap names.
    package var sitemaps: [String] = []
    package var explanation: JSON?
    /// The robots.txt verdict, allowed or not.
    package var robots: JSON?
    /// What the page says about its use (X-Robots-Tag, meta robots), where that restricts anything.
    package var pageRules: String?
    /// False where the page says that its links are not to be followed.
    package var mayFollow = true
    /// Least time between documents that the site's robots.txt asks for.
    package var crawlDelay: Duration?
    /// When the site was last asked for a document.
    package var askedAt: ContinuousClock.Instant?
    package var cost = Cost()
    /// What `browse` wants beside the document.
    package var captures = Captures()

    package struct Captures: Sendable {
        package var html: String?
        package var screenshot: [UInt8]?
        package var pdf: [UInt8]?

        package init() {}
    }

    package struct Cost: Sendable {
        /// Wall time in milliseconds: all, until the page was ready, reading.
        package var total = 0.0
        package var load = 0.0
        package var read = 0.0
        /// Bytes that came through the relay.
        package var bytes = 0
        package var tokens = 0
        package var chunks = 0

        package var json: JSON {
            func rounded(_ value: Double) -> JSON { .double((value * 10).rounded() / 10) }
            return .of(
                ("ms", rounded(total)), ("loadMs", rounded(load)), ("readMs", rounded(read)), ("bytes", .integer(bytes)),
                ("matcherTokens", .integer(tokens)), ("matcherChunks", .integer(chunks)))
        }
    }

    package init(_ status: Status) { self.status = status }

    /// Where the page stood, and how it was answered.
    mutating func describe(_ page: Arrival) {
        finalURL = page.finalURL
        httpStatus = page.status
        answeredIn = page.answeredIn
        cost.bytes = page.bytes
    }

    /// Words for pages that a site shows instead of what was asked for.
    package static let challenged = "challenge"
    package static let blocked = "blocked"
    package static let empty = "empty"

    package static func skipped(_ code: String, _ reason: String) -> VisitResult {
        var result = VisitResult(.skipped)
        (result.fault, result.code, result.reason) = (.site, code, reason)
        return result
    }

    package static func failed(_ fault: Fault, code: String, _ reason: String, retry: RetryAdvice = .never) -> VisitResult {
        var result = VisitResult(.failed)
        result.fault = fault
        result.code = code
        result.reason = reason
        result.retry = retry
        return result
    }
}
