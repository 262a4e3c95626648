import Foundation
import Testing

@testable import Politeness

/// 2024-05-01T00:00:00Z in microseconds.
private let now: Int64 = 1_714_521_600_000_000

private func rules(headers: [String] = [], metas: [(name: String, content: String)] = []) -> PageRules {
    PageRules(headers: headers, metas: metas, token: "Gleaner", now: now)
}

@Suite struct PageRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var claim: String
        var headers: [String] = []
        var metas: [[String]] = []
        var mayKeep = true
        var mayFollow = true
        var testDescription: String { claim }
    }

    static let cases: [Case] = [
        Case(claim: "a page that says nothing restricts nothing"),
        Case(claim: "noindex: not kept", headers: ["noindex"], mayKeep: false),
        Case(claim: "nofollow: not followed", headers: ["nofollow"], mayFollow: false),
        Case(claim: "none is both", headers: ["none"], mayKeep: false, mayFollow: false),
        Case(claim: "all, index, follow allow what is allowed", headers: ["all, index, follow"]),
        Case(claim: "a list", headers: ["noarchive, NoIndex , nofollow"], mayKeep: false, mayFollow: false),
        Case(claim: "several headers add up", headers: ["noindex", "nofollow"], mayKeep: false, mayFollow: false),
        Case(claim: "index takes no noindex away", headers: ["noindex", "index", "all"], mayKeep: false),
        Case(claim: "another agent's line is not ours", headers: ["googlebot: noindex, nofollow"]),
        Case(claim: "our own line is, in any case", headers: ["GLEANER: noindex"], mayKeep: false),
        Case(claim: "our own line adds to that for all", headers: ["nofollow", "gleaner: noindex"], mayKeep: false, mayFollow: false),
        Case(claim: "our own line takes nothing away", headers: ["noindex", "gleaner: all"], mayKeep: false),
        Case(claim: "an agent counts until another is named", headers: ["googlebot: noindex, nofollow, gleaner: nofollow, noarchive"], mayFollow: false),
        Case(claim: "what stands before the first agent is for all", headers: ["noindex, googlebot: nofollow"], mayKeep: false),
        Case(claim: "an agent counts in its own header only", headers: ["googlebot: nofollow", "noindex"], mayKeep: false),
        Case(claim: "directives with values are no agents", headers: ["max-snippet: 20, max-image-preview: none, noindex"], mayKeep: false),
        Case(claim: "a token that ours begins with is another", headers: ["glean: noindex", "gleaner-image: noindex"]),
        Case(claim: "robots and * are everyone", headers: ["robots: noindex", "*: nofollow"], mayKeep: false, mayFollow: false),
        Case(claim: "meta robots", metas: [["robots", "noindex,nofollow"]], mayKeep: false, mayFollow: false),
        Case(claim: "names and contents in any case, with spaces", metas: [[" ROBOTS ", " NOINDEX "]], mayKeep: false),
        Case(claim: "meta with our token", metas: [["gleaner", "nofollow"]], mayFollow: false),
        Case(claim: "meta for others", metas: [["googlebot", "noindex"], ["description", "noindex"], ["", "none"]]),
        Case(claim: "meta for all and for us add up", metas: [["robots", "nofollow"], ["gleaner", "noindex"]], mayKeep: false, mayFollow: false),
        Case(claim: "meta for us takes nothing away", metas: [["robots", "noindex"], ["gleaner", "index, follow"]], mayKeep: false),
        Case(claim: "header and meta add up", headers: ["nofollow"], metas: [["robots", "noindex"]], mayKeep: false, mayFollow: false),
        Case(claim: "spaces and semicolons for commas", metas: [["robots", "noindex nofollow"], ["robots", "noarchive;noindex"]], mayKeep: false, mayFollow: false),
        Case(claim: "no agents within a meta", metas: [["robots", "googlebot: all, noindex"]], mayKeep: false),
        Case(claim: "a word within another is not it", metas: [["robots", "noindexing, xnofollow, no index"]]),
        Case(claim: "noarchive, nosnippet, indexifembedded change nothing", headers: ["noarchive, nosnippet, indexifembedded, notranslate"]),
        Case(claim: "a time that has passed", headers: ["unavailable_after: 25 Jun 2010 15:00:00 PST"], mayKeep: false),
        Case(claim: "a time to come", headers: ["unavailable_after: 25 Jun 2030 15:00:00 PST"]),
        Case(claim: "a time that is now", headers: ["unavailable_after: 2024-05-01"], mayKeep: false),
        Case(claim: "a time of others", headers: ["googlebot: unavailable_after: 25 Jun 2010 15:00:00 PST"]),
        Case(claim: "our time, with commas, and what follows it", headers: ["gleaner: unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"], mayKeep: false, mayFollow: false),
        Case(claim: "an agent behind a time", headers: ["unavailable_after: Fri, 25 Jun 2030 15:00:00 GMT, googlebot: noindex"]),
        Case(claim: "a time with more commas", headers: ["unavailable_after: Friday, June 25, 2010 15:00:00 GMT"], mayKeep: false),
        Case(claim: "a date that can't be read takes no directive with it", headers: ["unavailable_after: x, noindex, 2 Jun 2030"], mayKeep: false),
        Case(claim: "nor an agent", headers: ["unavailable_after: x, gleaner: noindex, 2 Jun 2030"], mayKeep: false),
        Case(claim: "nor another date", headers: ["unavailable_after: x, unavailable_after: 2 Jun 2010, 3"], mayKeep: false),
        Case(claim: "a date that can't be read says nothing, what follows does", headers: ["unavailable_after: someday, nofollow"], mayFollow: false),
    ]

    /// Of all that applies to us what asks for most counts.
    @Test(arguments: cases) func combines(_ example: Case) {
        let rules = rules(headers: example.headers, metas: example.metas.map { ($0[0], $0[1]) })
        #expect(rules.mayKeep == example.mayKeep)
        #expect(rules.mayFollow == example.mayFollow)
    }

    /// The earliest time counts, and is told whether it has come or not.
    @Test func theEarliestTimeCounts() {
        let rules = rules(
            headers: ["unavailable_after: Saturday, 01-Jun-30 00:00:00 GMT"],
            metas: [("robots", "unavailable_after: 2029-01-01, noarchive"), ("gleaner", "unavailable_after:2031-01-01")])
        #expect(rules.mayKeep)
        #expect(rules.unavailableAfter == 1_861_920_000_000_000)
    }

    /// Each directive that applies to us is told with its place, in order; what restricts nothing is not.
    @Test func namesItsSources() {
        let rules = rules(
            headers: ["all, NOINDEX, googlebot: nofollow", "unavailable_after: Wed, 45 Foo 2010 15:00:00 PST, noindex"],
            metas: [("Robots", "nofollow, noarchive"), ("gleaner", "none, unavailable_after: 2030-01-01")])
        #expect(
            rules.sources == [
                .init(place: .header, directive: "NOINDEX", effect: .notKept),
                .init(place: .header, directive: "unavailable_after: Wed, 45 Foo 2010 15:00:00 PST", effect: .unreadable),
                .init(place: .header, directive: "noindex", effect: .notKept),
                .init(place: .meta("robots"), directive: "nofollow", effect: .notFollowed),
                .init(place: .meta("robots"), directive: "noarchive", effect: .noted),
                .init(place: .meta("gleaner"), directive: "none", effect: .neither),
                .init(place: .meta("gleaner"), directive: "unavailable_after: 2030-01-01", effect: .keptUntil(1_893_456_000_000_000)),
            ])
    }

    /// The sentence says what follows and who says so; without anything to say there is none.
    @Test(arguments: [
        (["noindex"], "it may not be kept: X-Robots-Tag says \"noindex\""),
        (["none"], "it may not be kept: X-Robots-Tag says \"none\"; its links may not be followed: X-Robots-Tag says \"none\""),
        (["unavailable_after: soon"], "the date can't be read and counts for nothing: X-Robots-Tag says \"unavailable_after: soon\""),
        (["unavailable_after: 2030-01-01"], "it may not be kept after its time: X-Robots-Tag says \"unavailable_after: 2030-01-01\""),
        (["noarchive, all"], nil), ([], nil),
    ] as [([String], String?)])
    func givesAReason(_ headers: [String], _ reason: String?) { #expect(rules(headers: headers).reason == reason) }

    /// The place of a meta stands in the sentence.
    @Test func theReasonNamesTheMeta() {
        #expect(rules(metas: [("GLEANER", "nofollow")]).reason == "its links may not be followed: <meta name=\"gleaner\"> says \"nofollow\"")
    }

    /// However much a page says, only so much is kept of it.
    @Test func whatIsKeptIsBounded() {
        let long = String(repeating: "unavailable_after: x\(String(repeating: "y", count: 500)),", count: 1_000)
        let rules = rules(
            headers: (0..<1_000).map { "unavailable_after: \($0 % 28 + 1) Jun \(2030 + $0 / 28)" } + [long], metas: Array(repeating: ("robots", long), count: 1_000))
        #expect(rules.sources.count <= 64)
        #expect(rules.sources.allSatisfy { $0.directive.count <= 120 })
    }

    /// Nothing that stands in a header stops the program.
    @Test(arguments: ["", ",", ":", ",,:", "unavailable_after", "unavailable_after:", "unavailable_after:,", "unavailable_after:,,,", "gleaner:", "gleaner: ,", ": noindex:", "\u{0}", "é: 1"])
    func readsAnyHeader(_ header: String) {
        let rules = rules(headers: [header], metas: [("robots", header)])
        #expect(rules.mayKeep && rules.mayFollow && rules.unavailableAfter == nil)
    }
}

