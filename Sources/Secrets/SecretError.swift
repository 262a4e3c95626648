/// Why a secret could not be sealed, or not be opened.
package struct SecretError: Error, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        /// The key is too weak or can't be read: whoever set it makes another.
        case invalidKey = "invalid-key"
        /// The file of the key can't be made or read, or others may read it: the operator mends the file.
        case keyFile = "key-file"
        /// It was sealed with another key: the operator brings that one back, or gives the secret anew.
        case otherKey = "other-key"
        /// It isn't what was sealed, or was sealed for something else. Trying again won't help.
        case damaged
        /// It is too long to be sealed.
        case tooLong = "too-long"
    }

    package var code: Code
    /// What happened, to what, and what to do. Safe to log: neither secrets nor keys.
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
