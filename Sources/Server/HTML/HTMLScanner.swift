/// Where in HTML the end of a text is. It reads the program's own literals only, so it needs to know well-formed markup, and whatever it
/// doesn't know counts as a place where nothing may be put.
struct HTMLScanner: Sendable, Hashable {
    enum Place: Sendable, Hashable {
        case text
        /// In a tag's name.
        case element
        /// In a tag, before an attribute.
        case tag
        /// In an attribute's name.
        case name
        /// Behind "=".
        case beforeValue
        case quoted(UInt8)
        case unquoted
        /// In a script or a style.
        case raw
        case comment
    }

    private(set) var place = Place.text
    /// In lower case, with the "/" of an end tag.
    private var element: [UInt8] = []
    /// In lower case.
    private var attribute: [UInt8] = []
    /// The value so far.
    private var value: [UInt8] = []
    /// The last bytes of a script, style or comment.
    private var tail: [UInt8] = []

    mutating func read(_ byte: UInt8) {
        let lower = (65...90).contains(byte) ? byte | 0x20 : byte
        let isSpace = [9, 10, 12, 13, 32].contains(byte)
        switch place {
        case .text:
            if byte == UInt8(ascii: "<") { (place, element) = (.element, []) }
        case .element:
            if byte == UInt8(ascii: ">") {
                closeTag()
            } else if isSpace {
                place = .tag
            } else {
                element.append(lower)
                if element == Array("!--".utf8) { (place, tail) = (.comment, []) }
            }
        case .tag, .name:
            if byte == UInt8(ascii: ">") {
                closeTag()
            } else if byte == UInt8(ascii: "=") {
                (place, value) = (.beforeValue, [])
            } else if isSpace {
                place = .tag
            } else {
                if place == .tag { attribute = [] }
                place = .name
                attribute.append(lower)
            }
        case .beforeValue:
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                place = .quoted(byte)
            } else if byte == UInt8(ascii: ">") {
                closeTag()
            } else if !isSpace {
                place = .unquoted
            }
        case .quoted(let quote):
            if byte == quote { closeValue() } else { value.append(byte) }
        case .unquoted:
            if byte == UInt8(ascii: ">") { closeTag() } else if isSpace { closeValue() }
        case .raw:
            tail = Array((tail + [lower]).suffix(element.count + 2))
            if tail == Array("</".utf8) + element { (place, element) = (.tag, Array("/".utf8)) }
        case .comment:
            tail = Array((tail + [byte]).suffix(3))
            if tail == Array("-->".utf8) { place = .text }
        }
    }

    mutating func closeValue() { (place, attribute) = (.tag, []) }

    private mutating func closeTag() {
        place = HTMLScanner.rawElements.contains(String(decoding: element, as: UTF8.self)) ? .raw : .text
        (attribute, tail) = ([], [])
    }

    /// What of a value may stand in this attribute, behind what stands there already.
    mutating func allowed(_ text: String) -> String {
        let name = String(decoding: attribute, as: UTF8.self)
        if name.hasPrefix("on") || HTMLScanner.codeAttributes.contains(name) { return "" }
        guard HTMLScanner.linkAttributes.contains(name) else { return text }
        // Behind a path, a query or a scheme of the program's own it can't choose a scheme any more.
        let isDecided = value.contains { [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: ":")].contains($0) }
        let allowed = isDecided || HTMLScanner.isLink(text) ? text : "#"
        value.append(contentsOf: Array(allowed.utf8))
        return allowed
    }

    /// http, https, or no scheme at all. Browsers skip white space before a scheme and line breaks within; neither makes one of these.
    private static func isLink(_ text: String) -> Bool {
        let bytes = text.utf8.drop { $0 <= 32 }
        guard let end = bytes.firstIndex(where: { Array(":/?#\\".utf8).contains($0) }), bytes[end] == UInt8(ascii: ":") else { return true }
        return ["http", "https"].contains(String(decoding: bytes[..<end], as: UTF8.self).lowercased())
    }

    private static let rawElements: Set = ["script", "style", "iframe", "noembed", "noframes", "noscript", "plaintext", "xmp", "template"]
    private static let codeAttributes: Set = ["style", "srcdoc", "srcset", "imagesrcset", "http-equiv", "content"]
    private static let linkAttributes: Set = [
        "href", "src", "action", "formaction", "poster", "cite", "data", "background", "ping", "manifest", "xlink:href", "longdesc",
    ]
}
