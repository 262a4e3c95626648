/// Generates text under a grammar: a GGUF file in a child process (`LocalModel`) or an OpenAI-compatible server (`ServerModel`).
package protocol LanguageModel: Sendable {
    /// As people know it: a file's name, or a server's address with the model's name. Holds no key.
    var name: String { get }

    /// What is known of it once it is ready. Starts what must be started.
    func traits() async throws(InferenceError) -> ModelTraits

    /// Tokens of each text. Exact for files, estimated (rather too many) for servers, which don't say.
    func tokenCounts(of texts: [String]) async throws(InferenceError) -> [Int]

    /// Ends early when the task is cancelled (`cancelled`) or the request's time is up (`timedOut`).
    /// - Parameter onText: whole characters as they come, on any thread.
    func generate(_ request: ModelRequest, onText: @escaping @Sendable (String) -> Void) async throws(InferenceError) -> Generation

    /// Ends what was started. Later calls start it again.
    func stop() async
}

extension LanguageModel {
    package func generate(_ request: ModelRequest) async throws(InferenceError) -> Generation {
        try await generate(request, onText: { _ in })
    }
}

package struct ModelTraits: Sendable, Codable, Hashable {
    /// Tokens that prompt and answer may have together.
    package var contextTokens: Int
    /// "llama", "qwen2", …; nil where a server doesn't say.
    package var architecture: String?
    /// How messages become a prompt; a sentence for people.
    package var template: String
    /// From asking for the model until it was ready.
    package var loadSeconds: Double?

    package init(contextTokens: Int, architecture: String? = nil, template: String, loadSeconds: Double? = nil) {
        self.contextTokens = contextTokens
        self.architecture = architecture
        self.template = template
        self.loadSeconds = loadSeconds
    }
}

/// What a model is asked.
package struct ModelRequest: Sendable {
    package struct Message: Sendable, Codable, Hashable {
        package enum Role: String, Sendable, Codable { case system, user, assistant }
        package var role: Role
        package var text: String

        package init(_ role: Role, _ text: String) {
            self.role = role
            self.text = text
        }
    }

    package var messages: [Message]
    /// Nil: the model writes what it likes.
    package var grammar: AnswerGrammar?
    /// The longest answer.
    package var tokenBudget: Int
    /// 0: always the likeliest token.
    package var temperature: Double
    package var seed: UInt32
    /// From the moment the model turns to this request.
    package var deadline: Duration

    package init(
        messages: [Message], grammar: AnswerGrammar? = nil, tokenBudget: Int = 512, temperature: Double = 0, seed: UInt32 = 1,
        deadline: Duration = .seconds(180)
    ) {
        self.messages = messages
        self.grammar = grammar
        self.tokenBudget = tokenBudget
        self.temperature = temperature
        self.seed = seed
        self.deadline = deadline
    }
}

/// One language in two spellings, since files and servers speak different ones. The texts of both are JSON.
package struct AnswerGrammar: Sendable, Hashable {
    /// llama.cpp's notation; the start symbol is `root`. Bound every repetition: what is unbounded eats the budget.
    package var gbnf: String
    /// A JSON Schema, as text, in the strict subset that servers take: every property required, no others allowed.
    package var schema: String

    package init(gbnf: String, schema: String) {
        self.gbnf = gbnf
        self.schema = schema
    }
}

/// How an answer was held to its grammar.
package enum Confinement: String, Sendable, Codable, CaseIterable {
    /// A JSON Schema, by the server's `response_format`.
    case schema
    /// llama.cpp's grammar, token by token.
    case grammar
    /// The server promises some JSON object.
    case object
    /// By nothing but the words of the question.
    case none
}

/// What a model answered.
package struct Generation: Sendable, Codable, Hashable {
    package enum End: String, Sendable, Codable {
        /// The model ended by itself: under a grammar, the text is a sentence of it.
        case complete
        /// The text is only a beginning.
        case budget
    }

    package var text: String
    package var end: End
    package var usage: ModelUsage
    package var confinement: Confinement

    package init(text: String, end: End, usage: ModelUsage, confinement: Confinement) {
        self.text = text
        self.end = end
        self.usage = usage
        self.confinement = confinement
    }
}

package struct ModelUsage: Sendable, Codable, Hashable {
    package var promptTokens = 0
    /// Of the prompt, those whose computation was left over from the call before.
    package var cachedTokens = 0
    package var answerTokens = 0
    package var promptSeconds = 0.0
    package var answerSeconds = 0.0
    /// The server did not say how many tokens there were.
    package var isEstimated = false

    package init() {}

    package static func + (left: ModelUsage, right: ModelUsage) -> ModelUsage {
        var sum = left
        sum.promptTokens += right.promptTokens
        sum.cachedTokens += right.cachedTokens
        sum.answerTokens += right.answerTokens
        sum.promptSeconds += right.promptSeconds
        sum.answerSeconds += right.answerSeconds
        sum.isEstimated = left.isEstimated || right.isEstimated
        return sum
    }
}
