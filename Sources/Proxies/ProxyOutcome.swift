/// What a visit learnt of the proxy that it went through.
package enum ProxyOutcome: Sendable, Hashable {
    /// The page came, so many microseconds after it was asked for.
    case served(latency: Int64)
    /// The proxy itself can't be used, for any host.
    case dead(Death)
    /// The host doesn't want to see this proxy: a status that says so, a challenge, an empty page, a page about being blocked.
    case banned
    /// Nothing was learnt: the site's own fault, cancelled, never asked.
    case nothing

    package enum Death: String, Sendable, Hashable, Codable {
        case unreachable
        /// No answer in time.
        case timedOut
        /// It answers, but not as such a proxy must.
        case handshake
        /// It doesn't take the login. Waiting seldom cures it.
        case login
    }
}
