import NIOCore
import Server
import Synchronization
import Testing

@Suite struct ServerEventTests {
    /// An event is written line by line, so that its data comes out as it went in.
    @Test(arguments: [
        ("a", "data: a\n"), ("", "data: \n"), ("a\nb", "data: a\ndata: b\n"), ("a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n"),
        ("\n\nid: 9", "data: \ndata: \ndata: id: 9\n"), ("\r\r\n", "data: \ndata: \ndata: \n"), ("é\u{2028}x", "data: é\u{2028}x\n"),
    ]) func writes(_ data: String, _ lines: String) {
        #expect(ServerEvent(id: 7, name: "visit", data: data).text == "id: 7\nevent: visit\n\(lines)\n")
    }

    /// A name is one line, or none.
    @Test func namesAreOneLine() {
        #expect(ServerEvent(id: 1, name: "a\nid: 9\r\nb", data: "x").text == "id: 1\nevent: aid: 9b\ndata: x\n\n")
        #expect(ServerEvent(id: 1, name: "", data: "x").text == "id: 1\ndata: x\n\n")
    }

    /// A comment can't become an event.
    @Test func commentsAreComments() { #expect(ServerEvent.comment("a\ndata: b") == ": a\n: data: b\n\n") }

    /// A reader goes on after the number that it says, or at the beginning.
    @Test(arguments: [(nil, 0), ("", 0), ("0", 0), ("17", 17), ("0017", 17), ("9223372036854775807", Int64.max)] as [(String?, Int64)])
    func goesOn(_ header: String?, _ id: Int64) throws { #expect(try ServerEvent.lastID(header) == id) }

    /// What is no number is a 400.
    @Test(arguments: ["-1", "+1", "1.0", "x", " 1", "9223372036854775808", "99999999999999999999", "٣"]) func refuses(_ header: String) {
        #expect(problem { _ = try ServerEvent.lastID(header) }?.faults.map(\.place) == [.header("Last-Event-ID")])
    }

    /// An idempotency key is a string of RFC 9651, or the same without quotes.
    @Test(
        arguments: [
            ("\"8e03978e\"", "8e03978e"), ("8e03978e", "8e03978e"), ("\"\"", nil), ("", nil), ("\"", nil), ("a b", nil),
            ("\"a\"b\"", nil), ("é", nil),
            (String(repeating: "a", count: 255), String(repeating: "a", count: 255)), (String(repeating: "a", count: 256), nil),
        ] as [(String, String?)])
    func readsIdempotencyKeys(_ header: String, _ text: String?) { #expect((try? IdempotencyKey(header))?.text == text) }
}

/// A source of events that tests write to.
final class Feed: Sendable {
    struct State {
        var events: [ServerEvent] = []
        var isClosed = false
        var asked: [Int64] = []
        var fails = 0
        var readers: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())
    let over = AsyncStream.makeStream(of: Void.self)

    var asked: [Int64] { state.withLock { $0.asked } }

    func send(_ texts: String...) {
        state.withLock { state in
            for text in texts { state.events.append(ServerEvent(id: Int64(state.events.count) + 1, name: "", data: text)) }
            for reader in state.readers { reader.yield() }
        }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            for reader in state.readers { reader.yield() }
        }
    }

    func failOnce() { state.withLock { $0.fails = 1 } }

    struct Away: Error {}

    func next(_ after: Int64) throws -> [ServerEvent]? {
        try state.withLock { state in
            state.asked.append(after)
            if state.fails > 0 {
                state.fails -= 1
                throw Away()
            }
            let rest = state.events.filter { $0.id > after }
            return rest.isEmpty && state.isClosed ? nil : rest
        }
    }

    func endpoint(heartbeat: Duration = .seconds(3_600)) -> Endpoint {
        Endpoint(.get, "/events", .open, "Events", headers: [.lastEventID], answers: [.events("Events.")]) { [self] call in
            try EventStream(
                heartbeat: heartbeat,
                wakings: { [self] in
                    let (stream, reader) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                    reader.onTermination = { [over] _ in over.continuation.yield() }
                    state.withLock { $0.readers.append(reader) }
                    reader.yield()
                    return stream
                },
                next: { [self] in try next($0) }
            ).response(to: call)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct EventStreamTests {
    static let request = "GET /events HTTP/1.1\r\nHost: localhost\r\n"

    /// Reads until the text stands there.
    static func read(_ iterator: inout Client.Inbound.AsyncIterator, until text: String, _ all: inout String) async throws {
        while !all.contains(text) {
            guard let buffer = try await iterator.next() else { throw CancellationError() }
            all += String(buffer: buffer)
        }
    }

    /// Events come as they happen, and the stream ends when there will be no more.
    @Test func streams() async throws {
        let feed = Feed()
        feed.send("a")
        try await withServer([feed.endpoint()]) { client async throws in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.request + "\r\n"))
                var iterator = inbound.makeAsyncIterator()
                var all = ""
                try await Self.read(&iterator, until: "data: a\n", &all)
                #expect(all.contains("Content-Type: text/event-stream\r\n") && all.contains("Cache-Control: no-store\r\n"))
                feed.send("b", "c")
                try await Self.read(&iterator, until: "id: 3\ndata: c\n", &all)
                feed.close()
                try await Self.read(&iterator, until: "\r\n0\r\n\r\n", &all)
            }
        }
    }

    /// A reader that comes again gets what it missed, and nothing twice.
    @Test func goesOn() async throws {
        let feed = Feed()
        feed.send("a", "b", "c")
        feed.close()
        try await withServer([feed.endpoint()]) { client async throws in
            let reply = try await client.send(path: "/events", [("Last-Event-ID", "2")])
            #expect(reply.body.contains("id: 3\ndata: c\n") && !reply.body.contains("data: b"))
            #expect(try await client.send(path: "/events", [("Last-Event-ID", "x")]).code == "invalid-header")
        }
    }

    /// A quiet stream has a heartbeat, and asks its source again.
    @Test func beats() async throws {
        let feed = Feed()
        try await withServer([feed.endpoint(heartbeat: .milliseconds(20))]) { client async throws in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.request + "\r\n"))
                var iterator = inbound.makeAsyncIterator()
                var all = ""
                try await Self.read(&iterator, until: ": alive\n", &all)
                #expect(feed.asked.count > 1)
            }
        }
    }

    /// A source that fails ends the stream, so that the reader comes again; the log says why.
    @Test func endsWithItsSource() async throws {
        let feed = Feed()
        let surroundings = Surroundings()
        feed.failOnce()
        try await withServer([feed.endpoint()], surroundings) { client async throws in
            #expect(try await client.send(path: "/events").status == 200)
            #expect(surroundings.log.contains { $0.contains("events can't be read error=Away()") })
        }
    }

    /// When a reader goes, its stream ends at once.
    @Test func endsWithItsReader() async throws {
        let feed = Feed()
        try await withServer([feed.endpoint()]) { client async throws in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.request + "\r\n"))
                var iterator = inbound.makeAsyncIterator()
                var all = ""
                try await Self.read(&iterator, until: ": open\n", &all)
            }
            for await _ in feed.over.stream { break }
        }
    }

    /// When the server ends, streams end properly; it doesn't wait for their readers.
    @Test func endsWithTheServer() async throws {
        let feed = Feed()
        try await withServer([feed.endpoint()]) { client async throws in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.request + "\r\n"))
                var iterator = inbound.makeAsyncIterator()
                var all = ""
                try await Self.read(&iterator, until: ": open\n", &all)
                await client.end()
                try await Self.read(&iterator, until: "\r\n0\r\n\r\n", &all)
            }
        }
    }

    /// A source that always has more, in batches of a megabyte.
    final class Flood: Sendable {
        static let batch = 1 << 20
        let batches = Atomic(0)
        let over = AsyncStream.makeStream(of: Void.self)

        func endpoint(_ path: String) -> Endpoint {
            Endpoint(.get, path, .open, "Events", answers: [.init(200, "Events.")]) { [self] call in
                try EventStream(wakings: { [over] in AsyncStream { $0.onTermination = { _ in over.continuation.yield() } } }) {
                    [self] after in
                    batches.add(1, ordering: .relaxed)
                    let data = String(repeating: "x", count: 16 << 10)
                    return (1...64).map { ServerEvent(id: after + $0, name: "", data: data) }
                }.response(to: call)
            }
        }
    }

    /// A reader that reads nothing for long is let go.
    @Test func letsStalledReadersGo() async throws {
        let flood = Flood()
        try await withServer([flood.endpoint("/slow")], stallTimeout: .milliseconds(300)) { client async throws in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                for await _ in flood.over.stream { break }
            }
        }
    }

    /// A reader that doesn't read has the source asked no further than the connection's buffers hold; others aren't held up by it, nor is
    /// the server's end.
    @Test func waitsForSlowReaders() async throws {
        let (slow, quick) = (Flood(), Flood())
        try await withServer([slow.endpoint("/slow"), quick.endpoint("/quick")]) { client async throws in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                var iterator = inbound.makeAsyncIterator()
                var all = ""
                try await Self.read(&iterator, until: "data: x", &all)
                // By the time that somebody else has read 40 batches, this one would have had as many.
                try await client.connected { inbound, outbound in
                    try await outbound.write(ByteBuffer(string: "GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                    var bytes = 0
                    for try await buffer in inbound {
                        bytes += buffer.readableBytes
                        if bytes > 40 * Flood.batch { break }
                    }
                }
                #expect(quick.batches.load(ordering: .relaxed) >= 40)
                #expect(slow.batches.load(ordering: .relaxed) <= 12)
                await client.end()
                for await _ in slow.over.stream { break }
            }
        }
    }
}
