import Foundation
import GRDB

/// A file, by GRDB in WAL mode: many readers beside one writer, in this process and in others on the same machine.
package struct SQLiteDatabase: Database {
    package let place: String
    package let dialect = Dialect.sqlite
    private let pool: DatabasePool

    /// Opens or creates the file. Its folder is made for the owner only; a file on a network file system is refused, since SQLite's locks
    /// don't hold there.
    package init(path: String) throws {
        place = path
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError(
                .unavailable, "the folder \(folder) can't be created; set GLEANER_DATA to one that you may write", underlying: error)
        }
        if let kind = SQLiteDatabase.networkFileSystem(at: folder) {
            throw StoreError(
                .networkFileSystem,
                "\(path) lies on \(kind), where SQLite's locks don't hold; set GLEANER_DATA to a local disk, or use --store with PostgreSQL")
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA foreign_keys = OFF")
            // Of KiB. A queue of a million visits is walked in no order: with SQLite's usual 2 MB each step would be a read.
            if !database.configuration.readonly { try database.execute(sql: "PRAGMA cache_size = -131072; PRAGMA mmap_size = 2000000000") }
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
        } catch {
            throw StoreError(.unavailable, "the store \(path) can't be opened", underlying: error)
        }
        try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    package func read<Value: Sendable>(_ body: @Sendable @escaping (any Transaction) throws -> Value) async throws -> Value {
        try await SQLiteDatabase.mapped { try await pool.read { try body(SQLiteTransaction(database: $0)) } }
    }

    package func write<Value: Sendable>(_ body: @Sendable @escaping (any Transaction) throws -> Value) async throws -> Value {
        try await SQLiteDatabase.mapped { try await pool.write { try body(SQLiteTransaction(database: $0)) } }
    }

    package func wakings() -> AsyncStream<Void>? { nil }

    package func maintain(_ sql: String) async throws {
        try await SQLiteDatabase.mapped { try await pool.writeWithoutTransaction { try $0.execute(sql: sql) } }
    }

    package func close() async throws { try pool.close() }

    private static func mapped<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED {
            throw StoreError(.busy, "another process has held the store for ten seconds; nothing was written", underlying: error)
        } catch let error as DatabaseError {
            throw StoreError(.failed, "the store refused a statement", underlying: error)
        }
    }

    /// Name of the network file system that holds the folder; nil for a local one, or where the system doesn't say (proc(5), mountinfo).
    private static func networkFileSystem(at folder: String) -> String? {
        guard let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) else { return nil }
        let path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path + "/"
        var longest = (length: 0, kind: "")
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 4, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
            let point = words[4] == "/" ? "/" : words[4] + "/"
            if path.hasPrefix(point), point.count >= longest.length { longest = (point.count, String(words[dash + 1])) }
        }
        let remote: Set<String> = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "lustre", "ceph", "glusterfs", "fuse.sshfs"]
        return remote.contains(longest.kind) ? longest.kind : nil
    }
}

private struct SQLiteTransaction: Transaction {
    let database: GRDB.Database

    func rows(_ sql: String, _ parameters: [String: SQLValue]) throws -> [SQLRow] {
        let statement = try database.cachedStatement(sql: sql)
        try statement.setArguments(arguments(parameters, of: statement))
        return try Row.fetchAll(statement).map { row in
            SQLRow(Dictionary(row.map { ($0, SQLValue($1)) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    func run(_ sql: String, _ parameters: [String: SQLValue]) throws -> Int {
        if parameters.isEmpty {
            try database.execute(sql: sql)
        } else {
            let statement = try database.cachedStatement(sql: sql)
            try statement.setArguments(arguments(parameters, of: statement))
            try statement.execute()
        }
        return database.changesCount
    }

    func run(_ sql: String, each parameters: [[String: SQLValue]]) throws -> Int {
        try parameters.reduce(0) { try $0 + run(sql, $1) }
    }

    private func arguments(_ parameters: [String: SQLValue], of statement: Statement) -> StatementArguments {
        StatementArguments(parameters.mapValues { value -> DatabaseValue in
            switch value {
            case .null: .null
            case .integer(let integer): integer.databaseValue
            case .real(let real): real.databaseValue
            case .text(let text): text.databaseValue
            case .blob(let bytes): Data(bytes).databaseValue
            }
        })
    }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .double(let real): self = .real(real)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob([UInt8](data))
        }
    }
}
