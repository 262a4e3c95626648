package import Hummingbird

extension HTTPFields {
    /// Of headers that the library has no name for.
    package subscript(text name: String) -> String? {
        get { Element.Name(name).flatMap { self[$0] } }
        set { if let name = Element.Name(name) { self[name] = newValue } }
    }
}
