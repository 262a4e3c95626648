// What happened to a run, in order, and what it has used.
//
// Events are numbered within their run by the run's row in `progress`, in the transaction that writes them: whoever has read up to number N
// and goes on from there misses none.

package import Foundation

/// Something that happened to a run.
package struct RunEvent: Sendable {
    package enum Kind: String, Sendable {
        case submitted, paused, resumed, edited, requeued
        /// A visit is final.
        case visit
        /// A visit will be tried again.
        case retry
        /// A worker lost its visit: it died, or its lease ran out.
        case lost
        case ended
    }

    package var number: Int64
    package var at: Date
    package var kind: Kind
    package var visit: Int64?
    package var url: String?
    /// JSON text.
    package var body: String?
}

/// What a run has used.
package struct Usage: Sendable, Equatable {
    /// Pages that were visited, whatever came of them; skipped ones cost nothing.
    package var pages: Int64 = 0
    package var errors: Int64 = 0
    /// Through the relay.
    package var bytes: Int64 = 0
    /// From a page's first request until it was taken, all pages added up.
    package var browserMilliseconds: Int64 = 0
    /// Read and written by models.
    package var tokens: Int64 = 0

    package init(pages: Int64 = 0, errors: Int64 = 0, bytes: Int64 = 0, browserMilliseconds: Int64 = 0, tokens: Int64 = 0) {
        self.pages = pages
        self.errors = errors
        self.bytes = bytes
        self.browserMilliseconds = browserMilliseconds
        self.tokens = tokens
    }

    init(_ outcome: VisitOutcome) {
        self.init(
            pages: outcome.state == .skipped ? 0 : 1, errors: outcome.state == .failed || outcome.state == .dead ? 1 : 0,
            bytes: outcome.bytes, browserMilliseconds: outcome.browserMilliseconds, tokens: outcome.tokens)
    }

    static func + (a: Usage, b: Usage) -> Usage {
        Usage(
            pages: a.pages + b.pages, errors: a.errors + b.errors, bytes: a.bytes + b.bytes,
            browserMilliseconds: a.browserMilliseconds + b.browserMilliseconds, tokens: a.tokens + b.tokens)
    }
}

struct NewEvent {
    var run: Int64
    var kind: RunEvent.Kind
    var visit: Int64?
    var body: String?
    var usage = Usage()
}

extension Store {
    /// Adds events to their runs, in order, and what they used.
    static func note(_ events: [NewEvent], _ transaction: any Transaction, now: Int64) throws {
        var rows: [[String: SQLValue]] = []
        // In the order of their numbers, so that two transactions never wait for each other's runs.
        for (run, events) in Dictionary(grouping: events, by: \.run).sorted(by: { $0.key < $1.key }) {
            let used = events.reduce(Usage()) { $0 + $1.usage }
            let row = try transaction.row(
                """
                UPDATE progress SET events = events + :count, pages = pages + :pages, errors = errors + :errors, bytes = bytes + :bytes,
                  browser_ms = browser_ms + :browser, tokens = tokens + :tokens WHERE run_id = :run RETURNING events
                """,
                [
                    "count": SQLValue(events.count), "pages": .integer(used.pages), "errors": .integer(used.errors),
                    "bytes": .integer(used.bytes), "browser": .integer(used.browserMilliseconds), "tokens": .integer(used.tokens),
                    "run": .integer(run),
                ])
            guard let last = row?.integer("events") else { continue }
            for (index, event) in events.enumerated() {
                rows.append([
                    "run": .integer(run), "number": .integer(last - Int64(events.count) + Int64(index) + 1), "now": .integer(now),
                    "kind": .text(event.kind.rawValue), "visit": SQLValue(event.visit), "body": SQLValue(event.body),
                ])
            }
        }
        try transaction.run(
            "INSERT INTO events(run_id, number, at, kind, visit_id, body) VALUES (:run, :number, :now, :kind, :visit, :body)", each: rows)
    }

    /// A run's events after number `after`, oldest first.
    package func events(of run: Int64, after: Int64 = 0, limit: Int = 1000) async throws -> [RunEvent] {
        try await database.read { transaction in
            try transaction.rows(
                """
                SELECT e.number, e.at, e.kind, e.visit_id, e.body, v.url FROM events e LEFT JOIN visits v ON v.id = e.visit_id
                WHERE e.run_id = :run AND e.number > :after ORDER BY e.number LIMIT :limit
                """, ["run": .integer(run), "after": .integer(after), "limit": SQLValue(limit)]
            ).compactMap { row in
                guard let number = row.integer("number"), let kind = row.text("kind").flatMap(RunEvent.Kind.init) else { return nil }
                return RunEvent(
                    number: number, at: Date(microseconds: row.integer("at") ?? 0), kind: kind, visit: row.integer("visit_id"),
                    url: row.text("url"), body: row.text("body"))
            }
        }
    }

    static func usage(of run: Int64, _ transaction: any Transaction) throws -> Usage? {
        try transaction.row("SELECT * FROM progress WHERE run_id = :run", ["run": .integer(run)]).map { row in
            Usage(
                pages: row.integer("pages") ?? 0, errors: row.integer("errors") ?? 0, bytes: row.integer("bytes") ?? 0,
                browserMilliseconds: row.integer("browser_ms") ?? 0, tokens: row.integer("tokens") ?? 0)
        }
    }

    package func usage(of run: Int64) async throws -> Usage { try await database.read { try Store.usage(of: run, $0) ?? Usage() } }

    /// Wakes processes that listen; those that only look now and then need no telling.
    func tell(_ what: String) async throws {
        guard let sql = database.dialect.notify else { return }
        try await database.write { _ = try $0.rows(sql, ["what": .text(what)]) }
    }
}
