package import Hummingbird

/// Finds out who calls.
package struct Authenticator: Sendable {
    private let keys: KeyLookup
    package let sessions: Sessions
    /// The name or address at which the server listens.
    let host: String

    package init(keys: KeyLookup, sessions: Sessions, host: String) {
        self.keys = keys
        self.sessions = sessions
        self.host = host
    }

    /// Why the server may not listen there, and what to do; nil when it may.
    func refusalToListen() async throws -> String? { ListenPolicy.refusal(host: host, keysExist: try await keys.exist()) }

    /// nil for nobody; a key that doesn't count is a 401, whatever the route asks.
    /// - Parameters:
    ///   - peer: the address that the connection comes from.
    ///   - now: microseconds since 1970.
    package func caller(_ headers: HTTPFields, peer: String?, now: Int64) async throws -> Caller? {
        if let authorization = headers[.authorization] { return try await bearer(authorization, now) }
        if let session = sessions.session(cookies: headers[values: .cookie], now: now) {
            guard let key = try await keys.find(session.key), key.isGood(at: now) else { return nil }
            return Caller(id: key.id, scopes: key.scopes, way: .session(session))
        }
        // Whatever passes on the calls of others says so in one of these.
        let isPassedOn = ["Via", "Forwarded", "X-Forwarded-For"].contains { headers[text: $0] != nil }
        guard LoopbackAddress.contains(host), !isPassedOn, let peer, LoopbackAddress.contains(peer), try await !keys.exist() else {
            return nil
        }
        return .local
    }

    /// For the console's login page; nil where the key doesn't count.
    package func caller(key text: String, now: Int64) async throws -> Caller? {
        guard let key = AccessKey(text), let stored = try await keys.find(key.id), stored.id == key.id, key.has(digest: stored.digest),
            stored.isGood(at: now)
        else { return nil }
        return Caller(id: stored.id, scopes: stored.scopes, way: .bearer)
    }

    private func bearer(_ authorization: String, _ now: Int64) async throws -> Caller {
        let parts = authorization.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Problem.unauthenticated("the Authorization header must be: Bearer KEY", error: "invalid_request")
        }
        guard let caller = try await caller(key: String(parts[1]), now: now) else {
            throw Problem.unauthenticated("the key is unknown, was revoked or has expired", error: "invalid_token")
        }
        return caller
    }
}

extension Problem {
    /// - Parameter error: RFC 6750 section 3.1.
    static func unauthenticated(_ detail: String, error: String? = nil) -> Problem {
        Problem(
            .unauthenticated, detail, headers: [.wwwAuthenticate: "Bearer realm=\"gleaner\"" + (error.map { ", error=\"\($0)\"" } ?? "")])
    }

    /// Unless the caller may do this.
    static func refusal(_ access: Access, _ caller: Caller?) -> Problem? {
        guard access != .open else { return nil }
        guard let caller else { return .unauthenticated("send a key: Authorization: Bearer KEY") }
        guard !caller.may(access) else { return nil }
        let needed = Scope.allCases.filter(access.scopes.contains).map(\.rawValue)
        return Problem(
            .missingScope, "this needs a key with the scope \(needed.joined(separator: " or ")); \(caller.id) has not",
            headers: [
                .wwwAuthenticate: "Bearer realm=\"gleaner\", error=\"insufficient_scope\", scope=\"\(needed.joined(separator: " "))\""
            ])
    }
}
