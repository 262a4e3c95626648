import Testing

@testable import Store

private func onePage() -> [NewVisit] { [NewVisit(url: "https://a.example/", host: "a.example", terms: HostTerms(delay: 0, cap: 1))] }

extension Store {
    /// A schedule whose first fire is long due.
    fileprivate func overdue(_ name: String = "s") async throws -> ScheduleRow {
        try await add(NewSchedule(name: name, expression: "* * * * *", zone: "UTC", job: "{}", policy: "{}", next: (1, 1)))
        return try #require(try await schedule(named: name))
    }

    fileprivate func act(
        _ row: ScheduleRow, fires: [Int64] = [1], _ decide: @Sendable @escaping (ScheduleFacts) -> FireAction = { _ in .start }
    ) async throws -> Int {
        try await fire(
            row, fires: fires, settled: row.settledAt + 1, next: (.max, .max), dayStart: 0, run: NewRun(kind: "extract", spec: "{}"), visits: onePage(), decide)
    }

    fileprivate func endRuns(_ state: FinalState) async throws {
        for lease in try await takeAny() { try await finish(lease, with: VisitOutcome(state: state)) }
    }
}

@Suite struct ScheduleStoreTests {
    /// Several processes that see the same fire start one run.
    @Test(arguments: Engine.available) func once(engine: Engine) async throws {
        try await withStore(engine) { store in
            let row = try await store.overdue()
            #expect(try await store.dueSchedules().rows.map(\.name) == ["s"])
            let started = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await store.act(row) } }
                return try await group.reduce(0, +)
            }
            #expect(started == 1)
            #expect(try await store.runs(limit: 10).count == 1)
            #expect(try await store.dueSchedules().rows.isEmpty)
            #expect(try await store.fires(of: row.number, limit: 10).map(\.action) == ["started"])
        }
    }

    /// A fire that waits is acted upon when the run under way has ended, and not before.
    @Test(arguments: Engine.available) func waiting(engine: Engine) async throws {
        try await withStore(engine) { store in
            var row = try await store.overdue()
            _ = try await store.act(row, fires: [1, 2]) { $0.isRunning ? .queue : .start }
            #expect(try await store.dueSchedules().rows.isEmpty)
            try await store.endRuns(.completed)
            row = try #require(try await store.dueSchedules().rows.first)
            #expect(row.waiting == 2)
            #expect(try await store.act(row, fires: []) == 1)
            #expect(try await store.schedule(named: "s")?.waiting == nil)
            #expect(try await store.fires(of: row.number, limit: 10).map { Int64(($0.fireAt.timeIntervalSince1970 * 1e6).rounded()) } == [2, 2, 1])
        }
    }

    /// What a fire finds: a run under way, those of today, and the failures since the schedule was resumed.
    @Test(arguments: Engine.available) func facts(engine: Engine) async throws {
        try await withStore(engine) { store in
            _ = try await store.overdue()
            for n in 0..<3 {
                let row = try #require(try await store.schedule(named: "s"))
                _ = try await store.act(row, fires: [Int64(n)]) { facts in
                    #expect(facts == ScheduleFacts(failuresInARow: n, runsToday: n, isRunning: false, isWaiting: false))
                    return .start
                }
                try await store.endRuns(.failed)
            }
            var row = try #require(try await store.schedule(named: "s"))
            _ = try await store.act(row, fires: [9]) { $0.failuresInARow >= 3 ? .pause("enough") : .start }
            row = try #require(try await store.schedule(named: "s"))
            #expect(row.isPaused && row.reason == "enough")
            #expect(try await store.act(row) == 0)
            try await store.setPaused(false, row.number, reason: nil, next: (1, 1))
            row = try #require(try await store.schedule(named: "s"))
            _ = try await store.act(row) { facts in
                #expect(facts.failuresInARow == 0)
                return .skip("no")
            }
        }
    }

    /// The next run takes the place of the one under way, whose open pages are left out.
    @Test(arguments: Engine.available) func replacing(engine: Engine) async throws {
        try await withStore(engine) { store in
            let row = try await store.overdue()
            _ = try await store.act(row, fires: [1, 2]) { $0.isRunning ? .replace : .start }
            let runs = try await store.runs(limit: 10)
            #expect(runs.map(\.state) == [.open, .skipped])
            #expect(runs[1].reason?.contains("took its place") == true)
            #expect(try await store.check() == [])
        }
    }
}
