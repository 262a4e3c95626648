import Egress
import Foundation
import GleanerTesting
import Logging
import Synchronization
import Testing

@testable import Fetching

@Suite(.timeLimit(.minutes(2))) struct FetcherTests {
    private static let here = AddressRules(allowing: (try? AddressBlock("127.0.0.0/8")).map { [$0] } ?? [])

    private func withFetcher<R: Sendable>(
        _ resolver: Resolver = Resolver(lookup: { $0.hasSuffix(".test") ? .success([IPAddress(v4: 0x7F00_0001)]) : .failure(.notFound) }),
        _ body: @Sendable (Fetcher) async throws -> R
    ) async throws -> R {
        let fetcher = Fetcher(resolver: resolver)
        let result: Result<R, any Error>
        do { result = .success(try await body(fetcher)) } catch { result = .failure(error) }
        await fetcher.shutdown()
        return try result.get()
    }

    private func request(_ url: String, _ change: (inout FetchRequest) -> Void = { _ in }) -> FetchRequest {
        var request = FetchRequest(url, userAgent: "Tester/1.0", rules: Self.here)
        change(&request)
        return request
    }

    private func error(_ fetcher: Fetcher, _ request: FetchRequest) async throws -> FetchError {
        try #require(await #expect(throws: FetchError.self) { try await fetcher.fetch(request) })
    }

    /// Status, fields, body and address come back; what was asked for is what the site saw.
    @Test func plain() async throws {
        try await withFixtureSite([
            "/a": .text("h\u{e9}llo").header("X-Twice", "1").header("X-Twice", "2").header("ETag", "\"v1\""),
            "/none": .status(304),
        ]) { site in
            try await withFetcher { fetcher in
                let answer = try await fetcher.fetch(
                    request(site.url("/a?b=c", host: "shop.test")) {
                        $0.acceptLanguage = "de, en;q=0.5"
                        $0.ifNoneMatch = "\"v0\""
                        $0.ifModifiedSince = "Tue, 01 Jan 2030 00:00:00 GMT"
                        $0.headers = [HTTPField("From", "me@here.test"), HTTPField("X-Empty", "")]
                    })
                #expect(answer.status == 200 && String(decoding: answer.body, as: UTF8.self) == "h\u{e9}llo")
                #expect(answer.headers.filter { $0.name.lowercased() == "x-twice" }.map(\.value) == ["1", "2"])
                #expect(answer.header("etag") == "\"v1\"")
                #expect(answer.url == site.url("/a?b=c", host: "shop.test") && answer.hops.isEmpty && !answer.isTruncated)
                #expect(answer.address == IPAddress("127.0.0.1") && answer.version == "1.1")
                let seen = try #require(site.log.requests.first)
                #expect(seen.method == "GET" && seen.uri == "/a?b=c" && seen.host == "shop.test:\(site.port)")
                #expect(seen.header("User-Agent") == "Tester/1.0" && seen.header("Accept-Language") == "de, en;q=0.5")
                #expect(seen.header("If-None-Match") == "\"v0\"" && seen.header("From") == "me@here.test" && seen.header("X-Empty") == "")
                #expect(seen.header("If-Modified-Since") == "Tue, 01 Jan 2030 00:00:00 GMT" && seen.header("Expect") == nil)
                for (path, status) in [("/none", 304), ("/missing", 404)] {
                    let answer = try await fetcher.fetch(request(site.url(path)))
                    #expect(answer.status == status)
                }
            }
        }
    }

    /// Bodies are sent, and redirects change the method as RFC 9110 §15.4 and browsers have it.
    @Test(arguments: [(302, "GET", ""), (303, "GET", ""), (307, "POST", "data"), (308, "POST", "data")])
    func post(status: Int, method: String, body: String) async throws {
        try await withFixtureSite(["/from": .redirect(to: "to", status: status), "/to": .text("done")]) { site in
            try await withFetcher { fetcher in
                let answer = try await fetcher.fetch(
                    request(site.url("/from")) {
                        $0.method = "POST"
                        $0.body = Array("data".utf8)
                        $0.headers = [HTTPField("Content-Type", "text/plain"), HTTPField("Authorization", "Bearer x")]
                    })
                #expect(String(decoding: answer.body, as: UTF8.self) == "done")
                let requests = site.log.requests
                #expect(requests.map(\.method) == ["POST", method])
                #expect(requests.map { String(decoding: $0.body, as: UTF8.self) } == ["data", body])
                #expect(requests.last?.header("Authorization") == "Bearer x")
            }
        }
    }

    /// Each hop passes the gate with its absolute address; all are reported, and what proves who asks stays with its origin.
    @Test func redirects() async throws {
        let gated = Mutex<[String]>([])
        try await withFixtureSite(["/3": .text("end")]) { last in
            try await withFixtureSite(responding: { seen in
                seen.path == "/2" ? .redirect(to: last.url("/3", host: "other.test")) : .redirect(to: "/2")
            }) { site in
                try await withFetcher { fetcher in
                    let answer = try await fetcher.fetch(
                        request(site.url("/1", host: "one.test")) {
                            $0.headers = [HTTPField("Cookie", "secret=1")]
                            $0.gate = { url in
                                gated.withLock { $0.append(url) }
                                return .proceed
                            }
                        })
                    let urls = [site.url("/1", host: "one.test"), site.url("/2", host: "one.test"), last.url("/3", host: "other.test")]
                    #expect(gated.withLock { $0 } == urls)
                    #expect(answer.url == urls[2])
                    #expect(answer.hops == [
                        FetchHop(url: urls[0], status: 302, location: urls[1]), FetchHop(url: urls[1], status: 302, location: urls[2]),
                    ])
                    #expect(site.log.requests.map { $0.header("Cookie") } == ["secret=1", "secret=1"])
                    #expect(last.log.requests.map { $0.header("Cookie") } == [nil])
                }
            }
        }
    }

    /// A gate that says no ends the fetch before that hop is asked, with its reason and the hops so far.
    @Test func gateRefuses() async throws {
        try await withFixtureSite(["/1": .redirect(to: "/private"), "/private": .text("no")]) { site in
            try await withFetcher { fetcher in
                let error = try await error(fetcher, request(site.url("/1")) {
                    $0.gate = { $0.hasSuffix("/private") ? .refuse("line 2 says so") : .proceed }
                })
                #expect(error.code == .gateRefused && error.message == "line 2 says so" && error.hops.count == 1)
                #expect(site.log.paths == ["/1"])
            }
        }
    }

    /// The limit of redirects is what it says: so many are followed, one more is an error.
    @Test(arguments: [(5, true), (4, false)])
    func redirectLimit(limit: Int, gets: Bool) async throws {
        try await withFixtureSite(responding: { seen in
            let number = Int(seen.path.dropFirst()) ?? 0
            return number == 5 ? .text("end") : .redirect(to: "/\(number + 1)")
        }) { site in
            try await withFetcher { fetcher in
                let asked = request(site.url("/0")) { $0.maximumRedirects = limit }
                if gets {
                    let hops = try await fetcher.fetch(asked).hops
                    #expect(hops.count == 5)
                } else {
                    let error = try await error(fetcher, asked)
                    #expect(error.code == .tooManyRedirects)
                }
            }
        }
    }

    /// Loopback in every spelling, and where a redirect leads there, is refused, and nobody is connected to.
    @Test(arguments: ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "name.test", "[64:ff9b::7f00:1]"])
    func refusedAddresses(host: String) async throws {
        try await withFixtureSite(["/": .text("trap")]) { trap in
            try await withFixtureSite(["/go": .redirect(to: trap.url("/", host: host))]) { site in
                try await withFetcher { fetcher in
                    let direct = try await error(fetcher, request(trap.url("/", host: host)) { $0.rules = .publicOnly })
                    #expect(direct.code == .addressRefused && direct.refusal != nil && direct.message.contains("--allow-address"))
                    let redirected = try await error(
                        fetcher,
                        request(site.url("/go")) {
                            $0.rules = .publicOnly
                            $0.rules.allow(host: "127.0.0.1", port: site.port, at: [IPAddress(v4: 0x7F00_0001)])
                        })
                    #expect(redirected.code == .addressRefused && redirected.hops.count == 1)
                    #expect(trap.log.requests.isEmpty)
                }
            }
        }
    }

    /// An open connection that laxer rules made is not used for a request whose rules forbid it.
    @Test func reuseIsChecked() async throws {
        try await withFixtureSite(["/": .text("x")]) { site in
            // What the name leads to changes: first here, then to a public address that the strict rules allow.
            let asked = Atomic(0)
            var configuration = Resolver.Configuration()
            configuration.lifetime = .zero
            let resolver = Resolver(configuration: configuration, lookup: { _ in
                .success([asked.add(1, ordering: .relaxed).oldValue == 0 ? IPAddress(v4: 0x7F00_0001) : IPAddress(v4: 0x5DB8_D822)])
            })
            try await withFetcher(resolver) { fetcher in
                let url = site.url("/", host: "moving.test")
                let first = try await fetcher.fetch(request(url))
                #expect(first.status == 200)
                let error = try await error(fetcher, request(url) {
                    $0.rules = .publicOnly
                    $0.timeout = .seconds(1)
                })
                // Refused on the open connection, or, where curl made a new one, to nobody.
                #expect([.addressRefused, .timedOut, .connectionFailed].contains(error.code))
                #expect(site.log.requests.count == 1)
            }
        }
    }

    /// Connections are used again.
    @Test func connectionReuse() async throws {
        try await withFixtureSite(["/": .text("x")]) { site in
            try await withFetcher { fetcher in
                var new: [Bool] = []
                for _ in 0..<3 { new.append(try await fetcher.fetch(request(site.url("/"))).isNewConnection) }
                #expect(new == [true, false, false])
            }
        }
    }

    /// A body beyond the limit is an error or a beginning, as asked for; announced, endless, and unpacked from little.
    @Test(arguments: ["/announced", "/endless", "/packed"])
    func sizeLimit(path: String) async throws {
        try await withFixtureSite([
            "/announced": .text(String(repeating: "x", count: 500_000)),
            "/endless": .endless("x", then: String(repeating: "x", count: 10_000), every: .zero),
            "/packed": .bytes(Self.hundredThousandZeros, type: "text/plain").header("Content-Encoding", "gzip"),
        ]) { site in
            try await withFetcher { fetcher in
                let failing = request(site.url(path)) { $0.sizeLimit = 50_000 }
                let error = try await error(fetcher, failing)
                #expect(error.code == .tooLarge)
                let truncating = request(site.url(path)) {
                    $0.sizeLimit = 50_000
                    $0.atLimit = .truncate
                }
                let answer = try await fetcher.fetch(truncating)
                #expect(answer.isTruncated && answer.body.count == 50_000 && answer.status == 200)
            }
        }
    }

    /// 100,000 times "0", packed by gzip.
    private static let hundredThousandZeros = [UInt8](
        Data(
            base64Encoded: """
                H4sIAAAAAAACA+3BMQEAAADCoErrn84aHkABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAArwaFwk3FoIYBAA==
                """, options: .ignoreUnknownCharacters) ?? Data())

    /// Packed bodies are unpacked; a body of exactly the limit is whole.
    @Test func unpacks() async throws {
        try await withFixtureSite([
            "/": .bytes(Self.hundredThousandZeros, type: "text/plain").header("Content-Encoding", "gzip")
        ]) { site in
            try await withFetcher { fetcher in
                let answer = try await fetcher.fetch(request(site.url("/")) { $0.sizeLimit = 100_000 })
                #expect(answer.body == [UInt8](repeating: 48, count: 100_000) && !answer.isTruncated)
                #expect(answer.bytesReceived == Self.hundredThousandZeros.count)
                #expect(site.log.requests.first?.header("Accept-Encoding")?.contains("gzip") == true)
            }
        }
    }

    /// Silence ends by the deadline, the whole chain of redirects by one deadline.
    @Test func deadline() async throws {
        try await withFixtureSite(["/": .silence, "/go": .redirect(to: "/")]) { site in
            try await withFetcher { fetcher in
                for path in ["/", "/go"] {
                    let error = try await error(fetcher, request(site.url(path)) { $0.timeout = .milliseconds(300) })
                    #expect(error.code == .timedOut)
                }
            }
        }
    }

    /// Cancelling ends a fetch that would wait for an hour, and leaves the others alone; so does shutting down.
    @Test func cancelling() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        try await withFixtureSite(responding: { seen in
            guard seen.path == "/silent" else { return .text("x") }
            arrived.yield()
            return .silence
        }) { site in
            try await withFetcher { fetcher in
                var iterator = arrivals.makeAsyncIterator()
                let waiting = Task { try await fetcher.fetch(request(site.url("/silent")) { $0.timeout = .seconds(3000) }) }
                await iterator.next()
                waiting.cancel()
                #expect((await waiting.result.error as? FetchError)?.code == .cancelled)
                let other = try await fetcher.fetch(request(site.url("/")))
                #expect(other.status == 200)

                let early = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await fetcher.fetch(request(site.url("/silent")))
                }
                #expect((await early.result.error as? FetchError)?.code == .cancelled)

                let stopped = Task { try await fetcher.fetch(request(site.url("/silent")) { $0.timeout = .seconds(3000) }) }
                await iterator.next()
                await fetcher.shutdown()
                #expect((await stopped.result.error as? FetchError)?.code == .stopped)
                let late = try await error(fetcher, request(site.url("/")))
                #expect(late.code == .stopped)
            }
        }
    }

    /// Faults of the way have codes of their own, and sentences that name the address.
    @Test func faults() async throws {
        let closed = try await withFixtureSite([:]) { $0.port }
        try await withFetcher { fetcher in
            for (url, code) in [
                ("http://nowhere.invalid/", FetchError.Code.nameNotResolved), ("http://127.0.0.1:\(closed)/", .connectionFailed),
                ("https://127.0.0.1:\(closed)/", .connectionFailed), ("ftp://a.test/", .invalidURL), ("file:///etc/passwd", .invalidURL),
                ("", .invalidURL), ("a.test/x", .invalidURL), ("http://", .invalidURL), ("http://a.test:99999/", .invalidURL),
                ("http://a b.test/", .invalidURL), ("http://a.test/\u{0}", .invalidURL), ("http://[::1/", .invalidURL),
            ] {
                let error = try await error(fetcher, request(url))
                #expect(error.code == code, "\(url.debugDescription): \(error)")
            }
            let injected = request("http://a.test/") { $0.headers = [HTTPField("X", "a\r\nY: b")] }
            let error = try await error(fetcher, injected)
            #expect(error.code == .invalidRequest)
        }
    }

    /// A redirect to something that isn't http is an error, not a visit.
    @Test func strangeRedirects() async throws {
        try await withFixtureSite(["/file": .redirect(to: "file:///etc/passwd"), "/empty": .redirect(to: "").header("X", "y")]) { site in
            try await withFetcher { fetcher in
                let error = try await error(fetcher, request(site.url("/file")))
                #expect(error.code == .invalidURL && !error.description.contains("root:"))
                let empty = try await fetcher.fetch(request(site.url("/empty")))
                #expect(empty.status == 302)
            }
        }
    }

    /// The relay is a proxy like any other: plain requests go through it, and what it can't reach is the proxy's word.
    @Test func throughAProxy() async throws {
        let resolver = Resolver(lookup: { $0 == "site.test" ? .success([IPAddress(v4: 0x7F00_0001)]) : .failure(.notFound) })
        try await withFixtureSite(["/": .text("x")]) { site in
            try await Relay(resolver: resolver, logger: Logger(label: "test")).withPort(.init(rules: Self.here)) { relay in
                let wayOut = WayOut.proxy(try UpstreamProxy(relay.url))
                // The name is known to the proxy alone.
                try await withFetcher(Resolver(lookup: { _ in .failure(.notFound) })) { fetcher in
                    let answer = try await fetcher.fetch(request(site.url("/", host: "site.test")) { $0.wayOut = wayOut })
                    #expect(String(decoding: answer.body, as: UTF8.self) == "x")
                    #expect(relay.usage.requests == 1)
                    let tls = try await error(fetcher, request("https://nobody.invalid/") { $0.wayOut = wayOut })
                    #expect(tls.code == .proxyRefused)
                    let inside = try await error(fetcher, request("http://127.0.0.1:1/") {
                        $0.wayOut = wayOut
                        $0.rules = .publicOnly
                    })
                    #expect(inside.code == .addressRefused)
                }
            }
            let away = WayOut.proxy(UpstreamProxy(scheme: .http, host: "127.0.0.1", port: 1, login: .init(user: "u", password: "secret")))
            try await withFetcher { fetcher in
                let error = try await error(fetcher, request(site.url("/")) { $0.wayOut = away })
                #expect(error.code == .proxyFailed && !error.description.contains("secret"))
            }
        }
    }

    /// A proxy that wants another login is told apart from the site.
    @Test func proxyLogin() async throws {
        try await withFixtureSite(responding: { seen in
            seen.header("Proxy-Authorization") == "Basic dTpw" ? .text("in") : .status(407)
        }) { proxy in
            try await withFetcher { fetcher in
                func through(_ login: UpstreamProxy.Login?) -> FetchRequest {
                    request("http://site.test/") {
                        $0.wayOut = .proxy(UpstreamProxy(scheme: .http, host: "127.0.0.1", port: proxy.port, login: login))
                    }
                }
                let good = try await fetcher.fetch(through(.init(user: "u", password: "p")))
                #expect(good.status == 200)
                for login in [UpstreamProxy.Login(user: "u", password: "x"), nil] {
                    let error = try await error(fetcher, through(login))
                    #expect(error.code == .proxyLogin)
                }
                #expect(proxy.log.requests.first?.host == "site.test")
            }
        }
    }
}

extension Result {
    fileprivate var error: (any Error)? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
