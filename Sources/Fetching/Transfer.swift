internal import CCurl
internal import Egress
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One request to one address, without redirects. Filled by the worker's thread; only `isCancelled` is touched by others.
final class Transfer: @unchecked Sendable {
    /// What one hop asks, ready to be given to curl.
    struct Order: Sendable {
        var request: FetchRequest
        var url: FetchURL
        var method: String
        var body: [UInt8]?
        var headers: [HTTPField]
        var destination: Resolver.Destination
        var timeout: Duration
        /// PEM file of authorities to trust instead of the system's.
        var authorities: String?
    }

    struct Outcome: Sendable {
        var status: Int
        var headers: [HTTPField]
        var body: [UInt8]
        var isTruncated: Bool
        var address: IPAddress?
        var version: String
        var bytesReceived: Int
        var isNewConnection: Bool
    }

    /// Of a redirect, which nobody reads; short ones are taken so that the connection can be used again.
    private static let redirectBodyLimit = 64 << 10
    private static let headLimit = 256 << 10

    let number: UInt64
    let order: Order
    let isCancelled = Atomic(false)
    private let continuation: CheckedContinuation<Result<Outcome, FetchError>, Never>

    private var easy: UnsafeMutableRawPointer?
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    private var headers: [HTTPField] = []
    private var headLength = 0
    private var status = 0
    private var body: [UInt8] = []
    private var isTruncated = false
    /// By the request's own wish: no fault, whatever `atLimit` says.
    private var isBrokenOff = false
    private var refusal: AddressRefusal?

    init(number: UInt64, order: Order, continuation: CheckedContinuation<Result<Outcome, FetchError>, Never>) {
        self.number = number
        self.order = order
        self.continuation = continuation
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        cleanUp()
        errorText.deallocate()
    }

    /// Gives curl's part back, on the thread that used it: the task that waits may be the last to hold the transfer.
    func cleanUp() {
        if let easy { curl_easy_cleanup(easy) }
        easy = nil
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }

    /// Called exactly once, by the worker.
    func finish(_ result: Result<Outcome, FetchError>) { continuation.resume(returning: result) }

    // MARK: Setting up

