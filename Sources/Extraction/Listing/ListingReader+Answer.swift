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
        for (number, record) in found.records.enumerated() { work.set(record: number, record.cells, of: leaves) }
        return work.finished(isMany: true)
    }
}
