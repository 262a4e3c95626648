// What the farm and its model process say to each other: JSON behind its length (four bytes, little endian), over a socket pair. The
// process is ours, but it may die in the middle of a frame, so every length is checked and every end is an end of file.

internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// To the model's process.
enum WorkerOrder: Codable, Sendable {
    struct Load: Codable, Sendable {
        var path: String
        var contextTokens: Int
        var threads: Int
        /// Seconds without an order after which the process ends by itself.
        var idleSeconds: Double
    }
    struct Generate: Codable, Sendable {
        var messages: [ModelRequest.Message]
        /// In llama.cpp's notation.
        var grammar: String?
        var tokenBudget: Int
        var temperature: Double
        var seed: UInt32
    }
    case load(Load)
    case count(id: Int, texts: [String])
    case generate(id: Int, Generate)
    /// Ends that call between two tokens.
    case cancel(id: Int)
}

/// From the model's process. Calls are answered one after the other.
enum WorkerReport: Codable, Sendable {
    case loaded(ModelTraits)
    /// A piece of the answer, whole characters.
    case text(id: Int, String)
    case counted(id: Int, [Int])
    case done(id: Int, Generation)
    /// `id` 0: the loading failed, and the process ends.
    case failed(id: Int, code: String, message: String)
}

/// One end of the socket pair. Sending is for any thread; receiving for one.
final class FrameSocket: @unchecked Sendable {  // the descriptor never changes; `sending` guards writes
    /// A page in the prompt, a long answer: less than this.
    static let largest = 64 << 20
    let descriptor: Int32
    private let sending = NSLock()

    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    struct Closed: Error {}

    /// Blocks while the other side doesn't read; at most as long as the socket's own limit.
    func send(_ message: some Encodable) throws {
        let body = try JSONEncoder().encode(message)
        guard body.count <= Self.largest else { throw Closed() }
        var bytes = withUnsafeBytes(of: UInt32(body.count).littleEndian) { Data($0) }
        bytes.append(body)
        sending.lock()
        defer { sending.unlock() }
        try bytes.withUnsafeBytes { raw in
            var sent = 0
            while sent < raw.count {
                let count = Glibc.send(descriptor, raw.baseAddress.map { $0 + sent }, raw.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Closed() }
                sent += count
            }
        }
    }

    /// Nil at the end, and where what comes is no frame.
    func receive<Message: Decodable>(_: Message.Type) -> Message? {
        guard let head = read(4) else { return nil }
        let length = head.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard length <= UInt32(Self.largest), let body = read(Int(length)) else { return nil }
        return try? JSONDecoder().decode(Message.self, from: Data(body))
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { raw in recv(descriptor, raw.baseAddress.map { $0 + filled }, count - filled, 0) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            filled += got
        }
        return bytes
    }

    /// True when there is something to read (an end, too) before the time is up.
    func isReadable(within seconds: Double) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, Int32(min(max(seconds, 0), 1e6) * 1000)) != 0
    }

    /// Both directions; the other side, and a thread that reads here, see the end.
    func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}
