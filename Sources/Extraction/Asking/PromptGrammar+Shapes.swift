/// How a sentence is put together: "ENTITY: FIELDS", "ENTITY with FIELDS", "the ENTITY's FIELDS", brackets, arrows.
extension PromptGrammar {
    mutating func readColon(_ tokens: Phrase, at colon: Int, isListOf: Bool) -> Bool {
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

    static let listNouns = Lexicon.set(
        "list table directory catalog catalogue overview listings tracklist playlist menu agenda lineup discography filmography timetable shortlist watchlist wishlist bibliography liste lista elenco lijst tabelle verzeichnis roster leaderboard standings schedule index"
    )

    /// Where "with" (or "and its", after "each") introduces fields; a comparison after it makes it a condition instead.
    func withIndex(_ tokens: Phrase) -> Int? {
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
    func isComparison(_ tokens: Phrase) -> Bool {
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

    mutating func readWith(_ left: Phrase, _ right: Phrase, isListOf: Bool) {
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

    func firstIsPlural(_ tokens: Phrase) -> Bool {
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

    struct Owned {
        var fields: Phrase
        var entity: Phrase
        var rest: Phrase
        var isPossessive = false
        var isOne = false
    }

    /// "FIELDS of every ENTITY", "ENTITY's FIELDS".
    func owned(_ tokens: Phrase) -> Owned? {
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
    func looksOwning(_ tokens: Phrase, _ index: Int) -> Bool {
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

    mutating func readOwned(_ tokens: Phrase, isListOf: Bool) -> Bool {
        guard let owned = owned(tokens) else { return false }
        if isListOf { draft.many = draft.many ?? true }
        readOwned(owned)
        return true
    }

    mutating func readOwned(_ owned: Owned) {
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
    mutating func readBracketed(_ tokens: Phrase, isListOf: Bool) -> Bool {
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

    mutating func readArrows(_ tokens: Phrase) -> Bool {
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
}
