internal import NIOCore
internal import NIOSSL

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One connection from a browser, and the connection to a site or proxy that serves it. Lives on one event loop.
///
/// Neither channel reads by itself: the next read is asked for when what came before could be written on. What came too early
/// (the next request, the first bytes of a tunnel) waits in `pending`, which no read adds to meanwhile.
final class RelayConnection {
    private enum State {
        /// A request's head is awaited. → `connecting`, `exchanging`, `closing`
        case idle(HeadReader)
        /// Names, turns, connection, handshake; the number tells late results apart. → `exchanging`, `tunnelling`, `closing`
        case connecting(RelayRequest, attempt: Int)
        /// → `idle`, `tunnelling`, `closing`
        case exchanging(RelayRequest, Exchange)
        /// → `closing`
        case tunnelling(RelayRequest)
        /// The last bytes to the browser are on their way; what it still sends is thrown away.
        case closing
    }

    /// The connection to the site or the proxy.
    private struct Upstream {
        var channel: any Channel
        var use: Use
        /// The site whose turn this connection takes up.
        var host: String
        /// Carried an exchange before this one.
        var isReused = false
        var hasEnded = false
        /// We said that we send no more. When the other side ends too, NIO closes the channel without telling of the end before.
        var isOutputClosed = false
        /// A read or write failed, or TLS with the proxy.
        var fault: (any Error)?
        /// Asked to read once the client could be written to.
        var readWaits = false
    }

    /// What a connection to a site or proxy may be used for again: requests that agree in all of this.
    private struct Use: Equatable {
        var rules: AddressRules
        var wayOut: WayOut
        /// nil where an HTTP proxy takes plain requests for all sites.
        var target: Authority?

        init(_ request: RelayRequest, _ route: Relay.Route) {
            rules = route.rules
            wayOut = route.wayOut
            let takesPlain = request.form != .tunnel && route.wayOut.proxy?.scheme.isSOCKS == false
            target = takesPlain ? nil : request.target
        }

        /// The proxy that takes plain requests; everything else goes through a tunnel.
        var plainProxy: UpstreamProxy? { target == nil ? wayOut.proxy : nil }
    }

    private let client: any Channel
    private let account: PortAccount
    private let configuration: Relay.Configuration
    private var state: State
    private var pending = ByteBuffer()
    private var upstream: Upstream?
    /// While a tunnel through a proxy is being opened, with what came of the proxy's answer so far.
    private var handshake: ProxyHandshake?
    private var handshakeBytes = ByteBuffer()
    private var attempts = 0
    private var clientHasEnded = false
    private var clientIsBroken = false
    /// One direction is over and all of it written: the rest must not take long.
    private var isHalfClosed = false
    private var lastActivity = NIODeadline.now()
    private var clock: Scheduled<Void>?

    private var loop: any EventLoop { client.eventLoop }

    init(client: any Channel, account: PortAccount) {
        self.client = client
        self.account = account
        configuration = account.configuration
        state = .idle(HeadReader(limit: account.configuration.headLimit, skipsEmptyLines: true))
    }

    // MARK: From the browser

    func clientBecameActive() {
        armClock()
        readClient()
    }

    func clientRead(_ buffer: ByteBuffer) {
        // What is thrown away doesn't count as activity.
        if case .closing = state { return }
        touch()
        var buffer = buffer
        switch state {
        case .exchanging(_, let exchange) where exchange.isRequestComplete && exchange.endsWithConnection:
            // It believes the answer is over; nobody could answer this. A reset makes it ask again on a new connection, and
            // never passes for an answer's end.
            return abort()
        default: pending.writeBuffer(&buffer)
        }
    }

    func clientReadComplete() { advance() }

    func clientEnded() {
        clientHasEnded = true
        switch state {
        case .idle: closeBoth()
        case .closing: closeBothAfterWriting()
        case .connecting(let request, _):
            // Nobody says a last word into a tunnel that isn't there: it has gone.
            if request.form == .tunnel { closeBoth() }
        case .exchanging:
            advance()
            guard case .exchanging(_, let exchange) = state else { return }
            // With all of its request said, it gets the answer if it comes soon.
            exchange.isRequestComplete ? halfClosed() : abort()
        case .tunnelling:
            advance()
            guard upstream?.hasEnded == false else { return closeBothAfterWriting() }
            upstream?.isOutputClosed = true
            closeOutput(of: upstream?.channel)
        }
    }

