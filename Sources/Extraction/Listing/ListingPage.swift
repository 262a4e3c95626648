import Documents

extension Listing {
    /// Tag names as integers; those the algorithm speaks of have a constant.
    enum Tag {
        static let names = [
            "a", "b", "strong", "i", "em", "u", "font", "span", "small", "sup", "br", "hr", "tr", "td", "th", "table", "thead", "tbody",
            "tfoot", "form", "center", "div", "p", "li", "dt", "dd", "dl", "label", "img", "source", "iframe", "input", "data", "option",
            "h1", "h2", "h3", "h4", "h5", "h6", "nav", "footer", "header", "aside", "main", "body", "ul", "ol", "section", "article",
        ]
        static let ids: [String: Int32] = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
        static let a: Int32 = 0, b: Int32 = 1, strong: Int32 = 2, i: Int32 = 3, em: Int32 = 4, u: Int32 = 5, font: Int32 = 6
        static let span: Int32 = 7, small: Int32 = 8, sup: Int32 = 9, br: Int32 = 10, tr: Int32 = 12, td: Int32 = 13, th: Int32 = 14
        static let table: Int32 = 15, thead: Int32 = 16, tbody: Int32 = 17, tfoot: Int32 = 18, form: Int32 = 19, center: Int32 = 20
        static let div: Int32 = 21, p: Int32 = 22, li: Int32 = 23, dt: Int32 = 24, dd: Int32 = 25, label: Int32 = 27, img: Int32 = 28
        static let source: Int32 = 29, iframe: Int32 = 30, input: Int32 = 31, data: Int32 = 32, option: Int32 = 33
        static let h1: Int32 = 34, h6: Int32 = 39, nav: Int32 = 40, footer: Int32 = 41, header: Int32 = 42, aside: Int32 = 43
        static let main: Int32 = 44, body: Int32 = 45

        @inline(__always) static func isHeading(_ tag: Int32) -> Bool { tag >= h1 && tag <= h6 }

        /// Elements without text of their own for a listing.
        static let left: Set<String> = [
            "script", "style", "template", "svg", "head", "noscript", "object", "canvas", "math", "textarea", "select",
        ]

        /// An ARIA grid is a table that is spelled with other elements.
        static let roles: [String: Int32] = [
            "table": table, "grid": table, "treegrid": table, "row": tr, "rowgroup": tbody, "columnheader": th, "cell": td,
            "gridcell": td, "rowheader": td,
        ]
    }

    enum Zone: UInt8 {
        case none, nav, footer, header, aside
    }

    /// Attributes that may hold a value; the raw value says their place in keys.
    enum AttributeName: UInt8, CaseIterable {
        case href, mail, tel, src, title, alt, datetime, dataTitle, ariaLabel, content, value, dataDate, dataName, dataSort, dataOrder
        /// Labels only, never values.
        case dataLabel, dataTh

        /// As it is written in HTML (`src` may also stand in `data-src`).
        var spelling: String {
            switch self {
            case .href, .mail, .tel: "href"
            case .dataTitle: "data-title"
            case .ariaLabel: "aria-label"
            case .dataDate: "data-date"
            case .dataName: "data-name"
            case .dataSort: "data-sort"
            case .dataOrder: "data-order"
            case .dataLabel: "data-label"
            case .dataTh: "data-th"
            case .src: "src"
            case .title: "title"
            case .alt: "alt"
            case .datetime: "datetime"
            case .content: "content"
            case .value: "value"
            }
        }

        /// Its word in keys.
        var word: String {
            switch self {
            case .mail: "mail"
            case .tel: "tel"
            default: spelling
            }
        }

        static let plain: [String: AttributeName] = Dictionary(
            uniqueKeysWithValues: allCases.filter { $0.rawValue >= AttributeName.title.rawValue }.map { ($0.spelling, $0) })
    }

    /// The visible page as the algorithm sees it: elements in document order with their children, texts as ranges of `scalars`.
    struct Page {
        struct Element {
            var tag: Int32
            var signature: Int32
            /// The document's node.
            var source: Int32
            /// -1 for the root.
            var parent: Int32
            /// First element after the last descendant.
            var end: Int32
            var depth: Int32
            /// Position among the parent's kids.
            var place: Int32 = 0
            /// Visible text, trimmed.
            var from: Int32 = 0
            var to: Int32 = 0
            var zone: Zone
            /// A block stands in it.
            var hasBlock = false
            var isBlock: Bool
        }

