/// What a client of the relay asks for, read from the head of its request.
struct RelayRequest {
    enum Form: Equatable {
        /// A tunnel, RFC 9110 §9.3.6.
        case tunnel
        /// A plain request for `http://…`; `path` is its origin form (path and query).
        case plain(path: [UInt8])
    }

    /// Answered with this status and text; the connection ends.
    struct Invalid: Error, Equatable {
        var status: Int
        var message: String
    }

    let form: Form
    let target: Authority
    let method: [UInt8]
    let body: BodyFrame
    /// The client goes on with another request after this one.
    let isPersistent: Bool
    private let head: MessageHead

    /// For reports: scheme, host, port and path without the query, at most 300 characters.
    var label: String {
        guard case .plain(let path) = form else { return target.description }
        return "http://\(target)" + String(decoding: path.prefix { $0 != UInt8(ascii: "?") }.prefix(300), as: UTF8.self)
    }

    init(_ head: MessageHead) throws(Invalid) {
        let parts = head.startLine.split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[2].starts(with: "HTTP/1.".utf8), parts[2].count == 8 else {
            throw Invalid(status: 400, message: "the request line can't be read")
        }
        guard parts[1].allSatisfy({ $0 > 32 && $0 != 127 }) else {
            throw Invalid(status: 400, message: "the request target has control characters")
        }
        self.head = head
        method = Array(parts[0])
        isPersistent =
            parts[2].last != UInt8(ascii: "0") && !head.has("close", in: "connection") && !head.has("close", in: "proxy-connection")

        if method == Array("CONNECT".utf8) {
            guard let authority = Authority(String(decoding: parts[1], as: UTF8.self), defaultPort: nil) else {
                throw Invalid(status: 400, message: "CONNECT wants host:port")
            }
            (form, target, body) = (.tunnel, authority, .none)
            return
        }
        let scheme = Array("http://".utf8)
        guard parts[1].prefix(scheme.count).map(asciiLowercased) == scheme else {
            throw Invalid(
                status: 400, message: "this is a proxy: it takes CONNECT, and requests for absolute http:// addresses")
        }
        let rest = parts[1].dropFirst(scheme.count)
        let authorityBytes = rest.prefix { ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
        guard let authority = Authority(String(decoding: authorityBytes, as: UTF8.self), defaultPort: 80) else {
            throw Invalid(status: 400, message: "the address's host or port can't be read")
        }
        target = authority
        let path = rest.dropFirst(authorityBytes.count)
        form = .plain(path: path.first == UInt8(ascii: "/") ? Array(path) : [UInt8(ascii: "/")] + path)
        switch head.framing {
        case .unstated: body = .none
        case .length(let length): body = .length(length)
        case .chunked: body = .chunked
        case nil: throw Invalid(status: 400, message: "where the body ends can be read in two ways")
        }
    }

    /// The head for the site, or, with `proxy`, for an upstream HTTP proxy. Everything but the proxy's own fields stays as the
    /// client wrote it; Host is what the target says, RFC 9112 §3.2.2.
    func forwarded(through proxy: UpstreamProxy? = nil) -> [UInt8] {
        guard case .plain(let path) = form else { return [] }
        let host = target.port == 80 ? String(target.description.dropLast(3)) : target.description
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        bytes += method
        bytes.append(32)
        if proxy != nil { bytes += "http://\(host)".utf8 }
        bytes += path
        bytes += " HTTP/1.1\r\nHost: \(host)\r\n".utf8
        if let authorization = proxy?.basicAuthorization { bytes += "Proxy-Authorization: \(authorization)\r\n".utf8 }
        for field in head.fields
        where !field.isNamed("host") && !field.isNamed("proxy-authorization") && !field.isNamed("proxy-connection") {
            bytes += field.name
            bytes.append(UInt8(ascii: ":"))
            bytes.append(32)
            bytes += field.value
            bytes.append(13)
            bytes.append(10)
        }
        // A client that speaks 1.0, or says close in the proxy's own field, must not get a connection that lingers.
        if !isPersistent, !head.has("close", in: "connection") { bytes += "Connection: close\r\n".utf8 }
        bytes.append(13)
        bytes.append(10)
        return bytes
    }
}
