/// How a page is written for the encoder: fields first, then line after line, in chunks of limited length.
///
///     [CLS] {[unused1] field}* [SEP] {[unused2] attribute words [unused3] text}* [SEP]
///
/// The numbers come from the model file: they are part of what it learned.
struct ChunkFormat: Sendable {
    var maximumTokens: Int
    var fieldTokens: Int
    var lineTokens: Int
    var attributeTokens: Int
    var structuredTokens: Int
    var structuredLabelTokens: Int
    /// Fields read in one pass; more fields are more passes over the page.
    var maximumFields: Int
    var fieldMarker: Int32
    var lineMarker: Int32
    var textMarker: Int32
    let begin: Int32 = 101
    let separator: Int32 = 102

    init(_ encoder: TokenEncoder) throws(ExtractionError) {
        func number(_ name: String, _ range: ClosedRange<Int>) throws(ExtractionError) -> Int {
            guard let value = encoder.integer("matcher." + name), range.contains(value) else {
                throw ExtractionError(.model, "The matcher's model file does not say \"\(name)\": it is no matcher, or of another version.")
            }
            return value
        }
        maximumTokens = try number("max_tokens", 64...512)
        fieldTokens = try number("field_tokens", 1...64)
        lineTokens = try number("line_tokens", 1...128)
        attributeTokens = try number("attribute_tokens", 0...64)
        structuredTokens = try number("structured_tokens", 1...128)
        structuredLabelTokens = try number("structured_label_tokens", 0...64)
        maximumFields = try number("max_fields", 1...64)
        fieldMarker = Int32(try number("field_marker", 0...1000))
        lineMarker = Int32(try number("line_marker", 0...1000))
        textMarker = Int32(try number("text_marker", 0...1000))
        guard maximumTokens > maximumFields * (fieldTokens + 1) + lineTokens + attributeTokens + 5 else {
            throw ExtractionError(.model, "The matcher's model file leaves no room for a line beside \(maximumFields) fields.")
        }
    }
}

/// One chunk: the tokens, and which of them each candidate that starts in it covers.
package struct Chunk: Sendable {
    /// A candidate's tokens; `line` is the marker of the line that it starts in.
    package struct Place: Sendable {
        package var candidate: Int
        package var tokens: Range<Int>
        package var line: Int
    }

    package var tokens: [Int32]
    package var places: [Place]
}

/// A page's lines as tokens: the same for all fields.
struct LineTokens: Sendable {
    struct Line: Sendable {
        /// Marker, attribute words, marker.
        var head: [Int32] = []
        var text: [Int32] = []
        var starts: [Int32] = []
        var ends: [Int32] = []

        var count: Int { head.count + text.count }
    }

    private(set) var lines: [Line]
    /// Lines that are not read because of the budget; lines that were left out by choice don't count.
    private(set) var linesBeyondBudget = 0
    private(set) var linesRead = 0
    private(set) var tokensRead = 0
    /// Of those, what the lines say; the others are markers and attribute words.
    private(set) var textTokensRead = 0
    /// Candidates by the line they start in; those of lines that are not read don't exist.
    private var candidates: [[Int]]
    private let extents: [Candidate.Extent]

    /// - Parameters:
    ///   - kept: the lines to read, one entry a line.
    ///   - budget: tokens of lines to read at most; the rest in reading order is left out.
    init(_ page: PageReading, kept: [Bool], format: ChunkFormat, budget: Int, encoder: TokenEncoder) {
        extents = page.candidates.map(\.span)
        lines = LineTokens.tokenize(page, format, encoder)
        candidates = Array(repeating: [], count: lines.count)
        // Structured values come first, since they are short and say much; but a page full of them must leave room for what people see.
        let visible = min(page.visibleCount, lines.count)
        read(visible..<lines.count, kept, upTo: budget / 3)
        read(0..<visible, kept, upTo: budget)
        for (index, extent) in extents.enumerated() where lines.indices.contains(extent.line) && lines[extent.line].count > 0 {
            candidates[extent.line].append(index)
        }
    }

    /// Empties the lines that are not read. The first line beyond the limit ends the reading, so that what was read has one border.
    private mutating func read(_ range: Range<Int>, _ kept: [Bool], upTo limit: Int) {
        var isFull = false
        for line in range {
            guard line < kept.count, kept[line] else {
                lines[line] = Line()
                continue
            }
            isFull = isFull || tokensRead + lines[line].count > limit
            if isFull {
                linesBeyondBudget += 1
                lines[line] = Line()
            } else {
                tokensRead += lines[line].count
                textTokensRead += lines[line].text.count
                linesRead += 1
            }
        }
    }

