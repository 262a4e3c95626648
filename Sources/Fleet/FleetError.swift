import DevTools

/// Why a page, a session or a browser could not be had. Safe to log: no cookies, no proxy passwords, no page text but addresses.
package struct FleetError: Error, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        // The site's side. A retry may help where the comment says so.

        /// The host has no address. Not retried at once.
        case nameNotResolved
        /// Nobody listens there, or no route leads there. Worth a retry later.
        case connectionRefused
        /// The connection broke or answered nonsense. Worth a retry.
        case connectionLost
        /// The server did not answer in the time that Chromium or the proxy gives. Worth a retry.
        case connectionTimedOut
        /// The certificate or the TLS handshake is not right. No retry.
        case tls
        /// The way out refused or failed; another way may work.
        case proxy
        /// Chromium or a rule of ours blocked the address. No retry.
        case blocked
        /// More redirects than a browser follows. No retry.
        case tooManyRedirects
        /// The address can't be opened by a browser. No retry.
        case badAddress
        /// The answer is not a page: `contentType` says what it is. Fetch it without a browser.
        case notHTML
        /// The answer has no content (204, 205).
        case noContent
        /// The document, or what the page made of it, is over the limit. No retry.
        case tooLarge
        /// The answer began in no time that the request allowed. Worth a retry.
        case deadline
        /// The selector that was waited for never appeared.
        case selectorAbsent
        /// What was to be done with the page could not be done: nothing to press, or something lies over it.
        case actionFailed
        /// Another net error; `netError` has its name.
        case network

        // The caller's side.

        /// The selector that was waited for is not one of CSS.
        case selectorInvalid
        /// The task was cancelled.
        case cancelled

        // Our side.

        /// The page's renderer died (crash, out of memory). The session is given up; another visit gets another tab.
        case pageCrashed
        /// The page's scripts never let go; its tab was closed.
        case unresponsive
        /// The whole browser died. It is replaced for the next visit; `message` has its exit status and the end of its stderr.
        case browserGone
        /// No browser could be started; `message` says what it wrote.
        case launchFailed
        /// No Chromium on this machine.
        case noBrowser
        /// No tab came free before the deadline.
        case busy
        /// The fleet is closing or closed.
        case closed
        /// Chromium answered a command in a way we don't know: a bug of ours or a new version.
        case protocolFault
        /// A profile or configuration can't be used.
        case badProfile
    }

    package var code: Code
    /// What happened, to what, and what can be done.
    package var message: String
    /// "net::ERR_…" where Chromium named the fault.
    package var netError: String?
    /// With `notHTML`: the MIME type of the answer.
    package var contentType: String?
    /// HTTP status of the main document, where it was known.
    package var status: Int?
    package var underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    package var description: String { "\(code.rawValue): \(message)" }
}

extension FleetError {
    /// Chromium's name for a failed navigation, as one of our codes (net/base/net_error_list.h).
    init(net name: String, at url: String) {
        let short = name.hasPrefix("net::") ? String(name.dropFirst(5)) : name
        let code: Code
        let text: String
        switch short {
        case "ERR_NAME_NOT_RESOLVED", "ERR_NAME_RESOLUTION_FAILED", "ERR_ICANN_NAME_COLLISION":
            (code, text) = (.nameNotResolved, "its host name has no address; check the spelling")
        case "ERR_CONNECTION_REFUSED", "ERR_ADDRESS_UNREACHABLE", "ERR_INTERNET_DISCONNECTED", "ERR_ADDRESS_INVALID":
            (code, text) = (.connectionRefused, "nothing answers at its address; is the server running?")
        case "ERR_CONNECTION_CLOSED", "ERR_CONNECTION_RESET", "ERR_CONNECTION_ABORTED", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED",
            "ERR_INVALID_HTTP_RESPONSE", "ERR_HTTP2_PROTOCOL_ERROR", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONTENT_LENGTH_MISMATCH",
            "ERR_INVALID_CHUNKED_ENCODING", "ERR_CONNECTION_FAILED", "ERR_RESPONSE_HEADERS_TOO_BIG", "ERR_CONTENT_DECODING_FAILED",
            "ERR_QUIC_PROTOCOL_ERROR", "ERR_NETWORK_CHANGED":
            (code, text) = (.connectionLost, "the server broke the connection or its answer makes no sense")
        case "ERR_CONNECTION_TIMED_OUT", "ERR_TIMED_OUT", "ERR_DNS_TIMED_OUT":
            (code, text) = (.connectionTimedOut, "the server did not answer in time")
        case "ERR_TUNNEL_CONNECTION_FAILED", "ERR_PROXY_CONNECTION_FAILED", "ERR_NO_SUPPORTED_PROXIES", "ERR_PROXY_AUTH_REQUESTED",
            "ERR_PROXY_AUTH_UNSUPPORTED", "ERR_SOCKS_CONNECTION_FAILED", "ERR_SOCKS_CONNECTION_HOST_UNREACHABLE",
            "ERR_PROXY_CERTIFICATE_INVALID", "ERR_MANDATORY_PROXY_CONFIGURATION_FAILED", "ERR_UNEXPECTED_PROXY_AUTH":
            (code, text) = (.proxy, "the proxy refused or failed")
        case "ERR_TOO_MANY_REDIRECTS":
            (code, text) = (.tooManyRedirects, "it redirects again and again")
        case "ERR_INVALID_URL", "ERR_UNKNOWN_URL_SCHEME", "ERR_DISALLOWED_URL_SCHEME", "ERR_UNSAFE_PORT", "ERR_INVALID_REDIRECT",
            "ERR_UNSAFE_REDIRECT", "ERR_FILE_NOT_FOUND", "ERR_ACCESS_DENIED":
            (code, text) = (.badAddress, "a browser can't open this address")
        default:
            if short.hasPrefix("ERR_CERT") || short.hasPrefix("ERR_SSL") || short.hasPrefix("ERR_BAD_SSL") || short.hasPrefix("ERR_ECH") {
                (code, text) = (.tls, "its certificate or TLS set-up is not right")
            } else if short.hasPrefix("ERR_BLOCKED") || short == "ERR_NETWORK_ACCESS_DENIED" {
                (code, text) = (.blocked, "it was blocked")
            } else {
                (code, text) = (.network, "it could not be loaded")
            }
        }
        self.init(code, "\(url): \(text) (\(short))")
        netError = short
    }

    /// What a fault of the protocol means for the work `doing`.
    init(_ error: DevToolsError, doing: String) {
        let (code, text): (Code, String) =
            switch error.code {
            case .disconnected: (.browserGone, "the browser has gone")
            case .targetGone: (.pageCrashed, "the page's process died")
            case .deadline: (.unresponsive, "the page does not answer")
            case .cancelled: (.cancelled, "cancelled")
            case .tooLarge: (.tooLarge, "the page is too large")
            case .refused, .unreadable: (.protocolFault, "Chromium did not do what was asked")
            }
        self.init(code, "\(doing): \(text) (\(error.message))", underlying: error)
    }
}
