import Documents
import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif
import GleanerTesting
import TestMaterial
import Testing

private let page = """
    <!doctype html><html lang="en"><title>Ash-handled Spade</title><h1>Ash-handled Spade</h1><p class="price">€64.00</p>
    <dl><dt>Weight</dt><dd>1.4 kg</dd></dl>
    """

/// A farm that answers over HTTP, as a program sees it.
private struct Farm: Sendable {
    let gleaner: Command
    let address: String

    struct Answer: Sendable {
        var status: Int
        var text: String
        var json: JSON { (try? JSON(parsing: text)) ?? .null }
    }

    static func with(_ options: [String] = [], _ body: @Sendable (Farm, FixtureSite) async throws -> Void) async throws {
        try await withFixtureSite(responding: { $0.path == "/robots.txt" ? .status(404) : .html(page) }) { site in
            try await Command.with { gleaner, _ in
                let port = try RealProxy.freePort()
                let running = try gleaner.start(["serve", "--listen", "127.0.0.1:\(port)", "--at-once", "2"] + options)
                let farm = Farm(gleaner: gleaner, address: "http://127.0.0.1:\(port)")
                for _ in 0..<300 where (try? await farm.ask("GET", "/readyz"))?.status != 200 { try await Task.sleep(for: .milliseconds(100)) }
                try await body(farm, site)
                kill(running.process.processIdentifier, SIGTERM)
                let outcome = try await running.outcome()
                #expect(outcome.exit == 0, "\(outcome.error)")
            }
        }
    }

