import Documents
import Foundation
import GleanerTesting
import Synchronization
import Testing
import Webhooks

/// `gleaner serve`, and the commands that speak with it through the store.
@Suite(.timeLimit(.minutes(3))) struct ServeTests {
    /// A shop whose pages come when they are let go.
    private final class Shop: Sendable {
        private let isShut = Mutex(false)

        func shut() { isShut.withLock { $0 = true } }
        func open() { isShut.withLock { $0 = false } }

        func answer(_ request: FixtureRequest) async -> FixtureAnswer {
            if request.path == "/robots.txt" { return .status(404) }
            while isShut.withLock({ $0 }) {
                guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { break }
            }
            return .html("<h1>Spade \(request.path.dropFirst())</h1><p>Price: $12.50</p>")
        }
    }

    private func withShop(_ body: @Sendable (Shop, FixtureSite, Command) async throws -> Void) async throws {
        let shop = Shop()
        try await withFixtureSite(responding: { await shop.answer($0) }) { site in
            try await Command.with { gleaner, _ in
                defer { shop.open() }
                try await body(shop, site, gleaner)
            }
        }
    }

    private func submit(_ count: Int, of site: FixtureSite, _ gleaner: Command, _ more: [String] = []) async throws -> String {
        let urls = (0..<count).map { site.url("/\($0)") }
        let outcome = try await gleaner.start(["extract"] + urls + ["--fields", "name, price:money", "--detach", "--quiet"] + more).outcome()
        try #require(outcome.exit == 0, "\(outcome.error)")
        return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func pages(of run: String, _ gleaner: Command) async throws -> JSON {
        let listed = try await gleaner("runs", "list", "--json")
        return listed.output.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }.first { $0["id"]?.string == run }?["pages"] ?? .null
    }

    private func until(_ run: String, _ gleaner: Command, _ condition: (JSON) -> Bool) async throws {
        for _ in 0..<150 where try await !condition(pages(of: run, gleaner)) { try await Task.sleep(for: .milliseconds(200)) }
        #expect(condition(try await pages(of: run, gleaner)))
    }

    private func end(_ farm: Command.Running, _ signal: Int32 = SIGTERM) async throws -> Command.Outcome {
        kill(farm.process.processIdentifier, signal)
        return try await farm.outcome()
    }

    /// A schedule's runs start by themselves, one at a time, and its history says what came of each fire.
    @Test func scheduled() async throws {
        try await withShop { _, site, gleaner in
            let added = try await gleaner(
                "schedule", "add", "often", "@every 1s", "--", "extract", site.url("/7"), "--fields", "name, price:money")
            #expect(added.exit == 0 && added.error.contains("T"), "\(added.error)")
            let farm = try gleaner.start(["serve", "--at-once", "2"])
            var history: [JSON] = []
            for _ in 0..<150 where history.filter({ $0["state"]?.string == "completed" }).count < 2 {
                try await Task.sleep(for: .milliseconds(200))
                history = try await gleaner("schedule", "show", "often", "--json").json["history"]?.array ?? []
            }
            #expect(history.filter { $0["state"]?.string == "completed" }.count >= 2, "\(history)")
            #expect(try await gleaner("schedule", "pause", "often").exit == 0)
            let runs = try await gleaner("runs", "list", "--json").output.split(separator: "\n").count
            let now = try await gleaner("schedule", "run", "often")
            #expect(now.output.hasPrefix("run_"))
            #expect(try await gleaner("runs", "list", "--json").output.split(separator: "\n").count == runs + 1)
            #expect(try await end(farm).exit == 0)
            #expect(try await gleaner("schedule", "rm", "often").exit == 0)
            #expect(try await gleaner("schedule", "show", "often").exit == 2)
        }
    }

    /// A change that a schedule's runs find is told, once, to a receiver that can check who says so, and to a command of the farm's own.
    @Test func changesAreTold() async throws {
        let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
        let price = Mutex("12.50")
        let hooks = Mutex<[FixtureRequest]>([])
        try await withFixtureSite(responding: { request in
            if request.path == "/robots.txt" { return .status(404) }
            if request.path == "/hook" {
                hooks.withLock { $0.append(request) }
                return .status(204)
            }
            return .html("<h1>Spade</h1><p>Price: $\(price.withLock { $0 })</p>")
        }) { site in
            try await Command.with { base, folder in
                var gleaner = base
                gleaner.environment["HOOK_SECRET"] = secret
                let script = folder.appending(path: "tell")
                let told = folder.appending(path: "told")
                try "#!/bin/sh\ncat > \(told.path).part && mv \(told.path).part \(told.path)\n".write(to: script, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
                let added = try await gleaner(
                    "schedule", "add", "watch", "@every 1s", "--when", "price:changed>=1", "--webhook", site.url("/hook"), "--webhook-secret-env",
                    "HOOK_SECRET", "--on-change", script.path, "--", "extract", site.url("/7"), "--fields", "name, price:money")
                #expect(added.exit == 0, "\(added.error)")
                let farm = try gleaner.start(["serve", "--webhook-address", "127.0.0.1/32", "--allow-commands"])
                func visited(_ count: Int) async throws {
                    for _ in 0..<600 where site.log.requests(to: "/7").count < count { try await Task.sleep(for: .milliseconds(100)) }
                }
                try await visited(3)
                #expect(hooks.withLock { $0.isEmpty })
                price.withLock { $0 = "9.99" }
                for _ in 0..<600 where hooks.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(100)) }
                try await visited(site.log.requests(to: "/7").count + 2)
                #expect(try await end(farm).exit == 0)
                let received = hooks.withLock { $0 }
                #expect(received.count == 1)
                let hook = try #require(received.first)
                let signature = try #require(WebhookSignature(received: { hook.header($0) }))
                try signature.verify(Data(hook.body), secrets: [try WebhookSecret(secret)], now: Int64(Date().timeIntervalSince1970 * 1e6))
                let body = try JSON(parsing: String(decoding: hook.body, as: UTF8.self))
                #expect(body["schedule"]?.string == "watch" && body["summary"]?.string?.contains("1 changed") == true, "\(body)")
                #expect(FileManager.default.contents(atPath: told.path) == Data(hook.body))
                let diff = try await gleaner(
                    "runs", "diff", try #require(body["old"]?.string), try #require(body["new"]?.string), "--when", "price:changed>=1")
                #expect(diff.exit == 1 && diff.output.contains("12.50") && diff.output.contains("9.99"), "\(diff.output)")
            }
        }
    }

    /// What can't be scheduled is refused with the field, and nothing is kept.
    @Test(arguments: [
        (["bad", "0 3 * *", "--", "extract", "http://127.0.0.1:1/", "title"], "expr"),
        (["bad", "0 3 * * *", "--zone", "Mars/Olympus", "--", "extract", "http://127.0.0.1:1/", "title"], "zone"),
        (["bad", "0 0 30 2 *", "--", "extract", "http://127.0.0.1:1/", "title"], "it never comes"),
        (["bad", "0 3 * * *"], "what it does"), (["bad", "0 3 * * *", "--", "browse", "http://127.0.0.1:1/"], "what it does"),
        (["bad", "0 3 * * *", "--", "crawl", "http://127.0.0.1:1/", "--depth", "x"], "--depth"),
        (["bad", "0 3 * * *", "--when", "price>>5", "--webhook", "http://127.0.0.1:1/", "--", "crawl", "http://127.0.0.1:1/"], "--when"),
        (["bad", "0 3 * * *", "--webhook", "ftp://x", "--", "crawl", "http://127.0.0.1:1/"], "--webhook"),
        (["bad", "0 3 * * *", "--catch-up", "some", "--", "crawl", "http://127.0.0.1:1/"], "--catch-up"),
    ] as [([String], String)])
    func badSchedules(_ arguments: [String], _ word: String) async throws {
        try await Command.with { gleaner, _ in
            let outcome = try await gleaner.start(["schedule", "add"] + arguments).outcome()
            #expect(outcome.exit == 2 && outcome.error.contains(word), "\(outcome.error)")
            #expect(try await gleaner("schedule", "list", "--json").output.isEmpty)
        }
    }

    /// Submitted before the farm is there, done when it comes, followed to its end by `watch`.
    @Test func detached() async throws {
        try await withShop { _, site, gleaner in
            let run = try await submit(3, of: site, gleaner)
            #expect(run.hasPrefix("run_"))
            let farm = try gleaner.start(["serve"])
            let watched = try await gleaner("runs", "watch", run)
            #expect(watched.exit == 0 && watched.output.contains("submitted: 3 pages") && watched.output.contains("ended: completed"), "\(watched)")
            let export = try await gleaner("runs", "export", run, "--format", "ndjson")
            #expect(export.output.split(separator: "\n").count == 3)
            let ended = try await end(farm)
            #expect(ended.exit == 0, "\(ended.error)")
            #expect(try await gleaner("nodes").output.contains("Nobody"))
        }
    }

    /// A plain `extract` leaves the work to a farm that is alive, and answers as if it had done it itself.
    @Test func extractUsesALivingFarm() async throws {
        try await withShop { _, site, gleaner in
            let farm = try gleaner.start(["serve"])
            for _ in 0..<100 where try await gleaner("nodes").output.contains("Nobody") { try await Task.sleep(for: .milliseconds(100)) }
            let outcome = try await gleaner("extract", site.url("/7"), "--fields", "name, price:money", "--format", "json")
            #expect(outcome.exit == 0 && outcome.error.contains("a farm does it"), "\(outcome.error)")
            #expect(outcome.page["records"]?.array?.first?["name"]?.string == "Spade 7")
            _ = try await end(farm)
        }
    }

    /// The farm dies with a page open: the next one takes it over at once, nothing is done twice, no browser is left.
    @Test func aKilledFarmLosesNothing() async throws {
        try await withShop { shop, site, gleaner in
            let first = try gleaner.start(["serve", "--at-once", "1"])
            let done = try await submit(2, of: site, gleaner)
            try await until(done, gleaner) { $0["open"]?.int == 0 }
            shop.shut()
            let run = try await submit(3, of: site, gleaner)
            while site.log.requests(to: "/0").count < 2 { try await Task.sleep(for: .milliseconds(20)) }
            _ = try await end(first, SIGKILL)
            shop.open()
            let second = try gleaner.start(["serve", "--at-once", "2"])
            try await until(run, gleaner) { $0["completed"]?.int == 3 }
            #expect(site.log.requests(to: "/1").count == 2 && site.log.requests(to: "/0").count == 3)
            #expect(try await gleaner("store", "check").exit == 0)
            _ = try await end(second)
        }
    }

    /// SIGTERM with a page open that doesn't come: it is handed back after the grace, and the farm ends in order.
    @Test func drain() async throws {
        try await withShop { shop, site, gleaner in
            shop.shut()
            let farm = try gleaner.start(["serve", "--grace", "0.5"])
            let run = try await submit(1, of: site, gleaner)
            while site.log.requests(to: "/0").isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            let ended = try await end(farm)
            #expect(ended.exit == 0, "\(ended.error)")
            let shown = try await gleaner("runs", "show", run)
            #expect(shown.output.contains("1 open"), "\(shown.output)")
        }
    }

    /// Cancelling ends a visit in the browser within seconds.
    @Test func cancel() async throws {
        try await withShop { shop, site, gleaner in
            shop.shut()
            let farm = try gleaner.start(["serve"])
            let run = try await submit(1, of: site, gleaner)
            while site.log.requests(to: "/0").isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            let cancelled = try await gleaner("runs", "cancel", run)
            #expect(cancelled.exit == 0)
            #expect(try await gleaner("runs", "list").output.contains("cancelled"))
            #expect(try await gleaner("runs", "cancel", run).exit == 2)
            // The shop stays shut: a visit that was not ended by the cancelling would be handed back after the grace, not dropped.
            let ended = try await end(farm)
            #expect(ended.exit == 0 && ended.error.contains("visit dropped"), "\(ended.error)")
        }
    }

    /// What failed goes into the queue again by a word, and a paused run waits for one.
    @Test func pauseAndRequeue() async throws {
        let isBroken = Mutex(true)
        try await withFixtureSite(responding: { request in
            if request.path == "/robots.txt" { return .status(404) }
            return isBroken.withLock { $0 } ? .status(404) : .html("<h1>Spade</h1><p>Price: $3.00</p>")
        }) { site in
            try await Command.with { gleaner, _ in
                let farm = try gleaner.start(["serve"])
                let run = try await submit(2, of: site, gleaner)
                try await until(run, gleaner) { $0["failed"]?.int == 2 }
                isBroken.withLock { $0 = false }
                #expect(try await gleaner("runs", "requeue", run).output.contains("2 pages"))
                try await until(run, gleaner) { $0["completed"]?.int == 2 }
                #expect(try await gleaner("runs", "requeue", run).exit == 2)
                let paused = try await gleaner("runs", "pause", run)
                #expect(paused.exit == 2 && paused.error.contains("is completed"), "\(paused.error)")
                _ = try await end(farm)
            }
        }
    }

    /// Orders to a farm are done and answered: a picture of a page under way, new browsers, and the end.
    @Test func orders() async throws {
        try await withShop { shop, site, gleaner in
            let farm = try gleaner.start(["serve"])
            let first = try await submit(1, of: site, gleaner)
            try await until(first, gleaner) { $0["open"]?.int == 0 }
            shop.shut()
            let run = try await submit(1, of: site, gleaner)
            while site.log.requests(to: "/0").count < 2 { try await Task.sleep(for: .milliseconds(20)) }
            let nodes = try await gleaner("nodes", "--json")
            let node = try #require(nodes.json["id"]?.string)
            let picture = gleaner.data.appending(path: "page.png")
            let shot = try await gleaner("nodes", "screenshot", node, run, "--output", picture.path)
            #expect(shot.exit == 0, "\(shot.error)")
            #expect((try? Data(contentsOf: picture))?.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
            let recycled = try await gleaner("nodes", "recycle", node)
            #expect(recycled.output.contains("1 browsers end"), "\(recycled)")
            shop.open()
            try await until(run, gleaner) { $0["completed"]?.int == 1 }
            let drained = try await gleaner("nodes", "drain", node)
            #expect(drained.output.contains("takes nothing new"), "\(drained)")
            #expect(try await farm.outcome().exit == 0)
        }
    }

    /// Rules for hosts count at once for those that are known, a parked host is not asked, and a released one is.
    @Test func hosts() async throws {
        try await withShop { _, site, gleaner in
            #expect(try await gleaner("extract", site.url("/1"), "--fields", "name", "--quiet").exit == 0)
            #expect(try await gleaner("hosts").output.contains("127.0.0.1  free  every 0.0 s, 64 at once"))
            #expect(try await gleaner("hosts", "rule", "127.0.0.1", "delay=3s", "concurrency=2").output.contains("1 known"))
            #expect(try await gleaner("hosts", "show", "127.0.0.1").output.contains("delay=3s concurrency=2"))
            #expect(try await gleaner("hosts", "rules").output.contains("127.0.0.1 delay=3s concurrency=2"))
            #expect(try await gleaner("hosts", "rule", "127.0.0.1", "--remove").exit == 0)
            #expect(try await gleaner("hosts", "park", "127.0.0.1").exit == 0)
            let parked = try await gleaner("extract", site.url("/2"), "--fields", "name", "--max-seconds", "1", "--here")
            #expect(parked.exit == 3 && parked.error.contains("1 seconds"), "\(parked)")
            #expect(site.log.requests(to: "/2").isEmpty)
            #expect(try await gleaner("hosts", "release", "127.0.0.1").exit == 0)
            #expect(try await gleaner("extract", site.url("/2"), "--fields", "name", "--quiet").exit == 0)
        }
    }

    /// The same key gives the same run, with its result; another request under it is refused.
    @Test func keys() async throws {
        try await withShop { _, site, gleaner in
            let first = try await gleaner("extract", site.url("/1"), "--fields", "name", "--key", "monday", "--format", "ndjson")
            let second = try await gleaner("extract", site.url("/1"), "--fields", "name", "--key", "monday", "--format", "ndjson")
            #expect(first.exit == 0 && second.exit == 0 && first.output == second.output, "\(second.error)")
            #expect(site.log.requests(to: "/1").count == 1)
            let other = try await gleaner("extract", site.url("/1"), "--fields", "price:money", "--key", "monday")
            #expect(other.exit == 2 && other.error.contains("monday"), "\(other.error)")
        }
    }

    /// A budget ends the run in time and says which one it was.
    @Test func budget() async throws {
        try await withShop { _, site, gleaner in
            let urls = (0..<5).map { site.url("/\($0)") }
            let outcome = try await gleaner.start(["extract"] + urls + ["--fields", "name", "--max-pages", "2", "--at-once", "1"]).outcome()
            #expect(outcome.exit == 5 && outcome.error.contains("the budget of 2 pages is used up"), "\(outcome.error)")
            #expect(outcome.error.contains("2 of 5 pages completed, 3 skipped"), "\(outcome.error)")
        }
    }

    @Test(arguments: [
        (["serve", "--at-once", "0"], "--at-once 0"), (["serve", "--role", "cook"], "--role cook"), (["serve", "--grace", "-1"], "--grace"),
        (["serve", "--keep-snapshots", "30"], "--keep-snapshots 30"), (["serve", "--snapshot-limit", "5 apples"], "--snapshot-limit"),
        (["runs", "watch", "run_nothing"], "no run begins"), (["nodes", "drain", "x"], "no farm"),
        (["extract", "--html", Command.built.path, "--fields", "name", "--detach"], "--detach"),
        (["extract", "http://127.0.0.1:1/", "name", "--priority", "9"], "--priority 9"),
        (["hosts", "rule", "a.example", "delay=soon"], "delay=soon"), (["hosts", "rule", "a.example"], "--remove"),
        (["hosts", "show", "a.example"], "a.example"), (["hosts", "park", "a.example", "--until", "noon"], "noon"),
        (["extract", "http://127.0.0.1:1/", "name", "--max-pages", "0"], "--max-pages"),
    ])
    func badInput(arguments: [String], words: String) async throws {
        try await Command.with { gleaner, _ in
            let outcome = try await gleaner.start(arguments).outcome()
            #expect(outcome.exit == 2 && outcome.error.contains(words), "\(outcome)")
        }
    }
}
