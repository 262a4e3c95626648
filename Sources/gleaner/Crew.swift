import Egress
import Extraction
import Fetching
import Fleet
import Foundation
import Logging
import Store
import Visiting

/// What this process visits pages with: browsers, ways out, models. Made once; a run gets its own way out and its own browser contexts when
/// its first visit comes, and they go when it has been quiet for a while.
actor Crew {
    /// What a run's visits share.
    private struct Post {
        /// Once it is made.
        var place: Task<Place, any Error>
        var active = 0
        var lastUse = ContinuousClock.now
        /// Through the proxies of its pool, by their numbers, the one that was used last at the end.
        var ways: [(proxy: Int64, way: Task<Way, any Error>)] = []
    }

    /// Who does the visits of a run, and by which way.
    struct Place: Sendable {
        var visitor: Visitor
        /// Without a proxy of a pool.
        var way: Way
        /// The pool whose proxies are to be used.
        var pool: String?
        /// Of a crawl.
        var desk: CrawlDesk?
    }

    /// Name resolution and HTTP of runs with the same `--resolve`.
    private struct Network {
        var resolver: Resolver
        var fetcher: Fetcher
    }

    /// Runs that are kept ready while nothing of them is under way.
    private static let idlePosts = 16
    /// Proxies of a pool that a run is kept ready for.
    private static let waysKept = 64

    /// What visits under way ask of the hosts' clocks.
    nonisolated let clocks: Clocks
    /// The proxies of the store's pools.
    nonisolated let pools: ProxyPools
    /// Which pages need no browser.
    nonisolated let staticPages: StaticPages
    private nonisolated let secrets = FarmSecrets()
    private let store: Store
    private let fleet: Fleet
    private let locations: Locations
    private let userAgent: String
    private let logger: Logger
    private var posts: [Int64: Post] = [:]
    private var networks: [[String]: Network] = [:]
    private var reading: ReadingModels?
    private var models: [String: OpenModel] = [:]

    private init(store: Store, perAddress: Int?, fleet: Fleet, locations: Locations, userAgent: String, logger: Logger) {
        clocks = Clocks(store: store, perAddress: perAddress)
        pools = ProxyPools(store: store, secrets: secrets)
        staticPages = StaticPages(store: store)
        self.store = store
        self.fleet = fleet
        self.locations = locations
        self.userAgent = userAgent
        self.logger = logger
    }

    /// Lends a crew; its browsers and models are put away afterwards, whatever happened.
    /// - Parameters:
    ///   - atOnce: tabs that work at the same time.
    ///   - perAddress: visits at one IP address at the same time; nil: the usual number.
    static func with<Value: Sendable>(
        store: Store, atOnce: Int, perAddress: Int? = nil, logger: Logger, _ body: @Sendable (Crew) async throws -> Value
    ) async throws -> Value {
        let locations = Locations()
        let installation: BrowserInstallation
        let profile: BrowserProfile
        do throws(FleetError) {
            installation = try BrowserInstallation.find(at: ProcessInfo.processInfo.environment["GLEANER_BROWSER"])
            profile = try BrowserProfile.load(in: locations.browserProfiles)
        } catch {
            throw CommandError.ours(error.message)
        }
        var configuration = FleetConfiguration(installation: installation, profile: profile, identity: Farm.identity)
        configuration.tabs = max(1, atOnce)
        let userAgent = Farm.identity.userAgent(chromium: installation.version() ?? "0")
        return try await Fleet.with(configuration, logger: logger) { fleet in
            let crew = Crew(store: store, perAddress: perAddress, fleet: fleet, locations: locations, userAgent: userAgent, logger: logger)
            do {
                let value = try await body(crew)
                await crew.close()
                return value
            } catch {
                await crew.close()
                throw error
            }
        }
    }

    private func close() async {
        posts = [:]
        for network in networks.values { await network.fetcher.shutdown() }
        for model in models.values { await model.close() }
    }

    /// Who does the visits of that run, as its spec says. To be given back by `release`.
    func place(for run: Int64) async throws -> Place {
        if posts[run] == nil {
            try await post(run) { try RunSpec(try await self.store.run(number: run).spec) }
        }
        return try await take(run)
    }

    /// By a proxy of the run's pool: with cookies and cache of its own, so that no site sees one visitor behind several addresses.
    func way(for run: Int64, _ lent: ProxyPools.Lent) async throws -> Way {
        guard let post = posts[run] else { throw CancellationError() }
        let known = post.ways.firstIndex { $0.proxy == lent.number }
        let making =
            known.map { post.ways[$0].way }
            ?? Task {
                let place = try await post.place.value
                var route = place.way.route
                route.wayOut = .proxy(lent.proxy)
                return try await place.visitor.way(by: route, session: "\(run)/\(lent.number)", logger: self.logger)
            }
        if let known { posts[run]?.ways.remove(at: known) }
        posts[run]?.ways.append((lent.number, making))
        if post.ways.count > Crew.waysKept { posts[run]?.ways.removeFirst() }
        do {
            return try await making.value
        } catch {
            posts[run]?.ways.removeAll { $0.proxy == lent.number }
            throw error
        }
    }

    /// Prepares for a run whose model is open already.
    func prepare(_ run: Int64, spec: RunSpec, model: OpenModel?) async throws {
        posts[run] = Post(place: Task { try await self.place(run, spec, model: model) })
        _ = try await take(run)
        release(run)
    }

    private func post(_ run: Int64, _ spec: @escaping @Sendable () async throws -> RunSpec) async throws {
        posts[run] = Post(
            place: Task {
                let spec = try await spec()
                return try await self.place(run, spec, model: try await self.model(spec.options.model))
            })
    }

    private func take(_ run: Int64) async throws -> Place {
        guard let post = posts[run] else { throw CancellationError() }
        posts[run]?.active += 1
        do {
            return try await post.place.value
        } catch {
            // The next visit tries again.
            posts[run] = nil
            throw error
        }
    }

    func release(_ run: Int64) {
        posts[run]?.active -= 1
        posts[run]?.lastUse = .now
        let idle = posts.filter { $0.value.active <= 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
        for (run, _) in idle.dropLast(Crew.idlePosts) { posts[run] = nil }
    }

    /// Starts new browsers for the visits to come; the old ones end when their visits are done.
    func recycle() async -> Int { await fleet.recycle() }

    /// A picture of a page of that run that is under way.
    func screenshot(of run: Int64, url: String?) async throws -> Data? { try await fleet.screenshot(key: "\(run)", url: url) }

    // MARK: Parts

    private func place(_ run: Int64, _ spec: RunSpec, model: OpenModel?) async throws -> Place {
        let options = spec.options
        let network = try network(options.overrides)
        var rules = AddressRules(allowing: try options.allowedAddresses.map { try AddressBlock($0) })
        rules.places = options.places
        rules.blockedHosts = Set(options.blockedHosts)
        let route = Relay.Route(rules: rules, wayOut: try options.wayOut(secrets), users: [try fleet.user])
        let robots =
            options.obeysRobots
            ? RobotsGate(cache: .store(store), fetcher: network.fetcher, token: Farm.robotsToken, userAgent: userAgent, contact: Farm.identity.contact) : nil
        let reads = spec.request != nil || spec.crawl?.readings.contains { $0.request != nil } == true
        let extractor = !reads ? nil : try readingModels().extractor(model: model?.pointing)
        let parts = Visitor.Parts(
            fleet: fleet, resolver: network.resolver, fetcher: network.fetcher, robots: robots, extractor: extractor,
            userAgent: userAgent, contact: Farm.identity.contact)
        let visitor = Visitor(parts: parts, spec: spec)
        var place = Place(
            visitor: visitor, way: try await visitor.way(by: route, session: "\(run)", logger: logger), pool: options.pool)
        if let plan = spec.crawl { place.desk = try await CrawlDesk.open(plan, run: try await store.run(number: run), in: store) }
        return place
    }

    private func network(_ overrides: [String]) throws -> Network {
        if let network = networks[overrides] { return network }
        let resolver = Resolver(overrides: try overrides.map { try HostOverride($0) })
        let network = Network(resolver: resolver, fetcher: Fetcher(resolver: resolver))
        networks[overrides] = network
        return network
    }

    private func readingModels() throws -> ReadingModels {
        if let reading { return reading }
        let models = try ReadingModels(locations)
        reading = models
        return models
    }

    private func model(_ name: String?) async throws -> OpenModel? {
        guard let name else { return nil }
        if let model = models[name] { return model }
        guard let model = try await OpenModel.open(name, locations) else { return nil }
        // Another visit may have opened it meanwhile.
        if let first = models[name] {
            await model.close()
            return first
        }
        models[name] = model
        return model
    }
}

extension RobotsGate.Cache {
    static func store(_ store: Store) -> RobotsGate.Cache {
        RobotsGate.Cache(
            known: { origin in
                let (stored, now) = try await store.robots(of: origin)
                return (
                    stored.map {
                        RobotsGate.Known(
                            status: $0.status, body: $0.body, fetchedAt: $0.fetchedAt, freshUntil: $0.freshUntil, goodBody: $0.goodBody, goodAt: $0.goodAt)
                    }, now
                )
            },
            keep: { origin, status, body, freshFor in
                try await store.setRobots(of: origin, status: status, body: body, freshFor: freshFor)
            })
    }
}
