extension Listing {
    /// The single values of a field that is a list, in one record.
    ///
    /// Of such a field one cell is known, which may be all values ("Tags: a, b") or the first of several parts that stand side by side.
    /// Elements that are alike and have nothing but separators between them are values; else the text is split where it enumerates.
    struct Items {
        /// Values of one record that are taken.
        private static let most = 200
        /// A label before values, or a remark after them, is no longer than this.
        private static let aside = 40

        let page: Page
        /// Commas separate the values of this column.
        let splitsAtCommas: Bool

        /// A cell for each value. `others`: what the record's other fields took, which is no part of the list. A label without any value
        /// behind it is none.
        func values(of cell: Cell, in record: ArraySlice<Item>, others: [Range<Int>]) -> [Cell] {
            all(of: cell, in: record, others: others).filter { page.scalars[Int($0.to) - 1] != ":" }
        }

        private func all(of cell: Cell, in record: ArraySlice<Item>, others: [Range<Int>]) -> [Cell] {
            let whole = Int(cell.from)..<Int(cell.to)
            if cell.attribute == nil, let elements = inside(whole, of: cell.element) { return elements.map { self.cell(cell, $0) } }
            if let cells = beside(cell, in: record, others: others) { return cells }
            return split(whole).map { range in
                var part = cell
                (part.from, part.to) = (Int32(range.lowerBound), Int32(range.upperBound))
                return part
            }
        }

        private func cell(_ cell: Cell, _ element: Int32) -> Cell {
            var own = cell
            own.element = element
            (own.from, own.to) = (page.elements[Int(element)].from, page.elements[Int(element)].to)
            return own
        }

        // MARK: Elements

        /// Alike elements that a text consists of; nil where it has no such.
        private func inside(_ whole: Range<Int>, of element: Int32) -> [Int32]? {
            var holder = element
            var isLabelled = false
            for _ in 0..<12 {
                let kids = page.children(of: holder).filter { page.hasText($0) && page.range(of: $0).overlaps(whole) }
                if let row = row(kids, whole) { return row }
                // All of it stands in one element, perhaps behind a label.
                guard let last = kids.last, last >= 0 else { break }
                let before = kids.dropLast()
                guard before.allSatisfy({ isLabel($0, whole) || isSeparator($0, whole) }) else { return nil }
                if !before.isEmpty { isLabelled = true }
                holder = last
            }
            let own = page.range(of: holder)
            return isLabelled && own.lowerBound >= whole.lowerBound && own.upperBound <= whole.upperBound ? [holder] : nil
        }

        /// The kids that are values, where all others are separators between them, or short and around them.
        private func row(_ kids: [Item], _ whole: Range<Int>) -> [Int32]? {
            let elements = kids.filter { $0 >= 0 }
            guard elements.count > 1, elements.count <= Items.most else { return nil }
            var counts: [Int32: Int] = [:]
            for element in elements { counts[page.elements[Int(element)].signature, default: 0] += 1 }
            let isOneTag = elements.allSatisfy { page.tag($0) == page.tag(elements[0]) }
            let commonest = elements.max {
                counts[page.elements[Int($0)].signature, default: 0] < counts[page.elements[Int($1)].signature, default: 0]
            }
            let signature = commonest.map { page.elements[Int($0)].signature }
            let values = isOneTag ? elements : elements.filter { page.elements[Int($0)].signature == signature }
            guard values.count > 1, let first = kids.firstIndex(of: values[0]), let last = kids.lastIndex(of: values[values.count - 1])
            else { return nil }
            for (index, kid) in kids.enumerated() where kid < 0 || !values.contains(kid) {
                if isSeparator(kid, whole) { continue }
                guard index < first || index > last, page.range(of: kid).clamped(to: whole).count <= Items.aside else { return nil }
            }
            return values
        }

        private func isLabel(_ item: Item, _ whole: Range<Int>) -> Bool {
            let range = page.range(of: item).clamped(to: whole)
            guard let last = range.last, range.count <= Items.aside else { return false }
            return page.scalars[last] == ":"
        }

        private func isSeparator(_ item: Item, _ whole: Range<Int>) -> Bool {
            let range = page.range(of: item).clamped(to: whole)
            if range.allSatisfy({ !Scalars.isWord(page.scalars[$0]) }) { return true }
            guard range.count <= 6 else { return false }
            return Items.and.contains(range.filter { Scalars.isLetter(page.scalars[$0]) }.map { Scalars.lowered(page.scalars[$0]) })
        }

        private static let and: [[UInt32]] = ["and", "und", "et", "y", "e", "en", "och", "og"].map(Patterns.scalars)

