import Egress
import Fetching
import Fleet
import Foundation
import GleanerTesting
import Logging
import NIOCore
import class NIOPosix.DatagramBootstrap
import class NIOPosix.MultiThreadedEventLoopGroup
import class NIOPosix.ServerBootstrap
import Synchronization
import TestMaterial
import Testing

private let hasChromium = (try? BrowserInstallation.find()) != nil

/// Listens on a port of all addresses of this machine, by TCP and UDP, and counts who comes.
private final class Trap: Sendable {
    private final class Counter: ChannelInboundHandler, Sendable {
        typealias InboundIn = NIOAny
        let seen: Mutex<Int>
        init() { seen = Mutex(0) }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { seen.withLock { $0 += 1 } }
    }

    private let tcp: any Channel
    private let udp: any Channel
    private let accepted: Box
    private let datagrams: Counter
    let port: Int

    private final class Box: Sendable {
        let count = Mutex(0)
    }

    init() async throws {
        let accepted = Box()
        let datagrams = Counter()
        tcp = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                accepted.count.withLock { $0 += 1 }
                return channel.close()
            }.bind(host: "0.0.0.0", port: 0).get()
        port = try #require(tcp.localAddress?.port)
        udp = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { $0.pipeline.addHandler(datagrams) }.bind(host: "0.0.0.0", port: port).get()
        (self.accepted, self.datagrams) = (accepted, datagrams)
    }

    var connections: Int { accepted.count.withLock { $0 } }
    var packets: Int { datagrams.seen.withLock { $0 } }

    func close() async {
        try? await tcp.close().get()
        try? await udp.close().get()
    }
}

/// A browser whose only way out is a relay port, a site that it may ask, and a trap that it may not.
private func withWayOut(
    _ lookup: @escaping Resolver.Lookup = { _ in .failure(.notFound) },
    _ body: @Sendable (_ visit: @escaping @Sendable (FixtureAnswer) async throws -> RenderedPage, RelayPort, Trap) async throws -> Void
) async throws {
    let trap = try await Trap()
    try await withTemporaryFolder { folder in
        try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: folder.path)
        let profiles = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "browsers")
        var configuration = FleetConfiguration(
            installation: try BrowserInstallation.find(), profile: try BrowserProfile.load(in: profiles),
            identity: Identity(token: "Gleaner/0.0-test (+https://example.org/bot)"), folder: folder)
        configuration.tabs = 2
        let resolver = Resolver(lookup: lookup)
        let answer = Mutex(FixtureAnswer.status(404))
        try await Fleet.with(configuration) { fleet in
            try await withFixtureSite(responding: { request in
                request.path == "/" ? answer.withLock { $0 } : request.path == "/moved" ? .redirect(to: "http://127.0.0.1:\(trap.port)/moved") : .text("")
            }) { site in
                var rules = AddressRules()
                rules.places = [.init(host: "127.0.0.1", port: site.port, address: try #require(IPAddress("127.0.0.1")))]
                try await Relay(resolver: resolver, logger: Logger(label: "test")).withPort(Relay.Route(rules: rules)) { port in
                    try await body(
                        { page in
                            answer.withLock { $0 = page }
                            return try await fleet.withSession(of: SessionSpec(key: "run", network: .proxy(port.url))) { session in
                                try await session.render(PageRequest(site.url("/")))
                            }
                        }, port, trap)
                }
            }
        }
    }
    await trap.close()
}

