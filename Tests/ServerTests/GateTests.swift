import Documents
import Server
import Testing

@Suite struct GateTests {
    static let endpoints: [Endpoint] = [
        Endpoint(.get, "/open", .open, "Open", answers: [.init(200, "Fine.")]) { call in
            .text(call.caller?.id ?? "nobody", type: "text/plain")
        },
        Endpoint(.get, "/read", .read, "Read", answers: [.init(200, "Fine.")]) { call in
            .text(call.caller?.id ?? "nobody", type: "text/plain")
        },
        Endpoint(
            .post, "/submit", .submit, "Submit", query: .empty,
            body: .json(Form { fields in fields.optional("a", .integer(0...9), "A.") ?? 0 }), answers: [.init(200, "Fine.")]
        ) {
            _, _, number in .text("\(number)", type: "text/plain")
        },
        Endpoint(
            .post, "/page", .submit, "A form", query: .empty, body: .form(Form { fields in fields.required("a", .integer(0...9), "A.") }),
            answers: [.init(200, "Fine.")], isPage: true
        ) {
            _, _, number in .text("\(number)", type: "text/plain")
        },
        Endpoint(.delete, "/things/{id}", .admin, "Delete", answers: [.init(204, "Gone.")]) { call in
            .text(call.parameters["id"] ?? "", type: "text/plain")
        },
    ]

    func cookie(_ surroundings: Surroundings, _ key: AccessKey) -> (header: (String, String), token: String) {
        let session = surroundings.sessions.begin(key: key.id, now: surroundings.time)
        let token = surroundings.sessions.formToken(Caller(id: key.id, scopes: [], way: .session(session)))
        return (("Cookie", String(surroundings.sessions.cookie(session).prefix { $0 != ";" })), token)
    }

    /// Before there is a key, whoever is on this machine may do everything.
    @Test func isOpenAtFirst() async throws {
        try await withServer(Self.endpoints) { client async throws in
            #expect(try await client.send(path: "/read").body == "local")
            #expect(try await client.json("POST", "/submit", "{}").status == 200)
        }
    }

    /// From the first key on one is needed, and only those that count will do.
    @Test func needsAKey() async throws {
        let surroundings = Surroundings()
        let reader = surroundings.key(.read)
        let old = surroundings.key(.read, expires: surroundings.time)
        let gone = surroundings.key(.read)
        surroundings.revoke(gone)
        try await withServer(Self.endpoints, surroundings) { client async throws in
            let nobody = try await client.send(path: "/read")
            #expect(nobody.status == 401 && nobody.code == "unauthenticated")
            #expect(nobody.header("WWW-Authenticate") == "Bearer realm=\"gleaner\"")
            #expect(try await client.send(path: "/open").body == "nobody")
            #expect(try await client.send(path: "/read", [bearer(reader)]).body == reader.id)
            #expect(try await client.send(path: "/read", [("authorization", "bearer  \(reader.secretText)")]).body == reader.id)
            let mixed = String(reader.secretText.dropLast(43)) + gone.secretText.suffix(43)
            for wrong in [
                "Bearer \(old.secretText)", "Bearer \(gone.secretText)", "Bearer \(mixed)", "Bearer x", "Basic \(reader.secretText)",
                "Bearer", "",
            ] {
                let refused = try await client.send(path: "/open", [("Authorization", wrong)])
                #expect(refused.status == 401, "\(wrong)")
                #expect(refused.header("WWW-Authenticate")?.contains("error=") == true)
            }
        }
    }

    /// Where others can reach the server, or pass calls on to it, no key is no right.
    @Test func trustsThisMachineOnly() async throws {
        let surroundings = Surroundings()
        let key = surroundings.key(.admin)
        try await withServer(Self.endpoints, surroundings, host: "0.0.0.0") { client async throws in
            surroundings.revoke(key)
            #expect(try await client.send(path: "/read").status == 401)
        }
        try await withServer(Self.endpoints) { client async throws in
            for name in ["Via", "Forwarded", "X-Forwarded-For"] {
                #expect(try await client.send(path: "/read", [(name, "1.2.3.4")]).status == 401)
            }
        }
    }

