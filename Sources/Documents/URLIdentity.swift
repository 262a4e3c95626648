internal import Foundation

/// A URL as browsers read it: the URL standard (url.spec.whatwg.org), not RFC 3986, so that what a page's authors got away with in a
/// browser leads to the same address here. Foundation's `URL` follows the RFC and refuses or misreads much of it.
///
/// Equal values are the same address, spelled the same way by `href`. Queries are encoded in UTF-8 whatever the page's encoding.
package struct URLIdentity: Sendable, Hashable, CustomStringConvertible {
    /// Lower case, without ":".
    package private(set) var scheme: String
    /// Percent-encoded; "" where there is none.
    package private(set) var username = ""
    package private(set) var password = ""
    /// ASCII, lower case; an IPv6 address in brackets. Nil where the scheme has none; "" in `file:///`.
    package private(set) var host: String?
    /// Nil where it is the scheme's default.
    package private(set) var port: Int?
    /// Percent-encoded; begins with "/" in http and https.
    package private(set) var path = ""
    /// Without "?"; percent-encoded.
    package private(set) var query: String?
    /// Without "#"; percent-encoded.
    package private(set) var fragment: String?
    /// `mailto:`, `data:`, `javascript:`: the path is no hierarchy, and nothing can be resolved against it but a fragment.
    private var isOpaque = false

    /// The absolute URL that `text` is, resolved against `base` where it is relative; nil for what a browser would refuse.
    package init?(_ text: String, base: URLIdentity? = nil) {
        var parser = Parser(text, base: base)
        guard let url = parser.run() else { return nil }
        self = url
    }

    private init(scheme: String) { self.scheme = scheme }

    /// A reference as it stands in a page, made absolute; nil where base or reference is no URL.
    package static func resolve(_ base: String, _ reference: String) -> String? {
        // An absolute reference needs no base, not even a valid one.
        URLIdentity(reference, base: URLIdentity(base))?.href
    }

    /// The whole address.
    package var href: String { withoutFragment + (fragment.map { "#" + $0 } ?? "") }

    /// The address of the document: fragments only say where to scroll.
    package var withoutFragment: String {
        var out = scheme + ":"
        if let host {
            out += "//"
            if !username.isEmpty || !password.isEmpty {
                out += username + (password.isEmpty ? "" : ":" + password) + "@"
            }
            out += host + (port.map { ":\($0)" } ?? "")
        } else if !isOpaque, path.hasPrefix("//") {
            // Or it would read as a host.
            out += "/."
        }
        return out + path + (query.map { "?" + $0 } ?? "")
    }

    package var description: String { href }

    /// Served over HTTP: what can be visited.
    package var isWeb: Bool { scheme == "http" || scheme == "https" }

    fileprivate var isSpecial: Bool { URLIdentity.specialSchemes.keys.contains(scheme) }

    /// Schemes with a host, and their default ports.
    fileprivate static let specialSchemes: [String: Int?] = ["http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "file": nil]
}

// MARK: - Parsing

extension URLIdentity {
    /// The standard's basic URL parser, part by part instead of state by state.
    private struct Parser {
        private let input: [Unicode.Scalar]
        private let base: URLIdentity?
        private var at = 0
        private var url = URLIdentity(scheme: "")
        /// The path in making: its segments, without the slashes before them.
        private var segments: [String] = []

        init(_ text: String, base: URLIdentity?) {
            var scalars = Array(text.unicodeScalars)
            while let last = scalars.last, last.value <= 0x20 { scalars.removeLast() }
            var start = 0
            while start < scalars.count, scalars[start].value <= 0x20 { start += 1 }
            input = scalars[start...].filter { $0 != "\t" && $0 != "\n" && $0 != "\r" }
            self.base = base
        }

        private var current: Unicode.Scalar? { at < input.count ? input[at] : nil }
        private func isSlash(_ scalar: Unicode.Scalar?) -> Bool { scalar == "/" || (url.isSpecial && scalar == "\\") }
        private func scalar(_ offset: Int) -> Unicode.Scalar? { at + offset < input.count ? input[at + offset] : nil }

        mutating func run() -> URLIdentity? {
            guard let scheme = takeScheme() else {
                guard let base else { return nil }
                if base.isOpaque {
                    guard current == "#" else { return nil }
                    url = base
                    takeFragment()
                    return url
                }
                url.scheme = base.scheme
                return (base.scheme == "file" ? file() : relative(base)) ? finished() : nil
            }
            url.scheme = scheme
            if scheme == "file" { return file() ? finished() : nil }
            if url.isSpecial {
                if let base, base.scheme == scheme, !(isSlashAhead(0) && isSlashAhead(1)) { return relative(base) ? finished() : nil }
                while isSlash(current) { at += 1 }
                return authority() ? finished() : nil
            }
            if current == "/" {
                if scalar(1) == "/" {
                    at += 2
                    return authority() ? finished() : nil
                }
                takePath()
                return finished()
            }
            takeOpaquePath()
            return url
        }

        private func isSlashAhead(_ offset: Int) -> Bool { scalar(offset) == "/" }

        private mutating func finished() -> URLIdentity {
            if !url.isOpaque { url.path = segments.isEmpty ? "" : "/" + segments.joined(separator: "/") }
            if url.isSpecial, url.path.isEmpty { url.path = "/" }
            return url
        }

        /// "scheme:", or nil and nothing taken.
        private mutating func takeScheme() -> String? {
            var end = 0
            var name = ""
            while end < input.count, input[end] != ":" {
                let scalar = input[end]
                let isLetter = (97...122).contains(scalar.value | 32)
                let isOther = (48...57).contains(scalar.value) || scalar == "+" || scalar == "-" || scalar == "."
                guard isLetter || (end > 0 && isOther) else { return nil }
                name.unicodeScalars.append(isLetter ? Unicode.Scalar(UInt8(scalar.value | 32)) : scalar)
                end += 1
            }
            guard end > 0, end < input.count else { return nil }
            at = end + 1
            return name
        }

        /// Credentials, host and port, then the path.
        private mutating func authority() -> Bool {
            var end = at
            while end < input.count, input[end] != "?", input[end] != "#", !isSlash(input[end]) { end += 1 }
            var hostStart = at
            if let mark = input[at..<end].lastIndex(of: "@") {
                let credentials = input[at..<mark]
                let colon = credentials.firstIndex(of: ":")
                url.username = URLEncoding.userinfo.encode(credentials[..<(colon ?? mark)])
                if let colon { url.password = URLEncoding.userinfo.encode(credentials[(colon + 1)...]) }
                hostStart = mark + 1
                if hostStart == end { return false }
            }
            // The port's colon is the first one outside of brackets.
            var colon: Int?
            var isBracketed = false
            for index in hostStart..<end {
                if input[index] == "[" { isBracketed = true }
                if input[index] == "]" { isBracketed = false }
                if input[index] == ":", !isBracketed {
                    colon = index
                    break
                }
            }
            let name = input[hostStart..<(colon ?? end)]
            if name.isEmpty, url.isSpecial || colon != nil { return false }
            guard let host = URLHost.parse(name, isSpecial: url.isSpecial) else { return false }
            url.host = host
            if let colon {
                var port = 0
                for scalar in input[(colon + 1)..<end] {
                    guard (48...57).contains(scalar.value) else { return false }
                    port = port * 10 + Int(scalar.value - 48)
                    if port > 65_535 { return false }
                }
                if colon + 1 < end { url.port = URLIdentity.specialSchemes[url.scheme] == .some(port) ? nil : port }
            }
            at = end
            takePath()
            return true
        }

        private mutating func relative(_ base: URLIdentity) -> Bool {
            if isSlash(current) {
                if isSlash(scalar(1)) {
                    at += 2
                    if url.isSpecial { while isSlash(current) { at += 1 } }
                    return authority()
                }
                copyAuthority(base)
                takePath()
                return true
            }
            copyAuthority(base)
            segments = URLIdentity.segments(of: base.path)
            switch current {
            case nil: url.query = base.query
            case "?": takeQuery()
            case "#":
                url.query = base.query
                takeFragment()
            default:
                if !segments.isEmpty { segments.removeLast() }
                takePath(isContinued: true)
            }
            return true
        }

        private mutating func copyAuthority(_ base: URLIdentity) {
            url.username = base.username
            url.password = base.password
            url.host = base.host
            url.port = base.port
        }

        // MARK: file

        private mutating func file() -> Bool {
            url.host = ""
            let base = base?.scheme == "file" ? base : nil
            if isSlash(current) {
                if isSlash(scalar(1)) {
                    at += 2
                    return fileHost()
                }
                if let base {
                    url.host = base.host
                    let drive = URLIdentity.segments(of: base.path).first
                    if !startsWithDrive(at + 1), let drive, Parser.isDrive(drive, normalized: true) { segments = [drive] }
                }
                takePath()
                return true
            }
            guard let base else {
                takePath(isContinued: true)
                return true
            }
            url.host = base.host
            segments = URLIdentity.segments(of: base.path)
            switch current {
            case nil: url.query = base.query
            case "?": takeQuery()
            case "#":
                url.query = base.query
                takeFragment()
            default:
                if startsWithDrive(at) { segments = [] } else { shorten() }
                takePath(isContinued: true)
            }
            return true
        }

        private mutating func fileHost() -> Bool {
            var end = at
            while end < input.count, !isSlash(input[end]), input[end] != "?", input[end] != "#" { end += 1 }
            let name = input[at..<end]
            // "file://C:/": a drive, not a host.
            if name.count == 2, Parser.isDrive(name) {
                takePath(isContinued: true)
                return true
            }
            if !name.isEmpty {
                guard let host = URLHost.parse(name, isSpecial: true) else { return false }
                url.host = host == "localhost" ? "" : host
            }
            at = end
            takePath()
            return true
        }

        private static func isDrive(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
            guard scalars.count == 2, let letter = scalars.first, let mark = scalars.last else { return false }
            return (97...122).contains(letter.value | 32) && (mark == ":" || mark == "|")
        }

        private static func isDrive(_ segment: String, normalized: Bool = false) -> Bool {
            let scalars = Array(segment.unicodeScalars)
            return isDrive(scalars[...]) && (!normalized || scalars.last == ":")
        }

        private func startsWithDrive(_ index: Int) -> Bool {
            guard index + 1 < input.count, Parser.isDrive(input[index...(index + 1)]) else { return false }
            guard index + 2 < input.count else { return true }
            return ["/", "\\", "?", "#"].contains(input[index + 2])
        }

        // MARK: Path, query, fragment

        private mutating func shorten() {
            if url.scheme == "file", segments.count == 1, Parser.isDrive(segments[0], normalized: true) { return }
            if !segments.isEmpty { segments.removeLast() }
        }

        /// The path from here to "?" or "#", then those. `isContinued`: no slash is expected first, the segments go on.
        private mutating func takePath(isContinued: Bool = false) {
            if !isContinued {
                if isSlash(current) {
                    at += 1
                } else if current == nil || current == "?" || current == "#" {
                    if !url.isSpecial { return takeRest() }
                }
            }
            while true {
                let start = at
                while let scalar = current, scalar != "?", scalar != "#", !isSlash(scalar) { at += 1 }
                let isLast = !isSlash(current)
                var segment = URLEncoding.path.encode(input[start..<at])
                switch segment.utf8.count <= 6 ? segment.lowercased() : "" {
                case "..", ".%2e", "%2e.", "%2e%2e":
                    shorten()
                    if isLast { segments.append("") }
                case ".", "%2e":
                    if isLast { segments.append("") }
                default:
                    if url.scheme == "file", segments.isEmpty, Parser.isDrive(segment), let letter = segment.unicodeScalars.first {
                        segment = String(Character(letter)) + ":"
                    }
                    segments.append(segment)
                }
                if isLast { break }
                at += 1
            }
            takeRest()
        }

        private mutating func takeOpaquePath() {
            url.isOpaque = true
            let start = at
            while let scalar = current, scalar != "?", scalar != "#" { at += 1 }
            var path = URLEncoding.control.encode(input[start..<at])
            // A space right before "?" or "#" would be lost when the rest is taken away.
            if at < input.count, path.hasSuffix(" ") { path = path.dropLast() + "%20" }
            url.path = path
            takeRest()
        }

        private mutating func takeRest() {
            if current == "?" { takeQuery() } else { takeFragment() }
        }

        private mutating func takeQuery() {
            at += 1
            let start = at
            while let scalar = current, scalar != "#" { at += 1 }
            url.query = (url.isSpecial ? URLEncoding.specialQuery : .query).encode(input[start..<at])
            takeFragment()
        }

        private mutating func takeFragment() {
            guard current == "#" else { return }
            url.fragment = URLEncoding.fragment.encode(input[(at + 1)...])
            at = input.count
        }
    }

    private static func segments(of path: String) -> [String] {
        path.hasPrefix("/") ? path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init) : []
    }
}

