internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// Serves an API over HTTP/1.1 until it is told to end.
///
/// At a graceful shutdown nothing new is accepted, requests under way are answered, and streams of events end.
package struct WebServer: Service {
    private let port: Int
    private let api: API
    private let door: FrontDoor
    private let gate: Gate
    private let mostConnections: Int
    private let stallTimeout: Duration
    private let isListening: @Sendable (Int) -> Void
    private let logger: Logger

    /// A connection on which nothing is asked is closed after this; so is one that takes this long to say what it asks.
    private static let idleTimeout = TimeAmount.seconds(60)

    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - mostConnections: those beyond it wait to be accepted.
    ///   - stallTimeout: a connection that takes nothing of what is sent for so long is closed. No handler may take as long.
    ///   - isListening: gets the port, once it listens.
    package init(
        port: Int, api: API, door: FrontDoor, gate: Gate, mostConnections: Int = 4_096, stallTimeout: Duration = .seconds(300),
        logger: Logger,
        isListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }
    ) {
        self.port = port
        self.api = api
        self.door = door
        self.gate = gate
        self.mostConnections = mostConnections
        self.stallTimeout = stallTimeout
        self.isListening = isListening
        self.logger = logger
    }

    /// Throws `ServerError` where it can't listen, or may not.
    package func run() async throws {
        let host = gate.authenticator.host
        if let refusal = try await gate.authenticator.refusalToListen() { throw ServerError(code: .needsKey, message: refusal) }
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: FrontDoor.largestHeaders, maxHeaderListSize: 2 * FrontDoor.largestHeaders, maxHeaderFieldCount: 200)
        let isListening = isListening
        let stall = TimeAmount(stallTimeout)
        // Hummingbird tells at "info" what only matters to itself.
        var quiet = logger
        quiet.logLevel = max(.notice, logger.logLevel)
        let application = Application(
            responder: Answering(responder: api.router(door, gate).buildResponder(), logger: logger),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [IdleStateHandler(writeTimeout: stall), StallHandler()], idleTimeout: WebServer.idleTimeout,
                    httpDecoderConfiguration: decoder)),
            configuration: .init(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: .maximum(mostConnections, logger: quiet)),
            onServerRunning: { channel in isListening(channel.localAddress?.port ?? 0) }, logger: quiet)
        do { try await application.run() } catch { throw ServerError.listening(host, port, error) ?? error }
    }
}

/// Gives requests the server's own logger.
private struct Answering: HTTPResponder {
    typealias Context = CallContext
    let responder: RouterResponder<CallContext>
    let logger: Logger

    func respond(to request: Request, context: CallContext) async throws -> Response {
        var context = context
        var logger = logger
        logger[metadataKey: "hb.request.id"] = "\(context.id)"
        context.logger = logger
        return try await responder.respond(to: request, context: context)
    }
}

/// Closes a connection whose other side doesn't read.
private final class StallHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }
}

/// Why the server doesn't serve.
package struct ServerError: Error, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// The operator gives another address, or ends what listens there.
        case cannotListen = "cannot-listen"
        /// There is no key: the operator makes one, or has it listen on loopback.
        case needsKey = "needs-key"
    }

    package var code: Code
    /// What happened, to what, and what to do.
    package var message: String

    package var description: String { message }

    /// nil where the error is none of listening.
    static func listening(_ host: String, _ port: Int, _ error: any Error) -> ServerError? {
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        func cannot(_ reason: String) -> ServerError { ServerError(code: .cannotListen, message: "can't listen on \(place): \(reason)") }
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: return cannot("something else listens there; end it, or give another port (0 takes any that is free)")
            case EACCES: return cannot("the system doesn't allow it; ports below 1024 need a privilege, give another port")
            case EADDRNOTAVAIL: return cannot("this machine doesn't have that address; give one of its own, as 127.0.0.1 or 0.0.0.0")
            default: return cannot("\(error)")
            }
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            return cannot("no such name or address; give one of this machine, as 127.0.0.1 or 0.0.0.0")
        default: return nil
        }
    }
}
