import Testing

@testable import Proxies

@Suite struct ProxySimulationTests {
    private static func runs(_ seeds: Range<UInt64>, survivor isConstant: Bool) -> ProxySimulation.Result {
        var all = ProxySimulation.Result()
        for seed in seeds {
            let result = ProxySimulation.run(ProxyWorld(seed: seed, survivor: isConstant), seed: seed)
            all.faults += result.faults.map { "seed \(seed): \($0)" }
            for part in [\ProxySimulation.Result.visits, \.served, \.tries, \.waits, \.probes, \.killed, \.races] {
                all[keyPath: part] += result[keyPath: part]
            }
            all.most = max(all.most, result.most)
        }
        return all
    }

    /// Nothing is asked while it cools down, probed twice at once, or dearer than it need be.
    /// While one proxy stays healthy, each visit gets through in as many tries as there are proxies, without waiting.
    @Test
    func oneHealthyProxyIsEnough() {
        let all = ProxySimulationTests.runs(0..<6_000, survivor: true)
        print("one proxy stays healthy: \(all)")
        #expect(all.faults.prefix(5) == [])
        #expect(all.served == all.visits && all.waits == 0)
        #expect(all.probes > 10_000 && all.killed > 1_000 && all.races > 1_000)
    }

    /// Where it is not always the same one, visits may have to wait, and get through all the same.
    @Test
    func anyHealthyProxyIsEnough() {
        let all = ProxySimulationTests.runs(6_000..<10_000, survivor: false)
        print("one proxy or another is healthy: \(all)")
        #expect(all.faults.prefix(5) == [])
        #expect(all.served == all.visits)
        #expect(all.waits > 1_000)
    }

    /// The same seed gives the same schedule.
    @Test func isReproducible() {
        let world = ProxyWorld(seed: 1, survivor: false)
        #expect(ProxySimulation.run(world, seed: 1) == ProxySimulation.run(world, seed: 1))
    }
}
