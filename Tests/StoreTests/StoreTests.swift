import Foundation
import Testing

@testable import Store
import TestMaterial

let minute: Int64 = 60_000_000

extension Claimant {
    static func test(_ worker: Identifier = Identifier(.node), leaseTime: Int64 = minute) -> Claimant {
        Claimant(worker: worker, leaseTime: leaseTime, next: { max($0.nextAt, $1) + $0.delay })
    }
}

extension NodeStatus {
    init(_ id: Identifier, process: String) {
        self.init(id, pid: 1)
        self.process = process
    }
}

extension Store {
    /// Pages of one host.
    func submit(
        _ urls: [String], host: String = "example.org", delay: Int64 = minute, atOnce: Int = 1, lane: Lane = .own, owner: Identifier? = nil
    ) async throws -> Int64 {
        try await submit(urls.map { NewVisit(url: $0, host: host, terms: HostTerms(delay: delay, cap: atOnce)) }, lane: lane, owner: owner)
    }

    func submit(
        _ visits: [NewVisit], lane: Lane = .batch, owner: Identifier? = nil, tenant: Int64 = 1, _ change: (inout NewRun) -> Void = { _ in }
    ) async throws -> Int64 {
        var run = NewRun(kind: "extract", spec: "{}")
        run.lane = lane
        run.owner = owner
        run.tenant = tenant
        change(&run)
        return try await submit(run, visits: visits).number
    }

    func take(_ run: Int64, limit: Int = 10, leaseTime: Int64 = minute) async throws -> Claim {
        try await claim(run: run, limit: limit, by: .test(leaseTime: leaseTime))
    }

    /// What a farm with so many free places gets.
    func takeAny(_ limit: Int = 10, seed: Int = 0, leaseTime: Int64 = minute) async throws -> [Lease] {
        try await claim([LaneLimit(.interactive, limit), LaneLimit(.batch, limit)], limit: limit, seed: seed, by: .test(leaseTime: leaseTime))
            .leases
    }
}

