import ArgumentParser
import Documents
import Egress
import Fetching
import Foundation
import Proxies
import Scheduling
import Store

struct ProxiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxies",
        abstract: "Pools of proxies: who is in them, how they are, what went through them.",
        discussion: """
            gleaner proxies import dc proxies.txt --policy round-robin,sticky=host
            gleaner extract https://example.org/ "title" --proxy dc

            A line of a list is http://user:password@host:port (or https, socks5, socks5h), host:port or host:port:user:password, then tags \
            such as country=DE kind=residential tier=1 weight=2 name=one. The lowest tier goes first; a dearer one is used where all of the \
            cheaper one are banned or dead. Logins are kept sealed by the key in GLEANER_SECRET_KEY, or in secret.key of the data folder.
            """,
        subcommands: [
            List.self, Add.self, Import.self, Test.self, Stats.self, Policy.self, Release.self, Remove.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The pools, or the proxies of one.")

        @Argument(help: "The pool.") var pool: String?
        @Flag(help: "As JSON, one a line.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                guard let pool else {
                    for row in try await store.pools() {
                        let line: JSON = .of(("pool", .string(row.name)), ("policy", .string(row.policy)), ("proxies", .integer(row.proxies)))
                        print(json ? line.description : "\(row.name)  \(row.proxies) proxies, \(row.policy)")
                    }
                    return
                }
                let now = try await store.now()
                let bans = Dictionary(grouping: try await store.proxyHosts(of: try await known(pool, in: store)), by: \.proxy)
                for row in try await store.proxies(of: pool) {
                    let text = ProxyText(row, bans[row.number] ?? [], now: now)
                    print(json ? text.json.description : text.line)
                }
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add proxies to a pool, which is made where it is not there.",
            discussion: "Others on this machine can see what you type: a list with logins is better imported from a file or standard input.")

        @Argument(help: "The pool.") var pool: String
        @Argument(help: "Addresses.") var addresses: [String]
        @Option(help: ArgumentHelp("A tag of all of them, as country=DE. Repeatable.", valueName: "key=value")) var tag: [String] = []
        @OptionGroup var options: PolicyOption
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let lines = addresses.map { ([$0] + tag).joined(separator: " ") }.joined(separator: "\n")
            try await place.with { try await add(Data(lines.utf8), from: "the addresses", to: pool, options, $0) }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add the proxies of a list: a file, an address, or - for standard input.",
            discussion: "Text with a proxy a line, or a JSON array. Nothing is added where a line can't be read; --skip-faults adds the others.")

        @Argument(help: "The pool.") var pool: String
        @Argument(help: ArgumentHelp("The list.", valueName: "file|url|-")) var list: String
        @Flag(help: "Add what can be read of a list with faults.") var skipFaults = false
        @OptionGroup var options: PolicyOption
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            let data = try await read()
            try await place.with { try await add(data, from: list, to: pool, options, skipsFaults: skipFaults, $0) }
        }

        private func read() async throws -> Data {
            if list == "-" { return try FileHandle.standardInput.readToEnd() ?? Data() }
            guard list.contains("://") else {
                guard let data = FileManager.default.contents(atPath: list) else { throw CommandError.input("\(list): there is no such file, or it can't be read") }
                return data
            }
            // The operator's own list: it may lie in the operator's own network.
            let everywhere = AddressRules(allowing: try ["0.0.0.0/0", "::/0"].map { try AddressBlock($0) })
            let fetcher = Fetcher(resolver: Resolver())
            let answer: Result<FetchResponse, FetchError>
            do throws(FetchError) {
                var request = FetchRequest(list, userAgent: Farm.identity.token, rules: everywhere)
                request.sizeLimit = ProxyListing.longestJSON
                answer = .success(try await fetcher.fetch(request))
            } catch {
                answer = .failure(error)
            }
            await fetcher.shutdown()
            switch answer {
            case .success(let response) where (200..<300).contains(response.status): return Data(response.body)
            case .success(let response): throw CommandError.input("\(response.url) answers \(response.status)")
            case .failure(let error): throw CommandError.input(error.message)
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch an address through each proxy of a pool, or through one proxy.",
            discussion: "Changes nothing that is known of them. Exits with 3 where none works, 5 where some don't.")

        @Argument(help: ArgumentHelp("The pool, or one proxy's address.", valueName: "pool|url")) var pool: String
        @Option(help: "The address that is fetched.") var url = "https://example.com/"
        @Option(help: ArgumentHelp("Seconds for each.", valueName: "seconds")) var timeout = 15.0
        @Option(help: ArgumentHelp("Allow private addresses: CIDR[:PORT[-PORT]]. Repeatable.", valueName: "cidr")) var allowAddress: [String] = []
        @Flag(help: "As JSON, one a line.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func validate() throws {
            guard timeout > 0, timeout <= 600 else { throw ValidationError("--timeout \(timeout): must be more than 0 and at most 600 seconds") }
        }

        func run() async throws {
            let proxies = try await place.with { store -> [(name: String, proxy: UpstreamProxy)] in
                if pool.contains(":") { return [(try UpstreamProxy(pool).description, try UpstreamProxy(pool))] }
                let secrets = FarmSecrets()
                return try await store.proxies(of: try await known(pool, in: store)).map { row in
                    (row.name, try UpstreamProxy(try secrets.open(row.sealed, for: ProxyPools.purpose(pool))))
                }
            }
            let rules = AddressRules(allowing: try allowAddress.map { try AddressBlock($0) })
            let fetcher = Fetcher(resolver: Resolver())
            let works = await withTaskGroup(of: Bool.self) { group in
                var works = 0
                for (index, (name, proxy)) in proxies.enumerated() {
                    if index >= 16, await group.next() == true { works += 1 }
                    group.addTask { await test(name, proxy, rules, fetcher) }
                }
                for await one in group where one { works += 1 }
                return works
            }
            await fetcher.shutdown()
            if works < proxies.count { throw ExitCode((works == 0 ? Exit.site : Exit.some).rawValue) }
        }

        private func test(_ name: String, _ proxy: UpstreamProxy, _ rules: AddressRules, _ fetcher: Fetcher) async -> Bool {
            var request = FetchRequest(url, userAgent: Farm.identity.token, rules: rules, wayOut: .proxy(proxy))
            request.timeout = .milliseconds(Int(timeout * 1000))
            request.sizeLimit = 1 << 20
            request.atLimit = .truncate
            var works = false
            var what: String
            var time: Double?
            do {
                let answer = try await fetcher.fetch(request)
                works = answer.status < 400
                what = "status \(answer.status)"
                time = answer.duration / .milliseconds(1)
            } catch {
                what = error.message
            }
            let line: JSON = .of(
                ("proxy", .string(name)), ("works", .bool(works)), ("ms", time.map(JSON.double)), ("result", .string(what)))
            print(
                json ? line.description
                    : "\(name)  \(works ? "works" : "doesn't work")  \(time.map { String(format: "%.0f ms", $0) } ?? "")  \(Terminal.safe(what))")
            return works
        }
    }

    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What went through the proxies of a pool, or those of a run.")

        @Argument(help: "The pool.") var pool: String?
        @Option(help: ArgumentHelp("A run, by its id or \"last\".", valueName: "run")) var run: String?
        @Flag(help: "As JSON, one a line.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func validate() throws {
            if (pool == nil) == (run == nil) { throw ValidationError("give a pool, or a run with --run") }
        }

        func run() async throws {
            try await place.with { store in
                if let run {
                    for row in try await store.proxyUsage(of: try await find(run, in: store).number) {
                        show("\(row.pool)/\(row.name)", row.facts, row.uses, row.failures, row.bans, row.bytes)
                    }
                } else if let pool {
                    for row in try await store.proxies(of: try await known(pool, in: store)) {
                        show(row.name, row.facts, row.uses, row.failures, row.bans, row.bytes)
                    }
                }
            }
        }

        private func show(_ name: String, _ facts: String, _ uses: Int64, _ failures: Int64, _ bans: Int64, _ bytes: Int64) {
            let line: JSON = .of(
                ("proxy", .string(name)), ("tags", .string(facts)), ("visits", .integer(Int(uses))), ("failures", .integer(Int(failures))),
                ("bans", .integer(Int(bans))), ("bytes", .integer(Int(bytes))))
            print(json ? line.description : "\(name)  \(uses) visits, \(failures) dead, \(bans) banned, \(bytes) bytes")
        }
    }

    struct Policy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or set how the visits of a pool are spread.",
            discussion: """
                round-robin, least-used or random (by weight); sticky=run, host or session keeps a proxy as long as it is healthy; fail-open goes \
                out directly where no proxy can be used, which shows this machine's address (usual: fail-closed). As round-robin,sticky=host.
                """)

        @Argument(help: "The pool.") var pool: String
        @Argument(help: "The policy.") var policy: String?
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let row = try await store.pool(try await known(pool, in: store))
                guard let policy else { return print(row?.policy ?? "") }
                let new = try PolicyOption.checked(policy)
                _ = try await store.setPolicy(new, of: pool)
                print(new)
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forget what was found wrong with proxies.")

        @Argument(help: "The pool.") var pool: String
        @Argument(help: "One proxy, by its name.") var name: String?
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let count = try await store.releaseProxies(of: try await known(pool, in: store), named: name)
                if let name, count == 0 { throw CommandError.input("\(name) is no proxy of \(pool)") }
                print("\(count) proxies are as good as new")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove a proxy, or a pool with all its proxies.")

        @Argument(help: "The pool.") var pool: String
        @Argument(help: "One proxy, by its name.") var name: String?
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let count = try await store.removeProxies(of: try await known(pool, in: store), named: name)
                if let name, count == 0 { throw CommandError.input("\(name) is no proxy of \(pool)") }
                print("\(count) proxies removed")
            }
        }
    }
}

