import Documents
import Foundation
import Synchronization
import TestMaterial

/// The built executable, run as a person runs it: its own data folder, a real browser.
struct Command: Sendable {
    struct Outcome: Sendable {
        var exit: Int32
        var output: String
        var error: String

        var json: JSON { (try? JSON(parsing: output)) ?? .null }
        /// Of the only page.
        var page: JSON { json["pages"]?.array?.first ?? .null }
    }

    var data: URL
    var executable = Command.built
    var environment: [String: String] = [:]
    /// What was started: a test that fails in the middle must not leave a farm behind.
    private let started = Started()

    init(data: URL) { self.data = data }

    /// Beside the test bundle.
    static let built: URL = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appending(path: "gleaner")
    }()

    /// Lends a command with a data folder of its own.
    static func with<Value>(_ body: (Command, URL) async throws -> Value) async throws -> Value {
        try await withTemporaryFolder { folder in
            let command = Command(data: folder.appending(path: "data"))
            defer { command.started.end() }
            return try await body(command, folder)
        }
    }

    func callAsFunction(_ arguments: String..., input: String = "") async throws -> Outcome {
        let process = try start(arguments, input: input)
        return try await process.outcome()
    }

    func start(_ arguments: [String], input: String = "") throws -> Running {
        let running = try Running(
            executable: executable, arguments, environment: environment.merging(["GLEANER_DATA": data.path]) { $1 }, input: input)
        started.add(running)
        return running
    }

    private final class Started: Sendable {
        private let commands = Mutex<[Running]>([])

        func add(_ command: Running) { commands.withLock { $0.append(command) } }

        func end() {
            for command in commands.withLock({ $0 }) where command.process.isRunning {
                kill(command.process.processIdentifier, SIGKILL)
            }
        }
    }

    /// A command under way.
    final class Running: @unchecked Sendable {
        private static let starting = Mutex(())
        // Used by one test at a time; Process is not marked Sendable.
        let process = Process()
        private let output = Pipe()
        private let error = Pipe()
        private let ended: AsyncStream<Void>

        init(executable: URL, _ arguments: [String], environment: [String: String], input: String) throws {
            process.executableURL = executable
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardOutput = output
            process.standardError = error
            let stdin = Pipe()
            process.standardInput = stdin
            let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
            self.ended = ended
            process.terminationHandler = { _ in continuation.finish() }
            // Foundation's `run` has crashed (a wild pointer in its own copying) when several threads were in it.
            try Running.starting.withLock { _ in try process.run() }
            stdin.fileHandleForWriting.write(Data(input.utf8))
            try stdin.fileHandleForWriting.close()
        }

        func outcome() async throws -> Outcome {
            // Both pipes are read to their ends on threads of their own: a full one would stop the command.
            let output = output
            let error = error
            async let out = Running.text(of: output)
            async let err = Running.text(of: error)
            let (text, complaint) = await (out, err)
            for await _ in ended {}
            return Outcome(exit: process.terminationStatus, output: text, error: complaint)
        }

        private static func text(of pipe: Pipe) async -> String {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    // Foundation's own reading traps where a signal comes in between (EINTR).
                    var data = Data()
                    let descriptor = pipe.fileHandleForReading.fileDescriptor
                    var buffer = [UInt8](repeating: 0, count: 65_536)
                    while true {
                        let count = read(descriptor, &buffer, buffer.count)
                        if count > 0 { data.append(contentsOf: buffer[..<count]) } else if count == 0 || errno != EINTR { break }
                    }
                    continuation.resume(returning: String(decoding: data, as: UTF8.self))
                }
            }
        }
    }
}
