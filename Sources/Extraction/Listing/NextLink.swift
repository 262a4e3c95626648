package import Documents

/// The link to the next page of a list, found by scored rules: what the link says (in thirty languages), its classes and those around it,
/// and whether the number in its address is one more than the page's own.
package struct NextLink: Sendable, Hashable {
    /// Absolute.
    package var address: String
    /// The link's `href`, as it is written.
    package var span: Span
    package var node: NodeID
    /// Sum of the rules; 2 is the least that is believed.
    package var score: Double
    /// The rules that spoke, for people.
    package var reason: String

    /// Least score of a link that is taken.
    private static let least = 2.0

    /// nil where the page has none, as on the last page of a list.
    package static func find(_ document: Document) -> NextLink? {
        var search = Search(document)
        return search.best() ?? search.afterCurrent()
    }

    /// The numbers in an address that may count pages, each with the rest of the address, which is equal for pages of one list.
    package static func pageNumbers(in address: String) -> [(number: Int, list: String)] {
        Search.numbers(address.unicodeScalars.map(\.value)).map { ($0.number, $0.key) }
    }
}

extension NextLink {
    private struct Candidate {
        var element: Int32
        var address: [UInt32]
        var score = 0.0
        var reasons: [String] = []

        mutating func add(_ points: Double, _ reason: String) {
            score += points
            reasons.append(reason)
        }
    }

    /// A number in an address that may count pages.
    private struct PageNumber {
        var number: Int
        /// The address without that number: equal for pages of one list.
        var key: String
        /// Name of the query parameter, or "path".
        var name: String
    }

    private struct Search {
        private var page: Listing.Page
        private let here: [UInt32]
        private let own: [PageNumber]
        private let ownPath: String
        private var named: [Int32: Set<String>] = [:]

        init(_ document: Document) {
            page = Listing.Page(document)
            here = document.url.unicodeScalars.map(\.value)
            own = Search.numbers(here)
            let parts = Listing.Address.split(here, 0, here.count)
            ownPath = Search.withoutSlash(Listing.Page.string(here, parts.path))
        }

        // MARK: Candidates

        private func href(_ element: Int32) -> [UInt32]? {
            guard let raw = page.document.attribute("href", of: page.source(element)) else { return nil }
            let start = raw.unicodeScalars.first { !Listing.Scalars.isSpace($0.value) }
            guard let start, start != "#" else { return nil }
            guard let link = page.attributes(of: element).first(where: { $0.name == .href }) else { return nil }
            return Array(page.scalars[Int(link.from)..<Int(link.to)])
        }

        private func isSameHost(_ address: [UInt32]) -> Bool {
            let parts = Listing.Address.split(address, 0, address.count)
            let scheme = Listing.Page.string(address, parts.scheme).lowercased()
            guard scheme == "http" || scheme == "https" || scheme == "file" || scheme.isEmpty else { return false }
            let host = address[Listing.Address.bare(address, parts.host)]
            return host.isEmpty || host.elementsEqual(page.address.host)
        }

        mutating func best() -> NextLink? {
            var best: Candidate?
            for index in page.elements.indices where page.elements[index].tag == Listing.Tag.a {
                guard let address = href(Int32(index)), isSameHost(address) else { continue }
                var candidate = Candidate(element: Int32(index), address: address)
                judge(&candidate)
                if best.map({ candidate.score > $0.score }) ?? true { best = candidate }
            }
            guard let best, best.score >= NextLink.least else { return nil }
            return link(best)
        }

        private func link(_ candidate: Candidate) -> NextLink? {
            let node = page.source(candidate.element)
            guard let raw = page.document.attribute("href", of: node) else { return nil }
            let scalars = Array(raw.unicodeScalars)
            var from = 0
            var to = scalars.count
            while from < to, Listing.Scalars.isSpace(scalars[from].value) { from += 1 }
            while to > from, Listing.Scalars.isSpace(scalars[to - 1].value) { to -= 1 }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars[from..<to])
            return NextLink(
                address: Listing.Page.string(candidate.address, 0..<candidate.address.count),
                span: Span(place: .attribute(node, name: "href", from..<to), text: String(text)), node: node, score: candidate.score,
                reason: candidate.reasons.joined(separator: ", "))
        }

        // MARK: Rules

