import Testing

@testable import Inference

/// Token ids and places as HuggingFace `tokenizers` 0.23 gives them with the same vocabulary, without special tokens.
struct Piece: Sendable, CustomTestStringConvertible {
    let text: String
    let ids: [Int32]
    let starts: [Int32]
    let ends: [Int32]

    init(_ text: String, _ ids: [Int32], _ starts: [Int32], _ ends: [Int32]) {
        self.text = text
        self.ids = ids
        self.starts = starts
        self.ends = ends
    }

    var testDescription: String { String(text.prefix(24)) }

    static let all: [Piece] = [
        Piece("", [], [], []),
        Piece(" ", [], [], []),
        Piece(
            "Senior Engineer (m/f/d), Berlin",
            [3026, 3992, 1006, 1049, 1013, 1042, 1013, 1040, 1007, 1010, 4068],
            [0, 7, 16, 17, 18, 19, 20, 21, 22, 23, 25],
            [6, 15, 17, 18, 19, 20, 21, 22, 23, 24, 31]),
        Piece(
            "price: 1.299,00\u{A0}\u{20AC}",
            [3976, 1024, 1015, 1012, 25926, 1010, 4002, 1574],
            [0, 5, 7, 8, 9, 12, 13, 16],
            [5, 6, 8, 9, 12, 13, 15, 17]),
        Piece(
            "caf\u{E9} cafe\u{301} \u{C5}ngstr\u{F6}m \u{130}stanbul \u{1E9E} stra\u{DF}e",
            [7668, 7668, 17076, 15687, 9960, 1096, 2358, 27807],
            [0, 5, 11, 14, 20, 29, 31, 33],
            [4, 9, 14, 19, 28, 30, 33, 37]),
        Piece(
            "\u{6771}\u{4EAC} tower \u{D55C}\u{AD6D}\u{C5B4} \u{BC15}\u{BB3C}\u{AD00}",
            [
                1879, 1755, 3578, 1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008, 1460, 30006, 30020, 29995, 30014,
                30022, 29991, 30012, 30021
            ],
            [0, 1, 3, 9, 9, 9, 10, 10, 10, 11, 11, 13, 13, 13, 14, 14, 14, 15, 15, 15],
            [1, 2, 8, 10, 10, 10, 11, 11, 11, 12, 12, 14, 14, 14, 15, 15, 15, 16, 16, 16]),
        Piece("a\u{0}b\u{FFFD}c\u{200B}d\u{AD}e", [5925, 3207], [0, 6], [5, 9]),
        Piece(
            String(repeating: "x", count: 100) + " y",
            [
                22038, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348,
                20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348,
                20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348,
                20348, 20348, 20348, 20348, 20348, 1061
            ],
            [
                0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54,
                56, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 101
            ],
            [
                2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56,
                58, 60, 62, 64, 66, 68, 70, 72, 74, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100, 102
            ]),
        Piece(String(repeating: "x", count: 101) + " y", [100, 1061], [0, 102], [101, 103]),
        Piece("\u{E20}\u{E32}\u{E29}\u{E32}\u{E44}\u{E17}\u{E22}", [100], [0], [7]),
        Piece("\u{928}\u{92E}\u{938}\u{94D}\u{924}\u{947}", [1327, 29867, 29874, 29859], [0, 1, 2, 4], [1, 2, 3, 5]),
        Piece("\u{1F600}\u{200D}\u{1F525} ok", [100, 7929], [0, 4], [3, 6]),
        Piece(
            "\u{201C}quote\u{201D}\u{2014}dash\u{2026}",
            [1523, 14686, 1524, 1517, 11454, 1529],
            [0, 1, 6, 7, 8, 12],
            [1, 6, 7, 8, 12, 13]),
        Piece(
            "$9.99 \u{20AC}12,50 \u{A3}5 ~`^|<>+=",
            [1002, 1023, 1012, 5585, 1574, 12521, 1010, 2753, 27813, 1066, 1036, 1034, 1064, 1026, 1028, 1009, 1027],
            [0, 1, 2, 3, 6, 7, 9, 10, 13, 16, 17, 18, 19, 20, 21, 22, 23],
            [1, 2, 3, 5, 7, 9, 10, 12, 15, 17, 18, 19, 20, 21, 22, 23, 24]),
        Piece("\u{FB01}ne \u{FF21}\u{FF22}\u{FF23} \u{2460} \u{BD}", [1984, 2638, 100, 100, 1092], [0, 1, 4, 8, 10], [1, 3, 7, 9, 11]),
        Piece(
            "\u{5E9}\u{5B8}\u{5C1}\u{5DC}\u{5D5}\u{5B9}\u{5DD} \u{645}\u{64E}\u{631}\u{652}\u{62D}\u{64E}\u{628}\u{64B}\u{627}",
            [1266, 29799, 29792, 29800, 1295, 17149, 29820, 29816, 25573],
            [0, 3, 4, 6, 8, 10, 12, 14, 16],
            [1, 4, 5, 7, 9, 11, 13, 15, 17]),
        Piece("\u{F900}\u{2F00}", [100, 100], [0, 1], [1, 2]),
        Piece(
            "\u{3A3}\u{3AF}\u{3C3}\u{3C5}\u{3C6}\u{3BF}\u{3C2} \u{1FB3} \u{1C5}",
            [1173, 18199, 29733, 29735, 29736, 15297, 1155, 100],
            [0, 1, 2, 3, 4, 5, 8, 10],
            [1, 2, 3, 4, 5, 7, 9, 11]),
        Piece(
            "tab\u{9}new\u{A}line\u{D}cr\u{B}vt\u{C}ff\u{85}nel",
            [21628, 2047, 2240, 13675, 2615, 24475, 2546, 11877],
            [0, 4, 8, 13, 16, 17, 20, 22],
            [3, 7, 12, 15, 17, 20, 21, 25]),
        Piece("\u{E000}private", [2797], [1], [8]),
        Piece(
            "\u{41F}\u{440}\u{438}\u{432}\u{435}\u{442}, \u{43C}\u{438}\u{440}",
            [1194, 16856, 10325, 25529, 15290, 22919, 1010, 1191, 10325, 16856],
            [0, 1, 2, 3, 4, 5, 6, 8, 9, 10],
            [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]),
        Piece("unaffable tokenization", [14477, 20961, 3468, 19204, 3989], [0, 3, 6, 10, 15], [3, 6, 9, 15, 22]),
        Piece(
            "ISBN 978-3-16-148410-0",
            [3175, 4891, 1011, 1017, 1011, 2385, 1011, 16459, 23632, 2692, 1011, 1014],
            [0, 5, 8, 9, 10, 11, 13, 14, 17, 19, 20, 21],
            [4, 8, 9, 10, 11, 13, 14, 17, 19, 20, 21, 22]),
        Piece("\u{1100}\u{1161}\u{11A8} \u{3131}", [1455, 30006, 30020, 100], [0, 1, 2, 4], [1, 2, 3, 5]),
    ]
}

@Suite struct WordPieceTests {
    /// Ids and places equal HuggingFace's for accents, other scripts, control characters, ligatures, emoji and words over 100 characters.
    @Test(arguments: Piece.all)
    func equalsHuggingFace(_ piece: Piece) throws {
        let text = try Bundled.encoder.get().tokenize([piece.text])[0]
        #expect(text.ids == piece.ids)
        #expect(text.starts == piece.starts)
        #expect(text.ends == piece.ends)
    }

    /// A page can't write the tokens that steer the model: "[SEP]" in a text is five pieces of text.
    @Test(arguments: ["[SEP]", "[CLS] [MASK]", "[unused1]"])
    func controlTokensStayText(_ text: String) throws {
        let ids = try Bundled.encoder.get().tokenize([text])[0].ids
        #expect(!ids.isEmpty)
        #expect(Set(ids).isDisjoint(with: [0, 1, 2, 3, 4, 100, 101, 102, 103]))
    }
}
