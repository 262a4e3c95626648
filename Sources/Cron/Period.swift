/// A length of time as `@every` takes it.
enum Period {
    private static let units: [(letter: String, seconds: Int)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

    /// Seconds of "1h30m", "90m", "45s": whole numbers with d, h, m or s, the larger unit first and each at most once. nil for anything else,
    /// for less than a second and for more than 3650 days.
    static func seconds(_ text: Substring) -> Int? {
        var total = 0
        var rest = text
        var units = units[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isWholeNumber }
            guard let number = CronField.number(digits), let letter = rest.dropFirst(digits.count).first,
                let unit = units.firstIndex(where: { $0.letter == letter.lowercased() })
            else { return nil }
            total += number * units[unit].seconds
            units = units[(unit + 1)...]
            rest = rest.dropFirst(digits.count + 1)
        }
        return (1...3650 * 86_400).contains(total) ? total : nil
    }
}
