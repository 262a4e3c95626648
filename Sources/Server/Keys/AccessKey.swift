internal import Crypto
internal import Foundation

/// A key of the API: `gleaner_`, eight letters and digits by which it is known again, `_`, and 256 random bits in base64url. It is shown
/// once, when it is made; what is kept is its id and its SHA-256, which is enough for so many random bits.
package struct AccessKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private static let prefix = "gleaner_"
    /// Nothing that is easily misread.
    private static let letters = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
    private static let idLength = prefix.utf8.count + 8
    private static let length = idLength + 1 + 43

    private let text: String

    /// nil where the text is none.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == AccessKey.length, text.hasPrefix(AccessKey.prefix), bytes[AccessKey.idLength] == UInt8(ascii: "_"),
            bytes[AccessKey.prefix.utf8.count..<AccessKey.idLength].allSatisfy(AccessKey.letters.contains),
            bytes[(AccessKey.idLength + 1)...].allSatisfy(Base64URL.isDigit)
        else { return nil }
        self.text = text
    }

    /// A new one.
    /// - Parameter random: 37 bytes from a good source.
    package init(random: [UInt8] = AccessKey.randomBytes()) {
        let name = random.prefix(5).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let id = (0..<8).map { AccessKey.letters[Int(name >> (5 * UInt64($0)) & 31)] }
        text = AccessKey.prefix + String(decoding: id, as: UTF8.self) + "_" + Base64URL.text(random.dropFirst(5))
    }

    package static func randomBytes() -> [UInt8] { SymmetricKey(size: .init(bitCount: 37 * 8)).withUnsafeBytes { [UInt8]($0) } }

    /// The beginning, which may be shown and by which it is looked up.
    package var id: String { String(text.prefix(AccessKey.idLength)) }

    /// The whole key. It can't be shown again.
    package var secretText: String { text }

    /// SHA-256 of the whole key, in hexadecimal: what is stored.
    package var digest: String { SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined() }

    /// In constant time.
    func has(digest stored: String) -> Bool {
        guard stored.utf8.count == 64 else { return false }
        let difference = zip(stored.utf8, digest.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        return difference == 0
    }

    /// Without the secret.
    package var description: String { "key \(id)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}

/// What is known of a key.
package struct StoredKey: Sendable, Hashable {
    package var id: String
    /// As `AccessKey.digest`.
    package var digest: String
    package var scopes: Set<Scope>
    /// Microseconds since 1970; from then on it counts no more.
    package var expires: Int64?

    package init(id: String, digest: String, scopes: Set<Scope>, expires: Int64? = nil) {
        self.id = id
        self.digest = digest
        self.scopes = scopes
        self.expires = expires
    }

    func isGood(at now: Int64) -> Bool { expires.map { now < $0 } ?? true }
}

/// Where keys are looked up.
package struct KeyLookup: Sendable {
    /// nil where there is none of that id, or it was revoked.
    package var find: @Sendable (_ id: String) async throws -> StoredKey?
    /// Whether there is any. It is asked at every call without a key from this machine.
    package var exist: @Sendable () async throws -> Bool

    package init(find: @escaping @Sendable (String) async throws -> StoredKey?, exist: @escaping @Sendable () async throws -> Bool) {
        self.find = find
        self.exist = exist
    }
}
