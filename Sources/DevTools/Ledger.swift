// Who waits for what, as a value: calls in, continuations to resume out. `DevToolsClient` does the resuming, outside its lock.
// Each call leaves the ledger exactly once, by whichever comes first: reply, deadline, cancel, the end of its session, disconnect.

struct Ledger<Waiter: Sendable>: Sendable {
    struct Topic: Hashable, Sendable {
        var session: String?
        var method: String
    }

    struct Call: Sendable {
        var waiter: Waiter
        var method: String
        var session: String?
        var deadline: ContinuousClock.Instant
    }

    struct Listener: Sendable {
        /// On the loop's thread.
        var received: @Sendable (_ method: String, _ message: [UInt8]) -> Void
        /// Exactly once, when the session or the connection ended; not after `unlisten`.
        var ended: @Sendable () -> Void
    }

    private var lastID = 0
    private var calls: [Int: Call] = [:]
    private var listeners: [Topic: [Int: Listener]] = [:]
    private(set) var closed: DevToolsError?
    private var earliest: ContinuousClock.Instant?

    var waiting: Int { calls.count }

    mutating func makeID() -> Int {
        lastID += 1
        return lastID
    }

    /// Nil when the call now waits; else why it can't.
    mutating func wait(_ id: Int, _ call: Call) -> DevToolsError? {
        if closed == nil {
            calls[id] = call
            earliest = min(earliest ?? call.deadline, call.deadline)
        }
        return closed
    }

    mutating func take(_ id: Int) -> Call? { calls.removeValue(forKey: id) }

    mutating func takeOverdue(at now: ContinuousClock.Instant) -> [Call] {
        guard let earliest, earliest <= now else { return [] }
        let overdue = calls.filter { $0.value.deadline <= now }
        for id in overdue.keys { calls[id] = nil }
        self.earliest = calls.values.map(\.deadline).min()
        return Array(overdue.values)
    }

    /// A token for `unlisten`; nil when the connection is gone.
    mutating func listen(to methods: some Sequence<String>, session: String?, _ listener: Listener) -> Int? {
        guard closed == nil else { return nil }
        lastID += 1
        for method in methods { listeners[Topic(session: session, method: method), default: [:]][lastID] = listener }
        return lastID
    }

    mutating func unlisten(_ token: Int, to methods: some Sequence<String>, session: String?) {
        for method in methods {
            let topic = Topic(session: session, method: method)
            listeners[topic]?[token] = nil
            if listeners[topic]?.isEmpty == true { listeners[topic] = nil }
        }
    }

    func listeners(to topic: Topic) -> [Listener] { listeners[topic].map { Array($0.values) } ?? [] }

    /// What waits for a session that has ended.
    mutating func end(session: String) -> (calls: [Call], listeners: [Listener]) {
        let gone = calls.filter { $0.value.session == session }
        for id in gone.keys { calls[id] = nil }
        var ended: [Int: Listener] = [:]
        for (topic, group) in listeners where topic.session == session {
            ended.merge(group) { first, _ in first }
            listeners[topic] = nil
        }
        return (Array(gone.values), Array(ended.values))
    }

    /// What waits at all; nothing can wait any more.
    mutating func close(_ error: DevToolsError) -> (calls: [Call], listeners: [Listener]) {
        guard closed == nil else { return ([], []) }
        closed = error
        defer { (calls, listeners) = ([:], [:]) }
        var ended: [Int: Listener] = [:]
        for group in listeners.values { ended.merge(group) { first, _ in first } }
        return (Array(calls.values), Array(ended.values))
    }
}
