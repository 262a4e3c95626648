// A Chromium in a process group of its own, as an unprivileged user when we are root.
//
// Chromium's sandbox refuses to start as root (and `--no-sandbox` would run page code as root), so root starts it through `setpriv`, which
// execs: the process id stays, there is no wrapper to signal. A fork-and-setuid of our own is not safe in a threaded process, and
// posix_spawn can't change the user. `setpriv --pdeathsig` also kills the browser when we die; the kernel ties that to the *thread* that
// spawned, so one immortal thread does the spawning (`Spawner`).
//
// Ending is data (`Teardown`): ask, wait, TERM the group, wait, KILL the group, and wait until no member of the group is left. Zygotes and
// renderers outlive the browser by moments; as their subreaper we collect them, else they would be zombies of a PID 1 that in containers
// often reaps nothing.

import CProcess
import DevTools
import Foundation

/// How a browser is ended: each step waits so long for the group to be gone before the next begins.
package struct Teardown: Sendable {
    package enum Step: Sendable {
        /// `Browser.close` over the socket, where there is one.
        case ask(Duration)
        /// SIGTERM to the whole group.
        case terminate(Duration)
        /// SIGKILL to the whole group. The wait is for the kernel only.
        case kill(Duration)
    }
    package var steps: [Step]

    /// Within 1.5 seconds, so that a whole farm stops within two.
    package static let quick = Teardown(steps: [.ask(.milliseconds(400)), .terminate(.milliseconds(400)), .kill(.milliseconds(700))])
    /// For browsers that don't answer any more.
    package static let atOnce = Teardown(steps: [.kill(.milliseconds(700))])
}

final class BrowserProcess: Sendable {
    /// Also the id of the process group.
    let pid: Int32
    /// `ws://127.0.0.1:PORT/devtools/browser/…`
    let endpoint: URL
    private let folder: OwnedFolder
    private let log: StderrTail
    private let status = Guarded<ExitStatus?>(nil)
    /// The group is gone and must not be signalled again: its id may be another's by now.
    private let isGone = Guarded(false)

    private init(pid: Int32, endpoint: URL, folder: OwnedFolder, log: StderrTail) {
        (self.pid, self.endpoint, self.folder, self.log) = (pid, endpoint, folder, log)
    }

    /// The end of what it wrote to stderr. Pages can write there too: untrusted text.
    var stderr: String { log.tail }
    /// Known once the process has ended and was reaped.
    var exitStatus: ExitStatus? { status.withLock { $0 } }

    /// Starts a browser and waits until it listens.
    static func launch(
        _ installation: BrowserInstallation, arguments: [String], account: Account?, in root: URL, farm: String, within limit: Duration
    ) async throws(FleetError) -> BrowserProcess {
        if let account, Spawner.setpriv == nil {
            throw FleetError(.launchFailed, "setpriv, which starts the browser as \(account.name), is missing: apt-get install util-linux")
        }
        let folder = try OwnedFolder.make(in: root, farm: farm, account: account)
        var arguments =
            [installation.executable, "--remote-debugging-port=0", "--user-data-dir=\(folder.profile.path)"] + arguments + ["about:blank"]
        if !installation.isHeadlessShell { arguments.insert("--headless=new", at: 1) }
        if let setpriv = Spawner.setpriv {
            var prefix = [setpriv]
            if let account {
                prefix += ["--reuid", "\(account.user)", "--regid", "\(account.group)", "--clear-groups"]
            }
            arguments = prefix + ["--no-new-privs", "--pdeathsig", "KILL", "--"] + arguments
        }
        let environment = [
            "HOME=\(folder.profile.path)", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC", "\(OwnershipMark.variable)=\(folder.mark.id)",
            "DBUS_SESSION_BUS_ADDRESS=disabled:", "DBUS_SYSTEM_BUS_ADDRESS=disabled:",  // else errors on stderr where there is no D-Bus
        ]
        let log = StderrTail()
        let pid: Int32
        let pipe: Int32
        do {
            (pid, pipe) = try await Spawner.shared.run { [arguments] in try Spawner.spawn(arguments, environment) }
        } catch {
            folder.remove()
            throw (error as? FleetError) ?? FleetError(.launchFailed, "\(installation.executable) could not be started", underlying: error)
        }
        folder.record(group: pid)
        let endpoint = await withCheckedContinuation { (waiting: CheckedContinuation<URL?, Never>) in
            log.start(reading: pipe, within: limit) { waiting.resume(returning: $0) }
        }
        guard let endpoint else {
            let status = Guarded<ExitStatus?>(nil)
            await Self.end(group: pid, .atOnce, status: status, ask: {})
            folder.remove()
            let account = account.map { " as \($0.name)" } ?? ""
            throw FleetError(
                .launchFailed,
                "\(installation.executable) did not begin to listen\(account) within \(limit)"
                    + (status.withLock { $0 }.map { "; it ended with \($0)" } ?? "") + ". It wrote:\n" + log.tail)
        }
        return BrowserProcess(pid: pid, endpoint: endpoint, folder: folder, log: log)
    }

