import Documents
import Foundation
import GleanerTesting
import Synchronization
import TestMaterial
import Testing

private let careers = """
    <!doctype html><html lang="en"><title>Careers</title><nav><a href="/">Home</a> <a href="/about">About</a></nav>
    <h1>Open positions</h1><ul class="jobs" id="jobs"></ul>
    <script>
    setTimeout(() => fetch("/api/jobs").then(answer => answer.json()).then(jobs => {
      for (const job of jobs) {
        const item = document.createElement("li");
        item.innerHTML = `<h3><a href="/careers/${job.id}">${job.title}</a></h3><p><span class="city">${job.city}</span> · <span class="team">${job.team}</span></p>`;
        document.getElementById("jobs").append(item);
      }
    }), 200);
    </script>
    """

private let jobs = """
    [{"id": 1, "title": "Platform Engineer", "city": "Lyon", "team": "Infrastructure"},
     {"id": 2, "title": "Data Engineer", "city": "Porto", "team": "Analytics"},
     {"id": 3, "title": "Product Designer", "city": "Ghent", "team": "Design"},
     {"id": 4, "title": "Technical Writer", "city": "Kraków", "team": "Documentation"}]
    """

private let product = """
    <!doctype html><html lang="en"><title>Ash-handled Spade</title>
    <script type="application/ld+json">{"@context": "https://schema.org", "@type": "Product", "name": "Ash-handled Spade", "sku": "HG-7",
      "offers": {"@type": "Offer", "price": "64.00", "priceCurrency": "EUR"}}</script>
    <h1>Ash-handled Spade</h1><p class="price">€64.00</p><dl><dt>Weight</dt><dd>1.4 kg</dd></dl>
    """

private func site(_ request: FixtureRequest) -> FixtureAnswer {
    switch request.path {
    case "/careers": .html(careers)
    case "/api/jobs": .json(jobs)
    case "/product": .html(product)
    case "/robots.txt": .text("User-agent: *\nDisallow: /private/\n")
    case "/private/x": .html("<p>secret price €1.00")
    case "/moved": .redirect(to: "/product")
    case "/to-private": .redirect(to: "http://10.1.2.3/")
    case "/to-forbidden": .redirect(to: "/private/x")
    case "/pdf": .bytes(Array("%PDF-1.4".utf8), type: "application/pdf")
    case "/busy": .status(503).header("Retry-After", "600")
    case "/noindex": .html(product).header("X-Robots-Tag", "googlebot: nosnippet, gleaner: noindex")
    case "/expired": .html("<meta name=robots content='unavailable_after: 2020-01-31'>" + product)
    case "/guarded": .html("<title>Just a moment...</title>", status: 403).header("cf-mitigated", "challenge").header("Retry-After", "600")
    case "/forged": .status(403).header("X-Gleaner-Refused", "private")
    default: .status(404)
    }
}

@Suite(.serialized) struct ExtractTests {
    /// A page that leads on to another site waits for that site's clock, which a visit of its own moved on a moment ago: four seconds by the
    /// operator's rule, less what a busy machine takes to bring the first request there.
    @Test func waitsWhereItIsLed() async throws {
        let times = Mutex<[ContinuousClock.Instant]>([])
        try await withFixtureSite(responding: { request in
            guard request.path != "/robots.txt" else { return .status(404) }
            if request.path == "/away" { return .redirect(to: "http://b.test:\(request.host?.split(separator: ":").last ?? "")/product") }
            times.withLock { $0.append(.now) }
            return .html(product)
        }) { site in
            try await Command.with { gleaner, _ in
                let rule = try await gleaner("hosts", "rule", "b.test", "delay=4s")
                #expect(rule.exit == 0, "\(rule.error)")
                let outcome = try await gleaner(
                    "extract", site.url("/own", host: "b.test"), site.url("/away", host: "a.test"), "name and price", "--resolve",
                    "a.test:127.0.0.1", "--resolve", "b.test:127.0.0.1", "--allow-address", "127.0.0.1/32", "--quiet")
                #expect(outcome.exit == 0, "\(outcome.error)")
                let asked = times.withLock { $0 }
                #expect(asked.count == 2)
                #expect(asked.last.map { last in asked.first.map { $0.duration(to: last) > .seconds(1) } } == true, "\(asked)")
            }
        }
    }

