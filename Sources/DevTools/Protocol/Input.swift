package enum Input {
    package struct DispatchMouseEvent: Command {
        package enum Kind: String, Encodable, Sendable { case mouseMoved, mousePressed, mouseReleased }
        package static let method = "Input.dispatchMouseEvent"
        package var type: Kind
        /// CSS pixels from the viewport's corner.
        package var x: Double
        package var y: Double
        package var button: String
        package var clickCount: Int
        package init(_ type: Kind, x: Double, y: Double) {
            (self.type, self.x, self.y) = (type, x, y)
            (button, clickCount) = type == .mouseMoved ? ("none", 0) : ("left", 1)
        }
    }
    package struct DispatchKeyEvent: Command {
        package enum Kind: String, Encodable, Sendable { case keyDown, rawKeyDown, keyUp }
        package static let method = "Input.dispatchKeyEvent"
        package var type: Kind
        package var key: String
        package var code: String
        package var windowsVirtualKeyCode: Int
        /// What it writes; nil for keys that write nothing.
        package var text: String?
        /// Alt 1, Control 2, Meta 4, Shift 8.
        package var modifiers: Int
        package init(_ type: Kind, key: String, code: String, virtualKey: Int, text: String? = nil, modifiers: Int = 0) {
            (self.type, self.key, self.code, windowsVirtualKeyCode) = (type, key, code, virtualKey)
            (self.text, self.modifiers) = (text, modifiers)
        }
    }
    /// As an input method would: no key events.
    package struct InsertText: Command {
        package static let method = "Input.insertText"
        package var text: String
        package init(_ text: String) { self.text = text }
    }
}
