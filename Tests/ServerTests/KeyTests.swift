import Server
import Testing

@Suite struct KeyTests {
    /// A key is known by its beginning, and stored as its SHA-256.
    @Test func isMade() throws {
        let key = AccessKey(random: Array(0..<37))
        #expect(key.id == "gleaner_e2aesaaa")
        #expect(key.secretText == "gleaner_e2aesaaa_BQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQ")
        #expect(key.digest == "a14923777c0b07120a5caad3f1a8d55a5ede696be758afaebeb3dc355aa9ab69")
        #expect(AccessKey(key.secretText)?.digest == key.digest)
    }

    /// Each key is another.
    @Test func differ() {
        let keys = (0..<100).map { _ in AccessKey() }
        #expect(Set(keys.map(\.id)).count == 100 && Set(keys.map(\.digest)).count == 100)
        for key in keys { #expect(AccessKey(key.secretText) != nil) }
    }

    static let good = AccessKey(random: Array(0..<37)).secretText

    /// What has another form is none.
    @Test(arguments: [
        "", "gleaner_", String(good.dropLast()), good + "A", good.replacing("gleaner_", with: "gleamer_"),
        good.replacing("_e2", with: "_l2"),
        good.replacing("_B", with: "-B"), good.replacing("BQ", with: "B+"), good.replacing("BQ", with: "é"), " " + good.dropFirst(),
    ])
    func refuses(_ text: String) { #expect(AccessKey(text) == nil) }

    /// A key doesn't show itself.
    @Test func hidesItself() {
        let key = AccessKey()
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(text.contains(key.id) && !text.contains(key.secretText.suffix(20)))
        }
    }

    static let rights: [(Scope, Set<Access>)] = [
        (.submit, [.open, .submit, .readOrOwn]), (.read, [.open, .readOrOwn, .read]), (.admin, Set(Access.allCases)),
    ]

    /// Each scope opens what it says, and nothing else.
    @Test(arguments: rights) func opens(_ scope: Scope, _ rights: Set<Access>) {
        let caller = Caller(id: "k", scopes: [scope], way: .bearer)
        #expect(Set(Access.allCases.filter(caller.may)) == rights)
        #expect(caller.sees == (scope == .submit ? .own("k") : .everything))
    }

    /// A key without scopes may do nothing.
    @Test func needsAScope() {
        #expect(Access.allCases.filter(Caller(id: "k", scopes: [], way: .bearer).may) == [.open])
    }

    /// On loopback the farm listens without a key.
    @Test(arguments: ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST", "::ffff:127.0.0.1"]) func listensOnLoopback(
        _ host: String
    ) {
        #expect(ListenPolicy.refusal(host: host, keysExist: false) == nil)
    }

    /// Elsewhere it wants one, and says how to make it.
    @Test(arguments: [
        "0.0.0.0", "::", "192.168.1.1", "farm.example", "localhost.example", "128.0.0.1", "::ffff:10.0.0.1", "::2", "1::1", "127.1",
    ])
    func refusesElsewhere(_ host: String) throws {
        let refusal = try #require(ListenPolicy.refusal(host: host, keysExist: false))
        #expect(refusal.contains(host) && refusal.contains("gleaner keys create"))
        #expect(ListenPolicy.refusal(host: host, keysExist: true) == nil)
    }
}

@Suite struct SessionTests {
    let sessions = Sessions(secret: Array(0..<32), lifetime: .seconds(100))
    static let time: Int64 = 1_800_000_000_000_000

    func cookie(_ session: Session) -> String { String(sessions.cookie(session).prefix { $0 != ";" }) }

    /// A session is known by its cookie until it expires.
    @Test func lasts() {
        let session = sessions.begin(key: "gleaner_a", now: Self.time)
        let cookie = cookie(session)
        #expect(sessions.session(cookies: [cookie], now: Self.time) == session)
        #expect(sessions.session(cookies: ["a=b; \(cookie); c", "d"], now: Self.time + 99_999_999) == session)
        #expect(sessions.session(cookies: [cookie], now: Self.time + 100_000_000) == nil)
    }

