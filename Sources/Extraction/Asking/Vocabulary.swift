/// The words of one prompt's language, with English beside it: what a word does, which type a name has, what its singular is.
struct Vocabulary: Sendable {
    let own: Lexicon
    let isEnglish: Bool
    private var english: Lexicon { Lexicon.english }

    /// The language that most words speak for; English unless another one has clearly more.
    static func of(_ tokens: [Token]) -> Vocabulary {
        var counts: [String: Int] = [:]
        for token in tokens where token.kind == .word { counts[token.key, default: 0] += 1 }
        func votes(_ lexicon: Lexicon) -> Int { lexicon.marks.reduce(0) { $0 + (counts[$1] ?? 0) } }
        var best = Lexicon.english
        var most = votes(best)
        var isEnglish = true
        for lexicon in Lexicon.others {
            let count = votes(lexicon)
            if count > most { (best, most, isEnglish) = (lexicon, count, false) }
        }
        return Vocabulary(own: best, isEnglish: isEnglish)
    }

    func role(_ token: Token) -> Role? {
        if token.isPart { return nil }
        if token.kind == .mark { return token.key == "&" || token.key == "+" ? .and : nil }
        guard token.kind == .word else { return nil }
        if let role = own.roles[token.key] { return role }
        guard !isEnglish, let role = english.roles[token.key], own.types[token.key] == nil else { return nil }
        return role == .filler ? role : nil
    }

    func type(ofPhrase words: [String]) -> FieldType? {
        let phrase = words.joined(separator: " ")
        return own.types[phrase] ?? (isEnglish ? nil : english.types[phrase].flatMap { Vocabulary.shared.contains($0) ? $0 : nil })
    }

    /// Types whose English nouns are used in other languages too.
    private static let shared: Set<FieldType> = [.url, .email, .image]

    // MARK: Number

    /// The form that names a field for one record: "prices" → "price". The same word where it is no plural.
    func singular(_ word: String) -> String {
        if let base = own.bases[word] { return base }
        if own.naming == "nazwa", word.hasSuffix("em"), word.utf8.count > 5, own.types[word] == nil { return String(word.dropLast(2)) }
        guard isEnglish else { return word }
        if let irregular = Vocabulary.irregular[word] { return irregular }
        guard word.count > 2, word.hasSuffix("s"), !word.hasSuffix("ss"), !Lexicon.steady.contains(word) else { return word }
        if word.hasSuffix("ies"), word.count > 4 {
            return word == "movies" || word == "cookies" || word == "calories" || word == "hoodies" || word == "series"
                ? String(word.dropLast()) : word.dropLast(3) + "y"
        }
        for ending in ["sses", "shes", "ches", "xes", "zzes"] where word.hasSuffix(ending) { return String(word.dropLast(2)) }
        if word.hasSuffix("uses"), word != "houses", word != "causes", word != "clauses" { return String(word.dropLast(2)) }
        if word == "heroes" || word == "potatoes" || word == "tomatoes" { return String(word.dropLast(2)) }
        return String(word.dropLast())
    }

    static let irregular: [String: String] = [
        "people": "person", "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "mice": "mouse",
        "criteria": "criterion", "phenomena": "phenomenon", "indices": "index", "vertices": "vertex", "analyses": "analysis",
        "theses": "thesis", "alumni": "alumnus", "wives": "wife", "lives": "life", "knives": "knife", "shelves": "shelf",
        "leaves": "leaf", "wolves": "wolf", "synopses": "synopsis", "bases": "base", "addresses": "address", "businesses": "business",
        "gases": "gas", "buses": "bus", "statuses": "status", "diagnoses": "diagnosis", "phds": "phd", "geese": "goose",
        "salespeople": "salesperson", "spokespeople": "spokesperson", "staff": "staff", "courses": "course", "faculty": "faculty",
        "shoes": "shoe", "axes": "axis", "lenses": "lens", "sizes": "size", "prizes": "prize", "licenses": "license",
        "platforms": "platform", "trials": "trial",
    ]

    func isPlural(_ word: String) -> Bool {
        if singular(word) != word { return true }
        if isEnglish { return false }
        // Without a dictionary of the language: endings that plurals of nouns take far more often than singulars.
        switch own.naming {
        case "nom", "nombre": return word.hasSuffix("s") || word.hasSuffix("x")
        case "nome": return word.hasSuffix("i") || word.hasSuffix("s") || word.hasSuffix("oes") || word.hasSuffix("eis")
        case "naam": return word.hasSuffix("en") || word.hasSuffix("s")
        case "name": return word.hasSuffix("en") || word.hasSuffix("e") || word.hasSuffix("s") || word.hasSuffix("er")
        case "nazwa": return word.hasSuffix("y") || word.hasSuffix("i")
        default: return word.hasSuffix("er") || word.hasSuffix("or") || word.hasSuffix("ar")
        }
    }

