/// What stood between us and an address.
package struct EgressError: Error, CustomStringConvertible {
    package enum Code: String, Sendable, Equatable {
        /// `--allow-address`, `--resolve` or `--proxy` can't be read: the caller mends the value.
        case invalidOption = "invalid-option"
        /// No such host, says the resolver. Trying again at once won't help.
        case nameNotResolved = "name-not-resolved"
        /// The resolver didn't answer within its deadline; may be tried again later.
        case resolverTimedOut = "resolver-timed-out"
        /// The address rules forbid every address of that host. Trying again won't help; `refusal` has the details.
        case addressRefused = "address-refused"
        /// The run's list of hosts that are not asked has it. Trying again won't help.
        case hostBlocked = "host-blocked"
        /// The host refused, reset or is unreachable.
        case connectionFailed = "connection-failed"
        /// Nobody took the connection within the deadline.
        case connectionTimedOut = "connection-timed-out"
        /// The upstream proxy can't be reached or doesn't speak the protocol of its scheme.
        case proxyFailed = "proxy-failed"
        /// The upstream proxy wants another login.
        case proxyLogin = "proxy-login"
        /// The upstream proxy answered that it can't or won't reach the target.
        case proxyRefused = "proxy-refused"
        /// A cap of the relay was reached (bytes, connections to one host, ports).
        case limitReached = "limit-reached"
        /// The relay couldn't listen on loopback: a fault of this machine.
        case listenFailed = "listen-failed"
    }

    package var code: Code
    /// What happened, to what, and what to do. Safe to log: no logins.
    package var message: String
    /// Set with `addressRefused` alone.
    package var refusal: AddressRefusal?
    package var underlying: (any Error)?

    package init(_ code: Code, _ message: String, refusal: AddressRefusal? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.refusal = refusal
        self.underlying = underlying
    }

    package var description: String { underlying.map { "\(message): \($0)" } ?? message }
}
