import ArgumentParser
import Documents
import Foundation
import Server
import Store

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keys of the API: who may do what with the farm over HTTP.", subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key; it is shown this once.",
            discussion: """
                gleaner keys create --name ci --scope submit
                gleaner keys create --name grafana --scope read --days 365

                submit: ask for runs, see and steer those of this key; read: see everything; admin: everything.
                """)

        @Option(help: "What it is for.") var name: String
        @Option(help: "submit, read or admin. Repeatable.") var scope: [Scope]
        @Option(help: ArgumentHelp("It counts for so many days; without it, until it is revoked.", valueName: "n")) var days: Int?
        @OptionGroup(title: "Store") var place: StoreArguments

        func validate() throws {
            guard !scope.isEmpty else { throw ValidationError("--scope is missing: submit, read or admin") }
            guard (1...100).contains(name.count) else { throw ValidationError("--name: must have 1 to 100 characters") }
            if let days, !(1...36_500).contains(days) { throw ValidationError("--days \(days): must be 1 to 36500") }
        }

        func run() async throws {
            try await place.with { store in
                let key = AccessKey()
                let expires = try await days.asyncMap { Int64($0) * 86_400_000_000 + (try await store.now()) }
                try await store.add(
                    KeyRow(
                        id: key.id, name: name, digest: key.digest, scopes: Set(scope.map(\.rawValue)).sorted(), expiresAt: expires))
                Terminal.say("The key \(name); it can't be shown again:")
                print(key.secretText)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Which keys there are, without their secrets.")

        @Flag(help: "As JSON, one key a line.") var json = false
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                let now = try await store.now()
                let keys = try await store.keys()
                if keys.isEmpty, !json { return print("There is no key. Make one with: gleaner keys create --name NAME --scope admin") }
                for key in keys { print(json ? key.json.description : key.line(now)) }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A key counts no more, from this moment on.")

        @Argument(help: "Its beginning, as list shows it.") var id: String
        @OptionGroup(title: "Store") var place: StoreArguments

        func run() async throws {
            try await place.with { store in
                guard try await store.revoke(key: id) else {
                    throw CommandError.input("\(Terminal.safe(id)): there is no such key, or it was revoked before; gleaner keys list shows all")
                }
                print("\(id) counts no more")
            }
        }
    }
}

extension Scope: ExpressibleByArgument {}

extension Optional {
    fileprivate func asyncMap<Value>(_ change: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await change(self)
    }
}

extension KeyRow {
    fileprivate func state(_ now: Int64) -> String {
        if revokedAt != nil { return "revoked" }
        return expiresAt.map { $0 <= now } == true ? "expired" : "counts"
    }

    fileprivate func line(_ now: Int64) -> String {
        let until = expiresAt.map { " until \(Date(timeIntervalSince1970: Double($0) / 1e6).formatted(.iso8601))" } ?? ""
        return "\(id)  \(state(now))\(until)  \(scopes.joined(separator: ","))  \(Terminal.safe(name))"
    }

    fileprivate var json: JSON {
        func date(_ time: Int64?) -> JSON { time.map { .string(Date(timeIntervalSince1970: Double($0) / 1e6).formatted(.iso8601)) } ?? .null }
        return .of(
            ("id", .string(id)), ("name", .string(name)), ("scopes", .array(scopes.map(JSON.string))), ("createdAt", date(createdAt)),
            ("expiresAt", date(expiresAt)), ("revokedAt", date(revokedAt)))
    }
}

extension KeyLookup {
    static func store(_ store: Store) -> KeyLookup {
        KeyLookup(
            find: { id in
                try await store.key(id).map {
                    StoredKey(id: $0.id, digest: $0.digest, scopes: Set($0.scopes.compactMap(Scope.init)), expires: $0.expiresAt)
                }
            }, exist: { try await store.hasKeys() })
    }
}
