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
    }

    private let isQuiet: Bool
    private let state = Mutex(State())

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

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
        "\(state.done) pages, \(state.records) records" + (state.trouble > 0 ? ", \(state.trouble) with trouble" : "")
    }
}
