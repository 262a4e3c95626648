/// What kept a page from being read. The page itself never causes one: what is missing on it is told in the answer.
package struct ExtractionError: Error, CustomStringConvertible {
    package enum Code: Sendable {
        /// The encoder failed; the page may be read again when it is back.
        case encoder
        /// The bundled model files don't fit together.
        case model
        case cancelled
    }

    package var code: Code
    package var message: String
    package var underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    package var description: String { underlying.map { "\(message): \($0)" } ?? message }
}