    private static func tokenize(_ page: PageReading, _ format: ChunkFormat, _ encoder: TokenEncoder) -> [Line] {
        var heads: [String] = []
        heads.reserveCapacity(page.lines.count)
        var previous: String?
        for line in page.lines { heads.append(head(of: line, previous: &previous)) }
        let texts = encoder.tokenize(page.lines.map { prefix(of: $0.text, $0.scalars.count) })
        let words = encoder.tokenize(heads)
        return page.lines.indices.map { index in
            guard texts.indices.contains(index), words.indices.contains(index) else { return Line() }
            let isVisible = page.lines[index].isVisible
            let limit = isVisible ? format.lineTokens : format.structuredTokens
            let head = isVisible ? words[index].ids.prefix(format.attributeTokens) : words[index].ids.suffix(format.structuredLabelTokens)
            return Line(
                head: [format.lineMarker] + head + [format.textMarker], text: Array(texts[index].ids.prefix(limit)),
                starts: Array(texts[index].starts.prefix(limit)), ends: Array(texts[index].ends.prefix(limit)))
        }
    }

    /// The words before a line's text. Visible lines of one kind follow each other: their words are said once.
    private static func head(of line: ReadLine, previous: inout String?) -> String {
        guard line.isVisible else {
            let scalars = line.label.unicodeScalars
            return scalars.count < 60 ? line.label : String(String.UnicodeScalarView(scalars.suffix(60)))
        }
        var words = line.attributeWords.prefix(3).joined(separator: " ")
        if !line.columnHead.isEmpty {
            words = String(String.UnicodeScalarView(line.columnHead.unicodeScalars.prefix(24))) + " " + words
        }
        if words == previous { words = "" } else { previous = words }
        if line.tag == "h1" || line.tag == "h2" || line.tag == "h3" { words = line.tag + " " + words }
        return words
    }

    /// 400 scalars always hold more tokens than are read.
    private static func prefix(of text: String, _ count: Int) -> String {
        count <= 400 ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(400)))
    }
}

extension LineTokens {
    /// The field part of every chunk of a pass, and where each field's tokens stand.
    static func prefix(_ queries: [FieldQuery], format: ChunkFormat, encoder: TokenEncoder) -> (tokens: [Int32], fields: [Range<Int>]) {
        var tokens = [format.begin]
        var fields: [Range<Int>] = []
        for pieces in encoder.tokenize(queries.map(\.text)) {
            tokens.append(format.fieldMarker)
            let start = tokens.count
            tokens.append(contentsOf: pieces.ids.prefix(format.fieldTokens))
            // A field without a word has its marker alone to be known by.
            fields.append(tokens.count > start ? start..<tokens.count : (start - 1)..<start)
        }
        tokens.append(format.separator)
        return (tokens, fields)
    }

    /// The chunks that hold candidates. Chunks break between lines only.
    func chunks(prefix: [Int32], format: ChunkFormat) -> [Chunk] {
        let room = format.maximumTokens - prefix.count - 1
        var result: [Chunk] = []
        var first = 0
        var used = 0
        func close(_ end: Int) {
            let chunk = self.chunk(first..<end, prefix: prefix, format: format)
            if !chunk.places.isEmpty { result.append(chunk) }
        }
        for (index, line) in lines.enumerated() {
            if used + line.count > room, index > first {
                close(index)
                first = index
                used = 0
            }
            used += line.count
        }
        if first < lines.count { close(lines.count) }
        return result
    }

    private func chunk(_ range: Range<Int>, prefix: [Int32], format: ChunkFormat) -> Chunk {
        var tokens = prefix
        var marks = [Int](repeating: 0, count: range.count)
        var texts = [Int](repeating: 0, count: range.count)
        for line in range {
            marks[line - range.lowerBound] = tokens.count
            texts[line - range.lowerBound] = tokens.count + lines[line].head.count
            tokens.append(contentsOf: lines[line].head)
            tokens.append(contentsOf: lines[line].text)
        }
        if tokens.count > format.maximumTokens - 1 { tokens.removeLast(tokens.count - format.maximumTokens + 1) }
        let count = tokens.count
        tokens.append(format.separator)

        var places: [Chunk.Place] = []
        for line in range {
            for candidate in candidates[line] {
                let extent = extents[candidate]
                let ends = lines[line].ends
                let first = ends.firstIndex { Int($0) > extent.start } ?? max(0, ends.count - 1)
                let start = texts[line - range.lowerBound] + first
                // A span that goes on in the next chunk is seen up to the end of this one.
                let isCut = extent.lastLine >= range.upperBound
                let last = max(line, isCut ? range.upperBound - 1 : extent.lastLine)
                let covered = isCut ? lines[last].starts.count : lines[last].starts.count(where: { Int($0) < extent.end })
                let end = max(start + 1, texts[last - range.lowerBound] + max(1, covered))
                guard start < count else { continue }
                places.append(Chunk.Place(candidate: candidate, tokens: start..<min(end, count), line: marks[line - range.lowerBound]))
            }
        }
        return Chunk(tokens: tokens, places: places)
    }
}
