import Foundation
import Testing

@testable import Store
import TestMaterial

/// The databases over which every claim about the store is tested. PostgreSQL where the script that runs the tests has started one.
enum Engine: String, CaseIterable, Sendable {
    case sqlite, postgres

    static let server = ProcessInfo.processInfo.environment["GLEANER_TEST_POSTGRES"]
    static let available: [Engine] = server == nil ? [.sqlite] : [.sqlite, .postgres]
}

/// An empty database; `body` may open it several times, as several processes would.
func withDatabase<Value: Sendable>(
    _ engine: Engine, _ body: (_ open: @escaping @Sendable () throws -> any Database) async throws -> Value
) async throws -> Value {
    switch engine {
    case .sqlite:
        return try await withTemporaryFolder { folder in
            let path = folder.appending(path: "state/gleaner.sqlite").path
            return try await body { try SQLiteDatabase(path: path) }
        }
    case .postgres:
        let server = try #require(Engine.server)
        let schema = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let outside = try PostgresDatabase(server)
        try await outside.write { _ = try $0.run("CREATE SCHEMA \(schema)") }
        let address = server + (server.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(schema)"
        let value: Value
        do {
            value = try await body { try PostgresDatabase(address) }
        } catch {
            try? await outside.write { _ = try $0.run("DROP SCHEMA \(schema) CASCADE") }
            throw error
        }
        try await outside.write { _ = try $0.run("DROP SCHEMA \(schema) CASCADE") }
        try await outside.close()
        return value
    }
}

func withStore<Value: Sendable>(
    _ engine: Engine, isGone: @escaping @Sendable (String) -> Bool = { _ in false }, _ body: (Store) async throws -> Value
) async throws -> Value {
    try await withDatabase(engine) { open in
        let store = try await Store(database: open(), isGone: isGone)
        let value = try await body(store)
        try await store.close()
        return value
    }
}
