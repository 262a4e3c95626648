import Testing

@testable import Proxies

private let now = 1_000 * second

/// A proxy as the tests speak of it: what happened to it, and when.
private func proxy(_ id: String, _ state: ProxyStanding = .fine, tags text: String = "", inUse: Int = 0, lastUsed: Int64 = 0)
    -> ProxyCandidate
{
    var (health, hostHealth) = (ProxyHealth(), ProxyHostHealth())
    switch state {
    case .fine: break
    case .dead(let ago, let death): health = health.after(.dead(death), from: "", begunAt: 0, at: now - ago)
    case .banned(let ago): hostHealth = hostHealth.after(.banned, begunAt: 0, at: now - ago)
    }
    return ProxyCandidate(
        id: id, tags: (try? tags(text)) ?? ProxyTags(), inUse: inUse, lastUsed: lastUsed, health: health, hostHealth: hostHealth)
}

enum ProxyStanding: Sendable {
    case fine
    case dead(ago: Int64, ProxyOutcome.Death = .unreachable)
    case banned(ago: Int64)

    static let dead = ProxyStanding.dead(ago: second)
    static let banned = ProxyStanding.banned(ago: second)
    /// Its cool-down is over.
    static let dueDead = ProxyStanding.dead(ago: 11 * second)
    static let dueBanned = ProxyStanding.banned(ago: 61 * second)
}

private func visit(_ attempt: Int = 1, of attempts: Int = 3, failedOn: Set<String> = [], session: String? = nil, held: String? = nil)
    -> ProxyVisit
{
    var visit = ProxyVisit(run: "run", host: "a.example", session: session)
    (visit.attempt, visit.attempts, visit.failedOn, visit.held) = (attempt, attempts, failedOn, held)
    return visit
}

private func choose(
    _ candidates: [ProxyCandidate], _ policy: String = "round-robin", for asked: ProxyVisit = visit(), luck: Double = 0.5, seed: UInt64 = 0
) throws -> ProxyChoice {
    try ProxyPolicy(policy).choose(among: candidates, for: asked, luck: luck, seed: seed, at: now)
}

@Suite struct ProxyChoiceTests {
    // MARK: None

    /// Where all cool down one waits for the first to end, which is the later end of its own two.
    @Test func waits() throws {
        let both = ProxyCandidate(id: "c", health: proxy("", .dead).health, hostHealth: proxy("", .banned).hostHealth)
        #expect(try choose([proxy("a", .dead), proxy("b", .banned)]).way == .wait(.seconds(9)))
        #expect(try choose([both, proxy("b", .banned(ago: 10 * second))]).way == .wait(.seconds(50)))
    }

    /// Where a probe is under way one asks again soon.
    @Test func looksAgain() throws {
        let dead = proxy("a", .dueDead)
        let probed = ProxyCandidate(id: "a", health: dead.health.begun(at: now - second))
        #expect(try choose([probed]).way == .wait(.seconds(2)))
        let nearlyLost = ProxyCandidate(id: "a", health: dead.health.begun(at: now - 119 * second).begun(at: now))
        #expect(try choose([nearlyLost]).way == .wait(.seconds(2)))
    }

    /// An empty pool, and one without a right login, is not waited for.
    @Test func saysWhy() throws {
        #expect(try choose([]).way == .none(.emptyPool))
        let logins = [proxy("a", .dead(ago: second, .login)), proxy("b", .dead(ago: second, .login))]
        #expect(try choose(logins).way == .none(.logins))
        #expect(try choose(logins + [proxy("c", .dead)]).way == .wait(.seconds(9)))
    }

    /// Only who asked to fail open goes out directly, and only if no proxy can be used.
    @Test func failsOpen() throws {
        #expect(try choose([], "random,fail-open").way == .direct)
        #expect(try choose([proxy("a", .dead)], "random,fail-open").way == .direct)
        #expect(try choose([proxy("a", .dueDead)], "random,fail-open").way == .use("a", isProbe: true))
    }

    // MARK: Tiers

