import Egress
import Fetching
import Foundation
import TestMaterial
import Testing

@Suite(.timeLimit(.minutes(2))) struct TLSTests {
    private static let openssl = "/usr/bin/openssl"

    /// A certificate that nobody vouches for is refused; the same one is good where the caller trusts it, and only for its name.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: openssl), "openssl makes the certificate and serves it"))
    func verification() async throws {
        try await withTemporaryFolder { folder in
            let (key, certificate) = (folder.appending(path: "key.pem").path, folder.appending(path: "cert.pem").path)
            let making = try Self.start([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=good.test",
                "-addext", "subjectAltName=DNS:good.test",
            ])
            making.process.waitUntilExit()
            let server = try Self.start(["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"])
            defer {
                // Started from a thread that blocks signals, it never sees SIGTERM.
                kill(server.process.processIdentifier, SIGKILL)
                server.process.waitUntilExit()
            }
            let port = try #require(try Self.port(server.output))
            let resolver = Resolver(overrides: try ["good.test:127.0.0.1", "bad.test:127.0.0.1"].map { try HostOverride($0) })
            let rules = AddressRules(allowing: [try AddressBlock("127.0.0.1")])
            func fetch(_ host: String, trusting: Bool) async throws -> Int {
                var configuration = Fetcher.Configuration()
                if trusting { configuration.authorities = certificate }
                let fetcher = Fetcher(resolver: resolver, configuration: configuration)
                return try await fetcher.fetch(FetchRequest("https://\(host):\(port)/", userAgent: "T", rules: rules)).status
            }
            #expect(try await fetch("good.test", trusting: true) == 200)
            for (host, trusting) in [("good.test", false), ("bad.test", true)] {
                let error = await #expect(throws: FetchError.self) { try await fetch(host, trusting: trusting) }
                #expect(error?.code == .tls)
            }
        }
    }

    private static func start(_ arguments: [String]) throws -> (process: Process, output: FileHandle) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: openssl)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        // A terminal's end would end the server.
        process.standardInput = Pipe()
        try process.run()
        return (process, pipe.fileHandleForReading)
    }

    /// "ACCEPT 127.0.0.1:PORT" is what it says when it listens.
    private static func port(_ output: FileHandle) throws -> Int? {
        var text = ""
        while let data = try output.read(upToCount: 1), !data.isEmpty {
            text += String(decoding: data, as: UTF8.self)
            guard text.hasSuffix("\n") else { continue }
            if let line = text.split(separator: "\n").last, line.hasPrefix("ACCEPT "), let port = line.split(separator: ":").last {
                return Int(port)
            }
        }
        return nil
    }
}
