/// What an address is for, by the registries of special-purpose addresses (RFC 6890, RFC 4291, RFC 6052 and their kin).
package enum AddressKind: String, Sendable, Equatable {
    case global
    case unspecified
    case loopback
    case `private`
    case linkLocal = "link-local"
    /// Where a cloud hands out its machines' credentials.
    case metadata
    /// Shared by a provider's customers, RFC 6598.
    case carrierShared = "carrier-shared"
    case multicast
    case broadcast
    case documentation
    /// Anything else that no public site may have.
    case reserved

    /// "a loopback address", as a sentence wants it.
    package var phrase: String {
        switch self {
        case .global: "a public address"
        case .unspecified: "an unspecified address"
        case .metadata: "a cloud metadata address"
        case .carrierShared: "an address shared inside a provider's network"
        default: "a \(rawValue) address"
        }
    }
}

extension IPAddress {
    /// Addresses that carry an IPv4 address in themselves (mapped, translated, NAT64, 6to4, ISATAP, …) are what that one is.
    package var kind: AddressKind {
        switch family {
        case .v4: Self.kind(ofV4: UInt32(truncatingIfNeeded: bits))
        case .v6: Self.kind(ofV6: bits)
        }
    }

    private static func kind(ofV4 address: UInt32) -> AddressKind {
        // Before the blocks they lie in. AWS and most others, ECS tasks, Alibaba, Oracle, Azure's wire server (a public number).
        switch address {
        case 0xA9FE_A9FE, 0xA9FE_AA02, 0x6464_64C8, 0xC000_00C0, 0xA83F_8110: return .metadata
        case 0xFFFF_FFFF: return .broadcast
        case 0: return .unspecified
        default: break
        }
        for block in v4Blocks where address >> (32 - block.length) == block.prefix >> (32 - block.length) { return block.kind }
        return .global
    }

    private static let v4Blocks: [(prefix: UInt32, length: UInt32, kind: AddressKind)] = [
        (0x0000_0000, 8, .unspecified),  // "this network"; Linux connects 0.0.0.0 to loopback
        (0x7F00_0000, 8, .loopback),
        (0x0A00_0000, 8, .private),
        (0xAC10_0000, 12, .private),
        (0xC0A8_0000, 16, .private),
        (0xA9FE_0000, 16, .linkLocal),
        (0x6440_0000, 10, .carrierShared),
        (0xC000_0000, 24, .reserved),  // protocol assignments
        (0xC000_0200, 24, .documentation),
        (0xC633_6400, 24, .documentation),
        (0xCB00_7100, 24, .documentation),
        (0xC058_6300, 24, .reserved),  // 6to4 relays, RFC 7526
        (0xC612_0000, 15, .reserved),  // benchmarking
        (0xE000_0000, 4, .multicast),
        (0xF000_0000, 4, .reserved),
    ]

    private static func kind(ofV6 address: UInt128) -> AddressKind {
        if address == 0 { return .unspecified }
        if address == 1 { return .loopback }
        let low = UInt32(truncatingIfNeeded: address)
        func begins(_ prefix: UInt128, _ length: Int) -> Bool { address >> (128 - length) == prefix }
        func embedded(_ v4: UInt32) -> AddressKind { kind(ofV4: v4) }

        if address == 0xfd00_0ec2_0000_0000_0000_0000_0000_0254 { return .metadata }
        if begins(0xffff, 96) { return embedded(low) }  // ::ffff:a.b.c.d, mapped
        if begins(0xffff_0000, 96) { return embedded(low) }  // ::ffff:0:a.b.c.d, RFC 2765
        if begins(0, 96) {  // ::a.b.c.d, deprecated: never a site, but say what hides in it
            let inner = embedded(low)
            return inner == .global ? .reserved : inner
        }
        if begins(0x0064_ff9b_0000_0000_0000_0000, 96) { return embedded(low) }  // NAT64, RFC 6052
        if begins(0x0064_ff9b_0001, 48) { return .private }  // NAT64 of a site's own, RFC 8215
        if begins(0xff, 8) { return .multicast }
        if begins(0xfe80 >> 6, 10) { return .linkLocal }
        if begins(0xfec0 >> 6, 10) { return .private }  // site-local, deprecated
        if begins(0xfc >> 1, 7) { return .private }
        guard begins(1, 3) else { return .reserved }  // only 2000::/3 is given out
        if begins(0x2002, 16) { return embedded(UInt32(truncatingIfNeeded: address >> 80)) }  // 6to4
        if begins(0x2001_0db8, 32) || begins(0x3fff0, 20) { return .documentation }
        // 2001::/23: Teredo, benchmarking, ORCHID and other protocol assignments; names of sites never have them.
        if begins(0x2001_0000 >> 9, 23) { return .reserved }
        // ISATAP, RFC 5214: the interface identifier is [0200|0000]:5efe:a.b.c.d.
        let interface = UInt32(truncatingIfNeeded: address >> 32)
        if interface & 0xfdff_ffff == 0x0000_5efe { return embedded(low) }
        return .global
    }
}
