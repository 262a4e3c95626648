// The store on PostgreSQL: many nodes share it. A few connections, lent for one transaction each.
//
// A transaction that fails because the connection broke, the server restarted or another transaction stood in the way is done again, from its
// beginning, until the caller's patience is over. Where the connection breaks while the commit is under way, nobody knows whether it was
// done: the server is asked by the transaction's number (`pg_xact_status`), so that nothing is ever done twice or lost.

internal import CPostgres
import Foundation
import Synchronization

package struct PostgresDatabase: Database {
    package var place: String { address.description }
    package let dialect = Dialect.postgres
    private let pool: PostgresPool
    private let address: PostgresAddress
    private let patience: Duration

    /// Opens no connection yet.
    ///
    /// - Parameters:
    ///   - text: `postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full`, as libpq reads it (PostgreSQL manual, "Connection URIs"); what it
    ///     leaves out comes from libpq's environment (PGPASSWORD, …).
    ///   - connections: at most so many at once.
    ///   - patience: how long a transaction is tried while the server can't be reached. After that it fails with `unavailable`.
    package init(_ text: String, connections: Int = 4, patience: Duration = .seconds(10)) throws {
        address = try PostgresAddress(text)
        pool = PostgresPool(address, count: max(1, connections))
        self.patience = patience
    }

    package func read<Value: Sendable>(_ body: @Sendable @escaping (any Transaction) throws -> Value) async throws -> Value {
        try await transact(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
    }

    package func write<Value: Sendable>(_ body: @Sendable @escaping (any Transaction) throws -> Value) async throws -> Value {
        try await transact(begin: "BEGIN", body)
    }

    package func maintain(_ sql: String) async throws {
        do {
            try await pool.lend { try $0.runAlone(sql) }
        } catch let fault as PostgresFault {
            throw StoreError(fault.kind == .refused ? .failed : .unavailable, "the store did not do \(sql)", underlying: fault)
        }
    }

    /// A connection of its own listens, and is made again when it breaks.
    package func wakings() -> AsyncStream<Void>? {
        let address = address
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let task = Task {
                while !Task.isCancelled {
                    let connection = PostgresConnection(address)
                    let isOver = Flag()
                    try? await withTaskCancellationHandler {
                        try await connection.perform { try $0.listen(until: { isOver.isSet }, heard: { continuation.yield() }) }
                    } onCancel: {
                        isOver.set()
                    }
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    package func close() async throws { await pool.close() }

    private func transact<Value: Sendable>(
        begin: String, _ body: @Sendable @escaping (any Transaction) throws -> Value
    ) async throws -> Value {
        let end = ContinuousClock.now + patience
        var tries = 0
        var pause = Duration.milliseconds(50)
        while true {
            tries += 1
            do {
                switch try await pool.lend({ try $0.transact(begin: begin, body) }) {
                case .done(let value): return value
                case .unknown(let value, let transaction, let fault):
                    if try await isCommitted(transaction, until: end, fault) { return value }
                    throw fault
                }
            } catch let fault as PostgresFault {
                switch fault.kind {
                case .refused: throw StoreError(.failed, "the store refused a statement", underlying: fault)
                case .refusedLogin: throw StoreError(.unavailable, "the store can't be opened", underlying: fault)
                case .conflict, .stalePlan:
                    guard tries < 20, .now < end else {
                        throw StoreError(.busy, "other transactions stood in the way again and again; nothing was written", underlying: fault)
                    }
                    try await Task.sleep(for: .milliseconds(.random(in: 1...20)))
                case .lost:
                    guard .now < end else {
                        throw StoreError(.unavailable, "the store can't be reached; nothing was written", underlying: fault)
                    }
                    try await Task.sleep(for: pause)
                    pause = min(pause * 2, .seconds(2))
                }
            }
        }
    }

    private func isCommitted(_ transaction: String, until end: ContinuousClock.Instant, _ fault: PostgresFault) async throws -> Bool {
        // A server that restarts needs its time, however short the patience.
        let end = max(end, .now + .seconds(10))
        while true {
            do {
                switch try await pool.lend({ try $0.fate(of: transaction) }) {
                case "committed": return true
                case "aborted": return false
                default: break  // Still under way: the server has not noticed yet that we are gone.
                }
            } catch let error as PostgresFault where error.kind == .lost {}
            guard .now < end else {
                throw StoreError(
                    .unavailable, "the connection to the store broke while a transaction was committed; whether it was is unknown",
                    underlying: fault)
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

/// Where the server is, checked once.
struct PostgresAddress: Sendable, CustomStringConvertible {
    private let text: String
    /// Without the password.
    let description: String
    let connectLimit = Duration.seconds(10)
    /// A little more than the server's own limit, whose message says more.
    let statementLimit = Duration.seconds(35)

    init(_ text: String) throws {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            defer { PQfreemem(message) }
            let reason = message.map { String(cString: $0).trimmingCharacters(in: .whitespacesAndNewlines) } ?? "it can't be read"
            throw StoreError(.badAddress, "this is not the address of a PostgreSQL database: \(reason)")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        // libpq looks at ports only when it connects. Several hosts have several ports.
        for port in (values["port"] ?? "").split(separator: ",") where Int(port).map({ (1...65535).contains($0) }) != true {
            throw StoreError(.badAddress, "this is not the address of a PostgreSQL database: \(port) is no port")
        }
        self.text = text
        description =
            "PostgreSQL at \(values["host"] ?? values["hostaddr"] ?? "this machine")"
            + (values["port"].map { ":\($0)" } ?? "") + (values["dbname"].map { ", database \($0)" } ?? "")
    }

    /// Begins to connect. What the address says comes last and wins.
    func connect() -> OpaquePointer? {
        let options = [
            ("application_name", "gleaner"), ("client_encoding", "UTF8"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "15000"), ("dbname", text),
        ]
        let keywords = options.map { strdup($0.0) }
        let values = options.map { strdup($0.1) }
        defer { for pointer in keywords + values { free(pointer) } }
        return PQconnectStartParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
    }
}

/// Lends connections, in the order in which they were asked for.
final class PostgresPool: Sendable {
    private struct State {
        var idle: [PostgresConnection]
        var waiting: [(id: Int, continuation: CheckedContinuation<PostgresConnection, any Error>)] = []
        var lastID = 0
        var isClosed = false
    }

    private let state: Mutex<State>

    init(_ address: PostgresAddress, count: Int) {
        state = Mutex(State(idle: (0..<count).map { _ in PostgresConnection(address) }))
    }

    func lend<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        let connection = try await borrow()
        defer { giveBack(connection) }
        do {
            return try await connection.perform(body)
        } catch let error as PostgresFault where error.kind == .stalePlan {
            try await connection.perform { $0.close() }
            throw error
        }
    }

    private func borrow() async throws -> PostgresConnection {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<PostgresConnection, any Error>? in
                    if state.isClosed { return .failure(StoreError(.unavailable, "the store was closed")) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    // The one used last has the warmest caches.
                    if let connection = state.idle.popLast() { return .success(connection) }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func giveBack(_ connection: PostgresConnection) {
        let next = state.withLock { state -> CheckedContinuation<PostgresConnection, any Error>? in
            if state.waiting.isEmpty {
                if !state.isClosed { state.idle.append(connection) }
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: connection)
    }

    /// Connections that are lent are closed when they come back.
    func close() async {
        let (idle, waiting) = state.withLock { state in
            state.isClosed = true
            defer { (state.idle, state.waiting) = ([], []) }
            return (state.idle, state.waiting)
        }
        for waiter in waiting { waiter.continuation.resume(throwing: StoreError(.unavailable, "the store was closed")) }
        for connection in idle { try? await connection.perform { $0.close() } }
    }
}

/// Said once, seen from any thread.
private final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
