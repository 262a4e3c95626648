import Changes
import Documents

/// A page whose records are given as JSON text, one after another.
func page(
    _ key: String, _ records: [String] = [], status: DiffPage.Status = .completed, isWhole: Bool? = nil, foundOn: String? = nil
) throws -> DiffPage {
    DiffPage(key: key, status: status, records: try records.map { try JSON(parsing: $0) }, isWhole: isWhole, foundOn: foundOn)
}

/// A run of one page.
func run(_ records: String...) throws -> [DiffPage] { [try page("list", records)] }

func product(_ id: Int, price: String = "9.00", stock: Int = 1) -> String {
    #"{"id": "p\#(id)", "name": "Product \#(id)", "price": {"amount": "\#(price)", "currency": "EUR"}, "stock": \#(stock)}"#
}

extension RunDiff {
    /// Counts in one line, to compare with: "new 1 gone 0 changed 2 moved 0 same 3 unseen 0+0".
    var outcome: String {
        "new \(new.count) gone \(gone.count) changed \(changed.count) moved \(moved.count) same \(unchanged) unseen \(unseenNow.count)+\(unseenBefore.count)"
    }
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
    mutating func happens(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
}
