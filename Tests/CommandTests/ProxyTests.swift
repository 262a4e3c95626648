import Documents
import Foundation
import GleanerTesting
import Synchronization
import TestMaterial
import Testing

private let page = """
    <!doctype html><html lang="en"><title>Ash-handled Spade</title><h1>Ash-handled Spade</h1><p class="price">€64.00</p>
    <dl><dt>Weight</dt><dd>1.4 kg</dd></dl>
    """

/// A site, and what it serves as a proxy that lies: everything that comes to it for another host gets `lie`.
private func withSite<Value: Sendable>(
    lie: FixtureAnswer? = nil, _ body: @Sendable (_ site: FixtureSite, _ liar: Int) async throws -> Value
) async throws -> Value {
    try await withFixtureSite(responding: { request in
        request.path == "/robots.txt" ? .status(404) : .html(page)
    }) { site in
        try await withFixtureSite(responding: { _ in lie ?? .status(404) }) { liar in try await body(site, liar.port) }
    }
}

extension Command {
    /// A pool of these lines.
    fileprivate func pool(_ lines: [String], policy: String = "round-robin") async throws {
        let outcome = try await callAsFunction("proxies", "import", "p", "-", "--policy", policy, input: lines.joined(separator: "\n"))
        #expect(outcome.exit == 0, "\(outcome.error)")
    }

    /// Reads so many pages of a site through the pool.
    fileprivate func read(_ site: FixtureSite, pages: Int, _ options: String...) async throws -> Outcome {
        let addresses = (0..<pages).map { site.url("/\($0)") }
        let running = try start(
            ["extract"] + addresses + ["name and price", "--proxy", "p", "--format", "json", "--quiet", "--timeout", "5"] + options)
        return try await running.outcome()
    }
}

extension Command.Outcome {
    fileprivate var pages: [JSON] { json["pages"]?.array ?? [] }
    fileprivate var served: [String] { pages.map { $0["status"]?.string == "completed" ? $0["proxy"]?.string ?? "direct" : $0["status"]?.string ?? "" } }
}

