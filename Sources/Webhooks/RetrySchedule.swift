/// When a webhook is sent again that was not received: after 1, 5, 15 and 60 minutes, then no more.
package struct RetrySchedule: Sendable, Hashable {
    /// What came back for an attempt.
    package enum Answer: Sendable, Hashable {
        /// An HTTP status, and how long its Retry-After asks to wait.
        case status(Int, retryAfter: Duration? = nil)
        /// No connection, no answer in time, or none that can be read.
        case none
    }

    package enum Step: Sendable, Hashable {
        /// It was received.
        case done
        /// It is sent again, after this wait.
        case again(after: Duration)
        /// It was not received, and isn't sent again; a person may.
        case givenUp
        /// 410 Gone: the receiver wants no more webhooks, not even others.
        case stopped
    }

    /// Before each attempt but the first, from the one before it.
    package var waits: [Duration] = [.seconds(60), .seconds(300), .seconds(900), .seconds(3_600)]
    /// A receiver that asks for more gets this.
    package var longestWait: Duration = .seconds(6 * 3_600)

    package init() {}

    /// - Parameter attempt: the one that was made, from 1.
    package func step(after attempt: Int, _ answer: Answer) -> Step {
        var asked = Duration.zero
        switch answer {
        case .status(200..<300, _): return .done
        case .status(410, _): return .stopped
        // Redirects are not followed: they would send the body to an address that nobody chose.
        case .status(_, let retryAfter): asked = min(retryAfter ?? .zero, longestWait)
        case .none: break
        }
        guard attempt <= waits.count, let wait = attempt < 1 ? waits.first : waits[attempt - 1] else { return .givenUp }
        return .again(after: max(wait, asked))
    }
}