    /// Scripts can't read the cookie, and other sites can't have it sent.
    @Test func isGuarded() {
        let cookie = sessions.cookie(sessions.begin(key: "k", now: Self.time))
        #expect(cookie.hasPrefix("gleaner_session=") && cookie.hasSuffix("; Path=/; Max-Age=100; HttpOnly; SameSite=Strict"))
        let secure = Sessions(isSecure: true)
        #expect(secure.cookie(secure.begin(key: "k", now: Self.time)).hasPrefix("__Host-gleaner="))
        #expect(secure.cookie(secure.begin(key: "k", now: Self.time)).hasSuffix("; SameSite=Strict; Secure"))
        #expect(sessions.noCookie == "gleaner_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")
    }

    /// A session that was ended is over, though others of the key go on.
    @Test func ends() {
        let (one, two) = (sessions.begin(key: "k", now: Self.time, random: 1), sessions.begin(key: "k", now: Self.time, random: 2))
        sessions.end(one, now: Self.time)
        #expect(sessions.session(cookies: [cookie(one)], now: Self.time) == nil)
        #expect(sessions.session(cookies: [cookie(two)], now: Self.time) == two)
    }

    /// A cookie that was changed, or made with another secret, is none; one that is ours behind it counts.
    @Test(arguments: ["gleaner_b", "9999999999999999", "zzz", "s2", "A", ""]) func refuses(_ forged: String) {
        let session = sessions.begin(key: "gleaner_a", now: Self.time, random: 7)
        let parts = cookie(session).split(separator: "=")[1].split(separator: ".").map(String.init)
        for index in parts.indices {
            var changed = parts
            changed[index] = forged
            #expect(sessions.session(cookies: ["gleaner_session=" + changed.joined(separator: ".")], now: Self.time) == nil)
            let both = "gleaner_session=" + changed.joined(separator: ".") + "; " + cookie(session)
            #expect(sessions.session(cookies: [both], now: Self.time) == session)
        }
        #expect(Sessions().session(cookies: [cookie(session)], now: Self.time) == nil)
    }

    /// Nodes with one secret know each other's sessions.
    @Test func isShared() {
        let session = sessions.begin(key: "k", now: Self.time)
        #expect(Sessions(secret: Array(0..<32)).session(cookies: [cookie(session)], now: Self.time) == session)
    }

    /// The token of a form is of one session, and isn't its cookie.
    @Test func hasFormTokens() {
        func token(_ random: UInt64) -> String {
            sessions.formToken(Caller(id: "k", scopes: [], way: .session(sessions.begin(key: "k", now: Self.time, random: random))))
        }
        #expect(token(1) == token(1) && token(1) != token(2) && token(1) != sessions.formToken(.local))
        #expect(!cookie(sessions.begin(key: "k", now: Self.time, random: 1)).contains(token(1)))
    }
}

@Suite struct HostNamesTests {
    let names = HostNames(["Farm.example"])

    /// The server is called by its names and by addresses.
    @Test(arguments: [
        "farm.example", "FARM.EXAMPLE:8080", "farm.example.", "localhost", "localhost:1", "127.0.0.1:8080", "10.0.0.7", "[::1]",
        "[::1]:8080",
    ])
    func knows(_ host: String) { #expect(names.contains(host)) }

    /// Any other name may be somebody's who has it lead here.
    @Test(arguments: [
        "evil.example", "farm.example.evil.example", "evil-farm.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.1",
        "0x7f.1", "",
        ":8080", "[::1", "[evil.example]", "[::1]x", "::1", "farm.example:80:80", "farm.example:x", "farm.example@evil.example",
        "farm.example/x",
        "127.0.0.1 evil.example", "[127.0.0.1]", String(repeating: "a", count: 400), "farm.example,evil.example",
    ]) func doesNotKnow(_ host: String) { #expect(!names.contains(host)) }
}
