import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One end of a TCP connection, read and written as bytes. For one task at a time.
final class Wire {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var buffer = ByteBuffer()
    let remotePort: Int

    fileprivate init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, remotePort: Int
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
        self.remotePort = remotePort
    }

    func write(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
    func write(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }
    func closeOutput() { outbound.finish() }

    /// False at the end.
    private func more() async throws -> Bool {
        guard var next = try await inbound.next() else { return false }
        buffer.discardReadBytes()
        buffer.writeBuffer(&next)
        return true
    }

    /// What comes next, at least a byte; nil at the end.
    func piece() async throws -> [UInt8]? {
        if buffer.readableBytes == 0, !(try await more()) { return nil }
        return buffer.readBytes(length: buffer.readableBytes)
    }

    /// Exactly so many; fewer at the end.
    func read(_ count: Int) async throws -> [UInt8] {
        while buffer.readableBytes < count, try await more() {}
        return buffer.readBytes(length: min(count, buffer.readableBytes)) ?? []
    }

    func text(_ count: Int) async throws -> String { String(decoding: try await read(count), as: UTF8.self) }

    /// Up to and with the first blank line; nil where the connection ends before.
    func head() async throws -> String? {
        let end = Array("\r\n\r\n".utf8)
        var from = 0
        while true {
            let view = Array(buffer.readableBytesView)
            var index = from
            while index + 4 <= view.count {
                if Array(view[index..<(index + 4)]) == end { return buffer.readString(length: index + 4) }
                index += 1
            }
            from = max(0, view.count - 3)
            if !(try await more()) { return nil }
        }
    }

    func rest() async throws -> [UInt8] {
        while try await more() {}
        return buffer.readBytes(length: buffer.readableBytes) ?? []
    }

    func restText() async throws -> String { String(decoding: try await rest(), as: UTF8.self) }

    /// Head and body of an answer with Content-Length.
    func answer() async throws -> (head: String, body: String) {
        guard let head = try await head() else { throw WireError("the connection ended before an answer") }
        guard let line = head.components(separatedBy: "\r\n").first(where: { $0.lowercased().hasPrefix("content-length:") }),
            let length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces))
        else { throw WireError("no length in \(head)") }
        return (head, try await text(length))
    }
}

struct WireError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Connections that a server took, and what it noted about them.
final class Journal: Sendable {
    private let notes = Mutex<[String]>([])
    func note(_ text: String) { notes.withLock { $0.append(text) } }
    var all: [String] { notes.withLock { $0 } }
}

/// Lends a server on a free loopback port to `body`; each connection is served by `serve`, whose end or
/// error is that connection's end.
func withServer<R: Sendable>(
    host: String = "127.0.0.1", tls: NIOSSLContext? = nil, serve: @escaping @Sendable (Wire) async throws -> Void,
    _ body: @Sendable (_ port: Int) async throws -> R
) async throws -> R {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .bind(host: host, port: 0) { channel in
            channel.eventLoop.makeCompletedFuture { () throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> in
                if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                return try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
    let port = server.channel.localAddress?.port ?? 0
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await withThrowingDiscardingTaskGroup { connections in
                try await server.executeThenClose { inbound in
                    for try await connection in inbound {
                        connections.addTask {
                            let remote = connection.channel.remoteAddress?.port ?? 0
                            try? await connection.executeThenClose { inbound, outbound in
                                let wire = Wire(inbound, outbound, remotePort: remote)
                                try await serve(wire)
                                // Closing at once would drop what isn't written yet.
                                wire.closeOutput()
                                _ = try await wire.rest()
                            }
                        }
                    }
                }
            }
        }
        let result: Result<R, any Error>
        do { result = .success(try await body(port)) } catch { result = .failure(error) }
        group.cancelAll()
        while let _ = try? await group.next() {}
        return try result.get()
    }
}

/// Lends a connection to a loopback port to `body`. Its receive buffer is small, so that what isn't read backs up.
func withClient<R: Sendable>(_ port: Int, _ body: @Sendable (Wire) async throws -> R) async throws -> R {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .channelOption(.socketOption(.so_rcvbuf), value: 65536)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
    return try await channel.executeThenClose { try await body(Wire($0, $1, remotePort: port)) }
}

/// A site that keeps connections open and answers each request with `name`, the request line and the body's length.
func site(_ name: String, journal: Journal = Journal()) -> @Sendable (Wire) async throws -> Void {
    { wire in
        journal.note("connection")
        while let head = try await wire.head() {
            journal.note(head)
            let line = head.prefix { $0 != "\r\n" }
            let text = "\(name) \(line)"
            try await wire.write("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        }
    }
}

/// Sends back what comes; at its end, "bye".
@Sendable func echo(_ wire: Wire) async throws {
    while let piece = try await wire.piece() { try await wire.write(piece) }
    try await wire.write("bye")
}
