import Testing

@testable import Proxies

private let served = ProxyOutcome.served(latency: second)
private let refused = ProxyOutcome.dead(.unreachable)

/// Probed as soon as it may be, so often, each time with the outcome; the last report comes a second after the visit began.
extension ProxyHealth {
    fileprivate func probed(_ outcome: ProxyOutcome, times: Int = 1) -> ProxyHealth {
        (0..<times).reduce(self) { health, _ in
            let start = health.opens
            return health.begun(at: start).after(outcome, from: "a.example", begunAt: start, at: start + second)
        }
    }

    /// The end of its cool-down.
    fileprivate var opens: Int64 {
        guard case .cooling(let until) = state(at: 0) else { return 0 }
        return until
    }

    /// A visit that begins and ends at `now`.
    fileprivate func visited(_ outcome: ProxyOutcome, _ host: String = "a.example", at now: Int64) -> ProxyHealth {
        begun(at: now).after(outcome, from: host, begunAt: now, at: now)
    }
}

extension ProxyHostHealth {
    fileprivate func visited(_ outcome: ProxyOutcome, at now: Int64) -> ProxyHostHealth {
        begun(at: now).after(outcome, begunAt: now, at: now)
    }
}

@Suite struct ProxyHealthTests {
    /// Refused at second 100, so cooling until 110.
    private let dead = ProxyHealth().visited(refused, at: 100 * second)

