/// Reads a prompt sentence by sentence into a draft of the request.
///
/// A sentence is peeled from outside to inside: what is only manners ("please give me"), where the data stands ("from this page") and how
/// it shall be written ("as JSON") goes first; then the first shape that fits splits it into an entity and a list of fields:
///
///     for each ENTITY: FIELDS          ENTITY: FIELDS             ENTITY (FIELDS)
///     every ENTITY with FIELDS         FIELDS of every ENTITY     the ENTITY's FIELDS
///     a question                       A -> FIELDS; B -> FIELDS   FIELDS
///
/// An entity phrase says how many records there are (determiner and number of its noun) and which (what stands after the noun).
struct PromptGrammar {
    let vocabulary: Vocabulary
    var draft = Draft()

    struct Draft {
        var many: Bool?
        /// Head nouns of the entity, as written and in the singular.
        var entity: [String] = []
        /// The entity was the subject of "with" or stood alone, so that its own name belongs to the record.
        var wantsNaming = false
        var items: [FieldPhrase.Item] = []
        var filters: [Phrase] = []
        var limit: Int?
        /// Work that was asked for and isn't ours.
        var refused: [Phrase] = []
        /// Words that led to nothing.
        var ignored: [Phrase] = []
        var isStructured = false
        /// The last entity is a part of the record; its fields go below this name.
        var parent: String?
    }

    struct Entity {
        var words: [String] = []
        var tokens: Phrase
        var many: Bool?
        /// An article stands before it.
        var isDetermined = false
        var filters: [Phrase] = []
        var limit: Int?
        var head: String? { words.last }
    }

    // MARK: Sentences

    mutating func read(_ tokens: [Token]) {
        let tokens = withoutInlineNumbers(tokens)
        var lines: [Phrase] = []
        var start = 0
        for index in tokens.indices where tokens[index].kind == .line {
            lines.append(tokens[start..<index])
            start = index + 1
        }
        lines.append(tokens[start...])
        lines = lines.filter { !$0.isEmpty }
        let bullets = lines.map(bullet)
        let bulletCount = bullets.filter { $0 != nil }.count
        let isPlainList =
            bulletCount == 0 && lines.count > 1
            && lines.allSatisfy { line in
                line.words.count <= 4 && !line.contains { $0.isMark(",", "?", ".") }
                    && line.first.map { self.vocabulary.role($0) != .filler || line.count < 3 } == true
            }
        for (line, bullet) in zip(lines, bullets) {
            if let bullet, bulletCount > 1 || lines.count > 1 {
                readItem(bullet)
            } else if isPlainList {
                readItem(line)
            } else if lines.count > 1, !draft.items.isEmpty || bulletCount == 0, let colon = line.firstIndex(where: { $0.isMark(":") }),
                colon > line.startIndex, line[..<colon].words.count <= 3, lines.filter({ $0.contains { $0.isMark(":") } }).count > 1,
                line.words.first.map({
                    vocabulary.own.roles[$0] == .each || vocabulary.own.roles[$0] == .all || vocabulary.own.roles[$0] == .from
                }) == false
            {
                readItem(line)
            } else {
                for (sentence, isQuestion) in sentences(line) { readSentence(sentence, isQuestion: isQuestion) }
            }
        }
    }

    /// What follows the bullet or number at the start of a line; nil where there is none.
    private func bullet(_ line: Phrase) -> Phrase? {
        guard let first = line.first, line.count > 1 else { return nil }
        let second = line[line.startIndex + 1]
        if first.isMark("-", "*", "+", "#"), second.kind != .line { return line.dropFirst() }
        if first.kind == .number, second.isMark(".", ")"), line.count > 2 { return line.dropFirst(2) }
        if first.isMark("["), line.count > 3, line[line.startIndex + 1].isMark("]") { return line.dropFirst(2) }
        return nil
    }

