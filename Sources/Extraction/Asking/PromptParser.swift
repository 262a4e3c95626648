/// From a prompt, as people type it, to a request: by rules, without a model, the same each time.
///
/// Conventions:
/// - Names are the person's words in the singular, as snake case, ASCII-folded, in the person's language: "job titles" → `job_title`,
///   "Preis" → `preis`. "name of the company" → `company_name` (just `name` where the record is a company).
/// - "each X with its Y": X is a field itself where it is a value (job title, quote, country); where it is a thing, the record gets the
///   thing's own name first (`title` for works and jobs, `name` for others), unless a name or title is asked for anyway.
/// - Plural nouns in the list of one record are lists; in "names and prices of all products" they are one value a record.
/// - What chooses records becomes the filter; what says where the data stands or how to write it is dropped.
package struct PromptReading: Sendable, Hashable {
    package var request: ExtractionRequest
    /// There are fields, and nothing was asked that isn't extraction.
    package var understood: Bool
    /// Parts that led to nothing, as ranges of the prompt's Unicode scalars.
    package var notUnderstood: [Range<Int>]
    /// The understood part, or typical fields of the thing that was named, to edit and pass as `--fields`.
    package var readyFieldsLine: String
}

package enum PromptParser {
    /// The longest prompt that is read, in Unicode scalars; the rest is reported as not understood.
    static let maximumLength = 8_000

    package static func parse(_ prompt: String) -> PromptReading {
        let scalars = Array(prompt.unicodeScalars)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars.prefix(maximumLength))
        let text = String(view)
        var tokens = Tokenizer.tokens(of: text)
        let vocabulary = Vocabulary.of(tokens)
        tokens = vocabulary.mended(merged(tokens))
        var grammar = PromptGrammar(vocabulary: vocabulary)
        if let sample = SampleReader(vocabulary: vocabulary).read(tokens) {
            // The words around a sample say how many and which.
            grammar.read(sample.around)
            grammar.draft.items = sample.fields.map { FieldPhrase.Item(field: $0, isRecognised: true) }
            grammar.draft.many = sample.isArray ? true : grammar.draft.many
            grammar.draft.refused = []
            grammar.draft.wantsNaming = false
        } else {
            grammar.read(tokens)
        }
        var reading = reading(of: grammar, prompt: text)
        if scalars.count > maximumLength { reading.notUnderstood.append(maximumLength..<scalars.count) }
        return reading
    }

    /// Word pairs that work as one: "as well as" is "and".
    private static func merged(_ tokens: [Token]) -> [Token] {
        let pairs: [([String], String)] = [
            (["as", "well", "as"], "and"), (["along", "with"], "with"), (["together", "with"], "with"), (["in", "addition", "to"], "and"),
            (["such", "as"], "with"), (["zusammen", "mit"], "mit"), (["ainsi", "que"], "et"), (["asi", "como"], "y"), (["e", "g"], "eg"),
            (["each", "and", "every"], "each"), (["each", "of"], "each"), (["every", "single"], "every"), (["de", "chaque"], "chaque"),
            (["as", "follows"], "following"),
            (["consisting", "of"], "with"), (["made", "up", "of"], "with"), (["numero", "de"], "numero-de"), (["in", "stock"], "in-stock"),
        ]
        var out: [Token] = []
        var index = 0
        scan: while index < tokens.count {
            for (words, result) in pairs where !result.contains("-") && result != "chaque" && tokens.count - index >= words.count {
                let slice = tokens[index..<index + words.count]
                if zip(slice, words).allSatisfy({ $0.key == $1 && $0.kind == .word && !$0.isPart }) {
                    // "as well as" opens no list, "well" alone stays.
                    var token = tokens[index]
                    token.key = result
                    token.text = words.joined(separator: " ")
                    token.range = token.range.lowerBound..<tokens[index + words.count - 1].range.upperBound
                    out.append(token)
                    index += words.count
                    continue scan
                }
            }
            out.append(tokens[index])
            index += 1
        }
        return out
    }

    private static func reading(of grammar: PromptGrammar, prompt: String) -> PromptReading {
        let draft = grammar.draft
        let vocabulary = grammar.vocabulary
        var items = draft.items
        let many = draft.many ?? false
        if draft.wantsNaming, let naming = naming(draft, vocabulary),
            !items.contains(where: { names($0.field.name) || draft.entity.contains($0.field.name) })
        {
            items.insert(.init(field: Field(name: naming), isRecognised: true), at: 0)
        }
        // A match's score is "2:1", an ingredient's amount "200 g".
        for index in items.indices where items[index].field.type != .text {
            let name = items[index].field.name
            if name == "score",
                !Set(draft.entity).isDisjoint(with: ["match", "game", "fixture"])
                    || items.contains(where: { $0.field.name.hasSuffix("_team") })
            {
                items[index].field.type = .text
            }
            if name == "amount",
                draft.entity.contains("ingredient") || items.contains(where: { $0.field.name == "ingredient" || $0.field.name == "unit" })
            {
                items[index].field.type = .text
            }
        }
        let fields = items.map(\.field)
        let isRecognised = items.contains { $0.isRecognised }
        let isPlausible = draft.isStructured || fields.count > 1 || isRecognised
        let understood = !fields.isEmpty && isPlausible && draft.refused.isEmpty

        var filter: Filter?
        if !draft.filters.isEmpty, !fields.isEmpty {
            let scalars = Array(prompt.unicodeScalars)
            var texts: [String] = []
            var conditions: [Filter.Condition] = []
            var extra: [Field] = []
            var isChecked = true
            for clause in draft.filters.sorted(by: { $0.first?.range.lowerBound ?? 0 < $1.first?.range.lowerBound ?? 0 }) {
                if let first = clause.first, let last = clause.last, last.range.upperBound <= scalars.count,
                    first.range.lowerBound < last.range.upperBound
                {
                    var view = String.UnicodeScalarView()
                    view.append(contentsOf: scalars[first.range.lowerBound..<last.range.upperBound])
                    let text = String(view)
                    if texts.contains(text) { continue }
                    texts.append(text)
                }
                let found = FilterPhrase(vocabulary: vocabulary).conditions(clause, fields: fields + extra)
                conditions += found.conditions
                extra += found.extra
                if found.conditions.isEmpty { isChecked = false }
            }
            filter = Filter(text: texts.joined(separator: ", "), conditions: conditions, fields: extra, isChecked: isChecked)
        }
        let request = ExtractionRequest(many: many, fields: fields, filter: filter, isManyStated: draft.many != nil, limit: draft.limit)
        var ready = request
        if fields.isEmpty { ready.fields = typical(draft, vocabulary) }
        if fields.isEmpty { ready.many = draft.many ?? true }
        return PromptReading(
            request: request, understood: understood,
            notUnderstood: (draft.refused + draft.ignored).compactMap { phrase in
                guard let first = phrase.first, let last = phrase.last else { return nil }
                return first.range.lowerBound..<max(first.range.lowerBound, last.range.upperBound)
            }, readyFieldsLine: FieldsLine.text(of: ready))
    }

    /// What the entity's own name is called; nil where records of its kind have none.
    private static func naming(_ draft: PromptGrammar.Draft, _ vocabulary: Vocabulary) -> String? {
        guard !draft.entity.isEmpty else { return nil }
        guard vocabulary.isEnglish else {
            return draft.entity.contains { unnamed.contains($0) } ? nil : vocabulary.own.naming
        }
        for word in draft.entity.reversed() {
            if let known = Lexicon.entities[word] { return known }
        }
        return "name"
    }

    /// Homes, tickets and the like in other languages: records that have no name of their own.
    private static let unnamed = Lexicon.set(
        "imoveis imovel wohnungen wohnung appartements appartement maisons pisos viviendas case appartamenti immobili huizen woningen mieszkania flug fluge vols vuelos voli avis resenas recensioni bewertungen bostader lagenheter"
    )

    private static func names(_ name: String) -> Bool {
        let words = name.split(separator: "_").map(String.init)
        return words.contains { word in
            [
                "name", "title", "headline", "nom", "titre", "nombre", "titulo", "nome", "titolo", "titel", "naam", "nazwa", "tytul",
                "namn", "navn",
                "model", "modell", "modele", "modelo", "modello", "intitule", "titular", "rubrik", "tittel", "uberschrift", "ueberschrift",
                "heading", "subject", "username",
            ].contains(word) || word.hasSuffix("titel") || word.hasSuffix("name") || word.hasSuffix("naam") || word.hasSuffix("namn")
        }
    }

    private static func typical(_ draft: PromptGrammar.Draft, _ vocabulary: Vocabulary) -> [Field] {
        let kinds: [(Set<String>, String)] = [
            (["product", "item", "book", "laptop", "phone", "shop", "store"], "name, price:money, rating:number, link:url"),
            (
                ["job", "position", "vacancy", "posting", "opening", "role"],
                "title, company, location, salary:money, date_posted:date, link:url"
            ),
            (["article", "post", "news", "story", "blog", "page"], "title, author, publication_date:date, summary"),
            (["event", "concert", "conference"], "name, date:date, venue, price:money"),
            (["recipe"], "name, ingredients:list, steps:list, cooking_time:duration"),
            (["person", "people", "speaker", "contact", "staff", "member"], "name, role, email:email, phone:phone"),
            (["company", "business", "restaurant", "hotel", "office"], "name, address:address, phone:phone, website:url"),
            (["apartment", "house", "property", "flat"], "title, price:money, address:address, bedrooms:number, link:url"),
        ]
        let line = kinds.first { kind in draft.entity.contains { kind.0.contains($0) } }?.1 ?? "name, description, link:url"
        return (try? FieldsLine.parse(line))?.fields ?? [Field(name: "name")]
    }
}

