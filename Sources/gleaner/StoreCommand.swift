import ArgumentParser
import Documents
import Foundation
import Store

struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Checks, compacts and copies the store.", subcommands: [Check.self, Vacuum.self, Backup.self])

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
}
