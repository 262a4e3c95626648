import Foundation
import Logging
import NIOSSL
import Synchronization
import TestMaterial
import Testing

@testable import Egress

@Suite(.timeLimit(.minutes(2))) struct RelayTests {
    /// Names under `.test` that lead to loopback, and what the farm's own machine would be asked for.
    private static let here = AddressRules(allowing: (try? AddressBlock("127.0.0.0/8")).map { [$0] } ?? [])

    private func withRelay<R: Sendable>(
        _ route: Relay.Route = .init(rules: RelayTests.here), configure: (inout Relay.Configuration) -> Void = { _ in },
        lookup: @escaping Resolver.Lookup = { $0.hasSuffix(".test") ? .success([IPAddress(v4: 0x7F00_0001)]) : .failure(.notFound) },
        _ body: @Sendable (RelayPort) async throws -> R
    ) async throws -> R {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = Relay.Configuration()
        configure(&configuration)
        let relay = Relay(resolver: Resolver(lookup: lookup), configuration: configuration, logger: logger)
        return try await relay.withPort(route, body)
    }

    private func get(_ url: String) -> String { "GET \(url) HTTP/1.1\r\nHost: ignored\r\n\r\n" }

    /// A plain request reaches its site in origin form, and the answer comes back byte for byte.
    @Test func plain() async throws {
        let journal = Journal()
        let odd = "HTTP/1.1 200 Fine by me\r\nX-odd:  Two  spaces \r\ncontent-length: 3\r\n\r\n\u{0}\u{1}\u{2}"
        try await withServer(serve: { wire in
            journal.note(try await wire.head() ?? "")
            try await wire.write(odd)
        }) { port in
            try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://a.test:\(port)/x?y"))
                    #expect(try await wire.text(odd.utf8.count) == odd)
                }
                #expect(journal.all == ["GET /x?y HTTP/1.1\r\nHost: a.test:\(port)\r\n\r\n"])
                let usage = relay.drain()
                #expect(usage.requests == 1 && usage.connections == 1 && usage.received == odd.utf8.count && usage.incidents.isEmpty)
                #expect(relay.usage == RelayUsage())
            }
        }
    }

    /// Requests to two sites over one connection, one after the other and all at once, get the right site's answers in order, and
    /// each site is connected to once where it is asked twice in a row.
    @Test(arguments: [true, false])
    func twoSites(pipelined: Bool) async throws {
        let (one, two) = (Journal(), Journal())
        try await withServer(serve: site("one", journal: one)) { first in
            try await withServer(serve: site("two", journal: two)) { second in
                try await withRelay { relay in
                    try await withClient(relay.port) { wire in
                        let urls = [
                            "http://one.test:\(first)/a", "http://one.test:\(first)/b", "http://two.test:\(second)/c",
                            "http://one.test:\(first)/d",
                        ]
                        let expected = ["one GET /a HTTP/1.1", "one GET /b HTTP/1.1", "two GET /c HTTP/1.1", "one GET /d HTTP/1.1"]
                        if pipelined { try await wire.write(urls.map(get).joined()) }
                        for (url, text) in zip(urls, expected) {
                            if !pipelined { try await wire.write(get(url)) }
                            #expect(try await wire.answer().body == text)
                        }
                    }
                    #expect(one.all.filter { $0 == "connection" }.count == 2)
                    #expect(two.all.filter { $0 == "connection" }.count == 1)
                }
            }
        }
    }

    /// A tunnel passes bytes both ways, those sent along with CONNECT too, and one side's end leaves the other direction open.
    @Test func tunnel() async throws {
        try await withServer(serve: echo) { port in
            try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write("CONNECT a.test:\(port) HTTP/1.1\r\nHost: a.test:\(port)\r\n\r\nearly")
                    #expect(try await wire.head()?.hasPrefix("HTTP/1.1 200 ") == true)
                    #expect(try await wire.text(5) == "early")
                    try await wire.write("late")
                    #expect(try await wire.text(4) == "late")
                    wire.closeOutput()
                    #expect(try await wire.restText() == "bye")
                }
            }
        }
    }

    /// A plain request that asks for an upgrade becomes a tunnel at 101.
    @Test func upgrade() async throws {
        try await withServer(serve: { wire in
            guard let head = try await wire.head(), head.contains("Upgrade: websocket\r\n") else { return }
            try await wire.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhi")
            try await echo(wire)
        }) { port in
            try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write("GET http://a.test:\(port)/ HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
                    #expect(try await wire.head()?.contains(" 101 ") == true)
                    #expect(try await wire.text(2) == "hi")
                    try await wire.write("ping")
                    #expect(try await wire.text(4) == "ping")
                    wire.closeOutput()
                    #expect(try await wire.restText() == "bye")
                }
            }
        }
    }

    /// Loopback in every spelling is refused with 403 and noted, in tunnels and plain requests, and nobody is connected to.
    @Test(arguments: [
        "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]",
        "name.test", "[64:ff9b::7f00:1]",
    ])
    func refused(host: String) async throws {
        let journal = Journal()
        try await withServer(serve: site("trap", journal: journal)) { port in
            try await withRelay(.init()) { relay in
                for request in [get("http://\(host):\(port)/secret?token=1"), "CONNECT \(host):\(port) HTTP/1.1\r\n\r\n"] {
                    try await withClient(relay.port) { wire in
                        try await wire.write(request)
                        let answer = try await wire.answer()
                        #expect(answer.head.hasPrefix("HTTP/1.1 403 "))
                        #expect(answer.head.contains("X-Gleaner-Refused: "))
                        #expect(answer.body.contains("--allow-address"))
                        #expect(try await wire.rest().isEmpty)
                    }
                }
                let incidents = relay.usage.incidents
                #expect(incidents.count == 2)
                #expect(incidents.allSatisfy { $0.isRefusal && $0.code == .addressRefused && $0.port == port })
                #expect(!incidents.contains { $0.target.contains("token") })
                #expect(journal.all.isEmpty)
            }
        }
    }

    /// The rules are asked for each request: over one connection, a name that moves to a forbidden address is refused there.
    @Test func rebinding() async throws {
        let asked = Atomic(0)
        var configuration = Resolver.Configuration()
        configuration.lifetime = .zero
        let resolver = Resolver(
            configuration: configuration,
            lookup: { _ in .success([asked.add(1, ordering: .relaxed).oldValue < 2 ? IPAddress(v4: 0x7F00_0001) : IPAddress(v6: 1)]) })
        try await withServer(serve: site("a")) { port in
            let relay = Relay(resolver: resolver, logger: Logger(label: "test"))
            try await relay.withPort(.init(rules: Self.here)) { relay in
                try await withClient(relay.port) { wire in
                    for status in ["200", "200", "403"] {
                        try await wire.write(get("http://moving.test:\(port)/"))
                        #expect(try await wire.answer().head.hasPrefix("HTTP/1.1 \(status) "))
                    }
                }
            }
        }
    }

    /// What fails on the way has its own status, header and note.
    @Test func failures() async throws {
        let closed = try await withServer(serve: echo) { $0 }
        try await withServer(serve: { _ in }) { rude in
            try await withServer(serve: { wire in _ = try await wire.rest() }) { silent in
                try await withRelay(configure: { $0.idleTimeout = .seconds(1) }) { relay in
                    for (target, status, code) in [
                        ("nowhere.invalid:80", 502, EgressError.Code.nameNotResolved), ("a.test:\(closed)", 502, .connectionFailed),
                        ("a.test:\(rude)", 502, .connectionFailed), ("a.test:\(silent)", 504, .connectionTimedOut),
                    ] {
                        try await withClient(relay.port) { wire in
                            try await wire.write(get("http://\(target)/"))
                            let head = try await wire.answer().head
                            #expect(head.hasPrefix("HTTP/1.1 \(status) "))
                            #expect(head.contains("X-Gleaner-Error: \(code.rawValue)\r\n"))
                            let incident = try #require(relay.drain().incidents.first)
                            #expect(incident.code == code && !incident.isRefusal && incident.target == "http://\(target)/")
                        }
                    }
                }
            }
        }
    }

    /// Twenty megabytes pass unchanged, by length and in chunks, to a reader that is slower than the site: meanwhile the site is
    /// held back, so that what lies between them stays within the sockets' own buffers.
    @Test(arguments: [true, false])
    func large(chunked: Bool) async throws {
        let total = 20 << 20
        let piece = [UInt8]((0..<65536).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        let sent = Atomic(0)
        try await withServer(serve: { wire in
            _ = try await wire.head()
            try await wire.write(
                "HTTP/1.1 200 OK\r\n" + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: \(total)\r\n\r\n"))
            while sent.load(ordering: .relaxed) < total {
                try await wire.write(chunked ? Array("10000\r\n".utf8) + piece + [13, 10] : piece)
                sent.add(piece.count, ordering: .relaxed)
            }
            if chunked { try await wire.write("0\r\n\r\n") }
            _ = try await wire.rest()
        }) { port in
            try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://a.test:\(port)/"))
                    #expect(try await wire.head()?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
                    for _ in 0..<(total / piece.count) {
                        if chunked { #expect(try await wire.text(7) == "10000\r\n") }
                        let isSame = try await wire.read(piece.count) == piece
                        #expect(isSame)
                        if chunked { #expect(try await wire.text(2) == "\r\n") }
                    }
                    if chunked { #expect(try await wire.text(5) == "0\r\n\r\n") }
                    // The connection serves on.
                    try await wire.write(get("http://a.test:1/"))
                    #expect(try await wire.answer().head.contains(" 502 "))
                }
                #expect(relay.usage.received > total)
            }
        }
    }

    /// What the relay has taken from the site and a slow client has not read yet lies in the sockets' buffers and nowhere else.
    @Test func backPressure() async throws {
        let total = 256 << 20
        let piece = [UInt8](repeating: 7, count: 1 << 20)
        try await withServer(serve: { wire in
            for _ in 0..<(total / piece.count) { try await wire.write(piece) }
            // The end would come only with what is buffered: the client goes first.
            _ = try await wire.rest()
        }) { port in
            try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write("CONNECT a.test:\(port) HTTP/1.1\r\n\r\n")
                    _ = try await wire.head()
                    var (read, lead) = (0, 0)
                    while read < total, let bytes = try await wire.piece() {
                        read += bytes.count
                        lead = max(lead, relay.usage.received - read)
                        for _ in 0..<20 { await Task.yield() }
                    }
                    #expect(read == total)
                    #expect(lead < 32 << 20)
                }
            }
        }
    }

    /// Bodies of requests pass unchanged, by length and in chunks, trailers included.
    @Test func upload() async throws {
        let body = String(repeating: "x", count: 3_000_000)
        try await withServer(serve: { wire in
            _ = try await wire.head()
            let isWhole = try await wire.text(body.utf8.count) == body
            try await wire.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\(isWhole ? "whole" : "other")")
            _ = try await wire.head()
            let chunks = try await wire.text(24)
            try await wire.write("HTTP/1.1 200 OK\r\nContent-Length: \(chunks.utf8.count)\r\n\r\n\(chunks)")
        }) { port in
            try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write("POST http://a.test:\(port)/ HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                    #expect(try await wire.answer().body == "whole")
                    let chunks = "4;x=y\r\nwiki\r\n0\r\nT: x\r\n\r\n"
                    try await wire.write("POST http://a.test:\(port)/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
                    #expect(try await wire.answer().body == chunks)
                }
            }
        }
    }

    /// A site that hangs up in the middle: the browser gets what there was, and then the end, not a wait.
    @Test func cutShort() async throws {
        try await withServer(serve: { wire in
            _ = try await wire.head()
            try await wire.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        }) { port in
            try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://a.test:\(port)/"))
                    #expect(try await wire.restText() == "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                }
            }
        }
    }

    /// A browser that hangs up in the middle of an answer takes the site's connection along.
    @Test func clientLeaves() async throws {
        let (ends, ended) = AsyncStream.makeStream(of: Bool.self)
        try await withServer(serve: { wire in
            defer { ended.yield(true) }
            _ = try await wire.head()
            while true { try await wire.write([UInt8](repeating: 1, count: 65536)) }
        }) { port in
            try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://a.test:\(port)/"))
                    _ = try await wire.read(100)
                }
                #expect(await ends.first { _ in true } == true)
            }
        }
    }

    /// Whatever is sent in, the connection ends, with an answer or none, and the port serves on.
    @Test func garbage() async throws {
        let junk: [[UInt8]] = [
            Array("\n".utf8), [0, 0, 0, 0], [0x16, 3, 1, 2, 0, 1, 0, 1], [UInt8](repeating: 0xff, count: 100_000),
            Array("GET \r\n\r\n".utf8), Array("GET http://\u{0}/ HTTP/1.1\r\n\r\n".utf8), Array("A: b\r\n\r\n".utf8),
            Array(("GET http://a.test/ HTTP/1.1\r\nX: " + String(repeating: "y", count: 70_000) + "\r\n\r\n").utf8), [5, 1, 0, 13, 10, 13, 10],
            Array("POST http://a.test:1/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".utf8), Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8),
            Array("CONNECT http://a.test/ HTTP/1.1\r\n\r\n".utf8), Array("GET http://a.test:18446744073709551617/ HTTP/1.1\r\n\r\n".utf8),
        ]
        try await withServer(serve: site("a")) { port in
            try await withRelay { relay in
                for bytes in junk {
                    try await withClient(relay.port) { wire in
                        try await wire.write(bytes)
                        wire.closeOutput()
                        // A reset is an end as well.
                        let answer = (try? await wire.restText()) ?? ""
                        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.1 502 "))
                    }
                }
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://a.test:\(port)/"))
                    #expect(try await wire.answer().body == "a GET / HTTP/1.1")
                }
            }
        }
    }

    /// An upstream HTTP proxy gets plain requests in absolute form and CONNECT for tunnels, with the login; one whose login is
    /// refused is told apart from a site's fault.
    @Test func upstreamHTTP() async throws {
        let journal = Journal()
        try await withServer(serve: { wire in
            while let head = try await wire.head() {
                journal.note(head)
                guard head.contains("Proxy-Authorization: Basic dTpw\r\n") else {
                    return try await wire.write("HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n")
                }
                if head.hasPrefix("CONNECT ") {
                    try await wire.write("HTTP/1.0 200 Go\r\nX: y\r\n\r\nhello")
                    return try await echo(wire)
                }
                try await wire.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup")
            }
        }) { port in
            // No name here is known but to the proxy.
            let unknown: Resolver.Lookup = { _ in .failure(.notFound) }
            let proxy = WayOut.proxy(try UpstreamProxy("http://u:p@127.0.0.1:\(port)"))
            try await withRelay(.init(wayOut: proxy), lookup: unknown) { relay in
                try await withClient(relay.port) { wire in
                    for host in ["a.example", "b.example:81"] {
                        try await wire.write(get("http://\(host)/x"))
                        #expect(try await wire.answer().body == "up")
                    }
                    try await wire.write("CONNECT c.example:443 HTTP/1.1\r\n\r\n")
                    #expect(try await wire.head()?.contains(" 200 ") == true)
                    try await wire.write(" there")
                    #expect(try await wire.text(11) == "hello there")
                }
                #expect(journal.all.map { $0.prefix { $0 != "\r\n" } } == [
                    "GET http://a.example/x HTTP/1.1", "GET http://b.example:81/x HTTP/1.1", "CONNECT c.example:443 HTTP/1.1",
                ])
                #expect(relay.usage.connections == 2)
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://10.0.0.1/"))
                    #expect(try await wire.answer().head.contains("X-Gleaner-Refused: private"))
                }
            }
            let stranger = WayOut.proxy(try UpstreamProxy("http://x:y@127.0.0.1:\(port)"))
            try await withRelay(.init(wayOut: stranger), lookup: unknown) { relay in
                for request in [get("http://a.example/"), "CONNECT a.example:443 HTTP/1.1\r\n\r\n"] {
                    try await withClient(relay.port) { wire in
                        try await wire.write(request)
                        #expect(try await wire.answer().head.contains("X-Gleaner-Error: proxy-login"))
                    }
                }
                #expect(relay.usage.incidents.allSatisfy { $0.code == .proxyLogin })
            }
        }
    }

    /// Two relays in a row: the second does what any proxy does for the first.
    @Test func chain() async throws {
        try await withServer(serve: site("end")) { port in
            try await withRelay { second in
                let wayOut = WayOut.proxy(try UpstreamProxy(second.url))
                try await withRelay(.init(rules: Self.here, wayOut: wayOut)) { first in
                    try await withClient(first.port) { wire in
                        try await wire.write(get("http://a.test:\(port)/1"))
                        #expect(try await wire.answer().body == "end GET /1 HTTP/1.1")
                        try await wire.write("CONNECT a.test:\(port) HTTP/1.1\r\n\r\n")
                        #expect(try await wire.head()?.contains(" 200 ") == true)
                        try await wire.write("GET /2 HTTP/1.1\r\n\r\n")
                        #expect(try await wire.answer().body == "end GET /2 HTTP/1.1")
                    }
                }
            }
        }
    }

    /// A SOCKS5 proxy gets the checked address, with `socks5h` the name; plain requests go through it as tunnels do.
    @Test(arguments: [("socks5", "01 7f000001"), ("socks5h", "03 06612e74657374"), ("socks5://u:p@", "01 7f000001")])
    func upstreamSOCKS(scheme: String, place: String) async throws {
        let journal = Journal()
        try await withServer(serve: { wire in
            let methods = try await wire.read(2)
            let offered = try await wire.read(Int(methods[1]))
            if offered.contains(2) {
                try await wire.write([5, 2])
                journal.note(String(decoding: try await wire.read(5), as: UTF8.self))
                try await wire.write([1, 0])
            } else {
                try await wire.write([5, 0])
            }
            let head = try await wire.read(4)
            let address = head[3] == 1 ? try await wire.read(4) : try await wire.read(7)
            let port = try await wire.read(2)
            journal.note(([head[3]] + address).map { String(format: "%02x", $0) }.joined())
            journal.note("\(Int(port[0]) << 8 | Int(port[1]))")
            try await wire.write([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            try await site("socks")(wire)
        }) { port in
            let url = scheme.contains("@") ? "\(scheme)127.0.0.1:\(port)" : "\(scheme)://127.0.0.1:\(port)"
            try await withRelay(.init(rules: Self.here, wayOut: .proxy(try UpstreamProxy(url)))) { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://a.test:8080/1"))
                    #expect(try await wire.answer().body == "socks GET /1 HTTP/1.1")
                    try await wire.write("CONNECT a.test:8443 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n")
                    #expect(try await wire.head()?.contains(" 200 ") == true)
                    #expect(try await wire.answer().body == "socks GET /2 HTTP/1.1")
                }
            }
        }
        let place = place.filter { $0 != " " }
        let login = scheme.contains("@") ? ["\u{1}\u{1}u\u{1}p"] : []
        #expect(journal.all == login + [place, "8080"] + login + [place, "8443"])
    }

    /// An HTTPS proxy is spoken to inside TLS, for plain requests and tunnels; without a certificate to trust nothing is said to it.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl makes the certificate"))
    func upstreamHTTPS() async throws {
        try await withTemporaryFolder { folder in
            let (key, certificate) = (folder.appending(path: "key.pem").path, folder.appending(path: "cert.pem").path)
            let making = Process()
            making.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            making.arguments = [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=proxy.test",
                "-addext", "subjectAltName=DNS:proxy.test",
            ]
            making.standardError = FileHandle.nullDevice
            try making.run()
            making.waitUntilExit()
            let tls = try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                    privateKey: .privateKey(NIOSSLPrivateKey(file: key, format: .pem))))
            let journal = Journal()
            try await withServer(tls: tls, serve: { wire in
                while let head = try await wire.head() {
                    journal.note(head)
                    guard head.hasPrefix("CONNECT ") else {
                        try await wire.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup")
                        continue
                    }
                    try await wire.write("HTTP/1.1 200 Go\r\n\r\n")
                    return try await echo(wire)
                }
            }) { port in
                let wayOut = WayOut.proxy(try UpstreamProxy("https://u:p@proxy.test:\(port)"))
                try await withRelay(.init(rules: Self.here, wayOut: wayOut), configure: { $0.authorities = certificate }) { relay in
                    try await withClient(relay.port) { wire in
                        try await wire.write(get("http://a.example/"))
                        #expect(try await wire.answer().body == "up")
                        try await wire.write("CONNECT b.example:443 HTTP/1.1\r\n\r\n")
                        #expect(try await wire.head()?.contains(" 200 ") == true)
                        try await wire.write("inside")
                        #expect(try await wire.text(6) == "inside")
                        wire.closeOutput()
                        #expect(try await wire.restText() == "bye")
                    }
                }
                #expect(journal.all.count == 2 && journal.all.allSatisfy { $0.contains("Proxy-Authorization: Basic dTpw\r\n") })
                try await withRelay(.init(rules: Self.here, wayOut: wayOut)) { relay in
                    for request in [get("http://a.example/"), "CONNECT a.example:443 HTTP/1.1\r\n\r\n"] {
                        try await withClient(relay.port) { wire in
                            try await wire.write(request)
                            #expect(try await wire.answer().head.contains("X-Gleaner-Error: proxy-failed"))
                        }
                    }
                }
                #expect(journal.all.count == 2)
            }
        }
    }

    /// A proxy that is away is the proxy's fault, whatever was asked for.
    @Test func proxyAway() async throws {
        let closed = try await withServer(serve: echo) { $0 }
        try await withRelay(.init(rules: Self.here, wayOut: .proxy(try UpstreamProxy("http://u:secret@127.0.0.1:\(closed)")))) { relay in
            try await withClient(relay.port) { wire in
                try await wire.write(get("http://a.test/"))
                let answer = try await wire.answer()
                #expect(answer.head.contains("X-Gleaner-Error: proxy-failed"))
                #expect(!answer.body.contains("secret"))
            }
        }
    }

    /// No more connections to one host than allowed; who comes late waits until one ends.
    @Test func turns() async throws {
        let open = Atomic(0)
        let most = Atomic(0)
        try await withServer(serve: { wire in
            most.max(open.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
            _ = try await wire.head()
            open.subtract(1, ordering: .relaxed)
            try await wire.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")
        }) { port in
            try await withRelay(configure: { $0.connectionsPerHost = 1 }) { relay in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try await withClient(relay.port) { wire in
                                try await wire.write(get("http://a.test:\(port)/"))
                                #expect(try await wire.answer().body == "x")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
        #expect(most.load(ordering: .relaxed) == 1)
    }

    /// A connection that rests between two requests gives up its turn to who waits, and works again afterwards.
    @Test func restingConnectionsYield() async throws {
        let journal = Journal()
        try await withServer(serve: site("a", journal: journal)) { port in
            try await withRelay(configure: { $0.connectionsPerHost = 1 }) { relay in
                try await withClient(relay.port) { first in
                    for path in ["/1", "/3"] {
                        try await first.write(get("http://a.test:\(port)\(path)"))
                        #expect(try await first.answer().body == "a GET \(path) HTTP/1.1")
                        try await withClient(relay.port) { second in
                            try await second.write(get("http://a.test:\(port)/2"))
                            #expect(try await second.answer().body == "a GET /2 HTTP/1.1")
                        }
                    }
                }
                #expect(relay.usage.incidents.isEmpty)
            }
        }
    }

    /// Beyond its bytes a port breaks off, refuses what comes later, and says both.
    @Test func byteLimit() async throws {
        try await withServer(serve: { wire in
            _ = try await wire.head()
            try await wire.write("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1_000_000))
        }) { port in
            try await withRelay(.init(rules: Self.here, byteLimit: 100_000)) { relay in
                await #expect(throws: (any Error).self) {
                    try await withClient(relay.port) { wire in
                        try await wire.write(get("http://a.test:\(port)/"))
                        _ = try await wire.rest()
                    }
                }
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://a.test:\(port)/later"))
                    #expect(try await wire.answer().head.contains("X-Gleaner-Refused: limit-reached"))
                }
                #expect(relay.usage.incidents.map(\.code) == [.limitReached, .limitReached])
            }
        }
    }

    /// Only the accounts that a port is for get anything of it: another one's connection is closed before a byte is read.
    @Test(arguments: [true, false]) func users(isOurs: Bool) async throws {
        try await withServer(serve: site("one")) { port in
            let users: Set<UInt32> = [isOurs ? geteuid() : geteuid() + 1]
            try await withRelay(.init(rules: Self.here, users: users)) { relay in
                let answer = try? await withClient(relay.port) { wire in
                    try await wire.write(get("http://a.test:\(port)/"))
                    return try await wire.answer().body
                }
                #expect((answer != nil) == isOurs)
                #expect(relay.usage.requests == (isOurs ? 1 : 0))
            }
        }
    }

    /// A port's end ends its connections, and nobody gets in any more.
    @Test func closing() async throws {
        try await withServer(serve: echo) { port in
            let number = try await withRelay { relay in
                try await withClient(relay.port) { wire in
                    try await wire.write("CONNECT a.test:\(port) HTTP/1.1\r\n\r\n")
                    _ = try await wire.head()
                    await relay.close()
                    _ = try? await wire.rest()
                }
                return relay.port
            }
            await #expect(throws: (any Error).self) { try await withClient(number) { _ in } }
        }
    }

    /// An incident that repeats is counted; too many different ones are dropped, and that is said.
    @Test func incidents() async throws {
        try await withRelay(.init(), configure: { $0.incidentsKept = 2 }) { relay in
            for path in ["a", "a", "b", "c"] {
                try await withClient(relay.port) { wire in
                    try await wire.write(get("http://127.0.0.1:1/\(path)"))
                    _ = try await wire.answer()
                }
            }
            let usage = relay.usage
            #expect(usage.incidents.map(\.count) == [2, 1])
            #expect(usage.incidentsDropped == 1)
        }
    }
}
