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
        if let id = Self.value(after: "{\"id\":", in: message[...]) {
            let digits = id.prefix { $0 >= 48 && $0 <= 57 }
            guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
            self = .reply(id: number)
        } else if let name = Self.value(after: "{\"method\":\"", in: message[...]) {
            let method = name.prefix { $0 != UInt8(ascii: "\"") }
            self = .event(method: String(decoding: method, as: UTF8.self), session: Self.session(of: message))
        } else {
            return nil
        }
    }

    private static func value(after key: StaticString, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let prefix = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        return bytes.starts(with: prefix) ? bytes.dropFirst(prefix.count).prefix(beginning) : nil
    }

    private static func session(of message: [UInt8]) -> String? {
        guard message.suffix(2).elementsEqual("\"}".utf8) else { return nil }
        let tail = message.dropLast(2).suffix(96)
        guard let quote = tail.lastIndex(of: UInt8(ascii: "\"")) else { return nil }
        guard tail[...quote].suffix(14).elementsEqual(",\"sessionId\":\"".utf8) else { return nil }
        return String(decoding: tail[(quote + 1)...], as: UTF8.self)
    }
}
