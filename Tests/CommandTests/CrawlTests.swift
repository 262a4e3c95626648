import Documents
import Foundation
import GleanerTesting
import Synchronization
import TestMaterial
import Testing

/// A shop with what crawls meet: pages by sitemap alone, a calendar without end, the same page twice, "not found" that says 200, and links that
/// its robots.txt or its authors don't want followed.
private struct Shop: Sendable {
    var items = 12
    /// Dates of the sitemap.
    var modified = "2020-01-01"
    var price = "64.00"
    /// Each page says so.
    var pause = Duration.zero

    func answer(_ request: FixtureRequest) -> FixtureAnswer {
        let host = request.host ?? ""
        func page(_ title: String, _ body: String) -> FixtureAnswer {
            FixtureAnswer.html("<!doctype html><html lang=en><title>\(title)</title><h1>\(title)</h1>\(body)").after(pause)
        }
        let number = Int(request.path.split(separator: "/").last ?? "") ?? 0
        switch request.path {
        case "/robots.txt": return .text("User-agent: *\nDisallow: /cart\nSitemap: http://\(host)/map.xml\n")
        case "/map.xml":
            return .bytes(
                Array(
                    """
                    <?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
                    <url><loc>http://\(host)/item/100</loc><lastmod>\(modified)</lastmod></url></urlset>
                    """.utf8), type: "application/xml")
        case "/":
            let list = (1...items).map { "<a href='/item/\($0)?utm_source=home'>Item \($0)</a> " }.joined()
            return page(
                "Shop",
                """
                <nav>\(list)<a href="/cart">cart</a> <a href="/partner" rel="sponsored">partner</a> <a href="/calendar/2026-1">calendar</a>
                <a href="/copy">copy</a> <a href="/gone">gone</a> <a href="/away">away</a> <a href="/moved">moved</a> <a href="/hidden">hidden</a> <a href="http://elsewhere.test/">elsewhere</a></nav>
                """)
        case "/copy": return item(1, page)
        case "/away": return .redirect(to: "http://localhost:\(host.split(separator: ":").last ?? "")/outside")
        case "/moved": return .redirect(to: "/item/2")
        case "/hidden": return page("Hidden", "<p>Not for search engines.</p><a href='/item/101'>a spade</a>").header("X-Robots-Tag", "noindex")
        case _ where request.path.hasPrefix("/item/") && number > 0: return item(number, page)
        case _ where request.path.hasPrefix("/calendar/"):
            let parts = request.path.split(separator: "/").last?.split(separator: "-").compactMap { Int($0) } ?? []
            let month = (parts.first ?? 0) * 12 + (parts.last ?? 1)
            return page(
                "Events", "<p>Nothing this month.</p><a href='/calendar/\(month / 12)-\(month % 12 + 1)'>the month after</a>")
        default:
            return page("Sorry", "<p>We looked everywhere and could not find what you are looking for; here is our start page instead.</p><a href='/'>start</a>")
        }
    }

    private func item(_ number: Int, _ page: (String, String) -> FixtureAnswer) -> FixtureAnswer {
        page(
            "Spade \(number)",
            """
            <p class=price>€\(number).\(price.suffix(2))</p><dl><dt>Weight</dt><dd>\(number) kg</dd></dl>
            <p>Ash handle, forged blade, number \(number) of a long line of spades that our smith has made since he was young.</p>
            <a href="/item/\(number)#reviews">reviews</a>
            """)
    }
}

extension Command {
    fileprivate func crawl(_ site: FixtureSite, _ options: String...) async throws -> Outcome { try await crawl(site, options) }

    fileprivate func crawl(_ site: FixtureSite, _ options: [String]) async throws -> Outcome {
        try await start(
            ["crawl", site.url("/"), "--fields", "name, price:money", "--one", "--read", "/item/*", "--format", "json", "--quiet"] + options
        ).outcome()
    }
}

