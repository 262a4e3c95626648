extension Listing {
    /// Paths inside a record as integers. Two cells of different records with equal keys stand at the same place.
    struct Keys {
        typealias ID = Int32

        /// What a step adds to a path.
        enum Step: UInt8 {
            /// `/signature` with its occurrence; `/tag` under a label; a table cell.
            case element, labelledElement, column
            /// A line between blocks, a run of text in a line, one under a label, the rest after the first inline element.
            case line, text, labelledText, rest
            /// Part of a text (`Part`); the value after "Label:".
            case part, labelledPart
            case attribute
            /// A key that was already there in this record.
            case again
            /// What stands outside the record.
            case context
        }

        enum Part: UInt8 {
            case first, second, third, fourth, last, afterFirst
            case beforeComma, afterComma, afterLastComma, beforeLastComma
            case sentence, afterSentence
            case beforeBrackets, inBrackets, afterBrackets
            case date, code, money, phone, email, citation
            case beforeDate, afterDate, beforeCode, afterCode
            case firstName, lastName, firstWord, afterFirstWord, afterOpener, beforeLabel
        }

        enum Context: Int32 {
            case heading, group, before1, before2, before3, pageDate
        }

        private struct Path: Hashable {
            var parent: ID
            var step: UInt64
        }

        private var ids: [Path: ID] = [:]
        /// Steps with "/" in the path.
        private(set) var depth: [Int32] = [0, 0]
        private(set) var isCell: [Bool] = [false, false]
        private(set) var isPart: [Bool] = [false, false]
        /// Value number of the label in the last step; `~attribute` for an attribute's name; `Int32.min` for none.
        private(set) var tail: [Int32] = [.min, .min]
        private(set) var parent: [ID] = [-1, -1]
        private(set) var part: [Part?] = [nil, nil]

        /// The record itself, and the text of a record of several items.
        static let root: ID = 0
        static let whole: ID = 1

        mutating func id(_ parent: ID, _ step: Step, _ a: Int32, _ b: Int32 = 0, looksLikeCell: Bool = false) -> ID {
            let code =
                UInt64(step.rawValue) << 56 | UInt64(UInt32(bitPattern: a) & 0xFFF_FFFF) << 28 | UInt64(UInt32(bitPattern: b) & 0xFFF_FFFF)
            let path = Path(parent: parent, step: code)
            if let id = ids[path] { return id }
            let id = ID(depth.count)
            ids[path] = id
            let from = Int(parent)
            let isStep =
                switch step {
                case .element, .labelledElement, .column, .line, .text, .labelledText, .rest: true
                case .part, .labelledPart, .attribute, .again, .context: false
                }
            depth.append(depth[from] + (isStep ? 1 : 0))
            isCell.append(isCell[from] || step == .column || looksLikeCell)
            isPart.append(isPart[from] || step == .part || step == .labelledPart)
            self.parent.append(parent)
            switch step {
            case .labelledElement, .labelledText, .labelledPart: tail.append(!isStep && tail[from] != .min ? tail[from] : b)
            case .attribute: tail.append(tail[from] != .min ? tail[from] : ~a)
            case .part, .again: tail.append(tail[from])
            default: tail.append(.min)
            }
            part.append(step == .part ? Part(rawValue: UInt8(truncatingIfNeeded: a)) : step == .again ? part[from] : nil)
            return id
        }
    }
}
