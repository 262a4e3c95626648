internal import Foundation

/// Threads that encode chunks: one context each, made when first needed and thrown away after a failure.
///
/// Jobs of all callers stand in one queue, first come, first served. A batch ends exactly once: when its last chunk is done, or, after
/// an error or a cancellation, as soon as none of its chunks is being computed any more. One chunk takes a fraction of a second and is
/// not interrupted. The threads hold this object; `stop` (from the encoder's `deinit`) lets them go.
final class EncoderThreads: @unchecked Sendable {  // all mutable state is touched under `lock` only
    private final class Batch {
        var results: [TokenVectors?]
        /// Chunks that are neither done nor dropped.
        var remaining: Int
        var failure: InferenceError?
        let completion: (Result<[TokenVectors], InferenceError>) -> Void

        init(count: Int, completion: @escaping (Result<[TokenVectors], InferenceError>) -> Void) {
            results = Array(repeating: nil, count: count)
            remaining = count
            self.completion = completion
        }
    }

    private struct Job {
        let batch: Batch
        let ids: [Int32]
        let index: Int
    }

    /// Ties a batch to the task that waits for it: the task may be cancelled before its batch exists.
    private final class Ticket {
        var batch: Batch?
        var isCancelled = false
    }

    static var cores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    private let lock = NSCondition()
    private var queue: [Job] = []
    private var isStopped = false
    private let makeSession: @Sendable () throws(InferenceError) -> EncoderSession

    init(count: Int, makeSession: @escaping @Sendable () throws(InferenceError) -> EncoderSession) {
        self.makeSession = makeSession
        for number in 0..<count {
            let thread = Thread { [self] in work() }
            thread.name = "encoder-\(number)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    func stop() {
        lock.lock()
        isStopped = true
        lock.broadcast()
        lock.unlock()
    }

    func run(_ chunks: [[Int32]]) async throws(InferenceError) -> [TokenVectors] {
        guard !chunks.isEmpty else { return [] }
        nonisolated(unsafe) let ticket = Ticket()
        let result: Result<[TokenVectors], InferenceError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(chunks, ticket) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            cancel(ticket)
        }
        return try result.get()
    }

    private func submit(_ chunks: [[Int32]], _ ticket: Ticket, _ completion: @escaping (Result<[TokenVectors], InferenceError>) -> Void) {
        lock.lock()
        if ticket.isCancelled || isStopped {
            lock.unlock()
            return completion(.failure(.cancelled))
        }
        let batch = Batch(count: chunks.count, completion: completion)
        ticket.batch = batch
        for (index, ids) in chunks.enumerated() { queue.append(Job(batch: batch, ids: ids, index: index)) }
        lock.broadcast()
        lock.unlock()
    }

    private func cancel(_ ticket: Ticket) {
        lock.lock()
        ticket.isCancelled = true
        let batch = ticket.batch
        let isOver = batch.map { fail($0, .cancelled) } ?? false
        lock.unlock()
        if isOver { batch?.completion(.failure(.cancelled)) }
    }

    /// Drops what is still queued of a batch. True if nothing of it is left to wait for: the caller then ends it, outside the lock.
    private func fail(_ batch: Batch, _ error: InferenceError) -> Bool {
        guard batch.remaining > 0, batch.failure == nil else { return false }
        batch.failure = error
        let before = queue.count
        queue.removeAll { $0.batch === batch }
        batch.remaining -= before - queue.count
        return batch.remaining == 0
    }

    private func work() {
        var session: EncoderSession?
        while let job = next() {
            let result: Result<TokenVectors, InferenceError>
            do throws(InferenceError) {
                if session == nil { session = try makeSession() }
                guard let vectors = try session?.encode(job.ids) else { throw .cancelled }
                result = .success(vectors)
            } catch {
                if error.code != .badInput { session = nil }
                result = .failure(error)
            }
            finish(job, result)
        }
    }

    private func next() -> Job? {
        lock.lock()
        defer { lock.unlock() }
        while queue.isEmpty {
            if isStopped { return nil }
            lock.wait()
        }
        return queue.removeFirst()
    }

    private func finish(_ job: Job, _ result: Result<TokenVectors, InferenceError>) {
        let batch = job.batch
        lock.lock()
        switch result {
        case .success(let vectors): batch.results[job.index] = vectors
        case .failure(let error):
            // The running chunk itself still counts, so this never ends the batch.
            _ = fail(batch, error)
        }
        batch.remaining -= 1
        let isOver = batch.remaining == 0
        let failure = batch.failure
        lock.unlock()
        guard isOver else { return }
        batch.completion(failure.map { .failure($0) } ?? .success(batch.results.compactMap { $0 }))
    }
}

extension InferenceError {
    static let cancelled = InferenceError(.cancelled, "The computation was cancelled.")
}
