extension Listing {
    /// A field as the column model sees it: the words of its name and description, and the notions they speak of.
    struct Field {
        /// A form so unmistakable that only columns of that form, or with the field's own label, may answer.
        enum Form {
            case email, phone, firstName, lastName
        }

        /// Notions in the order of the model's features.
        enum Notion: Int, CaseIterable {
            case title, name, date, money, phone, email, url, image, code, docket, legalCase, person, place, organisation, long, status
            case citation, count, first, last
        }

        var words: [Words.ID]
        /// Letters, digits and # % $ of the name in lower case.
        var joined: [UInt32]
        var description: [Words.ID]
        var goal: [Words.ID]
        var synonyms: [Words.ID]
        var notions: Set<Notion>
        /// Kinds of value it wants.
        var types: ValueTypes
        var wantsAddress: Bool
        var wantsImage: Bool
        var form: Form?
        /// It names the thing itself ("title", "job title", "product"), which is what a record's heading says.
        var isTitle: Bool
        /// Any link to the thing will do: nothing says that a file or another site is meant.
        var isPlainAddress: Bool
        /// It wants prose, of which no sentence is left out.
        var isProse: Bool
        /// Words of more than three letters, looked for inside class attributes and labels.
        var substrings: [[UInt32]]

        init(_ field: Extraction.Field, prompt: String, _ table: inout Words) {
            var named = field.name
            named = String(named.map { $0 == "_" ? " " : $0 })
            let all = table.all(of: named)
            words = table.stemSet(of: all)
            joined = Field.joined(named.unicodeScalars.map(\.value))
            let example = table.id(of: "example")
            description = table.stemSet(of: field.description ?? "").filter { $0 != example }
            goal = table.stemSet(of: prompt)

            var notions: Set<Notion> = []
            for notion in Notion.allCases {
                let (triggers, _) = Field.vocabulary(notion)
                let stems = triggers.map { table.stem(of: $0) }
                if words.contains(where: stems.contains) { notions.insert(notion) }
            }
            let type = field.type == .list ? field.items ?? .text : field.type
            let saysAddress = all.contains { ["url", "link", "href", "website"].contains(table.texts[Int($0)]) }
            if type == .url || type == .image || saysAddress {
                notions = notions.intersection([.image])
                notions.insert(.url)
                if type == .image { notions.insert(.image) }
            } else {
                notions.remove(.url)
            }
            switch type {
            case .email: notions.insert(.email)
            case .phone:
                notions.insert(.phone)
                notions.remove(.code)
            case .number: notions.insert(.count)
            case .money: notions.insert(.money)
            case .date: notions.insert(.date)
            case .address: notions.insert(.place)
            default: break
            }
            if notions.contains(.phone) { notions.remove(.code) }
            self.notions = notions
            wantsAddress = notions.contains(.url)
            wantsImage = wantsAddress && notions.contains(.image)

            var synonyms: [Words.ID] = []
            for notion in notions { synonyms += Field.vocabulary(notion).synonyms.map { table.stem(of: $0) } }
            let own = words
            self.synonyms = Words.sorted(synonyms).filter { !own.contains($0) }
            var types: ValueTypes = []
            for notion in notions { types.formUnion(Field.types(notion)) }
            if notions.contains(.docket) { types = [.code] }
            self.types = types

            let nameStem = table.id(of: "name")
            let fax = table.id(of: "fax")
            if notions.contains(.email), !wantsAddress {
                form = .email
            } else if notions.contains(.phone), !own.contains(fax) {
                form = .phone
            } else if notions.contains(.first), own.contains(nameStem) {
                form = .firstName
            } else if notions.contains(.last), own.contains(nameStem) {
                form = .lastName
            }
            let said = all.map { table.texts[Int($0)] }
            let isNamed = notions.contains(.title) || notions.contains(.name)
            let others = notions.subtracting([.title, .name, .legalCase])
            isTitle =
                !wantsAddress && form == nil && types.isDisjoint(with: [.date, .money, .phone, .email, .code])
                && ((isNamed && others.isEmpty) || (!said.isEmpty && said.allSatisfy(Field.things.contains)))
            isPlainAddress = wantsAddress && !wantsImage && said.allSatisfy { Field.addresses.contains($0) || Field.things.contains($0) }
            isProse = said.contains(where: Field.prose.contains)
            substrings = words.map { table.texts[Int($0)].unicodeScalars.map(\.value) }.filter { $0.count > 3 }
        }

