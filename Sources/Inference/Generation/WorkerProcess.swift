// The farm's side of one model process. It is started in a process group of its own (a Ctrl-C in the terminal is the farm's to handle),
// with nothing of ours but the socket, and is reaped by the thread that reads from it. Whatever ends it ends every call that waits.

internal import CProcess
internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

final class WorkerProcess: Sendable {
    /// How a call ended that got no report.
    enum End: Error {
        /// By itself, with nothing to do: not a fault.
        case left
        case crashed(String)
    }

    private struct Call {
        var continuation: CheckedContinuation<Result<WorkerReport, End>, Never>
        var onText: @Sendable (String) -> Void
        var hasText = false
    }

    private struct State {
        var calls: [Int: Call] = [:]
        var end: End?
        var stderr: [UInt8] = []
    }

    let pid: Int32
    private let socket: FrameSocket
    private let state = Mutex(State())
    private let writer = DispatchQueue(label: "model-orders")
    private let hasSaidAll = DispatchSemaphore(value: 0)

    private init(pid: Int32, socket: FrameSocket) { (self.pid, self.socket) = (pid, socket) }

    /// Starts the process and its reading threads. The first order must be `load`, answered as call 0.
    static func start(_ command: [String]) throws(InferenceError) -> WorkerProcess {
        func failure(_ what: String) -> InferenceError {
            InferenceError(.crashed, "The model's process could not be started: \(what): \(String(cString: strerror(errno)))")
        }
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw failure("no socket pair")
        }
        let socket = FrameSocket(pair[0])
        defer { close(pair[1]) }
        var pipe: [Int32] = [-1, -1]
        guard gleaner_pipe(&pipe, O_CLOEXEC) == 0 else { throw failure("no pipe") }
        defer { close(pipe[1]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pair[1], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 2)
        _ = gleaner_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        let argv = command.map { strdup($0) } + [nil]
        let envp =
            ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "GGML_NO_BACKTRACE=1", "SWIFT_BACKTRACE=enable=no"].map { (text: String) in strdup(text)
            } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command.first ?? "", &actions, &attributes, argv, envp)
        guard code == 0 else {
            close(pipe[0])
            throw InferenceError(
                .crashed, "The model's process \(command.first ?? "") could not be started: \(String(cString: strerror(code)))")
        }
        let process = WorkerProcess(pid: pid, socket: socket)
        let errors = pipe[0]
        Thread { process.readErrors(errors) }.start()
        Thread { process.readReports() }.start()
        return process
    }

    /// Sends an order and waits for its report. Exactly one of report, crash and leaving answers.
    func call(
        _ id: Int, _ order: WorkerOrder, onText: @escaping @Sendable (String) -> Void = { _ in }
    ) async -> Result<WorkerReport, End> {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> End? in
                if state.end == nil { state.calls[id] = Call(continuation: continuation, onText: onText) }
                return state.end
            }
            if let end { return continuation.resume(returning: .failure(end)) }
            send(order)
        }
    }

    /// Off the caller's thread: a process that doesn't read must not hold it. Where that fails, the reading thread sees the end.
    func send(_ order: WorkerOrder) {
        writer.async { [socket] in if (try? socket.send(order)) == nil { socket.shutDown() } }
    }

    var isWaiting: Bool { state.withLock { !$0.calls.isEmpty } }
    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// Ends it at once; whatever waits is answered with the end.
    func kill() {
        // Under the lock: the reading thread gives the id back (waitpid) only after it has set `end`.
        state.withLock { if $0.end == nil { _ = Glibc.kill(pid, SIGKILL) } }
    }

    /// Closes the socket, which a sound process takes for its end.
    func leave() { socket.shutDown() }

    private func readReports() {
        var isBroken = false
        while let report = socket.receive(WorkerReport.self) {
            switch report {
            case .text(let id, let text):
                let onText = state.withLock { state -> (@Sendable (String) -> Void)? in
                    state.calls[id]?.hasText = true
                    return state.calls[id]?.onText
                }
                onText?(text)
            case .loaded: finish(0, report)
            case .counted(let id, _), .done(let id, _), .failed(let id, _, _): finish(id, report)
            }
        }
        // An end, or what is no frame. A moment for a process that is about to say why it ends; then it is ended.
        var raw: Int32 = 0
        var ended: Int32 = 0
        for _ in 0..<200 {
            ended = waitidNoReap()
            if ended != 0 { break }
            usleep(5000)
        }
        if ended == 0 {
            isBroken = true
            _ = Glibc.kill(pid, SIGKILL)
            _ = waitidNoReap(blocking: true)
        }
        // Its last words come by another way, and a thread of their own.
        _ = hasSaidAll.wait(timeout: .now() + 1)
        let (calls, end) = state.withLock { state -> ([Call], End) in
            while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            let tail = String(decoding: state.stderr.suffix(600), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            let signal = raw & 0x7F
            let how = isBroken ? "it sent what is no answer" : signal == 0 ? "exit status \((raw >> 8) & 0xFF)" : "signal \(signal)"
            let end: End = raw == 0 && !isBroken ? .left : .crashed(how + (tail.isEmpty ? "" : "; it wrote: " + tail))
            state.end = end
            defer { state.calls.removeAll() }
            return (Array(state.calls.values), end)
        }
        for call in calls {
            // One that has begun to answer has not just left.
            if case .left = end, call.hasText {
                call.continuation.resume(returning: .failure(.crashed("it ended in the middle of an answer")))
            } else {
                call.continuation.resume(returning: .failure(end))
            }
        }
    }

    /// Not 0 once the process has ended; it stays a zombie, so that its id is still its own.
    private func waitidNoReap(blocking: Bool = false) -> Int32 {
        var info = siginfo_t()
        let flags = WEXITED | WNOWAIT | (blocking ? 0 : WNOHANG)
        while true {
            let result = waitid(P_PID, id_t(pid), &info, flags)
            if result < 0, errno == EINTR { continue }
            return result < 0 ? -1 : info.si_signo
        }
    }

    private func finish(_ id: Int, _ report: WorkerReport) {
        state.withLock { $0.calls.removeValue(forKey: id) }?.continuation.resume(returning: .success(report))
    }

    private func readErrors(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            state.withLock { $0.stderr = Array(($0.stderr + buffer[..<count]).suffix(4096)) }
        }
        close(descriptor)
        hasSaidAll.signal()
    }
}
