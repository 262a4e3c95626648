import Foundation
import Testing

@testable import Store
import TestMaterial

/// Pages on a host each, all due at once.
private func pages(_ count: Int, on prefix: String = "h", delay: Int64 = minute) -> [NewVisit] {
    (0..<count).map { NewVisit(url: "https://\(prefix)\($0).example/", host: "\(prefix)\($0).example", terms: HostTerms(delay: delay, cap: 1)) }
}

/// Pages of one host that may be asked as often as one likes.
private func pages(_ count: Int, of host: String) -> [NewVisit] {
    (0..<count).map { NewVisit(url: "https://\(host)/\($0)", host: host, terms: HostTerms(delay: 0, cap: 1000)) }
}

extension Store {
    /// The next `count` visits that are lent, ended at once, with their runs.
    fileprivate func next(_ count: Int, seed: Int = 0) async throws -> [Int64] {
        var runs: [Int64] = []
        var empty = 0
        while runs.count < count, empty < 3 {
            let leases = try await takeAny(1, seed: seed + runs.count)
            empty = leases.isEmpty ? empty + 1 : 0
            runs += leases.map(\.run)
            try await finish(leases.map { ($0, VisitOutcome(state: .completed)) })
        }
        return runs
    }
}

@Suite struct FairnessTests {
    /// A small run that comes late is not behind a big one: on hosts of its own, or on hosts that both want.
    @Test(arguments: Engine.available, [false, true]) func aSmallRunIsNotBehindABigOne(engine: Engine, shared: Bool) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(400, on: "big", delay: 0))
            _ = try await store.next(20)
            let small = try await store.submit(pages(10, on: shared ? "big" : "small", delay: 0))
            let next = try await store.next(40)
            #expect(next.filter { $0 == small }.count == 10, "\(next)")
        }
    }

    /// Runs that want the same single host take turns there.
    @Test(arguments: Engine.available) func runsTakeTurnsOnAHost(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(300, of: "one.example"))
            _ = try await store.next(20)
            let second = try await store.submit(pages(10, of: "one.example"))
            #expect(try await store.next(25).filter { $0 == second }.count == 10)
        }
    }

    /// A priority one step higher is twice the share, a lower one never starves.
    @Test(arguments: Engine.available) func priorityIsAShare(engine: Engine) async throws {
        try await withStore(engine) { store in
            let low = try await store.submit(pages(200, on: "low", delay: 0))
            let high = try await store.submit(pages(200, on: "high", delay: 0)) { $0.priority = 2 }
            let next = try await store.next(100)
            #expect((15...25).contains(next.filter { $0 == low }.count), "\(next.filter { $0 == low }.count)")
            #expect((75...85).contains(next.filter { $0 == high }.count))
        }
    }

    /// Five runs of one tenant don't get more than the one run of another.
    @Test(arguments: Engine.available) func tenantsShareEvenly(engine: Engine) async throws {
        try await withStore(engine) { store in
            for n in 0..<5 { _ = try await store.submit(pages(50, on: "a\(n)-", delay: 0)) }
            let other = try await store.submit(pages(100, on: "b", delay: 0), tenant: 2)
            #expect(try await store.next(100).filter { $0 == other }.count == 50)
        }
    }

    /// What somebody waits for goes first, also on hosts where a batch run stands already.
    @Test(arguments: Engine.available) func interactiveGoesFirst(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(100, on: "h", delay: 0))
            _ = try await store.next(10)
            let asked = try await store.submit(pages(10, on: "h", delay: 0), lane: .interactive)
            #expect(try await store.next(10) == Array(repeating: asked, count: 10))
        }
    }

    /// A command that does its own run takes its host's turn although a farm has visits waiting there; the clock is kept for both.
    @Test(arguments: Engine.available) func ownRunsTakeAHostsTurn(engine: Engine) async throws {
        try await withStore(engine) { store in
            let farm = try await store.submit(["https://example.org/a"], lane: .batch)
            let own = try await store.submit(["https://example.org/b"])
            #expect(try await store.take(own).leases.map(\.run) == [own])
            #expect(try await store.takeAny().isEmpty)
            #expect(try await store.claim([LaneLimit(.batch, 1)], limit: 1, by: .test()).wait ?? 0 > minute / 2)
            #expect(try await store.counts(of: farm).open == 1)
        }
    }

    /// A farm leaves alone what another process does itself.
    @Test(arguments: Engine.available) func ownRunsAreNotForFarms(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(["https://example.org/a"])
            #expect(try await store.takeAny().isEmpty)
        }
    }
}

