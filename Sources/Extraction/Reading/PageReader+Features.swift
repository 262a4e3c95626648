import Foundation

/// What is known of a candidate before a field is asked.
extension PageReader {
    /// Numbers keys, roles and phrases, and writes the features.
    consuming func finish() -> PageReading {
        // The learned limit: of a page with too many candidates the first 3000 are looked at.
        if candidates.count > PageReader.mostCandidates { candidates.removeLast(candidates.count - 3000) }
        var reading = PageReading()
        reading.lines = lines
        reading.visibleCount = visibleCount
        numberKeys()
        numberRoles()
        placeTitles()
        reading.features = features()
        addPhrases(to: &reading)
        reading.candidates = candidates
        reading.tree = tree
        reading.text = text
        return reading
    }

    private mutating func numberKeys() {
        struct Key: Hashable {
            var hash: UInt64
            var count: Int
        }
        var numbers: [Key: Int] = [:]
        for index in candidates.indices {
            let range = candidates[index].range
            let key = Key(hash: text.keyHash(range), count: text.foldedRange(range).count)
            let number = numbers[key] ?? numbers.count
            numbers[key] = number
            candidates[index].key = number
        }
    }

    private mutating func numberRoles() {
        struct Role: Hashable {
            var tagPath: Int32
            var kind: Candidate.Kind
            /// Attribute, or the key of a value that no element of the body holds.
            var detail: String
            var label: String
        }
        var numbers: [Role: Int] = [:]
        for index in candidates.indices {
            let candidate = candidates[index]
            let isLabelled = candidate.kind == .split || candidate.kind == .rest || candidate.kind == .atom
            let role = Role(
                tagPath: candidate.node.map { tree.general[$0] } ?? -1, kind: candidate.kind,
                detail: candidate.node == nil ? candidate.structuredKey : candidate.attribute ?? "",
                label: isLabelled ? candidate.label : "")
            let number = numbers[role] ?? numbers.count
            numbers[role] = number
            candidates[index].generalPath = number
        }
    }

    /// Parts of the title get the place of an equal text that can be shown.
    private mutating func placeTitles() {
        guard candidates.contains(where: { $0.kind == .title }) else { return }
        var places: [Int: Span.Place] = [:]
        for candidate in candidates where places[candidate.key] == nil { places[candidate.key] = candidate.place }
        for index in candidates.indices where candidates[index].kind == .title {
            candidates[index].place = places[candidates[index].key]
        }
    }

    // MARK: Features

    private func features() -> [Float] {
        let width = PageReading.featureCount
        let kinds = Candidate.Kind.allCases.count
        let base = kinds + TextType.allCases.count
        var rows = [Float](repeating: 0, count: candidates.count * width)
        let keyCounts = counts(\.key)
        let roleCounts = counts(\.generalPath)
        var seen = [Int](repeating: 0, count: keyCounts.count)
        let title = candidates.last { $0.kind == .title && $0.structuredKey == "page title" }.map { text.foldedRange($0.range) } ?? 0..<0
        let stated = statedTitles(keys: keyCounts.count)
        let logarithms = (0..<64).map { Float(log1p(Double($0))) }
        func logarithm(_ count: Int) -> Float { count < 64 ? logarithms[count] : Float(log1p(Double(count))) }

        for (index, candidate) in candidates.enumerated() {
            let row = index * width
            let range = candidate.range
            rows[row + Int(candidate.kind.rawValue)] = 1
            for type in TextShapes.types(of: text, range) { rows[row + kinds + type.rawValue] = 1 }
            let at = row + base
            let headings = candidate.node.map { tree.headings[$0] } ?? []
            rows[at] = headings.contains(.h1) ? 1 : 0
            rows[at + 1] = headings.contains(.h2or3) ? 1 : 0
            rows[at + 2] = headings.contains(.h4to6) ? 1 : 0
            let key = text.foldedRange(range)
            if key.count > 3, contains(title, key) {
                rows[at + 3] = 1
                rows[at + 4] = min(1, Float(Double(key.count) / Double(max(1, title.count))))
            }
            rows[at + 5] = stated[candidate.key] ? 1 : 0
            rows[at + 6] = logarithm(range.count)
            rows[at + 7] = logarithm(text.wordCount(range))
            let line = candidate.span.line
            rows[at + 8] = line < visibleCount ? Float(Double(line) / Double(max(1, visibleCount))) : -1
            rows[at + 9] = Float(min(keyCounts[candidate.key], 6))
            rows[at + 10] = Float(seen[candidate.key])
            seen[candidate.key] += 1
            rows[at + 11] = logarithm(roleCounts[candidate.generalPath])
            let zone = line < visibleCount ? tree.zone[drafts[line].block] : .none
            rows[at + 12] = zone == .nav || zone == .footer ? 1 : 0
            rows[at + 13] = zone == .header ? 1 : 0
            rows[at + 14] = zone == .aside ? 1 : 0
            rows[at + 15] = lines[line].href.isEmpty ? 0 : 1
            rows[at + 16] = candidate.label.isEmpty ? 0 : 1
            rows[at + 17] = text.scalars[range.upperBound - 1] == ":" ? 1 : 0
            rows[at + 18] = Float(Double(text.digitCount(range)) / Double(range.count))
            rows[at + 19] = Float(Double(text.upperCount(range)) / Double(range.count))
            rows[at + 20] = Float(steps(of: candidate))
            rows[at + 21] =
                candidate.span.line == candidate.span.lastLine
                ? Float(Double(candidate.span.end - candidate.span.start) / Double(max(1, drafts[line].range.count))) : 2
        }
        return rows
    }

