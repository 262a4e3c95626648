internal import NIOCore

/// The names by which this server may be called. A page of another site can have its own name resolve to this machine and then read what is
/// answered (DNS rebinding), but its requests carry that name in Host. An address carries no name that anyone could have resolved to it, so
/// every literal address is taken; the other names are listed.
package struct HostNames: Sendable, Hashable {
    private let names: Set<String>

    /// - Parameter names: beside localhost, without ports.
    package init(_ names: [String] = []) { self.names = Set(names.map { $0.lowercased() } + ["localhost"]) }

    /// - Parameter authority: the Host header.
    package func contains(_ authority: String) -> Bool {
        guard authority.utf8.count <= 300 else { return false }
        let host: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return false }
            host = authority[authority.index(after: authority.startIndex)..<end]
            guard HostNames.isPort(authority[authority.index(after: end)...]), host.contains(":") else { return false }
        } else {
            host = authority.prefix { $0 != ":" }
            guard HostNames.isPort(authority.dropFirst(host.count)), !host.isEmpty else { return false }
        }
        if (try? SocketAddress(ipAddress: String(host), port: 0)) != nil { return true }
        return names.contains((host.hasSuffix(".") ? host.dropLast() : host).lowercased())
    }

    /// Nothing, or a colon and digits.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || (text.hasPrefix(":") && text.utf8.count <= 6 && text.utf8.dropFirst().allSatisfy { (48...57).contains($0) })
    }
}
