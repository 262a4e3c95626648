/// A page as `DOMSnapshot.captureSnapshot` tells it: the DOM of every frame in the same process, with boxes, in parallel arrays.
///
/// Strings are indices into `strings`; -1 means "none". A node is its index in the arrays of its document, parents before children.
package struct DOMSnapshotCapture: Sendable {
    package struct Document: Sendable {
        /// Index of the address of this document, and of the base for its links.
        package var url: Int32 = -1
        package var baseURL: Int32 = -1
        package var title: Int32 = -1
        package var contentLanguage: Int32 = -1
        package var encoding: Int32 = -1
        /// How far it is scrolled, and how large its content is, in CSS pixels.
        package var scrollX = 0.0
        package var scrollY = 0.0
        package var contentWidth = 0.0
        package var contentHeight = 0.0

        /// -1 for the root.
        package var parentIndex: [Int32] = []
        /// DOM `Node.nodeType`: 1 element, 3 text, 9 document, 10 doctype, 11 fragment (shadow root).
        package var nodeType: [Int32] = []
        /// "DIV", "#text"; upper case in HTML documents.
        package var nodeName: [Int32] = []
        package var nodeValue: [Int32] = []
        package var backendNodeId: [Int32] = []
        /// Attribute name and value string indices of all nodes, flat; node `i` has `attributeStart[i]..<attributeStart[i + 1]`.
        package var attributes: [Int32] = []
        package var attributeStart: [Int32] = [0]
        /// "open", "closed" or "user-agent" on shadow roots: node → string.
        package var shadowRootType: [Int32: Int32] = [:]
        /// "before", "after", … on pseudo elements: node → string.
        package var pseudoType: [Int32: Int32] = [:]
        /// What the user would see typed in `input` elements, in `textarea`s: node → string.
        package var inputValue: [Int32: Int32] = [:]
        package var textValue: [Int32: Int32] = [:]
        /// Checked boxes and chosen options.
        package var inputChecked: Set<Int32> = []
        package var optionSelected: Set<Int32> = []
        /// Frame elements: node → index in `documents`.
        package var contentDocument: [Int32: Int32] = [:]
        /// The URL an image really shows (`srcset`): node → string.
        package var currentSourceURL: [Int32: Int32] = [:]

        /// The node of each layout box; a node without a box is not rendered.
        package var layoutNode: [Int32] = []
        /// The rendered text of each box (white space collapsed, text-transform applied); -1 where it has none.
        package var layoutText: [Int32] = []
        /// x, y, width, height of each box, flat, in CSS pixels from the top left of this document (not of its viewport).
        package var bounds: [Double] = []
        /// The computed styles that were asked for, `styleCount` a box, flat.
        package var styles: [Int32] = []
    }

    /// The first is the page.
    package var documents: [Document] = []
    package var strings: [String] = []
    /// How many computed styles each box has, in the order in which they were asked for.
    package var styleCount = 0

    package init() {}

    /// The string of an index; "" for -1 and for an index that is none.
    package subscript(string: Int32) -> String { strings.indices.contains(Int(string)) ? strings[Int(string)] : "" }
}

extension DOMSnapshotCapture {
    /// Reads a whole reply of the browser in one pass. Keys that it doesn't know are skipped, so new protocol fields cost nothing.
    package init(reply: [UInt8]) throws(DevToolsError) {
        var result = DOMSnapshotCapture()
        var isReply = false
        do {
            try JSONReader.read(reply) { json in
                try json.object { key, json in
                    guard key == "result" else { return try json.skip() }
                    isReply = true
                    try json.object { key, json in
                        switch key {
                        case "documents": try json.array { json in result.documents.append(try result.document(&json)) }
                        case "strings": try json.array { json in result.strings.append(try json.string()) }
                        default: try json.skip()
                        }
                    }
                }
            }
        } catch {
            throw (error as? DevToolsError) ?? DevToolsError(.unreadable, "snapshot: \(error)")
        }
        guard isReply else { throw DevToolsError(.unreadable, "a snapshot came without a result") }
        guard result.documents.allSatisfy(\.isWhole) else { throw DevToolsError(.unreadable, "the arrays of a snapshot differ in length") }
        self = result
    }

    private mutating func document(_ json: inout JSONReader) throws -> Document {
        var document = Document()
        var count = styleCount
        try json.object { key, json in
            switch key {
            case "documentURL": document.url = Int32(clamping: try json.integer())
            case "baseURL": document.baseURL = Int32(clamping: try json.integer())
            case "title": document.title = Int32(clamping: try json.integer())
            case "contentLanguage": document.contentLanguage = Int32(clamping: try json.integer())
            case "encodingName": document.encoding = Int32(clamping: try json.integer())
            case "scrollOffsetX": document.scrollX = try json.number()
            case "scrollOffsetY": document.scrollY = try json.number()
            case "contentWidth": document.contentWidth = try json.number()
            case "contentHeight": document.contentHeight = try json.number()
            case "nodes": try json.object { key, json in try document.readNodes(key, &json) }
            case "layout":
                try json.object { key, json in
                    switch key {
                    case "nodeIndex": try json.integers(into: &document.layoutNode)
                    case "text": try json.integers(into: &document.layoutText)
                    case "bounds": try json.array { json in try json.array { json in document.bounds.append(try json.number()) } }
                    case "styles":
                        try json.array { json in
                            let before = document.styles.count
                            try json.integers(into: &document.styles)
                            // Boxes without an element (anonymous ones) may come with an empty list: pad, so that the list stays flat.
                            let got = document.styles.count - before
                            if count == 0 { count = got }
                            if got < count { document.styles.append(contentsOf: repeatElement(-1, count: count - got)) }
                        }
                    default: try json.skip()
                    }
                }
            default: try json.skip()
            }
        }
        styleCount = count
        // Boxes that came before the first one with styles.
        let missing = document.layoutNode.count * count - document.styles.count
        if missing > 0 { document.styles.insert(contentsOf: repeatElement(-1, count: missing), at: 0) }
        return document
    }
}

