/// One page to be opened in a tab, and what to bring back.
package struct PageRequest: Sendable {
    /// HTML that stands in for the network: the address is never asked, and nothing else is.
    package struct Content: Sendable {
        package var bytes: [UInt8]
        /// With its charset, if one is known: "text/html; charset=utf-8".
        package var contentType: String

        package init(_ bytes: [UInt8], contentType: String = "text/html") { (self.bytes, self.contentType) = (bytes, contentType) }
    }

    package struct Captures: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// DOM, text, boxes and frames.
        package static let snapshot = Captures(rawValue: 1)
        /// `outerHTML` of the document element, with the doctype.
        package static let html = Captures(rawValue: 2)
        /// PNG of the whole page, at most 16,384 pixels high.
        package static let screenshot = Captures(rawValue: 4)
        /// PNG of the viewport.
        package static let viewportScreenshot = Captures(rawValue: 8)
        package static let pdf = Captures(rawValue: 16)
        /// The document as the network brought it, before any script: its bytes' text.
        package static let source = Captures(rawValue: 32)
    }

    package var url: String
    package var content: Content?
    package var referrer: String?
    /// A CSS selector that must match something in the main document before the page is taken.
    package var waitFor: String?
    /// Done one after the other once the page is ready; it comes to rest again after each.
    package var actions: [PageAction] = []
    package var captures: Captures = .snapshot
    /// For everything, from the first request to the last capture.
    package var timeout: Duration = .seconds(30)
    /// So long after its first byte a page is taken as it is, though it still waits for something.
    package var settleLimit: Duration = .seconds(10)
    /// Bytes of the main document after decompression; more ends in `tooLarge`.
    package var documentLimit = 32 << 20
    /// Bytes of everything that the page loads, after decompression; more ends in `tooLarge`.
    package var byteLimit = 256 << 20
    /// MIME types that are pages; others end in `notHTML`.
    package var mimeTypes: Set<String> = ["text/html", "application/xhtml+xml"]
    /// Asked before the page leads on to another document, by a redirect or by itself: may that address be asked? Nil: yes. Where it may not,
    /// nothing is sent and the visit ends as `blocked`. Frames are not asked about.
    package var gate: (@Sendable (_ url: String) async -> Bool)?
    /// Computed styles of the snapshot, in this order: visibility, and what clips.
    package var styles = PageRequest.usualStyles

    package static let usualStyles = ["display", "visibility", "opacity", "overflow-x", "overflow-y", "clip-path", "position"]

    package init(_ url: String) { self.url = url }
}
