import ArgumentParser
import Store

/// Limits of a run; the first that is reached ends it, and is said.
struct BudgetArguments: ParsableArguments {
    @Option(help: ArgumentHelp("End the run after so many pages.", valueName: "n")) var maxPages: Int?
    @Option(help: ArgumentHelp("End the run after so many pages that failed.", valueName: "n")) var maxErrors: Int?
    @Option(help: ArgumentHelp("End the run after so many bytes loaded.", valueName: "n")) var maxBytes: Int?
    @Option(help: ArgumentHelp("End the run after its pages were open for so many seconds, added up.", valueName: "seconds"))
    var maxBrowserSeconds: Double?
    @Option(help: ArgumentHelp("End the run after models have read and written so many tokens.", valueName: "n")) var maxTokens: Int?
    @Option(help: ArgumentHelp("End the run so many seconds after it was submitted.", valueName: "seconds")) var maxSeconds: Double?

    func validate() throws {
        for (option, value) in [
            ("--max-pages", maxPages.map(Double.init)), ("--max-errors", maxErrors.map(Double.init)), ("--max-bytes", maxBytes.map(Double.init)),
            ("--max-browser-seconds", maxBrowserSeconds), ("--max-tokens", maxTokens.map(Double.init)), ("--max-seconds", maxSeconds),
        ] {
            if let value, !(value > 0 && value < 1e15) { throw ValidationError("\(option) \(value.formatted()): must be more than 0") }
        }
    }

    /// `budget` with what was given changed.
    func applied(to budget: RunBudget = RunBudget()) -> RunBudget {
        var budget = budget
        if let maxPages { budget.pages = Int64(maxPages) }
        if let maxErrors { budget.errors = Int64(maxErrors) }
        if let maxBytes { budget.bytes = Int64(maxBytes) }
        if let maxBrowserSeconds { budget.browserSeconds = maxBrowserSeconds }
        if let maxTokens { budget.tokens = Int64(maxTokens) }
        if let maxSeconds { budget.wallSeconds = maxSeconds }
        return budget
    }
}

/// Who does a run, and on which terms.
struct RunArguments: ParsableArguments {
    @Flag(help: "Leave the run to a farm (gleaner serve) and print its id.") var detach = false
    @Flag(help: "Do the run in this process even where a farm is alive.") var here = false

    @Option(help: ArgumentHelp("From -5 to 5: one more is twice the share of a farm's time.", valueName: "n"))
    var priority = 0

    @Option(help: ArgumentHelp("A name of yours for the run: submitting it again gives the same run.", valueName: "name"))
    var key: String?

    @OptionGroup(title: "Budget") var budget: BudgetArguments

    func validate() throws {
        guard (-5...5).contains(priority) else { throw ValidationError("--priority \(priority): must be -5 to 5") }
        if detach, here { throw ValidationError("--detach and --here contradict each other") }
        if let key, key.isEmpty || key.utf8.count > 200 { throw ValidationError("--key: must be 1 to 200 bytes long") }
    }

    /// A run with these terms.
    func run(kind: String, spec: String, lane: Lane) -> NewRun {
        var run = NewRun(kind: kind, spec: spec)
        run.lane = lane
        run.priority = priority
        run.key = key
        run.budget = budget.applied()
        return run
    }
}
