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
            case "dir" where name == "bdo": if isRightToLeft(attribute.value) { return true }
            default: break
            }
        }
        return false
    }

    /// What a layout does not tell: text that has its place and size, and still can't be seen or is not what is seen.
    static func isUnseen(_ name: String, _ attributes: [Document.Attribute]) -> Bool {
        attributes.contains { attribute in
            (attribute.name == "style" && name != "html" && name != "body" && Style(attribute.value).isUnseen)
                || (attribute.name == "dir" && name == "bdo" && isRightToLeft(attribute.value))
        }
    }

    private static func isRightToLeft(_ direction: String) -> Bool { direction.utf8.elementsEqual("rtl".utf8, by: { $0 | 32 == $1 }) }

    /// Not laid out at all, by `hidden` or `display: none`: the only way in which pages fold parts of themselves away. See `Folding`.
    static func isLeftOut(_ name: String, _ attributes: [Document.Attribute]) -> Bool {
        name != "dialog" && name != "input"
            && attributes.contains { attribute in
                attribute.name == "hidden" || (attribute.name == "style" && Style(attribute.value).isLeftOut)
            }
    }

    static func hides(_ style: String) -> Bool {
        let style = Style(style)
        return style.isLeftOut || style.isInvisible || style.isOffPage || style.isShutIn || style.isUnseen
    }

    /// The declarations of an inline style that bear on visibility.
    private struct Style {
        /// `display: none`.
        var isLeftOut = false
        /// `visibility: hidden|collapse`, `opacity: 0`, `font-size: 0`, `transform: scale(0)`.
        var isInvisible = false
        private var isPositioned = false
        private var isFarOff = false
        private var isIndented = false
        private var isClipped = false
        private var isCutOut = false
        private var clips = false
        private var hasNoSize = false
        private var color = ""
        private var background = ""
        /// The background shows through the letters.
        private var isCutFromBackground = false
        private var isOverridden = false
        private var isRightToLeft = false

        /// Moved left of the page or above it, where no one can scroll.
        var isOffPage: Bool { (isPositioned && isFarOff) || isIndented }
        /// In a box of no size that shows nothing beyond itself.
        var isShutIn: Bool { hasNoSize && clips }
        /// Clipped to nothing, written in the colour of its background or in none, or shown from its last letter to its first (the text
        /// is not what a reader sees).
        var isUnseen: Bool {
            isCutOut || (isPositioned && isClipped) || (isOverridden && isRightToLeft)
                || (!isCutFromBackground && (color == "transparent" || (!color.isEmpty && color == background)))
        }

        init(_ text: String) {
            for declaration in text.utf8.split(separator: UInt8(ascii: ";")) {
                guard let colon = declaration.firstIndex(of: UInt8(ascii: ":")) else { continue }
                let name = Style.word(declaration[..<colon])
                var value = Style.word(declaration[declaration.index(after: colon)...])
                if value.hasSuffix("!important") { value.removeLast(10) }
                switch name {
                case "display": isLeftOut = value == "none"
                case "visibility": if value == "hidden" || value == "collapse" { isInvisible = true }
                case "opacity", "font-size": if Style.isZero(value) { isInvisible = true }
                case "transform": if value == "scale(0)" || value == "scale(0,0)" { isInvisible = true }
                case "position": isPositioned = value == "absolute" || value == "fixed"
                case "left", "top": if Style.isFarBelowZero(value) { isFarOff = true }
                case "text-indent": if Style.isFarBelowZero(value) { isIndented = true }
                case "clip": isClipped = value.hasPrefix("rect(0") || value.hasPrefix("rect(1px")
                case "clip-path": if value == "inset(50%)" || value == "inset(100%)" || value.hasPrefix("circle(0") { isCutOut = true }
                case "overflow": clips = value == "hidden" || value == "clip"
                case "width", "height", "max-width", "max-height": if Style.isZero(value) || value == "1px" { hasNoSize = true }
                case "color": color = Style.color(value)
                case "background", "background-color": background = Style.color(value)
                case "background-clip", "-webkit-background-clip": isCutFromBackground = value == "text"
                case "unicode-bidi": isOverridden = value.hasSuffix("override")
                case "direction": isRightToLeft = value == "rtl"
                default: break
                }
            }
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

        /// "-999px", "-9999em", "-100vw"; smaller steps are layout.
        private static func isFarBelowZero(_ value: String) -> Bool {
            guard value.utf8.first == UInt8(ascii: "-") else { return false }
            let digits = value.utf8.dropFirst().prefix { (48...57).contains($0) }
            guard digits.count == 3 else { return digits.count > 3 }
            return value.hasSuffix("em") || value.hasSuffix("vw") || digits.first.map { $0 >= UInt8(ascii: "5") } ?? false
        }

        /// Spelled in one way: "#fff", "white" and "rgb(255,255,255)" are one colour. "" for a word that names none.
        private static func color(_ value: String) -> String {
            switch value {
            case "inherit", "initial", "unset", "revert", "revert-layer": return ""
            case "white", "#fff", "rgb(255,255,255)": return "#ffffff"
            case "black", "#000", "rgb(0,0,0)": return "#000000"
            case "rgba(0,0,0,0)": return "transparent"
            default:
                guard value.utf8.count == 4, value.utf8.first == UInt8(ascii: "#") else { return value }
                return "#" + value.dropFirst().reduce(into: "") { $0 += "\($1)\($1)" }
            }
        }
    }
}
