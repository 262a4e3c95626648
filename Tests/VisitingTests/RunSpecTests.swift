import Extraction
import Fleet
import Testing

@testable import Visiting

@Suite struct RunSpecTests {
    /// What a run was asked comes back from the store word by word, so that another process reads its pages in the same way.
    @Test func keepsTheRequest() throws {
        var options = VisitOptions()
        options.timeout = .seconds(7)
        options.model = "mine.gguf"
        options.rendering = .auto
        options.actions = [.fill("#q", text: "a \"b\" \\ <c>"), .wait(.milliseconds(1500)), .scrollToEnd(limit: 3)]
        options.blockedHosts = ["ads.example"]
        options.pageBytes = 1_000_000
        let request = ExtractionRequest(many: true, fields: [Field(name: "title"), Field(name: "price", type: .money)])
        let spec = try RunSpec(RunSpec(request: request, prompt: "every title, \"in quotes\", with its price\n", options: options).text)
        #expect(spec.request == request)
        #expect(spec.prompt == "every title, \"in quotes\", with its price\n")
        #expect(spec.options == options)
    }

    /// Runs stored before the prompt was kept are read as they were: without one.
    @Test func readsOlderRuns() throws {
        let spec = try RunSpec(
            """
            {"request":{"many":true,"many_stated":true,"fields":[{"name":"title","type":"text"}]},"options":{"timeout":45,"robots":true}}
            """)
        #expect(spec.prompt.isEmpty)
        #expect(spec.request?.fields.map(\.name) == ["title"])
    }

    /// A spec that is none, or of a later kind, is said to be.
    @Test(arguments: ["", "{", "{\"request\": {\"fields\": [{\"name\": 7}]}}"])
    func unreadable(_ text: String) {
        #expect(throws: RunSpec.Unreadable.self) { try RunSpec(text) }
    }
}
