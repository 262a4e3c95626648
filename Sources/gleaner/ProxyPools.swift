import Egress
import Foundation
import Politeness
import Proxies
import Scheduling
import Store
import Visiting

/// Lends proxies of the store's pools to visits, and tells the store what the visits found out about them.
struct ProxyPools: Sendable {
    /// A proxy that is lent to one visit.
    struct Lent: Sendable {
        var number: Int64
        var host: String
        /// By the store's clock.
        var begunAt: Int64
        var proxy: UpstreamProxy
        /// For results: never the login.
        var label: String
        /// Why it was not a cheaper one; nil where it is of the cheapest tier.
        var passed: String?
    }

    enum Way: Sendable {
        case proxy(Lent)
        /// No proxy can be used, and the pool fails open.
        case direct
        /// None can be used for so long; the sentence says why.
        case wait(Duration, String)
        /// None can be used, whatever one waits.
        case none(String)
    }

    private let store: Store
    private let secrets: FarmSecrets
    /// Visits of this process that go through a proxy at this moment, by its number.
    private let underWay = Box<[Int64: Int]>([:])

    init(store: Store, secrets: FarmSecrets) {
        (self.store, self.secrets) = (store, secrets)
    }

    /// - Parameters:
    ///   - attempt: of so many of the visit.
    ///   - failedOn: proxies that this visit failed on a moment ago.
    func lend(of pool: String, to lease: Lease, attempt: Int, of attempts: Int, failedOn: Set<Int64>) async throws -> Way {
        let wanted = PoolChoice(pool)
        let pool = wanted.pool
        let luck = Double.random(in: 0...1)
        let answer = Box<ProxyChoice?>(nil)
        let run = "\(lease.run)"
        let underWay = underWay.value
        let lent = try await store.lendProxy(of: pool, for: lease.hostName) { policy, rows, now in
            let policy = (try? ProxyPolicy(policy)) ?? ProxyPolicy()
            let rows = rows.filter { wanted.admits($0.tags) }
            let candidates = rows.map { row in
                ProxyCandidate(
                    id: "\(row.number)", tags: row.tags, inUse: underWay[row.number] ?? 0, lastUsed: row.usedAt, health: ProxyHealth(row),
                    hostHealth: ProxyHostHealth(row))
            }
            var visit = ProxyVisit(run: run, host: lease.hostName, session: run)
            visit.attempt = attempt
            visit.attempts = attempts
            visit.failedOn = Set(failedOn.map { "\($0)" })
            let choice = policy.choose(among: candidates, for: visit, luck: luck, at: now)
            answer.value = choice
            guard case .use(let id, _) = choice.way, let index = candidates.firstIndex(where: { $0.id == id }) else { return nil }
            let candidate = candidates[index]
            return (
                rows[index].number, ProxyKnowledge(candidate.health.begun(at: now), candidate.hostHealth.begun(at: now))
            )
        }
        let passed = answer.value.map { $0.passed.map(\.description).joined(separator: "; ") } ?? ""
        guard let (row, at) = lent else {
            guard let way = answer.value?.way else { return .none("nobody chose") }
            switch way {
            case .direct: return .direct
            case .wait(let pause): return .wait(pause, passed)
            case .none(let lack):
                let tags = wanted.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                return .none(lack.description + (tags.isEmpty ? "" : " with \(tags)"))
            case .use: return .none("the proxy that was chosen is gone")
            }
        }
        let text = try secrets.open(row.sealed, for: ProxyPools.purpose(pool))
        let proxy = try UpstreamProxy(text)
        self.underWay.change { $0[row.number, default: 0] += 1 }
        return .proxy(
            Lent(
                number: row.number, host: lease.hostName, begunAt: at, proxy: proxy, label: row.label,
                passed: passed.isEmpty ? nil : passed))
    }

    func giveBack(_ lent: Lent, run: Int64, _ outcome: ProxyOutcome, bytes: Int64) async throws {
        underWay.change { $0[lent.number, default: 1] -= 1 }
        let isDead = if case .dead = outcome { true } else { false }
        try await store.returnProxy(
            lent.number, from: lent.host, run: run, ProxyCount(failed: isDead, banned: outcome == .banned, bytes: bytes)
        ) { known, now in
            ProxyKnowledge(
                ProxyHealth(known).after(outcome, from: lent.host, begunAt: lent.begunAt, at: now),
                ProxyHostHealth(known).after(outcome, begunAt: lent.begunAt, at: now))
        }
    }

    static func purpose(_ pool: String) -> String { "pool/\(pool)" }
}

extension ProxyRow {
    var tags: ProxyTags { (try? ProxyTags(parts: facts.split(separator: " "))) ?? ProxyTags() }
    /// What results say of it.
    var label: String { "\(pool)/\(name)" }
}

extension ProxyHealth {
    init(_ row: ProxyRow) { self = row.health.map(ProxyHealth.init(stored:)) ?? ProxyHealth() }
    init(_ known: ProxyKnowledge) { self = known.health.map(ProxyHealth.init(stored:)) ?? ProxyHealth() }
}

extension ProxyHostHealth {
    init(_ row: ProxyRow) { self = row.hostHealth.map(ProxyHostHealth.init(stored:)) ?? ProxyHostHealth() }
    init(_ known: ProxyKnowledge) { self = known.hostHealth.map(ProxyHostHealth.init(stored:)) ?? ProxyHostHealth() }
}

extension ProxyKnowledge {
    init(_ health: ProxyHealth, _ hostHealth: ProxyHostHealth) {
        self.init(
            health: health == ProxyHealth() ? nil : health.stored, hostHealth: hostHealth == ProxyHostHealth() ? nil : hostHealth.stored)
    }
}
