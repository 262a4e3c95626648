extension Listing {
    /// Addresses as arrays of scalars: joining (RFC 3986, 5.2) and taking apart, without percent encoding, since they are only compared.
    struct Address {
        typealias Text = [UInt32]

        private let base: Text
        private let scheme: Range<Int>
        private let authority: Range<Int>
        private let path: Range<Int>
        private let beforeFragment: Int

        init(base string: String) {
            base = string.unicodeScalars.map(\.value)
            let parts = Address.split(base, 0, base.count)
            scheme = parts.scheme
            authority = parts.host
            path = parts.path
            beforeFragment = parts.query.upperBound
        }

        struct Parts {
            /// Without ":"; empty for a relative address.
            var scheme: Range<Int>
            /// Host and port.
            var host: Range<Int>
            var path: Range<Int>
            /// Without "?"; empty at its place where there is none.
            var query: Range<Int>
            var hasQuery: Bool
        }

        static func split(_ text: Text, _ from: Int, _ to: Int) -> Parts {
            var at = from
            var scheme = from..<from
            if let colon = schemeEnd(text, from, to) {
                scheme = from..<colon
                at = colon + 1
            }
            var host = at..<at
            if at + 1 < to, text[at] == "/", text[at + 1] == "/" {
                var end = at + 2
                while end < to, text[end] != "/", text[end] != "?", text[end] != "#" { end += 1 }
                host = at + 2..<end
                at = end
            }
            var end = at
            while end < to, text[end] != "?", text[end] != "#" { end += 1 }
            let path = at..<end
            var query = end..<end
            var hasQuery = false
            if end < to, text[end] == "?" {
                var stop = end + 1
                while stop < to, text[stop] != "#" { stop += 1 }
                query = end + 1..<stop
                hasQuery = stop > end + 1
            }
            return Parts(scheme: scheme, host: host, path: path, query: query, hasQuery: hasQuery)
        }

        static func schemeEnd(_ text: Text, _ from: Int, _ to: Int) -> Int? {
            guard from < to, Scalars.isASCIILetter(text[from]) else { return nil }
            var at = from + 1
            while at < to {
                let scalar = text[at]
                if scalar == ":" { return at }
                guard Scalars.isASCIILetter(scalar) || Scalars.isASCIIDigit(scalar) || scalar == "+" || scalar == "." || scalar == "-"
                else {
                    return nil
                }
                at += 1
            }
            return nil
        }

        /// The host of a range without a leading "www.".
        static func bare(_ text: Text, _ host: Range<Int>) -> Range<Int> {
            let www: Text = [0x77, 0x77, 0x77, 0x2E]
            return Patterns.has(www, text, host.lowerBound, host.upperBound) ? host.lowerBound + 4..<host.upperBound : host
        }

        func resolve(_ raw: Text) -> Text {
            var reference = raw.filter { $0 != "\n" && $0 != "\t" && $0 != "\r" }
            while let last = reference.last, Scalars.isSpace(last) { reference.removeLast() }
            let start = reference.prefix { Scalars.isSpace($0) }.count
            if start > 0 { reference.removeFirst(start) }
            if reference.isEmpty { return base }
            if Address.schemeEnd(reference, 0, reference.count) != nil || base.isEmpty { return reference }
            if reference.count > 1, reference[0] == "/", reference[1] == "/" {
                return Text(base[scheme]) + [Listing.Scalars.colon] + reference
            }
            if reference[0] == "#" { return Text(base[0..<beforeFragment]) + reference }
            if reference[0] == "?" { return Text(base[0..<path.upperBound]) + reference }
            var pathEnd = 0
            while pathEnd < reference.count, reference[pathEnd] != "?", reference[pathEnd] != "#" { pathEnd += 1 }
            var joined: Text
            if reference[0] == "/" {
                joined = Text(reference[0..<pathEnd])
            } else {
                var directory = path.upperBound
                while directory > path.lowerBound, base[directory - 1] != "/" { directory -= 1 }
                joined = directory > path.lowerBound ? Text(base[path.lowerBound..<directory]) : [Listing.Scalars.slash]
                joined += reference[0..<pathEnd]
            }
            return Text(base[0..<path.lowerBound]) + Address.withoutDots(joined) + reference[pathEnd...]
        }

        /// Host of the base without "www.".
        var host: Text { Text(base[Address.bare(base, authority)]) }

        private static func withoutDots(_ path: Text) -> Text {
            guard path.contains(Listing.Scalars.dot) else { return path }
            var kept: [ArraySlice<UInt32>] = []
            let steps = path.split(separator: Listing.Scalars.slash, omittingEmptySubsequences: false)
            for (number, step) in steps.enumerated() {
                let isLast = number == steps.count - 1
                if step.count == 1, step.first == Listing.Scalars.dot {
                    if isLast { kept.append([]) }
                } else if step.count == 2, step.first == Listing.Scalars.dot, step.last == Listing.Scalars.dot {
                    if kept.count > 1 { kept.removeLast() }
                    if isLast { kept.append([]) }
                } else {
                    kept.append(step)
                }
            }
            return Text(kept.joined(separator: [Listing.Scalars.slash]))
        }
    }
}
