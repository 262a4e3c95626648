package import Egress
package import Foundation

/// A proxy and what its owner says of it.
package struct ListedProxy: Sendable, Hashable {
    package let proxy: UpstreamProxy
    package let tags: ProxyTags

    package init(_ proxy: UpstreamProxy, _ tags: ProxyTags = ProxyTags()) {
        self.proxy = proxy
        self.tags = tags
    }
}

/// A list of proxies as people have it. What can be read is read; each fault names its place, and never the login.
///
/// A text has one proxy a line, and tags after it; what follows a "#" at the beginning of a word says nothing:
///
///     http://user:password@proxy.example:8080 country=DE kind=residential tier=1 weight=2 name=one
///     10.0.0.1:3128
///     10.0.0.2:3128:user:password
///
/// The login of a URL is percent-decoded, that of the third form is not. Without a scheme it is `http`, and the port must be there.
/// A JSON array has such texts, or objects with `url` and the tags, whose values may be texts, numbers or booleans.
package struct ProxyListing: Sendable, Hashable {
    package static let mostEntries = 100_000
    /// Bytes of a line or an entry.
    package static let longestEntry = 4 << 10
    /// Bytes of a list in JSON.
    package static let longestJSON = 16 << 20

    /// Each proxy once, in the order of the list.
    package private(set) var proxies: [ListedProxy] = []
    /// In the order of the list.
    package private(set) var faults: [ProxyError] = []
    /// Proxies that stood in the list before, by address and login; the first place counts.
    package private(set) var repeated = 0
    private var known: Set<UpstreamProxy> = []

    package init(_ data: Data) {
        var bytes = [UInt8](data)[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        if ProxyListing.isJSON(bytes) { readJSON(bytes) } else { readLines(bytes) }
    }

    /// "[" also begins an IPv6 address.
    private static func isJSON(_ bytes: ArraySlice<UInt8>) -> Bool {
        let rest = bytes.drop(while: isSpace)
        if rest.first == UInt8(ascii: "{") { return true }
        guard rest.first == UInt8(ascii: "["), let next = rest.dropFirst().drop(while: isSpace).first else { return false }
        return "\"{]".utf8.contains(next)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    private mutating func readLines(_ bytes: ArraySlice<UInt8>) {
        var number = 0
        var rest = bytes
        while !rest.isEmpty {
            number += 1
            let line = rest.prefix { $0 != 0x0A }
            rest = rest[line.endIndex...].dropFirst()
            guard number <= ProxyListing.mostEntries else {
                return add(ProxyError("a list has \(ProxyListing.mostEntries) lines at most; the rest was not read", at: .line(number)))
            }
            add(at: .line(number)) { () throws(ProxyError) in try ProxyListing.proxy(inLine: line) }
        }
    }

    mutating func add(at place: ProxyError.Place, _ read: () throws(ProxyError) -> ListedProxy?) {
        do throws(ProxyError) {
            guard let listed = try read() else { return }
            // The scheme is only how one speaks to it.
            var identity = listed.proxy
            identity.scheme = .http
            if known.insert(identity).inserted { proxies.append(listed) } else { repeated += 1 }
        } catch {
            faults.append(ProxyError(error.problem, at: place))
        }
    }

    mutating func add(_ fault: ProxyError) { faults.append(fault) }

    /// nil where the line says nothing.
    static func proxy(inLine line: some Collection<UInt8>) throws(ProxyError) -> ListedProxy? {
        guard line.count <= longestEntry else { throw ProxyError("it is longer than \(longestEntry) bytes") }
        guard let text = String(validating: line, as: UTF8.self) else { throw ProxyError("it is not written in UTF-8") }
        let words = text.unicodeScalars.split { [" ", "\t", "\r"].contains($0) }.prefix { $0.first != "#" }.map { Substring($0) }
        guard let first = words.first else { return nil }
        let proxy = try UpstreamProxy(listed: first)
        return ListedProxy(proxy, try ProxyTags(parts: words.dropFirst()))
    }
}

extension UpstreamProxy {
    /// Reads any form that a list may have.
    init(listed text: Substring) throws(ProxyError) {
        var scheme: Scheme?
        var rest = text
        if let mark = text.range(of: "://") {
            // Not repeated: it may be the beginning of a login.
            guard let known = Scheme(rawValue: text[..<mark.lowerBound].lowercased()) else {
                throw ProxyError("its scheme is none of http, https, socks5 and socks5h")
            }
            scheme = known
            rest = text[mark.upperBound...]
        }
        let url = Result { () throws(ProxyError) in try UpstreamProxy(url: rest, scheme) }
        let vendors = UpstreamProxy(addressFirst: rest, scheme ?? .http)
        switch (vendors, url) {
        case (let vendors?, .failure): self = vendors
        case (nil, _): self = try url.get()
        case (_?, .success): throw ProxyError("it can be read in two ways; write it as a URL with %3A and %40 for the : and @ of the login")
        }
    }

    /// `[user[:password]@]host:port`; the port may be missing where there was a scheme.
    private init(url text: Substring, _ scheme: Scheme?) throws(ProxyError) {
        do throws(EgressError) { try self.init("\((scheme ?? .http).rawValue)://\(text)") } catch {
            throw ProxyError(String(error.message.trimmingPrefix("--proxy: ")))
        }
        let place = text.lastIndex(of: "@").map { text[text.index(after: $0)...] } ?? text
        guard scheme != nil || Authority(place, defaultPort: nil) != nil else { throw ProxyError("it has no port; write host:port") }
    }

    /// `host:port:user:password`, as many vendors give it; all after the third colon is the password.
    private init?(addressFirst text: Substring, _ scheme: Scheme) {
        let host = text.first == "[" ? text.prefix { $0 != "]" } : text.prefix { $0 != ":" }
        let rest = text[host.endIndex...]
        guard let colon = rest.firstIndex(of: ":") else { return nil }
        let parts = rest[rest.index(after: colon)...].split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        let login = parts[1...].map { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }.joined(separator: ":")
        try? self.init("\(scheme.rawValue)://\(login)@\(text[..<colon]):\(parts[0])")
    }
}
