extension Document {
    /// A text file: one `<pre>` in the body, as browsers show it. Line breaks stay line breaks.
    package init(text bytes: [UInt8], url: String, charset: String? = nil) {
        var bytes = bytes
        var builder = DocumentBuilder(url: url, source: .html)
        if bytes.count > Document.maximumHTMLBytes {
            builder.note("only the first \(Document.maximumHTMLBytes) of the file's \(bytes.count) bytes were read")
            bytes.removeLast(bytes.count - Document.maximumHTMLBytes)
        }
        // No prescan: "<meta charset>" in a text file is text.
        let isUTF16 = bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE])
        let known = charset.flatMap(Charset.init(label:))?.name
        let guess = String(validating: bytes, as: UTF8.self) != nil ? Charset.utf8.name : Charset.windows1252.name
        let (encoding, skip) = Charset.detect(bytes, declared: isUTF16 ? nil : known ?? guess)
        builder.open(element: "html")
        builder.open(element: "head")
        builder.close()
        builder.open(element: "body")
        builder.open(element: "pre")
        builder.text(encoding.decode(bytes[skip...]))
        self = builder.finish()
    }
}
