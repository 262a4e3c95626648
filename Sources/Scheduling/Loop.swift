import Store
import Synchronization

/// The loop behind `Scheduler`: claim, do, write.
struct Loop: Sendable {
    let store: Store
    let configuration: Scheduler.Configuration
    let progress: @Sendable (Scheduler.Progress) -> Void
    let visit: @Sendable (Lease) async -> Scheduler.Result
    var drain = Drain()
    var wakings: AsyncStream<Void>?
    var busy = BusyCount()
    /// Places beside `atOnce`.
    var spare = 0

    private enum Ending: Sendable {
        case visit(Lease)
        case timer, waking, wakingsOver, drained, graceOver
    }

    /// - Parameters:
    ///   - patience: how long the store may be away; nil: for ever.
    ///   - claim: asked with the places that are free, the visits under way by lane, and a number that is counted up.
    func run(
        patience: Duration?, claim: @escaping @Sendable (_ free: Int, _ active: [Lane: Int], _ round: Int) async throws -> Claim,
        isOver: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let book = LeaseBook(store: store, leaseTime: configuration.leaseTime)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await book.keep() }
                group.addTask { try await work(book, patience, claim, isOver) }
                // The book is kept until the work ends, or is cancelled.
                try await group.next()
                group.cancelAll()
            }
        } catch {
            await handBack(book)
            throw error
        }
        await handBack(book)
    }

    /// What is left when the work ends: others may do it at once. In a task of its own, since a cancelled one can't write any more.
    private func handBack(_ book: LeaseBook) async {
        let left = book.leases
        guard !left.isEmpty else { return }
        let store = store
        await Task { try? await store.handBack(left) }.value
    }

    private func work(
        _ book: LeaseBook, _ patience: Duration?, _ claim: @Sendable (Int, [Lane: Int], Int) async throws -> Claim,
        _ isOver: @Sendable () async throws -> Bool
    ) async throws {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            var active: [Lane: Int] = [:]
            var timers = 0
            var round = 0
            var away: ContinuousClock.Instant?
            var isListening = false
            group.addTask { [drain] in
                await drain.begun()
                return .drained
            }
            while true {
                try Task.checkCancellation()
                let count = active.values.reduce(0, +)
                busy.set(count)
                if drain.isBegun { return try await end(&group, active: count) }
                var pause = configuration.pollInterval
                let isFull = count >= configuration.atOnce + spare
                if !isFull {
                    round += 1
                    do {
                        let found = try await claim(configuration.atOnce + spare - count, active, round)
                        away = nil
                        for lease in found.leases {
                            active[lease.lane, default: 0] += 1
                            progress(.started(lease))
                            let lost = book.add(lease)
                            group.addTask {
                                try await perform(lease, book, lost)
                                return .visit(lease)
                            }
                        }
                        if !found.leases.isEmpty { continue }
                        if count == 0, found.wait == nil, try await isOver() {
                            group.cancelAll()
                            return
                        }
                        // Another process may hold leases, or write something new: look again soon even when nothing is known to wait.
                        if let wait = found.wait { pause = min(pause, .microseconds(wait)) }
                        if count == 0 { progress(.waiting(found.wait.map { .microseconds($0) } ?? pause)) }
                    } catch let error as StoreError where error.code == .unavailable || error.code == .busy {
                        let since = away ?? .now
                        away = since
                        progress(.storeAway(error.message))
                        if let patience, .now - since > patience { throw error }
                        pause = .seconds(1)
                    }
                }
                if !isFull, timers == 0 {
                    timers += 1
                    let pause = pause
                    group.addTask {
                        try await Task.sleep(for: pause)
                        return .timer
                    }
                }
                if !isListening, let wakings {
                    isListening = true
                    group.addTask {
                        for await _ in wakings { return .waking }
                        return .wakingsOver
                    }
                }
                switch try await group.next() {
                case .visit(let lease): active[lease.lane, default: 1] -= 1
                case .timer: timers -= 1
                case .waking: isListening = false
                case .drained, .graceOver, .wakingsOver, nil: break
                }
            }
        }
    }

    /// Lets what is under way end for as long as the grace allows.
    private func end(_ group: inout ThrowingTaskGroup<Ending, any Error>, active: Int) async throws {
        var left = active
        let grace = configuration.grace
        group.addTask {
            try await Task.sleep(for: grace)
            return .graceOver
        }
        while left > 0 {
            switch try await group.next() {
            case .visit:
                left -= 1
                busy.set(left)
            case .graceOver: left = 0
            default: break
            }
        }
        group.cancelAll()
    }

    private func perform(_ lease: Lease, _ book: LeaseBook, _ lost: AsyncStream<Void>) async throws {
        let given = await withTaskGroup(of: Scheduler.Result?.self) { group in
            group.addTask { await visit(lease) }
            group.addTask {
                for await _ in lost {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        // Cancelled: the lease is handed back, or the caller ends the run; a half-made result is not written.
        try Task.checkCancellation()
        guard let given else {
            book.remove(lease)
            return progress(.dropped(lease))
        }
        defer { book.remove(lease) }
        var result = given
        var isRefused = false
        while true {
            do {
                switch result {
                case .final(let outcome):
                    try await store.finish(lease, with: outcome)
                    progress(.finished(lease, outcome))
                case .again(let pause, let outcome):
                    try await store.postpone(lease, by: pause.microseconds, outcome: outcome)
                    progress(.retrying(lease, outcome))
                case .notNow:
                    try await store.handBack([lease])
                    progress(.dropped(lease))
                }
                return
            } catch let error as StoreError where error.code == .staleLease {
                // The visit belongs to somebody else by now, or the run was cancelled.
                return progress(.dropped(lease))
            } catch let error as StoreError where error.code == .unavailable || error.code == .busy {
                // What was found is kept until the store is back; the fence says then whether it still counts.
                progress(.storeAway(error.message))
                try await Task.sleep(for: .seconds(1))
            } catch let error as StoreError where error.code == .failed && !isRefused {
                // One result that the database doesn't take must not end the others.
                isRefused = true
                result = .final(
                    VisitOutcome(state: .failed, reason: "\(lease.url): its result could not be stored: \(error)", code: "unstorable"))
            }
        }
    }
}

/// The leases that a scheduler holds: renews them, and ends the visits of those that were lost.
final class LeaseBook: Sendable {
    private let store: Store
    private let leaseTime: Duration
    private let held = Mutex<[Int64: (lease: Lease, lost: AsyncStream<Void>.Continuation)]>([:])

    init(store: Store, leaseTime: Duration) {
        self.store = store
        self.leaseTime = leaseTime
    }

    var leases: [Lease] { held.withLock { $0.values.map(\.lease) } }

    /// - Returns: a stream that ends when the lease is lost.
    func add(_ lease: Lease) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        held.withLock { $0[lease.visit] = (lease, continuation) }
        return stream
    }

    func remove(_ lease: Lease) {
        let entry = held.withLock { held in
            held[lease.visit]?.lease.fence == lease.fence ? held.removeValue(forKey: lease.visit) : nil
        }
        entry?.lost.finish()
    }

    /// Looks every second whether the leases still stand, and renews them in good time. Ends when it is cancelled.
    func keep() async throws {
        var renewed = ContinuousClock.now
        while true {
            try await Task.sleep(for: min(.seconds(1), leaseTime / 4))
            let leases = leases
            guard !leases.isEmpty else { continue }
            let standing: Set<Int64>
            do {
                if .now - renewed >= leaseTime / 4 {
                    standing = try await store.renew(leases, leaseTime: leaseTime.microseconds)
                    renewed = .now
                } else {
                    standing = try await store.standing(leases)
                }
            } catch is StoreError {
                // Away or busy: whether the leases still stand is seen when it is back.
                continue
            }
            for lease in leases where !standing.contains(lease.visit) {
                held.withLock { held in held[lease.visit].flatMap { $0.lease.fence == lease.fence ? $0.lost : nil } }?.finish()
            }
        }
    }
}

/// Tells a farm to take nothing new.
package final class Drain: Sendable {
    private struct State {
        var isBegun = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var isBegun: Bool { state.withLock(\.isBegun) }

    /// Takes nothing new; what is under way may end.
    package func begin() {
        let waiting = state.withLock { state in
            state.isBegun = true
            return state.waiting
        }
        for continuation in waiting { continuation.yield() }
    }

    /// Returns when the drain has begun, or the task is cancelled.
    func begun() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        state.withLock { $0.waiting.append(continuation) }
        if isBegun { return }
        for await _ in stream { return }
    }
}

/// How many visits a scheduler has under way, for its heartbeat.
package final class BusyCount: Sendable {
    private let count = Mutex(0)

    package init() {}
    package var value: Int { count.withLock { $0 } }
    func set(_ value: Int) { count.withLock { $0 = value } }
}
