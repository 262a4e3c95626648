import Documents
import GleanerTesting
import TestMaterial
import Testing

/// Pages that say all in their document, and pages that scripts write.
private struct Mixed: Sendable {
    /// From this number on, plain pages are written by a script, too; then each leads to the next one alone.
    var writtenFrom: Int?

    func answer(_ request: FixtureRequest) -> FixtureAnswer {
        let number = Int(request.path.split(separator: "/").last ?? "") ?? 0
        let body = """
            <h1>Spade \(number)</h1><p class=price>€\(number).50</p>
            <p>Ash handle, forged blade, number \(number) of a long line of spades that our smith has made since he was young.</p>
            \(writtenFrom == nil || number >= 12 ? "" : "<a href=/plain/\(number + 1)>next</a>")
            """
        let written = "<div id=app></div><script>document.getElementById('app').innerHTML = `\(body)`</script>"
        func page(_ body: String) -> FixtureAnswer { .html("<!doctype html><html lang=en><title>Tools</title>\(body)") }
        switch request.path {
        case "/" where writtenFrom != nil: return page("<a href=/plain/1>Plain 1</a>")
        case "/": return page((1...12).map { "<a href=/plain/\($0)>Plain \($0)</a> <a href=/written/\($0)>Written \($0)</a> " }.joined())
        case _ where request.path.hasPrefix("/plain/") && number < writtenFrom ?? .max: return page(body)
        case _ where request.path.hasPrefix("/plain/"), _ where request.path.hasPrefix("/written/"): return page(written)
        default: return .status(404)
        }
    }
}

extension Command.Outcome {
    /// How pages below a path were had, by their numbers.
    fileprivate func loadings(below path: String) -> [String] {
        pagesByNumber(below: path).compactMap { $0["loading"]?.string }
    }

    fileprivate func pagesByNumber(below path: String) -> [JSON] {
        func number(_ page: JSON) -> Int { page["url"]?.string.flatMap { Int($0.split(separator: "/").last ?? "") } ?? 0 }
        return (json["pages"]?.array ?? []).filter { $0["url"]?.string?.contains(path) == true }.sorted { number($0) < number($1) }
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct RenderingTests {
    private func crawl(_ site: Mixed, _ options: String..., check: @Sendable (Command.Outcome) throws -> Void) async throws {
        try await withFixtureSite(responding: site.answer) { site in
            try await Command.with { gleaner, _ in
                let crawl = ["crawl", site.url("/"), "--fields", "name, price:money", "--one", "--at-once", "1", "--format", "json", "--quiet"]
                try check(try await gleaner.start(crawl + options).outcome())
            }
        }
    }

    /// Once two pages of a template said the same with and without a browser, its others are had without; the records are the same.
    @Test func plainPagesNeedNoBrowser() async throws {
        try await crawl(Mixed(), "--read", "/plain/*") { outcome in
            #expect(outcome.exit == 0, "\(outcome.error)")
            let loadings = outcome.loadings(below: "/plain/")
            // One in twenty is looked at again.
            #expect(loadings.filter { $0 == "fetched" }.count >= 6 && loadings.filter { $0 == "compared" }.count >= 2, "\(loadings)")
            let records = outcome.pagesByNumber(below: "/plain/").compactMap { $0["records"]?.array?.first }
            #expect(records.compactMap { $0["name"]?.string } == (1...12).map { "Spade \($0)" })
            #expect(records.compactMap { $0["price"]?["amount"]?.string } == (1...12).map { "\($0).50" })
        }
    }

    /// Pages that their scripts write are opened in a browser, each of them.
    @Test func writtenPagesNeedOne() async throws {
        try await crawl(Mixed(), "--read", "/written/*") { outcome in
            #expect(outcome.exit == 0, "\(outcome.error)")
            #expect(!outcome.loadings(below: "/written/").contains("fetched"))
            let records = outcome.pagesByNumber(below: "/written/").compactMap { $0["records"]?.array?.first }
            #expect(records.compactMap { $0["name"]?.string } == (1...12).map { "Spade \($0)" })
        }
    }

    /// A page that shows nothing without its scripts is opened in a browser after all, though others of its template needed none.
    @Test func wayBack() async throws {
        try await crawl(Mixed(writtenFrom: 7), "--include", "/plain/*", "--read", "/plain/*") { outcome in
            #expect(outcome.exit == 0, "\(outcome.error)")
            let pages = outcome.pagesByNumber(below: "/plain/")
            #expect(pages.compactMap { $0["records"]?.array?.first?["name"]?.string } == (1...12).map { "Spade \($0)" })
            #expect(outcome.loadings(below: "/plain/").contains("fetched"))
        }
    }

    /// Without a browser, as told: what only scripts would show is said to be missing.
    @Test func never() async throws {
        try await crawl(Mixed(), "--rendering", "never") { outcome in
            #expect(outcome.exit == 5)
            #expect(Set(outcome.loadings(below: "/")) == ["fetched"])
            let written = outcome.pagesByNumber(below: "/written/")
            #expect(written.count == 12)
            #expect(written.allSatisfy { $0["status"]?.string == "partial" && $0["reason"]?.string?.contains("without its scripts") == true })
        }
    }
}
