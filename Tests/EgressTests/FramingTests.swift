import NIOCore
import Testing

@testable import Egress

@Suite struct FramingTests {
    private func request(_ text: String) throws -> RelayRequest {
        var reader = HeadReader(limit: 65536, skipsEmptyLines: true)
        var buffer = ByteBuffer(string: text)
        guard case .head(let head) = reader.read(from: &buffer) else { throw WireError("no head") }
        return try RelayRequest(head)
    }

    /// What passes of an answer, in pieces of `size`, and how it ends.
    private func pass(
        _ answer: String, to request: String = "GET http://a.test/ HTTP/1.1\r\n\r\n", size: Int
    ) throws -> (text: String, Exchange.Answer) {
        var exchange = Exchange(try self.request(request), throughProxy: false, headLimit: 65536)
        var state = Exchange.Answer.open
        var passed = ByteBuffer()
        var pieces = ByteBuffer(string: answer)
        while state == .open, let piece = pieces.readSlice(length: min(size, max(1, pieces.readableBytes))) {
            var piece = piece
            let (forward, next) = exchange.response(&piece)
            passed.writeImmutableBuffer(forward)
            state = next
        }
        return (String(buffer: passed), state)
    }

    /// RFC 9112 §6.3: where answers end, whatever pieces they come in; not a byte is changed.
    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\ncontent-LENGTH:5\r\nX: \u{e9}\r\n\r\nhello",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n00a\r\n0123456789\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\r\n\r\r\n0\r\nTrailer: x\r\nY: z\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    ], [1, 2, 7, 1000])
    func reusable(answer: String, size: Int) throws {
        let (text, state) = try pass(answer, size: size)
        #expect(text == answer)
        #expect(state == .over(reusable: true))
    }

    /// What can be read in two ways passes whole, and lasts until the connection closes.
    @Test(arguments: [
        "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx", "HTTP/1.1 200 OK\r\nContent-Length: 1,1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nA: b\r\n Content-Length: 1\r\n\r\nx", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", "ICY 200 OK\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nA\rB: c\r\nContent-Length: 1\r\n\r\nx", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n", "<html>no head at all\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx", "HTTP/2 200\r\nContent-Length: 1\r\n\r\nx",
    ], [1, 1000])
    func untilClose(answer: String, size: Int) throws {
        let (text, state) = try pass(answer, size: size)
        #expect(text == answer)
        #expect(state == .open)
    }

