import ArgumentParser
import Fleet
import Foundation
import Store

/// Which store a command works on.
struct StoreArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store: a PostgreSQL URL, or a SQLite file. Else GLEANER_STORE, else gleaner.sqlite in the data folder. A password is best "
                + "left to the environment (PGPASSWORD) or ~/.pgpass.", valueName: "url|file"))
    var store: String?

    /// The store, closed at the end.
    ///
    /// - Parameter waits: for a store that can't be reached, after saying so; nil: that is an error at once.
    func with<Value: Sendable>(
        waits: (@Sendable (StoreError) -> Void)? = nil, _ body: @Sendable (Store) async throws -> Value
    ) async throws -> Value {
        let store: Store
        do {
            let place = try StorePlace(self.store)
            store = try await StoreArguments.patient(waits) { try await place.open() }
        } catch let error as StoreError where error.code == .badAddress {
            throw CommandError.input("\(self.store == nil ? "GLEANER_STORE" : "--store"): \(error.message)")
        }
        do {
            let value = try await body(store)
            try await store.close()
            return value
        } catch {
            try? await store.close()
            throw error
        }
    }
}

extension StoreArguments {
    /// Does it again each second while the store can't be reached.
    static func patient<Value: Sendable>(
        _ waits: (@Sendable (StoreError) -> Void)?, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        while true {
            do {
                return try await body()
            } catch let error as StoreError where error.code == .unavailable || error.code == .busy {
                guard let waits, !error.isLasting else { throw error }
                waits(error)
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// A file or a server.
enum StorePlace: Equatable {
    case file(String)
    case postgres(String)

    init(
        _ given: String?, _ locations: Locations = Locations(), environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        let text = given ?? environment["GLEANER_STORE"].flatMap { $0.isEmpty ? nil : $0 } ?? locations.store.path
        if ["postgres://", "postgresql://"].contains(where: { text.lowercased().hasPrefix($0) }) {
            self = .postgres(text)
        } else if text.prefix(while: { $0 != "/" }).contains(":") {
            // A mistyped address must not become a file of that name.
            throw StoreError(.badAddress, "\(text.prefix { $0 != ":" }): is no kind of store; give postgres://HOST/DATABASE or the path of a file")
        } else {
            self = .file(URL(fileURLWithPath: text).path)
        }
    }

    func open() async throws -> Store {
        switch self {
        case .file(let path): try await Store.open(file: path, isGone: ProcessMark.isGone)
        case .postgres(let address): try await Store.open(postgres: address, isGone: ProcessMark.isGone)
        }
    }
}
