import Documents
import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif
import Glibc
import TestMaterial
import Testing

/// Pages that others wrote to break a farm, with a trap that a guarded one never reaches.
private struct HostileSite {
    let port: Int

    static let folder = Material.file("rnd/hostile-pages")

    /// Lends the site to `body`; it is ended afterwards, by its id.
    static func with<Value>(_ body: (HostileSite) async throws -> Value) async throws -> Value {
        let server = try #require(folder).appending(path: "server.py")
        return try await withTemporaryFolder { temporary in
            let log = temporary.appending(path: "ports")
            let output = open(log.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            defer { for descriptor in [output, null] { close(descriptor) } }
            let child = try Command.Child(
                ["/usr/bin/python3", "-u", server.path, "0"], environment: ["PATH": "/usr/bin:/bin"], descriptors: [null, output, null])
            defer { kill(child.processIdentifier, SIGKILL) }
            for _ in 0..<400 {
                let line = (try? String(contentsOf: log, encoding: .utf8))?.split(separator: "\n").first
                if let port = line.flatMap({ try? JSON(parsing: String($0)) })?["port"]?.int { return try await body(HostileSite(port: port)) }
                try await Task.sleep(for: .milliseconds(25))
            }
            throw POSIXError(.ETIMEDOUT)
        }
    }

    /// What the listeners saw since they were last asked to forget.
    func hits() async throws -> JSON { try JSON(parsing: String(decoding: try await get("/__hits"), as: UTF8.self)) }
    func forget() async throws { _ = try await get("/__reset") }

    private func get(_ path: String) async throws -> Data {
        try await URLSession.shared.data(from: try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))).0
    }

    static var manifest: [JSON] {
        guard let text = folder.flatMap({ try? String(contentsOf: $0.appending(path: "manifest.jsonl"), encoding: .utf8) }) else { return [] }
        return text.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
    }
}

@Suite(.serialized, .enabled(if: HostileSite.folder != nil, "the hostile pages are not on this machine"), .timeLimit(.minutes(5)))
struct HostilePagesTests {
    /// Pages that try to reach private addresses, by sub-requests of every kind or by WebRTC, reach the trap 0 times, and are read all the same.
    @Test func theTrapStaysEmpty() async throws {
        let pages = HostileSite.manifest.filter { $0["trap_connections"]?.int == 0 }
        #expect(pages.count >= 3)
        try await HostileSite.with { site in
            try await Command.with { gleaner, _ in
                for page in pages {
                    let path = try #require(page["path"]?.string)
                    try await site.forget()
                    let outcome = try await gleaner("browse", "http://127.0.0.1:\(site.port)\(path)", "--timeout", "10", "--quiet")
                    for text in page["must_contain"]?.array?.compactMap(\.string) ?? [] {
                        #expect(outcome.output.contains(text), "\(path): \(outcome.error)")
                    }
                    for text in page["must_not_contain"]?.array?.compactMap(\.string) ?? [] { #expect(!outcome.output.contains(text), "\(path)") }
                    let trap = try await site.hits()["trap"]
                    #expect(trap == .object([]), "\(path): \(trap?.description ?? "")")
                }
            }
        }
    }
}
