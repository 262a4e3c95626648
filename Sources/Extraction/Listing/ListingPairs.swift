extension Listing {
    /// Features of a (field, column) pair, in the order of the model's file.
    enum PairFeature {
        static let labelDirect = 0, labelSynonym = 1, labelEqual = 2, labelSimilar = 3, classDirect = 4, classSynonym = 5, keyDirect = 6
        static let descriptionLabel = 7, descriptionClass = 8, labelGap = 9, classGap = 10, labelOther = 11, equalOther = 12
        static let typeAgree = 13, typeGap = 14, wantsType = 15, hasLabel = 16, goalAddress = 17, classSubstring = 18, labelSubstring = 19
        /// First of the eighteen shares of value types, of the statistics, the kinds, the notions.
        static let types = 20, statistics = 38, kinds = 75, notions = 89
        static let coverage = statistics, unique = statistics + 1, fields = statistics + 21, file = statistics + 22
        static let count = 109

        static let names =
            """
            lab_d lab_s lab_eq lab_sim cls_d cls_s key_d desc_lab desc_cls lab_gap cls_gap lab_other eq_other type_agree type_gap wants_type \
            has_label goal_url cls_sub lab_sub t_date t_hasdate t_money t_num t_numunit t_phone t_email t_url t_name t_code t_hascode t_vs \
            t_glink t_upper t_long t_sent t_cite t_labelish cov uniq loglen stdlen words digits caps link head pos order share longest \
            first_text first_link bold is_cell depth n_rec n_col n_link n_fields file samehost urldepth query gen_anchor anchor_len dir_share \
            any_label ctx_zone heading_in lab_order out_host sub_of n_T anc_nonlink k_T k_A k_L k_V k_S k_C k_P k_R k_B k_H k_I k_X k_W k_G \
            f_title f_name f_date f_money f_phone f_email f_url f_image f_code f_docket f_case f_person f_place f_org f_long f_status \
            f_citation f_count f_first f_last
            """.split(separator: " ").map(String.init)
    }

    /// Scores of all (field, column) pairs of one family.
    struct PairScores {
        let columns: Int
        /// By field, then column; negative where the column may not answer the field.
        var score: [Float]
        var equal: [Float]
        var similar: [Float]
        var goal: [Float]
        /// Statistics of each column as far as the family's features need them.
        var coverage: [Float]
        var unique: [Float]
        var file: [Float]

        @inline(__always)
        func at(_ field: Int, _ column: Int) -> Int { field * columns + column }
    }

    /// Computes pair features; keeps what does not depend on the family.
    struct Pairs {
        private let fields: [Field]
        private let notions: [[Float]]
        private var traits: [Traits?] = []
        private var labels: [Int32: [LabelMatch]] = [:]
        private var tails: [Int32: [Float]] = [:]
        private var classes: [Int64: ClassMatch] = [:]
        private var links: [Int32: Link] = [:]
        private var own: [Int32: [Words.ID]] = [:]
        private let host: [UInt32]

        /// A label against a field.
        private struct LabelMatch {
            var direct: Float = 0
            var synonym: Float = 0
            var equal: Float = 0
            var similar: Float = 0
            var described: Float = 0
            var substring: Float = 0
            var isEmpty = true
            /// It has every word of the field's name.
            var isWhole = false
        }

        /// The classes of an element and its parent against every field.
        private struct ClassMatch {
            var direct: [Float]
            var synonym: [Float]
            var described: [Float]
            var substring: [Float]
        }

        private struct Link {
            var directory: UInt64
            var depth: Int32
            var isFile: Bool
            var isHere: Bool
            var hasQuery: Bool
        }

        init(_ fields: [Field], page: Page) {
            self.fields = fields
            notions = fields.map { field in Field.Notion.allCases.map { field.notions.contains($0) ? 1 : 0 } }
            host = page.address.host
        }

        mutating func traits(_ value: Int32, _ cells: Cells) -> Traits {
            while traits.count < cells.values.count { traits.append(nil) }
            if let known = traits[Int(value)] { return known }
            let range = cells.values.range(value)
            let found = Traits(cells.page.scalars, range.lowerBound, range.upperBound)
            traits[Int(value)] = found
            return found
        }

        // MARK: Columns alone

        /// Statistics of each column: types, statistics, kinds, one row behind the other.
        private mutating func statistics(_ cells: Cells, _ family: Family, _ sampled: [Int], _ columns: [Column]) -> [Float] {
            let page = cells.page
            let width = PairFeature.notions - PairFeature.types
            let first = PairFeature.statistics - PairFeature.types
            var rows = [Float](repeating: 0, count: columns.count * width)
            var total = 0
            for index in sampled {
                let record = family.record(index)
                for item in record { total += page.range(of: item).count }
                total += record.count - 1
            }
            let recordLength = max(1, Double(total) / Double(sampled.count))

            var lengths = [Double](repeating: 0, count: columns.count)
            for (index, column) in columns.enumerated() {
                var sum = 0
                for cell in column.cells where cell >= 0 { sum += Int(traits(cells.cells[Int(cell)].value, cells).length) }
                lengths[index] = Double(sum) / Double(max(1, column.count))
            }
            var longest = 0.0
            var texts = 0
            var addresses = 0
            var firstText = -1
            var firstLink = -1
            var anyLabel: Float = 0
            for (index, column) in columns.enumerated() {
                if column.label >= 0 { anyLabel = 1 }
                switch column.kind {
                case .text, .line, .run:
                    texts += 1
                    if lengths[index] < 0.9 * recordLength { longest = max(longest, lengths[index]) }
                    if firstText < 0, column.coverage > 0.5, lengths[index] < 0.95 * recordLength { firstText = index }
                case .href:
                    addresses += 1
                    if firstLink < 0, column.coverage > 0.5 { firstLink = index }
                default: break
                }
            }
            var labelCounts: [Int32: Int] = [:]
            let logRecords = Float(Listing.log(Double(1 + family.count)))
            let logColumns = Float(Listing.log(Double(1 + columns.count)))
            let logTexts = Float(Listing.log(Double(1 + texts)))
            for (index, column) in columns.enumerated() {
                let base = index * width
                let at = base + first
                let share = 1 / Float(max(1, column.count))
                var distinct: [Int32] = []
                var squares = 0.0
                var words = 0
                var digits = 0
                var digitRoom = 0
                var capitals = 0
                for cell in column.cells where cell >= 0 {
                    let value = cells.cells[Int(cell)].value
                    if !distinct.contains(value) { distinct.append(value) }
                    let traits = traits(value, cells)
                    var types = traits.types.rawValue
                    while types != 0 {
                        rows[base + types.trailingZeroBitCount] += share
                        types &= types - 1
                    }
                    let difference = Double(traits.length) - lengths[index]
                    squares += difference * difference
                    words += Int(traits.spaces) + 1
                    digits += Int(traits.digits)
                    digitRoom += min(100, Int(traits.length))
                    if traits.startsUpper { capitals += 1 }
                }
                let count = Double(max(1, column.count))
                rows[at] = column.coverage
                rows[at + 1] = Float(distinct.count) * share
                rows[at + 2] = Float(Listing.log(1 + lengths[index]))
                rows[at + 3] = Float((squares / count).squareRoot() / (lengths[index] + 1))
                rows[at + 4] = Float(Listing.log(1 + Double(words) / count))
                rows[at + 5] = Float(digits) / Float(max(1, digitRoom))
                rows[at + 6] = Float(capitals) * share
                rows[at + 7] = column.link
                rows[at + 8] = column.isHead ? 1 : 0
                rows[at + 9] = Float(column.position) / 40
                rows[at + 10] = Float(index) / Float(columns.count)
                rows[at + 11] = Float(min(1.5, lengths[index] / recordLength))
                rows[at + 12] = abs(lengths[index] - longest) < 1e-6 ? 1 : 0
                rows[at + 13] = index == firstText ? 1 : 0
                rows[at + 14] = index == firstLink ? 1 : 0
                var ancestor = column.element
                for _ in 0..<3 where ancestor >= 0 {
                    let element = page.elements[Int(ancestor)]
                    if element.tag == Tag.b || element.tag == Tag.strong { rows[at + 15] = 1 }
                    ancestor = element.parent
                }
                let key = Int(column.key)
                rows[at + 16] = cells.keys.isCell[key] ? 1 : 0
                rows[at + 17] = Float(cells.keys.depth[key])
                rows[at + 18] = logRecords
                rows[at + 19] = logColumns
                rows[at + 20] = Float(addresses)
                rows[at + 21] = Float(fields.count)
                if column.kind == .href { addressStatistics(cells, column, &rows, at) }
                rows[at + 29] = anyLabel
                let element = page.elements[Int(column.element)]
                rows[at + 30] = element.zone == .nav || element.zone == .footer || element.zone == .header ? 1 : 0
                for inner in column.element..<min(element.end, column.element + 3) where Tag.isHeading(page.elements[Int(inner)].tag) {
                    rows[at + 31] = 1
                }
                let before = labelCounts[column.label] ?? 0
                labelCounts[column.label] = before + 1
                rows[at + 32] = Float(min(before, 5))
                rows[at + 34] = cells.keys.isPart[key] ? 1 : 0
                rows[at + 35] = logTexts
                rows[base + PairFeature.kinds - PairFeature.types + Int(column.kind.rawValue)] = 1
            }
            return rows
        }

        private mutating func addressStatistics(_ cells: Cells, _ column: Column, _ rows: inout [Float], _ at: Int) {
            let page = cells.page
            let share = 1 / Float(max(1, column.count))
            var directories: [(hash: UInt64, count: Int)] = []
            var anchors = 0
            for cell in column.cells where cell >= 0 {
                let own = cells.cells[Int(cell)]
                let link = link(own.value, cells)
                if link.isFile { rows[at + 22] += share }
                if link.isHere { rows[at + 23] += share } else { rows[at + 33] += share }
                rows[at + 24] += Float(link.depth) * share
                if link.hasQuery { rows[at + 25] += share }
                let anchor = page.range(of: own.element)
                if anchor.count <= 200, Patterns.isGenericLink(page.scalars, anchor.lowerBound, anchor.upperBound) {
                    rows[at + 26] += share
                }
                anchors += anchor.count
                if let index = directories.firstIndex(where: { $0.hash == link.directory }) {
                    directories[index].count += 1
                } else {
                    directories.append((link.directory, 1))
                }
            }
            rows[at + 27] = Float(Listing.log(1 + Double(anchors) / Double(max(1, column.count))))
            rows[at + 28] = Float(directories.map(\.count).max() ?? 0) * share
        }

        private static let endings: [[UInt32]] = [".pdf", ".doc", ".docx", ".xls", ".xlsx", ".zip", ".rtf"].map(Patterns.scalars)

        private mutating func link(_ value: Int32, _ cells: Cells) -> Link {
            if let known = links[value] { return known }
            let text = cells.page.scalars
            let range = cells.values.range(value)
            let parts = Address.split(text, range.lowerBound, range.upperBound)
            let host = Address.bare(text, parts.host)
            var end = parts.path.upperBound
            while end > parts.path.lowerBound, text[end - 1] == "/" { end -= 1 }
            while end > parts.path.lowerBound, text[end - 1] != "/" { end -= 1 }
            var hash: UInt64 = 17
            for position in parts.host.lowerBound..<max(parts.host.lowerBound, end) {
                hash = (hash ^ UInt64(text[position])) &* 0x100_0000_01B3
            }
            let isFile = Pairs.endings.contains { ending in
                parts.path.count >= ending.count
                    && zip(text[(parts.path.upperBound - ending.count)..<parts.path.upperBound], ending).allSatisfy {
                        Scalars.lowered($0) == $1
                    }
            }
            let found = Link(
                directory: hash, depth: Int32(text[parts.path].count { $0 == "/" }), isFile: isFile,
                isHere: text[host].elementsEqual(self.host), hasQuery: parts.hasQuery)
            links[value] = found
            return found
        }

        // MARK: Fields and columns

        /// Whether a column may answer a field at all.
        private mutating func isAllowed(_ number: Int, _ column: Column, _ cells: inout Cells) -> Bool {
            let field = fields[number]
            let isAddress = column.kind == .href || column.kind == .image
            if field.wantsAddress {
                if field.wantsImage { return isAddress }
                if column.kind == .href { return true }
                switch column.kind {
                case .text, .run, .labelled, .attribute, .pattern:
                    guard let first = column.cells.first(where: { $0 >= 0 }) else { return false }
                    return traits(cells.cells[Int(first)].value, cells).types.contains(.url)
                default: return false
                }
            }
            if isAddress { return false }
            if field.isProse, let part = cells.keys.part[Int(column.key)], part == .sentence || part == .afterSentence { return false }
            guard let form = field.form else { return true }
            if column.kind == .context { return false }
            if column.label >= 0, match(column.label, &cells)[number].isWhole { return true }
            switch form {
            case .firstName: return cells.keys.part[Int(column.key)] == .firstName
            case .lastName: return cells.keys.part[Int(column.key)] == .lastName
            case .email, .phone:
                let wanted: ValueTypes = form == .email ? .email : .phone
                for cell in column.cells.lazy.filter({ $0 >= 0 }).prefix(8)
                where traits(cells.cells[Int(cell)].value, cells).types.contains(wanted) { return true }
                return false
            }
        }

        private mutating func match(_ label: Int32, _ cells: inout Cells) -> [LabelMatch] {
            if let known = labels[label] { return known }
            let range = cells.values.range(label)
            let words = cells.page.stemSet(of: range)
            let joined = Field.joined(cells.page.scalars[range])
            let found = fields.map { field in
                let (direct, synonym) = field.overlap(words)
                return LabelMatch(
                    direct: direct, synonym: synonym, equal: joined == field.joined ? 1 : 0,
                    similar: Field.similarity(field.joined, joined),
                    described: words.isEmpty ? 0 : Float(Words.shared(field.description, words)) / Float(words.count),
                    substring: field.substrings.contains { Patterns.contains(joined, $0) } ? 1 : 0, isEmpty: words.isEmpty,
                    isWhole: Words.shared(field.words, words) == field.words.count)
            }
            labels[label] = found
            return found
        }

        private mutating func match(classesOf element: Int32, with parent: Bool, text withParentText: Bool, _ cells: inout Cells)
            -> ClassMatch
        {
            let id = Int64(element) << 2 | (parent ? 2 : 0) | (withParentText ? 1 : 0)
            if let known = classes[id] { return known }
            let holder = cells.page.elements[Int(element)].parent
            var words = cells.page.attributeWords(of: element)
            if parent, holder >= 0 { words += cells.page.attributeWords(of: holder).prefix(4) }
            words = Words.sorted(words)
            let document = cells.page.document
            let source = cells.page.source(element)
            var text = ["class", "id", "itemprop"].map { document.attribute($0, of: source) ?? "" }.joined(separator: " ")
            if withParentText, holder >= 0 { text += " " + (document.attribute("class", of: cells.page.source(holder)) ?? "") }
            let scalars = text.unicodeScalars.map { Scalars.lowered($0.value) }
            var found = ClassMatch(direct: [], synonym: [], described: [], substring: [])
            for field in fields {
                let (direct, synonym) = field.overlap(words)
                found.direct.append(direct)
                found.synonym.append(synonym)
                found.described.append(words.isEmpty ? 0 : Float(Words.shared(field.description, words)) / Float(words.count))
                found.substring.append(field.substrings.contains { Patterns.contains(scalars, $0) } ? 1 : 0)
            }
            classes[id] = found
            return found
        }

        /// Share of a column's values that are one amount of money.
        private mutating func amounts(_ column: Column, _ cells: Cells) -> Float {
            var count = 0
            for cell in column.cells where cell >= 0 { if traits(cells.cells[Int(cell)].value, cells).isAmount { count += 1 } }
            return Float(count) / Float(max(1, column.count))
        }

        /// Stems of the words that name an element itself, ascending.
        private mutating func ownWords(of element: Int32, _ cells: inout Cells) -> [Words.ID] {
            if let known = own[element] { return known }
            let found = Words.sorted(cells.page.attributeWords(of: element))
            own[element] = found
            return found
        }

        private mutating func match(tail: Int32, _ cells: inout Cells) -> [Float] {
            if let known = tails[tail] { return known }
            let words: [Words.ID]
            if tail >= 0 {
                words = cells.page.stemSet(of: cells.values.range(tail))
            } else {
                let name = AttributeName(rawValue: UInt8(truncatingIfNeeded: ~tail))?.word ?? ""
                words = cells.page.withWords { $0.stemSet(of: name) }
            }
            let found = fields.map { $0.overlap(words).direct }
            tails[tail] = found
            return found
        }

        /// Logarithm of a mean length that hardly any name has.
        private static let prose: Float = 3.7

        /// Scores every pair of a family.
        mutating func score(
            _ cells: inout Cells, _ family: Family, _ sampled: [Int], _ columns: [Column], _ model: ListingModel
        ) -> PairScores {
            typealias Feature = PairFeature
            let statistics = statistics(cells, family, sampled, columns)
            let width = Feature.notions - Feature.types
            let count = columns.count
            var scores = PairScores(
                columns: count, score: [Float](repeating: -1, count: fields.count * count),
                equal: [Float](repeating: 0, count: fields.count * count), similar: [Float](repeating: 0, count: fields.count * count),
                goal: [Float](repeating: 0, count: fields.count * count),
                coverage: (0..<count).map { statistics[$0 * width + Feature.coverage - Feature.types] },
                unique: (0..<count).map { statistics[$0 * width + Feature.unique - Feature.types] },
                file: (0..<count).map { statistics[$0 * width + Feature.file - Feature.types] })

            // Labels of each column, the commonest six, with their shares.
            var labels: [[(label: Int32, weight: Float)]] = []
            var classes: [ClassMatch] = []
            let firstElement = family.first(0)
            let holderDepth = cells.page.elements[Int(family.container)].depth
            for column in columns {
                var counts: [(label: Int32, count: Int)] = []
                for cell in column.cells where cell >= 0 {
                    let label = cells.cells[Int(cell)].label
                    if let index = counts.firstIndex(where: { $0.label == label }) {
                        counts[index].count += 1
                    } else {
                        counts.append((label, 1))
                    }
                }
                if counts.count > 6 {
                    counts = Array(
                        counts.enumerated().sorted {
                            $0.element.count != $1.element.count ? $0.element.count > $1.element.count : $0.offset < $1.offset
                        }
                        .prefix(6).map(\.element))
                } else if counts.count > 1 {
                    counts.sort { $0.count > $1.count }
                }
                labels.append(counts.filter { $0.label >= 0 }.map { ($0.label, Float($0.count) / Float(max(1, column.count))) })
                let parent = cells.page.elements[Int(column.element)].parent
                let isBelow = parent >= 0 && cells.page.elements[Int(parent)].depth > holderDepth
                classes.append(match(classesOf: column.element, with: isBelow && column.element != firstElement, text: isBelow, &cells))
            }

            var rows: [Float] = []
            var places: [Int] = []
            rows.reserveCapacity(count * fields.count * Feature.count)
            for (number, field) in fields.enumerated() {
                for (index, column) in columns.enumerated() where isAllowed(number, column, &cells) {
                    let place = scores.at(number, index)
                    var lexical = [Float](repeating: 0, count: Feature.types)
                    var describedLabel: Float = 0
                    var hasWords = false
                    for (label, weight) in labels[index] {
                        let found = match(label, &cells)[number]
                        lexical[Feature.labelDirect] += weight * found.direct
                        lexical[Feature.labelSynonym] += weight * found.synonym
                        lexical[Feature.labelEqual] += weight * found.equal
                        lexical[Feature.labelSimilar] += weight * found.similar
                        if !hasWords, !found.isEmpty {
                            hasWords = true
                            describedLabel = found.described
                        }
                    }
                    lexical[Feature.classDirect] = classes[index].direct[number]
                    lexical[Feature.classSynonym] = classes[index].synonym[number]
                    lexical[Feature.classSubstring] = classes[index].substring[number]
                    if column.label >= 0 { lexical[Feature.labelSubstring] = match(column.label, &cells)[number].substring }
                    let tail = cells.keys.tail[Int(column.key)]
                    if tail != .min { lexical[Feature.keyDirect] = match(tail: tail, &cells)[number] }
                    lexical[Feature.descriptionLabel] = describedLabel
                    lexical[Feature.descriptionClass] = classes[index].described[number]
                    var types = field.types.rawValue
                    while types != 0 {
                        lexical[Feature.typeAgree] = max(lexical[Feature.typeAgree], statistics[index * width + types.trailingZeroBitCount])
                        types &= types - 1
                    }
                    lexical[Feature.wantsType] = field.types.isEmpty ? 0 : 1
                    lexical[Feature.hasLabel] = column.label >= 0 ? 1 : 0
                    if field.wantsAddress, !field.goal.isEmpty {
                        lexical[Feature.goalAddress] = Float(goalWords(column, field, &cells))
                    }
                    scores.equal[place] = lexical[Feature.labelEqual]
                    scores.similar[place] = lexical[Feature.labelSimilar]
                    scores.goal[place] = lexical[Feature.goalAddress]
                    places.append(place)
                    rows += lexical
                    rows += statistics[index * width..<(index + 1) * width]
                    rows += notions[number]
                }
            }

            // What a column lacks against the best of the family, and how well it would suit another field.
            var bestLabel = [Float](repeating: 0, count: fields.count)
            var bestClass = bestLabel
            var bestType = bestLabel
            for (row, place) in places.enumerated() {
                let number = place / count
                let base = row * Feature.count
                bestLabel[number] = max(bestLabel[number], rows[base + Feature.labelSimilar])
                bestClass[number] = max(bestClass[number], rows[base + Feature.classDirect])
                bestType[number] = max(bestType[number], rows[base + Feature.typeAgree])
            }
            for (row, place) in places.enumerated() {
                let number = place / count
                let column = place % count
                let base = row * Feature.count
                rows[base + Feature.labelGap] = bestLabel[number] - rows[base + Feature.labelSimilar]
                rows[base + Feature.classGap] = bestClass[number] - rows[base + Feature.classDirect]
                rows[base + Feature.typeGap] = bestType[number] - rows[base + Feature.typeAgree]
                for other in fields.indices where other != number {
                    rows[base + Feature.labelOther] = max(rows[base + Feature.labelOther], scores.similar[scores.at(other, column)])
                    rows[base + Feature.equalOther] = max(rows[base + Feature.equalOther], scores.equal[scores.at(other, column)])
                }
            }

            let probabilities = model.columns.scores(rows)
            let isOnlyText = columns.count { ($0.kind == .text || $0.kind == .line || $0.kind == .run) && $0.coverage > 0.5 } == 1
            for (row, place) in places.enumerated() {
                let base = row * Feature.count
                let printed = max(
                    max(rows[base + Feature.labelEqual], 0.8 * rows[base + Feature.labelDirect]),
                    max(0.6 * rows[base + Feature.labelSynonym], 0.7 * rows[base + Feature.classSubstring]),
                    max(0.7 * rows[base + Feature.labelSubstring], 0.5 * rows[base + Feature.classDirect]),
                    0.6 * rows[base + Feature.keyDirect])
                scores.score[place] = (probabilities[row] + 0.15 * printed) / 1.15
                let number = place / count
                let column = columns[place % count]
                let statistic = base + Feature.statistics
                let least = Signs.least(
                    fields[number],
                    Signs.Look(
                        kind: column.twin >= 0 ? .text : column.kind, isPart: cells.keys.isPart[Int(column.key)] && column.twin < 0,
                        isBeforeLabel: cells.keys.part[Int(column.key)] == .beforeLabel,
                        isHead: column.isHead || column.isTwinHead, link: column.link,
                        coverage: column.coverage, unique: rows[statistic + 1], share: rows[statistic + 11],
                        isLongest: rows[statistic + 12] > 0 && rows[statistic + 2] > Pairs.prose, isOnlyText: isOnlyText,
                        isFirstLink: rows[statistic + 14] > 0, position: column.position, labelEqual: rows[base + Feature.labelEqual],
                        labelDirect: rows[base + Feature.labelDirect], typeAgree: rows[base + Feature.typeAgree],
                        amount: fields[number].types.contains(.money) ? amounts(column, cells) : 0,
                        genericLink: rows[base + Feature.types + 12],
                        ownWords: ownWords(of: column.twin >= 0 ? column.twin : column.element, &cells)), cells.page.words)
                scores.score[place] = max(scores.score[place], least)
                if let form = fields[number].form {
                    scores.score[place] = max(scores.score[place], floor(form, column, cells))
                }
            }
            return scores
        }

        /// Words of the prompt in the first three addresses.
        private func goalWords(_ column: Column, _ field: Field, _ cells: inout Cells) -> Int {
            var room = 200
            var words: [Words.ID] = []
            for cell in column.cells.lazy.filter({ $0 >= 0 }).prefix(3) where room > 0 {
                let range = cells.values.range(cells.cells[Int(cell)].value)
                let part = range.lowerBound..<min(range.upperBound, range.lowerBound + room)
                room -= part.count + 1
                words += cells.page.stemSet(of: part)
            }
            return Words.shared(Words.sorted(words), field.goal)
        }

        /// Least score of a column whose values have the field's unmistakable form.
        private mutating func floor(_ form: Field.Form, _ column: Column, _ cells: Cells) -> Float {
            var distinct: [Int32] = []
            var fitting = 0
            let part = cells.keys.part[Int(column.key)]
            for cell in column.cells where cell >= 0 {
                let value = cells.cells[Int(cell)].value
                if !distinct.contains(value) { distinct.append(value) }
                switch form {
                case .email: if traits(value, cells).types.contains(.email) { fitting += 1 }
                case .phone: if traits(value, cells).types.contains(.phone) { fitting += 1 }
                case .firstName, .lastName:
                    let text = cells.page.scalars[cells.values.range(value)]
                    if let first = text.first, Scalars.isUpper(first),
                        text.allSatisfy({ Scalars.isLetter($0) || $0 == "'" || $0 == "-" || $0 == "." || $0 == " " })
                    {
                        fitting += 1
                    }
                }
            }
            let count = Float(max(1, column.count))
            let share = Float(fitting) / count
            let unique = Float(distinct.count) / count
            switch form {
            case .email, .phone: return 0.6 * share * column.coverage * (0.6 + 0.4 * unique)
            case .firstName, .lastName:
                guard part == (form == .firstName ? .firstName : .lastName) else { return 0 }
                let position = 1 - 0.004 * Float(min(column.position, 50))
                return 0.5 * share * column.coverage * unique * position + (column.isHead || column.link > 0.5 ? 0.08 : 0)
            }
        }
    }
}