    func clientBecameWritable() {
        guard client.isWritable, upstream?.readWaits == true else { return }
        upstream?.readWaits = false
        upstream?.channel.read()
    }

    func clientClosed() {
        clock?.cancel()
        clock = nil
        if case .tunnelling = state, !clientIsBroken, let channel = upstream?.channel {
            // Its last words may be on their way still.
            advance()
            channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
            upstream = nil
        }
        state = .closing
        dropUpstream()
    }

    func clientBroke() {
        clientIsBroken = true
        client.close(promise: nil)
    }

    private func readClient() {
        if !clientHasEnded { client.read() }
    }

    /// Does whatever `pending` allows.
    private func advance() {
        switch state {
        case .idle(var reader):
            let outcome = reader.read(from: &pending)
            state = .idle(reader)
            switch outcome {
            case .more: readClient()
            case .malformed(let why): answer(status: 400, header: nil, "This isn't a request to a proxy: \(why).")
            case .head(let head):
                do throws(RelayRequest.Invalid) {
                    begin(try RelayRequest(head))
                } catch {
                    answer(status: error.status, header: nil, "The relay can't read this: \(error.message).")
                }
            }
        case .connecting: break
        case .exchanging(let request, var exchange):
            guard let upstream, !exchange.isRequestComplete else { return }
            guard let body = exchange.request(&pending) else { return abort() }
            state = .exchanging(request, exchange)
            guard send(body, to: upstream.channel) else { return overLimit() }
            if !exchange.isRequestComplete, upstream.channel.isWritable { readClient() }
        case .tunnelling:
            guard let upstream else { return }
            let bytes = pending.readSlice(length: pending.readableBytes) ?? ByteBuffer()
            guard send(bytes, to: upstream.channel) else { return overLimit() }
            if upstream.channel.isWritable { readClient() }
        case .closing: readClient()
        }
        if pending.readableBytes == 0 { pending.clear() }
    }

    /// False once the port's limit is passed.
    private func send(_ buffer: ByteBuffer, to channel: any Channel) -> Bool {
        guard buffer.readableBytes > 0 else { return true }
        channel.writeAndFlush(buffer, promise: nil)
        return account.count(sent: buffer.readableBytes)
    }

    // MARK: To the site

    private func begin(_ request: RelayRequest) {
        account.countRequest()
        attempts &+= 1
        let attempt = attempts
        state = .connecting(request, attempt: attempt)
        let route = account.route
        guard !account.isOverLimit else {
            return fail(EgressError(.limitReached, "this session's limit of \(route.byteLimit ?? 0) bytes is used up"), request)
        }
        let (host, port, resolver) = (request.target.host, request.target.port, account.resolver)
        // The rules are asked for each request, also where a connection could be used again: they may have changed.
        do throws(EgressError) {
            if let destination = try resolver.destinationAtOnce(of: host, port: port, by: route.wayOut, rules: route.rules) {
                return leave(request, attempt, route, destination)
            }
        } catch {
            return fail(error, request)
        }
        loop.makeFutureWithTask {
            try await resolver.destination(of: host, port: port, by: route.wayOut, rules: route.rules)
        }.assumeIsolated().whenComplete { [self] result in
            guard isConnecting(attempt) else { return }
            switch result {
            case .failure(let error): fail(error, request)
            case .success(let destination): leave(request, attempt, route, destination)
            }
        }
    }

    private func leave(_ request: RelayRequest, _ attempt: Int, _ route: Relay.Route, _ destination: Resolver.Destination) {
        let use = Use(request, route)
        if let upstream, upstream.use == use, !upstream.hasEnded, upstream.channel.isActive, request.form != .tunnel {
            self.upstream?.isReused = true
            return exchange(request)
        }
        dropUpstream()
        takeTurn(request, attempt, use, destination)
    }

