/// A rendered page as `DOMSnapshot.captureSnapshot` tells it, in parallel arrays: what `Document(rendered:)` is made from.
///
/// The fields have the protocol's meaning, so whoever speaks to the browser only copies. Strings are indices into `strings`, -1 means
/// none. Nothing is trusted: indices that lead nowhere and parents that lead in circles are passed over.
package struct RenderedTree: Sendable {
    /// The document of one frame.
    package struct Page: Sendable {
        /// Index of the address of this document.
        package var url: Int32 = -1
        /// How far it is scrolled, in CSS pixels: a frame's content is moved by that against the frame.
        package var scrollX = 0.0
        package var scrollY = 0.0

        /// -1 for the root; before its children.
        package var parentIndex: [Int32] = []
        /// DOM `Node.nodeType`: 1 element, 3 text, 9 document, 11 fragment (shadow root); others are left out.
        package var nodeType: [Int32] = []
        package var nodeName: [Int32] = []
        package var nodeValue: [Int32] = []
        /// Name and value string indices of all nodes, flat; node `i` has `attributeStart[i]..<attributeStart[i + 1]`.
        package var attributes: [Int32] = []
        package var attributeStart: [Int32] = [0]
        /// Node → string: "open", "closed" or "user-agent".
        package var shadowRootType: [Int32: Int32] = [:]
        /// Node → string: "before", "after"… Pseudo elements are left out.
        package var pseudoType: [Int32: Int32] = [:]
        /// Frame element → index in `pages`.
        package var contentDocument: [Int32: Int32] = [:]

        /// The node of each layout box; a node without a box is not rendered.
        package var layoutNode: [Int32] = []
        /// x, y, width, height of each box, flat, in CSS pixels from the top left of this document.
        package var bounds: [Double] = []
        /// The computed styles that were asked for, `RenderedTree.styles.count` a box, flat: string indices.
        package var styles: [Int32] = []

        package init() {}
    }

    /// The first is the page.
    package var pages: [Page] = []
    package var strings: [String] = []
    /// Names of the computed styles of each box, in order. `wanted` has those that are understood; any may be missing.
    package var styles: [String] = []

    /// The computed styles to ask the browser for.
    package static let wanted = [
        "display", "visibility", "opacity", "overflow-x", "overflow-y", "position", "font-size", "border-left-width", "border-top-width",
        "padding-left", "padding-top",
    ]

    package init() {}

    /// The string of an index; "" for -1 and for an index that is none.
    subscript(string: Int32) -> String { strings.indices.contains(Int(string)) ? strings[Int(string)] : "" }
}
