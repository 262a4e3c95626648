package import Documents

extension ExtractionRequest {
    /// The request as understood: what `--dry-run` prints and every answer carries.
    package var json: JSON {
        .of(
            ("many", .bool(many)),
            ("many_stated", isManyStated ? nil : .bool(false)),
            ("limit", limit.map { .integer($0) }),
            ("wrapper", wrapper.map(JSON.string)),
            ("filter", filter?.json ?? .null),
            ("fields", .array(fields.map(\.json))))
    }
}

extension Field {
    package var json: JSON {
        .of(
            ("name", .string(name)),
            ("type", .string(type.rawValue)),
            ("items", items.map { .string($0.rawValue) }),
            ("description", description.map(JSON.string)),
            ("required", isRequired ? .bool(true) : nil),
            ("choices", choices.isEmpty ? nil : .array(choices.map(JSON.string))),
            ("limits", limits == Limits() ? nil : limits.json),
            ("fields", fields.isEmpty ? nil : .array(fields.map(\.json))))
    }

    /// Only what tells one field from another: name, type and parts.
    package var shortJSON: JSON {
        .of(
            ("name", .string(name)), ("type", .string(type.rawValue)),
            ("fields", fields.isEmpty ? nil : .array(fields.map(\.shortJSON))))
    }
}

extension Field.Limits {
    /// By the names that JSON Schema gives them.
    package var json: JSON {
        .of(
            (isExclusiveMinimum ? "exclusiveMinimum" : "minimum", minimum.map(JSON.double)),
            (isExclusiveMaximum ? "exclusiveMaximum" : "maximum", maximum.map(JSON.double)),
            ("integer", isInteger ? .bool(true) : nil),
            ("minLength", minLength.map { .integer($0) }), ("maxLength", maxLength.map { .integer($0) }),
            ("minItems", minItems.map { .integer($0) }), ("maxItems", maxItems.map { .integer($0) }),
            ("uniqueItems", hasUniqueItems ? .bool(true) : nil))
    }

    package init(json: JSON) {
        self.init()
        minimum = (json["exclusiveMinimum"] ?? json["minimum"])?.double
        maximum = (json["exclusiveMaximum"] ?? json["maximum"])?.double
        isExclusiveMinimum = json["exclusiveMinimum"] != nil
        isExclusiveMaximum = json["exclusiveMaximum"] != nil
        isInteger = json["integer"]?.bool ?? false
        (minLength, maxLength) = (json["minLength"]?.int, json["maxLength"]?.int)
        (minItems, maxItems) = (json["minItems"]?.int, json["maxItems"]?.int)
        hasUniqueItems = json["uniqueItems"]?.bool ?? false
    }
}

extension Filter {
    package var json: JSON {
        .of(
            ("text", .string(text)),
            (
                "conditions",
                .array(
                    conditions.map { condition in
                        .of(
                            ("field", .string(condition.field)), ("comparison", .string(condition.comparison.rawValue)),
                            ("value", .string(condition.value)), ("currency", condition.currency.map(JSON.string)))
                    })
            ),
            ("fields", fields.isEmpty ? nil : .array(fields.map(\.json))),
            ("checked", .bool(isChecked)))
    }
}

extension PromptReading {
    /// The line that `--dry-run --batch` answers for one prompt: the filter as its text, the fields by name, type and parts.
    package func batchLine(id: JSON) -> JSON {
        .of(
            ("id", id), ("understood", .bool(understood)), ("many", .bool(request.many)),
            ("filter", request.filter.map { .string($0.text) } ?? .null),
            ("fields", .array(request.fields.map(\.shortJSON))))
    }
}
