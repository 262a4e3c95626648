internal import CLlama
internal import Foundation

/// Messages to tokens, as the model learned them.
///
/// llama.cpp knows templates by their shape and has no interpreter for the language they are written in. A template that it doesn't know
/// is replaced by ChatML where the vocabulary has ChatML's marks, else by plain text with headings; `name` says which it is.
///
/// A page must not be able to write the marks that end a message. So the template is applied to stand-ins; what stands around them is
/// tokenized with control tokens, the messages themselves are tokenized without and put in between.
struct ChatTemplate: Sendable {
    enum Form: Sendable {
        /// In the file, or the name of one of llama.cpp's own.
        case known(String)
        case plain
    }
    let form: Form
    /// For people.
    let name: String

    init(of model: OpaquePointer, hasToken: (String) -> Bool) {
        let own = llama_model_chat_template(model, nil).map { String(cString: $0) }
        if let own, Self.applied(own, [("user", "x")]) != nil {
            (form, name) = (.known(own), "the file's own")
        } else if hasToken("<|im_start|>"), hasToken("<|im_end|>") {
            (form, name) = (.known("chatml"), own == nil ? "ChatML, since the file has none" : "ChatML, since the file's own is unknown")
        } else {
            (form, name) = (.plain, own == nil ? "plain text, since the file has none" : "plain text, since the file's own is unknown")
        }
    }

    enum Piece: Equatable {
        /// Written by the template: may hold control tokens.
        case mark(String)
        /// Text of a message: never does.
        case text(String)
    }

    func pieces(_ messages: [ModelRequest.Message]) -> [Piece] {
        guard case .known(let template) = form else { return Self.plain(messages) }
        let standIns = messages.indices.map { "\u{2063}message-\($0)\u{2063}" }
        guard let whole = Self.applied(template, zip(messages, standIns).map { ($0.role.rawValue, $1) }) else {
            return Self.plain(messages)
        }
        var pieces: [Piece] = []
        var rest = Substring(whole)
        for (message, standIn) in zip(messages, standIns) {
            // Each exactly once and in order, or the template does something that we don't understand.
            guard let range = rest.range(of: standIn) else { return Self.plain(messages) }
            if range.lowerBound > rest.startIndex { pieces.append(.mark(String(rest[..<range.lowerBound]))) }
            pieces.append(.text(message.text))
            rest = rest[range.upperBound...]
        }
        guard !rest.contains("\u{2063}") else { return Self.plain(messages) }
        if !rest.isEmpty { pieces.append(.mark(String(rest))) }
        return pieces
    }

    private static func plain(_ messages: [ModelRequest.Message]) -> [Piece] {
        messages.map { message in
            switch message.role {
            case .system: .text(message.text + "\n\n")
            case .user: .text("### Question\n\(message.text)\n\n### Answer\n")
            case .assistant: .text(message.text + "\n\n")
            }
        }
    }

    /// With the beginning of the assistant's answer; nil where llama.cpp doesn't know the template.
    private static func applied(_ template: String, _ messages: [(role: String, text: String)]) -> String? {
        let strings = messages.flatMap { [strdup($0.role), strdup($0.text)] }
        defer { for string in strings { free(string) } }
        let chat = messages.indices.map { llama_chat_message(role: strings[2 * $0], content: strings[2 * $0 + 1]) }
        var buffer = [CChar](repeating: 0, count: 4096 + template.utf8.count + messages.reduce(0) { $0 + 2 * $1.text.utf8.count })
        var length = llama_chat_apply_template(template, chat, chat.count, true, &buffer, Int32(clamping: buffer.count))
        if length > buffer.count {
            guard length < 1 << 26 else { return nil }
            buffer = [CChar](repeating: 0, count: Int(length))
            length = llama_chat_apply_template(template, chat, chat.count, true, &buffer, length)
        }
        guard length > 0, length <= buffer.count else { return nil }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
