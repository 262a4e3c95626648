import Testing

@testable import Politeness

private func ok(_ latency: Int64 = 0) -> HostOutcome { .answered(status: 200, latency: latency) }
private let refused = HostOutcome.answered(status: 429, latency: 0)

extension HostPace {
    /// After several outcomes, one a second from `start` on.
    fileprivate func after(_ outcomes: [HostOutcome], from start: Int64 = 0) -> HostPace {
        outcomes.enumerated().reduce(self) { $0.after($1.element, at: start + Int64($1.offset) * second) }
    }

    /// Refused so often, each time when it had rested.
    fileprivate func refused(times: Int) -> HostPace {
        (0..<times).reduce(self) { pace, _ in pace.after(.answered(status: 429, latency: 0), at: pace.restUntil ?? 0) }
    }
}

@Suite struct HostDelayTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var claim: String
        var pace: HostPace
        var delay: Int64
        var testDescription: String { claim }
    }

    static let cases = [
        Case(claim: "the usual delay where nobody says anything", pace: HostPace(), delay: second),
        Case(claim: "a longer crawl-delay counts", pace: HostPace().knowing(crawlDelay: 12 * second), delay: 12 * second),
        Case(claim: "a shorter one doesn't", pace: HostPace().knowing(crawlDelay: second / 10), delay: second),
        Case(
            claim: "one that is gone is forgotten", pace: HostPace().knowing(crawlDelay: 9 * second).knowing(crawlDelay: nil), delay: second
        ),
        Case(claim: "a crawl-delay is a day at most", pace: HostPace().knowing(crawlDelay: .max), delay: 86_400 * second),
        Case(claim: "one below nothing is none", pace: HostPace().knowing(crawlDelay: .min), delay: second),
        Case(claim: "a rule may ask for more", pace: HostPace(rule: HostRule(delay: 3 * second)), delay: 3 * second),
        Case(claim: "a rule may allow less", pace: HostPace(rule: HostRule(delay: second / 5)), delay: second / 5),
        Case(
            claim: "but not less than the crawl-delay", pace: HostPace(rule: HostRule(delay: second / 5)).knowing(crawlDelay: 2 * second),
            delay: 2 * second),
        Case(claim: "a slow host waits longer", pace: HostPace().after([ok(9 * second)]), delay: 5 * second),
        Case(
            claim: "the larger of adaptive delay and rule", pace: HostPace(rule: HostRule(delay: 8 * second)).after([ok(9 * second)]),
            delay: 8 * second),
        Case(claim: "this machine doesn't wait", pace: HostPace(isLoopback: true), delay: 0),
        Case(claim: "not for its crawl-delay", pace: HostPace(isLoopback: true).knowing(crawlDelay: 5 * second), delay: 0),
        Case(claim: "nor for slow answers", pace: HostPace(isLoopback: true).after([ok(9 * second)]), delay: 0),
        Case(claim: "nor because it refuses", pace: HostPace(isLoopback: true).after([refused]), delay: 0),
        Case(claim: "unless a rule says so", pace: HostPace(isLoopback: true, rule: HostRule(delay: 2 * second)), delay: 2 * second),
        Case(claim: "a rule about something else doesn't", pace: HostPace(isLoopback: true, rule: HostRule(concurrency: 2)), delay: 0),
    ]

    /// The largest of crawl-delay, the operator's rule and the adaptive delay counts.
    @Test(arguments: cases) func theLargestCounts(_ example: Case) { #expect(example.pace.delay == example.delay) }

    /// What a site or a rule asks for is never shortened; our own delay is, down to seven tenths.
    @Test(
        arguments: [
            (HostPace(), 700_000), (HostPace().knowing(crawlDelay: 900_000), 900_000), (HostPace(rule: HostRule(delay: second)), 1_000_000),
            (HostPace(rule: HostRule(delay: 200_000)), 200_000), (HostPace().after([ok(9 * second)]), 3_500_000),
            (HostPace(isLoopback: true), 0),
        ] as [(HostPace, Int64)])
    func whatWasAskedForIsTheFloor(_ pace: HostPace, _ floor: Int64) { #expect(pace.clock.floor == floor) }
}

@Suite struct AdaptiveDelayTests {
    /// It goes half the way to the response time, again and again.
    @Test func followsResponseTimes() {
        #expect(HostPace().after([ok(5 * second), ok(5 * second)]).adaptive == 4 * second)
    }

    /// Where two visits may be under way, each counts half.
    @Test func aimsAtTheConcurrency() {
        #expect(HostPace(rule: HostRule(concurrency: 2)).after([ok(6 * second)]).adaptive == 2 * second)
    }

    /// Fast answers bring it down again, but not below the usual delay.
    @Test func endsAtTheUsualDelay() {
        #expect(HostPace().after([ok(9 * second)] + Array(repeating: ok(), count: 50)).adaptive == second)
    }

    /// A rule that allows less is where it ends.
    @Test func endsAtTheRule() {
        #expect(HostPace(rule: HostRule(delay: second / 4)).after(Array(repeating: ok(), count: 50)).adaptive == second / 4)
    }

    /// Fast answers that are not 200 don't lower it.
    @Test(arguments: [204, 304, 404, 429, 500, 503])
    func errorsDontLowerIt(_ status: Int) {
        let slow = HostPace().after([ok(9 * second)])
        #expect(slow.after([.answered(status: status, latency: 0)]).adaptive == slow.adaptive)
    }

    /// Slow ones raise it.
    @Test func slowErrorsRaiseIt() {
        #expect(HostPace().after([.answered(status: 404, latency: 5 * second)]).adaptive == 3 * second)
    }

    /// It stays within a minute, whatever is measured.
    @Test(arguments: [(Int64.max, 60 * second), (.min, second)])
    func isBounded(_ latency: Int64, _ adaptive: Int64) {
        #expect(HostPace().after(Array(repeating: ok(latency), count: 20)).adaptive == adaptive)
    }
}

@Suite struct BackOffTests {
    /// 429, 503 and challenges double the delay.
    @Test(arguments: [.answered(status: 429, latency: 0), .answered(status: 503, latency: 0), .challenged] as [HostOutcome])
    func refusalsDoubleTheDelay(_ outcome: HostOutcome) { #expect(HostPace().after([outcome]).delay == 2 * second) }

    /// Each refusal doubles it again, up to ten minutes.
    @Test(arguments: [(1, 2), (2, 4), (5, 32), (9, 512), (10, 600), (50, 600)] as [(Int, Int64)])
    func theDelayGrowsToABound(_ times: Int, _ seconds: Int64) { #expect(HostPace().refused(times: times).delay == seconds * second) }

    /// A delay that is longer than that anyhow is kept.
    @Test func longDelaysAreKept() {
        #expect(HostPace().knowing(crawlDelay: 3_600 * second).refused(times: 3).delay == 3_600 * second)
    }

    /// Without Retry-After the host rests for the new delay.
    @Test func restsForTheDelay() { #expect(HostPace().after([refused], from: 100 * second).notBefore == 102 * second) }

    /// Retry-After counts where it is longer.
    @Test(arguments: [(0, 2), (1, 2), (30, 30), (999_999, 86_400)] as [(Int64, Int64)])
    func restsAsLongAsAsked(_ asked: Int64, _ seconds: Int64) {
        let pace = HostPace().after(.answered(status: 429, latency: 0, retryAfter: asked * second), at: 0)
        #expect(pace.notBefore == seconds * second)
    }

    /// Retry-After counts whatever the status.
    @Test func anyAnswerMayAskForRest() {
        #expect(HostPace().after(.answered(status: 301, latency: 0, retryAfter: 9 * second), at: 0).notBefore == 9 * second)
    }

    /// Retry-After counts on this machine too.
    @Test func thisMachineMayAskForRest() {
        #expect(HostPace(isLoopback: true).after(.answered(status: 503, latency: 0, retryAfter: 9 * second), at: 0).notBefore == 9 * second)
    }

    /// A later answer doesn't shorten a rest.
    @Test func restsAreNotShortened() {
        let pace = HostPace().after(.answered(status: 429, latency: 0, retryAfter: 60 * second), at: 0)
        #expect(pace.after(.answered(status: 429, latency: 0, retryAfter: second), at: 0).notBefore == 60 * second)
    }

    /// Four visits that are refused together are one refusal.
    @Test func refusalsOfOneMomentAreOne() {
        #expect(HostPace(rule: HostRule(concurrency: 4)).after(Array(repeating: refused, count: 2)).level == 1)
    }

    /// Each refusal halves the concurrency, down to one.
    @Test(arguments: [(1, 4), (2, 2), (3, 1), (9, 1)])
    func refusalsHalveTheConcurrency(_ times: Int, _ concurrency: Int) {
        #expect(HostPace(rule: HostRule(concurrency: 8)).refused(times: times).concurrency == concurrency)
    }

    /// Every five good answers give one place back, up to the rule's.
    @Test(arguments: [(4, 4), (5, 5), (10, 6), (20, 8), (99, 8)])
    func goodAnswersGivePlacesBack(_ answers: Int, _ concurrency: Int) {
        let pace = HostPace(rule: HostRule(concurrency: 8)).refused(times: 1)
        #expect(pace.after(Array(repeating: ok(), count: answers)).concurrency == concurrency)
    }

    /// Every five good answers halve the delay, down to what it was.
    @Test(arguments: [(4, 8), (5, 4), (10, 2), (15, 1), (99, 1)] as [(Int, Int64)])
    func goodAnswersHalveTheDelay(_ answers: Int, _ seconds: Int64) {
        #expect(HostPace().refused(times: 3).after(Array(repeating: ok(), count: answers)).delay == seconds * second)
    }

    /// A refusal between good answers makes them count from the beginning.
    @Test func onlyGoodAnswersInARowCount() {
        let four = Array(repeating: ok(), count: 4)
        #expect(HostPace().after(four + [refused] + four, from: 0).level == 1)
    }

    /// While it is backed off from, nothing is taken off the delay.
    @Test func backedOffDelaysAreKept() { #expect(HostPace().refused(times: 1).clock.floor == 2 * second) }

    /// While it is backed off from, there are no bursts.
    @Test func noBurstsMeanwhile() { #expect(HostPace(rule: HostRule(burst: 9)).refused(times: 1).clock.burst == 1) }

    /// A rule that is changed meanwhile has its concurrency less what is withheld.
    @Test func rulesMayChangeMeanwhile() {
        #expect(HostPace(rule: HostRule(concurrency: 8)).refused(times: 1).under(HostRule(concurrency: 6)).concurrency == 2)
    }
}

@Suite struct BreakerTests {
    private static let down = Array(repeating: HostOutcome.unreachable, count: HostPace.failureLimit)
    /// Parked at second 4, until 64.
    private static let parked = HostPace().after(down)

    /// Five failures in a row park a host for a minute.
    @Test func failuresInARowPark() { #expect(BreakerTests.parked.breaker(at: 5 * second) == .open(until: 64 * second)) }

    /// Server errors are failures too.
    @Test(arguments: [500, 502, 504, 599, 0, -1, 999, Int.min, Int.max])
    func serverErrorsAreFailures(_ status: Int) {
        let pace = HostPace().after(Array(repeating: .answered(status: status, latency: 0), count: 5))
        #expect(pace.breaker(at: 5 * second) == .open(until: 64 * second))
    }

    /// Fewer don't, nor with an answer among them.
    @Test(arguments: [
        [HostOutcome](repeating: .unreachable, count: 4), down.dropLast() + [.answered(status: 404, latency: 0)] + down.dropLast(),
    ])
    func lessDoesNotPark(_ outcomes: [HostOutcome]) { #expect(HostPace().after(outcomes).breaker(at: 0) == .closed) }

    /// The clock doesn't come before the parking is over.
    @Test func aParkedHostIsNotAsked() { #expect(BreakerTests.parked.notBefore == 64 * second) }

    /// Visits that were under way when it was parked neither end that nor make it longer.
    @Test(arguments: [HostOutcome.unreachable, ok(), .answered(status: 404, latency: 0)])
    func lateAnswersAreNoNews(_ outcome: HostOutcome) {
        #expect(BreakerTests.parked.after(outcome, at: 10 * second).breaker(at: 10 * second) == .open(until: 64 * second))
    }

    /// When it is over the host is probed.
    @Test func thenItIsProbed() { #expect(BreakerTests.parked.breaker(at: 64 * second) == .halfOpen) }

    /// By one visit at a time, whatever the rule allows.
    @Test func byOneVisitAtATime() { #expect(BreakerTests.parked.under(HostRule(burst: 5, concurrency: 5)).concurrency == 1) }

    /// Each probe that fails parks it for twice as long, up to an hour.
    @Test(arguments: [(1, 120), (2, 240), (5, 1_920), (6, 3_600), (99, 3_600)] as [(Int, Int64)])
    func failedProbesParkForLonger(_ probes: Int, _ seconds: Int64) {
        var (pace, at) = (BreakerTests.parked, Int64(0))
        for _ in 0..<probes {
            at = pace.notBefore
            pace = pace.after(.unreachable, at: at)
        }
        #expect(pace.notBefore - at == seconds * second)
    }

    /// An answer closes it, be it only "not found".
    @Test(arguments: [200, 301, 403, 404])
    func answersClose(_ status: Int) {
        #expect(BreakerTests.parked.after(.answered(status: status, latency: 0), at: 64 * second).breaker(at: 65 * second) == .closed)
    }

    /// After that it takes as many failures as before.
    @Test func closedIsAsBefore() {
        let closed = BreakerTests.parked.after(ok(), at: 64 * second)
        #expect(closed.after(Array(BreakerTests.down.dropLast()), from: 70 * second).breaker(at: 75 * second) == .closed)
    }

    /// A probe that is refused leaves it half open: the host is there, but not well.
    @Test func refusedProbesLeaveItHalfOpen() {
        #expect(BreakerTests.parked.after(refused, at: 64 * second).breaker(at: 64 * second) == .halfOpen)
    }

    /// A probe that is cancelled changes nothing.
    @Test func cancelledVisitsTeachNothing() {
        #expect(BreakerTests.parked.after(.nothing, at: 64 * second) == BreakerTests.parked)
    }

    /// A host on this machine is not parked.
    @Test func thisMachineIsNotParked() {
        #expect(HostPace(isLoopback: true).after(BreakerTests.down).breaker(at: 0) == .closed)
    }

    /// A rule parks a host however it answers.
    @Test func rulesPark() { #expect(HostPace(rule: HostRule(parkedUntil: 9)).after(ok(), at: 0).notBefore == 9) }

    /// A host that is released may be asked at once, and gets its places and its delay back.
    @Test func releasedHostsGoOn() {
        let pace = HostPace(rule: HostRule(concurrency: 4, parkedUntil: .max)).refused(times: 3).after(
            BreakerTests.down, from: 100 * second)
        #expect(pace.released() == HostPace(rule: HostRule(concurrency: 4)).after([ok()]).released())
    }

    /// Moments at the ends of what fits trap nowhere.
    @Test(arguments: [Int64.min, -1, .max])
    func strangeMomentsDoNoHarm(_ now: Int64) {
        var pace = HostPace()
        for outcome in [refused, .challenged, .answered(status: .max, latency: .max, retryAfter: .max)] + BreakerTests.down
            + BreakerTests.down
        {
            pace = pace.after(outcome, at: now)
        }
        #expect(pace.leaves(after: now) >= now)
    }
}

@Suite struct StoredPaceTests {
    /// What is stored comes back as it was.
    @Test func comesBack() {
        let rule = HostRule(delay: 1, burst: 2, concurrency: 3, parkedUntil: .max)
        let pace = HostPace(isLoopback: true, rule: rule).knowing(crawlDelay: 4).refused(times: 2).after([ok(second), .unreachable])
        #expect(HostPace(stored: pace.stored) == pace)
    }

    /// What is missing is as for a host of which nothing is known.
    @Test func whatIsMissingIsUnknown() { #expect(HostPace(stored: "{}") == HostPace()) }

    /// What can't be read is nil.
    @Test(arguments: ["", "[]", "{\"level\":\"x\"}", "{\"level\":1e400}"])
    func whatIsDamagedIsNil(_ text: String) { #expect(HostPace(stored: text) == nil) }

    /// Numbers that can't be are brought into range.
    @Test func strangeNumbersAreBounded() throws {
        let text = """
            {"level":999,"withheld":-5,"failures":9223372036854775807,"openings":9223372036854775807,"openUntil":-9223372036854775808,
             "goodAnswers":9223372036854775807,"adaptive":9223372036854775807,
             "crawlDelay":-1,"rule":{"concurrency":-1,"burst":0,"delay":-9}}
            """
        let pace = try #require(HostPace(stored: text)).after([.unreachable, ok(), refused, ok()])
        #expect(pace.delay == HostPace.longestBackOff)
        #expect(pace.concurrency == 1)
    }
}