    func ask(_ method: String, _ path: String, _ body: String? = nil, key: String? = nil, headers: [String: String] = [:]) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: address + path)), timeoutInterval: 300)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        return Answer(status: (response as? HTTPURLResponse)?.statusCode ?? 0, text: String(decoding: data, as: UTF8.self))
    }

    /// Submits a run and waits for its end. The site is in this process, whose other tests may keep it from answering for minutes: it is asked
    /// for again.
    func result(_ body: String) async throws -> JSON {
        var answer = try await ask("POST", "/v1/runs?wait=60", body, headers: ["Idempotency-Key": "once"])
        for _ in 0..<4 where answer.status == 202 {
            answer = try await ask("POST", "/v1/runs?wait=60", body, headers: ["Idempotency-Key": "once"])
        }
        return answer.json
    }

    func key(_ scope: String) async throws -> String {
        let made = try await gleaner("keys", "create", "--name", scope, "--scope", scope)
        #expect(made.exit == 0, "\(made.error)")
        return made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

@Suite(.serialized, .timeLimit(.minutes(10))) struct APITests {
    private let here = ["--allow-address", "127.0.0.1/32"]

    private func asking(_ url: String) -> String { #"{"urls": ["\#(url)"], "prompt": "name and price", "timeout": 240}"# }

    /// A run over HTTP: its result where that is waited for, its place in the list, its pages, its events to the end.
    @Test func run() async throws {
        try await Farm.with(here) { farm, site in
            let run = try await farm.result(asking(site.url("/")))
            #expect(run["state"]?.string == "completed", "\(run)")
            #expect(run["results"]?.array?.first?["records"]?.array?.first?["price"]?["amount"]?.string == "64.00")
            let id = try #require(run["id"]?.string)
            #expect(try await farm.ask("GET", "/v1/runs?limit=1").json["runs"]?.array?.first?["id"]?.string == id)
            #expect(try await farm.ask("GET", "/v1/runs/\(id)/pages").json["pages"]?.array?.first?["evidence"]?.array?.count == 2)
            let events = try await farm.ask("GET", "/v1/runs/\(id)/events", headers: ["Last-Event-ID": "1"]).text
            #expect(events.contains("event: ended") && !events.contains("event: submitted"))
            #expect(try await farm.ask("GET", "/metrics").text.contains(#"gleaner_visits{state="completed"} 1"#))
            #expect(try await farm.ask("GET", "/readyz").status == 200)
        }
    }

    /// The same Idempotency-Key makes no second run, and is refused for another one.
    @Test func idempotency() async throws {
        try await Farm.with(here) { farm, site in
            let once = try await farm.ask("POST", "/v1/runs", asking(site.url("/")), headers: ["Idempotency-Key": "monday"])
            let twice = try await farm.ask("POST", "/v1/runs", asking(site.url("/")), headers: ["Idempotency-Key": "monday"])
            #expect(once.status == 202 && once.json["id"] == twice.json["id"])
            let other = try await farm.ask("POST", "/v1/runs", asking(site.url("/other")), headers: ["Idempotency-Key": "monday"])
            #expect(other.status == 409 && other.json["code"]?.string == "conflict", "\(other.text)")
        }
    }

    /// Private addresses are refused, though it was this very machine that asked: only the farm's operator allows them.
    @Test func privateAddresses() async throws {
        try await Farm.with { farm, site in
            let run = try await farm.result(asking(site.url("/")))
            #expect(run["results"]?.array?.first?["code"]?.string == "address-refused", "\(run)")
            #expect(site.log.requests.isEmpty)
        }
    }

    /// What can't be asked is told with all its faults, before anything is stored.
    @Test(arguments: [
        (#"{"urls": []}"#, ["/urls", "/prompt"]), (#"{"urls": ["https://a.example/"], "prompt": "zzz qqq"}"#, ["/prompt"]),
        (#"{"urls": ["ftp://a.example/", "https://a.example/"], "fields": "name"}"#, ["/urls/0"]),
        (#"{"urls": ["https://a.example/"], "fields": "name:nothing"}"#, ["/fields"]),
        (#"{"urls": ["https://a.example/"], "schema": {"type": "string"}}"#, ["/schema"]),
        (#"{"urls": ["https://a.example/"], "fields": "name", "actions": ["clik a"], "later": 1}"#, ["/actions/0", "/later"]),
    ])
    func faults(body: String, pointers: [String]) async throws {
        try await Farm.with { farm, _ in
            let answer = try await farm.ask("POST", "/v1/runs", body)
            #expect(answer.status == 422)
            #expect(Set((answer.json["errors"]?.array ?? []).compactMap { $0["pointer"]?.string }) == Set(pointers), "\(answer.text)")
            #expect(try await farm.ask("GET", "/v1/runs").json["runs"]?.array?.isEmpty == true)
        }
    }

    /// Once there is a key, nobody does without; each does what its scope says, and who may only submit sees what it submitted alone.
    @Test func keys() async throws {
        try await Farm.with(here) { farm, site in
            let (submit, other, read) = (try await farm.key("submit"), try await farm.key("submit"), try await farm.key("read"))
            #expect(try await farm.ask("GET", "/v1/runs").status == 401)
            #expect(try await farm.ask("POST", "/v1/runs", asking(site.url("/")), key: read).status == 403)
            let run = try await farm.ask("POST", "/v1/runs", asking(site.url("/")), key: submit)
            let path = "/v1/runs/\(run.json["id"]?.string ?? "")"
            #expect(run.status == 202)
            #expect(try await farm.ask("GET", path, key: submit).status == 200)
            #expect(try await farm.ask("GET", path, key: read).status == 200)
            #expect(try await farm.ask("GET", path, key: other).status == 404)
            #expect(try await farm.ask("POST", path + "/cancel", key: other).status == 404)
            #expect(try await farm.ask("GET", "/v1/runs", key: other).json["runs"]?.array?.isEmpty == true)
            #expect(try await farm.gleaner("keys", "revoke", String(submit.prefix(16))).exit == 0)
            #expect(try await farm.ask("GET", path, key: submit).status == 401)
            #expect(try await farm.ask("GET", "/healthz").status == 200)
        }
    }

    /// A farm that everybody could reach wants a key first, and says how to make one.
    @Test func listensHereAlone() async throws {
        try await Command.with { gleaner, _ in
            let refused = try await gleaner("serve", "--listen", "0.0.0.0:0")
            #expect(refused.exit == 2 && refused.error.contains("gleaner keys create --name"), "\(refused.error)")
        }
    }
}
