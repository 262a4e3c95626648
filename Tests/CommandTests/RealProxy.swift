import Foundation
import Glibc
import TestMaterial

/// A proxy of somebody else's making, on a free port of loopback: tinyproxy for HTTP, microsocks for SOCKS5.
enum RealProxy: String, Sendable, CaseIterable {
    case http, socks5

    static let isInstalled = ["/usr/bin/tinyproxy", "/usr/bin/microsocks"].allSatisfy(FileManager.default.isExecutableFile(atPath:))

    /// Lends the proxy's port to `body`; it is ended afterwards, by its id.
    func with<Value>(login: (user: String, password: String)? = nil, _ body: (_ port: Int) async throws -> Value) async throws -> Value {
        try await withTemporaryFolder { folder in
            let port = try RealProxy.freePort()
            let arguments: [String]
            switch self {
            case .http:
                let file = folder.appending(path: "tinyproxy.conf")
                let auth = login.map { "BasicAuth \($0.user) \($0.password)\n" } ?? ""
                try "Port \(port)\nListen 127.0.0.1\nTimeout 60\nMaxClients 100\nLogLevel Error\n\(auth)".write(to: file, atomically: true, encoding: .utf8)
                arguments = ["/usr/bin/tinyproxy", "-d", "-c", file.path]
            case .socks5:
                arguments = ["/usr/bin/microsocks", "-i", "127.0.0.1", "-p", "\(port)"] + (login.map { ["-u", $0.user, "-P", $0.password] } ?? [])
            }
            let null = open("/dev/null", O_RDWR)
            defer { close(null) }
            let child = try Command.Child(arguments, environment: [:], descriptors: [null, null, null])
            defer { kill(child.processIdentifier, SIGKILL) }
            try await RealProxy.listens(port)
            return try await body(port)
        }
    }

    /// One that nobody listens on at this moment.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func listens(_ port: Int) async throws {
        for _ in 0..<200 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let isThere = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
            }
            if isThere { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw POSIXError(.ECONNREFUSED)
    }
}
