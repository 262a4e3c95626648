package import Hummingbird
internal import Synchronization

/// How often one caller may ask.
package struct RateLimit: Sendable, Hashable {
    /// Requests that may come at once.
    package var quota: Int
    /// In which the quota comes back, evenly.
    package var window: Duration

    package init(quota: Int, window: Duration) {
        self.quota = max(1, quota)
        self.window = max(.seconds(1), window)
    }

    /// For each token, in microseconds.
    var interval: Double { Double(window.microseconds) / Double(quota) }
}

/// A token bucket.
package struct TokenBucket: Sendable, Hashable {
    package let limit: RateLimit
    private var tokens: Double
    /// Microseconds.
    private var time: Int64

    package init(_ limit: RateLimit, now: Int64) {
        self.limit = limit
        tokens = Double(limit.quota)
        time = now
    }

    package struct Verdict: Sendable, Hashable {
        package var isAllowed: Bool
        package var remaining: Int
        /// Until the quota is whole again.
        package var untilFull: Duration
        /// Until the next request is allowed.
        package var wait: Duration
    }

    package mutating func take(now: Int64) -> Verdict {
        refill(now)
        let isAllowed = tokens >= 1
        if isAllowed { tokens -= 1 }
        return Verdict(
            isAllowed: isAllowed, remaining: Int(tokens), untilFull: .microseconds(Int64((Double(limit.quota) - tokens) * limit.interval)),
            wait: tokens >= 1 ? .zero : .microseconds(Int64(((1 - tokens) * limit.interval).rounded(.up))))
    }

    /// Nothing is lost by forgetting it.
    mutating func isFull(now: Int64) -> Bool {
        refill(now)
        return tokens >= Double(limit.quota)
    }

    /// A clock that is set back gives nothing and takes nothing.
    private mutating func refill(_ now: Int64) {
        let (passed, overflow) = now.subtractingReportingOverflow(time)
        time = now
        guard overflow || passed > 0 else { return }
        tokens = overflow ? Double(limit.quota) : min(Double(limit.quota), tokens + Double(passed) / limit.interval)
    }
}

extension TokenBucket.Verdict {
    /// RateLimit-Policy and RateLimit of draft-ietf-httpapi-ratelimit-headers-10.
    package func headers(_ limit: RateLimit) -> HTTPFields {
        var fields = HTTPFields()
        fields[text: "RateLimit-Policy"] = "\"key\";q=\(limit.quota);w=\(limit.window.wholeSeconds)"
        fields[text: "RateLimit"] = "\"key\";r=\(remaining);t=\(untilFull.wholeSeconds)"
        return fields
    }
}

/// The buckets of all callers. It holds `mostCallers` at most; beyond that the new ones share one.
package final class RateLimiter: Sendable {
    private static let mostCallers = 10_000

    private struct State {
        var buckets: [String: TokenBucket] = [:]
        var swept: Int64?
    }

    package let limit: RateLimit
    private let state = Mutex(State())

    package init(_ limit: RateLimit) { self.limit = limit }

    package func take(_ caller: String, now: Int64) -> TokenBucket.Verdict {
        state.withLock { state in
            var caller = caller
            if state.buckets[caller] == nil, state.buckets.count >= RateLimiter.mostCallers {
                // Once a second is enough, and can't be made a burden.
                if state.swept.map({ now < $0 || now &- $0 > 1_000_000 }) ?? true {
                    state.swept = now
                    for name in Array(state.buckets.keys) where state.buckets[name]?.isFull(now: now) == true { state.buckets[name] = nil }
                }
                if state.buckets.count >= RateLimiter.mostCallers { caller = "" }
            }
            return state.buckets[caller, default: TokenBucket(limit, now: now)].take(now: now)
        }
    }
}
