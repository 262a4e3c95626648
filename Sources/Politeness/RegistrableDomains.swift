/// Which part of a host name somebody registered: the unit of politeness. From the public suffix list (publicsuffix.org).
package struct RegistrableDomains: Sendable {
    private var rules: Set<String> = []
    private var wildcards: Set<String> = []
    private var exceptions: Set<String> = []

    /// - Parameters:
    ///   - list: text of the list; empty where it is absent: then the last two labels are taken, which groups more than it should and so
    ///     errs on the polite side.
    ///   - ascii: the "xn--" form (RFC 5890) of a name in another script, in which hosts come to us while the list writes them out.
    package init(list: String, ascii: (String) -> String = { $0 }) {
        for line in list.split(whereSeparator: \.isNewline) {
            guard !line.hasPrefix("//"), let word = line.split(whereSeparator: \.isWhitespace).first else { continue }
            let mark = word.hasPrefix("*.") ? "*." : word.hasPrefix("!") ? "!" : ""
            let rule = word.utf8.allSatisfy { $0 < 128 } ? String(word) : mark + ascii(String(word.dropFirst(mark.count)))
            if rule.hasPrefix("!") {
                exceptions.insert(rule.dropFirst().lowercased())
            } else if rule.hasPrefix("*.") {
                wildcards.insert(rule.dropFirst(2).lowercased())
            } else {
                rules.insert(rule.lowercased())
            }
        }
    }

    /// Where Debian's package `publicsuffix` puts the list.
    package static let usualPlace = "/usr/share/publicsuffix/public_suffix_list.dat"

    package var isEmpty: Bool { rules.isEmpty }

    /// "shop.example.co.uk" → "example.co.uk". An IP literal, a single label and a public suffix stand for themselves.
    package func domain(of host: String) -> String {
        var host = host.lowercased()
        if host.hasSuffix(".") { host.removeLast() }
        if host.contains(":") || host.isEmpty || host.split(separator: ".").last?.allSatisfy(\.isNumber) == true { return host }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard labels.count > 1 else { return host }
        if rules.isEmpty { return labels.suffix(2).joined(separator: ".") }
        // The longest suffix that a rule covers; without any, the last label is public.
        var suffix = 1
        for count in 1...labels.count {
            let name = labels.suffix(count).joined(separator: ".")
            if exceptions.contains(name) {
                suffix = count - 1
                break
            }
            if rules.contains(name) { suffix = max(suffix, count) }
            if count > 1, wildcards.contains(labels.suffix(count - 1).joined(separator: ".")) { suffix = max(suffix, count) }
        }
        return labels.suffix(min(labels.count, suffix + 1)).joined(separator: ".")
    }
}
