package import Documents

/// What was read from one page.
package struct Answer: Sendable {
    /// Each an object with the request's fields in order; a value that is missing or unproven is null and stands in `incomplete`.
    package var records: [JSON]
    /// One entry a leaf that has a value.
    package var evidence: [Evidence]
    package var incomplete: [Incomplete]
    /// Address of the next page of the same list, where one was found.
    package var next: String?

    package init(records: [JSON] = [], evidence: [Evidence] = [], incomplete: [Incomplete] = [], next: String? = nil) {
        self.records = records
        self.evidence = evidence
        self.incomplete = incomplete
        self.next = next
    }
}

/// Where a value stands on the page, so that anyone can check it against the snapshot.
package struct Evidence: Sendable, Hashable {
    /// Number of the record on its page, from 0.
    package var record: Int
    /// RFC 6901 pointer of the leaf in its record ("/price", "/tags/2").
    package var path: String
    /// The typed value as it stands in the record.
    package var value: JSON
    /// Exactly what stands at `start..<end`.
    package var text: String
    /// `Document.path(of:)`; never empty.
    package var node: String
    /// Unicode scalars in the node's visible text, or in `attribute`, or in the string at `pointer` of the node's JSON text.
    package var start: Int
    package var end: Int
    /// Name of the attribute that holds the text; nil for visible text.
    package var attribute: String?
    /// RFC 6901 pointer into the JSON that the node (a `<script>`) holds; nil for visible text.
    package var pointer: String?
    /// Nil where nothing was laid out: stored HTML, JSON, parts that are folded away.
    package var box: Document.Box?
    /// The page shows it only after its reader opens the part it is in: an accordion, a tab, closed details.
    package var isFolded: Bool
    package var method: Method
    /// 0…1; how sure the method is, not how true the value is.
    package var score: Double
    /// Name of the function from `text` to `value`: "text", "number", "money", "date", "url", …
    package var transform: String

    package enum Method: String, Sendable {
        /// JSON-LD, microdata, RDFa, meta or embedded state of the page.
        case structured
        /// A printed label or table heading said which field it is.
        case label
        /// The bundled encoder chose it.
        case matcher
        /// A column of repeated records.
        case list
        case model
    }

    package init(
        record: Int, path: String, value: JSON, text: String, node: String, start: Int, end: Int, attribute: String? = nil,
        pointer: String? = nil, box: Document.Box? = nil, isFolded: Bool = false, method: Method, score: Double, transform: String
    ) {
        self.record = record
        self.path = path
        self.value = value
        self.text = text
        self.node = node
        self.start = start
        self.end = end
        self.attribute = attribute
        self.pointer = pointer
        self.box = box
        self.isFolded = isFolded
        self.method = method
        self.score = score
        self.transform = transform
    }
}

/// A leaf without a value, or a part of the page that was not read.
package struct Incomplete: Sendable, Hashable {
    /// "/0/price" (record, then the leaf), or "" for the whole page.
    package var path: String
    package var reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}
