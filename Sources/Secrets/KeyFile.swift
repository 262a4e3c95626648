internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

// Two processes that start at the same time must end up with one key. Each writes a key of its own to a file of its own and links it to the
// name, which only one can (link(2) never replaces); all then read what has the name. So nobody sees half a key, and one that is killed in
// between leaves nothing but a file that nobody reads.

extension Sealer {
    /// Reads the key from a file that only its owner may read; makes both where there is no such file.
    package init(keyFile path: String) throws(SecretError) {
        let text = try KeyFile(path: path).text()
        do throws(SecretError) { try self.init(key: text) } catch {
            throw SecretError(error.code, "the key file \(path): \(error.message)")
        }
    }
}

private struct KeyFile {
    let path: String

    func text() throws(SecretError) -> String {
        if access(path, F_OK) != 0 { try make() }
        return try contents()
    }

    private func make() throws(SecretError) {
        let draft = "\(path).\(UUID().uuidString)"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failed("can't be made") }
        defer { unlink(draft) }
        let bytes = Array((Sealer.newKey() + "\n").utf8)
        // Not even a loss of power may leave a name without its key.
        guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            let error = failed("can't be written")
            close(file)
            throw error
        }
        guard close(file) == 0 else { throw failed("can't be written") }
        guard link(draft, path) == 0 || errno == EEXIST else { throw failed("can't be made") }
    }

    private func contents() throws(SecretError) -> String {
        // Without waiting for somebody to write into a pipe.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw failed("can't be read") }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw failed("can't be read") }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw SecretError(.keyFile, "the key file \(path) is no regular file") }
        guard facts.st_mode & 0o077 == 0 else {
            throw SecretError(.keyFile, "the key file \(path) may be read or changed by others; take that away with: chmod 600 \(path)")
        }
        // Longer than any key.
        var bytes = [UInt8](repeating: 0, count: 1 << 10)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw failed("can't be read") }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private func failed(_ what: String) -> SecretError {
        SecretError(.keyFile, "the key file \(path) \(what): \(String(cString: strerror(errno)))")
    }
}
