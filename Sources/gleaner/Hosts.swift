import ArgumentParser
import Documents
import Foundation
import Politeness
import Scheduling
import Store

struct Hosts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How hosts are treated: their clocks, what they have shown of themselves, your rules for them.",
        subcommands: [List.self, Show.self, Rule.self, Rules.self, Park.self, Release.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Hosts by name.")

        @Argument(help: "Only names that begin so.") var beginning = ""
        @Option(help: "How many.") var limit = 100
        @Flag(help: "As JSON, one host a line.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func validate() throws {
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit \(limit): must be 1 to 1000000") }
        }

        func run() async throws {
            try await place.with { store in
                let now = try await store.now()
                for host in try await store.hosts(beginning: beginning.lowercased(), limit: limit) {
                    let text = HostText(host, now: now)
                    print(json ? text.json.description : text.line)
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All that is known of a host.")

        @Argument(help: "Registrable domain, or address.") var host: String
        @Flag(help: "As JSON.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let text = HostText(try await store.host(host), now: try await store.now())
                print(json ? text.json.text(pretty: true) : text.lines)
            }
        }
    }

    struct Rule: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set your rule for hosts, at once and for those to come.",
            discussion: """
                gleaner hosts rule example.com delay=2s
                gleaner hosts rule '*.example.org' delay=500ms burst=5 concurrency=2
                gleaner hosts rule example.com --remove

                Parts: delay (at least so long between two documents; less than a second allows us less), burst (documents without spacing \
                after a quiet time), concurrency (pages at the same time), parked (a time, or always). The most specific pattern counts. A \
                longer crawl-delay of robots.txt counts all the same.
                """)

        @Argument(help: "example.com, *.example.com, or * for all.") var pattern: String
        @Argument(help: ArgumentHelp("As delay=2s.", valueName: "part")) var parts: [String] = []
        @Flag(help: "Remove the rule.") var remove = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func validate() throws {
            if remove == !parts.isEmpty { throw ValidationError("give the rule's parts, as delay=2s, or --remove") }
        }

        func run() async throws {
            try await place.with { store in
                let rule: HostRule?
                do throws(HostRuleError) { rule = remove ? nil : try HostRule(parts: parts) } catch { throw CommandError.input("\(error)") }
                print("\(try await store.setRule(rule, for: pattern)) known hosts changed")
            }
        }
    }

    struct Rules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Your rules, a line each; --file replaces them all.",
            discussion: "A line is as \"example.com delay=2s concurrency=2\"; what follows a # says nothing.")

        @Option(help: ArgumentHelp("Read the rules from this file; - for standard input.", valueName: "file")) var file: String?
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                guard let file else {
                    let rules = try await store.hostRules()
                    return print(rules.isEmpty ? "There is no rule yet. Set one with: gleaner hosts rule example.com delay=2s" : rules)
                }
                let data = file == "-" ? try FileHandle.standardInput.readToEnd() ?? Data() : FileManager.default.contents(atPath: file)
                guard let data else { throw CommandError.input("--file \(file): there is no such file, or it can't be read") }
                let rules: HostRules
                do throws(HostRuleError) { rules = try HostRules(String(decoding: data, as: UTF8.self)) } catch {
                    throw CommandError.input("--file \(file): \(error)")
                }
                print("\(try await store.setRules(rules)) known hosts changed")
            }
        }
    }

    struct Park: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send nobody to a host, for ever or until a time.")

        @Argument(help: "Registrable domain, or address.") var host: String
        @Option(help: ArgumentHelp("Until then: 2026-01-31T08:00:00Z.", valueName: "time")) var until = "always"
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                var rules = try await HostRules(store)
                do throws(HostRuleError) {
                    var rule = rules.rule(for: host) ?? HostRule()
                    rule.parkedUntil = try HostRule(parts: ["parked=\(until)"]).parkedUntil
                    try rules.set(rule, for: host)
                } catch {
                    throw CommandError.input("\(error)")
                }
                _ = try await store.setRules(rules)
                print("\(host): nobody is sent there \(until == "always" ? "any more" : "until \(until)"); gleaner hosts release \(host)")
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget that a host failed, refused or was parked: it may be asked after its usual delay.")

        @Argument(help: "Registrable domain, or address.") var host: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let name = try await store.host(host).name
                var rules = try await HostRules(store)
                if var rule = rules.rule(for: name), rule.parkedUntil != nil {
                    rule.parkedUntil = nil
                    do throws(HostRuleError) { try rules.set(rule == HostRule() ? nil : rule, for: name) } catch { throw CommandError.input("\(error)") }
                }
                _ = try await store.setRules(rules)
                let manners = Manners(rules: rules)
                _ = try await store.changeHosts { $0 == name ? manners.released($1, $0, at: $2) : nil }
                print("\(name): released")
            }
        }
    }
}

