package import Egress

/// By which way a visit leaves, and as whom.
package struct Way: Sendable {
    /// The loopback proxy that the browsers go through.
    package var port: RelayPort
    /// What may be reached, and through which upstream proxy: the same for browsers and libcurl.
    package var route: Relay.Route
    /// Visits of the same session share cookies and cache.
    package var session: String

    package init(port: RelayPort, route: Relay.Route, session: String) {
        (self.port, self.route, self.session) = (port, route, session)
    }
}

extension Way {
    /// What the relay noted of the host and port of an address.
    func incidents(at url: String) -> [RelayIncident] {
        guard let place = WebAddress(url) else { return [] }
        return port.usage.incidents.filter { $0.host == place.host && $0.port == place.port }
    }
}

/// What a visit asks of those who keep the hosts' clocks.
package struct Permits: Sendable {
    /// Asked at the very moment at which the document would be asked for, with the address that will be connected to where we know it; where
    /// it says no, the visit is not made.
    package var leave: @Sendable (_ address: IPAddress?) async throws -> Bool
    /// Asked before the page leads on to a document of another host; waits until that host may be asked, or says no where it takes too long.
    package var goOn: @Sendable (_ host: WebAddress) async throws -> Bool

    package init(
        leave: @escaping @Sendable (_ address: IPAddress?) async throws -> Bool = { _ in true },
        goOn: @escaping @Sendable (_ host: WebAddress) async throws -> Bool = { _ in true }
    ) {
        (self.leave, self.goOn) = (leave, goOn)
    }
}
