internal import Crypto
package import Documents
internal import Foundation

/// The place in a list where the next page begins, as its readers carry it: base64url of JSON with the version, the sort keys of the last
/// row that was shown, and a hash of the filters. It isn't signed: whoever changes it only gets another place in the same list.
package enum Cursor {
    private static let version = 1
    package static let longest = 1_024

    /// - Parameters:
    ///   - keys: of the last row.
    ///   - filters: what the list is filtered and sorted by, as the query says it, without limit and cursor.
    package static func text(after keys: [JSON], filters: [(name: String, value: String)]) -> String {
        Base64URL.text(JSON.of(("v", .integer(version)), ("k", .array(keys)), ("f", .string(hash(filters)))).text().utf8)
    }

    /// The keys. One of another list, of other filters or of another version is a 400.
    package static func keys(of text: String, filters: [(name: String, value: String)]) throws(Problem) -> [JSON] {
        let foreign = Problem(
            .invalidQuery, "the cursor is not one of this list; begin again without it",
            faults: [.init(.query("cursor"), "belongs to another list or other filters, or was cut")])
        guard text.utf8.count <= longest, let bytes = Base64URL.bytes(text), let plain = String(validating: bytes, as: UTF8.self),
            let json = try? JSON(parsing: plain, maximumDepth: 4), json["v"]?.int == version, json["f"]?.string == hash(filters),
            let keys = json["k"]?.array
        else { throw foreign }
        return keys
    }

    private static func hash(_ filters: [(name: String, value: String)]) -> String {
        let text = QueryPairs.text(filters.sorted { ($0.name, $0.value) < ($1.name, $1.value) })
        return Base64URL.text(Data(SHA256.hash(data: Data(text.utf8))).prefix(9))
    }
}

/// Which page of a list is asked for: `limit` and `cursor` of a query.
package struct PageRequest: Sendable, Hashable {
    package var limit: Int
    package var cursor: String?

    /// - Parameter most: rows of one page.
    package init(_ fields: FormFields, most: Int = 200) {
        limit = fields.optional("limit", .integer(1...most), default: min(50, most), "Rows of one page.")
        cursor = fields.optional("cursor", .text(1...Cursor.longest), "Where the page begins: next_cursor of the page before it.")
    }

    /// Sort keys of the row after which the page begins; nil for the first page.
    package func start(filters: [(name: String, value: String)]) throws(Problem) -> [JSON]? {
        guard let cursor else { return nil }
        return try Cursor.keys(of: cursor, filters: filters)
    }

    /// The value of the Link header that leads to the next page (RFC 8288).
    package func link(path: String, filters: [(name: String, value: String)], next cursor: String) -> String {
        "<\(path)?\(QueryPairs.text(filters + [("limit", String(limit)), ("cursor", cursor)]))>; rel=\"next\""
    }
}

/// RFC 4648 section 5, without padding.
enum Base64URL {
    static func text(_ bytes: some Collection<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.allSatisfy({ isDigit($0) }) else { return nil }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)).map { [UInt8]($0) }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 95
    }
}
