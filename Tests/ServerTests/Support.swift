import Documents
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Server
import ServiceLifecycle
import Synchronization

/// What the server under test knows of keys, and what time it is there.
final class Surroundings: Sendable {
    struct State {
        var keys: [String: StoredKey] = [:]
        var time: Int64 = 1_800_000_000_000_000
        var log: [String] = []
    }

    private let state = Mutex(State())
    let sessions = Sessions(secret: Array(0..<32))

    var time: Int64 {
        get { state.withLock { $0.time } }
        set { state.withLock { $0.time = newValue } }
    }
    var log: [String] { state.withLock { $0.log } }
    func write(_ line: String) { state.withLock { $0.log.append(line) } }

    /// A new key with these scopes.
    @discardableResult func key(_ scopes: Scope..., expires: Int64? = nil) -> AccessKey {
        let key = AccessKey()
        add(StoredKey(id: key.id, digest: key.digest, scopes: Set(scopes), expires: expires))
        return key
    }

    func add(_ key: StoredKey) { state.withLock { $0.keys[key.id] = key } }

    func revoke(_ key: AccessKey) { state.withLock { $0.keys[key.id] = nil } }

    var lookup: KeyLookup {
        KeyLookup(
            find: { [self] id in state.withLock { $0.keys[id] } }, exist: { [self] in state.withLock { !$0.keys.isEmpty } })
    }
}

struct LogLines: LogHandler {
    let surroundings: Surroundings
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
        surroundings.write("\(event.level) \(event.message) \(pairs)")
    }
}

/// Lends a server on loopback to `body`. It has ended gracefully afterwards.
func withServer<R: Sendable>(
    _ endpoints: [Endpoint] = [], _ surroundings: Surroundings = Surroundings(),
    limit: RateLimit = RateLimit(quota: 1_000, window: .seconds(60)),
    names: [String] = [], host: String = "127.0.0.1", stallTimeout: Duration = .seconds(300),
    problemPage: @escaping @Sendable (Problem, Request) -> Response? = { _, _ in nil },
    _ body: @escaping @Sendable (Client) async throws -> R
) async throws -> R {
    let api = API(title: "Test", version: "1", endpoints: endpoints)
    let gate = Gate(
        authenticator: Authenticator(keys: surroundings.lookup, sessions: surroundings.sessions, host: host),
        limiter: RateLimiter(limit), clock: { surroundings.time })
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = WebServer(
        port: 0, api: api, door: FrontDoor(hosts: HostNames(names), api: api, problemPage: problemPage), gate: gate,
        stallTimeout: stallTimeout,
        logger: Logger(label: "test") { _ in LogLines(surroundings: surroundings) }, isListening: { port.yield($0) })
    let group = ServiceGroup(configuration: .init(services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { port.finish() }
            try await group.run()
        }
        guard let number = await ports.first(where: { _ in true }) else {
            try await tasks.next()
            throw CancellationError()
        }
        let result: Result<R, any Error>
        do { result = .success(try await body(Client(port: number, end: { await group.triggerGracefulShutdown() }))) } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await tasks.next()
        return try result.get()
    }
}

struct Reply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: String

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    var json: JSON? { try? JSON(parsing: body) }
    var code: String? { json?["code"]?.string }
}

/// Speaks HTTP/1.1 by hand: it may say what no library would.
struct Client: Sendable {
    var port: Int
    /// Tells the server to end.
    var end: @Sendable () async -> Void

    func send(_ method: String, _ path: String, _ headers: [(String, String)] = [], body: String? = nil) async throws -> Reply {
        var lines = ["\(method) \(path) HTTP/1.1", "Connection: close"]
        if !headers.contains(where: { $0.0.lowercased() == "host" }) { lines.append("Host: 127.0.0.1:\(port)") }
        lines += headers.map { "\($0.0): \($0.1)" }
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return try await raw(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    }

    func json(_ method: String, _ path: String, _ body: String, _ headers: [(String, String)] = []) async throws -> Reply {
        try await send(method, path, [("Content-Type", "application/json")] + headers, body: body)
    }

    /// Sends the text and reads to the end of the connection.
    func raw(_ text: String) async throws -> Reply {
        try await connected { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var all = ByteBuffer()
            do { for try await buffer in inbound { all.writeImmutableBuffer(buffer) } } catch  where all.readableBytes > 0 {}
            return Reply(String(buffer: all))
        }
    }

    typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>
    typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

    func connected<R: Sendable>(_ body: @Sendable (Inbound, Outbound) async throws -> R) async throws -> R {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) {
            channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
        }
        return try await channel.executeThenClose { try await body($0, $1) }
    }
}

extension Reply {
    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            return (String(pair.first ?? ""), pair.count > 1 ? String(pair[1].drop { $0 == " " }) : "")
        }
        body = parts.count > 1 ? String(parts[1]) : ""
    }
}

func bearer(_ key: AccessKey) -> (String, String) { ("Authorization", "Bearer \(key.secretText)") }

/// The problem that the closure throws.
func problem(_ body: () throws -> Void) -> Problem? {
    do { try body() } catch { return error as? Problem }
    return nil
}
