import ArgumentParser
import Discovery
import Documents
import Egress
import Fetching
import Fleet
import Foundation
import Politeness
import Scheduling
import Store
import Visiting

struct MapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map",
        abstract: "The addresses that a site tells of itself: by its sitemaps, its feeds and the links of one page.",
        discussion: """
            gleaner map https://example.org/
            gleaner map https://example.org/ --search "red shoes" --limit 20

            No browser: robots.txt, sitemaps, feeds and the start page are fetched, politely, and nothing else is visited. Each address comes as \
            soon as it is known, once; with --search those with one of the words, the best first.
            """)

    @Argument(help: "The site, or a page of it.") var url: String
    @Option(help: ArgumentHelp("Only addresses that have one of these words in path or title.", valueName: "words")) var search = ""
    @Option(help: "page, prefix, host, domain or any.") var scope = CrawlScope.Reach.host
    @Option(help: ArgumentHelp("Only addresses that match one. Repeatable.", valueName: "pattern")) var include: [String] = []
    @Option(help: ArgumentHelp("No addresses that match. Repeatable.", valueName: "pattern")) var exclude: [String] = []
    @Option(help: ArgumentHelp("Addresses at most.", valueName: "n")) var limit: Int?
    @Flag(help: "As JSON, one a line: url, source, title, modified.") var json = false
    @Flag(name: .shortAndLong, help: "No notes about what could not be had.") var quiet = false
    @OptionGroup(title: "Page") var page: PageArguments
    @OptionGroup(title: "Store") var place: StoreArguments

    func validate() throws {
        if let limit, !(1...10_000_000).contains(limit) { throw ValidationError("--limit \(limit): must be 1 to 10000000") }
    }

    func run() async throws {
        let options = try page.options()
        if let pool = options.pool { throw CommandError.input("--proxy \(pool): map goes through one proxy: give its address") }
        let targets = try Targets.read([url])
        guard let target = targets.first, let start = URLIdentity(target.url), WebAddress(target.url) != nil else {
            throw CommandError.input("\(url): map is for http and https addresses")
        }
        let scope = CrawlScope(
            scope, of: [start], include: try CrawlOrder.patterns(include, "--include"), exclude: try CrawlOrder.patterns(exclude, "--exclude"))
        try await cancelledBySignals {
            try await place.with { store in
                let submission = try await Submission(targets, options: options, store: store)
                try await SiteReader.with(store, submission.options) { reader in try await walk(start, scope, reader) }
            }
        }
    }

    /// Thrown when enough was printed.
    private struct Enough: Error {}

    private func walk(_ start: URLIdentity, _ scope: CrawlScope, _ reader: SiteReader) async throws {
        guard let origin = WebAddress(start.href)?.origin else { return }
        var map = SiteMap(
            start: start, sitemaps: await reader.sitemaps(of: origin), scope: scope, search: search, access: reader.access)
        if let limit { map.limits.ranked = max(limit, 1) }
        let count = Box(0)
        do {
            try await map.walk { finding in
                switch finding {
                case .address(let found):
                    print(json ? MapCommand.json(found).description : MapCommand.line(found))
                    count.value += 1
                    if let limit, count.value >= limit { throw Enough() }
                case .note(let url, let message): if !quiet { Terminal.say("\(url): \(message)") }
                }
            }
        } catch is Enough {}
        if count.value == 0 { throw CommandError.site("\(url): nothing was found" + (search.isEmpty ? "" : " with these words")) }
    }

    private static func source(_ found: SiteMap.FoundAddress) -> (kind: String, place: String?) {
        switch found.source {
        case .start: ("start", nil)
        case .sitemap(let url): ("sitemap", url)
        case .feed(let url): ("feed", url)
        case .link(let url): ("link", url)
        }
    }

    private static func line(_ found: SiteMap.FoundAddress) -> String {
        let title = found.title.map { "  " + Terminal.safe($0.split(whereSeparator: \.isNewline).joined(separator: " ")) } ?? ""
        return "\(found.url)  [\(source(found).kind)]\(title)"
    }

    private static func json(_ found: SiteMap.FoundAddress) -> JSON {
        .of(
            ("url", .string(found.url)), ("source", .string(source(found).kind)), ("from", source(found).place.map(JSON.string)),
            ("title", found.title.map(JSON.string)), ("modified", found.modified.map { .string($0.text) }))
    }
}

/// Fetches what a site says of itself, without a browser: asked of robots.txt, and waiting for its host's clock.
private struct SiteReader: Sendable {
    let gate: RobotsGate
    let fetcher: Fetcher
    let route: Relay.Route
    let clocks: Clocks
    let options: VisitOptions
    let domains = Farm.domains()

    static func with(_ store: Store, _ options: VisitOptions, _ body: (SiteReader) async throws -> Void) async throws {
        let resolver = Resolver(overrides: try options.overrides.map { try HostOverride($0) })
        var rules = AddressRules(allowing: try options.allowedAddresses.map { try AddressBlock($0) })
        rules.places = options.places
        let fetcher = Fetcher(resolver: resolver)
        let version = (try? BrowserInstallation.find())?.version() ?? "0"
        let gate = RobotsGate(
            cache: .store(store), fetcher: fetcher, token: Farm.robotsToken, userAgent: Farm.identity.userAgent(chromium: version),
            contact: Farm.identity.contact)
        let reader = SiteReader(
            gate: gate, fetcher: fetcher, route: Relay.Route(rules: rules, wayOut: try options.wayOut(FarmSecrets())),
            clocks: Clocks(store: store, perAddress: nil), options: options)
        do {
            try await body(reader)
            await fetcher.shutdown()
        } catch {
            await fetcher.shutdown()
            throw error
        }
    }

    func sitemaps(of origin: String) async -> [String] { options.obeysRobots ? await gate.sitemaps(of: origin, by: route) : [] }

    var access: SiteMap.Access {
        SiteMap.Access(
            fetch: { url, onBytes in
                guard let place = WebAddress(url), try await clocks.enter(place) else {
                    throw CommandError.site("\(url): its host wants more rest; try again later")
                }
                var request = FetchRequest(url, userAgent: gate.userAgent, rules: route.rules, wayOut: route.wayOut) { hop in
                    await refusal(hop).map { .refuse($0) } ?? .proceed
                }
                request.contact = Farm.identity.contact
                request.timeout = options.timeout
                request.sizeLimit = 64 << 20
                request.atLimit = .truncate
                request.onBody = onBytes
                let answer = try await fetcher.fetch(request)
                return SiteMap.Answer(
                    status: answer.status, url: answer.url, contentType: answer.header("content-type"), isTruncated: answer.isTruncated)
            },
            refusal: refusal, domain: { domains.domain(of: $0) })
    }

    @Sendable private func refusal(_ url: String) async -> String? {
        guard options.obeysRobots else { return nil }
        let answer = await gate.verdict(on: url, by: route)
        return answer.isAllowed ? nil : answer.unreachable?.message ?? answer.reason
    }
}
