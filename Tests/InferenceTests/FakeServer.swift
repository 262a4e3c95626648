import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// What a model server on loopback was asked.
struct Asked: Sendable {
    var line: String
    var head: String
    var body: String

    subscript(key: String) -> Any? { (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])?[key] }
    var isQuestion: Bool { line.hasPrefix("POST") }
}

/// How it answers: bytes, then the end of the connection, or silence until the other side is gone.
struct Said: Sendable {
    var text: String
    /// Said again and again after the text, until the other side is gone.
    var thenAlways = ""
    var staysSilent = false

    static func answer(_ status: Int, _ body: String, type: String = "application/json", headers: String = "") -> Said {
        Said(
            text:
                "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)Connection: close\r\n\r\n\(body)"
        )
    }

    /// Events as servers stream them: each text in a chunk, then its end.
    static func stream(_ texts: [String], finish: String? = "stop", done: Bool = true, silent: Bool = false) -> Said {
        func event(_ json: [String: Any]) -> String {
            "data: " + String(decoding: (try? JSONSerialization.data(withJSONObject: json)) ?? Data(), as: UTF8.self) + "\n\n"
        }
        var body = ": keep-alive\n\n"
        for text in texts { body += event(["choices": [["index": 0, "delta": ["content": text]]]]) }
        if let finish { body += event(["choices": [["index": 0, "delta": [String: Any](), "finish_reason": finish]]]) }
        if done {
            body += event(["choices": [Any](), "usage": ["prompt_tokens": 40, "completion_tokens": 7]])
            body += "data: [DONE]\n\n"
        }
        return Said(text: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n\(body)", staysSilent: silent)
    }
}

/// Lends a server on a free loopback port; each connection brings one request. Requests to `/models` get an empty list unless
/// `models` says otherwise.
func withModelServer<R: Sendable>(
    models: String = "{\"data\": []}", answer: @escaping @Sendable (_ number: Int, Asked) -> Said,
    _ body: @Sendable (_ port: Int, _ asked: @Sendable () -> [Asked]) async throws -> R
) async throws -> R {
    let journal = Journal()
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
    }
    let port = server.channel.localAddress?.port ?? 0
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await withThrowingDiscardingTaskGroup { connections in
                try await server.executeThenClose { inbound in
                    for try await connection in inbound {
                        connections.addTask {
                            try? await connection.executeThenClose { inbound, outbound in
                                var pieces = inbound.makeAsyncIterator()
                                var text = ""
                                while !isWhole(text), let piece = try await pieces.next() { text += String(buffer: piece) }
                                let asked = parsed(text)
                                if asked.isQuestion {
                                    let said = answer(journal.note(asked), asked)
                                    try await outbound.write(ByteBuffer(string: said.text))
                                    while !said.thenAlways.isEmpty { try await outbound.write(ByteBuffer(string: said.thenAlways)) }
                                    if said.staysSilent { while try await pieces.next() != nil {} }
                                } else {
                                    try await outbound.write(ByteBuffer(string: Said.answer(200, models).text))
                                }
                            }
                        }
                    }
                }
            }
        }
        let result: Result<R, any Error>
        do { result = .success(try await body(port) { journal.all }) } catch { result = .failure(error) }
        group.cancelAll()
        while (try? await group.next()) != nil {}
        return try result.get()
    }
}

private final class Journal: Sendable {
    private let notes = Mutex<[Asked]>([])
    var all: [Asked] { notes.withLock { $0 } }

    /// The number of the question, from 1.
    func note(_ asked: Asked) -> Int {
        notes.withLock {
            $0.append(asked)
            return $0.count
        }
    }
}

private func parsed(_ text: String) -> Asked {
    let parts = text.components(separatedBy: "\r\n\r\n")
    return Asked(line: String(text.prefix { $0 != "\r\n" }), head: parts[0], body: parts.dropFirst().joined(separator: "\r\n\r\n"))
}

private func isWhole(_ text: String) -> Bool {
    guard let end = text.range(of: "\r\n\r\n") else { return false }
    let length = text[..<end.lowerBound].components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
    return text[end.upperBound...].utf8.count >= length ?? 0
}
