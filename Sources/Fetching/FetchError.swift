package import Egress

/// Why there is no answer. An answer with a status of 400 or 500 is an answer.
package struct FetchError: Error, CustomStringConvertible {
    package enum Code: String, Sendable, Equatable {
        /// The address can't be read, or is neither http nor https: the caller mends it.
        case invalidURL = "invalid-url"
        /// A method or header that HTTP can't carry: a fault of the caller.
        case invalidRequest = "invalid-request"
        case nameNotResolved = "name-not-resolved"
        /// By the address rules; `refusal` has the details. Trying again won't help.
        case addressRefused = "address-refused"
        /// The caller's list of hosts that are not asked has it.
        case hostBlocked = "host-blocked"
        /// By the caller's own gate (robots rules, for instance); the message is the gate's.
        case gateRefused = "gate-refused"
        case connectionFailed = "connection-failed"
        /// The certificate or the protocol: trying again rarely helps.
        case tls
        /// May be tried again, later.
        case timedOut = "timed-out"
        /// Fewer bytes than `minimumSpeed` for `minimumSpeedTime`.
        case tooSlow = "too-slow"
        /// More than `sizeLimit`, with `.fail`.
        case tooLarge = "too-large"
        case tooManyRedirects = "too-many-redirects"
        /// The upstream proxy is away or doesn't speak as one.
        case proxyFailed = "proxy-failed"
        /// The upstream proxy wants another login.
        case proxyLogin = "proxy-login"
        /// The upstream proxy can't or won't reach the site.
        case proxyRefused = "proxy-refused"
        /// The connection broke or what came isn't HTTP. May be tried again.
        case broken
        /// The task was cancelled.
        case cancelled
        /// The fetcher was shut down.
        case stopped
    }

    package var code: Code
    /// One sentence that names the address, without login.
    package var message: String
    /// Redirects that were followed before, in order.
    package var hops: [FetchHop]
    package var refusal: AddressRefusal?
    package var underlying: (any Error)?

    package init(
        _ code: Code, _ message: String, hops: [FetchHop] = [], refusal: AddressRefusal? = nil, underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.hops = hops
        self.refusal = refusal
        self.underlying = underlying
    }

    init(_ error: EgressError, url: FetchURL) {
        let code: Code =
            switch error.code {
            case .addressRefused: .addressRefused
            case .resolverTimedOut, .connectionTimedOut: .timedOut
            case .nameNotResolved: .nameNotResolved
            case .hostBlocked: .hostBlocked
            case .proxyFailed: .proxyFailed
            case .proxyLogin: .proxyLogin
            case .proxyRefused: .proxyRefused
            case .connectionFailed, .limitReached, .listenFailed, .invalidOption: .connectionFailed
            }
        self.init(code, "\(url): \(error.message)", refusal: error.refusal, underlying: error.underlying)
    }

    package var description: String { underlying.map { "\(message): \($0)" } ?? message }
}

/// A redirect that was followed.
package struct FetchHop: Sendable, Equatable {
    /// Which address answered.
    package var url: String
    package var status: Int
    /// Where it led, made absolute.
    package var location: String
}
