// RFC 9309, read as Google's open-sourced reference reads it, since that is what sites test their files against. Where it goes beyond the
// RFC: common misspellings of the keys, a missing colon between exactly two words, "index.html" for "/" in allow rules.
//
// A file is read in one pass, and what is kept of it are places in its bytes: a verdict on a file that was just fetched costs little more
// than looking at each byte once. Numbers and text are made of places when they are asked for.

/// A robots.txt file: groups of rules, each for some agents.
package struct RobotsFile: Sendable {
    /// Bytes that are read; what stands after them is ignored (section 2.5).
    package static let limit = 500 * 1024
    /// Bytes of a line that are read, as in the reference.
    private static let lineLimit = 16_663

    /// Some bytes of the file.
    private struct Place: Sendable {
        var start: Int32
        var count: Int32

        init(_ range: Range<Int>) { (start, count) = (Int32(truncatingIfNeeded: range.lowerBound), Int32(truncatingIfNeeded: range.count)) }

        var range: Range<Int> { Int(start)..<Int(start &+ count) }
    }

    /// A line that names an agent.
    private struct Agent: Sendable {
        /// The product token as it is written; empty where the line is for everyone.
        var token: Place
        var isForAll: Bool
        /// Number of its group of rules. As in the reference, only rules end a list of agents.
        var group: Int32
        /// Number of its group of delays, which end a list of agents here: "Crawl-delay" between two agents belongs to the first.
        var delayGroup: Int32
    }

    private struct Rule: Sendable {
        /// In `rewritten` where `isRewritten`. "*" and a "$" at the end have their meaning unless `isPlain`.
        var pattern: Place
        var lineStart: Int32
        /// From 1.
        var line: Int32
        var group: Int32
        var isAllow: Bool
        var isPlain = true
        var isRewritten = false
    }

    private struct Delay: Sendable {
        var value: Place
        var isRate: Bool
        var group: Int32
    }

    private let bytes: [UInt8]
    /// Patterns that are not in the form that section 2.2.2 asks for, in that form.
    private var rewritten: [UInt8] = []
    private var agents: [Agent] = []
    private var rules: [Rule] = []
    private var delays: [Delay] = []
    private var sitemapPlaces: [Place] = []

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes.count > RobotsFile.limit ? Array(bytes.prefix(RobotsFile.limit)) : bytes
        rules.reserveCapacity(min(self.bytes.count / 32, 1_000))
        read()
    }

    package init(_ bytes: some Sequence<UInt8>) { self.init(Array(bytes)) }

    package init(_ text: String) { self.init(Array(text.utf8)) }
}

/// Whether an agent may ask for an address, and which line says so.
package struct RobotsVerdict: Sendable, Hashable {
    package var isAllowed: Bool
    /// The deciding line as it stands in the file; nil where no rule matched.
    package var rule: String?
    /// From 1; 0 where no rule matched.
    package var line: Int
    /// The group that was used: the agent's own, that for all, or none.
    package var group: Group

    package enum Group: String, Sendable {
        case own, all, none
    }

    package init(isAllowed: Bool, rule: String?, line: Int, group: Group) {
        self.isAllowed = isAllowed
        self.rule = rule
        self.line = line
        self.group = group
    }
}

// MARK: - What is asked of it

