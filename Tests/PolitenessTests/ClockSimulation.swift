import Politeness

// Hosts, processes that visit them, and the table of clocks that these share; time is a number.
//
// What a process knows is only when it looks again, its luck and the visits that it has under way; a restart takes all of it away.
// Everything else is in the rows. A visit is let go, leaves a little later, is answered, and ends. `Watch` is the host's side: it sees
// visits leave, and judges them by what the site and the operator said, without asking the code under test.

let second: Int64 = 1_000_000

struct ClockSimulation {
    /// What differs between the farm and the best there could be.
    struct Conditions {
        var processes = 3
        /// Microseconds until a process notices that it could do something, at most.
        var reaction: Int64 = 5_000
        /// From being let go to leaving, at most; one visit in 64 takes up to a hundred times as long.
        var lag: Int64 = 20_000
        var isVaried = true
        var restarts = true

        /// One process that is never late, and a delay that is never varied: what the rules allow.
        static let ideal = Conditions(processes: 1, reaction: 0, lag: 0, isVaried: false, restarts: false)
    }

    struct Result: Equatable {
        /// What left too early, or was too much at once.
        var faults: [String] = []
        var departures = 0
        var restarts = 0
        /// When the last document of each host was asked for.
        var ends: [Int64] = []
    }

    private struct Row {
        var pace: HostPace
        var nextAt = -HostClock.longestDelay
        var leftAt = -HostClock.longestDelay
        var places = 0
        var todo: [Int]
    }

    private struct Visit {
        var host: Int
        var number: Int
        var process: Int
        /// Nil until it leaves.
        var askedAt: Int64?
        /// When it leaves, or ends.
        var at: Int64
    }

    private let hosts: [SimulatedHost]
    private let conditions: Conditions
    private var rows: [Row]
    private var watches: [Watch]
    private var visits: [Visit] = []
    private var wakes: [Int64]
    private var luck: [Jitter]
    /// The world's: how late things happen.
    private var chance: Jitter
    private var restart: (at: Int64, process: Int)?
    private var lost: [Visit] = []
    private var now: Int64 = 0
    private var result = Result()

    init(_ hosts: [SimulatedHost], seed: UInt64, _ conditions: Conditions) {
        self.hosts = hosts
        self.conditions = conditions
        rows = hosts.map { Row(pace: HostPace(rule: $0.rule), todo: Array((0..<$0.documents).reversed())) }
        watches = hosts.map(Watch.init)
        wakes = Array(repeating: 0, count: conditions.processes)
        luck = (0..<conditions.processes).map { Jitter(seed: seed &+ UInt64($0)) }
        chance = Jitter(seed: seed ^ 0x5EED)
        result.ends = hosts.map { _ in 0 }
        if conditions.restarts, chance.next() < 0.3 { planRestart() }
    }

    static func run(_ hosts: [SimulatedHost], seed: UInt64, _ conditions: Conditions = Conditions()) -> Result {
        var simulation = ClockSimulation(hosts, seed: seed, conditions)
        while simulation.step() {}
        simulation.result.faults = simulation.watches.flatMap(\.faults)
        return simulation.result
    }

    /// What comes next, if anything does.
    private mutating func step() -> Bool {
        var process = 0
        for other in 1..<max(1, wakes.count) where wakes[other] < wakes[process] { process = other }
        var visit: Int?
        for index in visits.indices where visits[index].at < (visit.map { visits[$0].at } ?? wakes[process]) { visit = index }
        let next = visit.map { visits[$0].at } ?? wakes[process]
        if let restart, restart.at <= next, next < .max {
            now = restart.at
            stop(restart.process)
        } else if let visit {
            now = next
            move(visit)
        } else if next < .max {
            now = next
            wake(process)
        } else {
            return false
        }
        return true
    }

    // MARK: A process

    private mutating func wake(_ process: Int) {
        for visit in lost where visit.process == process {
            // It may have asked a moment ago.
            let row = rows[visit.host]
            rows[visit.host].nextAt = row.pace.clock.next(after: row.nextAt, askedAt: now)
            giveBack(visit)
        }
        lost.removeAll { $0.process == process }
        for host in rows.indices {
            while rows[host].nextAt <= now, rows[host].places < rows[host].pace.concurrency, let number = rows[host].todo.popLast() {
                let clock = rows[host].pace.clock
                rows[host].nextAt =
                    conditions.isVaried
                    ? clock.next(after: rows[host].nextAt, at: now, luck: luck[process].next())
                    : HostClock(delay: clock.delay, least: clock.delay, burst: clock.burst).next(after: rows[host].nextAt, at: now, luck: 0)
                rows[host].places += 1
                let lag = late(conditions.lag) * (chance.next() < 1 / 64 ? 100 : 1)
                visits.append(Visit(host: host, number: number, process: process, at: now + lag))
            }
        }
        wakes[process] = nextWake()
    }

