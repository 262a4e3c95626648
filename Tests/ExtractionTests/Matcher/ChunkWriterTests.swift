import Testing

@testable import Extraction

/// How a page is written for the encoder: tokens and places as the Python it was trained with writes them.
@Suite struct ChunkWriterTests {
    private func line(
        _ text: String, _ tag: String, _ words: [String] = [], label: String = "", columnHead: String = "", href: String = "",
        isVisible: Bool = true
    ) -> ReadLine {
        ReadLine(
            text: text, scalars: Array(text.unicodeScalars), isVisible: isVisible, tag: tag, attributeWords: words, label: label,
            heading: "", zone: "", columnHead: columnHead, href: href, flow: nil)
    }

    /// Ten lines of every kind: a heading, words that repeat, a column head, a long one, a link that is not read, one without tokens,
    /// structured values.
    private var page: PageReading {
        var page = PageReading()
        page.lines = [
            line("Senior Engineer (m/f/d)", "h1", ["title", "posting"]),
            line("Berlin, Germany", "li", ["meta", "item"], columnHead: "Location of the work, in short"),
            line("Full time", "li", ["meta", "item"]), line("part time", "li", ["meta", "item"]),
            line(
                "We build tools for people who read the web, and we would like you to join the small team that keeps them running day and "
                    + "night, everywhere.", "p"),
            line("Imprint", "a", ["footer"], href: "/imprint"), line("\u{200D}", "p"), line("Apply now", "p", ["cta"]),
            line("Senior Engineer", "ld", ["title"], label: "job posting title", isVisible: false),
            line(
                "A very long description of a job that nobody will read to its end, in the meta tags of a page somewhere in the world",
                "meta", ["description"], label: "twitter card description of the page and all that belongs to it, in words",
                isVisible: false),
        ]
        page.visibleCount = 8
        let extents: [(Int, Int, Int, Int)] = [
            (0, 0, 0, 23), (0, 7, 0, 15), (0, 0, 2, 9), (1, 0, 1, 6), (1, 8, 1, 15), (2, 0, 2, 9), (3, 5, 3, 9), (4, 0, 4, 138),
            (4, 3, 4, 8), (4, 0, 7, 9), (4, 130, 4, 138), (4, 0, 5, 7), (5, 0, 5, 7),
            (6, 0, 6, 1), (7, 0, 7, 9), (7, 6, 8, 15), (8, 0, 8, 15),
            (9, 2, 9, 11),
        ]
        page.candidates = extents.map { first, start, last, end in
            Candidate(
                kind: .line, span: .init(line: first, start: start, lastLine: last, end: end), key: 0, generalPath: 0, label: "",
                attributeWords: [], node: nil, tag: "", attribute: nil, structuredKey: "", place: nil, range: 0..<0)
        }
        return page
    }

    private let kept = [true, true, true, true, true, false, true, true, true, true]

    /// Chunks of 64 tokens: the same tokens, and the same token ranges and line marks for each candidate.
    @Test func chunksEqualPython() throws {
        let encoder = try BundledMatcher.encoder.get()
        var format = try ChunkFormat(encoder)
        format.maximumTokens = 64
        let lines = LineTokens(page, kept: kept, format: format, budget: 1000, encoder: encoder)
        let queries = [FieldQuery(text: "job title", isList: false), FieldQuery(text: "city: where the job is", isList: false)]
        let (prefix, fields) = LineTokens.prefix(queries, format: format, encoder: encoder)
        #expect(fields == [2..<4, 5..<11])
        let chunks = lines.chunks(prefix: prefix, format: format)
        #expect(chunks.map(\.tokens) == Self.expected.map(\.tokens))
        for (chunk, right) in zip(chunks, Self.expected) {
            #expect(chunk.places.map { [$0.candidate, $0.tokens.lowerBound, $0.tokens.upperBound, $0.line] } == right.places)
        }
        #expect(lines.linesBeyondBudget == 0)
        #expect(lines.linesRead == 9)
    }

    /// Beyond the budget reading ends, at most a third of it goes to structured values, and what was left out is counted.
    @Test func budget() throws {
        let encoder = try BundledMatcher.encoder.get()
        let format = try ChunkFormat(encoder)
        let lines = LineTokens(page, kept: kept, format: format, budget: 45, encoder: encoder)
        #expect(lines.tokensRead <= 45)
        #expect(lines.linesRead + lines.linesBeyondBudget == 9)
        #expect(lines.lines[0].count > 0)
        #expect(lines.lines[8].count > 0)
        #expect(lines.lines[9].count == 0)
        #expect(lines.lines[7].count == 0)
    }

    /// A field without a word is known by its marker, not by an empty range.
    @Test func fieldWithoutWords() throws {
        let encoder = try BundledMatcher.encoder.get()
        let (tokens, fields) = LineTokens.prefix(
            [FieldQuery(text: "", isList: false)], format: try ChunkFormat(encoder), encoder: encoder)
        #expect(tokens == [101, 2, 102])
        #expect(fields == [1..<2])
    }

    private static let expected: [(tokens: [Int32], places: [[Int]])] = [
        (
                [
                    101, 2, 3105, 2516, 2, 2103, 1024, 2073, 1996, 3105, 2003, 102, 3, 1044, 2487, 2516, 14739, 4, 3026, 3992,
                    1006, 1049, 1013, 1042, 1013, 1040, 1007, 3, 3295, 1997, 1996, 2147, 1010, 1999, 4, 4068, 1010, 2762, 3, 18804,
                    8875, 4, 2440, 2051, 3, 4, 2112, 2051, 102
                ],
                [
                    [0, 18, 27, 12], [1, 19, 20, 12], [2, 18, 44, 12], [3, 35, 36, 27], [4, 37, 38, 27], [5, 42, 44, 38],
                    [6, 47, 48, 44]
                ]
            ),
        (
                [
                    101, 2, 3105, 2516, 2, 2103, 1024, 2073, 1996, 3105, 2003, 102, 3, 4, 2057, 3857, 5906, 2005, 2111, 2040, 3191,
                    1996, 4773, 1010, 1998, 2057, 2052, 2066, 2017, 2000, 3693, 1996, 2235, 2136, 2008, 7906, 2068, 2770, 2154,
                    1998, 3, 4, 3, 14931, 2050, 4, 6611, 2085, 3, 3105, 14739, 2516, 4, 3026, 3992, 102
                ],
                [
                    [7, 14, 40, 12], [8, 15, 16, 12], [9, 14, 48, 12], [10, 39, 40, 12], [11, 14, 41, 12], [13, 42, 43, 40],
                    [14, 46, 48, 42], [15, 47, 55, 42], [16, 53, 55, 48]
                ]
            ),
        (
                [
                    101, 2, 3105, 2516, 2, 2103, 1024, 2073, 1996, 3105, 2003, 102, 3, 2000, 2009, 1010, 1999, 2616, 4, 1037, 2200,
                    2146, 6412, 1997, 1037, 3105, 2008, 6343, 2097, 3191, 2000, 2049, 2203, 1010, 1999, 1996, 18804, 22073, 1997,
                    102
                ],
                [
                    [17, 20, 22, 12]
                ]
            ),
    ]
}