@Suite struct QueueTests {
    /// Ten ready visits of one host and ten free workers: one goes out, and the claim says how long the others wait.
    @Test(arguments: Engine.available) func aHostIsAskedOnceATurn(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit((0..<10).map { "https://example.org/\($0)" })
            let first = try await store.take(run)
            #expect(first.leases.map(\.url) == ["https://example.org/0"])
            let second = try await store.take(run)
            #expect(second.leases.isEmpty)
            #expect(second.wait.map { $0 > minute / 2 && $0 <= minute } == true)
        }
    }

    /// Hosts don't wait for each other.
    @Test(arguments: Engine.available) func otherHostsGoAtOnce(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(
                (0..<5).map { NewVisit(url: "https://h\($0).example/", host: "h\($0).example", terms: HostTerms(delay: minute, cap: 1)) }, lane: .own)
            #expect(try await store.take(run).leases.count == 5)
        }
    }

    /// The clock is in the store: another run, or the same after a restart, finds the host still waiting.
    @Test(arguments: Engine.available) func clocksOutliveTheRun(engine: Engine) async throws {
        try await withStore(engine) { store in
            let first = try await store.submit(["https://example.org/a"])
            let lease = try #require(try await store.take(first).leases.first)
            try await store.finish(lease, with: VisitOutcome(state: .completed))
            let second = try await store.submit(["https://example.org/b"])
            let claim = try await store.take(second)
            #expect(claim.leases.isEmpty && claim.wait ?? 0 > 0)
        }
    }

    /// A host without delay lends as many visits as its cap, one a turn of the queue.
    @Test(arguments: Engine.available) func theCapLimitsVisitsAtOnce(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit((0..<5).map { "http://127.0.0.1/\($0)" }, host: "127.0.0.1", delay: 0, atOnce: 2)
            var taken = 0
            for _ in 0..<5 { taken += try await store.take(run).leases.count }
            #expect(taken == 2)
        }
    }

    /// A worker that was thought dead writes nothing: its visit went to another one with a higher fence.
    @Test(arguments: Engine.available) func aStaleFenceWritesNothing(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(["http://127.0.0.1/"], host: "127.0.0.1", delay: 0)
            let dead = try #require(try await store.take(run, leaseTime: -1).leases.first)
            let alive = try #require(try await store.take(run).leases.first)
            #expect(alive.visit == dead.visit && alive.fence == dead.fence + 1 && alive.attempt == 2)
            await #expect(throws: StoreError.self) {
                try await store.finish(dead, with: VisitOutcome(state: .failed, records: [.init(body: "{}", evidence: "[]")]))
            }
            #expect(try await store.records(of: dead.visit).isEmpty)
            #expect(try await store.renew([dead, alive], leaseTime: minute) == [alive.visit])
            try await store.finish(alive, with: VisitOutcome(state: .completed, records: [.init(body: "{\"a\":1}", evidence: "[]")]))
            #expect(try await store.records(of: alive.visit).map(\.body) == ["{\"a\":1}"])
        }
    }

    /// Completed + partial + failed + skipped + open = total after every move, and the run ends with its last visit.
    @Test(arguments: Engine.available) func countsAreTrue(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit((0..<4).map { "http://127.0.0.1/\($0)" }, host: "127.0.0.1", delay: 0, atOnce: 10)
            for state in [FinalState.completed, .partial, .failed, .skipped] {
                #expect(try await store.counts(of: run).total == 4)
                #expect(try await store.run("last").state == .open)
                let lease = try #require(try await store.take(run, limit: 1).leases.first)
                try await store.finish(lease, with: VisitOutcome(state: state))
            }
            let counts = try await store.counts(of: run)
            #expect(counts == RunCounts(open: 0, completed: 1, partial: 1, failed: 1, skipped: 1))
            #expect(try await store.run("last").state == .partial)
        }
    }

    /// A visit that is given back waits, then is lent again with the next attempt number.
    @Test(arguments: Engine.available) func aVisitGivenBackComesAgain(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(["http://127.0.0.1/"], host: "127.0.0.1", delay: 0)
            let first = try #require(try await store.take(run).leases.first)
            try await store.postpone(first, by: minute)
            let waiting = try await store.take(run)
            #expect(waiting.leases.isEmpty && waiting.wait ?? 0 > minute / 2)
            #expect(try await store.counts(of: run).open == 1)
        }
    }

    /// Cancelling voids live leases and skips what is open.
    @Test(arguments: Engine.available) func cancelEndsARun(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(["http://127.0.0.1/a", "http://127.0.0.1/b"], host: "127.0.0.1", delay: 0, atOnce: 5)
            let lease = try #require(try await store.take(run, limit: 1).leases.first)
            try await store.cancel(run, reason: "stopped")
            await #expect(throws: StoreError.self) { try await store.finish(lease, with: VisitOutcome(state: .completed)) }
            #expect(try await store.counts(of: run).skipped == 2)
            #expect(try await store.run("last").reason == "stopped")
        }
    }

    /// What a visit learned of its host counts from its end on, and moves the clock on only.
    @Test(arguments: Engine.available) func visitsTeachTheirHost(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(["https://example.org/a", "https://example.org/b"], delay: minute)
            let lease = try #require(try await store.take(run).leases.first)
            var outcome = VisitOutcome(state: .completed)
            outcome.learn = { terms, now in
                var terms = terms
                (terms.nextAt, terms.cap, terms.pace) = (now + 5 * minute, 3, "slow")
                return terms
            }
            try await store.finish(lease, with: outcome)
            #expect(try await store.take(run).wait ?? 0 > 4 * minute)
            let host = try #require(try await store.hosts(limit: 9).first)
            #expect(host.name == "example.org" && host.terms.cap == 3 && host.terms.pace == "slow" && host.waiting == 1)
        }
    }

    /// Where visits may be on their way together, each asks when it leaves, and all processes see the same last departure.
    @Test(arguments: Engine.available) func leaving(engine: Engine) async throws {
        try await withStore(engine) { store in
            var terms = HostTerms(delay: 0, cap: 9)
            terms.leftAt = 0
            let run = try await store.submit((0..<2).map { NewVisit(url: "https://a.example/\($0)", host: "a.example", terms: terms) }, lane: .own)
            let leases = try await store.take(run).leases + store.take(run).leases
            try #require(leases.count == 2)
            let decide = { @Sendable (terms: inout HostTerms, now: Int64) -> Leave in
                let moment = (terms.leftAt ?? 0) + minute
                if now < moment { return .wait(moment - now) }
                terms.leftAt = now
                return .go
            }
            #expect(try await store.leave(leases[0], decide) == .go)
            guard case .wait(let time) = try await store.leave(leases[1], decide) else { return #expect(Bool(false), "it left too early") }
            #expect(time > minute / 2)
        }
    }

    /// Rules and what they change are seen by whoever asks next.
    @Test(arguments: Engine.available) func rules(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(["https://a.example/"], host: "a.example")
            _ = try await store.submit(["https://b.example/"], host: "b.example")
            try await store.setHostRules([("*.example", "delay=2s")])
            #expect(try await store.hostRules() == "*.example delay=2s")
            let changed = try await store.changeHosts { name, terms, _ in
                guard name == "b.example" else { return nil }
                var terms = terms
                terms.delay = 7
                return terms
            }
            #expect(changed == 1)
            #expect(try await store.hosts(beginning: "b", limit: 9).map(\.terms.delay) == [7])
        }
    }
}