/// A JSON-like sample in a prompt: `{"title": "", "price": 0, "tags": []}`, `[{name, url}]`.
struct SampleReader {
    let vocabulary: Vocabulary

    struct Sample {
        var fields: [Field]
        var isArray: Bool
        /// The tokens before and after the sample.
        var around: [Token]
    }

    func read(_ tokens: [Token]) -> Sample? {
        guard let open = tokens.firstIndex(where: { $0.isMark("{", "[") }) else { return nil }
        let all = tokens[...]
        guard let close = all.closing(open) else { return nil }
        // "event: {title, date}, speakers: [{name}]": an object without its own braces.
        if open > 1, tokens[open - 1].isMark(":"), tokens[..<open].count <= 3 || tokens[..<(open - 2)].last?.isMark(",") == true,
            close + 2 < tokens.count,
            tokens[close + 1].isMark(","), tokens[(close + 2)...].contains(where: { $0.isMark("{") })
        {
            let fields = object(all, depth: 0)
            if fields.count > 1 { return Sample(fields: fields, isArray: false, around: []) }
        }
        // "[ ] name" is a list to tick, "name [text]" a type: a sample begins with a brace.
        var start = open
        var isArray = false
        if tokens[start].isMark("[") {
            guard let brace = tokens[(start + 1)..<close].first(where: { $0.kind != .line }), brace.isMark("{") else { return nil }
            isArray = true
            start = tokens[(start + 1)..<close].firstIndex { $0.isMark("{") } ?? start
        }
        guard let end = all.closing(start) else { return nil }
        var fields = object(tokens[(start + 1)..<end], depth: 0)
        guard !fields.isEmpty else { return nil }
        // "departments {name, head}" inside a list of other fields is one part of it.
        let before = tokens[..<open]
        if !isArray, before.contains(where: { $0.isMark(",") }), !tokens[start...end].contains(where: { $0.isMark(":") }) { return nil }
        var around = Array(before) + Array(tokens[(close + 1)...])
        while let last = around.last, last.isMark(":") || ["as", "like", "format", "this", "schema"].contains(last.key) {
            around.removeLast()
        }
        // A sample of one property that holds the records: {"jobs": [{…}]}.
        if !isArray, fields.count == 1, fields[0].type == .list, !fields[0].fields.isEmpty {
            isArray = true
            fields = fields[0].fields
        }
        return Sample(fields: fields, isArray: isArray, around: around)
    }

