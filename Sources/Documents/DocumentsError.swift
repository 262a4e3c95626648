/// What can go wrong when bytes become a document. Nothing here is worth a retry: the same bytes fail again.
package struct DocumentsError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The bytes are no XML document at all. Callers may read them as HTML.
        case malformedXML
        /// A stored snapshot is damaged, cut off, or not what its hash says. Visit the page again.
        case malformedSnapshot
        /// The snapshot was written by a newer version of this program.
        case unknownVersion
        /// Larger than what is read at all.
        case tooLarge
    }

    package var code: Code
    package var message: String
    package var underlying: (any Error)?

    init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    package var description: String { message }
}
