package import Store
import Logging

/// Does the visits of a run: claims what may go now, keeps the leases alive while it works, writes each result with its fence.
///
/// A visit that is waiting for its host's clock holds nothing here: the claim says how long nothing will be ready, and the scheduler sleeps
/// for so long or until a visit ends. A lease is renewed three times before it would run out; when a renewal says that it was lost
/// (cancelled, or taken over after this process was thought dead), the visit's task is cancelled and its result is dropped.
package struct Scheduler: Sendable {
    package struct Configuration: Sendable {
        /// Visits under way at the same time.
        package var atOnce = 4
        /// How long a dead worker's visit stays lost.
        package var leaseTime: Duration = .seconds(60)
        /// From a host's delay to the time until its next document, in microseconds.
        package var spacing: @Sendable (Int64) -> Int64 = { $0 }
        /// The mark by which other processes of this machine see that this one is dead; see `Store.heartbeat`.
        package var process = ""

        package init() {}
    }

    /// What came of one visit.
    package enum Result: Sendable {
        case final(VisitOutcome)
        /// To be tried again: the site or a part of ours failed in a way that may pass.
        case again(after: Duration, VisitOutcome)
    }

    package enum Progress: Sendable {
        case started(Lease)
        case finished(Lease, VisitOutcome)
        case retrying(Lease, VisitOutcome)
        /// Nothing may be asked for so long.
        case waiting(Duration)
    }

    private let store: Store
    private let node: Identifier
    private let configuration: Configuration

    package init(store: Store, node: Identifier, configuration: Configuration) {
        self.store = store
        self.node = node
        self.configuration = configuration
    }

    /// Returns when the run is final. When cancelled, gives up the visits under way without a result and throws `CancellationError`.
    package func work(
        on run: Int64, progress: @escaping @Sendable (Progress) -> Void, visit: @escaping @Sendable (Lease) async -> Result
    ) async throws {
        let store = store
        let node = node
        let process = configuration.process
        try await store.heartbeat(node: node, pid: processNumber(), process: process)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(15))
                    try await store.heartbeat(node: node, pid: processNumber(), process: process)
                }
            }
            group.addTask { try await workAlone(on: run, progress: progress, visit: visit) }
            // The heartbeat never ends of its own accord: the first to end is the work, or a fault.
            try await group.next()
            group.cancelAll()
        }
    }

    private enum Ending: Sendable { case visit, timer }

    private func workAlone(
        on run: Int64, progress: @escaping @Sendable (Progress) -> Void, visit: @escaping @Sendable (Lease) async -> Result
    ) async throws {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            var active = 0
            var timers = 0
            while true {
                try Task.checkCancellation()
                let claim = try await store.claim(
                    run: run, limit: configuration.atOnce - active, worker: node, leaseTime: configuration.leaseTime.microseconds,
                    spacing: configuration.spacing)
                for lease in claim.leases {
                    active += 1
                    progress(.started(lease))
                    group.addTask {
                        try await perform(lease, progress: progress, visit: visit)
                        return .visit
                    }
                }
                if !claim.leases.isEmpty, active < configuration.atOnce { continue }
                if active == 0, timers == 0, claim.wait == nil {
                    let counts = try await store.counts(of: run)
                    if counts.open == 0 {
                        group.cancelAll()
                        return
                    }
                }
                if active < configuration.atOnce, timers == 0 {
                    // Another process may hold leases of this run: look again soon even when nothing is known to wait.
                    let pause = min(claim.wait.map { Duration.microseconds($0) } ?? .milliseconds(500), .seconds(5))
                    if active == 0 { progress(.waiting(pause)) }
                    timers += 1
                    group.addTask {
                        try await Task.sleep(for: pause)
                        return .timer
                    }
                }
                switch try await group.next() {
                case .visit: active -= 1
                case .timer: timers -= 1
                case nil: break
                }
            }
        }
    }

    private func perform(
        _ lease: Lease, progress: @escaping @Sendable (Progress) -> Void, visit: @escaping @Sendable (Lease) async -> Result
    ) async throws {
        let result = try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { await visit(lease) }
            group.addTask {
                while true {
                    try await Task.sleep(for: configuration.leaseTime / 4)
                    if try await store.renew([lease], leaseTime: configuration.leaseTime.microseconds).isEmpty { return nil }
                }
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            return first
        }
        // Cancelled: the caller ends the run or leaves it to another process; a half-made result is not written.
        try Task.checkCancellation()
        guard let result else { return }
        do {
            switch result {
            case .final(let outcome):
                try await store.finish(lease, with: outcome)
                progress(.finished(lease, outcome))
            case .again(let pause, let outcome):
                try await store.giveBack(lease, after: pause.microseconds, outcome: outcome)
                progress(.retrying(lease, outcome))
            }
        } catch let error as StoreError where error.code == .staleLease {
            // The visit belongs to somebody else by now, or the run was cancelled.
        }
    }
}

extension Duration {
    /// Whole microseconds, as the store counts.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000
    }
}
