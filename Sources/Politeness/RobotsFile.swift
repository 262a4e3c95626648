// RFC 9309, read as Google's open-sourced reference reads it, since that is what sites test their files against. Where it goes beyond the
// RFC: common misspellings of the keys, a missing colon between exactly two words, "index.html" for "/" in allow rules.

/// A robots.txt file: groups of rules, each for some agents.
package struct RobotsFile: Sendable {
    /// Bytes that are read; what stands after them is ignored (section 2.5).
    package static let limit = 500 * 1024

    struct Rule: Sendable {
        var isAllow: Bool
        /// Percent-encoded as section 2.2.2 asks; "*" and a "$" at the end have their meaning.
        var pattern: [UInt8]
        var line: Int
    }

    struct Group: Sendable {
        /// Product tokens in lower case.
        var agents: Set<String> = []
        var isForAll = false
        var rules: [Rule] = []
        /// Seconds that `Crawl-delay` and `Request-rate` ask for.
        var delays: [Double] = []

        init() {}
    }

    /// Rules by group. As in the reference, only rules end a list of agents.
    private(set) var groups: [Group] = []
    /// Delays by group, which end a list of agents here: "Crawl-delay" between two agents belongs to the first.
    private var delayGroups: [Group] = []
    /// In file order; they belong to no group.
    package private(set) var sitemaps: [String] = []
    private let lines: [String]

    package init(_ bytes: some Sequence<UInt8>) {
        var all = Array(bytes.prefix(RobotsFile.limit))
        // A byte order mark, or what is left of one.
        for byte in [0xEF, 0xBB, 0xBF] as [UInt8] { if all.first == byte { all.removeFirst() } else { break } }
        var lines: [String] = []
        var isOpen = false
        var isDelayOpen = false
        for raw in RobotsFile.split(all) {
            lines.append(String(decoding: raw.prefix(2_000), as: UTF8.self))
            guard let (key, value) = RobotsFile.keyAndValue(raw.prefix(16_663)) else { continue }
            switch key {
            case .agent:
                if !isOpen { groups.append(Group()) }
                if !isDelayOpen { delayGroups.append(Group()) }
                (isOpen, isDelayOpen) = (true, true)
                groups[groups.count - 1].add(agent: value)
                delayGroups[delayGroups.count - 1].add(agent: value)
            case .allow, .disallow:
                guard !groups.isEmpty else { continue }
                (isOpen, isDelayOpen) = (false, false)
                groups[groups.count - 1].rules.append(
                    Rule(isAllow: key == .allow, pattern: RobotsFile.escaped(value), line: lines.count))
            case .crawlDelay, .requestRate:
                guard !delayGroups.isEmpty else { continue }
                isDelayOpen = false
                let seconds = key == .crawlDelay ? RobotsFile.seconds(value) : RobotsFile.secondsPerRequest(value)
                if let seconds { delayGroups[delayGroups.count - 1].delays.append(seconds) }
            case .sitemap: sitemaps.append(String(decoding: value, as: UTF8.self))
            }
        }
        self.lines = lines
    }

    package init(_ text: String) { self.init(text.utf8) }
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

extension RobotsFile {
    /// - Parameters:
    ///   - agent: the product token alone ("Gleaner"), compared without case.
    ///   - url: absolute, percent-encoded.
    package func verdict(for agent: String, on url: String) -> RobotsVerdict {
        let path = RobotsFile.path(of: Array(url.utf8))
        let (chosen, kind) = RobotsFile.chosen(of: groups, for: agent)
        var allow = (length: -1, line: 0)
        var disallow = (length: -1, line: 0)
        for group in chosen {
            for rule in group.rules {
                let length = RobotsFile.matchLength(rule, path)
                if rule.isAllow {
                    if length > allow.length { allow = (length, rule.line) }
                } else if length > disallow.length {
                    disallow = (length, rule.line)
                }
            }
        }
        // The longest pattern decides; between equals the one that allows (section 2.2.2). An empty pattern decides nothing.
        let isAllowed = max(allow.length, disallow.length) <= 0 || allow.length >= disallow.length
        let winner = isAllowed ? allow : disallow
        let line = winner.length > 0 ? winner.line : 0
        return RobotsVerdict(isAllowed: isAllowed, rule: line > 0 ? lines[line - 1] : nil, line: line, group: kind)
    }

    /// Seconds between requests that the agent's group asks for; the larger of `Crawl-delay` and `Request-rate`.
    package func crawlDelay(for agent: String) -> Double? {
        RobotsFile.chosen(of: delayGroups, for: agent).groups.flatMap(\.delays).max()
    }

    /// All groups of the agent, merged (section 2.2.1), else all groups for everyone.
    private static func chosen(of groups: [Group], for agent: String) -> (groups: [Group], RobotsVerdict.Group) {
        let own = groups.filter { $0.agents.contains(agent.lowercased()) }
        if !own.isEmpty { return (own, .own) }
        let all = groups.filter(\.isForAll)
        return (all, all.isEmpty ? .none : .all)
    }
}

extension RobotsFile.Group {
    fileprivate mutating func add(agent value: ArraySlice<UInt8>) {
        if value.first == UInt8(ascii: "*"), value.count == 1 || RobotsFile.isSpace(value[value.startIndex + 1]) {
            isForAll = true
        } else {
            agents.insert(RobotsFile.token(value))
        }
    }
}

// MARK: - Matching

extension RobotsFile {
    /// Length of the pattern where it matches, else -1.
    private static func matchLength(_ rule: Rule, _ path: [UInt8]) -> Int {
        if matches(rule.pattern[...], path) { return rule.pattern.count }
        guard rule.isAllow, let slash = rule.pattern.lastIndex(of: UInt8(ascii: "/")) else { return -1 }
        guard rule.pattern[slash...].starts(with: "/index.htm".utf8) else { return -1 }
        let folder = rule.pattern[...slash] + [UInt8(ascii: "$")]
        return matches(folder, path) ? folder.count : -1
    }

    /// The pattern matches a beginning of the path; "*" stands for anything, "$" at the end for the path's end.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ path: [UInt8]) -> Bool {
        let isAnchored = pattern.last == UInt8(ascii: "$")
        let parts = (isAnchored ? pattern.dropLast() : pattern).split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        guard let first = parts.first, path.starts(with: first) else { return false }
        var at = first.count
        if parts.count == 1 { return !isAnchored || at == path.count }
        // Leftmost places leave the most room for what follows; only the last part may be tied to the end.
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = position(of: part, in: path, from: at) else { return false }
            at = found + part.count
        }
        guard let last = parts.last, !last.isEmpty else { return true }
        if isAnchored { return path.count - at >= last.count && path[(path.count - last.count)...].elementsEqual(last) }
        return position(of: last, in: path, from: at) != nil
    }

    private static func position(of part: ArraySlice<UInt8>, in path: [UInt8], from start: Int) -> Int? {
        guard path.count - start >= part.count, let first = part.first else { return nil }
        for at in start...(path.count - part.count) where path[at] == first {
            if path[at..<(at + part.count)].elementsEqual(part) { return at }
        }
        return nil
    }

    /// Path, parameters and query of an address, with its "/" and without its fragment.
    static func path(of url: [UInt8]) -> [UInt8] {
        func first(_ set: [UInt8], from start: Int) -> Int { url[min(start, url.count)...].firstIndex { set.contains($0) } ?? url.count }
        let marks = Array("/?;".utf8)
        let start = url.starts(with: "//".utf8) ? 2 : 0
        let early = first(marks, from: start)
        var authority = start
        if let scheme = url[start...].indices.first(where: { url[$0...].starts(with: "://".utf8) }), scheme <= early { authority = scheme + 3 }
        let begin = first(marks, from: authority)
        let hash = url[start...].firstIndex(of: UInt8(ascii: "#")) ?? url.count
        guard begin < url.count, hash > begin else { return [UInt8(ascii: "/")] }
        let path = url[begin..<hash]
        return path.first == UInt8(ascii: "/") ? Array(path) : [UInt8(ascii: "/")] + path
    }
}

