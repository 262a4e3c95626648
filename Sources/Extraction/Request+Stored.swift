package import Documents

extension ExtractionRequest {
    /// From the form in which it is stored (`json`); nil where that is none.
    package init?(json: JSON) {
        guard let fields = json["fields"]?.array?.map(Field.init(json:)), !fields.contains(nil) else { return nil }
        self.init(many: json["many"]?.bool ?? false, fields: fields.compactMap { $0 }, filter: json["filter"].flatMap(Filter.init(json:)))
        isManyStated = json["many_stated"]?.bool ?? true
        limit = json["limit"]?.int
        wrapper = json["wrapper"]?.string
    }
}

extension Field {
    package init?(json: JSON) {
        guard let name = json["name"]?.string, let type = json["type"]?.string.flatMap(FieldType.init(rawValue:)) else { return nil }
        let parts = (json["fields"]?.array ?? []).map(Field.init(json:))
        guard !parts.contains(nil) else { return nil }
        self.init(
            name: name, type: type, items: json["items"]?.string.flatMap(FieldType.init(rawValue:)), fields: parts.compactMap { $0 },
            description: json["description"]?.string, isRequired: json["required"]?.bool ?? false,
            choices: json["choices"]?.array?.compactMap(\.string) ?? [], limits: json["limits"].map(Limits.init(json:)) ?? Limits())
    }
}

extension Filter {
    package init?(json: JSON) {
        guard let text = json["text"]?.string else { return nil }
        let conditions = (json["conditions"]?.array ?? []).compactMap { condition -> Condition? in
            guard let field = condition["field"]?.string, let value = condition["value"]?.string,
                let comparison = condition["comparison"]?.string.flatMap(Condition.Comparison.init(rawValue:))
            else { return nil }
            return Condition(field: field, comparison: comparison, value: value, currency: condition["currency"]?.string)
        }
        self.init(
            text: text, conditions: conditions, fields: (json["fields"]?.array ?? []).compactMap(Field.init(json:)),
            isChecked: json["checked"]?.bool ?? true)
    }
}
