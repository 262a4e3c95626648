/// Who may connect to a host now, and who is next: at most `limit` at once, the others in the order in which they came.
struct HostTurns {
    let limit: Int
    private var used: [String: Int] = [:]
    private var waiting: [String: [UInt64]] = [:]

    init(limit: Int) { self.limit = max(1, limit) }

    /// True: it is their turn, and `release` ends it. False: `release` of another will name them.
    mutating func take(_ host: String, by number: UInt64) -> Bool {
        if used[host, default: 0] < limit {
            used[host, default: 0] += 1
            return true
        }
        waiting[host, default: []].append(number)
        return false
    }

    /// Somebody waits for a turn.
    func isWanted(_ host: String) -> Bool { waiting[host] != nil }

    /// - Returns: whose turn it is instead, at once.
    mutating func release(_ host: String) -> UInt64? {
        if var queue = waiting[host], !queue.isEmpty {
            let next = queue.removeFirst()
            waiting[host] = queue.isEmpty ? nil : queue
            return next
        }
        let left = used[host, default: 0] - 1
        used[host] = left > 0 ? left : nil
        return nil
    }

    /// Somebody waits no longer. False where their turn had come already.
    mutating func withdraw(_ host: String, _ number: UInt64) -> Bool {
        guard let index = waiting[host]?.firstIndex(of: number) else { return false }
        waiting[host]?.remove(at: index)
        if waiting[host]?.isEmpty == true { waiting[host] = nil }
        return true
    }
}
