package import Foundation

/// A UUIDv7 (RFC 9562 section 5.7) with a prefix that says of what: `run_`, `vis_`. Ids of later rows sort after those of earlier ones.
package struct Identifier: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable { case run, vis, node, ord, sch, dlv }

    /// With prefix: `run_019a…`.
    package let description: String

    package init(_ kind: Kind, at time: Date = Date(), random: (UInt64, UInt64) = (.random(in: 0 ... .max), .random(in: 0 ... .max))) {
        let milliseconds = UInt64(max(0, time.timeIntervalSince1970 * 1000)) & 0xFFFF_FFFF_FFFF
        let high = milliseconds << 16 | 0x7000 | (random.0 & 0x0FFF)
        let low = 0x8000_0000_0000_0000 | (random.1 & 0x3FFF_FFFF_FFFF_FFFF)
        func hex(_ value: UInt64) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        description = "\(kind.rawValue)_" + hex(high) + hex(low)
    }

    /// As it came out of the store.
    package init(stored text: String) { description = text }
}
