// Pools of proxies: who is in them, what all nodes know of them, what went through them. What follows from it is decided by who calls.

/// A pool of ways out.
package struct PoolRow: Sendable, Equatable {
    package var name: String
    package var policy: String
    package var proxies: Int
}

/// A proxy to be kept.
package struct NewProxy: Sendable, Equatable {
    /// Unique in its pool; by it people speak of it.
    package var name: String
    /// Without a login.
    package var address: String
    /// With its login, unreadable without the farm's key; the same proxy is known again by it.
    package var sealed: String
    /// What its owner says of it, as text.
    package var facts: String

    package init(name: String, address: String, sealed: String, facts: String) {
        (self.name, self.address, self.sealed, self.facts) = (name, address, sealed, facts)
    }
}

/// A proxy as it stands in the store.
package struct ProxyRow: Sendable, Equatable {
    package var number: Int64
    package var pool: String
    package var name: String
    package var address: String
    package var sealed: String
    package var facts: String
    /// What is known of it, as text; nil: nothing is wrong.
    package var health: String?
    /// The same for the host that was asked about.
    package var hostHealth: String?
    package var uses: Int64
    package var failures: Int64
    package var bans: Int64
    package var bytes: Int64
    /// By the database's clock; 0: never.
    package var usedAt: Int64
}

/// What a run sent through a proxy.
package struct ProxyUsageRow: Sendable, Equatable {
    package var pool: String
    package var name: String
    package var address: String
    package var facts: String
    package var uses: Int64
    package var failures: Int64
    package var bans: Int64
    package var bytes: Int64
}

/// What is known of a proxy, and of it at a host; as text, nil where nothing is wrong.
package struct ProxyKnowledge: Sendable, Equatable {
    package var health: String?
    package var hostHealth: String?

    package init(health: String?, hostHealth: String?) { (self.health, self.hostHealth) = (health, hostHealth) }
}

/// What came of a visit, to be counted.
package struct ProxyCount: Sendable, Equatable {
    package var failed = false
    package var banned = false
    package var bytes: Int64 = 0

    package init(failed: Bool = false, banned: Bool = false, bytes: Int64 = 0) {
        (self.failed, self.banned, self.bytes) = (failed, banned, bytes)
    }
}

/// Who has which name in a pool.
private struct ProxyNames {
    /// Sealed texts by name, and the other way round.
    private var proxies: [String: String]
    private var names: [String: String]
    /// How often a name was wanted, so that the thousandth of that name isn't tried a thousand times.
    private var wanted: [String: Int] = [:]

    init(_ known: [(name: String, sealed: String)]) {
        proxies = Dictionary(known.map { ($0.name, $0.sealed) }, uniquingKeysWith: { $1 })
        names = Dictionary(known.map { ($0.sealed, $0.name) }, uniquingKeysWith: { $1 })
    }

    /// The name, or with a number where another proxy has it.
    mutating func give(_ name: String, to sealed: String) -> String {
        if let old = names[sealed] { proxies[old] = nil }
        var given = name
        while proxies[given] != nil {
            wanted[name, default: 1] += 1
            given = "\(name)-\(wanted[name, default: 1])"
        }
        (proxies[given], names[sealed]) = (sealed, given)
        return given
    }
}

extension ProxyRow {
    fileprivate init(_ row: SQLRow) {
        number = row.integer("id") ?? 0
        pool = row.text("pool") ?? ""
        name = row.text("name") ?? ""
        address = row.text("address") ?? ""
        sealed = row.text("sealed") ?? ""
        facts = row.text("facts") ?? ""
        health = row.text("health")
        hostHealth = row.text("host_health")
        uses = row.integer("uses") ?? 0
        failures = row.integer("failures") ?? 0
        bans = row.integer("bans") ?? 0
        bytes = row.integer("bytes") ?? 0
        usedAt = row.integer("used_at") ?? 0
    }
}

extension Store {
    package func pools() async throws -> [PoolRow] {
        try await database.read { transaction in
            try transaction.rows(
                """
                SELECT p.name, p.policy, (SELECT count(*) FROM proxies x WHERE x.pool = p.name) AS proxies FROM pools p ORDER BY p.name
                """
            ).map { PoolRow(name: $0.text("name") ?? "", policy: $0.text("policy") ?? "", proxies: Int($0.integer("proxies") ?? 0)) }
        }
    }

    package func pool(_ name: String) async throws -> PoolRow? { try await pools().first { $0.name == name } }

