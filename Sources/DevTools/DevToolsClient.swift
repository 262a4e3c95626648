// One WebSocket to one browser (Chrome DevTools Protocol). Commands go out with an id and a deadline; replies and events come back
// through `Ledger`. Sessions are flattened: the same socket, a `sessionId` on each message.
//
// Events are handed on in two ways. `events` is an async sequence for those who may be slow: it holds so many, and counts what it drops.
// `observe` calls back on the socket's thread, before any later reply is delivered: who sends a command and has its reply knows that all
// events which the browser sent before are accounted for. Readiness of pages rests on that order.

package import Foundation

/// A CDP command: its parameters are its own properties, its name is its type's `method`.
package protocol Command: Encodable, Sendable {
    associatedtype Reply: Decodable & Sendable = Nothing
    static var method: String { get }
}

/// A CDP event, read from its `params` in one pass. A type reads the members it uses and skips the others.
package protocol Event: Sendable {
    static var method: String { get }
    init(params: inout JSONReader) throws
}

/// The reply of a command that answers nothing.
package struct Nothing: Codable, Sendable {}

/// An event as it came; `read` decodes it as the type that its method names.
package struct RawEvent: Sendable {
    package let method: String
    package let message: [UInt8]

    package func read<E: Event>(_: E.Type) throws(DevToolsError) -> E {
        var event: E?
        do {
            try JSONReader.read(message) { json in
                try json.object { key, json in
                    if key == "params" { event = try E(params: &json) } else { try json.skip() }
                }
            }
        } catch {
            throw (error as? DevToolsError) ?? DevToolsError(.unreadable, "\(E.method): \(error)")
        }
        guard let event else { throw DevToolsError(.unreadable, "\(E.method) came without parameters") }
        return event
    }
}

