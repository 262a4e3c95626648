extension Listing {
    /// Least scores for columns that carry an unmistakable sign: the field's words in the element's own class, a heading for a title, an
    /// amount for a price. The trees learned from pages with long lists and stay unsure on small clean ones, where these signs are all
    /// there is.
    enum Signs {
        /// What is seen of a column.
        struct Look {
            var kind: Kind
            var isPart: Bool
            /// It stands before the first label inside its text.
            var isBeforeLabel: Bool
            var isHead: Bool
            var link: Float
            var coverage: Float
            var unique: Float
            /// Length against the record's.
            var share: Float
            /// No text in the record is longer, and it is no mere name.
            var isLongest: Bool
            /// It is all there is in the record.
            var isOnlyText: Bool
            var isFirstLink: Bool
            var position: Int32
            var labelEqual: Float
            var labelDirect: Float
            var typeAgree: Float
            /// Share of values that are one amount of money.
            var amount: Float
            var genericLink: Float
            /// Words of the element's own class, id, itemprop, …
            var ownWords: [Words.ID]
        }

        static func least(_ field: Field, _ look: Look, _ words: Words) -> Float {
            if look.kind == .context { return 0 }
            var best: Float = 0
            let isText = look.kind == .text || look.kind == .run || look.kind == .line || look.kind == .labelled
            // The text of the whole record answers a field only where it is all there is.
            let isPiece = look.share < 0.97 || look.isOnlyText
            if field.wantsAddress {
                if field.wantsImage {
                    if look.kind == .image { best = 0.5 }
                } else if look.kind == .href, field.isPlainAddress, look.isFirstLink {
                    best = 0.42
                }
            } else if isText, isPiece {
                if !look.isPart || look.kind == .labelled {
                    if look.labelEqual > 0.99 { best = 0.7 } else if look.labelDirect > 0.79 { best = 0.55 }
                }
                if !look.isPart {
                    if field.isProse, look.isLongest { best = 0.2 }
                    best = max(best, named(field, look.ownWords, words))
                    if field.isTitle, look.genericLink < 0.3 {
                        let order = 0.002 * Float(min(look.position, 40))
                        if look.isHead { best = max(best, 0.5 - order) }
                        // A short link beside much text is a number or "PDF" as often as the title.
                        if look.link > 0.8 { best = max(best, (look.share > 0.3 ? 0.4 : 0.25) - order) }
                    }
                }
            }
            // "“To be.” Author: William": what the labels speak of.
            if look.isBeforeLabel, field.isProse || field.isTitle { best = max(best, 0.3) }
            if field.types.contains(.money), look.amount > 0.79, isPiece, isText || look.kind == .split || look.kind == .pattern {
                best = max(best, look.isPart ? 0.3 : 0.42) - before(field, look.ownWords, words)
            } else if field.types.contains(.date), look.typeAgree > 0.79, look.kind != .attribute {
                best = max(best, look.isPart ? 0.4 : 0.5)
            }
            if field.isTitle, look.unique < 0.5 { best *= 0.6 }
            return max(0, best) * min(1, look.coverage + 0.1)
        }

        /// The field's words in the element's own class: "city" in "card__city".
        private static func named(_ field: Field, _ own: [Words.ID], _ words: Words) -> Float {
            guard !own.isEmpty, !field.words.isEmpty else { return 0 }
            let shared = Words.shared(field.words, own)
            guard shared == field.words.count else { return 0 }
            let direct = 2 * Float(shared) / Float(field.words.count + own.count)
            return 0.4 + 0.2 * direct - before(field, own, words)
        }

        /// Stems of classes of prices that hold no more.
        private static let formerly: Set<String> = [
            "old", "was", "before", "previou", "regular", "strike", "original", "crossed", "msrp", "rrp",
        ]

        /// What a struck price loses to the present one, unless it was asked for.
        private static func before(_ field: Field, _ own: [Words.ID], _ words: Words) -> Float {
            own.contains { formerly.contains(words.texts[Int($0)]) && !field.words.contains($0) } ? 0.2 : 0
        }
    }
}
