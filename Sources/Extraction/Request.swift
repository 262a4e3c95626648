/// What is asked of a page: one record or many, and which fields. The parsed form of a prompt, a `--fields` line or a JSON Schema;
/// it is part of every answer, so that people see what was understood.
package struct ExtractionRequest: Sendable, Hashable {
    /// Many records a page (a listing), or one (a detail page).
    package var many: Bool
    package var fields: [Field]
    /// A condition on records that was read from the prompt; nil where there is none.
    package var filter: Filter?
    /// The words, the schema or a flag said one or many; otherwise `many` is a guess that the page may overrule.
    package var isManyStated: Bool
    /// No more records than this ("the first 10"); nil: all.
    package var limit: Int?
    /// Name of the array that a schema wraps its records in (`{"jobs": [...]}`); nil where there is none.
    package var wrapper: String?

    package init(
        many: Bool, fields: [Field], filter: Filter? = nil, isManyStated: Bool = true, limit: Int? = nil, wrapper: String? = nil
    ) {
        self.many = many
        self.fields = fields
        self.filter = filter
        self.isManyStated = isManyStated
        self.limit = limit
        self.wrapper = wrapper
    }
}

package struct Field: Sendable, Hashable {
    /// The key in the record: `[a-z][a-z0-9_]*` from prompts, the property's own name from schemas.
    package var name: String
    package var type: FieldType
    /// Type of the elements of a list of plain values (`type == .list` and `fields` empty).
    package var items: FieldType?
    /// Parts of an object, or of each element of a list of objects.
    package var fields: [Field]
    /// The words a person used, or the schema's `description`: what the matcher reads beside the name.
    package var description: String?
    package var isRequired: Bool
    /// The only values allowed (JSON Schema `enum` of strings); empty: any.
    package var choices: [String]
    /// What a schema demands of the value beyond its type.
    package var limits: Limits

    package init(
        name: String, type: FieldType = .text, items: FieldType? = nil, fields: [Field] = [], description: String? = nil,
        isRequired: Bool = false, choices: [String] = [], limits: Limits = Limits()
    ) {
        self.name = name
        self.type = type
        self.items = items
        self.fields = fields
        self.description = description
        self.isRequired = isRequired
        self.choices = choices
        self.limits = limits
    }

    /// JSON Schema's bounds; nil: unbounded.
    package struct Limits: Sendable, Hashable {
        package var minimum: Double?
        package var maximum: Double?
        package var isExclusiveMinimum = false
        package var isExclusiveMaximum = false
        package var isInteger = false
        /// Unicode scalars of a string.
        package var minLength: Int?
        package var maxLength: Int?
        /// Elements of a list.
        package var minItems: Int?
        package var maxItems: Int?
        package var hasUniqueItems = false

        package init() {}
    }
}

/// What a value is turned into. How each looks in JSON: `Value`.
package enum FieldType: String, Sendable, Hashable, CaseIterable {
    case text, number, money, date, duration, url, image, email, phone, address, boolean, list, object
}

/// A condition such as `price < 20` or "only remote ones".
package struct Filter: Sendable, Hashable {
    /// As it stood in the prompt.
    package var text: String
    /// The parts that code can check against a record's values; all must hold.
    package var conditions: [Condition]

    package struct Condition: Sendable, Hashable {
        package enum Comparison: String, Sendable {
            case less = "<"
            case lessOrEqual = "<="
            case greater = ">"
            case greaterOrEqual = ">="
            case equals = "="
            case notEquals = "!="
            case contains
            case notContains = "not contains"
        }
        /// Name of one of the request's fields, or of the filter's own.
        package var field: String
        package var comparison: Comparison
        /// A number as JSON spells it, an ISO date, or text compared without case.
        package var value: String
        /// ISO 4217 code that the value was written with; nil: any.
        package var currency: String?

        package init(field: String, comparison: Comparison, value: String, currency: String? = nil) {
            self.field = field
            self.comparison = comparison
            self.value = value
            self.currency = currency
        }
    }

    /// Fields that conditions need and nobody asked for: read with the others, left out of the records.
    package var fields: [Field]
    /// Every part of the text became a condition.
    package var isChecked: Bool

    package init(text: String, conditions: [Condition], fields: [Field] = [], isChecked: Bool = true) {
        self.text = text
        self.conditions = conditions
        self.fields = fields
        self.isChecked = isChecked
    }
}