    /// "1) title 2) price 3) image" on one line: the numbers part, like commas.
    private func withoutInlineNumbers(_ tokens: [Token]) -> [Token] {
        var places: [Int] = []
        var depth = 0
        for index in tokens.indices.dropLast() {
            if tokens[index].isMark("(") { depth += 1 }
            if tokens[index].isMark(")"), depth > 0 { depth -= 1 }
            let isNumber =
                tokens[index].kind == .number && tokens[index].text == "\(places.count + 1)" && tokens[index + 1].isMark(")", ".")
                && tokens[index + 1].isGlued
            let isLineStart = index == 0 || tokens[index - 1].kind == .line
            if depth == 0, isNumber, !isLineStart { places.append(index) }
        }
        guard places.count > 1 else { return tokens }
        var out: [Token] = []
        for index in tokens.indices {
            if places.contains(index) {
                if places.first != index { out.append(Token(kind: .mark, text: ",", key: ",", range: tokens[index].range)) }
            } else if index == 0 || !places.contains(index - 1) {
                out.append(tokens[index])
            }
        }
        return out
    }

    private static let abbreviations = Lexicon.set(
        "incl inkl eg e g i ie etc approx ca vs max min no nr tel avg est z b p s inc ltd st dr mr mrs u a ex num dept arr")

    private func sentences(_ line: Phrase) -> [(Phrase, Bool)] {
        var out: [(Phrase, Bool)] = []
        var start = line.startIndex
        var depth = 0
        for index in line.indices {
            let token = line[index]
            if token.isMark("(", "[", "{") { depth += 1 }
            if token.isMark(")", "]", "}") { depth = max(0, depth - 1) }
            guard depth == 0, token.isMark(".", "?", "!") || (token.isMark("...", "…")) else { continue }
            if token.isMark("."), index > start, PromptGrammar.abbreviations.contains(line[index - 1].key), token.isGlued,
                index + 1 < line.endIndex
            {
                continue
            }
            if index > start { out.append((line[start..<index], token.isMark("?"))) }
            start = index + 1
        }
        if start < line.endIndex { out.append((line[start...], false)) }
        return out
    }

    // MARK: One sentence

    private mutating func readSentence(_ sentence: Phrase, isQuestion: Bool) {
        var rest = withoutNoise(sentence)
        rest = PromptGrammar.trim(rest)
        guard !rest.isEmpty else { return }
        if let first = rest.first(where: { vocabulary.role($0) != .filler || Lexicon.otherWork.contains($0.key) }),
            Lexicon.otherWork.contains(first.key),
            !rest.contains(where: { $0.isMark(",", ":") }) || rest.words.count < 3,
            vocabulary.type(of: rest.words) == nil || rest.words.count > 3
        {
            if draft.items.isEmpty { draft.refused.append(rest) }
            return
        }
        if rest.words.first == "do" && rest.words.contains(where: { ["something", "anything", "magic", "thing"].contains($0) })
            || rest.words.contains(where: { ["click", "scroll", "navigate"].contains($0) }) && !rest.contains(where: { $0.isMark(",") })
        {
            draft.refused.append(rest)
            return
        }
        if readAfterthought(rest) { return }
        if readArrows(rest) { return }
        if startsQuestion(rest), readQuestion(rest) { return }
        var trailing: Phrase?
        // "I'm a recruiter, so get me …": who asks is no part of it.
        if let first = rest.first, ["im", "i", "we", "as", "were", "my"].contains(first.key),
            let comma = rest.outer({ rest[$0].isMark(",") }),
            comma + 2 < rest.endIndex,
            ["so", "i", "id", "please", "we", "can", "could", "get", "give", "extract", "need"].contains(rest[comma + 1].key)
        {
            rest = rest[(comma + 1)...]
        }
        // "…, excluding those in the US": cut before the sentence is split at its other words.
        if !draft.items.isEmpty || rest.contains(where: { $0.isMark(",") }),
            let cut = rest.outer(
                from: rest.startIndex + 2,
                { i in
                    [
                        "excluding", "except", "without", "ignoring", "ignore", "skip", "skipping", "exclude", "omit", "ohne", "sauf",
                        "excepto", "but",
                    ].contains(rest[i].key) && i > rest.startIndex
                        && (rest[i - 1].isMark(",", ";") || vocabulary.role(rest[i - 1]) == .and || rest[i].key == "excluding"
                            || rest[i].key == "except")
                }), rest.outer(from: cut, { rest[$0].isMark(":") }) == nil, !rest[cut...].contains(where: { $0.isMark(",") })
        {
            trailing = rest[cut...]
            rest = rest[..<cut]
        }
        let (stripped, isListOf) = withoutFillers(rest)
        rest = stripped
        defer { if let trailing { addFilter(trailing) } }
        // "price for everything": all there is.
        var isEverything = false
        if vocabulary.isEnglish,
            let cut = rest.indices.dropFirst().first(where: { ["everything", "everyone", "everybody"].contains(rest[$0].key) }),
            [.of, .from].contains(vocabulary.role(rest[cut - 1]))
        {
            draft.many = draft.many ?? true
            let after = rest[(cut + 1)...]
            if after.contains(where: { $0.kind == .word }), !after.contains(where: { $0.isMark(",", ":") }) {
                addFilter(after)
                rest = rest[..<(cut - 1)]
            } else {
                rest = ArraySlice(Array(rest[..<(cut - 1)]) + Array(after))
            }
            isEverything = true
        }
        if isListOf { draft.many = draft.many ?? true }
        guard !rest.isEmpty else { return }
        if readAfterthought(rest) { return }
        if startsQuestion(rest) || isQuestion && rest.count == sentence.count, readQuestion(rest) { return }
        if readForEach(rest) { return }
        readStatement(rest, isListOf: isListOf || isEverything)
    }

