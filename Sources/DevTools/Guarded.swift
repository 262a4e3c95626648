// The one lock of these modules.
//
// It is `Synchronization.Mutex`, but for builds with the thread sanitizer: on Linux that doesn't see a `Mutex` and reports every value
// under it as a race. `-Xswiftc -DGLEANER_PTHREAD_LOCKS` puts a pthread mutex in its place, which it does see.

#if GLEANER_PTHREAD_LOCKS
import Foundation

/// A value that is only reached under a lock. Don't call out while you hold it.
package final class Guarded<Value>: @unchecked Sendable {
    private var value: Value
    private let lock: UnsafeMutablePointer<pthread_mutex_t>

    package init(_ value: sending Value) {
        self.value = value
        lock = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    package func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
#else
package import Synchronization

/// A value that is only reached under a lock. Don't call out while you hold it.
package final class Guarded<Value: Sendable>: Sendable {
    @usableFromInline let mutex: Mutex<Value>

    @inlinable package init(_ value: Value) { mutex = Mutex(value) }

    @inlinable package func withLock<R: Sendable>(_ body: (inout Value) throws -> R) rethrows -> R {
        try mutex.withLock { try body(&$0) }
    }
}
#endif