    /// The easy handle, ready to run; nil where curl is out of memory.
    func prepared() -> UnsafeMutableRawPointer? {
        guard let curl = curl_easy_init() else { return nil }
        easy = curl
        let context = Unmanaged.passUnretained(self).toOpaque()
        let request = order.request
        func set(_ option: CURLoption, _ value: Int) { gleaner_curl_set_long(curl, option, value) }
        func set(_ option: CURLoption, _ value: String?) { gleaner_curl_set_string(curl, option, value) }

        set(CURLOPT_URL, order.url.text)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TIMEOUT_MS, order.timeout.milliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds)
        set(CURLOPT_LOW_SPEED_LIMIT, max(0, request.minimumSpeed))
        set(CURLOPT_LOW_SPEED_TIME, request.minimumSpeed > 0 ? max(1, request.minimumSpeedTime.milliseconds / 1000) : 0)
        set(CURLOPT_ACCEPT_ENCODING, "")
        set(CURLOPT_USERAGENT, request.userAgent)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_PIPEWAIT, 1)
        if let authorities = order.authorities {
            set(CURLOPT_CAINFO, authorities)
            set(CURLOPT_PROXY_CAINFO, authorities)
        }
        gleaner_curl_set_pointer(curl, CURLOPT_ERRORBUFFER, errorText)
        gleaner_curl_set_pointer(curl, CURLOPT_PRIVATE, context)
        gleaner_curl_set_write(curl, CURLOPT_WRITEFUNCTION, receiveBody)
        gleaner_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        gleaner_curl_set_write(curl, CURLOPT_HEADERFUNCTION, receiveHeader)
        gleaner_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)

        switch order.method {
        case "GET" where order.body == nil: set(CURLOPT_HTTPGET, 1)
        case "HEAD": set(CURLOPT_NOBODY, 1)
        default:
            if let body = order.body {
                set(CURLOPT_POST, 1)
                gleaner_curl_set_offset(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
                body.withUnsafeBytes { bytes in
                    // An empty body has no address; curl wants some.
                    withUnsafePointer(to: UInt8(0)) { nothing in
                        let start = bytes.baseAddress ?? UnsafeRawPointer(nothing)
                        gleaner_curl_set_pointer(curl, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
                    }
                }
            }
            set(CURLOPT_CUSTOMREQUEST, order.method)
        }
        // "Expect:" would wait a second for servers that don't know it.
        let fields = order.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" } + ["Expect:"]
        setList(curl, CURLOPT_HTTPHEADER, fields)
        setWayOut(curl, context)
        return curl
    }

    private func setWayOut(_ curl: UnsafeMutableRawPointer, _ context: UnsafeMutableRawPointer) {
        // Never what the environment says (http_proxy, no_proxy).
        gleaner_curl_set_string(curl, CURLOPT_NOPROXY, "")
        switch order.request.wayOut {
        case .direct:
            gleaner_curl_set_string(curl, CURLOPT_PROXY, "")
            gleaner_curl_set_open_socket(curl, openSocket)
            gleaner_curl_set_pointer(curl, CURLOPT_OPENSOCKETDATA, context)
            gleaner_curl_set_before_request(curl, beforeRequest)
            gleaner_curl_set_pointer(curl, CURLOPT_PREREQDATA, context)
        case .proxy(let proxy):
            let host = proxy.host.contains(":") ? "[\(proxy.host)]" : proxy.host
            gleaner_curl_set_string(curl, CURLOPT_PROXY, "\(proxy.scheme.rawValue)://\(host):\(proxy.port)")
            if let login = proxy.login {
                gleaner_curl_set_long(curl, CURLOPT_PROXYAUTH, 1)  // Basic
                gleaner_curl_set_string(curl, CURLOPT_PROXYUSERNAME, login.user)
                gleaner_curl_set_string(curl, CURLOPT_PROXYPASSWORD, login.password)
            }
        }
        guard case .addresses(let addresses) = order.destination, IPAddress(order.url.host) == nil else { return }
        // "+": it may be forgotten like anything that was looked up, since the next transfer brings its own.
        let list = addresses.map(\.bracketed).joined(separator: ",")
        setList(curl, CURLOPT_RESOLVE, ["+\(order.url.host):\(order.url.port):\(list)"])
    }

    private func setList(_ curl: UnsafeMutableRawPointer, _ option: CURLoption, _ values: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values { list = curl_slist_append(list, value) ?? list }
        guard let list else { return }
        lists.append(list)
        gleaner_curl_set_pointer(curl, option, list)
    }

    // MARK: While it runs

    /// False to break off.
    fileprivate func receive(header line: UnsafeRawBufferPointer) -> Bool {
        headLength += line.count
        guard headLength <= Self.headLimit else { return false }
        if line.starts(with: "HTTP/".utf8) {
            // Another head begins: after an interim one, or one that asked for a login.
            headers.removeAll()
            var code = 0
            if let easy { gleaner_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &code) }
            status = code
            return true
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let value = Self.trimmed(line[(colon + 1)...])
        headers.append(HTTPField(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
        return true
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var bytes = bytes.drop { $0 <= 32 }
        while let last = bytes.last, last <= 32 { bytes.removeLast() }
        return bytes
    }

    /// How many bytes are taken; fewer than there are breaks off.
    fileprivate func receive(body bytes: UnsafeRawBufferPointer) -> Int {
        let isRedirect = (300..<400).contains(status) && field("location") != nil
        let limit = isRedirect ? Self.redirectBodyLimit : max(0, order.request.sizeLimit)
        if body.isEmpty, !isRedirect, order.request.atLimit == .fail,
            let length = field("content-length").flatMap({ Int($0) }), length > limit
        {
            isTruncated = true
            return 0
        }
        let room = limit - body.count
        body.append(contentsOf: bytes.prefix(room))
        if !isRedirect, let onBody = order.request.onBody, !onBody(Array(bytes.prefix(room))) {
            isTruncated = true
            isBrokenOff = true
            return 0
        }
        guard bytes.count > room else { return bytes.count }
        isTruncated = true
        return 0
    }

    private func field(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    /// False where the address may not be connected to; the reason is kept.
    fileprivate func allows(_ address: IPAddress?, port: Int) -> Bool {
        guard let address else { return false }
        guard let found = order.request.rules.refusal(of: address, port: port, host: order.url.host) else { return true }
        refusal = found
        return false
    }

    // MARK: The end

    func outcome(_ code: CURLcode) -> Result<Outcome, FetchError> {
        guard let easy else { return .failure(FetchError(.broken, "\(order.url): out of memory")) }
        if code != CURLE_OK, !(code == CURLE_WRITE_ERROR && isTruncated) { return .failure(explained(code, easy)) }
        let isRedirect = (300..<400).contains(status) && field("location") != nil
        if isTruncated, !isBrokenOff, !isRedirect, order.request.atLimit == .fail {
            return .failure(FetchError(.tooLarge, "\(order.url) is larger than \(order.request.sizeLimit) bytes"))
        }
        if status == 407, order.request.wayOut.proxy != nil {
            return .failure(FetchError(.proxyLogin, "the proxy \(order.request.wayOut) refused the login"))
        }
        var version = 0
        var connections = 0
        var received: curl_off_t = 0
        gleaner_curl_get_long(easy, CURLINFO_HTTP_VERSION, &version)
        gleaner_curl_get_long(easy, CURLINFO_NUM_CONNECTS, &connections)
        gleaner_curl_get_offset(easy, CURLINFO_SIZE_DOWNLOAD_T, &received)
        var address: UnsafePointer<CChar>?
        gleaner_curl_get_string(easy, CURLINFO_PRIMARY_IP, &address)
        return .success(
            Outcome(
                status: status, headers: headers, body: body, isTruncated: isTruncated,
                address: address.flatMap { IPAddress(String(cString: $0)) },
                version: [1: "1.0", 2: "1.1", 3: "2", 30: "3"][version] ?? "?",
                bytesReceived: Int(clamping: received), isNewConnection: connections > 0))
    }

    private func explained(_ code: CURLcode, _ easy: UnsafeMutableRawPointer) -> FetchError {
        let url = order.url
        if let refusal { return FetchError(.addressRefused, "\(url): \(refusal)", refusal: refusal) }
        let detail = errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
        var connectStatus = 0
        gleaner_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &connectStatus)
        if let proxy = order.request.wayOut.proxy {
            if connectStatus == 407 { return FetchError(.proxyLogin, "\(url): the proxy \(proxy) refused the login") }
            if connectStatus >= 300 { return FetchError(.proxyRefused, "\(url): the proxy \(proxy) can't reach it: status \(connectStatus)") }
            // With a proxy, nobody but the proxy was connected to.
            if [CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_PROXY].contains(code) {
                return FetchError(.proxyFailed, "\(url): no way through the proxy \(proxy): \(detail)")
            }
            // What isn't HTTP comes from whom plain requests are sent to.
            let isPlain = url.scheme == "http" && !proxy.scheme.isSOCKS
            if isPlain, [CURLE_GOT_NOTHING, CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL].contains(code) {
                return FetchError(.proxyFailed, "\(url): the proxy \(proxy) doesn't answer as one: \(detail)")
            }
        }
        switch code {
        // What curl says of an answer that doesn't begin with a status line.
        case CURLE_UNSUPPORTED_PROTOCOL where detail.contains("HTTP/0.9"): return FetchError(.broken, "\(url): the answer isn't HTTP")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return FetchError(.invalidURL, "\(url) is no address to fetch: \(detail)")
        case CURLE_COULDNT_RESOLVE_HOST: return FetchError(.nameNotResolved, "\(url): there is no such host")
        case CURLE_COULDNT_CONNECT: return FetchError(.connectionFailed, "\(url): no connection: \(detail)")
        case CURLE_OPERATION_TIMEDOUT:
            return detail.hasPrefix("Operation too slow")
                ? FetchError(.tooSlow, "\(url): too slow: \(detail)")
                : FetchError(.timedOut, "\(url): no whole answer in time: \(detail)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ENGINE_INITFAILED:
            return FetchError(.tls, "\(url): the TLS connection isn't to be trusted: \(detail)")
        default: return FetchError(.broken, "\(url): the connection broke: \(detail)")
        }
    }
}

extension Duration {
    /// At least 1, at most 24 days: curl takes 0 for "no limit", and a C int's worth.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}

// MARK: Called by curl, on the worker's thread. Top level, so that no isolation is inferred for them.

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private func receiveBody(_ data: UnsafeMutablePointer<CChar>, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    transfer(context)?.receive(body: UnsafeRawBufferPointer(start: data, count: size &* count)) ?? 0
}

private func receiveHeader(_ data: UnsafeMutablePointer<CChar>, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    let length = size &* count
    return transfer(context)?.receive(header: UnsafeRawBufferPointer(start: data, count: length)) == true ? length : 0
}

private func openSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    // curl allocates more than the struct for IPv6, so the address is read where it lies.
    guard let address, let transfer = transfer(context), let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return -1 }
    let place = (UnsafeRawPointer(address) + offset).assumingMemoryBound(to: sockaddr.self)
    guard transfer.allows(IPAddress(place, length: Int(address.pointee.addrlen)), port: transfer.order.url.port) else { return -1 }
    // Closed on exec: browsers are started from this process.
    return socket(address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.`protocol`)
}

private func beforeRequest(
    _ context: UnsafeMutableRawPointer?, _ remote: UnsafeMutablePointer<CChar>?, _ local: UnsafeMutablePointer<CChar>?, _ remotePort: Int32,
    _ localPort: Int32
) -> Int32 {
    guard let remote, let transfer = transfer(context) else { return 1 }
    return transfer.allows(IPAddress(String(cString: remote)), port: Int(remotePort)) ? 0 : 1
}
