import Foundation
import Hummingbird
import Logging
import Synchronization

/// A real HTTP/1.1 site on 127.0.0.1, at a free port.
package struct FixtureSite: Sendable {
    package let port: Int
    package let log: RequestLog

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    package var base: String { "http://127.0.0.1:\(port)" }

    /// The absolute address of a path that begins with "/". Any name of loopback may stand in for the address.
    package func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }
}

package struct FixtureRequest: Sendable {
    package var method: String
    /// Path and query as they were sent. Where a client takes the site for a proxy, `host` tells whom it meant.
    package var uri: String
    package var path: String
    package var query: String?
    package var host: String?
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    /// First header of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What the site answers. Start from one of the static functions and chain what differs.
package struct FixtureAnswer: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Chunked; each call of the writer's closure is one chunk. The answer ends when the closure returns.
        case stream(@Sendable (_ write: (String) async throws -> Void) async throws -> Void)
    }

    package var status = 200
    package var headers: [(String, String)] = []
    package var body: Body = .bytes([])
    /// Before the status line is sent.
    package var delay: Duration = .zero

    package static func html(_ text: String, status: Int = 200) -> Self {
        .bytes(Array(text.utf8), type: "text/html; charset=utf-8", status: status)
    }

    package static func text(_ text: String, status: Int = 200) -> Self {
        .bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    package static func json(_ text: String, status: Int = 200) -> Self {
        .bytes(Array(text.utf8), type: "application/json", status: status)
    }

    package static func bytes(_ bytes: [UInt8], type: String?, status: Int = 200) -> Self {
        Self(status: status, headers: type.map { [("Content-Type", $0)] } ?? [], body: .bytes(bytes))
    }

    package static func status(_ status: Int) -> Self { Self(status: status) }

    package static func redirect(to location: String, status: Int = 302) -> Self {
        Self(status: status, headers: [("Location", location)])
    }

    /// Chunked pieces with a pause before each.
    package static func chunks(_ pieces: [String], every pause: Duration = .zero, type: String = "text/html; charset=utf-8") -> Self {
        Self(
            headers: [("Content-Type", type)],
            body: .stream { write in
                for piece in pieces {
                    if pause > .zero { try await Task.sleep(for: pause) }
                    try await write(piece)
                }
            })
    }

    /// Sends `first`, then `rest` again and again, until the client goes away or the site ends.
    package static func endless(
        _ first: String, then rest: String, every pause: Duration, type: String = "text/html; charset=utf-8"
    ) -> Self {
        Self(
            headers: [("Content-Type", type)],
            body: .stream { write in
                try await write(first)
                while true {
                    if pause > .zero { try await Task.sleep(for: pause) }
                    try await write(rest)
                }
            })
    }

    /// Never even a status line: the client waits until it gives up or the site ends.
    package static var silence: Self { Self(delay: .seconds(3600)) }

    package func after(_ delay: Duration) -> Self {
        var copy = self
        copy.delay = delay
        return copy
    }

    package func header(_ name: String, _ value: String) -> Self {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }
}

/// The requests that reached the site, in the order in which they came.
package final class RequestLog: Sendable {
    private let entries = Mutex<[FixtureRequest]>([])

    package var requests: [FixtureRequest] { entries.withLock { $0 } }
    package var paths: [String] { requests.map(\.path) }

    package func requests(to path: String) -> [FixtureRequest] { requests.filter { $0.path == path } }

    fileprivate func append(_ request: FixtureRequest) { entries.withLock { $0.append(request) } }
}

/// Lends a site to `body` that answers by path (without query); an unknown path is 404. The site is gone afterwards.
package func withFixtureSite<R: Sendable>(
    _ routes: [String: FixtureAnswer], _ body: @Sendable (FixtureSite) async throws -> R
) async throws -> R {
    try await withFixtureSite(responding: { routes[$0.path] ?? .text("nothing here", status: 404) }, body)
}

/// Lends a site to `body` that answers by a closure, called at once for each request, also several at a time.
package func withFixtureSite<R: Sendable>(
    responding respond: @escaping @Sendable (FixtureRequest) async throws -> FixtureAnswer,
    _ body: @Sendable (FixtureSite) async throws -> R
) async throws -> R {
    let log = RequestLog()
    let (ports, portReady) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "fixture")
    logger.logLevel = .critical
    let application = Application(
        responder: CallbackResponder<BasicRequestContext> { request, _ in
            let seen = try await FixtureRequest(request)
            log.append(seen)
            return try await respond(seen).response()
        },
        configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: nil),
        onServerRunning: { channel in
            portReady.yield(channel.localAddress?.port ?? 0)
            portReady.finish()
        },
        logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            // The port never comes if the server can't start; then the loop below ends and this error is thrown.
            defer { portReady.finish() }
            try await application.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await group.next()
            throw CancellationError()
        }
        let result: Result<R, any Error>
        do { result = .success(try await body(FixtureSite(port: port, log: log))) } catch { result = .failure(error) }
        group.cancelAll()
        while let _ = try? await group.next() {}
        return try result.get()
    }
}

extension FixtureRequest {
    fileprivate init(_ request: Request) async throws {
        let bytes = try await request.body.collect(upTo: 64 << 20)
        method = request.method.rawValue
        uri = request.head.path ?? ""
        path = request.uri.path
        query = request.uri.query
        host = request.head.authority
        headers = request.headers.map { ($0.name.rawName, $0.value) }
        body = Array(bytes.readableBytesView)
    }
}

extension FixtureAnswer {
    fileprivate func response() async throws -> Response {
        if delay > .zero { try await Task.sleep(for: delay) }
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let field = HTTPFields.Element.Name(name) else { continue }
            fields.append(HTTPFields.Element(name: field, value: value))
        }
        let content: ResponseBody
        switch body {
        case .bytes(let bytes): content = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        case .stream(let produce):
            content = ResponseBody { writer in
                let sink = Sink(writer: writer)
                try await produce { try await sink.write($0) }
                try await sink.finish()
            }
        }
        return Response(status: .init(code: status), headers: fields, body: content)
    }
}

/// The body closure is handed out as an escaping value, so the writer lives in a box; one task writes at a time.
private final class Sink: @unchecked Sendable {
    private var writer: any ResponseBodyWriter
    init(writer: any ResponseBodyWriter) { self.writer = writer }

    func write(_ text: String) async throws { try await writer.write(ByteBuffer(string: text)) }
    func finish() async throws { try await writer.finish(nil) }
}
