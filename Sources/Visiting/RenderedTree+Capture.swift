package import DevTools
package import Documents

extension RenderedTree {
    /// The same arrays under Documents' names: neither module knows the other.
    package init(_ capture: DOMSnapshotCapture, styles: [String]) {
        self.init()
        self.styles = styles
        strings = capture.strings
        pages = capture.documents.map { document in
            var page = Page()
            page.url = document.url
            page.scrollX = document.scrollX
            page.scrollY = document.scrollY
            page.parentIndex = document.parentIndex
            page.nodeType = document.nodeType
            page.nodeName = document.nodeName
            page.nodeValue = document.nodeValue
            page.attributes = document.attributes
            page.attributeStart = document.attributeStart
            page.shadowRootType = document.shadowRootType
            page.pseudoType = document.pseudoType
            page.contentDocument = document.contentDocument
            page.layoutNode = document.layoutNode
            page.bounds = document.bounds
            page.styles = document.styles
            return page
        }
    }
}