@Suite struct ControlTests {
    /// A paused run lends nothing, keeps what is under way, and goes on where it stood.
    @Test(arguments: Engine.available) func pause(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(5))
            let busy = try #require(try await store.takeAny(1).first)
            try await store.pause(run)
            #expect(try await store.takeAny().isEmpty)
            #expect(try await store.run(number: run).state == .paused)
            try await store.finish(busy, with: VisitOutcome(state: .completed))
            #expect(try await store.check() == [])
            try await store.unpause(run)
            #expect(try await store.takeAny().count == 4)
            #expect(try await store.check() == [])
        }
    }

    /// The same for a run that a command does itself: its claim waits instead of turning in circles.
    @Test(arguments: Engine.available) func pauseOfAnOwnRun(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(5), lane: .own)
            try await store.pause(run)
            let claim = try await store.take(run)
            #expect(claim.leases.isEmpty && claim.wait == nil)
            try await store.unpause(run)
            #expect(try await store.take(run).leases.count == 5)
        }
    }

    /// Moves that the state doesn't allow are refused, and say what the state is.
    @Test(arguments: Engine.available) func movesThatMakeNoSense(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(1))
            let notPaused = await #expect(throws: StoreError.self) { try await store.unpause(run) }
            #expect(notPaused?.code == .conflict && notPaused?.message.contains("is open") == true)
            try await store.cancel(run, reason: "enough")
            let over = await #expect(throws: StoreError.self) { try await store.pause(run) }
            #expect(over?.message.contains("is skipped") == true)
        }
    }

    /// A host whose chosen visit was cancelled keeps its turn for others.
    @Test(arguments: Engine.available) func aCancelledTurnIsNotLost(engine: Engine) async throws {
        try await withStore(engine) { store in
            let first = try await store.submit(pages(2))
            // Both hosts are awake after this, one of them lent.
            let lent = try await store.takeAny(1)
            try await store.cancel(first, reason: "enough")
            #expect(try await store.standing(lent) == [])
            let second = try await store.submit(pages(2))
            var taken = try await store.takeAny()
            if taken.isEmpty { taken = try await store.takeAny() }
            #expect(taken.map(\.run) == [second])
        }
    }

    /// Failed and dead visits go into the queue again; what their last workers still hold is stale.
    @Test(arguments: Engine.available) func requeue(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(3, of: "one.example"))
            for state in [FinalState.completed, .failed, .dead] {
                let lease = try #require(try await store.takeAny(1).first)
                try await store.finish(lease, with: VisitOutcome(state: state, reason: "so"))
            }
            #expect(try await store.counts(of: run) == RunCounts(completed: 1, failed: 1, dead: 1))
            #expect(try await store.run(number: run).state == .partial)
            #expect(try await store.requeue(run) == 2)
            #expect(try await store.run(number: run).state == .open)
            #expect(try await store.check() == [])
            let again = try #require(try await store.takeAny(1).first)
            #expect(again.fence == 2 && again.attempt == 1)
        }
    }

    /// A visit whose workers die again and again is given up instead of killing the next one; each try is in its history.
    @Test(arguments: Engine.available) func aDeadlyVisitIsBuried(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(1, of: "one.example"))
            for losses in 0..<10 {
                #expect(try await store.takeAny(1, leaseTime: -1).map(\.losses) == [losses])
            }
            #expect(try await store.takeAny(1).isEmpty)
            #expect(try await store.run(number: run).state == .failed)
            let visit = try #require(try await store.visits(of: run).first)
            #expect(visit.state == .dead && visit.reason?.contains("died 10 times") == true && visit.attempts == 10)
            #expect(try await store.attempts(of: visit.number).map(\.code) == Array(repeating: "lost", count: 10))
            #expect(try await store.check() == [])
        }
    }

    /// A host that a dead worker may have asked a moment ago is not asked again before its time, whoever takes the visit over.
    @Test(arguments: Engine.available) func clocksOutliveAWorker(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(1))
            try #require(try await store.takeAny(1, leaseTime: -1).count == 1)
            // As if the clock had moved on at the claim only, and the claim had been long ago.
            try await store.database.write { _ = try $0.run("UPDATE heads SET next_at = 0") }
            #expect(try await store.takeAny().isEmpty)
            let wait = try await store.claim([LaneLimit(.batch, 1)], limit: 1, by: .test()).wait
            #expect(wait ?? 0 > minute / 2)
        }
    }

    /// A worker that stops gives its visits back at once, and that is no try.
    @Test(arguments: Engine.available) func handingBack(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.submit(pages(1, of: "one.example"))
            let lease = try #require(try await store.takeAny(1).first)
            try await store.handBack([lease])
            let again = try #require(try await store.takeAny(1).first)
            #expect(again.attempt == 1 && again.fence == 2)
            await #expect(throws: StoreError.self) { try await store.finish(lease, with: VisitOutcome(state: .completed)) }
        }
    }

    /// Each limit ends the run and says so; what was not visited is skipped, not lost.
    @Test(
        arguments: Engine.available,
        [
            (#"{"pages":2}"#, "2 pages"), (#"{"errors":2}"#, "2 failed pages"), (#"{"bytes":150}"#, "150 bytes"),
            (#"{"browserSeconds":1.5}"#, "1.5 browser seconds"), (#"{"tokens":11}"#, "11 model tokens"),
        ])
    func budgets(engine: Engine, budget: (json: String, text: String)) async throws {
        try await withStore(engine) { store in
            let limits = try #require(RunBudget(stored: budget.json))
            let run = try await store.submit(pages(5, of: "one.example")) { $0.budget = limits }
            for _ in 0..<2 {
                let lease = try #require(try await store.takeAny(1).first)
                var outcome = VisitOutcome(state: .failed)
                (outcome.bytes, outcome.browserMilliseconds, outcome.tokens) = (100, 1000, 10)
                try await store.finish(lease, with: outcome)
            }
            let row = try await store.run(number: run)
            #expect(row.state == .failed && row.reason?.contains(budget.text) == true, "\(row)")
            #expect(row.counts.skipped == 3 && row.counts.open == 0)
            #expect(try await store.visits(of: run).last?.code == "budget")
            #expect(try await store.check() == [])
        }
    }

    /// A run's time is over also while nothing happens to it.
    @Test(arguments: Engine.available) func wallTime(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(2)) { $0.budget.wallSeconds = 0 }
            try await store.endOverdue()
            let row = try await store.run(number: run)
            #expect(row.state == .failed && row.reason?.contains("0 seconds") == true && row.counts.skipped == 2)
        }
    }

    /// The same key gives the same run, and another request under it is refused.
    @Test(arguments: Engine.available) func idempotency(engine: Engine) async throws {
        try await withStore(engine) { store in
            var run = NewRun(kind: "extract", spec: "{}")
            run.key = "monday"
            let first = try await store.submit(run, visits: pages(2))
            let second = try await store.submit(run, visits: pages(2))
            #expect(first.isNew && !second.isNew && second.id == first.id)
            #expect(try await store.runs(limit: 9).count == 1)
            run.spec = #"{"other":1}"#
            let error = await #expect(throws: StoreError.self) { try await store.submit(run, visits: pages(2)) }
            #expect(error?.code == .conflict && error?.message.contains("monday") == true)
        }
    }

    /// Narrowing skips what lies outside and leaves the rest.
    @Test(arguments: Engine.available) func narrowing(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(4))
            #expect(try await store.narrow(run, reason: "not h3", to: { !$0.contains("h3") }) == 1)
            #expect(try await store.takeAny().count == 3)
            #expect(try await store.counts(of: run).skipped == 1)
            #expect(try await store.check() == [])
        }
    }

    /// Events are numbered without a gap and in order, and a reader goes on after any number.
    @Test(arguments: Engine.available) func events(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(2))
            try await store.pause(run)
            try await store.unpause(run)
            try await store.finish(try await store.takeAny().map { ($0, VisitOutcome(state: .completed)) })
            let events = try await store.events(of: run)
            #expect(events.map(\.number) == Array(1...6))
            #expect(events.map(\.kind) == [.submitted, .paused, .resumed, .visit, .visit, .ended])
            #expect(events[3].url?.hasPrefix("https://h") == true)
            #expect(try await store.events(of: run, after: 4).map(\.number) == [5, 6])
        }
    }

    /// An own run can be given to the farm.
    @Test(arguments: Engine.available) func adoptionByTheFarm(engine: Engine) async throws {
        try await withStore(engine) { store in
            let run = try await store.submit(pages(2), lane: .own)
            try await store.adopt(run, owner: nil)
            #expect(try await store.takeAny().map(\.run) == [run, run])
        }
    }
}

