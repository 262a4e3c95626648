package import Foundation

/// How long a server asks to be left alone (RFC 9110 section 10.2.3).
package enum RetryAfter {
    /// Seconds from `now`; nil where the value is neither a number nor a date. A date that has passed is 0.
    package static func seconds(_ value: String, now: Date) -> Double? {
        let text = value.trimmingCharacters(in: .whitespaces)
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) { return Double(text).map { min($0, 31_536_000) } }
        return date(text).map { max(0, $0.timeIntervalSince(now)) }
    }

    /// An HTTP date (RFC 9110 section 5.6.7): IMF-fixdate, and the two obsolete forms that recipients must read.
    package static func date(_ text: String) -> Date? {
        for format in ["EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", "EEE MMM d HH:mm:ss yyyy"] {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(identifier: "UTC")
            formatter.calendar = Calendar(identifier: .gregorian)
            formatter.isLenient = false
            formatter.dateFormat = format
            // asctime pads the day with a space.
            if let date = formatter.date(from: text.replacingOccurrences(of: "  ", with: " ")) { return date }
        }
        return nil
    }
}
