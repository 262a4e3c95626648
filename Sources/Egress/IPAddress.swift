import NIOCore

#if canImport(Glibc)
    package import Glibc
#else
    package import Darwin
#endif

/// An IPv4 or IPv6 address as a number, so that no spelling of it can matter.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Family: Sendable, Hashable {
        case v4
        case v6
    }

    package let family: Family
    /// Network order as one number; IPv4 in the low 32 bits.
    package let bits: UInt128

    package init(v4: UInt32) {
        family = .v4
        bits = UInt128(v4)
    }

    package init(v6: UInt128) {
        family = .v6
        bits = v6
    }

    /// Dotted decimal with four parts, or RFC 4291 §2.2 text without brackets or zone; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4: UInt32(bigEndian: v4.s_addr))
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(v6)
        } else {
            return nil
        }
    }

    /// nil unless it is an internet address of at least its family's length.
    package init?(_ address: UnsafePointer<sockaddr>, length: Int) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            self.init(v4: UInt32(bigEndian: raw.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            self.init(raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr)
        default:
            return nil
        }
    }

    private init(_ address: in6_addr) {
        self.init(v6: withUnsafeBytes(of: address) { bytes in bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } })
    }

    package var bitWidth: Int { family == .v4 ? 32 : 128 }

    package var description: String {
        var buffer = [CChar](repeating: 0, count: 64)
        switch family {
        case .v4:
            var address = in_addr(s_addr: UInt32(truncatingIfNeeded: bits).bigEndian)
            inet_ntop(AF_INET, &address, &buffer, socklen_t(buffer.count))
        case .v6:
            var address = bits.bigEndian
            inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count))
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// As it stands in a URL or before a port: IPv6 in brackets.
    package var bracketed: String { family == .v6 ? "[\(description)]" : description }

    func socketAddress(port: Int) throws -> SocketAddress { try SocketAddress(ipAddress: description, port: port) }
}

/// "Connection refused" and the like.
func systemMessage(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    // The XSI form: Swift's Glibc is built without _GNU_SOURCE.
    strerror_r(code, &buffer, buffer.count)
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
