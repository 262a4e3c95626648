extension Listing {
    /// Features of a family with its assignment, in the order of the model's file.
    enum FamilyFeature: Int, CaseIterable {
        case sMean, sMin, sMax, sSum, sFrac, sLo, labFrac, eqFrac, covMean, uniqMean, n, logn, logtext, reclen, lenstd, zoneNav
        case zoneAside, hidden, depth, start, width, links, dates, heads, imgs, nCol, reg, goalCls, goalHead, badCls, hasHdr
        case fileLinks, dup, ctxFrac, partFrac, sameTag, inner, outer, relS, relN, relText, relSn, nf, tabIn, oneField, lst
        case sigSame, rankS, covMin, sFirst, nestOut, nestN, goalUrl, hdrCover, headLex, sP50, nOwn, ownMin, labMin, eqMin
        case recFull, firstFull, kept, lead, startsHead, startsLink, startsBold, mainShare, nlabs, rowHdr
        case fkSib0, fkSib1, fkSeg, fkBr, fkBrbr, fkCous, fkLift, fkUrl, fkUlift

        /// As the file spells them: "sMean" is "s_mean" there.
        static let names = allCases.map { feature in
            var name = ""
            for character in "\(feature)" { name += character.isUppercase ? "_" + character.lowercased() : String(character) }
            return name
        }
    }

    /// One family with its columns and who answers what.
    struct Standing {
        var family: Family
        var sampled: [Int]
        var columns: [Column]
        var pairs: PairScores
        /// By field: its column, -1 for none.
        var assigned: [Int]
        /// Fields in the order in which they were assigned, best first.
        var order: [Int]
        var features: [Float]

        subscript(feature: FamilyFeature) -> Float {
            get { features[feature.rawValue] }
            set { features[feature.rawValue] = newValue }
        }

        /// Score of a field's column, 0 where it has none.
        func score(_ field: Int) -> Float { assigned[field] < 0 ? 0 : pairs.score[pairs.at(field, assigned[field])] }

        func isContext(_ field: Int) -> Bool { assigned[field] >= 0 && columns[assigned[field]].kind == .context }
    }

    enum Standings {
        /// One column a field and one field a column, the surest pair first, down to `threshold`.
        static func assign(_ pairs: PairScores, fields: Int, threshold: Float) -> (assigned: [Int], order: [Int]) {
            var assigned = [Int](repeating: -1, count: fields)
            var order: [Int] = []
            var isTaken = [Bool](repeating: false, count: pairs.columns)
            while order.count < fields {
                var best: Float = -1
                var place = (field: -1, column: -1)
                for field in 0..<fields where assigned[field] < 0 {
                    for column in 0..<pairs.columns where !isTaken[column] {
                        let score = pairs.score[pairs.at(field, column)]
                        if score > best {
                            best = score
                            place = (field, column)
                        }
                    }
                }
                guard place.field >= 0, best >= threshold else { break }
                assigned[place.field] = place.column
                isTaken[place.column] = true
                order.append(place.field)
            }
            return (assigned, order)
        }

        /// First and last name are taken from one text.
        static func joinNames(_ standing: inout Standing, _ fields: [Field], _ keys: Keys) {
            guard let first = fields.firstIndex(where: { $0.form == .firstName }),
                let last = fields.firstIndex(where: { $0.form == .lastName }),
                standing.assigned[first] >= 0, keys.part[Int(standing.columns[standing.assigned[first]].key)] == .firstName
            else { return }
            var best: (sum: Float, first: Int, last: Int)?
            for (index, column) in standing.columns.enumerated() where keys.part[Int(column.key)] == .firstName {
                let score = standing.pairs.score[standing.pairs.at(first, index)]
                guard score >= 0 else { continue }
                let parent = keys.parent[Int(column.key)]
                guard
                    let other = standing.columns.firstIndex(where: {
                        keys.part[Int($0.key)] == .lastName && keys.parent[Int($0.key)] == parent
                    })
                else { continue }
                let sum = score + max(0, standing.pairs.score[standing.pairs.at(last, other)])
                if best.map({ sum > $0.sum }) ?? true { best = (sum, index, other) }
            }
            guard let best else { return }
            standing.assigned[first] = best.first
            standing.assigned[last] = best.last
            if !standing.order.contains(last) { standing.order.append(last) }
        }

        /// Features of a family by itself; `relate` adds those against the others.
        static func describe(_ standing: inout Standing, _ fields: [Field], goal: [Words.ID], _ cells: inout Cells) {
            let family = standing.family
            let count = fields.count
            let assigned = standing.order.map { ($0, standing.assigned[$0]) }
            let pairs = standing.pairs
            let scores = (0..<count).map { standing.score($0) }
            let wide = Float(count)
            standing[.sMean] = scores.reduce(0, +) / wide
            standing[.sMin] = scores.min() ?? 0
            standing[.sMax] = scores.max() ?? 0
            standing[.sSum] = scores.reduce(0, +)
            standing[.sFrac] = Float(assigned.count) / wide
            standing[.sFirst] = scores[0]
            standing[.sLo] = scores.reduce(0) { $0 + Float(Listing.log(Double(($1 + 0.01) / (1.01 - $1)))) } / wide
            let own = assigned.filter { standing.columns[$0.1].kind != .context }
            let all = standing.assigned.allSatisfy { $0 >= 0 }
            if !assigned.isEmpty {
                let share = 1 / Float(assigned.count)
                let similar = assigned.map { pairs.similar[pairs.at($0.0, $0.1)] }
                let equal = assigned.map { pairs.equal[pairs.at($0.0, $0.1)] }
                let coverage = assigned.map { pairs.coverage[$0.1] }
                standing[.labFrac] = similar.reduce(0, +) * share
                standing[.eqFrac] = equal.reduce(0, +) / wide
                standing[.covMean] = coverage.reduce(0, +) * share
                standing[.covMin] = coverage.min() ?? 0
                standing[.uniqMean] = assigned.reduce(0) { $0 + pairs.unique[$1.1] } * share
                standing[.ctxFrac] = Float(assigned.count - own.count) / wide
                standing[.partFrac] = Float(assigned.count { cells.keys.isPart[Int(standing.columns[$0.1].key)] }) / wide
                standing[.goalUrl] = assigned.map { pairs.goal[pairs.at($0.0, $0.1)] }.max() ?? 0
                standing[.fileLinks] = assigned.map { pairs.file[$0.1] }.max() ?? 0
                var rows: Set<[Int32]> = []
                for slot in standing.sampled.indices {
                    rows.insert(
                        assigned.map {
                            let cell = standing.columns[$0.1].cells[slot]
                            return cell < 0 ? -1 : cells.cells[Int(cell)].value
                        })
                }
                standing[.dup] = 1 - Float(rows.count) / Float(max(1, standing.sampled.count))
                if all {
                    standing[.eqMin] = equal.min() ?? 0
                    standing[.labMin] = similar.min() ?? 0
                }
                if !own.isEmpty {
                    let full = standing.sampled.indices.map { slot in
                        Float(own.count { standing.columns[$0.1].cells[slot] >= 0 }) / Float(own.count)
                    }
                    standing[.recFull] = Float(full.count { $0 > 0.99 }) / Float(full.count)
                    standing[.firstFull] = full[0]
                    standing[.kept] = Float(full.count { $0 > 0.5 }) / Float(full.count)
                }
            }
            let labels = Set(
                standing.columns.filter {
                    switch $0.kind {
                    case .text, .run, .line, .labelled: $0.label >= 0 && !cells.keys.isPart[Int($0.key)]
                    default: false
                    }
                }.map(\.label))
            let answered = Set(assigned.map { standing.columns[$0.1].label }.filter { $0 >= 0 })
            standing[.nlabs] = Float(labels.count)
            standing[.hdrCover] = labels.isEmpty ? 0 : Float(answered.count) / Float(labels.count)
            standing[.sP50] = scores.sorted()[count / 2]
            standing[.nOwn] = own.reduce(0) { $0 + scores[$1.0] } / wide
            standing[.ownMin] = own.map { scores[$0.0] }.min() ?? 0
            standing[.nf] = wide
            standing[.oneField] = count == 1 ? 1 : 0
            standing[.nCol] = Float(standing.columns.count)
            let texts = standing.columns.filter {
                switch $0.kind {
                case .text, .line, .run, .href: true
                default: false
                }
            }
            standing[.reg] = texts.reduce(0) { $0 + $1.coverage } / Float(max(1, texts.count))
            standing.features[FamilyFeature.fkSib0.rawValue + Int(family.kind.rawValue)] = 1
            place(&standing, family, goal: goal, &cells)
        }

        /// Features of where the records stand and what is in them.
        private static func place(_ standing: inout Standing, _ family: Family, goal: [Words.ID], _ cells: inout Cells) {
            let page = cells.page
            let total = Float(page.elements.count)
            let sampled = standing.sampled
            var lengths: [Double] = []
            for index in sampled {
                let record = family.record(index)
                lengths.append(Double(record.reduce(record.count - 1) { $0 + page.range(of: $1).count }))
            }
            let many = Double(max(1, sampled.count))
            let mean = lengths.reduce(0, +) / many
            standing[.n] = Float(min(family.count, 100))
            standing[.logn] = Float(Listing.log(Double(family.count)))
            standing[.logtext] = Float(Listing.log(1 + mean * Double(family.count)))
            standing[.reclen] = Float(Listing.log(1 + mean))
            standing[.lenstd] = Float((lengths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / many).squareRoot() / (mean + 1))
            if let body = page.elements.first {
                standing[.mainShare] = Float(min(1, mean * Double(family.count) / Double(max(1, body.to - body.from))))
            }

            let firsts = sampled.map { index in
                let first = family.first(index)
                return first >= 0 ? first : family.container
            }
            var links = 0
            var withHeading = 0
            var withImage = 0
            var entries = 0
            var withTable = 0
            var inner = 0
            var withDate = 0
            var away = 0
            var aside = 0
            var tags: [Int32: Int] = [:]
            var signatures: [Int32: Int] = [:]
            for (slot, index) in sampled.enumerated() {
                let element = page.elements[Int(firsts[slot])]
                if element.zone == .nav || element.zone == .footer { away += 1 }
                if element.zone == .aside || element.zone == .header { aside += 1 }
                tags[element.tag, default: 0] += 1
                signatures[element.signature, default: 0] += 1
                var hasHeading = false
                var hasImage = false
                var hasTable = false
                let record = family.record(index)
                for item in record where item >= 0 {
                    let end = min(page.elements[Int(item)].end, item + 80)
                    for below in item..<end {
                        let tag = page.elements[Int(below)].tag
                        if tag == Tag.a { links += 1 }
                        if tag == Tag.li || tag == Tag.tr { entries += 1 }
                        if Tag.isHeading(tag) { hasHeading = true }
                        if tag == Tag.img { hasImage = true }
                        if tag == Tag.table { hasTable = true }
                    }
                    inner += Int(end - item)
                }
                if hasHeading { withHeading += 1 }
                if hasImage { withImage += 1 }
                if hasTable { withTable += 1 }
                var room = 400
                for item in record where room > 0 {
                    let range = page.range(of: item)
                    if Patterns.date(page.scalars, range.lowerBound, min(range.upperBound, range.lowerBound + room)) != nil {
                        withDate += 1
                        break
                    }
                    room -= range.count + 1
                }
            }
            let share = 1 / Float(many)
            standing[.zoneNav] = Float(away) * share
            standing[.zoneAside] = Float(aside) * share
            standing[.links] = Float(links) * share
            standing[.heads] = Float(withHeading) * share
            standing[.imgs] = Float(withImage) * share
            standing[.lst] = Float(entries) * share
            standing[.tabIn] = Float(withTable) * share
            standing[.inner] = Float(inner) * share
            standing[.dates] = Float(withDate) * share
            standing[.sameTag] = Float(tags.values.max() ?? 0) * share
            standing[.sigSame] = Float(signatures.values.max() ?? 0) * share

            let first = page.elements[Int(firsts[0])]
            standing[.depth] = Float(first.depth)
            standing[.start] = Float(firsts[0]) / total
            standing[.width] = Float(page.elements[Int(firsts[firsts.count - 1])].end - firsts[0]) / total
            standing[.hasHdr] = page.rowHeadings[Int(firsts[0])] >= 0 ? 1 : 0
            standing[.outer] = Float(page.children(of: family.container).count { $0 >= 0 && page.tag($0) != Tag.br })

            let opening = family.first(0)
            if family.kind == .segments || family.kind == .lines || family.kind == .paragraphs, opening >= 0 {
                var lead = 0
                let start = family.record(0).first
                for kid in page.children(of: family.container) {
                    if kid == start || kid == opening { break }
                    lead += page.range(of: kid).count
                }
                standing[.lead] = Float(min(3, Double(lead) / (1 + (lengths.first ?? 0))))
            }
            if opening >= 0 {
                for below in opening..<min(page.elements[Int(opening)].end, opening + 4) {
                    let tag = page.elements[Int(below)].tag
                    if Tag.isHeading(tag) { standing[.startsHead] = 1 }
                    if tag == Tag.a { standing[.startsLink] = 1 }
                    if tag == Tag.b || tag == Tag.strong { standing[.startsBold] = 1 }
                }
                standing[.rowHdr] = first.tag == Tag.tr ? 1 : 0
            }

            var words: [Words.ID] = []
            var ancestor = firsts[0]
            for _ in 0..<4 where ancestor >= 0 {
                words += cells.page.attributeWords(of: ancestor)
                ancestor = cells.page.elements[Int(ancestor)].parent
            }
            words = Words.sorted(words)
            standing[.goalCls] = Float(Words.shared(words, goal))
            standing[.badCls] = Float(words.count { cells.page.words.traits[Int($0)].contains(.boilerplate) })
            let heading = page.headingBefore[Int(firsts[0])]
            if heading >= 0 {
                let range = page.range(of: heading)
                let said = cells.page.stemSet(of: range.lowerBound..<min(range.upperBound, range.lowerBound + 120))
                standing[.goalHead] = Float(Words.shared(said, goal))
                standing[.headLex] = Float(said.count)
            }
        }

        /// Features of each family against the others of the page.
        static func relate(_ standings: inout [Standing], _ page: Page) {
            guard !standings.isEmpty else { return }
            let bestScore = standings.map { $0[.sMean] }.max() ?? 0
            let bestCount = standings.map { $0[.logn] }.max() ?? 0
            let bestText = standings.map { $0[.logtext] }.max() ?? 0
            let weighed = standings.map { $0[.sMean] * Float(Listing.log(1 + Double($0[.n]))) }
            let bestWeighed = weighed.max() ?? 0
            let order = standings.indices.sorted { weighed[$0] != weighed[$1] ? weighed[$0] > weighed[$1] : $0 < $1 }
            let extents = standings.map { standing -> (from: Int32, to: Int32) in
                let first = standing.family.first(0)
                let last = standing.family.first(standing.family.count - 1)
                let holder = standing.family.container
                return (first >= 0 ? first : holder, page.elements[Int(last >= 0 ? last : holder)].end)
            }
            for (rank, index) in order.enumerated() { standings[index][.rankS] = Float(min(rank, 30)) }
            for index in standings.indices {
                standings[index][.relS] = standings[index][.sMean] - bestScore
                standings[index][.relN] = standings[index][.logn] - bestCount
                standings[index][.relText] = standings[index][.logtext] - bestText
                standings[index][.relSn] = weighed[index] / (bestWeighed + 1e-6)
                let own = extents[index]
                for other in order.prefix(12) where other != index {
                    if extents[other].from >= own.from, extents[other].to <= own.to { standings[index][.nestN] += 1 }
                    if extents[other].from <= own.from, extents[other].to >= own.to { standings[index][.nestOut] += 1 }
                }
            }
        }

        /// The family that has all records of another and more that look like them, if there is one that answers the fields as well: a record
        /// that lacks a field is one, too.
        static func whole(_ index: Int, of standings: [Standing], _ page: Page) -> Int {
            let own = standings[index]
            guard own.order.count > 1, own.family.items.allSatisfy({ $0 >= 0 }) else { return index }
            let items = Set(own.family.items)
            let firsts = Set((0..<own.family.count).map { own.family.first($0) })
            let signatures = Set(items.map { page.elements[Int($0)].signature })
            var best = index
            for (number, other) in standings.enumerated() {
                guard other.family.starts == nil, other.family.kind == .siblings || other.family.kind == .alike,
                    other.family.count > standings[best].family.count,
                    other.order.count >= own.order.count, other[.sMean] >= 0.8 * own[.sMean],
                    items.isSubset(of: other.family.items),
                    other.family.items.allSatisfy({ $0 >= 0 && signatures.contains(page.elements[Int($0)].signature) })
                else { continue }
                let fields = other.order.filter { !other.isContext($0) }
                let isRecord = other.sampled.enumerated().allSatisfy { slot, number in
                    firsts.contains(other.family.items[number])
                        || fields.count(where: { other.columns[other.assigned[$0]].cells[slot] >= 0 }) * 2 > fields.count
                }
                if isRecord { best = number }
            }
            return best
        }

        /// Weight of the mean column score beside the family's own.
        private static let answered = 0.4

        /// Families in the order in which they would be taken. Where one answers every field by its exact column heading, only such
        /// families compete, tables proper first and of these the one with most rows.
        static func rank(_ standings: [Standing], _ scores: [Float]) -> [Int] {
            // The trees know families from long lists; on small pages how well the fields are answered tells more.
            var keys = standings.indices.map { Double(scores[$0]) + answered * Double(standings[$0][.sMean]) }
            if let first = standings.first, first[.nf] > 1, standings.contains(where: { $0[.eqMin] >= 0.95 }) {
                for index in standings.indices where standings[index][.eqMin] < 0.95 { keys[index] -= 10 }
                let tables = standings.indices.filter {
                    standings[$0][.eqMin] >= 0.95 && standings[$0][.fkSib0] > 0 && standings[$0][.hasHdr] > 0
                }
                for index in tables {
                    keys[index] = keys[index] * 0.01 + 5 + Double(standings[index][.n]) - 0.5 * Double(standings[index][.start])
                }
            }
            return standings.indices.sorted { keys[$0] != keys[$1] ? keys[$0] > keys[$1] : $0 < $1 }
        }
    }
}
