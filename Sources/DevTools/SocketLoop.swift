// The one thread that touches libwebsockets.
//
// An `lws_context` belongs to the thread that services it; the single call that others may make is `lws_cancel_service`. So everything
// others want is put into the inbox under a lock, the thread is woken, and the thread does it between two rounds of `lws_service`.
// The lock is also what keeps `lws_cancel_service` from meeting a context that is being destroyed. Nothing here knows JSON or CDP.
//
// One loop serves the sockets of many browsers. The thread lives as long as somebody holds the `SocketLoop`: the last one to let go of it
// (or `stop`) ends the thread, after each socket had its last callback.

import CWebSockets
import Foundation

/// What a socket tells its owner, on the loop's thread: return fast.
struct SocketHandler: Sendable {
    var received: @Sendable (_ message: [UInt8]) -> Void
    /// A message passed the limit and was thrown away; `beginning` is its first bytes.
    var overran: @Sendable (_ beginning: [UInt8]) -> Void
    /// Ten times a second while open, so that deadlines need no timer of their own.
    var ticked: @Sendable () -> Void
    /// Last call, made exactly once; nil after a close that we asked for.
    var closed: @Sendable (_ reason: String?) -> Void
}

package final class SocketLoop: Sendable {
    fileprivate let engine: Engine

    /// Starts the thread. Fails where libwebsockets gets no memory or no descriptors.
    package init() throws(DevToolsError) {
        lws_set_log_level(0, nil)
        var info = lws_context_creation_info()
        info.port = CONTEXT_PORT_NO_LISTEN
        info.uid = -1  // "unchanged"; zero would mean root
        info.gid = -1
        info.fd_limit_per_thread = 1024  // else a table for RLIMIT_NOFILE entries, often a million
        info.pt_serv_buf_size = 64 << 10  // read at once; the 4 KB default takes a poll and a read for each piece of a snapshot
        info.protocols = UnsafePointer(Engine.protocols.raw)
        guard let context = lws_create_context(&info) else {
            throw DevToolsError(.disconnected, "libwebsockets could not start: no memory or no file descriptors left")
        }
        let engine = Engine(Engine.Context(raw: context))
        self.engine = engine
        let thread = Thread { engine.run() }
        thread.name = "websockets"
        thread.start()
    }

    deinit { engine.stop() }

    /// Closes every socket and ends the thread. Handlers hear `closed` first. Happens by itself when nobody holds the loop any more.
    package func stop() { engine.stop() }

    func connect(to url: URL, limit: Int, _ handler: SocketHandler) -> Socket {
        let socket = Socket(engine: engine, url: url, limit: limit, handler: handler)
        engine.add(socket)
        return socket
    }
}

/// What the thread holds on to. It must not hold the `SocketLoop`, whose end is the end of the thread.
private final class Engine: Sendable {
    /// The context is only used by the loop's thread, and by `wake` under the lock.
    struct Context: @unchecked Sendable { let raw: OpaquePointer }

    private struct Inbox {
        var context: Context?
        var connecting: [Socket] = []
        var wanting: [Socket] = []
        var stopping = false
    }

    private let inbox: Guarded<Inbox>
    private let context: Context

    init(_ context: Context) {
        self.context = context
        inbox = Guarded(Inbox(context: context))
    }

    func add(_ socket: Socket) {
        let stopped = inbox.withLock { inbox in
            if !inbox.stopping { inbox.connecting.append(socket) }
            return inbox.stopping
        }
        if stopped { socket.end("the socket loop has ended") } else { wake() }
    }

    func stop() {
        inbox.withLock { $0.stopping = true }
        wake()
    }

    func wantsAttention(_ socket: Socket) {
        inbox.withLock { $0.wanting.append(socket) }
        wake()
    }

    private func wake() {
        inbox.withLock { if let context = $0.context { lws_cancel_service(context.raw) } }
    }

