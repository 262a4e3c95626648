/// Finds sums of money in text: a number and, beside it, a currency.
struct MoneyReader {
    struct Found: Equatable {
        /// From the currency or the number to the other, whichever way round they stand.
        var range: Range<Int>
        var amount: DecimalText
        var code: String?
        /// What an open spelling ("$", "kr") can mean; empty where none stands there.
        var candidates: [String]
        var hasCurrency: Bool
        /// The style decided between decimals and thousands.
        var isAmbiguous: Bool
    }

    let scalars: [Unicode.Scalar]
    var style = NumberReader.Style.open
    /// Nothing but this text is looked at: short currency words count, and a number may stand without a currency.
    var isWhole = false

    /// Every sum that has a currency, in order; a range of prices ("26 to 50 €") counts as its first.
    func all() -> [Found] {
        let tokens = numbers()
        var out: [Found] = []
        var free = 0
        var index = 0
        while index < tokens.count {
            defer { index += 1 }
            guard let found = sum(tokens, at: index, from: free) else { continue }
            free = found.range.upperBound
            var result = found
            // "26 - 50 €": the currency belongs to both, and the first is meant.
            if index > 0, found.range.lowerBound == tokens[index].range.lowerBound,
                tokens[index - 1].range.lowerBound >= out.last?.range.upperBound ?? 0, !isPart(tokens[index - 1]),
                joinsRange(tokens[index - 1].range.upperBound..<found.range.lowerBound)
            {
                result.amount = tokens[index - 1].amount
                result.isAmbiguous = tokens[index - 1].isAmbiguous
                result.range = tokens[index - 1].range.lowerBound..<found.range.upperBound
            }
            out.append(result)
        }
        return out
    }

    /// The sum that a whole text states: the first with a currency, else a number that is about all that stands there.
    func whole() -> Found? {
        if let found = all().first { return found }
        guard isWhole else { return nil }
        let tokens = numbers()
        guard let token = tokens.first, !isPart(token) else { return free() }
        let letters = scalars.reduce(0) { $0 + (Glyph.isLetter($1) ? 1 : 0) }
        guard letters <= 40 else { return nil }
        // A bare year among words is no price.
        if token.isPlainInteger, letters > 0, let number = token.amount.int, (1900...2099).contains(number) { return nil }
        return Found(
            range: token.range, amount: token.amount, code: nil, candidates: [], hasCurrency: false, isAmbiguous: token.isAmbiguous)
    }

    // MARK: Numbers

    private func numbers() -> [NumberReader.Token] {
        let reader = NumberReader(scalars: scalars, style: style, loneDotGroups: style == .open)
        var out: [NumberReader.Token] = []
        var at = 0
        while let start = reader.nextStart(from: at) {
            let (token, next) = reader.token(at: start)
            at = max(next, start + 1)
            guard let token else { continue }
            // "$599 500元" is two prices, however well the digits would group.
            if token.range.contains(where: { Glyph.isSpace(scalars[$0]) }), standsBetweenCurrencies(token.range) {
                let (first, next) = NumberReader(scalars: scalars, style: .plain).token(at: start)
                at = max(next, start + 1)
                if let first { out.append(first) }
            } else {
                out.append(token)
            }
        }
        if isWhole, out.count == 2, let joined = joinedDecimals(out[0], out[1]) { return [joined] }
        return out
    }

    private func standsBetweenCurrencies(_ range: Range<Int>) -> Bool {
        var start = range.lowerBound
        while start > 0, Glyph.isSpace(scalars[start - 1]) { start -= 1 }
        var end = range.upperBound
        while end < scalars.count, Glyph.isSpace(scalars[end]) { end += 1 }
        guard let before = Currencies.spelling(in: scalars, upTo: start, withWeak: false)?.spelling,
            let after = Currencies.spelling(in: scalars, from: end, withWeak: false)?.spelling
        else { return false }
        return !agrees(before, after)
    }

    /// "36. 24", "130, 38 zł": a space crept in before the decimals, and nothing but a currency stands beside them.
    private func joinedDecimals(_ first: NumberReader.Token, _ second: NumberReader.Token) -> NumberReader.Token? {
        guard first.isPlainInteger, second.isPlainInteger, second.range.count == 2, first.range.upperBound + 2 == second.range.lowerBound,
            scalars[first.range.upperBound] == "." || scalars[first.range.upperBound] == ",",
            Glyph.isSpace(scalars[first.range.upperBound + 1]),
            scalars.reduce(0, { $0 + (Glyph.isLetter($1) ? 1 : 0) }) <= 4
        else { return nil }
        let fraction = scalars[second.range].compactMap { Glyph.digit($0).map(UInt8.init) }
        return NumberReader.Token(
            range: first.range.lowerBound..<second.range.upperBound, amount: DecimalText(whole: first.amount.whole, fraction: fraction),
            isAmbiguous: false, isPlainInteger: false)
    }

