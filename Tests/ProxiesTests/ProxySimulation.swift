@testable import Proxies

// Proxies, hosts, visits, and the rows that they share; time is a number.
//
// A process chooses from rows as it reads them and stores a moment later, if they are still the same; else it chooses again. Now and then
// one is killed, and nothing is heard of its visit. `Watch` sees visits begin and end, and judges them by nothing but that.

/// A pool, how each of its proxies fares in time, and the visits that want through.
struct ProxyWorld {
    enum Mode {
        case good
        case refuses
        /// Takes the connection, and then nothing.
        case stalls
        /// Answers with something else.
        case lies
        case wantsAnotherLogin
        /// These hosts ban it, or all.
        case banned(by: Set<Int>?)
    }

    struct Proxy {
        var tags: ProxyTags
        /// Each until the next begins.
        var phases: [(from: Int64, mode: Mode)]

        func mode(at now: Int64) -> Mode { phases.last { $0.from <= now }?.mode ?? .good }
    }

    var proxies: [Proxy] = []
    var hosts = 1
    var policy = ProxyPolicy()
    var attempts = 1
    /// When each is to begin, where to, and of which session.
    var visits: [(at: Int64, host: Int, session: String)] = []
    /// Of a try whose process is killed.
    var killed = 0.0

    /// - Parameter survivor: one proxy is good at all times; otherwise which one is good changes, and one always is.
    init(seed: UInt64, survivor isConstant: Bool) {
        var dice = Dice(seed)
        func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &dice) }
        let count = Int(number(2...7))
        hosts = Int(number(1...6))
        policy.strategy = ProxyPolicy.Strategy.allCases.randomElement(using: &dice) ?? .random
        policy.stickiness = ProxyPolicy.Stickiness.allCases.randomElement(using: &dice) ?? .none
        killed = number(0...3) == 0 ? 0.05 : 0
        attempts = isConstant ? count : 1_000
        let end = 3_600 * second
        // The same moments for all, so that one is good at each.
        var moments: [Int64] = [0]
        while let last = moments.last, last < end { moments.append(last + number(60...900) * second) }
        let survivors = moments.map { _ in Int(number(0...Int64(count - 1))) }
        for index in 0..<count {
            let tier = number(0...2)
            let tags = (try? ProxyTags(parts: ["tier=\(tier)", "weight=\(number(1...5))"])) ?? ProxyTags()
            let phases = moments.indices.map { moment in
                let survives = (isConstant ? survivors[0] : survivors[moment]) == index
                let some = Set((0..<hosts).filter { _ in number(0...1) == 0 })
                // That is nothing that time cures.
                let login = isConstant ? Mode.wantsAnotherLogin : .refuses
                let modes: [Mode] = [.good, .refuses, .stalls, .lies, login, .banned(by: nil), .banned(by: some), .banned(by: some)]
                return (from: moments[moment], mode: survives ? .good : modes[Int(number(0...7))])
            }
            proxies.append(Proxy(tags: tags, phases: phases))
        }
        visits = (0..<number(5...20)).map { _ in (number(1...3_000) * second, Int(number(0...Int64(hosts - 1))), "s\(number(0...3))") }
        // Some all at once.
        if number(0...2) == 0 { visits = visits.map { ($0.at / (600 * second) * (600 * second) + second, $0.host, $0.session) } }
    }
}

struct ProxySimulation {
    struct Result: Equatable {
        var faults: [String] = []
        var visits = 0
        var served = 0
        var tries = 0
        var waits = 0
        var probes = 0
        var killed = 0
        var races = 0
        /// Tries of the visit that needed most.
        var most = 0
    }

    private struct Visit {
        var number: Int
        var host: Int
        var asked: ProxyVisit
        var step = Step.choose
        var at: Int64
    }

    private enum Step {
        case choose
        /// With the rows as they were read.
        case store(proxy: Int, isProbe: Bool, health: ProxyHealth, hostHealth: ProxyHostHealth)
        case report(proxy: Int, begun: Int64, outcome: ProxyOutcome)
    }

    private struct Key: Hashable {
        var proxy: Int
        var host: Int
    }

    private let world: ProxyWorld
    private var health: [ProxyHealth]
    private var hostHealth: [Key: ProxyHostHealth] = [:]
    private var inUse: [Int]
    private var lastUsed: [Int64]
    private var held: [String: Int] = [:]
    private var visits: [Visit]
    private var dice: Dice
    private var watch: Watch
    private var now: Int64 = 0
    private var result = Result()

    private init(_ world: ProxyWorld, seed: UInt64) {
        self.world = world
        health = world.proxies.map { _ in ProxyHealth() }
        inUse = world.proxies.map { _ in 0 }
        lastUsed = world.proxies.map { _ in 0 }
        dice = Dice(seed ^ 0x5EED)
        watch = Watch()
        visits = world.visits.enumerated().map { number, visit in
            var asked = ProxyVisit(run: "r\(number % 3)", host: "h\(visit.host).example", session: visit.session)
            asked.attempts = world.attempts
            return Visit(number: number, host: visit.host, asked: asked, at: visit.at)
        }
        result.visits = visits.count
    }

