/// What went through a relay port.
package struct RelayUsage: Sendable, Equatable {
    /// Made to sites or to the upstream proxy.
    package var connections = 0
    /// Tunnels and plain requests asked for, refused ones included.
    package var requests = 0
    /// Bytes from sites.
    package var received = 0
    /// Bytes to sites.
    package var sent = 0
    /// What did not get through, in the order of its first time.
    package var incidents: [RelayIncident] = []
    /// Incidents that there was no room for.
    package var incidentsDropped = 0
}

/// Something that a page asked for and did not get.
package struct RelayIncident: Sendable, Equatable, CustomStringConvertible {
    /// `host:port` of a tunnel, or the address of a plain request without its query.
    package var target: String
    package var host: String
    package var port: Int
    package var code: EgressError.Code
    /// A sentence.
    package var message: String
    /// The very same thing, so many times.
    package var count = 1

    /// By our rules or limits, as opposed to by the network.
    package var isRefusal: Bool { [.addressRefused, .hostBlocked, .limitReached].contains(code) }

    package var description: String { "\(target): \(message)" + (count > 1 ? " (\(count) times)" : "") }
}