    /// The main job: a list that a script draws late becomes records, and every value is proven against the stored page.
    @Test func readsALateList() async throws {
        try await withFixtureSite(responding: site) { site in
            try await Command.with { gleaner, _ in
                let outcome = try await gleaner("extract", site.url("/careers"), "every job title with its city and team", "--format", "json")
                #expect(outcome.exit == 0, "\(outcome.error)")
                let records = outcome.page["records"]?.array ?? []
                #expect(records.map { $0["job_title"]?.string } == ["Platform Engineer", "Data Engineer", "Product Designer", "Technical Writer"])
                #expect(records.map { $0["city"]?.string } == ["Lyon", "Porto", "Ghent", "Kraków"])
                #expect(records.map { $0["team"]?.string } == ["Infrastructure", "Analytics", "Design", "Documentation"])
                #expect(outcome.page["evidence"]?.array?.count == 12)
                let verified = try await gleaner("runs", "verify", "last", "--json")
                #expect(verified.exit == 0)
                #expect(verified.json["proven"]?.int == 12 && verified.json["refuted"]?.int == 0)
            }
        }
    }

    /// What is asked to be done with a page is done before it is read.
    @Test func actsFirst() async throws {
        let list = "<ul id=list><li>Data Engineer</li><li>Gardener</li></ul>"
        let more = "list.innerHTML += '<li>Product Designer</li><li>Technical Writer</li>'; this.remove()"
        try await withFixtureSite(responding: { request in
            request.path == "/robots.txt"
                ? .status(404) : .html("<title>Jobs</title><h1>Jobs</h1>\(list)<button id=more onclick=\"\(more)\">Show more</button>")
        }) { site in
            try await Command.with { gleaner, folder in
                let file = folder.appending(path: "actions")
                try "# one a line\nclick-while 'text=show more'\n".write(to: file, atomically: true, encoding: .utf8)
                let ask = ["extract", site.url("/"), "every job title", "--format", "json", "--actions", file.path]
                let outcome = try await gleaner.start(ask).outcome()
                #expect(outcome.exit == 0, "\(outcome.error)")
                #expect(outcome.page["records"]?.array?.count == 4, "\(outcome.output)")
                let failed = try await gleaner.start(ask + ["--action", "click '#absent'", "--timeout", "8"]).outcome()
                #expect(failed.exit == 3 && failed.page["code"]?.string == "action-failed", "\(failed.error)")
            }
        }
    }

    /// One record of a detail page: values of several types, from structured data, labels and text.
    @Test func readsADetailPage() async throws {
        try await withFixtureSite(responding: site) { site in
            try await Command.with { gleaner, _ in
                let outcome = try await gleaner(
                    "extract", site.url("/moved"), "--fields", "name, price:money, sku, weight", "--one", "--format", "json")
                #expect(outcome.exit == 0, "\(outcome.error)")
                let record = outcome.page["records"]?.array?.first
                #expect(record?["name"]?.string == "Ash-handled Spade")
                #expect(record?["price"] == .of(("amount", .string("64.00")), ("currency", .string("EUR"))))
                #expect(record?["sku"]?.string == "HG-7")
                #expect(record?["weight"]?.string == "1.4 kg")
                #expect(outcome.page["finalURL"]?.string == site.url("/product"))
            }
        }
    }

