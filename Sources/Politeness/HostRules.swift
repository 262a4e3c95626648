import Foundation

/// What the operator says about a host; what is nil is left to the site and to us.
package struct HostRule: Sendable, Hashable, Codable {
    /// Of a burst and of concurrency.
    package static let mostAtOnce = 1_000

    /// At least so many microseconds between two documents; a longer crawl-delay still counts. Less than the usual delay allows us less.
    package private(set) var delay: Int64?
    /// Documents without spacing after a quiet time.
    package private(set) var burst: Int?
    /// Visits at the same time.
    package private(set) var concurrency: Int?
    /// Nobody is sent there before this moment (microseconds since 1970); `Int64.max` is for ever.
    package var parkedUntil: Int64?

    /// Numbers that can't be are brought into range.
    package init(delay: Int64? = nil, burst: Int? = nil, concurrency: Int? = nil, parkedUntil: Int64? = nil) {
        self.delay = delay?.clamped(to: 0...HostClock.longestDelay)
        self.burst = burst?.clamped(to: 1...HostRule.mostAtOnce)
        self.concurrency = concurrency?.clamped(to: 1...HostRule.mostAtOnce)
        self.parkedUntil = parkedUntil
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            delay: try values.decodeIfPresent(Int64.self, forKey: .delay), burst: try values.decodeIfPresent(Int.self, forKey: .burst),
            concurrency: try values.decodeIfPresent(Int.self, forKey: .concurrency),
            parkedUntil: try values.decodeIfPresent(Int64.self, forKey: .parkedUntil))
    }
}

/// Why a rule can't be read; the operator has to change it.
package struct HostRuleError: Error, Hashable, CustomStringConvertible {
    /// From 1; nil where there was one rule only.
    package var line: Int?
    /// What can't be read, as it was written.
    package var part: String
    package var problem: String

    package init(_ part: some StringProtocol, _ problem: String) {
        self.part = part.count > 80 ? part.prefix(80) + "…" : String(part)
        self.problem = problem
    }

    package var description: String { (line.map { "line \($0): " } ?? "") + "\"\(part)\": \(problem)" }
}

// MARK: - One rule as text

extension HostRule: CustomStringConvertible {
    /// Reads `delay=2s`, `burst=5`, `concurrency=3`, `parked=2026-01-31T08:00:00Z` (or `parked=always`), each at most once.
    package init(parts: some Sequence<some StringProtocol>) throws(HostRuleError) {
        self.init()
        var seen: Set<String> = []
        for part in parts {
            let (key, value) = try HostRule.split(part)
            guard seen.insert(key).inserted else { throw HostRuleError(part, "\(key) is there twice") }
            switch key {
            case "delay": delay = try HostRule.time(value, of: part)
            case "burst": burst = try HostRule.count(value, of: part)
            case "concurrency": concurrency = try HostRule.count(value, of: part)
            case "parked": parkedUntil = try HostRule.moment(value, of: part)
            default: throw HostRuleError(part, "there is no such part; a rule has delay, burst, concurrency and parked")
            }
        }
        if seen.isEmpty { throw HostRuleError("", "a rule says at least one of delay, burst, concurrency and parked") }
    }

    /// As it is read.
    package var description: String {
        [
            delay.map { $0 % 1_000_000 == 0 ? "delay=\($0 / 1_000_000)s" : "delay=\(Double($0) / 1_000)ms" }, burst.map { "burst=\($0)" },
            concurrency.map { "concurrency=\($0)" }, parkedUntil.map { "parked=" + HostRule.written($0) },
        ].compactMap { $0 }.joined(separator: " ")
    }

    private static func split(_ part: some StringProtocol) throws(HostRuleError) -> (key: String, value: String) {
        guard let equals = part.firstIndex(of: "=") else { throw HostRuleError(part, "it must be as delay=2s") }
        return (part[..<equals].lowercased(), part[part.index(after: equals)...].lowercased())
    }

