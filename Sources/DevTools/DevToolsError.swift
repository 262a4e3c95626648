/// What went wrong between us and a browser. Safe to log: it holds no page content and no cookies.
package struct DevToolsError: Error, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The browser or the socket is gone; every command fails from now on. Replace the browser.
        case disconnected
        /// The page of this session died (crash, out of memory, closed); the browser lives. Open another tab.
        case targetGone
        /// No reply in time. The page may be wedged: close its target.
        case deadline
        /// The task was cancelled; the command may still happen.
        case cancelled
        /// The browser said no (unknown session, bad selector...). The same again is of no use.
        case refused
        /// One message was longer than the limit and was thrown away; the connection goes on.
        case tooLarge
        /// The reply was not what its type says: a bug of ours or a new protocol.
        case unreadable
    }

    package var code: Code
    package var message: String
    /// The browser's own number for a refusal (JSON-RPC: -32000 and such); nil elsewhere.
    package var refusal: Int?

    package init(_ code: Code, _ message: String, refusal: Int? = nil) {
        self.code = code
        self.message = message
        self.refusal = refusal
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
