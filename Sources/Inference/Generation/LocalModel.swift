// A GGUF file in a child process of the same binary.
//
// llama.cpp ends the process on what it holds impossible, and a machine without memory ends what it likes; neither may take the farm
// along. So the file is loaded by a child (`ModelWorker`) that is started when first needed, ends itself when nothing was asked for a
// while, and is started again by the next call, also after a crash: a crash costs the call that was being answered.
//
// Calls are answered one after the other, in order of arrival. A request's time counts from its turn; where it is up, or the caller is
// cancelled, the child is told to stop, and killed where it doesn't.

internal import Foundation

package actor LocalModel: LanguageModel {
    package struct Configuration: Sendable {
        /// Executable and arguments of the child.
        package var command: [String]
        /// Room for prompt and answer; less where the model learned less. Costs memory (23 KB a token with SmolLM2-135M).
        package var contextTokens = 8192
        /// Default: all cores but one, at most 8. llama.cpp's threads wait for each other at every layer, spinning: where a browser takes
        /// one of their cores, all of them stand still (measured on a busy machine of two cores: two threads write half as fast as one).
        package var threads = max(1, min(EncoderThreads.cores - 1, 8))
        /// After so long without a call the child ends and gives its memory back.
        package var idle: Duration = .seconds(60)
        /// Loading, from the disk of a slow machine.
        package var loadDeadline: Duration = .seconds(120)
        /// From asking the child to stop until it is killed.
        package var grace: Duration = .seconds(5)

        package init(command: [String]) { self.command = command }
    }

    package nonisolated let name: String
    private let path: String
    private let configuration: Configuration
    private var process: WorkerProcess?
    private var known: ModelTraits?
    private var lastCall = 0
    private var isBusy = false
    private var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []

    /// - Throws: what can be known of a file without loading it: `missing`, `damaged`, `wrongModel`, `tooLarge`.
    package init(path: String, _ configuration: Configuration) throws(InferenceError) {
        _ = try ModelFile(generating: path, contextTokens: configuration.contextTokens, freeMemory: Memory.free)
        self.path = path
        self.configuration = configuration
        name = URL(fileURLWithPath: path).lastPathComponent
    }

    /// The child's process id while there is one.
    package var processID: Int32? { process.flatMap { $0.hasEnded ? nil : $0.pid } }

    package func traits() async throws(InferenceError) -> ModelTraits {
        if let known { return known }
        try await turn()
        defer { passOn() }
        return try await loaded().traits
    }

    package func tokenCounts(of texts: [String]) async throws(InferenceError) -> [Int] {
        try await turn()
        defer { passOn() }
        let report = try await call(within: .seconds(60), onText: { _ in }) { .count(id: $0, texts: texts) }
        guard case .counted(_, let counts) = report, counts.count == texts.count else { throw unexpected(report) }
        return counts
    }

    package func generate(
        _ request: ModelRequest, onText: @escaping @Sendable (String) -> Void
    ) async throws(InferenceError) -> Generation {
        try await turn()
        defer { passOn() }
        let order = WorkerOrder.Generate(
            messages: request.messages, grammar: request.grammar?.gbnf, tokenBudget: request.tokenBudget, temperature: request.temperature,
            seed: request.seed)
        let report = try await call(within: request.deadline, onText: onText) { .generate(id: $0, order) }
        guard case .done(_, let generation) = report else { throw unexpected(report) }
        return generation
    }

    package func stop() async {
        process?.leave()
        process = nil
    }

    // MARK: The child

    private func loaded() async throws(InferenceError) -> (process: WorkerProcess, traits: ModelTraits) {
        if let process, let known, !process.hasEnded { return (process, known) }
        let process = try WorkerProcess.start(configuration.command)
        let load = WorkerOrder.Load(
            path: path, contextTokens: configuration.contextTokens, threads: configuration.threads,
            idleSeconds: configuration.idle / .seconds(1))
        let report = try await exchange(0, .load(load), with: process, within: configuration.loadDeadline, onText: { _ in })
        guard case .loaded(let traits)? = report else {
            process.leave()
            throw report.map { unexpected($0) } ?? InferenceError(.crashed, "The model's process left before it had loaded \(name).")
        }
        (self.process, known) = (process, traits)
        return (process, traits)
    }

    private func call(
        within limit: Duration, onText: @escaping @Sendable (String) -> Void, _ order: (Int) -> WorkerOrder
    ) async throws(InferenceError) -> WorkerReport {
        lastCall += 1
        // Others count on while this one waits.
        let id = lastCall
        let order = order(id)
        for _ in 0..<3 {
            let process = try await loaded().process
            // Nil: it left for want of work in the very moment in which it was asked.
            if let report = try await exchange(id, order, with: process, within: limit, onText: onText) { return report }
        }
        throw InferenceError(.crashed, "The model's process ends before it answers: \(name).")
    }

    /// Nil where the process has left by itself.
    private func exchange(
        _ id: Int, _ order: WorkerOrder, with process: WorkerProcess, within limit: Duration, onText: @escaping @Sendable (String) -> Void
    ) async throws(InferenceError) -> WorkerReport? {
        let grace = configuration.grace
        let isOver = Flag()
        @Sendable func breakOff() {
            process.send(.cancel(id: id))
            DispatchQueue.global().asyncAfter(deadline: .now() + grace / .seconds(1)) { if !isOver.isSet { process.kill() } }
        }
        let isLate = Flag()
        let clock = DispatchWorkItem {
            guard !isOver.isSet else { return }
            isLate.set()
            breakOff()
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + min(limit / .seconds(1), 1e6), execute: clock)
        let result = await withTaskCancellationHandler {
            await process.call(id, order, onText: onText)
        } onCancel: {
            breakOff()
        }
        isOver.set()
        clock.cancel()
        if Task.isCancelled { throw .cancelled }
        if isLate.isSet {
            throw InferenceError(.timedOut, id == 0 ? "\(name) was not loaded within \(limit)." : "\(name) did not answer within \(limit).")
        }
        switch result {
        case .success(.failed(_, let code, let message)):
            throw InferenceError(InferenceError.Code(rawValue: code) ?? .computeFailed, message)
        case .success(let report): return report
        case .failure(.left): return nil
        case .failure(.crashed(let how)):
            throw InferenceError(
                .crashed,
                "The process of the model \(name) ended while it worked (\(how)). Only this answer is lost: the next one gets a new process."
            )
        }
    }

    private func unexpected(_ report: WorkerReport) -> InferenceError {
        InferenceError(.garbled, "The process of the model \(name) answered something else than it was asked.")
    }

    // MARK: Taking turns

    /// Waits until nobody else is being answered.
    private func turn() async throws(InferenceError) {
        guard !Task.isCancelled else { throw .cancelled }
        guard isBusy else {
            isBusy = true
            return
        }
        lastCall += 1
        let id = lastCall
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume(returning: false) }
                waiting.append((id, continuation))
            }
        } onCancel: {
            Task { await giveUp(id) }
        }
        guard isMine else { throw .cancelled }
    }

    private func giveUp(_ id: Int) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).continuation.resume(returning: false)
    }

    private func passOn() {
        guard !waiting.isEmpty else {
            isBusy = false
            return
        }
        waiting.removeFirst().continuation.resume(returning: true)
    }
}

/// Set once, from any thread.
private final class Flag: Sendable {
    private let cancellation = Cancellation()
    func set() { cancellation.cancel() }
    var isSet: Bool { cancellation.isCancelled }
}
