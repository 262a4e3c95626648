internal import Crypto
internal import Foundation

/// What sender and receiver of webhooks share: `whsec_` and 24 to 64 random bytes in base64 (Standard Webhooks 1.0).
package struct WebhookSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private static let prefix = "whsec_"
    let key: SymmetricKey

    package init(_ text: String) throws(WebhookError) {
        let bytes = text.hasPrefix(WebhookSecret.prefix) && text.utf8.count <= 128 ? Data(base64Encoded: String(text.dropFirst(6))) : nil
        guard let bytes, (24...64).contains(bytes.count) else {
            throw WebhookError(
                .secret, "a webhook's secret is whsec_ and 24 to 64 bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)")
        }
        key = SymmetricKey(data: bytes)
    }

    /// A new one, as text: whoever receives the webhooks has to know it.
    package static func made() -> String { prefix + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() } }

    /// Without the key.
    package var description: String { "webhook secret" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Why a webhook can't be signed, or is not believed. Safe to log: no secrets.
package struct WebhookError: Error, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// The secret is none: whoever typed it gives another.
        case secret
        /// The id can't be sent in a header: a mistake of ours.
        case id
        /// The receiver misses a header, or can't read one: it answers 400.
        case headers
        /// It was sent too long ago, or by a clock that is wrong: the receiver answers 400, and the sender may send it again.
        case time
        /// No signature is that of one of the secrets: it was changed, or comes from somebody else.
        case signature
    }

    package var code: Code
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
