/// Reads one item of a list ("the author's name", "price (EUR)", "steps as a list", "books (title and year)") as a field.
struct FieldPhrase {
    let vocabulary: Vocabulary
    /// The nouns of the record's own entity: "name of the company" is `name` where the record is a company.
    var entity: Set<String> = []
    /// Plural nouns stand for one value a record ("the names and prices of all products").
    var isDistributed = false
    /// The noun is the record itself: "all ingredients with their amounts" has one ingredient a record.
    var isSelf = false
    /// A person wrote the item on a line of its own, so that what follows a colon or dash describes it.
    var isLine = false

    struct Item {
        var field: Field
        /// The words are known, so that this is no accident.
        var isRecognised: Bool
        /// Nouns that tell this field from another one of the same name.
        var qualifier: [String] = []
        var wasPlural = false
    }

    func read(_ tokens: Phrase) -> Item? {
        var rest = stripped(tokens)
        guard !rest.isEmpty else { return nil }
        var hints = Hints()

        // "name: description" and "name: type"; "name - description" on a line.
        if let cut = rest.outer({ i in rest[i].isMark(":", "=") || (isLine && rest[i].isMark("-", "->")) }), cut > rest.startIndex {
            let tail = rest[(cut + 1)...]
            rest = rest[..<cut]
            if let type = typeName(tail) {
                hints.take(type)
            } else if let open = tail.first, open.isMark("["), let close = tail.closing(tail.startIndex) {
                hints.parts = list(tail[(tail.startIndex + 1)..<close], plural: true)
                hints.isList = true
            } else if let open = tail.first, open.isMark("{"), let close = tail.closing(tail.startIndex) {
                hints.parts = list(tail[(tail.startIndex + 1)..<close], plural: false)
            } else {
                hints.describe(tail)
            }
        }
        while let open = rest.firstIndex(where: { $0.isMark("(", "[", "{", "<") }) {
            let close = rest.closing(open) ?? rest[open...].firstIndex { $0.isMark(">") } ?? rest.endIndex
            let inside = rest[(open + 1)..<max(open + 1, close)]
            let after = close < rest.endIndex ? rest[(close + 1)...] : rest[rest.endIndex...]
            bracket(inside, name: rest[..<open], hints: &hints)
            rest = ArraySlice(Array(rest[..<open]) + Array(after))
            if open == 0, rest.isEmpty { return nil }
        }
        form(&rest, hints: &hints)
        nested(&rest, hints: &hints)

        var reading = name(of: rest, hints: &hints)
        reading.words = reading.words.filter { !$0.isEmpty }
        guard !reading.words.isEmpty, reading.words.count <= 7 else { return nil }
        return item(reading, hints: hints)
    }

    // MARK: What is around the name

    struct Hints {
        var type: FieldType?
        var items: FieldType?
        var isList = false
        var parts: [Field] = []
        var description: String?
        var choices: [String] = []

        mutating func take(_ named: TypeName) {
            if named.isList {
                isList = true
                items = named.type == .list ? nil : named.type
            } else {
                type = named.type
            }
        }

        mutating func describe(_ tokens: Phrase) {
            let text = FieldPhrase.text(tokens)
            if !text.isEmpty { description = description.map { $0 + "; " + text } ?? text }
        }
    }

    struct TypeName {
        var type: FieldType
        var isList = false
    }

    static func text(_ tokens: Phrase) -> String {
        var out = ""
        for token in tokens {
            if !out.isEmpty, !token.isGlued { out += " " }
            out += token.text
        }
        return out
    }

