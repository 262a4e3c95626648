import UnixSignals

/// Runs a command's work; SIGINT and SIGTERM cancel it. The work then has its own deadlines for putting things in order.
func cancelledBySignals<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            for await _ in signals { return nil }
            try await Task.sleep(for: .seconds(1_000_000))
            return nil
        }
        let first = try await group.next() ?? nil
        group.cancelAll()
        if let first { return first }
        // A signal came: the work ends by its cancellation, and says so by throwing.
        while let value = try await group.next() { if let value { return value } }
        throw CancellationError()
    }
}
