// Hosts: their clocks, what is known of them, and the operator's rules. What follows from it is decided by who calls.

/// A host's clock and terms as they stand in its row; times are microseconds, moments those of the database's clock.
package struct HostTerms: Sendable, Equatable {
    /// From when on it may be asked again.
    package var nextAt: Int64 = 0
    /// Between two documents on average, and the part of it that was asked for.
    package var delay: Int64
    package var least: Int64 = 0
    /// Documents that may go without spacing after a quiet time.
    package var burst: Int = 1
    /// Visits at the same time.
    package var cap: Int
    /// When a visit last left for it; nil where each waits for the end of the one before anyway.
    package var leftAt: Int64?
    /// What else is known of it, as text.
    package var pace: String?

    package init(delay: Int64, cap: Int) { (self.delay, self.cap) = (delay, cap) }
}

extension HostTerms {
    static let columns = "next_at, delay, least, burst, cap, left_at, pace"

    init(_ row: SQLRow) {
        self.init(delay: row.integer("delay") ?? 0, cap: Int(row.integer("cap") ?? 1))
        nextAt = row.integer("next_at") ?? 0
        least = row.integer("least") ?? 0
        burst = Int(row.integer("burst") ?? 1)
        leftAt = row.integer("left_at")
        pace = row.text("pace")
    }

    var parameters: [String: SQLValue] {
        [
            "next": .integer(nextAt), "delay": .integer(delay), "least": .integer(least), "burst": SQLValue(burst), "cap": SQLValue(cap),
            "left": SQLValue(leftAt), "pace": SQLValue(pace),
        ]
    }
}

/// A host for people.
package struct HostRow: Sendable {
    /// Registrable domain or address.
    package var name: String
    package var terms: HostTerms
    /// Its visits that are ready or wait, and those under way.
    package var waiting: Int
    package var leased: Int
}

/// An address at which only so many visits may be at the same time, whatever their hosts are called.
package struct LimitedAddress: Sendable, Equatable {
    package var address: String
    package var limit: Int

    package init(_ address: String, limit: Int) { (self.address, self.limit) = (address, limit) }
}

/// Whether a visit may leave for its host now.
package enum Leave: Sendable, Equatable {
    case go
    /// In so many microseconds, to be asked again then.
    case wait(Int64)
}

extension Store {
    /// The rows of these hosts, by number; they can't change until the transaction ends.
    static func terms(of hosts: some Collection<Int64>, _ transaction: any Transaction, _ dialect: Dialect) throws -> [Int64: HostTerms] {
        let rows = try transaction.rows(
            """
            SELECT host_id, \(HostTerms.columns) FROM heads WHERE host_id IN (\(dialect.list(":hosts"))) ORDER BY host_id \(dialect.locked)
            """, ["hosts": listText(hosts)])
        return Dictionary(rows.compactMap { row in row.integer("host_id").map { ($0, HostTerms(row)) } }, uniquingKeysWith: { $1 })
    }

    /// Gives hosts a row that have none yet, in the order given.
    static func know(_ hosts: [(name: String, terms: HostTerms)], _ transaction: any Transaction, _ dialect: Dialect) throws {
        let rows = tableText(
            hosts.map { name, terms in
                [
                    .text(name), .integer(terms.nextAt), .integer(terms.delay), .integer(terms.least), SQLValue(terms.burst), SQLValue(terms.cap),
                    SQLValue(terms.leftAt), SQLValue(terms.pace),
                ]
            })
        let table = dialect.table(
            ":hosts",
            [
                ("host", .text), ("next_at", .integer), ("delay", .integer), ("least", .integer), ("burst", .integer), ("cap", .integer),
                ("left_at", .integer), ("pace", .text),
            ])
        try transaction.run(
            """
            INSERT INTO hosts(name) SELECT g.host FROM (\(table)) g WHERE NOT EXISTS (SELECT 1 FROM hosts h WHERE h.name = g.host)
            ORDER BY g.pos ON CONFLICT(name) DO NOTHING
            """, ["hosts": rows])
        try transaction.run(
            """
            INSERT INTO heads(host_id, \(HostTerms.columns))
            SELECT h.id, g.next_at, g.delay, g.least, g.burst, g.cap, g.left_at, g.pace FROM (\(table)) g JOIN hosts h ON h.name = g.host
            WHERE NOT EXISTS (SELECT 1 FROM heads x WHERE x.host_id = h.id) ORDER BY h.id ON CONFLICT(host_id) DO NOTHING
            """, ["hosts": rows])
    }

    static func write(_ terms: [Int64: HostTerms], _ transaction: any Transaction) throws {
        // A host that was chosen is judged again: its clock may stand later now.
        try transaction.run(
            """
            UPDATE heads SET phase = CASE WHEN phase + 0 = 2 AND next_at < :next THEN 1 ELSE phase END, next_at = :next, delay = :delay,
              least = :least, burst = :burst, cap = :cap, left_at = :left, pace = :pace WHERE host_id = :host
            """, each: terms.sorted { $0.key < $1.key }.map { host, terms in terms.parameters.merging(["host": .integer(host)]) { $1 } })
    }