/// Every way in which a page can have a browser ask for something.
private func everything(_ url: String, _ host: String, _ port: Int) -> String {
    """
    <!doctype html><meta charset=utf-8><title>probe</title>
    <link rel=stylesheet href="\(url)/style"><link rel=preload as=image href="\(url)/preload"><link rel=prefetch href="\(url)/prefetch">
    <link rel=preconnect href="\(url)"><link rel=dns-prefetch href="//\(host)"><link rel=modulepreload href="\(url)/module">
    <link rel=icon href="\(url)/icon"><link rel=manifest href="\(url)/manifest">
    <script type=speculationrules>{"prefetch": [{"source": "list", "urls": ["\(url)/speculated"]}],
      "prerender": [{"source": "list", "urls": ["\(url)/prerendered"]}]}</script>
    <img src="\(url)/image"><img src="/moved"><script src="\(url)/script"></script><iframe src="\(url)/frame"></iframe>
    <video src="\(url)/video" preload=auto></video><audio src="\(url)/audio" preload=auto></audio><object data="\(url)/object"></object>
    <embed src="\(url)/embed"><svg width=9 height=9><image href="\(url)/svg" width=9 height=9 /></svg>
    <style>@font-face { font-family: f; src: url("\(url)/font"); } p { font-family: f; background: url("\(url)/background"); }</style>
    <p>Boat hire by the hour.</p><p id=done></p>
    <script>
    const asks = [
      () => fetch("\(url)/fetch", {mode: "no-cors"}), () => fetch("/moved", {mode: "no-cors"}), () => fetch("\(url)/alive", {keepalive: true}),
      () => new Promise(end => { const x = new XMLHttpRequest(); x.onloadend = end; x.open("GET", "\(url)/xhr"); x.send(); }),
      () => navigator.sendBeacon("\(url)/beacon", "x"),
      () => new Promise(end => { const s = new WebSocket("ws://\(host):\(port)/socket"); s.onclose = end; }),
      () => new Promise(end => { const s = new EventSource("\(url)/events"); s.onerror = () => { s.close(); end(); }; }),
      () => new Promise(end => {
        const code = `fetch("\(url)/worker", {mode: "no-cors"}).catch(() => 0).finally(() => postMessage(1))`;
        const w = new Worker(URL.createObjectURL(new Blob([code]))); w.onmessage = end; w.onerror = end; }),
      () => new Promise(end => {
        const code = `onconnect = e => fetch("\(url)/shared", {mode: "no-cors"}).catch(() => 0).finally(() => e.ports[0].postMessage(1))`;
        const w = new SharedWorker(URL.createObjectURL(new Blob([code]))); w.port.onmessage = end; w.onerror = end; }),
      () => import("\(url)/import"),
      async () => { const t = new WebTransport("https://\(host):\(port)/transport"); await t.ready; },
      () => new Promise(end => {
        const c = new RTCPeerConnection({iceServers: [{urls: "stun:\(host):\(port)"},
          {urls: "turn:\(host):\(port)?transport=udp", username: "u", credential: "p"},
          {urls: "turn:\(host):\(port)?transport=tcp", username: "u", credential: "p"}]});
        c.createDataChannel("x"); c.onicegatheringstatechange = () => c.iceGatheringState == "complete" && end();
        c.createOffer().then(o => c.setLocalDescription(o)); setTimeout(end, 3000); }),
    ];
    Promise.allSettled(asks.map(ask => Promise.resolve().then(ask))).then(ends => { done.textContent = "asked " + ends.length; });
    </script>
    """
}