extension RobotsFile {
    /// - Parameters:
    ///   - agent: the product token alone ("Gleaner"), compared without case.
    ///   - url: absolute, percent-encoded.
    package func verdict(for agent: String, on url: String) -> RobotsVerdict {
        let agent = Array(agent.utf8)
        let path = RobotsFile.path(of: Array(url.utf8))
        let kind = kind(of: agent)
        var allow = (length: -1, rule: 0)
        var disallow = (length: -1, rule: 0)
        var at = 0
        // Rules stand in the order of their groups, and so do agents.
        for chosen in agents where isChosen(chosen, kind, agent) {
            while at < rules.count, rules[at].group < chosen.group { at += 1 }
            while at < rules.count, rules[at].group == chosen.group {
                let length = matchLength(rules[at], path)
                if rules[at].isAllow {
                    if length > allow.length { allow = (length, at) }
                } else if length > disallow.length {
                    disallow = (length, at)
                }
                at += 1
            }
        }
        // The longest pattern decides; between equals the one that allows (section 2.2.2). An empty pattern decides nothing.
        let isAllowed = max(allow.length, disallow.length) <= 0 || allow.length >= disallow.length
        let winner = isAllowed ? allow : disallow
        guard winner.length > 0 else { return RobotsVerdict(isAllowed: isAllowed, rule: nil, line: 0, group: kind) }
        let rule = rules[winner.rule]
        return RobotsVerdict(isAllowed: isAllowed, rule: line(from: Int(rule.lineStart)), line: Int(rule.line), group: kind)
    }

    /// Seconds between requests that the agent's group asks for: the largest of `Crawl-delay` and `Request-rate`, a day at most. Hours of
    /// the day behind a rate ("1/10s 0600-0845") are not looked at, so that it counts all day.
    package func crawlDelay(for agent: String) -> Double? {
        let agent = Array(agent.utf8)
        let kind = kind(of: agent)
        var longest: Double?
        var at = 0
        for chosen in agents where isChosen(chosen, kind, agent) {
            while at < delays.count, delays[at].group <= chosen.delayGroup {
                let delay = delays[at]
                at += 1
                guard delay.group == chosen.delayGroup else { continue }
                let value = bytes[delay.value.range]
                guard let seconds = delay.isRate ? RobotsFile.secondsPerRequest(value) : RobotsFile.seconds(value) else { continue }
                longest = max(longest ?? 0, seconds)
            }
        }
        return longest
    }

    /// Addresses of sitemaps in file order, each once; they belong to no group. Relative ones, which the protocol doesn't know but sites
    /// write, are made absolute. Others than http and https are left out.
    /// - Parameter origin: of the file, as "https://a.example".
    package func sitemaps(of origin: String) -> [String] {
        var seen: Set<String> = []
        return sitemapPlaces.compactMap { place in
            let value = String(decoding: bytes[place.range], as: UTF8.self)
            guard let url = RobotsFile.absolute(value, origin), seen.insert(url).inserted else { return nil }
            return url
        }
    }

    /// A robots.txt file stands at the root, so that what is relative is so to the root.
    private static func absolute(_ reference: String, _ origin: String) -> String? {
        if reference.isEmpty { return nil }
        let start = reference.prefix(8).lowercased()
        if start.hasPrefix("http://") || start.hasPrefix("https://") { return reference }
        if reference.hasPrefix("//") { return origin.prefix { $0 != "/" } + reference }
        if reference.hasPrefix("/") { return origin + reference }
        // Some other scheme (RFC 3986 section 3.1).
        let hasScheme = reference.first { $0 == ":" || $0 == "/" || $0 == "?" } == ":"
        return hasScheme ? nil : origin + "/" + reference
    }

    /// All groups of the agent count, merged (section 2.2.1), else all groups for everyone.
    private func kind(of agent: [UInt8]) -> RobotsVerdict.Group {
        var kind = RobotsVerdict.Group.none
        for line in agents {
            if line.isForAll { kind = .all } else if isToken(line.token, agent) { return .own }
        }
        return kind
    }

    private func isChosen(_ line: Agent, _ kind: RobotsVerdict.Group, _ agent: [UInt8]) -> Bool {
        kind == .own ? !line.isForAll && isToken(line.token, agent) : line.isForAll
    }

    private func isToken(_ token: Place, _ agent: [UInt8]) -> Bool {
        guard Int(token.count) == agent.count else { return false }
        for at in agent.indices where RobotsFile.small(bytes[Int(token.start) + at]) != RobotsFile.small(agent[at]) { return false }
        return true
    }

