import Foundation
import Secrets

/// The key under which logins are kept in the store: `GLEANER_SECRET_KEY`, else the file that `GLEANER_SECRET_KEY_FILE` names, else `secret.key` in
/// the data folder, which is made when it is first needed. Farms that share a store need the same one.
struct FarmSecrets: Sendable {
    private let environment: [String: String]
    private let locations: Locations
    private let known = Box<Sealer?>(nil)

    init(_ locations: Locations = Locations(), environment: [String: String] = ProcessInfo.processInfo.environment) {
        (self.locations, self.environment) = (locations, environment)
    }

    func seal(_ text: String, for purpose: String) throws -> String {
        try explained { () throws(SecretError) in try sealer().seal(text, for: purpose) }
    }

    func open(_ sealed: String, for purpose: String) throws -> String {
        try explained { () throws(SecretError) in try sealer().open(sealed, for: purpose) }
    }

    private func explained(_ body: () throws(SecretError) -> String) throws -> String {
        do { return try body() } catch {
            throw CommandError.ours("\(error.message)" + (error.code == .otherKey ? " (GLEANER_SECRET_KEY, or secret.key in the data folder)" : ""))
        }
    }

    private func sealer() throws(SecretError) -> Sealer {
        if let known = known.value { return known }
        let sealer: Sealer
        if let text = environment["GLEANER_SECRET_KEY"], !text.isEmpty {
            sealer = try Sealer(key: text)
        } else if let path = environment["GLEANER_SECRET_KEY_FILE"], !path.isEmpty {
            sealer = try Sealer(keyFile: path)
        } else {
            // Only its owner may look into the data folder.
            try? FileManager.default.createDirectory(
                at: locations.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            sealer = try Sealer(keyFile: locations.data.appending(path: "secret.key").path)
        }
        known.value = sealer
        return sealer
    }
}