    // MARK: Types

    /// The type that the name of a field speaks for: the whole phrase, then its longest known end (or beginning, where the
    /// language puts the head first), then a compound's ending.
    func type(of words: [String]) -> FieldType? {
        guard !words.isEmpty else { return nil }
        if let type = lookup(words) { return type }
        var core = words
        if isEnglish {
            // "price per night": the head stands before "per"; "date of birth", "number of reviews": before "of".
            if let cut = core.firstIndex(where: { ["per", "of", "by", "in", "at", "for", "on", "from", "to", "since"].contains($0) }),
                cut > 0
            {
                if core[cut] == "by" { return nil }
                core = Array(core[..<cut])
                if let type = lookup(core) { return type }
            }
            // "year built", "price paid": the participle only describes.
            if core.count > 1, let last = core.last, Vocabulary.participles.contains(last) || last.hasSuffix("ed") && last.utf8.count > 4,
                let type = lookup(Array(core.dropLast())), type != .list, type != .boolean
            {
                return type
            }
            if core.first.map(Vocabulary.askers.contains) == true, core.count > 1 { return .boolean }
            if core.count > 1, let last = core.last, Vocabulary.booleanEnds.contains(last) {
                return lookup(Array(core.dropLast())) ?? .boolean
            }
        }
        if own.isHeadLast {
            for start in core.indices.dropFirst() {
                let end = Array(core[start...])
                if end == ["number"] || end == ["total"] { return Vocabulary.countedNumbers.contains(core[start - 1]) ? .number : nil }
                if end.count == 1, Vocabulary.textAsHead.contains(end[0]) { continue }
                if end == ["length"], !Vocabulary.timed.contains(core[start - 1]) { continue }
                if let type = lookup(end) { return type == .boolean ? nil : type }
            }
        } else {
            for end in core.indices.dropFirst().reversed() {
                if let type = lookup(Array(core[..<end])) { return type == .list || type == .boolean ? nil : type }
            }
        }
        if let last = core.last {
            for (ending, type) in own.endings where last.hasSuffix(ending) && last.utf8.count > ending.utf8.count { return type }
        }
        return nil
    }

    private func lookup(_ words: [String]) -> FieldType? {
        if let type = type(ofPhrase: words) { return type }
        guard let last = words.last else { return nil }
        let singular = singular(last)
        if singular != last, let type = type(ofPhrase: words.dropLast() + [singular]) { return type == .list ? nil : type }
        if !own.isHeadLast, words.count > 1, let first = words.first {
            return type(ofPhrase: [self.singular(first)] + words.dropFirst())
        }
        return nil
    }

    private static let askers = Lexicon.set("is are has have does can was were accepts allows includes offers supports")
    private static let participles = Lexicon.set("built sold born won paid taken made written left")
    private static let booleanEnds = Lexicon.set("allowed included available accepted friendly accessible eligible certified verified")
    private static let countedNumbers = Lexicon.set(
        "total episode page jersey chapter season shirt squad issue volume review vote floor track lap round week grand")
    /// Words that have a type alone but make a text of a compound ("video game release" stays text, "house rules page").
    private static let textAsHead = Lexicon.set(
        "day open active available stars like point gross cover cell mail profile closing note list unit stock mobile bid share room seat page hours minutes games matches days weeks months years start end begin member bed"
    )
    private static let timed = Lexicon.set(
        "video track song film movie audio episode clip course trip tour ride contract stay reading lease")

    /// Types of nouns that always are lists when they stand in the plural.
    func isListNoun(_ words: [String]) -> Bool {
        if type(ofPhrase: words) == .list { return true }
        guard own.isHeadLast, let last = words.last else { return words.first.map { type(ofPhrase: [$0]) == .list } ?? false }
        return type(ofPhrase: [last]) == .list
    }

    // MARK: Slips

    /// Nouns that name text fields: known words, though they say nothing about a type.
    static let textNouns = Lexicon.set(
        """
        title name headline author body summary description city team company location brand model category genre status state country
        department seller publisher language venue director producer artist album abstract excerpt subtitle content text bio biography
        position role industry sector symbol code sku isbn availability color colour size material weight height width dimensions condition
        currency type format version license section topic subject question quote speaker affiliation organization organisation employer
        manufacturer make engine transmission fuel host organizer sponsor owner founder ceo headquarters level note notes comment message
        username handle nationality party district region province zip zipcode postcode street neighborhood floor station platform gate
        airline destination origin opponent result venue competition league stadium referee coach cuisine hours schedule agenda biography
        time season course instructor teacher professor school university degree major editor translator illustrator edition series
        ingredient step instruction method tip nutrition warranty variant stock delivery policy requirement experience education skill
        benefit contract tenure ticker exchange sign species habitat diet lifespan meaning definition example pronunciation synonym plot
        cast character actor award verdict reason judge court plaintiff defendant docket citation opinion statute weather forecast
        symptom treatment dosage gender sex religion occupation spouse education award height capital area borough timezone
        caption alt label trial heading paragraph sentence word tagline slogan mission specification spec feature tag keyword dek
        procedure inventor assignee applicant reference id identifier number intro lead lede subheading reviewer contact
        """)