    /// What was served, banned once, or learnt nothing stays healthy.
    @Test(arguments: [served, .banned, .nothing])
    func staysHealthy(_ outcome: ProxyOutcome) { #expect(ProxyHealth().visited(outcome, at: second).state(at: second) == .healthy) }

    /// A dead one cools down for ten seconds, then wants a probe.
    @Test func coolsDown() {
        #expect(dead.state(at: 100 * second) == .cooling(until: 110 * second))
        #expect(dead.state(at: 110 * second - 1) == .cooling(until: 110 * second))
        #expect(dead.state(at: 110 * second) == .due)
    }

    /// A visit that begins then is the probe, and nobody else is.
    @Test func isProbedOnce() {
        let probed = dead.begun(at: 111 * second)
        #expect(probed.state(at: 112 * second) == .probing(until: 231 * second))
        #expect(probed.begun(at: 113 * second) == probed)
    }

    /// A visit that begins earlier is none.
    @Test func isNotProbedEarly() { #expect(dead.begun(at: 109 * second) == dead) }

    /// A probe that is served heals.
    @Test func heals() {
        let healed = dead.probed(served)
        #expect(healed.state(at: 111 * second) == .healthy)
        #expect(healed.cause == nil && healed.reason == nil)
    }

    /// A probe that a host bans heals too: who is banned is alive.
    @Test func bansProveLife() {
        #expect(dead.probed(.banned).state(at: 111 * second) == .healthy)
    }

    /// Each probe that fails doubles the cool-down, up to half an hour.
    @Test(
        arguments: [(1, 20), (2, 40), (7, 1280), (8, 1800), (60, 1800)] as [(Int, Int64)])
    func doubles(_ times: Int, _ seconds: Int64) {
        let before = dead.probed(refused, times: times - 1)
        #expect(dead.probed(refused, times: times).opens == before.opens + second + seconds * second)
    }

    /// Healing forgets how often it failed.
    @Test func healingForgets() {
        let again = dead.probed(refused, times: 5).probed(served)
        #expect(again.visited(refused, at: 9_000 * second).opens == 9_010 * second)
    }

    /// A probe that learnt nothing lets the next one go at once.
    @Test func givesBack() {
        let health = dead.begun(at: 110 * second).after(.nothing, from: "a.example", begunAt: 110 * second, at: 111 * second)
        #expect(health.state(at: 111 * second) == .due)
        #expect(health.begun(at: 111 * second).after(refused, from: "", begunAt: 111 * second, at: 112 * second).opens == 132 * second)
    }

    /// A probe of which nothing is heard has failed at its deadline.
    @Test func lostProbesFail() {
        let probed = dead.begun(at: 110 * second)
        #expect(probed.state(at: 230 * second - 1) == .probing(until: 230 * second))
        #expect(probed.state(at: 230 * second) == .cooling(until: 250 * second))
        #expect(probed.state(at: 250 * second) == .due)
        #expect(probed.begun(at: 250 * second).state(at: 251 * second) == .probing(until: 370 * second))
    }

    /// A probe that reports after its deadline changes nothing.
    @Test(arguments: [served, refused, .nothing])
    func lateProbesDontCount(_ outcome: ProxyOutcome) {
        let health = dead.begun(at: 110 * second).after(outcome, from: "a.example", begunAt: 110 * second, at: 240 * second)
        #expect(health.state(at: 240 * second) == .cooling(until: 250 * second))
        let next = dead.begun(at: 110 * second).begun(at: 250 * second)
        #expect(next.after(outcome, from: "a.example", begunAt: 110 * second, at: 260 * second) == next)
    }

    /// While it cools or is probed, visits that began before change nothing.
    @Test(arguments: [served, refused, .banned, .nothing])
    func oldVisitsDontCount(_ outcome: ProxyOutcome) {
        for health in [dead, dead.begun(at: 110 * second)] {
            #expect(health.after(outcome, from: "a.example", begunAt: 99 * second, at: 115 * second) == health)
        }
        #expect(dead.after(outcome, from: "a.example", begunAt: 100 * second, at: 115 * second).state(at: 115 * second) == .due)
    }

    /// A visit that began before it healed doesn't make it die again.
    @Test func healedStaysHealed() {
        let healed = dead.probed(served)
        #expect(healed.after(refused, from: "a.example", begunAt: 99 * second, at: 130 * second).state(at: 130 * second) == .healthy)
        #expect(healed.after(refused, from: "a.example", begunAt: 112 * second, at: 130 * second).state(at: 130 * second) != .healthy)
    }

    /// A wrong login cools down for hours, up to a day, and says so.
    @Test(
        arguments: [(0, 3_600), (1, 7_200), (5, 86_400), (9, 86_400)] as [(Int, Int64)])
    func loginsTakeLong(_ times: Int, _ seconds: Int64) {
        let start = ProxyHealth().visited(.dead(.login), at: 0)
        let health = start.probed(.dead(.login), times: times)
        let before = times == 0 ? 0 : start.probed(.dead(.login), times: times - 1).opens + second
        #expect(health.opens - before == seconds * second)
        #expect(health.reason?.contains("login") == true)
    }

    /// A failure of another kind begins its own cool-down.
    @Test func kindsAreApart() {
        let health = dead.probed(refused, times: 6).probed(.dead(.login))
        #expect(health.opens == dead.probed(refused, times: 6).opens + second + 3_600 * second)
    }

    // MARK: Suspicion

    /// Banned by so many hosts, one a minute.
    private func banned(by hosts: Int) -> ProxyHealth {
        (0..<hosts).reduce(ProxyHealth()) { $0.visited(.banned, "h\($1).example", at: Int64($1) * 60 * second) }
    }

    /// Banned by five hosts in half an hour it cools down for all.
    @Test func manyBansAreSuspicious() {
        #expect(banned(by: 4).state(at: 180 * second) == .healthy)
        #expect(banned(by: 5).state(at: 240 * second) == .cooling(until: 540 * second))
        #expect(banned(by: 5).reason == "5 hosts ban it")
    }

    /// One host that bans often is one host.
    @Test func oneHostCountsOnce() {
        let health = (0..<20).reduce(ProxyHealth()) { $0.visited(.banned, at: $1 * second) }
        #expect(health.state(at: 20 * second) == .healthy)
    }

    /// Bans of more than half an hour ago are forgotten.
    @Test func oldBansAreForgotten() {
        #expect(banned(by: 4).visited(.banned, "x.example", at: 1_800 * second).state(at: 1_800 * second) == .healthy)
        #expect(banned(by: 4).visited(.banned, "x.example", at: 1_799 * second).state(at: 1_799 * second) != .healthy)
    }

    /// A host that is served clears it of suspicion.
    @Test func servingClears() {
        let health = banned(by: 4).visited(served, "y.example", at: 200 * second).visited(.banned, "x.example", at: 201 * second)
        #expect(health.state(at: 201 * second) == .healthy)
    }

    /// A suspected one that is banned again cools for twice as long; being alive isn't enough.
    @Test func suspicionStays() {
        #expect(banned(by: 5).probed(.banned).state(at: 541 * second) == .cooling(until: 1_141 * second))
    }

    // MARK: Stored

    /// What is stored is read again, in every state.
    @Test func isStored() {
        let states = [
            ProxyHealth(), dead, dead.begun(at: 110 * second),
            dead.begun(at: 110 * second).after(.nothing, from: "", begunAt: 110 * second, at: 111 * second),
            dead.probed(served), dead.probed(.dead(.login)), banned(by: 4), banned(by: 5),
        ]
        for health in states { #expect(ProxyHealth(stored: health.stored) == health) }
        #expect(Set(states.map(\.stored)).count == states.count)
    }

    /// What can't be read, or can't be, is nothing known.
    @Test(
        arguments: [
            "", "{}", "null", "[", #"{"bans":[],"coolDown":{"level":-1,"since":0,"until":0}}"#,
            #"{"bans":[],"coolDown":{"level":1,"since":0,"until":0}}"#,
            #"{"bans":[],"cause":{"suspected":{}},"coolDown":{"level":1,"since":0,"until":9223372036854775807}}"#,
            #"{"bans":[],"cause":{"suspected":{}},"coolDown":{"level":1,"since":-9223372036854775808,"until":9223372036854775807}}"#,
            #"{"bans":[],"cause":{"suspected":{}},"coolDown":{"level":1,"since":0,"until":86400000001}}"#,
            #"{"bans":[],"cause":{"suspected":{}},"coolDown":{"level":99,"since":0,"until":0}}"#,
            #"{"bans":[],"cause":{"suspected":{}},"coolDown":{"level":1,"probe":9223372036854775807,"since":0,"until":0}}"#,
            #"{"bans":[],"cause":{"suspected":{}},"coolDown":{"level":1,"probe":-9223372036854775808,"since":9,"until":0}}"#,
            #"{"bans":[],"cause":{"dead":{"_0":"haunted"}},"coolDown":{"level":1,"since":0,"until":0}}"#,
        ])
    func unreadableIsFresh(_ text: String) {
        #expect(ProxyHealth(stored: text) == ProxyHealth())
    }

    /// Moments at the ends of what fits don't trap.
    @Test(arguments: [Int64.min, .max]) func survivesAnyMoment(_ now: Int64) {
        for outcome in [served, refused, .banned, .nothing] {
            _ = dead.begun(at: now).after(outcome, from: "", begunAt: now, at: now).state(at: now)
            _ = ProxyHostHealth().visited(.banned, at: now).begun(at: now).after(outcome, begunAt: now, at: now).state(at: now)
        }
    }
}

@Suite struct ProxyHostHealthTests {
    /// Banned at second 100, so cooling until 160.
    private let banned = ProxyHostHealth().visited(.banned, at: 100 * second)

    /// A ban cools down for a minute, then wants one probe.
    @Test func coolsDown() {
        #expect(banned.state(at: 159 * second) == .cooling(until: 160 * second))
        #expect(banned.state(at: 160 * second) == .due)
        #expect(banned.begun(at: 160 * second).state(at: 161 * second) == .probing(until: 280 * second))
    }

    /// Each ban in a row doubles it, up to six hours.
    @Test(
        arguments: [(1, 120), (2, 240), (8, 15_360), (9, 21_600), (40, 21_600)] as [(Int, Int64)])
    func doubles(_ times: Int, _ seconds: Int64) {
        var health = banned
        var now: Int64 = 0
        for _ in 0..<times {
            if case .cooling(let until) = health.state(at: 0) { now = until }
            health = health.visited(.banned, at: now)
        }
        #expect(health.state(at: now) == .cooling(until: now + seconds * second))
    }

    /// A probe that is served heals.
    @Test func heals() {
        #expect(banned.visited(served, at: 160 * second).state(at: 160 * second) == .healthy)
    }

    /// A probe of a proxy that turned out dead tells nothing of the host.
    @Test(arguments: [refused, .nothing]) func deadIsNoBan(
        _ outcome: ProxyOutcome
    ) {
        #expect(banned.visited(outcome, at: 160 * second).state(at: 160 * second) == .due)
        #expect(ProxyHostHealth().visited(outcome, at: 160 * second).state(at: 160 * second) == .healthy)
    }

    /// A probe of which nothing is heard has failed at its deadline.
    @Test func lostProbesFail() {
        #expect(banned.begun(at: 160 * second).state(at: 280 * second) == .cooling(until: 400 * second))
        #expect(
            banned.begun(at: 160 * second).after(.banned, begunAt: 160 * second, at: 290 * second).state(at: 290 * second)
                == .cooling(until: 400 * second))
    }

    /// Bans of visits that began before the last one change nothing.
    @Test func oldVisitsDontCount() {
        #expect(banned.after(.banned, begunAt: 90 * second, at: 130 * second) == banned)
        #expect(banned.after(served, begunAt: 90 * second, at: 130 * second) == banned)
    }

    /// What is stored is read again, and what can't be read is nothing known.
    @Test func isStored() {
        for health in [ProxyHostHealth(), banned, banned.begun(at: 170 * second), banned.visited(served, at: 170 * second)] {
            #expect(ProxyHostHealth(stored: health.stored) == health)
        }
        for text in [
            "", "{}", #"{"coolDown":{"level":1,"since":0,"until":9223372036854775807}}"#, #"{"coolDown":{"level":0,"since":0,"until":5}}"#,
        ] {
            #expect(ProxyHostHealth(stored: text) == ProxyHostHealth())
        }
    }
}
