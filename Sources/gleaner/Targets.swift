import Foundation

/// The addresses of a command: typed, in a file (`@urls.txt`), or on standard input (`-`).
struct Targets {
    /// Where an address came from, for errors: "urls.txt line 3".
    struct Entry: Equatable {
        var url: String
        var origin: String
    }

    /// A stored page has one address: that of `--url`, or of its file.
    static func read(_ arguments: [String], stored: StoredPageArguments) throws -> [Entry] {
        guard let file = stored.html else { return try read(arguments) }
        guard arguments.isEmpty else { throw CommandError.input("--html reads a file: say its address with --url, not beside it") }
        guard FileManager.default.isReadableFile(atPath: file) else { throw CommandError.input("--html \(file): there is no such file") }
        let url = stored.url ?? URL(fileURLWithPath: file).absoluteString
        return [Entry(url: try checked(Entry(url: url, origin: "--url")), origin: "--url")]
    }

    static func read(_ arguments: [String]) throws -> [Entry] {
        var entries: [Entry] = []
        for argument in arguments {
            if argument == "-" {
                // `readDataToEndOfFile` traps where reading fails.
                guard let data = try? FileHandle.standardInput.readToEnd() ?? Data() else {
                    throw CommandError.input("standard input can't be read")
                }
                entries += lines(of: String(decoding: data, as: UTF8.self), from: "standard input")
            } else if argument.hasPrefix("@") {
                let path = String(argument.dropFirst())
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw CommandError.input("\(path): there is no such file with addresses, or it can't be read")
                }
                entries += lines(of: String(decoding: data, as: UTF8.self), from: path)
            } else {
                entries.append(Entry(url: argument, origin: "the address"))
            }
        }
        guard !entries.isEmpty else { throw CommandError.input("there is no address to read") }
        return try entries.map { Entry(url: try checked($0), origin: $0.origin) }
    }

    /// One address a line; empty lines and those that begin with "#" are left out.
    private static func lines(of text: String, from name: String) -> [Entry] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { number, line in
            let url = line.trimmingCharacters(in: .whitespacesAndNewlines)
            return url.isEmpty || url.hasPrefix("#") ? nil : Entry(url: url, origin: "\(name) line \(number + 1)")
        }
    }

    /// An absolute http, https or file address; a name without a scheme is taken for https, an existing file for itself.
    private static func checked(_ entry: Entry) throws -> String {
        let text = entry.url
        func fail(_ why: String) -> CommandError { .input("\(entry.origin) \"\(text)\": \(why)") }
        if let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") || text.hasPrefix("file:") {
            switch text[..<colon].lowercased() {
            case "http", "https":
                guard let url = URL(string: text) ?? URL(string: text.addingPercentEncoding(withAllowedCharacters: .urlFragmentAllowed) ?? ""),
                    let host = url.host(), !host.isEmpty
                else { throw fail("this is no address of a page") }
                return text
            case "file":
                guard let url = URL(string: text), FileManager.default.fileExists(atPath: url.path) else { throw fail("there is no such file") }
                return url.absoluteString
            default: throw fail("only http, https and file addresses can be read")
            }
        }
        if FileManager.default.fileExists(atPath: text) { return URL(fileURLWithPath: text).absoluteString }
        guard text.contains("."), !text.contains(where: \.isWhitespace), let url = URL(string: "https://" + text), url.host() != nil else {
            throw fail("this is no address: give http://…, https://… or a file that exists")
        }
        return "https://" + text
    }
}
