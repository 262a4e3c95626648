package import Discovery
package import Documents
package import Extraction

/// What a crawl visits, in which order, and which of its pages are read for what. Stands in the run's spec.
package struct CrawlPlan: Sendable, Equatable {
    package enum Sitemaps: String, Sendable, CaseIterable {
        /// Pages of sitemaps, and where pages lead.
        case include
        /// Pages of sitemaps alone.
        case only
        case skip
    }

    /// Pages whose addresses match are read for a request.
    package struct Reading: Sendable, Equatable {
        /// One of them must match; none: every page does.
        package var patterns: [AddressPattern]
        /// Nil: such pages are visited for their links alone.
        package var request: ExtractionRequest?
        /// What the person wrote; empty where fields or a schema said it.
        package var prompt: String

        package init(patterns: [AddressPattern] = [], request: ExtractionRequest?, prompt: String = "") {
            (self.patterns, self.request, self.prompt) = (patterns, request, prompt)
        }
    }

    package var starts: [String]
    package var reach = CrawlScope.Reach.host
    package var include: [AddressPattern] = []
    package var exclude: [AddressPattern] = []
    /// Narrowed while it runs: of each list one must match as well.
    package var keep: [[AddressPattern]] = []
    /// Links from a start; nil: any number.
    package var depth: Int?
    /// Pages in all; nil: any number.
    package var pages: Int?
    package var sitemaps = Sitemaps.include
    /// Links of pages and sites that say nofollow are not followed.
    package var obeysNofollow = true
    /// The same seed, the same order.
    package var seed: UInt64 = 1
    /// Pages that did not change since the last run of the series are not read again.
    package var changedOnly = false
    /// The first that matches a page counts.
    package var readings: [Reading]

    package init(starts: [String], readings: [Reading] = []) {
        (self.starts, self.readings) = (starts, readings)
    }

    /// Addresses that the crawl visits.
    package var scope: CrawlScope {
        let scope = CrawlScope(reach, of: starts.compactMap { URLIdentity($0) }, include: include, exclude: exclude)
        return keep.reduce(scope) { $0.narrowed(by: CrawlScope(.any, of: [], include: $1)) }
    }

    /// What a page is read for; nil where it is visited for its links alone.
    package func reading(of url: String) -> Reading? {
        guard let identity = URLIdentity(url) else { return nil }
        let first = readings.first { $0.patterns.isEmpty || $0.patterns.contains { $0.matches(identity) } }
        return first?.request == nil ? nil : first
    }
}

extension CrawlPlan {
    package var json: JSON {
        .of(
            ("starts", .array(starts.map(JSON.string))), ("scope", .string(reach.rawValue)),
            ("include", .array(include.map { .string($0.text) })), ("exclude", .array(exclude.map { .string($0.text) })),
            ("keep", keep.isEmpty ? nil : .array(keep.map { .array($0.map { .string($0.text) }) })), ("depth", depth.map { .integer($0) }), ("pages", pages.map { .integer($0) }), ("sitemaps", .string(sitemaps.rawValue)),
            ("nofollow", .bool(obeysNofollow)), ("seed", .string("\(seed)")), ("changedOnly", .bool(changedOnly)),
            (
                "readings",
                .array(
                    readings.map { reading in
                        .of(
                            ("urls", .array(reading.patterns.map { .string($0.text) })), ("request", reading.request?.json ?? .null),
                            ("prompt", .string(reading.prompt)))
                    })
            ))
    }

    /// Nil where it was written by another version.
    package init?(json: JSON) {
        func patterns(_ json: JSON?) -> [AddressPattern] {
            (json?.array ?? []).compactMap { $0.string.flatMap { try? AddressPattern($0) } }
        }
        guard let starts = json["starts"]?.array?.compactMap(\.string), !starts.isEmpty else { return nil }
        self.init(starts: starts)
        reach = json["scope"]?.string.flatMap(CrawlScope.Reach.init(rawValue:)) ?? .host
        include = patterns(json["include"])
        exclude = patterns(json["exclude"])
        keep = (json["keep"]?.array ?? []).map { patterns($0) }
        depth = json["depth"]?.int
        pages = json["pages"]?.int
        sitemaps = json["sitemaps"]?.string.flatMap(Sitemaps.init(rawValue:)) ?? .include
        obeysNofollow = json["nofollow"]?.bool ?? true
        seed = json["seed"]?.string.flatMap { UInt64($0) } ?? 1
        changedOnly = json["changedOnly"]?.bool ?? false
        for reading in json["readings"]?.array ?? [] {
            let request = reading["request"].flatMap { ExtractionRequest(json: $0) }
            if request == nil, reading["request"]?.isNull == false { return nil }
            readings.append(Reading(patterns: patterns(reading["urls"]), request: request, prompt: reading["prompt"]?.string ?? ""))
        }
    }
}