    /// A key that may do less is told what it lacks.
    @Test func mindsScopes() async throws {
        let surroundings = Surroundings()
        let key = surroundings.key(.submit)
        try await withServer(Self.endpoints, surroundings) { client async throws in
            let refused = try await client.send(path: "/read", [bearer(key)])
            #expect(refused.status == 403 && refused.code == "missing-scope")
            #expect(refused.header("WWW-Authenticate")?.contains("scope=\"read admin\"") == true)
            #expect(try await client.json("POST", "/submit", "{\"a\":3}", [bearer(key)]).body == "3")
        }
    }

    /// A session reads as its key does, and ends with it, with time and with logging out.
    @Test func takesSessions() async throws {
        let surroundings = Surroundings()
        let (key, other) = (surroundings.key(.read), surroundings.key(.read))
        let (mine, others) = (cookie(surroundings, key).header, cookie(surroundings, other).header)
        try await withServer(Self.endpoints, surroundings) { client async throws in
            #expect(try await client.send(path: "/read", [mine]).body == key.id)
            surroundings.revoke(key)
            #expect(try await client.send(path: "/read", [mine]).status == 401)
            #expect(try await client.send(path: "/read", [others]).status == 200)
            surroundings.time += 12 * 3_600 * 1_000_000
            #expect(try await client.send(path: "/read", [others]).status == 401)
        }
    }

    /// A person logs in with a key, is known by a cookie, and logs out.
    @Test func logsInAndOut() async throws {
        let surroundings = Surroundings()
        let key = surroundings.key(.read)
        let sessions = surroundings.sessions
        let authenticator = Authenticator(keys: surroundings.lookup, sessions: sessions, host: "127.0.0.1")
        let form = Form { $0.required("key", .text(1...100), "The key.") }
        let console: [Endpoint] = [
            Endpoint(.post, "/login", .open, "Log in", query: .empty, body: .form(form), answers: [.init(303, "Logged in.")], isPage: true)
            { call, _, text in
                guard let caller = try await authenticator.caller(key: text, now: call.time) else {
                    throw Problem(.unauthenticated, "no such key")
                }
                let cookie = sessions.cookie(sessions.begin(key: caller.id, now: call.time))
                return .text("", type: "text/plain", 303, headers: [.setCookie: cookie, .location: "/"])
            },
            Endpoint(.post, "/logout", .readOrOwn, "Log out", answers: [.init(303, "Logged out.")], isPage: true) { call in
                if case .session(let session)? = call.caller?.way { sessions.end(session, now: call.time) }
                return .text("", type: "text/plain", 303, headers: [.setCookie: sessions.noCookie, .location: "/login"])
            },
            Endpoint(.get, "/", .readOrOwn, "Home", answers: [.init(200, "Home.")], isPage: true) { call in
                .text(call.formToken ?? "", type: "text/plain")
            },
        ]
        try await withServer(console, surroundings) { client async throws in
            let browser = [("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded")]
            #expect(try await client.send("POST", "/login", browser, body: "key=\(AccessKey().secretText)").status == 401)
            #expect(
                try await client.send("POST", "/login", [("Sec-Fetch-Site", "cross-site"), browser[1]], body: "key=\(key.secretText)")
                    .status == 403)
            let reply = try await client.send("POST", "/login", browser, body: "key=\(key.secretText)")
            let cookie = ("Cookie", try #require(reply.header("Set-Cookie")).prefix { $0 != ";" }.description)
            let token = try await client.send(path: "/", [cookie]).body
            #expect(try await client.send("POST", "/logout", [browser[0], cookie]).status == 403)
            #expect(try await client.send("POST", "/logout", [browser[0], cookie, ("X-Form-Token", token)]).status == 303)
            #expect(try await client.send(path: "/", [cookie]).status == 401)
        }
    }

    static let sites: [([(String, String)], Bool)] = [
        ([("Sec-Fetch-Site", "same-origin")], true), ([("Sec-Fetch-Site", "cross-site")], false),
        ([("Sec-Fetch-Site", "same-site")], false),
        ([("Sec-Fetch-Site", "none")], false), ([("Sec-Fetch-Site", "same-origin"), ("Origin", "http://evil.example")], true),
        ([("Sec-Fetch-Site", "cross-site"), ("Origin", "http://farm.example")], false), ([("Origin", "http://farm.example")], true),
        ([("Origin", "https://farm.example")], true), ([("Origin", "http://evil.example")], false), ([("Origin", "null")], false),
        ([("Origin", "http://farm.example:81")], false), ([("Origin", "")], false),
    ]

