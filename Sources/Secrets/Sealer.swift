internal import Crypto
internal import Foundation

/// Seals short texts, so that who reads the place where they are kept learns only how long they are and which are the same, and can't change
/// or swap them.
///
/// Sealed text is `sealed1.KEYID.BODY`: the version, eight hexadecimal digits that name the key without telling anything of it, and in
/// base64url nonce, ciphertext and tag of ChaCha20-Poly1305 (RFC 8439), which also authenticates version, key and purpose. The nonce
/// follows from text and purpose by a key of its own: the same text is sealed to the same, so that it can be known again, and the odds that two
/// texts share a nonce stay below 2⁻³² for 2³² texts of one key.
package struct Sealer: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Bytes of a text.
    package static let longestText = 16 << 10
    static let advice = "make one with: openssl rand -base64 32"
    private static let version = "sealed1"
    private static let keyLength = 32

    private let key: SymmetricKey
    private let nonceKey: SymmetricKey
    /// Of the key.
    package let keyID: String

    /// - Parameter text: 256 bits from a good source, in hexadecimal or base64. A passphrase is none.
    package init(key text: String) throws(SecretError) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        // Longer than any key; what is absurdly long isn't decoded.
        guard text.utf8.count <= 4 * Sealer.keyLength, let bytes = Sealer.decoded(text), bytes.count == Sealer.keyLength else {
            throw SecretError(.invalidKey, "the key must be 32 bytes in base64 or hexadecimal; \(Sealer.advice)")
        }
        // Of 32 random bytes 30 differ on average; fewer than 16, or nothing but letters, doesn't happen.
        guard Set(bytes).count >= 16, !bytes.allSatisfy({ (32..<127).contains($0) }) else {
            throw SecretError(.invalidKey, "the key is not random; \(Sealer.advice)")
        }
        self.init(bytes)
    }

    private init(_ bytes: [UInt8]) {
        key = SymmetricKey(data: bytes)
        nonceKey = HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Data("gleaner sealing nonce".utf8), outputByteCount: 32)
        let digest = HMAC<SHA256>.authenticationCode(for: Data("gleaner sealing key id".utf8), using: key)
        keyID = digest.prefix(4).map { String(format: "%02x", $0) }.joined()
    }

    /// A new key, as text.
    static func newKey() -> String { SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() } }

    /// - Parameter purpose: what the text belongs to, as "pool/NAME"; it is opened only for the same.
    package func seal(_ text: String, for purpose: String) throws(SecretError) -> String {
        guard text.utf8.count <= Sealer.longestText else {
            throw SecretError(.tooLong, "a secret has \(Sealer.longestText) bytes at most")
        }
        guard let nonce = try? ChaChaPoly.Nonce(data: nonce(text, context(purpose))),
            let box = try? ChaChaPoly.seal(Data(text.utf8), using: key, nonce: nonce, authenticating: context(purpose))
        else {
            throw SecretError(.damaged, "the secret for \(purpose) could not be sealed")
        }
        return "\(Sealer.version).\(keyID).\(Sealer.base64URL(box.combined))"
    }

    package func open(_ sealed: String, for purpose: String) throws(SecretError) -> String {
        guard sealed.utf8.count <= 2 * Sealer.longestText else {
            throw SecretError(.damaged, "the secret for \(purpose) is too long to be one")
        }
        let parts = sealed.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasPrefix("sealed"), Sealer.isKeyID(parts[1]) else {
            throw SecretError(.damaged, "the secret for \(purpose) is no sealed text; give it again")
        }
        guard parts[0] == Sealer.version else {
            throw SecretError(.damaged, "the secret for \(purpose) was sealed by another version of this program")
        }
        guard parts[1] == keyID else {
            throw SecretError(
                .otherKey,
                "the secret for \(purpose) was sealed with another key (\(parts[1]), this one is \(keyID)); use that one, or give it again")
        }
        // Only in the one spelling that `seal` gives.
        guard let body = Sealer.decoded(base64: String(parts[2])), Sealer.base64URL(body) == parts[2],
            let box = try? ChaChaPoly.SealedBox(combined: body),
            let text = try? ChaChaPoly.open(box, using: key, authenticating: context(purpose))
        else {
            throw SecretError(.damaged, "the secret for \(purpose) was changed, or was sealed for something else; give it again")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Different texts, or purposes, have different ones.
    private func nonce(_ text: String, _ context: Data) -> Data {
        var digest = HMAC<SHA256>(key: nonceKey)
        digest.update(data: withUnsafeBytes(of: UInt64(context.count).bigEndian) { Data($0) })
        digest.update(data: context)
        digest.update(data: Data(text.utf8))
        return Data(digest.finalize().prefix(12))
    }

    private func context(_ purpose: String) -> Data { Data("\(Sealer.version).\(keyID).\(purpose)".utf8) }

    /// Without the key.
    package var description: String { "sealing key \(keyID)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["keyID": keyID]) }
}

// MARK: - Text and bytes

extension Sealer {
    private static func isKeyID(_ text: Substring) -> Bool {
        text.utf8.count == 8 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private static func decoded(_ text: String) -> [UInt8]? {
        if text.utf8.count == 2 * keyLength, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) {
            let digits = text.compactMap(\.hexDigitValue)
            return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        }
        return decoded(base64: text).map { [UInt8]($0) }
    }

    /// Either alphabet of RFC 4648, with or without padding.
    private static func decoded(base64 text: String) -> Data? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/").prefix { $0 != "=" }
        guard ["", "=", "=="].contains(text.dropFirst(plain.count)) else { return nil }
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
