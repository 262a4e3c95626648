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

    private mutating func readStatement(_ tokens: Phrase, isListOf: Bool) {
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

    // MARK: Shapes

    private mutating func readColon(_ tokens: Phrase, at colon: Int, isListOf: Bool) -> Bool {
        let left = tokens[..<colon]
        let right = tokens[(colon + 1)...]
        let phrase = phrase()
        // "name: string, age: int": types, not a list.
        let pieces = FieldList.pieces(tokens, vocabulary: vocabulary)
        let typed = pieces.filter { piece in
            guard let at = piece.firstIndex(where: { $0.isMark(":") }), at > piece.startIndex else { return false }
            return phrase.typeName(piece[(at + 1)...]) != nil || piece[at...].dropFirst().first?.isMark("[", "{") == true
        }
        let colons = pieces.filter { $0.contains { $0.isMark(":") } }.count
        // "company: name, address; people: name, role": parts.
        let groups = tokens.pieces { tokens[$0].isMark(";") }
        if groups.count > 1, groups.allSatisfy({ $0.contains { $0.isMark(":") } }) {
            readGroups(groups, mark: ":")
            return true
        }
        if left.contains(where: { $0.isMark(",") }) || (typed.count > 1 || typed.count == 1 && pieces.count == 1 && !right.isEmpty) {
            if typed.count > 0 || colons > 1 {
                readList(tokens, distributed: false)
                return true
            }
        }
        let (core, listOf) = withoutFillers(left)
        let meaningful = core.filter { token in
            token.kind == .word && vocabulary.role(token) == nil && !Lexicon.generic.contains(token.key)
        }
        if listOf || isListOf { draft.many = draft.many ?? true }
        // "title, price of each book: …" can't be; "all jobs with salary: title" keeps its condition.
        if meaningful.isEmpty {
            if core.contains(where: { [.each, .all].contains(vocabulary.role($0)) })
                || core.words.contains(where: { ["rows", "records", "items", "entries", "columns"].contains($0) })
            {
                draft.many = draft.many ?? true
            }
            readList(right, distributed: false)
            return true
        }
        if let owned = owned(core), core.contains(where: { [.each, .all].contains(vocabulary.role($0)) }) {
            adopt(entity(owned.entity))
            draft.isStructured = true
            readList(right, distributed: false)
            return true
        }
        if let comma = left.outer({ left[$0].isMark(",") }) {
            // "For products in stock, give me: name": handled by its first part.
            let entity = entity(left[..<comma])
            if entity.many != nil {
                adopt(entity)
                readList(right, distributed: false)
                return true
            }
            readList(tokens, distributed: false)
            return true
        }
        var entity = entity(core)
        // "As a manager I want to track prices: …", "alles was du findest: …": talk, no condition.
        if core.words.contains(where: { ["i", "we", "you", "du", "ich", "wir", "je", "vous", "ik", "my"].contains($0) })
            || core.words.count > 9
        {
            entity.filters = []
            if !core.contains(where: { [.each, .all].contains(vocabulary.role($0)) }) { entity.many = nil }
        }
        if let last = core.last, PromptGrammar.listNouns.contains(last.key) { entity.many = true }
        adopt(entity)
        draft.isStructured = true
        readList(right, distributed: false)
        return true
    }

    private static let listNouns = Lexicon.set(
        "list table directory catalog catalogue overview listings tracklist playlist menu agenda lineup discography filmography timetable shortlist watchlist wishlist bibliography liste lista elenco lijst tabelle verzeichnis roster leaderboard standings schedule index"
    )

    /// Where "with" (or "and its", after "each") introduces fields; a comparison after it makes it a condition instead.
    private func withIndex(_ tokens: Phrase) -> Int? {
        let isEach = tokens.first.map { [.each, .all].contains(vocabulary.role($0)) } ?? false
        return tokens.outer(from: tokens.startIndex + 1) { index in
            let role = vocabulary.role(tokens[index])
            if role == .with {
                // "as well as" and the like count as "and" in lists.
                if index > tokens.startIndex, tokens[index - 1].isMark(","), tokens[..<index].filter({ $0.isMark(",") }).count > 1 {
                    return false
                }
                return !isComparison(tokens[(index + 1)...])
            }
            guard role == .and, isEach, index + 1 < tokens.endIndex else { return false }
            return ["its", "their", "his", "her", "ihr", "ihre", "son", "sa", "su", "sus", "seu", "sua"].contains(tokens[index + 1].key)
        }
    }

    /// Up to the next border, a comparison or a choosing word stands there: "rating above 4", "at least 16 GB RAM".
    private func isComparison(_ tokens: Phrase) -> Bool {
        let end =
            tokens.outer { i in tokens[i].isMark(",", ":", ";") || i > tokens.startIndex && vocabulary.role(tokens[i]) == .with }
            ?? tokens.endIndex
        let clause = tokens[tokens.startIndex..<end]
        let hasNumber = clause.contains { $0.kind == .number }
        // "hotels with a pool": what a record has, not what is asked of it.
        if vocabulary.isEnglish, let first = clause.first, ["a", "an", "no", "free"].contains(first.key), clause.count <= 4,
            clause.outer({ vocabulary.role(clause[$0]) == .and }) == nil
        {
            let words = clause.dropFirst().words
            if let last = words.last, !Vocabulary.textNouns.contains(vocabulary.singular(last)), vocabulary.type(of: words) == nil,
                Lexicon.entities[vocabulary.singular(last)] == nil, !Lexicon.generic.contains(last)
            {
                return true
            }
        }
        let hasComparator = clause.contains { token in
            [
                "over", "above", "under", "below", "than", "least", "most", "between", "exceeding", "<", ">", ">=", "<=", "higher", "uber",
                "unter", "mehr", "plus", "moins", "mas", "menos", "piu", "meno", "mais", "meer", "minder", "boven", "mindestens", "no",
                "up", "or", "only",
            ].contains(token.key)
        }
        return hasNumber && (hasComparator || clause.words.count <= 2 && clause.first?.kind == .number)
    }

    private mutating func readWith(_ left: Phrase, _ right: Phrase, isListOf: Bool) {
        draft.isStructured = true
        var right = right.drop {
            PromptGrammar.columnWords.contains($0.key) || ["the", "following", "respective", "corresponding"].contains($0.key)
                || $0.isMark(":")
        }
        // "…, along with their names" ends with where it came from; "with" twice: the second continues the list.
        while let last = right.last, last.isMark(",", ":") { right = right.dropLast() }
        if let own = owned(left) {
            if isListOf { draft.many = draft.many ?? true }
            readOwned(own)
            readList(right, distributed: firstIsPlural(right))
            return
        }
        let entity = entity(left)
        let many = entity.many ?? (isListOf ? true : nil)
        adopt(entity)
        draft.many = draft.many ?? many
        if let head = entity.head {
            let isSelf = isField(entity.words)
            if isSelf {
                readSelf(entity.tokens)
            } else if !Lexicon.generic.contains(head) {
                draft.wantsNaming = true
            }
        }
        let isEach = left.first.map { vocabulary.role($0) == .each } ?? false
        let count = draft.items.count
        readList(right, distributed: !isEach && draft.many == true && firstIsPlural(right))
        // "each chapter with its number and title": the title is what the chapter's own field would be.
        if count == 1, entity.words.count == 1, Lexicon.selves.contains(vocabulary.singular(entity.words[0])),
            draft.items[0].field.type == .text, draft.items.dropFirst().contains(where: { ["name", "title"].contains($0.field.name) })
        {
            draft.items.removeFirst()
        }
    }

    private func firstIsPlural(_ tokens: Phrase) -> Bool {
        guard let first = FieldList.pieces(tokens, vocabulary: vocabulary).first else { return false }
        var phrase = phrase()
        phrase.isDistributed = true
        guard let item = phrase.read(first) else { return false }
        return item.wasPlural && item.field.type != .list && item.field.type != .number
    }

    /// The noun is a value itself: a job title, a quote, a link.
    private func isField(_ words: [String]) -> Bool {
        guard let last = words.last else { return false }
        let head = vocabulary.singular(last)
        if words.count > 1, Lexicon.entities[head] == nil || head == "title" || head == "name" {
            return Vocabulary.textNouns.contains(head) || vocabulary.type(of: words.dropLast() + [head]) != nil
        }
        if Lexicon.selves.contains(head) { return true }
        if Lexicon.entities[head] != nil { return false }
        return vocabulary.isEnglish
            ? Vocabulary.textNouns.contains(head) || vocabulary.type(of: [head]) != nil : vocabulary.type(of: words) != nil
    }

    private struct Owned {
        var fields: Phrase
        var entity: Phrase
        var rest: Phrase
        var isPossessive = false
        var isOne = false
    }

    /// "FIELDS of every ENTITY", "ENTITY's FIELDS".
    private func owned(_ tokens: Phrase) -> Owned? {
        // Possessive, before any comma.
        if let mark = tokens.outer({ tokens[$0].isMark("'s") }), mark > tokens.startIndex, mark + 1 < tokens.endIndex,
            tokens[..<mark].outer({ tokens[$0].isMark(",", ";") || vocabulary.role(tokens[$0]) == .and }) == nil
        {
            return Owned(fields: tokens[(mark + 1)...], entity: tokens[..<mark], rest: tokens[tokens.endIndex...], isPossessive: true)
        }
        func build(_ of: Int, _ start: Int) -> Owned {
            var out = cut(of, start)
            // German's genitive: "des Artikels" is one.
            out.isOne = vocabulary.own.usesUmlauts && ["des", "eines", "dieses"].contains(tokens[of].key)
            return out
        }
        func cut(_ of: Int, _ start: Int) -> Owned {
            let end =
                tokens.outer(from: start + 1) { i in
                    guard tokens[i].isMark(",", ";") || vocabulary.role(tokens[i]) == .and else { return false }
                    // "that raised 10 million and are in Berlin", "between 10 and 50": still the condition.
                    if i + 1 < tokens.endIndex,
                        tokens[i + 1].kind == .number
                            || ["are", "is", "have", "has", "that", "which"].contains(tokens[i + 1].key)
                                && vocabulary.role(tokens[i]) == .and
                    {
                        return false
                    }
                    return true
                } ?? tokens.endIndex
            return Owned(fields: tokens[..<of], entity: tokens[start..<end], rest: tokens[end...])
        }
        // With "each" or "all".
        for index in tokens.indices.dropFirst() {
            guard let role = vocabulary.role(tokens[index]), role == .each || role == .all, tokens.outer({ $0 == index }) != nil else {
                continue
            }
            let before = vocabulary.role(tokens[index - 1])
            if before == .of || before == .from {
                if index - 1 > tokens.startIndex { return build(index - 1, index) }
            } else if role == .each || !vocabulary.isEnglish, !tokens[index - 1].isMark(",", ":", ";"), before != .and, before != .with,
                index > tokens.startIndex
            {
                return build(index, index)
            }
        }
        // With a plural noun, "this" or a known entity.
        var candidates = tokens.indices.dropFirst().filter { i in
            guard i + 1 < tokens.endIndex, let role = vocabulary.role(tokens[i]), role == .of || role == .from || role == .article,
                tokens.outer({ $0 == i }) != nil
            else {
                return false
            }
            return role == .of || role == .from || vocabulary.own.usesUmlauts && ["des", "der", "eines", "einer"].contains(tokens[i].key)
        }
        // "this paper" says more than "the authors" before it.
        if let this = candidates.firstIndex(where: { $0 + 1 < tokens.endIndex && vocabulary.role(tokens[$0 + 1]) == .this }) {
            candidates.insert(candidates.remove(at: this), at: 0)
        }
        for index in candidates {
            if PromptGrammar.measures.contains(tokens[index - 1].key), ![.article, .this].contains(vocabulary.role(tokens[index + 1])) {
                continue
            }
            let after = build(index, index + 1)
            let hasMore = after.rest.contains { $0.kind == .word }
            let hasBefore = tokens[..<index].contains { $0.isMark(",") || vocabulary.role($0) == .and }
            let entity = entity(after.entity)
            guard let head = entity.head else { continue }
            let single = vocabulary.singular(head)
            let isKnown = Lexicon.entities[single] != nil && !(Lexicon.selves.contains(single) && !vocabulary.isPlural(head))
            let isPlural = vocabulary.isPlural(head) && vocabulary.isEnglish
            let first = tokens[index + 1]
            let isThis = vocabulary.role(first) == .this
            let hasArticle = vocabulary.role(first) == .article || isThis
            let isOf = vocabulary.role(tokens[index]) == .of
            if Lexicon.generic.contains(head) && !isThis || ["at", "in", "on", "across", "within"].contains(tokens[index].key) { continue }
            // "name of the doctor, specialty, …": one item of a list, unless the list went before or "its" follows.
            if hasMore, !hasBefore, !isThis, !(after.rest.words.contains { ["its", "their", "his", "her"].contains($0) }),
                !(isPlural && isOf)
            {
                continue
            }
            if isPlural, tokens[index].key == "for", hasBefore, !hasMore { return after }
            if isThis || (isKnown && (hasArticle || isPlural || !isOf)) || (isPlural && (hasArticle || isKnown) && isOf)
                || !vocabulary.isEnglish && hasArticleOrElision(tokens, index) && isLast(after) && hasBefore && looksOwning(tokens, index)
            {
                return after
            }
        }
        return nil
    }

    private func isLast(_ owned: Owned) -> Bool { owned.rest.isEmpty }
    private func hasArticleOrElision(_ tokens: Phrase, _ index: Int) -> Bool {
        guard index + 1 < tokens.endIndex else { return false }
        return vocabulary.role(tokens[index + 1]) == .article
            || ["dell", "del", "du", "des", "do", "da", "dello", "della", "des", "der", "de la"].contains(tokens[index].key)
    }
    /// In other languages: the noun after "of" isn't one that belongs to the field's name ("prezzo del biglietto" stays whole).
    private func looksOwning(_ tokens: Phrase, _ index: Int) -> Bool {
        let noun = tokens[(index + 1)...].first { $0.kind == .word && vocabulary.role($0) == nil }?.key ?? ""
        return PromptGrammar.owners.contains(noun)
    }
    private static let owners = Lexicon.set(
        """
        articolo article articles prodotto produit producto produto artikels produkts produktes produkt libro livre livro ricetta recette
        receta receita evento evenement film pelicula annuncio annonce anuncio azienda entreprise empresa unternehmens firma artikel buchs
        buches rezepts rezeptes produits articulo noticia artigo hotel restaurant ristorante restaurante jobs veranstaltung seite
        livres films recettes offres annonces restaurants hotels evenements libros productos peliculas recetas ofertas libri prodotti ricette eventi
        annunci livros produtos receitas eventos noticias vagas entreprises empresas aziende notizie filmes voitures autos maison magasins
        """)
    private static let measures = Lexicon.set(
        "number count quantity list type kind date time year place percentage share rate level range amount country state lots sort set version table array lists category numero nombre fecha data date nombre lieu lugar luogo tiempo tempo temps"
    )

    private mutating func readOwned(_ tokens: Phrase, isListOf: Bool) -> Bool {
        guard let owned = owned(tokens) else { return false }
        if isListOf { draft.many = draft.many ?? true }
        readOwned(owned)
        return true
    }

    private mutating func readOwned(_ owned: Owned) {
        draft.isStructured = true
        let entity = entity(owned.entity)
        if owned.isOne { draft.many = draft.many ?? false }
        adopt(entity)
        if owned.isPossessive { draft.many = draft.many ?? false }
        let isDistributed = draft.many == true && firstIsPlural(owned.fields)
        readList(owned.fields, distributed: isDistributed)
        if owned.rest.contains(where: { $0.kind == .word }) { readList(owned.rest, distributed: isDistributed) }
    }

    /// "all press releases (title, date, link) from 2024".
    private mutating func readBracketed(_ tokens: Phrase, isListOf: Bool) -> Bool {
        guard let open = tokens.firstIndex(where: { $0.isMark("(", "{", "[") }), open > tokens.startIndex, let close = tokens.closing(open),
            tokens.outer({ tokens[$0].isMark(",", ";") || vocabulary.role(tokens[$0]) == .and && $0 < open }) == nil
        else { return false }
        let inside = tokens[(open + 1)..<close]
        let count = FieldList.pieces(inside, vocabulary: vocabulary).count
        let left = tokens[..<open].trimmed { ["as", "like", "into"].contains($0.key) }
        let entity = entity(left)
        guard phrase().typeName(inside) == nil, count > 1 || entity.many == true && count == 1,
            !inside.contains(where: { $0.kind == .number && inside.count < 4 })
        else { return false }
        let after = tokens[(close + 1)...]
        adopt(entity)
        if isListOf { draft.many = draft.many ?? true }
        draft.isStructured = true
        readList(inside, distributed: false)
        if !after.isEmpty { addFilter(after) }
        return true
    }

    // MARK: Arrows and groups

    private mutating func readArrows(_ tokens: Phrase) -> Bool {
        guard tokens.contains(where: { $0.isMark("->") }) else { return false }
        let (rest, _) = withoutFillers(tokens)
        var groups = rest.pieces { rest[$0].isMark(";") }
        if groups.count == 1 {
            // "company -> name, address, people -> name": a comma before a word with an arrow parts too.
            groups = rest.pieces { i in
                rest[i].isMark(",") && rest[(i + 1)...].prefix(3).contains { $0.isMark("->") }
            }
        }
        if groups.count == 1, let arrow = rest.firstIndex(where: { $0.isMark("->") }) {
            let entity = entity(rest[..<arrow])
            adopt(entity)
            draft.isStructured = true
            readList(rest[(arrow + 1)...], distributed: false)
            return true
        }
        readGroups(groups, mark: "->")
        return true
    }

    private mutating func readGroups(_ groups: [Phrase], mark: String) {
        draft.isStructured = true
        draft.many = draft.many ?? false
        for group in groups {
            guard let cut = group.firstIndex(where: { $0.isMark(mark) }) else {
                readList(group, distributed: false)
                continue
            }
            let head = entity(withoutFillers(group[..<cut]).0)
            let fields = phrase().list(group[(cut + 1)...], plural: true)
            guard let noun = head.head, let name = FieldName.of(head.words), !fields.isEmpty else { continue }
            let isList = vocabulary.isPlural(noun) || head.many == true
            draft.items.append(.init(field: Field(name: name, type: isList ? .list : .object, fields: fields), isRecognised: true))
        }
    }

    // MARK: Questions

    private func startsQuestion(_ tokens: Phrase) -> Bool {
        guard let first = tokens.first, !first.isPart, tokens.count > 2 else { return false }
        if vocabulary.isEnglish {
            if ["is", "are", "does", "has", "did", "was", "were"].contains(first.key) { return true }
            if first.key == "which" || first.key == "what" || first.key == "who" || first.key == "how" {
                return !tokens[tokens.startIndex + 1].isMark(",", ":")
            }
            return ["when", "where"].contains(first.key)
                && ["is", "does", "was", "did", "are", "do", "will"].contains(tokens[tokens.startIndex + 1].key)
        }
        return vocabulary.role(first) == .question
    }

    private mutating func readQuestion(_ tokens: Phrase) -> Bool {
        guard let first = tokens.first else { return false }
        let keys = tokens.keys
        if keys.contains("you"), keys.contains("how") || keys.contains("think") || keys.contains("know") || keys.contains("recommend") {
            draft.refused.append(tokens)
            return true
        }
        if !vocabulary.isEnglish { return readForeignQuestion(tokens) }
        // "which jobs were posted in the last week": records and a condition.
        if ["which", "what"].contains(first.key), tokens.count > 2,
            !["is", "are", "was", "were"].contains(tokens[tokens.startIndex + 1].key)
        {
            let rest = tokens.dropFirst()
            let verb = rest.firstIndex {
                ["is", "are", "was", "were", "have", "has", "do", "does", "can", "offer", "cost", "costs", "did"].contains($0.key)
            }
            let noun = rest[..<(verb ?? rest.endIndex)]
            if let head = noun.words.last, vocabulary.isPlural(head), Lexicon.entities[vocabulary.singular(head)] != nil, let verb {
                let entity = entity(noun)
                adopt(entity)
                draft.many = true
                draft.isStructured = true
                let tail = rest[verb...].drop {
                    ["is", "are", "was", "were", "do", "does", "there", "you", "have", "sell", "offer", "listed", "available", "here"]
                        .contains($0.key) && $0.kind == .word
                }
                if tail.contains(where: { $0.kind == .word }) { addFilter(tail) }
                draft.wantsNaming = true
                return true
            }
        }
        // "what are the names and salaries of the players": a statement in the form of a question.
        let asks = tokens.dropFirst().contains { token in
            vocabulary.role(token) == .question && !["that"].contains(token.key) || ["does", "do", "did"].contains(token.key)
        }
        if ["what", "which"].contains(first.key), !asks {
            let body = tokens.dropFirst().drop { ["is", "are", "was", "were", "kind", "kinds", "sort"].contains($0.key) }
            let verb = body.lastIndex { ["is", "are", "it"].contains($0.key) && !$0.isPart } ?? body.endIndex
            let count = draft.items.count
            let isLate = body.dropFirst(1).contains { ["is", "has", "have"].contains($0.key) }
            if !isLate, verb == body.endIndex {
                let (rest, _) = withoutFillers(body)
                if let owned = ofOwner(rest), owned.fields.first.map({ vocabulary.role($0) != .all }) == true, self.owned(rest) == nil {
                    adopt(entity(owned.entity))
                    draft.many = draft.many ?? false
                    readList(owned.fields, distributed: draft.many == true && firstIsPlural(owned.fields))
                } else {
                    if self.owned(rest) == nil, withIndex(rest) == nil, draft.many == nil { draft.many = false }
                    readStatement(rest, isListOf: false)
                }
                draft.many = draft.many ?? false
                draft.isStructured = true
                if draft.items.count > count { return true }
            }
        }
        var pieces: [Phrase] = []
        var start = tokens.startIndex
        for index in tokens.indices where index > start {
            let isBorder = tokens[index].isMark(",", ";", "?") || vocabulary.role(tokens[index]) == .and
            guard isBorder else { continue }
            pieces.append(tokens[start..<index])
            start = index + 1
        }
        pieces.append(tokens[start...])
        pieces = pieces.map { $0.trimmed { self.vocabulary.role($0) == .and || $0.isMark(",") } }.filter { !$0.isEmpty }
        var owner: Set<String> = []
        var found = false
        for piece in pieces {
            guard let first = piece.first else { continue }
            var phrase = phrase()
            phrase.entity.formUnion(owner)
            var reading: FieldPhrase.Item?
            var body = piece
            if piece.starts(with: "what", "time") || piece.starts(with: "what", "does") || piece.starts(with: "what", "do"),
                phrase.asked(piece) != nil, let item = phrase.read(piece)
            {
                append(item)
                found = true
                continue
            }
            if ["what", "which"].contains(first.key) || vocabulary.role(first) == .article
                || first.kind == .word && vocabulary.role(first) != .question
                    && !["is", "are", "does", "do", "has", "have", "was"].contains(first.key)
            {
                body = body.drop {
                    ["what", "which", "is", "are", "was", "were", "s", "it", "does", "do", "kind", "sort", "tell", "me", "whats"].contains(
                        $0.key) || vocabulary.role($0) == .article
                }
                // "what is the price of this product", "what is the company's revenue"
                if let owned = owned(body) ?? ofOwner(body) {
                    let entity = entity(owned.entity)
                    if let head = entity.head { owner.insert(vocabulary.singular(head)) }
                    adopt(entity)
                    if draft.many == nil { draft.many = false }
                    body = owned.fields
                    phrase.entity.formUnion(owner)
                }
                // "what languages does it support", "what skills are required"
                if let verb = body.firstIndex(where: { ["does", "do", "did", "are", "is", "can"].contains($0.key) }), verb > body.startIndex
                {
                    body = body[..<verb]
                }
                reading = phrase.read(body)
            } else {
                reading = phrase.read(piece)
                if let subject = piece.first(where: { Lexicon.entities[vocabulary.singular($0.key)] != nil }) {
                    owner.insert(vocabulary.singular(subject.key))
                }
            }
            if let reading {
                append(reading)
                found = true
            }
        }
        if found {
            draft.many = draft.many ?? false
            draft.isStructured = true
        }
        return found
    }

    /// "the opening hours and address of the museum": "of the X" where X may be any noun, at the end.
    private func ofOwner(_ tokens: Phrase) -> Owned? {
        guard let of = tokens.lastIndex(where: { $0.key == "of" || $0.key == "for" }), of > tokens.startIndex, of + 1 < tokens.endIndex,
            [.article, .this].contains(vocabulary.role(tokens[of + 1])), tokens.endIndex - of <= 5
        else { return nil }
        return Owned(fields: tokens[..<of], entity: tokens[(of + 1)...], rest: tokens[tokens.endIndex...])
    }

    private mutating func readForeignQuestion(_ tokens: Phrase) -> Bool {
        if readForeignPieces(tokens) { return true }
        var rest = tokens.drop {
            vocabulary.role($0) == .question || vocabulary.role($0) == .filler || vocabulary.role($0) == .article
                || ["est", "es", "e", "jest", "ar", "ist", "is", "sind", "son", "sono"].contains($0.key)
        }
        if rest.isEmpty { return false }
        // "Welche Veranstaltungen gibt es?": records, without fields yet.
        if let head = rest.first, vocabulary.isPlural(head.key), vocabulary.own.types[head.key] == nil,
            ["welche", "quels", "quelles", "que", "quali", "quais", "welke", "vilka", "jakie", "cuales"].contains(tokens.first?.key ?? ""),
            rest.count <= 4
        {
            draft.many = true
            draft.entity.append(head.key)
            draft.isStructured = true
            return true
        }
        draft.many = draft.many ?? false
        draft.isStructured = true
        if let owned = owned(rest) {
            adopt(entity(owned.entity))
            rest = owned.fields
        } else if let cut = rest.indices.dropFirst().last(where: { i in
            i + 1 < rest.endIndex && [.this, .article].contains(vocabulary.role(rest[i])) && rest[(i + 1)...].words.count <= 2
        }) {
            // "Preis dieses Produkts"
            let of = cut - 1 >= rest.startIndex && vocabulary.role(rest[cut - 1]) == .of ? cut - 1 : cut
            if of > rest.startIndex, vocabulary.role(rest[of - 1]) != .and { rest = rest[..<of] }
        }
        // "l'adresse du musée": the article is in the preposition.
        if let of = rest.indices.dropFirst().last(where: { vocabulary.role(rest[$0]) == .of }),
            ["du", "del", "della", "dello", "dell", "do", "da", "des"].contains(rest[of].key),
            rest.endIndex - of == 2,
            vocabulary.type(of: rest[(of - 1)...].words) == nil || looksOwning(rest, of) || vocabulary.own.types[rest[of + 1].key] == nil
        {
            rest = rest[..<of]
        }
        let before = draft.items.count
        readList(rest, distributed: false)
        return draft.items.count > before
    }

    /// "Was kostet das Produkt und ist es verfügbar?": what costs is a price, "is it" a yes or no.
    private mutating func readForeignPieces(_ tokens: Phrase) -> Bool {
        let pieces = tokens.pieces { tokens[$0].isMark(",", "?") || vocabulary.role(tokens[$0]) == .and }
        var items: [FieldPhrase.Item] = []
        for piece in pieces {
            if let verb = piece.first(where: { PromptGrammar.costs[$0.key] != nil }), let name = PromptGrammar.costs[verb.key] {
                items.append(.init(field: Field(name: name, type: .money), isRecognised: true))
            } else if let first = piece.first,
                ["ist", "sind", "est", "esta", "es", "e", "is", "jest", "ar", "gibt", "hat"].contains(first.key), piece.count > 2,
                let name = FieldName.of(
                    piece.dropFirst(2).filter { $0.kind == .word && vocabulary.role($0) == nil }.map {
                        vocabulary.own.usesUmlauts ? Folding.fold($0.text, umlauts: true) : $0.key
                    })
            {
                items.append(.init(field: Field(name: name, type: .boolean), isRecognised: true))
            }
        }
        guard !items.isEmpty, items.count == pieces.count else { return false }
        draft.items += items
        draft.many = draft.many ?? false
        draft.isStructured = true
        return true
    }

    private static let costs = [
        "kostet": "preis", "kosten": "preis", "coute": "prix", "cuesta": "precio", "costa": "prezzo", "custa": "preco", "kost": "prijs",
        "kosztuje": "cena",
        "kostar": "pris", "koster": "pris",
    ]

    // MARK: Conditions that stand on their own

    private static let starters = Lexicon.set(
        "only excluding except without ignore ignoring skip skipping exclude omit unless where nur ohne seulement sauf solo excepto apenas alleen tylko endast bara solamente uniquement"
    )

    /// "Only remote ones.", "Skip the ads.": a condition after the fields were told.
    private mutating func readAfterthought(_ tokens: Phrase) -> Bool {
        guard let first = tokens.first else { return true }
        let keys = tokens.keys
        // "I am building a price comparison tool.": talk.
        if ["i", "we", "im", "were", "my", "our"].contains(first.key), tokens.outer({ tokens[$0].isMark(":") }) == nil,
            !keys.contains(where: {
                [
                    "need", "want", "like", "looking", "get", "extract", "give", "find", "scrape", "interested", "know", "id", "list",
                    "have", "require", "fetch", "collect", "pull", "require",
                ].contains($0)
            })
        {
            return true
        }
        if ["dont", "don", "do", "never"].contains(first.key), keys.dropFirst().first == "not" || first.key != "do" {
            if keys.contains("include") || keys.contains("extract") || keys.contains("want") || keys.contains("return"),
                !draft.items.isEmpty, !keys.contains("explanations"), !keys.contains("text")
            {
                addFilter(tokens)
            }
            return true
        }
        guard !draft.items.isEmpty else { return false }
        if ["it", "this", "there", "that", "if", "ensure", "make", "note", "be", "use", "format"].contains(first.key),
            tokens.outer({ tokens[$0].isMark(":") }) == nil
        {
            if first.key == "if",
                keys.contains("null") || keys.contains("missing") || keys.contains("empty") || keys.contains("blank")
                    || keys.contains("not")
            {
                return true
            }
            return true
        }
        if PromptGrammar.starters.contains(first.key) || keys.contains("only") && vocabulary.role(first) != .each {
            let isList = tokens.contains { $0.isMark(",", ":") }
            if !isList {
                addFilter(tokens)
                if draft.many == nil,
                    entity(tokens.drop { PromptGrammar.starters.contains($0.key) || vocabulary.role($0) == .filler }).many == true
                {
                    draft.many = true
                }
                return true
            }
        }
        return false
    }

    mutating func addFilter(_ tokens: Phrase) {
        var rest = tokens.trimmed {
            $0.isMark(",", ".", ";", ":", "-", "?") || $0.key == "but" || vocabulary.role($0) == .and && $0.kind != .number
        }
        let noise: Set<String> = [
            "listed", "shown", "displayed", "here", "there", "on", "page", "that", "are", "is", "you", "can", "find", "see", "mentioned",
            "in", "the", "this", "which", "visible", "found", "it", "for", "me", "from", "site", "website", "available", "appear",
            "appears", "below", "above", "list", "table", "given", "present", "seen", "of", "to", "have", "has", "they", "exist", "we",
            "presented", "contained", "by", "default", "at", "published-here", "were", "was", "currently", "and", "as", "posted-here", "i",
            "need", "want", "following", "out", "one", "for-each", "provided", "with", "a", "section", "sale",
        ]
        if rest.allSatisfy({ noise.contains($0.key) || $0.kind == .mark }) { return }
        // "by department" groups, "by Stephen King" chooses; "links to the documents" says what they are.
        let hasName = rest.contains {
            $0.kind == .number || $0.range.lowerBound > 0 && $0.text.unicodeScalars.first.map(Folding.isUpper) == true
        }
        if let first = rest.first, ["by", "to", "per"].contains(first.key), !hasName { return }
        // "at this company": where the page is.
        if rest.count <= 3, rest.dropFirst().first.map({ vocabulary.role($0) }) == .this, vocabulary.role(rest[rest.startIndex]) == .from {
            return
        }
        while let first = rest.first, ["that", "which", "who", "are", "is", "were", "was", "those", "ones", "the"].contains(first.key),
            rest.count > 1
        { rest = rest.dropFirst() }
        if rest.count == 1, vocabulary.role(rest[rest.startIndex]) == .from { return }
        if !rest.isEmpty { draft.filters.append(rest) }
    }

    // MARK: Entities

    private mutating func adopt(_ entity: Entity) {
        if let many = entity.many { draft.many = draft.many ?? many }
        for word in entity.words.suffix(2) where !Lexicon.generic.contains(word) {
            draft.entity.append(word)
            draft.entity.append(vocabulary.singular(word))
        }
        for filter in entity.filters { addFilter(filter) }
        if let limit = entity.limit { draft.limit = limit }
    }

    /// Determiners, choosing adjectives, the noun, and what is said after it.
    func entity(_ tokens: Phrase) -> Entity {
        var rest = tokens.trimmed { $0.isMark(",", ";", ":", ".", "-") }
        var out = Entity(words: [], tokens: rest)
        if let last = rest.last, last.key == "only" || last.key == "nur" || last.key == "uniquement", rest.count > 1 {
            rest = rest.dropLast()
        }
        var many: Bool?
        var isThis = false
        loop: while let first = rest.first, !first.isPart {
            if let length = choosing(rest), rest.count > length {
                out.filters.append(rest.prefix(length))
                rest = rest.dropFirst(length)
                continue
            }
            switch vocabulary.role(first) {
            case .each, .all: many = true
            case .this: isThis = true
            case .article where rest.count > 1:
                out.isDetermined = true
                if ["these", "those"].contains(first.key) { many = true }
                if ["a", "an"].contains(first.key) { isThis = true }
            case .of, .from: if rest.count == 1 { break loop }
            case .and: break
            case .filler where rest.count > 1 && vocabulary.role(rest[rest.startIndex + 1]) != nil || ["give", "show"].contains(first.key):
                break
            default:
                if [
                    "only", "different", "various", "individual", "single", "available", "listed", "other", "just", "nur", "many",
                    "several", "own", "distinct", "unique", "main",
                ].contains(first.key), rest.count > 1 {
                    if first.key == "single" || first.key == "main" { isThis = isThis || many == nil }
                    break
                }
                if ["top", "first", "latest", "last", "newest"].contains(first.key), rest.count > 2,
                    let n = Int(rest[rest.startIndex + 1].text), n < 1500
                {
                    out.limit = n
                    many = true
                    rest = rest.dropFirst(2)
                    continue loop
                }
                if first.kind == .number, rest.count > 1, let n = Int(first.text) {
                    if PromptDate.isYear(first.text) {
                        out.filters.append(rest.prefix(1))
                        rest = rest.dropFirst()
                        continue loop
                    }
                    if n > 1, n < 1500, !["star", "bedroom", "bed", "room", "day"].contains(rest[rest.startIndex + 1].key) {
                        (out.limit, many) = (n, true)
                        rest = rest.dropFirst()
                        continue loop
                    }
                }
                if first.key == "most", rest.count > 2 {
                    rest = rest.dropFirst(2)
                    continue loop
                }
                if Lexicon.ordering.contains(first.key), rest.count > 1,
                    out.limit != nil
                        || !["most"].contains(first.key)
                            && (rest[rest.startIndex + 1].kind == .number || vocabulary.isPlural(rest.last?.key ?? "")
                                || rest.contains { vocabulary.isPlural($0.key) })
                {
                    break
                }
                break loop
            }
            rest = rest.dropFirst()
        }
        // The noun phrase, and what is said after it.
        var end = rest.startIndex
        while end < rest.endIndex {
            let token = rest[end]
            let role = vocabulary.role(token)
            let isFirst = end == rest.startIndex
            if token.kind != .word { break }
            if !isFirst, !token.isPart,
                role == .from || role == .with || role == .question || Lexicon.conditionStarts.contains(token.key) && vocabulary.isEnglish
                    || !vocabulary.isEnglish && vocabulary.own.conditions.contains(token.key)
            {
                break
            }
            if !isFirst, role == .this, vocabulary.isEnglish { break }
            if !isFirst, vocabulary.isEnglish,
                [
                    "listed", "shown", "displayed", "visible", "mentioned", "presented", "whose", "are", "is", "has", "have", "cost",
                    "costs", "you", "they", "it", "we", "i", "currently", "found", "here",
                ].contains(token.key)
            {
                break
            }
            if !isFirst, vocabulary.isEnglish, role == .of || token.key == "to" { break }
            if !isFirst, role == .article, !vocabulary.isEnglish { break }
            end += 1
        }
        var nounEnd = end
        if end < rest.endIndex, vocabulary.role(rest[end]) == .of, vocabulary.isEnglish {
            // "members of parliament": part of the noun, no condition.
            end += 1
            while end < rest.endIndex, rest[end].kind == .word, vocabulary.role(rest[end]) != .from,
                !Lexicon.conditionStarts.contains(rest[end].key)
            { end += 1 }
        }
        if nounEnd == rest.startIndex, end < rest.endIndex, rest[end].kind == .word { nounEnd = end }
        out.tokens = rest[rest.startIndex..<nounEnd]
        out.words = out.tokens.words.filter { vocabulary.own.roles[$0] != .filler || out.tokens.count == 1 }
        if out.words.isEmpty { out.words = out.tokens.words }
        let after = rest[end...]
        if after.contains(where: { $0.kind == .word || $0.kind == .number }) { out.filters.append(after) }
        if many == nil, let head = out.head {
            if isThis {
                many = false
            } else if vocabulary.isPlural(vocabulary.own.isHeadLast ? head : out.words[0]) {
                many = true
            } else if out.isDetermined {
                many = false
            }
        }
        out.many = many
        return out
    }

    /// Length of the choosing adjective at the start ("remote", "in stock"); nil where there is none.
    private func choosing(_ tokens: Phrase) -> Int? {
        guard vocabulary.isEnglish else { return nil }
        for length in stride(from: min(3, tokens.count - 1), through: 1, by: -1) {
            let phrase = tokens.prefix(length).keys.joined(separator: " ")
            if Lexicon.choosing.contains(phrase) {
                if ["new", "past", "live"].contains(phrase),
                    tokens.dropFirst().first.map({ ["york", "price", "prices"].contains($0.key) }) == true
                {
                    return nil
                }
                return length
            }
        }
        return nil
    }

    // MARK: Lists

    func phrase() -> FieldPhrase { FieldPhrase(vocabulary: vocabulary, entity: Set(draft.entity)) }

    private mutating func readItem(_ tokens: Phrase) {
        var phrase = phrase()
        phrase.isLine = true
        // A line may hold a condition of its own.
        if !draft.items.isEmpty, tokens.first.map({ PromptGrammar.starters.contains($0.key) }) == true, tokens.count > 1 {
            return addFilter(tokens)
        }
        let cut = comparator(tokens)
        if let cut { addFilter(tokens[cut.filter...]) }
        if let item = phrase.read(cut.map { tokens[..<$0.cut] } ?? tokens) { append(item) } else { draft.ignored.append(tokens) }
    }

    /// The noun of the entity as the record's first field.
    private mutating func readSelf(_ tokens: Phrase) {
        var phrase = phrase()
        (phrase.isDistributed, phrase.isSelf) = (true, true)
        if let item = phrase.read(tokens) { append(item) }
    }

    mutating func readList(_ tokens: Phrase, distributed: Bool) {
        let list = PromptGrammar.trim(tokens)
        guard !list.isEmpty else { return }
        if list.first?.isMark("(") == true, let close = list.closing(list.startIndex), list.endIndex - close <= 2,
            close - list.startIndex > 2
        {
            return readList(list[(list.startIndex + 1)..<close], distributed: false)
        }
        if list.first?.isMark("{", "[") == true, let close = list.closing(list.startIndex),
            close == list.endIndex - 1 || list.endIndex - close < 3
        {
            return readList(list[(list.startIndex + 1)..<close], distributed: distributed)
        }
        // "keys title, url": the word for columns is none itself.
        if let first = list.first, PromptGrammar.columnWords.contains(first.key), list.count > 2, list[list.startIndex + 1].kind == .word,
            vocabulary.role(list[list.startIndex + 1]) != .and
        {
            return readList(list.dropFirst(), distributed: distributed)
        }
        if let last = list.last, PromptGrammar.columnWords.contains(last.key), list.count > 3, !last.isPart {
            if last.key == "columns" { draft.many = draft.many ?? true }
            return readList(list.dropLast(), distributed: distributed)
        }
        var pieces = FieldList.pieces(list, vocabulary: vocabulary)
        // "players with name, position and number": the rest of the list belongs to the part.
        if let part = pieces.firstIndex(where: { piece in
            piece.indices.dropFirst().contains { i in
                vocabulary.role(piece[i]) == .with && !isComparison(piece[(i + 1)...]) && i + 1 < piece.endIndex && vocabulary.isEnglish
                    && piece[..<i].words.last.map { vocabulary.isPlural($0) } == true
            }
        }), part + 1 < pieces.count, let first = pieces[part].first.map({ _ in pieces[part].startIndex }), let last = pieces.last?.endIndex
        {
            pieces = Array(pieces[..<part]) + [list[first..<last]]
        }
        var isPluralList = distributed
        if !distributed, draft.items.isEmpty, draft.many == nil, let first = pieces.first {
            var phrase = phrase()
            phrase.isDistributed = true
            if let item = phrase.read(first), item.wasPlural, item.field.type != .list, item.field.fields.isEmpty, !isCountNoun(first) {
                isPluralList = true
                draft.many = true
            }
        }
        for (number, piece) in pieces.enumerated() {
            if let first = piece.first, !piece.isEmpty {
                // ", sorted by price": an order of the records, which stay in the page's.
                if ["grouped", "sorted", "ordered", "ranked", "arranged"].contains(first.key), piece.count > 1 { return }
                // ", all books on the page", ", for every posting": which records.
                if number > 0, !vocabulary.own.roles.isEmpty {
                    let scope = vocabulary.role(first) == .from ? piece.dropFirst() : piece
                    if let every = scope.first.flatMap({ vocabulary.role($0) }), every == .all || every == .each {
                        let entity = entity(scope)
                        if let word = entity.head, Lexicon.entities[vocabulary.singular(word)] != nil || vocabulary.role(first) == .from,
                            !Lexicon.selves.contains(vocabulary.singular(word)) || vocabulary.role(first) == .from
                        {
                            adopt(entity)
                            draft.many = true
                            continue
                        }
                    }
                }
                let isStarter = PromptGrammar.starters.contains(first.key) && (number > 0 || !draft.items.isEmpty) || first.key == "but"
                if isStarter,
                    first.key != "where" || piece.contains(where: { $0.kind == .number || $0.isMark("<", ">", "=") })
                        || piece.count > 2
                            && !["it", "they", "he", "she", "is", "are", "the", "you"].contains(piece[piece.startIndex + 1].key)
                {
                    addFilter(list[piece.startIndex...])
                    return
                }
            }
            var piece = piece
            if let cut = comparator(piece) {
                addFilter(piece[cut.filter...])
                piece = piece[..<cut.cut]
            }
            var phrase = phrase()
            phrase.isDistributed = isPluralList
            // Trailing "only": "remote jobs only".
            if let item = phrase.read(piece) {
                append(item)
            } else if piece.contains(where: { $0.kind == .word }) {
                draft.ignored.append(piece)
            }
        }
    }

    /// "reviews", "bedrooms": a plural alone that counts, not a list of records.
    private func isCountNoun(_ piece: Phrase) -> Bool {
        guard let head = piece.words.last else { return false }
        return vocabulary.type(ofPhrase: [vocabulary.singular(head)]) == .number && piece.count < 3
            && !Lexicon.selves.contains(vocabulary.singular(head))
    }

    /// Where a comparison begins in an item ("price under $20"): the field ends there; the condition takes the field's words along.
    private func comparator(_ piece: Phrase) -> (cut: Int, filter: Int)? {
        // "guest scores in Lisbon": a place, where the language has capitals for names only.
        if vocabulary.isEnglish,
            let place = piece.indices.dropFirst().first(where: { i in
                ["in", "near"].contains(piece[i].key) && !piece[i].isPart && i + 1 < piece.endIndex && piece[i + 1].text.count > 3
                    && piece[i + 1].text.unicodeScalars.first.map(Folding.isUpper) == true && Lexicon.currencies[piece[i + 1].key] == nil
                    && !Lexicon.units.contains(piece[i + 1].key)
                    && piece[piece.startIndex].text.unicodeScalars.first.map(Folding.isUpper) != true
            })
        {
            return (place, place)
        }
        guard piece.contains(where: { $0.kind == .number }), !piece.contains(where: { $0.isMark("(", "[") }) else { return nil }
        let index = piece.indices.dropFirst().first { i in
            guard !piece[i].isPart else { return false }
            let key = piece[i].key
            let isWord = ["under", "over", "above", "below", "<", ">", ">=", "<=", "cheaper", "exceeding"].contains(key)
            let isPair =
                ["less", "more", "at", "greater", "higher", "lower", "up", "fewer"].contains(key) && i + 1 < piece.endIndex
                && ["than", "least", "most", "to"].contains(piece[i + 1].key)
            return isWord || isPair || ["after", "before", "since"].contains(key)
        }
        guard let index else { return nil }
        let isVerb =
            index > piece.startIndex
            && ["posted", "published", "released", "is", "are", "dated", "costing", "rated"].contains(piece[index - 1].key)
        return (isVerb ? index - 1 : index, piece.startIndex)
    }

    private mutating func append(_ item: FieldPhrase.Item) {
        var item = item
        if Lexicon.generic.contains(item.field.name), vocabulary.own.types[item.field.name] == nil,
            item.field.type == .text || item.field.type == .list, item.field.fields.isEmpty,
            ![
                "content", "main", "listing", "results", "object", "value", "format", "list", "key", "output", "overview", "address",
                "details", "result",
            ].contains(item.field.name) || draft.items.isEmpty && !draft.isStructured
        {
            return
        }
        if draft.items.contains(where: { $0.field.name == item.field.name }) {
            // A second link or name: tell it by its owner.
            guard let owner = item.qualifier.last, let name = FieldName.of([vocabulary.singular(owner), item.field.name]),
                !draft.items.contains(where: { $0.field.name == name })
            else { return }
            item.field.name = name
        }
        draft.items.append(item)
    }

    private static let columnWords = Lexicon.set(
        "columns fields keys attributes properties spalten felder colonnes champs columnas campos colonne campi velden kolommen data-points"
    )

    // MARK: Noise

    static func trim(_ tokens: Phrase) -> Phrase {
        tokens.trimmed { $0.isMark(",", ";", ".", ":", "-", "!", "?", "*") || $0.kind == .line || $0.kind == .address }
    }

    /// Strips what leads up to the content: "please give me a list of". Says whether a list of records was asked for.
    func withoutFillers(_ tokens: Phrase) -> (Phrase, isListOf: Bool) {
        var rest = PromptGrammar.trim(tokens)
        var isListOf = false
        while let first = rest.first {
            let next = rest.dropFirst().first
            if first.kind == .address || first.isMark(",", ".", ":", "!", "-") {
                rest = rest.dropFirst()
                continue
            }
            guard first.kind == .word, !first.isPart, next?.isPart != true else { break }
            let role = vocabulary.role(first)
            // "list of", "a table of", "an array of objects with".
            if let length = listOf(rest) {
                isListOf = true
                rest = rest.dropFirst(length)
                continue
            }
            if !vocabulary.isEnglish, PromptGrammar.listNouns.contains(first.key), rest.count > 1 { isListOf = true }
            if role == .filler {
                // "make, model": a field, not a verb; "list price" likewise.
                let isManner = ["please", "hi", "hello", "hey", "thanks", "pls", "plz", "ok", "okay", "well", "bitte"].contains(first.key)
                if !isManner,
                    next == nil || next?.isMark(",", ":", ";", "|", ")", "/", "(") == true
                        || next.map({ vocabulary.role($0) == .and }) == true
                {
                    if next?.isMark(":") == true || next == nil
                        || [
                            "get", "extract", "scrape", "give", "find", "need", "want", "show", "return", "following", "below", "fetch",
                            "looking", "collect", "go",
                        ].contains(first.key)
                    {
                        rest = rest.dropFirst()
                        continue
                    }
                    break
                }
                if vocabulary.isEnglish, let next,
                    vocabulary.type(ofPhrase: [first.key, next.key]) != nil
                        || [
                            "list price", "return policy", "check in", "check out", "show name", "display size", "need help", "team name",
                            "team names", "team size",
                        ].contains(first.key + " " + next.key)
                {
                    break
                }
                rest = rest.dropFirst()
                continue
            }
            if role == .article, let next, vocabulary.role(next) == .filler,
                !["list", "team", "check", "find"].contains(next.key) || next.key == "list" && rest.dropFirst(2).first?.isMark(":") == true
            {
                rest = rest.dropFirst()
                continue
            }
            if role == .article, let next, Lexicon.generic.contains(next.key),
                rest.dropFirst(2).first.map({ $0.isMark(":") || ["of", "for", "from", "with", "about", "on"].contains($0.key) }) == true
            {
                let after = rest.dropFirst(2).first
                if after?.isMark(":") == true || after?.key == "about" || after?.key == "of" || after?.key == "on" {
                    rest = rest.dropFirst(after?.isMark(":") == true ? 2 : 3)
                    continue
                }
            }
            if first.key == "only" || first.key == "just", let next,
                [.filler, .article].contains(vocabulary.role(next))
                    || rest.startIndex > tokens.startIndex && rest.count < tokens.count
                        && rest.contains(where: { vocabulary.role($0) == .and || $0.isMark(",") })
            {
                rest = rest.dropFirst()
                continue
            }
            if role == .form || ["about", "that", "is"].contains(first.key) && vocabulary.isEnglish {
                rest = rest.dropFirst()
                continue
            }
            if role == .all, let next, vocabulary.role(next) == .of || vocabulary.role(next) == .article, next.key != "their" {
                // "all of the links", "all the jobs": keep "all", lose what follows.
                let kept = first
                rest = rest.dropFirst(2).drop { vocabulary.role($0) == .article }
                rest = ArraySlice([kept] + Array(rest))
                continue
            }
            if ["everything", "anything", "whatever"].contains(first.key), vocabulary.isEnglish {
                rest = rest.dropFirst()
                continue
            }
            if role == .all || role == .article, let next, Lexicon.generic.contains(next.key), let of = rest.dropFirst(2).first,
                ["of", "about", "for", "on"].contains(of.key), rest.count > 3
            {
                rest = ArraySlice([first] + Array(rest.dropFirst(3)))
                if role == .article { rest = rest.dropFirst() }
                continue
            }
            if Lexicon.generic.contains(first.key), let next, ["of", "about", "for", "on", "like", "such", "including"].contains(next.key),
                !vocabulary.isEnglish || ["information", "details", "data", "info", "json", "csv", "table"].contains(first.key)
            {
                rest = rest.dropFirst(2).drop { $0.key == "as" }
                continue
            }
            break
        }
        return (rest, isListOf)
    }

    /// Tokens that "a complete list of", "an array of objects with" take; nil where the tokens begin otherwise.
    private func listOf(_ tokens: Phrase) -> Int? {
        var index = tokens.startIndex
        while index < tokens.endIndex,
            vocabulary.role(tokens[index]) == .article
                || ["full", "complete", "json", "csv", "simple", "clean", "comprehensive", "entire", "whole", "structured"].contains(
                    tokens[index].key)
        { index += 1 }
        guard index + 1 < tokens.endIndex else { return nil }
        let noun = tokens[index].key
        guard
            [
                "list", "table", "array", "collection", "overview", "catalog", "directory", "spreadsheet", "dataset", "lists", "listing",
                "liste", "lista", "elenco", "lijst", "ubersicht", "tabelle", "tableau", "tabla", "set", "feed", "database",
            ].contains(noun)
        else { return nil }
        let next = tokens[index + 1].key
        if ["of", "aller", "von", "des", "de", "di", "van", "with", "av", "over"].contains(next) || next == "todos" || next == "todas" {
            var length = index + 2 - tokens.startIndex
            if next == "aller" || next == "todos" || next == "todas" { length -= 1 }
            let after = index + 2
            if after < tokens.endIndex,
                ["objects", "items", "records", "rows", "entries", "dicts", "dictionaries"].contains(tokens[after].key)
            {
                length += 1
                if after + 1 < tokens.endIndex, ["with", "containing", "having", "for"].contains(tokens[after + 1].key) { length += 1 }
            }
            return length
        }
        return nil
    }

    private static let formats = Lexicon.set(
        "json csv table markdown excel spreadsheet tabular xml yaml structured ndjson jsonl html xlsx sheet sheets dataframe")

    /// Without "as JSON", "from this page", addresses, thanks.
    func withoutNoise(_ tokens: Phrase) -> Phrase {
        var out: [Token] = []
        var index = tokens.startIndex
        var depth = 0
        while index < tokens.endIndex {
            let token = tokens[index]
            if token.isMark("(", "[", "{") { depth += 1 }
            if token.isMark(")", "]", "}") { depth = max(0, depth - 1) }
            if token.kind == .address {
                while let last = out.last,
                    [.from, .of].contains(vocabulary.role(last)) || ["page", "site", "url", "website", "at"].contains(last.key)
                { out.removeLast() }
                index += 1
                continue
            }
            if depth == 0, let end = formatEnd(tokens, index) ?? placeEnd(tokens, index) ?? mannersEnd(tokens, index) {
                while let last = out.last, end >= tokens.endIndex,
                    vocabulary.role(last) == .and || last.isMark(",", ";", "-") || PromptGrammar.outputVerbs.contains(last.key)
                        || ["it", "them", "everything", "results", "result", "me", "all", "data", "that", "this", "the", "back", "us"]
                            .contains(last.key) && out.count > 2
                            && out.dropLast().last.map({ PromptGrammar.outputVerbs.contains($0.key) || ["the", "me"].contains($0.key) })
                                == true
                { out.removeLast() }
                index = end
                continue
            }
            out.append(token)
            index += 1
        }
        return out[...]
    }

    private static let outputVerbs = Lexicon.set(
        "return output format put save export give present show provide write deliver store dump structure respond")

    /// End of "as JSON", "in a table", "into a spreadsheet"; nil where nothing of the kind begins.
    private func formatEnd(_ tokens: Phrase, _ start: Int) -> Int? {
        guard
            ["as", "in", "into", "to", "als", "en", "como", "come", "som", "jako", "im", "w", "au", "em", "using", "return", "output"]
                .contains(tokens[start].key), !tokens[start].isPart
        else { return nil }
        var index = start + 1
        while index < tokens.endIndex,
            vocabulary.role(tokens[index]) == .article
                || [
                    "a", "an", "the", "clean", "valid", "nice", "simple", "structured", "one", "my", "plain", "pure", "formato", "format",
                    "au", "ein", "eine", "einer", "une", "una", "raw",
                ].contains(tokens[index].key)
        { index += 1 }
        guard index < tokens.endIndex, PromptGrammar.formats.contains(tokens[index].key) || (tokens[index].key == "tabelle") else {
            return nil
        }
        index += 1
        while index < tokens.endIndex,
            [
                "format", "array", "object", "file", "list", "form", "objects", "of", "output", "records", "please", "data", "only",
                "lines", "array.", "schema",
            ].contains(tokens[index].key)
        { index += 1 }
        // "in a table with columns …" goes on.
        return index
    }

    /// End of "from this page", "on the website"; nil where nothing of the kind begins.
    private func placeEnd(_ tokens: Phrase, _ start: Int) -> Int? {
        guard !tokens[start].isPart, vocabulary.isEnglish,
            ["from", "on", "in", "of", "at", "for", "off", "to", "across", "within"].contains(tokens[start].key)
        else { return nil }
        var index = start + 1
        var hasArticle = false
        while index < tokens.endIndex,
            vocabulary.role(tokens[index]) == .article || vocabulary.role(tokens[index]) == .this
                || [
                    "current", "whole", "entire", "given", "following", "linked", "front", "main", "same", "first", "provided", "home",
                    "attached", "landing", "company", "above", "target", "all",
                ].contains(tokens[index].key)
        {
            hasArticle = true
            index += 1
        }
        guard index < tokens.endIndex else { return nil }
        // "from this recipe page": the entity is told on the way.
        if index + 1 < tokens.endIndex, ["page", "website", "site", "catalog", "pages"].contains(tokens[index + 1].key),
            tokens[index].kind == .word, hasArticle, vocabulary.role(tokens[index]) == nil
        {
            index += 1
        }
        guard Lexicon.placeNouns.contains(tokens[index].key),
            hasArticle || ["page", "site", "here", "website", "below", "above"].contains(tokens[index].key)
        else { return nil }
        if ["list", "document", "results", "store", "shop", "overview", "table", "catalogue", "directory"].contains(tokens[index].key),
            !hasArticle
        {
            return nil
        }
        if start == tokens.startIndex, tokens[index].key == "list" { return nil }
        index += 1
        while index < tokens.endIndex, ["below", "above", "only", "here", "please", "itself"].contains(tokens[index].key) { index += 1 }
        return index
    }

    private static let manners: [[String]] = [
        ["if", "possible"], ["thank", "you", "very", "much"], ["thank", "you"], ["thanks"], ["for", "me"], ["please"], ["nothing", "else"],
        ["one", "per", "line"], ["pls"], ["plz"], ["thx"], ["ty"], ["cheers"], ["many", "thanks"], ["thanks", "a", "lot"],
        ["thanks", "in", "advance"], ["one", "row", "per", "item"], ["and", "so", "on"], ["etc"], ["s", "il", "te", "plait"],
        ["s", "il", "vous", "plait"],
        ["por", "favor"], ["per", "favore"], ["bitte"], ["as", "well"], ["too"], ["if", "you", "can"], ["in", "total"], ["asap"],
        ["listed", "here"], ["shown", "here"],
        ["that", "you", "can", "find"], ["that", "are", "listed"], ["you", "can", "find"], ["that", "you", "find"], ["as", "follows"],
    ]

    private func mannersEnd(_ tokens: Phrase, _ start: Int) -> Int? {
        guard !tokens[start].isPart else { return nil }
        for words in PromptGrammar.manners where tokens.endIndex - start >= words.count {
            if zip(tokens[start...], words).allSatisfy({ $0.key == $1 && $0.kind == .word }) {
                return start + words.count
            }
        }
        return nil
    }
}
