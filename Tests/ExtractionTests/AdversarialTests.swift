import Documents
import TestMaterial
import Testing

@testable import Extraction

/// Pages that would like to be misread, read from their bytes. The same pages are rendered in `CommandTests`.
@Suite struct AdversarialTests {
    private static func answer(_ page: AdversarialPage) async throws -> Answer {
        var request = try FieldsLine.parse(page.fields)
        (request.many, request.isManyStated) = (page.isMany, true)
        return try await Bundled.extractor().read(Document(html: page.html, url: "https://example.org/page"), for: request).answer
    }

    private static func verdict(on page: AdversarialPage) async throws -> AdversarialPage.Verdict {
        page.verdict(on: try await answer(page).evidence.map { (String($0.path.dropFirst()), spelled($0.value)) })
    }

    private static func spelled(_ value: JSON) -> String {
        if let amount = value["amount"]?.string { return amount + (value["currency"]?.string.map { " " + $0 } ?? "") }
        return value.string ?? value.description
    }

    /// No value is given back that the page does not state for its field.
    @Test(arguments: AdversarialPage.all)
    func inventsNothing(_ page: AdversarialPage) async throws {
        let verdict = try await AdversarialTests.verdict(on: page)
        #expect(verdict.invented.isEmpty)
    }

    /// Giving back nothing would be no art: of what these pages do state, nine tenths are found.
    @Test func findsWhatIsThere() async throws {
        var found = 0
        var total = 0
        for page in AdversarialPage.all {
            let verdict = try await AdversarialTests.verdict(on: page)
            found += verdict.found
            total += verdict.total
            if verdict.found < verdict.total { print("\(page): \(verdict.found) of \(verdict.total)") }
        }
        #expect(AdversarialPage.all.count >= 50)
        #expect(found * 10 >= total * 9, "\(found) of \(total)")
    }
}
