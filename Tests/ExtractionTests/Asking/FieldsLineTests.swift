import Extraction
import Testing

@Suite struct FieldsLineTests {
    /// Types, lists, parts and descriptions are read as they are written.
    @Test func readsEveryForm() throws {
        let request = try FieldsLine.parse(
            #"each: name, price:money "what it costs now", tags:list, images:[image], offers:[price:money, seller], author:{name, born:date}, job title, when?:date"#
        )
        #expect(request.many && request.isManyStated)
        #expect(request.fields.map(\.name) == ["name", "price", "tags", "images", "offers", "author", "job_title", "when"])
        #expect(request.fields.map(\.type) == [.text, .money, .list, .list, .list, .object, .text, .date])
        #expect(request.fields[1].description == "what it costs now")
        #expect(request.fields[2].items == .text)
        #expect(request.fields[3].items == .image)
        #expect(request.fields[4].fields.map(\.type) == [.money, .text])
        #expect(request.fields[5].fields.map(\.name) == ["name", "born"])
    }

    /// Without "each:" or "one:" the page decides.
    @Test(arguments: [
        ("name, price", false, true), ("one: name", true, false), ("many: name", true, true), ("each : name", true, true),
        ("one: number", false, true),
    ])
    func saysHowMany(line: String, isStated: Bool, many: Bool) throws {
        let request = try FieldsLine.parse(line)
        #expect(request.isManyStated == isStated)
        #expect(request.many == many)
    }

    /// An error names the field and the column.
    @Test(arguments: [
        ("", 1, "no field"), ("name,,price", 6, "missing before"), ("name, price:mony", 13, "\"price\""), ("name, price:", 13, "\"price\""),
        ("offers:[price", 14, "isn't closed"), ("name, name", 7, "twice"), ("name price:money rating", 18, "comma"), ("a:{}", 4, "empty"),
        ("a \"text", 3, "isn't closed"), ("author:object", 8, "without parts"), ("name]", 5, "comma"),
    ])
    func namesFieldAndColumn(line: String, column: Int, words: String) {
        do {
            _ = try FieldsLine.parse(line)
            Issue.record("\(line) was read")
        } catch {
            #expect(error.column == column, "\(error)")
            #expect(error.message.contains(words), "\(error)")
        }
    }

    /// What is written reads back as the same request.
    @Test(arguments: [
        "each: name, price:money, rating:number", "one: tags:[text], images:[image]", "a:[text:text]",
        "offers:[price:money, seller:{name, url:url}]",
        #"name "say \"hi\" \\ there", "odd, name:" "x":"#, "größe:number, prénom",
    ])
    func roundTrips(line: String) throws {
        guard let request = try? FieldsLine.parse(line) else { return }
        #expect(try FieldsLine.parse(FieldsLine.text(of: request)) == request)
    }

    /// Nesting has a limit, so that no line exhausts the stack.
    @Test func refusesDeepNesting() {
        #expect(throws: AskError.self) { try FieldsLine.parse(String(repeating: "a:[", count: 5000)) }
    }
}
