// Gleaner's side of the benchmark: pages by the product's own way (a session of the fleet, the usual readiness, a snapshot, the text of the
// document made of it). Orders come as JSON, one a line, on standard input; each is answered by one line. ../rounds.py gives the orders.
//
// usage: render-bench BROWSER PROFILES
//   BROWSER   Chromium's binary
//   PROFILES  the folder browsers/

import Documents
import Egress
import Fleet
import Foundation
import Logging
import Synchronization
import Visiting

/// `{"do": "round", …}` visits pages; `{"do": "rest"}` closes what the round opened and answers with the texts.
struct Order: Decodable {
    enum Kind: String, Decodable { case round, rest }
    /// Reused: tabs of one context for the whole round. Fresh: a context for each page.
    enum Contexts: String, Decodable { case reused, fresh }
    /// Relay: through Egress, as the product does. Direct: Chromium's own sockets, which the product never uses.
    enum Way: String, Decodable { case relay, direct }

    var `do`: Kind
    var contexts: Contexts = .reused
    var way: Way = .relay
    /// Pages that are open at once.
    var atOnce = 1
    /// Addresses, in the order in which they are taken up.
    var pages: [String] = []

    private enum Key: String, CodingKey { case `do`, contexts, way, atOnce, pages }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        `do` = try object.decode(Kind.self, forKey: .do)
        contexts = try object.decodeIfPresent(Contexts.self, forKey: .contexts) ?? contexts
        way = try object.decodeIfPresent(Way.self, forKey: .way) ?? way
        atOnce = try object.decodeIfPresent(Int.self, forKey: .atOnce) ?? atOnce
        pages = try object.decodeIfPresent([String].self, forKey: .pages) ?? pages
    }
}

struct Answer: Encodable {
    /// From the first order to the browser until the last text was there.
    var seconds: Double?
    var failures: [String]?
    /// Milliseconds a page: means over the round of `RenderedPage.times`, then of the document and its text, then of the whole visit.
    var phases: [String: Double]?
    /// By address.
    var texts: [String: String]?
}

/// What the workers of a round share.
final class Board: Sendable {
    struct Content: Sendable {
        var next = 0
        var texts: [String: String] = [:]
        var failures: [String] = []
        var phases: [String: Double] = [:]
    }

    private let pages: [String]
    private let content = Mutex(Content())

    init(_ pages: [String]) { self.pages = pages }

    var result: Content { content.withLock { $0 } }

    func next() -> String? {
        content.withLock { content in
            guard content.next < pages.count else { return nil }
            defer { content.next += 1 }
            return pages[content.next]
        }
    }

    func keep(_ text: String, of page: String, _ phases: [(String, Double)]) {
        content.withLock { content in
            content.texts[page] = text
            for (name, milliseconds) in phases { content.phases[name, default: 0] += milliseconds / Double(pages.count) }
        }
    }

    func fail(_ sentence: String) { content.withLock { $0.failures.append(sentence) } }
}

/// One round at a time in one fleet.
struct Bench {
    let fleet: Fleet
    let relay: RelayPort
    private var number = 0
    private var used: [String] = []
    private var texts: [String: String] = [:]

    init(fleet: Fleet, relay: RelayPort) { (self.fleet, self.relay) = (fleet, relay) }

    mutating func follow(_ order: Order) async -> Answer {
        switch order.do {
        case .round: return await round(order)
        case .rest:
            for key in used { await fleet.forget(key: key) }
            used = []
            return Answer(texts: texts)
        }
    }

    private mutating func round(_ order: Order) async -> Answer {
        number += 1
        let name = "round-\(number)"
        if order.contexts == .reused { used.append(name) }
        let board = Board(order.pages)
        let network: SessionSpec.Network = order.way == .relay ? .proxy(relay.url) : .direct
        let fleet = fleet
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, order.atOnce) {
                group.addTask {
                    while let page = board.next() {
                        let key = order.contexts == .reused ? name : "\(name) \(page)"
                        await Bench.visit(page, SessionSpec(key: key, network: network), fleet, board)
                        if order.contexts == .fresh { await fleet.forget(key: key) }
                    }
                }
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let result = board.result
        texts = result.texts
        return Answer(seconds: seconds, failures: result.failures, phases: result.phases)
    }

    private static func visit(_ address: String, _ spec: SessionSpec, _ fleet: Fleet, _ board: Board) async {
        let start = ContinuousClock.now
        do {
            var request = PageRequest(address)
            request.styles = RenderedTree.wanted
            let asked = request
            let page = try await fleet.withSession(of: spec) { try await $0.render(asked) }
            let rendered = ContinuousClock.now
            guard page.isSettled, page.status == 200, let snapshot = page.snapshot else {
                return board.fail("\(address): status \(page.status ?? 0), \(page.unsettledReason ?? "settled")")
            }
            let document = Document(rendered: RenderedTree(snapshot, styles: page.styles), url: page.finalURL)
            let text = document.visibleText(of: 0)
            let end = ContinuousClock.now
            let times = page.times
            board.keep(
                text, of: address,
                [
                    ("answer", times.answer * 1000), ("load", times.load * 1000), ("settle", times.settle * 1000),
                    ("capture", times.capture * 1000), ("document", (end - rendered) / .milliseconds(1)),
                    ("all", (end - start) / .milliseconds(1)),
                ])
        } catch {
            board.fail("\(address): \(error)")
        }
    }
}

func run() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else { throw Failure("usage: render-bench BROWSER PROFILES") }
    var configuration = FleetConfiguration(
        installation: try .find(at: arguments[1]), profile: try .load(in: URL(fileURLWithPath: arguments[2])),
        identity: Identity(token: "Gleaner (render-bench)"))
    // As many as any round wants; how many work is the number of workers.
    configuration.tabs = 64
    let resolver = Resolver()
    let rules = AddressRules(allowing: [try AddressBlock("127.0.0.1")])
    let relay = Relay(resolver: resolver, logger: Logger(label: "render-bench") { _ in SwiftLogNoOpLogHandler() })
    try await Fleet.with(configuration) { fleet in
        try await relay.withPort(Relay.Route(rules: rules, users: [try fleet.user])) { port in
            var bench = Bench(fleet: fleet, relay: port)
            // Between rounds there is nothing else to do, so the main thread may wait for the next order.
            while let line = readLine() {
                let answer = await bench.follow(try JSONDecoder().decode(Order.self, from: Data(line.utf8)))
                try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(answer) + Data("\n".utf8))
            }
        }
    }
}

struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

do {
    try await run()
} catch {
    FileHandle.standardError.write(Data("render-bench: \(error)\n".utf8))
    exit(1)
}
