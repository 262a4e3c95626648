import Documents
import Extraction
import Foundation
import TestMaterial
import Testing

@Suite struct MoneyTests {
    private func amount(_ text: String, hints: PageHints = PageHints()) -> String? {
        guard let value = Values.read(text, as: .money, hints: hints)?.value else { return nil }
        return "\(value["amount"]?.string ?? "?") \(value["currency"]?.string ?? "-")"
    }

    /// Sums are read with their currency, however a country writes them.
    @Test(arguments: [
        ("€12.50", "12.50 EUR"), ("12,50 €", "12.50 EUR"), ("1.234,56 €", "1234.56 EUR"), ("1 234,56 €", "1234.56 EUR"),
        ("CHF 1'049.95", "1049.95 CHF"),
        ("$1,234", "1234 USD"), ("$5", "5 USD"), ("C$5.95", "5.95 CAD"), ("A$5", "5 AUD"), ("US$ 5", "5 USD"), ("NZ$5", "5 NZD"),
        ("HK$5", "5 HKD"),
        ("S$5", "5 SGD"), ("R$ 1.500,00", "1500.00 BRL"), ("MX$5", "5 MXN"), ("NZD $100.70", "100.70 NZD"), ("$80 CAD", "80 CAD"),
        ("₹12,34,567.50", "1234567.50 INR"),
        ("¥1,980", "1980 JPY"), ("1,980円(税込)", "1980 JPY"), ("￥22000元", "22000 CNY"), ("12.500 ₫", "12500 VND"),
        ("423.923 KD", "423.923 KWD"),
        ("150 kr", "150 -"), ("199 SEK", "199 SEK"), ("9 800 Kč", "9800 CZK"), ("17 940,00 руб", "17940.00 RUB"),
        ("5 870 грн.", "5870 UAH"),
        ("From $ 24.95", "24.95 USD"), ("£6.95 - £9.95", "6.95 GBP"), ("From 26 to 50 €", "26 EUR"),
        ("841,00 zł – 995,00 zł", "841.00 PLN"),
        ("$599 500元", "599 USD"), ("35€99", "35.99 EUR"), ("99¢", "0.99 USD"), ("CHF 105.–", "105 CHF"), ("5,- €", "5 EUR"),
        ("$1.2M", "1200000 USD"),
        ("€3 million", "3000000 EUR"),
        ("5 Mio. €", "5000000 EUR"), ("£45k", "45000 GBP"), ("-$5.00", "-5.00 USD"), ("Now only €12.50 incl. VAT", "12.50 EUR"),
        ("$.75", "0.75 USD"),
        ("45 ج.م", "45 EGP"), ("١٢٣٫٥٠ ر.س", "123.50 SAR"), ("Free!", "0 -"), ("12.50", "12.50 -"), ("€ 320.000", "320000 EUR"),
        ("50 cents", "0.50 -"),
    ])
    func read(text: String, expected: String) {
        #expect(amount(text) == expected)
    }

    /// What is no price is not read as one.
    @Test(arguments: ["", "Not available", "July, 2004", "25-09", "12:30", "A4", "50%", "Model X200", "Call us", "v1.2.3", "10/12/2024"])
    func refused(text: String) {
        #expect(amount(text) == nil)
    }

    /// The page's country says what "$" and "kr" are, and the transform's name carries it.
    @Test func country() {
        let canada = PageHints(language: "en-CA")
        #expect(amount("$5", hints: canada) == "5 CAD")
        #expect(Values.read("$5", as: .money, hints: canada)?.transform == "money.CAD")
        #expect(amount("€5", hints: canada) == "5 EUR")
        #expect(amount("5", hints: canada) == "5 -")
        #expect(amount("150 kr", hints: PageHints(host: "shop.example.se")) == "150 SEK")
        #expect(amount("12.50", hints: PageHints(currency: "EUR")) == "12.50 EUR")
        #expect(amount("$12.50", hints: PageHints(currency: "EUR")) == "12.50 USD")
    }

    /// Prices inside longer text are cut exactly, and each cut reads as the same value.
    @Test func cuts() {
        let text = "Was $25.00, now only €12.50 incl. VAT or 3 payments of 4,20 EUR (code A12). CHF 5.– fee, call 555 1234."
        let cuts = Values.find(.money, in: text).map { reading in
            String(String.UnicodeScalarView(Array(text.unicodeScalars)[reading.range]))
        }
        #expect(cuts == ["$25.00", "€12.50", "4,20 EUR", "CHF 5.–"])
    }

