import Foundation

// Foundation is imported here only, so that the other files of this folder stay with plain arrays.
extension Listing {
    static func log(_ value: Double) -> Double { Foundation.log(value) }
    static func exp(_ value: Double) -> Double { Foundation.exp(value) }
}
