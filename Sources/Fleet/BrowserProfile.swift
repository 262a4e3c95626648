package import Foundation

/// How a browser is started and what it pretends to be: one JSON file of the folder `browsers/`.
///
/// `{"flags": [{"flag": "--mute-audio", "reason": "…"}, …], "viewport": {"width": 1280, "height": 800, "scale": 1},
/// "language": "en-US,en", "timeZone": null}`. Every flag has its reason; a flag without one is refused.
package struct BrowserProfile: Sendable, Codable, Equatable {
    package struct Flag: Sendable, Codable, Equatable {
        package var flag: String
        package var reason: String
    }

    package struct Viewport: Sendable, Codable, Hashable {
        /// CSS pixels.
        package var width: Int
        package var height: Int
        /// Device pixels for one CSS pixel.
        package var scale: Double

        package init(width: Int, height: Int, scale: Double = 1) { (self.width, self.height, self.scale) = (width, height, scale) }
    }

    package var flags: [Flag]
    package var viewport: Viewport
    /// `Accept-Language`, and `navigator.languages`, in order, without weights.
    package var language: String
    /// IANA name; nil is UTC, the zone in which browsers are started.
    package var timeZone: String?

    /// Reads `NAME.json` in a folder of profiles.
    package static func load(_ name: String = "default", in folder: URL) throws(FleetError) -> BrowserProfile {
        let file = folder.appending(path: "\(name).json")
        let profile: BrowserProfile
        do {
            profile = try JSONDecoder().decode(BrowserProfile.self, from: Data(contentsOf: file))
        } catch {
            throw FleetError(
                .badProfile, "the browser profile \(file.path) can't be read; it must be JSON as browsers/README.md says", underlying: error)
        }
        for flag in profile.flags {
            guard flag.flag.hasPrefix("--"), !flag.reason.isEmpty else {
                throw FleetError(.badProfile, "\(file.path): the flag \"\(flag.flag)\" must begin with -- and say its reason")
            }
            // These are the fleet's own to decide.
            let name = flag.flag.split(separator: "=")[0]
            guard !["--remote-debugging-port", "--remote-debugging-pipe", "--user-data-dir", "--user-agent"].contains(name) else {
                throw FleetError(.badProfile, "\(file.path): \(name) is set by the fleet itself; remove it")
            }
        }
        guard (1...10_000).contains(profile.viewport.width), (1...10_000).contains(profile.viewport.height),
            profile.viewport.scale > 0, profile.viewport.scale <= 8
        else {
            throw FleetError(
                .badProfile, "\(file.path): the viewport must be 1 to 10000 pixels wide and high, its scale over 0 and at most 8")
        }
        return profile
    }
}
