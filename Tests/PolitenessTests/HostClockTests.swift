import Testing

@testable import Politeness

@Suite struct HostClockTests {
    /// Our own delay is varied by three tenths both ways; what was asked for is kept, and no more than a little lengthened.
    @Test(
        arguments: [
            (HostClock(delay: 1_000_000), 700_000, 1_300_000), (HostClock(delay: 10_000_000), 7_000_000, 13_000_000),
            (HostClock(delay: 10_000_000, least: 10_000_000), 10_000_000, 10_600_000),
            (HostClock(delay: 1_000_000, least: 900_000), 900_000, 1_100_000), (HostClock(delay: 0), 0, 0),
        ] as [(HostClock, Int64, Int64)])
    func spacingHasBounds(_ clock: HostClock, _ shortest: Int64, _ longest: Int64) {
        #expect(clock.spacing(luck: 0) == shortest)
        #expect(clock.spacing(luck: 1) == longest)
    }

    /// On average a host waits its delay, or three hundredths more where nothing may be taken off it.
    @Test(arguments: [0, 300_000, 800_000, 990_000, 1_000_000] as [Int64])
    func spacingIsTheDelayOnAverage(_ least: Int64) {
        let mean = HostClock(delay: 1_000_000, least: least).spacing(luck: 0.5)
        #expect((1_000_000...1_030_000).contains(mean))
    }

    /// Luck that can't be is no way below the floor.
    @Test(arguments: [-1, -.infinity, .infinity, .nan, 1e300] as [Double])
    func strangeLuckKeepsTheFloor(_ luck: Double) {
        #expect((700_000...1_300_000).contains(HostClock(delay: 1_000_000).spacing(luck: luck)))
    }

    /// Delays that can't be are brought between nothing and a day.
    @Test(arguments: [(Int64.min, 0), (-1, 0), (.max, HostClock.longestDelay)] as [(Int64, Int64)])
    func strangeDelaysAreBounded(_ delay: Int64, _ bounded: Int64) {
        #expect(HostClock(delay: delay, least: .max, burst: .max).delay == bounded)
    }

    /// Moments at the ends of what fits trap nowhere.
    @Test(arguments: [Int64.min, -1, 0, .max])
    func strangeMomentsDoNoHarm(_ moment: Int64) {
        let clock = HostClock(delay: .max, burst: .max)
        #expect(clock.next(after: moment, at: moment, luck: 1) >= moment)
        #expect(clock.next(after: moment, askedAt: moment) >= moment)
        #expect(clock.departure(after: moment, at: moment) >= moment)
    }

    /// A claim that comes late is spaced from then on: what was not used is not caught up with.
    @Test func unusedTimeIsGone() {
        #expect(HostClock(delay: second, least: second).next(after: 0, at: 100 * second, luck: 0) == 101 * second)
    }

    /// After a quiet time as many documents go at once as the rule says, and the next one waits.
    @Test(arguments: [1, 2, 5])
    func aBurstGoesAtOnce(_ burst: Int) {
        let clock = HostClock(delay: second, least: second, burst: burst)
        var (next, count) = (Int64(0), 0)
        while next <= 100 * second {
            next = clock.next(after: next, at: 100 * second, luck: 0.9)
            count += 1
        }
        #expect(count == burst)
    }

    /// A host that never is quiet gets one document a delay, burst or not.
    @Test func aBurstIsNoHigherRate() {
        let clock = HostClock(delay: second, least: second, burst: 5)
        var (next, count) = (100 * second, 0)
        while next < 200 * second {
            next = clock.next(after: next, at: next, luck: 0)
            count += 1
        }
        #expect(count == 100)
    }

    /// A visit that asks later than it was let go moves the clock on by the floor from then.
    @Test func askingLateMovesTheClock() {
        #expect(HostClock(delay: second).next(after: 10 * second, askedAt: 12 * second) == 12_700_000)
    }

    /// One that asked at once doesn't.
    @Test func askingAtOnceLeavesTheClock() {
        #expect(HostClock(delay: second).next(after: 11 * second, askedAt: 10 * second) == 11 * second)
    }

    /// Departures count from each other, by the floor.
    @Test func departuresKeepTheFloor() {
        #expect(HostClock(delay: second).departure(after: 9 * second, at: 10 * second) == 10 * second)
    }

    /// Departures of a burst count from further back.
    @Test func departuresOfABurstCountFromFurtherBack() {
        let clock = HostClock(delay: second, least: second, burst: 3)
        #expect(clock.departure(after: 0, at: 10 * second) == 8 * second)
    }

    /// The same seed gives the same luck.
    @Test func luckIsSeeded() {
        var (a, b) = (Jitter(seed: 7), Jitter(seed: 7))
        #expect((0..<1_000).map { _ in a.next() } == (0..<1_000).map { _ in b.next() })
    }

    /// Luck is from 0 to 1, all over.
    @Test func luckIsEven() {
        var jitter = Jitter(seed: 7)
        let tenths = Dictionary(grouping: (0..<10_000).map { _ in jitter.next() }) { Int(($0 * 10).rounded(.down)) }
        #expect(tenths.keys.sorted() == Array(0..<10))
        #expect(tenths.values.allSatisfy { (900...1_100).contains($0.count) })
    }
}
