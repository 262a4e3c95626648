internal import Crypto
package import Foundation

/// The three headers that prove who sent a webhook and when: `webhook-id`, `webhook-timestamp` and `webhook-signature` of Standard
/// Webhooks 1.0 (github.com/standard-webhooks), whose libraries receivers may use.
///
/// A signature is `v1,` and the HMAC-SHA256, in base64, of `ID.TIMESTAMP.BODY`; while a secret is being replaced there is one for each,
/// with a space between them.
package struct WebhookSignature: Sendable, Hashable {
    /// The same each time that the same event is sent: receivers use it to do things once.
    package var id: String
    /// Seconds since 1970, of this attempt.
    package var timestamp: String
    package var signatures: String

    /// - Parameters:
    ///   - id: printable ASCII without ".", at most 255 bytes.
    ///   - time: of this attempt, in microseconds since 1970.
    ///   - body: exactly what is sent.
    ///   - secrets: the one that is used, and old ones that receivers may still have.
    package init(id: String, time: Int64, body: some DataProtocol, secrets: [WebhookSecret]) throws(WebhookError) {
        guard WebhookSignature.isID(id) else {
            throw WebhookError(.id, "a webhook's id is printable ASCII without \".\", at most 255 bytes; \"\(id.prefix(40))\" is not")
        }
        guard !secrets.isEmpty else { throw WebhookError(.secret, "webhook \(id) has no secret to be signed with") }
        self.id = id
        timestamp = String(time / 1_000_000)
        let signed = WebhookSignature.signed(id, timestamp, body)
        signatures = secrets.map { "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: $0.key)).base64EncodedString() }
            .joined(separator: " ")
    }

    /// What was received; nil where a header is missing.
    /// - Parameter header: the value of the header of that name, which is written in lower case.
    package init?(received header: (String) -> String?) {
        guard let id = header("webhook-id"), let timestamp = header("webhook-timestamp"), let signatures = header("webhook-signature")
        else {
            return nil
        }
        self.id = id
        self.timestamp = timestamp
        self.signatures = signatures
    }

    package var headers: [(name: String, value: String)] {
        [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signatures)]
    }

    /// Throws unless one of the secrets made one of the signatures, over this body, near that time.
    /// - Parameters:
    ///   - now: in microseconds since 1970.
    ///   - tolerance: between the clocks of sender and receiver.
    package func verify(_ body: some DataProtocol, secrets: [WebhookSecret], now: Int64, tolerance: Duration = .seconds(300))
        throws(WebhookError)
    {
        guard WebhookSignature.isID(id), timestamp.utf8.count <= 19, timestamp.utf8.allSatisfy({ (48...57).contains($0) }),
            let sent = Int64(timestamp), signatures.utf8.count <= 8_192
        else { throw WebhookError(.headers, "webhook-id, webhook-timestamp or webhook-signature can't be read") }
        let (late, overflow) = (now / 1_000_000).subtractingReportingOverflow(sent)
        guard !overflow, late.magnitude <= UInt64(clamping: tolerance.components.seconds) else {
            throw WebhookError(.time, "webhook \(id) was sent at \(timestamp), more than \(tolerance.components.seconds) seconds from now")
        }
        let signed = WebhookSignature.signed(id, timestamp, body)
        for signature in signatures.split(separator: " ") where signature.hasPrefix("v1,") {
            guard let code = Data(base64Encoded: String(signature.dropFirst(3))) else { continue }
            // Compared in constant time.
            if secrets.contains(where: { HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: $0.key) }) { return }
        }
        throw WebhookError(.signature, "webhook \(id) is not signed with a secret that is known here, or was changed on its way")
    }

    private static func signed(_ id: String, _ timestamp: String, _ body: some DataProtocol) -> Data {
        var content = Data("\(id).\(timestamp).".utf8)
        content.append(contentsOf: body)
        return content
    }

    private static func isID(_ id: String) -> Bool {
        (1...255).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ".") }
    }
}
