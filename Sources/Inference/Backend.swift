internal import CLlama
internal import Foundation
internal import Synchronization

/// llama.cpp's process-wide state: the backend and the log.
///
/// The log is the only place where llama.cpp says why a call returned NULL, so warnings and errors are kept, not printed.
/// `llama_log_set` is not thread safe and is called once, before all else.
enum Backend {
    private static let kept = Mutex<[String]>([])

    private static let started: Void = {
        llama_log_set(keepLogLine, nil)
        // Where a debugger is installed, an assertion in ggml starts gdb on this process before it aborts: takes seconds, helps nobody.
        setenv("GGML_NO_BACKTRACE", "1", 0)
        llama_backend_init()
    }()

    static func start() { _ = started }

    fileprivate static func keep(_ line: String) {
        kept.withLock { lines in
            if lines.count >= 64 { lines.removeFirst() }
            lines.append(line.hasSuffix("\n") ? String(line.dropLast()) : line)
        }
    }

    /// Takes what was logged since the last call. With several loads at once the lines may be another load's.
    static func takeLog() -> String {
        kept.withLock { lines in
            defer { lines.removeAll() }
            return lines.isEmpty ? "llama.cpp gave no reason" : lines.joined(separator: "; ")
        }
    }
}

/// Runs on whichever thread logs. A top-level function: a closure written in isolated code would trap on a foreign thread.
private func keepLogLine(level: ggml_log_level, text: UnsafePointer<CChar>?, _: UnsafeMutableRawPointer?) {
    guard level == GGML_LOG_LEVEL_ERROR || level == GGML_LOG_LEVEL_WARN, let text else { return }
    Backend.keep(String(cString: text))
}

/// Version and processor features of the llama.cpp that is linked in, for `doctor`.
package struct LlamaLibrary: Sendable {
    package let version: String
    package let features: String

    package init() {
        Backend.start()
        version = String(cString: llama_version())
        features = String(cString: llama_print_system_info())
    }
}