@Suite struct NodeTests {
    /// What a dead node holds is free as soon as its death is proven, and others go on.
    @Test(arguments: Engine.available) func deadNodesHoldNothing(engine: Engine) async throws {
        try await withStore(engine, isGone: { $0 == "dead" }) { store in
            let dead = Identifier(.node)
            try await store.heartbeat(NodeStatus(dead, process: "dead"))
            try await store.heartbeat(NodeStatus(Identifier(.node), process: "alive"))
            _ = try await store.submit(pages(3, of: "one.example"))
            #expect(try await store.claim([LaneLimit(.batch, 1)], limit: 1, by: .test(dead)).leases.count == 1)
            #expect(try await store.releaseDead() == 1)
            #expect(try await store.nodes().map(\.status.process) == ["alive"])
            #expect(try await store.takeAny(1).count == 1)
        }
    }

    /// An order is taken once, by the node it is for, and its answer can be read.
    @Test(arguments: Engine.available) func orders(engine: Engine) async throws {
        try await withStore(engine) { store in
            let (one, two) = (Identifier(.node), Identifier(.node))
            let id = try await store.order(.drain, of: one)
            #expect(try await store.takeOrders(of: two).isEmpty)
            let order = try #require(try await store.takeOrders(of: one).first)
            #expect(order.kind == .drain)
            #expect(try await store.takeOrders(of: one).isEmpty)
            try await store.answer(order, .done, "drained")
            let answered = try await store.order(id)
            #expect(answered?.state == .done && answered?.answer == "drained")
        }
    }
}