    private static func time(_ value: String, of part: some StringProtocol) throws(HostRuleError) -> Int64 {
        let units: [(name: String, size: Double)] = [("ms", 1e3), ("s", 1e6), ("m", 6e7), ("h", 3.6e9)]
        let unit = units.first { value.hasSuffix($0.name) }
        let number = value.dropLast(unit?.name.count ?? 0)
        guard number.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }), let amount = Double(number) else {
            throw HostRuleError(part, "a delay is as 500ms, 2s, 1.5m or 1h")
        }
        // Bare numbers are seconds. What is too large for a number is infinite, and too long.
        let time = amount * (unit?.size ?? 1e6)
        guard time <= Double(HostClock.longestDelay) else { throw HostRuleError(part, "a delay is a day (24h) at most") }
        return Int64(time.rounded())
    }

    private static func count(_ value: String, of part: some StringProtocol) throws(HostRuleError) -> Int {
        guard value.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(value), (1...mostAtOnce).contains(count) else {
            throw HostRuleError(part, "it must be a whole number from 1 to \(mostAtOnce)")
        }
        return count
    }

    private static func moment(_ value: String, of part: some StringProtocol) throws(HostRuleError) -> Int64 {
        if value == "always" { return .max }
        guard let date = try? Date(value.uppercased(), strategy: .iso8601), abs(date.timeIntervalSince1970) < 1e12 else {
            throw HostRuleError(part, "a host is parked until a time as 2026-01-31T08:00:00Z, or always")
        }
        return Int64(date.timeIntervalSince1970 * 1e6)
    }

    private static func written(_ moment: Int64) -> String {
        guard moment.magnitude < 1_000_000_000_000_000_000 else { return "always" }
        return Date(timeIntervalSince1970: (Double(moment) / 1e6).rounded(.up)).formatted(.iso8601)
    }
}

// MARK: - Rules by host

/// The operator's rules, each for the hosts that a pattern names. A clock is that of a registrable domain (of an address, for an IP
/// literal), and goes by its name: patterns are for such names.
package struct HostRules: Sendable, Hashable {
    /// By pattern, as `HostRules.pattern` writes it.
    private var rules: [String: HostRule] = [:]

    package init() {}

    /// Reads one rule a line, `example.com delay=2s concurrency=2`; empty lines, and what follows a "#", say nothing.
    package init(_ text: String) throws(HostRuleError) {
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let first = words.first else { continue }
            do throws(HostRuleError) {
                let pattern = try HostRules.pattern(first)
                guard rules[pattern] == nil else { throw HostRuleError(first, "it has a rule already") }
                guard words.count > 1 else { throw HostRuleError(first, "its rule is missing, as delay=2s") }
                rules[pattern] = try HostRule(parts: words.dropFirst())
            } catch {
                var error = error
                error.line = number + 1
                throw error
            }
        }
    }

    /// All of them, by pattern.
    package var all: [(pattern: String, rule: HostRule)] { rules.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    /// - Parameter rule: nil takes away what there is.
    package mutating func set(_ rule: HostRule?, for pattern: String) throws(HostRuleError) { rules[try HostRules.pattern(pattern)] = rule }

    /// The rule of the most specific pattern, which then stands alone: the name itself, before `*.` and the longest end of it, before `*`.
    /// `*.example.com` is also for `example.com`, which is how the clock of all of them is called.
    package func rule(for host: String) -> HostRule? {
        guard !rules.isEmpty, let host = try? HostRules.pattern(host) else { return nil }
        if let rule = rules[host] { return rule }
        let isAddress = host.contains(":") || host.utf8.allSatisfy { (46...57).contains($0) }
        var end = isAddress ? "" : host[...]
        while !end.isEmpty {
            if let rule = rules["*." + end] { return rule }
            end = end.drop { $0 != "." }.dropFirst()
        }
        return rules["*"]
    }

    /// A pattern in its one form: small letters, no dot at its end, no brackets.
    static func pattern(_ text: some StringProtocol) throws(HostRuleError) -> String {
        var name = text.lowercased()
        if name.hasSuffix("."), name != "*." { name.removeLast() }
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        if name == "*" { return name }
        let rest = name.hasPrefix("*.") ? name.dropFirst(2) : name[...]
        guard rest.utf8.allSatisfy({ $0 < 128 }) else { throw HostRuleError(text, "a name in another script is written in its xn-- form") }
        guard !rest.contains("*") else { throw HostRuleError(text, "a * stands only at the beginning, as *.example.com") }
        let isName = rest.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...58).contains(byte) || "-_.".utf8.contains(byte)
        }
        guard isName, !rest.isEmpty, rest.contains(":") || !rest.split(separator: ".", omittingEmptySubsequences: false).contains("") else {
            throw HostRuleError(text, "it must be a host's name, as example.com or *.example.com")
        }
        return name
    }
}
