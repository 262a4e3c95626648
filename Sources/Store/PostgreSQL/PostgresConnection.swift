// One connection to PostgreSQL, through libpq's non-blocking calls: every wait has a deadline, and nothing of libpq is touched by two threads.
//
// A transaction's BEGIN travels with its first statement, and the statements of a batch travel together (libpq's pipeline mode), so that
// a transaction costs as few round trips as it can. Statements are prepared once a connection.

internal import CPostgres
import Foundation

/// What went wrong on a connection.
struct PostgresFault: Error, CustomStringConvertible {
    enum Kind: Sendable, Equatable {
        /// No connection could be made, or it broke; the transaction was not committed.
        case lost
        /// Another transaction stood in the way (serialization, deadlock, lock time-out): the same again may go through.
        case conflict
        /// A prepared statement doesn't fit the schema any more; on a new connection the same goes through.
        case stalePlan
        /// The server will not have us: login, database, rights. Trying again is no use.
        case refusedLogin
        case refused
    }

    var kind: Kind
    var message: String
    var state: String

    init(_ kind: Kind, _ message: String, state: String = "") {
        (self.kind, self.message, self.state) = (kind, message, state)
    }

    var description: String { state.isEmpty ? message : "\(message) (SQLSTATE \(state))" }
}

/// Used by one thread at a time: `PostgresPool` lends it, and runs what is done with it on the connection's own queue.
final class PostgresConnection: @unchecked Sendable {
    private let address: PostgresAddress
    private var raw: OpaquePointer?
    private var statements: [String: PostgresStatement] = [:]
    /// Names of what is prepared on the server, by text and parameter types.
    private var prepared: [PreparedKey: String] = [:]
    private var lastName = 0
    private var transaction: (state: TransactionState, begin: String, id: String?) = (.none, "", nil)
    private let queue = DispatchQueue(label: "postgresql")

    private struct PreparedKey: Hashable {
        var sql: String
        var types: [UInt32]
    }

    private enum TransactionState {
        case none
        /// BEGIN is sent with the first statement.
        case wanted
        case open
    }

    init(_ address: PostgresAddress) { self.address = address }

    deinit { close() }