    /// For people: the beginning of an endless line.
    private func line(from start: Int) -> String {
        String(decoding: bytes[start...].prefix(2_000).prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
    }
}

// MARK: - Matching

extension RobotsFile {
    /// Length of the pattern where it matches, else -1.
    private func matchLength(_ rule: Rule, _ path: [UInt8]) -> Int {
        let text = rule.isRewritten ? rewritten.span : bytes.span
        var pattern = rule.pattern.range
        let length = pattern.count
        let isAnchored = !rule.isPlain && text[pattern.upperBound - 1] == UInt8(ascii: "$")
        if isAnchored { pattern = pattern.lowerBound..<(pattern.upperBound - 1) }
        if RobotsFile.matches(text, pattern, isAnchored: isAnchored, path.span) { return length }
        guard rule.isAllow, let slash = pattern.last(where: { text[$0] == UInt8(ascii: "/") }) else { return -1 }
        guard RobotsFile.begins(text, slash..<pattern.upperBound, with: "/index.htm", ignoringCase: false) else { return -1 }
        let folder = pattern.lowerBound..<(slash + 1)
        return RobotsFile.matches(text, folder, isAnchored: true, path.span) ? folder.count + 1 : -1
    }

    /// The pattern matches a beginning of the path, or all of it where it is anchored; "*" stands for anything.
    private static func matches(_ text: Span<UInt8>, _ pattern: Range<Int>, isAnchored: Bool, _ path: Span<UInt8>) -> Bool {
        var at = pattern.lowerBound
        var place = 0
        // The last star, and where what follows it was tried. Earlier ones are done with: leftmost places leave the most room.
        var star = -1
        var tried = 0
        while true {
            if at == pattern.upperBound {
                if !isAnchored || place == path.count { return true }
            } else if text[at] == UInt8(ascii: "*") {
                at += 1
                (star, tried) = (at, place)
                continue
            } else if place < path.count, text[at] == path[place] {
                at += 1
                place += 1
                continue
            }
            guard star >= 0, tried < path.count else { return false }
            tried += 1
            (at, place) = (star, tried)
        }
    }

    /// Path, parameters and query of an address, with its "/" and without its fragment.
    static func path(of url: [UInt8]) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        func mark(from start: Int) -> Int {
            url[start...].firstIndex { $0 == slash || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: ";") } ?? url.count
        }
        let start = url.count > 1 && url[0] == slash && url[1] == slash ? 2 : 0
        var begin = mark(from: start)
        // The mark may be that of "://".
        if begin > start, begin + 1 < url.count, url[begin - 1] == UInt8(ascii: ":"), url[begin] == slash, url[begin + 1] == slash {
            begin = mark(from: begin + 2)
        }
        let hash = url[start...].firstIndex(of: UInt8(ascii: "#")) ?? url.count
        guard begin < url.count, hash > begin else { return [slash] }
        return url[begin] == slash ? Array(url[begin..<hash]) : [slash] + url[begin..<hash]
    }
}

// MARK: - Reading lines

extension RobotsFile {
    private enum Key { case agent, allow, disallow, sitemap, crawlDelay, requestRate }