    /// Part of a date, time, percentage, size or name rather than a number of its own.
    private func isPart(_ token: NumberReader.Token) -> Bool {
        let (start, end) = (token.range.lowerBound, token.range.upperBound)
        if start > 0 {
            let before = scalars[start - 1]
            if Glyph.isLetter(before), !Glyph.isIdeograph(before) { return true }
            if start > 1, before == "/" || before == ":" || before == "#" || Glyph.isDash(before), Glyph.digit(scalars[start - 2]) != nil {
                return true
            }
        }
        var after = end
        if after + 1 < scalars.count, scalars[after] == "/" || scalars[after] == ":" || Glyph.isDash(scalars[after]),
            Glyph.digit(scalars[after + 1]) != nil
        {
            return true
        }
        while after < scalars.count, Glyph.isSpace(scalars[after]) { after += 1 }
        return after < scalars.count && (scalars[after] == "%" || scalars[after] == "٪")
    }

    private func joinsRange(_ gap: Range<Int>) -> Bool {
        let words = Glyph.fold(scalars[gap]).split(separator: " ")
        guard words.count == 1, let word = words.first else { return false }
        return word.unicodeScalars.allSatisfy(Glyph.isDash) || Self.rangeWords.contains(String(word))
    }

    private static let rangeWords: Set<String> = [
        "to", "bis", "a", "do", "til", "till", "tot", "до", "~", "〜", "～", "al", "ate", "și", "–",
    ]

    // MARK: Currency

    private func sum(_ tokens: [NumberReader.Token], at index: Int, from free: Int) -> Found? {
        let token = tokens[index]
        var start = token.range.lowerBound
        var end = token.range.upperBound
        var amount = token.amount
        guard start >= free else { return nil }

        // Before: "€ 5", "US$:12.99", "-$5", "$-5".
        var at = start
        var isNegative = false
        if at > free, Glyph.isDash(scalars[at - 1]) {
            isNegative = true
            at -= 1
        }
        let signed = at
        var spaces = 0
        while at > free, spaces < 3, Glyph.isSpace(scalars[at - 1]) || scalars[at - 1] == ":" || Glyph.isInvisible(scalars[at - 1]) {
            at -= 1
            spaces += 1
        }
        var before: Currencies.Spelling?
        if let (spelling, begin) = Currencies.spelling(in: scalars, upTo: at, withWeak: isWhole), begin >= free {
            before = spelling
            start = begin
            // "CAD $5", "$ USD 5": another spelling in front that says more.
            var outer = begin
            while outer > free, Glyph.isSpace(scalars[outer - 1]) { outer -= 1 }
            if !spelling.isCode, let (code, codeBegin) = Currencies.spelling(in: scalars, upTo: outer, withWeak: false), code.isCode,
                codeBegin >= free
            {
                before = code
                start = codeBegin
            }
        }
        if before == nil {
            // A number glued to a word ("A4", "COVID19") is part of it.
            if start > 0, Glyph.isLetter(scalars[start - 1]), !Glyph.isIdeograph(scalars[start - 1]) { return nil }
            isNegative =
                isNegative && (signed == 0 || Glyph.isSpace(scalars[signed - 1]) || scalars[signed - 1] == ":")
                && !(index > 0 && joinsRange(tokens[index - 1].range.upperBound..<token.range.lowerBound))
            if isNegative { start = signed }
        } else if !isNegative, start > free, Glyph.isDash(scalars[start - 1]), start == 1 || Glyph.isSpace(scalars[start - 2]) {
            // "-$5" at a start; "10 -$5" is a range.
            isNegative = !tokens.contains { $0.range.upperBound == start - 2 }
            if isNegative { start -= 1 }
        } else if isNegative, signed < token.range.lowerBound, spaces > 0 {
            isNegative = false
        }

        // After: decoration ("5,-"), magnitude ("1.2 million"), then the currency.
        if end < scalars.count, scalars[end] == "," || scalars[end] == "." {
            var mark = end + 1
            while mark < scalars.count, Glyph.isSpace(scalars[mark]) { mark += 1 }
            if mark < scalars.count, Glyph.isDash(scalars[mark]), mark + 1 == scalars.count || Glyph.digit(scalars[mark + 1]) == nil {
                end = mark + 1
            }
        }
        if let (places, next) = Magnitude.read(scalars, at: end, allowsLetters: before != nil || isFollowedByCurrency(scalars, end)) {
            amount = amount.shifted(by: places)
            end = next
        }
        var after: Currencies.Spelling?
        at = end
        while at < scalars.count, at - end < 3, Glyph.isSpace(scalars[at]) || Glyph.isInvisible(scalars[at]) { at += 1 }
        if let (spelling, next) = Currencies.spelling(in: scalars, from: at, withWeak: isWhole && next(at, reachesEnd: true)) {
            var digit = next
            while digit < scalars.count, Glyph.isSpace(scalars[digit]) { digit += 1 }
            let isBeforeNumber = digit < scalars.count && Glyph.digit(scalars[digit]) != nil
            // "5 $20", "€5 $6": it belongs to the number after it.
            let isTaken = isBeforeNumber && !(at == end && isCents(from: next)) && (before != nil || (at > end && digit == next))
            if !isTaken, before.map({ agrees($0, spelling) }) ?? true {
                after = spelling
                end = next
            }
        }
        // "$80.00 U.S." and "$5 CAD" say which dollar.
        let chosen: Currencies.Spelling
        switch (before, after) {
        case (let before?, nil): chosen = before
        case (nil, let after?): chosen = after
        case (let before?, let after?): chosen = before.candidates.count > 1 ? after : before
        case (nil, nil): return nil
        }
        if chosen.shift > 0 {
            // "99¢" is 0.99, and "$1.99 cents" is not.
            amount = amount.shifted(by: -chosen.shift)
        }
        if before == nil, after != nil, let (cents, next) = centsAfter(end, token: token) {
            amount = DecimalText(whole: amount.whole, fraction: cents)
            end = next
        }
        var isAmbiguous = token.isAmbiguous
        if token.isAmbiguous, let code = chosen.code, Currencies.threeDecimals.contains(code), style == .open,
            let exact = threeDecimals(token)
        {
            amount = exact
            isAmbiguous = false
        }
        amount.isNegative = isNegative
        return Found(
            range: start..<end, amount: amount, code: chosen.code, candidates: chosen.candidates, hasCurrency: true,
            isAmbiguous: isAmbiguous)
    }

