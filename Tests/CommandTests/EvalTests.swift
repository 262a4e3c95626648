import Documents
import Foundation
import GleanerTesting
import TestMaterial
import Testing

@Suite(.serialized) struct EvalTests {
    /// Two pages with labels, beside each other.
    private func write(in folder: URL) throws -> String {
        let set = folder.appending(path: "shop")
        try FileManager.default.createDirectory(at: set, withIntermediateDirectories: true)
        var labels = ""
        for (id, name) in [("a", "Blue kettle"), ("b", "Red kettle")] {
            try Data("<title>Shop</title><h1>\(name)</h1><p>Boils a litre of water in a minute.</p>".utf8).write(to: set.appending(path: id + ".html"))
            labels += "{\"id\": \"\(id)\", \"set\": \"shop\", \"half\": \"dev\", \"kind\": \"detail\", \"html\": \"\(id).html\", \"fields\": {\"name\": \"\(name)\"}}\n"
        }
        try Data(labels.utf8).write(to: set.appending(path: "labels.jsonl"))
        return set.path
    }

    /// A server that always points at the first line of the page, which is the heading.
    private func server(_ request: FixtureRequest) -> FixtureAnswer {
        guard request.path == "/v1/chat/completions" else { return .json("{\"data\": [{\"id\": \"pointer\"}]}") }
        let content = JSON.string("{\"name\":{\"block\":1,\"words\":\"\"}}").description
        let events = """
            data: {"choices": [{"index": 0, "delta": {"content": \(content)}}]}

            data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

            data: [DONE]


            """
        return .bytes(Array(events.utf8), type: "text/event-stream")
    }

    /// A model decides instead of the matcher; the report names it, and every value is proven as ever.
    @Test func evaluatesAModel() async throws {
        try await withFixtureSite(responding: server) { site in
            try await Command.with { gleaner, folder in
                let set = try write(in: folder)
                let outcome = try await gleaner("eval", set, "--model", site.url("/v1#pointer"), "--json", "--quiet")
                #expect(outcome.exit == 0, "\(outcome.error)")
                let method = outcome.json["methods"]?.array?.first
                #expect(method?["method"]?.string?.contains("pointer") == true, "\(outcome.output)")
                let part = method?["sets"]?.array?.first
                #expect(part?["score"]?.double == 1, "\(outcome.output)")
                #expect(part?["invented"]?["unproven"]?.int == 0)
                #expect(site.log.requests(to: "/v1/chat/completions").count == 2)
            }
        }
    }

    /// A method and a model are compared on the same pages, each under its name.
    @Test func comparesAMethodWithAModel() async throws {
        try await withFixtureSite(responding: server) { site in
            try await Command.with { gleaner, folder in
                let set = try write(in: folder)
                let outcome = try await gleaner(
                    "eval", set, "--compare", "matcher", site.url("/v1#pointer"), "--answers", folder.appending(path: "answers").path, "--json", "-q")
                #expect(outcome.exit == 0, "\(outcome.error)")
                let names = outcome.json["methods"]?.array?.compactMap { $0["method"]?.string } ?? []
                #expect(names.count == 2 && names.first == "matcher" && names.last?.contains("pointer") == true)
                #expect(outcome.json["comparison"]?.isNull == false)
                let answers = try String(contentsOf: folder.appending(path: "answers"), encoding: .utf8).split(separator: "\n")
                #expect(answers.count == 4)
            }
        }
    }

    /// Two ways to say what is evaluated, a model that isn't there, and one that doesn't answer are said before any page is read.
    @Test(arguments: [
        (["--model", "nope"], 2, "nope"), (["--model", "/nowhere.gguf"], 2, "/nowhere.gguf"), (["--method", "nope"], 2, "nope"),
        (["--model", "nope", "--method", "lists"], 2, "give one"), (["--compare", "matcher", "nope"], 2, "nope"),
        (["--model", "http://127.0.0.1:9/v1#x"], 4, "127.0.0.1:9"),
    ] as [([String], Int32, String)])
    func refuses(_ arguments: [String], _ exit: Int32, _ word: String) async throws {
        try await Command.with { gleaner, folder in
            let outcome = try await gleaner.start(["eval", try write(in: folder)] + arguments).outcome()
            #expect(outcome.exit == exit, "\(outcome.error)")
            #expect(outcome.error.contains(word), "\(outcome.error)")
            #expect(outcome.output.isEmpty)
        }
    }
}
