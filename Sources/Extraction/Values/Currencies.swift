/// Spellings of currencies, as codes, symbols and words (ISO 4217).
enum Currencies {
    struct Spelling {
        var scalars: [Unicode.Scalar]
        /// Nil where the spelling alone doesn't say which ("kr").
        var code: String?
        /// What it can mean; the page's country or a currency stated elsewhere chooses among them.
        var candidates: [String]
        /// Compared with case; otherwise folded.
        var isExact: Bool
        /// A short or common word that counts only where nothing but a number stands beside it.
        var isWeak: Bool
        /// 2 for cents: the amount is hundredths.
        var shift: Int = 0

        /// An ISO code says more than a symbol beside it.
        var isCode: Bool { scalars.count == 3 && code.map { Array($0.unicodeScalars) == scalars } ?? false }
    }

    /// Decimals of currencies that have three: a mark before three digits is decimal there.
    static let threeDecimals: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

    static let codes: Set<String> = Set(
        """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC
        CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD
        JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
        NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB
        TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
        ATS BEF DEM ESP FIM FRF GRD IEP ITL NLG PTE SIT SKK LTL LVL EEK
        """.split { $0 == " " || $0 == "\n" }.map(String.init))

    /// Codes that are words too: they count only where no other word stands beside them.
    private static let wordlike: Set<String> = [
        "ALL", "BAM", "BOB", "COP", "CUP", "GEL", "LAK", "MAD", "MOP", "PAB", "PEN", "SOS", "TOP", "TRY", "STN", "SIT", "ANG", "ETB", "PHP",
    ]
    private static let lowerCaseCodes = [
        "eur", "usd", "gbp", "chf", "pln", "dkk", "nok", "czk", "huf", "jpy", "aud", "nzd", "sgd", "brl", "inr", "rub",
    ]

    /// Code (or "-" and what it may be), then spellings; "_" is a space, "!" before a spelling: compared with case, "?": weak.
    private static let table = """
        USD !US$ !U$S !U.S.$ !US$: us_dollar us_dollars u.s._dollars !USD$ !$US
        USD,CAD,AUD,NZD,HKD,SGD,MXN,ARS,CLP,COP,TWD,BRL,UYU,JMD,TTD,BBD,BSD,BZD,FJD,NAD $ ＄ ﹩ dollar dollars
        EUR € euro euros eur. €uro евро ευρω
        GBP £ ￡ ₤ !GB£ !UK£ pound_sterling pounds_sterling
        CAD !C$ !CA$ !CAN$ !CAD$ !Can$ !CDN$ !CND !CDN
        AUD !A$ !AU$ !AUD$
        NZD !NZ$ !NZD$
        HKD !HK$ !HKD$
        SGD !S$ !SG$ !SGD$
        BRL !R$ reais
        MXN !MX$ !Mex$ !MXN$
        TWD !NT$ !TW$ 新台幣 新台币
        DOP !RD$
        JMD !J$
        TTD !TT$
        TOP !T$
        GYD !G$
        BZD !BZ$
        BBD !Bds$
        FJD !FJ$
        NAD !N$
        LRD !L$ ?LD
        UYU !$U !UY$
        CLP !CL$ !CLP$
        COP !COL$ !COP$ !CO$
        ARS !AR$ !ARS$
        ZWL !Z$
        -,SEK,NOK,DKK,ISK kr kr. kroner kronor kronur krona krone
        JPY,CNY ¥ ￥
        JPY 円 yen
        CNY 元 圆 圓 人民币 人民幣 !RMB yuan
        KRW ₩ 원 ?won
        INR ₹ र रु रुपये
        -,INR,PKR,LKR,NPR,MUR,SCR rs rs. ₨ rupees rupee
        RUB ₽ руб руб. рублей рубля рубль р. !Р !р ?rbl
        UAH ₴ грн грн. hrn гривень гривны
        BYN !Br бел._руб.
        BGN лв лв. лева
        KZT ₸ тг тг. тенге
        PLN zł zl złotych złoty
        CZK kč kc korun koruny
        HUF !Ft forint
        RON,MDL lei leu
        TRY ₺ !TL
        CHF !SFr !SFr. !sFr. ?Fr. ?fr. ?Fr schweizer_franken franken
        -,CHF,XOF,XAF,RWF,BIF,CDF francs franc
        -,XOF,XAF fcfa cfa f_cfa
        RSD ?din ?din. ?Din. dinara динара дин дин.
        MKD ден ден. denari
        HRK ?kn kuna
        ILS ₪ ש"ח ש'ח ש״ח שקל ?NIS
        SAR ر.س ريال_سعودي
        EGP ج.م ج.م. جنيه !E£ !LE
        AED د.إ
        -,AED,MAD درهم dh dhs dhs.
        MAD د.م د.م.
        QAR ر.ق
        JOD د.ا دينار_أردني !JD
        KWD !KD د.ك
        TND !DT د.ت
        LYD ل.د
        SYP ل.س
        SDG ج.س ج.س.
        IRR ریال rial rials
        -,IRR تومان toman
        -,SAR,IRR,QAR,OMR,YER ﷼
        THB ฿ บาท baht
        VND ₫ !đ !VNĐ !vnđ !đồng
        IDR !Rp rp rp. rupiah
        MYR !RM
        PHP ₱
        NGN ₦
        GHS !GH₵ !GH¢ ₵
        KES !KSh !KSh. !KShs !Ksh
        TZS !TSh !TSh.
        UGX !USh !USh.
        ZAR ?R rand
        LAK ₭
        KHR ៛
        AMD ֏
        GEL ₾ ლარი
        AZN ₼
        MNT ₮
        PYG ₲
        CRC ₡ colones
        BDT ৳
        PEN !S/ !S/. soles
        PAB !B/.
        -,AWG,ANG ƒ
        UZS so'm so‘m so’m sʻ s' сум
        KGS ?с
        ERN ?Nfk
        RWF ?FRw
        MGA ?Ar
        MMK ?Ks
        VUV ?Vt
        ZMW ?ZK
        MRU ?UM
        GTQ ?q
        PGK ?K
        BWP ?P
        BAM ?KM
        XBT Ƀ ₿
        """