    private func object(_ tokens: Phrase, depth: Int) -> [Field] {
        guard depth < 8 else { return [] }
        var out: [Field] = []
        let phrase = FieldPhrase(vocabulary: vocabulary)
        for piece in tokens.pieces({
            tokens[$0].isMark(",", ";") || tokens[$0].kind == .line && !(tokens[..<$0].last?.isMark(":") ?? false)
        }) {
            let item = piece.trimmed { $0.kind == .line || $0.isMark("...", "…", ".") }
            guard !item.isEmpty else { continue }
            guard let colon = item.outer({ item[$0].isMark(":") }), colon > item.startIndex else {
                if let read = phrase.read(item) { out.append(read.field) }
                continue
            }
            guard var field = phrase.read(item[..<colon])?.field else { continue }
            let value = item[(colon + 1)...].drop { $0.kind == .line }
            switch value.first {
            case let first? where first.isMark("{"):
                guard let end = value.closing(value.startIndex) else { break }
                field.type = .object
                (field.items, field.fields) = (nil, object(value[(value.startIndex + 1)..<end], depth: depth + 1))
            case let first? where first.isMark("["):
                guard let end = value.closing(value.startIndex) else { break }
                let inside = value[(value.startIndex + 1)..<end]
                let type = field.type == .list ? field.items : field.type
                field.type = .list
                field.items = type ?? .text
                if let brace = inside.first(where: { $0.kind != .line }), brace.isMark("{"),
                    let from = inside.firstIndex(where: { $0.isMark("{") }),
                    let to = inside.closing(from)
                {
                    field.fields = object(inside[(from + 1)..<to], depth: depth + 1)
                    field.items = nil
                } else if let type = phrase.typeName(inside) {
                    field.items = type.type
                }
            case let first? where first.kind == .number && value.count == 1:
                if ![.money, .number, .duration].contains(field.type) { field.type = .number }
            case let first? where ["true", "false"].contains(first.key):
                field.type = .boolean
                field.items = nil
            case .some:
                if let type = phrase.typeName(value) {
                    field.items = type.isList ? (type.type == .list ? .text : type.type) : nil
                    field.type = type.isList ? .list : type.type == .text && field.type != .list ? field.type : type.type
                } else if value.count > 1 {
                    field.description = FieldPhrase.text(value)
                }
            case nil: break
            }
            out.append(field)
        }
        return out
    }
}