    private func counts(_ number: (Candidate) -> Int) -> [Int] {
        var counts = [Int](repeating: 0, count: (candidates.map(number).max() ?? -1) + 1)
        for candidate in candidates { counts[number(candidate)] += 1 }
        return counts
    }

    /// For each key, whether meta tags or JSON-LD state it as a title, headline or name.
    private func statedTitles(keys: Int) -> [Bool] {
        var stated = [Bool](repeating: false, count: keys)
        for candidate in candidates where candidate.kind == .meta || candidate.kind == .jsonLD {
            let key = candidate.structuredKey
            if key.hasSuffix("title") || key.hasSuffix("headline") || key == "name" || key.hasSuffix(".name") {
                stated[candidate.key] = true
            }
        }
        return stated
    }

    /// Only the beginning of a title without end is searched.
    private func contains(_ title: Range<Int>, _ inner: Range<Int>) -> Bool {
        let outer = title.prefix(4000)
        guard !inner.isEmpty, inner.count <= outer.count else { return false }
        let folded = text.folded
        let first = folded[inner.lowerBound]
        for start in outer.lowerBound...(outer.upperBound - inner.count) where folded[start] == first {
            var count = 1
            while count < inner.count, folded[start + count] == folded[inner.lowerBound + count] { count += 1 }
            if count == inner.count { return true }
        }
        return false
    }

    /// Depth of the element, counting an attribute as one more.
    private func steps(of candidate: Candidate) -> Int {
        guard let node = candidate.node else { return candidate.structuredKey.utf8.count { $0 == UInt8(ascii: "/") } }
        return Int(tree.depth[node]) + (candidate.attribute == nil ? 0 : 1)
    }

    // MARK: Phrases

    private func addPhrases(to reading: inout PageReading) {
        var phrases = PhraseTable()
        var rows = [Int32](repeating: -1, count: candidates.count * PhraseRole.allCases.count)
        var previous: [Int: Int32] = [:]
        for (index, candidate) in candidates.enumerated() {
            let row = index * PhraseRole.allCases.count
            func set(_ role: PhraseRole, _ phrase: Int32) { rows[row + role.rawValue] = phrase }
            let line = candidate.span.line
            set(.label, phrases.intern(candidate.label))
            set(.attributeWords, phrases.intern(candidate.attributeWords.prefix(6).joined(separator: " ")))
            set(.key, phrases.intern(PageReader.lastTwoSteps(candidate.structuredKey)))
            set(.columnHead, phrases.intern(lines[line].columnHead))
            set(.heading, phrases.intern(lines[line].heading))
            if line > 0, line < visibleCount {
                let known = previous[line] ?? phrases.append(text.slice(drafts[line - 1].range).prefix(40))
                previous[line] = known
                set(.previousLine, known)
            }
            set(.before, phrases.append(text.slice(drafts[line].range).prefix(candidate.span.start).suffix(25)))
            if candidate.range.count < 40 { set(.text, phrases.append(text.slice(candidate.range))) }
        }
        reading.phrases = phrases
        reading.phraseRows = rows
    }

    /// "Product.offers.price" → "offers.price".
    private static func lastTwoSteps(_ key: String) -> String {
        let steps = key.split(separator: ".", omittingEmptySubsequences: false)
        guard steps.count > 2, let last = steps.last, !last.isEmpty, !steps[steps.count - 2].isEmpty else { return key }
        return steps.suffix(2).joined(separator: ".")
    }
}

/// Texts of a candidate that are compared with a field, in the order of the learned features.
enum PhraseRole: Int, CaseIterable {
    case label, attributeWords, key, columnHead, heading, previousLine, before, text
}
