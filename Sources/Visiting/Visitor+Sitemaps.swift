import Crawling
import Discovery
import Documents
import Egress
import Fetching
import Foundation
import Synchronization

extension Visitor {
    /// Reads a sitemap; of a bare origin ("https://example.org/") says which sitemaps it has.
    package func sitemap(_ url: String, by way: Way, permits: Permits) async -> VisitResult {
        guard let place = WebAddress(url), let identity = URLIdentity(url) else {
            return .failed(.input, code: "bad-address", "\(url) is no address of a sitemap")
        }
        if identity.path == "/", identity.query == nil {
            var result = VisitResult(.completed)
            result.finalURL = url
            result.sitemaps = await parts.robots?.sitemaps(of: place.origin, by: way.route) ?? []
            // Where robots.txt names none, this is where it usually is.
            if result.sitemaps.isEmpty { result.sitemaps = [place.origin + Visitor.usualSitemap] }
            return result
        }
        return await file(identity, by: way, permits)
    }

    private static let usualSitemap = "/sitemap.xml"

    private func file(_ identity: URLIdentity, by way: Way, _ permits: Permits) async -> VisitResult {
        let url = identity.href
        let robots = parts.robots
        var request = FetchRequest(url, userAgent: parts.userAgent, rules: way.route.rules, wayOut: way.route.wayOut) { hop in
            guard let robots else { return .proceed }
            let answer = await robots.verdict(on: hop, by: way.route)
            return answer.isAllowed ? .proceed : .refuse(answer.reason)
        }
        request.contact = parts.contact
        request.timeout = spec.options.timeout
        request.sizeLimit = 64 << 20
        request.atLimit = .truncate
        let listing = Listing(identity)
        request.onBody = { listing.take($0) }
        var result = VisitResult(.completed)
        let start = ContinuousClock.now
        do {
            guard try await permits.leave(nil) else { return .failed(.ours, code: Visitor.notNow, "\(url): its host wants more rest first") }
            result.askedAt = .now
            let answer = try await parts.fetcher.fetch(request)
            result.answeredIn = answer.duration
            result.httpStatus = answer.status
            result.finalURL = answer.url
            result.cost.bytes = answer.bytesReceived
            guard answer.status < 400 else { return absent(answer, identity, result) }
            let (links, sitemaps, report) = listing.finish(isWhole: !answer.isTruncated)
            (result.found, result.sitemaps) = (links, sitemaps)
            if let cut = report.cut {
                (result.status, result.code, result.fault, result.reason) = (.partial, "incomplete", .site, "\(url): \(cut)")
            } else if report.format == nil {
                (result.status, result.code, result.fault) = (.failed, "no-sitemap", .site)
                result.reason = "\(url) is no sitemap" + (report.firstProblem.map { ": \($0)" } ?? "")
            } else if let problem = report.firstProblem {
                result.unsettled = "\(report.problems) entries can't be used; the first: \(problem)"
            }
        } catch let error as FetchError {
            let asked = (result.askedAt, result.answeredIn)
            result = error.code == .gateRefused
                ? VisitResult.skipped("robots", "\(url): \(error.message)") : Visitor.result(of: error, url)
            (result.askedAt, result.answeredIn) = asked
        } catch {
            result = .failed(.ours, code: "cancelled", "\(url): the visit was cancelled")
        }
        result.cost.total = (ContinuousClock.now - start) / .milliseconds(1)
        return result
    }

    private func absent(_ answer: FetchResponse, _ identity: URLIdentity, _ asked: VisitResult) -> VisitResult {
        let url = identity.href
        var result =
            identity.path == Visitor.usualSitemap && (answer.status == 404 || answer.status == 410 || answer.status == 403)
            ? VisitResult.skipped("no-sitemap", "\(url): the site has no sitemap there")
            : VisitResult.failed(
                .site, code: "http-\(answer.status)", "\(url): the site answered \(answer.status)",
                retry: answer.status == 429 || answer.status >= 500 ? .again : .never)
        (result.askedAt, result.answeredIn, result.httpStatus, result.finalURL) = (
            asked.askedAt, asked.answeredIn, asked.httpStatus, asked.finalURL
        )
        result.restFor = answer.header("retry-after").flatMap { RobotsGate.rest(retryAfter: $0) }
        return result
    }
}

/// What a sitemap lists, while it comes on curl's thread.
private final class Listing: Sendable {
    private struct State {
        let reader: SitemapReader
        var links: [FoundLink] = []
        var sitemaps: [String] = []

        mutating func add(_ entries: [SitemapReader.Entry]) {
            for entry in entries {
                switch entry {
                case .page(let page):
                    var link = FoundLink(url: page.loc)
                    link.modified = page.modified?.text
                    links.append(link)
                case .sitemap(let url, _): sitemaps.append(url)
                }
            }
        }
    }

    private let state: Mutex<State>

    init(_ address: URLIdentity) { state = Mutex(State(reader: SitemapReader(address: address))) }

    /// False when it has enough.
    func take(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            state.add(state.reader.push(bytes))
            return !state.reader.isOver
        }
    }

    func finish(isWhole: Bool) -> ([FoundLink], [String], SitemapReader.Report) {
        state.withLock { state in
            state.add(state.reader.finish(isWhole: isWhole))
            return (state.links, state.sitemaps, state.reader.report)
        }
    }
}
