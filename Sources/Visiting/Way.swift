package import Documents
package import Egress
package import Extraction

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
    /// How the page is to be had.
    package var loading: @Sendable (_ url: String) async -> Loading
    /// Asked before the page leads on to a document of another host; waits until that host may be asked, or says no where it takes too long.
    package var goOn: @Sendable (_ host: WebAddress) async throws -> Bool
    /// Asked before the page leads on to another document: why that is not wanted; nil where it is.
    package var refusal: @Sendable (_ url: String) async -> Refusal?
    /// Asked of a page that came, before it is read.
    package var read: @Sendable (_ page: Document, _ status: Int?) async throws -> Reading

    /// Why a page may not lead on: a stable word and a sentence's end.
    package struct Refusal: Sendable {
        package var code: String
        package var reason: String

        package init(code: String, reason: String) { (self.code, self.reason) = (code, reason) }
    }

    package enum Reading: Sendable {
        /// For that, whose prompt is given as well; nil: not at all.
        case read(ExtractionRequest?, prompt: String)
        /// It is no page to keep: the word and the sentence that say why.
        case skip(code: String, reason: String)
        /// It is as it was before, and so are its records (JSON text).
        case unchanged([(body: String, evidence: String)])
    }

    package init(
        leave: @escaping @Sendable (_ address: IPAddress?) async throws -> Bool = { _ in true },
        loading: @escaping @Sendable (_ url: String) async -> Loading = { _ in .rendered },
        goOn: @escaping @Sendable (_ host: WebAddress) async throws -> Bool = { _ in true },
        refusal: @escaping @Sendable (_ url: String) async -> Refusal? = { _ in nil },
        read: @escaping @Sendable (_ page: Document, _ status: Int?) async throws -> Reading
    ) {
        (self.leave, self.loading, self.goOn, self.refusal, self.read) = (leave, loading, goOn, refusal, read)
    }
}