        /// Share of words that field and text have in common: the name's own words, and words of the same notions.
        func overlap(_ words: [Words.ID]) -> (direct: Float, synonym: Float) {
            if words.isEmpty { return (0, 0) }
            let same = Words.shared(self.words, words)
            let near = Words.shared(synonyms, words)
            let length = self.words.count + min(words.count, self.words.count + 3)
            return (same == 0 ? 0 : 2 * Float(same) / Float(length), near == 0 ? 0 : Float(near) / Float(min(words.count, 4)))
        }

        static func joined(_ text: some Sequence<UInt32>) -> [UInt32] {
            var kept: [UInt32] = []
            for scalar in text {
                let flags = Scalars.flags(scalar)
                if flags & Scalars.word != 0, scalar != "_" {
                    kept.append(Scalars.lowered(scalar))
                } else if scalar == "#" || scalar == "%" || scalar == "$" {
                    kept.append(scalar)
                }
            }
            return kept
        }

        /// Cosine of the trigrams of two joined texts.
        static func similarity(_ a: [UInt32], _ b: [UInt32]) -> Float {
            if a.isEmpty || b.isEmpty { return 0 }
            if a == b { return 1 }
            let left = trigrams(a)
            let right = trigrams(b)
            let shared = left.intersection(right).count
            return shared == 0 ? 0 : Float(shared) / Float(Double(left.count * right.count).squareRoot())
        }

        private static func trigrams(_ text: [UInt32]) -> Set<UInt64> {
            guard text.count > 2 else { return [text.reduce(1 << 62) { $0 << 21 | UInt64($1) }] }
            var found: Set<UInt64> = []
            for at in 0..<text.count - 2 { found.insert(UInt64(text[at]) << 42 | UInt64(text[at + 1]) << 21 | UInt64(text[at + 2])) }
            return found
        }

        private static func types(_ notion: Notion) -> ValueTypes {
            switch notion {
            case .date: [.date]
            case .money: [.money, .number]
            case .phone: [.phone]
            case .email: [.email]
            case .code, .docket: [.code]
            case .person: [.name]
            case .legalCase: [.versus]
            case .long: [.long, .sentence]
            case .count: [.number, .numberWithUnit]
            case .url, .image: [.url]
            case .citation: [.citation]
            default: []
            }
        }

        private static func vocabulary(_ notion: Notion) -> (triggers: [String], synonyms: [String]) {
            vocabularies[notion] ?? ([], [])
        }

        /// Nouns that alone, or beside "title" and "name", mean the thing that a record is about.
        private static let things: Set<String> = [
            "title", "name", "headline", "heading", "job", "position", "vacancy", "opening", "product", "item", "article", "post", "story",
            "event",
            "talk", "session", "course", "book", "recipe", "movie", "film", "song", "project", "paper", "report", "result", "listing",
            "question",
        ]
        private static let prose: Set<String> = [
            "text", "quote", "quotation", "body", "content", "description", "summary", "abstract", "excerpt", "review", "comment", "notes",
            "bio",
            "biography", "message",
        ]
        private static let addresses: Set<String> = ["url", "link", "href", "page", "detail", "details", "address", "web"]

        private static let vocabularies: [Notion: (triggers: [String], synonyms: [String])] = {
            let lists: [Notion: (String, String)] = [
                .title: (
                    "title headline name heading subject topic course", "title headline name heading subject h1 h2 h3 h4 role position job"
                ),
                .name: ("name", "name title fullname"),
                .date: (
                    "date posted published day filed time when",
                    "date posted published filed decided release released issued time created day year when datum"
                ),
                .money: ("price cost amount salary fee budget funding", "price cost amount salary fee total rate pay funding value"),
                .phone: ("phone telephone tel mobile fax", "phone telephone tel mobile call contact fax"),
                .email: ("email mail", "email mail mailto e contact"),
                .url: ("url link website href document download", "url link website href download document pdf opinion file more"),
                .image: ("image photo picture thumbnail logo", "image img photo picture thumb logo src"),
                .code: (
                    "number id code docket sku no isbn reference ref citation cite",
                    "number id code docket no case sku isbn reference ref cause cite citation num"
                ),
                .docket: ("docket", "docket number no case cause appeal"),
                .legalCase: ("case", "case caption style parties title name"),
                .person: (
                    "author judges judge justice writer instructor contact by",
                    "author judge judges justice panel writer by panelists opinion instructor coram"
                ),
                .place: (
                    "city location place address state country region venue cities countries",
                    "city location place address where locality state country region venue office"
                ),
                .organisation: (
                    "company organization employer agency court team department lower",
                    "company organization employer agency court team department county trial lower tribunal from origin"
                ),
                .long: (
                    "summary description abstract text comments notes body",
                    "summary description abstract excerpt text content synopsis headnote issue notes topic overview keyword"
                ),
                .status: (
                    "disposition status result outcome type category",
                    "disposition status result outcome type decision category ruling decree holding action vote"
                ),
                .citation: ("citation cite", "citation cite neutral cited no number"),
                .count: ("count units votes views rating quantity credits", "count units credits votes views points rating quantity hours"),
                .first: ("first", "first given fname"),
                .last: ("last", "last family surname lname"),
            ]
            return lists.mapValues { ($0.split(separator: " ").map(String.init), $1.split(separator: " ").map(String.init)) }
        }()
    }

