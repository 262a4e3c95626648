internal import Egress
internal import Foundation

extension ProxyListing {
    mutating func readJSON(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count <= ProxyListing.longestJSON else {
            return add(ProxyError("a list in JSON has \(ProxyListing.longestJSON >> 20) MB at most"))
        }
        guard let list = try? JSONDecoder().decode(List.self, from: Data(bytes)) else {
            // The decoder's own words may repeat a piece of the list.
            return add(ProxyError("it can't be read as JSON; a list is an array of texts or of objects with \"url\""))
        }
        for (index, entry) in list.entries.enumerated() {
            add(at: .entry(index + 1)) { () throws(ProxyError) in try entry.proxy.get() }
        }
        if list.isCut {
            add(
                ProxyError(
                    "a list has \(ProxyListing.mostEntries) entries at most; the rest was not read",
                    at: .entry(ProxyListing.mostEntries + 1)))
        }
    }

    private struct List: Decodable {
        var entries: [Entry] = []
        var isCut = false

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            while !values.isAtEnd, !isCut {
                if entries.count == ProxyListing.mostEntries { isCut = true } else { entries.append(try values.decode(Entry.self)) }
            }
        }
    }

    /// A fault is kept with it, so that the others are read.
    private struct Entry: Decodable {
        let proxy: Result<ListedProxy?, ProxyError>

        init(from decoder: any Decoder) {
            proxy = Result { () throws(ProxyError) in
                if let line = try? decoder.singleValueContainer().decode(String.self) { return try ProxyListing.proxy(inLine: line.utf8) }
                guard let object = try? decoder.container(keyedBy: Key.self) else {
                    throw ProxyError("it is neither a text nor an object with \"url\"")
                }
                return try Entry.proxy(in: object)
            }
        }

        private static func proxy(in object: KeyedDecodingContainer<Key>) throws(ProxyError) -> ListedProxy {
            guard let url = try? object.decode(String.self, forKey: Key(stringValue: "url")) else {
                throw ProxyError("\"url\" is missing, or is no text")
            }
            guard url.utf8.count <= ProxyListing.longestEntry else {
                throw ProxyError("\"url\" is longer than \(ProxyListing.longestEntry) bytes")
            }
            var tags = ProxyTags()
            var seen: Set<String> = []
            for key in object.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) where key.stringValue != "url" {
                if (try? object.decodeNil(forKey: key)) == true { continue }
                guard let value = text(of: key, in: object) else { throw ProxyError("a tag's value is no text, number or boolean") }
                try tags.set(key.stringValue.lowercased(), value, seen: &seen)
            }
            return ListedProxy(try UpstreamProxy(listed: url[...]), tags)
        }

        private static func text(of key: Key, in object: KeyedDecodingContainer<Key>) -> String? {
            if let text = try? object.decode(String.self, forKey: key) { return text }
            if let flag = try? object.decode(Bool.self, forKey: key) { return "\(flag)" }
            if let number = try? object.decode(Int.self, forKey: key) { return "\(number)" }
            return (try? object.decode(Double.self, forKey: key)).map { "\($0)" }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