// MARK: - Percent-encoding

/// The standard's percent-encode sets.
private struct URLEncoding {
    private let isEncoded: [Bool]

    private init(_ characters: String, from base: URLEncoding? = nil) {
        var table = base?.isEncoded ?? (0..<128).map { $0 < 0x20 || $0 > 0x7E }
        for byte in characters.utf8 { table[Int(byte)] = true }
        isEncoded = table
    }

    static let control = URLEncoding("")
    static let fragment = URLEncoding(" \"<>`")
    static let query = URLEncoding(" \"#<>")
    static let specialQuery = URLEncoding("'", from: query)
    static let path = URLEncoding("?^`{}", from: query)
    static let userinfo = URLEncoding("/:;=@[\\]^|", from: path)

    func encode(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        if scalars.allSatisfy({ $0.isASCII && !isEncoded[Int($0.value)] }) {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            return String(view)
        }
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for scalar in scalars {
            for byte in UTF8.encode(scalar).map(Array.init) ?? [] {
                if byte < 128, !isEncoded[Int(byte)] {
                    out.append(byte)
                } else {
                    out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func decode(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count, let high = hex(bytes[at + 1]), let low = hex(bytes[at + 2]) {
                out.append(high << 4 | low)
                at += 3
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return out
    }

    static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70, 97...102: (byte | 32) - 87
        default: nil
        }
    }
}

// MARK: - Host

private enum URLHost {
    static func parse(_ scalars: ArraySlice<Unicode.Scalar>, isSpecial: Bool) -> String? {
        if scalars.first == "[" {
            guard scalars.last == "]" else { return nil }
            return ipv6(Array(scalars.dropFirst().dropLast())).map { "[\($0)]" }
        }
        if !isSpecial {
            if scalars.contains(where: { isForbidden($0) }) { return nil }
            return URLEncoding.control.encode(scalars)
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        let decoded = String(decoding: URLEncoding.decode(Array(String(view).utf8)), as: UTF8.self)
        guard let ascii = ascii(decoded), !ascii.isEmpty else { return nil }
        for scalar in ascii.unicodeScalars
        where isForbidden(scalar) || scalar.value < 0x20 || scalar == "%" || scalar.value >= 0x7F { return nil }
        return endsInNumber(ascii) ? ipv4(ascii) : ascii
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\0", "\t", "\n", "\r", " ", "#", "/", ":", "<", ">", "?", "@", "[", "\\", "]", "^", "|": true
        default: false
        }
    }

    /// Domain to ASCII: UTS 46 and Punycode, by Foundation's ICU; only for labels that need it.
    private static func ascii(_ domain: String) -> String? {
        if domain.utf8.allSatisfy({ $0 < 0x80 }) { return domain.lowercased() }
        var labels: [String] = []
        let dots: Set<Unicode.Scalar> = [".", "\u{3002}", "\u{FF0E}", "\u{FF61}"]
        for label in domain.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: { dots.contains($0) }) {
            let label = String(label)
            if label.utf8.allSatisfy({ $0 < 0x80 }) {
                labels.append(label.lowercased())
                continue
            }
            // Fullwidth letters and the like become ASCII by the mapping alone.
            let mapped = label.precomposedStringWithCompatibilityMapping.lowercased()
            let visible = String(String.UnicodeScalarView(mapped.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }))
            if visible.utf8.allSatisfy({ $0 < 0x80 }) {
                labels.append(visible)
                continue
            }
            var components = URLComponents()
            components.scheme = "http"
            components.host = label
            guard let encoded = components.encodedHost, encoded.hasPrefix("xn--") else { return nil }
            labels.append(encoded)
        }
        return labels.joined(separator: ".")
    }

    private static func endsInNumber(_ host: String) -> Bool {
        var parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true {
            if parts.count == 1 { return false }
            parts.removeLast()
        }
        guard let last = parts.last, !last.isEmpty else { return false }
        return last.allSatisfy { (48...57).contains($0) } || number(last) != nil
    }

    /// Decimal, 0x… or 0…; nil for others. Numbers too large for an address come out as too large.
    private static func number(_ part: Substring.UTF8View.SubSequence) -> UInt64? {
        var digits = Array(part)
        var radix: UInt64 = 10
        if digits.count >= 2, digits[0] == 48, digits[1] | 32 == UInt8(ascii: "x") {
            digits.removeFirst(2)
            radix = 16
        } else if digits.count >= 2, digits[0] == 48 {
            digits.removeFirst()
            radix = 8
        } else if digits.isEmpty {
            return nil
        }
        var value: UInt64 = 0
        for digit in digits {
            guard let amount = URLEncoding.hex(digit), UInt64(amount) < radix else { return nil }
            value = min(value * radix + UInt64(amount), 1 << 40)
        }
        return value
    }

    private static func ipv4(_ host: String) -> String? {
        var parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true, parts.count > 1 { parts.removeLast() }
        guard parts.count <= 4 else { return nil }
        var numbers: [UInt64] = []
        for part in parts {
            guard let number = number(part) else { return nil }
            numbers.append(number)
        }
        guard let last = numbers.popLast(), numbers.allSatisfy({ $0 <= 255 }) else { return nil }
        guard last < (UInt64(1) << UInt64(8 * (4 - numbers.count))) else { return nil }
        var address = last
        for (index, number) in numbers.enumerated() { address += number << UInt64(8 * (3 - index)) }
        return [24, 16, 8, 0].map { String(address >> UInt64($0) & 255) }.joined(separator: ".")
    }

    private static func ipv6(_ text: [Unicode.Scalar]) -> String? {
        var pieces: [UInt16] = Array(repeating: 0, count: 8)
        var piece = 0
        var compress: Int?
        var at = 0
        if text.first == ":" {
            guard text.count > 1, text[1] == ":" else { return nil }
            at = 2
            piece = 1
            compress = 1
        }
        while at < text.count {
            if piece == 8 { return nil }
            if text[at] == ":" {
                if compress != nil { return nil }
                at += 1
                piece += 1
                compress = piece
                continue
            }
            var value: UInt32 = 0
            var length = 0
            while length < 4, at < text.count, text[at].isASCII, let digit = URLEncoding.hex(UInt8(text[at].value)) {
                value = value * 16 + UInt32(digit)
                at += 1
                length += 1
            }
            if at < text.count, text[at] == "." {
                if length == 0 { return nil }
                at -= length
                if piece > 6 { return nil }
                guard embeddedIPv4(text, &at, into: &pieces, at: &piece) else { return nil }
                break
            }
            if at < text.count {
                guard text[at] == ":", length > 0 else { return nil }
                at += 1
                if at == text.count { return nil }
            }
            pieces[piece] = UInt16(truncatingIfNeeded: value)
            piece += 1
        }
        if let compress {
            var swaps = piece - compress
            var to = 7
            while to != 0, swaps > 0 {
                pieces.swapAt(to, compress + swaps - 1)
                to -= 1
                swaps -= 1
            }
        } else if piece != 8 {
            return nil
        }
        return spelled(pieces)
    }

    private static func embeddedIPv4(_ text: [Unicode.Scalar], _ at: inout Int, into pieces: inout [UInt16], at piece: inout Int) -> Bool {
        var seen = 0
        while at < text.count {
            if seen > 0 {
                guard text[at] == ".", seen < 4 else { return false }
                at += 1
            }
            guard at < text.count, (48...57).contains(text[at].value) else { return false }
            var value: Int?
            while at < text.count, (48...57).contains(text[at].value) {
                let digit = Int(text[at].value - 48)
                if value == 0 { return false }
                let next = (value ?? 0) * 10 + digit
                if next > 255 { return false }
                value = next
                at += 1
            }
            pieces[piece] = pieces[piece] &* 256 &+ UInt16(value ?? 0)
            seen += 1
            if seen == 2 || seen == 4 { piece += 1 }
        }
        return seen == 4
    }

    /// The longest run of zeros as "::" (RFC 5952).
    private static func spelled(_ pieces: [UInt16]) -> String {
        var best = 0..<0
        var at = 0
        while at < 8 {
            var end = at
            while end < 8, pieces[end] == 0 { end += 1 }
            if end - at > max(best.count, 1) { best = at..<end }
            at = max(end, at + 1)
        }
        func hex(_ range: Range<Int>) -> String { pieces[range].map { String($0, radix: 16) }.joined(separator: ":") }
        return best.isEmpty ? hex(0..<8) : hex(0..<best.lowerBound) + "::" + hex(best.upperBound..<8)
    }
}
