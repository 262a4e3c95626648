import ArgumentParser
import Documents
import Foundation
import Scheduling
import Store

/// Follows a run that others do.
struct RunWatch {
    private let store: Store
    private let run: Int64
    private let isQuiet: Bool

    init(_ store: Store, _ run: Int64, isQuiet: Bool) {
        self.store = store
        self.run = run
        self.isQuiet = isQuiet
    }

    /// Until the run is over: each event to `body`, as it comes. Returns the run as it ended.
    func follow(from number: Int64 = 0, _ body: (RunEvent, RunRow) -> Void) async throws -> RunRow {
        var last = number
        while true {
            let row = try await store.run(number: run)
            let events = try await store.events(of: run, after: last)
            for event in events {
                last = event.number
                body(event, row)
            }
            if events.isEmpty {
                if row.state.isFinal { return row }
                if row.isInterrupted { throw CommandError.ours("\(row.id) is interrupted: its process is gone; go on with gleaner runs resume \(row.id)") }
                try await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    /// Waits for the end and writes the result. A signal cancels the run.
    func finish(_ output: OutputArguments, explains: Bool) async throws {
        let row: RunRow
        do {
            row = try await follow { _, row in
                guard !isQuiet else { return }
                let counts = row.counts
                Terminal.progress("\(counts.total - counts.open) of \(counts.total) pages")
            }
        } catch is CancellationError {
            Terminal.endProgress()
            let (store, run) = (store, run)
            await Task { try? await store.cancel(run, reason: "stopped by a signal") }.value
            Terminal.say("stopped; what was done is kept: gleaner runs show \(try await store.run(number: run).id)")
            throw ExitCode(130)
        }
        Terminal.endProgress()
        try await RunResult(row, from: store).write(output, quiet: isQuiet, explains: explains)
    }
}

extension RunEvent {
    /// A line for a person.
    func text(of run: RunRow) -> String {
        let details = body.flatMap { try? JSON(parsing: $0) }
        let what: String =
            switch kind {
            case .submitted: "submitted: \(details?["pages"]?.int ?? 0) pages"
            case .paused: "paused"
            case .resumed: "goes on"
            case .edited: details?["skipped"]?.int.map { "changed: \($0) pages left out" } ?? "changed"
            case .requeued: "again in the queue: \(details?["pages"]?.int ?? 0) pages"
            case .visit: "\(details?["state"]?.string ?? "done"), \(details?["records"]?.int ?? 0) records: \(url ?? "")"
            case .retry: "will be tried again: \(url ?? "")"
            case .lost: "its worker was lost: \(url ?? "")"
            case .ended: "ended: \(details?["state"]?.string ?? run.state.name)" + (run.reason.map { " (\($0))" } ?? "")
            }
        return "\(at.formatted(.iso8601))  \(what)"
    }

    var json: JSON {
        .of(
            ("number", .integer(Int(number))), ("at", .string(at.formatted(.iso8601))), ("kind", .string(kind.rawValue)),
            ("url", url.map(JSON.string)), ("details", body.flatMap { try? JSON(parsing: $0) }))
    }
}
