import Documents

/// Scheme, host and port of an http or https address; nil for others.
package struct WebAddress: Sendable, Hashable {
    package var scheme: String
    /// Lower case, ASCII; an IPv6 literal without brackets.
    package var host: String
    package var port: Int

    package init?(_ url: String) {
        guard let identity = URLIdentity(url), identity.isWeb, let host = identity.host, !host.isEmpty else { return nil }
        scheme = identity.scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = identity.port ?? (scheme == "https" ? 443 : 80)
    }

    package var isLoopback: Bool { host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host.hasPrefix("127.") }

    /// "https://example.org", with the port where it is not the usual one.
    package var origin: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return (scheme == "https" && port == 443) || (scheme == "http" && port == 80) ? "\(scheme)://\(name)" : "\(scheme)://\(name):\(port)"
    }
}
