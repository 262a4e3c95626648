import ArgumentParser
import Documents
import Egress
import Fetching
import Fleet
import Foundation
import Politeness
import Store
import Visiting

struct Robots: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Why an address may be visited or not: the rule of robots.txt and its line (RFC 9309).",
        subcommands: [Explain.self, Check.self], defaultSubcommand: Explain.self)

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Explain the verdict on an address. Exits with 3 where it is forbidden.")

        @Argument(help: "The address.") var url: String
        @Option(help: ArgumentHelp("The product token to ask for.", valueName: "token")) var agent = Farm.robotsToken
        @Flag(help: "As JSON.") var json = false
        @OptionGroup(title: "Page") var page: PageArguments
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let options = try page.options()
            if let pool = options.pool { throw CommandError.input("--proxy \(pool): robots goes through one proxy: give its address") }
            let way = try options.wayOut(FarmSecrets())
            let targets = try Targets.read([url])
            guard let target = targets.first, WebAddress(target.url) != nil else {
                throw CommandError.input("\(url): robots.txt is for http and https addresses")
            }
            let answer = try await cancelledBySignals {
                try await place.with { store in
                    let submission = try await Submission(targets, options: options, store: store)
                    return try await RobotsGate.with(store, submission.options, way, agent: agent) { await $0.verdict(on: target.url, by: $1) }
                }
            }
            if json {
                print(answer.json.text(pretty: true))
            } else {
                print("\(answer.isAllowed ? "allowed" : "forbidden") for \(agent): \(target.url)")
                print("  \(Terminal.safe(answer.reason))")
                if let delay = answer.crawlDelay { print("  asks for \(delay / .seconds(1)) s between documents") }
            }
            if !answer.isAllowed { throw ExitCode(Exit.site.rawValue) }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try robots.txt files without a site: NDJSON in, NDJSON out.",
            discussion: """
                Reads lines {"robots_txt": "…" or "robots_b64": "…", "user_agent": "…", "url": "…"} and answers \
                {"allowed": true, "line": 3} for each, in order; a line that can't be read gets {"error": "…"}.
                """)

        func run() throws {
            // Testers ask the same file again and again.
            var last: (text: String, file: RobotsFile)?
            while let line = readLine() {
                if line.allSatisfy(\.isWhitespace) { continue }
                print(answer(line, &last).description)
            }
        }

        private func answer(_ line: String, _ last: inout (text: String, file: RobotsFile)?) -> JSON {
            func error(_ text: String) -> JSON { .of(("error", .string(text))) }
            let input: JSON
            do { input = try JSON(parsing: line) } catch let fault { return error(String(describing: fault)) }
            guard let agent = input["user_agent"]?.string else { return error("user_agent is missing") }
            guard let url = input["url"]?.string else { return error("url is missing") }
            guard let text = input["robots_b64"]?.string ?? input["robots_txt"]?.string else { return error("robots_txt is missing") }
            if last?.text != text {
                if input["robots_b64"]?.string != nil {
                    guard let data = Data(base64Encoded: text) else { return error("robots_b64 is not base64") }
                    last = (text, RobotsFile(data))
                } else {
                    last = (text, RobotsFile(text))
                }
            }
            guard let verdict = last?.file.verdict(for: agent, on: url) else { return error("robots_txt is missing") }
            return .of(("allowed", .bool(verdict.isAllowed)), ("line", .integer(verdict.line)))
        }
    }
}

extension RobotsGate {
    /// A gate alone, without a browser.
    fileprivate static func with<Value: Sendable>(
        _ store: Store, _ options: VisitOptions, _ wayOut: WayOut, agent: String, _ body: @Sendable (RobotsGate, Relay.Route) async throws -> Value
    ) async throws -> Value {
        let resolver = Resolver(overrides: try options.overrides.map { try HostOverride($0) })
        var rules = AddressRules(allowing: try options.allowedAddresses.map { try AddressBlock($0) })
        rules.places = options.places
        let fetcher = Fetcher(resolver: resolver)
        let version = (try? BrowserInstallation.find())?.version() ?? "0"
        let gate = RobotsGate(
            cache: .store(store), fetcher: fetcher, token: agent, userAgent: Farm.identity.userAgent(chromium: version),
            contact: Farm.identity.contact)
        let result: Result<Value, any Error>
        do { result = .success(try await body(gate, Relay.Route(rules: rules, wayOut: wayOut))) } catch { result = .failure(error) }
        await fetcher.shutdown()
        return try result.get()
    }
}
