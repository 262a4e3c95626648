internal import Foundation

/// BERT's uncased tokenizer with offsets: clean, space out CJK, NFD without marks, lower-case, split at white space and
/// punctuation, then greedy longest match in the vocabulary.
///
/// Equal to HuggingFace `tokenizers` with add_special_tokens=False except, on purpose, for a literal "[SEP]" and its like
/// in the text: there HuggingFace gives the control token, here a page can't write one.
package struct WordPiece: Sendable {
    package struct Token: Sendable, Equatable {
        package var id: Int32
        /// Half-open, in Unicode scalars of the text (Python's indices).
        package var start, end: Int32
    }

    /// The vocabulary as a trie with two roots: 0 for word starts, 1 for continuations. An edge's key is node and scalar.
    private var edges: [UInt64: Int32] = [:]
    /// The token that ends in a node, or -1.
    private var ends: [Int32] = [-1, -1]
    private let unknown: Int32

    /// - Parameter vocabulary: as in the GGUF: U+2581 before a word start, nothing before a continuation.
    package init(vocabulary: [String], unknown: Int32 = 100) {
        self.unknown = unknown
        edges.reserveCapacity(4 * vocabulary.count)
        for (id, piece) in vocabulary.enumerated() {
            let isStart = piece.unicodeScalars.first == "\u{2581}"
            // Control tokens ("[CLS]") stand bare in the list; text must not reach them.
            if !isStart, piece.utf8.count > 2, piece.hasPrefix("["), piece.hasSuffix("]") { continue }
            var node: Int32 = isStart ? 0 : 1
            for scalar in piece.unicodeScalars.dropFirst(isStart ? 1 : 0) {
                let key = Self.key(node, scalar)
                if let next = edges[key] {
                    node = next
                } else {
                    node = Int32(ends.count)
                    ends.append(-1)
                    edges[key] = node
                }
            }
            ends[Int(node)] = Int32(id)
        }
    }

    private static func key(_ node: Int32, _ scalar: Unicode.Scalar) -> UInt64 { UInt64(node) << 21 | UInt64(scalar.value) }

    /// A normalized scalar and the scalar of the text that it came from.
    private struct Origin {
        var scalar: Unicode.Scalar
        var index: Int32
    }

    package func encode(_ text: String) -> [Token] {
        var tokens: [Token] = []
        var word: [Origin] = []
        func flush() {
            if !word.isEmpty { split(word, into: &tokens) }
            word.removeAll(keepingCapacity: true)
        }
        var index: Int32 = 0
        for scalar in text.unicodeScalars {
            defer { index += 1 }
            func take(_ normal: Unicode.Scalar) {
                let origin = Origin(scalar: normal, index: index)
                if Self.isPunctuation(normal) {
                    flush()
                    split([origin], into: &tokens)
                } else {
                    word.append(origin)
                }
            }
            if scalar.value < 128 {
                switch scalar.value {
                case 9, 10, 11, 12, 13, 32:
                    // U+000B and U+000C are control characters first (removed), the others are white space.
                    if scalar.value != 11, scalar.value != 12 { flush() }
                case 0..<32, 127: break
                case 65...90: take(Unicode.Scalar(UInt8(scalar.value) + 32))
                default: take(scalar)
                }
                continue
            }
            if Self.isDropped(scalar) { continue }  // before white space: U+0085 is both, and is dropped
            if scalar.properties.isWhitespace {
                flush()
                continue
            }
            let alone = Self.isIdeograph(scalar)
            if alone { flush() }
            for part in Self.decomposed(scalar) where Self.category(part) != .nonspacingMark {
                for lower in part.properties.lowercaseMapping.unicodeScalars { take(lower) }
            }
            if alone { flush() }
        }
        flush()
        return tokens
    }

    private func split(_ word: [Origin], into tokens: inout [Token]) {
        func token(_ id: Int32, _ range: Range<Int>) -> Token {
            let first = word[range.lowerBound], last = word[range.upperBound - 1]
            return Token(id: id, start: first.index, end: last.index + 1)
        }
        guard word.count <= 100 else {
            tokens.append(token(unknown, 0..<word.count))
            return
        }
        let mark = tokens.count
        var start = 0
        while start < word.count {
            var node: Int32 = start == 0 ? 0 : 1
            var position = start
            var found: (id: Int32, end: Int)?
            while position < word.count, let next = edges[Self.key(node, word[position].scalar)] {
                node = next
                position += 1
                if ends[Int(node)] >= 0 { found = (ends[Int(node)], position) }
            }
            guard let found else {
                tokens.removeSubrange(mark...)
                tokens.append(token(unknown, 0..<word.count))
                return
            }
            tokens.append(token(found.id, start..<found.end))
            start = found.end
        }
    }

    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value == 0xFFFD { return true }
        switch category(scalar) {
        case .control, .format, .privateUse, .surrogate: return true  // not .unassigned: HuggingFace keeps those
        default: return false
        }
    }

    /// HuggingFace's tables are of Unicode 8: what came later is unassigned to them, hence neither mark nor punctuation.
    private static func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
        if scalar.value > 0x52F, let age = scalar.properties.age, age.major > 8 { return .unassigned }
        return scalar.properties.generalCategory
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 33...47, 58...64, 91...96, 123...126: return true
        case 0..<128: return false
        default:
            switch category(scalar) {
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
                .otherPunctuation:
                return true
            default: return false
            }
        }
    }

    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B920...0x2CEAF,
            0xF900...0xFAFF, 0x2F800...0x2FA1F: true
        default: false
        }
    }

    /// Canonical decomposition of one scalar. Reordering between scalars only concerns marks, which are dropped.
    private static func decomposed(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
        switch scalar.value {
        // Often seen, and never decomposed.
        case 0x2010...0x2027, 0x2030...0x205E, 0x3041...0x304B, 0x4E00...0x9FFF: String(scalar).unicodeScalars
        default: String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
        }
    }
}