    /// A type as people write it ("number", "yes/no", "list of strings", "number?"); nil for other words.
    func typeName(_ tokens: Phrase) -> TypeName? {
        let words = tokens.filter { $0.kind == .word || $0.kind == .number }.map(\.key).filter {
            !["a", "an", "the", "as", "type", "only", "optional", "required", "value", "field", "format", "of", "or", "null", "nullable"]
                .contains($0)
        }
        guard !words.isEmpty, words.count <= 4, !tokens.contains(where: { $0.isMark("(") }) else { return nil }
        let phrase = words.joined(separator: " ")
        if let type = Lexicon.typeNames[phrase] ?? Lexicon.typeNames[words.joined(separator: " or ")] {
            return TypeName(type: type, isList: type == .list || tokens.contains { $0.isMark("]") })
        }
        if let first = words.first, Lexicon.typeNames[first] == .list {
            let of = words.dropFirst().joined(separator: " ")
            let type = Lexicon.typeNames[of] ?? Lexicon.typeNames[vocabulary.singular(of)]
            return type.map { TypeName(type: $0, isList: true) }
        }
        return nil
    }

    /// What stands in brackets: a type, a format, choices, parts, or words about the field.
    private func bracket(_ inside: Phrase, name: Phrase, hints: inout Hints) {
        guard !inside.isEmpty else { return }
        if let type = typeName(inside) { return hints.take(type) }
        let keys = inside.keys
        let isFormat =
            inside.first.map {
                [
                    "format", "in", "as", "eg", "e", "like", "such", "max", "min", "up", "iso", "optional", "required", "if", "when",
                    "integer", "including", "incl", "not", "the", "or", "without", "with", "per", "from", "one", "at", "for", "only", "a",
                    "i",
                ].contains($0.key)
            } == true
            || keys.contains { $0 == "yyyy" || $0 == "dd" || $0 == "mm" || Lexicon.units.contains($0) || Lexicon.currencies[$0] != nil }
            || inside.contains { $0.kind == .number || $0.isMark("%", "#") }
        if isFormat {
            hints.describe(inside)
            if keys.contains("yyyy") || keys.contains("iso") && hints.type == nil && vocabulary.type(of: name.words) == nil {
                hints.type = .date
            }
            if keys.contains(where: { Lexicon.currencies[$0] != nil }) { hints.type = .money }
            if inside.count <= 3, let unit = keys.last(where: { Lexicon.units.contains($0) || $0 == "%" }), hints.type == nil,
                vocabulary.type(of: name.words) == nil
            {
                hints.type = Lexicon.durationUnits.contains(unit) ? .duration : Lexicon.units.contains(unit) || unit == "%" ? .number : nil
            }
            if let first = keys.first, first == "as" || first == "in", let type = typeName(inside.dropFirst()) { hints.take(type) }
            return
        }
        let pieces = inside.pieces { inside[$0].isMark("/", "|") }
        if pieces.count > 1, !inside.contains(where: { $0.isMark(",") }) {
            hints.choices = pieces.map(FieldPhrase.text)
            return hints.describe(inside)
        }
        let parts = list(inside, plural: true)
        let nameWords = name.words
        let isPlural = nameWords.last.map { vocabulary.isPlural($0) } ?? false
        if parts.count > 1 || (parts.count == 1 && isPlural && !vocabulary.isListNoun(nameWords)) {
            hints.parts = parts
            if isPlural || nameWords.contains(where: { ["list", "items", "table"].contains($0) }) { hints.isList = true }
        } else {
            hints.describe(inside)
        }
    }