    /// "for each X: …" at the start, or again in the middle for parts of X.
    private mutating func readForEach(_ tokens: Phrase) -> Bool {
        guard let first = tokens.first, let kind = vocabulary.role(first) else { return false }
        var start = tokens.startIndex
        if kind == .from || kind == .of {
            guard start + 1 < tokens.endIndex, let next = vocabulary.role(tokens[start + 1]),
                next == .each || next == .all || next == .this || next == .article
            else {
                // "for products: name, price"
                guard kind == .from, let colon = tokens.outer({ tokens[$0].isMark(":", ",") }), colon - start <= 4 else { return false }
                return readFor(tokens[(start + 1)..<colon], list: tokens[(colon + 1)...])
            }
            start += 1
        } else {
            return false
        }
        // The entity ends at a mark, a verb, or an article after its noun.
        var end = start + 1
        var hasNoun = false
        while end < tokens.endIndex {
            let token = tokens[end]
            let role = vocabulary.role(token)
            if token.isMark(",", ":", "-", "(", "->") { break }
            if hasNoun,
                role == .filler || role == .article && !isConditionBefore(end, tokens) || role == .with && !isComparison(tokens[end...])
            {
                break
            }
            if role == nil, token.kind == .word { hasNoun = true }
            end += 1
        }
        if end >= tokens.endIndex {
            // "for each product" alone introduces what follows on other lines.
            return readFor(tokens[start...], list: tokens[tokens.endIndex...])
        }
        var from = end
        if tokens[from].isMark(",", ":", "-", "->") || vocabulary.role(tokens[from]) == .with { from += 1 }
        return readFor(tokens[start..<end], list: tokens[from...])
    }

    private func isConditionBefore(_ index: Int, _ tokens: Phrase) -> Bool {
        guard index > tokens.startIndex else { return false }
        let before = tokens[index - 1]
        return vocabulary.role(before) == .from || vocabulary.role(before) == .of || Lexicon.conditionStarts.contains(before.key)
    }