    static func run(_ world: ProxyWorld, seed: UInt64) -> Result {
        var simulation = ProxySimulation(world, seed: seed)
        while let next = simulation.visits.indices.min(by: { simulation.visits[$0].at < simulation.visits[$1].at }) {
            simulation.now = simulation.visits[next].at
            simulation.move(next)
        }
        simulation.result.faults += simulation.watch.faults
        return simulation.result
    }

    private mutating func move(_ index: Int) {
        switch visits[index].step {
        case .choose: choose(index)
        case .store(let proxy, let isProbe, let read, let hostRead): store(index, proxy, isProbe, read, hostRead)
        case .report(let proxy, let begun, let outcome): report(index, proxy, begun, outcome)
        }
    }

    private mutating func choose(_ index: Int) {
        let visit = visits[index]
        let candidates = world.proxies.indices.map { proxy in
            ProxyCandidate(
                id: "\(proxy)", tags: world.proxies[proxy].tags, inUse: inUse[proxy], lastUsed: lastUsed[proxy], health: health[proxy],
                hostHealth: hostHealth[Key(proxy: proxy, host: visit.host)] ?? ProxyHostHealth())
        }.shuffled(using: &dice)
        let choice = world.policy.choose(among: candidates, for: visit.asked, luck: dice.fraction(), at: now)
        switch choice.way {
        case .use(let id, let isProbe):
            guard let proxy = Int(id) else { return }
            check(proxy, isProbe, among: candidates, visit)
            let key = Key(proxy: proxy, host: visit.host)
            visits[index].step = .store(
                proxy: proxy, isProbe: isProbe, health: health[proxy], hostHealth: hostHealth[key] ?? ProxyHostHealth())
            visits[index].at = now + Int64(dice.fraction() * 20_000)
        case .wait(let time):
            result.waits += 1
            let micros = time.components.seconds * second + time.components.attoseconds / 1_000_000_000_000
            if micros <= 0 { result.faults.append("visit \(visit.number) waits for \(micros)") }
            visits[index].at = now + max(1, micros)
            // All of it would have been for nothing.
            if now > 1_000_000 * second { end(index, "waited for days") }
        case .none, .direct: end(index, "was given \(choice.way)")
        }
    }

    /// Nothing that is healthy and could be had for less was passed over, nor was the visit sent where it failed before.
    private mutating func check(_ proxy: Int, _ isProbe: Bool, among candidates: [ProxyCandidate], _ visit: Visit) {
        let healthy = candidates.filter { candidate in
            [candidate.health.state(at: now), candidate.hostHealth.state(at: now)] == [.healthy, .healthy]
                && !visit.asked.failedOn.contains(candidate.id)
        }
        if let least = healthy.map(\.tags.tier).min(), world.proxies[proxy].tags.tier > least {
            result.faults.append("visit \(visit.number) is sent through a tier above \(least)")
        }
        if !healthy.isEmpty, visit.asked.failedOn.contains("\(proxy)") {
            result.faults.append("visit \(visit.number) is sent through \(proxy) again")
        }
        if !healthy.isEmpty, isProbe, visit.asked.attempt > 1 {
            result.faults.append("visit \(visit.number) probes on try \(visit.asked.attempt)")
        }
    }

    private mutating func end(_ index: Int, _ why: String?) {
        if let why { result.faults.append("visit \(visits[index].number) to \(visits[index].host): \(why)") }
        visits.remove(at: index)
    }

    private mutating func store(_ index: Int, _ proxy: Int, _ isProbe: Bool, _ read: ProxyHealth, _ hostRead: ProxyHostHealth) {
        let visit = visits[index]
        let key = Key(proxy: proxy, host: visit.host)
        guard health[proxy] == read, (hostHealth[key] ?? ProxyHostHealth()) == hostRead else {
            result.races += 1
            visits[index].step = .choose
            return
        }
        health[proxy] = read.begun(at: now)
        hostHealth[key] = hostRead.begun(at: now)
        if isProbe, visit.number == 0 {
            // What rows don't keep would be lost here.
            health[proxy] = ProxyHealth(stored: health[proxy].stored)
            hostHealth[key] = hostHealth[key].map { ProxyHostHealth(stored: $0.stored) }
        }
        inUse[proxy] += 1
        lastUsed[proxy] = max(now, (lastUsed.max() ?? 0) + 1)
        result.tries += 1
        result.most = max(result.most, visit.asked.attempt)
        if isProbe { result.probes += 1 }
        let (outcome, time) = meet(proxy, visit.host)
        watch.begin(proxy, visit.host, at: now)
        if dice.fraction() < world.killed {
            // The lease of its process ends some time later, and it begins anew.
            result.killed += 1
            inUse[proxy] -= 1
            visits[index].asked.attempt = 1
            visits[index].asked.failedOn = []
            visits[index].step = .choose
            visits[index].at = now + 60 * second
        } else {
            visits[index].step = .report(proxy: proxy, begun: now, outcome: outcome)
            visits[index].at = now + time
        }
    }