    /// "as a list", "in minutes", "in ISO format", "if available".
    private func form(_ rest: inout Phrase, hints: inout Hints) {
        if let cut = rest.indices.dropFirst().first(where: { i in
            ["if", "when", "where", "wherever"].contains(rest[i].key) && !rest[i].isPart && i + 1 < rest.endIndex
                && [
                    "available", "any", "present", "given", "possible", "applicable", "there", "it", "known", "listed", "shown", "provided",
                    "stated", "exists", "available.",
                ].contains(rest[i + 1].key)
        }), !(rest.first.map { ["whether", "if"].contains($0.key) } ?? false) {
            rest = rest[..<cut]
        }
        if let cut = rest.indices.dropFirst().first(where: { i in
            !rest[i].isPart && (vocabulary.own.roles[rest[i].key] == .form || ["formatted", "eg", "e.g"].contains(rest[i].key))
        }), rest[cut].key != "en" || vocabulary.own.naming != "nom" {
            let tail = rest[(cut + 1)...]
            if let type = typeName(tail) { hints.take(type) } else { hints.describe(tail) }
            rest = rest[..<cut]
        }
        // "remote yes/no"
        for length in [3, 2] where rest.count > length && hints.type == nil {
            let tail = rest.suffix(length)
            let isUnion = tail.contains { $0.isMark("/") || $0.key == "or" }
            if isUnion, let type = typeName(tail.filter { !$0.isMark("/") }[...]), type.type == .boolean {
                hints.take(type)
                rest = rest.dropLast(length)
            }
        }
        // "cooking time in minutes", "price in EUR": the unit describes, and tells the type where the name doesn't.
        if let cut = rest.indices.dropFirst().last(where: { ["in", "en", "w"].contains(rest[$0].key) && !rest[$0].isPart }),
            let unit = rest[(cut + 1)...].first(where: { $0.kind != .number })
        {
            let tail = rest[(cut + 1)...]
            let isFormat = ["iso", "format", "yyyy", "full", "local", "original", "plain", "lowercase", "uppercase"].contains(unit.key)
            if Lexicon.units.contains(unit.key) || Lexicon.currencies[unit.key] != nil || isFormat || unit.isMark("%")
                || Lexicon.durationUnits.contains(unit.key)
            {
                let name = rest[..<cut]
                if hints.type == nil, Lexicon.currencies[unit.key] != nil { hints.type = .money }
                if hints.type == nil, vocabulary.type(of: name.words) == nil, !isFormat {
                    hints.type = Lexicon.durationUnits.contains(unit.key) ? .duration : .number
                }
                hints.describe(tail)
                rest = name
            }
        }
    }

    /// "players with name and number": a part with fields of its own.
    private func nested(_ rest: inout Phrase, hints: inout Hints) {
        guard let cut = rest.indices.dropFirst().first(where: { vocabulary.role(rest[$0]) == .with }), cut + 1 < rest.endIndex else {
            return
        }
        let tail = rest[(cut + 1)...]
        if tail.contains(where: { $0.kind == .number }) { return }
        let parts = list(tail, plural: true)
        guard !parts.isEmpty else { return }
        let head = rest[..<cut].words.last
        hints.parts = parts
        hints.isList = head.map { vocabulary.isPlural($0) } ?? false
        rest = rest[..<cut]
    }

    func list(_ tokens: Phrase, plural: Bool) -> [Field] {
        var inner = self
        (inner.isDistributed, inner.isLine, inner.entity, inner.isSelf) = (false, false, [], false)
        var out: [Field] = []
        for piece in FieldList.pieces(tokens, vocabulary: vocabulary) {
            if let item = inner.read(piece), !out.contains(where: { $0.name == item.field.name }) { out.append(item.field) }
        }
        return out
    }

    private func stripped(_ tokens: Phrase) -> Phrase {
        var tokens = tokens
        while tokens.count > 1, let last = tokens.last, ["only", "each"].contains(last.key) || vocabulary.role(last) == .and {
            tokens = tokens.dropLast()
        }
        var rest = tokens.trimmed {
            $0.kind == .line || $0.kind == .address || $0.isMark(",", ";", ".", "-", "*", "?", "!", "'s", "|", "/", "…")
        }
        while let first = rest.first, rest.count > 1, !first.isPart, !rest[rest.startIndex + 1].isPart {
            let next = rest[rest.startIndex + 1]
            let role = vocabulary.role(first)
            let isDropped =
                role == .article || role == .and || role == .this
                || [
                    "its", "their", "his", "her", "any", "both", "then", "finally", "also", "just", "please", "bitte", "possibly", "maybe",
                    "well", "e.g", "like",
                ].contains(first.key)
                || (role == .filler
                    && [
                        "give", "get", "extract", "show", "include", "tell", "need", "want", "add", "me", "us", "i", "return", "also",
                        "capture", "im", "you", "can", "would", "like", "with",
                    ].contains(first.key))
                || (role == .with
                    && ["with", "including", "plus", "incl", "include", "avec", "mit", "con", "com", "met"].contains(first.key))
                || (role == .all || role == .each) && next.kind == .word
            guard isDropped else { break }
            rest = rest.dropFirst()
        }
        return rest.trimmed { $0.isMark(",", ";", ".", ":", "-", "*") }
    }