/// How the visits of a pool are spread, where a command makes the pool.
struct PolicyOption: ParsableArguments {
    @Option(help: ArgumentHelp("How visits are spread, as round-robin,sticky=host (gleaner proxies policy --help).", valueName: "policy"))
    var policy: String?

    /// As it is stored.
    static func checked(_ text: String) throws -> String {
        do throws(ProxyError) { return try ProxyPolicy(text).description } catch { throw CommandError.input("--policy: \(error)") }
    }
}

/// What a pool may be called: no address looks like it.
/// A pool, and tags that the proxies to be used have all of: "dc", "dc/country=DE,kind=mobile".
struct PoolChoice {
    let pool: String
    let tags: [String: String]

    /// As it was checked.
    init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1)
        pool = parts.first.map(String.init) ?? ""
        tags = Dictionary(
            (parts.count > 1 ? parts[1].split(separator: ",") : []).compactMap { tag in
                tag.firstIndex(of: "=").map { (String(tag[..<$0]), String(tag[tag.index(after: $0)...])) }
            }, uniquingKeysWith: { $1 })
    }

    static func checked(_ text: String, _ field: String) throws -> String {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        _ = try PoolName.checked(String(parts[0]), field)
        guard parts.count > 1 else { return text }
        do throws(ProxyError) {
            _ = try ProxyTags(parts: parts[1].split(separator: ",", omittingEmptySubsequences: false))
        } catch {
            throw CommandError.input("\(field) \(text.debugDescription): \(error); tags are as in dc/country=DE,kind=mobile")
        }
        return text
    }

    /// Has the proxy all of the tags?
    func admits(_ tags: ProxyTags) -> Bool {
        self.tags.allSatisfy { name, value in tags.value(of: name)?.lowercased() == value.lowercased() }
    }
}

