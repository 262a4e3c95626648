import Testing
import Visiting

struct StaticTrustTests {
    private func trust(_ seen: [Bool]) -> StaticTrust {
        seen.reduce(into: StaticTrust()) { $0.learn(isStatic: $1) }
    }

    /// Two pages in a row that said the same are enough, and one that doesn't ends it; five make that good.
    @Test(arguments: [
        ([], Loading.compared), ([true], .compared), ([true, true], .fetched), ([true, false, true, true], .compared),
        ([true, true, true, false], .compared), ([true, true, false, true, true, true, true], .compared),
        ([true, true, false, true, true, true, true, true], .fetched),
    ])
    func learns(seen: [Bool], loading: Loading) {
        #expect(trust(seen).loading(luck: 0.5) == loading)
    }

    /// One page in twenty is looked at again, of those that are trusted and of those that differed time and again.
    @Test func looksAgain() {
        let (trusted, written) = (trust([true, true, true]), trust([false, false, false, false]))
        #expect(trusted.loading(luck: 0.049) == .compared && trusted.loading(luck: 0.051) == .fetched)
        #expect(written.loading(luck: 0.049) == .compared && written.loading(luck: 0.051) == .rendered)
    }

    /// However often pages differed, thirty-two that don't are enough to come back.
    @Test func doubtEnds() {
        var trust = trust(Array(repeating: false, count: 100_000))
        for _ in 0..<32 { trust.learn(isStatic: true) }
        #expect(trust.loading(luck: 0.5) == .fetched)
    }
}
