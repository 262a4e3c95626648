internal import CXML2

// XML to a document, by libxml2: XHTML, RSS, Atom, any other. Nothing is loaded from elsewhere, entities of the document are not expanded,
// and what libxml2 has to say about errors goes nowhere.

extension Document {
    /// An XML document (application/xhtml+xml, RSS, Atom, text/xml).
    ///
    /// Element names are lower case with their prefix as written ("media:thumbnail"); elements of the XHTML namespace have none.
    /// In a document whose root is not `<html>` every element is a line of its own. XHTML that is not well-formed is read as HTML; other
    /// XML is read as far as it can be, and `truncation` says so; what is no XML at all throws `malformedXML`.
    package init(xml bytes: [UInt8], url: String, charset: String? = nil) throws(DocumentsError) {
        guard bytes.count <= Document.maximumHTMLBytes else {
            throw DocumentsError(
                .tooLarge, "the XML document \(url) has \(bytes.count) bytes; at most \(Document.maximumHTMLBytes) are read")
        }
        let (encoding, skip) = Charset.detect(bytes, declared: charset)
        // Always handed over as UTF-8, so that one table of encodings counts; the encoding parameter overrules the declaration.
        let text = encoding.decode(bytes[skip...])
        if let whole = Document.parse(text, url: url, recovering: false) {
            self = whole
        } else if Document.isXHTML(text) {
            self.init(html: text, url: url)
        } else if let part = Document.parse(text, url: url, recovering: true), part.nodes.count > 1 {
            self = part
        } else {
            throw DocumentsError(.malformedXML, "\(url) is not XML: no element could be read from it")
        }
    }

    private static let started: Void = gleaner_xml_start()

    private static func parse(_ text: String, url: String, recovering: Bool) -> Document? {
        _ = started
        var options = XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_NOCDATA.rawValue
        options |= XML_PARSE_COMPACT.rawValue | XML_PARSE_IGNORE_ENC.rawValue
        if recovering { options |= XML_PARSE_RECOVER.rawValue }
        var text = text
        let tree = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { chars -> xmlDocPtr? in
                chars.baseAddress.flatMap { xmlReadMemory($0, Int32(clamping: chars.count), nil, "UTF-8", Int32(options)) }
            }
        }
        guard let tree else { return nil }
        defer { xmlFreeDoc(tree) }
        var builder = DocumentBuilder(url: url, source: .html)
        if recovering { builder.note("the XML is not well-formed; what stands after the error may be missing") }
        guard let root = xmlDocGetRootElement(tree) else { return nil }
        walk(root, into: &builder)
        return builder.finish()
    }

    private static func walk(_ root: xmlNodePtr, into builder: inout DocumentBuilder) {
        // The next node to visit at each open level.
        var stack: [xmlNodePtr?] = [root]
        while let top = stack.last {
            guard let node = top else {
                stack.removeLast()
                if !stack.isEmpty { builder.close() }
                continue
            }
            // The root has no siblings that matter: comments and processing instructions.
            stack[stack.count - 1] = stack.count == 1 ? nil : node.pointee.next
            switch node.pointee.type {
            case XML_ELEMENT_NODE:
                let name = XMLNames.element(node)
                let attributes = XMLNames.attributes(node)
                builder.open(element: name, attributes: attributes, isHidden: HTMLVisibility.isHidden(name, attributes))
                stack.append(node.pointee.children)
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
                if let content = node.pointee.content { builder.text(String(cString: content)) }
            case XML_ENTITY_REF_NODE:
                // "&nbsp;" of XHTML, known by its DTD, which is not loaded.
                if let name = node.pointee.name { builder.text(XMLNames.entity(String(cString: name))) }
            default: break
            }
        }
    }

    private static func isXHTML(_ text: String) -> Bool {
        let head = Array(text.utf8.prefix(2_048)).map { (65...90).contains($0) ? $0 | 32 : $0 }
        guard let tag = head.firstRange(of: Array("<html".utf8)) else { return false }
        guard tag.upperBound < head.count else { return true }
        return head[tag.upperBound] <= 32 || head[tag.upperBound] == UInt8(ascii: ">")
    }
}

private enum XMLNames {
    private static let xhtml = "http://www.w3.org/1999/xhtml"

    static func element(_ node: xmlNodePtr) -> String {
        let name = string(node.pointee.name).lowercased()
        guard let space = node.pointee.ns, let prefix = space.pointee.prefix, string(space.pointee.href) != xhtml else { return name }
        return string(prefix).lowercased() + ":" + name
    }

    static func attributes(_ node: xmlNodePtr) -> [Document.Attribute] {
        var out: [Document.Attribute] = []
        var next = node.pointee.properties
        while let attribute = next {
            let name = string(attribute.pointee.name).lowercased()
            let prefix = attribute.pointee.ns.flatMap(\.pointee.prefix).map { string($0).lowercased() + ":" } ?? ""
            out.append(Document.Attribute(name: prefix + name, value: value(attribute)))
            next = attribute.pointee.next
        }
        return out
    }

    /// An attribute's value is a list of text and entity nodes.
    private static func value(_ attribute: xmlAttrPtr) -> String {
        var out = ""
        var next = attribute.pointee.children
        while let node = next {
            switch node.pointee.type {
            case XML_TEXT_NODE: out += string(node.pointee.content)
            case XML_ENTITY_REF_NODE: out += entity(string(node.pointee.name))
            default: break
            }
            next = node.pointee.next
        }
        return out
    }

    /// The character of an HTML entity; nothing for entities that the document declares itself, which may be bombs.
    static func entity(_ name: String) -> String {
        guard let entity = htmlEntityLookup(name), let scalar = Unicode.Scalar(entity.pointee.value) else { return "" }
        return String(Character(scalar))
    }

    private static func string(_ chars: UnsafePointer<xmlChar>?) -> String { chars.map { String(cString: $0) } ?? "" }
}
