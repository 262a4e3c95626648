import ArgumentParser
import Documents
import Foundation
import Store

struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The farms of the store, and orders to them.",
        subcommands: [List.self, DrainNode.self, Recycle.self, Screenshot.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Who is alive, and how busy.")

        @Flag(help: "As JSON, one node a line.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let nodes = try await store.nodes()
                if nodes.isEmpty, !json { return print("Nobody is there. Start a farm with: gleaner serve") }
                for node in nodes { print(json ? node.json.description : node.line) }
            }
        }
    }

    struct DrainNode: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drain", abstract: "A farm takes nothing new, ends what is under way, and leaves.")

        @Argument(help: "Id of the node, or its beginning.") var node: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws { try await place.with { print(try await $0.ask(node, .drain)) } }
    }

    struct Recycle: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A farm starts new browsers; the old ones end when their visits are done.")

        @Argument(help: "Id of the node, or its beginning.") var node: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws { try await place.with { print(try await $0.ask(node, .recycle)) } }
    }

    struct Screenshot: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A picture of a page of a run that a farm has open now.")

        @Argument(help: "Id of the node, or its beginning.") var node: String
        @Argument(help: "Id of the run, or its beginning, or \"last\".") var run: String
        @Option(help: ArgumentHelp("The page, where several are open.", valueName: "url")) var url: String?
        @Option(help: ArgumentHelp("Where the PNG goes; - for standard output.", valueName: "file")) var output: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let png = try await place.with { store in
                let run = try await find(run, in: store)
                return try await store.ask(node, .screenshot, body: ScreenshotOrder(run: run.number, url: url).text)
            }
            guard let bytes = Data(base64Encoded: png) else { throw CommandError.ours("the farm's answer is no picture") }
            try Output(path: output).write(bytes)
        }
    }
}

/// What an order for a picture says.
struct ScreenshotOrder {
    var run: Int64
    var url: String?

    init(run: Int64, url: String?) { (self.run, self.url) = (run, url) }

    init?(_ text: String) {
        guard let json = try? JSON(parsing: text), let run = json["run"]?.int else { return nil }
        self.init(run: Int64(run), url: json["url"]?.string)
    }

    var text: String { JSON.of(("run", .integer(Int(run))), ("url", url.map(JSON.string))).description }
}

extension NodeRow {
    fileprivate var state: String { isDead ? "dead" : status.isDraining ? "draining" : "alive" }

    fileprivate var line: String {
        let work = status.roles.isEmpty ? "a command" : "\(status.roles), \(status.busy) of \(status.capacity) busy"
        return "\(status.id)  \(state.padding(toLength: 8, withPad: " ", startingAt: 0)) \(status.machine)  process \(status.pid)  \(work)  "
            + "since \(startedAt.formatted(.iso8601)), seen \(seenAt.formatted(.iso8601))"
    }

    fileprivate var json: JSON {
        .of(
            ("id", .string(status.id.description)), ("state", .string(state)), ("machine", .string(status.machine)),
            ("process", .integer(Int(status.pid))), ("version", .string(status.version)),
            ("roles", .array(status.roles.split(separator: ",").map { .string(String($0)) })), ("capacity", .integer(status.capacity)),
            ("busy", .integer(status.busy)), ("startedAt", .string(startedAt.formatted(.iso8601))),
            ("seenAt", .string(seenAt.formatted(.iso8601))))
    }
}

extension Store {
    /// Orders something of a node and waits for its answer.
    fileprivate func ask(_ beginning: String, _ kind: Order.Kind, body: String = "{}") async throws -> String {
        let text = beginning.hasPrefix("node_") ? beginning : "node_" + beginning
        let found = try await nodes().filter { $0.status.id.description.hasPrefix(text) && !$0.isDead }
        guard let node = found.first else { throw CommandError.input("no farm that is alive begins with \(text); `gleaner nodes` lists them") }
        guard found.count == 1 else { throw CommandError.input("several farms begin with \(text); type more of the id") }
        let order = try await order(kind, of: node.status.id, body: body)
        for _ in 0..<300 {
            if let answered = try await self.order(order), answered.state == .done || answered.state == .refused {
                guard answered.state == .done else { throw CommandError.ours("\(node.status.id): \(answered.answer ?? "refused")") }
                return answered.answer ?? ""
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw CommandError.ours("\(node.status.id) has not answered for 30 seconds; the order \(order) stands")
    }
}
