import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Standard error and its progress line. Results go to standard output and nowhere else.
enum Terminal {
    static let isErrorTerminal = isatty(2) == 1
    static let isOutputTerminal = isatty(1) == 1
    private static let line = Mutex("")

    /// Width of the terminal, or of `COLUMNS`; 100 where neither is known.
    static var width: Int {
        var size = winsize()
        if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 { return Int(size.ws_col) }
        if let text = ProcessInfo.processInfo.environment["COLUMNS"], let columns = Int(text), columns > 20 { return columns }
        return 100
    }

    static func error(_ text: String) { say("gleaner: " + text) }

    /// A line that stays; the progress line is drawn again below it.
    static func say(_ text: String) {
        line.withLock { line in
            write((line.isEmpty ? "" : "\r\u{1B}[K") + safe(text) + "\n" + line)
        }
    }

    /// The one line that is overwritten; nothing where standard error is no terminal.
    static func progress(_ text: String) {
        guard isErrorTerminal else { return }
        line.withLock { line in
            let cut = String(safe(text).prefix(max(20, width - 1)))
            write("\r\u{1B}[K" + cut)
            line = cut
        }
    }

    static func endProgress() {
        line.withLock { line in
            if !line.isEmpty { write("\r\u{1B}[K") }
            line = ""
        }
    }

    /// Text of a page must not steer the terminal: control characters are shown as "·".
    static func safe(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(isControl(scalar) ? "·" : scalar) }
        return String(out)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value < 0x20 && scalar != "\n" && scalar != "\t") || (0x7F...0x9F).contains(scalar.value)
            || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Writes results: to standard output, or to a file by a temporary one beside it, so that a reader never sees half a file.
struct Output {
    var path: String?

    /// For what comes in parts: a file has its name only when it is whole.
    func stream(_ body: ((String) throws -> Void) async throws -> Void) async throws {
        guard let path, path != "-" else { return try await body { try FileHandle.standardOutput.write(contentsOf: Data($0.utf8)) } }
        let part = path + ".part"
        guard FileManager.default.createFile(atPath: part, contents: nil), let file = FileHandle(forWritingAtPath: part) else {
            throw CommandError.input("--output \(path): can't be written")
        }
        do {
            try await body { try file.write(contentsOf: Data($0.utf8)) }
            try file.close()
            guard rename(part, path) == 0 else { throw CommandError.input("--output \(path): can't be written (\(String(cString: strerror(errno))))") }
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error
        }
    }

    func write(_ text: String) throws { try write(Data(text.utf8)) }

    func write(_ data: Data) throws {
        guard let path, path != "-" else {
            try FileHandle.standardOutput.write(contentsOf: data)
            return
        }
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandError.input("--output \(path): can't be written (\(error.localizedDescription))")
        }
    }
}
