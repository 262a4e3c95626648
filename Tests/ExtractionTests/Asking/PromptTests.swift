import Documents
import Extraction
import Foundation
import Testing

/// Prompts with what they mean. `prompts.jsonl` was worked with; `held-out.jsonl` was written before the rules and is only scored.
private struct PromptCase: Sendable, CustomTestStringConvertible {
    var prompt: String
    var understood: Bool
    var many: Bool
    var filter: String?
    var fields: JSON

    var testDescription: String { prompt }

    static func all(in name: String) throws -> [PromptCase] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Prompts/\(name).jsonl")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return try lines.map { line in
            let row = try JSON(parsing: String(line))
            return PromptCase(
                prompt: try #require(row["prompt"]?.string), understood: row["understood"]?.bool ?? true, many: row["many"]?.bool ?? false,
                filter: row["filter"]?.string, fields: row["fields"] ?? .array([]))
        }
    }

    /// Names, types and parts all right, and one or many.
    func isRight(_ reading: PromptReading) -> Bool {
        guard reading.understood == understood else { return false }
        return !understood || (reading.request.many == many && JSON.array(reading.request.fields.map(\.shortJSON)) == fields)
    }

    func hasRightFilter(_ reading: PromptReading) -> Bool {
        guard understood else { return true }
        guard let filter else { return reading.request.filter == nil }
        guard let text = reading.request.filter?.text.lowercased(), !text.isEmpty else { return false }
        return text.contains(filter.lowercased()) || filter.lowercased().contains(text)
    }
}

@Suite struct PromptTests {
    /// Every prompt that the rules were made with is read exactly.
    @Test func readsDevelopmentPrompts() throws {
        let cases = try PromptCase.all(in: "prompts")
        #expect(cases.count >= 100)
        for prompt in cases {
            let reading = PromptParser.parse(prompt.prompt)
            #expect(prompt.isRight(reading), "\(prompt.prompt) → \(reading.batchLine(id: .null))")
            #expect(prompt.hasRightFilter(reading), "\(prompt.prompt) → filter \(reading.request.filter?.text ?? "none")")
        }
    }

    /// Of the prompts that the rules were not made with, nine in ten have every field right.
    @Test func readsHeldOutPrompts() throws {
        let cases = try PromptCase.all(in: "held-out")
        let readings = cases.map { ($0, PromptParser.parse($0.prompt)) }
        let right = readings.filter { $0.isRight($1) }.count
        let filters = readings.filter { $0.hasRightFilter($1) }.count
        print("held-out prompts: \(right) of \(cases.count) right, filters \(filters) of \(cases.count)")
        #expect(cases.count >= 50)
        #expect(right * 10 >= cases.count * 9)
    }

    /// The same prompt gives the same request, and its line of fields reads as the same fields.
    @Test func isDeterministicAndWritesReadableFieldsLines() throws {
        for prompt in try PromptCase.all(in: "prompts") where prompt.understood {
            let reading = PromptParser.parse(prompt.prompt)
            #expect(reading == PromptParser.parse(prompt.prompt))
            let again = try FieldsLine.parse(reading.readyFieldsLine)
            #expect(again.fields.map(\.shortJSON) == reading.request.fields.map(\.shortJSON), "\(reading.readyFieldsLine)")
        }
    }

    /// What is not understood says so, and still offers a line of fields that can be edited.
    @Test(arguments: ["", "   ", "hello", "asdf", "get everything", "summarize this page in a poetic way", "????", "extract all job data"])
    func offersAFieldsLine(prompt: String) throws {
        let reading = PromptParser.parse(prompt)
        #expect(!reading.understood || prompt.contains("job"))
        #expect(try !FieldsLine.parse(reading.readyFieldsLine).fields.isEmpty)
    }

    /// Names from prompts are snake case whatever was typed, and ranges stay within the prompt.
    @Test(arguments: [
        "title (((", "]]]}}} name", "name, , , price,,", "\u{0}\u{1F600} name\u{1F600}, price", "名前, 価格", "first-name & last-name; %%%",
        "\"unclosed, name, price", "name: , price: ", "-> -> ->", "for each", "each", "with with with", "of of the of", "'s 's 's", "{",
        "[{]",
        "{\"a\": {\"b\": {\"c\": {\"d\": {\"e\": {\"f\": {\"g\": {\"h\": {\"i\": 1}}}}}}}}}", "1. 2. 3.", "only only only", "between and",
        "under $",
        "name under $99999999999999999999999999999", "posted after 99 99 9999", "first 99999999999999999999 products with name",
        "the\nthe\nthe",
    ])
    func survivesOddPrompts(prompt: String) {
        let reading = PromptParser.parse(prompt)
        let count = prompt.unicodeScalars.count
        for range in reading.notUnderstood { #expect(range.upperBound <= count) }
        for field in reading.request.fields {
            #expect(field.name.first.map { ("a"..."z").contains($0) } == true, "\(field.name)")
            #expect(field.name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        }
    }

    /// Words and marks in any order are read without a fault, and every line of fields that comes out can be read again.
    @Test func survivesShuffledPrompts() throws {
        let words = try PromptCase.all(in: "prompts").flatMap { $0.prompt.split(separator: " ").map(String.init) }
        let marks = [
            "(", ")", "[", "]", "{", "}", ",", ":", ";", ".", "?", "'s", "->", "-", "\n", "\n- ", "1)", "2)", "with", "of", "each", "for",
            "only", "how many", "what", "is", "\"",
        ]
        var seed: UInt64 = 7
        func next(_ count: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % count
        }
        for _ in 0..<1500 {
            var prompt = ""
            for _ in 0...next(14) {
                prompt += (next(3) == 0 ? marks[next(marks.count)] : words[next(words.count)]) + (next(6) == 0 ? "" : " ")
            }
            let reading = PromptParser.parse(prompt)
            #expect(throws: Never.self, "\(prompt)") { try FieldsLine.parse(reading.readyFieldsLine) }
        }
    }

    /// A prompt of any length is read in bounded time, and what was not read is reported.
    @Test func cutsLongPrompts() {
        let prompt = String(repeating: "name, price and ", count: 4000)
        let reading = PromptParser.parse(prompt)
        #expect(reading.notUnderstood.last?.upperBound == prompt.unicodeScalars.count)
        #expect(reading.request.fields.map(\.name) == ["name", "price"])
    }

    /// The line of a batch has what the contract says, nested fields too.
    @Test func writesBatchLines() {
        let reading = PromptParser.parse("each department with its head and its courses (title, credits)")
        let line = reading.batchLine(id: .string("a")).text()
        #expect(
            line
                == #"{"id":"a","understood":true,"many":true,"filter":null,"fields":[{"name":"name","type":"text"},{"name":"head","type":"text"},{"name":"courses","type":"list","fields":[{"name":"title","type":"text"},{"name":"credits","type":"number"}]}]}"#
        )
    }
}
