internal import Foundation

/// `URL#name`: an OpenAI-compatible server and one of its models. The URL is the server's root or its `/v1`.
package struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// Without a slash at the end: what `/chat/completions` is appended to.
    package let base: String
    package let host: String
    package let port: Int
    package let model: String
    private let isSecure: Bool

    package init(_ text: String) throws(InferenceError) {
        func invalid(_ why: String) -> InferenceError {
            InferenceError(
                .badInput, "\"\(text.prefix(200))\" is no model server: \(why). Give it as http://host:port/v1#name-of-the-model.")
        }
        guard let mark = text.firstIndex(of: "#"), text.index(after: mark) < text.endIndex else {
            throw invalid("the model's name is missing after \"#\"")
        }
        let name = String(text[text.index(after: mark)...])
        guard let url = URL(string: String(text[..<mark])), let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let host = url.host(), !host.isEmpty
        else { throw invalid("it begins with no http or https address") }
        guard url.user() == nil, url.password() == nil else { throw invalid("a key belongs into GLEANER_MODEL_KEY, not into the address") }
        guard url.query() == nil else { throw invalid("it has a query") }
        var path = url.path(percentEncoded: true)
        while path.hasSuffix("/") { path.removeLast() }
        for end in ["/chat/completions"] where path.hasSuffix(end) { path.removeLast(end.count) }
        if path.isEmpty { path = "/v1" }
        let shown = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        base = "\(scheme)://\(shown)\(url.port.map { ":\($0)" } ?? "")\(path)"
        self.host = host
        port = url.port ?? (scheme == "https" ? 443 : 80)
        model = name
        isSecure = scheme == "https"
    }

    package var description: String { "\(base)#\(model)" }

    /// A key sent over an open network is anybody's.
    package var mayCarryKey: Bool { isSecure || ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased()) }
}
