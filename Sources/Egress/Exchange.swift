internal import NIOCore

/// One plain request and its answer, passing through: which bytes go where, and what may follow.
///
/// The answer's bytes are passed on as they came. They are only read to learn where the answer ends, since the client may then
/// ask another host over the same connection. Whatever could be read in two ways is taken to last until the connection closes:
/// a reader that disagreed with the client about the end could make it take one site's bytes for another site's answer.
struct Exchange {
    enum Answer: Equatable {
        /// More is to come.
        case open
        /// The answer is over. `reusable`: both connections may carry another exchange.
        case over(reusable: Bool)
        /// 101: from now on both directions are bytes.
        case upgraded
        /// The upstream proxy wants another login; nothing was passed on.
        case proxyLogin
    }

    private let isHead: Bool
    private let isPersistent: Bool
    private let throughProxy: Bool
    private var requestBody: BodyFrame
    private var reader: HeadReader
    private let headLimit: Int
    private var responseBody: BodyFrame?
    private var serverPersists = false
    /// True once a byte of the answer was seen.
    private(set) var isAnswered = false

    init(_ request: RelayRequest, throughProxy: Bool, headLimit: Int) {
        isHead = request.method == Array("HEAD".utf8)
        isPersistent = request.isPersistent
        requestBody = request.body
        self.throughProxy = throughProxy
        self.headLimit = headLimit
        reader = HeadReader(limit: headLimit, skipsEmptyLines: false)
    }

    var isRequestComplete: Bool { requestBody.isComplete }
    /// The answer ends with the connection: more bytes from the client can't be answered on it.
    var endsWithConnection: Bool { responseBody?.endsWithConnection ?? false }

    /// The part of `buffer` that belongs to this request's body; nil where the client's chunks can't be followed.
    mutating func request(_ buffer: inout ByteBuffer) -> ByteBuffer? {
        let count = requestBody.take(from: buffer)
        return requestBody.isBroken ? nil : buffer.readSlice(length: count)
    }

    /// What of `buffer` goes to the client, and how things stand then. With `upgraded`, the rest stays in the buffer.
    mutating func response(_ buffer: inout ByteBuffer) -> (forward: ByteBuffer, Answer) {
        var forward = ByteBuffer()
        isAnswered = isAnswered || buffer.readableBytes > 0
        while responseBody == nil {
            switch reader.read(from: &buffer) {
            case .more: return (forward, .open)
            case .malformed:
                forward.writeBytes(reader.bytes)
                responseBody = .untilClose
            case .head(let head):
                let status = Self.status(head)
                if throughProxy, status == 407 { return (forward, .proxyLogin) }
                forward.writeBytes(reader.bytes)
                switch status {
                case 101?: return (forward, .upgraded)
                case (100..<200)?: reader = HeadReader(limit: headLimit, skipsEmptyLines: false)
                default: begin(head, status: status)
                }
            }
        }
        let count = responseBody?.take(from: buffer) ?? 0
        if var body = buffer.readSlice(length: count) { forward.writeBuffer(&body) }
        // Broken chunks: the client may see the end elsewhere, or nowhere.
        if responseBody?.isBroken == true { responseBody = .untilClose }
        guard responseBody?.isComplete == true else { return (forward, .open) }
        return (forward, .over(reusable: isPersistent && serverPersists && requestBody.isComplete && buffer.readableBytes == 0))
    }

    /// The part of an unfinished head that waits for its rest; what to pass on when the other side closed.
    func heldBack() -> ByteBuffer { responseBody == nil ? ByteBuffer(bytes: reader.bytes) : ByteBuffer() }

    private mutating func begin(_ head: MessageHead, status: Int?) {
        guard let status, let framing = head.framing else {
            responseBody = .untilClose
            return
        }
        serverPersists =
            head.startLine.starts(with: "HTTP/1.1".utf8) && !head.has("close", in: "connection") && !head.has("close", in: "proxy-connection")
        if isHead || status == 204 || status == 304 {
            responseBody = BodyFrame.none
            return
        }
        switch framing {
        case .unstated: responseBody = .untilClose
        case .length(let length): responseBody = .length(length)
        case .chunked: responseBody = .chunked
        }
    }

    /// nil unless it is HTTP/1.0 or 1.1 with three digits.
    private static func status(_ head: MessageHead) -> Int? {
        let line = head.startLine
        guard line.count >= 12, line.starts(with: "HTTP/1.".utf8), line[7] == 48 || line[7] == 49, line[8] == 32,
            line[9...11].allSatisfy({ (48...57).contains($0) }), line.count == 12 || line[12] == 32
        else { return nil }
        return line[9...11].reduce(0) { $0 * 10 + Int($1 - 48) }
    }
}