        struct Run {
            var from: Int32
            var to: Int32
            var source: Int32
        }

        struct Attribute {
            var name: AttributeName
            var from: Int32
            var to: Int32
        }

        struct Slot {
            var column: Int32
            var cell: Int32
        }

        let document: Document
        /// The flow without footnote marks and sort keys, then composed table headings and attribute values.
        var scalars: [UInt32] = []
        /// Position in the document's flow of each scalar that comes from it.
        private(set) var origin: [Int32] = []
        private(set) var elements: [Element] = []
        private(set) var kids: [Item] = []
        private(set) var kidStart: [Int32] = []
        private(set) var runs: [Run] = []
        private(set) var attributes: [Attribute] = []
        private(set) var attributeStart: [Int32] = []
        private(set) var words = Words()
        /// Words of fields' names that say nothing in a class attribute unless they are asked for ("text").
        var asked: Set<Words.ID> = []
        /// By signature: what its class says it is; it has no class.
        private(set) var signatureNaming: [Naming] = []
        private(set) var isBareSignature: [Bool] = []
        /// Nearest heading that opened before; -1 for none.
        private(set) var headingBefore: [Int32] = []
        /// The page's own address with `<base>` applied.
        let address: Address
        /// Range of "email" and of "phone" in `scalars`: labels of what stands in mailto: and tel: links.
        private(set) var emailLabel = 0..<0
        private(set) var phoneLabel = 0..<0
        private(set) var truncated: [String] = []

        // Tables. Indexed by element; -1 or false where the element is no such row.
        /// Start of a row's slots in `slots`; the row after it begins where it ends.
        var rowNumber: [Int32] = []
        var rowSlots: [Range<Int>] = []
        var slots: [Slot] = []
        var isHeaderRow: [Bool] = []
        var isGroupRow: [Bool] = []
        /// Number of the headings that hold for a data row, in `headings`.
        var rowHeadings: [Int32] = []
        /// Headings of columns, each a range of `scalars`.
        var headings: [[Range<Int>]] = []
        /// Nearest group row above a row of the same parent.
        var groupBefore: [Int32] = []

        init(_ document: Document) {
            self.document = document
            var base = document.url
            if let element = document.first("base"), let href = document.attribute("href", of: element) {
                let joined = Address(base: document.url).resolve(href.unicodeScalars.map(\.value))
                base = Page.string(joined, 0..<joined.count)
            }
            address = Address(base: base)
            build()
            layTables()
            for index in elements.indices { headingBefore.append(index == 0 ? -1 : heading(after: Int32(index - 1))) }
            emailLabel = append("email")
            phoneLabel = append("phone")
        }

        static func string(_ scalars: [UInt32], _ range: Range<Int>) -> String {
            var view = String.UnicodeScalarView()
            for scalar in scalars[range.clamped(to: scalars.indices)] {
                if let scalar = Unicode.Scalar(scalar) { view.append(scalar == "\n" ? " " : scalar) }
            }
            return String(view)
        }

        func string(_ range: Range<Int>) -> String { Page.string(scalars, range) }

        private func heading(after element: Int32) -> Int32 {
            let before = elements[Int(element)]
            return Tag.isHeading(before.tag) && before.from < before.to ? element : headingBefore[Int(element)]
        }

        private mutating func append(_ text: String) -> Range<Int> {
            let start = scalars.count
            scalars.append(contentsOf: text.unicodeScalars.map(\.value))
            return start..<scalars.count
        }
    }
}

// MARK: - Reading the tree

extension Listing.Page {
    typealias Tag = Listing.Tag

    func children(of element: Int32) -> ArraySlice<Listing.Item> {
        kids[Int(kidStart[Int(element)])..<Int(kidStart[Int(element) + 1])]
    }

    @inline(__always)
    func range(of item: Listing.Item) -> Range<Int> {
        if item >= 0 {
            let element = elements[Int(item)]
            return Int(element.from)..<Int(element.to)
        }
        let run = runs[Int(~item)]
        return Int(run.from)..<Int(run.to)
    }

    func hasText(_ item: Listing.Item) -> Bool {
        if item >= 0 { return elements[Int(item)].from < elements[Int(item)].to }
        return true
    }

    func hasText(_ element: Int) -> Bool { elements[element].from < elements[element].to }

    @inline(__always)
    func tag(_ item: Listing.Item) -> Int32 { item >= 0 ? elements[Int(item)].tag : -1 }

