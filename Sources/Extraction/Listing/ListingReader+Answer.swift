package import Documents

extension ListingReader {
    /// The records of the best list and the next page's link as an answer, by shapes and names alone: the encoder is not asked.
    package func answer(_ document: Document, for request: ExtractionRequest, prompt: String = "") -> Extractor.Reading {
        var work = Work(document: document, hints: PageHints(document), request: request)
        let (leaves, _) = Leaf.all(of: work.fields)
        let found = read(document, fields: leaves.map(\.asked), prompt: prompt)
        work.note(found)
        work.records = found.records.count
        work.next = NextLink.find(document)?.address
        for (number, record) in found.records.enumerated() {
            for cell in record.cells where leaves.indices.contains(cell.field) {
                let leaf = leaves[cell.field]
                guard !work.has(number, leaf.pointer), let value = work.typing.value(at: cell.span.place, for: leaf) else { continue }
                work.set(
                    record: number, leaf.isList ? leaf.pointer + "/0" : leaf.pointer, value, method: .list, score: Double(cell.score),
                    rejected: [])
            }
        }
        return work.finished(isMany: true)
    }
}
