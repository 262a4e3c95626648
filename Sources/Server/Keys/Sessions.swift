internal import Crypto
internal import Foundation
internal import Synchronization

/// A person who logged in to the console with a key.
package struct Session: Sendable, Hashable {
    /// Its id.
    package var key: String
    /// Microseconds since 1970.
    package var expires: Int64
    /// Tells sessions of one key apart.
    var nonce: String
}

/// The console's sessions: a cookie that says which key and until when, authenticated with HMAC-SHA256 by a secret of the farm. The key is
/// looked up at every call, so a session ends with its key. A session that was ended by logging out is remembered by this process alone: on
/// other nodes, and after a restart, a copy of its cookie that somebody took counts until it expires.
package final class Sessions: Sendable {
    private static let version = "s1"
    private static let mostEnded = 10_000

    /// Of a session.
    package let lifetime: Duration
    /// Whether browsers reach the console by https, through something in front of this server.
    private let isSecure: Bool
    private let cookieKey: SymmetricKey
    private let formKey: SymmetricKey
    /// Nonces, and when their sessions would have expired.
    private let ended = Mutex<[String: Int64]>([:])

    /// - Parameter secret: 32 bytes or more; the same on all nodes that a person may reach. A random one lasts as long as the process.
    package init(secret: [UInt8] = Sessions.randomSecret(), lifetime: Duration = .seconds(12 * 3_600), isSecure: Bool = false) {
        self.lifetime = lifetime
        self.isSecure = isSecure
        func derived(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: secret), info: Data("gleaner console \(purpose)".utf8), outputByteCount: 32)
        }
        cookieKey = derived("cookie")
        formKey = derived("form")
    }

    package static func randomSecret() -> [UInt8] { SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) } }

    package func begin(key: String, now: Int64, random: UInt64 = .random(in: 0 ... .max)) -> Session {
        Session(key: key, expires: now &+ lifetime.microseconds, nonce: String(random, radix: 36))
    }

    package func end(_ session: Session, now: Int64) {
        ended.withLock { ended in
            if ended.count >= Sessions.mostEnded { ended = ended.filter { $0.value > now } }
            if ended.count < Sessions.mostEnded { ended[session.nonce] = session.expires }
        }
    }

    // MARK: Cookie

    /// With https the name's prefix has browsers refuse the cookie of a neighbouring host.
    private var cookieName: String { isSecure ? "__Host-gleaner" : "gleaner_session" }

    /// The value of Set-Cookie.
    package func cookie(_ session: Session) -> String {
        let content = "\(Sessions.version).\(session.key).\(session.expires).\(session.nonce)"
        return header(
            "\(content).\(Base64URL.text(Data(HMAC<SHA256>.authenticationCode(for: Data(content.utf8), using: cookieKey))))", lifetime)
    }

    /// The value of Set-Cookie that has the browser forget it.
    package var noCookie: String { header("", .zero) }

    private func header(_ value: String, _ age: Duration) -> String {
        "\(cookieName)=\(value); Path=/; Max-Age=\(age.components.seconds); HttpOnly; SameSite=Strict\(isSecure ? "; Secure" : "")"
    }

    /// The session that a browser's cookies tell of; nil where there is none, it has expired, was ended, or isn't ours.
    /// - Parameter cookies: values of the Cookie header.
    package func session(cookies: [String], now: Int64) -> Session? {
        for cookie in cookies.flatMap({ $0.split(separator: ";") }).prefix(100) {
            let pair = cookie.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0] == cookieName[...], let session = session(String(pair[1]), now) else { continue }
            return session
        }
        return nil
    }

    private func session(_ value: String, _ now: Int64) -> Session? {
        let parts = value.split(separator: ".", omittingEmptySubsequences: false)
        guard value.utf8.count <= 512, parts.count == 5, parts[0] == Sessions.version, let expires = Int64(parts[2]),
            let code = Base64URL.bytes(String(parts[4])),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Data(parts[0..<4].joined(separator: ".").utf8), using: cookieKey)
        else { return nil }
        let session = Session(key: String(parts[1]), expires: expires, nonce: String(parts[3]))
        guard now < expires, ended.withLock({ $0[session.nonce] == nil }) else { return nil }
        return session
    }

    // MARK: Forms

    /// Stands in every form of the console, in a field of this name or, for scripts, in the header.
    package static let tokenField = "form_token"
    static let tokenHeader = "x-form-token"

    /// For the pages that this caller is shown.
    package func formToken(_ caller: Caller) -> String {
        Base64URL.text(Data(HMAC<SHA256>.authenticationCode(for: Sessions.owner(caller), using: formKey)))
    }

    func isFormToken(_ token: String, of caller: Caller) -> Bool {
        guard let code = Base64URL.bytes(token) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Sessions.owner(caller), using: formKey)
    }

    private static func owner(_ caller: Caller) -> Data {
        if case .session(let session) = caller.way { Data("\(session.key).\(session.nonce)".utf8) } else { Data("local".utf8) }
    }
}

extension Duration {
    /// Clamped to what fits.
    var microseconds: Int64 {
        let (whole, overflow) = components.seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (components.seconds < 0 ? .min : .max) : whole &+ components.attoseconds / 1_000_000_000_000
    }
}