    private static let targets: [String] = {
        var out = textNouns
        for (phrase, _) in Lexicon.english.types where !phrase.contains(" ") { out.insert(phrase) }
        for (word, _) in Lexicon.entities where !word.contains("-") { out.insert(word) }
        for word in ["please", "extract", "every", "product", "including", "number", "under", "between", "information"] { out.insert(word) }
        return out.filter { $0.utf8.count >= 5 }.sorted()
    }()

    private static let targetsByInitial: [UInt8: [(word: String, letters: [UInt8])]] = {
        var out: [UInt8: [(String, [UInt8])]] = [:]
        for word in targets {
            let letters = Array(word.utf8)
            out[letters[0], default: []].append((word, letters))
        }
        return out
    }()

    func isKnown(_ word: String) -> Bool {
        let single = singular(word)
        return Vocabulary.textNouns.contains(word) || Vocabulary.textNouns.contains(single) || own.types[word] != nil
            || own.types[single] != nil || english.types[word] != nil || english.roles[word] != nil || own.roles[word] != nil
            || Lexicon.entities[word] != nil || Lexicon.entities[single] != nil || Lexicon.generic.contains(word)
            || Lexicon.conditionStarts.contains(word) || Lexicon.otherWork.contains(word) || Lexicon.units.contains(word)
            || Lexicon.lookalikes.contains(word) || Lexicon.typeNames[word] != nil || Lexicon.steady.contains(word)
            || Lexicon.selves.contains(single)
    }

    /// Mends common slips and words of five letters and more that are one edit away from a single known word.
    func mended(_ tokens: [Token]) -> [Token] {
        guard isEnglish else {
            // "auto's": a plural, where the language has no English possessive.
            var out: [Token] = []
            for token in tokens {
                if token.isMark("'s"), let last = out.indices.last, out[last].kind == .word {
                    out[last].key += "s"
                    out[last].range = out[last].range.lowerBound..<token.range.upperBound
                } else {
                    var token = token
                    // "donne-moi": two words.
                    if token.isPart, own.roles[token.key] == .filler || own.roles[token.key] == .article { token.isPart = false }
                    out.append(token)
                }
            }
            return out
        }
        var out = tokens
        for index in out.indices where out[index].kind == .word {
            let word = out[index].key
            if let right = Lexicon.slips[word] {
                out[index].key = right
                continue
            }
            guard word.utf8.count >= 5, word.utf8.allSatisfy({ $0 < 0x80 }), !isKnown(word),
                // A capital in mid-sentence is a name, not a slip.
                index == 0 || out[index].text.unicodeScalars.first.map(Folding.isUpper) != true
            else { continue }
            if let right = Vocabulary.nearest(word) {
                out[index].key = right
            } else if word.hasSuffix("s"), let right = Vocabulary.nearest(String(word.dropLast())) {
                out[index].key = right + "s"
            }
        }
        return out
    }

    private static func nearest(_ word: String) -> String? {
        let letters = Array(word.utf8)
        guard letters.count >= 5, let candidates = targetsByInitial[letters[0]] else { return nil }
        var found: String?
        for (target, other) in candidates where abs(other.count - letters.count) <= 1 && isOneEdit(letters, other) {
            // Word forms ("printer", "prints") are no slips.
            if target.hasPrefix(word) || word.hasPrefix(target) { return nil }
            if found != nil { return nil }
            found = target
        }
        return found
    }

    /// One letter changed between others, added or lost inside, or two neighbours swapped.
    private static func isOneEdit(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        var start = 0
        while start < a.count, start < b.count, a[start] == b[start] { start += 1 }
        var end = 0
        while end < a.count - start, end < b.count - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
        let (left, right) = (a.count - start - end, b.count - start - end)
        if left == 2, right == 2 { return a[start] == b[start + 1] && a[start + 1] == b[start] }
        if left == 1, right == 1 { return a.count >= 7 }
        return left + right == 1
    }
}

/// Names of fields: `[a-z][a-z0-9_]*`.
enum FieldName {
    /// Snake case of the words; nil where no letter or digit is left.
    static func of(_ words: [String]) -> String? {
        var out = ""
        for scalar in words.joined(separator: "_").unicodeScalars {
            let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if isPlain { out.unicodeScalars.append(scalar) } else if out.last != "_", !out.isEmpty { out += "_" }
        }
        while out.last == "_" { out.removeLast() }
        guard let first = out.unicodeScalars.first else { return nil }
        return ("a"..."z").contains(first) ? out : "n" + out
    }
}