extension Command.Outcome {
    fileprivate var pages: [JSON] { json["pages"]?.array ?? [] }
    fileprivate func paths(_ code: String? = nil) -> [String] {
        pages.filter { code == nil ? $0["status"]?.string == "completed" : $0["code"]?.string == code }
            .compactMap { $0["url"]?.string.flatMap { URL(string: $0) } }.map { $0.path.isEmpty ? "/" : $0.path }
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct CrawlTests {
    /// A site that is down, and one that forbids its start, could not be read: sitemaps and probes don't count as pages.
    @Test func nothingToRead() async throws {
        try await Command.with { gleaner, _ in
            let down = try await gleaner("crawl", "http://127.0.0.1:\(try RealProxy.freePort())/", "--quiet")
            #expect(down.exit == 3, "\(down.error)")
        }
        try await withFixtureSite(responding: { $0.path == "/robots.txt" ? .text("User-agent: *\nDisallow: /") : .html("<p>here") }) { site in
            try await Command.with { gleaner, _ in
                let closed = try await gleaner("crawl", site.url("/"))
                #expect(closed.exit == 3 && closed.error.contains("0 of 1 pages completed, 1 skipped"), "\(closed.error)")
            }
        }
    }

    /// Every page in scope once, by links or by sitemap, and read where it was asked for; the rest is left out, with the reason.
    @Test func wholeSite() async throws {
        let shop = Shop()
        try await withFixtureSite(responding: shop.answer) { site in
            try await Command.with { gleaner, _ in
                let outcome = try await gleaner.crawl(site)
                #expect(outcome.exit == 0, "\(outcome.error)")
                let items = outcome.paths().filter { $0.hasPrefix("/item/") }
                // One of two that lead to the same page is left out.
                let all = Set((Array(1...12) + [100, 101]).map { "/item/\($0)" })
                #expect(Set(items).isSubset(of: all) && items.count >= 13 && Set(items).count == items.count, "\(items)")
                let records = outcome.pages.flatMap { $0["records"]?.array ?? [] }
                #expect(records.count == 14 && Set(records.compactMap { $0["name"]?.string }).count == 14)
                #expect(outcome.paths("robots") == ["/cart"])
                #expect(outcome.paths("out-of-scope") == ["/away"] && !site.log.paths.contains("/outside"))
                #expect(outcome.paths("noindex") == ["/hidden"])
                #expect(outcome.paths("soft-404") == ["/gone"])
                #expect(!site.log.paths.contains("/cart") && !site.log.paths.contains("/partner"))
                // A calendar has no end; it was left after a while.
                let weeks = site.log.paths.filter { $0.hasPrefix("/calendar/") }.count
                #expect((2...150).contains(weeks), "\(weeks)")
                // Where a redirect led is not asked for once more by its own address.
                let asked = site.log.paths.filter { $0 != "/robots.txt" }
                #expect(Set(asked).count == asked.count, "\(asked)")
                #expect(outcome.pages.first?["leftOut"]?["its author says nofollow"]?.int == 1)
            }
        }
    }

    /// A site that says 404 to what it doesn't have is no reason for a crawl to end as partial.
    @Test func honestSite() async throws {
        try await withFixtureSite(["/": .html("<title>Home</title><h1>Home</h1><p>There is one page here, and this is it, from its beginning to its end.")]) { site in
            try await Command.with { gleaner, _ in
                let outcome = try await gleaner.crawl(site)
                #expect(outcome.exit == 0 && outcome.paths() == ["/"], "\(outcome.error)")
                #expect(outcome.json["status"]?.string == "completed")
            }
        }
    }

    /// The same seed visits in the same order, another one in another.
    @Test func order() async throws {
        var shop = Shop()
        shop.items = 9
        let answer = shop.answer
        try await withFixtureSite(responding: answer) { site in
            var orders: [[String]] = []
            for seed in ["7", "7", "8"] {
                try await Command.with { gleaner, _ in
                    let outcome = try await gleaner.crawl(site, "--seed", seed, "--at-once", "1", "--exclude", "/calendar/*", "--exclude", "/copy")
                    orders.append(outcome.pages.compactMap { $0["url"]?.string.flatMap { URL(string: $0) }?.path })
                }
            }
            #expect(orders[0] == orders[1] && orders[0] != orders[2])
            #expect(Set(orders[0].filter { $0.hasPrefix("/item") }) == Set(orders[2].filter { $0.hasPrefix("/item") }))
        }
    }

    /// A crawl whose process is killed goes on where it stood: nothing is lost, nothing read twice.
    @Test func killedInTheMiddle() async throws {
        var shop = Shop()
        shop.pause = .milliseconds(150)
        let answer = shop.answer
        try await withFixtureSite(responding: answer) { site in
            try await Command.with { gleaner, _ in
                let running = try gleaner.start(
                    ["crawl", site.url("/"), "--fields", "name, price:money", "--one", "--read", "/item/*", "--exclude", "/calendar/*", "--quiet",
                     "--at-once", "2"])
                while site.log.paths.filter({ $0.hasPrefix("/item/") }).count < 4 { try await Task.sleep(for: .milliseconds(20)) }
                kill(running.process.processIdentifier, SIGKILL)
                _ = try await running.outcome()
                let outcome = try await gleaner("runs", "resume", "last", "--format", "json", "--quiet")
                #expect(outcome.exit == 0, "\(outcome.error)")
                let names = outcome.pages.flatMap { $0["records"]?.array ?? [] }.compactMap { $0["name"]?.string }
                #expect(names.count == 14 && Set(names).count == 14, "\(names)")
                #expect(try await gleaner("store", "check").exit == 0)
            }
        }
    }

    /// Only what changed is read again: a page whose sitemap date is old is not even asked for, and keeps its records.
    @Test func changedOnly() async throws {
        let price = Mutex("64.00")
        try await withFixtureSite(responding: { request in
            var shop = Shop()
            shop.items = 3
            shop.price = price.withLock { $0 }
            return shop.answer(request)
        }) { site in
            try await Command.with { gleaner, _ in
                // Of those that lead to a page the one that comes first stands for it.
                let rest = ["--exclude", "/calendar/*", "--exclude", "/copy", "--exclude", "/moved"]
                _ = try await gleaner.crawl(site, rest)
                price.withLock { $0 = "64.99" }
                let before = site.log.paths.count
                let outcome = try await gleaner.crawl(site, rest + ["--changed-only"])
                #expect(!site.log.paths.dropFirst(before).contains("/item/100"))
                let prices = outcome.pages.reduce(into: [String: String]()) { prices, page in
                    guard let url = page["url"]?.string, let amount = page["records"]?.array?.first?["price"]?["amount"]?.string else { return }
                    prices[URL(string: url)?.lastPathComponent ?? ""] = amount
                }
                #expect(prices == ["1": "1.99", "2": "2.99", "3": "3.99", "100": "100.00", "101": "101.99"], "\(prices)")
                #expect(outcome.paths("unchanged") == ["/item/100"])
                #expect(try await gleaner("runs", "verify", "last").exit == 0)
            }
        }
    }

    /// What is written to a file has the form of its ending.
    @Test func outputs() async throws {
        var shop = Shop()
        shop.items = 2
        let answer = shop.answer
        try await withFixtureSite(responding: answer) { site in
            try await Command.with { gleaner, folder in
                let csv = folder.appending(path: "out.csv").path
                let outcome = try await gleaner(
                    "crawl", site.url("/"), "--fields", "name, price:money", "--one", "--read", "/item/*", "--exclude", "/calendar/*", "--output", csv, "-q")
                #expect(outcome.exit == 0, "\(outcome.error)")
                let lines = try String(contentsOfFile: csv, encoding: .utf8).components(separatedBy: "\r\n")
                #expect(lines[0] == "name,price.amount,price.currency,_url" && lines.count == 6)
                let sqlite = folder.appending(path: "out.sqlite").path
                #expect(try await gleaner("runs", "export", "last", "--output", sqlite).exit == 0)
                #expect(try Data(contentsOf: URL(fileURLWithPath: sqlite)).starts(with: Data("SQLite format 3".utf8)))
                let ndjson = try await gleaner("runs", "export", "last", "--format", "ndjson")
                #expect(ndjson.output.split(separator: "\n").count == 4)
            }
        }
    }

    /// Limits hold, and bad input is refused before anything is asked.
    @Test func limits() async throws {
        let shop = Shop()
        try await withFixtureSite(responding: shop.answer) { site in
            try await Command.with { gleaner, _ in
                let few = try await gleaner.crawl(site, "--limit", "4", "--sitemaps", "skip")
                #expect(few.pages.count == 4)
                let flat = try await gleaner.crawl(site, "--depth", "0", "--sitemaps", "skip")
                #expect(flat.paths() == ["/"])
                let only = try await gleaner.crawl(site, "--sitemaps", "only")
                #expect(Set(only.paths()) == ["/", "/item/100"])
                let asked = site.log.paths.count
                let pattern = try await gleaner.crawl(site, "--include", "https://example.org/")
                #expect(pattern.exit == 2 && pattern.error.contains("--include"))
                let nothing = try await gleaner("crawl", site.url("/"), "--read", "/item/*")
                #expect(nothing.exit == 2 && nothing.error.contains("--read"))
                #expect(site.log.paths.count == asked)
            }
        }
    }

    /// A site's addresses with where they come from, without a visit to any of them.
    @Test func mapped() async throws {
        let shop = Shop()
        try await withFixtureSite(responding: shop.answer) { site in
            try await Command.with { gleaner, _ in
                let outcome = try await gleaner("map", site.url("/"), "--json", "--include", "/item/*")
                let found = outcome.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
                #expect(found.filter { $0["source"]?.string == "link" }.count == 12)
                #expect(found.first { $0["source"]?.string == "sitemap" }?["url"]?.string == site.url("/item/100"))
                #expect(site.log.paths.allSatisfy { ["/", "/robots.txt", "/map.xml"].contains($0) }, "\(site.log.paths)")
                let searched = try await gleaner("map", site.url("/"), "--search", "7")
                #expect(searched.output.contains("/item/7") && !searched.output.contains("/item/8"))
            }
        }
    }

    /// A crawl file says all of it; `--check` tells what it means, and faults come with their lines before anything is asked.
    @Test func crawlFile() async throws {
        var shop = Shop()
        shop.items = 3
        let answer = shop.answer
        try await withFixtureSite(responding: answer) { site in
            try await Command.with { gleaner, folder in
                let file = folder.appending(path: "shop.yaml")
                try """
                    start: ${SITE}/
                    exclude: ["/calendar/*", "/copy"]
                    limits: {pages: 50}
                    extract:
                      - urls: /item/*
                        fields: "name, price:money"
                        many: false
                    output: {file: out.ndjson}
                    """.write(to: file, atomically: true, encoding: .utf8)
                var gleaner = gleaner
                gleaner.environment["SITE"] = site.base
                let checked = try await gleaner("crawl", file.path, "--check")
                #expect(checked.exit == 0 && checked.output.contains("/item/*: name (text), price (money)"), "\(checked.error)")
                #expect(site.log.requests.isEmpty)
                #expect(try await gleaner("crawl", file.path, "--quiet").exit == 0)
                let lines = try String(contentsOf: folder.appending(path: "out.ndjson"), encoding: .utf8).split(separator: "\n")
                #expect(lines.count == 5)
                try "start: nowhere\nscop: host\n".write(to: file, atomically: true, encoding: .utf8)
                let faulty = try await gleaner("crawl", file.path)
                #expect(faulty.exit == 2 && faulty.error.contains("shop.yaml:1: start") && faulty.error.contains("shop.yaml:2:"), "\(faulty.error)")
                let example = folder.appending(path: "example.yaml")
                try await gleaner("crawl", "--example").output.write(to: example, atomically: true, encoding: .utf8)
                let known = try await gleaner("crawl", example.path, "--check")
                #expect(known.error.contains("on-change belongs to a schedule") || known.exit == 0 || known.error.contains("there is no variable"), "\(known.error)")
            }
        }
    }

    /// A second process finds the first at work and leaves it alone.
    @Test func locked() async throws {
        var shop = Shop()
        shop.pause = .milliseconds(200)
        let answer = shop.answer
        try await withFixtureSite(responding: answer) { site in
            try await Command.with { gleaner, _ in
                let first = try gleaner.start(["crawl", site.url("/"), "--lock", "--quiet", "--limit", "5"])
                while site.log.paths.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
                let second = try await gleaner("crawl", site.url("/"), "--lock", "--quiet")
                #expect(second.exit == 7 && second.error.contains("under way"), "\(second.error)")
                #expect(try await first.outcome().exit == 0)
                #expect(try await gleaner("crawl", site.url("/"), "--lock", "--quiet", "--limit", "3").exit == 0)
            }
        }
    }
}
