package import Documents

/// The fields of a body or a query, read into a value. The closure asks for each field by name and shape; what it asks for is also what the
/// OpenAPI document says, so it asks for all of them, always, before it looks at any:
///
///     let submission = Form { fields in
///         let urls = fields.required("urls", .list(of: .text(1...2_048), 1...1_000), "Pages to visit.")
///         let priority = fields.optional("priority", .integer(0...9), default: 5, "Higher goes first.")
///         guard let urls else { return nil }
///         return Submission(urls, priority)
///     }
///
/// A field that is missing or wrong is nil, and the reading fails with all faults together once the closure is done. Names that weren't
/// asked for, and names that stand twice, are faults, too.
package struct Form<Value>: Sendable {
    private let closure: @Sendable (FormFields) -> Value?

    package init(_ closure: @escaping @Sendable (FormFields) -> Value?) { self.closure = closure }

    var fields: [FormFields.Field] {
        let fields = FormFields(.nothing, .body(""), Faults())
        _ = closure(fields)
        return fields.asked
    }

    /// Of the object, in JSON Schema.
    package var schema: JSON {
        let fields = fields
        let required = fields.filter(\.isRequired)
        return .of(
            ("type", .string("object")), ("properties", .object(fields.map { JSON.Member($0.name, $0.describedSchema) })),
            ("required", required.isEmpty ? nil : .array(required.map { .string($0.name) })), ("additionalProperties", .bool(false)))
    }

    func take(_ json: JSON, _ place: Problem.Fault.Place, _ faults: Faults) -> Value? {
        guard case .object(let members) = json else {
            faults.add(place, "must be an object, not \(json.typeName)")
            return nil
        }
        return take(.members(members), place, faults)
    }

    private func take(_ source: FormFields.Source, _ place: Problem.Fault.Place, _ faults: Faults) -> Value? {
        let fields = FormFields(source, place, faults)
        let value = closure(fields)
        fields.refuseOthers()
        return value
    }

    /// A JSON body. Faults are a 422.
    package func read(_ json: JSON) throws(Problem) -> Value {
        let faults = Faults()
        return try finished(take(json, .body(""), faults), faults, .invalidFields, "the body")
    }

    /// What a form in a page sends. Faults are a 422.
    package func read(form pairs: QueryPairs) throws(Problem) -> Value {
        let faults = Faults()
        return try finished(take(.pairs(pairs), .body(""), faults), faults, .invalidFields, "the form")
    }

    /// A query. Faults are a 400.
    package func read(query pairs: QueryPairs) throws(Problem) -> Value {
        let faults = Faults()
        return try finished(take(.pairs(pairs), .query(""), faults), faults, .invalidQuery, "the query")
    }

    private func finished(_ value: Value?, _ faults: Faults, _ kind: Problem.Kind, _ what: String) throws(Problem) -> Value {
        if faults.count > 0 {
            let more = faults.count - faults.list.count
            let places = "\(faults.count) \(faults.count == 1 ? "fault" : "faults") in \(what)"
            throw Problem(kind, more > 0 ? "\(places), of which the first \(faults.list.count) are listed" : places, faults: faults.list)
        }
        // The closure gave up and named no fault: a mistake in it.
        guard let value else { throw Problem(.internalFault, "\(what) was refused without a reason") }
        return value
    }
}

extension Form<Void> {
    /// No fields at all.
    package static var empty: Form { Form { _ in () } }
}

/// What a form's closure asks.
package final class FormFields {
    enum Source {
        /// It is only asked which fields there are.
        case nothing
        case members([JSON.Member])
        case pairs(QueryPairs)
    }

    struct Field: Sendable {
        var name: String
        var meaning: String
        var schema: JSON
        var isRequired: Bool
        var usual: JSON?

        /// With what it means and what it is when it isn't given.
        var describedSchema: JSON {
            .object(
                (schema.members ?? [])
                    + [("description", JSON.string(meaning)), ("default", usual)].compactMap { name, value in
                        value.map { JSON.Member(name, $0) }
                    })
        }
    }

    private let source: Source
    private let place: Problem.Fault.Place
    private let faults: Faults
    private(set) var asked: [Field] = []

    init(_ source: Source, _ place: Problem.Fault.Place, _ faults: Faults) {
        self.source = source
        self.place = place
        self.faults = faults
    }

    /// nil when it is missing, which is a fault, or wrong.
    package func required<Value>(_ name: String, _ shape: Shape<Value>, _ meaning: String) -> Value? {
        asked.append(Field(name: name, meaning: meaning, schema: shape.schema, isRequired: true))
        guard let json = json(name, shape.spelling) else {
            if case .nothing = source { return nil }
            faults.add(place.child(name), "is missing")
            return nil
        }
        return shape.read(json, place.child(name), faults)
    }

    /// nil when it isn't given, or is wrong.
    package func optional<Value>(_ name: String, _ shape: Shape<Value>, _ meaning: String) -> Value? {
        asked.append(Field(name: name, meaning: meaning, schema: shape.schema, isRequired: false))
        return json(name, shape.spelling).flatMap { shape.read($0, place.child(name), faults) }
    }

    package func optional<Value>(_ name: String, _ shape: Shape<Value>, default usual: Value, _ meaning: String) -> Value {
        asked.append(Field(name: name, meaning: meaning, schema: shape.schema, isRequired: false, usual: FormFields.json(usual)))
        return json(name, shape.spelling).flatMap { shape.read($0, place.child(name), faults) } ?? usual
    }

    /// What fields that are right each say wrong together.
    package func fault(_ name: String, _ detail: String) {
        if case .nothing = source { return }
        faults.add(place.child(name), detail)
    }

    private func json(_ name: String, _ spelling: Spelling) -> JSON? {
        switch source {
        case .nothing: return nil
        case .members(let members):
            let values = members.filter { $0.name == name }
            if values.count > 1 { faults.add(place.child(name), "stands \(values.count) times") }
            return values.last?.value
        case .pairs(let pairs):
            let values = pairs.list.filter { $0.name == name }
            if values.count > 1 { faults.add(place.child(name), "stands \(values.count) times") }
            return values.last.map { spelling.json($0.value) }
        }
    }

    func refuseOthers() {
        let known = Set(asked.map(\.name))
        let names: [String] =
            switch source {
            case .nothing: []
            case .members(let members): members.map(\.name)
            case .pairs(let pairs): pairs.list.map(\.name)
            }
        for name in names where !known.contains(name) {
            let all = asked.map(\.name).joined(separator: ", ")
            faults.add(place.child(name), asked.isEmpty ? "is not known; there are no fields here" : "is not known; there are \(all)")
        }
    }

    private static func json<Value>(_ value: Value) -> JSON? {
        switch value {
        case let value as Bool: .bool(value)
        case let value as Int: .integer(value)
        case let value as Double: .double(value)
        case let value as String: .string(value)
        case let value as any RawRepresentable<String>: .string(value.rawValue)
        default: nil
        }
    }
}
