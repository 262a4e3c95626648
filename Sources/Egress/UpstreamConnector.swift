internal import NIOCore
internal import NIOPosix

/// Connects to one of several addresses that were checked already, by RFC 8305 ("happy eyeballs").
struct UpstreamConnector {
    let loop: any EventLoop
    let timeout: Duration

    /// The channel reads only when told to, and lives on when the other side sends no more.
    /// - Throws: an `EgressError` of `connectionFailed` or `connectionTimedOut` that names `place`.
    func connect(
        to addresses: [IPAddress], port: Int, place: String,
        initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: loop)
            .resolver(CheckedAddresses(loop: loop, addresses: addresses))
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.autoRead, value: false)
            // An image or a script in few reads; the default begins with 2 KB and forgets what it has learned at each small answer.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 32 << 10))
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer(initializer)
            .connect(host: place, port: port)
            .flatMapErrorThrowing { throw Self.explained($0, place: place, port: port, timeout: timeout) }
    }

    private static func explained(_ error: any Error, place: String, port: Int, timeout: Duration) -> EgressError {
        let causes = (error as? NIOConnectionError)?.connectionErrors ?? []
        if case ChannelError.connectTimeout = causes.first?.error ?? error {
            return EgressError(.connectionTimedOut, "nobody at \(place) took the connection to port \(port) within \(timeout)")
        }
        guard let cause = causes.first else {
            return EgressError(.connectionFailed, "no connection to \(place), port \(port)", underlying: error)
        }
        let address = cause.target.ipAddress ?? place
        guard let code = (cause.error as? IOError)?.errnoCode else {
            return EgressError(.connectionFailed, "no connection to \(place) (\(address)), port \(port)", underlying: cause.error)
        }
        return EgressError(.connectionFailed, "no connection to \(place) (\(address)), port \(port): \(systemMessage(code))")
    }
}

/// Gives NIO's connector what was resolved elsewhere.
private struct CheckedAddresses: NIOPosix.Resolver, Sendable {
    let loop: any EventLoop
    let addresses: [IPAddress]

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { answer(.v4, port) }
    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { answer(.v6, port) }
    func cancelQueries() {}

    private func answer(_ family: IPAddress.Family, _ port: Int) -> EventLoopFuture<[SocketAddress]> {
        let matching = addresses.filter { $0.family == family }
        return loop.makeCompletedFuture { try matching.map { try $0.socketAddress(port: port) } }
    }
}