    // MARK: The name

    struct Reading {
        var words: [String]
        var type: FieldType?
        var isList = false
        var qualifier: [String] = []
        var wasRule = false
        /// As the person wrote it, for the description.
        var written: Phrase
    }

    private func name(of rest: Phrase, hints: inout Hints) -> Reading {
        var reading = Reading(words: [], written: rest)
        let keys = rest.keys
        guard let first = keys.first else { return reading }

        if vocabulary.isEnglish {
            if first == "whether" || (first == "if" && keys.count > 1) { return boolean(rest.dropFirst()) }
            if ["is", "are", "does", "do", "has", "was", "can"].contains(first), keys.count > 2 { return boolean(rest) }
            if first == "how" || first == "when" || first == "where" || first == "who" || first == "what" || first == "why"
                || first == "which",
                !rest.dropFirst().isEmpty || ["when", "where", "who"].contains(first), let answer = asked(rest)
            {
                return answer
            }
        }

        var words = rest.filter { $0.kind == .word || $0.kind == .number || $0.isMark("'s", "#", "%") }[...]
        // "date it was posted", "time it takes", "page where it stands": the clause describes, and "posted" names.
        if vocabulary.isEnglish,
            let cut = words.indices.dropFirst().first(where: { i in
                !words[i].isPart
                    && ["it", "they", "that", "which", "who", "he", "she", "you", "theyre", "youre", "hes", "im"].contains(words[i].key)
            })
        {
            let clause = words[cut...].map(\.key)
            let participle = clause.last { $0.hasSuffix("ed") || ["built", "born", "written", "won", "made"].contains($0) }
            hints.describe(rest)
            words = words[..<cut]
            while words.count > 1, let last = words.last,
                ["below", "above", "under", "of", "from", "on", "in", "with", "for", "at", "beside", "near"].contains(last.key)
            { words = words.dropLast() }
            if words.count == 1, let participle, ["date", "time", "year", "day"].contains(words[words.startIndex].key) {
                reading.words = [words[words.startIndex].key, participle]
                if words[words.startIndex].key != "year" { reading.type = .date }
                return reading
            }
        }
        // "shoe sizes available": where there is no question of yes and no.
        if vocabulary.isEnglish, words.count > 1, let last = words.last,
            ["available", "listed", "shown", "offered", "mentioned"].contains(last.key),
            vocabulary.isPlural(words[words.endIndex - 2].key)
        {
            words = words.dropLast()
        }
        // "list of features": a list, named by what it lists.
        if vocabulary.isEnglish, words.count > 2, ["list", "array", "lists"].contains(words[words.startIndex].key),
            words[words.startIndex + 1].key == "of"
        {
            reading.isList = true
            words = words.dropFirst(2).drop { vocabulary.role($0) == .article || vocabulary.role($0) == .all }
        }
        // The owner: "the author's name", "name of the author".
        if let cut = words.firstIndex(where: { $0.isMark("'s") }) {
            let owner = words[..<cut].filter { vocabulary.role($0) != .article && vocabulary.role($0) != .this }.map(\.key)
            let owned = words[(cut + 1)...].filter { vocabulary.role($0) != .article }.map(\.key)
            reading.qualifier = owner
            reading.words = isEntity(owner) || owned.isEmpty ? owned : owner + owned
            return reading
        }
        if vocabulary.isEnglish {
            let links = ["link", "links", "url", "urls", "href"]
            if let head = words.first?.key, words.count > 2, links.contains(head),
                ["to", "of", "for", "from"].contains(words[words.startIndex + 1].key)
            {
                reading.qualifier = owner(words.dropFirst(2))
                let target = reading.qualifier.last.map(vocabulary.singular) ?? ""
                if vocabulary.type(ofPhrase: [target]) == .image { reading.words = [target, head] } else { reading.words = [head] }
                return reading
            }
            if let cut = words.indices.dropFirst().first(where: {
                ["of", "for", "from", "on", "to"].contains(words[$0].key) && !words[$0].isPart
            }), cut + 1 < words.endIndex {
                let head = words[..<cut].map(\.key)
                let tail = words[(cut + 1)...]
                let hasArticle = tail.first.map { [.article, .this, .each, .all].contains(vocabulary.role($0)) } ?? false
                let owner = owner(tail)
                reading.qualifier = owner
                if isEntity(owner), hasArticle || words[cut].key != "of" {
                    reading.words = head
                    return reading
                }
                if hasArticle, words[cut].key == "of" {
                    reading.words =
                        head.last == "number" || head.last == "list" ? head + ["of"] + owner : owner.map(vocabulary.singular) + head
                    return reading
                }
                if hasArticle {
                    reading.words = head
                    return reading
                }
            }
        }
        reading.words = words.filter { $0.kind != .mark || $0.isMark("#", "%") }.map { token in
            switch token.key {
            case "#": "number"
            case "%": "percent"
            default: vocabulary.own.usesUmlauts ? spelled(token) : token.key
            }
        }
        if vocabulary.isEnglish, reading.words.count > 1 { reading.words.removeAll { ["the", "a", "an", "its", "their"].contains($0) } }
        return reading
    }