    /// What a page of another site sends is refused, with a session's cookie and without any.
    @Test(arguments: 0..<sites.count) func refusesOtherSites(_ number: Int) async throws {
        let (headers, isAllowed) = Self.sites[number]
        let surroundings = Surroundings()
        let host = ("Host", "farm.example")
        try await withServer(Self.endpoints, surroundings, names: ["farm.example"]) { client async throws in
            #expect(try await client.json("POST", "/submit", "{}", headers + [host]).status == (isAllowed ? 200 : 403))
            let key = surroundings.key(.submit)
            let (cookie, token) = cookie(surroundings, key)
            let session = [cookie, ("X-Form-Token", token), host]
            #expect(try await client.json("POST", "/submit", "{}", headers + session).status == (isAllowed ? 200 : 403))
            // A key in a header is nothing that a browser adds by itself.
            #expect(try await client.json("POST", "/submit", "{}", headers + [bearer(key), host]).status == 200)
        }
    }

    /// A session changes nothing without the token of a page that it was shown, and without an origin.
    @Test func wantsTokens() async throws {
        let surroundings = Surroundings()
        let key = surroundings.key(.submit, .admin)
        let (cookie, token) = cookie(surroundings, key)
        let (_, other) = self.cookie(surroundings, key)
        let origin = ("Sec-Fetch-Site", "same-origin")
        let form = ("Content-Type", "application/x-www-form-urlencoded")
        try await withServer(Self.endpoints, surroundings) { client async throws in
            #expect(try await client.json("POST", "/submit", "{}", [cookie, origin]).code == "cross-site")
            #expect(try await client.json("POST", "/submit", "{}", [cookie, origin, ("X-Form-Token", other)]).code == "cross-site")
            #expect(try await client.json("POST", "/submit", "{}", [cookie, ("X-Form-Token", token)]).code == "cross-site")
            #expect(try await client.send("DELETE", "/things/a", [cookie, origin]).code == "cross-site")
            #expect(try await client.send("DELETE", "/things/a", [cookie, origin, ("X-Form-Token", token)]).status == 200)
            #expect(try await client.send("POST", "/page", [cookie, origin, form], body: "a=3").code == "cross-site")
            #expect(try await client.send("POST", "/page", [cookie, origin, form], body: "a=3&form_token=\(token)").body == "3")
        }
    }

    /// A name that isn't the server's is refused before anything is done.
    @Test func checksTheHost() async throws {
        try await withServer(Self.endpoints) { client async throws in
            let refused = try await client.send(path: "/read", [("Host", "evil.example")])
            #expect(refused.status == 421 && refused.code == "unknown-host")
            #expect(try await client.raw("GET /read HTTP/1.1\r\nConnection: close\r\n\r\n").status == 400)
        }
    }

    /// Who asks too often waits, and is told how long; others don't.
    @Test func limits() async throws {
        let surroundings = Surroundings()
        let (one, two) = (surroundings.key(.read), surroundings.key(.read))
        try await withServer(Self.endpoints, surroundings, limit: RateLimit(quota: 2, window: .seconds(60))) { client async throws in
            #expect(try await client.send(path: "/read", [bearer(one)]).header("RateLimit") == "\"key\";r=1;t=30")
            #expect(try await client.send(path: "/read", [bearer(one)]).header("RateLimit-Policy") == "\"key\";q=2;w=60")
            let refused = try await client.send(path: "/read", [bearer(one)])
            #expect(refused.status == 429 && refused.header("Retry-After") == "30" && refused.json?["retry_after"] == .number("30"))
            #expect(refused.header("RateLimit") == "\"key\";r=0;t=60")
            #expect(try await client.send(path: "/read", [bearer(two)]).status == 200)
            surroundings.time += 30_000_000
            #expect(try await client.send(path: "/read", [bearer(one)]).status == 200)
        }
    }

    /// Guessing keys is limited by the address that it comes from.
    @Test func limitsGuesses() async throws {
        let surroundings = Surroundings()
        surroundings.key(.read)
        try await withServer(Self.endpoints, surroundings, limit: RateLimit(quota: 2, window: .seconds(60))) { client async throws in
            var statuses: [Int] = []
            for _ in 0..<3 { statuses.append(try await client.send(path: "/read", [bearer(AccessKey())]).status) }
            #expect(statuses == [401, 401, 429])
        }
    }
}

extension Client {
    func send(path: String, _ headers: [(String, String)] = []) async throws -> Reply { try await send("GET", path, headers) }
}
