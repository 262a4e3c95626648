import DevTools
import Foundation
import Fleet
import GleanerTesting
import TestMaterial
import Testing

/// Real Chromium is needed; without it these tests say so and pass over.
let hasChromium = (try? BrowserInstallation.find()) != nil

enum Checkout {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let browsers = root.appending(path: "browsers")
}

func configuration(in folder: URL, _ change: (inout FleetConfiguration) -> Void = { _ in }) throws -> FleetConfiguration {
    var configuration = FleetConfiguration(
        installation: try BrowserInstallation.find(), profile: try BrowserProfile.load(in: Checkout.browsers),
        identity: Identity(token: "Gleaner/0.0-test (+https://example.org/bot)"), folder: folder)
    configuration.name = "test"
    configuration.tabs = 2
    change(&configuration)
    return configuration
}

/// A fleet in a folder of its own, and a site; afterwards both are gone.
func withFleet<R: Sendable>(
    _ routes: [String: FixtureAnswer] = [:], _ change: (inout FleetConfiguration) -> Void = { _ in },
    _ body: @Sendable (Fleet, FixtureSite) async throws -> R
) async throws -> R {
    try await withTemporaryFolder { folder in
        // Browsers of root run under another account, which must be able to pass through.
        try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: folder.path)
        let configuration = try configuration(in: folder, change)
        return try await withFixtureSite(routes) { site in
            try await Fleet.with(configuration) { fleet in try await body(fleet, site) }
        }
    }
}

extension Fleet {
    /// One page in a session of its own.
    func page(
        _ url: String, key: String = "run", network: SessionSpec.Network = .direct,
        _ change: @Sendable (inout PageRequest) -> Void = { _ in }
    ) async throws -> RenderedPage {
        var request = PageRequest(url)
        change(&request)
        return try await withSession(of: SessionSpec(key: key, network: network)) { [request] session in try await session.render(request) }
    }
}

extension RenderedPage {
    /// Text of all nodes that have a box, frames included, white space collapsed.
    var text: String {
        guard let snapshot else { return "" }
        var words: [Substring] = []
        for document in snapshot.documents {
            for (box, node) in document.layoutNode.enumerated() where document.nodeType[Int(node)] == 3 {
                words += snapshot[document.layoutText[box]].split(whereSeparator: \.isWhitespace)
            }
        }
        return words.joined(separator: " ")
    }
}

func html(_ body: String, head: String = "") -> FixtureAnswer {
    .html("<!doctype html><html lang=en><head><meta charset=utf-8><title>Page</title>\(head)</head><body>\(body)</body></html>")
}

/// The code with which `body` fails; nil where it doesn't.
func failure(_ body: () async throws -> Void) async -> FleetError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? FleetError
    }
}