    /// Does something with the connection on its own thread.
    func perform<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self) }) }
        }
    }

    func close() {
        if let raw { PQfinish(raw) }
        raw = nil
        prepared = [:]
        transaction = (.none, "", nil)
    }

    /// Of the socket; -1 without a connection.
    var descriptor: Int32 { raw.map(PQsocket) ?? -1 }

    // MARK: Transactions

    /// What came of a transaction whose body returned a value.
    enum Outcome<Value: Sendable>: Sendable {
        case done(Value)
        /// The connection broke while the commit was on its way: the server knows, by the transaction's number, whether it was done.
        case unknown(Value, transaction: String, PostgresFault)
    }

    /// All or nothing. Connects first where there is no connection.
    func transact<Value>(begin: String, _ body: (any Transaction) throws -> Value) throws -> Outcome<Value> {
        try open()
        transaction = (.wanted, begin, nil)
        let value: Value
        do {
            value = try body(PostgresTransaction(connection: self))
        } catch {
            rollBack()
            throw error
        }
        guard transaction.state == .open else {
            transaction = (.none, "", nil)
            return .done(value)
        }
        let id = transaction.id
        do throws(PostgresFault) {
            let ending = try exchange([.query("COMMIT")]).last?.command
            // The server's answer to the commit of a transaction in which a statement failed.
            if ending == "ROLLBACK" { throw PostgresFault(.refused, "a statement failed, so nothing of its transaction was written") }
        } catch {
            if error.kind == .lost, let id { return .unknown(value, transaction: id, error) }
            rollBack()
            throw error
        }
        transaction = (.none, "", nil)
        return .done(value)
    }

    private func rollBack() {
        defer { transaction = (.none, "", nil) }
        guard transaction.state == .open, let raw else { return }
        // What can't be rolled back is ended with the connection.
        if PQstatus(raw) != CONNECTION_OK || (try? exchange([.query("ROLLBACK")])) == nil { close() }
    }

    /// A statement outside of a transaction, which may take an hour.
    func runAlone(_ sql: String) throws {
        try open()
        _ = try simple("SET statement_timeout = 0")
        defer { close() }
        _ = try simple(sql, within: .seconds(3600))
    }

    /// Listens for the notifications of `Dialect.notify` until `isOver` says so, or the connection breaks. It may be told a second late.
    func listen(until isOver: () -> Bool, heard: () -> Void) throws {
        try open()
        defer { close() }
        _ = try simple("LISTEN gleaner; SET idle_session_timeout = 0")
        // Whatever was said before this moment was not heard.
        heard()
        while !isOver() {
            guard let raw else { throw lost() }
            var socket = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&socket, 1, 1000)
            if ready < 0, errno != EINTR { throw lost() }
            guard ready > 0 else { continue }
            guard PQconsumeInput(raw) == 1 else { throw lost() }
            var isTold = false
            while let notification = PQnotifies(raw) {
                PQfreemem(notification)
                isTold = true
            }
            if isTold { heard() }
        }
    }

    /// "committed", "aborted" or "in progress"; nil where the server doesn't know the transaction any more (it is too old).
    func fate(of transaction: String) throws -> String? {
        try open()
        do {
            return try rows("SELECT pg_xact_status(:id::text::xid8) AS status", ["id": .text(transaction)]).first?.text("status")
        } catch let fault as PostgresFault where fault.state == "22023" {
            // "In the future": the server crashed before anything of it was on disk, and has not come to that number again.
            return "aborted"
        }
    }

    fileprivate func rows(_ sql: String, _ parameters: [String: SQLValue]) throws -> [SQLRow] {
        guard let result = try execute(sql, [parameters]).last else { return [] }
        return try result.rows()
    }

    fileprivate func run(_ sql: String, each parameters: [[String: SQLValue]]) throws -> Int {
        try execute(sql, parameters).reduce(0) { $0 + $1.changed }
    }

    /// Statements without parameters, several in one text.
    fileprivate func run(_ sql: String) throws -> Int {
        if transaction.state == .wanted { _ = try exchange(beginning()) }
        return try simple(sql)
    }

    private func beginning() -> [Message] {
        guard transaction.state == .wanted else { return [] }
        transaction.state = .open
        // The number of a transaction that writes tells later what became of it; see `Outcome.unknown`.
        return transaction.begin.contains("READ ONLY") ? [.query(transaction.begin)] : [.query(transaction.begin), .identify]
    }

    private func execute(_ sql: String, _ parameters: [[String: SQLValue]]) throws -> [PostgresResult] {
        guard !parameters.isEmpty else { return [] }
        let statement = statements[sql] ?? PostgresStatement(sql)
        if statements.count > 1000 { statements = [:] }
        statements[sql] = statement
        var messages = beginning()
        let first = messages.count
        for parameters in parameters {
            let values = try PostgresParameters(statement, parameters)
            let key = PreparedKey(sql: statement.sql, types: values.types)
            var name = prepared[key]
            if name == nil {
                name = messages.lazy.compactMap { if case .prepare(let name, key, _) = $0 { name } else { nil } }.first
            }
            if name == nil {
                lastName += 1
                let new = "s\(lastName)"
                messages.append(.prepare(new, key, statement.sql))
                name = new
            }
            messages.append(.execute(name ?? "", values))
        }
        let results = try exchange(messages)
        return zip(messages, results).dropFirst(first).compactMap { message, result in
            if case .execute = message { result } else { nil }
        }
    }

    // MARK: Messages

    private enum Message {
        /// A single statement without parameters.
        case query(String)
        /// Asks for the transaction's number.
        case identify
        case prepare(String, PreparedKey, String)
        case execute(String, PostgresParameters)
    }

    /// Sends messages together and reads their results, in order. The first fault is thrown, after all was read.
    private func exchange(_ messages: [Message]) throws(PostgresFault) -> [PostgresResult] {
        guard let raw, !messages.isEmpty else { throw lost() }
        let deadline = ContinuousClock.now + address.statementLimit
        guard PQenterPipelineMode(raw) == 1 else { throw lost() }
        for message in messages where !send(message, raw) { throw lost() }
        guard PQpipelineSync(raw) == 1 else { throw lost() }

        var results: [PostgresResult] = []
        var fault: PostgresFault?
        for message in messages {
            guard let result = try result(raw, until: deadline) else { throw lost() }
            switch PQresultStatus(result.raw) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                if case .prepare(let name, let key, _) = message { prepared[key] = name }
                if case .identify = message { transaction.id = try result.rows().first?.text("id") }
            case PGRES_PIPELINE_ABORTED: break
            default: fault = fault ?? result.fault(raw)
            }
            results.append(result)
            // A nil closes each statement's results.
            guard try self.result(raw, until: deadline) == nil else { throw lost() }
        }
        guard let sync = try result(raw, until: deadline), PQresultStatus(sync.raw) == PGRES_PIPELINE_SYNC, PQexitPipelineMode(raw) == 1 else {
            throw lost()
        }
        if let fault { throw fault }
        return results
    }

    private func send(_ message: Message, _ raw: OpaquePointer) -> Bool {
        switch message {
        case .query(let sql): return PQsendQueryParams(raw, sql, 0, nil, nil, nil, nil, 1) == 1
        case .identify: return PQsendQueryParams(raw, "SELECT pg_current_xact_id()::text AS id", 0, nil, nil, nil, nil, 1) == 1
        case .prepare(let name, let key, let sql): return PQsendPrepare(raw, name, sql, Int32(key.types.count), key.types) == 1
        case .execute(let name, let parameters):
            var bytes: [UInt8] = []
            var starts: [Int?] = []
            for value in parameters.values {
                starts.append(value == nil ? nil : bytes.count)
                // One byte more, so that an empty value has an address of its own.
                if let value { bytes += value + [0] }
            }
            let lengths = parameters.values.map { Int32(clamping: $0?.count ?? 0) }
            let formats = [Int32](repeating: 1, count: lengths.count)
            return bytes.withUnsafeBytes { buffer in
                let base = buffer.bindMemory(to: CChar.self).baseAddress
                let pointers = starts.map { start in start.flatMap { base?.advanced(by: $0) } }
                return PQsendQueryPrepared(raw, name, Int32(lengths.count), pointers, lengths, formats, 1) == 1
            }
        }
    }

    /// Several statements in one text, by the simple protocol. Tells how many rows the last one changed.
    private func simple(_ sql: String, within limit: Duration? = nil) throws(PostgresFault) -> Int {
        guard let raw, PQsendQuery(raw, sql) == 1 else { throw lost() }
        let deadline = ContinuousClock.now + (limit ?? address.statementLimit)
        var changed = 0
        var fault: PostgresFault?
        while let result = try result(raw, until: deadline) {
            switch PQresultStatus(result.raw) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: changed = result.changed
            default: fault = fault ?? result.fault(raw)
            }
        }
        if let fault { throw fault }
        return changed
    }

    // MARK: Waiting

    private func result(_ raw: OpaquePointer, until deadline: ContinuousClock.Instant) throws(PostgresFault) -> PostgresResult? {
        while true {
            let unsent = PQflush(raw)
            guard unsent >= 0 else { throw lost() }
            if unsent == 0, PQisBusy(raw) == 0 { break }
            let events = try wait(for: Int16(POLLIN) | (unsent > 0 ? Int16(POLLOUT) : 0), until: deadline)
            if events & ~Int16(POLLOUT) != 0, PQconsumeInput(raw) == 0 { throw lost() }
        }
        return PQgetResult(raw).map(PostgresResult.init)
    }

    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(PostgresFault) -> Int16 {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else {
                let message = "\(address) did not answer within \(address.statementLimit)"
                close()
                throw PostgresFault(.lost, message)
            }
            var socket = pollfd(fd: descriptor, events: events, revents: 0)
            let ready = poll(&socket, 1, Int32(clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1))
            if ready > 0 { return socket.revents }
            if ready < 0, errno != EINTR { throw lost() }
        }
    }

    private func open() throws(PostgresFault) {
        if let raw {
            if PQstatus(raw) == CONNECTION_OK, PQtransactionStatus(raw) == PQTRANS_IDLE { return }
            close()
        }
        guard let new = address.connect() else { throw PostgresFault(.lost, "there is no memory for a connection to \(address)") }
        raw = new
        let deadline = ContinuousClock.now + address.connectLimit
        // libpq says what to wait for only after the first wait for writing.
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard PQstatus(new) != CONNECTION_BAD, state != PGRES_POLLING_FAILED else {
                let fault = refusal(new)
                close()
                throw fault
            }
            do throws(PostgresFault) {
                _ = try wait(for: Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), until: deadline)
            } catch {
                close()
                throw PostgresFault(.lost, "\(address) can't be reached within \(address.connectLimit)")
            }
            state = PQconnectPoll(new)
        }
        guard PQsetnonblocking(new, 1) == 0 else { throw lost() }
        _ = try simple(PostgresConnection.settings)
    }

    /// Our statements are short and their plans known: see below what each line is against.
    private static let settings = """
        SET client_min_messages = error;
        -- A statement or a transaction that hangs ends by itself, also when this process has stopped.
        SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s';
        -- Plans made while a partial index was empty would be kept for ever, and cost a scan later.
        SET plan_cache_mode = force_generic_plan; SET jit = off;
        SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
        """

    // MARK: Faults

    /// After this the connection is closed: the next use makes a new one.
    private func lost() -> PostgresFault {
        let reason = raw.map { text(PQerrorMessage($0)) } ?? ""
        close()
        return PostgresFault(.lost, "the connection to \(address) was lost" + (reason.isEmpty ? "" : ": \(reason)"))
    }

    private func refusal(_ raw: OpaquePointer) -> PostgresFault {
        let reason = text(PQerrorMessage(raw))
        // libpq gives no SQLSTATE here. What is known to last is a matter of login or trust; everything else (it starts, recovers, is full,
        // can't be reached) may pass, and is told after the caller's patience.
        let lasting = [
            "authentication failed", "does not exist", "pg_hba.conf", "permission denied", "certificate", "no password supplied", "SSL error",
            "does not support SSL", "invalid sslmode", "invalid port",
        ]
        let mayPass = !lasting.contains { reason.contains($0) }
        return PostgresFault(mayPass ? .lost : .refusedLogin, reason.isEmpty ? "\(address) can't be reached" : reason)
    }

    private func text(_ message: UnsafePointer<CChar>?) -> String {
        message.map { String(cString: $0).split(whereSeparator: \.isNewline).joined(separator: " ").replacing("\t", with: "") } ?? ""
    }
}