extension HostRules {
    /// The operator's, as they stand in the store.
    init(_ store: Store) async throws {
        let text = try await store.hostRules()
        do throws(HostRuleError) { self = try HostRules(text) } catch {
            throw CommandError.ours("the rules for hosts in the store can't be read: \(error)")
        }
    }
}

extension Manners {
    /// With the operator's rules.
    init(_ store: Store) async throws { self.init(rules: try await HostRules(store)) }
}

extension Store {
    fileprivate func host(_ name: String) async throws -> HostRow {
        let name = name.lowercased()
        guard let host = try await hosts(beginning: name, limit: 1).first, host.name == name else {
            throw CommandError.input("\(name) is no host that was asked yet; `gleaner hosts` lists them")
        }
        return host
    }

    fileprivate func setRule(_ rule: HostRule?, for pattern: String) async throws -> Int {
        var rules = try await HostRules(self)
        do throws(HostRuleError) { try rules.set(rule, for: pattern) } catch { throw CommandError.input("\(error)") }
        return try await setRules(rules)
    }

    fileprivate func setRules(_ rules: HostRules) async throws -> Int {
        try await setHostRules(rules.all.map { ($0.pattern, $0.rule.description) })
        let manners = Manners(rules: rules)
        return try await changeHosts { name, terms, _ in manners.ruled(terms, name) }
    }
}

/// A host for a person.
private struct HostText {
    let host: HostRow
    let pace: HostPace
    let now: Int64

    init(_ host: HostRow, now: Int64) {
        self.host = host
        self.now = now
        pace = Manners.pace(of: host.terms)
    }

    private func seconds(_ time: Int64) -> String { String(format: "%.1f s", Double(time) / 1e6) }

    private var state: String {
        if case .open(let until) = pace.breaker(at: now) { return "failing, left alone for \(seconds(until - now))" }
        if let until = pace.rule.parkedUntil, until > now { return "parked" }
        if case .halfOpen = pace.breaker(at: now) { return "failing, probed" }
        if pace.level > 0 { return "backed off" }
        return host.terms.nextAt > now ? "resting" : "free"
    }

    var line: String {
        "\(host.name)  \(state)  every \(seconds(host.terms.delay)), \(host.terms.cap) at once  \(host.leased) under way, \(host.waiting) waiting"
    }

    var lines: String {
        var lines = [
            host.name, "  state         \(state)", "  delay         \(seconds(host.terms.delay))", "  at once       \(host.terms.cap)",
            "  next          \(host.terms.nextAt > now ? "in \(seconds(min(host.terms.nextAt - now, 1 << 60)))" : "now")",
            "  pages         \(host.leased) under way, \(host.waiting) waiting",
            "  crawl-delay   \(pace.crawlDelay > 0 ? seconds(pace.crawlDelay) : "none")",
            "  response time \(pace.adaptive.map { "suggests \(seconds($0))" } ?? "not known yet")",
            "  failures      \(pace.failures) in a row",
        ]
        if pace.level > 0 { lines.append("  backed off    \(pace.level) times") }
        if pace.rule != HostRule() { lines.append("  your rule     \(pace.rule)") }
        return lines.joined(separator: "\n")
    }

    var json: JSON {
        .of(
            ("host", .string(host.name)), ("state", .string(state)), ("delayMs", .double(Double(host.terms.delay) / 1000)),
            ("atOnce", .integer(host.terms.cap)), ("nextInMs", .double(max(0, Double(host.terms.nextAt) - Double(now)) / 1000)),
            ("underWay", .integer(host.leased)), ("waiting", .integer(host.waiting)), ("crawlDelayMs", .double(Double(pace.crawlDelay) / 1000)),
            ("adaptiveMs", pace.adaptive.map { .double(Double($0) / 1000) } ?? .null), ("failures", .integer(pace.failures)),
            ("backOff", .integer(pace.level)), ("rule", pace.rule == HostRule() ? .null : .string(pace.rule.description)))
    }
}