/// Chromium and libcurl go through proxies that others wrote, and through some that die, ban, stall and lie.
@Suite(.serialized, .enabled(if: RealProxy.isInstalled, "tinyproxy and microsocks are not installed"), .timeLimit(.minutes(5))) struct ProxyTests {
    /// Both kinds, with and without a login; the result says which one served a page, and the login stands nowhere in the data folder.
    @Test(arguments: RealProxy.allCases, [false, true]) func served(kind: RealProxy, hasLogin: Bool) async throws {
        let login = hasLogin ? (user: "farmer", password: "s3cr%t:word") : nil
        // tinyproxy's file has no way to write a colon or a per cent sign.
        let usable = kind == .http ? login.map { _ in (user: "farmer", password: "s3cretword") } : login
        try await kind.with(login: usable) { port in
            try await withSite { site, _ in
                try await Command.with { gleaner, folder in
                    let written = usable.map { "\($0.user):\($0.password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")@" } ?? ""
                    try await gleaner.pool(["\(kind.rawValue)://\(written)127.0.0.1:\(port) name=one country=DE"])
                    let outcome = try await gleaner.read(site, pages: 2)
                    #expect(outcome.served == ["p/one", "p/one"], "\(outcome.error)")
                    if let usable {
                        // The database, its log, whatever else.
                        for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
                            let bytes = FileManager.default.contents(atPath: folder.appending(path: file).path) ?? Data()
                            #expect(bytes.range(of: Data(usable.password.utf8)) == nil, "\(file)")
                        }
                        #expect(!outcome.output.contains(usable.password) && !outcome.error.contains(usable.password))
                    }
                }
            }
        }
    }

    /// Only proxies that have the tags are used; where none has them, that is said before anything is asked.
    @Test func byTag() async throws {
        try await RealProxy.http.with { port in
            try await withSite { site, _ in
                try await Command.with { gleaner, _ in
                    let nobody = try RealProxy.freePort()
                    try await gleaner.pool([
                        "http://127.0.0.1:\(nobody) name=away country=FR", "http://127.0.0.1:\(port) name=there country=DE kind=mobile",
                    ])
                    let address = site.url("/0")
                    let found = try await gleaner("extract", address, "name and price", "--proxy", "p/country=de,kind=mobile", "--format", "json")
                    #expect(found.served == ["p/there"], "\(found.error)")
                    for (proxy, words) in [("p/country=AT", "none of the pool's proxies"), ("p/country=Austria", "two letters"), ("p/", "country=DE")] {
                        let refused = try await gleaner("extract", address, "name and price", "--proxy", proxy)
                        #expect(refused.exit == 2 && refused.error.contains(words), "\(refused.error)")
                    }
                }
            }
        }
    }

    /// What a proxy can do wrong.
    enum Fault: String, CaseIterable, Sendable {
        case dead, wrongKind, wrongLogin, bans, challenges, stalls, empty, badGateway
    }

    private func lie(_ fault: Fault) -> FixtureAnswer? {
        switch fault {
        case .dead, .wrongKind, .wrongLogin: nil
        case .bans: .html("<h1>Forbidden</h1>", status: 403)
        case .challenges: .html("<title>Just a moment...</title><p>Verify you are human", status: 503)
        case .stalls: .silence
        case .empty: .html("")
        case .badGateway: .status(502)
        }
    }

    /// Every visit gets through while one healthy proxy lives, whatever the other does.
    @Test(arguments: Fault.allCases) func oneHealthyProxyIsEnough(fault: Fault) async throws {
        try await RealProxy.http.with { healthy in
            try await withSite(lie: lie(fault)) { site, liar in
                try await Command.with { gleaner, _ in
                    let nobody = try RealProxy.freePort()
                    let other = fault == .dead ? nobody : liar
                    try await RealProxy.socks5.with(login: (user: "u", password: "p")) { locked in
                        let bad =
                            switch fault {
                            case .wrongLogin: "socks5://u:wrong@127.0.0.1:\(locked)"
                            case .wrongKind: "http://127.0.0.1:\(locked)"
                            default: "http://127.0.0.1:\(other)"
                            }
                        try await gleaner.pool(["\(bad) name=bad", "http://127.0.0.1:\(healthy) name=good"])
                        let outcome = try await gleaner.read(site, pages: 4)
                        #expect(outcome.served == Array(repeating: "p/good", count: 4), "\(outcome.error)")
                        // It was tried, and is known now.
                        let known = try await gleaner("proxies", "list", "p", "--json")
                        let state = known.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }.first { $0["name"]?.string == "bad" }
                        let seen = ["failures", "bans"].compactMap { state?[$0]?.double }
                        #expect(seen.reduce(0, +) > 0, "\(known.output)")
                    }
                }
            }
        }
    }

    /// The dear proxy is used where the cheap one is banned, and only there.
    @Test func escalates() async throws {
        try await RealProxy.socks5.with { dear in
            try await withSite(lie: .status(403)) { site, banned in
                try await RealProxy.http.with { cheap in
                    try await Command.with { gleaner, _ in
                        try await gleaner.pool(["http://127.0.0.1:\(banned) name=cheap tier=0", "socks5://127.0.0.1:\(dear) name=dear tier=2"])
                        #expect(try await gleaner.read(site, pages: 3).served == ["p/dear", "p/dear", "p/dear"])
                        let stats = try await gleaner("proxies", "stats", "--run", "last", "--json")
                        let lines = stats.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
                        let cheapBans = lines.first { $0["proxy"]?.string == "p/cheap" }?["bans"]?.double ?? 0
                        #expect((1...3).contains(cheapBans), "\(stats.output)")
                        #expect(lines.first { $0["proxy"]?.string == "p/dear" }?["bytes"]?.double ?? 0 > 0, "\(stats.output)")
                        _ = try await gleaner("proxies", "rm", "p")
                        try await gleaner.pool(["http://127.0.0.1:\(cheap) name=cheap tier=0", "socks5://127.0.0.1:\(dear) name=dear tier=2"])
                        #expect(try await gleaner.read(site, pages: 3).served == ["p/cheap", "p/cheap", "p/cheap"])
                    }
                }
            }
        }
    }

    /// Without a usable proxy nothing goes out, unless the pool says that it may.
    @Test(arguments: [false, true]) func failing(open: Bool) async throws {
        try await withSite { site, _ in
            try await Command.with { gleaner, _ in
                try await gleaner.pool(["http://127.0.0.1:\(try RealProxy.freePort()) name=gone"], policy: open ? "round-robin,fail-open" : "round-robin")
                let outcome = try await gleaner.read(site, pages: 1)
                if open {
                    #expect(outcome.served == ["direct"], "\(outcome.error)")
                } else {
                    #expect(outcome.exit == 3)
                    #expect(outcome.pages.first?["code"]?.string == "no-proxy" || outcome.pages.first?["code"]?.string == "proxy-failed", "\(outcome.output)")
                    #expect(site.log.requests.isEmpty)
                }
            }
        }
    }

    /// A dead proxy is known as dead also where robots.txt is known already, so that the browser is the first to find out: another one is taken
    /// at once.
    @Test func deadBehindTheBrowser() async throws {
        try await RealProxy.http.with { healthy in
            try await withSite { site, _ in
                try await Command.with { gleaner, _ in
                    #expect(try await gleaner("extract", site.url("/7"), "name and price", "--quiet").exit == 0)
                    try await gleaner.pool(["http://127.0.0.1:\(try RealProxy.freePort()) name=dead", "http://127.0.0.1:\(healthy) name=good"])
                    #expect(try await gleaner.read(site, pages: 2).served == ["p/good", "p/good"])
                    let known = try await gleaner("proxies", "list", "p", "--json")
                    let dead = known.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }.first { $0["name"]?.string == "dead" }
                    #expect(dead?["failures"]?.int ?? 0 > 0 && dead?["bans"]?.int == 0, "\(known.output)")
                }
            }
        }
    }

    /// A sticky run stays with one of several.
    @Test func sticky() async throws {
        try await RealProxy.http.with { one in
            try await RealProxy.http.with { two in
                try await withSite { site, _ in
                    try await Command.with { gleaner, _ in
                        try await gleaner.pool(["http://127.0.0.1:\(one) name=one", "http://127.0.0.1:\(two) name=two"])
                        #expect(Set(try await gleaner.read(site, pages: 4).served) == ["p/one", "p/two"])
                        _ = try await gleaner("proxies", "policy", "p", "round-robin,sticky=run")
                        #expect(Set(try await gleaner.read(site, pages: 4).served).count == 1)
                    }
                }
            }
        }
    }

    /// Lists with faults add nothing and name the line, never the login; unknown pools are the input's fault.
    @Test func badInput() async throws {
        try await Command.with { gleaner, _ in
            let faulty = try await gleaner("proxies", "import", "p", "-", input: "http://127.0.0.1:80\nftp://u:topsecret@127.0.0.1:1\n")
            #expect(faulty.exit == 2 && faulty.error.contains("line 2") && !faulty.error.contains("topsecret"), "\(faulty.error)")
            #expect(try await gleaner("proxies", "list").output.isEmpty)
            let unknown = try await gleaner("extract", "http://127.0.0.1:1/", "title", "--proxy", "nowhere")
            #expect(unknown.exit == 2 && unknown.error.contains("--proxy nowhere"), "\(unknown.error)")
            let policy = try await gleaner("proxies", "add", "p", "http://127.0.0.1:80", "--policy", "quickest")
            #expect(policy.exit == 2 && policy.error.contains("--policy"), "\(policy.error)")
        }
    }

    /// `proxies test` fetches through each and tells which work.
    @Test func tested() async throws {
        try await RealProxy.socks5.with { port in
            try await withSite { site, _ in
                try await Command.with { gleaner, _ in
                    try await gleaner.pool(["socks5://127.0.0.1:\(port) name=good", "http://127.0.0.1:\(try RealProxy.freePort()) name=gone"])
                    let outcome = try await gleaner("proxies", "test", "p", "--url", site.url("/"), "--allow-address", "127.0.0.1/32", "--json")
                    let works = outcome.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
                        .filter { $0["works"]?.bool == true }.compactMap { $0["proxy"]?.string }
                    #expect(works == ["good"], "\(outcome.output)")
                    #expect(outcome.exit == 5)
                }
            }
        }
    }
}