@Suite struct WrittenDateTests {
    /// In seconds since 1970.
    static let dates: [(String, Int64?)] = [
        ("25 Jun 2010 15:00:00 PST", 1_277_506_800), ("Fri, 25 Jun 2010 15:00:00 PST", 1_277_506_800), ("25-Aug-2007 15:00:00 EST", 1_188_072_000),
        ("Sunday, 06-Nov-94 08:49:47 GMT", 784_111_787), ("Sun, 06 Nov 1994 08:49:47 GMT", 784_111_787), ("Sun Nov  6 08:49:47 1994", 784_111_787),
        ("06 Nov 94 08:49 UT", 784_111_740), ("Sun, 06 Nov 1994 09:49:47 +0100", 784_111_787), ("Sun, 06 Nov 1994 03:49:47 -05:00", 784_111_787),
        ("1994-11-06T08:49:47Z", 784_111_787), ("1994-11-06T08:49:47.123Z", 784_111_787), ("1994-11-06t09:49:47+01:00", 784_111_787),
        ("1994-11-06T04:49:47-0400", 784_111_787), ("1994-11-06 08:49:47", 784_111_787), ("1994-11-06T08:49", 784_111_740), ("1994-11-06", 784_080_000),
        ("6 November 1994", 784_080_000), ("Nov. 6, 1994", 784_080_000), ("November 6, 1994 8:49:47 CET", 784_108_187), ("29 Feb 2024", 1_709_164_800),
        ("1 Mar 2024", 1_709_251_200), ("31 Dec 1969 23:59:59 GMT", -1), ("1 Jan 2000", 946_684_800), ("28 Feb 2100", 4_107_456_000), ("1 Mar 2100", 4_107_542_400),
        ("1 Jan 74", 3_281_990_400), ("1 Jan 75", 157_766_400),
        ("31 Dec 2016 23:59:60 GMT", 1_483_228_799),
        ("29 Feb 2023", nil), ("31 Apr 2024", nil), ("0 Jan 2024", nil), ("29 Feb 2100", nil), ("2024-13-01", nil), ("2024-1-1", nil), ("24:00 1 Jan 2024", nil), ("12:60 1 Jan 2024", nil),
        ("06/07/2010", nil), ("1277506800", nil), ("Jun 2010", nil), ("25 Jun", nil), ("", nil), ("soon", nil), ("25 Jun 2010 15:00:00 IST", nil), ("25 Jun 2010 25 Jun 2010", nil),
        ("25 Jun 2010 +9900", nil), ("25 Jun 2010 x", nil), ("2010-06-25T", nil), ("T15:00", nil), ("15:00", nil), (":", nil), ("25-Jun-", nil), ("--", nil), ("25 Jun 2010 15:", nil),
        ("25 Jun 99999999999999999999", nil), ("25 Jun 20100", nil), ("٢٥ Jun 2010", nil), (String(repeating: "1", count: 100_000), nil),
    ]