    private mutating func read() {
        let bytes = bytes
        let text = bytes.span
        let end = text.count
        var at = 0
        // A byte order mark, or what is left of one.
        for byte in [0xEF, 0xBB, 0xBF] as [UInt8] { if at < end, text[at] == byte { at += 1 } else { break } }
        var line: Int32 = 0
        var group: Int32 = -1
        var delayGroup: Int32 = -1
        var isOpen = false
        var isDelayOpen = false
        // Also what stands behind the last line end is a line.
        while at <= end {
            line += 1
            let start = at
            var colon = end
            var stop = end
            var isPlain = true
            scan: while at < end {
                let byte = text[at]
                guard RobotsFile.isSpecial(byte) else {
                    at += 1
                    continue
                }
                switch byte {
                case 10, 13:
                    stop = at
                    break scan
                case UInt8(ascii: "#"), 0:
                    stop = at
                    while at < end, text[at] != 10, text[at] != 13 { at += 1 }
                    break scan
                case UInt8(ascii: ":"):
                    if colon == end { (colon, isPlain) = (at, true) }
                default: isPlain = false
                }
                at += 1
            }
            if at < end, text[at] == 13, at + 1 < end, text[at + 1] == 10 { at += 1 }
            at += 1
            stop = min(stop, start + RobotsFile.lineLimit)
            guard let (key, value) = RobotsFile.keyAndValue(text, start..<stop, colon: colon) else { continue }
            switch key {
            case .agent:
                if !isOpen { group += 1 }
                if !isDelayOpen { delayGroup += 1 }
                (isOpen, isDelayOpen) = (true, true)
                agents.append(RobotsFile.agent(text, value, group, delayGroup))
            case .allow, .disallow:
                guard group >= 0 else { continue }
                (isOpen, isDelayOpen) = (false, false)
                var rule = Rule(
                    pattern: Place(value), lineStart: Int32(truncatingIfNeeded: start), line: line, group: group, isAllow: key == .allow)
                if !isPlain { normalize(&rule, text) }
                rules.append(rule)
            case .crawlDelay, .requestRate:
                guard delayGroup >= 0 else { continue }
                isDelayOpen = false
                delays.append(Delay(value: Place(value), isRate: key == .requestRate, group: delayGroup))
            case .sitemap: sitemapPlaces.append(Place(value))
            }
        }
    }

