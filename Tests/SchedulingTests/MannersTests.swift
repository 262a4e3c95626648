import Testing

import Politeness
import Scheduling
import Store

private let second: Int64 = 1_000_000
/// A moment far from the beginning of time.
private let now: Int64 = 1_800_000_000 * second

private func manners(_ rules: String = "") throws -> Manners { Manners(rules: try HostRules(rules)) }

@Suite struct MannersTests {
    /// A host that nobody has asked yet: one visit at a time and a second between them; on this machine neither; a rule counts from the start.
    @Test(arguments: [
        ("a.example", false, "", second, 1), ("127.0.0.1", true, "", 0, 64), ("a.example", false, "*.example delay=3s concurrency=2", 3 * second, 2),
    ])
    func strangers(host: String, isLoopback: Bool, rules: String, delay: Int64, cap: Int) throws {
        let terms = try manners(rules).terms(of: host, isLoopback: isLoopback)
        #expect(terms.delay == delay && terms.cap == cap && terms.nextAt <= now)
    }

    /// What a visit saw is in the row afterwards: a rest that was asked for, a crawl-delay, a slow answer.
    @Test func learning() throws {
        let terms = try manners().terms(of: "a.example", isLoopback: false)
        let rested = Manners.learned(terms, .answered(status: 429, latency: 0, retryAfter: 90 * second), askedAgo: 0, crawlDelay: nil, at: now)
        #expect(rested.nextAt >= now + 90 * second && rested.delay > second)
        let delayed = Manners.learned(terms, .answered(status: 200, latency: 0), askedAgo: 0, crawlDelay: 7 * second, at: now)
        #expect(delayed.delay == 7 * second && delayed.least == 7 * second)
        let slow = Manners.learned(terms, .answered(status: 200, latency: 9 * second), askedAgo: 0, crawlDelay: nil, at: now)
        #expect(slow.delay == 5 * second)
    }

    /// A host that fails again and again is left alone, by one visit after the other.
    @Test func parking() throws {
        var terms = try manners().terms(of: "a.example", isLoopback: false)
        for n in 0..<5 {
            #expect(terms.nextAt < now + Int64(n) * second + 2 * second)
            terms = Manners.learned(terms, .unreachable, askedAgo: 0, crawlDelay: nil, at: now + Int64(n) * second)
        }
        #expect(terms.nextAt >= now + 60 * second && terms.cap == 1)
        #expect(try manners().released(terms, "a.example", at: now + 5 * second).nextAt <= now + 7 * second)
    }

    /// A rule that is set, changed or taken away reaches hosts that are known; where nothing changes, nothing is written.
    @Test func rules() throws {
        let terms = try manners().terms(of: "a.example", isLoopback: false)
        #expect(try manners().ruled(terms, "a.example") == nil)
        let ruled = try #require(try manners("a.example delay=5s").ruled(terms, "a.example"))
        #expect(ruled.delay == 5 * second)
        #expect(try manners().ruled(ruled, "a.example")?.delay == second)
        let parked = try #require(try manners("a.example parked=always").ruled(terms, "a.example"))
        #expect(parked.nextAt == .max)
        #expect(try manners().released(parked, "a.example", at: now).nextAt <= now + second)
    }

    /// A page may lead on to a host whose clock has come, and moves it on as a visit would; else it says for how long to wait.
    @Test func leadingOn() throws {
        var terms = try manners().terms(of: "b.example", isLoopback: false)
        #expect(Manners.goOn(&terms, at: now, luck: 0.5) == .go)
        #expect(terms.nextAt == now + second)
        #expect(Manners.goOn(&terms, at: now + second / 4, luck: 0.5) == .wait(3 * second / 4))
        #expect(terms.nextAt == now + second)
        #expect(Manners.goOn(&terms, at: now + second, luck: 0.5) == .go)
    }

    /// Where several visits may be on their way at once, one that is led there counts as a departure like theirs.
    @Test func leadingOnInAHurry() throws {
        var terms = try manners("b.example concurrency=3").terms(of: "b.example", isLoopback: false)
        #expect(Manners.goOn(&terms, at: now, luck: 0.5) == .go)
        #expect(Manners.leave(&terms, at: now + 1000) != .go)
    }

    /// The clock moves on by about the delay, never by less than the floor; of several visits together each leaves a floor after the one before.
    @Test func goingOn() throws {
        let terms = try manners().terms(of: "a.example", isLoopback: false)
        for luck in [0.0, 0.5, 0.999] {
            let next = Manners.next(terms, at: now, luck: luck) - now
            #expect(next >= 700_000 && next <= 1_300_000)
        }
        var several = try manners("* concurrency=3").terms(of: "a.example", isLoopback: false)
        #expect(Manners.leave(&several, at: now) == .go)
        guard case .wait(let time) = Manners.leave(&several, at: now + 1000) else {
            Issue.record("the second left at once")
            return
        }
        #expect(time >= 690_000 && Manners.leave(&several, at: now + 1000 + time) == .go)
    }

    /// A row from before anything was known of hosts.
    @Test func oldRows() {
        let learned = Manners.learned(HostTerms(delay: 0, cap: 64), .answered(status: 200, latency: 100), askedAgo: 0, crawlDelay: nil, at: now)
        #expect(learned.delay == 0 && learned.cap == 64)
    }
}
