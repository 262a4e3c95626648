/// Something that a person would do with a page once it is there, before it is read. Written as a line: `click "#more"`.
package enum PageAction: Sendable, Equatable {
    case click(String)
    /// Until nothing matches any more, so often at most.
    case clickWhile(String, limit: Int)
    case hover(String)
    /// In the place of what the field holds.
    case fill(String, text: String)
    /// Key by key, after what the field holds.
    case type(String, text: String)
    /// An option of a `<select>`, by what it shows or by its value.
    case select(String, option: String)
    /// A key, as "Enter" or "Control+a", to what has the focus.
    case press(String)
    /// Pixels down; up where below 0.
    case scroll(Int)
    case scrollTo(String)
    /// Until nothing new comes, so often at most.
    case scrollToEnd(limit: Int)
    case wait(Duration)
    case waitFor(String)
    case waitForText(String)

    /// Why a line is no action.
    package struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String
    }

    private static let usualLimit = 50
    private static let limits = 1...1_000

    /// Reads a line: a word and its values, those with spaces in quotes.
    package init(_ line: String) throws(Fault) {
        let words = try Self.words(of: line)
        guard let verb = words.first else { throw Fault(description: "the action is empty; \(Self.forms)") }
        let values = Array(words.dropFirst())
        func fault(_ form: String) -> Fault { Fault(description: "\(line): write it as \(form)") }
        func value(_ form: String) throws(Fault) -> String {
            guard values.count == 1, let first = values.first, !first.isEmpty else { throw fault(form) }
            return first
        }
        func pair(_ form: String) throws(Fault) -> (String, String) {
            guard values.count == 2, !values[0].isEmpty else { throw fault(form) }
            return (values[0], values[1])
        }
        func limit(_ text: String?, _ form: String) throws(Fault) -> Int {
            guard let text else { return Self.usualLimit }
            guard let number = Int(text), Self.limits.contains(number) else { throw fault("\(form), a number of 1 to 1000 at the end or none") }
            return number
        }
        switch verb {
        case "click": self = .click(try value("click '#more'"))
        case "click-while":
            let form = "click-while '#more' 50"
            guard (1...2).contains(values.count), !values[0].isEmpty else { throw fault(form) }
            self = .clickWhile(values[0], limit: try limit(values.dropFirst().first, form))
        case "hover": self = .hover(try value("hover .menu"))
        case "fill":
            let (selector, text) = try pair("fill '#q' 'red shoes'")
            self = .fill(selector, text: text)
        case "type":
            let (selector, text) = try pair("type '#q' 'red shoes'")
            self = .type(selector, text: text)
        case "select":
            let (selector, option) = try pair("select '#size' Medium")
            self = .select(selector, option: option)
        case "press":
            let key = try value("press Enter")
            guard Key(key) != nil else { throw Fault(description: "\(line): there is no key \(key); as Enter, Tab, ArrowDown, a, Control+a") }
            self = .press(key)
        case "scroll":
            let form = "scroll 800, or scroll '#reviews'"
            let text = try value(form)
            if let pixels = Int(text) {
                guard (-1_000_000...1_000_000).contains(pixels) else { throw fault(form) }
                self = .scroll(pixels)
            } else {
                self = .scrollTo(text)
            }
        case "scroll-to-end":
            guard values.count <= 1 else { throw fault("scroll-to-end 50") }
            self = .scrollToEnd(limit: try limit(values.first, "scroll-to-end 50"))
        case "wait":
            let text = try value("wait 2s")
            let digits = text.hasSuffix("ms") ? text.dropLast(2) : text.hasSuffix("s") ? text.dropLast() : Substring(text)
            guard let number = Double(digits), number >= 0 else { throw fault("wait 2s, or wait 500ms") }
            let seconds = text.hasSuffix("ms") ? number / 1000 : number
            guard seconds <= 600 else { throw Fault(description: "\(line): at most ten minutes are waited") }
            self = .wait(.milliseconds(Int(seconds * 1000)))
        case "wait-for": self = .waitFor(try value("wait-for '#list'"))
        case "wait-for-text": self = .waitForText(try value("wait-for-text '24 results'"))
        default: throw Fault(description: "\(line): there is no action \(verb); \(Self.forms)")
        }
    }

    private static let forms =
        "there are click, click-while, hover, fill, type, select, press, scroll, scroll-to-end, wait, wait-for and wait-for-text"

    private static func words(of line: String) throws(Fault) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in line {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
                word = word ?? ""
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !isEscaped else { throw Fault(description: "\(line): a quote isn't closed") }
        if let word { words.append(word) }
        return words
    }
}

/// A key with those that are held down with it (UI Events KeyboardEvent key and code values).
struct Key: Equatable {
    var key: String
    var code: String
    var virtualKey: Int
    var text: String?
    var modifiers = 0

    init?(_ name: String) {
        var parts = name.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        guard var last = parts.popLast() else { return nil }
        if last.isEmpty, parts.last == "" { (last, parts) = ("+", parts.dropLast()) }
        for part in parts {
            guard let held = Key.held[part] else { return nil }
            modifiers |= held
        }
        if let named = Key.named[last] {
            (key, code, virtualKey, text) = (last, last, named.virtualKey, named.text)
        } else if last.count == 1, let scalar = last.unicodeScalars.first, scalar.value > 32 {
            (key, text) = (last, last)
            let upper = Character(last.uppercased())
            if let ascii = upper.asciiValue, (65...90).contains(ascii) {
                (code, virtualKey) = ("Key\(upper)", Int(ascii))
            } else if let ascii = upper.asciiValue, (48...57).contains(ascii) {
                (code, virtualKey) = ("Digit\(upper)", Int(ascii))
            } else {
                (code, virtualKey) = ("", 0)
            }
        } else {
            return nil
        }
        // With these a key writes nothing.
        if modifiers & (1 | 2 | 4) != 0 { text = nil }
    }

    private static let held = ["Alt": 1, "Control": 2, "Meta": 4, "Shift": 8]
    private static let named: [String: (virtualKey: Int, text: String?)] = [
        "Enter": (13, "\r"), "Tab": (9, nil), "Escape": (27, nil), "Backspace": (8, nil), "Delete": (46, nil), "Space": (32, " "), "Home": (36, nil),
        "End": (35, nil), "PageUp": (33, nil), "PageDown": (34, nil), "ArrowLeft": (37, nil), "ArrowUp": (38, nil), "ArrowRight": (39, nil),
        "ArrowDown": (40, nil),
    ]
}
