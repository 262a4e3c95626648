import Testing
import Webhooks

@Suite struct RetryScheduleTests {
    /// What isn't received is sent after 1, 5, 15 and 60 minutes, then no more.
    @Test func waits() {
        let steps = (1...6).map { RetrySchedule().step(after: $0, .none) }
        #expect(steps == [60, 300, 900, 3_600].map { .again(after: .seconds($0)) } + [.givenUp, .givenUp])
    }

    /// What is received is done, also at the last attempt.
    @Test(arguments: [200, 201, 204, 299], [1, 5]) func isDone(
        _ status: Int, _ attempt: Int
    ) {
        #expect(RetrySchedule().step(after: attempt, .status(status)) == .done)
    }

    /// A receiver that is gone gets nothing more, even if it asks for it.
    @Test func isStopped() {
        #expect(RetrySchedule().step(after: 1, .status(410, retryAfter: .seconds(1))) == .stopped)
    }

    /// Any other answer is tried again.
    @Test(arguments: [0, 100, 199, 300, 301, 304, 400, 401, 403, 404, 409, 411, 429, 500, 503, 999])
    func isTriedAgain(_ status: Int) {
        #expect(RetrySchedule().step(after: 2, .status(status)) == .again(after: .seconds(300)))
        #expect(RetrySchedule().step(after: 5, .status(status)) == .givenUp)
    }

    /// A receiver that asks for more time gets it, up to six hours, never less than the schedule's.
    @Test(arguments: [(-5, 300), (0, 300), (299, 300), (301, 301), (21_600, 21_600), (21_601, 21_600), (1 << 40, 21_600)])
    func minds(_ asked: Int64, _ wait: Int64) {
        #expect(RetrySchedule().step(after: 2, .status(503, retryAfter: .seconds(asked))) == .again(after: .seconds(wait)))
    }

    /// An attempt that can't be has a step, too.
    @Test(arguments: [Int.min, -1, 0]) func neverTraps(_ attempt: Int) {
        #expect(RetrySchedule().step(after: attempt, .none) == .again(after: .seconds(60)))
    }
}
