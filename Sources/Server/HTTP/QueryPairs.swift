internal import Foundation

/// Names and values of a query, or of a form that a page sent (application/x-www-form-urlencoded, the WHATWG URL standard).
package struct QueryPairs: Sendable, Hashable {
    package struct Pair: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package static let most = 100

    package private(set) var list: [Pair] = []

    /// - Parameter text: what follows "?", or the body. Throws a 400 where it has too many pairs, or isn't UTF-8.
    package init(_ text: String) throws(Problem) {
        for part in text.split(separator: "&") {
            guard list.count < QueryPairs.most else {
                throw Problem(.invalidQuery, "more than \(QueryPairs.most) parameters; none needs so many")
            }
            let name = part.prefix { $0 != "=" }
            guard let decodedName = QueryPairs.decoded(name), let value = QueryPairs.decoded(part.dropFirst(name.count + 1)) else {
                throw Problem(.invalidQuery, "\"\(part.prefix(40))\" is not UTF-8 in percent-encoding")
            }
            list.append(Pair(name: decodedName, value: value))
        }
    }

    package subscript(_ name: String) -> String? { list.first { $0.name == name }?.value }

    mutating func remove(_ name: String) { list.removeAll { $0.name == name } }

    private static func decoded(_ text: Substring) -> String? { text.replacing("+", with: " ").removingPercentEncoding }

    /// A query of the given pairs, without "?".
    package static func text(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { encoded($0.name) + "=" + encoded($0.value) }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "" }

    /// RFC 3986 section 2.3.
    private static let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