    /// What comes of asking `host` through `proxy` now, and after how long.
    private mutating func meet(_ proxy: Int, _ host: Int) -> (ProxyOutcome, Int64) {
        let quick = Int64((0.1 + 3 * dice.fraction()) * 1e6)
        // The site's own fault, whoever asks.
        let answer: ProxyOutcome = dice.fraction() < 0.03 ? .nothing : .served(latency: quick)
        return switch world.proxies[proxy].mode(at: now) {
        case .good: (answer, quick)
        case .refuses: (.dead(.unreachable), quick / 10)
        case .stalls: (.dead(.timedOut), 30 * second)
        case .lies: (.dead(.handshake), quick)
        case .wantsAnotherLogin: (.dead(.login), quick)
        case .banned(let hosts): ((hosts?.contains(host) ?? true) ? .banned : answer, quick)
        }
    }

    private mutating func report(_ index: Int, _ proxy: Int, _ begun: Int64, _ outcome: ProxyOutcome) {
        let visit = visits[index]
        let key = Key(proxy: proxy, host: visit.host)
        inUse[proxy] -= 1
        health[proxy] = health[proxy].after(outcome, from: visit.asked.host, begunAt: begun, at: now)
        hostHealth[key] = (hostHealth[key] ?? ProxyHostHealth()).after(outcome, begunAt: begun, at: now)
        watch.end(proxy, visit.host, begun: begun, outcome, at: now)
        switch outcome {
        case .served, .nothing:
            result.served += 1
            return end(index, nil)
        case .dead, .banned: break
        }
        if visit.asked.attempt == world.attempts { return end(index, "failed \(world.attempts) times") }
        visits[index].asked.attempt += 1
        visits[index].asked.failedOn.insert("\(proxy)")
        visits[index].step = .choose
    }
}

/// Sees visits begin and end, and says which should not have begun.
private struct Watch {
    /// A proxy, or a proxy and a host: what is known to be down or banned.
    private struct Subject {
        /// The first failure since it last served.
        var downSince: Int64?
        var upSince: Int64 = -1
        var quietUntil: Int64 = 0
        /// Visits that began while it was down, and when they did.
        var probes: [Int64] = []
    }

    private(set) var faults: [String] = []
    private var proxies: [Int: Subject] = [:]
    private var pairs: [[Int]: Subject] = [:]

    mutating func begin(_ proxy: Int, _ host: Int, at now: Int64) {
        faults += Watch.begin(&proxies[proxy, default: Subject()], "proxy \(proxy)", at: now)
        faults += Watch.begin(&pairs[[proxy, host], default: Subject()], "proxy \(proxy) to host \(host)", at: now)
    }

    mutating func end(_ proxy: Int, _ host: Int, begun: Int64, _ outcome: ProxyOutcome, at now: Int64) {
        let isDead = if case .dead = outcome { true } else { false }
        let isServed = if case .served = outcome { true } else { false }
        Watch.end(
            &proxies[proxy, default: Subject()], begun, failed: isDead, healed: isServed || outcome == .banned, quiet: 10 * second, at: now)
        Watch.end(
            &pairs[[proxy, host], default: Subject()], begun, failed: outcome == .banned, healed: isServed, quiet: 60 * second, at: now)
    }

    private static func begin(_ subject: inout Subject, _ name: String, at now: Int64) -> [String] {
        var faults: [String] = []
        if now < subject.quietUntil { faults.append("\(name) is asked at \(now), but was to be left alone until \(subject.quietUntil)") }
        guard subject.downSince != nil else { return faults }
        subject.probes.removeAll { $0 + CoolDown.probeTime <= now }
        if !subject.probes.isEmpty { faults.append("\(name) has two probes at \(now)") }
        subject.probes.append(now)
        return faults
    }

    private static func end(_ subject: inout Subject, _ begun: Int64, failed: Bool, healed: Bool, quiet: Int64, at now: Int64) {
        subject.probes.removeAll { $0 == begun }
        if failed, begun > subject.downSince ?? subject.upSince {
            // Each further one in a row is left alone for at least twice as long.
            subject.quietUntil = now + (subject.downSince == nil ? quiet : 2 * quiet)
            subject.downSince = subject.downSince ?? now
        } else if healed, let down = subject.downSince, begun > down {
            subject.downSince = nil
            subject.upSince = now
            subject.probes = []
        }
    }
}
