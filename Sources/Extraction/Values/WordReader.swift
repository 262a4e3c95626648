/// Reads truth values and choices from words.
enum WordReader {
    /// The truth that a whole text states ("Yes", "nicht verfügbar", "In stock (5 left)", schema.org's InStock); nil for other texts.
    static func boolean(_ text: String) -> Bool? {
        let key = key(text)
        guard !key.isEmpty, key.utf8.count <= 80 else { return nil }
        if let value = truths[key] { return value }
        // A stock phrase may go on: "in stock 5 left", "available from 3 march".
        var words = key.split(separator: " ")
        while words.count > 1 {
            words.removeLast()
            let start = words.joined(separator: " ")
            if phrases.contains(start), let value = truths[start] { return value }
        }
        return nil
    }

    /// Folded words joined by single spaces; the last part of an address; "InStock" is "in stock".
    static func key(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        if Glyph.fold(scalars.prefix(8)).hasPrefix("http"), let slash = scalars.lastIndex(where: { $0 == "/" || $0 == "#" }) {
            scalars = Array(scalars[(slash + 1)...])
        }
        var out = String.UnicodeScalarView()
        var isPending = false
        var previous: Unicode.Scalar?
        for scalar in scalars {
            guard
                Glyph.isLetter(scalar) || Glyph.digit(scalar) != nil || (0x300...0x36F).contains(scalar.value)
                    || (0x900...0xDFF).contains(scalar.value)
            else {
                if scalar != "'" && scalar != "’" { isPending = !out.isEmpty }
                previous = nil
                continue
            }
            if let previous, previous.properties.isLowercase, scalar.properties.isUppercase { isPending = true }
            previous = scalar
            guard let folded = Glyph.fold(scalar) else { continue }
            if isPending { out.append(" ") }
            isPending = false
            out.append(folded)
        }
        return String(out)
    }

    /// The one choice that a text names, without regard to case, accents, and marks between words.
    static func choice(_ text: String, among choices: [String]) -> String? {
        let tidy = Glyph.tidy(text)
        if let exact = choices.first(where: { $0 == tidy }) { return exact }
        let key = key(text)
        let compact = key.filter { $0 != " " }
        guard !compact.isEmpty else { return nil }
        if let equal = choices.first(where: { self.key($0) == key }) { return equal }
        let matches = choices.filter { self.key($0).filter { $0 != " " } == compact }
        return matches.count == 1 ? matches.first : nil
    }

    private static let phrases: Set<String> = [
        "in stock", "out of stock", "sold out", "not available", "currently unavailable", "auf lager", "en stock", "rupture de stock",
        "sofort lieferbar", "nicht verfugbar", "ausverkauft", "op voorraad", "na sklade", "skladem", "in magazzino",
        "esgotado", "agotado", "non disponible", "non disponibile", "no disponible", "yes", "no longer available", "pa lager", "i lager",
    ]

    private static let truths: [String: Bool] = {
        let yes = """
            yes|true|y|on|in stock|available|available now|in store only|online only|limited availability|instock|ja|wahr|\
            auf lager|vorratig|verfugbar|lieferbar|sofort lieferbar|sofort verfugbar|oui|vrai|en stock|disponible|si|verdadero|\
            hay stock|disponibile|in magazzino|vero|sim|verdadeiro|em estoque|em stock|disponivel|op voorraad|leverbaar|\
            beschikbaar|waar|tak|prawda|dostepny|dostepna|dostepne|w magazynie|i lager|finns i lager|sant|pa lager|kylla|\
            varastossa|saatavilla|ano|skladem|na sklade|ano skladem|да|есть|в наличии|есть в наличии|так|є в наявності|evet|\
            stokta|stokta var|var|igen|keszleten|raktaron|da|in stoc|disponibil|ναι|διαθεσιμο|はい|在庫あり|是|有|有货|有貨|예|재고 있음|ya|\
            tersedia|co|con hang|enabled|included|inclus|enthalten|inbegriffen
            """
        let no = """
            no|false|n|off|out of stock|sold out|not available|unavailable|currently unavailable|no longer available|outofstock|\
            discontinued|not in stock|temporarily out of stock|nein|falsch|nicht auf lager|nicht vorratig|nicht verfugbar|\
            nicht lieferbar|derzeit nicht verfugbar|ausverkauft|vergriffen|non|faux|rupture de stock|en rupture de stock|epuise|\
            indisponible|non disponible|falso|agotado|sin stock|no disponible|non disponibile|esaurito|nao|esgotado|indisponivel|\
            fora de estoque|nee|niet op voorraad|uitverkocht|niet beschikbaar|onwaar|nie|falsz|niedostepny|niedostepna|\
            niedostepne|brak w magazynie|wyprzedane|nej|slut i lager|slutsald|ej i lager|falskt|ikke pa lager|udsolgt|utsolgt|nei|\
            ei|loppu|ei varastossa|loppuunmyyty|ne|vyprodano|neni skladem|нет|нет в наличии|распродано|ні|немає в наявності|hayir|\
            tukendi|stokta yok|yok|nem|nincs keszleten|elfogyott|nu|stoc epuizat|indisponibil|οχι|μη διαθεσιμο|いいえ|在庫なし|否|无|無|无货|\
            缺货|缺貨|아니요|품절|tidak|habis|khong|het hang|disabled|not included|nicht enthalten
            """
        var truths: [String: Bool] = [:]
        for word in yes.split(separator: "|") { truths[key(String(word))] = true }
        for word in no.split(separator: "|") { truths[key(String(word))] = false }
        return truths
    }()
}
