/// What went wrong with the store, and whether trying again can help.
package struct StoreError: Error, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The file can't be opened or created, or the server can't be reached: the caller names another place, mends rights, or waits.
        case unavailable
        /// What was given as the store's place can't be read as one.
        case badAddress
        /// The file lies where SQLite's locks can't be trusted (NFS, SMB, …).
        case networkFileSystem
        /// Written by a newer Gleaner: nothing was changed.
        case newerSchema
        /// Another process held the write lock for longer than the busy time-out; nothing was written, the call may be repeated.
        case busy
        /// This kind of database has no such thing; the message says what has.
        case unsupported
        /// No row of that id, or its beginning fits several.
        case notFound
        case ambiguous
        /// What is asked contradicts what stands there (the same key for another run, a move that the state does not allow).
        case conflict
        /// The lease was lost (another worker has the visit, or the run was cancelled): nothing was written, the worker drops its result.
        case staleLease
        /// The database refused a statement: a fault of ours or a damaged file.
        case failed
    }

    package var code: Code
    package var message: String
    package var underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    /// Trying again is no use: the server will not have us, or the file can't be opened.
    package var isLasting: Bool {
        guard code == .unavailable else { return false }
        return (underlying as? PostgresFault).map { $0.kind != .lost } ?? true
    }

    package var description: String { underlying.map { "\(message): \($0)" } ?? message }
}