        /// What stands beside the cell's element and is like it, below the record; nil where nothing does.
        private func beside(_ cell: Cell, in record: ArraySlice<Item>, others: [Range<Int>]) -> [Cell]? {
            let own = cell.attribute == nil ? holder(of: Int(cell.from)..<Int(cell.to), in: cell.element) : cell.element
            guard let own else { return nil }
            let isNamed = !page.isBareSignature[Int(page.elements[Int(own)].signature)]
            // Signatures from the element that has neighbours down to the cell's own.
            var path: [Int32] = []
            var element = own
            for _ in 0..<4 {
                let node = page.elements[Int(element)]
                let isTop = record.contains(element)
                guard !isTop || record.count > 1, node.parent >= 0, node.tag != Tag.td, node.tag != Tag.th, node.tag != Tag.tr else {
                    return nil
                }
                let isItem = node.tag == Tag.li || node.tag == Tag.dd
                let kids = isTop ? record : page.children(of: node.parent)
                let place = isTop ? record.firstIndex(of: element) ?? record.startIndex : kids.startIndex + Int(node.place)
                let found = run(around: place, in: kids, cell.attribute).compactMap { value(of: $0, path, cell) }
                if found.count > 1 {
                    guard isItem || isNamed || (path.isEmpty && !node.isBlock && !isTop && !record.contains(node.parent)) else {
                        return nil
                    }
                    let isForeign = found.contains { value in others.contains { $0.overlaps(Int(value.from)..<Int(value.to)) } }
                    return isForeign ? nil : Array(found.prefix(Items.most))
                }
                if isTop { return nil }
                // Its parent is only a wrapper where it holds nothing else, but for a label.
                let outer = page.range(of: node.parent)
                guard kids.allSatisfy({ $0 == element || !page.hasText($0) || ($0 < 0 && (isLabel($0, outer) || isSeparator($0, outer))) })
                else { return nil }
                path.insert(node.signature, at: 0)
                element = node.parent
            }
            return nil
        }

        /// The outermost element that holds a text and nothing else; nil where none does.
        private func holder(of text: Range<Int>, in element: Int32) -> Int32? {
            var element = element
            for _ in 0..<12 {
                let range = page.range(of: element)
                if range == text { return element }
                let next = page.children(of: element).first { $0 >= 0 && page.range(of: $0).contains(text.lowerBound) }
                guard let next else { return nil }
                element = next
            }
            return nil
        }

        /// Elements like the one at `place` with nothing but separators between them.
        private func run(around place: Int, in kids: ArraySlice<Item>, _ attribute: AttributeName?) -> [Int32] {
            guard kids.indices.contains(place), kids[place] >= 0 else { return [] }
            let signature = page.elements[Int(kids[place])].signature
            func members(_ kids: some Sequence<Item>) -> [Int32] {
                var found: [Int32] = []
                for kid in kids {
                    if kid >= 0, page.elements[Int(kid)].signature == signature, attribute != nil || page.hasText(kid) {
                        found.append(kid)
                    } else if page.hasText(kid), !isSeparator(kid, page.range(of: kid)) {
                        break
                    }
                }
                return found
            }
            return members(kids[..<place].reversed()).reversed() + [kids[place]] + members(kids[(place + 1)...])
        }

        /// The value at the same place below a neighbour as the cell has below its own.
        private func value(of neighbour: Int32, _ path: [Int32], _ cell: Cell) -> Cell? {
            var element = neighbour
            for signature in path {
                let next = page.children(of: element).first { $0 >= 0 && page.elements[Int($0)].signature == signature }
                guard let next else { return nil }
                element = next
            }
            guard let name = cell.attribute else { return page.hasText(element) ? self.cell(cell, element) : nil }
            guard let attribute = page.attributes(of: element).first(where: { $0.name == name }) else { return nil }
            var own = cell
            own.element = element
            (own.from, own.to) = (attribute.from, attribute.to)
            return own
        }

        // MARK: Text

        private static let marks: Set<UInt32> = Set(";|\n•·".unicodeScalars.map(\.value))

        private func split(_ whole: Range<Int>) -> [Range<Int>] {
            var parts: [Range<Int>] = []
            var start = whole.lowerBound
            for at in whole.lowerBound...whole.upperBound {
                guard at == whole.upperBound || Items.marks.contains(page.scalars[at]) || (splitsAtCommas && Items.isComma(at, whole, page))
                else { continue }
                let part = page.trimmed(start, at)
                if !part.isEmpty, parts.count < Items.most { parts.append(part) }
                start = at + 1
            }
            return parts
        }

        /// A comma that is none of a number.
        private static func isComma(_ at: Int, _ whole: Range<Int>, _ page: Page) -> Bool {
            guard page.scalars[at] == "," else { return false }
            return at == whole.lowerBound || at + 1 >= whole.upperBound || !Scalars.isDigit(page.scalars[at - 1])
                || !Scalars.isDigit(page.scalars[at + 1])
        }

        /// Words that a part has on average at most; longer parts are those of a sentence.
        private static let mostWords = 3.2

        /// Whether commas separate values in texts of one column. Of persons and places one comma ("Lovelace, Ada", "Paris, France") is part
        /// of the value, unless whole names stand around it.
        static func splitsAtCommas(_ texts: [Range<Int>], _ field: Field, _ type: FieldType, _ page: Page) -> Bool {
            switch type {
            case .number, .money, .date, .duration, .address: return false
            default: break
            }
            var most = 0
            var parts = 0
            var words = 0
            for text in texts {
                let commas = text.count { isComma($0, text, page) }
                guard commas > 0 else { continue }
                most = max(most, commas)
                parts += commas + 1
                words += text.count { page.scalars[$0] == " " } + 1
            }
            guard most > 0, Double(words) <= mostWords * Double(parts) else { return false }
            let isOneOfTwo = most == 1 && !field.notions.isDisjoint(with: [.person, .place])
            return !isOneOfTwo || (field.notions.contains(.person) && words >= 2 * parts)
        }
    }
}
