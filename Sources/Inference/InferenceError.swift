/// What went wrong with a model file or a computation.
package struct InferenceError: Error, CustomStringConvertible, Sendable {
    package enum Code: String, Sendable {
        /// There is no such file, or it can't be read. Not retried: the path or the installation is wrong.
        case missing
        /// The file ends before its contents do, or contradicts itself. Not retried: fetch or export it again.
        case damaged
        /// A sound file that is not what was asked for: no GGUF, another architecture, other sizes, another checksum.
        case wrongModel
        /// llama.cpp refused the file or a context; the message is llama.cpp's own. Memory may be short: a later try may do.
        case refused
        /// The caller passed something out of range; nothing was computed.
        case badInput
        /// llama.cpp could not compute. The next call gets a new context.
        case computeFailed
        /// The task was cancelled; what was computed is thrown away.
        case cancelled
        /// More memory than this machine has free. A smaller file or context does; so may a later try.
        case tooLarge
        /// Prompt and answer don't fit into the model's context. The caller may ask again with less.
        case tooLong
        /// The grammar can't be read, or leaves the model nothing to say: a fault of the caller.
        case grammar
        /// The model's process ended while it worked on this call. The next call starts a new one.
        case crashed
        /// Not done when the request's time was up; the model is free again.
        case timedOut
        /// The model server can't be reached, refused or failed, after the retries that make sense; the message names it.
        case server
        /// What came is not what was asked for: no JSON, no events, a stream that broke off.
        case garbled
    }

    package let code: Code
    package let message: String
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    package var description: String { message }
}
