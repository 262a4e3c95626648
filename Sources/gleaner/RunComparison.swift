import ArgumentParser
import Changes
import Crawling
import Documents
import Foundation
import Scheduling
import Store

extension RunDiff {
    /// What is different between two runs of the store.
    init(_ old: RunRow, _ new: RunRow, _ options: DiffOptions = DiffOptions(), in store: Store) async throws {
        self.init(
            old: try await RunDiff.pages(of: old, in: store), new: try await RunDiff.pages(of: new, in: store), options: options)
    }

    private static func pages(of run: RunRow, in store: Store) async throws -> [DiffPage] {
        var pages: [DiffPage] = []
        try await RunReport.pages(of: run, from: store) { reports in
            for report in reports {
                let key = URLIdentity(report.url).map(Frontier.key) ?? report.url
                // A page that a crawl leaves out because it is another one holds nothing that could be missing.
                let isTwin = ["duplicate", "soft-404", "moved"].contains(report.code)
                let status = DiffPage.Status(rawValue: report.status) ?? .failed
                let isCut = report.incomplete.contains { $0["path"]?.string == "" }
                pages.append(
                    DiffPage(
                        key: key, status: isTwin ? .completed : status, records: report.records, isWhole: isCut ? false : nil))
            }
        }
        return pages
    }
}

extension Runs {
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What changed between two runs of the same thing: records new, gone and changed, value by value.",
            discussion: """
                gleaner runs diff run_019a run_019b
                gleaner runs diff last                       # with the run before it of the same schedule or crawl
                gleaner runs diff last --by sku --when 'price:changed>=5' --when 'gone>10%'

                Records of pages that failed or were read in part are not called gone. With --when it exits with 1 where one of the thresholds is \
                reached: changed>=1, new>0, gone>10%, missing:price>50%, failed>5%.
                """)

        @Argument(help: "The earlier run; or the later one alone.") var first: String
        @Argument(help: "The later run.") var second: String?
        @Option(help: ArgumentHelp("Fields that say which record it is, as id,sku; found where it isn't said.", valueName: "fields")) var by = ""
        @Option(help: ArgumentHelp("Fields that may differ.", valueName: "fields")) var ignore = ""
        @Option(help: ArgumentHelp("Say which of these thresholds are reached. Repeatable.", valueName: "threshold")) var when: [String] = []
        @Option(help: "Lines of the text.") var lines = 40
        @Flag(help: "As JSON.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let thresholds = try when.map(ChangeThreshold.checked)
            let options: DiffOptions
            do throws(ChangesError) { options = try DiffOptions(by: by, ignore: ignore) } catch { throw CommandError.input("--\(error)") }
            let reached = try await place.with { store -> [String] in
                let (old, new) = try await runs(in: store)
                let diff = try await RunDiff(old, new, options, in: store)
                let reached = thresholds.compactMap { $0.sentence(on: diff) }
                if json {
                    let members: [JSON.Member] = [
                        .init("old", .string(old.id.description)), .init("new", .string(new.id.description)),
                        .init("reached", .array(reached.map(JSON.string))),
                    ]
                    print(JSON.object(members + (diff.json.members ?? [])).text(pretty: true))
                } else {
                    print("\(old.id) → \(new.id)")
                    print(Terminal.safe(diff.text(lines: lines)))
                    for sentence in reached { print("! \(Terminal.safe(sentence))") }
                }
                return reached
            }
            if !reached.isEmpty { throw ExitCode(1) }
        }

        private func runs(in store: Store) async throws -> (RunRow, RunRow) {
            let first = try await find(first, in: store)
            if let second { return (first, try await find(second, in: store)) }
            guard let series = first.series, let before = try await store.runBefore(first.number, in: series) else {
                throw CommandError.input("\(first.id): there is no run before it of the same schedule or crawl; say which two to compare")
            }
            return (before, first)
        }
    }
}

extension ChangeThreshold {
    static func checked(_ text: String) throws -> ChangeThreshold {
        do throws(ChangesError) { return try ChangeThreshold(text) } catch { throw CommandError.input("--when: \(error)") }
    }
}