package final class DevToolsClient: Sendable {
    typealias Waiter = CheckedContinuation<[UInt8], any Error>

    private let ledger = Guarded(Ledger<Waiter>())
    private let loop: SocketLoop
    private let socket = Guarded<Socket?>(nil)

    /// Connects to `ws://127.0.0.1:PORT/devtools/browser/…`. Returns at once; a failure shows in the first command.
    ///
    /// - Parameter limit: bytes of one message; a longer reply fails its command with `tooLarge`. 64 MB is a page of about 4 MB of HTML
    ///   with its layout, three times over.
    package init(_ url: URL, on loop: SocketLoop, limit: Int = 64 << 20) {
        self.loop = loop
        let socket = loop.connect(
            to: url, limit: limit,
            SocketHandler(
                received: { [weak self] in self?.receive($0) },
                overran: { [weak self] in self?.overran($0, limit: limit) },
                ticked: { [weak self] in self?.tick() },
                closed: { [weak self] in self?.disconnected($0) }))
        self.socket.withLock { $0 = socket }
    }

    deinit { socket.withLock { $0 }?.close() }

    /// Commands that wait fail with `disconnected`.
    package func close() { socket.withLock { $0 }?.close() }

    /// False once the connection has ended, whoever ended it.
    package var isOpen: Bool { ledger.withLock { $0.closed == nil } }

    /// Sends a command and waits for its reply.
    package func send<C: Command>(
        _ command: C, session: String? = nil, within limit: Duration = .seconds(30)
    ) async throws(DevToolsError) -> C.Reply {
        let message = try await reply(to: command, session: session, within: limit)
        return try Self.value(C.Reply.self, from: message, of: C.method)
    }

    /// The reply as it came, for those who store or parse it themselves. It may be a refusal.
    package func reply<C: Command>(
        to command: C, session: String? = nil, within limit: Duration = .seconds(30)
    ) async throws(DevToolsError) -> [UInt8] {
        let id = ledger.withLock { $0.makeID() }
        do {
            let bytes = try [UInt8](JSONEncoder().encode(Request(id: id, method: C.method, params: command, sessionId: session)))
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { (waiter: Waiter) in
                    let call = Ledger<Waiter>.Call(waiter: waiter, method: C.method, session: session, deadline: .now + limit)
                    if let closed = ledger.withLock({ $0.wait(id, call) }) { return waiter.resume(throwing: closed) }
                    socket.withLock { $0 }?.send(bytes)
                    // A cancellation that came before `wait` found nothing to take; the flag was set before that.
                    if Task.isCancelled { cancel(id) }
                }
            } onCancel: {
                cancel(id)
            }
        } catch let error as DevToolsError {
            throw error
        } catch {
            throw DevToolsError(.refused, "\(C.method) could not be written as JSON: \(error)")
        }
    }

    /// Sends a command whose answer nobody needs; a refusal is lost.
    package func post<C: Command>(_ command: C, session: String? = nil) {
        let id = ledger.withLock { $0.makeID() }
        guard let bytes = try? JSONEncoder().encode(Request(id: id, method: C.method, params: command, sessionId: session)) else { return }
        socket.withLock { $0 }?.send([UInt8](bytes))
    }

    /// Sleeps until it is resumed, the moment has come (up to a tenth of a second late), the session or the connection ends, or the task is
    /// cancelled. It costs no timer: it waits like a command that nobody answers.
    ///
    /// - Parameter began: is given what to `resume`. Look there whether what you wait for has happened meanwhile.
    package func pause(session: String?, until deadline: ContinuousClock.Instant, began: (Int) -> Void) async {
        let id = ledger.withLock { $0.makeID() }
        await withTaskCancellationHandler {
            _ = try? await withCheckedThrowingContinuation { (waiter: Waiter) in
                let call = Ledger<Waiter>.Call(waiter: waiter, method: "pause", session: session, deadline: deadline)
                if let closed = ledger.withLock({ $0.wait(id, call) }) { return waiter.resume(throwing: closed) }
                began(id)
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    package func resume(_ pause: Int) { ledger.withLock { $0.take(pause) }?.waiter.resume(returning: []) }

    /// Begins listening at once, so ask before you send what causes the event. Ends when the session or the connection does.
    ///
    /// - Parameter holding: so many events wait for a slow reader; further ones push out the oldest, which the sequence counts.
    package func events<E: Event>(_: E.Type, session: String? = nil, holding: Int = 1024) -> EventSequence<E> {
        let (stream, continuation) = AsyncStream.makeStream(of: RawEvent.self, bufferingPolicy: .bufferingNewest(holding))
        let dropped = Guarded(0)
        let observation = observe([E.method], session: session) { event in
            if case .dropped = continuation.yield(event) { dropped.withLock { $0 += 1 } }
        } ended: {
            continuation.finish()
        }
        return EventSequence(stream: stream, dropped: dropped, observation: observation)
    }

    /// Calls `received` on the socket's thread for each event of these methods, in order, until the observation is let go of or cancelled;
    /// `ended` at most once, when the session or the connection ends (at once where it already has). Return fast.
    package func observe(
        _ methods: [String], session: String? = nil,
        _ received: @escaping @Sendable (RawEvent) -> Void,
        ended: @escaping @Sendable () -> Void = {}
    ) -> Observation {
        let listener = Ledger<Waiter>.Listener(received: { received(RawEvent(method: $0, message: $1)) }, ended: ended)
        guard let token = ledger.withLock({ $0.listen(to: methods, session: session, listener) }) else {
            ended()
            return Observation {}
        }
        return Observation { [weak self] in self?.ledger.withLock { $0.unlisten(token, to: methods, session: session) } }
    }

    /// Says that a session is over (its target crashed or closed): what waits for it fails with `targetGone`, now and not at its deadline.
    package func end(session: String) {
        let error = DevToolsError(.targetGone, "the page has crashed or was closed")
        let (calls, listeners) = ledger.withLock { $0.end(session: session) }
        for call in calls { call.waiter.resume(throwing: error) }
        for listener in listeners { listener.ended() }
    }

    // MARK: On the loop's thread

    private func receive(_ message: [UInt8]) {
        switch Envelope(message) {
        case .reply(let id): ledger.withLock { $0.take(id) }?.waiter.resume(returning: message)
        case .event(let method, let session):
            for listener in ledger.withLock({ $0.listeners(to: .init(session: session, method: method)) }) {
                listener.received(method, message)
            }
        case nil: break
        }
    }

    private func overran(_ beginning: [UInt8], limit: Int) {
        // An event that long is dropped: nothing waits for it.
        guard case .reply(let id) = Envelope(beginning), let call = ledger.withLock({ $0.take(id) }) else { return }
        call.waiter.resume(throwing: DevToolsError(.tooLarge, "the reply to \(call.method) is over \(limit >> 20) MB"))
    }

    private func tick() {
        for call in ledger.withLock({ $0.takeOverdue(at: .now) }) {
            call.waiter.resume(throwing: DevToolsError(.deadline, "\(call.method) was not answered in time"))
        }
    }

    private func disconnected(_ reason: String?) {
        let error = DevToolsError(.disconnected, reason ?? "the connection was closed")
        let (calls, listeners) = ledger.withLock { $0.close(error) }
        for call in calls { call.waiter.resume(throwing: error) }
        for listener in listeners { listener.ended() }
    }

    private func cancel(_ id: Int) {
        guard let call = ledger.withLock({ $0.take(id) }) else { return }
        call.waiter.resume(throwing: DevToolsError(.cancelled, "\(call.method) was cancelled"))
    }

    private static func value<Reply: Decodable>(_: Reply.Type, from message: [UInt8], of method: String) throws(DevToolsError) -> Reply {
        let answer: Answer<Reply>
        do { answer = try JSONDecoder().decode(Answer<Reply>.self, from: Data(message)) } catch {
            throw DevToolsError(.unreadable, "\(method): \(error)")
        }
        if let result = answer.result { return result }
        throw DevToolsError(.refused, "\(method): \(answer.error?.message ?? "no result")", refusal: answer.error?.code)
    }
}

/// Keeps listening as long as somebody holds it.
package final class Observation: Sendable {
    private let stop: @Sendable () -> Void

    init(_ stop: @escaping @Sendable () -> Void) { self.stop = stop }

    deinit { stop() }

    /// After this the closure may be called once more, if it was being called already.
    package func cancel() { stop() }
}

/// Events of one kind, decoded in the reader's task. One that can't be read is skipped.
package struct EventSequence<E: Event>: AsyncSequence, Sendable {
    fileprivate let stream: AsyncStream<RawEvent>
    fileprivate let dropped: Guarded<Int>
    fileprivate let observation: Observation

    /// How many events were lost because the reader was slow.
    package var droppedCount: Int { dropped.withLock { $0 } }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var iterator: AsyncStream<RawEvent>.Iterator
        fileprivate let observation: Observation

        package mutating func next(isolation actor: isolated (any Actor)? = #isolation) async -> E? {
            while let event = await iterator.next(isolation: actor) {
                if let event = try? event.read(E.self) { return event }
            }
            return nil
        }

        package mutating func next() async -> E? { await next(isolation: nil) }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: stream.makeAsyncIterator(), observation: observation)
    }
}

private struct Request<C: Command>: Encodable {
    var id: Int
    var method: String
    var params: C
    var sessionId: String?
}

private struct Answer<Reply: Decodable>: Decodable {
    struct Refusal: Decodable {
        var code: Int
        var message: String
    }
    var result: Reply?
    var error: Refusal?
}