/// All of it needs a real browser: what Chromium does by itself is the question.
@Suite(.serialized, .enabled(if: hasChromium, "Chromium is not installed")) struct NoOtherWayOutTests {
    /// Whatever a page asks for, by whatever means, arrives at the relay and is refused there; nothing reaches the trap, not even a packet.
    @Test(arguments: ["127.0.0.1", "machine"]) func everyKindOfRequest(host: String) async throws {
        // An address of this machine that is no loopback, where it has one: WebRTC leaves such out of its reach otherwise.
        let own = try NIOCore.System.enumerateDevices().compactMap(\.address?.ipAddress).first { $0.contains(".") && !$0.hasPrefix("127.") }
        guard let address = host == "machine" ? own : host else { return }
        try await withWayOut { visit, port, trap in
            let page = try await visit(.html(everything("http://\(address):\(trap.port)", address, trap.port)))
            #expect(page.status == 200)
            #expect(trap.connections == 0)
            #expect(trap.packets == 0)
            let refused = port.usage.incidents.filter { $0.code == .addressRefused && $0.port == trap.port }
            let paths = Set(refused.compactMap { URL(string: $0.target)?.path })
            // If one of these is missing, the browser asked in a way that nobody saw, or did not ask: then the test proves nothing.
            let needed = ["/style", "/script", "/image", "/moved", "/frame", "/fetch", "/xhr", "/worker", "/shared", "/import", "/preload", "/beacon"]
            #expect(needed.allSatisfy(paths.contains), "seen: \(paths.sorted())")
            // WebSockets come as tunnels.
            #expect(refused.contains { $0.target == "\(address):\(trap.port)" })
        }
    }

    /// A name that is harmless when it is looked up first and leads to this machine afterwards reaches nothing: what was looked up is held
    /// against the rules at each connection, and only a checked address is connected to.
    @Test func rebinding() async throws {
        let lookups = Mutex(0)
        try await withWayOut({ name in
            guard name == "rebind.test" else { return .failure(.notFound) }
            // Public, but nobody's: TEST-NET would be refused already.
            let isFirst = lookups.withLock { $0 += 1; return $0 == 1 }
            return .success([isFirst ? IPAddress(v4: 0x0100_0001) : IPAddress(v4: 0x7F00_0001)])
        }) { visit, port, trap in
            let source = """
                <!doctype html><p>Boat hire.</p><p id=done></p><script>
                (async () => { for (let n = 0; n < 3; n++) await fetch("http://rebind.test:\(trap.port)/" + n, {mode: "no-cors", signal: AbortSignal.timeout(1500)}).catch(() => 0);
                done.textContent = "asked"; })();</script>
                """
            _ = try await visit(.html(source))
            #expect(trap.connections == 0)
        }
    }

    /// Addresses that no public site has, in the spellings that pages use for them.
    private static let refused: [(spelling: String, host: String)] = [
        ("127.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"), ("2130706433", "127.0.0.1"), ("0x7f000001", "127.0.0.1"), ("0177.0.0.1", "127.0.0.1"),
        ("0x7f.0.0x0.01", "127.0.0.1"), ("%31%32%37.0.0.1", "127.0.0.1"), ("１２７.0.0.1", "127.0.0.1"), ("127。0。0。1", "127.0.0.1"),
        ("127.255.255.254", "127.255.255.254"), ("0.0.0.0", "0.0.0.0"), ("0", "0.0.0.0"), ("localhost", "localhost"), ("LOCALHOST.", "localhost"),
        ("a.localhost", "a.localhost"), ("10.0.0.1", "10.0.0.1"), ("172.16.0.1", "172.16.0.1"), ("172.31.255.254", "172.31.255.254"),
        ("192.168.0.1", "192.168.0.1"), ("169.254.1.1", "169.254.1.1"), ("169.254.169.254", "169.254.169.254"),
        ("2852039166", "169.254.169.254"), ("0xA9FEA9FE", "169.254.169.254"), ("100.100.100.200", "100.100.100.200"),
        ("168.63.129.16", "168.63.129.16"), ("192.0.0.192", "192.0.0.192"), ("100.64.0.1", "100.64.0.1"), ("198.18.0.1", "198.18.0.1"),
        ("192.0.2.1", "192.0.2.1"), ("224.0.0.1", "224.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("[::1]", "::1"), ("[::]", "::"),
        ("[0:0:0:0:0:0:0:1]", "::1"), ("[::ffff:127.0.0.1]", "::ffff:7f00:1"), ("[::ffff:7f00:1]", "::ffff:7f00:1"),
        ("[::ffff:169.254.169.254]", "::ffff:a9fe:a9fe"), ("[::127.0.0.1]", "::7f00:1"), ("[64:ff9b::7f00:1]", "64:ff9b::7f00:1"),
        ("[2002:7f00:1::]", "2002:7f00:1::"), ("[fd00:ec2::254]", "fd00:ec2::254"), ("[fc00::1]", "fc00::1"), ("[fe80::1]", "fe80::1"),
        ("[ff02::1]", "ff02::1"), ("named.test", "named.test"), ("mapped.test", "mapped.test"), ("metadata.test", "metadata.test"),
    ]

    private static let names: Resolver.Lookup = { name in
        switch name {
        case "named.test": .success([IPAddress(v4: 0x7F00_0001)])
        case "mapped.test": .success([IPAddress(v6: 0xffff_7f00_0001)])
        case "metadata.test": .success([IPAddress(v4: 0xA9FE_A9FE)])
        default: .failure(.notFound)
        }
    }

    /// Each of them is refused when the browser asks for it as a part of a page.
    @Test func refusedToTheBrowser() async throws {
        try await withWayOut(Self.names) { visit, port, trap in
            let images = Self.refused.enumerated().map { "<img src='http://\($1.spelling):\(trap.port)/\($0)'>" }.joined()
            _ = try await visit(.html("<!doctype html><meta charset=utf-8><p>Boat hire.</p>\(images)"))
            let incidents = port.usage.incidents.filter { $0.code == .addressRefused }
            for (number, (spelling, host)) in Self.refused.enumerated() {
                let seen = incidents.first { URL(string: $0.target)?.path == "/\(number)" }
                #expect(seen?.host == host, "\(spelling): \(seen.map(\.description) ?? "did not arrive")")
            }
            #expect(trap.connections == 0)
        }
    }

    /// Each of them is refused to libcurl, which gets hosts in their ASCII form only.
    @Test func refusedToLibcurl() async throws {
        let trap = try await Trap()
        let fetcher = Fetcher(resolver: Resolver(lookup: Self.names))
        for (spelling, _) in Self.refused where spelling.utf8.allSatisfy({ $0 < 128 }) {
            let error = await #expect(throws: FetchError.self, "\(spelling)") { () async throws -> Void in
                _ = try await fetcher.fetch(FetchRequest("http://\(spelling):\(trap.port)/", userAgent: "test"))
            }
            #expect(error?.code == .addressRefused, "\(spelling): \(error.map(\.description) ?? "")")
        }
        #expect(trap.connections == 0)
        await fetcher.shutdown()
        await trap.close()
    }
}
