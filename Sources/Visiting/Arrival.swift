import Fetching
import Fleet

/// What came for an address, by a browser or without one.
struct Arrival: Sendable {
    var requestedURL: String
    /// Where the page stood in the end.
    var finalURL: String
    /// Nil where there was no HTTP.
    var status: Int?
    var headers: [(name: String, value: String)]
    /// From asking to the first of the answer; without a browser, to the last of it.
    var answeredIn: Duration
    /// As the page loaded them, after decompression.
    var bytes: Int

    init(_ page: RenderedPage) {
        (requestedURL, finalURL, status) = (page.requestedURL, page.finalURL, page.status)
        headers = page.headers.map { ($0.name, $0.value) }
        answeredIn = .seconds(page.times.answer)
        bytes = page.bytes
    }

    init(_ answer: FetchResponse, to url: String) {
        (requestedURL, finalURL, status) = (url, answer.url, answer.status)
        headers = answer.headers.map { ($0.name, $0.value) }
        answeredIn = answer.duration
        bytes = answer.body.count
    }

    /// The values of a header in any case, one a line of the answer.
    func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name }.flatMap { $0.value.split(separator: "\n").map(String.init) }
    }

    var rest: Duration? { values(of: "retry-after").first.flatMap { RobotsGate.rest(retryAfter: $0) } }
}
