import Crawling
import Discovery
import Documents
import Testing

private func frontier(_ start: String = "https://www.a.example/", _ change: (inout CrawlPlan) -> Void = { _ in }) -> Frontier {
    var plan = CrawlPlan(starts: [start])
    change(&plan)
    return Frontier(plan) { $0.split(separator: ".").suffix(2).joined(separator: ".") }
}

private func links(_ urls: String...) -> [FoundLink] { urls.map { FoundLink(url: $0) } }

struct FrontierTests {
    /// What is admitted, and what is left out for which reason.
    @Test func admission() {
        var frontier = frontier { $0.depth = 2 }
        var sponsored = FoundLink(url: "https://www.a.example/sponsored")
        sponsored.isNofollow = true
        let found = links(
            "https://www.a.example/1?utm_source=x#top", "https://www.a.example/1", "https://b.example/", "mailto:a@a.example") + [sponsored]
        let admission = frontier.admit(found, from: 0, now: 0)
        #expect(admission.admitted.count == 1 && admission.admitted.first?.depth == 1)
        #expect(admission.refused["its author says nofollow"] == 1 && admission.refused.count == 2)
        #expect(frontier.admit(found, from: 2, now: 0).refused == ["deeper than 2 links": 5])
    }

    /// The same seed gives the same order, whatever the order of the links; another seed another one.
    @Test func order() {
        let urls = (0..<40).map { "https://www.a.example/\($0)" }
        func order(_ urls: [String], seed: UInt64) -> [String] {
            var frontier = frontier { $0.seed = seed }
            return frontier.admit(urls.map { FoundLink(url: $0) }, from: 0, now: 0).admitted.map(\.url)
        }
        #expect(order(urls, seed: 1) == order(urls.reversed(), seed: 1))
        #expect(order(urls, seed: 1) != order(urls, seed: 2))
    }

    /// A host that the crawl comes to for the first time is asked for its sitemaps and for a page that it can't have, once; hosts where it began
    /// are not, nor are those of the open web.
    @Test func newHosts() throws {
        var open = frontier { $0.reach = .any }
        let elsewhere = open.admit(links("https://b.example/"), from: 0, now: 0)
        #expect(elsewhere.admitted.count == 1 && elsewhere.sitemaps.isEmpty && elsewhere.probes.isEmpty)
        let pattern = try AddressPattern("*.example/**")
        var some = frontier { ($0.reach, $0.include) = (.any, [pattern]) }
        #expect(some.admit(links("https://b.example/"), from: 0, now: 0).sitemaps == ["https://b.example/"])
        var frontier = frontier { $0.reach = .domain }
        let found = links("https://shop.a.example/1", "https://shop.a.example/2", "https://www.a.example/3", "https://b.example/")
        let first = frontier.admit(found, from: 0, now: 0)
        #expect(first.sitemaps == ["https://shop.a.example/"])
        #expect(first.probes.count == 1 && first.probes.first?.url.hasPrefix("https://shop.a.example/") == true)
        let second = frontier.admit(found, from: 1, now: 0)
        #expect(second.sitemaps.isEmpty && second.probes.isEmpty)
    }

    /// Where a start leads belongs to the crawl; where other pages lead is judged by the scope.
    @Test func moves() {
        var frontier = frontier()
        #expect(frontier.refusal(of: "https://www.b.example/", from: "https://www.a.example/") == nil)
        #expect(frontier.refusal(of: "https://www.b.example/", from: "https://www.a.example/1") != nil)
        frontier.moved("https://www.a.example/", to: "https://www.b.example/")
        #expect(frontier.refusal(of: "https://www.b.example/2", from: "https://www.a.example/1") == nil)
        #expect(frontier.admit(links("https://www.b.example/3"), from: 0, now: 0).admitted.count == 1)
    }
}