        private mutating func judge(_ candidate: inout Candidate) {
            let element = candidate.element
            let range = page.range(of: element)
            let isShort = range.count <= 28
            let text = page.string(range.prefix(200)).lowercased()
            let scalars = text.unicodeScalars.map(\.value)
            let words = Search.letters(text)
            let bare = Search.trimmed(text)

            // What it says.
            let saysNext = words.count <= 4 && words.contains(where: Vocabulary.next.contains)
            if isShort, saysNext {
                candidate.add(words.count <= 2 ? 3 : 1.5, "says next")
            } else if isShort, Vocabulary.phrases.contains(where: { Listing.Patterns.contains(scalars, $0) }) {
                let isMore = Vocabulary.more.contains { Listing.Patterns.contains(scalars, $0) }
                candidate.add(isMore ? 1.5 : 3, "says next page")
            } else if let weight = Vocabulary.arrows[bare] {
                candidate.add(1.6 * weight, "is an arrow")
            }
            if text.isEmpty {
                let inner = alternatives(element)
                if inner.contains("next") || inner.contains("weiter") || inner.contains("suivant") { candidate.add(2, "image says next") }
            }

            // What it is called.
            let rel = Set(
                (page.document.attribute("rel", of: page.source(element)) ?? "").lowercased().split(separator: " ").map(String.init))
            if rel.contains("next") { candidate.add(3, "rel next") }
            let name = attributeWords(element, ["class", "id", "rel", "title", "aria-label", "data-testid"])
            var around: Set<String> = []
            for inner in element + 1..<max(element + 1, min(page.elements[Int(element)].end, element + 3)) {
                around.formUnion(attributeWords(inner, ["class"]))
            }
            let parent = page.elements[Int(element)].parent
            if parent >= 0, page.children(of: parent).count(where: { $0 >= 0 && page.tag($0) != Listing.Tag.br }) <= 2 {
                around.formUnion(attributeWords(parent, ["class", "id"]))
            }
            if name.contains("older") || name.contains(where: { $0.contains("next") }) {
                candidate.add(1.8, "named next")
            } else if around.contains("older") || around.contains(where: { $0.hasPrefix("next") }) {
                candidate.add(1.2, "in something named next")
            }
            var above: Set<String> = []
            var ancestor = parent
            for _ in 0..<4 where ancestor >= 0 {
                above.formUnion(wordsOfContainer(ancestor))
                ancestor = page.elements[Int(ancestor)].parent
            }
            if !above.isDisjoint(with: Vocabulary.pagers) { candidate.add(0.6, "among page links") }
            if !above.isDisjoint(with: Vocabulary.surePagers) || above.contains(where: { $0.contains("pagin") }) {
                candidate.add(0.6, "in a pager")
            }

            // What speaks against it.
            let isOlder = Vocabulary.older.contains { Listing.Patterns.contains(scalars, $0) }
            if (isShort && !isOlder && words.contains(where: Vocabulary.previous.contains))
                || Vocabulary.previousPhrases.contains(where: { Listing.Patterns.contains(scalars, $0) })
            {
                candidate.add(-4, "says previous")
            }
            if Vocabulary.backArrows.contains(bare)
                || (text.unicodeScalars.first.map { Vocabulary.backMarks.contains($0) } ?? false && !isOlder
                    && !words.contains(where: Vocabulary.next.contains))
            {
                candidate.add(-2.5, "is a back arrow")
            }
            let named = name.union(around)
            if !isOlder, named.contains("prev") || named.contains("previous") || rel.contains("prev") {
                candidate.add(-2.5, "named previous")
            }
            if named.contains("last") || named.contains("end") { candidate.add(-2, "named last") }
            if !named.isDisjoint(with: Vocabulary.slides) || !above.isDisjoint(with: Vocabulary.slideHolders) {
                candidate.add(-1.8, "in a carousel or calendar")
            }
            let distance = judgeNumber(&candidate, text, range.count)
            if Search.isOtherNext(candidate.address.map(Listing.Scalars.lowered) + [Listing.Scalars.blank] + scalars) {
                candidate.add(-2.5, "next of something else")
            }
            if Search.identity(candidate.address) == Search.identity(here) { candidate.add(-3, "this very page") }
            if distance == nil, candidate.score < 3 { candidate.add(-0.5, "no page number") }
            if range.count > 40 { candidate.add(-2.5, "long text") }
        }

