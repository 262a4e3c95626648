package import Documents
package import Extraction

/// A way of reading pages that is evaluated: the whole product, a part of it, or a model.
package struct Method: Sendable {
    /// As it is named on the command line and in reports.
    package var name: String
    /// Reads a page for a request; `prompt` is what the person wrote. What it throws fails the page, not the run.
    package var read: @Sendable (_ document: Document, _ request: ExtractionRequest, _ prompt: String) async throws -> Reading

    package struct Reading: Sendable {
        package var answer: Answer
        /// Tokens of the page's text that a model read, each counted once; nil where no model reads.
        package var textTokens: Int?

        package init(answer: Answer, textTokens: Int? = nil) {
            self.answer = answer
            self.textTokens = textTokens
        }
    }

    package init(
        name: String, read: @escaping @Sendable (_ document: Document, _ request: ExtractionRequest, _ prompt: String) async throws -> Reading
    ) {
        self.name = name
        self.read = read
    }
}
