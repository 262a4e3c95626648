/// One server-sent event (WHATWG HTML, section 9.2).
package struct ServerEvent: Sendable, Hashable {
    /// By which a reader goes on after it was cut off.
    package var id: Int64
    package var name: String
    package var data: String

    package init(id: Int64, name: String, data: String) {
        self.id = id
        self.name = name
        self.data = data
    }

    /// As it is sent. Each line of the data is one of its own; a name has none.
    package var text: String {
        var out = "id: \(id)\n"
        if !name.isEmpty { out += "event: \(String(name.unicodeScalars.filter { $0 != "\n" && $0 != "\r" }))\n" }
        for line in ServerEvent.lines(data) { out += "data: \(line)\n" }
        return out + "\n"
    }

    /// A line that readers skip.
    package static func comment(_ text: String) -> String {
        ServerEvent.lines(text).map { ": \($0)\n" }.joined() + "\n"
    }

    /// CR, LF and CRLF each end a line.
    private static func lines(_ text: String) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var afterCR = false
        for scalar in text.unicodeScalars {
            let isEnd = scalar == "\r" || (scalar == "\n" && !afterCR)
            if isEnd {
                lines.append(String(line))
                line = .init()
            } else if scalar != "\n" {
                line.append(scalar)
            }
            afterCR = scalar == "\r"
        }
        return lines + [String(line)]
    }

    /// The number after which a reader wants to go on: Last-Event-ID, which browsers send by themselves; 0 is the beginning.
    package static func lastID(_ header: String?) throws(Problem) -> Int64 {
        guard let header, !header.isEmpty else { return 0 }
        guard header.utf8.count <= 19, header.utf8.allSatisfy({ (48...57).contains($0) }), let id = Int64(header) else {
            throw Problem(
                .invalidHeader, "Last-Event-ID must be the id of an event, a whole number",
                faults: [.init(.header("Last-Event-ID"), "is not a whole number")])
        }
        return id
    }
}