    private func takeTurn(_ request: RelayRequest, _ attempt: Int, _ use: Use, _ destination: Resolver.Destination) {
        let (account, host) = (account, request.target.host)
        account.turn(for: host, on: loop).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .failure(let error):
                if isConnecting(attempt) { fail(error, request) }
            case .success:
                guard isConnecting(attempt) else { return account.releaseTurn(for: host) }
                connect(request, attempt, use, destination)
            }
        }
    }

    private func connect(_ request: RelayRequest, _ attempt: Int, _ use: Use, _ destination: Resolver.Destination) {
        let (account, target) = (account, request.target)
        let connector = UpstreamConnector(loop: loop, timeout: configuration.connectTimeout)
        let bound = NIOLoopBound(self, eventLoop: loop)
        let (tlsProxy, authorities) = (use.wayOut.proxy.flatMap { $0.scheme == .https ? $0 : nil }, configuration.authorities)
        let initializer: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            channel.eventLoop.makeCompletedFuture {
                if let tlsProxy { try channel.pipeline.syncOperations.addHandler(proxyTLS(tlsProxy, authorities)) }
                try channel.pipeline.syncOperations.addHandler(UpstreamHandler(bound.value))
            }
        }
        let opened: EventLoopFuture<any Channel>
        switch (use.wayOut, destination) {
        case (.proxy(let proxy), _):
            let resolver = account.resolver
            opened = loop.makeFutureWithTask { try await resolver.unchecked(proxy.host) }
                .flatMap { connector.connect(to: $0, port: proxy.port, place: proxy.host, initializer: initializer) }
                .flatMapErrorThrowing { error in
                    let reason = (error as? EgressError)?.message ?? "\(error)"
                    throw EgressError(.proxyFailed, "the proxy \(proxy) can't be reached: \(reason)")
                }
        case (.direct, .addresses(let addresses)):
            opened = connector.connect(to: addresses, port: target.port, place: target.host, initializer: initializer)
        case (.direct, .name):
            // The resolver leaves names to proxies only.
            opened = loop.makeFailedFuture(EgressError(.nameNotResolved, "there is no host \(target.host)"))
        }
        opened.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .failure(let error):
                account.releaseTurn(for: target.host)
                if isConnecting(attempt) { fail(error, request) }
            case .success(let channel):
                channel.closeFuture.whenComplete { _ in account.releaseTurn(for: target.host) }
                guard isConnecting(attempt) else { return channel.close(promise: nil) }
                account.countConnection()
                touch()
                upstream = Upstream(channel: channel, use: use, host: target.host)
                if let proxy = use.wayOut.proxy, use.plainProxy == nil {
                    shakeHands(proxy, request, attempt, destination)
                } else {
                    established(request)
                }
            }
        }
    }

    private func isConnecting(_ attempt: Int) -> Bool {
        if case .connecting(_, attempt) = state { true } else { false }
    }

    private func shakeHands(_ proxy: UpstreamProxy, _ request: RelayRequest, _ attempt: Int, _ destination: Resolver.Destination) {
        guard let channel = upstream?.channel else { return }
        var address: IPAddress?
        if case .addresses(let addresses) = destination { address = addresses.first }
        let handshake = ProxyHandshake(proxy, target: request.target, address: address)
        self.handshake = handshake
        channel.writeAndFlush(ByteBuffer(bytes: handshake.greeting), promise: nil)
        channel.read()
        let late = loop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.handshakeTimeout)) { [self] in
            guard isConnecting(attempt), self.handshake != nil else { return }
            fail(EgressError(.connectionTimedOut, "the proxy \(proxy) opened no tunnel within \(configuration.handshakeTimeout)"), request)
        }
        channel.closeFuture.whenComplete { _ in late.cancel() }
    }

    private func established(_ request: RelayRequest) {
        guard request.form == .tunnel else { return exchange(request) }
        client.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"), promise: nil)
        state = .tunnelling(request)
        upstream?.channel.read()
        advance()
    }

    private func exchange(_ request: RelayRequest) {
        guard let upstream else { return }
        let proxy = upstream.use.plainProxy
        state = .exchanging(request, Exchange(request, throughProxy: proxy != nil, headLimit: configuration.headLimit))
        let head = request.forwarded(through: proxy)
        guard send(ByteBuffer(bytes: head), to: upstream.channel) else { return overLimit() }
        upstream.channel.read()
        if clientHasEnded { clientEnded() } else { advance() }
    }

    /// Between two requests a connection to a site is a convenience; who waits for one has a need.
    func turnWanted(for host: String) {
        if case .idle(let reader) = state, reader.isEmpty, upstream?.host == host { dropUpstream() }
    }

    // MARK: From the site

    func upstreamRead(_ buffer: ByteBuffer, from channel: any Channel) {
        guard channel === upstream?.channel else { return }
        touch()
        var buffer = buffer
        guard account.count(received: buffer.readableBytes) else { return overLimit() }
        switch state {
        case .idle: dropUpstream()  // It speaks unasked: never to be taken for the next answer.
        case .closing: break
        case .connecting(let request, _):
            guard handshake != nil else { return dropUpstream() }
            continueHandshake(&buffer, request)
        case .exchanging(let request, var exchange):
            let (forward, answer) = exchange.response(&buffer)
            state = .exchanging(request, exchange)
            if answer == .proxyLogin {
                return fail(EgressError(.proxyLogin, "\(proxyName) refused the login"), request)
            }
            client.write(forward, promise: nil)
            conclude(answer, request, rest: buffer)
        case .tunnelling: client.write(buffer, promise: nil)
        }
    }

    func upstreamReadComplete(_ channel: any Channel) {
        guard channel === upstream?.channel else { return }
        client.flush()
        if client.isWritable { channel.read() } else { upstream?.readWaits = true }
    }

    private func conclude(_ answer: Exchange.Answer, _ request: RelayRequest, rest: ByteBuffer) {
        switch answer {
        case .open, .proxyLogin:
            // From here on the browser may only go away; see `clientRead`.
            if case .exchanging(_, let exchange) = state, exchange.isRequestComplete, exchange.endsWithConnection { readClient() }
        case .over(reusable: true):
            client.flush()
            state = .idle(HeadReader(limit: configuration.headLimit, skipsEmptyLines: true))
            if let host = upstream?.host, account.isTurnWanted(for: host) { dropUpstream() }
            clientHasEnded ? closeAfterWriting() : advance()
        case .over(reusable: false): closeAfterWriting()
        case .upgraded:
            state = .tunnelling(request)
            client.write(rest, promise: nil)
            advance()
        }
    }

    private func continueHandshake(_ buffer: inout ByteBuffer, _ request: RelayRequest) {
        handshakeBytes.writeBuffer(&buffer)
        while var handshake {
            let step = handshake.receive(&handshakeBytes)
            self.handshake = handshake
            switch step {
            case .wait: return
            case .send(let bytes): upstream?.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            case .failed(let code, let message): return fail(EgressError(code, message), request)
            case .open:
                self.handshake = nil
                let rest = handshakeBytes
                handshakeBytes = ByteBuffer()
                established(request)
                if rest.readableBytes > 0, let channel = upstream?.channel { upstreamRead(rest, from: channel) }
            }
        }
    }

    func upstreamEnded(_ channel: any Channel) {
        guard channel === upstream?.channel else { return }
        upstream?.hasEnded = true
        switch state {
        case .idle: dropUpstream()
        case .closing: break
        case .connecting(let request, _):
            guard handshake != nil else { return dropUpstream() }
            fail(EgressError(.proxyFailed, "\(proxyName) closed the connection before the tunnel was open"), request)
        case .exchanging(let request, let exchange):
            guard exchange.isAnswered else { return unanswered(request) }
            // Whole or cut short, it ends for the browser as it ended for us, and its framing tells.
            client.write(exchange.heldBack(), promise: nil)
            closeAfterWriting()
        case .tunnelling: clientHasEnded ? closeBothAfterWriting() : closeOutput(of: client)
        }
    }

    func upstreamBroke(_ error: any Error, _ channel: any Channel) {
        if channel === upstream?.channel { upstream?.fault = error }
        channel.close(promise: nil)
    }

    /// Closed for good; without an end before it, the connection broke.
    func upstreamClosed(_ channel: any Channel) {
        guard let closed = upstream, channel === closed.channel else { return }
        let hadEnded = closed.hasEnded || closed.isOutputClosed && closed.fault == nil
        upstream?.hasEnded = true
        switch state {
        case .idle, .closing: upstream = nil
        case .connecting(let request, _):
            if handshake != nil {
                fail(EgressError(.proxyFailed, "\(proxyName) broke the connection off", underlying: closed.fault), request)
            } else {
                upstream = nil
            }
        case .exchanging(let request, let exchange):
            guard exchange.isAnswered else { return unanswered(request) }
            // An answer whose end is the connection's must not seem to have ended well.
            exchange.endsWithConnection ? abort() : closeAfterWriting()
        case .tunnelling: hadEnded ? closeAfterWriting() : abort()
        }
    }

    func upstreamBecameWritable(_ channel: any Channel) {
        guard channel === upstream?.channel, channel.isWritable else { return }
        switch state {
        case .exchanging, .tunnelling: advance()
        case .idle, .connecting, .closing: break
        }
    }

    /// No byte came. On a connection that was used before, the site may just have closed it in the meantime: the browser, whose
    /// connection was used before too, asks again by itself when it sees it closed.
    private func unanswered(_ request: RelayRequest) {
        if upstream?.isReused == true { return abort() }
        let isProxy = upstream?.use.plainProxy != nil
        fail(
            EgressError(
                isProxy ? .proxyFailed : .connectionFailed,
                "\(isProxy ? proxyName : request.target.host) closed the connection without an answer", underlying: upstream?.fault),
            request)
    }

    // MARK: Ends

    private func fail(_ error: any Error, _ request: RelayRequest) {
        let error = error as? EgressError ?? EgressError(.connectionFailed, "no connection to \(request.target)", underlying: error)
        account.record(error, label: request.label, target: request.target)
        switch error.code {
        case .addressRefused:
            answer(status: 403, header: ("X-Gleaner-Refused", error.refusal?.kind.rawValue ?? "address"), "Refused: \(error.message).")
        case .hostBlocked, .limitReached: answer(status: 403, header: ("X-Gleaner-Refused", error.code.rawValue), "Refused: \(error.message).")
        case .connectionTimedOut, .resolverTimedOut:
            answer(status: 504, header: ("X-Gleaner-Error", error.code.rawValue), "\(error.message).")
        default: answer(status: 502, header: ("X-Gleaner-Error", error.code.rawValue), "\(error.message).")
        }
    }

    private func overLimit() {
        switch state {
        case .connecting(let request, _), .exchanging(let request, _), .tunnelling(let request):
            let limit = account.route.byteLimit ?? 0
            account.record(
                EgressError(.limitReached, "broken off: this session's limit of \(limit) bytes is used up"), label: request.label,
                target: request.target)
        case .idle, .closing: break
        }
        abort()
    }

    private var proxyName: String { "the proxy \(upstream?.use.wayOut ?? .direct)" }

    /// The relay's own last word to the browser.
    private func answer(status: Int, header: (String, String)?, _ text: String) {
        dropUpstream()
        let reason = [400: "Bad Request", 403: "Forbidden", 502: "Bad Gateway", 504: "Gateway Timeout"][status] ?? "Error"
        let body = text + "\n"
        let extra = header.map { "\($0.0): \($0.1)\r\n" } ?? ""
        client.write(
            ByteBuffer(
                string: "HTTP/1.1 \(status) \(reason)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n"
                    + "Cache-Control: no-store\r\n\(extra)Connection: close\r\n\r\n\(body)"), promise: nil)
        closeAfterWriting()
    }

    /// Says no more to the browser, and waits a little for it to hang up: closing at once, with bytes of it unread, would reset
    /// the connection and take the last answer with it.
    private func closeAfterWriting() {
        if case .closing = state { return }
        state = .closing
        dropUpstream()
        pending.clear()
        if clientHasEnded { return closeBothAfterWriting() }
        closeOutput(of: client)
        readClient()
    }

    /// Ends one direction once everything was written. NIO would do so too, but where the other side has ended it would close the
    /// whole at once and drop what isn't written yet.
    private func closeOutput(of channel: (any Channel)?) {
        guard let channel else { return }
        channel.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { [self] _ in
            channel.close(mode: .output, promise: nil)
            halfClosed()
        }
    }

    private func closeBothAfterWriting() {
        let both = [client, upstream?.channel].compactMap { $0 }
        EventLoopFuture.andAllComplete(both.map { $0.writeAndFlush(ByteBuffer()) }, on: loop).whenComplete { _ in
            for channel in both { channel.close(promise: nil) }
        }
    }

    private func closeBoth() {
        state = .closing
        dropUpstream()
        client.close(promise: nil)
    }

    /// Resets the browser's connection, so that what it has isn't taken for the whole.
    private func abort() {
        state = .closing
        dropUpstream()
        (client as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
        client.close(promise: nil)
    }

    private func dropUpstream() {
        let channel = upstream?.channel
        upstream = nil
        handshake = nil
        handshakeBytes = ByteBuffer()
        channel?.close(promise: nil)
    }

    // MARK: Clock

    private func touch() { lastActivity = .now() }

    private var patience: TimeAmount { TimeAmount(isHalfClosed ? configuration.halfClosedTimeout : configuration.idleTimeout) }

    private func halfClosed() {
        isHalfClosed = true
        touch()
        armClock()
    }

    private func armClock() {
        guard client.isActive else { return }
        clock?.cancel()
        clock = loop.assumeIsolated().scheduleTask(deadline: lastActivity + patience) { [self] in
            lastActivity + patience <= .now() ? timeUp() : armClock()
        }
    }

    private func timeUp() {
        switch state {
        case .idle, .closing: closeBoth()
        case .connecting:
            // Each of its steps has a deadline of its own.
            touch()
            armClock()
        case .exchanging(let request, let exchange):
            guard !exchange.isAnswered, !clientHasEnded else { return abort() }
            fail(
                EgressError(.connectionTimedOut, "\(request.target.host) said nothing within \(configuration.idleTimeout)"), request)
        case .tunnelling: abort()
        }
    }
}

