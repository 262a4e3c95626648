/// What can be known of visibility without a layout: attributes and the inline style. `aria-hidden` hides from screen readers only.
enum HTMLVisibility {
    static func isHidden(_ name: String, _ attributes: [Document.Attribute]) -> Bool {
        if name == "dialog" {
            if !attributes.contains(where: { $0.name == "open" }) { return true }
        }
        for attribute in attributes {
            switch attribute.name {
            case "hidden": return true
            case "type" where name == "input":
                if attribute.value.utf8.elementsEqual("hidden".utf8, by: { $0 | 32 == $1 }) { return true }
            // Pages hide themselves whole until their scripts have run; a stored page is read without them.
            case "style" where name != "html" && name != "body": if hides(attribute.value) { return true }
            default: break
            }
        }
        return false
    }

    /// `display: none`, `visibility: hidden|collapse`, `opacity: 0`, `font-size: 0`.
    static func hides(_ style: String) -> Bool {
        for declaration in style.utf8.split(separator: UInt8(ascii: ";")) {
            guard let colon = declaration.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = word(declaration[..<colon])
            var value = word(declaration[declaration.index(after: colon)...])
            if value.hasSuffix("!important") { value.removeLast(10) }
            switch name {
            case "display": if value == "none" { return true }
            case "visibility": if value == "hidden" || value == "collapse" { return true }
            case "opacity", "font-size": if isZero(value) { return true }
            default: break
            }
        }
        return false
    }

    /// Lower case, without white space.
    private static func word(_ bytes: Substring.UTF8View.SubSequence) -> String {
        String(decoding: bytes.lazy.filter { $0 > 32 }.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
    }

    /// "0", "0.00", "0px", "0%".
    private static func isZero(_ value: String) -> Bool {
        let number = value.utf8.prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        return number.contains(UInt8(ascii: "0")) && number.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") }
    }
}
