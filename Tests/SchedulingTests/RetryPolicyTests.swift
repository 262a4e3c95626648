import Testing

import Scheduling
import Visiting

@Suite struct RetryPolicyTests {
    /// What won't pass is not tried again; what may is, later each time, until it has been tried often enough.
    @Test(arguments: [
        (RetryAdvice.never, 1, RetryPolicy.Decision.keep), (.again, 1, .again(after: .seconds(2))), (.again, 2, .again(after: .seconds(4))),
        (.again, 3, .giveUp), (.elsewhere, 1, .again(after: .seconds(2))), (.never, 3, .keep),
    ])
    func decisions(advice: RetryAdvice, attempt: Int, expected: RetryPolicy.Decision) {
        #expect(RetryPolicy().decide(attempt: attempt, advice: advice, luck: 1) == expected)
    }

    /// Visits that failed together don't come back together, and none at once.
    @Test func jitter() {
        #expect(RetryPolicy().decide(attempt: 1, advice: .again, luck: 0) == .again(after: .seconds(1)))
        #expect(RetryPolicy().decide(attempt: 1, advice: .again, luck: 0.5) == .again(after: .milliseconds(1500)))
    }

    /// The site's wish counts where it is longer; a farm waits as long as that takes, a person is not made to.
    @Test func retryAfter() {
        #expect(RetryPolicy().decide(attempt: 1, advice: .again, rest: .seconds(3600), luck: 1) == .again(after: .seconds(3600)))
        #expect(RetryPolicy.interactive.decide(attempt: 1, advice: .again, rest: .seconds(31), luck: 1) == .giveUp)
        #expect(RetryPolicy.interactive.decide(attempt: 1, advice: .again, rest: .seconds(5), luck: 1) == .again(after: .seconds(5)))
    }

    /// However often: the pause has a limit, and nothing overflows.
    @Test func longPauses() {
        var policy = RetryPolicy()
        policy.attempts = .max
        #expect(policy.decide(attempt: 1_000_000, advice: .again, luck: 1) == .again(after: policy.longestPause))
    }
}
