package import Documents

/// One page of a run, as far as a comparison has to know it.
package struct DiffPage: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable { case open, completed, partial, failed, skipped }

    /// The same for the same page in both runs: its address, spelled in one way.
    package var key: String
    package var status: Status
    /// Members that are null, blank or empty count as if they weren't there.
    package var records: [JSON]
    /// All records of the page are in `records`. Where this is false, one that is missing is unknown, not gone.
    package var isWhole: Bool
    /// Key of the page that led to this one; nil for pages that were asked for. A page that isn't in the other run because what led to it
    /// failed there is not gone, and neither are its records.
    package var foundOn: String?

    /// - Parameter isWhole: nil: a completed page is, and a partial one that has records. A page of which a part was not read is not
    ///   whole, and the caller says so.
    package init(key: String, status: Status, records: [JSON] = [], isWhole: Bool? = nil, foundOn: String? = nil) {
        self.key = key
        self.status = status
        self.records = records
        self.isWhole = isWhole ?? (status == .completed || status == .partial && !records.isEmpty)
        self.foundOn = foundOn
    }
}

/// How two runs are compared. Fields go by name ("price", "seller.name": lists on the way are not written) or by RFC 6901 pointer
/// ("/offers/0/price"); what is below a field belongs to it.
package struct DiffOptions: Sendable, Hashable {
    /// Fields that together say which record it is; empty: found in the records.
    package var by: [String]
    /// Fields that may differ. One that is also in `by` is compared.
    package var ignore: [String]

    package init(by: [String] = [], ignore: [String] = []) {
        self.by = by
        self.ignore = ignore
    }

    /// Reads lists of fields as they are typed: "id,sku".
    package init(by: String, ignore: String = "") throws(ChangesError) {
        self.init(by: try DiffOptions.fields(by, .by), ignore: try DiffOptions.fields(ignore, .ignore))
    }

    private static func fields(_ text: String, _ place: ChangesError.Place) throws(ChangesError) -> [String] {
        if text.allSatisfy(\.isWhitespace) { return [] }
        var fields: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let field = part.meaning
            guard !field.isEmpty else { throw ChangesError(place, text, "a field's name is missing; write them as id,sku") }
            guard !fields.contains(field) else { throw ChangesError(place, text, "\(field) is there twice") }
            fields.append(field)
        }
        guard fields.count <= 64 else { throw ChangesError(place, text, "64 fields at most") }
        return fields
    }
}

/// Why something that was typed for a comparison can't be used. Nothing is retried: the caller shows it to whoever typed it.
package struct ChangesError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was typed wrongly; the raw value is its name for a person.
    package enum Place: String, Sendable, Hashable { case by, ignore, threshold }

    package var place: Place
    /// As it was typed, cut after 60 characters.
    package var text: String
    /// What is wrong with it and what would be right.
    package var reason: String

    init(_ place: Place, _ text: String, _ reason: String) {
        self.place = place
        self.text = text.count > 60 ? text.prefix(59) + "…" : text
        self.reason = reason
    }

    package var description: String { "\(place.rawValue) \"\(text)\": \(reason)" }
}
