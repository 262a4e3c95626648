package import Documents
package import Store
import Foundation

/// One page of a run as the contract has it: `{url, finalURL, status, reason, snapshot, records, evidence, incomplete, cost, …}`.
package struct PageReport: Sendable {
    /// Of the visit.
    package var id: Identifier
    package var url: String
    package var finalURL: String?
    package var status: String
    package var reason: String?
    /// Stable word for the reason ("robots", "tls", "timeout"); nil where the page completed.
    package var code: String?
    /// "input", "site" or "ours", where the page did not complete.
    package var fault: String?
    package var snapshot: String?
    package var records: [JSON]
    package var evidence: [JSON]
    package var incomplete: [JSON]
    package var next: String?
    package var robots: JSON?
    /// Which proxy of a pool served it, as POOL/NAME.
    package var proxy: String?
    /// "rendered", "compared" (with what the page says without a browser) or "fetched" (without one).
    package var loading: String?
    package var cost: JSON
    package var explanation: JSON?
    /// Links from a start of its crawl.
    package var depth: Int
    /// Addresses on the page that the crawl left out, by the reason.
    package var leftOut: JSON?
    /// The tries before the last one.
    package var tries: [JSON] = []

    package init(_ visit: VisitRow, from store: Store) async throws {
        let page = visit.page.flatMap { try? JSON(parsing: $0) } ?? .object([])
        id = visit.id
        url = visit.url
        depth = visit.depth
        leftOut = page["leftOut"]
        finalURL = visit.finalURL
        status = visit.state == .dead ? State.failed.name : visit.state.name
        reason = visit.reason
        code = visit.code
        fault = page["fault"]?.string
        snapshot = visit.snapshot
        records = []
        evidence = []
        incomplete = page["incomplete"]?.array ?? []
        next = page["next"]?.string
        robots = page["robots"]
        proxy = page["proxy"]?.string
        loading = page["loading"]?.string
        cost = page["cost"] ?? .object([])
        explanation = page["explanation"]
        tries = try await visit.attempts > 1 ? store.attempts(of: visit.number).map(PageReport.json) : []
        for record in try await store.records(of: visit.number) {
            records.append((try? JSON(parsing: record.body)) ?? .null)
            evidence += (try? JSON(parsing: record.evidence))?.array ?? []
        }
    }

    private static func json(_ attempt: Attempt) -> JSON {
        .of(
            ("attempt", .integer(attempt.number)), ("startedAt", attempt.startedAt.map { .string($0.formatted(.iso8601)) }),
            ("endedAt", .string(attempt.endedAt.formatted(.iso8601))), ("code", attempt.code.map(JSON.string)),
            ("reason", attempt.reason.map(JSON.string)))
    }

    package var json: JSON {
        .of(
            ("id", .string(id.description)), ("url", .string(url)), ("finalURL", finalURL.map(JSON.string) ?? .null), ("status", .string(status)),
            ("reason", reason.map(JSON.string) ?? .null), ("code", code.map(JSON.string) ?? .null),
            ("snapshot", snapshot.map(JSON.string) ?? .null), ("records", .array(records)), ("evidence", .array(evidence)),
            ("incomplete", .array(incomplete)), ("next", next.map(JSON.string) ?? .null), ("robots", robots), ("proxy", proxy.map(JSON.string)),
            ("loading", loading.map(JSON.string)), ("cost", cost), ("explanation", explanation), ("depth", depth > 0 ? .integer(depth) : nil), ("leftOut", leftOut),
            ("tries", tries.isEmpty ? nil : .array(tries)))
    }
}

/// A run as the contract has it, read from the store: the same for the command that made it, for `runs export` and for the API.
package struct RunReport: Sendable {
    package var run: RunRow
    /// The parsed request; null for runs that extract nothing.
    package var request: JSON
    package var pages: [PageReport]

    package init(_ run: RunRow, from store: Store) async throws {
        self.run = run
        request = RunReport.request(of: run)
        pages = []
        try await RunReport.pages(of: run, from: store) { pages += $0 }
    }

    /// What was asked, as JSON; of a crawl the fields of all that its pages are read for.
    package static func request(of run: RunRow) -> JSON {
        let spec = try? JSON(parsing: run.spec)
        guard let readings = spec?["crawl"]?["readings"]?.array, !readings.isEmpty else { return spec?["request"] ?? .null }
        var fields: [JSON] = []
        for field in readings.flatMap({ $0["request"]?["fields"]?.array ?? [] })
        where !fields.contains(where: { $0["name"]?.string == field["name"]?.string }) {
            fields.append(field)
        }
        return .of(("many", .bool(true)), ("fields", .array(fields)))
    }

    /// The pages of a run in their order, some at a time: a crawl has more of them than should be in memory.
    package static func pages(of run: RunRow, from store: Store, _ body: ([PageReport]) async throws -> Void) async throws {
        var position = 0
        while true {
            let visits = try await store.visits(of: run.number, from: position, limit: 200)
            guard let last = visits.last else { return }
            var pages: [PageReport] = []
            for visit in visits where visit.kind == .page { pages.append(try await PageReport(visit, from: store)) }
            try await body(pages)
            position = last.position + 1
        }
    }

    package var json: JSON {
        .of(
            ("run", .string(run.id.description)), ("status", .string(run.state.name)), ("request", request),
            ("pages", .array(pages.map(\.json))))
    }
}