    /// The key, unless the language writes umlauts as two letters in names.
    private func spelled(_ token: Token) -> String {
        return Folding.fold(token.text, umlauts: true)
    }

    private func owner(_ tokens: Phrase) -> [String] {
        tokens.filter { token in
            token.kind == .word && ![.article, .this, .each, .all].contains(vocabulary.role(token))
                && !["main", "full", "actual", "whole"].contains(token.key)
        }.map(\.key)
    }

    private func isEntity(_ words: [String]) -> Bool {
        guard let last = words.last else { return true }
        let head = vocabulary.singular(last)
        return entity.contains(head) || entity.contains(last) || Lexicon.generic.contains(last) || Lexicon.placeNouns.contains(head)
    }

    /// "whether it is in stock", "is it in stock", "has parking".
    private func boolean(_ tokens: Phrase) -> Reading {
        var words = tokens.filter { $0.kind == .word || $0.kind == .number }[...]
        let dropped: Set<String> = [
            "it", "they", "is", "are", "it's", "its", "was", "be", "the", "there", "a", "an", "this", "that", "does", "do", "can", "or",
            "not", "currently", "i", "you", "any", "these", "he", "she", "or", "will", "s", "still", "were", "already", "also", "get",
        ]
        if let cut = words.firstIndex(where: { $0.key == "or" }) { words = words[..<cut] }
        var names = words.map(\.key)
        // "is the product in stock": the subject is the record itself.
        // "breakfast is included": the subject is what is asked about.
        if let verb = names.firstIndex(where: { ["is", "are", "does", "has", "can"].contains($0) }), verb > 0 {
            let subject = names[..<verb].filter { !dropped.contains($0) }
            let isRecord =
                subject.isEmpty || isEntity(subject) || subject.last.map { Lexicon.entities[vocabulary.singular($0)] != nil } == true
            names = isRecord ? Array(names[verb...]) : subject + names[(verb + 1)...]
        }
        if ["does", "do"].contains(names.first ?? ""), let have = names.firstIndex(of: "have") { names.remove(at: have) }
        if let subject = names.firstIndex(where: { Lexicon.entities[vocabulary.singular($0)] != nil || entity.contains($0) }),
            names[..<subject].allSatisfy({ dropped.contains($0) }), subject + 1 < names.count
        {
            names.removeFirst(subject + 1)
        }
        var reading = Reading(words: names.filter { !dropped.contains($0) }, type: .boolean, written: tokens)
        reading.wasRule = true
        return reading
    }