    /// Those that may end a line or its key, or have a meaning in a pattern.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        let below64: UInt64 = 1 << 0 | 1 << 10 | 1 << 13 | 1 << 0x23 | 1 << 0x24 | 1 << 0x25 | 1 << 0x2A | 1 << 0x3A
        return byte < 64 ? below64 >> UInt64(byte) & 1 != 0 : byte >= 0x80
    }

    /// - Parameter colon: the first of the line; behind it where there is none.
    private static func keyAndValue(_ text: Span<UInt8>, _ line: Range<Int>, colon: Int) -> (Key, Range<Int>)? {
        let line = trimmed(text, line)
        guard !line.isEmpty else { return nil }
        var end = colon
        if colon >= line.upperBound {
            // "Disallow /private": exactly two words.
            guard let space = line.first(where: { isBlank(text[$0]) }) else { return nil }
            guard let word = (space..<line.upperBound).first(where: { !isBlank(text[$0]) }) else { return nil }
            guard !(word..<line.upperBound).contains(where: { isBlank(text[$0]) }) else { return nil }
            end = space
        }
        guard let key = key(text, line.lowerBound..<end) else { return nil }
        return (key, trimmed(text, (end + 1)..<line.upperBound))
    }

    private static func key(_ text: Span<UInt8>, _ name: Range<Int>) -> Key? {
        func begins(_ word: StaticString) -> Bool { RobotsFile.begins(text, name, with: word, ignoringCase: true) }
        switch small(text[name.lowerBound]) {
        case UInt8(ascii: "a"): return begins("allow") ? .allow : nil
        case UInt8(ascii: "c"): return begins("crawl-delay") ? .crawlDelay : nil
        case UInt8(ascii: "d"):
            return begins("disallow") || begins("dissallow") || begins("dissalow") || begins("disalow") || begins("diasllow")
                || begins("disallaw") ? .disallow : nil
        case UInt8(ascii: "r"): return begins("request-rate") ? .requestRate : nil
        case UInt8(ascii: "s"): return begins("sitemap") || begins("site-map") ? .sitemap : nil
        case UInt8(ascii: "u"): return begins("user-agent") || begins("useragent") || begins("user agent") ? .agent : nil
        default: return nil
        }
    }

    /// "FooBot/1.0" → "FooBot" (section 2.2.1: letters, "_" and "-"); "*", also with words behind it, is everyone.
    private static func agent(_ text: Span<UInt8>, _ value: Range<Int>, _ group: Int32, _ delayGroup: Int32) -> Agent {
        let isStar = !value.isEmpty && text[value.lowerBound] == UInt8(ascii: "*")
        let isForAll = isStar && (value.count == 1 || isSpace(text[value.lowerBound + 1]))
        let end = value.first { at in
            !(97...122).contains(small(text[at])) && text[at] != UInt8(ascii: "_") && text[at] != UInt8(ascii: "-")
        }
        let token = value.lowerBound..<(end ?? value.upperBound)
        return Agent(token: Place(token), isForAll: isForAll, group: group, delayGroup: delayGroup)
    }

    /// Bytes that are not ASCII are percent-encoded, hexadecimal digits of what is encoded already become capitals.
    private mutating func normalize(_ rule: inout Rule, _ text: Span<UInt8>) {
        let value = rule.pattern.range
        guard let last = value.last else { return }
        rule.isPlain = text[last] != UInt8(ascii: "$") && !value.contains { text[$0] == UInt8(ascii: "*") }
        func isHex(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(RobotsFile.small(byte)) }
        func isEncoded(_ at: Int) -> Bool {
            text[at] == UInt8(ascii: "%") && at + 2 < value.upperBound && isHex(text[at + 1]) && isHex(text[at + 2])
        }
        func isSmall(_ at: Int) -> Bool { (97...102).contains(text[at]) }
        guard value.contains(where: { text[$0] >= 0x80 || isEncoded($0) && (isSmall($0 + 1) || isSmall($0 + 2)) }) else { return }
        let digits: StaticString = "0123456789ABCDEF"
        let start = rewritten.count
        var at = value.lowerBound
        while at < value.upperBound {
            if isEncoded(at) {
                for byte in [text[at], text[at + 1], text[at + 2]] { rewritten.append((97...102).contains(byte) ? byte - 32 : byte) }
                at += 3
            } else {
                let byte = text[at]
                if byte >= 0x80 {
                    rewritten += [UInt8(ascii: "%"), digits.utf8Start[Int(byte >> 4)], digits.utf8Start[Int(byte & 15)]]
                } else {
                    rewritten.append(byte)
                }
                at += 1
            }
        }
        rule.pattern = Place(start..<rewritten.count)
        rule.isRewritten = true
    }

    /// - Parameter word: in small letters.
    private static func begins(_ text: Span<UInt8>, _ place: Range<Int>, with word: StaticString, ignoringCase: Bool) -> Bool {
        guard place.count >= word.utf8CodeUnitCount else { return false }
        for at in 0..<word.utf8CodeUnitCount {
            let byte = text[place.lowerBound + at]
            if (ignoringCase ? small(byte) : byte) != word.utf8Start[at] { return false }
        }
        return true
    }

    private static func small(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    private static func trimmed(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isSpace(text[start]) { start += 1 }
        while start < end, isSpace(text[end - 1]) { end -= 1 }
        return start..<end
    }

    // MARK: Numbers

    /// Digits, perhaps with a point; nothing else is a number here.
    private static func number(_ text: ArraySlice<UInt8>) -> Double? {
        guard text.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        return Double(String(decoding: text, as: UTF8.self))
    }

    private static func seconds(_ value: ArraySlice<UInt8>) -> Double? { number(value).map { min($0, 86_400) } }

    /// "1/5" or "1/5s", "2/1m": requests in a time.
    private static func secondsPerRequest(_ value: ArraySlice<UInt8>) -> Double? {
        let parts = value.prefix { !isSpace($0) }.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, let requests = number(parts[0]), requests > 0, requests.isFinite else { return nil }
        let unit: (seconds: Double, isWritten: Bool) =
            switch parts[1].last.map(small) {
            case UInt8(ascii: "s"): (1, true)
            case UInt8(ascii: "m"): (60, true)
            case UInt8(ascii: "h"): (3600, true)
            default: (1, false)
            }
        return number(unit.isWritten ? parts[1].dropLast() : parts[1]).map { min($0 * unit.seconds / requests, 86_400) }
    }
}
