package import Documents

/// Whether records are what the request says: types, required values, choices, bounds.
package enum RecordCheck {
    package struct Violation: Sendable, Hashable, CustomStringConvertible {
        /// RFC 6901 pointer into the record.
        package var path: String
        package var reason: String

        package var description: String { "\(path.isEmpty ? "the record" : path): \(reason)" }
    }

    /// Every violation, in the order of the fields. A null where nothing is required is none.
    package static func violations(of record: JSON, in request: ExtractionRequest) -> [Violation] {
        var out: [Violation] = []
        check(record, fields: request.fields, path: "", into: &out)
        return out
    }

    private static func check(_ value: JSON, fields: [Field], path: String, into out: inout [Violation]) {
        guard case .object(let members) = value else { return out.append(.init(path: path, reason: "it is no object")) }
        for field in fields {
            let place = path + "/" + JSON.escapePointer(field.name)
            let value = members.last { $0.name == field.name }?.value ?? .null
            if value.isNull {
                if field.isRequired { out.append(.init(path: place, reason: "a required value is missing")) }
            } else {
                check(value, field: field, path: place, into: &out)
            }
        }
        for member in members where !fields.contains(where: { $0.name == member.name }) {
            out.append(.init(path: path + "/" + JSON.escapePointer(member.name), reason: "nobody asked for it"))
        }
    }

    private static func check(_ value: JSON, field: Field, path: String, into out: inout [Violation]) {
        func add(_ reason: String) { out.append(.init(path: path, reason: reason)) }
        let limits = field.limits
        switch field.type {
        case .list:
            guard let items = value.array else { return add("it is no list") }
            if let minimum = limits.minItems, items.count < minimum { add("fewer than \(minimum) elements") }
            if let maximum = limits.maxItems, items.count > maximum { add("more than \(maximum) elements") }
            if limits.hasUniqueItems, Set(items).count < items.count { add("an element stands twice") }
            var element = Field(name: field.name, type: field.items ?? .text, fields: field.fields, choices: field.choices)
            if !field.fields.isEmpty { element.type = .object }
            for (index, item) in items.enumerated() { check(item, field: element, path: path + "/\(index)", into: &out) }
        case .object:
            check(value, fields: field.fields, path: path, into: &out)
        case .number:
            guard let number = value.double else { return add("it is no number") }
            if limits.isInteger, number != number.rounded() { add("it is no whole number") }
            if let minimum = limits.minimum, number < minimum || (limits.isExclusiveMinimum && number == minimum) {
                add("it is below \(JSON.double(minimum))")
            }
            if let maximum = limits.maximum, number > maximum || (limits.isExclusiveMaximum && number == maximum) {
                add("it is above \(JSON.double(maximum))")
            }
        case .boolean:
            if value.bool == nil { add("it is neither true nor false") }
        case .money:
            guard let amount = value["amount"]?.string, Decimal10(amount) != nil else { return add("it has no decimal amount") }
            if let currency = value["currency"], !currency.isNull, currency.string?.utf8.count != 3 {
                add("its currency is no ISO 4217 code")
            }
        case .date:
            guard let text = value.string, isDate(text) else { return add("it is no ISO 8601 date") }
        case .text, .duration, .url, .image, .email, .phone, .address:
            guard let text = value.string else { return add("it is no text") }
            if !field.choices.isEmpty, !field.choices.contains(text) { add("\"\(text)\" is none of the values allowed") }
            if let minimum = limits.minLength, text.unicodeScalars.count < minimum { add("shorter than \(minimum) characters") }
            if let maximum = limits.maxLength, text.unicodeScalars.count > maximum { add("longer than \(maximum) characters") }
            if field.type == .email, !text.utf8.contains(UInt8(ascii: "@")) { add("it is no e-mail address") }
            if field.type == .url || field.type == .image, !text.contains(":") { add("it is no absolute address") }
            if field.type == .duration, text.utf8.first != UInt8(ascii: "P") { add("it is no ISO 8601 duration") }
        }
    }

    /// "2024", "2024-03", "2024-03-01" and what may follow after T.
    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8.prefix { $0 != UInt8(ascii: "T") })
        guard [4, 7, 10].contains(bytes.count) || bytes.starts(with: Array("--".utf8)) else { return false }
        return bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-") }
    }
}

/// A decimal number compared digit by digit, so that no price passes through a `Double`.
struct Decimal10: Comparable {
    private var isNegative = false
    /// Without leading zeros.
    private var whole: [UInt8] = []
    /// Without trailing zeros.
    private var fraction: [UInt8] = []

    /// Digits with at most one point and a sign; nil for anything else, exponents too.
    init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "-") {
            isNegative = true
            bytes = bytes.dropFirst()
        }
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard !bytes.isEmpty, parts[0].count + (parts.count > 1 ? parts[1].count : 0) > 0 else { return nil }
        for part in parts where !part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) { return nil }
        whole = Array(parts[0].drop { $0 == UInt8(ascii: "0") })
        if parts.count > 1 { fraction = Array(parts[1]) }
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        if whole.isEmpty, fraction.isEmpty { isNegative = false }
    }

    static func < (a: Decimal10, b: Decimal10) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        let isLess =
            a.whole.count != b.whole.count
            ? a.whole.count < b.whole.count
            : a.whole != b.whole ? a.whole.lexicographicallyPrecedes(b.whole) : a.fraction.lexicographicallyPrecedes(b.fraction)
        return a.isNegative ? a != b && !isLess : isLess
    }
}
