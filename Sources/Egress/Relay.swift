package import Logging
internal import NIOCore
internal import NIOPosix

/// The way out for browsers: HTTP proxies on loopback, in this process.
///
/// Each session gets a port of its own, so that who asks needs no login and no look into requests: the port says which rules,
/// which upstream proxy and whose account. A name is resolved here, each address is held against the port's rules, and the
/// connection is made to exactly the address that was checked; what a page does with DNS in between changes nothing. TLS is
/// spliced, never opened; plain answers pass byte for byte. Reading waits for writing on both sides, so that a slow reader costs
/// two socket buffers and no more.
package struct Relay: Sendable {
    package struct Configuration: Sendable {
        /// Bytes of a request's or an answer's head.
        package var headLimit = 65536
        /// Without a byte in either direction, after which a connection ends. Long polls and quiet WebSockets live within it.
        package var idleTimeout: Duration = .seconds(300)
        /// The same once one side has said that it sends no more: long enough for an answer under way, short enough that what
        /// the browser has dropped doesn't stay.
        package var halfClosedTimeout: Duration = .seconds(10)
        /// For all addresses of a host together.
        package var connectTimeout: Duration = .seconds(15)
        /// For the upstream proxy to open a tunnel.
        package var handshakeTimeout: Duration = .seconds(20)
        /// Of one port to one host at once; more wait for their turn. Browsers make six for requests, and others for WebSockets.
        package var connectionsPerHost = 16
        /// How long a turn is waited for.
        package var turnTimeout: Duration = .seconds(60)
        /// Of one port from its browser at once; more are closed when they come.
        package var clientsPerPort = 512
        /// Different incidents a port remembers; more are counted.
        package var incidentsKept = 256
        /// PEM file of authorities that an `https` proxy's certificate is held against; nil for the system's.
        package var authorities: String?
        package init() {}
    }

    /// What is true of everything that comes through one port.
    package struct Route: Sendable {
        package var rules: AddressRules
        package var wayOut: WayOut
        /// Both directions together; nil for no limit. Beyond it connections end and new ones are refused.
        package var byteLimit: Int?
        /// Accounts (numbers of users) whose sockets are served; nil for any. Others on this machine must not use what a run may reach, nor
        /// its proxy's login.
        package var users: Set<UInt32>?

        package init(rules: AddressRules = .publicOnly, wayOut: WayOut = .direct, byteLimit: Int? = nil, users: Set<UInt32>? = nil) {
            self.rules = rules
            self.wayOut = wayOut
            self.byteLimit = byteLimit
            self.users = users
        }
    }

    private let resolver: Resolver
    private let configuration: Configuration
    private let logger: Logger

    package init(resolver: Resolver, configuration: Configuration = Configuration(), logger: Logger) {
        self.resolver = resolver
        self.configuration = configuration
        self.logger = logger
    }

    /// Listens on a free port of 127.0.0.1 until `close`, or until the port is let go of.
    /// - Throws: `listenFailed`.
    package func open(_ route: Route) async throws(EgressError) -> RelayPort {
        let account = PortAccount(route: route, resolver: resolver, configuration: configuration)
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard account.knows(channel) else { throw EgressError(.limitReached, "another account's connection") }
                    guard account.admit(channel) else { throw EgressError(.limitReached, "too many connections from the browser") }
                    try channel.pipeline.syncOperations.addHandler(ClientHandler(RelayConnection(client: channel, account: account)))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            guard let port = channel.localAddress?.port else { throw ChannelError.unknownLocalAddress }
            logger.debug("relay port opened", metadata: ["relay.port": "\(port)", "relay.way_out": "\(route.wayOut)"])
            return RelayPort(port: port, server: channel, account: account)
        } catch {
            throw EgressError(.listenFailed, "the relay can't listen on 127.0.0.1", underlying: error)
        }
    }

    /// Lends a port to `body`; it is closed afterwards, whatever happened.
    package func withPort<R>(
        _ route: Route, isolation: isolated (any Actor)? = #isolation, _ body: (RelayPort) async throws -> R
    ) async throws -> R {
        let port = try await open(route)
        do {
            let result = try await body(port)
            await port.close()
            return result
        } catch {
            await port.close()
            throw error
        }
    }
}

/// A listening proxy for one session. It ends, with all its connections, at `close` or when nobody holds it any more.
package final class RelayPort: Sendable {
    /// On 127.0.0.1.
    package let port: Int
    private let server: any Channel
    private let account: PortAccount

    fileprivate init(port: Int, server: any Channel, account: PortAccount) {
        self.port = port
        self.server = server
        self.account = account
    }

    /// As Chromium's `proxyServer` wants it.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// Used for connections that begin from now on.
    package var route: Relay.Route {
        get { account.route }
        set { account.route = newValue }
    }

    /// Since the port was opened, or since the last `drain`.
    package var usage: RelayUsage { account.usage }

    /// `usage`, counted from zero again: for a session that serves one visit after another.
    package func drain() -> RelayUsage { account.drain() }

    /// Returns when nothing of it listens or is connected any more.
    package func close() async {
        try? await server.close().get()
        for client in account.close() { try? await client.close().get() }
    }

    deinit {
        server.close(promise: nil)
        for client in account.close() { client.close(promise: nil) }
    }
}