    /// The cheapest tier that can be used is used, and what was passed over is said.
    @Test func escalates() throws {
        let dear = [proxy("x", tags: "tier=2"), proxy("y", tags: "tier=3")]
        let cheap = [proxy("a", .banned), proxy("b", .banned), proxy("c", .dead), proxy("d", .banned, tags: "tier=1")]
        let choice = try choose(dear + cheap)
        #expect(choice.way == .use("x", isProbe: false))
        #expect(choice.passed.map(\.description) == ["tier 0: 2 banned, 1 dead", "tier 1: 1 banned"])
        #expect(try choose(dear + cheap + [proxy("e")]).way == .use("e", isProbe: false))
        #expect(try choose(dear + cheap + [proxy("e")]).passed == [])
    }

    /// A proxy that this visit has failed on counts as one that can't be used, in its tier too.
    @Test func failuresEscalate() throws {
        let choice = try choose([proxy("a"), proxy("x", tags: "tier=1")], for: visit(2, failedOn: ["a"]))
        #expect(choice.way == .use("x", isProbe: false))
        #expect(choice.passed.map(\.description) == ["tier 0: 1 failed"])
    }

    /// After its cool-down the cheaper tier is tried again, by first tries.
    @Test(arguments: [ProxyStanding.dueDead, .dueBanned])
    func cheaperOnesComeBack(_ state: ProxyStanding) throws {
        let pool = [proxy("x", tags: "tier=1"), proxy("a", state)]
        #expect(try choose(pool).way == .use("a", isProbe: true))
        #expect(try choose(pool, for: visit(2)).way == .use("x", isProbe: false))
    }

    // MARK: Probes

    /// The only try of a visit is no probe where a healthy proxy is there.
    @Test func lastTriesAreNoProbes() throws {
        #expect(try choose([proxy("x", tags: "tier=1"), proxy("a", .dueDead)], for: visit(1, of: 1)).way == .use("x", isProbe: false))
    }

    /// Without a healthy one any try probes.
    @Test func probesWhatThereIs() throws {
        #expect(try choose([proxy("a", .dueDead), proxy("b", .dead)], for: visit(3)).way == .use("a", isProbe: true))
    }

