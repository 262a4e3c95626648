package import Documents

/// The records that one page lists, and what else they might have been.
package struct ListingResult: Sendable {
    /// One value of a record.
    package struct Cell: Sendable, Hashable {
        /// Number of the field in the request.
        package var field: Int
        package var span: Span
        /// Element the value stands in or whose attribute it is.
        package var node: NodeID
        /// It stands outside the record (heading, group row, page date) and holds for several.
        package var isShared: Bool
        /// Score of its column for the field, 0…1.
        package var score: Double
    }

    package struct Record: Sendable, Hashable {
        /// In the order of the request's fields; a field without a value has no cell.
        package var cells: [Cell]
        /// Elements (or text nodes) that the record consists of.
        package var nodes: [NodeID]
    }

    /// Which column answers a field.
    package struct Column: Sendable, Hashable {
        package var field: Int
        /// The printed label or column heading, where there is one.
        package var header: String?
        package var score: Double
        package var isShared: Bool
        /// Share of the sampled records that have a value there.
        package var coverage: Double
    }

    /// A list of similar parts of the page.
    package struct Family: Sendable, Hashable {
        package var count: Int
        /// How likely its parts are the records asked for, 0…1; only comparable within a page.
        package var score: Double
        /// Beginning of its first record.
        package var sample: String
        /// Element that holds all of it.
        package var node: NodeID
        /// How it was found: "siblings", "segments", "cousins", …
        package var kind: String
    }

    /// A family that was not taken, and why.
    package struct Rejection: Sendable, Hashable {
        package var family: Family
        package var reason: String
    }

    /// A heading or group row that stands before a record and holds until the next one.
    package struct Context: Sendable, Hashable {
        /// Number of the first record below it.
        package var record: Int
        package var span: Span
    }

    package var records: [Record] = []
    /// The family that was taken; nil where none was good enough.
    package var family: Family?
    package var columns: [Column] = []
    /// Mean column score over all fields, 0…1: comparable between pages.
    package var score = 0.0
    /// Families that nearly were taken, best first.
    package var runnersUp: [Family] = []
    package var rejected: [Rejection] = []
    package var contexts: [Context] = []
    /// Why there are no records; nil where there are some.
    package var reason: String?
    /// Parts of the page that were not read, each as a sentence.
    package var truncated: [String] = []

    package init() {}
}