    private mutating func nextWake() -> Int64 {
        var earliest = Int64.max
        for row in rows where !row.todo.isEmpty && row.places < row.pace.concurrency { earliest = min(earliest, row.nextAt) }
        return earliest == .max ? .max : max(now, earliest) + late(conditions.reaction)
    }

    /// Somebody has changed what the processes wait for.
    private mutating func tell() {
        for process in wakes.indices where !lost.contains(where: { $0.process == process }) {
            wakes[process] = min(wakes[process], nextWake())
        }
    }

    private mutating func late(_ most: Int64) -> Int64 { most == 0 ? 0 : Int64(chance.next() * Double(most)) }

    private mutating func planRestart() {
        restart = (now + Int64(chance.next() * 20e6), Int(chance.next() * Double(conditions.processes)))
    }

    private mutating func stop(_ process: Int) {
        result.restarts += 1
        restart = nil
        for visit in visits where visit.process == process {
            lost.append(visit)
            if visit.askedAt != nil { watches[visit.host].end() }
        }
        visits.removeAll { $0.process == process }
        luck[process] = Jitter(seed: UInt64(now))
        wakes[process] = now + second / 10 + late(second)
        if chance.next() < 0.5 { planRestart() }
    }

    // MARK: A visit

    private mutating func move(_ index: Int) {
        let visit = visits[index]
        let row = rows[visit.host]
        if let askedAt = visit.askedAt {
            visits.remove(at: index)
            finish(visit, askedAt: askedAt)
            return
        }
        if row.pace.asksToLeave {
            let from = row.pace.leaves(after: row.leftAt)
            if from > now + 5 * second {
                visits.remove(at: index)
                return giveBack(visit)
            }
            if from > now {
                visits[index].at = from
                return
            }
            rows[visit.host].leftAt = row.pace.clock.departure(after: row.leftAt, at: now)
        }
        watches[visit.host].see(now, floor: row.pace.clock.floor)
        result.departures += 1
        result.ends[visit.host] = now
        visits[index].askedAt = now
        visits[index].at = now + hosts[visit.host].answer(visit.number).time
    }

    private mutating func giveBack(_ visit: Visit) {
        rows[visit.host].places -= 1
        rows[visit.host].todo.append(visit.number)
        tell()
    }

    private mutating func finish(_ visit: Visit, askedAt: Int64) {
        let outcome = hosts[visit.host].answer(visit.number).outcome
        var row = rows[visit.host]
        row.pace = row.pace.knowing(crawlDelay: hosts[visit.host].crawlDelay).after(outcome, at: now)
        row.nextAt = max(row.pace.clock.next(after: row.nextAt, askedAt: askedAt), row.pace.notBefore)
        row.places -= 1
        rows[visit.host] = row
        watches[visit.host].end()
        watches[visit.host].learn(outcome, now)
        tell()
    }
}

// MARK: - Hosts

/// A site: what it asks for, what the operator says of it, and how it answers each visit.
struct SimulatedHost {
    var crawlDelay: Int64?
    var rule: HostRule
    var documents: Int
    private var seed: UInt64
    private var latency: Double
    /// Of refusing, of asking whether we are a person, of failing.
    private var odds: (refusal: Double, challenge: Double, failure: Double)
    /// Visits during which it can't be reached.
    private var outage: Range<Int>

