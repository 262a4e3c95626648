/// What keeps a folder from being evaluated, or one of its records from being used.
package struct EvaluationError: Error, CustomStringConvertible {
    package enum Code: Sendable {
        /// The folder, or what was said about it, can't be used; the person can mend it.
        case input
        /// One record or its page can't be used; it is named and left out, the others go on.
        case record
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
