extension Listing {
    /// Words of names, labels, class attributes and addresses as small integers, with what is known of each.
    struct Words {
        typealias ID = Int32

        struct Traits: OptionSet {
            let rawValue: UInt16
            /// Says nothing in a field's name or a label ("the", "of").
            static let empty = Traits(rawValue: 1)
            /// Says nothing in a class attribute ("wrapper", "col").
            static let layout = Traits(rawValue: 2)
            static let navigation = Traits(rawValue: 4)
            static let footer = Traits(rawValue: 8)
            static let aside = Traits(rawValue: 16)
            /// Says nothing of what a prompt is about ("extract", "page").
            static let order = Traits(rawValue: 32)
            /// Class words of parts that are no records.
            static let boilerplate = Traits(rawValue: 64)
            static let single = Traits(rawValue: 128)
        }

        private var ids: [String: ID] = [:]
        private(set) var texts: [String] = []
        private(set) var stems: [ID] = []
        private(set) var traits: [Traits] = []
        private var ofString: [String: [ID]] = [:]

        mutating func id(of word: String) -> ID {
            if let id = ids[word] { return id }
            let id = ID(texts.count)
            ids[word] = id
            texts.append(word)
            var own: Traits = []
            for (trait, list) in Words.lists where list.contains(word) { own.insert(trait) }
            if word.unicodeScalars.count < 2 { own.insert(.single) }
            traits.append(own)
            stems.append(id)
            let bytes = word.utf8
            if bytes.count > 3, bytes.last == UInt8(ascii: "s"), bytes.dropLast().last != UInt8(ascii: "s") {
                let stem = self.id(of: String(word.dropLast()))
                stems[Int(id)] = stem
            }
            return id
        }

        mutating func stem(of word: String) -> ID {
            let id = id(of: word)
            return stems[Int(id)]
        }

        /// All words of a text in order: camelCase and snake_case are taken apart, digits left out.
        mutating func all(of string: String) -> [ID] {
            if let known = ofString[string] { return known }
            let scalars = string.unicodeScalars.map(\.value)
            let found = all(of: scalars, 0, scalars.count)
            ofString[string] = found
            return found
        }

        mutating func all(of text: [UInt32], _ from: Int, _ to: Int) -> [ID] {
            var found: [ID] = []
            var at = from
            while at < to {
                let scalar = text[at]
                var end = at
                if Scalars.isASCIIUpper(scalar) {
                    while end < to, Scalars.isASCIIUpper(text[end]) { end += 1 }
                    if end < to, Scalars.isASCIILower(text[end]) { end -= 1 }
                    if end == at {
                        end = at + 1
                        while end < to, Scalars.isASCIILower(text[end]) { end += 1 }
                    }
                } else if Scalars.isASCIILower(scalar) {
                    while end < to, Scalars.isASCIILower(text[end]) { end += 1 }
                } else if scalar > 0x7F, Scalars.flags(scalar) & (Scalars.word | Scalars.digit) == Scalars.word {
                    while end < to, text[end] > 0x7F, Scalars.flags(text[end]) & (Scalars.word | Scalars.digit) == Scalars.word { end += 1 }
                } else {
                    at += 1
                    continue
                }
                var word = ""
                for position in at..<end {
                    if let scalar = Unicode.Scalar(Scalars.lowered(text[position])) { word.unicodeScalars.append(scalar) }
                }
                found.append(id(of: word))
                at = end
            }
            return found
        }

        /// The set of stems of a text without empty words, ascending.
        mutating func stemSet(of words: [ID]) -> [ID] {
            var set: [ID] = []
            for word in words where !traits[Int(word)].contains(.empty) { set.append(stems[Int(word)]) }
            return Words.sorted(set)
        }

        mutating func stemSet(of string: String) -> [ID] { stemSet(of: all(of: string)) }

        static func sorted(_ words: [ID]) -> [ID] {
            var set = words.sorted()
            var kept = 0
            for index in set.indices where index == 0 || set[index] != set[index - 1] {
                set[kept] = set[index]
                kept += 1
            }
            set.removeLast(set.count - kept)
            return set
        }

        /// Number of members two ascending sets share.
        static func shared(_ a: [ID], _ b: [ID]) -> Int {
            var i = 0
            var j = 0
            var count = 0
            while i < a.count, j < b.count {
                if a[i] == b[j] {
                    count += 1
                    i += 1
                    j += 1
                } else if a[i] < b[j] {
                    i += 1
                } else {
                    j += 1
                }
            }
            return count
        }

        /// Says where an element stands among its like, also where a field is named for it ("first_name").
        static func isPosition(_ word: String) -> Bool {
            ["first", "last", "odd", "even", "left", "right", "top", "bottom", "inner", "outer"].contains(word)
        }

        private static func list(_ words: String) -> Set<String> { Set(words.split(separator: " ").map(String.init)) }

        private static let lists: [(Traits, Set<String>)] = [
            (
                .empty,
                list(
                    "the of a an and or in to is be this that for with on by it you your page are will all can not if as at from such any do"
                )
            ),
            (
                .layout,
                list(
                    """
                    div span col row css js wrapper wrap container content block item items box inner outer left right top bottom main page \
                    section clearfix clear fix text txt value val field data list lg md sm xs btn class id style module component ui el mb mt \
                    pt pb px py flex grid views node entry first last odd even the of a
                    """)
            ),
            (
                .navigation,
                list(
                    "nav navbar navigation menu breadcrumb breadcrumbs topnav megamenu submenu mainmenu sidenav pagination pager paginator")
            ),
            (.footer, list("footer foot copyright cookie cookies social share consent gdpr")),
            (.aside, list("sidebar aside related widget")),
            (
                .order,
                list(
                    """
                    fetch extract scrape link page current url website goal list listing contain view view all along row column table every \
                    shown iso data information detail more should google map telephone number viewing aggregate
                    """)
            ),
            (
                .boilerplate,
                list(
                    "nav menu breadcrumb footer social share sidebar cookie related lang language login search filter tag tags pagination pager"
                )
            ),
        ]
    }
}
