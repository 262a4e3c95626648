internal import Documents

extension JSON {
    /// The same for values that mean the same: numbers by what they count (1.0 is 1), money by amount and currency, text without regard
    /// to the white space around and between its words, lists element by element. Nil for what says nothing: null, blank text, an empty list.
    var meaning: JSON? {
        switch self {
        case .null: return nil
        case .bool: return self
        case .number(let text): return .number(JSON.plainNumber(text) ?? text)
        case .string(let text):
            let words = text.meaning
            return words.isEmpty ? nil : .string(words)
        case .array(let items):
            let said = items.compactMap(\.meaning)
            return said.isEmpty ? nil : .array(said)
        case .object:
            guard let amount = self["amount"]?.meaning else { return nil }
            var members = [Member("amount", amount)]
            if case .string(let text) = amount, let number = JSON.plainNumber(text) { members = [Member("amount", .number(number))] }
            if case .string(let code)? = self["currency"]?.meaning { members.append(Member("currency", .string(code.uppercased()))) }
            return .object(members)
        }
    }

    /// `{"amount": "12.50", "currency": "EUR"}`, also without a currency.
    var isMoney: Bool {
        guard case .object(let members) = self, (1...2).contains(members.count) else { return false }
        var isMoney = false
        for member in members {
            switch (member.name, member.value) {
            case ("amount", .string), ("amount", .number), ("amount", .null): isMoney = true
            case ("currency", .string), ("currency", .null): break
            default: return false
            }
        }
        return isMoney
    }

    /// One spelling for each decimal number, without passing through a `Double`; nil for a text that is none as JSON writes it, and for
    /// exponents of more than nine digits.
    private static func plainNumber(_ text: String) -> String? {
        var rest = Substring(text).utf8
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        func digits() -> [UInt8] {
            let run = rest.prefix { (48...57).contains($0) }
            rest.removeFirst(run.count)
            return Array(run)
        }
        var number = digits()
        guard !number.isEmpty else { return nil }
        var exponent = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            let fraction = digits()
            guard !fraction.isEmpty else { return nil }
            number += fraction
            exponent = -fraction.count
        }
        if let e = rest.first, e | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            guard rest.count <= 10, let power = Int(String(Substring(rest))) else { return nil }
            exponent += power
            rest = rest.suffix(0)
        }
        guard rest.isEmpty else { return nil }
        while number.last == 48 {
            number.removeLast()
            exponent += 1
        }
        let significant = number.drop { $0 == 48 }
        if significant.isEmpty { return "0" }
        return (isNegative ? "-" : "") + String(decoding: significant, as: UTF8.self) + (exponent == 0 ? "" : "e\(exponent)")
    }
}

extension StringProtocol {
    /// Its words with one space between them.
    var meaning: String {
        var isAfterSpace = true
        let isPlain = utf8.allSatisfy { byte in
            // No control character, no two spaces, no beginning of a character outside ASCII that may be white space (U+0085, U+00A0,
            // U+1680, U+2000… and U+3000).
            defer { isAfterSpace = byte == 0x20 }
            return byte > 0x20 && byte != 0xC2 && !(0xE1...0xE3).contains(byte) || byte == 0x20 && !isAfterSpace
        }
        if isPlain, !isAfterSpace { return String(self) }
        var words = String.UnicodeScalarView()
        for word in unicodeScalars.split(whereSeparator: \.properties.isWhitespace) {
            if !words.isEmpty { words.append(" ") }
            words.append(contentsOf: word)
        }
        return String(words)
    }
}
