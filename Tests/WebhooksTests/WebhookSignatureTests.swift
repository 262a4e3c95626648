import Foundation
import Testing
import Webhooks

@Suite struct WebhookSignatureTests {
    static let text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let other = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
    static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    static let body = Data(#"{"test": 2432232314}"#.utf8)
    static let time: Int64 = 1_614_265_330_000_000

    func signed(_ secrets: [String] = [text]) throws -> WebhookSignature {
        try WebhookSignature(id: Self.id, time: Self.time, body: Self.body, secrets: secrets.map { try WebhookSecret($0) })
    }

    /// The signature is that of the reference libraries.
    @Test func agreesWithTheReference() throws {
        let headers = try signed().headers
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers.map(\.value) == [Self.id, "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="])
    }

    /// What was signed is believed until five minutes later, and by clocks that are five minutes behind.
    @Test(arguments: [-300, -1, 0, 1, 300])
    func believes(_ seconds: Int64) throws {
        try signed().verify(Self.body, secrets: [WebhookSecret(Self.text)], now: Self.time + seconds * 1_000_000)
    }

    /// What was sent at another time is not believed.
    @Test(arguments: [-301, 301, 86_400 * 365]) func mindsTheTime(_ seconds: Int64) {
        #expect(code { try signed().verify(Self.body, secrets: [WebhookSecret(Self.text)], now: Self.time + seconds * 1_000_000) } == .time)
    }

    /// While a secret is replaced, both are believed.
    @Test func rotates() throws {
        let both = try signed([Self.other, Self.text])
        #expect(both.signatures.split(separator: " ").count == 2)
        for secret in [Self.text, Self.other] { try both.verify(Self.body, secrets: [WebhookSecret(secret)], now: Self.time) }
        try signed().verify(Self.body, secrets: [WebhookSecret(Self.other), WebhookSecret(Self.text)], now: Self.time)
    }

    /// Signatures of other kinds beside ours don't matter.
    @Test func skipsOtherKinds() throws {
        var signature = try signed()
        signature.signatures = "v1a,AAAA v1,g0hM v1,?? nonsense " + signature.signatures + " v2,x"
        try signature.verify(Self.body, secrets: [WebhookSecret(Self.text)], now: Self.time)
    }

    static let forgeries: [(String, WebhookError.Code, @Sendable (inout WebhookSignature) -> Void)] = [
        ("another id", .signature, { $0.id += "x" }),
        ("another time", .signature, { $0.timestamp = "1614265331" }),
        ("a time with a sign", .headers, { $0.timestamp = "+1614265330" }),
        ("no time", .headers, { $0.timestamp = "" }),
        ("a time beyond all numbers", .headers, { $0.timestamp = "99999999999999999999" }),
        (
            "an id that holds the time's beginning", .headers,
            {
                $0.id = "msg.1"
                $0.timestamp = "614265330"
            }
        ),
        ("a signature without its version", .signature, { $0.signatures = String($0.signatures.dropFirst(3)) }),
        ("a signature of another version", .signature, { $0.signatures = "v2" + $0.signatures.dropFirst(2) }),
        ("the beginning of a signature", .signature, { $0.signatures = "v1,g0hM" }),
        ("an empty signature", .signature, { $0.signatures = "v1," }),
        ("no signature", .signature, { $0.signatures = "" }),
        ("more signatures than anyone sends", .headers, { $0.signatures = String(repeating: "v1,AAAA ", count: 2_000) + $0.signatures }),
    ]

    /// Headers that were changed are not believed.
    @Test(arguments: 0..<forgeries.count) func refuses(_ number: Int) throws {
        let (_, expected, forge) = Self.forgeries[number]
        var signature = try signed()
        forge(&signature)
        #expect(code { try signature.verify(Self.body, secrets: [WebhookSecret(Self.text)], now: Self.time) } == expected)
    }

    /// A body that was changed, and another's secret, are not believed.
    @Test func refusesBodies() {
        #expect(code { try signed().verify(Self.body + Data(" ".utf8), secrets: [WebhookSecret(Self.text)], now: Self.time) } == .signature)
        #expect(code { try signed().verify(Self.body, secrets: [WebhookSecret(Self.other)], now: Self.time) } == .signature)
        #expect(code { try signed().verify(Self.body, secrets: [], now: Self.time) } == .signature)
    }

    /// A header that is missing is nothing to believe.
    @Test(arguments: 0..<3) func needsAllHeaders(_ missing: Int) throws {
        var headers = try signed().headers
        let all = headers
        #expect(WebhookSignature { name in all.first { $0.name == name }?.value } == (try signed()))
        headers.remove(at: missing)
        let rest = headers
        #expect(WebhookSignature { name in rest.first { $0.name == name }?.value } == nil)
    }

    /// An id that can't stand in a header, or hides a time, is not signed.
    @Test(arguments: ["", "a.b", "a b", "a\nb", "é", String(repeating: "a", count: 256)])
    func refusesIDs(_ id: String) {
        #expect(code { _ = try WebhookSignature(id: id, time: 0, body: Data(), secrets: [WebhookSecret(Self.text)]) } == .id)
    }

    /// Without a secret nothing is signed.
    @Test func needsASecret() { #expect(code { _ = try signed([]) } == .secret) }

    /// What is no secret is refused, and not repeated.
    @Test(arguments: [
            "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_%%%%",
            "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_" + Data(count: 23).base64EncodedString(), "whsec_" + Data(count: 65).base64EncodedString(),
        ]) func refusesSecrets(_ text: String) throws
    {
        let error = try #require(throws: WebhookError.self) { try WebhookSecret(text) }
        #expect(error.code == .secret)
        #expect(text.count < 8 || !error.message.contains(text))
    }

    /// Secrets of 24 to 64 bytes are taken.
    @Test(arguments: [24, 64]) func takesSecrets(_ bytes: Int) throws {
        _ = try WebhookSecret("whsec_" + Data(count: bytes).base64EncodedString())
    }

    /// A new secret is one, and each is another.
    @Test func makesSecrets() throws {
        let secrets = (0..<10).map { _ in WebhookSecret.made() }
        #expect(Set(secrets).count == 10)
        for secret in secrets { _ = try WebhookSecret(secret) }
    }

    /// A secret doesn't show itself.
    @Test func hidesItself() throws {
        let secret = try WebhookSecret(Self.text)
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] { #expect(text.contains("webhook secret") && !text.contains("MfKQ")) }
    }

    private func code(_ body: () throws -> Void) -> WebhookError.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? WebhookError)?.code }
    }
}
