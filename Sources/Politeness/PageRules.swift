// What a page says about its use: `X-Robots-Tag` headers and `<meta name="robots">`, as Google documents them, since that is whom pages
// write them for. Of all that applies to us, what asks for most counts: a line for our own token adds to those for everyone and takes
// nothing away.
//
//   noindex            the page is not kept
//   nofollow           its links are not followed
//   none               both
//   unavailable_after  it is not kept from that moment on
//   noarchive, nosnippet  are about how search engines show a page; they are noted, so that an operator sees them, and change nothing
//
// Whatever else there is (all, index, follow, indexifembedded, max-snippet, …) allows what is allowed anyway, or is about search results.

/// Whether a page may be kept and its links followed, as the page itself says. Times are microseconds since 1970.
package struct PageRules: Sendable, Hashable {
    /// Whoever says it: an operator sees it as it stands in the page.
    package struct Source: Sendable, Hashable {
        package enum Place: Sendable, Hashable {
            case header
            /// With the name, in small letters: "robots" or our token.
            case meta(String)
        }

        package enum Effect: Sendable, Hashable {
            case notKept
            case notFollowed
            case neither
            /// Not kept from then on.
            case keptUntil(Int64)
            /// A date that can't be read: nothing follows from it.
            case unreadable
            /// Nothing follows from it here.
            case noted
        }

        package var place: Place
        /// As it is written, without the agent before it.
        package var directive: String
        package var effect: Effect
    }

    /// False where the page must not be stored, or no longer.
    package private(set) var mayKeep = true
    package private(set) var mayFollow = true
    /// The earliest moment after which the page is not to be kept, whether it has come or not.
    package private(set) var unavailableAfter: Int64?
    /// All that applies to us and says something, headers first.
    package private(set) var sources: [Source] = []

    /// Characters that are read of a header or meta, and how many of each are read.
    private static let longest = 4_096
    private static let most = 64

    /// - Parameters:
    ///   - headers: values of `X-Robots-Tag`, each header's or joined by commas.
    ///   - metas: all of the page's `<meta name content>`; those with other names are passed over.
    ///   - token: our product token ("Gleaner"), compared without case.
    package init(headers: [String], metas: [(name: String, content: String)], token: String, now: Int64) {
        let token = token.lowercased()
        for header in headers.prefix(PageRules.most) { read(header, at: .header, token: token, now: now) }
        let ours = metas.lazy.map { (name: $0.name.trimmed.lowercased(), content: $0.content) }
            .filter { $0.name == "robots" || $0.name == token }
        for meta in ours.prefix(PageRules.most) { read(meta.content, at: .meta(meta.name), token: token, now: now) }
    }

    /// Nil where the page restricts nothing and everything could be read.
    package var reason: String? {
        let said = [
            quoted("it may not be kept", \.forbidsKeeping), quoted("it may not be kept after its time", \.limitsKeeping),
            quoted("its links may not be followed", \.forbidsFollowing),
            quoted("the date can't be read and counts for nothing", { $0 == .unreadable }),
        ].compactMap { $0 }
        return said.isEmpty ? nil : said.joined(separator: "; ")
    }

    private func quoted(_ what: String, _ isMeant: (Source.Effect) -> Bool) -> String? {
        let said = sources.filter { isMeant($0.effect) }.prefix(3).map(\.description)
        return said.isEmpty ? nil : what + ": " + said.joined(separator: ", ")
    }
}

extension PageRules.Source: CustomStringConvertible {
    package var description: String {
        switch place {
        case .header: "X-Robots-Tag says \"\(directive)\""
        case .meta(let name): "<meta name=\"\(name)\"> says \"\(directive)\""
        }
    }
}

extension PageRules.Source.Effect {
    fileprivate var forbidsKeeping: Bool { self == .notKept || self == .neither }
    fileprivate var forbidsFollowing: Bool { self == .notFollowed || self == .neither }
    fileprivate var limitsKeeping: Bool { if case .keptUntil = self { true } else { false } }
}

// MARK: - Reading

