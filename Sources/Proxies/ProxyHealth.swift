internal import Foundation

/// Whether a proxy is alive, as all know it. A plain value, to be stored in a row that is written only if it still is as it was read;
/// moments are microseconds since 1970, of one clock.
package struct ProxyHealth: Sendable, Hashable, Codable {
    /// Hosts that ban it, with nobody served in between, for which the proxy itself is suspected.
    package static let suspiciousHosts = 5
    /// Within so long.
    package static let suspicionTime: Int64 = 1_800_000_000

    /// Why it cools down.
    package enum Cause: Sendable, Hashable, Codable {
        case dead(ProxyOutcome.Death)
        /// Many hosts ban it.
        case suspected

        fileprivate var pace: CoolDownPace {
            switch self {
            case .dead(.login): CoolDownPace(first: 3_600_000_000, longest: CoolDown.longest)
            case .dead: CoolDownPace(first: 10_000_000, longest: 1_800_000_000)
            case .suspected: CoolDownPace(first: 300_000_000, longest: 21_600_000_000)
            }
        }
    }

    private struct Ban: Sendable, Hashable, Codable {
        /// Of its name.
        var host: UInt32
        var at: Int64
    }

    private var coolDown = CoolDown()
    /// Set where it is not healthy.
    package private(set) var cause: Cause?
    /// The last of each host.
    private var bans: [Ban] = []

    package init() {}

    private var pace: CoolDownPace { (cause ?? .dead(.unreachable)).pace }

    package func state(at now: Int64) -> ProxyState { coolDown.state(at: now, pace) }

    /// A visit begins at `now`, which must be said again with its outcome; it becomes the probe where one is wanted.
    package func begun(at now: Int64) -> ProxyHealth {
        var health = settled(at: now)
        health.coolDown.begin(at: now)
        return health
    }

    /// - Parameters:
    ///   - host: which the visit went to; by the same name each time.
    ///   - start: when the visit began.
    package func after(_ outcome: ProxyOutcome, from host: String, begunAt start: Int64, at now: Int64) -> ProxyHealth {
        var health = settled(at: now)
        guard health.coolDown.counts(from: start) else { return health }
        switch outcome {
        case .served: health.heal(at: now)
        case .dead(let death): health.fail(.dead(death), at: now)
        case .banned: health.ban(by: host, at: now)
        case .nothing: health.coolDown.giveBack()
        }
        return health
    }

    private func settled(at now: Int64) -> ProxyHealth {
        var health = self
        health.coolDown = coolDown.settled(at: now, pace)
        return health
    }

    private mutating func heal(at now: Int64) {
        coolDown.heal(at: now)
        (cause, bans) = (nil, [])
    }

    private mutating func fail(_ new: Cause, at now: Int64) {
        coolDown.fail(at: now, new.pace, again: cause?.pace == new.pace)
        (cause, bans) = (new, [])
    }

    private mutating func ban(by host: String, at now: Int64) {
        if coolDown.isProbed {
            if cause == .suspected { return fail(.suspected, at: now) }
            // Who is banned is alive.
            heal(at: now)
        }
        let name = UInt32(truncatingIfNeeded: StableHash(host).value)
        bans.removeAll { $0.host == name || $0.at <= now.adding(-ProxyHealth.suspicionTime) }
        bans.append(Ban(host: name, at: now))
        if bans.count >= ProxyHealth.suspiciousHosts { fail(.suspected, at: now) }
    }

    /// For a person; nil where nothing is wrong.
    package var reason: String? {
        switch cause {
        case .dead(.unreachable): "it can't be reached"
        case .dead(.timedOut): "it doesn't answer in time"
        case .dead(.handshake): "it doesn't answer as a proxy of its scheme"
        case .dead(.login): "it refuses the login; correct it in the list"
        case .suspected: "\(ProxyHealth.suspiciousHosts) hosts ban it"
        case nil: nil
        }
    }
}

/// Whether a host wants to see a proxy, as all know it; stored as `ProxyHealth` is.
package struct ProxyHostHealth: Sendable, Hashable, Codable {
    private static let pace = CoolDownPace(first: 60_000_000, longest: 21_600_000_000)

    private var coolDown = CoolDown()

    package init() {}

    package func state(at now: Int64) -> ProxyState { coolDown.state(at: now, ProxyHostHealth.pace) }

    /// A visit begins at `now`, which must be said again with its outcome; it becomes the probe where one is wanted.
    package func begun(at now: Int64) -> ProxyHostHealth {
        var health = settled(at: now)
        health.coolDown.begin(at: now)
        return health
    }

    /// - Parameter start: when the visit began.
    package func after(_ outcome: ProxyOutcome, begunAt start: Int64, at now: Int64) -> ProxyHostHealth {
        var health = settled(at: now)
        guard health.coolDown.counts(from: start) else { return health }
        switch outcome {
        case .served: health.coolDown.heal(at: now)
        case .banned: health.coolDown.fail(at: now, ProxyHostHealth.pace)
        // Nobody asked the host.
        case .dead, .nothing: health.coolDown.giveBack()
        }
        return health
    }

    private func settled(at now: Int64) -> ProxyHostHealth {
        var health = self
        health.coolDown = coolDown.settled(at: now, ProxyHostHealth.pace)
        return health
    }
}

// MARK: - Stored

extension ProxyHealth {
    /// Reads what `stored` wrote; what can't be read is nothing known.
    package init(stored text: String) {
        let health = ProxyHealth.read(text) ?? ProxyHealth()
        let isWhole = health.coolDown.isPossible && (health.cause == nil) == (health.coolDown.level == 0)
        self = isWhole && health.bans.count < ProxyHealth.suspiciousHosts ? health : ProxyHealth()
    }

    /// JSON, the same for the same value.
    package var stored: String { written }
}

extension ProxyHostHealth {
    /// Reads what `stored` wrote; what can't be read is nothing known.
    package init(stored text: String) {
        let health = ProxyHostHealth.read(text) ?? ProxyHostHealth()
        self = health.coolDown.isPossible ? health : ProxyHostHealth()
    }

    /// JSON, the same for the same value.
    package var stored: String { written }
}

extension Decodable where Self: Encodable {
    fileprivate static func read(_ text: String) -> Self? { try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) }

    fileprivate var written: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // There is nothing in it that JSON can't say.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
