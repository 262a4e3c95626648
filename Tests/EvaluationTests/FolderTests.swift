import Documents
import Extraction
import Foundation
import TestMaterial
import Testing

@testable import Evaluation

@Suite struct FolderTests {
    private func write(_ text: String, _ path: String, in folder: URL) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func make(_ folder: URL) throws {
        try write("<title>x</title>", "swde/a.html", in: folder)
        try write("<title>y</title>", "other/b.html", in: folder)
        try write(
            """
            {"id": "a", "set": "swde", "half": "dev", "kind": "detail", "html": "a.html", "charset": "latin1", "vertical": "auto", "url": null, "fields": {"price": ["1"], "fuel_economy": []}}

            {"id": "a2", "kind": "detail", "html": "a.html", "vertical": "auto", "fields": {"model": ["m"]}}
            {"id": "j", "kind": "detail", "html": "a.html", "vertical": "job", "fields": {"title": ["t"]}}
            not json
            {"id": "n", "kind": "detail", "html": "none.html", "fields": {}}
            {"id": "up", "kind": "detail", "html": "../other/b.html", "fields": {}}
            {"id": "k", "kind": "poem", "html": "a.html"}
            """, "swde/labels.jsonl", in: folder)
        try write(
            """
            {"id": "b", "set": "other", "kind": "listing", "html": "b.html", "fields": null, "records": [{"case_name": "x", "pdf_url": "u"}, {"n": 1, "tags": ["a"]}]}
            {"id": "c", "set": "other", "kind": "detail", "html": "b.html", "schema": {"type": "object", "properties": {"age": {"type": "number"}}}, "fields": {"name": "x"}}
            {"id": "d", "set": "other", "kind": "detail", "html": "b.html", "schema": {"type": "object"}, "fields": {"name": "x"}}
            """, "dev/other/labels.jsonl", in: folder)
    }

    /// Both layouts are read, pages in the order of the files; each record that can't be used is named with file, line and reason.
    @Test func reads() async throws {
        try await withTemporaryFolder { folder in
            try make(folder)
            let labelled = try LabelledFolder(folder)
            #expect(labelled.pages.map(\.id) == ["b", "c", "d", "a", "a2", "j"])
            #expect(labelled.pages.map(\.half) == ["dev", "dev", "dev", "dev", "", ""])
            #expect(labelled.pages[3].charset == "latin1")
            #expect(labelled.pages[3].set == "swde")
            #expect(labelled.faults.count == 4)
            #expect(labelled.faults[0].contains("labels.jsonl line 5: not valid JSON"))
            #expect(labelled.faults[1].contains("none.html"))
            #expect(labelled.faults[2].contains("record up"))
            #expect(labelled.faults[3].contains("kind"))
            #expect(try LabelledFolder(folder.appending(path: "swde")).pages.count == 3)
        }
    }

    /// A folder that is none, or holds no labels, is the person's error.
    @Test func badFolders() async throws {
        try await withTemporaryFolder { folder in
            for place in [folder, folder.appending(path: "absent")] {
                let error = #expect(throws: EvaluationError.self) { try LabelledFolder(place) }
                #expect(error?.code == .input)
            }
        }
    }

    /// What is asked: the schema; else the field names of the set, of SWDE of the vertical; of a listing those of its own records.
    @Test func questions() async throws {
        try await withTemporaryFolder { folder in
            try make(folder)
            let pages = try LabelledFolder(folder).pages
            let questions = Question.all(of: pages)
            func names(_ index: Int) throws -> [String] { try questions[index].get().request.fields.map(\.name) }
            #expect(try names(0) == ["case_name", "pdf_url", "n"])
            #expect(try questions[0].get().request.fields.map(\.type) == [.text, .url, .text])
            #expect(try questions[0].get().request.many)
            #expect(try names(1) == ["age"])
            #expect(throws: EvaluationError.self) { try names(2) }
            #expect(try names(3) == ["price", "fuel economy", "model"])
            #expect(try names(4) == names(3))
            #expect(try names(5) == ["title"])
            #expect(try questions[3].get().names["fuel economy"] == "fuel_economy")
            #expect(try !questions[3].get().request.many)
        }
    }

    /// Known sets are asked in the words that the models were measured with; lists as lists.
    @Test func wordings() async throws {
        try await withTemporaryFolder { folder in
            let page = try page(
                #"{"id": "1", "set": "contacts", "kind": "detail", "html": "a.html", "fields": {"per": ["A"], "subj": ["B"]}}"#, in: folder)
            let question = try Question.all(of: [page])[0].get()
            #expect(question.request.fields.map(\.name) == ["person name"])
            #expect(question.request.fields[0].type == .list)
            #expect(question.names == ["person name": "per"])
        }
    }
}
