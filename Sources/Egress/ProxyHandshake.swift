internal import NIOCore

/// How a tunnel through an upstream proxy begins: bytes in, bytes or a verdict out.
struct ProxyHandshake {
    enum Step: Equatable {
        case wait
        case send([UInt8])
        /// What is left in the buffer belongs to the tunnel.
        case open
        case failed(EgressError.Code, String)
    }

    private enum State {
        case connect(HeadReader)
        // RFC 1928 §3, RFC 1929 §2, RFC 1928 §6: which answer comes next.
        case method
        case login
        case reply
        case done
    }

    private let proxy: UpstreamProxy
    private let target: Authority
    private let address: IPAddress?
    private var state: State

    /// - Parameter address: what `target` was resolved to and checked as; nil lets the proxy resolve the name.
    init(_ proxy: UpstreamProxy, target: Authority, address: IPAddress?) {
        self.proxy = proxy
        self.target = target
        self.address = address
        state = proxy.scheme.isSOCKS ? .method : .connect(HeadReader(limit: 16384, skipsEmptyLines: false))
    }

    /// What is sent first.
    var greeting: [UInt8] {
        if proxy.scheme.isSOCKS { return proxy.login == nil ? [5, 1, 0] : [5, 2, 0, 2] }
        let authorization = proxy.basicAuthorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
        return Array("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\(authorization)\r\n".utf8)
    }

    mutating func receive(_ buffer: inout ByteBuffer) -> Step {
        switch state {
        case .connect(var reader):
            let outcome = reader.read(from: &buffer)
            state = .connect(reader)
            return answer(outcome)
        case .method:
            guard let bytes = buffer.readBytes(length: 2) else { return .wait }
            guard bytes[0] == 5 else { return .failed(.proxyFailed, "\(proxy) doesn't speak SOCKS5") }
            switch (bytes[1], proxy.login) {
            case (0, _):
                state = .reply
                return .send(connectRequest)
            case (2, let login?):
                state = .login
                let (user, password) = (Array(login.user.utf8.prefix(255)), Array(login.password.utf8.prefix(255)))
                return .send([1, UInt8(user.count)] + user + [UInt8(password.count)] + password)
            case (_, nil): return .failed(.proxyLogin, "\(proxy) wants a login")
            case (_, _?): return .failed(.proxyLogin, "\(proxy) takes no login by user and password")
            }
        case .login:
            guard let bytes = buffer.readBytes(length: 2) else { return .wait }
            guard bytes[1] == 0 else { return .failed(.proxyLogin, "\(proxy) refused the login") }
            state = .reply
            return .send(connectRequest)
        case .reply:
            let start = buffer.readerIndex
            guard let head = buffer.getBytes(at: start, length: min(5, buffer.readableBytes)), head.count == 5 else { return .wait }
            guard head[0] == 5 else { return .failed(.proxyFailed, "\(proxy) doesn't speak SOCKS5") }
            guard head[1] == 0 else { return .failed(.proxyRefused, "\(proxy) can't reach \(target): \(Self.reason(head[1]))") }
            let length: Int
            switch head[3] {
            case 1: length = 10
            case 3: length = 7 + Int(head[4])
            case 4: length = 22
            default: return .failed(.proxyFailed, "\(proxy) doesn't speak SOCKS5")
            }
            guard buffer.readBytes(length: length) != nil else { return .wait }
            state = .done
            return .open
        case .done: return .open
        }
    }

    private mutating func answer(_ outcome: HeadReader.Outcome) -> Step {
        switch outcome {
        case .more: return .wait
        case .malformed(let why): return .failed(.proxyFailed, "\(proxy) didn't answer as an HTTP proxy: \(why)")
        case .head(let head):
            let status = Int(String(decoding: head.startLine.dropFirst(9).prefix(3), as: UTF8.self)) ?? 0
            guard head.startLine.starts(with: "HTTP/1.".utf8), status != 0 else {
                return .failed(.proxyFailed, "\(proxy) didn't answer as an HTTP proxy")
            }
            guard status != 407 else { return .failed(.proxyLogin, "\(proxy) refused the login") }
            guard (200..<300).contains(status) else { return .failed(.proxyRefused, "\(proxy) can't reach \(target): status \(status)") }
            state = .done
            return .open
        }
    }

    private var connectRequest: [UInt8] {
        let place: [UInt8]
        switch address ?? IPAddress(target.host) {
        case let address?:
            let width = address.bitWidth / 8
            place = [address.family == .v4 ? 1 : 4] + (0..<width).map { UInt8(truncatingIfNeeded: address.bits >> ((width - 1 - $0) * 8)) }
        case nil:
            let name = Array(target.host.utf8.prefix(255))
            place = [3, UInt8(name.count)] + name
        }
        return [5, 1, 0] + place + [UInt8(truncatingIfNeeded: target.port >> 8), UInt8(truncatingIfNeeded: target.port)]
    }

    /// RFC 1928 §6.
    private static func reason(_ code: UInt8) -> String {
        switch code {
        case 2: "not allowed by its rules"
        case 3: "network unreachable"
        case 4: "host unreachable"
        case 5: "connection refused"
        case 6: "time-out on the way"
        case 7, 8: "it doesn't support that"
        default: "general failure"
        }
    }
}