        /// Compares the number in the address with the page's own; how many pages on it leads.
        private func judgeNumber(_ candidate: inout Candidate, _ text: String, _ length: Int) -> Double? {
            let readings = Search.numbers(candidate.address)
            var distance: Double?
            for reading in readings {
                let isOffset = Vocabulary.offsets.contains(reading.name)
                var current = own.last { $0.key == reading.key }?.number
                if current == nil, reading.name != "path" {
                    let path = String(reading.key.prefix { $0 != "?" })
                    if path == ownPath { current = isOffset || Vocabulary.zeroBased.contains(reading.name) ? 0 : 1 }
                } else if current == nil {
                    let stem = Search.stem(reading.key)
                    let path = ownPath.lowercased()
                    if path == stem || path == Search.withoutSlash(reading.key.replacing("#", with: "")) || path.contains(stem + "/index") {
                        current = 1
                    }
                }
                guard let current else { continue }
                let step = Double(reading.number - current)
                distance = isOffset && step != 0 ? step / abs(step) : step
                break
            }
            if let distance {
                if distance == 1 {
                    candidate.add(1.6, "one page on")
                } else if distance <= 0 {
                    candidate.add(candidate.score >= 4 ? -0.5 : -1.5, "no page on")
                } else {
                    candidate.add(-0.4, "several pages on")
                }
            }
            if length > 0, length < 9, let number = Int(text) {
                let current = readings.compactMap { reading in own.last { $0.key == reading.key }?.number }.first ?? 1
                if distance == 1, number == current + 1 {
                    candidate.add(0.8, "says the next number")
                } else {
                    candidate.add(-1.5, "is a number")
                }
            }
            return distance
        }

        /// A pager with an unlinked or marked number n and a link to n + 1, where the address doesn't tell.
        mutating func afterCurrent() -> NextLink? {
            for index in page.elements.indices {
                let holder = page.elements[index]
                let end = Int(holder.end)
                guard end - index <= 80, end - index > 2, holder.to - holder.from <= 160, holder.from < holder.to else { continue }
                var numbers: [Int: Int32] = [:]
                var links = 0
                for inner in index + 1..<end where page.elements[inner].tag == Listing.Tag.a {
                    guard let number = number(Int32(inner)) else { continue }
                    links += 1
                    numbers[number] = Int32(inner)
                }
                guard links >= 2 else { continue }
                for inner in index..<end {
                    guard let number = number(Int32(inner)), number < 10_000, let next = numbers[number &+ 1] else { continue }
                    let isPlain = page.elements[inner].tag != Listing.Tag.a && numbers[number] == nil
                    var words = attributeWords(Int32(inner), ["class", "aria-current"])
                    let parent = page.elements[inner].parent
                    if parent >= 0 { words.formUnion(attributeWords(parent, ["class"])) }
                    if isPlain || !words.isDisjoint(with: ["current", "active", "selected", "disabled"]), let found = numbered(next, number)
                    {
                        return found
                    }
                }
                for kid in page.children(of: Int32(index)) where kid < 0 {
                    for number in Search.plainNumbers(page.string(page.range(of: kid))) {
                        if numbers[number] == nil, let next = numbers[number + 1], let found = numbered(next, number) { return found }
                    }
                }
            }
            return nil
        }

        private func numbered(_ element: Int32, _ current: Int) -> NextLink? {
            guard let address = href(element) else { return nil }
            return link(
                Candidate(
                    element: element, address: address, score: NextLink.least, reasons: ["the number after the current page's, \(current)"])
            )
        }

        /// The number that is all of an element's text.
        private func number(_ element: Int32) -> Int? {
            let range = page.range(of: element)
            guard (1...8).contains(range.count), page.scalars[range].allSatisfy(Listing.Scalars.isASCIIDigit) else { return nil }
            return page.scalars[range].reduce(0) { $0 * 10 + Int($1 - 48) }
        }

        // MARK: Words

        private func alternatives(_ element: Int32) -> String {
            var text = ""
            for inner in element..<min(page.elements[Int(element)].end, element + 4) {
                let node = page.source(inner)
                text += (page.document.attribute("alt", of: node) ?? page.document.attribute("title", of: node) ?? "").lowercased() + " "
            }
            return text
        }

        private mutating func attributeWords(_ element: Int32, _ names: [String]) -> Set<String> {
            var found: Set<String> = []
            for attribute in page.document[page.source(element)].attributes where names.contains(attribute.name) {
                page.withWords { words in
                    for word in words.all(of: attribute.value) { found.insert(words.texts[Int(word)]) }
                }
            }
            return found
        }

        private mutating func wordsOfContainer(_ element: Int32) -> Set<String> {
            if let known = named[element] { return known }
            let found = attributeWords(element, ["class", "id", "role", "aria-label"])
            named[element] = found
            return found
        }

