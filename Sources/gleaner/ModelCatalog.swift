import Documents
import Fetching
import Foundation
import Inference

/// The models of this machine by name: those that come with Gleaner, and those that were added.
struct ModelCatalog: Sendable {
    enum Source: Sendable, Equatable {
        /// The matcher, which is always there and generates no text.
        case bundled(path: String)
        case file(path: String)
        case server(ServerAddress)
    }

    struct Entry: Sendable {
        var name: String
        var source: Source
        /// It came with Gleaner; its name can't be taken by another.
        var isOurs = false
        /// What it can and can't do, where that was measured.
        var note: String
        var licence: String?
    }

    static let matcher = "matcher"
    static let smollm2 = "smollm2"

    private let locations: Locations
    private(set) var entries: [Entry]

    init(_ locations: Locations = Locations()) throws {
        self.locations = locations
        entries = [
            Entry(
                name: Self.matcher, source: .bundled(path: locations.matcher.path), isOurs: true,
                note: "the default: decides every value with the list reader; mean F1 .64 over eight kinds of pages of sites it never saw; "
                    + "chooses among places of the page, writes no text",
                licence: "Apache-2.0")
        ]
        if let path = locations.smollm2 {
            entries.append(
                Entry(
                    name: Self.smollm2, source: .file(path: path.path), isOurs: true,
                    note:
                        "always there to try and to test with, not to decide: pointing at the right one of 40 lines it is as good as chance "
                        + "(2 of 60); under a grammar its JSON always parses",
                    licence: "Apache-2.0"))
        }
        entries += try stored().map { name, source in
            var entry = Entry(name: name, source: source, note: "not measured; what it answers is checked on the page like everything else")
            if case .file(let path) = source, let file = try? ModelFile(generating: path, contextTokens: 512, freeMemory: .max) {
                entry.licence = file.header.string("general.license")
            }
            return entry
        }
    }

    private var file: URL { locations.data.appending(path: "models.json") }

    private func stored() throws -> [(String, Source)] {
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        func broken(_ why: String) -> CommandError {
            .ours("\(file.path) can't be read: \(why). Mend it, or remove it and add your models again.")
        }
        let json: JSON
        do { json = try JSON(parsing: try String(contentsOf: file, encoding: .utf8)) } catch { throw broken("\(error)") }
        guard let list = json["models"]?.array else { throw broken("it has no list of models") }
        return try list.map { item in
            guard let name = item["name"]?.string, let source = item["source"]?.string else {
                throw broken("a model has no name or source")
            }
            return (name, try Self.source(source))
        }
    }

    /// A file or `URL#name`, as it was stored or typed.
    private static func source(_ text: String) throws -> Source {
        if text.contains("://") {
            do throws(InferenceError) { return .server(try ServerAddress(text)) } catch { throw CommandError.input(error.message) }
        }
        return .file(path: URL(fileURLWithPath: text).standardizedFileURL.path)
    }

    /// What `--model` names: a model of the list, a file, or a server.
    func find(_ text: String) throws -> Entry {
        if let entry = entries.first(where: { $0.name == text }) { return entry }
        if text.contains("://") { return Entry(name: text, source: try Self.source(text), note: "") }
        if text.lowercased().hasSuffix(".gguf") || text.contains("/") || FileManager.default.fileExists(atPath: text) {
            return Entry(name: URL(fileURLWithPath: text).lastPathComponent, source: try Self.source(text), note: "")
        }
        if text == Self.smollm2 {
            throw CommandError.input("the model smollm2 is not on this machine: run deploy/setup, which brings it")
        }
        throw CommandError.input(
            "there is no model \"\(text)\"; known are \(entries.map(\.name).joined(separator: ", ")). Give one of these, a file (FILE.gguf), or a server "
                + "(http://host:port/v1#name); gleaner model list has more")
    }

    /// Keeps a model under a name. The file must be usable; a server is not asked.
    func add(_ name: String, _ text: String) throws {
        guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !"/#\"\\:".utf8.contains($0) }),
            !name.lowercased().hasSuffix(".gguf")
        else {
            throw CommandError.input(
                "\"\(name)\" can't be a model's name: letters, digits, \"-\", \"_\" and \".\" can, and it must not end in .gguf")
        }
        guard !entries.contains(where: { $0.isOurs && $0.name == name }), name != Self.smollm2 else {
            throw CommandError.input("the name \(name) belongs to a model that comes with Gleaner")
        }
        let source = try Self.source(text)
        if case .file(let path) = source {
            do throws(InferenceError) { _ = try ModelFile(generating: path, contextTokens: 512, freeMemory: .max) } catch {
                throw CommandError.input(error.message)
            }
        }
        var list = entries.filter { !$0.isOurs && $0.name != name }.map { ($0.name, $0.source) }
        list.append((name, source))
        let json = JSON.of(
            ("version", .integer(1)),
            ("models", .array(list.map { .of(("name", .string($0.0)), ("source", .string($0.1.text))) })))
        do {
            try FileManager.default.createDirectory(
                at: locations.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data((json.text(pretty: true) + "\n").utf8).write(to: file, options: .atomic)
        } catch {
            throw CommandError.ours("\(file.path) can't be written: \(error.localizedDescription)")
        }
    }
}

extension ModelCatalog.Source {
    var text: String {
        switch self {
        case .bundled(let path), .file(let path): path
        case .server(let address): address.description
        }
    }

    var kind: String {
        switch self {
        case .bundled: "bundled"
        case .file: "file"
        case .server: "server"
        }
    }

    /// Bytes on the disk; nil for servers, and where the file is gone.
    var size: Int? {
        switch self {
        case .bundled(let path), .file(let path):
            // Model collections keep their files behind links.
            (try? FileManager.default.attributesOfItem(atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)[.size] as? NSNumber)?
                .intValue
        case .server: nil
        }
    }
}
