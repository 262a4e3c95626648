/// One value of `--resolve`: `HOST:ADDR`. The host leads to that address, whatever the resolver says; several values add up.
package struct HostOverride: Sendable, Equatable {
    package let host: String
    package let address: IPAddress

    package init(host: String, address: IPAddress) {
        self.host = HostName.normalized(host)
        self.address = address
    }

    /// - Parameter text: `shop.test:127.0.0.1`, `shop.test:::1` or `shop.test:[::1]`.
    package init(_ text: String) throws(EgressError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let authority = Authority(parts[0], defaultPort: 1),
            let address = IPAddress(HostName.unbracketed(String(parts[1])))
        else {
            throw EgressError(
                .invalidOption, "--resolve \(text.debugDescription): write HOST:ADDRESS, as in shop.test:127.0.0.1 or shop.test:[::1]")
        }
        self.init(host: authority.host, address: address)
    }
}
