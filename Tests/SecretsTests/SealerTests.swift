import Foundation
import Testing

@testable import Secrets

private let hexKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
/// The same bytes.
private let base64Key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

private func code(_ body: () throws -> some Any) -> SecretError.Code? { #expect(throws: SecretError.self) { _ = try body() }?.code }

@Suite struct SealerTests {
    private let sealer: Sealer
    private let other: Sealer

    init() throws {
        sealer = try Sealer(key: hexKey)
        other = try Sealer(key: Sealer.newKey())
    }

    /// What is sealed is opened again.
    @Test(
        arguments: ["http://user:p\u{E4}ss@proxy.example:8080", "", "\u{0}\n\u{1F511}", String(repeating: "x", count: 16_384)])
    func opensWhatItSealed(_ text: String) throws { #expect(try sealer.open(sealer.seal(text, for: "pool/a"), for: "pool/a") == text) }

    /// Sealed text shows version and key, not the text; it is the same for the same text and purpose, and for nothing else.
    @Test func hidesTheText() throws {
        let sealed = try (0..<100).map { try sealer.seal("user:secret@proxy.exampl\($0 % 10)", for: "pool/\($0 / 50)") }
        #expect(Set(sealed).count == 20)
        #expect(try other.seal("user:secret@proxy.exampl0", for: "pool/0") != sealed[0])
        #expect(sealed.allSatisfy { $0.hasPrefix("sealed1.\(sealer.keyID).") && !$0.contains("secret") })
        let body = Data(
            base64Encoded: (sealed[0].split(separator: ".").last ?? "").replacing("-", with: "+").replacing("_", with: "/") + "=")
        #expect(body?.count == 12 + 25 + 16 && body?.range(of: Data("secret".utf8)) == nil)
    }

    /// Text that was sealed by another implementation of RFC 8439 is opened.
    @Test func opensOthersText() throws {
        let sealed = "sealed1.1743d969.ZGVmZ2hpamtsbW5vQWLeuKLWEzGJu2Ex_w6AL8klzL3DiCINUA7R"
        #expect(try sealer.open(sealed, for: "pool/a") == "user:secret")
    }

    /// It is opened only for what it was sealed for.
    @Test func isBoundToItsPurpose() throws {
        let sealed = try sealer.seal("secret", for: "pool/a")
        #expect(code { try sealer.open(sealed, for: "pool/b") } == .damaged)
    }

    /// Another key is told from damage, and both are named.
    @Test func namesTheKey() throws {
        let sealed = try sealer.seal("secret", for: "pool/a")
        let error = #expect(throws: SecretError.self) { try other.open(sealed, for: "pool/a") }
        #expect(error?.code == .otherKey)
        #expect(error?.message.contains(sealer.keyID) == true && error?.message.contains(other.keyID) == true)
        // Somebody who writes this key's name over that of the other.
        #expect(code { try other.open(sealed.replacing(sealer.keyID, with: other.keyID), for: "pool/a") } == .damaged)
    }

    /// Each changed character is noticed.
    @Test func noticesChanges() throws {
        let sealed = Array(try sealer.seal("secret", for: "pool/a"))
        for index in sealed.indices {
            var changed = sealed
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(code { try sealer.open(String(changed), for: "pool/a") } != nil)
            #expect(code { try sealer.open(String(sealed[..<index]), for: "pool/a") } == .damaged)
        }
        // The last one has bits that say nothing.
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=" where last != sealed.last {
            #expect(code { try sealer.open(String(sealed.dropLast() + [last]), for: "pool/a") } == .damaged)
        }
    }

    /// Garbage is an error.
    @Test(
        arguments: [
            "", ".", "..", "secret", "sealed1", "sealed1..", "sealed1.zzzzzzzz.AAAA", "sealed2.00000000.AAAA", "sealed1.KEY.",
            "sealed1.KEY.AAAA",
            "sealed1.KEY.====", "sealed1.KEY.\u{0}\u{1F511}", "sealed1.KEY.A.B", String(repeating: "sealed1.", count: 10_000),
            "sealed1.KEY." + String(repeating: "A", count: 32_000),
        ])
    func refusesGarbage(_ text: String) {
        #expect(code { try sealer.open(text.replacing("KEY", with: sealer.keyID), for: "pool/a") } == .damaged)
    }

    /// Text of another version says so.
    @Test func namesTheVersion() {
        let error = #expect(throws: SecretError.self) { try sealer.open("sealed9.\(sealer.keyID).AAAA", for: "pool/a") }
        #expect(error?.message.contains("another version") == true)
    }

    /// What is too long is not sealed.
    @Test func isBounded() {
        #expect(code { try sealer.seal(String(repeating: "x", count: 16_385), for: "pool/a") } == .tooLong)
    }

    // MARK: Keys

    /// Hexadecimal and every base64 are the same key.
    @Test(
        arguments: [hexKey, hexKey.uppercased(), base64Key, " \(base64Key)\n", String(base64Key.dropLast())])
    func readsKeys(_ text: String) throws { #expect(try Sealer(key: text).keyID == sealer.keyID) }

    /// The URL's alphabet of base64 is read too.
    @Test func readsURLKeys() throws {
        let key = "-_" + Sealer.newKey().dropFirst(2)
        #expect(try Sealer(key: key).keyID == Sealer(key: key.replacing("-", with: "+").replacing("_", with: "/")).keyID)
    }

    /// Weak keys are refused, and it says how to make one.
    @Test(
        arguments: [
            "", "secret", "correct horse battery staple", String(hexKey.dropLast(2)), hexKey + "20", "g" + hexKey.dropFirst(),
            String(repeating: "0", count: 64), String(repeating: "0123456789abcdef", count: 4), String(repeating: "A", count: 43) + "=",
            Data("The quick brown fox jumps over 1".utf8).base64EncodedString(), base64Key + "===", "=" + base64Key, base64Key + "x",
            base64Key.dropLast() + "=x",
            String(repeating: "A", count: 1 << 20), "\u{1F511}",
        ])
    func refusesWeakKeys(_ text: String) {
        let error = #expect(throws: SecretError.self) { try Sealer(key: text) }
        #expect(error?.code == .invalidKey)
        #expect(error?.message.contains("openssl rand -base64 32") == true)
        #expect(text.isEmpty || error?.message.contains(text) == false)
    }

    /// New keys are taken, and differ.
    @Test func makesKeys() throws {
        #expect(try Set((0..<100).map { _ in try Sealer(key: Sealer.newKey()).keyID }).count == 100)
    }

    /// No description shows the key.
    @Test func hidesTheKey() {
        var dumped = ""
        dump(sealer, to: &dumped)
        for text in ["\(sealer)", String(reflecting: sealer), dumped] {
            #expect(text.contains(sealer.keyID) && text.utf8.count < 100)
            #expect(!text.contains("00010203") && !text.contains("AAECAw") && !text.contains("[0, 1, 2"))
        }
    }
}