    func run() {
        var sockets: [ObjectIdentifier: Socket] = [:]
        while true {
            let (connecting, wanting, stopping) = inbox.withLock { inbox in
                defer { (inbox.connecting, inbox.wanting) = ([], []) }
                return (inbox.connecting, inbox.wanting, inbox.stopping)
            }
            for socket in connecting {
                sockets[ObjectIdentifier(socket)] = socket
                socket.open(in: context.raw)
            }
            if stopping { break }
            for socket in wanting { socket.askToWrite() }
            _ = lws_service(context.raw, 0)
            for (id, socket) in sockets where socket.isGone { sockets[id] = nil }
        }
        inbox.withLock { $0.context = nil }
        lws_context_destroy(context.raw)  // calls each socket's last callback
        for socket in sockets.values { socket.end("the socket loop has ended") }
    }

    /// libwebsockets keeps the pointer for the life of a context; this one lives as long as the process.
    struct Protocols: @unchecked Sendable { let raw: UnsafeMutablePointer<lws_protocols> }
    static let protocols: Protocols = {
        let list = UnsafeMutablePointer<lws_protocols>.allocate(capacity: 2)
        list.initialize(repeating: lws_protocols(), count: 2)  // the second, all zero, ends the list
        list[0].name = UnsafePointer(strdup("cdp"))
        list[0].rx_buffer_size = 256 << 10  // one callback per so many bytes; the 4 KB default is slow for snapshots
        list[0].callback = socketCallback
        return Protocols(raw: list)
    }()
}

