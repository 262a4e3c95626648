import Foundation
import DevTools

/// A Chromium on this machine.
package struct BrowserInstallation: Sendable, Hashable {
    /// The binary itself, not a wrapper script: signals must reach the browser.
    package let executable: String

    package init(executable: String) { self.executable = executable }

    /// Where Chromium may lie, the leanest first. Debian's `/usr/bin/chromium*` are `sh` scripts that stay as the parent, hence not here.
    package static let usualPlaces = [
        "/usr/lib/chromium/chromium-headless-shell",
        "/usr/lib/chromium/headless_shell",
        "/usr/lib/chromium/chromium",
        "/usr/lib/chromium-browser/chromium-browser",
        "/opt/google/chrome/chrome",
        "/opt/chromium/chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ]

    /// The one at `path`, or the first of the usual places.
    package static func find(at path: String? = nil) throws(FleetError) -> BrowserInstallation {
        let files = FileManager.default
        if let path {
            guard files.isExecutableFile(atPath: path) else {
                throw FleetError(.noBrowser, "\(path) is not an executable file; give the path of a Chromium or Chrome binary")
            }
            return BrowserInstallation(executable: path)
        }
        for place in usualPlaces where files.isExecutableFile(atPath: place) { return BrowserInstallation(executable: place) }
        throw FleetError(.noBrowser, "no Chromium was found on this machine; install one: apt-get install chromium-headless-shell")
    }

    /// Headless shell has no windows at all; other builds must be told.
    package var isHeadlessShell: Bool {
        let name = executable.split(separator: "/").last.map(String.init) ?? executable
        return name.contains("headless")
    }

    private static let versions = Guarded<[String: String]>([:])

    /// "156.0.8078.79", as `--version` tells it; nil where it can't be asked. Asked once a path and process.
    package func version() -> String? {
        if let known = Self.versions.withLock({ $0[executable] }) { return known }
        guard let output = try? Spawner.output(of: [executable, "--version"], within: .seconds(10)) else { return nil }
        let version = output.split(whereSeparator: \.isWhitespace).first { word in
            word.contains(".") && word.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
        }
        guard let version else { return nil }
        Self.versions.withLock { $0[executable] = String(version) }
        return String(version)
    }
}