    /// Each form that headers are written in, to the second; anything that could mean another day is none.
    @Test(arguments: dates) func reads(_ text: String, _ seconds: Int64?) {
        #expect(WrittenDate.microseconds(text, now: now) == seconds.map { $0 * 1_000_000 })
    }

    /// In 2080 "10" is 2110, and "31" is 2031.
    @Test(arguments: [("1 Jan 10", 4_417_977_600), ("1 Jan 31", 1_924_992_000)] as [(String, Int64)])
    func yearsOfTwoDigitsLieNearNow(_ text: String, _ seconds: Int64) {
        #expect(WrittenDate.microseconds(text, now: 3_471_292_800_000_000) == seconds * 1_000_000)
    }
}

@Suite struct LinkRelationTests {
    /// Words between spaces or commas, in any case.
    @Test(arguments: [
        ("nofollow", .nofollow), ("NoFollow noopener", .nofollow), ("ugc,sponsored", [.ugc, .sponsored]), (" ugc\tnofollow ", [.ugc, .nofollow]), ("", []),
        ("follow", []), ("nofollowing", []), ("noopener noreferrer", []),
    ] as [(String, LinkRelation)])
    func readsRel(_ rel: String, _ relation: LinkRelation) { #expect(LinkRelation(rel: rel) == relation) }
}
