/// Which addresses may be asked. Public ones may; everything else is refused unless an exception lists it.
///
/// A verdict is about the number that a socket would be connected to, after names were resolved and at every
/// connection anew. How an address was written, or which name led to it, changes nothing.
package struct AddressRules: Sendable, Equatable {
    /// Blocks that anybody may be asked at (`--allow-address`).
    package var blocks: [AddressBlock]
    /// Single places that a person typed as a start URL.
    package var places: Set<Place>
    /// Hosts that are not asked, and all below them; as `HostName.normalized` has them. They say nothing of addresses.
    package var blockedHosts: Set<String> = []

    /// One host by one name at one port. The name counts: another name that leads to the same address stays refused.
    package struct Place: Sendable, Hashable {
        /// As `HostName.normalized` has it.
        package var host: String
        package var port: Int
        package var address: IPAddress

        /// - Parameter host: as `HostName.normalized` has it.
        package init(host: String, port: Int, address: IPAddress) { (self.host, self.port, self.address) = (host, port, address) }
    }

    package init(allowing blocks: [AddressBlock] = []) {
        self.blocks = blocks
        places = []
    }

    /// Only public addresses.
    package static let publicOnly = Self()

    /// Which of `blockedHosts` a host is or is below of.
    package func block(of host: String) -> String? {
        guard !blockedHosts.isEmpty else { return nil }
        var name = Substring(HostName.normalized(host))
        while !name.isEmpty {
            if blockedHosts.contains(String(name)) { return String(name) }
            guard let dot = name.firstIndex(of: ".") else { return nil }
            name = name[name.index(after: dot)...]
        }
        return nil
    }

    /// nil where the connection may be made.
    package func refusal(of address: IPAddress, port: Int, host: String) -> AddressRefusal? {
        let kind = address.kind
        if kind == .global || blocks.contains(where: { $0.contains(address, port: port) }) { return nil }
        let place = Place(host: HostName.normalized(host), port: port, address: address)
        if places.contains(place) { return nil }
        return AddressRefusal(host: place.host, address: address, port: port, kind: kind)
    }

    /// "A loopback or private start URL typed into the CLI allows exactly that host and port": adds those of `addresses`
    /// (what the host resolves to at this moment) that are loopback or private. Others, such as metadata, want an explicit block.
    package mutating func allow(host: String, port: Int, at addresses: [IPAddress]) {
        for address in addresses where [.loopback, .private].contains(address.kind) {
            places.insert(Place(host: HostName.normalized(host), port: port, address: address))
        }
    }
}

/// Why an address may not be asked.
package struct AddressRefusal: Sendable, Equatable, CustomStringConvertible {
    package var host: String
    package var address: IPAddress
    package var port: Int
    package var kind: AddressKind

    /// One sentence with the way out.
    package var description: String {
        let subject = HostName.unbracketed(host) == address.description ? "\(address) is" : "\(host) leads to \(address),"
        return "\(subject) \(kind.phrase); allow it with --allow-address \(address.bracketed)/\(address.bitWidth):\(port)"
    }
}

/// One value of `--allow-address`: `CIDR[:PORT[-PORT]]`, an IPv6 block in brackets when ports follow.
package struct AddressBlock: Sendable, Equatable, CustomStringConvertible {
    package let address: IPAddress
    /// Leading bits that count.
    package let length: Int
    package let ports: ClosedRange<Int>

    /// - Parameter text: `10.0.0.0/8`, `127.0.0.1:8080`, `192.168.0.0/16:8000-8999`, `[fd00::/8]:443`, `[::1]/128:80`, `::1`.
    package init(_ text: String) throws(EgressError) {
        func invalid(_ why: String) -> EgressError {
            EgressError(
                .invalidOption,
                "--allow-address \(text.debugDescription): \(why); write CIDR[:PORT[-PORT]], as in 10.0.0.0/8:8000-8999 or [fd00::/8]:443")
        }
        var block = Substring(text)
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let close = text.lastIndex(of: "]") else { throw invalid("the bracket isn't closed") }
            block = text[text.index(after: text.startIndex)..<close]
            var rest = text[text.index(after: close)...]
            if rest.hasPrefix("/") {
                guard !block.contains("/") else { throw invalid("two lengths") }
                let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
                block = "\(block)/\(digits)"
                rest = rest.dropFirst(digits.count + 1)
            }
            if rest.hasPrefix(":") { portText = rest.dropFirst() } else if !rest.isEmpty { throw invalid("\(rest) after the bracket") }
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            block = text[..<colon]
            portText = text[text.index(after: colon)...]
        }

        let parts = block.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { throw invalid("\(parts.first ?? "") is no IP address") }
        var length = address.bitWidth
        if parts.count == 2 {
            guard let number = Self.number(parts[1]), number <= length else { throw invalid("/\(parts[1]) is no length of 0 to \(length)") }
            length = number
        }
        guard address.bits & ~Self.mask(length, of: address.bitWidth) == 0 else {
            throw invalid("bits are set beyond /\(length)")
        }
        self.address = address
        self.length = length

        guard let portText else {
            ports = 1...65535
            return
        }
        let bounds = portText.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(Self.number)
        guard let low = bounds.first ?? nil, let high = bounds.last ?? nil, low >= 1, low <= high, high <= 65535 else {
            throw invalid("\(portText) is no port or range of ports")
        }
        ports = low...high
    }

    /// An IPv4 block also holds its addresses in their mapped form, which the system connects to in the same way.
    package func contains(_ other: IPAddress, port: Int) -> Bool {
        guard ports.contains(port) else { return false }
        var other = other
        if address.family == .v4, other.family == .v6, other.bits >> 32 == 0xffff {
            other = IPAddress(v4: UInt32(truncatingIfNeeded: other.bits))
        }
        return other.family == address.family && (other.bits ^ address.bits) & Self.mask(length, of: address.bitWidth) == 0
    }

    package var description: String {
        let range = ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
        let cidr = "\(address)/\(length)"
        return (address.family == .v6 ? "[\(cidr)]" : cidr) + (ports == 1...65535 ? "" : ":\(range)")
    }

    private static func mask(_ length: Int, of width: Int) -> UInt128 {
        let all = width == 128 ? UInt128.max : (1 << width) - 1
        return length == 0 ? 0 : (all >> (width - length)) << (width - length)
    }

    private static func number(_ text: Substring) -> Int? {
        text.isEmpty || text.utf8.count > 5 || !text.utf8.allSatisfy { (48...57).contains($0) } ? nil : Int(text)
    }
}
