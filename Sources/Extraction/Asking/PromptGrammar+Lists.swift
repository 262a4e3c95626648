/// What the shapes are made of: conditions, entities, lists of fields.
extension PromptGrammar {
    // MARK: Conditions that stand on their own

    private static let starters = Lexicon.set(
        "only excluding except without ignore ignoring skip skipping exclude omit unless where nur ohne seulement sauf solo excepto apenas alleen tylko endast bara solamente uniquement"
    )

    /// "Only remote ones.", "Skip the ads.": a condition after the fields were told.
    mutating func readAfterthought(_ tokens: Phrase) -> Bool {
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

    mutating func adopt(_ entity: Entity) {
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
    func choosing(_ tokens: Phrase) -> Int? {
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

    mutating func readItem(_ tokens: Phrase) {
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
    mutating func readSelf(_ tokens: Phrase) {
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

    mutating func append(_ item: FieldPhrase.Item) {
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

    static let columnWords = Lexicon.set(
        "columns fields keys attributes properties spalten felder colonnes champs columnas campos colonne campi velden kolommen data-points"
    )
}