struct PostgresTransaction: Transaction {
    let connection: PostgresConnection

    func rows(_ sql: String, _ parameters: [String: SQLValue]) throws -> [SQLRow] { try connection.rows(sql, parameters) }

    func run(_ sql: String, _ parameters: [String: SQLValue]) throws -> Int {
        parameters.isEmpty ? try connection.run(sql) : try connection.run(sql, each: [parameters])
    }

    func run(_ sql: String, each parameters: [[String: SQLValue]]) throws -> Int { try connection.run(sql, each: parameters) }
}

/// Owns a `PGresult`.
private final class PostgresResult {
    let raw: OpaquePointer

    init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { PQclear(raw) }

    /// "INSERT 0 1", "COMMIT", …
    var command: String { PQcmdStatus(raw).map { String(cString: $0) } ?? "" }

    var changed: Int { PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0 }

    func rows() throws(PostgresFault) -> [SQLRow] {
        let columns = (0..<PQnfields(raw)).map { (name: PQfname(raw, $0).map { String(cString: $0) } ?? "", type: PQftype(raw, $0)) }
        var rows: [SQLRow] = []
        for row in 0..<PQntuples(raw) {
            var values: [String: SQLValue] = [:]
            for (index, column) in columns.enumerated() { values[column.name] = try value(row, Int32(index), column) }
            rows.append(SQLRow(values))
        }
        return rows
    }

