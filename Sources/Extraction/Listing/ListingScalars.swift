extension Listing {
    /// What kind of character a Unicode scalar is, as one byte of flags.
    enum Scalars {
        static let word: UInt8 = 1
        static let digit: UInt8 = 2
        static let upper: UInt8 = 4
        static let lower: UInt8 = 8
        static let letter: UInt8 = 16
        static let space: UInt8 = 32

        static let blank: UInt32 = 0x20, comma: UInt32 = 0x2C, colon: UInt32 = 0x3A, slash: UInt32 = 0x2F, dot: UInt32 = 0x2E

        /// Flags of the scalars below U+3000; the rest is looked up when it is met.
        static let table: [UInt8] = (0..<0x3000).map { classify(UInt32($0)) }

        @inline(__always)
        static func flags(_ scalar: UInt32) -> UInt8 {
            scalar < 0x3000 ? table[Int(scalar)] : wide(scalar)
        }

        @inline(__always) static func isWord(_ scalar: UInt32) -> Bool { flags(scalar) & word != 0 }
        @inline(__always) static func isDigit(_ scalar: UInt32) -> Bool { flags(scalar) & digit != 0 }
        @inline(__always) static func isUpper(_ scalar: UInt32) -> Bool { flags(scalar) & upper != 0 }
        @inline(__always) static func isLetter(_ scalar: UInt32) -> Bool { flags(scalar) & letter != 0 }
        @inline(__always) static func isSpace(_ scalar: UInt32) -> Bool { flags(scalar) & space != 0 }
        @inline(__always) static func isASCIIUpper(_ scalar: UInt32) -> Bool { scalar >= 65 && scalar <= 90 }
        @inline(__always) static func isASCIILower(_ scalar: UInt32) -> Bool { scalar >= 97 && scalar <= 122 }
        @inline(__always) static func isASCIILetter(_ scalar: UInt32) -> Bool { isASCIIUpper(scalar) || isASCIILower(scalar) }
        @inline(__always) static func isASCIIDigit(_ scalar: UInt32) -> Bool { scalar >= 48 && scalar <= 57 }

        static func lowered(_ scalar: UInt32) -> UInt32 {
            if scalar < 0x80 { return isASCIIUpper(scalar) ? scalar + 32 : scalar }
            guard flags(scalar) & upper != 0, let value = Unicode.Scalar(scalar) else { return scalar }
            return value.properties.lowercaseMapping.unicodeScalars.first?.value ?? scalar
        }

        private static func wide(_ scalar: UInt32) -> UInt8 {
            switch scalar {
            case 0x3041...0x3096, 0x30A1...0x30FA, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3: word | letter
            default: classify(scalar)
            }
        }

        private static func classify(_ scalar: UInt32) -> UInt8 {
            guard let value = Unicode.Scalar(scalar) else { return 0 }
            switch value.properties.generalCategory {
            case .uppercaseLetter: return word | letter | upper
            case .lowercaseLetter: return word | letter | lower
            case .titlecaseLetter, .modifierLetter, .otherLetter: return word | letter
            case .decimalNumber: return word | digit
            case .letterNumber, .otherNumber: return word
            case .connectorPunctuation: return scalar == 0x5F ? word : 0
            case .spaceSeparator, .lineSeparator, .paragraphSeparator: return space
            case .control: return (9...13).contains(scalar) || (28...31).contains(scalar) || scalar == 0x85 ? space : 0
            default: return 0
            }
        }
    }
}

@inline(__always)
func == (scalar: UInt32, literal: Unicode.Scalar) -> Bool { scalar == literal.value }
@inline(__always)
func != (scalar: UInt32, literal: Unicode.Scalar) -> Bool { scalar != literal.value }
