internal import NIOCore
internal import Synchronization

/// Told to all connections of a port: somebody waits to connect to that host.
struct TurnWanted {
    var host: String
}

/// What the connections of one port share: the route, the count, and the turns.
final class PortAccount: Sendable {
    let resolver: Resolver
    let configuration: Relay.Configuration

    private struct State {
        var route: Relay.Route
        var usage = RelayUsage()
        /// Since the port was opened; `drain` doesn't reset what the limit counts.
        var bytes = 0
        var clients: [ObjectIdentifier: any Channel] = [:]
        var turns: HostTurns
        var waiting: [UInt64: EventLoopPromise<Void>] = [:]
        var lastNumber: UInt64 = 0
        var isClosed = false
    }

    private let state: Mutex<State>

    init(route: Relay.Route, resolver: Resolver, configuration: Relay.Configuration) {
        self.resolver = resolver
        self.configuration = configuration
        state = Mutex(State(route: route, turns: HostTurns(limit: configuration.connectionsPerHost)))
    }

    var route: Relay.Route {
        get { state.withLock { $0.route } }
        set { state.withLock { $0.route = newValue } }
    }

    var usage: RelayUsage { state.withLock { $0.usage } }

    func drain() -> RelayUsage {
        state.withLock { state in
            defer { state.usage = RelayUsage() }
            return state.usage
        }
    }

    // MARK: Clients

    /// False where the other end belongs to an account that this port doesn't serve. Where the kernel can't be asked, everybody is.
    func knows(_ client: any Channel) -> Bool {
        guard let users = route.users, let from = client.remoteAddress?.port, let to = client.localAddress?.port,
            let user = SocketOwner.user(from: UInt16(truncatingIfNeeded: from), to: UInt16(truncatingIfNeeded: to))
        else { return true }
        return users.contains(user)
    }

    /// False where the port is full or closed.
    func admit(_ client: any Channel) -> Bool {
        let key = ObjectIdentifier(client)
        let isAdmitted = state.withLock { state in
            guard !state.isClosed, state.clients.count < configuration.clientsPerPort else { return false }
            state.clients[key] = client
            return true
        }
        if isAdmitted { client.closeFuture.whenComplete { _ in self.state.withLock { _ = $0.clients.removeValue(forKey: key) } } }
        return isAdmitted
    }

    /// Admits nobody any more. The caller closes those that there are.
    func close() -> [any Channel] {
        state.withLock { state in
            state.isClosed = true
            return Array(state.clients.values)
        }
    }

    // MARK: Counting

    func countRequest() { state.withLock { $0.usage.requests &+= 1 } }
    func countConnection() { state.withLock { $0.usage.connections &+= 1 } }

    /// False once the port's limit is passed.
    func count(received: Int = 0, sent: Int = 0) -> Bool {
        state.withLock { state in
            state.usage.received &+= received
            state.usage.sent &+= sent
            state.bytes &+= received &+ sent
            return state.bytes <= state.route.byteLimit ?? .max
        }
    }

    var isOverLimit: Bool { !count() }

    func record(_ error: EgressError, label: String, target: Authority) {
        let incident = RelayIncident(target: label, host: target.host, port: target.port, code: error.code, message: error.message)
        state.withLock { state in
            if let index = state.usage.incidents.firstIndex(where: {
                $0.target == incident.target && $0.code == incident.code && $0.message == incident.message
            }) {
                state.usage.incidents[index].count &+= 1
            } else if state.usage.incidents.count < configuration.incidentsKept {
                state.usage.incidents.append(incident)
            } else {
                state.usage.incidentsDropped &+= 1
            }
        }
    }

    // MARK: Turns

    /// Succeeds when one more connection to `host` may be made; `releaseTurn` must follow. Fails with `limitReached`.
    func turn(for host: String, on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let number: UInt64? = state.withLock { state in
            state.lastNumber += 1
            if state.turns.take(host, by: state.lastNumber) { return nil }
            state.waiting[state.lastNumber] = promise
            return state.lastNumber
        }
        guard let number else {
            promise.succeed()
            return promise.futureResult
        }
        // Connections that rest between two requests hold turns too.
        for client in state.withLock({ Array($0.clients.values) }) {
            client.pipeline.fireUserInboundEventTriggered(TurnWanted(host: host))
        }
        let late = loop.scheduleTask(in: TimeAmount(configuration.turnTimeout)) {
            let promise = self.state.withLock { state in
                state.turns.withdraw(host, number) ? state.waiting.removeValue(forKey: number) : nil
            }
            promise?.fail(
                EgressError(.limitReached, "\(self.configuration.connectionsPerHost) connections to \(host) are open, and none became free"))
        }
        promise.futureResult.whenComplete { _ in late.cancel() }
        return promise.futureResult
    }

    func isTurnWanted(for host: String) -> Bool { state.withLock { $0.turns.isWanted(host) } }

    func releaseTurn(for host: String) {
        let next = state.withLock { state in state.turns.release(host).flatMap { state.waiting.removeValue(forKey: $0) } }
        next?.succeed()
    }
}
