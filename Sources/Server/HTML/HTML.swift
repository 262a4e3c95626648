/// A piece of a page. Only literals of the program's text are taken as HTML; what is put into them is escaped for the place where it
/// stands:
///
///     let row: HTML = "<li><a href=\"/v1/runs/\(run.id)\" title=\(run.prompt)>\(run.name)</a></li>"
///
/// In text and in attribute values everything is shown as it is. A link that doesn't lead to http, https or to this server becomes "#".
/// Where nothing can be put safely (in a tag's name, in scripts and styles, in comments, in attributes that hold scripts, styles or HTML
/// and those of meta, behind an unquoted value) nothing is put.
package struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The markup.
    package private(set) var text = ""
    private var scanner = HTMLScanner()

    package init() {}
    package init(stringLiteral value: StaticString) { append(literal: value) }
    package init(stringInterpolation: Interpolation) { self = stringInterpolation.html }

    /// Text that is shown as it is.
    package init(text: String) { append(text) }

    package var description: String { text }

    package static func += (left: inout HTML, right: HTML) { left.append(right) }

    /// Literals are `StaticString`s: no text that was made at run time can pass for one.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var html = HTML()

        package init(literalCapacity: Int, interpolationCount: Int) { html.text.reserveCapacity(literalCapacity + 16 * interpolationCount) }

        package mutating func appendLiteral(_ literal: StaticString) { html.append(literal: literal) }
        package mutating func appendInterpolation(_ text: some StringProtocol) { html.append(String(text)) }
        package mutating func appendInterpolation(_ number: some BinaryInteger) { html.append(String(number)) }
        package mutating func appendInterpolation(_ piece: HTML?) { if let piece { html.append(piece) } }
        package mutating func appendInterpolation(_ pieces: some Sequence<HTML>) { for piece in pieces { html.append(piece) } }

        /// An attribute without a value, such as `checked`, with the space before it.
        package mutating func appendInterpolation(flag name: StaticString, _ isSet: Bool) {
            guard isSet, html.scanner.place == .tag else { return }
            html.text += " "
            html.append(literal: name)
        }
    }

    private mutating func append(literal: StaticString) {
        literal.withUTF8Buffer { bytes in
            for byte in bytes { scanner.read(byte) }
            text += String(decoding: bytes, as: UTF8.self)
        }
    }

    /// A piece can only stand in text; elsewhere it is taken as text.
    private mutating func append(_ piece: HTML) {
        guard scanner.place == .text else { return append(piece.text) }
        text += piece.text
        scanner = piece.scanner
    }

    private mutating func append(_ value: String) {
        switch scanner.place {
        case .text: text += HTML.escaped(value)
        case .quoted:
            text += HTML.escaped(scanner.allowed(value))
        case .beforeValue:
            text += "\"" + HTML.escaped(scanner.allowed(value)) + "\""
            scanner.closeValue()
        case .element, .tag, .name, .unquoted, .raw, .comment: break
        }
    }

    /// The same for text and for values in either quotes.
    private static func escaped(_ value: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": out.append(contentsOf: "&amp;".unicodeScalars)
            case "<": out.append(contentsOf: "&lt;".unicodeScalars)
            case ">": out.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": out.append(contentsOf: "&quot;".unicodeScalars)
            case "'": out.append(contentsOf: "&#39;".unicodeScalars)
            case "\0": out.append("\u{FFFD}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
