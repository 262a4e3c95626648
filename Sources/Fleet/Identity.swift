import DevTools

/// Who we say we are: Chromium's own user agent without "Headless", and our name. The same for every request of a browser, and for
/// requests without one.
package struct Identity: Sendable, Hashable {
    /// "Gleaner/0.1.0 (+https://…)"
    package var token: String
    /// Address of electronic mail of who answers for us (`From`, RFC 9110 §10.1.2); nil where nobody is named.
    package var contact: String?

    package init(token: String, contact: String? = nil) { (self.token, self.contact) = (token, contact) }

    /// Chromium tells only its major version (user agent reduction), and always this platform on Linux.
    ///
    /// - Parameter version: "156.0.8078.79"
    package func userAgent(chromium version: String) -> String {
        let major = version.prefix { $0 != "." }
        return "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/\(major).0.0.0 Safari/537.36 \(token)"
    }

    /// Client hints that agree with it (User-Agent Client Hints, WICG).
    func metadata(chromium version: String) -> Emulation.UserAgentMetadata {
        let major = String(version.prefix { $0 != "." })
        return Emulation.UserAgentMetadata(
            brands: [Emulation.Brand("Chromium", major), Emulation.Brand("Not)A;Brand", "8")],
            fullVersionList: [Emulation.Brand("Chromium", version), Emulation.Brand("Not)A;Brand", "8.0.0.0")],
            platform: "Linux", platformVersion: "", architecture: "x86")
    }
}
