package import Store
import Logging

/// Does visits: claims what may go now, keeps the leases alive while it works, writes each result with its fence.
///
/// One that serves a farm takes the visits of any run, for ever; one that works on a run takes that run's visits until it is over. Both are
/// the same loop. A visit that waits for its host's clock holds nothing here: the claim says how long nothing will be ready, and the
/// scheduler sleeps for so long, or until a visit ends or somebody says that there is work. A lease that is lost (the run was cancelled, or
/// another process took over after this one was thought dead) cancels the visit within a second or two, and its result is dropped.
package struct Scheduler: Sendable {
    package struct Configuration: Sendable {
        /// Visits under way at the same time.
        package var atOnce = 4
        /// How long a dead worker's visit stays lost.
        package var leaseTime: Duration = .seconds(60)
        /// Where a host's clock goes when a visit is let go (microseconds).
        package var next: @Sendable (HostTerms, _ now: Int64) -> Int64 = { max($0.nextAt, $1) + $0.delay }
        /// Looks for work at least so often.
        package var pollInterval: Duration = .milliseconds(500)
        /// How long a drained farm's visits may go on before they are handed back.
        package var grace: Duration = .seconds(20)
        /// How long the store may be away before work on one run is given up. A farm never gives up.
        package var patience: Duration = .seconds(120)

        package init() {}
    }

    /// What came of one visit.
    package enum Result: Sendable {
        case final(VisitOutcome)
        /// To be tried again: the site or a part of ours failed in a way that may pass.
        case again(after: Duration, VisitOutcome)
        /// Not made: given back untouched.
        case notNow
    }

    package enum Progress: Sendable {
        case started(Lease)
        case finished(Lease, VisitOutcome)
        case retrying(Lease, VisitOutcome)
        /// The lease was lost; what the visit found was dropped.
        case dropped(Lease)
        /// Nothing may be asked for so long.
        case waiting(Duration)
        /// The store can't be reached; nothing is claimed until it can.
        case storeAway(String)
    }

    private let store: Store
    private let node: NodeStatus
    private let configuration: Configuration

    package init(store: Store, node: NodeStatus, configuration: Configuration) {
        self.store = store
        self.node = node
        self.configuration = configuration
    }

    /// Returns when the run is final. When cancelled, gives up the visits under way without a result and throws `CancellationError`.
    package func work(
        on run: Int64, progress: @escaping @Sendable (Progress) -> Void, visit: @escaping @Sendable (Lease) async -> Result
    ) async throws {
        try await store.heartbeat(node)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for second in 1... {
                    try await Task.sleep(for: .seconds(1))
                    if second % 15 == 0 { try? await store.heartbeat(node) }
                    try? await store.endOverdue()
                }
            }
            group.addTask {
                let loop = Loop(store: store, configuration: configuration, progress: progress, visit: visit)
                try await loop.run(patience: configuration.patience) { free, _, _ in
                    try await store.claim(run: run, limit: free, by: claimant)
                } isOver: {
                    try await store.run(number: run).state.isFinal
                }
            }
            // The heartbeat never ends of its own accord: the first to end is the work, or a fault.
            try await group.next()
            group.cancelAll()
        }
    }

    /// Does the visits of any run until `drain` is begun; then ends what is under way, or hands it back when its time is over. When cancelled,
    /// hands back at once and throws `CancellationError`.
    package func serve(
        until drain: Drain, wakings: AsyncStream<Void>?, busy: BusyCount, progress: @escaping @Sendable (Progress) -> Void,
        visit: @escaping @Sendable (Lease) async -> Result
    ) async throws {
        let loop = Loop(
            store: store, configuration: configuration, progress: progress, visit: visit, drain: drain, wakings: wakings, busy: busy,
            spare: LanePlan(places: configuration.atOnce).spare)
        try await loop.run(patience: nil) { _, active, round in
            let plan = LanePlan(places: configuration.atOnce)
            let limits = plan.limits(active: active)
            return try await store.claim(limits.lanes, limit: limits.total, seed: round, by: claimant)
        } isOver: {
            false
        }
    }

    private var claimant: Claimant {
        Claimant(worker: node.id, leaseTime: configuration.leaseTime.microseconds, next: configuration.next)
    }
}

/// How a farm's places are shared between what somebody waits for and batch work: each may have all of them, and a few more are kept that
/// only the other one can take, so that neither waits for a place that the other holds.
package struct LanePlan: Sendable, Equatable {
    package var places: Int

    package init(places: Int) { self.places = places }

    /// Places beside the usual ones.
    package var spare: Int { max(1, places / 8) }

    /// - Parameter active: visits under way, by lane.
    package func limits(active: [Lane: Int]) -> (lanes: [LaneLimit], total: Int) {
        let (interactive, batch) = (active[.interactive] ?? 0, active[.batch] ?? 0)
        let lanes = [
            LaneLimit(.interactive, max(0, places - interactive)),
            LaneLimit(.batch, max(0, places - batch)),
        ]
        return (lanes, max(0, places + spare - interactive - batch))
    }
}

extension Duration {
    /// Whole microseconds, as the store counts.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000
    }
}
