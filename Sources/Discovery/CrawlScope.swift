package import Documents

/// Which addresses belong to a crawl.
package struct CrawlScope: Sendable, Equatable {
    /// How far it goes from where it starts.
    package enum Reach: String, Sendable, CaseIterable {
        /// The start pages alone.
        case page
        /// What lies below them on their site: of "/docs" and "/docs/" everything under it, of "/docs/a.html" everything under "/docs/".
        case prefix
        /// Their host and port, http and https alike.
        case host
        /// Everything under the domain that somebody registered: of "www.example.co.uk" also "shop.example.co.uk".
        case domain
        case any
    }

    package enum Verdict: Sendable, Equatable {
        case inside
        /// A sentence that says why.
        case outside(String)
    }

    fileprivate struct Part: Sendable, Equatable {
        var reach: Reach
        var starts: [URLIdentity]
        var include: [AddressPattern]
        var exclude: [AddressPattern]
    }

    /// All of them must hold.
    private var parts: [Part]

    /// Bytes of an address; servers take no longer ones, and patterns take time over them.
    private static let maximumAddress = 8_192

    /// - Parameters:
    ///   - include: where there are any, one of them must match; start pages are inside without.
    ///   - exclude: none of them may match, start pages included.
    package init(_ reach: Reach, of starts: [URLIdentity], include: [AddressPattern] = [], exclude: [AddressPattern] = []) {
        parts = [Part(reach: reach, starts: starts, include: include, exclude: exclude)]
    }

    /// What is inside of both.
    package func narrowed(by other: CrawlScope) -> CrawlScope {
        var scope = self
        scope.parts += other.parts
        return scope
    }

    /// The same scope with one more start, such as the address that a start was redirected to. Patterns hold as before.
    package func extended(by start: URLIdentity) -> CrawlScope {
        var scope = self
        for index in scope.parts.indices { scope.parts[index].starts.append(start) }
        return scope
    }

    /// - Parameter domain: the registrable domain of a host, by the public suffix list.
    package func verdict(on url: URLIdentity, domain: (String) -> String) -> Verdict {
        guard url.isWeb, url.host?.isEmpty == false else { return .outside("it is not an address of the web") }
        let length = url.href.utf8.count
        guard length <= CrawlScope.maximumAddress else { return .outside("it has \(length) bytes") }
        for part in parts {
            if let reason = part.reason(against: url, domain) { return .outside(reason) }
        }
        return .inside
    }
}

extension CrawlScope.Part {
    /// Why the address is outside; nil where it is inside.
    fileprivate func reason(against url: URLIdentity, _ domain: (String) -> String) -> String? {
        if let pattern = exclude.first(where: { $0.matches(url) }) { return "it matches the excluded \(pattern)" }
        guard reach == .any || starts.contains(where: { reaches(from: $0, to: url, domain) }) else {
            let names = Set(starts.map { reach == .domain ? domain($0.host ?? "") : reach == .host ? $0.host ?? "" : $0.href }).sorted()
            let place = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? "…" : "")
            switch reach {
            case .page: return "only \(place) is wanted"
            case .prefix: return "it is not below \(place)"
            case .host, .domain, .any: return "it is not on \(place)"
            }
        }
        if include.isEmpty || include.contains(where: { $0.matches(url) }) { return nil }
        let key = PageKey(url)
        return starts.contains { PageKey($0) == key } ? nil : "it matches none of the included patterns"
    }

    private func reaches(from start: URLIdentity, to url: URLIdentity, _ domain: (String) -> String) -> Bool {
        let isSameHost = start.host == url.host && start.port == url.port
        switch reach {
        case .page: return PageKey(start) == PageKey(url)
        case .prefix:
            let prefix = CrawlScope.folder(of: start.path)
            let path = PageKey.spelled(url.path)
            return isSameHost && (path == prefix || path.hasPrefix(prefix.hasSuffix("/") ? prefix : prefix + "/"))
        case .host: return isSameHost
        case .domain:
            guard let one = start.host, let other = url.host else { return false }
            return one == other || domain(one) == domain(other)
        case .any: return true
        }
    }
}

extension CrawlScope {
    /// A last part with a dot is taken for a file.
    fileprivate static func folder(of path: String) -> String {
        let path = PageKey.spelled(path)
        guard let slash = path.lastIndex(of: "/"), path[slash...].contains(".") else { return path }
        return String(path[...slash])
    }
}

/// A pattern of addresses, matched against the whole of what it speaks of.
///
/// "*" stands for anything within a part of the path, "**" for anything at all; everything else for itself. A pattern that begins with "/"
/// speaks of the path on any host: "/products/*"; others of host and path: "*.example.com/blog/**". The query counts only where the
/// pattern has a "?": "/list?page=*".
package struct AddressPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Token: Hashable {
        case byte(UInt8)
        case withinPart, anything
    }

    /// As it was written.
    package let text: String
    private let tokens: [Token]

    /// Bytes of a pattern.
    package static let limit = 1_000

    package init(_ text: String) throws(DiscoveryError) {
        guard !text.isEmpty, text.utf8.count <= AddressPattern.limit, !text.contains("://") else {
            throw DiscoveryError(
                .pattern,
                "the pattern “\(text.prefix(80))” can't be used: write a path as /products/* or a host with a path as "
                    + "*.example.com/blog/**, without scheme, of at most \(AddressPattern.limit) bytes")
        }
        self.text = text
        // Addresses are ASCII by the time they are compared.
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte > 32, byte < 128 { bytes.append(byte) } else { bytes += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8 }
        }
        var tokens: [Token] = []
        for byte in PageKey.spelled(String(decoding: bytes, as: UTF8.self)).utf8 {
            if byte != UInt8(ascii: "*") {
                tokens.append(.byte(byte))
            } else if tokens.last == .withinPart || tokens.last == .anything {
                tokens[tokens.count - 1] = .anything
            } else {
                tokens.append(.withinPart)
            }
        }
        self.tokens = tokens
    }

    package var description: String { text }

    package func matches(_ url: URLIdentity) -> Bool {
        var subject = PageKey.spelled(url.path)
        if text.contains("?"), let query = url.query { subject += "?" + PageKey.spelled(query) }
        if !text.hasPrefix("/") { subject = (url.host ?? "") + (url.port.map { ":\($0)" } ?? "") + subject }
        return matches(Array(subject.utf8))
    }

    /// All places of the pattern at once: time is bounded by length times length, whatever the pattern.
    private func matches(_ subject: [UInt8]) -> Bool {
        var isAt = [Bool](repeating: false, count: tokens.count + 1)
        isAt[0] = true
        skipEmpty(&isAt)
        for byte in subject {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            for (index, token) in tokens.enumerated() where isAt[index] {
                switch token {
                case .byte(let wanted): if byte == wanted { next[index + 1] = true }
                case .withinPart: if byte != UInt8(ascii: "/") { next[index] = true }
                case .anything: next[index] = true
                }
            }
            skipEmpty(&next)
            isAt = next
        }
        return isAt[tokens.count]
    }

    /// A star may stand for nothing.
    private func skipEmpty(_ isAt: inout [Bool]) {
        for (index, token) in tokens.enumerated() where isAt[index] {
            switch token {
            case .withinPart, .anything: isAt[index + 1] = true
            case .byte: break
            }
        }
    }
}

/// What can go wrong in finding addresses: what was asked for can't be done. What sites do wrong is reported as a note instead.
package struct DiscoveryError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A pattern that can't be used; its writer can mend it.
        case pattern
    }

    package var code: Code
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
