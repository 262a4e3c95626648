extension Listing {
    enum Kind: UInt8 {
        /// Text of an element; a run of text beside inline elements; a line between blocks.
        case text, run, line
        /// After a label; a part between separators; before or after a comma; around brackets.
        case labelled, split, comma, brackets
        /// A date, code, amount, phone number, e-mail address or citation inside a text; what stands before or after it.
        case pattern, beside
        /// A link's address; an image's; another attribute.
        case href, image, attribute
        /// First word or the rest; first and last name.
        case word
        /// Outside the record.
        case context
    }

    struct Cell {
        var key: Keys.ID
        /// Number of its text among all different texts.
        var value: Int32
        /// Value number of its label; -1 for none.
        var label: Int32
        var element: Int32
        var from: Int32
        var to: Int32
        /// Order of its element in the record.
        var position: Int32
        var kind: Kind
        var attribute: AttributeName?
        var isLink: Bool
        var isHead: Bool
    }

    /// Different texts as integers; white space of any kind counts as one space.
    struct Values {
        private var table: [Int32]
        private(set) var from: [Int32] = []
        private(set) var to: [Int32] = []
        private var hashes: [UInt64] = []

        init() { table = [Int32](repeating: -1, count: 4096) }

        var count: Int { from.count }

        func range(_ value: Int32) -> Range<Int> { Int(from[Int(value)])..<Int(to[Int(value)]) }

        mutating func id(_ text: [UInt32], _ start: Int, _ end: Int) -> Int32 {
            var hash: UInt64 = 14_695_981_039_346_656_037
            for position in start..<end {
                let scalar = text[position]
                hash = (hash ^ UInt64(scalar == "\n" ? 32 : scalar)) &* 0x0000_0100_0000_01B3
            }
            hash ^= hash >> 31
            var slot = Int(truncatingIfNeeded: hash & UInt64(table.count - 1))
            while table[slot] >= 0 {
                let known = Int(table[slot])
                if hashes[known] == hash, Int(to[known] - from[known]) == end - start, same(text, Int(from[known]), start, end - start) {
                    return table[slot]
                }
                slot = (slot + 1) & (table.count - 1)
            }
            let id = Int32(from.count)
            table[slot] = id
            from.append(Int32(start))
            to.append(Int32(end))
            hashes.append(hash)
            if from.count * 2 > table.count { grow() }
            return id
        }

        private func same(_ text: [UInt32], _ a: Int, _ b: Int, _ count: Int) -> Bool {
            if a == b { return true }
            for offset in 0..<count {
                let left = text[a + offset] == "\n" ? 32 : text[a + offset]
                let right = text[b + offset] == "\n" ? 32 : text[b + offset]
                if left != right { return false }
            }
            return true
        }

        private mutating func grow() {
            table = [Int32](repeating: -1, count: table.count * 2)
            for (id, hash) in hashes.enumerated() {
                var slot = Int(truncatingIfNeeded: hash & UInt64(table.count - 1))
                while table[slot] >= 0 { slot = (slot + 1) & (table.count - 1) }
                table[slot] = Int32(id)
            }
        }
    }

    /// Reads records into cells. Records of one element are read once, since many families share them.
    struct Cells {
        var page: Page
        private(set) var keys = Keys()
        var values = Values()
        private(set) var cells: [Cell] = []
        /// By element: where its cells stand in `cells`.
        private var known: [Range<Int32>]
        private var lowered: [Int32: Int32] = [:]
        private var lowercase: [String: Int32] = [:]
        /// Values of the headings of `page.headings`, -1 where there is none.
        private var headingLabels: [[Int32]] = []
        private var terms: [Int64: (count: Int, distinct: Int, hasNeighbour: Bool)] = [:]
        private var emailLabel: Int32 = -1
        private var phoneLabel: Int32 = -1

        // The record being read.
        private var start = 0
        private var position: Int32 = 0
        /// By key: in how many records of this reading it was met, and how often in the present one.
        private var stamp: [Int32] = []
        private var times: [Int32] = []
        private var reading: Int32 = 0

        init(_ page: Page) {
            self.page = page
            known = [Range<Int32>](repeating: -1..<(-1), count: page.elements.count)
            itemStamp = [Int32](repeating: 0, count: page.elements.count)
            ancestorStamp = itemStamp
            for headings in page.headings {
                headingLabels.append(headings.map { $0.isEmpty ? -1 : values.id(page.scalars, $0.lowerBound, $0.upperBound) })
            }
            emailLabel = values.id(page.scalars, page.emailLabel.lowerBound, page.emailLabel.upperBound)
            phoneLabel = values.id(page.scalars, page.phoneLabel.lowerBound, page.phoneLabel.upperBound)
            countTerms()
        }

        /// Takes over words, which only grow.
        func string(_ value: Int32) -> String { value < 0 ? "" : page.string(values.range(value)) }

        func string(_ cell: Cell) -> String { page.string(Int(cell.from)..<Int(cell.to)) }

        /// The element that every record of a family is one of; nil for a record of a family whose records may have several items, which is
        /// read like the others also where it has one.
        private func only(_ record: ArraySlice<Item>, _ family: Family) -> Item? {
            guard family.starts == nil, let only = record.first, only >= 0 else { return nil }
            return only
        }

        /// Cells of a record, as a range of `cells`.
        mutating func read(_ record: ArraySlice<Item>, of family: Family) -> Range<Int> {
            if let only = only(record, family) {
                let range = known[Int(only)]
                if range.lowerBound >= 0 { return Int(range.lowerBound)..<Int(range.upperBound) }
                begin()
                emit(only, Keys.root, label: -1, isLink: false, isHead: false, depth: 0)
                known[Int(only)] = Int32(start)..<Int32(cells.count)
                return start..<cells.count
            }
            begin()
            let first = record.first { $0 >= 0 }
            let holder = first.map { page.elements[Int($0)].parent } ?? -1
            let owner = holder >= 0 ? holder : 0
            let whole = text(of: record)
            add(Keys.whole, whole.lowerBound, whole.upperBound, .text, -1, owner, false, false)
            items(record, Keys.root, label: -1, owner, isLink: false, isHead: false, depth: 0, isWhole: false)
            return start..<cells.count
        }

        private mutating func begin() {
            start = cells.count
            position = 0
            reading += 1
        }

        /// Forgets what was read for one record only, so that reading 20,000 records takes no more room than one.
        mutating func forget(_ range: Range<Int>) {
            if range.upperBound == cells.count { cells.removeLast(range.count) }
        }

        func isKnown(_ record: ArraySlice<Item>, of family: Family) -> Bool {
            only(record, family).map { known[Int($0)].lowerBound >= 0 } ?? false
        }

        mutating func unlearn(_ record: ArraySlice<Item>, of family: Family) {
            if let only = only(record, family) { known[Int(only)] = -1..<(-1) }
        }

        /// From the first to the last text of neighbouring items.
        private func text(of items: ArraySlice<Item>) -> Range<Int> {
            var low = Int.max
            var high = 0
            for item in items where page.hasText(item) {
                let range = page.range(of: item)
                low = min(low, range.lowerBound)
                high = max(high, range.upperBound)
            }
            return low <= high ? low..<high : 0..<0
        }

        // MARK: Adding

        private mutating func add(
            _ key: Keys.ID, _ from: Int, _ to: Int, _ kind: Kind, _ label: Int32, _ element: Int32, _ isLink: Bool, _ isHead: Bool,
            _ attribute: AttributeName? = nil
        ) {
            let range = page.trimmed(from, to)
            guard !range.isEmpty else { return }
            while stamp.count <= Int(key) {
                stamp.append(0)
                times.append(0)
            }
            if stamp[Int(key)] != reading {
                stamp[Int(key)] = reading
                times[Int(key)] = 0
            }
            let before = times[Int(key)]
            times[Int(key)] += 1
            guard before <= 3, cells.count - start < Limit.cellsPerRecord else { return }
            cells.append(
                Cell(
                    key: before == 0 ? key : keys.id(key, .again, before),
                    value: values.id(page.scalars, range.lowerBound, range.upperBound), label: label, element: element,
                    from: Int32(range.lowerBound), to: Int32(range.upperBound), position: position, kind: kind, attribute: attribute,
                    isLink: isLink, isHead: isHead))
        }

        private var isFull: Bool { cells.count - start >= Limit.cellsPerRecord }

        /// Number of a label in lower case, for keys.
        private mutating func lower(_ label: Int32) -> Int32 {
            if let known = lowered[label] { return known }
            let text = string(label).lowercased()
            let id = lowercase[text] ?? label
            lowercase[text] = id
            lowered[label] = id
            return id
        }

        /// A text as a label: without the colon at its end; -1 where nothing is left.
        private mutating func label(_ from: Int, _ to: Int) -> Int32 {
            var range = page.trimmed(from, to)
            while let last = range.last, page.scalars[last] == ":" || page.scalars[last] == " " {
                range = range.lowerBound..<range.upperBound - 1
            }
            return range.isEmpty ? -1 : values.id(page.scalars, range.lowerBound, range.upperBound)
        }

        private static func isEdge(_ scalar: UInt32) -> Bool {
            switch scalar {
            case 0x20, 0x0A, 0x2C, 0x3B, 0x7C, 0x2013, 0x2014, 0x2D, 0x2022, 0xB7: true
            default: false
            }
        }

        /// Without separators at both ends; `colon` counts as one.
        private func bare(_ from: Int, _ to: Int, colon: Bool = false) -> Range<Int> {
            var low = from
            var high = to
            while low < high, Cells.isEdge(page.scalars[low]) || (colon && page.scalars[low] == ":") { low += 1 }
            while low < high, Cells.isEdge(page.scalars[high - 1]) || (colon && page.scalars[high - 1] == ":") { high -= 1 }
            return low..<high
        }

        // MARK: Elements

        private mutating func emit(_ element: Int32, _ path: Keys.ID, label: Int32, isLink: Bool, isHead: Bool, depth: Int) {
            position += 1
            let node = page.elements[Int(element)]
            if node.tag == Tag.br || depth > 14 || isFull { return }
            if node.tag == Tag.tr, page.rowNumber[Int(element)] >= 0 {
                rowCells(element, path, isLink: isLink, isHead: isHead, depth: depth)
                return
            }
            let isLink = isLink || node.tag == Tag.a
            let isHead = isHead || Tag.isHeading(node.tag)
            if node.from < node.to, node.to - node.from < 6000 {
                add(path, Int(node.from), Int(node.to), .text, label, element, isLink, isHead)
            }
            attributes(element, path, label, isLink, isHead)
            let kids = page.children(of: element)
            if kids.isEmpty { return }
            items(kids, path, label: label, element, isLink: isLink, isHead: isHead, depth: depth, isWhole: true)
        }

        private mutating func attributes(_ element: Int32, _ path: Keys.ID, _ label: Int32, _ isLink: Bool, _ isHead: Bool) {
            for attribute in page.attributes(of: element) {
                let kind: Kind
                var own = label
                var link = isLink
                switch attribute.name {
                case .href:
                    kind = .href
                    link = true
                case .mail:
                    kind = .attribute
                    if own < 0 { own = emailLabel }
                    link = true
                case .tel:
                    kind = .attribute
                    if own < 0 { own = phoneLabel }
                    link = true
                case .src: kind = .image
                case .dataLabel, .dataTh: continue
                default: kind = .attribute
                }
                let key = keys.id(path, .attribute, Int32(attribute.name.rawValue))
                add(key, Int(attribute.from), Int(attribute.to), kind, own, element, link, isHead, attribute.name)
            }
        }

        private func splits(_ item: Item) -> Bool {
            guard item >= 0 else { return false }
            let element = page.elements[Int(item)]
            return element.tag == Tag.br || element.isBlock || element.hasBlock
        }

        private mutating func items(
            _ kids: ArraySlice<Item>, _ path: Keys.ID, label: Int32, _ element: Int32, isLink: Bool, isHead: Bool, depth: Int, isWhole: Bool
        ) {
            lines(kids, path, label: label, element, isLink, isHead, isWhole)
            var occurrences: [(signature: Int32, count: Int32)] = []
            var before: Int32 = -1
            var inner = 0
            for kid in kids where kid >= 0 { inner += 1 }
            for kid in kids {
                if isFull { return }
                guard kid >= 0 else {
                    let range = page.range(of: kid)
                    before =
                        Patterns.trailingLabel(page.scalars, range.lowerBound, range.upperBound).map {
                            self.label($0.lowerBound, $0.upperBound)
                        } ?? -1
                    continue
                }
                let node = page.elements[Int(kid)]
                if node.tag == Tag.br { continue }
                var occurrence: Int32 = 0
                if let index = occurrences.firstIndex(where: { $0.signature == node.signature }) {
                    occurrence = occurrences[index].count
                    occurrences[index].count += 1
                } else {
                    occurrences.append((node.signature, 1))
                }
                let key =
                    before >= 0 && node.tag != Tag.dt
                    ? keys.id(path, .labelledElement, node.tag, lower(before))
                    : keys.id(path, .element, node.signature, occurrence, looksLikeCell: node.tag == Tag.center)
                emit(kid, key, label: before >= 0 ? before : label, isLink: isLink, isHead: isHead, depth: depth + 1)

                let from = Int(node.from)
                let to = Int(node.to)
                let length = to - from
                if length > 0, length < 60, node.tag == Tag.dt || node.tag == Tag.th || node.tag == Tag.label {
                    before = self.label(from, to)
                } else if length > 0, length < 45, page.scalars[to - 1] == ":" {
                    before = self.label(from, to)
                } else if length > 0, length < 32, isTerm(kid, path, inner: inner) {
                    before = occurrence == 0 || node.tag != Tag.dd ? values.id(page.scalars, from, to) : -1
                } else if length > 0, node.tag != Tag.dd {
                    before = -1
                }
            }
        }

        /// A short text that is the label of what follows it: its class says so, or it is the first of two in a row of several such rows
        /// whose first texts repeat from record to record. A title or a city that stands first in its record is none.
        private func isTerm(_ kid: Item, _ path: Keys.ID, inner: Int) -> Bool {
            let node = page.elements[Int(kid)]
            if node.tag == Tag.a || Tag.isHeading(node.tag) || page.scalars[Int(node.from)..<Int(node.to)].contains(where: Scalars.isDigit)
            {
                return false
            }
            let naming = page.signatureNaming[Int(node.signature)]
            if naming == .label { return true }
            guard naming == .title || inner == 2, path != Keys.root, let slot = terms[slot(of: kid)], slot.count >= 3 else { return false }
            return slot.distinct * 3 <= slot.count && slot.hasNeighbour
        }

        /// Place of an element by the signatures of its parent and itself.
        private func slot(of kid: Item) -> Int64 {
            let node = page.elements[Int(kid)]
            let parent = node.parent < 0 ? 0 : page.elements[Int(node.parent)].signature
            return Int64(parent) << 32 | Int64(node.signature)
        }

        /// How often and with how many different texts each slot occurs among short texts.
        private mutating func countTerms() {
            var texts: [Int64: Set<Int32>] = [:]
            for index in page.elements.indices {
                let node = page.elements[index]
                let length = node.to - node.from
                guard length > 0, length < 32, node.parent >= 0, node.place == 0 else { continue }
                let slot = slot(of: Item(index))
                texts[slot, default: []].insert(values.id(page.scalars, Int(node.from), Int(node.to)))
                terms[slot, default: (0, 0, false)].count += 1
                let holder = page.elements[Int(node.parent)]
                guard holder.parent >= 0, terms[slot]?.hasNeighbour == false else { continue }
                let siblings = page.children(of: holder.parent)
                let next = siblings.startIndex + Int(holder.place) + 1
                if next < siblings.endIndex, siblings[next] >= 0, page.elements[Int(siblings[next])].signature == holder.signature {
                    terms[slot]?.hasNeighbour = true
                }
            }
            for (slot, set) in texts { terms[slot]?.distinct = set.count }
        }

        /// Runs of inline content between block borders and line breaks.
        private mutating func lines(
            _ kids: ArraySlice<Item>, _ path: Keys.ID, label: Int32, _ element: Int32, _ isLink: Bool, _ isHead: Bool, _ isWhole: Bool
        ) {
            var runs: [Range<Int>] = []
            var hasBlock = false
            var from = kids.startIndex
            for index in kids.startIndex...kids.endIndex {
                if index < kids.endIndex, !splits(kids[index]) { continue }
                if index < kids.endIndex, page.tag(kids[index]) != Tag.br { hasBlock = true }
                if from < index, kids[from..<index].contains(where: { page.hasText($0) }) { runs.append(from..<index) }
                from = index + 1
            }
            let isMany = runs.count > 1 || hasBlock
            for (number, run) in runs.prefix(12).enumerated() {
                let members = kids[run]
                let text = text(of: members)
                let line = keys.id(path, .line, Int32(number))
                if isMany {
                    if members.count > 1 || members[members.startIndex] < 0 {
                        add(line, text.lowerBound, text.upperBound, .line, label, element, isLink, isHead)
                        parts(line, text, label, element, isLink, isHead)
                    }
                } else {
                    parts(path, isWhole ? page.range(of: element) : text, label, element, isLink, isHead)
                }
                guard members.count > 1 else { continue }
                var order: Int32 = 0
                var before: Int32 = -1
                for member in members.prefix(14) {
                    let range = page.range(of: member)
                    guard member >= 0 else {
                        let text = bare(range.lowerBound, range.upperBound)
                        if !text.isEmpty {
                            let own = before >= 0 ? before : label
                            let plain = keys.id(path, .text, Int32(number), order)
                            let key = before < 0 ? plain : keys.id(path, .labelledText, 0, lower(before))
                            var start = text.lowerBound
                            while start < text.upperBound, page.scalars[start] == ":" || page.scalars[start] == " " { start += 1 }
                            add(key, start, text.upperBound, .run, own, element, isLink, isHead)
                            parts(plain, text, own, element, isLink, isHead)
                            order += 1
                        }
                        before =
                            Patterns.trailingLabel(page.scalars, range.lowerBound, range.upperBound).map {
                                self.label($0.lowerBound, $0.upperBound)
                            } ?? -1
                        continue
                    }
                    guard !range.isEmpty else { continue }
                    before = -1
                    switch page.tag(member) {
                    case Tag.b, Tag.strong, Tag.label:
                        if range.count < 40 { before = self.label(range.lowerBound, range.upperBound) }
                    case Tag.em, Tag.span, Tag.i, Tag.dt, Tag.th, Tag.u:
                        if range.count < 40, page.scalars[range.upperBound - 1] == ":" {
                            before = self.label(range.lowerBound, range.upperBound)
                        }
                    default: break
                    }
                }
                if members[members.startIndex] >= 0, !isMany {
                    let rest = self.text(of: members.dropFirst())
                    let own = bare(rest.lowerBound, rest.upperBound, colon: true)
                    if !own.isEmpty {
                        let first = page.range(of: members[members.startIndex])
                        let label = first.count < 40 ? self.label(first.lowerBound, first.upperBound) : label
                        add(keys.id(path, .rest, 0), own.lowerBound, own.upperBound, .run, label, element, isLink, isHead)
                    }
                }
            }
        }

        private mutating func rowCells(_ row: Int32, _ path: Keys.ID, isLink: Bool, isHead: Bool, depth: Int) {
            let slots = page.rowSlots[Int(page.rowNumber[Int(row)])]
            let headings = page.rowHeadings[Int(row)]
            var before: Int32 = -1
            for slot in page.slots[slots].prefix(40) {
                if isFull { return }
                var own: Int32 = -1
                if headings >= 0, Int(slot.column) < headingLabels[Int(headings)].count {
                    own = headingLabels[Int(headings)][Int(slot.column)]
                }
                let node = page.elements[Int(slot.cell)]
                if headings < 0, node.tag == Tag.td, before >= 0, slots.count == 2 { own = before }
                if own < 0 {
                    for name in [AttributeName.dataLabel, .dataTh, .dataTitle] {
                        guard let attribute = page.attributes(of: slot.cell).first(where: { $0.name == name }) else { continue }
                        own = values.id(page.scalars, Int(attribute.from), Int(attribute.to))
                        break
                    }
                }
                emit(slot.cell, keys.id(path, .column, slot.column), label: own, isLink: isLink, isHead: isHead, depth: depth + 1)
                if headings < 0 {
                    before = node.to - node.from < 45 && node.from < node.to ? label(Int(node.from), Int(node.to)) : -1
                }
            }
        }

        // MARK: Parts of a text

        private mutating func parts(
            _ base: Keys.ID, _ range: Range<Int>, _ label: Int32, _ element: Int32, _ isLink: Bool, _ isHead: Bool
        ) {
            let from = range.lowerBound
            let to = range.upperBound
            guard from < to, !isFull else { return }
            func key(_ part: Keys.Part) -> Keys.ID { keys.id(base, .part, Int32(part.rawValue)) }
            func put(_ part: Keys.Part, _ from: Int, _ to: Int, _ kind: Kind, _ own: Int32? = nil) {
                guard from < to else { return }
                add(key(part), from, to, kind, own ?? label, element, isLink, isHead)
            }
            inlineLabels(base, range, element, isLink, isHead)
            if to - from > 400 {
                if let date = Patterns.date(page.scalars, from, from + 400) { put(.date, date.lowerBound, date.upperBound, .pattern) }
                return
            }
            var hasDigit = false
            var hasAt = false
            var hasSeparator = false
            var hasComma = false
            var hasBracket = false
            var spaces = 0
            for position in from..<to {
                let scalar = page.scalars[position]
                switch scalar {
                case 0x20: spaces += 1
                case 0x30...0x39: hasDigit = true
                case 0x40: hasAt = true
                case 0x2C: hasComma = true
                case 0x28, 0x5B: hasBracket = true
                case 0x0A, 0x2D, 0x7C, 0x3A, 0x2F, 0x3B: hasSeparator = true
                default:
                    if scalar > 0x7F {
                        hasSeparator = true
                        if Scalars.isDigit(scalar) { hasDigit = true } else if Scalars.isSpace(scalar) { spaces += 1 }
                    }
                }
            }
            if hasSeparator, let found = Patterns.labelled(page.scalars, from, to), !startsWithHTTP(from, to) {
                let own = values.id(page.scalars, found.label.lowerBound, found.label.upperBound)
                add(keys.id(base, .labelledPart, 0, lower(own)), found.value, to, .labelled, own, element, isLink, isHead)
            }
            if hasSeparator { separated(base, from, to, label, element, isLink, isHead) }
            if hasComma, to - from <= 160 {
                let comma = Listing.Scalars.comma
                if let first = page.scalars[from..<to].firstIndex(of: comma), let last = page.scalars[from..<to].lastIndex(of: comma) {
                    put(.beforeComma, from, first, .comma)
                    put(.afterComma, first + 1, to, .comma)
                    put(.afterLastComma, last + 1, to, .comma)
                    put(.beforeLastComma, from, last, .comma)
                }
            }
            if to - from > 30, let found = Patterns.sentenceBreak(page.scalars, from, to) {
                put(.sentence, from, found.end, .split)
                put(.afterSentence, found.next, to, .split)
            }
            if hasBracket, let found = Patterns.brackets(page.scalars, from, to) {
                put(.beforeBrackets, found.before.lowerBound, found.before.upperBound, .brackets)
                put(.inBrackets, found.inside.lowerBound, found.inside.upperBound, .brackets)
                put(.afterBrackets, found.after.lowerBound, found.after.upperBound, .brackets)
            }
            if hasDigit {
                if let found = Patterns.date(page.scalars, from, to), found.count < to - from {
                    put(.date, found.lowerBound, found.upperBound, .pattern)
                    let (before, after) = around(found, from, to)
                    put(.beforeDate, before.lowerBound, before.upperBound, .beside)
                    put(.afterDate, after.lowerBound, after.upperBound, .beside)
                }
                if let found = Patterns.code(page.scalars, from, to), found.count < to - from {
                    put(.code, found.lowerBound, found.upperBound, .pattern)
                    let (before, after) = around(found, from, to)
                    put(.beforeCode, before.lowerBound, before.upperBound, .beside)
                    put(.afterCode, after.lowerBound, after.upperBound, .beside)
                }
                if let found = Patterns.money(page.scalars, from, to), found.count < to - from {
                    put(.money, found.lowerBound, found.upperBound, .pattern)
                }
                if let found = Patterns.phone(page.scalars, from, to), found.count < to - from {
                    put(.phone, found.lowerBound, found.upperBound, .pattern)
                }
            }
            if hasAt, let found = Patterns.email(page.scalars, from, to), found.count < to - from {
                put(.email, found.lowerBound, found.upperBound, .pattern)
            }
            if hasDigit, let found = Patterns.citation(page.scalars, from, to), found.count < to - from {
                put(.citation, found.lowerBound, found.upperBound, .pattern)
            }
            if !hasDigit, spaces > 0, spaces <= 8, to - from <= 70 { names(base, from, to, label, element, isLink, isHead) }
            if spaces >= 1, spaces <= 3, to - from < 50 {
                let words = self.words(from, to)
                if (2...4).contains(words.count) {
                    put(.firstWord, words[0].lowerBound, words[0].upperBound, .word)
                    put(.afterFirstWord, words[1].lowerBound, to, .word)
                }
            }
            if spaces > 0, let next = Patterns.opener(page.scalars, from, to) {
                let own = page.trimmed(from, next)
                put(.afterOpener, next, to, .labelled, values.id(page.scalars, own.lowerBound, own.upperBound))
            }
        }

        /// "“To be.” Author: William" is a text and a value with its label.
        private mutating func inlineLabels(_ base: Keys.ID, _ range: Range<Int>, _ element: Int32, _ isLink: Bool, _ isHead: Bool) {
            // As long as the text of an element that is a cell.
            guard range.count < 6000 else { return }
            var labels: [(label: Range<Int>, value: Int)] = []
            var from = range.lowerBound
            while labels.count < 6, let found = Patterns.inlineLabel(page.scalars, from, range.upperBound) {
                labels.append(found)
                from = found.value
            }
            guard let first = labels.first else { return }
            let before = bare(range.lowerBound, first.label.lowerBound)
            add(
                keys.id(base, .part, Int32(Keys.Part.beforeLabel.rawValue)), before.lowerBound, before.upperBound, .split, -1, element,
                isLink, isHead)
            for (number, found) in labels.enumerated() {
                let end = number + 1 < labels.count ? labels[number + 1].label.lowerBound : range.upperBound
                let value = bare(found.value, end)
                let own = values.id(page.scalars, found.label.lowerBound, found.label.upperBound)
                add(
                    keys.id(base, .labelledPart, 0, lower(own)), value.lowerBound, value.upperBound, .labelled, own, element, isLink, isHead
                )
            }
        }

        private func startsWithHTTP(_ from: Int, _ to: Int) -> Bool {
            let http: [UInt32] = [0x68, 0x74, 0x74, 0x70]
            guard from + 4 <= to else { return false }
            for index in 0..<4 where page.scalars[from + index] | 32 != http[index] { return false }
            return true
        }

        private mutating func separated(
            _ base: Keys.ID, _ from: Int, _ to: Int, _ label: Int32, _ element: Int32, _ isLink: Bool, _ isHead: Bool
        ) {
            var pieces: [Range<Int>] = []
            var first = to
            var start = from
            var at = from
            while at < to {
                if let end = Patterns.separatorEnd(page.scalars, at, to), end > at {
                    if first == to { first = end }
                    pieces.append(start..<at)
                    start = end
                    at = end
                } else {
                    at += 1
                }
            }
            guard !pieces.isEmpty else { return }
            pieces.append(start..<to)
            pieces = pieces.filter { !page.trimmed($0.lowerBound, $0.upperBound).isEmpty }
            guard (2...7).contains(pieces.count) else { return }
            for (index, piece) in pieces.prefix(4).enumerated() {
                let key = keys.id(base, .part, Int32(Keys.Part.first.rawValue) + Int32(index))
                add(key, piece.lowerBound, piece.upperBound, .split, label, element, isLink, isHead)
            }
            let last = pieces[pieces.count - 1]
            let key = keys.id(base, .part, Int32(Keys.Part.last.rawValue))
            add(key, last.lowerBound, last.upperBound, .split, label, element, isLink, isHead)
            if first < to {
                add(keys.id(base, .part, Int32(Keys.Part.afterFirst.rawValue)), first, to, .split, label, element, isLink, isHead)
            }
        }

        /// What stands before and after a match, without separators.
        private func around(_ match: Range<Int>, _ from: Int, _ to: Int) -> (before: Range<Int>, after: Range<Int>) {
            func isEdge(_ scalar: UInt32, _ before: Bool) -> Bool {
                switch scalar {
                case 0x20, 0x0A, 0x2C, 0x3B, 0x3A, 0x2D, 0x2013, 0x2014, 0x7C: true
                case 0x28, 0x23: before
                case 0x29: !before
                default: false
                }
            }
            var low = from
            var high = match.lowerBound
            while low < high, isEdge(page.scalars[low], true) { low += 1 }
            while low < high, isEdge(page.scalars[high - 1], true) { high -= 1 }
            let before = low..<max(low, high)
            low = match.upperBound
            high = to
            while low < high, isEdge(page.scalars[low], false) { low += 1 }
            while low < high, isEdge(page.scalars[high - 1], false) { high -= 1 }
            return (before, low..<max(low, high))
        }

        private func words(_ from: Int, _ to: Int) -> [Range<Int>] {
            var words: [Range<Int>] = []
            var at = from
            while at < to {
                while at < to, Scalars.isSpace(page.scalars[at]) { at += 1 }
                let start = at
                while at < to, !Scalars.isSpace(page.scalars[at]) { at += 1 }
                if at > start { words.append(start..<at) }
            }
            return words
        }

        private static let titles: Set<String> = ["mr", "mrs", "ms", "miss", "dr", "prof", "sr", "sra", "hon", "rev"]
        private static let degrees: Set<String> = ["phd", "edd", "md", "ma", "med", "jr", "sr", "ii", "iii", "rn", "do"]

        /// First and last name: titles and degrees left out, "Last, First" turned.
        private mutating func names(
            _ base: Keys.ID, _ start: Int, _ end: Int, _ label: Int32, _ element: Int32, _ isLink: Bool, _ isHead: Bool
        ) {
            var from = start
            var to = end
            let words = self.words(from, to)
            if let first = words.first, words.count > 1, Scalars.isUpper(page.scalars[first.lowerBound]),
                Cells.titles.contains(plain(first))
            {
                from = words[1].lowerBound
            }
            if let comma = page.scalars[from..<to].lastIndex(of: Listing.Scalars.comma), comma > from {
                let rest = page.trimmed(comma + 1, to)
                if !rest.isEmpty, Scalars.isUpper(page.scalars[rest.lowerBound]), Cells.degrees.contains(plain(rest)) { to = comma }
            }
            guard to - from <= 40, from < to else { return }
            var first = 0..<0
            var last = 0..<0
            let own = self.words(from, to)
            if let comma = page.scalars[from..<to].firstIndex(of: Listing.Scalars.comma) {
                let before = page.trimmed(from, comma)
                let after = page.trimmed(comma + 1, to)
                if !page.scalars[after].contains(Listing.Scalars.comma),
                    (1...2).contains(self.words(before.lowerBound, before.upperBound).count),
                    (1...3).contains(self.words(after.lowerBound, after.upperBound).count)
                {
                    first = after
                    last = before
                }
            }
            if first.isEmpty, (2...4).contains(own.count) {
                first = own[0]
                last = own[1].lowerBound..<page.trimmed(from, to).upperBound
            }
            guard !first.isEmpty, !last.isEmpty, Scalars.isUpper(page.scalars[first.lowerBound]),
                Scalars.isUpper(page.scalars[last.lowerBound])
            else { return }
            let firstKey = keys.id(base, .part, Int32(Keys.Part.firstName.rawValue))
            add(firstKey, first.lowerBound, first.upperBound, .word, label, element, isLink, isHead)
            let lastKey = keys.id(base, .part, Int32(Keys.Part.lastName.rawValue))
            add(lastKey, last.lowerBound, last.upperBound, .word, label, element, isLink, isHead)
        }

        /// Lower-case letters of a word, without dots.
        private func plain(_ range: Range<Int>) -> String {
            guard range.count <= 6 else { return "" }
            var word = ""
            for position in range where page.scalars[position] != "." {
                if let scalar = Unicode.Scalar(Scalars.lowered(page.scalars[position])) { word.unicodeScalars.append(scalar) }
            }
            return word
        }

        // MARK: Context

        private var itemStamp: [Int32]
        private var ancestorStamp: [Int32]
        private var familyStamp: Int32 = 0
        private var beforeSibling: [Int32: Item?] = [:]
        private var pageDate: Cell??

        /// Must come before `context(of:)` for records of a family.
        mutating func enter(_ family: Family) {
            familyStamp += 1
            beforeSibling.removeAll(keepingCapacity: true)
            for index in 0..<family.count {
                for item in family.record(index) where item >= 0 { itemStamp[Int(item)] = familyStamp }
                var element = family.first(index)
                while element >= 0, ancestorStamp[Int(element)] != familyStamp {
                    ancestorStamp[Int(element)] = familyStamp
                    element = page.elements[Int(element)].parent
                }
            }
        }

        /// In a record, or around one.
        private func isInRecord(_ element: Int32) -> Bool {
            if ancestorStamp[Int(element)] == familyStamp { return true }
            var element = element
            while element >= 0 {
                if itemStamp[Int(element)] == familyStamp { return true }
                element = page.elements[Int(element)].parent
            }
            return false
        }

        /// Values outside the record: heading, group row, what stands before an ancestor, the page's date. Appended to `cells`.
        mutating func context(of family: Family, _ record: ArraySlice<Item>) -> Range<Int> {
            let begin = cells.count
            let first = record.first { $0 >= 0 } ?? family.container
            let heading = page.headingBefore[Int(first)]
            if heading >= 0, !isInRecord(heading) { addContext(.heading, page.range(of: heading), heading) }
            let element = page.elements[Int(first)]
            if element.tag == Tag.tr {
                let group = page.groupBefore[Int(first)]
                if group >= 0 { addContext(.group, page.range(of: group), group) }
            }
            var inner = first
            for level in 0..<4 {
                let parent = page.elements[Int(inner)].parent
                guard parent >= 0 else { break }
                if level > 0 {
                    if itemStamp[Int(inner)] == familyStamp { break }
                    let before: Item?
                    if let known = beforeSibling[inner] {
                        before = known
                    } else {
                        before = sibling(before: inner, in: parent)
                        beforeSibling[inner] = .some(before)
                    }
                    if let before { addContext(level == 1 ? .before1 : level == 2 ? .before2 : .before3, page.range(of: before), parent) }
                }
                inner = parent
            }
            if pageDate == nil { pageDate = .some(findPageDate()) }
            if case .some(.some(let date)) = pageDate { cells.append(date) }
            return begin..<cells.count
        }

        /// The nearest text before an element among its siblings, if short and not part of a record.
        private func sibling(before element: Int32, in parent: Int32) -> Item? {
            let kids = page.children(of: parent)
            var index = kids.startIndex + Int(page.elements[Int(element)].place) - 1
            while index >= kids.startIndex {
                let item = kids[index]
                if page.hasText(item) {
                    return page.range(of: item).count < 200 && (item < 0 || !isInRecord(item)) ? item : nil
                }
                index -= 1
            }
            return nil
        }

        private mutating func addContext(_ which: Keys.Context, _ range: Range<Int>, _ element: Int32) {
            guard !range.isEmpty, range.count < 300 else { return }
            let key = keys.id(Keys.root, .context, which.rawValue)
            append(key, range, -1, element)
            if let date = Patterns.date(page.scalars, range.lowerBound, range.upperBound), date.count < range.count {
                append(keys.id(key, .part, Int32(Keys.Part.date.rawValue)), date, -1, element)
            }
            if let found = Patterns.labelled(page.scalars, range.lowerBound, range.upperBound) {
                let label = values.id(page.scalars, found.label.lowerBound, found.label.upperBound)
                append(keys.id(key, .part, Int32(Keys.Part.afterOpener.rawValue)), found.value..<range.upperBound, label, element)
            }
        }

        private mutating func append(_ key: Keys.ID, _ range: Range<Int>, _ label: Int32, _ element: Int32) {
            cells.append(context(key, range, label, element))
        }

        private mutating func context(_ key: Keys.ID, _ range: Range<Int>, _ label: Int32, _ element: Int32) -> Cell {
            Cell(
                key: key, value: values.id(page.scalars, range.lowerBound, range.upperBound), label: label, element: element,
                from: Int32(range.lowerBound), to: Int32(range.upperBound), position: 0, kind: .context, attribute: nil, isLink: false,
                isHead: true)
        }

        /// A date in a heading or in bold, else the first on the page.
        private mutating func findPageDate() -> Cell? {
            let key = keys.id(Keys.root, .context, Keys.Context.pageDate.rawValue)
            for index in page.elements.indices {
                let element = page.elements[index]
                guard (element.tag >= Tag.h1 && element.tag <= Tag.h1 + 2) || element.tag == Tag.b || element.tag == Tag.strong,
                    element.to - element.from < 200
                else { continue }
                if let date = Patterns.date(page.scalars, Int(element.from), Int(element.to)) { return context(key, date, -1, 0) }
            }
            guard let body = page.elements.first, let date = Patterns.date(page.scalars, Int(body.from), Int(body.to)) else { return nil }
            return context(key, date, -1, 0)
        }
    }
}