    /// What a text looks like, in the order of the model's features.
    struct ValueTypes: OptionSet {
        let rawValue: UInt32
        static let date = ValueTypes(rawValue: 1 << 0)
        static let hasDate = ValueTypes(rawValue: 1 << 1)
        static let money = ValueTypes(rawValue: 1 << 2)
        static let number = ValueTypes(rawValue: 1 << 3)
        static let numberWithUnit = ValueTypes(rawValue: 1 << 4)
        static let phone = ValueTypes(rawValue: 1 << 5)
        static let email = ValueTypes(rawValue: 1 << 6)
        static let url = ValueTypes(rawValue: 1 << 7)
        static let name = ValueTypes(rawValue: 1 << 8)
        static let code = ValueTypes(rawValue: 1 << 9)
        static let hasCode = ValueTypes(rawValue: 1 << 10)
        static let versus = ValueTypes(rawValue: 1 << 11)
        static let genericLink = ValueTypes(rawValue: 1 << 12)
        static let upper = ValueTypes(rawValue: 1 << 13)
        static let long = ValueTypes(rawValue: 1 << 14)
        static let sentence = ValueTypes(rawValue: 1 << 15)
        static let citation = ValueTypes(rawValue: 1 << 16)
        static let labelLike = ValueTypes(rawValue: 1 << 17)
        static let count = 18
    }

    /// What is measured once for every different text.
    struct Traits {
        var types: ValueTypes = []
        var length: Int32 = 0
        var spaces: Int32 = 0
        /// Digits among the first hundred.
        var digits: Int32 = 0
        var startsUpper = false
        /// Nothing much but one amount of money.
        var isAmount = false

        init(_ text: [UInt32], _ from: Int, _ to: Int) {
            length = Int32(to - from)
            var letters = 0
            var capitals = 0
            var smalls = false
            var allDigits = 0
            for position in from..<to {
                let scalar = text[position]
                if scalar == 0x20 || scalar == 0x0A {
                    spaces += 1
                    continue
                }
                let flags = Scalars.flags(scalar)
                if flags & Scalars.letter != 0 {
                    letters += 1
                    if flags & Scalars.upper != 0 { capitals += 1 }
                    if flags & Scalars.lower != 0 { smalls = true }
                } else if flags & Scalars.digit != 0 {
                    allDigits += 1
                    if position - from < 100 { digits += 1 }
                }
            }
            startsUpper = from < to && Scalars.isUpper(text[from])
            if letters > 3, capitals * 5 > letters * 4 { types.insert(.upper) }
            let count = to - from
            if count > 120 { types.insert(.long) }
            if count > 40, let last = text[from..<to].last, last == "." || last == "?" || last == "!" { types.insert(.sentence) }
            if Patterns.versus(text, from, to) { types.insert(.versus) }
            if Traits.isAddress(text, from, to), spaces == 0 { types.insert(.url) }
            guard count > 0, count <= 80 else { return }
            if allDigits > 0 {
                if let date = Patterns.date(text, from, to) { types.insert(date.count * 10 >= count * 7 ? .date : .hasDate) }
                if let money = Patterns.money(text, from, to) {
                    types.insert(.money)
                    isAmount = money.count * 10 >= count * 6
                }
                if Traits.isNumber(text, from, to) {
                    types.insert(.number)
                } else if Traits.startsWithNumber(text, from, to) {
                    types.insert(.numberWithUnit)
                }
                if allDigits >= 7, Patterns.phone(text, from, to) == from..<to || Traits.isForeignPhone(text, from, to, allDigits) {
                    types.insert(.phone)
                }
                let isWhole =
                    count <= 30 && allDigits >= 3 && !smalls && types.isDisjoint(with: [.date, .number])
                    && Traits.isCodeLike(text, from, to)
                if isWhole {
                    types.insert(.code)
                } else if let code = Patterns.code(text, from, to) {
                    types.insert(code.count * 10 >= count * 6 ? .code : .hasCode)
                }
                if let citation = Patterns.citation(text, from, to), citation.count * 10 > count * 7 { types.insert(.citation) }
            } else if (1...4).contains(spaces), Traits.isName(text, from, to) {
                types.insert(.name)
            }
            if Patterns.email(text, from, to) == from..<to { types.insert(.email) }
            if Patterns.isGenericLink(text, from, to) { types.insert(.genericLink) }
            if text[to - 1] == ":" { types.insert(.labelLike) }
        }