    func attributes(of element: Int32) -> ArraySlice<Attribute> {
        attributes[Int(attributeStart[Int(element)])..<Int(attributeStart[Int(element) + 1])]
    }

    func source(_ element: Int32) -> NodeID { Int(elements[Int(element)].source) }

    /// Range of the document's flow that a range of `scalars` is; nil where it comes from elsewhere or is empty.
    func flowRange(_ range: Range<Int>) -> Range<Int>? {
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= origin.count else { return nil }
        let from = Int(origin[range.lowerBound])
        let to = Int(origin[range.upperBound - 1]) + 1
        return from < to ? from..<to : nil
    }

    func trimmed(_ from: Int, _ to: Int) -> Range<Int> {
        var low = from
        var high = to
        while low < high, Listing.Scalars.isSpace(scalars[low]) { low += 1 }
        while low < high, Listing.Scalars.isSpace(scalars[high - 1]) { high -= 1 }
        return low..<high
    }

    /// Stems of words in the attributes that name an element (class, id, itemprop, ...), the first ten that say something.
    mutating func attributeWords(of element: Int32) -> [Listing.Words.ID] {
        var found: [Listing.Words.ID] = []
        let named = document[source(element)].attributes
        for name in Listing.Page.naming {
            guard let value = named.first(where: { $0.name == name })?.value, !value.isEmpty else { continue }
            let short = value.utf8.count > 90 ? String(value.unicodeScalars.prefix(90)) : value
            if !asked.isEmpty {
                // "quote-text" is a text, "text-muted" is none.
                for token in short.split(whereSeparator: \.isWhitespace) {
                    if let last = words.all(of: String(token)).last, asked.contains(words.stems[Int(last)]), !found.contains(last) {
                        found.append(last)
                    }
                }
            }
            for word in words.all(of: short) {
                let traits = words.traits[Int(word)]
                if traits.contains(.single) || traits.contains(.layout) || found.contains(word) { continue }
                found.append(word)
                if found.count == 10 { return found.map { words.stems[Int($0)] } }
            }
        }
        return found.map { words.stems[Int($0)] }
    }

    /// Interns words of any text; here because the words belong to the page.
    mutating func stemSet(of range: Range<Int>) -> [Listing.Words.ID] {
        words.stemSet(of: words.all(of: scalars, range.lowerBound, range.upperBound))
    }

    mutating func withWords<Result>(_ body: (inout Listing.Words) -> Result) -> Result { body(&words) }

    private static let naming = [
        "itemprop", "property", "class", "id", "data-testid", "data-field", "data-label", "data-title", "data-th", "headers",
        "aria-label", "name", "rel",
    ]

    /// A class or inline style of something that is there for machines (sort keys of tables).
    private static func isMachineText(_ node: Document.Node) -> Bool {
        for attribute in node.attributes {
            if attribute.name == "class", attribute.value.contains("sortkey") { return true }
            if attribute.name == "style", attribute.value.contains("display") {
                let style = attribute.value.filter { $0 != " " }
                if style.contains("display:none") { return true }
            }
        }
        return false
    }

    /// "[3]", "[a] [b]": marks of footnotes.
    private static func isFootnoteMark(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
        var inside = -1
        var marks = 0
        for scalar in text {
            if inside < 0 {
                if scalar == "[" {
                    inside = 0
                } else if !Listing.Scalars.isSpace(scalar.value) {
                    return false
                }
            } else if scalar == "]" {
                if inside == 0 { return false }
                inside = -1
                marks += 1
            } else {
                inside += 1
                if inside > 14 || !(Listing.Scalars.isWord(scalar.value) || scalar == " ") { return false }
            }
        }
        return marks > 0 && inside < 0
    }