/// TLS with an upstream proxy, its certificate verified for its name or address. What passes inside stays spliced.
private func proxyTLS(_ proxy: UpstreamProxy, _ authorities: String?) throws -> NIOSSLClientHandler {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.applicationProtocols = ["http/1.1"]
    if let authorities { configuration.trustRoots = .file(authorities) }
    // An address is no server name; without one, the certificate is held against the peer's address.
    let name = IPAddress(proxy.host) == nil ? proxy.host : nil
    return try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: name)
}

/// Tells the connection what happens on the browser's side.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let connection: RelayConnection

    init(_ connection: RelayConnection) { self.connection = connection }

    func channelActive(context: ChannelHandlerContext) { connection.clientBecameActive() }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { connection.clientRead(unwrapInboundIn(data)) }
    func channelReadComplete(context: ChannelHandlerContext) { connection.clientReadComplete() }
    func channelWritabilityChanged(context: ChannelHandlerContext) { connection.clientBecameWritable() }
    func channelInactive(context: ChannelHandlerContext) { connection.clientClosed() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { connection.clientBroke() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: connection.clientEnded()
        case let wanted as TurnWanted: connection.turnWanted(for: wanted.host)
        default: break
        }
    }
}

/// The same for the site's or the proxy's side.
final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let connection: RelayConnection

    init(_ connection: RelayConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.upstreamRead(unwrapInboundIn(data), from: context.channel)
    }
    func channelReadComplete(context: ChannelHandlerContext) { connection.upstreamReadComplete(context.channel) }
    func channelWritabilityChanged(context: ChannelHandlerContext) { connection.upstreamBecameWritable(context.channel) }
    func channelInactive(context: ChannelHandlerContext) { connection.upstreamClosed(context.channel) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { connection.upstreamBroke(error, context.channel) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { connection.upstreamEnded(context.channel) }
    }
}
