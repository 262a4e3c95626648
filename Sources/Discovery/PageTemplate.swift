internal import Documents

/// Pages that one program of a site makes from one table, as far as their addresses tell, read for the same thing.
package struct PageTemplate: Sendable, Hashable {
    package var host: String
    /// "/product/*?colour&size": numbers and names taken out.
    package var path: String
    /// Short mark of what they are read for.
    package var asked: String

    /// - Parameter asked: what the page is read for, as text. Nil for what is no address of a site.
    package init?(_ url: String, asked: String) {
        guard let url = URLIdentity(url), url.isWeb, let host = url.host else { return nil }
        self.init(
            host: url.port.map { "\(host):\($0)" } ?? host, path: AddressShape(url).template, asked: String(StableHash.of(asked), radix: 36))
    }

    /// As it was stored.
    package init(host: String, path: String, asked: String) { (self.host, self.path, self.asked) = (host, path, asked) }
}
