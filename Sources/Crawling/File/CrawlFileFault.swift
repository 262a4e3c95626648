/// One thing that is wrong in a crawl file. Who wrote the file has to change it.
///
/// It quotes the file as it was written: never what a variable stands for, and no addresses, which may hold a login.
package struct CrawlFileFault: Sendable, Hashable, CustomStringConvertible {
    package var position: Position
    /// Of the field, as `extract[1].urls`; empty for the file as a whole.
    package var path: String
    /// What is wrong and what would be right.
    package var message: String

    /// A place in the file, both numbers from 1; a column is a Unicode scalar.
    package struct Position: Sendable, Hashable, Comparable, CustomStringConvertible {
        package var line: Int
        package var column: Int

        static let start = Position(line: 1, column: 1)

        package static func < (one: Position, other: Position) -> Bool { (one.line, one.column) < (other.line, other.column) }
        package var description: String { "line \(line), column \(column)" }
    }

    /// One sentence: `line 3, column 7: scope: must be one of page, …`.
    package var description: String { "\(position): \(path.isEmpty ? "" : path + ": ")\(message)" }
}

/// What is wrong in a crawl file, in the order of the file: all of it, or the first of it.
package struct CrawlFileFaults: Error, Sendable, Equatable, CustomStringConvertible {
    /// Faults that are kept.
    package static let most = 50

    package private(set) var faults: [CrawlFileFault] = []
    /// There are more than are kept.
    package private(set) var areMore = false

    package var description: String {
        let lines = faults.map(\.description) + (areMore ? ["and more; only \(CrawlFileFaults.most) are listed"] : [])
        return lines.joined(separator: "\n")
    }

    mutating func add(_ position: CrawlFileFault.Position, path: String = "", _ message: String) {
        let index = faults.firstIndex { $0.position > position } ?? faults.count
        faults.insert(CrawlFileFault(position: position, path: path, message: message), at: index)
        guard faults.count > CrawlFileFaults.most else { return }
        faults.removeLast()
        areMore = true
    }
}

/// Text of a file as it may be shown: in quotes, control characters written out, cut after 60 characters.
func quoted(_ text: some StringProtocol) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return "\"\(shown)\(text.unicodeScalars.count > 60 ? "…" : "")\""
}
