import Foundation
import Synchronization
import TestMaterial
import Testing

@testable import Secrets

@Suite struct KeyFileTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func failure(_ path: String) -> SecretError? { #expect(throws: SecretError.self) { try Sealer(keyFile: path) } }

    /// A file that is missing is made, for its owner alone, and read again.
    @Test func makesTheFile() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "key").path
            let sealer = try Sealer(keyFile: path)
            #expect(try mode(path) == 0o600)
            #expect(try Sealer(keyFile: path).keyID == sealer.keyID)
            #expect(try Sealer(key: String(contentsOfFile: path, encoding: .utf8)).keyID == sealer.keyID)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["key"])
        }
    }

    /// Many who start at the same time have one key, and leave one file.
    @Test func isMadeOnce() async throws {
        try await withTemporaryFolder { folder in
            for round in 0..<50 {
                let path = folder.appending(path: "key\(round)").path
                let found = Mutex<[String]>([])
                DispatchQueue.concurrentPerform(iterations: 8) { _ in
                    let id = Result { try Sealer(keyFile: path).keyID }
                    found.withLock { $0.append((try? id.get()) ?? "\(id)") }
                }
                let ids = found.withLock { $0 }
                #expect(ids.count == 8 && Set(ids).count == 1, "\(Set(ids))")
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.count == 50)
        }
    }

    /// A file that others may read or write is refused, and it says what to do.
    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o777])
    func refusesOpenFiles(_ mode: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "key").path
            _ = try Sealer(keyFile: path)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(failure(path)?.code == .keyFile)
            #expect(failure(path)?.message.contains("chmod 600 \(path)") == true)
        }
    }

    /// A file that only its owner may read will do.
    @Test(arguments: [0o400, 0o700]) func takesClosedFiles(_ mode: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "key").path
            let id = try Sealer(keyFile: path).keyID
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(try Sealer(keyFile: path).keyID == id)
        }
    }

    /// What holds no key is refused and kept as it is.
    @Test(arguments: ["", "secret\n", String(repeating: "x", count: 100_000)])
    func refusesOtherFiles(_ text: String) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "key").path
            #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
            #expect(failure(path)?.code == .invalidKey)
            #expect(failure(path)?.message.contains(path) == true && failure(path)?.message.contains("secret") == false)
            let kept = try String(contentsOfFile: path, encoding: .utf8)
            #expect(kept == text)
        }
    }

    /// A folder, a pipe, a link to nowhere and a place in no folder are errors that name the path.
    @Test func refusesOtherPlaces()
        async throws
    {
        try await withTemporaryFolder { folder in
            let (pipe, link) = (folder.appending(path: "pipe").path, folder.appending(path: "link").path)
            #expect(mkfifo(pipe, 0o600) == 0)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.appending(path: "nowhere").path)
            for path in [folder.path, pipe, link, folder.appending(path: "no/key").path] {
                #expect(failure(path)?.code == .keyFile)
                #expect(failure(path)?.message.contains(path) == true)
            }
            #expect(failure("")?.code == .keyFile)
        }
    }
}