    /// "how many goals they scored", "when it starts", "who wrote it": what the question word asks for.
    func asked(_ tokens: Phrase) -> Reading? {
        let keys = tokens.keys.filter { $0 != "?" && $0 != "'s" }
        var reading = Reading(words: [], written: tokens)
        reading.wasRule = true
        func has(_ stems: String...) -> Bool { keys.contains { key in stems.contains { key.hasPrefix($0) } } }
        let verbs: Set<String> = [
            "do", "does", "did", "it", "they", "is", "are", "has", "have", "the", "this", "there", "was", "were", "can", "you", "he", "she",
            "in", "on", "to", "for", "at", "will", "get", "got", "a", "an", "that", "these", "each", "of",
        ]
        switch keys.first {
        case "how":
            switch keys.count > 1 ? keys[1] : "" {
            case "much" where keys.count > 2 && !verbs.contains(keys[2]):
                reading.words = keys.dropFirst(2).prefix { !verbs.contains($0) }
            case "many":
                let noun = keys.dropFirst(2).prefix { !verbs.contains($0) }
                guard !noun.isEmpty else { return nil }
                reading.words = ["number", "of"] + noun
                reading.type = .number
            case "much":
                reading.words = has("earn", "salary") ? ["salary"] : ["price"]
                if let noun = keys.dropFirst(2).last(where: {
                    vocabulary.type(ofPhrase: [vocabulary.singular($0)]) == .money
                        && !["cost", "costs", "pay", "ticket", "tickets"].contains($0)
                }) {
                    let at = keys.lastIndex(of: noun) ?? 0
                    let before = keys[..<at].reversed().prefix { !verbs.contains($0) && !["how", "much"].contains($0) }.reversed()
                    reading.words = before + [vocabulary.singular(noun)]
                }
                reading.type = .money
            case "long":
                reading.words = ["duration"]
                reading.type = .duration
            case "old":
                reading.words = ["age"]
                reading.type = .number
            case "tall", "high": reading.words = ["height"]
            case "heavy": reading.words = ["weight"]
            case "big", "large": reading.words = ["size"]
            case "far": reading.words = ["distance"]
            case "fast": reading.words = ["speed"]
            case "often": reading.words = ["frequency"]
            case "well", "good": (reading.words, reading.type) = (["rating"], .number)
            case "to": reading.words = ["instructions"]
            default: return nil
            }
        case "when":
            reading.type = .date
            reading.words =
                has("publish", "written", "wrote")
                ? ["publication", "date"]
                : has("post")
                    ? ["date", "posted"]
                    : has("start", "begin")
                        ? ["start", "date"]
                        : has("end", "finish") && !has("weekend")
                            ? ["end", "date"]
                            : has("releas", "come", "came")
                                ? ["release", "date"]
                                : has("born")
                                    ? ["date", "of", "birth"]
                                    : has("found", "establish")
                                        ? ["founded"]
                                        : has("updat")
                                            ? ["last", "updated"]
                                            : has("expir", "due", "close", "deadline", "apply")
                                                ? ["deadline"]
                                                : has("built", "construct")
                                                    ? ["year", "built"]
                                                    : has("open")
                                                        ? ["opening", "hours"] : has("die", "death") ? ["date", "of", "death"] : ["date"]
            if reading.words == ["opening", "hours"] { reading.type = .text }
            if reading.words == ["year", "built"] { reading.type = .number }
        case "where":
            reading.words = has("born") ? ["place", "of", "birth"] : ["location"]
        case "who":
            let rules: [(stems: [String], name: String)] = [
                (["wrote", "write", "written", "author"], "author"), (["direct"], "director"), (["found"], "founder"),
                (["sell", "sold"], "seller"), (["publish"], "publisher"), (["make", "made", "manufactur"], "manufacturer"),
                (["organi"], "organizer"), (["own"], "owner"), (["speak", "talk", "present"], "speaker"),
                (["teach", "taught"], "instructor"),
                (["post"], "author"), (["star", "act", "play"], "cast"), (["invent"], "inventor"), (["host"], "host"),
                (["win", "won"], "winner"),
                (["design"], "designer"), (["produc"], "producer"), (["perform"], "performer"), (["edit"], "editor"),
                (["creat"], "creator"),
                (["hir"], "company"), (["lead", "run"], "leader"), (["paint"], "artist"), (["develop"], "developer"),
            ]
            let nouns = keys.dropFirst().prefix { !("of" == $0 && keys.count > 3) }.filter { !verbs.contains($0) }
            if let noun = nouns.first, keys.dropFirst().first.map({ ["is", "are", "was", "were"].contains($0) }) == true,
                Vocabulary.textNouns.contains(noun) || noun.hasSuffix("er") || noun.hasSuffix("or")
            {
                reading.words = Array(nouns.prefix { !["of", "for", "in", "at"].contains($0) })
                return reading
            }
            if let rule = rules.first(where: { rule in nouns.contains { noun in rule.stems.contains { noun.hasPrefix($0) } } }) {
                reading.words = [rule.name]
            } else if let noun = nouns.first {
                reading.words = [noun]
            } else {
                return nil
            }
        case "what" where keys.count > 2 && keys[1] == "time":
            if has("open", "close") {
                reading.words = ["opening", "hours"]
            } else {
                reading.words = has("end", "finish") ? ["end", "time"] : ["start", "time"]
            }
        case "what", "which":
            // "what it costs", "what they charge", "what the job pays".
            if has("cost", "charge", "pays") && !has("is", "are") {
                (reading.words, reading.type) = (["price"], .money)
                return reading
            }
            let verbNouns: [(String, String, FieldType?)] = [
                ("weigh", "weight", nil), ("measure", "dimensions", nil), ("contain", "ingredients", .list), ("mean", "meaning", nil),
            ]
            if keys.first == "what", ["does", "do", "did"].contains(keys.dropFirst().first ?? ""),
                let rule = verbNouns.first(where: { has($0.0) })
            {
                (reading.words, reading.type) = ([rule.1], rule.2)
                return reading
            }
            let rest = tokens.dropFirst().drop {
                ["is", "are", "was", "kind", "type", "of"].contains($0.key) || vocabulary.role($0) == .article
            }
            guard !rest.isEmpty else { return nil }
            var hints = Hints()
            return name(of: rest, hints: &hints)
        default: return nil
        }
        return reading.words.isEmpty ? nil : reading
    }

