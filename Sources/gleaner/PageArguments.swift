import ArgumentParser
import Egress
import Fleet
import Foundation
import Visiting

/// Options that say how a page is visited: the same for `extract` and `browse`.
struct PageArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Take the page only when this CSS selector is there.", valueName: "selector"))
    var waitFor: String?

    @Option(
        help: ArgumentHelp(
            """
            Do this with the page before it is read, as 'click "#more"' or scroll-to-end. Repeatable; click, click-while, hover, fill, type, select, \
            press, scroll, scroll-to-end, wait, wait-for, wait-for-text.
            """, valueName: "action"))
    var action: [String] = []

    @Option(help: ArgumentHelp("Actions from a file, one a line, after those of --action.", valueName: "file"))
    var actions: String?

    @Option(
        help: ArgumentHelp(
            "Seconds for one page (45), from its first request on; with --model, as many again for the model's work on it.",
            valueName: "seconds"))
    var timeout: Double?

    @Option(
        help: ArgumentHelp(
            "Way out: http://user:password@host:port, https://…, socks5://host:port, or a pool (gleaner proxies): its name, or dc/country=DE.",
            valueName: "url|pool"))
    var proxy: String?

    @Option(
        help: ArgumentHelp(
            "Allow private addresses: CIDR[:PORT[-PORT]], for example 10.0.0.0/8 or 127.0.0.1/32:8000-8999. Repeatable.",
            valueName: "cidr"))
    var allowAddress: [String] = []

    @Option(
        help: ArgumentHelp(
            "Don't ask this host nor any below it, for pages or for what they load; @FILE has one a line. Repeatable.", valueName: "host"))
    var blockHost: [String] = []

    @Option(help: ArgumentHelp("Bytes that a page may load in all (268435456).", valueName: "n"))
    var pageBytes: Int?

    @Option(help: ArgumentHelp("Use this address for a host, as HOST:ADDRESS. Repeatable.", valueName: "host:address"))
    var resolve: [String] = []

    @Option(
        help: """
            Which pages are opened in a browser: always, never, or auto: until the pages of a template have twice said the same without one. \
            Crawls: auto, all else: always.
            """)
    var rendering: Rendering?

    @Flag(help: "Don't ask for robots.txt. Only for loopback addresses.")
    var noRobots = false

    func validate() throws {
        if let timeout, !(timeout > 0 && timeout <= 3600) {
            throw ValidationError("--timeout \(timeout): must be more than 0 and at most 3600 seconds")
        }
        if let pageBytes, pageBytes < 1 { throw ValidationError("--page-bytes \(pageBytes): must be at least 1") }
        if waitFor != nil || !action.isEmpty || actions != nil, rendering == .never {
            throw ValidationError("--wait-for and --action need a browser: leave --rendering never out")
        }
        if let waitFor, waitFor.trimmingCharacters(in: .whitespaces).isEmpty { throw ValidationError("--wait-for: the selector is empty") }
    }

    /// The parts that need no network, checked; every fault names its option.
    func options(rendering usual: Rendering = .always) throws -> VisitOptions {
        var options = VisitOptions()
        if let timeout { options.timeout = .milliseconds(Int(timeout * 1000)) }
        options.rendering = rendering ?? usual
        options.waitFor = waitFor
        options.actions = try PageArguments.actions(action, file: actions)
        options.obeysRobots = !noRobots
        options.allowedAddresses = allowAddress
        options.overrides = resolve
        options.blockedHosts = try PageArguments.hosts(blockHost)
        if let pageBytes { options.pageBytes = pageBytes }
        do {
            for text in allowAddress { _ = try AddressBlock(text) }
            for text in resolve { _ = try HostOverride(text) }
            if let proxy { try options.leave(by: proxy, FarmSecrets()) }
        } catch let error as EgressError {
            throw CommandError.input(error.message)
        }
        return options
    }
}

extension Rendering: ExpressibleByArgument {}

extension PageArguments {
    private static let mostActions = 200

    private static func actions(_ typed: [String], file: String?) throws -> [PageAction] {
        var lines = typed.map { (line: $0, origin: "--action") }
        if let file {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw CommandError.input("--actions \(file): there is no such file, or it can't be read")
            }
            for (number, line) in String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let line = line.trimmingCharacters(in: .whitespaces)
                if !line.isEmpty, !line.hasPrefix("#") { lines.append((line, "\(file) line \(number + 1)")) }
            }
        }
        guard lines.count <= mostActions else { throw CommandError.input("--action: \(lines.count) are too many; at most \(mostActions)") }
        return try lines.map { line, origin in
            do throws(PageAction.Fault) { return try PageAction(line) } catch { throw CommandError.input("\(origin): \(error)") }
        }
    }

    private static let mostHosts = 10_000

    /// Hosts as typed, or one a line of a file, also as hosts files have them ("0.0.0.0 ads.example").
    private static func hosts(_ arguments: [String]) throws -> [String] {
        var hosts: [String] = []
        for argument in arguments {
            guard argument.hasPrefix("@") else {
                hosts.append(try host(argument, "--block-host"))
                continue
            }
            let path = String(argument.dropFirst())
            guard let data = FileManager.default.contents(atPath: path) else {
                throw CommandError.input("--block-host \(argument): there is no such file, or it can't be read")
            }
            for (number, line) in String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
                let names = words.count > 1 && IPAddress(words[0]) != nil ? words.dropFirst() : words[...]
                hosts += try names.map { try host(String($0), "\(path) line \(number + 1)") }
            }
        }
        guard hosts.count <= mostHosts else { throw CommandError.input("--block-host: \(hosts.count) hosts are too many; at most \(mostHosts)") }
        return Array(Set(hosts)).sorted()
    }

    private static func host(_ text: String, _ origin: String) throws -> String {
        guard let place = WebAddress("http://\(text)/"), !text.contains(where: { "/?#@".contains($0) }), !text.contains(":") || text.hasPrefix("[") else {
            throw CommandError.input("\(origin) \(text.debugDescription): this is no host, as ads.example")
        }
        return HostName.normalized(place.host)
    }
}

extension VisitOptions {
    private static let purpose = "run"

    /// `--proxy`: an address, or a pool's name. A login is sealed: what stands in the store can't be read without the farm's key.
    mutating func leave(by proxy: String, _ secrets: FarmSecrets) throws {
        (self.proxy, sealedProxy, pool) = (nil, nil, nil)
        // Hosts with a port have a colon, and no pool has one.
        guard proxy.contains(":") else { return pool = try PoolChoice.checked(proxy, "--proxy") }
        let upstream = try UpstreamProxy(proxy)
        self.proxy = upstream.description
        if upstream.login != nil { sealedProxy = try secrets.seal(proxy, for: VisitOptions.purpose) }
    }

    /// The one way out that the options name; direct where there is a pool.
    func wayOut(_ secrets: FarmSecrets) throws -> WayOut {
        guard let text = try sealedProxy.map({ try secrets.open($0, for: VisitOptions.purpose) }) ?? proxy else { return .direct }
        do { return .proxy(try UpstreamProxy(text)) } catch { throw CommandError.input(error.message) }
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