    private mutating func readFor(_ entityTokens: Phrase, list: Phrase) -> Bool {
        let entity = entity(entityTokens)
        let isPronoun = entity.words.isEmpty || entity.words.allSatisfy { Lexicon.generic.contains($0) || $0 == "them" }
        if isPronoun || draft.items.isEmpty {
            adopt(entity)
            draft.isStructured = true
            readList(list, distributed: false)
            return true
        }
        if let head = entity.head, draft.entity.contains(vocabulary.singular(head)) {
            readList(list, distributed: false)
            return true
        }
        // A part of the record.
        if let head = entity.head {
            let phrase = phrase()
            let fields = phrase.list(PromptGrammar.trim(withoutFillers(PromptGrammar.trim(list)).0), plural: true)
            guard !fields.isEmpty else { return true }
            let single = vocabulary.singular(head)
            if let index = draft.items.firstIndex(where: { vocabulary.singular($0.field.name) == single }) {
                draft.items[index].field.type = .list
                draft.items[index].field.items = nil
                draft.items[index].field.fields = fields
            } else {
                let name = FieldName.of([PromptGrammar.plural(single)]) ?? head
                draft.items.append(.init(field: Field(name: name, type: .list, fields: fields), isRecognised: true))
            }
        }
        return true
    }

    static func plural(_ word: String) -> String {
        if let irregular = Vocabulary.irregular.first(where: { $0.value == word }), word != "faculty", word != "staff" {
            return irregular.key
        }
        if word.hasSuffix("y"), let before = word.dropLast().last, !"aeiou".contains(before) { return word.dropLast() + "ies" }
        if word.hasSuffix("s") || word.hasSuffix("x") || word.hasSuffix("ch") || word.hasSuffix("sh") { return word + "es" }
        return word + "s"
    }

