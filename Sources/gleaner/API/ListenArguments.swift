import ArgumentParser
import Foundation
import Logging
import Server
import Store

/// Where a farm answers over HTTP.
struct ListenArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Answer over HTTP there, as 127.0.0.1:7070; /docs says what. Beyond this machine only where there is a key (gleaner keys create).",
            valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("A name by which the farm is called over HTTP, beside its addresses. Repeatable.", valueName: "name"))
    var hostName: [String] = []

    @Option(
        help: ArgumentHelp("Private addresses that runs over HTTP may ask: CIDR[:PORT[-PORT]]. Repeatable.", valueName: "cidr"))
    var allowAddress: [String] = []

    func validate() throws {
        if let listen, place(listen) == nil { throw ValidationError("--listen \(listen): write host:port, as 127.0.0.1:7070") }
        if listen == nil, !hostName.isEmpty || !allowAddress.isEmpty { throw ValidationError("--host-name and --allow-address go with --listen") }
    }

    private func place(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else { return nil }
        let host = text[..<colon]
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
        return bare.isEmpty ? nil : (String(bare), port)
    }

    /// Nil where nothing was asked for.
    func server(_ store: Store, _ logger: Logger) -> WebServer? {
        guard let listen, let (host, port) = place(listen) else { return nil }
        let api = FarmAPI(store: store, allowedAddresses: allowAddress).api
        let gate = Gate(
            authenticator: Authenticator(keys: .store(store), sessions: Sessions(secret: Sessions.randomSecret()), host: host),
            limiter: RateLimiter(RateLimit(quota: 1_200, window: .seconds(60))),
            clock: { Int64(Date().timeIntervalSince1970 * 1_000_000) })
        return WebServer(port: port, api: api, door: FrontDoor(hosts: HostNames(hostName), api: api), gate: gate, logger: logger) { port in
            logger.notice("answers over HTTP", metadata: ["address": "http://\(host.contains(":") ? "[\(host)]" : host):\(port)", "documentation": "/docs"])
        }
    }
}
