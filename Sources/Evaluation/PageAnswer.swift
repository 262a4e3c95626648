package import Documents
package import Extraction

/// What a method answered for one page, in the names of the labels.
package struct PageAnswer: Sendable {
    package var id: String
    package var set: String
    /// Of a detail page: name → value or list of values, null where nothing was found.
    package var fields: [JSON.Member]
    /// Of a listing.
    package var records: [JSON]
    package var next: String?
    /// As in the page contract of `gleaner extract --format json`: one entry a leaf.
    package var evidence: [Evidence]
    /// Wall time from the page's bytes to the answer, in milliseconds.
    package var milliseconds: Double

    init(_ page: LabelledPage, _ question: Question, _ answer: Answer, milliseconds: Double) {
        id = page.id
        set = page.set
        self.milliseconds = milliseconds
        next = answer.next
        func renamed(_ record: JSON) -> JSON {
            .object((record.members ?? []).map { JSON.Member(question.names[$0.name] ?? $0.name, $0.value) })
        }
        let isDetail = page.kind == .detail
        let all = answer.records.map(renamed)
        records = isDetail ? [] : all
        fields = isDetail ? all.first?.members ?? [] : []
        evidence = answer.evidence.compactMap { leaf in
            if isDetail, leaf.record > 0 { return nil }
            var leaf = leaf
            let first = PageAnswer.step(leaf.path)
            if let name = question.names[first.name] { leaf.path = "/" + JSON.escapePointer(name) + first.rest }
            return leaf
        }
    }

    /// The first step of a pointer as a name, and what follows it: "/a~1b/2" is "a/b" and "/2".
    static func step(_ pointer: String) -> (name: String, rest: String) {
        let inner = pointer.dropFirst()
        let name = inner.prefix { $0 != "/" }
        return (String(name.replacing("~1", with: "/").replacing("~0", with: "~")), String(inner.dropFirst(name.count)))
    }

    package var json: JSON {
        .of(
            ("id", .string(id)), ("set", .string(set)), ("fields", .object(fields)), ("records", .array(records)),
            ("next", next.map(JSON.string) ?? .null), ("evidence", .array(evidence.map(\.json))),
            ("ms", .double((milliseconds * 10).rounded() / 10)))
    }

    /// Values of a field: one, or those of a plain list in their order. Parts of objects have no place in labels.
    func values(of name: String, in record: Int? = nil) -> [Answered] {
        let value = record.map { records.indices.contains($0) ? records[$0][name] ?? .null : .null } ?? JSON.object(fields)[name] ?? .null
        let leaves = evidence.filter { $0.record == record ?? 0 && PageAnswer.step($0.path).name == name }
        let pointer = "/" + JSON.escapePointer(name)
        func answered(_ value: JSON, at pointer: String) -> Answered? {
            if value.isNull { return nil }
            let leaf = leaves.first { $0.path == pointer }
            let answer = Answered(value, text: leaf?.text, method: leaf?.method)
            return answer.texts.isEmpty ? nil : answer
        }
        if let list = value.array {
            return list.enumerated().compactMap { number, element in
                element.members != nil && element["amount"] == nil ? nil : answered(element, at: "\(pointer)/\(number)")
            }
        }
        return answered(value, at: pointer).map { [$0] } ?? []
    }

    /// Leaves with a value, and how many of them have no evidence, or evidence that doesn't hold on the page.
    func unproven(on document: Document) -> [String] {
        let hints = PageHints(document)
        var faults: [String] = []
        var proven: Set<[String]> = []
        for leaf in evidence {
            if let fault = leaf.fault(in: document, resolve: hints.resolve) {
                faults.append("\(leaf.record)\(leaf.path): \(fault)")
            } else if let found = record(leaf.record)?.at(pointer: leaf.path), found == leaf.value {
                proven.insert([String(leaf.record), leaf.path])
            } else {
                faults.append("\(leaf.record)\(leaf.path): the record has another value than the evidence")
            }
        }
        for (number, record) in (records.isEmpty ? [JSON.object(fields)] : records).enumerated() {
            unevidenced(record, "", number, proven, &faults)
        }
        return faults
    }

    private func record(_ number: Int) -> JSON? {
        if records.isEmpty { return number == 0 ? .object(fields) : nil }
        return records.indices.contains(number) ? records[number] : nil
    }

    private func unevidenced(_ value: JSON, _ pointer: String, _ record: Int, _ proven: Set<[String]>, _ faults: inout [String]) {
        if value.isNull || proven.contains([String(record), pointer]) { return }
        // A record that has evidence which failed is told once.
        if evidence.contains(where: { $0.record == record && $0.path == pointer }) { return }
        switch value {
        case .object(let members) where pointer.isEmpty || !isMoney(value):
            for member in members { unevidenced(member.value, pointer + "/" + JSON.escapePointer(member.name), record, proven, &faults) }
        case .array(let elements):
            for (number, element) in elements.enumerated() { unevidenced(element, "\(pointer)/\(number)", record, proven, &faults) }
        default: faults.append("\(record)\(pointer): it has no evidence")
        }
    }

    private func isMoney(_ value: JSON) -> Bool { value["amount"] != nil && value["currency"] != nil }
}
