package import Egress

/// What to ask for, who asks, and how much of it is wanted.
package struct FetchRequest: Sendable {
    package enum AtLimit: Sendable {
        /// `tooLarge`.
        case fail
        /// The first `sizeLimit` bytes, and `isTruncated`.
        case truncate
    }

    package enum Verdict: Sendable, Equatable {
        case proceed
        /// A sentence that says why not.
        case refuse(String)
    }

    package var url: String
    package var method = "GET"
    /// In addition to those below; an own `User-Agent`, `Accept-Encoding` or `Host` is not for here.
    package var headers: [HTTPField] = []
    package var body: [UInt8]?
    package var userAgent: String
    /// Address of electronic mail of who answers for us (`From`, RFC 9110 §10.1.2).
    package var contact: String?
    package var acceptLanguage: String?
    /// The `ETag` of a copy at hand; the answer may be 304.
    package var ifNoneMatch: String?
    /// The `Last-Modified` of a copy at hand.
    package var ifModifiedSince: String?

    /// For everything together, redirects included; what the gate takes doesn't count.
    package var timeout: Duration = .seconds(30)
    package var connectTimeout: Duration = .seconds(10)
    /// Bytes of the body, decompressed.
    package var sizeLimit = 64 << 20
    package var atLimit = AtLimit.fail
    /// Bytes per second, over `minimumSpeedTime`; 0 for any. Slower ones hold a connection for nothing.
    package var minimumSpeed = 64
    package var minimumSpeedTime: Duration = .seconds(20)
    /// As browsers have it, within reason. robots.txt wants at least five (RFC 9309 §2.3.1.2).
    package var maximumRedirects = 10

    /// The body of the last hop's answer as it comes, whatever its status, on curl's thread: it must not block. False breaks off; the
    /// answer is then truncated.
    package var onBody: (@Sendable ([UInt8]) -> Bool)?

    package var rules: AddressRules
    package var wayOut: WayOut
    /// Asked before each hop with its absolute address, the first one included. It has deadlines of its own.
    package var gate: @Sendable (_ url: String) async -> Verdict

    package init(
        _ url: String, userAgent: String, rules: AddressRules = .publicOnly, wayOut: WayOut = .direct,
        gate: @escaping @Sendable (_ url: String) async -> Verdict = { _ in .proceed }
    ) {
        self.url = url
        self.userAgent = userAgent
        self.rules = rules
        self.wayOut = wayOut
        self.gate = gate
    }
}

/// A header field as it was written.
package struct HTTPField: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

package struct FetchResponse: Sendable {
    package var status: Int
    /// In the order in which they came, without those of interim answers.
    package var headers: [HTTPField]
    /// Decompressed.
    package var body: [UInt8]
    /// `body` is only the beginning.
    package var isTruncated: Bool
    /// Of the last hop, without login.
    package var url: String
    package var hops: [FetchHop]
    /// Whom we were connected to: the site, or the upstream proxy.
    package var address: IPAddress?
    /// "1.1", "2".
    package var version: String
    /// Body bytes as they came, compressed; of the last hop.
    package var bytesReceived: Int
    /// Of the whole, gates not counted.
    package var duration: Duration
    /// False where the last hop used a connection that was open already.
    package var isNewConnection: Bool

    /// The first field of that name, in any case.
    package func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
}
