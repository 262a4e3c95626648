/// Who waits for one of so many tabs, as a value: first come, first served.
///
/// Each ticket ends exactly once: let in, or left (deadline, cancelled, line closed). `Fleet` resumes the continuations.
struct WaitingLine<Waiter> {
    private(set) var capacity: Int
    private(set) var taken = 0
    private var line: [(ticket: Int, waiter: Waiter)] = []
    private var lastTicket = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var waiting: Int { line.count }

    /// True where a place was free and nobody stood before: the place is taken now.
    mutating func enter() -> Bool {
        guard line.isEmpty, taken < capacity else { return false }
        taken += 1
        return true
    }

    /// At the end of the line; the ticket is for `leave`.
    mutating func makeTicket() -> Int {
        lastTicket += 1
        return lastTicket
    }

    mutating func queue(_ ticket: Int, _ waiter: Waiter) { line.append((ticket, waiter)) }

    /// The waiter of a ticket that gives up; nil where it was let in before.
    mutating func leave(_ ticket: Int) -> Waiter? {
        guard let place = line.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return line.remove(at: place).waiter
    }

    /// A place came free; who may come in now.
    mutating func release() -> Waiter? {
        guard !line.isEmpty, taken <= capacity else {
            taken = max(0, taken - 1)
            return nil
        }
        return line.removeFirst().waiter
    }

    /// Everybody who waits; nobody comes in any more by waiting.
    mutating func dismiss() -> [Waiter] {
        defer { line = [] }
        return line.map(\.waiter)
    }
}