    private mutating func build() {
        let nodes = document.nodes
        guard !nodes.isEmpty else {
            kidStart = [0]
            attributeStart = [0]
            return
        }
        let flow = document.flow
        let root = document.first("body") ?? 0

        // What has anything to be seen: of a rendered page, a hidden element may have visible children.
        var seen = [Bool](repeating: false, count: nodes.count)
        for node in stride(from: nodes.count - 1, through: 0, by: -1) {
            let here = nodes[node]
            if !here.isHidden { seen[node] = true }
            if seen[node], here.parent >= 0, document.source == .rendered { seen[here.parent] = true }
        }

        var tagIDs = Tag.ids
        var classIDs: [String: Int32] = ["": -1]
        var signatures: [Int64: Int32] = [:]
        var classSignatures: [String: Int32] = [:]
        var parents: [Int32] = []
        var items: [Listing.Item] = []
        var dropped: [Range<Int>] = []
        var open: [(element: Int32, end: Int)] = []
        var pending: [(element: Int, name: Listing.AttributeName, value: [UInt32])] = []
        var cutDepth = false

        var node = root
        let stop = nodes[root].end
        while node < stop {
            while let last = open.last, last.end <= node {
                elements[Int(last.element)].end = Int32(elements.count)
                open.removeLast()
            }
            let here = nodes[node]
            if !seen[node] {
                node = max(here.end, node + 1)
                continue
            }
            if here.kind == .text {
                let range = flow.trimmed(flow.ranges[node])
                if !range.isEmpty, let parent = open.last {
                    items.append(~Int32(runs.count))
                    parents.append(parent.element)
                    runs.append(Run(from: Int32(range.lowerBound), to: Int32(range.upperBound), source: Int32(node)))
                }
                node += 1
                continue
            }
            guard here.kind == .element || open.isEmpty else {
                node += 1
                continue
            }
            if Tag.left.contains(here.name) || (here.name == "iframe" && !holdsDocument(node)) {
                dropped.append(flow.ranges[node])
                node = max(here.end, node + 1)
                continue
            }
            switch here.name {
            case "sup" where Listing.Page.isFootnoteMark(flow.scalars[flow.ranges[node].clamped(to: flow.scalars.indices)]),
                "span" where Listing.Page.isMachineText(here), "small" where Listing.Page.isMachineText(here),
                "b" where Listing.Page.isMachineText(here), "i" where Listing.Page.isMachineText(here),
                "em" where Listing.Page.isMachineText(here):
                dropped.append(flow.ranges[node])
                node = max(here.end, node + 1)
                continue
            default: break
            }
            guard elements.count < Listing.Limit.elements else {
                truncated.append("only the first \(Listing.Limit.elements) elements of the page were looked at")
                break
            }
            if open.count >= Listing.Limit.depth {
                cutDepth = true
                node += 1
                continue
            }

            var tag: Int32
            if let known = tagIDs[here.name] {
                tag = known
            } else {
                tag = Int32(tagIDs.count)
                tagIDs[here.name] = tag
            }
            let isBlock = Flow.blocks.contains(here.name) || here.name == "hr" || here.name.isEmpty
            let number = Int32(elements.count)
            var className = ""
            var id = ""
            var role = ""
            var own: [(name: Listing.AttributeName, value: [UInt32])] = []
            for attribute in here.attributes {
                switch attribute.name {
                case "class": className = attribute.value
                case "id": id = attribute.value
                case "role": role = attribute.value
                case "href":
                    let value = attribute.value.unicodeScalars.map(\.value)
                    let start = value.prefix { Listing.Scalars.isSpace($0) }.count
                    let scheme = Listing.Address.schemeEnd(value, start, value.count).map {
                        String(Listing.Page.string(value, start..<$0)).lowercased()
                    }
                    switch scheme {
                    case "mailto":
                        let rest = value[(start + 7)...]
                        own.append((.mail, Array(rest.prefix { $0 != "?" })))
                    case "tel": own.append((.tel, Array(value[(start + 4)...])))
                    case "javascript": break
                    default: own.append((.href, address.resolve(value)))
                    }
                case "src", "data-src":
                    if here.name == "img" || here.name == "source" || here.name == "iframe" {
                        let value = address.resolve(attribute.value.unicodeScalars.map(\.value))
                        if attribute.value.isEmpty { break }
                        if let index = own.firstIndex(where: { $0.name == .src }) {
                            if attribute.name == "src" { own[index].value = value }
                        } else {
                            own.append((.src, value))
                        }
                    }
                default:
                    if let name = Listing.AttributeName.plain[attribute.name],
                        name != .value || here.name == "input" || here.name == "data", !attribute.value.isEmpty,
                        attribute.value.utf8.count < 900
                    {
                        let value = attribute.value.unicodeScalars.map(\.value)
                        if value.count < 300 { own.append((name, value)) }
                    }
                }
            }
            if own.count > 1 { own.sort { $0.name.rawValue < $1.name.rawValue } }
            for entry in own { pending.append((Int(number), entry.name, entry.value)) }
            if !role.isEmpty, let mapped = Tag.roles[role], tag != Tag.table, tag != Tag.td, tag != Tag.th, tag != Tag.a { tag = mapped }

            let classID: Int32
            if let known = classIDs[className] {
                classID = known
            } else {
                let text = Listing.Page.signature(ofClass: className)
                if text.isEmpty {
                    classID = -1
                } else if let known = classSignatures[text] {
                    classID = known
                } else {
                    classID = Int32(classSignatures.count)
                    classSignatures[text] = classID
                }
                classIDs[className] = classID
            }
            let pair = Int64(tag) << 32 | Int64(classID + 1)
            let signature: Int32
            if let known = signatures[pair] {
                signature = known
            } else {
                signature = Int32(signatures.count)
                signatures[pair] = signature
                signatureNaming.append(Listing.Page.naming(className))
                isBareSignature.append(classID < 0)
            }

            var zone = open.last.map { elements[Int($0.element)].zone } ?? .none
            switch tag {
            case Tag.nav: zone = .nav
            case Tag.footer: zone = .footer
            case Tag.header: zone = .header
            case Tag.aside: zone = .aside
            case Tag.main: zone = .none
            case Tag.body: break
            default:
                if !(className.isEmpty && id.isEmpty && role.isEmpty) { zone = self.zone(className, id, role, inherited: zone) }
            }
            if let parent = open.last {
                parents.append(parent.element)
                items.append(number)
            }
            elements.append(
                Element(
                    tag: tag, signature: signature, source: Int32(node), parent: open.last?.element ?? -1, end: number + 1,
                    depth: Int32(open.count), zone: zone, isBlock: isBlock))
            if here.name == "br" || here.end <= node + 1 {
                node = max(here.end, node + 1)
            } else {
                open.append((number, here.end))
                node += 1
            }
        }
        for last in open { elements[Int(last.element)].end = Int32(elements.count) }
        if cutDepth { truncated.append("elements nested deeper than \(Listing.Limit.depth) were not told apart") }

        arrangeKids(parents, items)
        for index in stride(from: elements.count - 1, to: 0, by: -1) where elements[index].isBlock || elements[index].hasBlock {
            elements[Int(elements[index].parent)].hasBlock = true
        }
        copyFlow(flow, without: dropped)
        place(pending)
    }

