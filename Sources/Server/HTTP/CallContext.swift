package import Hummingbird
package import Logging
package import NIOCore
internal import Synchronization

/// What Hummingbird carries along with a request.
package struct CallContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let channel: any Channel
    /// What is found out on the way.
    let notes = Notes()

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// The address that the connection comes from.
    package var peer: String? { channel.remoteAddress?.ipAddress }

    struct Noted: Sendable {
        /// The id of who calls.
        var caller: String?
        /// For the answer, whatever it is.
        var headers: HTTPFields = [:]
    }

    final class Notes: Sendable {
        private let noted = Mutex(Noted())
        var value: Noted { noted.withLock { $0 } }
        func note(_ change: (inout sending Noted) -> Void) { noted.withLock { change(&$0) } }
    }
}

/// One request, as handlers get it: who calls, and what for.
package struct Call: Sendable {
    package var request: Request
    /// nil on routes that anybody may call, when nobody in particular does.
    package var caller: Caller?
    /// Of the path, decoded.
    package var parameters: [String: String]
    /// Under which the log has it.
    package var id: String
    /// Where the route takes one.
    package var idempotencyKey: IdempotencyKey?
    /// For the forms of the page that is answered.
    package var formToken: String?
    /// Microseconds since 1970.
    package var time: Int64
    package var peer: String?
    package var logger: Logger
    package var channel: any Channel
}

/// With the same key the same thing is done once (draft-ietf-httpapi-idempotency-key-header-07).
package struct IdempotencyKey: Sendable, Hashable {
    package static let longest = 255
    package let text: String

    /// A string of RFC 9651, in quotes; without quotes, as many programs send it, it is taken too.
    package init(_ header: String) throws(Problem) {
        let isQuoted = header.utf8.count >= 2 && header.hasPrefix("\"") && header.hasSuffix("\"")
        let text = isQuoted ? String(header.dropFirst().dropLast()) : header
        guard (1...IdempotencyKey.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") })
        else {
            throw Problem(
                .invalidHeader,
                "Idempotency-Key must be 1 to \(IdempotencyKey.longest) printable characters of ASCII without spaces, as a UUID",
                faults: [.init(.header("Idempotency-Key"), "is not 1 to \(IdempotencyKey.longest) printable characters")])
        }
        self.text = text
    }
}