    mutating func readStatement(_ tokens: Phrase, isListOf: Bool) {
        // "…, and for each player: name, number" and "…; for every product give name": what follows belongs to another entity.
        if let cut = tokens.outer(
            from: tokens.startIndex + 1,
            { i in
                vocabulary.role(tokens[i]) == .from && i + 2 < tokens.endIndex && vocabulary.role(tokens[i + 1]) == .each
                    && tokens[(i + 2)...].contains {
                        $0.isMark(":", ",") || vocabulary.role($0) == .article || vocabulary.role($0) == .filler
                    }
                    && (tokens[i - 1].isMark(",", ";", "-") || vocabulary.role(tokens[i - 1]) == .and)
            })
        {
            readStatement(PromptGrammar.trim(tokens[..<cut].trimmed { vocabulary.role($0) == .and }), isListOf: isListOf)
            _ = readForEach(tokens[cut...])
            return
        }
        // "staff directory - name, dept, email"
        if let dash = tokens.outer({ tokens[$0].isMark("-") && !tokens[$0].isGlued }), dash > tokens.startIndex,
            tokens.outer({ tokens[$0].isMark(":") }) == nil,
            !tokens[..<dash].contains(where: { $0.isMark(",") }), tokens[dash...].contains(where: { $0.isMark(",") }),
            readColon(tokens, at: dash, isListOf: isListOf)
        {
            return
        }
        if let colon = tokens.outer({ tokens[$0].isMark(":") }), readColon(tokens, at: colon, isListOf: isListOf) { return }
        // "products between 10 and 50 dollars, give name and price"
        if let comma = tokens.outer({ i in
            (tokens[i].isMark(",", "-", ";") || vocabulary.role(tokens[i]) == .and && vocabulary.isEnglish) && i > tokens.startIndex
                && i + 2 < tokens.endIndex && vocabulary.role(tokens[i + 1]) == .filler
                && !tokens[i + 2].isMark(",") && vocabulary.role(tokens[i + 2]) != .and
        }), !tokens[..<comma].contains(where: { $0.isMark(",") }) {
            let left = tokens[..<comma]
            let (right, _) = withoutFillers(tokens[(comma + 1)...])
            let entity = entity(left)
            if !right.isEmpty, entity.many == true || isListOf || entity.isDetermined {
                adopt(entity)
                draft.isStructured = true
                return readList(right, distributed: false)
            }
        }
        // "all FAQs as question and answer"
        if let cut = tokens.outer(from: tokens.startIndex + 1, { tokens[$0].key == "as" && !tokens[$0].isPart }), cut + 1 < tokens.endIndex,
            tokens[..<cut].outer({ tokens[$0].isMark(",") || vocabulary.role(tokens[$0]) == .and }) == nil,
            FieldList.pieces(tokens[(cut + 1)...], vocabulary: vocabulary).count > 1, phrase().typeName(tokens[(cut + 1)...]) == nil
        {
            adopt(entity(tokens[..<cut]))
            draft.isStructured = true
            return readList(tokens[(cut + 1)...], distributed: false)
        }
        if let with = withIndex(tokens) {
            let left = tokens[..<with]
            let right = tokens[(with + 1)...]
            if !left.isEmpty, !right.isEmpty { return readWith(left, right, isListOf: isListOf) }
        }
        if readOwned(tokens, isListOf: isListOf) { return }
        if readBracketed(tokens, isListOf: isListOf) { return }
        // "this website": nothing but the place.
        if let first = tokens.first, [.this, .article].contains(vocabulary.role(first)),
            tokens.dropFirst().allSatisfy({ Lexicon.placeNouns.contains($0.key) || Lexicon.generic.contains($0.key) || $0.kind == .address }
            )
        {
            return draft.ignored.append(tokens)
        }
        // "all links", "the products": a list of fields, or an entity alone.
        let head = tokens.first.flatMap { vocabulary.role($0) }
        let isAll = head == .all || head == .each
        if isAll || isListOf {
            draft.many = draft.many ?? true
            draft.isStructured = draft.isStructured || isAll
        }
        let isAlone = tokens.outer { tokens[$0].isMark(",", ";") || vocabulary.role(tokens[$0]) == .and } == nil
        if isAlone, draft.items.isEmpty {
            let entity = entity(tokens)
            if let word = entity.head, let known = Lexicon.entities[vocabulary.singular(word)],
                !Lexicon.selves.contains(vocabulary.singular(word)),
                vocabulary.type(of: entity.words) == nil || known != nil, vocabulary.isEnglish,
                entity.words.count <= 2 || entity.many == true
            {
                // "a good restaurant": one of them is no data.
                if entity.many != true, tokens.first.map({ ["a", "an"].contains($0.key) }) == true { return draft.refused.append(tokens) }
                adopt(entity)
                draft.isStructured = draft.isStructured || entity.many == true
                // "all the authors": a value itself; "all products" asks for what they are called.
                let single = vocabulary.singular(word)
                if entity.words.count == 1, Vocabulary.textNouns.contains(single), known == "name" { return readSelf(entity.tokens) }
                draft.wantsNaming = true
                return
            }
        }
        // "a list of suppliers, their country and lead time", "phones with 5G, name and price": the first is what it is about.
        if let comma = tokens.outer({ tokens[$0].isMark(",") }), comma > tokens.startIndex, comma + 1 < tokens.endIndex, draft.items.isEmpty
        {
            let first = tokens[..<comma]
            let entity = entity(first)
            let isTheirs = ["their", "its", "ihre", "leur"].contains(tokens[comma + 1].key)
            if let word = entity.head, vocabulary.isPlural(word), Lexicon.entities[vocabulary.singular(word)] != nil,
                !Lexicon.selves.contains(vocabulary.singular(word)),
                vocabulary.type(of: [vocabulary.singular(word)]) == nil || !entity.filters.isEmpty,
                isListOf || isAll || isTheirs || !entity.filters.isEmpty,
                !firstIsPlural(tokens[(comma + 1)...])
            {
                adopt(entity)
                draft.wantsNaming = true
                draft.isStructured = true
                return readList(tokens[(comma + 1)...], distributed: false)
            }
        }
        if isAlone, isAll, draft.items.isEmpty {
            let entity = entity(tokens)
            // "all jobs in Berlin", "every quote": the condition is not part of the field.
            if entity.tokens.count < tokens.count, entity.words.count > 0 {
                adopt(entity)
                return readList(entity.tokens, distributed: true)
            }
        }
        readList(tokens, distributed: head == .all || isListOf)
    }
}
