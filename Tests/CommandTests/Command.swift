import Documents
import Foundation
import Glibc
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
    final class Running: Sendable {
        let process: Child
        private let output: Int32
        private let error: Int32
        private static let starting = Mutex(())

        init(executable: URL, _ arguments: [String], environment: [String: String], input: String) throws {
            // One at a time: the ends of a pipe must not reach the child of another.
            let ends = try Running.starting.withLock { _ in
                let (stdin, stdout, stderr) = (try Running.pipe(), try Running.pipe(), try Running.pipe())
                defer { for descriptor in [stdin.read, stdout.write, stderr.write] { close(descriptor) } }
                let child = try Child(
                    [executable.path] + arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
                    descriptors: [stdin.read, stdout.write, stderr.write])
                return (child: child, stdin: stdin.write, stdout: stdout.read, stderr: stderr.read)
            }
            (process, output, error) = (ends.child, ends.stdout, ends.stderr)
            // A command that has ended meanwhile reads nothing; the tests ignore SIGPIPE as Foundation does.
            let feed = FileHandle(fileDescriptor: ends.stdin, closeOnDealloc: false)
            try? feed.write(contentsOf: Data(input.utf8))
            close(ends.stdin)
        }

        private static func pipe() throws -> (read: Int32, write: Int32) {
            var ends: [Int32] = [0, 0]
            guard Glibc.pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return (ends[0], ends[1])
        }

        func outcome() async throws -> Outcome {
            // Both pipes are read to their ends on threads of their own: a full one would stop the command.
            async let out = Running.text(of: output)
            async let err = Running.text(of: error)
            let (text, complaint) = await (out, err)
            return Outcome(exit: await process.ended(), output: text, error: complaint)
        }

        private static func text(of descriptor: Int32) async -> String {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    var data = Data()
                    var buffer = [UInt8](repeating: 0, count: 65_536)
                    while true {
                        let count = read(descriptor, &buffer, buffer.count)
                        if count > 0 { data.append(contentsOf: buffer[..<count]) } else if count == 0 || errno != EINTR { break }
                    }
                    close(descriptor)
                    continuation.resume(returning: String(decoding: data, as: UTF8.self))
                }
            }
        }
    }

    /// A process. Foundation's own crashes now and then (a wild pointer in `run`) where many are started, and traps where a signal comes in
    /// between (EINTR).
    final class Child: Sendable {
        let processIdentifier: Int32
        private let status = Mutex<Int32?>(nil)

        /// - Parameter descriptors: its standard input, output and error.
        init(_ arguments: [String], environment: [String: String], descriptors: [Int32]) throws {
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            for (number, descriptor) in descriptors.enumerated() {
                posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
            }
            // Whatever this thread has blocked, the command hears its signals.
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            var (none, all) = (sigset_t(), sigset_t())
            sigemptyset(&none)
            sigfillset(&all)
            posix_spawnattr_setsigmask(&attributes, &none)
            posix_spawnattr_setsigdefault(&attributes, &all)
            posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
            let argv = arguments.map { strdup($0) } + [nil]
            let envp = environment.map { strdup("\($0)=\($1)") } + [nil]
            defer { for text in argv + envp { free(text) } }
            var pid: pid_t = 0
            let fault = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
            guard fault == 0 else { throw POSIXError(POSIXErrorCode(rawValue: fault) ?? .EIO) }
            processIdentifier = pid
        }

        var isRunning: Bool { look() == nil }

        func interrupt() { kill(processIdentifier, SIGINT) }

        /// Its exit code; the number of the signal that ended it.
        func ended() async -> Int32 {
            while true {
                if let status = look() { return status }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }

        private func look() -> Int32? {
            status.withLock { status in
                if let status { return status }
                var raw: Int32 = 0
                guard waitpid(processIdentifier, &raw, WNOHANG) == processIdentifier else { return nil }
                let code = raw & 0x7F == 0 ? raw >> 8 & 0xFF : raw & 0x7F
                status = code
                return code
            }
        }
    }
}
