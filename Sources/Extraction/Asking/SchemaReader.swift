package import Documents

/// From a JSON Schema (2020-12; earlier drafts where they say the same) to a request.
///
/// Read: objects, arrays, strings with `format`, numbers, integers, booleans, `enum` and `const` of strings, null beside one other type (by
/// `type`, `anyOf` or `oneOf`), `required`, `description`, `title`, local `$ref`, and the bounds in `Field.Limits`. Keywords that only
/// describe (`default`, `examples`, `$comment`, …) are passed over, as unknown ones are. Every other keyword that could refuse a record
/// is an error that names its place, because a record that was said to be valid must be.
package enum SchemaReader {
    /// An object is one record; an array of objects, alone or as the only property of an object, is many.
    /// A bare map of properties without `type` and `properties` is read as the properties.
    package static func read(_ text: String) throws(AskError) -> ExtractionRequest {
        let schema: JSON
        do { schema = try JSON(parsing: text) } catch {
            throw AskError(.schemaNotJSON, "the schema is \(error.description)", underlying: error)
        }
        return try read(schema)
    }

    package static func read(_ schema: JSON) throws(AskError) -> ExtractionRequest {
        guard schema.members != nil else { throw bad("#", "a schema is a JSON object") }
        var reader = Reader(root: schema)
        return try reader.request()
    }

    static func bad(_ pointer: String, _ message: String) -> AskError {
        AskError(.badSchema, "the schema is wrong at \(pointer): \(message)", pointer: pointer)
    }

    static func unsupported(_ pointer: String, _ advice: String) -> AskError {
        AskError(.schemaNotSupported, "\(pointer) is not supported; \(advice)", pointer: pointer)
    }

    /// Keywords that refuse records in ways we don't check, and what to do instead.
    private static let refused: [String: String] = [
        "not": "leave it out", "if": "leave it out", "then": "leave it out", "else": "leave it out",
        "dependentSchemas": "leave it out", "dependentRequired": "leave it out", "dependencies": "leave it out",
        "patternProperties": "name the properties", "propertyNames": "name the properties",
        "prefixItems": "use an object with named properties",
        "additionalItems": "use items", "contains": "use items", "minContains": "leave it out", "maxContains": "leave it out",
        "unevaluatedItems": "use items", "$dynamicRef": "use $ref to #/$defs", "$recursiveRef": "use $ref to #/$defs",
        "multipleOf": "leave it out and check the numbers afterwards", "pattern": "leave it out and check the strings afterwards",
        "minProperties": "use required", "maxProperties": "leave it out",
    ]

    private struct Resolved {
        var members: [JSON.Member]
        var pointer: String
        var isNullable = false

        subscript(name: String) -> JSON? { members.last { $0.name == name }?.value }
    }

    private struct Reader {
        let root: JSON
        /// References that are being followed, to find circles.
        var open: [String] = []
        var isShorthand = false
        /// Places read so far: a schema that refers to itself in width grows without a circle.
        var count = 0

        mutating func request() throws(AskError) -> ExtractionRequest {
            if isPropertyMap {
                isShorthand = true
                let fields = try fields(of: root.members ?? [], required: [], at: "#")
                return ExtractionRequest(many: false, fields: fields, isManyStated: false)
            }
            let schema = try resolve(root, at: "#")
            switch try type(of: schema) {
            case "object":
                guard let properties = schema["properties"]?.members, !properties.isEmpty else {
                    throw bad(schema.pointer, "it has no properties, so nothing is asked for")
                }
                if properties.count == 1 {
                    let place = schema.pointer + "/properties/" + JSON.escapePointer(properties[0].name)
                    let only = try resolve(properties[0].value, at: place)
                    if try type(of: only) == "array", let items = only["items"] {
                        let element = try resolve(items, at: only.pointer + "/items")
                        if try type(of: element) == "object", element["properties"] != nil {
                            let fields = try parts(of: element)
                            return ExtractionRequest(many: true, fields: fields, wrapper: properties[0].name)
                        }
                    }
                }
                return ExtractionRequest(many: false, fields: try parts(of: schema))
            case "array":
                guard let items = schema["items"] else { throw bad(schema.pointer, "the array has no items") }
                let element = try resolve(items, at: schema.pointer + "/items")
                guard try type(of: element) == "object" else {
                    throw unsupported(element.pointer, "records are objects: give them properties")
                }
                return ExtractionRequest(many: true, fields: try parts(of: element))
            case let other:
                throw unsupported(
                    schema.pointer + "/type", "a record is an object, not \(other ?? "any value"): write type object and properties")
            }
        }

        /// `{"name": {"type": "string"}, …}`: the properties without the object around them.
        private var isPropertyMap: Bool {
            guard let members = root.members, !members.isEmpty else { return false }
            guard
                !members.contains(where: { $0.name.hasPrefix("$") || ["properties", "items", "anyOf", "oneOf", "allOf"].contains($0.name) })
            else {
                return false
            }
            return members.allSatisfy {
                $0.value.members != nil && ($0.value["type"]?.string ?? $0.value["type"]?.array?.first?.string) != nil
            }
        }

        // MARK: Places

        /// Follows `$ref`, takes null out of `anyOf` and `oneOf`, and refuses what isn't supported.
        private mutating func resolve(_ schema: JSON, at pointer: String, depth: Int = 0) throws(AskError) -> Resolved {
            count += 1
            guard depth < 32, count < 10_000 else { throw bad(pointer, "it is nested too deep or too large") }
            guard case .object(let members) = schema else {
                if schema.bool != nil { throw unsupported(pointer, "a boolean is no schema for a value: write its type") }
                throw bad(pointer, "a schema is a JSON object")
            }
            var out = Resolved(members: members, pointer: pointer)
            for (keyword, advice) in SchemaReader.refused.sorted(by: { $0.key < $1.key }) where out[keyword] != nil {
                throw unsupported(pointer + "/" + keyword, advice)
            }
            if let extra = out["additionalProperties"], extra.members?.isEmpty == false {
                throw unsupported(pointer + "/additionalProperties", "name the properties")
            }
            if let extra = out["unevaluatedProperties"], extra.members?.isEmpty == false {
                throw unsupported(pointer + "/unevaluatedProperties", "name the properties")
            }
            if let reference = out["$ref"] {
                guard let text = reference.string else { throw bad(pointer + "/$ref", "a reference is a string") }
                let target = try target(of: text, at: pointer)
                guard !open.contains(text) else {
                    throw unsupported(pointer + "/$ref", "it refers to a schema that holds itself (\(text)): write the levels out")
                }
                open.append(text)
                defer { open.removeLast() }
                var inner = try resolve(target, at: text, depth: depth + 1)
                // What stands beside the reference goes before what it refers to.
                inner.members += members.filter { $0.name != "$ref" }
                inner.pointer = text
                return inner
            }
            for keyword in ["anyOf", "oneOf", "allOf"] {
                guard let choice = out[keyword] else { continue }
                guard let branches = choice.array, !branches.isEmpty else { throw bad(pointer + "/" + keyword, "it is a list of schemas") }
                let real = branches.indices.filter { keyword == "allOf" || branches[$0]["type"]?.string != "null" }
                guard real.count == 1, let index = real.first else {
                    throw unsupported(pointer + "/" + keyword, "write one schema; only null may stand beside it")
                }
                var inner = try resolve(branches[index], at: pointer + "/" + keyword + "/\(index)", depth: depth + 1)
                inner.members = inner.members + members.filter { $0.name != keyword }
                inner.isNullable = inner.isNullable || branches.count > 1
                return inner
            }
            if case .array(let types)? = out["type"] {
                let real = types.filter { $0.string != "null" }
                guard real.count == 1 else { throw unsupported(pointer + "/type", "write one type; only null may stand beside it") }
                out.isNullable = types.count > 1
                out.members = members.map { $0.name == "type" ? .init("type", real[0]) : $0 }
            }
            return out
        }

        private func target(of reference: String, at pointer: String) throws(AskError) -> JSON {
            guard reference.hasPrefix("#") else {
                throw unsupported(pointer + "/$ref", "only references into the same schema are read (#/$defs/…), not \(reference)")
            }
            let path = String(reference.dropFirst())
            guard path.isEmpty || path.hasPrefix("/") else {
                throw unsupported(pointer + "/$ref", "anchors aren't read: refer by path (#/$defs/…), not \(reference)")
            }
            guard let found = root.at(pointer: SchemaReader.percentDecoded(path)) else {
                throw bad(pointer + "/$ref", "\(reference) leads nowhere")
            }
            return found
        }

        private func type(of schema: Resolved) throws(AskError) -> String? {
            if let type = schema["type"] {
                guard let name = type.string else { throw bad(schema.pointer + "/type", "a type is a string") }
                return name
            }
            if schema["properties"] != nil { return "object" }
            if schema["items"] != nil { return "array" }
            return nil
        }

        // MARK: Fields

        private mutating func parts(of schema: Resolved) throws(AskError) -> [Field] {
            // A reference below that leads back here is a circle.
            open.append(schema.pointer)
            defer { open.removeLast() }
            guard let properties = schema["properties"]?.members, !properties.isEmpty else {
                throw bad(schema.pointer, "the object has no properties, so nothing is asked for")
            }
            let required = schema["required"]?.array?.compactMap(\.string) ?? []
            for name in required where !properties.contains(where: { $0.name == name }) {
                throw bad(schema.pointer + "/required", "\"\(name)\" is required, but is none of the properties")
            }
            return try fields(of: properties, required: Set(required), at: schema.pointer + "/properties")
        }

        private mutating func fields(of properties: [JSON.Member], required: Set<String>, at pointer: String) throws(AskError) -> [Field] {
            var out: [Field] = []
            for property in properties {
                let place = pointer + "/" + JSON.escapePointer(property.name)
                guard !out.contains(where: { $0.name == property.name }) else { throw bad(place, "the property stands twice") }
                var field = try field(property.name, try resolve(property.value, at: place))
                field.isRequired = required.contains(property.name)
                out.append(field)
            }
            return out
        }

        private mutating func field(_ name: String, _ schema: Resolved) throws(AskError) -> Field {
            var field = Field(name: name, description: schema["description"]?.string ?? schema["title"]?.string)
            field.limits = try limits(of: schema)
            let format = schema["format"]?.string
            if let values = schema["enum"] ?? schema["const"].map({ .array([$0]) }) {
                let strings = (values.array ?? []).filter { !$0.isNull }
                let choices = strings.compactMap(\.string)
                guard !choices.isEmpty, choices.count == strings.count else {
                    throw unsupported(schema.pointer + (schema["enum"] != nil ? "/enum" : "/const"), "only strings can be chosen from")
                }
                if let type = try type(of: schema), type != "string" {
                    throw bad(schema.pointer, "its type is \(type), but its values are strings")
                }
                field.choices = choices
                return field
            }
            switch try type(of: schema) {
            case "string", nil: field.type = SchemaReader.type(of: format, name: name)
            case "integer":
                field.type = format == "duration" ? .duration : .number
                field.limits.isInteger = true
            case "number": field.type = .number
            case "boolean": field.type = .boolean
            case "object":
                if isMoney(schema, format: format) {
                    field.type = .money
                    return field
                }
                field.type = .object
                field.fields = try parts(of: schema)
            case "array":
                guard let items = schema["items"] else { throw bad(schema.pointer, "the array has no items") }
                field.type = .list
                let element = try resolve(items, at: schema.pointer + "/items")
                let inner = try self.field(name, element)
                switch inner.type {
                case .list: throw unsupported(element.pointer, "a list of lists has no place in a record: use a list of objects")
                case .object: field.fields = inner.fields
                default:
                    field.items = inner.type
                    field.choices = inner.choices
                    if field.description == nil { field.description = inner.description }
                }
            case let type?:
                if isShorthand, let known = SchemaReader.shorthandTypes[type] {
                    field.type = known
                    break
                }
                if type == "null" { throw bad(schema.pointer, "its value can only be null") }
                throw bad(schema.pointer + "/type", "\"\(type)\" is no type of JSON Schema; write type string and a format")
            }
            return field
        }

        /// An object of an amount (as a string, for decimals must not be rounded) and a currency.
        private func isMoney(_ schema: Resolved, format: String?) -> Bool {
            if format == "money" || format == "currency" { return true }
            guard let properties = schema["properties"]?.members, Set(properties.map(\.name)) == ["amount", "currency"] else {
                return false
            }
            return properties.allSatisfy { member in
                let type = member.value["type"]
                return type?.string == "string" || type?.array?.contains(.string("string")) == true
            }
        }

        private func limits(of schema: Resolved) throws(AskError) -> Field.Limits {
            var out = Field.Limits()
            func number(_ name: String) throws(AskError) -> Double? {
                guard let value = schema[name] else { return nil }
                if let number = value.double, number.isFinite { return number }
                throw bad(schema.pointer + "/" + name, "it is no number")
            }
            func size(_ name: String) throws(AskError) -> Int? {
                guard let number = try number(name) else { return nil }
                guard number >= 0, number < 1e9, number == number.rounded() else {
                    throw bad(schema.pointer + "/" + name, "it is no whole number of 0 or more")
                }
                return Int(number)
            }
            out.minimum = try number("minimum")
            out.maximum = try number("maximum")
            // Draft 4 wrote these as booleans beside the bounds.
            if let exclusive = schema["exclusiveMinimum"], exclusive.bool == nil {
                (out.minimum, out.isExclusiveMinimum) = (try number("exclusiveMinimum"), true)
            } else {
                out.isExclusiveMinimum = schema["exclusiveMinimum"]?.bool ?? false
            }
            if let exclusive = schema["exclusiveMaximum"], exclusive.bool == nil {
                (out.maximum, out.isExclusiveMaximum) = (try number("exclusiveMaximum"), true)
            } else {
                out.isExclusiveMaximum = schema["exclusiveMaximum"]?.bool ?? false
            }
            out.minLength = try size("minLength")
            out.maxLength = try size("maxLength")
            out.minItems = try size("minItems")
            out.maxItems = try size("maxItems")
            out.hasUniqueItems = schema["uniqueItems"]?.bool ?? false
            return out
        }
    }

    /// What a string is by its `format`. Formats we don't know only describe, as the standard has it.
    private static func type(of format: String?, name: String) -> FieldType {
        switch format {
        case "date", "date-time", "datetime": return .date
        case "duration": return .duration
        case "uri", "uri-reference", "iri", "iri-reference", "url":
            let words = name.lowercased().split(whereSeparator: { $0 == "_" || $0 == "-" || $0 == " " }).map(String.init)
            return Lexicon.english.types[words.joined(separator: " ")] == .image
                || words.last.map { Lexicon.english.types[$0] == .image } == true ? .image : .url
        case "image": return .image
        case "email", "idn-email": return .email
        case "phone", "tel", "telephone": return .phone
        case "money", "currency": return .money
        case "address": return .address
        default: return .text
        }
    }

    private static let shorthandTypes: [String: FieldType] = [
        "url": .url, "uri": .url, "link": .url, "image": .image, "email": .email, "phone": .phone, "phone_number": .phone,
        "currency": .money,
        "money": .money, "price": .money, "date": .date, "datetime": .date, "duration": .duration, "address": .address, "text": .text,
    ]

    /// A URI fragment's `%24defs` as it was meant.
    private static func percentDecoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count, let high = Character(Unicode.Scalar(bytes[at + 1])).hexDigitValue,
                let low = Character(Unicode.Scalar(bytes[at + 2])).hexDigitValue
            {
                out.append(UInt8(high << 4 | low))
                at += 3
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