    /// Ends the group and removes the profile. Goes on when the caller is cancelled: a reap that stops half-way is a leak.
    func end(_ teardown: Teardown, ask: @escaping @Sendable () -> Void = {}) async {
        await Task {
            guard !isGone.withLock({ $0 }) else { return }
            await Self.end(group: pid, teardown, status: status, ask: ask)
            folder.remove()
            isGone.withLock { $0 = true }
        }.value
    }

    /// The leader's status is noted as soon as it is reaped: two may be ending the same group, and only one of them reaps the leader.
    private static func end(group: Int32, _ teardown: Teardown, status: Guarded<ExitStatus?>, ask: @Sendable () -> Void) async {
        for step in teardown.steps {
            let patience: Duration
            switch step {
            case .ask(let wait):
                ask()
                patience = wait
            case .terminate(let wait):
                kill(-group, SIGTERM)
                patience = wait
            case .kill(let wait):
                kill(-group, SIGKILL)
                patience = wait
            }
            let deadline = ContinuousClock.now + patience
            while true {
                if reap(group, into: status) { return }
                if .now >= deadline { break }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// True when no member of the group is left: ESRCH is the proof.
    private static func reap(_ group: Int32, into status: Guarded<ExitStatus?>) -> Bool {
        var raw: Int32 = 0
        while case let child = waitpid(-group, &raw, WNOHANG), child > 0 {
            if child == group { status.withLock { $0 = ExitStatus(raw: raw) } }
        }
        return kill(-group, 0) != 0 && errno == ESRCH
    }
}

/// How a process ended.
package struct ExitStatus: Sendable, Hashable, CustomStringConvertible {
    let raw: Int32

    package var description: String {
        let signal = raw & 0x7F
        return signal == 0 ? "exit status \((raw >> 8) & 0xFF)" : "signal \(signal)"
    }
}

/// An account that runs browsers for root.
struct Account: Sendable, Hashable {
    var name: String
    var user: UInt32
    var group: UInt32

    /// Nil where we are not root: the browser then runs as ourselves. Root's browser runs as the first of these accounts that exists;
    /// it never runs as root.
    static func forBrowsers(_ names: [String]) throws(FleetError) -> Account? {
        guard geteuid() == 0 else { return nil }
        for name in names {
            if let entry = getpwnam(name), entry.pointee.pw_uid != 0 {
                return Account(name: name, user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
            }
        }
        throw FleetError(
            .launchFailed,
            "the farm runs as root and none of the accounts \(names.joined(separator: ", ")) exists to run the browser; "
                + "create one: useradd --system --no-create-home --shell /usr/sbin/nologin gleaner")
    }
}

/// The thread that spawns: see the essay above. A browser must not die because some worker thread was retired.
final class Spawner: Sendable {
    static let shared = Spawner()
    private let queue = Guarded<[@Sendable () -> Void]>([])
    private let signal = DispatchSemaphore(value: 0)

    static let setpriv: String? = ["/usr/bin/setpriv", "/bin/setpriv"].first { FileManager.default.isExecutableFile(atPath: $0) }

    private init() {
        _ = gleaner_become_subreaper()
        let thread = Thread { [self] in
            while true {
                signal.wait()
                queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
            }
        }
        thread.name = "spawner"
        thread.start()
    }

    func run<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            queue.withLock { $0.append { continuation.resume(with: Result(catching: work)) } }
            signal.signal()
        }
    }

    /// Starts a process in its own group, without our descriptors; returns its id and the reading end of its stderr (or of both outputs).
    static func spawn(_ arguments: [String], _ environment: [String], withOutput: Bool = false) throws -> (pid: Int32, pipe: Int32) {
        var pipe: [Int32] = [0, 0]
        guard gleaner_pipe(&pipe, O_CLOEXEC) == 0 else {
            throw FleetError(.launchFailed, "no pipe could be made: \(String(cString: strerror(errno)))")
        }
        defer { close(pipe[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if withOutput {
            posix_spawn_file_actions_adddup2(&actions, pipe[1], 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 2)
        _ = gleaner_spawn_close_from(&actions, 3)  // sockets opened without CLOEXEC must not reach pages
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
        guard code == 0 else {
            close(pipe[0])
            throw FleetError(.launchFailed, "\(arguments[0]) could not be started: \(String(cString: strerror(code)))")
        }
        return (pid, pipe[0])
    }

    /// Runs a short command to its end and returns what it wrote; blocks the calling thread for at most `limit`.
    static func output(of arguments: [String], within limit: Duration) throws -> String {
        let (pid, pipe) = try spawn(arguments, ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent"], withOutput: true)
        defer {
            kill(-pid, SIGKILL)
            waitpid(pid, nil, 0)
            close(pipe)
        }
        var bytes: [UInt8] = []
        let deadline = ContinuousClock.now + limit
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { break }
            var poller = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, Int32(clamping: left.milliseconds)) > 0 else { break }
            let count = read(pipe, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up and clamped.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard abs(seconds) < 1 << 40 else { return seconds < 0 ? .min : .max }
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// The end of what a browser writes to stderr, for the error that tells of its death.
private final class StderrTail: Sendable {
    private struct State {
        var lines: [String] = []
        var found: (@Sendable (URL?) -> Void)?
    }
    private let state = Guarded(State())

    var tail: String { state.withLock { $0.lines.joined(separator: "\n") } }

    /// Reads until the end, on a thread of its own; `found` is called once: with the endpoint, or with nil if the browser ended before it
    /// listened or the time was up.
    func start(reading descriptor: Int32, within limit: Duration, found: @escaping @Sendable (URL?) -> Void) {
        state.withLock { $0.found = found }
        Thread { [self] in read(descriptor) }.start()
        DispatchQueue.global().asyncAfter(deadline: .now() + limit.inSeconds) { [self] in tell(nil) }
    }

    private func tell(_ endpoint: URL?) {
        let found = state.withLock { state in
            defer { state.found = nil }
            return state.found
        }
        found?(endpoint)
    }

    private func read(_ descriptor: Int32) {
        let file = fdopen(descriptor, "r")
        guard let file else {
            close(descriptor)
            return tell(nil)
        }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 4096)  // a longer line counts as several
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
            let line = String(decoding: bytes.prefix(500), as: UTF8.self)
            state.withLock { $0.lines = Array(($0.lines + [line]).suffix(30)) }
            if let range = line.range(of: "DevTools listening on "), let url = URL(string: String(line[range.upperBound...])) { tell(url) }
        }
        tell(nil)
    }
}