    /// The second spelling says the same as the first or more exactly: "$5 CAD", "£5 GBP", "￥5元".
    private func agrees(_ first: Currencies.Spelling, _ second: Currencies.Spelling) -> Bool {
        guard let code = second.code else { return false }
        return first.code == code || (first.candidates.contains(code) && second.candidates.count == 1)
    }

    private func next(_ at: Int, reachesEnd: Bool) -> Bool {
        // A weak spelling counts only as the last thing of the text.
        guard let (_, end) = Currencies.spelling(in: scalars, from: at, withWeak: true) else { return false }
        return scalars[end...].allSatisfy { !Glyph.isLetter($0) } == reachesEnd
    }

    private func isFollowedByCurrency(_ scalars: [Unicode.Scalar], _ end: Int) -> Bool {
        var at = end
        while at < scalars.count, Glyph.isLetter(scalars[at]) { at += 1 }
        while at < scalars.count, Glyph.isSpace(scalars[at]) { at += 1 }
        return at > end && Currencies.spelling(in: scalars, from: at, withWeak: false) != nil
    }

    /// Two digits (or up to three) glued behind the currency: "35€99".
    private func isCents(from index: Int) -> Bool {
        guard index < scalars.count, Glyph.digit(scalars[index]) != nil else { return false }
        var end = index
        while end < scalars.count, Glyph.digit(scalars[end]) != nil { end += 1 }
        return end - index <= 3
    }

