package import Documents

/// Why an address is not worth a visit.
package struct Trap: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// The address alone tells: too long, too deep, repeating itself, packed into itself, too many parameters.
        case length, depth, repetition, nesting, parameters
        /// A calendar that goes on where nothing happens.
        case calendar
        /// The same few values in ever new combinations.
        case combinations
        /// Other addresses of its kind all had the same content.
        case sameContent
    }

    package var kind: Kind
    package var reason: String
}

/// Finds the places of one host where a crawl would never end.
///
/// It knows nothing but what `record` was told, in order: after a restart the same rows bring it back to the same state. Its memory is
/// bounded, and where a bound is reached it lets pass what it can't judge. So it does with all that may be content: 10,000 products under
/// one template, lists by facets, archives. What makes endless but ever new content isn't found here; the crawl's own budget ends it.
package struct TrapDetector: Sendable, Equatable {
    package struct Limits: Sendable, Equatable {
        /// Bytes of an address.
        package var length = 2_000
        package var segments = 20
        package var parameters = 30
        /// Months from now on that a calendar may speak of.
        package var monthsAhead = 24
        /// Pages of a calendar without anything new, one after the other, before it is left alone outside of where something was.
        package var emptyDates = 24
        /// The same for pages of one template with contents that were there before.
        package var sameContent = 100
        /// Pages of one path with three parameters or more, one after the other, that brought no value which was not there before.
        package var combinations = 150
        /// Templates, and paths with parameters, that are kept.
        package var templates = 2_000

        package init() {}
    }

    /// What is known of a template.
    private struct Template: Sendable, Equatable {
        var visits = 0
        var repeats = 0
        /// Repeats since the last new content.
        var run = 0
        /// The last contents that were new: exact hashes, or prints in a calendar.
        var recent: [ContentPrint] = []
        /// Months in which something new was.
        var months: ClosedRange<Int>?
    }

    private struct Combinations: Sendable, Equatable {
        /// Visits since the last new value.
        var run = 0
        var values: Set<UInt64> = []
        var isEndless = false
    }

    private let limits: Limits
    private var templates: [String: Template] = [:]
    private var combinations: [String: Combinations] = [:]

    /// Contents that a template remembers.
    private static let recentContents = 128
    private static let recentDates = 8
    /// Bits in which two pages of a calendar differ that have nothing but their dates.
    private static let similarity = 5
    /// Values of the parameters of one path.
    private static let maximumValues = 5_000

    package init(limits: Limits = Limits()) { self.limits = limits }
}

// MARK: - Verdicts

extension TrapDetector {
    /// Why the address is not worth a visit; nil where it is. To be asked when an address is found, and again before it is visited.
    ///
    /// - Parameter now: microseconds since 1970.
    package func verdict(on url: URLIdentity, now: Int64) -> Trap? {
        if let trap = trapByShape(url) { return trap }
        let shape = settled(AddressShape(url))
        if let known = combinations[url.path], known.isEndless, shape.parameters.count >= 3 {
            return Trap(
                kind: .combinations,
                reason: "\(url.path) combines the same \(known.values.count) values of its parameters without end")
        }
        if let month = shape.month {
            // 1970 began with month 23,640; the mean month of the Gregorian calendar has 2,629,746 s.
            let ahead = month - 23_640 - Int(now / 1_000_000 / 2_629_746)
            let known = templates[shape.template]
            if ahead > limits.monthsAhead, !shape.isAmbiguous || (known?.visits ?? 0) >= 10 {
                return Trap(kind: .calendar, reason: "its date is \(ahead) months ahead")
            }
            if let known, known.run >= limits.emptyDates, let months = known.months, !months.contains(month) {
                return Trap(kind: .calendar, reason: "the last \(known.run) dates of \(shape.template) had nothing new")
            }
        } else if let known = templates[shape.template], known.run >= limits.sameContent, known.repeats * 2 >= known.visits {
            return Trap(
                kind: .sameContent, reason: "the last \(known.run) addresses of \(shape.template) had contents that were there before")
        }
        return nil
    }

    /// "/forum/2026/3" is no date where there is "/forum/57/3".
    private func settled(_ shape: AddressShape) -> AddressShape {
        guard shape.isAmbiguous, templates[shape.plain] != nil else { return shape }
        var shape = shape
        shape.template = shape.plain
        shape.month = nil
        return shape
    }