enum PoolName {
    static func checked(_ name: String, _ field: String) throws -> String {
        let isName = name.first.map { $0.isASCII && ($0.isLetter || $0.isNumber) } == true && name.utf8.count <= 64
            && name.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 95].contains($0) }
        guard isName else {
            throw CommandError.input("\(field) \(name.debugDescription): a pool's name has 1 to 64 of the characters A-Z, a-z, 0-9, -, _ and .")
        }
        return name
    }
}

private func known(_ pool: String, in store: Store) async throws -> String {
    guard try await store.pool(pool) != nil else {
        let names = try await store.pools().map(\.name)
        throw CommandError.input(
            "there is no pool called \(pool); " + (names.isEmpty ? "gleaner proxies import makes one" : "there are: \(names.joined(separator: ", "))"))
    }
    return pool
}

private func add(
    _ data: Data, from place: String, to pool: String, _ options: PolicyOption, skipsFaults: Bool = false, _ store: Store
) async throws {
    let pool = try PoolName.checked(pool, "the pool")
    let listing = ProxyListing(data)
    for fault in listing.faults.prefix(20) { Terminal.error("\(place): \(fault)") }
    if !listing.faults.isEmpty, !skipsFaults { throw CommandError.input("\(place): \(listing.faults.count) faults; nothing was added") }
    guard !listing.proxies.isEmpty else { throw CommandError.input("\(place): there is no proxy in it") }
    let secrets = FarmSecrets()
    let proxies = try listing.proxies.map { listed in
        NewProxy(
            name: listed.tags.name ?? "\(listed.proxy.host):\(listed.proxy.port)", address: listed.proxy.description,
            sealed: try secrets.seal(listed.proxy.url, for: ProxyPools.purpose(pool)), facts: listed.tags.description)
    }
    let new = try await store.add(
        proxies, to: pool, policy: try options.policy.map(PolicyOption.checked), usual: ProxyPolicy().description)
    let others = [(proxies.count - new, "were there already"), (listing.repeated, "stood in the list twice")].filter { $0.0 > 0 }
    print("\(pool): \(new) proxies added" + others.map { ", \($0.0) \($0.1)" }.joined())
}