    /// Asks whether a visit may leave for its host at this very moment, where several may be on their way at once.
    /// - Parameters:
    ///   - address: what it will connect to; nil where that is not known or not limited.
    ///   - decide: gets the host's terms and the time; changes them where it lets the visit go.
    package func leave(
        _ lease: Lease, for address: LimitedAddress? = nil, _ decide: @Sendable @escaping (inout HostTerms, _ now: Int64) -> Leave
    ) async throws -> Leave {
        let dialect = database.dialect
        if address == nil {
            let sql = "SELECT 1 AS one FROM heads WHERE host_id = :host AND left_at IS NOT NULL"
            guard try await database.read({ try $0.row(sql, ["host": .integer(lease.host)]) }) != nil else { return .go }
        }
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            if let address, try Store.isFull(address, for: lease, transaction, dialect) { return .wait(Store.fullPause) }
            if var terms = try Store.terms(of: [lease.host], transaction, dialect)[lease.host], terms.leftAt != nil {
                let answer = decide(&terms, now)
                guard answer == .go else { return answer }
                try Store.write([lease.host: terms], transaction)
            }
            if let address {
                try transaction.run(
                    "UPDATE queue SET address = :address WHERE visit_id = :visit AND fence = :fence",
                    ["address": .text(address.address), "visit": .integer(lease.visit), "fence": .integer(lease.fence)])
            }
            return .go
        }
    }

    /// Microseconds after which an address or a host that has no place is looked at again.
    private static let fullPause: Int64 = 200_000

    private static func isFull(
        _ address: LimitedAddress, for lease: Lease, _ transaction: any Transaction, _ dialect: Dialect
    ) throws -> Bool {
        // Or two that look at the same time would both find the last place.
        if let lock = dialect.nameLock { try transaction.run(lock, ["name": .text("address " + address.address)]) }
        let others = try transaction.row(
            "SELECT count(*) AS n FROM queue WHERE address = :address AND state = 1 AND visit_id <> :visit",
            ["address": .text(address.address), "visit": .integer(lease.visit)])
        return (others?.integer("n") ?? 0) >= Int64(address.limit)
    }

    /// Asks whether a page may lead on to a document of another host than its visit's, and moves that host's clock on where it may. While
    /// visits of that host's own are under way, when exactly it was asked is known only at their end: as many as may be hold it.
    /// - Parameter terms: of that host where nobody has asked it yet.
    package func goOn(
        to host: String, terms: HostTerms, _ decide: @Sendable @escaping (inout HostTerms, _ now: Int64) -> Leave
    ) async throws -> Leave {
        let dialect = database.dialect
        return try await database.write { transaction in
            try Store.know([(host, terms)], transaction, dialect)
            let number = try transaction.row("SELECT id FROM hosts WHERE name = :name", ["name": .text(host)])?.integer("id")
            guard let number, var terms = try Store.terms(of: [number], transaction, dialect)[number] else { return .go }
            let leased = try transaction.row(
                "SELECT count(*) AS n FROM queue WHERE host_id = :host AND state = 1", ["host": .integer(number)])?.integer("n") ?? 0
            guard leased < Int64(terms.cap) else { return .wait(Store.fullPause) }
            let answer = decide(&terms, try transaction.now(dialect))
            if answer == .go { try Store.write([number: terms], transaction) }
            return answer
        }
    }

    /// Hosts whose names begin so, by name. By the letters themselves: what comes after what is a matter of a server's language.
    package func hosts(beginning: String = "", limit: Int) async throws -> [HostRow] {
        try await database.read { transaction in
            try transaction.rows(
                """
                SELECT h.id, h.name, \(HostTerms.columns),
                  (SELECT count(*) FROM queue q WHERE q.host_id = h.id AND q.state <> 1) AS waiting,
                  (SELECT count(*) FROM queue q WHERE q.host_id = h.id AND q.state = 1) AS leased
                FROM hosts h JOIN heads d ON d.host_id = h.id WHERE substr(h.name, 1, CAST(:length AS INTEGER)) = :beginning
                ORDER BY h.name LIMIT :limit
                """, ["length": SQLValue(beginning.unicodeScalars.count), "beginning": .text(beginning), "limit": SQLValue(limit)]
            ).map { row in
                HostRow(
                    name: row.text("name") ?? "", terms: HostTerms(row), waiting: Int(row.integer("waiting") ?? 0),
                    leased: Int(row.integer("leased") ?? 0))
            }
        }
    }

    /// Changes the terms of every host for which `decide` has others.
    /// - Returns: how many were changed.
    package func changeHosts(_ decide: @Sendable @escaping (_ name: String, HostTerms, _ now: Int64) -> HostTerms?) async throws -> Int {
        let dialect = database.dialect
        let names = try await database.read { transaction in
            try transaction.rows("SELECT id, name FROM hosts ORDER BY id").compactMap { row in
                row.integer("id").map { ($0, row.text("name") ?? "") }
            }
        }
        var changed = 0
        for start in stride(from: 0, to: names.count, by: 500) {
            let part = names[start..<min(start + 500, names.count)]
            changed += try await database.write { transaction in
                let now = try transaction.now(dialect)
                let known = try Store.terms(of: part.map(\.0), transaction, dialect)
                var wanted: [Int64: HostTerms] = [:]
                for (number, name) in part {
                    if let terms = known[number], let new = decide(name, terms, now), new != terms { wanted[number] = new }
                }
                try Store.write(wanted, transaction)
                return wanted.count
            }
        }
        try await tell("work")
        return changed
    }

    // MARK: Rules

    /// The operator's rules, a line each, as they were written.
    package func hostRules() async throws -> String {
        try await database.read { transaction in
            try transaction.rows("SELECT pattern, rule FROM host_rules ORDER BY pattern").map { row in
                "\(row.text("pattern") ?? "") \(row.text("rule") ?? "")"
            }.joined(separator: "\n")
        }
    }

    /// Replaces all rules.
    package func setHostRules(_ rules: [(pattern: String, rule: String)]) async throws {
        try await database.write { transaction in
            try transaction.run("DELETE FROM host_rules")
            try transaction.run(
                "INSERT INTO host_rules(pattern, rule) VALUES (:pattern, :rule)",
                each: rules.map { ["pattern": .text($0.pattern), "rule": .text($0.rule)] })
        }
    }
}
