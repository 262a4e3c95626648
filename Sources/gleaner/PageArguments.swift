import ArgumentParser
import Egress
import Foundation
import Visiting

/// Options that say how a page is visited: the same for `extract` and `browse`.
struct PageArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Take the page only when this CSS selector is there.", valueName: "selector"))
    var waitFor: String?

    @Option(
        help: ArgumentHelp(
            "Seconds for one page, from its first request on; with --model, as many again for the model's work on it.", valueName: "seconds"))
    var timeout: Double = 45

    @Option(help: ArgumentHelp("Way out: http://user:password@host:port or socks5://host:port.", valueName: "url"))
    var proxy: String?

    @Option(
        help: ArgumentHelp(
            "Allow private addresses: CIDR[:PORT[-PORT]], for example 10.0.0.0/8 or 127.0.0.1/32:8000-8999. Repeatable.",
            valueName: "cidr"))
    var allowAddress: [String] = []

    @Option(help: ArgumentHelp("Use this address for a host, as HOST:ADDRESS. Repeatable.", valueName: "host:address"))
    var resolve: [String] = []

    @Flag(help: "Don't ask for robots.txt. Only for loopback addresses.")
    var noRobots = false

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else { throw ValidationError("--timeout \(timeout): must be more than 0 and at most 3600 seconds") }
        if let waitFor, waitFor.trimmingCharacters(in: .whitespaces).isEmpty { throw ValidationError("--wait-for: the selector is empty") }
    }

    /// The parts that need no network, checked; every fault names its option.
    func options() throws -> VisitOptions {
        var options = VisitOptions()
        options.timeout = .milliseconds(Int(timeout * 1000))
        options.waitFor = waitFor
        options.obeysRobots = !noRobots
        options.allowedAddresses = allowAddress
        options.overrides = resolve
        do {
            for text in allowAddress { _ = try AddressBlock(text) }
            for text in resolve { _ = try HostOverride(text) }
            options.proxy = try proxy.map { try UpstreamProxy($0).description }
        } catch let error as EgressError {
            throw CommandError.input(error.message)
        }
        return options
    }

    /// The login is kept out of the options, which are stored.
    func wayOut() throws -> WayOut { try PageArguments.wayOut(proxy) }

    static func wayOut(_ proxy: String?) throws -> WayOut {
        do {
            return try proxy.map { .proxy(try UpstreamProxy($0)) } ?? .direct
        } catch let error as EgressError {
            throw CommandError.input(error.message)
        }
    }
}

/// A page that lies in a file instead of the network.
struct StoredPageArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Read this stored HTML file; with --url, as the page of that address. No network, no browser.", valueName: "file"))
    var html: String?

    @Option(help: ArgumentHelp("The address of the page in --html.", valueName: "url"))
    var url: String?

    @Flag(help: "Open a stored page in Chromium, with the network refused.")
    var render = false

    func validate() throws {
        if url != nil, html == nil { throw ValidationError("--url says the address of the page in --html, which is missing") }
    }
}
