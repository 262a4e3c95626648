import Foundation
import Synchronization
import Testing

import Scheduling
@testable import Store
import TestMaterial

/// A store on SQLite, and a node that works on it.
private func withStore(_ body: (Store) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        let store = try await Store.open(file: folder.appending(path: "gleaner.sqlite").path)
        try await body(store)
        try await store.close()
    }
}

private func scheduler(_ store: Store, atOnce: Int = 4, grace: Duration = .seconds(20), leaseTime: Duration = .seconds(60)) -> Scheduler {
    var configuration = Scheduler.Configuration()
    configuration.atOnce = atOnce
    configuration.grace = grace
    configuration.leaseTime = leaseTime
    configuration.pollInterval = .milliseconds(20)
    return Scheduler(store: store, node: NodeStatus(Identifier(.node), pid: 1), configuration: configuration)
}

private func pages(_ count: Int) -> [NewVisit] {
    (0..<count).map { NewVisit(url: "http://h\($0).example/", host: "h\($0).example", terms: HostTerms(delay: 0, cap: 1)) }
}

private func submit(_ count: Int, lane: Lane = .batch, to store: Store) async throws -> Int64 {
    var run = NewRun(kind: "extract", spec: "{}")
    run.lane = lane
    return try await store.submit(run, visits: pages(count)).number
}

