/// The short form of a request: `name, price:money, rating:number, tags:[text], offers:[price:money, seller], author:{name, bio}`.
///
///     line   = [("each" | "one") ":"] field *("," field)
///     field  = name [":" type] ['"' description '"']
///     type   = text | number | money | date | duration | url | image | email | phone | address | boolean | list
///            | "[" type "]" | "[" fields "]" | "{" fields "}" | "object" "{" fields "}"
///
/// A bracket whose only content is the name of a type is a list of such values; otherwise its content is the parts of a list of objects.
/// A name that would be taken for something else is written in quotes.
package enum FieldsLine {
    /// Throws `AskError.badFieldsLine` that names the field and the column.
    package static func parse(_ line: String) throws(AskError) -> ExtractionRequest {
        var parser = Parser(scalars: Array(line.unicodeScalars))
        return try parser.request()
    }

    /// The line that `parse` reads as the same request, but for the filter, required marks and bounds, which it can't say.
    package static func text(of request: ExtractionRequest) -> String {
        let prefix = request.isManyStated ? (request.many ? "each: " : "one: ") : ""
        return prefix + text(of: request.fields)
    }

    private static func text(of fields: [Field]) -> String { fields.map(text).joined(separator: ", ") }

    private static func text(_ field: Field) -> String {
        let isPlain =
            !field.name.isEmpty && field.name.unicodeScalars.allSatisfy(isNameScalar)
        var out = isPlain ? field.name : quoted(field.name)
        if !field.fields.isEmpty {
            let parts = text(of: field.fields)
            // A part that is called like a type would be read as that type.
            let isAmbiguous = field.fields.count == 1 && FieldType(rawValue: parts) != nil
            out +=
                field.type == .list ? ":[" + (isAmbiguous ? parts + ":" + field.fields[0].type.rawValue : parts) + "]" : ":{" + parts + "}"
        } else if field.type == .list {
            out += ":[" + (field.items ?? .text).rawValue + "]"
        } else if field.type != .text {
            out += ":" + field.type.rawValue
        }
        if let description = field.description, !description.isEmpty { out += " " + quoted(description) }
        return out
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { out += "\\" }
            out.unicodeScalars.append(scalar == "\n" || scalar == "\r" ? " " : scalar)
        }
        return out + "\""
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "-" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || scalar.properties.generalCategory == .nonspacingMark
    }

    private struct Parser {
        let scalars: [Unicode.Scalar]
        var at = 0

        init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

        var current: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

        func fail(_ message: String, at index: Int? = nil) -> AskError {
            let column = (index ?? at) + 1
            return AskError(.badFieldsLine, "the fields line can't be read at column \(column): \(message)", column: column)
        }

        mutating func skipSpace() { while let scalar = current, scalar.properties.isWhitespace { at += 1 } }

        mutating func request() throws(AskError) -> ExtractionRequest {
            var request = ExtractionRequest(many: true, fields: [], isManyStated: false)
            skipSpace()
            for (word, many) in [("each", true), ("many", true), ("one", false)] {
                let letters = Array(word.unicodeScalars)
                guard scalars.count - at > letters.count, Array(scalars[at..<at + letters.count]) == letters else { continue }
                var mark = at + letters.count
                while mark < scalars.count, scalars[mark].properties.isWhitespace { mark += 1 }
                guard mark < scalars.count, scalars[mark] == ":" else { continue }
                // "one: number" alone is a field called "one".
                let rest = String(String.UnicodeScalarView(scalars[(mark + 1)...])).split(whereSeparator: \.isWhitespace)
                if rest.count == 1, FieldType(rawValue: String(rest[0])) != nil { continue }
                (request.many, request.isManyStated) = (many, true)
                at = mark + 1
                break
            }
            skipSpace()
            guard current != nil else { throw fail("no field stands in it; write for example name, price:money") }
            request.fields = try fields(until: nil, depth: 0)
            return request
        }

        mutating func fields(until close: Unicode.Scalar?, depth: Int) throws(AskError) -> [Field] {
            guard depth < 16 else { throw fail("nested more than 16 deep") }
            var out: [Field] = []
            while true {
                skipSpace()
                if current == close, close != nil, out.isEmpty { throw fail("the brackets are empty") }
                let start = at
                let field = try field(depth: depth)
                if out.contains(where: { $0.name == field.name }) { throw fail("the field \"\(field.name)\" stands twice", at: start) }
                out.append(field)
                skipSpace()
                if current == "," || current == ";" {
                    at += 1
                    skipSpace()
                    // A comma at the end is forgiven.
                    if current != close { continue }
                }
                guard current == close else {
                    if let current { throw fail("after the field \"\(field.name)\" stands \"\(current)\" where a comma belongs") }
                    throw fail("the bracket after \"\(field.name)\" isn't closed")
                }
                if close != nil { at += 1 }
                return out
            }
        }

        mutating func field(depth: Int) throws(AskError) -> Field {
            let start = at
            let name: String
            if current == "\"" {
                name = try string()
            } else {
                var words = String.UnicodeScalarView()
                while let scalar = current, isNameScalar(scalar) {
                    words.append(scalar)
                    at += 1
                }
                // "job title" is one name of two words.
                while current == " " {
                    var next = at
                    while next < scalars.count, scalars[next] == " " { next += 1 }
                    guard next < scalars.count, isNameScalar(scalars[next]) else { break }
                    at = next
                    words.append("_")
                    while let scalar = current, isNameScalar(scalar) {
                        words.append(scalar)
                        at += 1
                    }
                }
                name = String(words)
            }
            guard !name.isEmpty else {
                throw fail(
                    current.map { "a field's name is missing before \"\($0)\"" } ?? "a field's name is missing at the end", at: start)
            }
            var field = Field(name: name)
            if current == "?" { at += 1 }
            skipSpace()
            if current == ":" {
                at += 1
                skipSpace()
                try type(of: &field, depth: depth)
            }
            if current == "?" { at += 1 }
            skipSpace()
            if current == "\"" { field.description = try string() }
            return field
        }

        mutating func type(of field: inout Field, depth: Int) throws(AskError) {
            let start = at
            switch current {
            case "[":
                at += 1
                field.type = .list
                let mark = at
                skipSpace()
                let word = word()
                skipSpace()
                if let items = FieldType(rawValue: word), current == "]", items != .list, items != .object {
                    at += 1
                    field.items = items
                } else if word.isEmpty, current == "]" {
                    at += 1
                    field.items = .text
                } else {
                    at = mark
                    field.fields = try fields(until: "]", depth: depth + 1)
                }
            case "{":
                at += 1
                field.type = .object
                field.fields = try fields(until: "}", depth: depth + 1)
            default:
                let word = word()
                guard !word.isEmpty else { throw fail("the type of \"\(field.name)\" is missing after the colon") }
                guard let type = FieldType(rawValue: word) ?? Lexicon.typeNames[word.lowercased()] else {
                    let known = FieldType.allCases.map(\.rawValue).joined(separator: ", ")
                    throw fail("\"\(word)\" is no type for \"\(field.name)\"; types are \(known)", at: start)
                }
                skipSpace()
                if type == .object || type == .list, current == "{" || current == "[" {
                    let close: Unicode.Scalar = current == "{" ? "}" : "]"
                    at += 1
                    field.fields = try fields(until: close, depth: depth + 1)
                } else if type == .object {
                    throw fail("\"\(field.name)\" is an object without parts; write \(field.name):{name, …}", at: start)
                } else if type == .list {
                    field.items = .text
                }
                field.type = type
            }
        }

        mutating func word() -> String {
            var out = String.UnicodeScalarView()
            while let scalar = current, isNameScalar(scalar) {
                out.append(scalar)
                at += 1
            }
            return String(out)
        }

        mutating func string() throws(AskError) -> String {
            let start = at
            at += 1
            var out = String.UnicodeScalarView()
            while let scalar = current {
                at += 1
                if scalar == "\"" { return String(out) }
                if scalar == "\\", let next = current {
                    out.append(next)
                    at += 1
                } else {
                    out.append(scalar)
                }
            }
            throw fail("the quotation that begins here isn't closed", at: start)
        }
    }
}
