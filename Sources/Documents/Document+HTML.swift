internal import CGumbo
internal import Glibc

// HTML bytes to a document: charset, HTML5 tree (gumbo), our table. Gumbo's tree is walked with an explicit stack.

extension Document {
    /// Bytes of HTML that are read; the rest is left out and said in `truncation`.
    package static let maximumHTMLBytes = 32 << 20

    /// A page as its bytes tell it, without scripts, style sheets or layout.
    ///
    /// `charset` is what the HTTP header says (a label such as "utf-8"), nil where it says nothing. There is no page so broken that this
    /// fails; what the caps cut is said in `truncation`.
    package init(html bytes: [UInt8], url: String, charset: String? = nil) {
        var bytes = bytes
        var builder = DocumentBuilder(url: url, source: .html)
        if bytes.count > Document.maximumHTMLBytes {
            builder.note("only the first \(Document.maximumHTMLBytes) of the page's \(bytes.count) bytes were read")
            bytes.removeLast(bytes.count - Document.maximumHTMLBytes)
        }
        let (encoding, skip) = Charset.detect(bytes, declared: charset)
        self.init(markup: encoding.decode(bytes[skip...]), builder: builder)
    }

    /// HTML that is text already.
    package init(html text: String, url: String) {
        self.init(markup: text, builder: DocumentBuilder(url: url, source: .html))
    }

    private init(markup text: String, builder: consuming DocumentBuilder) {
        var builder = builder
        var text = text
        text.withUTF8 { utf8 in
            guard let tree = HTMLTree(utf8) else { return builder.note("there was no memory to read the page") }
            if tree.isComplete { return tree.walk(into: &builder) }
            // Deep nesting and endless attributes take the parser quadratic time: once more with both cut down.
            builder.note("the page nests too deep or repeats too much; some tags and attributes were left out")
            HTMLTaming.tame(utf8).withUnsafeBufferPointer { tame in
                guard let tree = HTMLTree(tame) else { return builder.note("there was no memory to read the page") }
                if !tree.isComplete { builder.note("the end of the page was not read") }
                tree.walk(into: &builder)
            }
        }
        self = builder.finish()
    }
}

/// A gumbo tree. It points into the text it was made from, which must live while it is walked.
private final class HTMLTree {
    private let arena: UnsafeMutablePointer<gleaner_gumbo_arena>

    /// At most 512 MiB and, for a page of a megabyte, about 2 s of processor time: thirty times what a usual page takes.
    init?(_ utf8: UnsafeBufferPointer<UInt8>) {
        var nothing: CChar = 0
        let parsed = withUnsafeMutablePointer(to: &nothing) { empty in
            let start = utf8.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) } ?? UnsafePointer(empty)
            return gleaner_gumbo_parse(start, utf8.count, 1 << 29, 1_500_000_000 + UInt64(utf8.count) * 300)
        }
        guard let parsed else { return nil }
        arena = parsed
    }

    deinit { gleaner_gumbo_free(arena) }

    var isComplete: Bool { !arena.pointee.exhausted }

    func walk(into builder: inout DocumentBuilder) {
        guard let document = gleaner_gumbo_document(arena) else { return }
        // What is open: its children and the next one to visit.
        var stack: [(children: UnsafePointer<GumboVector>, next: UInt32)] = []
        guard let top = gleaner_gumbo_children(document) else { return }
        stack.append((top, 0))
        while let last = stack.last {
            guard let raw = gleaner_gumbo_at(last.children, last.next) else {
                stack.removeLast()
                if !stack.isEmpty { builder.close() }
                continue
            }
            stack[stack.count - 1].next = last.next + 1
            let node = raw.assumingMemoryBound(to: GumboNode.self)
            switch node.pointee.type {
            case GUMBO_NODE_TEXT, GUMBO_NODE_WHITESPACE, GUMBO_NODE_CDATA:
                if let text = node.pointee.v.text.text { builder.text(String(cString: text)) }
            case GUMBO_NODE_ELEMENT, GUMBO_NODE_TEMPLATE:
                let name = HTMLTree.name(of: node)
                let attributes = HTMLTree.attributes(of: node)
                builder.open(element: name, attributes: attributes, isHidden: HTMLVisibility.isHidden(name, attributes))
                // A frame's content is fallback text of browsers without frames.
                if name != "iframe", let below = gleaner_gumbo_children(node) {
                    stack.append((below, 0))
                } else {
                    builder.close()
                }
            default: break
            }
        }
    }

    private static func name(of node: UnsafeMutablePointer<GumboNode>) -> String {
        let element = node.pointee.v.element
        if element.tag != GUMBO_TAG_UNKNOWN, let name = gumbo_normalized_tagname(element.tag), name.pointee != 0 {
            return String(cString: name)
        }
        var original = element.original_tag
        gumbo_tag_from_original_text(&original)
        guard let start = original.data else { return "" }
        return lowercased(UnsafeRawBufferPointer(start: start, count: original.length))
    }

    private static func attributes(of node: UnsafeMutablePointer<GumboNode>) -> [Document.Attribute] {
        let vector = node.pointee.v.element.attributes
        if vector.length == 0 { return [] }
        var out: [Document.Attribute] = []
        out.reserveCapacity(Int(vector.length))
        for index in 0..<Int(vector.length) {
            guard let attribute = vector.data[index]?.assumingMemoryBound(to: GumboAttribute.self).pointee else { continue }
            guard let name = attribute.name, let value = attribute.value else { continue }
            let raw = UnsafeRawBufferPointer(start: name, count: strlen(name))
            let prefix =
                switch attribute.attr_namespace {
                case GUMBO_ATTR_NAMESPACE_XLINK: "xlink:"
                case GUMBO_ATTR_NAMESPACE_XML: "xml:"
                default: ""
                }
            let written = lowercased(raw)
            let text = String(cString: value)
            out.append(Document.Attribute(name: prefix.isEmpty || written.hasPrefix(prefix) ? written : prefix + written, value: text))
        }
        return out
    }

    private static func lowercased(_ bytes: UnsafeRawBufferPointer) -> String {
        if bytes.contains(where: { (65...90).contains($0) }) {
            return String(decoding: bytes.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
