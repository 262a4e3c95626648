#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Host names as the rules compare them.
package enum HostName {
    /// Lower case, without brackets and without the root's dot.
    package static func normalized(_ host: String) -> String {
        var bytes = Array(unbracketed(host).utf8)
        if bytes.count > 1, bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        for index in bytes.indices where (65...90).contains(bytes[index]) { bytes[index] |= 0x20 }
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func unbracketed(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    /// The name of loopback and all below it, RFC 6761 §6.3.
    static func isLocalhost(_ normalized: String) -> Bool { normalized == "localhost" || normalized.hasSuffix(".localhost") }

    /// Addresses that are written as numbers, also in the old forms of `inet_aton` (127.1, 2130706433, 0x7f.1, 0177.0.0.1),
    /// which browsers and resolvers understand. nil for a name.
    static func literal(_ normalized: String) -> IPAddress? {
        if let address = IPAddress(normalized) { return address }
        guard let first = normalized.utf8.first, (48...57).contains(first), normalized.utf8.count <= 64 else { return nil }
        var v4 = in_addr()
        guard inet_aton(normalized, &v4) == 1 else { return nil }
        return IPAddress(v4: UInt32(bigEndian: v4.s_addr))
    }
}
