internal import Documents

extension RunDiff {
    /// One line: "3 new, 1 gone, 5 changed (price 4, stock 1), 1 page failed; price is missing in all 40 records; …".
    package var summary: String { ([counts] + drift.map(sentence)).joined(separator: "; ") }

    private var counts: String {
        var parts: [String] = []
        if !new.isEmpty { parts.append("\(new.count) new") }
        if !gone.isEmpty { parts.append("\(gone.count) gone") }
        if !changed.isEmpty {
            let most = fields.enumerated().filter { $0.element.isLeaf && $0.element.changed > 0 }.sorted {
                ($1.element.changed, $0.offset) < ($0.element.changed, $1.offset)
            }
            let named =
                most.prefix(5).map { "\(RunDiff.clipped($0.element.name, 40)) \($0.element.changed)" } + (most.count > 5 ? ["…"] : [])
            parts.append("\(changed.count) changed (\(named.joined(separator: ", ")))")
        }
        if !moved.isEmpty { parts.append("\(moved.count) moved") }
        if parts.isEmpty { parts.append("no record changed") }
        if !unseenNow.isEmpty { parts.append("\(unseenNow.count) not seen this time") }
        if !unseenBefore.isEmpty { parts.append("\(unseenBefore.count) not seen before") }
        if failedNow > 0 { parts.append("\(RunDiff.counted(failedNow, "page")) failed") }
        return parts.joined(separator: ", ")
    }

    /// What changed, for people: counts, then at most so many lines of pages and records. Nothing in it steers a terminal.
    package func text(lines limit: Int = 40) -> String {
        var out = [counts + ", \(unchanged) unchanged"]
        if !identity.isEmpty {
            out.append(
                "records are told apart by " + identity.map { RunDiff.clipped($0, 40) }.joined(separator: ", ")
                    + (isIdentityFound ? " (found)" : ""))
        }
        out += drift.map { "! " + sentence($0) } + notes.map { "! " + RunDiff.clipped($0, 300) }
        let limit = max(0, limit)
        var (shown, left) = (0, 0)
        func add<Item>(_ items: [Item], _ line: (Item) -> String) {
            let room = max(0, limit - shown)
            out += items.prefix(room).map { RunDiff.clipped(line($0), 300) }
            shown += min(room, items.count)
            left += max(0, items.count - room)
        }
        add(pages, pageLine)
        add(new) { "+ " + recordText($0) }
        add(gone) { "- " + recordText($0) }
        add(changed) { "~ \(nameText($0)): " + $0.leaves.map(leafText).joined(separator: ", ") }
        add(moved) { "> \(nameText($0)): from \($0.old.page) to \($0.new.page)" }
        add(unseenNow) { "? \(recordText($0)): not seen this time" }
        add(unseenBefore) { "? \(recordText($0)): not seen before" }
        if left > 0 { out.append("… and \(left) more") }
        return out.joined(separator: "\n") + "\n"
    }

    /// "price is missing in all 40 records; it was there in 40 of 40".
    func sentence(_ field: Field) -> String {
        let name = RunDiff.clipped(field.name, 60)
        let all = recordsNow == 1 ? "the only record" : "all \(recordsNow) records"
        return field.now == 0
            ? "\(name) is missing in \(all); it was there in \(field.before) of \(recordsBefore)"
            : "\(name) is there in \(field.now) of \(RunDiff.counted(recordsNow, "record")); it was missing in all \(recordsBefore)"
    }

    private func pageLine(_ page: Page) -> String {
        func state(_ status: DiffPage.Status) -> String {
            switch status {
            case .open: "it was not visited"
            case .failed: "it failed"
            case .skipped: "it was skipped"
            case .completed, .partial: "it was read in part"
            }
        }
        switch (page.before, page.now) {
        case (_, nil): return "- page \(page.key)" + (page.before.map { page.wasWhole ? "" : ": \(state($0)) before" } ?? "")
        case (nil, let now?): return "+ page \(page.key)" + (page.isWhole ? "" : ": \(state(now))")
        case (let before?, _) where page.isWhole: return "? page \(page.key): \(state(before)) before"
        case (let before?, let now?):
            return "? page \(page.key): \(state(now))" + (page.wasWhole ? "" : ", and before \(state(before))")
        }
    }

    private func nameText(_ pair: Pair) -> String { "\(pair.field.isEmpty ? "value" : pair.field) \(RunDiff.short(pair.name))" }

    private func leafText(_ leaf: LeafChange) -> String {
        let name = leaf.path.isEmpty ? "value" : leaf.path.dropFirst().replacing("/", with: ".")
        return "\(name) \(leaf.old.map(RunDiff.short) ?? "–") → \(leaf.new.map(RunDiff.short) ?? "–")"
    }

    private func recordText(_ record: Record) -> String {
        guard case .object(let members) = record.value else { return RunDiff.short(record.value) }
        let said = members.filter { $0.value.meaning != nil || $0.value.members?.isEmpty == false }
        return said.isEmpty ? "an empty record" : said.map { "\($0.name)=\(RunDiff.short($0.value))" }.joined(separator: " ")
    }

    static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func short(_ value: JSON) -> String {
        switch value {
        case .string(let text): return "\"\(clipped(text, 80))\""
        case .array(let items): return "[" + items.prefix(10).map(short).joined(separator: ", ") + (items.count > 10 ? ", …]" : "]")
        case .object(let members):
            if value.isMoney, let amount = value["amount"] {
                return clipped(
                    [amount.string ?? amount.description, value["currency"]?.string].compactMap { $0 }.joined(separator: " "), 40)
            }
            return "{" + members.prefix(10).map { "\(clipped($0.name, 40)): \(short($0.value))" }.joined(separator: ", ")
                + (members.count > 10 ? ", …}" : "}")
        default: return clipped(value.description, 40)
        }
    }

    /// On one line, without control characters, cut after so many characters.
    private static func clipped(_ text: String, _ limit: Int) -> String {
        var out = String.UnicodeScalarView()
        // No character that a reader needs has more scalars.
        for scalar in text.unicodeScalars.prefix(limit * 8) {
            let turns = (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            out.append(scalar.properties.isWhitespace ? " " : scalar.properties.generalCategory == .control || turns ? "·" : scalar)
        }
        let line = String(out).meaning
        return line.count > limit ? line.prefix(limit - 1) + "…" : line
    }
}
