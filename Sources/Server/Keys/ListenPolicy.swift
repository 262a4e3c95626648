internal import NIOCore

/// Where the farm may listen: whoever reaches it without a key could run it.
package enum ListenPolicy {
    /// nil when it may; else why not, and what to do.
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - keysExist: whether there is a key that isn't revoked.
    package static func refusal(host: String, keysExist: Bool) -> String? {
        guard !keysExist, !LoopbackAddress.contains(host) else { return nil }
        return """
            the farm doesn't listen on \(host) while it has no key: whoever reaches it could run it. \
            Make one with: gleaner keys create --name me --scope admin; or listen on 127.0.0.1
            """
    }
}

/// Addresses that only this machine reaches: 127.0.0.0/8, ::1 and localhost (RFC 6761 section 6.3).
package enum LoopbackAddress {
    package static func contains(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        guard let address = try? SocketAddress(ipAddress: host, port: 0) else { return false }
        switch address {
        case .v4(let address): return UInt32(bigEndian: address.address.sin_addr.s_addr) >> 24 == 127
        case .v6(let address):
            let bytes = withUnsafeBytes(of: address.address.sin6_addr) { [UInt8]($0) }
            // IPv4 in IPv6 is how a socket for both shows its IPv4 peers (RFC 4291 section 2.5.5.2).
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            return isMapped ? bytes[12] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
        case .unixDomainSocket: return false
        }
    }
}
