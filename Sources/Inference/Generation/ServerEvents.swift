internal import Foundation

/// Server-sent events of a chat completion, put together piece by piece: bytes in, pieces of text out.
struct ServerEvents {
    struct Usage: Equatable {
        var prompt: Int
        var answer: Int
        var cached: Int
    }

    enum Fault: Error, Equatable {
        /// What came is no event of a chat completion.
        case garbage(String)
        /// The server says that it failed.
        case failed(String)
        /// More than any answer could be.
        case endless
    }

    private(set) var text = ""
    private(set) var pieces = 0
    private(set) var finish: String?
    private(set) var usage: Usage?
    private(set) var isDone = false
    private var line: [UInt8] = []
    private let mostBytes: Int

    /// - Parameter mostBytes: of the text.
    init(mostBytes: Int) { self.mostBytes = mostBytes }

    /// The text that these bytes bring.
    mutating func take(_ bytes: [UInt8]) throws(Fault) -> String {
        let before = text.utf8.count
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                guard line.count < 1 << 20 else { throw .endless }
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            try takeLine()
            line.removeAll(keepingCapacity: true)
        }
        return String(decoding: Array(text.utf8)[before...], as: UTF8.self)
    }

    private mutating func takeLine() throws(Fault) {
        // Comments keep the connection alive; other fields say nothing that is needed.
        guard !isDone, !line.isEmpty, line[0] != UInt8(ascii: ":") else { return }
        let known = ["event:", "id:", "retry:"].contains { line.starts(with: $0.utf8) }
        guard !known else { return }
        guard line.starts(with: "data:".utf8) else { throw .garbage(String(decoding: line.prefix(80), as: UTF8.self)) }
        let body = line.dropFirst(5).drop { $0 == UInt8(ascii: " ") }
        if body.elementsEqual("[DONE]".utf8) {
            isDone = true
            return
        }
        guard let json = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
            throw .garbage(String(decoding: body.prefix(80), as: UTF8.self))
        }
        if let error = json["error"], !(error is NSNull) { throw .failed(Self.message(error)) }
        try take(json, key: "delta")
    }

    /// One chunk (`delta`), or the whole answer of a server that doesn't stream (`message`).
    mutating func take(_ json: [String: Any], key: String) throws(Fault) {
        if let counts = json["usage"] as? [String: Any] {
            let details = counts["prompt_tokens_details"] as? [String: Any]
            usage = Usage(
                prompt: Self.number(counts["prompt_tokens"]), answer: Self.number(counts["completion_tokens"]),
                cached: Self.number(details?["cached_tokens"]))
        }
        guard let choices = json["choices"] as? [Any] else {
            if usage != nil { return }
            throw .garbage("no choices")
        }
        // The chunk with the usage has none.
        guard let choice = choices.first as? [String: Any] else { return }
        if let part = choice[key] as? [String: Any], let content = part["content"] as? String, !content.isEmpty {
            text += content
            pieces += 1
            guard text.utf8.count <= mostBytes else { throw .endless }
        }
        if let reason = choice["finish_reason"] as? String { finish = reason }
    }

    private static func number(_ value: Any?) -> Int { min(max((value as? NSNumber)?.intValue ?? 0, 0), 1 << 40) }

    /// "message" of an error object, or what stands there.
    static func message(_ error: Any) -> String {
        if let text = error as? String { return String(text.prefix(300)) }
        if let object = error as? [String: Any] {
            let parts = [object["message"] as? String, (object["code"] as? String).map { "(\($0))" }].compactMap { $0 }
            if !parts.isEmpty { return String(parts.joined(separator: " ").prefix(300)) }
        }
        return "an error without a message"
    }
}