    /// Real price strings with the reading their collectors expect; at least 95 of 100 agree.
    @Test(.enabled(if: Material.file("data/conformance/normalise/prices.jsonl") != nil))
    func collected() throws {
        let file = try #require(Material.file("data/conformance/normalise/prices.jsonl"))
        var passed = 0
        var failures: [String] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let item = try JSON(parsing: String(line))
            let price = item["price_raw"]?.string ?? ""
            let printed = item["currency_raw"]?.string.flatMap {
                Values.read($0.isEmpty ? "-" : "1 " + $0, as: .money) ?? Values.read($0, as: .money)
            }
            let hint = item["currency_raw"]?.string.flatMap { raw in
                Values.find(.money, in: raw).first?.value["currency"]?.string ?? printed?.value["currency"]?.string
            }
            // The collectors' decimal mark is a hint like the page's language.
            let language = item["decimal_separator"]?.string == "." ? "en" : ""
            let reading = Values.read(price, as: .money, hints: PageHints(language: language, currency: hint))?.value
            let expected = item["amount"]?.string.flatMap { Decimal(string: $0) }
            let amount = reading?["amount"]?.string.flatMap { Decimal(string: $0) }
            let symbol = item["currency"]?.string
            let code = symbol.flatMap { Self.symbols[$0] }
            let isSameCurrency = expected == nil || reading?["currency"]?.string == code
            if amount == expected, isSameCurrency {
                passed += 1
            } else {
                let wanted = "\(item["amount"]?.string ?? "nil") \(symbol ?? "nil") (\(code ?? "-"))"
                failures.append("\(price) | \(item["currency_raw"]?.string ?? "") -> \(reading?.description ?? "nil"), expected \(wanted)")
            }
        }
        let rate = Double(passed) / Double(passed + failures.count)
        print("prices: \(passed) of \(passed + failures.count)")
        #expect(rate >= 0.95, "\(failures.joined(separator: "\n"))")
    }

    /// ISO 4217 codes of the collectors' spellings; those that name no single currency are left out.
    private static let symbols: [String: String] = [
        "$": "USD", "US$": "USD", "€": "EUR", "EUR": "EUR", "£": "GBP", "￡": "GBP", "Kč": "CZK", "zł": "PLN", "Zł": "PLN", "zl": "PLN",
        "PLN": "PLN",
        "pln": "PLN", "руб.": "RUB", "руб": "RUB", "р.": "RUB", "Р": "RUB", "₽": "RUB", "Rbl": "RUB", "грн.": "UAH", "грн": "UAH",
        "₴": "UAH", "hrn": "UAH",
        "CHF": "CHF", "Fr.": "CHF", "SFr": "CHF", "chf": "CHF", "AED": "AED", "DEM": "DEM", "GBP": "GBP", "USD": "USD", "HUF": "HUF",
        "Ft": "HUF",
        "DKK": "DKK", "NOK": "NOK", "TL": "TRY", "₫": "VND", "VNĐ": "VND", "C$": "CAD", "CAN$": "CAD", "CAD$": "CAD", "CND": "CAD",
        "NZD": "NZD",
        "SGD": "SGD", "R$": "BRL", "RD$": "DOP", "J$": "JMD", "T$": "TOP", "TT$": "TTD", "G$": "GYD", "Z$": "ZWL", "$U": "UYU", "₹": "INR",
        "र": "INR",
        "лв": "BGN", "лв.": "BGN", "lei": "RON", "Lei": "RON", "LEI": "RON", "Dinara": "RSD", "din": "RSD", "Br": "BYN", "฿": "THB",
        "₪": "ILS",
        "ש'ח": "ILS", "KD": "KWD", "OMR": "OMR", "KMF": "KMF", "kn": "HRK", "KM": "BAM", "₱": "PHP", "Rp": "IDR", "₭": "LAK", "៛": "KHR",
        "֏": "AMD",
        "GH₵": "GHS", "₵": "GHS", "₦": "NGN", "Nfk": "ERN", "LD": "LRD", "UM": "MRU", "B/.": "PAB", "TSh": "TZS", "DT": "TND", "ZK": "ZMW",
        "元": "CNY",
        "圆": "CNY", "yen": "JPY", "ر.س": "SAR", "ج.م": "EGP", "E£": "EGP", "جنيه": "EGP", "ریال": "IRR", "ل.د": "LYD", "ден": "MKD",
        "ДЕН": "MKD",
        "Ar": "MGA", "K": "PGK", "FRw": "RWF", "ج.س.": "SDG", "ج.س": "SDG", "Ks": "MMK", "S/": "PEN", "Vt": "VUV", "Sʻ": "UZS", "S'": "UZS",
        "so'm": "UZS", "с": "KGS", "د.ا": "JOD", "دينار أردني": "JOD", "د.م": "MAD", "ر.ق": "QAR", "ش.ج": "ILS", "ل.س": "SYP",
        "ლარი": "GEL", "GBp": "GBP",
        "KShs": "KES", "q": "GTQ", "Q": "GTQ", "P": "BWP", "¢": "USD", "Ƀ": "XBT",
    ]
}
