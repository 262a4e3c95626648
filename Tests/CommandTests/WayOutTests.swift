import Documents
import GleanerTesting
import TestMaterial
import Testing

/// What leaves a run, whoever sends it: browser or libcurl.
@Suite(.serialized, .timeLimit(.minutes(3))) struct WayOutTests {
    private let resolved = ["--resolve", "a.test:127.0.0.1", "--resolve", "ads.b.test:127.0.0.1", "--allow-address", "127.0.0.1/32"]

    private let words = "Ash handle, forged blade, one of a long line of spades that our smith has made since he was young, and likes to make still."

    private func answer(_ request: FixtureRequest) -> FixtureAnswer {
        let port = request.host?.split(separator: ":").last ?? ""
        switch request.path {
        case "/": return .html("<title>Spade</title><h1>Spade</h1><p>€64.00</p><script src='http://ads.b.test:\(port)/ad.js'></script>")
        case "/heavy": return .html("<title>Spade</title><h1>Spade</h1><p>€64.00</p><p>\(words)</p><script src=/large.js></script>")
        case "/large.js": return .bytes(Array(repeating: 10, count: 3_000_000), type: "text/javascript")
        case "/ad.js": return .bytes(Array("document.title = 'ad'".utf8), type: "text/javascript")
        default: return .status(404)
        }
    }

    /// A host that is not to be asked is asked neither for a page nor for what pages load, nor is any below it.
    @Test(arguments: [["b.test"], ["@hosts"]]) func blockedHosts(list: [String]) async throws {
        try await withFixtureSite(responding: answer) { site in
            try await Command.with { gleaner, folder in
                let file = folder.appending(path: "hosts")
                try "# as hosts files have it\n0.0.0.0 c.test b.test\n".write(to: file, atomically: true, encoding: .utf8)
                let blocks = list.flatMap { ["--block-host", $0 == "@hosts" ? "@\(file.path)" : $0] }
                let options = ["name and price", "--format", "json", "--quiet"] + resolved + blocks
                let page = try await gleaner.start(["extract", site.url("/", host: "a.test")] + options).outcome()
                #expect(page.exit == 0, "\(page.error)")
                #expect(site.log.paths.contains("/") && !site.log.paths.contains("/ad.js"))
                let refused = try await gleaner.start(["extract", site.url("/", host: "ads.b.test")] + options).outcome()
                #expect(refused.exit == 3 && refused.page["code"]?.string == "host-blocked", "\(refused.error)")
            }
        }
    }

    /// Without that option the same page does load it: the test above can fail.
    @Test func notBlocked() async throws {
        try await withFixtureSite(responding: answer) { site in
            try await Command.with { gleaner, _ in
                let options = ["name and price", "--quiet"] + resolved
                let page = try await gleaner.start(["extract", site.url("/", host: "a.test")] + options).outcome()
                #expect(page.exit == 0 && site.log.paths.contains("/ad.js"), "\(page.error)")
            }
        }
    }

    /// A page that loads more than it may is broken off, and what it wanted is said.
    @Test func pageBytes() async throws {
        try await withFixtureSite(responding: answer) { site in
            try await Command.with { gleaner, _ in
                let heavy = try await gleaner("extract", site.url("/heavy"), "name and price", "--page-bytes", "1000000", "--format", "json", "--quiet")
                #expect(heavy.exit == 3 && heavy.page["code"]?.string == "too-large", "\(heavy.exit) \(heavy.output)")
                let light = try await gleaner("extract", site.url("/heavy"), "name and price", "--format", "json", "--quiet")
                #expect(light.exit == 0, "\(light.error)")
            }
        }
    }

    /// Whoever asks says who answers for it, where the operator said so: for robots.txt, for pages, for what they load.
    @Test func contact() async throws {
        try await withFixtureSite(responding: answer) { site in
            try await Command.with { gleaner, _ in
                var gleaner = gleaner
                gleaner.environment["GLEANER_CONTACT"] = "ops@example.org"
                for rendering in ["always", "never"] {
                    let page = try await gleaner("extract", site.url("/heavy"), "name and price", "--quiet", "--rendering", rendering)
                    #expect(page.exit == 0, "\(page.error)")
                }
                let asked = Dictionary(grouping: site.log.requests, by: \.path).mapValues { $0.map { $0.header("From") } }
                #expect(asked["/heavy"] == ["ops@example.org", "ops@example.org"])
                #expect(asked["/robots.txt"] == ["ops@example.org"] && asked["/large.js"] == ["ops@example.org"], "\(asked)")
            }
        }
    }
}
