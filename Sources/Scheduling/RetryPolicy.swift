package import Visiting

/// Whether a visit that failed is tried again, and when. Values only: who calls acts.
package struct RetryPolicy: Sendable, Equatable {
    package enum Decision: Sendable, Equatable {
        /// It stays as it is.
        case keep
        case again(after: Duration)
        /// Tried as often as makes sense.
        case giveUp
    }

    /// Tries, the first included.
    package var attempts = 3
    /// The same where each can go through another proxy.
    package var attemptsByProxy = 8
    /// Before the second try; each later one waits twice as long.
    package var firstPause = Duration.seconds(2)
    package var longestPause = Duration.seconds(600)
    /// Longer than this nobody is made to wait, not even where the site asks for it: the visit fails instead. Nil: as long as it takes.
    package var patience: Duration?

    package init() {}

    /// For a person at a terminal.
    package static var interactive: RetryPolicy {
        var policy = RetryPolicy()
        policy.patience = .seconds(30)
        return policy
    }

    /// - Parameters:
    ///   - attempt: number of the try that failed, from 1 on.
    ///   - advice: what the fault says about trying again.
    ///   - rest: what the site asked for (Retry-After).
    ///   - luck: from 0 to 1, spreads the tries of many visits that failed together.
    package func decide(attempt: Int, advice: RetryAdvice, rest: Duration? = nil, luck: Double) -> Decision {
        guard advice != .never else { return .keep }
        guard attempt < attempts else { return .giveUp }
        let doubled = min(longestPause, firstPause * (1 << min(max(attempt - 1, 0), 20)))
        // Half of it is certain, so that a pause is never nothing.
        let pause = max(doubled * (0.5 + 0.5 * min(max(luck, 0), 1)), rest ?? .zero)
        if let patience, pause > patience { return .giveUp }
        return .again(after: pause)
    }
}