/// Top level and without captures, since libwebsockets calls it on its own thread.
private func socketCallback(
    _ wsi: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?, _ bytes: UnsafeMutableRawPointer?, _ count: Int
) -> Int32 {
    guard let user, let wsi else { return 0 }  // context-wide callbacks have no socket
    return Unmanaged<Socket>.fromOpaque(user).takeUnretainedValue()
        .handle(reason, wsi, UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
}

/// One client WebSocket (RFC 6455). `send` and `close` may be called from anywhere; the rest runs on the loop's thread.
final class Socket: Sendable {
    private struct Outbox {
        /// In the order of sending; those before `next` are sent.
        var messages: [[UInt8]] = []
        var next = 0
        var closing = false
        var asked = false
        var ended = false
    }

    /// Only the loop's thread reads or writes this.
    private final class Wire: @unchecked Sendable {
        var wsi: OpaquePointer?
        var assembling: [UInt8] = []
        var overran = false
        var gone = false
    }

    private let engine: Engine
    private let url: URL
    private let limit: Int
    private let handler: SocketHandler
    private let outbox = Guarded(Outbox())
    private let wire = Wire()

    fileprivate init(engine: Engine, url: URL, limit: Int, handler: SocketHandler) {
        (self.engine, self.url, self.limit, self.handler) = (engine, url, limit, handler)
    }

    func send(_ message: [UInt8]) { attention { $0.messages.append(message) } }

    /// Sends what is queued, then a close frame.
    func close() { attention { $0.closing = true } }

    /// Many sends between two rounds of the loop cost one wake-up.
    private func attention(_ change: (inout Outbox) -> Void) {
        let first = outbox.withLock { outbox in
            if outbox.ended { return false }
            change(&outbox)
            defer { outbox.asked = true }
            return !outbox.asked
        }
        if first { engine.wantsAttention(self) }
    }

    // MARK: On the loop's thread

    fileprivate var isGone: Bool { wire.gone }

    fileprivate func askToWrite() { if let wsi = wire.wsi { lws_callback_on_writable(wsi) } }

    fileprivate func open(in context: OpaquePointer) {
        // Chromium listens on 127.0.0.1 only; TLS to a browser elsewhere is not spoken here.
        guard url.scheme == "ws", let host = url.host(), let port = Int32(exactly: url.port ?? 80) else {
            end("\(url.scheme ?? "no scheme") is not a WebSocket address that can be used here; ws://HOST:PORT/PATH is")
            wire.gone = true
            return
        }
        let wsi = host.withCString { address in
            url.path().withCString { path in
                "\(host):\(port)".withCString { authority in
                    var info = lws_client_connect_info()
                    (info.context, info.address, info.port, info.path) = (context, address, port, path)
                    info.host = authority  // Chromium answers only to an IP address or localhost here
                    info.origin = nil  // an Origin is refused unless --remote-allow-origins names it
                    info.ietf_version_or_minus_one = -1
                    info.userdata = Unmanaged.passUnretained(self).toOpaque()  // the loop's table keeps us alive
                    return lws_client_connect_via_info(&info)
                }
            }
        }
        if wsi == nil {
            end("no connection could be started")
            wire.gone = true
        }
    }

    fileprivate func end(_ reason: String) {
        let (first, asked) = outbox.withLock { outbox in
            defer {
                outbox.ended = true
                outbox.messages = []
                outbox.next = 0
            }
            return (!outbox.ended, outbox.closing)
        }
        if first { handler.closed(asked ? nil : reason) }
    }

    /// Anything but 0 makes libwebsockets drop the connection.
    fileprivate func handle(_ reason: lws_callback_reasons, _ wsi: OpaquePointer, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        switch reason {
        case LWS_CALLBACK_CLIENT_ESTABLISHED:
            wire.wsi = wsi
            lws_set_timer_usecs(wsi, 100_000)
            lws_callback_on_writable(wsi)
        case LWS_CALLBACK_CLIENT_RECEIVE:
            receive(wsi, bytes)
        case LWS_CALLBACK_CLIENT_WRITEABLE:
            return write(wsi)
        case LWS_CALLBACK_TIMER:
            handler.ticked()
            lws_set_timer_usecs(wsi, 100_000)
        case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
            end(bytes.isEmpty ? "the connection was refused" : String(decoding: bytes, as: UTF8.self))
        case LWS_CALLBACK_CLIENT_CLOSED:
            wire.wsi = nil
            end("the connection was lost")
        case LWS_CALLBACK_WSI_DESTROY:
            wire.wsi = nil
            end("the connection was lost")
            wire.gone = true
        default: break
        }
        return 0
    }

    private func receive(_ wsi: OpaquePointer, _ bytes: UnsafeRawBufferPointer) {
        let remaining = lws_remaining_packet_payload(wsi)
        if lws_is_first_fragment(wsi) != 0 {
            wire.assembling = []
            wire.overran = false
            wire.assembling.reserveCapacity(min(bytes.count &+ remaining, limit))
        }
        if !wire.overran, wire.assembling.count + bytes.count > limit {
            wire.overran = true
            if wire.assembling.isEmpty { wire.assembling.append(contentsOf: bytes.prefix(Envelope.beginning)) }
            wire.assembling = Array(wire.assembling.prefix(Envelope.beginning))
        }
        if !wire.overran { wire.assembling.append(contentsOf: bytes) }
        guard lws_is_final_fragment(wsi) != 0, remaining == 0 else { return }
        let message = exchange(&wire.assembling, with: [])
        if wire.overran { handler.overran(message) } else { handler.received(message) }
    }

    /// One message per callback: a second `lws_write` in the same one is not allowed.
    private func write(_ wsi: OpaquePointer) -> Int32 {
        let (message, more, closing) = outbox.withLock { outbox -> ([UInt8]?, Bool, Bool) in
            outbox.asked = false
            var message: [UInt8]?
            if outbox.next < outbox.messages.count {
                message = exchange(&outbox.messages[outbox.next], with: [])
                outbox.next += 1
            }
            let isEmpty = outbox.next == outbox.messages.count
            if isEmpty {
                outbox.messages.removeAll(keepingCapacity: true)
                outbox.next = 0
            }
            return (message, !isEmpty || outbox.closing, outbox.closing)
        }
        guard let message else {
            guard closing else { return 0 }
            lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, nil, 0)
            return -1
        }
        let head = gleaner_lws_pre()
        let written = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: head + message.count) { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return -1 }
            _ = UnsafeMutableBufferPointer(rebasing: buffer[head...]).initialize(from: message)
            return lws_write(wsi, base + head, message.count, LWS_WRITE_TEXT)  // queues what the kernel won't take
        }
        if more { lws_callback_on_writable(wsi) }
        return written < 0 ? -1 : 0
    }
}

private func exchange<T>(_ place: inout T, with value: T) -> T {
    defer { place = value }
    return place
}