    private func value(_ row: Int32, _ column: Int32, _ kind: (name: String, type: UInt32)) throws(PostgresFault) -> SQLValue {
        guard PQgetisnull(raw, row, column) == 0, let start = PQgetvalue(raw, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(raw, row, column)))
        func integer<I: FixedWidthInteger>(_: I.Type) -> SQLValue {
            bytes.count == MemoryLayout<I>.size ? .integer(Int64(clamping: I(bigEndian: bytes.loadUnaligned(as: I.self)))) : .null
        }
        typealias TypeID = PostgresParameters.TypeID
        switch kind.type {
        case TypeID.int8: return integer(Int64.self)
        case TypeID.int4: return integer(Int32.self)
        case TypeID.int2: return integer(Int16.self)
        case TypeID.bool: return .integer(bytes.first == 0 ? 0 : 1)
        case TypeID.float8 where bytes.count == 8: return .real(Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))))
        case TypeID.float4 where bytes.count == 4:
            return .real(Double(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))))
        case TypeID.bytes: return .blob(Array(bytes))
        case TypeID.void: return .null
        case TypeID.text: return .text(String(decoding: bytes, as: UTF8.self))
        case let type where TypeID.alsoText.contains(type): return .text(String(decoding: bytes, as: UTF8.self))
        default:
            throw PostgresFault(.refused, "column \(kind.name) has the type \(kind.type), which the store doesn't read: cast it")
        }
    }

    func fault(_ connection: OpaquePointer) -> PostgresFault {
        let state = PQresultErrorField(raw, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        let message = PQresultErrorField(raw, Int32(UInt8(ascii: "M"))).map { String(cString: $0) } ?? "PostgreSQL refused a statement"
        let kind: PostgresFault.Kind =
            switch state {
            case "40001", "40P01", "55P03": .conflict
            case "26000": .stalePlan
            case "0A000" where message.contains("cached plan"): .stalePlan
            case "57P01", "57P02", "57P03", "25P03": .lost
            case "": PQstatus(connection) == CONNECTION_OK ? .refused : .lost
            default: state.hasPrefix("08") ? .lost : .refused
            }
        return PostgresFault(kind, message, state: state)
    }
}
