import Documents
import Foundation
import GleanerTesting
import TestMaterial
import Testing

/// Pages that would like to be misread, as a browser shows them. `ExtractionTests` reads the same pages from their bytes.
@Suite(.serialized) struct AdversarialCommandTests {
    private static let groups = Dictionary(grouping: AdversarialPage.all.indices) { index in
        AdversarialPage.all[index].fields + (AdversarialPage.all[index].isMany ? " many" : " one")
    }

    private static func spelled(_ value: JSON?) -> String {
        guard let value else { return "" }
        if let amount = value["amount"]?.string { return amount + (value["currency"]?.string.map { " " + $0 } ?? "") }
        return value.string ?? value.description
    }

    /// Rendered, no value is given back that the page does not state for its field, and most of what it does state is found.
    @Test(arguments: groups.keys.sorted()) func inventsNothing(_ group: String) async throws {
        let pages = Self.groups[group] ?? []
        try await withFixtureSite(responding: { request in
            guard let number = Int(request.path.dropFirst()), AdversarialPage.all.indices.contains(number) else { return .status(404) }
            return .html(AdversarialPage.all[number].html)
        }) { site in
            try await Command.with { gleaner, _ in
                let first = AdversarialPage.all[pages[0]]
                let outcome = try await gleaner.start(
                    ["extract"] + pages.map { site.url("/\($0)") }
                        + ["--fields", first.fields, first.isMany ? "--many" : "--one", "--format", "json", "--quiet"]
                ).outcome()
                let answers = outcome.json["pages"]?.array ?? []
                #expect(answers.count == pages.count, "\(outcome.error)")
                var found = 0
                var total = 0
                for (answer, number) in zip(answers, pages) {
                    let verdict = AdversarialPage.all[number].verdict(
                        on: (answer["evidence"]?.array ?? []).map { (String($0["path"]?.string?.dropFirst() ?? ""), Self.spelled($0["value"])) })
                    #expect(verdict.invented.isEmpty, "\(AdversarialPage.all[number])")
                    found += verdict.found
                    total += verdict.total
                    if verdict.found < verdict.total { print("rendered, \(AdversarialPage.all[number]): \(verdict.found) of \(verdict.total)") }
                }
                #expect(found * 5 >= total * 4, "\(found) of \(total)")
            }
        }
    }
}