// MARK: - Reading lines

extension RobotsFile {
    private enum Key { case agent, allow, disallow, sitemap, crawlDelay, requestRate }

    private static let keys: [(spelling: String, key: Key)] = [
        ("user-agent", .agent), ("useragent", .agent), ("user agent", .agent), ("allow", .allow), ("disallow", .disallow),
        ("dissallow", .disallow), ("dissalow", .disallow), ("disalow", .disallow), ("diasllow", .disallow), ("disallaw", .disallow),
        ("sitemap", .sitemap), ("site-map", .sitemap), ("crawl-delay", .crawlDelay), ("request-rate", .requestRate),
    ]

    /// LF, CR, or CR LF end a line.
    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var at = 0
        while at < bytes.count {
            if bytes[at] == 10 || bytes[at] == 13 {
                lines.append(bytes[start..<at])
                if bytes[at] == 13, at + 1 < bytes.count, bytes[at + 1] == 10 { at += 1 }
                start = at + 1
            }
            at += 1
        }
        lines.append(bytes[start...])
        return lines
    }

    private static func keyAndValue(_ line: ArraySlice<UInt8>) -> (Key, ArraySlice<UInt8>)? {
        let line = trimmed(line.prefix { $0 != UInt8(ascii: "#") && $0 != 0 })
        var end: Int
        if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            end = colon
        } else {
            // "Disallow /private": exactly two words.
            guard let space = line.firstIndex(where: { $0 == 32 || $0 == 9 }) else { return nil }
            let rest = line[space...].drop { $0 == 32 || $0 == 9 }
            guard !rest.contains(where: { $0 == 32 || $0 == 9 }) else { return nil }
            end = space
        }
        let name = String(decoding: trimmed(line[..<end]), as: UTF8.self).lowercased()
        guard let key = keys.first(where: { name.hasPrefix($0.spelling) })?.key else { return nil }
        end += 1
        return (key, trimmed(line[min(end, line.endIndex)...]))
    }

    fileprivate static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return bytes
    }

    /// "FooBot/1.0" → "foobot" (section 2.2.1: letters, "_" and "-").
    fileprivate static func token(_ value: ArraySlice<UInt8>) -> String {
        let token = value.prefix { byte in
            (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        return String(decoding: token, as: UTF8.self).lowercased()
    }

    /// Bytes that are not ASCII are percent-encoded, hexadecimal digits of what is encoded already become capitals.
    private static func escaped(_ value: ArraySlice<UInt8>) -> [UInt8] {
        let hex = Array("0123456789ABCDEF".utf8)
        func isHex(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte) }
        func capital(_ byte: UInt8) -> UInt8 { (97...102).contains(byte) ? byte - 32 : byte }
        var out: [UInt8] = []
        var at = value.startIndex
        while at < value.endIndex {
            let byte = value[at]
            if byte == UInt8(ascii: "%"), at + 2 < value.endIndex, isHex(value[at + 1]), isHex(value[at + 2]) {
                out += [byte, capital(value[at + 1]), capital(value[at + 2])]
                at += 3
                continue
            }
            if byte >= 0x80 { out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]] } else { out.append(byte) }
            at += 1
        }
        return out
    }

    private static func seconds(_ value: ArraySlice<UInt8>) -> Double? {
        guard let seconds = Double(String(decoding: value, as: UTF8.self)), seconds >= 0, seconds.isFinite else { return nil }
        return min(seconds, 86_400)
    }

    /// "1/5" or "1/5s", "2/1m": requests in a time.
    private static func secondsPerRequest(_ value: ArraySlice<UInt8>) -> Double? {
        let word = value.prefix { !isSpace($0) }
        let parts = word.split(separator: UInt8(ascii: "/"))
        guard parts.count == 2, let requests = Double(String(decoding: parts[0], as: UTF8.self)), requests > 0 else { return nil }
        var unit = 1.0
        var time = parts[1]
        switch time.last {
        case UInt8(ascii: "s"): time.removeLast()
        case UInt8(ascii: "m"): (unit, time) = (60, time.dropLast())
        case UInt8(ascii: "h"): (unit, time) = (3600, time.dropLast())
        default: break
        }
        return seconds(time).map { min($0 * unit / requests, 86_400) }
    }
}
