/// Why something that was typed for a schedule can't be used. Nothing is retried: the caller shows it to whoever typed it.
package struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was typed wrongly; the raw value is its name for a person.
    package enum Place: String, Sendable {
        /// The expression as a whole: the number of its fields, an "@" name.
        case expression = "expr"
        case minute, hour, month
        case dayOfMonth = "day of month"
        case dayOfWeek = "day of week"
        /// Of a request: the time zone, the time to begin at, the number of answers.
        case zone, from, count
    }

    package var place: Place
    /// As it was typed, cut after 60 characters.
    package var text: String
    /// What is wrong with it and what would be right.
    package var reason: String

    init(_ place: Place, _ text: some StringProtocol, _ reason: String) {
        self.place = place
        self.text = text.count > 60 ? text.prefix(59) + "…" : String(text)
        self.reason = reason
    }

    /// One sentence: `minute "61": 61 is out of range, it must be 0 to 59`.
    package var description: String { "\(place.rawValue) \"\(text)\": \(reason)" }
}
