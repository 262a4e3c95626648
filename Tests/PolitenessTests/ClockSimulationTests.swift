import Politeness
import Testing

@Suite struct ClockSimulationTests {
    /// Up to three hosts that answer, refuse and fail at random.
    private static func world(_ seed: UInt64) -> [SimulatedHost] {
        var chance = Jitter(seed: seed)
        return (0..<(1 + Int(chance.next() * 3))).map { _ in SimulatedHost(&chance) }
    }

    /// In ten thousand schedules, with three processes that claim from the same clocks and with restarts that forget everything, no document
    /// is asked for earlier than its host allows.
    @Test func nobodyIsEarly() {
        var faults: [String] = []
        var (departures, restarts) = (0, 0)
        for seed in 0..<UInt64(10_000) {
            let farm = ClockSimulation.run(ClockSimulationTests.world(seed), seed: seed)
            faults += farm.faults.map { "seed \(seed): \($0)" }
            departures += farm.departures
            restarts += farm.restarts
        }
        print("clock simulation: \(departures) documents, \(restarts) restarts, \(faults.count) early")
        #expect(faults.prefix(5) == [])
        #expect(departures > 100_000 && restarts > 2_000)
    }

    /// Where there is always work, the farm needs hardly longer for it than the rules do: in all, and for each host on average.
    @Test func hardlyAnybodyIsLate() {
        var (needed, ideal) = (0.0, 0.0)
        var shares: [Double] = []
        for seed in 0..<UInt64(2_500) {
            let world = ClockSimulationTests.world(seed)
            let ends = ClockSimulation.run(world, seed: seed).ends
            for (end, best) in zip(ends, ClockSimulation.run(world, seed: seed, .ideal).ends) {
                needed += Double(end)
                ideal += Double(best)
                shares.append(Double(best) / Double(max(end, 1)))
            }
        }
        let mean = shares.reduce(0, +) / Double(shares.count)
        print("clock simulation: of what the rules allow \(ideal / needed), by host \(mean)")
        #expect(ideal / needed >= 0.95)
        #expect(mean >= 0.95)
    }

    /// The same seed gives the same schedule.
    @Test func schedulesAreReproducible() {
        var chance = Jitter(seed: 1)
        let world = (0..<3).map { _ in SimulatedHost(&chance) }
        #expect(ClockSimulation.run(world, seed: 1) == ClockSimulation.run(world, seed: 1))
    }

    /// Where nobody is ever late nor a delay varied, the rules allow one document a delay: the measure is the right one.
    @Test func theIdealIsTheDelay() {
        let hosts = (0..<UInt64(200)).map { seed in
            var chance = Jitter(seed: seed)
            return SimulatedHost(&chance, isCalm: true)
        }
        for (host, end) in zip(hosts, ClockSimulation.run(hosts, seed: 1, .ideal).ends) {
            #expect(end == Int64(host.documents - 1) * 2 * second)
        }
    }
}
