import Foundation
import Scheduling
import Store
import Synchronization

/// What a person sees while a run is under way: one line that changes on a terminal, nothing elsewhere but what they must know.
final class RunProgress: Sendable {
    private struct State {
        var active: [Int64: String] = [:]
        var done = 0
        var trouble = 0
        var records = 0
        /// Of a crawl: how far it is.
        var outlook = ""
    }

    private let isQuiet: Bool
    private let state = Mutex(State())
    private let crawl: (run: Int64, store: Store)?
    private let start = ContinuousClock.now

    /// - Parameter run: of a crawl, whose pages are not known beforehand.
    init(isQuiet: Bool, run: Int64? = nil, in store: Store? = nil) {
        self.isQuiet = isQuiet
        if let run, let store { crawl = (run, store) } else { crawl = nil }
    }

    /// Says every second how far a crawl is: what it waits for, and how long it will take at this rate. Ends when it is cancelled.
    func followCrawl() async {
        guard let (run, store) = crawl, !isQuiet, Terminal.isErrorTerminal else { return }
        while !Task.isCancelled {
            if let counts = try? await store.counts(of: run), let hosts = try? await store.openHosts(of: run, limit: 2) {
                let done = counts.total - counts.open
                var outlook = "\(done) of \(counts.total) pages"
                if counts.open > 0, !hosts.isEmpty { outlook += ", waits for " + hosts.map { "\($0.host) (\($0.open))" }.joined(separator: ", ") }
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                if done > 10, counts.open > 0 {
                    let left = seconds / Double(done) * Double(counts.open)
                    outlook += left < 90 ? ", about \(Int(left)) s" : ", about \(Int(left / 60) + 1) min"
                }
                let line = outlook
                state.withLock { $0.outlook = line }
                Terminal.progress(state.withLock { RunProgress.summary($0) })
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    func show(_ progress: Scheduler.Progress) {
        guard !isQuiet else { return }
        state.withLock { state in
            switch progress {
            case .started(let lease): state.active[lease.visit] = lease.url
            case .finished(let lease, let outcome):
                state.active[lease.visit] = nil
                state.done += 1
                state.records += outcome.records.count
                if outcome.state != .completed { state.trouble += 1 }
            case .retrying(let lease, let outcome):
                state.active[lease.visit] = nil
                Terminal.say("trying again: \(outcome.reason ?? lease.url)")
            case .dropped(let lease): state.active[lease.visit] = nil
            case .storeAway(let reason): return Terminal.progress("\(RunProgress.summary(state)); waiting for the store: \(reason)")
            case .waiting(let pause):
                return Terminal.progress("\(RunProgress.summary(state)); waiting \(String(format: "%.1f", pause / .seconds(1))) s for the site")
            }
            let now = state.active.values.sorted().first.map { ", reading \($0)" } ?? ""
            Terminal.progress(RunProgress.summary(state) + now)
        }
    }

    func end() { Terminal.endProgress() }

    private static func summary(_ state: State) -> String {
        (state.outlook.isEmpty ? "\(state.done) pages" : state.outlook) + ", \(state.records) records" + (state.trouble > 0 ? ", \(state.trouble) with trouble" : "")
    }
}