    // MARK: The field

    private func item(_ reading: Reading, hints: Hints) -> Item? {
        var words = reading.words
        var type = hints.type ?? reading.type
        var isList = hints.isList || reading.isList
        var items = hints.items
        let headIndex = headIndex(words)
        let head = words[headIndex]
        let single = vocabulary.singular(head)
        var wasPlural = false
        let isCounted = vocabulary.isEnglish && ["number", "count", "no"].contains(words[0]) && words.count > 1 && words[1] == "of"
        if single != head, !isCounted, !reading.wasRule {
            wasPlural = true
            let isAlwaysList = vocabulary.isListNoun(words)
            let singleType = vocabulary.type(of: words[..<headIndex] + [single] + words[(headIndex + 1)...]) ?? vocabulary.type(of: words)
            if isSelf || vocabulary.own.naming == "nazwa" && !isAlwaysList {
                words[headIndex] = single
            } else if isList || !hints.parts.isEmpty {
                isList = true
            } else if type == .boolean || type == .number || type == .money {
                // "reviews (number)": the person said what it is.
            } else if isDistributed && !isAlwaysList {
                words[headIndex] = single
            } else if isAlwaysList {
                isList = true
            } else if let singleType, [.number, .date, .duration, .boolean, .money].contains(singleType) {
                // Counts keep their plural ("reviews", "bedrooms"); dates and amounts too.
                type = type ?? singleType
            } else if type == nil {
                isList = true
                items = items ?? singleType
            }
        } else if vocabulary.isListNoun(words), type == nil, hints.parts.isEmpty {
            isList = true
        }
        guard let name = FieldName.of(words) else { return nil }
        if type == nil { type = vocabulary.type(of: words) }
        if type == .list { isList = true }
        let isRecognised =
            hints.type != nil || isList || !hints.parts.isEmpty || type != nil || reading.wasRule
            || words.contains {
                Vocabulary.textNouns.contains($0) || Vocabulary.textNouns.contains(vocabulary.singular($0))
                    || Lexicon.selves.contains(vocabulary.singular($0))
            }
            || (!vocabulary.isEnglish && words.contains { vocabulary.own.marks.contains($0) || vocabulary.own.bases[$0] != nil })
        let written = FieldPhrase.text(reading.written)
        let said = written.isEmpty || FieldName.of(Lexicon.words(Folding.fold(written))) == name ? nil : written
        let description = [said, hints.description].compactMap { $0 }.joined(separator: "; ")
        var field = Field(name: name, type: type ?? .text, description: description.isEmpty ? nil : description, choices: hints.choices)
        if !hints.parts.isEmpty {
            field.type = isList ? .list : .object
            field.fields = hints.parts
        } else if isList {
            field.type = .list
            field.items = items ?? elementType(words) ?? .text
        }
        return Item(field: field, isRecognised: isRecognised, qualifier: reading.qualifier, wasPlural: wasPlural)
    }

