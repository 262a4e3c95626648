import ArgumentParser
import Foundation

@main
struct Gleaner: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "gleaner",
        abstract: "Turns web pages into records in which every value says where on the page it stands.",
        discussion: """
            Exit codes: 0 all done; 2 your input; 3 the site (refused, failed, robots.txt); 4 Gleaner or this machine; \
            5 some pages are partial or failed, the others done.
            """,
        version: version,
        subcommands: [
            Extract.self, Crawl.self, MapCommand.self, Browse.self, Serve.self, Runs.self, Nodes.self, Hosts.self, ProxiesCommand.self, Schedule.self, Keys.self, Robots.self,
            Eval.self, ModelCommand.self, StoreCommand.self,
            Doctor.self,
        ])

    /// As ArgumentParser's own, but for the exit codes.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as CommandError {
            Terminal.error(error.message)
            Foundation.exit(error.exit.rawValue)
        } catch let code as ExitCode {
            Foundation.exit(code.rawValue)
        } catch is CancellationError {
            Foundation.exit(130)
        } catch {
            let text = fullMessage(for: error)
            if exitCode(for: error) == .success {
                print(text)
                Foundation.exit(0)
            }
            let isInput = exitCode(for: error) == .validationFailure
            Terminal.error(isInput ? text : String(describing: error))
            Foundation.exit(isInput ? Exit.input.rawValue : Exit.ours.rawValue)
        }
    }
}

/// What a command's exit code says.
enum Exit: Int32 {
    case done = 0
    /// Something that was typed or given can't be used.
    case input = 2
    /// The site refused, failed, or its robots.txt forbids.
    case site = 3
    /// Gleaner or this machine.
    case ours = 4
    /// Some pages are partial or failed, the others done.
    case some = 5
    /// The budget of a crawl ended it.
    case early = 6
    /// `--lock`: the same is under way already.
    case locked = 7
}

/// Ends a command with a sentence for a person and an exit code.
struct CommandError: Error {
    var exit: Exit
    var message: String

    static func input(_ message: String) -> CommandError { CommandError(exit: .input, message: message) }
    static func ours(_ message: String) -> CommandError { CommandError(exit: .ours, message: message) }
    static func site(_ message: String) -> CommandError { CommandError(exit: .site, message: message) }
}