    /// "35€99", "35€ 99": cents behind the sign of a whole number.
    private func centsAfter(_ end: Int, token: NumberReader.Token) -> (digits: [UInt8], end: Int)? {
        guard token.isPlainInteger, end > token.range.upperBound, !Glyph.isSpace(scalars[token.range.upperBound]) else { return nil }
        var at = end
        let isGlued = at < scalars.count && !Glyph.isSpace(scalars[at])
        if !isGlued { at += 1 }
        var digits: [UInt8] = []
        while at < scalars.count, let digit = Glyph.digit(scalars[at]) {
            digits.append(UInt8(digit))
            at += 1
        }
        guard isGlued ? (1...3).contains(digits.count) : digits.count == 2 else { return nil }
        var after = at
        while after < scalars.count, Glyph.isSpace(scalars[after]) { after += 1 }
        if after < scalars.count {
            if scalars[after] == "," || scalars[after] == "." || Glyph.isLetter(scalars[at < scalars.count ? at : after]) { return nil }
            if Currencies.spelling(in: scalars, from: after, withWeak: false) != nil { return nil }
        }
        return (digits, at)
    }

    /// The same digits with the mark before the last three as decimal.
    private func threeDecimals(_ token: NumberReader.Token) -> DecimalText? {
        guard scalars[token.range].contains(".") else { return nil }
        var reader = NumberReader(scalars: scalars, style: .plain)
        reader.loneDotGroups = false
        return reader.token(at: token.range.lowerBound).token?.amount
    }

    // MARK: Whole texts

    private func free() -> Found? {
        let word = Glyph.fold(scalars.filter { Glyph.isLetter($0) || $0 == " " })
        guard Self.freeWords.contains(word.split(separator: " ").joined(separator: " ")) else { return nil }
        return Found(
            range: 0..<scalars.count, amount: DecimalText(whole: []), code: nil, candidates: [], hasCurrency: false, isAmbiguous: false)
    }

    private static let freeWords: Set<String> = [
        "free", "for free", "free of charge", "kostenlos", "gratis", "gratuit", "gratuito", "gratuita", "ingyenes", "zdarma", "darmo",
        "bezpłatnie", "ilmainen", "бесплатно", "безкоштовно", "ucretsiz", "無料", "免费", "무료",
    ]
}

/// Words and letters that multiply the number before them: "1.2k", "3 million", "5 Mio.", "2 億".
enum Magnitude {
    /// Powers of ten, and where the word ends. Single letters ("k", "M", "B") are read only glued to the number, or where allowed.
    static func read(_ scalars: [Unicode.Scalar], at end: Int, allowsLetters: Bool) -> (places: Int, end: Int)? {
        var at = end
        while at < scalars.count, at - end < 2, Glyph.isSpace(scalars[at]) { at += 1 }
        guard at < scalars.count, Glyph.isLetter(scalars[at]) else { return nil }
        if let places = ideographs[scalars[at]] { return (places, at + 1) }
        var stop = at
        while stop < scalars.count, stop - at < 12, Glyph.isLetter(scalars[stop]) { stop += 1 }
        let word = Glyph.fold(scalars[at..<stop])
        if stop - at == 1 {
            guard allowsLetters, at == end || stop < scalars.count else { return nil }
            let places: Int? =
                switch scalars[at] {
                case "k", "K": 3
                case "m", "M": 6
                case "B": 9
                default: nil
                }
            guard let places, at == end || scalars[at] == "M" || scalars[at] == "B" else { return nil }
            return (places, stop)
        }
        guard let places = words[word] else { return nil }
        if stop < scalars.count, scalars[stop] == ".", abbreviations.contains(word) { stop += 1 }
        return (places, stop)
    }

    private static let ideographs: [Unicode.Scalar: Int] = ["万": 4, "萬": 4, "億": 8, "亿": 8, "만": 4, "억": 8, "千": 3]
    private static let abbreviations: Set<String> = ["mio", "mrd", "tsd", "тыс", "млн", "млрд", "mil", "mn", "bn", "tys", "mld"]
    private static let words: [String: Int] = [
        "thousand": 3, "tausend": 3, "tsd": 3, "mille": 3, "тыс": 3, "тысяч": 3, "tys": 3, "tisic": 3,
        "million": 6, "millions": 6, "mio": 6, "mln": 6, "mn": 6, "millionen": 6, "millones": 6, "milioni": 6, "milhoes": 6, "miljoen": 6,
        "miljoner": 6, "millioner": 6, "миллионов": 6, "млн": 6, "milionow": 6, "milionu": 6, "milyon": 6,
        "billion": 9, "billions": 9, "bn": 9, "mrd": 9, "mld": 9, "milliarden": 9, "milliards": 9, "miliardi": 9, "млрд": 9, "miljard": 9,
        "miliard": 9, "miliardow": 9, "milyar": 9,
        "lakh": 5, "lakhs": 5, "lac": 5, "crore": 7, "crores": 7, "cr": 7,
    ]
}
