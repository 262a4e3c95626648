internal import Hummingbird

/// Who comes in, and how often. It stands before every route.
package struct Gate: Sendable {
    package let authenticator: Authenticator
    package let limiter: RateLimiter
    /// Microseconds since 1970.
    package let clock: @Sendable () -> Int64

    package init(authenticator: Authenticator, limiter: RateLimiter, clock: @escaping @Sendable () -> Int64) {
        self.authenticator = authenticator
        self.limiter = limiter
        self.clock = clock
    }

    /// Throws unless this may be asked by whoever asks it, now.
    func admit(_ request: Request, _ context: CallContext, to endpoint: Endpoint, now: Int64) async throws -> Caller? {
        let caller: Caller?
        do { caller = try await authenticator.caller(request.headers, peer: context.peer, now: now) } catch {
            // Guessing keys is limited, too.
            try take("from \(context.peer ?? "")", context, now)
            throw error
        }
        context.notes.note { $0.caller = caller?.id }
        try take(caller?.id ?? "from \(context.peer ?? "")", context, now)
        if let refusal = Problem.refusal(endpoint.access, caller) { throw refusal }
        if !request.method.isSafe, let fault = CrossSite(request).fault(of: caller) { throw Problem(.crossSite, fault) }
        return caller
    }

    private func take(_ name: String, _ context: CallContext, _ now: Int64) throws {
        let verdict = limiter.take(name, now: now)
        let headers = verdict.headers(limiter.limit)
        context.notes.note { $0.headers = headers }
        guard verdict.isAllowed else {
            let limit = limiter.limit
            throw Problem(
                .tooManyRequests,
                "more than \(limit.quota) requests in \(limit.window.wholeSeconds) seconds; wait as long as Retry-After says",
                retryAfter: verdict.wait)
        }
    }
}
