package import Documents

/// What a value must be: the JSON Schema that says so, and how it is read. Both are one declaration, so they can't differ.
package struct Shape<Value>: Sendable {
    /// JSON Schema 2020-12, as OpenAPI 3.1 has it.
    package let schema: JSON
    /// How it stands in a query.
    let spelling: Spelling
    /// nil when it isn't that; then a fault was added.
    let read: @Sendable (JSON, Problem.Fault.Place, Faults) -> Value?
}

/// How text of a query becomes JSON.
indirect enum Spelling: Sendable {
    case text
    case number
    case flag
    /// With commas between its items.
    case list(Spelling)
    /// It has no spelling in a query.
    case json

    func json(_ text: String) -> JSON {
        switch self {
        case .text: return .string(text)
        case .number:
            if case .number(let spelled)? = try? JSON(parsing: text, maximumDepth: 0), spelled == text { return .number(spelled) }
            return .string(text)
        case .flag: return text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text)
        case .list(let item):
            return .array(text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map { item.json(String($0)) })
        case .json: return (try? JSON(parsing: text, maximumDepth: 8)) ?? .string(text)
        }
    }
}

/// What was found wrong so far. It belongs to one reading.
final class Faults {
    private(set) var list: [Problem.Fault] = []
    private(set) var count = 0

    func add(_ place: Problem.Fault.Place, _ detail: String) {
        count += 1
        if list.count < Problem.mostFaults { list.append(Problem.Fault(place, detail)) }
    }
}

extension JSON {
    /// "a string", as messages call it.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

// MARK: - Plain values

extension Shape<String> {
    /// - Parameters:
    ///   - length: in Unicode scalars, as JSON Schema counts.
    ///   - format: a word of JSON Schema, for people: it isn't checked.
    package static func text(_ length: ClosedRange<Int> = 1...1_000, format: String? = nil) -> Shape {
        Shape(
            schema: .of(
                ("type", .string("string")), ("minLength", length.lowerBound > 0 ? .integer(length.lowerBound) : nil),
                ("maxLength", .integer(length.upperBound)), ("format", format.map { .string($0) }),
                // PostgreSQL can't store it.
                ("pattern", .string(#"^[^\u0000]*$"#))),
            spelling: .text
        ) { json, place, faults in
            guard case .string(let text) = json else {
                faults.add(place, "must be a string, not \(json.typeName)")
                return nil
            }
            let count = text.unicodeScalars.count
            guard length.contains(count) else {
                faults.add(place, "must have \(length.lowerBound) to \(length.upperBound) characters, not \(count)")
                return nil
            }
            guard !text.unicodeScalars.contains("\0") else {
                faults.add(place, "must not hold the character U+0000")
                return nil
            }
            return text
        }
    }
}

extension Shape<Int> {
    package static func integer(_ range: ClosedRange<Int>) -> Shape {
        Shape(
            schema: .of(("type", .string("integer")), ("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound))),
            spelling: .number
        ) { json, place, faults in
            guard case .number(let text) = json, let value = Int(text) ?? Double(text).flatMap(Int.init(exactly:)) else {
                faults.add(place, "must be a whole number, not \(json.shown)")
                return nil
            }
            guard range.contains(value) else {
                faults.add(place, "must be \(range.lowerBound) to \(range.upperBound), not \(json.shown)")
                return nil
            }
            return value
        }
    }
}

extension Shape<Double> {
    package static func number(_ range: ClosedRange<Double>) -> Shape {
        Shape(
            schema: .of(("type", .string("number")), ("minimum", .double(range.lowerBound)), ("maximum", .double(range.upperBound))),
            spelling: .number
        ) { json, place, faults in
            guard case .number(let text) = json, let value = Double(text) else {
                faults.add(place, "must be a number, not \(json.shown)")
                return nil
            }
            guard range.contains(value) else {
                faults.add(place, "must be \(JSON.double(range.lowerBound)) to \(JSON.double(range.upperBound)), not \(json.shown)")
                return nil
            }
            return value
        }
    }
}

extension Shape<Bool> {
    package static var flag: Shape {
        Shape(schema: .of(("type", .string("boolean"))), spelling: .flag) { json, place, faults in
            if case .bool(let value) = json { return value }
            faults.add(place, "must be true or false, not \(json.shown)")
            return nil
        }
    }
}

extension Shape<JSON> {
    /// Any value, for what another part reads further, as a JSON Schema.
    package static func any(schema: JSON = .object([])) -> Shape {
        Shape(schema: schema, spelling: .json) { json, _, _ in json }
    }
}

extension Shape where Value: RawRepresentable<String> & CaseIterable & Sendable {
    package static var choice: Shape {
        let names = Value.allCases.map(\.rawValue)
        return Shape(schema: .of(("type", .string("string")), ("enum", .array(names.map { .string($0) }))), spelling: .text) {
            json, place, faults in
            if case .string(let text) = json, let value = Value(rawValue: text) { return value }
            faults.add(place, "must be one of \(names.joined(separator: ", ")), not \(json.shown)")
            return nil
        }
    }
}

// MARK: - Made of others

extension Shape {
    package static func list<Item>(of item: Shape<Item>, _ count: ClosedRange<Int>) -> Shape where Value == [Item] {
        Shape(
            schema: .of(
                ("type", .string("array")), ("items", item.schema), ("minItems", count.lowerBound > 0 ? .integer(count.lowerBound) : nil),
                ("maxItems", .integer(count.upperBound))),
            spelling: .list(item.spelling)
        ) { json, place, faults in
            guard case .array(let items) = json else {
                faults.add(place, "must be an array, not \(json.typeName)")
                return nil
            }
            guard count.contains(items.count) else {
                faults.add(place, "must have \(count.lowerBound) to \(count.upperBound) items, not \(items.count)")
                return nil
            }
            var values: [Item] = []
            for (index, json) in items.enumerated() {
                if let value = item.read(json, place.child(String(index)), faults) { values.append(value) }
            }
            return values.count == items.count ? values : nil
        }
    }

    package static func object(_ form: Form<Value>) -> Shape {
        Shape(schema: form.schema, spelling: .json) { json, place, faults in form.take(json, place, faults) }
    }

    /// What another part understands, a cron expression for instance: what it throws becomes the fault's detail.
    package func converted<Other>(_ convert: @escaping @Sendable (Value) throws -> Other) -> Shape<Other> {
        Shape<Other>(schema: schema, spelling: spelling) { json, place, faults in
            guard let value = read(json, place, faults) else { return nil }
            do { return try convert(value) } catch {
                faults.add(place, "\(error)")
                return nil
            }
        }
    }
}

extension JSON {
    /// Short enough for a message.
    fileprivate var shown: String {
        switch self {
        case .number(let text): String(text.prefix(40))
        case .string(let text): "\"\(text.unicodeScalars.count > 40 ? String(text.prefix(40)) + "…" : text)\""
        default: typeName
        }
    }
}
