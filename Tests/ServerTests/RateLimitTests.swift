import Server
import Testing

@Suite struct RateLimitTests {
    static let limit = RateLimit(quota: 3, window: .seconds(60))

    /// The quota may be used at once; then each interval gives one more.
    @Test func gives() {
        var bucket = TokenBucket(Self.limit, now: 0)
        #expect((0..<4).map { _ in bucket.take(now: 0).isAllowed } == [true, true, true, false])
        #expect(bucket.take(now: 19_999_999).isAllowed == false)
        #expect(bucket.take(now: 20_000_000).isAllowed)
        #expect(!bucket.take(now: 20_000_000).isAllowed)
        #expect((0..<4).map { _ in bucket.take(now: 1_000_000_000).isAllowed } == [true, true, true, false])
    }

    /// It tells what is left, when it is whole again, and how long to wait.
    @Test func tells() {
        var bucket = TokenBucket(Self.limit, now: 0)
        let first = bucket.take(now: 0)
        #expect(first.isAllowed && first.remaining == 2 && first.untilFull == .seconds(20) && first.wait == .zero)
        #expect(first.headers(Self.limit)[text: "RateLimit-Policy"] == "\"key\";q=3;w=60")
        #expect(first.headers(Self.limit)[text: "RateLimit"] == "\"key\";r=2;t=20")
        _ = (bucket.take(now: 0), bucket.take(now: 0))
        let last = bucket.take(now: 5_000_000)
        #expect(!last.isAllowed && last.remaining == 0 && last.untilFull == .seconds(55) && last.wait == .seconds(15))
    }

    /// A clock that is set back neither gives nor blocks for long.
    @Test func mindsTheClock() {
        var bucket = TokenBucket(Self.limit, now: 1_000_000_000)
        _ = (0..<3).map { _ in bucket.take(now: 1_000_000_000) }
        #expect(!bucket.take(now: 0).isAllowed)
        #expect(bucket.take(now: 20_000_000).isAllowed)
        var extremes = TokenBucket(Self.limit, now: .min)
        #expect(extremes.take(now: .max).isAllowed && extremes.take(now: .min).isAllowed)
    }

    /// Callers don't use up each other's quota.
    @Test func isPerCaller() {
        let limiter = RateLimiter(Self.limit)
        #expect((0..<4).map { _ in limiter.take("a", now: 0).isAllowed } == [true, true, true, false])
        #expect(limiter.take("b", now: 0).isAllowed)
    }

    /// More callers than are remembered share one quota; those who are quiet are forgotten.
    @Test func isBounded() {
        let limiter = RateLimiter(Self.limit)
        for number in 0..<10_000 { _ = limiter.take("a\(number)", now: 0) }
        #expect(["x", "y", "z", "w"].map { limiter.take($0, now: 0).isAllowed } == [true, true, true, false])
        #expect(limiter.take("w", now: 60_000_000).isAllowed)
        #expect(limiter.take("v", now: 60_000_000).isAllowed)
    }

    /// A quota of nothing is one of one.
    @Test func isNeverNothing() { #expect(RateLimit(quota: 0, window: .zero) == RateLimit(quota: 1, window: .seconds(1))) }
}