        /// Runs of letters, without digits; each once.
        private static func letters(_ text: String) -> Set<String> {
            var found: Set<String> = []
            var word = ""
            for scalar in text.unicodeScalars {
                if Listing.Scalars.flags(scalar.value) & (Listing.Scalars.word | Listing.Scalars.digit) == Listing.Scalars.word,
                    scalar != "_"
                {
                    word.unicodeScalars.append(scalar)
                } else if !word.isEmpty {
                    found.insert(word)
                    word = ""
                }
            }
            if !word.isEmpty { found.insert(word) }
            return found
        }

        private static func trimmed(_ text: String) -> String {
            var view = Substring(text).unicodeScalars
            while let first = view.first, first == " " || first == "." { view.removeFirst() }
            while let last = view.last, last == " " || last == "." { view.removeLast() }
            return String(String.UnicodeScalarView(view))
        }

        private static func plainNumbers(_ text: String) -> [Int] {
            var found: [Int] = []
            var digits = 0
            var value = 0
            for scalar in Array(text.unicodeScalars) + [" "] {
                if Listing.Scalars.isASCIIDigit(scalar.value), digits < 5 {
                    digits += 1
                    value = value * 10 + Int(scalar.value - 48)
                } else if !Listing.Scalars.isASCIIDigit(scalar.value) {
                    if (1...4).contains(digits) { found.append(value) }
                    digits = 0
                    value = 0
                }
            }
            return found
        }

        private static func isOtherNext(_ text: [UInt32]) -> Bool {
            Listing.Patterns.contains(text, Vocabulary.goToNext)
                || (Listing.Patterns.contains(text, Vocabulary.nextWord)
                    && Vocabulary.others.contains { Listing.Patterns.contains(text, $0) })
        }

        // MARK: Addresses

        private static func withoutSlash(_ text: String) -> String {
            var view = Substring(text)
            while view.hasSuffix("/") { view.removeLast() }
            return String(view)
        }

        /// An address without scheme, `www.`, fragment and final slash.
        private static func identity(_ address: [UInt32]) -> String {
            let parts = Listing.Address.split(address, 0, address.count)
            let host = Listing.Address.bare(address, parts.host)
            let end = parts.hasQuery ? parts.query.upperBound : parts.path.upperBound
            return withoutSlash(Listing.Page.string(address, host.lowerBound..<max(host.lowerBound, end)))
        }

        /// The part of a path before its page number: "/list/page/#" is of "/list".
        private static func stem(_ key: String) -> String {
            guard let mark = key.firstIndex(of: "#") else { return withoutSlash(key) }
            var text = String(key[..<mark])
            if let last = text.last, "/_=-".contains(last) { text.removeLast() }
            for word in ["pagina", "seite", "page", "p"] where word == "page" || word == "p" {
                if text.hasSuffix("/" + word) || text.hasSuffix("-" + word) || text.hasSuffix("_" + word) {
                    text.removeLast(word.count)
                    break
                }
            }
            return withoutSlash(text)
        }

        /// Every number in an address that may count pages: query parameters by name, numbers that end a step of the path.
        fileprivate static func numbers(_ address: [UInt32]) -> [PageNumber] {
            var found: [PageNumber] = []
            let parts = Listing.Address.split(address, 0, address.count)
            let path = withoutSlash(Listing.Page.string(address, parts.path))
            if parts.hasQuery {
                let pairs = Listing.Page.string(address, parts.query).split(separator: "&").prefix(40).map { pair in
                    let at = pair.firstIndex(of: "=")
                    return (name: String(at.map { pair[..<$0] } ?? pair), value: at.map { String(pair[pair.index(after: $0)...]) } ?? "")
                }
                for (index, pair) in pairs.enumerated() {
                    let name = pair.name.lowercased()
                    let short = String(name[(name.lastIndex(of: ":").map(name.index(after:)) ?? name.startIndex)...])
                    guard pair.value.utf8.count < 6, !pair.value.isEmpty, pair.value.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
                        let number = Int(pair.value), Vocabulary.parameters.contains(short) || short.contains("page")
                    else { continue }
                    let others = pairs.enumerated().filter { $0.offset != index }.map(\.element.name).sorted()
                    found.append(PageNumber(number: number, key: path + "?" + others.joined(separator: "&"), name: short))
                }
            }
            let text = Array(Listing.Page.string(address, parts.path).lowercased().unicodeScalars.map(\.value))
            var at = 0
            while at < text.count {
                guard Listing.Scalars.isASCIIDigit(text[at]) else {
                    at += 1
                    continue
                }
                var end = at
                while end < text.count, Listing.Scalars.isASCIIDigit(text[end]) { end += 1 }
                let stops = end == text.count || text[end] == "/" || text[end] == "."
                if end - at <= 5, stops, mayCount(text, at) {
                    let number = text[at..<end].reduce(0) { $0 * 10 + Int($1 - 48) }
                    let key = Listing.Page.string(text, 0..<at) + "#" + withoutSlash(Listing.Page.string(text, end..<text.count))
                    found.append(PageNumber(number: number, key: key, name: "path"))
                }
                at = end
            }
            return found
        }

