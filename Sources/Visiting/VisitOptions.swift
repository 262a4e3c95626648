package import Documents
package import Egress
package import Fleet

/// How the pages of a run are visited: what stands in the run's spec, beside what is asked of the pages.
package struct VisitOptions: Sendable, Equatable {
    /// For one page, from its first request to its last value.
    package var timeout: Duration = .seconds(45)
    /// CSS selector that must be there before the page is taken.
    package var waitFor: String?
    /// What is done with each page before it is read.
    package var actions: [PageAction] = []
    /// False only for loopback addresses.
    package var obeysRobots = true
    /// `--allow-address` as typed.
    package var allowedAddresses: [String] = []
    /// Loopback and private places that a person typed as addresses of pages: exactly these may be asked, too.
    package var places: Set<AddressRules.Place> = []
    /// Hosts that are not asked, and all below them, by documents or by what pages load.
    package var blockedHosts: [String] = []
    /// Bytes that a page may load in all.
    package var pageBytes = VisitOptions.usualPageBytes
    package static let usualPageBytes = 256 << 20
    /// `--resolve` as typed.
    package var overrides: [String] = []
    /// The one way out, without its login.
    package var proxy: String?
    /// The same with its login, unreadable without the farm's key; nil where it has none.
    package var sealedProxy: String?
    /// The pool whose proxies are the ways out; then there is no `proxy`.
    package var pool: String?
    /// HTML of the page lies in this file: nothing is fetched.
    package var file: String?
    /// The stored HTML is opened in Chromium, with the network refused.
    package var rendersFile = false
    /// Which pages are opened in a browser.
    package var rendering = Rendering.always
    /// Keep with the page how each value was found.
    package var explains = false
    /// The language model that decides the values: a file's path or a server's `URL#name`, without its key; nil: the bundled matcher.
    package var model: String?

    package init() {}

    package var json: JSON {
        .of(
            ("timeout", .double(timeout / .seconds(1))), ("waitFor", waitFor.map(JSON.string)), ("robots", .bool(obeysRobots)),
            ("actions", actions.isEmpty ? nil : .array(actions.map { .string($0.description) })),
            ("allowAddress", .array(allowedAddresses.map(JSON.string))),
            (
                "places",
                places.isEmpty
                    ? nil : .array(places.map { "\($0.address) \($0.port) \($0.host)" }.sorted().map(JSON.string))
            ),
            ("blockHosts", blockedHosts.isEmpty ? nil : .array(blockedHosts.map(JSON.string))),
            ("pageBytes", pageBytes == VisitOptions.usualPageBytes ? nil : .integer(pageBytes)),
            ("resolve", .array(overrides.map(JSON.string))),
            ("proxy", proxy.map(JSON.string)),
            ("sealedProxy", sealedProxy.map(JSON.string)), ("pool", pool.map(JSON.string)), ("file", file.map(JSON.string)), ("render", rendersFile ? .bool(true) : nil),
            ("rendering", rendering == .always ? nil : .string(rendering.rawValue)),
            ("explain", explains ? .bool(true) : nil), ("model", model.map(JSON.string)))
    }

    package init(json: JSON) {
        if let seconds = json["timeout"]?.double, seconds > 0, seconds < 86_400 { timeout = .milliseconds(Int(seconds * 1000)) }
        waitFor = json["waitFor"]?.string
        actions = json["actions"]?.array?.compactMap(\.string).compactMap { try? PageAction($0) } ?? []
        obeysRobots = json["robots"]?.bool ?? true
        allowedAddresses = json["allowAddress"]?.array?.compactMap(\.string) ?? []
        places = Set((json["places"]?.array ?? []).compactMap(\.string).compactMap(VisitOptions.place))
        blockedHosts = json["blockHosts"]?.array?.compactMap(\.string) ?? []
        pageBytes = json["pageBytes"]?.int.map { max(1, $0) } ?? VisitOptions.usualPageBytes
        overrides = json["resolve"]?.array?.compactMap(\.string) ?? []
        proxy = json["proxy"]?.string
        sealedProxy = json["sealedProxy"]?.string
        pool = json["pool"]?.string
        file = json["file"]?.string
        rendersFile = json["render"]?.bool ?? false
        rendering = json["rendering"]?.string.flatMap(Rendering.init) ?? .always
        explains = json["explain"]?.bool ?? false
        model = json["model"]?.string
    }

    private static func place(_ text: String) -> AddressRules.Place? {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count == 3, let address = IPAddress(words[0]), let port = Int(words[1]) else { return nil }
        return AddressRules.Place(host: words[2], port: port, address: address)
    }
}
