package import Hummingbird

/// Whether a request that changes something was made by another site, in the browser of somebody whom this server trusts.
///
/// Browsers say where a request comes from: Sec-Fetch-Site where the server's address counts as trustworthy (https, loopback), Origin
/// elsewhere. Programs say neither, and a key in a header is nothing that a browser adds by itself.
package struct CrossSite: Sendable, Hashable {
    package var fetchSite: String?
    package var origin: String?
    package var host: String?

    package init(_ request: Request) {
        fetchSite = request.headers[text: "Sec-Fetch-Site"]
        origin = request.headers[.origin]
        host = request.head.authority
    }

    /// The reason to refuse it.
    package func fault(of caller: Caller?) -> String? {
        if case .bearer? = caller?.way { return nil }
        if let fetchSite {
            return fetchSite == "same-origin" ? nil : "a page of another site sent this (\(fetchSite.prefix(20)))"
        }
        if let origin {
            guard let host, origin == "http://\(host)" || origin == "https://\(host)" else {
                return "a page of \(origin.prefix(80)) sent this"
            }
            return nil
        }
        // Every browser says one of them with what isn't GET or HEAD.
        if case .session? = caller?.way { return "neither Sec-Fetch-Site nor Origin says where this comes from" }
        return nil
    }
}

extension HTTPRequest.Method {
    /// RFC 9110 section 9.2.1.
    var isSafe: Bool { [.get, .head, .options, .trace].contains(self) }
}