    /// Adds proxies to a pool, which is made where it is not there. One that is in it already gets its new name and facts, and what is known of
    /// it stays.
    /// - Parameter policy: nil: as it is, or `usual`.
    /// - Returns: how many are new.
    @discardableResult
    package func add(_ proxies: [NewProxy], to pool: String, policy: String?, usual: String) async throws -> Int {
        let dialect = database.dialect
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            try transaction.run(
                "INSERT INTO pools(name, policy, created_at) VALUES (:pool, :policy, :now) ON CONFLICT(name) DO NOTHING",
                ["pool": .text(pool), "policy": .text(policy ?? usual), "now": .integer(now)])
            if let policy {
                try transaction.run("UPDATE pools SET policy = :policy WHERE name = :pool", ["pool": .text(pool), "policy": .text(policy)])
            }
            let before = try Store.count(of: pool, transaction)
            var names = ProxyNames(
                try transaction.rows("SELECT name, sealed FROM proxies WHERE pool = :pool", ["pool": .text(pool)])
                    .map { ($0.text("name") ?? "", $0.text("sealed") ?? "") })
            try transaction.run(
                """
                INSERT INTO proxies(pool, name, address, sealed, facts, created_at) VALUES (:pool, :name, :address, :sealed, :facts, :now)
                ON CONFLICT(pool, sealed) DO UPDATE SET name = excluded.name, facts = excluded.facts
                """,
                each: proxies.map { proxy in
                    [
                        "pool": .text(pool), "name": .text(names.give(proxy.name, to: proxy.sealed)), "address": .text(proxy.address), "sealed": .text(proxy.sealed),
                        "facts": .text(proxy.facts), "now": .integer(now),
                    ]
                })
            return try Store.count(of: pool, transaction) - before
        }
    }

    private static func count(of pool: String, _ transaction: any Transaction) throws -> Int {
        Int(try transaction.row("SELECT count(*) AS n FROM proxies WHERE pool = :pool", ["pool": .text(pool)])?.integer("n") ?? 0)
    }

    package func setPolicy(_ policy: String, of pool: String) async throws -> Bool {
        try await database.write { transaction in
            try transaction.row(
                "UPDATE pools SET policy = :policy WHERE name = :pool RETURNING name", ["pool": .text(pool), "policy": .text(policy)]) != nil
        }
    }

    /// Removes a proxy by its name, or the pool with all that are in it.
    /// - Returns: how many proxies went.
    package func removeProxies(of pool: String, named name: String? = nil) async throws -> Int {
        try await database.write { transaction in
            let gone = try transaction.rows(
                "DELETE FROM proxies WHERE pool = :pool AND (:all = 1 OR name = :name) RETURNING id",
                ["pool": .text(pool), "name": .text(name ?? ""), "all": SQLValue(name == nil ? 1 : 0)])
            try transaction.run(
                "DELETE FROM proxy_hosts WHERE proxy_id = :proxy", each: gone.map { ["proxy": SQLValue($0.integer("id"))] })
            if name == nil { try transaction.run("DELETE FROM pools WHERE name = :pool", ["pool": .text(pool)]) }
            return gone.count
        }
    }

    package func proxies(of pool: String) async throws -> [ProxyRow] {
        try await database.read { transaction in
            try transaction.rows("SELECT p.*, NULL AS host_health FROM proxies p WHERE pool = :pool ORDER BY name", ["pool": .text(pool)])
                .map(ProxyRow.init)
        }
    }

    /// What is known of a pool's proxies at hosts, where something is.
    package func proxyHosts(of pool: String) async throws -> [(proxy: Int64, host: String, health: String)] {
        try await database.read { transaction in
            try transaction.rows(
                """
                SELECT h.proxy_id, h.host, h.health FROM proxy_hosts h JOIN proxies p ON p.id = h.proxy_id
                WHERE p.pool = :pool AND h.health IS NOT NULL ORDER BY h.host, h.proxy_id
                """, ["pool": .text(pool)]
            ).map { ($0.integer("proxy_id") ?? 0, $0.text("host") ?? "", $0.text("health") ?? "") }
        }
    }

    /// Lets `choose` pick a proxy of a pool for a host, and writes what is known of it then. One process at a time chooses from a pool.
    ///
    /// - Parameter choose: gets the pool's policy, its proxies and the time; answers the number of one and what is known of it from now on, or
    ///   nil.
    /// - Returns: the proxy, and when it was chosen. Nil where none was.
    /// - Throws: `notFound` where there is no such pool.
    package func lendProxy(
        of pool: String, for host: String,
        _ choose: @Sendable @escaping (_ policy: String, [ProxyRow], _ now: Int64) throws -> (number: Int64, knowledge: ProxyKnowledge)?
    ) async throws -> (proxy: ProxyRow, at: Int64)? {
        let dialect = database.dialect
        return try await database.write { transaction in
            if let lock = dialect.nameLock { try transaction.run(lock, ["name": .text("pool " + pool)]) }
            guard let policy = try transaction.row("SELECT policy FROM pools WHERE name = :pool", ["pool": .text(pool)])?.text("policy") else {
                throw StoreError(.notFound, "there is no pool of proxies called \(pool); `gleaner proxies` lists them")
            }
            let rows = try transaction.rows(
                """
                SELECT p.*, h.health AS host_health FROM proxies p LEFT JOIN proxy_hosts h ON h.proxy_id = p.id AND h.host = :host
                WHERE p.pool = :pool ORDER BY p.id
                """, ["pool": .text(pool), "host": .text(host)]
            ).map(ProxyRow.init)
            // Two that are chosen in the same microsecond are still one after the other.
            let now = max(try transaction.now(dialect), (rows.map(\.usedAt).max() ?? 0) + 1)
            guard let (number, knowledge) = try choose(policy, rows, now), let row = rows.first(where: { $0.number == number }) else { return nil }
            try transaction.run(
                "UPDATE proxies SET used_at = :now, health = :health WHERE id = :proxy",
                ["now": .integer(now), "health": SQLValue(knowledge.health), "proxy": .integer(number)])
            if knowledge.hostHealth != row.hostHealth {
                try Store.know(knowledge.hostHealth, of: number, at: host, transaction, now: now)
            }
            return (row, now)
        }
    }

    /// What a visit found out about its proxy.
    /// - Parameter learn: gets what is known now, and the time.
    package func returnProxy(
        _ proxy: Int64, from host: String, run: Int64, _ count: ProxyCount,
        _ learn: @Sendable @escaping (ProxyKnowledge, _ now: Int64) -> ProxyKnowledge
    ) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            // Removed meanwhile: there is nobody to know anything of.
            guard let row = try transaction.row(
                "SELECT health FROM proxies WHERE id = :proxy \(dialect.locked)", ["proxy": .integer(proxy)])
            else { return }
            let now = try transaction.now(dialect)
            let atHost = try transaction.row(
                "SELECT health FROM proxy_hosts WHERE proxy_id = :proxy AND host = :host", ["proxy": .integer(proxy), "host": .text(host)])
            let old = ProxyKnowledge(health: row.text("health"), hostHealth: atHost?.text("health"))
            let new = learn(old, now)
            let counts: [String: SQLValue] = [
                "failed": SQLValue(count.failed ? 1 : 0), "banned": SQLValue(count.banned ? 1 : 0), "bytes": .integer(count.bytes),
                "proxy": .integer(proxy),
            ]
            try transaction.run(
                """
                UPDATE proxies SET health = :health, uses = uses + 1, failures = failures + :failed, bans = bans + :banned, bytes = bytes + :bytes
                WHERE id = :proxy
                """, counts.merging(["health": SQLValue(new.health)]) { $1 })
            if new.hostHealth != old.hostHealth { try Store.know(new.hostHealth, of: proxy, at: host, transaction, now: now) }
            try transaction.run(
                """
                INSERT INTO proxy_usage(run_id, proxy_id, uses, failures, bans, bytes) VALUES (:run, :proxy, 1, :failed, :banned, :bytes)
                ON CONFLICT(run_id, proxy_id) DO UPDATE SET uses = proxy_usage.uses + 1, failures = proxy_usage.failures + excluded.failures,
                  bans = proxy_usage.bans + excluded.bans, bytes = proxy_usage.bytes + excluded.bytes
                """, counts.merging(["run": .integer(run)]) { $1 })
        }
    }

    /// A host where nothing is wrong needs no row.
    private static func know(_ health: String?, of proxy: Int64, at host: String, _ transaction: any Transaction, now: Int64) throws {
        let place: [String: SQLValue] = ["proxy": .integer(proxy), "host": .text(host)]
        guard let health else {
            try transaction.run("DELETE FROM proxy_hosts WHERE proxy_id = :proxy AND host = :host", place)
            return
        }
        try transaction.run(
            """
            INSERT INTO proxy_hosts(proxy_id, host, health, seen_at) VALUES (:proxy, :host, :health, :now)
            ON CONFLICT(proxy_id, host) DO UPDATE SET health = excluded.health, seen_at = excluded.seen_at
            """, place.merging(["health": .text(health), "now": .integer(now)]) { $1 })
    }

    /// What a run sent through which proxies; those that were removed are left out.
    package func proxyUsage(of run: Int64) async throws -> [ProxyUsageRow] {
        try await database.read { transaction in
            try transaction.rows(
                """
                SELECT p.pool, p.name, p.address, p.facts, u.uses, u.failures, u.bans, u.bytes FROM proxy_usage u JOIN proxies p ON p.id = u.proxy_id
                WHERE u.run_id = :run ORDER BY p.pool, p.name
                """, ["run": .integer(run)]
            ).map { row in
                ProxyUsageRow(
                    pool: row.text("pool") ?? "", name: row.text("name") ?? "", address: row.text("address") ?? "", facts: row.text("facts") ?? "",
                    uses: row.integer("uses") ?? 0, failures: row.integer("failures") ?? 0, bans: row.integer("bans") ?? 0,
                    bytes: row.integer("bytes") ?? 0)
            }
        }
    }

    /// Makes proxies of a pool as good as new: those of that name, or all.
    package func releaseProxies(of pool: String, named name: String?) async throws -> Int {
        try await database.write { transaction in
            let rows = try transaction.rows(
                "UPDATE proxies SET health = NULL WHERE pool = :pool AND (:all = 1 OR name = :name) RETURNING id",
                ["pool": .text(pool), "name": .text(name ?? ""), "all": SQLValue(name == nil ? 1 : 0)])
            try transaction.run(
                "DELETE FROM proxy_hosts WHERE proxy_id = :proxy", each: rows.map { ["proxy": SQLValue($0.integer("id"))] })
            return rows.count
        }
    }
}
