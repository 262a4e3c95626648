internal import CCurl
internal import Egress

/// An http or https address, read by the very code that will connect to it, so that the one who checks the host and the one who
/// connects can't read it differently.
package struct FetchURL: Sendable, Hashable, CustomStringConvertible {
    /// Absolute, percent-encoded, host in Punycode, with the login where there is one.
    package let text: String
    package let scheme: String
    /// Lower case, without brackets; old spellings of IPv4 are dotted decimal here.
    package let host: String
    package let port: Int
    /// `text` without the login.
    package let description: String

    /// - Parameter base: what a relative `text` is relative to.
    package init(_ text: String, relativeTo base: FetchURL? = nil) throws(FetchError) {
        let shown = String(text.prefix(200))
        func invalid(_ why: String) -> FetchError { FetchError(.invalidURL, "\(shown.debugDescription) is no address to fetch: \(why)") }
        // C would read only what stands before it.
        guard !text.utf8.contains(0) else { throw invalid("it has a null character") }
        guard let handle = curl_url() else { throw invalid("out of memory") }
        defer { curl_url_cleanup(handle) }
        if let base, curl_url_set(handle, CURLUPART_URL, base.text, 0) != CURLUE_OK { throw invalid("its base can't be read") }
        let flags = UInt32(CURLU_URLENCODE | CURLU_ALLOW_SPACE | CURLU_NON_SUPPORT_SCHEME)
        let trimmed = Self.trimmed(text)
        guard !trimmed.isEmpty else { throw invalid("it is empty") }
        let code = curl_url_set(handle, CURLUPART_URL, trimmed, flags)
        guard code == CURLUE_OK else { throw invalid(Self.reason(code)) }
        guard let scheme = Self.part(handle, CURLUPART_SCHEME, 0), scheme == "http" || scheme == "https" else {
            throw invalid("only http and https are spoken")
        }
        guard let host = Self.part(handle, CURLUPART_HOST, CURLU_PUNYCODE), !host.isEmpty,
            let port = Self.part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }), (1...65535).contains(port),
            let whole = Self.part(handle, CURLUPART_URL, CURLU_PUNYCODE)
        else { throw invalid("its host or port can't be read") }
        self.text = whole
        self.scheme = scheme
        self.host = HostName.normalized(host)
        self.port = port
        for part in [CURLUPART_USER, CURLUPART_PASSWORD] { curl_url_set(handle, part, nil, 0) }
        description = Self.part(handle, CURLUPART_URL, CURLU_PUNYCODE) ?? "\(scheme)://\(host):\(port)"
    }

    /// RFC 6454 §4.
    func isSameOrigin(as other: FetchURL) -> Bool { scheme == other.scheme && host == other.host && port == other.port }

    private static func part(_ handle: OpaquePointer, _ part: CURLUPart, _ flags: Int32) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
        defer { curl_free(value) }
        return String(cString: value)
    }

    private static func trimmed(_ text: String) -> String {
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, first <= 32 { bytes.removeFirst() }
        while let last = bytes.last, last <= 32 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func reason(_ code: CURLUcode) -> String {
        switch code {
        case CURLUE_BAD_SCHEME, CURLUE_UNSUPPORTED_SCHEME: "its scheme can't be read"
        case CURLUE_NO_SCHEME, CURLUE_NO_HOST: "it has no host; write https:// in front"
        case CURLUE_BAD_PORT_NUMBER: "its port isn't a number of 1 to 65535"
        case CURLUE_BAD_HOSTNAME, CURLUE_BAD_IPV6: "its host can't be read"
        default: curl_url_strerror(code).map { String(cString: $0) } ?? "it is malformed"
        }
    }
}
