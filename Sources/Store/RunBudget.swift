import Foundation

/// How much a run may use. What is nil is not limited. The first that is used up ends the run, and is said.
package struct RunBudget: Codable, Sendable, Equatable {
    /// Pages visited.
    package var pages: Int64?
    /// Bytes loaded, all that a page brings with it included.
    package var bytes: Int64?
    /// Seconds that pages were open until they were taken.
    package var browserSeconds: Double?
    /// Tokens read and written by models.
    package var tokens: Int64?
    /// Seconds from the submission on, pauses included.
    package var wallSeconds: Double?
    /// Pages that failed.
    package var errors: Int64?

    package init() {}

    /// JSON text, as it stands in the store.
    package init?(stored text: String) {
        guard let budget = try? JSONDecoder().decode(RunBudget.self, from: Data(text.utf8)) else { return nil }
        self = budget
    }

    /// Nil where nothing is limited.
    package var stored: String? {
        guard self != RunBudget() else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Which limit was reached, in a sentence; nil where none was.
    package func exceeded(by used: Usage) -> String? {
        func limit(_ most: Int64?, _ used: Int64, _ what: String) -> String? {
            most.flatMap { used >= $0 ? "the budget of \($0) \(what) is used up" : nil }
        }
        return limit(pages, used.pages, "pages") ?? limit(errors, used.errors, "failed pages") ?? limit(bytes, used.bytes, "bytes")
            ?? limit(tokens, used.tokens, "model tokens")
            ?? browserSeconds.flatMap {
                Double(used.browserMilliseconds) >= $0 * 1000 ? "the budget of \(RunBudget.text($0)) browser seconds is used up" : nil
            }
    }

    var timeReason: String { "the budget of \(RunBudget.text(wallSeconds ?? 0)) seconds is used up" }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
