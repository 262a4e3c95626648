extension Listing {
    /// Lists of parts of a page that may be its records.
    struct Family {
        enum Kind: UInt8, CaseIterable {
            /// Children of one parent with the same tag; with the same signature.
            case siblings, alike
            /// Children of one parent, cut before every child of one signature, tag or shape.
            case segments
            /// Content between line breaks; between double ones.
            case lines, paragraphs
            /// The same path of tags or signatures from the body, under different parents.
            case cousins
            /// Cousins grown to the largest ancestor that holds no other of them.
            case lifted
            /// Links with addresses of one pattern; these grown likewise.
            case links, liftedLinks
        }

        var kind: Kind
        /// Element that holds the records.
        var container: Int32
        var items: [Item]
        /// Where each record begins in `items`; nil where every record is one item.
        var starts: [Int32]?
        /// Cheap estimate of how likely these are records.
        var promise = 0.0

        var count: Int { starts?.count ?? items.count }

        func record(_ index: Int) -> ArraySlice<Item> {
            guard let starts else { return items[index..<index + 1] }
            let end = index + 1 < starts.count ? Int(starts[index + 1]) : items.count
            return items[Int(starts[index])..<end]
        }

        /// First element of a record; -1 where it is text only.
        func first(_ index: Int) -> Int32 { record(index).first { $0 >= 0 } ?? -1 }
    }

    struct Families {
        private let page: Page
        private var found: [Family] = []
        private var known: Set<UInt64> = []
        /// Counts by element while pivots are grown; all zero in between.
        private var counts: [Int32]

        static func find(_ page: Page, limit: Int) -> [Family] {
            var search = Families(page)
            guard !page.elements.isEmpty else { return [] }
            search.siblings()
            search.cousins(bySignature: false)
            search.cousins(bySignature: true)
            search.links()
            return search.best(limit)
        }

        private init(_ page: Page) {
            self.page = page
            counts = [Int32](repeating: 0, count: page.elements.count)
        }

        // MARK: Collecting

        @inline(__always)
        private func counts(_ item: Item) -> Bool { page.hasText(item) || page.tag(item) == Tag.a }

        private mutating func add(_ kind: Family.Kind, singles items: [Item], in container: Int32) {
            var kept = items
            if !items.allSatisfy(counts) { kept = items.filter(counts) }
            guard kept.count >= 2 else { return }
            var hash: UInt64 = 14_695_981_039_346_656_037
            for item in kept { hash = Families.mix(hash, UInt64(UInt32(bitPattern: item)), 1) }
            guard known.insert(hash).inserted else { return }
            found.append(Family(kind: kind, container: container, items: kept, starts: nil))
        }

        private mutating func add(_ kind: Family.Kind, records: [[Item]], in container: Int32) {
            var items: [Item] = []
            var starts: [Int32] = []
            var hash: UInt64 = 14_695_981_039_346_656_037
            for record in records where record.contains(where: counts) {
                starts.append(Int32(items.count))
                items.append(contentsOf: record)
                let first = record.first { $0 >= 0 } ?? record[0]
                hash = Families.mix(hash, UInt64(UInt32(bitPattern: first)), UInt64(record.count))
            }
            guard starts.count >= 2, known.insert(hash).inserted else { return }
            found.append(Family(kind: kind, container: container, items: items, starts: starts))
        }

        @inline(__always)
        static func mix(_ hash: UInt64, _ a: UInt64, _ b: UInt64) -> UInt64 {
            var value = (hash ^ (a &* 0x9E37_79B9_7F4A_7C15)) &* 0x0000_0100_0000_01B3
            value ^= value >> 29
            value = (value ^ (b &* 0xC2B2_AE3D_27D4_EB4F)) &* 0x0000_0100_0000_01B3
            return value ^ (value >> 32)
        }

        // MARK: Siblings, segments, lines

        private func isData(_ element: Int32) -> Bool { !page.isHeaderRow[Int(element)] && !page.isGroupRow[Int(element)] }

        private mutating func siblings() {
            var tagGroup: [Int32: Int] = [:]
            var signatureGroup: [Int32: Int] = [:]
            for parent in 0..<Int32(page.elements.count) {
                let kids = page.children(of: parent)
                var breaks = 0
                var inner = 0
                for kid in kids where kid >= 0 { if page.tag(kid) == Tag.br { breaks += 1 } else { inner += 1 } }
                guard inner >= 2 else {
                    if breaks >= 2 { lines(parent, kids) }
                    continue
                }
                tagGroup.removeAll(keepingCapacity: true)
                signatureGroup.removeAll(keepingCapacity: true)
                var byTag: [(tag: Int32, kids: [Item])] = []
                var bySignature: [(signature: Int32, kids: [Item])] = []
                for kid in kids where kid >= 0 && page.tag(kid) != Tag.br {
                    if !page.hasText(kid), page.children(of: kid).isEmpty { continue }
                    let element = page.elements[Int(kid)]
                    if let group = signatureGroup[element.signature] {
                        bySignature[group].kids.append(kid)
                    } else {
                        signatureGroup[element.signature] = bySignature.count
                        bySignature.append((element.signature, [kid]))
                    }
                    if let group = tagGroup[element.tag] {
                        byTag[group].kids.append(kid)
                    } else {
                        tagGroup[element.tag] = byTag.count
                        byTag.append((element.tag, [kid]))
                    }
                }
                for (kind, groups) in [(Family.Kind.siblings, byTag.map(\.kids)), (.alike, bySignature.map(\.kids))] {
                    for group in groups where group.count > 1 {
                        let data = page.tag(group[0]) == Tag.tr ? group.filter(isData) : group
                        if data.count > 1 { add(kind, singles: data, in: parent) }
                    }
                }
                if kids.count <= 3000 {
                    // A tag that also stands without a class starts segments as that bare signature.
                    let bare = Set(bySignature.filter { page.isBareSignature[Int($0.signature)] }.map { page.tag($0.kids[0]) })
                    segments(
                        parent, kids, inner: inner, bySignature.map(\.kids) + byTag.filter { !bare.contains($0.tag) }.map(\.kids))
                }
                if breaks >= 2 { lines(parent, kids) }
            }
        }

        private mutating func segments(
            _ parent: Int32, _ kids: ArraySlice<Item>, inner: Int, _ groups: [[Item]]
        ) {
            var shapes: [UInt64: Int] = [:]
            var byShape: [[Item]] = []
            for kid in kids where kid >= 0 && page.hasText(kid) {
                let tag = page.tag(kid)
                guard tag == Tag.tr || tag == Tag.div || tag == Tag.p || tag == Tag.li || tag == Tag.td else { continue }
                for shape in self.shapes(of: kid) {
                    if let group = shapes[shape] {
                        byShape[group].append(kid)
                    } else {
                        shapes[shape] = byShape.count
                        byShape.append([kid])
                    }
                }
            }
            let starters = groups.prefix(8) + byShape.filter { $0.count > 1 && $0.count < inner }.prefix(8)
            let hasRuns = kids.contains { $0 < 0 }
            var tried: Set<UInt64> = []
            for starter in starters where starter.count >= 2 {
                let tag = page.tag(starter[0])
                if tag == Tag.td || tag == Tag.th || tag == Tag.option { continue }
                if starter.count == inner, !hasRuns { continue }
                var hash: UInt64 = 1
                for item in starter { hash = Families.mix(hash, UInt64(UInt32(bitPattern: item)), 1) }
                guard tried.insert(hash).inserted else { continue }
                var records: [[Item]] = []
                var isOpen = false
                var total = 0
                var next = 0
                for kid in kids {
                    if next < starter.count, kid == starter[next] {
                        next += 1
                        records.append([kid])
                        total += 1
                        isOpen = true
                    } else if isOpen {
                        if kid >= 0, page.tag(kid) == Tag.tr, !isData(kid) {
                            isOpen = false
                        } else if records[records.count - 1].count < 40 {
                            records[records.count - 1].append(kid)
                            total += 1
                        }
                    }
                }
                if total > records.count { add(.segments, records: records, in: parent) }
            }
        }

        /// What a sibling looks like, as hashes: the colspans of a row, which of its first cells are filled, how the first begins; else the
        /// first inner tag and whether a link is near.
        private func shapes(of kid: Item) -> [UInt64] {
            let tag = UInt64(UInt32(bitPattern: page.tag(kid)))
            func holds(_ element: Int32, within limit: Int32, _ test: (Int32) -> Bool) -> UInt64 {
                for inner in element..<min(page.elements[Int(element)].end, element &+ limit) where test(page.elements[Int(inner)].tag) {
                    return 1
                }
                return 0
            }
            if page.tag(kid) == Tag.tr {
                let cells = page.children(of: kid).filter { $0 >= 0 && (page.tag($0) == Tag.td || page.tag($0) == Tag.th) }
                var spans: UInt64 = Families.mix(11, tag, 0)
                for cell in cells.prefix(8) {
                    let text = page.document.attribute("colspan", of: page.source(cell)) ?? "1"
                    var value: UInt64 = 0
                    for byte in text.utf8 { value = value &* 31 &+ UInt64(byte) }
                    spans = Families.mix(spans, value, 3)
                }
                var filled: UInt64 = Families.mix(13, tag, UInt64(min(4, cells.count)))
                for cell in cells.prefix(4) { filled = filled &* 2 &+ (page.hasText(cell) ? 1 : 0) }
                guard let first = cells.first else { return [spans, filled] }
                let bold = holds(first, within: 6) { $0 == Tag.b || $0 == Tag.strong }
                let link = holds(first, within: 8) { $0 == Tag.a }
                return [spans, filled, Families.mix(17, tag, bold &* 2 &+ link)]
            }
            var found: [UInt64] = []
            if let first = page.children(of: kid).first {
                found.append(first >= 0 ? Families.mix(19, tag, UInt64(UInt32(bitPattern: page.tag(first)))) : Families.mix(23, tag, 1))
            }
            found.append(Families.mix(29, tag, holds(kid, within: 12) { $0 == Tag.a }))
            return found
        }

        private mutating func lines(_ parent: Int32, _ kids: ArraySlice<Item>) {
            var lines: [[Item]] = []
            var paragraphs: [[Item]] = []
            var line: [Item] = []
            var paragraph: [Item] = []
            func close() {
                if line.contains(where: { page.hasText($0) }) {
                    lines.append(line)
                    paragraph += line
                } else if !paragraph.isEmpty {
                    paragraphs.append(paragraph)
                    paragraph = []
                }
                line = []
            }
            for kid in kids { if kid >= 0, page.tag(kid) == Tag.br { close() } else { line.append(kid) } }
            close()
            if !paragraph.isEmpty { paragraphs.append(paragraph) }
            add(.lines, records: lines, in: parent)
            if paragraphs.count > 1, paragraphs.count < lines.count { add(.paragraphs, records: paragraphs, in: parent) }
        }

        // MARK: Cousins

        private mutating func cousins(bySignature: Bool) {
            var paths = [UInt64](repeating: 0, count: page.elements.count)
            var numbers: [UInt64: Int] = [:]
            var groups: [[Item]] = []
            for index in page.elements.indices {
                let element = page.elements[index]
                let parent = element.parent < 0 ? 7 : paths[Int(element.parent)]
                let own = bySignature ? element.signature : element.tag
                paths[index] = Families.mix(parent, UInt64(UInt32(bitPattern: own)) &+ 1, 5)
                guard element.from < element.to, element.tag != Tag.br, element.tag != Tag.option, isData(Int32(index)) else { continue }
                if let number = numbers[paths[index]] {
                    groups[number].append(Item(index))
                } else {
                    numbers[paths[index]] = groups.count
                    groups.append([Item(index)])
                }
            }
            for group in groups where group.count >= 2 && parents(group) > 1 {
                switch page.tag(group[0]) {
                case Tag.b, Tag.strong, Tag.i, Tag.em, Tag.font, Tag.u, Tag.td, Tag.th: if !bySignature { continue }
                default: break
                }
                add(.cousins, singles: group, in: 0)
                var ancestors = group.map { page.elements[Int($0)].parent }
                for _ in 0..<5 {
                    for index in ancestors.indices where ancestors[index] >= 0 {
                        ancestors[index] = page.elements[Int(ancestors[index])].parent
                    }
                    // Members of one ancestor stand together, so a change of ancestor begins the next part.
                    var parts: [(ancestor: Int32, members: [Item])] = []
                    for (index, member) in group.enumerated() where ancestors[index] >= 0 {
                        if let last = parts.last, last.ancestor == ancestors[index] {
                            parts[parts.count - 1].members.append(member)
                        } else {
                            parts.append((ancestors[index], [member]))
                        }
                    }
                    if parts.count <= 1 { break }
                    if parts.count > 40 { continue }
                    for part in parts where part.members.count > 1 && parents(part.members) > 1 {
                        add(.cousins, singles: part.members, in: part.ancestor)
                    }
                }
                lift(group, .lifted)
            }
        }

        /// Number of different parents, counted up to two.
        private func parents(_ items: [Item]) -> Int {
            guard let first = items.first else { return 0 }
            let parent = page.elements[Int(first)].parent
            return items.contains { page.elements[Int($0)].parent != parent } ? 2 : 1
        }

        /// Grows each pivot to the largest ancestor that holds no other pivot.
        private mutating func lift(_ pivots: [Item], _ kind: Family.Kind) {
            guard pivots.count >= 2, pivots.count <= 600 else { return }
            for pivot in pivots {
                var element = pivot
                while element >= 0 {
                    counts[Int(element)] += 1
                    element = page.elements[Int(element)].parent
                }
            }
            var grown: [Item] = []
            var isSame = true
            for pivot in pivots {
                var element = pivot
                while true {
                    let parent = page.elements[Int(element)].parent
                    guard parent >= 0, counts[Int(parent)] == 1 else { break }
                    element = parent
                }
                if element != pivot { isSame = false }
                grown.append(element)
            }
            for pivot in pivots {
                var element = pivot
                while element >= 0, counts[Int(element)] != 0 {
                    counts[Int(element)] = 0
                    element = page.elements[Int(element)].parent
                }
            }
            if isSame { return }
            var tags: [(tag: Int32, count: Int)] = []
            for element in grown {
                let tag = page.tag(element)
                if let index = tags.firstIndex(where: { $0.tag == tag }) { tags[index].count += 1 } else { tags.append((tag, 1)) }
            }
            add(kind, singles: grown, in: 0)
            guard var commonest = tags.first else { return }
            for entry in tags where entry.count > commonest.count { commonest = entry }
            if commonest.count < grown.count, commonest.count > 1 {
                add(kind, singles: grown.filter { page.tag($0) == commonest.tag }, in: 0)
            }
        }

        // MARK: Links

        private static let documents: [[UInt32]] = ["pdf", "doc", "docx", "xls", "xlsx", "zip", "ppt", "pptx", "rtf"].map(Patterns.scalars)

        private mutating func links() {
            var numbers: [UInt64: Int] = [:]
            var groups: [[Item]] = []
            var addresses: [Item: UInt64] = [:]
            func hash(_ range: Range<Int>, _ seed: UInt64) -> UInt64 {
                var value = seed
                for position in range { value = (value ^ UInt64(page.scalars[position])) &* 0x0000_0100_0000_01B3 }
                return Families.mix(value, UInt64(range.count), seed)
            }
            for index in page.elements.indices where page.elements[index].tag == Tag.a {
                guard let link = page.attributes(of: Int32(index)).first(where: { $0.name == .href }) else { continue }
                let from = Int(link.from)
                var to = from
                while to < Int(link.to), page.scalars[to] != "#" { to += 1 }
                if to < Int(link.to), isFragment(Int32(index)) { continue }
                let parts = Address.split(page.scalars, from, to)
                guard parts.host.count > 0 else { continue }
                addresses[Item(index)] = hash(from..<Int(link.to), 3)
                let host = hash(parts.host, 5)
                var path = parts.path
                while path.count > 0, page.scalars[path.upperBound - 1] == "/" { path = path.lowerBound..<path.upperBound - 1 }
                var directory = path.upperBound
                while directory > path.lowerBound, page.scalars[directory - 1] != "/" { directory -= 1 }
                var keys = [hash(path.lowerBound..<max(path.lowerBound, directory - 1), Families.mix(host, 7, 7))]
                if let dot = parts.path.last(where: { page.scalars[$0] == "." || page.scalars[$0] == "/" }), page.scalars[dot] == "." {
                    let ending = page.scalars[dot + 1..<parts.path.upperBound].map(Scalars.lowered)
                    if Families.documents.contains(ending) { keys.append(11) }
                }
                var steps = 0
                var first = path.lowerBound..<path.lowerBound
                var start = path.lowerBound
                while start < path.upperBound, page.scalars[start] == "/" { start += 1 }
                var at = start
                while at <= path.upperBound, start < path.upperBound {
                    if at == path.upperBound || page.scalars[at] == "/" {
                        if steps == 0 { first = start..<at }
                        steps += 1
                    }
                    at += 1
                }
                if steps >= 2 { keys.append(Families.mix(hash(first, Families.mix(host, 13, 13)), UInt64(steps), 13)) }
                if parts.hasQuery {
                    var names: [UInt64] = []
                    var start = parts.query.lowerBound
                    var at = start
                    var inValue = false
                    var end = start
                    while at <= parts.query.upperBound {
                        if at == parts.query.upperBound || page.scalars[at] == "&" {
                            names.append(hash(start..<(inValue ? end : at), 17))
                            start = at + 1
                            inValue = false
                        } else if page.scalars[at] == "=", !inValue {
                            inValue = true
                            end = at
                        }
                        at += 1
                    }
                    keys.append(names.sorted().reduce(hash(parts.path, Families.mix(host, 19, 19))) { Families.mix($0, $1, 19) })
                }
                for key in keys {
                    if let number = numbers[key] {
                        groups[number].append(Item(index))
                    } else {
                        numbers[key] = groups.count
                        groups.append([Item(index)])
                    }
                }
            }
            for group in groups where group.count >= 2 {
                let main = group.filter {
                    let zone = page.elements[Int($0)].zone
                    return zone != .nav && zone != .footer && zone != .header
                }
                for part in main.count != group.count ? [group, main] : [group] where part.count >= 2 {
                    add(.links, singles: part, in: 0)
                    lift(part, .liftedLinks)
                    var once: Set<UInt64> = []
                    let single = part.filter { once.insert(addresses[$0] ?? 0).inserted }
                    if single.count < part.count, single.count > 1 { lift(single, .liftedLinks) }
                }
            }
        }

        /// The link leads to a place of this page.
        private func isFragment(_ element: Int32) -> Bool {
            let href = page.document.attribute("href", of: page.source(element)) ?? ""
            return href.unicodeScalars.first { !Scalars.isSpace($0.value) } == "#"
        }

        // MARK: The best

        private func best(_ limit: Int) -> [Family] {
            var families = found
            for index in families.indices { families[index].promise = promise(families[index]) }
            let order = families.indices.sorted {
                families[$0].promise != families[$1].promise ? families[$0].promise > families[$1].promise : $0 < $1
            }
            // Rows of a table with headings stay in, however small: an exact heading is the best sign there is.
            var kept: [Family] = []
            var extra = 0
            for (rank, index) in order.enumerated() {
                if rank < limit {
                    kept.append(families[index])
                } else if extra < limit, isHeaded(families[index]) {
                    kept.append(families[index])
                    extra += 1
                }
            }
            return kept
        }

        private func isHeaded(_ family: Family) -> Bool {
            let first = family.first(0)
            return family.kind == .siblings && first >= 0 && page.rowHeadings[Int(first)] >= 0
        }

        private func promise(_ family: Family) -> Double {
            let count = family.count
            let sampled = min(count, 60)
            var length = 0
            for index in 0..<sampled {
                let record = family.record(index)
                for item in record { length += page.range(of: item).count }
                length += record.count - 1
            }
            let total = Double(length) * Double(count) / Double(sampled)
            var away = 0
            for index in 0..<count {
                let first = family.first(index)
                guard first >= 0 else { continue }
                let zone = page.elements[Int(first)].zone
                if zone == .nav || zone == .footer { away += 1 }
            }
            var value = Listing.log(Double(sampled)) + 0.8 * Listing.log(1 + min(total, 60_000))
            value -= 2.5 * Double(away) / Double(count)
            if family.kind == .siblings || family.kind == .alike { value += 0.7 }
            if count == 2 { value -= 1.2 }
            if isHeaded(family) { value += 2.5 }
            return value
        }
    }
}
