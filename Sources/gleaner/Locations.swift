import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Where things are: state in the data folder, resources (models, browser profiles) beside the executable or in the checkout.
struct Locations: Sendable {
    /// Belongs to its owner only. `GLEANER_DATA`, else `$XDG_DATA_HOME/gleaner`, else `~/.local/share/gleaner`.
    var data: URL
    /// A folder with `models/` and `browsers/`, or a checkout.
    var home: URL?
    private var isCheckout = false
    /// Where deploy/setup puts what it brings: as deploy/env has it.
    private var prefix: URL?

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        if let path = environment["GLEANER_DATA"], !path.isEmpty {
            data = URL(fileURLWithPath: path)
        } else if let path = environment["XDG_DATA_HOME"], path.hasPrefix("/") {
            data = URL(fileURLWithPath: path).appending(path: "gleaner")
        } else {
            data = FileManager.default.homeDirectoryForCurrentUser.appending(path: ".local/share/gleaner")
        }
        if let path = environment["GLEANER_PREFIX"], !path.isEmpty {
            prefix = URL(fileURLWithPath: path)
        } else {
            let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
            prefix = (cache ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")).appending(path: "gleaner")
        }
        if let path = environment["GLEANER_HOME"], !path.isEmpty {
            home = URL(fileURLWithPath: path)
            return
        }
        let folder = Locations.executable.deletingLastPathComponent()
        let share = folder.deletingLastPathComponent().appending(path: "share/gleaner")
        if Locations.exists(share.appending(path: "models")) {
            home = share
            return
        }
        // .build/release/gleaner, or .build/x86_64-unknown-linux-gnu/release/gleaner
        var above = folder
        for _ in 0..<5 {
            above = above.deletingLastPathComponent()
            if Locations.exists(above.appending(path: "Sources/Inference/Models")) {
                home = above
                isCheckout = true
                return
            }
        }
    }

    var store: URL { data.appending(path: "gleaner.sqlite") }
    /// Profiles of running browsers and other things that go with the process.
    var scratch: URL { data.appending(path: "scratch") }

    var matcher: URL { resource("models/matcher.gguf", checkout: "Sources/Inference/Models/matcher.gguf") }
    var listingTrees: URL { resource("models/listing-trees.json", checkout: "Sources/Extraction/Listing/Models/listing-trees.json") }
    /// SmolLM2-135M-Instruct, which deploy/setup brings; nil where it was not run.
    var smollm2: URL? {
        let path = "models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
        return [home, prefix].compactMap { $0?.appending(path: path) }.first { Locations.exists($0) }
    }
    var browserProfiles: URL { resource("browsers", checkout: "browsers") }

    private func resource(_ path: String, checkout: String) -> URL {
        guard let home else { return URL(fileURLWithPath: "/usr/share/gleaner").appending(path: path) }
        return home.appending(path: isCheckout ? checkout : path)
    }

    static var executable: URL {
        let link = "/proc/self/exe"
        if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link) { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    }

    private static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
}