    private func elementType(_ words: [String]) -> FieldType? {
        let single = words.dropLast() + words.suffix(1).map(vocabulary.singular)
        let type = vocabulary.type(of: Array(single))
        return type == .list ? nil : type
    }

    /// Where the head noun of a name stands: the last word, or the one before "of" and "per"; the first in head-first languages.
    private func headIndex(_ words: [String]) -> Int {
        guard vocabulary.own.isHeadLast else { return 0 }
        let cut =
            vocabulary.isEnglish
            ? words.indices.dropFirst().first {
                [
                    "of", "per", "by", "at", "in", "on", "for", "spoken", "available", "offered", "required", "scored", "accepted",
                    "allowed", "used", "included", "supported", "covered",
                ].contains(words[$0])
            } : nil
        return max(0, (cut ?? words.count) - 1)
    }
}

/// Cuts a list at commas, semicolons, "and" and line breaks.
enum FieldList {
    static func pieces(_ tokens: Phrase, vocabulary: Vocabulary) -> [Phrase] {
        let hasMarks = tokens.outer { tokens[$0].isMark(",", ";", "|") } != nil
        return tokens.pieces { index in
            let token = tokens[index]
            if token.kind == .line || token.isMark(",", ";", "|") { return true }
            if token.isMark("/"), !hasMarks {
                // "name / price / url", "beds/baths", not "yes/no".
                return !token.isGlued || tokens.filter { $0.isMark("/") }.count > 1
            }
            if token.isMark("/"), index > tokens.startIndex, index + 1 < tokens.endIndex {
                let sides = [tokens[index - 1].key, tokens[index + 1].key].map { vocabulary.singular($0) }
                return sides[0] != sides[1] && sides.allSatisfy { vocabulary.type(ofPhrase: [$0]) == .number }
            }
            guard vocabulary.role(token) == .and, index > tokens.startIndex, index + 1 < tokens.endIndex, !tokens[index + 1].isPart else {
                return false
            }
            let around = [tokens[index - 1].key, tokens[index + 1].key]
            return !unions.contains(around)
        }
    }

    private static let unions: Set<[String]> = [
        ["terms", "conditions"], ["bed", "breakfast"], ["research", "development"], ["health", "safety"], ["arts", "crafts"],
        ["date", "time"], ["q", "a"], ["food", "beverage"], ["return", "refund"],
    ]
}