    /// A visit that brought a page, in the order of visits; not one that failed or was no page (`SoftNotFound`).
    package mutating func record(_ url: URLIdentity, content: ContentPrint) {
        let shape = settled(AddressShape(url))
        recordContent(shape, content)
        let names = shape.parameters.filter { !AddressShape.paging.contains($0.name) }
        if names.count >= 3, names.count == shape.parameters.count { recordCombination(url.path, names) }
    }

    private mutating func recordContent(_ shape: AddressShape, _ content: ContentPrint) {
        guard templates[shape.template] != nil || templates.count < limits.templates else { return }
        var known = templates[shape.template] ?? Template()
        known.visits += 1
        let isCalendar = shape.month != nil
        let isOld = known.recent.contains {
            isCalendar ? $0.distance(to: content) <= TrapDetector.similarity : $0.exact == content.exact
        }
        if isOld {
            known.repeats += 1
            known.run += 1
        } else {
            known.run = 0
            known.recent.append(content)
            if known.recent.count > (isCalendar ? TrapDetector.recentDates : TrapDetector.recentContents) { known.recent.removeFirst() }
            if let month = shape.month {
                known.months = known.months.map { min($0.lowerBound, month)...max($0.upperBound, month) } ?? month...month
            }
        }
        templates[shape.template] = known
    }

    private mutating func recordCombination(_ path: String, _ parameters: [(name: String, value: String)]) {
        guard combinations[path] != nil || combinations.count < limits.templates / 10 else { return }
        var known = combinations[path] ?? Combinations()
        if known.isEndless || known.values.count >= TrapDetector.maximumValues { return }
        known.run += 1
        for (name, value) in parameters where known.values.insert(StableHash.of(name + "=" + value)).inserted { known.run = 0 }
        known.isEndless = known.run >= limits.combinations
        combinations[path] = known
    }
}

// MARK: - Shape

extension TrapDetector {
    private func trapByShape(_ url: URLIdentity) -> Trap? {
        let length = url.withoutFragment.utf8.count
        if length > limits.length { return Trap(kind: .length, reason: "it has \(length) bytes; at most \(limits.length) are followed") }
        let segments = url.path.split(separator: "/")
        if segments.count > limits.segments { return Trap(kind: .depth, reason: "its path has \(segments.count) parts") }
        if let repeated = TrapDetector.repetition(in: segments) {
            return Trap(kind: .repetition, reason: "its path repeats “\(repeated)”, as relative links make it that lack a slash")
        }
        guard let query = url.query else { return nil }
        let parameters = query.split(separator: "&")
        if parameters.count > limits.parameters { return Trap(kind: .parameters, reason: "it has \(parameters.count) parameters") }
        if Dictionary(grouping: parameters, by: \.self).values.contains(where: { $0.count >= 3 }) {
            return Trap(kind: .repetition, reason: "it has a parameter three times with the same value")
        }
        // "%2525" is a "%" that was escaped three times over: an address within an address within an address.
        if query.contains("%2525") { return Trap(kind: .nesting, reason: "it has addresses packed into each other") }
        return nil
    }

    /// "a/b" in /a/b/a/b/a/b: a run of parts three times in a row, or one part four times. Numbers may repeat: /1/1/1.
    private static func repetition(in segments: [Substring]) -> String? {
        let isName = segments.map { segment in segment.utf8.contains { !(48...57).contains($0) } }
        let often = Set(Dictionary(grouping: segments, by: \.self).filter { $0.value.count >= 4 }.keys)
        if let first = segments.indices.first(where: { isName[$0] && often.contains(segments[$0]) }) { return String(segments[first]) }
        var size = 1
        while size * 3 <= segments.count {
            for start in 0...(segments.count - size * 3) where isName[start..<(start + size)].contains(true) {
                let unit = segments[start..<(start + size)]
                if segments[(start + size)..<(start + size * 2)].elementsEqual(unit),
                    segments[(start + size * 2)..<(start + size * 3)].elementsEqual(unit)
                {
                    return unit.joined(separator: "/")
                }
            }
            size += 1
        }
        return nil
    }
}
