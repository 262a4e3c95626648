/// What a site's answer to /robots.txt means for its pages (RFC 9309 section 2.3.1), and for how long it holds (section 2.4).
/// Times are microseconds of one clock that the caller chooses.
package enum RobotsAccess: Sendable {
    /// The rules of the file count.
    case rules(RobotsFile)
    /// There are none: 4xx, or a file that was never there.
    case unrestricted
    /// The server fails, so that nothing may be asked; `reason` says how.
    case closed(reason: String)

    /// How long an answer is used before the file is asked for again: 24 hours, or less where `Cache-Control: max-age` says so.
    package static let freshness: Int64 = 86_400_000_000
    /// Server errors are asked about again sooner.
    package static let failureFreshness: Int64 = 600_000_000
    /// The last good file serves so long while the server fails; then everything is closed.
    package static let goodLifetime: Int64 = 30 * 86_400_000_000

    /// - Parameters:
    ///   - status: HTTP status after redirects; 0 where there was no answer.
    ///   - goodBody, goodAt: the last 2xx answer and when it was had.
    package init(status: Int, body: [UInt8]?, goodBody: [UInt8]?, goodAt: Int64?, now: Int64) {
        switch status {
        case 200..<300: self = .rules(RobotsFile(body ?? []))
        // 429 says "not now", not "there is none".
        case 400..<500 where status != 429: self = .unrestricted
        // A chain of redirects that was too long (section 2.3.1.2).
        case 300..<400: self = .unrestricted
        default:
            if let goodBody, let goodAt, now - goodAt < RobotsAccess.goodLifetime {
                self = .rules(RobotsFile(goodBody))
            } else {
                self = .closed(reason: status == 0 ? "robots.txt can't be reached" : "robots.txt answers \(status)")
            }
        }
    }

    /// For how long an answer holds, in microseconds.
    package static func freshFor(status: Int, maxAge: Int64?) -> Int64 {
        guard status != 0, status != 429, status < 500 else { return failureFreshness }
        guard let maxAge, maxAge >= 0 else { return freshness }
        // Under a minute a page with many parts would ask for it again and again.
        return min(freshness, max(60, min(maxAge, 86_400)) * 1_000_000)
    }

    package func verdict(for agent: String, on url: String) -> RobotsVerdict {
        switch self {
        case .rules(let file): file.verdict(for: agent, on: url)
        case .unrestricted: RobotsVerdict(isAllowed: true, rule: nil, line: 0, group: .none)
        case .closed: RobotsVerdict(isAllowed: false, rule: nil, line: 0, group: .none)
        }
    }
}
