import ArgumentParser
import Documents
import Foundation
import Scheduling
import Store

struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Checks, compacts, copies and thins out the store.",
        subcommands: [Check.self, Vacuum.self, Backup.self, Export.self, Prune.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Looks for what can't be true: counts that differ from the rows, visits that nobody will do, runs that can't end.",
            discussion: "May run beside working processes. Exit code 4 where something was found.")

        @Flag(help: "As JSON.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let (faults, name) = try await place.with { (try await $0.check(), $0.place) }
            if json {
                print(
                    JSON.of(
                        ("store", .string(name)),
                        ("faults", .array(faults.map { .of(("area", .string($0.area)), ("message", .string($0.message))) }))
                    ).text(pretty: true))
            } else {
                for fault in faults { print("\(fault.area): \(fault.message)") }
                if faults.isEmpty { print("\(name) is sound") }
            }
            if !faults.isEmpty { throw ExitCode(Exit.ours.rawValue) }
        }
    }

    struct Vacuum: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives back the room of what was deleted.", discussion: "On SQLite, writers wait while it works.")

        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws { try await place.with { try await $0.vacuum() } }
    }

    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a copy of a SQLite store as it is now.",
            discussion: "May run beside working processes. PostgreSQL is copied with its own tools (pg_dump).")

        @Argument(help: ArgumentHelp("A file that isn't there yet.", valueName: "file")) var file: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let path = URL(fileURLWithPath: file).path
            guard !FileManager.default.fileExists(atPath: path) else { throw CommandError.input("\(file) is there already; name a new file") }
            do {
                try await place.with { try await $0.backUp(to: path) }
            } catch let error as StoreError where error.code == .unsupported {
                throw CommandError.input(error.message)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes all runs with their pages and records, a JSON object a line.",
            discussion: """
                A line {"type": "run", …}, then one {"type": "page", "run": "run_…", …} for each of its pages, oldest run first. Goes to \
                standard output; snapshots are left out.
                """)

        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                for run in try await store.runs(limit: .max).reversed() {
                    let spec = try? JSON(parsing: run.spec)
                    try line([("type", .string("run"))], RunText.json(run), [("spec", spec ?? .null)])
                    var position = 0
                    while true {
                        let visits = try await store.visits(of: run.number, from: position, limit: 200)
                        for visit in visits {
                            let page = try await PageReport(visit, from: store)
                            try line([("type", .string("page")), ("run", .string(run.id.description))], page.json, [])
                        }
                        guard let last = visits.last else { break }
                        position = last.position + 1
                    }
                }
            }
        }

        private func line(_ before: [(String, JSON)], _ object: JSON, _ after: [(String, JSON)]) throws {
            let members = { (pairs: [(String, JSON)]) in pairs.map { JSON.Member($0.0, $0.1) } }
            let whole = JSON.object(members(before) + (object.members ?? []) + members(after))
            try FileHandle.standardOutput.write(contentsOf: Data((whole.description + "\n").utf8))
        }
    }

    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes old snapshots and events, as a farm does each hour with the same options.",
            discussion: "Runs, pages and records stay. `gleaner store vacuum` gives the room back.")

        @OptionGroup(title: "Retention") var retention: RetentionArguments
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let wanted = try retention.retention()
            guard wanted != Retention() else {
                throw CommandError.input("what is to be removed? --keep-snapshots, --snapshot-limit, --keep-events or --event-limit says it")
            }
            print("removed: \(try await place.with { try await $0.prune(wanted) })")
        }
    }
}
