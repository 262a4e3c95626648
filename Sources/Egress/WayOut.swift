internal import Foundation

/// How a connection leaves this machine: by itself, or through an upstream proxy (`--proxy URL`).
///
/// Who resolves a site's name depends on it, and with that what the address rules can promise:
/// - direct, and `socks5`: we do, and only a checked address is connected to or given to the proxy;
/// - `http`, `https`: the proxy does. We try to resolve the name too, and refuse it where it leads to a forbidden address;
///   a name that only the proxy can resolve is left to it;
/// - `socks5h`: the proxy alone; only addresses written as numbers, `localhost` and `--resolve` are checked.
///
/// The proxy's own address is the operator's word and not subject to the rules.
package enum WayOut: Sendable, Hashable, CustomStringConvertible {
    case direct
    case proxy(UpstreamProxy)

    package var proxy: UpstreamProxy? {
        guard case .proxy(let proxy) = self else { return nil }
        return proxy
    }

    /// The proxy is given names and connects to where it finds them.
    var passesNames: Bool { proxy.map { $0.scheme != .socks5 } ?? false }

    package var description: String { proxy?.description ?? "direct" }
}

package struct UpstreamProxy: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package enum Scheme: String, Sendable, Hashable, CaseIterable {
        case http
        case https
        /// RFC 1928; names are resolved here.
        case socks5
        /// RFC 1928; names are resolved by the proxy.
        case socks5h

        package var defaultPort: Int {
            switch self {
            case .http: 80
            case .https: 443
            case .socks5, .socks5h: 1080
            }
        }

        package var isSOCKS: Bool { self == .socks5 || self == .socks5h }
    }

    package struct Login: Sendable, Hashable {
        package var user: String
        package var password: String

        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    package var scheme: Scheme
    /// Without brackets.
    package var host: String
    package var port: Int
    package var login: Login?

    package init(scheme: Scheme, host: String, port: Int, login: Login? = nil) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.login = login
    }

    /// - Parameter text: `scheme://[user[:password]@]host[:port]`; the login is percent-decoded. Without a scheme, `http`.
    package init(_ text: String) throws(EgressError) {
        // The value may hold a password, so it isn't repeated in the message.
        func invalid(_ why: String) -> EgressError {
            EgressError(.invalidOption, "--proxy: \(why); write scheme://user:password@host:port with http, https, socks5 or socks5h")
        }
        var rest = Substring(text)
        var scheme = Scheme.http
        if let mark = rest.range(of: "://") {
            let name = rest[..<mark.lowerBound].lowercased()
            guard let known = Scheme(rawValue: name) else { throw invalid("\(name.debugDescription) is no scheme we speak") }
            scheme = known
            rest = rest[mark.upperBound...]
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        var login: Login?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0).removingPercentEncoding
            }
            guard let user = parts.first ?? nil, let password = parts.count == 2 ? parts[1] : "" else {
                throw invalid("the login's percent-encoding is broken")
            }
            // RFC 1929 has one byte for each length; RFC 7617 can't carry control characters.
            guard [user, password].allSatisfy({ $0.utf8.count <= 255 && $0.utf8.allSatisfy { $0 >= 32 && $0 != 127 } }) else {
                throw invalid("the login is too long or has control characters")
            }
            login = Login(user: user, password: password)
            rest = rest[rest.index(after: at)...]
        }
        guard let authority = Authority(rest, defaultPort: scheme.defaultPort) else { throw invalid("host or port can't be read") }
        self.init(scheme: scheme, host: authority.host, port: authority.port, login: login)
    }

    /// Value of `Proxy-Authorization` or nil, RFC 7617.
    var basicAuthorization: String? {
        login.map { "Basic " + Data("\($0.user):\($0.password)".utf8).base64EncodedString() }
    }

    /// As it is read, with the login: a secret.
    package var url: String {
        let user = login.map { login in
            [login.user, login.password].map { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }.joined(separator: ":") + "@"
        }
        return "\(scheme.rawValue)://\(user ?? "")\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)"
    }

    /// Without the login, which only shows that there is one.
    package var description: String {
        "\(scheme.rawValue)://\(login == nil ? "" : "***@")\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)"
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

/// `host[:port]` of a request target, RFC 3986 §3.2, without user information.
package struct Authority: Sendable, Hashable, CustomStringConvertible {
    /// Lower case, without brackets.
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = HostName.normalized(host)
        self.port = port
    }

    /// nil where the host is empty, has bytes that no host has, or the port isn't in 1…65535.
    package init?(_ text: some StringProtocol, defaultPort: Int?) {
        let bytes = Array(text.utf8)
        var host = bytes[...]
        var portBytes: ArraySlice<UInt8>?
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = bytes[1..<close]
            let rest = bytes[(close + 1)...]
            if !rest.isEmpty {
                guard rest.first == UInt8(ascii: ":") else { return nil }
                portBytes = rest.dropFirst()
            }
            guard IPAddress(String(decoding: host, as: UTF8.self))?.family == .v6 else { return nil }
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            host = bytes[..<colon]
            portBytes = bytes[(colon + 1)...]
        }
        guard !host.isEmpty, host.count <= 255, host.allSatisfy(Self.isHostByte) else { return nil }
        var port = defaultPort
        if let portBytes, !portBytes.isEmpty {
            guard portBytes.count <= 5, portBytes.allSatisfy({ (48...57).contains($0) }) else { return nil }
            port = portBytes.reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        guard let port, (1...65535).contains(port) else { return nil }
        self.init(host: String(decoding: host, as: UTF8.self), port: port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"): true
        default: false
        }
    }

    package var description: String { "\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)" }
}