    private struct Index {
        var byFirst: [Unicode.Scalar: [Spelling]] = [:]
        var byLast: [Unicode.Scalar: [Spelling]] = [:]
    }

    private static let index: Index = {
        var spellings: [Spelling] = []
        func add(_ text: String, code: String?, candidates: [String], isExact: Bool, isWeak: Bool, shift: Int = 0) {
            let spaced = text.unicodeScalars.map { $0 == "_" ? " " : $0 }
            let scalars = isExact ? spaced : spaced.compactMap(Glyph.fold)
            spellings.append(
                Spelling(scalars: scalars, code: code, candidates: candidates, isExact: isExact, isWeak: isWeak, shift: shift))
        }
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard let head = words.first else { continue }
            let codes = head.split(separator: ",").map(String.init)
            let code = codes.first == "-" ? nil : codes.first
            let candidates = codes.filter { $0 != "-" }
            for word in words.dropFirst() {
                let isWeak = word.hasPrefix("?")
                let isExact = word.hasPrefix("!")
                add(
                    isWeak || isExact ? String(word.dropFirst()) : word, code: code, candidates: candidates, isExact: isExact || isWeak,
                    isWeak: isWeak)
            }
        }
        for code in codes { add(code, code: code, candidates: [code], isExact: true, isWeak: wordlike.contains(code)) }
        for code in lowerCaseCodes { add(code, code: code.uppercased(), candidates: [code.uppercased()], isExact: false, isWeak: false) }
        add("¢", code: "USD", candidates: ["USD", "CAD", "AUD"], isExact: true, isWeak: false, shift: 2)
        add("cents", code: nil, candidates: ["USD", "CAD", "AUD", "EUR"], isExact: false, isWeak: false, shift: 2)
        add("GBp", code: "GBP", candidates: ["GBP"], isExact: true, isWeak: false, shift: 2)
        spellings.sort { $0.scalars.count > $1.scalars.count }
        var index = Index()
        for spelling in spellings {
            guard let first = spelling.scalars.first, let last = spelling.scalars.last else { continue }
            index.byFirst[Glyph.fold(first) ?? first, default: []].append(spelling)
            index.byLast[Glyph.fold(last) ?? last, default: []].append(spelling)
        }
        return index
    }()

    /// The longest spelling that begins at a position, with where it ends.
    static func spelling(in scalars: [Unicode.Scalar], from start: Int, withWeak: Bool) -> (spelling: Spelling, end: Int)? {
        guard start < scalars.count, let options = index.byFirst[Glyph.fold(scalars[start]) ?? scalars[start]] else { return nil }
        for option in options where withWeak || !option.isWeak {
            let end = start + option.scalars.count
            guard end <= scalars.count, matches(option, scalars, start), isBorder(scalars, end - 1, end) else { continue }
            return (option, end)
        }
        return nil
    }

    /// The longest spelling that ends before a position, with where it begins.
    static func spelling(in scalars: [Unicode.Scalar], upTo end: Int, withWeak: Bool) -> (spelling: Spelling, start: Int)? {
        guard end > 0, end <= scalars.count, let options = index.byLast[Glyph.fold(scalars[end - 1]) ?? scalars[end - 1]] else {
            return nil
        }
        for option in options where withWeak || !option.isWeak {
            let start = end - option.scalars.count
            guard start >= 0, matches(option, scalars, start), isBorder(scalars, start, start - 1) else { continue }
            return (option, start)
        }
        return nil
    }

    /// What a whole text names: "EUR", "€", "Swiss francs" no.
    static func code(of text: String) -> String? {
        let scalars = Array(Glyph.tidy(text).unicodeScalars)
        guard let found = spelling(in: scalars, from: 0, withWeak: true), found.end == scalars.count else { return nil }
        return found.spelling.code
    }

    private static func matches(_ option: Spelling, _ scalars: [Unicode.Scalar], _ start: Int) -> Bool {
        for offset in 0..<option.scalars.count {
            let scalar = scalars[start + offset]
            if option.isExact {
                guard scalar == option.scalars[offset] else { return false }
            } else {
                guard (Glyph.fold(scalar) ?? scalar) == option.scalars[offset] || (scalar == "\u{A0}" && option.scalars[offset] == " ")
                else {
                    return false
                }
            }
        }
        return true
    }

    /// A word ends between two positions: outside the text, or not both letters.
    private static func isBorder(_ scalars: [Unicode.Scalar], _ inner: Int, _ outer: Int) -> Bool {
        guard scalars.indices.contains(outer), Glyph.isLetter(scalars[inner]), Glyph.isLetter(scalars[outer]) else { return true }
        return Glyph.isIdeograph(scalars[inner]) || Glyph.isIdeograph(scalars[outer])
    }
}
