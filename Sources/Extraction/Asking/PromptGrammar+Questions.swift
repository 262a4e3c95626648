/// Questions ("Who wrote it, and when?"), in English and, by their first words, in other languages.
extension PromptGrammar {
    func startsQuestion(_ tokens: Phrase) -> Bool {
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

    mutating func readQuestion(_ tokens: Phrase) -> Bool {
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

    static let costs = [
        "kostet": "preis", "kosten": "preis", "coute": "prix", "cuesta": "precio", "costa": "prezzo", "custa": "preco", "kost": "prijs",
        "kosztuje": "cena",
        "kostar": "pris", "koster": "pris",
    ]
}
