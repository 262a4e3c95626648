// Where a message goes, read without parsing it.
//
// Chromium writes `{"id":7,"result":{...},"sessionId":"AB12"}` and `{"method":"X.y","params":{...},"sessionId":"AB12"}`: the key that
// decides stands first, the session last. So the loop's thread looks at both ends of a 50 MB message and the waiting task, on its own
// thread, does the parsing. A `"}` at the very end can only close the envelope, so a session that ends a *nested* object is never taken
// for the envelope's.

enum Envelope: Equatable {
    case reply(id: Int)
    case event(method: String, session: String?)

    /// So many bytes of a message are enough to know a reply's id.
    static let beginning = 128

    init?(_ message: [UInt8]) {
        let envelope = message.withUnsafeBufferPointer { Self.read($0) }
        guard let envelope else { return nil }
        self = envelope
    }

    private static func read(_ message: UnsafeBufferPointer<UInt8>) -> Envelope? {
        if isNext("{\"id\":", in: message, at: 0) {
            var number = 0
            var at = 6
            while at < message.count, at < 24, case let digit = message[at] &- 48, digit < 10 {
                number = number &* 10 &+ Int(digit)
                at += 1
            }
            return at > 6 ? .reply(id: number) : nil
        }
        guard isNext("{\"method\":\"", in: message, at: 0) else { return nil }
        var end = 11
        while end < message.count, end < 11 + beginning, message[end] != UInt8(ascii: "\"") { end += 1 }
        return .event(method: String(decoding: message[11..<end], as: UTF8.self), session: session(of: message))
    }

    private static func session(of message: UnsafeBufferPointer<UInt8>) -> String? {
        let end = message.count - 2
        guard end > 0, message[end] == UInt8(ascii: "\""), message[end + 1] == UInt8(ascii: "}") else { return nil }
        var start = end
        while start > 0, end - start < 96, message[start - 1] != UInt8(ascii: "\"") { start -= 1 }
        let key: StaticString = ",\"sessionId\":\""
        guard start >= key.utf8CodeUnitCount, isNext(key, in: message, at: start - key.utf8CodeUnitCount) else { return nil }
        return String(decoding: message[start..<end], as: UTF8.self)
    }

    private static func isNext(_ text: StaticString, in message: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        guard message.count - start >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where message[start + index] != text.utf8Start[index] { return false }
        return true
    }
}