    /// - Parameter isCalm: it answers at once, and the operator wants two seconds between documents.
    init(_ chance: inout Jitter, isCalm: Bool = false) {
        func flip(_ odds: Double) -> Bool { chance.next() < odds }
        func time(_ low: Double, _ high: Double) -> Int64 { Int64((low + (high - low) * chance.next()) * 1e6) }
        crawlDelay = flip(0.35) ? time(0.2, 6) : nil
        rule = HostRule(
            delay: flip(0.35) ? time(0.1, 4) : nil, burst: flip(0.15) ? 2 + Int(chance.next() * 5) : nil,
            concurrency: flip(0.3) ? 1 + Int(chance.next() * 4) : nil)
        documents = 5 + Int(chance.next() * 14)
        latency = 0.05 + 0.9 * chance.next()
        let isTroubled = flip(0.2)
        odds = isTroubled ? (0.08, 0.03, 0.05) : (0, 0, 0)
        let start = Int(chance.next() * 8)
        outage = isTroubled && flip(0.3) ? start..<(start + 3 + Int(chance.next() * 5)) : 0..<0
        seed = UInt64(chance.next() * 1e15)
        guard isCalm else { return }
        (crawlDelay, rule, latency, odds, outage) = (nil, HostRule(delay: 2 * second), 0.1, (0, 0, 0), 0..<0)
    }

    /// What visit `number` is answered, and how long after it left the visit ends; always the same.
    func answer(_ number: Int) -> (outcome: HostOutcome, time: Int64) {
        var chance = Jitter(seed: seed &+ UInt64(number))
        let latency = Int64(latency * (0.5 + chance.next()) * 1e6)
        let time = latency + Int64(chance.next() * 0.3e6)
        var point = chance.next()
        if outage.contains(number) { return (.unreachable, latency * 3) }
        for (odds, outcome) in [
            (odds.refusal, HostOutcome.answered(status: 429, latency: latency, retryAfter: Int64(chance.next() * 8e6))),
            (odds.refusal, .answered(status: 503, latency: latency)), (odds.challenge, .challenged), (odds.failure, .unreachable),
            (odds.failure, .answered(status: 404, latency: latency)),
        ] {
            point -= odds
            if point < 0 { return (outcome, time) }
        }
        return (.answered(status: 200, latency: latency), time)
    }
}

/// Sees visits leave for a host, and says which should not have.
struct Watch {
    private let host: SimulatedHost
    private(set) var faults: [String] = []
    private var crawlDelay: Int64 = 0
    private var underWay = 0
    private var last: Int64?
    /// Documents that may go now, by burst.
    private var tokens: Double
    private var restUntil: Int64 = 0
    private var failures = 0
    private var parkedUntil: Int64 = 0

    init(_ host: SimulatedHost) {
        self.host = host
        tokens = Double(host.rule.burst ?? 1)
    }

    private var asked: Int64 { max(crawlDelay, host.rule.delay ?? 0) }
    /// 0.7 s between documents where nobody asked for more; the operator may allow less.
    private var gap: Int64 { max(asked, (host.rule.delay ?? second) < second ? 0 : 700_000, 1) }

    /// - Parameter floor: what the farm itself thinks it should keep, having learnt how fast the host is and whether it refused.
    mutating func see(_ now: Int64, floor: Int64) {
        if let last {
            if host.rule.burst ?? 1 == 1, now - last < floor {
                faults.append("at \(now), \(now - last) after the last; the floor is \(floor)")
            }
            let gained = Double(now - last) / Double(gap)
            tokens = min(Double(host.rule.burst ?? 1), tokens + gained)
            if tokens < 1 - 1e-6 { faults.append("at \(now), \(now - last) after the last; the gap is \(gap)") }
        }
        tokens -= 1
        last = now
        underWay += 1
        if underWay > host.rule.concurrency ?? 1 { faults.append("at \(now), \(underWay) at once") }
        if now < restUntil { faults.append("at \(now), resting until \(restUntil)") }
        if now < parkedUntil { faults.append("at \(now), parked until \(parkedUntil)") }
    }

    mutating func end() { underWay -= 1 }

    mutating func learn(_ outcome: HostOutcome, _ now: Int64) {
        crawlDelay = host.crawlDelay ?? 0
        switch outcome {
        case .answered(status: 429, _, let retryAfter), .answered(status: 503, _, let retryAfter):
            rest(until: now + max(retryAfter ?? 0, restUntil > now ? 0 : 2 * max(asked, second)))
        case .challenged: rest(until: now + (restUntil > now ? 0 : 2 * max(asked, second)))
        case .unreachable:
            guard parkedUntil <= now else { return }
            failures += 1
            if failures >= 5 { parkedUntil = now + 60 * second }
        case .answered, .nothing: failures = 0
        }
    }

    private mutating func rest(until moment: Int64) { restUntil = max(restUntil, moment) }
}
