/// What reading needs of a language model: a question in, an answer out. `Inference.LanguageModel` has it all; the closures keep pages
/// and models apart.
package struct PointingModel: Sendable {
    package struct Question: Sendable {
        /// Who the model is; the same for all pages.
        package var system: String
        /// The fields, then the page.
        package var text: String
        package var grammar: PointingGrammar
        /// The longest answer, in tokens.
        package var tokenBudget: Int
        /// For the answer, from the moment the model turns to it.
        package var deadline: Duration
    }

    package struct Reply: Sendable {
        package var text: String
        /// False where the budget cut it short.
        package var isWhole: Bool
        package var promptTokens: Int
        /// Of the prompt, those that were not computed anew.
        package var cachedTokens: Int
        package var answerTokens: Int
        /// That the model worked; waiting for its turn is not counted.
        package var seconds: Double

        package init(text: String, isWhole: Bool, promptTokens: Int, cachedTokens: Int, answerTokens: Int, seconds: Double = 0) {
            self.text = text
            self.isWhole = isWhole
            self.promptTokens = promptTokens
            self.cachedTokens = cachedTokens
            self.answerTokens = answerTokens
            self.seconds = seconds
        }
    }

    /// One answer is lost; the page's other parts may still be read.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
        /// The question didn't fit into the model's context: a shorter one may.
        package var isTooLong: Bool

        package init(_ description: String, isTooLong: Bool = false) {
            self.description = description
            self.isTooLong = isTooLong
        }
    }

    package var name: String
    /// Tokens that question and answer may have together.
    package var contextTokens: @Sendable () async throws -> Int
    /// Tokens of each text; rather too many than too few.
    package var tokenCounts: @Sendable ([String]) async throws -> [Int]
    /// Ends at the question's deadline. Throws `Failure`, or `CancellationError`.
    package var answer: @Sendable (Question) async throws -> Reply

    package init(
        name: String, contextTokens: @escaping @Sendable () async throws -> Int,
        tokenCounts: @escaping @Sendable ([String]) async throws -> [Int],
        answer: @escaping @Sendable (Question) async throws -> Reply
    ) {
        self.name = name
        self.contextTokens = contextTokens
        self.tokenCounts = tokenCounts
        self.answer = answer
    }
}

/// The language of answers in the two spellings that models understand: llama.cpp's notation and JSON Schema.
package struct PointingGrammar: Sendable, Hashable {
    package var gbnf: String
    package var schema: String

    package init(gbnf: String, schema: String) {
        self.gbnf = gbnf
        self.schema = schema
    }
}
