/// What says nothing of the data: manners, where it stands, how it shall be written.
extension PromptGrammar {
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
    func listOf(_ tokens: Phrase) -> Int? {
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

    static let manners: [[String]] = [
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