@Suite struct RunTests {
    /// Any beginning of an id finds the run as long as it fits only one.
    @Test(arguments: Engine.available) func idsMayBeShortened(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(["http://127.0.0.1/"])
            let id = try await store.run("last").id.description
            #expect(try await store.run(String(id.prefix(20))).id.description == id)
            #expect(try await store.run(String(id.dropFirst(4))).id.description == id)
            await #expect(throws: StoreError.self) { try await store.run("run_zzz") }
            _ = try await store.submit(["http://127.0.0.1/"])
            await #expect(throws: StoreError.self) { try await store.run("run_0") }
        }
    }

    /// A run whose process is silent is interrupted, not "running" for ever; one whose process lives is not.
    @Test(arguments: Engine.available) func aDeadOwnerIsSeen(engine: Engine) async throws {
        try await withStore(engine) { store in
            let node = Identifier(.node)
            _ = try await store.submit(["http://127.0.0.1/"], host: "127.0.0.1", owner: node)
            #expect(try await store.run("last").isInterrupted)
            try await store.heartbeat(NodeStatus(node, process: ""))
            #expect(try await store.run("last").isInterrupted == false)
            try await store.leave(node: node)
            #expect(try await store.run("last").isInterrupted)
        }
    }

    /// What a process held that is proven to be dead can be taken over at once, without waiting for its silence or its leases; the dead one's
    /// results are refused from then on.
    @Test(arguments: Engine.available) func aDeadProcessHoldsNothing(engine: Engine) async throws {
        try await withStore(engine, isGone: { $0 == "dead" }) { store in
            let (dead, next) = (Identifier(.node), Identifier(.node))
            let run = try await store.submit(["http://127.0.0.1/"], host: "127.0.0.1", delay: 0, atOnce: 9, owner: dead)
            try await store.heartbeat(NodeStatus(dead, process: "dead"))
            let held = try #require(try await store.claim(run: run, limit: 1, by: .test(dead)).leases.first)
            #expect(try await store.run("last").isInterrupted)
            try await store.heartbeat(NodeStatus(next, process: "alive"))
            try await store.adopt(run, owner: next)
            #expect(try await store.run("last").isInterrupted == false)
            let taken = try await store.claim(run: run, limit: 1, by: .test(next)).leases
            #expect(taken.map(\.visit) == [held.visit])
            await #expect(throws: StoreError.self) { try await store.finish(held, with: VisitOutcome(state: .completed)) }
        }
    }

    /// The same content is stored once, and reads back as it was.
    @Test(arguments: Engine.available) func snapshotsAreStoredByContent(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(["http://127.0.0.1/a", "http://127.0.0.1/b"], host: "127.0.0.1", delay: 0, atOnce: 5)
            for _ in 0..<2 {
                let lease = try #require(try await store.take(run, limit: 1).leases.first)
                try await store.finish(
                    lease, with: VisitOutcome(state: .completed, snapshot: .init(hash: "abc", body: [1, 2, 3], size: 9)))
            }
            #expect(try await store.snapshot("abc") == [1, 2, 3])
            #expect(try await store.snapshot("def") == nil)
        }
    }

    /// The last good robots.txt stays while the site answers with server errors.
    @Test(arguments: Engine.available) func goodRobotsAreKept(engine: Engine) async throws {
        try await withStore(engine) { store in
            try await store.setRobots(of: "https://a.example", status: 200, body: [42], freshFor: minute)
            try await store.setRobots(of: "https://a.example", status: 503, body: nil, freshFor: minute)
            let stored = try #require(try await store.robots(of: "https://a.example").stored)
            #expect(stored.status == 503 && stored.body == nil && stored.goodBody == [42] && stored.goodAt != nil)
        }
    }

    /// Files and folder are for their owner only.
    @Test func theStoreIsPrivate() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "state/gleaner.sqlite").path
            let store = try await Store.open(file: path)
            func mode(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            #expect(try mode((path as NSString).deletingLastPathComponent) == 0o700)
            #expect(try mode(path) == 0o600)
            try await store.close()
        }
    }

    /// A store written by a newer Gleaner is left alone.
    @Test(arguments: Engine.available) func aNewerSchemaIsRefused(engine: Engine) async throws {
        try await withDatabase(engine) { open in
            let store = try await Store(database: open())
            try await store.database.write { _ = try $0.run("INSERT INTO schema_version(version) VALUES (9999)") }
            try await store.close()
            let error = await #expect(throws: StoreError.self) { try await Store(database: open()) }
            #expect(error?.code == .newerSchema)
        }
    }

    /// Two nodes that start together on an empty database bring it up to date once.
    @Test(arguments: Engine.available) func startingTogether(engine: Engine) async throws {
        try await withDatabase(engine) { open in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await Store(database: open()).close() } }
                try await group.waitForAll()
            }
            let store = try await Store(database: open())
            let steps = try await store.database.read { try $0.row("SELECT count(*) AS n FROM schema_version")?.integer("n") }
            #expect(steps == Int64(Migrations.steps.count))
            try await store.close()
        }
    }
}