extension Store {
    fileprivate func untilFinal(_ run: Int64) async throws -> RunRow {
        while true {
            let row = try await self.run(number: run)
            if row.state.isFinal { return row }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// A place where visits wait until they are let go.
private final class Gate: Sendable {
    private let state = Mutex((isOpen: false, entered: 0))
    var entered: Int { state.withLock(\.entered) }
    func open() { state.withLock { $0.isOpen = true } }

    func pass() async {
        state.withLock { $0.entered += 1 }
        while !state.withLock(\.isOpen), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }

    func untilEntered(_ count: Int) async throws {
        while entered < count { try await Task.sleep(for: .milliseconds(5)) }
    }
}

@Suite(.timeLimit(.minutes(1))) struct SchedulerTests {
    /// A command's run ends with its last visit, each done once.
    @Test func ownRun() async throws {
        try await withStore { store in
            let run = try await submit(20, lane: .own, to: store)
            let done = Mutex<[String]>([])
            try await scheduler(store).work(on: run, progress: { _ in }) { lease in
                done.withLock { $0.append(lease.url) }
                return .final(VisitOutcome(state: .completed))
            }
            #expect(Set(done.withLock { $0 }).count == 20 && done.withLock { $0.count } == 20)
            #expect(try await store.run(number: run).state == .completed)
        }
    }

    /// A farm does runs that come while it is there, and ends when it is told to.
    @Test func farm() async throws {
        try await withStore { store in
            let drain = Drain()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await scheduler(store).serve(until: drain, wakings: nil, busy: BusyCount(), progress: { _ in }) { _ in
                        .final(VisitOutcome(state: .completed))
                    }
                }
                for lane in [Lane.batch, .interactive] {
                    #expect(try await store.untilFinal(try await submit(9, lane: lane, to: store)).counts.completed == 9)
                }
                drain.begin()
                try await group.waitForAll()
            }
        }
    }

    /// A failure that may pass is tried again, and the visit's history says what it was.
    @Test func tryingAgain() async throws {
        try await withStore { store in
            let run = try await submit(1, lane: .own, to: store)
            try await scheduler(store).work(on: run, progress: { _ in }) { lease in
                lease.attempt == 1
                    ? .again(after: .milliseconds(10), VisitOutcome(state: .failed, reason: "broken", code: "lost"))
                    : .final(VisitOutcome(state: .completed))
            }
            let visit = try #require(try await store.visits(of: run).first)
            #expect(visit.state == .completed && visit.attempts == 2)
            #expect(try await store.attempts(of: visit.number).map(\.reason) == ["broken"])
        }
    }

    /// A result that the database refuses fails its visit and nothing else.
    @Test func aResultThatCannotBeStored() async throws {
        try await withStore { store in
            let run = try await submit(3, lane: .own, to: store)
            try await store.database.write {
                _ = try $0.run(
                    """
                    CREATE TRIGGER refusal BEFORE INSERT ON records WHEN NEW.body = '1' BEGIN SELECT RAISE(ABORT, 'too large for me'); END
                    """)
            }
            try await scheduler(store).work(on: run, progress: { _ in }) { lease in
                .final(VisitOutcome(state: .completed, records: [.init(body: "\(lease.position)", evidence: "[]")]))
            }
            #expect(try await store.counts(of: run) == RunCounts(completed: 2, failed: 1))
            let refused = try await store.visits(of: run)[1]
            #expect(refused.code == "unstorable" && refused.reason?.contains("too large for me") == true, "\(refused)")
        }
    }

    /// Cancelling a run ends its visits that are under way within seconds, and nothing of them is written.
    @Test func cancellingReachesTheBrowser() async throws {
        try await withStore { store in
            let run = try await submit(2, to: store)
            let (drain, gate) = (Drain(), Gate())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await scheduler(store).serve(until: drain, wakings: nil, busy: BusyCount(), progress: { _ in }) { _ in
                        await gate.pass()
                        return .final(VisitOutcome(state: .completed, records: [.init(body: "{}", evidence: "[]")]))
                    }
                }
                try await gate.untilEntered(2)
                try await store.cancel(run, reason: "enough")
                // The gate stays shut: only the loss of their leases ends these visits, and with them the farm's drain.
                drain.begin()
                try await group.waitForAll()
            }
            let row = try await store.run(number: run)
            #expect(row.state == .skipped && row.counts.skipped == 2)
        }
    }

    /// A drained farm lets visits end within its grace, and hands back those that don't: they are free at once, and it was no try.
    @Test(arguments: [true, false]) func drain(ends: Bool) async throws {
        try await withStore { store in
            let run = try await submit(1, to: store)
            let (drain, gate) = (Drain(), Gate())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await scheduler(store, grace: ends ? .seconds(30) : .milliseconds(100)).serve(
                        until: drain, wakings: nil, busy: BusyCount(), progress: { _ in }
                    ) { _ in
                        await gate.pass()
                        return .final(VisitOutcome(state: .completed))
                    }
                }
                try await gate.untilEntered(1)
                drain.begin()
                if ends { gate.open() }
                try await group.waitForAll()
            }
            if ends { #expect(try await store.run(number: run).state == .completed) } else {
                let claim = try await store.claim(
                    [LaneLimit(.batch, 1)], limit: 1, by: Claimant(worker: Identifier(.node), leaseTime: 1_000_000, next: { max($0.nextAt, $1) + $0.delay }))
                #expect(claim.leases.map(\.attempt) == [1])
            }
        }
    }

    /// Leases of a visit that takes long are renewed: nobody else gets it.
    @Test func longVisitsKeepTheirLease() async throws {
        try await withStore { store in
            let run = try await submit(1, to: store)
            let (drain, gate) = (Drain(), Gate())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await scheduler(store, leaseTime: .seconds(3)).serve(
                        until: drain, wakings: nil, busy: BusyCount(), progress: { _ in }
                    ) { _ in
                        await gate.pass()
                        return .final(VisitOutcome(state: .completed))
                    }
                }
                try await gate.untilEntered(1)
                let end = ContinuousClock.now + .milliseconds(4500)
                while .now < end {
                    let claim = try await store.claim(
                        [LaneLimit(.batch, 1)], limit: 1, by: Claimant(worker: Identifier(.node), leaseTime: 1_000_000, next: { max($0.nextAt, $1) + $0.delay }))
                    #expect(claim.leases.isEmpty)
                    try await Task.sleep(for: .milliseconds(50))
                }
                gate.open()
                #expect(try await store.untilFinal(run).state == .completed)
                drain.begin()
                try await group.waitForAll()
            }
        }
    }
}

@Suite struct LanePlanTests {
    /// Each lane may have all usual places, and always finds one that the other can't take.
    @Test(arguments: [
        ([:], 8, 8, 9), ([.batch: 8], 8, 0, 1), ([.interactive: 8], 0, 8, 1), ([.batch: 8, .interactive: 1], 7, 0, 0),
        ([.batch: 3, .interactive: 3], 5, 5, 3),
    ] as [([Lane: Int], Int, Int, Int)])
    func limits(active: [Lane: Int], interactive: Int, batch: Int, total: Int) {
        let limits = LanePlan(places: 8).limits(active: active)
        #expect(limits.lanes == [LaneLimit(.interactive, interactive), LaneLimit(.batch, batch)] && limits.total == total)
    }
}