    /// Each fault ends with a sentence that names the address, and with the exit code of whose fault it is; nothing is visited in vain.
    @Test(arguments: [
        ("/private/x", 3, "robots", "line 2"), ("/to-forbidden", 3, "robots", "line 2"), ("/nope", 3, "http-404", "404"), ("/pdf", 3, "not-html", "application/pdf"),
        ("/to-private", 3, "address-refused", "10.1.2.3"), ("/busy", 3, "http-503", "503"), ("/forged", 3, "http-403", "403"),
        ("/noindex", 3, "noindex", "X-Robots-Tag says \"noindex\""), ("/expired", 3, "noindex", "unavailable_after: 2020-01-31"),
        ("/guarded", 3, "challenge", "Cloudflare"),
    ] as [(String, Int32, String, String)])
    func faultsAreNamed(_ path: String, _ exit: Int32, _ code: String, _ word: String) async throws {
        try await withFixtureSite(responding: site) { site in
            try await Command.with { gleaner, _ in
                let outcome = try await gleaner("extract", site.url(path), "the price", "--format", "json", "--quiet")
                #expect(outcome.exit == exit)
                #expect(outcome.page["code"]?.string == code)
                #expect(outcome.page["reason"]?.string?.contains(word) == true, "\(outcome.page["reason"] ?? .null)")
                #expect(outcome.page["reason"]?.string?.contains(path) == true || path.hasPrefix("/to-"))
                #expect(outcome.page["snapshot"]?.string == nil)
                if code == "robots" { #expect(site.log.requests.allSatisfy { $0.path != "/private/x" }) }
            }
        }
    }

    /// One bad page doesn't spoil the others: exit code 5, and their records are there.
    @Test func theOthersGoOn() async throws {
        try await withFixtureSite(responding: site) { site in
            try await Command.with { gleaner, _ in
                let outcome = try await gleaner(
                    "extract", site.url("/nope"), site.url("/product"), "--fields", "name, price:money", "--one", "--format", "ndjson", "-q")
                #expect(outcome.exit == 5)
                #expect(outcome.output.split(separator: "\n").count == 1)
                #expect(outcome.error.contains("/nope"))
            }
        }
    }

    /// What is wrong with the input is said before anything is visited, with exit code 2.
    @Test(arguments: [
        (["extract", "https://a.example/", ""], "prompt is empty"), (["extract", "https://a.example/"], "missing"),
        (["extract", "ftp://a.example/", "the price"], "only http"), (["extract", "https://a.example/", "--fields", "name, price:moneyy"], "moneyy"),
        (["extract", "https://a.example/", "--schema", "/nowhere.json"], "/nowhere.json"),
        (["extract", "https://a.example/", "the price", "--action", "clik a"], "no action clik"),
        (["extract", "https://a.example/", "the price", "--timeout", "0"], "--timeout"),
        (["extract", "https://a.example/", "the price", "--allow-address", "10.0.0.0/99"], "10.0.0.0/99"),
        (["extract", "https://a.example/", "the price", "--proxy", "gopher://x"], "gopher"),
        (["extract", "https://a.example/", "the price", "--no-robots"], "--no-robots"), (["runs", "show", "run_nope"], "run_nope"),
        (["extract", "https://a.example/", "the price", "--model", "nope"], "nope"),
        (["extract", "https://a.example/", "the price", "--model", "/nowhere.gguf"], "/nowhere.gguf"),
        (["model", "add", "mine", "/nowhere.gguf"], "/nowhere.gguf"), (["frobnicate"], "frobnicate"),
    ] as [([String], String)])
    func badInputIsRefused(_ arguments: [String], _ word: String) async throws {
        try await Command.with { gleaner, _ in
            let outcome = try await gleaner.start(arguments).outcome()
            #expect(outcome.exit == 2, "\(outcome.error)")
            #expect(outcome.error.contains(word), "\(outcome.error)")
            #expect(outcome.output.isEmpty)
        }
    }

    /// A table whose headings are the names that were asked for is read whole, row by row, also where a cell stands for several rows.
    @Test func readsANamedTable() async throws {
        let rows = [
            ("<td rowspan=2>1989</td>", "European Indoor Championships", "The Hague, Netherlands", "10th"),
            ("", "World Indoor Championships", "Budapest, Hungary", "9th"),
            ("<td rowspan=2>1991</td>", "World Indoor Championships", "Lisbon, Portugal", "6th"),
            ("", "World Championships", "Tokyo, Japan", "5th"), ("<td>1992</td>", "European Indoor Championships", "Genoa, Italy", "5th"),
            ("<td>1993</td>", "World Championships", "Stuttgart, Germany", "11th"),
        ]
        let html = """
            <!doctype html><title>A pole vaulter</title><p>A retired pole vaulter, born in 1967.</p><h2>Achievements</h2>
            <table><tr><th>Year<th>Competition<th>Venue<th>Position</tr><tr><th colspan=4>Representing <a href=/s>Sweden</a></tr>
            \(rows.map { "<tr>\($0.0)<td><a href=/c>\($0.1)</a><td><a href=/v>\($0.2)</a><td>\($0.3)</tr>" }.joined(separator: "\n"))</table>
            <h2>References</h2><ul><li><a href=/1>Profile</a></li><li><a href=/2>Lists</a></li></ul>
            """
        try await Command.with { gleaner, folder in
            let file = folder.appending(path: "page.html")
            try Data(html.utf8).write(to: file)
            let outcome = try await gleaner(
                "extract", file.path, "each competition with its year, venue and position", "--format", "json", "--quiet")
            let records = outcome.page["records"]?.array ?? []
            #expect(records.map { $0["year"]?.int } == [1989, 1989, 1991, 1991, 1992, 1993])
            #expect(records.map { $0["competition"]?.string } == rows.map(\.1))
            #expect(records.map { $0["position"]?.string } == rows.map(\.3))
        }
    }

    /// A stored page needs neither network nor browser, and its links count from the address that it is said to have.
    @Test func readsAStoredPage() async throws {
        try await Command.with { gleaner, folder in
            let file = folder.appending(path: "page.html")
            try Data("<h1>Teapot</h1><p>Price: $12.50</p><a href=\"/buy\">Buy now</a>".utf8).write(to: file)
            for extra in [[], ["--render"]] {
                let outcome = try await gleaner.start(
                    ["extract", "--html", file.path, "--url", "https://shop.example/tea", "name and price", "--format", "json"] + extra
                ).outcome()
                #expect(outcome.exit == 0, "\(outcome.error)")
                #expect(outcome.page["url"]?.string == "https://shop.example/tea")
                #expect(outcome.page["records"]?.array?.first?["price"]?["amount"]?.string == "12.50")
            }
        }
    }

    /// `--dry-run --batch` answers a line each, in order, bad ones too.
    @Test func understandsInBatches() async throws {
        try await Command.with { gleaner, _ in
            let outcome = try await gleaner(
                "extract", "--dry-run", "--batch",
                input: "{\"id\": 1, \"prompt\": \"every job title with its city\"}\nnonsense\n{\"id\": \"c\", \"prompt\": \"what is the price?\"}\n")
            let lines = try outcome.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
            #expect(outcome.exit == 0)
            #expect(lines.map { $0["understood"]?.bool } == [true, false, true])
            #expect(lines.first?["many"]?.bool == true && lines.last?["many"]?.bool == false)
            #expect(lines.first?["fields"]?.array?.compactMap { $0["name"]?.string } == ["job_title", "city"])
            #expect(lines.last?["id"]?.string == "c")
        }
    }

    /// Ctrl-C while a page never ends: gone within two seconds, no browser left, the run accounted for.
    @Test func aSignalEndsEverything() async throws {
        let (asked, wasAsked) = AsyncStream.makeStream(of: Void.self)
        try await withFixtureSite(responding: { request in
            if request.path == "/robots.txt" { return .status(404) }
            wasAsked.yield()
            return .endless("<p>one", then: "<p>more", every: .milliseconds(50))
        }) { site in
            try await Command.with { gleaner, _ in
                let running = try gleaner.start(["extract", site.url("/slow"), "the price"])
                for await _ in asked { break }
                let start = ContinuousClock.now
                running.process.interrupt()
                let outcome = try await running.outcome()
                #expect(ContinuousClock.now - start < .seconds(2))
                #expect(outcome.exit == 130)
                let runs = try await gleaner("runs", "--json")
                #expect(runs.json["pages"]?["skipped"]?.int == 1)
                #expect(runs.json["pages"]?["open"]?.int == 0)
            }
        }
    }

    /// What is neither a PostgreSQL address nor a path is refused with its name, and no file is made of it.
    @Test(arguments: ["postgres:secret@h/d", "mysql://h/d", "postgres://h:x/d", "http://h"]) func badStore(text: String) async throws {
        try await Command.with { gleaner, folder in
            let outcome = try await gleaner("runs", "list", "--store", text)
            #expect(outcome.exit == 2)
            #expect(outcome.error.contains("--store"))
            #expect(!outcome.error.contains("secret"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    /// Addresses of stores: none is the file of this machine; PostgreSQL where the script that runs the tests has started one.
    static let stores = [""] + (ProcessInfo.processInfo.environment["GLEANER_TEST_POSTGRES"].map { [$0] } ?? [])

    /// A process that is killed outright leaves its run "interrupted", at once, and no browser; `runs resume` does what is left, once.
    @Test(arguments: stores) func aKilledRunIsResumed(store: String) async throws {
        let isSlow = Mutex(true)
        let (asked, wasAsked) = AsyncStream.makeStream(of: Void.self)
        try await withFixtureSite(responding: { request in
            guard request.path == "/slow" else { return site(request) }
            wasAsked.yield()
            return isSlow.withLock { $0 } ? .silence : .html(product)
        }) { site in
            try await Command.with { gleaner, _ in
                var gleaner = gleaner
                gleaner.environment["GLEANER_STORE"] = store
                let running = try gleaner.start([
                    "extract", site.url("/product"), site.url("/slow"), "--fields", "name, price:money", "--one", "--quiet",
                ])
                for await _ in asked { break }
                // The other page is done when `runs` says so.
                var looks = 0
                while looks < 300, try await gleaner("runs", "--json").json["pages"]?["open"]?.int != 1 { looks += 1 }
                kill(running.process.processIdentifier, SIGKILL)
                _ = try await running.outcome()
                let listed = try await gleaner("runs")
                #expect(listed.output.contains("interrupted") && listed.output.contains("1 open"), "\(listed.output)")
                isSlow.withLock { $0 = false }
                let resumed = try await gleaner("runs", "resume", "last", "--format", "json", "--quiet")
                #expect(resumed.exit == 0, "\(resumed.error)")
                #expect(resumed.json["pages"]?.array?.map { $0["records"]?.array?.first?["name"]?.string } == ["Ash-handled Spade", "Ash-handled Spade"])
                #expect(site.log.requests(to: "/product").count == 1)
            }
        }
    }

    /// The installed command finds its models and profiles beside itself, wherever it was moved to.
    @Test func theMovedBinaryWorks() async throws {
        try await Command.with { gleaner, folder in
            let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            let gather = Process()
            gather.executableURL = URL(fileURLWithPath: "/bin/bash")
            gather.arguments = [checkout.appending(path: "deploy/gather").path, Command.built.path, folder.appending(path: "moved").path]
            try gather.run()
            gather.waitUntilExit()
            #expect(gather.terminationStatus == 0)
            var moved = gleaner
            moved.executable = folder.appending(path: "moved/bin/gleaner")
            let page = folder.appending(path: "page.html")
            try Data("<h1>Teapot</h1><p>Price: $12.50</p>".utf8).write(to: page)
            let outcome = try await moved("extract", page.path, "name and price", "--format", "csv")
            #expect(outcome.exit == 0, "\(outcome.error)")
            #expect(outcome.output.hasPrefix("name,price.amount,price.currency,_url\r\nTeapot,12.50,USD,file://"), "\(outcome.output)")
        }
    }

    /// A missing or altered model file is a clear error of this machine, before any page is asked.
    @Test(arguments: ["missing", "truncated"]) func aBadModelIsNamed(_ fault: String) async throws {
        try await Command.with { gleaner, folder in
            let home = folder.appending(path: "home")
            try FileManager.default.createDirectory(at: home.appending(path: "models"), withIntermediateDirectories: true)
            if fault == "truncated" { try Data("GGUF".utf8).write(to: home.appending(path: "models/matcher.gguf")) }
            let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            try FileManager.default.copyItem(at: checkout.appending(path: "browsers"), to: home.appending(path: "browsers"))
            var command = gleaner
            command.environment = ["GLEANER_HOME": home.path]
            let page = folder.appending(path: "page.html")
            try Data("<h1>Teapot</h1>".utf8).write(to: page)
            let outcome = try await command("extract", page.path, "the name")
            #expect(outcome.exit == 4)
            #expect(outcome.error.contains("matcher.gguf"), "\(outcome.error)")
        }
    }
}

@Suite(.serialized) struct OtherCommandTests {
    /// One page as the farm sees it: only the content on standard output, files as asked.
    @Test func browseShowsAPage() async throws {
        try await withFixtureSite(responding: site) { site in
            try await Command.with { gleaner, folder in
                let text = try await gleaner("browse", site.url("/product"), "--text")
                #expect(text.exit == 0, "\(text.error)")
                #expect(text.output == "Ash-handled Spade\n€64.00\nWeight\n1.4 kg\n")
                let shot = folder.appending(path: "shot.png")
                let pdf = folder.appending(path: "page.pdf")
                let both = try await gleaner(
                    "browse", site.url("/careers"), "--markdown", "--screenshot", shot.path, "--pdf", pdf.path, "--wait-for", "#jobs li")
                #expect(both.exit == 0, "\(both.error)")
                #expect(both.output.contains("[Platform Engineer](\(site.url("/careers/1")))"))
                #expect(try Data(contentsOf: shot).prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
                #expect(try Data(contentsOf: pdf).prefix(4) == Data("%PDF".utf8))
            }
        }
    }

    /// A verdict with its rule and line, and exit code 3 where it is "no".
    @Test func robotsExplains() async throws {
        try await withFixtureSite(responding: site) { site in
            try await Command.with { gleaner, _ in
                let no = try await gleaner("robots", site.url("/private/x"))
                #expect(no.exit == 3)
                #expect(no.output.contains("line 2: Disallow: /private/"))
                let yes = try await gleaner("robots", site.url("/open"))
                #expect(yes.exit == 0)
                let lines = try await gleaner(
                    "robots", "check", input: "{\"robots_txt\": \"User-agent: *\\nDisallow: /x\", \"user_agent\": \"A\", \"url\": \"https://a.example/x\"}\n{}\n")
                #expect(lines.output == "{\"allowed\":false,\"line\":2}\n{\"error\":\"user_agent is missing\"}\n")
            }
        }
    }

    /// A healthy machine has no fault.
    @Test func doctorFindsNothing() async throws {
        try await Command.with { gleaner, _ in
            let outcome = try await gleaner("doctor")
            #expect(outcome.exit == 0, "\(outcome.output)")
            #expect(outcome.output.contains("sandbox: on"))
        }
    }
}