/// A proxy for a person.
private struct ProxyText {
    let row: ProxyRow
    let bans: [(host: String, state: ProxyState)]
    let now: Int64

    init(_ row: ProxyRow, _ hosts: [(proxy: Int64, host: String, health: String)], now: Int64) {
        (self.row, self.now) = (row, now)
        bans = hosts.map { ($0.host, ProxyHostHealth(stored: $0.health).state(at: now)) }.filter { $0.state != .healthy }
    }

    private func word(_ state: ProxyState) -> String {
        switch state {
        case .healthy: "healthy"
        case .cooling(let until): "cooling for \(max(0, until - now) / 1_000_000) s"
        case .due: "to be probed"
        case .probing: "being probed"
        }
    }

    private var state: String {
        let health = ProxyHealth(row)
        return word(health.state(at: now)) + (health.reason.map { ": \($0)" } ?? "")
    }

    var line: String {
        var line = "\(row.name)  \(row.address)  \(row.facts.isEmpty ? "" : row.facts + "  ")\(state)  \(row.uses) visits, \(row.failures) dead, \(row.bans) banned"
        if !bans.isEmpty {
            line += "; banned by " + bans.prefix(3).map { "\($0.host) (\(word($0.state)))" }.joined(separator: ", ")
            if bans.count > 3 { line += " and \(bans.count - 3) more" }
        }
        return line
    }

    var json: JSON {
        .of(
            ("pool", .string(row.pool)), ("name", .string(row.name)), ("address", .string(row.address)), ("tags", .string(row.facts)),
            ("state", .string(state)), ("visits", .integer(Int(row.uses))), ("failures", .integer(Int(row.failures))),
            ("bans", .integer(Int(row.bans))), ("bytes", .integer(Int(row.bytes))),
            (
                "bannedBy", .array(bans.map { .of(("host", .string($0.host)), ("state", .string(word($0.state)))) })
            ))
    }
}