    /// An answer is over and nothing may follow it: one side said close, or more came than belongs to it.
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\nx", "GET http://a.test/ HTTP/1.1\r\n\r\n"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "GET http://a.test/ HTTP/1.1\r\n\r\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "GET http://a.test/ HTTP/1.1\r\nConnection: close\r\n\r\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "GET http://a.test/ HTTP/1.0\r\n\r\n"),
        ("HTTP/1.1 413 No\r\nContent-Length: 1\r\n\r\nx", "POST http://a.test/ HTTP/1.1\r\nContent-Length: 10\r\n\r\n"),
    ])
    func overForGood(answer: String, request: String) throws {
        let (text, state) = try pass(answer, to: request, size: 1000)
        #expect(text == answer)
        #expect(state == .over(reusable: false))
        let extra = try pass("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 Mine\r\n\r\n", size: 1000)
        #expect(extra.text == "HTTP/1.1 204 No\r\n\r\n")
        #expect(extra.1 == .over(reusable: false))
    }

    /// HEAD has no body whatever the fields say; 101 ends HTTP.
    @Test func special() throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
        #expect(try pass(head, to: "HEAD http://a.test/ HTTP/1.1\r\n\r\n", size: 3).1 == .over(reusable: true))
        #expect(try pass("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", size: 3).1 == .upgraded)
    }

    /// Requests for the site: origin form, the target's host, nothing of the proxy's.
    @Test(arguments: [
        ("GET http://a.test/x?y=http://b/ HTTP/1.1\r\nHost: evil.test\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: x\r\nA: b\r\n\r\n",
         "GET /x?y=http://b/ HTTP/1.1\r\nHost: a.test\r\nA: b\r\n\r\n"),
        ("GET HTTP://A.Test:8080?q HTTP/1.1\r\n\r\n", "GET /?q HTTP/1.1\r\nHost: a.test:8080\r\n\r\n"),
        ("GET http://[::1]/ HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n"),
        ("\r\n\r\nGET http://a.test HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
         "GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
    ])
    func forwarded(text: String, expected: String) throws {
        #expect(String(decoding: try request(text).forwarded(), as: UTF8.self) == expected)
    }

    /// The same for an upstream proxy: absolute, with the login.
    @Test func forwardedToAProxy() throws {
        let proxy = try UpstreamProxy("http://u:p@proxy.test")
        let bytes = try request("GET http://a.test:81/x HTTP/1.1\r\nA: b\r\n\r\n").forwarded(through: proxy)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "GET http://a.test:81/x HTTP/1.1\r\nHost: a.test:81\r\nProxy-Authorization: Basic dTpw\r\nA: b\r\n\r\n")
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "GET https://a.test/ HTTP/1.1\r\n\r\n", "CONNECT a.test HTTP/1.1\r\n\r\n", "CONNECT :443 HTTP/1.1\r\n\r\n",
        "CONNECT a.test:0 HTTP/1.1\r\n\r\n", "GET http://u@a.test/ HTTP/1.1\r\n\r\n", "GET http:///x HTTP/1.1\r\n\r\n",
        "GET http://a.test/ x HTTP/1.1\r\n\r\n", "GET http://a.test/ HTTP/3.1\r\n\r\n", "CONNECT [::1%25lo]:80 HTTP/1.1\r\n\r\n",
        "POST http://a.test/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "GET http://a.test:99999/ HTTP/1.1\r\n\r\n",
        "GET http://a\u{7f}.test/ HTTP/1.1\r\n\r\n", "GET http://a,b.test/ HTTP/1.1\r\n\r\n",
    ])
    func invalidRequest(text: String) { #expect(throws: RelayRequest.Invalid.self) { try request(text) } }

    /// SOCKS5 byte by byte (RFC 1928, 1929), with what follows the last answer left for the tunnel.
    @Test(arguments: [1, 3, 100])
    func socks(size: Int) throws {
        var handshake = ProxyHandshake(try UpstreamProxy("socks5h://u:pw@p"), target: Authority(host: "a.test", port: 443), address: nil)
        #expect(handshake.greeting == [5, 2, 0, 2])
        let answers: [UInt8] = [5, 2] + [1, 0] + [5, 0, 0, 3, 2, 97, 98, 0, 80] + [42]
        var steps: [ProxyHandshake.Step] = []
        var buffer = ByteBuffer()
        for start in stride(from: 0, to: answers.count, by: size) where steps.last != .open {
            buffer.writeBytes(answers[start..<min(start + size, answers.count)])
            while steps.last != .open {
                let step = handshake.receive(&buffer)
                if step == .wait { break }
                steps.append(step)
            }
        }
        #expect(steps == [.send([1, 1, 117, 2, 112, 119]), .send([5, 1, 0, 3, 6] + Array("a.test".utf8) + [1, 187]), .open])
        #expect([0, 1].contains(buffer.readableBytes))
    }

    /// Each refusal of a proxy is told apart.
    @Test(arguments: [
        ("socks5://p", [UInt8]([5, 0xff]), EgressError.Code.proxyLogin), ("socks5://u:p@p", [5, 2, 1, 1], .proxyLogin),
        ("socks5://p", [4, 0], .proxyFailed), ("socks5://p", [5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0], .proxyRefused),
        ("http://p", Array("HTTP/1.1 407 Login\r\n\r\n".utf8), .proxyLogin), ("http://p", Array("HTTP/1.1 403 No\r\n\r\n".utf8), .proxyRefused),
        ("http://p", Array("SSH-2.0\r\n\r\n".utf8), .proxyFailed), ("http://p", Array("\n".utf8), .proxyFailed),
    ])
    func handshakeFails(proxy: String, answer: [UInt8], code: EgressError.Code) throws {
        var handshake = ProxyHandshake(
            try UpstreamProxy(proxy), target: Authority(host: "a.test", port: 443), address: IPAddress(v4: 0x0102_0304))
        var buffer = ByteBuffer(bytes: answer)
        var step = handshake.receive(&buffer)
        while case .send = step { step = handshake.receive(&buffer) }
        guard case .failed(code, _) = step else { throw WireError("\(step)") }
    }

    /// Turns go in order, to as many as there may be; those that left are passed over.
    @Test func turns() {
        var turns = HostTurns(limit: 2)
        // Macros can't call what changes a value.
        let taken = [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("a", 5), ("a", 6)].map { turns.take($0.0, by: $0.1) }
        #expect(taken == [true, true, true, false, false, false])
        let withdrawn = [turns.withdraw("a", 5), turns.withdraw("a", 5)]
        #expect(withdrawn == [true, false])
        let next = [turns.release("a"), turns.release("a"), turns.release("a")]
        #expect(next == [4, 6, nil])
        let later = [turns.take("a", by: 7), turns.take("a", by: 8)]
        #expect(later == [true, false])
    }
}