    private func holdsDocument(_ node: NodeID) -> Bool {
        node + 1 < document[node].end && document[node + 1].kind == .document
    }

    /// Kids by parent, in order.
    private mutating func arrangeKids(_ parents: [Int32], _ items: [Listing.Item]) {
        kidStart = [Int32](repeating: 0, count: elements.count + 1)
        for parent in parents { kidStart[Int(parent) + 1] += 1 }
        for index in elements.indices { kidStart[index + 1] += kidStart[index] }
        kids = [Listing.Item](repeating: 0, count: items.count)
        var next = kidStart
        for (index, item) in items.enumerated() {
            let parent = Int(parents[index])
            let position = Int(next[parent])
            kids[position] = item
            next[parent] += 1
            if item >= 0 { elements[Int(item)].place = Int32(position) - kidStart[parent] }
        }
    }

    /// Copies the flow without the dropped ranges and moves all ranges along.
    private mutating func copyFlow(_ flow: Flow, without dropped: [Range<Int>]) {
        let count = flow.scalars.count
        scalars.reserveCapacity(count * 2)
        origin.reserveCapacity(count)
        var moved = [Int32](repeating: 0, count: count + 1)
        var next = 0
        var at = 0
        var afterGap = false
        while at < count {
            while next < dropped.count, dropped[next].upperBound <= at { next += 1 }
            if next < dropped.count, dropped[next].contains(at) {
                moved[at] = Int32(scalars.count)
                afterGap = true
                at += 1
                continue
            }
            let scalar = flow.scalars[at].value
            let isSpace = scalar == " " || scalar == "\n"
            if afterGap, isSpace, let last = scalars.last, last == " " || last == "\n" {
                moved[at] = Int32(scalars.count)
                if scalar == "\n" { scalars[scalars.count - 1] = scalar }
            } else {
                moved[at] = Int32(scalars.count)
                scalars.append(scalar)
                origin.append(Int32(at))
                if !isSpace { afterGap = false }
            }
            at += 1
        }
        moved[count] = Int32(scalars.count)
        for index in runs.indices {
            let range = trimmed(Int(moved[Int(runs[index].from)]), Int(moved[Int(runs[index].to)]))
            runs[index].from = Int32(range.lowerBound)
            runs[index].to = Int32(range.upperBound)
        }
        for index in elements.indices {
            let range = flow.ranges[Int(elements[index].source)].clamped(to: 0..<count)
            let own = trimmed(Int(moved[range.lowerBound]), Int(moved[range.upperBound]))
            elements[index].from = Int32(own.lowerBound)
            elements[index].to = Int32(own.upperBound)
        }
    }

