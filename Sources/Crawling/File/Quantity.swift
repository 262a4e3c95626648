/// Lengths of time and sizes as people write them.
enum Quantity {
    /// A year.
    static let longest: Duration = .seconds(365 * 86_400)
    static let mostBytes: Int64 = 1_000_000_000_000_000

    /// Of "45s", "1h30m", "1.5h", "500ms": the larger unit first, each at most once. A number alone is seconds. nil for anything else, for less
    /// than a millisecond, and for more than a year.
    static func duration(_ text: some StringProtocol) -> Duration? {
        let units: [(name: String, milliseconds: Double)] = [("d", 864e5), ("h", 36e5), ("m", 6e4), ("s", 1e3), ("ms", 1)]
        var total = 0.0
        if let seconds = decimal(text) {
            total = seconds * 1e3
        } else {
            var rest = text[...]
            var smaller = units[...]
            while !rest.isEmpty {
                let digits = rest.prefix { $0.isNumber || $0 == "." }
                let name = rest.dropFirst(digits.count).prefix { $0.isLetter }
                guard let number = decimal(digits), let unit = smaller.firstIndex(where: { $0.name == name.lowercased() }) else {
                    return nil
                }
                total += number * units[unit].milliseconds
                smaller = units[(unit + 1)...]
                rest = rest.dropFirst(digits.count + name.count)
            }
        }
        let milliseconds = total.rounded()
        // What is too large for a number is infinite, and too long.
        guard milliseconds >= 1, milliseconds <= 365 * 864e5 else { return nil }
        return .milliseconds(Int64(milliseconds))
    }

    private static let sizes = [
        "": 1.0, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824,
        "tib": 1_099_511_627_776,
    ]

    /// Of "2GB", "500 MB", "1.5GiB", in either case: thousands, and with an "i" 1024s. A number alone is bytes. nil for anything else, for less
    /// than a byte, and for more than `mostBytes`.
    static func bytes(_ text: some StringProtocol) -> Int64? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let size = sizes[unit], let number = decimal(digits) else { return nil }
        let bytes = (number * size).rounded()
        return bytes >= 1 && bytes <= Double(mostBytes) ? Int64(bytes) : nil
    }

    /// Digits of ASCII, with a point between them or without.
    private static func decimal(_ text: some StringProtocol) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }) else { return nil }
        return Double(String(text))
    }
}
