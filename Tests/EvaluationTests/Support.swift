import Documents
import Extraction
import Foundation
import TestMaterial

@testable import Evaluation

/// A page with labels, made from a record as it stands in a `labels.jsonl`; its file is written into `folder`.
func page(_ record: String, html: String = "<html></html>", in folder: URL) throws -> LabelledPage {
    let json = try JSON(parsing: record)
    if let name = json["html"]?.string { try Data(html.utf8).write(to: folder.appending(path: name)) }
    return try LabelledPage(json, folder: folder, set: folder.lastPathComponent)
}

/// An answer with the given records, and evidence for each leaf whose text is given.
func answer(_ page: LabelledPage, _ records: [String], texts: [String: String] = [:], next: String? = nil) throws -> PageAnswer {
    let question = Question(
        request: ExtractionRequest(many: page.kind == .listing, fields: []), names: [:], prompt: "")
    let evidence = texts.sorted { $0.key < $1.key }.map { path, text in
        Evidence(
            record: 0, path: path, value: .string(text), text: text, node: "0", start: 0, end: text.unicodeScalars.count, method: .matcher,
            score: 1, transform: "text")
    }
    return PageAnswer(
        page, question, Answer(records: try records.map { try JSON(parsing: $0) }, evidence: evidence, next: next), milliseconds: 1)
}