        private static func isAddress(_ text: [UInt32], _ from: Int, _ to: Int) -> Bool {
            Patterns.has(http, text, from, to) || Patterns.has(https, text, from, to)
        }

        private static let http = Patterns.scalars("http://")
        private static let https = Patterns.scalars("https://")

        private static func isNumber(_ text: [UInt32], _ from: Int, _ to: Int) -> Bool {
            var at = from
            var end = to
            if text[at] == "-" || text[at] == "+" || text[at] == "−" { at += 1 }
            if end > at, text[end - 1] == "%" { end -= 1 }
            var hasDigit = false
            for position in at..<max(at, end) {
                let scalar = text[position]
                if Scalars.isDigit(scalar) {
                    hasDigit = true
                } else if scalar != ".", scalar != ",", !Scalars.isSpace(scalar) {
                    return false
                }
            }
            return hasDigit && end > at && !Scalars.isSpace(text[end - 1])
        }

        /// "+49 30 1234 5601", "030 / 1234-560": digits in groups after a plus or a zero.
        private static func isForeignPhone(_ text: [UInt32], _ from: Int, _ to: Int, _ digits: Int) -> Bool {
            guard (8...15).contains(digits), text[from] == "+" || text[from] == "0" || text[from] == "(" else { return false }
            var groups = 0
            for position in from..<to {
                let scalar = text[position]
                if Scalars.isDigit(scalar) { continue }
                if Scalars.isSpace(scalar) || scalar == "/" || scalar == "-" || scalar == ")" {
                    groups += 1
                } else if scalar == "." {
                    // Dotted groups are dates and addresses as often.
                    if text[from] != "+" { return false }
                } else if scalar != "(", scalar != "+" || position > from {
                    return false
                }
            }
            return groups > 0 || text[from] == "+"
        }

        private static func startsWithNumber(_ text: [UInt32], _ from: Int, _ to: Int) -> Bool {
            var at = from
            while at < to, Scalars.isDigit(text[at]) || text[at] == "." || text[at] == "," {
                if at > from, Scalars.isDigit(text[at]) { return true }
                at += 1
            }
            guard at > from else { return false }
            at += Patterns.spaces(text, at, to)
            return at < to && Scalars.isWord(text[at])
        }

        private static func isCodeLike(_ text: [UInt32], _ from: Int, _ to: Int) -> Bool {
            guard (3...29).contains(to - from), Scalars.isASCIIUpper(text[from]) || Scalars.isDigit(text[from]) else { return false }
            for position in from + 1..<to {
                let scalar = text[position]
                switch scalar {
                case 0x20, 0x2D, 0x2F, 0x2E, 0x3A, 0x2013, 0x0A: continue
                default: if !Scalars.isASCIIUpper(scalar), !Scalars.isDigit(scalar) { return false }
                }
            }
            return true
        }

        /// Two to five words that all begin with a capital.
        private static func isName(_ text: [UInt32], _ from: Int, _ to: Int) -> Bool {
            var words = 0
            var isStart = true
            for position in from..<to {
                if Scalars.isSpace(text[position]) {
                    isStart = true
                } else if isStart {
                    if !Scalars.isUpper(text[position]) { return false }
                    words += 1
                    isStart = false
                }
            }
            return (2...5).contains(words)
        }
    }
}
