import Documents
import Extraction
import Foundation

/// From what was typed to a request; what can't be understood ends with exit code 2 and something to go on from.
enum Asked {
    static func request(schema: String?, fields: String?, prompt: () throws -> String) throws -> ExtractionRequest {
        do {
            if let schema {
                guard let data = FileManager.default.contents(atPath: schema) else {
                    throw CommandError.input("--schema \(schema): there is no such file, or it can't be read")
                }
                do { return try SchemaReader.read(String(decoding: data, as: UTF8.self)) } catch {
                    throw CommandError.input("--schema \(schema): \(error.message)")
                }
            }
            if let fields {
                do { return try FieldsLine.parse(fields) } catch { throw CommandError.input("--fields: \(error.message)") }
            }
        }
        let text = try prompt()
        guard !text.allSatisfy(\.isWhitespace) else { throw CommandError.input("the prompt is empty: say what you want, for example \"every job title with its city\"") }
        let reading = PromptParser.parse(text)
        guard reading.understood else { throw CommandError.input(refusal(of: reading, text)) }
        return reading.request
    }

    private static func refusal(of reading: PromptReading, _ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        let parts = reading.notUnderstood.compactMap { range -> String? in
            guard range.lowerBound >= 0, range.upperBound <= scalars.count else { return nil }
            return "\"" + String(String.UnicodeScalarView(scalars[range])) + "\""
        }
        var message = "the prompt was not understood"
        if !parts.isEmpty { message += ": " + parts.joined(separator: ", ") }
        let names = reading.request.fields.map(\.name).joined(separator: ", ")
        message += names.isEmpty ? ". No field was found in it." : ". Understood so far: \(names)."
        let line = reading.readyFieldsLine.isEmpty ? "name, price:money, url:url" : reading.readyFieldsLine
        return message + "\nSay it as fields instead: --fields '\(line)'"
    }

    /// The answer to one line of `--dry-run --batch`.
    static func line(id: JSON, prompt: String) -> JSON { PromptParser.parse(prompt).batchLine(id: id) }
}
