internal import Crypto
internal import Foundation

/// A model file on this machine, read and checked before llama.cpp sees it.
///
/// Replace model files by rename, never in place: the file stays mapped while it is in use, and a mapped file that is cut short
/// ends the process.
package struct ModelFile: Sendable {
    /// What a file must be, byte for byte. Only that finds weights which load and compute nonsense.
    package struct Identity: Sendable, Hashable {
        package var byteCount: Int
        /// SHA-256 in lower-case hexadecimal digits.
        package var sha256: String

        package init(byteCount: Int, sha256: String) {
            self.byteCount = byteCount
            self.sha256 = sha256
        }

        /// The matcher that belongs to this version: `Models/matcher.gguf`, see the model card beside it.
        package static let matcher = Identity(
            byteCount: 28_347_904, sha256: "73b309154593b9b6698e976695c8198da9d9f61109d05284790cca7679ca6b04")
    }

    package let path: String
    package let header: GGUF

    /// - Parameters:
    ///   - architecture: the `general.architecture` that is needed ("bert", "llama", …).
    ///   - identity: checked where it is given; costs reading the whole file once.
    package init(path: String, architecture: String, identity: Identity? = nil) throws(InferenceError) {
        try self.init(path: path, identity: identity) { header throws(InferenceError) in try header.require(architecture: architecture) }
    }

    init(path: String, identity: Identity? = nil, checking: (GGUF) throws(InferenceError) -> Void) throws(InferenceError) {
        self.path = path
        let data = try Self.read(path)
        do {
            if let identity { try identity.check(data) }
            header = try GGUF(data)
            try checking(header)
        } catch {
            throw InferenceError(error.code, "The model file \(path) can't be used: \(error.message).", underlying: error.underlying)
        }
    }

    private static func read(_ path: String) throws(InferenceError) -> Data {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw InferenceError(.missing, "The model file \(path) does not exist. Install it again, or name another file.")
        }
        guard !isFolder.boolValue else { throw InferenceError(.missing, "The model file \(path) is a folder.") }
        do { return try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) } catch {
            throw InferenceError(.missing, "The model file \(path) can't be read: \(error.localizedDescription)", underlying: error)
        }
    }
}

extension ModelFile.Identity {
    func check(_ data: Data) throws(InferenceError) {
        guard data.count >= byteCount else {
            throw InferenceError(.damaged, "it is truncated: \(data.count) bytes of \(byteCount). Install it again")
        }
        let digest = SHA256.hash(data: data).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        guard data.count == byteCount, digest.joined() == sha256 else {
            throw InferenceError(.wrongModel, "it is not the file that belongs to this version (its SHA-256 differs). Install it again")
        }
    }
}
