// The processes that do visits, and what they are asked to do.

package import Foundation

/// A process as it says of itself with every heartbeat.
package struct NodeStatus: Sendable {
    package var id: Identifier
    package var pid: Int32
    /// Its mark, by which others on this machine see that it is dead before it has been silent for long.
    package var process = ""
    /// Name of the machine.
    package var machine = ""
    package var version = ""
    /// Comma-separated: scheduler, worker. Empty for a command that does its own run.
    package var roles = ""
    /// Visits that it can do at the same time, and does now.
    package var capacity = 0
    package var busy = 0
    /// It takes nothing new.
    package var isDraining = false

    package init(_ id: Identifier, pid: Int32) {
        self.id = id
        self.pid = pid
    }
}

/// A node as the store knows it.
package struct NodeRow: Sendable {
    package var status: NodeStatus
    package var startedAt: Date
    package var seenAt: Date
    /// Silent for too long, or proven to be dead.
    package var isDead: Bool
}

/// Something that a node is asked to do.
package struct Order: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Take nothing new, end what is under way, leave.
        case drain
        /// Close the browsers when their visits are done, and start new ones.
        case recycle
        /// A picture of the page of a visit that is under way.
        case screenshot
    }

    package enum State: Int64, Sendable {
        case asked = 0
        case taken = 1
        case done = 3
        case refused = 4
    }

    package var number: Int64
    package var id: Identifier
    package var node: String
    package var kind: Kind
    /// JSON text.
    package var body: String
    package var state: State
    package var answer: String?
}

extension Store {
    /// A process that has been silent for so long (microseconds) is taken for dead.
    static let nodeSilence: Int64 = 60_000_000

    /// Says that a process is alive; to be repeated every few seconds.
    package func heartbeat(_ node: NodeStatus) async throws {
        let dialect = database.dialect
        try await database.write { transaction in
            let now = try transaction.now(dialect)
            try transaction.run(
                """
                INSERT INTO nodes(uid, pid, process, machine, version, roles, capacity, busy, draining, started_at, seen_at)
                VALUES (:uid, :pid, :process, :machine, :version, :roles, :capacity, :busy, :draining, :now, :now)
                ON CONFLICT(uid) DO UPDATE SET seen_at = :now, busy = :busy, draining = :draining, capacity = :capacity
                """,
                [
                    "uid": .text(node.id.description), "pid": SQLValue(node.pid), "process": .text(node.process),
                    "machine": .text(node.machine), "version": .text(node.version), "roles": .text(node.roles),
                    "capacity": SQLValue(node.capacity), "busy": SQLValue(node.busy), "draining": node.isDraining ? 1 : 0,
                    "now": .integer(now),
                ])
            try transaction.run("DELETE FROM nodes WHERE seen_at < :old", ["old": .integer(now - 86_400_000_000)])
        }
    }

    func isDead(_ node: String, _ transaction: any Transaction) throws -> Bool {
        guard let row = try transaction.row("SELECT seen_at, process FROM nodes WHERE uid = :uid", ["uid": .text(node)]) else { return true }
        return try isDead(row, now: transaction.now(database.dialect))
    }

    private func isDead(_ row: SQLRow, now: Int64) -> Bool {
        now - (row.integer("seen_at") ?? 0) > Store.nodeSilence || isGone(row.text("process") ?? "")
    }

    /// All that were seen within a day, oldest first.
    package func nodes() async throws -> [NodeRow] {
        let dialect = database.dialect
        return try await database.read { transaction in
            let now = try transaction.now(dialect)
            return try transaction.rows("SELECT * FROM nodes ORDER BY started_at, uid").map { row in
                var status = NodeStatus(Identifier(stored: row.text("uid") ?? ""), pid: Int32(clamping: row.integer("pid") ?? 0))
                status.process = row.text("process") ?? ""
                status.machine = row.text("machine") ?? ""
                status.version = row.text("version") ?? ""
                status.roles = row.text("roles") ?? ""
                status.capacity = Int(row.integer("capacity") ?? 0)
                status.busy = Int(row.integer("busy") ?? 0)
                status.isDraining = row.integer("draining") == 1
                return NodeRow(
                    status: status, startedAt: Date(microseconds: row.integer("started_at") ?? 0),
                    seenAt: Date(microseconds: row.integer("seen_at") ?? 0), isDead: isDead(row, now: now))
            }
        }
    }