extension PageRules {
    private mutating func read(_ text: String, at place: Source.Place, token: String, now: Int64) {
        let parts = text.prefix(PageRules.longest).split(separator: ",", maxSplits: 256)
        var isOurs = true
        var at = 0
        while at < parts.count {
            var part = parts[at].trimmed
            at += 1
            // "googlebot: nofollow, noindex": all that follows is for that agent, until another is named.
            if place == .header, let colon = part.firstIndex(of: ":"), let agent = PageRules.agent(part[..<colon]) {
                isOurs = agent == "*" || agent == "robots" || agent == token
                part = part[part.index(after: colon)...].trimmed
            }
            if let date = PageRules.date(part) {
                let (written, moment, used) = PageRules.moment(date, parts[at...], now: now)
                at += used
                if isOurs { take("unavailable_after: \(written)", at: place, moment.map(Source.Effect.keptUntil) ?? .unreadable, now: now) }
            } else if isOurs, !part.contains(":") {
                // Some write spaces or semicolons for commas.
                for word in part.split(whereSeparator: { $0 == ";" || $0.isWhitespace }) {
                    if let effect = PageRules.effects[word.lowercased()] { take(String(word), at: place, effect, now: now) }
                }
            }
        }
    }

    private mutating func take(_ directive: String, at place: Source.Place, _ effect: Source.Effect, now: Int64) {
        if case .keptUntil(let moment) = effect {
            unavailableAfter = min(unavailableAfter ?? moment, moment)
            if moment <= now { mayKeep = false }
        }
        if effect.forbidsKeeping { mayKeep = false }
        if effect.forbidsFollowing { mayFollow = false }
        let source = Source(place: place, directive: directive, effect: effect)
        if sources.count < PageRules.most, !sources.contains(source) { sources.append(source) }
    }

    private static let effects: [String: Source.Effect] = [
        "noindex": .notKept, "nofollow": .notFollowed, "none": .neither, "noarchive": .noted, "nosnippet": .noted,
    ]

    /// Directives that have a value behind a colon themselves.
    private static let valued: Set<String> = ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"]

    /// The agent that a word before a colon is, in small letters; nil where it is none.
    private static func agent(_ text: Substring) -> String? {
        let word = text.trimmed.lowercased()
        guard let first = word.utf8.first, (97...122).contains(first) || word == "*", !valued.contains(word) else { return nil }
        return word.contains(where: \.isWhitespace) ? nil : word
    }

    /// What follows `unavailable_after`.
    private static func date(_ part: Substring) -> Substring? {
        let name = "unavailable_after"
        guard part.prefix(name.count).lowercased() == name else { return nil }
        let rest = part.dropFirst(name.count).trimmed
        return rest.first == ":" ? rest.dropFirst().trimmed : nil
    }

    /// Dates have commas of their own: as many of the following parts belong to it as make a date with it, else those that can't be
    /// anything else.
    private static func moment(
        _ first: Substring, _ following: ArraySlice<Substring>, now: Int64
    ) -> (written: String, moment: Int64?, used: Int) {
        var written = String(first)
        var best = (written: written, moment: WrittenDate.microseconds(first, now: now), used: 0)
        for (used, part) in following.prefix(2).enumerated() {
            let part = part.trimmed
            if effects[part.lowercased()] != nil || date(part) != nil { break }
            if let colon = part.firstIndex(of: ":"), agent(part[..<colon]) != nil { break }
            written += ", " + part
            let moment = WrittenDate.microseconds(written, now: now)
            if moment != nil || best.moment == nil && part.first?.isNumber == true { best = (written, moment, used + 1) }
        }
        best.written = String(best.written.prefix(80))
        return best
    }
}

// MARK: - Links

/// What the `rel` of a link says about following it. Search engines take it for a hint; whether to follow is the caller's to decide.
package struct LinkRelation: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let nofollow = LinkRelation(rawValue: 1)
    /// Written by the site's users.
    package static let ugc = LinkRelation(rawValue: 2)
    /// Paid for.
    package static let sponsored = LinkRelation(rawValue: 4)

    /// Reads the attribute's value: words between spaces or commas, in any case.
    package init(rel: String) {
        self = []
        for word in rel.prefix(1_000).split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            switch word.lowercased() {
            case "nofollow": insert(.nofollow)
            case "ugc": insert(.ugc)
            case "sponsored": insert(.sponsored)
            default: break
            }
        }
    }
}

extension StringProtocol where SubSequence == Substring {
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
        return start[...last]
    }
}