    /// Beside healthy ones of their tier a quarter of the first tries are probes.
    @Test(arguments: ["round-robin", "least-used", "random"])
    func someProbe(_ policy: String) throws {
        let pool = [proxy("a", .dueDead), proxy("b"), proxy("c", .dueBanned), proxy("d")]
        var counts: [String: Int] = [:]
        for step in 0..<1_000 {
            guard case .use(let id, let isProbe) = try choose(pool, policy, luck: (Double(step) + 0.5) / 1_000).way else { continue }
            #expect(isProbe == ["a", "c"].contains(id))
            counts[isProbe ? "probe" : "healthy", default: 0] += 1
            counts[id, default: 0] += 1
        }
        #expect(counts["probe"] == 250 && counts["healthy"] == 750)
        if policy == "random" { #expect(counts["a"] == 125 && counts["b"] == 375) }
    }

    // MARK: Failed ones

    /// A proxy that this visit has failed on is taken again only if nothing else can be.
    @Test func failedOnesComeLast() throws {
        let failed = visit(2, failedOn: ["a"])
        #expect(try choose([proxy("a"), proxy("b", lastUsed: 9)], for: failed).way == .use("b", isProbe: false))
        #expect(try choose([proxy("a"), proxy("b", .dueDead)], for: failed).way == .use("b", isProbe: true))
        #expect(try choose([proxy("a"), proxy("b", .dead)], for: failed).way == .use("a", isProbe: false))
    }

    // MARK: Strategies

    /// Round robin takes the one that rested longest, then by name.
    @Test func roundRobin() throws {
        #expect(try choose([proxy("a", lastUsed: 3), proxy("b", lastUsed: 2), proxy("c", lastUsed: 4)]).way == .use("b", isProbe: false))
        #expect(try choose([proxy("b", lastUsed: 2), proxy("a", lastUsed: 2)]).way == .use("a", isProbe: false))
    }

    /// Least used takes the one with the fewest under way, then the one that rested longest.
    @Test func leastUsed() throws {
        let pool = [proxy("a", inUse: 2, lastUsed: 0), proxy("b", inUse: 1, lastUsed: 9), proxy("c", inUse: 1, lastUsed: 5)]
        #expect(try choose(pool, "least-used").way == .use("c", isProbe: false))
    }

    /// Round robin spreads evenly over all that are healthy, whoever else dies.
    @Test func roundRobinIsEven() throws {
        for size in 1...9 {
            var pool = (0..<size).map { proxy("p\($0)") } + [proxy("dead", .dead), proxy("banned", .banned)]
            var counts: [String: Int] = [:]
            for turn in 1...101 {
                guard case .use(let id, _) = try choose(pool).way, let index = pool.firstIndex(where: { $0.id == id }) else { continue }
                counts[id, default: 0] += 1
                pool[index] = proxy(id, lastUsed: Int64(turn))
                if turn == 50, size > 1 {
                    #expect((counts.values.max() ?? 0) - (counts.values.min() ?? 0) <= 1)
                    pool[0] = proxy("p0", .dead)
                    counts = [:]
                }
            }
            #expect(counts.count == max(1, size - 1))
            #expect((counts.values.max() ?? 0) - (counts.values.min() ?? 0) <= 1)
        }
    }

    /// Drawn at random, proxies come as often as their weights say.
    @Test(arguments: [1, 2, 3] as [UInt64]) func randomFollowsWeights(
        _ seed: UInt64
    ) throws {
        let weights = [0.5, 1, 2, 4.5]
        let pool = weights.enumerated().map { proxy("\($0.offset)", tags: "weight=\($0.element)") }
        var dice = Dice(seed)
        var counts = [0, 0, 0, 0]
        for _ in 0..<20_000 {
            if case .use(let id, _) = try choose(pool, "random", luck: dice.fraction()).way, let index = Int(id) { counts[index] += 1 }
        }
        // Three degrees of freedom: one in a thousand exceeds it by chance.
        #expect(chiSquare(counts, weights: weights) < 16.3)
    }

    /// Luck at its ends and beyond still draws.
    @Test(arguments: [0, 1, -1, 2, .nan, .infinity] as [Double]) func anyLuckDraws(
        _ luck: Double
    ) throws {
        #expect(try choose([proxy("a"), proxy("b"), proxy("c", .dueDead)], "random", luck: luck).way != .none(.emptyPool))
    }

    // MARK: Stickiness

    /// What each of many sessions gets.
    private func spread(_ pool: [ProxyCandidate], _ policy: String, seed: UInt64 = 0, keys: Int = 5_000) throws -> [String] {
        try (0..<keys).map { key in
            guard case .use(let id, _) = try choose(pool, policy, for: visit(2, session: "s\(key)"), luck: 0.3, seed: seed).way else {
                return ""
            }
            return id
        }
    }

    /// A key has the same proxy each time, whatever the order, the use and the luck.
    @Test func keysAreSticky() throws {
        let pool = (0..<7).map { proxy("p\($0)") }
        let others = (0..<7).reversed().map { proxy("p\($0)", inUse: $0, lastUsed: Int64(99 - $0)) }
        #expect(try spread(pool, "round-robin,sticky=session") == spread(others, "least-used,sticky=session"))
    }

    /// Each kind of key is its own; visits without a session are not sticky.
    @Test func keysAreOfAKind() throws {
        let pool = (0..<40).map { proxy("p\($0)", lastUsed: $0 == 17 ? 0 : 1) }
        func way(_ policy: String, run: String = "r", host: String = "h", session: String? = "s") throws -> ProxyChoice.Way {
            try choose(pool, policy, for: ProxyVisit(run: run, host: host, session: session)).way
        }
        #expect(try way("random,sticky=run") == way("random,sticky=run", host: "x", session: "x"))
        #expect(try way("random,sticky=run") != way("random,sticky=run", run: "x"))
        #expect(try way("random,sticky=host") == way("random,sticky=host", run: "x", session: "x"))
        #expect(try way("random,sticky=host") != way("random,sticky=host", host: "x"))
        #expect(try way("random,sticky=session") == way("random,sticky=session", run: "x", host: "x"))
        #expect(try way("random,sticky=session") != way("random,sticky=session", session: "x"))
        #expect(try way("round-robin,sticky=session", session: nil) == .use("p17", isProbe: false))
    }

    /// Keys are spread evenly, or by weight where proxies are drawn.
    @Test(arguments: ["least-used", "random"]) func keysAreSpread(
        _ strategy: String
    ) throws {
        let weights = [0.5, 1, 2, 4.5]
        let pool = weights.enumerated().map { proxy("\($0.offset)", tags: "weight=\($0.element)") }
        let ids = try spread(pool, strategy + ",sticky=session")
        let counts = weights.indices.map { index in ids.count { $0 == "\(index)" } }
        #expect(chiSquare(counts, weights: strategy == "random" ? weights : [1, 1, 1, 1]) < 16.3)
    }

    /// Where a key ends and a name begins matters to the hash.
    @Test func hashesParts() {
        func hash(_ one: String, _ other: String) -> UInt64 {
            var hash = StableHash(one)
            hash.add(other)
            return hash.value
        }
        #expect(Set([hash("a", "bc"), hash("ab", "c"), hash("abc", ""), hash("", "abc")]).count == 4)
    }

    /// Another seed spreads the keys in another way.
    @Test func seedsDiffer() throws {
        let pool = (0..<4).map { proxy("p\($0)") }
        let (one, other) = (try spread(pool, "random,sticky=session"), try spread(pool, "random,sticky=session", seed: 1))
        let same = zip(one, other).count { $0 == $1 }
        #expect((1_000..<1_500).contains(same))
    }

    /// A proxy that goes moves only its own keys, and spreads them over the others.
    @Test(
        arguments: [ProxyStanding.dead, .banned, .dueDead])
    func onlyItsKeysMove(_ state: ProxyStanding) throws {
        let pool = (0..<5).map { proxy("p\($0)") }
        let before = try spread(pool, "round-robin,sticky=session")
        let after = try spread([proxy("p0", state)] + pool.dropFirst(), "round-robin,sticky=session")
        var moved = [0, 0, 0, 0]
        for (old, new) in zip(before, after) {
            if old == "p0" { moved[(Int(new.dropFirst()) ?? 1) - 1] += 1 } else { #expect(old == new) }
        }
        #expect(chiSquare(moved, weights: [1, 1, 1, 1]) < 16.3)
    }

    /// A key stays with the proxy that it moved to while that one is healthy and no dearer.
    @Test func keysStay() throws {
        let pool = (0..<5).map { proxy("p\($0)") } + [proxy("x", tags: "tier=1")]
        for held in ["p0", "p1", "p2", "p3", "p4"] {
            #expect(try choose(pool, "random,sticky=run", for: visit(held: held)).way == .use(held, isProbe: false))
        }
        let free = try choose(pool, "random,sticky=run").way
        #expect(try choose(pool, "random,sticky=run", for: visit(held: "x")).way == free)
        #expect(try choose(pool, "random,sticky=run", for: visit(held: "gone")).way == free)
        let banned = pool.dropFirst() + [proxy("p0", .banned)]
        #expect(try choose(Array(banned), "random,sticky=run", for: visit(held: "p0")).way != .use("p0", isProbe: false))
    }

    /// A key leaves a proxy that it held and that now wants a probe, for its own.
    @Test func keysDontProbeForOthers() throws {
        let pool = (0..<5).map { proxy("p\($0)") }
        let own = try choose(pool, "random,sticky=run").way
        for held in pool.map(\.id) where own != .use(held, isProbe: false) {
            let ailing = pool.map { $0.id == held ? proxy(held, .dueBanned) : $0 }
            #expect(try choose(ailing, "random,sticky=run", for: visit(held: held)).way == own)
        }
    }

    /// A sticky visit probes the proxy that its key belongs to, and no other.
    @Test func stickyProbes() throws {
        let pool = (0..<4).map { proxy("p\($0)") }
        guard case .use(let mine, _) = try choose(pool, "random,sticky=run").way else { return }
        for id in pool.map(\.id) {
            let ailing = pool.map { $0.id == id ? proxy(id, .dueDead) : $0 }
            #expect(try choose(ailing, "random,sticky=run", luck: 0).way == .use(mine, isProbe: id == mine))
        }
    }
}