    /// Visits of all runs, by the names of their states.
    package func visitsByState() async throws -> [String: Int64] {
        try await database.read { transaction in
            let rows = try transaction.rows("SELECT state, CAST(sum(n) AS BIGINT) AS n FROM run_counts GROUP BY state")
            return Dictionary(
                rows.compactMap { row in State(rawValue: row.integer("state") ?? -1).map { ($0.name, row.integer("n") ?? 0) } }, uniquingKeysWith: +)
        }
    }

    /// Takes a process off the list at its end.
    package func leave(node: Identifier) async throws {
        _ = try await database.write { try $0.run("DELETE FROM nodes WHERE uid = :uid", ["uid": .text(node.description)]) }
    }

    /// Frees what dead nodes hold: their leases end now instead of when their time is over. Takes them off the list.
    /// - Returns: how many visits were freed.
    package func releaseDead() async throws -> Int {
        let dialect = database.dialect
        return try await database.write { transaction in
            let now = try transaction.now(dialect)
            var freed = 0
            for row in try transaction.rows("SELECT uid, seen_at, process FROM nodes") where isDead(row, now: now) {
                guard let uid = row.text("uid") else { continue }
                freed += try transaction.run(
                    "UPDATE queue SET at = :now WHERE at IS NOT NULL AND state = 1 AND worker = :worker AND at > :now",
                    ["now": .integer(now), "worker": .text(uid)])
                try transaction.run("DELETE FROM nodes WHERE uid = :uid", ["uid": .text(uid)])
            }
            return freed
        }
    }

    /// Adds up the tallies that are only appended, so that they don't grow for ever.
    package func foldTallies() async throws {
        guard let sql = database.dialect.foldTallies else { return }
        _ = try await database.write { try $0.run(sql) }
    }
}

// MARK: - Orders

extension Store {
    /// Asks a node for something; it looks every second, and at once where it listens.
    package func order(_ kind: Order.Kind, of node: Identifier, body: String = "{}") async throws -> Identifier {
        let dialect = database.dialect
        let id = Identifier(.ord)
        _ = try await database.write { transaction in
            try transaction.run(
                "INSERT INTO orders(uid, node, kind, body, created_at) VALUES (:uid, :node, :kind, :body, :now)",
                [
                    "uid": .text(id.description), "node": .text(node.description), "kind": .text(kind.rawValue), "body": .text(body),
                    "now": .integer(try transaction.now(dialect)),
                ])
        }
        try await tell("order")
        return id
    }

    /// Orders that a node has not seen yet; they count as taken from now on.
    package func takeOrders(of node: Identifier) async throws -> [Order] {
        try await database.write { transaction in
            try transaction.rows(
                "UPDATE orders SET state = 1 WHERE node = :node AND state = 0 RETURNING id, uid, node, kind, body, state, answer",
                ["node": .text(node.description)]
            ).compactMap(Order.init)
        }
    }

    package func answer(_ order: Order, _ state: Order.State, _ answer: String) async throws {
        let dialect = database.dialect
        _ = try await database.write { transaction in
            try transaction.run(
                "UPDATE orders SET state = :state, answer = :answer, ended_at = :now WHERE id = :order",
                [
                    "state": .integer(state.rawValue), "answer": .text(answer), "now": .integer(try transaction.now(dialect)),
                    "order": .integer(order.number),
                ])
        }
    }

    package func order(_ id: Identifier) async throws -> Order? {
        try await database.read { try $0.row("SELECT * FROM orders WHERE uid = :uid", ["uid": .text(id.description)]).flatMap(Order.init) }
    }
}

extension Order {
    fileprivate init?(_ row: SQLRow) {
        guard let number = row.integer("id"), let kind = row.text("kind").flatMap(Kind.init) else { return nil }
        self.init(
            number: number, id: Identifier(stored: row.text("uid") ?? ""), node: row.text("node") ?? "", kind: kind,
            body: row.text("body") ?? "{}", state: State(rawValue: row.integer("state") ?? 0) ?? .asked, answer: row.text("answer"))
    }
}
