import Changes
import Documents
import Testing

@Suite struct PageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var claim: String
        var old: [DiffPage]
        var new: [DiffPage]
        var outcome: String
        var testDescription: String { claim }
    }

    static func list(
        _ key: String, _ ids: ClosedRange<Int>?, _ status: DiffPage.Status = .completed, isWhole: Bool? = nil, foundOn: String? = nil
    ) -> DiffPage {
        let records = ids.map { $0.map { JSON.of(("id", .string("p\($0)")), ("name", .string("Product \($0)"))) } } ?? []
        return DiffPage(key: key, status: status, records: records, isWhole: isWhole, foundOn: foundOn)
    }

    static let cases = [
        Case(
            claim: "a record that slips to the next page is moved", old: [list("1", 1...4), list("2", 5...8)],
            new: [list("1", 0...3), list("2", 4...7)],
            outcome: "new 1 gone 1 changed 0 moved 1 same 7 unseen 0+0"),
        Case(
            claim: "the records of a page that failed are not gone", old: [list("1", 1...4), list("x", 9...9), list("2", 5...8)],
            new: [list("1", 1...4), list("x", 9...9), list("2", nil, .failed)], outcome: "new 0 gone 0 changed 0 moved 0 same 5 unseen 4+0"),
        Case(
            claim: "nor are those of a page that was skipped", old: [list("1", 1...4)], new: [list("1", nil, .skipped)],
            outcome: "new 0 gone 0 changed 0 moved 0 same 0 unseen 4+0"),
        Case(
            claim: "nor of one that was not visited", old: [list("1", 1...4)], new: [list("1", nil, .open)],
            outcome: "new 0 gone 0 changed 0 moved 0 same 0 unseen 4+0"),
        Case(
            claim: "nor of one whose list was not found", old: [list("1", 1...4)], new: [list("1", nil, .partial)],
            outcome: "new 0 gone 0 changed 0 moved 0 same 0 unseen 4+0"),
        Case(
            claim: "a partial page with records tells what is gone", old: [list("1", 1...4)], new: [list("1", 1...3, .partial)],
            outcome: "new 0 gone 1 changed 0 moved 0 same 3 unseen 0+0"),
        Case(
            claim: "unless a part of it was not read", old: [list("1", 1...4)], new: [list("1", 1...3, .partial, isWhole: false)],
            outcome: "new 0 gone 0 changed 0 moved 0 same 3 unseen 1+0"),
        Case(
            claim: "an empty page that completed tells that all are gone", old: [list("1", 1...4)], new: [list("1", nil)],
            outcome: "new 0 gone 4 changed 0 moved 0 same 0 unseen 0+0"),
        Case(
            claim: "the records of a page that failed before are not new", old: [list("1", 1...4), list("2", nil, .failed)],
            new: [list("1", 1...4), list("2", 5...8)], outcome: "new 0 gone 0 changed 0 moved 0 same 4 unseen 0+4"),
        Case(
            claim: "a record may have slipped to the page after its own that failed",
            old: [list("1", 1...4), list("2", 5...8), list("3", 9...12)],
            new: [list("1", 0...3), list("2", nil, .failed), list("3", 8...11)], outcome: "new 1 gone 0 changed 0 moved 1 same 7 unseen 5+0"
        ),
        Case(
            claim: "a page further on has its own", old: [list("1", 1...4), list("2", 5...8), list("3", 9...12), list("4", 13...16)],
            new: [list("1", 1...4), list("2", nil, .failed), list("3", 9...12), list("4", 14...17)],
            outcome: "new 1 gone 1 changed 0 moved 0 same 11 unseen 4+0"),
        Case(
            claim: "or to one that failed in both runs and whose address is alike",
            old: [list("/list?page=1", 1...4), list("/list?page=2", nil, .failed)],
            new: [list("/list?page=1", 0...3), list("/list?page=2", nil, .failed)],
            outcome: "new 0 gone 0 changed 0 moved 0 same 3 unseen 1+1"),
        Case(
            claim: "a page that always fails hides nothing of pages of another kind",
            old: [list("/list?page=1", 1...4), list("/dead", nil, .failed), list("/list?page=2", 5...8)],
            new: [list("/list?page=1", 0...3), list("/dead", nil, .failed), list("/list?page=2", 5...8)],
            outcome: "new 1 gone 1 changed 0 moved 0 same 7 unseen 0+0"),
        Case(
            claim: "nor does it stand between pages of a list",
            old: [list("/list?page=1", 1...4), list("/dead", nil, .failed), list("/list?page=2", 5...8)],
            new: [list("/list?page=1", 0...3), list("/dead", nil, .failed), list("/list?page=2", nil, .failed)],
            outcome: "new 1 gone 0 changed 0 moved 0 same 3 unseen 5+0"),
        Case(
            claim: "a page of one record that failed hides nothing of a list", old: [list("1", 1...4), list("a", 20...20)],
            new: [list("1", 1...3), list("a", nil, .failed)], outcome: "new 0 gone 1 changed 0 moved 0 same 3 unseen 1+0"),
        Case(
            claim: "pages that the run hasn't any more take their records with them",
            old: [list("1", 1...4), list("x", 9...9), list("2", 5...8)],
            new: [list("1", 1...4), list("x", 9...9)], outcome: "new 0 gone 4 changed 0 moved 0 same 5 unseen 0+0"),
        Case(
            claim: "pages that were not found because what leads to them failed don't",
            old: [list("1", 1...4), list("2", 5...8, foundOn: "1"), list("3", 9...12, foundOn: "2"), list("4", 13...16, foundOn: "3")],
            new: [list("1", 1...4), list("2", nil, .failed, foundOn: "1")], outcome: "new 0 gone 0 changed 0 moved 0 same 4 unseen 12+0"),
        Case(
            claim: "pages that are no longer linked do",
            old: [list("1", 1...4), list("a", 30...30, foundOn: "1"), list("b", 31...31, foundOn: "a"), list("c", 40...40)],
            new: [list("1", 1...4), list("c", nil, .failed)], outcome: "new 0 gone 2 changed 0 moved 0 same 4 unseen 1+0"),
        Case(
            claim: "pages that lead to each other lead from nowhere",
            old: [list("1", 1...4), list("a", 30...30, foundOn: "b"), list("b", 31...31, foundOn: "a")],
            new: [list("1", 1...4)], outcome: "new 0 gone 2 changed 0 moved 0 same 4 unseen 0+0"),
        Case(
            claim: "pages that the run before could not find have no new records", old: [list("1", nil, .failed)],
            new: [list("1", 1...4), list("2", 5...8, foundOn: "1")], outcome: "new 0 gone 0 changed 0 moved 0 same 0 unseen 0+8"),
        Case(
            claim: "a record that is found elsewhere is no more unseen", old: [list("1", 1...4), list("2", 5...8)],
            new: [list("1", 5...8), list("2", nil, .failed)], outcome: "new 0 gone 0 changed 0 moved 4 same 4 unseen 4+0"),
        Case(
            claim: "an address that a run has twice is two pages", old: [list("1", 1...2), list("1", 3...4)],
            new: [list("1", 1...2), list("1", 3...5)],
            outcome: "new 1 gone 0 changed 0 moved 0 same 4 unseen 0+0"),
        Case(
            claim: "equal records without an identity move, too",
            old: [
                DiffPage(key: "1", status: .completed, records: [.integer(1), .integer(2)]),
                DiffPage(key: "2", status: .completed, records: [.integer(3), .integer(4)]),
            ],
            new: [
                DiffPage(key: "1", status: .completed, records: [.integer(0), .integer(1)]),
                DiffPage(key: "2", status: .completed, records: [.integer(2), .integer(3)]),
            ],
            outcome: "new 1 gone 1 changed 0 moved 1 same 3 unseen 0+0"),
    ]

    /// Pages decide what a missing record means.
    @Test(arguments: cases) func decides(_ example: Case) {
        #expect(RunDiff(old: example.old, new: example.new).outcome == example.outcome)
    }

    /// Of two pages with the same address each keeps its records.
    @Test func keepsPagesApart() throws {
        let diff = RunDiff(old: [Self.list("1", 1...2), Self.list("1", 3...4)], new: [Self.list("1", 2...2), Self.list("1", 3...4)])
        #expect(diff.gone.map { $0.value["id"] } == [.string("p1")])
    }

    /// Pages that are new, gone, failing or failed before are listed.
    @Test func listsPages() {
        let old = [
            Self.list("a", 1...2), Self.list("b", nil, .failed), Self.list("c", 3...3), Self.list("d", nil, .failed), Self.list("e", 4...5),
        ]
        let new = [
            Self.list("a", nil, .skipped), Self.list("b", 6...7), Self.list("d", nil, .failed), Self.list("e", 4...5),
            Self.list("f", 8...9),
        ]
        let diff = RunDiff(old: old, new: new)
        #expect(
            diff.pages.map { "\($0.key) \($0.before?.rawValue ?? "–") \($0.now?.rawValue ?? "–") \($0.wasWhole) \($0.isWhole)" } == [
                "a completed skipped true false", "b failed completed false true", "c completed – true false",
                "d failed failed false false",
                "f – completed false true",
            ])
        #expect((diff.pagesNow, diff.failedNow) == (5, 1))
    }

    /// A page that fails in both runs is no difference.
    @Test func failingIsNoChange() {
        let run = [Self.list("a", 1...2), Self.list("b", nil, .failed)]
        #expect(RunDiff(old: run, new: run).isEmpty)
        #expect(!RunDiff(old: run, new: run.dropLast()).isEmpty)
    }
}
