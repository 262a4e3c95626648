import Testing

@testable import Store

private func proxies(_ names: String...) -> [NewProxy] {
    names.map { NewProxy(name: $0, address: "http://\($0).example:80", sealed: "sealed \($0)", facts: "") }
}

/// Takes the one that rested longest.
private let rested: @Sendable (String, [ProxyRow], Int64) -> (number: Int64, knowledge: ProxyKnowledge)? = { _, rows, _ in
    rows.min { $0.usedAt < $1.usedAt }.map { ($0.number, ProxyKnowledge(health: $0.health, hostHealth: $0.hostHealth)) }
}

@Suite struct ProxyStoreTests {
    /// What is in a pool already keeps what is known of it, under its new name; two that want one name get different ones.
    @Test(arguments: Engine.available) func adding(engine: Engine) async throws {
        try await withStore(engine) { store in
            #expect(try await store.add(proxies("a", "b"), to: "p", policy: nil, usual: "usual") == 2)
            #expect(try await store.pools() == [PoolRow(name: "p", policy: "usual", proxies: 2)])
            var renamed = proxies("a")
            renamed[0].name = "b"
            let other = NewProxy(name: "b", address: "http://other.example:80", sealed: "sealed other", facts: "tier=1")
            #expect(try await store.add(renamed + [other], to: "p", policy: "other", usual: "usual") == 1)
            let rows = try await store.proxies(of: "p")
            #expect(Set(rows.map(\.name)) == ["b", "b-2", "b-3"])
            #expect(rows.first { $0.sealed == "sealed other" }?.facts == "tier=1")
            #expect(try await store.pool("p")?.policy == "other")
        }
    }

    /// What one process learns of a proxy, or of it at a host, the next one that chooses sees, and for that host alone.
    @Test(arguments: Engine.available) func learning(engine: Engine) async throws {
        try await withStore(engine) { store in
            try await store.add(proxies("a"), to: "p", policy: nil, usual: "usual")
            let (proxy, _) = try #require(try await store.lendProxy(of: "p", for: "x.example", rested))
            try await store.returnProxy(proxy.number, from: "x.example", run: 7, ProxyCount(failed: true, banned: true, bytes: 40)) { known, _ in
                #expect(known == ProxyKnowledge(health: nil, hostHealth: nil))
                return ProxyKnowledge(health: "weak", hostHealth: "unwanted")
            }
            let atHost = try #require(try await store.lendProxy(of: "p", for: "x.example", rested)).proxy
            #expect(atHost.health == "weak" && atHost.hostHealth == "unwanted")
            let elsewhere = try #require(try await store.lendProxy(of: "p", for: "y.example", rested)).proxy
            #expect(elsewhere.health == "weak" && elsewhere.hostHealth == nil)
            #expect(elsewhere.uses == 1 && elsewhere.failures == 1 && elsewhere.bans == 1 && elsewhere.bytes == 40)
            #expect(try await store.proxyUsage(of: 7).map(\.bytes) == [40])
            #expect(try await store.releaseProxies(of: "p", named: "a") == 1)
            let released = try #require(try await store.lendProxy(of: "p", for: "x.example", rested)).proxy
            #expect(released.health == nil && released.hostHealth == nil)
        }
    }

    /// Many that choose at the same moment take turns: round robin stays even, and no proxy is chosen by two at once.
    @Test(arguments: Engine.available) func together(engine: Engine) async throws {
        try await withStore(engine) { store in
            try await store.add(proxies("a", "b", "c"), to: "p", policy: nil, usual: "usual")
            let names = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<12 { group.addTask { try await store.lendProxy(of: "p", for: "x.example", rested)?.proxy.name ?? "" } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let counts = Dictionary(grouping: names, by: \.self).mapValues(\.count)
            #expect(counts == ["a": 4, "b": 4, "c": 4])
        }
    }

    /// A pool that is gone is named; its proxies and what was known of them went with it.
    @Test(arguments: Engine.available) func removal(engine: Engine) async throws {
        try await withStore(engine) { store in
            try await store.add(proxies("a", "b"), to: "p", policy: nil, usual: "usual")
            #expect(try await store.removeProxies(of: "p", named: "a") == 1)
            #expect(try await store.removeProxies(of: "p") == 1)
            let error = await #expect(throws: StoreError.self) { _ = try await store.lendProxy(of: "p", for: "x.example", rested) }
            #expect(error?.code == .notFound)
        }
    }
}
