package import Documents

/// What two addresses of the same page have in common. It only says whether a page was seen already: what is visited is the address as it
/// was found.
///
/// Conservative, since two pages taken for one lose one of them, and one taken for two costs a visit. Left alone: the order of parameters,
/// slashes at the end, "index.html", "www.", http and https, upper case in paths, empty parameters, "+" and "%20".
package struct PageKey: Sendable, Hashable, CustomStringConvertible {
    package var text: String
    /// What of the address is not in the key, in order and as it was written: "utm_source=mail", ";jsessionid=1A", "#top".
    package var removed: [String]

    package struct Rules: Sendable {
        /// Parameters that only tell where a reader comes from; lower case, "*" at the end for any rest.
        package var tracking: Set<String> = Rules.usualTracking
        /// Parameters that hold a visitor's session whatever their value; lower case, "*" at the end for any rest.
        package var sessions: Set<String> = ["jsessionid", "phpsessid", "aspsessionid*", "oscsid", "zenid", "cftoken"]
        /// Parameters that hold one where their value looks like it: 16 or more hexadecimal digits, letters among them, or a UUID.
        package var likelySessions: Set<String> = ["sid", "s", "session", "sessionid", "session_id", "sess", "sessid", "cfid"]
        /// For sites known not to mind the order of parameters.
        package var sortsParameters = false

        package init() {}

        /// Those of the large advertisers and mailers, none of which names a thing on a site.
        package static let usualTracking: Set<String> = [
            "utm_*", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "_ga", "_gl", "srsltid", "fbclid", "igshid", "msclkid", "twclid",
            "ttclid", "li_fat_id", "epik", "yclid", "ysclid", "_openstat", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hstc",
            "__hssc", "__hsfp", "hsctatracking", "vero_id", "oly_enc_id", "oly_anon_id", "rb_clickid", "wickedid", "_branch_match_id",
        ]
    }

    package init(_ url: URLIdentity, rules: Rules = Rules()) {
        var removed: [String] = []
        // Who asks is no part of what is asked for, and a key is no place for a password.
        if !url.username.isEmpty || !url.password.isEmpty { removed.append("the login") }
        let host = url.host.map { "//" + $0 + (url.port.map { ":\($0)" } ?? "") } ?? ""
        var text = url.scheme + ":" + host + PageKey.path(url.path, rules, &removed)
        if let query = url.query.flatMap({ PageKey.query($0, rules, &removed) }) { text += "?" + query }
        if let fragment = url.fragment {
            // Pages that are told apart by scripts alone: "#!/about", "#/about".
            if fragment.hasPrefix("!") || fragment.hasPrefix("/") {
                text += "#" + PageKey.spelled(fragment)
            } else {
                removed.append("#" + fragment)
            }
        }
        self.text = text
        self.removed = removed
    }

    package var description: String { text }

    /// Two keys are the same page however their addresses came to them.
    package static func == (one: PageKey, other: PageKey) -> Bool { one.text == other.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// The same number for the same key, on any machine. With a seed it is a place in an order that has nothing to do with the site's and
    /// can be had again.
    package func number(seed: UInt64 = 0) -> UInt64 { StableHash.of(text, seed: seed) }

    // MARK: - Parts

    private static func path(_ path: String, _ rules: Rules, _ removed: inout [String]) -> String {
        guard path.contains(";") || path.contains("(") else { return spelled(path) }
        var segments: [String] = []
        for segment in path.split(separator: "/", omittingEmptySubsequences: false) {
            // ASP.NET without cookies: /(S(lit3py55t21z5v55vlm25s55))/page.aspx
            if segment.hasPrefix("(S("), segment.hasSuffix("))"), segment.utf8.count == 29 {
                removed.append(String(segment))
                continue
            }
            let parts = segment.split(separator: ";", omittingEmptySubsequences: false)
            var kept = parts.prefix(1)
            for part in parts.dropFirst() {
                if isSession(part, rules) { removed.append(";" + part) } else { kept.append(part) }
            }
            segments.append(kept.joined(separator: ";"))
        }
        return spelled(segments.joined(separator: "/"))
    }

    /// Nil where nothing is left of it.
    private static func query(_ query: String, _ rules: Rules, _ removed: inout [String]) -> String? {
        var kept: [Substring] = []
        let parameters = query.split(separator: "&", omittingEmptySubsequences: false)
        for parameter in parameters {
            let name = parameter.prefix { $0 != "=" }.lowercased()
            if isListed(name, in: rules.tracking) || isSession(parameter, rules) {
                removed.append(String(parameter))
            } else {
                kept.append(parameter)
            }
        }
        if kept.isEmpty { return nil }
        let written = kept.map { spelled(String($0)) }
        return (rules.sortsParameters ? written.sorted() : written).joined(separator: "&")
    }

    private static func isSession(_ parameter: Substring, _ rules: Rules) -> Bool {
        let name = parameter.prefix { $0 != "=" }
        let lower = name.lowercased()
        if isListed(lower, in: rules.sessions) { return true }
        guard rules.likelySessions.contains(lower) else { return false }
        let digits = parameter.dropFirst(name.count + 1).utf8.filter { $0 != UInt8(ascii: "-") }
        // Numbers, and shorter ones (an ObjectID has 24 digits), may be a thing's.
        return digits.count >= 32 && digits.allSatisfy { isHex($0) } && digits.contains { $0 >= 65 } && digits.contains { $0 < 65 }
    }

    private static func isListed(_ name: String, in list: Set<String>) -> Bool {
        if list.contains(name) { return true }
        // "utm_*", "aspsessionid*"
        return list.contains { $0.hasSuffix("*") && name.hasPrefix($0.dropLast()) }
    }

    private static func isHex(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte | 32) }

    /// RFC 3986 section 6.2.2: escapes in upper case, and none for letters, digits, "-", ".", "_", "~".
    static func spelled(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count, isHex(bytes[at + 1]), isHex(bytes[at + 2]) else {
                out.append(bytes[at])
                at += 1
                continue
            }
            let digits = bytes[(at + 1)...(at + 2)].map { $0 >= 97 ? $0 - 32 : $0 }
            let byte = digits.reduce(0 as UInt8) { $0 << 4 | ($1 < 65 ? $1 - 48 : $1 - 55) }
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): out.append(byte)
            default: out += [UInt8(ascii: "%")] + digits
            }
            at += 3
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// A hash that is the same in every process, unlike Swift's own: FNV-1a, its bits mixed once more.
enum StableHash {
    static func of(_ text: some StringProtocol, seed: UInt64 = 0) -> UInt64 { of(text.utf8, seed: seed) }

    static func of(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0) -> UInt64 {
        var hash = 0xCBF2_9CE4_8422_2325 ^ seed
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return mixed(hash)
    }

    /// The end of SplitMix64: every bit of the input moves every bit of the result.
    static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
