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

/// What went through a proxy, or a pool, or for a run: to be added up. Times are microseconds.
package struct ProxyUsage: Sendable, Hashable, Codable {
    /// Visits, whatever came of them.
    package private(set) var visits: Int64 = 0
    package private(set) var served: Int64 = 0
    package private(set) var dead: Int64 = 0
    package private(set) var banned: Int64 = 0
    /// Both ways, of all visits: that of refused ones costs as much.
    package private(set) var bytes: Int64 = 0
    /// Of the visits that were served, in all.
    package private(set) var latency: Int64 = 0

    package init() {}

    package init(_ outcome: ProxyOutcome, bytes: Int64) {
        visits = 1
        self.bytes = max(0, bytes)
        switch outcome {
        case .served(let time): (served, latency) = (1, max(0, time))
        case .dead: dead = 1
        case .banned: banned = 1
        case .nothing: break
        }
    }

    /// nil where nothing was served.
    package var meanLatency: Int64? { served > 0 ? latency / served : nil }

    package static func + (one: Self, other: Self) -> Self {
        var sum = one
        for part in [\Self.visits, \.served, \.dead, \.banned, \.bytes, \.latency] as [WritableKeyPath<Self, Int64>] {
            sum[keyPath: part] = one[keyPath: part].adding(other[keyPath: part])
        }
        return sum
    }
}