extension DOMSnapshotCapture.Document {
    fileprivate mutating func readNodes(_ key: JSONReader.Key, _ json: inout JSONReader) throws {
        switch key {
        case "parentIndex": try json.integers(into: &parentIndex)
        case "nodeType": try json.integers(into: &nodeType)
        case "nodeName": try json.integers(into: &nodeName)
        case "nodeValue": try json.integers(into: &nodeValue)
        case "backendNodeId": try json.integers(into: &backendNodeId)
        case "attributes":
            try json.array { json in
                try json.integers(into: &attributes)
                attributeStart.append(Int32(clamping: attributes.count))
            }
        case "shadowRootType": try json.rare(into: &shadowRootType)
        case "pseudoType": try json.rare(into: &pseudoType)
        case "inputValue": try json.rare(into: &inputValue)
        case "textValue": try json.rare(into: &textValue)
        case "contentDocumentIndex": try json.rare(into: &contentDocument)
        case "currentSourceURL": try json.rare(into: &currentSourceURL)
        case "inputChecked": try json.rare(into: &inputChecked)
        case "optionSelected": try json.rare(into: &optionSelected)
        default: try json.skip()
        }
    }

    /// The arrays belong together, and no index in them leads outside.
    fileprivate var isWhole: Bool {
        let count = parentIndex.count
        return nodeType.count == count && nodeName.count == count && nodeValue.count == count && attributeStart.count == count + 1
            && layoutText.count == layoutNode.count && bounds.count == layoutNode.count * 4
            && layoutNode.allSatisfy { $0 >= 0 && $0 < count } && parentIndex.indices.allSatisfy { parentIndex[$0] < $0 }
    }
}

extension JSONReader {
    /// `{"index":[…],"value":[…]}`
    fileprivate mutating func rare(into table: inout [Int32: Int32]) throws {
        var index: [Int32] = []
        var value: [Int32] = []
        try object { key, json in
            switch key {
            case "index": try json.integers(into: &index)
            case "value": try json.integers(into: &value)
            default: try json.skip()
            }
        }
        for (node, string) in zip(index, value) { table[node] = string }
    }

    /// `{"index":[…]}`
    fileprivate mutating func rare(into set: inout Set<Int32>) throws {
        var index: [Int32] = []
        try object { key, json in
            if key == "index" { try json.integers(into: &index) } else { try json.skip() }
        }
        set.formUnion(index)
    }
}

// MARK: - Frames in other processes

extension DOMSnapshotCapture {
    /// Puts the snapshot of a frame that runs in another process below the element that holds it (by `DOM.getFrameOwner`). Nothing happens
    /// where no such element stands in this snapshot. Bounds stay those of the inner document.
    package mutating func attach(_ inner: DOMSnapshotCapture, toFrame backendNodeId: Int32) {
        guard !inner.documents.isEmpty, inner.styleCount == styleCount || inner.styleCount == 0 || styleCount == 0 else { return }
        for at in documents.indices {
            guard let node = documents[at].backendNodeId.firstIndex(of: backendNodeId) else { continue }
            let offset = Int32(clamping: strings.count)
            let first = Int32(clamping: documents.count)
            strings += inner.strings
            documents += inner.documents.map { $0.shifted(strings: offset, documents: first) }
            documents[at].contentDocument[Int32(clamping: node)] = first
            return
        }
    }
}

extension DOMSnapshotCapture.Document {
    fileprivate func shifted(strings: Int32, documents: Int32) -> Self {
        func moved(_ index: Int32) -> Int32 { index < 0 ? index : index &+ strings }
        var copy = self
        copy.url = moved(url)
        copy.baseURL = moved(baseURL)
        copy.title = moved(title)
        copy.contentLanguage = moved(contentLanguage)
        copy.encoding = moved(encoding)
        copy.nodeName = nodeName.map(moved)
        copy.nodeValue = nodeValue.map(moved)
        copy.attributes = attributes.map(moved)
        copy.shadowRootType = shadowRootType.mapValues(moved)
        copy.pseudoType = pseudoType.mapValues(moved)
        copy.inputValue = inputValue.mapValues(moved)
        copy.textValue = textValue.mapValues(moved)
        copy.currentSourceURL = currentSourceURL.mapValues(moved)
        copy.contentDocument = contentDocument.mapValues { $0 &+ documents }
        copy.layoutText = layoutText.map(moved)
        copy.styles = styles.map(moved)
        return copy
    }
}