        /// What stands before a number in a path lets it count pages: a border, or a word such as "page" after a border.
        private static func mayCount(_ text: [UInt32], _ at: Int) -> Bool {
            func isBorder(_ index: Int) -> Bool { index < 0 || text[index] == "/" || text[index] == "_" || text[index] == "-" }
            if isBorder(at - 1) { return true }
            var end = at
            if text[at - 1] == "=" { end -= 1 }
            var start = end
            while start > 0, Listing.Scalars.isASCIILetter(text[start - 1]) { start -= 1 }
            let word = Listing.Page.string(text, start..<end)
            return ["page", "p", "pagina", "seite"].contains(word) && isBorder(start - 1)
        }
    }

    private enum Vocabulary {
        private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

        static let next = words(
            """
            next nextpage siguiente suivant suivante suiv próximo proximo próxima proxima nächste naechste weiter avanti successiva successivo \
            volgende nästa neste næste následující další nasledujuci następna następne następny dalej далее вперед вперёд следующая следующий \
            следующие ileri sonraki seuraava következő următoarea επόμενη إقرأ التالي הבא ถัดไป tiếp berikutnya selanjutnya
            """)
        static let phrases = [
            "next page", "older posts", "older entries", "older articles", "previous entries", "newer posts →", "下一页", "下一頁", "下页", "后一页",
            "次へ", "次の", "次ページ", "もっと", "다음", "load more", "show more", "more results", "page suivante", "página siguiente", "nächste seite",
            "過去の投稿", "vorige beiträge", "entradas antiguas", "ältere beiträge", "articles plus anciens",
        ].map(Listing.Patterns.scalars)
        /// Of these, the ones that may only unfold more of this page.
        static let more = ["load", "show", "もっと"].map(Listing.Patterns.scalars)
        static let previous = words(
            """
            prev previous anterior précédent precedent vorherige zurück zurueck precedente vorige forrige föregående poprzedni poprzednia \
            předchozí предыдущая назад önceki edellinen back newer first last
            """)
        static let previousPhrases = [
            "上一页", "上页", "前へ", "前の", "이전", "newer posts", "newer entries", "newer articles", "新しい投稿",
        ].map(Listing.Patterns.scalars)
        static let older = ["older", "過去の投稿", "previous entries", "antiguas", "ältere", "plus anciens"].map(Listing.Patterns.scalars)
        static let goToNext = Listing.Patterns.scalars("goto=next")
        static let nextWord = Listing.Patterns.scalars("next")
        /// "next article" and the like: the next of something that is no page of a list.
        static let others = ["thread", "topic", "post", "article", "story", "chapter", "product", "newest"].flatMap { word in
            ["", "-", "_", " "].map { Listing.Patterns.scalars("next" + $0 + word) }
        }
        static let arrows: [String: Double] = [
            ">": 1, "›": 1, "»": 1, "→": 1, ">>": 0.8, "››": 0.6, "»»": 0.5, "❯": 1, "▶": 1, "►": 1, "⟩": 1,
        ]
        static let backArrows = words("< ‹ « ← << ‹‹ ❮ ◀ ◄")
        static let backMarks: Set<Unicode.Scalar> = ["<", "‹", "«", "←"]
        static let pagers = words("pagination pager paging paginator pages pagenavi pagenav paginav navlinks pagelinks nav")
        static let surePagers = words("pagination pager paging paginator pagenavi")
        static let slides = words("slick carousel slide slider swiper")
        static let slideHolders = words("carousel slider slideshow gallery swiper comic comment comments calendar")
        static let parameters = words("page p paged pg pageno pagina seite start offset from pn pagenum currentpage page_no s b skip first")
        static let offsets = words("start offset from skip")
        static let zeroBased = words("s b first")
    }
}