    /// Puts attribute values behind the text, white space collapsed.
    private mutating func place(_ pending: [(element: Int, name: Listing.AttributeName, value: [UInt32])]) {
        attributeStart = [Int32](repeating: 0, count: elements.count + 1)
        var element = 0
        for entry in pending {
            while element < entry.element {
                element += 1
                attributeStart[element] = Int32(attributes.count)
            }
            let start = scalars.count
            for scalar in entry.value {
                if Listing.Scalars.isSpace(scalar) {
                    if scalars.count > start, scalars[scalars.count - 1] != " " { scalars.append(Listing.Scalars.blank) }
                } else if scalar != 0x200B {
                    scalars.append(scalar)
                }
            }
            while scalars.count > start, scalars[scalars.count - 1] == " " { scalars.removeLast() }
            if scalars.count > start { attributes.append(Attribute(name: entry.name, from: Int32(start), to: Int32(scalars.count))) }
        }
        while element < elements.count {
            element += 1
            attributeStart[element] = Int32(attributes.count)
        }
    }

    private mutating func zone(_ className: String, _ id: String, _ role: String, inherited: Listing.Zone) -> Listing.Zone {
        var traits: Listing.Words.Traits = []
        var count = 0
        var distinct: [Listing.Words.ID] = []
        for text in [className, id, role] where !text.isEmpty {
            for word in words.all(of: text) where !distinct.contains(word) {
                distinct.append(word)
                traits.formUnion(words.traits[Int(word)])
                count += 1
                if count >= 14 { return inherited }
            }
        }
        if traits.contains(.navigation) { return .nav }
        if traits.contains(.footer) { return .footer }
        if traits.contains(.aside), inherited == .none { return .aside }
        return inherited
    }

    private static let states: Set<String> = [
        "first", "last", "odd", "even", "active", "current", "selected", "alt", "hover", "open", "closed", "show", "hide", "hidden",
        "visible", "collapsed", "expanded", "clearfix", "left", "right",
    ]
    private static let stateParts: Set<String> = ["first", "last", "odd", "even", "active", "current"]

    /// Class tokens that say what an element is: states and hashes left out, numbers as "#", at most five, sorted.
    static func signature(ofClass text: String) -> String {
        var kept: Set<String> = []
        for token in text.utf8.split(whereSeparator: { $0 == 32 || ($0 >= 9 && $0 <= 13) }) {
            let lower = String(decoding: token, as: UTF8.self).lowercased()
            if states.contains(lower) { continue }
            if lower.utf8.split(whereSeparator: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
                .contains(where: { stateParts.contains(String(decoding: $0, as: UTF8.self)) })
            {
                continue
            }
            var changes = 0
            var before: UInt8 = 0
            var out: [UInt8] = []
            var length = 0
            for byte in lower.utf8 {
                let isDigit = byte >= 48 && byte <= 57
                let isLetter = byte >= 97 && byte <= 122
                // 1 letter, 2 digit; a change used as the end of one pair does not begin the next.
                let kind: UInt8 = isDigit ? 2 : isLetter ? 1 : 0
                if kind != 0, before != 0, kind != before {
                    changes += 1
                    before = 0
                } else {
                    before = kind
                }
                if isDigit {
                    if out.last != UInt8(ascii: "#") { out.append(UInt8(ascii: "#")) }
                } else {
                    out.append(byte)
                }
                length += 1
            }
            if length >= 5, changes >= 2 { continue }
            kept.insert(String(decoding: out, as: UTF8.self))
        }
        return kept.sorted().prefix(5).joined(separator: ".")
    }

    /// What a class says of an element: that it is a label, or a title, which may be one.
    enum Naming: UInt8 {
        case none, label, title
    }

    private static func naming(_ text: String) -> Naming {
        guard !text.isEmpty else { return .none }
        let lower = text.lowercased()
        if ["label", "term", "lbl"].contains(where: { lower.contains($0) }) { return .label }
        return ["title", "head", "name", "key"].contains { lower.contains($0) } ? .title : .none
    }
}
