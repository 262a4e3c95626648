/// What the owner of a proxy says of it.
package struct ProxyTags: Sendable, Hashable {
    package static let tiers = 0...9
    package static let greatestWeight = 1_000.0
    /// Of tags that only their owner understands.
    package static let mostOthers = 32
    /// Characters of a value.
    package static let longestValue = 100

    /// Two letters, large (ISO 3166-1).
    package private(set) var country: String?
    /// As residential, datacenter, mobile; small letters.
    package private(set) var kind: String?
    /// The cheaper the lower; dearer ones are used where the cheaper ones can't be.
    package private(set) var tier = 0
    /// How often it is drawn where proxies are drawn at random, against the others.
    package private(set) var weight = 1.0
    package private(set) var name: String?
    package private(set) var others: [String: String] = [:]

    package init() {}

    /// Of a tag of that name, as it would be written.
    package func value(of name: String) -> String? {
        switch name.lowercased() {
        case "country": country
        case "kind": kind
        case "tier": "\(tier)"
        case "weight": "\(weight)"
        case "name": self.name
        default: others[name.lowercased()]
        }
    }

    /// Reads `country=DE`, `kind=residential`, `tier=1`, `weight=2.5`, `name=one`, and others, each at most once.
    package init(parts: some Sequence<some StringProtocol>) throws(ProxyError) {
        var seen: Set<String> = []
        for (index, part) in parts.enumerated() {
            // It may be a piece of a password with a space in it, so it isn't repeated.
            guard let equals = part.firstIndex(of: "=") else { throw ProxyError("what stands as tag \(index + 1) is not as country=DE") }
            try set(part[..<equals].lowercased(), String(part[part.index(after: equals)...]), seen: &seen)
        }
    }

    mutating func set(_ key: String, _ value: String, seen: inout Set<String>) throws(ProxyError) {
        let isKey = !key.isEmpty && key.utf8.count <= 32 && key.utf8.allSatisfy(ProxyTags.isKeyByte)
        guard isKey else { throw ProxyError("a tag's name has up to 32 of the characters a-z, 0-9, - and _") }
        guard seen.insert(key).inserted else { throw ProxyError("there are two tags of one name") }
        guard !value.isEmpty, value.count <= ProxyTags.longestValue, value.allSatisfy(ProxyTags.isShown) else {
            throw ProxyError("a tag's value has 1 to \(ProxyTags.longestValue) characters, all of which can be seen")
        }
        switch key {
        case "country":
            guard value.utf8.count == 2, value.utf8.allSatisfy({ (97...122).contains($0 | 0x20) }) else {
                throw ProxyError("country must be two letters, as country=DE")
            }
            country = value.uppercased()
        case "kind": kind = value.lowercased()
        case "tier":
            guard value.utf8.allSatisfy({ (48...57).contains($0) }), let tier = Int(value), ProxyTags.tiers.contains(tier) else {
                throw ProxyError("tier must be a whole number from 0 to 9, the cheapest first")
            }
            self.tier = tier
        case "weight":
            guard let weight = Double(value), weight > 0, weight <= ProxyTags.greatestWeight else {
                throw ProxyError("weight must be a number above 0, up to 1000")
            }
            self.weight = weight
        case "name": name = value
        default:
            guard others.count < ProxyTags.mostOthers else { throw ProxyError("there are more than \(ProxyTags.mostOthers) tags") }
            others[key] = value
        }
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isShown(_ character: Character) -> Bool {
        let hidden: [Unicode.GeneralCategory] = [.control, .format, .unassigned, .privateUse]
        return !character.isWhitespace && character.unicodeScalars.allSatisfy { !hidden.contains($0.properties.generalCategory) }
    }
}

extension ProxyTags: CustomStringConvertible {
    /// As it is read, separated by spaces; what is as usual is left out.
    package var description: String {
        let known = [
            name.map { "name=\($0)" }, country.map { "country=\($0)" }, kind.map { "kind=\($0)" }, tier == 0 ? nil : "tier=\(tier)",
            weight == 1 ? nil : "weight=\(weight)",
        ]
        return (known.compactMap { $0 } + others.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }

    /// What a result says of the proxy that served it: its name, or what kind of proxy it is.
    package var label: String { name ?? ([kind, country].compactMap { $0 } + ["tier \(tier)"]).joined(separator: " ") }
}
