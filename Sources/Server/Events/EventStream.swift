package import Hummingbird
internal import NIOCore
internal import ServiceLifecycle

/// Events to one reader, as they come.
///
/// The source is asked for more only when the connection took what was written before, and answers with a batch of bounded size; so a
/// reader that is slow, or reads nothing at all, costs that batch and the connection's buffers. A comment at each heartbeat keeps proxies
/// from cutting a quiet connection, and finds readers that are gone. The stream ends when the source says so, when the reader closes its
/// side, and when the server ends; a reader that doesn't read doesn't hold that up.
package struct EventStream: Sendable {
    /// The next events after that number, in order; none when there are none yet; nil when there will never be more.
    package typealias Source = @Sendable (_ after: Int64) async throws -> [ServerEvent]?

    private let next: Source
    private let wakings: @Sendable () -> AsyncStream<Void>?
    private let heartbeat: Duration
    /// For what is being written when the server ends.
    private static let lastWrite = Duration.seconds(2)
    /// A batch is written in pieces of about this many bytes.
    private static let chunk = 64 << 10

    /// - Parameters:
    ///   - heartbeat: how often the source is asked, too, when nothing wakes the stream.
    ///   - wakings: one for each reader: yields when there may be more. nil: it is asked at each heartbeat.
    package init(
        heartbeat: Duration = .seconds(15), wakings: @escaping @Sendable () -> AsyncStream<Void>? = { nil }, next: @escaping Source
    ) {
        self.next = next
        self.wakings = wakings
        self.heartbeat = heartbeat
    }

    package func response(to call: Call) throws -> Response {
        let after = try ServerEvent.lastID(call.request.headers[text: "Last-Event-ID"])
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // Said to nginx, which otherwise keeps events until it has many.
        headers[text: "X-Accel-Buffering"] = "no"
        let (request, channel, logger) = (call.request, call.channel, call.logger)
        let body = ResponseBody { writer in
            let (rings, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            ring.yield()
            // When it returns, the connection is closed: the end is written within.
            try await request.body.consumeWithInboundCloseHandler { _ in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        guard let wakings = wakings() else { return }
                        for await _ in wakings { ring.yield() }
                    }
                    group.addTask {
                        while true {
                            try await Task.sleep(for: heartbeat)
                            ring.yield()
                        }
                    }
                    group.addTask {
                        try await gracefulShutdown()
                        ring.finish()
                        try await Task.sleep(for: EventStream.lastWrite)
                        try await channel.close()
                    }
                    defer { group.cancelAll() }
                    do { try await write(to: &writer, rings: rings, after: after) } catch let fault as SourceFault {
                        // The reader comes again, and goes on where it was.
                        logger.error("events can't be read", metadata: ["error": "\(fault.error)"])
                    }
                    try await writer.finish(nil)
                }
            } onInboundClosed: {
                ring.finish()
                channel.close(promise: nil)
            }
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func write(to writer: inout any ResponseBodyWriter, rings: AsyncStream<Void>, after: Int64) async throws {
        var after = after
        let clock = ContinuousClock()
        var last = clock.now
        // At once: the reader learns that it is connected.
        try await writer.write(ByteBuffer(string: ServerEvent.comment("open")))
        for await _ in rings {
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                guard let events = try await batch(after) else { return }
                if events.isEmpty { break }
                var buffer = ByteBuffer()
                for event in events {
                    buffer.writeString(event.text)
                    guard buffer.readableBytes >= EventStream.chunk else { continue }
                    try await writer.write(buffer)
                    buffer = ByteBuffer()
                }
                if buffer.readableBytes > 0 { try await writer.write(buffer) }
                after = events.last?.id ?? after
                last = clock.now
            }
            if clock.now - last >= heartbeat {
                try await writer.write(ByteBuffer(string: ServerEvent.comment("alive")))
                last = clock.now
            }
        }
        try Task.checkCancellation()
    }

    private func batch(_ after: Int64) async throws -> [ServerEvent]? {
        do { return try await next(after) } catch {
            try Task.checkCancellation()
            throw SourceFault(error: error)
        }
    }

    private struct SourceFault: Error {
        var error: any Error
    }
}
